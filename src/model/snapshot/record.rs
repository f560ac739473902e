//! A snapshot, and the versions that it had, as they are stored.

use crate::error::Result;
use crate::model::batch::{Bytes, Entry};
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::hash::sha256;
use crate::model::json::{Json, ObjectWriter};
use crate::model::timestamp::Timestamp;

const FORMAT: u8 = 1;
/// How much the stored form has beside the value. Bytes.
const SPARE: usize = 17;

/// What is saved under a key now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of this version of the key: 1 at first, and one more each time that another value is saved.
    pub version: u64,
    /// When it was saved, the last time.
    pub saved_at: Timestamp,
    /// The value.
    pub value: Json,
}

impl Snapshot {
    /// The stored form.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::with_capacity(self.value.as_str().len() + SPARE);
        writer.byte(FORMAT);
        writer.number(self.version);
        writer.number(self.saved_at.as_micros().cast_unsigned());
        writer.finish_with(self.value.as_str())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let (version, saved_at) = (reader.number()?, time(&mut reader)?);
        Ok(Self { version, saved_at, value: Json::trusted(reader.rest()?.to_owned()) })
    }

    /// As a version among others.
    #[must_use]
    pub fn to_past(&self) -> Past {
        let text = self.value.as_str();
        Past { version: self.version, saved_at: self.saved_at, bytes: text.len() as u64, hash: sha256(text) }
    }
}

/// A version of a snapshot. What it has in it is stored under its hash, so what comes again is stored once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// As in [`Snapshot`].
    pub version: u64,
    /// As in [`Snapshot`].
    pub saved_at: Timestamp,
    /// How long the value's JSON text is. Bytes.
    pub bytes: u64,
    /// The SHA-256 of that text, as 64 lower-case hexadecimal digits.
    pub hash: String,
}

impl Past {
    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.raw("version", &self.version.to_string());
        object.text("savedAt", &*self.saved_at.to_iso());
        object.raw("bytes", &self.bytes.to_string());
        object.text("hash", self.hash.as_str());
        object.finish()
    }

    /// The stored form, without the version, which is in its key.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.number(self.saved_at.as_micros().cast_unsigned());
        writer.number(self.bytes);
        writer.finish_with(&self.hash)
    }

    /// Reads an entry of [`crate::model::keyspace::SnapshotScope::all_past`].
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
    pub fn decode(entry: &Entry) -> Result<Self> {
        let version = crate::model::keyspace::last_number(&entry.key)?;
        let mut reader = Reader::new(&entry.value);
        reader.format(FORMAT)?;
        let (saved_at, bytes) = (time(&mut reader)?, reader.number()?);
        Ok(Self { version, saved_at, bytes, hash: reader.rest()?.to_owned() })
    }
}

fn time(reader: &mut Reader<'_>) -> Result<Timestamp> {
    Timestamp::from_micros(reader.number()?.cast_signed()).map_err(|_| damaged())
}
