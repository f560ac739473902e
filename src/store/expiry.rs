//! Records that expire. One that has is removed before anything is read, so nobody has to tell the two apart.
//!
//! The expiry index is ordered by time. A feed tells of what is put there by this database and by others, so it is known
//! without a reading when the next record expires.

use super::data_store::DataStore;
use super::database::{Attempts, Database, WeakDatabase};
use super::key_locks::Mode;
use crate::backend::feed::{Feed, News, Told};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::batch::{Batch, Entry, Lookup, Operation, ReadRange, Version};
use crate::model::data_rules::{Expiry, plan_sweep};
use crate::model::keyspace::{self, DataName};
use crate::model::tuple::Key;
use futures_util::future::{join, select};
use std::cell::Cell;
use std::rc::Rc;

/// How many records one commit removes at the most.
const SWEEP_CHUNK: u32 = 1_000;

/// How long a sweeper sleeps at the most, and after something has failed.
const LONGEST_MS: u64 = 3_600_000;
const AGAIN_MS: u64 = 10_000;

const MICROS_PER_MS: i64 = 1_000;

/// When what is set expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    /// So many milliseconds after the call that sets it.
    InMs(u64),
    /// At this time.
    At(Timestamp),
}

/// When the next record expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It has to be looked up.
    Unknown,
    Never,
    At(Timestamp),
}

/// What a database knows of its expiry index.
#[derive(Debug)]
pub(super) struct Expiries {
    feed: Rc<Feed>,
    next: Cell<Next>,
    /// The earliest time that was told of since the last look began.
    told: Cell<Option<Timestamp>>,
    /// How many look at present.
    looking: Cell<usize>,
    /// How often there were commits of which it is not known what they did.
    losses: Cell<u64>,
}

impl Expiries {
    pub(super) fn new() -> Self {
        let feed = Feed::quiet(&[keyspace::expiries()]);
        Self {
            feed,
            next: Cell::new(Next::Unknown),
            told: Cell::new(None),
            looking: Cell::new(0),
            losses: Cell::new(0),
        }
    }

    /// What is only gathered over another database expires there.
    pub(super) fn are_elsewhere(&self) {
        self.next.set(Next::Never);
    }

    pub(super) const fn feed(&self) -> &Rc<Feed> {
        &self.feed
    }

    /// When the next record expires, as far as is known now.
    fn next(&self) -> Next {
        while let Some(news) = self.feed.take() {
            match news {
                News::Ended => break,
                News::Unknown => {
                    self.next.set(Next::Unknown);
                    self.losses.set(self.losses.get() + 1);
                }
                News::Commit(commit) => commit.edits.iter().for_each(|told| self.take_in(told)),
            }
        }
        self.next.get()
    }

    fn take_in(&self, told: &Told) {
        // One that is gone is found out when its time has come.
        let Told::Put(key, _) = told else { return };
        let Ok((at, _)) = keyspace::expiry_name(key) else { return };
        self.told.set(Some(self.told.get().map_or(at, |told| told.min(at))));
        match self.next.get() {
            Next::Never => self.next.set(Next::At(at)),
            Next::At(next) => self.next.set(Next::At(next.min(at))),
            Next::Unknown => {}
        }
    }
}

impl Drop for Expiries {
    /// Whoever sweeps has nothing more to do.
    fn drop(&mut self) {
        self.feed.end();
    }
}

/// A look that is under way.
struct Looking<'a>(&'a Expiries);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.looking.set(self.0.looking.get().saturating_sub(1));
    }
}

/// Whether what is from this key on may be of records that expire.
fn may_expire(key: &Key) -> bool {
    *key < keyspace::expiry_turn() || keyspace::is_of_indexes(key)
}

/// Whether the index is damaged: what else there is can be read all the same.
fn is_damaged(looked: Result<()>) -> Result<bool> {
    match looked {
        Err(error) if error.kind() == ErrorKind::Corrupt => Ok(true),
        looked => looked.map(|()| false),
    }
}

/// Reads of what has not expired.
impl Database {
    /// Reads in one snapshot, within a call, and tells the last commit that is in it.
    pub(super) async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        let backend = self.backend();
        let concerns = ranges.iter().any(|range| may_expire(&range.start));
        self.unexpired(concerns, async || backend.snapshot(ranges).await).await
    }

    /// Looks up in one snapshot, within a call.
    pub(crate) async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        let backend = self.backend();
        let concerns = lookups.iter().any(|lookup| may_expire(lookup.key));
        self.unexpired(concerns, async || backend.get(lookups).await).await
    }

    /// How many entries a range has at one moment, within a call.
    pub(crate) async fn count(&self, range: &ReadRange) -> Result<u64> {
        let backend = self.backend();
        self.unexpired(may_expire(&range.start), async || backend.count(range).await).await
    }

    /// Reads what has not expired, where what is read concerns records that may.
    async fn unexpired<T>(&self, concerns: bool, read: impl AsyncFn() -> Result<T>) -> Result<T> {
        if !concerns {
            return read().await;
        }
        loop {
            let is_settled = self.settle_known().await?;
            let (looked, found) = join(self.look_for_expiries(), read()).await;
            let found = found?;
            if is_damaged(looked)? || !is_settled || !self.is_due() {
                return Ok(found);
            }
        }
    }

    /// The same as [`Self::settle`], before a batch that concerns such records.
    pub(super) async fn settle_for(&self, batch: &Batch) -> Result<()> {
        let concerns = |operation: &Operation| match operation {
            Operation::Put { key, .. } | Operation::Delete { key } | Operation::DeleteRange { start: key, .. } => {
                may_expire(key)
            }
        };
        if batch.operations.iter().any(concerns) { self.settle().await.map(drop) } else { Ok(()) }
    }

    /// Removes what has expired, within a call. Gives whether it could, as far as the index can be read.
    ///
    /// # Errors
    ///
    /// Those of a read and of a commit.
    pub(super) async fn settle(&self) -> Result<bool> {
        loop {
            if is_damaged(self.look_for_expiries().await)? {
                return Ok(false);
            }
            if !self.is_due() {
                return Ok(true);
            }
            if is_damaged(self.sweep().await)? {
                return Ok(false);
            }
        }
    }

    /// The same, where it is known without a reading.
    async fn settle_known(&self) -> Result<bool> {
        if self.expiries().next() != Next::Unknown && self.is_due() { self.settle().await } else { Ok(true) }
    }

    /// Whether something has expired, or may have, that is still there.
    pub(super) fn is_due(&self) -> bool {
        match self.expiries().next() {
            Next::Unknown => true,
            Next::Never => false,
            Next::At(next) => next <= self.clock_time(),
        }
    }

    /// Finds out when the next record expires, where that is not known.
    pub(super) async fn look_for_expiries(&self) -> Result<()> {
        let expiries = self.expiries();
        if expiries.next() != Next::Unknown {
            return Ok(());
        }
        // What is told while somebody looks may not be in what they find.
        if expiries.looking.get() == 0 {
            expiries.told.set(None);
        }
        expiries.looking.set(expiries.looking.get() + 1);
        let looking = Looking(expiries);
        let losses = expiries.losses.get();
        let first = keyspace::expiries().keys_only().limit(1);
        let found = self.backend().read(&[first]).await?;
        let found = found.iter().flatten().next().map(|entry| keyspace::expiry_name(&entry.key)).transpose()?;
        // What another look has found may be newer; a time that is not true any more is found out when it comes.
        let known = match expiries.next() {
            Next::At(at) => Some(at),
            Next::Unknown | Next::Never => None,
        };
        // What came meanwhile without being told may not be in what was found: then it is still to be looked up.
        if expiries.losses.get() == losses {
            let next = found.map(|(at, _)| at).into_iter().chain(expiries.told.get()).chain(known).min();
            expiries.next.set(next.map_or(Next::Never, Next::At));
        }
        drop(looking);
        Ok(())
    }

    /// Removes what has expired. Of several that do so at once, also in other tabs, one makes the commit.
    async fn sweep(&self) -> Result<()> {
        let _turn = self.take_turns(vec![(keyspace::expiry_turn(), Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        let mut chunk = SWEEP_CHUNK;
        while self.is_due() {
            let range = keyspace::expiries_until(self.clock_time()).keys_only().limit(chunk);
            let found = self.backend().read(&[range]).await?;
            let due: Vec<Entry> = found.into_iter().flatten().collect();
            if due.is_empty() {
                self.expiries().next.set(Next::Unknown);
                return Ok(());
            }
            let names = due.iter().map(|entry| keyspace::expiry_name(&entry.key)).collect::<Result<Vec<_>>>()?;
            match self.remove_expired(&due, &names, chunk == 1).await {
                Ok(()) => attempts = Attempts::default(),
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    attempts.begin()?;
                    self.catch_up().await?;
                }
                // One by one there are never too many, and what is damaged is found.
                Err(error) if chunk > 1 && matches!(error.kind(), ErrorKind::LimitExceeded | ErrorKind::Corrupt) => {
                    chunk = 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn remove_expired(&self, due: &[Entry], names: &[(Timestamp, DataName)], is_last_try: bool) -> Result<()> {
        let records: Vec<_> = names.iter().map(|(_, name)| name.scope.record(&name.key)).collect();
        let lookups: Vec<_> = records.iter().map(Lookup::of).collect();
        let seen = match self.backend().get(&lookups).await {
            // What cannot be read is left as it is, and no longer listed.
            Err(error) if is_last_try && error.kind() == ErrorKind::Corrupt => Vec::new(),
            seen => seen?,
        };
        let (batch, removed) = plan_sweep(due, names, &seen);
        self.commit_derived(batch).await?;
        for place in removed {
            if let Some((_, name)) = names.get(place) {
                self.accesses().forget(&name.scope, &name.key);
            }
        }
        Ok(())
    }

    async fn sweep_now(&self) -> Result<()> {
        let _call = self.begin()?;
        if self.settle().await? {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Corrupt, "the list of what expires cannot be read"))
    }

    /// In how many milliseconds the next record expires; `None` where none does.
    ///
    /// # Errors
    ///
    /// Those of a read.
    async fn next_expiry_ms(&self) -> Result<Option<u64>> {
        let _call = self.begin()?;
        self.look_for_expiries().await?;
        Ok(match self.expiries().next() {
            Next::Never => None,
            Next::Unknown => Some(0),
            Next::At(next) => {
                let left = next.as_micros().saturating_sub(self.clock_time().as_micros()).max(0);
                Some(left.cast_unsigned().div_ceil(MICROS_PER_MS.cast_unsigned()))
            }
        })
    }

    /// What removes every record as soon as it has expired. Without it they are removed by the next call after that.
    #[must_use]
    pub fn sweeper(&self) -> Sweeper {
        Sweeper { database: self.downgrade(), feed: self.expiries().feed().clone() }
    }
}

/// Removes records as they expire. It keeps no database in use.
#[derive(Debug)]
pub struct Sweeper {
    database: WeakDatabase,
    feed: Rc<Feed>,
}

impl Sweeper {
    /// Goes on as long as the database is open and used by somebody else. `sleep` waits for so many milliseconds, an hour at the most.
    pub async fn run(self, sleep: impl AsyncFn(u32)) {
        while let Some(database) = self.database.upgrade() {
            let wait = match database.next_expiry_ms().await {
                Ok(Some(0)) => match database.sweep_now().await {
                    Ok(()) => continue,
                    Err(error) if error.kind() == ErrorKind::Closed => return,
                    Err(_) => AGAIN_MS,
                },
                Ok(next) => next.unwrap_or(LONGEST_MS).min(LONGEST_MS),
                Err(error) if error.kind() == ErrorKind::Closed => return,
                Err(_) => AGAIN_MS,
            };
            drop(database);
            let wait = u32::try_from(wait).unwrap_or(u32::MAX);
            select(Box::pin(self.feed.woken()), Box::pin(sleep(wait))).await;
        }
    }
}

impl DataStore {
    /// The same store, whose `set` and `set_many` set what expires. What is set without that never expires, also where the record did
    /// before; an update, and what an atomic commit makes of a record, leaves it as it is.
    ///
    /// ```
    /// use agent_datastore::{backend::memory::Memory, store::{Database, Expires}, Json};
    ///
    /// # pollster::block_on(async {
    /// let cache = Database::new(Memory::new(), Default::default()).data_store(Default::default());
    /// cache.expiring(Expires::InMs(60_000)).set("answer", Json::parse("42")?, None).await?;
    /// assert!(cache.get_record("answer").await?.unwrap().record.expires_at.is_some());
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn expiring(&self, expires: Expires) -> Self {
        let mut store = self.clone();
        store.expires = Some(expires);
        store
    }

    /// When what is set now expires.
    pub(super) fn expiry(&self) -> Result<Expiry> {
        let at = match self.expires {
            None => None,
            Some(Expires::At(at)) => Some(at),
            Some(Expires::InMs(ms)) => {
                let micros = i64::try_from(ms).ok().and_then(|ms| ms.checked_mul(MICROS_PER_MS));
                let at = micros.and_then(|micros| self.database.clock_time().as_micros().checked_add(micros));
                let at = at.and_then(|at| Timestamp::from_micros(at).ok());
                Some(at.ok_or_else(|| Error::new(ErrorKind::InvalidArgument, "it would expire after the year 9999"))?)
            }
        };
        Ok(Expiry::Set(at))
    }
}
