//! Bytes against a simple model: two databases on the same storage, a few contents under a few keys, and after every step there are exactly the
//! contents that records refer to, with their counts and their pieces, and nothing else.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::Timestamp;
use agent_datastore::model::content::{BytesReference, Content, PIECE_BYTES};
use agent_datastore::model::data_rules::{Existing, Item};
use agent_datastore::model::keyspace::BytesScope;
use agent_datastore::store::{
    BytesOptions, DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, ManualClock, StoredValue,
};
use agent_datastore::{Error, ErrorKind, Json, Result};
use futures_util::future::join;
use futures_util::stream;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

const START: i64 = 1_800_000_000_000_000;
const NAMESPACES: [&str; 2] = ["one", "two"];
/// One in no piece, one in one, one in several, and one that takes several commits.
const SIZES: [usize; 4] = [0, 100, PIECE_BYTES + 1, 16 * PIECE_BYTES + 1];

/// A key, and which content.
type Name = (usize, u8);
type Which = usize;

#[derive(Debug, Clone)]
enum Step {
    Set(Name, Which, Option<u64>),
    /// By both databases at once.
    SetBoth(Name, Which, Name, Which),
    Fail(Name, Which),
    Json(Vec<Name>),
    Update(Name, bool),
    Atomic(Name, Name),
    Delete(Vec<Name>),
    DeleteBoth(Name, Name),
    Clear(usize),
    Prefix(usize, u8),
    Wait(i64),
    Move(bool),
    Check,
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let name = || (0..2_usize, 0..4_u8);
    let names = || prop::collection::vec(name(), 1..5);
    let which = || prop::sample::select(vec![0_usize, 1, 1, 1, 2, 2, 3]);
    let step = prop_oneof![
        8 => (name(), which(), prop::option::of(1..3_u64)).prop_map(|(name, which, ms)| Step::Set(name, which, ms)),
        3 => (name(), which(), name(), which()).prop_map(|(a, b, c, d)| Step::SetBoth(a, b, c, d)),
        1 => (name(), which()).prop_map(|(name, which)| Step::Fail(name, which)),
        2 => names().prop_map(Step::Json),
        2 => (name(), any::<bool>()).prop_map(|(name, keeps)| Step::Update(name, keeps)),
        2 => (name(), name()).prop_map(|(set, delete)| Step::Atomic(set, delete)),
        3 => names().prop_map(Step::Delete),
        2 => (name(), name()).prop_map(|(one, other)| Step::DeleteBoth(one, other)),
        1 => (0..2_usize).prop_map(Step::Clear),
        1 => name().prop_map(|(namespace, key)| Step::Prefix(namespace, key)),
        2 => prop::sample::select(vec![500_i64, 1_000, 2_000]).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Move),
        2 => Just(Step::Check),
    ];
    (0..2_usize, step)
}

fn content(which: Which) -> Vec<u8> {
    (0..SIZES[which]).map(|place| (place % 251) as u8 ^ which as u8).collect()
}

fn key((_, key): Name) -> String {
    format!("{}/{}", key % 2, key / 2)
}

/// What there is by namespace and key: which content, or JSON, and when it expires.
#[derive(Default)]
struct Model {
    now: i64,
    records: BTreeMap<(usize, String), (Option<Which>, Option<i64>)>,
}

impl Model {
    fn settle(&mut self) {
        let now = self.now;
        self.records.retain(|_, (_, at)| at.is_none_or(|at| now < at));
    }

    fn put(&mut self, name: Name, which: Option<Which>, at: Option<i64>) {
        self.records.insert((name.0, key(name)), (which, at));
    }

    fn remove(&mut self, name: Name) -> bool {
        self.records.remove(&(name.0, key(name))).is_some()
    }

    /// How often each content is referred to, and how many pieces there are.
    fn counts(&self) -> (BTreeMap<u64, u64>, usize) {
        let mut counts = BTreeMap::new();
        for (which, _) in self.records.values() {
            if let Some(which) = which {
                *counts.entry(SIZES[*which] as u64).or_default() += 1;
            }
        }
        let pieces = counts.keys().map(|size| size.div_ceil(PIECE_BYTES as u64) as usize).sum();
        (counts, pieces)
    }
}

async fn set(store: &DataStore, name: Name, which: Which) -> BytesReference {
    let pieces: Vec<Result<Vec<u8>>> = content(which).chunks(1_000_000).map(|piece| Ok(piece.to_vec())).collect();
    store.set_bytes(&key(name), stream::iter(pieces), BytesOptions::default()).await.unwrap()
}

fn json() -> Json {
    Json::parse("1").unwrap()
}

struct World {
    databases: Vec<Database>,
    clock: Rc<ManualClock>,
    model: Model,
}

impl World {
    fn store(&self, which: usize, namespace: usize) -> DataStore {
        let namespace = NAMESPACES[namespace].to_owned();
        self.databases[which].data_store(DataStoreOptions { namespace, ..DataStoreOptions::default() })
    }

    async fn make(&mut self, which: usize, step: &Step) {
        self.databases[which].refresh().await.unwrap();
        self.model.settle();
        match step {
            Step::Set(name, content, ms) => {
                let store = self.store(which, name.0);
                let store = ms.map_or_else(|| store.clone(), |ms| store.expiring(Expires::InMs(ms)));
                set(&store, *name, *content).await;
                let at = ms.map(|ms| self.model.now + i64::try_from(ms).unwrap() * 1_000);
                self.model.put(*name, Some(*content), at);
            }
            Step::SetBoth(one, first, other, second) => {
                if (one.0, key(*one)) == (other.0, key(*other)) {
                    return;
                }
                let (here, there) = (self.store(which, one.0), self.store(1 - which, other.0));
                join(set(&here, *one, *first), set(&there, *other, *second)).await;
                self.model.put(*one, Some(*first), None);
                self.model.put(*other, Some(*second), None);
            }
            Step::Fail(name, which_content) => {
                let pieces = [Ok(content(*which_content)), Err(Error::new(ErrorKind::Storage, "no more"))];
                let store = self.store(which, name.0);
                store.set_bytes(&key(*name), stream::iter(pieces), BytesOptions::default()).await.unwrap_err();
            }
            Step::Json(names) => {
                for namespace in 0..2 {
                    let here: Vec<Name> = names.iter().copied().filter(|name| name.0 == namespace).collect();
                    let items = here.iter().map(|name| Item { key: key(*name), value: json() }).collect();
                    self.store(which, namespace).set_many(items, None).await.unwrap();
                    here.into_iter().for_each(|name| self.model.put(name, None, None));
                }
            }
            Step::Update(name, keeps) => {
                let keeps = *keeps;
                let change = move |old: Option<Json>| Ok(old.filter(|_| keeps).unwrap_or_else(json));
                self.store(which, name.0).update(&key(*name), change).await.unwrap();
                let record = self.model.records.entry((name.0, key(*name))).or_insert((None, None));
                record.0 = record.0.filter(|_| keeps);
            }
            Step::Atomic(set, delete) => {
                let mut atomic = self.databases[which].atomic();
                let (setting, deleting) = (self.store(which, set.0), self.store(which, delete.0));
                atomic.set(&setting, &key(*set), json(), None).delete(&deleting, &key(*delete));
                atomic.commit().await.unwrap().unwrap();
                self.model.put(*set, None, None);
                self.model.remove(*delete);
            }
            Step::Delete(names) => {
                for namespace in 0..2 {
                    let here: Vec<Name> = names.iter().copied().filter(|name| name.0 == namespace).collect();
                    let keys = here.iter().map(|name| key(*name)).collect();
                    let deleted = self.store(which, namespace).delete_many(keys).await.unwrap();
                    assert_eq!(deleted, here.into_iter().filter(|name| self.model.remove(*name)).count());
                }
            }
            Step::DeleteBoth(one, other) => {
                self.databases[1 - which].refresh().await.unwrap();
                let (here, there) = (self.store(which, one.0), self.store(1 - which, other.0));
                let (one_key, other_key) = (key(*one), key(*other));
                let (first, second) = join(here.delete(&one_key), there.delete(&other_key)).await;
                let deleted = usize::from(first.unwrap()) + usize::from(second.unwrap());
                assert_eq!(deleted, usize::from(self.model.remove(*one)) + usize::from(self.model.remove(*other)));
            }
            Step::Clear(namespace) => {
                let cleared = self.store(which, *namespace).clear().await.unwrap();
                let before = self.model.records.len();
                self.model.records.retain(|(known, _), _| known != namespace);
                assert_eq!(cleared, (before - self.model.records.len()) as u64);
            }
            Step::Prefix(namespace, letter) => {
                let prefix = format!("{}/", letter % 2);
                let removed = self.store(which, *namespace).delete_by_prefix(&prefix).await.unwrap();
                let before = self.model.records.len();
                self.model.records.retain(|(known, key), _| known != namespace || !key.starts_with(&prefix));
                assert_eq!(removed, (before - self.model.records.len()) as u64);
            }
            Step::Wait(micros) => {
                self.model.now += micros;
                self.clock.set(Timestamp::from_micros(START + self.model.now).unwrap());
            }
            Step::Move(clears) => {
                let store = self.store(which, 0);
                let text = store.export_documents(true).await.unwrap();
                if *clears {
                    store.clear().await.unwrap();
                }
                store.import_documents(&text, Existing::Replace).await.unwrap();
            }
            Step::Check => self.check(which).await,
        }
    }

    async fn check(&self, which: usize) {
        for namespace in 0..2 {
            let store = self.store(which, namespace);
            let mut keys = Vec::new();
            for ((known, key), (bytes, _)) in &self.model.records {
                if *known != namespace {
                    continue;
                }
                match (bytes, store.get_value(key).await.unwrap().unwrap()) {
                    (Some(bytes), StoredValue::Bytes(reader)) => {
                        assert!(reader.whole().await.unwrap() == content(*bytes), "other bytes are under {key}");
                    }
                    (None, StoredValue::Json(value)) => assert_eq!(value, json()),
                    (expected, found) => panic!("{expected:?} is expected, not {found:?}"),
                }
                keys.push(key.clone());
            }
            assert_eq!(store.list_keys("").await.unwrap(), keys);
        }
    }
}

async fn run(backends: Vec<Box<dyn Backend>>, other: Box<dyn Backend>, steps: Vec<(usize, Step)>) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
    let open = |backend| Database::new(backend, DatabaseOptions { clock: clock.clone(), ..Default::default() });
    let databases = backends.into_iter().map(open).collect();
    let mut world = World { databases, clock, model: Model::default() };
    let scope = BytesScope::of("anonymous");
    for (which, step) in &steps {
        world.make(*which, step).await;
        // What has expired is counted until somebody looks.
        world.databases[*which].refresh().await.unwrap();
        world.store(*which, 0).list_keys("").await.unwrap();
        world.model.settle();
        other.refresh().await.unwrap();
        let ranges = [scope.contents(), scope.all_pieces().keys_only(), scope.uploads()];
        let found = other.read(&ranges).await.unwrap();
        let contents = found[0].iter().map(|entry| Content::decode(&entry.value).unwrap());
        let counted = contents.map(|content| (content.size, content.references)).collect();
        assert_eq!((counted, found[1].len()), world.model.counts(), "after {step:?}");
        assert_eq!(found[2], []);
    }
    for which in 0..2 {
        world.databases[which].refresh().await.unwrap();
        world.check(which).await;
    }
}

const TINY: PagedOptions = PagedOptions { cache_bytes: 2_000, checkpoint_bytes: 500 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn on_memory(steps in prop::collection::vec(step(), 1..40)) {
        let space = Space::default();
        let open = || -> Box<dyn Backend> { Box::new(Memory::on(&space)) };
        pollster::block_on(run(vec![open(), open()], open(), steps));
    }

    #[test]
    fn on_the_paged_engine(steps in prop::collection::vec(step(), 1..20)) {
        pollster::block_on(async {
            let space = BlobSpace::default();
            let open = async || {
                let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
                Box::new(Paged::open(blobs, neighbours, TINY).await.unwrap()) as Box<dyn Backend>
            };
            run(vec![open().await, open().await], open().await, steps).await;
        });
    }
}

#[test]
fn bytes_may_be_more_than_a_commit_and_more_than_a_record_can_take() {
    pollster::block_on(async {
        let space = Space::default();
        let store = Database::new(Memory::on(&space), DatabaseOptions::default()).data_store(Default::default());
        let piece: Vec<u8> = (0..1 << 20).map(|place: u32| (place % 251) as u8).collect();
        let pieces = stream::iter((0..150).map(|_| Ok(piece.clone())));
        let reference = store.set_bytes("k", pieces, BytesOptions::default()).await.unwrap();
        assert_eq!(reference.size, 150 << 20);
        let mut reader = store.read_bytes("k", 0, None).await.unwrap().unwrap();
        let mut at = 0;
        while let Some(read) = reader.next().await.unwrap() {
            let within = at % piece.len();
            assert!(piece[within..within + read.len()] == *read, "other bytes from {at} on");
            at += read.len();
        }
        assert_eq!(at as u64, reference.size);
        assert_eq!(store.export_documents(false).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
        assert_eq!(store.clear().await.unwrap(), 1);
        let scope = BytesScope::of("anonymous");
        let left = Memory::on(&space).read(&[scope.contents(), scope.all_pieces()]).await.unwrap();
        assert_eq!(left, [[], []]);
    });
}
