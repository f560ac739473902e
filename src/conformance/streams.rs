//! The behaviour of messages that are written piece by piece.

use super::Place;
use super::conversations::{metadata, named, store_of};
use super::data_store::{json, setup};
use crate::error::ErrorKind;
use crate::model::chat::content::Content;
use crate::model::chat::message::State;
use crate::model::chat::usage::Usage;
use crate::store::MessageStore;
use crate::store::chat::{Added, Ending, MessageStream, Place as At};
use futures_util::future::join;

fn answer() -> Added {
    Added::new("assistant", Content::text(""))
}

async fn begin(store: &MessageStore) -> MessageStream {
    store.create_conversation(named("c")).await.unwrap();
    store.begin_message("c", answer(), At::End, false).await.unwrap()
}

async fn stored(store: &MessageStore, stream: &MessageStream) -> (String, State) {
    let message = store.get_message("c", &stream.message().message.id).await.unwrap().unwrap().message;
    let state = match message.state {
        State::Streaming(_) => State::Streaming(String::new()),
        state => state,
    };
    (message.content.words(), state)
}

fn streaming() -> State {
    State::Streaming(String::new())
}

pub async fn what_was_flushed_is_there_for_everybody(place: &dyn Place) {
    let (one, two) = (setup(place).await, setup(place).await);
    let (here, there) = (store_of(&one.database, "u1"), store_of(&two.database, "u1"));
    let stream = begin(&here).await;
    assert_eq!(stored(&here, &stream).await, (String::new(), streaming()));
    stream.append(json(r#""Once ""#)).unwrap();
    stream.append(json(r#""upon""#)).unwrap();
    assert!(stream.has_waiting());
    assert_eq!(stored(&here, &stream).await, (String::new(), streaming()));
    stream.flush().await.unwrap();
    assert!(!stream.has_waiting());
    stream.append(json(r#"" a time""#)).unwrap();
    two.database.refresh().await.unwrap();
    assert_eq!(stored(&there, &stream).await, ("Once upon".to_owned(), streaming()));
    let usage = Some(Usage { output_tokens: 5, ..Usage::default() });
    let ended = stream.finish(Ending { usage, metadata: Some(metadata(r#"{"m":1}"#)), content: None }).await.unwrap();
    assert_eq!(ended.message.content, Content::text("Once upon a time"));
    two.database.refresh().await.unwrap();
    assert_eq!(stored(&there, &stream).await, ("Once upon a time".to_owned(), State::Complete));
    let head = there.get_conversation("c").await.unwrap().unwrap();
    assert_eq!((head.usage.output_tokens, head.last.unwrap().text.as_str()), (5, "Once upon a time"));
    assert_eq!(there.get_conversation_messages("c").await.unwrap(), [ended]);
}

pub async fn a_message_whose_writer_is_gone_is_interrupted(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let stream = begin(&store).await;
    stream.append(json(r#""kept""#)).unwrap();
    stream.flush().await.unwrap();
    stream.append(json(r#"" lost""#)).unwrap();
    let id = stream.message().message.id.clone();
    drop(stream);
    let found = store.get_message("c", &id).await.unwrap().unwrap().message;
    assert_eq!((found.content.words().as_str(), &found.state), ("kept", &State::Interrupted));
    // A change of it does not make it whole.
    store.update_message("c", &id, Some(&metadata(r#"{"seen":true}"#)), None).await.unwrap();
    let found = store.get_conversation_messages("c").await.unwrap().remove(0).message;
    assert_eq!((found.content.words().as_str(), &found.state), ("kept", &State::Interrupted));
    assert_eq!(found.metadata, metadata(r#"{"seen":true}"#));
    assert_eq!(store.delete_message("c", &id, true).await.unwrap(), 1);
}

pub async fn a_message_can_fail_or_be_ended(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let failing = begin(&store).await;
    failing.append(json(r#""half""#)).unwrap();
    failing.fail("the model is overloaded", Ending::default()).await.unwrap();
    assert_eq!(
        stored(&store, &failing).await,
        ("half".to_owned(), State::Failed("the model is overloaded".to_owned()))
    );
    let stopped = store.begin_message("c", answer(), At::End, false).await.unwrap();
    stopped.append(json(r#""enough""#)).unwrap();
    stopped.abort(Ending::default()).await.unwrap();
    assert_eq!(stored(&store, &stopped).await, ("enough".to_owned(), State::Aborted));
    for error in [
        stopped.append(json(r#""more""#)).unwrap_err(),
        stopped.finish(Ending::default()).await.unwrap_err(),
        stopped.abort(Ending::default()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
    stopped.flush().await.unwrap();
    assert_eq!(stored(&store, &stopped).await, ("enough".to_owned(), State::Aborted));
}

pub async fn pieces_may_be_parts_and_the_end_may_say_it_anew(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let stream = begin(&store).await;
    for piece in [
        r#"{"type":"reasoning","text":"hm"}"#,
        r#"{"type":"reasoning","text":"m"}"#,
        r#""an""#,
        r#""swer""#,
        r#"{"type":"tool-call","toolCallId":"1","toolName":"add","input":{}}"#,
    ] {
        stream.append(json(piece)).unwrap();
        stream.flush().await.unwrap();
    }
    let whole = r#"[{"type":"reasoning","text":"hmm"},{"type":"text","text":"answer"},{"type":"tool-call","toolCallId":"1","toolName":"add","input":{}}]"#;
    assert_eq!(stream.content().as_json().as_str(), whole);
    assert_eq!(stream.append(json("5")).unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(stream.append(json(r#"{"type":"text"}"#)).unwrap_err().kind(), ErrorKind::InvalidValue);
    let found = store.get_message("c", &stream.message().message.id).await.unwrap().unwrap();
    assert_eq!(found.message.content.as_json().as_str(), whole);
    let anew = Ending { content: Some(Content::text("anew")), ..Ending::default() };
    assert_eq!(stream.finish(anew).await.unwrap().message.content, Content::text("anew"));
    assert_eq!(stored(&store, &stream).await, ("anew".to_owned(), State::Complete));
}

pub async fn a_message_that_was_deleted_takes_no_more(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let stream = begin(&store).await;
    let entries = setup.database.verify().await.unwrap().entries;
    stream.append(json(r#""a""#)).unwrap();
    stream.flush().await.unwrap();
    store.delete_conversation("c").await.unwrap();
    stream.append(json(r#""b""#)).unwrap();
    assert_eq!(stream.flush().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(stream.finish(Ending::default()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(setup.database.verify().await.unwrap().entries < entries);
    assert_eq!(setup.database.verify().await.unwrap().entries, 0);
}

pub async fn a_long_message_costs_what_its_pieces_cost(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let stream = begin(&store).await;
    let piece = json(&format!("{:?}", "word ".repeat(20)));
    for _ in 0..300 {
        stream.append(piece.clone()).unwrap();
        stream.flush().await.unwrap();
    }
    let ended = stream.finish(Ending::default()).await.unwrap();
    assert_eq!(ended.message.content.words().len(), 300 * 100);
    // Conversation, two listings, the message, its id and its place in the queue of the search: the pieces are gone.
    assert_eq!(setup.database.verify().await.unwrap().entries, 6);
}

pub async fn who_reads_late_sees_the_end_and_no_interruption(place: &dyn Place) {
    let (one, two) = (setup(place).await, setup(place).await);
    let (here, there) = (store_of(&one.database, "u1"), store_of(&two.database, "u1"));
    let stream = begin(&here).await;
    stream.append(json(r#""a""#)).unwrap();
    stream.flush().await.unwrap();
    two.database.refresh().await.unwrap();
    assert_eq!(stored(&there, &stream).await, ("a".to_owned(), streaming()));
    stream.append(json(r#""b""#)).unwrap();
    stream.finish(Ending::default()).await.unwrap();
    // Nobody told it of the end, and the writer is gone.
    assert_eq!(stored(&there, &stream).await, ("ab".to_owned(), State::Complete));
}

pub async fn a_message_of_the_same_id_is_another_one(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    store.create_conversation(named("c")).await.unwrap();
    let again = || Added { id: Some("a1".to_owned()), ..answer() };
    let first = store.begin_message("c", again(), At::End, false).await.unwrap();
    store.delete_message("c", "a1", true).await.unwrap();
    let second = store.begin_message("c", again(), At::End, false).await.unwrap();
    second.append(json(r#""second""#)).unwrap();
    second.flush().await.unwrap();
    first.append(json(r#""first""#)).unwrap();
    assert_eq!(first.flush().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(first.finish(Ending::default()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(stored(&store, &second).await, ("second".to_owned(), streaming()));
    assert_eq!(second.finish(Ending::default()).await.unwrap().message.content, Content::text("second"));
}

pub async fn nothing_is_taken_while_the_end_is_written(place: &dyn Place) {
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1");
    let stream = begin(&store).await;
    stream.append(json(r#""a""#)).unwrap();
    let (ended, late) = join(stream.finish(Ending::default()), async { stream.append(json(r#""b""#)) }).await;
    assert_eq!(ended.unwrap().message.content, Content::text("a"));
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Closed);
}
