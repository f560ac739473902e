//! Reading: what of a text is wrong JSON, and what is forgiven.

use crate::error::{Error, ErrorKind, Result};
use crate::model::limits::{MAX_DEPTH, MAX_VALUES};
use std::borrow::Cow;

const UNEXPECTED: &str = "something else was expected here";
const TOO_DEEP: &str = "nested too deep";
const TOO_MANY: &str = "more values than there is memory for";

/// A JSON value. Members of one object may have the same name; they are in the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The text of a number, of any size.
    Number(&'a str),
    /// A string, its escapes resolved.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

/// The text of a file: each byte that is not UTF-8 becomes one U+FFFD.
///
/// ```
/// use agent_datastore::model::go_json::decoded;
///
/// assert_eq!(decoded(b"a\xe6\x97"), "a\u{fffd}\u{fffd}");
/// ```
#[must_use]
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// Reads a text. An escape of half a surrogate pair becomes U+FFFD.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the byte, where it is not exactly one JSON value, nested deeper than [`MAX_DEPTH`], or has more than [`MAX_VALUES`].
pub fn parse(text: &str) -> Result<Node<'_>> {
    parse_with(text, false, MAX_VALUES)
}

/// As [`parse`], but half a surrogate pair is an error.
pub(crate) fn parse_strictly(text: &str) -> Result<Node<'_>> {
    parse_with(text, true, MAX_VALUES)
}

/// As [`parse`], of any number of values: what was written has to be read again, and it is bounded by its length.
pub(crate) fn parse_stored(text: &str) -> Result<Node<'_>> {
    parse_with(text, false, usize::MAX)
}

fn parse_with(text: &str, is_strict: bool, values_left: usize) -> Result<Node<'_>> {
    let mut parser = Parser { rest: text, is_strict, values_left };
    parser.document().map_err(|why| {
        let place = text.len() - parser.rest.len();
        Error::new(ErrorKind::InvalidDocument, format!("not JSON at byte {place}: {why}"))
    })
}

struct Parser<'a> {
    rest: &'a str,
    is_strict: bool,
    values_left: usize,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Node<'a>, &'static str> {
        let node = self.value(MAX_DEPTH)?;
        self.skip_space();
        if self.rest.is_empty() { Ok(node) } else { Err(UNEXPECTED) }
    }

    fn value(&mut self, levels_left: usize) -> Result<Node<'a>, &'static str> {
        self.skip_space();
        self.values_left = self.values_left.checked_sub(1).ok_or(TOO_MANY)?;
        match self.rest.bytes().next() {
            Some(b'"') => Ok(Node::Text(self.string()?)),
            Some(b'[') => self.list(levels_left.checked_sub(1).ok_or(TOO_DEEP)?),
            Some(b'{') => self.object(levels_left.checked_sub(1).ok_or(TOO_DEEP)?),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Node::Null),
            _ if self.takes("true") => Ok(Node::Bool(true)),
            _ if self.takes("false") => Ok(Node::Bool(false)),
            _ => Err(UNEXPECTED),
        }
    }

    fn list(&mut self, levels_left: usize) -> Result<Node<'a>, &'static str> {
        let mut items = Vec::new();
        let mut goes_on = self.begins("[", "]");
        while goes_on {
            items.push(self.value(levels_left)?);
            goes_on = self.goes_on("]")?;
        }
        Ok(Node::List(items))
    }

    fn object(&mut self, levels_left: usize) -> Result<Node<'a>, &'static str> {
        let mut members = Vec::new();
        let mut goes_on = self.begins("{", "}");
        while goes_on {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if !self.takes(":") {
                return Err(UNEXPECTED);
            }
            members.push((name, self.value(levels_left)?));
            goes_on = self.goes_on("}")?;
        }
        Ok(Node::Object(members))
    }

    /// Whether there is anything between the two.
    fn begins(&mut self, start: &str, end: &str) -> bool {
        self.takes(start);
        self.skip_space();
        !self.takes(end)
    }

    /// Whether there is one more, and not the end.
    fn goes_on(&mut self, end: &str) -> Result<bool, &'static str> {
        self.skip_space();
        let goes_on = self.takes(",");
        if goes_on || self.takes(end) { Ok(goes_on) } else { Err(UNEXPECTED) }
    }

    fn number(&mut self) -> Result<Node<'a>, &'static str> {
        let text = self.rest;
        self.takes("-");
        let is_whole = self.takes("0") || self.digits();
        let has_fraction = !self.takes(".") || self.digits();
        let has_exponent = !(self.takes("e") || self.takes("E")) || {
            let _sign = self.takes("+") || self.takes("-");
            self.digits()
        };
        let length = text.len() - self.rest.len();
        match text.get(..length) {
            Some(number) if is_whole && has_fraction && has_exponent => Ok(Node::Number(number)),
            _ => Err(UNEXPECTED),
        }
    }

    /// Passes over digits; whether there were any.
    fn digits(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(|character: char| character.is_ascii_digit());
        self.rest.len() < before
    }

    fn string(&mut self) -> Result<String, &'static str> {
        if !self.takes("\"") {
            return Err(UNEXPECTED);
        }
        let mut text = String::new();
        loop {
            let is_special = |character: char| matches!(character, '"' | '\\' | '\0'..='\u{1f}');
            let end = self.rest.find(is_special).ok_or("a string has no end")?;
            let (plain, rest) = self.rest.split_at(end);
            text.push_str(plain);
            self.rest = rest;
            if self.takes("\"") {
                return Ok(text);
            }
            if !self.takes("\\") {
                return Err("a control character in a string");
            }
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, &'static str> {
        let mut characters = self.rest.chars();
        let character = match characters.next() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.rest = characters.as_str();
                return self.unicode();
            }
            _ => return Err("no such escape"),
        };
        self.rest = characters.as_str();
        Ok(character)
    }

    /// What follows `\u`.
    fn unicode(&mut self) -> Result<char, &'static str> {
        let unit = self.unit()?;
        let after = self.rest;
        if (0xd800..0xdc00).contains(&unit) && self.takes("\\u") {
            let second = self.unit()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).ok_or(UNEXPECTED);
            }
            self.rest = after;
        }
        match char::from_u32(unit) {
            Some(character) => Ok(character),
            None if self.is_strict => Err("half a surrogate pair"),
            None => Ok(char::REPLACEMENT_CHARACTER),
        }
    }

    fn unit(&mut self) -> Result<u32, &'static str> {
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.rest = self.rest.get(4..).unwrap_or_default();
        unit.ok_or("an escape of four digits was expected")
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
