//! The suites on IndexedDB, in a dedicated worker of a browser.
#![cfg(target_arch = "wasm32")]

mod browser;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

agent_datastore::backend_conformance!(browser::Fresh::new());
agent_datastore::data_store_conformance!(browser::Fresh::new());
agent_datastore::message_store_conformance!(browser::Fresh::new());
agent_datastore::snapshot_store_conformance!(browser::Fresh::new());
agent_datastore::session_store_conformance!(browser::Fresh::new());
