//! One open database: a backend, a clock, and the discipline of its calls.

use super::access_log::AccessLog;
use super::calls::Calls;
use super::clock::{Clock, SystemClock};
use super::data_store::{DataStore, DataStoreOptions};
use super::key_locks::KeyLocks;
use crate::backend::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Committed, Durability, Entry, ReadRange};
use crate::model::tuple::Key;
use crate::model::{Timestamp, access};
use std::rc::Rc;

/// How often a change is tried while other writers keep changing the same keys.
const MAX_ATTEMPTS: usize = 64;

/// How many records' access counts one commit writes.
const FLUSH_CHUNK: usize = 1_000;

/// Decides what to commit from what is stored under the keys of a change, in their order. Called once more where another
/// writer came between; an empty batch is not committed.
pub(crate) type Plan<'a> = &'a mut dyn FnMut(&[Option<Entry>]) -> Result<Batch>;

/// Options of [`Database::new`].
pub struct DatabaseOptions {
    /// How its commits are kept.
    pub durability: Durability,
    /// Where times come from.
    pub clock: Rc<dyn Clock>,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self { durability: Durability::Relaxed, clock: Rc::new(SystemClock) }
    }
}

/// One open database. Cheap to clone; clones are the same database.
///
/// ```
/// use agent_datastore::{backend::memory::Memory, store::{Database, DataStoreOptions}, Json};
///
/// # pollster::block_on(async {
/// let database = Database::new(Memory::new(), Default::default());
/// let notes = database.data_store(DataStoreOptions { user: "ada".into(), ..Default::default() });
/// notes.set("greeting", Json::parse(r#"{"text": "hello"}"#)?, None).await?;
/// assert_eq!(notes.get("greeting").await?.unwrap().as_str(), r#"{"text":"hello"}"#);
/// database.close().await?;
/// # Ok::<(), agent_datastore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Database(Rc<Inner>);

struct Inner {
    backend: Box<dyn Backend>,
    options: DatabaseOptions,
    locks: KeyLocks,
    calls: Calls,
    accesses: AccessLog,
}

impl Database {
    /// A database on an open backend.
    #[must_use]
    pub fn new(backend: impl Backend + 'static, options: DatabaseOptions) -> Self {
        Self(Rc::new(Inner {
            backend: Box::new(backend),
            options,
            locks: KeyLocks::default(),
            calls: Calls::default(),
            accesses: AccessLog::default(),
        }))
    }

    /// A data store of one user. Costs nothing and creates nothing.
    #[must_use]
    pub fn data_store(&self, options: DataStoreOptions) -> DataStore {
        DataStore::new(self.clone(), options)
    }

    /// Writes the access counts gathered so far, and makes every commit acknowledged so far survive a power cut.
    ///
    /// # Errors
    ///
    /// Those of the backend; counts that could not be written are kept for the next time.
    pub async fn flush(&self) -> Result<()> {
        let _call = self.0.calls.begin()?;
        self.write_accesses().await?;
        let barrier = Batch { durability: Durability::Strict, ..Batch::default() };
        self.0.backend.commit(barrier).await.map(drop)
    }

    /// Writes the access counts gathered so far.
    ///
    /// # Errors
    ///
    /// Those of the backend; counts that could not be written are kept for the next time.
    pub async fn flush_accesses(&self) -> Result<()> {
        let _call = self.0.calls.begin()?;
        self.write_accesses().await
    }

    /// Whether reads were counted that are not written yet.
    #[must_use]
    pub fn has_unwritten_accesses(&self) -> bool {
        !self.0.accesses.is_empty()
    }

    /// Waits for the calls under way, writes what is buffered, and closes the backend. Closing again does nothing.
    ///
    /// # Errors
    ///
    /// Those of writing the access counts; the backend is closed all the same.
    pub async fn close(&self) -> Result<()> {
        self.0.calls.finish().await;
        let written = if self.0.accesses.is_empty() { Ok(()) } else { self.write_accesses().await };
        self.0.backend.close().await?;
        written
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.options.clock.now()
    }

    pub(crate) fn accesses(&self) -> &AccessLog {
        &self.0.accesses
    }

    /// Reads in one snapshot.
    pub(crate) async fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
        let _call = self.0.calls.begin()?;
        self.0.backend.read(ranges).await
    }

    /// Commits a batch that depends on nothing read.
    pub(crate) async fn commit(&self, mut batch: Batch) -> Result<Committed> {
        let _call = self.0.calls.begin()?;
        batch.durability = self.0.options.durability;
        self.0.backend.commit(batch).await
    }

    /// Reads `keys`, lets `plan` decide, and commits its batch.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] after many attempts, and those of `plan` and of the backend. Nothing was written.
    pub(crate) async fn change(&self, keys: Vec<Key>, keys_only: bool, plan: Plan<'_>) -> Result<()> {
        let _call = self.0.calls.begin()?;
        self.change_within_call(keys, keys_only, plan).await
    }

    async fn change_within_call(&self, keys: Vec<Key>, keys_only: bool, plan: Plan<'_>) -> Result<()> {
        let _turn = self.0.locks.lock(keys.iter().cloned()).await;
        let ranges: Vec<_> = keys.into_iter().map(|key| ReadRange { keys_only, ..ReadRange::point(key) }).collect();
        for _ in 0..MAX_ATTEMPTS {
            let found = self.0.backend.read(&ranges).await?;
            let found: Vec<_> = found.into_iter().map(|entries| entries.into_iter().next()).collect();
            let mut batch = plan(&found)?;
            if batch.operations.is_empty() {
                return Ok(());
            }
            batch.durability = self.0.options.durability;
            match self.0.backend.commit(batch).await {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            format!("other writers changed the same keys {MAX_ATTEMPTS} times in a row; nothing was written"),
        ))
    }

    async fn write_accesses(&self) -> Result<()> {
        let mut gathered = self.0.accesses.take();
        while !gathered.is_empty() {
            let rest = gathered.split_off(gathered.len().min(FLUSH_CHUNK));
            let records = gathered.iter().map(|((scope, key), _)| scope.record(key));
            let counts = gathered.iter().map(|((scope, key), _)| scope.access(key));
            let keys = records.chain(counts).collect();
            let written = self
                .change_within_call(keys, false, &mut |found| {
                    let (records, counts) = found.split_at(found.len() / 2);
                    let mut batch = Batch::default();
                    for ((((scope, key), reads), record), count) in gathered.iter().zip(records).zip(counts) {
                        access::plan_flush(&mut batch, scope.access(key), record.as_ref(), count.as_ref(), reads)?;
                    }
                    Ok(batch)
                })
                .await;
            if let Err(error) = written {
                gathered.extend(rest);
                self.0.accesses.put_back(gathered);
                return Err(error);
            }
            gathered = rest;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("durability", &self.0.options.durability).finish_non_exhaustive()
    }
}
