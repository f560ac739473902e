//! What follows from records: entries that are written in the same commit as those, whoever changes them.
//!
//! Every commit that changes records checks the mark that some namespace declares something. Where there is none, as mostly, that is all;
//! so nobody can change records while a declaration comes that has to be heeded.

use super::database::{Attempts, Database};
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Committed, Entry, Lookup, Operation, ReadRange};
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
        let mut followed = Followed { batch, removed: Vec::new() };
        if seen.is_none() {
            return Ok(followed);
        }
        // A range of which single records are deleted has to be a new one.
        let operations = std::mem::take(&mut followed.batch.operations);
        let mut namespaces: Vec<(DataScope, Indexes, Changes)> = Vec::new();
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
                followed.batch.operations.push(operation);
                continue;
            };
            // Mostly it is that of the operation before.
            let place = match namespaces.iter().rposition(|(known, ..)| *known == scope) {
                Some(place) => place,
                None => {
                    let (declared, _) = self.declared(&scope).await?;
                    namespaces.push((scope, declared, Changes::default()));
                    namespaces.len() - 1
                }
            };
            let Some((scope, declared, changes)) = namespaces.get_mut(place) else { continue };
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
                    if range == scope.records() {
                        *changes = Changes { is_cleared: true, ..Changes::default() };
                        followed.removed.push(None);
                        followed.batch.delete_range(range);
                        continue;
                    }
                    // One by one, for each has its check: none can come meanwhile whose entries would stay.
                    let mut removed = 0;
                    for entry in self.records_in(range).await? {
                        followed.batch.check(Check::unchanged(entry.key.clone(), Some(&entry)));
                        followed.batch.delete(entry.key.clone());
                        changes.keys.push((entry.key, None));
                        removed += 1;
                    }
                    followed.removed.push(Some(removed));
                }
            }
        }
        for (scope, declared, changes) in namespaces {
            if !declared.is_empty() {
                self.follow_indexes(&mut followed.batch, &scope, &declared, changes).await?;
            }
        }
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

    /// What is there before anything expires: who commits has seen to that.
    async fn records_in(&self, mut range: ReadRange) -> Result<Vec<Entry>> {
        let mut records = Vec::new();
        loop {
            let found = self.backend().read(&[range.clone().limit(PIECE)]).await?;
            let found = found.into_iter().next().unwrap_or_default();
            let is_end = found.len() < PIECE as usize;
            if let Some(last) = found.last() {
                range = range.after(&last.key);
            }
            records.extend(found);
            if is_end {
                return Ok(records);
            }
        }
    }

    async fn follow_indexes(
        &self,
        batch: &mut Batch,
        scope: &DataScope,
        declared: &Indexes,
        changes: Changes,
    ) -> Result<()> {
        let lister = declared.lister();
        let names = scope.names();
        if changes.is_cleared {
            batch.delete_range(scope.indexes());
        }
        let mut places = sorted(changes.keys.iter().map(|(key, _)| key.as_bytes()));
        places.reverse();
        places.dedup_by_key(|(key, _)| *key);
        let keys: Vec<_> = places.iter().filter_map(|(_, place)| changes.keys.get(*place)).collect();
        let lookups: Vec<_> = keys.iter().map(|(key, _)| Lookup::of(key)).collect();
        let seen = self.backend().get(&lookups).await?;
        for ((record, new), seen) in keys.into_iter().zip(seen) {
            let key = names.of(record)?;
            batch.check(Check::unchanged(record.clone(), seen.as_ref()));
            // What cannot be read is not listed.
            let seen = seen.filter(|_| !changes.is_cleared);
            let old = seen.map(|entry| lister.keys(scope, &key, &entry.value).unwrap_or_default()).unwrap_or_default();
            let new = new.as_ref().map(|value| lister.keys(scope, &key, value)).transpose()?.unwrap_or_default();
            for key in old.iter().filter(|key| !new.contains(key)) {
                batch.delete(key.clone());
            }
            for key in new.into_iter().filter(|key| !old.contains(key)) {
                batch.put(key, Bytes::default());
            }
        }
        Ok(())
    }
}
