//! `checkpoint.json`: a run that was cut short, to be gone on with.

use super::content::FileWrite;
use super::record::fields;
use super::response::ModelResponse;
use crate::model::go_json::GoTime;
use crate::model::map::Map;

/// A run that was cut short.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checkpoint {
    /// The whole prompt.
    pub prompt: String,
    /// When it was made.
    pub timestamp: GoTime,
    /// The adapters that were asked.
    pub adapter_ids: Vec<String>,
    /// How far each came.
    pub responses: Vec<ResponseSnapshot>,
    /// Whether the user wanted to see everything.
    pub verbose: bool,
}

fields!(Checkpoint {
    keep prompt,
    keep timestamp,
    keep adapter_ids,
    keep responses,
    keep verbose,
});

/// How far a model came with its answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResponseSnapshot {
    /// The model.
    pub model_id: String,
    /// What it said so far.
    pub text: String,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Of those that came out, how many were reasoning.
    pub reasoning_tokens: i64,
    /// What it cost, in US dollars.
    pub cost_usd: f64,
    /// The files that it proposes to write.
    pub proposed_writes: Vec<FileWrite>,
    /// How often it called which tool.
    pub tool_calls: Option<Map<i64>>,
    /// What went wrong; empty where nothing did.
    pub error: String,
    /// Whether it was cut short.
    pub interrupted: bool,
    /// Whether there is nothing left to do.
    pub completed: bool,
}

fields!(ResponseSnapshot {
    keep model_id,
    omit text,
    keep latency_ms,
    keep input_tokens,
    keep output_tokens,
    omit reasoning_tokens,
    keep cost_usd,
    omit proposed_writes,
    omit tool_calls,
    omit error,
    keep interrupted,
    keep completed,
});

impl Checkpoint {
    /// The checkpoint of a run; `None` where nothing of it was cut short.
    #[must_use]
    pub fn build(
        prompt: &str,
        adapter_ids: &[String],
        responses: &[ModelResponse],
        verbose: bool,
        at: GoTime,
    ) -> Option<Self> {
        responses.iter().any(|response| response.interrupted).then(|| Self {
            prompt: prompt.to_owned(),
            timestamp: at,
            adapter_ids: adapter_ids.to_vec(),
            responses: responses.iter().map(ResponseSnapshot::from_response).collect(),
            verbose,
        })
    }

    /// The checkpoint of a run that is under way: of the models that have come somewhere, by the model, in the order of `adapter_ids`.
    /// Those of other models are left out. `None` where none has come anywhere.
    #[must_use]
    pub fn under_way(
        prompt: &str,
        adapter_ids: &[String],
        snapshots: &Map<ResponseSnapshot>,
        verbose: bool,
        at: GoTime,
    ) -> Option<Self> {
        let responses: Vec<_> = adapter_ids.iter().filter_map(|id| snapshots.get(id).cloned()).collect();
        (!responses.is_empty()).then(|| Self {
            prompt: prompt.to_owned(),
            timestamp: at,
            adapter_ids: adapter_ids.to_vec(),
            responses,
            verbose,
        })
    }
}

impl ResponseSnapshot {
    /// That of a response: completed where it was neither cut short nor failed. Steps and the reason of the end are not kept.
    #[must_use]
    pub fn from_response(response: &ModelResponse) -> Self {
        Self {
            model_id: response.model_id.clone(),
            text: response.text.clone(),
            latency_ms: response.latency_ms,
            input_tokens: response.input_tokens,
            output_tokens: response.output_tokens,
            reasoning_tokens: response.reasoning_tokens,
            cost_usd: response.cost_usd,
            proposed_writes: response.proposed_writes.clone(),
            tool_calls: response.tool_calls.clone(),
            error: response.error.clone(),
            interrupted: response.interrupted,
            completed: !response.interrupted && response.error.is_empty(),
        }
    }

    /// The response that it is of.
    #[must_use]
    pub fn to_response(&self) -> ModelResponse {
        ModelResponse {
            model_id: self.model_id.clone(),
            text: self.text.clone(),
            latency_ms: self.latency_ms,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cached_tokens: 0,
            reasoning_tokens: self.reasoning_tokens,
            cost_usd: self.cost_usd,
            proposed_writes: self.proposed_writes.clone(),
            tool_calls: self.tool_calls.clone(),
            steps: 0,
            error: self.error.clone(),
            interrupted: self.interrupted,
            stop_reason: String::new(),
        }
    }
}

/// The snapshot of a response that is still coming: cut short, whatever it says, and not completed.
#[must_use]
pub fn snapshot_from_partial(response: &ModelResponse) -> ResponseSnapshot {
    ResponseSnapshot { interrupted: true, completed: false, ..ResponseSnapshot::from_response(response) }
}
