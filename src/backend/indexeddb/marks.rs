//! What an origin remembers of its databases outside of IndexedDB. The Rust side of `marks.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/backend/indexeddb/marks.js")]
extern "C" {
    fn recall(name: &str) -> Promise;
    /// Keeps in mind that there is a database, and which it is.
    pub(super) fn remember(name: &str, identity: &str);
    pub(super) fn forget(name: &str);
}

/// Whether there was a database of this name, as far as is known.
pub(super) async fn was_remembered(name: &str) -> bool {
    JsFuture::from(recall(name)).await.is_ok_and(|identity| identity.is_string())
}
