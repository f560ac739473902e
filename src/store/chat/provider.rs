//! Conversations that are kept elsewhere too (`stores.md`, C.3 and C.5).

use super::MessageStore;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Version;
use crate::model::chat::archive::{Archive, Existing};
use crate::store::key_locks::{KeyGuard, Mode};
use async_trait::async_trait;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// How many conversations are taken from a provider in one commit.
const TAKEN_AT_ONCE: usize = 64;

/// What keeps whole conversations, such as a server or a folder. A [`MessageStore`] is one, in memory or in a database.
#[async_trait(?Send)]
pub trait StorageProvider {
    /// Makes it ready, before anything else.
    ///
    /// # Errors
    ///
    /// The provider's own, as of all operations.
    async fn initialize(&self) -> Result<()> {
        Ok(())
    }

    /// Keeps all conversations of a store, in the order in which they were created.
    async fn save_store(&self, conversations: &[Archive]) -> Result<()> {
        save_each(self, conversations).await
    }

    /// All conversations in that order; `None` where it has never kept any.
    async fn load_store(&self) -> Result<Option<Vec<Archive>>> {
        load_each(self).await
    }

    /// Keeps a conversation, instead of what it has of that id.
    async fn save_conversation(&self, conversation: &Archive) -> Result<()>;

    /// A conversation that it keeps.
    async fn load_conversation(&self, id: &str) -> Result<Option<Archive>>;

    /// The ids of all that it keeps.
    async fn list_conversation_ids(&self) -> Result<Vec<String>>;

    /// Forgets a conversation. The original has no such operation; a provider without it keeps what was deleted.
    async fn delete_conversation(&self, id: &str) -> Result<()> {
        let _ = id;
        Ok(())
    }
}

/// What [`StorageProvider::save_store`] does where a provider has no way of its own.
pub(crate) async fn save_each<P: StorageProvider + ?Sized>(provider: &P, conversations: &[Archive]) -> Result<()> {
    for conversation in conversations {
        provider.save_conversation(conversation).await?;
    }
    Ok(())
}

/// What [`StorageProvider::load_store`] does where a provider has no way of its own.
pub(crate) async fn load_each<P: StorageProvider + ?Sized>(provider: &P) -> Result<Option<Vec<Archive>>> {
    let mut conversations = Vec::new();
    for id in provider.list_conversation_ids().await? {
        conversations.extend(provider.load_conversation(&id).await?);
    }
    Ok(Some(conversations).filter(|conversations| !conversations.is_empty()))
}

/// The provider of a store, and what is known of what it has.
pub(super) struct Keeper {
    provider: Rc<dyn StorageProvider>,
    is_initialized: Cell<bool>,
    /// The version of each conversation that was handed over last.
    handed_over: RefCell<HashMap<String, Version>>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl MessageStore {
    /// The same store, which hands over every conversation that it changes to a provider, whole, as soon as it has changed it. A call that
    /// changes something waits for that, and is [`Provider`](ErrorKind::Provider) where the provider fails: then the change is made here all
    /// the same, and the next one, or [`Self::save`], hands it over. A message that is being written is handed over as it begins and
    /// when it has ended.
    #[must_use]
    pub fn with_provider(mut self, provider: Rc<dyn StorageProvider>) -> Self {
        self.keeper =
            Some(Rc::new(Keeper { provider, is_initialized: Cell::default(), handed_over: RefCell::default() }));
        self
    }

    /// Takes the conversations that the provider has and this store has not. The next time, and where there is no provider, nothing is taken; then
    /// it makes sure that the store can be read.
    pub async fn initialize(&self) -> Result<()> {
        let _call = self.database.begin()?;
        let Some(keeper) = &self.keeper else { return self.database.catch_up().await };
        let _turn = self.provider_turn("").await;
        if keeper.is_initialized.get() {
            return Ok(());
        }
        keeper.provider.initialize().await.map_err(failed)?;
        let mut conversations = keeper.provider.load_store().await.map_err(failed)?.unwrap_or_default();
        while !conversations.is_empty() {
            let rest = conversations.split_off(conversations.len().min(TAKEN_AT_ONCE));
            self.restore(std::mem::replace(&mut conversations, rest), Existing::Skip).await?;
        }
        keeper.is_initialized.set(true);
        Ok(())
    }

    /// Makes every change acknowledged so far survive a power cut, and hands all conversations over to the provider, if there is one.
    ///
    /// [`LimitExceeded`](ErrorKind::LimitExceeded) where they are more than one commit can have; each is handed over as it changes, all the same.
    pub async fn save(&self) -> Result<()> {
        self.database.flush().await?;
        let Some(keeper) = &self.keeper else { return Ok(()) };
        let _call = self.database.begin()?;
        let conversations = self.archives(self.ids_to_export(None).await?, false).await?;
        keeper.provider.save_store(&conversations).await.map_err(failed)
    }

    /// Hands over a conversation as it is now, where the provider does not have it so.
    pub(super) async fn hand_over(&self, id: &str) -> Result<()> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        // What others hand over while this waits for its turn has this change too, and is enough for all.
        let _turn = self.provider_turn(id).await;
        let version = self.entry(id).await?.and_then(|entry| entry.version);
        if version.is_some() && keeper.handed_over.borrow().get(id).copied() == version {
            return Ok(());
        }
        let archives = self.archives(vec![id.to_owned()], false).await?;
        match archives.first() {
            Some(conversation) => keeper.provider.save_conversation(conversation).await,
            None => keeper.provider.delete_conversation(id).await,
        }
        .map_err(failed)?;
        let mut handed_over = keeper.handed_over.borrow_mut();
        match version {
            Some(version) => drop(handed_over.insert(id.to_owned(), version)),
            None => drop(handed_over.remove(id)),
        }
        Ok(())
    }

    /// One at a time hands a conversation over. A provider may use the store meanwhile, so this is not the turn that changes take. The numbers of messages
    /// begin at 1.
    async fn provider_turn(&self, id: &str) -> KeyGuard {
        self.database.take_turns(vec![(self.scope.message(id, 0), Mode::Alone)]).await
    }
}

#[async_trait(?Send)]
impl StorageProvider for MessageStore {
    async fn initialize(&self) -> Result<()> {
        Self::initialize(self).await
    }

    async fn save_store(&self, conversations: &[Archive]) -> Result<()> {
        let _call = self.database.begin()?;
        self.take(conversations.to_vec(), Existing::Replace).await.map(drop)
    }

    async fn load_store(&self) -> Result<Option<Vec<Archive>>> {
        let _call = self.database.begin()?;
        let conversations = self.archives(self.ids_to_export(None).await?, false).await?;
        Ok(Some(conversations).filter(|conversations| !conversations.is_empty()))
    }

    async fn save_conversation(&self, conversation: &Archive) -> Result<()> {
        self.save_store(std::slice::from_ref(conversation)).await
    }

    async fn load_conversation(&self, id: &str) -> Result<Option<Archive>> {
        let _call = self.database.begin()?;
        Ok(self.archives(vec![id.to_owned()], false).await?.pop())
    }

    async fn list_conversation_ids(&self) -> Result<Vec<String>> {
        let _call = self.database.begin()?;
        self.ids_to_export(None).await
    }

    async fn delete_conversation(&self, id: &str) -> Result<()> {
        Self::delete_conversation(self, id).await.map(drop)
    }
}

fn failed(error: Error) -> Error {
    error.of_kind(ErrorKind::Provider).at("the provider")
}
