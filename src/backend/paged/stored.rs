//! What is stored under a key: the version that put it, and its value or the place of its value.

use super::blob_store::{Area, BlobRange};
use crate::error::Result;
use crate::model::batch::{Bytes, Version};
use crate::model::codec::Reader;

/// Values over this size are stored beside the log and the pages, in blobs of their own. Bytes.
pub(super) const MAX_INLINE: usize = if cfg!(feature = "tiny") { 64 } else { 16 * 1024 };
/// The size of such a blob. Below 64 KiB, where Chromium would move it into a file. Bytes.
pub(super) const PIECE: usize = if cfg!(feature = "tiny") { 40 } else { 56 * 1024 };

const INLINE: u8 = 0;
const AWAY: u8 = 1;

/// A version with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) version: Version,
    pub(super) value: Value,
}

/// A value, or where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Inline(Bytes),
    Away(Place),
}

/// Where a large value is: in consecutive blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) first: u64,
    /// How many bytes the value has.
    pub(super) length: u64,
}

impl Place {
    /// The blobs of the value.
    pub(super) fn blobs(self) -> BlobRange {
        BlobRange { area: Area::Value, first: self.first, last: self.first + self.pieces().saturating_sub(1) }
    }

    pub(super) const fn pieces(self) -> u64 {
        self.length.div_ceil(PIECE as u64)
    }
}

impl Value {
    /// How many bytes the value has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Inline(bytes) => bytes.len(),
            Self::Away(place) => usize::try_from(place.length).unwrap_or(usize::MAX),
        }
    }

    /// Where it is, if it is not here.
    pub(super) const fn place(&self) -> Option<Place> {
        match self {
            Self::Inline(_) => None,
            Self::Away(place) => Some(*place),
        }
    }
}

/// The parts of the payload of a leaf's entry.
pub(super) struct Encoded<'a> {
    version: [u8; 8],
    kind: [u8; 1],
    place: [[u8; 8]; 2],
    /// The value, where it is not in its place.
    rest: Option<&'a [u8]>,
}

impl Encoded<'_> {
    pub(super) fn parts(&self) -> [&[u8]; 3] {
        [&self.version, &self.kind, self.rest.unwrap_or(self.place.as_flattened())]
    }
}

impl Stored {
    /// The payload of a leaf's entry, in parts.
    pub(super) fn encode(&self) -> Encoded<'_> {
        let version = self.version.0.to_le_bytes();
        match &self.value {
            Value::Inline(bytes) => Encoded { version, kind: [INLINE], place: [[0; 8]; 2], rest: Some(bytes) },
            Value::Away(place) => {
                let place = [place.first.to_le_bytes(), place.length.to_le_bytes()];
                Encoded { version, kind: [AWAY], place, rest: None }
            }
        }
    }

    /// Reads the version alone of the payload of a leaf's entry.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`].
    pub(super) fn decode_version(payload: &[u8]) -> Result<Version> {
        Reader::new(payload).number().map(Version)
    }

    /// Reads where the value is, if it is not here, of the payload of a leaf's entry.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`].
    pub(super) fn decode_place(payload: &[u8]) -> Result<Option<Place>> {
        let mut reader = Reader::new(payload);
        reader.number()?;
        Ok(match reader.byte()? {
            INLINE => None,
            _ => Some(Place { first: reader.number()?, length: reader.number()? }),
        })
    }

    /// Reads the payload of a leaf's entry.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`].
    pub(super) fn decode(payload: &Bytes) -> Result<Self> {
        let mut reader = Reader::new(payload);
        let version = Version(reader.number()?);
        let value = match reader.byte()? {
            INLINE => Value::Inline(payload.slice(payload.len() - reader.remaining().len()..payload.len())),
            _ => Value::Away(Place { first: reader.number()?, length: reader.number()? }),
        };
        Ok(Self { version, value })
    }
}
