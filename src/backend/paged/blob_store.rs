//! What the engine stands on: numbered blobs, and the other engines on the same blobs.

use crate::error::Result;
use crate::model::batch::Durability;
use async_trait::async_trait;
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// The bytes of a blob.
pub type Blob = crate::model::Bytes;

/// A kind of blob; each has numbers of its own. IndexedDB has an object store for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Log numbers: the records of commits and of checkpoints, in order and without gaps.
    Log,
    /// Page ids: sorted runs of entries, and of pages below them. Never used twice.
    Page,
    /// Ids of pieces of large values. Never used twice.
    Value,
    /// Number 0 is the root.
    Meta,
    /// Epochs: what became garbage with the checkpoint of that number.
    Trash,
    /// Epochs that may not be written from any more, where there are no locks.
    Guard,
}

impl Area {
    /// All areas.
    pub const ALL: [Self; 6] = [Self::Log, Self::Page, Self::Value, Self::Meta, Self::Trash, Self::Guard];

    /// The name of the area, and of its object store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Page => "page",
            Self::Value => "value",
            Self::Meta => "meta",
            Self::Trash => "trash",
            Self::Guard => "guard",
        }
    }
}

/// Blobs of one area from one number to another, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobRange {
    /// Where they are.
    pub area: Area,
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
}

impl BlobRange {
    /// One blob.
    #[must_use]
    pub const fn one(area: Area, number: u64) -> Self {
        Self { area, first: number, last: number }
    }

    /// All blobs from a number on.
    #[must_use]
    pub const fn from(area: Area, first: u64) -> Self {
        Self { area, first, last: MAX_NUMBER }
    }
}

/// The highest number of a blob: what a JavaScript number holds exactly.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// One change of a [`Write`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Creates a blob; where there is one of that number the whole write fails.
    Add(Area, u64, Vec<u8>),
    /// Creates or replaces a blob.
    Put(Area, u64, Vec<u8>),
    /// Removes what there is of a range.
    Delete(BlobRange),
}

impl Change {
    /// The area that it touches.
    #[must_use]
    pub const fn area(&self) -> Area {
        match self {
            Self::Add(area, ..) | Self::Put(area, ..) => *area,
            Self::Delete(range) => range.area,
        }
    }
}

/// Changes that take effect together, in their order, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Write {
    /// The changes.
    pub changes: Vec<Change>,
    /// How they are kept.
    pub durability: Durability,
}

/// Numbered blobs, read in snapshots and changed in atomic writes.
#[async_trait(?Send)]
pub trait BlobStore {
    /// The blobs that there are of each range, in the order of their numbers; all from one moment.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>>;

    /// The numbers of the blobs that there are in an area, in ascending order.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    async fn numbers(&self, area: Area) -> Result<Vec<u64>>;

    /// Makes all changes or none. Writes take effect one after the other, in the order in which they were called.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) where an added blob was there already, and those of the storage. Only after
    /// those that are [uncertain](crate::Error::is_uncertain) is it not known whether the write took effect.
    async fn write(&self, write: &Write) -> Result<()>;

    /// Whether the connection is known to be gone, so that nothing in memory may be trusted before a read has succeeded:
    /// the blobs may have been deleted, or belong to a newer version of this software.
    fn is_lost(&self) -> bool {
        false
    }

    /// Gives up the connection. Calls that follow fail.
    fn close(&self);
}

/// Something to be done without anybody waiting for it.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The engines on the same blobs, in this tab and in others, as one of them sees them.
#[async_trait(?Send)]
pub trait Neighbours {
    /// Whether this engine stands on locks: others know of it, and [`Self::lowest`] of them.
    fn has_locks(&self) -> bool;

    /// Whether this engine may remove what nobody needs any more. One without locks may not where others have them: it does
    /// not see where they stand, and they are not held back by the guards that replace locks.
    fn may_trim(&self) -> bool {
        true
    }

    /// Tells that this engine stands on an epoch, until the hold is dropped or its process ends.
    ///
    /// # Errors
    ///
    /// Those of the locks.
    async fn stand(&self, epoch: u64) -> Result<Hold>;

    /// The lowest epoch on which an engine stands; `None` where none does.
    ///
    /// # Errors
    ///
    /// Those of the locks.
    async fn lowest(&self) -> Result<Option<u64>>;

    /// The right to make checkpoints, where nobody else has it.
    async fn lead(&self) -> Option<Hold>;

    /// A number that no other engine draws, as far as chance goes.
    fn draw(&self) -> u64;

    /// Tells the others of a new head of the log.
    fn announce(&self, head: u64);

    /// Asks the others for a pause, by an engine that was slower than them again and again.
    fn ask_for_pause(&self) {}

    /// Waits as long as an engine needs that asked for a pause.
    async fn pause(&self) {}

    /// Waits for a moment in which nothing more urgent is to be done.
    async fn idle(&self);

    /// Takes a task over; gives it back where there is nothing that could do it beside the caller.
    fn spawn(&self, task: Task) -> Option<Task>;
}

/// Something held until this is dropped.
pub struct Hold(RefCell<Option<Box<dyn FnOnce()>>>);

impl Hold {
    /// A hold with what ends it.
    #[must_use]
    pub fn new(release: impl FnOnce() + 'static) -> Self {
        Self(RefCell::new(Some(Box::new(release))))
    }

    /// A hold on nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(RefCell::new(None))
    }

    /// Ends the hold.
    pub fn release(&self) {
        let release = self.0.take();
        if let Some(release) = release {
            release();
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}
