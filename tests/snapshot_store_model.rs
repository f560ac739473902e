//! The snapshot store against a simple model: random calls through two databases on one storage, which know of each other's commits only when
//! they ask.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::import::Existing;
use agent_datastore::store::{Database, DatabaseOptions, SnapshotStore, SnapshotStoreOptions};
use agent_datastore::{ErrorKind, Json};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Names that a naive encoding, or one by the names of files, would confuse.
const NAMES: [&str; 5] = ["a", "a/b", "a_b", "A_B", "\0é"];

#[derive(Debug, Clone)]
enum Action {
    Save {
        key: usize,
        value: u8,
        history: usize,
    },
    /// Several at once, nobody waiting in between.
    Burst {
        key: usize,
        values: Vec<u8>,
        history: usize,
        delete_at: usize,
    },
    Delete(usize),
    DeleteAll,
    Prune(Option<usize>, usize),
    OutAndIn(usize),
    Reopen,
}

#[derive(Debug, Clone)]
struct Step {
    action: Action,
    path: Vec<usize>,
    database: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..NAMES.len();
    let history = prop_oneof![Just(0_usize), Just(1), Just(3)];
    let action = prop_oneof![
        8 => (key.clone(), 0..3_u8, history.clone()).prop_map(|(key, value, history)| Action::Save { key, value, history }),
        3 => (key.clone(), prop::collection::vec(0..4_u8, 1..6), history, 0..8_usize)
            .prop_map(|(key, values, history, delete_at)| Action::Burst { key, values, history, delete_at }),
        2 => key.clone().prop_map(Action::Delete),
        1 => Just(Action::DeleteAll),
        2 => (prop::option::of(key), 0..3_usize).prop_map(|(key, keep)| Action::Prune(key, keep)),
        1 => (0..3_usize).prop_map(Action::OutAndIn),
        1 => Just(Action::Reopen),
    ];
    let step = (action, prop::collection::vec(0..NAMES.len(), 0..3), 0..2_usize)
        .prop_map(|(action, path, database)| Step { action, path, database });
    prop::collection::vec(step, 1..40)
}

/// A key's versions, the current one last: numbers with values.
type Versions = Vec<(u64, u8)>;
type Place = (Vec<String>, String);

#[derive(Default)]
struct Model(BTreeMap<Place, Versions>);

impl Model {
    fn save(&mut self, place: &Place, value: u8, history: usize) {
        let versions = self.0.entry(place.clone()).or_default();
        match versions.last().copied() {
            Some((_, last)) if last == value => {}
            Some((number, _)) => {
                if history == 0 {
                    versions.pop();
                }
                versions.push((number + 1, value));
                if history > 0 {
                    versions.drain(..versions.len().saturating_sub(history + 1));
                }
            }
            None => versions.push((1, value)),
        }
    }

    fn within(&self, path: &[String]) -> Vec<Place> {
        self.0.keys().filter(|(scopes, _)| scopes.starts_with(path)).cloned().collect()
    }

    fn prune(&mut self, place: &Place, keep: usize) -> usize {
        let Some(versions) = self.0.get_mut(place) else { return 0 };
        versions.drain(..versions.len().saturating_sub(keep + 1)).count()
    }
}

fn names(path: &[usize]) -> Vec<String> {
    path.iter().map(|name| NAMES[*name].to_owned()).collect()
}

fn json(value: u8) -> Json {
    // Of more than one size, so that some are stored beside their entry.
    Json::parse(&format!("\"{}\"", value.to_string().repeat(if value == 2 { 20_000 } else { 1 }))).unwrap()
}

fn of(database: &Database, path: &[String], history: usize) -> SnapshotStore {
    let options = SnapshotStoreOptions { path: path.to_vec(), history, ..SnapshotStoreOptions::default() };
    database.snapshot_store(options)
}

async fn check(database: &Database, model: &Model) {
    database.refresh().await.unwrap();
    let mut scopes: BTreeSet<Vec<String>> = BTreeSet::from([Vec::new()]);
    for (path, _) in model.0.keys() {
        scopes.extend((0..=path.len()).map(|depth| path[..depth].to_vec()));
    }
    for path in &scopes {
        let store = of(database, path, 0);
        let keys: Vec<&String> = model.0.keys().filter(|(scopes, _)| scopes == path).map(|(_, key)| key).collect();
        assert_eq!(store.list().await.unwrap().iter().collect::<Vec<_>>(), keys);
        let below = model.within(path).into_iter().filter_map(|(scopes, _)| scopes.get(path.len()).cloned());
        assert_eq!(store.children().await.unwrap(), below.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
        for name in NAMES {
            let Some(versions) = model.0.get(&(path.clone(), name.to_owned())) else {
                assert_eq!(store.load(name).await.unwrap_err().kind(), ErrorKind::KeyNotFound);
                assert!(!store.has(name).await.unwrap() && store.versions(name).await.unwrap().is_empty());
                continue;
            };
            let (_, current) = versions.last().unwrap();
            assert_eq!(store.load(name).await.unwrap(), json(*current));
            let found = store.versions(name).await.unwrap();
            let expected: Vec<u64> = versions.iter().rev().map(|(number, _)| *number).collect();
            assert_eq!(found.iter().map(|version| version.version).collect::<Vec<_>>(), expected);
            for (number, value) in versions {
                assert_eq!(store.load_at(name, *number).await.unwrap(), json(*value));
            }
        }
    }
}

async fn run(steps: Vec<Step>, open: impl AsyncFn() -> Database) {
    let mut databases = [open().await, open().await];
    let mut model = Model::default();
    for Step { action, path, database } in steps {
        let path = names(&path);
        let place = |key: usize| (path.clone(), NAMES[key].to_owned());
        match action {
            Action::Save { key, value, history } => {
                of(&databases[database], &path, history).save(NAMES[key], json(value)).await.unwrap();
                model.save(&place(key), value, history);
            }
            Action::Burst { key, values, history, delete_at } => {
                let store = of(&databases[database], &path, history);
                for (at, value) in values.into_iter().enumerate() {
                    if at == delete_at {
                        drop(store.delete(NAMES[key]));
                        model.0.remove(&place(key));
                    }
                    drop(store.save(NAMES[key], json(value)));
                    model.save(&place(key), value, history);
                }
                store.close().await.unwrap();
            }
            Action::Delete(key) => {
                let was_there = of(&databases[database], &path, 0).delete(NAMES[key]).await.unwrap();
                assert_eq!(was_there, model.0.remove(&place(key)).is_some());
            }
            Action::DeleteAll => {
                let gone = model.within(&path);
                assert_eq!(of(&databases[database], &path, 0).delete_all().await.unwrap(), gone.len());
                gone.iter().for_each(|place| drop(model.0.remove(place)));
            }
            Action::Prune(key, keep) => {
                let pruned = of(&databases[database], &path, 0).prune(key.map(|key| NAMES[key]), keep).await.unwrap();
                let places = key.map_or_else(|| model.within(&path), |key| vec![place(key)]);
                assert_eq!(pruned, places.iter().map(|place| model.prune(place, keep)).sum::<usize>());
            }
            Action::OutAndIn(history) => {
                databases[database].refresh().await.unwrap();
                let store = of(&databases[database], &path, history);
                let files = store.export_files().await.unwrap();
                let mut values = BTreeMap::new();
                for place in model.within(&path) {
                    values.insert(place.clone(), model.0[&place].last().unwrap().1);
                }
                assert_eq!(store.delete_all().await.unwrap(), values.len());
                let done = store.import_files(&files, &[], Existing::Refuse).await.unwrap();
                assert_eq!(done.imported, values.len());
                for (place, value) in values {
                    model.0.insert(place, vec![(1, value)]);
                }
            }
            Action::Reopen => databases[database] = open().await,
        }
        check(&databases[database], &model).await;
    }
    for database in &databases {
        check(database, &model).await;
        assert!(database.verify().await.unwrap().damage.is_empty());
    }
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases.unwrap_or(64)) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn snapshots_in_memory_are_as_in_the_model(steps in steps()) {
        let space = Space::default();
        pollster::block_on(run(steps, async || Database::new(Memory::on(&space), DatabaseOptions::default())));
    }

    #[test]
    fn snapshots_in_pages_are_as_in_the_model(steps in steps(), tiny: bool) {
        let space = BlobSpace::default();
        let options = if tiny { PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 } } else { PagedOptions::default() };
        pollster::block_on(run(steps, async || {
            let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
            Database::new(Paged::open(blobs, neighbours, options).await.unwrap(), DatabaseOptions::default())
        }));
    }
}
