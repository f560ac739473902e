//! Where a listing goes on, as a text that says nothing to whoever keeps it.
//!
//! | bytes | what |
//! |---|---|
//! | 0 | the format, 1 |
//! | 1 | 1 where the listing goes backward, else 0 |
//! | 2 to 9 | a hash of the range that is listed |
//! | … | the last key that was listed, in UTF-8 |
//!
//! That of records that are found has format 2, a hash of what is asked for, the length of the next in four bytes, what the last
//! record was ordered by as a JSON list of lists of one value or none, and its key.
//!
//! The whole in base64, for URLs. It holds all that is needed, so it is good for as long as the database is, in any tab.

use super::batch::ReadRange;
use crate::error::{Error, ErrorKind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use xxhash_rust::xxh64::Xxh64;

const FORMAT: u8 = 1;
const PLACE_FORMAT: u8 = 2;

/// The cursor of a listing of `range` whose last key was `last`.
#[must_use]
pub fn encode(range: &ReadRange, last: &str) -> String {
    let mut bytes = head(range).to_vec();
    bytes.extend_from_slice(last.as_bytes());
    BASE64.encode(bytes)
}

/// The last key that a listing of `range` gave, as its cursor has it.
///
/// # Errors
///
/// [`ErrorKind::InvalidValue`] where this is no cursor, or that of another listing.
pub fn decode(range: &ReadRange, cursor: &str) -> Result<String> {
    let refused = |reason| Error::new(ErrorKind::InvalidValue, reason);
    let bytes = BASE64.decode(cursor).map_err(|_| refused("not a cursor of a listing"))?;
    match bytes.split_first_chunk::<10>() {
        Some((found, last)) if *found == head(range) => {
            String::from_utf8(last.to_vec()).map_err(|_| refused("not a cursor of a listing"))
        }
        Some(([FORMAT, 0 | 1, ..], _)) => {
            Err(refused("the cursor is of another listing: another user, namespace, range or direction"))
        }
        _ => Err(refused("not a cursor of a listing")),
    }
}

/// The cursor of what is found by a query with this hash, behind the record `last` that is ordered by these values.
#[must_use]
pub fn encode_place(hash: u64, values: &str, last: &str) -> String {
    let mut bytes = vec![PLACE_FORMAT];
    bytes.extend(hash.to_le_bytes());
    bytes.extend((values.len() as u32).to_le_bytes());
    bytes.extend(values.as_bytes());
    bytes.extend(last.as_bytes());
    BASE64.encode(bytes)
}

/// The values and the key that are in such a cursor.
///
/// # Errors
///
/// [`ErrorKind::InvalidValue`] where this is no cursor, or that of another query.
pub fn decode_place(hash: u64, cursor: &str) -> Result<(String, String)> {
    let refused = |reason| Error::new(ErrorKind::InvalidValue, reason);
    let nothing = || refused("not a cursor of find");
    let bytes = BASE64.decode(cursor).map_err(|_| nothing())?;
    let Some(([PLACE_FORMAT, found @ ..], rest)) = bytes.split_first_chunk::<9>() else { return Err(nothing()) };
    if *found != hash.to_le_bytes() {
        return Err(refused("the cursor is of another search: another user, namespace, range, filter or order"));
    }
    let (length, rest) = rest.split_first_chunk().ok_or_else(nothing)?;
    let (values, last) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(nothing)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| nothing());
    Ok((text(values)?, text(last)?))
}

/// What all cursors of one listing begin with.
fn head(range: &ReadRange) -> [u8; 10] {
    let mut hash = Xxh64::new(0);
    for key in [&range.start, &range.end] {
        hash.update(&(key.as_bytes().len() as u64).to_le_bytes());
        hash.update(key.as_bytes());
    }
    let [a, b, c, d, e, f, g, h] = hash.digest().to_le_bytes();
    [FORMAT, range.reverse.into(), a, b, c, d, e, f, g, h]
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::keyspace::{DataScope, KeySpan};
    use proptest::prelude::*;

    fn range(user: &str, namespace: &str, prefix: &str) -> ReadRange {
        let scope = DataScope { user: user.to_owned(), namespace: namespace.to_owned() };
        scope.records_in(&KeySpan { prefix: prefix.to_owned(), ..KeySpan::default() })
    }

    /// What is stored somewhere by those who use it must be good in later versions too.
    #[test]
    fn a_cursor_stays_what_it_is() {
        let cursor = encode(&range("ada", "files", "src/"), "src/a.rs");
        assert_eq!(cursor, "AQA-bWCU0O1YIHNyYy9hLnJz");
    }

    #[test]
    fn a_cursor_is_of_its_listing() {
        let own = range("u", "n", "p");
        let cursor = encode(&own, "p1");
        assert_eq!(decode(&own, &cursor).unwrap(), "p1");
        let others = [range("u", "n", ""), range("u", "np", ""), range("un", "", "p"), own.clone().reversed()];
        for other in others {
            let refused = decode(&other, &cursor).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidValue);
            assert!(refused.message().contains("another listing"), "{refused}");
        }
        assert_eq!(decode(&own.limit(1).keys_only(), &cursor).unwrap(), "p1", "pages may differ");
    }

    proptest! {
        #[test]
        fn every_key_comes_back(key in any::<String>(), reverse in any::<bool>()) {
            let range = ReadRange { reverse, ..range("u", "n", "") };
            prop_assert_eq!(decode(&range, &encode(&range, &key)).unwrap(), key);
        }

        #[test]
        fn what_is_no_cursor_is_refused(
            text in any::<String>(),
            bytes in prop::collection::vec(any::<u8>(), 0..20),
            (cut, byte) in (0..40_usize, any::<u8>()),
        ) {
            let range = range("u", "n", "");
            let mut changed = BASE64.decode(encode(&range, "key")).unwrap();
            changed.truncate(cut);
            changed.push(byte);
            for text in [text, BASE64.encode(bytes), BASE64.encode(changed)] {
                match decode(&range, &text) {
                    Ok(_) => prop_assert!(BASE64.decode(text).unwrap().starts_with(&head(&range))),
                    Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidValue),
                }
            }
        }
    }
}
