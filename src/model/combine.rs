//! Values that are made of the ones before: sums, the smaller and the larger, longer arrays.

use super::json::Json;
use super::number::{push_double, read_double};
use crate::error::{Error, ErrorKind, Result};

/// How a new value is made of the one that is there. Where there is none it is the operand itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Combine {
    /// Adds a number.
    Sum(f64),
    /// Takes the smaller of two numbers.
    Min(f64),
    /// Takes the larger of two numbers.
    Max(f64),
    /// Adds values to the end of an array. The JSON text of each.
    Append(Vec<Json>),
}

impl Combine {
    /// The new value. Numbers are what JavaScript has: 64 bits of floating point.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where what is there is no number, or no array; or where a sum is too large for a number.
    pub fn of(&self, old: Option<&Json>) -> Result<Json> {
        let number = |with: f64, combined: fn(f64, f64) -> f64| match old {
            None => number_text(with),
            Some(old) => number_text(combined(number_of(old)?, with)),
        };
        match self {
            Self::Sum(with) => number(*with, |old, with| old + with),
            Self::Min(with) => number(*with, f64::min),
            Self::Max(with) => number(*with, f64::max),
            Self::Append(items) => appended(old, items),
        }
    }
}

fn number_of(json: &Json) -> Result<f64> {
    let is_number = json.as_str().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let number = if is_number { read_double(json.as_str()) } else { None };
    number.ok_or_else(|| Error::new(ErrorKind::InvalidValue, "what is stored is no number"))
}

/// A number as JSON.
fn number_text(number: f64) -> Result<Json> {
    if !number.is_finite() {
        return Err(Error::new(ErrorKind::InvalidValue, "the result is too large for a number"));
    }
    let mut text = String::new();
    // There is no -0 in what JavaScript writes as JSON.
    push_double(&mut text, if number == 0.0 { 0.0 } else { number });
    Ok(Json::trusted(text))
}

fn appended(old: Option<&Json>, items: &[Json]) -> Result<Json> {
    let old = old.map_or("[]", Json::as_str);
    let Some(inner) = old.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err(Error::new(ErrorKind::InvalidValue, "what is stored is no array"));
    };
    let mut text = String::with_capacity(old.len() + items.iter().map(|item| item.as_str().len() + 1).sum::<usize>());
    text.push('[');
    text.push_str(inner);
    let mut is_first = inner.trim().is_empty();
    for item in items {
        text.push_str(if is_first { "" } else { "," });
        text.push_str(item.as_str());
        is_first = false;
    }
    text.push(']');
    Ok(Json::trusted(text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).unwrap()
    }

    fn made(combine: &Combine, old: Option<&str>) -> std::result::Result<String, ErrorKind> {
        combine.of(old.map(json).as_ref()).map(Json::into_string).map_err(|error| error.kind())
    }

    #[test]
    fn numbers_are_added_and_compared_as_javascript_does() {
        for (combine, old, new) in [
            (Combine::Sum(2.0), None, "2"),
            (Combine::Sum(2.0), Some("40"), "42"),
            (Combine::Sum(-0.5), Some("1.5e0"), "1"),
            (Combine::Sum(0.1), Some("0.2"), "0.30000000000000004"),
            (Combine::Sum(-1e-7), Some("-0.5e-7"), "-0.00000015"),
            (Combine::Sum(1.0), Some("-1"), "0"),
            (Combine::Sum(1.0), Some("9007199254740992"), "9007199254740992"),
            (Combine::Min(3.0), Some("-4"), "-4"),
            (Combine::Min(-5.0), Some("-4"), "-5"),
            (Combine::Max(3.0), Some("-4"), "3"),
            (Combine::Max(2.5), None, "2.5"),
        ] {
            assert_eq!(made(&combine, old).as_deref(), Ok(new), "{combine:?} of {old:?}");
        }
    }

    #[test]
    fn arrays_grow_at_their_end() {
        let items = Combine::Append(vec![json("1"), json(r#"{"a":[]}"#)]);
        assert_eq!(made(&items, None).unwrap(), r#"[1,{"a":[]}]"#);
        assert_eq!(made(&items, Some("[]")).unwrap(), r#"[1,{"a":[]}]"#);
        assert_eq!(made(&items, Some("[0]")).unwrap(), r#"[0,1,{"a":[]}]"#);
        assert_eq!(made(&Combine::Append(Vec::new()), Some("[0]")).unwrap(), "[0]");
    }

    #[test]
    fn what_cannot_be_combined_is_refused() {
        for old in ["\"1\"", "null", "[1]", "{}", "true"] {
            assert_eq!(made(&Combine::Sum(1.0), Some(old)), Err(ErrorKind::InvalidValue), "{old}");
        }
        for old in ["\"[]\"", "null", "1", "{}"] {
            assert_eq!(made(&Combine::Append(Vec::new()), Some(old)), Err(ErrorKind::InvalidValue), "{old}");
        }
        assert_eq!(made(&Combine::Sum(f64::MAX), Some("1.7976931348623157e308")), Err(ErrorKind::InvalidValue));
    }
}
