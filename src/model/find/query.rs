//! What is asked for, and the order in which it comes.

use super::datum::{Datum, compare};
use super::extract::{Extractor, Found};
use super::filter::{Condition, Filter, Test};
use super::path::{Path, Root};
use crate::error::{Error, ErrorKind, Result};
use crate::model::cursor;
use crate::model::json::{self, Json, Parts};
use crate::model::keyspace::{DataScope, KeySpan};
use crate::model::limits::MAX_DEPTH;
use crate::model::number::push_double;
use std::cmp::Ordering;
use std::hash::Hasher as _;
use xxhash_rust::xxh64::Xxh64;

/// How many entries a page holds where nobody says.
const DEFAULT_LIMIT: u32 = 100;

/// The most parts that an order has.
const MAX_ORDER: usize = 16;

/// The most text that a cursor holds of what records are ordered by. Bytes.
const MAX_PLACE_BYTES: usize = 30_000;

/// What records are ordered by: null before booleans, then numbers, texts, arrays, objects; where nothing is comes first of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// What is compared.
    pub path: Path,
    /// Whether the last comes first.
    pub descending: bool,
}

impl OrderBy {
    /// Reads what records are ordered by: a path, or an object of a `path` and whether it is `descending`; or an array of these.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`], and [`ErrorKind::LimitExceeded`] for more than 16 parts.
    pub fn parse(json: &Json) -> Result<Vec<Self>> {
        match Parts::of(json.as_str()) {
            Parts::List(parts) if parts.len() > MAX_ORDER => {
                let message = format!("orderBy: more than {MAX_ORDER} parts");
                Err(Error::new(ErrorKind::LimitExceeded, message))
            }
            Parts::List(parts) => parts.into_iter().map(Self::parse_one).collect(),
            _ => Ok(vec![Self::parse_one(json.as_str())?]),
        }
    }

    fn parse_one(json: &str) -> Result<Self> {
        let refused =
            || Error::new(ErrorKind::InvalidArgument, "orderBy: this has to be a path, or { path, descending }");
        let (path, descending) = match Parts::of(json) {
            Parts::Text(path) => (path, false),
            Parts::Object(mut members) => {
                let path = members.take("path").map(Parts::of);
                let descending = members.take("descending").unwrap_or("false");
                match (path, descending, members.is_empty()) {
                    (Some(Parts::Text(path)), "true" | "false", true) => (path, descending == "true"),
                    _ => return Err(refused()),
                }
            }
            _ => return Err(refused()),
        };
        Ok(Self { path: Path::parse(&path).map_err(|error| error.at("orderBy"))?, descending })
    }
}

/// Options of [`DataStore::find`](crate::store::DataStore::find).
#[derive(Debug, Clone, PartialEq)]
pub struct FindOptions {
    /// Which keys.
    pub keys: KeySpan,
    /// What has to hold of the records.
    pub filter: Filter,
    /// Their order; by their keys, where that does not tell, in the direction of the last of these.
    pub order: Vec<OrderBy>,
    /// The most entries of a page, at least 1. A page also ends after about 8 MiB.
    pub limit: u32,
    /// Where the page before ended. `None` for the first page.
    pub cursor: Option<String>,
    /// Whether values and versions are left out.
    pub keys_only: bool,
}

impl Default for FindOptions {
    /// The first 100 records in the order of their keys.
    fn default() -> Self {
        Self {
            keys: KeySpan::default(),
            filter: Filter::default(),
            order: Vec::new(),
            limit: DEFAULT_LIMIT,
            cursor: None,
            keys_only: false,
        }
    }
}

/// Options, made ready to hold records against them.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) extractor: Extractor,
    pub(crate) condition: Condition<usize>,
    /// The places of what records are ordered by, without what all of them have the same; and whether the last comes first.
    pub(crate) order: Vec<(usize, bool)>,
    /// Whether, where that does not tell, the last key comes first.
    pub(crate) keys_descend: bool,
    /// Behind which record the page begins.
    pub(crate) after: Option<Place>,
    /// What tells cursors of different queries apart.
    hash: u64,
}

/// The place of a record in the order of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) values: Vec<Option<Datum<'static>>>,
    pub(crate) key: String,
}

impl Query {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where the cursor is none, or that of another query.
    pub(crate) fn new(scope: &DataScope, options: &FindOptions) -> Result<Self> {
        let mut extractor = Extractor::default();
        let condition = options.filter.placed(&mut extractor);
        let mut needed = Vec::new();
        condition.needed(&mut needed, &mut Vec::new());
        let is_fixed =
            |slot: usize| needed.iter().any(|(other, test)| *other == slot && matches!(test, Test::Equals(_)));
        let mut order: Vec<(usize, bool)> = Vec::new();
        let mut keys_descend = false;
        for OrderBy { path, descending } in &options.order {
            keys_descend = *descending;
            if path.root() == Root::Key {
                break;
            }
            let slot = extractor.add(path);
            if !is_fixed(slot) && !order.iter().any(|(other, _)| *other == slot) {
                order.push((slot, *descending));
            }
        }
        let range = scope.records_in(&options.keys);
        let mut hash = Xxh64::new(0);
        for bytes in [range.start.as_bytes(), range.end.as_bytes(), options.filter.as_str().as_bytes()] {
            hash.write_u64(bytes.len() as u64);
            hash.update(bytes);
        }
        for OrderBy { path, descending } in &options.order {
            hash.write_u64(path.as_str().len() as u64);
            hash.update(path.as_str().as_bytes());
            hash.update(&[(*descending).into()]);
        }
        let mut query = Self { extractor, condition, order, keys_descend, after: None, hash: hash.digest() };
        query.after = options.cursor.as_deref().map(|cursor| query.place_of(cursor)).transpose()?;
        Ok(query)
    }

    /// Whether records come in the order of their keys.
    pub(crate) const fn is_by_key(&self) -> bool {
        self.order.is_empty()
    }

    /// The place of a record.
    pub(crate) fn place(&self, found: &Found<'_>, key: &str) -> Place {
        let values = self.order.iter().map(|(slot, _)| found.get(*slot).cloned().flatten().map(Datum::into_owned));
        Place { values: values.collect(), key: key.to_owned() }
    }

    /// Which of two records comes first.
    pub(crate) fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let turned = |order: Ordering, descending: bool| if descending { order.reverse() } else { order };
        let values = one.values.iter().zip(&other.values).zip(&self.order);
        let mut orders =
            values.map(|((one, other), (_, descending))| turned(compare(one.as_ref(), other.as_ref()), *descending));
        orders
            .find(|order| order.is_ne())
            .unwrap_or_else(|| turned(one.key.as_bytes().cmp(other.key.as_bytes()), self.keys_descend))
    }

    /// Whether a record comes behind the cursor.
    pub(crate) fn is_after(&self, place: &Place) -> bool {
        self.after.as_ref().is_none_or(|after| self.compare(place, after).is_gt())
    }

    /// The cursor behind a record.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] where what it is ordered by is too long for it.
    pub(crate) fn cursor(&self, last: &Place) -> Result<String> {
        let mut values = String::from("[");
        for (place, value) in last.values.iter().enumerate() {
            values.push_str(if place == 0 { "[" } else { ",[" });
            if let Some(value) = value {
                push_json(&mut values, value);
            }
            values.push(']');
        }
        values.push(']');
        if values.len() > MAX_PLACE_BYTES {
            let message = format!("no cursor can hold what {:?} is ordered by: {} bytes", last.key, values.len());
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        Ok(cursor::encode_place(self.hash, &values, &last.key))
    }

    fn place_of(&self, cursor: &str) -> Result<Place> {
        let (values, key) = cursor::decode_place(self.hash, cursor)?;
        let damaged = || Error::new(ErrorKind::InvalidValue, "not a cursor of find");
        // It is in two lists.
        let values = Json::parse_within(&values, MAX_DEPTH + 2).map_err(|_| damaged())?;
        let list =
            Parts::of(values.as_str()).list().filter(|list| list.len() == self.order.len()).ok_or_else(damaged)?;
        let value = |json: &str| {
            Parts::of(json)
                .list()
                .map(|value| value.first().map(|json| Datum::of(json).into_owned()))
                .ok_or_else(damaged)
        };
        Ok(Place { values: list.into_iter().map(value).collect::<Result<_>>()?, key })
    }
}

fn push_json(text: &mut String, value: &Datum<'_>) {
    match value {
        Datum::Null => text.push_str("null"),
        Datum::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Datum::Number(number) => push_double(text, *number),
        Datum::Text(string) => json::push_string(text, string),
        Datum::List(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                push_json(text, item);
            }
            text.push(']');
        }
        Datum::Object(members) => {
            text.push('{');
            for (place, (name, value)) in members.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                json::push_string(text, name);
                text.push(':');
                push_json(text, value);
            }
            text.push('}');
        }
    }
}
