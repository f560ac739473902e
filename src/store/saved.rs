//! Documents of what was saved of a damaged database.

use crate::backend::paged::Salvaged;
use crate::error::{Error, ErrorKind, Result};
use crate::model::access::Access;
use crate::model::batch::{Bytes, Entry, ReadRange};
use crate::model::content::Content;
use crate::model::data_record::DataRecord;
use crate::model::document::{self, Document};
use crate::model::keyspace::{self, BytesScope, DataName};
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::tuple::Key;
use serde::Serialize;
use std::collections::HashMap;

/// The records of the agent data store that were saved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SavedDocuments {
    /// The documents of all users, as one JSON array, one a line.
    pub documents: String,
    /// How many they are.
    pub records: usize,
    /// How many entries are none of the agent data store, or were not wanted.
    pub others: u64,
    /// What is damaged or missing: blobs and records by their names.
    pub damage: Vec<String>,
}

impl SavedDocuments {
    /// The documents of what can be saved of the records that are `wanted`, with their bytes. `salvage` reads the entries whose keys it is told: a second and a
    /// third time, where there are records of bytes. One that cannot be decoded is left out and named; of one whose bytes are not whole, or
    /// are too many for an import, only what it says of them is saved, and that is named too.
    ///
    /// # Errors
    ///
    /// Those of `salvage`; [`ErrorKind::NewerVersion`] where a record is of a later format.
    pub async fn of(
        salvage: impl AsyncFn(&dyn Fn(&Key) -> bool) -> Result<Salvaged>,
        wanted: &dyn Fn(&Key) -> bool,
    ) -> Result<Self> {
        let Salvaged { entries, others, damage } = salvage(wanted).await?;
        let mut saved = Self { others, damage, ..Self::default() };
        let mut documents = saved.documents_in(entries)?;
        let contents = ContentsOf::read(&salvage, &documents).await?;
        let mut left = MAX_BATCH_BYTES;
        for document in documents.iter_mut().filter(|document| document.record.is_bytes) {
            let bytes = contents.bytes_of(document).filter(|bytes| bytes.len() / 3 * 4 <= left);
            match bytes {
                Some(bytes) => {
                    left -= bytes.len() / 3 * 4;
                    document.bytes = Some(bytes);
                }
                None => {
                    let Document { user, namespace, key, .. } = &document;
                    let place = format!("the record {key:?} in namespace {namespace:?} of user {user:?}");
                    saved.damage.push(format!("{place}: of its bytes only what it says of them is saved"));
                }
            }
        }
        saved.others = saved.others.saturating_sub(contents.entries);
        saved.records = documents.len();
        saved.documents = document::join_documents(&documents);
        Ok(saved)
    }

    fn documents_in(&mut self, entries: Vec<Entry>) -> Result<Vec<Document>> {
        let mut records: Vec<(DataName, Entry)> = Vec::new();
        let mut accesses: HashMap<Key, Bytes> = HashMap::new();
        for entry in entries {
            match keyspace::data_name(&entry.key) {
                Some(name) if name.is_access => drop(accesses.insert(entry.key, entry.value)),
                Some(name) => records.push((name, entry)),
                None => self.others += 1,
            }
        }
        let mut documents = Vec::with_capacity(records.len());
        for (name, record) in records {
            let access = accesses.get(&name.scope.access(&name.key));
            match document_of(name, &record, access) {
                Ok(document) => documents.push(document),
                Err(error) if error.kind() == ErrorKind::Corrupt => self.damage.push(error.message().to_owned()),
                Err(error) => return Err(error),
            }
        }
        Ok(documents)
    }
}

/// The bytes that documents refer to, as far as they can be read.
#[derive(Default)]
struct ContentsOf {
    /// By the keys of the contents.
    bytes: HashMap<Key, Bytes>,
    /// How many entries that took.
    entries: u64,
}

impl ContentsOf {
    async fn read(
        salvage: &impl AsyncFn(&dyn Fn(&Key) -> bool) -> Result<Salvaged>,
        documents: &[Document],
    ) -> Result<Self> {
        let named = |document: &Document| Some((content_key(document)?, BytesScope::of(&document.user)));
        let wanted: HashMap<Key, BytesScope> = documents.iter().filter_map(named).collect();
        let mut contents = Self::default();
        if wanted.is_empty() {
            return Ok(contents);
        }
        let found = salvage(&|key| wanted.contains_key(key)).await?.entries;
        let mut ranges: Vec<(ReadRange, Key)> = Vec::new();
        for entry in &found {
            // What cannot be read is as good as not there.
            if let (Ok(content), Some(scope)) = (Content::decode(&entry.value), wanted.get(&entry.key)) {
                ranges.push((scope.pieces(&content.id), entry.key.clone()));
            }
        }
        let range_of = |key: &Key| ranges.iter().find(|(range, _)| range.start <= *key && *key < range.end);
        let pieces = match salvage(&|key| range_of(key).is_some()).await {
            Err(error) if error.kind() == ErrorKind::LimitExceeded => return Ok(contents),
            pieces => pieces?.entries,
        };
        contents.entries = (found.len() + pieces.len()) as u64;
        let mut whole: HashMap<Key, Vec<u8>> = HashMap::new();
        // They come in the order of their keys, so one that is missing leaves bytes that do not fit.
        for piece in pieces {
            if let Some((_, content)) = range_of(&piece.key) {
                whole.entry(content.clone()).or_default().extend_from_slice(&piece.value);
            }
        }
        contents.bytes = whole.into_iter().map(|(key, bytes)| (key, bytes.into())).collect();
        Ok(contents)
    }

    /// The bytes of a document, where they are the ones that it means.
    fn bytes_of(&self, document: &Document) -> Option<Bytes> {
        let reference = document.reference()?;
        let bytes = self.bytes.get(&content_key(document)?).cloned().unwrap_or_default();
        reference.fits(&bytes).then_some(bytes)
    }
}

fn content_key(document: &Document) -> Option<Key> {
    let reference = document.reference()?;
    Some(BytesScope::of(&document.user).content(&reference.sha256))
}

fn document_of(name: DataName, record: &Entry, access: Option<&Bytes>) -> Result<Document> {
    let DataName { scope, key, .. } = name;
    let damaged = |error: Error| {
        error.at(format_args!("the record {key:?} in namespace {:?} of user {:?}", scope.namespace, scope.user))
    };
    let record = DataRecord::decode(&record.value).map_err(damaged)?;
    // Counts that are lost harm nobody.
    let access = access.and_then(|bytes| Access::decode(bytes).ok()).unwrap_or_default();
    let document = Document {
        user: scope.user.clone(),
        namespace: scope.namespace.clone(),
        key: key.clone(),
        record,
        access,
        bytes: None,
        version: None,
    };
    document.check().map_err(|error| error.at(format_args!("user {:?}", scope.user)))?;
    Ok(document)
}
