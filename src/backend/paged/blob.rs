//! The envelope of every blob: format, place, checksum, compression.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | format version |
//! | 1 | area |
//! | 2 | flags: 1 compressed, 2 the last blob of its record, 4 the first one |
//! | 3 | of a page its level, with 0 for leaves; else zero |
//! | 4 to 11 | number |
//! | 12 to 15 | length of the content, uncompressed |
//! | 16 to 23 | XXH64 of bytes 0 to 15 and of what follows from 24 |
//! | 24 … | content |
//!
//! Numbers are little-endian. Area and number are part of the checksum, so a blob in a wrong place is noticed. The first 24
//! bytes are the same in every format, so that a later one is told from damage.

use super::blob_store::Area;
use crate::error::{Error, ErrorKind, Result};
use std::borrow::Cow;
use xxhash_rust::xxh64::Xxh64;

const FORMAT: u8 = 1;
const COMPRESSED: u8 = 1;
const LAST: u8 = 2;
const FIRST: u8 = 4;
const HEADER: usize = 24;
const SUMMED: usize = 16;

/// The most content of one blob. No blob of ours comes near; a length above it is damage.
const MAX_CONTENT: usize = 64 * 1024 * 1024;

/// Whether content is compressed. It stays as it is where that is not smaller by an eighth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Compressed,
}

/// What was in an envelope.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    pub(super) number: u64,
    /// Whether its record begins here.
    pub(super) is_first: bool,
    /// Whether its record ends here.
    pub(super) is_last: bool,
    /// Of a page: how many levels are below it.
    pub(super) level: u8,
    pub(super) content: Cow<'a, [u8]>,
}

/// A blob that is a record of its own.
pub(super) fn seal(area: Area, number: u64, content: &[u8], packing: Packing) -> Vec<u8> {
    seal_with(area, number, content, packing, FIRST | LAST, 0)
}

/// A blob that is a page of a level.
pub(super) fn seal_page(id: u64, level: u8, content: &[u8]) -> Vec<u8> {
    seal_with(Area::Page, id, content, Packing::Compressed, FIRST | LAST, level)
}

/// A blob that is a piece of a record of the log, which goes from one number to another.
pub(super) fn seal_piece((first, last): (u64, u64), number: u64, content: &[u8]) -> Vec<u8> {
    let ends = if number == first { FIRST } else { 0 } | if number == last { LAST } else { 0 };
    seal_with(Area::Log, number, content, Packing::Plain, ends, 0)
}

fn seal_with(area: Area, number: u64, content: &[u8], packing: Packing, ends: u8, level: u8) -> Vec<u8> {
    let compressed = match packing {
        Packing::Plain => None,
        Packing::Compressed => {
            Some(lz4_flex::block::compress(content)).filter(|bytes| bytes.len() < content.len() / 8 * 7)
        }
    };
    let flags = ends | if compressed.is_some() { COMPRESSED } else { 0 };
    let stored = compressed.as_deref().unwrap_or(content);
    let mut blob = Vec::with_capacity(HEADER + stored.len());
    blob.extend_from_slice(&[FORMAT, area as u8, flags, level]);
    blob.extend_from_slice(&number.to_le_bytes());
    blob.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    let sum = checksum(&blob, stored);
    blob.extend_from_slice(&sum.to_le_bytes());
    blob.extend_from_slice(stored);
    blob
}

/// Opens the envelope of a blob that was found in `area`, as number `number` where that is known.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`], naming the blob; [`ErrorKind::NewerVersion`].
pub(super) fn open(area: Area, number: Option<u64>, blob: &[u8]) -> Result<Opened<'_>> {
    let damaged = || damaged(area, number);
    let (header, stored) = blob.split_first_chunk::<HEADER>().ok_or_else(damaged)?;
    let [format, found_area, flags, level, rest @ ..] = header;
    let (found_number, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (length, sum) = rest.split_first_chunk().ok_or_else(damaged)?;
    let found_number = u64::from_le_bytes(*found_number);
    let length = u32::from_le_bytes(*length) as usize;
    let sum = sum.first_chunk().map(|sum| u64::from_le_bytes(*sum));
    let summed = header.first_chunk::<SUMMED>().ok_or_else(damaged)?;
    let is_right = sum == Some(checksum(summed, stored))
        && *found_area == area as u8
        && number.is_none_or(|number| number == found_number)
        && length <= MAX_CONTENT;
    if !is_right || *format == 0 {
        return Err(damaged());
    }
    if *format > FORMAT {
        let message = format!("a blob of {:?} has format {format}; this version reads up to {FORMAT}", area.name());
        return Err(Error::new(ErrorKind::NewerVersion, message));
    }
    let content = match flags & COMPRESSED {
        0 if stored.len() == length => Cow::Borrowed(stored),
        0 => return Err(damaged()),
        _ => Cow::Owned(lz4_flex::block::decompress(stored, length).map_err(|_| damaged())?),
    };
    let (is_first, is_last) = (flags & FIRST != 0, flags & LAST != 0);
    Ok(Opened { number: found_number, is_first, is_last, level: *level, content })
}

/// Opens a blob of the log that should have this number, or a higher one where blobs are missing.
///
/// # Errors
///
/// As [`open`]; one that is damaged is taken for the number that it should have.
pub(super) fn open_in_turn(number: u64, blob: &[u8]) -> Result<Opened<'_>> {
    open(Area::Log, None, blob).map_err(|error| match error.kind() {
        ErrorKind::Corrupt => damaged(Area::Log, Some(number)),
        _ => error,
    })
}

/// The error of a blob that is not what was written.
pub(super) fn damaged(area: Area, number: Option<u64>) -> Error {
    let place = match number {
        Some(number) => format!("blob {number} of {:?}", area.name()),
        None => format!("a blob of {:?}", area.name()),
    };
    Error::new(ErrorKind::Corrupt, format!("{place} is damaged"))
}

/// The error of a blob that is not there.
pub(super) fn missing(area: Area, number: u64) -> Error {
    Error::new(ErrorKind::Corrupt, format!("blob {number} of {:?} is missing", area.name()))
}

fn checksum(header: &[u8], stored: &[u8]) -> u64 {
    let mut hasher = Xxh64::new(0);
    hasher.update(header);
    hasher.update(stored);
    hasher.digest()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packing() -> impl Strategy<Value = Packing> {
        prop_oneof![Just(Packing::Plain), Just(Packing::Compressed)]
    }

    proptest! {
        #[test]
        fn content_comes_back(content in prop::collection::vec(0..4_u8, 0..400), number in 0..1_u64 << 53, packing in packing()) {
            let blob = seal(Area::Page, number, &content, packing);
            let opened = open(Area::Page, Some(number), &blob).unwrap();
            prop_assert!(opened.is_first && opened.is_last && opened.number == number);
            prop_assert_eq!(&*opened.content, content.as_slice());
        }

        #[test]
        fn every_changed_byte_is_noticed(content in prop::collection::vec(0..4_u8, 0..100), place in any::<prop::sample::Index>(), change in 1..=255_u8, packing in packing()) {
            let mut blob = seal(Area::Log, 7, &content, packing);
            let place = place.index(blob.len());
            blob[place] ^= change;
            prop_assert!(open(Area::Log, Some(7), &blob).is_err());
            prop_assert!(open(Area::Log, Some(7), &blob[..place]).is_err());
        }

        #[test]
        fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(open(Area::Log, None, &bytes).is_err());
        }
    }

    #[test]
    fn a_blob_in_a_wrong_place_is_noticed() {
        let blob = seal(Area::Log, 7, b"content", Packing::Plain);
        assert!(open(Area::Log, None, &blob).is_ok());
        for wrong in [open(Area::Log, Some(8), &blob), open(Area::Page, Some(7), &blob)] {
            assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Corrupt);
        }
    }

    #[test]
    fn a_later_format_is_told_from_damage() {
        let mut blob = seal(Area::Log, 7, b"content", Packing::Plain);
        blob[0] = FORMAT + 1;
        assert_eq!(open(Area::Log, Some(7), &blob).unwrap_err().kind(), ErrorKind::Corrupt);
        let sum = checksum(&blob[..SUMMED], &blob[HEADER..]).to_le_bytes();
        blob[SUMMED..HEADER].copy_from_slice(&sum);
        assert_eq!(open(Area::Log, Some(7), &blob).unwrap_err().kind(), ErrorKind::NewerVersion);
    }

    #[test]
    fn pages_tell_their_level_and_pieces_where_their_record_begins_and_ends() {
        let page = seal_page(7, 3, b"content");
        assert_eq!(open(Area::Page, Some(7), &page).unwrap().level, 3);
        for (number, expected) in [(7, (true, false)), (8, (false, false)), (9, (false, true))] {
            let piece = seal_piece((7, 9), number, b"content");
            let opened = open(Area::Log, Some(number), &piece).unwrap();
            assert_eq!((opened.is_first, opened.is_last), expected);
        }
    }
}
