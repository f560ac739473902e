//! Times as Go writes them.

use crate::error::{Error, ErrorKind, Result};
use crate::model::timestamp::Timestamp;
use std::fmt;
use std::iter::repeat;

/// The digits of a fraction of a second.
const FRACTION_DIGITS: usize = 9;
const NANOS_PER_MICRO: u32 = 1_000;
const MICROS_PER_SECOND: i64 = 1_000_000;
/// Seconds from 0001-01-01T00:00:00Z, Go's zero time, to 1970.
const ZERO_TIME: i64 = -62_135_596_800;
/// The first and the last microsecond of a [`Timestamp`]: of the years 0 and 9999.
const EARLIEST: i64 = -62_167_219_200 * MICROS_PER_SECOND;
const LATEST: i64 = 253_402_300_800 * MICROS_PER_SECOND - 1;

/// A point in time of the years 0 to 9999 as RFC 3339 has it: to the nanosecond, with the offset from UTC that it was written with.
/// The default is Go's zero time. Two are equal where their texts are; [`Self::at`] is for their order.
///
/// ```
/// use agent_datastore::model::go_json::GoTime;
///
/// let time = GoTime::parse("2026-03-22T09:15:00.120000000+01:00")?;
/// assert_eq!(time.to_string(), "2026-03-22T09:15:00.12+01:00");
/// assert_eq!(time.at().to_iso(), "2026-03-22T08:15:00.120000Z");
/// assert_eq!(GoTime::default().to_string(), "0001-01-01T00:00:00Z");
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GoTime {
    /// Seconds since 1970 on the clock that the offset is of.
    local: i64,
    nanos: u32,
    /// Minutes east of UTC.
    offset: i16,
}

impl Default for GoTime {
    fn default() -> Self {
        Self { local: ZERO_TIME, nanos: 0, offset: 0 }
    }
}

impl From<Timestamp> for GoTime {
    /// The same time, in UTC.
    fn from(at: Timestamp) -> Self {
        let (seconds, micros) =
            (at.as_micros().div_euclid(MICROS_PER_SECOND), at.as_micros().rem_euclid(MICROS_PER_SECOND));
        Self { local: seconds, nanos: micros as u32 * NANOS_PER_MICRO, offset: 0 }
    }
}

impl GoTime {
    /// Reads RFC 3339. The offset has to be there; of a fraction the first nine digits count.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::of(text).ok_or_else(|| Error::new(ErrorKind::InvalidArgument, "not an RFC 3339 time"))
    }

    fn of(text: &str) -> Option<Self> {
        let (clock, rest) = text.split_at_checked(19)?;
        // The library forgives more than Go does.
        if !is_like(clock, "0000-00-00T00:00:00") {
            return None;
        }
        let local = Timestamp::parse(clock).ok()?.as_micros().div_euclid(MICROS_PER_SECOND);
        let (digits, zone) = match rest.strip_prefix('.') {
            Some(rest) => {
                rest.split_at(rest.find(|character: char| !character.is_ascii_digit()).filter(|end| *end > 0)?)
            }
            None => ("", rest),
        };
        let digits = digits.bytes().chain(repeat(b'0')).take(FRACTION_DIGITS);
        let nanos = digits.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        Some(Self { local, nanos, offset: offset_of(zone)? })
    }

    /// When it is, to the microsecond before it. What is before the year 0 or after 9999 in UTC is the first or the last microsecond
    /// of them.
    #[must_use]
    pub fn at(self) -> Timestamp {
        let seconds = self.local - i64::from(self.offset) * 60;
        let micros = seconds * MICROS_PER_SECOND + i64::from(self.nanos / NANOS_PER_MICRO);
        Timestamp::from_micros(micros.clamp(EARLIEST, LATEST)).unwrap_or_default()
    }
}

impl fmt::Display for GoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It was a time when it was read.
        let clock = Timestamp::from_micros(self.local.saturating_mul(MICROS_PER_SECOND)).unwrap_or_default();
        f.write_str(&clock.to_document())?;
        if self.nanos > 0 {
            let fraction = format!(".{:09}", self.nanos);
            f.write_str(fraction.trim_end_matches('0'))?;
        }
        if self.offset == 0 {
            return f.write_str("Z");
        }
        let (sign, minutes) = (if self.offset < 0 { '-' } else { '+' }, self.offset.unsigned_abs());
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Minutes east of UTC: `Z`, or a sign, hours and minutes.
fn offset_of(zone: &str) -> Option<i16> {
    if zone == "Z" {
        return Some(0);
    }
    let east = zone.starts_with('+');
    let clock = zone.strip_prefix(['+', '-']).filter(|clock| is_like(clock, "00:00"))?;
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = hours * 60 + minutes;
    (hours < 24 && minutes < 60).then_some(if east { offset } else { -offset })
}

/// Whether a text is as long as the other and has a digit where that has one, and is the same elsewhere.
fn is_like(text: &str, other: &str) -> bool {
    let mut both = text.bytes().zip(other.bytes());
    text.len() == other.len()
        && both.all(|(one, other)| if other == b'0' { one.is_ascii_digit() } else { one == other })
}
