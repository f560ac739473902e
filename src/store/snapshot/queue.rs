//! What a snapshot store was given and has not made yet: first come, first made.

use super::SnapshotStore;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::batch::{Batch, Check, Entry, Lookup, ReadRange};
use crate::model::import::Existing;
use crate::model::json::Json;
use crate::model::keyspace::SnapshotScope;
use crate::model::repeats::first_places;
use crate::model::snapshot::files::Saved;
use crate::model::snapshot::rules::Slot;
use crate::model::tuple::Key;
use crate::store::database::Attempts;
use crate::store::key_locks::{KeyLocks, Mode};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// About how many bytes of values go into one commit; one larger value is a commit of its own.
const COMMIT_BYTES: usize = 8 * 1024 * 1024;
/// How many changes go into one commit.
const COMMIT_CHANGES: usize = 1_000;
/// How many keys are pruned in one commit.
const PRUNED_AT_ONCE: usize = 256;

/// A change.
#[derive(Debug)]
pub(super) enum Change {
    /// The key, the value, and when it was given.
    Save(String, Json, Timestamp),
    Delete(String),
    DeleteAll,
    /// One key or all, and how many versions stay beside the current one.
    Prune(Option<String>, usize),
    /// What was read of files, and when.
    Import(Vec<Saved>, Existing, Timestamp),
}

/// A change in the queue, and what became of it: how many it was about.
#[derive(Debug)]
pub(super) struct Queued {
    change: Change,
    outcome: RefCell<Option<Result<usize>>>,
}

/// The queue of one store.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// They stay here until they are made, so that who gives up in the middle loses nothing.
    waiting: RefCell<VecDeque<Rc<Queued>>>,
    is_closed: Cell<bool>,
    turns: KeyLocks,
}

impl Queue {
    pub(super) fn close(&self) {
        self.is_closed.set(true);
    }

    pub(super) fn check_open(&self) -> Result<()> {
        if self.is_closed.get() {
            return Err(Error::new(ErrorKind::Closed, "the snapshot store is closed"));
        }
        Ok(())
    }

    fn put(&self, change: Change) -> Result<Rc<Queued>> {
        self.check_open()?;
        let queued = Rc::new(Queued { change, outcome: RefCell::default() });
        self.waiting.borrow_mut().push_back(queued.clone());
        Ok(queued)
    }

    /// The next ones that can go into one commit: saves, or another change.
    fn next(&self) -> Vec<Rc<Queued>> {
        let mut bytes = 0;
        let together = |queued: &&Rc<Queued>| match &queued.change {
            Change::Save(_, value, _) => {
                let is_first = bytes == 0;
                bytes += value.as_str().len() + 1;
                is_first || bytes <= COMMIT_BYTES
            }
            _ => false,
        };
        let waiting = self.waiting.borrow();
        let saves: Vec<_> = waiting.iter().take(COMMIT_CHANGES).take_while(together).cloned().collect();
        if saves.is_empty() { waiting.front().cloned().into_iter().collect() } else { saves }
    }

    fn settle(&self, queued: &Queued, outcome: Result<usize>) {
        queued.outcome.replace(Some(outcome));
        self.waiting.borrow_mut().pop_front();
    }
}

impl SnapshotStore {
    /// Puts a change into the queue. Resolves when it is made.
    pub(super) fn change(&self, change: Result<Change>) -> impl Future<Output = Result<usize>> + use<> {
        let is_open = self.database.begin().map(drop);
        let queued = is_open.and(change).and_then(|change| self.queue.put(change));
        let store = self.clone();
        async move {
            let queued = queued?;
            // Not before: closing the database waits for calls, and nobody may ever poll this.
            let _call = store.database.begin()?;
            loop {
                if let Some(outcome) = queued.outcome.borrow().clone() {
                    return outcome;
                }
                store.make_some().await;
            }
        }
    }

    /// Waits until all that is in the queue now is made.
    pub(super) async fn made(&self) {
        let last = self.queue.waiting.borrow().back().cloned();
        while last.as_ref().is_some_and(|last| last.outcome.borrow().is_none()) {
            self.make_some().await;
        }
    }

    /// Makes what is next in the queue, when the turn has come.
    async fn make_some(&self) {
        let _turn = self.queue.turns.lock(vec![(Key::new(), Mode::Alone)]).await;
        let some = self.queue.next();
        let changes: Vec<&Change> = some.iter().map(|queued| &queued.change).collect();
        let outcome = self.make(&changes).await;
        let is_alone = changes.len() <= 1;
        for queued in &some {
            // Of several that fail together each is tried by itself: one must not fail because of another.
            let outcome = match &outcome {
                Err(error) if !is_alone && is_of_one(error.kind()) => self.make(&[&queued.change]).await,
                outcome => outcome.clone(),
            };
            self.queue.settle(queued, outcome);
        }
    }

    async fn make(&self, changes: &[&Change]) -> Result<usize> {
        match changes {
            [Change::Delete(key)] => self.make_delete(key).await,
            [Change::DeleteAll] => self.make_delete_all().await,
            [Change::Prune(key, keep)] => self.make_prune(key.as_deref(), *keep).await,
            [Change::Import(saved, existing, at)] => self.make_import(saved, *existing, *at).await,
            _ => self.make_saves(changes).await,
        }
    }

    async fn make_saves(&self, changes: &[&Change]) -> Result<usize> {
        let saves: Vec<(&str, &Json, Timestamp)> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Save(key, value, at) => Some((key.as_str(), value, *at)),
                _ => None,
            })
            .collect();
        // Of each key there is one slot, where it comes first.
        let first = first_places(saves.iter().map(|(key, ..)| key.as_bytes()));
        let mut slot_of = Vec::with_capacity(saves.len());
        let mut keys: Vec<(SnapshotScope, &str)> = Vec::new();
        for (place, ((key, ..), first)) in saves.iter().zip(first).enumerate() {
            slot_of.push(if first == place { keys.len() } else { slot_of.get(first).copied().unwrap_or_default() });
            if first == place {
                keys.push((self.scope.clone(), key));
            }
        }
        self.change_slots(&keys, self.history > 0, &mut |slots, batch| {
            for ((_, value, at), slot) in saves.iter().zip(&slot_of) {
                if let Some(slot) = slots.get_mut(*slot) {
                    slot.save((*value).clone(), *at, self.history, batch);
                }
            }
            Ok(saves.len())
        })
        .await
    }

    /// Reads keys, lets `change` say what becomes of them, and commits that; again, where somebody else was faster. Returns what `change` did.
    pub(super) async fn change_slots(
        &self,
        keys: &[(SnapshotScope, &str)],
        with_history: bool,
        change: &mut dyn FnMut(&mut [Slot], &mut Batch) -> Result<usize>,
    ) -> Result<usize> {
        let snapshots: Vec<Key> = keys.iter().map(|(scope, key)| scope.snapshot(key)).collect();
        let _turns = self.database.take_turns(snapshots.iter().map(|key| (key.clone(), Mode::Alone)).collect()).await;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let mut past = Vec::new();
            let found = if with_history {
                let mut ranges: Vec<ReadRange> = snapshots.iter().cloned().map(ReadRange::point).collect();
                ranges.extend(keys.iter().map(|(scope, key)| scope.all_past(key)));
                let mut found = self.database.read(&ranges).await?;
                past = found.split_off(snapshots.len());
                found.into_iter().map(|mut entries| entries.pop()).collect()
            } else {
                let lookups: Vec<_> = snapshots.iter().map(Lookup::of).collect();
                self.database.get(&lookups).await?
            };
            past.resize(keys.len(), Vec::new());
            let mut slots = Vec::with_capacity(keys.len());
            for (((scope, key), seen), past) in keys.iter().zip(found).zip(&past) {
                slots.push(Slot::new(scope.clone(), (*key).to_owned(), seen, past)?);
            }
            let mut batch = Batch::default();
            let count = change(&mut slots, &mut batch)?;
            slots.into_iter().for_each(|slot| slot.finish(&mut batch));
            if batch.operations.is_empty() || self.database.try_commit(batch).await? {
                return Ok(count);
            }
        }
    }

    async fn make_delete(&self, key: &str) -> Result<usize> {
        let snapshot = self.scope.snapshot(key);
        let mut count = 0;
        let mut plan = |found: &[Option<Entry>]| {
            let mut batch = Batch::default();
            let seen = found.iter().flatten().next();
            count = seen.iter().count();
            if seen.is_some() {
                // Where another tab was faster it is that one's deletion.
                batch.check(Check::unchanged(snapshot.clone(), seen));
                batch.delete(snapshot.clone());
                self.scope.history(key).into_iter().for_each(|range| batch.delete_range(range));
            }
            Ok(batch)
        };
        let turns = vec![(snapshot.clone(), Mode::Alone)];
        let _turn = self.database.change(turns, &[Lookup::existence(&snapshot)], &mut plan).await?;
        Ok(count)
    }

    async fn make_delete_all(&self) -> Result<usize> {
        let mut batch = Batch::default();
        // The first range is that of the snapshots themselves.
        self.scope.everything().into_iter().for_each(|range| batch.delete_range(range));
        let (_turn, committed) = self.database.commit(Vec::new(), batch).await?;
        Ok(committed.removed.first().map_or(0, |count| usize::try_from(*count).unwrap_or(usize::MAX)))
    }

    async fn make_prune(&self, key: Option<&str>, keep: usize) -> Result<usize> {
        // Another tab may have saved something since.
        self.database.catch_up().await?;
        let mut places: Vec<(Vec<String>, String)> = Vec::new();
        if let Some(key) = key {
            places.push((Vec::new(), key.to_owned()));
        } else {
            let [_, past, _] = self.scope.everything();
            let mut take = |entry: Entry| {
                places.push(self.scope.place_of(&entry.key)?);
                Ok(true)
            };
            self.database.scan(past.keys_only(), &mut take).await?;
            places.dedup();
        }
        let keys: Vec<_> = places.iter().map(|(path, key)| (self.scope.below(path), key.as_str())).collect();
        let mut prune =
            |slots: &mut [Slot], batch: &mut Batch| Ok(slots.iter_mut().map(|slot| slot.prune(keep, batch)).sum());
        let mut count = 0;
        let mut left: Vec<&[(SnapshotScope, &str)]> = keys.chunks(PRUNED_AT_ONCE).rev().collect();
        while let Some(some) = left.pop() {
            match self.change_slots(some, true, &mut prune).await {
                // So many of these values are too many for one read.
                Err(error) if error.kind() == ErrorKind::LimitExceeded && some.len() > 1 => {
                    let (first, second) = some.split_at(some.len() / 2);
                    left.extend([second, first]);
                }
                pruned => count += pruned?,
            }
        }
        Ok(count)
    }
}

/// Whether such an error may be that of one change among several, and the others can be tried. After others nobody knows what became of them, or
/// each would take as long again.
const fn is_of_one(kind: ErrorKind) -> bool {
    use ErrorKind::{Conflict, Corrupt, LimitExceeded, NewerVersion, QuotaExceeded};
    matches!(kind, LimitExceeded | Corrupt | NewerVersion | Conflict | QuotaExceeded)
}
