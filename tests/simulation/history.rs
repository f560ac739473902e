//! What clients did and what they were told, with the moment of each.

use agent_datastore::ErrorKind;
use agent_datastore::model::batch::{Batch, Committed, Entry, ReadRange};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Which engine, counted in the order in which they were opened.
pub(crate) type EngineId = usize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The caller was not told: it died, or gave up, or waited too long.
    Unknown,
    Acknowledged(Committed),
    Refused(ErrorKind),
}

/// A commit. Each batch but an empty one puts the key `marker(id)`, so that it can be told whether it took effect.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) engine: EngineId,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) batch: Batch,
    pub(crate) outcome: Outcome,
    /// Whether it adds one to the counter.
    pub(crate) increments: bool,
}

#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) engine: EngineId,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) ranges: Vec<ReadRange>,
    pub(crate) found: Vec<Vec<Entry>>,
}

/// After this the engine knows every commit that was acknowledged before it began: a refresh, or its opening.
#[derive(Debug)]
pub(crate) struct Refresh {
    pub(crate) engine: EngineId,
    pub(crate) begin: u64,
    pub(crate) end: u64,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    clock: Cell<u64>,
    pub(crate) commits: RefCell<Vec<Commit>>,
    pub(crate) reads: RefCell<Vec<Read>>,
    pub(crate) refreshes: RefCell<Vec<Refresh>>,
    pub(crate) closed: RefCell<BTreeSet<EngineId>>,
    /// What calls failed with that never should.
    pub(crate) wrong: RefCell<Vec<String>>,
}

impl History {
    /// A moment that is later than all before.
    pub(crate) fn moment(&self) -> u64 {
        self.clock.set(self.clock.get() + 1);
        self.clock.get()
    }

    /// Notes that a commit begins. Returns its id.
    pub(crate) fn begin_commit(&self, engine: EngineId, batch: Batch, increments: bool) -> usize {
        let begin = self.moment();
        let mut commits = self.commits.borrow_mut();
        commits.push(Commit { engine, begin, end: u64::MAX, batch, outcome: Outcome::Unknown, increments });
        commits.len() - 1
    }

    /// The id of the commit that begins next.
    pub(crate) fn next_id(&self) -> usize {
        self.commits.borrow().len()
    }

    pub(crate) fn refreshed(&self, engine: EngineId, begin: u64) {
        let end = self.moment();
        self.refreshes.borrow_mut().push(Refresh { engine, begin, end });
    }

    pub(crate) fn end_commit(&self, id: usize, outcome: Outcome) {
        let commit = &mut self.commits.borrow_mut()[id];
        commit.end = self.moment();
        commit.outcome = outcome;
    }
}
