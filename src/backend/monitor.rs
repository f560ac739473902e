//! Keeps the health of a database, and tells its owner of events.

use super::health::{Event, EventKind, Health, Source, State};
use crate::error::Error;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Who is told of events. Called while nothing is borrowed, and not to call back before it has returned.
#[derive(Clone)]
pub struct EventListener(Rc<dyn Fn(Event)>);

impl EventListener {
    /// Tells a function.
    #[must_use]
    pub fn new(hear: impl Fn(Event) + 'static) -> Self {
        Self(Rc::new(hear))
    }
}

impl fmt::Debug for EventListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventListener")
    }
}

/// Keeps the health of a database, and tells its owner of events.
#[derive(Debug, Default)]
pub struct Monitor {
    health: RefCell<Health>,
    listener: Option<EventListener>,
}

impl Monitor {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(listener: Option<EventListener>) -> Self {
        Self { health: RefCell::default(), listener }
    }

    /// How the database fares.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.borrow().clone()
    }

    /// Tells the listener, where there is one.
    pub fn tell(&self, kind: EventKind, message: impl Into<String>) {
        if let Some(EventListener(hear)) = &self.listener {
            hear(Event { kind, message: message.into() });
        }
    }

    /// A connection is being opened where there was one.
    pub fn reconnecting(&self) {
        let mut health = self.health.borrow_mut();
        if health.state == State::Open {
            health.state = State::Reconnecting;
        }
    }

    /// There is a connection; `again` where there was one before.
    pub fn connected(&self, source: Source, again: bool) {
        {
            let mut health = self.health.borrow_mut();
            (health.state, health.source, health.last_error) = (State::Open, source, None);
            health.reconnections += u32::from(again);
        }
        if again {
            self.tell(EventKind::Reconnected, "the connection to the database was cut, and there is a new one");
        }
    }

    /// There was a connection, and no new one can be had.
    pub fn unreachable(&self, error: &Error) {
        let is_news = {
            let mut health = self.health.borrow_mut();
            health.last_error = Some(error.to_string());
            std::mem::replace(&mut health.state, State::NeedsReload) != State::NeedsReload
        };
        if is_news {
            self.tell(EventKind::NeedsReload, error.message());
        }
    }

    /// What was stored is lost; and the database with it, where that `is_gone`.
    pub fn lost(&self, message: &str, is_gone: bool) {
        let is_news = {
            let mut health = self.health.borrow_mut();
            if is_gone {
                health.state = State::Gone;
            }
            health.data_loss.replace(message.to_owned()).is_none()
        };
        if is_news {
            self.tell(EventKind::DataLoss, message);
        }
    }

    /// It is this database of its name.
    pub fn is_generation(&self, generation: u32) {
        self.health.borrow_mut().generation = generation;
    }

    /// Its owner has closed it.
    pub fn closed(&self) {
        self.health.borrow_mut().state = State::Closed;
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn watched() -> (Monitor, Rc<RefCell<Vec<EventKind>>>) {
        let told = Rc::<RefCell<Vec<_>>>::default();
        let heard = told.clone();
        (Monitor::new(Some(EventListener::new(move |event| heard.borrow_mut().push(event.kind)))), told)
    }

    #[test]
    fn a_cut_connection_is_told_when_there_is_another() {
        let (monitor, told) = watched();
        monitor.connected(Source::Own, false);
        monitor.reconnecting();
        assert_eq!(monitor.health().state, State::Reconnecting);
        monitor.connected(Source::Frame, true);
        let Health { state, source, reconnections, .. } = monitor.health();
        assert_eq!((state, source, reconnections), (State::Open, Source::Frame, 1));
        assert_eq!(*told.borrow(), [EventKind::Reconnected]);
    }

    #[test]
    fn what_stays_so_is_told_once() {
        let (monitor, told) = watched();
        let error = Error::new(ErrorKind::Storage, "dead");
        monitor.unreachable(&error);
        monitor.reconnecting();
        monitor.unreachable(&error);
        assert_eq!(monitor.health().last_error.as_deref(), Some("dead [STORAGE]"));
        monitor.lost("emptied", false);
        monitor.lost("emptied", true);
        assert_eq!(monitor.health().state, State::Gone);
        assert_eq!(*told.borrow(), [EventKind::NeedsReload, EventKind::DataLoss]);
        monitor.connected(Source::Own, true);
        monitor.unreachable(&error);
        assert_eq!(told.borrow().len(), 4, "after it was reachable it is news again");
    }
}
