//! Atomic commits and updates against a simple model: random ones, by two databases on the same storage, of which none refreshes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::Version;
use agent_datastore::store::{DataStore, DataStoreOptions, Database};
use agent_datastore::{ErrorKind, Json};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

const NAMESPACES: [&str; 2] = ["a", "a:b"];
const KEYS: [&str; 3] = ["", "k", "k\0"];

/// Which record: a namespace and a key.
type Place = (usize, usize);

#[derive(Debug, Clone)]
enum Change {
    Set(i32),
    SetList,
    Delete,
    Sum(i32),
    Min(i32),
    Max(i32),
    Append(Vec<i32>),
}

#[derive(Debug, Clone)]
enum Checked {
    /// The version that the record has.
    Now,
    /// The one that it had before.
    Before,
    Absent,
}

#[derive(Debug, Clone)]
enum Call {
    Atomic(Vec<(Place, Checked)>, Vec<(Place, Change)>),
    Update(Place, i32),
    Set(Place, i32),
    Clear(usize),
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(i64),
    List(Vec<i32>),
}

#[derive(Debug, Clone, PartialEq)]
struct Known {
    value: Value,
    version: Version,
}

type Model = BTreeMap<Place, Known>;

fn place() -> impl Strategy<Value = Place> {
    (0..NAMESPACES.len(), 0..KEYS.len())
}

fn change() -> impl Strategy<Value = Change> {
    let number = || -9..9_i32;
    prop_oneof![
        3 => number().prop_map(Change::Set),
        1 => Just(Change::SetList),
        2 => Just(Change::Delete),
        3 => number().prop_map(Change::Sum),
        1 => number().prop_map(Change::Min),
        1 => number().prop_map(Change::Max),
        2 => prop::collection::vec(number(), 0..3).prop_map(Change::Append),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let checked = prop_oneof![4 => Just(Checked::Now), 1 => Just(Checked::Before), 1 => Just(Checked::Absent)];
    prop_oneof![
        6 => (prop::collection::vec((place(), checked), 0..3), prop::collection::vec((place(), change()), 0..5))
            .prop_map(|(checks, changes)| Call::Atomic(checks, changes)),
        2 => (place(), -9..9_i32).prop_map(|(place, by)| Call::Update(place, by)),
        2 => (place(), -9..9_i32).prop_map(|(place, number)| Call::Set(place, number)),
        1 => (0..NAMESPACES.len()).prop_map(Call::Clear),
    ]
}

/// What a change makes of a value; `None` where it is refused.
fn changed(change: &Change, old: Option<&Value>) -> Option<Option<Value>> {
    let number = |with: i32, combined: fn(i64, i64) -> i64| match old {
        None => Some(Some(Value::Number(with.into()))),
        Some(Value::Number(old)) => Some(Some(Value::Number(combined(*old, with.into())))),
        Some(Value::List(_)) => None,
    };
    match change {
        Change::Set(number) => Some(Some(Value::Number((*number).into()))),
        Change::SetList => Some(Some(Value::List(Vec::new()))),
        Change::Delete => Some(None),
        Change::Sum(by) => number(*by, |old, with| old + with),
        Change::Min(with) => number(*with, i64::min),
        Change::Max(with) => number(*with, i64::max),
        Change::Append(items) => match old {
            None => Some(Some(Value::List(items.clone()))),
            Some(Value::List(old)) => Some(Some(Value::List([old.as_slice(), items].concat()))),
            Some(Value::Number(_)) => None,
        },
    }
}

fn json(value: &Value) -> Json {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::List(items) => format!("{items:?}"),
    };
    Json::parse(&text).unwrap()
}

fn store(database: &Database, namespace: usize) -> DataStore {
    database.data_store(DataStoreOptions { namespace: NAMESPACES[namespace].to_owned(), ..Default::default() })
}

async fn atomic(
    database: &Database,
    checks: &[(Place, Checked)],
    changes: &[(Place, Change)],
    model: &mut Model,
    last: &mut BTreeMap<Place, Version>,
) {
    let mut atomic = database.atomic();
    let mut holds = true;
    for (place, checked) in checks {
        let now = model.get(place).map(|known| known.version);
        let expected = match checked {
            Checked::Now => now,
            Checked::Before => last.get(place).copied(),
            Checked::Absent => None,
        };
        holds &= expected == now;
        atomic.check(&store(database, place.0), KEYS[place.1], expected);
    }
    let mut after: BTreeMap<Place, Option<Value>> = BTreeMap::new();
    let mut is_refused = false;
    for (place, change) in changes {
        let (store, key) = (store(database, place.0), KEYS[place.1]);
        let items = |items: &[i32]| items.iter().map(|item| Json::parse(&item.to_string()).unwrap()).collect();
        match change {
            Change::Set(number) => atomic.set(&store, key, json(&Value::Number((*number).into())), None),
            Change::SetList => atomic.set(&store, key, json(&Value::List(Vec::new())), None),
            Change::Delete => atomic.delete(&store, key),
            Change::Sum(by) => atomic.sum(&store, key, (*by).into()),
            Change::Min(with) => atomic.min(&store, key, (*with).into()),
            Change::Max(with) => atomic.max(&store, key, (*with).into()),
            Change::Append(with) => atomic.append(&store, key, items(with)),
        };
        let old = after.get(place).cloned().unwrap_or_else(|| model.get(place).map(|known| known.value.clone()));
        match changed(change, old.as_ref()) {
            Some(new) => drop(after.insert(*place, new)),
            None => is_refused = true,
        }
    }
    let committed = atomic.commit().await;
    if !holds {
        assert_eq!(committed.unwrap(), None, "a check that does not hold comes before all else");
    } else if is_refused {
        assert_eq!(committed.unwrap_err().kind(), ErrorKind::InvalidValue);
    } else {
        let version = committed.unwrap().unwrap();
        for (place, value) in after {
            if let Some(before) = model.remove(&place) {
                last.insert(place, before.version);
            }
            if let Some(value) = value {
                model.insert(place, Known { value, version });
            }
        }
    }
}

async fn check(database: &Database, model: &Model) {
    for namespace in 0..NAMESPACES.len() {
        let store = store(database, namespace);
        for (key, name) in KEYS.iter().enumerate() {
            let known = model.get(&(namespace, key)).map(|known| (json(&known.value), known.version));
            assert_eq!(store.get_with_version(name).await.unwrap(), known, "{name:?} in {namespace}");
        }
    }
}

async fn run(open: [Box<dyn Backend>; 2], calls: &[(usize, Call)]) {
    let databases = open.map(|backend| Database::new(backend, Default::default()));
    let (mut model, mut last) = (Model::new(), BTreeMap::new());
    for (who, call) in calls {
        let database = &databases[*who];
        match call {
            Call::Atomic(checks, changes) => atomic(database, checks, changes, &mut model, &mut last).await,
            Call::Update(place, by) => {
                let by = i64::from(*by);
                let change = move |old: Option<Json>| {
                    let old: i64 = old.map_or(Ok(0), |old| old.read())?;
                    Json::parse(&(old + by).to_string())
                };
                let updated = store(database, place.0).update(KEYS[place.1], change).await;
                let old = match model.get(place).map(|known| &known.value) {
                    None => Some(0),
                    Some(Value::Number(old)) => Some(*old),
                    Some(Value::List(_)) => None,
                };
                let Some(old) = old else {
                    assert_eq!(updated.unwrap_err().kind(), ErrorKind::InvalidValue);
                    continue;
                };
                let (value, version) = updated.unwrap();
                let known = Known { value: Value::Number(old + by), version };
                assert_eq!(value, json(&known.value));
                last.extend(model.insert(*place, known).map(|before| (*place, before.version)));
            }
            Call::Set(place, number) => {
                let (store, value) = (store(database, place.0), Value::Number((*number).into()));
                store.set(KEYS[place.1], json(&value), None).await.unwrap();
                let version = store.get_with_version(KEYS[place.1]).await.unwrap().unwrap().1;
                last.extend(model.insert(*place, Known { value, version }).map(|before| (*place, before.version)));
            }
            Call::Clear(namespace) => {
                store(database, *namespace).clear().await.unwrap();
                model.retain(|(of, _), _| of != namespace);
            }
        }
        check(database, &model).await;
    }
    for database in &databases {
        database.refresh().await.unwrap();
        check(database, &model).await;
    }
}

proptest! {
    #[test]
    fn random_atomics_act_as_on_a_map(calls in prop::collection::vec((0..2_usize, call()), 1..40)) {
        pollster::block_on(async {
            let space = Space::default();
            run([Box::new(Memory::on(&space)), Box::new(Memory::on(&space))], &calls).await;
            for options in [PagedOptions::default(), PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 }] {
                let space = BlobSpace::default();
                let open = || async {
                    Box::new(Paged::open(Rc::new(space.clone()), Rc::new(space.clone()), options).await.unwrap())
                };
                run([open().await, open().await], &calls).await;
            }
        });
    }
}
