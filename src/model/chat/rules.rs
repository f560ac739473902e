//! The rules of the message store: how a conversation changes, as a batch to commit.

use super::action::Action;
use super::archive::{Archive, Links};
use super::content::Content;
use super::conversation::{Conversation, Preview};
use super::message::{Message, State};
use super::moment::Moment;
use super::tree::{Link, LinkChange, Tree};
use super::usage::Usage;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Entry, Expect};
use crate::model::data_record::Metadata;
use crate::model::keyspace::ChatScope;
use crate::model::timestamp::Timestamp;

/// A message that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id; of its conversation nobody else may have it.
    pub id: String,
    /// Its role.
    pub role: String,
    /// What it says.
    pub content: Content,
    /// When it was created; `None` for the time of the call.
    pub created_at: Option<Moment>,
    /// What else is to be known of it.
    pub metadata: Metadata,
    /// Whether it is whole.
    pub state: State,
    /// What it used.
    pub usage: Option<Usage>,
}

/// A change of one conversation, which the commit makes only if nobody else has changed it meanwhile.
#[derive(Debug)]
pub struct Edit<'a> {
    scope: &'a ChatScope,
    /// As it was; `None` of one that is created.
    before: Option<Conversation>,
    /// As it will be.
    conversation: Conversation,
    batch: Batch,
}

impl<'a> Edit<'a> {
    /// The change of a conversation that was found.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is none of that id, [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
    pub fn of(scope: &'a ChatScope, id: &str, seen: Option<&Entry>) -> Result<Self> {
        let Some(entry) = seen else { return Err(not_found(id)) };
        let conversation = read_conversation(id, entry)?;
        let mut batch = Batch::default();
        batch.check(Check::unchanged(entry.key.clone(), seen));
        Ok(Self { scope, before: Some(conversation.clone()), conversation, batch })
    }

    /// The creation of a conversation. One that is there already keeps its place in the order of creation, and loses all else,
    /// where it is to be `overwrite`n.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] otherwise.
    pub fn create(
        scope: &'a ChatScope,
        mut conversation: Conversation,
        seen: Option<&Entry>,
        overwrite: bool,
    ) -> Result<Self> {
        let mut batch = Batch::default();
        batch.check(Check::unchanged(scope.conversation(&conversation.id), seen));
        let before = seen.map(|entry| read_conversation(&conversation.id, entry)).transpose()?;
        if let Some(before) = &before {
            if !overwrite {
                let message = format!("there is a conversation {:?} already", conversation.id);
                return Err(Error::new(ErrorKind::AlreadyExists, message));
            }
            conversation.order = before.order;
            scope.belongings(&conversation.id).into_iter().for_each(|range| batch.delete_range(range));
        } else {
            batch.put(scope.created(conversation.order, &conversation.id), Vec::new());
        }
        Ok(Self { scope, before, conversation, batch })
    }

    /// The conversation as it will be.
    #[must_use]
    pub const fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// Adds a message at the end of the path; below another one where a tree and that one's number are given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn add_message(&mut self, new: NewMessage, below: Option<(&mut Tree, u64)>, now: Timestamp) -> Result<Message> {
        let conversation = &mut self.conversation;
        let number = conversation.next_message;
        match below {
            Some((tree, parent)) => drop(tree.add(parent)),
            None if conversation.leaf + 1 != number => {
                let link = Link::Child { parent: conversation.leaf, child: number };
                self.batch.put(self.scope.link(&conversation.id, link), Vec::new());
            }
            None => {}
        }
        let NewMessage { id, role, content, created_at, metadata, state, usage } = new;
        let created_at = created_at.unwrap_or_else(|| now.into());
        let message = Message { number, id, role, content, created_at, metadata, state, usage };
        conversation.next_message += 1;
        conversation.messages += 1;
        conversation.leaf = number;
        conversation.active_at = conversation.active_at.max(now);
        conversation.usage = conversation.usage.plus(message.usage.unwrap_or_default());
        conversation.last = Some(Preview::of(&message));
        let id_key = self.scope.message_id(&conversation.id, &message.id);
        self.batch.put(id_key, number.to_le_bytes().to_vec());
        self.put_message(&message)?;
        self.let_wait(&message);
        Ok(message)
    }

    /// Fails the commit where the conversation has a message of this id. One that was drawn needs no such look, which would read a page
    /// of a long conversation.
    pub fn expect_unused(&mut self, id: &str) {
        self.batch.check(Check { key: self.scope.message_id(&self.conversation.id, id), expect: Expect::Absent });
    }

    /// Writes a message anew, with what it used and what is to be seen of it in the list of conversations.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn replace_message(&mut self, before: &Message, after: &Message) -> Result<()> {
        let conversation = &mut self.conversation;
        let without = conversation.usage.minus(before.usage.unwrap_or_default());
        conversation.usage = without.plus(after.usage.unwrap_or_default());
        if conversation.leaf == after.number {
            conversation.last = Some(Preview::of(after));
        }
        if before.content != after.content || before.state != after.state {
            self.let_wait(after);
        }
        self.put_message(after)
    }

    /// Removes messages from the entries; from the tree they are gone already.
    pub fn forget_messages(&mut self, messages: &[Message]) {
        for message in messages {
            let conversation = &mut self.conversation;
            conversation.messages = conversation.messages.saturating_sub(1);
            conversation.usage = conversation.usage.minus(message.usage.unwrap_or_default());
            self.batch.delete(self.scope.message(&conversation.id, message.number));
            self.batch.delete(self.scope.message_id(&conversation.id, &message.id));
            self.batch.delete(self.scope.waits(&conversation.id, message.number));
            self.forget_pieces(message.number);
        }
    }

    /// Removes the pieces of a message that is written whole now.
    pub fn forget_pieces(&mut self, message: u64) {
        self.batch.delete_range(self.scope.pieces(&self.conversation.id, message));
    }

    /// Makes the path end where the tree says: at this message, or at none.
    pub fn set_leaf(&mut self, leaf: Option<&Message>) {
        self.conversation.leaf = leaf.map_or(0, |leaf| leaf.number);
        self.conversation.last = leaf.map(Preview::of);
    }

    /// Adds an action.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn add_action(&mut self, action: &Action, now: Timestamp) -> Result<()> {
        let conversation = &mut self.conversation;
        conversation.actions += 1;
        conversation.active_at = conversation.active_at.max(now);
        self.batch.put(self.scope.action(&conversation.id, conversation.actions), action.encode()?);
        Ok(())
    }

    /// Gives one that is created the messages and actions of an archive.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidDocument`] where its messages are no tree, [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub(super) fn restore(&mut self, archive: &Archive) -> Result<()> {
        let Links { links, leaf } = archive.links()?;
        for (archived, number) in archive.messages.iter().zip(1..) {
            let message = Message { number, ..archived.message.clone() };
            let conversation = &mut self.conversation;
            conversation.usage = conversation.usage.plus(message.usage.unwrap_or_default());
            self.batch.put(self.scope.message_id(&conversation.id, &message.id), number.to_le_bytes().to_vec());
            self.put_message(&message)?;
            self.let_wait(&message);
            if number == leaf {
                self.set_leaf(Some(&message));
            }
        }
        self.put_links(links.into_iter().map(LinkChange::Put));
        for (action, number) in archive.actions.iter().zip(1..) {
            self.batch.put(self.scope.action(&self.conversation.id, number), action.encode()?);
        }
        self.conversation.messages = archive.messages.len() as u64;
        self.conversation.next_message = self.conversation.messages + 1;
        self.conversation.actions = archive.actions.len() as u64;
        Ok(())
    }

    /// Gives it another title; an empty one means that which it would have had without.
    pub fn rename(&mut self, title: &str) {
        self.conversation.title =
            if title.is_empty() { super::conversation::default_title(&self.conversation.id) } else { title.to_owned() };
    }

    /// Merges metadata into what it has.
    pub fn describe(&mut self, metadata: &Metadata) {
        self.conversation.metadata = self.conversation.metadata.merged(metadata);
    }

    /// Puts it away, or takes it back.
    pub const fn archive(&mut self, archived: bool) {
        self.conversation.archived = archived;
    }

    /// What changed of the tree.
    pub fn change_links(&mut self, tree: Tree) {
        self.put_links(tree.into_changes().into_iter());
    }

    fn put_links(&mut self, changes: impl Iterator<Item = LinkChange>) {
        for change in changes {
            match change {
                LinkChange::Put(link) => {
                    let value = match link {
                        Link::Active { child, .. } => child.to_le_bytes().to_vec(),
                        Link::Child { .. } => Vec::new(),
                    };
                    self.batch.put(self.scope.link(&self.conversation.id, link), value);
                }
                LinkChange::Delete(link) => self.batch.delete(self.scope.link(&self.conversation.id, link)),
            }
        }
    }

    /// The commit.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn finish(mut self) -> Result<(Batch, Conversation)> {
        let mut after = self.conversation;
        let listed = |conversation: &Conversation| {
            self.scope.activity(conversation.archived, conversation.active_at, &conversation.id)
        };
        let before = self.before.as_ref().map(listed);
        let now = listed(&after);
        if before.as_ref() != Some(&now) {
            before.into_iter().for_each(|key| self.batch.delete(key));
            self.batch.put(now, Vec::new());
        }
        if self.before.as_ref() != Some(&after) || !self.batch.operations.is_empty() {
            after.revision = self.before.as_ref().map_or(0, |before| before.revision) + 1;
            self.batch.put(self.scope.conversation(&after.id), after.encode()?);
        }
        Ok((self.batch, after))
    }

    /// Has a message indexed for the search, once it is whole.
    fn let_wait(&mut self, message: &Message) {
        if !matches!(message.state, State::Streaming(_)) {
            self.batch.put(self.scope.waits(&self.conversation.id, message.number), Vec::new());
        }
    }

    fn put_message(&mut self, message: &Message) -> Result<()> {
        self.batch.put(self.scope.message(&self.conversation.id, message.number), message.encode()?);
        Ok(())
    }
}

/// The removal of a conversation with all that belongs to it. An empty batch means that there is none.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`]; it is then left as it is.
pub fn plan_delete(scope: &ChatScope, id: &str, seen: Option<&Entry>) -> Result<Batch> {
    let mut batch = Batch::default();
    if let Some(entry) = seen {
        let conversation = read_conversation(id, entry)?;
        batch.check(Check::unchanged(entry.key.clone(), seen));
        batch.delete(entry.key.clone());
        batch.delete(scope.created(conversation.order, id));
        batch.delete(scope.activity(conversation.archived, conversation.active_at, id));
        scope.belongings(id).into_iter().for_each(|range| batch.delete_range(range));
    }
    Ok(batch)
}

/// Reads a conversation's entry.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], naming it, and [`ErrorKind::NewerVersion`].
pub fn read_conversation(id: &str, entry: &Entry) -> Result<Conversation> {
    Conversation::decode(id.to_owned(), &entry.value).map_err(|error| error.at(format_args!("the conversation {id:?}")))
}

/// The error of a conversation that is not there.
#[must_use]
pub fn not_found(id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no conversation {id:?}"))
}

/// The error of a message that is not there.
#[must_use]
pub fn message_not_found(conversation: &str, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the conversation {conversation:?} has no message {id:?}"))
}
