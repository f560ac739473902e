//! What it takes to take a run back.

use super::map::Map;
use super::record::fields;

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
