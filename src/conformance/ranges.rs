//! What the contract of [`Backend`](crate::backend::Backend) says of reading ranges.

use super::Place;
use super::backend::{all, batch, key, keys, names, put, read};
use crate::model::batch::{Bytes, Entry, ReadRange};
use crate::model::tuple::Key;

pub async fn ranges_come_in_key_order_from_start_to_before_end(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("b", "2"), ("\u{ffff}", "4"), ("a", "1"), ("\u{10000}", "5"), ("b\0", "3")]).await;
    let sorted = names(&["a", "b", "b\0", "\u{ffff}", "\u{10000}"]);
    assert_eq!(keys(&*backend, all()).await, sorted, "in the order of bytes, not of UTF-16 units");
    let middle = ReadRange::between(key("b"), key("\u{ffff}"));
    assert_eq!(keys(&*backend, middle).await, names(&["b", "b\0"]), "start inclusive, end exclusive");
    let values: Vec<_> = read(&*backend, all()).await.into_iter().map(|entry| entry.value).collect();
    assert_eq!(values.iter().map(|value| &**value).collect::<Vec<_>>(), [b"1", b"2", b"3", b"4", b"5"]);
}

pub async fn limits_cut_a_range_from_its_start(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("a", "1"), ("b", "2"), ("c", "3")]).await;
    for (limit, expected) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (u32::MAX, 3)] {
        for range in [all().limit(limit), all().limit(limit).keys_only()] {
            assert_eq!(keys(&*backend, range).await, names(&["a", "b", "c"][..expected]), "limit {limit}");
        }
    }
}

pub async fn reversed_ranges_come_from_their_end(place: &dyn Place) {
    put(&*place.open().await, &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]).await;
    for backend in [place.open().await, place.open().await] {
        let found: Vec<_> =
            read(&*backend, all().reversed()).await.into_iter().map(|entry| (entry.key, entry.value)).collect();
        let expected = [("d", "4"), ("c", "3"), ("b", "2"), ("a", "1")];
        assert_eq!(found, expected.map(|(name, value)| (key(name), value.as_bytes().to_vec().into())));
        for (limit, expected) in [(0, 0), (1, 1), (3, 3), (4, 4), (u32::MAX, 4)] {
            for range in [all().limit(limit).reversed(), all().limit(limit).reversed().keys_only()] {
                assert_eq!(keys(&*backend, range).await, names(&["d", "c", "b", "a"][..expected]), "limit {limit}");
            }
        }
        let middle = ReadRange::between(key("b"), key("d")).reversed();
        assert_eq!(keys(&*backend, middle).await, names(&["c", "b"]), "start inclusive, end exclusive");
        assert_eq!(keys(&*backend, ReadRange::point(key("b")).reversed()).await, names(&["b"]));
        assert!(keys(&*backend, ReadRange::between(key("b"), key("a")).reversed()).await.is_empty());
    }
}

pub async fn a_count_is_what_a_read_would_return(place: &dyn Place) {
    let backend = place.open().await;
    assert_eq!(backend.count(&all()).await.unwrap(), 0);
    let large = "l".repeat(40_000);
    put(&*backend, &[("a", "1"), ("b", &large), ("c", "3")]).await;
    backend.commit(batch(|batch| batch.delete(key("a")))).await.unwrap();
    let between = ReadRange::between(key("b"), key("c"));
    for (range, expected) in [(all(), 2), (between, 1), (ReadRange::between(key("c"), key("b")), 0)] {
        assert_eq!(backend.count(&range).await.unwrap(), expected);
        assert_eq!(backend.count(&range.clone().reversed().keys_only()).await.unwrap(), expected);
        assert_eq!(backend.count(&range.limit(1)).await.unwrap(), expected.min(1));
    }
    assert_eq!(backend.count(&all().limit(0)).await.unwrap(), 0);
}

pub async fn empty_and_backward_ranges_are_empty(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("a", "1"), ("b", "2")]).await;
    assert!(keys(&*backend, ReadRange::between(key("a"), key("a"))).await.is_empty());
    assert!(keys(&*backend, ReadRange::between(key("b"), key("a"))).await.is_empty());
    assert!(keys(&*backend, ReadRange::point(key("c"))).await.is_empty());
    let backward = batch(|batch| {
        batch.delete_range(ReadRange::between(key("b"), key("a")));
        batch.delete_range(ReadRange::between(key("a"), key("a")));
    });
    assert_eq!(backend.commit(backward).await.unwrap().removed, [0, 0]);
    assert_eq!(keys(&*backend, all()).await.len(), 2);
}

pub async fn one_read_has_a_list_for_each_range(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("a", "1"), ("b", "2"), ("c", "3")]).await;
    assert!(backend.read(&[]).await.unwrap().is_empty(), "no ranges, no lists");
    let ranges = [
        ReadRange::point(key("c")),
        all(),
        ReadRange::point(key("nothing")),
        ReadRange::between(key("b"), key("z")).keys_only(),
        all().limit(0),
    ];
    let lists = backend.read(&ranges).await.unwrap();
    let found: Vec<Vec<Key>> =
        lists.into_iter().map(|list| list.into_iter().map(|entry| entry.key).collect()).collect();
    assert_eq!(found, [names(&["c"]), names(&["a", "b", "c"]), vec![], names(&["b", "c"]), vec![]]);
}

pub async fn keys_only_leaves_values_and_versions_out(place: &dyn Place) {
    let backend = place.open().await;
    let version = put(&*backend, &[("a", "1")]).await.version;
    let full = read(&*backend, all()).await;
    assert_eq!(full, [Entry { key: key("a"), value: (*b"1").into(), version: Some(version) }]);
    let bare = read(&*backend, all().keys_only()).await;
    assert_eq!(bare, [Entry { key: key("a"), value: Bytes::default(), version: None }]);
}
