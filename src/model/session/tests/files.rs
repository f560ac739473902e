//! How files are read: what Go forgives, and what it does not.

use super::super::record::{from_file, to_file};
use super::super::*;
use crate::error::ErrorKind;
use crate::model::go_json::GoTime;

fn metadata(file: &str) -> SessionMetadata {
    from_file(file.as_bytes()).unwrap()
}

#[test]
fn names_are_matched_as_they_are_first_and_in_any_case_then() {
    let read = metadata(r#"{"ID":"a","Prompt_Count":3,"lastPrompt":"not it","LAST_PROMPT":"l"}"#);
    assert_eq!((read.id.as_str(), read.prompt_count, read.last_prompt.as_str()), ("a", 3, "l"));
    assert_eq!(metadata("{\"con\u{17f}ig_hash\":\"no\",\"la\u{17f}t_prompt\":\"s\"}").last_prompt, "s");
    assert_eq!(metadata(r#"{"ID":"a","id":"b"}"#).id, "b");
    assert_eq!(metadata(r#"{"id":"b","Id":"a"}"#).id, "a");
    assert_eq!(metadata(r#"{"\u0069d":"escaped"}"#).id, "escaped");
}

#[test]
fn what_is_not_known_is_passed_over() {
    let read = metadata(r#" {"new":[{"a":[1e999,"\ud800"]},null],"id":"a","":{}} "#);
    assert_eq!(read, SessionMetadata { id: "a".to_owned(), ..SessionMetadata::default() });
}

#[test]
fn null_leaves_the_zero_value() {
    let nulls = r#"{"id":null,"created_at":null,"last_active_at":null,"models":null,"first_prompt":null,"last_prompt":null,"prompt_count":null,"config_hash":null,"runs":null}"#;
    assert_eq!(metadata(nulls), SessionMetadata::default());
    assert_eq!(metadata("null"), SessionMetadata::default());
    assert_eq!(metadata(r#"{"models":["a",null]}"#).models, ["a", ""]);
    assert_eq!(metadata(r#"{"runs":[null]}"#).runs, Some(vec![RunSummary::default()]));
    let run: RunSummary = from_file(br#"{"costs_usd":{"a":null},"tool_calls":{"a":null,"b":{"c":null}}}"#).unwrap();
    assert_eq!(to_file(&run.costs_usd), r#"{"a":0}"#);
    assert_eq!(to_file(&run.tool_calls), r#"{"a":null,"b":{"c":0}}"#);
}

#[test]
fn nothing_and_none_are_not_the_same() {
    for file in [r#"{"runs":[]}"#, r#"{"runs":null}"#] {
        assert_eq!(to_file(&from_file::<SessionContent>(file.as_bytes()).unwrap()), file);
    }
    for models in ["[]", "null", r#"["a"]"#] {
        let file =
            format!(r#"{{"timestamp":"0001-01-01T00:00:00Z","prompt_hash":"","prompt_preview":"","models":{models}}}"#);
        assert_eq!(to_file(&from_file::<RunSummary>(file.as_bytes()).unwrap()), file);
    }
}

#[test]
fn of_members_of_one_name_the_last_one_counts() {
    let read = metadata(r#"{"id":"a","models":["a","b"],"runs":[{"note":"a"}],"id":"b","models":["c"],"runs":[{}]}"#);
    assert_eq!((read.id.as_str(), read.models.join(",").as_str()), ("b", "c"));
    assert_eq!(read.runs, Some(vec![RunSummary::default()]));
    let run: RunSummary = from_file(br#"{"costs_usd":{"a":1,"b":3,"a":2},"costs_usd":{"a":4,"a":5}}"#).unwrap();
    assert_eq!(to_file(&run.costs_usd), r#"{"a":5}"#);
}

#[test]
fn what_is_wrong_is_refused_and_named() {
    let deep = format!(r#"{{"new":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for (file, named) in [
        ("", "byte 0"),
        ("{", "byte 1"),
        ("{} x", "byte 3"),
        ("\u{feff}{}", "byte 0"),
        (&deep, "too deep"),
        ("[]", "it has to be an object"),
        ("5", "it has to be an object"),
        (r#"{"id":5}"#, "id has to be a text"),
        (r#"{"ID":{}}"#, "id has to be a text"),
        (r#"{"models":{}}"#, "models has to be a list"),
        (r#"{"models":["a",1]}"#, "models[1] has to be a text"),
        (r#"{"prompt_count":1.0}"#, "prompt_count has to be a whole number"),
        (r#"{"prompt_count":1e3}"#, "prompt_count"),
        (r#"{"prompt_count":9223372036854775808}"#, "prompt_count"),
        (r#"{"prompt_count":"1"}"#, "prompt_count"),
        (r#"{"created_at":"yesterday"}"#, "created_at has to be a time"),
        (r#"{"created_at":1}"#, "created_at"),
        (r#"{"runs":[{},{"latencies_ms":{"m":true}}]}"#, "runs[1].latencies_ms.m has to be a whole number"),
        (r#"{"runs":[{"costs_usd":{"m":1e400}}]}"#, "runs[0].costs_usd.m"),
        (r#"{"runs":[{"tool_calls":{"m":[]}}]}"#, "runs[0].tool_calls.m has to be an object"),
    ] {
        let error = from_file::<SessionMetadata>(file.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument, "{file}");
        assert!(error.message().contains(named), "{error} for {named}");
    }
    let long = format!(r#"{{"runs":[{{"latencies_ms":{{"{}":""}}}}]}}"#, "é".repeat(100_000));
    assert!(from_file::<SessionMetadata>(long.as_bytes()).unwrap_err().message().len() < 300);
}

#[test]
fn bytes_that_are_not_utf_8_and_half_pairs_are_replaced() {
    let read: SessionMetadata = from_file(b"{\"id\":\"\xe6\x97\",\"last_prompt\":\"\\ud83d\"}").unwrap();
    assert_eq!((read.id.as_str(), read.last_prompt.as_str()), ("\u{fffd}\u{fffd}", "\u{fffd}"));
    assert_eq!(to_file(&read.id), "\"\u{fffd}\u{fffd}\"");
}

#[test]
fn a_file_of_the_original_is_written_again_as_it_was() {
    let metadata = concat!(
        r#"{"id":"ses_1","created_at":"2026-03-22T09:15:00.123456789+01:00","last_active_at":"2026-03-22T09:16:00-07:00","#,
        r#""models":["m1"],"first_prompt":"\u0026","last_prompt":"x","prompt_count":2,"config_hash":"cfg_v1_0","runs":["#,
        r#"{"timestamp":"2026-03-22T09:16:00.1Z","prompt_hash":"ph_0","prompt_preview":"p","models":["m1"],"selected":"m1","#,
        r#""rating":"good","latencies_ms":{"m1":5},"costs_usd":{"m1":1e-7},"input_tokens":{"m1":0},"output_tokens":{"m1":0},"#,
        r#""tool_calls":{"m1":null},"proposed_writes_count":{"m1":0},"applied_files":["a"],"config_hash":"c","note":"n"},"#,
        r#"{"timestamp":"0001-01-01T00:00:00Z","prompt_hash":"","prompt_preview":"","models":null,"type":"rewind"}]}"#,
    );
    assert_eq!(to_file(&from_file::<SessionMetadata>(metadata.as_bytes()).unwrap()), metadata);
    let recipe = concat!(
        r#"{"version":1,"name":"n","system_prompt":"s","tool_guidance":{"t":"g"},"tools":["t"],"bash_prefixes":["git"],"#,
        r#""tool_descriptions":{"t":"d"},"constraints":{},"model_params":{"temperature":0,"max_tokens":1,"seed":-9223372036854775808},"#,
        r#""context":{"max_history_turns":20,"strategy":"auto_compact","compact_threshold":0.8,"task_mode":"sequential"},"#,
        r#""system_reminders":[{"name":""},{"name":"r","trigger":"t","content":"c"}],"#,
        r#""output_processing":{"t":{"max_lines":1,"max_tokens":2,"truncation":"head","truncation_message":"m"}},"#,
        r#""summarization_prompt":"z","model_profiles":{"m":{"context_budget":1,"tool_format":"native","system_role":false,"mid_convo_system":true}}}"#,
    );
    assert_eq!(to_file(&from_file::<RecipeSnapshot>(recipe.as_bytes()).unwrap()), recipe);
    let checkpoint = concat!(
        r#"{"prompt":"p","timestamp":"2026-03-22T09:15:00Z","adapter_ids":["b","a"],"responses":[{"model_id":"b","text":"t","latency_ms":1,"#,
        r#""input_tokens":2,"output_tokens":3,"reasoning_tokens":4,"cost_usd":0.5,"proposed_writes":[{"path":"p","content":"","delete":true}],"#,
        r#""tool_calls":{"bash":1},"error":"e","interrupted":false,"completed":false}],"verbose":true}"#,
    );
    assert_eq!(to_file(&from_file::<Checkpoint>(checkpoint.as_bytes()).unwrap()), checkpoint);
    assert_eq!(GoTime::default().to_string(), "0001-01-01T00:00:00Z");
}
