//! What a session store does (`stores.md`, section D).

use super::Place;
use super::data_store::{Setup, setup, texts, time};
use crate::error::{ErrorKind, Result};
use crate::model::go_json::GoTime;
use crate::model::recipe::Recipe;
use crate::model::session::record::to_file;
use crate::model::session::{
    Checkpoint, Event, FileWrite, Histories, Map, ModelResponse, SelectionParams, SessionMetadata, Turn, prompt_hash,
};
use crate::store::{Database, DatabaseOptions, SessionStore, Sessions};
use futures_util::future::join3;

pub(super) async fn sessions_of(place: &dyn Place) -> Sessions {
    Database::new(place.open().await, DatabaseOptions::default()).sessions("ada")
}

pub(super) async fn session_of(place: &dyn Place) -> SessionStore {
    sessions_of(place).await.open("ses_x")
}

pub(super) fn answer(model: &str, text: &str) -> ModelResponse {
    ModelResponse { model_id: model.to_owned(), text: text.to_owned(), ..ModelResponse::default() }
}

fn failed(model: &str, text: &str) -> ModelResponse {
    ModelResponse { error: "lost".to_owned(), ..answer(model, text) }
}

fn turn(role: &str, content: &str) -> Turn {
    Turn { role: role.to_owned(), content: content.to_owned() }
}

pub(super) fn lengths(pairs: &[(&str, i64)]) -> Map<i64> {
    pairs.iter().map(|(name, length)| ((*name).to_owned(), *length)).collect()
}

pub(super) async fn file_of(session: &SessionStore) -> String {
    to_file(&session.content().await.unwrap())
}

pub(super) async fn run(session: &SessionStore, prompt: &str, responses: &[ModelResponse]) {
    session.persist_run_state(prompt, responses, &Map::new(), None).await.unwrap();
}

pub(super) fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

pub async fn a_new_session_is_empty_and_not_listed(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x");
    assert_eq!(session.session_id(), "ses_x");
    assert_eq!(session.histories().await.unwrap(), None);
    assert_eq!(session.prompt_history().await.unwrap(), None);
    assert_eq!((session.total_cost().await.unwrap(), session.rewind_stack_len().await.unwrap()), (0.0, 0));
    assert!(!session.can_rewind().await.unwrap());
    assert_eq!(session.load_checkpoint().await.unwrap(), None);
    assert_eq!(session.last_active_tools().await.unwrap(), None);
    assert_eq!(file_of(&session).await, r#"{"runs":null}"#);
    assert!(sessions.list().await.unwrap().is_empty());
    session.update_last_run_note("no run").await.unwrap();
    session.record_selection(&SelectionParams::default()).await.unwrap();
    session.push_file_snapshots(Some(&[])).await.unwrap();
    session.clear_rewind_stack().await.unwrap();
    session.clear_checkpoint().await.unwrap();
    assert!(sessions.list().await.unwrap().is_empty(), "nothing of this stores anything");
    session.save_initial_meta().await.unwrap();
    assert_eq!(sessions.list().await.unwrap().len(), 1);
    let paths = session.paths();
    let paths = [paths.metadata_path, paths.content_path, paths.checkpoint_path];
    assert_eq!(
        paths,
        ["session_metadata", "session_content", "checkpoint"].map(|file| format!("data/sessions/ses_x/{file}.json"))
    );
}

pub async fn the_first_metadata_are_those_of_the_original(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open_with(SessionMetadata { id: "ses_x".to_owned(), ..SessionMetadata::default() });
    session.save_initial_meta().await.unwrap();
    assert_eq!(
        to_file(&sessions.open("ses_x").metadata().await.unwrap()),
        r#"{"id":"ses_x","created_at":"0001-01-01T00:00:00Z","last_active_at":"0001-01-01T00:00:00Z","prompt_count":0,"runs":null}"#
    );
}

pub async fn histories_are_appended_by_the_panel(place: &dyn Place) {
    let session = session_of(place).await;
    let interrupted = ModelResponse { interrupted: true, ..answer("x", "D") };
    let responses = [answer("other", "A1"), failed("b", "half"), answer("c", ""), interrupted, answer("e", "beyond")];
    let panel = texts(&["a", "b", "c", "d"]);
    let before = session.append_histories(&panel, &responses, "q<1>").await.unwrap();
    assert_eq!(before, lengths(&[("a", 0), ("b", 0), ("c", 0), ("d", 0)]));
    assert_eq!(
        file_of(&session).await,
        r#"{"runs":null,"histories":{"a":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"A1"}],"d":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"D"}]}}"#
    );
    let before =
        session.append_histories(&texts(&["a", "z"]), &[answer("a", "A2"), failed("z", "")], "q2").await.unwrap();
    assert_eq!(before, lengths(&[("a", 2), ("z", 0)]));
    let histories = session.histories().await.unwrap().unwrap();
    assert_eq!(histories.get("a").unwrap().as_ref().unwrap().len(), 4);
    assert_eq!(histories.get("a").unwrap().as_ref().unwrap()[3], turn("assistant", "A2"));
    assert_eq!(histories.len(), 2);
}

pub async fn histories_are_set_cut_and_cleared(place: &dyn Place) {
    let session = session_of(place).await;
    let two = |name: &str| (name.to_owned(), Some(vec![turn("user", "p"), turn("assistant", name)]));
    let histories: Histories = [two("a"), two("d"), two("m1")].into_iter().collect();
    session.set_histories(Some(&histories)).await.unwrap();
    session.truncate_histories(&lengths(&[("a", 0), ("nope", 3), ("d", 1), ("m1", 9)])).await.unwrap();
    let found = session.histories().await.unwrap().unwrap();
    assert_eq!(
        found.iter().map(|(name, turns)| (name, turns.as_ref().unwrap().len())).collect::<Vec<_>>(),
        [("d", 1), ("m1", 2)]
    );
    session.truncate_histories(&lengths(&[("d", -5)])).await.unwrap();
    assert_eq!(session.histories().await.unwrap().unwrap().len(), 1);
    for (turns, text) in [(Some(Vec::new()), r#""histories":{"x":[]}"#), (None, r#""histories":{"x":null}"#)] {
        session.set_histories(Some(&[("x".to_owned(), turns)].into_iter().collect())).await.unwrap();
        assert!(file_of(&session).await.contains(text));
    }
    // What has no turns goes with any cut, and grows as any other.
    session.append_histories(&texts(&["x"]), &[answer("x", "t")], "p").await.unwrap();
    assert_eq!(session.histories().await.unwrap().unwrap().get("x").unwrap().as_ref().unwrap().len(), 2);
    session.set_histories(Some(&Histories::new())).await.unwrap();
    assert_eq!(file_of(&session).await, r#"{"runs":null}"#);
    session.set_histories(Some(&histories)).await.unwrap();
    run(&session, "p", &[]).await;
    session.clear_histories().await.unwrap();
    assert_eq!(session.histories().await.unwrap(), None);
    assert_eq!(file_of(&session).await, r#"{"runs":[{"prompt":"p","models":null}]}"#, "the runs stay");
}

pub async fn prompts_are_of_the_user_and_told_newest_first(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let (one, other) = (sessions.open("one"), sessions.open("other"));
    let given = ["a", "a", "a ", "", "<b>\n\"日本\u{2028}", "a"];
    let mut added = Vec::new();
    for (place, prompt) in given.into_iter().enumerate() {
        added.push([&one, &other][place % 2].record_prompt(prompt).await.unwrap());
    }
    assert_eq!(added, [true, false, true, true, true, true]);
    let expected = texts(&["a", "<b>\n\"日本\u{2028}", "", "a ", "a"]);
    assert_eq!(one.prompt_history().await.unwrap(), Some(expected.clone()));
    let again = sessions_of(place).await.open("later");
    assert_eq!(again.prompt_history().await.unwrap(), Some(expected));
    assert!(!again.record_prompt("a").await.unwrap(), "told from what is stored too");
    assert!(sessions.list().await.unwrap().is_empty(), "a prompt makes no session");
}

pub async fn a_run_is_kept_in_short_and_whole(place: &dyn Place) {
    let Setup { database, clock } = setup(place).await;
    let session = database.sessions("ada").open("ses_x");
    clock.set(time(60));
    let full = ModelResponse {
        latency_ms: 1_200,
        input_tokens: 10,
        output_tokens: 20,
        reasoning_tokens: 5,
        cost_usd: 0.25,
        tool_calls: Some(lengths(&[("bash", 1)])),
        proposed_writes: vec![FileWrite { path: "d".to_owned(), content: String::new(), delete: true }],
        steps: 3,
        stop_reason: "complete".to_owned(),
        ..answer("a", "A")
    };
    let event = |data: &str| Event { kind: "text".to_owned(), data: data.to_owned() };
    let events: Map<Vec<Event>> = [("a".to_owned(), vec![event("1"), event("2")])].into_iter().collect();
    let tools = texts(&["bash"]);
    session
        .persist_run_state("long ".repeat(50).as_str(), &[full, failed("b", "")], &events, Some(&tools))
        .await
        .unwrap();
    run(&session, "second", &[]).await;
    let metadata = session.metadata().await.unwrap();
    assert_eq!(
        (metadata.prompt_count, metadata.last_active_at.at()),
        (2, metadata.runs.as_ref().unwrap()[1].timestamp.at())
    );
    assert_eq!((metadata.first_prompt.chars().count(), metadata.last_prompt.as_str()), (120, "second"));
    let runs = metadata.runs.unwrap();
    assert_eq!(runs[0].timestamp, GoTime::from(time(60)));
    assert_eq!(runs[0].models, Some(texts(&["a", "b"])));
    assert_eq!(runs[0].prompt_hash, prompt_hash(&"long ".repeat(50)));
    assert_eq!(runs[0].prompt_preview.as_str().len(), 120);
    assert_eq!(to_file(&runs[0].tool_calls), r#"{"a":{"bash":1},"b":null}"#);
    assert_eq!((runs[0].costs_usd.get("a"), runs[0].latencies_ms.get("a")), (Some(&0.25), Some(&1_200)));
    assert_eq!(runs[1].models, Some(Vec::new()));
    let content = file_of(&session).await;
    assert!(content.contains(r#""events":[{"type":"text","data":"1"},{"type":"text","data":"2"}]"#), "{content}");
    assert!(content.contains(r#""proposed_writes":[{"path":"d","content":"","delete":true}]"#), "{content}");
    assert!(content.contains(r#"{"model_id":"b","text":"","events":[]}"#), "{content}");
    assert!(content.ends_with(r#"{"prompt":"second","models":null}]}"#), "{content}");
    assert_eq!(session.last_active_tools().await.unwrap(), None, "the second run said none");
}

pub async fn notes_and_selections_are_of_the_last_run(place: &dyn Place) {
    let session = session_of(place).await;
    run(&session, "one", &[]).await;
    run(&session, "two", &[]).await;
    session.update_last_run_note("first note").await.unwrap();
    session.update_last_run_note("Voted for: m1").await.unwrap();
    let mut selection = SelectionParams {
        selected_model_id: "m1".to_owned(),
        applied_files: Some(texts(&["a.rs", "b.rs"])),
        rating: "good".to_owned(),
        ..SelectionParams::default()
    };
    session.record_selection(&selection).await.unwrap();
    let runs = session.metadata().await.unwrap().runs.unwrap();
    assert_eq!((runs[0].note.as_str(), runs[0].selected.as_str()), ("", ""));
    assert_eq!(
        (runs[1].note.as_str(), runs[1].selected.as_str(), runs[1].rating.as_str()),
        ("Voted for: m1", "m1", "good")
    );
    assert_eq!(runs[1].applied_files, texts(&["a.rs", "b.rs"]));
    selection = SelectionParams { applied_files: Some(Vec::new()), ..SelectionParams::default() };
    session.record_selection(&selection).await.unwrap();
    let last = session.metadata().await.unwrap().runs.unwrap().pop().unwrap();
    assert_eq!((last.selected.as_str(), last.rating.as_str(), last.applied_files.len()), ("", "", 2));
}

pub async fn costs_are_summed_up_and_survive(place: &dyn Place) {
    let session = session_of(place).await;
    session.accumulate_cost("a", 0.1).await.unwrap();
    session.accumulate_cost("b", 1.0).await.unwrap();
    session.accumulate_cost("a", 0.2).await.unwrap();
    session.accumulate_cost("b", -1.0).await.unwrap();
    for wrong in [f64::NAN, f64::INFINITY] {
        assert_eq!(kind(session.accumulate_cost("a", wrong).await), ErrorKind::InvalidValue);
    }
    session.accumulate_cost("huge", f64::MAX).await.unwrap();
    assert_eq!(kind(session.accumulate_cost("huge", f64::MAX).await), ErrorKind::InvalidValue);
    session.accumulate_cost("huge", -f64::MAX).await.unwrap();
    let again = session_of(place).await;
    let costs = again.cost_per_model().await.unwrap();
    assert_eq!(costs.get("a"), Some(&(0.1 + 0.2)));
    assert_eq!(costs.get("b"), Some(&0.0));
}

pub async fn a_checkpoint_is_kept_until_it_is_cleared(place: &dyn Place) {
    let session = session_of(place).await;
    let interrupted = ModelResponse { interrupted: true, error: "e".to_owned(), ..answer("a", "") };
    let checkpoint = Checkpoint::build("p", &texts(&["a"]), &[interrupted], false, GoTime::default()).unwrap();
    session.save_checkpoint(&checkpoint).await.unwrap();
    assert_eq!(session_of(place).await.load_checkpoint().await.unwrap(), Some(checkpoint.clone()));
    session.clear_checkpoint().await.unwrap();
    session.clear_checkpoint().await.unwrap();
    assert_eq!(session.load_checkpoint().await.unwrap(), None);
    // Nobody waits in between: a run under way writes one after the other, and its end clears it.
    for _ in 0..10 {
        let (first, second, end) = join3(
            session.save_checkpoint(&checkpoint),
            session.save_checkpoint(&checkpoint),
            session.clear_checkpoint(),
        )
        .await;
        first.and(second).and(end).unwrap();
        assert_eq!(session.load_checkpoint().await.unwrap(), None);
    }
}

pub async fn sessions_are_listed_resolved_renamed_and_deleted(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    assert_eq!(sessions.latest_id().await.unwrap_err().message(), "no sessions found");
    assert_eq!(sessions.resolve("ses").await.unwrap_err().message(), "no sessions found");
    for id in ["ses_ab", "ses_abc", "ses_b"] {
        run(&sessions.open(id), "p", &[]).await;
    }
    run(&sessions.open("ses_ab"), "again", &[]).await;
    let ids = |list: Vec<crate::model::session::SessionInfo>| list.into_iter().map(|info| info.id).collect::<Vec<_>>();
    assert_eq!(ids(sessions.list().await.unwrap()), ["ses_ab", "ses_b", "ses_abc"]);
    assert_eq!(sessions.latest_id().await.unwrap(), "ses_ab");
    assert_eq!(sessions.resolve("ses_ab").await.unwrap(), "ses_ab", "the very id");
    assert_eq!(sessions.resolve("ses_b").await.unwrap(), "ses_b");
    assert_eq!(sessions.resolve("ses_abc").await.unwrap(), "ses_abc");
    let error = sessions.resolve("ses_").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(
        ["ambiguous prefix", "ses_ab, ", "ses_abc", "ses_b"].iter().all(|part| error.message().contains(part)),
        "{error}"
    );
    assert_eq!(sessions.resolve("x").await.unwrap_err().message(), "no session matching \"x\"");
    sessions.rename("ses_b", "Bugs").await.unwrap();
    assert_eq!(kind(sessions.rename("gone", "x").await), ErrorKind::NotFound);
    assert_eq!(sessions.list().await.unwrap()[1].title, "Bugs");
    assert!(sessions.delete("ses_ab").await.unwrap());
    assert!(!sessions.delete("ses_ab").await.unwrap());
    assert_eq!(ids(sessions.list().await.unwrap()), ["ses_b", "ses_abc"]);
    assert_eq!(file_of(&sessions.open("ses_ab")).await, r#"{"runs":null}"#);
    // A checkpoint alone is a session too.
    let checkpoint = Checkpoint { prompt: "p".to_owned(), ..Checkpoint::default() };
    sessions.open("ses_c").save_checkpoint(&checkpoint).await.unwrap();
    assert!(sessions.delete("ses_c").await.unwrap());
    assert_eq!(sessions.open("ses_c").load_checkpoint().await.unwrap(), None);
    sessions.open("ses_b").set_last_active_tools(Some(&[])).await.unwrap();
    assert_eq!(sessions.open("ses_b").last_active_tools().await.unwrap(), Some(Vec::new()));
    let (first, second) = (sessions.create(), sessions.create());
    assert!(first.session_id().starts_with("ses_") && first.session_id() != second.session_id());
}

pub async fn users_have_sessions_of_their_own(place: &dyn Place) {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    let (ada, bob) = (database.sessions("ada"), database.sessions("bob"));
    run(&ada.open("s"), "p", &[]).await;
    ada.open("s").record_prompt("p").await.unwrap();
    assert!(bob.list().await.unwrap().is_empty());
    assert_eq!(bob.open("s").prompt_history().await.unwrap(), None);
    assert!(!bob.delete("s").await.unwrap());
    assert_eq!(ada.list().await.unwrap().len(), 1);
}

pub async fn recipes_are_kept_by_what_changes_how_models_work(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let named = |name: &str| Recipe { version: 1, name: name.to_owned(), ..Recipe::default() };
    let (one, other) =
        (sessions.open("one").with_recipe(named("first")), sessions.open("other").with_recipe(named("second")));
    assert!(one.recipes().list().await.unwrap().is_empty());
    let hash = one.recipe_hash().await.unwrap();
    assert_eq!(hash, "cfg_v1_55bb096076e6c9056b7df8b4f724d56e5bbf4afba89d7690477a9946a5899b04");
    assert!(sessions.list().await.unwrap().is_empty(), "asking for it makes no session");
    run(&other, "p", &[]).await;
    assert_eq!(other.metadata().await.unwrap().runs.unwrap()[0].config_hash, hash);
    assert_eq!(other.recipes().get(&hash).await.unwrap().unwrap().name, "first", "the first name stays");
    assert_eq!(other.recipes().get("cfg_v1_0").await.unwrap(), None);
    one.set_last_active_tools(Some(&texts(&["bash"]))).await.unwrap();
    let snapshot = one.build_recipe_snapshot().await.unwrap();
    assert_eq!((snapshot.name.as_str(), snapshot.tools.clone()), ("first", texts(&["bash"])));
    let plain = sessions.open("plain");
    plain.persist_run_state("p", &[], &Map::new(), Some(&texts(&["bash"]))).await.unwrap();
    let with_tools = plain.recipe_hash().await.unwrap();
    assert_eq!(with_tools, "cfg_v0_dd46bbce9ffeb2f138b4511ff264679dc5ea839b2c1914b08688e0c0ab929aaa");
    let book = plain.recipes().list().await.unwrap();
    assert_eq!(
        book.iter().map(|(hash, recipe)| (hash, recipe.name.as_str())).collect::<Vec<_>>(),
        [(with_tools.as_str(), "default"), (hash.as_str(), "first")]
    );
}
