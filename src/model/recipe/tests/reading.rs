//! The rules of reading, row by row.

use super::*;
use crate::error::ErrorKind;

#[test]
fn a_version_stands_before_the_first_section() {
    for text in ["version: 1", "# T\n  VERSION :  1  \nversion: x", "\u{FEFF}version: +1\n## Models", "version: 1\r\n"]
    {
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
    assert_eq!(recipe("").sections_present, Some(Vec::new()));
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
    for (text, duration) in
        [("1h30m", "1h30m0s"), ("1.5h", "1h30m0s"), ("500ms", "500ms"), ("90", "1m30s"), ("+90", "1m30s")]
    {
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
        let wanted = SystemReminder { name: "r".to_owned(), trigger: trigger.to_owned(), content: content.to_owned() };
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
