//! The one table of the keyspace. Every key of every store is made here, and nowhere else.
//!
//! | tuple | value | store |
//! |---|---|---|
//! | `(1, user, namespace, key)` | [`DataRecord`](super::data_record::DataRecord) | agent data store |
//! | `(2, user, namespace, key)` | [`Access`](super::access::Access), where reads were counted | agent data store |
//! | `(3, time, user, namespace, key)` | nothing: lists records by the time at which they expire, in microseconds since 1970 | agent data store |
//! | `(4)` | nothing; put anew whenever a namespace's declaration changes what is to be written with its records | agent data store |
//! | `(4, user, namespace)` | [`Indexes`](super::find::Indexes) that the namespace declares | agent data store |
//! | `(5, user, namespace, index, part …, key)` | nothing: lists records by what is in them, see [`find`](super::find) | agent data store |
//! | `(6, user, sha256)` | [`Content`](super::content::Content): bytes that records refer to | agent data store |
//! | `(7, user, content id, piece)` | a piece of a content, or of what will be one | agent data store |
//! | `(8, user, content id)` | [`Upload`](super::content::Upload): pieces that are being written, and of no content yet | agent data store |
//! | `(10, user, conversation)` | [`Conversation`](super::chat::conversation::Conversation) | message store |
//! | `(11, user, place, conversation)` | nothing: lists conversations in the order of creation | message store |
//! | `(12, user, archived, age, conversation)` | nothing: lists conversations by their last activity, the latest first | message store |
//! | `(13, user, conversation, number)` | [`Message`](super::chat::message::Message) | message store |
//! | `(14, user, conversation, message id)` | the message's number | message store |
//! | `(15, user, conversation, parent)` | the number of the parent's active child, where it has several | message store |
//! | `(15, user, conversation, parent, child)` | nothing: a [link](super::chat::tree) of the tree | message store |
//! | `(16, user, conversation, number, piece)` | a piece of a message that is being written, as a JSON list | message store |
//! | `(17, user, conversation, number)` | [`Action`](super::chat::action::Action) | message store |
//! | `(18, user)` | [`Directory`](super::chat::segment::Directory) of the search index | message store |
//! | `(18, user, 0, segment, block)` | messages of a [segment](super::chat::segment) | message store |
//! | `(18, user, 1, segment, word)` | in which of the segment's messages the word is | message store |
//! | `(19, user, conversation, number)` | nothing: a message that is not indexed yet | message store |
//! | `(20, user, {1, scope} …, 0, key)` | [`Snapshot`](super::snapshot::record::Snapshot) | snapshot store |
//! | `(21, user, {1, scope} …, 0, key, version)` | [`Past`](super::snapshot::record::Past): a version that the snapshot had | snapshot store |
//! | `(22, user, {1, scope} …, 0, key, hash)` | what some of these versions had in them, as JSON text | snapshot store |
//! | `(30, user, session)` | [`Head`](super::session::Head): the session without its rows | session store |
//! | `(31, user, age, session)` | nothing: lists sessions by their last activity, the latest first | session store |
//! | `(32, user, session, number)` | [`RunSummary`](super::session::RunSummary) | session store |
//! | `(33, user, session, number)` | [`RunContent`](super::session::RunContent) | session store |
//! | `(34, user, session, adapter, number)` | [`Turn`](super::session::Turn) of a history | session store |
//! | `(35, user, session, number)` | [`RewindEntry`](super::session::RewindEntry) | session store |
//! | `(36, user, session, number)` | [`Redo`](super::session::Redo): what was taken back and can be made again | session store |
//! | `(37, user, session)` | [`Checkpoint`](super::session::Checkpoint) | session store |
//! | `(38, user, age)` | a prompt, whichever session it was of, the latest first | session store |
//! | `(39, user, hash)` | [`RecipeSnapshot`](super::session::RecipeSnapshot) | session store |
//! | `(40, user, session, number)` | [`Recipe`](super::recipe::Recipe) of the session: 1 that it begins with, 0 that was set | session store |
//! | `(41, user, session, number)` | [`UsageByModel`](super::session::UsageByModel) of the run of this number | session store |
//! | `(42, user, session, path)` | the text of a file | session store |
//! | `(43, user, day, session)` | [`UsageByModel`](super::session::UsageByModel) of the session on the day | session store |
//! | `()` and `(0)` | none ever: the turns of flushing and of closing | |
//!
//! The user comes right after the number of the space, so all that one user has in a space is one range, and no key of
//! one user lies in a range of another. Only what expires is in one order for all, which no store can read.

mod bytes;
mod chat;
mod session;
mod snapshot;

pub use bytes::{BytesScope, all_uploads, content_name, upload_name};
pub use chat::{ChatScope, last_number, link_of};
pub use session::SessionScope;
pub use snapshot::SnapshotScope;

use super::batch::{Entry, ReadRange};
use super::codec::damaged;
use super::timestamp::Timestamp;
use super::tuple::{Element, Key};
use crate::error::Result;

const DATA_RECORD: u64 = 1;
const DATA_ACCESS: u64 = 2;
const DATA_EXPIRY: u64 = 3;
const DATA_DECLARED: u64 = 4;
const DATA_INDEX: u64 = 5;

/// About how much a key has beside the user and the namespace. Bytes.
const SPARE: usize = 48;

/// One user's namespace in the agent data store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataScope {
    /// The user. Any text.
    pub user: String,
    /// The namespace. Any text, the empty one too.
    pub namespace: String,
}

/// Which keys of a namespace: those of which all that is given here holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySpan {
    /// What they begin with.
    pub prefix: String,
    /// The first key, inclusive.
    pub start: Option<String>,
    /// The end, exclusive.
    pub end: Option<String>,
}

impl DataScope {
    /// The key of a record.
    #[must_use]
    pub fn record(&self, key: &str) -> Key {
        self.space(DATA_RECORD).text(key)
    }

    /// The key of a record's access counts.
    #[must_use]
    pub fn access(&self, key: &str) -> Key {
        self.space(DATA_ACCESS).text(key)
    }

    /// The key that lists a record by the time at which it expires.
    #[must_use]
    pub fn expiry(&self, at: Timestamp, key: &str) -> Key {
        let bytes = self.user.len() + self.namespace.len() + key.len() + SPARE;
        let at = Key::with_capacity(bytes).number(DATA_EXPIRY).number(micros_of(at));
        at.text(&self.user).text(&self.namespace).text(key)
    }

    /// All records of the namespace.
    #[must_use]
    pub fn records(&self) -> ReadRange {
        ReadRange::extensions(self.space(DATA_RECORD))
    }

    /// The records whose key begins with `prefix`.
    #[must_use]
    pub fn records_from_prefix(&self, prefix: &str) -> ReadRange {
        let (start, end) = self.space(DATA_RECORD).text_prefix_range(prefix);
        ReadRange::between(start, end)
    }

    /// The records whose key is in a span.
    #[must_use]
    pub fn records_in(&self, keys: &KeySpan) -> ReadRange {
        let ReadRange { mut start, mut end, .. } = self.records_from_prefix(&keys.prefix);
        if let Some(first) = &keys.start {
            start = start.max(self.record(first));
        }
        if let Some(after) = &keys.end {
            end = end.min(self.record(after));
        }
        ReadRange::between(start, end)
    }

    /// The access counts of the records whose key begins with `prefix`.
    #[must_use]
    pub fn accesses_from_prefix(&self, prefix: &str) -> ReadRange {
        let (start, end) = self.space(DATA_ACCESS).text_prefix_range(prefix);
        ReadRange::between(start, end)
    }

    /// All access counts of the namespace.
    #[must_use]
    pub fn accesses(&self) -> ReadRange {
        ReadRange::extensions(self.space(DATA_ACCESS))
    }

    /// The key of what the namespace declares.
    #[must_use]
    pub fn declared(&self) -> Key {
        self.space(DATA_DECLARED)
    }

    /// What all entries of the namespace's indexes begin with.
    #[must_use]
    pub fn indexes(&self) -> ReadRange {
        ReadRange::extensions(self.space(DATA_INDEX))
    }

    /// All entries of one index.
    #[must_use]
    pub fn index_entries(&self, id: u64) -> ReadRange {
        ReadRange::extensions(self.index(id))
    }

    /// What the entries of one index begin with.
    #[must_use]
    pub fn index(&self, id: u64) -> Key {
        self.space(DATA_INDEX).number(id)
    }

    /// The key of the namespace itself, which has no entry: what calls that change its records share.
    #[must_use]
    pub fn turn(&self) -> Key {
        self.space(DATA_RECORD)
    }

    /// What reads the keys within the namespace off those of its records.
    #[must_use]
    pub fn names(&self) -> RecordNames {
        RecordNames(self.space(DATA_RECORD))
    }

    fn space(&self, space: u64) -> Key {
        let bytes = self.user.len() + self.namespace.len() + SPARE;
        Key::with_capacity(bytes).number(space).text(&self.user).text(&self.namespace)
    }
}

/// Reads names off the keys of one namespace's records.
#[derive(Debug)]
pub struct RecordNames(Key);

impl RecordNames {
    /// The key within the namespace.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where this is not the key of one of its records.
    pub fn of(&self, record: &Key) -> Result<String> {
        record.last_text_after(&self.0).ok_or_else(damaged)
    }
}

/// The key of the mark that some namespace declares something.
#[must_use]
pub fn declares() -> Key {
    Key::new().number(DATA_DECLARED)
}

/// Whether this is the key of a record, or the begin of a range of records.
#[must_use]
pub fn is_of_records(key: &Key) -> bool {
    key.begins_with(DATA_RECORD)
}

/// Whether this is the key of an index's entry, which may hold a copy of a record, or the begin of a range of such.
#[must_use]
pub fn is_of_indexes(key: &Key) -> bool {
    key.begins_with(DATA_INDEX)
}

/// The namespace of a record's key, or of the first key of a range of records within one.
#[must_use]
pub fn scope_of_records(key: &Key) -> Option<DataScope> {
    match <[Element; 3]>::try_from(key.first_elements(3)?) {
        Ok([Element::Number(DATA_RECORD), Element::Text(user), Element::Text(namespace)]) => {
            Some(DataScope { user, namespace })
        }
        _ => None,
    }
}

/// The key of the record that an index's entry lists.
#[must_use]
pub fn listed_key(entry: &Key) -> Option<String> {
    match entry.elements().ok()?.pop()? {
        Element::Text(key) => Some(key),
        Element::Number(_) => None,
    }
}

/// What lists all records that expire.
#[must_use]
pub fn expiries() -> ReadRange {
    ReadRange::extensions(expiry_turn())
}

/// What lists the records that expire up to a time.
#[must_use]
pub fn expiries_until(at: Timestamp) -> ReadRange {
    ReadRange::between(expiry_turn(), expiry_turn().number(micros_of(at)).end_of_extensions())
}

/// What those who remove expired records wait for.
#[must_use]
pub fn expiry_turn() -> Key {
    Key::new().number(DATA_EXPIRY)
}

/// When the record expires that a key of the expiry index lists, and which it is.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where it is no such key.
pub fn expiry_name(key: &Key) -> Result<(Timestamp, DataName)> {
    match <[Element; 5]>::try_from(key.elements()?) {
        Ok(
            [
                Element::Number(DATA_EXPIRY),
                Element::Number(at),
                Element::Text(user),
                Element::Text(namespace),
                Element::Text(key),
            ],
        ) => {
            let at = Timestamp::from_micros(at.cast_signed()).map_err(|_| damaged())?;
            Ok((at, DataName { scope: DataScope { user, namespace }, key, is_access: false }))
        }
        _ => Err(damaged()),
    }
}

fn micros_of(at: Timestamp) -> u64 {
    at.as_micros().max(0).cast_unsigned()
}

/// What those who write buffered counts wait for.
#[must_use]
pub const fn flush_turn() -> Key {
    Key::new()
}

/// What those who close the database wait for.
#[must_use]
pub fn close_turn() -> Key {
    Key::new().number(0)
}

/// All records of a user, in all namespaces.
#[must_use]
pub fn user_records(user: &str) -> ReadRange {
    ReadRange::extensions(Key::new().number(DATA_RECORD).text(user))
}

/// All access counts of a user, in all namespaces.
#[must_use]
pub fn user_accesses(user: &str) -> ReadRange {
    ReadRange::extensions(Key::new().number(DATA_ACCESS).text(user))
}

/// All records of a user in the namespaces that begin with `prefix`.
#[must_use]
pub fn user_records_from_prefix(user: &str, prefix: &str) -> ReadRange {
    let (start, end) = Key::new().number(DATA_RECORD).text(user).text_prefix_range(prefix);
    ReadRange::between(start, end)
}

/// All records of a user in the namespaces after `namespace`.
#[must_use]
pub fn user_records_after(user: &str, namespace: &str) -> ReadRange {
    let mut range = user_records(user);
    range.start = Key::new().number(DATA_RECORD).text(user).text(namespace).end_of_extensions();
    range
}

/// What an entry of the agent data store is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataName {
    /// The user and the namespace.
    pub scope: DataScope,
    /// The key.
    pub key: String,
    /// Whether it is the access counts and not the record.
    pub is_access: bool,
}

/// What an entry of the agent data store is of; `None` for every other entry.
#[must_use]
pub fn data_name(key: &Key) -> Option<DataName> {
    match <[Element; 4]>::try_from(key.elements().ok()?) {
        Ok([Element::Number(space), Element::Text(user), Element::Text(namespace), Element::Text(key)])
            if space == DATA_RECORD || space == DATA_ACCESS =>
        {
            Some(DataName { scope: DataScope { user, namespace }, key, is_access: space == DATA_ACCESS })
        }
        _ => None,
    }
}

/// The namespace and the key of a record's entry.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where the entry's key is not that of a record.
pub fn record_name(entry: &Entry) -> Result<(String, String)> {
    match <[Element; 4]>::try_from(entry.key.elements()?) {
        Ok([Element::Number(DATA_RECORD), Element::Text(_), Element::Text(namespace), Element::Text(key)]) => {
            Ok((namespace, key))
        }
        _ => Err(damaged()),
    }
}
