//! What messages used: tokens and money.

use crate::error::Result;
use crate::model::codec::{Reader, Writer};
use crate::model::json::{Json, ObjectWriter};

/// How many parts a unit of money has.
const NANOS: u64 = 1_000_000_000;

/// What one message used, or many together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    /// Tokens that went into the model.
    pub input_tokens: u64,
    /// Tokens that came out of it.
    pub output_tokens: u64,
    /// Of those that went in, how many it knew already.
    pub cached_input_tokens: u64,
    /// Of those that came out, how many were reasoning.
    pub reasoning_tokens: u64,
    /// The cost, in billionths of whatever unit of money the caller counts in: so sums are exact.
    pub cost_nanos: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// What is left without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.with(other, u64::saturating_sub)
    }

    fn with(self, other: Self, each: fn(u64, u64) -> u64) -> Self {
        Self {
            input_tokens: each(self.input_tokens, other.input_tokens),
            output_tokens: each(self.output_tokens, other.output_tokens),
            cached_input_tokens: each(self.cached_input_tokens, other.cached_input_tokens),
            reasoning_tokens: each(self.reasoning_tokens, other.reasoning_tokens),
            cost_nanos: each(self.cost_nanos, other.cost_nanos),
        }
    }

    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(self) -> Json {
        let mut object = ObjectWriter::default();
        object.raw("inputTokens", &self.input_tokens.to_string());
        object.raw("outputTokens", &self.output_tokens.to_string());
        object.raw("cachedInputTokens", &self.cached_input_tokens.to_string());
        object.raw("reasoningTokens", &self.reasoning_tokens.to_string());
        object.raw("cost", &format!("{}.{:09}", self.cost_nanos / NANOS, self.cost_nanos % NANOS));
        object.finish()
    }

    pub(super) fn write(self, writer: &mut Writer) {
        let parts =
            [self.input_tokens, self.output_tokens, self.cached_input_tokens, self.reasoning_tokens, self.cost_nanos];
        parts.into_iter().for_each(|part| writer.number(part));
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            input_tokens: reader.number()?,
            output_tokens: reader.number()?,
            cached_input_tokens: reader.number()?,
            reasoning_tokens: reader.number()?,
            cost_nanos: reader.number()?,
        })
    }
}
