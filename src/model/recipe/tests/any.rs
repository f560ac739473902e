//! What has to hold of any recipe and any text.

use super::super::*;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, any, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

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
        Tools { allowlist, bash_prefixes: bash.unwrap_or_default(), guidance: guided.into_iter().collect() }
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
    let reminder =
        (word(), text(), content).prop_map(|(name, trigger, content)| SystemReminder { name, trigger, content });
    let hook = (word(), text(), text(), text()).prop_map(|(name, event, matcher, command)| {
        let action = if command.is_empty() { String::new() } else { "command".to_owned() };
        Hook { name, event, matcher, action, command, ..Hook::default() }
    });
    (vec(reminder, 0..3), vec(hook, 0..3))
}

fn sandbox() -> impl Generator<Value = Sandbox> {
    (any::<Option<bool>>(), any::<Option<bool>>(), any::<bool>()).prop_map(
        |(filesystem, network, allow_local_fetch)| {
            let filesystem = filesystem.map(|all| if all { Filesystem::Unrestricted } else { Filesystem::ReadOnly });
            let network = network.map(|all| if all { Network::Full } else { Network::None });
            Sandbox { filesystem, network, allow_local_fetch }
        },
    )
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
