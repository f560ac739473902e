//! Finding what comes more than once in a list.

use super::sorting::places_in_order;

/// Names in their order, those that are equal in that in which they came, with the places where they were.
pub(crate) fn sorted<'a>(mut names: impl Iterator<Item = &'a [u8]>) -> Vec<(&'a [u8], usize)> {
    sorted_once(&mut names)
}

/// Compiled once, and not for each kind of list.
fn sorted_once<'a>(names: &mut dyn Iterator<Item = &'a [u8]>) -> Vec<(&'a [u8], usize)> {
    let names: Vec<&[u8]> = names.collect();
    let order = places_in_order(names.len(), &|one, other| names.get(one).cmp(&names.get(other)));
    order.into_iter().filter_map(|place| names.get(place).map(|name| (*name, place))).collect()
}

/// The place of a name in what [`sorted`] gave.
pub(crate) fn place_of(sorted: &[(&[u8], usize)], name: &str) -> Option<usize> {
    let found = sorted.binary_search_by_key(&name.as_bytes(), |(known, _)| known).ok()?;
    sorted.get(found).map(|(_, place)| *place)
}

/// A name that comes more than once.
pub(crate) fn repeated<'a>(sorted: &[(&'a [u8], usize)]) -> Option<&'a [u8]> {
    sorted.windows(2).find_map(|two| match two {
        [(one, _), (other, _)] if one == other => Some(*one),
        _ => None,
    })
}

/// For each name the place where it first comes in the list.
///
/// By sorting, so that no choice of names makes it slow, as it could with a hash whose seed is known.
pub(crate) fn first_places<'a>(mut names: impl Iterator<Item = &'a [u8]>) -> Vec<usize> {
    first_places_of(sorted_once(&mut names))
}

/// The texts, each once, where it first comes.
pub(crate) fn each_once(mut texts: Vec<String>) -> Vec<String> {
    let mut first = first_places(texts.iter().map(String::as_bytes)).into_iter().enumerate();
    texts.retain(|_| first.next().is_some_and(|(place, first)| place == first));
    texts
}

fn first_places_of(order: Vec<(&[u8], usize)>) -> Vec<usize> {
    let mut first = vec![0; order.len()];
    let mut current = None;
    for (name, place) in order {
        let (_, start) = *current.filter(|(known, _)| *known == name).get_or_insert((name, place));
        current = Some((name, start));
        if let Some(slot) = first.get_mut(place) {
            *slot = start;
        }
    }
    first
}
