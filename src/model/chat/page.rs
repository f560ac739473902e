//! Which messages of a path a page has.

use super::tree::Run;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum From {
    /// At the beginning of the path, going down.
    #[default]
    Start,
    /// At its end, going up.
    End,
    /// After this message, going down.
    After(u64),
    /// Before this message, going up.
    Before(u64),
}

/// The part of a path that a page of at most `limit` messages may have, in the order of the path, and whether there is more
/// beyond it in the page's direction.
#[must_use]
pub fn part_of(path: &[Run], from: From, limit: u64) -> (Vec<Run>, bool) {
    let goes_up = matches!(from, From::End | From::Before(_));
    let mut left = limit;
    let mut part = Vec::new();
    let mut more = false;
    let mut take = |run: Run| {
        let (Run { first, last }, length) = (run, run.count().min(left));
        more |= length < run.count();
        left -= length;
        if length > 0 {
            let first = if goes_up { last + 1 - length } else { first };
            part.push(Run { first, last: first + length - 1 });
        }
    };
    let cut = |run: &Run| match from {
        From::Start | From::End => Some(*run),
        From::After(message) => after(run, message),
        From::Before(message) => before(run, message),
    };
    if goes_up {
        path.iter().rev().filter_map(cut).for_each(&mut take);
        part.reverse();
    } else {
        path.iter().filter_map(cut).for_each(&mut take);
    }
    (part, more)
}

/// What of a run comes after a message of the path. Numbers rise along a path.
fn after(run: &Run, message: u64) -> Option<Run> {
    (run.last > message).then(|| Run { first: run.first.max(message + 1), last: run.last })
}

fn before(run: &Run, message: u64) -> Option<Run> {
    (run.first < message).then(|| Run { first: run.first, last: run.last.min(message - 1) })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_page_is_what_a_list_would_give(gaps in prop::collection::vec((1..4_u64, 1..5_u64), 0..6), cursor in 0..40_u64, limit in 1..12_u64) {
            let mut at = 0;
            let path: Vec<Run> = gaps.iter().map(|(gap, length)| {
                let first = at + gap;
                at = first + length - 1;
                Run { first, last: at }
            }).collect();
            let all: Vec<u64> = path.iter().flat_map(|run| run.first..=run.last).collect();
            for from in [From::Start, From::End, From::After(cursor), From::Before(cursor)] {
                let mut wanted: Vec<u64> = all.iter().copied().filter(|one| match from {
                    From::After(cursor) => *one > cursor,
                    From::Before(cursor) => *one < cursor,
                    From::Start | From::End => true,
                }).collect();
                let has_more = wanted.len() as u64 > limit;
                match from {
                    From::Start | From::After(_) => wanted.truncate(limit as usize),
                    From::End | From::Before(_) => drop(wanted.drain(..wanted.len().saturating_sub(limit as usize))),
                }
                let (part, more) = part_of(&path, from, limit);
                let got: Vec<u64> = part.iter().flat_map(|run| run.first..=run.last).collect();
                prop_assert_eq!((got, more), (wanted, has_more));
            }
        }
    }
}
