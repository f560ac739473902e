//! JSON as text: checked once where it comes in, then carried and stored without being taken apart.

use super::limits::MAX_DEPTH;
use crate::error::{Error, ErrorKind, Result};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
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
        let mut reader = serde_json::Deserializer::from_str(text);
        Checked { depth: 0 }
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
            .map_err(|error| Error::new(ErrorKind::InvalidValue, format!("not a JSON value: {error}")))?;
        Ok(Self(compact(text)))
    }

    /// Takes a text that is known to be JSON, such as what `JSON.stringify` returned for a checked value.
    pub(crate) const fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The JSON of a `serde_json` value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where it is nested deeper than [`MAX_DEPTH`].
    pub fn from_value(value: &serde_json::Value) -> Result<Self> {
        Self::parse(&value.to_string())
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

/// The members of a JSON object in their order, values as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    /// The members of `text`, or `None` where it is not an object.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        struct Collect;
        impl<'a> Visitor<'a> for Collect {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::default();
                while let Some((name, value)) = map.next_entry::<String, &'a RawValue>()? {
                    members.0.push((Cow::Owned(name), value.get()));
                }
                Ok(members)
            }
        }
        serde_json::Deserializer::from_str(text).deserialize_map(Collect).ok()
    }

    /// Takes over the members of `newer`: a known one is replaced where it stands, a new one comes at the end.
    pub(crate) fn merge(&mut self, newer: Self) {
        let mut newer_values: HashMap<_, _> = newer.0.iter().cloned().collect();
        for (name, value) in &mut self.0 {
            if let Some(new) = newer_values.remove(name) {
                *value = new;
            }
        }
        self.0.extend(newer.0.into_iter().filter(|(name, _)| newer_values.contains_key(name)));
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a str> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
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
    // Writing to a string cannot fail, and a `str` is always representable.
    if let Ok(quoted) = serde_json::to_string(text) {
        json.push_str(&quoted);
    }
}

/// Walks a value and keeps nothing of it but the certainty that it is well-formed.
struct Checked {
    depth: usize,
}

impl Checked {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'a> DeserializeSeed<'a> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Checked {
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
        let depth = self.deeper::<A::Error>()?.depth;
        while items.next_element_seed(Self { depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        let depth = self.deeper::<A::Error>()?.depth;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(Self { depth })?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format_args!("the member {name:?} comes twice in one object")));
            }
        }
        Ok(())
    }
}

/// Drops the white space between the tokens of well-formed JSON.
fn compact(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in text.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if matches!(character, ' ' | '\n' | '\r' | '\t') {
            continue;
        } else {
            in_string = character == '"';
        }
        compact.push(character);
    }
    compact
}
