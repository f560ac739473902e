//! The store's suites on a memory that yields before and after each step, so that calls really interleave, natively.
#![cfg(not(target_arch = "wasm32"))]

use agent_datastore::Result;
use agent_datastore::backend::feed::Feed;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::{Backend, Report};
use agent_datastore::conformance::Place;
use agent_datastore::model::batch::{Batch, Committed, Entry, ReadRange, Version};
use async_trait::async_trait;
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// How often a call yields; differs from call to call, so that no two orders are the same.
struct Yielding(Memory, Cell<u32>);

impl Yielding {
    async fn pause(&self) {
        self.1.set(self.1.get().wrapping_mul(1_103_515_245).wrapping_add(12_345));
        let mut rounds = self.1.get() >> 16 & 3;
        poll_fn(|context| {
            if rounds == 0 {
                return Poll::Ready(());
            }
            rounds -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

#[async_trait(?Send)]
impl Backend for Yielding {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        self.pause().await;
        let found = self.0.snapshot(ranges).await;
        self.pause().await;
        found
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        self.pause().await;
        let counted = self.0.count(range).await;
        self.pause().await;
        counted
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        self.pause().await;
        let committed = self.0.commit(batch).await;
        self.pause().await;
        committed
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        self.0.subscribe(feed);
    }

    async fn refresh(&self) -> Result<()> {
        self.0.refresh().await
    }

    async fn compact(&self) -> Result<()> {
        self.0.compact().await
    }

    async fn verify(&self) -> Result<Report> {
        self.0.verify().await
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

#[derive(Default)]
struct Interleaved(Space);

#[async_trait(?Send)]
impl Place for Interleaved {
    async fn open(&self) -> Box<dyn Backend> {
        Box::new(Yielding(Memory::on(&self.0), Cell::new(1)))
    }
}

agent_datastore::backend_conformance!(Interleaved::default());
agent_datastore::data_store_conformance!(Interleaved::default());
agent_datastore::message_store_conformance!(Interleaved::default());
agent_datastore::snapshot_store_conformance!(Interleaved::default());
agent_datastore::session_store_conformance!(Interleaved::default());
