//! What is stored of a session beside its rows: what is in its metadata without the runs, sums, and how many rows of each kind there are.

use super::metadata::{RunSummary, SessionMetadata};
use super::record::{Value, fields, from_stored, to_file};
use super::usage::{Usage, UsageByModel};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Bytes;
use crate::model::go_json::GoTime;
use crate::model::map::Map;

const FORMAT: u8 = 1;

/// A session without its runs and histories.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Head {
    /// The session's id.
    pub id: String,
    /// When it was begun.
    pub created_at: GoTime,
    /// When its last run was.
    pub last_active_at: GoTime,
    /// What the user calls it.
    pub title: String,
    /// The models that it runs on.
    pub models: Vec<String>,
    /// The first prompt that was not empty, or the beginning of it.
    pub first_prompt: String,
    /// The last prompt, or the beginning of it.
    pub last_prompt: String,
    /// How many prompts there were.
    pub prompt_count: i64,
    /// The hash of a recipe, where whoever imported the session said one.
    pub config_hash: String,
    /// How many runs there are in short, with those that mark a rewind.
    pub runs: i64,
    /// How many runs there are with what was said.
    pub contents: i64,
    /// How many turns each history has; `None` of one that is `null`.
    pub histories: Map<Option<i64>>,
    /// How many steps the way back has.
    pub rewinds: i64,
    /// How many can be made again.
    pub redos: i64,
    /// What each model has cost, in US dollars.
    pub costs: Map<f64>,
    /// What all have cost, summed up in the order in which it came.
    pub total_cost: f64,
    /// What the runs used.
    pub usage: UsageByModel,
    /// Whether the list of runs is one where it is empty, and not `null`.
    pub lists_runs: bool,
    /// The same of the runs with what was said.
    pub lists_contents: bool,
    /// The tools of the last run; `None` where nobody has said them.
    pub last_tools: Option<Vec<String>>,
}

fields!(Head {
    keep id,
    keep created_at,
    keep last_active_at,
    omit title,
    omit models,
    omit first_prompt,
    omit last_prompt,
    omit prompt_count,
    omit config_hash,
    omit runs,
    omit contents,
    omit histories,
    omit rewinds,
    omit redos,
    omit costs,
    omit total_cost,
    keep usage,
    omit lists_runs,
    omit lists_contents,
    keep last_tools,
});

impl Head {
    /// That of a session that begins.
    #[must_use]
    pub fn of(metadata: SessionMetadata) -> Self {
        Self {
            id: metadata.id,
            created_at: metadata.created_at,
            last_active_at: metadata.last_active_at,
            models: metadata.models,
            first_prompt: metadata.first_prompt,
            last_prompt: metadata.last_prompt,
            prompt_count: metadata.prompt_count,
            config_hash: metadata.config_hash,
            lists_runs: metadata.runs.is_some(),
            ..Self::default()
        }
    }

    /// The metadata as the original has them.
    #[must_use]
    pub fn to_metadata(&self, runs: Vec<RunSummary>) -> SessionMetadata {
        SessionMetadata {
            id: self.id.clone(),
            created_at: self.created_at,
            last_active_at: self.last_active_at,
            models: self.models.clone(),
            first_prompt: self.first_prompt.clone(),
            last_prompt: self.last_prompt.clone(),
            prompt_count: self.prompt_count,
            config_hash: self.config_hash.clone(),
            runs: (self.lists_runs || !runs.is_empty()).then_some(runs),
        }
    }
}

/// A session as it is listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionInfo {
    /// The session's id.
    pub id: String,
    /// When it was begun.
    pub created_at: GoTime,
    /// When its last run was.
    pub last_active_at: GoTime,
    /// What the user calls it.
    pub title: String,
    /// The models that it runs on.
    pub models: Vec<String>,
    /// The first prompt that was not empty, or the beginning of it.
    pub first_prompt: String,
    /// The last prompt, or the beginning of it.
    pub last_prompt: String,
    /// How many prompts there were.
    pub prompt_count: i64,
    /// The hash of a recipe.
    pub config_hash: String,
    /// How many runs there are in short, with those that mark a rewind.
    pub runs: i64,
    /// What its runs used.
    pub usage: Usage,
}

fields!(SessionInfo {
    keep id,
    keep created_at,
    keep last_active_at,
    keep title,
    omit models,
    omit first_prompt,
    omit last_prompt,
    keep prompt_count,
    omit config_hash,
    keep runs,
    keep usage,
});

impl Head {
    /// The session as it is listed.
    #[must_use]
    pub fn into_info(self) -> SessionInfo {
        SessionInfo {
            id: self.id,
            created_at: self.created_at,
            last_active_at: self.last_active_at,
            title: self.title,
            models: self.models,
            first_prompt: self.first_prompt,
            last_prompt: self.last_prompt,
            prompt_count: self.prompt_count,
            config_hash: self.config_hash,
            runs: self.runs,
            usage: self.usage.total,
        }
    }
}

/// The stored form of a record: a format version, and the text of its file.
#[must_use]
pub fn encode(record: &dyn Value) -> Bytes {
    let text = to_file(record);
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.push(FORMAT);
    bytes.extend_from_slice(text.as_bytes());
    bytes.into()
}

/// As [`decode`], but nothing where it cannot be read: of records that do not need each other.
#[must_use]
pub fn decode_if_readable<V: Value + Default>(bytes: &[u8]) -> Option<V> {
    decode(bytes).ok()
}

/// Reads the stored form of a record.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
pub fn decode<V: Value + Default>(bytes: &[u8]) -> Result<V> {
    let mut reader = crate::model::codec::Reader::new(bytes);
    reader.format(FORMAT)?;
    from_stored(reader.remaining())
        .map_err(|error| Error::new(ErrorKind::Corrupt, "a stored record of a session is damaged").caused_by(error))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::limits::MAX_VALUES;
    use crate::model::session::record::from_file;

    #[test]
    fn what_is_stored_is_read_however_many_values_it_has() {
        let many = vec![false; MAX_VALUES + 1];
        assert_eq!(decode::<Vec<bool>>(&encode(&many)).unwrap().len(), many.len());
        assert_eq!(from_file::<Vec<bool>>(to_file(&many).as_bytes()).unwrap_err().kind(), ErrorKind::InvalidDocument);
    }
}
