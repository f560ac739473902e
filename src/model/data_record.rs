//! A record of the agent data store, and its stored form.

use super::batch::Bytes;
use super::codec::{Reader, Writer, damaged};
use super::content::BytesReference;
use super::json::{Json, Members, Parts};
use super::timestamp::Timestamp;
use crate::error::{Error, ErrorKind, Result};

const FORMAT: u8 = 1;

const HAS_CREATOR: u8 = 1;
const HAS_ACCESS: u8 = 1 << 1;
const HAS_METADATA: u8 = 1 << 2;
const HAS_EXTRA: u8 = 1 << 3;
const HAS_EXPIRY: u8 = 1 << 4;
const HAS_BYTES: u8 = 1 << 5;
const ALL_FLAGS: u8 = HAS_CREATOR | HAS_ACCESS | HAS_METADATA | HAS_EXTRA | HAS_EXPIRY | HAS_BYTES;

/// A value with what is kept about it (the document of `stores.md`, section B.4, without its key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRecord {
    /// The value.
    pub value: Json,
    /// Whether the value is what is said of bytes: the JSON of a [`BytesReference`].
    pub is_bytes: bool,
    /// A JSON object.
    pub metadata: Metadata,
    /// The agent that created the record, if there was one.
    pub created_by: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// From when on it is gone, if it expires.
    pub expires_at: Option<Timestamp>,
    /// When an agent last wrote it, and which. Counted reads are kept apart, see [`super::access::Access`].
    pub last_access: Option<(Timestamp, String)>,
    /// Fields of an imported document that this store does not know, as a JSON object. Kept for its export.
    pub extra: Metadata,
}

/// The parts of a [`DataRecord`], wherever they are.
#[derive(Debug, Clone, Copy)]
pub struct RecordParts<'a> {
    /// The value.
    pub value: &'a Json,
    /// As in [`DataRecord`].
    pub is_bytes: bool,
    /// As in [`DataRecord`].
    pub metadata: &'a Metadata,
    /// As in [`DataRecord`].
    pub created_by: Option<&'a str>,
    /// As in [`DataRecord`].
    pub created_at: Timestamp,
    /// As in [`DataRecord`].
    pub updated_at: Timestamp,
    /// As in [`DataRecord`].
    pub expires_at: Option<Timestamp>,
    /// As in [`DataRecord`].
    pub last_access: Option<(Timestamp, &'a str)>,
    /// As in [`DataRecord`].
    pub extra: &'a Metadata,
}

/// What a record is found by, as it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peek<'a> {
    pub(crate) value: &'a str,
    /// A JSON object.
    pub(crate) metadata: &'a str,
    pub(crate) created_by: Option<&'a str>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

impl<'a> Peek<'a> {
    /// Reads it off the stored form.
    ///
    /// # Errors
    ///
    /// As [`DataRecord::decode`].
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let flags = DataRecord::decode_head(&mut reader)?;
        let has = |flag| flags & flag != 0;
        let created_at = time(&mut reader)?;
        let updated_at = time(&mut reader)?;
        let expires_at = if has(HAS_EXPIRY) { Some(time(&mut reader)?) } else { None };
        let created_by = if has(HAS_CREATOR) { Some(reader.text()?) } else { None };
        if has(HAS_ACCESS) {
            reader.number()?;
            reader.text()?;
        }
        let metadata = if has(HAS_METADATA) { reader.text()? } else { "{}" };
        if has(HAS_EXTRA) {
            reader.text()?;
        }
        Ok(Self { value: reader.rest()?, metadata, created_by, created_at, updated_at, expires_at })
    }
}

/// About how much the stored form has beside the value. Bytes.
const SPARE: usize = 96;

/// The text of a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(Json);

impl Metadata {
    /// The empty object.
    #[must_use]
    pub fn empty() -> Self {
        Self(Members::default().to_json())
    }

    /// Takes a JSON value that has to be an object.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where it is something else.
    pub fn new(json: Json) -> Result<Self> {
        if json.as_str().starts_with('{') {
            return Ok(Self(json));
        }
        Err(Error::new(ErrorKind::InvalidValue, "metadata has to be an object"))
    }

    /// These members with those of `newer`, which win; nested objects are replaced whole.
    #[must_use]
    pub fn merged(&self, newer: &Self) -> Self {
        match (Parts::of(self.0.as_str()).object(), Parts::of(newer.0.as_str()).object()) {
            (Some(mut members), Some(newer)) if !members.is_empty() => {
                members.merge(newer);
                Self(members.to_json())
            }
            _ => newer.clone(),
        }
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_str() == "{}"
    }

    /// The object.
    #[must_use]
    pub const fn as_json(&self) -> &Json {
        &self.0
    }
}

impl RecordParts<'_> {
    /// The stored form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let flag = |bit, set| if set { bit } else { 0 };
        let mut writer = Writer::with_capacity(self.value.as_str().len() + SPARE);
        writer.byte(FORMAT);
        writer.byte(
            flag(HAS_CREATOR, self.created_by.is_some())
                | flag(HAS_ACCESS, self.last_access.is_some())
                | flag(HAS_METADATA, !self.metadata.is_empty())
                | flag(HAS_EXTRA, !self.extra.is_empty())
                | flag(HAS_EXPIRY, self.expires_at.is_some())
                | flag(HAS_BYTES, self.is_bytes),
        );
        writer.number(self.created_at.as_micros().cast_unsigned());
        writer.number(self.updated_at.as_micros().cast_unsigned());
        if let Some(at) = self.expires_at {
            writer.number(at.as_micros().cast_unsigned());
        }
        if let Some(creator) = self.created_by {
            writer.text(creator)?;
        }
        if let Some((at, agent)) = self.last_access {
            writer.number(at.as_micros().cast_unsigned());
            writer.text(agent)?;
        }
        for object in [self.metadata, self.extra] {
            if !object.is_empty() {
                writer.text(object.0.as_str())?;
            }
        }
        Ok(writer.finish_with(self.value.as_str()))
    }
}

impl DataRecord {
    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> RecordParts<'_> {
        RecordParts {
            value: &self.value,
            is_bytes: self.is_bytes,
            metadata: &self.metadata,
            created_by: self.created_by.as_deref(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at,
            last_access: self.last_access.as_ref().map(|(at, agent)| (*at, agent.as_str())),
            extra: &self.extra,
        }
    }

    /// The stored form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        self.parts().encode()
    }

    /// Reads the value alone of the stored form: what most reads want.
    ///
    /// # Errors
    ///
    /// As [`Self::decode`].
    pub fn decode_value(bytes: &[u8]) -> Result<Json> {
        Ok(Json::trusted(Peek::of(bytes)?.value.to_owned()))
    }

    /// Reads of the stored form alone what it says of bytes, where it is of bytes.
    ///
    /// # Errors
    ///
    /// As [`Self::decode`].
    pub fn decode_bytes(bytes: &[u8]) -> Result<Option<BytesReference>> {
        if Self::decode_head(&mut Reader::new(bytes))? & HAS_BYTES == 0 {
            return Ok(None);
        }
        BytesReference::parse(Self::decode_value(bytes)?.as_str()).map(Some).ok_or_else(damaged)
    }

    /// Whether a stored form is that of a record of bytes.
    #[must_use]
    pub fn has_bytes(bytes: &[u8]) -> bool {
        Self::decode_head(&mut Reader::new(bytes)).is_ok_and(|flags| flags & HAS_BYTES != 0)
    }

    /// Reads of the stored form alone when it was last written.
    ///
    /// # Errors
    ///
    /// As [`Self::decode`].
    pub fn decode_updated_at(bytes: &[u8]) -> Result<Timestamp> {
        let mut reader = Reader::new(bytes);
        Self::decode_head(&mut reader)?;
        reader.number()?;
        time(&mut reader)
    }

    fn decode_head(reader: &mut Reader<'_>) -> Result<u8> {
        reader.format(FORMAT)?;
        let flags = reader.byte()?;
        if flags & !ALL_FLAGS != 0 { Err(damaged()) } else { Ok(flags) }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where the bytes are not a record, [`ErrorKind::NewerVersion`] where a later version of this
    /// software wrote them.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let flags = Self::decode_head(&mut reader)?;
        let created_at = time(&mut reader)?;
        let updated_at = time(&mut reader)?;
        let expires_at = if flags & HAS_EXPIRY == 0 { None } else { Some(time(&mut reader)?) };
        let created_by = if flags & HAS_CREATOR == 0 { None } else { Some(reader.text()?.to_owned()) };
        let last_access =
            if flags & HAS_ACCESS == 0 { None } else { Some((time(&mut reader)?, reader.text()?.to_owned())) };
        let mut object = |flag| match flags & flag {
            0 => Ok(Metadata::empty()),
            _ => reader.text().map(|text| Metadata(Json::trusted(text.to_owned()))),
        };
        let metadata = object(HAS_METADATA)?;
        let extra = object(HAS_EXTRA)?;
        let value = Json::trusted(reader.rest()?.to_owned());
        let is_bytes = flags & HAS_BYTES != 0;
        Ok(Self { value, is_bytes, metadata, created_by, created_at, updated_at, expires_at, last_access, extra })
    }
}

fn time(reader: &mut Reader<'_>) -> Result<Timestamp> {
    Timestamp::from_micros(reader.number()?.cast_signed()).map_err(|_| damaged())
}
