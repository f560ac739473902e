//! Building an index of what is there: records are read in their order, and what lists them is written in the order of the index, so that each commit
//! fills a few leaves. In the order of the records nearly every leaf of the index would be written anew again and again.

use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Entry, Expect, Lookup, ReadRange, Version};
use crate::model::codec::damaged;
use crate::model::find::{Index, Indexes, Lister, Path};
use crate::model::keyspace::{self, DataScope};
use crate::model::tuple::Key;
use crate::store::database::{Attempts, Database};
use std::collections::BTreeMap;

/// How many bytes of records and of what lists them are gathered before that is written.
const GATHERED_BYTES: usize = if cfg!(feature = "tiny") { 1_000 } else { 16 * 1024 * 1024 };
/// How many records are read at a time, at first and at the most, and about how many bytes they have.
const FIRST_PIECE: u32 = if cfg!(feature = "tiny") { 2 } else { 64 };
const LARGEST_PIECE: u32 = if cfg!(feature = "tiny") { 4 } else { 1_000 };
const PIECE_BYTES: usize = 8 * 1024 * 1024;
/// After how many bytes of records read from memory others have a turn.
const TURN_BYTES: usize = 1024 * 1024;
/// How much one commit writes, and how many entries.
const COMMIT_BYTES: usize = if cfg!(feature = "tiny") { 200 } else { 512 * 1024 };
const COMMIT_ENTRIES: usize = if cfg!(feature = "tiny") { 5 } else { 2_000 };

/// What is gathered and not written, in the order of the index: the commit that wrote each record, and its copy.
type Gathered = BTreeMap<Key, (Version, Bytes)>;

/// An index that is being built.
pub(super) struct Build<'a> {
    pub(super) database: &'a Database,
    pub(super) scope: &'a DataScope,
    pub(super) name: &'a str,
    pub(super) paths: &'a [Path],
    pub(super) is_covering: bool,
}

/// What one commit lists of a record, and the commit that wrote that.
struct Listed {
    key: Key,
    copy: Bytes,
    record: Key,
    version: Version,
}

/// What is declared, and how that is stored.
struct Declared {
    indexes: Indexes,
    stored: Option<Entry>,
    index: Index,
}

impl Build<'_> {
    /// Lists what is there. Whoever changes records since the index was declared keeps what lists those; so what has changed since it was read is
    /// left to them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where the index is given up meanwhile, and those of changes.
    pub(super) async fn run(&self) -> Result<()> {
        let mut declared = self.declared().await?;
        let mut rest = Some(self.scope.records());
        let mut gathered = Gathered::default();
        let mut attempts = Attempts::default();
        let mut most = COMMIT_ENTRIES;
        while !declared.index.is_ready {
            if gathered.is_empty()
                && let Some(range) = rest.take()
            {
                rest = self.gather(&declared.index, range, &mut gathered).await?;
            }
            let piece = self.take(&mut gathered, most)?;
            let is_last = rest.is_none() && gathered.is_empty();
            if self.database.try_commit(self.batch(&declared, &piece, is_last)?).await? {
                if is_last {
                    return Ok(());
                }
                (attempts, most) = (Attempts::default(), COMMIT_ENTRIES);
                continue;
            }
            let before = std::mem::replace(&mut declared, self.declared().await?);
            if declared.index.id != before.index.id {
                // It was given up and declared anew.
                (rest, gathered) = (Some(self.scope.records()), Gathered::default());
                attempts.begin()?;
                continue;
            }
            let count = piece.len();
            let unchanged = self.unchanged(piece).await?;
            if unchanged.len() == count {
                attempts.begin()?;
            }
            // Fewer are less likely to change meanwhile, and one that has changed does not come again.
            most = (count / 2).max(1);
            for listed in unchanged {
                gathered.insert(listed.key, (listed.version, listed.copy));
            }
        }
        Ok(())
    }

    async fn declared(&self) -> Result<Declared> {
        let (indexes, stored) = self.database.declared(self.scope).await?;
        let Some(index) = indexes.list.iter().find(|index| index.name == self.name).cloned() else {
            let message = format!("the index {:?} was given up while it was built", self.name);
            return Err(Error::new(ErrorKind::Conflict, message));
        };
        // Others may have given it up and declared another one.
        indexes.with(self.name, self.paths, self.is_covering)?;
        Ok(Declared { indexes, stored, index })
    }

    /// Gathers what lists the first records of a range. Returns what is left of that.
    async fn gather(&self, index: &Index, mut range: ReadRange, gathered: &mut Gathered) -> Result<Option<ReadRange>> {
        let lister = Lister::of(std::slice::from_ref(index));
        let names = self.scope.names();
        let mut piece = FIRST_PIECE;
        let (mut bytes, mut turn) = (0, 0);
        // Each commit looks at records from anywhere among them.
        let enough = GATHERED_BYTES.min(self.database.backend().kept_bytes() / 2);
        loop {
            let records = match self.database.read(&[range.clone().limit(piece)]).await {
                Err(error) if piece > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    piece /= 2;
                    continue;
                }
                read => read?.into_iter().next().unwrap_or_default(),
            };
            let is_end = records.len() < piece as usize;
            let read: usize = records.iter().map(|record| record.value.len() + record.key.as_bytes().len()).sum();
            let average = (read / records.len().max(1)).max(1);
            if let Some(last) = records.last() {
                range = range.after(&last.key);
            }
            for record in records {
                let Some(version) = record.version else { continue };
                let key = names.of(&record.key)?;
                // What cannot be read is not listed; whoever asks for its key is told.
                let entries = lister.entries(self.scope, &key, &record.value, Some(version)).unwrap_or_default();
                for (entry, copy) in entries {
                    gathered.insert(entry, (version, copy));
                }
            }
            if is_end {
                return Ok(None);
            }
            (bytes, turn) = (bytes + read, turn + read);
            if bytes >= enough {
                return Ok(Some(range));
            }
            if turn >= TURN_BYTES {
                turn = 0;
                // What is in memory is read without a pause, and a page would stand still.
                self.database.catch_up().await?;
            }
            piece = u32::try_from(PIECE_BYTES / average).unwrap_or(u32::MAX).clamp(1, (piece * 2).min(LARGEST_PIECE));
        }
    }

    /// Takes the first entries out, as many as one commit writes, at the most `most`.
    fn take(&self, gathered: &mut Gathered, most: usize) -> Result<Vec<Listed>> {
        let mut piece = Vec::new();
        let mut bytes = 0;
        while piece.len() < most && bytes < COMMIT_BYTES {
            let Some((key, (version, copy))) = gathered.pop_first() else { break };
            bytes += key.as_bytes().len() + copy.len();
            let record = self.scope.record(&keyspace::listed_key(&key).ok_or_else(damaged)?);
            piece.push(Listed { key, copy, record, version });
        }
        Ok(piece)
    }

    /// What writes a piece, and with the last one that the index is complete.
    fn batch(&self, declared: &Declared, piece: &[Listed], is_last: bool) -> Result<Batch> {
        let mut batch = Batch::default();
        batch.check(Check::unchanged(self.scope.declared(), declared.stored.as_ref()));
        for listed in piece {
            batch.check(Check { key: listed.record.clone(), expect: Expect::Version(listed.version) });
            batch.put(listed.key.clone(), listed.copy.clone());
        }
        if is_last {
            let ready = declared.indexes.ready(declared.index.id).unwrap_or_default();
            batch.put(self.scope.declared(), ready.encode()?);
        }
        Ok(batch)
    }

    /// A piece without the records that have changed.
    async fn unchanged(&self, mut left: Vec<Listed>) -> Result<Vec<Listed>> {
        let mut unchanged = Vec::with_capacity(left.len());
        let mut count = left.len();
        while !left.is_empty() {
            let lookups: Vec<_> = left.iter().take(count).map(|listed| Lookup::of(&listed.record)).collect();
            let found = match self.database.get(&lookups).await {
                // They are too large to be read together.
                Err(error) if count > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    count /= 2;
                    continue;
                }
                found => found?,
            };
            for (listed, found) in left.drain(..count.min(left.len())).zip(found) {
                if found.and_then(|entry| entry.version) == Some(listed.version) {
                    unchanged.push(listed);
                }
            }
        }
        Ok(unchanged)
    }
}
