//! Writes of which it is not known yet whether they took effect.
//!
//! A write from an epoch may take effect only while somebody stands on that epoch: once nobody does its log number can be
//! trimmed, and then adding it would not collide any more. So a hold lasts until its write is decided, also where the
//! engine was suspended meanwhile, went on to another epoch, or was told nothing but a timeout.
//!
//! A record of which the storage does not say whether it was written is looked up by its log number, before anything else
//! happens. Where the number is free it can be written once more, as it is: of the same number only one can take effect, and
//! nobody removes a number that this engine may still use.

use super::Engine;
use super::blob_store::{Area, BlobRange, Change, Hold, Write};
use super::follow::{ROOT, root_of};
use super::root::Root;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Durability;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How often a record is written whose connection is lost each time.
const ATTEMPTS: usize = 3;

/// What became of a record.
enum Fate {
    Written,
    /// Its number is another record's.
    Lost,
    /// Its number is free.
    Open,
    /// Its number was used and removed.
    Unknown,
}

/// The holds of such writes, in the order of the calls.
#[derive(Default)]
pub(super) struct Writes {
    next: Cell<u64>,
    undecided: RefCell<Vec<(u64, Rc<Hold>)>>,
    /// The last relaxed write that was acknowledged, and the last strict one: each makes sure of all before it.
    relaxed: Cell<u64>,
    strict: Cell<u64>,
}

impl Engine {
    /// Writes from the epoch of a root.
    ///
    /// # Errors
    ///
    /// Those of [`BlobStore::write`](super::blob_store::BlobStore::write).
    pub(super) async fn write(&self, root: &Root, write: &Write) -> Result<()> {
        let number = self.writes.next.replace(self.writes.next.get() + 1);
        self.writes.undecided.borrow_mut().push((number, root.hold.clone()));
        let result = self.store.write(write).await;
        let decided = self.writes.decided(number, result.as_ref().err());
        drop(decided);
        if result.is_ok() {
            let last = if write.durability == Durability::Strict { &self.writes.strict } else { &self.writes.relaxed };
            last.set(last.get().max(number + 1));
        }
        result
    }

    /// Writes a record that begins at a log number, once and for certain: where the storage does not say whether it did,
    /// finds out.
    ///
    /// # Errors
    ///
    /// As [`Self::write`]. An uncertain one only where nobody can tell: the storage is gone, or has not come to the record yet.
    pub(super) async fn write_record(&self, root: &Root, first: u64, write: &Write) -> Result<()> {
        let mut attempts = 1;
        loop {
            let error = match self.write(root, write).await {
                Err(error) if error.is_uncertain() => error,
                result => return result,
            };
            match self.fate(first, write).await {
                Ok(Fate::Written) => return Ok(()),
                Ok(Fate::Lost) => return Err(Error::new(ErrorKind::Conflict, "another writer was faster")),
                // After a timeout it may still be on its way, and the caller has waited long enough.
                Ok(Fate::Open) if error.kind() != ErrorKind::Timeout && attempts < ATTEMPTS => attempts += 1,
                // It was taken back.
                Ok(Fate::Open) if error.kind() != ErrorKind::Timeout => return Err(error.of_kind(ErrorKind::Storage)),
                _ => return Err(error.of_unknown_outcome()),
            }
        }
    }

    /// What became of a record that begins at a log number.
    async fn fate(&self, first: u64, write: &Write) -> Result<Fate> {
        let ranges = [BlobRange::one(Area::Log, first), BlobRange::one(Area::Meta, ROOT)];
        let read = self.store.read(&ranges).await?;
        let is_ours = |found: &[u8]| {
            let is_it = |change: &Change| matches!(change, Change::Add(Area::Log, number, blob) if *number == first && blob == found);
            write.changes.iter().any(is_it)
        };
        Ok(match read.first().and_then(|blobs| blobs.first()) {
            Some(found) if is_ours(found) => Fate::Written,
            Some(_) => Fate::Lost,
            None if root_of(read.get(1))?.epoch >= first => Fate::Unknown,
            None => Fate::Open,
        })
    }
}

impl Writes {
    /// Whether there are relaxed writes after the last strict one.
    pub(super) fn has_unflushed(&self) -> bool {
        self.relaxed.get() > self.strict.get()
    }

    /// Takes out the holds that the end of a write frees.
    fn decided(&self, number: u64, error: Option<&Error>) -> Vec<(u64, Rc<Hold>)> {
        let mut undecided = self.undecided.borrow_mut();
        let is_decided = |other: u64| match error {
            Some(error) if error.is_uncertain() => false,
            // Writes take effect in the order of their calls, so those before it are decided too.
            None => other <= number,
            Some(error) if error.kind() == ErrorKind::Conflict => other <= number,
            Some(_) => other == number,
        };
        undecided.extract_if(.., |(other, _)| is_decided(*other)).collect()
    }
}
