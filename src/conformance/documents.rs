//! Export and import of the agent data store's documents (`stores.md`, B.3 and B.4).

use super::Place;
use super::data_store::{json, setup, time};
use crate::error::ErrorKind;
use crate::model::data_record::Metadata;
use crate::model::data_rules::{Existing, Imported};
use crate::model::json::Json;
use crate::model::limits::MAX_DEPTH;
use crate::store::{DataStore, DataStoreOptions};
use serde_json::Value;

async fn export(store: &DataStore) -> Vec<Value> {
    serde_json::from_str(&store.export_documents(false).await.unwrap()).unwrap()
}

async fn import(store: &DataStore, text: &str) -> Imported {
    store.import_documents(text, Existing::Replace).await.unwrap()
}

fn document(key: &str, more: &str) -> String {
    format!(r#"{{"userId":"u1","namespace":"default","key":"{key}","value":1{more}}}"#)
}

pub async fn the_golden_ids_come_out_of_the_export(place: &dyn Place) {
    let setup = setup(place).await;
    let golden = [
        ("user_123", "default", "my-key", "user_123:default:bXkta2V5"),
        ("user_123", "files:my-repo", "src/main.py", "user_123:files:my-repo:c3JjL21haW4ucHk="),
        ("user_123", "default", "greeting", "user_123:default:Z3JlZXRpbmc="),
        ("u1", "default", "k", "u1:default:aw=="),
        ("u1", "default", "", "u1:default:"),
        ("u1", "default", "a/b", "u1:default:YS9i"),
        ("u1", "default", "a/b?c~", "u1:default:YS9iP2N-"),
        ("u1", "default", "é", "u1:default:w6k="),
        ("u1", "default", "😀", "u1:default:8J-YgA=="),
        ("u1", "default", "日本語", "u1:default:5pel5pys6Kqe"),
    ];
    for (user, namespace, key, _) in golden {
        setup.store(user, "a", namespace).set(key, json("1"), None).await.unwrap();
    }
    for (user, namespace, key, id) in golden {
        let exported = export(&setup.store(user, "a", namespace)).await;
        let document = exported.iter().find(|document| document["key"] == key).unwrap();
        assert_eq!(document["_id"], id);
        assert_eq!((&document["userId"], &document["namespace"]), (&user.into(), &namespace.into()));
    }
    let everything = setup.store("u1", "a", "elsewhere").export_documents(true).await.unwrap();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&everything).unwrap().len(), 7);
}

pub async fn a_document_has_its_fields_in_order(place: &dyn Place) {
    let setup = setup(place).await;
    let options = DataStoreOptions {
        user: "u1".to_owned(),
        agent: Some("planner".to_owned()),
        track_access: true,
        ..DataStoreOptions::default()
    };
    let store = setup.database.data_store(options);
    let metadata = Metadata::new(json(r#"{"tag":"x"}"#)).unwrap();
    store.set("k", json(r#"{"b":1,"a":2}"#), Some(metadata)).await.unwrap();
    setup.clock.set(crate::model::Timestamp::from_micros(time(60).as_micros() + 123_456).unwrap());
    store.get("k").await.unwrap();
    assert_eq!(
        store.export_documents(false).await.unwrap(),
        concat!(
            "[\n",
            r#"{"_id":"u1:default:aw==","userId":"u1","namespace":"default","key":"k","value":{"b":1,"a":2},"#,
            r#""metadata":{"tag":"x"},"createdByAgent":"planner","lastAccessedByAgent":"planner","accessCount":1,"#,
            r#""createdAt":"2026-02-05T14:22:00","updatedAt":"2026-02-05T14:22:00","#,
            r#""lastAccessedAt":"2026-02-05T14:23:00.123456"}"#,
            "\n]\n"
        )
    );
    assert_eq!(store.use_namespace("empty").export_documents(false).await.unwrap(), "[]\n");
}

pub async fn an_export_comes_back_equal(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.store("u1", "a", "default");
    let deep = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    store.use_namespace("deep").set("k", json(&deep), None).await.unwrap();
    for (namespace, key) in [("default", ""), ("default", "é\0"), ("files:x", "src/a.rs"), ("", "k")] {
        store.use_namespace(namespace).set(key, json(r#"{"n":[1,null,"\u0000"]}"#), None).await.unwrap();
    }
    let text = store.export_documents(true).await.unwrap();
    setup.clock.set(time(3600));
    for namespace in store.list_namespaces().await.unwrap() {
        store.use_namespace(&namespace).clear().await.unwrap();
    }
    assert_eq!(import(&store, &text).await, Imported { imported: 5, skipped: 0 });
    assert_eq!(store.export_documents(true).await.unwrap(), text, "times and creators included");
}

pub async fn the_pair_with_one_id_stays_apart(place: &dyn Place) {
    let setup = setup(place).await;
    let (one, other) = (setup.store("u1", "a", "b:c"), setup.store("u1:b", "a", "c"));
    one.set("k", json("1"), None).await.unwrap();
    other.set("k", json("2"), None).await.unwrap();
    let (first, second) = (export(&one).await, export(&other).await);
    assert_eq!(first[0]["_id"], second[0]["_id"], "the check is vacuous otherwise");
    assert_eq!((&first[0]["value"], &second[0]["value"]), (&1.into(), &2.into()));
    let text = other.export_documents(false).await.unwrap();
    let refused = one.import_documents(&text, Existing::Replace).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidDocument);
    import(&other, &text).await;
    assert_eq!(one.get("k").await.unwrap(), Some(json("1")));
}

pub async fn every_known_wrapping_is_taken(place: &dyn Place) {
    let store = setup(place).await.store("u1", "a", "default");
    let wrappings = [
        format!("[{},{}]", document("a", ""), document("b", "")),
        format!(r#"{{"docs":[{},{}]}}"#, document("c", ""), document("d", "")),
        format!(r#" {{"total_rows":1,"rows":[ {{"id":"x","key":"x","value":{{}},"doc":{} }} ]}} "#, document("e", "")),
        "[]".to_owned(),
        format!(
            r#"{{"rows":[{{"doc":null}},{{"doc":{{"_id":"_design/user-namespace-index"}}}},{{"doc":{}}}]}}"#,
            document("f", "")
        ),
    ];
    for text in wrappings {
        import(&store, &text).await;
    }
    assert_eq!(store.list_keys("").await.unwrap(), ["a", "b", "c", "d", "e", "f"]);
}

pub async fn exact_integers_and_unknown_fields_are_kept(place: &dyn Place) {
    let store = setup(place).await.store("u1", "a", "default");
    let text = concat!(
        r#"[{"_id":"u1:default:aw==","_rev":"3-abc","userId":"u1","namespace":"default","key":"k","#,
        r#""value": {"id": 9007199254740993, "big": 123456789012345678901234567890, "f": 1.0},"#,
        r#""metadata":{"n":18446744073709551616},"accessCount":5,"lastAccessedByAgent":"x","#,
        r#""lastAccessedAt":"2026-02-05T14:22:00Z","createdAt":"2026-02-05T15:22:00.5+01:00","#,
        r#""custom":{"kept":[1]},"other":null}]"#
    );
    import(&store, text).await;
    let value = r#"{"id":9007199254740993,"big":123456789012345678901234567890,"f":1.0}"#;
    assert_eq!(store.get("k").await.unwrap().as_ref().map(Json::as_str), Some(value));
    let exported = store.export_documents(false).await.unwrap();
    assert!(exported.contains(value) && exported.contains("18446744073709551616"));
    assert!(exported.contains(r#""custom":{"kept":[1]},"other":null}"#), "{exported}");
    assert!(!exported.contains("_rev"), "the database that takes it gives a revision");
    let exported = &export(&store).await[0];
    assert_eq!(exported["accessCount"], 5);
    assert_eq!(exported["lastAccessedAt"], "2026-02-05T14:22:00");
    assert_eq!(exported["createdAt"], "2026-02-05T14:22:00.500000");
    store.set("k", json("2"), None).await.unwrap();
    assert_eq!(export(&store).await[0]["custom"]["kept"][0], 1, "a later set keeps them too");
}

pub async fn gaps_are_filled(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.store("u1", "a", "default");
    import(&store, r#"[{"_id":"u1:default:YS9i","userId":"u1","value":null}]"#).await;
    let found = store.get_record("a/b").await.unwrap().unwrap();
    assert_eq!((&*found.namespace, found.record.value.as_str()), ("default", "null"));
    assert_eq!((found.record.created_at, found.record.created_by), (time(0), None));
}

pub async fn a_bad_document_is_named_and_nothing_is_written(place: &dyn Place) {
    let store = setup(place).await.store("u1", "a", "default");
    let good = document("good", "");
    let bad = [
        "5".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        r#"{"key":"k","value":1}"#.to_owned(),
        r#"{"userId":"u2","key":"k","value":1}"#.to_owned(),
        r#"{"userId":"u1","value":1}"#.to_owned(),
        r#"{"userId":"u1","key":"k"}"#.to_owned(),
        r#"{"userId":"u1","key":5,"value":1}"#.to_owned(),
        r#"{"userId":"u1","key":"k","namespace":[],"value":1}"#.to_owned(),
        document("k", r#","metadata":[]"#),
        document("k", r#","accessCount":-1"#),
        document("k", r#","createdAt":"soon""#),
        document("k", r#","_id":"u1:default:other""#),
        document("good", ""),
        document("k", &format!(r#","metadata":{{"a":{}{}}}"#, "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))),
    ];
    for bad in bad {
        let refused = store.import_documents(&format!("[{good},{bad}]"), Existing::Replace).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidDocument, "{bad}");
        assert!(refused.message().starts_with("document 1:"), "{refused}");
    }
    let deep = format!("[{}{}]", "[".repeat(200), "]".repeat(200));
    let not_documents = [
        "",
        "5",
        "{}",
        "[",
        "{\"docs\":5}",
        "{\"rows\":[{}]}",
        "[1]]",
        "\u{feff}[]",
        "[{\"a\":1,\"a\":2}]",
        "[{\"userId\":\"u1\",\"key\":\"k\",\"value\":\"\\ud800\"}]",
        "[1e999]",
        &deep,
    ];
    for text in not_documents {
        let refused = store.import_documents(text, Existing::Replace).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidDocument, "{text}");
    }
    assert!(store.list_namespaces().await.unwrap().is_empty());
}

pub async fn existing_records_are_replaced_or_skipped(place: &dyn Place) {
    let store = setup(place).await.store("u1", "a", "default");
    store.set("old", json("\"old\""), None).await.unwrap();
    let text = format!("[{},{}]", document("old", r#","accessCount":7"#), document("new", ""));
    let skipped = store.import_documents(&text, Existing::Skip).await.unwrap();
    assert_eq!(skipped, Imported { imported: 1, skipped: 1 });
    assert_eq!(store.get("old").await.unwrap(), Some(json("\"old\"")));
    assert_eq!(import(&store, &text).await, Imported { imported: 2, skipped: 0 });
    assert_eq!(store.get("old").await.unwrap(), Some(json("1")));
    assert_eq!(store.get_record("old").await.unwrap().unwrap().access.count, 7);
    import(&store, &format!("[{}]", document("old", ""))).await;
    assert_eq!(store.get_record("old").await.unwrap().unwrap().access.count, 0, "the imported count takes its place");
}
