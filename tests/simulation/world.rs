//! What all processes of a schedule share: the blobs, the holds, and what goes wrong.

use super::history::{EngineId, History};
use super::neighbours::SimNeighbours;
use super::random::Random;
use super::sabotage::Sabotage;
use super::scheduler::{KERNEL, Process, Scheduler};
use super::stats::Stats;
use super::store::{self, Pending, SimStore};
use agent_datastore::Result;
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::Batch;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::task::{Context, Waker};

/// What a seed decides before it starts.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) options: PagedOptions,
    pub(crate) locks: Locks,
    pub(crate) can_spawn: bool,
    /// How many of a thousand announcements arrive.
    pub(crate) announced: u64,
    /// How many of a thousand requests fail.
    pub(crate) faults: u64,
    /// How many of a thousand calls a client gives up.
    pub(crate) given_up: u64,
    /// The longest usual delay of a request, in steps.
    pub(crate) delay: u64,
    pub(crate) processes: u64,
    pub(crate) clients: u64,
    pub(crate) calls: u64,
    pub(crate) keys: u64,
    pub(crate) large_values: u64,
    pub(crate) disturbances: u64,
}

/// Which processes have locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locks {
    All,
    /// Every other one.
    Half,
    None,
}

impl Plan {
    pub(crate) fn has_locks(&self, process: Process) -> bool {
        match self.locks {
            Locks::All => true,
            Locks::Half => process.is_multiple_of(2),
            Locks::None => false,
        }
    }
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) random: Rc<Random>,
    pub(crate) scheduler: Scheduler,
    pub(crate) space: BlobSpace,
    pub(crate) history: History,
    pub(crate) stats: Rc<Stats>,
    pub(crate) queues: RefCell<BTreeMap<Process, VecDeque<Pending>>>,
    pub(crate) faults_are_on: Cell<bool>,
    next_process: Cell<Process>,
    living: RefCell<BTreeMap<Process, Option<Paged>>>,
    holds: RefCell<BTreeMap<u64, (Process, Option<u64>)>>,
    next_hold: Cell<u64>,
    engines: RefCell<Vec<Paged>>,
}

impl World {
    pub(crate) fn new(plan: Plan, random: Rc<Random>, stats: Rc<Stats>, sabotage: Option<Sabotage>) -> Self {
        Self {
            plan,
            sabotage,
            scheduler: Scheduler::new(random.clone()),
            random,
            space: BlobSpace::default(),
            history: History::default(),
            stats,
            queues: RefCell::default(),
            faults_are_on: Cell::new(true),
            next_process: Cell::new(KERNEL + 1),
            living: RefCell::default(),
            holds: RefCell::default(),
            next_hold: Cell::new(0),
            engines: RefCell::default(),
        }
    }

    /// A short delay of a request, now and then a long one.
    pub(crate) async fn pause(&self) {
        let longest = if self.random.one_in(40) { self.plan.delay * 30 } else { self.plan.delay };
        self.scheduler.delay(self.random.below(longest + 1)).await;
    }

    pub(crate) fn is_faulty(&self) -> bool {
        self.faults_are_on.get() && self.random.permille(self.plan.faults)
    }

    pub(crate) fn begin_process(&self) -> Process {
        let process = self.next_process.replace(self.next_process.get() + 1);
        self.living.borrow_mut().insert(process, None);
        process
    }

    /// Opens an engine of a process.
    pub(crate) async fn open(self: &Rc<Self>, process: Process) -> Result<(EngineId, Paged)> {
        let begin = self.history.moment();
        let store = Rc::new(SimStore { world: self.clone(), process, is_closed: Cell::new(false) });
        let neighbours = Rc::new(SimNeighbours { world: self.clone(), process });
        let paged = Paged::open(store, neighbours, self.plan.options).await?;
        let engine = {
            let mut engines = self.engines.borrow_mut();
            engines.push(paged.clone());
            engines.len() - 1
        };
        self.living.borrow_mut().insert(process, Some(paged.clone()));
        self.history.refreshed(engine, begin);
        Ok((engine, paged))
    }

    /// Ends a process as the system does: nothing of it runs any more, and its holds are free.
    pub(crate) fn end_process(&self, process: Process) {
        self.living.borrow_mut().remove(&process);
        store::abandon(self, process);
        self.holds.borrow_mut().retain(|_, (holder, _)| *holder != process);
        self.scheduler.kill(process);
    }

    pub(crate) fn living(&self) -> Vec<Process> {
        self.living.borrow().keys().copied().collect()
    }

    pub(crate) fn is_alive(&self, process: Process) -> bool {
        self.living.borrow().contains_key(&process)
    }

    pub(crate) fn engine_of(&self, process: Process) -> Option<Paged> {
        self.living.borrow().get(&process).cloned().flatten()
    }

    /// Holds an epoch, or the lead.
    pub(crate) fn take_hold(&self, process: Process, epoch: Option<u64>) -> u64 {
        let id = self.next_hold.replace(self.next_hold.get() + 1);
        self.holds.borrow_mut().insert(id, (process, epoch));
        id
    }

    pub(crate) fn take_hold_again(&self, id: u64, process: Process, epoch: u64) {
        self.holds.borrow_mut().insert(id, (process, Some(epoch)));
    }

    pub(crate) fn release(&self, id: u64) {
        self.holds.borrow_mut().remove(&id);
    }

    pub(crate) fn lowest_hold(&self) -> Option<u64> {
        self.holds.borrow().values().filter_map(|(_, epoch)| *epoch).min()
    }

    pub(crate) fn is_led(&self) -> bool {
        self.holds.borrow().values().any(|(_, epoch)| epoch.is_none())
    }

    /// Takes everything apart. An engine whose process died in the middle of a commit refers to itself until that ends.
    pub(crate) fn end(&self) {
        self.scheduler.end();
        self.queues.borrow_mut().clear();
        self.living.borrow_mut().clear();
        for engine in self.engines.take() {
            let mut last = engine.commit(Batch::default());
            for _ in 0..50 {
                if last.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    break;
                }
            }
        }
        self.scheduler.end();
    }
}
