//! The tables of `stores.md`, section D.12, row by row, and what has to hold of any recipe and any text.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod any;
mod reading;

use super::*;

/// What a text of sections says, behind a title and a version.
fn parsed(sections: &str) -> Parsed {
    parse_markdown(&format!("# T\nversion: 1\n\n{sections}")).unwrap()
}

fn recipe(sections: &str) -> Recipe {
    let Parsed { recipe, warnings } = parsed(sections);
    assert_eq!(warnings, Vec::<String>::new());
    recipe
}

/// What is written behind the title.
fn written(recipe: &Recipe) -> String {
    to_markdown(recipe).strip_prefix("# Errata Recipe\n").unwrap().to_owned()
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn map(items: &[(&str, &str)]) -> Map<String> {
    items.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn seconds(seconds: i64) -> GoDuration {
    GoDuration::from_seconds(seconds).unwrap()
}

/// A recipe with everything that markdown keeps.
fn full() -> Recipe {
    Recipe {
        version: 1,
        name: "Full".to_owned(),
        models: strings(&["a/b", "c:d"]),
        system_prompt: "Be brief.\n\n# Not a title\n- and: kind".to_owned(),
        tools: Some(Tools {
            allowlist: strings(&["read_file", "bash", "edit_file"]),
            bash_prefixes: strings(&["go test", "git log"]),
            guidance: map(&[("bash", "last: of all"), ("edit_file", "small")]),
        }),
        mcp_servers: vec![McpServer { name: "docs".to_owned(), command: "serve --at :80".to_owned() }],
        model_params: ModelParams { temperature: Some(0.0), max_tokens: Some(4096), seed: Some(-7) },
        constraints: Constraints { max_steps: 30, timeout: seconds(300), bash_timeout: seconds(90) },
        context: Context {
            max_history_turns: 20,
            strategy: Some(Strategy::Off),
            compact_threshold: 0.8,
            task_mode: None,
        },
        sub_agent: SubAgent { model: "m".to_owned(), max_depth: Some(2), tools: "inherit".to_owned() },
        sandbox: Sandbox {
            filesystem: Some(Filesystem::ProjectOnly),
            network: Some(Network::None),
            allow_local_fetch: true,
        },
        tasks: strings(&["one", "two: more"]),
        success_criteria: strings(&["it works"]),
        metadata: RecipeMetadata {
            description: "for: tests".to_owned(),
            tags: strings(&["x", "y z"]),
            author: "Ada".to_owned(),
            version: "2.0".to_owned(),
            project_root: "/p".to_owned(),
            ..RecipeMetadata::default()
        },
        system_reminders: vec![
            SystemReminder {
                name: "Long".to_owned(),
                trigger: "turns > 3".to_owned(),
                content: "Sum up.\nNote: now".to_owned(),
            },
            SystemReminder { name: "Always".to_owned(), trigger: String::new(), content: "Go on.".to_owned() },
        ],
        hooks: vec![
            Hook {
                name: "fmt".to_owned(),
                event: "post_tool_use".to_owned(),
                matcher: "edit_*".to_owned(),
                action: "command".to_owned(),
                command: "fmt --all".to_owned(),
                ..Hook::default()
            },
            Hook { name: "empty".to_owned(), ..Hook::default() },
        ],
        summarization_prompt: "Sum up:\n\n1. all".to_owned(),
        ..Recipe::default()
    }
}

const FULL: &str = "\
# Full
version: 1

## Models
- a/b
- c:d

## System Prompt
Be brief.

# Not a title
- and: kind

## Tools
- read_file
- bash(go test, git log): last: of all
- edit_file: small

## MCP Servers
- docs: serve --at :80

## Model Parameters
temperature: 0
max_tokens: 4096
seed: -7

## Constraints
timeout: 5m0s
bash_timeout: 1m30s
max_steps: 30

## Context
max_history_turns: 20
strategy: off
compact_threshold: 0.8

## Sub-Agent
model: m
max_depth: 2
tools: inherit

## Sandbox
filesystem: project_only
network: none
allow_local_fetch: true

## Tasks
- one
- two: more

## Success Criteria
- it works

## Context Summarization Prompt
Sum up:

1. all

## System Reminders
### Long
trigger: turns > 3
Sum up.
Note: now
### Always
Go on.

## Hooks
### fmt
event: post_tool_use
matcher: edit_*
command: fmt --all
### empty
event: 
command: 

## Metadata
description: for: tests
author: Ada
version: 2.0
tags: x, y z
project_root: /p
";

#[test]
fn the_golden_recipes_are_written() {
    assert_eq!(to_markdown(&Recipe::default()), "# Errata Recipe\n");
    let no_tools = Recipe { version: 1, tools: Some(Tools::default()), ..Recipe::default() };
    assert_eq!(to_markdown(&no_tools), "# Errata Recipe\nversion: 1\n\n## Tools\n");
}

#[test]
fn every_section_is_written_in_its_order_and_read_again() {
    assert_eq!(to_markdown(&full()), FULL);
    let Parsed { mut recipe, warnings } = parse_markdown(FULL).unwrap();
    assert_eq!(recipe.sections_present.take().map(|names| names.len()), Some(15));
    assert_eq!((recipe, warnings), (full(), Vec::new()));
    assert_eq!(lost_in_markdown(&full()), Vec::<&str>::new());
}

#[test]
fn what_is_not_above_zero_or_has_no_place_is_not_written() {
    let unset = Recipe {
        constraints: Constraints { timeout: GoDuration::from_nanos(-1), ..Constraints::default() },
        context: Context { task_mode: Some(TaskMode::Sequential), compact_threshold: -0.5, ..Context::default() },
        sub_agent: SubAgent { max_depth: Some(0), ..SubAgent::default() },
        metadata: RecipeMetadata { name: "n".to_owned(), contribute: true, ..RecipeMetadata::default() },
        tool_descriptions: map(&[("bash", "x")]),
        sub_agent_modes: map(&[("plan", "x")]),
        output_processing: [("bash".to_owned(), OutputRule::default())].into(),
        model_profiles: [("m".to_owned(), ModelProfile::default())].into(),
        ..Recipe::default()
    };
    assert_eq!(written(&unset), "");
    let lost = [
        "constraints.timeout",
        "context.compact_threshold",
        "context.task_mode",
        "sub_agent.max_depth",
        "metadata.name",
        "metadata.contribute",
        "tool_descriptions",
        "sub_agent_modes",
        "output_processing",
        "model_profiles",
    ];
    assert_eq!(lost_in_markdown(&unset), lost);
}

#[test]
fn guidance_and_prefixes_of_tools_that_are_not_allowed_are_dropped() {
    let tools = Tools {
        allowlist: strings(&["a"]),
        bash_prefixes: strings(&["ls"]),
        guidance: map(&[("a", ""), ("b", "not here")]),
    };
    let recipe = Recipe { tools: Some(tools), ..Recipe::default() };
    assert_eq!(written(&recipe), "\n## Tools\n- a\n");
    assert_eq!(lost_in_markdown(&recipe), ["tools.bash_prefixes", "tools.guidance"]);
}

#[test]
fn doubles_are_written_in_plain_digits_and_set_zeros_are_kept() {
    let params = ModelParams { temperature: Some(1e-7), max_tokens: Some(0), seed: Some(i64::MIN) };
    let recipe = Recipe { model_params: params, ..Recipe::default() };
    let lines = "temperature: 0.0000001\nmax_tokens: 0\nseed: -9223372036854775808\n";
    assert_eq!(written(&recipe), format!("\n## Model Parameters\n{lines}"));
    assert_eq!(lost_in_markdown(&recipe), ["model_params.max_tokens"]);
}

#[test]
fn texts_that_markdown_cuts_are_named() {
    let recipe = Recipe {
        version: 2,
        name: " n ".to_owned(),
        models: strings(&["two\nlines"]),
        system_prompt: "a\n## Tasks\n- b".to_owned(),
        system_reminders: vec![SystemReminder {
            name: "r".to_owned(),
            trigger: "t".to_owned(),
            content: "Note: lost\nkept".to_owned(),
        }],
        hooks: vec![Hook {
            name: "h".to_owned(),
            action: "prompt".to_owned(),
            timeout: "5s".to_owned(),
            inject_output: true,
            ..Hook::default()
        }],
        summarization_prompt: "\nx".to_owned(),
        ..Recipe::default()
    };
    let lost = [
        "name",
        "models",
        "system_prompt",
        "tasks",
        "system_reminders",
        "hooks.action",
        "hooks.timeout",
        "hooks.inject_output",
        "summarization_prompt",
        "version",
    ];
    assert_eq!(lost_in_markdown(&recipe), lost);
}

#[test]
fn line_ends_of_windows_are_read_as_others() {
    let windows = FULL.replace('\n', "\r\n");
    assert_eq!(parse_markdown(&windows).unwrap(), parse_markdown(FULL).unwrap());
    // In a file of the other kind a carriage return within a text is one.
    assert_eq!(recipe("## System Prompt\r\na\r\nb\r\n## Tasks\r\n- c\r\n").system_prompt, "a\r\nb");
}

#[test]
fn the_built_in_recipe_is_kept_by_markdown() {
    let built_in = Recipe::built_in();
    assert_eq!(lost_in_markdown(&built_in), Vec::<&str>::new());
    let markdown = to_markdown(&built_in);
    assert!(markdown.starts_with("# Errata Default\nversion: 1\n\n## Tools\n- list_directory: "));
    for line in ["timeout: 5m0s", "bash_timeout: 2m0s", "max_history_turns: 20", "strategy: auto_compact"] {
        assert!(markdown.contains(&format!("\n{line}\n")), "{line}");
    }
    for line in ["compact_threshold: 0.8", "filesystem: unrestricted", "network: full"] {
        assert!(markdown.contains(&format!("\n{line}\n")), "{line}");
    }
    let tools = built_in.tools.unwrap();
    assert_eq!(tools.allowlist.len(), 9);
    assert!(tools.allowlist.iter().all(|name| !tools.guidance.get(name).unwrap().is_empty()));
}

#[test]
fn large_texts_are_read_in_time_proportional_to_them() {
    let lines = 50_000;
    let one = |text: &str| {
        let _ = parse_markdown(text).map(|parsed| lost_in_markdown(&parsed.recipe));
    };
    one(&"x".repeat(4_000_000));
    one(&format!("version: {}", "9".repeat(1_000_000)));
    for section in ["Models", "Tools", "Hooks", "System Reminders", "Context", "Metadata", "Nope"] {
        for line in ["### a\n", "- a: b\n", "strategy: a\n", "trigger: a\n", "\n", "## Hooks\n", "# a\n", "- bash(\n"] {
            one(&format!("version: 1\n## {section}\n{}", line.repeat(lines)));
        }
    }
    for key in ["temperature", "seed"] {
        one(&format!("version: 1\n## Model Parameters\n{key}: 0.{}", "7".repeat(1_000_000)));
        one(&format!("version: 1\n## Constraints\ntimeout: {}", "1h".repeat(1_000_000)));
    }
}
