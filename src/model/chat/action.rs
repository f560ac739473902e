//! An action of a conversation, and its stored form.

use super::moment::Moment;
use super::{read_metadata, text_of};
use crate::error::Result;
use crate::model::batch::Bytes;
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::data_record::Metadata;
use crate::model::json::{Json, ObjectWriter};
use crate::model::timestamp::Timestamp;

const FORMAT: u8 = 1;

/// Something that happened in a conversation beside its messages (`stores.md`, C.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// What kind of action it is. Any text.
    pub action_type: String,
    /// A JSON object.
    pub data: Metadata,
    /// When it was created.
    pub created_at: Moment,
    /// What else is to be known of it.
    pub metadata: Metadata,
}

impl Action {
    /// About how many bytes it has.
    pub(crate) fn size(&self) -> usize {
        self.action_type.len() + self.data.as_json().as_str().len() + self.metadata.as_json().as_str().len()
    }

    /// The stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let data = self.data.as_json().as_str();
        let mut writer = Writer::with_capacity(data.len() + 64);
        writer.byte(FORMAT);
        self.created_at.write(&mut writer);
        writer.text(&self.id)?;
        writer.text(&self.action_type)?;
        writer.text(text_of(&self.metadata))?;
        Ok(writer.finish_with(data))
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where the bytes are not an action, [`crate::ErrorKind::NewerVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let created_at = Moment::read(&mut reader)?;
        let id = reader.text()?.to_owned();
        let action_type = reader.text()?.to_owned();
        let metadata = read_metadata(&mut reader)?;
        let data = Metadata::new(Json::trusted(reader.rest()?.to_owned())).map_err(|_| damaged())?;
        Ok(Self { id, action_type, data, created_at, metadata })
    }

    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self, conversation: &str) -> Json {
        let mut object = ObjectWriter::default();
        object.text("id", self.id.as_str());
        object.text("conversationId", conversation);
        object.text("actionType", self.action_type.as_str());
        object.raw("data", self.data.as_json().as_str());
        object.text("createdAt", &*Timestamp::to_iso(self.created_at.at));
        object.raw("metadata", self.metadata.as_json().as_str());
        object.finish()
    }
}
