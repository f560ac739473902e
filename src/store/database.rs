//! One open database: a backend, a clock, and the discipline of its calls.

use super::access_log::AccessLog;
use super::atomic::Atomic;
use super::calls::{Call, Calls};
use super::chat::{MessageStore, MessageStoreOptions};
use super::clock::{Clock, SystemClock};
use super::data_store::{DataStore, DataStoreOptions};
use super::expiry::Expiries;
use super::ids::{Ids, RandomIds};
use super::key_locks::{KeyGuard, KeyLocks, Mode};
use super::presence::{LocalPresence, Presence};
use super::session::Sessions;
use super::snapshot::{SnapshotStore, SnapshotStoreOptions};
use super::updates::Updates;
use crate::backend::feed::{Feed, Feeds};
use crate::backend::health::Health;
use crate::backend::{Backend, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Committed, Durability, Entry, Lookup, ReadRange};
use crate::model::tuple::Key;
use crate::model::{Timestamp, access, keyspace};
use std::cell::Cell;
use std::rc::{Rc, Weak};

/// How often a change is tried while other writers keep changing the same keys.
const MAX_ATTEMPTS: usize = 64;

/// How many records' access counts one commit writes.
const FLUSH_CHUNK: usize = 1_000;

/// How many entries the first piece of a scan has: few, because nothing is known of their size yet.
const FIRST_PIECE: u32 = 8;
/// The most entries of a piece.
const LARGEST_PIECE: u32 = 1_000;
/// About how much one piece of a scan may hold. Bytes.
const PIECE_BYTES: usize = 8 * 1024 * 1024;

/// Decides what to commit from what is stored under the keys of a change, in their order. Called once more where another
/// writer came between; an empty batch is not committed.
pub(crate) type Plan<'a> = &'a mut dyn FnMut(&[Option<Entry>]) -> Result<Batch>;

/// Options of [`Database::new`].
#[derive(Clone)]
pub struct DatabaseOptions {
    /// How its commits are kept.
    pub durability: Durability,
    /// Where times come from.
    pub clock: Rc<dyn Clock>,
    /// Where ids come from.
    pub ids: Rc<dyn Ids>,
    /// What tells of others who write.
    pub presence: Rc<dyn Presence>,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Relaxed,
            clock: Rc::new(SystemClock),
            ids: Rc::new(RandomIds),
            presence: Rc::new(LocalPresence),
        }
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
    backend: Rc<dyn Backend>,
    options: DatabaseOptions,
    locks: KeyLocks,
    calls: Calls,
    closed: Cell<bool>,
    last_time: Cell<Option<Timestamp>>,
    accesses: AccessLog,
    updates: Updates,
    /// Those who watch.
    feeds: Feeds,
    expiries: Expiries,
}

/// A database that is used only as long as somebody else uses it.
#[derive(Debug)]
pub(super) struct WeakDatabase(Weak<Inner>);

impl WeakDatabase {
    pub(super) fn upgrade(&self) -> Option<Database> {
        self.0.upgrade().map(Database)
    }
}

impl Database {
    /// A database on an open backend.
    #[must_use]
    pub fn new(backend: impl Backend + 'static, options: DatabaseOptions) -> Self {
        Self::on(Rc::new(backend), options)
    }

    fn on(backend: Rc<dyn Backend>, options: DatabaseOptions) -> Self {
        let database = Self(Rc::new(Inner {
            backend,
            options,
            locks: KeyLocks::default(),
            calls: Calls::default(),
            closed: Cell::new(false),
            last_time: Cell::default(),
            accesses: AccessLog::default(),
            updates: Updates::default(),
            feeds: Feeds::default(),
            expiries: Expiries::new(),
        }));
        database.subscribe(database.expiries().feed());
        database
    }

    /// A data store of one user. Costs nothing and creates nothing.
    #[must_use]
    pub fn data_store(&self, options: DataStoreOptions) -> DataStore {
        DataStore::new(self.clone(), options)
    }

    /// A message store of one user. Costs nothing and creates nothing.
    #[must_use]
    pub fn message_store(&self, options: MessageStoreOptions) -> MessageStore {
        MessageStore::new(self.clone(), options)
    }

    /// A snapshot store of one user. Costs nothing and creates nothing.
    #[must_use]
    pub fn snapshot_store(&self, options: SnapshotStoreOptions) -> SnapshotStore {
        SnapshotStore::new(self.clone(), options)
    }

    /// The sessions of one user. Costs nothing and creates nothing.
    #[must_use]
    pub fn sessions(&self, user: &str) -> Sessions {
        Sessions::new(self.clone(), user)
    }

    /// Changes in any of the stores that are made together, or not at all.
    #[must_use]
    pub fn atomic(&self) -> Atomic {
        Atomic::new(self.clone())
    }

    pub(crate) fn backend(&self) -> Rc<dyn Backend> {
        self.0.backend.clone()
    }

    /// The same database over another backend.
    pub(crate) fn over(&self, backend: Rc<dyn Backend>) -> Self {
        let database = Self::on(backend, self.0.options.clone());
        database.expiries().are_elsewhere();
        database
    }

    /// Writes the access counts gathered so far, and makes every commit acknowledged so far survive a power cut.
    ///
    /// # Errors
    ///
    /// Those of the backend. Counts that could not be written are kept for the next time, and do not keep the rest from
    /// being made safe.
    pub async fn flush(&self) -> Result<()> {
        let _call = self.begin()?;
        let counts = self.write_accesses().await;
        let barrier = Batch { durability: Durability::Strict, ..Batch::default() };
        self.0.backend.commit(barrier).await?;
        counts
    }

    /// After this resolves, reads see every commit that was complete when it was called, from whichever tab. Without it
    /// they see those of other tabs in order, within milliseconds.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    pub async fn refresh(&self) -> Result<()> {
        let _call = self.begin()?;
        self.0.backend.refresh().await
    }

    /// Reads everything that is stored, and tells what is damaged.
    ///
    /// # Errors
    ///
    /// Those of the backend. Damage is in the report.
    pub async fn verify(&self) -> Result<Report> {
        let _call = self.begin()?;
        self.0.backend.verify().await
    }

    /// Writes the access counts gathered so far; where others are writing them, waits for those.
    ///
    /// # Errors
    ///
    /// Those of the backend; counts that could not be written are kept for the next time.
    pub async fn flush_accesses(&self) -> Result<()> {
        let _call = self.begin()?;
        self.write_accesses().await
    }

    /// How the way to the storage fares.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.backend.health()
    }

    /// Whether [`Self::flush`] has anything to do.
    #[must_use]
    pub fn needs_flush(&self) -> bool {
        self.0.backend.has_unflushed() || self.has_unwritten_accesses()
    }

    /// Whether reads were counted that are not written yet.
    #[must_use]
    pub fn has_unwritten_accesses(&self) -> bool {
        !self.0.accesses.is_empty()
    }

    /// Waits for the calls under way, writes what is buffered, and closes the backend. Closing again waits for the first
    /// closing and does nothing more. What is only in the queue of a snapshot store, because nobody polls it, is not made: close that store before.
    ///
    /// # Errors
    ///
    /// Those of writing the access counts; the backend is closed all the same.
    pub async fn close(&self) -> Result<()> {
        self.0.calls.refuse();
        self.0.feeds.end();
        let _turn = self.0.locks.lock(vec![(keyspace::close_turn(), Mode::Alone)]).await;
        if self.0.closed.replace(true) {
            return Ok(());
        }
        self.0.calls.finish().await;
        let counts = self.write_accesses().await;
        self.0.backend.close().await?;
        counts
    }

    /// The time now; later than every time given before, so that what comes after looks so.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.0.options.clock.now();
        let now = self.0.last_time.get().map_or(now, |last| now.after(last));
        self.0.last_time.set(Some(now));
        now
    }

    /// The time that the clock shows: of that what expires goes by.
    pub(super) fn clock_time(&self) -> Timestamp {
        self.0.options.clock.now()
    }

    pub(super) fn downgrade(&self) -> WeakDatabase {
        WeakDatabase(Rc::downgrade(&self.0))
    }

    pub(super) fn expiries(&self) -> &Expiries {
        &self.0.expiries
    }

    pub(super) fn durability(&self) -> Durability {
        self.0.options.durability
    }

    pub(crate) fn accesses(&self) -> &AccessLog {
        &self.0.accesses
    }

    pub(super) fn updates(&self) -> &Updates {
        &self.0.updates
    }

    pub(crate) fn draw_id(&self) -> String {
        self.0.options.ids.draw()
    }

    /// An id that comes after earlier ones, where that can be told.
    pub(crate) fn draw_id_at(&self, at: Timestamp) -> String {
        self.0.options.ids.draw_at(at)
    }

    pub(crate) fn presence(&self) -> &dyn Presence {
        &*self.0.options.presence
    }

    /// Begins a call of a store. Closing waits until what this returns is dropped.
    pub(crate) fn begin(&self) -> Result<Call> {
        self.0.calls.begin()
    }

    /// Reads in one snapshot, within a call.
    pub(crate) async fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
        Ok(self.snapshot(ranges).await?.1)
    }

    /// Tells a feed of every commit from now on, until the database is closed.
    pub(super) fn subscribe(&self, feed: &Rc<Feed>) {
        self.0.feeds.add(feed);
        self.0.backend.subscribe(feed);
    }

    /// Reads a range in pieces of about [`PIECE_BYTES`], within a call, up to its limit, and hands each entry to `take` until
    /// that says that it has enough. Returns whether it came to the end of the range.
    pub(crate) async fn scan(&self, mut range: ReadRange, take: &mut dyn FnMut(Entry) -> Result<bool>) -> Result<bool> {
        let mut left = range.limit.unwrap_or(u32::MAX);
        let mut piece = FIRST_PIECE;
        loop {
            let asked = piece.min(left);
            let found = self.read(&[range.clone().limit(asked)]).await?.into_iter().next().unwrap_or_default();
            let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
            let bytes: usize = found.iter().map(|entry| entry.key.as_bytes().len() + entry.value.len()).sum();
            if let Some(last) = found.last() {
                range = range.after(&last.key);
            }
            for entry in found {
                if !take(entry)? {
                    return Ok(false);
                }
            }
            left = left.saturating_sub(count);
            if count < asked || left == 0 {
                return Ok(count < asked);
            }
            let average = (bytes / count.max(1) as usize).max(1);
            piece = u32::try_from(PIECE_BYTES / average).unwrap_or(u32::MAX).clamp(FIRST_PIECE, LARGEST_PIECE);
        }
    }

    /// Commits a batch that depends on nothing read, within a call, when its turns have come.
    pub(crate) async fn commit(&self, turns: Vec<(Key, Mode)>, batch: Batch) -> Result<(KeyGuard, Committed)> {
        let guard = self.0.locks.lock(turns).await;
        self.settle_for(&batch).await?;
        Ok((guard, self.commit_derived(batch).await?))
    }

    /// Commits what was gathered over this database, within a call. What follows from it is in it.
    pub(super) async fn commit_gathered(&self, mut batch: Batch) -> Result<Committed> {
        self.settle_for(&batch).await?;
        batch.durability = self.0.options.durability;
        self.0.backend.commit(batch).await
    }

    /// Looks up what is there, lets `plan` decide, and commits its batch, within a call, when its turns
    /// have come. The turns are kept until what this returns is dropped.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] after many attempts, and those of `plan` and of the backend.
    pub(crate) async fn change(
        &self,
        turns: Vec<(Key, Mode)>,
        lookups: &[Lookup<'_>],
        plan: Plan<'_>,
    ) -> Result<KeyGuard> {
        let guard = self.0.locks.lock(turns).await;
        let mut is_fresh = false;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let found = self.get(lookups).await?;
            let batch = plan(&found)?;
            if batch.operations.is_empty() {
                if is_fresh {
                    return Ok(guard);
                }
                // No check tells whether another tab wrote something meanwhile that would have to be changed.
                self.0.backend.refresh().await?;
                is_fresh = true;
                continue;
            }
            if self.try_commit(batch).await? {
                return Ok(guard);
            }
        }
    }

    /// Waits for turns, within a call. They are kept until what this returns is dropped.
    pub(crate) async fn take_turns(&self, turns: Vec<(Key, Mode)>) -> KeyGuard {
        self.0.locks.lock(turns).await
    }

    /// Takes up what others wrote, within a call.
    pub(crate) async fn catch_up(&self) -> Result<()> {
        self.0.backend.refresh().await
    }

    /// Commits a batch, within a call. Returns whether its checks held.
    pub(crate) async fn try_commit(&self, batch: Batch) -> Result<bool> {
        match self.commit_derived(batch).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what is in the log of accesses, a chunk a commit. What is read meanwhile stays for the next time.
    pub(crate) async fn write_accesses(&self) -> Result<()> {
        let log = &self.0.accesses;
        let _turn = self.0.locks.lock(vec![(keyspace::flush_turn(), Mode::Alone)]).await;
        let mut left = log.names(usize::MAX);
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(FLUSH_CHUNK));
            let names = std::mem::replace(&mut left, rest);
            let turns =
                names.iter().flat_map(|(scope, key)| [(scope.turn(), Mode::Shared), (scope.record(key), Mode::Alone)]);
            // Of the record only its existence matters: its value may be large.
            let records: Vec<Key> = names.iter().map(|(scope, key)| scope.record(key)).collect();
            let counts: Vec<Key> = names.iter().map(|(scope, key)| scope.access(key)).collect();
            let lookups: Vec<_> = records.iter().map(Lookup::existence).chain(counts.iter().map(Lookup::of)).collect();
            let mut written = Vec::new();
            let mut plan = |found: &[Option<Entry>]| {
                let (records, counts) = found.split_at(names.len());
                let mut batch = Batch::default();
                written.clear();
                for ((name, record), count) in names.iter().zip(records).zip(counts) {
                    // Taken only now: what was deleted before its turn came is forgotten.
                    let Some(reads) = log.get(name) else { continue };
                    let key = name.0.access(&name.1);
                    access::plan_flush(&mut batch, key, record.as_ref(), count.as_ref(), reads.clone())?;
                    written.push((name, reads));
                }
                Ok(batch)
            };
            let result = self.change(turns.collect(), &lookups, &mut plan).await;
            // Where nobody knows whether they were written: better too few than counted twice.
            if result.as_ref().err().is_none_or(Error::is_uncertain) {
                written.into_iter().for_each(|(name, reads)| log.written(name, &reads));
            }
            let _ = result?;
        }
        Ok(())
    }
}

/// How often a change has been tried.
#[derive(Debug, Default)]
pub(crate) struct Attempts(usize);

impl Attempts {
    /// Counts another attempt.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] after many.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.0 += 1;
        if self.0 <= MAX_ATTEMPTS {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Conflict,
            format!("other writers changed the same keys {MAX_ATTEMPTS} times in a row; nothing was written"),
        ))
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("durability", &self.0.options.durability).finish_non_exhaustive()
    }
}
