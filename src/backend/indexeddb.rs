//! A backend in IndexedDB, one record a key.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `entry` | the key's bytes | the version of the entry, 8 bytes big-endian, then its value |
//! | `meta` | `"head"` | the version of the last commit, a number |
//! | `meta` | `"identity"` | a number drawn at the database's creation: one that was deleted and created anew is another |
//!
//! Keys are binary, so IndexedDB orders them by bytes as the contract wants; text keys would be ordered by UTF-16 unit.

mod connection;
mod failure;

pub use connection::OpenOptions;
pub use failure::JsCause;

use super::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Committed, Durability, Entry, Expect, Operation, ReadRange, Version};
use crate::model::limits;
use crate::model::tuple::Key;
use async_trait::async_trait;
use connection::{Connection, Handle, in_time};
use failure::{Begun as _, Failed as _};
use indexed_db_futures::KeyRange;
use indexed_db_futures::internals::SystemRepr as _;
use indexed_db_futures::object_store::ObjectStore;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use js_sys::Uint8Array;
use std::rc::Rc;
use wasm_bindgen::JsValue;

const ENTRY: &str = "entry";
const META: &str = "meta";
const HEAD: &str = "head";
const IDENTITY: &str = "identity";

/// An open database in IndexedDB.
#[derive(Debug)]
pub struct IndexedDb {
    connection: Connection,
}

impl IndexedDb {
    /// Opens a database of this origin, creating it where there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] without IndexedDB, [`ErrorKind::NewerVersion`], [`ErrorKind::Blocked`] and
    /// [`ErrorKind::Timeout`] after the time limit, and [`ErrorKind::Storage`].
    pub async fn open(name: &str, options: OpenOptions) -> Result<Self> {
        let connection = Connection::new(name.to_owned(), options);
        connection.handle().await?;
        Ok(Self { connection })
    }

    /// Deletes a database of this origin. Other tabs that run this software close theirs at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`] without IndexedDB; [`ErrorKind::Blocked`] where somebody holds it open longer than the
    /// time limit, and the deletion then happens when they let go; and [`ErrorKind::Storage`].
    pub async fn destroy(name: &str, options: OpenOptions) -> Result<()> {
        connection::destroy(name, options).await
    }
}

#[async_trait(?Send)]
impl Backend for IndexedDb {
    async fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match in_time(read_in(&handle, ranges)).await.unwrap_or_else(|| Err(handle.timed_out("read"))) {
                // Reading again is always safe.
                Err(error) if again && self.connection.is_lost(&handle, &error) => again = false,
                result => return result,
            }
        }
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        limits::check_batch(&batch)?;
        let mut again = true;
        loop {
            let handle = self.connection.handle().await?;
            match write_transaction(&handle, batch.durability) {
                // Nothing was sent, so the call can be repeated.
                Err(error) if again && self.connection.is_lost(&handle, &error) => again = false,
                transaction => {
                    let committed = in_time(commit_in(transaction?, &batch)).await;
                    return committed.unwrap_or_else(|| Err(handle.timed_out("commit")));
                }
            }
        }
    }

    async fn refresh(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        self.connection.close();
        Ok(())
    }
}

async fn read_in(handle: &Handle, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
    if ranges.iter().all(ReadRange::is_empty) {
        return Ok(vec![Vec::new(); ranges.len()]);
    }
    let transaction = handle.database().transaction(ENTRY).build().begun("begin a read")?;
    let store = transaction.object_store(ENTRY).failed("begin a read")?;
    let requests = ranges.iter().map(|range| Requests::send(&store, range)).collect::<Result<Vec<_>>>()?;
    let mut found = Vec::with_capacity(ranges.len());
    let mut bytes = 0;
    for requests in requests {
        found.push(requests.entries(&mut bytes).await?);
    }
    Ok(found)
}

/// What was asked of an object store for one range.
struct Requests {
    keys: Option<indexed_db_futures::future::GetAllPrimitiveRequest<JsValue>>,
    values: Option<indexed_db_futures::future::GetAllPrimitiveRequest<JsValue>>,
}

impl Requests {
    fn send(store: &ObjectStore<'_>, range: &ReadRange) -> Result<Self> {
        if range.is_empty() {
            return Ok(Self { keys: None, values: None });
        }
        // IndexedDB takes 0 for no limit, and such a range is empty.
        let limit = range.limit.unwrap_or(u32::MAX);
        let bounds = bounds(&range.start, &range.end);
        let keys = store
            .get_all_keys()
            .with_query::<JsValue, _>(bounds.clone())
            .with_limit(limit)
            .primitive()
            .failed("read keys")?;
        let values = match range.keys_only {
            true => None,
            false => Some(
                store.get_all().with_query::<JsValue, _>(bounds).with_limit(limit).primitive().failed("read values")?,
            ),
        };
        Ok(Self { keys: Some(keys), values })
    }

    /// The entries found; their values are added to `bytes`, which is held against the limit of a read.
    async fn entries(self, bytes: &mut usize) -> Result<Vec<Entry>> {
        let Some(keys) = self.keys else { return Ok(Vec::new()) };
        let keys = keys.await.failed("read keys")?;
        let Some(values) = self.values else {
            return keys
                .map(|key| Ok(Entry { key: key_of(&key.failed("read a key")?), value: Rc::default(), version: None }))
                .collect();
        };
        let values = values.await.failed("read values")?;
        keys.zip(values)
            .map(|(key, value)| {
                let (version, value) = unpack(&value.failed("read a value")?)?;
                *bytes += value.len();
                limits::check_read(*bytes)?;
                Ok(Entry { key: key_of(&key.failed("read a key")?), value, version: Some(version) })
            })
            .collect()
    }
}

fn write_transaction(handle: &Handle, durability: Durability) -> Result<Transaction<'_>> {
    let durability = match durability {
        Durability::Relaxed => TransactionDurability::Relaxed,
        Durability::Strict => TransactionDurability::Strict,
    };
    let mut options = TransactionOptions::new();
    options.set_durability(durability);
    handle
        .database()
        .transaction([ENTRY, META])
        .with_mode(TransactionMode::Readwrite)
        .with_options(options)
        .build()
        .begun("begin a commit")
}

async fn commit_in(transaction: Transaction<'_>, batch: &Batch) -> Result<Committed> {
    let entries = transaction.object_store(ENTRY).failed("begin a commit")?;
    let meta = transaction.object_store(META).failed("begin a commit")?;

    let head = meta.get::<f64, _, _>(HEAD).primitive().failed("read the head")?;
    let mut stored = Vec::with_capacity(batch.checks.len());
    for check in &batch.checks {
        stored.push(Stored::ask(&entries, check)?);
    }
    let version = Version(head.await.failed("read the head")?.unwrap_or_default() as u64 + 1);
    for (check, stored) in batch.checks.iter().zip(stored) {
        if !stored.holds(check).await? {
            // Dropping the transaction aborts it.
            return Err(Error::new(ErrorKind::Conflict, "another writer was faster"));
        }
    }

    let mut removed = Vec::new();
    for operation in &batch.operations {
        match operation {
            Operation::Put { key, value } => {
                entries.put(pack(version, value)).with_key(js_key(key)).primitive().map(drop).failed("write")?;
            }
            Operation::Delete { key } => {
                entries.delete(js_key(key)).primitive().map(drop).failed("delete")?;
            }
            Operation::DeleteRange { start, end } if start < end => {
                let bounds = bounds(start, end);
                removed
                    .push(Some(entries.count().with_query::<JsValue, _>(bounds.clone()).primitive().failed("count")?));
                entries.delete::<JsValue, _>(bounds).primitive().map(drop).failed("delete a range")?;
            }
            Operation::DeleteRange { .. } => removed.push(None),
        }
    }
    meta.put(version.0 as f64).with_key(HEAD).primitive().map(drop).failed("write the head")?;

    drop((entries, meta));
    let raw = transaction.as_sys().clone();
    // Resolves on `complete`, never on a request's `success`: quota and a full disk come as an abort after that.
    if let Err(error) = transaction.commit().await {
        return Err(failure::of_transaction(&raw, error));
    }
    let mut counts = Vec::with_capacity(removed.len());
    for count in removed {
        counts.push(match count {
            Some(count) => count.await.failed("count")?.into(),
            None => 0,
        });
    }
    Ok(Committed { version, removed: counts })
}

/// What was asked of the object store for a check: whether there is an entry, or which one.
enum Stored {
    Key(indexed_db_futures::future::BasicRequest<Option<JsValue>>),
    Entry(indexed_db_futures::future::BasicRequest<Option<JsValue>>),
}

impl Stored {
    fn ask(store: &ObjectStore<'_>, check: &Check) -> Result<Self> {
        let key = js_key(&check.key);
        match check.expect {
            Expect::Version(_) => store.get::<JsValue, _, _>(key).primitive().map(Self::Entry),
            Expect::Absent | Expect::Present => store.get_key(key).primitive().map(Self::Key),
        }
        .failed("read for a check")
    }

    async fn holds(self, check: &Check) -> Result<bool> {
        Ok(match self {
            Self::Key(request) => check.expect_presence(request.await.failed("read for a check")?.is_some()),
            Self::Entry(request) => {
                let stored = request.await.failed("read for a check")?;
                check.holds(stored.map(|value| unpack(&value)).transpose()?.map(|(version, _)| version))
            }
        })
    }
}

fn js_key(key: &Key) -> JsValue {
    Uint8Array::from(key.as_bytes()).into()
}

fn bounds(start: &Key, end: &Key) -> KeyRange<JsValue> {
    KeyRange::Bound(js_key(start), false, js_key(end), true)
}

fn key_of(key: &JsValue) -> Key {
    Key::from_bytes(Uint8Array::new(key).to_vec())
}

fn pack(version: Version, value: &[u8]) -> JsValue {
    let mut packed = Vec::with_capacity(8 + value.len());
    packed.extend_from_slice(&version.0.to_be_bytes());
    packed.extend_from_slice(value);
    Uint8Array::from(packed.as_slice()).into()
}

fn unpack(packed: &JsValue) -> Result<(Version, Bytes)> {
    // A constructor that throws would unwind through WebAssembly.
    if !js_sys::ArrayBuffer::is_view(packed) {
        return Err(Error::new(ErrorKind::Corrupt, "a stored entry is not bytes"));
    }
    let packed = Uint8Array::new(packed).to_vec();
    let (version, value) = packed
        .split_first_chunk()
        .ok_or_else(|| Error::new(ErrorKind::Corrupt, "a stored entry is shorter than its version"))?;
    Ok((Version(u64::from_be_bytes(*version)), value.into()))
}
