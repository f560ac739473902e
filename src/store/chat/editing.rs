//! Adding, changing and removing messages.

use super::{Attempt, Loaded, MessageStore};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::batch::{Entry, Lookup};
use crate::model::chat::Moment;
use crate::model::chat::content::Content;
use crate::model::chat::conversation::Conversation;
use crate::model::chat::message::{Message, Placed, State};
use crate::model::chat::rules::{self, Edit, NewMessage};
use crate::model::chat::tree::Tree;
use crate::model::chat::usage::Usage;
use crate::model::codec::damaged;
use crate::model::data_record::Metadata;
use crate::model::keyspace::last_number;
use crate::model::tuple::Key;

/// How many messages are looked up at once.
const MESSAGES_AT_ONCE: usize = 1_000;

/// A message that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its id; one is drawn where this is `None` or empty.
    pub id: Option<String>,
    /// Its role.
    pub role: String,
    /// What it says.
    pub content: Content,
    /// When it was created; `None` for now.
    pub created_at: Option<Moment>,
    /// What else is to be known of it.
    pub metadata: Metadata,
    /// What it used.
    pub usage: Option<Usage>,
}

impl Added {
    /// A message that says this.
    #[must_use]
    pub fn new(role: &str, content: Content) -> Self {
        let metadata = Metadata::empty();
        Self { id: None, role: role.to_owned(), content, created_at: None, metadata, usage: None }
    }
}

/// Where a message is added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// At the end of the path.
    #[default]
    End,
    /// Below this message; it ends the path from there on.
    Below(String),
    /// Beside this message, as another child of its parent; it ends the path from there on.
    Beside(String),
    /// Beside the first messages of the conversation.
    Top,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// Adds a message. Its conversation is created where it is missing and `create_if_missing` says so.
    ///
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) where the conversation has a message of that id.
    pub async fn add_message(
        &self,
        conversation: &str,
        added: Added,
        place: Place,
        create_if_missing: bool,
    ) -> Result<Placed> {
        let placed = self.add(conversation, added, State::Complete, place, create_if_missing).await?;
        self.hand_over(conversation).await?;
        Ok(placed)
    }

    /// Adds a message, without handing it over.
    pub(super) async fn add(
        &self,
        conversation: &str,
        added: Added,
        state: State,
        place: Place,
        create_if_missing: bool,
    ) -> Result<Placed> {
        let _call = self.database.begin()?;
        let now = self.database.now();
        let given = added.id.clone().filter(|id| !id.is_empty());
        let new = self.named(added, state);
        let attempt = || -> Attempt<'_, Placed> {
            Box::pin(async {
                if let Some(id) = &given {
                    self.check_unused(conversation, id).await?;
                }
                let begins = place == Place::Top && create_if_missing && self.entry(conversation).await?.is_none();
                if place == Place::End || begins {
                    let mut edit = self.edit(conversation, create_if_missing, now).await?;
                    given.iter().for_each(|id| edit.expect_unused(id));
                    let parent = edit.conversation().last.as_ref().map(|last| last.id.clone());
                    let message = edit.add_message(new.clone(), None, now)?;
                    return Ok((edit.finish()?.0, Placed { message, parent, place: 0, siblings: 1 }));
                }
                let Loaded { entry, mut tree, .. } = self.load(conversation).await?;
                let mut edit = Edit::of(&self.scope, conversation, Some(&entry))?;
                given.iter().for_each(|id| edit.expect_unused(id));
                let parent = match &place {
                    Place::End | Place::Top => 0,
                    Place::Below(id) => self.number_of(conversation, id, &tree).await?,
                    Place::Beside(id) => {
                        tree.parent(self.number_of(conversation, id, &tree).await?).unwrap_or_default()
                    }
                };
                let message = edit.add_message(new.clone(), Some((&mut tree, parent)), now)?;
                let placed = self.placed(conversation, message, &tree).await?;
                edit.change_links(tree);
                Ok((edit.finish()?.0, placed))
            })
        };
        self.commit(conversation, &attempt).await
    }

    /// Adds many messages at the end of the path, one after the other, all or none. Their conversation is created where it is
    /// missing and `create_if_missing` says so.
    ///
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) where the conversation has a message of one of the ids, or an id comes twice.
    pub async fn add_messages(
        &self,
        conversation: &str,
        added: Vec<Added>,
        create_if_missing: bool,
    ) -> Result<Vec<Placed>> {
        let _call = self.database.begin()?;
        let given: Vec<String> =
            added.iter().filter_map(|added| added.id.clone()).filter(|id| !id.is_empty()).collect();
        let first = crate::model::repeats::first_places(given.iter().map(String::as_bytes));
        if let Some((_, id)) =
            first.iter().zip(&given).enumerate().find(|(at, (first, _))| at != *first).map(|(at, (_, id))| (at, id))
        {
            return Err(exists(conversation, id));
        }
        let new: Vec<(NewMessage, Timestamp)> =
            added.into_iter().map(|added| (self.named(added, State::Complete), self.database.now())).collect();
        let Some((_, begin)) = new.first() else { return Ok(Vec::new()) };
        let attempt = || -> Attempt<'_, Vec<Placed>> {
            Box::pin(async {
                for id in &given {
                    self.check_unused(conversation, id).await?;
                }
                let mut edit = self.edit(conversation, create_if_missing, *begin).await?;
                given.iter().for_each(|id| edit.expect_unused(id));
                let mut parent = edit.conversation().last.as_ref().map(|last| last.id.clone());
                let mut all = Vec::with_capacity(new.len());
                for (new, now) in &new {
                    let message = edit.add_message(new.clone(), None, *now)?;
                    let id = message.id.clone();
                    all.push(Placed { message, parent: parent.replace(id), place: 0, siblings: 1 });
                }
                Ok((edit.finish()?.0, all))
            })
        };
        self.change(conversation, &attempt).await
    }

    /// Says a message anew: adds a message of the same role beside it, which the path goes through from there on. The one
    /// before stays as it is.
    pub async fn edit_message(
        &self,
        conversation: &str,
        id: &str,
        content: Content,
        metadata: Option<Metadata>,
    ) -> Result<Placed> {
        let mut before = self.get_message(conversation, id).await?;
        if before.is_none() {
            // Another tab may have added it just now.
            self.database.refresh().await?;
            before = self.get_message(conversation, id).await?;
        }
        let before = before.ok_or_else(|| rules::message_not_found(conversation, id))?;
        let metadata = metadata.unwrap_or_else(Metadata::empty);
        let added = Added { metadata, ..Added::new(&before.message.role, content) };
        self.add_message(conversation, added, Place::Beside(id.to_owned()), false).await
    }

    /// Merges metadata into a message's, and replaces what it used.
    pub async fn update_message(
        &self,
        conversation: &str,
        id: &str,
        metadata: Option<&Metadata>,
        usage: Option<Usage>,
    ) -> Result<Placed> {
        let _call = self.database.begin()?;
        let attempt = || -> Attempt<'_, Placed> {
            Box::pin(async {
                let Loaded { entry, tree, .. } = self.load(conversation).await?;
                let before = self.message(conversation, self.number_of(conversation, id, &tree).await?).await?;
                let mut after = before.clone();
                if let Some(metadata) = metadata {
                    after.metadata = before.metadata.merged(metadata);
                }
                after.usage = usage.or(before.usage);
                let mut edit = Edit::of(&self.scope, conversation, Some(&entry))?;
                edit.replace_message(&before, &after)?;
                let placed = self.placed(conversation, after, &tree).await?;
                Ok((edit.finish()?.0, placed))
            })
        };
        let placed = self.change(conversation, &attempt).await?;
        // It is written; where what is being appended to it cannot be read, it is given as it was written.
        Ok(self.read_state(conversation, placed.clone()).await.unwrap_or(placed))
    }

    /// Makes the path go through a message, and from there on by the branch that was active before. Returns the conversation.
    pub async fn switch_branch(&self, conversation: &str, id: &str) -> Result<Conversation> {
        let _call = self.database.begin()?;
        let attempt = || -> Attempt<'_, Conversation> {
            Box::pin(async {
                let Loaded { entry, mut tree, .. } = self.load(conversation).await?;
                tree.activate(self.number_of(conversation, id, &tree).await?);
                let mut edit = Edit::of(&self.scope, conversation, Some(&entry))?;
                edit.set_leaf(Some(&self.message(conversation, tree.leaf()).await?));
                edit.change_links(tree);
                edit.finish()
            })
        };
        self.change(conversation, &attempt).await
    }

    /// Removes a message, with all that follows it in any branch, or alone: then what follows it follows the one before it.
    /// Returns how many messages it removed.
    pub async fn delete_message(&self, conversation: &str, id: &str, with_descendants: bool) -> Result<u64> {
        let _call = self.database.begin()?;
        let attempt = || -> Attempt<'_, u64> {
            Box::pin(async {
                let Loaded { entry, mut tree, .. } = self.load(conversation).await?;
                let number = self.number_of(conversation, id, &tree).await?;
                let gone = if with_descendants {
                    tree.remove_branch(number)
                } else {
                    tree.remove(number);
                    vec![number]
                };
                let mut edit = Edit::of(&self.scope, conversation, Some(&entry))?;
                for some in gone.chunks(MESSAGES_AT_ONCE) {
                    edit.forget_messages(&self.messages(conversation, some).await?);
                }
                let leaf = tree.leaf();
                let leaf = if leaf == 0 { None } else { Some(self.message(conversation, leaf).await?) };
                edit.set_leaf(leaf.as_ref());
                edit.change_links(tree);
                Ok((edit.finish()?.0, gone.len() as u64))
            })
        };
        self.change(conversation, &attempt).await
    }

    fn named(&self, added: Added, state: State) -> NewMessage {
        let Added { id, role, content, created_at, metadata, usage } = added;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.database.draw_id());
        NewMessage { id, role, content, created_at, metadata, state, usage }
    }

    async fn check_unused(&self, conversation: &str, id: &str) -> Result<()> {
        let key = self.scope.message_id(conversation, id);
        match self.database.get(&[Lookup::existence(&key)]).await?.pop().flatten() {
            Some(_) => Err(exists(conversation, id)),
            None => Ok(()),
        }
    }

    /// The number of a message of the tree.
    pub(super) async fn number_of(&self, conversation: &str, id: &str, tree: &Tree) -> Result<u64> {
        let key = self.scope.message_id(conversation, id);
        let found = self.database.get(&[Lookup::of(&key)]).await?.pop().flatten();
        let number = found.map(|entry| number_in(&entry)).transpose()?;
        number.filter(|number| tree.has(*number)).ok_or_else(|| rules::message_not_found(conversation, id))
    }

    /// The message of a number that the tree has.
    pub(super) async fn message(&self, conversation: &str, number: u64) -> Result<Message> {
        self.messages(conversation, &[number]).await?.pop().ok_or_else(damaged)
    }

    /// The messages of these numbers, those that are there.
    pub(super) async fn messages(&self, conversation: &str, numbers: &[u64]) -> Result<Vec<Message>> {
        let keys: Vec<Key> = numbers.iter().map(|number| self.scope.message(conversation, *number)).collect();
        let found = self.rows(&keys).await?;
        found.iter().flatten().map(|entry| decoded(conversation, entry)).collect()
    }

    /// What is stored under keys; large values in several reads.
    pub(super) async fn rows(&self, keys: &[Key]) -> Result<Vec<Option<Entry>>> {
        let mut found = Vec::with_capacity(keys.len());
        let mut at_once = keys.len().max(1);
        while let Some(rest) = keys.get(found.len()..).filter(|rest| !rest.is_empty()) {
            let some = rest.get(..at_once).unwrap_or(rest);
            let lookups: Vec<_> = some.iter().map(Lookup::of).collect();
            match self.database.get(&lookups).await {
                Err(error) if error.kind() == ErrorKind::LimitExceeded && at_once > 1 => at_once = some.len() / 2,
                read => found.extend(read?),
            }
        }
        Ok(found)
    }

    /// A message with its place in the tree.
    pub(super) async fn placed(&self, conversation: &str, message: Message, tree: &Tree) -> Result<Placed> {
        let siblings = tree.siblings(message.number);
        let place = siblings.iter().position(|sibling| *sibling == message.number).unwrap_or_default();
        let parent = match tree.parent(message.number) {
            None | Some(0) => None,
            Some(parent) => Some(self.message(conversation, parent).await?.id),
        };
        Ok(Placed { message, parent, place, siblings: siblings.len() })
    }
}

/// A message's entry, decoded.
pub(super) fn decoded(conversation: &str, entry: &Entry) -> Result<Message> {
    let number = last_number(&entry.key)?;
    Message::decode(number, &entry.value)
        .map_err(|error| error.at(format_args!("message {number} of conversation {conversation:?}")))
}

pub(super) fn number_in(entry: &Entry) -> Result<u64> {
    entry.value.as_ref().try_into().map(u64::from_le_bytes).map_err(|_| damaged())
}

fn exists(conversation: &str, id: &str) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("the conversation {conversation:?} has a message {id:?} already"))
}
