//! Blobs in the object stores of IndexedDB. Every call is one burst (`connection.js`): everything is encoded before it begins.

use super::connection::Connection;
use super::failure;
use super::handle::{Burst, Handle};
use super::mending::Mark;
use crate::backend::health::Health;
use crate::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Durability;
use async_trait::async_trait;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};

/// The failure of a read after which it is made once more where it took too long.
const MOST_TIMEOUTS: usize = 3;

/// The blobs of one database.
#[derive(Debug)]
pub(super) struct Blobs {
    connection: Rc<Connection>,
    mark: Rc<Mark>,
}

impl Blobs {
    pub(super) fn new(connection: Rc<Connection>) -> Self {
        Self { mark: Mark::new(&connection), connection }
    }

    /// What says that this page is writing.
    pub(super) fn mark(&self) -> &Mark {
        &self.mark
    }
}

impl Blobs {
    /// Reads within the time limit; again, over another connection, where that may help.
    async fn reading(&self, areas: &str, ask: impl Fn(&Burst)) -> Result<Array> {
        let mut failures = 0;
        // Reading again is always safe, and after a lost event there has to be time for it.
        let limit_ms = (self.connection.call_timeout_ms() / 2).max(1);
        loop {
            let handle = self.connection.handle().await?;
            let error = match read(&handle, areas, &ask, limit_ms).await {
                Err(error) => error,
                answers => return answers,
            };
            failures += 1;
            if error.kind() == ErrorKind::Timeout {
                // Once more, and no further.
                failures = failures.max(MOST_TIMEOUTS);
            }
            if !self.connection.may_try_again(&handle, &error, failures).await {
                return Err(error);
            }
        }
    }

    /// How it fares.
    pub(super) fn health(&self) -> Health {
        self.connection.health()
    }
}

async fn read(handle: &Handle, areas: &str, ask: &dyn Fn(&Burst), limit_ms: u32) -> Result<Array> {
    let burst = handle.begin(areas, None);
    ask(&burst);
    handle.send(&burst, "begin a read")?;
    handle.end(&burst, limit_ms, "read").await
}

#[async_trait(?Send)]
impl BlobStore for Blobs {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let ask = |burst: &Burst| {
            for range in ranges {
                match range.first == range.last {
                    true => burst.get(range.area.name(), key(range.first)),
                    false => burst.get_all(range.area.name(), key(range.first), key(range.last)),
                }
            }
        };
        let answers = self.reading(&areas(ranges.iter().map(|range| range.area)), ask).await?;
        Ok(answers.iter().zip(ranges).map(|(answer, range)| blobs_of(answer, range.first == range.last)).collect())
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        let answers = self.reading(area.name(), |burst| burst.get_keys(area.name())).await?;
        let keys = answers.get(0).unchecked_into::<Array>();
        Ok(keys.iter().filter_map(|key| key.as_f64()).map(|key| key as u64).collect())
    }

    async fn write(&self, write: &Write) -> Result<()> {
        let areas = areas(write.changes.iter().map(Change::area));
        let durability = match write.durability {
            Durability::Relaxed => "relaxed",
            Durability::Strict => "strict",
        };
        let mut failures = 0;
        let (handle, burst, _writing) = loop {
            let handle = self.connection.handle().await.map_err(Error::of_unsent)?;
            let writing = self.mark.begin(&handle);
            let burst = handle.begin(&areas, Some(durability));
            gather(write, &burst);
            let Err(error) = handle.send(&burst, "begin a commit") else { break (handle, burst, writing) };
            // Nothing of it is there, so it can be sent again.
            failures += 1;
            if !self.connection.may_try_again(&handle, &error, failures).await {
                return Err(error.of_unsent());
            }
        };
        self.mark.sent();
        let ended = handle.end(&burst, self.connection.call_timeout_ms(), "commit").await;
        if ended.is_ok() && write.changes.iter().any(|change| matches!(change, Change::Add(Area::Log, ..))) {
            self.connection.remember(true);
        }
        ended.map(drop).map_err(|error| {
            let error = match error.kind() {
                ErrorKind::QuotaExceeded => error.needing(bytes_of(write)),
                _ => failure::of_commit(error),
            };
            if error.kind().is_uncertain() {
                handle.lose();
            }
            error
        })
    }

    fn is_lost(&self) -> bool {
        self.connection.has_lost()
    }

    fn close(&self) {
        self.mark.clear();
        self.connection.close();
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        self.mark.clear();
    }
}

/// How many bytes a write adds.
fn bytes_of(write: &Write) -> u64 {
    let bytes = |change: &Change| match change {
        Change::Add(_, _, blob) | Change::Put(_, _, blob) => blob.len() as u64,
        Change::Delete(_) => 0,
    };
    write.changes.iter().map(bytes).sum()
}

/// Has a burst ask for what a write changes.
fn gather(write: &Write, burst: &Burst) {
    for change in &write.changes {
        let area = change.area().name();
        match change {
            Change::Add(_, number, blob) => burst.add(area, key(*number), blob),
            Change::Put(_, number, blob) => burst.put(area, key(*number), blob),
            Change::Delete(range) if range.first <= range.last => burst.delete(area, key(range.first), key(range.last)),
            Change::Delete(_) => {}
        }
    }
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
    // What comes over a frame's connection is of that frame's classes.
    if ArrayBuffer::is_view(value) { value.unchecked_ref::<Uint8Array>().to_vec().into() } else { Blob::default() }
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
