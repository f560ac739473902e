//! The behaviour of the message store's conversations and actions (`stores.md`, C.1, C.2, C.5 and C.7, and what is promised
//! beyond it).

use super::Place;
use super::data_store::{json, setup, time};
use crate::error::ErrorKind;
use crate::model::chat::content::Content;
use crate::model::chat::conversation::Conversation;
use crate::model::data_record::Metadata;
use crate::store::chat::{Added, ConversationChange, MessageStore, NewAction, NewConversation, Place as At};
use crate::store::{Database, MessageStoreOptions};

pub(super) fn store_of(database: &Database, user: &str) -> MessageStore {
    database.message_store(MessageStoreOptions { user: user.to_owned() })
}

pub(super) fn named(id: &str) -> NewConversation {
    NewConversation { id: Some(id.to_owned()), ..NewConversation::default() }
}

pub(super) fn metadata(text: &str) -> Metadata {
    Metadata::new(json(text)).unwrap()
}

pub(super) async fn say(store: &MessageStore, conversation: &str, text: &str) -> String {
    let added = Added::new("user", Content::text(text));
    store.add_message(conversation, added, At::End, false).await.unwrap().message.id
}

pub(super) fn action(kind: &str, data: &str) -> NewAction {
    let (data, metadata) = (metadata(data), Metadata::empty());
    NewAction { action_type: kind.to_owned(), data, metadata, create_if_missing: false }
}

async fn ids(store: &MessageStore, archived: bool) -> Vec<String> {
    let page = store.list_conversations(archived, None, 100).await.unwrap();
    assert!(page.is_last);
    page.conversations.into_iter().map(|conversation| conversation.id).collect()
}

async fn head(store: &MessageStore, id: &str) -> Conversation {
    store.get_conversation(id).await.unwrap().unwrap()
}

pub async fn a_conversation_has_defaults(place: &dyn Place) {
    let store = store_of(&setup(place).await.database, "u1");
    let created = store.create_conversation(NewConversation::default()).await.unwrap();
    assert_eq!((created.id.len(), created.id.chars().nth(14)), (36, Some('4')));
    assert_eq!(created.title, format!("Conversation {}", created.id.split('-').next().unwrap()));
    assert_eq!((created.metadata.clone(), created.archived, created.messages), (Metadata::empty(), false, 0));
    assert_eq!(created.created_at.at, time(0));
    assert_eq!(head(&store, &created.id).await, created);
    let odd =
        store.create_conversation(NewConversation { title: Some(String::new()), ..named("äöü😀5678x") }).await.unwrap();
    assert_eq!(odd.title, "Conversation äöü😀5678");
    assert!(store.get_conversation("other").await.unwrap().is_none());
}

pub async fn an_existing_id_is_refused_unless_it_is_to_be_overwritten(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    for id in ["a", "b", "c"] {
        store.create_conversation(named(id)).await.unwrap();
    }
    say(&store, "a", "hello").await;
    store.add_action("a", action("click", "{}")).await.unwrap();
    let error = store.create_conversation(named("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(head(&store, "a").await.messages, 1);
    setup.clock.set(time(10));
    let anew = NewConversation { overwrite: true, title: Some("New".to_owned()), ..named("a") };
    store.create_conversation(anew).await.unwrap();
    let found = head(&store, "a").await;
    assert_eq!((found.title.as_str(), found.messages, found.actions, found.leaf), ("New", 0, 0, 0));
    assert!(store.get_conversation_messages("a").await.unwrap().is_empty());
    assert!(store.get_conversation_actions("a").await.unwrap().is_empty());
    let all = store.get_all_conversations().await.unwrap();
    assert_eq!(all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"], "it keeps its place");
    assert_eq!(ids(&store, false).await, ["a", "c", "b"]);
}

pub async fn all_conversations_come_in_the_order_of_creation(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let wanted: Vec<String> = ["z", "../x", "", "a/b", "y"].iter().map(|id| (*id).to_owned()).collect();
    let mut created = Vec::new();
    for id in &wanted {
        created.push(store.create_conversation(named(id)).await.unwrap());
    }
    assert_eq!(created[2].id.len(), 36, "an empty id is none");
    say(&store, "z", "last active").await;
    let all = store.get_all_conversations().await.unwrap();
    assert_eq!(
        all.iter().map(|one| &one.id).collect::<Vec<_>>(),
        created.iter().map(|one| &one.id).collect::<Vec<_>>()
    );
    assert_eq!(store.count_conversations().await.unwrap(), 5);
    assert_eq!(head(&store, "../x").await.id, "../x");
}

pub async fn conversations_are_listed_by_their_last_activity_with_a_preview(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    for (seconds, id) in [(1, "a"), (2, "b"), (3, "c")] {
        setup.clock.set(time(seconds));
        store.create_conversation(named(id)).await.unwrap();
    }
    setup.clock.set(time(4));
    say(&store, "a", "one\n  two\tthree ").await;
    setup.clock.set(time(5));
    store.add_action("b", action("click", "{}")).await.unwrap();
    assert_eq!(ids(&store, false).await, ["b", "a", "c"]);
    let last = head(&store, "a").await.last.unwrap();
    assert_eq!((last.text.as_str(), last.role.as_str(), last.created_at), ("one two three", "user", time(4)));
    say(&store, "c", &"x".repeat(1_000)).await;
    assert_eq!(head(&store, "c").await.last.unwrap().text.len(), 160);
    // Page by page.
    let first = store.list_conversations(false, None, 2).await.unwrap();
    assert_eq!((first.is_last, first.end.as_ref().unwrap().1.as_str()), (false, "b"));
    // The one at its end may be anywhere by now, or nowhere.
    say(&store, "b", "first again").await;
    let rest = store.list_conversations(false, first.end.as_ref(), 2).await.unwrap();
    assert!(rest.is_last);
    let listed: Vec<_> = first.conversations.iter().chain(&rest.conversations).map(|one| one.id.as_str()).collect();
    assert_eq!(listed, ["c", "b", "a"]);
}

pub async fn a_conversation_is_renamed_described_and_put_away(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store
        .create_conversation(NewConversation { metadata: Some(metadata(r#"{"a":1,"b":{"c":2}}"#)), ..named("a") })
        .await
        .unwrap();
    store.create_conversation(named("b")).await.unwrap();
    let change = ConversationChange {
        title: Some("Trip".to_owned()),
        metadata: Some(metadata(r#"{"b":{"d":3},"e":4}"#)),
        archived: Some(true),
    };
    let changed = store.update_conversation("a", change).await.unwrap();
    assert_eq!(changed.metadata, metadata(r#"{"a":1,"b":{"d":3},"e":4}"#));
    assert_eq!((ids(&store, false).await, ids(&store, true).await), (vec!["b".to_owned()], vec!["a".to_owned()]));
    say(&store, "a", "still there").await;
    assert_eq!(ids(&store, true).await, ["a"]);
    let back = ConversationChange { archived: Some(false), title: Some(String::new()), ..Default::default() };
    assert_eq!(store.update_conversation("a", back).await.unwrap().title, "Conversation a");
    assert_eq!(ids(&store, false).await, ["a", "b"]);
    let nothing = store.update_conversation("a", ConversationChange::default()).await.unwrap();
    assert_eq!(nothing, head(&store, "a").await);
    let error = store.update_conversation("none", ConversationChange::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

pub async fn a_deleted_conversation_leaves_nothing_behind(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let before = setup.database.verify().await.unwrap().entries;
    store.create_conversation(named("a")).await.unwrap();
    let first = say(&store, "a", "one").await;
    let beside = Added::new("user", Content::text("another"));
    store.add_message("a", beside, At::Beside(first), false).await.unwrap();
    store.add_action("a", action("click", "{}")).await.unwrap();
    let added = Added::new("assistant", Content::text("begun"));
    let stream = store.begin_message("a", added, At::End, false).await.unwrap();
    drop(stream);
    assert!(setup.database.verify().await.unwrap().entries > before + 8);
    assert!(store.delete_conversation("a").await.unwrap());
    assert!(!store.delete_conversation("a").await.unwrap());
    assert_eq!(setup.database.verify().await.unwrap().entries, before);
    assert!(store.get_all_conversations().await.unwrap().is_empty());
}

pub async fn actions_keep_their_order_and_their_fields(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("a")).await.unwrap();
    let mut added = Vec::new();
    for number in 0..12 {
        setup.clock.set(time(number));
        let new = action(&format!("kind-{number}"), &format!(r#"{{"button_id":"submit","n":[{number}]}}"#));
        added.push(store.add_action("a", NewAction { metadata: metadata(r#"{"m":1}"#), ..new }).await.unwrap());
    }
    assert_eq!(store.get_conversation_actions("a").await.unwrap(), added);
    assert_eq!(added[3].data.as_json().as_str(), r#"{"button_id":"submit","n":[3]}"#);
    assert_eq!(added[3].created_at.at, time(3));
    assert_eq!(head(&store, "a").await.actions, 12);
    assert!(store.get_conversation_actions("none").await.unwrap().is_empty());
    let error = store.add_action("none", action("click", "{}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    store.add_action("none", NewAction { create_if_missing: true, ..action("click", "{}") }).await.unwrap();
    assert_eq!(head(&store, "none").await.title, "Conversation none");
}

pub async fn users_have_conversations_of_their_own(place: &dyn Place) {
    let setup = setup(place).await;
    let (ada, other) = (store_of(&setup.database, "ada"), store_of(&setup.database, "ada:a"));
    ada.create_conversation(named("a:b")).await.unwrap();
    other.create_conversation(named("b")).await.unwrap();
    other.create_conversation(named("a:b")).await.unwrap();
    say(&other, "a:b", "mine").await;
    assert_eq!((ids(&ada, false).await.len(), ids(&other, false).await.len()), (1, 2));
    assert!(ada.get_conversation_messages("a:b").await.unwrap().is_empty());
    assert!(other.delete_conversation("a:b").await.unwrap());
    assert_eq!(ids(&ada, false).await, ["a:b"]);
}

pub async fn another_database_sees_each_change_after_a_refresh(place: &dyn Place) {
    let (one, two) = (setup(place).await, setup(place).await);
    let (here, there) = (store_of(&one.database, "u1"), store_of(&two.database, "u1"));
    here.create_conversation(named("a")).await.unwrap();
    two.database.refresh().await.unwrap();
    assert!(there.get_conversation("a").await.unwrap().is_some());
    say(&here, "a", "hello").await;
    here.add_action("a", action("click", r#"{"x":1}"#)).await.unwrap();
    two.database.refresh().await.unwrap();
    let messages = there.get_conversation_messages("a").await.unwrap();
    assert_eq!((messages[0].message.content.words().as_str(), messages[0].message.role.as_str()), ("hello", "user"));
    assert_eq!(there.get_conversation_actions("a").await.unwrap()[0].data, metadata(r#"{"x":1}"#));
    // Nobody has to refresh before a change: what the other one did is found out.
    here.create_conversation(named("b")).await.unwrap();
    say(&there, "b", "from there").await;
    assert_eq!(there.create_conversation(named("b")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(here.delete_conversation("a").await.unwrap());
    assert!(!there.delete_conversation("a").await.unwrap());
}
