//! Conditions on records: which of them are found.

use super::datum::{self, Datum};
use super::extract::Extractor;
use super::path::Path;
use crate::error::{Error, ErrorKind, Result};
use crate::model::json::{Json, Members, Parts};
use crate::model::sorting::places_in_order;
use crate::model::timestamp::Timestamp;
use std::cmp::Ordering;

/// How long its text is at the most, and how many tests it has.
const MAX_FILTER_BYTES: usize = 1024 * 1024;
const MAX_TESTS: usize = 1_000;

/// What has to hold of a record.
///
/// A JSON object: each member is a [`Path`] with the value that has to be there, or with an object of operators, and all of them
/// have to hold.
///
/// | operator | holds where |
/// |---|---|
/// | `$eq`, `$ne` | the value is this one, or is not; members of objects may come in any order |
/// | `$gt`, `$gte`, `$lt`, `$lte` | it is of the same kind, and comes after it or before it |
/// | `$in`, `$nin` | it is one of these, or none of them |
/// | `$exists` | there is something, be it null; or, with `false`, nothing |
/// | `$not` | these operators do not hold; in the place of a path, this object does not |
/// | `$and`, `$or` | in the place of a path: all of these objects hold, or one of them |
///
/// Where there is nothing, `$ne`, `$nin` and `$not` hold, and of the others none but `$exists: false`. A null is something.
///
/// ```
/// use agent_datastore::{Json, model::find::Filter};
///
/// Filter::parse(&Json::parse(r#"{"status": "open", "size.lines": {"$gt": 10}}"#)?)?;
/// let error = Filter::parse(&Json::parse(r#"{"size": {"$over": 10}}"#)?).unwrap_err();
/// assert_eq!(error.message(), "where.size: $over is no operator");
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    condition: Condition<Path>,
    text: String,
}

/// A condition; `P` says what its tests are of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition<P> {
    All(Vec<Condition<P>>),
    Any(Vec<Condition<P>>),
    Not(Box<Condition<P>>),
    Test(P, Test),
}

/// What has to hold of one value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equals(Datum<'static>),
    /// It is of the kind of this one, and compares to it in one of these ways.
    Compares(Datum<'static>, Side),
    /// Sorted, each once.
    In(Vec<Datum<'static>>),
    Exists,
}

/// On which side of a bound values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) order: Ordering,
    pub(crate) or_equal: bool,
}

impl Default for Filter {
    /// What holds of every record.
    fn default() -> Self {
        Self { condition: Condition::All(Vec::new()), text: "{}".to_owned() }
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`], naming the place; [`ErrorKind::LimitExceeded`] for a text over 1 MiB, and for more than 1,000 tests.
    pub fn parse(json: &Json) -> Result<Self> {
        let text = json.as_str();
        let too_much = |what: &str| Err(Error::new(ErrorKind::LimitExceeded, format!("where: more than {what}")));
        if text.len() > MAX_FILTER_BYTES {
            return too_much("1 MiB");
        }
        let condition = all_of(text, "where")?;
        if condition.tests() > MAX_TESTS {
            return too_much("1,000 tests; one of many values is one $in");
        }
        Ok(Self { condition, text: text.to_owned() })
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same with places in the extractor for its paths.
    pub(crate) fn placed(&self, extractor: &mut Extractor) -> Condition<usize> {
        self.condition.placed(extractor)
    }
}

impl Condition<Path> {
    /// How many tests it has.
    fn tests(&self) -> usize {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().map(Self::tests).sum(),
            Self::Not(inner) => inner.tests(),
            Self::Test(..) => 1,
        }
    }

    fn placed(&self, extractor: &mut Extractor) -> Condition<usize> {
        let mut all = |inner: &[Self]| inner.iter().map(|each| each.placed(extractor)).collect();
        match self {
            Self::All(inner) => Condition::All(all(inner)),
            Self::Any(inner) => Condition::Any(all(inner)),
            Self::Not(inner) => Condition::Not(Box::new(inner.placed(extractor))),
            Self::Test(path, test) => Condition::Test(extractor.add(path), test.clone()),
        }
    }
}

impl Condition<usize> {
    /// Whether it holds of a record of which this is known.
    pub(crate) fn holds(&self, found: &[Option<Datum<'_>>]) -> bool {
        match self {
            Self::All(inner) => inner.iter().all(|each| each.holds(found)),
            Self::Any(inner) => inner.iter().any(|each| each.holds(found)),
            Self::Not(inner) => !inner.holds(found),
            Self::Test(slot, test) => found.get(*slot).and_then(Option::as_ref).is_some_and(|value| test.holds(value)),
        }
    }

    /// The tests that have to hold in any case, with the places of what they are of; and of which it is known that nothing is there.
    pub(crate) fn needed<'c>(&'c self, tests: &mut Vec<(usize, &'c Test)>, missing: &mut Vec<usize>) {
        match self {
            Self::All(inner) => inner.iter().for_each(|each| each.needed(tests, missing)),
            Self::Any(inner) => {
                if let [one] = inner.as_slice() {
                    one.needed(tests, missing);
                }
            }
            Self::Not(inner) => {
                if let Self::Test(slot, Test::Exists) = &**inner {
                    missing.push(*slot);
                }
            }
            Self::Test(slot, test) => tests.push((*slot, test)),
        }
    }
}

impl Test {
    fn holds(&self, value: &Datum<'_>) -> bool {
        match self {
            Self::Equals(wanted) => value == wanted,
            Self::Compares(bound, side) => {
                let order = value.compare(bound);
                value.class() == bound.class() && (order == side.order || side.or_equal && order.is_eq())
            }
            Self::In(wanted) => wanted.binary_search_by(|wanted| value.compare(wanted).reverse()).is_ok(),
            Self::Exists => true,
        }
    }
}

fn refused<T>(place: &str, reason: &str) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidArgument, format!("{place}: {reason}")))
}

fn members_of<'a>(json: &'a str, place: &str) -> Result<Members<'a>> {
    Parts::of(json).object().map_or_else(|| refused(place, "this has to be an object"), Ok)
}

/// An object of paths.
fn all_of(json: &str, place: &str) -> Result<Condition<Path>> {
    let mut conditions = Vec::new();
    for (name, value) in members_of(json, place)?.iter() {
        let below = format!("{place}.{name}");
        conditions.push(match name {
            "$and" => Condition::All(each_of(value, &below)?),
            "$or" => Condition::Any(each_of(value, &below)?),
            "$not" => Condition::Not(Box::new(all_of(value, &below)?)),
            path => {
                let path = Path::parse(path).map_err(|error| error.at(place))?;
                condition_of(&path, value, &below)?
            }
        });
    }
    Ok(Condition::All(conditions))
}

fn each_of(json: &str, place: &str) -> Result<Vec<Condition<Path>>> {
    match Parts::of(json).list() {
        Some(items) => {
            items.iter().enumerate().map(|(number, item)| all_of(item, &format!("{place}[{number}]"))).collect()
        }
        None => refused(place, "this has to be an array"),
    }
}

/// What has to be at a path: a value, or what operators say.
fn condition_of(path: &Path, json: &str, place: &str) -> Result<Condition<Path>> {
    let is_operator = |(name, _): &(&str, &str)| name.starts_with('$');
    match Parts::of(json).object() {
        Some(members) if members.iter().any(|member| is_operator(&member)) => operators_of(path, &members, place),
        _ => Ok(Condition::Test(path.clone(), Test::Equals(value_of(path, json, place)?))),
    }
}

fn operators_of(path: &Path, members: &Members<'_>, place: &str) -> Result<Condition<Path>> {
    let mut conditions = Vec::new();
    for (name, json) in members.iter() {
        let test = |test| Condition::Test(path.clone(), test);
        let not = |test| Condition::Not(Box::new(Condition::Test(path.clone(), test)));
        let value = || value_of(path, json, place);
        let compares = |order, or_equal| Ok(test(Test::Compares(value()?, Side { order, or_equal })));
        conditions.push(match name {
            "$eq" => test(Test::Equals(value()?)),
            "$ne" => not(Test::Equals(value()?)),
            "$gt" => compares(Ordering::Greater, false)?,
            "$gte" => compares(Ordering::Greater, true)?,
            "$lt" => compares(Ordering::Less, false)?,
            "$lte" => compares(Ordering::Less, true)?,
            "$in" => test(Test::In(values_of(path, json, place, name)?)),
            "$nin" => not(Test::In(values_of(path, json, place, name)?)),
            "$exists" => match json {
                "true" => test(Test::Exists),
                "false" => not(Test::Exists),
                _ => return refused(place, "$exists has to be true or false"),
            },
            "$not" => {
                let below = format!("{place}.$not");
                let members = members_of(json, &below)?;
                if members.is_empty() {
                    return refused(&below, "this has to have an operator");
                }
                Condition::Not(Box::new(operators_of(path, &members, &below)?))
            }
            name if name.starts_with('$') => return refused(place, &format!("{name} is no operator")),
            name => {
                return refused(place, &format!("{name:?} is among operators; a value that has both goes into $eq"));
            }
        });
    }
    Ok(Condition::All(conditions))
}

/// A value that is compared with what is at a path. A time may be written in any way of ISO 8601.
fn value_of(path: &Path, json: &str, place: &str) -> Result<Datum<'static>> {
    match Datum::of(json) {
        Datum::Text(text) if path.is_time() => {
            let time = Timestamp::parse(&text).map_err(|error| error.at(place))?;
            Ok(Datum::Text(time.to_sortable().into()))
        }
        value => Ok(value.into_owned()),
    }
}

fn values_of(path: &Path, json: &str, place: &str, operator: &str) -> Result<Vec<Datum<'static>>> {
    let Some(items) = Parts::of(json).list() else {
        return refused(place, &format!("{operator} has to be an array"));
    };
    let values = items.into_iter().map(|item| value_of(path, item, place)).collect::<Result<Vec<_>>>()?;
    let compare = |one: usize, other: usize| datum::compare(values.get(one), values.get(other));
    let mut order = places_in_order(values.len(), &compare);
    order.dedup_by(|one, other| compare(*one, *other).is_eq());
    Ok(order.into_iter().filter_map(|place| values.get(place).cloned()).collect())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::data_record::Peek;

    fn holds(filter: &str, value: &str) -> bool {
        let mut extractor = Extractor::default();
        let condition = Filter::parse(&Json::parse(filter).unwrap()).unwrap().placed(&mut extractor);
        let (at, none) = (Timestamp::default(), None);
        let record = Peek { value, metadata: "{}", created_at: at, updated_at: at, expires_at: None, created_by: none };
        condition.holds(&extractor.extract("key", &record))
    }

    #[test]
    fn operators_hold_where_they_say() {
        let value = r#"{"n":5,"s":"b","z":null,"l":[1,{"a":2}],"o":{"x":1,"y":2},"t":true}"#;
        for (filter, expected) in [
            ("{}", true),
            (r#"{"n":5}"#, true),
            (r#"{"n":5.0,"s":"b"}"#, true),
            (r#"{"n":5,"s":"c"}"#, false),
            (r#"{"n":"5"}"#, false),
            (r#"{"n":{"$gt":4,"$lt":6}}"#, true),
            (r#"{"n":{"$gt":5}}"#, false),
            (r#"{"n":{"$gte":5,"$lte":5}}"#, true),
            (r#"{"n":{"$gt":"1"}}"#, false),
            (r#"{"n":{"$lt":"1"}}"#, false),
            (r#"{"n":{"$not":{"$lt":"1"}}}"#, true),
            (r#"{"s":{"$gte":"a","$lt":"c"}}"#, true),
            (r#"{"s":{"$in":["a",1,"b"]}}"#, true),
            (r#"{"s":{"$in":[]}}"#, false),
            (r#"{"s":{"$nin":["a","b"]}}"#, false),
            (r#"{"gone":{"$nin":["a","b"]}}"#, true),
            (r#"{"gone":{"$ne":1}}"#, true),
            (r#"{"gone":{"$lt":1}}"#, false),
            (r#"{"gone":null}"#, false),
            (r#"{"gone":{"$exists":false}}"#, true),
            (r#"{"z":{"$exists":true}}"#, true),
            (r#"{"z":null}"#, true),
            (r#"{"z":{"$ne":null}}"#, false),
            (r#"{"z":{"$lte":null}}"#, true),
            (r#"{"l.0":1,"l.1.a":2}"#, true),
            (r#"{"l":[1,{"a":2}]}"#, true),
            (r#"{"l":[1]}"#, false),
            (r#"{"o":{"y":2,"x":1}}"#, true),
            (r#"{"o":{"x":1}}"#, false),
            (r#"{"o":{"$eq":{"y":2,"x":1}}}"#, true),
            (r#"{"o":{}}"#, false),
            (r#"{"t":{"$gt":false}}"#, true),
            (r#"{"$or":[{"n":1},{"s":"b"}]}"#, true),
            (r#"{"$or":[]}"#, false),
            (r#"{"$and":[]}"#, true),
            (r#"{"$and":[{"n":5},{"s":"c"}]}"#, false),
            (r#"{"$not":{"n":5,"s":"c"}}"#, true),
            (r#"{"$not":{"n":5,"s":"b"}}"#, false),
        ] {
            assert_eq!(holds(filter, value), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        for (filter, message) in [
            ("[]", "where: this has to be an object"),
            (r#"{"a":{"$foo":1}}"#, "where.a: $foo is no operator"),
            (r#"{"a":{"$gt":1,"b":1}}"#, "where.a: \"b\" is among operators; a value that has both goes into $eq"),
            (r#"{"a":{"$in":1}}"#, "where.a: $in has to be an array"),
            (r#"{"a":{"$exists":1}}"#, "where.a: $exists has to be true or false"),
            (r#"{"$or":{"a":1}}"#, "where.$or: this has to be an array"),
            (r#"{"$or":[{"a":1},2]}"#, "where.$or[1]: this has to be an object"),
            (r#"{"a":{"$not":1}}"#, "where.a.$not: this has to be an object"),
            (r#"{"a":{"$not":{}}}"#, "where.a.$not: this has to have an operator"),
        ] {
            let error = Filter::parse(&Json::parse(filter).unwrap()).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidArgument, message), "{filter}");
        }
        for filter in [r#"{"$nor":[]}"#, r#"{"$key.a":1}"#, r#"{"a\\":1}"#] {
            let error = Filter::parse(&Json::parse(filter).unwrap()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{filter}");
        }
    }
}
