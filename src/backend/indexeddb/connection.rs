//! The connection to a database: opened with a time limit, given up when the browser or another tab asks for it, and
//! opened anew when it is needed again.

use super::failure::Failed;
use super::{ENTRY, META};
use crate::error::{Error, ErrorKind, Result};
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
/// database; such a left-over is upgraded like a new one.
const SCHEMA_VERSION: u32 = 2;

/// Options of opening a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// How long opening may take. Milliseconds.
    pub timeout_ms: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { timeout_ms: 10_000 }
    }
}

/// The way to an open database, whatever happens to a single connection.
#[derive(Debug)]
pub(super) struct Connection {
    name: String,
    options: OpenOptions,
    handle: RefCell<Option<Rc<Handle>>>,
    was_open: Cell<bool>,
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
        Self { name, options, handle: RefCell::default(), was_open: Cell::new(false), closed: Cell::new(false) }
    }

    /// The open connection; a new one where there is none any more.
    pub(super) async fn handle(&self) -> Result<Rc<Handle>> {
        if self.closed.get() {
            return Err(closed());
        }
        if let Some(handle) = self.live_handle() {
            return Ok(handle);
        }
        let opened = Rc::new(open(&self.name, self.options, self.was_open.get()).await?);
        if self.closed.get() {
            return Err(closed());
        }
        // Another call may have been faster. Then this connection closes as it is dropped.
        if let Some(handle) = self.live_handle() {
            return Ok(handle);
        }
        self.was_open.set(true);
        self.handle.replace(Some(opened.clone()));
        Ok(opened)
    }

    /// Whether a call failed because its connection is gone. If so the next call opens a new one.
    pub(super) fn is_lost(&self, handle: &Handle, error: &Error) -> bool {
        if error.kind() == ErrorKind::ConnectionLost {
            handle.lost.set(true);
        }
        handle.lost.get() && !self.closed.get()
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
        self.handle.take();
    }

    fn live_handle(&self) -> Option<Rc<Handle>> {
        self.handle.borrow().as_ref().filter(|handle| !handle.lost.get()).cloned()
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

    pub(super) fn database(&self) -> &Database {
        &self.database
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
    let request = Database::open(name).with_version(SCHEMA_VERSION).build().failed("open the database")?;
    let raw = request.as_sys().clone();
    let blocked = Rc::new(Cell::new(false));
    let gone = Rc::new(Cell::new(false));
    let on_blocked = {
        let blocked = blocked.clone();
        Closure::<dyn FnMut()>::new(move || blocked.set(true))
    };
    let on_upgrade = {
        let (raw, gone) = (raw.clone(), gone.clone());
        Closure::<dyn FnMut(IdbVersionChangeEvent)>::new(move |event: IdbVersionChangeEvent| {
            gone.set(must_exist && event.old_version() == 0.0);
            if gone.get() || create_stores(&raw).is_err() {
                // Takes the creation back; the request then fails.
                let _ = raw.transaction().map(|upgrade| upgrade.abort());
            }
        })
    };
    raw.set_onblocked(Some(on_blocked.as_ref().unchecked_ref()));
    raw.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));

    let opened = in_time(options, request, |late| {
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
        Some(_) if gone.get() => {
            let message = format!("the database {name:?} was deleted while it was open");
            return Err(Error::new(ErrorKind::DataLoss, message));
        }
        Some(opened) => opened.failed("open the database")?,
    };
    let handle = Handle::new(database);
    let stores = handle.database.as_sys().object_store_names();
    if stores.contains(ENTRY) && stores.contains(META) {
        return Ok(handle);
    }
    Err(Error::new(ErrorKind::Corrupt, format!("the database {name:?} lacks its object stores")))
}

fn create_stores(request: &IdbOpenDbRequest) -> Result<(), JsValue> {
    let database: IdbDatabase = request.result()?.unchecked_into();
    let stores = database.object_store_names();
    for store in [ENTRY, META].into_iter().filter(|store| !stores.contains(store)) {
        database.create_object_store(store)?;
    }
    Ok(())
}

pub(super) async fn destroy(name: &str, options: OpenOptions) -> Result<()> {
    let request = DBFactory::new().and_then(|factory| factory.delete_db(name).map_err(Into::into));
    match in_time(options, request.failed("delete the database")?, drop).await {
        Some(result) => result.failed("delete the database"),
        None => {
            let message = format!("somebody holds the database {name:?} open; it is deleted when they let go");
            Err(Error::new(ErrorKind::Blocked, message))
        }
    }
}

/// What the future gives within the time limit; `None` after it. What it gives later goes to `late`.
async fn in_time<F: Future + Unpin + 'static>(
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

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed")
}
