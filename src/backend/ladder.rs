//! What is tried, one after the other, where a database cannot be opened or a call of it fails.

/// How long is waited after each failure. Milliseconds. One attempt more than this has: Chromium's newer storage needs more than
/// one after a forced close.
const PAUSES_MS: [u32; 5] = [10, 50, 200, 500, 1_000];

/// From which failure on a fresh frame's storage is asked instead of this page's own.
const FRESH_AFTER: usize = 2;

/// How often a read or a write is sent again over a new connection.
const CALLS: usize = 3;

/// One more attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// How long to wait before it. Milliseconds.
    pub(crate) after_ms: u32,
    /// Whether through another way to the storage.
    pub(crate) fresh: bool,
}

/// What follows after that many failures to open, with so much time left; nothing where it is to be given up.
pub(crate) fn after_opening(failures: usize, left_ms: u32) -> Option<Attempt> {
    let after_ms = *PAUSES_MS.get(failures.checked_sub(1)?)?;
    (after_ms < left_ms).then_some(Attempt { after_ms, fresh: failures >= FRESH_AFTER })
}

/// How long to wait after that many failures of a call; nothing where it is to be given up. Milliseconds.
pub(crate) fn after_call(failures: usize) -> Option<u32> {
    PAUSES_MS.get(failures.checked_sub(1)?).copied().filter(|_| failures <= CALLS)
}

/// How long one attempt of opening may take, of the time that is left: half of it, because an event that got lost does not come,
/// and the other half is for the next one. Milliseconds.
pub(crate) const fn limit_of_opening(failures: usize, left_ms: u32) -> u32 {
    if failures == 0 { left_ms / 2 } else { left_ms }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn opening_is_tried_six_times_with_growing_pauses_and_then_given_up() {
        let pauses: Vec<_> = (1..).map_while(|failures| after_opening(failures, 10_000)).collect();
        assert_eq!(pauses.len(), 5);
        assert!(pauses.is_sorted_by_key(|attempt| attempt.after_ms));
        assert_eq!(pauses.iter().position(|attempt| attempt.fresh), Some(1));
        assert!(pauses.iter().map(|attempt| attempt.after_ms).sum::<u32>() < 2_000);
    }

    #[test]
    fn nothing_is_tried_for_which_there_is_no_time() {
        assert_eq!(after_opening(3, 200), None);
        assert_eq!(after_opening(3, 201).map(|attempt| attempt.after_ms), Some(200));
        assert_eq!(after_opening(0, 200), None);
    }

    #[test]
    fn a_call_is_sent_again_three_times() {
        assert_eq!((1..).map_while(after_call).collect::<Vec<_>>(), [10, 50, 200]);
    }

    #[test]
    fn the_first_attempt_leaves_time_for_another() {
        assert_eq!(limit_of_opening(0, 10_000), 5_000);
        assert_eq!(limit_of_opening(1, 4_000), 4_000);
    }
}
