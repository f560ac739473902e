//! What the application hands over after a run.

use super::content::FileWrite;
use super::record::fields;
use crate::model::map::Map;

/// What a model answered to one prompt, whole or in part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelResponse {
    /// The model.
    pub model_id: String,
    /// What it said.
    pub text: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Of those that went in, how many the provider had already.
    pub cached_tokens: i64,
    /// Of those that came out, how many were reasoning.
    pub reasoning_tokens: i64,
    /// What it cost, in US dollars.
    pub cost_usd: f64,
    /// The files that it proposes to write.
    pub proposed_writes: Vec<FileWrite>,
    /// How often it called which tool; `None` where it called none.
    pub tool_calls: Option<Map<i64>>,
    /// How many steps it took.
    pub steps: i64,
    /// What went wrong; empty where nothing did.
    pub error: String,
    /// Whether it was cut short.
    pub interrupted: bool,
    /// `complete`, `timeout`, `max_steps`, `context_overflow`, `cancelled`, `error`, or nothing.
    pub stop_reason: String,
}

fields!(ModelResponse {
    keep model_id,
    keep text,
    keep latency_ms,
    keep input_tokens,
    keep output_tokens,
    keep cached_tokens,
    keep reasoning_tokens,
    keep cost_usd,
    keep proposed_writes,
    keep tool_calls,
    keep steps,
    keep error,
    keep interrupted,
    keep stop_reason,
});

/// Which answer a user chose or rated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SelectionParams {
    /// The prompt. The original does not look at it.
    pub prompt: String,
    /// The model whose answer it is.
    pub selected_model_id: String,
    /// All answers. The original does not look at them.
    pub responses: Vec<ModelResponse>,
    /// The files that were written; `None` where it was a vote or a rating.
    pub applied_files: Option<Vec<String>>,
    /// `good`, `bad`, or nothing.
    pub rating: String,
}

fields!(SelectionParams {
    keep prompt,
    keep selected_model_id,
    keep responses,
    keep applied_files,
    keep rating,
});
