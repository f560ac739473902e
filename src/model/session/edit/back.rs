//! Taking runs back, and making them again (`stores.md`, D.10).

use super::{Edit, number};
use crate::error::Result;
use crate::model::codec::damaged;
use crate::model::go_json::GoTime;
use crate::model::limits::{MAX_BATCH_BYTES, MAX_VALUE_BYTES};
use crate::model::map::Map;
use crate::model::session::head::encode;
use crate::model::session::metadata::REWIND;
use crate::model::session::{FileSnapshot, Redo, Restored, RewindEntry, RewindResult, RunSummary, Turn};

/// What a rewind puts before the note of the run that it took back.
const REWOUND: &str = "[rewound]";

/// How much of a commit what can be made again may take; the rest is for files that are put back.
const MAX_REDO_BYTES: usize = MAX_BATCH_BYTES / 2;

/// A step of the way back, and what putting its files back did; `None` where they are the database's own and are put back with it.
#[derive(Debug)]
pub struct Step<'a> {
    /// The step.
    pub entry: &'a RewindEntry,
    /// What was done with its files.
    pub restored: Option<Restored>,
}

/// What was read of a session to go back or forward in it.
#[derive(Debug, Default)]
pub struct Known {
    /// The runs that the steps name, by their places.
    pub runs: Vec<(i64, RunSummary)>,
    /// The ends of the histories that will be cut: from which turn on, and the turns.
    pub turns: Map<(i64, Vec<Turn>)>,
    /// What is in the files that the steps name; `None` where there is no such file.
    pub files: Map<Option<String>>,
}

impl Known {
    fn run_at(&mut self, place: i64) -> Option<&mut RunSummary> {
        self.runs.iter_mut().find(|(known, _)| *known == place).map(|(_, run)| run)
    }

    /// The turns of a history from a length on.
    fn turns_from(&self, adapter: &str, length: i64) -> Vec<Turn> {
        let Some((first, turns)) = self.turns.get(adapter) else { return Vec::new() };
        let skipped = usize::try_from(length - first).unwrap_or_default();
        turns.get(skipped..).unwrap_or_default().to_vec()
    }

    /// Forgets what is cut from a length on.
    fn cut(&mut self, adapter: &str, length: i64) {
        if let Some((first, turns)) = self.turns.get_mut(adapter) {
            turns.truncate(usize::try_from(length - *first).unwrap_or_default());
        }
    }
}

impl Edit<'_> {
    /// Forgets what could be made again.
    pub(super) fn forget_redos(&mut self) {
        if self.head.redos > 0 {
            self.batch.delete_range(self.scope.redos(&self.head.id));
            self.head.redos = 0;
        }
    }

    /// Takes the newest step of the way back.
    pub fn rewind(&mut self, step: Step<'_>, known: &mut Known, at: GoTime) -> RewindResult {
        let Step { entry, restored } = step;
        self.head.rewinds -= 1;
        self.batch.delete(self.scope.rewind(&self.head.id, number(self.head.rewinds)));
        let files = entry.file_snapshots.as_deref();
        let restored = restored.unwrap_or_else(|| self.put_back(files.unwrap_or_default(), &mut known.files));
        let mut redo = self.cut_for_redo(entry, known);
        // Of a file that was put back twice the first state counts, so the last is put back first.
        redo.files = files.and(restored.before.clone()).map(|before| before.into_iter().rev().collect());

        let mut marker = RunSummary::rewind(&entry.prompt, at);
        let place = self.head.runs;
        let mut note = String::new();
        if let Some(run) = known.run_at(entry.feed_index) {
            note = if run.note.is_empty() { REWOUND.to_owned() } else { format!("{REWOUND} {}", run.note) };
            redo.note = Some(std::mem::replace(&mut run.note, note.clone()));
            let run = run.clone();
            self.put_summary(entry.feed_index, &run);
        } else if entry.feed_index == place {
            // The original counts the marker among the runs, so an index behind the last run is that of the marker.
            REWOUND.clone_into(&mut note);
            marker.note.clone_from(&note);
        }
        self.add_summary(&marker);
        known.runs.push((place, marker));
        self.keep_redo(&redo, restored.before.is_some());
        RewindResult { file_msg: restored.file_msg, feed_index: entry.feed_index, note }
    }

    /// Cuts the histories as a step says.
    fn cut_for_redo(&mut self, entry: &RewindEntry, known: &mut Known) -> Redo {
        let mut redo = Redo { step: entry.clone(), ..Redo::default() };
        for (adapter, length) in entry.history_lengths.iter() {
            let Some(before) = self.head.histories.get(adapter) else { continue };
            redo.lengths.insert(adapter.to_owned(), *before);
            let length = *length.max(&0);
            if length < before.unwrap_or_default() {
                redo.turns.insert(adapter.to_owned(), Some(known.turns_from(adapter, length)));
                known.cut(adapter, length);
            }
        }
        self.cut(&entry.history_lengths);
        redo
    }

    /// Keeps what was taken back. Where not all of it is known, or it is too much, nothing can be made again: a rewind does not fail for that.
    fn keep_redo(&mut self, redo: &Redo, is_whole: bool) {
        let value = encode(redo);
        if !is_whole || value.len() > MAX_VALUE_BYTES || self.redo_bytes + value.len() > MAX_REDO_BYTES {
            return self.forget_redos();
        }
        self.redo_bytes += value.len();
        self.batch.put(self.scope.redo(&self.head.id, number(self.head.redos)), value);
        self.head.redos += 1;
    }

    /// Makes again what was taken back last, whose marker is the last run. `restored` as of [`Step`].
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where the last run is no marker.
    pub fn redo(&mut self, redo: &Redo, restored: Option<Restored>, known: &mut Known) -> Result<RewindResult> {
        let last = self.head.runs - 1;
        if known.run_at(last).is_none_or(|run| run.kind != REWIND) {
            return Err(damaged());
        }
        let files: &[FileSnapshot] = redo.files.as_deref().unwrap_or_default();
        let restored = restored.unwrap_or_else(|| self.put_back(files, &mut known.files));
        self.head.redos -= 1;
        self.batch.delete(self.scope.redo(&self.head.id, number(self.head.redos)));
        self.head.runs = last;
        self.batch.delete(self.scope.run(&self.head.id, number(last)));
        for (adapter, turns) in redo.turns.iter() {
            self.add_turns(adapter, turns.as_deref().unwrap_or_default());
        }
        for (adapter, length) in redo.lengths.iter() {
            // One without turns, which the cut forgot. The others have the length of their turns.
            if length.unwrap_or_default() == 0 && self.head.histories.get(adapter).is_none() {
                self.head.histories.insert(adapter.to_owned(), *length);
            }
        }
        if let (Some(note), Some(run)) = (&redo.note, known.run_at(redo.step.feed_index)) {
            run.note.clone_from(note);
            let run = run.clone();
            self.put_summary(redo.step.feed_index, &run);
        }
        self.put_step(&redo.step);
        let note = redo.note.clone().unwrap_or_default();
        Ok(RewindResult { file_msg: restored.file_msg, feed_index: redo.step.feed_index, note })
    }
}
