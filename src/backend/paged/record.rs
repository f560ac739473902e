//! The records of the log: groups of commits, and checkpoints.

use super::blob::{self, Packing};
use super::blob_store::{Area, Blob, Change};
use super::root::Root;
use super::stored::{MAX_INLINE, PIECE, Place, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Bytes, Operation};
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::tuple::Key;

/// How much of a record one blob of the log holds. Below 64 KiB, where Chromium would move it into a file. Bytes.
const LOG_PIECE: usize = if cfg!(feature = "tiny") { 100 } else { 56 * 1024 };

/// Blobs of large values are numbered from the log number of their record times this. More than a group can have: every
/// large value takes up at most twice its size in whole pieces, and a group is at most one batch over [`PIECE`]s of 32 MiB.
const VALUES_PER_RECORD: u64 = 1 << 14;

/// Kinds of records. The first two are read, and were written before records had an identity.
const NAMELESS_COMMITS: u8 = 1;
const NAMELESS_CHECKPOINT: u8 = 2;
const COMMITS: u8 = 3;
const CHECKPOINT: u8 = 4;

/// What tells a record from every other one, of this engine and of others: by it an engine knows its own record again
/// where the storage did not say whether it was written. In the record behind its kind.
pub(super) type Identity = [u8; 8];

/// The bytes of a record before its content: kind and identity.
const HEAD: usize = 1 + size_of::<Identity>();

const PUT: u8 = 1;
const PUT_AWAY: u8 = 2;
const DELETE: u8 = 3;
const DELETE_RANGE: u8 = 4;

/// One change of a commit, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    Put(Key, Value),
    Delete(Key),
    DeleteRange(Key, Key),
}

/// What a record says.
#[derive(Debug)]
pub(super) enum Record {
    /// Commits, each with its edits; the versions count up from the first one's.
    Commits { first_version: u64, commits: Vec<Vec<Edit>> },
    /// From here on this root holds.
    Checkpoint(Root),
}

/// Gives large values their places, in the order of the operations.
#[derive(Debug)]
pub(super) struct Places(u64);

impl Places {
    /// The places of a record that begins at a log number.
    pub(super) const fn of(first: u64) -> Self {
        Self(first * VALUES_PER_RECORD)
    }

    fn place(&mut self, bytes: &Bytes) -> Value {
        if bytes.len() <= MAX_INLINE {
            return Value::Inline(bytes.clone());
        }
        let place = Place { first: self.0, length: bytes.len() as u64 };
        self.0 += place.pieces();
        Value::Away(place)
    }

    pub(super) fn edit(&mut self, operation: Operation) -> Edit {
        match operation {
            Operation::Put { key, value } => Edit::Put(key, self.place(&value)),
            Operation::Delete { key } => Edit::Delete(key),
            Operation::DeleteRange { start, end } => Edit::DeleteRange(start, end),
        }
    }
}

/// Writes the record of commits that begins at log number `first`: the blobs of the log and those of large values.
pub(super) fn seal_commits<'a>(
    identity: Identity,
    first: u64,
    first_version: u64,
    commits: impl ExactSizeIterator<Item = &'a [Operation]>,
) -> Vec<Change> {
    let mut places = Places::of(first);
    let mut changes = Vec::new();
    let mut writer = Writer::default();
    writer.byte(COMMITS);
    identity.into_iter().for_each(|byte| writer.byte(byte));
    writer.number(first_version);
    writer.number(commits.len() as u64);
    for operations in commits {
        writer.number(operations.len() as u64);
        for operation in operations {
            match operation {
                Operation::Put { key, value } => match places.place(value) {
                    Value::Inline(bytes) => {
                        writer.byte(PUT);
                        writer.bytes(key.as_bytes());
                        writer.bytes(&bytes);
                    }
                    Value::Away(place) => {
                        writer.byte(PUT_AWAY);
                        writer.bytes(key.as_bytes());
                        writer.number(place.first);
                        writer.number(place.length);
                        seal_value(place, value, &mut changes);
                    }
                },
                Operation::Delete { key } => {
                    writer.byte(DELETE);
                    writer.bytes(key.as_bytes());
                }
                Operation::DeleteRange { start, end } => {
                    writer.byte(DELETE_RANGE);
                    writer.bytes(start.as_bytes());
                    writer.bytes(end.as_bytes());
                }
            }
        }
    }
    seal(first, &writer.into_vec(), &mut changes);
    changes
}

/// Writes a large value's blobs.
pub(super) fn seal_value(place: Place, value: &[u8], changes: &mut Vec<Change>) {
    for (number, piece) in (place.first..).zip(value.chunks(PIECE)) {
        changes.push(Change::Add(Area::Value, number, blob::seal(Area::Value, number, piece, Packing::Compressed)));
    }
}

/// Writes the record of a checkpoint. Its root's epoch has to be the record's last log number: see [`checkpoint_length`].
pub(super) fn seal_checkpoint(identity: Identity, first: u64, root: &[u8]) -> Vec<Change> {
    let mut changes = Vec::new();
    seal(first, &[&[CHECKPOINT], &identity[..], root].concat(), &mut changes);
    changes
}

/// How many log numbers the record of a root of that many bytes takes.
pub(super) const fn checkpoint_length(root_bytes: usize) -> u64 {
    (HEAD + root_bytes).div_ceil(LOG_PIECE) as u64
}

fn seal(first: u64, content: &[u8], changes: &mut Vec<Change>) {
    let pieces = content.chunks(LOG_PIECE);
    let last = first + pieces.len() as u64 - 1;
    for (number, piece) in (first..).zip(pieces) {
        changes.push(Change::Add(Area::Log, number, blob::seal_piece((first, last), number, piece)));
    }
}

/// The log number after those that the changes add; `first` where they add none.
pub(super) fn end_of(first: u64, changes: &[Change]) -> u64 {
    first + changes.iter().filter(|change| change.area() == Area::Log).count() as u64
}

/// Puts the pieces of records together.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`] where a blob is damaged, or one before it is missing; and [`ErrorKind::NewerVersion`].
pub(super) fn join(first: u64, blobs: &[Blob], take: &mut dyn FnMut(u64, u64, Record) -> Result<()>) -> Result<()> {
    let mut content = Vec::new();
    let mut begin = first;
    for (number, sealed) in (first..).zip(blobs) {
        let piece = blob::open_in_turn(number, sealed)?;
        if piece.number != number {
            return Err(blob::missing(Area::Log, number));
        }
        content.extend_from_slice(&piece.content);
        if piece.is_last {
            let record = decode(begin, &content)?;
            take(begin, number, record)?;
            content.clear();
            begin = number + 1;
        }
    }
    if content.is_empty() { Ok(()) } else { Err(blob::missing(Area::Log, first + blobs.len() as u64)) }
}

/// Reads the record that begins at a log number.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
pub(super) fn decode(begin: u64, content: &[u8]) -> Result<Record> {
    read(Reader::new(content)).map_err(|error| error.at(format_args!("blob {begin} of {:?}", Area::Log.name())))
}

fn read(mut reader: Reader<'_>) -> Result<Record> {
    let kind = reader.byte()?;
    if matches!(kind, COMMITS | CHECKPOINT) {
        for _ in 1..HEAD {
            reader.byte()?;
        }
    }
    match kind {
        COMMITS | NAMELESS_COMMITS => {
            let first_version = reader.number()?;
            let commits = (0..reader.number()?).map(|_| {
                let operations = reader.number()?;
                (0..operations).map(|_| edit(&mut reader)).collect()
            });
            let commits = commits.collect::<Result<_>>()?;
            Ok(Record::Commits { first_version, commits })
        }
        CHECKPOINT | NAMELESS_CHECKPOINT => Ok(Record::Checkpoint(Root::decode(reader.remaining())?)),
        kind => Err(Error::new(ErrorKind::NewerVersion, format!("a record of the log is of the unknown kind {kind}"))),
    }
}

fn edit(reader: &mut Reader<'_>) -> Result<Edit> {
    let kind = reader.byte()?;
    let key = Key::from_bytes(reader.bytes()?.to_vec());
    Ok(match kind {
        PUT => Edit::Put(key, Value::Inline(reader.bytes()?.into())),
        PUT_AWAY => Edit::Put(key, Value::Away(Place { first: reader.number()?, length: reader.number()? })),
        DELETE => Edit::Delete(key),
        DELETE_RANGE => Edit::DeleteRange(key, Key::from_bytes(reader.bytes()?.to_vec())),
        _ => return Err(damaged()),
    })
}
