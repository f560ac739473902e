//! The suites on the paged engine over blobs in memory: with its usual sizes, and with a tail and a cache so small that
//! every call meets checkpoints and missing pages.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::conformance::Place;
use async_trait::async_trait;
use std::rc::Rc;

struct Blobs(BlobSpace, PagedOptions);

#[async_trait(?Send)]
impl Place for Blobs {
    async fn open(&self) -> Box<dyn Backend> {
        Box::new(Paged::open(Rc::new(self.0.clone()), Rc::new(self.0.clone()), self.1).await.unwrap())
    }
}

mod usual {
    use super::*;

    fn place() -> Blobs {
        Blobs(BlobSpace::default(), PagedOptions::default())
    }

    agent_datastore::backend_conformance!(place());
    agent_datastore::data_store_conformance!(place());
    agent_datastore::message_store_conformance!(place());
    agent_datastore::snapshot_store_conformance!(place());
    agent_datastore::session_store_conformance!(place());
}

mod tiny {
    use super::*;

    fn place() -> Blobs {
        Blobs(BlobSpace::default(), PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 })
    }

    agent_datastore::backend_conformance!(place());
    agent_datastore::data_store_conformance!(place());
    agent_datastore::message_store_conformance!(place());
    agent_datastore::snapshot_store_conformance!(place());
    agent_datastore::session_store_conformance!(place());
}
