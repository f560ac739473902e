//! The behaviour of the search over all conversations of a user.

use super::Place;
use super::conversations::{metadata, named, say, store_of};
use super::data_store::{json, setup};
use crate::model::chat::content::Content;
use crate::store::MessageStore;
use crate::store::chat::{Added, Ending, Hit, Place as At, SearchOptions};

async fn search(store: &MessageStore, query: &str) -> Vec<Hit> {
    store.search(query, &SearchOptions::default()).await.unwrap()
}

/// What the messages say that were found.
async fn found(store: &MessageStore, query: &str) -> Vec<String> {
    search(store, query).await.iter().map(|hit| hit.message.content.words()).collect()
}

async fn chat(store: &MessageStore, id: &str, texts: &[&str]) {
    store.create_conversation(named(id)).await.unwrap();
    for text in texts {
        say(store, id, text).await;
    }
}

/// So many messages that some are in the index and some still wait, each with a number of its own and `word` in every seventh.
async fn fill(store: &MessageStore, id: &str, count: usize, word: &str) {
    let text = |number: usize| {
        format!("number{number} {} filler text", if number.is_multiple_of(7) { word } else { "nothing" })
    };
    let added = (0..count).map(|number| Added::new("user", Content::text(&text(number))));
    store.add_messages(id, added.collect(), true).await.unwrap();
}

pub async fn messages_of_all_conversations_are_found_by_their_words(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    chat(&store, "a", &["The quick brown fox", "jumps over the lazy dog"]).await;
    chat(&store, "b", &["A quick answer", "日本語を勉強しています"]).await;
    chat(&store_of(&setup.database, "u2"), "a", &["quick and another user's"]).await;
    assert_eq!(found(&store, "QUICK").await.len(), 2);
    assert_eq!(found(&store, "quick fox").await, ["The quick brown fox"]);
    assert_eq!(found(&store, "qui bro").await, Vec::<String>::new(), "only the last word may go on");
    assert_eq!(found(&store, "brown qui").await, ["The quick brown fox"]);
    assert_eq!(found(&store, "\"lazy dog\"").await, ["jumps over the lazy dog"]);
    assert_eq!(found(&store, "\"dog lazy\"").await, Vec::<String>::new());
    assert_eq!(found(&store, "日本").await, ["日本語を勉強しています"]);
    assert_eq!(found(&store, "日語").await, Vec::<String>::new());
    assert_eq!(found(&store, " ,;").await, Vec::<String>::new());
    let hit = search(&store, "fox").await.remove(0);
    assert_eq!(
        (hit.conversation.as_str(), hit.title.as_str(), hit.message.role.as_str()),
        ("a", "Conversation a", "user")
    );
    assert_eq!(hit.snippet, [("The quick brown ".to_owned(), false), ("fox".to_owned(), true)]);
    let one = SearchOptions { conversation: Some("b".to_owned()), ..SearchOptions::default() };
    assert_eq!(store.search("quick", &one).await.unwrap().len(), 1);
}

pub async fn what_is_indexed_and_what_is_not_is_found_alike(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    fill(&store, "c", 700, "needle").await;
    let all = SearchOptions { limit: 1_000, ..SearchOptions::default() };
    let numbers = async || {
        let mut numbers: Vec<u64> =
            store.search("needle", &all).await.unwrap().iter().map(|hit| hit.message.number).collect();
        numbers.sort_unstable();
        numbers
    };
    let wanted: Vec<u64> = (0..700).step_by(7).map(|number| number + 1).collect();
    assert_eq!(numbers().await, wanted, "nothing is indexed yet");
    assert_eq!(store.index_messages().await.unwrap(), 700);
    assert_eq!(numbers().await, wanted);
    fill(&store, "d", 300, "needle").await;
    say(&store, "c", "the last needle").await;
    assert_eq!(store.index_messages().await.unwrap(), 301);
    assert_eq!(store.index_messages().await.unwrap(), 0);
    say(&store, "c", "needle that waits").await;
    assert_eq!(numbers().await.len(), 100 + 43 + 2);
    assert_eq!(found(&store, "number699").await.len(), 1);
    assert_eq!(
        found(&store, "number69").await.len(),
        12,
        "number69, and number690 to 699 and its like in the other one"
    );
    assert_eq!(search(&store, "needle").await.len(), 20, "as many as asked for");
    // Another database uses the same index.
    let again = store_of(&self::setup(place).await.database, "u1");
    assert_eq!(found(&again, "waits").await, ["needle that waits"]);
    assert_eq!(found(&again, "number699").await.len(), 1);
}

pub async fn rare_words_and_messages_that_are_short_come_first(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let long = format!("apple {}", "and so on and on ".repeat(40));
    chat(&store, "a", &[&long, "apple pie", "apple apple", "an orange apple"]).await;
    let order = found(&store, "apple").await;
    assert_eq!(order.len(), 4);
    assert_eq!((order[0].as_str(), &order[3]), ("apple apple", &long));
}

pub async fn deleted_messages_are_not_found_and_their_words_go(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    fill(&store, "c", 300, "needle").await;
    store.index_messages().await.unwrap();
    let hit = search(&store, "number7").await.into_iter().find(|hit| hit.message.number == 8).unwrap();
    store.delete_message("c", &hit.message.id, false).await.unwrap();
    assert!(search(&store, "number7 needle").await.iter().all(|hit| hit.message.number != 8));
    store.delete_conversation("c").await.unwrap();
    assert_eq!(found(&store, "needle").await, Vec::<String>::new());
    chat(&store, "c", &["a needle again"]).await;
    assert_eq!(found(&store, "needle").await, ["a needle again"]);
}

pub async fn a_streamed_message_is_found_when_it_is_whole_and_parts_by_their_texts(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    chat(&store, "c", &[]).await;
    let stream = store.begin_message("c", Added::new("assistant", Content::text("")), At::End, false).await.unwrap();
    stream.append(json(r#""begun ""#)).unwrap();
    stream.flush().await.unwrap();
    assert_eq!(found(&store, "begun").await, Vec::<String>::new());
    stream.append(json(r#""and done""#)).unwrap();
    stream.finish(Ending { metadata: Some(metadata("{}")), ..Ending::default() }).await.unwrap();
    assert_eq!(found(&store, "begun done").await, ["begun and done"]);
    let parts = r#"[{"type":"reasoning","text":"hidden"},{"type":"text","text":"shown"}]"#;
    let added = Added::new("assistant", Content::new(json(parts)).unwrap());
    let first = store.add_message("c", added, At::End, false).await.unwrap().message.id;
    assert_eq!((found(&store, "shown").await.len(), found(&store, "hidden").await.len()), (1, 0));
    store.edit_message("c", &first, Content::text("said anew"), None).await.unwrap();
    assert_eq!(
        (found(&store, "shown").await.len(), found(&store, "anew").await.len()),
        (1, 1),
        "all branches are searched"
    );
}
