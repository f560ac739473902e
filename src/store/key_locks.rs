//! First come, first served, key by key: calls on one database that change the same key take turns in the order in which
//! they were made, and those on different keys do not wait for each other.
//!
//! Correctness does not rest on this, but on the checks of a commit. The turns keep the order of calls that were not
//! awaited, and spare them conflicts with each other.

use crate::model::tuple::Key;
use futures_channel::oneshot;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// The keys that calls are changing, each with those who wait for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyLocks(Rc<RefCell<HashMap<Key, VecDeque<oneshot::Sender<()>>>>>);

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
    /// Takes a place in the queue of every key at once, then waits until it is first in all of them.
    ///
    /// Because the places are taken together, two calls are in the same order in every queue, so none can wait for
    /// another in a circle.
    pub(crate) async fn lock(&self, keys: impl IntoIterator<Item = Key>) -> KeyGuard {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut places: Vec<Place> = keys.into_iter().map(|key| self.enqueue(key)).collect();
        for place in &mut places {
            if let Some(turn) = &mut place.turn {
                // A sender is never dropped unsent while its place is held.
                let _ = turn.await;
                place.turn = None;
            }
        }
        KeyGuard { _places: places }
    }

    fn enqueue(&self, key: Key) -> Place {
        let mut queues = self.0.borrow_mut();
        let turn = match queues.get_mut(&key) {
            Some(waiting) => {
                let (sender, turn) = oneshot::channel();
                waiting.push_back(sender);
                Some(turn)
            }
            None => {
                queues.insert(key.clone(), VecDeque::new());
                None
            }
        };
        Place { locks: self.clone(), key, turn }
    }

    /// Gives the key to the first who still waits for it.
    fn release(&self, key: &Key) {
        let mut queues = self.0.borrow_mut();
        let Some(waiting) = queues.get_mut(key) else { return };
        if !std::iter::from_fn(|| waiting.pop_front()).any(|next| next.send(()).is_ok()) {
            queues.remove(key);
        }
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

    fn keys<const N: usize>(names: [&str; N]) -> [Key; N] {
        names.map(|name| Key::new().text(name))
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
