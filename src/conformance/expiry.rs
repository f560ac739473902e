//! Records that expire: there until their time, and from then on not, for nobody.

use super::Place;
use crate::model::Timestamp;
use crate::model::batch::Batch;
use crate::model::data_record::Metadata;
use crate::model::data_rules::{Existing, Item};
use crate::model::json::Json;
use crate::model::keyspace::{self, KeySpan};
use crate::store::Clock as _;
use crate::store::{
    DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, ListOptions, ManualClock, Watched,
};
use futures_util::future::{LocalBoxFuture, join, select};
use std::rc::Rc;

const START: i64 = 1_800_000_000_000_000;

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_micros(START + ms * 1_000).unwrap()
}

/// Databases of one place that share a clock.
struct Clocked<'a> {
    place: &'a dyn Place,
    clock: Rc<ManualClock>,
}

impl<'a> Clocked<'a> {
    fn new(place: &'a dyn Place) -> Self {
        Self { place, clock: Rc::new(ManualClock::new(at_ms(0))) }
    }

    async fn database(&self) -> Database {
        Database::new(self.place.open().await, DatabaseOptions { clock: self.clock.clone(), ..Default::default() })
    }

    async fn store(&self) -> DataStore {
        self.database().await.data_store(DataStoreOptions::default())
    }

    /// What the expiry index and the records have, as the backend sees it.
    async fn stored(&self) -> (usize, usize) {
        let ranges = [keyspace::expiries(), keyspace::user_records("anonymous")];
        let found = self.place.open().await.read(&ranges).await.unwrap();
        (found[0].len(), found[1].len())
    }
}

async fn set_until(store: &DataStore, key: &str, value: &str, ms: i64) {
    store.expiring(Expires::At(at_ms(ms))).set(key, json(value), None).await.unwrap();
}

async fn value(store: &DataStore, key: &str) -> Option<String> {
    store.get(key).await.unwrap().map(Json::into_string)
}

pub async fn whichever_way_it_is_read_it_is_there_until_its_time(place: &dyn Place) {
    type Look = fn(DataStore) -> LocalBoxFuture<'static, bool>;
    let looks: [(&str, Look); 12] = [
        ("get", |store| Box::pin(async move { store.get("k").await.unwrap().is_some() })),
        ("version", |store| Box::pin(async move { store.get_with_version("k").await.unwrap().is_some() })),
        ("has", |store| Box::pin(async move { store.has("k").await.unwrap() })),
        ("many", |store| Box::pin(async move { !store.get_many(&["k".to_owned()]).await.unwrap().is_empty() })),
        ("record", |store| Box::pin(async move { store.get_record("k").await.unwrap().is_some() })),
        ("keys", |store| Box::pin(async move { !store.list_keys("").await.unwrap().is_empty() })),
        ("list", |store| {
            Box::pin(async move { !store.list(&ListOptions::default()).await.unwrap().entries.is_empty() })
        }),
        ("count", |store| Box::pin(async move { store.count(&KeySpan::default()).await.unwrap() == 1 })),
        ("namespaces", |store| {
            Box::pin(async move { store.list_namespaces().await.unwrap().contains(&store.namespace().to_owned()) })
        }),
        ("documents", |store| Box::pin(async move { !store.documents(false).await.unwrap().is_empty() })),
        ("delete", |store| Box::pin(async move { store.delete_many(vec!["k".to_owned()]).await.unwrap() == 1 })),
        ("clear", |store| Box::pin(async move { store.clear().await.unwrap() == 1 })),
    ];
    let clocked = Clocked::new(place);
    let database = clocked.database().await;
    for (round, (namespace, look)) in (1..).zip(looks) {
        let store =
            database.data_store(DataStoreOptions { namespace: namespace.to_owned(), ..DataStoreOptions::default() });
        let time = round * 100;
        set_until(&store, "k", "1", time).await;
        if !["delete", "clear"].contains(&namespace) {
            clocked.clock.set(Timestamp::from_micros(at_ms(time).as_micros() - 1).unwrap());
            assert!(look(store.clone()).await, "{namespace}: a microsecond before its time");
        }
        clocked.clock.set(at_ms(time));
        assert!(!look(store).await, "{namespace}: at its time");
    }
    assert_eq!(clocked.stored().await, (0, 0));
}

pub async fn the_last_set_decides_when_a_record_expires(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let store = clocked.store().await;
    for key in ["never", "later", "sooner", "kept", "combined", "deleted", "cleared/1"] {
        set_until(&store, key, "1", 100).await;
    }
    store.set("never", json("2"), None).await.unwrap();
    set_until(&store, "later", "2", 200).await;
    set_until(&store, "sooner", "2", 50).await;
    store.update("kept", |old| Ok(json(&format!("[{}]", old.unwrap().as_str())))).await.unwrap();
    let mut atomic = store.database.atomic();
    atomic.sum(&store, "combined", 1.0).set(&store.expiring(Expires::InMs(150)), "atomic", json("1"), None);
    atomic.commit().await.unwrap().unwrap();
    store.delete("deleted").await.unwrap();
    store.delete_by_prefix("cleared/").await.unwrap();
    for key in ["deleted", "cleared/1"] {
        store.set(key, json("3"), None).await.unwrap();
    }
    let record = store.get_record("later").await.unwrap().unwrap();
    assert_eq!(record.record.expires_at, Some(at_ms(200)));
    let view = record.to_view().into_string();
    assert!(view.contains(r#""expiresAt":"2027-01-15T08:00:00.200000Z""#), "{view}");
    let keys = async || store.list_keys("").await.unwrap();
    clocked.clock.set(at_ms(50));
    assert_eq!(keys().await, ["atomic", "cleared/1", "combined", "deleted", "kept", "later", "never"]);
    clocked.clock.set(at_ms(100));
    assert_eq!(keys().await, ["atomic", "cleared/1", "deleted", "later", "never"]);
    clocked.clock.set(at_ms(199));
    assert_eq!(keys().await, ["cleared/1", "deleted", "later", "never"]);
    clocked.clock.set(at_ms(200));
    assert_eq!(keys().await, ["cleared/1", "deleted", "never"]);
    clocked.clock.set(at_ms(1_000_000));
    assert_eq!(keys().await, ["cleared/1", "deleted", "never"]);
    assert_eq!(clocked.stored().await, (0, 3), "nothing is left in the index");
}

pub async fn what_has_expired_is_as_if_it_had_never_been(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let database = clocked.database().await;
    let store = database.data_store(DataStoreOptions { track_access: true, ..DataStoreOptions::default() });
    let metadata = Metadata::new(json(r#"{"a":1}"#)).unwrap();
    let expiring = store.expiring(Expires::At(at_ms(10)));
    for key in ["set", "update", "atomic"] {
        expiring.set(key, json("1"), Some(metadata.clone())).await.unwrap();
        store.get(key).await.unwrap();
    }
    database.flush_accesses().await.unwrap();
    store.get("set").await.unwrap();
    clocked.clock.set(at_ms(10));
    store.set("set", json("2"), None).await.unwrap();
    store.update("update", |old| Ok(json(if old.is_none() { "\"anew\"" } else { "\"old\"" }))).await.unwrap();
    let mut atomic = database.atomic();
    atomic.check(&store, "atomic", None).sum(&store, "atomic", 5.0);
    assert!(atomic.commit().await.unwrap().is_some(), "there is none any more");
    database.flush_accesses().await.unwrap();
    for (key, expected) in [("set", "2"), ("update", "\"anew\""), ("atomic", "5")] {
        let found = store.get_record(key).await.unwrap().unwrap();
        assert_eq!(found.record.value.as_str(), expected);
        assert!(found.record.metadata.is_empty() && found.record.created_at >= at_ms(10));
        assert_eq!((found.access.count, found.record.expires_at), (0, None), "{key}");
    }
    // What is set with a time that has passed is gone at once.
    set_until(&store, "past", "1", 5).await;
    set_until(&store, "set", "1", 10).await;
    assert_eq!([value(&store, "past").await, value(&store, "set").await], [None, None]);
    let long_ago = Expires::At(Timestamp::from_micros(-5_000_000).unwrap());
    store.expiring(long_ago).set("long ago", json("1"), None).await.unwrap();
    assert_eq!(value(&store, "long ago").await, None);
}

pub async fn it_is_removed_once_whoever_looks(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let (first, second) = (clocked.store().await, clocked.store().await);
    let items = (0..2_500).map(|number| Item { key: format!("{number:04}"), value: json("1") }).collect();
    first.expiring(Expires::InMs(10)).set_many(items, None).await.unwrap();
    first.set("kept", json("1"), None).await.unwrap();
    second.database.refresh().await.unwrap();
    let mut watch = second.watch(&Watched::Prefix(String::new()));
    assert_eq!(watch.next().await.unwrap().unwrap().changes.len(), 2_501);
    clocked.clock.set(at_ms(10));
    let (seen, listed) = join(first.has("0000"), second.list_keys("")).await;
    assert!(!seen.unwrap());
    assert_eq!(listed.unwrap(), ["kept"]);
    assert_eq!(clocked.stored().await, (0, 1));
    let mut removed = 0;
    while removed < 2_500 {
        let told = watch.next().await.unwrap().unwrap();
        assert!(told.changes.iter().all(|change| change.new.is_none() && change.old.is_some()));
        removed += told.changes.len();
    }
    assert_eq!(removed, 2_500);
    let backend = place.open().await;
    let before = backend.commit(Batch::default()).await.unwrap().version;
    first.database.refresh().await.unwrap();
    let _ = join(first.get("1"), second.get("2")).await;
    assert_eq!(
        backend.commit(Batch::default()).await.unwrap().version.0,
        before.0 + 1,
        "nothing is committed for nothing"
    );
}

pub async fn what_others_set_expires_here_too(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let (here, there) = (clocked.store().await, clocked.store().await);
    assert_eq!(value(&here, "k").await, None);
    set_until(&there, "k", "1", 10).await;
    here.database.refresh().await.unwrap();
    assert_eq!(value(&here, "k").await.as_deref(), Some("1"));
    clocked.clock.set(at_ms(9));
    assert!(here.has("k").await.unwrap());
    clocked.clock.set(at_ms(10));
    assert!(!here.has("k").await.unwrap());
    set_until(&there, "later", "1", 20).await;
    clocked.clock.set(at_ms(20));
    let reopened = clocked.store().await;
    assert!(!reopened.has("later").await.unwrap(), "who comes later finds out");
    assert_eq!(value(&reopened, "k").await, None);
}

pub async fn a_sweeper_removes_it_at_its_time_and_watchers_see_it_go(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let database = clocked.database().await;
    let store = database.data_store(DataStoreOptions::default());
    let mut watch = store.watch(&Watched::Prefix(String::new()));
    let clock = clocked.clock.clone();
    let slept = Rc::new(std::cell::RefCell::new(Vec::new()));
    let sleep = async |ms: u32| {
        slept.borrow_mut().push(ms);
        // As long as nothing expires there is nothing to wait for but what is told.
        if ms > 1_000 {
            return std::future::pending().await;
        }
        clock.set(Timestamp::from_micros(clock.now().as_micros() + i64::from(ms) * 1_000).unwrap());
    };
    let sweeping = database.sweeper().run(sleep);
    let checking = async {
        watch.next().await.unwrap();
        let until = |ms| store.expiring(Expires::At(at_ms(ms)));
        let mut atomic = database.atomic();
        atomic.set(&until(500), "second", json("2"), None).set(&until(100), "first", json("1"), None);
        atomic.commit().await.unwrap();
        let mut told = Vec::new();
        while told.len() < 4 {
            let changes = watch.next().await.unwrap().unwrap().changes;
            told.extend(changes.into_iter().map(|change| (change.key, change.new.is_some())));
        }
        let expected = [("first", true), ("second", true), ("first", false), ("second", false)];
        assert_eq!(told, expected.map(|(key, is_there)| (key.to_owned(), is_there)));
        database.close().await.unwrap();
    };
    let (sweeping, checking) = (Box::pin(sweeping), Box::pin(checking));
    match select(sweeping, checking).await {
        futures_util::future::Either::Left(((), checking)) => checking.await,
        // It ends with the database.
        futures_util::future::Either::Right(((), sweeping)) => sweeping.await,
    }
    assert_eq!(clocked.stored().await, (0, 0));
    let waited: u32 = slept.borrow().iter().filter(|ms| **ms <= 1_000).sum();
    assert_eq!(waited, 500, "{slept:?}");
}

pub async fn documents_keep_when_they_expire(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let store = clocked.store().await;
    set_until(&store, "k", "1", 100).await;
    store.set("never", json("1"), None).await.unwrap();
    let text = store.export_documents(false).await.unwrap();
    assert_eq!(text.matches(r#""expiresAt":"2027-01-15T08:00:00.100000""#).count(), 1, "{text}");
    store.clear().await.unwrap();
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(store.export_documents(false).await.unwrap(), text);
    clocked.clock.set(at_ms(100));
    assert_eq!(store.list_keys("").await.unwrap(), ["never"]);
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(store.list_keys("").await.unwrap(), ["never"], "what has expired is not there when it comes back");
    assert_eq!(clocked.stored().await, (0, 1));
}

pub async fn compaction_removes_what_lists_records_that_are_gone(place: &dyn Place) {
    let clocked = Clocked::new(place);
    let store = clocked.store().await;
    for n in 0..30 {
        set_until(&store, &format!("k{n:02}"), "1", 10_000 + n).await;
    }
    set_until(&store.use_namespace("other"), "due", "1", 50).await;
    store.delete_by_prefix("k0").await.unwrap();
    store.delete("k10").await.unwrap();
    assert_eq!(clocked.stored().await, (31, 20));
    clocked.clock.set(at_ms(100));
    // What has expired goes first, and is not counted.
    assert_eq!(store.database.compact().await.unwrap(), 11);
    assert_eq!(clocked.stored().await, (19, 19));
    assert_eq!(store.database.compact().await.unwrap(), 0);
    clocked.clock.set(at_ms(20_000));
    assert_eq!(store.count(&KeySpan::default()).await.unwrap(), 0);
    assert_eq!(clocked.stored().await, (0, 0));
}
