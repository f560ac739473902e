//! Finding against a simple model: random records, filters, orders and pages, while two databases on the same storage write, and declare and give up
//! indexes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

use agent_datastore::Json;
use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::Timestamp;
use agent_datastore::model::data_rules::Item;
use agent_datastore::model::find::{Filter, FindOptions, OrderBy, Path};
use agent_datastore::store::{
    Clock as _, DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, ManualClock,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

const PATHS: [&str; 5] = ["a", "b", "a.x", "b.0", "$value"];

/// Values of a few kinds that are often equal, often there, and sometimes longer than what an index keeps of them.
fn leaf() -> impl Strategy<Value = Value> {
    let long = |end: &str| format!("{}{end}", "x".repeat(130));
    prop::sample::select(vec![
        json!(null),
        json!(false),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.5),
        json!(2),
        json!(""),
        json!("a"),
        json!("b"),
        json!("b\u{0}"),
        json!(format!("{}éx", "x".repeat(127))),
        json!(format!("{}b", "x".repeat(127))),
        json!(format!("{}yz", "x".repeat(127))),
        json!(long("a")),
        json!(long("b")),
        json!([]),
        json!([1]),
        json!([1, "a"]),
        json!([2]),
        // Too large to be copied into a covering index.
        json!(["y".repeat(1_100)]),
        json!({}),
        json!({ "x": 1 }),
        json!({ "x": "a", "y": 2 }),
        json!({ "x": 2 }),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    let both = (prop::option::weighted(0.8, leaf()), prop::option::weighted(0.7, leaf())).prop_map(|(a, b)| {
        let members = [("a", a), ("b", b)].into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(members.collect())
    });
    prop_oneof![9 => both, 1 => leaf()]
}

fn operators() -> impl Strategy<Value = Value> {
    let one = prop_oneof![
        (prop::sample::select(vec!["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]), leaf())
            .prop_map(|(name, value)| json!({ name: value })),
        (prop::sample::select(vec!["$in", "$nin"]), prop::collection::vec(leaf(), 0..4))
            .prop_map(|(name, values)| json!({ name: values })),
        any::<bool>().prop_map(|is_there| json!({ "$exists": is_there })),
        (leaf(), leaf()).prop_map(|(from, to)| json!({ "$gte": from, "$lt": to })),
    ];
    prop_oneof![3 => one.clone(), 1 => one.prop_map(|one| json!({ "$not": one }))]
}

fn filter() -> impl Strategy<Value = Value> {
    let condition = prop_oneof![leaf().prop_map(|value| json!({ "$eq": value })), operators()];
    let flat = prop::collection::vec((prop::sample::select(PATHS.to_vec()), condition), 0..3).prop_map(|tests| {
        Value::Object(tests.into_iter().map(|(path, test)| (path.to_owned(), test)).collect::<Map<_, _>>())
    });
    flat.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["$and", "$or"]), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(mut filter, name, list)| {
                    filter.as_object_mut().unwrap().insert(name.to_owned(), Value::from(list));
                    filter
                }),
            (inner.clone(), inner).prop_map(|(mut filter, not)| {
                filter.as_object_mut().unwrap().insert("$not".to_owned(), not);
                filter
            }),
        ]
    })
}

#[derive(Debug, Clone)]
enum Step {
    Set(Vec<(u8, Value)>),
    SetUntil(u8, Value),
    Delete(Vec<u8>),
    DeleteByPrefix(u8),
    Clear,
    /// Everything that expires does.
    Wait,
    Atomic(u8, Value, u8),
    Declare(Vec<usize>),
    GiveUp(Vec<usize>),
    /// The paths of the order, whether each descends, and how long the pages are.
    Find(Value, Vec<(usize, bool)>, u32, bool),
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let key = || 0..40_u8;
    let paths = || prop::sample::subsequence((0..PATHS.len()).collect::<Vec<_>>(), 1..3).prop_shuffle();
    let order = || {
        paths().prop_flat_map(|paths| {
            prop::collection::vec(any::<bool>(), paths.len())
                .prop_map(move |descends| paths.iter().copied().zip(descends).collect::<Vec<_>>())
        })
    };
    let one_way =
        (paths(), any::<bool>()).prop_map(|(paths, descends)| paths.into_iter().map(|path| (path, descends)).collect());
    let orders = prop_oneof![Just(Vec::new()), order(), one_way];
    let step = prop_oneof![
        8 => prop::collection::vec((key(), value()), 1..12).prop_map(Step::Set),
        1 => (key(), value()).prop_map(|(key, value)| Step::SetUntil(key, value)),
        2 => prop::collection::vec(key(), 1..5).prop_map(Step::Delete),
        1 => (0..4_u8).prop_map(Step::DeleteByPrefix),
        1 => Just(Step::Clear),
        1 => Just(Step::Wait),
        2 => (key(), value(), key()).prop_map(|(set, value, delete)| Step::Atomic(set, value, delete)),
        3 => paths().prop_map(Step::Declare),
        1 => paths().prop_map(Step::GiveUp),
        12 => (filter(), orders, prop_oneof![1..6_u32, Just(100)], any::<bool>()).prop_map(|(filter, order, limit, keys_only)| Step::Find(filter, order, limit, keys_only)),
    ];
    (0..2_usize, step)
}

// The model: as plain as can be, on whole values.

fn class(value: &Value) -> u8 {
    match value {
        Value::Null => 1,
        Value::Bool(_) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().unwrap().partial_cmp(&other.as_f64().unwrap()).unwrap()
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Array(one), Value::Array(other)) => one
            .iter()
            .zip(other)
            .map(|(one, other)| compare(one, other))
            .find(|order| order.is_ne())
            .unwrap_or(one.len().cmp(&other.len())),
        (Value::Object(one), Value::Object(other)) => {
            let sorted = |object: &Map<String, Value>| {
                object.clone().into_iter().collect::<BTreeMap<_, _>>().into_iter().collect::<Vec<_>>()
            };
            let (one, other) = (sorted(one), sorted(other));
            let pair = |((name, value), (other_name, other)): (&(String, Value), &(String, Value))| {
                name.cmp(other_name).then(compare(value, other))
            };
            one.iter().zip(&other).map(pair).find(|order| order.is_ne()).unwrap_or(one.len().cmp(&other.len()))
        }
        _ => class(one).cmp(&class(other)),
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path == "$value" {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        Value::Object(members) => members.get(name),
        _ => None,
    })
}

fn holds(filter: &Value, value: &Value) -> bool {
    filter.as_object().unwrap().iter().all(|(name, test)| match name.as_str() {
        "$and" => test.as_array().unwrap().iter().all(|filter| holds(filter, value)),
        "$or" => test.as_array().unwrap().iter().any(|filter| holds(filter, value)),
        "$not" => !holds(test, value),
        path => passes(test, at(value, path)),
    })
}

fn passes(test: &Value, value: Option<&Value>) -> bool {
    test.as_object().unwrap().iter().all(|(operator, wanted)| {
        let is = |wanted: &Value| value.is_some_and(|value| compare(value, wanted).is_eq());
        let is_one = || wanted.as_array().unwrap().iter().any(is);
        let order = || value.filter(|value| class(value) == class(wanted)).map(|value| compare(value, wanted));
        match operator.as_str() {
            "$eq" => is(wanted),
            "$ne" => !is(wanted),
            "$gt" => order().is_some_and(Ordering::is_gt),
            "$gte" => order().is_some_and(Ordering::is_ge),
            "$lt" => order().is_some_and(Ordering::is_lt),
            "$lte" => order().is_some_and(Ordering::is_le),
            "$in" => is_one(),
            "$nin" => !is_one(),
            "$exists" => value.is_some() == wanted.as_bool().unwrap(),
            "$not" => !passes(wanted, value),
            other => panic!("{other}"),
        }
    })
}

fn name(key: u8) -> String {
    format!("{}/{:02}", key % 4, key)
}

fn index_name(paths: &[usize]) -> String {
    format!("{paths:?}")
}

fn is_covering(paths: &[usize]) -> bool {
    paths.iter().sum::<usize>() % 2 == 0
}

type Model = BTreeMap<String, Value>;

async fn find(store: &DataStore, model: &Model, filter: &Value, order: &[(usize, bool)], limit: u32, keys_only: bool) {
    let mut expected: Vec<(&String, &Value)> = model.iter().filter(|(_, value)| holds(filter, value)).collect();
    let descends = order.last().is_some_and(|(_, descends)| *descends);
    let turned = |order: Ordering, descends: bool| if descends { order.reverse() } else { order };
    expected.sort_by(|(one_key, one), (other_key, other)| {
        for (path, descends) in order {
            let (one, other) = (at(one, PATHS[*path]), at(other, PATHS[*path]));
            let by = match (one, other) {
                (Some(one), Some(other)) => compare(one, other),
                _ => one.is_some().cmp(&other.is_some()),
            };
            if by.is_ne() {
                return turned(by, *descends);
            }
        }
        turned(one_key.cmp(other_key), descends)
    });
    let parse = |filter: &Value| Filter::parse(&Json::parse(&filter.to_string()).unwrap()).unwrap();
    let by = |(path, descending): &(usize, bool)| OrderBy {
        path: Path::parse(PATHS[*path]).unwrap(),
        descending: *descending,
    };
    let mut options = FindOptions {
        filter: parse(filter),
        order: order.iter().map(by).collect(),
        limit,
        keys_only,
        ..FindOptions::default()
    };
    let mut found = Vec::new();
    loop {
        let page = store.find(&options).await.unwrap();
        let explained = store.explain(&options).await.unwrap();
        let left = expected.len() - found.len();
        let how = format!("{filter} by {order:?}: {explained:?}");
        assert_eq!(page.entries.len(), left.min(limit as usize), "{how}");
        assert_eq!(page.cursor.is_some(), left > limit as usize, "{how}");
        assert!(explained.records as usize <= model.len(), "{how}");
        assert!(explained.matches <= explained.records.max(explained.entries), "{how}");
        for listed in page.entries {
            let (key, value) = expected[found.len()];
            assert_eq!(&listed.key, key, "{how}");
            match listed.stored {
                Some((stored, version)) => {
                    assert_eq!(&stored.read::<Value>().unwrap(), value);
                    // Whether it comes from the record or from a copy.
                    assert_eq!(store.get_with_version(key).await.unwrap().unwrap().1, version, "{how}");
                }
                None => assert!(keys_only),
            }
            found.push(listed.key);
        }
        options.cursor = page.cursor;
        if options.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), expected.len());
}

async fn run(open: impl AsyncFn() -> Box<dyn Backend>, steps: &[(usize, Step)]) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(0).unwrap()));
    let options = DatabaseOptions { clock: clock.clone(), ..Default::default() };
    let databases = [Database::new(open().await, options.clone()), Database::new(open().await, options)];
    let mut model = Model::new();
    let mut expiring: Vec<String> = Vec::new();
    let mut declared: Vec<Vec<usize>> = Vec::new();
    let json = |value: &Value| Json::parse(&value.to_string()).unwrap();
    for (who, step) in steps {
        let database = &databases[*who];
        database.refresh().await.unwrap();
        let store = database.data_store(DataStoreOptions::default());
        match step {
            Step::Set(items) => {
                let all = items.iter().map(|(key, value)| Item { key: name(*key), value: json(value) });
                store.set_many(all.collect(), None).await.unwrap();
                for (key, value) in items {
                    expiring.retain(|other| *other != name(*key));
                    model.insert(name(*key), value.clone());
                }
            }
            Step::SetUntil(key, value) => {
                store.expiring(Expires::InMs(1_000)).set(&name(*key), json(value), None).await.unwrap();
                model.insert(name(*key), value.clone());
                expiring.push(name(*key));
            }
            Step::Delete(keys) => {
                store.delete_many(keys.iter().copied().map(name).collect()).await.unwrap();
                keys.iter().for_each(|key| drop(model.remove(&name(*key))));
            }
            Step::DeleteByPrefix(prefix) => {
                let prefix = format!("{prefix}/");
                let before = model.len();
                model.retain(|key, _| !key.starts_with(&prefix));
                assert_eq!(store.delete_by_prefix(&prefix).await.unwrap() as usize, before - model.len());
            }
            Step::Clear => {
                assert_eq!(store.clear().await.unwrap() as usize, model.len());
                model.clear();
            }
            Step::Wait => {
                clock.set(Timestamp::from_micros(clock.now().as_micros() + 2_000_000).unwrap());
                expiring.drain(..).for_each(|key| drop(model.remove(&key)));
            }
            Step::Atomic(set, value, delete) => {
                let mut atomic = database.atomic();
                atomic
                    .set(&store, &name(*set), json(&json!("first")), None)
                    .set(&store, &name(*set), json(value), None)
                    .delete(&store, &name(*delete));
                assert!(atomic.commit().await.unwrap().is_some());
                expiring.retain(|other| *other != name(*set));
                model.insert(name(*set), value.clone());
                model.remove(&name(*delete));
            }
            Step::Declare(paths) => {
                let parsed: Vec<Path> = paths.iter().map(|path| Path::parse(PATHS[*path]).unwrap()).collect();
                let name = index_name(paths);
                match is_covering(paths) {
                    true => store.create_covering_index(&name, &parsed).await.unwrap(),
                    false => store.create_index(&name, &parsed).await.unwrap(),
                }
                if !declared.contains(paths) {
                    declared.push(paths.clone());
                }
            }
            Step::GiveUp(paths) => {
                let before = declared.len();
                declared.retain(|known| known != paths);
                assert_eq!(store.drop_index(&index_name(paths)).await.unwrap(), declared.len() < before);
            }
            Step::Find(filter, order, limit, keys_only) => {
                find(&store, &model, filter, order, *limit, *keys_only).await
            }
        }
        let known: Vec<String> = store.list_indexes().await.unwrap().into_iter().map(|index| index.name).collect();
        assert_eq!(known, declared.iter().map(|paths| index_name(paths)).collect::<Vec<_>>());
    }
    // Every index has one entry for each record, and nothing else is left behind.
    let store = databases[0].data_store(DataStoreOptions::default());
    databases[0].refresh().await.unwrap();
    for paths in &declared {
        let order =
            paths.iter().map(|path| OrderBy { path: Path::parse(PATHS[*path]).unwrap(), descending: false }).collect();
        let all = FindOptions { order, limit: 1_000, ..FindOptions::default() };
        let explained = store.explain(&all).await.unwrap();
        assert_eq!(
            (explained.entries as usize, explained.matches as usize),
            (model.len(), model.len()),
            "{explained:?}"
        );
        assert!(explained.index.is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_in_memory_is_what_the_model_has(steps in prop::collection::vec(step(), 1..30)) {
        let space = Space::default();
        let open = async || Box::new(Memory::on(&space)) as Box<dyn Backend>;
        pollster::block_on(run(open, &steps));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_in_pages_is_what_the_model_has(steps in prop::collection::vec(step(), 1..30), is_small in any::<bool>()) {
        let space = BlobSpace::default();
        let options = if is_small { PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 } } else { PagedOptions::default() };
        let open = async || {
            let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
            Box::new(Paged::open(blobs, neighbours, options).await.unwrap()) as Box<dyn Backend>
        };
        pollster::block_on(run(open, &steps));
    }
}
