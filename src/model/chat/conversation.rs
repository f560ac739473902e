//! A conversation without its messages, and its stored form.

use super::message::Message;
use super::moment::Moment;
use super::usage::Usage;
use super::{read_metadata, text_of, time};
use crate::error::Result;
use crate::model::batch::Bytes;
use crate::model::codec::{Reader, Writer};
use crate::model::data_record::Metadata;
use crate::model::json::{Json, ObjectWriter};
use crate::model::timestamp::Timestamp;

const FORMAT: u8 = 1;
/// How many code points of a message a preview has.
const PREVIEW: usize = 160;
/// How many code points of its id a title has that nobody gave.
const TITLE_OF_ID: usize = 8;

/// A conversation (`stores.md`, C.1), and what is kept up to date of its messages so that a list of conversations need not
/// read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id. Any text that is not empty.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it was created.
    pub created_at: Moment,
    /// What else is to be known of it.
    pub metadata: Metadata,
    /// Whether it was put away.
    pub archived: bool,
    /// Its place in the order of creation: microseconds, which rise.
    pub order: u64,
    /// When a message or an action last came.
    pub active_at: Timestamp,
    /// The number of the next message.
    pub next_message: u64,
    /// The message at the end of the path; 0 where there is none.
    pub leaf: u64,
    /// How many messages there are, those beside the path counted.
    pub messages: u64,
    /// How many actions there are.
    pub actions: u64,
    /// How often it was changed, with its messages and actions: who sees the same number has seen all of it, up to pieces of
    /// messages that are being written.
    pub revision: u64,
    /// What all messages used.
    pub usage: Usage,
    /// What the message at the end of the path says.
    pub last: Option<Preview>,
}

/// The beginning of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The message's id.
    pub id: String,
    /// Its role.
    pub role: String,
    /// The first words, white space made one space.
    pub text: String,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Preview {
    /// The beginning of a message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let words = message.content.words();
        let mut text = String::new();
        for word in words.split_whitespace() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
            if text.len() > PREVIEW * 4 {
                break;
            }
        }
        let text = text.chars().take(PREVIEW).collect();
        Self { id: message.id.clone(), role: message.role.clone(), text, created_at: message.created_at.at }
    }
}

/// The title of a conversation to which nobody gave one.
#[must_use]
pub fn default_title(id: &str) -> String {
    let id: String = id.chars().take(TITLE_OF_ID).collect();
    format!("Conversation {id}")
}

impl Conversation {
    /// A new one without messages.
    #[must_use]
    pub fn new(id: String, title: Option<String>, metadata: Metadata, now: Timestamp) -> Self {
        let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| default_title(&id));
        let mut conversation = Self {
            id,
            title,
            created_at: now.into(),
            metadata,
            archived: false,
            order: 0,
            active_at: now,
            next_message: 1,
            leaf: 0,
            messages: 0,
            actions: 0,
            revision: 0,
            usage: Usage::default(),
            last: None,
        };
        conversation.created_in_order(now);
        conversation
    }

    /// Gives it its place in the order of creation, behind those that got theirs before.
    pub fn created_in_order(&mut self, now: Timestamp) {
        self.order = now.as_micros().max(0).cast_unsigned();
    }

    /// The stored form. The id is in its key.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let mut writer = Writer::with_capacity(256);
        writer.byte(FORMAT);
        writer.byte(self.archived.into());
        self.created_at.write(&mut writer);
        writer.number(self.active_at.as_micros().cast_unsigned());
        for number in [self.order, self.next_message, self.leaf, self.messages, self.actions, self.revision] {
            writer.number(number);
        }
        self.usage.write(&mut writer);
        writer.text(&self.title)?;
        writer.text(text_of(&self.metadata))?;
        writer.byte(self.last.is_some().into());
        if let Some(last) = &self.last {
            writer.number(last.created_at.as_micros().cast_unsigned());
            writer.text(&last.id)?;
            writer.text(&last.role)?;
            writer.text(&last.text)?;
        }
        Ok(writer.finish())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where the bytes are not a conversation, [`crate::ErrorKind::NewerVersion`].
    pub fn decode(id: String, bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let archived = reader.byte()? != 0;
        let created_at = Moment::read(&mut reader)?;
        let active_at = time(&mut reader)?;
        let (order, next_message) = (reader.number()?, reader.number()?);
        let (leaf, messages) = (reader.number()?, reader.number()?);
        let (actions, revision) = (reader.number()?, reader.number()?);
        let usage = Usage::read(&mut reader)?;
        let title = reader.text()?.to_owned();
        let metadata = read_metadata(&mut reader)?;
        let last = match reader.byte()? {
            0 => None,
            _ => {
                let created_at = time(&mut reader)?;
                let mut text = || reader.text().map(str::to_owned);
                Some(Preview { created_at, id: text()?, role: text()?, text: text()? })
            }
        };
        Ok(Self {
            id,
            title,
            created_at,
            metadata,
            archived,
            order,
            active_at,
            next_message,
            leaf,
            messages,
            actions,
            revision,
            usage,
            last,
        })
    }

    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("id", self.id.as_str());
        object.text("title", self.title.as_str());
        object.text("createdAt", &*self.created_at.at.to_iso());
        object.text("lastActiveAt", &*self.active_at.to_iso());
        object.raw("metadata", self.metadata.as_json().as_str());
        object.raw("archived", if self.archived { "true" } else { "false" });
        object.raw("messageCount", &self.messages.to_string());
        object.raw("actionCount", &self.actions.to_string());
        object.raw("revision", &self.revision.to_string());
        object.raw("usage", self.usage.to_view().as_str());
        let last = self.last.as_ref().map(|last| {
            let mut preview = ObjectWriter::default();
            preview.text("id", last.id.as_str());
            preview.text("role", last.role.as_str());
            preview.text("preview", last.text.as_str());
            preview.text("createdAt", &*last.created_at.to_iso());
            preview.finish()
        });
        object.raw("lastMessage", last.as_ref().map_or("null", Json::as_str));
        object.finish()
    }
}
