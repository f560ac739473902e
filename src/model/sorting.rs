//! Sorting, compiled once: every type that is sorted by itself brings some five kilobytes of code.

use std::cmp::Ordering;

/// The places of a list of `count` in the order that `compare` says of two places; of equal ones the first comes first.
pub(crate) fn places_in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_unstable_by(|one, other| compare(*one, *other).then(one.cmp(other)));
    places
}
