//! The namespaces of a user in the agent data store.

use super::data_store::DataStore;
use crate::error::Result;
use crate::model::batch::Entry;
use crate::model::data_record::DataRecord;
use crate::model::keyspace;
use crate::model::namespaces::{NamespaceDetails, NamespaceName, NamespaceOptions};

/// How many keys one read of [`DataStore::namespaces`] fetches before it skips to the next namespace.
const STRIDE: u32 = 64;

#[allow(clippy::missing_errors_doc, reason = "those of reads; the documentation of `DataStore` has them")]
impl DataStore {
    /// The namespaces of the user that hold a key, sorted by code point. One that is created or emptied during the call
    /// may be listed or not.
    pub async fn list_namespaces(&self) -> Result<Vec<String>> {
        let found = self.namespaces(&NamespaceOptions::default()).await?;
        Ok(found.into_iter().map(|namespace| namespace.name).collect())
    }

    /// The namespaces of the user that hold a key, or groups of them, sorted by code point. What each holds is skipped. One that is
    /// created or emptied during the call may be listed or not.
    ///
    /// # Errors
    ///
    /// Those of reads; [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an empty delimiter and a depth of 0.
    pub async fn namespaces(&self, options: &NamespaceOptions) -> Result<Vec<NamespaceName>> {
        let _call = self.database.begin()?;
        options.check()?;
        let mut listed: Vec<NamespaceName> = Vec::new();
        let mut range = keyspace::user_records_from_prefix(self.user(), &options.prefix).keys_only().limit(STRIDE);
        loop {
            let found = self.database.read(std::slice::from_ref(&range)).await?;
            for entry in found.iter().flatten() {
                let name = options.name_of(&keyspace::record_name(entry)?.0);
                if listed.last() != Some(&name) {
                    listed.push(name);
                }
            }
            match listed.last() {
                Some(last) if found.iter().flatten().count() == STRIDE as usize => {
                    range.start = match last.is_group {
                        false => keyspace::user_records_after(self.user(), &last.name).start,
                        true => keyspace::user_records_from_prefix(self.user(), &last.name).end,
                    };
                }
                _ => return Ok(listed),
            }
        }
    }

    /// As [`Self::namespaces`], each with what it holds. Reads every record, piece by piece: what is written meanwhile may be counted
    /// or not.
    ///
    /// # Errors
    ///
    /// As of [`Self::namespaces`].
    pub async fn namespace_details(&self, options: &NamespaceOptions) -> Result<Vec<NamespaceDetails>> {
        let _call = self.database.begin()?;
        options.check()?;
        let mut listed: Vec<NamespaceDetails> = Vec::new();
        let mut take = |entry: Entry| {
            let (namespace, key) = keyspace::record_name(&entry)?;
            let updated_at = DataRecord::decode_updated_at(&entry.value)
                .map_err(|error| error.at(format_args!("the record {key:?} in namespace {namespace:?}")))?;
            let name = options.name_of(&namespace);
            if listed.last().is_none_or(|last| last.namespace != name) {
                listed.push(NamespaceDetails::new(name, updated_at));
            }
            if let Some(last) = listed.last_mut() {
                last.add(key.len() + entry.value.len(), updated_at);
            }
            Ok(true)
        };
        let range = keyspace::user_records_from_prefix(self.user(), &options.prefix);
        self.database.scan(range, &mut take).await?;
        Ok(listed)
    }
}
