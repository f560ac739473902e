//! Documents of what was saved of a damaged database.

use crate::backend::paged::Salvaged;
use crate::error::{Error, ErrorKind, Result};
use crate::model::access::Access;
use crate::model::batch::{Bytes, Entry};
use crate::model::data_record::DataRecord;
use crate::model::document::{self, Document};
use crate::model::keyspace::{self, DataName};
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
    /// The documents of what was saved. A record that cannot be decoded is left out and named.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NewerVersion`] where a record is of a later format.
    pub fn of(salvaged: Salvaged) -> Result<Self> {
        let Salvaged { entries, others, damage } = salvaged;
        let mut saved = Self { others, damage, ..Self::default() };
        let mut records: Vec<(DataName, Entry)> = Vec::new();
        let mut accesses: HashMap<Key, Bytes> = HashMap::new();
        for entry in entries {
            match keyspace::data_name(&entry.key) {
                Some(name) if name.is_access => drop(accesses.insert(entry.key, entry.value)),
                Some(name) => records.push((name, entry)),
                None => saved.others += 1,
            }
        }
        let mut documents = Vec::with_capacity(records.len());
        for (name, record) in records {
            let access = accesses.get(&name.scope.access(&name.key));
            match document_of(name, &record, access) {
                Ok(document) => {
                    if document.record.is_bytes {
                        let Document { user, namespace, key, .. } = &document;
                        let what = "of its bytes only what their record says is saved";
                        saved
                            .damage
                            .push(format!("the record {key:?} in namespace {namespace:?} of user {user:?}: {what}"));
                    }
                    documents.push(document);
                }
                Err(error) if error.kind() == ErrorKind::Corrupt => saved.damage.push(error.message().to_owned()),
                Err(error) => return Err(error),
            }
        }
        saved.records = documents.len();
        saved.documents = document::join_documents(&documents);
        Ok(saved)
    }
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
