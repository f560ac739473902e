//! Finding what comes more than once in a list.

/// For each name the place where it first comes in the list.
///
/// By sorting, so that no choice of names makes it slow, as it could with a hash whose seed is known.
pub(crate) fn first_places<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<usize> {
    let names: Vec<&[u8]> = names.collect();
    let mut order: Vec<(&[u8], usize)> = names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    order.sort_unstable();
    let mut first = vec![0; names.len()];
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
