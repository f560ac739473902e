//! The secondary indexes of a namespace: declared, built for what is there, given up.

use super::data_store::DataStore;
use super::database::Attempts;
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Entry};
use crate::model::data_record::Peek;
use crate::model::find::{Index, Indexes, Lister, Path};
use crate::model::keyspace;

/// How many records one commit lists, and about how many bytes of them.
const PIECE: u32 = 1_000;

impl DataStore {
    /// Declares an index of this namespace, and lists in it what is there. From then on it is kept in every commit that changes records, by
    /// whichever tab, and [`Self::find`] uses it where it serves. Where there is one already it is left as it is; one whose building was cut off
    /// is built.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where another one has the name, or the paths cannot be those of an
    /// index; [`LimitExceeded`](ErrorKind::LimitExceeded) where there are too many; and those of changes, see [`DataStore`].
    ///
    /// ```
    /// use agent_datastore::{Json, backend::memory::Memory, model::find::{Filter, FindOptions, Path}, store::Database};
    ///
    /// # pollster::block_on(async {
    /// let tasks = Database::new(Memory::new(), Default::default()).data_store(Default::default());
    /// tasks.set("t1", Json::parse(r#"{"status":"open"}"#)?, None).await?;
    /// tasks.create_index("by status", &[Path::parse("status")?]).await?;
    /// let filter = Filter::parse(&Json::parse(r#"{"status":"open"}"#)?)?;
    /// let options = FindOptions { filter, ..FindOptions::default() };
    /// assert_eq!(tasks.find(&options).await?.entries[0].key, "t1");
    /// assert_eq!(tasks.explain(&options).await?.index.as_deref(), Some("by status"));
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn create_index(&self, name: &str, paths: &[Path]) -> Result<()> {
        let _call = self.database.begin()?;
        self.declare(|declared| declared.with(name, paths), None).await?;
        let named = |declared: &Indexes| declared.list.iter().find(|index| index.name == name).cloned();
        let mut range = self.scope.records();
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let (declared, seen) = self.database.declared(&self.scope).await?;
            let Some(index) = named(&declared).filter(|index| !index.is_ready) else { return Ok(()) };
            let mut pieces = self.database.snapshot(&[range.clone().limit(PIECE)]).await?.1;
            let records = pieces.pop().unwrap_or_default();
            let is_end = records.len() < PIECE as usize;
            let mut batch = self.listed_in(&index, &records)?;
            if is_end {
                let ready = declared.ready(index.id).unwrap_or_default();
                batch.put(self.scope.declared(), ready.encode()?);
            }
            batch.check(Check::unchanged(self.scope.declared(), seen.as_ref()));
            if self.database.try_commit(batch).await? {
                if is_end {
                    return Ok(());
                }
                if let Some(last) = records.last() {
                    range = range.after(&last.key);
                }
                attempts = Attempts::default();
            }
        }
    }

    /// What lists these records in an index.
    fn listed_in(&self, index: &Index, records: &[Entry]) -> Result<Batch> {
        let lister = Lister::of(std::slice::from_ref(index));
        let names = self.scope.names();
        let mut batch = Batch::default();
        for record in records {
            batch.check(Check::unchanged(record.key.clone(), Some(record)));
            // What cannot be read is not listed; whoever asks for its key is told.
            if Peek::of(&record.value).is_ok() {
                for key in lister.keys(&self.scope, &names.of(&record.key)?, &record.value)? {
                    batch.put(key, Bytes::default());
                }
            }
        }
        Ok(batch)
    }

    /// Gives an index up. Returns whether there was one of this name.
    ///
    /// # Errors
    ///
    /// Those of changes, see [`DataStore`].
    pub async fn drop_index(&self, name: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        self.declare(|declared| Ok(declared.without(name)), Some(name)).await
    }

    /// The indexes of this namespace, in the order in which they were declared.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`].
    pub async fn list_indexes(&self) -> Result<Vec<Index>> {
        let _call = self.database.begin()?;
        Ok(self.database.declared(&self.scope).await?.0.list)
    }

    /// Changes what is declared, as `change` says; nothing, where that gives nothing. The entries of an index that is given up go with it.
    async fn declare(
        &self,
        change: impl Fn(&Indexes) -> Result<Option<Indexes>>,
        given_up: Option<&str>,
    ) -> Result<bool> {
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let (declared, seen) = self.database.declared(&self.scope).await?;
            let changed = match change(&declared) {
                Ok(Some(changed)) => changed,
                unchanged if is_fresh => return unchanged.map(|_| false),
                // Another tab may have declared something just now.
                _ => {
                    self.database.catch_up().await?;
                    is_fresh = true;
                    continue;
                }
            };
            let mut batch = Batch::default();
            batch.check(Check::unchanged(self.scope.declared(), seen.as_ref()));
            batch.put(self.scope.declared(), changed.encode()?);
            batch.put(keyspace::declares(), Bytes::default());
            if let Some(index) = declared.list.iter().find(|index| Some(index.name.as_str()) == given_up) {
                batch.delete_range(self.scope.index_entries(index.id));
            }
            match self.database.try_commit(batch).await {
                Ok(true) => return Ok(true),
                Ok(false) => is_fresh = false,
                Err(error) if error.kind() == ErrorKind::Conflict => is_fresh = false,
                Err(error) => return Err(error),
            }
        }
    }
}
