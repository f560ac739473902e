//! Where times come from.

use crate::model::Timestamp;
use std::cell::Cell;
use web_time::{SystemTime, UNIX_EPOCH};

/// Tells the time. Injected, so that tests decide it.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock; in a browser that of `Date`, to the millisecond. Before 1970 and after 9999 it shows 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_micros())
            .ok()
            .and_then(|micros| Timestamp::from_micros(micros).ok())
            .unwrap_or_default()
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
