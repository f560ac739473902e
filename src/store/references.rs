//! How references to bytes are counted: in the commit that changes the records, whoever makes it.

use super::database::Database;
use super::key_locks::{KeyGuard, Mode};
use crate::error::Result;
use crate::model::batch::{Batch, Lookup};
use crate::model::content::References;

impl Database {
    /// Adds to a batch what it does to references. Those who do so in one page take turns: else each would be a conflict for all others. The turn is kept
    /// until what this returns is dropped, which has to be after the commit; whoever has it waits for no other.
    pub(super) async fn count_references(&self, batch: &mut Batch, references: References) -> Result<Option<KeyGuard>> {
        if references.is_empty() {
            return Ok(None);
        }
        let turns = references.turns().into_iter().map(|turn| (turn, Mode::Alone)).collect();
        let turn = self.take_turns(turns).await;
        let references = references.gathered();
        let keys = references.keys();
        let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
        let seen = self.backend().get(&lookups).await?;
        references.count(batch, &seen)?;
        Ok(Some(turn))
    }
}
