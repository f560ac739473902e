//! What JavaScript gives and gets.

use super::super::record::{from_view, to_view};
use super::super::*;
use crate::error::ErrorKind;

#[test]
fn names_are_in_camel_case_and_those_of_the_caller_are_as_they_are() {
    let view = r#"{"timestamp":"2026-03-22T09:15:00Z","promptHash":"h","promptPreview":"","models":null,"type":"rewind","latenciesMs":{"my_model":1},"costsUsd":{"my_model":0.5},"toolCalls":{"my_model":null,"x":{"read_file":2}},"proposedWritesCount":{"my_model":0}}"#;
    let run: RunSummary = from_view("run", view).unwrap();
    assert_eq!(run.costs_usd.get("my_model"), Some(&0.5));
    assert_eq!(to_view(&run).as_str(), view);
    let selection = r#"{"prompt":"p","selectedModelId":"m","responses":[{"modelId":"m","text":"","latencyMs":1,"inputTokens":0,"outputTokens":0,"cachedTokens":0,"reasoningTokens":0,"costUsd":0,"proposedWrites":[],"toolCalls":null,"steps":0,"error":"","interrupted":false,"stopReason":""}],"appliedFiles":null,"rating":""}"#;
    assert_eq!(to_view(&from_view::<SelectionParams>("params", selection).unwrap()).as_str(), selection);
    let entry = r#"{"fileSnapshots":[{"path":"a","content":"b","didNotExist":true}],"historyLengths":{"A_b":2},"feedIndex":-1,"prompt":""}"#;
    assert_eq!(to_view(&from_view::<RewindEntry>("entry", entry).unwrap()).as_str(), entry);
    let profile = r#"{"name":"","modelProfiles":{"m":{"midConvoSystem":false}}}"#;
    assert_eq!(to_view(&from_view::<RecipeSnapshot>("recipe", profile).unwrap()).as_str(), profile);
}

#[test]
fn what_is_missing_has_its_default() {
    let responses: Vec<ModelResponse> = from_view("responses", r#"[{"modelId":"a"},{}]"#).unwrap();
    let first = ModelResponse { model_id: "a".to_owned(), ..ModelResponse::default() };
    assert_eq!(responses, [first, ModelResponse::default()]);
    let histories: Option<Histories> = from_view("histories", "null").unwrap();
    assert_eq!(histories, None);
    let events: Map<Vec<Event>> = from_view("events", r#"{"a":[{"type":"text","data":"d"}]}"#).unwrap();
    assert_eq!(events.len(), 1);
}

#[test]
fn what_is_wrong_is_refused_and_named() {
    for (view, named) in [
        ("{}", "responses has to be a list"),
        ("null", "responses has to be a list"),
        ("[", "responses: not JSON"),
        ("[null]", "responses[0] has to be an object"),
        (r#"[{},{"latencyMs":"1"}]"#, "responses[1].latencyMs has to be a whole number"),
        (r#"[{},{"latencyMs":1.5}]"#, "responses[1].latencyMs"),
        (r#"[{"latencyMs":1e21}]"#, "responses[0].latencyMs"),
        (r#"[{"latencyMs":null}]"#, "responses[0].latencyMs"),
        (r#"[{"latency_ms":1}]"#, "responses[0].latency_ms has to be left out"),
        (r#"[{"LatencyMs":1}]"#, "responses[0].LatencyMs has to be left out"),
        (r#"[{"modelID":"a"}]"#, "responses[0].modelID has to be left out"),
        (r#"[{"_text":"a"}]"#, "responses[0]._text has to be left out"),
        (r#"[{"text":5}]"#, "responses[0].text has to be a text"),
        (r#"[{"text":null}]"#, "responses[0].text has to be a text"),
        (r#"[{"text":"\ud800"}]"#, "responses: not JSON"),
        (r#"[{"interrupted":1}]"#, "responses[0].interrupted has to be true or false"),
        (r#"[{"costUsd":true}]"#, "responses[0].costUsd has to be a number"),
        (r#"[{"toolCalls":{"bash":1.5}}]"#, "responses[0].toolCalls.bash has to be a whole number"),
        (r#"[{"proposedWrites":[{"path":"a"},{"delete":"no"}]}]"#, "responses[0].proposedWrites[1].delete"),
        (r#"[{"proposedWrites":null}]"#, "responses[0].proposedWrites has to be a list"),
        (r#"[{"text":5,"steps":"x"}]"#, "responses[0].text"),
    ] {
        let error = from_view::<Vec<ModelResponse>>("responses", view).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{view}");
        assert!(error.message().starts_with(named), "{error} for {view}");
    }
    let error = from_view::<RewindEntry>("entry", r#"{"historyLengths":{"a":-0.5}}"#).unwrap_err();
    assert!(error.message().starts_with("entry.historyLengths.a"), "{error}");
}
