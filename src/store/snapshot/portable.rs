//! Export and import of the directory layout of the original.

use super::SnapshotStore;
use super::queue::Change;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::batch::{Batch, Entry};
use crate::model::data_rules::Imported;
use crate::model::import::Existing;
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::snapshot::files::{self, Saved};
use crate::model::snapshot::record::Snapshot;
use crate::model::snapshot::rules::{self, Slot};

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SnapshotStore {
    /// What is saved in this scope and below it, in the directory layout of the original: paths and texts, see [`files`]. One snapshot of the
    /// database where it is small, and else several, one after the other. Of each key it is the current version alone.
    ///
    /// [`LimitExceeded`](ErrorKind::LimitExceeded) where that is more than one import can take, [`MAX_BATCH_BYTES`].
    pub async fn export_files(&self) -> Result<Vec<(String, String)>> {
        let _call = self.database.begin()?;
        self.made().await;
        let mut found: Vec<Saved> = Vec::new();
        let mut bytes = 0;
        let mut take = |entry: Entry| {
            let (path, key) = self.scope.place_of(&entry.key)?;
            let value = Snapshot::decode(&entry.value)?.value;
            bytes += entry.key.as_bytes().len() + value.as_str().len();
            check_export(bytes)?;
            found.push(Saved { path, key, value });
            Ok(true)
        };
        self.database.scan(self.scope.all_snapshots(), &mut take).await?;
        let files = files::write(&found);
        check_export(files.iter().map(|(path, text)| path.len() + text.len()).sum())?;
        Ok(files)
    }

    /// Saves what is in files, all of it or nothing, in one commit, in this scope and below it, see [`files::read`]. `known` are keys that the
    /// original's names may stand for.
    ///
    /// [`InvalidDocument`](ErrorKind::InvalidDocument), naming the file; [`AlreadyExists`](ErrorKind::AlreadyExists) where something is saved under one
    /// of the keys and is neither to be replaced nor skipped.
    ///
    /// It is in the queue when this returns.
    pub fn import_files(
        &self,
        files: &[(String, String)],
        known: &[String],
        existing: Existing,
    ) -> impl Future<Output = Result<Imported>> + use<> {
        let saved = files::read(files, known);
        let count = saved.as_ref().map_or(0, Vec::len);
        let made = self.change(saved.map(|saved| Change::Import(saved, existing, self.database.now())));
        async move {
            let imported = made.await?;
            Ok(Imported { imported, skipped: count - imported })
        }
    }

    /// Saves what was read of files. Returns how much of it was not skipped.
    pub(super) async fn make_import(&self, saved: &[Saved], existing: Existing, at: Timestamp) -> Result<usize> {
        // Another tab may have saved or deleted some of them.
        self.database.catch_up().await?;
        let keys: Vec<_> = saved.iter().map(|saved| (self.scope.below(&saved.path), saved.key.as_str())).collect();
        keys.iter().try_for_each(|(scope, key)| rules::check_key(scope, key))?;
        let mut take = |slots: &mut [Slot], batch: &mut Batch| {
            let mut imported = 0;
            for (slot, saved) in slots.iter_mut().zip(saved) {
                match existing {
                    Existing::Refuse if slot.is_taken() => return Err(rules::already_exists(&saved.key)),
                    Existing::Skip if slot.is_taken() => {}
                    _ => {
                        slot.save(saved.value.clone(), at, self.history, batch);
                        imported += 1;
                    }
                }
            }
            Ok(imported)
        };
        self.change_slots(&keys, self.history > 0, &mut take).await
    }
}

fn check_export(bytes: usize) -> Result<()> {
    if bytes <= MAX_BATCH_BYTES {
        return Ok(());
    }
    let message = format!("an export of more than {MAX_BATCH_BYTES} bytes could not be imported; narrow the store");
    Err(Error::new(ErrorKind::LimitExceeded, message))
}
