//! Export and import of conversations, as the files of the original and as lines of JSON (`stores.md`, C.1, C.4 and C.6).

use super::Place;
use super::conversations::{metadata, named, say, store_of};
use super::data_store::{json, setup, time};
use crate::error::ErrorKind;
use crate::model::Timestamp;
use crate::model::chat::Moment;
use crate::model::chat::action::Action;
use crate::model::chat::content::Content;
use crate::model::chat::conversation::Conversation;
use crate::model::chat::message::{Placed, State};
use crate::model::chat::usage::Usage;
use crate::model::data_rules::Imported;
use crate::model::import::Existing;
use crate::store::MessageStore;
use crate::store::chat::{Added, ConversationChange, Ending, NewAction, NewConversation, Place as At};

/// The shape of the original's sample data.
const EXAMPLE: &str = r#"{
  "id": "c1",
  "title": "Example Conversation",
  "created_at": "2025-03-13T15:11:33.447327",
  "metadata": {},
  "messages": [
    {
      "id": "m1",
      "content": "Hello \u00e9\ud83d\ude00\u007f",
      "role": "user",
      "created_at": "2025-03-13T15:11:33.447396",
      "metadata": {}
    },
    {
      "id": "m2",
      "content": "Hi",
      "role": "assistant",
      "created_at": "2025-03-13T16:11:34+01:00",
      "metadata": {
        "n": [
          1.0,
          1e+16,
          123456789012345678901234567890
        ],
        "empty": []
      }
    }
  ],
  "actions": [
    {
      "id": "a1",
      "action_type": "button_click",
      "data": {
        "button_id": "submit"
      },
      "created_at": "2025-03-13T15:11:35",
      "metadata": {}
    }
  ]
}"#;

type Files = Vec<(String, String)>;

fn files(all: &[(&str, &str)]) -> Files {
    all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn file(files: &Files, path: &str) -> String {
    files.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("{path}")).1.clone()
}

fn index(ids: &[&str]) -> String {
    format!("{{\"conversation_ids\": [{}]}}", ids.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>().join(","))
}

async fn lines(store: &MessageStore) -> String {
    let export = store.export_lines(None).await.unwrap();
    let mut all = String::new();
    while let Some(text) = export.next().await.unwrap() {
        assert!(text.ends_with('\n'));
        all.push_str(&text);
    }
    all
}

/// All that can be seen of a store, without what belongs to the place.
async fn everything(store: &MessageStore) -> Vec<(Conversation, Vec<Placed>, Vec<Action>)> {
    let mut all = Vec::new();
    for conversation in store.get_all_conversations().await.unwrap() {
        let id = conversation.id.clone();
        let mut messages = Vec::new();
        let export = store.export_lines(Some(vec![id.clone()])).await.unwrap().next().await.unwrap().unwrap();
        for line in export.lines().filter(|line| line.contains(r#""type":"message""#)) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let mut placed = store.get_message(&id, line["id"].as_str().unwrap()).await.unwrap().unwrap();
            placed.message.number = 0;
            messages.push(placed);
        }
        let path = store.get_conversation_messages(&id).await.unwrap();
        messages.extend(path.into_iter().map(|mut placed| {
            placed.message.number = 0;
            placed
        }));
        let conversation = Conversation { order: 0, leaf: 0, next_message: 0, revision: 0, ..conversation };
        all.push((conversation, messages, store.get_conversation_actions(&id).await.unwrap()));
    }
    all
}

/// A conversation that has all there is, two plain ones, and ids that no file can be called.
async fn filled(store: &MessageStore) {
    let odd = NewConversation {
        metadata: Some(metadata(r#"{"a":{"__proto__":1},"agent_datastore":[5],"b":"é"}"#)),
        ..named("odd/é:%2F")
    };
    store.create_conversation(odd).await.unwrap();
    let usage = Usage { input_tokens: 5, cost_nanos: 9_007_199_254_740_993, ..Usage::default() };
    let parts = json(
        r#"[{"type":"text","text":"one"},{"type":"tool-call","toolCallId":"1","toolName":"x"},{"type":"text","text":"two"}]"#,
    );
    let at = |micros, offset| Some(Moment { at: Timestamp::from_micros(micros).unwrap(), offset });
    for added in [
        Added { id: Some("m1".to_owned()), created_at: at(1, Some(330)), ..Added::new("user", Content::text("q\0")) },
        Added {
            id: Some("m2".to_owned()),
            usage: Some(usage),
            ..Added::new("assistant", Content::new(parts).unwrap())
        },
        Added {
            id: Some("m3".to_owned()),
            metadata: metadata(r#"{"agent_datastore":{"own":1},"n":1.0}"#),
            created_at: at(0, Some(0)),
            ..Added::new("x", Content::new(json("[]")).unwrap())
        },
    ] {
        store.add_message("odd/é:%2F", added, At::End, false).await.unwrap();
    }
    for (parent, id) in [
        (At::Beside("m2".into()), "b1"),
        (At::Below("b1".into()), "b2"),
        (At::Beside("b2".into()), "b3"),
        (At::Top, "t"),
    ] {
        let added = Added { id: Some(id.to_owned()), ..Added::new("user", Content::text(id)) };
        store.add_message("odd/é:%2F", added, parent, false).await.unwrap();
    }
    store.switch_branch("odd/é:%2F", "b2").await.unwrap();
    store.switch_branch("odd/é:%2F", "m3").await.unwrap();
    store.delete_message("odd/é:%2F", "m3", false).await.unwrap();
    for way in 0..2 {
        let stream =
            store.begin_message("odd/é:%2F", Added::new("assistant", Content::text("")), At::End, false).await.unwrap();
        stream.append(json(r#""so far""#)).unwrap();
        if way == 0 { stream.fail("why\n", Ending::default()).await } else { stream.abort(Ending::default()).await }
            .unwrap();
    }
    let action = NewAction {
        action_type: "click".to_owned(),
        data: metadata(r#"{"x":[{}]}"#),
        metadata: metadata(r#"{"agent_datastore":null}"#),
        create_if_missing: false,
    };
    store.add_action("odd/é:%2F", action).await.unwrap();
    let away = ConversationChange { archived: Some(true), ..ConversationChange::default() };
    store.update_conversation("odd/é:%2F", away).await.unwrap();
    for id in ["..", ".hidden", "plain"] {
        store.create_conversation(named(id)).await.unwrap();
        say(store, id, id).await;
    }
}

pub async fn the_example_file_comes_back_to_the_letter(place: &dyn Place) {
    let store = store_of(&setup(place).await.database, "u1");
    let all = files(&[
        ("message_store.json", &index(&["c1"])),
        ("conversations/c1.json", EXAMPLE),
        ("conversations/c2.tmp", "{"),
    ]);
    assert_eq!(store.import_files(&all, Existing::Refuse).await.unwrap(), Imported { imported: 1, skipped: 0 });
    let out = store.export_files(None).await.unwrap();
    assert_eq!(file(&out, "conversations/c1.json"), EXAMPLE);
    assert_eq!(file(&out, "message_store.json"), "{\n  \"conversation_ids\": [\n    \"c1\"\n  ]\n}");
    assert_eq!(out.len(), 2);
    let found = store.get_conversation("c1").await.unwrap().unwrap();
    assert_eq!(found.active_at, Timestamp::parse("2025-03-13T15:11:35Z").unwrap());
    assert_eq!((found.messages, found.actions, found.last.unwrap().text), (2, 1, "Hi".to_owned()));
    let empty = store_of(&setup(place).await.database, "nobody").export_files(None).await.unwrap();
    assert_eq!(empty, files(&[("message_store.json", "{\n  \"conversation_ids\": []\n}")]));
}

pub async fn an_export_comes_back_equal_in_both_forms(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    filled(&store).await;
    let (all, text) = (store.export_files(None).await.unwrap(), lines(&store).await);
    let before = everything(&store).await;
    assert_eq!(before.len(), 4);
    for (user, is_lines) in [("files", false), ("lines", true)] {
        let other = store_of(&setup.database, user);
        let done = if is_lines {
            other.import_lines(&text, Existing::Refuse).await
        } else {
            other.import_files(&all, Existing::Refuse).await
        };
        assert_eq!(done.unwrap(), Imported { imported: 4, skipped: 0 });
        assert_eq!(everything(&other).await, before, "{user}");
        assert_eq!(other.export_files(None).await.unwrap(), all, "{user}");
        assert_eq!(lines(&other).await, text, "{user}");
        // It goes on as the first one does: numbers, links and counts are right.
        let id = "odd/é:%2F";
        other.switch_branch(id, "b2").await.unwrap();
        assert_eq!(other.delete_message(id, "b1", true).await.unwrap(), 3);
        say(&other, id, "more").await;
        assert_eq!(other.get_conversation(id).await.unwrap().unwrap().messages, 6);
    }
}

pub async fn names_of_files_are_harmless(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let ids = ["..", ".", "a/b", "../x", "a\\b", "nul\0", "q?*:\"<>|", "100%", "a%2Fb", "ordinary é 日本", "\u{85}\n"];
    for id in ids {
        store.create_conversation(named(id)).await.unwrap();
    }
    let all = store.export_files(None).await.unwrap();
    for (path, _) in &all {
        let name = path.strip_prefix("conversations/").unwrap_or("message_store.json");
        assert!(
            !name.starts_with('.') && !name.contains(['/', '\\', '\0', ':', '*', '?', '"', '<', '>', '|', '\n']),
            "{path}"
        );
    }
    assert!(all.iter().any(|(path, _)| path == "conversations/ordinary é 日本.json"));
    let other = store_of(&setup.database, "u2");
    other.import_files(&all, Existing::Refuse).await.unwrap();
    let found: Vec<String> = other.get_all_conversations().await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(found, ids);
    // The original writes ids as they are.
    let raw = files(&[("conversations/a%2Fb.json", r#"{"id":"a%2Fb"}"#), ("conversations/50%.json", r#"{"id":"x"}"#)]);
    let other = store_of(&setup.database, "u3");
    other.import_files(&raw, Existing::Refuse).await.unwrap();
    assert!(other.get_conversation("a%2Fb").await.unwrap().is_some());
    assert!(other.get_conversation("50%").await.unwrap().is_some(), "the name counts, not the record's id");
}

pub async fn the_index_says_what_is_loaded_and_in_which_order(place: &dyn Place) {
    let setup = setup(place).await;
    let of = |id: &str| format!("conversations/{id}.json");
    let (a, b, c) = (of("a"), of("b"), of("c"));
    let record = |seconds: u32| format!(r#"{{"id":"other","created_at":{seconds}}}"#);
    let (first, second, third) = (record(3), record(1), record(2));
    for (name, listed, wanted) in [
        ("order", Some(index(&["b", "missing", "a"])), vec!["b", "a"]),
        ("none listed is there", Some(index(&["missing"])), vec!["b", "c", "a"]),
        ("none is listed", Some(index(&[])), vec!["b", "c", "a"]),
        ("no index", None, vec!["b", "c", "a"]),
    ] {
        let store = store_of(&setup.database, name);
        let mut all =
            files(&[(&a, &first), (&b, &second), (&c, &third), ("notes.txt", "x"), ("conversations/d/e.json", "x")]);
        all.extend(listed.map(|listed| ("message_store.json".to_owned(), listed)));
        store.import_files(&all, Existing::Refuse).await.unwrap();
        let found = store.get_all_conversations().await.unwrap();
        assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), wanted, "{name}");
    }
}

pub async fn gaps_of_a_file_are_filled(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let text = r#"{"title":null,"more":1,"messages":[{"content":"a","created_at":1741878693.25},{"content":"b","id":"x","id":"y"}],"actions":[{"action_type":"t","data":{}}]}"#;
    store.import_files(&files(&[("conversations/0123456789.json", text)]), Existing::Refuse).await.unwrap();
    let found = store.get_conversation("0123456789").await.unwrap().unwrap();
    assert_eq!((found.title.as_str(), found.archived, found.created_at.offset), ("Conversation 01234567", false, None));
    assert!(found.created_at.at >= time(0));
    let messages = store.get_conversation_messages("0123456789").await.unwrap();
    assert_eq!(
        (messages[0].message.role.as_str(), messages[0].message.id.len(), &messages[0].message.state),
        ("user", 36, &State::Complete)
    );
    assert_eq!(messages[0].message.created_at.at.to_iso(), "2025-03-13T15:11:33.250000Z");
    assert_eq!(messages[1].message.id, "y", "the last of two members counts");
    let text = "{\"type\":\"conversation\",\"id\":\"c\"}\n\n  \n{\"type\":\"message\",\"content\":\"a\"}\r\n{\"type\":\"message\",\"content\":\"b\"}";
    store.import_lines(text, Existing::Refuse).await.unwrap();
    let messages = store.get_conversation_messages("c").await.unwrap();
    assert_eq!(messages.len(), 2, "one follows the other");
}

pub async fn existing_conversations_are_refused_replaced_or_left(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    for id in ["a", "b", "c"] {
        store.create_conversation(named(id)).await.unwrap();
        say(&store, id, "mine").await;
    }
    let text = lines(&store).await.replace("mine", "theirs");
    let text = format!("{text}{}", text.replace("\"a\"", "\"d\"").lines().take(2).collect::<Vec<_>>().join("\n"));
    let said = async |id: &str| store.get_conversation_messages(id).await.unwrap()[0].message.content.words();
    let error = store.import_lines(&text, Existing::Refuse).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(store.get_conversation("d").await.unwrap().is_none(), "all or nothing");
    assert_eq!(store.import_lines(&text, Existing::Skip).await.unwrap(), Imported { imported: 1, skipped: 3 });
    assert_eq!((said("b").await.as_str(), said("d").await.as_str()), ("mine", "theirs"));
    assert_eq!(store.import_lines(&text, Existing::Replace).await.unwrap(), Imported { imported: 4, skipped: 0 });
    assert_eq!(said("b").await, "theirs");
    let found = store.get_all_conversations().await.unwrap();
    assert_eq!(
        found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
        ["a", "b", "c", "d"],
        "they keep their place"
    );
    let listed = store.list_conversations(false, None, 100).await.unwrap().conversations;
    assert_eq!(listed.len(), 4, "none is listed twice");
    // Another database takes up what was changed before it refuses.
    let other = store_of(&super::data_store::setup(place).await.database, "u1");
    store.delete_conversation("a").await.unwrap();
    let one = text.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(other.import_lines(&one, Existing::Refuse).await.unwrap().imported, 1);
}

pub async fn what_was_chosen_is_exported_and_what_is_written_is_interrupted(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    for id in ["a", "b", "c"] {
        store.create_conversation(named(id)).await.unwrap();
    }
    let ids = ["c", "a", "c"].map(str::to_owned).to_vec();
    let out = store.export_files(Some(ids)).await.unwrap();
    assert_eq!(
        out.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["message_store.json", "conversations/c.json", "conversations/a.json"]
    );
    assert_eq!(store.export_files(Some(vec!["x".to_owned()])).await.unwrap_err().kind(), ErrorKind::NotFound);
    let unknown = store.export_lines(Some(vec!["x".to_owned()])).await.unwrap();
    assert_eq!(unknown.next().await.unwrap_err().kind(), ErrorKind::NotFound);
    let stream = store.begin_message("a", Added::new("assistant", Content::text("")), At::End, false).await.unwrap();
    stream.append(json(r#""so far""#)).unwrap();
    stream.flush().await.unwrap();
    let out = store.export_files(Some(vec!["a".to_owned()])).await.unwrap();
    let other = store_of(&setup.database, "u2");
    other.import_files(&out, Existing::Refuse).await.unwrap();
    let found = other.get_conversation_messages("a").await.unwrap();
    assert_eq!((found[0].message.content.words().as_str(), &found[0].message.state), ("so far", &State::Interrupted));
}

pub async fn words_that_were_changed_elsewhere_count(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("c")).await.unwrap();
    let parts = Content::new(json(r#"[{"type":"text","text":"before"}]"#)).unwrap();
    store.add_message("c", Added::new("user", parts), At::End, false).await.unwrap();
    let mut out = store.export_files(None).await.unwrap();
    out[1].1 = out[1].1.replace("\"content\": \"before\"", "\"content\": \"after\"");
    store.import_files(&out, Existing::Replace).await.unwrap();
    assert_eq!(store.get_conversation_messages("c").await.unwrap()[0].message.content, Content::text("after"));
}

pub async fn long_conversations_come_out_in_pieces(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("c")).await.unwrap();
    let long = "x".repeat(50_000);
    let added =
        (0..60).map(|number| Added { id: Some(format!("m{number}")), ..Added::new("user", Content::text(&long)) });
    store.add_messages("c", added.collect(), false).await.unwrap();
    let export = store.export_lines(None).await.unwrap();
    let mut pieces = Vec::new();
    while let Some(text) = export.next().await.unwrap() {
        pieces.push(text);
    }
    assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() < 4_000_000));
    let text = pieces.concat();
    assert_eq!(text.lines().count(), 61);
    let other = store_of(&setup.database, "u2");
    other.import_lines(&text, Existing::Refuse).await.unwrap();
    assert_eq!(lines(&other).await, text);
}

pub async fn a_hostile_import_changes_nothing(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("mine")).await.unwrap();
    let before = lines(&store).await;
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let nested = "[".repeat(101) + &"]".repeat(101);
    let message = |more: &str| format!(r#"{{"messages":[{{"content":"a"}},{{"id":"m","content":"b"{more}}}]}}"#);
    let extras = |extras: &str| {
        format!(r#"{{"messages":[{{"id":"m","content":"a"}}],"metadata":{{"agent_datastore":{extras}}}}}"#)
    };
    let records = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        deep.clone(),
        r#"{"id":5}"#.to_owned(),
        r#"{"title":5}"#.to_owned(),
        r#"{"created_at":"soon"}"#.to_owned(),
        r#"{"created_at":1e300}"#.to_owned(),
        r#"{"created_at":null}"#.to_owned(),
        r#"{"created_at":true}"#.to_owned(),
        r#"{"metadata":[]}"#.to_owned(),
        r#"{"metadata":null}"#.to_owned(),
        r#"{"messages":{}}"#.to_owned(),
        r#"{"actions":[{"action_type":"a"}]}"#.to_owned(),
        r#"{"actions":[{"action_type":"a","data":[]}]}"#.to_owned(),
        r#"{"x":NaN}"#.to_owned(),
        r#"{"x":"\ud800"}"#.to_owned(),
        r#"{"x":1e400}"#.to_owned(),
        r#"{"messages":[{"content":"a","id":"x"},{"content":"b","id":"x"}]}"#.to_owned(),
        format!(r#"{{"metadata":{{"a":{nested}}}}}"#),
        message(r#","content":5"#),
        message(r#","role":null"#),
        message(r#","metadata":{"agent_datastore":5}"#),
        message(r#","metadata":{"agent_datastore":{"x":1}}"#),
        message(r#","metadata":{"agent_datastore":{"__proto__":1}}"#),
        message(r#","metadata":{"agent_datastore":{"content":5}}"#),
        message(r#","metadata":{"agent_datastore":{"state":"streaming"}}"#),
        message(r#","metadata":{"agent_datastore":{"error":"x"}}"#),
        message(r#","metadata":{"agent_datastore":{"usage":{"costNanos":1e99}}}"#),
        message(r#","metadata":{"agent_datastore":{"usage":{"inputTokens":-1}}}"#),
        message(r#","metadata":{"agent_datastore":{"usage":{"inputTokens":99999999999999999999}}}"#),
        extras("5"),
        extras("null"),
        extras(r#"{"archived":"yes"}"#),
        extras(r#"{"lastActiveAt":"x"}"#),
        extras(r#"{"branches":[{"at":18446744073709551615,"content":"x"}]}"#),
        extras(r#"{"branches":[{"at":0,"content":"x"}]}"#),
        extras(r#"{"branches":[{"content":"x"}]}"#),
        extras(r#"{"branches":[{"at":2,"content":"x"},{"at":2,"content":"y"}]}"#),
        extras(r#"{"branches":[{"at":2,"content":"x","parentId":"unknown"}]}"#),
        extras(r#"{"branches":[{"at":2,"content":"x","id":"x","parentId":"x"}]}"#),
        extras(
            r#"{"branches":[{"at":1,"content":"x","id":"x","parentId":"y"},{"at":2,"content":"y","id":"y","parentId":"x"}]}"#,
        ),
        extras(r#"{"branches":[{"at":2,"content":"x","id":"m"}]}"#),
    ];
    for record in &records {
        let all = files(&[("conversations/a.json", "{}"), ("conversations/b.json", record)]);
        let error = store.import_files(&all, Existing::Replace).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument, "{record:.90}: {error}");
        assert!(error.message().contains('b'), "{record:.90}: {error}");
    }
    let good = "conversations/a.json";
    for all in [
        files(&[]),
        files(&[("x.json", "{}")]),
        files(&[(good, "{}"), (good, "{}")]),
        files(&[(good, "{}"), ("message_store.json", "{")]),
        files(&[(good, "{}"), ("message_store.json", "{}")]),
        files(&[(good, "{}"), ("message_store.json", r#"{"conversation_ids":[5]}"#)]),
        files(&[(good, "{}"), ("message_store.json", &index(&["a", "a"]))]),
        files(&[("conversations/.json", "{}")]),
        files(&[("conversations/%2E.json", "{}"), ("conversations/..json", "{}"), (good, "[]")]),
    ] {
        let error = store.import_files(&all, Existing::Replace).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument, "{all:?}: {error}");
    }
    let begin = r#"{"type":"conversation","id":"a"}"#;
    let line = |line: &str| format!("{begin}\n{line}");
    for text in [
        "x".to_owned(),
        "[]".to_owned(),
        deep,
        r#"{"type":"conversation"}"#.to_owned(),
        r#"{"type":"conversation","id":""}"#.to_owned(),
        r#"{"id":"a"}"#.to_owned(),
        r#"{"type":"message","content":"a"}"#.to_owned(),
        line(begin),
        line(r#"{"type":"other"}"#),
        line(r#"{"type":"message"}"#),
        line(r#"{"type":"message","content":"a","conversationId":"b"}"#),
        line(r#"{"type":"message","content":"a","parentId":"x"}"#),
        line(r#"{"type":"message","content":"a","id":"x","parentId":"x"}"#),
        line(r#"{"type":"message","content":"a","content":"b"}"#),
        line(r#"{"type":"message","content":[{"type":5}]}"#),
        line(&format!(r#"{{"type":"message","content":"a","metadata":{{"a":{nested}}}}}"#)),
        line(r#"{"type":"message","content":"a","createdAt":"x"}"#),
        line(r#"{"type":"action","actionType":"a"}"#),
        line(r#"{"type":"action","actionType":"a","data":[]}"#),
        line(r#"{"type":"message","content":"a","state":"streaming"}"#),
        line(
            "{\"type\":\"message\",\"content\":\"a\",\"id\":\"x\"}\n{\"type\":\"message\",\"content\":\"b\",\"id\":\"x\"}",
        ),
    ] {
        let error = store.import_lines(&text, Existing::Replace).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDocument, "{text:.90}: {error}");
    }
    let long = "x".repeat(70_000);
    let error = store
        .import_lines(&line(&format!(r#"{{"type":"message","content":"a","id":"{long}"}}"#)), Existing::Replace)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(lines(&store).await, before);
}
