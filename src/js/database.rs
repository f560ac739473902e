//! `open`, `destroy` and the class `Database`.

use super::atomic::JsAtomic;
use super::boundary::{self, OrJs as _, name_of, promise, strings_of};
use super::data_store::AgentDataStore;
use super::message_store::JsMessageStore;
use super::options::Options;
use super::presence;
use super::provider::JsProvider;
use super::session_records::record_of;
use super::sessions::JsSessions;
use super::snapshot_store::JsSnapshotStore;
use crate::backend::indexeddb::{IndexedDb, OpenOptions, Unopenable, WhenHidden, serve_workers};
use crate::backend::memory::Memory;
use crate::backend::monitor::EventListener;
use crate::model::batch::Durability;
use crate::model::keyspace;
use crate::model::tuple::Key;
use crate::store::{
    DataStore, DataStoreOptions, Database, DatabaseOptions, Expires, MessageStoreOptions, SavedDocuments,
    SnapshotStoreOptions,
};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise};
use serde::Serialize as _;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

const DEFAULT_NAME: &str = "agent-datastore";

/// How long counted reads are gathered before they are written. Milliseconds.
const ACCESS_DELAY_MS: u32 = 250;

/// How long the browser may take to tell of its storage. Milliseconds.
const STORAGE_MS: u32 = 5_000;
/// How long the user may take to answer the browser, where it asks. Milliseconds.
const PERSISTENCE_MS: u32 = 30_000;

#[wasm_bindgen(skip_typescript)]
pub fn open(options: &JsValue) -> Promise {
    let options = Options::of(options, "open");
    promise(async move {
        let options = options?;
        let name = options.text("name").unwrap_or_else(|| DEFAULT_NAME.to_owned());
        let durability = if options.is("durability", "strict") { Durability::Strict } else { Durability::Relaxed };
        let database_options =
            DatabaseOptions { durability, presence: presence::of_page(), ..DatabaseOptions::default() };
        let (database, backend) = if options.is("backend", "memory") {
            (Database::new(Memory::new(), database_options), "memory")
        } else {
            let backend = IndexedDb::open(&name, open_options(&options)).await.or_js()?;
            (Database::new(backend, database_options), "indexeddb")
        };
        let default = DataStoreOptions::default();
        let defaults = DataStoreOptions {
            user: options.text("user").unwrap_or(default.user),
            agent: options.agent(default.agent),
            namespace: default.namespace,
            track_access: options.flag("trackAccess").unwrap_or(default.track_access),
            expires: None,
        };
        let accesses = AccessWriter::new(database.clone());
        wasm_bindgen_futures::spawn_local(database.sweeper().run(sleep));
        Ok(JsDatabase { name, backend, defaults, accesses, _when_hidden: flushing(&database), database })
    })
}

fn open_options(options: &Options) -> OpenOptions {
    let mut open = OpenOptions::default();
    open.timeout_ms = options.number("openTimeoutMs").unwrap_or(open.timeout_ms);
    open.call_timeout_ms = options.number("callTimeoutMs").unwrap_or(open.call_timeout_ms);
    if let Some(bytes) = options.number("cacheBytes").and_then(|bytes| usize::try_from(bytes).ok()) {
        open.paged.cache_bytes = bytes;
    }
    if options.is("unopenable", "next-generation") {
        open.unopenable = Unopenable::NextGeneration;
    }
    let listener = options.get("onEvent");
    if let Ok(listener) = listener.dyn_into::<Function>() {
        open.listener =
            Some(EventListener::new(move |event| boundary::tell(&listener, event.kind.name(), &event.message)));
    }
    open
}

/// Flushes when the page is hidden: it may never be seen again, and a power cut would take what is only relaxed.
fn flushing(database: &Database) -> WhenHidden {
    let database = database.clone();
    WhenHidden::new(move || {
        if database.needs_flush() {
            let database = database.clone();
            wasm_bindgen_futures::spawn_local(async move {
                // Nobody waits for it; what could not be made safe stays what it was.
                let _ = database.flush().await;
            });
        }
    })
}

async fn sleep(ms: u32) {
    let later = Later(boundary::Later::new(ms));
    // It is never rejected.
    let _ = wasm_bindgen_futures::JsFuture::from(later.0.promise()).await;
}

/// A timer, which is forgotten when nobody waits for it any more.
struct Later(boundary::Later);

impl Drop for Later {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A page helps its workers where their storage is dead.
#[wasm_bindgen(start)]
pub fn start() {
    serve_workers();
}

#[wasm_bindgen(skip_typescript)]
pub fn destroy(name: &JsValue) -> Promise {
    let name = if name.is_undefined() { Ok(DEFAULT_NAME.to_owned()) } else { name_of(name) };
    promise(async move {
        IndexedDb::destroy(&name?, OpenOptions::default()).await.or_js()?;
        Ok(JsValue::UNDEFINED)
    })
}

#[wasm_bindgen(skip_typescript)]
pub fn salvage(name: &JsValue, options: &JsValue) -> Promise {
    let name = if name.is_undefined() { Ok(DEFAULT_NAME.to_owned()) } else { name_of(name) };
    let arguments = name.and_then(|name| Ok((name, Options::of(options, "salvage")?)));
    promise(async move {
        let (name, options) = arguments?;
        let (user, namespace) = (options.text("user"), options.text("namespace"));
        let open_options = open_options(&options);
        let wanted = |key: &Key| {
            keyspace::data_name(key).is_some_and(|name| {
                user.as_ref().is_none_or(|user| *user == name.scope.user)
                    && namespace.as_ref().is_none_or(|namespace| *namespace == name.scope.namespace)
            })
        };
        let salvage =
            async |wanted: &dyn Fn(&Key) -> bool| IndexedDb::salvage(&name, open_options.clone(), wanted).await;
        Ok(serde_wasm_bindgen::to_value(&SavedDocuments::of(salvage, &wanted).await.or_js()?)?)
    })
}

#[wasm_bindgen(js_name = Database, skip_typescript)]
#[derive(Debug)]
pub struct JsDatabase {
    name: String,
    backend: &'static str,
    defaults: DataStoreOptions,
    accesses: AccessWriter,
    _when_hidden: WhenHidden,
    database: Database,
}

impl JsDatabase {
    fn data_store_of(&self, options: &Options) -> DataStore {
        let defaults = self.defaults.clone();
        self.database.data_store(DataStoreOptions {
            user: options.text("user").unwrap_or(defaults.user),
            agent: options.agent(defaults.agent),
            namespace: options.text("namespace").unwrap_or(defaults.namespace),
            track_access: options.flag("trackAccess").unwrap_or(defaults.track_access),
            // Checked to be a whole number.
            expires: options.get("expiresInMs").as_f64().map(|ms| Expires::InMs(ms as u64)),
        })
    }
}

#[wasm_bindgen(js_class = Database)]
impl JsDatabase {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn name(&self) -> String {
        self.name.clone()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn backend(&self) -> String {
        self.backend.to_owned()
    }

    #[wasm_bindgen(js_name = dataStore, skip_typescript)]
    pub fn data_store(&self, options: &JsValue) -> Result<AgentDataStore, JsValue> {
        let store = self.data_store_of(&Options::of(options, "dataStore")?);
        Ok(AgentDataStore::new(store, self.accesses.clone()))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn atomic(&self, options: &JsValue) -> Result<JsAtomic, JsValue> {
        let store = self.data_store_of(&Options::of(options, "atomic")?);
        Ok(JsAtomic::new(&self.database, store))
    }

    #[wasm_bindgen(js_name = messageStore, skip_typescript)]
    pub fn message_store(&self, options: &JsValue) -> Result<JsMessageStore, JsValue> {
        let options = Options::of(options, "messageStore")?;
        let user = options.text("user").unwrap_or_else(|| self.defaults.user.clone());
        let store = self.database.message_store(MessageStoreOptions { user });
        let provider = options.get("provider");
        if provider.is_undefined() {
            return Ok(JsMessageStore::new(store));
        }
        let provider = JsProvider { provider, store: store.clone() };
        Ok(JsMessageStore::new(store.with_provider(Rc::new(provider))))
    }

    #[wasm_bindgen(js_name = snapshotStore, skip_typescript)]
    pub fn snapshot_store(&self, options: &JsValue) -> Result<JsSnapshotStore, JsValue> {
        let options = Options::of(options, "snapshotStore")?;
        let path = options.get("path");
        let store = self.database.snapshot_store(SnapshotStoreOptions {
            user: options.text("user").unwrap_or_else(|| self.defaults.user.clone()),
            path: if path.is_undefined() { Vec::new() } else { strings_of(&path, "path")? },
            history: options.number("history").unwrap_or_default() as usize,
        });
        Ok(JsSnapshotStore::new(store, options.get("onError")))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn sessions(&self, options: &JsValue) -> Result<JsSessions, JsValue> {
        let options = Options::of(options, "sessions")?;
        let user = options.text("user").unwrap_or_else(|| self.defaults.user.clone());
        let prices = options.get("prices");
        let sessions = self.database.sessions(&user);
        let sessions =
            if prices.is_undefined() { sessions } else { sessions.with_prices(record_of(&prices, "prices")?) };
        Ok(JsSessions::new(sessions, options.get("onWarning")))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn flush(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { database.flush().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn refresh(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { database.refresh().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn health(&self) -> Result<JsValue, JsValue> {
        let nulls = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        Ok(self.database.health().serialize(&nulls)?)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn storage(&self) -> Promise {
        boundary::storage_of(STORAGE_MS)
    }

    #[wasm_bindgen(js_name = requestPersistence, skip_typescript)]
    pub fn request_persistence(&self, options: &JsValue) -> Promise {
        let timeout_ms = Options::of(options, "requestPersistence")
            .map(|options| options.number("timeoutMs").unwrap_or(PERSISTENCE_MS));
        match timeout_ms {
            Ok(timeout_ms) => boundary::request_persistence(timeout_ms),
            Err(error) => Promise::reject(&error),
        }
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn compact(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { Ok(database.compact().await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn verify(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { Ok(serde_wasm_bindgen::to_value(&database.verify().await.or_js()?)?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { database.close().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(js_name = "[Symbol.asyncDispose]", skip_typescript)]
    pub fn async_dispose(&self) -> Promise {
        self.close()
    }
}

/// Writes counted reads a little after the first of them.
#[derive(Debug, Clone)]
pub(super) struct AccessWriter {
    database: Database,
    scheduled: Rc<Cell<bool>>,
}

impl AccessWriter {
    fn new(database: Database) -> Self {
        Self { database, scheduled: Rc::default() }
    }

    /// Sees to it that what was counted gets written.
    pub(super) fn schedule(&self) {
        if !self.database.has_unwritten_accesses() || self.scheduled.replace(true) {
            return;
        }
        let writer = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            TimeoutFuture::new(ACCESS_DELAY_MS).await;
            writer.scheduled.set(false);
            // Counts that could not be written are kept, and the next read tries again.
            let _ = writer.database.flush_accesses().await;
        });
    }
}
