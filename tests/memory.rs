//! The suites on memory, natively.
#![cfg(not(target_arch = "wasm32"))]

use agent_datastore::backend::memory::Space;

agent_datastore::backend_conformance!(Space::default());
agent_datastore::data_store_conformance!(Space::default());
agent_datastore::message_store_conformance!(Space::default());
agent_datastore::snapshot_store_conformance!(Space::default());
agent_datastore::session_store_conformance!(Space::default());
