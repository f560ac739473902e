//! Records that are found by what is in them, and the indexes that help.

use super::Place;
use super::data_store::{items, json, set, setup, time};
use crate::error::ErrorKind;
use crate::model::data_record::Metadata;
use crate::model::data_rules::{Existing, Item};
use crate::model::find::{Filter, FindOptions, OrderBy, Path};
use crate::model::keyspace::{DataScope, KeySpan};
use crate::store::{DataStore, Expires, Listing, Watched};
use futures_util::FutureExt as _;
use futures_util::future::join;

fn wanted(filter: &str, order: &str) -> FindOptions {
    let filter = Filter::parse(&json(filter)).unwrap();
    FindOptions { filter, order: OrderBy::parse(&json(order)).unwrap(), ..FindOptions::default() }
}

fn paths(texts: &[&str]) -> Vec<Path> {
    texts.iter().map(|text| Path::parse(text).unwrap()).collect()
}

async fn found(store: &DataStore, options: &FindOptions) -> Vec<String> {
    keys(store.find(options).await.unwrap())
}

fn keys(page: Listing) -> Vec<String> {
    page.entries.into_iter().map(|listed| listed.key).collect()
}

/// How many entries an index of one path has, and how many records there are.
async fn listed(store: &DataStore, path: &str) -> (u64, u64) {
    let explained = store.explain(&FindOptions { limit: 10_000, ..wanted("{}", &format!("{path:?}")) }).await.unwrap();
    assert!(explained.index.is_some());
    (explained.entries, store.count(&KeySpan::default()).await.unwrap())
}

/// How many entries of indexes are stored at all.
async fn stored(place: &dyn Place, store: &DataStore) -> usize {
    let scope = DataScope { user: store.user().to_owned(), namespace: store.namespace().to_owned() };
    place.open().await.read(&[scope.indexes()]).await.unwrap()[0].len()
}

const TASKS: [(&str, &str); 6] = [
    ("a", r#"{"status":"open","size":3,"tags":["x"]}"#),
    ("b", r#"{"status":"done","size":1}"#),
    ("c", r#"{"status":"open","size":1.5,"owner":{"name":"ada"}}"#),
    ("d", r#"{"status":"open"}"#),
    ("e", r#"{"status":"open","size":"large"}"#),
    ("f", "7"),
];

pub async fn what_matches_is_found_in_the_order_that_is_asked_for(place: &dyn Place) {
    let store = setup(place).await.plain();
    store.set_many(items(&TASKS), None).await.unwrap();
    for index in [None, Some("size"), Some("status")] {
        match index {
            Some("size") => store.create_index("size", &paths(&["size"])).await.unwrap(),
            Some(path) => store.create_covering_index(path, &paths(&[path])).await.unwrap(),
            None => {}
        }
        for (filter, order, expected) in [
            (r#"{"status":"open"}"#, "[]", "acde"),
            (r#"{"status":"open","size":{"$gt":1}}"#, "[]", "ac"),
            (r#"{"status":"open"}"#, r#""size""#, "dcae"),
            (r#"{"status":"open"}"#, r#"{"path":"size","descending":true}"#, "eacd"),
            (r#"{"size":{"$in":[1,3,"large"]}}"#, r#"["size"]"#, "bae"),
            (r#"{"size":{"$exists":false}}"#, r#"{"path":"$key","descending":true}"#, "fd"),
            (r#"{"owner.name":"ada"}"#, "[]", "c"),
            (r#"{"tags.0":"x"}"#, "[]", "a"),
            (r#"{"$value":7}"#, "[]", "f"),
            (r#"{"$key":{"$gte":"e"}}"#, "[]", "ef"),
            ("{}", r#"["status","size"]"#, "fbdcae"),
        ] {
            let found = found(&store, &wanted(filter, order)).await;
            assert_eq!(found.concat(), expected, "{filter} by {order} with {index:?}");
        }
    }
    let prefix = KeySpan { prefix: "c".to_owned(), ..KeySpan::default() };
    assert_eq!(found(&store, &FindOptions { keys: prefix, ..wanted(r#"{"status":"open"}"#, "[]") }).await, ["c"]);
    assert!(found(&store.use_namespace("other"), &wanted("{}", "[]")).await.is_empty());
}

pub async fn what_a_record_is_of_can_be_asked_for_too(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.plain();
    let metadata = Metadata::new(json(r#"{"batch":"b1"}"#)).unwrap();
    store.set("old", json("1"), Some(metadata)).await.unwrap();
    setup.clock.set(time(100));
    setup.store("u1", "other", "default").set("new", json("2"), None).await.unwrap();
    store.create_index("when", &paths(&["$updatedAt"])).await.unwrap();
    for (filter, expected) in [
        (r#"{"$metadata.batch":"b1"}"#.to_owned(), "old"),
        (r#"{"$createdBy":"other"}"#.to_owned(), "new"),
        (format!(r#"{{"$updatedAt":{{"$lt":"{}"}}}}"#, time(50).to_iso()), "old"),
        (format!(r#"{{"$updatedAt":{{"$gte":"{}"}}}}"#, time(100).to_document()), "new"),
        (r#"{"$expiresAt":{"$exists":true}}"#.to_owned(), ""),
    ] {
        assert_eq!(found(&store, &wanted(&filter, "[]")).await.concat(), expected, "{filter}");
    }
    let latest = wanted("{}", r#"{"path":"$updatedAt","descending":true}"#);
    assert_eq!(found(&store, &latest).await, ["new", "old"]);
    assert_eq!(store.explain(&latest).await.unwrap().index.as_deref(), Some("when"));
}

pub async fn a_covering_index_needs_no_records_that_are_small(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.plain();
    let large = format!(r#"{{"n":2,"text":"{}"}}"#, "x".repeat(2_000));
    let first = [("a", r#"{"n":1}"#), ("b", &large), ("c", r#"{"n":2}"#), ("d", r#"{"n":"text"}"#)];
    store.set_many(items(&first), None).await.unwrap();
    // Built for what is there, and then for what comes.
    store.create_covering_index("n", &paths(&["n"])).await.unwrap();
    let query = wanted(r#"{"n":{"$gte":1}}"#, r#""n""#);
    let look = async |expected: &str, records: u64| {
        assert_eq!(found(&store, &query).await.concat(), expected);
        let explained = store.explain(&query).await.unwrap();
        assert_eq!((explained.index.as_deref(), explained.records), (Some("n"), records));
        for listed in store.find(&query).await.unwrap().entries {
            let (value, version) = listed.stored.unwrap();
            let (known, current) = store.get_with_version(&listed.key).await.unwrap().unwrap();
            assert_eq!((value.as_str(), version), (known.as_str(), current), "{}", listed.key);
        }
    };
    look("abc", 1).await;
    for (key, value, expected, records) in [
        // What it is listed by stays, the rest and the version change.
        ("a", r#"{"n":1,"more":true}"#, "abc", 1),
        ("a", r#"{"n":1,"more":true}"#, "abc", 1),
        ("b", r#"{"n":2}"#, "abc", 0),
        ("c", &large, "abc", 1),
        ("e", r#"{"n":1.5}"#, "aebc", 1),
        ("c", r#"{"n":0}"#, "aeb", 0),
    ] {
        store.set(key, json(value), None).await.unwrap();
        look(expected, records).await;
    }
    store.delete("e").await.unwrap();
    look("ab", 0).await;
    store.expiring(Expires::At(time(50))).set("e", json(r#"{"n":3}"#), None).await.unwrap();
    look("abe", 0).await;
    setup.clock.set(time(50));
    look("ab", 0).await;
    let refused = store.create_index("n", &paths(&["n"])).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    store.create_covering_index("n", &paths(&["n"])).await.unwrap();
    assert!(store.list_indexes().await.unwrap().iter().all(|index| index.is_covering && index.is_ready));
}

pub async fn pages_go_on_where_the_cursor_says(place: &dyn Place) {
    let store = setup(place).await.plain();
    let all = (0..30).map(|n| Item { key: format!("k{n:02}"), value: json(&format!(r#"{{"n":{},"all":1}}"#, n % 4)) });
    store.set_many(all.collect(), None).await.unwrap();
    let first = FindOptions { limit: 7, ..wanted(r#"{"n":{"$ne":2},"all":1}"#, r#"{"path":"n","descending":true}"#) };
    let mut walks = Vec::new();
    for names in [&[][..], &["n"], &["all", "n"]] {
        if !names.is_empty() {
            store.create_index(&names.join(","), &paths(names)).await.unwrap();
        }
        let mut options = first.clone();
        let mut walk = Vec::new();
        loop {
            // Another database reads the next page, as another tab might.
            let other = setup(place).await.plain();
            let page = other.find(&options).await.unwrap();
            options.cursor = page.cursor.clone();
            walk.extend(keys(page));
            if options.cursor.is_none() {
                break;
            }
        }
        walks.push(walk);
        let explained = store.explain(&first).await.unwrap();
        assert_eq!((explained.index, explained.is_sorted), (names.last().map(|_| names.join(",")), names.is_empty()));
        assert!(names.is_empty() || explained.records <= 16, "{} records for a page", explained.records);
    }
    assert_eq!(walks[0].len(), 23);
    assert_eq!(walks[0][..3], ["k27", "k23", "k19"]);
    assert!(walks.iter().all(|walk| *walk == walks[0]), "{walks:?}");

    let cursor = store.find(&first).await.unwrap().cursor;
    let others = [
        wanted("{}", r#"{"path":"n","descending":true}"#),
        wanted(r#"{"n":{"$ne":2},"all":1}"#, r#""n""#),
        FindOptions { keys: KeySpan { prefix: "k".to_owned(), ..KeySpan::default() }, ..first },
    ];
    for other in others {
        let refused = store.find(&FindOptions { cursor: cursor.clone(), ..other }).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue);
    }
}

pub async fn an_index_is_kept_by_every_change(place: &dyn Place) {
    let setup = setup(place).await;
    let store = setup.plain();
    store.set_many(items(&TASKS), None).await.unwrap();
    store.create_index("size", &paths(&["size"])).await.unwrap();
    assert_eq!(listed(&store, "size").await, (6, 6));
    set(&store, "g", r#"{"size":9}"#).await;
    store.update("a", |_| Ok(json(r#"{"size":9}"#))).await.unwrap();
    store.delete("b").await.unwrap();
    store.delete_many(vec!["c".to_owned(), "none".to_owned()]).await.unwrap();
    let mut atomic = setup.database.atomic();
    atomic
        .set(&store, "h", json(r#"{"size":9}"#), None)
        .set(&store, "h", json(r#"{"size":8}"#), None)
        .delete(&store, "d");
    atomic.sum(&store, "f", 1.0).set(&store.use_namespace("plain"), "x", json(r#"{"size":9}"#), None);
    assert!(atomic.commit().await.unwrap().is_some());
    let nines = wanted(r#"{"size":9}"#, "[]");
    assert_eq!(found(&store, &nines).await, ["a", "g"]);
    assert_eq!(store.explain(&nines).await.unwrap().entries, 2);
    assert_eq!(listed(&store, "size").await, (5, 5));

    let text = store.export_documents(false).await.unwrap();
    assert_eq!(store.delete_by_prefix("g").await.unwrap(), 1);
    assert_eq!(store.delete_by_prefix("none").await.unwrap(), 0);
    set(&store, "a", r#"{"size":1}"#).await;
    assert_eq!(found(&store, &nines).await, [""; 0]);
    store.import_documents(&text, Existing::Replace).await.unwrap();
    assert_eq!(found(&store, &nines).await, ["a", "g"]);
    assert_eq!(listed(&store, "size").await, (5, 5));

    store.expiring(Expires::At(time(10))).set("g", json(r#"{"size":9}"#), None).await.unwrap();
    setup.clock.set(time(11));
    assert_eq!(found(&store, &nines).await, ["a"]);
    assert_eq!(listed(&store, "size").await, (4, 4));
    assert_eq!(store.clear().await.unwrap(), 4);
    assert_eq!(stored(place, &store).await, 0);
    set(&store, "again", r#"{"size":9}"#).await;
    assert_eq!(listed(&store, "size").await, (1, 1));
}

pub async fn others_heed_an_index_that_was_just_declared(place: &dyn Place) {
    let (one, other) = (setup(place).await.plain(), setup(place).await.plain());
    set(&other, "before", r#"{"n":1}"#).await;
    one.database.refresh().await.unwrap();
    one.create_index("n", &paths(&["n"])).await.unwrap();
    // The other one has not heard of it.
    set(&other, "after", r#"{"n":1}"#).await;
    other.delete_by_prefix("bef").await.unwrap();
    other.set_many(items(&[("x/1", r#"{"n":1}"#), ("x/2", r#"{"n":2}"#)]), None).await.unwrap();
    one.database.refresh().await.unwrap();
    assert_eq!(found(&one, &wanted(r#"{"n":1}"#, "[]")).await, ["after", "x/1"]);
    assert_eq!(listed(&one, "n").await, (3, 3));
    assert!(one.drop_index("n").await.unwrap());
    set(&other, "after", r#"{"n":3}"#).await;
    assert_eq!(stored(place, &one).await, 0, "nobody lists in what was given up");
}

pub async fn an_index_is_built_while_others_write(place: &dyn Place) {
    let (one, other) = (setup(place).await.plain(), setup(place).await.plain());
    let all = (0..2_500).map(|n| Item { key: format!("k{n:04}"), value: json(&format!(r#"{{"n":{}}}"#, n % 10)) });
    one.set_many(all.collect(), None).await.unwrap();
    other.database.refresh().await.unwrap();
    for (round, (is_covering, is_twice)) in
        [(false, false), (false, true), (true, false), (true, true)].into_iter().enumerate()
    {
        let (of_n, value) = (paths(&["n"]), 70 + round);
        let create = |store: &DataStore| {
            let (store, of_n) = (store.clone(), of_n.clone());
            async move {
                if is_covering {
                    store.create_covering_index("n", &of_n).await
                } else {
                    store.create_index("n", &of_n).await
                }
            }
        };
        let build = async {
            if is_twice {
                // Two build it at once.
                let (built, built_too) = join(create(&one), create(&other)).await;
                built.unwrap();
                built_too.unwrap();
            } else {
                create(&one).await.unwrap();
            }
        };
        let written = format!(r#"{{"n":{value}}}"#);
        let write = async {
            for n in 0..40 {
                set(&other, &format!("k{:04}", n * 60 + round * 2), &written).await;
                one.delete(&format!("k{:04}", n * 60 + round * 2 + 1)).await.unwrap();
                set(&one, &format!("new{round}/{n}"), &written).await;
            }
        };
        // What these are listed by stays.
        let touch = async {
            for more in 0..20 {
                let key = |n: usize| format!("k{:04}", n * 60 + 30 + round);
                let value = json(&format!(r#"{{"n":{round},"more":{more}}}"#));
                let touched = (0..40).map(|n| Item { key: key(n), value: value.clone() });
                other.set_many(touched.collect(), None).await.unwrap();
            }
        };
        join(build, join(write, touch)).await;
        one.database.refresh().await.unwrap();
        assert_eq!(found(&one, &FindOptions { limit: 1_000, ..wanted(&written, "[]") }).await.len(), 80);
        let mut all = FindOptions { limit: 1_000, ..wanted(r#"{"n":{"$gte":0}}"#, "[]") };
        let mut count = 0;
        loop {
            let page = one.find(&all).await.unwrap();
            count += page.entries.len();
            for listed in page.entries {
                let (known, version) = one.get_with_version(&listed.key).await.unwrap().unwrap();
                let (value, of) = listed.stored.unwrap();
                assert_eq!((value.as_str(), of), (known.as_str(), version), "{}", listed.key);
            }
            all.cursor = page.cursor;
            if all.cursor.is_none() {
                break;
            }
        }
        assert_eq!(count, 2_500);
        assert_eq!(listed(&one, "n").await, (2_500, 2_500));
        assert!(one.list_indexes().await.unwrap().iter().all(|index| index.is_ready));
        one.drop_index("n").await.unwrap();
    }
}

pub async fn an_index_that_is_given_up_leaves_nothing(place: &dyn Place) {
    let store = setup(place).await.plain();
    store.set_many(items(&TASKS), None).await.unwrap();
    let before = place.open().await.verify().await.unwrap().entries;
    store.create_index("both", &paths(&["status", "size"])).await.unwrap();
    store.create_index("size", &paths(&["size"])).await.unwrap();
    store.create_index("size", &paths(&["$value.size"])).await.unwrap();
    let names =
        |indexes: Vec<crate::model::find::Index>| indexes.into_iter().map(|index| index.name).collect::<Vec<_>>();
    assert_eq!(names(store.list_indexes().await.unwrap()), ["both", "size"]);
    assert_eq!(stored(place, &store).await, 12);
    let refused = store.create_index("size", &paths(&["status"])).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(store.drop_index("both").await.unwrap());
    assert!(!store.drop_index("both").await.unwrap());
    assert_eq!(names(store.list_indexes().await.unwrap()), ["size"]);
    assert!(store.drop_index("size").await.unwrap());
    // What is left is that there is nothing, and that there was something.
    assert_eq!(place.open().await.verify().await.unwrap().entries, before + 2);
}

pub async fn long_texts_are_told_apart(place: &dyn Place) {
    let store = setup(place).await.plain();
    let long = |end: &str| format!("{}{end}", "x".repeat(300));
    let all = [("a", long("c")), ("b", long("a")), ("c", long("b")), ("d", "x".repeat(128)), ("e", "y".to_owned())];
    let item =
        |(key, text): &(&str, String)| Item { key: (*key).to_owned(), value: json(&format!(r#"{{"t":"{text}"}}"#)) };
    store.set_many(all.iter().map(item).collect(), None).await.unwrap();
    store.create_index("t", &paths(&["t"])).await.unwrap();
    let by_text = FindOptions { limit: 2, ..wanted("{}", r#""t""#) };
    let first = store.find(&by_text).await.unwrap();
    let second = store.find(&FindOptions { cursor: first.cursor.clone(), ..by_text.clone() }).await.unwrap();
    let third = store.find(&FindOptions { cursor: second.cursor.clone(), ..by_text }).await.unwrap();
    assert_eq!([keys(first), keys(second), keys(third)], [vec!["d", "b"], vec!["c", "a"], vec!["e"]]);
    let one = wanted(&format!(r#"{{"t":"{}"}}"#, long("b")), "[]");
    assert_eq!(found(&store, &one).await, ["c"]);
    assert_eq!(store.explain(&one).await.unwrap().index.as_deref(), Some("t"));
    let between = wanted(&format!(r#"{{"t":{{"$gt":"{}","$lt":"{}"}}}}"#, long("a"), long("c")), "[]");
    assert_eq!(found(&store, &between).await, ["c"]);
    // Nothing can go on behind what no cursor can hold.
    let huge = format!(r#"{{"t":"{}"}}"#, "x".repeat(40_000));
    store.set_many(items(&[("p", &huge), ("q", &huge)]), None).await.unwrap();
    let refused = store.find(&FindOptions { limit: 5, ..wanted("{}", r#""t""#) }).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    assert_eq!(found(&store, &wanted("{}", r#""t""#)).await.len(), 7);
}

pub async fn a_watch_can_be_of_what_matches(place: &dyn Place) {
    let store = setup(place).await.plain();
    set(&store, "a", r#"{"open":true}"#).await;
    set(&store, "b", r#"{"open":false}"#).await;
    let filter = Filter::parse(&json(r#"{"open":true}"#)).unwrap();
    let mut watch = store.watch(&Watched::Prefix(String::new())).matching_filter(&filter);
    let mut next = async || {
        let told = watch.next().await.unwrap().unwrap();
        let text = |change: crate::store::DataChange| {
            format!("{} {} {}", change.key, change.old.is_some(), change.new.is_some())
        };
        told.changes.into_iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(next().await, ["a false true"]);
    set(&store, "c", r#"{"open":false}"#).await;
    set(&store, "b", r#"{"open":true}"#).await;
    assert_eq!(next().await, ["b false true"], "what does not match is not told");
    set(&store, "b", r#"{"open":true,"n":1}"#).await;
    assert_eq!(next().await, ["b true true"]);
    set(&store, "a", r#"{"open":false}"#).await;
    assert_eq!(next().await, ["a true false"]);
    store.clear().await.unwrap();
    assert_eq!(next().await, ["b true false"]);
}

pub async fn an_index_that_is_declared_anew_while_it_is_built_lists_everything(place: &dyn Place) {
    let (one, other) = (setup(place).await.plain(), setup(place).await.plain());
    let all = (0..600).map(|n| Item { key: format!("k{n:04}"), value: json(&format!(r#"{{"a":{n},"b":1}}"#)) });
    one.set_many(all.collect(), None).await.unwrap();
    for (polls, other_polls) in [(12, 40), (20, 20), (20, 30), (30, 20), (30, 30), (40, 12)] {
        other.database.refresh().await.unwrap();
        let (of_a, of_b) = (paths(&["a"]), paths(&["b"]));
        let mut first = Box::pin(one.create_index("x", &of_a));
        let mut is_over = false;
        for _ in 0..polls {
            is_over = is_over || (&mut first).now_or_never().is_some();
        }
        // While nobody goes on with the first.
        let mut second = Box::pin(async {
            other.drop_index("x").await.unwrap();
            other.create_index("x", &of_b).await
        });
        let mut made = None;
        for _ in 0..other_polls {
            made = made.or_else(|| (&mut second).now_or_never());
        }
        if let (false, Err(error)) = (is_over, if is_over { Ok(()) } else { first.await }) {
            assert!(matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::Conflict), "{error}");
        }
        let made = match made {
            None => second.await,
            Some(made) => made,
        };
        one.database.refresh().await.unwrap();
        match made {
            Ok(()) => assert_eq!(listed(&one, "b").await, (600, 600)),
            // The first one came in between.
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidArgument),
        }
        one.drop_index("x").await.unwrap();
    }
}

pub async fn what_does_not_change_is_found_while_others_write(place: &dyn Place) {
    let (one, other) = (setup(place).await.plain(), setup(place).await.plain());
    let all = (0..120).map(|n| Item { key: format!("k{n:03}"), value: json(&format!(r#"{{"n":{n}}}"#)) });
    one.set_many(all.collect(), None).await.unwrap();
    one.create_index("n", &paths(&["n"])).await.unwrap();
    other.database.refresh().await.unwrap();
    let write = async {
        for n in 0..200 {
            set(&other, "k000", &format!(r#"{{"n":{}}}"#, -n)).await;
            one.database.refresh().await.unwrap();
        }
    };
    let find = async {
        for _ in 0..40 {
            let page =
                one.find(&FindOptions { limit: 200, ..wanted(r#"{"n":{"$lt":1000}}"#, r#""n""#) }).await.unwrap();
            assert!(page.cursor.is_none());
            let mut names = keys(page);
            names.retain(|key| key != "k000");
            assert_eq!(names.len(), 119);
        }
    };
    join(write, find).await;
}

pub async fn large_records_are_listed_and_found(place: &dyn Place) {
    let store = setup(place).await.plain();
    let large = "x".repeat(3_000_000);
    for n in 0..12 {
        set(&store, &format!("k{n:02}"), &format!(r#"{{"n":{n},"text":"{large}"}}"#)).await;
    }
    store.create_index("n", &paths(&["n"])).await.unwrap();
    let mut options = wanted(r#"{"n":{"$gte":2}}"#, r#"{"path":"n","descending":true}"#);
    let mut all = Vec::new();
    loop {
        let page = store.find(&options).await.unwrap();
        options.cursor = page.cursor.clone();
        assert!(page.entries.len() <= 3, "about 8 MiB");
        all.extend(keys(page));
        if options.cursor.is_none() {
            break;
        }
    }
    assert_eq!(all.len(), 10);
    assert_eq!(all[0], "k11");
    // A key that is too long for an index leaves none behind.
    let long = "k".repeat(65_450);
    set(&store, &long, &format!(r#"{{"t":"{}"}}"#, "y".repeat(200))).await;
    let refused = store.create_index("t", &paths(&["t"])).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    assert_eq!(store.list_indexes().await.unwrap().len(), 1);
}
