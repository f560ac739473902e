//! The connection to a database: opened with a time limit, given up when the browser or another tab asks for it, and
//! opened anew when it is needed again.

use super::failure;
use super::handle::{self, Handle, Identity};
use super::marks;
use crate::backend::health::{EventKind, Health};
use crate::backend::ladder;
use crate::backend::monitor::{EventListener, Monitor};
use crate::backend::paged::PagedOptions;
use crate::error::{Error, ErrorKind, Result};
use futures_channel::oneshot;
use futures_util::future::join;
use gloo_timers::future::TimeoutFuture;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_time::Instant;

/// How long the browser may take to tell which databases there are. Milliseconds.
const NAMES_MS: u32 = 1_000;

/// What to do where a database cannot be opened at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unopenable {
    /// Opening fails, and everything stays as it is.
    #[default]
    Fails,
    /// The next generation of its name is opened, which is empty where it is new. The other one is left as it is.
    NextGeneration,
}

/// Options of opening a database.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// How long opening may take. Milliseconds.
    pub timeout_ms: u32,
    /// How long the browser may take for one call. Milliseconds. Long enough for the largest batch on a slow disk, and for
    /// another tab's; without a limit one event that never comes would keep a call, and all that wait for it, for ever.
    pub call_timeout_ms: u32,
    /// Sizes of the engine.
    pub paged: PagedOptions,
    /// What to do where it cannot be opened.
    pub unopenable: Unopenable,
    /// Who is told of what happens to it.
    pub listener: Option<EventListener>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            timeout_ms: 10_000,
            call_timeout_ms: 30_000,
            paged: PagedOptions::default(),
            unopenable: Unopenable::default(),
            listener: None,
        }
    }
}

/// The way to an open database, whatever happens to a single connection.
#[derive(Debug)]
pub(super) struct Connection {
    name: String,
    options: OpenOptions,
    /// Which database of the name, once one has been open.
    generation: Cell<u32>,
    handle: RefCell<Option<Rc<Handle>>>,
    /// Those who wait for a connection that is being opened.
    opening: RefCell<Option<Vec<oneshot::Sender<Error>>>>,
    /// Which database it was, once it has been open.
    identity: RefCell<Option<Identity>>,
    /// What is remembered of it outside of IndexedDB, once anything is: whether there are records.
    remembered: Cell<Option<bool>>,
    /// Whether it is to save what is left: the database has to exist, and need not have an identity.
    salvages: bool,
    closed: Cell<bool>,
    monitor: Rc<Monitor>,
}

impl Connection {
    pub(super) fn new(name: String, options: OpenOptions) -> Self {
        Self {
            name,
            generation: Cell::new(1),
            handle: RefCell::default(),
            opening: RefCell::default(),
            identity: RefCell::default(),
            remembered: Cell::new(None),
            salvages: false,
            closed: Cell::new(false),
            monitor: Rc::new(Monitor::new(options.listener.clone())),
            options,
        }
    }

    /// The way to a database that may be damaged. It is not created.
    pub(super) fn to_salvage(name: String, options: OpenOptions) -> Self {
        Self { salvages: true, ..Self::new(name, options) }
    }

    /// How it fares.
    pub(super) fn health(&self) -> Health {
        self.monitor.health()
    }

    /// How long the browser may take for one call. Milliseconds.
    pub(super) const fn call_timeout_ms(&self) -> u32 {
        self.options.call_timeout_ms
    }

    /// The open connection; a new one where there is none any more. Only one is opened at a time.
    pub(super) async fn handle(&self) -> Result<Rc<Handle>> {
        loop {
            if self.closed.get() {
                return Err(closed());
            }
            if let Some(handle) = self.open_handle() {
                return Ok(handle);
            }
            match self.wait_for_opening() {
                None => break,
                Some(failed) => {
                    // The failure is everybody's. Without one there is a connection now, or the other call was given up.
                    if let Ok(error) = failed.await {
                        return Err(error);
                    }
                }
            }
        }
        let opening = Opening(self);
        let opened = self.open().await;
        if let Err(error) = &opened {
            for waiting in opening.end() {
                // One who gave up waiting does not matter.
                let _ = waiting.send(Error::new(error.kind(), error.message().to_owned()));
            }
        }
        opened
    }

    /// The open connection, where there is one.
    pub(super) fn open_handle(&self) -> Option<Rc<Handle>> {
        self.handle.borrow().as_ref().filter(|handle| !handle.is_lost()).cloned()
    }

    /// What tells of a failure while another call opens the connection; where none does, this call is the one from here
    /// on.
    fn wait_for_opening(&self) -> Option<oneshot::Receiver<Error>> {
        let mut opening = self.opening.borrow_mut();
        if let Some(waiting) = opening.as_mut() {
            let (sender, failed) = oneshot::channel();
            waiting.push(sender);
            return Some(failed);
        }
        *opening = Some(Vec::new());
        None
    }

    async fn open(&self) -> Result<Rc<Handle>> {
        let known = self.identity();
        let opened = match &known {
            None => self.open_first().await,
            Some(known) => {
                self.monitor.reconnecting();
                // What is held no longer may be in the way of what is opened.
                self.handle.take();
                self.open_again(known).await
            }
        };
        let handle = opened?;
        if self.closed.get() {
            return Err(closed());
        }
        self.monitor.connected(handle.source(), known.is_some());
        let handle = Rc::new(handle);
        self.handle.replace(Some(handle.clone()));
        Ok(handle)
    }

    /// Opens the newest generation, and notices where the browser has lost what was there.
    async fn open_first(&self) -> Result<Handle> {
        let first = name_of_generation(&self.name, 1);
        let (opened, newest) = join(self.climb(&first, self.salvages), self.newest_generation()).await;
        let (handle, generation) = match opened {
            Ok(handle) if newest == 1 => (handle, 1),
            Ok(_) => (self.climb(&name_of_generation(&self.name, newest), self.salvages).await?, newest),
            Err(error) => self.open_other(error, newest).await?,
        };
        let identity = handle.identity();
        if identity.is_none() && !self.salvages {
            return Err(Error::new(ErrorKind::Corrupt, format!("the database {:?} lacks its identity", self.name)));
        }
        self.generation.set(generation);
        self.monitor.is_generation(generation);
        if generation > 1 {
            let message =
                format!("the database {:?} could not be opened; this is its generation {generation}", self.name);
            self.monitor.tell(EventKind::Generation, message);
        }
        self.look_for_loss(&handle, generation).await;
        self.identity.replace(identity);
        Ok(handle)
    }

    /// Where the first generation cannot be opened: opens the newest one, or the next one where that is wanted.
    async fn open_other(&self, error: Error, newest: u32) -> Result<(Handle, u32)> {
        let is_lost = error.kind() == ErrorKind::Storage;
        let error = match newest {
            1 => error,
            _ if !is_lost => return Err(error),
            _ => match self.climb(&name_of_generation(&self.name, newest), self.salvages).await {
                Ok(handle) => return Ok((handle, newest)),
                Err(error) => error,
            },
        };
        if error.kind() != ErrorKind::Storage || self.salvages || self.options.unopenable == Unopenable::Fails {
            return Err(error);
        }
        let next = newest + 1;
        let handle = self.climb(&name_of_generation(&self.name, next), false).await?;
        self.monitor.lost("the database could not be opened, and a new one took its place", false);
        Ok((handle, next))
    }

    async fn newest_generation(&self) -> u32 {
        newest_generation(&self.name).await
    }

    async fn look_for_loss(&self, handle: &Handle, generation: u32) {
        if let Some(message) = handle.loss() {
            self.monitor.lost(&message, false);
        } else if handle.is_new() && generation == 1 && marks::has_been(&self.name).await {
            let message = "there was a database of this name, and it is gone; this one is new and empty";
            self.monitor.lost(message, false);
        }
    }

    /// Whether there were records in this database, as far as is known outside of it.
    pub(super) async fn had_records(&self) -> bool {
        let number = self.identity().unwrap_or_default().number;
        marks::had_records(&self.name, &number).await
    }

    /// All records are gone.
    pub(super) fn is_emptied(&self) {
        self.monitor.lost("there were records in this database, and they are gone; it is empty", false);
    }

    /// Keeps in mind, outside of IndexedDB, that there is this database, and whether it has records.
    pub(super) fn remember(&self, has_records: bool) {
        if self.remembered.replace(Some(has_records)) != Some(has_records)
            && let Some(identity) = self.identity.borrow().as_ref()
        {
            marks::remember(&self.name, &identity.number, has_records);
        }
    }

    async fn open_again(&self, known: &Identity) -> Result<Handle> {
        let opened = self.climb(&name_of_generation(&self.name, self.generation.get()), true).await;
        let opened = opened.and_then(|handle| match handle.identity() {
            identity if identity.as_ref() == Some(known) => Ok(handle),
            None => Err(Error::new(ErrorKind::Corrupt, format!("the database {:?} lacks its identity", self.name))),
            Some(_) => Err(gone(&self.name)),
        });
        if let Err(error) = &opened {
            match error.kind() {
                ErrorKind::DataLoss => self.monitor.lost(error.message(), true),
                kind if kind.is_retryable() => self.monitor.unreachable(error),
                _ => {}
            }
        }
        opened
    }

    /// Opens a database, trying what there is to try.
    async fn climb(&self, name: &str, must_exist: bool) -> Result<Handle> {
        let began = Instant::now();
        let left = || {
            let gone = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
            self.options.timeout_ms.saturating_sub(gone)
        };
        let (mut failures, mut fresh) = (0, false);
        loop {
            let left_ms = left();
            let limit_ms = ladder::limit_of_opening(failures, left_ms);
            let error = match handle::open(name, must_exist, (limit_ms, left_ms), fresh, self.monitor.clone()).await {
                Err(error) if may_heal(error.kind()) && !self.closed.get() => error,
                result => return result,
            };
            failures += 1;
            let Some(attempt) = ladder::after_opening(failures, left()) else { return Err(error) };
            TimeoutFuture::new(attempt.after_ms).await;
            fresh = attempt.fresh;
        }
    }

    /// Whether a call that failed is to be made again over a new connection, after that many failures: then waits as long as is
    /// good.
    pub(super) async fn may_try_again(&self, handle: &Handle, error: &Error, failures: usize) -> bool {
        if !may_heal(error.kind()) {
            return false;
        }
        handle.lose();
        match ladder::after_call(failures) {
            Some(pause_ms) if !self.closed.get() => {
                TimeoutFuture::new(pause_ms).await;
                true
            }
            _ => false,
        }
    }

    /// Whether the connection is gone and no call has opened a new one yet.
    pub(super) fn has_lost(&self) -> bool {
        self.handle.borrow().as_ref().is_none_or(|handle| handle.is_lost())
    }

    /// What tells this database from another one of the same name.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.identity.borrow().clone()
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
        self.monitor.closed();
        self.handle.take();
    }
}

/// The opening of a connection by one call for all; ends when it is dropped.
struct Opening<'a>(&'a Connection);

impl Opening<'_> {
    fn end(&self) -> Vec<oneshot::Sender<Error>> {
        self.0.opening.take().unwrap_or_default()
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        // Those who wait notice that nobody tells them of a failure.
        drop(self.end());
    }
}

/// Whether another connection may help.
const fn may_heal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Storage | ErrorKind::ConnectionLost | ErrorKind::Timeout)
}

/// Deletes all generations of a database. Where one can be neither opened nor deleted the next one, empty, takes its place.
pub(super) async fn destroy(name: &str, options: &OpenOptions) -> Result<()> {
    let newest = newest_generation(name).await;
    let mut stays = None;
    for generation in 1..=newest {
        let name = name_of_generation(name, generation);
        let mut failures = 0;
        while let Err(error) = handle::destroy(&name, options.timeout_ms, failures > 1).await {
            failures += 1;
            match ladder::after_opening(failures, options.timeout_ms) {
                Some(attempt) if may_heal(error.kind()) => TimeoutFuture::new(attempt.after_ms).await,
                _ if error.kind() != ErrorKind::Storage => return Err(error),
                _ => {
                    stays = Some(error);
                    break;
                }
            }
        }
    }
    marks::forget(name);
    let Some(error) = stays else { return Ok(()) };
    let fresh = Connection::new(name_of_generation(name, newest + 1), options.clone());
    fresh.climb(&fresh.name, false).await.map(drop).map_err(|_| error)
}

/// The name under which a generation of a database is stored.
fn name_of_generation(name: &str, generation: u32) -> String {
    if generation == 1 { name.to_owned() } else { format!("{name} (generation {generation})") }
}

/// The newest generation that there is; 1 where there is none.
async fn newest_generation(name: &str) -> u32 {
    let generation = |other: &String| -> Option<u32> {
        let generation = other.strip_prefix(name)?.strip_prefix(" (generation ")?.strip_suffix(')')?.parse().ok()?;
        (name_of_generation(name, generation) == *other).then_some(generation)
    };
    handle::names(NAMES_MS).await.iter().filter_map(generation).max().unwrap_or(1)
}

pub(super) fn gone(name: &str) -> Error {
    Error::new(ErrorKind::DataLoss, format!("there is no database {name:?} any more, or there never was"))
}

fn closed() -> Error {
    failure::closed()
}
