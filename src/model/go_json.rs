//! The JSON dialect of the session store's files (`stores.md`, section 0): written and read as Go's `encoding/json` does it.

mod node;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod time;

pub use node::{Node, decoded, parse};
pub(crate) use node::{parse_stored, parse_strictly};
pub use time::GoTime;

use super::json::InString;
use super::py_json::Decimal;
use std::iter::repeat_n;

/// How far a level is indented.
const INDENT: usize = 2;
/// Behind how many digits the point of a number stands that is written without an exponent: numbers from 1e-6 to below 1e21.
const PLAIN_POINTS: std::ops::RangeInclusive<i32> = -5..=21;

/// Appends a string in quotation marks.
///
/// ```
/// use agent_datastore::model::go_json;
///
/// let mut out = String::new();
/// go_json::push_string(&mut out, "a<b>\n日本");
/// assert_eq!(out, r#""a\u003cb\u003e\n日本""#);
/// ```
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for piece in text.split_inclusive(is_escaped) {
        let mut characters = piece.chars();
        match characters.next_back().filter(|last| is_escaped(*last)) {
            Some(last) => {
                out.push_str(characters.as_str());
                push_escaped(out, last);
            }
            None => out.push_str(piece),
        }
    }
    out.push('"');
}

fn is_escaped(character: char) -> bool {
    matches!(character, '\0'..='\u{1f}' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

fn push_escaped(out: &mut String, character: char) {
    let short = match character {
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        '"' | '\\' => character,
        _ => {
            out.push_str("\\u");
            let digit = |shift: u32| char::from_digit(u32::from(character) >> shift & 0xf, 16);
            return out.extend([12, 8, 4, 0].into_iter().filter_map(digit));
        }
    };
    out.push('\\');
    out.push(short);
}

/// Appends a number with the fewest digits that give it back. What is not finite is not in JSON, and becomes `null`.
///
/// ```
/// use agent_datastore::model::go_json;
///
/// let mut out = String::new();
/// [0.1 + 0.2, 3.0, 1.5e-9].into_iter().for_each(|number| go_json::push_float(&mut out, number));
/// assert_eq!(out, "0.3000000000000000431.5e-9");
/// ```
pub fn push_float(out: &mut String, value: f64) {
    if !value.is_finite() {
        return out.push_str("null");
    }
    let decimal = Decimal::of_f64(value);
    let (is_negative, digits, point) = decimal.parts();
    let digit = |digit: &u8| char::from(b'0' + digit);
    let zeros = |count: i32| repeat_n('0', usize::try_from(count).unwrap_or_default());
    out.push_str(if is_negative { "-" } else { "" });
    if digits.is_empty() {
        out.push('0');
    } else if !PLAIN_POINTS.contains(&point) {
        let (first, others) = digits.split_at(1);
        out.extend(first.iter().map(digit));
        out.push_str(if others.is_empty() { "" } else { "." });
        out.extend(others.iter().map(digit));
        out.push_str(if point > 0 { "e+" } else { "e-" });
        out.push_str(&(point - 1).unsigned_abs().to_string());
    } else if point <= 0 {
        out.push_str("0.");
        out.extend(zeros(-point).chain(digits.iter().map(digit)));
    } else {
        let (whole, fraction) = digits.split_at(digits.len().min(point.unsigned_abs() as usize));
        out.extend(whole.iter().map(digit).chain(zeros(point - digits.len() as i32)));
        out.push_str(if fraction.is_empty() { "" } else { "." });
        out.extend(fraction.iter().map(digit));
    }
}

/// The text of a value in lines, each level indented by two spaces, without a line break at the end. `compact` has to be JSON
/// without white space between its tokens.
#[must_use]
pub fn indented(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 5 / 4);
    let mut in_string = InString::default();
    let (mut level, mut before) = (0_usize, ' ');
    for token in compact.chars() {
        if in_string.goes_on(token) {
            out.push(token);
            continue;
        }
        let (begins, ends) = (matches!(before, '[' | '{'), matches!(token, ']' | '}'));
        if begins != ends {
            level = if begins { level + 1 } else { level.saturating_sub(1) };
            new_line(&mut out, level);
        }
        out.push(token);
        match token {
            ',' => new_line(&mut out, level),
            ':' => out.push(' '),
            _ => {}
        }
        before = token;
    }
    out
}

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(repeat_n(' ', level * INDENT));
}
