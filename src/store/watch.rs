//! Watching ranges of a database: what is there, and then what each commit does to it.

use super::database::Database;
use crate::backend::feed::{Commit, Feed, News, Told};
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Entry, ReadRange, Version};
use crate::model::tuple::Key;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What became of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) key: Key,
    pub(super) old: Option<Entry>,
    pub(super) new: Option<Entry>,
}

/// What became of the keys that are watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changes {
    /// The last commit that is in it.
    pub(super) version: Version,
    /// Whether it is what there is at the beginning.
    pub(super) is_state: bool,
    /// In the order of the keys; of several commits at once in the order of the commits, with what was removed at the end.
    pub(super) changes: Vec<Change>,
}

/// Watches ranges. It keeps what it has told of, so everything that is watched is in memory.
#[derive(Debug)]
pub(super) struct Watch {
    database: Database,
    ranges: Vec<ReadRange>,
    feed: Rc<Feed>,
    /// What was told of; `None` before anything was.
    known: Option<BTreeMap<Key, Entry>>,
    version: Version,
    /// Whether there may be more to tell than the feed has.
    is_outdated: bool,
}

/// Ends a watch, also one that is waiting.
#[derive(Debug, Clone)]
pub struct WatchEnd(Rc<Feed>);

impl WatchEnd {
    /// Ends it. Whoever waits for what comes next is told that nothing does.
    pub fn end(&self) {
        self.0.end();
    }
}

impl Watch {
    pub(super) fn new(database: &Database, ranges: Vec<ReadRange>) -> Self {
        let feed = Feed::of(&ranges);
        database.subscribe(&feed);
        Self { database: database.clone(), ranges, feed, known: None, version: Version(0), is_outdated: true }
    }

    pub(super) fn end(&self) -> WatchEnd {
        WatchEnd(self.feed.clone())
    }

    /// What there is, at first; then what the next commit did, as soon as there is one. What a slow caller has not taken in time is told as
    /// one change, from what it knows to what there is. `None` when the watch was ended, or the database closed.
    ///
    /// After an error it can be called again, and misses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Changes>> {
        loop {
            if self.feed.has_ended() {
                return Ok(None);
            }
            if self.is_outdated {
                match self.look().await {
                    Err(error) if error.kind() == ErrorKind::Closed => return Ok(None),
                    Ok(None) => continue,
                    looked => return looked,
                }
            }
            match self.feed.next().await {
                News::Ended => return Ok(None),
                News::Unknown => self.is_outdated = true,
                News::Commit(commit) if commit.version <= self.version => {}
                News::Commit(commit) => match self.with_values(commit).await {
                    Err(error) if error.kind() == ErrorKind::Closed => return Ok(None),
                    Err(error) => return Err(error),
                    Ok(None) => {}
                    Ok(Some(commit)) => {
                        if let Some(changes) = self.take(commit) {
                            return Ok(Some(changes));
                        }
                    }
                },
            }
        }
    }

    /// Reads what there is, and tells what differs from what is known.
    async fn look(&mut self) -> Result<Option<Changes>> {
        let _call = self.database.begin()?;
        let (version, found) = self.database.snapshot(&self.ranges).await?;
        let found: BTreeMap<Key, Entry> = found.into_iter().flatten().map(|entry| (entry.key.clone(), entry)).collect();
        self.is_outdated = false;
        self.version = version;
        let is_state = self.known.is_none();
        let mut known = self.known.replace(found.clone()).unwrap_or_default();
        let mut changes = Vec::new();
        for (key, new) in found {
            let old = known.remove(&key);
            if old.as_ref().is_none_or(|old| old.version != new.version) {
                changes.push(Change { key, old, new: Some(new) });
            }
        }
        if !is_state {
            changes.sort_by_key(|change| change.new.as_ref().and_then(|new| new.version));
            changes.extend(known.into_iter().map(|(key, old)| Change { key, old: Some(old), new: None }));
        }
        Ok((is_state || !changes.is_empty()).then_some(Changes { version, is_state, changes }))
    }

    /// The commit with those values that were not in memory. `None` where one of them is no longer the value that this commit wrote:
    /// then there are later commits, and it all has to be looked at.
    async fn with_values(&mut self, mut commit: Commit) -> Result<Option<Commit>> {
        let missing = |told: &&mut Told| matches!(told, Told::Put(_, None));
        if !commit.edits.iter_mut().any(|mut told| missing(&&mut told)) {
            return Ok(Some(commit));
        }
        // Whoever gives up now has to look.
        self.is_outdated = true;
        let keys = commit.edits.iter().filter_map(|told| match told {
            Told::Put(key, None) => Some(ReadRange::point(key.clone())),
            _ => None,
        });
        let keys: Vec<ReadRange> = keys.collect();
        let _call = self.database.begin()?;
        let (_, found) = self.database.snapshot(&keys).await?;
        for (told, found) in commit.edits.iter_mut().filter(missing).zip(found) {
            match (told, found.into_iter().next()) {
                (Told::Put(_, value), Some(entry)) if entry.version == Some(commit.version) => {
                    *value = Some(entry.value);
                }
                _ => return Ok(None),
            }
        }
        self.is_outdated = false;
        Ok(Some(commit))
    }

    /// Takes up what a commit did. `None` where nothing that is watched differs.
    fn take(&mut self, commit: Commit) -> Option<Changes> {
        let version = commit.version;
        self.version = version;
        let known = self.known.get_or_insert_default();
        let mut before: BTreeMap<Key, Option<Entry>> = BTreeMap::new();
        for told in commit.edits {
            match told {
                Told::Put(key, value) => {
                    let entry = Entry { key: key.clone(), value: value.unwrap_or_default(), version: Some(version) };
                    let old = known.insert(key.clone(), entry);
                    before.entry(key).or_insert(old);
                }
                Told::Delete(key) => {
                    let old = known.remove(&key);
                    before.entry(key).or_insert(old);
                }
                Told::DeleteRange(start, end) => {
                    let gone: Vec<Key> = known.range(start..end).map(|(key, _)| key.clone()).collect();
                    for key in gone {
                        let old = known.remove(&key);
                        before.entry(key).or_insert(old);
                    }
                }
            }
        }
        let change = |(key, old): (Key, Option<Entry>)| {
            let new = known.get(&key).cloned();
            (old.is_some() || new.is_some()).then_some(Change { key, old, new })
        };
        let changes: Vec<Change> = before.into_iter().filter_map(change).collect();
        (!changes.is_empty()).then_some(Changes { version, is_state: false, changes })
    }
}
