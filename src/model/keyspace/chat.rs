//! The keys of the message store.

use super::damaged;
use crate::error::Result;
use crate::model::batch::ReadRange;
use crate::model::chat::tree::Link;
use crate::model::timestamp::Timestamp;
use crate::model::tuple::{Element, Key};

const CONVERSATION: u64 = 10;
const CREATED: u64 = 11;
const ACTIVITY: u64 = 12;
const MESSAGE: u64 = 13;
const MESSAGE_ID: u64 = 14;
const LINK: u64 = 15;
const PIECE: u64 = 16;
const ACTION: u64 = 17;
const INDEX: u64 = 18;
const WAITING: u64 = 19;

/// The parts of the search index. The blocks of all segments lie together: they are small, and every search needs some.
const BLOCKS: u64 = 0;
const WORDS: u64 = 1;

/// One user's conversations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChatScope {
    /// The user. Any text.
    pub user: String,
}

impl ChatScope {
    /// The key of a conversation.
    #[must_use]
    pub fn conversation(&self, id: &str) -> Key {
        self.space(CONVERSATION).text(id)
    }

    /// All conversations.
    #[must_use]
    pub fn conversations(&self) -> ReadRange {
        ReadRange::extensions(self.space(CONVERSATION))
    }

    /// The key that lists a conversation in the order of creation.
    #[must_use]
    pub fn created(&self, order: u64, id: &str) -> Key {
        self.space(CREATED).number(order).text(id)
    }

    /// The conversations in the order of creation.
    #[must_use]
    pub fn all_created(&self) -> ReadRange {
        ReadRange::extensions(self.space(CREATED))
    }

    /// The key that lists a conversation by its last activity, the latest first.
    #[must_use]
    pub fn activity(&self, archived: bool, at: Timestamp, id: &str) -> Key {
        // Before 1970 it does not matter which comes first.
        let age = u64::MAX - at.as_micros().max(0).cast_unsigned();
        self.space(ACTIVITY).number(archived.into()).number(age).text(id)
    }

    /// The conversations that are put away, or those that are not, by their last activity.
    #[must_use]
    pub fn activities(&self, archived: bool) -> ReadRange {
        ReadRange::extensions(self.space(ACTIVITY).number(archived.into()))
    }

    /// The id of the conversation that a key of [`Self::all_created`] or [`Self::activities`] lists.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn listed(key: &Key) -> Result<String> {
        match key.elements()?.pop() {
            Some(Element::Text(id)) => Ok(id),
            _ => Err(damaged()),
        }
    }

    /// The last activity and the id of the conversation that a key of [`Self::activities`] lists.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn active(key: &Key) -> Result<(Timestamp, String)> {
        match <[Element; 5]>::try_from(key.elements()?) {
            Ok([_, _, _, Element::Number(age), Element::Text(id)]) => {
                let at = Timestamp::from_micros((u64::MAX - age).cast_signed()).map_err(|_| damaged())?;
                Ok((at, id))
            }
            _ => Err(damaged()),
        }
    }

    /// The key of a message.
    #[must_use]
    pub fn message(&self, conversation: &str, number: u64) -> Key {
        self.within(MESSAGE, conversation).number(number)
    }

    /// The messages of these numbers, first and last among them.
    #[must_use]
    pub fn messages(&self, conversation: &str, first: u64, last: u64) -> ReadRange {
        ReadRange::between(self.message(conversation, first), self.message(conversation, last).successor())
    }

    /// The key that has the number of a message, under its id.
    #[must_use]
    pub fn message_id(&self, conversation: &str, id: &str) -> Key {
        self.within(MESSAGE_ID, conversation).text(id)
    }

    /// The key of a link of the tree. That of which child is active has the child as its value.
    #[must_use]
    pub fn link(&self, conversation: &str, link: Link) -> Key {
        match link {
            Link::Active { parent, .. } => self.within(LINK, conversation).number(parent),
            Link::Child { parent, child } => self.within(LINK, conversation).number(parent).number(child),
        }
    }

    /// All links of a conversation's tree.
    #[must_use]
    pub fn links(&self, conversation: &str) -> ReadRange {
        ReadRange::extensions(self.within(LINK, conversation))
    }

    /// The key of a piece of a message that is being written.
    #[must_use]
    pub fn piece(&self, conversation: &str, message: u64, piece: u64) -> Key {
        self.within(PIECE, conversation).number(message).number(piece)
    }

    /// The pieces of a message.
    #[must_use]
    pub fn pieces(&self, conversation: &str, message: u64) -> ReadRange {
        ReadRange::extensions(self.within(PIECE, conversation).number(message))
    }

    /// The key of an action.
    #[must_use]
    pub fn action(&self, conversation: &str, number: u64) -> Key {
        self.within(ACTION, conversation).number(number)
    }

    /// The actions of a conversation, in their order.
    #[must_use]
    pub fn actions(&self, conversation: &str) -> ReadRange {
        ReadRange::extensions(self.within(ACTION, conversation))
    }

    /// All that belongs to a conversation beside its own entry and where that is listed.
    #[must_use]
    pub fn belongings(&self, conversation: &str) -> [ReadRange; 6] {
        [MESSAGE, MESSAGE_ID, LINK, PIECE, ACTION, WAITING]
            .map(|space| ReadRange::extensions(self.within(space, conversation)))
    }

    /// The key of the directory of the search index.
    #[must_use]
    pub fn directory(&self) -> Key {
        self.space(INDEX)
    }

    /// All of a segment of the search index.
    #[must_use]
    pub fn segment(&self, segment: u64) -> [ReadRange; 2] {
        [self.blocks(segment), ReadRange::extensions(self.words_of(segment))]
    }

    /// The key of some messages of a segment.
    #[must_use]
    pub fn block(&self, segment: u64, place: u64) -> Key {
        self.blocks_of(segment).number(place)
    }

    /// All messages of a segment.
    #[must_use]
    pub fn blocks(&self, segment: u64) -> ReadRange {
        ReadRange::extensions(self.blocks_of(segment))
    }

    fn blocks_of(&self, segment: u64) -> Key {
        self.space(INDEX).number(BLOCKS).number(segment)
    }

    /// The key of a word of a segment.
    #[must_use]
    pub fn word(&self, segment: u64, word: &str) -> Key {
        self.words_of(segment).text(word)
    }

    /// The words of a segment that begin so.
    #[must_use]
    pub fn words(&self, segment: u64, prefix: &str) -> ReadRange {
        let (start, end) = self.words_of(segment).text_prefix_range(prefix);
        ReadRange::between(start, end)
    }

    /// What the keys of a segment's words begin with.
    #[must_use]
    pub fn words_of(&self, segment: u64) -> Key {
        self.space(INDEX).number(WORDS).number(segment)
    }

    /// The key that says that a message is not in the search index yet.
    #[must_use]
    pub fn waits(&self, conversation: &str, number: u64) -> Key {
        self.within(WAITING, conversation).number(number)
    }

    /// All messages that are not in the search index yet.
    #[must_use]
    pub fn waiting(&self) -> ReadRange {
        ReadRange::extensions(self.space(WAITING))
    }

    /// The conversation and the number of the message of a key of [`Self::waiting`].
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn waiting_message(key: &Key) -> Result<(String, u64)> {
        match <[Element; 4]>::try_from(key.elements()?) {
            Ok([_, _, Element::Text(conversation), Element::Number(number)]) => Ok((conversation, number)),
            _ => Err(damaged()),
        }
    }

    fn space(&self, space: u64) -> Key {
        Key::with_capacity(self.user.len() + super::SPARE).number(space).text(&self.user)
    }

    fn within(&self, space: u64, conversation: &str) -> Key {
        self.space(space).text(conversation)
    }
}

/// The last element of a key, a number, such as that of a message.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where it is none.
pub fn last_number(key: &Key) -> Result<u64> {
    match key.elements()?.pop() {
        Some(Element::Number(number)) => Ok(number),
        _ => Err(damaged()),
    }
}

/// The link that an entry of [`ChatScope::links`] says.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where it is another entry.
pub fn link_of(key: &Key, value: &[u8]) -> Result<Link> {
    match key.elements()?.as_slice() {
        [_, _, _, Element::Number(parent), Element::Number(child)] => {
            Ok(Link::Child { parent: *parent, child: *child })
        }
        [_, _, _, Element::Number(parent)] => {
            let child = value.try_into().map(u64::from_le_bytes).map_err(|_| damaged())?;
            Ok(Link::Active { parent: *parent, child })
        }
        _ => Err(damaged()),
    }
}
