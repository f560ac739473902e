//! Taking up as little room as can be.

use super::database::{Attempts, Database};
use super::key_locks::Mode;
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Entry, Lookup};
use crate::model::data_rules::plan_tidy;
use crate::model::keyspace;

/// How many places of the expiry index one commit looks through.
const PIECE: u32 = 1_000;

impl Database {
    /// Removes what nobody needs any more: what has expired; and, how many that were it gives, what lists records that were deleted or set anew
    /// before they expired, and what was written of bytes by those who are gone. Then the log is merged into the pages, and what that and earlier merges made superfluous is removed, as far as
    /// no other tab still stands on it. Nothing that can be read changes.
    ///
    /// All of this happens by itself too, little by little; this is for those who need the room now.
    ///
    /// # Errors
    ///
    /// Those of reads and of commits; what was removed until then is gone all the same.
    pub async fn compact(&self) -> Result<u64> {
        let _call = self.begin()?;
        self.settle().await?;
        let removed = self.tidy_expiries().await? + self.remove_abandoned(keyspace::all_uploads()).await?;
        self.backend().compact().await?;
        Ok(removed)
    }

    /// Removes the places in the expiry index of records that do not expire then.
    async fn tidy_expiries(&self) -> Result<u64> {
        let backend = self.backend();
        let mut range = keyspace::expiries().keys_only();
        let mut attempts = Attempts::default();
        let (mut removed, mut piece) = (0, PIECE);
        loop {
            attempts.begin()?;
            let _turn = self.take_turns(vec![(keyspace::expiry_turn(), Mode::Alone)]).await;
            let found = backend.read(&[range.clone().limit(piece)]).await?;
            let listed: Vec<Entry> = found.into_iter().flatten().collect();
            let Some(last) = listed.last() else { return Ok(removed) };
            let names = listed.iter().map(|entry| keyspace::expiry_name(&entry.key)).collect::<Result<Vec<_>>>()?;
            let records: Vec<_> = names.iter().map(|(_, name)| name.scope.record(&name.key)).collect();
            let lookups: Vec<_> = records.iter().map(Lookup::of).collect();
            let seen = match backend.get(&lookups).await {
                Err(error) if piece > 1 && error.kind() == ErrorKind::LimitExceeded => {
                    piece /= 8;
                    continue;
                }
                seen => seen?,
            };
            let batch = plan_tidy(&listed, &names, &seen);
            let count = batch.operations.len() as u64;
            if count > 0 {
                match self.commit_derived(batch).await {
                    Ok(_) => removed += count,
                    Err(error) if error.kind() == ErrorKind::Conflict => {
                        self.catch_up().await?;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            range = range.after(&last.key);
            attempts = Attempts::default();
        }
    }
}
