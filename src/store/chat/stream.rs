//! A message that is written piece by piece, as a model gives it.

use super::editing::{Added, Place, number_in};
use super::{Attempt, Loaded, MessageStore};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Lookup};
use crate::model::chat::content::{Content, Streamed};
use crate::model::chat::message::{Placed, State};
use crate::model::chat::rules::{self, Edit};
use crate::model::chat::usage::Usage;
use crate::model::data_record::Metadata;
use crate::model::json::Json;
use crate::model::tuple::Key;
use crate::store::calls::Call;
use crate::store::key_locks::Mode;
use crate::store::presence::Present;
use std::cell::{Cell, RefCell};
use std::fmt;

/// How a message ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ending {
    /// What it says after all; `None` for what was appended.
    pub content: Option<Content>,
    /// Merged into its metadata.
    pub metadata: Option<Metadata>,
    /// What it used.
    pub usage: Option<Usage>,
}

/// A message that is being written. What was flushed is there after a crash, and the message is then `Interrupted`; so it is
/// when this is dropped without an ending.
pub struct MessageStream {
    store: MessageStore,
    conversation: String,
    placed: Placed,
    streamed: RefCell<Streamed>,
    /// Pieces that are not written yet.
    waiting: RefCell<Vec<Json>>,
    /// Where the message's id is, and the check that it is still that of this message, once that is known.
    row: Key,
    is_there: RefCell<Option<Check>>,
    /// Whether its end is being written.
    is_ending: Cell<bool>,
    next_piece: Cell<u64>,
    /// The message, once it has ended.
    ended: RefCell<Option<Placed>>,
    /// Others see that the writer is there as long as it is held.
    present: RefCell<Option<Present>>,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// Begins a message whose content comes piece by piece; what `added` says is its content so far.
    pub async fn begin_message(
        &self,
        conversation: &str,
        added: Added,
        place: Place,
        create_if_missing: bool,
    ) -> Result<MessageStream> {
        let session = self.database.draw_id();
        let present = self.database.presence().enter(&session).await?;
        let mut streamed = Streamed::default();
        let waiting = added.content.pieces();
        waiting.iter().try_for_each(|piece| streamed.add(piece))?;
        let added = Added { content: Content::text(""), ..added };
        let placed = self.add(conversation, added, State::Streaming(session), place, create_if_missing).await?;
        let key = self.scope.message_id(conversation, &placed.message.id);
        let stream = MessageStream {
            store: self.clone(),
            conversation: conversation.to_owned(),
            placed,
            streamed: RefCell::new(streamed),
            waiting: RefCell::new(waiting),
            row: key,
            is_there: RefCell::default(),
            is_ending: Cell::new(false),
            next_piece: Cell::new(0),
            ended: RefCell::default(),
            present: RefCell::new(Some(present)),
        };
        // It is added, whatever comes now: what cannot be looked up or written yet is when it is needed.
        let _ = stream.is_there().await;
        let _ = stream.flush().await;
        // It is handed over when it has ended, if not now.
        let _ = self.hand_over(conversation).await;
        Ok(stream)
    }
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStream {
    /// The message as it was begun.
    #[must_use]
    pub const fn message(&self) -> &Placed {
        &self.placed
    }

    /// The conversation that it belongs to.
    #[must_use]
    pub fn conversation(&self) -> &str {
        &self.conversation
    }

    /// The message as it is now, with what was not written yet.
    #[must_use]
    pub fn current(&self) -> Placed {
        if let Some(ended) = &*self.ended.borrow() {
            return ended.clone();
        }
        let mut current = self.placed.clone();
        current.message.content = self.content();
        current
    }

    /// What has come so far, written or not.
    #[must_use]
    pub fn content(&self) -> Content {
        self.streamed.borrow().content()
    }

    /// Adds a piece: a JSON string, or a part. It is written with the next [`Self::flush`], or at the end.
    ///
    /// [`InvalidValue`](ErrorKind::InvalidValue) where it is neither, [`Closed`](ErrorKind::Closed) after the end.
    pub fn append(&self, piece: Json) -> Result<()> {
        self.check_open()?;
        if self.is_ending.get() {
            return Err(ended());
        }
        self.streamed.borrow_mut().add(&piece)?;
        self.waiting.borrow_mut().push(piece);
        Ok(())
    }

    /// The check that the message's id is still that of this message.
    async fn is_there(&self) -> Result<Check> {
        let known = self.is_there.borrow().clone();
        if let Some(check) = known {
            return Ok(check);
        }
        let seen = self.store.database.get(&[Lookup::of(&self.row)]).await?.pop().flatten();
        if seen.as_ref().map(number_in).transpose()? != Some(self.placed.message.number) {
            return Err(rules::message_not_found(&self.conversation, &self.placed.message.id));
        }
        let check = Check::unchanged(self.row.clone(), seen.as_ref());
        self.is_there.replace(Some(check.clone()));
        Ok(check)
    }

    /// Whether there are pieces that are not written yet.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.waiting.borrow().is_empty()
    }

    /// Writes what was appended: a commit of those pieces alone, however long the message is.
    ///
    /// Where that fails they are written with the next one. [`NotFound`](ErrorKind::NotFound) where the message was removed meanwhile.
    pub async fn flush(&self) -> Result<()> {
        let _call = self.begin()?;
        let (scope, number) = (&self.store.scope, self.placed.message.number);
        let row = self.row.clone();
        // One after the other, so that the pieces are in order.
        let _turn = self.store.database.take_turns(vec![(row.clone(), Mode::Alone)]).await;
        if !self.has_waiting() || self.ended.borrow().is_some() {
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.check(self.is_there().await?);
        let waiting = self.waiting.take();
        batch.put(scope.piece(&self.conversation, number, self.next_piece.get()), listed(&waiting));
        let written = match self.store.database.try_commit(batch).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(rules::message_not_found(&self.conversation, &self.placed.message.id)),
            Err(error) => Err(error),
        };
        // After a timeout nobody knows whether it was written: then the same piece is written again.
        match &written {
            Ok(()) => self.next_piece.set(self.next_piece.get() + 1),
            Err(_) => drop(self.waiting.borrow_mut().splice(0..0, waiting)),
        }
        written
    }

    /// Ends the message as complete.
    pub async fn finish(&self, ending: Ending) -> Result<Placed> {
        self.end(State::Complete, ending).await
    }

    /// Ends it as failed, and says why. What has come stays.
    pub async fn fail(&self, why: &str, ending: Ending) -> Result<Placed> {
        self.end(State::Failed(why.to_owned()), ending).await
    }

    /// Ends it because somebody wanted no more of it. What has come stays.
    pub async fn abort(&self, ending: Ending) -> Result<Placed> {
        self.end(State::Aborted, ending).await
    }

    async fn end(&self, state: State, ending: Ending) -> Result<Placed> {
        self.check_open()?;
        let (store, conversation) = (&self.store, &self.conversation);
        let _call = self.begin()?;
        let turn = store.database.take_turns(vec![(self.row.clone(), Mode::Alone)]).await;
        self.check_open()?;
        let _ending = Flag::set(&self.is_ending);
        let content = ending.content.clone().unwrap_or_else(|| self.content());
        let attempt = || -> Attempt<'_, Placed> {
            Box::pin(async {
                let Loaded { entry, tree, .. } = store.load(conversation).await?;
                let number = store.number_of(conversation, &self.placed.message.id, &tree).await?;
                let before = store.message(conversation, number).await?;
                let is_this = number == self.placed.message.number && before.state == self.placed.message.state;
                if !is_this {
                    // Its own end, where the browser did not say that it was written; else another message.
                    let is_own = before.state == state && before.content == content;
                    let own = is_own && number == self.placed.message.number;
                    if !own {
                        return Err(rules::message_not_found(conversation, &self.placed.message.id));
                    }
                    return Ok((Batch::default(), store.placed(conversation, before, &tree).await?));
                }
                let mut after = before.clone();
                (after.state, after.content) = (state.clone(), content.clone());
                after.usage = ending.usage.or(before.usage);
                if let Some(metadata) = &ending.metadata {
                    after.metadata = before.metadata.merged(metadata);
                }
                let mut edit = Edit::of(&store.scope, conversation, Some(&entry))?;
                edit.forget_pieces(number);
                edit.replace_message(&before, &after)?;
                let placed = store.placed(conversation, after, &tree).await?;
                Ok((edit.finish()?.0, placed))
            })
        };
        let placed = store.commit(conversation, &attempt).await?;
        self.ended.replace(Some(placed.clone()));
        self.waiting.take();
        self.present.take();
        drop(turn);
        store.hand_over(conversation).await?;
        Ok(placed)
    }

    /// Begins a call. Of a database that was closed nobody writes any more.
    fn begin(&self) -> Result<Call> {
        let call = self.store.database.begin();
        if call.is_err() {
            self.present.take();
        }
        call
    }

    fn check_open(&self) -> Result<()> {
        if self.ended.borrow().is_some() { Err(ended()) } else { Ok(()) }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Closed, "the message has ended already")
}

/// Set until it is dropped.
struct Flag<'a>(&'a Cell<bool>);

impl<'a> Flag<'a> {
    fn set(flag: &'a Cell<bool>) -> Self {
        flag.set(true);
        Self(flag)
    }
}

impl Drop for Flag<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

fn listed(pieces: &[Json]) -> Vec<u8> {
    let mut list = String::from("[");
    for (place, piece) in pieces.iter().enumerate() {
        list.push_str(if place == 0 { "" } else { "," });
        list.push_str(piece.as_str());
    }
    list.push(']');
    list.into_bytes()
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream").field("message", &self.placed.message.id).finish_non_exhaustive()
    }
}
