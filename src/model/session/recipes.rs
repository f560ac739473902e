//! What of a recipe goes into the store of recipes (`stores.md`, D.11).

use super::recipe_snapshot::{
    Constraints, Context, ModelParams, ModelProfile, OutputRule, RecipeSnapshot, SystemReminder,
};
use crate::model::map::Map;
use crate::model::recipe::{Choice, GoDuration, Recipe};

/// The name of a recipe that has none.
const NO_NAME: &str = "default";

/// A count as files have it.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn word<C: Choice>(choice: Option<C>) -> String {
    choice.map(Choice::word).unwrap_or_default().to_owned()
}

fn mapped<T, U>(from: &Map<T>, to: impl Fn(&T) -> U) -> Map<U> {
    from.iter().map(|(name, value)| (name.to_owned(), to(value))).collect()
}

/// What of a recipe changes how models work, with the tools of the last run; without a recipe those alone.
#[must_use]
pub fn snapshot_of(recipe: Option<&Recipe>, tools: Option<&[String]>) -> RecipeSnapshot {
    let tools = tools.map(<[String]>::to_vec).unwrap_or_default();
    let Some(recipe) = recipe else {
        return RecipeSnapshot { name: NO_NAME.to_owned(), tools, ..RecipeSnapshot::default() };
    };
    let (limits, params, context) = (recipe.constraints, recipe.model_params, recipe.context);
    let has_limits = limits.max_steps > 0 || limits.timeout.is_positive();
    let has_params = params.temperature.is_some() || params.max_tokens.is_some() || params.seed.is_some();
    let short = Context {
        max_history_turns: count(context.max_history_turns),
        strategy: word(context.strategy),
        compact_threshold: context.compact_threshold,
        task_mode: word(context.task_mode),
    };
    let timeout = |timeout: GoDuration| if timeout.is_positive() { timeout.to_string() } else { String::new() };
    RecipeSnapshot {
        version: recipe.version.into(),
        name: if recipe.name.is_empty() { NO_NAME.to_owned() } else { recipe.name.clone() },
        system_prompt: recipe.system_prompt.clone(),
        tool_guidance: recipe.tools.as_ref().map(|tools| mapped(&tools.guidance, Clone::clone)).unwrap_or_default(),
        tools,
        bash_prefixes: recipe.tools.as_ref().map(|tools| tools.bash_prefixes.clone()).unwrap_or_default(),
        tool_descriptions: mapped(&recipe.tool_descriptions, Clone::clone),
        constraints: has_limits
            .then(|| Constraints { max_steps: count(limits.max_steps), timeout: timeout(limits.timeout) }),
        model_params: has_params.then(|| ModelParams {
            temperature: params.temperature,
            max_tokens: params.max_tokens.map(count),
            seed: params.seed,
        }),
        context: (short != Context::default()).then_some(short),
        system_reminders: recipe.system_reminders.iter().map(reminder_of).collect(),
        output_processing: mapped(&recipe.output_processing, |rule| OutputRule {
            max_lines: count(rule.max_lines),
            max_tokens: count(rule.max_tokens),
            truncation: word(rule.truncation),
            truncation_message: rule.truncation_message.clone(),
        }),
        summarization_prompt: recipe.summarization_prompt.clone(),
        model_profiles: mapped(&recipe.model_profiles, |profile| ModelProfile {
            context_budget: count(profile.context_budget),
            tool_format: profile.tool_format.clone(),
            system_role: profile.system_role,
            mid_convo_system: profile.mid_convo_system,
        }),
    }
}

fn reminder_of(reminder: &crate::model::recipe::SystemReminder) -> SystemReminder {
    let crate::model::recipe::SystemReminder { name, trigger, content } = reminder.clone();
    SystemReminder { name, trigger, content }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::recipe::{Constraints as Limits, Context as Short, ModelParams as Params, Tools, parse_markdown};
    use crate::model::session::record::to_file;

    #[test]
    fn the_golden_hashes_of_the_original_hold() {
        let tools = ["bash".to_owned()];
        let hash = |recipe: Option<&Recipe>, tools: Option<&[String]>| snapshot_of(recipe, tools).hash();
        let golden = [
            (None, None, "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e"),
            (None, Some(&tools[..]), "cfg_v0_dd46bbce9ffeb2f138b4511ff264679dc5ea839b2c1914b08688e0c0ab929aaa"),
        ];
        for (recipe, tools, expected) in golden {
            assert_eq!(hash(recipe, tools), expected);
        }
        let first = Recipe { version: 1, name: "any".to_owned(), ..Recipe::default() };
        assert_eq!(hash(Some(&first), None), "cfg_v1_55bb096076e6c9056b7df8b4f724d56e5bbf4afba89d7690477a9946a5899b04");
        let guidance = [("b", "2"), ("a", "1")].map(|(tool, text)| (tool.to_owned(), text.to_owned()));
        let full = Recipe {
            system_prompt: "be <helpful>".to_owned(),
            tools: Some(Tools {
                guidance: guidance.into(),
                allowlist: vec!["not this".to_owned()],
                ..Tools::default()
            }),
            constraints: Limits {
                max_steps: 5,
                timeout: GoDuration::from_seconds(180).unwrap(),
                bash_timeout: GoDuration::from_seconds(1).unwrap(),
            },
            model_params: Params { temperature: Some(0.7), ..Params::default() },
            context: Short { compact_threshold: 0.8, ..Short::default() },
            ..first
        };
        let tools = ["bash".to_owned(), "read_file".to_owned()];
        assert_eq!(
            hash(Some(&full), Some(&tools)),
            "cfg_v1_646fd59b9be37a168945671fa4e587b5137c3da11dfc6f3112b2c116ec08263d"
        );
    }

    #[test]
    fn a_hash_tells_what_changes_how_models_work_and_not_the_name() {
        let recipe = |text: &str| parse_markdown(&format!("# Name\nversion: 1\n{text}")).unwrap().recipe;
        let hash = |text: &str| snapshot_of(Some(&recipe(text)), None).hash();
        let plain = hash("");
        for text in [
            "## System Prompt\nx",
            "## Tools\n- bash: careful",
            "## Tools\n- bash(git)",
            "## Constraints\nmax_steps: 3",
            "## Context\nstrategy: manual",
            "## Context\ntask_mode: sequential",
            "## Model Parameters\nseed: 0",
            "## Context Summarization Prompt\nx",
            "## Model Profiles\n### m\ncontext_budget: 5",
            "## Output Processing\n### bash\nmax_lines: 5",
        ] {
            assert_ne!(hash(text), plain, "{text}");
        }
        for text in ["## Models\n- m1", "## Tasks\n- t", "## Sandbox\nnetwork: none", "## Metadata\nauthor: a"] {
            assert_eq!(hash(text), plain, "{text}");
        }
        let named = Recipe { name: "other".to_owned(), ..recipe("") };
        assert_eq!(snapshot_of(Some(&named), None).hash(), plain);
        assert_eq!(snapshot_of(Some(&Recipe { name: String::new(), ..named }), None).name, "default");
        assert_eq!(to_file(&snapshot_of(None, None)), r#"{"name":"default"}"#);
    }
}
