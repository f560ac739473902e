//! Damaged blobs under the paged engine: each is named, none gives a wrong value, and what is sound comes back.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::Memory;
use agent_datastore::backend::paged::blob_store::{Area, BlobRange, Change, Write};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions, Salvaged, salvage};
use agent_datastore::model::batch::{Batch, Lookup, ReadRange};
use agent_datastore::model::data_rules::Existing;
use agent_datastore::model::keyspace::data_name;
use agent_datastore::model::tuple::Key;
use agent_datastore::store::{DataStoreOptions, Database, SavedDocuments};
use agent_datastore::{ErrorKind, Json, Result};
use futures_util::stream;
use pollster::block_on;
use std::collections::BTreeMap;
use std::rc::Rc;

type Model = BTreeMap<Key, Vec<u8>>;

const OPTIONS: PagedOptions = PagedOptions { cache_bytes: 0, checkpoint_bytes: usize::MAX };
const KEYS: u64 = 60;

fn open(space: &BlobSpace) -> Result<Paged> {
    block_on(Paged::open(Rc::new(space.clone()), Rc::new(space.clone()), OPTIONS))
}

/// Long and alike, so that a page above the leaves holds few and there are two levels of them.
fn key(number: u64) -> Key {
    Key::new().text(&"k".repeat(1_000)).number(number)
}

/// Bytes that cannot be compressed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| byte()).collect()
}

fn commit(engine: &Paged, model: &mut Model, change: impl FnOnce(&mut Batch)) {
    let mut batch = Batch::default();
    change(&mut batch);
    apply(model, &batch);
    block_on(engine.commit(batch)).unwrap();
}

fn apply(model: &mut Model, batch: &Batch) {
    use agent_datastore::model::batch::Operation::{Delete, DeleteRange, Put};
    for operation in &batch.operations {
        match operation {
            Put { key, value } => drop(model.insert(key.clone(), value.to_vec())),
            Delete { key } => drop(model.remove(key)),
            DeleteRange { start, end } => model.retain(|key, _| key < start || key >= end),
        }
    }
}

/// The commits that are made after the checkpoint.
fn late_commits() -> Vec<Batch> {
    let mut batches = vec![Batch::default(); 5];
    batches[0].put(key(3), noise(1_003, 500));
    batches[0].put(key(KEYS), *b"new");
    batches[1].delete(key(7));
    batches[2].put(key(KEYS + 1), noise(99, 70_000));
    batches[3].delete_range(ReadRange::between(key(20), key(22)));
    batches[4].put(key(KEYS + 2), noise(98, 10_000));
    batches
}

struct Made {
    space: BlobSpace,
    model: Model,
    /// The log numbers of the checkpoints.
    checkpoints: Vec<u64>,
    /// The log number of each of the late commits.
    late: Vec<u64>,
}

/// Makes a checkpoint. Returns its log numbers.
fn checkpoint(engine: &Paged, space: &BlobSpace) -> Vec<u64> {
    let last = space.numbers(Area::Log).last().copied();
    block_on(engine.checkpoint()).unwrap();
    space.numbers(Area::Log).into_iter().filter(|number| Some(*number) > last).collect()
}

/// Pages of two levels, large values in them, and commits after the checkpoint. With `sleeper` another engine stands on
/// the beginning, so that nothing is trimmed.
fn make(sleeper: bool) -> Made {
    make_of(sleeper, false)
}

/// As [`make`]; with `bulk` all of it comes with one commit, which needs no log.
fn make_of(sleeper: bool, bulk: bool) -> Made {
    let space = BlobSpace::default();
    let mut model = Model::new();
    let sleeping = sleeper.then(|| open(&space).unwrap());
    let engine = open(&space).unwrap();
    let mut checkpoints = Vec::new();
    if bulk {
        let early = before_late_commits();
        commit(&engine, &mut model, |batch| early.into_iter().for_each(|(key, value)| batch.put(key, value)));
        block_on(engine.checkpoint()).unwrap();
    } else {
        for number in 0..KEYS {
            commit(&engine, &mut model, |batch| batch.put(key(number), noise(number, early_length(number))));
        }
        checkpoints.extend(checkpoint(&engine, &space));
        commit(&engine, &mut model, |batch| {
            batch.delete(key(31));
            batch.put(key(32), noise(2_032, 12_000));
        });
        checkpoints.extend(checkpoint(&engine, &space));
    }
    assert_eq!(model, before_late_commits());
    let mut late = Vec::new();
    for batch in late_commits() {
        apply(&mut model, &batch);
        block_on(engine.commit(batch)).unwrap();
        late.push(*space.numbers(Area::Log).last().unwrap());
    }
    std::mem::forget(sleeping);
    block_on(engine.close()).unwrap();
    checkpoints.retain(|number| space.numbers(Area::Log).contains(number));
    Made { space, model, checkpoints, late }
}

fn copy(space: &BlobSpace) -> BlobSpace {
    let copy = BlobSpace::default();
    for area in Area::ALL {
        for number in space.numbers(area) {
            put(&copy, area, number, blob(space, area, number));
        }
    }
    copy
}

fn blob(space: &BlobSpace, area: Area, number: u64) -> Vec<u8> {
    space.read(&[BlobRange::one(area, number)])[0][0].to_vec()
}

fn put(space: &BlobSpace, area: Area, number: u64, blob: Vec<u8>) {
    space.write(&Write { changes: vec![Change::Put(area, number, blob)], ..Write::default() }).unwrap();
}

#[derive(Debug, Clone, Copy)]
enum Harm {
    /// A byte, counted from the start or, below zero, from the end.
    Flip(i64),
    Cut,
    Empty,
    Remove,
}

const HARMS: [Harm; 8] = [
    Harm::Flip(0),
    Harm::Flip(3),
    Harm::Flip(13),
    Harm::Flip(30),
    Harm::Flip(-1),
    Harm::Cut,
    Harm::Empty,
    Harm::Remove,
];

fn harm(space: &BlobSpace, area: Area, number: u64, harm: Harm) {
    let mut bytes = blob(space, area, number);
    match harm {
        Harm::Flip(at) => {
            let at = if at < 0 { bytes.len() - 1 } else { (at as usize).min(bytes.len() - 1) };
            bytes[at] ^= 0xff;
        }
        Harm::Cut => bytes.truncate(bytes.len() / 2),
        Harm::Empty => bytes.clear(),
        Harm::Remove => {
            let changes = vec![Change::Delete(BlobRange::one(area, number))];
            return space.write(&Write { changes, ..Write::default() }).unwrap();
        }
    }
    put(space, area, number, bytes);
}

fn name(area: Area, number: u64) -> String {
    format!("blob {number} of {:?}", area.name())
}

fn saved(space: &BlobSpace) -> Salvaged {
    block_on(salvage(space, &|_| true)).unwrap()
}

fn entries_of(salvaged: &Salvaged) -> Model {
    salvaged.entries.iter().map(|entry| (entry.key.clone(), entry.value.to_vec())).collect()
}

/// What can be read of each key by itself; every failure has to name the blob, and no value may be wrong.
fn readable(engine: &Paged, model: &Model, name: &str) -> Model {
    let mut found = Model::new();
    for number in 0..KEYS + 3 {
        let key = key(number);
        match block_on(engine.get(&[Lookup::of(&key)])) {
            Ok(entries) => {
                let value = entries[0].as_ref().map(|entry| entry.value.to_vec());
                assert_eq!(value.as_ref(), model.get(&key), "{name}: a wrong value of key {number}");
                found.extend(value.map(|value| (key, value)));
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Corrupt, "{name}: {error}");
                assert!(error.message().contains(name), "{name}: {error}");
            }
        }
    }
    found
}

#[test]
fn a_sound_database_verifies_and_is_saved_whole() {
    for (sleeper, bulk) in [(false, false), (false, true), (true, false), (true, true)] {
        let Made { space, model, .. } = make_of(sleeper, bulk);
        let engine = open(&space).unwrap();
        let report = block_on(engine.verify()).unwrap();
        assert_eq!((report.entries, report.damage), (model.len() as u64, vec![]));
        assert!(report.blobs > 20 && report.bytes > 700_000, "{} blobs, {} bytes", report.blobs, report.bytes);
        assert_eq!(readable(&engine, &model, "none"), model);
        let salvaged = saved(&space);
        assert_eq!((entries_of(&salvaged), salvaged.others, salvaged.damage), (model.clone(), 0, vec![]));
        let some = block_on(salvage(&space, &|candidate| *candidate < key(10))).unwrap();
        let below = model.keys().filter(|candidate| **candidate < key(10)).count();
        assert_eq!((some.entries.len(), some.others), (below, (model.len() - below) as u64));
    }
}

#[test]
fn an_empty_place_is_sound_and_has_nothing() {
    let space = BlobSpace::default();
    assert_eq!(saved(&space), Salvaged::default());
    assert_eq!(block_on(open(&space).unwrap().verify()).unwrap(), Default::default());
}

#[test]
fn damage_of_pages_and_values_is_named_and_all_else_stays_readable() {
    let Made { space, model, .. } = make(false);
    let mut inner = 0;
    for area in [Area::Page, Area::Value] {
        let numbers = space.numbers(area);
        assert!(numbers.len() > 5);
        // Each blob in two ways, and each way with many blobs.
        let cases = numbers
            .iter()
            .flat_map(|number| HARMS.into_iter().skip((number % 4) as usize).step_by(4).map(|what| (*number, what)));
        for (number, what) in cases {
            let name = name(area, number);
            let hurt = copy(&space);
            let engine = open(&hurt).unwrap();
            harm(&hurt, area, number, what);
            let report = block_on(engine.verify()).unwrap();
            assert!(report.damage.len() == 1 && report.damage[0].contains(&name), "{what:?} {name}: {report:?}");
            let left = readable(&engine, &model, &name);
            assert!(left.len() < model.len(), "{what:?} {name}: nobody noticed");
            let all = block_on(engine.read(&[ReadRange::extensions(Key::new())])).unwrap_err();
            assert!(all.message().contains(&name), "{what:?} {name}: {all}");

            let salvaged = saved(&hurt);
            assert!(salvaged.damage.len() == 1 && salvaged.damage[0].contains(&name), "{what:?} {name}: {salvaged:?}");
            // Leaves below a lost page are found all the same.
            let is_inner = area == Area::Page && blob(&space, area, number)[3] > 0;
            inner += usize::from(is_inner);
            let expected = if is_inner { &model } else { &left };
            assert!(entries_of(&salvaged) == *expected, "{what:?} {name}: something else was saved");
            if area == Area::Page && !is_inner {
                assert_eq!(report.entries, left.len() as u64, "{what:?} {name}");
            }
        }
    }
    assert!(inner > 3, "there were no pages above leaves");
}

/// Whether a blob is of the reserve of room, which nobody reads.
fn is_reserve(area: Area, number: u64) -> bool {
    area == Area::Meta && number > 0
}

#[test]
fn a_damaged_reserve_hurts_nobody() {
    let Made { space, model, .. } = make(false);
    let reserve: Vec<u64> = space.numbers(Area::Meta).into_iter().filter(|number| *number > 0).collect();
    assert!(!reserve.is_empty(), "there is a reserve");
    for (number, what) in reserve.into_iter().flat_map(|number| HARMS.map(|what| (number, what))) {
        let hurt = copy(&space);
        harm(&hurt, Area::Meta, number, what);
        let salvaged = saved(&hurt);
        assert!(entries_of(&salvaged) == model && salvaged.damage.is_empty(), "{what:?} {number}");
        let engine = open(&hurt).unwrap();
        assert_eq!(block_on(engine.verify()).unwrap().damage, Vec::<String>::new());
    }
}

#[test]
fn damage_of_root_and_log_is_named_and_costs_at_most_the_commits_in_the_blob() {
    let Made { space, model, late, .. } = make(false);
    for area in [Area::Meta, Area::Log] {
        let numbers = space.numbers(area).into_iter().filter(|number| !is_reserve(area, *number));
        for (number, what) in numbers.flat_map(|number| HARMS.map(|what| (number, what))) {
            let name = name(area, number);
            let hurt = copy(&space);
            let engine = open(&hurt).unwrap();
            harm(&hurt, area, number, what);
            let is_end = area == Area::Log && Some(number) == space.numbers(area).last().copied();
            let mut expected = model.clone();
            if let Some(lost) = late.iter().position(|late| area == Area::Log && *late == number) {
                // What is lost is that commit. In a database without it the others are as they were.
                expected = before_late_commits();
                for (_, batch) in late_commits().iter().enumerate().filter(|(place, _)| *place != lost) {
                    apply(&mut expected, batch);
                }
            }
            let salvaged = saved(&hurt);
            assert!(entries_of(&salvaged) == expected, "{what:?} {name}: something else was saved");
            if is_end && matches!(what, Harm::Remove) {
                // That the last commit ever was cannot be seen.
                continue;
            }
            assert!(salvaged.damage.len() == 1 && salvaged.damage[0].contains(&name), "{what:?} {name}: {salvaged:?}");
            let report = block_on(engine.verify()).unwrap();
            assert!(report.damage.len() == 1 && report.damage[0].contains(&name), "{what:?} {name}: {report:?}");
            let error = open(&hurt).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{what:?} {name}: {error}");
            assert!(error.message().contains(&name), "{what:?} {name}: {error}");
        }
    }
}

const fn early_length(number: u64) -> usize {
    if number % 20 == 5 { 100_000 } else { 12_000 }
}

/// What there is before the late commits.
fn before_late_commits() -> Model {
    let mut model: Model = (0..KEYS).map(|number| (key(number), noise(number, early_length(number)))).collect();
    model.remove(&key(31));
    model.insert(key(32), noise(2_032, 12_000));
    model
}

#[test]
fn without_root_and_checkpoints_the_leaves_are_found_and_replaced_ones_do_not_count() {
    for sleeper in [false, true] {
        let Made { space, model, checkpoints, .. } = make(sleeper);
        harm(&space, Area::Meta, 0, Harm::Flip(40));
        assert!(!checkpoints.is_empty());
        checkpoints.iter().for_each(|number| harm(&space, Area::Log, *number, Harm::Flip(30)));
        let salvaged = saved(&space);
        assert!(salvaged.damage.iter().any(|damage| damage.contains(&name(Area::Meta, 0))), "{:?}", salvaged.damage);
        assert!(entries_of(&salvaged) == model, "something else was saved (with a sleeper: {sleeper})");
    }
}

#[test]
fn damaged_trash_is_named_and_hurts_nobody() {
    let Made { space, model, .. } = make(true);
    let numbers = space.numbers(Area::Trash);
    assert!(!numbers.is_empty());
    for (number, what) in numbers.iter().flat_map(|number| HARMS.map(|what| (*number, what))) {
        let hurt = copy(&space);
        harm(&hurt, Area::Trash, number, what);
        let engine = open(&hurt).unwrap();
        let report = block_on(engine.verify()).unwrap();
        let is_named = report.damage.iter().any(|damage| damage.contains(&name(Area::Trash, number)));
        assert_eq!(is_named, !matches!(what, Harm::Remove), "{what:?}: {report:?}");
        assert_eq!(report.entries, model.len() as u64);
        assert_eq!(readable(&engine, &model, "none"), model);
    }
}

#[test]
fn blobs_that_do_not_fit_each_other_are_named() {
    let Made { space, .. } = make(false);
    let leaves: Vec<u64> =
        space.numbers(Area::Page).into_iter().filter(|number| blob(&space, Area::Page, *number)[3] == 0).collect();
    // Each in the place of the other: the checksum knows where a blob belongs.
    let (one, other) = (blob(&space, Area::Page, leaves[2]), blob(&space, Area::Page, leaves[5]));
    put(&space, Area::Page, leaves[2], other);
    put(&space, Area::Page, leaves[5], one);
    let report = block_on(open(&space).unwrap().verify()).unwrap();
    for number in [leaves[2], leaves[5]] {
        assert!(report.damage.iter().any(|damage| damage.contains(&name(Area::Page, number))), "{report:?}");
    }
    assert_eq!(report.damage.len(), 2);
}

#[test]
fn without_root_and_log_a_database_with_pages_is_not_taken_for_an_empty_one() {
    let Made { space, .. } = make(false);
    let all = |area| Change::Delete(BlobRange::from(area, 0));
    space.write(&Write { changes: vec![all(Area::Meta), all(Area::Log)], ..Write::default() }).unwrap();
    let error = open(&space).unwrap_err();
    assert!(error.kind() == ErrorKind::Corrupt && error.message().contains(&name(Area::Meta, 0)), "{error}");
    assert_eq!(entries_of(&saved(&space)), before_late_commits());
}

#[test]
fn a_commit_that_collides_with_nobody_fails_instead_of_trying_for_ever() {
    let space = BlobSpace::default();
    let engine = open(&space).unwrap();
    let mut model = Model::new();
    commit(&engine, &mut model, |batch| batch.put(key(1), *b"1"));
    // A piece of a large value that no record knows of, where the next record would put its own.
    put(&space, Area::Value, 2 << 14, b"left over".to_vec());
    let mut large = Batch::default();
    large.put(key(2), noise(2, 50_000));
    let error = block_on(engine.commit(large.clone())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    assert_eq!(readable(&engine, &model, "none"), model);
    commit(&engine, &mut model, |batch| batch.put(key(3), *b"3"));
    apply(&mut model, &large);
    block_on(engine.commit(large)).unwrap();
    assert_eq!(readable(&engine, &model, "none"), model);
}

#[test]
fn bytes_are_saved_with_their_records_and_those_that_are_not_whole_are_named() {
    block_on(async {
        let space = BlobSpace::default();
        let database = Database::new(open(&space).unwrap(), Default::default());
        let store = database.data_store(DataStoreOptions::default());
        let large = noise(1, 700_000);
        let set = async |key: &str, bytes: &[u8]| {
            let pieces = stream::iter([Ok(bytes.to_vec())]);
            store.set_bytes(key, pieces, Default::default()).await.unwrap();
        };
        set("large", &large).await;
        set("same", &large).await;
        set("small", b"few").await;
        set("empty", b"").await;
        store.set("json", Json::parse("{\"$bytes\":1}").unwrap(), None).await.unwrap();
        database.compact().await.unwrap();

        let wanted = |key: &Key| data_name(key).is_some();
        let read = async |wanted: &dyn Fn(&Key) -> bool| salvage(&space, wanted).await;
        let saved = SavedDocuments::of(read, &wanted).await.unwrap();
        assert_eq!((saved.records, saved.damage), (5, Vec::<String>::new()));
        let other = Database::new(Memory::new(), Default::default()).data_store(DataStoreOptions::default());
        assert_eq!(other.import_documents(&saved.documents, Existing::Replace).await.unwrap().imported, 5);
        let whole = async |key: &str| other.read_bytes(key, 0, None).await.unwrap().unwrap().whole().await.unwrap();
        assert!(whole("large").await == large && whole("same").await == large);
        assert_eq!((whole("small").await, whole("empty").await), (b"few".to_vec(), Vec::new()));

        // A piece of the large one is lost.
        let values = space.numbers(Area::Value);
        put(&space, Area::Value, values[values.len() / 2], noise(2, 40));
        let saved = SavedDocuments::of(read, &wanted).await.unwrap();
        assert_eq!(saved.records, 5);
        for key in ["large", "same"] {
            let what = format!("the record {key:?} in namespace \"default\" of user \"anonymous\": of its bytes only");
            assert!(saved.damage.iter().any(|damage| damage.starts_with(&what)), "{:?}", saved.damage);
        }
        assert!(!saved.damage.iter().any(|damage| damage.contains("small")));
    });
}
