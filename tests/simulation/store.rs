//! The blobs as one process sees them: requests take time, fail, and writes take effect in the order of their calls.

use super::scheduler::{KERNEL, Process};
use super::world::World;
use agent_datastore::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use agent_datastore::{Error, ErrorKind, Result};
use async_trait::async_trait;
use futures_channel::oneshot;
use std::cell::Cell;
use std::rc::Rc;

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    Fails(ErrorKind),
    TimesOutDone,
    TimesOutUndone,
    /// The caller is told of a timeout, and the effect comes later.
    TimesOutFirst,
    /// The caller is told that the connection is gone, with the effect or without.
    LosesConnection(bool),
}

/// A write that is under way.
pub(crate) struct Pending {
    write: Write,
    fate: Fate,
    reply: Option<oneshot::Sender<Result<()>>>,
}

pub(crate) struct SimStore {
    pub(crate) world: Rc<World>,
    pub(crate) process: Process,
    pub(crate) is_closed: Cell<bool>,
}

impl SimStore {
    fn check_open(&self) -> Result<()> {
        let is_gone = self.is_closed.get() || self.world.scheduler.is_over();
        if is_gone { Err(Error::new(ErrorKind::Closed, "the connection is closed")) } else { Ok(()) }
    }

    fn fate(&self) -> Fate {
        if !self.world.is_faulty() {
            return Fate::Done;
        }
        self.world.stats.faults.add(1);
        self.world.random.pick(&[
            Fate::Fails(ErrorKind::Storage),
            Fate::Fails(ErrorKind::QuotaExceeded),
            Fate::TimesOutDone,
            Fate::TimesOutUndone,
            Fate::TimesOutFirst,
            Fate::LosesConnection(true),
            Fate::LosesConnection(false),
        ])
    }
}

#[async_trait(?Send)]
impl BlobStore for SimStore {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        self.check_open()?;
        self.world.pause().await;
        self.check_open()?;
        if self.world.is_faulty() {
            self.world.stats.faults.add(1);
            let kind = self.world.random.pick(&[ErrorKind::Storage, ErrorKind::Timeout]);
            return Err(Error::new(kind, "an injected fault of a read"));
        }
        let mut found = self.world.space.read(ranges);
        if let Some(sabotage) = self.world.sabotage {
            sabotage.of_read(&self.world, ranges, &mut found);
        }
        self.world.pause().await;
        Ok(found)
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        self.check_open()?;
        self.world.pause().await;
        Ok(self.world.space.numbers(area))
    }

    async fn write(&self, write: &Write) -> Result<()> {
        self.check_open()?;
        let mut write = write.clone();
        if let Some(sabotage) = self.world.sabotage {
            sabotage.of_write(&mut write);
        }
        let (reply, receiver) = oneshot::channel();
        let pending = Pending { write, fate: self.fate(), reply: Some(reply) };
        let is_first = {
            let mut queues = self.world.queues.borrow_mut();
            let queue = queues.entry(self.process).or_default();
            queue.push_back(pending);
            queue.len() == 1
        };
        if is_first {
            self.world.scheduler.spawn(KERNEL, drain(self.world.clone(), self.process));
        }
        if self.world.sabotage.is_some_and(|sabotage| sabotage.acknowledges_early()) {
            return Ok(());
        }
        let result = receiver.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Closed, "the process ended")));
        self.world.pause().await;
        result
    }

    fn close(&self) {
        self.is_closed.set(true);
    }
}

/// Does a process's writes one after the other. Not one of its tasks: what was handed over goes on while it sleeps.
async fn drain(world: Rc<World>, process: Process) {
    loop {
        world.pause().await;
        let late = {
            let mut queues = world.queues.borrow_mut();
            let Some(first) = queues.get_mut(&process).and_then(|queue| queue.front_mut()) else { return };
            let reply = if first.fate == Fate::TimesOutFirst { first.reply.take() } else { None };
            reply.map(|reply| reply.send(timeout()))
        };
        if late.is_some() {
            world.stats.late.add(1);
            world.scheduler.delay(world.random.below(300)).await;
        }
        // It stays in the queue while it waits, so that a kill decides on it too.
        let first = world.queues.borrow_mut().get_mut(&process).and_then(|queue| queue.pop_front());
        let Some(first) = first else { return };
        let result = match first.fate {
            Fate::Done => apply(&world, &first.write),
            Fate::Fails(kind) => Err(Error::new(kind, "an injected fault of a write")),
            Fate::TimesOutUndone => timeout(),
            // Also a collision is not told.
            Fate::TimesOutDone | Fate::TimesOutFirst => {
                let _ = apply(&world, &first.write);
                timeout()
            }
            Fate::LosesConnection(takes_effect) => {
                if takes_effect {
                    let _ = apply(&world, &first.write);
                }
                Err(Error::new(ErrorKind::ConnectionLost, "an injected loss of the connection"))
            }
        };
        if let Some(reply) = first.reply {
            drop(reply.send(result));
        }
        if world.queues.borrow().get(&process).is_none_or(|queue| queue.is_empty()) {
            return;
        }
    }
}

fn timeout() -> Result<()> {
    Err(Error::new(ErrorKind::Timeout, "an injected timeout"))
}

/// What becomes of a dead process's writes: some of the first ones take effect, none of the others.
pub(crate) fn abandon(world: &World, process: Process) {
    let Some(queue) = world.queues.borrow_mut().remove(&process) else { return };
    let done = world.random.below(queue.len() as u64 + 1) as usize;
    for pending in queue.into_iter().take(done) {
        let done =
            matches!(pending.fate, Fate::Done | Fate::TimesOutDone | Fate::TimesOutFirst | Fate::LosesConnection(true));
        if done {
            if let Some(true) = world.sabotage.map(|sabotage| sabotage.tears_writes()) {
                let half = pending.write.changes.len() / 2;
                let changes = pending.write.changes.into_iter().take(half).collect();
                let _ = apply(world, &Write { changes, durability: pending.write.durability });
                continue;
            }
            let _ = apply(world, &pending.write);
        }
    }
}

fn apply(world: &World, write: &Write) -> Result<()> {
    let sets_root = write.changes.iter().any(|change| matches!(change, Change::Put(Area::Meta, ..)));
    let trims = write.changes.iter().any(|change| matches!(change, Change::Delete(range) if range.area == Area::Log));
    let logs = || world.space.numbers(Area::Log).len();
    let before = if trims { logs() } else { 0 };
    world.space.write(write)?;
    if sets_root {
        world.stats.checkpoints.add(1);
    }
    if trims && logs() < before {
        world.stats.trims.add(1);
    }
    Ok(())
}
