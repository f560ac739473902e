//! A storage that is full: what does not fit is refused whole, what is there can be read and deleted, and then there is room.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::store::{DataStore, Database};
use agent_datastore::{Error, ErrorKind, Json, Result};
use async_trait::async_trait;
use std::rc::Rc;

/// Bytes as browsers count them: what is put has to fit beside what is there, though it replaces or deletes something.
struct Limited {
    space: BlobSpace,
    bytes: usize,
}

#[async_trait(?Send)]
impl BlobStore for Limited {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        Ok(self.space.read(ranges))
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        Ok(self.space.numbers(area))
    }

    async fn write(&self, write: &Write) -> Result<()> {
        let bytes = |change: &Change| match change {
            Change::Add(_, _, blob) | Change::Put(_, _, blob) => blob.len(),
            Change::Delete(_) => 0,
        };
        let put: usize = write.changes.iter().map(bytes).sum();
        if put > 0 && self.space.bytes() + put > self.bytes {
            return Err(Error::new(ErrorKind::QuotaExceeded, "there is no room"));
        }
        self.space.write(write)
    }

    fn close(&self) {}
}

async fn open(space: &BlobSpace, bytes: usize) -> (Database, DataStore) {
    let store = Rc::new(Limited { space: space.clone(), bytes });
    let engine = Paged::open(store, Rc::new(space.clone()), PagedOptions::default()).await.unwrap();
    let database = Database::new(engine, Default::default());
    let store = database.data_store(Default::default());
    (database, store)
}

/// A value that cannot be made smaller.
fn noise(bytes: usize, mut seed: u64) -> Json {
    let mut text = String::from("\"");
    while text.len() < bytes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b'a' + (seed >> 59) as u8 % 26));
    }
    text.push('"');
    Json::parse(&text).unwrap()
}

/// Sets values until one does not fit. Returns how many did.
async fn fill(store: &DataStore, name: &str, bytes: usize) -> usize {
    for place in 0.. {
        match store.set(&format!("{name} {place}"), noise(bytes, place), None).await {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error}");
                return place as usize;
            }
        }
    }
    panic!("it was never full")
}

fn full(bytes: usize, sizes: &[usize]) {
    pollster::block_on(async {
        let space = BlobSpace::default();
        let (database, store) = open(&space, bytes).await;
        let mut counts = Vec::new();
        for size in sizes {
            counts.push(fill(&store, &format!("of {size}"), *size).await);
        }
        let keys = store.list_keys("").await.unwrap();
        assert_eq!(keys.len(), counts.iter().sum::<usize>(), "what was refused is not there");
        for key in &keys {
            assert!(store.get(key).await.unwrap().is_some(), "{key}");
        }
        let first = format!("of {} 0", sizes[0]);
        assert!(store.delete(&first).await.unwrap(), "a deletion at a full quota");
        store.set("small", noise(10, 0), None).await.unwrap();
        assert!(store.delete("small").await.unwrap());
        assert_eq!(store.delete_many(keys.clone()).await.unwrap(), keys.len() - 1);
        assert_eq!(store.list_keys("").await.unwrap(), Vec::<String>::new());

        // Opened anew it is the same, and there is room again.
        database.close().await.unwrap();
        let (_, store) = open(&space, bytes).await;
        let again = fill(&store, "again", sizes[0]).await;
        assert!(again + 1 >= counts[0], "{again} fit after {}", counts[0]);
        assert_eq!(store.clear().await.unwrap(), again as u64);
    });
}

#[test]
fn at_a_full_quota_large_values_can_be_deleted() {
    full(3_000_000, &[500_000]);
}

#[test]
fn at_a_quota_that_is_full_to_the_brim_values_can_be_deleted() {
    full(20_000_000, &[500_000, 50_000, 5_000, 300, 10]);
}

#[test]
fn at_a_full_quota_many_small_values_can_be_deleted() {
    full(20_000_000, &[2_000, 100]);
}
