//! The suites on memory, compiled to WebAssembly, in Node.
#![cfg(target_arch = "wasm32")]

use agent_datastore::backend::memory::Space;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_node_experimental);

agent_datastore::backend_conformance!(Space::default());
agent_datastore::data_store_conformance!(Space::default());
agent_datastore::message_store_conformance!(Space::default());
agent_datastore::snapshot_store_conformance!(Space::default());
agent_datastore::session_store_conformance!(Space::default());
