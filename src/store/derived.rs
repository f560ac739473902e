//! What follows from records: entries that are written in the same commit as those, whoever changes them.
//!
//! Every commit that changes records checks the mark that some namespace declares something. Where there is none, as mostly, that is all;
//! so nobody can change records while a declaration comes that has to be heeded.

use super::database::{Attempts, Database};
use super::key_locks::KeyGuard;
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Committed, Entry, Lookup, Operation, ReadRange};
use crate::model::content::References;
use crate::model::data_record::DataRecord;
use crate::model::find::Indexes;
use crate::model::keyspace::{self, DataScope};
use crate::model::repeats::sorted;
use crate::model::tuple::Key;

/// How many records are read at a time where a range of them is deleted.
const PIECE: u32 = 1_000;

/// A batch with what follows from it.
#[derive(Debug)]
pub(super) struct Followed {
    batch: Batch,
    /// Of each range deletion how many entries it removes, where it became deletions of single records.
    removed: Vec<Option<u64>>,
    /// The turn of those who count references, until it is committed.
    turn: Option<KeyGuard>,
}

/// A namespace whose records are changed.
#[derive(Debug)]
struct Namespace {
    scope: DataScope,
    declared: Indexes,
    /// How that is stored.
    stored: Option<Entry>,
    changes: Changes,
}

/// What becomes of the records of one namespace.
#[derive(Debug, Default)]
struct Changes {
    /// What is put under a key, or that it is deleted; of one that comes twice the last counts.
    keys: Vec<(Key, Option<Bytes>)>,
    /// Whether all of it is deleted.
    is_cleared: bool,
}

impl Followed {
    /// What the batch did, as its maker knows it.
    fn committed(self, committed: Committed) -> Committed {
        if self.removed.is_empty() {
            return committed;
        }
        let mut counted = committed.removed.into_iter();
        let removed = self.removed.into_iter().map(|known| known.or_else(|| counted.next()).unwrap_or_default());
        Committed { removed: removed.collect(), ..committed }
    }
}

impl Database {
    /// Commits a batch with what follows from it, within a call.
    pub(super) async fn commit_derived(&self, mut batch: Batch) -> Result<Committed> {
        batch.durability = self.durability();
        let is_of_records = |operation: &Operation| match operation {
            Operation::Put { key, .. } | Operation::Delete { key } | Operation::DeleteRange { start: key, .. } => {
                keyspace::is_of_records(key)
            }
        };
        let backend = self.backend();
        if !batch.operations.iter().any(is_of_records) {
            return backend.commit(batch).await;
        }
        // Who depends on nothing that was read need not know that something was declared meanwhile.
        let is_blind = batch.checks.is_empty();
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let given = if is_blind { batch.clone() } else { std::mem::take(&mut batch) };
            let mut followed = self.follow(given).await?;
            match backend.commit(std::mem::take(&mut followed.batch)).await {
                Ok(committed) => return Ok(followed.committed(committed)),
                Err(error) if is_blind && error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds what follows from a batch that changes records, and the checks that it does.
    async fn follow(&self, mut batch: Batch) -> Result<Followed> {
        let mark = keyspace::declares();
        let seen = self.backend().get(&[Lookup::of(&mark)]).await?.into_iter().next().flatten();
        batch.check(Check::unchanged(mark, seen.as_ref()));
        let brings_bytes = |operation: &Operation| matches!(operation, Operation::Put { key, value } if keyspace::is_of_records(key) && DataRecord::has_bytes(value));
        let mut followed = Followed { batch, removed: Vec::new(), turn: None };
        if seen.is_none() && !followed.batch.operations.iter().any(brings_bytes) {
            return Ok(followed);
        }
        // A range of which single records are deleted has to be a new one.
        let operations = std::mem::take(&mut followed.batch.operations);
        let mut namespaces: Vec<Namespace> = Vec::new();
        let mut references = References::default();
        for operation in operations {
            let key = match &operation {
                Operation::Put { key, .. } | Operation::Delete { key } | Operation::DeleteRange { start: key, .. } => {
                    key
                }
            };
            let scope = if keyspace::is_of_records(key) { keyspace::scope_of_records(key) } else { None };
            let Some(scope) = scope else {
                if matches!(operation, Operation::DeleteRange { .. }) {
                    followed.removed.push(None);
                }
                references.brought(&operation);
                followed.batch.operations.push(operation);
                continue;
            };
            // Mostly it is that of the operation before.
            let place = match namespaces.iter().rposition(|known| known.scope == scope) {
                Some(place) => place,
                None => {
                    let (declared, stored) = self.declared(&scope).await?;
                    namespaces.push(Namespace { scope, declared, stored, changes: Changes::default() });
                    namespaces.len() - 1
                }
            };
            let Some(Namespace { scope, declared, stored, changes }) = namespaces.get_mut(place) else { continue };
            if !declared.has_bytes && brings_bytes(&operation) {
                declared.has_bytes = true;
                followed.batch.check(Check::unchanged(scope.declared(), stored.as_ref()));
                followed.batch.put(scope.declared(), declared.encode()?);
                followed.batch.put(keyspace::declares(), Bytes::default());
            }
            match operation {
                Operation::Put { key, value } => {
                    changes.keys.push((key.clone(), Some(value.clone())));
                    followed.batch.put(key, value);
                }
                Operation::Delete { key } => {
                    changes.keys.push((key.clone(), None));
                    followed.batch.delete(key);
                }
                Operation::DeleteRange { start, end } if declared.is_empty() => {
                    followed.removed.push(None);
                    followed.batch.operations.push(Operation::DeleteRange { start, end });
                }
                Operation::DeleteRange { start, end } => {
                    let range = ReadRange::between(start, end);
                    if range == scope.records() && !declared.has_bytes {
                        *changes = Changes { is_cleared: true, ..Changes::default() };
                        followed.removed.push(None);
                        followed.batch.delete_range(range);
                        continue;
                    }
                    // One by one, for each has its check: none can come meanwhile whose entries would stay.
                    let records = self.records_in(range).await?;
                    followed.removed.push(Some(records.len() as u64));
                    for entry in records {
                        followed.batch.check(Check::unchanged(entry.key.clone(), Some(&entry)));
                        followed.batch.delete(entry.key.clone());
                        changes.keys.push((entry.key, None));
                    }
                }
            }
        }
        for namespace in namespaces {
            if !namespace.declared.is_empty() {
                self.follow_records(&mut followed.batch, namespace, &mut references).await?;
            }
        }
        followed.turn = self.count_references(&mut followed.batch, references).await?;
        Ok(followed)
    }

    /// What a namespace declares, and how that is stored.
    pub(super) async fn declared(&self, scope: &DataScope) -> Result<(Indexes, Option<Entry>)> {
        let key = scope.declared();
        let seen = self.backend().get(&[Lookup::of(&key)]).await?.into_iter().next().flatten();
        let declared = seen.as_ref().map(|entry| Indexes::decode(&entry.value)).transpose();
        let declared =
            declared.map_err(|error| error.at(format_args!("what the namespace {:?} declares", scope.namespace)))?;
        Ok((declared.unwrap_or_default(), seen))
    }

    /// What is there before anything expires, without the values: who commits has seen to that.
    async fn records_in(&self, mut range: ReadRange) -> Result<Vec<Entry>> {
        let mut records = Vec::new();
        let mut piece = PIECE;
        loop {
            let found = match self.backend().read(&[range.clone().limit(piece)]).await {
                Err(error) if piece > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    piece /= 2;
                    continue;
                }
                found => found?.into_iter().next().unwrap_or_default(),
            };
            let is_end = found.len() < piece as usize;
            if let Some(last) = found.last() {
                range = range.after(&last.key);
            }
            records.extend(found.into_iter().map(|entry| Entry { value: Bytes::default(), ..entry }));
            if is_end {
                return Ok(records);
            }
        }
    }

    async fn follow_records(&self, batch: &mut Batch, namespace: Namespace, references: &mut References) -> Result<()> {
        let Namespace { scope, declared, changes, .. } = namespace;
        if changes.is_cleared {
            batch.delete_range(scope.indexes());
        }
        let mut places = sorted(changes.keys.iter().map(|(key, _)| key.as_bytes()));
        places.reverse();
        places.dedup_by_key(|(key, _)| *key);
        let changed: Vec<_> = places.iter().filter_map(|(_, place)| changes.keys.get(*place)).collect();
        let mut left = changed.as_slice();
        let mut piece = PIECE as usize;
        while !left.is_empty() {
            let (records, rest) = left.split_at_checked(piece).unwrap_or((left, &[]));
            let lookups: Vec<_> = records.iter().map(|(key, _)| Lookup::of(key)).collect();
            let seen = match self.backend().get(&lookups).await {
                // They are too large to be read together.
                Err(error) if piece > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    piece /= 2;
                    continue;
                }
                seen => seen?,
            };
            for ((record, new), seen) in records.iter().zip(&seen) {
                batch.check(Check::unchanged(record.clone(), seen.as_ref()));
                if declared.has_bytes {
                    references.replaced(&scope.user, seen.as_ref().map(|old| &*old.value), new.as_deref());
                }
            }
            if !declared.list.is_empty() {
                follow_indexes(batch, &scope, &declared, records, if changes.is_cleared { &[] } else { &seen })?;
            }
            left = rest;
        }
        Ok(())
    }
}

/// Adds what indexes list of records that are changed, and removes what they listed of what was `seen`, where there was something.
fn follow_indexes(
    batch: &mut Batch,
    scope: &DataScope,
    declared: &Indexes,
    records: &[&(Key, Option<Bytes>)],
    seen: &[Option<Entry>],
) -> Result<()> {
    let lister = declared.lister();
    let names = scope.names();
    for (place, (record, new)) in records.iter().enumerate() {
        let key = names.of(record)?;
        // What cannot be read is not listed.
        let seen = seen.get(place).and_then(Option::as_ref);
        let old = seen.map(|entry| lister.keys(scope, &key, &entry.value).unwrap_or_default()).unwrap_or_default();
        let new = new.as_ref().map(|value| lister.entries(scope, &key, value, None)).transpose()?.unwrap_or_default();
        for key in old.iter().filter(|key| new.iter().all(|(other, _)| other != *key)) {
            batch.delete(key.clone());
        }
        // An entry without a copy stays as it is, where it is there already: who builds the index leaves what has changed to who changed it. One that
        // had a copy is there with its new one, or none.
        for (place, (key, copy)) in new.into_iter().enumerate() {
            if declared.list.get(place).is_some_and(|index| index.is_covering || !index.is_ready) || !old.contains(&key)
            {
                batch.put(key, copy);
            }
        }
    }
    Ok(())
}
