//! The other engines as one process sees them: holds that an end of the process releases, messages that come late or never.

use super::scheduler::{KERNEL, Process};
use super::world::{Locks, World};
use agent_datastore::backend::paged::blob_store::{Hold, Neighbours, Task};
use agent_datastore::{Error, ErrorKind, Result};
use async_trait::async_trait;
use std::rc::Rc;

pub(crate) struct SimNeighbours {
    pub(crate) world: Rc<World>,
    pub(crate) process: Process,
}

impl SimNeighbours {
    fn fail_sometimes(&self) -> Result<()> {
        if !self.world.is_faulty() {
            return Ok(());
        }
        self.world.stats.faults.add(1);
        Err(Error::new(ErrorKind::Storage, "an injected fault of a lock"))
    }
}

#[async_trait(?Send)]
impl Neighbours for SimNeighbours {
    fn has_locks(&self) -> bool {
        self.world.plan.has_locks(self.process)
    }

    fn may_trim(&self) -> bool {
        self.has_locks() || self.world.plan.locks == Locks::None
    }

    async fn stand(&self, epoch: u64) -> Result<Hold> {
        self.world.pause().await;
        if !self.world.plan.has_locks(self.process) {
            return Ok(Hold::none());
        }
        self.fail_sometimes()?;
        let id = self.world.take_hold(self.process, Some(epoch));
        if self.world.sabotage.is_some_and(|sabotage| sabotage.stands_late()) {
            self.world.release(id);
            let (world, process) = (self.world.clone(), self.process);
            self.world.scheduler.spawn(KERNEL, async move {
                world.scheduler.delay(world.random.below(200)).await;
                if world.is_alive(process) {
                    world.take_hold_again(id, process, epoch);
                }
            });
        }
        let world = self.world.clone();
        let hold = Hold::new(move || world.release(id));
        self.world.pause().await;
        Ok(hold)
    }

    async fn lowest(&self) -> Result<Option<u64>> {
        if !self.world.plan.has_locks(self.process) {
            return Ok(None);
        }
        self.world.pause().await;
        self.fail_sometimes()?;
        let lowest = self.world.lowest_hold();
        self.world.pause().await;
        Ok(lowest.filter(|_| !self.world.sabotage.is_some_and(|sabotage| sabotage.sees_nobody())))
    }

    async fn lead(&self) -> Option<Hold> {
        if !self.world.plan.has_locks(self.process) {
            return Some(Hold::none());
        }
        self.world.pause().await;
        if self.world.is_led() {
            return None;
        }
        let id = self.world.take_hold(self.process, None);
        let world = self.world.clone();
        Some(Hold::new(move || world.release(id)))
    }

    fn draw(&self) -> u64 {
        self.world.random.below(u64::MAX)
    }

    fn announce(&self, head: u64) {
        for other in self.world.living().into_iter().filter(|other| *other != self.process) {
            if self.world.random.permille(self.world.plan.announced) {
                let world = self.world.clone();
                let delay = world.random.below(60);
                self.world.scheduler.spawn(KERNEL, async move {
                    world.scheduler.delay(delay).await;
                    let engine = world.engine_of(other);
                    if let Some(engine) = engine {
                        engine.hear(head);
                    }
                });
            }
        }
    }

    async fn pause(&self) {
        self.world.scheduler.delay(self.world.random.below(200)).await;
    }

    async fn idle(&self) {
        self.world.scheduler.delay(self.world.random.below(40)).await;
    }

    fn spawn(&self, task: Task) -> Option<Task> {
        if !self.world.plan.can_spawn {
            return Some(task);
        }
        self.world.scheduler.spawn(self.process, task);
        None
    }
}
