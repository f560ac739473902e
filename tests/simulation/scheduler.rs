//! An executor of one thread that polls, at each step, a task that the seed chooses. Processes are groups of tasks: one
//! can be put to sleep and can be killed between any two steps. Time is the number of steps.

use super::random::Random;
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// A group of tasks that sleep and die together.
pub(crate) type Process = u32;
/// What goes on whatever processes do: the disk, the messages, what kills.
pub(crate) const KERNEL: Process = 0;

pub(crate) struct Scheduler {
    random: Rc<Random>,
    tasks: RefCell<Vec<Task>>,
    next_id: Cell<u64>,
    now: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    asleep: RefCell<BTreeMap<Process, u64>>,
    /// Processes whose tasks are chosen less often.
    slow: RefCell<Vec<Process>>,
    /// When everything has ended delays end at once, so that what is left can be taken apart.
    is_over: Cell<bool>,
}

struct Task {
    id: u64,
    process: Process,
    future: Option<LocalBoxFuture<'static, ()>>,
    flag: Arc<Flag>,
    waker: Waker,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Scheduler {
    pub(crate) fn new(random: Rc<Random>) -> Self {
        Self {
            random,
            tasks: RefCell::default(),
            next_id: Cell::new(0),
            now: Cell::new(0),
            timers: RefCell::default(),
            asleep: RefCell::default(),
            slow: RefCell::default(),
            is_over: Cell::new(false),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.get()
    }

    pub(crate) fn spawn(&self, process: Process, future: impl Future<Output = ()> + 'static) {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(flag.clone());
        let id = self.next_id.replace(self.next_id.get() + 1);
        self.tasks.borrow_mut().push(Task { id, process, future: Some(Box::pin(future)), flag, waker });
    }

    /// Ends a process: none of its tasks takes another step.
    pub(crate) fn kill(&self, process: Process) {
        let gone: Vec<Task> = self.tasks.borrow_mut().extract_if(.., |task| task.process == process).collect();
        self.asleep.borrow_mut().remove(&process);
        // Outside the borrow: what is dropped may wake others.
        drop(gone);
    }

    /// Nothing of a process happens for so many steps, unless there is nothing else to be done.
    pub(crate) fn put_to_sleep(&self, process: Process, steps: u64) {
        self.asleep.borrow_mut().insert(process, self.now() + steps);
    }

    pub(crate) fn slow_down(&self, process: Process) {
        self.slow.borrow_mut().push(process);
    }

    /// Waits for so many steps; not at all for none.
    pub(crate) async fn delay(&self, steps: u64) {
        let deadline = self.now() + steps;
        let mut is_set = false;
        poll_fn(|context| {
            if self.is_over.get() || self.now() >= deadline {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut is_set, true) {
                let id = self.next_id.replace(self.next_id.get() + 1);
                self.timers.borrow_mut().insert((deadline, id), context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Runs until no task is left.
    ///
    /// # Errors
    ///
    /// Where some are left and none can go on, or where it takes too long.
    pub(crate) fn run(&self, most_steps: u64) -> Result<(), String> {
        while !self.tasks.borrow().is_empty() {
            self.now.set(self.now() + 1);
            self.fire();
            if let Some(chosen) = self.choose() {
                self.step(chosen);
            } else if !self.skip_to_next_event() {
                return Err("tasks wait for something that never comes".to_owned());
            }
            if self.now() > most_steps {
                return Err(format!("not at an end after {most_steps} steps"));
            }
        }
        Ok(())
    }

    fn fire(&self) {
        let mut timers = self.timers.borrow_mut();
        while let Some(first) = timers.first_entry().filter(|first| first.key().0 <= self.now()) {
            first.remove().wake();
        }
        self.asleep.borrow_mut().retain(|_, until| *until > self.now());
    }

    /// Goes to the next moment at which something happens by itself.
    fn skip_to_next_event(&self) -> bool {
        let timer = self.timers.borrow().first_key_value().map(|((at, _), _)| *at);
        let awake = self.asleep.borrow().values().min().copied();
        let Some(next) = timer.into_iter().chain(awake).min() else { return false };
        self.now.set(self.now().max(next - 1));
        true
    }

    fn choose(&self) -> Option<usize> {
        let (tasks, asleep, slow) = (self.tasks.borrow(), self.asleep.borrow(), self.slow.borrow());
        let is_ready = |task: &Task| task.flag.0.load(Ordering::Relaxed) && !asleep.contains_key(&task.process);
        let ready: Vec<usize> = (0..tasks.len()).filter(|place| is_ready(&tasks[*place])).collect();
        if ready.is_empty() {
            return None;
        }
        let chosen = self.random.pick(&ready);
        Some(if slow.contains(&tasks[chosen].process) { self.random.pick(&ready) } else { chosen })
    }

    fn step(&self, place: usize) {
        let (id, mut future, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let task = &mut tasks[place];
            task.flag.0.store(false, Ordering::Relaxed);
            let Some(future) = task.future.take() else { return };
            (task.id, future, task.waker.clone())
        };
        let is_done = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        let mut tasks = self.tasks.borrow_mut();
        // It may have killed its own process.
        let Some(place) = tasks.iter().position(|task| task.id == id) else { return };
        if is_done {
            tasks.remove(place);
        } else {
            tasks[place].future = Some(future);
        }
    }

    /// Ends all that is left, and every delay that begins after this.
    pub(crate) fn end(&self) {
        self.is_over.set(true);
        self.timers.borrow_mut().clear();
        let tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        drop(tasks);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }
}
