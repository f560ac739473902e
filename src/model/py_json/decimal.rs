//! Numbers of a JSON text as decimal digits, and as Python would print them after it has read them as doubles.
//!
//! The standard library's reading and printing of doubles are 23 KB of gzipped WebAssembly; this is a tenth of it.

use std::cmp::Ordering;
use std::iter::repeat_n;

/// The most significant digits that every double gives back as they were.
const EXACT_DIGITS: usize = 15;
/// Where the point of such numbers may stand, so that they are neither near the smallest doubles, which have fewer digits, nor over
/// the largest.
const EXACT_POINTS: std::ops::RangeInclusive<i32> = -300..=308;
/// More digits than this decide nothing any more: no point halfway between two doubles has as many.
const MOST_DIGITS: usize = 800;
/// The bits of a double's significand.
const BITS: i32 = 53;
/// The bits of a double that are those of its significand, but for the first.
const FRACTION: u64 = (1 << (BITS - 1)) - 1;
/// The exponent of the smallest doubles.
const LEAST_EXPONENT: i32 = -1074;
/// The largest exponent of a double whose significand is a whole number.
const LARGEST_EXPONENT: i32 = 971;

/// The text of a JSON number as Python writes it: whole numbers as they are, others as `repr` prints the nearest double.
pub(super) fn push(out: &mut String, number: &str) {
    if !number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        out.push_str(number);
        return;
    }
    let mut decimal = Decimal::of(number);
    if decimal.digits.len() > EXACT_DIGITS || !EXACT_POINTS.contains(&decimal.point) {
        match decimal.nearest_double() {
            Some(double) => (decimal.digits, decimal.point) = shortest(double, decimal.point),
            None => return out.push_str(number),
        }
    }
    decimal.push(out);
}

/// A decimal number: its significant digits, and behind how many of them the point is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Neither the first nor the last is 0; zero has none.
    digits: Vec<u8>,
    point: i32,
}

/// A double as a whole number of a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Double {
    significand: u64,
    exponent: i32,
}

impl Decimal {
    /// Takes the text of a JSON number apart.
    pub(crate) fn of(number: &str) -> Self {
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        // Far beyond the range of a double, and far from overflowing.
        let limit = 1_000_000_000;
        let is_small = exponent.starts_with('-');
        let exponent = exponent.trim_start_matches('+').parse().unwrap_or(if is_small { -limit } else { limit });
        let is_negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches('-').trim_start_matches('0');
        let all = whole.bytes().chain(fraction.bytes());
        let zeros = all.clone().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = all.skip(zeros).map(|digit| digit.wrapping_sub(b'0')).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.len() > MOST_DIGITS {
            // What was cut off is more than nothing, which is all that matters of it.
            digits.truncate(MOST_DIGITS);
            digits.push(1);
        }
        let places = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(zeros).unwrap_or(i64::MAX);
        let point = places.saturating_add(i64::clamp(exponent, -limit, limit)).clamp(-2 * limit, 2 * limit);
        Self { is_negative, digits, point: point as i32 }
    }

    /// The fewest digits that give this double back. It has to be finite.
    pub(crate) fn of_f64(value: f64) -> Self {
        let bits = value.to_bits();
        let exponent = (bits >> (BITS - 1) & 0x7ff) as i32;
        let hidden = if exponent == 0 { 0 } else { 1 << (BITS - 1) };
        let double = Double { significand: bits & FRACTION | hidden, exponent: LEAST_EXPONENT + (exponent - 1).max(0) };
        let bits = double.exponent + 64 - double.significand.leading_zeros() as i32;
        // A binary digit is 0.301 of a decimal one.
        let (digits, point) = shortest(double, bits * 301 / 1000);
        Self { is_negative: value.is_sign_negative(), digits, point }
    }

    /// The nearest double; `None` where it is too large for one.
    pub(crate) fn to_f64(&self) -> Option<f64> {
        let Double { significand, exponent } = self.nearest_double()?;
        let is_normal = significand > FRACTION;
        let exponent = if is_normal { (exponent - LEAST_EXPONENT + 1) as u64 } else { 0 };
        Some(f64::from_bits(u64::from(self.is_negative) << 63 | exponent << (BITS - 1) | significand & FRACTION))
    }

    /// Whether it is negative, its significant digits, none of which is for zero, and behind how many of them the point is.
    pub(crate) fn parts(&self) -> (bool, &[u8], i32) {
        (self.is_negative, &self.digits, self.point)
    }

    /// This many millionths, rounded; `None` where they are too many.
    pub(crate) fn micros(&self) -> Option<i64> {
        let wanted = self.point.saturating_add(6);
        if wanted > 18 {
            return None;
        }
        let wanted = usize::try_from(wanted).unwrap_or_default();
        let digits = self.digits.iter().copied().chain(repeat_n(0, wanted)).take(wanted);
        let whole = digits.fold(0_i64, |sum, digit| sum * 10 + i64::from(digit));
        let next = if self.point < -6 { None } else { self.digits.get(wanted) };
        let rounded = whole + i64::from(next.is_some_and(|digit| *digit >= 5));
        Some(if self.is_negative { -rounded } else { rounded })
    }

    fn push(&self, out: &mut String) {
        let digit = |digit: &u8| char::from(b'0' + digit);
        let zeros = |count: i32| repeat_n('0', usize::try_from(count).unwrap_or_default());
        out.push_str(if self.is_negative { "-" } else { "" });
        let (count, point) = (self.digits.len() as i32, self.point);
        if count == 0 {
            out.push_str("0.0");
        } else if !(-3..=16).contains(&point) {
            let exponent = point - 1;
            for (place, one) in self.digits.iter().enumerate() {
                out.push_str(if place == 1 { "." } else { "" });
                out.push(digit(one));
            }
            out.push_str(if exponent < 0 { "e-" } else { "e+" });
            out.push_str(if exponent.abs() < 10 { "0" } else { "" });
            out.push_str(&exponent.abs().to_string());
        } else if point <= 0 {
            out.push_str("0.");
            out.extend(zeros(-point).chain(self.digits.iter().map(digit)));
        } else {
            let (whole, fraction) = self.digits.split_at(self.digits.len().min(point as usize));
            out.extend(whole.iter().map(digit).chain(zeros(point - count)));
            out.push('.');
            out.extend(fraction.iter().map(digit).chain(zeros(1 - (count - point).max(0))));
        }
    }

    /// The nearest double, of two that are as near the even one; `None` where it is too large for one.
    fn nearest_double(&self) -> Option<Double> {
        let mut double = Double { significand: 0, exponent: LEAST_EXPONENT };
        if self.digits.is_empty() || self.point < -330 {
            return Some(double);
        }
        if self.point > 310 {
            return None;
        }
        let scale = self.point - self.digits.len() as i32;
        let mut rest = Big::default();
        self.digits.iter().for_each(|digit| rest.times_plus(10, u32::from(*digit)));
        let mut unit = Big::from(1);
        if scale < 0 { &mut unit } else { &mut rest }.times_power_of_ten(scale.unsigned_abs());
        // Made so that the number is `rest / unit` times a power of two, and the quotient from 1 to below 2.
        let mut power = rest.bits() - unit.bits();
        if power > 0 { &mut unit } else { &mut rest }.shift_left(power.unsigned_abs());
        if rest.compare(&unit) == Ordering::Less {
            rest.times_plus(2, 0);
            power -= 1;
        }
        let bits = (power - LEAST_EXPONENT + 1).min(BITS);
        if bits < 0 {
            return Some(double);
        }
        for _ in 0..bits {
            double.significand = double.significand << 1 | u64::from(rest.take_digit(&unit));
            rest.times_plus(2, 0);
        }
        double.exponent = power + 1 - bits;
        let above = rest.compare(&unit);
        if above == Ordering::Greater || above == Ordering::Equal && double.significand & 1 == 1 {
            double.significand += 1;
        }
        if double.significand >> BITS == 1 {
            double = Double { significand: double.significand >> 1, exponent: double.exponent + 1 };
        }
        (double.exponent <= LARGEST_EXPONENT).then_some(double)
    }
}

/// The fewest digits that only this double is the nearest to, of those the nearest ones to it, and where their point is. It is about
/// where `point` says.
fn shortest(double: Double, mut point: i32) -> (Vec<u8>, i32) {
    let Double { significand, exponent } = double;
    if significand == 0 {
        return (Vec::new(), 0);
    }
    // The double is `rest / unit`; what lies less than `below` under it and less than `above` over it is nearest to it.
    let is_even = significand & 1 == 0;
    let is_power = significand == 1 << (BITS - 1) && exponent > LEAST_EXPONENT;
    let (mut rest, mut unit, mut below) = (Big::from(significand), Big::from(1), Big::from(1));
    rest.shift_left(1 + exponent.max(0).unsigned_abs());
    below.shift_left(exponent.max(0).unsigned_abs());
    unit.shift_left(1 + exponent.min(0).unsigned_abs());
    let mut above = below.clone();
    if is_power {
        [&mut rest, &mut unit, &mut above].into_iter().for_each(|one| one.shift_left(1));
    }
    if point >= 0 {
        unit.times_power_of_ten(point.unsigned_abs());
    } else {
        [&mut rest, &mut below, &mut above].into_iter().for_each(|one| one.times_power_of_ten(point.unsigned_abs()));
    }
    let reaches = |rest: &Big, above: &Big, unit: &Big| match rest.plus(above).compare(unit) {
        Ordering::Equal => is_even,
        order => order == Ordering::Greater,
    };
    while reaches(&rest, &above, &unit) {
        unit.times_plus(10, 0);
        point += 1;
    }
    let mut digits = Vec::new();
    loop {
        [&mut rest, &mut below, &mut above].into_iter().for_each(|one| one.times_plus(10, 0));
        let digit = rest.take_digit(&unit);
        if digits.is_empty() && digit == 0 && !reaches(&rest, &above, &unit) {
            point -= 1;
            continue;
        }
        let is_low = match rest.compare(&below) {
            Ordering::Equal => is_even,
            order => order == Ordering::Less,
        };
        let is_high = reaches(&rest, &above, &unit);
        if !is_low && !is_high {
            digits.push(digit);
            continue;
        }
        rest.shift_left(1);
        let is_nearer_above = match rest.compare(&unit) {
            Ordering::Equal => digit & 1 == 1,
            order => order == Ordering::Greater,
        };
        digits.push(digit + u8::from(is_high && (!is_low || is_nearer_above)));
        return (digits, point);
    }
}

/// A whole number of any size, its 32-bit digits from the last one up, without zeros at the end.
#[derive(Debug, Clone, Default)]
struct Big(Vec<u32>);

impl Big {
    fn from(number: u64) -> Self {
        let mut big = Self(vec![number as u32, (number >> 32) as u32]);
        big.trim();
        big
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn bits(&self) -> i32 {
        let last = self.0.last().map_or(0, |last| 32 - last.leading_zeros());
        (self.0.len().saturating_sub(1) * 32) as i32 + last as i32
    }

    fn times_plus(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn times_power_of_ten(&mut self, power: u32) {
        (0..power).for_each(|_| self.times_plus(10, 0));
    }

    fn shift_left(&mut self, mut bits: u32) {
        while bits > 0 {
            let some = bits.min(31);
            self.times_plus(1 << some, 0);
            bits -= some;
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut carry = 0;
        let mut sum = Vec::with_capacity(self.0.len() + 1);
        for place in 0..self.0.len().max(other.0.len()) {
            let digit = |of: &Self| of.0.get(place).map_or(0, |digit| u64::from(*digit));
            carry += digit(self) + digit(other);
            sum.push(carry as u32);
            carry >>= 32;
        }
        sum.push(carry as u32);
        let mut sum = Self(sum);
        sum.trim();
        sum
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Takes the divisor away as often as it can be, and returns how often that was: up to 9 times.
    fn take_digit(&mut self, divisor: &Self) -> u8 {
        let mut digit = 0;
        while self.compare(divisor) != Ordering::Less {
            self.subtract(divisor);
            digit += 1;
        }
        digit
    }

    /// Takes away what is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0;
        for (place, digit) in self.0.iter_mut().enumerate() {
            let less = i64::from(other.0.get(place).copied().unwrap_or_default()) + borrow;
            let left = i64::from(*digit) - less;
            borrow = i64::from(left < 0);
            *digit = left as u32;
        }
        self.trim();
    }
}
