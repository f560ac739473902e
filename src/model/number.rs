//! Doubles, read from decimal digits and printed as such without the standard library's code for it, which is large.

use crate::model::py_json::Decimal;
use std::iter::repeat_n;

/// The double nearest to a decimal number: digits, with a sign, a point and an exponent where they are wanted. `None` where it is
/// not one, or is too large.
pub(crate) fn read_double(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = [whole, fraction, exponent].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number || exponent.is_empty() || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    Decimal::of(text.strip_prefix('+').unwrap_or(text)).to_f64()
}

/// Up to this power of ten doubles have them all exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The double that is meant by a number of JSON: what JavaScript reads it as, but 0 where that would be -0. The fast way for what most
/// numbers are.
pub(crate) fn read_number(json: &str) -> f64 {
    let unsigned = json.strip_prefix('-').unwrap_or(json);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let power = EXACT_POWERS.get(fraction.len());
    // Both are exact then, so the one rounding of their quotient is right.
    let number =
        match power.filter(|_| whole.len() + fraction.len() <= 15 && digits().all(|digit| digit.is_ascii_digit())) {
            Some(power) => {
                let number = digits().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0')) as f64 / power;
                if unsigned.len() < json.len() { -number } else { number }
            }
            // What is stored was checked to be a double.
            None => read_double(json).unwrap_or_default(),
        };
    number + 0.0
}

/// Appends the fewest digits that only this double is the nearest to, without an exponent: `0.8`, `20`. What is no number is
/// `NaN`, `+Inf` or `-Inf`.
pub(crate) fn push_double(out: &mut String, number: f64) {
    if !number.is_finite() {
        let infinite = if number < 0.0 { "-Inf" } else { "+Inf" };
        return out.push_str(if number.is_nan() { "NaN" } else { infinite });
    }
    let decimal = Decimal::of_f64(number);
    let (is_negative, digits, point) = decimal.parts();
    let (whole, fraction) = digits.split_at(digits.len().min(usize::try_from(point).unwrap_or_default()));
    let digit = |digit: &u8| char::from(b'0' + digit);
    let zeros = |count: i32| repeat_n('0', usize::try_from(count).unwrap_or_default());
    out.push_str(if is_negative { "-" } else { "" });
    out.push_str(if whole.is_empty() { "0" } else { "" });
    out.extend(whole.iter().map(digit).chain(zeros(point - digits.len() as i32)));
    if !fraction.is_empty() {
        out.push('.');
        out.extend(zeros(-point).chain(fraction.iter().map(digit)));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(number: f64) -> String {
        let mut out = String::new();
        push_double(&mut out, number);
        out
    }

    #[test]
    fn doubles_are_printed_in_plain_digits() {
        for (number, text) in [
            (0.8, "0.8"),
            (0.0, "0"),
            (-0.0, "-0"),
            (20.0, "20"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-1.5e-7, "-0.00000015"),
            (1e21, "1000000000000000000000"),
            (123.456, "123.456"),
            (-4_272_446_202_435_333.0 / 4.0, "-1068111550608833.2"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(printed(number), text);
        }
    }

    #[test]
    fn what_is_no_decimal_number_is_not_read() {
        for text in
            ["", ".", "+", "-", "e5", "1e", "1e+", "1.2.3", "0x1", "NaN", "Inf", "1_0", "--1", "+-1", "1e400", "½"]
        {
            assert_eq!(read_double(text), None, "{text:?}");
        }
        for (text, number) in [(".5", 0.5), ("5.", 5.0), ("+1e-2", 0.01), ("-0", -0.0), ("1e-400", 0.0)] {
            assert_eq!(read_double(text).map(f64::to_bits), Some(f64::to_bits(number)), "{text:?}");
        }
        for edge in [f64::MAX, f64::MIN_POSITIVE, f64::MIN_POSITIVE / 3.0, 5e-324, 0.999_999_999_999_999_9] {
            assert_eq!(read_double(&printed(edge)), Some(edge));
        }
    }

    proptest! {
        #[test]
        fn doubles_are_printed_in_as_few_digits_as_the_standard_library_does_and_read_again(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            // Of two that are as near the even one is printed, and the standard library prints the larger one.
            prop_assert_eq!(printed(number).len(), number.to_string().len());
            prop_assert_eq!(printed(number).parse().map(f64::to_bits), Ok(bits));
            prop_assert_eq!(read_double(&printed(number)).map(f64::to_bits), Some(bits));
            prop_assert_eq!(read_double(&format!("{number:e}")).map(f64::to_bits), Some(bits));
        }

        #[test]
        fn numbers_of_json_are_read_as_the_standard_library_does(text in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,20})?(e[+-]?[0-9]{1,2})?") {
            let known = text.parse::<f64>().map(|number| number + 0.0);
            prop_assert_eq!(Ok(read_number(&text).to_bits()), known.map(f64::to_bits));
        }

        #[test]
        fn the_nearest_double_is_read(text in "[+-]?[0-9]{0,25}\\.?[0-9]{0,25}(e[+-]?[0-9]{1,3})?") {
            let known = text.parse::<f64>().ok().filter(|number| number.is_finite());
            prop_assert_eq!(read_double(&text).map(f64::to_bits), known.map(f64::to_bits));
        }
    }
}
