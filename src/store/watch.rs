//! Watching ranges of a database: what is there, and then what each commit does to it.

use super::database::Database;
use crate::backend::feed::{Commit, Feed, News, Told};
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Bytes, Entry, ReadRange, Version};
use crate::model::repeats::sorted;
use crate::model::sorting::places_in_order;
use crate::model::tuple::Key;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What became of one key: one of both is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
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

/// What is stored under keys.
type Known = BTreeMap<Key, (Version, Bytes)>;

/// Watches ranges. It keeps what it has told of, so everything that is watched is in memory.
#[derive(Debug)]
pub(super) struct Watch {
    database: Database,
    ranges: Vec<ReadRange>,
    feed: Rc<Feed>,
    /// What was told of; `None` before anything was.
    known: Option<Known>,
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
        self.is_outdated = false;
        self.version = version;
        let is_state = self.known.is_none();
        let mut before = self.known.take().unwrap_or_default();
        let mut known = Known::new();
        let mut changes = Vec::new();
        for entry in found.into_iter().flatten() {
            let version = entry.version.unwrap_or(version);
            known.insert(entry.key.clone(), (version, entry.value.clone()));
            let old = before.remove(&entry.key);
            if old.as_ref().is_none_or(|(old, _)| *old != version) {
                changes.push(Change { old: old.map(|old| entry_of(&entry.key, old)), new: Some(entry) });
            }
        }
        self.known = Some(known);
        if !is_state {
            let version = |place: usize| changes.get(place).and_then(|change: &Change| change.new.as_ref()?.version);
            let order = places_in_order(changes.len(), &|one, other| version(one).cmp(&version(other)));
            changes = order.into_iter().filter_map(|place| changes.get(place).cloned()).collect();
            changes.extend(before.into_iter().map(|(key, old)| Change { old: Some(entry_of(&key, old)), new: None }));
        }
        Ok((is_state || !changes.is_empty()).then_some(Changes { version, is_state, changes }))
    }

    /// The commit with those values that were not in memory. `None` where one of them is no longer the value that this commit wrote:
    /// then there are later commits, and it all has to be looked at.
    async fn with_values(&mut self, mut commit: Commit) -> Result<Option<Commit>> {
        let is_missing = |told: &Told| matches!(told, Told::Put(_, None));
        if !commit.edits.iter().any(is_missing) {
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
        for (told, found) in commit.edits.iter_mut().filter(|told| is_missing(told)).zip(found) {
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
        let mut touched: Vec<(Key, Option<(Version, Bytes)>)> = Vec::new();
        for told in commit.edits {
            match told {
                Told::Put(key, value) => {
                    let old = known.insert(key.clone(), (version, value.unwrap_or_default()));
                    touched.push((key, old));
                }
                Told::Delete(key) => {
                    let old = known.remove(&key);
                    touched.push((key, old));
                }
                Told::DeleteRange(start, end) => {
                    let gone: Vec<Key> = known.range(start..end).map(|(key, _)| key.clone()).collect();
                    for key in gone {
                        let old = known.remove(&key);
                        touched.push((key, old));
                    }
                }
            }
        }
        let mut changes = Vec::with_capacity(touched.len());
        let mut last = None;
        // Of a key that was touched more than once the first one has what was there before.
        for (key, place) in sorted(touched.iter().map(|(key, _)| key.as_bytes())) {
            if last.replace(key) == Some(key) {
                continue;
            }
            let Some((key, old)) = touched.get(place) else { continue };
            let old = old.clone().map(|old| entry_of(key, old));
            let new = known.get(key).cloned().map(|new| entry_of(key, new));
            if old.is_some() || new.is_some() {
                changes.push(Change { old, new });
            }
        }
        (!changes.is_empty()).then_some(Changes { version, is_state: false, changes })
    }
}

fn entry_of(key: &Key, (version, value): (Version, Bytes)) -> Entry {
    Entry { key: key.clone(), value, version: Some(version) }
}
