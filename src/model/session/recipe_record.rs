//! A recipe as a record: as it is stored, and as JavaScript sees it. Durations and choices are their words, as in markdown.

use super::record::{Fill, Reader, Value, Writer, fields};
use crate::model::go_json::Node;
use crate::model::recipe::{
    Choice, Constraints, Context, Filesystem, GoDuration, Hook, McpServer, ModelParams, ModelProfile, Network,
    OutputRule, Recipe, RecipeMetadata, Sandbox, Strategy, SubAgent, SystemReminder, TaskMode, Tools, Truncation,
};

fields!(Recipe {
    omit version,
    omit name,
    omit models,
    omit system_prompt,
    omit tools,
    omit mcp_servers,
    keep model_params,
    keep constraints,
    keep context,
    keep sub_agent,
    keep sandbox,
    omit tasks,
    omit success_criteria,
    keep metadata,
    omit tool_descriptions,
    omit sub_agent_modes,
    omit system_reminders,
    omit hooks,
    omit summarization_prompt,
    omit output_processing,
    omit model_profiles,
    keep sections_present,
});

fields!(Tools { keep allowlist, omit bash_prefixes, omit guidance });
fields!(McpServer { keep name, keep command });
fields!(ModelParams { omit temperature, omit max_tokens, omit seed });
fields!(Constraints { omit max_steps, omit timeout, omit bash_timeout });
fields!(Context { omit max_history_turns, omit strategy, omit compact_threshold, omit task_mode });
fields!(SubAgent { omit model, omit max_depth, omit tools });
fields!(Sandbox { omit filesystem, omit network, omit allow_local_fetch });
fields!(RecipeMetadata {
    omit name,
    omit description,
    omit tags,
    omit author,
    omit version,
    omit extends,
    omit contribute,
    omit project_root,
});
fields!(SystemReminder { keep name, omit trigger, omit content });
fields!(Hook {
    keep name,
    omit event,
    omit matcher,
    omit action,
    omit command,
    omit timeout,
    omit inject_output,
});
fields!(OutputRule { omit max_lines, omit max_tokens, omit truncation, omit truncation_message });
fields!(ModelProfile { omit context_budget, omit tool_format, omit system_role, omit mid_convo_system });

impl Value for GoDuration {
    fn fill(&self) -> Fill {
        if self.as_nanos() == 0 { Fill::Nothing } else { Fill::Something }
    }

    fn write(&self, out: &mut Writer) {
        out.string(&self.to_string());
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        let Node::Text(text) = node else { return reader.refuse_unless_null(&node, "a duration") };
        match Self::parse(&text) {
            Some(duration) => *self = duration,
            None => reader.refuse("a duration such as 1m30s"),
        }
    }
}

/// What a choice is read from, once for all of them: the place of its word.
fn word_among(words: &[&str], node: &Node<'_>, reader: &mut Reader) -> Option<usize> {
    let place = match node {
        Node::Text(text) => words.iter().position(|word| word == text),
        _ => None,
    };
    if place.is_none() {
        reader.refuse(&["one of ", &words.join(", ")].concat());
    }
    place
}

macro_rules! words {
    ($($choice:ty),+) => {
        $(impl Value for $choice {
            fn write(&self, out: &mut Writer) {
                out.string(self.word());
            }

            fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
                let words: Vec<&str> = Self::WORDS.iter().map(|(word, _)| *word).collect();
                if let Some((_, choice)) = word_among(&words, &node, reader).and_then(|place| Self::WORDS.get(place)) {
                    *self = *choice;
                }
            }
        })+
    };
}

words!(Strategy, TaskMode, Filesystem, Network, Truncation);

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::super::record::{from_file, from_view, to_file, to_view};
    use super::*;
    use crate::ErrorKind;
    use crate::model::recipe::parse_markdown;

    #[test]
    fn a_recipe_comes_back_as_it_was() {
        let mut recipe = Recipe::built_in();
        recipe.context.task_mode = Some(TaskMode::Sequential);
        recipe.sub_agent.max_depth = Some(0);
        recipe.model_params.seed = Some(0);
        recipe.output_processing.insert(
            "bash".to_owned(),
            OutputRule { max_lines: 5, truncation: Some(Truncation::HeadTail), ..OutputRule::default() },
        );
        recipe
            .model_profiles
            .insert("m".to_owned(), ModelProfile { system_role: Some(false), ..ModelProfile::default() });
        recipe.hooks.push(Hook { name: "h".to_owned(), inject_output: true, ..Hook::default() });
        for recipe in [Recipe::default(), recipe, parse_markdown("# T\nversion: 1\n## Tools\n").unwrap().recipe] {
            assert_eq!(from_file::<Recipe>(to_file(&recipe).as_bytes()).unwrap(), recipe);
            assert_eq!(from_view::<Recipe>("recipe", to_view(&recipe).as_str()).unwrap(), recipe);
        }
    }

    #[test]
    fn what_is_no_duration_and_no_word_is_refused_by_its_place() {
        for (text, place) in [
            (r#"{"constraints":{"timeout":"soon"}}"#, "recipe.constraints.timeout has to be a duration"),
            (
                r#"{"context":{"strategy":"never"}}"#,
                "recipe.context.strategy has to be one of auto_compact, manual, off",
            ),
            (r#"{"context":{"maxHistoryTurns":-1}}"#, "recipe.context.maxHistoryTurns has to be a whole number from 0"),
            (r#"{"sandbox":{"network":7}}"#, "recipe.sandbox.network has to be one of full, none"),
        ] {
            let error = from_view::<Recipe>("recipe", text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.message().starts_with(place), "{}", error.message());
        }
    }
}
