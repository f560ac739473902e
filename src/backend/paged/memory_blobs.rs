//! Blobs in memory: for tests, and for what need not outlive its process.

use super::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Hold, Neighbours, Task, Write};
use crate::error::{Error, ErrorKind, Result};
use async_trait::async_trait;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How far apart the numbers are that engines draw. More than one of them makes records.
const IDENTITIES: u64 = 1 << 32;

/// Blobs in memory, and who stands on which epoch. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct BlobSpace(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    blobs: RefCell<BTreeMap<(Area, u64), Blob>>,
    standing: RefCell<BTreeMap<u64, usize>>,
    is_led: Cell<bool>,
    drawn: Cell<u64>,
}

impl BlobSpace {
    /// What [`BlobStore::read`] gives, at once.
    #[must_use]
    pub fn read(&self, ranges: &[BlobRange]) -> Vec<Vec<Blob>> {
        let blobs = self.0.blobs.borrow();
        let read = |range: &BlobRange| match range.first <= range.last {
            true => blobs
                .range((range.area, range.first)..=(range.area, range.last))
                .map(|(_, blob)| blob.clone())
                .collect(),
            false => Vec::new(),
        };
        ranges.iter().map(read).collect()
    }

    /// What [`BlobStore::write`] does, at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where an added blob was there already.
    pub fn write(&self, write: &Write) -> Result<()> {
        let mut blobs = self.0.blobs.borrow_mut();
        let mut added = Vec::new();
        for change in &write.changes {
            match change {
                Change::Add(area, number, _)
                    if blobs.contains_key(&(*area, *number)) || added.contains(&(*area, *number)) =>
                {
                    return Err(Error::new(ErrorKind::Conflict, "a blob of that number is there"));
                }
                Change::Add(area, number, _) => added.push((*area, *number)),
                Change::Delete(range) => {
                    added.retain(|(area, number)| *area != range.area || *number < range.first || *number > range.last)
                }
                Change::Put(..) => {}
            }
        }
        for change in &write.changes {
            match change {
                Change::Add(area, number, blob) | Change::Put(area, number, blob) => {
                    blobs.insert((*area, *number), blob.clone().into());
                }
                Change::Delete(range) if range.first <= range.last => {
                    let gone: Vec<_> = blobs
                        .range((range.area, range.first)..=(range.area, range.last))
                        .map(|(key, _)| *key)
                        .collect();
                    gone.iter().for_each(|key| drop(blobs.remove(key)));
                }
                Change::Delete(_) => {}
            }
        }
        Ok(())
    }

    /// The numbers of the blobs of an area.
    #[must_use]
    pub fn numbers(&self, area: Area) -> Vec<u64> {
        self.0.blobs.borrow().range((area, 0)..=(area, u64::MAX)).map(|((_, number), _)| *number).collect()
    }

    /// How many bytes all blobs have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.blobs.borrow().values().map(|blob| blob.len()).sum()
    }

    /// Stands on an epoch, at once.
    #[must_use]
    pub fn stand(&self, epoch: u64) -> Hold {
        *self.0.standing.borrow_mut().entry(epoch).or_default() += 1;
        let shared = self.0.clone();
        Hold::new(move || {
            let mut standing = shared.standing.borrow_mut();
            match standing.get_mut(&epoch) {
                Some(engines) if *engines > 1 => *engines -= 1,
                _ => drop(standing.remove(&epoch)),
            }
        })
    }

    /// The lowest epoch that is stood on.
    #[must_use]
    pub fn lowest(&self) -> Option<u64> {
        self.0.standing.borrow().keys().next().copied()
    }

    /// The right to make checkpoints, where nobody has it.
    #[must_use]
    pub fn lead(&self) -> Option<Hold> {
        if self.0.is_led.replace(true) {
            return None;
        }
        let shared = self.0.clone();
        Some(Hold::new(move || shared.is_led.set(false)))
    }
}

#[async_trait(?Send)]
impl BlobStore for BlobSpace {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        Ok(self.read(ranges))
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        Ok(self.numbers(area))
    }

    async fn write(&self, write: &Write) -> Result<()> {
        self.write(write)
    }

    fn close(&self) {}
}

#[async_trait(?Send)]
impl Neighbours for BlobSpace {
    fn has_locks(&self) -> bool {
        true
    }

    async fn stand(&self, epoch: u64) -> Result<Hold> {
        Ok(self.stand(epoch))
    }

    async fn lowest(&self) -> Result<Option<u64>> {
        Ok(self.lowest())
    }

    async fn lead(&self) -> Option<Hold> {
        self.lead()
    }

    fn draw(&self) -> u64 {
        self.0.drawn.replace(self.0.drawn.get() + IDENTITIES)
    }

    fn announce(&self, _head: u64) {}

    async fn idle(&self) {}

    fn spawn(&self, task: Task) -> Option<Task> {
        Some(task)
    }
}
