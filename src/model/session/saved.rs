//! All that is stored of a session.

use super::checkpoint::Checkpoint;
use super::content::SessionContent;
use super::metadata::{REWIND, SessionMetadata};
use super::paths::resolved;
use super::prompt::beginning;
use super::record::fields;
use super::rewind::{Redo, RewindEntry};
use super::usage::{DayUsage, RunUsage, UsageByModel, standing};
use crate::error::{Error, ErrorKind, Result};
use crate::model::map::Map;
use crate::model::recipe::Recipe;

/// All that is stored of a session.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saved {
    /// What the session is, with its runs in short.
    pub metadata: SessionMetadata,
    /// Everything that was said.
    pub content: SessionContent,
    /// The run that was cut short, if one was.
    pub checkpoint: Option<Checkpoint>,
    /// What the original does not keep.
    pub more: More,
}

/// What is stored of a session and is not in the files of the original.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct More {
    /// What the user calls it.
    pub title: String,
    /// The steps of the way back, the newest last.
    pub rewinds: Vec<RewindEntry>,
    /// What was taken back and can be made again, what was taken back last at the end.
    pub redos: Vec<Redo>,
    /// What each model has cost, as it was told.
    pub costs: Map<f64>,
    /// What all have cost, as it was told.
    pub total_cost: f64,
    /// What the runs used.
    pub usage: UsageByModel,
    /// What each run used.
    pub usage_by_run: Vec<RunUsage>,
    /// What the runs used on each day.
    pub usage_by_day: Vec<DayUsage>,
    /// The tools of the last run.
    pub last_tools: Option<Vec<String>>,
    /// The recipe that it begins with.
    pub base_recipe: Option<Recipe>,
    /// The recipe that was set.
    pub session_recipe: Option<Recipe>,
    /// The files that the database keeps for it, by their paths.
    pub files: Map<String>,
}

fields!(More {
    omit title,
    omit rewinds,
    omit redos,
    omit costs,
    omit total_cost,
    keep usage,
    omit usage_by_run,
    omit usage_by_day,
    keep last_tools,
    omit base_recipe,
    omit session_recipe,
    omit files,
});

fn place(number: i64) -> usize {
    // One that does not fit is beyond everything.
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

impl Saved {
    /// What a session is that begins as this one was right after a run, given as its place among the runs; without one as it is now. Its costs and what it used
    /// are nothing yet, and so is its checkpoint.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such run; [`ErrorKind::InvalidArgument`] where it or one before it was taken back later, or where no step
    /// says how long the histories were.
    pub fn fork(mut self, run: Option<i64>, metadata: SessionMetadata, title: &str) -> Result<Self> {
        let runs = self.metadata.runs.take().unwrap_or_default();
        let is_now = run.is_none();
        let run = match run {
            Some(run) if (0..runs.len() as i64).contains(&run) => run,
            Some(run) => return Err(Error::new(ErrorKind::NotFound, format!("there is no run {run}"))),
            None => runs.len() as i64 - 1,
        };
        let (then, later) = runs.split_at(place(run + 1));
        let stands = standing(&runs);
        if !stands.starts_with(&standing(then)) {
            return Err(refused(&format!("run {run}, or one before it, was taken back later")));
        }
        let (kept, undone): (Vec<_>, Vec<_>) =
            self.more.rewinds.into_iter().partition(|step| is_now || step.feed_index <= run);
        let mut known: Vec<i64> = undone.iter().map(|step| step.feed_index).collect();
        known.sort_unstable();
        for (place, _) in (run + 1..).zip(later).filter(|(at, _)| stands.get(place(*at)) == Some(&true)) {
            if known.binary_search(&place).is_err() {
                return Err(refused(&format!("nothing says how the histories were before run {place}")));
            }
        }
        let mut files = self.more.files;
        for step in undone.iter().rev() {
            cut(&mut self.content, &step.history_lengths);
            for file in step.file_snapshots.iter().flatten() {
                let Ok(path) = resolved("/", &file.path) else { continue };
                if file.did_not_exist {
                    files.remove(&path);
                } else {
                    files.insert(path, file.content.clone());
                }
            }
        }
        let said = then.iter().filter(|run| run.kind != REWIND).count();
        if let Some(contents) = &mut self.content.runs {
            contents.truncate(said);
        }
        let prompts = || self.content.runs.iter().flatten().map(|run| beginning(&run.prompt));
        Ok(Self {
            metadata: SessionMetadata {
                models: self.metadata.models,
                first_prompt: prompts().find(|prompt| !prompt.is_empty()).unwrap_or_default(),
                last_prompt: prompts().next_back().unwrap_or_default(),
                prompt_count: said as i64,
                config_hash: self.metadata.config_hash,
                runs: (!then.is_empty()).then(|| then.to_vec()),
                ..metadata
            },
            content: self.content,
            checkpoint: None,
            more: More {
                title: title.to_owned(),
                rewinds: kept,
                last_tools: self.more.last_tools,
                base_recipe: self.more.base_recipe,
                session_recipe: self.more.session_recipe,
                files,
                ..More::default()
            },
        })
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, why.to_owned())
}

/// Cuts histories to these lengths, as a rewind does.
fn cut(content: &mut SessionContent, lengths: &Map<i64>) {
    let Some(histories) = &mut content.histories else { return };
    for (adapter, length) in lengths.iter() {
        let is_empty = histories.get_mut(adapter).is_some_and(|turns| {
            turns.as_mut().is_none_or(|turns| {
                turns.truncate(place(*length));
                turns.is_empty()
            })
        });
        if is_empty {
            histories.remove(adapter);
        }
    }
}
