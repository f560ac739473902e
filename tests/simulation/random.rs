//! Every choice of a schedule comes from here, and all of them from one seed.

use std::cell::Cell;

/// A small generator (splitmix64).
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
        let mut mixed = self.0.get();
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        (self.next() >> 33) % end.max(1)
    }

    pub(crate) fn one_in(&self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// Whether something happens that does in so many of a thousand cases.
    pub(crate) fn permille(&self, of_thousand: u64) -> bool {
        of_thousand > 0 && self.below(1000) < of_thousand
    }

    pub(crate) fn pick<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}
