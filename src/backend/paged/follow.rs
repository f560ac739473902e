//! Opening, and following what other engines write.

use super::Engine;
use super::blob;
use super::blob_store::{Area, Blob, BlobRange, BlobStore, Hold};
use super::record::{self, Edit, Record};
use super::root::Root;
use super::stored::Value;
use super::tail::Tail;
use crate::backend::feed::{Edited, Feeds};
use crate::error::Result;
use crate::model::batch::Version;
use std::rc::Rc;

/// The number of the root's blob.
pub(super) const ROOT: u64 = 0;

/// What an engine knows.
#[derive(Debug)]
pub(super) struct State {
    /// The pages that it uses.
    pub(super) root: Root,
    /// The root of a later checkpoint that it has seen, and does not stand on yet.
    pub(super) newer: Option<Root>,
    pub(super) tail: Tail,
    /// The last log number that is in the tail.
    pub(super) head: u64,
    /// The version of the last commit.
    pub(super) version: u64,
    /// How often it was given up. What a call found out in one life does not count in another.
    pub(super) life: u64,
    /// Whether it has to be made anew before it is used again.
    is_detached: bool,
    /// Who is told of every commit.
    feeds: Rc<Feeds>,
}

impl State {
    fn new(root: Root, feeds: Rc<Feeds>) -> Self {
        let (head, version) = (root.merged, root.version);
        Self { root, newer: None, tail: Tail::default(), head, version, life: 0, is_detached: false, feeds }
    }

    /// Applies a record, the one after the last.
    pub(super) fn apply(&mut self, last: u64, record: Record) {
        match record {
            Record::Commits { first_version, commits } => {
                for (version, edits) in (first_version..).zip(commits) {
                    self.apply_commit(last, version, edits);
                }
            }
            Record::Checkpoint(root) => {
                if root.epoch > self.root.epoch {
                    self.newer = Some(root);
                }
            }
        }
        self.head = last;
    }

    /// Goes over to a root that has all that there is.
    pub(super) fn switch(&mut self, mut root: Root, hold: Hold) {
        root.hold = Rc::new(hold);
        (self.head, self.version) = (root.epoch, root.version);
        (self.root, self.newer, self.tail) = (root, None, Tail::default());
        self.feeds.lose_track();
    }

    pub(super) fn apply_commit(&mut self, last: u64, version: u64, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            self.feeds.tell(Version(version), edited(&edit));
            self.tail.apply(edit, Version(version), last);
        }
        self.version = self.version.max(version);
    }

    /// Whether it has to be made anew before it is used again.
    pub(super) const fn is_detached(&self) -> bool {
        self.is_detached
    }

    /// Gives up its hold, which lasts as long as calls that are under way with this root. The state can no longer be used.
    pub(super) fn detach(&mut self) {
        self.is_detached = true;
        self.life += 1;
        self.root.hold = Rc::new(Hold::none());
    }
}

/// On which epoch an engine stands that does not know yet on which it will: whoever stands here keeps everything.
pub(crate) const OPENING: u64 = 0;

/// Makes the state of a database from its root and its log. It is held by `opening`, a hold on [`OPENING`], until
/// [`Engine::settle`].
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`], and those of the storage.
pub(super) async fn load(store: &dyn BlobStore, opening: Hold, feeds: Rc<Feeds>) -> Result<State> {
    let mut from = 1;
    let (root, log) = loop {
        let mut read = store.read(&[BlobRange::one(Area::Meta, ROOT), BlobRange::from(Area::Log, from)]).await?;
        let root = root_of(read.first())?;
        let log = read.pop().unwrap_or_default();
        let needed = root.merged + 1;
        if from == needed {
            break (root, log);
        }
        // In most cases the log is what the root needs, after the last checkpoint's own record.
        if let Some(log) = from_number(log, needed) {
            break (root, log);
        }
        from = needed;
    };
    let (epoch, first) = (root.epoch, root.merged + 1);
    if epoch == 0 {
        check_beginning(store, &log).await?;
    }
    // Who watched before knows something else; to whom it is new it is all told at once.
    let mut state = State::new(root, Rc::default());
    record::join(first, &log, &mut |_, last, record| {
        match record {
            Record::Checkpoint(root) if root.is_whole() => state.switch(root, Hold::none()),
            record => state.apply(last, record),
        }
        Ok(())
    })?;
    if state.head < epoch {
        return Err(blob::missing(Area::Log, state.head + 1));
    }
    state.root.hold = Rc::new(opening);
    state.feeds = feeds;
    Ok(state)
}

fn edited(edit: &Edit) -> Edited<'_> {
    match edit {
        Edit::Put(key, Value::Inline(value)) => Edited::Put(key, Some(value)),
        Edit::Put(key, Value::Away(_)) => Edited::Put(key, None),
        Edit::Delete(key) => Edited::Delete(key),
        Edit::DeleteRange(start, end) => Edited::DeleteRange(start, end),
    }
}

/// The blobs of the log from this number on; `None` where they are not found for certain.
fn from_number(mut log: Vec<Blob>, first: u64) -> Option<Vec<Blob>> {
    let number = |sealed: &Blob| blob::open(Area::Log, None, sealed).ok().map(|piece| piece.number);
    match log.iter().position(|sealed| number(sealed) == Some(first)) {
        Some(place) => Some(log.split_off(place)),
        None => log.last().is_none_or(|last| number(last).is_some_and(|last| last < first)).then(Vec::new),
    }
}

/// Makes sure that a database without a root never had one.
async fn check_beginning(store: &dyn BlobStore, log: &[Blob]) -> Result<()> {
    let is_beginning = match log.first() {
        Some(sealed) => blob::open_in_turn(1, sealed)?.number == 1,
        // Pages without a root: unless both were written just now.
        None if !store.numbers(Area::Page).await?.is_empty() => {
            store.read(&[BlobRange::one(Area::Meta, ROOT)]).await?.first().is_some_and(|root| !root.is_empty())
        }
        None => true,
    };
    if is_beginning { Ok(()) } else { Err(blob::missing(Area::Meta, ROOT)) }
}

/// The root that is stored; that of an empty database where there is none.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
pub(super) fn root_of(blobs: Option<&Vec<Blob>>) -> Result<Root> {
    match blobs.and_then(|blobs| blobs.first()) {
        None => Ok(Root::empty()),
        Some(sealed) => {
            let opened = blob::open(Area::Meta, Some(ROOT), sealed)?;
            Root::decode(&opened.content).map_err(|_| blob::damaged(Area::Meta, Some(ROOT)))
        }
    }
}

impl Engine {
    /// Applies every record that was complete when this was called.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where the log is damaged, and those of the storage.
    pub(super) async fn catch_up(&self) -> Result<()> {
        self.attach().await?;
        let (first, life) = {
            let state = self.state.borrow();
            (state.head + 1, state.life)
        };
        let read = self.store.read(&[BlobRange::from(Area::Log, first)]).await?;
        let blobs = read.first().map(Vec::as_slice).unwrap_or_default();
        // Also where there is nothing new: the call that saw the newest checkpoint may have been given up or have failed.
        let Some(found) = blobs.first() else { return self.follow().await };
        if blob::open_in_turn(first, found)?.number != first {
            // The log was trimmed past this engine: it stood nowhere.
            self.state.borrow_mut().detach();
            return self.attach().await;
        }
        let mut records = Vec::new();
        record::join(first, blobs, &mut |begin, last, record| {
            records.push((begin, last, record));
            Ok(())
        })?;
        for (begin, last, record) in records {
            self.take(begin, last, record, life).await?;
        }
        self.follow().await
    }

    /// Applies a record that begins at the log number `begin`, unless another call has done so.
    ///
    /// # Errors
    ///
    /// Those of the locks.
    pub(super) async fn take(&self, begin: u64, last: u64, record: Record, life: u64) -> Result<()> {
        let is_next = |state: &State| state.life == life && state.head + 1 == begin && !state.is_detached;
        match record {
            // What such a root has is nowhere else, so it is not passed before this engine stands on it.
            Record::Checkpoint(root) if root.is_whole() => {
                let hold = self.neighbours.stand(root.epoch).await?;
                let mut state = self.state.borrow_mut();
                if is_next(&state) {
                    state.switch(root, hold);
                }
            }
            record => {
                let mut state = self.state.borrow_mut();
                if is_next(&state) {
                    state.apply(last, record);
                }
            }
        }
        Ok(())
    }

    /// Stands on the newest checkpoint that was seen.
    ///
    /// # Errors
    ///
    /// Those of the locks.
    pub(super) async fn follow(&self) -> Result<()> {
        loop {
            let Some((epoch, life)) = self.newer() else { return Ok(()) };
            let hold = self.neighbours.stand(epoch).await?;
            self.step_to(epoch, life, hold);
        }
    }

    fn newer(&self) -> Option<(u64, u64)> {
        let state = self.state.borrow();
        state.newer.as_ref().filter(|_| !state.is_detached).map(|root| (root.epoch, state.life))
    }

    fn step_to(&self, epoch: u64, life: u64, hold: Hold) {
        let mut state = self.state.borrow_mut();
        if state.life != life || state.is_detached {
            return;
        }
        // A call that came between may have stepped here, or seen a newer one.
        if let Some(mut newer) = state.newer.take_if(|newer| newer.epoch == epoch) {
            newer.hold = Rc::new(hold);
            let merged = newer.merged;
            state.root = newer;
            state.tail.forget(merged);
        }
    }

    /// The epoch of the root that is stored.
    ///
    /// # Errors
    ///
    /// As [`load`].
    pub(super) async fn newest_epoch(&self) -> Result<u64> {
        let read = self.store.read(&[BlobRange::one(Area::Meta, ROOT)]).await?;
        Ok(root_of(read.first())?.epoch)
    }

    /// Makes the state anew where it was given up.
    ///
    /// # Errors
    ///
    /// As [`load`].
    pub(super) async fn attach(&self) -> Result<()> {
        loop {
            let life = {
                let state = self.state.borrow();
                if !state.is_detached {
                    return Ok(());
                }
                state.life
            };
            let opening = self.neighbours.stand(OPENING).await?;
            let fresh = load(&*self.store, opening, self.feeds.clone()).await?;
            {
                let mut state = self.state.borrow_mut();
                // Given up once more means that something may have happened that this one does not know of.
                if state.is_detached && state.life == life {
                    *state = State { life, ..fresh };
                    self.feeds.lose_track();
                }
            }
            self.settle().await;
        }
    }

    /// Stands on the epoch of its root, instead of on [`OPENING`]. Where that fails it keeps more than it has to.
    pub(super) async fn settle(&self) {
        let (epoch, life) = {
            let state = self.state.borrow();
            (state.root.epoch, state.life)
        };
        if let Ok(hold) = self.neighbours.stand(epoch).await {
            let mut state = self.state.borrow_mut();
            if state.life == life && state.root.epoch == epoch && !state.is_detached {
                state.root.hold = Rc::new(hold);
            }
        }
    }
}
