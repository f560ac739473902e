//! Points in time, in whole microseconds.

use crate::error::{Error, ErrorKind, Result};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A point in time, in UTC, to the microsecond.
///
/// ```
/// use agent_datastore::model::Timestamp;
///
/// let time = Timestamp::parse("2026-02-05T14:22:00.123456")?;
/// assert_eq!(time.to_iso(), "2026-02-05T14:22:00.123456Z");
/// assert_eq!(time, Timestamp::parse("2026-02-05T15:22:00.123456+01:00")?);
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The time `micros` microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] where that is before the year -9999 or after 9999.
    pub fn from_micros(micros: i64) -> Result<Self> {
        jiff::Timestamp::from_microsecond(micros)
            .map(Self)
            .map_err(|error| Error::new(ErrorKind::InvalidArgument, format!("not a time: {error}")))
    }

    /// The time now, by the system's clock.
    #[must_use]
    pub(crate) fn now() -> Self {
        let now = jiff::Timestamp::now();
        Self::from_micros(now.as_microsecond()).unwrap_or(Self(now))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Reads ISO 8601 with an offset, with `Z`, or with neither, which means UTC as the documents of the agent data
    /// store have it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`].
    pub fn parse(text: &str) -> Result<Self> {
        let zoned = text.parse::<jiff::Timestamp>();
        let time = zoned.or_else(|_| text.parse::<DateTime>().and_then(|time| TimeZone::UTC.to_timestamp(time)));
        let time = time.map_err(|error| Error::new(ErrorKind::InvalidArgument, format!("not a time: {error}")))?;
        Self::from_micros(time.as_microsecond())
    }

    /// ISO 8601 with `Z`. The fraction has six digits, and is absent where it is zero.
    #[must_use]
    pub fn to_iso(self) -> String {
        let precision = if self.0.subsec_nanosecond() == 0 { 0 } else { 6 };
        format!("{:.precision$}", self.0)
    }

    /// The form of the agent data store's documents: as [`Self::to_iso`], without the `Z`.
    #[must_use]
    pub fn to_document(self) -> String {
        let mut text = self.to_iso();
        text.pop();
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_document_form_drops_a_fraction_of_zero_and_has_six_digits_otherwise() {
        for text in ["2026-02-05T14:22:00", "2026-02-05T14:22:00.123000", "1970-01-01T00:00:00.000001"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_document(), text);
        }
        assert_eq!(Timestamp::parse("2026-02-05T14:22:00Z").unwrap().to_document(), "2026-02-05T14:22:00");
    }

    #[test]
    fn what_is_not_a_time_is_an_error() {
        for text in ["", "yesterday", "2026-13-01T00:00:00", "2026-02-05T14:22:00+99:99"] {
            assert_eq!(Timestamp::parse(text).unwrap_err().kind(), ErrorKind::InvalidArgument, "{text:?}");
        }
        assert!(Timestamp::from_micros(i64::MAX).is_err());
    }
}
