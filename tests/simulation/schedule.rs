//! One schedule, from its seed to its verdict.

use super::checker;
use super::clients::live;
use super::keys::{MAX_INLINE, PIECE, everything};
use super::model::Model;
use super::random::Random;
use super::sabotage::Sabotage;
use super::scheduler::KERNEL;
use super::stats::Stats;
use super::world::{Locks, Plan, World};
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::blob_store::Area;
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::Batch;
use agent_datastore::model::tuple::Key;
use pollster::block_on;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// How much of the log two checkpoints leave: their own records.
const MOST_LOG: u64 = if cfg!(feature = "tiny") { 200 } else { 8 };
/// No schedule needs a tenth of this.
const MOST_STEPS: u64 = 400_000;

/// Runs the schedule of a seed.
///
/// # Errors
///
/// What went wrong.
pub(crate) fn run(seed: u64, stats: &Rc<Stats>, sabotage: Option<Sabotage>) -> Result<(), String> {
    let world = begin(seed, stats, sabotage);
    let result = catch_unwind(AssertUnwindSafe(|| finish(&world)));
    stats.steps.add(world.scheduler.now());
    stats.schedules.add(1);
    let plan = world.plan.clone();
    let verdict = result.unwrap_or_else(|panic| Err(format!("a panic: {}", text_of(&*panic))));
    if verdict.is_ok() {
        world.end();
    }
    verdict.map_err(|error| format!("{error}\n{plan:?}"))
}

fn text_of(panic: &dyn std::any::Any) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn begin(seed: u64, stats: &Rc<Stats>, sabotage: Option<Sabotage>) -> Rc<World> {
    let random = Rc::new(Random::new(seed));
    let plan = plan(&random, sabotage);
    match plan.locks {
        Locks::All => {}
        Locks::Half => stats.mixed.add(1),
        Locks::None => stats.without_locks.add(1),
    }
    let world = Rc::new(World::new(plan, random, stats.clone(), sabotage));
    for _ in 0..world.plan.processes {
        begin_process(&world);
    }
    world.scheduler.spawn(KERNEL, disturb(world.clone()));
    world
}

fn plan(random: &Random, sabotage: Option<Sabotage>) -> Plan {
    let locks = match sabotage {
        Some(Sabotage::TrimsBelowSleepers | Sabotage::StandsTooLate) => Locks::All,
        Some(Sabotage::IgnoresGuards) => Locks::None,
        _ => random.pick(&[Locks::All, Locks::All, Locks::Half, Locks::None]),
    };
    Plan {
        options: PagedOptions {
            cache_bytes: random.pick(&[0, 2_000, 300_000, 300_000]),
            checkpoint_bytes: random.pick(&[0, 300, 1_000, 100_000]),
        },
        locks,
        can_spawn: !random.one_in(5),
        announced: random.pick(&[0, 300, 900]),
        faults: random.pick(&[0, 0, 10, 50]),
        given_up: random.pick(&[0, 20, 150]),
        delay: random.pick(&[1, 3, 10]),
        processes: 1 + random.below(4),
        clients: 1 + random.below(3),
        calls: 3 + random.below(10),
        keys: 1 + random.below(if random.one_in(3) { 40 } else { 8 }),
        large_values: random.pick(&[0, 0, 20, 150]),
        disturbances: random.below(8),
    }
}

fn begin_process(world: &Rc<World>) {
    let process = world.begin_process();
    if world.random.one_in(4) {
        world.scheduler.slow_down(process);
    }
    world.scheduler.spawn(process, live(world.clone(), process));
}

/// Kills processes, puts them to sleep, has them give up their holds, and begins new ones.
async fn disturb(world: Rc<World>) {
    for _ in 0..world.plan.disturbances {
        world.scheduler.delay(world.random.below(300)).await;
        let living = world.living();
        if living.is_empty() || world.random.one_in(5) {
            begin_process(&world);
            continue;
        }
        let process = world.random.pick(&living);
        match world.random.below(4) {
            0 => {
                world.stats.kills.add(1);
                world.end_process(process);
            }
            1 => {
                if let Some(engine) = world.engine_of(process) {
                    world.stats.suspensions.add(1);
                    engine.suspend();
                }
            }
            _ => {
                world.stats.sleeps.add(1);
                world.scheduler.put_to_sleep(process, 50 + world.random.below(2_000));
            }
        }
    }
}

fn finish(world: &Rc<World>) -> Result<(), String> {
    world.scheduler.run(MOST_STEPS)?;
    let space = &world.space;
    let engine = block_on(open(space)).map_err(|error| format!("in the end: {error}"))?;
    let last = block_on(engine.read(&[everything()])).map_err(|error| format!("in the end: {error}"))?.remove(0);
    let report = block_on(engine.verify()).map_err(|error| format!("in the end: {error}"))?;
    if !report.damage.is_empty() {
        return Err(format!("in the end there is damage: {:?}", report.damage));
    }
    let history = &world.history;
    world.stats.reads.add(history.reads.borrow().len() as u64);
    world.stats.refreshes.add(history.refreshes.borrow().len() as u64);
    let model = checker::check(history, &last, &world.stats)?;
    block_on(engine.close()).map_err(|error| error.to_string())?;
    if world.random.one_in(3) {
        world.stats.swept.add(1);
        block_on(sweep(space, &model))?;
    }
    Ok(())
}

async fn open(space: &BlobSpace) -> agent_datastore::Result<Paged> {
    let options = PagedOptions { cache_bytes: 100_000, checkpoint_bytes: usize::MAX };
    Paged::open(Rc::new(space.clone()), Rc::new(space.clone()), options).await
}

/// Where one engine is alone, two checkpoints leave nothing that nobody needs.
async fn sweep(space: &BlobSpace, model: &Model) -> Result<(), String> {
    let fails = |error: agent_datastore::Error| format!("sweeping: {error}");
    let engine = open(space).await.map_err(fails)?;
    for number in 0..2 {
        let mut batch = Batch::default();
        batch.put(Key::new().text("swept").number(number), Vec::new());
        engine.commit(batch).await.map_err(fails)?;
        engine.checkpoint().await.map_err(fails)?;
    }
    let report = engine.verify().await.map_err(fails)?;
    // The reserve is of no use to anybody.
    let is_used = |area, number: &u64| area != Area::Meta || *number == 0;
    let count = |area| space.numbers(area).iter().filter(|number| is_used(area, number)).count() as u64;
    let (entries, pieces) = model.state(&everything(), u64::MAX).fold((2, 0), |(entries, pieces), (_, _, value)| {
        (entries + 1, pieces + if value.len() > MAX_INLINE { value.len().div_ceil(PIECE) as u64 } else { 0 })
    });
    // Verifying reads what is in use, so every blob that it did not read is left over.
    let blobs: u64 = Area::ALL.into_iter().filter(|area| *area != Area::Guard).map(count).sum();
    let found = (report.entries, count(Area::Value), blobs, count(Area::Trash), count(Area::Meta));
    let expected = (entries, pieces, report.blobs, 0, 1);
    if found != expected {
        return Err(format!(
            "after a sweep entries, values, blobs, trash and roots are {found:?} instead of {expected:?}"
        ));
    }
    if count(Area::Log) > MOST_LOG {
        return Err(format!("after a sweep the log has {} blobs", count(Area::Log)));
    }
    Ok(())
}
