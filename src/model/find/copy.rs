//! What an entry of a covering index holds of its record, so that nobody has to look that up.
//!
//! | bytes | what |
//! |---|---|
//! | none | the record is not copied |
//! | 0, the record | a record of the commit that wrote the entry |
//! | 1, a number, the record | a record of the commit of that number |

use crate::error::Result;
use crate::model::batch::{Bytes, Entry, Version};
use crate::model::codec::{Reader, Writer, damaged};

const WITH_ENTRY: u8 = 0;
const BEFORE_ENTRY: u8 = 1;

/// The most bytes of a record that is copied, as it is stored.
pub(crate) const MAX_COPIED: usize = 1_024;

/// What the entry holds of a record that an earlier commit wrote, or else the one that writes the entry.
pub(crate) fn copy_of(record: &[u8], written: Option<Version>) -> Bytes {
    if record.len() > MAX_COPIED {
        return Bytes::default();
    }
    let mut writer = Writer::with_capacity(9 + record.len());
    match written {
        None => writer.byte(WITH_ENTRY),
        Some(Version(number)) => {
            writer.byte(BEFORE_ENTRY);
            writer.number(number);
        }
    }
    writer.raw(record);
    writer.finish()
}

/// The record of which an entry holds a copy, and the commit that wrote it.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`].
pub(crate) fn copied_in(entry: &Entry) -> Result<Option<(Bytes, Version)>> {
    if entry.value.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::new(&entry.value);
    let written = match reader.byte()? {
        WITH_ENTRY => entry.version.ok_or_else(damaged)?,
        BEFORE_ENTRY => Version(reader.number()?),
        _ => return Err(damaged()),
    };
    let (end, length) = (entry.value.len(), reader.remaining().len());
    Ok(Some((entry.value.slice(end - length..end), written)))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::tuple::Key;
    use proptest::prelude::*;

    fn entry(value: Bytes) -> Entry {
        Entry { key: Key::new(), value, version: Some(Version(9)) }
    }

    proptest! {
        #[test]
        fn copies_come_back(record in prop::collection::vec(any::<u8>(), 1..2_000), written in prop::option::of(any::<u64>().prop_map(Version))) {
            let copied = copied_in(&entry(copy_of(&record, written))).unwrap();
            let expected = (Bytes::from(record.as_slice()), written.unwrap_or(Version(9)));
            prop_assert_eq!(copied, (record.len() <= MAX_COPIED).then_some(expected));
        }

        #[test]
        fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let _ = copied_in(&entry(bytes.into()));
        }
    }
}
