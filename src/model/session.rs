//! The session store's records (`stores.md`, section D): what each has, and the two forms that it is read and written in.
//!
//! A record is a plain struct that lists its fields once, in the order of the original's file, with `fields!`. From that list
//! [`record`] has the *file*, as the original writes and reads it, and the *view*, which is what JavaScript gives and gets.

pub mod checkpoint;
pub mod content;
pub mod edit;
pub mod files;
pub mod head;
pub mod metadata;
pub mod paths;
pub mod prompt;
pub mod prompt_lines;
mod reader;
mod recipe_record;
pub mod recipe_snapshot;
pub mod recipes;
pub mod record;
pub mod response;
pub mod rewind;
pub mod saved;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
pub mod usage;
mod values;
mod writer;

pub use crate::model::map::Map;
pub use checkpoint::{Checkpoint, ResponseSnapshot, snapshot_from_partial};
pub use content::{
    Event, FileWrite, Histories, ModelRunContent, RunContent, SessionContent, Turn, content_of, keep_last,
};
pub use head::{Head, SessionInfo};
pub use metadata::{RunSummary, SessionMetadata, summary_of};
pub use paths::resolved;
pub use prompt::{Preview, beginning, prompt_hash};
pub use recipe_snapshot::{RecipeBook, RecipeSnapshot};
pub use response::{ModelResponse, SelectionParams};
pub use rewind::{FileSnapshot, Redo, Restored, RewindEntry, RewindResult, snapshot_before};
pub use saved::Saved;
pub use usage::{DayUsage, ModelPrice, Prices, RunUsage, Usage, UsageByModel, day_of, is_day, priced, standing};
