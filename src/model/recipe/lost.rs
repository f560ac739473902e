//! What of a recipe its markdown does not keep.

use super::write::write;
use super::{Hook, Recipe, VERSION, parse_markdown};

/// Whether a field is the same in both, or is not set in the first one.
type Same = fn(&Recipe, &Recipe) -> bool;

/// The fields by their names.
const FIELDS: [(&str, Same); 44] = [
    ("name", |a, b| a.name.is_empty() || a.name == b.name),
    ("models", |a, b| a.models == b.models),
    ("system_prompt", |a, b| a.system_prompt == b.system_prompt),
    ("tools.allowlist", |a, b| {
        a.tools.as_ref().map(|tools| &tools.allowlist) == b.tools.as_ref().map(|tools| &tools.allowlist)
    }),
    ("tools.bash_prefixes", |a, b| {
        a.tools.as_ref().map(|tools| &tools.bash_prefixes) == b.tools.as_ref().map(|tools| &tools.bash_prefixes)
    }),
    ("tools.guidance", |a, b| {
        a.tools.as_ref().map(|tools| &tools.guidance) == b.tools.as_ref().map(|tools| &tools.guidance)
    }),
    ("mcp_servers", |a, b| a.mcp_servers == b.mcp_servers),
    ("model_params.temperature", |a, b| a.model_params.temperature == b.model_params.temperature),
    ("model_params.max_tokens", |a, b| a.model_params.max_tokens == b.model_params.max_tokens),
    ("model_params.seed", |a, b| a.model_params.seed == b.model_params.seed),
    ("constraints.max_steps", |a, b| a.constraints.max_steps == b.constraints.max_steps),
    ("constraints.timeout", |a, b| a.constraints.timeout == b.constraints.timeout),
    ("constraints.bash_timeout", |a, b| a.constraints.bash_timeout == b.constraints.bash_timeout),
    ("context.max_history_turns", |a, b| a.context.max_history_turns == b.context.max_history_turns),
    ("context.strategy", |a, b| a.context.strategy == b.context.strategy),
    ("context.compact_threshold", |a, b| a.context.compact_threshold == b.context.compact_threshold),
    ("context.task_mode", |a, b| a.context.task_mode == b.context.task_mode),
    ("sub_agent.model", |a, b| a.sub_agent.model == b.sub_agent.model),
    ("sub_agent.max_depth", |a, b| a.sub_agent.max_depth == b.sub_agent.max_depth),
    ("sub_agent.tools", |a, b| a.sub_agent.tools == b.sub_agent.tools),
    ("sandbox.filesystem", |a, b| a.sandbox.filesystem == b.sandbox.filesystem),
    ("sandbox.network", |a, b| a.sandbox.network == b.sandbox.network),
    ("sandbox.allow_local_fetch", |a, b| a.sandbox.allow_local_fetch == b.sandbox.allow_local_fetch),
    ("tasks", |a, b| a.tasks == b.tasks),
    ("success_criteria", |a, b| a.success_criteria == b.success_criteria),
    ("metadata.name", |a, b| a.metadata.name == b.metadata.name),
    ("metadata.description", |a, b| a.metadata.description == b.metadata.description),
    ("metadata.tags", |a, b| a.metadata.tags == b.metadata.tags),
    ("metadata.author", |a, b| a.metadata.author == b.metadata.author),
    ("metadata.version", |a, b| a.metadata.version == b.metadata.version),
    ("metadata.extends", |a, b| a.metadata.extends == b.metadata.extends),
    ("metadata.contribute", |a, b| a.metadata.contribute == b.metadata.contribute),
    ("metadata.project_root", |a, b| a.metadata.project_root == b.metadata.project_root),
    ("tool_descriptions", |a, b| a.tool_descriptions == b.tool_descriptions),
    ("sub_agent_modes", |a, b| a.sub_agent_modes == b.sub_agent_modes),
    ("system_reminders", |a, b| a.system_reminders == b.system_reminders),
    ("hooks", |a, b| {
        let written = |hook: &Hook, other: &Hook| {
            (&hook.name, &hook.event, &hook.matcher, &hook.command)
                == (&other.name, &other.event, &other.matcher, &other.command)
        };
        a.hooks.len() == b.hooks.len() && each_hook(a, b, written)
    }),
    ("hooks.action", |a, b| each_hook(a, b, |hook, other| hook.action.is_empty() || hook.action == other.action)),
    ("hooks.timeout", |a, b| each_hook(a, b, |hook, other| hook.timeout == other.timeout)),
    ("hooks.inject_output", |a, b| each_hook(a, b, |hook, other| hook.inject_output == other.inject_output)),
    ("summarization_prompt", |a, b| a.summarization_prompt == b.summarization_prompt),
    ("output_processing", |a, b| a.output_processing == b.output_processing),
    ("model_profiles", |a, b| a.model_profiles == b.model_profiles),
    ("version", |a, _| a.version <= VERSION),
];

fn each_hook(a: &Recipe, b: &Recipe, same: fn(&Hook, &Hook) -> bool) -> bool {
    a.hooks.iter().zip(&b.hooks).all(|(hook, other)| same(hook, other))
}

/// The fields that would be another after [`super::to_markdown`] and [`parse_markdown`]: those that markdown has no place for, and those
/// whose text cannot stand in its place, such as a prompt with a line that begins with `## `. Of a list or a map it is named as a whole
/// what is not whole; of hooks also their fields, as `hooks.timeout`.
///
/// That a recipe without a name or a version gets one is no loss, and where it came from, `sections_present`, is no part of it.
#[must_use]
pub fn lost_in_markdown(recipe: &Recipe) -> Vec<&'static str> {
    // With this version everything can be read.
    let read = parse_markdown(&write(recipe, VERSION)).unwrap_or_default().recipe;
    FIELDS.iter().filter(|(_, same)| !same(recipe, &read)).map(|(name, _)| *name).collect()
}
