//! What an origin remembers of its databases outside of IndexedDB. The Rust side of `marks.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/backend/indexeddb/marks.js")]
extern "C" {
    #[wasm_bindgen(js_name = recall)]
    fn recall_text(name: &str) -> Promise;
    #[wasm_bindgen(js_name = remember)]
    fn remember_text(name: &str, mark: &str);
    pub(super) fn forget(name: &str);
}

/// Stands behind the number of a database that has had records.
const RECORDS: &str = " records";

/// What is remembered of the database of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// What was drawn when it was created.
    pub(super) number: String,
    /// Whether there were records in it.
    pub(super) has_records: bool,
}

/// What is remembered, if anything is.
pub(super) async fn recall(name: &str) -> Option<Mark> {
    let mark = JsFuture::from(recall_text(name)).await.ok()?.as_string()?;
    let number = mark.strip_suffix(RECORDS);
    Some(Mark { number: number.unwrap_or(&mark).to_owned(), has_records: number.is_some() })
}

/// Remembers a database, where that is possible.
pub(super) fn remember(name: &str, mark: &Mark) {
    let Mark { number, has_records } = mark;
    remember_text(name, &if *has_records { format!("{number}{RECORDS}") } else { number.clone() });
}
