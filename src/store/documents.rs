//! Export and import of the agent data store's documents.

use super::data_store::DataStore;
use super::key_locks::Mode;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Entry, Lookup};
use crate::model::content::{BytesReference, plan_content, plan_pieces};
use crate::model::data_rules::{self, Existing, Imported};
use crate::model::document::{self, Document};
use crate::model::keyspace::{self, BytesScope, DataScope};
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::repeats::first_places;
use crate::model::tuple::Key;

impl DataStore {
    /// The records of this namespace, or of all namespaces of the user, as documents in key order. Reads counted so far are
    /// in them. They are read piece by piece: what is written meanwhile may be in them or not.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`]; and [`ErrorKind::LimitExceeded`] where they are together more than one import
    /// can take, [`MAX_BATCH_BYTES`].
    pub async fn documents(&self, all_namespaces: bool) -> Result<Vec<Document>> {
        let _call = self.database.begin()?;
        self.write_counted_reads().await;
        let (records_range, accesses_range) = if all_namespaces {
            (keyspace::user_records(self.user()), keyspace::user_accesses(self.user()))
        } else {
            (self.scope.records(), self.scope.accesses())
        };
        let mut records = Vec::new();
        let mut bytes = 0;
        let mut take = |entry: Entry| {
            bytes += entry.key.as_bytes().len() + entry.value.len();
            records.push(entry);
            check_export(bytes).map(|()| true)
        };
        self.database.scan(records_range, &mut take).await?;
        let mut accesses = Vec::new();
        let mut take = |entry: Entry| {
            accesses.push(entry);
            Ok(true)
        };
        self.database.scan(accesses_range, &mut take).await?;

        // Both are in the same order; counts whose record is gone are passed over.
        let mut accesses = accesses.into_iter().peekable();
        let mut documents = Vec::with_capacity(records.len());
        for record in records {
            let (namespace, key) = keyspace::record_name(&record)?;
            let scope = DataScope { user: self.user().to_owned(), namespace };
            let access_key = scope.access(&key);
            while accesses.next_if(|access| access.key < access_key).is_some() {}
            let access = accesses.next_if(|access| access.key == access_key);
            let document = self.document(&scope, key, &record, access.as_ref())?;
            document.check()?;
            // What is in the documents beside the record counts too.
            bytes = bytes.saturating_add(document.reference().map_or(0, |bytes| base64_bytes(bytes.size)));
            check_export(bytes)?;
            documents.extend(self.with_bytes(document).await?);
        }
        Ok(documents)
    }

    /// The documents as one JSON array, one a line.
    ///
    /// # Errors
    ///
    /// As [`Self::documents`].
    pub async fn export_documents(&self, all_namespaces: bool) -> Result<String> {
        Ok(document::join_documents(&self.documents(all_namespaces).await?))
    }

    /// Takes documents of this user into their namespaces, all or none.
    ///
    /// # Errors
    ///
    /// [`InvalidDocument`](ErrorKind::InvalidDocument), naming the document; and those of changes, see [`DataStore`].
    pub async fn import_documents(&self, text: &str, existing: Existing) -> Result<Imported> {
        let _call = self.database.begin()?;
        let documents = document::parse_documents(text, self.user(), self.database.now())?;
        let keys: Vec<Key> = documents.iter().map(|document| document.scope().record(&document.key)).collect();
        let scopes = documents.iter().map(|document| (document.scope().turn(), Mode::Shared));
        let turns = keys.iter().cloned().map(|key| (key, Mode::Alone)).chain(scopes).collect();
        let contents = Contents::of(&documents, &|| self.database.draw_id());
        let lookups: Vec<_> = keys.iter().map(Lookup::existence).chain(contents.keys.iter().map(Lookup::of)).collect();
        let mut result = Imported::default();
        let mut replaced = Vec::new();
        let mut plan = |seen: &[Option<Entry>]| {
            let (seen, known) = seen.split_at(keys.len());
            let (mut batch, planned) = data_rules::plan_import(&documents, existing, seen)?;
            result = planned;
            replaced = seen.iter().map(|seen| seen.is_none() || existing == Existing::Replace).collect::<Vec<_>>();
            contents.plan(&mut batch, self.user(), &replaced, known)?;
            Ok(batch)
        };
        let _turn = self.database.change(turns, &lookups, &mut plan).await?;
        for (document, _) in documents.iter().zip(replaced).filter(|(_, replaced)| *replaced) {
            self.database.accesses().forget(&document.scope(), &document.key);
        }
        Ok(result)
    }
}

/// The bytes that documents bring.
struct Contents<'a> {
    /// Each content once.
    keys: Vec<Key>,
    found: Vec<Found<'a>>,
}

/// A content of documents.
struct Found<'a> {
    reference: BytesReference,
    bytes: &'a [u8],
    /// What it is stored under, where it is not there yet.
    id: String,
    /// The places of the documents that have it.
    places: Vec<usize>,
}

impl<'a> Contents<'a> {
    fn of(documents: &'a [Document], draw_id: &dyn Fn() -> String) -> Self {
        let mut brought = Vec::new();
        for (place, document) in documents.iter().enumerate() {
            if let (Some(bytes), Some(reference)) = (&document.bytes, document.reference()) {
                let key = BytesScope::of(&document.user).content(&reference.sha256);
                brought.push((place, key, reference, bytes));
            }
        }
        let first = first_places(brought.iter().map(|(_, key, ..)| key.as_bytes()));
        let mut contents = Self { keys: Vec::new(), found: Vec::new() };
        let mut known = Vec::with_capacity(first.len());
        for (at, ((place, key, reference, bytes), first)) in brought.into_iter().zip(first).enumerate() {
            let content =
                if first == at { contents.found.len() } else { known.get(first).copied().unwrap_or_default() };
            known.push(content);
            if first == at {
                contents.keys.push(key);
                contents.found.push(Found { reference, bytes, id: draw_id(), places: Vec::new() });
            }
            if let Some(found) = contents.found.get_mut(content) {
                found.places.push(place);
            }
        }
        contents
    }

    /// Adds those that are not there, of documents that are written.
    fn plan(&self, batch: &mut Batch, user: &str, is_written: &[bool], known: &[Option<Entry>]) -> Result<()> {
        let scope = BytesScope::of(user);
        for (Found { reference, bytes, id, places }, known) in self.found.iter().zip(known) {
            if places.iter().any(|place| is_written.get(*place) == Some(&true))
                && plan_content(batch, &scope, reference, id, known.as_ref())?
            {
                plan_pieces(batch, &scope, id, 0, bytes);
            }
        }
        Ok(())
    }
}

/// How many bytes of text so many bytes become.
const fn base64_bytes(size: u64) -> usize {
    (size.div_ceil(3) as usize).saturating_mul(4)
}

fn check_export(bytes: usize) -> Result<()> {
    if bytes <= MAX_BATCH_BYTES {
        return Ok(());
    }
    let message = format!("more than {MAX_BATCH_BYTES} bytes of records are too many for one export");
    Err(Error::new(ErrorKind::LimitExceeded, message))
}
