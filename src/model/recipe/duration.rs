//! Durations, as Go reads and prints them.

use std::fmt;

/// The units by their names, with how many nanoseconds they are. The micro sign and the Greek letter are both read.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", MICRO),
    ("µs", MICRO),
    ("μs", MICRO),
    ("ms", MILLI),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
];
const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
/// The longest duration is shorter than this many nanoseconds, the most negative one is as long.
const LIMIT: u64 = 1 << 63;

/// A duration in whole nanoseconds, up to about 292 years, negative ones too. Zero stands for one that is not set.
///
/// ```
/// use agent_datastore::model::recipe::GoDuration;
///
/// let duration = GoDuration::parse("1.5h").unwrap_or_default();
/// assert_eq!(duration.as_nanos(), 5_400_000_000_000);
/// assert_eq!(duration.to_string(), "1h30m0s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration(i64);

impl GoDuration {
    /// That many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// That many seconds; `None` where they are too many.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(SECOND.cast_signed()).map(Self)
    }

    /// How many nanoseconds it lasts.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whether it is set and not negative.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Reads numbers with units, such as `1h30m`, `1.5h` or `-500ms`; alone, `0` needs no unit. What is below a nanosecond is cut
    /// off. `None` where the text is not a duration, or a longer one than there is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
        if rest == "0" {
            return Some(Self(0));
        }
        if rest.is_empty() {
            return None;
        }
        let mut sum = 0_u64;
        while !rest.is_empty() {
            let (part, behind) = read_part(rest)?;
            sum = sum.checked_add(part).filter(|sum| *sum <= LIMIT)?;
            rest = behind;
        }
        if text.starts_with('-') { 0_i64.checked_sub_unsigned(sum) } else { i64::try_from(sum).ok() }.map(Self)
    }
}

/// The nanoseconds of a number with its unit, and what stands behind it.
fn read_part(text: &str) -> Option<(u64, &str)> {
    let end_of_number = text.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let (number, rest) = text.split_at_checked(end_of_number)?;
    let end_of_unit = rest.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end_of_unit)?;
    let (_, unit) = UNITS.into_iter().find(|(known, _)| *known == name)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if number == "." || number.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let nanos = whole.checked_mul(unit)?.checked_add(part_of(fraction, unit))?;
    Some((nanos, rest))
}

/// A fraction of a unit, from its decimal digits. Go computes it in doubles, and so does this.
fn part_of(fraction: &str, unit: u64) -> u64 {
    let (mut digits, mut scale) = (0_u64, 1.0);
    for digit in fraction.bytes() {
        let Some(more) = digits.checked_mul(10).and_then(|digits| digits.checked_add(u64::from(digit - b'0'))) else {
            break;
        };
        if more > LIMIT {
            break;
        }
        digits = more;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

/// `0s`; below a second the largest unit that leaves a whole part, as `1.5ms`; from there on hours, minutes and seconds, from the
/// first that is not zero, as `1h0m0.5s`.
impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (unit, name) = match nanos {
            0 | SECOND.. => (SECOND, "s"),
            MILLI.. => (MILLI, "ms"),
            MICRO.. => (MICRO, "µs"),
            _ => (1, "ns"),
        };
        let mut whole = nanos / unit;
        if unit == SECOND {
            let minutes = whole / 60;
            if minutes >= 60 {
                write!(f, "{}h", minutes / 60)?;
            }
            if minutes > 0 {
                write!(f, "{}m", minutes % 60)?;
            }
            whole %= 60;
        }
        write!(f, "{whole}")?;
        let (mut left, mut place) = (nanos % unit, unit / 10);
        if left > 0 {
            f.write_str(".")?;
        }
        while left > 0 {
            write!(f, "{}", left / place)?;
            left %= place;
            place /= 10;
        }
        f.write_str(name)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<i64> {
        GoDuration::parse(text).map(GoDuration::as_nanos)
    }

    #[test]
    fn they_are_printed_as_go_does() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (500_000, "500µs"),
            (2_200_000, "2.2ms"),
            (500_000_000, "500ms"),
            (1_500_000_000, "1.5s"),
            (3_000_000_001, "3.000000001s"),
            (90_000_000_000, "1m30s"),
            (300_000_000_000, "5m0s"),
            (5_400_000_000_000, "1h30m0s"),
            (3_600_500_000_000, "1h0m0.5s"),
            (-90_000_000_000, "-1m30s"),
            (i64::MAX, "2562047h47m16.854775807s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(GoDuration::from_nanos(nanos).to_string(), text);
            assert_eq!(read(text), Some(nanos), "{text}");
        }
    }

    #[test]
    fn they_are_read_as_go_does() {
        for (text, wanted) in [
            ("1h30m", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("+5s", 5_000_000_000),
            ("1us1µs1μs", 3_000),
            ("10s1h", 3_610_000_000_000),
            ("0", 0),
            ("-0", 0),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("0.0000000009s", 0),
            ("9223372036854775807ns", i64::MAX),
            ("9223372036854775.807us", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
        ] {
            assert_eq!(read(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_not_read() {
        for text in [
            "",
            "+",
            "-",
            "1",
            "3000",
            "s",
            ".s",
            "..5s",
            "1.2.3s",
            "1x",
            "1S",
            "1h 30m",
            " 1h",
            "1h ",
            "--1s",
            "1e3s",
            "9223372036854775808ns",
            "9223372036854775809ns",
            "-9223372036854775809ns",
            "3000000h",
            "99999999999999999999999s",
            "9223372036854775807ns1ns",
            "1µ",
            "１s",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(GoDuration::from_seconds(i64::MAX), None);
        assert_eq!(GoDuration::from_seconds(120).map(|two| two.to_string()).as_deref(), Some("2m0s"));
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read_again(any in any::<i64>(), bits in 0_u32..64) {
            let duration = GoDuration::from_nanos(any >> bits);
            prop_assert_eq!(GoDuration::parse(&duration.to_string()), Some(duration));
        }

        #[test]
        fn no_text_is_too_much(text in "[-+]?([0-9]{0,22}\\.?[0-9]{0,30}(ns|us|µs|ms|s|m|h|d)?){0,4}") {
            let _ = GoDuration::parse(&text);
        }
    }
}
