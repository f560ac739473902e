//! Watching: the state at first, then every commit, once and in order.

use super::Place;
use super::conversations::{named, say};
use super::random::Random;
use crate::model::batch::Version;
use crate::model::data_rules::Item;
use crate::model::json::Json;
use crate::store::{DataChanges, DataStore, DataStoreOptions, DataWatch, Database, ListOptions, Watched};
use futures_util::FutureExt as _;
use futures_util::future::{join, join3};
use std::collections::BTreeMap;
use std::task::Poll;

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

async fn database(place: &dyn Place) -> Database {
    Database::new(place.open().await, Default::default())
}

fn namespace(database: &Database, namespace: &str) -> DataStore {
    database.data_store(DataStoreOptions { namespace: namespace.to_owned(), ..Default::default() })
}

async fn set(store: &DataStore, key: &str, value: &str) {
    store.set(key, json(value), None).await.unwrap();
}

fn all() -> Watched {
    Watched::Prefix(String::new())
}

/// What is told next, as `key: old -> new`.
async fn next(watch: &mut DataWatch) -> Vec<String> {
    said(&watch.next().await.unwrap().unwrap())
}

fn said(told: &DataChanges) -> Vec<String> {
    let text = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), |value| value.as_str().to_owned());
    told.changes
        .iter()
        .map(|change| format!("{}: {} -> {}", change.key, text(&change.old), text(&change.new)))
        .collect()
}

/// Whether nothing is told, however often it is asked.
async fn is_silent(watch: &mut DataWatch) -> bool {
    let mut next = Box::pin(watch.next());
    for _ in 0..20 {
        if next.as_mut().now_or_never().is_some() {
            return false;
        }
        yield_now().await;
    }
    true
}

async fn yield_now() {
    let mut is_second = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_second, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

pub async fn the_state_comes_first_and_then_every_commit(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    set(&store, "a", "1").await;
    set(&store, "b", "null").await;
    let mut watch = store.watch(&all());
    let first = watch.next().await.unwrap().unwrap();
    assert!(first.is_state);
    assert_eq!(said(&first), ["a: - -> 1", "b: - -> null"]);
    set(&store, "a", "2").await;
    set(&store, "a", "2").await;
    store.delete("b").await.unwrap();
    store.delete("b").await.unwrap();
    set(&store, "b", "[3]").await;
    let mut last = first.version;
    for expected in ["a: 1 -> 2", "a: 2 -> 2", "b: null -> -", "b: - -> [3]"] {
        let told = watch.next().await.unwrap().unwrap();
        assert_eq!((said(&told), told.is_state), (vec![expected.to_owned()], false));
        assert!(told.version > last);
        last = told.version;
        if let Some(Version(version)) = store.get_with_version(&told.changes[0].key).await.unwrap().map(|found| found.1)
        {
            assert!(told.changes[0].version.0 <= version);
        }
    }
    assert!(is_silent(&mut watch).await, "a deletion of what is not there changes nothing");
    assert_eq!(store.get_with_version("b").await.unwrap().unwrap().1, last);
}

pub async fn what_comes_before_the_first_look_is_in_the_state(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    let mut watch = store.watch(&all());
    set(&store, "a", "1").await;
    store.delete("a").await.unwrap();
    set(&store, "b", "2").await;
    assert_eq!(next(&mut watch).await, ["b: - -> 2"]);
    assert!(is_silent(&mut watch).await, "and not told again");
    let mut empty = store.use_namespace("empty").watch(&all());
    let state = empty.next().await.unwrap().unwrap();
    assert!(state.is_state && state.changes.is_empty(), "an empty state is told too");
}

pub async fn only_what_is_watched_is_told(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    let other_user =
        database.data_store(DataStoreOptions { user: "other".into(), namespace: "n".into(), ..Default::default() });
    let mut keys = store.watch(&Watched::Keys(vec!["b".into(), "a".into(), "b".into()]));
    let mut prefix = store.watch(&Watched::Prefix("a/".into()));
    assert!(next(&mut keys).await.is_empty() && next(&mut prefix).await.is_empty());
    for store in [&store, &store.use_namespace("n2"), &store.use_namespace("m"), &other_user] {
        for key in ["a", "a/", "a/1", "a0", "b", "c", ""] {
            set(store, key, "1").await;
        }
    }
    assert_eq!([next(&mut keys).await, next(&mut keys).await], [["a: - -> 1"], ["b: - -> 1"]]);
    assert_eq!([next(&mut prefix).await, next(&mut prefix).await], [["a/: - -> 1"], ["a/1: - -> 1"]]);
    let mut twice = store.watch(&Watched::Keys(vec!["b".into(), "a".into(), "b".into()]));
    assert_eq!(next(&mut twice).await, ["a: - -> 1", "b: - -> 1"], "each once, in the order of the keys");
    store.clear().await.unwrap();
    assert_eq!(next(&mut twice).await, ["a: 1 -> -", "b: 1 -> -"]);
    assert_eq!(next(&mut keys).await, ["a: 1 -> -", "b: 1 -> -"]);
    assert_eq!(next(&mut prefix).await, ["a/: 1 -> -", "a/1: 1 -> -"]);
    assert!(is_silent(&mut keys).await && is_silent(&mut prefix).await);
}

pub async fn what_one_commit_does_is_told_as_one(place: &dyn Place) {
    let database = database(place).await;
    let (store, other) = (namespace(&database, "n"), namespace(&database, "other"));
    set(&store, "x/old", "0").await;
    let mut watch = store.watch(&all());
    next(&mut watch).await;
    let items = ["k", "l", "k"].map(|key| Item { key: key.to_owned(), value: json("1") }).to_vec();
    store.set_many(items, None).await.unwrap();
    assert_eq!(next(&mut watch).await, ["k: - -> 1", "l: - -> 1"]);
    let mut atomic = database.atomic();
    atomic.set(&store, "k", json("2"), None).sum(&store, "k", 3.0).set(&other, "k", json("0"), None);
    atomic.delete(&store, "l").set(&store, "m", json("1"), None).delete(&store, "m");
    let version = atomic.commit().await.unwrap();
    let told = watch.next().await.unwrap().unwrap();
    assert_eq!((said(&told), Some(told.version)), (vec!["k: 1 -> 5".to_owned(), "l: 1 -> -".to_owned()], version));
    store.delete_by_prefix("x/").await.unwrap();
    assert_eq!(next(&mut watch).await, ["x/old: 0 -> -"]);
    assert!(is_silent(&mut watch).await);
}

pub async fn what_others_write_is_told_once_and_in_order(place: &dyn Place) {
    let (mine, theirs) = (database(place).await, database(place).await);
    let (here, there) = (namespace(&mine, "n"), namespace(&theirs, "n"));
    let mut watch = here.watch(&all());
    next(&mut watch).await;
    for number in 0..10 {
        set(&there, "theirs", &number.to_string()).await;
        set(&here, "mine", &number.to_string()).await;
    }
    there.delete("theirs").await.unwrap();
    mine.refresh().await.unwrap();
    let mut told = Vec::new();
    while told.len() < 21 {
        let changes = watch.next().await.unwrap().unwrap();
        told.push((changes.version, said(&changes).concat()));
    }
    assert!(told.is_sorted() && is_silent(&mut watch).await);
    let of =
        |key: &str| told.iter().map(|(_, text)| text.as_str()).filter(|text| text.starts_with(key)).collect::<Vec<_>>();
    let expected = |key: &str| {
        let old = |number: i32| if number == 0 { "-".to_owned() } else { (number - 1).to_string() };
        (0..10).map(|number| format!("{key}: {} -> {number}", old(number))).collect::<Vec<_>>()
    };
    assert_eq!(of("mine"), expected("mine"));
    assert_eq!(of("theirs"), [expected("theirs"), vec!["theirs: 9 -> -".to_owned()]].concat());
}

pub async fn large_values_and_large_batches_are_told_whole(place: &dyn Place) {
    let (mine, theirs) = (database(place).await, database(place).await);
    let (here, there) = (namespace(&mine, "n"), namespace(&theirs, "n"));
    let large = |letter: &str| format!("\"{}\"", letter.repeat(300_000));
    let mut watch = here.watch(&all());
    next(&mut watch).await;
    for (number, store) in [&here, &there].into_iter().enumerate() {
        set(store, "large", &large("a")).await;
        mine.refresh().await.unwrap();
        let told = watch.next().await.unwrap().unwrap();
        assert_eq!(told.changes[0].new.as_ref().unwrap().as_str(), large("a"));
        assert_eq!(told.changes[0].old.is_some(), number == 1);
        // Too fast to be read one by one: what is there at the end is told, and nothing that is not.
        set(store, "large", &large("b")).await;
        set(store, "large", &large("c")).await;
        mine.refresh().await.unwrap();
        let mut last = String::new();
        while last != large("c") {
            let told = watch.next().await.unwrap().unwrap();
            last = told.changes[0].new.as_ref().unwrap().as_str().to_owned();
            assert_ne!(last, large("a"));
        }
        let value = json(&format!("\"{}\"", "d".repeat(100)));
        let items = (0..3_000).map(|number| Item { key: format!("{number:04}"), value: value.clone() });
        store.set_many(items.collect(), None).await.unwrap();
        mine.refresh().await.unwrap();
        let told = watch.next().await.unwrap().unwrap();
        assert_eq!((told.changes.len(), told.is_state), (3_000, false));
        store.clear().await.unwrap();
        mine.refresh().await.unwrap();
        assert_eq!(watch.next().await.unwrap().unwrap().changes.len(), 3_001);
        set(store, "large", &large("a")).await;
        mine.refresh().await.unwrap();
        assert_eq!(watch.next().await.unwrap().unwrap().changes.len(), 1);
    }
}

pub async fn a_slow_watcher_is_told_the_latest_state(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    for key in ["deleted", "kept", "changed"] {
        set(&store, key, "0").await;
    }
    let mut watch = store.watch(&all());
    next(&mut watch).await;
    set(&store, "new", "1").await;
    store.delete("deleted").await.unwrap();
    for number in 0..1_100 {
        set(&store, "changed", &number.to_string()).await;
    }
    let told = watch.next().await.unwrap().unwrap();
    assert_eq!(
        said(&told),
        ["new: - -> 1", "changed: 0 -> 1099", "deleted: 0 -> -"],
        "one change, in the order of the commits"
    );
    assert!(!told.is_state && is_silent(&mut watch).await);
    set(&store, "changed", "0").await;
    assert_eq!(next(&mut watch).await, ["changed: 1099 -> 0"]);
}

pub async fn a_watch_ends_when_it_is_told_to_or_the_database_is_closed(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    let (mut ended, mut closed, mut unread) = (store.watch(&all()), store.watch(&all()), store.watch(&all()));
    next(&mut ended).await;
    next(&mut closed).await;
    let end = ended.end();
    let (told, ()) = join(ended.next(), async { end.end() }).await;
    assert_eq!(told.unwrap(), None);
    set(&store, "k", "1").await;
    assert_eq!(ended.next().await.unwrap(), None);
    assert_eq!(next(&mut closed).await, ["k: - -> 1"]);
    let (told, result) = join(closed.next(), database.close()).await;
    result.unwrap();
    assert_eq!(told.unwrap(), None);
    assert_eq!(unread.next().await.unwrap(), None);
    let mut late = store.watch(&all());
    assert_eq!(late.next().await.unwrap(), None);
}

/// Writers in two databases, and a watcher in each that follows what it is told.
pub async fn who_follows_the_changes_has_the_state(place: &dyn Place) {
    let (first, second) = (database(place).await, database(place).await);
    let stores = [namespace(&first, "n"), namespace(&second, "n")];
    let random = std::cell::RefCell::new(Random::new(7));
    let below = |bound: u64| random.borrow_mut().below(bound);
    let write = async |store: &DataStore| {
        for round in 0..60 {
            let key = format!("{}", below(6));
            match below(8) {
                0 => drop(store.delete(&key).await.unwrap()),
                1 => drop(store.delete_by_prefix(&key).await.unwrap()),
                2 if below(4) == 0 => drop(store.clear().await.unwrap()),
                3 => {
                    let items = (0..below(5)).map(|key| Item { key: key.to_string(), value: json(&round.to_string()) });
                    store.set_many(items.collect(), None).await.unwrap();
                }
                4 => set(store, &key, &format!("\"{}\"", "x".repeat(20_000 + round))).await,
                _ => set(store, &key, &round.to_string()).await,
            }
            if below(3) == 0 {
                yield_now().await;
            }
        }
    };
    let follow = async |store: &DataStore, database: &Database| {
        let mut watch = store.watch(&all());
        let mut known: BTreeMap<String, Json> = BTreeMap::new();
        let mut last = None;
        while !known.contains_key("end 0") || !known.contains_key("end 1") {
            let mut told = Box::pin(watch.next());
            let told = loop {
                match told.as_mut().now_or_never() {
                    Some(told) => break told.unwrap().unwrap(),
                    None => {
                        yield_now().await;
                        database.refresh().await.unwrap();
                    }
                }
            };
            assert!(last < Some(told.version), "every commit once, in their order");
            last = Some(told.version);
            for change in told.changes {
                assert_eq!(
                    known.get(&change.key),
                    change.old.as_ref(),
                    "what was there before is what was told before"
                );
                match change.new {
                    Some(value) => drop(known.insert(change.key, value)),
                    None => drop(known.remove(&change.key)),
                }
            }
        }
        known
    };
    let writing = async {
        join(write(&stores[0]), write(&stores[1])).await;
        // When nobody clears any more.
        join(set(&stores[0], "end 0", "true"), set(&stores[1], "end 1", "true")).await;
    };
    let (_, followed, others) = join3(writing, follow(&stores[0], &first), follow(&stores[1], &second)).await;
    first.refresh().await.unwrap();
    let listed = stores[0].list(&ListOptions { limit: 1_000, ..ListOptions::default() }).await.unwrap().entries;
    let there: BTreeMap<String, Json> =
        listed.into_iter().map(|listed| (listed.key, listed.stored.unwrap().0)).collect();
    assert_eq!(followed, there);
    assert_eq!(others, there);
}

pub async fn conversations_are_told_of_whatever_happens_in_them(place: &dyn Place) {
    let (one, other) = (database(place).await, database(place).await);
    let (chats, others) = (one.message_store(Default::default()), other.message_store(Default::default()));
    let chat = chats.create_conversation(named("c1")).await.unwrap();
    let mut all = chats.watch(None);
    let mut some = chats.watch(Some(&["c2".to_owned(), "c2".to_owned()]));
    let keys = |told: DataChanges| told.changes.into_iter().map(|change| change.key).collect::<Vec<_>>();
    assert_eq!(keys(all.next().await.unwrap().unwrap()), ["c1"]);
    assert!(some.next().await.unwrap().unwrap().changes.is_empty());
    other.refresh().await.unwrap();
    say(&others, &chat.id, "hello").await;
    one.refresh().await.unwrap();
    let told = all.next().await.unwrap().unwrap();
    let count =
        |value: &Option<Json>| value.as_ref().unwrap().read::<serde_json::Value>().unwrap()["messageCount"].clone();
    assert_eq!((count(&told.changes[0].old), count(&told.changes[0].new)), (0.into(), 1.into()));
    others.create_conversation(named("c2")).await.unwrap();
    one.refresh().await.unwrap();
    assert_eq!(keys(all.next().await.unwrap().unwrap()), ["c2"]);
    assert_eq!(keys(some.next().await.unwrap().unwrap()), ["c2"]);
    chats.delete_conversation("c1").await.unwrap();
    let told = all.next().await.unwrap().unwrap();
    assert!(told.changes[0].key == "c1" && told.changes[0].new.is_none());
    let mut all_is_over = chats.watch(None);
    all_is_over.end().end();
    assert!(all_is_over.next().await.unwrap().is_none());
}
