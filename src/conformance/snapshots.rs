//! What a snapshot store does (`stores.md`, section A), and what it does beyond the original.

use super::Place;
use super::data_store::{Setup, json, setup, texts, time};
use crate::Json;
use crate::error::{ErrorKind, Result};
use crate::model::hash::sha256;
use crate::model::import::Existing;
use crate::model::limits;
use crate::store::{Database, DatabaseOptions, SnapshotStore, SnapshotStoreOptions};
use futures_util::future::{join_all, poll_immediate};

async fn database(place: &dyn Place) -> Database {
    Database::new(place.open().await, DatabaseOptions::default())
}

async fn store_of(place: &dyn Place) -> SnapshotStore {
    database(place).await.snapshot_store(SnapshotStoreOptions::default())
}

async fn with_history(place: &dyn Place, history: usize) -> SnapshotStore {
    database(place).await.snapshot_store(SnapshotStoreOptions { history, ..SnapshotStoreOptions::default() })
}

async fn load(store: &SnapshotStore, key: &str) -> String {
    store.load(key).await.unwrap().into_string()
}

async fn save(store: &SnapshotStore, key: &str, value: &str) {
    store.save(key, json(value)).await.unwrap();
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

async fn versions(store: &SnapshotStore, key: &str) -> Vec<u64> {
    store.versions(key).await.unwrap().into_iter().map(|version| version.version).collect()
}

pub async fn every_kind_of_value_comes_back(place: &dyn Place) {
    let store = store_of(place).await;
    let nested = r#"{"name":"Alice","tags":["a",{"deep":[1,2.5,null,true]}],"__proto__":{"x":1}}"#;
    for value in [r#"{"a":1}"#, "[1,2,3]", "\"text\"", "42", "2.5", "true", "false", "null", nested] {
        save(&store, "key", value).await;
        assert_eq!(load(&store, "key").await, value);
    }
}

pub async fn a_missing_key_is_named_as_it_was_asked_for(place: &dyn Place) {
    let store = store_of(place).await;
    for key in ["nonexistent", "a/b:c", "\u{0}"] {
        let error = store.load(key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeyNotFound);
        assert!(error.message().contains(&format!("Key not found: {key}")), "{error}");
    }
    assert_eq!(store.load_if_any("nonexistent").await.unwrap(), None);
    assert!(!store.has("nonexistent").await.unwrap());
    save(&store, "a", "null").await;
    assert!(store.has("a").await.unwrap());
    assert_eq!(store.load_if_any("a").await.unwrap(), Some(json("null")));
}

pub async fn a_second_save_takes_the_place_of_the_first(place: &dyn Place) {
    let store = store_of(place).await;
    save(&store, "k", r#"{"a":1,"b":2}"#).await;
    save(&store, "k", r#"{"a":3}"#).await;
    assert_eq!(load(&store, "k").await, r#"{"a":3}"#);
    assert_eq!(versions(&store, "k").await, [2], "without a history nothing else is kept");
}

pub async fn scopes_do_not_interfere(place: &dyn Place) {
    let store = store_of(place).await;
    let (alice, bob) = (store.narrow("alice"), store.narrow("bob"));
    let deep = alice.narrow_all(&texts(&["level1", "level2"]));
    assert_eq!(deep.path(), ["alice", "level1", "level2"]);
    assert_eq!([store.narrow_path(&[]), alice.narrow_path(&texts(&["a/b", "", ".."]))], ["", "alice/a_b/__"]);
    save(&store, "k", "0").await;
    save(&alice, "k", "1").await;
    save(&bob, "k", "2").await;
    save(&deep, "k", "3").await;
    // A key and a scope of the same name are two things.
    save(&store, "alice", "4").await;
    for (store, value) in [(&store, "0"), (&alice, "1"), (&bob, "2"), (&deep, "3")] {
        assert_eq!(load(store, "k").await, value);
    }
    assert_eq!(load(&store, "alice").await, "4");
    assert_eq!(load(&store.narrow_all(&texts(&["alice", "level1"])).narrow("level2"), "k").await, "3");
    assert_eq!(load(&store.narrow(""), "k").await, "0", "the empty key is the same scope");
    assert_eq!(kind(alice.load("alice").await), ErrorKind::KeyNotFound);
}

pub async fn keys_that_look_alike_never_meet(place: &dyn Place) {
    let store = store_of(place).await;
    let keys = ["a/b", "a:b", "a_b", "a", "a\u{0}b", "é", "e\u{301}", "..", ".", "test/key:with*special?chars"];
    for (place, key) in keys.iter().enumerate() {
        save(&store, key, &place.to_string()).await;
        save(&store.narrow(key), "b", &(100 + place).to_string()).await;
    }
    for (place, key) in keys.iter().enumerate() {
        assert_eq!(load(&store, key).await, place.to_string());
        assert_eq!(load(&store.narrow(key), "b").await, (100 + place).to_string());
    }
}

pub async fn users_do_not_see_each_other(place: &dyn Place) {
    let database = database(place).await;
    let of = |user: &str| {
        database.snapshot_store(SnapshotStoreOptions { user: user.to_owned(), ..SnapshotStoreOptions::default() })
    };
    save(&of("ada"), "k", "1").await;
    assert_eq!(kind(of("bob").load("k").await), ErrorKind::KeyNotFound);
    assert_eq!(of("bob").delete_all().await.unwrap(), 0);
    assert_eq!(load(&of("ada"), "k").await, "1");
}

pub async fn saves_are_made_in_the_order_of_the_calls(place: &dyn Place) {
    let store = with_history(place, 100).await;
    let saves: Vec<_> = (0..50).map(|n| store.save("k", json(&n.to_string()))).collect();
    // In whichever order they are awaited.
    for saved in join_all(saves.into_iter().rev()).await {
        saved.unwrap();
    }
    assert_eq!(load(&store, "k").await, "49");
    for version in 1..=50 {
        assert_eq!(store.load_at("k", version).await.unwrap().as_str(), (version - 1).to_string());
    }
}

pub async fn a_read_sees_what_the_store_was_given_before(place: &dyn Place) {
    let store = store_of(place).await;
    let saved = store.save("k", json("1"));
    assert_eq!(load(&store, "k").await, "1");
    let deleted = store.delete("k");
    let again = store.save("k", json("2"));
    assert_eq!(load(&store, "k").await, "2", "a deletion does not overtake what was given after it");
    saved.await.unwrap();
    assert!(deleted.await.unwrap());
    again.await.unwrap();
}

pub async fn a_save_that_nobody_waits_for_is_made_all_the_same(place: &dyn Place) {
    let database = database(place).await;
    let store = database.snapshot_store(SnapshotStoreOptions::default());
    drop(store.save("dropped", json("1")));
    // Given up in the middle of a commit, maybe.
    let mut begun = Box::pin(store.save("begun", json("2")));
    let _ = poll_immediate(&mut begun).await;
    drop(begun);
    drop(store.save("last", json("3")));
    store.flush().await.unwrap();
    let other = database.snapshot_store(SnapshotStoreOptions::default());
    for (key, value) in [("dropped", "1"), ("begun", "2"), ("last", "3")] {
        assert_eq!(load(&other, key).await, value);
        assert_eq!(versions(&other, key).await, [1], "{key} was saved once");
    }
}

pub async fn a_save_that_fails_leaves_the_old_value_and_the_others(place: &dyn Place) {
    let store = store_of(place).await;
    save(&store, "k", "\"old\"").await;
    let too_large = format!("\"{}\"", "x".repeat(limits::MAX_VALUE_BYTES));
    let (before, wrong, after) =
        (store.save("before", json("1")), store.save("k", json(&too_large)), store.save("after", json("2")));
    let no_key = store.save("", json("3"));
    assert_eq!(kind(wrong.await), ErrorKind::LimitExceeded);
    before.await.unwrap();
    after.await.unwrap();
    assert_eq!(kind(no_key.await), ErrorKind::InvalidKey);
    assert_eq!(load(&store, "k").await, "\"old\"");
    assert_eq!([load(&store, "before").await, load(&store, "after").await], ["1", "2"]);
}

pub async fn closing_makes_what_waits_and_refuses_the_rest(place: &dyn Place) {
    let store = store_of(place).await;
    let below = store.narrow("below");
    drop(store.save("k", json("1")));
    store.close().await.unwrap();
    assert_eq!(kind(store.save("k", json("2")).await), ErrorKind::Closed);
    assert_eq!(kind(store.delete("k").await), ErrorKind::Closed);
    assert_eq!(kind(store.import_files(&[], &[], Existing::Refuse).await), ErrorKind::Closed);
    assert_eq!(load(&store, "k").await, "1", "reading goes on");
    save(&below, "k", "3").await;
    store.close().await.unwrap();
}

pub async fn keys_and_scopes_are_listed_in_order(place: &dyn Place) {
    let store = store_of(place).await;
    assert!(store.list().await.unwrap().is_empty() && store.children().await.unwrap().is_empty());
    for key in ["z", "a", "é", "日本", "B"] {
        save(&store, key, "0").await;
    }
    let mut scopes = Vec::new();
    for n in 0..70 {
        scopes.push(format!("s{n:02}"));
        save(&store.narrow(&scopes[n]), "k", "0").await;
    }
    // Only something deep below is in this one, and many things in that one.
    save(&store.narrow_all(&texts(&["deep", "er", "still"])), "k", "0").await;
    join_all((0..100).map(|n| store.narrow("many").save(&n.to_string(), json("0")))).await;
    assert_eq!(store.list().await.unwrap(), ["B", "a", "z", "é", "日本"]);
    scopes.splice(0..0, texts(&["deep", "many"]));
    assert_eq!(store.children().await.unwrap(), scopes);
    assert_eq!(store.narrow("deep").children().await.unwrap(), ["er"]);
    assert!(store.narrow("deep").list().await.unwrap().is_empty());
}

pub async fn deleting_takes_a_key_with_its_versions(place: &dyn Place) {
    let store = with_history(place, 5).await;
    save(&store, "k", "1").await;
    save(&store, "k", "2").await;
    save(&store.narrow("k"), "k", "3").await;
    assert!(store.delete("k").await.unwrap());
    assert!(!store.delete("k").await.unwrap());
    assert!(store.versions("k").await.unwrap().is_empty());
    assert_eq!(kind(store.load_at("k", 1).await), ErrorKind::KeyNotFound);
    assert_eq!(load(&store.narrow("k"), "k").await, "3");
    save(&store, "k", "4").await;
    assert_eq!(versions(&store, "k").await, [1]);
}

pub async fn deleting_all_takes_a_scope_and_what_is_below(place: &dyn Place) {
    let store = with_history(place, 5).await;
    let (a, b) = (store.narrow("a"), store.narrow("b"));
    for (place, store) in [&store, &a, &a.narrow("x"), &b].into_iter().enumerate() {
        save(store, "k", "0").await;
        save(store, "k", &place.to_string()).await;
    }
    assert_eq!(a.delete_all().await.unwrap(), 2);
    assert!(a.list().await.unwrap().is_empty() && a.children().await.unwrap().is_empty());
    assert!(a.versions("k").await.unwrap().is_empty());
    assert_eq!(store.children().await.unwrap(), ["b"]);
    assert_eq!(versions(&b, "k").await, [2, 1]);
    assert_eq!(store.delete_all().await.unwrap(), 2);
    assert_eq!(store.delete_all().await.unwrap(), 0);
}

pub async fn a_history_has_the_last_versions(place: &dyn Place) {
    let Setup { database, clock } = setup(place).await;
    let store = database.snapshot_store(SnapshotStoreOptions { history: 2, ..SnapshotStoreOptions::default() });
    for (seconds, value) in ["\"a\"", "\"b\"", "\"a\"", "\"c\""].into_iter().enumerate() {
        clock.set(time(seconds as i64));
        save(&store, "k", value).await;
    }
    let found = store.versions("k").await.unwrap();
    assert_eq!(found.iter().map(|version| version.version).collect::<Vec<_>>(), [4, 3, 2]);
    assert_eq!(
        found.iter().map(|version| version.hash.clone()).collect::<Vec<_>>(),
        ["\"c\"", "\"a\"", "\"b\""].map(sha256)
    );
    assert!(found.iter().all(|version| version.bytes == 3));
    assert_eq!(found[0].saved_at, time(3));
    for (version, value) in [(4, "\"c\""), (3, "\"a\""), (2, "\"b\"")] {
        assert_eq!(store.load_at("k", version).await.unwrap().as_str(), value);
    }
    for version in [0, 1, 5, u64::MAX] {
        assert_eq!(kind(store.load_at("k", version).await), ErrorKind::NotFound, "version {version}");
    }
    // What is saved again as it is, is no version; but when it was saved the last time is known.
    clock.set(time(9));
    save(&store, "k", "\"c\"").await;
    assert_eq!(versions(&store, "k").await, [4, 3, 2]);
    assert_eq!(store.versions("k").await.unwrap()[0].saved_at, time(9));
}

pub async fn what_comes_again_is_stored_once_and_stays_as_long_as_a_version_has_it(place: &dyn Place) {
    let store = with_history(place, 3).await;
    for value in ["1", "2", "1", "2", "1"] {
        save(&store, "k", value).await;
    }
    assert_eq!(versions(&store, "k").await, [5, 4, 3, 2]);
    assert_eq!(store.prune(Some("k"), 1).await.unwrap(), 2);
    assert_eq!(versions(&store, "k").await, [5, 4]);
    assert_eq!(store.load_at("k", 4).await.unwrap().as_str(), "2");
    save(&store, "k", "3").await;
    assert_eq!(store.load_at("k", 5).await.unwrap().as_str(), "1");
    assert_eq!(store.load_at("k", 4).await.unwrap().as_str(), "2");
}

pub async fn who_keeps_no_history_leaves_that_of_others(place: &dyn Place) {
    let database = database(place).await;
    let of = |history| database.snapshot_store(SnapshotStoreOptions { history, ..SnapshotStoreOptions::default() });
    let (keeping, plain) = (of(5), of(0));
    save(&keeping, "k", "1").await;
    save(&keeping, "k", "2").await;
    save(&plain, "k", "3").await;
    assert_eq!(versions(&plain, "k").await, [3, 1], "2 was not kept by who replaced it");
    save(&keeping, "k", "4").await;
    assert_eq!(versions(&keeping, "k").await, [4, 3, 1]);
    assert_eq!(keeping.load_at("k", 1).await.unwrap().as_str(), "1");
}

pub async fn pruning_goes_through_all_that_is_below(place: &dyn Place) {
    let store = with_history(place, 10).await;
    for store in [&store, &store.narrow("a"), &store.narrow("a").narrow("b"), &store.narrow("c")] {
        for key in ["x", "y"] {
            for n in 0..4 {
                save(store, key, &n.to_string()).await;
            }
        }
    }
    assert_eq!(store.narrow("a").prune(None, 1).await.unwrap(), 8);
    assert_eq!(versions(&store.narrow("a").narrow("b"), "y").await, [4, 3]);
    assert_eq!(versions(&store, "x").await, [4, 3, 2, 1]);
    assert_eq!(store.prune(None, 0).await.unwrap(), 2 + 2 + 6 + 6);
    assert_eq!(store.prune(None, 0).await.unwrap(), 0);
    assert_eq!(versions(&store.narrow("c"), "x").await, [4]);
    assert_eq!(load(&store.narrow("c"), "x").await, "3");
}

pub async fn what_another_tab_forgot_is_not_named_again(place: &dyn Place) {
    let (one, other) = (database(place).await, database(place).await);
    let of = |database: &Database| {
        database.snapshot_store(SnapshotStoreOptions { history: 3, ..SnapshotStoreOptions::default() })
    };
    let (one_store, other_store) = (of(&one), of(&other));
    for value in ["1", "2", "1"] {
        save(&one_store, "k", value).await;
    }
    // One does not hear of it.
    assert_eq!(other_store.prune(Some("k"), 0).await.unwrap(), 2);
    save(&one_store, "k", "5").await;
    assert_eq!(versions(&one_store, "k").await, [4, 3]);
    assert_eq!(one_store.load_at("k", 3).await.unwrap().as_str(), "1");
    other.refresh().await.unwrap();
    assert_eq!(other_store.delete_all().await.unwrap(), 1);
    assert_eq!(one_store.delete_all().await.unwrap(), 0, "it is the other one's deletion");
}

pub async fn an_import_has_its_turn_in_the_queue(place: &dyn Place) {
    let store = store_of(place).await;
    let two = files(&[("a.json", "1"), ("b.json", "1")]);
    let (before, import, after) =
        (store.save("a", json("0")), store.import_files(&two, &[], Existing::Replace), store.save("b", json("2")));
    store.close().await.unwrap();
    assert_eq!([load(&store, "a").await, load(&store, "b").await], ["1", "2"]);
    before.await.unwrap();
    assert_eq!(import.await.unwrap().imported, 2);
    after.await.unwrap();
}

pub async fn a_database_closes_though_nobody_polls_a_save(place: &dyn Place) {
    let database = database(place).await;
    let store = database.snapshot_store(SnapshotStoreOptions::default());
    let saving = store.save("k", json("1"));
    database.close().await.unwrap();
    assert_eq!(kind(saving.await), ErrorKind::Closed);
    assert_eq!(kind(store.save("k", json("2")).await), ErrorKind::Closed);
}

pub async fn two_databases_save_one_key_and_lose_nothing(place: &dyn Place) {
    let (one, other) = (with_history(place, 1_000).await, with_history(place, 1_000).await);
    let saves =
        (0..20).flat_map(|n| [one.save("k", json(&format!("[1,{n}]"))), other.save("k", json(&format!("[2,{n}]")))]);
    for saved in join_all(saves).await {
        saved.unwrap();
    }
    let mut found = Vec::new();
    for version in 1..=40 {
        found.push(other.load_at("k", version).await.unwrap().into_string());
    }
    for who in ["[1,", "[2,"] {
        let of: Vec<&String> = found.iter().filter(|value| value.starts_with(who)).collect();
        assert_eq!(of, (0..20).map(|n| format!("{who}{n}]")).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    }
}

pub async fn what_is_exported_is_the_layout_of_the_original(place: &dyn Place) {
    let store = store_of(place).await;
    save(&store, "messages", r#"{"messages":[{"text":"é"}],"n":1e2}"#).await;
    save(&store.narrow("alice"), "agent", "[]").await;
    save(&store.narrow("level 1").narrow("level2"), "test/key:with*special?chars", "null").await;
    let files = store.export_files().await.unwrap();
    let expected = [
        ("messages.json", "{\n  \"messages\": [\n    {\n      \"text\": \"\\u00e9\"\n    }\n  ],\n  \"n\": 100.0\n}"),
        ("alice/agent.json", "[]"),
        ("level_1/level2/test_key_with_special_chars.json", "null"),
        (
            ".keys.json",
            "{\n  \"level_1/level2/test_key_with_special_chars.json\": [\n    \"level 1\",\n    \"level2\",\n    \"test/key:with*special?chars\"\n  ]\n}",
        ),
    ];
    assert_eq!(files, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    // A scope by itself is a directory of its own.
    assert_eq!(store.narrow("alice").export_files().await.unwrap(), [("agent.json".to_owned(), "[]".to_owned())]);
}

pub async fn an_export_comes_back_as_it_was(place: &dyn Place) {
    let store = store_of(place).await;
    let keys = ["a/b", "a:b", "a_b", "A_B", "..", "日本 語", "\u{0}", "a.b", "a_b.612f62"];
    for (place, key) in keys.iter().enumerate() {
        save(&store, key, &place.to_string()).await;
        save(&store.narrow(key).narrow("same"), key, &format!("[{place}]")).await;
    }
    let files = store.export_files().await.unwrap();
    let copy = store.narrow("copy");
    let done = copy.import_files(&files, &[], Existing::Refuse).await.unwrap();
    assert_eq!((done.imported, done.skipped), (2 * keys.len(), 0));
    for (place, key) in keys.iter().enumerate() {
        assert_eq!(load(&copy, key).await, place.to_string());
        assert_eq!(load(&copy.narrow(key).narrow("same"), key).await, format!("[{place}]"));
    }
    assert_eq!(copy.export_files().await.unwrap(), files);
}

fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

pub async fn files_of_the_original_are_taken(place: &dyn Place) {
    let store = store_of(place).await;
    let original = files(&[
        ("session_1/system_tool.json", "{\n  \"a\": 1.0,\n  \"a\": 2\n}"),
        ("session_1/notes.txt", "passed over"),
        ("__MACOSX/session_1/._system_tool.json", "passed over"),
    ]);
    let known = texts(&["system:tool", "session/1", "other"]);
    assert_eq!(store.import_files(&original, &known, Existing::Refuse).await.unwrap().imported, 1);
    assert_eq!(load(&store.narrow("session/1"), "system:tool").await, r#"{"a":2}"#);
    assert_eq!(store.import_files(&original, &[], Existing::Refuse).await.unwrap().imported, 1);
    assert_eq!(load(&store.narrow("session_1"), "system_tool").await, r#"{"a":2}"#);
}

pub async fn an_import_says_what_becomes_of_what_exists(place: &dyn Place) {
    let store = with_history(place, 3).await;
    save(&store, "a", "1").await;
    let two = files(&[("a.json", "2"), ("b.json", "3")]);
    assert_eq!(kind(store.import_files(&two, &[], Existing::Refuse).await), ErrorKind::AlreadyExists);
    assert!(!store.has("b").await.unwrap(), "all or nothing");
    let done = store.import_files(&two, &[], Existing::Skip).await.unwrap();
    assert_eq!((done.imported, done.skipped), (1, 1));
    assert_eq!(load(&store, "a").await, "1");
    store.import_files(&two, &[], Existing::Replace).await.unwrap();
    assert_eq!(load(&store, "a").await, "2");
    assert_eq!(store.load_at("a", 1).await.unwrap().as_str(), "1");
}

pub async fn hostile_files_change_nothing(place: &dyn Place) {
    let store = store_of(place).await;
    let deep = "[".repeat(100_000);
    let keys = |text: &'static str| vec![("good.json", "1"), (".keys.json", text)];
    let cases: Vec<Vec<(&str, &str)>> = vec![
        vec![("good.json", "1"), ("bad.json", "{")],
        vec![("good.json", "1"), ("empty.json", "")],
        vec![("good.json", "1"), ("nan.json", "NaN")],
        vec![("good.json", "1"), ("deep.json", &deep)],
        vec![("good.json", "1"), ("huge.json", "1e999")],
        vec![("good.json", "1"), ("good.json", "2")],
        vec![("a_b.json", "1"), ("a_b.615f62.json", "2")],
        keys("[]"),
        keys(r#"{"good.json": 5}"#),
        keys(r#"{"good.json": []}"#),
        keys(r#"{"good.json": ["a", ""]}"#),
        keys(r#"{"good.json": ["a", 7]}"#),
    ];
    for case in cases {
        let result = store.import_files(&files(&case), &[], Existing::Replace).await;
        assert_eq!(kind(result), ErrorKind::InvalidDocument, "{:?}", case.last().map(|(path, _)| path));
        assert!(store.list().await.unwrap().is_empty());
    }
    store
        .import_files(&files(&[("__proto__/constructor.json", "{\"__proto__\": 1}")]), &[], Existing::Refuse)
        .await
        .unwrap();
    assert_eq!(load(&store.narrow("__proto__"), "constructor").await, r#"{"__proto__":1}"#);
}

pub async fn a_snapshot_of_any_size_within_the_limit_is_saved(place: &dyn Place) {
    let store = with_history(place, 2).await;
    for bytes in [15_000, 70_000, 1_000_000] {
        let value: Json = json(&format!("\"{}\"", "é".repeat(bytes / 2)));
        store.save("k", value.clone()).await.unwrap();
        assert_eq!(store.load("k").await.unwrap(), value);
    }
    assert_eq!(store.load_at("k", 1).await.unwrap().as_str().len(), 15_002);
}

pub async fn a_hierarchy_has_no_limit_but_that_of_a_key(place: &dyn Place) {
    let store = store_of(place).await;
    let path: Vec<String> = (0..2_000).map(|n| format!("scope {n}")).collect();
    let deep = store.narrow_all(&path);
    save(&deep, "k", "1").await;
    assert_eq!(load(&deep, "k").await, "1");
    assert_eq!(store.children().await.unwrap(), ["scope 0"]);
    let files = store.export_files().await.unwrap();
    store.delete_all().await.unwrap();
    store.import_files(&files, &[], Existing::Refuse).await.unwrap();
    assert_eq!(load(&deep, "k").await, "1");
    // As long as the entry's own key fits, but that of its history would not.
    let long = "x".repeat(limits::MAX_KEY_BYTES - 60);
    assert_eq!(kind(store.save(&long, json("1")).await), ErrorKind::LimitExceeded);
    let too_deep = store.narrow_all(&vec!["x".repeat(100); 1_000]);
    assert_eq!(kind(too_deep.save("k", json("1")).await), ErrorKind::LimitExceeded);
}
