//! The golden vectors of `stores.md`, D.15, byte for byte.

use super::super::content::content_of;
use super::super::prompt_lines::{read_lines, write_line};
use super::super::recipe_snapshot::{Constraints, Context, ModelParams, book_file};
use super::super::record::{from_file, to_file, to_view};
use super::super::*;
use crate::model::go_json::GoTime;

fn map<T>(items: impl IntoIterator<Item = (&'static str, T)>) -> Map<T> {
    items.into_iter().map(|(name, item)| (name.to_owned(), item)).collect()
}

fn response(model_id: &str) -> ModelResponse {
    ModelResponse { model_id: model_id.to_owned(), ..ModelResponse::default() }
}

fn time() -> GoTime {
    GoTime::parse("2026-03-22T09:15:00.5+01:00").unwrap()
}

#[test]
fn metadata_with_nothing_but_an_id() {
    let metadata = SessionMetadata { id: "ses_x".to_owned(), ..SessionMetadata::default() };
    let file = r#"{"id":"ses_x","created_at":"0001-01-01T00:00:00Z","last_active_at":"0001-01-01T00:00:00Z","prompt_count":0,"runs":null}"#;
    assert_eq!(to_file(&metadata), file);
    assert_eq!(from_file::<SessionMetadata>(file.as_bytes()).unwrap(), metadata);
}

#[test]
fn histories() {
    let turn = |role: &str, content: &str| Turn { role: role.to_owned(), content: content.to_owned() };
    let both = |answer: &str| Some(vec![turn("user", "q<1>"), turn("assistant", answer)]);
    let content = SessionContent { runs: None, histories: Some(map([("d", both("D")), ("a", both("A1"))])) };
    let file = r#"{"runs":null,"histories":{"a":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"A1"}],"d":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"D"}]}}"#;
    assert_eq!(to_file(&content), file);
    for (histories, file) in [
        (Some(map([("x", Some(Vec::new()))])), r#"{"runs":null,"histories":{"x":[]}}"#),
        (Some(map([("x", None)])), r#"{"runs":null,"histories":{"x":null}}"#),
        (Some(Map::new()), r#"{"runs":null}"#),
        (None, r#"{"runs":null}"#),
    ] {
        let content = SessionContent { runs: None, histories };
        assert_eq!(to_file(&content), file);
        assert_eq!(to_file(&from_file::<SessionContent>(file.as_bytes()).unwrap()), file);
    }
}

#[test]
fn hashes_of_prompts() {
    assert_eq!(prompt_hash(""), "ph_e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(prompt_hash("q"), "ph_8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf");
}

#[test]
fn a_run_of_no_prompt_and_no_responses() {
    let summary = summary_of("", &[], time(), "");
    let file = r#"{"timestamp":"2026-03-22T09:15:00.5+01:00","prompt_hash":"ph_e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","prompt_preview":"","models":[]}"#;
    assert_eq!(to_file(&summary), file);
    assert_eq!(to_file(&content_of("", &[], &Map::new())), r#"{"prompt":"","models":null}"#);
}

#[test]
fn a_run_of_two_responses_of_one_model_and_one_of_another() {
    let write = FileWrite { path: "d".to_owned(), content: String::new(), delete: true };
    let first = ModelResponse { latency_ms: 7, cost_usd: 0.1 + 0.2, ..response("a") };
    let second = ModelResponse {
        latency_ms: 1_200,
        cost_usd: 0.0125,
        input_tokens: 3,
        output_tokens: 4,
        reasoning_tokens: 2,
        tool_calls: Some(map([("bash", 1)])),
        proposed_writes: vec![write],
        stop_reason: "complete".to_owned(),
        steps: 2,
        ..response("a")
    };
    let responses = [first, second, response("b")];
    let summary = to_file(&summary_of("q", &responses, GoTime::default(), "cfg_v0_1"));
    let file = concat!(
        r#"{"timestamp":"0001-01-01T00:00:00Z","prompt_hash":"ph_8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf","#,
        r#""prompt_preview":"q","models":["a","a","b"],"latencies_ms":{"a":1200,"b":0},"costs_usd":{"a":0.0125,"b":0},"#,
        r#""input_tokens":{"a":3,"b":0},"output_tokens":{"a":4,"b":0},"tool_calls":{"a":{"bash":1},"b":null},"#,
        r#""proposed_writes_count":{"a":1,"b":0},"config_hash":"cfg_v0_1"}"#,
    );
    assert_eq!(summary, file);
    let events = map([("a", vec![Event { kind: "text".to_owned(), data: "A".to_owned() }])]);
    let content = to_file(&content_of("q", &responses, &events));
    let file = concat!(
        r#"{"prompt":"q","models":[{"model_id":"a","text":"","events":[{"type":"text","data":"A"}]},"#,
        r#"{"model_id":"a","text":"","proposed_writes":[{"path":"d","content":"","delete":true}],"events":[{"type":"text","data":"A"}],"#,
        r#""stop_reason":"complete","steps":2,"reasoning_tokens":2},{"model_id":"b","text":"","events":[]}]}"#,
    );
    assert_eq!(content, file);
    let costs = map([("a", 0.1 + 0.2)]);
    assert_eq!(to_file(&costs), r#"{"a":0.30000000000000004}"#);
}

#[test]
fn a_rewind_has_no_models_and_no_preview() {
    let file = r#"{"timestamp":"2026-03-22T09:15:00.5+01:00","prompt_hash":"ph_8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf","prompt_preview":"","models":null,"type":"rewind"}"#;
    assert_eq!(to_file(&RunSummary::rewind("q", time())), file);
}

#[test]
fn a_preview_is_cut_by_bytes_and_a_beginning_by_characters() {
    let prompt = "x".repeat(118) + "日本語";
    let cut = "x".repeat(118) + "\u{fffd}\u{fffd}";
    let preview = Preview::of(&prompt);
    assert_eq!(preview.as_str(), cut);
    assert_eq!(beginning(&prompt), "x".repeat(118) + "日本");
    assert_eq!(to_file(&preview), format!("\"{}\\ufffd\\ufffd\"", "x".repeat(118)));
    assert_eq!(to_view(&preview).as_str(), format!("\"{cut}\""));
    assert_eq!(from_file::<Preview>(to_file(&preview).as_bytes()).unwrap(), preview);
    // What was in the prompt is no escape, nor is what was not cut; and a quotation mark before the cut stays.
    let whole = "x".repeat(117) + "\u{fffd}";
    assert_eq!(to_file(&Preview::of(&(whole.clone() + "y"))), format!("\"{whole}\""));
    let quoted = "x".repeat(118) + "\"é";
    assert_eq!(to_file(&Preview::of(&quoted)), format!("\"{}\\\"\\ufffd\"", "x".repeat(118)));
    let long = "\u{fffd}".repeat(200);
    assert_eq!(to_file(&from_file::<Preview>(format!("\"{long}\"").as_bytes()).unwrap()), format!("\"{long}\""));
    for bytes in 117..=121 {
        let prompt = "x".repeat(bytes) + "😀y";
        let file = "x".repeat(bytes.min(120)) + &"\\ufffd".repeat(120_usize.saturating_sub(bytes));
        assert_eq!(to_file(&Preview::of(&prompt)), format!("\"{file}\""));
    }
}

#[test]
fn hashes_of_recipes() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let none = RecipeSnapshot { name: "default".to_owned(), ..RecipeSnapshot::default() };
    assert_eq!(none.hash(), "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e");
    let tools = RecipeSnapshot { tools: texts(&["bash"]), ..none.clone() };
    assert_eq!(tools.hash(), "cfg_v0_dd46bbce9ffeb2f138b4511ff264679dc5ea839b2c1914b08688e0c0ab929aaa");
    let version = RecipeSnapshot { version: 1, ..none.clone() };
    assert_eq!(version.hash(), "cfg_v1_55bb096076e6c9056b7df8b4f724d56e5bbf4afba89d7690477a9946a5899b04");
    let many = RecipeSnapshot {
        version: 1,
        system_prompt: "be <helpful>".to_owned(),
        tool_guidance: map([("b", "2".to_owned()), ("a", "1".to_owned())]),
        tools: texts(&["bash", "read_file"]),
        constraints: Some(Constraints { max_steps: 5, timeout: "3m0s".to_owned() }),
        model_params: Some(ModelParams { temperature: Some(0.7), ..ModelParams::default() }),
        context: Some(Context { compact_threshold: 0.8, ..Context::default() }),
        ..RecipeSnapshot::default()
    };
    let text = r#"{"version":1,"name":"","system_prompt":"be \u003chelpful\u003e","tool_guidance":{"a":"1","b":"2"},"tools":["bash","read_file"],"constraints":{"max_steps":5,"timeout":"3m0s"},"model_params":{"temperature":0.7},"context":{"compact_threshold":0.8}}"#;
    assert_eq!(to_file(&many), text);
    assert_eq!(many.hash(), "cfg_v1_646fd59b9be37a168945671fa4e587b5137c3da11dfc6f3112b2c116ec08263d");
    assert_eq!(RecipeSnapshot { name: "n".to_owned(), ..many.clone() }.hash(), many.hash());
    for other in [
        RecipeSnapshot { version: 2, ..many.clone() },
        RecipeSnapshot { system_prompt: "be".to_owned(), ..many.clone() },
        RecipeSnapshot { tools: texts(&["read_file", "bash"]), ..many.clone() },
        RecipeSnapshot { tool_guidance: map([("a", "1".to_owned())]), ..many.clone() },
        RecipeSnapshot { bash_prefixes: texts(&["git"]), ..many.clone() },
        RecipeSnapshot { context: None, ..many.clone() },
        RecipeSnapshot { model_params: Some(ModelParams::default()), ..many.clone() },
    ] {
        assert_ne!(other.hash(), many.hash());
    }
    let zeros = ModelParams { temperature: Some(0.0), max_tokens: None, seed: Some(0) };
    assert_eq!(to_file(&zeros), r#"{"temperature":0,"seed":0}"#);
    let book = map([("cfg_v0_2", tools), ("cfg_v0_1", none)]);
    let file = "{\n  \"cfg_v0_1\": {\n    \"name\": \"default\"\n  },\n  \"cfg_v0_2\": {\n    \"name\": \"default\",\n    \"tools\": [\n      \"bash\"\n    ]\n  }\n}";
    assert_eq!(book_file(&book), file);
    assert_eq!(from_file::<RecipeBook>(file.as_bytes()).unwrap(), book);
    assert_eq!(from_file::<RecipeBook>(b"null").unwrap(), RecipeBook::new());
}

#[test]
fn lines_of_prompts() {
    let lines: String = ["a", "a ", "", "<b>\n\"日本\u{2028}"].into_iter().map(write_line).collect();
    assert_eq!(lines, "\"a\"\n\"a \"\n\"\"\n\"\\u003cb\\u003e\\n\\\"日本\\u2028\"\n");
    assert_eq!(read_lines(lines.as_bytes()), ["<b>\n\"日本\u{2028}", "", "a ", "a"]);
    assert_eq!(read_lines(b"\"a\"\nnull\n5\n\n   \n\"b\"\r\n\"c\"\n"), ["c", "b", "", "a"]);
    assert_eq!(read_lines(b"\"a\"\"b\"\n[\"a\"]\n{\"a\n \t\"\xff\" "), ["\u{fffd}"]);
    assert!(read_lines(b"").is_empty());
}

#[test]
fn a_checkpoint() {
    let cut = ModelResponse { interrupted: true, error: "e".to_owned(), ..response("a") };
    let ids = ["a".to_owned()];
    let checkpoint = Checkpoint::build("p", &ids, std::slice::from_ref(&cut), false, time()).unwrap();
    let file = r#"{"prompt":"p","timestamp":"2026-03-22T09:15:00.5+01:00","adapter_ids":["a"],"responses":[{"model_id":"a","latency_ms":0,"input_tokens":0,"output_tokens":0,"cost_usd":0,"error":"e","interrupted":true,"completed":false}],"verbose":false}"#;
    assert_eq!(to_file(&checkpoint), file);
    assert_eq!(from_file::<Checkpoint>(file.as_bytes()).unwrap(), checkpoint);
    assert_eq!(Checkpoint::build("p", &ids, &[response("a"), response("b")], true, time()), None);
    let both = Checkpoint::build("p", &ids, &[response("b"), cut], true, time()).unwrap();
    let completed: Vec<_> = both.responses.iter().map(|one| (one.model_id.as_str(), one.completed)).collect();
    assert_eq!(completed, [("b", true), ("a", false)]);
}

#[test]
fn a_checkpoint_of_a_run_under_way_has_those_that_have_come_somewhere_in_the_order_of_the_adapters() {
    let ids = ["b".to_owned(), "c".to_owned(), "a".to_owned()];
    let under_way = |seen: &[&'static str]| {
        let snapshots = map(seen.iter().map(|id| (*id, snapshot_from_partial(&response(id)))));
        Checkpoint::under_way("p", &ids, &snapshots, true, time())
    };
    let checkpoint = under_way(&["a", "b", "x"]).unwrap();
    let seen: Vec<_> = checkpoint.responses.iter().map(|one| one.model_id.as_str()).collect();
    assert_eq!((seen.join(","), checkpoint.adapter_ids.join(",")), ("b,a".to_owned(), "b,c,a".to_owned()));
    assert_eq!(under_way(&["x"]), None);
}

#[test]
fn a_response_comes_back_from_its_snapshot_without_steps_and_reason() {
    let write = FileWrite { path: "p".to_owned(), content: "c".to_owned(), delete: true };
    let whole = ModelResponse {
        text: "t".to_owned(),
        latency_ms: 1,
        input_tokens: 2,
        output_tokens: 3,
        reasoning_tokens: 4,
        cost_usd: 0.5,
        proposed_writes: vec![write],
        tool_calls: Some(map([("bash", 6)])),
        ..response("a")
    };
    let given = ModelResponse { steps: 7, stop_reason: "complete".to_owned(), ..whole.clone() };
    let snapshot = ResponseSnapshot::from_response(&given);
    assert!(snapshot.completed && !snapshot.interrupted);
    assert_eq!(snapshot.to_response(), whole);
    assert!(!ResponseSnapshot::from_response(&ModelResponse { error: "e".to_owned(), ..given.clone() }).completed);
    let partial = snapshot_from_partial(&given);
    assert!(!partial.completed && partial.interrupted && partial.text == "t");
}
