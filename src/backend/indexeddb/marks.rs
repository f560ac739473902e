//! What an origin remembers of its databases outside of IndexedDB. The Rust side of `page.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = recall)]
    fn recall_texts(name: &str) -> Promise;
    #[wasm_bindgen(js_name = remember)]
    fn remember_text(name: &str, mark: &str);
    pub(super) fn forget(name: &str);
}

/// Remembers a database by the number that was drawn at its creation, and whether there are records in it, where that is
/// possible.
pub(super) fn remember(name: &str, number: &str, has_records: bool) {
    remember_text(name, &mark(number, has_records));
}

/// Whether there was a database of this name, as far as is known.
pub(super) async fn has_been(name: &str) -> bool {
    !recall(name).await.is_empty()
}

/// Whether there were records in this database, as far as is known.
pub(super) async fn had_records(name: &str, number: &str) -> bool {
    let mark = mark(number, true);
    recall(name).await.lines().any(|known| known == mark)
}

fn mark(number: &str, has_records: bool) -> String {
    if has_records { format!("{number} records") } else { number.to_owned() }
}

async fn recall(name: &str) -> String {
    JsFuture::from(recall_texts(name)).await.ok().and_then(|marks| marks.as_string()).unwrap_or_default()
}
