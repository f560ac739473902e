//! The agent data store: JSON values by user, namespace and key (`stores.md`, section B).

use super::database::Database;
use super::expiry::Expires;
use super::key_locks::Mode;
use crate::error::{Error, Result};
use crate::model::access::Access;
use crate::model::batch::{Entry, Lookup, Version};
use crate::model::codec::damaged;
use crate::model::combine::Combine;
use crate::model::data_record::{DataRecord, Metadata};
use crate::model::data_rules::{self, Author, Expiry, Item};
use crate::model::document::Document;
use crate::model::json::Json;
use crate::model::keyspace::{self, DataScope};
use crate::model::repeats::first_places;
use crate::model::tuple::Key;

/// Options of [`Database::data_store`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataStoreOptions {
    /// The user who owns the data.
    pub user: String,
    /// The agent that writes; `None` or an empty name for no agent.
    pub agent: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// Whether reads are counted. Needs an agent.
    pub track_access: bool,
    /// When what is set expires; `None` for never.
    pub expires: Option<Expires>,
}

impl Default for DataStoreOptions {
    /// What the original falls back to: user `anonymous`, agent `unknown`, namespace `default`; reads are not counted.
    fn default() -> Self {
        Self {
            user: "anonymous".to_owned(),
            agent: Some("unknown".to_owned()),
            namespace: "default".to_owned(),
            track_access: false,
            expires: None,
        }
    }
}

/// What becomes of a record.
#[derive(Debug, Clone)]
pub(super) enum Alteration {
    Set(Json, Metadata),
    Combine(Combine),
    Delete,
}

/// From more keys on, a call takes the turn of its namespace instead of theirs.
const MANY_KEYS: usize = 64;

/// The values of one namespace of one user. All agents of the user share them; other users cannot reach them.
///
/// Every change is one commit, all or nothing, and may fail with the backend's errors, with
/// [`Closed`](crate::ErrorKind::Closed), [`LimitExceeded`](crate::ErrorKind::LimitExceeded), and [`Conflict`](crate::ErrorKind::Conflict); reads with the backend's errors,
/// [`Closed`](crate::ErrorKind::Closed), and [`Corrupt`](crate::ErrorKind::Corrupt) where a stored record cannot be decoded.
#[derive(Debug, Clone)]
pub struct DataStore {
    pub(crate) database: Database,
    pub(super) scope: DataScope,
    agent: Option<String>,
    track_access: bool,
    pub(super) expires: Option<Expires>,
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl DataStore {
    pub(super) fn new(database: Database, options: DataStoreOptions) -> Self {
        let DataStoreOptions { user, agent, namespace, track_access, expires } = options;
        let agent = agent.filter(|agent| !agent.is_empty());
        Self { database, scope: DataScope { user, namespace }, agent, track_access, expires }
    }

    /// The user who owns the data.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.scope.user
    }

    /// The agent that writes.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.scope.namespace
    }

    /// Another namespace of the same user and agent. Nothing is created until something is written.
    #[must_use]
    pub fn use_namespace(&self, namespace: &str) -> Self {
        let mut other = self.clone();
        namespace.clone_into(&mut other.scope.namespace);
        other
    }

    /// The same store on another database.
    pub(super) fn on(&self, database: Database) -> Self {
        Self { database, ..self.clone() }
    }

    pub(super) const fn scope(&self) -> &DataScope {
        &self.scope
    }

    /// The value of a key; of bytes what is said of them, see [`Self::get_value`]. Counted, where reads are counted.
    pub async fn get(&self, key: &str) -> Result<Option<Json>> {
        let _call = self.database.begin()?;
        let found = self.read_records([key], false).await?;
        let value = found.into_iter().flatten().next().map(value_of).transpose()?;
        if value.is_some() {
            self.count_read(key);
        }
        Ok(value)
    }

    /// The value of a key, and the number of the commit that wrote it. Not counted.
    pub async fn get_with_version(&self, key: &str) -> Result<Option<(Json, Version)>> {
        let _call = self.database.begin()?;
        let found = self.read_records([key], false).await?.into_iter().flatten().next();
        let version = |entry: &Entry| entry.version.ok_or_else(damaged);
        found.map(|entry| version(&entry).and_then(|version| Ok((value_of(entry)?, version)))).transpose()
    }

    /// Whether a key exists. Not counted.
    pub async fn has(&self, key: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        let found = self.read_records([key], true).await?;
        Ok(found.iter().any(Option::is_some))
    }

    /// The values of the keys that exist, in the order in which the keys are first named; one snapshot. Each naming is
    /// counted, where reads are counted.
    pub async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Json)>> {
        let _call = self.database.begin()?;
        let first = first_places(keys.iter().map(String::as_bytes));
        let is_first = |place: usize| first.get(place) == Some(&place);
        let distinct = || keys.iter().enumerate().filter(|(place, _)| is_first(*place));
        let found = self.read_records(distinct().map(|(_, key)| key.as_str()), false).await?;
        let mut page = Vec::with_capacity(found.len());
        let mut exists = vec![false; keys.len()];
        for ((place, key), entry) in distinct().zip(found) {
            if let (Some(entry), Some(exists)) = (entry, exists.get_mut(place)) {
                page.push((key.clone(), value_of(entry)?));
                *exists = true;
            }
        }
        for (key, first) in keys.iter().zip(&first) {
            if exists.get(*first) == Some(&true) {
                self.count_read(key);
            }
        }
        Ok(page)
    }

    /// The record of a key, with everything known about it. Not counted; reads counted so far are in it.
    pub async fn get_record(&self, key: &str) -> Result<Option<Document>> {
        let _call = self.database.begin()?;
        self.write_counted_reads().await;
        let (record, access) = (self.scope.record(key), self.scope.access(key));
        let mut found = self.database.get(&[Lookup::of(&record), Lookup::of(&access)]).await?.into_iter();
        let (record, access) = (found.next().flatten(), found.next().flatten());
        record.map(|record| self.document(&self.scope, key.to_owned(), &record, access.as_ref())).transpose()
    }

    /// Creates or replaces a value; metadata is merged into what the record has.
    pub async fn set(&self, key: &str, value: Json, metadata: Option<Metadata>) -> Result<()> {
        self.set_many(vec![Item { key: key.to_owned(), value }], metadata).await.map(drop)
    }

    /// Creates or replaces many values, all or none; the metadata is merged into each. Where a key comes twice its last
    /// value counts. Returns the number of keys.
    pub async fn set_many(&self, items: Vec<Item>, metadata: Option<Metadata>) -> Result<usize> {
        let _call = self.database.begin()?;
        let items = data_rules::distinct(items);
        let metadata = metadata.unwrap_or_else(Metadata::empty);
        let author = Author { agent: self.agent.clone(), now: self.database.now() };
        let expiry = self.expiry()?;
        let keys: Vec<Key> = items.iter().map(|item| self.scope.record(&item.key)).collect();
        let mut plan = |seen: &[_]| data_rules::plan_set(&self.scope, &keys, &items, &metadata, expiry, &author, seen);
        let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
        let _turn = self.database.change(self.turns(&keys), &lookups, &mut plan).await?;
        Ok(items.len())
    }

    /// Changes the record of one key. What an atomic commit needs, in one piece of code.
    pub(super) async fn alter(&self, key: &str, alteration: &Alteration) -> Result<()> {
        let _call = self.database.begin()?;
        let author = Author { agent: self.agent.clone(), now: self.database.now() };
        let record = self.scope.record(key);
        let keys = [record.clone()];
        let mut plan = |seen: &[Option<Entry>]| {
            let none = Metadata::empty();
            let (value, metadata, expiry) = match alteration {
                Alteration::Set(value, metadata) => (value.clone(), metadata, self.expiry()?),
                Alteration::Combine(combine) => {
                    let old = seen.iter().flatten().next().cloned().map(value_of).transpose()?;
                    let value =
                        combine.of(old.as_ref()).map_err(|error| error.at(format_args!("the record {key:?}")))?;
                    (value, &none, Expiry::Keep)
                }
                Alteration::Delete => return Ok(data_rules::plan_delete(&self.scope, &[key.to_owned()], seen)),
            };
            let items = [Item { key: key.to_owned(), value }];
            data_rules::plan_set(&self.scope, &keys, &items, metadata, expiry, &author, seen)
        };
        self.database.change(self.turns(&keys), &[Lookup::of(&record)], &mut plan).await.map(drop)
    }

    /// Removes a key. Returns whether it existed.
    pub async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.delete_many(vec![key.to_owned()]).await? > 0)
    }

    /// Removes many keys, all or none. Returns how many existed.
    pub async fn delete_many(&self, keys: Vec<String>) -> Result<usize> {
        let _call = self.database.begin()?;
        let first = first_places(keys.iter().map(String::as_bytes));
        let named_first = |(place, key): (usize, String)| (first.get(place) == Some(&place)).then_some(key);
        let keys: Vec<String> = keys.into_iter().enumerate().filter_map(named_first).collect();
        let records: Vec<Key> = keys.iter().map(|key| self.scope.record(key)).collect();
        let mut existing = 0;
        let mut plan = |seen: &[Option<Entry>]| {
            existing = seen.iter().flatten().count();
            Ok(data_rules::plan_delete(&self.scope, &keys, seen))
        };
        let lookups: Vec<_> = records.iter().map(Lookup::existence).collect();
        let _turn = self.database.change(self.turns(&records), &lookups, &mut plan).await?;
        keys.iter().for_each(|key| self.database.accesses().forget(&self.scope, key));
        Ok(existing)
    }

    /// Removes every key of the namespace in one commit. Returns how many it removed.
    pub async fn clear(&self) -> Result<u64> {
        self.delete_by_prefix("").await
    }

    /// Removes every key that begins with `prefix` in one commit. Returns how many it removed.
    pub async fn delete_by_prefix(&self, prefix: &str) -> Result<u64> {
        let _call = self.database.begin()?;
        let turn = vec![(self.scope.turn(), Mode::Alone)];
        let batch = data_rules::plan_delete_by_prefix(&self.scope, prefix);
        let (_turn, committed) = self.database.commit(turn, batch).await?;
        self.database.accesses().forget_prefix(&self.scope, prefix);
        Ok(committed.removed.first().copied().unwrap_or_default())
    }

    /// The keys that begin with `prefix`, sorted by code point.
    pub async fn list_keys(&self, prefix: &str) -> Result<Vec<String>> {
        let _call = self.database.begin()?;
        let range = self.scope.records_from_prefix(prefix).keys_only();
        let found = self.database.read(&[range]).await?;
        let names = self.scope.names();
        found.iter().flatten().map(|entry| names.of(&entry.key)).collect()
    }

    /// Writes the reads counted so far. Where that fails they are still known here, so nobody has to fail with it.
    pub(super) async fn write_counted_reads(&self) {
        if self.database.has_unwritten_accesses() {
            let _ = self.database.write_accesses().await;
        }
    }

    pub(super) fn document(
        &self,
        scope: &DataScope,
        key: String,
        record: &Entry,
        access: Option<&Entry>,
    ) -> Result<Document> {
        let damaged = |error: Error| error.at(format_args!("the record {key:?} in namespace {:?}", scope.namespace));
        let decoded = DataRecord::decode(&record.value).map_err(damaged)?;
        let stored = access.map(|entry| Access::decode(&entry.value)).transpose().map_err(damaged)?;
        let mut access = stored.unwrap_or_default();
        let name = (scope.clone(), key);
        if let Some(unwritten) = self.database.accesses().get(&name) {
            access.add(unwritten);
        }
        let (DataScope { user, namespace }, key) = name;
        Ok(Document { user, namespace, key, record: decoded, access, bytes: None, version: record.version })
    }

    /// The turns of a change of these keys; that of the namespace, where they are many.
    pub(super) fn turns(&self, keys: &[Key]) -> Vec<(Key, Mode)> {
        if keys.len() > MANY_KEYS {
            return vec![(self.scope.turn(), Mode::Alone)];
        }
        let keys = keys.iter().map(|key| (key.clone(), Mode::Alone));
        keys.chain([(self.scope.turn(), Mode::Shared)]).collect()
    }

    pub(super) async fn read_records(
        &self,
        keys: impl IntoIterator<Item = &str>,
        keys_only: bool,
    ) -> Result<Vec<Option<Entry>>> {
        let keys: Vec<Key> = keys.into_iter().map(|key| self.scope.record(key)).collect();
        let lookups: Vec<_> = keys.iter().map(|key| Lookup { key, keys_only }).collect();
        self.database.get(&lookups).await
    }

    pub(super) fn count_read(&self, key: &str) {
        if let (true, Some(agent)) = (self.track_access, &self.agent) {
            self.database.accesses().add(&self.scope, key, Access::once(self.database.now(), agent));
        }
    }
}

pub(super) fn value_of(entry: Entry) -> Result<Json> {
    DataRecord::decode_value(&entry.value).map_err(|error| match keyspace::record_name(&entry) {
        Ok((namespace, key)) => error.at(format_args!("the record {key:?} in namespace {namespace:?}")),
        Err(_) => error,
    })
}
