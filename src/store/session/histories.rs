//! What each adapter was told and said, and what the user asked.

use super::SessionStore;
use super::needs::Needs;
use crate::error::Result;
use crate::model::batch::{Batch, Check, Entry};
use crate::model::keyspace::SessionScope;
use crate::model::session::head::{decode, decode_if_readable, encode};
use crate::model::session::{Histories, Map, ModelResponse};
use crate::store::database::Attempts;
use crate::store::key_locks::Mode;

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// All histories; `None` where there are none.
    pub async fn histories(&self) -> Result<Option<Histories>> {
        let _call = self.database.begin()?;
        self.read_histories().await
    }

    pub(super) async fn read_histories(&self) -> Result<Option<Histories>> {
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let (version, head) = self.versioned_head().await?;
            let empty = |length: &Option<i64>| length.map(|_| Vec::new());
            let mut histories: Histories =
                head.histories.iter().map(|(adapter, length)| (adapter.to_owned(), empty(length))).collect();
            let mut take = |entry: Entry| {
                let adapter = SessionScope::adapter_of(&entry.key)?;
                if let Some(turns) = histories.get_mut(&adapter) {
                    turns.get_or_insert_default().push(decode(&entry.value)?);
                }
                Ok(true)
            };
            self.database.scan(self.scope.turns(self.session_id()), &mut take).await?;
            if self.is_still(version).await? {
                return Ok((!histories.is_empty()).then_some(histories));
            }
        }
    }

    /// Adds a run's prompt and answers to the histories: `responses[i]` to that of `panel[i]`, where it has a text and no error. Returns how many turns
    /// the history of each adapter of the panel had before.
    pub async fn append_histories(
        &self,
        panel: &[String],
        responses: &[ModelResponse],
        prompt: &str,
    ) -> Result<Map<i64>> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.touch();
            Ok(edit.append_histories(panel, responses, prompt))
        })
        .await
    }

    /// Puts these histories in the place of all.
    pub async fn set_histories(&self, histories: Option<&Histories>) -> Result<()> {
        let none = Histories::new();
        self.change(Needs::default(), &mut |edit, _| {
            edit.set_histories(histories.unwrap_or(&none));
            Ok(())
        })
        .await
    }

    /// Cuts histories to these lengths, in turns; those that are not named stay, and one that is empty then is forgotten.
    pub async fn truncate_histories(&self, lengths: &Map<i64>) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.touch();
            edit.truncate_histories(lengths);
            Ok(())
        })
        .await
    }

    /// Forgets all histories. The runs stay.
    pub async fn clear_histories(&self) -> Result<()> {
        self.set_histories(None).await
    }

    /// The prompts of the user, of all sessions, the newest first; `None` where there are none. Those that cannot be read are passed over.
    pub async fn prompt_history(&self) -> Result<Option<Vec<String>>> {
        let _call = self.database.begin()?;
        let mut prompts: Vec<String> = Vec::new();
        let mut take = |entry: Entry| {
            prompts.extend(decode_if_readable::<String>(&entry.value));
            Ok(true)
        };
        self.database.scan(self.scope.prompts(), &mut take).await?;
        Ok((!prompts.is_empty()).then_some(prompts))
    }

    /// Adds a prompt to those of the user, unless it is the same as the newest one. Returns whether it was added.
    pub async fn record_prompt(&self, prompt: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        let turn = self.scope.prompts().start;
        let _turn = self.database.take_turns(vec![(turn, Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let found = self.database.read(&[self.scope.prompts().limit(1)]).await?;
            let newest = found.into_iter().flatten().next();
            let number = match &newest {
                Some(entry) if decode_if_readable::<String>(&entry.value).is_some_and(|newest| newest == prompt) => {
                    if is_fresh {
                        return Ok(false);
                    }
                    // Another tab may have added one since.
                    self.database.catch_up().await?;
                    is_fresh = true;
                    continue;
                }
                Some(entry) => SessionScope::prompt_number(&entry.key)? + 1,
                None => 0,
            };
            let mut batch = Batch::default();
            let key = self.scope.prompt(number);
            batch.check(Check::unchanged(key.clone(), None));
            if let Some(newest) = &newest {
                batch.check(Check::unchanged(newest.key.clone(), Some(newest)));
            }
            batch.put(key, encode(&prompt.to_owned()));
            if self.database.try_commit(batch).await? {
                return Ok(true);
            }
        }
    }
}
