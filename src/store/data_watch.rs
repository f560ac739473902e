//! Watching records of the agent data store.

use super::data_store::{DataStore, value_of};
use super::database::Database;
use super::watch::{Change, Watch, WatchEnd};
use crate::error::Result;
use crate::model::Timestamp;
use crate::model::batch::{Entry, ReadRange, Version};
use crate::model::chat::conversation::Conversation;
use crate::model::data_record::Peek;
use crate::model::find::{Condition, Extractor, Filter};
use crate::model::json::Json;
use crate::model::keyspace::{ChatScope, RecordNames};
use crate::model::repeats::sorted;
use crate::model::tuple::Key;

/// What is watched of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// These keys, whether they exist or not.
    Keys(Vec<String>),
    /// Every key that begins so.
    Prefix(String),
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataChange {
    /// The key.
    pub key: String,
    /// The value before; `None` where there was none, and at the beginning.
    pub old: Option<Json>,
    /// The value now; `None` where it is gone.
    pub new: Option<Json>,
    /// The commit that did it; for a removal that was not seen by itself, a later one.
    pub version: Version,
}

/// What became of the records that are watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataChanges {
    /// Whether it is what there is at the beginning.
    pub is_state: bool,
    /// The last commit that is in it.
    pub version: Version,
    /// At the beginning, and where one commit did it, in the order of the keys; where several did, in that of the commits.
    pub changes: Vec<DataChange>,
}

/// Watches records. It keeps what it has told of, so everything that is watched is in memory.
#[derive(Debug)]
pub struct DataWatch {
    watch: Watch,
    kind: Kind,
    /// Of which records it tells; of all, where there is none.
    matching: Option<(Extractor, Condition<usize>)>,
}

/// What is watched, and how it is read.
#[derive(Debug)]
pub(super) enum Kind {
    Records(RecordNames),
    /// Under their ids, as JavaScript gets them.
    Conversations,
}

impl Kind {
    fn key(&self, key: &Key) -> Result<String> {
        match self {
            Self::Records(names) => names.of(key),
            Self::Conversations => ChatScope::listed(key),
        }
    }

    /// Whether a condition holds. What cannot be read is taken for one of which it does: whoever reads it is told.
    fn holds(&self, entry: &Entry, extractor: &Extractor, condition: &Condition<usize>) -> bool {
        let held = |key: &str, record: &Peek<'_>| condition.holds(&extractor.extract(key, record));
        let Ok(key) = self.key(&entry.key) else { return true };
        match self {
            Self::Records(_) => Peek::of(&entry.value).map_or(true, |record| held(&key, &record)),
            Self::Conversations => self.value(entry.clone()).map_or(true, |view| {
                let (created_at, none) = (Timestamp::default(), None);
                let (metadata, updated_at, value) = ("{}", created_at, view.as_str());
                held(&key, &Peek { value, metadata, created_at, updated_at, expires_at: None, created_by: none })
            }),
        }
    }

    fn value(&self, entry: Entry) -> Result<Json> {
        match self {
            Self::Records(_) => value_of(entry),
            Self::Conversations => Ok(Conversation::decode(ChatScope::listed(&entry.key)?, &entry.value)?.to_view()),
        }
    }
}

impl DataStore {
    /// Watches records, whoever changes them: this database, or others in other tabs.
    ///
    /// ```
    /// use agent_datastore::{backend::memory::Memory, store::{Database, Watched}, Json};
    ///
    /// # pollster::block_on(async {
    /// let tasks = Database::new(Memory::new(), Default::default()).data_store(Default::default());
    /// let mut watch = tasks.watch(&Watched::Prefix("task/".into()));
    /// assert!(watch.next().await?.unwrap().is_state);
    /// tasks.set("task/1", Json::parse("\"open\"")?, None).await?;
    /// let told = watch.next().await?.unwrap();
    /// assert_eq!((told.changes[0].key.as_str(), told.changes[0].old.is_none()), ("task/1", true));
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn watch(&self, watched: &Watched) -> DataWatch {
        let ranges = match watched {
            Watched::Keys(keys) => points(keys, &|key| self.scope.record(key)),
            Watched::Prefix(prefix) => vec![self.scope.records_from_prefix(prefix)],
        };
        DataWatch::new(&self.database, ranges, Kind::Records(self.scope.names()))
    }
}

impl DataWatch {
    pub(super) fn new(database: &Database, ranges: Vec<ReadRange>, kind: Kind) -> Self {
        Self { watch: Watch::new(database, ranges), kind, matching: None }
    }

    /// What there is, at first; then what the next commit did, as soon as there is one. Every commit is told of once, in their order, but
    /// one who does not take them in time (1,000 commits, or 4 MiB of values) is told of all at once: of what differs from
    /// what was told before. `None` when the watch was ended, or the database closed.
    ///
    /// # Errors
    ///
    /// Those of a read; it can be called again, and misses nothing. [`Corrupt`](crate::ErrorKind::Corrupt) where a record cannot be
    /// decoded: then what changed with it is not told of.
    pub async fn next(&mut self) -> Result<Option<DataChanges>> {
        loop {
            let Some(told) = self.watch.next().await? else { return Ok(None) };
            let changes = told.changes.into_iter().filter_map(|change| self.matching(change));
            let changes = changes.map(|change| self.change(change, told.version)).collect::<Result<Vec<_>>>()?;
            if told.is_state || !changes.is_empty() {
                return Ok(Some(DataChanges { is_state: told.is_state, version: told.version, changes }));
            }
        }
    }

    /// The same, which tells of those records alone of which a filter holds: one of which it holds no more is gone, and one of which it
    /// begins to hold is new. Everything that is watched is in memory all the same.
    #[must_use]
    pub fn matching_filter(mut self, filter: &Filter) -> Self {
        let mut extractor = Extractor::default();
        let condition = filter.placed(&mut extractor);
        self.matching = Some((extractor, condition));
        self
    }

    /// A change, as far as it is one of records that match.
    fn matching(&self, Change { old, new }: Change) -> Option<Change> {
        let matches = |entry: &Entry| match &self.matching {
            None => true,
            Some((extractor, condition)) => self.kind.holds(entry, extractor, condition),
        };
        let change = Change { old: old.filter(matches), new: new.filter(matches) };
        (change.old.is_some() || change.new.is_some()).then_some(change)
    }

    /// What ends it while somebody waits for what comes next.
    #[must_use]
    pub fn end(&self) -> WatchEnd {
        self.watch.end()
    }

    fn change(&self, Change { old, new }: Change, version: Version) -> Result<DataChange> {
        let key = new.as_ref().or(old.as_ref()).map(|entry| self.kind.key(&entry.key)).transpose()?.unwrap_or_default();
        let version = new.as_ref().and_then(|new| new.version).unwrap_or(version);
        let value = |entry: Option<Entry>| entry.map(|entry| self.kind.value(entry)).transpose();
        Ok(DataChange { key, old: value(old)?, new: value(new)?, version })
    }
}

/// The range of each key, once, in their order.
pub(super) fn points(keys: &[String], key_of: &dyn Fn(&str) -> Key) -> Vec<ReadRange> {
    let mut last = None;
    let mut ranges = Vec::with_capacity(keys.len());
    for (key, place) in sorted(keys.iter().map(String::as_bytes)) {
        if last.replace(key) != Some(key) {
            ranges.extend(keys.get(place).map(|key| ReadRange::point(key_of(key))));
        }
    }
    ranges
}
