//! Takes out of records what they are found by, in one walk through their JSON text.

use super::datum::Datum;
use super::path::{Path, Root};
use crate::error::Result;
use crate::model::data_record::Peek;
use crate::model::timestamp::Timestamp;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What is found at each of the paths of an [`Extractor`]; `None` where there is nothing.
pub(crate) type Found<'a> = Vec<Option<Datum<'a>>>;

/// Paths that are looked up together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extractor {
    paths: Vec<Path>,
    value: Node,
    metadata: Node,
}

/// What is wanted of a JSON value: itself, or some of its members.
#[derive(Debug, Clone, Default)]
struct Node {
    slot: Option<usize>,
    members: Vec<(String, Node)>,
}

/// Where a walk puts what it finds.
struct Slots<'s, 'a> {
    found: &'s mut [Option<&'a str>],
    /// How many more there can be.
    open: usize,
}

impl Extractor {
    /// The place of what is found at a path, which is looked up from now on.
    pub(crate) fn add(&mut self, path: &Path) -> usize {
        if let Some(known) = self.paths.iter().position(|known| known.is_same(path)) {
            return known;
        }
        let slot = self.paths.len();
        self.paths.push(path.clone());
        let mut node = match path.root() {
            Root::Value => &mut self.value,
            Root::Metadata => &mut self.metadata,
            _ => return slot,
        };
        for name in path.names() {
            let known = node.members.iter().position(|(known, _)| known == name);
            let place = known.unwrap_or_else(|| {
                node.members.push((name.clone(), Node::default()));
                node.members.len() - 1
            });
            node = match node.members.get_mut(place) {
                Some((_, member)) => member,
                // It was found there, or put there.
                None => return slot,
            };
        }
        node.slot = Some(slot);
        slot
    }

    /// The paths, in the order of their places.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// What a record has at the paths.
    pub(crate) fn extract<'a>(&self, key: &'a str, record: &Peek<'a>) -> Found<'a> {
        let mut texts = vec![None; self.paths.len()];
        for (node, json) in [(&self.value, record.value), (&self.metadata, record.metadata)] {
            node.walk(json, &mut texts);
        }
        let time = |at: Timestamp| Datum::Text(Cow::Owned(at.to_sortable()));
        let found = |(path, json): (&Path, Option<&'a str>)| match path.root() {
            Root::Value | Root::Metadata => json.map(Datum::of),
            Root::Key => Some(Datum::Text(Cow::Borrowed(key))),
            Root::CreatedAt => Some(time(record.created_at)),
            Root::UpdatedAt => Some(time(record.updated_at)),
            Root::ExpiresAt => record.expires_at.map(time),
            Root::CreatedBy => record.created_by.map(|agent| Datum::Text(Cow::Borrowed(agent))),
        };
        self.paths.iter().zip(texts).map(found).collect()
    }
}

impl Node {
    /// How many things are wanted here and below.
    fn count(&self) -> usize {
        usize::from(self.slot.is_some()) + self.members.iter().map(|(_, node)| node.count()).sum::<usize>()
    }

    fn walk<'a>(&self, json: &'a str, found: &mut [Option<&'a str>]) {
        let slots = &mut Slots { found, open: self.count() };
        if slots.open > 0 {
            // What is stored is JSON, and a walk that has all it wants ends with an error.
            let _ = Walk { node: self, slots }.deserialize(&mut serde_json::Deserializer::from_str(json));
        }
    }
}

/// Whether a name on a path is the number of this item.
fn is_number(name: &str, place: usize) -> bool {
    name.parse() == Ok(place) && !name.starts_with('+') && (name.len() == 1 || !name.starts_with('0'))
}

/// A walk through one value.
struct Walk<'w, 's, 'a> {
    node: &'w Node,
    slots: &'w mut Slots<'s, 'a>,
}

impl<'a> DeserializeSeed<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, value: D) -> Result<(), D::Error> {
        let Some(slot) = self.node.slot else { return value.deserialize_any(self) };
        let json = <&RawValue as Deserialize>::deserialize(value)?.get();
        if let Some(found) = self.slots.found.get_mut(slot) {
            *found = Some(json);
        }
        self.slots.open -= 1;
        if self.slots.open == 0 {
            return Err(D::Error::custom(""));
        }
        if self.node.members.is_empty() {
            return Ok(());
        }
        serde_json::Deserializer::from_str(json).deserialize_any(self).map_err(D::Error::custom)
    }
}

/// What is wanted of the member that has a name.
struct Name<'w>(&'w Node);

impl<'a, 'w> DeserializeSeed<'a> for Name<'w> {
    type Value = Option<&'w Node>;

    fn deserialize<D: Deserializer<'a>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl<'w> Visitor<'_> for Name<'w> {
    type Value = Option<&'w Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.members.iter().find(|(known, _)| known == name).map(|(_, node)| node))
    }
}

impl<'a> Visitor<'a> for Walk<'_, '_, 'a> {
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
        for place in 0_usize.. {
            let more = match self.node.members.iter().find(|(name, _)| is_number(name, place)) {
                Some((_, node)) => items.next_element_seed(Walk { node, slots: &mut *self.slots })?.is_some(),
                None => items.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key_seed(Name(self.node))? {
            match name {
                Some(node) => members.next_value_seed(Walk { node, slots: &mut *self.slots })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn peek(value: &str) -> Peek<'_> {
        Peek {
            value,
            metadata: r#"{"source":{"name":"web"}}"#,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            expires_at: None,
            created_by: Some("planner"),
        }
    }

    fn found<'a>(paths: &[&str], record: &Peek<'a>) -> Found<'a> {
        let mut extractor = Extractor::default();
        let places: Vec<usize> = paths.iter().map(|path| extractor.add(&Path::parse(path).unwrap())).collect();
        let found = extractor.extract("the key", record);
        places.iter().map(|place| found.get(*place).cloned().flatten()).collect()
    }

    #[test]
    fn what_a_record_is_of_can_be_asked_for() {
        let record = peek("[1]");
        let paths = ["$key", "$createdBy", "$metadata.source.name", "$expiresAt", "$createdAt", "$value", "$value.0"];
        let json: Vec<_> = [
            Some("\"the key\""),
            Some("\"planner\""),
            Some("\"web\""),
            None,
            Some("\"1970-01-01T00:00:00.000000Z\""),
            Some("[1]"),
            Some("1"),
        ]
        .into_iter()
        .map(|json| json.map(Datum::of))
        .collect();
        assert_eq!(found(&paths, &record), json);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..5_i32).prop_map(Value::from),
            "[ab\"\\\\]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[ab01\"]{1,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn at<'v>(value: &'v Value, path: &Path) -> Option<&'v Value> {
        path.names().iter().try_fold(value, |value, name| match value {
            Value::Array(items) => {
                (0..items.len()).find(|place| place.to_string() == *name).and_then(|place| items.get(place))
            }
            Value::Object(members) => members.get(name),
            _ => None,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn all_that_is_there_is_found(value in value(), paths in prop::collection::vec("[ab01\"]{1,2}(\\.[ab01]){0,3}", 0..6)) {
            let json = value.to_string();
            let paths: Vec<&str> = paths.iter().map(String::as_str).chain(["$value"]).collect();
            let found = found(&paths, &peek(&json));
            for (path, found) in paths.iter().zip(found) {
                let expected = at(&value, &Path::parse(path).unwrap()).map(Value::to_string);
                prop_assert_eq!(found, expected.as_deref().map(Datum::of), "{}", path);
            }
        }
    }
}
