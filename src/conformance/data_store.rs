//! The behaviour of the agent data store (`stores.md`, B.2 to B.9, and what is promised beyond it).

use super::Place;
use crate::error::ErrorKind;
use crate::model::data_record::Metadata;
use crate::model::data_rules::Item;
use crate::model::document::Document;
use crate::model::json::Json;
use crate::model::{Timestamp, limits};
use crate::store::{DataStore, DataStoreOptions, Database, DatabaseOptions, ManualClock};
use futures_util::future::{join, join_all};
use std::rc::Rc;

/// A database with a clock that the test sets.
pub(super) struct Setup {
    pub(super) database: Database,
    pub(super) clock: Rc<ManualClock>,
}

pub(super) async fn setup(place: &dyn Place) -> Setup {
    let clock = Rc::new(ManualClock::new(time(0)));
    let options = DatabaseOptions { clock: clock.clone(), ..DatabaseOptions::default() };
    Setup { database: Database::new(place.open().await, options), clock }
}

impl Setup {
    pub(super) fn store(&self, user: &str, agent: &str, namespace: &str) -> DataStore {
        self.database.data_store(DataStoreOptions {
            user: user.to_owned(),
            agent: Some(agent.to_owned()),
            namespace: namespace.to_owned(),
            track_access: false,
            expires: None,
        })
    }

    pub(super) fn counting(&self, agent: &str) -> DataStore {
        self.database.data_store(DataStoreOptions {
            user: "u1".to_owned(),
            agent: Some(agent.to_owned()),
            track_access: true,
            ..DataStoreOptions::default()
        })
    }

    pub(super) fn plain(&self) -> DataStore {
        self.store("u1", "writer", "default")
    }
}

pub(super) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_770_301_320 + seconds) * 1_000_000).unwrap()
}

pub(super) fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn metadata(text: &str) -> Option<Metadata> {
    Some(Metadata::new(json(text)).unwrap())
}

pub(super) fn items(pairs: &[(&str, &str)]) -> Vec<Item> {
    pairs.iter().map(|(key, value)| Item { key: (*key).to_owned(), value: json(value) }).collect()
}

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(super) async fn get(store: &DataStore, key: &str) -> Option<String> {
    store.get(key).await.unwrap().map(Json::into_string)
}

pub(super) async fn set(store: &DataStore, key: &str, value: &str) {
    store.set(key, json(value), None).await.unwrap();
}

pub(super) async fn record(store: &DataStore, key: &str) -> Document {
    store.get_record(key).await.unwrap().unwrap()
}

async fn pairs(store: &DataStore, keys: &[&str]) -> Vec<(String, String)> {
    let found = store.get_many(&texts(keys)).await.unwrap();
    found.into_iter().map(|(key, value)| (key, value.into_string())).collect()
}

pub async fn a_value_comes_back_as_it_was_set(place: &dyn Place) {
    let store = setup(place).await.plain();
    let deep = "[".repeat(limits::MAX_DEPTH) + &"]".repeat(limits::MAX_DEPTH);
    let values = [
        "null",
        "true",
        "false",
        "0",
        "-1.5e300",
        "9007199254740993",
        "123456789012345678901234567890",
        "\"\"",
        "\"a\\\"\\\\\\u0000 é 日本 😀\"",
        "[]",
        "{}",
        r#"{"z":1,"a":{"__proto__":{"admin":true},"constructor":[null]},"":""}"#,
        &deep,
    ];
    for value in values {
        set(&store, "k", value).await;
        assert_eq!(get(&store, "k").await.as_deref(), Some(value));
    }
}

pub async fn a_missing_key_gives_nothing_and_a_stored_null_is_a_value(place: &dyn Place) {
    let store = setup(place).await.plain();
    assert_eq!(get(&store, "k").await, None);
    assert!(store.get_record("k").await.unwrap().is_none());
    set(&store, "k", "null").await;
    assert_eq!(get(&store, "k").await.as_deref(), Some("null"));
    assert_eq!(pairs(&store, &["k", "gone"]).await, [("k".to_owned(), "null".to_owned())]);
}

pub async fn has_tells_whether_a_key_exists(place: &dyn Place) {
    let store = setup(place).await.plain();
    assert!(!store.has("k").await.unwrap());
    set(&store, "k", "null").await;
    assert!(store.has("k").await.unwrap());
    assert!(!store.has("k2").await.unwrap() && !store.has("").await.unwrap());
}

pub async fn a_second_set_replaces_the_value_and_merges_the_metadata(place: &dyn Place) {
    let store = setup(place).await.plain();
    store.set("k", json(r#"{"a":1}"#), metadata(r#"{"old":1,"both":{"x":1},"first":0}"#)).await.unwrap();
    store.set("k", json(r#"{"b":2}"#), metadata(r#"{"new":2,"both":{"y":2}}"#)).await.unwrap();
    let found = record(&store, "k").await;
    assert_eq!(found.record.value.as_str(), r#"{"b":2}"#, "no deep merge of values");
    let merged = r#"{"old":1,"both":{"y":2},"first":0,"new":2}"#;
    assert_eq!(found.record.metadata.as_json().as_str(), merged, "shallow: nested objects are replaced whole");
    store.set("k", json("3"), None).await.unwrap();
    store.set("k", json("3"), metadata("{}")).await.unwrap();
    assert_eq!(
        record(&store, "k").await.record.metadata.as_json().as_str(),
        merged,
        "none and an empty one leave it untouched"
    );
}

pub async fn records_keep_who_created_them_and_when(place: &dyn Place) {
    let setup = setup(place).await;
    set(&setup.store("u1", "first", "n"), "k", "1").await;
    setup.clock.set(time(60));
    let second = setup.store("u1", "second", "n");
    set(&second, "k", "2").await;
    let found = record(&second, "k").await;
    assert_eq!((&*found.user, &*found.namespace, &*found.key), ("u1", "n", "k"));
    assert_eq!(found.record.created_by.as_deref(), Some("first"));
    assert_eq!((found.record.created_at, found.record.updated_at), (time(0), time(60)));
    assert_eq!(found.last_access(), Some(&(time(60), "second".to_owned())));
    assert_eq!(found.access.count, 0, "writes are not counted");
}

pub async fn delete_tells_whether_the_key_existed(place: &dyn Place) {
    let store = setup(place).await.plain();
    set(&store, "k", "null").await;
    assert!(store.delete("k").await.unwrap());
    assert!(!store.delete("k").await.unwrap());
    assert_eq!(get(&store, "k").await, None);
}

pub async fn a_record_set_after_its_deletion_starts_anew(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.counting("first");
    store.set("k", json("1"), metadata(r#"{"old":1}"#)).await.unwrap();
    get(&store, "k").await;
    assert_eq!(record(&store, "k").await.access.count, 1);
    store.delete("k").await.unwrap();
    setup.clock.set(time(60));
    set(&setup.counting("second"), "k", "2").await;
    let found = record(&store, "k").await;
    assert!(found.record.metadata.is_empty() && found.access.count == 0);
    assert_eq!((found.record.created_by.as_deref(), found.record.created_at), (Some("second"), time(60)));
}

pub async fn delete_many_counts_what_existed(place: &dyn Place) {
    let store = setup(place).await.plain();
    store.set_many(items(&[("a", "1"), ("b", "2"), ("c", "3")]), None).await.unwrap();
    assert_eq!(store.delete_many(texts(&["a", "gone", "c", "a"])).await.unwrap(), 2);
    assert_eq!(store.list_keys("").await.unwrap(), ["b"]);
    assert_eq!(store.delete_many(vec![]).await.unwrap(), 0);
}

pub async fn clear_empties_its_namespace_only_and_counts(place: &dyn Place) {
    let setup = setup(place).await;
    let cleared = setup.store("u1", "a", "temp");
    let others = [
        setup.store("u1", "a", "temp2"),
        setup.store("u1", "a", "tem"),
        setup.store("u1", "a", ""),
        setup.store("u2", "a", "temp"),
    ];
    assert_eq!(cleared.clear().await.unwrap(), 0);
    for store in others.iter().chain([&cleared]) {
        store.set_many(items(&[("a", "1"), ("b", "2"), ("", "3")]), None).await.unwrap();
    }
    assert_eq!(cleared.clear().await.unwrap(), 3);
    assert!(cleared.list_keys("").await.unwrap().is_empty());
    for store in &others {
        assert_eq!(store.list_keys("").await.unwrap().len(), 3, "{:?} {:?}", store.user(), store.namespace());
    }
}

pub async fn use_namespace_keeps_user_and_agent(place: &dyn Place) {
    let store = setup(place).await.store("ada", "planner", "one");
    let other = store.use_namespace("two");
    assert_eq!((other.user(), other.agent(), other.namespace()), ("ada", Some("planner"), "two"));
    assert_eq!(store.namespace(), "one", "the original is unchanged, and the namespace is replaced, not appended");
    set(&store, "k", "1").await;
    assert_eq!(get(&other, "k").await, None);
}

pub async fn get_many_keeps_the_order_of_first_naming(place: &dyn Place) {
    let store = setup(place).await.plain();
    store.set_many(items(&[("a", "1"), ("b", "null"), ("c", "3")]), None).await.unwrap();
    let found = pairs(&store, &["c", "gone", "a", "c", "b"]).await;
    let expected = [("c", "3"), ("a", "1"), ("b", "null")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(found, expected);
    assert!(pairs(&store, &[]).await.is_empty());
}

pub async fn set_many_counts_distinct_keys_and_keeps_the_last_value(place: &dyn Place) {
    let store = setup(place).await.plain();
    let count = store.set_many(items(&[("a", "1"), ("b", "2"), ("a", "3")]), metadata(r#"{"m":1}"#)).await.unwrap();
    assert_eq!(count, 2);
    assert_eq!(get(&store, "a").await.as_deref(), Some("3"));
    for key in ["a", "b"] {
        assert_eq!(record(&store, key).await.record.metadata.as_json().as_str(), r#"{"m":1}"#, "on every item");
    }
    assert_eq!(store.set_many(vec![], None).await.unwrap(), 0);
}

pub async fn set_many_is_all_or_nothing(place: &dyn Place) {
    let store = setup(place).await.plain();
    set(&store, "a", "1").await;
    let too_long = "k".repeat(limits::MAX_KEY_BYTES);
    let refused = store.set_many(items(&[("a", "2"), ("b", "2"), (&too_long, "2"), ("c", "2")]), None).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::LimitExceeded);
    assert_eq!(store.list_keys("").await.unwrap(), ["a"]);
    assert_eq!(get(&store, "a").await.as_deref(), Some("1"));
}

pub async fn agents_of_one_user_share_data(place: &dyn Place) {
    let setup = setup(place).await;
    set(&setup.store("u1", "producer", "shared"), "analysis", "[1,2]").await;
    assert_eq!(get(&setup.store("u1", "consumer", "shared"), "analysis").await.as_deref(), Some("[1,2]"));
}

pub async fn users_are_apart_whatever_their_names_hold(place: &dyn Place) {
    let setup = setup(place).await;
    // The first pair has one document id in the original, where the second user reads, replaces and deletes the first's.
    let pairs = [
        (("u1", "b:c"), ("u1:b", "c")),
        (("u1", "\0b"), ("u1\0", "b")),
        (("", "u1"), ("u1", "")),
        (("a", "b\u{ff}"), ("a\u{ff}", "b")),
        (("u", "n"), ("u\0", "n")),
        (("anonymous", "default"), ("Anonymous", "default")),
    ];
    for ((user, namespace), (other_user, other_namespace)) in pairs {
        let mine = setup.store(user, "a", namespace);
        let other = setup.store(other_user, "a", other_namespace);
        set(&mine, "k", "\"mine\"").await;
        assert_eq!(get(&other, "k").await, None, "{other_user:?} reads {user:?}");
        assert!(other.get_record("k").await.unwrap().is_none());
        assert!(!other.has("k").await.unwrap() && !other.delete("k").await.unwrap());
        assert!(other.list_keys("").await.unwrap().is_empty());
        assert!(!other.list_namespaces().await.unwrap().contains(&namespace.to_owned()) || user == other_user);
        assert_eq!(other.clear().await.unwrap(), 0);
        assert!(other.documents(true).await.unwrap().is_empty());
        set(&other, "k", "\"other\"").await;
        assert_eq!(get(&mine, "k").await.as_deref(), Some("\"mine\""));
        assert_eq!(mine.clear().await.unwrap(), 1);
        assert_eq!(get(&other, "k").await.as_deref(), Some("\"other\""));
        assert_eq!(other.clear().await.unwrap(), 1);
    }
}

pub async fn odd_keys_are_keys_like_others(place: &dyn Place) {
    let store = setup(place).await.plain();
    let long = "k".repeat(10_000);
    let long_emoji = "😀".repeat(10_000);
    let keys = [
        "",
        " ",
        "\0",
        "\0\0",
        "__proto__",
        "constructor",
        "toString",
        "a:b",
        "../x",
        "\u{7f}",
        "é",
        "e\u{301}",
        &long,
        &long_emoji,
    ];
    for (place, key) in keys.iter().enumerate() {
        set(&store, key, &place.to_string()).await;
    }
    for (place, key) in keys.iter().enumerate() {
        assert_eq!(get(&store, key).await, Some(place.to_string()), "{:.20}", key);
    }
    let mut sorted = texts(&keys);
    sorted.sort();
    assert_eq!(store.list_keys("").await.unwrap(), sorted);
    assert_eq!(store.delete_many(sorted).await.unwrap(), keys.len());
}

pub async fn calls_not_awaited_take_effect_in_order(place: &dyn Place) {
    let store = setup(place).await.plain();
    let sets = (0..50).map(|n| store.set("same", json(&n.to_string()), None));
    join_all(sets).await.into_iter().for_each(|result| result.unwrap());
    assert_eq!(get(&store, "same").await.as_deref(), Some("49"));

    let (set, deleted) = join(store.set("k", json("1"), None), store.delete("k")).await;
    set.unwrap();
    assert!(deleted.unwrap(), "the deletion came after the set");
    assert_eq!(get(&store, "k").await, None);

    let many = join(
        store.set_many(items(&[("x", "1"), ("y", "1")]), None),
        store.set_many(items(&[("y", "2"), ("x", "2")]), None),
    );
    many.await.1.unwrap();
    assert_eq!(pairs(&store, &["x", "y"]).await, [("x".to_owned(), "2".to_owned()), ("y".to_owned(), "2".to_owned())]);

    let ordered = join_all([0, 1, 2].map(|step| {
        let store = store.use_namespace("cleared");
        async move {
            match step {
                0 => store.set_many(items(&[("a", "1"), ("b", "1")]), None).await.map(|_| 0),
                1 => store.clear().await,
                _ => store.set("c", json("1"), None).await.map(|()| 0),
            }
        }
    }));
    let cleared: Vec<u64> = ordered.await.into_iter().map(|result| result.unwrap()).collect();
    assert_eq!(cleared, [0, 2, 0], "the clearing came after the first set");
    assert_eq!(store.use_namespace("cleared").list_keys("").await.unwrap(), ["c"], "and before the second");

    let distinct = (0..100).map(|n| {
        let (store, key) = (store.clone(), n.to_string());
        async move { store.set(&key, json("1"), None).await }
    });
    join_all(distinct).await.into_iter().for_each(|result| result.unwrap());
    assert_eq!(store.list_keys("").await.unwrap().len(), 103);
}

pub async fn two_databases_merge_metadata_without_losing_any(place: &dyn Place) {
    let (one, other) = (setup(place).await, setup(place).await);
    let writes = |store: DataStore, name: &'static str| async move {
        for n in 0..10 {
            let mark = metadata(&format!(r#"{{"{name}{n}":1}}"#));
            store.set("k", json(&n.to_string()), mark).await.unwrap();
        }
    };
    join(writes(one.plain(), "a"), writes(other.plain(), "b")).await;
    one.database.refresh().await.unwrap();
    let merged: serde_json::Map<String, serde_json::Value> =
        record(&one.plain(), "k").await.record.metadata.as_json().read().unwrap();
    assert_eq!(merged.len(), 20, "a lost update would lose a mark");
}

pub async fn data_survives_a_reopening(place: &dyn Place) {
    let first = setup(place).await;
    first.plain().set("k", json(r#"{"a":[1]}"#), metadata(r#"{"m":1}"#)).await.unwrap();
    let before = record(&first.plain(), "k").await;
    first.database.close().await.unwrap();
    let second = setup(place).await;
    assert_eq!(record(&second.plain(), "k").await, before);
}

pub async fn a_closed_database_refuses_and_waits_for_running_calls(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.plain();
    let calls = join_all((0..20).map(|n| {
        let store = store.clone();
        async move { store.set(&n.to_string(), json("1"), None).await }
    }));
    let closing = join(setup.database.close(), setup.database.close());
    let ((results, namespaces), closed) = join(join(calls, store.list_namespaces()), closing).await;
    closed.0.unwrap();
    closed.1.unwrap();
    namespaces.unwrap();
    assert!(results.iter().all(Result::is_ok), "calls made before the close are finished");
    setup.database.close().await.unwrap();
    assert_eq!(store.get("0").await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(store.set("0", json("2"), None).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(store.clear().await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(setup.database.flush().await.unwrap_err().kind(), ErrorKind::Closed);
    let again = self::setup(place).await;
    assert_eq!(again.plain().list_keys("").await.unwrap().len(), 20);
}

pub async fn what_another_has_just_set_is_deleted_with_the_rest(place: &dyn Place) {
    let (here, there) = (setup(place).await, setup(place).await);
    let (here, there) = (here.store("u1", "a1", "n"), there.store("u1", "a1", "n"));
    here.set("known", json("1"), None).await.unwrap();
    here.get("new").await.unwrap();
    there.set("new", json("1"), None).await.unwrap();
    let keys = ["known", "new", "never"].map(str::to_owned).to_vec();
    assert_eq!(here.delete_many(keys).await.unwrap(), 2);
    assert_eq!(here.list_keys("").await.unwrap(), Vec::<String>::new());
}
