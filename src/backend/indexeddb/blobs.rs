//! Blobs in the object stores of IndexedDB. Every call is one burst (`burst.js`): everything is encoded before it begins.

use super::connection::{CALL_TIMEOUT_MS, Connection, Handle};
use super::failure;
use crate::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use crate::error::Result;
use crate::model::batch::Durability;
use async_trait::async_trait;
use js_sys::{Array, Promise, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbDatabase;

#[wasm_bindgen(module = "/src/backend/indexeddb/burst.js")]
extern "C" {
    type Burst;
    #[wasm_bindgen(constructor, catch)]
    fn new(database: &IdbDatabase, stores: &str, durability: Option<&str>) -> Result<Burst, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn add(this: &Burst, store: &str, number: f64, bytes: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Burst, store: &str, number: f64, bytes: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Burst, store: &str, first: f64, last: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Burst, store: &str, number: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getAll)]
    fn get_all(this: &Burst, store: &str, first: f64, last: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getKeys)]
    fn get_keys(this: &Burst, store: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &Burst) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn end(this: &Burst, limit_ms: u32) -> Promise;
}

/// The blobs of one database.
#[derive(Debug)]
pub(super) struct Blobs {
    connection: Rc<Connection>,
}

impl Blobs {
    pub(super) const fn new(connection: Rc<Connection>) -> Self {
        Self { connection }
    }
}

impl Blobs {
    /// Reads within the time limit; once more where the connection was gone.
    async fn reading(&self, areas: &str, ask: impl Fn(&Burst) -> Result<(), JsValue>) -> Result<Array> {
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match read(&handle, areas, &ask).await {
                // Reading again is always safe.
                Err(error) if self.connection.is_lost(&handle, &error) && again => again = false,
                result => return result,
            }
        }
    }
}

async fn read(handle: &Handle, areas: &str, ask: &dyn Fn(&Burst) -> Result<(), JsValue>) -> Result<Array> {
    let burst = begin(handle, areas, None, "begin a read")?;
    ask(&burst).map_err(|error| failure::of_thrown("read", error))?;
    end(handle, &burst, "read").await
}

fn begin(handle: &Handle, areas: &str, durability: Option<&str>, doing: &'static str) -> Result<Burst> {
    Burst::new(handle.database(), areas, durability).map_err(|error| failure::of_beginning(doing, error))
}

/// What was asked for.
async fn end(handle: &Handle, burst: &Burst, doing: &'static str) -> Result<Array> {
    let answers = JsFuture::from(burst.end(CALL_TIMEOUT_MS)).await;
    let answers = answers.map_err(|error| failure::of_thrown(doing, error))?;
    if answers.is_null() { Err(handle.timed_out(doing)) } else { Ok(answers.unchecked_into()) }
}

#[async_trait(?Send)]
impl BlobStore for Blobs {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let ask = |burst: &Burst| {
            ranges.iter().try_for_each(|range| match range.first == range.last {
                true => burst.get(range.area.name(), key(range.first)),
                false => burst.get_all(range.area.name(), key(range.first), key(range.last)),
            })
        };
        let answers = self.reading(&areas(ranges.iter().map(|range| range.area)), ask).await?;
        Ok(answers.iter().zip(ranges).map(|(answer, range)| blobs_of(answer, range.first == range.last)).collect())
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        let answers = self.reading(area.name(), |burst| burst.get_keys(area.name())).await?;
        let keys = answers.get(0).unchecked_into::<Array>();
        Ok(keys.iter().filter_map(|key| key.as_f64()).map(|key| key as u64).collect())
    }

    async fn write(&self, write: Write) -> Result<()> {
        let areas = areas(write.changes.iter().map(Change::area));
        let durability = match write.durability {
            Durability::Relaxed => "relaxed",
            Durability::Strict => "strict",
        };
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match begin(&handle, &areas, Some(durability), "begin a commit") {
                // Nothing was sent, so the call can be repeated.
                Err(error) if self.connection.is_lost(&handle, &error) && again => again = false,
                burst => {
                    let burst = burst?;
                    send(&burst, write)?;
                    return end(&handle, &burst, "commit").await.map(drop);
                }
            }
        }
    }

    fn is_lost(&self) -> bool {
        self.connection.has_lost()
    }

    fn close(&self) {
        self.connection.close();
    }
}

fn send(burst: &Burst, write: Write) -> Result<()> {
    for change in &write.changes {
        let area = change.area().name();
        let sent = match change {
            Change::Add(_, number, blob) => burst.add(area, key(*number), blob),
            Change::Put(_, number, blob) => burst.put(area, key(*number), blob),
            Change::Delete(range) if range.first <= range.last => burst.delete(area, key(range.first), key(range.last)),
            Change::Delete(_) => continue,
        };
        if let Err(error) = sent {
            // Where the browser has taken it back by itself there is nothing left to abort.
            let _ = burst.abort();
            return Err(failure::of_thrown("write", error));
        }
    }
    Ok(())
}

fn blobs_of(answer: JsValue, is_one: bool) -> Vec<Blob> {
    match is_one {
        true if answer.is_undefined() => Vec::new(),
        true => vec![blob_of(&answer)],
        false => answer.unchecked_into::<Array>().iter().map(|blob| blob_of(&blob)).collect(),
    }
}

/// What is not bytes is as damaged as a blob of no bytes: whoever opens it says which one it is.
fn blob_of(value: &JsValue) -> Blob {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default().into()
}

/// The names of the object stores that a transaction needs, joined by commas.
fn areas(areas: impl Iterator<Item = Area>) -> String {
    let mut needed = [false; Area::ALL.len()];
    areas.for_each(|area| needed.iter_mut().zip(Area::ALL).for_each(|(needed, known)| *needed |= known == area));
    let mut names = String::new();
    for (area, _) in Area::ALL.iter().zip(needed).filter(|(_, needed)| *needed) {
        names.push_str(if names.is_empty() { "" } else { "," });
        names.push_str(area.name());
    }
    names
}

/// Numbers stay below 2^53, so they are exact as JavaScript numbers.
fn key(number: u64) -> f64 {
    number as f64
}
