//! The contract of [`Backend`], clause by clause; what it says of ranges is in [`ranges`](super::ranges).

use super::Place;
use super::random::Random;
use crate::backend::{Backend, Report};
use crate::error::{ErrorKind, Result};
use crate::model::batch::{
    Batch, Bytes, Check, Committed, Durability, Entry, Expect, Lookup, Operation, ReadRange, Version,
};
use crate::model::limits::{MAX_BATCH_BYTES, MAX_KEY_BYTES, MAX_READ_BYTES, MAX_VALUE_BYTES};
use crate::model::tuple::Key;
use futures_util::future::join_all;
use std::collections::BTreeMap;

pub(super) fn key(name: &str) -> Key {
    Key::new().text(name)
}

pub(super) fn all() -> ReadRange {
    ReadRange::extensions(Key::new())
}

pub(super) fn batch(change: impl FnOnce(&mut Batch)) -> Batch {
    let mut batch = Batch::default();
    change(&mut batch);
    batch
}

pub(super) async fn put(backend: &dyn Backend, pairs: &[(&str, &str)]) -> Committed {
    let puts = batch(|batch| pairs.iter().for_each(|(name, value)| batch.put(key(name), value.as_bytes())));
    backend.commit(puts).await.unwrap()
}

pub(super) async fn read(backend: &dyn Backend, range: ReadRange) -> Vec<Entry> {
    let mut lists = backend.read(&[range]).await.unwrap();
    assert_eq!(lists.len(), 1, "one range, one list");
    lists.remove(0)
}

pub(super) async fn keys(backend: &dyn Backend, range: ReadRange) -> Vec<Key> {
    read(backend, range.keys_only()).await.into_iter().map(|entry| entry.key).collect()
}

async fn value(backend: &dyn Backend, name: &str) -> Option<String> {
    let entry = read(backend, ReadRange::point(key(name))).await.into_iter().next()?;
    Some(String::from_utf8(entry.value.to_vec()).unwrap())
}

pub(super) fn names(names: &[&str]) -> Vec<Key> {
    names.iter().map(|name| key(name)).collect()
}

fn is_conflict(result: Result<Committed>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::Conflict => true,
        Err(error) => panic!("expected a conflict, got {error}"),
    }
}

pub async fn lookups_find_what_is_under_each_key(place: &dyn Place) {
    let large = "l".repeat(40_000);
    put(&*place.open().await, &[("a", "1"), ("b", "2"), ("large", &large)]).await;
    for backend in [place.open().await, place.open().await] {
        assert!(backend.get(&[]).await.unwrap().is_empty());
        let keys = ["large", "b", "nothing", "a", "b"].map(key);
        for keys_only in [false, true] {
            let lookups: Vec<_> = keys.iter().map(|key| Lookup { key, keys_only }).collect();
            let found = backend.get(&lookups).await.unwrap();
            let found: Vec<_> =
                found.iter().map(|entry| entry.as_ref().map(|entry| (&entry.key, &*entry.value))).collect();
            let value = |text: &'static str| if keys_only { &b""[..] } else { text.as_bytes() };
            let large = if keys_only { &b""[..] } else { large.as_bytes() };
            let [first, b, _, a, again] = &keys;
            let expected =
                [Some((first, large)), Some((b, value("2"))), None, Some((a, value("1"))), Some((again, value("2")))];
            assert_eq!(found, expected);
        }
        put(&*backend, &[("b", "2")]).await;
    }
}

pub async fn a_read_sees_a_commit_in_all_its_ranges_or_in_none(place: &dyn Place) {
    let (writer, reader) = (place.open().await, place.open().await);
    put(&*writer, &[("left", "0"), ("right", "0")]).await;
    let writing = async {
        for round in 1..=20 {
            put(&*writer, &[("left", &round.to_string()), ("right", &round.to_string())]).await;
        }
    };
    let reading = async {
        for _ in 0..40 {
            reader.refresh().await.unwrap();
            let lists = reader.read(&[ReadRange::point(key("left")), ReadRange::point(key("right"))]).await.unwrap();
            assert_eq!(lists[0][0].value, lists[1][0].value, "half a commit was seen");
            assert_eq!(lists[0][0].version, lists[1][0].version);
        }
    };
    futures_util::future::join(writing, reading).await;
    reader.refresh().await.unwrap();
    assert_eq!(value(&*reader, "left").await.as_deref(), Some("20"));
}

pub async fn a_commit_is_seen_by_its_object_at_once_and_by_others_after_a_refresh(place: &dyn Place) {
    let (one, other) = (place.open().await, place.open().await);
    for round in ["1", "2", "3"] {
        put(&*one, &[("a", round)]).await;
        assert_eq!(value(&*one, "a").await.as_deref(), Some(round));
        other.refresh().await.unwrap();
        assert_eq!(value(&*other, "a").await.as_deref(), Some(round));
        put(&*other, &[("b", round)]).await;
        one.refresh().await.unwrap();
        assert_eq!(value(&*one, "b").await.as_deref(), Some(round));
    }
}

pub async fn checks_hold_or_fail_by_what_they_expect(place: &dyn Place) {
    let backend = place.open().await;
    let old = put(&*backend, &[("there", "1")]).await.version;
    let new = put(&*backend, &[("there", "2")]).await.version;
    let cases = [
        ("there", Expect::Present, true),
        ("there", Expect::Absent, false),
        ("there", Expect::Version(new), true),
        ("there", Expect::Version(old), false),
        ("there", Expect::Version(Version(new.0 + 1)), false),
        ("gone", Expect::Absent, true),
        ("gone", Expect::Present, false),
        ("gone", Expect::Version(new), false),
    ];
    for (name, expect, holds) in cases {
        let checked = batch(|batch| batch.check(Check { key: key(name), expect }));
        assert_eq!(!is_conflict(backend.commit(checked).await), holds, "{name} {expect:?}");
    }
    let one_of_two_fails = batch(|batch| {
        batch.check(Check { key: key("there"), expect: Expect::Present });
        batch.check(Check { key: key("gone"), expect: Expect::Present });
    });
    assert!(is_conflict(backend.commit(one_of_two_fails).await));
}

pub async fn a_failed_check_leaves_nothing_of_the_batch(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("a", "1"), ("b", "1")]).await;
    let before = read(&*backend, all()).await;
    let failing = batch(|batch| {
        batch.put(key("a"), *b"2");
        batch.put(key("c"), *b"2");
        batch.delete(key("b"));
        batch.delete_range(all());
        batch.check(Check { key: key("b"), expect: Expect::Absent });
    });
    assert!(is_conflict(backend.commit(failing).await));
    assert_eq!(read(&*backend, all()).await, before);
    put(&*backend, &[("a", "3")]).await;
    assert_eq!(value(&*backend, "a").await.as_deref(), Some("3"), "and the backend goes on");
}

pub async fn operations_apply_in_order_and_checks_see_the_state_before(place: &dyn Place) {
    let backend = place.open().await;
    let in_order = batch(|batch| {
        batch.put(key("a"), *b"1");
        batch.put(key("a"), *b"2");
        batch.put(key("b"), *b"1");
        batch.delete(key("b"));
        batch.delete(key("c"));
        batch.put(key("c"), *b"3");
        batch.delete(key("never there"));
        batch.check(Check { key: key("a"), expect: Expect::Absent });
    });
    backend.commit(in_order).await.unwrap();
    assert_eq!(keys(&*backend, all()).await, names(&["a", "c"]));
    assert_eq!(value(&*backend, "a").await.as_deref(), Some("2"));
    assert_eq!(value(&*backend, "c").await.as_deref(), Some("3"));
}

pub async fn versions_rise_with_every_commit(place: &dyn Place) {
    let (one, other) = (place.open().await, place.open().await);
    let mut last = Version(0);
    for backend in [&one, &other, &one, &one, &other] {
        let version = put(&**backend, &[("a", "same")]).await.version;
        assert!(version > last);
        last = version;
        one.refresh().await.unwrap();
        assert_eq!(read(&*one, all()).await[0].version, Some(version), "also where the value is the same");
    }
    let untouched = put(&*one, &[("b", "1")]).await.version;
    other.refresh().await.unwrap();
    let versions: Vec<_> = read(&*other, all()).await.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, [Some(last), Some(untouched)], "an entry keeps the version that put it");
}

pub async fn range_deletions_are_counted(place: &dyn Place) {
    let backend = place.open().await;
    put(&*backend, &[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]).await;
    let deletions = batch(|batch| {
        batch.put(key("b2"), *b"1");
        batch.delete_range(ReadRange::between(key("b"), key("d")));
        batch.delete_range(ReadRange::between(key("b"), key("d")));
        batch.delete_range(ReadRange::point(key("a")));
        batch.delete(key("d"));
        batch.put(key("c"), *b"2");
    });
    assert_eq!(backend.commit(deletions).await.unwrap().removed, [3, 0, 1]);
    assert_eq!(keys(&*backend, all()).await, names(&["c"]));
}

pub async fn batches_over_a_limit_are_refused_whole(place: &dyn Place) {
    let backend = place.open().await;
    let large: Bytes = vec![b'x'; MAX_VALUE_BYTES].into();
    let too_many = MAX_BATCH_BYTES / MAX_VALUE_BYTES + 1;
    let over = [
        ("key", batch(|batch| batch.put(key(&"k".repeat(MAX_KEY_BYTES)), *b"1"))),
        ("deleted key", batch(|batch| batch.delete(key(&"k".repeat(MAX_KEY_BYTES))))),
        ("value", batch(|batch| batch.put(key("a"), vec![b'x'; MAX_VALUE_BYTES + 1]))),
        ("batch", batch(|batch| (0..too_many).for_each(|n| batch.put(Key::new().number(n as u64), large.clone())))),
    ];
    for (what, mut batch) in over {
        batch.operations.insert(0, Operation::Put { key: key("small"), value: Bytes::default() });
        let refused = backend.commit(batch).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded, "{what}");
        assert!(keys(&*backend, all()).await.is_empty(), "{what}: nothing may be written");
    }
    put(&*backend, &[("a", "1")]).await;
}

pub async fn reads_over_the_limit_are_refused(place: &dyn Place) {
    let backend = place.open().await;
    let large: Bytes = vec![b'x'; MAX_VALUE_BYTES].into();
    let fitting = MAX_READ_BYTES / MAX_VALUE_BYTES;
    for number in 0..=fitting {
        backend.commit(batch(|batch| batch.put(Key::new().number(number as u64), large.clone()))).await.unwrap();
    }
    let refused = backend.read(&[all().limit(1), all().limit(fitting as u32)]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    let names: Vec<Key> = (0..=fitting).map(|number| Key::new().number(number as u64)).collect();
    let lookups: Vec<_> = names.iter().map(Lookup::of).collect();
    assert_eq!(backend.get(&lookups).await.unwrap_err().kind(), ErrorKind::LimitExceeded);
    assert_eq!(keys(&*backend, all()).await.len(), fitting + 1, "keys alone are few bytes");
    assert_eq!(read(&*backend, all().limit(2)).await.len(), 2, "and the backend goes on");
    backend.commit(batch(|batch| batch.delete_range(all()))).await.unwrap();
}

pub async fn the_largest_key_and_value_are_kept(place: &dyn Place) {
    let backend = place.open().await;
    let name = "k".repeat(MAX_KEY_BYTES - 2);
    assert_eq!(key(&name).as_bytes().len(), MAX_KEY_BYTES, "the check is vacuous otherwise");
    let value: Vec<u8> = (0..MAX_VALUE_BYTES).map(|place| (place % 251) as u8).collect();
    backend.commit(batch(|batch| batch.put(key(&name), value.clone()))).await.unwrap();
    let found = read(&*backend, ReadRange::point(key(&name))).await;
    assert!(found.len() == 1 && *found[0].value == *value);
    backend.commit(batch(|batch| batch.delete(key(&name)))).await.unwrap();
}

pub async fn empty_batches_and_strict_ones_are_commits(place: &dyn Place) {
    let backend = place.open().await;
    let first = put(&*backend, &[("a", "1")]).await;
    let barrier = Batch { durability: Durability::Strict, ..Batch::default() };
    let second = backend.commit(barrier).await.unwrap();
    assert!(second.version > first.version && second.removed.is_empty());
    let strict = Batch { durability: Durability::Strict, ..batch(|batch| batch.put(key("b"), *b"2")) };
    assert!(backend.commit(strict).await.unwrap().version > second.version);
    assert_eq!(value(&*backend, "b").await.as_deref(), Some("2"));
}

pub async fn closed_objects_refuse_and_the_data_stays(place: &dyn Place) {
    let (closing, staying) = (place.open().await, place.open().await);
    put(&*closing, &[("a", "1")]).await;
    closing.close().await.unwrap();
    closing.close().await.unwrap();
    assert_eq!(closing.read(&[all()]).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(closing.read(&[]).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(closing.refresh().await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(closing.commit(Batch::default()).await.unwrap_err().kind(), ErrorKind::Closed);
    staying.refresh().await.unwrap();
    assert_eq!(value(&*staying, "a").await.as_deref(), Some("1"), "another object goes on");
    staying.close().await.unwrap();
    assert_eq!(value(&*place.open().await, "a").await.as_deref(), Some("1"));
}

pub async fn compact_leaves_what_can_be_read_and_little_else(place: &dyn Place) {
    let backend = place.open().await;
    backend.compact().await.unwrap();
    for round in 0..40_u8 {
        let puts = batch(|batch| (0..20).for_each(|number| batch.put(Key::new().number(number), noise(round, number))));
        backend.commit(puts).await.unwrap();
    }
    let rest = ReadRange::between(Key::new().number(2), Key::new().number(20));
    backend.commit(batch(|batch| batch.delete_range(rest.clone()))).await.unwrap();
    let before = read(&*backend, all()).await;
    assert_eq!(before.len(), 2);
    backend.compact().await.unwrap();
    let report = backend.verify().await.unwrap();
    assert_eq!((report.entries, report.damage), (2, vec![]));
    assert!(report.bytes < 40_000, "{} bytes for two entries of 3,000 bytes", report.bytes);
    assert_eq!(read(&*backend, all()).await, before);
    backend.compact().await.unwrap();
    assert_eq!(read(&*place.open().await, all()).await, before);
}

/// Bytes that no compression makes fewer of.
fn noise(round: u8, number: u64) -> Vec<u8> {
    let mut state = u64::from(round) << 8 | number | 1 << 32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(3_000).collect()
}

pub async fn verify_counts_every_entry_and_changes_nothing(place: &dyn Place) {
    let backend = place.open().await;
    let verified = |report: Report| (report.entries, report.damage);
    assert_eq!(verified(backend.verify().await.unwrap()), (0, vec![]));
    let puts = batch(|batch| {
        (0..50).for_each(|number| batch.put(Key::new().number(number), vec![number as u8; number as usize * 1_000]))
    });
    backend.commit(puts).await.unwrap();
    put(&*backend, &[("a", "1"), ("b", "2")]).await;
    put(&*backend, &[("a", "3")]).await;
    assert_eq!(verified(backend.verify().await.unwrap()), (52, vec![]));
    let deletions = batch(|batch| {
        batch.delete(key("b"));
        batch.delete_range(ReadRange::between(Key::new().number(10), Key::new().number(40)));
    });
    backend.commit(deletions).await.unwrap();
    let before = read(&*backend, all()).await;
    assert_eq!(verified(backend.verify().await.unwrap()), (21, vec![]));
    assert_eq!(read(&*backend, all()).await, before);
    let other = place.open().await;
    assert_eq!(verified(other.verify().await.unwrap()), (21, vec![]));
    other.close().await.unwrap();
    assert_eq!(other.verify().await.unwrap_err().kind(), ErrorKind::Closed);
}

pub async fn concurrent_checked_increments_lose_nothing(place: &dyn Place) {
    let (one, other) = (place.open().await, place.open().await);
    let worker = |backend: Box<dyn Backend>| async move {
        for _ in 0..15 {
            loop {
                let seen = read(&*backend, ReadRange::point(key("count"))).await.into_iter().next();
                let count: u32 =
                    seen.as_ref().map_or(0, |entry| std::str::from_utf8(&entry.value).unwrap().parse().unwrap());
                let next = batch(|batch| {
                    batch.check(Check::unchanged(key("count"), seen.as_ref()));
                    batch.put(key("count"), (count + 1).to_string().into_bytes());
                });
                if !is_conflict(backend.commit(next).await) {
                    break;
                }
            }
        }
    };
    join_all([worker(one), worker(other)]).await;
    assert_eq!(value(&*place.open().await, "count").await.as_deref(), Some("30"));
}

pub async fn random_batches_act_as_on_a_sorted_map(place: &dyn Place) {
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let backend = place.open().await;
        backend.commit(batch(|batch| batch.delete_range(all()))).await.unwrap();
        let mut model: BTreeMap<Key, (Version, Vec<u8>)> = BTreeMap::new();
        let name = |random: &mut Random| {
            let alphabet = ["", "\0", "a", "b", "ab", "é", "\u{ffff}", "😀"];
            let text: String = (0..random.below(3)).map(|_| alphabet[random.below(8) as usize]).collect();
            Key::new().number(random.below(2)).text(&text)
        };
        let range = |random: &mut Random| ReadRange::between(name(random), name(random));
        for step in 0..40 {
            let mut next = Batch::default();
            let mut expected = model.clone();
            let mut removed = Vec::new();
            let mut holds = true;
            for _ in 0..random.below(3) {
                let key = name(&mut random);
                let stored = model.get(&key).map(|(version, _)| *version);
                let expect = match random.below(4) {
                    0 => Expect::Absent,
                    1 => Expect::Present,
                    _ => stored.map_or(Expect::Absent, Expect::Version),
                };
                let check = Check { key, expect };
                holds &= check.holds(stored);
                next.check(check);
            }
            for _ in 0..random.below(5) {
                match random.below(6) {
                    0 => {
                        let range = range(&mut random);
                        let before = expected.len();
                        expected.retain(|key, _| *key < range.start || *key >= range.end);
                        removed.push((before - expected.len()) as u64);
                        next.delete_range(range);
                    }
                    1 => {
                        let key = name(&mut random);
                        expected.remove(&key);
                        next.delete(key);
                    }
                    _ => {
                        let (key, value) = (name(&mut random), vec![step; random.below(4) as usize]);
                        expected.insert(key.clone(), (Version(0), value.clone()));
                        next.put(key, value);
                    }
                }
            }
            match backend.commit(next).await {
                Ok(committed) => {
                    assert!(holds, "seed {seed}, step {step}: a check should have failed");
                    assert_eq!(committed.removed, removed, "seed {seed}, step {step}");
                    for (version, _) in expected.values_mut().filter(|(version, _)| *version == Version(0)) {
                        *version = committed.version;
                    }
                    model = expected;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Conflict, "seed {seed}, step {step}: {error}");
                    assert!(!holds, "seed {seed}, step {step}: the checks should have held");
                }
            }
            let mut range = if random.one_in(2) { all() } else { range(&mut random) };
            if random.one_in(3) {
                range = range.limit(random.below(4) as u32);
            }
            if random.one_in(2) {
                range = range.reversed();
            }
            let limit = range.limit.unwrap_or(u32::MAX) as usize;
            let mut inside: Vec<_> =
                model.iter().filter(|(key, _)| **key >= range.start && **key < range.end).collect();
            if range.reverse {
                inside.reverse();
            }
            let expected: Vec<Entry> = inside
                .into_iter()
                .take(limit)
                .map(|(key, (version, value))| Entry {
                    key: key.clone(),
                    value: value.clone().into(),
                    version: Some(*version),
                })
                .collect();
            assert_eq!(backend.count(&range).await.unwrap(), expected.len() as u64, "seed {seed}, step {step}");
            assert_eq!(read(&*backend, range).await, expected, "seed {seed}, step {step}");
            let wanted: Vec<Key> = (0..random.below(4)).map(|_| name(&mut random)).collect();
            let lookups: Vec<_> = wanted.iter().map(Lookup::of).collect();
            let found = backend.get(&lookups).await.unwrap();
            let found: Vec<_> =
                found.into_iter().map(|entry| Some((entry.as_ref()?.version?, entry?.value.to_vec()))).collect();
            let expected: Vec<_> = wanted.iter().map(|key| model.get(key).cloned()).collect();
            assert_eq!(found, expected, "seed {seed}, step {step}");
        }
    }
}
