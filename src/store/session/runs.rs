//! What was asked and answered.

use super::SessionStore;
use super::needs::{Needs, RunRows};
use crate::error::{Error, ErrorKind, Result};
use crate::model::codec::damaged;
use crate::model::go_json::GoTime;
use crate::model::session::{
    Event, Map, ModelResponse, SelectionParams, SessionContent, SessionMetadata, UsageByModel, content_of, day_of,
    priced, summary_of,
};
use crate::store::database::Attempts;

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// What the session is, with all its runs in short.
    pub async fn metadata(&self) -> Result<SessionMetadata> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let (version, head) = self.versioned_head().await?;
            let runs = self.records(self.scope.runs(self.session_id())).await?;
            if self.is_still(version).await? {
                return Ok(head.to_metadata(runs));
            }
        }
    }

    /// All that was said: the runs, and the histories.
    pub async fn content(&self) -> Result<SessionContent> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let (version, head) = self.versioned_head().await?;
            let runs: Vec<_> = self.records(self.scope.contents(self.session_id())).await?;
            let histories = self.read_histories().await?;
            if self.is_still(version).await? {
                let runs = (head.lists_contents || !runs.is_empty()).then_some(runs);
                return Ok(SessionContent { runs, histories });
            }
        }
    }

    /// Adds a run: in short, with what each model cost, how long it took and the hash of the active recipe, which is stored too; with all that was said; and
    /// with what it used, in the ledger of the run, the session and the day. `events` are by model.
    pub async fn persist_run_state(
        &self,
        prompt: &str,
        responses: &[ModelResponse],
        events: &Map<Vec<Event>>,
        tools: Option<&[String]>,
    ) -> Result<()> {
        let at = GoTime::from(self.database.now());
        let responses = priced(responses, &self.prices);
        let (content, used) = (content_of(prompt, &responses, events), UsageByModel::of_run(&responses));
        let day = day_of(at);
        self.change(Needs { run: Some((&day, tools)), ..Needs::default() }, &mut |edit, rows| {
            let RunRows { recipe: (recipe, hash), has_recipe, on_day } = rows.run.ok_or_else(damaged)?;
            if !has_recipe {
                edit.put_recipe(&hash, &recipe);
            }
            let summary = summary_of(prompt, &responses, at, &hash);
            edit.add_run(prompt, &summary, &content, (&used, on_day), tools.map(<[String]>::to_vec))
        })
        .await
    }

    /// Writes the note of the last run, in the place of the one before; nothing, where there is no run.
    pub async fn update_last_run_note(&self, note: &str) -> Result<()> {
        self.change(Needs { last_run: true, ..Needs::default() }, &mut |edit, rows| {
            edit.note_last(rows.last_run, note);
            Ok(())
        })
        .await
    }

    /// Writes which answer of the last run was chosen or rated; nothing, where there is no run.
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where the rating is another word than there are.
    pub async fn record_selection(&self, selection: &SelectionParams) -> Result<()> {
        if !["", "good", "bad"].contains(&selection.rating.as_str()) {
            return Err(Error::new(ErrorKind::InvalidArgument, "a rating has to be good, bad or nothing"));
        }
        self.change(Needs { last_run: true, ..Needs::default() }, &mut |edit, rows| {
            edit.select(rows.last_run, selection);
            Ok(())
        })
        .await
    }
}
