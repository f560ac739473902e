//! Committing: calls that come while a commit is under way share the next one.

use super::Engine;
use super::blob_store::{Area, Change, Write};
use super::follow::State;
use super::read::look_up_version;
use super::record::{self, Places};
use super::reserve;
use super::root::Root;
use super::scan::{Scan, Want};
use super::tail::{Layers, Tail};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Committed, Durability, Operation, ReadRange, Version};
use crate::model::limits;
use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared, poll_fn, select};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Poll;

/// How many bytes of operations share a record, unless a single batch has more.
const GROUP_BYTES: usize = if cfg!(feature = "tiny") { 200 } else { 4 * 1024 * 1024 };
/// How many races in a row a commit loses before it asks the others for a pause.
const LOST_RACES: u32 = 3;
/// By how much the tail may outgrow its limit before commits wait for it to be merged.
const OVERDUE: usize = 8;

/// How often a commit is tried that collides although nobody else wrote anything.
const MAX_IN_VAIN: usize = 3;

/// The batches that wait, and the round that is under way.
#[derive(Default)]
pub(super) struct Commits {
    waiting: RefCell<VecDeque<Rc<Ticket>>>,
    /// Polled by everybody who waits, so that nobody depends on another who gives up.
    round: RefCell<Option<Shared<LocalBoxFuture<'static, ()>>>>,
    /// How many races were lost in a row: commits that were written too late, or whose checks failed.
    lost: Cell<u32>,
    /// A checkpoint that the next round lets go first.
    passing: RefCell<Option<oneshot::Receiver<()>>>,
}

/// A batch, and what became of it.
pub(super) struct Ticket {
    pub(super) batch: RefCell<Batch>,
    pub(super) bytes: usize,
    outcome: Cell<Option<Result<Committed>>>,
}

/// Where a group was evaluated.
pub(super) struct Basis {
    pub(super) root: Root,
    pub(super) head: u64,
    pub(super) version: u64,
    pub(super) life: u64,
}

impl Engine {
    /// Commits a batch, together with others that come meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`Backend::commit`](crate::backend::Backend::commit).
    pub(super) async fn commit(self: Rc<Self>, batch: Batch) -> Result<Committed> {
        let bytes = limits::check_batch(&batch)?;
        let ticket = Rc::new(Ticket { batch: RefCell::new(batch), bytes, outcome: Cell::default() });
        self.commits.waiting.borrow_mut().push_back(ticket.clone());
        let outcome = loop {
            if let Some(outcome) = ticket.outcome.take() {
                break outcome;
            }
            self.round().await;
        };
        match &outcome {
            Ok(_) => self.commits.lost.set(0),
            // Whoever tries again begins a commit of its own.
            Err(error) if error.kind() == ErrorKind::Conflict => self.lose_race(),
            Err(_) => {}
        }
        self.after_commit(if outcome.is_ok() { bytes } else { 0 }).await;
        outcome
    }

    /// The round that is under way; the next one where there is none.
    fn round(self: &Rc<Self>) -> Shared<LocalBoxFuture<'static, ()>> {
        let mut round = self.commits.round.borrow_mut();
        let engine = self.clone();
        let begin = || {
            let future = async move {
                // Calls made in the same breath come into the same group.
                pause().await;
                engine.make_room().await;
                let group = engine.commits.next_group();
                engine.commit_group(&group).await;
                engine.commits.round.take();
            };
            future.boxed_local().shared()
        };
        round.get_or_insert_with(begin).clone()
    }

    /// Lets those go first who lost against this engine's commits: its own checkpoint, and another engine that asked.
    async fn make_room(&self) {
        let passing = self.commits.passing.take();
        if let Some(passing) = passing {
            // Not for ever: whoever makes the checkpoint may have stopped in the middle.
            select(passing, self.neighbours.pause()).await;
        }
        if self.makes_way.take() {
            self.neighbours.pause().await;
        }
    }

    /// Takes note that somebody else was faster.
    fn lose_race(&self) {
        let lost = self.commits.lost.get().wrapping_add(1);
        self.commits.lost.set(lost);
        if lost.is_multiple_of(LOST_RACES) {
            // One that writes without a break would win for ever: it need not catch up.
            self.neighbours.ask_for_pause();
        }
    }

    async fn commit_group(&self, group: &[Rc<Ticket>]) {
        match self.try_commit_group(group).await {
            Ok(()) => {}
            Err(error) => {
                for ticket in group {
                    let outcome = ticket.outcome.take().unwrap_or_else(|| Err(error.clone()));
                    ticket.outcome.set(Some(outcome));
                }
            }
        }
    }

    /// Gives each ticket its outcome. An error is that of all which have none yet.
    async fn try_commit_group(&self, group: &[Rc<Ticket>]) -> Result<()> {
        let mut group = group.to_vec();
        let mut is_fresh = false;
        let (mut in_vain, mut room, mut has_compacted) = (0, 0, false);
        loop {
            self.check_open()?;
            self.attach().await?;
            let basis = self.basis();
            let judged = self.judge(&basis, &group).await;
            // What was judged has to be what the log number below stands for.
            if !self.is_at(&basis) {
                continue;
            }
            let has_failed =
                |kind| judged.iter().any(|outcome| outcome.as_ref().is_err_and(|error| error.kind() == kind));
            if has_failed(ErrorKind::Corrupt) && self.is_outdated(basis.life, basis.root.epoch).await? {
                continue;
            }
            if has_failed(ErrorKind::Conflict) && !is_fresh {
                // Only who knows of every commit may say that a check does not hold.
                self.catch_up().await?;
                is_fresh = true;
                continue;
            }
            match self.write_group(&basis, &group, &judged).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    self.lose_race();
                    self.catch_up().await?;
                    is_fresh = true;
                    // Whoever is faster leaves a record. Where there is none, trying again would go on for ever.
                    in_vain = if self.is_at(&basis) { in_vain + 1 } else { 0 };
                    if in_vain == MAX_IN_VAIN {
                        return Err(error
                            .of_kind(ErrorKind::Storage)
                            .at("the storage refuses a commit again and again"));
                    }
                }
                Err(error)
                    if error.kind() == ErrorKind::Corrupt && self.is_outdated(basis.life, basis.root.epoch).await? => {}
                // What was deleted or replaced takes up room until it is merged.
                Err(error) if is_full(error.kind()) && self.may_compact(&mut has_compacted) => {
                    // What it stands on would be kept.
                    drop(basis);
                    // Where that fails too, the commit is what is to be told of.
                    let _ = self.checkpoint(true).await;
                }
                Err(error) if is_full(error.kind()) && room < reserve::ATTEMPTS => {
                    let (freeing, others): (Vec<_>, _) = group.into_iter().partition(|ticket| ticket.frees_room());
                    if freeing.is_empty() {
                        return Err(error);
                    }
                    others.iter().for_each(|ticket: &Rc<Ticket>| ticket.outcome.set(Some(Err(error.clone()))));
                    group = freeing;
                    self.give_up_reserve(room).await;
                    room += 1;
                }
                // Everybody's: also of one whose check failed, for that may have been because of what was not written now.
                Err(error) => return Err(error),
                Ok(()) => {
                    for (ticket, outcome) in group.iter().zip(judged) {
                        ticket.outcome.set(Some(outcome));
                    }
                    return Ok(());
                }
            }
        }
    }

    fn basis(&self) -> Basis {
        let state = self.state.borrow();
        // As long as this root is held nobody removes the log number after this head.
        Basis { root: state.root.clone(), head: state.head, version: state.version, life: state.life }
    }

    pub(super) fn is_at(&self, basis: &Basis) -> bool {
        let state = self.state.borrow();
        // Who stepped on to a later root forgot what that one has: the older root with what is left says too little.
        let is_on_root = state.root.epoch == basis.root.epoch && !state.is_detached();
        is_on_root && state.life == basis.life && state.head == basis.head
    }

    /// What each batch would do, one after the other.
    async fn judge(&self, basis: &Basis, group: &[Rc<Ticket>]) -> Vec<Result<Committed>> {
        let mut staged = Tail::default();
        let mut version = basis.version;
        let mut judged = Vec::with_capacity(group.len());
        for (place, ticket) in group.iter().enumerate() {
            let batch = ticket.batch.take();
            let mut outcome = self.check(basis, &staged, &batch.checks).await;
            if outcome.is_ok() {
                version += 1;
                let deletes_range = batch.operations.iter().any(|op| matches!(op, Operation::DeleteRange { .. }));
                // What nobody looks at need not be staged.
                if deletes_range || place + 1 < group.len() {
                    outcome = self.stage(basis, &mut staged, Version(version), &batch.operations).await;
                }
                if outcome.is_err() {
                    version -= 1;
                    staged = restaged(group, &judged, basis.version);
                }
            }
            judged.push(outcome.map(|removed| Committed { version: Version(version), removed }));
            ticket.batch.replace(batch);
        }
        judged
    }

    async fn check(&self, basis: &Basis, staged: &Tail, checks: &[Check]) -> Result<Vec<u64>> {
        let (unknown, mut scans) = self.check_in_memory(basis, staged, checks)?;
        self.finish(&basis.root, &mut scans).await?;
        let found = scans.iter().map(|scan| Some(scan.hits.first()?.stored.as_ref()?.version));
        if unknown.iter().zip(found).all(|(check, found)| check.holds(found)) {
            Ok(Vec::new())
        } else {
            Err(too_late())
        }
    }

    /// Makes the checks of which everything is in memory, and gives the others, with the scans that they need.
    fn check_in_memory<'a>(
        &self,
        basis: &Basis,
        staged: &Tail,
        checks: &'a [Check],
    ) -> Result<(Vec<&'a Check>, Vec<Scan>)> {
        let state = self.state.borrow();
        let mut cache = self.cache.borrow_mut();
        let (mut unknown, mut scans) = (Vec::new(), Vec::new());
        for check in checks {
            let said = Layers { upper: staged, lower: &state.tail }.look_up(&check.key);
            match look_up_version(&basis.root, &check.key, said, &mut cache)? {
                Some(found) if check.holds(found) => {}
                Some(_) => return Err(too_late()),
                None => {
                    unknown.push(check);
                    scans.push(scan(&state, staged, &ReadRange::point(check.key.clone()), Want::Entries)?);
                }
            }
        }
        Ok((unknown, scans))
    }

    /// Stages a batch's operations, and counts what its range deletions remove.
    async fn stage(
        &self,
        basis: &Basis,
        staged: &mut Tail,
        version: Version,
        operations: &[Operation],
    ) -> Result<Vec<u64>> {
        let mut removed = Vec::new();
        let mut places = Places::of(basis.head + 1);
        for operation in operations {
            if let Operation::DeleteRange { start, end } = operation {
                let range = ReadRange::between(start.clone(), end.clone());
                let mut scan = scan(&self.state.borrow(), staged, &range, Want::Count)?;
                self.finish(&basis.root, std::slice::from_mut(&mut scan)).await?;
                removed.push(scan.count);
            }
            staged.apply(places.edit(operation.clone()), version, basis.head + 1);
        }
        Ok(removed)
    }

    /// Writes what was accepted as the record after the basis, and applies it.
    async fn write_group(&self, basis: &Basis, group: &[Rc<Ticket>], judged: &[Result<Committed>]) -> Result<()> {
        let accepted: Vec<&Rc<Ticket>> =
            group.iter().zip(judged).filter(|(_, outcome)| outcome.is_ok()).map(|(ticket, _)| ticket).collect();
        if accepted.is_empty() {
            return Ok(());
        }
        if self.write_bulk(basis, &accepted).await? {
            return Ok(());
        }
        let (first, first_version) = (basis.head + 1, basis.version + 1);
        let (write, last) = {
            let batches: Vec<_> = accepted.iter().map(|ticket| ticket.batch.borrow()).collect();
            let commits = batches.iter().map(|batch| batch.operations.as_slice());
            let mut changes = record::seal_commits(self.draw_identity(), first, first_version, commits);
            let last = record::end_of(first, &changes) - 1;
            self.guard(basis.root.epoch, &mut changes);
            (Write { changes, durability: durability_of(&accepted) }, last)
        };
        self.write_record(&basis.root, first, &write).await?;
        {
            let mut state = self.state.borrow_mut();
            if state.life == basis.life && state.head == basis.head {
                let mut places = Places::of(first);
                for (version, ticket) in (first_version..).zip(&accepted) {
                    let operations = ticket.batch.take().operations;
                    state.apply_commit(last, version, operations.into_iter().map(|operation| places.edit(operation)));
                }
                state.head = last;
            } else if state.head < last {
                // Made anew, or being made anew, from a log without this record. Somebody who caught up has applied it.
                state.detach();
            }
        }
        self.neighbours.announce(last);
        Ok(())
    }

    /// Where there are no locks: makes the write fail if its epoch may not be written from any more.
    pub(super) fn guard(&self, epoch: u64, changes: &mut Vec<Change>) {
        if !self.neighbours.has_locks() {
            changes.push(Change::Add(Area::Guard, epoch, Vec::new()));
            changes.push(Change::Delete(super::blob_store::BlobRange::one(Area::Guard, epoch)));
        }
    }

    /// Has the tail merged when it is large: beside what goes on, and where it is far too large before that.
    async fn after_commit(self: &Rc<Self>, written: usize) {
        if self.reserve.is_due(written) {
            let engine = self.clone();
            if let Some(task) = self.neighbours.spawn(Box::pin(async move { engine.keep_reserve().await })) {
                task.await;
            }
        }
        let bytes = self.state.borrow().tail.bytes();
        if bytes <= self.options.checkpoint_bytes && !self.needs_trim.take() {
            return;
        }
        let is_overdue = bytes > self.options.checkpoint_bytes.saturating_mul(OVERDUE);
        let engine = self.clone();
        let task = async move {
            if !is_overdue {
                engine.neighbours.idle().await;
            }
            // The log stays as it is where this fails, and the next commit tries again.
            let _ = engine.checkpoint(is_overdue).await;
        };
        if self.is_checkpointing.get() {
            return;
        }
        if is_overdue {
            task.await;
        } else if let Some(task) = self.neighbours.spawn(Box::pin(task)) {
            task.await;
        }
    }
}

/// Whether there may be no room. Not every browser says so of a full disk.
const fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::QuotaExceeded | ErrorKind::Storage)
}

fn too_late() -> Error {
    Error::new(ErrorKind::Conflict, "another writer was faster")
}

/// A scan of a range with what is staged.
fn scan(state: &State, staged: &Tail, range: &ReadRange, want: Want) -> Result<Scan> {
    let overlay = Layers { upper: staged, lower: &state.tail }.overlay(&range.start, &range.end);
    Scan::new(range, want, overlay)
}

/// Strict where one of them has to be.
pub(super) fn durability_of(tickets: &[&Rc<Ticket>]) -> Durability {
    match tickets.iter().any(|ticket| ticket.batch.borrow().durability == Durability::Strict) {
        true => Durability::Strict,
        false => Durability::Relaxed,
    }
}

/// The accepted batches of a group, staged anew.
fn restaged(group: &[Rc<Ticket>], judged: &[Result<Committed>], version: u64) -> Tail {
    let mut staged = Tail::default();
    let mut places = Places::of(0);
    let accepted = group.iter().zip(judged).filter(|(_, outcome)| outcome.is_ok());
    for (version, (ticket, _)) in (version + 1..).zip(accepted) {
        for operation in &ticket.batch.borrow().operations {
            staged.apply(places.edit(operation.clone()), Version(version), 0);
        }
    }
    staged
}

impl Commits {
    /// Has the next round wait until what is returned is dropped.
    pub(super) fn let_pass(&self) -> oneshot::Sender<()> {
        let (passed, passing) = oneshot::channel();
        self.passing.replace(Some(passing));
        passed
    }

    /// The first batches that wait, as many as share a record.
    fn next_group(&self) -> Vec<Rc<Ticket>> {
        let mut waiting = self.waiting.borrow_mut();
        let mut bytes = 0;
        let fits = |ticket: &&Rc<Ticket>| {
            bytes += ticket.bytes;
            bytes <= GROUP_BYTES
        };
        let count = waiting.iter().take_while(fits).count().max(1).min(waiting.len());
        waiting.drain(..count).collect()
    }
}

/// Lets everything else go on that can.
async fn pause() {
    let mut has_paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
