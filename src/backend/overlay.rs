//! Changes that are gathered over a backend, and go into it as one batch.

use super::feed::Feed;
use super::{Backend, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Committed, Entry, Operation, ReadRange, Version};
use crate::model::limits;
use crate::model::tuple::Key;
use async_trait::async_trait;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The number of the first commit over a backend, so that it comes after all commits in it.
const FIRST_VERSION: u64 = 1 << 62;

/// A backend that lies over another one: it shows what that has with what was committed here, and commits nothing there.
///
/// The checks of its commits are evaluated at once as far as they are about what was written here; the others are a part of the
/// gathered batch, and hold or fail with it.
pub(crate) struct Overlay {
    base: Rc<dyn Backend>,
    gathered: RefCell<Gathered>,
}

#[derive(Default)]
struct Gathered {
    batch: Batch,
    /// What is known of single keys: a value with its version, or that there is none.
    entries: BTreeMap<Key, Option<(Version, Bytes)>>,
    /// Ranges of which nothing of the base is left. They overlap nowhere, and none is empty.
    cleared: BTreeMap<Key, Key>,
    commits: u64,
}

impl Overlay {
    pub(crate) fn new(base: Rc<dyn Backend>) -> Self {
        Self { base, gathered: RefCell::default() }
    }

    /// All checks and operations so far, in their order.
    pub(crate) fn take(&self) -> Batch {
        self.gathered.take().batch
    }
}

impl Gathered {
    /// What is known of a key without the base.
    fn known(&self, key: &Key) -> Option<Option<Version>> {
        match self.entries.get(key) {
            Some(entry) => Some(entry.as_ref().map(|(version, _)| *version)),
            None => self.is_cleared(key).then_some(None),
        }
    }

    fn is_cleared(&self, key: &Key) -> bool {
        self.cleared.range(..=key).next_back().is_some_and(|(_, end)| key < end)
    }

    /// The parts of a range that are to be read from the base. Each is asked for as many entries more as are known here, because the
    /// known ones may take their places.
    fn parts(&self, range: &ReadRange) -> Vec<ReadRange> {
        if range.is_empty() {
            return Vec::new();
        }
        let part = |start: &Key, end: &Key| {
            let known = u32::try_from(self.entries.range(start.clone()..end.clone()).count()).unwrap_or(u32::MAX);
            let limit = range.limit.map(|limit| limit.saturating_add(known));
            ReadRange { start: start.clone(), end: end.clone(), limit, ..*range }
        };
        let mut parts = Vec::new();
        let mut start = range.start.clone();
        let before = self.cleared.range(..=&range.start).next_back();
        let within = self.cleared.range(&range.start..&range.end);
        for (from, to) in before.into_iter().chain(within) {
            if start < *from {
                parts.push(part(&start, from));
            }
            start = start.max(to.clone());
        }
        if start < range.end {
            parts.push(part(&start, &range.end));
        }
        parts
    }

    /// The range, where `found` is what its parts are in the base.
    fn merged(&self, range: &ReadRange, found: impl Iterator<Item = Entry>) -> Vec<Entry> {
        if range.is_empty() {
            return Vec::new();
        }
        let mut entries: BTreeMap<Key, Entry> = found.map(|entry| (entry.key.clone(), entry)).collect();
        for (key, known) in self.entries.range(range.start.clone()..range.end.clone()) {
            match known {
                None => entries.remove(key),
                Some(_) if range.keys_only => {
                    let bare = Entry { key: key.clone(), value: Bytes::default(), version: None };
                    entries.insert(key.clone(), bare)
                }
                Some((version, value)) => {
                    let entry = Entry { key: key.clone(), value: value.clone(), version: Some(*version) };
                    entries.insert(key.clone(), entry)
                }
            };
        }
        let limit = range.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut entries: Vec<Entry> = entries.into_values().collect();
        if range.reverse {
            entries.reverse();
        }
        entries.truncate(limit);
        entries
    }

    fn clear(&mut self, mut start: Key, mut end: Key) {
        if end <= start {
            return;
        }
        self.entries.retain(|key, _| *key < start || *key >= end);
        let before = self.cleared.range(..=&start).next_back().map(|(from, to)| (from.clone(), to.clone()));
        if let Some((from, to)) = before.filter(|(_, to)| *to >= start) {
            (start, end) = (from, end.max(to));
        }
        while let Some((from, to)) =
            self.cleared.range(&start..=&end).next().map(|(from, to)| (from.clone(), to.clone()))
        {
            self.cleared.remove(&from);
            end = end.max(to);
        }
        self.cleared.insert(start, end);
    }
}

#[async_trait(?Send)]
impl Backend for Overlay {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        let parts: Vec<Vec<ReadRange>> = {
            let gathered = self.gathered.borrow();
            ranges.iter().map(|range| gathered.parts(range)).collect()
        };
        let mut found = self.base.read(&parts.concat()).await?.into_iter();
        let gathered = self.gathered.borrow();
        let mut bytes = 0;
        let of = |(range, parts): (&ReadRange, &Vec<ReadRange>)| {
            let entries = gathered.merged(range, found.by_ref().take(parts.len()).flatten());
            bytes += entries.iter().map(|entry| entry.value.len()).sum::<usize>();
            limits::check_read(bytes).map(|()| entries)
        };
        let found = ranges.iter().zip(&parts).map(of).collect::<Result<_>>()?;
        Ok((Version(FIRST_VERSION + gathered.commits), found))
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        let found = self.read(&[range.clone().keys_only()]).await?;
        Ok(found.iter().map(Vec::len).sum::<usize>() as u64)
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        limits::check_batch(&batch)?;
        // How much a range has is counted as it is before the batch; what the batch itself does to it comes on top.
        let mut counted = HashMap::new();
        let mut ranges = Vec::new();
        for operation in &batch.operations {
            if let Operation::DeleteRange { start, end } = operation {
                counted.insert((start.clone(), end.clone()), ranges.len());
                ranges.push(ReadRange::between(start.clone(), end.clone()).keys_only());
            }
        }
        let found = self.read(&ranges).await?;
        let gathered = &mut *self.gathered.borrow_mut();
        let (known, open): (Vec<_>, Vec<_>) =
            batch.checks.into_iter().partition(|check| gathered.known(&check.key).is_some());
        if let Some(failed) = known.iter().find(|check| !check.holds(gathered.known(&check.key).flatten())) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("what is under the key {:?} is not what was expected", failed.key),
            ));
        }
        let version = Version(FIRST_VERSION + gathered.commits);
        gathered.commits += 1;
        let mut removed = Vec::new();
        let mut touched: BTreeMap<&Key, bool> = BTreeMap::new();
        for operation in &batch.operations {
            match operation {
                Operation::Put { key, value } => {
                    gathered.entries.insert(key.clone(), Some((version, value.clone())));
                    touched.insert(key, true);
                }
                Operation::Delete { key } => {
                    gathered.entries.insert(key.clone(), None);
                    touched.insert(key, false);
                }
                Operation::DeleteRange { start, end } => {
                    let place = counted.get(&(start.clone(), end.clone())).copied().unwrap_or_default();
                    let before = found.get(place).map_or(&[][..], Vec::as_slice);
                    let is_within = |key: &Key| key >= start && key < end;
                    let untouched = before.iter().filter(|entry| !touched.contains_key(&entry.key)).count();
                    let written = touched.iter().filter(|(key, is_there)| is_within(key) && **is_there).count();
                    removed.push((untouched + written) as u64);
                    touched.extend(before.iter().map(|entry| (&entry.key, false)));
                    touched.iter_mut().filter(|(key, _)| is_within(key)).for_each(|(_, is_there)| *is_there = false);
                    gathered.clear(start.clone(), end.clone());
                }
            }
        }
        gathered.batch.checks.extend(open);
        gathered.batch.operations.extend(batch.operations);
        Ok(Committed { version, removed })
    }

    /// What is gathered is nobody's before it is committed.
    fn subscribe(&self, feed: &Rc<Feed>) {
        feed.end();
    }

    async fn refresh(&self) -> Result<()> {
        self.base.refresh().await
    }

    async fn verify(&self) -> Result<Report> {
        self.base.verify().await
    }

    async fn compact(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::backend::memory::{Memory, Space};
    use crate::conformance::Place;
    use crate::model::batch::Check;
    use proptest::prelude::*;
    use std::cell::Cell;

    /// An overlay over something that is there already, opened again and again.
    struct Over(Rc<Overlay>);

    struct Opened(Rc<Overlay>, Cell<bool>);

    impl Opened {
        fn check_open(&self) -> Result<()> {
            if self.1.get() { Err(Error::new(ErrorKind::Closed, "closed")) } else { Ok(()) }
        }
    }

    #[async_trait(?Send)]
    impl Backend for Opened {
        async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
            self.check_open()?;
            self.0.snapshot(ranges).await
        }

        fn subscribe(&self, feed: &Rc<Feed>) {
            self.0.subscribe(feed);
        }

        async fn count(&self, range: &ReadRange) -> Result<u64> {
            self.check_open()?;
            self.0.count(range).await
        }

        async fn commit(&self, batch: Batch) -> Result<Committed> {
            self.check_open()?;
            self.0.commit(batch).await
        }

        async fn refresh(&self) -> Result<()> {
            self.check_open()
        }

        async fn verify(&self) -> Result<Report> {
            self.check_open()?;
            let everything = self.0.read(&[ReadRange::extensions(Key::new())]).await?;
            Ok(Report { entries: everything[0].len() as u64, ..Report::default() })
        }

        async fn compact(&self) -> Result<()> {
            self.check_open()
        }

        async fn close(&self) -> Result<()> {
            self.1.set(true);
            Ok(())
        }
    }

    #[async_trait(?Send)]
    impl Place for Over {
        async fn open(&self) -> Box<dyn Backend> {
            Box::new(Opened(self.0.clone(), Cell::new(false)))
        }
    }

    /// Nothing of the base is left, so every check is evaluated at once.
    fn place() -> Over {
        let overlay = Overlay::new(Rc::new(Memory::new()));
        let [ReadRange { start, end, .. }] = everything();
        overlay.gathered.borrow_mut().clear(start, end);
        Over(Rc::new(overlay))
    }

    mod as_a_backend {
        use super::place;

        crate::backend_conformance!(place());
    }

    fn key(number: u8) -> Key {
        Key::new().number(number.into())
    }

    fn everything() -> [ReadRange; 1] {
        [ReadRange::extensions(Key::new())]
    }

    /// Puts, deletions and range deletions of a few keys.
    fn operations() -> impl Strategy<Value = Vec<Operation>> {
        let one = prop_oneof![
            (0..12_u8, any::<u8>()).prop_map(|(at, value)| Operation::Put { key: key(at), value: vec![value].into() }),
            (0..12_u8).prop_map(|at| Operation::Delete { key: key(at) }),
            (0..12_u8, 0..12_u8).prop_map(|(from, to)| Operation::DeleteRange { start: key(from), end: key(to) }),
        ];
        prop::collection::vec(one, 0..5)
    }

    fn batch(operations: &[Operation]) -> Batch {
        Batch { operations: operations.to_vec(), ..Batch::default() }
    }

    proptest! {
        #[test]
        fn what_it_shows_is_what_its_batch_makes_of_the_base(
            before in operations(),
            batches in prop::collection::vec(operations(), 0..5),
            (start, end, limit, reverse) in (0..12_u8, 0..14_u8, prop::option::of(0..6_u32), any::<bool>()),
        ) {
            pollster::block_on(async {
                let (base, plain) = (Rc::new(Memory::new()), Memory::new());
                base.commit(batch(&before)).await.unwrap();
                plain.commit(batch(&before)).await.unwrap();
                let overlay = Overlay::new(base.clone());
                for operations in &batches {
                    let removed = overlay.commit(batch(operations)).await.unwrap().removed;
                    prop_assert_eq!(removed, plain.commit(batch(operations)).await.unwrap().removed);
                    let range = ReadRange { limit, reverse, ..ReadRange::between(key(start), key(end)) };
                    for range in [range.clone(), range.keys_only()] {
                        let pairs = |found: Vec<Vec<Entry>>| -> Vec<(Key, Bytes)> {
                            found.into_iter().flatten().map(|entry| (entry.key, entry.value)).collect()
                        };
                        prop_assert_eq!(overlay.count(&range).await.unwrap(), plain.count(&range).await.unwrap());
                        let shown = pairs(overlay.read(std::slice::from_ref(&range)).await.unwrap());
                        prop_assert_eq!(shown, pairs(plain.read(&[range]).await.unwrap()));
                    }
                }
                base.commit(overlay.take()).await.unwrap();
                let pairs = |found: Vec<Vec<Entry>>| -> Vec<(Key, Bytes)> {
                    found.into_iter().flatten().map(|entry| (entry.key, entry.value)).collect()
                };
                let made = pairs(base.read(&everything()).await.unwrap());
                prop_assert_eq!(made, pairs(plain.read(&everything()).await.unwrap()));
                Ok(())
            })?;
        }
    }

    #[test]
    fn checks_of_what_is_below_become_those_of_the_batch() {
        pollster::block_on(async {
            let space = Space::default();
            let base = Rc::new(Memory::on(&space));
            let put = |number| batch(&[Operation::Put { key: key(number), value: vec![1].into() }]);
            base.commit(put(1)).await.unwrap();
            let overlay = Overlay::new(base);
            let found = overlay.read(&everything()).await.unwrap();
            let mut change = put(2);
            change.check(Check::unchanged(key(1), found[0].first()));
            overlay.commit(change).await.unwrap();
            // Of what was written here they hold or fail at once.
            let written = overlay.read(&[ReadRange::point(key(2))]).await.unwrap();
            let mut again = put(2);
            again.check(Check::unchanged(key(2), written[0].first()));
            overlay.commit(again.clone()).await.unwrap();
            assert_eq!(overlay.commit(again).await.unwrap_err().kind(), ErrorKind::Conflict);
            // Somebody else changes what was read.
            Memory::on(&space).commit(put(1)).await.unwrap();
            let refused = Memory::on(&space).commit(overlay.take()).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Conflict);
        });
    }
}
