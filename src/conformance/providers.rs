//! What a store hands over to a provider, and takes from it (`stores.md`, C.3, C.5 and C.7).

use super::Place;
use super::conversations::{action, metadata, named, say, store_of};
use super::data_store::{json, setup};
use crate::backend::memory::Memory;
use crate::error::{Error, ErrorKind, Result};
use crate::model::chat::archive::Archive;
use crate::model::chat::content::Content;
use crate::model::chat::files;
use crate::model::chat::message::State;
use crate::model::import::Existing;
use crate::store::chat::{
    Added, ConversationChange, Ending, MessageStore, NewConversation, Place as At, StorageProvider,
};
use crate::store::{Database, DatabaseOptions};
use async_trait::async_trait;
use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{join, join_all};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A provider with no more than it needs, that can fail.
#[derive(Default)]
struct Shelf {
    conversations: RefCell<Vec<Archive>>,
    saves: Cell<usize>,
    fails: Cell<bool>,
    is_closed: Cell<bool>,
    /// What the next save waits for.
    gate: RefCell<Option<Receiver<()>>>,
}

impl Shelf {
    /// Makes the next save wait for what this returns.
    fn close_gate(&self) -> Sender<()> {
        let (open, gate) = channel();
        self.gate.replace(Some(gate));
        open
    }

    fn records(&self) -> Vec<String> {
        self.conversations.borrow().iter().map(files::record_of).collect()
    }
}

#[async_trait(?Send)]
impl StorageProvider for Shelf {
    async fn initialize(&self) -> Result<()> {
        if self.is_closed.get() { Err(Error::new(ErrorKind::Storage, "the shelf is closed")) } else { Ok(()) }
    }

    async fn save_conversation(&self, conversation: &Archive) -> Result<()> {
        let gate = self.gate.take();
        if let Some(gate) = gate {
            gate.await.unwrap();
        }
        self.saves.set(self.saves.get() + 1);
        if self.fails.get() {
            return Err(Error::new(ErrorKind::Storage, "the shelf is full"));
        }
        let mut all = self.conversations.borrow_mut();
        match all.iter_mut().find(|known| known.conversation.id == conversation.conversation.id) {
            Some(known) => *known = conversation.clone(),
            None => all.push(conversation.clone()),
        }
        Ok(())
    }

    async fn load_conversation(&self, id: &str) -> Result<Option<Archive>> {
        Ok(self.conversations.borrow().iter().find(|known| known.conversation.id == id).cloned())
    }

    async fn list_conversation_ids(&self) -> Result<Vec<String>> {
        if self.fails.get() {
            return Err(Error::new(ErrorKind::Timeout, "no answer"));
        }
        Ok(self.conversations.borrow().iter().map(|known| known.conversation.id.clone()).collect())
    }

    async fn delete_conversation(&self, id: &str) -> Result<()> {
        if self.fails.get() {
            return Err(Error::new(ErrorKind::Storage, "the shelf is locked"));
        }
        self.conversations.borrow_mut().retain(|known| known.conversation.id != id);
        Ok(())
    }
}

async fn pause() {
    let mut is_back = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_back, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

async fn records(store: &MessageStore) -> Vec<String> {
    store.load_store().await.unwrap().unwrap_or_default().iter().map(files::record_of).collect()
}

fn answer(text: &str) -> Added {
    Added::new("assistant", Content::text(text))
}

pub async fn every_change_is_handed_over_whole(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let store = store_of(&setup(place).await.database, "u1").with_provider(shelf.clone());
    store.create_conversation(named("a")).await.unwrap();
    assert_eq!(shelf.records(), records(&store).await);
    let question = say(&store, "a", "question").await;
    assert!(shelf.records()[0].contains("question"));
    store.add_action("a", action("click", "{}")).await.unwrap();
    let change = ConversationChange { title: Some("Renamed".to_owned()), ..ConversationChange::default() };
    store.update_conversation("a", change).await.unwrap();
    assert_eq!(shelf.records(), records(&store).await);
    store.edit_message("a", &question, Content::text("another"), None).await.unwrap();
    store.add_messages("b", vec![answer("1"), answer("2")], true).await.unwrap();
    store.switch_branch("a", &question).await.unwrap();
    store.update_message("a", &question, Some(&metadata(r#"{"m":1}"#)), None).await.unwrap();
    assert_eq!(shelf.records(), records(&store).await);
    let stream = store.begin_message("b", answer(""), At::End, false).await.unwrap();
    stream.append(json(r#""streamed""#)).unwrap();
    stream.finish(Ending::default()).await.unwrap();
    store.delete_message("a", &question, false).await.unwrap();
    assert!(shelf.records()[1].contains("streamed"));
    assert_eq!(shelf.records(), records(&store).await);
    let lines = r#"{"type":"conversation","id":"c"}"#;
    store.import_lines(lines, Existing::Refuse).await.unwrap();
    store.delete_conversation("a").await.unwrap();
    assert_eq!(shelf.list_conversation_ids().await.unwrap(), ["b", "c"]);
    assert_eq!(shelf.records(), records(&store).await);
}

pub async fn another_store_on_the_provider_takes_what_it_has_once(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let first = setup(place).await.database;
    let store = store_of(&first, "u1").with_provider(shelf.clone());
    store.initialize().await.unwrap();
    for id in ["b", "a"] {
        store.create_conversation(named(id)).await.unwrap();
        say(&store, id, "hello").await;
        store.add_action(id, action("click", r#"{"button_id":"submit"}"#)).await.unwrap();
    }
    let other = store_of(&first, "u2").with_provider(shelf.clone());
    // What is there before stays.
    say_first(&other, "b", "mine").await;
    let saves = shelf.saves.get();
    other.initialize().await.unwrap();
    assert_eq!(shelf.saves.get(), saves, "what was just taken is not given back");
    let found = other.get_all_conversations().await.unwrap();
    assert_eq!(found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(other.get_conversation_messages("b").await.unwrap()[0].message.content, Content::text("mine"));
    assert_eq!(records(&other).await[1], records(&store).await[1]);
    other.delete_conversation("a").await.unwrap();
    shelf.save_conversation(&store.load_conversation("a").await.unwrap().unwrap()).await.unwrap();
    other.initialize().await.unwrap();
    assert_eq!(other.list_conversation_ids().await.unwrap(), ["b"], "it is taken once");
}

async fn say_first(store: &MessageStore, conversation: &str, text: &str) {
    store.add_message(conversation, answer(text), At::End, true).await.unwrap();
}

pub async fn changes_that_come_together_are_handed_over_together(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let setup = setup(place).await;
    let store = store_of(&setup.database, "u1").with_provider(shelf.clone());
    store.create_conversation(named("a")).await.unwrap();
    shelf.saves.set(0);
    let open = shelf.close_gate();
    let texts: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let all_are_there = async {
        while store.get_conversation("a").await.unwrap().unwrap().messages < 50 {
            setup.database.refresh().await.unwrap();
            pause().await;
        }
        open.send(()).unwrap();
    };
    join(join_all(texts.iter().map(|text| say(&store, "a", text))), all_are_there).await;
    assert_eq!(shelf.records(), records(&store).await);
    assert_eq!(shelf.conversations.borrow()[0].messages.len(), 50);
    // The first as it was then, and all others together.
    assert_eq!(shelf.saves.get(), 2);
}

pub async fn a_provider_that_fails_loses_nothing(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let store = store_of(&setup(place).await.database, "u1").with_provider(shelf.clone());
    store.create_conversation(named("a")).await.unwrap();
    shelf.fails.set(true);
    let error = store.add_message("a", answer("kept"), At::End, false).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Provider, "the provider: the shelf is full"));
    assert_eq!(store.get_conversation_messages("a").await.unwrap()[0].message.content, Content::text("kept"));
    assert_eq!(store.save().await.unwrap_err().kind(), ErrorKind::Provider);
    assert_eq!(store.initialize().await.unwrap_err().kind(), ErrorKind::Provider);
    shelf.fails.set(false);
    store.save().await.unwrap();
    assert_eq!(shelf.records(), records(&store).await);
    shelf.fails.set(true);
    assert!(store.add_message("a", answer("again"), At::End, false).await.is_err());
    shelf.fails.set(false);
    say(&store, "a", "and more").await;
    assert_eq!(shelf.records(), records(&store).await);
    // What was refused changed nothing, and calls nobody.
    let saves = shelf.saves.get();
    assert_eq!(store.create_conversation(named("a")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(shelf.saves.get(), saves);
}

pub async fn a_message_is_written_while_the_provider_fails(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let store = store_of(&setup(place).await.database, "u1").with_provider(shelf.clone());
    store.create_conversation(named("a")).await.unwrap();
    shelf.fails.set(true);
    let stream = store.begin_message("a", answer(""), At::End, false).await.unwrap();
    stream.append(json(r#""streamed""#)).unwrap();
    assert_eq!(stream.finish(Ending::default()).await.unwrap_err().kind(), ErrorKind::Provider);
    assert_eq!(stream.append(json(r#""more""#)).unwrap_err().kind(), ErrorKind::Closed);
    let found = store.get_conversation_messages("a").await.unwrap();
    assert_eq!((found.len(), &found[0].message.state), (1, &State::Complete));
    assert_eq!(stream.current(), found[0]);
    shelf.fails.set(false);
    store.save().await.unwrap();
    assert_eq!(shelf.records(), records(&store).await);
}

pub async fn what_was_deleted_stays_deleted(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let database = setup(place).await.database;
    let store = store_of(&database, "u1").with_provider(shelf.clone());
    for id in ["a", "b", "c"] {
        store.create_conversation(named(id)).await.unwrap();
    }
    shelf.fails.set(true);
    assert_eq!(store.delete_conversation("a").await.unwrap_err().kind(), ErrorKind::Provider);
    shelf.fails.set(false);
    store.initialize().await.unwrap();
    assert!(store.get_conversation("a").await.unwrap().is_none(), "it is not taken back");
    store.save().await.unwrap();
    assert_eq!(shelf.list_conversation_ids().await.unwrap(), ["b", "c"]);
    // Nor is what was deleted while the provider could not even be made ready.
    let again = store_of(&database, "u1").with_provider(shelf.clone());
    shelf.is_closed.set(true);
    assert_eq!(again.delete_conversation("b").await.unwrap_err().message(), "the provider: the shelf is closed");
    shelf.is_closed.set(false);
    again.initialize().await.unwrap();
    assert!(again.get_conversation("b").await.unwrap().is_none());
    again.save().await.unwrap();
    assert_eq!(shelf.list_conversation_ids().await.unwrap(), ["c"]);
    // One that is created again is kept again.
    store.create_conversation(named("a")).await.unwrap();
    store.save().await.unwrap();
    assert_eq!(shelf.list_conversation_ids().await.unwrap(), ["c", "a"]);
}

pub async fn an_import_hands_over_what_it_took(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let store = store_of(&setup(place).await.database, "u1").with_provider(shelf.clone());
    let lines = [r#"{"type":"conversation","id":"a"}"#, r#"{"type":"conversation","id":"b"}"#];
    store.import_lines(lines[0], Existing::Refuse).await.unwrap();
    shelf.saves.set(0);
    store.import_lines(&lines.join("\n"), Existing::Skip).await.unwrap();
    assert_eq!((shelf.saves.get(), shelf.list_conversation_ids().await.unwrap().len()), (1, 2));
    shelf.fails.set(true);
    let error = store.import_lines(&lines.join("\n"), Existing::Replace).await.unwrap_err();
    assert_eq!((error.kind(), shelf.saves.get()), (ErrorKind::Provider, 3), "each is tried");
}

pub async fn the_newest_state_is_handed_over_from_two_databases(place: &dyn Place) {
    let shelf = Rc::new(Shelf::default());
    let (one, two) = (setup(place).await.database, setup(place).await.database);
    let (here, there) =
        (store_of(&one, "u1").with_provider(shelf.clone()), store_of(&two, "u1").with_provider(shelf.clone()));
    here.create_conversation(named("a")).await.unwrap();
    two.refresh().await.unwrap();
    // The older state is on its way until the newer one has come.
    let open = shelf.close_gate();
    join(say(&here, "a", "first"), async {
        while here.get_conversation("a").await.unwrap().unwrap().messages == 0 {
            one.refresh().await.unwrap();
            pause().await;
        }
        say(&there, "a", "second").await;
        open.send(()).unwrap();
    })
    .await;
    one.refresh().await.unwrap();
    assert_eq!(shelf.conversations.borrow()[0].messages.len(), 2);
    assert_eq!(shelf.records(), records(&here).await);
}

pub async fn a_store_is_a_provider_itself(place: &dyn Place) {
    let here = store_of(&setup(place).await.database, "u1");
    let memory = Database::new(Memory::new(), DatabaseOptions::default());
    // In front of the one that lasts stands one in memory, and the other way round.
    for (front, behind) in [(store_of(&memory, "front"), here.clone()), (here.clone(), store_of(&memory, "behind"))] {
        let front = front.with_provider(Rc::new(behind.clone()));
        front.initialize().await.unwrap();
        let id = front.create_conversation(NewConversation::default()).await.unwrap().id;
        let first = say(&front, &id, "one").await;
        front.edit_message(&id, &first, Content::text("two"), None).await.unwrap();
        front.add_action(&id, action("click", "{}")).await.unwrap();
        assert_eq!(records(&behind).await.last(), records(&front).await.last());
        front.save().await.unwrap();
        assert_eq!(records(&behind).await, records(&front).await);
        let again = store_of(&memory, &id).with_provider(Rc::new(behind.clone()));
        again.initialize().await.unwrap();
        assert_eq!(records(&again).await, records(&front).await);
        front.delete_conversation(&id).await.unwrap();
        assert_eq!(records(&behind).await, records(&front).await);
        assert!(behind.load_conversation(&id).await.unwrap().is_none());
    }
    assert!(here.load_store().await.unwrap().is_none());
}
