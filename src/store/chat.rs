//! The message store: conversations, messages, actions (`stores.md`, section C).

mod editing;
mod indexing;
mod portable;
mod provider;
mod reading;
mod search;
mod stream;
mod watching;

pub use editing::{Added, Place};
pub use portable::LineExport;
pub use provider::StorageProvider;
pub use reading::{MessagePage, PageOptions};
pub use search::{Hit, SearchOptions};
pub use stream::{Ending, MessageStream};
#[cfg(all(target_arch = "wasm32", feature = "js"))]
pub(crate) use {
    portable::check_export,
    provider::{load_each, save_each},
};

use super::database::{Attempts, Database};
use super::key_locks::Mode;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::batch::{Batch, Entry, Lookup, ReadRange};
use crate::model::chat::action::Action;
use crate::model::chat::conversation::Conversation;
use crate::model::chat::rules::{self, Edit};
use crate::model::chat::tree::Tree;
use crate::model::data_record::Metadata;
use crate::model::keyspace::{ChatScope, link_of};
use crate::model::tuple::Key;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// How many conversations are looked up at once.
const CONVERSATIONS_AT_ONCE: usize = 500;

/// Options of [`Database::message_store`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageStoreOptions {
    /// The user who owns the conversations.
    pub user: String,
}

impl Default for MessageStoreOptions {
    /// User `anonymous`.
    fn default() -> Self {
        Self { user: "anonymous".to_owned() }
    }
}

/// A conversation that is to be created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewConversation {
    /// Its id; one is drawn where this is `None` or empty.
    pub id: Option<String>,
    /// Its title; made of the id where this is `None` or empty.
    pub title: Option<String>,
    /// What else is to be known of it.
    pub metadata: Option<Metadata>,
    /// Whether one of the same id loses its messages and actions to it.
    pub overwrite: bool,
}

/// What is to be changed of a conversation. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConversationChange {
    /// Its new title; made of the id where this is empty.
    pub title: Option<String>,
    /// Merged into what it has.
    pub metadata: Option<Metadata>,
    /// Whether it is put away.
    pub archived: Option<bool>,
}

/// A place in the list of conversations: the last activity of the one that stood there, and its id.
pub type ListEnd = (Timestamp, String);

/// A page of the list of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// Those of them that are there still.
    pub conversations: Vec<Conversation>,
    /// Where the page ends, whatever happened to the conversation that stood there; `None` where it is empty.
    pub end: Option<ListEnd>,
    /// Whether there are none after it.
    pub is_last: bool,
}

/// An action that is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    /// What kind of action it is.
    pub action_type: String,
    /// A JSON object.
    pub data: Metadata,
    /// What else is to be known of it.
    pub metadata: Metadata,
    /// Whether a conversation that is not there is created.
    pub create_if_missing: bool,
}

/// The conversations of one user.
///
/// Every change is one commit, all or nothing, and may fail with the backend's errors, with
/// [`Closed`](ErrorKind::Closed), [`LimitExceeded`](ErrorKind::LimitExceeded), [`NotFound`](ErrorKind::NotFound) for a conversation or a
/// message that is not there, and [`Conflict`](ErrorKind::Conflict); reads with the backend's errors, [`Closed`](ErrorKind::Closed) and
/// [`Corrupt`](ErrorKind::Corrupt).
///
/// Messages form a tree: an edited or regenerated message is a sibling of the one before. The path from the first message
/// to the last of the active branch is the conversation as it is read; where nothing ever branched that is all of it.
#[derive(Debug, Clone)]
pub struct MessageStore {
    database: Database,
    scope: ChatScope,
    keeper: Option<Rc<provider::Keeper>>,
}

/// What an attempt at a change found out: what to commit, and what to return after that. An empty batch is not committed.
type Attempt<'a, T> = LocalBoxFuture<'a, Result<(Batch, T)>>;

/// What is known of a conversation without its messages.
struct Loaded {
    entry: Entry,
    conversation: Conversation,
    tree: Tree,
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl MessageStore {
    pub(super) fn new(database: Database, options: MessageStoreOptions) -> Self {
        Self { database, scope: ChatScope { user: options.user }, keeper: None }
    }

    /// The user who owns the conversations.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.scope.user
    }

    /// Creates a conversation.
    ///
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) where there is one of that id and it is not to be overwritten.
    pub async fn create_conversation(&self, new: NewConversation) -> Result<Conversation> {
        let _call = self.database.begin()?;
        let NewConversation { id, title, metadata, overwrite } = new;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| self.database.draw_id());
        let created = Conversation::new(id, title, metadata.unwrap_or_else(Metadata::empty), self.database.now());
        let attempt = || -> Attempt<'_, Conversation> {
            Box::pin(async {
                let seen = self.entry(&created.id).await?;
                Edit::create(&self.scope, created.clone(), seen.as_ref(), overwrite)?.finish()
            })
        };
        self.change(&created.id, &attempt).await
    }

    /// A conversation without its messages.
    pub async fn get_conversation(&self, id: &str) -> Result<Option<Conversation>> {
        let _call = self.database.begin()?;
        let found = self.entry(id).await?;
        found.map(|entry| rules::read_conversation(id, &entry)).transpose()
    }

    /// All conversations, in the order in which they were created. One that is created or deleted meanwhile may be among them or not.
    pub async fn get_all_conversations(&self) -> Result<Vec<Conversation>> {
        let _call = self.database.begin()?;
        let found = self.database.read(&[self.scope.all_created().keys_only()]).await?;
        self.listed(found.iter().flatten()).await
    }

    /// Up to `limit` conversations that are put away, or that are not, by their last activity, the latest first; those after
    /// the end of another page.
    pub async fn list_conversations(
        &self,
        archived: bool,
        after: Option<&ListEnd>,
        limit: u32,
    ) -> Result<ConversationPage> {
        let _call = self.database.begin()?;
        let mut range = self.scope.activities(archived).keys_only().limit(limit);
        if let Some((at, id)) = after {
            range.start = self.scope.activity(archived, *at, id).successor();
        }
        let found = self.database.read(&[range]).await?;
        let is_last = found.iter().flatten().count() < limit as usize;
        let end = found.iter().flatten().last().map(|last| ChatScope::active(&last.key)).transpose()?;
        Ok(ConversationPage { conversations: self.listed(found.iter().flatten()).await?, end, is_last })
    }

    /// How many conversations there are.
    pub async fn count_conversations(&self) -> Result<usize> {
        let _call = self.database.begin()?;
        let found = self.database.read(&[self.scope.all_created().keys_only()]).await?;
        Ok(found.iter().flatten().count())
    }

    /// Gives a conversation another title or other metadata, puts it away or takes it back.
    pub async fn update_conversation(&self, id: &str, change: ConversationChange) -> Result<Conversation> {
        let _call = self.database.begin()?;
        let attempt = || -> Attempt<'_, Conversation> {
            Box::pin(async {
                let mut edit = Edit::of(&self.scope, id, self.entry(id).await?.as_ref())?;
                if let Some(title) = &change.title {
                    edit.rename(title);
                }
                if let Some(metadata) = &change.metadata {
                    edit.describe(metadata);
                }
                if let Some(archived) = change.archived {
                    edit.archive(archived);
                }
                edit.finish()
            })
        };
        self.change(id, &attempt).await
    }

    /// Removes a conversation with all that belongs to it. Returns whether there was one.
    pub async fn delete_conversation(&self, id: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        let attempt = || -> Attempt<'_, bool> {
            Box::pin(async {
                let seen = self.entry(id).await?;
                Ok((rules::plan_delete(&self.scope, id, seen.as_ref())?, seen.is_some()))
            })
        };
        self.change(id, &attempt).await
    }

    /// Adds an action.
    pub async fn add_action(&self, conversation: &str, new: NewAction) -> Result<Action> {
        let _call = self.database.begin()?;
        let now = self.database.now();
        let NewAction { action_type, data, metadata, create_if_missing } = new;
        let action = Action { id: self.database.draw_id(), action_type, data, created_at: now.into(), metadata };
        let attempt = || -> Attempt<'_, ()> {
            Box::pin(async {
                let mut edit = self.edit(conversation, create_if_missing, now).await?;
                edit.add_action(&action, now)?;
                Ok((edit.finish()?.0, ()))
            })
        };
        self.change(conversation, &attempt).await?;
        Ok(action)
    }

    /// The actions of a conversation, in the order in which they came; none where there is no such conversation.
    pub async fn get_conversation_actions(&self, conversation: &str) -> Result<Vec<Action>> {
        let _call = self.database.begin()?;
        self.actions(conversation).await
    }

    async fn actions(&self, conversation: &str) -> Result<Vec<Action>> {
        let mut actions = Vec::new();
        let mut take = |entry: Entry| {
            let action = Action::decode(&entry.value);
            actions.push(action.map_err(|error| error.at(format_args!("an action of conversation {conversation:?}")))?);
            Ok(true)
        };
        self.database.scan(self.scope.actions(conversation), &mut take).await?;
        Ok(actions)
    }

    /// The change of a conversation that is there, or is created by it.
    async fn edit(&self, id: &str, create_if_missing: bool, now: Timestamp) -> Result<Edit<'_>> {
        match self.entry(id).await? {
            None if create_if_missing => {
                let created = Conversation::new(id.to_owned(), None, Metadata::empty(), now);
                Edit::create(&self.scope, created, None, false)
            }
            seen => Edit::of(&self.scope, id, seen.as_ref()),
        }
    }

    async fn entry(&self, id: &str) -> Result<Option<Entry>> {
        let key = self.scope.conversation(id);
        Ok(self.database.get(&[Lookup::of(&key)]).await?.pop().flatten())
    }

    /// A conversation and its tree, in one snapshot.
    async fn load(&self, id: &str) -> Result<Loaded> {
        let ranges = [ReadRange::point(self.scope.conversation(id)), self.scope.links(id)];
        let mut found = self.database.read(&ranges).await?.into_iter();
        let entry = found.next().and_then(|entries| entries.into_iter().next()).ok_or_else(|| rules::not_found(id))?;
        let conversation = rules::read_conversation(id, &entry)?;
        let links = found.next().unwrap_or_default();
        let links: Result<Vec<_>> = links.iter().map(|link| link_of(&link.key, &link.value)).collect();
        let tree = Tree::new(conversation.next_message, links?);
        let tree = tree.map_err(|error| error.at(format_args!("the tree of conversation {id:?}")))?;
        Ok(Loaded { entry, tree, conversation })
    }

    /// The conversations that entries list, those that are there.
    async fn listed(&self, entries: impl Iterator<Item = &Entry>) -> Result<Vec<Conversation>> {
        let ids = entries.map(|entry| ChatScope::listed(&entry.key)).collect::<Result<Vec<String>>>()?;
        let mut conversations = Vec::with_capacity(ids.len());
        for some in ids.chunks(CONVERSATIONS_AT_ONCE) {
            let keys: Vec<Key> = some.iter().map(|id| self.scope.conversation(id)).collect();
            let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
            for (id, entry) in some.iter().zip(self.database.get(&lookups).await?) {
                if let Some(entry) = entry {
                    conversations.push(rules::read_conversation(id, &entry)?);
                }
            }
        }
        Ok(conversations)
    }

    /// Makes a change of a conversation when its turn has come, again where another tab was faster, and hands it over.
    async fn change<'a, T>(&'a self, id: &str, attempt: &'a dyn Fn() -> Attempt<'a, T>) -> Result<T> {
        let outcome = self.commit(id, attempt).await?;
        self.hand_over(id).await?;
        Ok(outcome)
    }

    /// The same without handing it over.
    async fn commit<'a, T>(&'a self, id: &str, attempt: &'a dyn Fn() -> Attempt<'a, T>) -> Result<T> {
        let _turn = self.database.take_turns(vec![(self.scope.conversation(id), Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let decided = attempt().await;
            // Another tab may have created or removed what is asked for.
            let is_refusal = |error: &Error| {
                // What looks damaged may have been removed between two readings.
                matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists | ErrorKind::Corrupt)
            };
            let may_be_outdated = match &decided {
                Ok((batch, _)) => batch.operations.is_empty(),
                Err(error) => is_refusal(error),
            };
            if may_be_outdated && !is_fresh {
                self.database.catch_up().await?;
                is_fresh = true;
                continue;
            }
            let (batch, outcome) = decided?;
            if batch.operations.is_empty() || self.database.try_commit(batch).await? {
                return Ok(outcome);
            }
        }
    }
}
