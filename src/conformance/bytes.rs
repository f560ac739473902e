//! Bytes as values: stored once, counted by who refers to them, and gone with the last one, whichever way that goes.

use super::Place;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::content::{BytesKind, BytesReference, Content, PIECE_BYTES};
use crate::model::data_rules::{Existing, Item};
use crate::model::hash;
use crate::model::json::Json;
use crate::model::keyspace::{BytesScope, KeySpan};
use crate::store::{
    BytesOptions, DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, ListOptions, LocalPresence,
    ManualClock, Presence as _, StoredValue, Watched,
};
use futures_channel::mpsc;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, join, join_all};
use futures_util::stream;
use std::rc::Rc;

const START: i64 = 1_800_000_000_000_000;
const HOUR: i64 = 3_600_000_000;
/// So many bytes do not fit into one commit of an upload.
const LARGE: usize = 16 * PIECE_BYTES + 1;

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

/// Bytes that look like nothing else.
fn some_bytes(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(4)).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}

fn options(kind: BytesKind) -> BytesOptions {
    BytesOptions { kind, media_type: "image/png".to_owned(), ..BytesOptions::default() }
}

async fn set(store: &DataStore, key: &str, bytes: &[u8]) -> BytesReference {
    let pieces: Vec<Result<Vec<u8>>> = bytes.chunks(100_000).map(|piece| Ok(piece.to_vec())).collect();
    store.set_bytes(key, stream::iter(pieces), options(BytesKind::Blob)).await.unwrap()
}

async fn read(store: &DataStore, key: &str, start: u64, end: Option<u64>) -> Vec<u8> {
    store.read_bytes(key, start, end).await.unwrap().unwrap().whole().await.unwrap()
}

async fn whole(store: &DataStore, key: &str) -> Option<Vec<u8>> {
    match store.get_value(key).await.unwrap()? {
        StoredValue::Bytes(reader) => Some(reader.whole().await.unwrap()),
        StoredValue::Json(_) => None,
    }
}

async fn open(place: &dyn Place) -> DataStore {
    Database::new(place.open().await, DatabaseOptions::default()).data_store(DataStoreOptions::default())
}

/// The contents with who refers to them, and how many pieces and uploads there are, as the backend sees it.
async fn stored(place: &dyn Place) -> (Vec<Content>, usize, usize) {
    let scope = BytesScope::of("anonymous");
    let ranges = [scope.contents(), scope.all_pieces().keys_only(), scope.uploads()];
    let found = place.open().await.read(&ranges).await.unwrap();
    let contents = found[0].iter().map(|entry| Content::decode(&entry.value).unwrap()).collect();
    (contents, found[1].len(), found[2].len())
}

/// How often each content is referred to, and how many pieces there are; no upload is.
async fn counts(place: &dyn Place) -> (Vec<u64>, usize) {
    let (contents, pieces, uploads) = stored(place).await;
    assert_eq!(uploads, 0, "uploads are left");
    let mut references: Vec<u64> = contents.iter().map(|content| content.references).collect();
    references.sort_unstable();
    (references, pieces)
}

pub async fn bytes_come_back_as_they_were_set(place: &dyn Place) {
    let store = open(place).await;
    let sizes = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, LARGE - 1, LARGE, 2 * LARGE + 7];
    for (seed, size) in (0..).zip(sizes) {
        let bytes = some_bytes(size, seed);
        let reference = set(&store, "k", &bytes).await;
        assert_eq!(reference.size, size as u64);
        assert!(reference.fits(&bytes));
        assert_eq!(whole(&store, "k").await.unwrap(), bytes, "{size}");
        let half = size as u64 / 2;
        for (start, end) in [(0, Some(half)), (half, None), (half, Some(half + 1)), (half, Some(half)), (3, Some(1))] {
            let from = usize::try_from(start).unwrap().min(size);
            let to = end.map_or(size, |end| usize::try_from(end).unwrap().min(size)).max(from);
            assert_eq!(read(&store, "k", start, end).await, bytes[from..to], "{start} to {end:?} of {size}");
        }
        assert_eq!(read(&store, "k", u64::MAX, None).await, b"");
        assert_eq!(read(&store, "k", 0, Some(u64::MAX)).await, bytes);
        assert_eq!(counts(place).await, (vec![1], size.div_ceil(PIECE_BYTES)));
    }
    assert!(store.read_bytes("none", 0, None).await.unwrap().is_none());
    store.set("json", json("1"), None).await.unwrap();
    assert_eq!(store.read_bytes("json", 0, None).await.unwrap_err().kind(), ErrorKind::InvalidValue);
    let reopened = open(place).await;
    assert_eq!(whole(&reopened, "k").await.unwrap(), some_bytes(2 * LARGE + 7, 7));
}

pub async fn whatever_reads_json_gets_a_reference(place: &dyn Place) {
    let store = open(place).await;
    let mut watch = store.watch(&Watched::Prefix(String::new()));
    watch.next().await.unwrap();
    store.set_bytes("k", stream::iter([Ok(b"abc".to_vec())]), options(BytesKind::Blob)).await.unwrap();
    let sha256 = hash::sha256("abc");
    let expected = format!(r#"{{"$bytes":{{"sha256":"{sha256}","size":3,"type":"image/png","kind":"blob"}}}}"#);
    let told = watch.next().await.unwrap().unwrap();
    assert_eq!(told.changes[0].new.as_ref().unwrap().as_str(), expected);
    assert_eq!(store.get("k").await.unwrap().unwrap().as_str(), expected);
    assert_eq!(store.get_with_version("k").await.unwrap().unwrap().0.as_str(), expected);
    assert_eq!(store.get_many(&["k".to_owned()]).await.unwrap()[0].1.as_str(), expected);
    let listed = store.list(&ListOptions::default()).await.unwrap().entries;
    assert_eq!(listed[0].stored.as_ref().unwrap().0.as_str(), expected);
    assert_eq!(store.get_record("k").await.unwrap().unwrap().record.value.as_str(), expected);
    assert_eq!(store.count(&KeySpan::default()).await.unwrap(), 1);
    // The same text as JSON is JSON.
    store.set("k", json(&expected), None).await.unwrap();
    assert!(matches!(store.get_value("k").await.unwrap(), Some(StoredValue::Json(_))));
    assert_eq!(counts(place).await, (vec![], 0));
}

pub async fn the_same_bytes_are_stored_once(place: &dyn Place) {
    let store = open(place).await;
    let (small, large) = (some_bytes(1_000, 1), some_bytes(LARGE, 2));
    for key in ["a", "b", "a"] {
        set(&store, key, &small).await;
        set(&store.use_namespace("other"), key, &large).await;
    }
    assert_eq!(counts(place).await, (vec![2, 2], 1 + 17));
    // Those of another user are others.
    let options = DataStoreOptions { user: "other".to_owned(), ..DataStoreOptions::default() };
    let other = store.database.data_store(options);
    set(&other, "a", &small).await;
    assert_eq!(counts(place).await, (vec![2, 2], 18));
    assert!(store.delete("a").await.unwrap());
    assert_eq!(counts(place).await, (vec![1, 2], 18));
    assert_eq!(whole(&store, "b").await.unwrap(), small);
    assert!(store.delete("b").await.unwrap());
    assert_eq!(counts(place).await, (vec![2], 17));
    assert_eq!(whole(&other, "a").await.unwrap(), small);
    assert_eq!(whole(&store.use_namespace("other"), "b").await.unwrap(), large);
}

pub async fn whichever_way_a_record_goes_its_reference_goes(place: &dyn Place) {
    type Way = fn(DataStore) -> LocalBoxFuture<'static, ()>;
    let ways: [(&str, Way); 12] = [
        ("set", |store| Box::pin(async move { store.set("k/1", json("1"), None).await.unwrap() })),
        ("set many", |store| {
            Box::pin(async move {
                let items = ["k/1", "k/2", "k/1"].map(|key| Item { key: key.to_owned(), value: json("1") });
                store.set_many(items.into(), None).await.unwrap();
            })
        }),
        ("set bytes", |store| {
            Box::pin(async move {
                set(&store, "k/1", b"others").await;
                store.delete("k/1").await.unwrap();
            })
        }),
        ("update", |store| Box::pin(async move { drop(store.update("k/1", |_| Ok(json("1"))).await.unwrap()) })),
        ("delete", |store| Box::pin(async move { assert!(store.delete("k/1").await.unwrap()) })),
        ("delete many", |store| {
            Box::pin(async move {
                let keys = ["k/1", "none", "k/1"].map(str::to_owned);
                assert_eq!(store.delete_many(keys.into()).await.unwrap(), 1);
            })
        }),
        ("prefix", |store| Box::pin(async move { assert_eq!(store.delete_by_prefix("k/").await.unwrap(), 1) })),
        ("clear", |store| Box::pin(async move { assert_eq!(store.clear().await.unwrap(), 2) })),
        ("atomic set", |store| {
            Box::pin(async move {
                let mut atomic = store.database.atomic();
                atomic.set(&store, "k/1", json("1"), None).sum(&store, "k/1", 1.0);
                atomic.commit().await.unwrap().unwrap();
            })
        }),
        ("atomic delete", |store| {
            Box::pin(async move {
                let mut atomic = store.database.atomic();
                atomic.delete(&store, "k/1").set(&store, "n", json("1"), None);
                atomic.commit().await.unwrap().unwrap();
            })
        }),
        ("atomic clear", |store| {
            Box::pin(async move {
                let mut atomic = store.database.atomic();
                let namespace = store.namespace().to_owned();
                atomic.then(move |database| {
                    let options = DataStoreOptions { namespace: namespace.clone(), ..Default::default() };
                    let store = database.data_store(options);
                    Box::pin(async move { store.clear().await.map(drop) })
                });
                atomic.set(&store, "k/1", json("1"), None);
                atomic.commit().await.unwrap().unwrap();
            })
        }),
        ("import", |store| {
            Box::pin(async move {
                let text =
                    format!(r#"[{{"userId":"anonymous","namespace":{:?},"key":"k/1","value":1}}]"#, store.namespace());
                store.import_documents(&text, Existing::Replace).await.unwrap();
            })
        }),
    ];
    let database = open(place).await.database;
    for (namespace, way) in ways {
        let store = database.data_store(DataStoreOptions { namespace: namespace.to_owned(), ..Default::default() });
        let (first, second) = (some_bytes(300_000, 1), some_bytes(10, 2));
        set(&store, "k/1", &first).await;
        set(&store, "other", &second).await;
        assert_eq!(counts(place).await, (vec![1, 1], 3), "before {namespace}");
        way(store.clone()).await;
        let left = if namespace.contains("clear") { (vec![], 0) } else { (vec![1], 1) };
        assert_eq!(counts(place).await, left, "after {namespace}");
        store.clear().await.unwrap();
        assert_eq!(counts(place).await, (vec![], 0), "after {namespace} and a clear");
    }
}

pub async fn bytes_that_expire_are_removed(place: &dyn Place) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
    let options = DatabaseOptions { clock: clock.clone(), ..DatabaseOptions::default() };
    let store = Database::new(place.open().await, options).data_store(DataStoreOptions::default());
    set(&store, "kept", b"both").await;
    set(&store.expiring(Expires::InMs(1)), "k", b"both").await;
    set(&store.expiring(Expires::InMs(1)), "l", &some_bytes(LARGE, 1)).await;
    assert_eq!(counts(place).await, (vec![1, 2], 18));
    clock.set(Timestamp::from_micros(START + 1_000).unwrap());
    assert_eq!(store.list_keys("").await.unwrap(), ["kept"]);
    assert_eq!(counts(place).await, (vec![1], 1));
    assert_eq!(whole(&store, "kept").await.unwrap(), b"both");
}

pub async fn an_update_that_gives_the_reference_back_keeps_the_bytes(place: &dyn Place) {
    let store = open(place).await;
    set(&store, "k", b"abc").await;
    store.update("k", |old| Ok(old.unwrap())).await.unwrap();
    assert_eq!(whole(&store, "k").await.unwrap(), b"abc");
    assert_eq!(counts(place).await, (vec![1], 1));
    let sum = store.database.atomic().sum(&store, "k", 1.0).commit().await;
    assert_eq!(sum.unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(whole(&store, "k").await.unwrap(), b"abc");
    store.update("k", |_| Ok(json("[]"))).await.unwrap();
    assert_eq!(counts(place).await, (vec![], 0));
}

pub async fn what_is_removed_while_it_is_read_is_an_error(place: &dyn Place) {
    let (store, other) = (open(place).await, open(place).await);
    let bytes = some_bytes(LARGE, 1);
    for again in [false, true] {
        set(&store, "k", &bytes).await;
        let mut reader = store.read_bytes("k", 0, None).await.unwrap().unwrap();
        assert_eq!(&*reader.next().await.unwrap().unwrap(), &bytes[..PIECE_BYTES]);
        other.database.refresh().await.unwrap();
        other.delete("k").await.unwrap();
        if again {
            set(&other, "k", &bytes).await;
        }
        store.database.refresh().await.unwrap();
        let error = loop {
            match reader.next().await {
                Ok(piece) => assert!(piece.is_some(), "it cannot come to its end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(whole(&store, "k").await.unwrap(), bytes);
}

pub async fn two_databases_count_together(place: &dyn Place) {
    let stores = [open(place).await, open(place).await];
    let (small, large) = (some_bytes(100, 1), some_bytes(LARGE, 2));
    for round in 0..3 {
        let sets = (0..8_u8).map(|place| {
            let (store, bytes) = (&stores[usize::from(place % 2)], if place % 4 < 2 { &small } else { &large });
            async move { drop(set(store, &format!("{place}"), bytes).await) }
        });
        join_all(sets).await;
        assert_eq!(counts(place).await, (vec![4, 4], 18), "round {round}");
        for store in &stores {
            store.database.refresh().await.unwrap();
        }
        let deletes = (0..8_u8).map(|place| {
            let store = &stores[usize::from(place % 2)];
            async move { assert!(store.delete(&place.to_string()).await.unwrap()) }
        });
        join_all(deletes).await;
        assert_eq!(counts(place).await, (vec![], 0), "round {round}");
    }
    // One sets what the other removes.
    set(&stores[0], "k", &large).await;
    stores[1].database.refresh().await.unwrap();
    join(set(&stores[0], "l", &large), async { stores[1].delete("k").await.unwrap() }).await;
    assert_eq!(counts(place).await, (vec![1], 17));
    stores[1].database.refresh().await.unwrap();
    assert_eq!(whole(&stores[1], "l").await.unwrap(), large);
}

pub async fn many_calls_at_once_lose_nothing(place: &dyn Place) {
    let store = open(place).await;
    let names: Vec<String> = (0..100).map(|name| format!("{name}")).collect();
    join_all(names.iter().map(|name| set(&store, name, b"the same"))).await;
    assert_eq!(counts(place).await, (vec![100], 1));
    join_all(names.iter().map(|name| async { assert!(store.delete(name).await.unwrap()) })).await;
    assert_eq!(counts(place).await, (vec![], 0));
}

pub async fn a_source_that_fails_leaves_what_was_there(place: &dyn Place) {
    let store = open(place).await;
    set(&store, "k", b"before").await;
    for staged in [0, 1, LARGE, 3 * LARGE] {
        let pieces = [Ok(some_bytes(staged, 1)), Err(Error::new(ErrorKind::InvalidValue, "no more"))];
        let error = store.set_bytes("k", stream::iter(pieces), BytesOptions::default()).await.unwrap_err();
        assert_eq!(error.message(), "no more");
        assert_eq!(counts(place).await, (vec![1], 1), "after {staged} bytes");
    }
    assert_eq!(whole(&store, "k").await.unwrap(), b"before");
}

pub async fn what_a_killed_writer_left_is_removed(place: &dyn Place) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
    let open = async || {
        let options = DatabaseOptions { clock: clock.clone(), ..DatabaseOptions::default() };
        Database::new(place.open().await, options).data_store(DataStoreOptions::default())
    };
    let (store, other) = (open().await, open().await);
    let (pieces, taken) = mpsc::unbounded();
    {
        let mut upload = Box::pin(store.set_bytes("k", taken, BytesOptions::default()));
        pieces.unbounded_send(Ok(some_bytes(2 * LARGE, 1))).unwrap();
        while stored(place).await.1 < 32 {
            assert!((&mut upload).now_or_never().is_none());
        }
        // Who is there goes on, however long nothing comes.
        clock.set(Timestamp::from_micros(START + HOUR).unwrap());
        other.database.refresh().await.unwrap();
        set(&other, "other", b"1").await;
        assert_eq!(stored(place).await.2, 1);
    }
    assert!(store.get("k").await.unwrap().is_none());
    // Who has just left may be somewhere else, where nobody can tell.
    clock.set(Timestamp::from_micros(START + 1).unwrap());
    set(&other, "other", b"2").await;
    assert_eq!(stored(place).await.2, 1);
    clock.set(Timestamp::from_micros(START + 2 * HOUR).unwrap());
    set(&other, "other", b"3").await;
    assert_eq!(counts(place).await, (vec![1], 1));
}

pub async fn compaction_removes_what_a_killed_writer_left(place: &dyn Place) {
    let clock = Rc::new(ManualClock::new(Timestamp::from_micros(START).unwrap()));
    let options = DatabaseOptions { clock: clock.clone(), ..DatabaseOptions::default() };
    let store = Database::new(place.open().await, options).data_store(DataStoreOptions::default());
    let (pieces, taken) = mpsc::unbounded();
    {
        let mut upload = Box::pin(store.set_bytes("k", taken, BytesOptions::default()));
        pieces.unbounded_send(Ok(some_bytes(2 * LARGE, 1))).unwrap();
        while stored(place).await.1 < 32 {
            assert!((&mut upload).now_or_never().is_none());
        }
    }
    assert_eq!(store.database.compact().await.unwrap(), 0, "it has just been there");
    clock.set(Timestamp::from_micros(START + HOUR).unwrap());
    assert_eq!(store.database.compact().await.unwrap(), 1);
    assert_eq!(counts(place).await, (vec![], 0));
}

pub async fn an_upload_that_was_taken_for_abandoned_fails(place: &dyn Place) {
    let (store, other) = (open(place).await, open(place).await);
    let (pieces, taken) = mpsc::unbounded();
    let upload = store.set_bytes("k", taken, BytesOptions::default());
    let removal = async {
        pieces.unbounded_send(Ok(some_bytes(LARGE, 1))).unwrap();
        while stored(place).await.2 == 0 {
            yield_now().await;
        }
        other.database.refresh().await.unwrap();
        let scope = BytesScope::of("anonymous");
        let mut batch = crate::model::batch::Batch::default();
        batch.delete_range(scope.uploads());
        batch.delete_range(scope.all_pieces());
        drop(other.database.commit(Vec::new(), batch).await.unwrap());
        pieces.unbounded_send(Ok(some_bytes(10, 1))).unwrap();
        drop(pieces);
    };
    let (outcome, ()) = join(upload, removal).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(counts(place).await, (vec![], 0));
    assert!(!LocalPresence.is_there("bytes:none").await.unwrap());
}

async fn yield_now() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .await;
}

pub async fn calls_take_effect_in_their_order_where_that_is_asked_for(place: &dyn Place) {
    let store = open(place).await;
    for keeps_order in [true, false] {
        let (pieces, taken) = mpsc::unbounded();
        let options = BytesOptions { keeps_order, ..BytesOptions::default() };
        let bytes = async { drop(store.set_bytes("k", taken, options).await.unwrap()) };
        let later = async {
            pieces.unbounded_send(Ok(b"bytes".to_vec())).unwrap();
            if !keeps_order {
                store.set("k", json("1"), None).await.unwrap();
            }
            drop(pieces);
            if keeps_order {
                store.set("k", json("1"), None).await.unwrap();
            }
        };
        join(bytes, later).await;
        assert_eq!(whole(&store, "k").await.is_none(), keeps_order);
    }
    for keeps_order in [true, false] {
        let store = open(place).await;
        let (pieces, taken) = mpsc::unbounded();
        let options = BytesOptions { keeps_order, ..BytesOptions::default() };
        let upload = store.set_bytes("k", taken, options);
        let last = async {
            yield_now().await;
            pieces.unbounded_send(Ok(some_bytes(LARGE, 1))).unwrap();
            drop(pieces);
        };
        let (outcome, (closed, ())) = join(upload, join(store.database.close(), last)).await;
        closed.unwrap();
        assert_eq!(outcome.err().map(|error| error.kind()), (!keeps_order).then_some(ErrorKind::Closed));
    }
    assert_eq!(whole(&open(place).await, "k").await.unwrap(), some_bytes(LARGE, 1));
}

pub async fn documents_carry_their_bytes(place: &dyn Place) {
    let store = open(place).await;
    let bytes = some_bytes(PIECE_BYTES + 5, 1);
    set(&store, "a", &bytes).await;
    set(&store, "b", &bytes).await;
    set(&store, "c", b"").await;
    store.set("json", json(&set(&store, "d", b"abc").await.to_json().into_string()), None).await.unwrap();
    let text = store.export_documents(false).await.unwrap();
    assert!(text.contains(r#""_attachments":{"bytes":{"content_type":"image/png","data":"YWJj"}}"#), "{text}");
    let before = counts(place).await;
    assert_eq!(before, (vec![1, 1, 2], 3));
    store.import_documents(&text, Existing::Skip).await.unwrap();
    assert_eq!(counts(place).await, before, "what is there is left alone");
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(counts(place).await, before, "what comes again is the same");
    store.clear().await.unwrap();
    assert_eq!(counts(place).await, (vec![], 0));
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(counts(place).await, before);
    assert_eq!(whole(&store, "b").await.unwrap(), bytes);
    assert!(whole(&store, "json").await.is_none(), "what looks like a reference is JSON");
    assert_eq!(store.export_documents(false).await.unwrap(), text);
    store.delete("d").await.unwrap();
    store.set("d", json("1"), None).await.unwrap();
    store.import_documents(&text, Existing::Skip).await.unwrap();
    assert_eq!(counts(place).await, (vec![1, 2], 2), "what nobody refers to is not stored");
    for wrong in ["YWJk", "YWJ", "", "YWJjYWJj"] {
        let wrong = text.replace("YWJj", wrong);
        let error = store.import_documents(&wrong, Existing::Replace).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument, "{wrong}");
    }
    assert_eq!(counts(place).await, (vec![1, 2], 2));
}

pub async fn attachments_of_others_stay_beside_the_bytes(place: &dyn Place) {
    let store = open(place).await;
    let photo = r#"{"photo":{"content_type":"image/png","data":"YWI="}}"#;
    let document = format!(r#"[{{"userId":"{}","key":"k","value":1,"_attachments":{photo}}}]"#, store.user());
    store.import_documents(&document, Existing::Replace).await.unwrap();
    set(&store, "k", b"abc").await;
    let text = store.export_documents(false).await.unwrap();
    assert!(text.contains("photo") && text.contains("YWJj"), "{text}");
    store.clear().await.unwrap();
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(whole(&store, "k").await.unwrap(), b"abc");
    assert_eq!(store.export_documents(false).await.unwrap(), text);
    set(&store, "k", b"abd").await;
    store.set("k", json("2"), None).await.unwrap();
    assert!(store.export_documents(false).await.unwrap().contains(photo));
}
