//! Many engines on the same blobs, and one seed that decides the order of all their steps, when they sleep and die, and
//! which requests fail. What every client saw is held against a simple model.
//!
//! A failing seed is printed, and `SIMULATION_SEED=… cargo test --test simulation` runs it again, step by step the same.
//! `SIMULATION_SCHEDULES=1000000` runs more than the usual number, `SIMULATION_FIRST=…` begins with another seed, and
//! `--features tiny` gives the engine pages and steps of a few bytes: high trees, and checkpoints of many steps.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

#[cfg(not(feature = "tiny"))]
mod broken;
mod checker;
mod clients;
#[cfg(not(feature = "tiny"))]
mod damage;
mod history;
mod keys;
mod model;
mod neighbours;
mod random;
#[cfg_attr(feature = "tiny", allow(dead_code, reason = "what is broken has the usual sizes"))]
mod sabotage;
mod schedule;
mod scheduler;
mod stats;
mod store;
mod world;

use stats::Stats;
use std::rc::Rc;
use std::time::Instant;

/// How many schedules an ordinary run has.
const SCHEDULES: u64 = 20_000;
/// How many failures are shown.
const SHOWN: usize = 8;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number: {value}")))
}

fn replay(seed: u64) -> String {
    let features = if cfg!(feature = "tiny") { " --features tiny" } else { "" };
    format!("to see it again: SIMULATION_SEED={seed} cargo test{features} --test simulation every_schedule")
}

/// Runs the schedules of seeds. Fails if one goes wrong; the first few are shown.
fn run(seeds: impl Iterator<Item = u64>, stats: &Rc<Stats>) {
    let fail =
        |seed| schedule::run(seed, stats, None).err().map(|error| format!("seed {seed}: {error}\n{}", replay(seed)));
    let failures: Vec<String> = seeds.filter_map(fail).take(SHOWN).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_seed_decides_everything() {
    for seed in 0..50 {
        let [first, second] = [(), ()].map(|()| {
            let stats = Rc::new(Stats::default());
            schedule::run(seed, &stats, None).unwrap();
            stats.numbers()
        });
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn every_schedule_is_explained_by_the_model() {
    let stats = Rc::new(Stats::default());
    if let Some(seed) = number("SIMULATION_SEED") {
        return run(seed..=seed, &stats);
    }
    let begin = Instant::now();
    let first = number("SIMULATION_FIRST").unwrap_or(0);
    run(first..first + number("SIMULATION_SCHEDULES").unwrap_or(SCHEDULES), &stats);
    println!("{stats}{:?}", begin.elapsed());
    stats.assert_enough();
}
