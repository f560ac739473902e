//! Sessions as the files of the original (`stores.md`, D.1 and D.15).

use super::Place;
use super::data_store::texts;
use super::session_setup::{files_of, whole_run, write, writing_run};
use super::sessions::{answer, kind, run, session_of, sessions_of};
use crate::error::ErrorKind;
use crate::model::batch::Batch;
use crate::model::data_rules::Imported;
use crate::model::go_json::GoTime;
use crate::model::import::Existing;
use crate::model::keyspace::SessionScope;
use crate::model::recipe::Recipe;
use crate::model::session::{Checkpoint, ModelResponse, SessionMetadata};
use crate::store::{Database, DatabaseOptions, Sessions};

const EMPTY: &str = r#"{"id":"ses_x","created_at":"0001-01-01T00:00:00Z","last_active_at":"0001-01-01T00:00:00Z","prompt_count":0,"runs":null}"#;

type Files = Vec<(String, String)>;

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

fn of_session(name: &str, text: &str) -> (String, String) {
    file(&["data/sessions/ses_x/", name].concat(), text)
}

fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    files.iter().find(|(known, _)| known == path).map_or("", |(_, text)| text)
}

async fn of_user(place: &dyn Place, user: &str) -> Sessions {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    database.refresh().await.unwrap();
    database.sessions(user)
}

async fn all(sessions: &Sessions) -> Files {
    let mut files = sessions.export_files(None).await.unwrap();
    files.sort();
    files
}

fn done(imported: usize, skipped: usize) -> Imported {
    Imported { imported, skipped }
}

/// A session of which there is something of every kind.
async fn rich(sessions: &Sessions, id: &str) {
    let session = sessions.open(id).with_recipe(Recipe::built_in());
    session.write_file("a", "0").await.unwrap();
    session.record_prompt("p").await.unwrap();
    for (prompt, path) in [("p", "a"), ("q", "b"), ("r", "a")] {
        writing_run(&session, prompt, path).await;
    }
    let dear = ModelResponse { cost_usd: 0.1, output_tokens: 5, ..answer("m1", "t") };
    run(&session, "s", &[dear]).await;
    session.rewind(None).await.unwrap();
    session.rewind(None).await.unwrap();
    session.update_last_run_note("<noted>").await.unwrap();
    session.accumulate_cost("m1", 0.1 + 0.2).await.unwrap();
    // What has no version cannot be read as markdown.
    session.set_session_recipe(Some(&Recipe { name: "set".to_owned(), ..Recipe::default() })).await.unwrap();
    session.set_last_active_tools(Some(&[])).await.unwrap();
    let interrupted = ModelResponse { interrupted: true, ..answer("a", "") };
    let checkpoint = Checkpoint::build("p", &texts(&["a"]), &[interrupted], false, GoTime::default()).unwrap();
    session.save_checkpoint(&checkpoint).await.unwrap();
    sessions.rename(id, "Title").await.unwrap();
}

pub async fn the_golden_files_come_out_to_the_letter(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    assert!(sessions.export_files(None).await.unwrap().is_empty());
    let session = sessions.open_with(SessionMetadata { id: "ses_x".to_owned(), ..SessionMetadata::default() });
    session.save_initial_meta().await.unwrap();
    for prompt in ["a", "a", "a ", "", "<b>\n\"日本\u{2028}"] {
        session.record_prompt(prompt).await.unwrap();
    }
    let failed = ModelResponse { error: "e".to_owned(), ..answer("b", "half") };
    let interrupted = ModelResponse { interrupted: true, ..answer("d", "D") };
    let responses = [answer("a", "A1"), failed, answer("c", ""), interrupted];
    session.append_histories(&texts(&["a", "b", "c", "d"]), &responses, "q<1>").await.unwrap();
    let interrupted = ModelResponse { interrupted: true, error: "e".to_owned(), ..answer("a", "") };
    let checkpoint = Checkpoint::build("p", &texts(&["a"]), &[interrupted], false, GoTime::default()).unwrap();
    session.save_checkpoint(&checkpoint).await.unwrap();
    session.set_last_active_tools(Some(&texts(&["bash"]))).await.unwrap();
    session.recipe_hash().await.unwrap();
    let files = sessions.export_files(None).await.unwrap();
    assert_eq!(text(&files, "data/sessions/ses_x/session_metadata.json"), EMPTY);
    assert_eq!(
        text(&files, "data/sessions/ses_x/session_content.json"),
        r#"{"runs":null,"histories":{"a":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"A1"}],"d":[{"role":"user","content":"q\u003c1\u003e"},{"role":"assistant","content":"D"}]}}"#
    );
    assert_eq!(
        text(&files, "data/sessions/ses_x/checkpoint.json"),
        r#"{"prompt":"p","timestamp":"0001-01-01T00:00:00Z","adapter_ids":["a"],"responses":[{"model_id":"a","latency_ms":0,"input_tokens":0,"output_tokens":0,"cost_usd":0,"error":"e","interrupted":true,"completed":false}],"verbose":false}"#
    );
    assert_eq!(
        text(&files, "data/prompt_history.jsonl"),
        "\"a\"\n\"a \"\n\"\"\n\"\\u003cb\\u003e\\n\\\"日本\\u2028\"\n"
    );
    assert_eq!(
        text(&files, "data/configs.json").trim_end(),
        "{\n  \"cfg_v0_dd46bbce9ffeb2f138b4511ff264679dc5ea839b2c1914b08688e0c0ab929aaa\": {\n    \"name\": \"default\",\n    \"tools\": [\n      \"bash\"\n    ]\n  }\n}"
    );
    assert_eq!(files.len(), 6, "and what the original does not keep");
    session
        .set_session_recipe(Some(&Recipe { version: 1, tools: Some(Default::default()), ..Recipe::default() }))
        .await
        .unwrap();
    let files = files_of(&sessions, "ses_x").await;
    assert_eq!(text(&files, "data/sessions/ses_x/recipe.md"), "# Errata Recipe\nversion: 1\n\n## Tools\n");
}

pub async fn files_of_the_original_come_back_to_the_letter(place: &dyn Place) {
    let sessions = of_user(place, "ada").await;
    let marker = r#"{"timestamp":"2026-03-22T09:16:00.123456789+01:00","prompt_hash":"ph_1","prompt_preview":"","models":null,"type":"rewind"}"#;
    let with_runs = EMPTY.replace(
        r#""prompt_count":0,"runs":null"#,
        &format!(r#""models":["m"],"first_prompt":"\u003c","prompt_count":7,"runs":[{marker}]"#),
    );
    for (metadata, content) in [
        (EMPTY, r#"{"runs":null}"#),
        (&EMPTY.replace("null", "[]"), r#"{"runs":[]}"#),
        (EMPTY, r#"{"runs":null,"histories":{"x":[]}}"#),
        (EMPTY, r#"{"runs":[],"histories":{"__proto__":[{"role":"","content":"\u2028"}],"x":null}}"#),
        (
            &with_runs,
            r#"{"runs":[{"prompt":"","models":null},{"prompt":"p","models":[{"model_id":"b","text":"","events":[]}]}]}"#,
        ),
    ] {
        let files = [of_session("session_metadata.json", metadata), of_session("session_content.json", content)];
        assert_eq!(sessions.import_files(&files, Existing::Replace).await.unwrap(), done(1, 0));
        let found = files_of(&of_user(place, "ada").await, "ses_x").await;
        assert_eq!(text(&found, &files[0].0), metadata);
        assert_eq!(text(&found, &files[1].0), content);
        assert_eq!(found.len(), 3);
    }
    // It goes on as any other.
    let session = sessions.open("ses_x");
    whole_run(&session, "p", "t", 1).await;
    session.rewind(None).await.unwrap();
    let found = session.metadata().await.unwrap();
    assert_eq!((found.prompt_count, found.runs.unwrap().len()), (8, 3));
    assert_eq!(sessions.latest_id().await.unwrap(), "ses_x");
    // Metadata alone are a session; content alone is none.
    let alone =
        [file("data/sessions/only/session_metadata.json", "{}"), file("data/sessions/none/session_content.json", "{}")];
    assert_eq!(sessions.import_files(&alone, Existing::Refuse).await.unwrap(), done(1, 0));
    assert_eq!(sessions.open("only").metadata().await.unwrap().id, "only", "the folder's name");
    assert_eq!(sessions.list().await.unwrap().len(), 2);
}

pub async fn everything_comes_back_for_another_user(place: &dyn Place) {
    let ada = of_user(place, "ada").await;
    for id in ["ses_x", "../..", "data", "mydata", "a/b", "%41", "sessions", "日本", "__proto__", "CON", "x.", " "] {
        rich(&ada, id).await;
    }
    ada.open("empty").save_initial_meta().await.unwrap();
    let files = all(&ada).await;
    assert!(files.iter().all(|(path, _)| path.starts_with("data/") && !path.contains("/../")));
    let bob = of_user(place, "bob").await;
    assert_eq!(bob.import_files(&files, Existing::Refuse).await.unwrap(), done(13, 0));
    let bob = of_user(place, "bob").await;
    assert_eq!(all(&bob).await, files);
    assert_eq!(bob.usage_by_day("", None).await.unwrap(), ada.usage_by_day("", None).await.unwrap());
    assert_eq!(bob.open("").prompt_history().await.unwrap(), ada.open("").prompt_history().await.unwrap());
    // It is whole: what was taken back can be made again.
    for id in ["ses_x", "mydata"] {
        let (one, other) = (ada.open(id), bob.open(id));
        while one.can_redo().await.unwrap() {
            assert_eq!(one.redo(None).await.unwrap(), other.redo(None).await.unwrap());
        }
        assert_eq!(files_of(&ada, id).await, files_of(&bob, id).await);
        one.rewind_to(-1, None).await.unwrap();
        other.rewind_to(-1, None).await.unwrap();
        assert_eq!(one.read_file("a").await.unwrap(), other.read_file("a").await.unwrap());
        assert_eq!(other.list_files("").await.unwrap(), ["/a"]);
        assert_eq!(other.session_recipe().await.unwrap().unwrap().name, "set");
        assert_eq!(other.base_recipe().await.unwrap(), Some(Recipe::built_in()));
        assert_eq!(other.last_active_tools().await.unwrap(), Some(Vec::new()));
    }
    // Folders may be below others, and the one of the data may be left out.
    let cut = |before: &str| -> Files {
        files.iter().map(|(path, text)| (path.replacen("data/", before, 1), text.clone())).collect()
    };
    for (user, before) in [("eve", ""), ("dan", "backup/data/data/"), ("joe", "/data/")] {
        let sessions = of_user(place, user).await;
        assert_eq!(sessions.import_files(&cut(before), Existing::Refuse).await.unwrap(), done(13, 0), "{before}");
        assert_eq!(all(&sessions).await, files);
    }
    assert_eq!(of_user(place, "sam").await.import_files(&cut("other/"), Existing::Refuse).await.unwrap(), done(0, 0));
}

pub async fn existing_sessions_are_refused_replaced_or_left(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    rich(&sessions, "ses_x").await;
    let files = all(&sessions).await;
    let extra = [
        files.clone(),
        vec![file("data/sessions/new/session_metadata.json", "{}"), file("data/prompt_history.jsonl", "\"n\"\n")],
    ];
    let mut extra = extra.concat();
    extra.retain(|(path, text)| path != "data/prompt_history.jsonl" || text.contains("\"n\""));
    let session = sessions.open("ses_x");
    writing_run(&session, "later", "c").await;
    let (later, used) = (all(&sessions).await, sessions.usage_by_day("", None).await.unwrap());
    assert_eq!(kind(sessions.import_files(&extra, Existing::Refuse).await), ErrorKind::AlreadyExists);
    assert_eq!(all(&sessions_of(place).await).await, later, "all of it or nothing");
    assert_eq!(sessions.import_files(&extra, Existing::Skip).await.unwrap(), done(1, 1));
    assert_eq!(files_of(&sessions, "ses_x").await.len(), 5);
    assert_eq!(session.rewind_entries().await.unwrap().last().unwrap().prompt, "later");
    assert_eq!(session.prompt_history().await.unwrap(), Some(texts(&["n", "p"])));
    assert_eq!(sessions.import_files(&extra, Existing::Replace).await.unwrap(), done(2, 0));
    let found = all(&sessions_of(place).await).await;
    for (path, text) in files.iter().filter(|(path, _)| path.contains("/ses_x/") && !path.ends_with("datastore.json")) {
        assert_eq!(super::session_portable::text(&found, path), text, "{path}");
    }
    assert!(session.read_file("c").await.unwrap().is_none(), "nothing of the old one is left");
    assert_eq!(session.prompt_history().await.unwrap(), Some(texts(&["n", "p"])), "known ones are not added");
    assert_eq!(sessions.usage_by_day("", None).await.unwrap(), used, "what was used stays used");
    let ids = sessions.list().await.unwrap().into_iter().map(|info| info.id).collect::<Vec<_>>();
    assert_eq!(ids, ["ses_x", "new"], "each is listed once");
    assert_eq!(sessions.latest_id().await.unwrap(), "ses_x");
    // A session that went comes back, and what it used on a day is no less than it was.
    sessions.delete("ses_x").await.unwrap();
    sessions.import_files(&files, Existing::Skip).await.unwrap();
    assert_eq!(sessions.usage_by_day("", None).await.unwrap(), used);
    assert_eq!(sessions.import_files(&[], Existing::Refuse).await.unwrap(), done(0, 0));
}

pub async fn prompts_and_recipes_are_added_to_those_that_there_are(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let prompts = |lines: &str| {
        [file("data/prompt_history.jsonl", lines), file("README.md", "{"), file("data/recipes/x.md", "#")]
    };
    let history = async || session_of(place).await.prompt_history().await.unwrap();
    let lines = "\"a\"\nnull\n5\n\n  \n\"b\"\r\n{\"c\n\"c\"\n\"a\"";
    assert_eq!(sessions.import_files(&prompts(lines), Existing::Refuse).await.unwrap(), done(0, 0));
    assert_eq!(history().await, Some(texts(&["a", "c", "b", "", "a"])));
    sessions.import_files(&prompts(lines), Existing::Refuse).await.unwrap();
    sessions.import_files(&prompts("\"c\"\n\"n\"\n\"a\"\n\"m\"\n"), Existing::Refuse).await.unwrap();
    assert_eq!(history().await, Some(texts(&["m", "n", "a", "c", "b", "", "a"])));
    assert!(!sessions.open("").record_prompt("m").await.unwrap());
    assert!(sessions.open("").record_prompt("a").await.unwrap());
    let book =
        |name: &str| [file("data/configs.json", &format!(r#"{{"cfg_v0_1":{{"name":"{name}"}},"__proto__":{{}}}}"#))];
    sessions.import_files(&book("first"), Existing::Refuse).await.unwrap();
    sessions.import_files(&book("second"), Existing::Replace).await.unwrap();
    sessions.import_files(&[file("data/configs.json", "null")], Existing::Refuse).await.unwrap();
    let found = sessions_of(place).await.recipes().list().await.unwrap();
    assert_eq!((found.len(), found.get("cfg_v0_1").unwrap().name.as_str()), (2, "first"));
    assert!(sessions.list().await.unwrap().is_empty());
}

pub async fn the_markdown_of_the_original_is_the_base_recipe(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let markdown = "# Mine\nversion: 1\n\n## System Prompt\nbe <kind>\n";
    let files = [of_session("session_metadata.json", EMPTY), of_session("recipe.md", markdown)];
    sessions.import_files(&files, Existing::Refuse).await.unwrap();
    let session = session_of(place).await;
    let base = session.base_recipe().await.unwrap().unwrap();
    assert_eq!((base.name.as_str(), base.system_prompt.as_str()), ("Mine", "be <kind>"));
    assert_eq!(session.session_recipe().await.unwrap(), None);
    assert_eq!(text(&files_of(&sessions, "ses_x").await, "data/sessions/ses_x/recipe.md"), markdown);
    for bad in ["# No version\n", "# Mine\nversion: 2\n", ""] {
        let files = [of_session("session_metadata.json", EMPTY), of_session("recipe.md", bad)];
        let error = sessions.import_files(&files, Existing::Replace).await.unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidDocument && error.message().contains("recipe.md"), "{error}");
    }
    assert_eq!(session.active_recipe().await.unwrap().unwrap().name, "Mine");
}

pub async fn hostile_files_of_sessions_change_nothing(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    rich(&sessions, "mine").await;
    let before = all(&sessions).await;
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let nested = format!(r#"{{"x":{deep}}}"#);
    let metadata = |text: &str| vec![of_session("session_metadata.json", text)];
    let more = |text: &str| vec![of_session("session_metadata.json", EMPTY), of_session("agent_datastore.json", text)];
    let content =
        |text: &str| vec![of_session("session_metadata.json", EMPTY), of_session("session_content.json", text)];
    let mut hostile: Vec<Files> = Vec::new();
    for text in ["", "{", "[]", "5", "\u{feff}{}", "{} {}", &nested, r#"{"id":5}"#, r#"{"runs":{}}"#, r#"{"runs":[5]}"#]
    {
        hostile.push(metadata(text));
    }
    for text in [r#"{"prompt_count":9223372036854775807}"#, r#"{"prompt_count":1e99}"#, r#"{"created_at":"soon"}"#] {
        hostile.push(metadata(text));
    }
    for text in
        ["{", r#"{"runs":{}}"#, r#"{"histories":[]}"#, r#"{"histories":{"a":{}}}"#, r#"{"histories":{"a":[5]}}"#]
    {
        hostile.push(content(text));
    }
    for text in [
        "{",
        &nested,
        r#"{"rewinds":{}}"#,
        r#"{"redos":[{"step":5}]}"#,
        r#"{"costs":{"a":1e400}}"#,
        r#"{"usage":{"total":{"runs":9223372036854775807}}}"#,
        r#"{"usage_by_run":[{"run":-1}]}"#,
        r#"{"usage_by_run":[{"run":1e3}]}"#,
        r#"{"usage_by_day":[{"day":""}]}"#,
        r#"{"usage_by_day":[{"day":"someday"}]}"#,
        r#"{"usage_by_day":[{"day":"2026-02-30"}]}"#,
        r#"{"files":{"../../etc/passwd":"x"}}"#,
        r#"{"files":{"a":"x"}}"#,
        r#"{"files":{"":"x"}}"#,
        r#"{"files":{"/a/../b":"x"}}"#,
        r#"{"files":{"/a":5}}"#,
        r#"{"base_recipe":{"constraints":{"timeout":"soon"}}}"#,
    ] {
        hostile.push(more(text));
    }
    let sound = metadata(EMPTY);
    hostile.push(vec![sound[0].clone(), of_session("checkpoint.json", "[]")]);
    hostile.push(vec![sound[0].clone(), file("data/configs.json", "[]")]);
    hostile.push(vec![sound[0].clone(), sound[0].clone()]);
    // The same in two places, and two folders of one id.
    hostile.push(vec![sound[0].clone(), file("sessions/ses_x/session_metadata.json", EMPTY)]);
    hostile.push(vec![
        file("data/sessions/%2E./session_metadata.json", &EMPTY.replace("ses_x", "..")),
        file("data/sessions/../session_metadata.json", &EMPTY.replace("ses_x", "..")),
    ]);
    hostile.push(vec![file("data/sessions//session_metadata.json", "{}")]);
    hostile.push(vec![file("data/prompt_history.jsonl", "\"new\"\n"), of_session("session_metadata.json", "{")]);
    for files in &hostile {
        for existing in [Existing::Refuse, Existing::Replace, Existing::Skip] {
            assert_eq!(
                kind(sessions.import_files(files, existing).await),
                ErrorKind::InvalidDocument,
                "{:.300?}",
                files
            );
        }
    }
    assert_eq!(all(&sessions_of(place).await).await, before);
    assert_eq!(sessions.list().await.unwrap().len(), 1);
}

/// What can be read but was not written by us may fail later, but never end a program.
pub async fn odd_steps_and_redos_of_a_file_do_no_harm(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let huge = i64::MAX;
    let more = format!(
        r#"{{"rewinds":[{{"feed_index":{huge},"history_lengths":{{"a":{huge},"b":-{huge}}},"file_snapshots":[{{"path":"../x"}},{{}}]}}],"redos":[{{"step":{{"feed_index":-{huge}}},"lengths":{{"a":{huge},"c":-5,"d":null}},"turns":{{"a":null,"b":[{{}}]}},"files":[{{"path":"/../x"}}],"note":"n"}}],"usage":{{"total":{{"runs":-5,"input_tokens":{huge}}}}},"usage_by_run":[{{"run":{huge}}}]}}"#
    );
    let marked = EMPTY.replace(r#""runs":null"#, r#""runs":[{"type":"rewind"}]"#);
    for metadata in [EMPTY, &marked] {
        let files = [of_session("session_metadata.json", metadata), of_session("agent_datastore.json", &more)];
        sessions.import_files(&files, Existing::Replace).await.unwrap();
        let session = session_of(place).await;
        if metadata == EMPTY {
            assert_eq!(kind(session.redo(None).await), ErrorKind::Corrupt, "no marker, nothing to make again");
        } else {
            session.redo(None).await.unwrap();
        }
        let histories = session.histories().await.unwrap().unwrap_or_default();
        let lengths = session
            .append_histories(&texts(&["a", "b", "c"]), &[answer("", "1"), answer("", "2"), answer("", "3")], "p")
            .await;
        for (adapter, length) in lengths.unwrap().iter() {
            let turns = histories.get(adapter).cloned().flatten().unwrap_or_default();
            assert_eq!(*length, turns.len() as i64, "lengths are those of what there is");
        }
        run(&session, "p", &[ModelResponse { input_tokens: 5, ..answer("a", "1") }]).await;
        while session.can_rewind().await.unwrap() {
            session.rewind(None).await.unwrap();
        }
        assert_eq!(files_of(&sessions, "ses_x").await.len(), 3);
        session.fork(None, None, "").await.unwrap();
    }
}

pub async fn what_is_named_is_exported(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    for id in ["ses_a", "ses_b"] {
        run(&sessions.open(id), "p", &[]).await;
    }
    let found = sessions.export_files(Some(texts(&["ses_b"]))).await.unwrap();
    assert!(found.iter().all(|(path, _)| !path.contains("ses_a")) && found.len() == 4);
    assert_eq!(kind(sessions.export_files(Some(texts(&["ses_b", "gone"]))).await), ErrorKind::NotFound);
    assert_eq!(sessions.export_files(Some(Vec::new())).await.unwrap().len(), 1, "the recipes");
}

/// Something of a session cannot be read. It is set aside, and its id is free.
pub async fn a_damaged_session_is_set_aside_and_nothing_is_lost(place: &dyn Place) {
    let scope = SessionScope { user: "ada".to_owned() };
    for (n, bytes) in [&b""[..], b"\x01{", b"\x01{\"id\":5}", b"\x00"].into_iter().enumerate() {
        let id = format!("ses_{n}");
        let sessions = sessions_of(place).await;
        rich(&sessions, &id).await;
        let (listed, used) = (sessions.list().await.unwrap().len(), sessions.usage_by_day("", None).await.unwrap());
        let mut batch = Batch::default();
        batch.put(scope.session(&id), bytes);
        place.open().await.commit(batch).await.unwrap();
        let sessions = sessions_of(place).await;
        let session = sessions.open(&id);
        assert_eq!(kind(session.metadata().await), ErrorKind::Corrupt);
        assert_eq!(kind(session.save_initial_meta().await), ErrorKind::Corrupt, "it is not written over");
        assert_eq!(kind(session.fork(None, None, "").await), ErrorKind::Corrupt);
        assert_eq!(sessions.list().await.unwrap().len(), listed - 1, "the others are listed");
        assert_eq!(all(&sessions).await.iter().filter(|(path, _)| path.contains(&id)).count(), 0);
        let aside = sessions.set_aside(&id).await.unwrap();
        assert!(aside.starts_with("ses_") && aside != id);
        assert_eq!(kind(sessions.set_aside(&id).await), ErrorKind::NotFound);
        let again = sessions_of(place).await;
        assert_eq!(again.open(&aside).list_files("").await.unwrap(), ["/a"]);
        assert_eq!(again.open(&aside).read_file("a").await.unwrap().as_deref(), Some("p"));
        assert_eq!(again.open(&aside).usage_by_run().await.unwrap().len(), 4);
        assert_eq!(kind(again.open(&aside).metadata().await), ErrorKind::Corrupt, "as it is");
        assert!(again.open(&id).list_files("").await.unwrap().is_empty());
        rich(&again, &id).await;
        assert_eq!(again.list().await.unwrap().len(), listed);
        assert_eq!(again.latest_id().await.unwrap(), id);
        assert_eq!(again.usage_by_day("", None).await.unwrap()[0].total.runs, used[0].total.runs + 4);
        assert!(again.delete(&aside).await.unwrap());
        assert!(again.open(&aside).list_files("").await.unwrap().is_empty());
    }
    // A damaged one is deleted, and replaced, so that nothing of it is listed any more.
    let sessions = sessions_of(place).await;
    let files = files_of(&sessions, "ses_0").await;
    for id in ["ses_0", "ses_1"] {
        let mut batch = Batch::default();
        batch.put(scope.session(id), &b"\x01"[..]);
        place.open().await.commit(batch).await.unwrap();
    }
    let sessions = sessions_of(place).await;
    assert!(sessions.delete("ses_1").await.unwrap());
    sessions.import_files(&files, Existing::Replace).await.unwrap();
    assert_eq!(files_of(&sessions, "ses_0").await, files);
    for id in ["ses_0", "ses_2", "ses_3"] {
        assert!(sessions.delete(id).await.unwrap());
    }
    assert_eq!(kind(sessions.latest_id().await), ErrorKind::NotFound);
}

pub async fn a_sound_session_is_set_aside_from_another_tab(place: &dyn Place) {
    let (one, other) = (sessions_of(place).await, sessions_of(place).await);
    rich(&one, "ses_x").await;
    let files = files_of(&one, "ses_x").await;
    let aside = other.set_aside("ses_x").await.unwrap();
    let moved = files_of(&sessions_of(place).await, &aside).await;
    let renamed: Files = files
        .iter()
        .map(|(path, text)| {
            (path.replace("ses_x", &aside), text.replace("\"id\":\"ses_x\"", &format!("\"id\":\"{aside}\"")))
        })
        .collect();
    for ((path, text), (expected, was)) in moved.iter().zip(&renamed) {
        assert_eq!(path, expected);
        // The days stay those of the id under which they were used.
        assert!(text == was || path.ends_with("agent_datastore.json"), "{path}");
    }
    let again = sessions_of(place).await;
    assert_eq!(again.open("ses_x").histories().await.unwrap(), None);
    assert_eq!(again.list().await.unwrap().len(), 1);
    assert_eq!(again.latest_id().await.unwrap(), aside);
    let session = again.open(&aside);
    session.redo(None).await.unwrap();
    session.apply_writes(&[write("z", "1")]).await.unwrap();
    assert_eq!(session.read_file("b").await.unwrap().as_deref(), Some("q"));
}
