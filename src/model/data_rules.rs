//! The rules of the agent data store: from entries read to a batch to commit.

use super::batch::{Batch, Bytes, Check, Entry, Expect};
use super::data_record::{DataRecord, Metadata, RecordParts};
use super::document::Document;
use super::json::Json;
use super::keyspace::{DataName, DataScope};
use super::repeats::first_places;
use super::timestamp::Timestamp;
use super::tuple::Key;
use crate::error::Result;
use serde::Serialize;

/// Who writes, and when. One time serves all fields of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The agent, if there is one.
    pub agent: Option<String>,
    /// The time of the call.
    pub now: Timestamp,
}

/// A value to store under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The key within the namespace.
    pub key: String,
    /// The value.
    pub value: Json,
}

/// When what is written expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// As before; what is new never does.
    Keep,
    /// At this time, or never.
    Set(Option<Timestamp>),
}

/// Keeps the last item of every key, each in the place of the key's first item.
#[must_use]
pub fn distinct(items: Vec<Item>) -> Vec<Item> {
    let first = first_places(items.iter().map(|item| item.key.as_bytes()));
    let mut kept: Vec<Option<Item>> = Vec::with_capacity(items.len());
    for (item, first) in items.into_iter().zip(first) {
        kept.push(None);
        if let Some(slot) = kept.get_mut(first) {
            *slot = Some(item);
        }
    }
    kept.into_iter().flatten().collect()
}

/// Plans `set` and `setMany` (`stores.md`, B.4): creates what is not there; otherwise replaces the value, merges the
/// metadata, and keeps what tells of the creation. What expires is listed by its time. `keys` are those of the items' records, and `seen` is what was found there.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where a stored record cannot be read; it is then left as it is.
pub fn plan_set(
    scope: &DataScope,
    keys: &[Key],
    items: &[Item],
    metadata: &Metadata,
    expiry: Expiry,
    author: &Author,
    seen: &[Option<Entry>],
) -> Result<Batch> {
    plan_written(scope, keys, items, &Writing { metadata, expiry, author, are_bytes: false }, seen)
}

/// What a call says of all that it sets.
#[derive(Debug)]
pub struct Writing<'a> {
    /// Merged into that of each record.
    pub metadata: &'a Metadata,
    /// When it expires.
    pub expiry: Expiry,
    /// Who writes.
    pub author: &'a Author,
    /// Whether the values are references to bytes.
    pub are_bytes: bool,
}

/// The same for values of either kind.
///
/// # Errors
///
/// As [`plan_set`].
pub fn plan_written(
    scope: &DataScope,
    keys: &[Key],
    items: &[Item],
    writing: &Writing<'_>,
    seen: &[Option<Entry>],
) -> Result<Batch> {
    let Writing { metadata, expiry, author, are_bytes } = *writing;
    let mut batch = Batch::default();
    batch.checks.reserve(items.len());
    batch.operations.reserve(items.len());
    for ((item, key), seen) in items.iter().zip(keys).zip(seen) {
        let stored = seen.as_ref().map(|entry| DataRecord::decode(&entry.value)).transpose()?;
        let written = author.agent.as_deref().map(|agent| (author.now, agent));
        let expired_at = stored.as_ref().and_then(|stored| stored.expires_at);
        let expires_at = match expiry {
            Expiry::Keep => expired_at,
            Expiry::Set(at) => at,
        };
        let record = match &stored {
            None => RecordParts {
                value: &item.value,
                is_bytes: are_bytes,
                metadata,
                created_by: author.agent.as_deref(),
                created_at: author.now,
                updated_at: author.now,
                expires_at,
                last_access: written,
                extra: &Metadata::empty(),
            }
            .encode()?,
            Some(stored) => RecordParts {
                value: &item.value,
                // An update that gives back what is said of the bytes leaves them as they are.
                is_bytes: are_bytes
                    || (stored.is_bytes && expiry == Expiry::Keep && stored.value.as_str() == item.value.as_str()),
                metadata: &if metadata.is_empty() { stored.metadata.clone() } else { stored.metadata.merged(metadata) },
                updated_at: author.now,
                expires_at,
                last_access: written.or(stored.parts().last_access),
                ..stored.parts()
            }
            .encode()?,
        };
        batch.check(Check::unchanged(key.clone(), seen.as_ref()));
        batch.put(key.clone(), record);
        if expired_at != expires_at {
            if let Some(at) = expired_at {
                batch.delete(scope.expiry(at, &item.key));
            }
            if let Some(at) = expires_at {
                batch.put(scope.expiry(at, &item.key), Bytes::default());
            }
        }
    }
    Ok(batch)
}

/// Plans the removal of what has expired: `due` are entries of the expiry index, `names` what they list, and `seen` what is stored under the keys
/// of those records; nothing where that cannot be read. One that was deleted, or set anew, is only taken from the list. Gives the places of those that are removed too.
#[must_use]
pub fn plan_sweep(due: &[Entry], names: &[(Timestamp, DataName)], seen: &[Option<Entry>]) -> (Batch, Vec<usize>) {
    let mut batch = Batch::default();
    let mut removed = Vec::new();
    if seen.is_empty() {
        due.iter().for_each(|listed| batch.delete(listed.key.clone()));
    }
    for (place, ((listed, (at, name)), seen)) in due.iter().zip(names).zip(seen).enumerate() {
        // Who else sweeps has removed it.
        batch.check(Check { key: listed.key.clone(), expect: Expect::Present });
        batch.delete(listed.key.clone());
        batch.check(Check::unchanged(name.scope.record(&name.key), seen.as_ref()));
        let Some(entry) = seen else { continue };
        // What cannot be read is left as it is.
        if DataRecord::decode(&entry.value).is_ok_and(|record| expires(&record, *at)) {
            batch.delete(entry.key.clone());
            batch.delete(name.scope.access(&name.key));
            removed.push(place);
        }
    }
    (batch, removed)
}

/// Plans the removal of those `listed` places of the expiry index whose record does not expire then: `names` are what they list, and `seen` is what is
/// stored under the keys of those records.
#[must_use]
pub fn plan_tidy(listed: &[Entry], names: &[(Timestamp, DataName)], seen: &[Option<Entry>]) -> Batch {
    let mut batch = Batch::default();
    for ((listed, (at, name)), seen) in listed.iter().zip(names).zip(seen) {
        // What cannot be read may well expire.
        if !seen
            .as_ref()
            .is_some_and(|entry| DataRecord::decode(&entry.value).map_or(true, |record| expires(&record, *at)))
        {
            batch.check(Check { key: listed.key.clone(), expect: Expect::Present });
            batch.check(Check::unchanged(name.scope.record(&name.key), seen.as_ref()));
            batch.delete(listed.key.clone());
        }
    }
    batch
}

/// Whether the expiry index lists a record at this time. Before 1970 there is no place in it.
fn expires(record: &DataRecord, at: Timestamp) -> bool {
    record.expires_at.map(|expires| expires.max(Timestamp::default())) == Some(at)
}

/// Plans `delete` and `deleteMany`: the records that exist, with their access counts. `seen` is what a read found under
/// each key. An empty batch means that none exists.
#[must_use]
pub fn plan_delete(scope: &DataScope, keys: &[String], seen: &[Option<Entry>]) -> Batch {
    let mut batch = Batch::default();
    for (key, seen) in keys.iter().zip(seen) {
        // Also of those that are not there: another tab may have set one just now.
        batch.check(Check::unchanged(scope.record(key), seen.as_ref()));
        if let Some(entry) = seen {
            batch.delete(entry.key.clone());
            batch.delete(scope.access(key));
        }
    }
    batch
}

/// Plans the removal of the records whose key begins with `prefix`. The first range of the batch is theirs.
#[must_use]
pub fn plan_delete_by_prefix(scope: &DataScope, prefix: &str) -> Batch {
    let mut batch = Batch::default();
    batch.delete_range(scope.records_from_prefix(prefix));
    batch.delete_range(scope.accesses_from_prefix(prefix));
    batch
}

/// What an import does with a key that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// The imported record takes its place.
    #[default]
    Replace,
    /// The stored record stays.
    Skip,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Imported {
    /// Records written.
    pub imported: usize,
    /// Records left alone because their key existed.
    pub skipped: usize,
}

/// Plans an import. `seen` is what a read found under each document's key.
///
/// # Errors
///
/// [`crate::ErrorKind::LimitExceeded`] for a field of 4 GiB.
pub fn plan_import(documents: &[Document], existing: Existing, seen: &[Option<Entry>]) -> Result<(Batch, Imported)> {
    let mut batch = Batch::default();
    let mut result = Imported::default();
    for (document, seen) in documents.iter().zip(seen) {
        if seen.is_some() && existing == Existing::Skip {
            result.skipped += 1;
            continue;
        }
        let scope = document.scope();
        let (record, access) = (scope.record(&document.key), scope.access(&document.key));
        batch.check(Check::unchanged(record.clone(), seen.as_ref()));
        batch.put(record, document.record.encode()?);
        if let Some(at) = document.record.expires_at {
            batch.put(scope.expiry(at, &document.key), Bytes::default());
        }
        if document.access.count > 0 {
            batch.put(access, document.access.encode()?);
        } else {
            batch.delete(access);
        }
        result.imported += 1;
    }
    Ok((batch, result))
}
