//! The tables of `stores.md`, section D.12, row by row, and what has to hold of any recipe and any text.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use super::*;
use crate::error::ErrorKind;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, any, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

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

fn map(items: &[(&str, &str)]) -> BTreeMap<String, String> {
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
fn a_version_stands_before_the_first_section() {
    for text in ["version: 1", "# T\n  VERSION :  1  \nversion: x", "\u{FEFF}version: +1\n## Models", "version: 1\r\n"] {
        assert_eq!(parse_markdown(text).unwrap().recipe.version, 1, "{text:?}");
    }
    for (text, message) in [
        ("", "line 1: no `version: 1` stands before the first section"),
        ("# T\n\n- version: 1\n", "line 4: no `version: 1`"),
        ("# T\n\n## Models\nversion: 1\n", "line 3: no `version: 1`"),
        ("## Models\nversion: 1\n", "line 1: no `version: 1`"),
        ("\n\nversion: one\n", "line 3: the version is not a whole number"),
        ("version:", "line 1: the version is not a whole number"),
        ("version: 1.0", "line 1: the version is not a whole number"),
        ("version: 99999999999999999999", "line 1: the version is not a whole number"),
        ("version: 0\nversion: 1", "line 1: the version is below 1"),
        ("version: -3", "line 1: the version is below 1"),
        ("version: 2", "line 1: the version is not supported; the version of a recipe is 1"),
    ] {
        let error = parse_markdown(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
        assert!(error.message().starts_with(message), "{text:?}: {error}");
    }
}

#[test]
fn the_first_title_is_the_name_wherever_it_stands() {
    for (text, name) in [
        ("version: 1", ""),
        ("#  A b \nversion: 1\n# C", "A b"),
        ("#A\n# \nversion: 1\n## Tasks\n# Late\n- x", "Late"),
        ("version: 1\n # A", ""),
    ] {
        assert_eq!(parse_markdown(text).unwrap().recipe.name, name, "{text:?}");
    }
    let late = parse_markdown("version: 1\n## Tasks\n- x\n## System Prompt\na\n# Late\nb\n# c\n## Nope\n").unwrap();
    assert_eq!((&*late.recipe.name, &*late.recipe.system_prompt), ("Late", "a\nb\n# c"));
    assert_eq!(late.warnings, ["line 9: there is no section `nope`; it is passed over"]);
}

#[test]
fn sections_are_known_by_their_names_in_any_case_and_the_last_one_counts() {
    let parsed = parsed(
        "text before\n- x\n##  TASKS \n- a\n\n## Größe\n- b\n##Models\n## models\n- m\n### Deep\n- n\n ## Tools\n## Tasks\n- c\n",
    );
    assert_eq!(parsed.recipe.tasks, ["c"]);
    assert_eq!(parsed.recipe.models, ["m", "n"]);
    assert_eq!(parsed.recipe.tools, None);
    let names = parsed.recipe.sections_present.unwrap();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["größe", "models", "tasks"]);
    assert_eq!(parsed.warnings, ["line 9: there is no section `größe`; it is passed over"]);
    assert_eq!(recipe("").sections_present, Some(BTreeSet::new()));
}

#[test]
fn lists_are_lines_with_a_dash() {
    let recipe = recipe("## Models\n- a\n  -  b c \n* d\n-e\n-  \n-\nplain\n- f: g\n");
    assert_eq!(recipe.models, ["a", "b c", "f: g"]);
}

#[test]
fn of_a_key_the_last_value_counts_in_any_case() {
    let metadata = recipe("## Metadata\nAuthor: a\n- AUTHOR : b:c \nno colon\ntags: x, , y z,\nDescription:\nname: n\nextends: e\nContribute: TRUE\n").metadata;
    let wanted = RecipeMetadata {
        name: "n".to_owned(),
        author: "b:c".to_owned(),
        tags: strings(&["x", "y z"]),
        extends: "e".to_owned(),
        contribute: true,
        ..RecipeMetadata::default()
    };
    assert_eq!(metadata, wanted);
    // A last value that is not valid hides the valid one before it.
    assert_eq!(recipe("## Constraints\nmax_steps: 5\nmax_steps: x\n").constraints.max_steps, 0);
}

#[test]
fn tools_may_have_guidance_and_bash_prefixes() {
    let tools = recipe("## Tools\n- a: x: y\n- b:\n- bash(git log, , ls): g\n- c : z\n- : none\n").tools.unwrap();
    assert_eq!(tools.allowlist, ["a", "b", "bash", "c"]);
    assert_eq!(tools.bash_prefixes, ["git log", "ls"]);
    assert_eq!(tools.guidance, map(&[("a", "x: y"), ("bash", "g"), ("c", "z")]));
    for (item, name, prefixes) in [
        ("bash", "bash", vec![]),
        ("bash()", "bash", vec![]),
        ("bash(a) : not guidance", "bash", vec!["a"]),
        ("bash(a:b)", "bash", vec!["a:b"]),
        ("bash(a: b", "bash(a: b", vec![]),
    ] {
        let tools = recipe(&format!("## Tools\n- {item}\n")).tools.unwrap();
        assert_eq!(tools, Tools { allowlist: strings(&[name]), bash_prefixes: strings(&prefixes), guidance: map(&[]) });
    }
    assert_eq!(recipe("## Tools\nnone\n").tools, Some(Tools::default()));
    assert_eq!(recipe("## Tasks\n").tools, None);
}

#[test]
fn a_server_needs_a_name_and_a_command() {
    let servers = recipe("## MCP Servers\n- a: run :1\n- b:\n- : c\n- d\n").mcp_servers;
    assert_eq!(servers, [McpServer { name: "a".to_owned(), command: "run :1".to_owned() }]);
}

#[test]
fn numbers_out_of_their_range_are_passed_over() {
    let of = |steps: &str| recipe(&format!("## Constraints\nmax_steps: {steps}")).constraints.max_steps;
    assert_eq!(["0", "7", "+7", "-1", "1.5", "", "99999999999999999999"].map(of), [0, 7, 7, 0, 0, 0, 0]);
    let of = |turns: &str| recipe(&format!("## Context\nmax_history_turns: {turns}")).context.max_history_turns;
    assert_eq!(["0", "7", "-1"].map(of), [0, 7, 0]);
    let of = |tokens: &str| recipe(&format!("## Model Parameters\nmax_tokens: {tokens}")).model_params.max_tokens;
    assert_eq!(["0", "7", "-1"].map(of), [None, Some(7), None]);
    let of = |seed: &str| recipe(&format!("## Model Parameters\nseed: {seed}")).model_params.seed;
    assert_eq!(["0", "-9223372036854775808", "9223372036854775808"].map(of), [Some(0), Some(i64::MIN), None]);
    let of = |number: &str| recipe(&format!("## Model Parameters\ntemperature: {number}")).model_params.temperature;
    assert_eq!(["0", "0.70", "-1e1", "hot", "NaN"].map(of), [Some(0.0), Some(0.7), Some(-10.0), None, None]);
    let of = |part: &str| recipe(&format!("## Context\ncompact_threshold: {part}")).context.compact_threshold;
    assert_eq!(["0", "0.5", "1", "1.1", "-0.5", "80%"].map(of), [0.0, 0.5, 1.0, 0.0, 0.0, 0.0]);
    let of = |depth: &str| recipe(&format!("## Sub-Agent\nmax_depth: {depth}")).sub_agent.max_depth;
    assert_eq!(["0", "3", "-1"].map(of), [Some(0), Some(3), None]);
    assert_eq!(recipe("").sub_agent.max_depth, None);
}

#[test]
fn durations_are_those_of_go_or_whole_seconds() {
    let of = |text: &str| {
        let constraints = recipe(&format!("## Constraints\ntimeout: {text}\nbash_timeout: {text}")).constraints;
        assert_eq!(constraints.timeout, constraints.bash_timeout);
        constraints.timeout.to_string()
    };
    for (text, duration) in [("1h30m", "1h30m0s"), ("1.5h", "1h30m0s"), ("500ms", "500ms"), ("90", "1m30s"), ("+90", "1m30s")] {
        assert_eq!(of(text), duration);
    }
    for text in ["0", "0s", "-5s", "-5", "1.5", "soon", "5 m", "", "9223372036854775807", "9999999h"] {
        assert_eq!(of(text), "0s", "{text:?}");
    }
}

#[test]
fn words_that_are_not_known_give_warnings() {
    let parsed = parsed(
        "## Context\nstrategy: Manual\ntask_mode: sequential\n## Sandbox\nfilesystem:\nnetwork: full\nallow_local_fetch: yes\n",
    );
    assert_eq!(parsed.recipe.context.task_mode, Some(TaskMode::Sequential));
    assert_eq!(parsed.recipe.context.strategy, None);
    assert_eq!(parsed.recipe.sandbox, Sandbox { network: Some(Network::Full), ..Sandbox::default() });
    let warnings = [
        "line 4: in this section `strategy` is not a word that is known; it is passed over",
        "line 7: in this section `filesystem` is not a word that is known; it is passed over",
    ];
    assert_eq!(parsed.warnings, warnings);
    for (word, choice) in Strategy::WORDS {
        assert_eq!((choice.word(), Strategy::of_word(word)), (*word, Some(*choice)));
    }
}

#[test]
fn blocks_have_names_and_trimmed_bodies() {
    let recipe = recipe(
        "## Tool Descriptions\nlost\n### a \n\n x\n\ny\n\n###  b\n## Sub-Agent Modes\n### m\nplan: x\n### m\nlast\n#### deep\n",
    );
    assert_eq!(recipe.tool_descriptions, map(&[("a", "x\n\ny"), ("b", "")]));
    assert_eq!(recipe.sub_agent_modes, map(&[("m", "last\n#### deep")]));
}

#[test]
fn outputs_and_models_have_blocks_of_keys() {
    let recipe = recipe(
        "## Output Processing\n### bash\nmax_lines: 10\nmax_tokens: 0\ntruncation: head_tail\ntruncation_message: {n} left out: more\n\
         ### x\ntruncation: middle\n## Model Profiles\n### a/b\ncontext_budget: 1000\ntool_format: native\nsystem_role: True\n\
         mid_convo_system: no\n### c\ncontext_budget: -1\n",
    );
    let rule = OutputRule {
        max_lines: 10,
        max_tokens: 0,
        truncation: Some(Truncation::HeadTail),
        truncation_message: "{n} left out: more".to_owned(),
    };
    assert_eq!(recipe.output_processing, [("bash".to_owned(), rule), ("x".to_owned(), OutputRule::default())].into());
    let profile = ModelProfile {
        context_budget: 1000,
        tool_format: "native".to_owned(),
        system_role: Some(true),
        mid_convo_system: Some(false),
    };
    assert_eq!(recipe.model_profiles, [("a/b".to_owned(), profile), ("c".to_owned(), ModelProfile::default())].into());
}

#[test]
fn a_reminder_has_keys_up_to_an_empty_line_or_one_without_a_colon() {
    for (body, trigger, content) in [
        ("trigger: t\nSay it.\nNote: x", "t", "Say it.\nNote: x"),
        ("TRIGGER : t:u\nother: x\n\nNote: x\n\ny", "t:u", "Note: x\n\ny"),
        ("trigger: t\nNote: swallowed\nrest", "t", "rest"),
        ("trigger: t\nNote: x", "t", "trigger: t\nNote: x"),
        ("trigger: t", "t", "trigger: t"),
        ("Say it.", "", "Say it."),
        ("", "", ""),
    ] {
        let reminders = recipe(&format!("## System Reminders\n### r\n{body}\n")).system_reminders;
        let wanted =
            SystemReminder { name: "r".to_owned(), trigger: trigger.to_owned(), content: content.to_owned() };
        assert_eq!(reminders, [wanted], "{body:?}");
    }
    assert_eq!(recipe("## System Reminders\ntext\n").system_reminders, []);
}

#[test]
fn a_hook_with_a_command_is_one_for_commands() {
    let hooks = recipe(
        "## Hooks\n### a\nevent: e\ncommand: c\ntimeout: 5s\ninject_output: True\n### b\naction: prompt\ncommand: c\n### d\n",
    )
    .hooks;
    let a = Hook {
        name: "a".to_owned(),
        event: "e".to_owned(),
        action: "command".to_owned(),
        command: "c".to_owned(),
        timeout: "5s".to_owned(),
        inject_output: true,
        ..Hook::default()
    };
    assert_eq!(hooks[0], a);
    assert_eq!((&*hooks[1].action, &*hooks[2].action), ("prompt", ""));
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
    assert!(tools.allowlist.iter().all(|name| !tools.guidance[name].is_empty()));
}

#[test]
fn large_texts_are_read_in_time_proportional_to_them() {
    let lines = 200_000;
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

/// A text of one line without what markdown takes for something else.
fn word() -> impl Generator<Value = String> {
    "[a-zé日][a-z0-9é日_./-]{0,8}( [a-z0-9]{1,4}){0,2}"
}

fn prose() -> impl Generator<Value = String> {
    "[a-z]{1,5}(\n{0,3}[a-zA-Z#:日-][a-z :.日]{0,9}[a-z.]){0,4}"
}

fn lines() -> impl Generator<Value = Vec<String>> {
    vec(word(), 0..4)
}

fn text() -> impl Generator<Value = String> {
    prop_oneof![Just(String::new()), word()]
}

fn tools() -> impl Generator<Value = Option<Tools>> {
    let guided = btree_map("[a-z_]{1,6}", text(), 0..5);
    option::of((guided, option::of(lines())).prop_map(|(mut guided, bash)| {
        guided.remove("bash");
        let mut allowlist: Vec<String> = guided.keys().cloned().collect();
        allowlist.extend(bash.iter().map(|_| "bash".to_owned()));
        guided.retain(|_, guidance| !guidance.is_empty());
        Tools { allowlist, bash_prefixes: bash.unwrap_or_default(), guidance: guided }
    }))
}

fn numbers() -> impl Generator<Value = (ModelParams, Constraints, Context)> {
    let doubles = (option::of(-1e3_f64..1e3), option::of(1e-9_f64..=1.0));
    let counts = (option::of(1..u64::MAX / 2), option::of(any::<i64>()), 0..u64::MAX / 2, 0..1_000_u64);
    let durations = (0..i64::MAX, 0..i64::MAX, 0_u32..63);
    let strategy = option::of(prop_oneof![Just(Strategy::AutoCompact), Just(Strategy::Manual), Just(Strategy::Off)]);
    (doubles, counts, durations, strategy).prop_map(|(doubles, counts, durations, strategy)| {
        let nanos = |nanos: i64| GoDuration::from_nanos(nanos >> durations.2);
        let params = ModelParams { temperature: doubles.0, max_tokens: counts.0, seed: counts.1 };
        let constraints =
            Constraints { max_steps: counts.2, timeout: nanos(durations.0), bash_timeout: nanos(durations.1) };
        let compact_threshold = doubles.1.unwrap_or_default();
        (params, constraints, Context { max_history_turns: counts.3, strategy, compact_threshold, task_mode: None })
    })
}

fn blocks() -> impl Generator<Value = (Vec<SystemReminder>, Vec<Hook>)> {
    let content = (prose(), prose()).prop_map(|(first, rest)| format!("{}\n{rest}", first.replace([':', '\n'], " ")));
    let reminder = (word(), text(), content)
        .prop_map(|(name, trigger, content)| SystemReminder { name, trigger, content });
    let hook = (word(), text(), text(), text()).prop_map(|(name, event, matcher, command)| {
        let action = if command.is_empty() { String::new() } else { "command".to_owned() };
        Hook { name, event, matcher, action, command, ..Hook::default() }
    });
    (vec(reminder, 0..3), vec(hook, 0..3))
}

fn sandbox() -> impl Generator<Value = Sandbox> {
    (any::<Option<bool>>(), any::<Option<bool>>(), any::<bool>()).prop_map(|(filesystem, network, allow_local_fetch)| {
        let filesystem = filesystem.map(|all| if all { Filesystem::Unrestricted } else { Filesystem::ReadOnly });
        let network = network.map(|all| if all { Network::Full } else { Network::None });
        Sandbox { filesystem, network, allow_local_fetch }
    })
}

fn any_recipe() -> impl Generator<Value = Recipe> {
    let lists = (lines(), lines(), lines(), lines());
    let texts = (word(), text(), text(), text(), text(), text());
    let proses = (option::of(prose()), option::of(prose()));
    let servers = vec((word(), word()).prop_map(|(name, command)| McpServer { name, command }), 0..3);
    let rest = (option::of(1_u64..9), servers, sandbox(), blocks());
    (lists, texts, proses, tools(), numbers(), rest).prop_map(|(lists, texts, proses, tools, numbers, rest)| Recipe {
        version: 1,
        name: texts.0,
        models: lists.0,
        system_prompt: proses.0.unwrap_or_default(),
        tools,
        mcp_servers: rest.1,
        model_params: numbers.0,
        constraints: numbers.1,
        context: numbers.2,
        sub_agent: SubAgent { model: texts.1.clone(), max_depth: rest.0, tools: texts.2.clone() },
        sandbox: rest.2,
        tasks: lists.1,
        success_criteria: lists.2,
        metadata: RecipeMetadata {
            description: texts.1,
            tags: lists.3,
            author: texts.3,
            version: texts.4,
            project_root: texts.5,
            ..RecipeMetadata::default()
        },
        system_reminders: rest.3.0,
        hooks: rest.3.1,
        summarization_prompt: proses.1.unwrap_or_default(),
        ..Recipe::default()
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(recipe in any_recipe()) {
        let mut parsed = parse_markdown(&to_markdown(&recipe)).unwrap();
        parsed.recipe.sections_present = None;
        prop_assert_eq!(&parsed.recipe, &recipe);
        prop_assert_eq!(parsed.warnings, Vec::<String>::new());
        prop_assert_eq!(lost_in_markdown(&recipe), Vec::<&str>::new());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,200}") {
        let _ = parse_markdown(&text);
        let _ = parse_markdown(&format!("version: 1\n{text}"));
    }

    /// What was read and written once stays the same from there on, but for what the rules of reminders swallow each time.
    #[test]
    fn texts_of_the_right_words_are_read(
        lines in vec(
            prop_oneof![
                "(#|##|###) (a|models|Tools|context|hooks|sandbox|System Prompt|system reminders|Metadata|Constraints)",
                "(- )?(strategy|trigger|timeout|max_steps|tags|command|event|bash\\(a|x) ?:( [a-z0-9,.:)]{0,6})?",
                "[ -~\r]{0,6}",
            ],
            0..30,
        ),
    ) {
        let text = format!("version: 1\n{}", lines.join("\n"));
        let mut parsed = parse_markdown(&text).unwrap().recipe;
        let lost = lost_in_markdown(&parsed);
        let again = parse_markdown(&to_markdown(&parsed)).unwrap().recipe;
        parsed.sections_present.clone_from(&again.sections_present);
        parsed.name.clone_from(&again.name);
        prop_assert_eq!(lost.is_empty(), parsed == again);
    }
}
