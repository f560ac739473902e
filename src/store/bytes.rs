//! Bytes as values: how they are read, and what of them the store's other parts need. How they are written is in `uploads.rs`.

use super::data_store::{DataStore, value_of};
use super::database::{Attempts, Database};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Bytes, Entry, Lookup};
use crate::model::content::{BytesReference, Content, PIECE_BYTES};
use crate::model::data_record::DataRecord;
use crate::model::document::Document;
use crate::model::json::Json;
use crate::model::keyspace::BytesScope;
use crate::model::tuple::Key;
use futures_util::future::LocalBoxFuture;
use std::collections::VecDeque;

/// How many pieces are read at once.
const READ_AHEAD: u64 = 4;

/// A value of either kind.
#[derive(Debug)]
pub enum StoredValue {
    /// JSON.
    Json(Json),
    /// Bytes, which are still to be read.
    Bytes(BytesReader),
}

/// Reads bytes piece by piece. It holds nothing: where the bytes are removed meanwhile, it fails.
#[derive(Debug)]
pub struct BytesReader {
    database: Database,
    scope: BytesScope,
    reference: BytesReference,
    id: String,
    /// What is still to be read: places of bytes.
    at: u64,
    end: u64,
    /// What was read ahead.
    ready: VecDeque<Bytes>,
}

impl DataStore {
    /// The value of a key, whether it is JSON or bytes. Counted, where reads are counted.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`].
    pub async fn get_value(&self, key: &str) -> Result<Option<StoredValue>> {
        let _call = self.database.begin()?;
        let found = self.read_records([key], false).await?.into_iter().flatten().next();
        let Some(entry) = found else { return Ok(None) };
        let value = if DataRecord::has_bytes(&entry.value) {
            match self.open_bytes(key).await? {
                Opened::Nothing => return Ok(None),
                Opened::Json(entry) => StoredValue::Json(value_of(entry)?),
                Opened::Bytes(reference, content) => StoredValue::Bytes(self.reader(reference, content)),
            }
        } else {
            StoredValue::Json(value_of(entry)?)
        };
        self.count_read(key);
        Ok(Some(value))
    }

    /// What reads the bytes of a key from `start` to before `end`, or as far as they go. `None` where there is no such key. Not counted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where the value is JSON; and those of reads, see [`DataStore`].
    ///
    /// ```
    /// use agent_datastore::{backend::memory::Memory, store::Database};
    /// use futures_util::stream;
    ///
    /// # pollster::block_on(async {
    /// let files = Database::new(Memory::new(), Default::default()).data_store(Default::default());
    /// let pieces = stream::iter([Ok(b"Hello, ".to_vec()), Ok(b"world".to_vec())]);
    /// let reference = files.set_bytes("greeting", pieces, Default::default()).await?;
    /// assert_eq!(reference.size, 12);
    /// let mut reader = files.read_bytes("greeting", 7, None).await?.unwrap();
    /// assert_eq!(&*reader.next().await?.unwrap(), b"world");
    /// assert!(reader.next().await?.is_none());
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn read_bytes(&self, key: &str, start: u64, end: Option<u64>) -> Result<Option<BytesReader>> {
        let _call = self.database.begin()?;
        match self.open_bytes(key).await? {
            Opened::Nothing => Ok(None),
            Opened::Json(_) => {
                Err(Error::new(ErrorKind::InvalidValue, format!("the value of {key:?} is JSON, and not bytes")))
            }
            Opened::Bytes(reference, content) => {
                let mut reader = self.reader(reference, content);
                reader.end = end.map_or(reader.end, |end| end.min(reader.end));
                reader.at = start;
                Ok(Some(reader))
            }
        }
    }

    /// Boxed, so that it is compiled once.
    fn open_bytes<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Opened>> {
        Box::pin(self.opened_bytes(key))
    }

    async fn opened_bytes(&self, key: &str) -> Result<Opened> {
        let record = self.scope.record(key);
        let mut missed = None;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let found = self.database.get(&[Lookup::of(&record)]).await?.into_iter().flatten().next();
            let Some(entry) = found else { return Ok(Opened::Nothing) };
            let Some(reference) = self.reference_of(&entry, key)? else { return Ok(Opened::Json(entry)) };
            if let Some(content) = content_of(&self.database, self.user(), &reference).await? {
                return Ok(Opened::Bytes(reference, content));
            }
            // It may have been replaced between the two looks.
            if missed.is_some() && missed == Some(entry.version) {
                let message =
                    format!("the bytes of the record {key:?} in namespace {:?} are missing", self.namespace());
                return Err(Error::new(ErrorKind::Corrupt, message));
            }
            missed = Some(entry.version);
            self.database.catch_up().await?;
        }
    }

    fn reference_of(&self, entry: &Entry, key: &str) -> Result<Option<BytesReference>> {
        DataRecord::decode_bytes(&entry.value)
            .map_err(|error| error.at(format_args!("the record {key:?} in namespace {:?}", self.namespace())))
    }

    fn reader(&self, reference: BytesReference, content: Content) -> BytesReader {
        BytesReader {
            database: self.database.clone(),
            scope: BytesScope::of(self.user()),
            end: content.size,
            id: content.id,
            reference,
            at: 0,
            ready: VecDeque::new(),
        }
    }

    /// Has a document carry its bytes, where it is of bytes. `None` where it is gone meanwhile; where it was replaced, that is it.
    pub(super) async fn with_bytes(&self, mut document: Document) -> Result<Option<Document>> {
        let store = self.use_namespace(&document.namespace);
        while document.record.is_bytes {
            match store.open_bytes(&document.key).await? {
                Opened::Bytes(reference, content) if document.reference().as_ref() == Some(&reference) => {
                    match store.reader(reference, content).whole().await {
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        bytes => {
                            document.bytes = Some(bytes?.into());
                            return Ok(Some(document));
                        }
                    }
                }
                Opened::Nothing => return Ok(None),
                Opened::Bytes(..) | Opened::Json(_) => {}
            }
            let scope = document.scope();
            let (record, access) = (scope.record(&document.key), scope.access(&document.key));
            let mut found = self.database.get(&[Lookup::of(&record), Lookup::of(&access)]).await?.into_iter();
            let (Some(record), access) = (found.next().flatten(), found.next().flatten()) else { return Ok(None) };
            document = self.document(&scope, document.key, &record, access.as_ref())?;
        }
        Ok(Some(document))
    }
}

/// What a look at a key finds.
enum Opened {
    Nothing,
    Json(Entry),
    Bytes(BytesReference, Content),
}

async fn content_of(database: &Database, user: &str, reference: &BytesReference) -> Result<Option<Content>> {
    let key = BytesScope::of(user).content(&reference.sha256);
    let found = database.get(&[Lookup::of(&key)]).await?.into_iter().flatten().next();
    found.map(|entry| Content::decode(&entry.value)).transpose()
}

impl BytesReader {
    /// What the record says of the bytes.
    #[must_use]
    pub const fn reference(&self) -> &BytesReference {
        &self.reference
    }

    /// The next bytes, of one piece at the most; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the bytes were removed or replaced meanwhile, and nothing refers to them any more; and those of reads, see
    /// [`DataStore`].
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let _call = self.database.begin()?;
        if self.ready.is_empty() && self.at < self.end {
            self.read_ahead().await?;
        }
        Ok(self.ready.pop_front())
    }

    /// All that is left.
    ///
    /// # Errors
    ///
    /// As [`Self::next`], and [`ErrorKind::LimitExceeded`] where it is too much for memory.
    pub async fn whole(mut self) -> Result<Vec<u8>> {
        let mut whole = Vec::new();
        let size = usize::try_from(self.end.saturating_sub(self.at)).ok();
        if size.is_none_or(|size| whole.try_reserve_exact(size).is_err()) {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                "so many bytes do not fit into memory; read them piece by piece",
            ));
        }
        while let Some(bytes) = self.next().await? {
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }

    async fn read_ahead(&mut self) -> Result<()> {
        let size = PIECE_BYTES as u64;
        let first = self.at / size;
        let last = (self.end - 1) / size;
        let keys: Vec<Key> =
            (first..=last.min(first + READ_AHEAD - 1)).map(|number| self.scope.piece(&self.id, number)).collect();
        let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
        for (number, entry) in (first..).zip(self.database.get(&lookups).await?) {
            let begin = number * size;
            let Some(entry) = entry else { return Err(self.missing().await) };
            if entry.value.len() as u64 != size.min(self.reference.size.saturating_sub(begin)) {
                return Err(self.damaged());
            }
            let within = |place: u64| usize::try_from(place.saturating_sub(begin)).unwrap_or(usize::MAX);
            let part = within(self.at)..within(self.end).min(entry.value.len());
            self.at = begin + part.end as u64;
            self.ready.push_back(entry.value.slice(part));
        }
        Ok(())
    }

    /// Why a piece is not there.
    async fn missing(&self) -> Error {
        let found = match self.database.catch_up().await {
            Ok(()) => content_of(&self.database, &self.scope.user, &self.reference).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(Some(content)) if content.id == self.id => self.damaged(),
            Ok(_) => Error::new(ErrorKind::NotFound, "the bytes were removed while they were read"),
            Err(error) => error,
        }
    }

    fn damaged(&self) -> Error {
        Error::new(ErrorKind::Corrupt, format!("a piece of the bytes {} is damaged or missing", self.reference.sha256))
    }
}
