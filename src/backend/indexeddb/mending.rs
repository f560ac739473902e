//! What a kill of the browser may have left in the storage engine's own log.
//!
//! LevelDB, in which Chromium keeps IndexedDB, writes a large record piece by piece. Where it is killed in between, the next start drops what
//! there is of the record, and writes on behind it; the start after that reads the pieces with what follows, finds the checksum wrong, and
//! Chromium removes everything that the origin has. So who writes leaves a mark before, in the same log, and takes it away when it has
//! rested. Who finds the mark of one that is gone writes as much as makes LevelDB begin another log, and takes it back in the same
//! transactions: nothing of it is left.

use super::blobs::Blobs;
use super::connection::Connection;
use super::handle::Handle;
use super::hidden::WhenHidden;
use super::tabs;
use crate::backend::paged::blob_store::{Area, BlobRange, BlobStore as _, Change, Hold, MAX_NUMBER, Write};
use futures_channel::oneshot;
use futures_util::future::select;
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_time::Instant;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = mayTear)]
    fn may_tear() -> bool;
    #[wasm_bindgen(js_name = hasRoom)]
    fn has_room() -> Promise;
}

/// Where the marks are.
const MARKS: BlobRange = BlobRange { area: Area::Meta, first: 1 << 20, last: MAX_NUMBER };
/// What a mark is written over: the log, so that it is written before what is committed after it.
const OVER: &str = "log,meta";
/// How long nothing is written until the mark is taken away. Milliseconds.
const REST_MS: u32 = 1_000;
/// How long a page counts as leaving that was hidden.
const LEAVING: Duration = Duration::from_millis(500);

/// How often the pieces are written. LevelDB begins another log after 4 MiB, and is given twice what a transaction puts.
const TIMES: usize = 4;
/// Where the pieces are, and how many bytes each has: less than what would go into a file of its own.
const PIECES: BlobRange = BlobRange { area: Area::Meta, first: 1_000, last: 1_016 };
const PIECE: usize = 60_000;
/// How long a mending is waited for. Milliseconds.
const PATIENCE_MS: u32 = 1_000;

/// Says in the database, where that matters, that this page is writing to it.
pub(super) struct Mark {
    number: u64,
    connection: Weak<Connection>,
    is_needed: bool,
    is_set: Cell<bool>,
    /// How many writes were begun, and how many of them are under way.
    begun: Cell<u64>,
    running: Cell<u32>,
    /// Tells the origin's other pages that this one lives.
    life: RefCell<Option<Hold>>,
    /// A page that is hidden may never be seen again.
    _when_hidden: Option<WhenHidden>,
    hidden: Cell<Option<Instant>>,
}

/// A write that is under way.
pub(super) struct Writing(Rc<Mark>);

impl Mark {
    pub(super) fn new(connection: &Rc<Connection>) -> Rc<Self> {
        let drawn = (js_sys::Math::random() * (MARKS.last - MARKS.first) as f64) as u64;
        Rc::new_cyclic(|mark: &Weak<Self>| {
            let mark = mark.clone();
            let clear = move || {
                if let Some(mark) = mark.upgrade() {
                    mark.hidden.set(Some(Instant::now()));
                    mark.clear();
                }
            };
            let is_needed = may_tear();
            Self {
                number: MARKS.first + drawn,
                connection: Rc::downgrade(connection),
                is_needed,
                is_set: Cell::default(),
                begun: Cell::default(),
                running: Cell::default(),
                life: RefCell::default(),
                hidden: Cell::default(),
                _when_hidden: is_needed.then(|| WhenHidden::new(clear)),
            }
        })
    }

    /// Comes before each write: sends the mark before it, where there is none.
    pub(super) fn begin(self: &Rc<Self>, handle: &Rc<Handle>) -> Writing {
        self.begun.set(self.begun.get() + 1);
        self.running.set(self.running.get() + 1);
        if self.is_needed && !self.is_set.replace(true) {
            self.set(handle.clone());
        }
        Writing(self.clone())
    }

    fn set(self: &Rc<Self>, handle: Rc<Handle>) {
        let (mark, number) = (self.clone(), self.number);
        if self.life.borrow().is_none() {
            let life = tabs::live(number);
            spawn_local(async move { *mark.life.borrow_mut() = life.await });
        }
        let burst = handle.begin(OVER, Some("relaxed"));
        burst.put(MARKS.area.name(), number as f64, &[]);
        if handle.send(&burst, "mark a commit").is_err() {
            // The commit will fail likewise, and the next one tries it again.
            return self.is_set.set(false);
        }
        let Some(limit_ms) = self.connection.upgrade().map(|connection| connection.call_timeout_ms()) else { return };
        let mark = Rc::downgrade(self);
        spawn_local(async move {
            let is_set = handle.has_ended(&burst, limit_ms).await;
            drop(handle);
            let Some(lives) = mark.upgrade() else { return };
            if !is_set {
                return lives.is_set.set(false);
            }
            drop(lives);
            Self::clear_after_rest(mark).await;
        });
    }

    async fn clear_after_rest(mark: Weak<Self>) {
        let mut before = None;
        loop {
            match mark.upgrade() {
                None => return,
                Some(mark) if mark.rests() && before == Some(mark.begun.get()) => return mark.clear(),
                Some(mark) => before = Some(mark.begun.get()),
            }
            TimeoutFuture::new(REST_MS).await;
        }
    }

    fn rests(&self) -> bool {
        self.running.get() == 0
    }

    /// Comes behind each write that was sent. What a page writes that was hidden just now, as a flush, may be the last that it does.
    pub(super) fn sent(&self) {
        if self.hidden.get().is_some_and(|hidden| hidden.elapsed() < LEAVING) {
            self.clear();
        }
    }

    /// Takes the mark away: behind all that was sent, because each write is of the log or of what the mark is in.
    pub(super) fn clear(&self) {
        if !self.is_set.replace(false) {
            return;
        }
        let Some(connection) = self.connection.upgrade() else { return };
        let limit_ms = connection.call_timeout_ms();
        let Some(handle) = connection.open_handle() else { return };
        let burst = handle.begin(OVER, Some("relaxed"));
        burst.delete(MARKS.area.name(), self.number as f64, self.number as f64);
        if handle.send(&burst, "take a mark away").is_ok() {
            // Who finds one that could not be taken away mends what is whole.
            spawn_local(async move {
                let _is_away = handle.has_ended(&burst, limit_ms).await;
            });
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
    }
}

/// A mending that may be under way.
#[derive(Debug)]
pub(super) struct Mending(RefCell<Option<oneshot::Receiver<()>>>);

impl Mending {
    /// Waits for its end, though not for long: who closes the database would cut it off.
    pub(super) async fn ended(&self) {
        let ended = self.0.take();
        if let Some(ended) = ended {
            select(ended, TimeoutFuture::new(PATIENCE_MS)).await;
        }
    }
}

/// Mends what they may have left whose marks are there, and who are gone.
pub(super) fn mend(blobs: &Rc<Blobs>) -> Mending {
    if !may_tear() {
        return Mending(RefCell::default());
    }
    let (ends, ended) = oneshot::channel::<()>();
    let blobs = Rc::downgrade(blobs);
    spawn_local(async move {
        // Dropped, it tells of the end.
        let _ends = ends;
        let Some(reader) = blobs.upgrade() else { return };
        let Ok(mut marks) = reader.numbers(MARKS.area).await else { return };
        marks.retain(|&number| number >= MARKS.first && number != reader.mark().number);
        drop(reader);
        if marks.is_empty() {
            return;
        }
        let gone = tabs::gone(&marks).await;
        // Of several that find them one is enough.
        let Some(_mending) = tabs::claim_mending().await.filter(|_| !gone.is_empty()) else { return };
        if !JsFuture::from(has_room()).await.is_ok_and(|has_room| has_room.is_truthy()) {
            return;
        }
        for time in 1..=TIMES {
            let Some(blobs) = blobs.upgrade() else { return };
            let put = |number| Change::Put(PIECES.area, number, vec![0; PIECE]);
            let mut changes: Vec<Change> = (PIECES.first..=PIECES.last).map(put).collect();
            changes.push(Change::Delete(PIECES));
            if time == TIMES {
                changes.extend(gone.iter().map(|&number| Change::Delete(BlobRange::one(MARKS.area, number))));
            }
            if blobs.write(&Write { changes, ..Write::default() }).await.is_err() {
                return;
            }
        }
    });
    Mending(RefCell::new(Some(ended)))
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mark").field("is_set", &self.is_set).finish_non_exhaustive()
    }
}
