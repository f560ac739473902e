//! A backend in memory: for tests, for Node, for server-side rendering.

use super::feed::{Edited, Feed, Feeds};
use super::{Backend, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Committed, Entry, Operation, ReadRange, Version};
use crate::model::limits;
use crate::model::tuple::Key;
use async_trait::async_trait;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The entries of a database in memory. Backends opened on the same space share them.
#[derive(Debug, Clone, Default)]
pub struct Space(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<Key, (Version, Bytes)>,
    head: u64,
    feeds: Feeds,
}

/// A backend on a [`Space`]. Its data lives as long as the space.
#[derive(Debug, Default)]
pub struct Memory {
    space: Space,
    closed: Cell<bool>,
}

impl Memory {
    /// A backend on an empty space of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A backend on a space that others may use too.
    #[must_use]
    pub fn on(space: &Space) -> Self {
        Self { space: space.clone(), closed: Cell::new(false) }
    }

    fn check_open(&self) -> Result<()> {
        if self.closed.get() { Err(Error::new(ErrorKind::Closed, "the database is closed")) } else { Ok(()) }
    }
}

#[async_trait(?Send)]
impl Backend for Memory {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        self.check_open()?;
        let state = self.space.0.borrow();
        let mut bytes = 0;
        let read = |range| {
            let found = state.read(range);
            bytes += found.iter().map(|entry| entry.value.len()).sum::<usize>();
            limits::check_read(bytes).map(|()| found)
        };
        let found = ranges.iter().map(read).collect::<Result<_>>()?;
        Ok((Version(state.head), found))
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        self.check_open()?;
        Ok(self.space.0.borrow().stored(range).count() as u64)
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        self.check_open()?;
        limits::check_batch(&batch)?;
        self.space.0.borrow_mut().commit(batch)
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        self.space.0.borrow().feeds.add(feed);
    }

    async fn refresh(&self) -> Result<()> {
        self.check_open()
    }

    async fn verify(&self) -> Result<Report> {
        self.check_open()?;
        let entries = self.space.0.borrow().entries.len() as u64;
        Ok(Report { entries, ..Report::default() })
    }

    async fn compact(&self) -> Result<()> {
        self.check_open()
    }

    async fn close(&self) -> Result<()> {
        self.closed.set(true);
        Ok(())
    }
}

impl State {
    /// What a range has, in its order.
    fn stored(&self, range: &ReadRange) -> impl Iterator<Item = (&Key, &(Version, Bytes))> {
        let limit = range.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let mut found = (!range.is_empty()).then(|| self.entries.range(&range.start..&range.end));
        let reverse = range.reverse;
        std::iter::from_fn(move || {
            let found = found.as_mut()?;
            if reverse { found.next_back() } else { found.next() }
        })
        .take(limit)
    }

    fn read(&self, range: &ReadRange) -> Vec<Entry> {
        self.stored(range)
            .map(|(key, (version, value))| match range.keys_only {
                true => Entry { key: key.clone(), value: Bytes::default(), version: None },
                false => Entry { key: key.clone(), value: value.clone(), version: Some(*version) },
            })
            .collect()
    }

    fn commit(&mut self, batch: Batch) -> Result<Committed> {
        let version_of = |key| self.entries.get(key).map(|(version, _)| *version);
        if !batch.checks.iter().all(|check| check.holds(version_of(&check.key))) {
            return Err(Error::new(ErrorKind::Conflict, "another writer was faster"));
        }
        self.head += 1;
        let version = Version(self.head);
        let mut removed = Vec::new();
        for operation in batch.operations {
            self.feeds.tell(version, Edited::from(&operation));
            match operation {
                Operation::Put { key, value } => {
                    self.entries.insert(key, (version, value));
                }
                Operation::Delete { key } => {
                    self.entries.remove(&key);
                }
                Operation::DeleteRange { start, end } => {
                    let range = ReadRange::between(start, end).keys_only();
                    let found = self.read(&range);
                    found.iter().for_each(|entry| drop(self.entries.remove(&entry.key)));
                    removed.push(found.len() as u64);
                }
            }
        }
        Ok(Committed { version, removed })
    }
}
