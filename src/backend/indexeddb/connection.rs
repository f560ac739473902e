//! The connection to a database: opened with a time limit, given up when the browser or another tab asks for it, and
//! opened anew when it is needed again.

use super::failure::{self, Failed as _};
use super::tabs::has_locks;
use crate::backend::paged::PagedOptions;
use crate::backend::paged::blob_store::Area;
use crate::error::{Error, ErrorKind, Result};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use indexed_db_futures::database::Database;
use indexed_db_futures::factory::DBFactory;
use indexed_db_futures::internals::SystemRepr as _;
use indexed_db_futures::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbVersionChangeEvent};

/// The version of the database's schema. Version 1 is what a bare `indexedDB.open(name)` leaves behind, an empty
/// database; such a left-over is upgraded like a new one. Versions 2 and 3 were those of layouts before the first release.
const SCHEMA_VERSION: u32 = 4;

/// How the name begins of the object store, an empty one, that has the database's identity in its name: so it is known
/// without a request.
const IDENTITY: &str = "identity:";
/// The same of a database whose creator had no locks.
const GUARDED_IDENTITY: &str = "guarded-identity:";
/// How many identities there are.
const DRAWN_FROM: f64 = 9_007_199_254_740_992.0;

/// How long the browser may take for one call. Milliseconds. Long enough for the largest batch on a slow disk, and for
/// another tab's; without a limit one event that never comes would keep a call, and all that wait for it, for ever.
pub(super) const CALL_TIMEOUT_MS: u32 = 30_000;

/// Options of opening a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// How long opening may take. Milliseconds.
    pub timeout_ms: u32,
    /// Sizes of the engine.
    pub paged: PagedOptions,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { timeout_ms: 10_000, paged: PagedOptions::default() }
    }
}

/// Which database it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// What was drawn when it was created.
    pub(super) number: String,
    /// Whether its creator had no locks.
    pub(super) is_guarded: bool,
}

/// The way to an open database, whatever happens to a single connection.
#[derive(Debug)]
pub(super) struct Connection {
    name: String,
    options: OpenOptions,
    handle: RefCell<Option<Rc<Handle>>>,
    /// Those who wait for a connection that is being opened.
    opening: RefCell<Option<Vec<oneshot::Sender<Error>>>>,
    /// Which database it was, once it has been open.
    identity: RefCell<Option<Identity>>,
    /// Whether it is to save what is left: the database has to exist, and need not have an identity.
    salvages: bool,
    closed: Cell<bool>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Handle {
    database: Database,
    lost: Rc<Cell<bool>>,
    _on_version_change: Closure<dyn FnMut()>,
    _on_close: Closure<dyn FnMut()>,
}

impl Connection {
    pub(super) fn new(name: String, options: OpenOptions) -> Self {
        Self {
            name,
            options,
            handle: RefCell::default(),
            opening: RefCell::default(),
            identity: RefCell::default(),
            salvages: false,
            closed: Cell::new(false),
        }
    }

    /// The way to a database that may be damaged. It is not created.
    pub(super) fn to_salvage(name: String, options: OpenOptions) -> Self {
        Self { salvages: true, ..Self::new(name, options) }
    }

    /// The open connection; a new one where there is none any more. Only one is opened at a time.
    pub(super) async fn handle(&self) -> Result<Rc<Handle>> {
        loop {
            if self.closed.get() {
                return Err(closed());
            }
            if let Some(handle) = self.handle.borrow().as_ref().filter(|handle| !handle.lost.get()) {
                return Ok(handle.clone());
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
        let must_exist = known.is_some() || self.salvages;
        let handle = open(&self.name, self.options, must_exist).await?;
        let identity = handle.identity();
        if identity.is_none() && !self.salvages {
            return Err(Error::new(ErrorKind::Corrupt, format!("the database {:?} lacks its identity", self.name)));
        }
        if known.is_some() && known != identity {
            return Err(gone(&self.name));
        }
        if self.closed.get() {
            return Err(closed());
        }
        self.identity.replace(identity);
        let handle = Rc::new(handle);
        self.handle.replace(Some(handle.clone()));
        Ok(handle)
    }

    /// Whether a call failed because its connection is gone. If so the next call opens a new one, and trusts nothing before.
    pub(super) fn is_lost(&self, handle: &Handle, error: &Error) -> bool {
        if error.kind() == ErrorKind::ConnectionLost {
            handle.lost.set(true);
        }
        handle.lost.get() && !self.closed.get()
    }

    /// Whether the connection is gone and no call has opened a new one yet.
    pub(super) fn has_lost(&self) -> bool {
        self.handle.borrow().as_ref().is_none_or(|handle| handle.lost.get())
    }

    /// What tells this database from another one of the same name.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.identity.borrow().clone()
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
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

impl Handle {
    /// Lets go when another tab wants to delete or upgrade the database, and notices when the browser cuts it off.
    fn new(database: Database) -> Self {
        let lost = Rc::new(Cell::new(false));
        let raw = database.as_sys().clone();
        let on_version_change = {
            let (lost, raw) = (lost.clone(), raw.clone());
            Closure::new(move || {
                lost.set(true);
                raw.close();
            })
        };
        let on_close = {
            let lost = lost.clone();
            Closure::new(move || lost.set(true))
        };
        raw.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
        raw.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Self { database, lost, _on_version_change: on_version_change, _on_close: on_close }
    }

    pub(super) fn database(&self) -> &IdbDatabase {
        self.database.as_sys()
    }

    fn identity(&self) -> Option<Identity> {
        let stores = self.database.as_sys().object_store_names();
        let identity = |name: String| {
            let (number, is_guarded) = match name.strip_prefix(IDENTITY) {
                Some(number) => (number, false),
                None => (name.strip_prefix(GUARDED_IDENTITY)?, true),
            };
            Some(Identity { number: number.to_owned(), is_guarded })
        };
        (0..stores.length()).filter_map(|place| stores.get(place)).find_map(identity)
    }

    /// The error of a call that the browser did not answer. The connection is given up with it.
    pub(super) fn timed_out(&self, doing: &'static str) -> Error {
        self.lost.set(true);
        let message = format!("a {doing} took longer than {CALL_TIMEOUT_MS} ms; whether it took effect is not known");
        Error::new(ErrorKind::Timeout, message)
    }
}

impl Drop for Handle {
    /// Running transactions still end as they should.
    fn drop(&mut self) {
        let raw = self.database.as_sys();
        raw.set_onversionchange(None);
        raw.set_onclose(None);
        raw.close();
    }
}

/// Opens a database. One that `must_exist` is not created anew: what was in it would seem never to have been.
async fn open(name: &str, options: OpenOptions, must_exist: bool) -> Result<Handle> {
    let request = Database::open(name).with_version(SCHEMA_VERSION).build();
    let request = request.map_err(|error| failure::of_opening(error, || refusal(name)))?;
    let raw = request.as_sys().clone();
    let blocked = Rc::new(Cell::new(false));
    let gone = Rc::new(Cell::new(false));
    let is_old = Rc::new(Cell::new(false));
    let on_blocked = {
        let blocked = blocked.clone();
        Closure::<dyn FnMut()>::new(move || blocked.set(true))
    };
    let on_upgrade = {
        let (raw, gone, is_old) = (raw.clone(), gone.clone(), is_old.clone());
        Closure::<dyn FnMut(IdbVersionChangeEvent)>::new(move |event: IdbVersionChangeEvent| {
            gone.set(must_exist && event.old_version() == 0.0);
            is_old.set(event.old_version() > 1.0);
            if gone.get() || is_old.get() || create_stores(&raw).is_err() {
                // Takes the creation back; the request then fails.
                let _ = raw.transaction().map(|upgrade| upgrade.abort());
            }
        })
    };
    raw.set_onblocked(Some(on_blocked.as_ref().unchecked_ref()));
    raw.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));

    let opened = before(options, request, |late| {
        // Whoever waited is gone, and an open connection would block others.
        if let Ok(database) = late {
            database.close();
        }
        drop((on_blocked, on_upgrade));
    });
    let database = match opened.await {
        None if blocked.get() => {
            let message = format!("another tab holds an old version of the database {name:?} open");
            return Err(Error::new(ErrorKind::Blocked, message));
        }
        None => {
            let message = format!("opening the database {name:?} took longer than {} ms", options.timeout_ms);
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        Some(_) if gone.get() => return Err(self::gone(name)),
        Some(_) if is_old.get() => {
            let message = format!(
                "the database {name:?} was written by a pre-release of this software, in a layout that this version does \
                 not read; it was left untouched"
            );
            return Err(Error::new(ErrorKind::Corrupt, message));
        }
        Some(opened) => opened.failed("open the database")?,
    };
    let handle = Handle::new(database);
    let stores = handle.database.as_sys().object_store_names();
    if !Area::ALL.iter().all(|area| stores.contains(area.name())) {
        return Err(Error::new(ErrorKind::Corrupt, format!("the database {name:?} lacks its object stores")));
    }
    Ok(handle)
}

/// What the browser throws where it refuses to open a database at all; the library does not hand it on.
fn refusal(name: &str) -> Option<JsValue> {
    DBFactory::new().ok()?.as_sys().open_with_u32(name, SCHEMA_VERSION).err()
}

fn create_stores(request: &IdbOpenDbRequest) -> Result<(), JsValue> {
    let database: IdbDatabase = request.result()?.unchecked_into();
    let stores = database.object_store_names();
    for area in Area::ALL.iter().filter(|area| !stores.contains(area.name())) {
        database.create_object_store(area.name())?;
    }
    let drawn = (js_sys::Math::random() * DRAWN_FROM) as u64;
    let prefix = if has_locks() { IDENTITY } else { GUARDED_IDENTITY };
    database.create_object_store(&format!("{prefix}{drawn}")).map(drop)
}

pub(super) async fn destroy(name: &str, options: OpenOptions) -> Result<()> {
    let request = DBFactory::new().and_then(|factory| factory.delete_db(name).map_err(Into::into));
    match before(options, request.failed("delete the database")?, drop).await {
        Some(result) => result.failed("delete the database"),
        None => {
            let message = format!("somebody holds the database {name:?} open; it is deleted when they let go");
            Err(Error::new(ErrorKind::Blocked, message))
        }
    }
}

/// What the future gives within the time limit of opening; `None` after it. What it gives later goes to `late`.
async fn before<F: Future + Unpin + 'static>(
    options: OpenOptions,
    future: F,
    late: impl FnOnce(F::Output) + 'static,
) -> Option<F::Output> {
    match select(future, pin!(TimeoutFuture::new(options.timeout_ms))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), future)) => {
            wasm_bindgen_futures::spawn_local(async move { late(future.await) });
            None
        }
    }
}

fn gone(name: &str) -> Error {
    Error::new(ErrorKind::DataLoss, format!("there is no database {name:?} any more, or there never was"))
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed")
}
