//! The counting of reads (`stores.md`, B.5, and what is promised beyond it).

use super::Place;
use super::data_store::{get, items, json, record, set, setup, texts, time};
use crate::error::ErrorKind;
use crate::model::batch::{Batch, ReadRange};
use crate::model::data_rules::{Existing, Item};
use crate::model::keyspace::DataScope;
use crate::store::{DataStoreOptions, ListOptions};
use futures_util::future::join;

pub async fn reads_are_counted_only_where_asked(place: &dyn Place) {
    let setup = setup(place).await;
    let (plain, counting) = (setup.plain(), setup.counting("reader"));
    set(&plain, "k", "1").await;
    get(&plain, "k").await;
    assert_eq!(record(&plain, "k").await.access.count, 0);
    setup.clock.set(time(5));
    get(&counting, "k").await;
    get(&counting, "gone").await;
    counting.get_many(&texts(&["k", "k", "gone"])).await.unwrap();
    counting.has("k").await.unwrap();
    counting.list_keys("").await.unwrap();
    counting.list(&ListOptions::default()).await.unwrap();
    let found = record(&plain, "k").await;
    assert_eq!(found.access.count, 3, "one get, and a key named twice counts twice");
    let (at, agent) = found.last_access().unwrap();
    assert!(time(5) < *at && *at < time(6) && agent == "reader");
    assert_eq!(found.record.updated_at, time(0), "a read is not an update");
    assert_eq!(record(&counting, "k").await.access.count, 3, "getRecord is not counted");
    setup.clock.set(time(9));
    set(&plain, "k", "2").await;
    let found = record(&plain, "k").await;
    assert_eq!(found.last_access(), Some(&(time(9), "writer".to_owned())), "a later write is the last access");
    assert_eq!(found.access.count, 3);
}

pub async fn counted_reads_are_written_together(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.counting("reader");
    let keys: Vec<String> = (0..1_200).map(|n| format!("k{n:04}")).collect();
    let values = keys.iter().map(|key| Item { key: key.clone(), value: json("1") }).collect();
    store.set_many(values, None).await.unwrap();
    let backend = place.open().await;
    let head = || async { backend.commit(Batch::default()).await.unwrap().version.0 };
    let before = head().await;
    for key in keys.iter().take(50) {
        get(&store, key).await;
    }
    store.get_many(&keys).await.unwrap();
    assert_eq!(head().await, before + 1, "reading wrote something");
    assert!(setup.database.has_unwritten_accesses());
    setup.database.flush().await.unwrap();
    assert!(!setup.database.has_unwritten_accesses());
    let commits = head().await - before - 2;
    assert!((1..=3).contains(&commits), "1,200 counts took {commits} commits");
    assert_eq!(record(&store, "k0000").await.access.count, 2);
    assert_eq!(record(&store, "k1199").await.access.count, 1);
}

pub async fn counted_reads_do_not_bring_a_deleted_record_back(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.counting("reader");
    set(&store, "k", "1").await;
    get(&store, "k").await;
    store.delete("k").await.unwrap();
    setup.database.flush().await.unwrap();
    let everything = ReadRange::extensions(crate::model::tuple::Key::new());
    assert!(place.open().await.read(&[everything]).await.unwrap()[0].is_empty());
}

pub async fn counted_reads_do_not_count_for_a_record_that_comes_later(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.counting("reader");
    let again = || async {
        set(&store, "k", "1").await;
        get(&store, "k").await;
    };
    again().await;
    store.delete("k").await.unwrap();
    set(&store, "k", "2").await;
    setup.database.flush().await.unwrap();
    assert_eq!(record(&store, "k").await.access.count, 0, "deleted");
    again().await;
    store.clear().await.unwrap();
    set(&store, "k", "2").await;
    setup.database.flush().await.unwrap();
    assert_eq!(record(&store, "k").await.access.count, 0, "cleared");
    again().await;
    let text = r#"[{"userId":"u1","key":"k","value":3,"accessCount":7}]"#;
    store.import_documents(text, Existing::Replace).await.unwrap();
    setup.database.flush().await.unwrap();
    assert_eq!(record(&store, "k").await.access.count, 7, "imported");
    // The flush waits for its turn behind a deletion and a new set.
    again().await;
    let later = join(store.delete("k"), join(store.set("k", json("2"), None), setup.database.flush()));
    later.await.1.1.unwrap();
    assert_eq!(record(&store, "k").await.access.count, 0, "deleted while the flush waited");
}

pub async fn the_last_access_is_the_latest_of_all_databases(place: &dyn Place) {
    let (one, other) = (setup(place).await, setup(place).await);
    set(&one.plain(), "k", "1").await;
    other.database.refresh().await.unwrap();
    one.clock.set(time(10));
    get(&one.counting("early"), "k").await;
    other.clock.set(time(20));
    get(&other.counting("late"), "k").await;
    other.database.flush().await.unwrap();
    one.database.flush().await.unwrap();
    let found = record(&one.plain(), "k").await;
    assert_eq!((found.last_access().unwrap().1.as_str(), found.access.count), ("late", 2));
    // At one and the same time of the clock, what came later is the last.
    get(&other.counting("reader"), "k").await;
    set(&other.plain(), "k", "2").await;
    assert_eq!(record(&other.plain(), "k").await.last_access().unwrap().1, "writer");
    get(&other.counting("reader"), "k").await;
    assert_eq!(record(&other.plain(), "k").await.last_access().unwrap().1, "reader");
}

pub async fn a_damaged_count_harms_no_other_record(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.counting("reader");
    store.set_many(items(&[("good", "1"), ("bad", "1")]), None).await.unwrap();
    let backend = place.open().await;
    let mut batch = Batch::default();
    batch.put(DataScope { user: "u1".to_owned(), namespace: "default".to_owned() }.access("bad"), *b"\x09");
    backend.commit(batch).await.unwrap();
    get(&store, "bad").await;
    get(&store, "good").await;
    setup.database.flush().await.unwrap();
    assert!(!setup.database.has_unwritten_accesses());
    assert_eq!(record(&store, "good").await.access.count, 1);
    assert_eq!(store.get_record("bad").await.unwrap_err().kind(), ErrorKind::NewerVersion);
}

pub async fn counted_reads_survive_a_close(place: &dyn Place) {
    let first = setup(place).await;
    set(&first.plain(), "k", "1").await;
    get(&first.counting("reader"), "k").await;
    first.database.close().await.unwrap();
    let second = setup(place).await;
    get(&second.counting("reader"), "k").await;
    let (one, other) = join(second.database.close(), second.database.close()).await;
    one.and(other).unwrap();
    assert_eq!(record(&setup(place).await.plain(), "k").await.access.count, 2);
}

pub async fn without_an_agent_no_agent_is_named(place: &dyn Place) {
    let setup = setup(place).await;
    for agent in [None, Some(String::new())] {
        let options = DataStoreOptions { agent, track_access: true, ..DataStoreOptions::default() };
        let store = setup.database.data_store(options);
        set(&store, "k", "1").await;
        get(&store, "k").await;
        let found = record(&store, "k").await;
        assert_eq!((found.record.created_by.as_deref(), found.last_access(), found.access.count), (None, None, 0));
    }
    set(&setup.store("anonymous", "later", "default"), "k", "2").await;
    let store = setup.database.data_store(DataStoreOptions { agent: None, ..DataStoreOptions::default() });
    set(&store, "k", "3").await;
    let found = record(&store, "k").await;
    assert_eq!(found.last_access().unwrap().1, "later", "a write without an agent leaves the last one named");
}
