//! The behaviour of the message store's messages: the list, and the tree behind it.

use super::Place;
use super::conversations::{metadata, named, say, store_of};
use super::data_store::{json, setup, time};
use crate::error::ErrorKind;
use crate::model::chat::Moment;
use crate::model::chat::content::Content;
use crate::model::chat::message::{Placed, State};
use crate::model::chat::usage::Usage;
use crate::model::data_record::Metadata;
use crate::store::MessageStore;
use crate::store::chat::{Added, MessagePage, NewConversation, PageOptions, Place as At};
use futures_util::future::{join, join_all};

async fn words(store: &MessageStore, conversation: &str) -> Vec<String> {
    let messages = store.get_conversation_messages(conversation).await.unwrap();
    messages.iter().map(|placed| placed.message.content.words()).collect()
}

async fn add(store: &MessageStore, text: &str, place: At) -> Placed {
    store.add_message("c", Added::new("user", Content::text(text)), place, false).await.unwrap()
}

async fn chat(place: &dyn Place) -> MessageStore {
    let store = store_of(&setup(place).await.database, "u1");
    store.create_conversation(NewConversation { overwrite: true, ..named("c") }).await.unwrap();
    store
}

const fn tokens(input_tokens: u64, output_tokens: u64, cost_nanos: u64) -> Usage {
    Usage { input_tokens, output_tokens, cached_input_tokens: 1, reasoning_tokens: 2, cost_nanos }
}

pub async fn a_message_comes_back_as_it_was_added(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("c")).await.unwrap();
    setup.clock.set(time(7));
    let first = add(&store, "Hello \u{0} 😀", At::End).await;
    let parts = r#"[{"type":"text","text":"a"},{"type":"tool-call","toolCallId":"1","toolName":"t","input":{"x":[1.50]}},{"type":"new"}]"#;
    let added = Added {
        id: Some("my/id".to_owned()),
        role: "assistant".to_owned(),
        content: Content::new(json(parts)).unwrap(),
        created_at: Some(Moment { at: time(3), offset: Some(-90) }),
        metadata: metadata(r#"{"model":"m"}"#),
        usage: Some(tokens(10, 20, 1_500_000)),
    };
    let second = store.add_message("c", added, At::End, false).await.unwrap();
    assert_eq!(
        (first.message.role.as_str(), first.message.created_at, first.message.id.len()),
        ("user", time(7).into(), 36)
    );
    assert_eq!((first.parent.as_deref(), first.place, first.siblings), (None, 0, 1));
    assert_eq!(second.parent.as_ref(), Some(&first.message.id));
    assert_eq!(second.message.content.as_json().as_str(), parts);
    assert_eq!(store.get_conversation_messages("c").await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.get_message("c", "my/id").await.unwrap(), Some(second));
    assert_eq!(store.get_message("c", "other").await.unwrap(), None);
    assert_eq!(store.get_message("none", "my/id").await.unwrap(), None);
    let found = store.get_conversation("c").await.unwrap().unwrap();
    assert_eq!(
        (found.messages, found.usage, found.active_at),
        (2, tokens(10, 20, 1_500_000), time(7).after(time(7)).after(time(7)))
    );
}

pub async fn an_unknown_conversation_is_refused_unless_it_is_to_be_created(place: &dyn Place) {
    let store = store_of(&setup(place).await.database, "u1");
    let hello = || Added::new("user", Content::text("hello"));
    let error = store.add_message("new", hello(), At::End, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(store.get_conversation_messages("new").await.unwrap().is_empty());
    store.add_message("new", hello(), At::End, true).await.unwrap();
    store.add_message("new", hello(), At::End, true).await.unwrap();
    store.add_messages("newer", vec![hello(), hello()], true).await.unwrap();
    assert_eq!((words(&store, "new").await.len(), words(&store, "newer").await.len()), (2, 2));
    assert_eq!(store.get_conversation("new").await.unwrap().unwrap().title, "Conversation new");
    assert_eq!(store.count_conversations().await.unwrap(), 2);
}

pub async fn an_id_is_that_of_one_message(place: &dyn Place) {
    let store = chat(place).await;
    let with_id = |id: &str| Added { id: Some(id.to_owned()), ..Added::new("user", Content::text(id)) };
    store.add_message("c", with_id("a"), At::End, false).await.unwrap();
    let twice = store.add_message("c", with_id("a"), At::End, false).await.unwrap_err();
    let among = store.add_messages("c", vec![with_id("b"), with_id("a")], false).await.unwrap_err();
    let same = store.add_messages("c", vec![with_id("x"), with_id("y"), with_id("x")], false).await.unwrap_err();
    for error in [twice, among, same] {
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    }
    assert_eq!(words(&store, "c").await, ["a"], "nothing of a refused call is there");
    store.delete_message("c", "a", false).await.unwrap();
    store.add_message("c", with_id("a"), At::End, false).await.unwrap();
    assert_eq!(words(&store, "c").await, ["a"]);
}

pub async fn messages_that_nobody_awaited_keep_their_order(place: &dyn Place) {
    let store = chat(place).await;
    let texts: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let ids = join_all(texts.iter().map(|text| say(&store, "c", text))).await;
    assert_eq!(words(&store, "c").await, texts);
    let found = store.get_conversation_messages("c").await.unwrap();
    assert_eq!(found.iter().map(|placed| placed.message.id.clone()).collect::<Vec<_>>(), ids);
    for pair in found.windows(2) {
        assert_eq!(pair[1].parent.as_ref(), Some(&pair[0].message.id));
        assert!(pair[0].message.created_at < pair[1].message.created_at);
    }
}

pub async fn two_databases_append_without_losing_any(place: &dyn Place) {
    let (one, two) = (setup(place).await, setup(place).await);
    let (here, there) = (store_of(&one.database, "u1"), store_of(&two.database, "u1"));
    here.create_conversation(named("c")).await.unwrap();
    let write = async |store: &MessageStore, who: &str| {
        for number in 0..10 {
            say(store, "c", &format!("{who} {number}")).await;
        }
    };
    join(write(&here, "here"), write(&there, "there")).await;
    one.database.refresh().await.unwrap();
    let all = words(&here, "c").await;
    assert_eq!(all.len(), 20);
    for who in ["here", "there"] {
        let mine: Vec<String> = all.iter().filter(|text| text.starts_with(who)).cloned().collect();
        assert_eq!(mine, (0..10).map(|number| format!("{who} {number}")).collect::<Vec<_>>());
    }
    assert_eq!(here.get_conversation("c").await.unwrap().unwrap().messages, 20);
}

pub async fn many_messages_are_added_at_once_or_not_at_all(place: &dyn Place) {
    let store = chat(place).await;
    say(&store, "c", "before").await;
    let added = (0..300)
        .map(|number| Added { usage: Some(tokens(1, 1, 1)), ..Added::new("user", Content::text(&number.to_string())) });
    let placed = store.add_messages("c", added.collect(), false).await.unwrap();
    assert_eq!(placed.len(), 300);
    assert!(store.add_messages("c", Vec::new(), false).await.unwrap().is_empty());
    assert_eq!(store.get_conversation_messages("c").await.unwrap()[1..], placed);
    let found = store.get_conversation("c").await.unwrap().unwrap();
    assert_eq!((found.messages, found.usage.input_tokens, found.last.unwrap().text.as_str()), (301, 300, "299"));
}

pub async fn pages_go_up_and_down_from_any_message(place: &dyn Place) {
    let store = chat(place).await;
    let added = (0..250).map(|number| Added::new("user", Content::text(&number.to_string())));
    let ids: Vec<String> = store
        .add_messages("c", added.collect(), false)
        .await
        .unwrap()
        .into_iter()
        .map(|placed| placed.message.id)
        .collect();
    let numbers = |page: &MessagePage| -> Vec<usize> {
        page.messages.iter().map(|placed| placed.message.content.words().parse().unwrap()).collect()
    };
    let page = |options: PageOptions| {
        let store = store.clone();
        async move { store.get_messages("c", &options).await.unwrap() }
    };
    let newest = page(PageOptions::default()).await;
    assert_eq!((numbers(&newest), newest.is_last), ((200..250).collect(), false));
    let oldest = page(PageOptions { from_end: false, limit: 3, ..PageOptions::default() }).await;
    assert_eq!((numbers(&oldest), oldest.is_last), (vec![0, 1, 2], false));
    let up = page(PageOptions { before: Some(ids[4].clone()), ..PageOptions::default() }).await;
    assert_eq!((numbers(&up), up.is_last), (vec![0, 1, 2, 3], true));
    let down = page(PageOptions { after: Some(ids[247].clone()), limit: 2, ..PageOptions::default() }).await;
    assert_eq!((numbers(&down), down.is_last), (vec![248, 249], true));
    let none = page(PageOptions { after: Some(ids[249].clone()), ..PageOptions::default() }).await;
    assert!(none.messages.is_empty() && none.is_last);
    // The first message of a page knows the one above it all the same.
    assert_eq!(newest.messages[0].parent.as_ref(), Some(&ids[199]));
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let up = page(PageOptions { before: before.clone(), limit: 33, ..PageOptions::default() }).await;
        before = up.messages.first().map(|placed| placed.message.id.clone());
        seen.splice(0..0, numbers(&up));
        if up.is_last {
            break;
        }
    }
    assert_eq!(seen, (0..250).collect::<Vec<_>>());
    let unknown = PageOptions { before: Some("unknown".to_owned()), ..PageOptions::default() };
    assert_eq!(store.get_messages("c", &unknown).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.get_messages("none", &PageOptions::default()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

pub async fn a_page_ends_with_its_bytes(place: &dyn Place) {
    let store = chat(place).await;
    for _ in 0..10 {
        say(&store, "c", &"x".repeat(10_000)).await;
    }
    say(&store, "c", &"y".repeat(100_000)).await;
    let page = |max_bytes, from_end| {
        let (store, options) = (store.clone(), PageOptions { max_bytes, from_end, ..PageOptions::default() });
        async move {
            let page = store.get_messages("c", &options).await.unwrap();
            (page.messages.len(), page.is_last)
        }
    };
    assert_eq!(page(35_000, false).await, (3, false));
    assert_eq!(page(35_000, true).await, (1, false), "the last message is larger, and a page of its own");
    assert_eq!(page(125_000, true).await, (3, false));
    assert_eq!(page(1_000_000, true).await, (11, true));
}

pub async fn an_edited_message_is_a_sibling_and_ends_the_path(place: &dyn Place) {
    let store = chat(place).await;
    let question = add(&store, "question", At::End).await;
    let answer = add(&store, "answer", At::End).await;
    let thanks = add(&store, "thanks", At::End).await;
    let edited = store.edit_message("c", &question.message.id, Content::text("better"), None).await.unwrap();
    assert_eq!((edited.parent.as_deref(), edited.place, edited.siblings), (None, 1, 2));
    assert_eq!(words(&store, "c").await, ["better"]);
    add(&store, "other answer", At::End).await;
    let again = add(&store, "yet another", At::Beside(answer.message.id.clone())).await;
    assert_eq!((again.parent.as_ref(), again.place, again.siblings), (Some(&question.message.id), 1, 2));
    assert_eq!(words(&store, "c").await, ["question", "yet another"]);
    let siblings = store.get_siblings("c", &question.message.id).await.unwrap();
    assert_eq!(
        siblings.iter().map(|placed| placed.message.content.words()).collect::<Vec<_>>(),
        ["question", "better"]
    );
    let head = store.switch_branch("c", &edited.message.id).await.unwrap();
    assert_eq!(head.last.unwrap().text, "other answer");
    assert_eq!(words(&store, "c").await, ["better", "other answer"]);
    // Switching to a message of another branch takes the whole way to it.
    store.switch_branch("c", &answer.message.id).await.unwrap();
    assert_eq!(words(&store, "c").await, ["question", "answer", "thanks"]);
    let found = store.get_message("c", &thanks.message.id).await.unwrap().unwrap();
    assert_eq!((found.parent.as_ref(), found.siblings), (Some(&answer.message.id), 1));
    let first = &store.get_conversation_messages("c").await.unwrap()[0];
    assert_eq!((first.place, first.siblings), (0, 2));
    // What comes next goes on from the end of the path.
    add(&store, "welcome", At::End).await;
    add(&store, "aside", At::Below(question.message.id.clone())).await;
    assert_eq!(words(&store, "c").await, ["question", "aside"]);
    add(&store, "top", At::Top).await;
    assert_eq!(words(&store, "c").await, ["top"]);
    assert_eq!(store.get_conversation("c").await.unwrap().unwrap().messages, 9);
    for place in [At::Below("none".to_owned()), At::Beside("none".to_owned())] {
        let error = store.add_message("c", Added::new("user", Content::text("")), place, false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    assert_eq!(store.switch_branch("c", "none").await.unwrap_err().kind(), ErrorKind::NotFound);
}

pub async fn a_message_is_deleted_alone_or_with_what_follows(place: &dyn Place) {
    let store = chat(place).await;
    let mut ids = Vec::new();
    for text in ["a", "b", "c", "d"] {
        let added = Added { usage: Some(tokens(1, 1, 10)), ..Added::new("user", Content::text(text)) };
        ids.push(store.add_message("c", added, At::End, false).await.unwrap().message.id);
    }
    assert_eq!(store.delete_message("c", &ids[1], false).await.unwrap(), 1);
    assert_eq!(words(&store, "c").await, ["a", "c", "d"]);
    assert_eq!(store.get_message("c", &ids[2]).await.unwrap().unwrap().parent.as_ref(), Some(&ids[0]));
    add(&store, "other", At::Beside(ids[2].clone())).await;
    store.switch_branch("c", &ids[3]).await.unwrap();
    assert_eq!(store.delete_message("c", &ids[2], true).await.unwrap(), 2);
    assert_eq!(words(&store, "c").await, ["a", "other"], "its sibling takes its place");
    let head = store.get_conversation("c").await.unwrap().unwrap();
    assert_eq!((head.messages, head.usage, head.last.unwrap().text.as_str()), (2, tokens(1, 1, 10), "other"));
    assert_eq!(store.delete_message("c", &ids[1], true).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(store.delete_message("c", &ids[0], true).await.unwrap(), 2);
    let head = store.get_conversation("c").await.unwrap().unwrap();
    assert_eq!((head.messages, head.leaf, head.last), (0, 0, None));
    add(&store, "anew", At::End).await;
    assert_eq!(words(&store, "c").await, ["anew"]);
    assert_eq!(store.get_conversation_messages("c").await.unwrap()[0].parent, None);
}

pub async fn usage_is_summed_and_metadata_merged(place: &dyn Place) {
    let store = chat(place).await;
    let id = say(&store, "c", "one").await;
    let other = say(&store, "c", "two").await;
    let described = store.update_message("c", &id, Some(&metadata(r#"{"a":1}"#)), Some(tokens(3, 4, 5))).await.unwrap();
    assert_eq!((described.message.usage, described.message.metadata), (Some(tokens(3, 4, 5)), metadata(r#"{"a":1}"#)));
    let again = store.update_message("c", &id, Some(&metadata(r#"{"b":2}"#)), None).await.unwrap();
    assert_eq!((again.message.usage, again.message.metadata), (Some(tokens(3, 4, 5)), metadata(r#"{"a":1,"b":2}"#)));
    store.update_message("c", &other, None, Some(tokens(10, 0, 0))).await.unwrap();
    store.update_message("c", &other, None, Some(tokens(20, 0, 0))).await.unwrap();
    let usage = store.get_conversation("c").await.unwrap().unwrap().usage;
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_nanos, usage.reasoning_tokens), (23, 4, 5, 4));
    assert_eq!(store.update_message("c", "none", None, None).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(words(&store, "c").await, ["one", "two"]);
}

pub async fn messages_survive_a_reopening(place: &dyn Place) {
    {
        let setup = setup(place).await;
        let store = store_of(&setup.database, "u1");
        store.create_conversation(named("c")).await.unwrap();
        let first = say(&store, "c", "one").await;
        say(&store, "c", "two").await;
        add(&store, "three", At::Beside(first)).await;
        setup.database.close().await.unwrap();
        assert_eq!(store.get_conversation("c").await.unwrap_err().kind(), ErrorKind::Closed);
    }
    let store = store_of(&setup(place).await.database, "u1");
    let found = store.get_conversation_messages("c").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].message.state.clone(), found[0].place, found[0].siblings), (State::Complete, 1, 2));
    assert_eq!(found[0].message.metadata, Metadata::empty());
}

pub async fn what_another_database_added_just_now_can_be_changed(place: &dyn Place) {
    let (one, two) = (setup(place).await, setup(place).await);
    let (here, there) = (store_of(&one.database, "u1"), store_of(&two.database, "u1"));
    here.create_conversation(named("c")).await.unwrap();
    assert!(there.get_conversation_messages("c").await.unwrap().is_empty());
    let id = say(&here, "c", "one").await;
    let edited = there.edit_message("c", &id, Content::text("two"), None).await.unwrap();
    assert_eq!((edited.place, edited.siblings), (1, 2));
    let other = say(&here, "c", "three").await;
    there.update_message("c", &other, None, Some(tokens(1, 1, 1))).await.unwrap();
    assert_eq!(words(&there, "c").await, ["two", "three"]);
}

pub async fn the_first_message_may_say_that_it_stands_at_the_top(place: &dyn Place) {
    let store = store_of(&setup(place).await.database, "u1");
    let hello = Added::new("user", Content::text("hello"));
    let error = store.add_message("new", hello.clone(), At::Top, false).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    store.add_message("new", hello, At::Top, true).await.unwrap();
    assert_eq!(words(&store, "new").await, ["hello"]);
}
