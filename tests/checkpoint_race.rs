//! A checkpoint is written although its own engine awaits one commit after another, and is not written again and again.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::Result;
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::blob_store::{
    Area, Blob, BlobRange, BlobStore, Change, Hold, Neighbours, Task, Write,
};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::Batch;
use agent_datastore::model::tuple::Key;
use async_trait::async_trait;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// How many steps a request takes; a blob more makes it longer, so a commit is always faster than a checkpoint.
const REQUEST: usize = 3;

async fn steps(count: usize) {
    let mut left = count;
    poll_fn(|_| match left.checked_sub(1) {
        Some(less) => {
            left = less;
            Poll::Pending
        }
        None => Poll::Ready(()),
    })
    .await;
}

/// Blobs whose requests take their time.
struct Slow {
    space: BlobSpace,
    page_writes: Cell<usize>,
    checkpoints: Cell<usize>,
}

#[async_trait(?Send)]
impl BlobStore for Slow {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        steps(REQUEST).await;
        Ok(self.space.read(ranges))
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        steps(REQUEST).await;
        Ok(self.space.numbers(area))
    }

    async fn write(&self, write: &Write) -> Result<()> {
        let has_pages = write.changes.iter().any(|change| matches!(change, Change::Add(Area::Page, ..)));
        self.page_writes.set(self.page_writes.get() + usize::from(has_pages));
        steps(REQUEST + write.changes.len()).await;
        let written = self.space.write(write);
        self.checkpoints.set(self.checkpoints.get() + usize::from(has_pages && written.is_ok()));
        written
    }

    fn close(&self) {}
}

/// Nobody else, and an event loop.
#[derive(Default)]
struct Alone {
    space: BlobSpace,
    tasks: RefCell<Vec<Task>>,
}

#[async_trait(?Send)]
impl Neighbours for Alone {
    fn has_locks(&self) -> bool {
        true
    }

    async fn stand(&self, epoch: u64) -> Result<Hold> {
        Ok(self.space.stand(epoch))
    }

    async fn lowest(&self) -> Result<Option<u64>> {
        Ok(self.space.lowest())
    }

    async fn lead(&self) -> Option<Hold> {
        self.space.lead()
    }

    fn draw(&self) -> u64 {
        self.space.draw()
    }

    fn announce(&self, _head: u64) {}

    async fn pause(&self) {
        steps(10_000).await;
    }

    async fn idle(&self) {
        steps(5).await;
    }

    fn spawn(&self, task: Task) -> Option<Task> {
        self.tasks.borrow_mut().push(task);
        None
    }
}

/// Polls a future and all that it spawned in turns. Returns how many it took.
fn run<T>(alone: &Alone, future: impl Future<Output = T>) -> (T, usize) {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for turn in 1..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, turn);
        }
        let mut tasks = alone.tasks.take();
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        alone.tasks.borrow_mut().append(&mut tasks);
    }
    panic!("it does not end");
}

#[test]
fn a_checkpoint_gets_its_turn_between_commits_that_follow_one_another() {
    let space = BlobSpace::default();
    let store = Rc::new(Slow { space: space.clone(), page_writes: Cell::default(), checkpoints: Cell::default() });
    let alone = Rc::new(Alone { space: space.clone(), tasks: RefCell::default() });
    let options = PagedOptions { checkpoint_bytes: 16 * 1024, ..PagedOptions::default() };
    let commits = 1_000_u64;
    let ((), turns) = run(&alone, async {
        let engine = Paged::open(store.clone(), alone.clone(), options).await.unwrap();
        for number in 0..commits {
            let mut batch = Batch::default();
            batch.put(Key::new().number(number), vec![7; 400]);
            engine.commit(batch).await.unwrap();
        }
        engine.checkpoint().await.unwrap();
        assert_eq!(engine.verify().await.unwrap().entries, commits);
    });
    let (written, tried) = (store.checkpoints.get(), store.page_writes.get());
    println!("{written} checkpoints, {tried} tried, {turns} turns");
    assert!(written >= 5, "only {written} checkpoints were written");
    assert!(tried <= written * 3, "{written} checkpoints were written {tried} times");
    let log = space.numbers(Area::Log).len();
    assert!(log < 200, "{log} blobs of the log are left");
    // Waiting for a checkpoint ends with it, not when the pause does.
    assert!(turns < 60_000, "it took {turns} turns");
}
