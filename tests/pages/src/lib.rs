//! A counter on the backend, for pages that compete: every increment is a read and a commit that checks the read.

use agent_datastore::backend::Backend;
use agent_datastore::backend::indexeddb::{IndexedDb, OpenOptions};
use agent_datastore::model::batch::{Batch, Check, Durability, Entry, ReadRange};
use agent_datastore::model::tuple::Key;
use agent_datastore::{Error, ErrorKind};
use js_sys::Promise;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// One number in a database, and one marker for each increment that made it.
#[wasm_bindgen]
pub struct Counter(Rc<Inner>);

struct Inner {
    backend: IndexedDb,
    conflicts: Cell<u32>,
}

#[wasm_bindgen]
impl Counter {
    /// Opens the counter of a database.
    pub fn open(name: String) -> Promise {
        future_to_promise(async move {
            let backend = IndexedDb::open(&name, OpenOptions::default()).await.map_err(to_js)?;
            Ok(Self(Rc::new(Inner { backend, conflicts: Cell::default() })).into())
        })
    }

    /// Adds one, however often another page is faster; resolves to the number that this increment made.
    pub fn increment(&self, strict: bool) -> Promise {
        let inner = self.0.clone();
        future_to_promise(async move { inner.increment(strict).await.map(JsValue::from).map_err(to_js) })
    }

    /// After this the page sees every commit that was completed before: a commit of nothing, which comes after them.
    #[wasm_bindgen(js_name = catchUp)]
    pub fn catch_up(&self) -> Promise {
        let inner = self.0.clone();
        future_to_promise(async move {
            inner.backend.commit(Batch::default()).await.map(|_| JsValue::UNDEFINED).map_err(to_js)
        })
    }

    /// The number as this page sees it.
    pub fn value(&self) -> Promise {
        let inner = self.0.clone();
        future_to_promise(async move {
            let found = inner.read().await.map_err(to_js)?;
            Ok(number(found.as_ref()).into())
        })
    }

    /// How many markers of increments there are: one for each number, or two increments made the same one.
    pub fn markers(&self) -> Promise {
        let inner = self.0.clone();
        future_to_promise(async move {
            let all = ReadRange::extensions(marks()).keys_only();
            let found = inner.backend.read(&[all]).await.map_err(to_js)?;
            Ok(found.iter().map(Vec::len).sum::<usize>().into())
        })
    }

    /// How often another page was faster.
    #[wasm_bindgen(getter)]
    pub fn conflicts(&self) -> u32 {
        self.0.conflicts.get()
    }

    /// Closes the database.
    pub fn close(&self) -> Promise {
        let inner = self.0.clone();
        future_to_promise(async move { inner.backend.close().await.map(|()| JsValue::UNDEFINED).map_err(to_js) })
    }
}

impl Inner {
    async fn read(&self) -> Result<Option<Entry>, Error> {
        let found = self.backend.read(&[ReadRange::point(key())]).await?;
        Ok(found.into_iter().flatten().next())
    }

    async fn increment(&self, strict: bool) -> Result<u32, Error> {
        loop {
            let seen = self.read().await?;
            let next = number(seen.as_ref()) + 1;
            let mut batch = Batch::default();
            batch.check(Check::unchanged(key(), seen.as_ref()));
            batch.put(key(), next.to_be_bytes().to_vec());
            batch.put(marks().number(next.into()), Vec::new());
            batch.durability = if strict { Durability::Strict } else { Durability::Relaxed };
            match self.backend.commit(batch).await {
                Ok(_) => return Ok(next),
                Err(error) if error.kind() == ErrorKind::Conflict => self.conflicts.set(self.conflicts.get() + 1),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Below a text that no store of the package uses, so that both can share a database.
fn key() -> Key {
    Key::new().text("test counter")
}

fn marks() -> Key {
    Key::new().text("test marks")
}

fn number(entry: Option<&Entry>) -> u32 {
    entry.and_then(|entry| entry.value.as_ref().try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn to_js(error: Error) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}
