//! The values that records are compared by, and their order.

use crate::model::json::Parts;
use crate::model::number::read_number;
use crate::model::repeats::sorted;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A JSON value that is compared: null before booleans, then numbers, texts, arrays, objects. Numbers are doubles, as JavaScript has
/// them; texts are in the order of their code points; arrays go item by item; objects by their members in the order of the names,
/// so that it does not matter how they are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum<'a> {
    Null,
    Bool(bool),
    /// Never NaN or infinite, and never -0.
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Datum<'a>>),
    /// Sorted by name.
    Object(Vec<(String, Datum<'a>)>),
}

impl<'a> Datum<'a> {
    /// Takes apart a text that is known to be JSON.
    pub(crate) fn of(json: &'a str) -> Self {
        match json.as_bytes() {
            [b'n', ..] => Self::Null,
            [b't', ..] => Self::Bool(true),
            [b'f', ..] => Self::Bool(false),
            [b'"', ..] => Self::text(json),
            [b'[' | b'{', ..] => match Parts::of(json) {
                Parts::List(items) => Self::List(items.into_iter().map(Self::of).collect()),
                Parts::Object(members) => {
                    let members: Vec<(&str, &'a str)> = members.iter().collect();
                    let order = sorted(members.iter().map(|(name, _)| name.as_bytes()));
                    let member = |(_, place): (_, usize)| {
                        members.get(place).map(|(name, value)| ((*name).to_owned(), Self::of(value)))
                    };
                    Self::Object(order.into_iter().filter_map(member).collect())
                }
                Parts::Text(_) | Parts::Scalar(_) => Self::Null,
            },
            _ => Self::Number(read_number(json)),
        }
    }

    fn text(json: &'a str) -> Self {
        let inner = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
        if !inner.as_bytes().contains(&b'\\') {
            return Self::Text(Cow::Borrowed(inner));
        }
        match Parts::of(json) {
            Parts::Text(text) => Self::Text(Cow::Owned(text)),
            _ => Self::Null,
        }
    }

    /// The same, for longer than the text it was taken from.
    pub(crate) fn into_owned(self) -> Datum<'static> {
        match self {
            Self::Null => Datum::Null,
            Self::Bool(value) => Datum::Bool(value),
            Self::Number(number) => Datum::Number(number),
            Self::Text(text) => Datum::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Datum::List(items.into_iter().map(Datum::into_owned).collect()),
            Self::Object(members) => {
                Datum::Object(members.into_iter().map(|(name, value)| (name, value.into_owned())).collect())
            }
        }
    }

    /// The place of its kind in the order.
    pub(crate) const fn class(&self) -> u64 {
        match self {
            Self::Null => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
            Self::Text(_) => 4,
            Self::List(_) => 5,
            Self::Object(_) => 6,
        }
    }

    /// Which of both comes first.
    pub(crate) fn compare(&self, other: &Datum<'_>) -> Ordering {
        match (self, other) {
            (Self::Bool(one), Datum::Bool(other)) => one.cmp(other),
            (Self::Number(one), Datum::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Datum::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            (Self::List(one), Datum::List(other)) => {
                let mut pairs = one.iter().zip(other).map(|(one, other)| one.compare(other));
                pairs.find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
            }
            (Self::Object(one), Datum::Object(other)) => {
                let mut pairs = one.iter().zip(other).map(|((name, value), (other_name, other))| {
                    name.as_bytes().cmp(other_name.as_bytes()).then_with(|| value.compare(other))
                });
                pairs.find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
            }
            _ => self.class().cmp(&other.class()),
        }
    }
}

/// Which of two comes first where something may be missing: that does.
pub(crate) fn compare(one: Option<&Datum<'_>>, other: Option<&Datum<'_>>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.compare(other),
        _ => one.is_some().cmp(&other.is_some()),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn values_have_one_order() {
        let in_order = [
            "null",
            "false",
            "true",
            "-1e300",
            "-1",
            "-0.5",
            "0",
            "1e-7",
            "1",
            "1.5",
            "10",
            "\"\"",
            "\"a\"",
            "\"a\\u0000\"",
            "\"aa\"",
            "\"b\"",
            "\"é\"",
            "\"\u{ffff}\"",
            "\"😀\"",
            "[]",
            "[null]",
            "[1]",
            "[1,0]",
            "[2]",
            "{}",
            "{\"a\":1}",
            "{\"a\":1,\"b\":0}",
            "{\"a\":2}",
            "{\"b\":0}",
        ];
        for (place, one) in in_order.iter().enumerate() {
            for (other_place, other) in in_order.iter().enumerate() {
                assert_eq!(Datum::of(one).compare(&Datum::of(other)), place.cmp(&other_place), "{one} and {other}");
                assert_eq!(Datum::of(one) == Datum::of(other), place == other_place, "{one} and {other}");
            }
            assert_eq!(compare(None, Some(&Datum::of(one))), Ordering::Less);
        }
    }

    #[test]
    fn it_does_not_matter_how_a_value_is_written() {
        for (one, other) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0", "-0"),
            ("0", "-0.0e5"),
            ("\"a\"", "\"\\u0061\""),
            ("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}"),
        ] {
            assert_eq!(Datum::of(one), Datum::of(other), "{one} and {other}");
            assert_eq!(Datum::of(one).compare(&Datum::of(other)), Ordering::Equal);
        }
    }
}
