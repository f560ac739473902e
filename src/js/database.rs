//! `open`, `destroy` and the class `Database`.

use super::boundary::{OrJs as _, options_of, promise, text_of};
use super::data_store::AgentDataStore;
use crate::backend::indexeddb::{IndexedDb, OpenOptions as IndexedDbOptions};
use crate::backend::memory::Memory;
use crate::model::batch::Durability;
use crate::store::{DataStoreOptions, Database, DatabaseOptions};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use serde::Deserialize;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

const DEFAULT_NAME: &str = "agent-datastore";

/// How long counted reads are gathered before they are written. Milliseconds.
const ACCESS_DELAY_MS: u32 = 250;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OpenOptions {
    name: Option<String>,
    backend: BackendName,
    user: Option<String>,
    agent: Agent,
    durability: Option<String>,
    track_access: bool,
    open_timeout_ms: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BackendName {
    #[default]
    #[serde(rename = "indexeddb")]
    IndexedDb,
    Memory,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StoreOptions {
    user: Option<String>,
    agent: Agent,
    namespace: Option<String>,
    track_access: Option<bool>,
}

/// Left out, null, or a name.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<String>")]
enum Agent {
    #[default]
    Default,
    Given(Option<String>),
}

impl From<Option<String>> for Agent {
    fn from(agent: Option<String>) -> Self {
        Self::Given(agent)
    }
}

impl Agent {
    fn or(self, default: Option<String>) -> Option<String> {
        match self {
            Self::Default => default,
            Self::Given(agent) => agent,
        }
    }
}

#[wasm_bindgen(skip_typescript)]
pub fn open(options: &JsValue) -> Promise {
    let options = options_of::<OpenOptions>(options, "open");
    promise(async move {
        let options = options?;
        let name = options.name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        let durability =
            if options.durability.as_deref() == Some("strict") { Durability::Strict } else { Durability::Relaxed };
        let database_options = DatabaseOptions { durability, ..DatabaseOptions::default() };
        let (database, backend) = match options.backend {
            BackendName::Memory => (Database::new(Memory::new(), database_options), "memory"),
            BackendName::IndexedDb => {
                let backend = IndexedDb::open(&name, indexeddb_options(options.open_timeout_ms)).await.or_js()?;
                (Database::new(backend, database_options), "indexeddb")
            }
        };
        let fallback = DataStoreOptions::default();
        let defaults = DataStoreOptions {
            user: options.user.unwrap_or(fallback.user),
            agent: options.agent.or(fallback.agent),
            namespace: fallback.namespace,
            track_access: options.track_access,
        };
        Ok(JsDatabase { name, backend, defaults, accesses: AccessWriter::new(database.clone()), database })
    })
}

#[wasm_bindgen(skip_typescript)]
pub fn destroy(name: &JsValue) -> Promise {
    let name = if name.is_undefined() { Ok(DEFAULT_NAME.to_owned()) } else { text_of(name, "the database's name") };
    promise(async move {
        IndexedDb::destroy(&name?, indexeddb_options(None)).await.or_js()?;
        Ok(JsValue::UNDEFINED)
    })
}

fn indexeddb_options(timeout_ms: Option<u32>) -> IndexedDbOptions {
    let default = IndexedDbOptions::default();
    IndexedDbOptions { timeout_ms: timeout_ms.unwrap_or(default.timeout_ms) }
}

#[wasm_bindgen(js_name = Database, skip_typescript)]
#[derive(Debug)]
pub struct JsDatabase {
    name: String,
    backend: &'static str,
    defaults: DataStoreOptions,
    accesses: AccessWriter,
    database: Database,
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
        let options = options_of::<StoreOptions>(options, "dataStore")?;
        let defaults = self.defaults.clone();
        let store = self.database.data_store(DataStoreOptions {
            user: options.user.unwrap_or(defaults.user),
            agent: options.agent.or(defaults.agent),
            namespace: options.namespace.unwrap_or(defaults.namespace),
            track_access: options.track_access.unwrap_or(defaults.track_access),
        });
        Ok(AgentDataStore::new(store, self.accesses.clone()))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn flush(&self) -> Promise {
        let database = self.database.clone();
        promise(async move { database.flush().await.or_js().map(|()| JsValue::UNDEFINED) })
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
