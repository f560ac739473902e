//! The engine: a log, and pages of sorted entries, in numbered blobs.
//!
//! Storages like IndexedDB charge for every request and little for bytes, so entries are packed: commits made at the same
//! time share one record of the *log*, and checkpoints move what the log says into *pages* of some 32 KiB. The last state
//! of every key in the log, the *tail*, is in memory; so are the pages used last.
//!
//! - **Commit** (`commit`): checks are evaluated in memory, then the record is added under the next log number. If another
//!   engine was faster the number is taken and nothing is written; the engine reads what it missed and tries again. So the commits of all
//!   engines form one order, without a leader.
//! - **Read** (`read`): the tail over the pages; missing pages are fetched together.
//! - **Follow** (`follow`): other engines' records are applied in order.
//! - **Checkpoint** (`checkpoint`): merges the tail into new pages, a few at a time. It is a record of the log like a
//!   commit, so every engine sees the change of pages at the same place of the order.
//! - **Trim** (`trim`): what no engine can need any more is removed.
//!
//! A *root* belongs to the *epoch* of its checkpoint, whose log number it is. An engine stands on an epoch while it uses
//! that root, and others can tell. Log numbers and pages are removed only when no engine stands below the epoch that made
//! them superfluous: otherwise one that slept could add a log number that had been used and removed, and nothing would
//! collide. Where there are no locks to stand on, a guard record in the same write makes this sure.

mod blob;
pub mod blob_store;
mod bulk;
mod cache;
mod checkpoint;
mod commit;
mod follow;
mod leaf_writer;
mod memory_blobs;
mod merge;
mod page;
mod read;
mod record;
mod reserve;
mod root;
mod salvage;
mod scan;
mod stored;
mod survey;
mod tail;
mod tree;
mod trim;
mod verify;
mod writes;

pub use memory_blobs::BlobSpace;
pub use salvage::{Salvaged, salvage};

use super::feed::{Feed, Feeds};
use super::{Backend, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Committed, Entry, Lookup, ReadRange, Version};
use async_trait::async_trait;
use blob_store::{BlobStore, Hold, Neighbours};
use cache::Cache;
use commit::Commits;
pub(crate) use follow::OPENING;
use follow::State;
use reserve::Reserve;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use writes::Writes;

/// Options of [`Paged::open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagedOptions {
    /// How much of the pages and of the large values is kept in memory. Bytes.
    pub cache_bytes: usize,
    /// How large the tail grows before it is merged into the pages. Bytes.
    pub checkpoint_bytes: usize,
}

impl Default for PagedOptions {
    /// 32 MiB and 1 MiB.
    fn default() -> Self {
        Self { cache_bytes: 32 * 1024 * 1024, checkpoint_bytes: 1024 * 1024 }
    }
}

/// A database in numbered blobs. Cheap to clone; clones are the same engine.
#[derive(Clone)]
pub struct Paged(Rc<Engine>);

/// An engine that is used only as long as somebody else uses it.
#[derive(Clone)]
pub struct WeakPaged(Weak<Engine>);

struct Engine {
    store: Rc<dyn BlobStore>,
    neighbours: Rc<dyn Neighbours>,
    options: PagedOptions,
    state: RefCell<State>,
    cache: RefCell<Cache>,
    commits: Commits,
    writes: Writes,
    is_checkpointing: Cell<bool>,
    /// Whether a bulk commit has left trash.
    needs_trim: Cell<bool>,
    reserve: Reserve,
    /// What the next record is known by, of all engines' records.
    next_identity: Cell<u64>,
    /// The highest log number that others told of, whether it is being looked at, and up to where it was.
    heard: Cell<u64>,
    is_hearing: Cell<bool>,
    looked_at: Cell<u64>,
    /// Whether the next commit waits a little for an engine that asked for it.
    makes_way: Cell<bool>,
    closed: Cell<bool>,
    /// Whether the page is asleep, as far as is known.
    is_suspended: Cell<bool>,
    /// Those who watch.
    feeds: Rc<Feeds>,
}

impl Paged {
    /// Opens the database in these blobs; where there are none it is empty.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where root or log are damaged, [`ErrorKind::NewerVersion`], and those of the storage.
    pub async fn open(store: Rc<dyn BlobStore>, neighbours: Rc<dyn Neighbours>, options: PagedOptions) -> Result<Self> {
        let opening = neighbours.stand(OPENING).await?;
        Self::open_holding(opening, store, neighbours, options).await
    }

    /// As [`Self::open`], by one who holds [`OPENING`] already.
    pub(crate) async fn open_holding(
        opening: Hold,
        store: Rc<dyn BlobStore>,
        neighbours: Rc<dyn Neighbours>,
        options: PagedOptions,
    ) -> Result<Self> {
        let feeds = Rc::new(Feeds::default());
        let state = RefCell::new(follow::load(&*store, opening, feeds.clone()).await?);
        let next_identity = Cell::new(neighbours.draw());
        let engine = Rc::new(Engine {
            store,
            neighbours,
            options,
            state,
            cache: RefCell::new(Cache::new(options.cache_bytes)),
            commits: Commits::default(),
            writes: Writes::default(),
            is_checkpointing: Cell::new(false),
            needs_trim: Cell::new(false),
            reserve: Reserve::default(),
            next_identity,
            heard: Cell::new(0),
            is_hearing: Cell::new(false),
            looked_at: Cell::new(0),
            makes_way: Cell::new(false),
            closed: Cell::new(false),
            is_suspended: Cell::new(false),
            feeds,
        });
        let settling = engine.clone();
        if let Some(task) = engine.neighbours.spawn(Box::pin(async move { settling.settle().await })) {
            task.await;
        }
        Ok(Self(engine))
    }

    /// Takes note that another engine asked for a pause, because it was slower than this one again and again.
    pub fn make_way(&self) {
        self.0.makes_way.set(true);
    }

    /// The same engine, without keeping it.
    #[must_use]
    pub fn downgrade(&self) -> WeakPaged {
        WeakPaged(Rc::downgrade(&self.0))
    }

    /// Takes note that another engine has written up to this log number.
    pub fn hear(&self, head: u64) {
        let engine = &self.0;
        engine.heard.set(engine.heard.get().max(head));
        // Who wakes up hears of thousands at once; one reading takes all of them in.
        if engine.is_behind() && !engine.is_hearing.replace(true) {
            let engine = engine.clone();
            self.0.in_background(async move {
                // Whoever needs it will try again, and be told of the error.
                while engine.is_behind() && engine.catch_up().await.is_ok() && engine.went_on() {}
                engine.is_hearing.set(false);
            });
        }
    }

    /// Takes up what others wrote while nothing was heard of them. Whoever calls next would do so too; this one has it then.
    pub fn wake(&self) {
        self.0.is_suspended.set(false);
        let engine = self.0.clone();
        self.0.in_background(async move {
            // Whoever needs it will try again, and be told of the error.
            let _ = engine.catch_up().await;
        });
    }

    /// Whether anybody waits for what others write.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.0.closed.get() && !self.0.feeds.are_quiet()
    }

    /// Takes up what others wrote without having told of it. Where that cannot be, whoever watches is told.
    pub async fn look(&self) {
        let engine = &self.0;
        // It takes the database up when it is woken.
        if engine.is_suspended.get() {
            return;
        }
        if engine.catch_up().await.is_err_and(|error| !error.kind().is_retryable()) {
            engine.feeds.lose_track();
        }
    }

    /// Gives up every hold on the storage, as a page has to that may be frozen. The next call takes the database up
    /// anew. Calls that are under way keep theirs until they end.
    pub fn suspend(&self) {
        self.0.is_suspended.set(true);
        self.0.state.borrow_mut().detach();
    }

    /// Merges the whole tail into the pages, and removes what nobody needs any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] and those of the storage. Nothing is lost by them: the log stays as it is.
    pub async fn checkpoint(&self) -> Result<()> {
        self.0.check_open()?;
        self.0.checkpoint(true).await
    }

    /// Whether there are relaxed commits of this engine after its last strict one.
    #[must_use]
    pub fn has_unflushed(&self) -> bool {
        self.0.writes.has_unflushed()
    }

    /// Whether anything has ever been committed.
    #[must_use]
    pub fn has_records(&self) -> bool {
        self.0.state.borrow().head > 0
    }

    /// How many bytes of pages, values and tail are in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.0.cache.borrow().bytes() + self.0.state.borrow().tail.bytes()
    }
}

impl WeakPaged {
    /// The engine, where it is still in use.
    #[must_use]
    pub fn upgrade(&self) -> Option<Paged> {
        self.0.upgrade().map(Paged)
    }
}

impl fmt::Debug for WeakPaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakPaged")
    }
}

impl Engine {
    fn check_open(&self) -> Result<()> {
        if self.closed.get() { Err(Error::new(ErrorKind::Closed, "the database is closed")) } else { Ok(()) }
    }

    /// What a record is known by that is about to be written.
    fn draw_identity(&self) -> record::Identity {
        self.next_identity.replace(self.next_identity.get().wrapping_add(1)).to_le_bytes()
    }

    /// Whether others told of records that are not applied yet.
    fn is_behind(&self) -> bool {
        !self.closed.get() && self.heard.get() > self.state.borrow().head
    }

    /// Whether there was anything new since the last time.
    fn went_on(&self) -> bool {
        let head = self.state.borrow().head;
        self.looked_at.replace(head) != head
    }

    /// Does something that nobody waits for; nothing, where there is nobody to do it.
    fn in_background(&self, task: impl Future<Output = ()> + 'static) {
        drop(self.neighbours.spawn(Box::pin(task)));
    }
}

#[async_trait(?Send)]
impl Backend for Paged {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        self.0.check_open()?;
        self.0.snapshot(ranges).await
    }

    async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        self.0.check_open()?;
        self.0.get(lookups).await
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        self.0.check_open()?;
        self.0.count(range).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        self.0.check_open()?;
        self.0.clone().commit(batch).await
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        self.0.feeds.add(feed);
    }

    async fn refresh(&self) -> Result<()> {
        self.0.check_open()?;
        self.0.catch_up().await
    }

    async fn verify(&self) -> Result<Report> {
        self.0.check_open()?;
        verify::verify(&*self.0.store, &*self.0.neighbours).await
    }

    async fn compact(&self) -> Result<()> {
        self.checkpoint().await
    }

    fn kept_bytes(&self) -> usize {
        self.0.options.cache_bytes
    }

    async fn close(&self) -> Result<()> {
        if !self.0.closed.get() {
            // Spares those who open it next the reading of a long log. They can do without.
            let _ = self.0.checkpoint_before_close().await;
        }
        if !self.0.closed.replace(true) {
            self.suspend();
            self.0.store.close();
        }
        Ok(())
    }
}

impl fmt::Debug for Paged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged").field("state", &self.0.state).finish_non_exhaustive()
    }
}
