//! Keys so long and so much alike that a page above the leaves has two children: the tree is as tall as it gets.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::{Batch, ReadRange};
use agent_datastore::model::tuple::Key;
use std::rc::Rc;

/// Many times what a page above the leaves holds.
const ALIKE: usize = 60_000;
const KEYS: u64 = 2_000;
const AT_ONCE: u64 = 10;

fn key(number: u64) -> Key {
    Key::new().text(&"k".repeat(ALIKE)).number(number)
}

async fn opened(space: &BlobSpace) -> Paged {
    let options = PagedOptions { checkpoint_bytes: 0, ..PagedOptions::default() };
    Paged::open(Rc::new(space.clone()), Rc::new(space.clone()), options).await.unwrap()
}

/// Writes as many keys, in an order that `place` says of their numbers, and opens what that gave.
async fn fill(place: impl Fn(u64) -> u64) {
    let space = BlobSpace::default();
    let paged = opened(&space).await;
    for first in (0..KEYS).step_by(AT_ONCE as usize) {
        let mut batch = Batch::default();
        (first..first + AT_ONCE).for_each(|number| batch.put(key(place(number)), number.to_le_bytes().to_vec()));
        paged.commit(batch).await.unwrap();
    }
    paged.close().await.unwrap();
    let again = opened(&space).await;
    assert_eq!(again.count(&ReadRange::extensions(Key::new())).await.unwrap(), KEYS);
    let report = again.verify().await.unwrap();
    assert_eq!((report.entries, report.damage.len()), (KEYS, 0));
    // A leaf holds one of them, and of pages with two children there is one fewer than of leaves.
    assert!((KEYS..2 * KEYS + 10).contains(&report.blobs), "{} blobs", report.blobs);
}

#[test]
fn keys_that_come_in_their_order() {
    pollster::block_on(fill(|number| number));
}

#[test]
fn keys_that_come_in_the_opposite_order() {
    pollster::block_on(fill(|number| KEYS - number));
}

#[test]
fn keys_that_come_in_any_order() {
    // As often as there are keys, each once: the factor has no divisor in common with their count.
    pollster::block_on(fill(|number| number * 1_237 % KEYS));
}
