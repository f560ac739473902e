//! The agent data store against a simple model: random calls by several users, agents and databases.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::Json;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::model::Timestamp;
use agent_datastore::model::data_record::Metadata;
use agent_datastore::model::data_rules::{Existing, Item};
use agent_datastore::model::keyspace::KeySpan;
use agent_datastore::model::namespaces::NamespaceOptions;
use agent_datastore::store::{DataStore, DataStoreOptions, Database, DatabaseOptions, ListOptions, ManualClock};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Names that a naive encoding would confuse.
const NAMES: [&str; 8] = ["", "a", "a:b", "b", "a\0", "\0", "\u{ffff}", "😀"];
const AGENTS: [&str; 3] = ["", "planner", "critic"];

#[derive(Debug, Clone)]
struct Call {
    database: usize,
    user: usize,
    agent: usize,
    namespace: usize,
    action: Action,
}

#[derive(Debug, Clone)]
enum Action {
    Set(Vec<(usize, u8)>, Option<u8>),
    Get(usize),
    GetMany(Vec<usize>),
    Delete(Vec<usize>),
    Clear,
    List(usize),
    Namespaces,
    Record(usize),
    Flush,
    ExportAndImport(bool),
}

fn name() -> impl Strategy<Value = usize> {
    0..NAMES.len()
}

fn action() -> impl Strategy<Value = Action> {
    let names = || prop::collection::vec(name(), 0..4);
    prop_oneof![
        5 => (prop::collection::vec((name(), any::<u8>()), 0..4), prop::option::of(0..4_u8))
            .prop_map(|(items, metadata)| Action::Set(items, metadata)),
        3 => name().prop_map(Action::Get),
        2 => names().prop_map(Action::GetMany),
        2 => names().prop_map(Action::Delete),
        1 => Just(Action::Clear),
        2 => name().prop_map(Action::List),
        1 => Just(Action::Namespaces),
        3 => name().prop_map(Action::Record),
        1 => Just(Action::Flush),
        1 => any::<bool>().prop_map(Action::ExportAndImport),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let who = (0..2_usize, 0..4_usize, 0..AGENTS.len(), 0..4_usize);
    (who, action()).prop_map(|((database, user, agent, namespace), action)| Call {
        database,
        user,
        agent,
        namespace,
        action,
    })
}

/// What the model knows of a record.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    value: u8,
    metadata: BTreeMap<String, u64>,
    created: (i64, Option<String>),
    updated: i64,
    reads: u64,
}

type Model = BTreeMap<(usize, usize, String), Known>;

fn in_namespace<'a>(model: &'a Model, call: &'a Call) -> impl Iterator<Item = (&'a String, &'a Known)> {
    let (user, namespace) = (call.user, call.namespace);
    model.iter().filter(move |((u, n, _), _)| (*u, *n) == (user, namespace)).map(|((_, _, key), known)| (key, known))
}

async fn run(calls: Vec<Call>) {
    let space = Space::default();
    let clock = Rc::new(ManualClock::new(Timestamp::default()));
    let open = || {
        let options = DatabaseOptions { clock: clock.clone(), ..Default::default() };
        Database::new(Memory::on(&space), options)
    };
    let databases = [open(), open()];
    let mut model = Model::new();
    for (step, call) in calls.iter().enumerate() {
        let now = step as i64 * 1_000;
        clock.set(Timestamp::from_micros(now).unwrap());
        let database = &databases[call.database];
        let store = database.data_store(DataStoreOptions {
            user: NAMES[call.user].to_owned(),
            agent: Some(AGENTS[call.agent].to_owned()),
            namespace: NAMES[call.namespace].to_owned(),
            track_access: true,
            expires: None,
        });
        check(call, &store, database, &mut model, now).await;
    }
    for database in &databases {
        database.flush().await.unwrap();
    }
    for ((user, namespace, key), known) in &model {
        let store = databases[0].data_store(DataStoreOptions {
            user: NAMES[*user].to_owned(),
            namespace: NAMES[*namespace].to_owned(),
            ..Default::default()
        });
        let record = store.get_record(key).await.unwrap().unwrap();
        assert_eq!(record.access.count, known.reads, "reads of {key:?}");
    }
}

async fn check(call: &Call, store: &DataStore, database: &Database, model: &mut Model, now: i64) {
    let agent = Some(AGENTS[call.agent].to_owned()).filter(|agent| !agent.is_empty());
    let name = |key: usize| (call.user, call.namespace, NAMES[key].to_owned());
    let text = |known: &Known| known.value.to_string();
    match &call.action {
        Action::Set(items, mark) => {
            let metadata =
                mark.map(|mark| Metadata::new(Json::parse(&format!(r#"{{"m{mark}":{now}}}"#)).unwrap()).unwrap());
            let given = items
                .iter()
                .map(|(key, value)| Item {
                    key: NAMES[*key].to_owned(),
                    value: Json::parse(&value.to_string()).unwrap(),
                })
                .collect();
            let distinct: BTreeMap<usize, u8> = items.iter().copied().collect();
            assert_eq!(store.set_many(given, metadata).await.unwrap(), distinct.len());
            for (key, value) in distinct {
                let known = model.entry(name(key)).or_insert_with(|| Known {
                    value,
                    metadata: BTreeMap::new(),
                    created: (now, agent.clone()),
                    updated: now,
                    reads: 0,
                });
                known.value = value;
                known.updated = now;
                known.metadata.extend(mark.map(|mark| (format!("m{mark}"), now as u64)));
            }
        }
        Action::Get(key) => {
            let found = store.get(NAMES[*key]).await.unwrap().map(Json::into_string);
            assert_eq!(found, model.get(&name(*key)).map(text));
            count(model, &name(*key), &agent);
        }
        Action::GetMany(keys) => {
            let names: Vec<String> = keys.iter().map(|key| NAMES[*key].to_owned()).collect();
            let found = store.get_many(&names).await.unwrap();
            let mut expected: Vec<(String, String)> = Vec::new();
            for key in keys {
                if let Some(known) = model.get(&name(*key))
                    && expected.iter().all(|(seen, _)| seen != NAMES[*key])
                {
                    expected.push((NAMES[*key].to_owned(), text(known)));
                }
            }
            let found: Vec<_> = found.into_iter().map(|(key, value)| (key, value.into_string())).collect();
            assert_eq!(found, expected);
            keys.iter().for_each(|key| count(model, &name(*key), &agent));
        }
        Action::Delete(keys) => {
            let removed = keys.iter().filter(|key| model.remove(&name(**key)).is_some()).count();
            let names = keys.iter().map(|key| NAMES[*key].to_owned()).collect();
            assert_eq!(store.delete_many(names).await.unwrap(), removed);
        }
        Action::Clear => {
            let before = model.len();
            model.retain(|(user, namespace, _), _| (*user, *namespace) != (call.user, call.namespace));
            assert_eq!(store.clear().await.unwrap() as usize, before - model.len());
        }
        Action::List(prefix) => {
            let expected: Vec<&String> =
                in_namespace(model, call).map(|(key, _)| key).filter(|key| key.starts_with(NAMES[*prefix])).collect();
            assert_eq!(store.list_keys(NAMES[*prefix]).await.unwrap().iter().collect::<Vec<_>>(), expected);
            let keys = KeySpan { prefix: NAMES[*prefix].to_owned(), ..KeySpan::default() };
            assert_eq!(store.count(&keys).await.unwrap(), expected.len() as u64);
            let page = store.list(&ListOptions { keys, limit: 2, ..ListOptions::default() }).await.unwrap();
            assert_eq!(
                page.entries.iter().map(|listed| &listed.key).collect::<Vec<_>>(),
                expected[..expected.len().min(2)]
            );
            assert_eq!(page.cursor.is_some(), expected.len() > 2);
        }
        Action::Namespaces => {
            let mut expected: Vec<&str> = model
                .keys()
                .filter(|(user, _, _)| *user == call.user)
                .map(|(_, namespace, _)| NAMES[*namespace])
                .collect();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(store.list_namespaces().await.unwrap(), expected);
            let details = store.namespace_details(&NamespaceOptions::default()).await.unwrap();
            assert_eq!(details.iter().map(|details| &*details.namespace.name).collect::<Vec<_>>(), expected);
            for details in details {
                let is_in = |(user, namespace, _): &&(usize, usize, String)| {
                    (*user, NAMES[*namespace]) == (call.user, &*details.namespace.name)
                };
                let known = || model.iter().filter(|(place, _)| is_in(place)).map(|(_, known)| known);
                assert_eq!(details.records as usize, known().count());
                assert_eq!(Some(details.updated_at.as_micros()), known().map(|known| known.updated).max());
            }
        }
        Action::Record(key) => {
            let found = store.get_record(NAMES[*key]).await.unwrap();
            let Some(known) = model.get(&name(*key)) else {
                assert!(found.is_none());
                return;
            };
            let record = found.unwrap().record;
            assert_eq!(record.value.as_str(), text(known));
            assert_eq!(record.metadata.as_json().read::<BTreeMap<String, u64>>().unwrap(), known.metadata);
            assert_eq!((record.created_at.as_micros(), record.created_by), known.created);
            assert_eq!(record.updated_at.as_micros(), known.updated);
        }
        Action::Flush => database.flush().await.unwrap(),
        Action::ExportAndImport(clear_first) => {
            let text = store.export_documents(false).await.unwrap();
            let count = in_namespace(model, call).count();
            if *clear_first {
                store.clear().await.unwrap();
            }
            let existing = if *clear_first { Existing::Skip } else { Existing::Replace };
            let done = store.import_documents(&text, existing).await.unwrap();
            assert_eq!((done.imported, done.skipped), (count, 0));
            assert_eq!(store.export_documents(false).await.unwrap(), text);
        }
    }
}

fn count(model: &mut Model, name: &(usize, usize, String), agent: &Option<String>) {
    if let (Some(known), Some(_)) = (model.get_mut(name), agent) {
        known.reads += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_store_acts_as_the_model(calls in prop::collection::vec(call(), 1..40)) {
        pollster::block_on(run(calls));
    }
}
