//! Watching conversations.

use super::MessageStore;
use crate::store::data_watch::{DataWatch, Kind, points};

impl MessageStore {
    /// Watches conversations, whoever changes them: those of these ids, whether they exist or not, or all of the user. What is told has their ids as keys, and
    /// as values [what is said of them](crate::model::chat::conversation::Conversation::to_view): every change of a conversation changes that, also a
    /// message that comes, is edited or deleted. The text of a message that is being written is told of when it is finished.
    ///
    /// ```
    /// use agent_datastore::{backend::memory::Memory, store::Database};
    ///
    /// # pollster::block_on(async {
    /// let chats = Database::new(Memory::new(), Default::default()).message_store(Default::default());
    /// let mut watch = chats.watch(None);
    /// assert!(watch.next().await?.unwrap().changes.is_empty());
    /// let chat = chats.create_conversation(Default::default()).await?;
    /// assert_eq!(watch.next().await?.unwrap().changes[0].key, chat.id);
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn watch(&self, ids: Option<&[String]>) -> DataWatch {
        let ranges = match ids {
            Some(ids) => points(ids, &|id| self.scope.conversation(id)),
            None => vec![self.scope.conversations()],
        };
        DataWatch::new(&self.database, ranges, Kind::Conversations)
    }
}
