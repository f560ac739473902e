//! Ordered listings against a simple model: random pages in both directions, while two databases on the same storage write.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::data_rules::Item;
use agent_datastore::model::keyspace::KeySpan;
use agent_datastore::store::{DataStore, DataStoreOptions, Database, ListOptions};
use agent_datastore::{ErrorKind, Json};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Keys of a few letters, among them those that a naive encoding would put in another order.
fn key() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "\0", "\u{ffff}", "😀"]), 0..4)
        .prop_map(|parts| parts.concat())
}

#[derive(Debug, Clone)]
enum Write {
    /// The keys, and the length of their values.
    Set(Vec<String>, usize),
    Delete(Vec<String>),
    DeleteByPrefix(String),
}

/// A listing, and what is written after each of its pages, by which database.
#[derive(Debug, Clone)]
struct Walk {
    keys: KeySpan,
    reverse: bool,
    pages: Vec<Page>,
}

/// How long it is at the most, whether it has keys alone, and what is written after it.
type Page = (u32, bool, Vec<(usize, Write)>);

fn write() -> impl Strategy<Value = (usize, Write)> {
    let keys = || prop::collection::vec(key(), 1..8);
    let length = prop_oneof![9 => 0..40_usize, 1 => Just(20_000)];
    let write = prop_oneof![
        5 => (keys(), length).prop_map(|(keys, length)| Write::Set(keys, length)),
        3 => keys().prop_map(Write::Delete),
        1 => key().prop_map(Write::DeleteByPrefix),
    ];
    (0..2_usize, write)
}

fn walk() -> impl Strategy<Value = Walk> {
    let bound = || prop::option::of(key());
    let prefix = prop_oneof![3 => Just(String::new()), 1 => key()];
    let page = (1..6_u32, any::<bool>(), prop::collection::vec(write(), 0..3));
    (prefix, bound(), bound(), any::<bool>(), prop::collection::vec(page, 1..8))
        .prop_map(|(prefix, start, end, reverse, pages)| Walk { keys: KeySpan { prefix, start, end }, reverse, pages })
}

fn is_in(keys: &KeySpan, key: &str) -> bool {
    key.starts_with(&keys.prefix)
        && keys.start.as_deref().is_none_or(|start| start <= key)
        && keys.end.as_deref().is_none_or(|end| key < end)
}

type Model = BTreeMap<String, String>;

fn store(database: &Database) -> DataStore {
    database.data_store(DataStoreOptions::default())
}

async fn make(database: &Database, write: &Write, number: usize, model: &mut Model) {
    // A deletion is of the keys that its database knows of.
    database.refresh().await.unwrap();
    let store = store(database);
    match write {
        Write::Set(keys, length) => {
            let value = format!("\"{number}{}\"", "x".repeat(*length));
            let item = |key: &String| Item { key: key.clone(), value: Json::parse(&value).unwrap() };
            store.set_many(keys.iter().map(item).collect(), None).await.unwrap();
            model.extend(keys.iter().map(|key| (key.clone(), value.clone())));
        }
        Write::Delete(keys) => {
            store.delete_many(keys.clone()).await.unwrap();
            keys.iter().for_each(|key| drop(model.remove(key)));
        }
        Write::DeleteByPrefix(prefix) => {
            store.delete_by_prefix(prefix).await.unwrap();
            model.retain(|key, _| !key.starts_with(prefix));
        }
    }
}

async fn run(open: impl AsyncFn() -> Box<dyn Backend>, before: &[(usize, Write)], walks: &[Walk]) {
    let databases = [Database::new(open().await, Default::default()), Database::new(open().await, Default::default())];
    let mut model = Model::new();
    let mut number = 0;
    for (who, write) in before {
        number += 1;
        make(&databases[*who], write, number, &mut model).await;
    }
    for walk in walks {
        // Each page is read by whoever comes next, as one tab may go on where another one was.
        let mut options = ListOptions { keys: walk.keys.clone(), reverse: walk.reverse, ..ListOptions::default() };
        let mut stayed: BTreeSet<String> = model.keys().filter(|key| is_in(&walk.keys, key)).cloned().collect();
        let mut seen: Vec<String> = Vec::new();
        let mut pages = walk.pages.iter().cycle().take(walk.pages.len() * 4);
        loop {
            // In the end without a limit, so that every walk comes to its end.
            let (limit, keys_only, writes) =
                pages.next().map_or((u32::MAX, false, &[][..]), |(a, b, c)| (*a, *b, c.as_slice()));
            let database = &databases[seen.len() % 2];
            database.refresh().await.unwrap();
            (options.limit, options.keys_only) = (limit, keys_only);
            let page = store(database).list(&options).await.unwrap();

            let is_left = |key: &str| match seen.last() {
                None => true,
                Some(last) => (key < last.as_str()) == walk.reverse && key != last,
            };
            let mut expected: Vec<(&String, &String)> =
                model.iter().filter(|(key, _)| is_in(&walk.keys, key) && is_left(key)).collect();
            if walk.reverse {
                expected.reverse();
            }
            assert_eq!(page.cursor.is_some(), expected.len() > limit as usize, "{walk:?}");
            expected.truncate(limit as usize);
            let found: Vec<&String> = page.entries.iter().map(|listed| &listed.key).collect();
            assert_eq!(found, expected.iter().map(|(key, _)| *key).collect::<Vec<_>>(), "{walk:?}");
            for (listed, (key, value)) in page.entries.iter().zip(&expected) {
                match &listed.stored {
                    None => assert!(keys_only),
                    Some((found, version)) => {
                        assert!(!keys_only && found.as_str() == *value);
                        let alone = store(database).get_with_version(key).await.unwrap().unwrap();
                        assert_eq!(alone, (found.clone(), *version));
                    }
                }
            }
            let count = model.keys().filter(|key| is_in(&walk.keys, key)).count();
            assert_eq!(store(database).count(&walk.keys).await.unwrap(), count as u64);
            seen.extend(page.entries.into_iter().map(|listed| listed.key));
            let Some(cursor) = page.cursor else { break };
            let turned = ListOptions { reverse: !walk.reverse, cursor: Some(cursor.clone()), ..options.clone() };
            assert_eq!(store(database).list(&turned).await.unwrap_err().kind(), ErrorKind::InvalidValue);
            options.cursor = Some(cursor);
            for (who, write) in writes {
                number += 1;
                make(&databases[*who], write, number, &mut model).await;
                stayed.retain(|key| model.contains_key(key));
            }
        }
        assert!(stayed.iter().all(|key| seen.contains(key)), "{walk:?}: {seen:?} lacks some of {stayed:?}");
        assert!(seen.is_sorted_by(|a, b| if walk.reverse { a > b } else { a < b }), "{walk:?}: {seen:?}");
    }
}

proptest! {
    #[test]
    fn random_listings_act_as_on_a_sorted_map(
        before in prop::collection::vec(write(), 0..12),
        walks in prop::collection::vec(walk(), 1..4),
    ) {
        pollster::block_on(async {
            let space = Space::default();
            run(async || Box::new(Memory::on(&space)) as Box<dyn Backend>, &before, &walks).await;
            for options in [PagedOptions::default(), PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 }] {
                let space = BlobSpace::default();
                let open = async || {
                    let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
                    Box::new(Paged::open(blobs, neighbours, options).await.unwrap()) as Box<dyn Backend>
                };
                run(open, &before, &walks).await;
            }
        });
    }
}
