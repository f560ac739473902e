//! Atomic commits of changes in all stores, and versions.

use super::Place;
use crate::error::ErrorKind;
use crate::model::batch::Version;
use crate::model::data_record::Metadata;
use crate::model::json::Json;
use crate::store::{DataStore, DataStoreOptions, Database, MessageStoreOptions, SnapshotStoreOptions};
use futures_util::future::{FusedFuture, FutureExt as _, join_all, join3};
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

async fn value(store: &DataStore, key: &str) -> Option<String> {
    store.get(key).await.unwrap().map(Json::into_string)
}

async fn version(store: &DataStore, key: &str) -> Option<Version> {
    store.get_with_version(key).await.unwrap().map(|(_, version)| version)
}

pub async fn every_write_gives_a_record_another_version(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    assert_eq!(version(&store, "k").await, None);
    store.set("k", json("1"), None).await.unwrap();
    let first = version(&store, "k").await.unwrap();
    store.set("other", json("1"), None).await.unwrap();
    assert_eq!(version(&store, "k").await, Some(first), "another record's write is none of this one");
    store.set("k", json("1"), None).await.unwrap();
    let second = version(&store, "k").await.unwrap();
    assert!(second > first, "the same value too");
    assert_eq!(store.get_record("k").await.unwrap().unwrap().version, Some(second));
    store.delete("k").await.unwrap();
    store.set("k", json("1"), None).await.unwrap();
    assert!(version(&store, "k").await.unwrap() > second);
    let reopened = namespace(&self::database(place).await, "n");
    assert_eq!(version(&reopened, "k").await, version(&store, "k").await);
}

pub async fn changes_in_all_stores_are_one_commit(place: &dyn Place) {
    let database = database(place).await;
    let (a, b) = (namespace(&database, "a"), namespace(&database, "b"));
    let messages = database.message_store(MessageStoreOptions::default());
    let snapshots = database.snapshot_store(SnapshotStoreOptions::default());
    b.set("gone", json("1"), None).await.unwrap();
    let mut atomic = database.atomic();
    let metadata = Metadata::new(json(r#"{"by":"test"}"#)).unwrap();
    atomic.check(&a, "k", None).set(&a, "k", json("[1]"), Some(metadata)).append(&a, "k", vec![json("2")]);
    atomic.delete(&b, "gone").sum(&b, "count", 2.0).save(&snapshots, "state", json(r#"{"step":1}"#));
    atomic.then(|database| {
        Box::pin(async move {
            let messages = database.message_store(MessageStoreOptions::default());
            let new = crate::store::chat::NewConversation { id: Some("c".to_owned()), ..Default::default() };
            messages.create_conversation(new).await.map(drop)
        })
    });
    let committed = atomic.commit().await.unwrap().unwrap();
    assert_eq!(value(&a, "k").await.as_deref(), Some("[1,2]"), "what comes later sees what came before");
    assert_eq!(a.get_record("k").await.unwrap().unwrap().record.metadata.as_json().as_str(), r#"{"by":"test"}"#);
    assert_eq!(value(&b, "gone").await, None);
    assert_eq!(value(&b, "count").await.as_deref(), Some("2"));
    assert_eq!(snapshots.load("state").await.unwrap().as_str(), r#"{"step":1}"#);
    assert!(messages.get_conversation("c").await.unwrap().is_some());
    for (store, key) in [(&a, "k"), (&b, "count")] {
        assert_eq!(version(store, key).await, Some(committed));
    }
    assert!(atomic.commit().await.unwrap().is_none(), "the key is there now");
    assert_eq!(value(&b, "count").await.as_deref(), Some("2"));
}

pub async fn a_check_that_does_not_hold_leaves_everything_as_it_was(place: &dyn Place) {
    let (database, other) = (database(place).await, database(place).await);
    let (store, theirs) = (namespace(&database, "n"), namespace(&other, "n"));
    store.set("k", json("1"), None).await.unwrap();
    let seen = version(&store, "k").await;
    let mut atomic = database.atomic();
    atomic.check(&store, "k", seen).set(&store, "k", json("2"), None).set(&store, "l", json("2"), None);
    let absent = {
        let mut atomic = database.atomic();
        atomic.check(&store, "k", None).set(&store, "k", json("3"), None);
        atomic
    };
    assert!(absent.commit().await.unwrap().is_none());
    // Another one writes, which this one may not know yet.
    other.refresh().await.unwrap();
    theirs.set("k", json("10"), None).await.unwrap();
    assert!(atomic.commit().await.unwrap().is_none());
    database.refresh().await.unwrap();
    assert_eq!(value(&store, "k").await.as_deref(), Some("10"));
    assert_eq!(value(&store, "l").await, None);
    // A version that this one does not know yet, because another one wrote it just now.
    theirs.set("k", json("11"), None).await.unwrap();
    let mut newer = database.atomic();
    newer.check(&store, "k", version(&theirs, "k").await).set(&store, "k", json("12"), None);
    assert!(newer.commit().await.unwrap().is_some());
    // A record that was deleted and written again is another one, also where it looks the same.
    let seen = version(&store, "k").await;
    store.delete("k").await.unwrap();
    store.set("k", json("12"), None).await.unwrap();
    let mut same = database.atomic();
    same.check(&store, "k", seen).set(&store, "k", json("13"), None);
    assert!(same.commit().await.unwrap().is_none());
    assert_eq!(value(&store, "k").await.as_deref(), Some("12"));
}

pub async fn numbers_and_arrays_are_made_of_what_is_there(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    store.set("high", json("5"), None).await.unwrap();
    let mut atomic = database.atomic();
    atomic.sum(&store, "n", 1.5).sum(&store, "n", 1.5).max(&store, "high", 7.0).max(&store, "high", 6.0);
    atomic.min(&store, "low", 3.0).min(&store, "low", 2.0).append(&store, "list", vec![json("1"), json("[2]")]);
    for _ in 0..2 {
        atomic.commit().await.unwrap().unwrap();
    }
    for (key, expected) in [("n", "6"), ("high", "7"), ("low", "2"), ("list", "[1,[2],1,[2]]")] {
        assert_eq!(value(&store, key).await.as_deref(), Some(expected), "{key}");
    }
    store.set("text", json("\"1\""), None).await.unwrap();
    let mut wrong = database.atomic();
    wrong.set(&store, "n", json("0"), None).sum(&store, "text", 1.0);
    assert_eq!(wrong.commit().await.unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(value(&store, "n").await.as_deref(), Some("6"), "nothing of it");
    database.atomic().sum(&store, "n", -6.0).commit().await.unwrap();
    assert_eq!(value(&store, "n").await.as_deref(), Some("0"));
}

pub async fn what_an_atomic_deletes_takes_its_counted_reads_with_it(place: &dyn Place) {
    let database = database(place).await;
    let store = database.data_store(DataStoreOptions { track_access: true, ..Default::default() });
    store.set("k", json("1"), None).await.unwrap();
    store.get("k").await.unwrap();
    database.atomic().delete(&store, "k").set(&store, "k", json("2"), None).commit().await.unwrap().unwrap();
    assert_eq!(store.get_record("k").await.unwrap().unwrap().access.count, 0);
}

pub async fn nothing_at_all_is_a_commit_too(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    let empty = database.atomic().commit().await.unwrap().unwrap();
    let mut atomic = database.atomic();
    let next = atomic.check(&store, "k", None).delete(&store, "k").commit().await.unwrap().unwrap();
    assert!(next > empty);
    database.close().await.unwrap();
    assert_eq!(atomic.commit().await.unwrap_err().kind(), ErrorKind::Closed);
}

pub async fn concurrent_atomics_lose_nothing(place: &dyn Place) {
    const EACH: usize = 20;
    let databases = [database(place).await, database(place).await];
    let calls = databases.iter().flat_map(|database| {
        let (a, b) = (namespace(database, "a"), namespace(database, "b"));
        (0..EACH).map(move |_| {
            let mut atomic = database.atomic();
            atomic.sum(&a, "count", 1.0).sum(&b, "count", 1.0).append(&b, "list", vec![json("0")]);
            async move { atomic.commit().await }
        })
    });
    let versions = join_all(calls).await.into_iter().map(|committed| committed.unwrap().unwrap());
    let distinct: std::collections::BTreeSet<Version> = versions.collect();
    assert_eq!(distinct.len(), 2 * EACH, "each is a commit of its own");
    let fresh = database(place).await;
    for name in ["a", "b"] {
        assert_eq!(value(&namespace(&fresh, name), "count").await.as_deref(), Some("40"), "{name}");
    }
    let list: Vec<u8> = namespace(&fresh, "b").get("list").await.unwrap().unwrap().read().unwrap();
    assert_eq!(list.len(), 2 * EACH);
}

pub async fn of_those_who_checked_the_same_version_one_is_first(place: &dyn Place) {
    let databases = [database(place).await, database(place).await];
    let store = namespace(&databases[0], "n");
    store.set("k", json("0"), None).await.unwrap();
    let seen = version(&store, "k").await;
    let calls = (0..12).map(|number| {
        let database = &databases[number % 2];
        let store = namespace(database, "n");
        let mut atomic = database.atomic();
        atomic.check(&store, "k", seen).set(&store, "k", json(&number.to_string()), None);
        async move { atomic.commit().await.unwrap().is_some().then_some(number) }
    });
    let first: Vec<usize> = join_all(calls).await.into_iter().flatten().collect();
    assert_eq!(first.len(), 1);
    let fresh = namespace(&database(place).await, "n");
    assert_eq!(value(&fresh, "k").await, first.first().map(usize::to_string));
}

/// What adds to a number.
fn plus(by: u32) -> impl Fn(Option<Json>) -> crate::Result<Json> {
    move |old| {
        let old: u32 = old.map_or(Ok(0), |old| old.read())?;
        Json::parse(&(old + by).to_string())
    }
}

pub async fn updates_are_made_of_what_is_there_and_lose_nothing(place: &dyn Place) {
    const EACH: u32 = 30;
    let databases = [database(place).await, database(place).await];
    let stores = databases.each_ref().map(|database| namespace(database, "n"));
    let calls = (0..2 * EACH).map(|number| stores[number as usize % 2].update("count", plus(1)));
    let values = join_all(calls).await.into_iter().map(|made| made.unwrap());
    let distinct: std::collections::BTreeSet<String> = values.map(|(value, _)| value.into_string()).collect();
    assert_eq!(distinct.len(), 2 * EACH as usize, "each saw what the one before had made");
    let fresh = namespace(&database(place).await, "n");
    let (value, version) = fresh.get_with_version("count").await.unwrap().unwrap();
    assert_eq!(value.as_str(), "60");
    let (value, newer) = fresh.update("count", plus(2)).await.unwrap();
    assert_eq!(value.as_str(), "62");
    assert!(newer > version);
    assert_eq!(fresh.get_with_version("count").await.unwrap(), Some((value, newer)));
}

pub async fn an_update_that_fails_leaves_the_others_alone(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    let metadata = Metadata::new(json(r#"{"kept":true}"#)).unwrap();
    store.set("k", json("1"), Some(metadata)).await.unwrap();
    let refuse = |_: Option<Json>| Err(crate::Error::new(ErrorKind::InvalidValue, "no"));
    let (first, refused, last) =
        join3(store.update("k", plus(1)), store.update("k", refuse), store.update("k", plus(1))).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!([first.unwrap().0.as_str(), last.unwrap().0.as_str()], ["2", "3"]);
    assert_eq!(value(&store, "k").await.as_deref(), Some("3"));
    assert_eq!(store.get_record("k").await.unwrap().unwrap().record.metadata.as_json().as_str(), r#"{"kept":true}"#);
    let seen = version(&store, "k").await;
    assert!(store.update("k", refuse).await.is_err());
    assert_eq!(version(&store, "k").await, seen, "nothing was written");
    // One that nobody waits for any more is not made.
    let given_up = store.update("k", plus(100));
    drop(given_up);
    assert_eq!(store.update("k", plus(1)).await.unwrap().0.as_str(), "4");
    database.close().await.unwrap();
    assert_eq!(store.update("k", plus(1)).await.unwrap_err().kind(), ErrorKind::Closed);
}

pub async fn where_one_gives_up_in_the_middle_the_others_are_told(place: &dyn Place) {
    let database = database(place).await;
    let store = namespace(&database, "n");
    for polls in 0..12 {
        let mut leader = Box::pin(store.update("k", plus(1)).fuse());
        let mut other = Box::pin(store.update("k", plus(1)).fuse());
        poll_once(leader.as_mut()).await;
        let early = poll_once(other.as_mut()).await;
        for _ in 0..polls {
            poll_once(leader.as_mut()).await;
        }
        drop(leader);
        let outcome = match early {
            Some(outcome) => outcome,
            None => other.await,
        };
        match outcome {
            Ok((made, _)) => assert_eq!(value(&store, "k").await.as_deref(), Some(made.as_str())),
            Err(error) => assert!(error.is_unknown(), "{error}"),
        }
        assert!(store.update("k", plus(0)).await.is_ok(), "and it goes on");
    }
}

/// What a future gives at once, unless it was done before.
async fn poll_once<T>(mut future: std::pin::Pin<&mut impl FusedFuture<Output = T>>) -> Option<T> {
    std::future::poll_fn(|context| {
        let polled = if future.is_terminated() { Poll::Pending } else { future.as_mut().poll(context) };
        Poll::Ready(match polled {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        })
    })
    .await
}
