//! The secondary indexes of a namespace: declared, built for what is there, given up.

mod build;

use super::data_store::DataStore;
use super::database::Attempts;
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check};
use crate::model::find::{Index, Indexes, Path};
use crate::model::keyspace;
use build::Build;

impl DataStore {
    /// Declares an index of this namespace, and lists in it what is there. From then on it is kept in every commit that changes records, by
    /// whichever tab, and [`Self::find`] uses it where it serves. Where there is one already it is left as it is; one whose building was cut off
    /// is built.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where another one has the name, or the paths cannot be those of an
    /// index; [`LimitExceeded`](ErrorKind::LimitExceeded) where there are too many, and where a key is too long to be listed: what is
    /// listed by may take 150 bytes a path of the 64 KiB; [`Conflict`](ErrorKind::Conflict) where others give it up meanwhile; and those of changes, see [`DataStore`].
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
        self.create(name, paths, false).await
    }

    /// As [`Self::create_index`], with copies of records of up to 1 KiB: a search that uses it reads no records, but each change of one writes
    /// it once more.
    ///
    /// # Errors
    ///
    /// As of [`Self::create_index`].
    pub async fn create_covering_index(&self, name: &str, paths: &[Path]) -> Result<()> {
        self.create(name, paths, true).await
    }

    async fn create(&self, name: &str, paths: &[Path], is_covering: bool) -> Result<()> {
        let _call = self.database.begin()?;
        self.declare(|declared| declared.with(name, paths, is_covering), None).await?;
        let build = Build { database: &self.database, scope: &self.scope, name, paths, is_covering };
        match build.run().await {
            // It cannot list them all: kept, it would refuse them.
            Err(error) if error.kind() == ErrorKind::LimitExceeded => {
                self.declare(|declared| Ok(declared.without(name)), Some(name)).await?;
                Err(error)
            }
            built => built,
        }
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
