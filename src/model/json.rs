//! JSON as text: checked once where it comes in, then carried and stored without being taken apart.

use super::limits::MAX_DEPTH;
use super::repeats::first_places;
use crate::error::{Error, ErrorKind, Result};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;

/// The text of one JSON value, compact. Numbers keep every digit they came with.
///
/// ```
/// use agent_datastore::Json;
///
/// let value = Json::parse(r#"{ "id": 9007199254740993 }"#)?;
/// assert_eq!(value.as_str(), r#"{"id":9007199254740993}"#);
/// assert!(Json::parse("{'not': json}").is_err());
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Json(String);

impl Json {
    /// Checks a text and drops the white space between its tokens.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where it is not JSON, holds a lone surrogate, a number beyond the range of a double,
    /// the same member name twice in one object, or is nested deeper than [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_within(text, MAX_DEPTH)
    }

    /// As [`Self::parse`], with another limit of the nesting.
    pub(crate) fn parse_within(text: &str, max_depth: usize) -> Result<Self> {
        Self::parse_checked(text, Checked { levels_left: max_depth, repeats: None })
    }

    /// As [`Self::parse_within`], but a member may come twice in one object: then that is what `repeats` says.
    pub(crate) fn parse_with_repeats(text: &str, max_depth: usize, repeats: &Cell<bool>) -> Result<Self> {
        Self::parse_checked(text, Checked { levels_left: max_depth, repeats: Some(repeats) })
    }

    fn parse_checked(text: &str, checked: Checked<'_>) -> Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        checked
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
            .map_err(|error| Error::new(ErrorKind::InvalidValue, format!("not a JSON value: {error}")))?;
        Ok(Self(compact(text)))
    }

    /// Takes a text that is known to be JSON, such as what `JSON.stringify` returned for a checked value.
    pub(crate) const fn trusted(text: String) -> Self {
        Self(text)
    }

    /// Reads the value into any type that `serde_json` can read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where the value does not fit the type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0)
            .map_err(|error| Error::new(ErrorKind::InvalidValue, format!("the value does not fit: {error}")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A JSON value taken apart by one level, its parts as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parts<'a> {
    Text(String),
    List(Vec<&'a str>),
    Object(Members<'a>),
    /// Null, a boolean, or a number.
    Scalar(&'a str),
}

impl<'a> Parts<'a> {
    /// Takes a text apart that is known to be JSON.
    pub(crate) fn of(text: &'a str) -> Self {
        // One visitor for every kind of value: each typed one would bring the printing of floats with it.
        struct TakeApart<'a>(&'a str);
        impl<'a> Visitor<'a> for TakeApart<'a> {
            type Value = Parts<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Parts<'a>, E> {
                Ok(Parts::Scalar(self.0))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Parts<'a>, E> {
                Ok(Parts::Scalar(self.0))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Parts<'a>, E> {
                Ok(Parts::Scalar(self.0))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Parts<'a>, E> {
                Ok(Parts::Scalar(self.0))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Parts<'a>, E> {
                Ok(Parts::Scalar(self.0))
            }

            fn visit_str<E>(self, text: &str) -> Result<Parts<'a>, E> {
                Ok(Parts::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Parts<'a>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element::<&'a RawValue>()? {
                    list.push(item.get());
                }
                Ok(Parts::List(list))
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Parts<'a>, A::Error> {
                let mut members = Members::default();
                while let Some(name) = map.next_key::<String>()? {
                    members.0.push((name, map.next_value::<&'a RawValue>()?.get()));
                }
                Ok(Parts::Object(members))
            }
        }
        serde_json::Deserializer::from_str(text).deserialize_any(TakeApart(text)).unwrap_or(Self::Scalar(text))
    }

    /// The items of a list; `None` of anything else.
    pub(crate) fn list(self) -> Option<Vec<&'a str>> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The members of an object; `None` of anything else.
    pub(crate) fn object(self) -> Option<Members<'a>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }
}

/// The members of a JSON object in their order, values as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Members<'a>(Vec<(String, &'a str)>);

impl<'a> Members<'a> {
    /// Takes over the members of `newer`: a known one is replaced where it stands, a new one comes at the end.
    pub(crate) fn merge(&mut self, newer: Self) {
        let known = self.0.len();
        self.0.extend(newer.0);
        let first = first_places(self.0.iter().map(|(name, _)| name.as_bytes()));
        let newer = self.0.split_off(known);
        for ((name, value), first) in newer.into_iter().zip(first.into_iter().skip(known)) {
            match self.0.get_mut(first).filter(|_| first < known) {
                Some((_, old)) => *old = value,
                None => self.0.push((name, value)),
            }
        }
    }

    /// These, of members of the same name only the last one, in the place of the first.
    pub(crate) fn without_repeats(self) -> Self {
        let first = first_places(self.0.iter().map(|(name, _)| name.as_bytes()));
        let mut members = self.0.clone();
        for ((_, value), first) in self.0.into_iter().zip(&first) {
            if let Some((_, last)) = members.get_mut(*first) {
                *last = value;
            }
        }
        let mut places = first.into_iter().enumerate();
        members.retain(|_| places.next().is_some_and(|(place, first)| place == first));
        Self(members)
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a str> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// One member.
    pub(crate) fn one(name: &str, value: &'a str) -> Self {
        Self(vec![(name.to_owned(), value)])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The object's text.
    pub(crate) fn to_json(&self) -> Json {
        let mut object = ObjectWriter::default();
        for (name, value) in self.iter() {
            object.raw(name, value);
        }
        object.finish()
    }
}

/// Writes the text of a JSON object, member by member.
#[derive(Debug, Default)]
pub(crate) struct ObjectWriter(String);

impl ObjectWriter {
    /// Adds a member whose value is JSON text.
    pub(crate) fn raw(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_string(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(value);
    }

    /// Adds a member whose value is a text, or null.
    pub(crate) fn text<'a>(&mut self, name: &str, value: impl Into<Option<&'a str>>) {
        match value.into() {
            Some(text) => self.raw(name, &string(text)),
            None => self.raw(name, "null"),
        }
    }

    /// Adds the members of another one.
    pub(crate) fn append(&mut self, other: &Self) {
        if let Some(members) = other.0.get(1..) {
            self.0.push(if self.0.is_empty() { '{' } else { ',' });
            self.0.push_str(members);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn finish(mut self) -> Json {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        Json(self.0)
    }
}

/// The JSON text of a string.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    push_string(&mut json, text);
    json
}

/// Appends the JSON text of a string.
pub(crate) fn push_string(json: &mut String, text: &str) {
    if !text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        json.reserve(text.len() + 2);
        json.push('"');
        json.push_str(text);
        json.push('"');
        return;
    }
    // Writing to a string cannot fail, and a `str` is always representable.
    if let Ok(quoted) = serde_json::to_string(text) {
        json.push_str(&quoted);
    }
}

/// How deep arrays and objects are nested in well-formed JSON.
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens(text) {
        match token {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Walks a value and keeps nothing of it but the certainty that it is well-formed.
#[derive(Clone, Copy)]
struct Checked<'r> {
    levels_left: usize,
    /// What is told that a member comes twice in one object, where that is no error.
    repeats: Option<&'r Cell<bool>>,
}

impl Checked<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let levels_left = self.levels_left.checked_sub(1).ok_or_else(|| E::custom("nested too deep"))?;
        Ok(Self { levels_left, ..self })
    }
}

impl<'a> DeserializeSeed<'a> for Checked<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Checked<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let below = self.deeper()?;
        while items.next_element_seed(below)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        let below = self.deeper()?;
        let mut names = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(below)?;
            names.push(name);
        }
        let first = first_places(names.iter().map(String::as_bytes));
        match (names.iter().zip(first).enumerate().find(|(place, (_, first))| place != first), self.repeats) {
            (Some(_), Some(repeats)) => {
                repeats.set(true);
                Ok(())
            }
            (Some((_, (name, _))), None) => {
                Err(A::Error::custom(format_args!("the member {name:?} comes twice in one object")))
            }
            (None, _) => Ok(()),
        }
    }
}

/// Drops the white space between the tokens of well-formed JSON.
fn compact(text: &str) -> String {
    let mut in_string = InString::default();
    text.chars()
        .filter(|character| in_string.goes_on(*character) || !matches!(character, ' ' | '\n' | '\r' | '\t'))
        .collect()
}

/// The characters of well-formed JSON outside of its strings.
fn tokens(text: &str) -> impl Iterator<Item = char> {
    let mut in_string = InString::default();
    text.chars().filter(move |character| !in_string.goes_on(*character))
}

/// Whether a walk through well-formed JSON is inside a string.
#[derive(Debug, Default)]
pub(super) struct InString {
    inside: bool,
    escaped: bool,
}

impl InString {
    /// Takes the next character; whether it belongs to a string.
    pub(super) fn goes_on(&mut self, character: char) -> bool {
        let was_inside = self.inside;
        if was_inside {
            self.inside = self.escaped || character != '"';
            self.escaped = !self.escaped && character == '\\';
        } else {
            self.inside = character == '"';
        }
        was_inside
    }
}
