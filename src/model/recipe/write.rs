//! A recipe as markdown.

use super::{Choice, GoDuration, NO_NAME, Recipe};
use crate::model::number::push_double;

/// Writes the lines of a section.
type Write = fn(&Recipe, &mut String);

/// The sections in their order.
const SECTIONS: [(&str, Write); 15] = [
    ("Models", |recipe, out| list(out, &recipe.models)),
    ("System Prompt", |recipe, out| prose(out, &recipe.system_prompt)),
    (TOOLS, tools),
    ("MCP Servers", |recipe, out| {
        recipe.mcp_servers.iter().for_each(|server| line(out, &["- ", &server.name, ": ", &server.command]));
    }),
    ("Model Parameters", model_params),
    ("Constraints", |recipe, out| {
        duration(out, "timeout", recipe.constraints.timeout);
        duration(out, "bash_timeout", recipe.constraints.bash_timeout);
        count(out, "max_steps", recipe.constraints.max_steps);
    }),
    ("Context", |recipe, out| {
        count(out, "max_history_turns", recipe.context.max_history_turns);
        choice(out, "strategy", recipe.context.strategy);
        if recipe.context.compact_threshold > 0.0 {
            double(out, "compact_threshold", recipe.context.compact_threshold);
        }
    }),
    ("Sub-Agent", |recipe, out| {
        text(out, "model", &recipe.sub_agent.model);
        count(out, "max_depth", recipe.sub_agent.max_depth.unwrap_or_default());
        text(out, "tools", &recipe.sub_agent.tools);
    }),
    ("Sandbox", |recipe, out| {
        choice(out, "filesystem", recipe.sandbox.filesystem);
        choice(out, "network", recipe.sandbox.network);
        text(out, "allow_local_fetch", if recipe.sandbox.allow_local_fetch { "true" } else { "" });
    }),
    ("Tasks", |recipe, out| list(out, &recipe.tasks)),
    ("Success Criteria", |recipe, out| list(out, &recipe.success_criteria)),
    ("Context Summarization Prompt", |recipe, out| prose(out, &recipe.summarization_prompt)),
    ("System Reminders", |recipe, out| {
        for reminder in &recipe.system_reminders {
            line(out, &["### ", &reminder.name]);
            text(out, "trigger", &reminder.trigger);
            prose(out, &reminder.content);
        }
    }),
    ("Hooks", |recipe, out| {
        for hook in &recipe.hooks {
            line(out, &["### ", &hook.name]);
            line(out, &["event: ", &hook.event]);
            text(out, "matcher", &hook.matcher);
            line(out, &["command: ", &hook.command]);
        }
    }),
    ("Metadata", |recipe, out| {
        text(out, "description", &recipe.metadata.description);
        text(out, "author", &recipe.metadata.author);
        text(out, "version", &recipe.metadata.version);
        text(out, "tags", &recipe.metadata.tags.join(", "));
        text(out, "project_root", &recipe.metadata.project_root);
    }),
];
/// The one section that says something even without lines: no tools, where none of it stands for all.
const TOOLS: &str = "Tools";

/// The markdown of a recipe: its name and version, then a section for each part that is set, after an empty line. A line break is at
/// its end.
///
/// Not all of a recipe can be said so: [`super::lost_in_markdown`] tells what cannot. A recipe of version 0 gives markdown that
/// cannot be read again, because it does not say its version.
#[must_use]
pub fn to_markdown(recipe: &Recipe) -> String {
    write(recipe, recipe.version)
}

/// The markdown of a recipe as if it were of another version.
pub(super) fn write(recipe: &Recipe, version: u32) -> String {
    let mut out = String::new();
    line(&mut out, &["# ", if recipe.name.is_empty() { NO_NAME } else { &recipe.name }]);
    count(&mut out, "version", u64::from(version));
    for (header, write) in SECTIONS {
        let before = out.len();
        line(&mut out, &["\n## ", header]);
        let start = out.len();
        write(recipe, &mut out);
        if out.len() == start && (header != TOOLS || recipe.tools.is_none()) {
            out.truncate(before);
        }
    }
    out
}

fn tools(recipe: &Recipe, out: &mut String) {
    let Some(tools) = &recipe.tools else { return };
    for name in &tools.allowlist {
        let prefixes = if name == "bash" { tools.bash_prefixes.join(", ") } else { String::new() };
        let [open, close] = if prefixes.is_empty() { ["", ""] } else { ["(", ")"] };
        let guidance = tools.guidance.get(name).map_or("", String::as_str);
        let colon = if guidance.is_empty() { "" } else { ": " };
        line(out, &["- ", name, open, &prefixes, close, colon, guidance]);
    }
}

fn model_params(recipe: &Recipe, out: &mut String) {
    let params = recipe.model_params;
    if let Some(temperature) = params.temperature {
        double(out, "temperature", temperature);
    }
    if let Some(max_tokens) = params.max_tokens {
        line(out, &["max_tokens: ", &max_tokens.to_string()]);
    }
    if let Some(seed) = params.seed {
        line(out, &["seed: ", &seed.to_string()]);
    }
}

fn line(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied().chain(["\n"]));
}

fn list(out: &mut String, items: &[String]) {
    items.iter().for_each(|item| line(out, &["- ", item]));
}

/// A text as it is, where there is one.
fn prose(out: &mut String, text: &str) {
    if !text.is_empty() {
        line(out, &[text]);
    }
}

/// A key with its value, where there is one.
fn text(out: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        line(out, &[key, ": ", value]);
    }
}

fn count(out: &mut String, key: &str, count: u64) {
    if count > 0 {
        text(out, key, &count.to_string());
    }
}

fn duration(out: &mut String, key: &str, duration: GoDuration) {
    if duration.is_positive() {
        text(out, key, &duration.to_string());
    }
}

fn double(out: &mut String, key: &str, number: f64) {
    let mut digits = String::new();
    push_double(&mut digits, number);
    text(out, key, &digits);
}

fn choice<T: Choice>(out: &mut String, key: &str, choice: Option<T>) {
    text(out, key, choice.map_or("", T::word));
}
