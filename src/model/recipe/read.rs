//! A recipe out of markdown.
//!
//! A version in its header is all that markdown has to have. What else cannot be understood is passed over, as it is in the files that
//! exist: a number out of its range or a line of another form in silence, a section or a word that is not known with a warning.
//!
//! Three rules of the files lose something, and are kept because files rely on them:
//!
//! - A reminder's content begins at its first line without a colon, or after an empty line. Lines with a colon right after the trigger
//!   are taken for keys and dropped, unless there is nothing else: then all of the block is the content, the trigger too. Nothing may be
//!   written between trigger and content that would prevent it.
//! - A line that begins with `## ` ends a text, and so does one with `### ` within a block.
//! - Texts lose the white space at both of their ends.

use super::lines::{
    blocks, choice, comma_list, count, double, duration, flag, header, items, list, map, pair, split, text,
};
use super::lines::{value, whole};
use super::{
    Choice, Constraints, Context, Hook, McpServer, ModelParams, ModelProfile, OutputRule, Recipe, RecipeMetadata,
    Sandbox, SubAgent, SystemReminder, Tools, VERSION,
};
use crate::error::{Error, ErrorKind, Result};
use crate::model::chat::words::lower_case;
use std::borrow::Cow;

/// Reads the body of a section.
type Read = fn(&str, &mut Reader);

/// The sections by their names in lower case.
const SECTIONS: [(&str, Read); 19] = [
    ("models", |body, to| to.recipe.models = list(body)),
    ("system prompt", |body, to| to.recipe.system_prompt = body.trim().to_owned()),
    ("tools", |body, to| to.recipe.tools = Some(read_tools(body))),
    ("mcp servers", |body, to| to.recipe.mcp_servers = items(body).filter_map(read_server).collect()),
    ("model parameters", |body, to| {
        to.recipe.model_params = ModelParams {
            temperature: double(body, "temperature"),
            max_tokens: count(body, "max_tokens", 1),
            seed: whole(body, "seed", i64::MIN),
        };
    }),
    ("constraints", |body, to| {
        to.recipe.constraints = Constraints {
            max_steps: count(body, "max_steps", 0).unwrap_or_default(),
            timeout: duration(body, "timeout"),
            bash_timeout: duration(body, "bash_timeout"),
        };
    }),
    ("context", |body, to| {
        to.recipe.context = Context {
            max_history_turns: count(body, "max_history_turns", 0).unwrap_or_default(),
            strategy: to.choice(body, "strategy"),
            compact_threshold: double(body, "compact_threshold")
                .filter(|part| *part > 0.0 && *part <= 1.0)
                .unwrap_or_default(),
            task_mode: to.choice(body, "task_mode"),
        };
    }),
    ("sub-agent", |body, to| {
        to.recipe.sub_agent =
            SubAgent { model: text(body, "model"), max_depth: count(body, "max_depth", 0), tools: text(body, "tools") };
    }),
    ("sandbox", |body, to| {
        to.recipe.sandbox = Sandbox {
            filesystem: to.choice(body, "filesystem"),
            network: to.choice(body, "network"),
            allow_local_fetch: flag(body, "allow_local_fetch").unwrap_or_default(),
        };
    }),
    ("tasks", |body, to| to.recipe.tasks = list(body)),
    ("success criteria", |body, to| to.recipe.success_criteria = list(body)),
    ("metadata", |body, to| to.recipe.metadata = read_metadata(body)),
    ("tool descriptions", |body, to| to.recipe.tool_descriptions = map(body, str::to_owned)),
    ("sub-agent modes", |body, to| to.recipe.sub_agent_modes = map(body, str::to_owned)),
    ("system reminders", |body, to| to.recipe.system_reminders = blocks(body).map(read_reminder).collect()),
    ("hooks", |body, to| to.recipe.hooks = blocks(body).map(read_hook).collect()),
    ("context summarization prompt", |body, to| to.recipe.summarization_prompt = body.trim().to_owned()),
    ("output processing", |body, to| to.recipe.output_processing = map(body, read_rule)),
    ("model profiles", |body, to| to.recipe.model_profiles = map(body, read_profile)),
];

/// The action of a hook that names a command only.
const COMMAND: &str = "command";
/// What begins a section.
const SECTION: &str = "## ";
/// How much of a name a warning shows, in characters.
const SHOWN: usize = 60;

/// A recipe that was read, and what there is to say about its markdown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// The recipe; its `sections_present` is set.
    pub recipe: Recipe,
    /// What was passed over and is likely a mistake, a sentence each that names the line, from 1.
    pub warnings: Vec<String>,
}

/// Reads markdown, with line ends of either kind, in time proportional to its length.
///
/// The title, which is the first line that begins with `# `, is the name. A section begins with `## ` and its name in any case; of two
/// with the same name the last one counts.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`] where there is no line `version: 1` before the first section, or it names a version that is not
/// known. The message names the line.
pub fn parse_markdown(text: &str) -> Result<Parsed> {
    let text = unix_lines(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let (before, sections) = split(&text, SECTION);
    let mut reader = Reader { line: before.lines().count() + 1, ..Reader::default() };
    reader.recipe.version = read_version(before, reader.line)?;
    let (title, name) = title(&text).unwrap_or_default();
    reader.recipe.name = name.to_owned();
    let mut names = Vec::new();
    for section in sections {
        let (name, body) = header(section, SECTION);
        let name = lower_case(name);
        let below = reader.line + section.lines().count();
        let body = if (reader.line..below).contains(&title) {
            without_line(body, title - reader.line - 1).into()
        } else {
            Cow::Borrowed(body)
        };
        match SECTIONS.iter().find(|(known, _)| *known == name) {
            Some((_, read)) => read(&body, &mut reader),
            None => reader.warn(&format!("there is no section `{}`", name.chars().take(SHOWN).collect::<String>())),
        }
        names.push(name);
        reader.line = below;
    }
    names.sort_unstable();
    names.dedup();
    reader.recipe.sections_present = Some(names);
    Ok(Parsed { recipe: reader.recipe, warnings: reader.warnings })
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    recipe: Recipe,
    warnings: Vec<String>,
    /// Where the section begins that is read.
    line: usize,
}

impl Reader {
    fn warn(&mut self, what: &str) {
        self.warnings.push(format!("line {}: {what}; it is passed over", self.line));
    }

    /// One of a few words; with a warning where it is another one.
    fn choice<T: Choice>(&mut self, body: &str, key: &str) -> Option<T> {
        let choice = choice(body, key);
        if choice.is_none() && value(body, key).is_some() {
            self.warn(&format!("in this section `{key}` is not a word that is known"));
        }
        choice
    }
}

/// Of a text whose first line ends as on Windows, all lines end with a line feed only. In other texts a carriage return belongs to what
/// it stands in.
fn unix_lines(text: &str) -> Cow<'_, str> {
    let (first, _) = text.split_once('\n').unwrap_or_default();
    if !first.ends_with('\r') {
        return text.into();
    }
    let mut lines = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix("\r\n") {
            Some(line) => lines.extend([line, "\n"]),
            None => lines.push_str(line),
        }
    }
    lines.into()
}

/// The line of the title, from 1, and the title.
fn title(text: &str) -> Option<(usize, &str)> {
    let mut titles =
        text.split('\n').zip(1..).filter_map(|(line, number)| Some((number, line.strip_prefix("# ")?.trim())));
    titles.find(|(_, title)| !title.is_empty())
}

fn without_line(text: &str, line: usize) -> String {
    let lines = text.split('\n').enumerate().filter(|(place, _)| *place != line);
    lines.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// Reads the version out of what stands before line `end`, where the first section begins or the text is over.
fn read_version(text: &str, end: usize) -> Result<u32> {
    let mut versions = text.split('\n').zip(1..).filter_map(|(line, number)| {
        let (key, value) = pair(line)?;
        key.eq_ignore_ascii_case("version").then_some((number, value))
    });
    let refuse = |line: usize, what: &str| {
        Err(Error::new(
            ErrorKind::InvalidDocument,
            format!("line {line}: {what}; the version of a recipe is {VERSION}"),
        ))
    };
    let Some((line, value)) = versions.next() else {
        return refuse(end, "no `version: 1` stands before the first section");
    };
    match value.parse::<i64>() {
        Err(_) => refuse(line, "the version is not a whole number"),
        Ok(..1) => refuse(line, "the version is below 1"),
        Ok(version) if version == i64::from(VERSION) => Ok(VERSION),
        Ok(_) => refuse(line, "the version is not supported"),
    }
}

fn read_tools(body: &str) -> Tools {
    let mut tools = Tools::default();
    for item in items(body) {
        let bash = item.strip_prefix("bash(").map(|rest| rest.split_once(')'));
        let (name, guidance) = match bash {
            Some(Some((prefixes, behind))) => {
                tools.bash_prefixes = comma_list(prefixes);
                ("bash", behind.strip_prefix(':').unwrap_or_default().trim())
            }
            Some(None) => (item, ""),
            None => pair(item).unwrap_or((item, "")),
        };
        if name.is_empty() {
            continue;
        }
        if !guidance.is_empty() {
            tools.guidance.insert(name.to_owned(), guidance.to_owned());
        }
        tools.allowlist.push(name.to_owned());
    }
    tools
}

fn read_server(item: &str) -> Option<McpServer> {
    let (name, command) = pair(item).filter(|(name, command)| !name.is_empty() && !command.is_empty())?;
    Some(McpServer { name: name.to_owned(), command: command.to_owned() })
}

fn read_metadata(body: &str) -> RecipeMetadata {
    RecipeMetadata {
        name: text(body, "name"),
        description: text(body, "description"),
        tags: value(body, "tags").map(comma_list).unwrap_or_default(),
        author: text(body, "author"),
        version: text(body, "version"),
        extends: text(body, "extends"),
        contribute: flag(body, "contribute").unwrap_or_default(),
        project_root: text(body, "project_root"),
    }
}

fn read_reminder((name, body): (&str, &str)) -> SystemReminder {
    let (mut trigger, mut content, mut start) = ("", Some(body), 0);
    for line in body.split('\n') {
        let end = start + line.len() + 1;
        match pair(line) {
            Some((key, value)) if key.eq_ignore_ascii_case("trigger") => trigger = value,
            Some(_) => {}
            None => {
                content = body.get(start..);
                break;
            }
        }
        start = end;
    }
    let content = content.unwrap_or_default().trim();
    SystemReminder { name: name.to_owned(), trigger: trigger.to_owned(), content: content.to_owned() }
}

fn read_hook((name, body): (&str, &str)) -> Hook {
    let mut hook = Hook {
        name: name.to_owned(),
        event: text(body, "event"),
        matcher: text(body, "matcher"),
        action: text(body, "action"),
        command: text(body, "command"),
        timeout: text(body, "timeout"),
        inject_output: flag(body, "inject_output").unwrap_or_default(),
    };
    if hook.action.is_empty() && !hook.command.is_empty() {
        hook.action = COMMAND.to_owned();
    }
    hook
}

fn read_rule(body: &str) -> OutputRule {
    OutputRule {
        max_lines: count(body, "max_lines", 1).unwrap_or_default(),
        max_tokens: count(body, "max_tokens", 1).unwrap_or_default(),
        truncation: choice(body, "truncation"),
        truncation_message: text(body, "truncation_message"),
    }
}

fn read_profile(body: &str) -> ModelProfile {
    ModelProfile {
        context_budget: count(body, "context_budget", 1).unwrap_or_default(),
        tool_format: text(body, "tool_format"),
        system_role: flag(body, "system_role"),
        mid_convo_system: flag(body, "mid_convo_system"),
    }
}
