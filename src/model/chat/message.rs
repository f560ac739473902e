//! A message, and its stored form.

use super::content::Content;
use super::moment::Moment;
use super::usage::Usage;
use super::{read_metadata, text_of};
use crate::error::Result;
use crate::model::batch::Bytes;
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::data_record::Metadata;
use crate::model::json::{Json, ObjectWriter};
use crate::model::timestamp::Timestamp;

const FORMAT: u8 = 1;
/// About how much the stored form has beside its texts. Bytes.
const SPARE: usize = 96;

/// Whether a message is whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum State {
    /// It is.
    #[default]
    Complete,
    /// It is being written by this session.
    Streaming(String),
    /// Its writing failed, and why.
    Failed(String),
    /// Its writing was ended by somebody.
    Aborted,
    /// The session that was writing it has ended without finishing it. Not stored: it is what a reader finds out.
    Interrupted,
}

impl State {
    /// Its name, and why the writing failed.
    pub(super) fn name(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Complete => ("complete", None),
            Self::Streaming(_) => ("streaming", None),
            Self::Failed(why) => ("failed", Some(why)),
            Self::Aborted => ("aborted", None),
            Self::Interrupted => ("interrupted", None),
        }
    }
}

/// A message (`stores.md`, C.1), and what people have come to expect of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number within its conversation, from 1, in the order in which messages came.
    pub number: u64,
    /// Its id, unique within its conversation.
    pub id: String,
    /// Whose it is: `user`, `assistant`, `system`, `tool`, or any other text.
    pub role: String,
    /// What it says.
    pub content: Content,
    /// When it was created.
    pub created_at: Moment,
    /// What else is to be known of it.
    pub metadata: Metadata,
    /// Whether it is whole.
    pub state: State,
    /// What it used.
    pub usage: Option<Usage>,
}

impl Message {
    /// The stored form. The number is in its key.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let content = self.content.as_json().as_str();
        let mut writer = Writer::with_capacity(content.len() + SPARE);
        let (state, note) = match &self.state {
            State::Complete => (0, ""),
            State::Streaming(session) => (1, session.as_str()),
            State::Failed(why) => (2, why.as_str()),
            State::Aborted => (3, ""),
            State::Interrupted => (4, ""),
        };
        writer.byte(FORMAT);
        writer.byte(state);
        writer.byte(self.usage.is_some().into());
        self.created_at.write(&mut writer);
        writer.text(&self.id)?;
        writer.text(&self.role)?;
        writer.text(note)?;
        writer.text(text_of(&self.metadata))?;
        if let Some(usage) = self.usage {
            usage.write(&mut writer);
        }
        Ok(writer.finish_with(content))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where the bytes are not a message, [`crate::ErrorKind::NewerVersion`].
    pub fn decode(number: u64, bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let (state, has_usage) = (reader.byte()?, reader.byte()?);
        let created_at = Moment::read(&mut reader)?;
        let id = reader.text()?.to_owned();
        let role = reader.text()?.to_owned();
        let note = reader.text()?.to_owned();
        let state = match state {
            0 => State::Complete,
            1 => State::Streaming(note),
            2 => State::Failed(note),
            3 => State::Aborted,
            4 => State::Interrupted,
            _ => return Err(damaged()),
        };
        let metadata = read_metadata(&mut reader)?;
        let usage = if has_usage == 0 { None } else { Some(Usage::read(&mut reader)?) };
        let content = Content::trusted(Json::trusted(reader.rest()?.to_owned()));
        Ok(Self { number, id, role, content, created_at, metadata, state, usage })
    }
}

/// A message as it stands in its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The message.
    pub message: Message,
    /// The id of the one it follows.
    pub parent: Option<String>,
    /// Which of its siblings it is, from 0.
    pub place: usize,
    /// How many siblings there are, with itself.
    pub siblings: usize,
}

impl Placed {
    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self, conversation: &str) -> Json {
        let Message { id, role, content, created_at, metadata, state, usage, .. } = &self.message;
        let (state, error) = state.name();
        let mut object = ObjectWriter::default();
        object.text("id", id.as_str());
        object.text("conversationId", conversation);
        object.text("role", role.as_str());
        object.raw("content", content.as_json().as_str());
        object.text("createdAt", &*Timestamp::to_iso(created_at.at));
        object.raw("metadata", metadata.as_json().as_str());
        object.text("state", state);
        object.text("error", error);
        object.raw("usage", usage.map_or(Json::trusted("null".to_owned()), Usage::to_view).as_str());
        object.text("parentId", self.parent.as_deref());
        object.raw("siblingIndex", &self.place.to_string());
        object.raw("siblingCount", &self.siblings.to_string());
        object.finish()
    }
}
