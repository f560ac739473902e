//! Bytes as values of the agent data store: what a record says of them, how they are stored, and who counts the references.
//!
//! A record of bytes has [`is_bytes`](super::data_record::DataRecord::is_bytes) and, as its value, the JSON of a [`BytesReference`]; that is what
//! everybody reads who does not ask for the bytes. They are stored once for each user, by their hash, in pieces under an id that is drawn, for the
//! hash of a stream is known at its end only. A content is there exactly as long as records refer to it.

use super::batch::{Batch, Bytes, Check, Entry, Expect, Operation};
use super::codec::{Reader, Writer, damaged};
use super::data_record::DataRecord;
use super::hash::hex;
use super::json::{Json, Members, ObjectWriter, Parts};
use super::keyspace::{BytesScope, content_name};
use super::repeats::first_places;
use super::timestamp::Timestamp;
use super::tuple::Key;
use crate::error::Result;
use sha2::{Digest as _, Sha256};

/// How many bytes each piece has but the last one.
pub const PIECE_BYTES: usize = 256 * 1024;

const FORMAT: u8 = 1;
/// The one member of a reference.
const MEMBER: &str = "$bytes";

/// What JavaScript gets back: the same that it set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BytesKind {
    /// A `Uint8Array`.
    #[default]
    Uint8Array,
    /// An `ArrayBuffer`.
    ArrayBuffer,
    /// A `Blob`, with its type.
    Blob,
}

impl BytesKind {
    /// Its name in references. Never renamed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uint8Array => "uint8array",
            Self::ArrayBuffer => "arraybuffer",
            Self::Blob => "blob",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Uint8Array, Self::ArrayBuffer, Self::Blob].into_iter().find(|kind| kind.name() == name)
    }
}

/// What a record says of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytesReference {
    /// The SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How many they are.
    pub size: u64,
    /// Their media type; empty where nobody said.
    pub media_type: String,
    /// What they were set as.
    pub kind: BytesKind,
}

impl BytesReference {
    /// The value of its record.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("sha256", &*self.sha256);
        object.raw("size", &self.size.to_string());
        object.text("type", &*self.media_type);
        object.text("kind", self.kind.name());
        Members::one(MEMBER, object.finish().as_str()).to_json()
    }

    /// Reads such a value; `None` where it is another one.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        let mut value = Parts::of(json).object()?;
        let mut object = Parts::of(value.take(MEMBER)?).object()?;
        let size = object.take("size")?.parse().ok()?;
        let mut text = |name| match Parts::of(object.take(name)?) {
            Parts::Text(text) => Some(text),
            _ => None,
        };
        let (sha256, media_type) = (text("sha256")?, text("type")?);
        let kind = BytesKind::of(&text("kind")?)?;
        (value.is_empty() && object.is_empty()).then_some(Self { sha256, size, media_type, kind })
    }

    /// Whether these are the bytes.
    #[must_use]
    pub fn fits(&self, bytes: &[u8]) -> bool {
        let mut hash = Hasher::default();
        hash.update(bytes);
        self.size == bytes.len() as u64 && self.sha256 == hash.finish()
    }
}

/// Hashes bytes that come in pieces.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes the next ones.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The SHA-256 of all of them, as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Bytes that are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What their pieces are stored under.
    pub id: String,
    /// How many they are.
    pub size: u64,
    /// How many records refer to them.
    pub references: u64,
}

impl Content {
    /// The stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for an id of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.text(&self.id)?;
        writer.number(self.size);
        writer.number(self.references);
        Ok(writer.finish())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], and [`crate::ErrorKind::NewerVersion`] where a later version of this software wrote it.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        Ok(Self { id: reader.text()?.to_owned(), size: reader.number()?, references: reader.number()? })
    }
}

/// An upload that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    /// When it last went on.
    pub at: Timestamp,
}

impl Upload {
    /// The stored form.
    #[must_use]
    pub fn encode(self) -> Bytes {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.number(self.at.as_micros().cast_unsigned());
        writer.finish()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// As [`Content::decode`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        Ok(Self { at: Timestamp::from_micros(reader.number()?.cast_signed()).map_err(|_| damaged())? })
    }
}

/// Adds a content to a batch that is not there yet, with nothing that refers to it: [`References::count`] sees who does. Its
/// pieces come from elsewhere. `seen` is what was found under its key.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where what was found cannot be read.
pub fn plan_content(
    batch: &mut Batch,
    scope: &BytesScope,
    reference: &BytesReference,
    id: &str,
    seen: Option<&Entry>,
) -> Result<bool> {
    let key = scope.content(&reference.sha256);
    // Where it is there, whatever its count is: whoever counts checks that.
    let expect = if seen.is_some() { Expect::Present } else { Expect::Absent };
    batch.check(Check { key: key.clone(), expect });
    if let Some(seen) = seen {
        return Content::decode(&seen.value).map(|_| false);
    }
    batch.put(key, Content { id: id.to_owned(), size: reference.size, references: 0 }.encode()?);
    Ok(true)
}

/// Adds the pieces of bytes to a batch, the first with this number.
pub fn plan_pieces(batch: &mut Batch, scope: &BytesScope, id: &str, first: u64, bytes: &[u8]) {
    for (number, piece) in (first..).zip(bytes.chunks(PIECE_BYTES)) {
        batch.put(scope.piece(id, number), piece);
    }
}

/// Removes an upload with its pieces.
pub fn plan_removal(batch: &mut Batch, scope: &BytesScope, id: &str) {
    batch.check(Check { key: scope.upload(id), expect: Expect::Present });
    batch.delete(scope.upload(id));
    batch.delete_range(scope.pieces(id));
}

/// What a batch does to references: one more or one less for each record of bytes that comes or goes.
#[derive(Debug, Default)]
pub struct References(Vec<Change>);

#[derive(Debug)]
struct Change {
    scope: BytesScope,
    sha256: String,
    by: i64,
}

impl References {
    /// Takes in that a record of a user is replaced: what is stored of it before and after, where there is something. What cannot be read refers to
    /// nothing.
    pub fn replaced(&mut self, user: &str, old: Option<&[u8]>, new: Option<&[u8]>) {
        for (stored, by) in [(old, -1), (new, 1)] {
            if let Some(Ok(Some(reference))) = stored.map(DataRecord::decode_bytes) {
                self.0.push(Change { scope: BytesScope::of(user), sha256: reference.sha256, by });
            }
        }
    }

    /// Takes in a content that a batch brings: it goes again where nothing refers to it.
    pub fn brought(&mut self, operation: &Operation) {
        if let Some((scope, sha256)) = content_in(operation).and_then(|(key, _)| content_name(&key)) {
            self.0.push(Change { scope, sha256, by: 0 });
        }
    }

    /// Whether nothing was taken in.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What those wait for who count references to the same contents; one may be named several times.
    #[must_use]
    pub fn turns(&self) -> Vec<Key> {
        self.0.iter().map(|change| change.scope.turn()).collect()
    }

    /// Puts changes of one content together.
    #[must_use]
    pub fn gathered(mut self) -> Self {
        let keys: Vec<_> = self.0.iter().map(|change| change.scope.content(&change.sha256)).collect();
        let first = first_places(keys.iter().map(|key| key.as_bytes()));
        let changes: Vec<i64> = self.0.iter().map(|change| change.by).collect();
        for (place, first) in first.iter().enumerate().filter(|(place, first)| place != *first) {
            if let (Some(change), Some(by)) = (self.0.get_mut(*first), changes.get(place)) {
                change.by += by;
            }
        }
        let mut places = first.iter().enumerate();
        self.0.retain(|_| places.next().is_some_and(|(place, first)| place == *first));
        self
    }

    /// The keys of the contents.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.0.iter().map(|change| change.scope.content(&change.sha256)).collect()
    }

    /// Has the batch count. `seen` is what is stored under each of [`Self::keys`]; a content that the batch itself brings is counted in it. What nobody
    /// refers to any more goes, with its pieces.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where a content cannot be read.
    pub fn count(&self, batch: &mut Batch, seen: &[Option<Entry>]) -> Result<()> {
        let brought: Vec<(Key, Bytes)> = batch.operations.iter().filter_map(content_in).collect();
        for ((change, key), seen) in self.0.iter().zip(self.keys()).zip(seen) {
            let of_batch = brought.iter().rev().find(|(brought, _)| *brought == key).map(|(_, value)| value);
            let known = of_batch.or(seen.as_ref().map(|entry| &entry.value));
            let Some(content) = known.map(|value| Content::decode(value)).transpose()? else {
                // What refers to nothing can be removed all the same; what would refer to nothing is a conflict.
                let expect = if change.by > 0 { Expect::Present } else { Expect::Absent };
                batch.check(Check { key, expect });
                continue;
            };
            let references = content.references.saturating_add_signed(change.by);
            if change.by == 0 && references > 0 {
                continue;
            }
            batch.check(Check::unchanged(key.clone(), seen.as_ref()));
            if references == 0 {
                batch.delete(key);
                batch.delete_range(change.scope.pieces(&content.id));
            } else {
                batch.put(key, Content { references, ..content }.encode()?);
            }
        }
        Ok(())
    }
}

/// A content that a batch brings.
fn content_in(operation: &Operation) -> Option<(Key, Bytes)> {
    match operation {
        Operation::Put { key, value } if content_name(key).is_some() => Some((key.clone(), value.clone())),
        _ => None,
    }
}
