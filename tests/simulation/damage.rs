//! Damaged and missing blobs: an error that names the blob, never a wrong value, and the rest stays readable.

use super::keys::MAX_INLINE;
use agent_datastore::ErrorKind;
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::blob_store::{Area, BlobRange, Change, Write};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::{Batch, Durability, Lookup, ReadRange};
use agent_datastore::model::tuple::Key;
use pollster::block_on;
use std::rc::Rc;

/// Enough for several pages.
const ENTRIES: u64 = 60;

fn key(number: u64) -> Key {
    Key::new().text("key").number(number)
}

fn value(number: u64) -> Vec<u8> {
    let length = if number.is_multiple_of(10) { MAX_INLINE + 100 } else { MAX_INLINE / 4 };
    let mut value = format!("{number}:").into_bytes();
    // Not compressible, so that there are several pages.
    let random = super::random::Random::new(number);
    value.resize_with(length, || random.next() as u8);
    value
}

async fn open(space: &BlobSpace) -> agent_datastore::Result<Paged> {
    let options = PagedOptions { cache_bytes: 0, checkpoint_bytes: usize::MAX };
    Paged::open(Rc::new(space.clone()), Rc::new(space.clone()), options).await
}

/// Entries in pages and in the log, large ones too, and trash that somebody still stands below.
async fn filled() -> BlobSpace {
    let space = BlobSpace::default();
    let engine = open(&space).await.unwrap();
    let mut sleeper = None;
    for number in 0..ENTRIES {
        let mut batch = Batch::default();
        batch.put(key(number), value(number));
        engine.commit(batch).await.unwrap();
        if number == ENTRIES / 2 {
            engine.checkpoint().await.unwrap();
            sleeper = Some(open(&space).await.unwrap());
        }
        if number == ENTRIES - 8 {
            engine.checkpoint().await.unwrap();
        }
    }
    assert!(Area::ALL.iter().all(|area| *area == Area::Guard || !space.numbers(*area).is_empty()));
    drop(sleeper);
    space
}

fn copy(space: &BlobSpace) -> BlobSpace {
    let copy = BlobSpace::default();
    for area in Area::ALL {
        for number in space.numbers(area) {
            let blob = space.read(&[BlobRange::one(area, number)]).remove(0).remove(0);
            change(&copy, Change::Put(area, number, blob.to_vec()));
        }
    }
    copy
}

fn change(space: &BlobSpace, change: Change) {
    space.write(&Write { changes: vec![change], durability: Durability::Relaxed }).unwrap();
}

/// What can be done with a damaged database: each value is right or its absence is explained. Returns how many are there.
async fn examine(space: &BlobSpace, area: Area, number: u64) -> u64 {
    let names_it = |message: &str| match area {
        // Without its root a database is its log, of which the beginning is missing; trash is found by its area.
        Area::Meta => message.contains("meta") || message.contains("log"),
        Area::Trash => message.contains("trash"),
        area => message.contains(area.name()) && message.contains(&number.to_string()),
    };
    let expect = |error: agent_datastore::Error| {
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{area:?} {number}: {error}");
        assert!(names_it(error.message()), "{area:?} {number} is not named by: {error}");
    };
    let engine = match open(space).await {
        Ok(engine) => engine,
        Err(error) => {
            assert!(matches!(area, Area::Log | Area::Meta), "{area:?} {number} keeps all from being read: {error}");
            expect(error);
            return 0;
        }
    };
    let mut readable = 0;
    for number in 0..ENTRIES {
        match engine.get(&[Lookup::of(&key(number))]).await {
            Ok(found) => {
                let found = found[0].as_ref().map(|entry| &*entry.value);
                assert_eq!(found, Some(&*value(number)), "{area:?} {number}: a wrong value");
                readable += 1;
            }
            Err(error) => expect(error),
        }
    }
    let is_readable = engine.read(&[ReadRange::between(key(0), key(ENTRIES))]).await.map_err(expect).is_ok();
    assert_eq!(is_readable, readable == ENTRIES);
    let report = engine.verify().await.unwrap();
    // It could be opened, so what is damaged of the log is merged.
    let is_used = area != Area::Log && (readable < ENTRIES || area == Area::Trash);
    assert!(!is_used || report.damage.iter().any(|damage| names_it(damage)), "{area:?} {number}: {report:?}");
    let _ = engine.checkpoint().await.map_err(expect);
    readable
}

fn each_blob(mut damage: impl FnMut(&BlobSpace, Area, u64) -> bool) -> Vec<u64> {
    let space = block_on(filled());
    let mut readable = Vec::new();
    // A guard is there or not, and has no bytes.
    for area in Area::ALL.into_iter().filter(|area| *area != Area::Guard) {
        // Nobody reads the reserve, which is behind the root.
        for number in space.numbers(area).into_iter().filter(|number| area != Area::Meta || *number == 0) {
            let copy = copy(&space);
            if damage(&copy, area, number) {
                readable.push(block_on(examine(&copy, area, number)));
            }
        }
    }
    readable
}

fn check(readable: &[u64]) {
    let some = readable.iter().filter(|count| (1..ENTRIES).contains(count)).count();
    println!("{} blobs damaged; in {some} cases some of the entries stayed readable", readable.len());
    assert!(readable.len() > 20 && some > 5);
}

#[test]
fn a_changed_byte_gives_an_error_that_names_the_blob() {
    for place in [0, 1, 2, 5, 12, 16, 24, usize::MAX] {
        check(&each_blob(|space, area, number| {
            let mut blob = space.read(&[BlobRange::one(area, number)]).remove(0).remove(0).to_vec();
            let place = place.min(blob.len().saturating_sub(1));
            blob[place] ^= 1;
            change(space, Change::Put(area, number, blob));
            true
        }));
    }
}

#[test]
fn a_missing_blob_gives_an_error_that_names_it() {
    check(&each_blob(|space, area, number| {
        // Nothing tells that there was trash, or a last record of the log.
        let is_noticed = area != Area::Trash && (area != Area::Log || space.numbers(area).last() != Some(&number));
        change(space, Change::Delete(BlobRange::one(area, number)));
        is_noticed
    }));
}
