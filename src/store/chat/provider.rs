//! Conversations that are kept elsewhere too (`stores.md`, C.3 and C.5).

use super::MessageStore;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Version;
use crate::model::chat::archive::Archive;
use crate::model::import::Existing;
use crate::store::database::Attempts;
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
    /// Makes it ready: called before anything else, and again where it failed.
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
    /// Whether it was made ready, and whether its conversations were taken.
    is_ready: Cell<bool>,
    is_initialized: Cell<bool>,
    /// The version of each conversation that was handed over last.
    handed_over: RefCell<HashMap<String, Version>>,
    /// What was deleted here, and whether the provider has forgotten it.
    gone: RefCell<Vec<(String, bool)>>,
}

impl Keeper {
    fn is_gone(&self, id: &str) -> bool {
        self.gone.borrow().iter().any(|(gone, _)| gone == id)
    }

    /// Notes that a conversation was deleted here, or is there after all.
    fn note_gone(&self, id: &str, gone: Option<bool>) {
        let mut all = self.gone.borrow_mut();
        all.retain(|(known, _)| known != id);
        all.extend(gone.map(|is_forgotten| (id.to_owned(), is_forgotten)));
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl MessageStore {
    /// The same store, which hands over every conversation that it changes to a provider, whole, as soon as it has changed it. A call that
    /// changes something waits for that, and is [`Provider`](ErrorKind::Provider) where it fails: then the change is made here all
    /// the same, and the next one, or [`Self::save`], hands it over. A message that is being written is handed over as it begins, if the provider
    /// takes it then, and when it has ended.
    #[must_use]
    pub fn with_provider(mut self, provider: Rc<dyn StorageProvider>) -> Self {
        self.keeper = Some(Rc::new(Keeper {
            provider,
            is_ready: Cell::default(),
            is_initialized: Cell::default(),
            handed_over: RefCell::default(),
            gone: RefCell::default(),
        }));
        self
    }

    /// Takes the conversations that the provider has and this store has not, but for those that were deleted in it. The next time, and where there is no
    /// provider, nothing is taken; then it makes sure that the store can be read.
    ///
    /// [`Provider`](ErrorKind::Provider) where the provider fails; what was taken until then stays, and the next time goes on.
    pub async fn initialize(&self) -> Result<()> {
        let _call = self.database.begin()?;
        let Some(keeper) = &self.keeper else { return self.database.catch_up().await };
        self.make_ready(keeper).await?;
        let _turn = self.provider_turns(&[String::new()]).await;
        if keeper.is_initialized.get() {
            return Ok(());
        }
        let mut left = keeper.provider.load_store().await.map_err(failed)?.unwrap_or_default();
        let mut at_once = TAKEN_AT_ONCE;
        while !left.is_empty() {
            left.retain(|archive| !keeper.is_gone(&archive.conversation.id));
            let some: Vec<Archive> = left.iter().take(at_once).cloned().collect();
            match self.restore(some, Existing::Skip).await {
                // Large conversations: fewer in a commit.
                Err(error) if error.kind() == ErrorKind::LimitExceeded && at_once > 1 => at_once /= 2,
                done => {
                    done.map_err(failed)?;
                    left.drain(..left.len().min(at_once));
                }
            }
        }
        keeper.is_initialized.set(true);
        Ok(())
    }

    /// Makes every change acknowledged so far survive a power cut, and hands all conversations over to the provider, if there is one; what it did not
    /// forget when it was deleted it forgets now.
    ///
    /// [`Provider`](ErrorKind::Provider) where that fails, also where they are more than one export can have; each is handed over as it changes, all
    /// the same.
    pub async fn save(&self) -> Result<()> {
        self.database.flush().await?;
        let Some(keeper) = &self.keeper else { return Ok(()) };
        let _call = self.database.begin()?;
        self.make_ready(keeper).await?;
        let gone: Vec<String> =
            keeper.gone.borrow().iter().filter(|(_, is_forgotten)| !is_forgotten).map(|(id, _)| id.clone()).collect();
        for id in &gone {
            self.hand_over(id).await?;
        }
        let ids = self.ids_to_export(None).await?;
        // Nothing newer is handed over meanwhile, that this would replace.
        let _turns = self.provider_turns(&ids).await;
        let conversations = self.archives(ids, false).await.map_err(failed)?;
        keeper.provider.save_store(&conversations).await.map_err(failed)
    }

    /// Hands over a conversation as it is now, where the provider does not have it so.
    pub(super) async fn hand_over(&self, id: &str) -> Result<()> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        if self.entry(id).await.map_err(failed)?.is_none() {
            // Whatever comes of it, it is not taken back.
            keeper.note_gone(id, Some(false));
        }
        self.make_ready(keeper).await?;
        // What others hand over while this waits for its turn has this change too, and is enough for all.
        let _turn = self.provider_turns(&[id.to_owned()]).await;
        let mut attempts = Attempts::default();
        let mut given = None;
        loop {
            attempts.begin().map_err(failed)?;
            let entry = self.entry(id).await.map_err(failed)?;
            let version = entry.and_then(|entry| entry.version);
            // Another tab may have changed it while it was on its way, and have been faster.
            let is_known = version.is_some() && keeper.handed_over.borrow().get(id).copied() == version;
            if is_known || given == Some(version) {
                return Ok(());
            }
            keeper.note_gone(id, version.is_none().then_some(false));
            let archives = self.archives(vec![id.to_owned()], false).await.map_err(failed)?;
            keeper.handed_over.borrow_mut().remove(id);
            match archives.first() {
                Some(conversation) => keeper.provider.save_conversation(conversation).await.map_err(failed)?,
                None => {
                    keeper.provider.delete_conversation(id).await.map_err(failed)?;
                    keeper.note_gone(id, Some(true));
                }
            }
            given = Some(version);
            if let Some(version) = version {
                keeper.handed_over.borrow_mut().insert(id.to_owned(), version);
            }
            self.database.catch_up().await.map_err(failed)?;
        }
    }

    async fn make_ready(&self, keeper: &Keeper) -> Result<()> {
        if keeper.is_ready.get() {
            return Ok(());
        }
        let _turn = self.provider_turns(&[String::new()]).await;
        if !keeper.is_ready.get() {
            keeper.provider.initialize().await.map_err(failed)?;
            keeper.is_ready.set(true);
        }
        Ok(())
    }

    /// One at a time hands a conversation over. A provider may use the store meanwhile, so this is not the turn that changes take. The numbers of messages
    /// begin at 1.
    async fn provider_turns(&self, ids: &[String]) -> KeyGuard {
        let turns = ids.iter().map(|id| (self.scope.message(id, 0), Mode::Alone)).collect();
        self.database.take_turns(turns).await
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

/// What went wrong after a change was made: not with the change, but on its way to the provider.
fn failed(error: Error) -> Error {
    error.of_kind(ErrorKind::Provider).at("the provider")
}
