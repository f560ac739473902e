//! The recipe of a session (`stores.md`, section D.12): what an agent works with, as parts and as markdown.
//!
//! A text that is empty, a list or map without entries, a count of 0 and a duration of zero are not set. Where zero is a setting of its
//! own there is an `Option`.
//!
//! ```
//! use agent_datastore::model::recipe::{Recipe, lost_in_markdown, parse_markdown, to_markdown};
//!
//! let mut recipe = parse_markdown("# Reviewer\nversion: 1\n\n## Constraints\ntimeout: 90\n")?.recipe;
//! assert_eq!(to_markdown(&recipe), "# Reviewer\nversion: 1\n\n## Constraints\ntimeout: 1m30s\n");
//! recipe.metadata.extends = "base".to_owned();
//! assert_eq!(lost_in_markdown(&recipe), ["metadata.extends"]);
//! # Ok::<(), agent_datastore::Error>(())
//! ```

mod built_in;
mod choice;
mod duration;
mod lines;
mod lost;
mod read;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod write;

pub use choice::{Choice, Filesystem, Network, Strategy, TaskMode, Truncation};
pub use duration::GoDuration;
pub use lost::lost_in_markdown;
pub use read::{Parsed, parse_markdown};
pub use write::to_markdown;

use crate::model::map::Map;

/// The newest version of recipes, and so far the only one.
pub const VERSION: u32 = 1;
/// The name in the markdown of a recipe that has none.
pub const NO_NAME: &str = "Errata Recipe";

/// What an agent works with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// The version of the format. Markdown has to have [`VERSION`] to be read.
    pub version: u32,
    /// What it is called; markdown has [`NO_NAME`] for an empty one.
    pub name: String,
    /// The ids of the models.
    pub models: Vec<String>,
    /// What models are told first.
    pub system_prompt: String,
    /// The tools; `None` stands for all there are.
    pub tools: Option<Tools>,
    /// The MCP servers to be started.
    pub mcp_servers: Vec<McpServer>,
    /// How models choose their words.
    pub model_params: ModelParams,
    /// How long a run may take.
    pub constraints: Constraints,
    /// How the history is kept short.
    pub context: Context,
    /// What agents that an agent starts work with.
    pub sub_agent: SubAgent,
    /// What tools may reach.
    pub sandbox: Sandbox,
    /// The tasks of a run without a user.
    pub tasks: Vec<String>,
    /// What has to hold when they are done.
    pub success_criteria: Vec<String>,
    /// What there is to say about the recipe.
    pub metadata: RecipeMetadata,
    /// What models are told about tools, by the tools' names.
    pub tool_descriptions: Map<String>,
    /// Prompts of agents that an agent starts, by the names of their modes.
    pub sub_agent_modes: Map<String>,
    /// What models are told in the middle of a run.
    pub system_reminders: Vec<SystemReminder>,
    /// What is executed when something happens.
    pub hooks: Vec<Hook>,
    /// How a model is asked to sum up a history.
    pub summarization_prompt: String,
    /// How outputs of tools are shortened, by the tools' names.
    pub output_processing: Map<OutputRule>,
    /// What models are able to do, by their ids.
    pub model_profiles: Map<ModelProfile>,
    /// The names of the sections that the markdown had, known ones and others, in lower case and in order; `None` where the recipe does not come
    /// from markdown.
    pub sections_present: Option<Vec<String>>,
}

/// Which tools there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// Their names; an empty list is one of no tools.
    pub allowlist: Vec<String>,
    /// What commands of `bash` have to begin with; an empty list is for any.
    pub bash_prefixes: Vec<String>,
    /// When to use tools, one line each, by their names.
    pub guidance: Map<String>,
}

/// An MCP server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct McpServer {
    /// What it is called.
    pub name: String,
    /// What starts it, with its arguments.
    pub command: String,
}

/// How models choose their words.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ModelParams {
    /// How far from the likeliest words.
    pub temperature: Option<f64>,
    /// The longest answer, in tokens.
    pub max_tokens: Option<u64>,
    /// What makes the choice the same each time.
    pub seed: Option<i64>,
}

/// How long a run may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Constraints {
    /// The most steps.
    pub max_steps: u64,
    /// The longest run.
    pub timeout: GoDuration,
    /// The longest command of `bash`.
    pub bash_timeout: GoDuration,
}

/// How the history is kept short.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Context {
    /// The most turns.
    pub max_history_turns: u64,
    /// What happens to a longer one.
    pub strategy: Option<Strategy>,
    /// At which part of a model's context that happens: above 0, up to 1.
    pub compact_threshold: f64,
    /// Whether tasks know of each other.
    pub task_mode: Option<TaskMode>,
}

/// What agents that an agent starts work with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubAgent {
    /// The id of their model; an empty one is for that of the agent above.
    pub model: String,
    /// How deep they may be nested; 0 forbids them.
    pub max_depth: Option<u64>,
    /// `inherit`, or the names of tools, with commas between them.
    pub tools: String,
}

/// What tools may reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// Of the files.
    pub filesystem: Option<Filesystem>,
    /// Of the network.
    pub network: Option<Network>,
    /// Whether pages may be fetched from this machine.
    pub allow_local_fetch: bool,
}

/// What there is to say about a recipe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipeMetadata {
    /// Its name for others.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// The version of its contents.
    pub version: String,
    /// Which recipe it builds on.
    pub extends: String,
    /// Whether what its runs show may be shared.
    pub contribute: bool,
    /// Where the project is.
    pub project_root: String,
}

/// What models are told in the middle of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemReminder {
    /// What it is called.
    pub name: String,
    /// When it is told, such as `context_usage > 0.75`.
    pub trigger: String,
    /// What is told.
    pub content: String,
}

/// What is executed when something happens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hook {
    /// What it is called.
    pub name: String,
    /// What has to happen.
    pub event: String,
    /// To which tools; an empty text is for all.
    pub matcher: String,
    /// What kind of thing is done; markdown that names a command only means `command`.
    pub action: String,
    /// What is executed.
    pub command: String,
    /// How long it may take, as it was written; nothing checks it.
    pub timeout: String,
    /// Whether models see what it prints.
    pub inject_output: bool,
}

/// How a tool's output is shortened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputRule {
    /// The most lines.
    pub max_lines: u64,
    /// The most tokens.
    pub max_tokens: u64,
    /// What is kept.
    pub truncation: Option<Truncation>,
    /// What stands where something was left out.
    pub truncation_message: String,
}

/// What a model is able to do, where that is not found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelProfile {
    /// The size of its context, in tokens.
    pub context_budget: u64,
    /// How it is told of tools and calls them.
    pub tool_format: String,
    /// Whether it has a role for the system.
    pub system_role: Option<bool>,
    /// Whether that role may speak in the middle of a conversation.
    pub mid_convo_system: Option<bool>,
}
