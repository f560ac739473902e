//! Export and import of the agent data store's documents.

use super::data_store::DataStore;
use crate::error::Result;
use crate::model::batch::Entry;
use crate::model::data_rules::{self, Existing, Imported};
use crate::model::document::{self, Document};
use crate::model::keyspace;

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
        let (records, accesses) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
        // Both lists are in the same order, and there are no counts without their record.
        let mut accesses = accesses.into_iter().peekable();
        let mut documents = Vec::with_capacity(records.len());
        for record in records {
            let (namespace, key) = keyspace::record_name(&record)?;
            let access_key = self.use_namespace(&namespace).scope.access(&key);
            let access = accesses.next_if(|access| access.key == access_key);
            documents.push(self.document(&namespace, key, &record, access.as_ref())?);
        }
        Ok(documents)
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
    /// [`InvalidDocument`](crate::ErrorKind::InvalidDocument), naming the document; and those of changes, see [`DataStore`].
    pub async fn import_documents(&self, text: &str, existing: Existing) -> Result<Imported> {
        let documents = document::parse_documents(text, self.user(), self.database.now())?;
        let keys = documents.iter().map(|document| document.scope().record(&document.key)).collect();
        let mut result = Imported::default();
        let mut plan = |seen: &[Option<Entry>]| {
            let (batch, planned) = data_rules::plan_import(&documents, existing, seen)?;
            result = planned;
            Ok(batch)
        };
        self.database.change(keys, true, &mut plan).await?;
        Ok(result)
    }
}
