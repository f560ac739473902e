//! What a kill of the browser may have left in the storage engine's own log.
//!
//! LevelDB, in which Chromium keeps IndexedDB, writes a large record piece by piece. Where it is killed in between, the next start drops what
//! there is of the record, and writes on behind it; the start after that reads the pieces with what follows, finds the checksum wrong, and
//! Chromium removes everything that the origin has. So who finds that a stay has not ended as it should writes as much as makes LevelDB
//! begin another log, and takes it back in the same transactions: nothing of it is left.

use super::blobs::Blobs;
use super::tabs::Tabs;
use crate::backend::paged::blob_store::{Area, BlobRange, BlobStore as _, Change, Write};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = Stay)]
    type PageStay;
    #[wasm_bindgen(constructor, js_class = Stay)]
    fn new() -> PageStay;
    #[wasm_bindgen(method, getter, js_name = mayBeTorn)]
    fn may_be_torn(this: &PageStay) -> bool;
    #[wasm_bindgen(method)]
    fn mended(this: &PageStay);
    #[wasm_bindgen(method)]
    fn end(this: &PageStay);
    #[wasm_bindgen(js_name = hasRoom)]
    fn has_room() -> Promise;
}

/// After how long it is mended: the first calls go before it. Milliseconds.
const DELAY_MS: u32 = 200;

/// How often the pieces are written. LevelDB begins another log after 4 MiB, and is given twice what a transaction puts.
const TIMES: usize = 4;
/// Where the pieces are, and how many bytes each has: less than what would go into a file of its own.
const PIECES: BlobRange = BlobRange { area: Area::Meta, first: 1_000, last: 1_016 };
const PIECE: usize = 60_000;

/// The stay of this page with a database.
pub(super) struct Stay {
    page: PageStay,
}

impl Stay {
    pub(super) fn begin() -> Rc<Self> {
        Rc::new(Self { page: PageStay::new() })
    }

    /// Mends a little later what a stay may have left that did not end as it should.
    pub(super) fn mend(self: &Rc<Self>, blobs: &Rc<Blobs>, tabs: &Rc<Tabs>) {
        if !self.page.may_be_torn() {
            return;
        }
        let (stay, blobs, tabs) = (self.clone(), Rc::downgrade(blobs), tabs.clone());
        wasm_bindgen_futures::spawn_local(async move {
            TimeoutFuture::new(DELAY_MS).await;
            // Where there is another page, that one's stay may be what has not ended, and it has mended what there was.
            let Some(_alone) = tabs.be_alone().await else { return };
            let has_room = JsFuture::from(has_room()).await;
            if !has_room.is_ok_and(|has_room| has_room.is_truthy()) {
                return;
            }
            for _ in 0..TIMES {
                let Some(blobs) = blobs.upgrade() else { return };
                let put = |number| Change::Put(PIECES.area, number, vec![0; PIECE]);
                let mut changes: Vec<Change> = (PIECES.first..=PIECES.last).map(put).collect();
                changes.push(Change::Delete(PIECES));
                if blobs.write(&Write { changes, ..Write::default() }).await.is_err() {
                    return;
                }
            }
            stay.page.mended();
        });
    }

    pub(super) fn end(&self) {
        self.page.end();
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stay")
    }
}
