//! Every engine that is broken on purpose is caught.

use super::sabotage::Sabotage;
use super::schedule;
use super::stats::Stats;
use std::rc::Rc;

/// A broken engine has to be caught within so many schedules.
const CAUGHT_WITHIN: u64 = 20_000;

fn is_caught(sabotage: Sabotage) {
    let stats = Rc::new(Stats::default());
    let caught = (0..CAUGHT_WITHIN).find_map(|seed| Some((seed, schedule::run(seed, &stats, Some(sabotage)).err()?)));
    let Some((seed, error)) = caught else { panic!("{sabotage:?} was not caught in {CAUGHT_WITHIN} schedules") };
    println!("{sabotage:?} was caught in schedule {}: {error}", seed + 1);
}

macro_rules! caught {
    ($($name:ident: $sabotage:ident;)*) => {
        $(
            #[test]
            fn $name() {
                is_caught(Sabotage::$sabotage);
            }
        )*
    };
}

caught! {
    sabotage_skips_the_head_check: SkipsHeadCheck;
    sabotage_acknowledges_early: AcknowledgesEarly;
    sabotage_trims_below_sleepers: TrimsBelowSleepers;
    sabotage_stands_too_late: StandsTooLate;
    sabotage_judges_what_is_stale: JudgesWhatIsStale;
    sabotage_merges_too_high: MergedTooHigh;
    sabotage_ignores_guards: IgnoresGuards;
    sabotage_tears_writes: TearsWrites;
}
