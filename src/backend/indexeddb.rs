//! A backend in IndexedDB: the paged engine over blobs, one object store for each [`Area`](super::paged::blob_store::Area).
//!
//! The keys are numbers, the values `Uint8Array`s. One more object store, an empty one, has in its name a number drawn at
//! the database's creation: a database that was deleted and created anew is another. The name also tells whether its creator had
//! Web Locks. Where not, all engines use guards for this database instead.

mod blobs;
mod connection;
mod failure;
mod handle;
mod hidden;
mod marks;
mod mending;
mod tabs;

pub use connection::{OpenOptions, Unopenable};
pub use failure::JsCause;
#[cfg(feature = "js")]
pub(crate) use handle::serve_workers;
#[cfg(feature = "js")]
pub(crate) use hidden::WhenHidden;

use super::feed::Feed;
use super::health::Health;
use super::paged::blob_store::{BlobStore as _, Neighbours as _};
use super::paged::{OPENING, Paged, Salvaged, salvage};
use super::{Backend, Report};
use crate::error::Result;
use crate::model::batch::{Batch, Committed, Durability, Entry, Lookup, ReadRange, Version};
use crate::model::tuple::Key;
use async_trait::async_trait;
use blobs::Blobs;
use connection::Connection;
use futures_util::future::join;
use gloo_timers::future::TimeoutFuture;
use mending::Mending;
use std::cell::Cell;
use std::rc::Rc;
use tabs::{Listener, Tabs};

/// After how long who watches looks for commits of which nobody told. Milliseconds.
const LOOK_MS: u32 = 2_000;

/// An open database in IndexedDB.
#[derive(Debug)]
pub struct IndexedDb {
    engine: Paged,
    blobs: Rc<Blobs>,
    _listener: Listener,
    /// Whether nothing has been committed to it yet.
    is_new: Cell<bool>,
    is_looking: Rc<Cell<bool>>,
    mending: Mending,
}

impl IndexedDb {
    /// Opens a database of this origin, creating it where there is none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) without IndexedDB, [`NewerVersion`](crate::ErrorKind::NewerVersion),
    /// [`Blocked`](crate::ErrorKind::Blocked) and [`Timeout`](crate::ErrorKind::Timeout) after the time limit,
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where what is needed to open it is damaged, and
    /// [`Storage`](crate::ErrorKind::Storage).
    pub async fn open(name: &str, options: OpenOptions) -> Result<Self> {
        let paged = options.paged;
        let connection = Rc::new(Connection::new(name.to_owned(), options));
        let tabs = Rc::new(Tabs::new(name));
        // Asked for together: each is a trip to the browser's process.
        let (opening, handle) = join(tabs.stand(OPENING), connection.handle()).await;
        handle?;
        let identity = connection.identity().unwrap_or_default();
        tabs.identify(&identity.number, identity.is_guarded);
        let blobs = Rc::new(Blobs::new(connection.clone()));
        let engine = Paged::open_holding(opening?, blobs.clone(), tabs.clone(), paged).await?;
        if !engine.has_records() && connection.had_records().await {
            // Unless another tab has made the first one just now.
            engine.refresh().await?;
            if !engine.has_records() {
                connection.is_emptied();
            }
        }
        connection.remember(engine.has_records());
        let is_new = Cell::new(!engine.has_records());
        let mending = mending::mend(&blobs);
        Ok(Self { _listener: tabs.listen(&engine), engine, blobs, is_new, is_looking: Rc::default(), mending })
    }

    /// Deletes a database of this origin, with all its generations. Other tabs that run this software close theirs at once.
    /// Where one can be neither opened nor deleted, an empty next generation takes its place.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) without IndexedDB; [`Blocked`](crate::ErrorKind::Blocked) where somebody
    /// holds it open longer than the time limit, and the deletion then happens when they let go; and
    /// [`Storage`](crate::ErrorKind::Storage).
    pub async fn destroy(name: &str, options: OpenOptions) -> Result<()> {
        connection::destroy(name, &options).await
    }

    /// Reads what is readable of a database that may be damaged; see [`salvage`].
    ///
    /// # Errors
    ///
    /// Those of [`Self::open`] that are not about damage, those of [`salvage`], and
    /// [`DataLoss`](crate::ErrorKind::DataLoss) where there is no database of that name.
    pub async fn salvage(name: &str, options: OpenOptions, wanted: &dyn Fn(&Key) -> bool) -> Result<Salvaged> {
        let connection = Rc::new(Connection::to_salvage(name.to_owned(), options));
        let blobs = Blobs::new(connection);
        let salvaged = salvage(&blobs, wanted).await;
        blobs.close();
        salvaged
    }

    /// Makes the first commit strict, behind whoever made it. After a power cut there is something then, even where the browser had
    /// written nothing back and all that remembers the database went with it: never a database that silently has nothing.
    fn begin_strictly(&self) {
        let engine = self.engine.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let barrier = Batch { durability: Durability::Strict, ..Batch::default() };
            // Nobody waits for it; the next strict commit does the same.
            let _ = engine.commit(barrier).await;
        });
    }
}

impl IndexedDb {
    /// While somebody watches: takes up what others wrote who ended, or were cut off, before they told of it.
    fn look_now_and_then(&self) {
        if self.is_looking.replace(true) {
            return;
        }
        let (engine, is_looking) = (self.engine.downgrade(), self.is_looking.clone());
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                TimeoutFuture::new(LOOK_MS).await;
                match engine.upgrade() {
                    Some(engine) if engine.is_watched() => engine.look().await,
                    _ => break,
                }
            }
            is_looking.set(false);
        });
    }
}

#[async_trait(?Send)]
impl Backend for IndexedDb {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        self.engine.snapshot(ranges).await
    }

    async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        self.engine.get(lookups).await
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        self.engine.count(range).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        let committed = self.engine.commit(batch).await?;
        if self.is_new.replace(false) {
            self.begin_strictly();
        }
        Ok(committed)
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        self.engine.subscribe(feed);
        if self.engine.is_watched() {
            self.look_now_and_then();
        }
    }

    async fn refresh(&self) -> Result<()> {
        self.engine.refresh().await
    }

    async fn verify(&self) -> Result<Report> {
        self.engine.verify().await
    }

    async fn compact(&self) -> Result<()> {
        self.engine.compact().await
    }

    fn health(&self) -> Health {
        self.blobs.health()
    }

    fn has_unflushed(&self) -> bool {
        self.engine.has_unflushed()
    }

    fn kept_bytes(&self) -> usize {
        self.engine.kept_bytes()
    }

    async fn close(&self) -> Result<()> {
        self.mending.ended().await;
        self.engine.close().await
    }
}
