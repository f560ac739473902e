//! Where times come from.

use crate::model::Timestamp;
use std::cell::Cell;

/// Tells the time. Injected, so that tests decide it.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock; in a browser that of `Date`, to the millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct ManualClock(Cell<Timestamp>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(Cell::new(now))
    }

    /// Sets the clock.
    pub fn set(&self, now: Timestamp) {
        self.0.set(now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}

impl<C: Clock + ?Sized> Clock for std::rc::Rc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
