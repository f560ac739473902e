//! The session store: histories, runs, costs, checkpoint and rewind of agent sessions (`stores.md`, section D).

mod files;
mod fork;
mod histories;
mod ledger;
mod needs;
mod portable;
mod recipes;
mod rewind;
mod runs;
mod saver;
mod sessions;

pub use recipes::Recipes;
pub use rewind::SessionFiles;
pub use saver::IncrementalSaver;
pub use sessions::{Sessions, session_id};

use super::database::{Attempts, Database};
use super::key_locks::Mode;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Entry, Lookup, ReadRange, Version};
use crate::model::codec::damaged;
use crate::model::keyspace::SessionScope;
use crate::model::recipe::Recipe;
use crate::model::session::edit::Edit;
use crate::model::session::files::SessionPaths;
use crate::model::session::head::decode;
use crate::model::session::record::Value;
use crate::model::session::{Checkpoint, Head, Map, Prices, SessionMetadata};
use crate::model::tuple::Key;
use needs::{Needs, Rows};
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

/// One session of an agent. Clones are the same session; so are stores of one id in other tabs, and what one of them changes the others see.
///
/// A session begins with its first change. Every change is one commit, all or nothing, and may fail with the backend's errors,
/// with [`Closed`](crate::ErrorKind::Closed), [`LimitExceeded`](crate::ErrorKind::LimitExceeded), and [`Conflict`](crate::ErrorKind::Conflict); reads with the
/// backend's errors, [`Closed`](crate::ErrorKind::Closed), and [`Corrupt`](crate::ErrorKind::Corrupt). What is stored is all that there is: nothing is kept in memory beside it.
///
/// ```
/// use agent_datastore::{backend::memory::Memory, model::session::{Map, ModelResponse}, store::Database};
///
/// # pollster::block_on(async {
/// let database = Database::new(Memory::new(), Default::default());
/// let session = database.sessions("ada").create();
/// let answer = ModelResponse { model_id: "m1".into(), text: "4".into(), cost_usd: 0.01, ..Default::default() };
/// let before = session.append_histories(&["m1".into()], std::slice::from_ref(&answer), "2 + 2?").await?;
/// session.persist_run_state("2 + 2?", &[answer], &Map::new(), None).await?;
/// assert_eq!(before.get("m1"), Some(&0));
/// assert_eq!(session.metadata().await?.prompt_count, 1);
/// assert_eq!(database.sessions("ada").latest_id().await?, session.session_id());
/// # Ok::<(), agent_datastore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct SessionStore {
    database: Database,
    scope: SessionScope,
    /// With what it begins.
    fresh: SessionMetadata,
    base_recipe: Option<Rc<Recipe>>,
    /// Whether that was stored.
    base_is_stored: Rc<Cell<bool>>,
    prices: Rc<Prices>,
}

/// What is awaited in many places: boxed, its code is there once.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// What a change makes of a session.
type Plan<'a> = &'a mut dyn FnMut(&mut Edit<'_>, Rows) -> Result<()>;

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl SessionStore {
    fn new(database: Database, scope: SessionScope, fresh: SessionMetadata, prices: Rc<Prices>) -> Self {
        Self { database, scope, fresh, base_recipe: None, base_is_stored: Rc::default(), prices }
    }

    /// The session's id.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.fresh.id
    }

    /// Where the files of the session are in an export.
    #[must_use]
    pub fn paths(&self) -> SessionPaths {
        SessionPaths::of(self.session_id())
    }

    /// Stores the session where nothing is stored of it yet, so that it is listed.
    pub async fn save_initial_meta(&self) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.touch();
            Ok(())
        })
        .await
    }

    /// The checkpoint of a run that was cut short, if there is one.
    pub async fn load_checkpoint(&self) -> Result<Option<Checkpoint>> {
        let _call = self.database.begin()?;
        let key = self.scope.checkpoint(self.session_id());
        self.look_up(&key).await?.map(|entry| decode(&entry.value)).transpose()
    }

    /// Keeps the checkpoint of a run, in the place of the one before.
    pub async fn save_checkpoint(&self, checkpoint: &Checkpoint) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.put_checkpoint(checkpoint);
            Ok(())
        })
        .await
    }

    /// Forgets the checkpoint, if there is one.
    pub async fn clear_checkpoint(&self) -> Result<()> {
        let _call = self.database.begin()?;
        let mut batch = Batch::default();
        batch.delete(self.scope.checkpoint(self.session_id()));
        // The session's turn, for that is what saving one takes: the calls go in their order.
        let turn = (self.scope.session(self.session_id()), Mode::Alone);
        self.database.commit(vec![turn], batch).await.map(drop)
    }

    /// What is stored of the session, or that with which it would begin.
    async fn head(&self) -> Result<Head> {
        Ok(self.versioned_head().await?.1)
    }

    fn versioned_head(&self) -> Boxed<'_, (Option<Version>, Head)> {
        Box::pin(async move {
            match self.look_up(&self.scope.session(self.session_id())).await? {
                Some(entry) => Ok((entry.version, decode(&entry.value)?)),
                None => Ok((None, Head::of(self.fresh.clone()))),
            }
        })
    }

    /// Whether the session is still as it was when a version was read: what several reads found belongs together then.
    async fn is_still(&self, version: Option<Version>) -> Result<bool> {
        Ok(self.versioned_head().await?.0 == version)
    }

    fn look_up<'a>(&'a self, key: &'a Key) -> Boxed<'a, Option<Entry>> {
        Box::pin(async move { Ok(self.database.get(&[Lookup::of(key)]).await?.pop().flatten()) })
    }

    /// The records of a range, in their order.
    async fn records<V: Value + Default>(&self, range: ReadRange) -> Result<Vec<V>> {
        let mut found = Vec::new();
        let mut take = |entry: Entry| {
            found.push(decode(&entry.value)?);
            Ok(true)
        };
        self.database.scan(range, &mut take).await?;
        Ok(found)
    }

    /// Reads the session, lets `plan` say what becomes of it, and commits that; again, where somebody else was faster.
    async fn change<T>(&self, needs: Needs<'_>, plan: &mut dyn FnMut(&mut Edit<'_>, Rows) -> Result<T>) -> Result<T> {
        let mut made = None;
        self.change_once(needs, &mut |edit, rows| {
            made = Some(plan(edit, rows)?);
            Ok(())
        })
        .await?;
        made.ok_or_else(damaged)
    }

    /// The same for every type, and boxed: so it is compiled once.
    fn change_once<'a>(&'a self, needs: Needs<'a>, plan: Plan<'a>) -> Boxed<'a, ()> {
        Box::pin(self.make_change(needs, plan))
    }

    async fn make_change(&self, needs: Needs<'_>, plan: Plan<'_>) -> Result<()> {
        let _call = self.database.begin()?;
        if self.session_id().is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "a session has to have an id"));
        }
        let key = self.scope.session(self.session_id());
        let _turn = self.database.take_turns(vec![(key.clone(), Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let seen = self.look_up(&key).await?;
            let mut edit = Edit::new(&self.scope, seen.as_ref(), &self.fresh)?;
            let rows = match self.rows(needs, &edit.head).await {
                Ok(rows) => rows,
                // They may be of a later state than the head is, and lack what it has.
                Err(_) if !self.is_still(seen.as_ref().and_then(|entry| entry.version)).await? => continue,
                Err(error) => return Err(error),
            };
            let done = plan(&mut edit, rows);
            if let Some(recipe) = self.base_recipe.as_deref().filter(|_| edit.is_new() || !self.base_is_stored.get()) {
                edit.add_base_recipe(recipe);
            }
            let batch = edit.finish();
            if done.is_err() || batch.operations.is_empty() {
                // No check of a commit tells whether what was read belongs together, and is what other tabs left.
                if is_fresh && self.is_still(seen.and_then(|entry| entry.version)).await? {
                    return done;
                }
                self.database.catch_up().await?;
                is_fresh = true;
            } else if self.database.try_commit(batch).await? {
                self.base_is_stored.set(true);
                return done;
            }
        }
    }

    /// Adds what a model has cost, in US dollars.
    pub async fn accumulate_cost(&self, model: &str, cost: f64) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| edit.add_cost(model, cost)).await
    }

    /// What all models have cost, in US dollars.
    pub async fn total_cost(&self) -> Result<f64> {
        let _call = self.database.begin()?;
        Ok(self.head().await?.total_cost)
    }

    /// What each model has cost, in US dollars.
    pub async fn cost_per_model(&self) -> Result<Map<f64>> {
        let _call = self.database.begin()?;
        Ok(self.head().await?.costs)
    }

    /// The tools of the last run; `None` where nobody has said them.
    pub async fn last_active_tools(&self) -> Result<Option<Vec<String>>> {
        let _call = self.database.begin()?;
        Ok(self.head().await?.last_tools)
    }

    /// Says the tools of the last run.
    pub async fn set_last_active_tools(&self, names: Option<&[String]>) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.head.last_tools = names.map(<[String]>::to_vec);
            edit.touch();
            Ok(())
        })
        .await
    }
}
