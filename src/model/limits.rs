//! The limits, in bytes, checked before anything is written. Published in the README.

use super::batch::{Batch, Operation};
use crate::error::{Error, ErrorKind, Result};

/// The longest key of an entry as encoded: user, namespace and key together, in UTF-8, and a few bytes more.
pub const MAX_KEY_BYTES: usize = 64 * 1024;
/// The largest record: its value as JSON text, its metadata, and a few dozen bytes more.
pub const MAX_VALUE_BYTES: usize = 32 * 1024 * 1024;
/// The most that one commit may write: the keys and values of all its operations.
pub const MAX_BATCH_BYTES: usize = 128 * 1024 * 1024;
/// The most that one read may return: the values of all its ranges.
pub const MAX_READ_BYTES: usize = 256 * 1024 * 1024;
/// The deepest nesting of arrays and objects in a value or its metadata.
pub const MAX_DEPTH: usize = 100;

/// Holds a batch against the limits. Returns how many bytes it has.
///
/// # Errors
///
/// [`ErrorKind::LimitExceeded`], naming the limit.
pub fn check_batch(batch: &Batch) -> Result<usize> {
    let mut total = 0_usize;
    for operation in &batch.operations {
        let (key, value) = match operation {
            Operation::Put { key, value } => (key, value.len()),
            Operation::Delete { key } => (key, 0),
            Operation::DeleteRange { start, .. } => (start, 0),
        };
        let key = key.as_bytes().len();
        check("a key", key, MAX_KEY_BYTES)?;
        check("a record", value, MAX_VALUE_BYTES)?;
        total = total.saturating_add(key).saturating_add(value);
    }
    check("a batch", total, MAX_BATCH_BYTES)?;
    Ok(total)
}

/// Holds the bytes that a read has found so far against the limit.
///
/// # Errors
///
/// [`ErrorKind::LimitExceeded`].
pub fn check_read(bytes: usize) -> Result<()> {
    if bytes <= MAX_READ_BYTES {
        return Ok(());
    }
    let message = format!("more than {MAX_READ_BYTES} bytes are too many for one read; ask for fewer at a time");
    Err(Error::new(ErrorKind::LimitExceeded, message))
}

fn check(what: &str, bytes: usize, limit: usize) -> Result<()> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::LimitExceeded,
        format!("{what} of {bytes} bytes is over the limit of {limit} bytes; nothing was written"),
    ))
}

/// The most values that one text of a session's records may have: a value takes a few bytes of text, and up to some hundred of memory.
pub const MAX_VALUES: usize = 4_000_000;
