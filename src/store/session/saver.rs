//! Keeping the checkpoint of a run while its answers come.

use super::SessionStore;
use crate::error::Result;
use crate::model::go_json::GoTime;
use crate::model::session::{Checkpoint, Map, ResponseSnapshot};
use std::cell::RefCell;

/// Keeps the checkpoint of a run that is under way: each snapshot is stored with those that came before.
#[derive(Debug)]
pub struct IncrementalSaver {
    store: SessionStore,
    prompt: String,
    adapter_ids: Vec<String>,
    verbose: bool,
    snapshots: RefCell<Map<ResponseSnapshot>>,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// What keeps the checkpoint of a run with these adapters.
    #[must_use]
    pub fn incremental_saver(&self, prompt: &str, adapter_ids: &[String], verbose: bool) -> IncrementalSaver {
        IncrementalSaver {
            store: self.clone(),
            prompt: prompt.to_owned(),
            adapter_ids: adapter_ids.to_vec(),
            verbose,
            snapshots: RefCell::default(),
        }
    }
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl IncrementalSaver {
    /// Keeps how far a model came. Models that were not asked are passed over. Calls that are made at once are stored in their order.
    pub async fn update(&self, model: &str, snapshot: ResponseSnapshot) -> Result<()> {
        if !self.adapter_ids.iter().any(|id| id == model) {
            return Ok(());
        }
        self.snapshots.borrow_mut().insert(model.to_owned(), snapshot);
        let at = GoTime::from(self.store.database.now());
        let checkpoint =
            Checkpoint::under_way(&self.prompt, &self.adapter_ids, &self.snapshots.borrow(), self.verbose, at);
        match checkpoint {
            Some(checkpoint) => self.store.save_checkpoint(&checkpoint).await,
            None => Ok(()),
        }
    }
}
