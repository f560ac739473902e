//! Records that cannot be read.

use super::Place;
use super::data_store::{get, json, set, setup, texts};
use crate::error::ErrorKind;
use crate::model::batch::{Batch, ReadRange};
use crate::model::keyspace::DataScope;

pub async fn a_damaged_record_is_reported_and_left_alone(place: &dyn Place) {
    let damaged: [&[u8]; 5] = [b"", b"\x00", b"\x01", b"\x01\xff0123456789abcdef", b"\x01\x000123456789abcdef\xff\xfe"];
    for bytes in damaged {
        broken_record(place, bytes, ErrorKind::Corrupt).await;
    }
}

pub async fn a_record_of_a_later_format_is_reported_and_left_alone(place: &dyn Place) {
    broken_record(place, b"\x02whatever", ErrorKind::NewerVersion).await;
}

async fn broken_record(place: &dyn Place, bytes: &[u8], expected: ErrorKind) {
    let setup = setup(place).await;
    let store = setup.plain();
    set(&store, "sound", "1").await;
    let key = DataScope { user: "u1".to_owned(), namespace: "default".to_owned() }.record("k");
    let backend = place.open().await;
    let mut batch = Batch::default();
    batch.put(key.clone(), bytes);
    backend.commit(batch).await.unwrap();

    setup.database.refresh().await.unwrap();
    let error = store.get("k").await.unwrap_err();
    assert_eq!(error.kind(), expected, "{bytes:?}");
    assert!(error.message().contains("\"k\""), "the error names the record: {error}");
    assert_eq!(store.get_record("k").await.unwrap_err().kind(), expected);
    assert_eq!(store.get_many(&texts(&["sound", "k"])).await.unwrap_err().kind(), expected);
    assert_eq!(store.set("k", json("2"), None).await.unwrap_err().kind(), expected);
    let stored = backend.read(&[ReadRange::point(key)]).await.unwrap();
    assert_eq!(&*stored[0][0].value, bytes, "left as it was");
    assert_eq!(get(&store, "sound").await.as_deref(), Some("1"), "others are not touched by it");
    assert_eq!(store.list_keys("").await.unwrap(), ["k", "sound"]);
    assert!(store.delete("k").await.unwrap(), "it can be deleted");
    assert_eq!(get(&store, "k").await, None);
}
