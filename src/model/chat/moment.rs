//! A time as a file of the message store has it.

use crate::error::Result;
use crate::model::codec::{Reader, Writer};
use crate::model::timestamp::Timestamp;

/// A point in time, and the offset from UTC that it was written with, if there was one (`stores.md`, C.4). The original
/// writes local time without an offset; such a time is read as UTC, and written as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment {
    /// When it is.
    pub at: Timestamp,
    /// Minutes east of UTC.
    pub offset: Option<i16>,
}

/// What stands for no offset.
const NO_OFFSET: i16 = i16::MIN;

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { at, offset: None }
    }
}

impl Moment {
    pub(super) fn write(self, writer: &mut Writer) {
        writer.number(self.at.as_micros().cast_unsigned());
        let [low, high] = self.offset.unwrap_or(NO_OFFSET).to_le_bytes();
        writer.byte(low);
        writer.byte(high);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let at = super::time(reader)?;
        let offset = i16::from_le_bytes([reader.byte()?, reader.byte()?]);
        Ok(Self { at, offset: (offset != NO_OFFSET).then_some(offset) })
    }
}
