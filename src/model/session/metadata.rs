//! `session_metadata.json`: what a session is, and what its runs were, in short.

use super::prompt::{Preview, prompt_hash};
use super::record::fields;
use super::response::ModelResponse;
use crate::model::go_json::GoTime;
use crate::model::map::Map;

/// The [`RunSummary::kind`] of what marks that a run was taken back.
pub const REWIND: &str = "rewind";

/// What a session is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionMetadata {
    /// The session's id.
    pub id: String,
    /// When it was begun.
    pub created_at: GoTime,
    /// When its last run was.
    pub last_active_at: GoTime,
    /// The models that it runs on.
    pub models: Vec<String>,
    /// The first prompt that was not empty, or the beginning of it.
    pub first_prompt: String,
    /// The last prompt, or the beginning of it.
    pub last_prompt: String,
    /// How many runs there were.
    pub prompt_count: i64,
    /// The hash of a recipe. The original never sets it.
    pub config_hash: String,
    /// The runs, the oldest first; `None` where there are none yet.
    pub runs: Option<Vec<RunSummary>>,
}

fields!(SessionMetadata {
    keep id,
    keep created_at,
    keep last_active_at,
    omit models,
    omit first_prompt,
    omit last_prompt,
    keep prompt_count,
    omit config_hash,
    keep runs,
});

/// A run in short: one prompt, and what each model made of it. Maps are by model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunSummary {
    /// When it ended.
    pub timestamp: GoTime,
    /// The prompt's [`prompt_hash`].
    pub prompt_hash: String,
    /// The beginning of the prompt.
    pub prompt_preview: Preview,
    /// The models that answered; `None` in what marks a rewind.
    pub models: Option<Vec<String>>,
    /// The model whose answer was chosen or rated.
    pub selected: String,
    /// `good`, `bad`, or nothing.
    pub rating: String,
    /// [`REWIND`], or nothing.
    pub kind: String,
    /// How long each took, in milliseconds.
    pub latencies_ms: Map<i64>,
    /// What each cost, in US dollars.
    pub costs_usd: Map<f64>,
    /// Tokens that went into each.
    pub input_tokens: Map<i64>,
    /// Tokens that came out of each.
    pub output_tokens: Map<i64>,
    /// How often each called which tool; `None` of a model that called none.
    pub tool_calls: Map<Option<Map<i64>>>,
    /// How many files each proposed to write.
    pub proposed_writes_count: Map<i64>,
    /// The files that were written.
    pub applied_files: Vec<String>,
    /// The hash of the recipe.
    pub config_hash: String,
    /// What became of it, for people.
    pub note: String,
}

fields!(RunSummary {
    keep timestamp,
    keep prompt_hash,
    keep prompt_preview,
    keep models,
    omit selected,
    omit rating,
    omit kind as "type",
    omit latencies_ms,
    omit costs_usd,
    omit input_tokens,
    omit output_tokens,
    omit tool_calls,
    omit proposed_writes_count,
    omit applied_files,
    omit config_hash,
    omit note,
});

impl RunSummary {
    /// What marks that the newest run of a prompt was taken back.
    #[must_use]
    pub fn rewind(prompt: &str, at: GoTime) -> Self {
        Self { timestamp: at, prompt_hash: prompt_hash(prompt), kind: REWIND.to_owned(), ..Self::default() }
    }
}

/// A run in short. Of responses of the same model the last one counts in the maps; `models` has all.
#[must_use]
pub fn summary_of(prompt: &str, responses: &[ModelResponse], at: GoTime, config_hash: &str) -> RunSummary {
    let mut summary = RunSummary {
        timestamp: at,
        prompt_hash: prompt_hash(prompt),
        prompt_preview: Preview::of(prompt),
        models: Some(responses.iter().map(|response| response.model_id.clone()).collect()),
        config_hash: config_hash.to_owned(),
        ..RunSummary::default()
    };
    for response in responses {
        let id = || response.model_id.clone();
        summary.latencies_ms.insert(id(), response.latency_ms);
        summary.costs_usd.insert(id(), response.cost_usd);
        summary.input_tokens.insert(id(), response.input_tokens);
        summary.output_tokens.insert(id(), response.output_tokens);
        summary.tool_calls.insert(id(), response.tool_calls.clone());
        summary.proposed_writes_count.insert(id(), response.proposed_writes.len() as i64);
    }
    summary
}
