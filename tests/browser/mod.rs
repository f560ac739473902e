//! IndexedDB as a place: a database of a fresh name.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::indexeddb::{IndexedDb, OpenOptions};
use agent_datastore::conformance::Place;

pub(crate) struct Fresh(String);

impl Fresh {
    pub(crate) fn new() -> Self {
        Self(format!("conformance {} {}", js_sys::Date::now(), js_sys::Math::random()))
    }
}

#[async_trait::async_trait(?Send)]
impl Place for Fresh {
    async fn open(&self) -> Box<dyn Backend> {
        Box::new(IndexedDb::open(&self.0, OpenOptions::default()).await.unwrap())
    }
}
