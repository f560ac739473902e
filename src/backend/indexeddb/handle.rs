//! One connection, and what `connection.js` does for it.

use super::connection::gone;
use super::failure;
use super::tabs::has_locks;
use crate::backend::health::{EventKind, Source};
use crate::backend::monitor::Monitor;
use crate::backend::paged::blob_store::Area;
use crate::error::{Error, ErrorKind, Result};
use js_sys::{Array, Promise};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

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

#[wasm_bindgen(module = "/src/backend/indexeddb/connection.js")]
extern "C" {
    #[derive(Debug)]
    type Connection;
    #[wasm_bindgen(method, getter, js_name = isLost)]
    fn is_lost(this: &Connection) -> bool;
    #[wasm_bindgen(method, setter, js_name = isLost)]
    fn set_lost(this: &Connection, lost: bool);
    #[wasm_bindgen(method, getter, js_name = isNew)]
    fn is_new(this: &Connection) -> bool;
    #[wasm_bindgen(method, getter)]
    fn loss(this: &Connection) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn source(this: &Connection) -> String;
    #[wasm_bindgen(method, getter)]
    fn stores(this: &Connection) -> String;
    #[wasm_bindgen(method)]
    fn begin(this: &Connection, stores: &str, durability: Option<&str>) -> Burst;
    #[wasm_bindgen(method)]
    fn close(this: &Connection);

    pub(super) type Burst;
    #[wasm_bindgen(method)]
    pub(super) fn add(this: &Burst, store: &str, number: f64, bytes: &[u8]);
    #[wasm_bindgen(method)]
    pub(super) fn put(this: &Burst, store: &str, number: f64, bytes: &[u8]);
    #[wasm_bindgen(method)]
    pub(super) fn delete(this: &Burst, store: &str, first: f64, last: f64);
    #[wasm_bindgen(method)]
    pub(super) fn get(this: &Burst, store: &str, number: f64);
    #[wasm_bindgen(method, js_name = getAll)]
    pub(super) fn get_all(this: &Burst, store: &str, first: f64, last: f64);
    #[wasm_bindgen(method, js_name = getKeys)]
    pub(super) fn get_keys(this: &Burst, store: &str);
    #[wasm_bindgen(method, catch)]
    fn send(this: &Burst) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn end(this: &Burst, limit_ms: u32, stalled: Option<&Closure<dyn FnMut()>>) -> Promise;

    #[wasm_bindgen(js_name = open)]
    fn open_database(
        name: &str,
        version: u32,
        stores: &str,
        must_exist: bool,
        limit_ms: u32,
        patience_ms: u32,
        fresh: bool,
    ) -> Promise;
    #[wasm_bindgen(js_name = destroy)]
    fn destroy_database(name: &str, limit_ms: u32, fresh: bool) -> Promise;
    #[wasm_bindgen(js_name = names)]
    fn database_names(limit_ms: u32) -> Promise;
    #[wasm_bindgen(js_name = serveWorkers)]
    pub(crate) fn serve_workers();
}

/// Which database it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// What was drawn when it was created.
    pub(super) number: String,
    /// Whether its creator had no locks.
    pub(super) is_guarded: bool,
}

/// One connection. Closed when it is dropped.
#[derive(Debug)]
pub(super) struct Handle {
    connection: Connection,
    stalled: Closure<dyn FnMut()>,
}

impl Handle {
    /// Whether the browser cut it off, or it let go because another tab deletes or upgrades the database.
    pub(super) fn is_lost(&self) -> bool {
        self.connection.is_lost()
    }

    /// Gives it up.
    pub(super) fn lose(&self) {
        self.connection.set_lost(true);
    }

    /// Whether the database was created with it.
    pub(super) fn is_new(&self) -> bool {
        self.connection.is_new()
    }

    /// What the browser says of data that it has lost.
    pub(super) fn loss(&self) -> Option<String> {
        self.connection.loss()
    }

    pub(super) fn source(&self) -> Source {
        match self.connection.source().as_str() {
            "own" => Source::Own,
            "frame" => Source::Frame,
            _ => Source::Page,
        }
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        self.connection.stores().split(',').find_map(|name| {
            let (number, is_guarded) = match name.strip_prefix(IDENTITY) {
                Some(number) => (number, false),
                None => (name.strip_prefix(GUARDED_IDENTITY)?, true),
            };
            Some(Identity { number: number.to_owned(), is_guarded })
        })
    }

    /// A burst over object stores whose names are joined by commas; a write, where a durability is given. Nothing is sent yet.
    pub(super) fn begin(&self, stores: &str, durability: Option<&str>) -> Burst {
        self.connection.begin(stores, durability)
    }

    /// Sends a burst whole; where that fails, nothing of it.
    pub(super) fn send(&self, burst: &Burst, doing: &'static str) -> Result<()> {
        burst.send().map_err(|error| failure::of_sending(doing, error))
    }

    /// What a burst asked for that was sent. After the time limit the connection is given up.
    pub(super) async fn end(&self, burst: &Burst, limit_ms: u32, doing: &'static str) -> Result<Array> {
        let answers = JsFuture::from(burst.end(limit_ms, Some(&self.stalled))).await;
        let answers = answers.map_err(|error| failure::of_thrown(doing, error))?;
        if !answers.is_null() {
            return Ok(answers.unchecked_into());
        }
        self.lose();
        Err(Error::new(ErrorKind::Timeout, format!("a {doing} took longer than {limit_ms} ms")))
    }

    /// Whether a burst for which nobody waits took effect; the connection stays as it is.
    pub(super) async fn has_ended(&self, burst: &Burst, limit_ms: u32) -> bool {
        JsFuture::from(burst.end(limit_ms, None)).await.is_ok_and(|answers| !answers.is_null())
    }
}

impl Drop for Handle {
    /// Running transactions still end as they should.
    fn drop(&mut self) {
        self.connection.close();
    }
}

/// Opens a database. One that `must_exist` is not created anew: what was in it would seem never to have been. The limits are
/// that of the attempt, and that where another tab is in the way.
pub(super) async fn open(
    name: &str,
    must_exist: bool,
    (limit_ms, patience_ms): (u32, u32),
    fresh: bool,
    monitor: Rc<Monitor>,
) -> Result<Handle> {
    let opened = open_database(name, SCHEMA_VERSION, &stores(), must_exist, limit_ms, patience_ms, fresh);
    let connection = JsFuture::from(opened).await.map_err(|refusal| match refusal.as_string().as_deref() {
        Some("gone") if must_exist => gone(name),
        // A page that was asked for help creates nothing.
        Some("gone") => Error::new(ErrorKind::Storage, format!("the database {name:?} could not be created")),
        Some("old") => Error::new(
            ErrorKind::Corrupt,
            format!(
                "the database {name:?} was written by a pre-release of this software, in a layout that this version does \
                 not read; it was left untouched"
            ),
        ),
        Some("blocked") => {
            Error::new(ErrorKind::Blocked, format!("another tab holds an old version of the database {name:?} open"))
        }
        Some(_) => Error::new(ErrorKind::Timeout, format!("the browser did not open the database {name:?} in time")),
        None => failure::of_thrown("open the database", refusal),
    })?;
    let stalled = Closure::new(move || {
        monitor.tell(
            EventKind::Stalled,
            "the browser takes long for a call; another tab may be stopped in the middle of its own",
        );
    });
    let handle = Handle { connection: connection.unchecked_into(), stalled };
    let stores = handle.connection.stores();
    if !Area::ALL.iter().all(|area| stores.split(',').any(|name| name == area.name())) {
        return Err(Error::new(ErrorKind::Corrupt, format!("the database {name:?} lacks its object stores")));
    }
    Ok(handle)
}

/// The names of the object stores of a new database.
fn stores() -> String {
    let drawn = (js_sys::Math::random() * DRAWN_FROM) as u64;
    let prefix = if has_locks() { IDENTITY } else { GUARDED_IDENTITY };
    let mut stores = format!("{prefix}{drawn}");
    for area in Area::ALL {
        stores.push(',');
        stores.push_str(area.name());
    }
    stores
}

/// Deletes a database.
pub(super) async fn destroy(name: &str, limit_ms: u32, fresh: bool) -> Result<()> {
    match JsFuture::from(destroy_database(name, limit_ms, fresh)).await {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.is_string() => {
            let message = format!("somebody holds the database {name:?} open; it is deleted when they let go");
            Err(Error::new(ErrorKind::Blocked, message))
        }
        Err(error) => Err(failure::of_thrown("delete the database", error)),
    }
}

/// The names of the databases of this origin; none where the browser does not tell.
pub(super) async fn names(limit_ms: u32) -> Vec<String> {
    let names = JsFuture::from(database_names(limit_ms)).await.unwrap_or_default();
    if names.is_undefined() {
        return Vec::new();
    }
    names.unchecked_into::<Array>().iter().filter_map(|name| name.as_string()).collect()
}
