//! Records that expire against a simple model: two databases on the same storage, a clock that goes on, and whoever looks sees what has not
//! expired and nothing else.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::Timestamp;
use agent_datastore::model::data_rules::Item;
use agent_datastore::model::keyspace::{self, KeySpan};
use agent_datastore::store::{
    DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, ListOptions, ManualClock,
};
use agent_datastore::store::{DataWatch, Watched};
use agent_datastore::{Json, Result};
use futures_util::FutureExt as _;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

const START: i64 = 1_800_000_000_000_000;

/// A key of one letter, and in how many milliseconds what is set there expires.
type Name = u8;
type Ttl = Option<u64>;

#[derive(Debug, Clone)]
enum Step {
    Set(Vec<Name>, Ttl),
    Update(Name),
    /// A sum, and a set with a time, in one commit, on the condition that the first key is absent, if that is asked for.
    Atomic(Name, Name, Ttl, bool),
    Delete(Vec<Name>),
    Clear,
    /// Time goes on by so many microseconds.
    Wait(i64),
    Get(Name),
    Look,
    CountAndList,
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let name = || 0..5_u8;
    let names = || prop::collection::vec(name(), 1..5);
    let ttl = || prop::option::of(prop::sample::select(vec![1_u64, 2, 3, 5, 1_000]));
    let step = prop_oneof![
        6 => (names(), ttl()).prop_map(|(names, ttl)| Step::Set(names, ttl)),
        2 => name().prop_map(Step::Update),
        2 => (name(), name(), ttl(), any::<bool>()).prop_map(|(sum, set, ttl, checks)| Step::Atomic(sum, set, ttl, checks)),
        2 => names().prop_map(Step::Delete),
        1 => Just(Step::Clear),
        5 => prop::sample::select(vec![1_i64, 999, 1_000, 2_000, 10_000]).prop_map(Step::Wait),
        3 => name().prop_map(Step::Get),
        2 => Just(Step::Look),
        2 => Just(Step::CountAndList),
    ];
    (0..2_usize, step)
}

/// What there is by key: a number, and when it expires.
#[derive(Default)]
struct Model {
    now: i64,
    records: BTreeMap<String, (i64, Option<i64>)>,
}

impl Model {
    fn settle(&mut self) {
        let now = self.now;
        self.records.retain(|_, (_, at)| at.is_none_or(|at| now < at));
    }

    fn at(&self, ttl: Ttl) -> Option<i64> {
        ttl.map(|ms| self.now + i64::try_from(ms).unwrap() * 1_000)
    }

    fn keys(&self) -> Vec<String> {
        self.records.keys().cloned().collect()
    }
}

fn key(name: Name) -> String {
    char::from(b'a' + name).to_string()
}

fn json(number: i64) -> Json {
    Json::parse(&number.to_string()).unwrap()
}

fn expiring(store: &DataStore, ttl: Ttl) -> DataStore {
    ttl.map_or_else(|| store.clone(), |ms| store.expiring(Expires::InMs(ms)))
}

async fn make(
    store: &DataStore,
    database: &Database,
    clock: &ManualClock,
    step: &Step,
    number: i64,
    model: &mut Model,
) {
    database.refresh().await.unwrap();
    model.settle();
    match step {
        Step::Set(names, ttl) => {
            let items = names.iter().map(|name| Item { key: key(*name), value: json(number) }).collect();
            expiring(store, *ttl).set_many(items, None).await.unwrap();
            let at = model.at(*ttl);
            model.records.extend(names.iter().map(|name| (key(*name), (number, at))));
        }
        Step::Update(name) => {
            let add = |old: Option<Json>| -> Result<Json> {
                Ok(json(old.map_or(0, |old| old.as_str().parse::<i64>().unwrap()) + 1))
            };
            store.update(&key(*name), add).await.unwrap();
            model.records.entry(key(*name)).or_insert((0, None)).0 += 1;
        }
        Step::Atomic(sum, set, ttl, checks) => {
            let mut atomic = database.atomic();
            if *checks {
                atomic.check(store, &key(*sum), None);
            }
            atomic.sum(store, &key(*sum), 2.0).set(&expiring(store, *ttl), &key(*set), json(number), None);
            let is_made = atomic.commit().await.unwrap().is_some();
            assert_eq!(is_made, !checks || !model.records.contains_key(&key(*sum)));
            if is_made {
                model.records.entry(key(*sum)).or_insert((0, None)).0 += 2;
                let at = model.at(*ttl);
                model.records.insert(key(*set), (number, at));
            }
        }
        Step::Delete(names) => {
            let keys: Vec<String> = names.iter().map(|name| key(*name)).collect();
            let deleted = store.delete_many(keys.clone()).await.unwrap();
            assert_eq!(deleted, keys.iter().filter(|key| model.records.remove(*key).is_some()).count());
        }
        Step::Clear => {
            assert_eq!(store.clear().await.unwrap(), model.records.len() as u64);
            model.records.clear();
        }
        Step::Wait(micros) => {
            model.now += micros;
            clock.set(Timestamp::from_micros(START + model.now).unwrap());
        }
        Step::Get(name) => {
            let found = store.get_record(&key(*name)).await.unwrap();
            let found = found.map(|found| (found.record.value.as_str().parse().unwrap(), found.record.expires_at));
            let expected = model.records.get(&key(*name)).copied();
            assert_eq!(found.map(|(value, at)| (value, at.map(|at| at.as_micros() - START))), expected);
            assert_eq!(store.has(&key(*name)).await.unwrap(), expected.is_some());
        }
        Step::Look => {
            assert_eq!(store.list_keys("").await.unwrap(), model.keys());
            assert_eq!(store.list_namespaces().await.unwrap().is_empty(), model.records.is_empty());
        }
        Step::CountAndList => {
            assert_eq!(store.count(&KeySpan::default()).await.unwrap(), model.records.len() as u64);
            let listed = store.list(&ListOptions { reverse: true, ..ListOptions::default() }).await.unwrap().entries;
            let keys: Vec<String> = listed.into_iter().rev().map(|listed| listed.key).collect();
            assert_eq!(keys, model.keys());
        }
    }
}

/// Takes in what a watch tells, without waiting for more.
fn follow(watch: &mut DataWatch, known: &mut BTreeMap<String, String>) {
    while let Some(told) = watch.next().now_or_never() {
        for change in told.unwrap().unwrap().changes {
            assert_eq!(known.get(&change.key).map(String::as_str), change.old.as_ref().map(Json::as_str));
            match change.new {
                Some(new) => drop(known.insert(change.key, new.into_string())),
                None => drop(known.remove(&change.key)),
            }
        }
    }
}

async fn run(backends: Vec<Box<dyn Backend>>, other: Box<dyn Backend>, steps: Vec<(usize, Step)>) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
    let open = |backend| Database::new(backend, DatabaseOptions { clock: clock.clone(), ..Default::default() });
    let databases: Vec<Database> = backends.into_iter().map(open).collect();
    let stores: Vec<DataStore> =
        databases.iter().map(|database| database.data_store(DataStoreOptions::default())).collect();
    let mut watch = stores[1].watch(&Watched::Prefix(String::new()));
    let mut known = BTreeMap::new();
    let mut model = Model::default();
    for (number, (which, step)) in (100..).zip(&steps) {
        make(&stores[*which], &databases[*which], &clock, step, number * 10, &mut model).await;
        databases[1].refresh().await.unwrap();
        follow(&mut watch, &mut known);
    }
    model.settle();
    assert_eq!(stores[1].list_keys("").await.unwrap(), model.keys());
    follow(&mut watch, &mut known);
    assert_eq!(known.keys().cloned().collect::<Vec<_>>(), model.keys(), "who watches has seen it go");
    // Once all times have passed nothing is left of what expires.
    clock.set(Timestamp::from_micros(START + model.now + 10_000_000).unwrap());
    model.records.retain(|_, (_, at)| at.is_none());
    databases[0].refresh().await.unwrap();
    assert_eq!(stores[0].list_keys("").await.unwrap(), model.keys());
    other.refresh().await.unwrap();
    assert_eq!(other.read(&[keyspace::expiries()]).await.unwrap()[0], []);
}

const TINY: PagedOptions = PagedOptions { cache_bytes: 2_000, checkpoint_bytes: 500 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn on_memory(steps in prop::collection::vec(step(), 1..40)) {
        let space = Space::default();
        let open = || -> Box<dyn Backend> { Box::new(Memory::on(&space)) };
        pollster::block_on(run(vec![open(), open()], open(), steps));
    }

    #[test]
    fn on_the_paged_engine(steps in prop::collection::vec(step(), 1..40)) {
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
fn what_expires_together_may_be_more_than_a_reading_can_take() {
    pollster::block_on(async {
        let space = Space::default();
        let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
        let options = DatabaseOptions { clock: clock.clone(), ..Default::default() };
        let store = Database::new(Memory::on(&space), options).data_store(DataStoreOptions::default());
        let value = Json::parse(&format!("\"{}\"", "x".repeat(30 << 20))).unwrap();
        for name in 0..10 {
            store.expiring(Expires::InMs(1)).set(&key(name), value.clone(), None).await.unwrap();
        }
        store.set("kept", json(1), None).await.unwrap();
        clock.set(Timestamp::from_micros(START + 1_000).unwrap());
        assert_eq!(store.list_keys("").await.unwrap(), ["kept"]);
        assert_eq!(Memory::on(&space).read(&[keyspace::expiries()]).await.unwrap()[0], []);
    });
}
