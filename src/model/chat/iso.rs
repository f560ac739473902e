//! Times as the files of the message store have them (`stores.md`, C.4).

use super::moment::Moment;
use crate::model::py_json::Decimal;
use crate::model::timestamp::Timestamp;

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MICROS_PER_DAY: i64 = 24 * 60 * MICROS_PER_MINUTE;
const DAYS_OF_MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Moment {
    /// As a file of the original has it: the local time, with its offset where it has one.
    #[must_use]
    pub fn to_file(self) -> String {
        let Some(offset) = self.offset else { return self.at.to_document() };
        let local = self.at.as_micros() + i64::from(offset) * MICROS_PER_MINUTE;
        match Timestamp::from_micros(local) {
            Ok(local) => {
                let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
                format!("{}{sign}{:02}:{:02}", local.to_document(), minutes / 60, minutes % 60)
            }
            // Its local time is of another year than those that can be written.
            Err(_) => self.at.to_document() + "+00:00",
        }
    }

    /// As [`Self::to_file`], but one without an offset has a `Z`, by which everybody reads it as UTC.
    #[must_use]
    pub fn to_line(self) -> String {
        if self.offset.is_none() { self.at.to_iso() } else { self.to_file() }
    }

    /// Reads a time in any of the forms that Python reads: a date, also of a week, alone or with a time behind any one character,
    /// with separators or without, with a fraction and an offset or without. `None` where it is none.
    #[must_use]
    pub fn of_file(text: &str) -> Option<Self> {
        let mut rest = Rest(text.as_bytes());
        let days = rest.date()?;
        let mut micros = 0;
        let mut offset = None;
        if !rest.0.is_empty() {
            rest.skip_character();
            micros = rest.time()?;
            offset = rest.offset()?;
        }
        // Seconds of an offset tell when it was, and are not kept.
        let at = Timestamp::from_micros(days * MICROS_PER_DAY + micros - offset.unwrap_or_default()).ok()?;
        Some(Self { at, offset: offset.map(|offset| (offset / MICROS_PER_MINUTE) as i16) })
    }

    /// As [`Self::of_file`], where a `Z` stands for no offset.
    #[must_use]
    pub fn of_line(text: &str) -> Option<Self> {
        let moment = Self::of_file(text)?;
        Some(if text.ends_with('Z') { moment.at.into() } else { moment })
    }

    /// Reads the text of a JSON number: seconds since 1970, in UTC.
    #[must_use]
    pub fn of_seconds(number: &str) -> Option<Self> {
        let micros = Decimal::of(number).micros()?;
        Some(Self { at: Timestamp::from_micros(micros).ok()?, offset: Some(0) })
    }
}

/// What is left of a text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn next_is_digit(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }

    /// Takes this character, if it is the next one.
    fn eat(&mut self, wanted: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn skip_character(&mut self) {
        let is_inside = |byte: &u8| byte & 0xc0 == 0x80;
        while let Some((_, rest)) = self.0.split_first() {
            self.0 = rest;
            if !rest.first().is_some_and(is_inside) {
                break;
            }
        }
    }

    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (taken, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        taken.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    }

    /// A date, in days since 1970.
    fn date(&mut self) -> Option<i64> {
        let year = self.number(4)?;
        let has_separators = self.eat(b'-');
        if self.eat(b'W') {
            let week = self.number(2)?;
            let has_day = if has_separators { self.eat(b'-') } else { self.next_is_digit() };
            let day = if has_day { self.number(1)? } else { 1 };
            // The first week has the fourth of January, and begins on a Monday; so did the week of 1969-12-29.
            let first = |year| {
                let fourth = days(year, 1, 4);
                fourth - (fourth + 3).rem_euclid(7)
            };
            let monday = first(year) + (week - 1) * 7;
            return (week > 0 && monday < first(year + 1) && (1..=7).contains(&day)).then_some(monday + day - 1);
        }
        let month = self.number(2)?;
        if has_separators && !self.eat(b'-') {
            return None;
        }
        let day = self.number(2)?;
        let length = *DAYS_OF_MONTHS.get(usize::try_from(month - 1).ok()?)?;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        (1..=length + i64::from(month == 2 && is_leap)).contains(&day).then(|| days(year, month, day))
    }

    /// A time of a day, in microseconds.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        let has_separators = self.eat(b':');
        let (mut minute, mut second, mut fraction) = (0, 0, 0);
        if has_separators || self.next_is_digit() {
            minute = self.number(2)?;
            if if has_separators { self.eat(b':') } else { self.next_is_digit() } {
                second = self.number(2)?;
                if self.eat(b'.') || self.eat(b',') {
                    fraction = self.fraction()?;
                }
            }
        }
        (hour < 24 && minute < 60 && second < 60)
            .then_some((hour * 60 + minute) * MICROS_PER_MINUTE + second * 1_000_000 + fraction)
    }

    /// Microseconds; further digits do not count.
    fn fraction(&mut self) -> Option<i64> {
        let mut digits = 0;
        let mut micros = 0;
        while self.next_is_digit() {
            let digit = self.number(1)?;
            if digits < 6 {
                micros = micros * 10 + digit;
                digits += 1;
            }
        }
        (digits > 0).then(|| (digits..6).fold(micros, |micros, _| micros * 10))
    }

    /// What the text ends with: an offset in microseconds, or nothing.
    fn offset(&mut self) -> Option<Option<i64>> {
        let is_west = self.0.first() == Some(&b'-');
        let offset = if self.eat(b'Z') {
            Some(0)
        } else if self.eat(b'-') || self.eat(b'+') {
            let offset = self.time()?;
            Some(if is_west { -offset } else { offset })
        } else {
            None
        };
        self.0.is_empty().then_some(offset)
    }
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at their end.
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + day
        - 719_469
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A text that Python reads as a time, and that time as Python writes it.
    const TIMES: [(&str, &str); 28] = [
        ("2025-03-13", "2025-03-13T00:00:00"),
        ("20250313", "2025-03-13T00:00:00"),
        ("2025-03-13T15:11:33.447327", "2025-03-13T15:11:33.447327"),
        ("2025-03-13 15:11:33", "2025-03-13T15:11:33"),
        ("2025-03-13T15", "2025-03-13T15:00:00"),
        ("2025-03-13T15:11", "2025-03-13T15:11:00"),
        ("20250313T1511", "2025-03-13T15:11:00"),
        ("20250313T151133", "2025-03-13T15:11:33"),
        ("20250313T151133.5", "2025-03-13T15:11:33.500000"),
        ("2025-03-13T15:11:33,4473279", "2025-03-13T15:11:33.447327"),
        ("2025-03-13T15:11:33Z", "2025-03-13T15:11:33+00:00"),
        ("2025-03-13T15:11:33+02:00", "2025-03-13T15:11:33+02:00"),
        ("2025-03-13T15:11:33.000001-0530", "2025-03-13T15:11:33.000001-05:30"),
        ("2025-03-13T15+05", "2025-03-13T15:00:00+05:00"),
        ("2025-03-13é15:11:33", "2025-03-13T15:11:33"),
        ("2024-02-29T23:59:59.999999", "2024-02-29T23:59:59.999999"),
        ("2000-02-29", "2000-02-29T00:00:00"),
        ("2025-W11-4", "2025-03-13T00:00:00"),
        ("2025W114", "2025-03-13T00:00:00"),
        ("2025-W11", "2025-03-10T00:00:00"),
        ("2025W11T10:20", "2025-03-10T10:20:00"),
        ("2026-W53-7", "2027-01-03T00:00:00"),
        ("1969-12-31T23:59:59", "1969-12-31T23:59:59"),
        ("0001-01-01", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"),
        ("2025-03-13T15:11:33+00:00", "2025-03-13T15:11:33+00:00"),
        ("2025-03-13T15:11:33+23:59", "2025-03-13T15:11:33+23:59"),
        ("1970-01-01T00:00:00+00:00:30", "1969-12-31T23:59:30+00:00"),
    ];

    /// What Python refuses.
    const NO_TIMES: [&str; 28] = [
        "",
        "2025",
        "2025-03",
        "2025-13-01",
        "2025-02-29",
        "1900-02-29",
        "2025-03-00",
        "2025-03-32",
        "2025-0313",
        "202503-13",
        "2025-03-13T",
        "2025-03-13T24:00",
        "2025-03-13T15:60",
        "2025-03-13T15:11:60",
        "2025-03-13T15:1",
        "2025-03-13T15:11:33.",
        "2025-03-13T15:11:33+24:00",
        "2025-03-13T15:11:33z",
        "2025-03-13T15:11:33 ",
        "2025-W54-1",
        "2025-W53-1",
        "2025-W00-1",
        "2025-W11-8",
        "yesterday",
        " 2025-03-13",
        "2025-03-13T15:11:33ZZ",
        "+2025-03-13",
        "２０２５-03-13",
    ];

    #[test]
    fn times_are_read_and_written_as_python_does_it() {
        for (text, written) in TIMES {
            let moment = Moment::of_file(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(moment.to_file(), written, "{text}");
            assert_eq!(Moment::of_file(written), Some(moment));
            assert_eq!(Moment::of_line(&moment.to_line()), Some(moment));
        }
        for text in NO_TIMES {
            assert_eq!(Moment::of_file(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds_in_utc() {
        for (number, written) in [
            ("0", "1970-01-01T00:00:00+00:00"),
            ("1741878693", "2025-03-13T15:11:33+00:00"),
            ("1741878693.447327", "2025-03-13T15:11:33.447327+00:00"),
            ("1.741878693447327e9", "2025-03-13T15:11:33.447327+00:00"),
            ("-0.5", "1969-12-31T23:59:59.500000+00:00"),
            ("1e-400", "1970-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(Moment::of_seconds(number).unwrap().to_file(), written, "{number}");
        }
        for number in ["1e12", "1e400", "-1e300", "999999999999999999999999"] {
            assert_eq!(Moment::of_seconds(number), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn every_time_comes_back(micros in -62_167_219_200_000_000_i64..253_402_300_800_000_000, offset in prop::option::of(-1439..1440_i16)) {
            let moment = Moment { at: Timestamp::from_micros(micros).unwrap(), offset };
            let back = Moment::of_file(&moment.to_file()).unwrap();
            prop_assert_eq!(back.at, moment.at);
            prop_assert_eq!(Moment::of_line(&moment.to_line()), Some(back));
            if let Ok(parsed) = Timestamp::parse(&moment.to_line()) {
                prop_assert_eq!(parsed, moment.at);
            }
        }

        #[test]
        fn no_text_is_too_odd(text in "[0-9TWZ:.+-]{0,30}|\\PC*") {
            let _ = Moment::of_file(&text);
        }
    }
}
