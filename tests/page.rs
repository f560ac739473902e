//! The suites on IndexedDB, in a page of a browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod browser;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

agent_datastore::backend_conformance!(browser::Fresh::new());
agent_datastore::data_store_conformance!(browser::Fresh::new());
agent_datastore::message_store_conformance!(browser::Fresh::new());
agent_datastore::snapshot_store_conformance!(browser::Fresh::new());
agent_datastore::session_store_conformance!(browser::Fresh::new());

/// What another library sees of a database: the object stores of the architecture, bytes under numbers, and a record for each commit.
#[wasm_bindgen_test::wasm_bindgen_test]
async fn another_library_reads_the_blobs() {
    use agent_datastore::backend::Backend as _;
    use agent_datastore::backend::indexeddb::{IndexedDb, OpenOptions};
    use indexed_db_futures::database::Database;
    use indexed_db_futures::internals::SystemRepr as _;
    use indexed_db_futures::prelude::*;

    let name = format!("another library {}", js_sys::Math::random());
    let ours = IndexedDb::open(&name, OpenOptions::default()).await.unwrap();
    for _ in 0..3 {
        ours.commit(Default::default()).await.unwrap();
    }
    ours.close().await.unwrap();
    let theirs = Database::open(&name).build().unwrap().await.unwrap();
    let names = theirs.as_sys().object_store_names();
    let names: Vec<String> = (0..names.length()).filter_map(|place| names.get(place)).collect();
    let identity = names.iter().find(|name| name.starts_with("identity:")).unwrap();
    assert_eq!(names, ["guard", identity.as_str(), "log", "meta", "page", "trash", "value"]);
    {
        let transaction = theirs.transaction("log").build().unwrap();
        let log = transaction.object_store("log").unwrap();
        assert_eq!(log.count().primitive().unwrap().await.unwrap(), 3);
    }
    theirs.close();
    IndexedDb::destroy(&name, OpenOptions::default()).await.unwrap();
}
