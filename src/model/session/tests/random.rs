//! Records with anything in them.

use super::super::content::content_of;
use super::super::prompt_lines::{read_lines, write_line};
use super::super::recipe_snapshot::{Constraints, Context, ModelParams, ModelProfile, OutputRule, SystemReminder};
use super::super::record::{Value, from_file, from_view, to_file, to_view};
use super::super::*;
use crate::model::go_json::{GoTime, indented};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Makes records of a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn flag(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn text(&mut self) -> String {
        let length = self.below(6) * self.below(30) / 4;
        let limit = [0x20, 0x80, 0x800, 0x3000, 0x11_0000];
        let character = |random: &mut Self| {
            let limit = limit.get(random.below(5) as usize).copied().unwrap_or_default();
            char::from_u32(random.below(limit) as u32).unwrap_or('"')
        };
        (0..length).map(|_| character(self)).collect()
    }

    fn whole(&mut self) -> i64 {
        match self.below(3) {
            0 => 0,
            1 => self.below(100_000) as i64,
            _ => self.next().cast_signed(),
        }
    }

    fn float(&mut self) -> f64 {
        let any = f64::from_bits(self.next());
        match self.below(3) {
            0 => 0.0,
            1 if any.is_finite() => any,
            _ => self.below(1_000_000) as f64 / 1e4,
        }
    }

    fn time(&mut self) -> GoTime {
        let seconds = self.below(60);
        let nanos = self.below(1_000_000_000);
        let zone = ["Z", "+01:00", "-07:30"].get(self.below(3) as usize).copied().unwrap_or_default();
        GoTime::parse(&format!("2026-03-22T09:15:{seconds:02}.{nanos:09}{zone}")).unwrap()
    }

    fn list<T>(&mut self, each: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| each(self)).collect()
    }

    fn map<T>(&mut self, each: impl Fn(&mut Self) -> T) -> Map<T> {
        (0..self.below(4)).map(|_| (self.text(), each(self))).collect()
    }

    fn option<T>(&mut self, each: impl Fn(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| each(self))
    }

    fn run(&mut self) -> RunSummary {
        let prompt = self.text().repeat(self.below(20) as usize);
        RunSummary {
            timestamp: self.time(),
            prompt_hash: prompt_hash(&prompt),
            prompt_preview: Preview::of(&prompt),
            models: self.option(|random| random.list(Self::text)),
            selected: self.text(),
            rating: self.text(),
            kind: self.text(),
            latencies_ms: self.map(Self::whole),
            costs_usd: self.map(Self::float),
            input_tokens: self.map(Self::whole),
            output_tokens: self.map(Self::whole),
            tool_calls: self.map(|random| random.option(|random| random.map(Self::whole))),
            proposed_writes_count: self.map(Self::whole),
            applied_files: self.list(Self::text),
            config_hash: self.text(),
            note: self.text(),
        }
    }

    fn metadata(&mut self) -> SessionMetadata {
        SessionMetadata {
            id: self.text(),
            created_at: self.time(),
            last_active_at: self.time(),
            models: self.list(Self::text),
            first_prompt: beginning(&self.text()),
            last_prompt: self.text(),
            prompt_count: self.whole(),
            config_hash: self.text(),
            runs: self.option(|random| random.list(Self::run)),
        }
    }

    fn turn(&mut self) -> Turn {
        Turn { role: self.text(), content: self.text() }
    }

    fn write(&mut self) -> FileWrite {
        FileWrite { path: self.text(), content: self.text(), delete: self.flag() }
    }

    fn content(&mut self) -> SessionContent {
        let events = self.map(|random| random.list(|random| Event { kind: random.text(), data: random.text() }));
        let run = |random: &mut Self| {
            let mut responses = random.list(Self::response);
            let mut ids = events.iter().map(|(id, _)| id.to_owned());
            responses.iter_mut().for_each(|response| response.model_id = ids.next().unwrap_or_default());
            content_of(&random.text(), &responses, &events)
        };
        let runs = self.flag().then(|| (0..self.below(4)).map(|_| run(self)).collect());
        // An empty map is not in the file, and comes back as none.
        let histories = self.map(|random| random.option(|random| random.list(Self::turn)));
        SessionContent { runs, histories: (!histories.is_empty()).then_some(histories) }
    }

    fn response(&mut self) -> ModelResponse {
        let tool_calls = self.map(Self::whole);
        ModelResponse {
            model_id: self.text(),
            text: self.text(),
            latency_ms: self.whole(),
            input_tokens: self.whole(),
            output_tokens: self.whole(),
            cached_tokens: self.whole(),
            reasoning_tokens: self.whole(),
            cost_usd: self.float(),
            proposed_writes: self.list(Self::write),
            tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
            steps: self.whole(),
            error: self.text(),
            interrupted: self.flag(),
            stop_reason: self.text(),
        }
    }

    fn checkpoint(&mut self) -> Checkpoint {
        let responses = self.list(|random| ResponseSnapshot::from_response(&random.response()));
        Checkpoint {
            prompt: self.text(),
            timestamp: self.time(),
            adapter_ids: self.list(Self::text),
            responses,
            verbose: self.flag(),
        }
    }

    fn entry(&mut self) -> RewindEntry {
        let snapshot = |random: &mut Self| FileSnapshot {
            path: random.text(),
            content: random.text(),
            did_not_exist: random.flag(),
        };
        RewindEntry {
            file_snapshots: self.option(|random| random.list(snapshot)),
            history_lengths: self.map(Self::whole),
            feed_index: self.whole(),
            prompt: self.text(),
        }
    }

    fn selection(&mut self) -> SelectionParams {
        SelectionParams {
            prompt: self.text(),
            selected_model_id: self.text(),
            responses: self.list(Self::response),
            applied_files: self.option(|random| random.list(Self::text)),
            rating: self.text(),
        }
    }

    fn recipe(&mut self) -> RecipeSnapshot {
        RecipeSnapshot {
            version: self.whole(),
            name: self.text(),
            system_prompt: self.text(),
            tool_guidance: self.map(Self::text),
            tools: self.list(Self::text),
            bash_prefixes: self.list(Self::text),
            tool_descriptions: self.map(Self::text),
            constraints: self.option(|random| Constraints { max_steps: random.whole(), timeout: random.text() }),
            model_params: self.option(|random| ModelParams {
                temperature: random.option(Self::float),
                max_tokens: random.option(Self::whole),
                seed: random.option(Self::whole),
            }),
            context: self.option(|random| Context {
                max_history_turns: random.whole(),
                strategy: random.text(),
                compact_threshold: random.float(),
                task_mode: random.text(),
            }),
            system_reminders: self.list(|random| SystemReminder {
                name: random.text(),
                trigger: random.text(),
                content: random.text(),
            }),
            output_processing: self.map(|random| OutputRule {
                max_lines: random.whole(),
                max_tokens: random.whole(),
                truncation: random.text(),
                truncation_message: random.text(),
            }),
            summarization_prompt: self.text(),
            model_profiles: self.map(|random| ModelProfile {
                context_budget: random.whole(),
                tool_format: random.text(),
                system_role: random.option(Self::flag),
                mid_convo_system: random.option(Self::flag),
            }),
        }
    }
}

fn comes_back<V: Value + Default + PartialEq + Debug>(value: &V) -> Result<(), TestCaseError> {
    let file = to_file(value);
    let read: V = from_file(file.as_bytes()).unwrap();
    prop_assert_eq!(&read, value);
    prop_assert_eq!(&to_file(&read), &file);
    let values = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let lines = indented(&file);
    prop_assert_eq!(values(&lines), values(&file));
    prop_assert_eq!(&from_file::<V>(lines.as_bytes()).unwrap(), value);
    let view = to_view(value);
    prop_assert_eq!(&from_view::<V>("it", view.as_str()).unwrap(), value);
    values(view.as_str());
    Ok(())
}

/// Reads bytes as everything; what counts is that it returns.
fn read_all(file: &[u8]) {
    let text = String::from_utf8_lossy(file);
    let _ = (from_file::<SessionMetadata>(file), from_view::<SessionMetadata>("it", &text));
    let _ = (from_file::<SessionContent>(file), from_view::<SessionContent>("it", &text));
    let _ = (from_file::<Checkpoint>(file), from_view::<Checkpoint>("it", &text));
    let _ = (from_file::<RecipeBook>(file), from_view::<RecipeSnapshot>("it", &text));
    let _ = (from_view::<Vec<ModelResponse>>("it", &text), from_view::<RewindEntry>("it", &text));
    let _ = (from_view::<SelectionParams>("it", &text), read_lines(file));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_written_reads_as_the_same_record(seed in any::<u64>()) {
        let mut random = Random(seed);
        comes_back(&random.metadata())?;
        comes_back(&random.content())?;
        comes_back(&random.response())?;
        comes_back(&random.checkpoint())?;
        comes_back(&random.entry())?;
        comes_back(&random.selection())?;
        comes_back(&random.recipe())?;
        comes_back(&random.map(Random::recipe))?;
    }

    #[test]
    fn a_map_is_as_one_of_the_standard_library(steps in prop::collection::vec(("[a-e]{0,2}", 0..4_u8, any::<i64>()), 0..60)) {
        let (mut map, mut model) = (Map::new(), BTreeMap::new());
        for (name, step, value) in steps {
            match step {
                0 => prop_assert_eq!(map.remove(&name), model.remove(&name)),
                1 => map.update(&name, |old| *old ^= value),
                _ => prop_assert_eq!(map.insert(name.clone(), value), model.insert(name.clone(), value)),
            }
            if step == 1 {
                *model.entry(name.clone()).or_default() ^= value;
            }
            prop_assert_eq!((map.get(&name), map.len(), map.is_empty()), (model.get(&name), model.len(), model.is_empty()));
            prop_assert!(map.iter().eq(model.iter().map(|(name, value)| (name.as_str(), value))));
        }
        prop_assert_eq!(from_file::<Map<i64>>(to_file(&map).as_bytes()).unwrap(), map);
    }

    #[test]
    fn prompts_come_back_the_newest_first(prompts in prop::collection::vec(any::<String>(), 0..8)) {
        let file: String = prompts.iter().map(|prompt| write_line(prompt)).collect();
        prop_assert_eq!(read_lines(file.as_bytes()), prompts.into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_damage_to_a_file_makes_it_panic(seed in any::<u64>(), damage in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut random = Random(seed);
        for file in [to_file(&random.metadata()), to_view(&random.selection()).into_string(), to_file(&random.checkpoint())] {
            let mut file = file.into_bytes();
            for (place, byte) in &damage {
                let place = usize::from(*place) % file.len();
                match byte % 3 {
                    0 => file.truncate(place.max(1)),
                    1 => file.insert(place, *byte),
                    _ => file.get_mut(place).into_iter().for_each(|old| *old = *byte),
                }
            }
            read_all(&file);
        }
    }
}
