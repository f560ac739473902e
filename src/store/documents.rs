//! Export and import of the agent data store's documents.

use super::data_store::DataStore;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Entry};
use crate::model::document::{self, Document};
use crate::model::keyspace::{self, DataScope};
use std::collections::{HashMap, HashSet};

/// What an import does with a key that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// The imported record takes its place.
    #[default]
    Replace,
    /// The stored record stays.
    Skip,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Records written.
    pub imported: usize,
    /// Records left alone because their key existed.
    pub skipped: usize,
}

impl DataStore {
    /// The records of this namespace, or of all namespaces of the user, as documents in key order; one snapshot. Reads
    /// counted so far are written first.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`].
    pub async fn documents(&self, all_namespaces: bool) -> Result<Vec<Document>> {
        self.write_counted_reads().await?;
        let ranges = if all_namespaces {
            [keyspace::user_records(self.user()), keyspace::user_accesses(self.user())]
        } else {
            [self.scope.records(), self.scope.accesses()]
        };
        let mut found = self.database.read(&ranges).await?.into_iter();
        let records = found.next().unwrap_or_default();
        let accesses: HashMap<_, _> =
            found.flatten().map(|entry| Ok((keyspace::access_name(&entry)?, entry))).collect::<Result<_>>()?;
        let document = |record: Entry| {
            let name = keyspace::record_name(&record)?;
            let access = accesses.get(&name);
            self.document(&name.0, name.1.clone(), &record, access)
        };
        records.into_iter().map(document).collect()
    }

    /// The documents as one JSON array, one a line.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`].
    pub async fn export_documents(&self, all_namespaces: bool) -> Result<String> {
        Ok(document::join_documents(&self.documents(all_namespaces).await?))
    }

    /// Takes documents of this user into their namespaces, all or none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidDocument`], naming the document; and those of changes, see [`DataStore`].
    pub async fn import_documents(&self, text: &str, existing: Existing) -> Result<Imported> {
        let now = self.database.now();
        let mut documents = Vec::new();
        let mut names = HashSet::new();
        for (place, text) in document::split_documents(text)?.iter().enumerate() {
            let at = |error: Error| error.at(format_args!("document {place}"));
            let document = Document::parse(text.as_str(), self.user(), now).map_err(at)?;
            if !names.insert((document.namespace.clone(), document.key.clone())) {
                let message = format!("the key {:?} comes twice", document.key);
                return Err(at(Error::new(ErrorKind::InvalidDocument, message)));
            }
            documents.push(document);
        }
        let scope =
            |document: &Document| DataScope { user: self.user().to_owned(), namespace: document.namespace.clone() };
        let keys = documents.iter().map(|document| scope(document).record(&document.key)).collect();
        let plan = |seen: &[Option<Entry>]| {
            let mut batch = Batch::default();
            let mut result = Imported::default();
            for (document, seen) in documents.iter().zip(seen) {
                if seen.is_some() && existing == Existing::Skip {
                    result.skipped += 1;
                    continue;
                }
                let scope = scope(document);
                let key = scope.record(&document.key);
                batch.check(Check::unchanged(key.clone(), seen.as_ref()));
                batch.put(key, document.record.encode()?);
                if document.access.count > 0 {
                    batch.put(scope.access(&document.key), document.access.encode()?);
                } else {
                    batch.delete(scope.access(&document.key));
                }
                result.imported += 1;
            }
            Ok((batch, result))
        };
        self.database.change(keys, true, plan).await
    }
}
