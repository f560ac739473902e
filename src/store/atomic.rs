//! Commits of many changes, in any of the stores, all or nothing, on the condition that certain versions are still there.

use super::data_store::{Alteration, DataStore};
use super::database::{Attempts, Database};
use super::key_locks::Mode;
use super::snapshot::SnapshotStore;
use crate::backend::overlay::Overlay;
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Check, Expect, Lookup, Version};
use crate::model::combine::Combine;
use crate::model::data_record::Metadata;
use crate::model::json::Json;
use crate::model::tuple::Key;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// A change, made on the database that it is given. Made again where others were faster.
type Step = Rc<dyn Fn(Database) -> LocalBoxFuture<'static, Result<()>>>;

/// Changes that are gathered, and made together by [`Self::commit`]: all of them, or none. Later ones see what earlier ones did.
/// Nothing is read or held until then. Clones are copies.
///
/// ```
/// use agent_datastore::{backend::memory::Memory, store::Database, Json};
///
/// # pollster::block_on(async {
/// let database = Database::new(Memory::new(), Default::default());
/// let (tasks, done) = (database.data_store(Default::default()).use_namespace("tasks"), database.data_store(Default::default()));
/// tasks.set("t1", Json::parse("\"write\"")?, None).await?;
/// let (task, version) = tasks.get_with_version("t1").await?.unwrap();
/// let mut atomic = database.atomic();
/// atomic.check(&tasks, "t1", Some(version)).delete(&tasks, "t1").set(&done, "t1", task, None).sum(&done, "count", 1.0);
/// assert!(atomic.commit().await?.is_some());
/// // What was checked is not there any more.
/// assert!(atomic.commit().await?.is_none());
/// assert_eq!(done.get("count").await?.unwrap().as_str(), "1");
/// # Ok::<(), agent_datastore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Atomic {
    database: Database,
    checks: Vec<Check>,
    steps: Vec<Step>,
    turns: Vec<(Key, Mode)>,
    /// Whose counted reads are forgotten.
    deleted: Vec<(DataStore, String)>,
}

impl Atomic {
    pub(super) const fn new(database: Database) -> Self {
        Self { database, checks: Vec::new(), steps: Vec::new(), turns: Vec::new(), deleted: Vec::new() }
    }

    /// On the condition that the record of a key has this version; with `None`, that there is none.
    pub fn check(&mut self, store: &DataStore, key: &str, version: Option<Version>) -> &mut Self {
        self.checks
            .push(Check { key: store.scope().record(key), expect: version.map_or(Expect::Absent, Expect::Version) });
        self
    }

    /// As [`DataStore::set`].
    pub fn set(&mut self, store: &DataStore, key: &str, value: Json, metadata: Option<Metadata>) -> &mut Self {
        self.alter(store, key, Alteration::Set(value, metadata.unwrap_or_else(Metadata::empty)))
    }

    /// As [`DataStore::delete`].
    pub fn delete(&mut self, store: &DataStore, key: &str) -> &mut Self {
        self.deleted.push((store.clone(), key.to_owned()));
        self.alter(store, key, Alteration::Delete)
    }

    /// Adds to the number under a key; where there is none, it is `by` from then on.
    pub fn sum(&mut self, store: &DataStore, key: &str, by: f64) -> &mut Self {
        self.combine(store, key, Combine::Sum(by))
    }

    /// Lowers the number under a key to this one; where there is none, it is this one.
    pub fn min(&mut self, store: &DataStore, key: &str, number: f64) -> &mut Self {
        self.combine(store, key, Combine::Min(number))
    }

    /// Raises the number under a key to this one; where there is none, it is this one.
    pub fn max(&mut self, store: &DataStore, key: &str, number: f64) -> &mut Self {
        self.combine(store, key, Combine::Max(number))
    }

    /// Adds values to the end of the array under a key; where there is none, they are one.
    pub fn append(&mut self, store: &DataStore, key: &str, items: Vec<Json>) -> &mut Self {
        self.combine(store, key, Combine::Append(items))
    }

    /// As [`SnapshotStore::save`].
    pub fn save(&mut self, store: &SnapshotStore, key: &str, value: Json) -> &mut Self {
        let (store, key) = (store.clone(), key.to_owned());
        self.step(Vec::new(), move |database| {
            let saved = store.on(database).save(&key, value.clone());
            Box::pin(saved)
        })
    }

    /// Any other change. `step` has to make it on the database that it is given, and only there: that is this one, with what the steps before
    /// did. It is called once more where others changed something that it read.
    pub fn then(&mut self, step: impl Fn(Database) -> LocalBoxFuture<'static, Result<()>> + 'static) -> &mut Self {
        self.step(Vec::new(), step)
    }

    /// Makes all changes in one commit, and gives its number, which all records have from then on that it wrote. `None` where a check
    /// did not hold; then nothing was changed. Can be called again.
    ///
    /// # Errors
    ///
    /// Those of the changes, with nothing changed; [`ErrorKind::Conflict`] where others changed what is not checked, but was read, many times in a row;
    /// and those of the backend.
    pub async fn commit(&self) -> Result<Option<Version>> {
        let _call = self.database.begin()?;
        let _turns = self.database.take_turns(self.turns.clone()).await;
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            if !self.holds().await? {
                if is_fresh {
                    return Ok(None);
                }
                // What is known here may be older than what is checked.
                self.database.catch_up().await?;
                is_fresh = true;
                continue;
            }
            let overlay = Rc::new(Overlay::new(self.database.backend()));
            let database = self.database.over(overlay.clone());
            let made = self.make(&database).await;
            if let Err(error) = made {
                if is_fresh {
                    return Err(error);
                }
                // It may be about what another tab has changed since.
                self.database.catch_up().await?;
                is_fresh = true;
                continue;
            }
            let mut batch = overlay.take();
            batch.checks.extend(self.checks.iter().cloned());
            match self.database.commit_gathered(batch).await {
                Ok(committed) => {
                    self.deleted.iter().for_each(|(store, key)| self.database.accesses().forget(store.scope(), key));
                    return Ok(Some(committed.version));
                }
                Err(error) if error.kind() == ErrorKind::Conflict => is_fresh = false,
                Err(error) => return Err(error),
            }
        }
    }

    async fn make(&self, database: &Database) -> Result<()> {
        for step in &self.steps {
            step(database.clone()).await?;
        }
        Ok(())
    }

    /// Whether the checks hold, as far as is known here.
    async fn holds(&self) -> Result<bool> {
        let lookups: Vec<_> = self.checks.iter().map(|check| Lookup::of(&check.key)).collect();
        let found = self.database.get(&lookups).await?;
        let versions = found.iter().map(|entry| entry.as_ref().and_then(|entry| entry.version));
        Ok(self.checks.iter().zip(versions).all(|(check, version)| check.holds(version)))
    }

    fn combine(&mut self, store: &DataStore, key: &str, combine: Combine) -> &mut Self {
        self.alter(store, key, Alteration::Combine(combine))
    }

    fn alter(&mut self, store: &DataStore, key: &str, alteration: Alteration) -> &mut Self {
        let turns = vec![(store.scope().record(key), Mode::Alone), (store.scope().turn(), Mode::Shared)];
        let (store, key, alteration) = (store.clone(), key.to_owned(), Rc::new(alteration));
        self.step(turns, move |database| {
            let (store, key, alteration) = (store.on(database), key.clone(), alteration.clone());
            Box::pin(async move { store.alter(&key, &alteration).await })
        })
    }

    fn step(
        &mut self,
        turns: Vec<(Key, Mode)>,
        step: impl Fn(Database) -> LocalBoxFuture<'static, Result<()>> + 'static,
    ) -> &mut Self {
        self.turns.extend(turns);
        self.steps.push(Rc::new(step));
        self
    }
}

impl std::fmt::Debug for Atomic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Atomic")
            .field("checks", &self.checks)
            .field("changes", &self.steps.len())
            .finish_non_exhaustive()
    }
}
