//! Points in time, in whole microseconds.

use crate::error::{Error, ErrorKind, Result};
use speedate::{DateTime, DateTimeConfig, TimestampUnit};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// The time `micros` microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] where that is before the year 0 or after 9999.
    pub fn from_micros(micros: i64) -> Result<Self> {
        date_time(micros).map(|_| Self(micros)).map_err(|_| not_a_time())
    }

    /// This time, or where it is not after `other` the microsecond after that: times that are taken so always rise.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        if self > other { self } else { Self::from_micros(other.0.saturating_add(1)).unwrap_or(other) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads ISO 8601 with an offset, with `Z`, or with neither, which means UTC as the documents of the agent data
    /// store have it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`].
    pub fn parse(text: &str) -> Result<Self> {
        let time = DateTime::parse_str_rfc3339(text).map_err(|_| not_a_time())?;
        Self::from_micros(time.timestamp_tz() * MICROS_PER_SECOND + i64::from(time.time.microsecond))
    }

    /// ISO 8601 with `Z`. The fraction has six digits, and is absent where it is zero.
    #[must_use]
    pub fn to_iso(self) -> String {
        self.to_document() + "Z"
    }

    /// ISO 8601 with `Z` and always six digits of a fraction: the order of such texts is that of the times.
    #[must_use]
    pub fn to_sortable(self) -> String {
        let text = self.to_document();
        if text.contains('.') { text + "Z" } else { text + ".000000Z" }
    }

    /// The form of the agent data store's documents: as [`Self::to_iso`], without the `Z`.
    #[must_use]
    pub fn to_document(self) -> String {
        // It was held against the library's range when it was made.
        date_time(self.0).map(|time| time.to_string()).unwrap_or_default()
    }
}

fn date_time(micros: i64) -> Result<DateTime, speedate::ParseError> {
    let (seconds, micros) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    // Said outright, because the library would otherwise guess the unit from the size of the number.
    let config = DateTimeConfig { timestamp_unit: TimestampUnit::Second, ..DateTimeConfig::default() };
    DateTime::from_timestamp_with_config(seconds, micros as u32, &config)
}

fn not_a_time() -> Error {
    Error::new(ErrorKind::InvalidArgument, "not an ISO 8601 time of the years 0 to 9999")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
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
