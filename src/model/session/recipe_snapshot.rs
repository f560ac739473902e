//! `configs.json`: the recipes that runs were made with, by their hashes.

use super::record::{fields, to_file};
use crate::model::go_json::indented;
use crate::model::hash::sha256;
use crate::model::map::Map;

/// Recipes by [`RecipeSnapshot::hash`].
pub type RecipeBook = Map<RecipeSnapshot>;

/// The text of the file of the recipes.
#[must_use]
pub fn book_file(book: &RecipeBook) -> String {
    indented(&to_file(book))
}

/// What of a recipe changes how models work. What is empty is left out of the file, but for the name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecipeSnapshot {
    /// The version of recipes.
    pub version: i64,
    /// The recipe's name.
    pub name: String,
    /// What every model is told first.
    pub system_prompt: String,
    /// What models are told of a tool, by the tool.
    pub tool_guidance: Map<String>,
    /// The tools of the last run.
    pub tools: Vec<String>,
    /// How commands have to begin.
    pub bash_prefixes: Vec<String>,
    /// What tools are, by the tool.
    pub tool_descriptions: Map<String>,
    /// Limits of a run.
    pub constraints: Option<Constraints>,
    /// How models sample.
    pub model_params: Option<ModelParams>,
    /// How histories are kept short.
    pub context: Option<Context>,
    /// What models are told on the way.
    pub system_reminders: Vec<SystemReminder>,
    /// How the output of a tool is cut, by the tool.
    pub output_processing: Map<OutputRule>,
    /// How a history is summed up.
    pub summarization_prompt: String,
    /// What is special of a model, by the model.
    pub model_profiles: Map<ModelProfile>,
}

fields!(RecipeSnapshot {
    omit version,
    keep name,
    omit system_prompt,
    omit tool_guidance,
    omit tools,
    omit bash_prefixes,
    omit tool_descriptions,
    omit constraints,
    omit model_params,
    omit context,
    omit system_reminders,
    omit output_processing,
    omit summarization_prompt,
    omit model_profiles,
});

impl RecipeSnapshot {
    /// `cfg_v`, the version, `_`, and the SHA-256 of the file without the name in 64 hexadecimal digits.
    ///
    /// ```
    /// use agent_datastore::model::session::RecipeSnapshot;
    ///
    /// let hash = RecipeSnapshot { name: "default".to_owned(), ..RecipeSnapshot::default() }.hash();
    /// assert_eq!(hash, "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e");
    /// ```
    #[must_use]
    pub fn hash(&self) -> String {
        let nameless = Self { name: String::new(), ..self.clone() };
        format!("cfg_v{}_{}", self.version, sha256(&to_file(&nameless)))
    }
}

/// Limits of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constraints {
    /// How many steps; 0 is any number.
    pub max_steps: i64,
    /// How long, such as `3m0s`.
    pub timeout: String,
}

fields!(Constraints { omit max_steps, omit timeout });

/// How models sample. Zero is a value here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelParams {
    /// How free.
    pub temperature: Option<f64>,
    /// How many tokens may come out.
    pub max_tokens: Option<i64>,
    /// Where the random numbers begin.
    pub seed: Option<i64>,
}

fields!(ModelParams { omit temperature, omit max_tokens, omit seed });

/// How histories are kept short.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    /// How many turns are kept.
    pub max_history_turns: i64,
    /// `auto_compact`, `manual` or `off`.
    pub strategy: String,
    /// How full the context may be, up to 1.
    pub compact_threshold: f64,
    /// `independent` or `sequential`.
    pub task_mode: String,
}

fields!(Context {
    omit max_history_turns,
    omit strategy,
    omit compact_threshold,
    omit task_mode,
});

/// What models are told on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemReminder {
    /// Its name.
    pub name: String,
    /// When.
    pub trigger: String,
    /// What.
    pub content: String,
}

fields!(SystemReminder { keep name, omit trigger, omit content });

/// How the output of a tool is cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutputRule {
    /// After how many lines; 0 is never.
    pub max_lines: i64,
    /// After how many tokens; 0 is never.
    pub max_tokens: i64,
    /// What is kept: `head`, `tail` or `head_tail`.
    pub truncation: String,
    /// What stands for the rest.
    pub truncation_message: String,
}

fields!(OutputRule {
    omit max_lines,
    omit max_tokens,
    omit truncation,
    omit truncation_message,
});

/// What is special of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelProfile {
    /// How many tokens go in; 0 is not set.
    pub context_budget: i64,
    /// `native`, `function_calling` or `text_in_prompt`.
    pub tool_format: String,
    /// Whether it knows the role of the system.
    pub system_role: Option<bool>,
    /// Whether the system may speak in the middle.
    pub mid_convo_system: Option<bool>,
}

fields!(ModelProfile {
    omit context_budget,
    omit tool_format,
    omit system_role,
    omit mid_convo_system,
});
