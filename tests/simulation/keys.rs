//! The few keys that all clients fight for, and values that tell which commit wrote them.

use super::random::Random;
use agent_datastore::model::batch::{Bytes, ReadRange};
use agent_datastore::model::tuple::Key;

/// Above this a value has blobs of its own, of the size that follows. As in the engine.
pub(crate) const MAX_INLINE: usize = if cfg!(feature = "tiny") { 64 } else { 16 * 1024 };
pub(crate) const PIECE: usize = if cfg!(feature = "tiny") { 40 } else { 56 * 1024 };

pub(crate) fn hot(number: u64) -> Key {
    Key::new().text("hot").number(number)
}

/// Tells that the commit took effect, and by its version when.
pub(crate) fn marker(id: usize) -> Key {
    Key::new().text("marker").number(id as u64)
}

pub(crate) fn counter() -> Key {
    Key::new().text("counter")
}

pub(crate) fn everything() -> ReadRange {
    ReadRange::between(Key::new(), Key::from_bytes(vec![0xFF]))
}

/// Some hot keys, as many as not.
pub(crate) fn some_range(random: &Random, keys: u64) -> ReadRange {
    let (one, other) = (random.below(keys + 1), random.below(keys + 1));
    ReadRange::between(hot(one.min(other)), hot(one.max(other)))
}

/// A range to be read: of hot keys, of one, of markers, or of all there is.
pub(crate) fn range_to_read(random: &Random, keys: u64) -> ReadRange {
    let range = match random.below(8) {
        0 => everything(),
        1 => ReadRange::extensions(Key::new().text("marker")),
        2 => ReadRange::point(counter()),
        3 | 4 => ReadRange::point(hot(random.below(keys))),
        _ => some_range(random, keys),
    };
    let range = if random.one_in(4) { range.limit(random.below(5) as u32) } else { range };
    let range = if random.one_in(3) { range.reversed() } else { range };
    if random.one_in(5) { range.keys_only() } else { range }
}

/// A value that only this operation writes.
pub(crate) fn value(random: &Random, id: usize, large_values: u64) -> Bytes {
    let length = match random.permille(large_values) {
        true => MAX_INLINE + 1 + random.below(MAX_INLINE as u64) as usize,
        false if random.one_in(10) => random.below(MAX_INLINE as u64 / 2) as usize,
        false => 0,
    };
    let mut value = format!("{id}.{}:", random.next()).into_bytes();
    let filler = random.next() as u8;
    value.resize(value.len().max(length), filler);
    value.into()
}

pub(crate) fn number_of(value: &[u8]) -> u64 {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
}
