//! The JSON dialect of the original stores' files (`stores.md`, section 0): indented by two spaces, all ASCII, numbers as Python
//! prints them.

mod decimal;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub(crate) use decimal::Decimal;

use super::json::{Json, Parts};
use crate::error::{Error, ErrorKind, Result};
use std::cell::Cell;

/// How far a level is indented.
const INDENT: usize = 2;
/// What Python writes for numbers that JSON does not have.
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// The text of a value, as `json.dump(value, file, indent=2)` writes it in Python. No line break is at its end.
///
/// ```
/// use agent_datastore::{Json, model::py_json};
///
/// let value = Json::parse(r#"{"é":[1E5,[]]}"#)?;
/// assert_eq!(py_json::write(&value), "{\n  \"\\u00e9\": [\n    100000.0,\n    []\n  ]\n}");
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[must_use]
pub fn write(value: &Json) -> String {
    let mut out = String::with_capacity(value.as_str().len() * 5 / 4);
    let mut rest = value.as_str();
    let mut level = 0_usize;
    let mut before = ' ';
    while let Some(token) = rest.chars().next() {
        if matches!(before, '[' | '{') && !matches!(token, ']' | '}') {
            level += 1;
            new_line(&mut out, level);
        }
        let mut after = rest.get(1..).unwrap_or_default();
        match token {
            '"' => after = push_string(&mut out, after),
            '-' | '0'..='9' => {
                let end = rest.bytes().position(|byte| matches!(byte, b',' | b']' | b'}')).unwrap_or(rest.len());
                let (number, others) = rest.split_at(end);
                decimal::push(&mut out, number);
                after = others;
            }
            ']' | '}' => {
                if !matches!(before, '[' | '{') {
                    level = level.saturating_sub(1);
                    new_line(&mut out, level);
                }
                out.push(token);
            }
            ',' => {
                out.push(token);
                new_line(&mut out, level);
            }
            ':' => out.push_str(": "),
            _ => out.push(token),
        }
        before = token;
        rest = after;
    }
    out
}

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', level * INDENT));
}

/// Writes a string whose opening quotation mark has been read; returns what comes after its closing one.
fn push_string<'a>(out: &mut String, text: &'a str) -> &'a str {
    out.push('"');
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('u') => {
                    let digits = characters.as_str().get(..4).unwrap_or_default();
                    push_unit(out, u16::from_str_radix(digits, 16).unwrap_or_default());
                    characters = characters.as_str().get(4..).unwrap_or_default().chars();
                }
                Some('/') => out.push('/'),
                Some(escaped) => {
                    out.push('\\');
                    out.push(escaped);
                }
                None => {}
            },
            ' '..='~' => out.push(character),
            _ => character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| push_unit(out, *unit)),
        }
    }
    out.push('"');
    characters.as_str()
}

/// Writes a code unit that was escaped, or is not in ASCII.
fn push_unit(out: &mut String, unit: u16) {
    let short = match unit {
        0x08 => 'b',
        0x09 => 't',
        0x0a => 'n',
        0x0c => 'f',
        0x0d => 'r',
        0x22 => '"',
        0x5c => '\\',
        0x20..=0x7e => return out.push(char::from(unit as u8)),
        _ => {
            out.push_str("\\u");
            let digit = |shift: u16| char::from_digit(u32::from(unit >> shift & 0xf), 16);
            return out.extend([12, 8, 4, 0].into_iter().filter_map(digit));
        }
    };
    out.push('\\');
    out.push(short);
}

/// Reads a file as Python's `json.load` does: of members that have the same name the last one counts, in the place of the first.
/// `NaN`, `Infinity` and `-Infinity` are null where `lenient`.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`] where the text is not JSON or empty, holds one of these numbers and is not read leniently, a lone
/// surrogate or a number beyond the range of a double, or is nested deeper than `max_depth`.
pub fn read(text: &str, max_depth: usize, lenient: bool) -> Result<Json> {
    let cleaned;
    let text = match first_no_number(text) {
        Some((_, found)) if !lenient => return Err(invalid(format!("{found} is no JSON value"))),
        Some(_) => {
            cleaned = without_no_numbers(text);
            &cleaned
        }
        None => text,
    };
    let repeats = Cell::new(false);
    let json = Json::parse_with_repeats(text, max_depth, &repeats)
        .map_err(|error| error.of_kind(ErrorKind::InvalidDocument))?;
    if !repeats.get() && !json.as_str().as_bytes().contains(&b'\\') {
        return Ok(json);
    }
    let mut out = String::with_capacity(json.as_str().len());
    push_plain(&mut out, json.as_str());
    Ok(Json::trusted(out))
}

/// The first of the numbers that JSON does not have, outside of strings, and where it is.
fn first_no_number(text: &str) -> Option<(usize, &'static str)> {
    let (mut inside, mut escaped) = (false, false);
    for (place, byte) in text.bytes().enumerate() {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if matches!(byte, b'N' | b'I' | b'-') {
            let here = text.get(place..).unwrap_or_default();
            if let Some(found) = NO_NUMBERS.into_iter().find(|name| here.starts_with(name)) {
                return Some((place, found));
            }
        } else {
            inside = byte == b'"';
        }
    }
    None
}

fn without_no_numbers(mut text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    while let Some((place, found)) = first_no_number(text) {
        let (before, after) = text.split_at(place);
        cleaned.push_str(before);
        cleaned.push_str("null");
        text = after.get(found.len()..).unwrap_or_default();
    }
    cleaned.push_str(text);
    cleaned
}

/// Writes a value anew: members once, and characters as they are, where they need not be escaped.
fn push_plain(out: &mut String, text: &str) {
    match Parts::of(text) {
        Parts::List(items) => {
            let mut begin = '[';
            for item in items {
                out.push(begin);
                push_plain(out, item);
                begin = ',';
            }
            out.push_str(if begin == '[' { "[]" } else { "]" });
        }
        Parts::Object(members) => {
            let mut begin = '{';
            for (name, value) in members.without_repeats().iter() {
                out.push(begin);
                super::json::push_string(out, name);
                out.push(':');
                push_plain(out, value);
                begin = ',';
            }
            out.push_str(if begin == '{' { "{}" } else { "}" });
        }
        Parts::Text(text) => super::json::push_string(out, &text),
        Parts::Scalar(text) => out.push_str(text),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}
