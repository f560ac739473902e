//! Sessions that begin with what another one was.

use super::{SessionStore, Sessions};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Check, Entry};
use crate::model::keyspace::SessionScope;
use crate::model::session::edit::Edit;
use crate::model::session::head::decode;
use crate::model::session::saved::More;
use crate::model::session::{DayUsage, Head, Map, RunSummary, Saved, SessionContent, UsageByModel, day_of};
use crate::store::database::Attempts;
use crate::store::key_locks::Mode;

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// A new session as this one was right after a run, given as its place among the runs; without one, as it is now. It has its own histories, runs, way back,
    /// recipes and files, and has cost nothing yet. Without an id, or with an empty one, it draws one.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is no such run, or nothing is stored of this session;
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where the run was taken back, or nothing says how its histories were;
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) where the id is that of a session.
    pub async fn fork(&self, run: Option<i64>, id: Option<&str>, title: &str) -> Result<Self> {
        let _call = self.database.begin()?;
        let sessions =
            Sessions { database: self.database.clone(), scope: self.scope.clone(), prices: self.prices.clone() };
        let forked = id.filter(|id| !id.is_empty()).map_or_else(|| sessions.create(), |id| sessions.open(id));
        let key = self.scope.session(forked.session_id());
        // The turn of this session too: what was changed by calls before is in the fork, and nothing of calls after.
        let turns = [key.clone(), self.scope.session(self.session_id())].map(|key| (key, Mode::Alone));
        let _turns = self.database.take_turns(turns.into()).await;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            // Nothing of another tab may be missing, for what is forked is not seen again.
            self.database.catch_up().await?;
            if self.look_up(&key).await?.is_some() {
                let message = format!("there is a session {:?} already", forked.session_id());
                return Err(Error::new(ErrorKind::AlreadyExists, message));
            }
            let (seen, mut saved) = self.saved().await?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("no session matching {:?}", self.session_id()))
            })?;
            saved.more.base_recipe = self.base_recipe.as_deref().cloned().or(saved.more.base_recipe);
            let saved = saved.fork(run, forked.fresh.clone(), title)?;
            let fresh = saved.metadata.clone();
            let mut edit = Edit::new(&self.scope, None, &fresh)?;
            edit.fill(&saved);
            let mut batch = edit.finish();
            batch.check(Check::unchanged(seen.key.clone(), Some(&seen)));
            if self.database.try_commit(batch).await? {
                return Ok(Self { fresh, ..forked });
            }
        }
    }

    /// All that is stored of the session, and its entry; `None` where nothing is.
    pub(super) async fn saved(&self) -> Result<Option<(Entry, Saved)>> {
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let Some(seen) = self.look_up(&self.scope.session(self.session_id())).await? else { return Ok(None) };
            let saved = self.read_saved(&decode(&seen.value)?).await?;
            if self.is_still(seen.version).await? {
                return Ok(Some((seen, saved)));
            }
        }
    }

    async fn read_saved(&self, head: &Head) -> Result<Saved> {
        let id = self.session_id();
        let contents: Vec<_> = self.records(self.scope.contents(id)).await?;
        let mut files = Map::new();
        let mut take = |entry: Entry| {
            files.insert(SessionScope::listed(&entry.key)?, decode(&entry.value)?);
            Ok(true)
        };
        self.database.scan(self.scope.files(id, ""), &mut take).await?;
        let usage_by_run = self.usage_by_run().await?;
        let runs: Vec<RunSummary> = self.records(self.scope.runs(id)).await?;
        let usage_by_day = self.used_on_days_of(&runs).await?;
        Ok(Saved {
            metadata: head.to_metadata(runs),
            content: SessionContent {
                runs: (head.lists_contents || !contents.is_empty()).then_some(contents),
                histories: self.read_histories().await?,
            },
            checkpoint: match self.look_up(&self.scope.checkpoint(id)).await? {
                Some(entry) => Some(decode(&entry.value)?),
                None => None,
            },
            more: More {
                title: head.title.clone(),
                rewinds: self.records(self.scope.rewinds(id)).await?,
                redos: self.records(self.scope.redos(id)).await?,
                costs: head.costs.clone(),
                total_cost: head.total_cost,
                usage: head.usage.clone(),
                usage_by_run,
                usage_by_day,
                last_tools: head.last_tools.clone(),
                base_recipe: self.read_own_recipe(true).await?,
                session_recipe: self.read_own_recipe(false).await?,
                files,
            },
        })
    }

    /// What the session used on the days of its runs. Those of all sessions are more to read.
    async fn used_on_days_of(&self, runs: &[RunSummary]) -> Result<Vec<DayUsage>> {
        let mut days: Vec<String> = runs.iter().map(|run| day_of(run.timestamp)).collect();
        days.sort();
        days.dedup();
        let mut found = Vec::new();
        for day in days {
            if let Some(entry) = self.look_up(&self.scope.day(&day, self.session_id())).await? {
                let UsageByModel { total, models } = decode(&entry.value)?;
                found.push(DayUsage { day, total, models });
            }
        }
        Ok(found)
    }
}
