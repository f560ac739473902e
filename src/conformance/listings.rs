//! What the agent data store lists: keys, records page by page, namespaces.

use super::Place;
use super::data_store::{items, json, set, setup, texts, time};
use crate::error::ErrorKind;
use crate::model::data_rules::Item;
use crate::model::keyspace::KeySpan;
use crate::model::namespaces::{Groups, NamespaceOptions};
use crate::store::{DataStore, ListOptions, Listing};

/// All pages of a listing, and in between whatever `meanwhile` does after the page of this number.
async fn pages(store: &DataStore, options: &ListOptions, mut meanwhile: impl AsyncFnMut(usize)) -> Vec<Listing> {
    let mut options = options.clone();
    let mut pages = Vec::new();
    loop {
        let page = store.list(&options).await.unwrap();
        options.cursor = page.cursor.clone();
        pages.push(page);
        if options.cursor.is_none() {
            return pages;
        }
        meanwhile(pages.len()).await;
    }
}

fn keys_of(pages: &[Listing]) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.entries).map(|listed| listed.key.as_str()).collect()
}

fn span(prefix: &str, start: Option<&str>, end: Option<&str>) -> KeySpan {
    KeySpan { prefix: prefix.to_owned(), start: start.map(str::to_owned), end: end.map(str::to_owned) }
}

fn groups(prefix: &str, depth: u32) -> NamespaceOptions {
    NamespaceOptions { prefix: prefix.to_owned(), groups: Some(Groups { delimiter: ":".to_owned(), depth }) }
}

pub async fn keys_are_listed_by_prefix_and_sorted_by_code_point(place: &dyn Place) {
    let store = setup(place).await.plain();
    let keys = ["b", "a", "a\u{10000}", "a\u{ffff}", "A", "ab", "", "a/b", "a\0", "é"];
    store.set_many(items(&keys.map(|key| (key, "1"))), None).await.unwrap();
    let mut sorted = texts(&keys);
    sorted.sort();
    assert_eq!(store.list_keys("").await.unwrap(), sorted);
    assert_eq!(store.list_keys("a").await.unwrap(), ["a", "a\0", "a/b", "ab", "a\u{ffff}", "a\u{10000}"]);
    assert_eq!(store.list_keys("a\0").await.unwrap(), ["a\0"]);
    assert_eq!(store.list_keys("A").await.unwrap(), ["A"], "case counts");
    assert!(store.list_keys("x").await.unwrap().is_empty());
    assert!(store.use_namespace("empty").list_keys("").await.unwrap().is_empty());
}

pub async fn pages_walk_all_records_once(place: &dyn Place) {
    let store = setup(place).await.plain();
    let all: Vec<Item> = (0..25).map(|n| Item { key: format!("p{n:02}"), value: json(&n.to_string()) }).collect();
    store.set_many(all, None).await.unwrap();
    store.set_many(items(&[("a", "1"), ("b", "1"), ("q", "1")]), None).await.unwrap();
    let mut expected = Vec::new();
    for n in 0..25 {
        let key = format!("p{n:02}");
        let stored = store.get_with_version(&key).await.unwrap();
        expected.push((key, stored));
    }
    for reverse in [false, true] {
        for limit in [1, 7, 25, 26] {
            let options = ListOptions { keys: span("p", None, None), limit, reverse, ..ListOptions::default() };
            let found = pages(&store, &options, async |_| {}).await;
            assert!(found.iter().all(|page| page.entries.len() <= limit as usize && !page.entries.is_empty()));
            let found = found.into_iter().flat_map(|page| page.entries).map(|listed| (listed.key, listed.stored));
            assert!(found.eq(expected.iter().cloned()), "pages of {limit}, reversed: {reverse}");
            let keys_only = ListOptions { keys_only: true, ..options };
            let found = pages(&store, &keys_only, async |_| {}).await;
            assert!(keys_of(&found).into_iter().eq(expected.iter().map(|(key, _)| key.as_str())));
            assert!(found.iter().flat_map(|page| &page.entries).all(|listed| listed.stored.is_none()));
        }
        expected.reverse();
    }
    let none = store.use_namespace("empty").list(&ListOptions::default()).await.unwrap();
    assert_eq!(none, Listing::default());
}

pub async fn a_listing_is_of_a_prefix_a_start_and_an_end(place: &dyn Place) {
    let store = setup(place).await.plain();
    let keys = ["", "a", "a\0", "a/b", "ab", "b", "b\u{ffff}", "b\u{10000}"];
    store.set_many(items(&keys.map(|key| (key, "1"))), None).await.unwrap();
    let cases: [(KeySpan, &[&str]); 9] = [
        (span("", None, None), &keys),
        (span("a", None, None), &["a", "a\0", "a/b", "ab"]),
        (span("", Some("a/b"), None), &["a/b", "ab", "b", "b\u{ffff}", "b\u{10000}"]),
        (span("", None, Some("a/b")), &["", "a", "a\0"]),
        (span("", Some("a"), Some("b")), &["a", "a\0", "a/b", "ab"]),
        (span("a", Some("a\0\0"), Some("z")), &["a/b", "ab"]),
        (span("a", Some("0"), Some("ab")), &["a", "a\0", "a/b"]),
        (span("a", Some("b"), None), &[]),
        (span("", Some("b"), Some("a")), &[]),
    ];
    for (span, expected) in cases {
        for reverse in [false, true] {
            let options = ListOptions { keys: span.clone(), limit: 2, reverse, ..ListOptions::default() };
            let found = pages(&store, &options, async |_| {}).await;
            let mut expected = expected.to_vec();
            if reverse {
                expected.reverse();
            }
            assert_eq!(keys_of(&found), expected, "{span:?}");
        }
        assert_eq!(store.count(&span).await.unwrap(), expected.len() as u64, "{span:?}");
    }
}

pub async fn a_cursor_outlives_its_database_and_is_of_one_listing(place: &dyn Place) {
    let first = setup(place).await;
    first.plain().set_many(items(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]), None).await.unwrap();
    let options = ListOptions { limit: 2, ..ListOptions::default() };
    let cursor = first.plain().list(&options).await.unwrap().cursor.unwrap();
    first.database.close().await.unwrap();
    let setup = setup(place).await;
    let store = setup.plain();
    store.delete("b").await.unwrap();
    let next = ListOptions { cursor: Some(cursor.clone()), limit: 1, ..options.clone() };
    let page = store.list(&next).await.unwrap();
    assert_eq!(keys_of(&[page]), ["c"], "after the last key, though that is gone");
    let keys_only = ListOptions { keys_only: true, limit: 9, ..next.clone() };
    assert_eq!(keys_of(&[store.list(&keys_only).await.unwrap()]), ["c", "d"]);
    let others = [
        (store.clone(), ListOptions { reverse: true, ..next.clone() }),
        (store.clone(), ListOptions { keys: span("a", None, None), ..next.clone() }),
        (store.clone(), ListOptions { keys: span("", None, Some("d")), ..next.clone() }),
        (store.use_namespace("other"), next.clone()),
        (setup.store("u2", "writer", "default"), next.clone()),
        (store.clone(), ListOptions { cursor: Some(String::new()), ..next.clone() }),
        (store.clone(), ListOptions { cursor: Some(cursor.chars().take(8).collect()), ..next.clone() }),
        (store.clone(), ListOptions { cursor: Some(format!("{cursor}é")), ..next }),
    ];
    for (store, options) in others {
        assert_eq!(store.list(&options).await.unwrap_err().kind(), ErrorKind::InvalidValue, "{options:?}");
    }
}

pub async fn what_is_there_all_the_time_is_listed_once_and_in_order(place: &dyn Place) {
    let (one, other) = (setup(place).await, setup(place).await);
    let store = one.plain();
    let stay: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    for reverse in [false, true] {
        store.clear().await.unwrap();
        let all = stay.iter().flat_map(|key| [key.clone(), format!("{key} goes")]);
        store.set_many(all.map(|key| Item { key, value: json("1") }).collect(), None).await.unwrap();
        let options = ListOptions { limit: 7, reverse, ..ListOptions::default() };
        let (writer, stay) = (other.plain(), &stay);
        let write = async |page: usize| {
            let place = |n: usize| &stay[(page * 7 + n * 11) % stay.len()];
            writer.delete_many((0..6).map(|n| format!("{} goes", place(n))).collect()).await.unwrap();
            let new = (0..6).map(|n| Item { key: format!("{} new {page}", place(n)), value: json("2") });
            let again = (0..6).map(|n| Item { key: place(n).clone(), value: json("3") });
            writer.set_many(new.chain(again).collect(), None).await.unwrap();
            one.database.refresh().await.unwrap();
        };
        let found = pages(&store, &options, write).await;
        let keys = keys_of(&found);
        assert!(keys.is_sorted_by(|a, b| if reverse { a > b } else { a < b }), "{keys:?}");
        let mut stayed: Vec<&str> = keys.into_iter().filter(|key| key.len() == 2).collect();
        stayed.sort_unstable();
        assert_eq!(stayed, *stay);
    }
}

pub async fn large_values_end_a_page(place: &dyn Place) {
    let store = setup(place).await.plain();
    let large = json(&format!("\"{}\"", "x".repeat(3 * 1024 * 1024)));
    let all = (0..8).map(|n| Item { key: n.to_string(), value: large.clone() }).collect();
    store.set_many(all, None).await.unwrap();
    for reverse in [false, true] {
        let found = pages(&store, &ListOptions { reverse, ..ListOptions::default() }, async |_| {}).await;
        let lengths: Vec<usize> = found.iter().map(|page| page.entries.len()).collect();
        assert_eq!(lengths.iter().sum::<usize>(), 8);
        assert!(lengths.iter().all(|records| *records <= 3), "pages of about 8 MiB: {lengths:?}");
    }
    let keys_only = ListOptions { keys_only: true, ..ListOptions::default() };
    assert_eq!(store.list(&keys_only).await.unwrap().entries.len(), 8, "values that are not read do not count");
}

pub async fn namespaces_are_listed_sorted_and_only_with_keys(place: &dyn Place) {
    let store = setup(place).await.plain();
    assert!(store.list_namespaces().await.unwrap().is_empty());
    for namespace in ["files:repo", "default", "", "a/b", "\u{10000}", "\u{ffff}", "a\0", "a"] {
        set(&store.use_namespace(namespace), "k", "1").await;
    }
    set(&store.use_namespace("emptied"), "k", "1").await;
    store.use_namespace("emptied").delete("k").await.unwrap();
    let sorted = ["", "a", "a\0", "a/b", "default", "files:repo", "\u{ffff}", "\u{10000}"];
    assert_eq!(store.list_namespaces().await.unwrap(), sorted);
    assert_eq!(store.use_namespace("elsewhere").list_namespaces().await.unwrap(), sorted);
}

pub async fn many_large_namespaces_are_each_listed_once(place: &dyn Place) {
    let store = setup(place).await.plain();
    let mut expected = Vec::new();
    for namespace in 0..9 {
        let namespace = format!("n{namespace}");
        let keys: Vec<Item> =
            (0..63 + expected.len()).map(|key| Item { key: format!("{key:04}"), value: json("1") }).collect();
        store.use_namespace(&namespace).set_many(keys, None).await.unwrap();
        expected.push(namespace);
    }
    for small in 0..150 {
        let namespace = format!("small{small:03}");
        set(&store.use_namespace(&namespace), "k", "1").await;
        expected.push(namespace);
    }
    assert_eq!(store.list_namespaces().await.unwrap(), expected);
}

pub async fn namespaces_are_put_together_to_groups(place: &dyn Place) {
    let store = setup(place).await.plain();
    let all =
        ["files", "files:", "files:a", "files:a:x", "files:a:y", "files:b", "files!", "notes", "notes:1:2:3", ":top"];
    for namespace in all {
        let keys = (0..70).map(|n| Item { key: n.to_string(), value: json("1") });
        store.use_namespace(namespace).set_many(keys.collect(), None).await.unwrap();
    }
    let listed = async |options: NamespaceOptions| -> Vec<(String, bool)> {
        let found = store.namespaces(&options).await.unwrap();
        let details = store.namespace_details(&options).await.unwrap();
        assert!(found.iter().eq(details.iter().map(|details| &details.namespace)), "{options:?}");
        let records: u64 = details.iter().map(|details| details.records).sum();
        let below = all.iter().filter(|namespace| namespace.starts_with(&options.prefix)).count();
        assert_eq!(records, below as u64 * 70, "{options:?}");
        found.into_iter().map(|namespace| (namespace.name, namespace.is_group)).collect()
    };
    let expected = |names: &[(&str, bool)]| -> Vec<(String, bool)> {
        names.iter().map(|(name, is_group)| ((*name).to_owned(), *is_group)).collect()
    };
    let top = [(":", true), ("files", false), ("files!", false), ("files:", true), ("notes", false), ("notes:", true)];
    assert_eq!(listed(groups("", 1)).await, expected(&top), "a namespace and the group of its name are two");
    let second = [("files:", false), ("files:a", false), ("files:a:", true), ("files:b", false)];
    assert_eq!(listed(groups("files:", 1)).await, expected(&second), "a group is the prefix of the next level");
    let deep = listed(groups("", 2)).await;
    assert!(deep.contains(&("files:a:".to_owned(), true)) && deep.contains(&("notes:1:".to_owned(), true)), "{deep:?}");
    let plain = listed(NamespaceOptions { prefix: "files:a".to_owned(), groups: None }).await;
    assert_eq!(plain, expected(&[("files:a", false), ("files:a:x", false), ("files:a:y", false)]));
    assert!(listed(groups("nothing", 1)).await.is_empty());
    let refused = store.namespaces(&groups("", 0)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
}

pub async fn namespaces_tell_what_they_hold(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.store("u1", "writer", "one");
    assert!(store.namespace_details(&NamespaceOptions::default()).await.unwrap().is_empty());
    set(&store, "ab", "1").await;
    setup.clock.set(time(60));
    set(&store.use_namespace("two"), "k", &format!("\"{}\"", "x".repeat(50_000))).await;
    set(&setup.store("u2", "writer", "one"), "k", "1").await;
    setup.clock.set(time(120));
    set(&store, "c", "1").await;
    setup.clock.set(time(180));
    store.delete("c").await.unwrap();
    let details = store.namespace_details(&NamespaceOptions::default()).await.unwrap();
    let shown: Vec<_> = details.iter().map(|each| (&*each.namespace.name, each.records, each.updated_at)).collect();
    assert_eq!(shown, [("one", 1, time(0)), ("two", 1, time(60))]);
    assert_eq!(details[1].bytes - details[0].bytes, 50_000, "a key is a byte shorter, a value 50,001 bytes longer");
    assert!((3..200).contains(&details[0].bytes), "{details:?}");
}
