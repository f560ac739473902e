//! What a change of a session has to know of its rows.

use super::SessionStore;
use crate::error::Result;
use crate::model::batch::Entry;
use crate::model::codec::damaged;
use crate::model::recipe::Recipe;
use crate::model::session::edit::Known;
use crate::model::session::head::decode;
use crate::model::session::recipes::snapshot_of;
use crate::model::session::{
    FileSnapshot, Head, RecipeSnapshot, Redo, RewindEntry, RunSummary, UsageByModel, resolved,
};

/// Which rows a change has to know.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needs<'a> {
    /// The last run in short.
    pub(super) last_run: bool,
    /// Steps of the way back.
    pub(super) steps: Option<Steps>,
    /// And the runs that they name, and the ends of the histories that they cut.
    pub(super) cuts: bool,
    /// What was taken back last.
    pub(super) redo: bool,
    /// What is in these files, and with steps and redos in those that they name.
    pub(super) files: Option<&'a [String]>,
    /// What a run with these tools on this day has to know.
    pub(super) run: Option<(&'a str, Option<&'a [String]>)>,
}

/// Which steps of the way back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Steps {
    /// The newest one.
    Newest,
    /// All newer ones than that of the run at this place; below 0 all.
    After(i64),
}

/// These rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) last_run: Option<RunSummary>,
    /// The newest one first.
    pub(super) steps: Vec<RewindEntry>,
    pub(super) redo: Option<Redo>,
    pub(super) known: Known,
    pub(super) run: Option<RunRows>,
}

/// What a run has to know.
#[derive(Debug)]
pub(super) struct RunRows {
    /// Its recipe and the hash of that.
    pub(super) recipe: (RecipeSnapshot, String),
    /// Whether this is stored.
    pub(super) has_recipe: bool,
    /// What the session used on the day so far.
    pub(super) on_day: UsageByModel,
}

impl SessionStore {
    /// The rows that a change has to know. They belong to the head: where they are of another one, the commit fails.
    pub(super) async fn rows(&self, needs: Needs<'_>, head: &Head) -> Result<Rows> {
        let mut rows = Rows::default();
        if needs.last_run {
            rows.last_run = self.run_at(head, head.runs - 1).await?;
        }
        if let Some(steps) = needs.steps {
            rows.steps = self.newest_steps(head, steps).await?;
        }
        if needs.redo && head.redos > 0 {
            rows.redo = self.redo_at(head.redos - 1).await?;
            self.know_run(head, head.runs - 1, &mut rows.known).await?;
        }
        for step in rows.steps.iter().filter(|_| needs.cuts).chain(rows.redo.iter().map(|redo| &redo.step)) {
            self.know_run(head, step.feed_index, &mut rows.known).await?;
        }
        if needs.cuts {
            self.know_turns(head, &rows.steps, &mut rows.known).await?;
        }
        if let Some(files) = needs.files {
            let of_steps = rows.steps.iter().filter_map(|step| step.file_snapshots.as_deref());
            let of_redo = rows.redo.iter().filter_map(|redo| redo.files.as_deref());
            let named = |file: &FileSnapshot| resolved("/", &file.path).ok();
            let mut paths: Vec<String> = of_steps.chain(of_redo).flatten().filter_map(named).collect();
            paths.extend_from_slice(files);
            for path in paths {
                let content = self.look_up(&self.scope.file(self.session_id(), &path)).await?;
                rows.known.files.insert(path, content.map(|entry| decode(&entry.value)).transpose()?);
            }
        }
        if let Some((day, tools)) = needs.run {
            rows.run = Some(self.run_rows(day, tools).await?);
        }
        Ok(rows)
    }

    async fn run_at(&self, head: &Head, place: i64) -> Result<Option<RunSummary>> {
        if !(0..head.runs).contains(&place) {
            return Ok(None);
        }
        let found = self.look_up(&self.scope.run(self.session_id(), place.cast_unsigned())).await?;
        found.map(|entry| decode(&entry.value)).transpose()
    }

    async fn know_run(&self, head: &Head, place: i64, known: &mut Known) -> Result<()> {
        if known.runs.iter().all(|(known, _)| *known != place) {
            known.runs.extend(self.run_at(head, place).await?.map(|run| (place, run)));
        }
        Ok(())
    }

    /// Where there should be a step and is none, the session is damaged.
    async fn newest_steps(&self, head: &Head, wanted: Steps) -> Result<Vec<RewindEntry>> {
        let mut steps: Vec<RewindEntry> = Vec::new();
        for place in (0..head.rewinds).rev() {
            let found = self.look_up(&self.scope.rewind(self.session_id(), place.cast_unsigned())).await?;
            let step: RewindEntry = decode(&found.ok_or_else(damaged)?.value)?;
            match wanted {
                Steps::After(run) if run >= 0 && step.feed_index <= run => break,
                Steps::Newest if !steps.is_empty() => break,
                _ => steps.push(step),
            }
        }
        Ok(steps)
    }

    async fn redo_at(&self, place: i64) -> Result<Option<Redo>> {
        let found = self.look_up(&self.scope.redo(self.session_id(), place.max(0).cast_unsigned())).await?;
        Ok(Some(decode(&found.ok_or_else(damaged)?.value)?))
    }

    /// The ends of the histories that steps cut.
    async fn know_turns(&self, head: &Head, steps: &[RewindEntry], known: &mut Known) -> Result<()> {
        for (adapter, length) in head.histories.iter() {
            let lengths = steps.iter().filter_map(|step| step.history_lengths.get(adapter)).copied();
            let first = lengths.min().unwrap_or(i64::MAX).max(0);
            if first >= length.unwrap_or_default() {
                continue;
            }
            let mut turns = Vec::new();
            let mut take = |entry: Entry| {
                turns.push(decode(&entry.value)?);
                Ok(true)
            };
            let range = self.scope.turns_from(self.session_id(), adapter, first.cast_unsigned());
            self.database.scan(range, &mut take).await?;
            known.turns.insert(adapter.to_owned(), (first, turns));
        }
        Ok(())
    }

    async fn run_rows(&self, day: &str, tools: Option<&[String]>) -> Result<RunRows> {
        let recipe = snapshot_of(self.read_active_recipe().await?.as_ref(), tools);
        let hash = recipe.hash();
        let has_recipe = self.look_up(&self.scope.recipe(&hash)).await?.is_some();
        let on_day = self.look_up(&self.scope.day(day, self.session_id())).await?;
        let on_day = on_day.map(|entry| decode(&entry.value)).transpose()?.unwrap_or_default();
        Ok(RunRows { recipe: (recipe, hash), has_recipe, on_day })
    }

    /// A recipe of the session that is stored: the one that it begins with, or the one that was set.
    pub(super) async fn read_own_recipe(&self, is_base: bool) -> Result<Option<Recipe>> {
        let found = self.look_up(&self.scope.own_recipe(self.session_id(), is_base)).await?;
        found.map(|entry| decode(&entry.value)).transpose()
    }

    pub(super) async fn read_base_recipe(&self) -> Result<Option<Recipe>> {
        match self.base_recipe.as_deref() {
            Some(recipe) => Ok(Some(recipe.clone())),
            None => self.read_own_recipe(true).await,
        }
    }

    pub(super) async fn read_active_recipe(&self) -> Result<Option<Recipe>> {
        match self.read_own_recipe(false).await? {
            Some(recipe) => Ok(Some(recipe)),
            None => self.read_base_recipe().await,
        }
    }
}
