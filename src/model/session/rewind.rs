//! What it takes to take a run back.

use super::content::{FileWrite, Histories};
use super::record::fields;
use crate::error::Error;
use crate::model::map::Map;

/// How to take one run back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RewindEntry {
    /// The files as they were before; `None` where none was written.
    pub file_snapshots: Option<Vec<FileSnapshot>>,
    /// How many turns each history had before, by the adapter's id.
    pub history_lengths: Map<i64>,
    /// The place of the run in the metadata's list.
    pub feed_index: i64,
    /// The prompt.
    pub prompt: String,
}

fields!(RewindEntry {
    keep file_snapshots,
    keep history_lengths,
    keep feed_index,
    keep prompt,
});

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileSnapshot {
    /// Where.
    pub path: String,
    /// What was in it.
    pub content: String,
    /// Whether there was no such file.
    pub did_not_exist: bool,
}

fields!(FileSnapshot { keep path, keep content, keep did_not_exist });

/// What taking a run back did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RewindResult {
    /// What went wrong with the files; empty where nothing did.
    pub file_msg: String,
    /// That of the entry.
    pub feed_index: i64,
    /// The run's note now; empty where there is no such run.
    pub note: String,
}

fields!(RewindResult { keep file_msg, keep feed_index, keep note });

/// What was taken back, to be made again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redo {
    /// The step.
    pub step: RewindEntry,
    /// How many turns the histories had that were cut, as [`super::Head::histories`] has it.
    pub lengths: Map<Option<i64>>,
    /// The turns that were cut, by the adapter's id.
    pub turns: Histories,
    /// The files as they were before those of the step were put back.
    pub files: Option<Vec<FileSnapshot>>,
    /// The note of the run; `None` where there was no such run.
    pub note: Option<String>,
}

fields!(Redo { keep step, keep lengths, keep turns, keep files, keep note });

/// What putting files back did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// What went wrong with the first that failed, as [`RewindResult::file_msg`].
    pub file_msg: String,
    /// The files as they were; `None` where one could not be read.
    pub before: Option<Vec<FileSnapshot>>,
}

impl Restored {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { file_msg: String::new(), before: Some(Vec::new()) }
    }

    /// Notes what went wrong with a file.
    pub fn failed(&mut self, error: &Error) {
        if self.file_msg.is_empty() {
            self.file_msg = format!(" (file restore warning: {})", error.message());
        }
    }

    /// Notes a file as it was, or that it could not be read.
    pub fn was(&mut self, file: Option<FileSnapshot>) {
        match (file, &mut self.before) {
            (Some(file), Some(before)) => before.push(file),
            _ => self.before = None,
        }
    }
}

impl FileSnapshot {
    /// A file with what is in it; `None` where there is no such file.
    #[must_use]
    pub fn of(path: &str, content: Option<String>) -> Self {
        Self { path: path.to_owned(), did_not_exist: content.is_none(), content: content.unwrap_or_default() }
    }
}

/// The file that a write would change, as it is; `None` where there is none and the write would delete it.
#[must_use]
pub fn snapshot_before(write: &FileWrite, path: &str, content: Option<String>) -> Option<FileSnapshot> {
    (content.is_some() || !write.delete).then(|| FileSnapshot::of(path, content))
}
