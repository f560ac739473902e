//! Finding what comes more than once in a list.

use super::sorting::places_in_order;

/// For each name the place where it first comes in the list.
///
/// By sorting, so that no choice of names makes it slow, as it could with a hash whose seed is known.
pub(crate) fn first_places<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<usize> {
    first_places_of(&names.collect::<Vec<_>>())
}

fn first_places_of(names: &[&[u8]]) -> Vec<usize> {
    let mut first = vec![0; names.len()];
    let mut current = None;
    for place in places_in_order(names.len(), &|one, other| names.get(one).cmp(&names.get(other))) {
        let name = names.get(place);
        let (_, start) = *current.filter(|(known, _)| *known == name).get_or_insert((name, place));
        current = Some((name, start));
        if let Some(slot) = first.get_mut(place) {
            *slot = start;
        }
    }
    first
}
