//! Blobs in the object stores of IndexedDB.
//!
//! Every transaction is one burst: everything is encoded before it begins, all requests are sent at once, and
//! `commit()` is called, so that a tab that is stopped holds nothing that others wait for.

use super::connection::{Connection, Handle, in_time};
use super::failure::{self, Begun as _};
use crate::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use crate::error::Result;
use crate::model::batch::Durability;
use async_trait::async_trait;
use futures_channel::oneshot;
use indexed_db_futures::internals::SystemRepr as _;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use js_sys::{Array, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbKeyRange, IdbObjectStore, IdbRequest};

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
    async fn reading<T>(&self, read: impl AsyncFn(&Handle) -> Result<T>) -> Result<T> {
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match in_time(read(&handle)).await.unwrap_or_else(|| Err(handle.timed_out("read"))) {
                // Reading again is always safe.
                Err(error) if self.connection.is_lost(&handle, &error) && again => again = false,
                result => return result,
            }
        }
    }
}

#[async_trait(?Send)]
impl BlobStore for Blobs {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        self.reading(async |handle| read_in(handle, ranges).await).await
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        self.reading(async |handle| numbers_in(handle, area).await).await
    }

    async fn write(&self, write: Write) -> Result<()> {
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match write_transaction(&handle, &write) {
                // Nothing was sent, so the call can be repeated.
                Err(error) if self.connection.is_lost(&handle, &error) && again => again = false,
                transaction => {
                    let written = in_time(write_in(transaction?, write)).await;
                    return written.unwrap_or_else(|| Err(handle.timed_out("commit")));
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

async fn read_in(handle: &Handle, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
    let areas = areas(ranges.iter().map(|range| range.area));
    let transaction = handle.database().transaction(areas).build().begun("begin a read")?;
    let mut requests = Vec::with_capacity(ranges.len());
    for range in ranges {
        let store = object_store(&transaction, range.area)?;
        let request = match range.first == range.last {
            true => store.get(&key(range.first)),
            false => bounds(*range).and_then(|bounds| store.get_all_with_key(&bounds)),
        };
        requests.push(request.map_err(|error| failure::of_thrown("read", error))?);
    }
    end(&transaction);
    // Requests are answered in order: after the last one all are.
    if let Some(last) = requests.last() {
        answered(last).await?;
    }
    requests.iter().zip(ranges).map(|(request, range)| blobs_of(request, range.first == range.last)).collect()
}

async fn numbers_in(handle: &Handle, area: Area) -> Result<Vec<u64>> {
    let transaction = handle.database().transaction(area.name()).build().begun("begin a read")?;
    let store = object_store(&transaction, area)?;
    let request = store.get_all_keys().map_err(|error| failure::of_thrown("read", error))?;
    end(&transaction);
    answered(&request).await?;
    let keys = request.result().map_err(|error| failure::of_thrown("read", error))?;
    Ok(keys.unchecked_into::<Array>().iter().filter_map(|key| key.as_f64()).map(|key| key as u64).collect())
}

/// Asks for nothing more. Else a page that is stopped before it has its answers would keep others from writing.
#[allow(deprecated, reason = "web-sys marks it so without a reason; no standard does")]
fn end(transaction: &Transaction<'_>) {
    // Where there is no such call it ends a little later by itself.
    let _ = transaction.as_sys().commit();
}

fn blobs_of(request: &IdbRequest, is_one: bool) -> Result<Vec<Blob>> {
    let result = request.result().map_err(|error| failure::of_thrown("read", error))?;
    match is_one {
        true if result.is_undefined() => Ok(Vec::new()),
        true => Ok(vec![blob_of(&result)]),
        false => Ok(result.unchecked_into::<Array>().iter().map(|blob| blob_of(&blob)).collect()),
    }
}

/// What is not bytes is as damaged as a blob of no bytes: whoever opens it says which one it is.
fn blob_of(value: &JsValue) -> Blob {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default().into()
}

fn write_transaction<'a>(handle: &'a Handle, write: &Write) -> Result<Transaction<'a>> {
    let durability = match write.durability {
        Durability::Relaxed => TransactionDurability::Relaxed,
        Durability::Strict => TransactionDurability::Strict,
    };
    let mut options = TransactionOptions::new();
    options.set_durability(durability);
    handle
        .database()
        .transaction(areas(write.changes.iter().map(Change::area)))
        .with_mode(TransactionMode::Readwrite)
        .with_options(options)
        .build()
        .begun("begin a commit")
}

async fn write_in(transaction: Transaction<'_>, write: Write) -> Result<()> {
    for change in &write.changes {
        let store = object_store(&transaction, change.area())?;
        let sent = match change {
            Change::Add(_, number, blob) => store.add_with_key(&bytes(blob), &key(*number)),
            Change::Put(_, number, blob) => store.put_with_key(&bytes(blob), &key(*number)),
            Change::Delete(range) if range.first <= range.last => {
                bounds(*range).and_then(|bounds| store.delete(&bounds))
            }
            Change::Delete(_) => continue,
        };
        // Dropping the transaction aborts it.
        sent.map_err(|error| failure::of_thrown("write", error))?;
    }
    drop(write);
    let raw = transaction.as_sys().clone();
    // Resolves on `complete`, never on a request's `success`: quota and a full disk come as an abort after that.
    transaction.commit().await.map_err(|error| failure::of_transaction(&raw, error))
}

/// The names of the object stores that a transaction needs.
fn areas(areas: impl Iterator<Item = Area>) -> Vec<&'static str> {
    let mut needed = [false; Area::ALL.len()];
    areas.for_each(|area| needed.iter_mut().zip(Area::ALL).for_each(|(needed, known)| *needed |= known == area));
    Area::ALL.iter().zip(needed).filter(|(_, needed)| *needed).map(|(area, _)| area.name()).collect()
}

fn object_store(transaction: &Transaction<'_>, area: Area) -> Result<IdbObjectStore> {
    transaction.as_sys().object_store(area.name()).map_err(|error| failure::of_thrown("begin a transaction", error))
}

/// Waits until a request has succeeded.
async fn answered(request: &IdbRequest) -> Result<()> {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let answer = Closure::<dyn FnMut()>::new(move || drop(sender.take()));
    let listener = answer.as_ref().unchecked_ref();
    request.set_onsuccess(Some(listener));
    request.set_onerror(Some(listener));
    let _listening = Listening(request);
    let _: Result<(), _> = receiver.await;
    match request.error() {
        Ok(Some(exception)) => Err(failure::of_exception("read", &exception)),
        _ => Ok(()),
    }
}

/// A request that somebody listens to. One who gives up waiting must not be called any more.
struct Listening<'a>(&'a IdbRequest);

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.set_onsuccess(None);
        self.0.set_onerror(None);
    }
}

/// Numbers stay below 2^53, so they are exact as JavaScript numbers.
fn key(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

fn bounds(range: BlobRange) -> Result<JsValue, JsValue> {
    IdbKeyRange::bound(&key(range.first), &key(range.last)).map(Into::into)
}

fn bytes(blob: &[u8]) -> Uint8Array {
    Uint8Array::from(blob)
}
