//! The order-preserving encoding of keys.
//!
//! A key is a tuple of texts and numbers. Its encoding is the concatenation of its elements' encodings, and the byte
//! order of encodings is the order of tuples: element by element, numbers before texts, texts by Unicode code point.
//! No element can run into the next, so two different tuples never meet, whatever characters they hold.
//!
//! The scheme is that of FoundationDB's tuple layer: a type byte; a text ends with `00`, and a `00` inside it becomes
//! `00 FF`; no type byte is `FF`, so `encoding + FF` lies above every tuple that extends a prefix.

use crate::error::{Error, ErrorKind, Result};
use std::cmp::Ordering;

/// The type byte of zero; a number of `n` significant bytes has `NUMBER + n`, so shorter means smaller.
const NUMBER: u8 = 0x10;
const TEXT: u8 = 0x20;
const END: u8 = 0x00;
const ESCAPED: u8 = 0xFF;

/// An encoded tuple: the key of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Key(Vec<u8>);

/// Compares encodings, eight bytes at a time: WebAssembly has no faster way of its own.
#[must_use]
#[inline]
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let ((heads_a, tail_a), (heads_b, tail_b)) = (a.as_chunks(), b.as_chunks());
    for (head_a, head_b) in heads_a.iter().zip(heads_b) {
        match u64::from_be_bytes(*head_a).cmp(&u64::from_be_bytes(*head_b)) {
            Ordering::Equal => {}
            different => return different,
        }
    }
    match heads_a.len().cmp(&heads_b.len()) {
        Ordering::Equal => tail_a.cmp(tail_b),
        // The one that has fewer bytes left ends in the other's next head, or differs there.
        Ordering::Less => {
            tail_a.cmp(heads_b.get(heads_a.len()).map_or(&[], |head| head.as_slice())).then(Ordering::Less)
        }
        Ordering::Greater => {
            heads_a.get(heads_b.len()).map_or(&[][..], |head| head.as_slice()).cmp(tail_b).then(Ordering::Greater)
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One element of a tuple.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// An unsigned number.
    Number(u64),
    /// A text.
    Text(String),
}

impl Key {
    /// The empty tuple, which comes before all others.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The empty tuple, with room for what will be added.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// A key from its encoding, as a backend stored it.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.reserve(text.len() + 2);
        self.0.push(TEXT);
        self.push_escaped(text);
        self.0.push(END);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        let skipped = number.leading_zeros() / 8;
        self.0.push(NUMBER + 8 - skipped as u8);
        self.0.extend(number.to_be_bytes().into_iter().skip(skipped as usize));
        self
    }

    /// The least key after this one.
    #[must_use]
    pub fn successor(mut self) -> Self {
        self.0.push(0);
        self
    }

    /// The end (exclusive) of the range that holds this tuple and every tuple that extends it.
    #[must_use]
    pub fn end_of_extensions(mut self) -> Self {
        self.0.push(ESCAPED);
        self
    }

    /// The range (start inclusive, end exclusive) of the extensions of this tuple whose next element is a text that
    /// begins with `prefix`.
    #[must_use]
    pub fn text_prefix_range(mut self, prefix: &str) -> (Self, Self) {
        self.0.push(TEXT);
        self.push_escaped(prefix);
        let mut end = self.0.clone();
        while end.last() == Some(&ESCAPED) {
            end.pop();
        }
        // The type byte is not FF, so there is always a last byte to raise.
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        (self, Self(end))
    }

    /// Takes the tuple apart.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where the bytes are not the encoding of a tuple.
    pub fn elements(&self) -> Result<Vec<Element>> {
        let mut rest = self.0.as_slice();
        let mut elements = Vec::new();
        while !rest.is_empty() {
            let (element, tail) = first(rest)
                .ok_or_else(|| Error::new(ErrorKind::Corrupt, "a stored key is not the encoding of a tuple"))?;
            elements.push(element);
            rest = tail;
        }
        Ok(elements)
    }

    /// Whether it begins with this number.
    #[must_use]
    pub fn begins_with(&self, wanted: u64) -> bool {
        matches!(first(&self.0), Some((Element::Number(number), _)) if number == wanted)
    }

    /// The first elements; whatever comes behind them need not be one. `None` where there are fewer.
    #[must_use]
    pub fn first_elements(&self, count: usize) -> Option<Vec<Element>> {
        let mut rest = self.0.as_slice();
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            let (element, tail) = first(rest)?;
            elements.push(element);
            rest = tail;
        }
        Some(elements)
    }

    /// The one element that this tuple has more than `prefix`, where that is a text.
    #[must_use]
    pub fn last_text_after(&self, prefix: &Self) -> Option<String> {
        let bytes = self.0.strip_prefix(prefix.0.as_slice())?;
        match text(bytes.strip_prefix(&[TEXT])?)? {
            (Element::Text(text), []) => Some(text),
            _ => None,
        }
    }

    fn push_escaped(&mut self, text: &str) {
        if !text.as_bytes().contains(&END) {
            return self.0.extend_from_slice(text.as_bytes());
        }
        for byte in text.bytes() {
            self.0.push(byte);
            if byte == END {
                self.0.push(ESCAPED);
            }
        }
    }
}

fn first(bytes: &[u8]) -> Option<(Element, &[u8])> {
    match bytes.split_first()? {
        (&TEXT, tail) => text(tail),
        (kind, tail) => number(tail, kind.checked_sub(NUMBER)?.into()),
    }
}

fn number(bytes: &[u8], length: usize) -> Option<(Element, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(length)?;
    if length > 8 || digits.first() == Some(&0) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit));
    Some((Element::Number(number), rest))
}

fn text(mut bytes: &[u8]) -> Option<(Element, &[u8])> {
    let mut text = Vec::new();
    loop {
        let end = bytes.iter().position(|byte| *byte == END)?;
        let (part, rest) = bytes.split_at_checked(end)?;
        text.extend_from_slice(part);
        let (_, rest) = rest.split_first()?;
        match rest.split_first() {
            Some((&ESCAPED, rest)) => {
                text.push(END);
                bytes = rest;
            }
            _ => return Some((Element::Text(String::from_utf8(text).ok()?), rest)),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(elements: &[Element]) -> Key {
        elements.iter().fold(Key::new(), |key, element| match element {
            Element::Number(number) => key.number(*number),
            Element::Text(text) => key.text(text),
        })
    }

    /// Texts made of what breaks naive encodings: separators, NUL, the ends of the Unicode planes.
    fn evil_text() -> impl Strategy<Value = String> {
        let evil = prop::sample::select(vec![
            '\0',
            '\u{1}',
            '\u{1d}',
            '\u{1e}',
            ':',
            '/',
            '%',
            'a',
            'b',
            '\u{7f}',
            'é',
            '\u{d7ff}',
            '\u{e000}',
            '\u{fffd}',
            '\u{ffff}',
            '\u{10000}',
            '😀',
            '\u{10ffff}',
        ]);
        prop_oneof![prop::collection::vec(evil, 0..6).prop_map(String::from_iter), any::<String>()]
    }

    fn element() -> impl Strategy<Value = Element> {
        prop_oneof![
            evil_text().prop_map(Element::Text),
            any::<u64>().prop_map(Element::Number),
            (0..3_u64).prop_map(Element::Number),
        ]
    }

    fn tuple() -> impl Strategy<Value = Vec<Element>> {
        prop::collection::vec(element(), 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn order_of_encodings_is_order_of_tuples(a in tuple(), b in tuple()) {
            prop_assert_eq!(encode(&a).cmp(&encode(&b)), a.cmp(&b));
        }

        #[test]
        fn keys_compare_by_their_bytes(a in prop::collection::vec(0..3_u8, 0..40), mut b in prop::collection::vec(0..3_u8, 0..40), common in 0..40_usize) {
            prop_assert_eq!(compare(&a, &b), a.cmp(&b));
            let common = common.min(a.len()).min(b.len());
            b[..common].copy_from_slice(&a[..common]);
            prop_assert_eq!(compare(&a, &b), a.cmp(&b));
        }

        #[test]
        fn decoding_returns_the_tuple(tuple in tuple()) {
            prop_assert_eq!(encode(&tuple).elements().unwrap(), tuple);
        }

        #[test]
        fn a_range_of_extensions_holds_exactly_the_extensions(prefix in tuple(), other in tuple()) {
            let start = encode(&prefix);
            let inside = start <= encode(&other) && encode(&other) < start.clone().end_of_extensions();
            prop_assert_eq!(inside, other.starts_with(&prefix));
        }

        #[test]
        fn a_text_prefix_range_holds_exactly_what_begins_so(
            base in tuple(), prefix in evil_text(), text in evil_text(), tail in tuple(), glue in any::<bool>(),
        ) {
            let text = if glue { format!("{prefix}{text}") } else { text };
            let (start, end) = encode(&base).text_prefix_range(&prefix);
            let key = tail.iter().fold(encode(&base).text(&text), |key, element| match element {
                Element::Number(number) => key.number(*number),
                Element::Text(text) => key.text(text),
            });
            prop_assert_eq!(start <= key && key < end, text.starts_with(&prefix));
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_decode_only_what_was_encoded(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            let key = Key::from_bytes(bytes);
            if let Ok(elements) = key.elements() {
                prop_assert_eq!(encode(&elements), key);
            }
        }
    }

    #[test]
    fn the_pair_that_a_colon_would_confuse_stays_apart() {
        assert_ne!(Key::new().text("u1").text("b:c"), Key::new().text("u1:b").text("c"));
        assert_ne!(Key::new().text("a\0").text("b"), Key::new().text("a").text("\0b"));
    }

    #[test]
    fn texts_sort_by_code_point_and_not_by_utf16_unit() {
        assert!(Key::new().text("\u{ffff}") < Key::new().text("\u{10000}"));
    }
}
