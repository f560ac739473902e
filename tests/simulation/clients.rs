//! What the clients of a process do: a few calls each, at the same time, on one engine.

use super::history::{EngineId, Outcome, Read};
use super::keys::{counter, hot, marker, number_of, range_to_read, some_range, value};
use super::scheduler::Process;
use super::world::World;
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::Paged;
use agent_datastore::model::batch::{Batch, Check, Durability, Entry, Expect, Lookup, ReadRange, Version};
use agent_datastore::{ErrorKind, Result};
use futures_util::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

/// The engine of a process; it may be closed, and another one opened.
struct Tab {
    world: Rc<World>,
    process: Process,
    engine: RefCell<(EngineId, Paged)>,
    running: Cell<u64>,
    /// The last version of which its clients heard, to be checked against again.
    seen: Cell<u64>,
}

/// Lives: opens an engine, has clients call it, and ends.
pub(crate) async fn live(world: Rc<World>, process: Process) {
    let Some(engine) = open(&world, process).await else {
        return world.end_process(process);
    };
    let running = Cell::new(1 + world.random.below(world.plan.clients));
    let tab = Rc::new(Tab { world: world.clone(), process, engine: RefCell::new(engine), running, seen: Cell::new(0) });
    for _ in 0..tab.running.get() {
        let tab = tab.clone();
        world.scheduler.spawn(process, async move {
            for _ in 0..1 + tab.world.random.below(tab.world.plan.calls) {
                tab.pause().await;
                tab.call().await;
            }
            tab.running.set(tab.running.get() - 1);
            if tab.running.get() == 0 {
                tab.end().await;
            }
        });
    }
}

async fn open(world: &Rc<World>, process: Process) -> Option<(EngineId, Paged)> {
    for _ in 0..50 {
        match world.open(process).await {
            Ok(engine) => return Some(engine),
            Err(error) if world.plan.faults > 0 && is_fault(error.kind()) => world.scheduler.delay(20).await,
            Err(error) => {
                world.history.wrong.borrow_mut().push(format!("opening failed: {error}"));
                return None;
            }
        }
    }
    None
}

fn is_fault(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Storage | ErrorKind::QuotaExceeded) || kind.is_uncertain()
}

impl Tab {
    async fn pause(&self) {
        if self.world.random.one_in(3) {
            self.world.scheduler.delay(self.world.random.below(80)).await;
        }
    }

    async fn end(&self) {
        if self.world.random.one_in(2) {
            self.world.scheduler.delay(self.world.random.below(100)).await;
        }
        if self.world.random.one_in(2) {
            let (_, engine) = self.engine();
            let _ = engine.close().await;
        }
        self.world.end_process(self.process);
    }

    fn engine(&self) -> (EngineId, Paged) {
        self.engine.borrow().clone()
    }

    async fn call(&self) {
        match self.world.random.below(100) {
            0..28 => self.put_and_delete().await,
            28..42 => self.increment().await,
            42..54 => self.checked().await,
            54..56 => self.commit(Batch { durability: Durability::Strict, ..Batch::default() }, false).await,
            56..76 => drop(self.read_some().await),
            76..86 => self.refresh().await,
            86..92 => self.checkpoint().await,
            92..96 => {
                self.world.stats.suspensions.add(1);
                self.engine().1.suspend();
            }
            _ => self.reopen().await,
        }
    }

    /// Waits for a call, or gives it up.
    async fn patiently<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        if !self.world.random.permille(self.world.plan.given_up) {
            return Some(call.await);
        }
        let delay = self.world.scheduler.delay(self.world.random.below(40));
        match select(pin!(call), pin!(delay)).await {
            Either::Left((result, _)) => Some(result),
            Either::Right(_) => {
                self.world.stats.given_up.add(1);
                None
            }
        }
    }

    fn expect_fault<T>(&self, engine: EngineId, what: &str, result: Result<T>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let history = &self.world.history;
        let is_right = match error.kind() {
            ErrorKind::Closed => history.closed.borrow().contains(&engine),
            kind => self.world.plan.faults > 0 && is_fault(kind),
        };
        if !is_right {
            history.wrong.borrow_mut().push(format!("{what} by engine {engine} failed: {error}"));
        }
        None
    }

    async fn commit(&self, mut batch: Batch, increments: bool) {
        let (engine, paged) = self.engine();
        let history = &self.world.history;
        if !batch.operations.is_empty() {
            batch.put(marker(history.next_id()), Vec::new());
        }
        let id = history.begin_commit(engine, batch.clone(), increments);
        let Some(result) = self.patiently(paged.commit(batch)).await else { return };
        let outcome = match result {
            Ok(committed) => {
                self.seen.set(committed.version.0);
                Outcome::Acknowledged(committed)
            }
            Err(error) if error.kind().is_uncertain() => Outcome::Unknown,
            Err(error) => {
                let kind = error.kind();
                if kind != ErrorKind::Conflict {
                    self.expect_fault::<()>(engine, "a commit", Err(error));
                }
                Outcome::Refused(kind)
            }
        };
        history.end_commit(id, outcome);
    }

    fn edit(&self, batch: &mut Batch) {
        let (world, random) = (&self.world, &self.world.random);
        let keys = world.plan.keys;
        for _ in 0..1 + random.below(3) {
            match random.below(10) {
                0 => batch.delete_range(some_range(random, keys)),
                1 | 2 => batch.delete(hot(random.below(keys))),
                _ => {
                    batch.put(hot(random.below(keys)), value(random, world.history.next_id(), world.plan.large_values))
                }
            }
        }
    }

    async fn put_and_delete(&self) {
        let mut batch = Batch::default();
        self.edit(&mut batch);
        self.commit(batch, false).await;
    }

    async fn checked(&self) {
        let random = &self.world.random;
        let key = hot(random.below(self.world.plan.keys));
        let expect = match random.below(4) {
            0 => Expect::Absent,
            1 => Expect::Present,
            2 => Expect::Version(Version(self.seen.get())),
            _ => {
                let found = self.read(vec![ReadRange::point(key.clone())]).await;
                let Some(found) = found else { return };
                Check::unchanged(key.clone(), found[0].first()).expect
            }
        };
        let mut batch = Batch::default();
        batch.check(Check { key, expect });
        self.edit(&mut batch);
        self.commit(batch, false).await;
    }

    async fn increment(&self) {
        let Some(found) = self.read(vec![ReadRange::point(counter())]).await else { return };
        let found = found[0].first();
        let mut batch = Batch::default();
        batch.check(Check::unchanged(counter(), found));
        let next = found.map_or(0, |entry| number_of(&entry.value)) + 1;
        batch.put(counter(), next.to_string().into_bytes());
        self.commit(batch, true).await;
    }

    async fn read(&self, ranges: Vec<ReadRange>) -> Option<Vec<Vec<Entry>>> {
        let (engine, paged) = self.engine();
        let begin = self.world.history.moment();
        let keys: Option<Vec<_>> = ranges.iter().map(ReadRange::as_point).collect();
        let result = match keys.filter(|_| self.world.random.permille(700)) {
            Some(keys) => {
                let lookup = |(key, range): (_, &ReadRange)| Lookup { key, keys_only: range.keys_only };
                let lookups: Vec<_> = keys.into_iter().zip(&ranges).map(lookup).collect();
                let found = self.patiently(paged.get(&lookups)).await?;
                found.map(|found| found.into_iter().map(|entry| entry.into_iter().collect()).collect())
            }
            None => self.patiently(paged.read(&ranges)).await?,
        };
        let end = self.world.history.moment();
        let found = self.expect_fault(engine, "a read", result)?;
        self.world.history.reads.borrow_mut().push(Read { engine, begin, end, ranges, found: found.clone() });
        Some(found)
    }

    async fn read_some(&self) -> Option<Vec<Vec<Entry>>> {
        let random = &self.world.random;
        let ranges = (0..random.below(4)).map(|_| range_to_read(random, self.world.plan.keys)).collect();
        self.read(ranges).await
    }

    async fn refresh(&self) {
        let (engine, paged) = self.engine();
        let begin = self.world.history.moment();
        let Some(result) = self.patiently(paged.refresh()).await else { return };
        if self.expect_fault(engine, "a refresh", result).is_some() {
            self.world.history.refreshed(engine, begin);
            self.read_some().await;
        }
    }

    async fn checkpoint(&self) {
        let (engine, paged) = self.engine();
        if let Some(result) = self.patiently(paged.checkpoint()).await {
            self.expect_fault(engine, "a checkpoint", result);
        }
    }

    async fn reopen(&self) {
        let (engine, paged) = self.engine();
        self.world.history.closed.borrow_mut().insert(engine);
        let _ = paged.close().await;
        if let Some(engine) = open(&self.world, self.process).await {
            self.world.stats.reopened.add(1);
            self.engine.replace(engine);
        }
    }
}
