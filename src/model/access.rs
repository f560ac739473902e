//! How often a record was read, and by whom last. Kept apart from the record, so that counting a read does not write
//! the value again.

use super::batch::{Batch, Bytes, Check, Entry};
use super::codec::{Reader, Writer, damaged};
use super::timestamp::Timestamp;
use super::tuple::Key;
use crate::error::Result;

const FORMAT: u8 = 1;

/// Reads of one record, as stored or as gathered since they were last stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// How many reads.
    pub count: u64,
    /// When the last one was, and by which agent.
    pub last: Option<(Timestamp, String)>,
}

impl Access {
    /// One read.
    #[must_use]
    pub fn once(at: Timestamp, agent: &str) -> Self {
        Self { count: 1, last: Some((at, agent.to_owned())) }
    }

    /// Adds reads, of this tab or another; the latest is the last one.
    pub fn add(&mut self, more: Self) {
        self.count = self.count.saturating_add(more.count);
        let is_later = match (&self.last, &more.last) {
            (Some((known, _)), Some((new, _))) => new >= known,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_later {
            self.last = more.last;
        }
    }

    /// The stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for an agent's name of 4 GiB.
    pub fn encode(&self) -> Result<Bytes> {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.number(self.count);
        if let Some((at, agent)) = &self.last {
            writer.number(at.as_micros().cast_unsigned());
            return Ok(writer.finish_with(agent));
        }
        Ok(writer.finish())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let count = reader.number()?;
        if reader.is_empty() {
            return Ok(Self { count, last: None });
        }
        let at = Timestamp::from_micros(reader.number()?.cast_signed()).map_err(|_| damaged())?;
        Ok(Self { count, last: Some((at, reader.rest()?.to_owned())) })
    }
}

/// Adds gathered reads to what is stored about a record. Reads of a record that is gone are forgotten, and so are those
/// of one whose stored counts cannot be read, which are left as they are.
///
/// # Errors
///
/// As [`Access::encode`].
pub fn plan_flush(
    batch: &mut Batch,
    key: Key,
    record: Option<&Entry>,
    stored: Option<&Entry>,
    gathered: Access,
) -> Result<()> {
    let Some(record) = record else { return Ok(()) };
    let mut access = match stored.map(|entry| Access::decode(&entry.value)) {
        None => Access::default(),
        Some(Ok(access)) => access,
        Some(Err(_)) => return Ok(()),
    };
    access.add(gathered);
    batch.check(Check::unchanged(record.key.clone(), Some(record)));
    batch.check(Check::unchanged(key.clone(), stored));
    batch.put(key, access.encode()?);
    Ok(())
}
