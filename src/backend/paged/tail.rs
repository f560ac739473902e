//! The tail: what the log says and the pages may not have yet, by key.

use super::blob_store::BlobRange;
use super::record::Edit;
use super::stored::{Place, Stored};
use crate::model::batch::{ReadRange, Version};
use crate::model::tuple::Key;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ops::Bound;

/// What an entry of the tail takes beside its key and value, about. Bytes.
const OVERHEAD: usize = 96;

/// The last state of every key that the log changed. It goes before the pages, also where they have it already.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    keys: BTreeMap<Key, Last>,
    hidden: Hidden,
    garbage: Vec<(u64, Place)>,
    bytes: usize,
}

/// The last edit of a key: when, and what it left.
#[derive(Debug, Clone)]
struct Last {
    at: u64,
    stored: Option<Stored>,
}

impl Last {
    fn bytes(&self, key: &Key) -> usize {
        let value = self.stored.as_ref().filter(|stored| stored.value.place().is_none());
        OVERHEAD + key.as_bytes().len() + value.map_or(0, |stored| stored.value.len())
    }
}

/// What a tail says of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// This is stored under it, or nothing.
    Stored(Option<Stored>),
    /// Nothing; the pages decide.
    Nothing,
}

/// The keys of a range that a tail decides on, and the ranges in which the pages do not count.
#[derive(Debug)]
pub(super) struct Overlay<K = Key, S = Stored> {
    pub(super) keys: Vec<(K, Option<S>)>,
    pub(super) hidden: Vec<(Key, Key)>,
}

/// One that is looked at while its tail stays.
pub(super) type OverlayOf<'a> = Overlay<&'a Key, &'a Stored>;

impl<K, S> Default for Overlay<K, S> {
    fn default() -> Self {
        Self { keys: Vec::new(), hidden: Vec::new() }
    }
}

impl<K, S> Overlay<K, S> {
    /// Whether what the pages have under a key does not count.
    pub(super) fn hides(&self, key: &[u8]) -> bool {
        self.hidden.iter().any(|(start, end)| start.as_bytes() <= key && key < end.as_bytes())
    }

    /// Whether nothing that the pages have from `start` to before `end` counts, and nothing else is there.
    pub(super) fn hides_all(&self, start: &[u8], end: &Key) -> bool {
        self.keys.is_empty() && self.hidden.iter().any(|(from, to)| from.as_bytes() <= start && end <= to)
    }
}

impl Tail {
    /// Applies an edit of the commit `version`, whose record ends at log number `at`.
    pub(super) fn apply(&mut self, edit: Edit, version: Version, at: u64) {
        match edit {
            Edit::Put(key, value) => self.set(key, Last { at, stored: Some(Stored { version, value }) }),
            Edit::Delete(key) => self.set(key, Last { at, stored: None }),
            Edit::DeleteRange(start, end) if start < end => {
                let gone: Vec<Key> = self.keys.range(start.clone()..end.clone()).map(|(key, _)| key.clone()).collect();
                for key in gone {
                    if let Some(last) = self.keys.remove(&key) {
                        self.discard(last.bytes(&key), last, at);
                    }
                }
                self.bytes += OVERHEAD + start.as_bytes().len() + end.as_bytes().len();
                self.hidden.hide(start, end, at);
            }
            Edit::DeleteRange(..) => {}
        }
    }

    fn set(&mut self, key: Key, last: Last) {
        let at = last.at;
        self.bytes += last.bytes(&key);
        match self.keys.entry(key) {
            Slot::Vacant(slot) => drop(slot.insert(last)),
            Slot::Occupied(mut slot) => {
                let old = slot.insert(last);
                let bytes = old.bytes(slot.key());
                self.discard(bytes, old, at);
            }
        }
    }

    fn discard(&mut self, bytes: usize, old: Last, at: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(place) = old.stored.and_then(|stored| stored.value.place()) {
            self.garbage.push((at, place));
        }
    }

    /// What is known of a key.
    pub(super) fn look_up(&self, key: &Key) -> Said {
        match self.keys.get(key) {
            Some(last) => Said::Stored(last.stored.clone()),
            None if self.hidden.hides(key) => Said::Stored(None),
            None => Said::Nothing,
        }
    }

    /// What is known of the keys from `start` to before `end`; of all that follow where there is none.
    pub(super) fn overlay(&self, start: &Key, end: Option<&Key>) -> Overlay {
        let Overlay { keys, hidden } = self.overlay_of(start, end);
        let keys = keys.into_iter().map(|(key, stored)| (key.clone(), stored.cloned())).collect();
        Overlay { keys, hidden }
    }

    /// The same, without copies.
    pub(super) fn overlay_of(&self, start: &Key, end: Option<&Key>) -> OverlayOf<'_> {
        if end.is_some_and(|end| end <= start) || self.is_empty() {
            return OverlayOf::default();
        }
        let keys = self.keys.range::<Key, _>((Bound::Included(start), end.map_or(Bound::Unbounded, Bound::Excluded)));
        let keys = keys.map(|(key, last)| (key, last.stored.as_ref())).collect();
        Overlay { keys, hidden: self.hidden.within(start, end) }
    }

    /// What is known of the keys that a read of the range can come to. Where it has a limit these end when as many are stored: they alone
    /// fill it, whatever the pages have.
    pub(super) fn overlay_within(&self, range: &ReadRange) -> Overlay {
        if range.is_empty() || self.is_empty() {
            return Overlay::default();
        }
        let mut within = self.keys.range::<Key, _>((Bound::Included(&range.start), Bound::Excluded(&range.end)));
        let mut left = range.limit.unwrap_or(u32::MAX);
        let mut keys = Vec::new();
        while left > 0 {
            let Some((key, last)) = (if range.reverse { within.next_back() } else { within.next() }) else { break };
            left -= u32::from(last.stored.is_some());
            keys.push((key.clone(), last.stored.clone()));
        }
        if range.reverse {
            keys.reverse();
        }
        Overlay { keys, hidden: self.hidden.within(&range.start, Some(&range.end)) }
    }

    /// The lowest key from `from` on of which something is known.
    pub(super) fn next(&self, from: &Key) -> Option<Key> {
        let key =
            self.keys.range::<Key, _>((Bound::Included(from), Bound::Unbounded)).next().map(|(key, _)| key.clone());
        match (key, self.hidden.next(from)) {
            (Some(key), Some(hidden)) => Some(key.min(hidden)),
            (key, hidden) => key.or(hidden),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.hidden.0.is_empty()
    }

    /// About how much memory it takes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The large values of the log to which nothing in it refers any more.
    pub(super) fn garbage(&self) -> impl Iterator<Item = BlobRange> {
        self.garbage.iter().map(|(_, place)| place.blobs())
    }

    /// Forgets what the pages have: every edit up to the log number `merged`.
    pub(super) fn forget(&mut self, merged: u64) {
        self.keys.retain(|_, last| last.at > merged);
        self.hidden.0.retain(|(_, _, at)| *at > merged);
        self.garbage.retain(|(at, _)| *at > merged);
        let keys: usize = self.keys.iter().map(|(key, last)| last.bytes(key)).sum();
        let hidden =
            self.hidden.0.iter().map(|(start, end, _)| OVERHEAD + start.as_bytes().len() + end.as_bytes().len());
        self.bytes = keys + hidden.sum::<usize>();
    }
}

/// Ranges that do not overlap, in order: start, end, and the log number of the deletion, the latest one.
#[derive(Debug, Clone, Default)]
struct Hidden(Vec<(Key, Key, u64)>);

impl Hidden {
    fn hide(&mut self, start: Key, end: Key, at: u64) {
        let first = self.0.partition_point(|(_, known_end, _)| *known_end <= start);
        let after = self.0.partition_point(|(known_start, ..)| *known_start < end);
        let mut parts = Vec::with_capacity(3);
        let overlapping = self.0.get(first..after).unwrap_or_default();
        if let Some((known_start, _, known_at)) = overlapping.first().filter(|(known_start, ..)| *known_start < start) {
            parts.push((known_start.clone(), start.clone(), *known_at));
        }
        let rest = overlapping.last().filter(|(_, known_end, _)| *known_end > end).cloned();
        parts.push((start, end.clone(), at));
        parts.extend(rest.map(|(_, known_end, known_at)| (end, known_end, known_at)));
        self.0.splice(first..after.max(first), parts);
    }

    fn hides(&self, key: &Key) -> bool {
        let first = self.0.partition_point(|(_, end, _)| end <= key);
        self.0.get(first).is_some_and(|(start, ..)| start <= key)
    }

    fn within(&self, start: &Key, end: Option<&Key>) -> Vec<(Key, Key)> {
        let first = self.0.partition_point(|(_, known_end, _)| known_end <= start);
        let overlapping = self.0.iter().skip(first).take_while(|(known, ..)| end.is_none_or(|end| known < end));
        // What is before the start is not asked for: a checkpoint may have merged later edits there already.
        overlapping.map(|(known, end, _)| (known.max(start).clone(), end.clone())).collect()
    }

    fn next(&self, from: &Key) -> Option<Key> {
        let first = self.0.partition_point(|(_, end, _)| end <= from);
        self.0.get(first).map(|(start, ..)| start.max(from).clone())
    }
}

/// The pages of commits that are being prepared, over the tail.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    pub(super) upper: &'a Tail,
    pub(super) lower: &'a Tail,
}

impl Layers<'_> {
    /// What is known of a key.
    pub(super) fn look_up(&self, key: &Key) -> Said {
        match self.upper.look_up(key) {
            Said::Nothing => self.lower.look_up(key),
            said => said,
        }
    }

    pub(super) fn overlay(&self, start: &Key, end: &Key) -> Overlay {
        let (mut upper, lower) = (self.upper.overlay(start, Some(end)), self.lower.overlay(start, Some(end)));
        let visible = lower.keys.into_iter().filter(|(key, _)| self.upper.look_up(key) == Said::Nothing);
        let mut below = visible.peekable();
        let mut keys = Vec::with_capacity(upper.keys.len());
        for (key, stored) in upper.keys {
            while let Some(lower) = below.next_if(|(lower, _)| *lower < key) {
                keys.push(lower);
            }
            keys.push((key, stored));
        }
        keys.extend(below);
        upper.hidden.extend(lower.hidden);
        Overlay { keys, hidden: upper.hidden }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::super::stored::Value;
    use super::*;
    use proptest::prelude::*;

    fn key(name: u8) -> Key {
        Key::from_bytes(vec![name])
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            (0..12_u8, any::<bool>()).prop_map(|(name, away)| Edit::Put(
                key(name),
                match away {
                    false => Value::Inline(vec![name].into()),
                    true => Value::Away(Place { first: 1, length: 20_000 }),
                }
            )),
            (0..12_u8).prop_map(|name| Edit::Delete(key(name))),
            (0..12_u8, 0..12_u8).prop_map(|(start, end)| Edit::DeleteRange(key(start), key(end))),
        ]
    }

    /// What the edits after `from` say of a key, the last one first.
    fn said(edits: &[Edit], from: usize, wanted: &Key) -> Said {
        for (place, edit) in edits.iter().enumerate().skip(from).rev() {
            match edit {
                Edit::Put(key, value) if key == wanted => {
                    return Said::Stored(Some(Stored { version: Version(place as u64), value: value.clone() }));
                }
                Edit::Delete(key) if key == wanted => return Said::Stored(None),
                Edit::DeleteRange(start, end) if start <= wanted && wanted < end => return Said::Stored(None),
                _ => {}
            }
        }
        Said::Nothing
    }

    proptest! {
        #[test]
        fn the_last_edit_decides(edits in prop::collection::vec(edit(), 0..20), merged in 0..20_usize, split in 0..20_usize) {
            let mut tail = Tail::default();
            let mut layers = [Tail::default(), Tail::default()];
            for (place, edit) in edits.iter().enumerate() {
                tail.apply(edit.clone(), Version(place as u64), place as u64 + 1);
                let [lower, upper] = &mut layers;
                let layer = if place < split { lower } else { upper };
                layer.apply(edit.clone(), Version(place as u64), place as u64 + 1);
            }
            let [lower, upper] = &layers;
            let layered = Layers { upper, lower };
            for name in 0..12 {
                prop_assert_eq!(tail.look_up(&key(name)), said(&edits, 0, &key(name)));
            }
            let (whole, parts) = (tail.overlay(&key(2), Some(&key(9))), layered.overlay(&key(2), &key(9)));
            for name in 2..9 {
                let known = whole.keys.iter().find(|(known, _)| *known == key(name)).map(|(_, stored)| Said::Stored(stored.clone()));
                let hidden = if whole.hides(&[name]) { Said::Stored(None) } else { Said::Nothing };
                prop_assert_eq!(known.unwrap_or(hidden), said(&edits, 0, &key(name)));
                let known = parts.keys.iter().find(|(known, _)| *known == key(name)).map(|(_, stored)| Said::Stored(stored.clone()));
                let hidden = if parts.hides(&[name]) { Said::Stored(None) } else { Said::Nothing };
                prop_assert_eq!(known.unwrap_or(hidden), said(&edits, 0, &key(name)));
            }
            let range = ReadRange::between(key(2), key(9)).limit(split as u32 % 6);
            let stored = |found: &Overlay| found.keys.iter().filter(|(_, stored)| stored.is_some()).count() as u32;
            for range in [range.clone(), range.clone().reversed()] {
                let within = tail.overlay_within(&range);
                prop_assert_eq!(stored(&within), stored(&whole).min(split as u32 % 6));
                let place = if range.reverse { whole.keys.len().saturating_sub(within.keys.len()) } else { 0 };
                prop_assert_eq!(&within.keys[..], &whole.keys[place..place + within.keys.len()]);
            }
            tail.forget(merged as u64);
            for name in 0..12 {
                let (kept, expected) = (tail.look_up(&key(name)), said(&edits, merged, &key(name)));
                prop_assert_eq!(kept, expected);
            }
            tail.forget(100);
            prop_assert_eq!((tail.bytes(), tail.is_empty()), (0, true));
        }
    }
}
