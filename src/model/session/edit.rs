//! What changes of a session make of its rows. Every one checks that nobody else changed the session meanwhile, and is one commit.

mod back;
mod fill;
mod tree;

pub use back::{Known, Step};

use super::checkpoint::Checkpoint;
use super::content::{Histories, RunContent, Turn};
use super::head::{Head, encode};
use super::metadata::{RunSummary, SessionMetadata};
use super::prompt::beginning;
use super::recipe_snapshot::RecipeSnapshot;
use super::response::{ModelResponse, SelectionParams};
use super::rewind::{FileSnapshot, RewindEntry};
use super::usage::{UsageByModel, day_of};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Entry};
use crate::model::keyspace::SessionScope;
use crate::model::map::Map;
use crate::model::recipe::Recipe;

/// A session that is being changed.
#[derive(Debug)]
pub struct Edit<'a> {
    scope: &'a SessionScope,
    seen: Option<&'a Entry>,
    /// What was stored of it, if anything.
    before: Option<Head>,
    /// That, or with what it begins.
    initial: Head,
    /// What it becomes.
    pub head: Head,
    is_touched: bool,
    /// How many bytes of what can be made again are in the batch.
    redo_bytes: usize,
    batch: Batch,
}

/// A number of rows as that of the next one. None is ever negative, but what is stored is signed as in the files.
fn number(count: i64) -> u64 {
    count.max(0).cast_unsigned()
}

impl<'a> Edit<'a> {
    /// Begins to change what is stored under a session's key; where nothing is, the session begins with these metadata.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
    pub fn new(scope: &'a SessionScope, seen: Option<&'a Entry>, fresh: &SessionMetadata) -> Result<Self> {
        let before: Option<Head> = seen.map(|entry| super::head::decode(&entry.value)).transpose()?;
        let head = before.clone().unwrap_or_else(|| Head::of(fresh.clone()));
        let initial = head.clone();
        Ok(Self { scope, seen, before, initial, head, is_touched: false, redo_bytes: 0, batch: Batch::default() })
    }

    /// Whether nothing is stored of the session yet.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.before.is_none()
    }

    fn is_changed(&self) -> bool {
        self.is_touched && self.is_new() || self.head != self.initial || !self.batch.operations.is_empty()
    }

    /// What is to be committed: nothing, where nothing was changed.
    #[must_use]
    pub fn finish(self) -> Batch {
        let is_changed = self.is_changed();
        let Self { scope, seen, before, head, mut batch, .. } = self;
        if !is_changed {
            return batch;
        }
        let key = scope.session(&head.id);
        batch.check(Check::unchanged(key.clone(), seen));
        let listed = |head: &Head| scope.activity(head.last_active_at.at(), &head.id);
        let now = listed(&head);
        match before.as_ref().map(listed) {
            Some(then) if then == now => {}
            then => {
                then.into_iter().for_each(|then| batch.delete(then));
                batch.put(now, Bytes::default());
            }
        }
        batch.put(key, encode(&head));
        batch
    }

    /// Stores the session, where nothing is stored of it yet, even if nothing else is to be stored.
    pub fn touch(&mut self) {
        self.is_touched = true;
    }

    fn add_turns(&mut self, adapter: &str, turns: &[Turn]) {
        let length = self.head.histories.get(adapter).copied().flatten().unwrap_or_default();
        for (place, turn) in (number(length)..).zip(turns) {
            self.batch.put(self.scope.turn(&self.head.id, adapter, place), encode(turn));
        }
        self.head.histories.insert(adapter.to_owned(), Some(length + turns.len() as i64));
    }

    /// Adds a run's prompt and answers to the histories (`stores.md`, D.6): an answer belongs to the panel's adapter of its place, and only one that has a
    /// text and no error counts. Returns how long the history of each adapter of the panel was before.
    pub fn append_histories(&mut self, panel: &[String], responses: &[ModelResponse], prompt: &str) -> Map<i64> {
        self.forget_redos();
        let length = |adapter: &String| self.head.histories.get(adapter).copied().flatten().unwrap_or_default();
        let before = panel.iter().map(|adapter| (adapter.clone(), length(adapter))).collect();
        for (adapter, response) in panel.iter().zip(responses) {
            if response.error.is_empty() && !response.text.is_empty() {
                let turn = |role: &str, content: &str| Turn { role: role.to_owned(), content: content.to_owned() };
                self.add_turns(adapter, &[turn("user", prompt), turn("assistant", &response.text)]);
            }
        }
        before
    }

    /// Puts these histories in the place of all.
    pub fn set_histories(&mut self, histories: &Histories) {
        self.forget_redos();
        self.batch.delete_range(self.scope.turns(&self.head.id));
        self.head.histories.clear();
        for (adapter, turns) in histories.iter() {
            match turns {
                Some(turns) => self.add_turns(adapter, turns),
                None => drop(self.head.histories.insert(adapter.to_owned(), None)),
            }
        }
    }

    /// Cuts histories to these lengths, of turns. One that is empty then is forgotten; others stay as they are. Below 0 is 0.
    pub fn truncate_histories(&mut self, lengths: &Map<i64>) {
        self.forget_redos();
        self.cut(lengths);
    }

    fn cut(&mut self, lengths: &Map<i64>) {
        for (adapter, length) in lengths.iter() {
            let Some(now) = self.head.histories.get(adapter).copied() else { continue };
            let (now, length) = (now.unwrap_or_default(), length.max(&0));
            let left = now.min(*length);
            if left < now {
                self.batch.delete_range(self.scope.turns_from(&self.head.id, adapter, number(left)));
            }
            if left == 0 {
                self.head.histories.remove(adapter);
            } else {
                self.head.histories.insert(adapter.to_owned(), Some(left));
            }
        }
    }

    /// Adds a run (`stores.md`, D.8), with what it used; `on_day` is what the session used on its day.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where a cost, or the sum of all, is no number.
    pub fn add_run(
        &mut self,
        prompt: &str,
        summary: &RunSummary,
        content: &RunContent,
        (used, mut on_day): (&UsageByModel, UsageByModel),
        tools: Option<Vec<String>>,
    ) -> Result<()> {
        self.forget_redos();
        let at = summary.timestamp;
        self.head.usage.add(used);
        on_day.add(used);
        // What is the sum of all is no number where a part of it is none.
        self.head.usage.check()?;
        on_day.check()?;
        self.batch.put(self.scope.usage(&self.head.id, number(self.head.runs)), encode(used));
        self.batch.put(self.scope.day(&day_of(at), &self.head.id), encode(&on_day));
        self.head.last_tools = tools;
        self.head.last_active_at = at;
        self.head.prompt_count = self.head.prompt_count.saturating_add(1);
        self.head.last_prompt = beginning(prompt);
        if self.head.first_prompt.is_empty() {
            self.head.first_prompt.clone_from(&self.head.last_prompt);
        }
        self.add_summary(summary);
        self.batch.put(self.scope.content(&self.head.id, number(self.head.contents)), encode(content));
        self.head.contents += 1;
        Ok(())
    }

    /// Stores the recipe of a run, of which nothing is stored yet.
    pub fn put_recipe(&mut self, hash: &str, recipe: &RecipeSnapshot) {
        put_recipe(self.scope, hash, recipe, &mut self.batch);
    }

    fn add_summary(&mut self, summary: &RunSummary) {
        self.put_summary(self.head.runs, summary);
        self.head.runs += 1;
    }

    fn put_summary(&mut self, place: i64, summary: &RunSummary) {
        self.batch.put(self.scope.run(&self.head.id, number(place)), encode(summary));
    }

    /// Changes the last run in short, which was read; nothing, where there is none.
    fn change_last(&mut self, last: Option<RunSummary>, change: impl FnOnce(&mut RunSummary)) {
        if let Some(mut last) = last {
            change(&mut last);
            self.put_summary(self.head.runs - 1, &last);
        }
    }

    /// Writes the note of the last run.
    pub fn note_last(&mut self, last: Option<RunSummary>, note: &str) {
        self.change_last(last, |last| note.clone_into(&mut last.note));
    }

    /// Writes which answer of the last run was chosen or rated.
    pub fn select(&mut self, last: Option<RunSummary>, selection: &SelectionParams) {
        self.change_last(last, |last| {
            last.selected.clone_from(&selection.selected_model_id);
            last.rating.clone_from(&selection.rating);
            if let Some(files) = selection.applied_files.as_ref().filter(|files| !files.is_empty()) {
                last.applied_files.clone_from(files);
            }
        });
    }

    /// Adds what a model has cost, in US dollars; less than nothing is possible.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where the sum is no number.
    pub fn add_cost(&mut self, model: &str, cost: f64) -> Result<()> {
        self.head.costs.update(model, |sum| *sum += cost);
        self.head.total_cost += cost;
        let model_cost = self.head.costs.get(model).copied().unwrap_or_default();
        if model_cost.is_finite() && self.head.total_cost.is_finite() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidValue, "a cost has to be a number, and so has the sum of all"))
    }

    /// Stores the recipe that the session begins with, if anything else is stored.
    pub fn add_base_recipe(&mut self, recipe: &Recipe) {
        if self.is_changed() {
            self.put_own_recipe(true, Some(recipe));
        }
    }

    /// Stores a recipe of the session: the one that it begins with, or the one that was set; `None` forgets it.
    pub fn put_own_recipe(&mut self, is_base: bool, recipe: Option<&Recipe>) {
        let key = self.scope.own_recipe(&self.head.id, is_base);
        match recipe {
            Some(recipe) => self.batch.put(key, encode(recipe)),
            None => self.batch.delete(key),
        }
    }

    /// Keeps the checkpoint of a run.
    pub fn put_checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.batch.put(self.scope.checkpoint(&self.head.id), encode(checkpoint));
    }

    /// Adds a step to the way back.
    pub fn push_rewind(&mut self, step: &RewindEntry) {
        self.forget_redos();
        self.put_step(step);
    }

    fn put_step(&mut self, step: &RewindEntry) {
        self.batch.put(self.scope.rewind(&self.head.id, number(self.head.rewinds)), encode(step));
        self.head.rewinds += 1;
    }

    /// Puts these files in the place of those of the newest step, which was read; nothing, where there is none.
    pub fn push_files(&mut self, newest: Option<RewindEntry>, files: Vec<FileSnapshot>) {
        if let Some(mut step) = newest {
            self.forget_redos();
            step.file_snapshots = Some(files);
            self.head.rewinds -= 1;
            self.put_step(&step);
        }
    }

    /// Forgets the way back, and what can be made again.
    pub fn clear_rewinds(&mut self) {
        self.forget_redos();
        if self.head.rewinds == 0 {
            return;
        }
        self.batch.delete_range(self.scope.rewinds(&self.head.id));
        self.head.rewinds = 0;
    }
}

/// Stores a recipe, of which nothing is stored yet: of recipes that differ in their names alone the first one stays.
pub fn put_recipe(scope: &SessionScope, hash: &str, recipe: &RecipeSnapshot, batch: &mut Batch) {
    let key = scope.recipe(hash);
    batch.check(Check::unchanged(key.clone(), None));
    batch.put(key, encode(recipe));
}
