//! `session_content.json`: everything that was said in a session.

use super::record::fields;
use super::response::ModelResponse;
use crate::model::map::Map;

/// What each adapter was told and said, by the adapter's id; `None` is a history that is `null` in the file.
pub type Histories = Map<Option<Vec<Turn>>>;

/// Everything that was said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionContent {
    /// The runs, the oldest first; `None` where there are none yet.
    pub runs: Option<Vec<RunContent>>,
    /// The histories; `None` where there are none.
    pub histories: Option<Histories>,
}

fields!(SessionContent { keep runs, omit histories });

/// One turn of a history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turn {
    /// `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

fields!(Turn { keep role, keep content });

/// How many turns [`keep_last`] keeps where nobody says it.
const KEPT_TURNS: i64 = 20;

/// The last turns of a history: at most so many, an even number of them. With 0 or less all.
///
/// ```
/// use agent_datastore::model::session::{Turn, keep_last};
///
/// let turns = vec![Turn::default(); 25];
/// assert_eq!(keep_last(turns.clone(), Some(5)).len(), 4);
/// assert_eq!(keep_last(turns.clone(), None).len(), 20);
/// assert_eq!(keep_last(turns, Some(0)).len(), 25);
/// ```
#[must_use]
pub fn keep_last(mut turns: Vec<Turn>, most: Option<i64>) -> Vec<Turn> {
    match usize::try_from(most.unwrap_or(KEPT_TURNS)) {
        Ok(most) if most > 0 && most < turns.len() => turns.split_off(turns.len() - most / 2 * 2),
        _ => turns,
    }
}

/// One prompt, and all that the models answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunContent {
    /// The whole prompt.
    pub prompt: String,
    /// The answers; `None` where there are none.
    pub models: Option<Vec<ModelRunContent>>,
}

fields!(RunContent { keep prompt, keep models });

/// What one model answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelRunContent {
    /// The model.
    pub model_id: String,
    /// What it said.
    pub text: String,
    /// The files that it proposed to write.
    pub proposed_writes: Vec<FileWrite>,
    /// What happened on the way.
    pub events: Vec<Event>,
    /// Why it ended.
    pub stop_reason: String,
    /// How many steps it took.
    pub steps: i64,
    /// Of the tokens that came out, how many were reasoning.
    pub reasoning_tokens: i64,
}

fields!(ModelRunContent {
    keep model_id,
    keep text,
    omit proposed_writes,
    keep events,
    omit stop_reason,
    omit steps,
    omit reasoning_tokens,
});

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileWrite {
    /// Where.
    pub path: String,
    /// What is to be in it.
    pub content: String,
    /// Whether it is to be deleted instead.
    pub delete: bool,
}

fields!(FileWrite { keep path, keep content, omit delete });

/// Something that happened while a model worked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// `text`, `reading`, `writing`, `error`, `bash`, `snapshot` or `request`.
    pub kind: String,
    /// What it was.
    pub data: String,
}

fields!(Event { keep kind as "type", keep data });

/// A run with all that was said; `events` are by model.
#[must_use]
pub fn content_of(prompt: &str, responses: &[ModelResponse], events: &Map<Vec<Event>>) -> RunContent {
    let answer = |response: &ModelResponse| ModelRunContent {
        model_id: response.model_id.clone(),
        text: response.text.clone(),
        proposed_writes: response.proposed_writes.clone(),
        events: events.get(&response.model_id).cloned().unwrap_or_default(),
        stop_reason: response.stop_reason.clone(),
        steps: response.steps,
        reasoning_tokens: response.reasoning_tokens,
    };
    let models = (!responses.is_empty()).then(|| responses.iter().map(answer).collect());
    RunContent { prompt: prompt.to_owned(), models }
}
