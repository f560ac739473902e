//! First come, first served, key by key: calls on one database that change the same key take turns in the order in which
//! they were made, and those on different keys do not wait for each other.
//!
//! A key here is that of an entry, which its changes take alone, or of a namespace, which changes of its entries share
//! and which a change of all of it takes alone.
//!
//! Correctness does not rest on this, but on the checks of a commit. The turns keep the order of calls that were not
//! awaited, and spare them conflicts with each other.

use crate::model::repeats::first_places;
use crate::model::tuple::Key;
use futures_channel::oneshot;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// How a key is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Together with others who share it.
    Shared,
    /// By nobody else.
    Alone,
}

/// The keys that calls hold, each with those who wait for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyLocks(Rc<RefCell<HashMap<Key, Queue>>>);

#[derive(Debug, Default)]
struct Queue {
    holders: usize,
    held_alone: bool,
    waiting: VecDeque<(Mode, oneshot::Sender<()>)>,
}

/// One place in the queue of one key: given up when dropped, whether its turn has come or not.
#[derive(Debug)]
struct Place {
    locks: KeyLocks,
    key: Key,
    /// `None` once the turn has come.
    turn: Option<oneshot::Receiver<()>>,
}

/// Holds keys until it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct KeyGuard {
    _places: Vec<Place>,
}

impl KeyLocks {
    /// Takes a place in the queue of every key at once, then waits until its turn has come in all of them.
    ///
    /// Because the places are taken together, two calls are in the same order in every queue, so none can wait for
    /// another in a circle.
    /// A key that is named twice is taken once.
    pub(crate) async fn lock(&self, keys: Vec<(Key, Mode)>) -> KeyGuard {
        let first = first_places(keys.iter().map(|(key, _)| key.as_bytes()));
        let named_first = keys.into_iter().zip(first).enumerate().filter(|(place, (_, first))| place == first);
        let mut places: Vec<Place> = named_first.map(|(_, ((key, mode), _))| self.enqueue(key, mode)).collect();
        for place in &mut places {
            if let Some(turn) = &mut place.turn {
                // A sender is never dropped unsent while its place is held.
                let _ = turn.await;
                place.turn = None;
            }
        }
        KeyGuard { _places: places }
    }

    fn enqueue(&self, key: Key, mode: Mode) -> Place {
        let mut queues = self.0.borrow_mut();
        let queue = queues.entry(key.clone()).or_default();
        let turn = if queue.waiting.is_empty() && queue.admits(mode) {
            queue.admit(mode);
            None
        } else {
            let (sender, turn) = oneshot::channel();
            queue.waiting.push_back((mode, sender));
            Some(turn)
        };
        drop(queues);
        Place { locks: self.clone(), key, turn }
    }

    /// One holder less; those whose turn has come by that get the key.
    fn release(&self, key: &Key) {
        let mut queues = self.0.borrow_mut();
        let Some(queue) = queues.get_mut(key) else { return };
        queue.holders = queue.holders.saturating_sub(1);
        queue.held_alone = queue.held_alone && queue.holders > 0;
        while let Some((mode, next)) = queue.waiting.pop_front() {
            if !queue.admits(mode) {
                queue.waiting.push_front((mode, next));
                break;
            }
            // Those who gave up waiting are passed over.
            if next.send(()).is_ok() {
                queue.admit(mode);
            }
        }
        if queue.holders == 0 {
            queues.remove(key);
        }
    }
}

impl Queue {
    const fn admits(&self, mode: Mode) -> bool {
        self.holders == 0 || (matches!(mode, Mode::Shared) && !self.held_alone)
    }

    fn admit(&mut self, mode: Mode) {
        self.holders += 1;
        self.held_alone = mode == Mode::Alone;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let its_turn = match self.turn.take() {
            None => true,
            // Closing first: from here on the key cannot be handed to this place any more.
            Some(mut turn) => {
                turn.close();
                matches!(turn.try_recv(), Ok(Some(())))
            }
        };
        if its_turn {
            self.locks.release(&self.key);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn keys<const N: usize>(names: [&str; N]) -> Vec<(Key, Mode)> {
        names.map(|name| (Key::new().text(name), Mode::Alone)).into()
    }

    fn shared(name: &str) -> Vec<(Key, Mode)> {
        vec![(Key::new().text(name), Mode::Shared)]
    }

    #[test]
    fn those_who_share_hold_a_key_together_and_nobody_jumps_the_queue() {
        let locks = KeyLocks::default();
        let first = poll(pin!(locks.lock(shared("a")))).unwrap();
        let second = poll(pin!(locks.lock(shared("a")))).unwrap();
        let mut alone = pin!(locks.lock(keys(["a"])));
        let mut later = pin!(locks.lock(shared("a")));
        assert!(poll(alone.as_mut()).is_none());
        assert!(poll(later.as_mut()).is_none(), "it came after the one who wants it alone");
        drop(first);
        assert!(poll(alone.as_mut()).is_none(), "one of two still holds it");
        drop(second);
        let alone = poll(alone).unwrap();
        assert!(poll(later.as_mut()).is_none());
        drop(alone);
        let later = poll(later).unwrap();
        let together = poll(pin!(locks.lock(shared("a")))).unwrap();
        drop((later, together));
        assert!(locks.0.borrow().is_empty());
    }

    #[test]
    fn turns_come_in_the_order_of_asking_and_other_keys_do_not_wait() {
        let locks = KeyLocks::default();
        let first = poll(pin!(locks.lock(keys(["a"])))).unwrap();
        let mut second = pin!(locks.lock(keys(["a", "b"])));
        let mut third = pin!(locks.lock(keys(["b"])));
        assert!(poll(second.as_mut()).is_none());
        assert!(poll(third.as_mut()).is_none(), "the second stands before the third");
        assert!(poll(pin!(locks.lock(keys(["c"])))).is_some());
        drop(first);
        let second = poll(second).unwrap();
        assert!(poll(third.as_mut()).is_none());
        drop(second);
        assert!(poll(third).is_some());
        assert!(locks.0.borrow().is_empty(), "no queue is left behind");
    }

    #[test]
    fn a_place_given_up_passes_the_turn_on_and_never_jumps_the_queue() {
        let locks = KeyLocks::default();
        let first = poll(pin!(locks.lock(keys(["a"])))).unwrap();
        {
            let mut gone = pin!(locks.lock(keys(["a"])));
            assert!(poll(gone.as_mut()).is_none());
        }
        let mut second = pin!(locks.lock(keys(["a"])));
        assert!(poll(second.as_mut()).is_none(), "the first still holds the key");
        drop(first);
        assert!(poll(second).is_some());

        let first = poll(pin!(locks.lock(keys(["a"])))).unwrap();
        let mut third = pin!(locks.lock(keys(["a"])));
        {
            let mut handed_over_but_gone = pin!(locks.lock(keys(["a"])));
            assert!(poll(handed_over_but_gone.as_mut()).is_none());
            assert!(poll(third.as_mut()).is_none());
            drop(first);
        }
        assert!(poll(third).is_some());
        assert!(locks.0.borrow().is_empty());
    }
}
