//! How a query is answered: by which index, or by a walk through all records.

use super::datum::{Datum, compare};
use super::filter::{Side, Test};
use super::index::{Index, IndexKey, with_anything, with_class, with_part};
use super::query::{Place, Query};
use crate::model::batch::ReadRange;
use crate::model::keyspace::DataScope;
use crate::model::tuple::Key;
use std::cmp::Ordering;

/// How many ranges of an index are read at the most, where one of many values may be there.
const MAX_RANGES: usize = 64;

/// Where records are looked for.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Among all of them.
    Records,
    /// In these ranges of an index, which overlap nowhere and are sorted.
    Index(Index, Vec<ReadRange>),
}

/// A way to answer a query.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) source: Source,
    /// Whether it is read from the end.
    pub(crate) reverse: bool,
    /// How the records come; `None` where it has nothing to do with the order that is asked for.
    pub(crate) order: Option<InOrder>,
}

/// Records that come in the order of a query, at least group by group.
#[derive(Debug, Clone)]
pub(crate) struct InOrder {
    /// What all entries of the index have in common.
    base: Key,
    /// How many parts that is.
    fixed: usize,
    /// How many of the values that records are ordered by are the parts behind it.
    ordered: usize,
    /// Whether each record comes in its place, as far as its parts are exact: then the last part is followed by the key.
    is_whole: bool,
}

impl InOrder {
    /// How much of an entry's key tells the group. Those of a group have to be sorted.
    pub(crate) fn group(&self, key: &IndexKey) -> usize {
        let parts = self.fixed + self.ordered;
        let inexact = (self.fixed..parts).find(|part| key.exact.get(*part) == Some(&false));
        match inexact {
            None if self.is_whole => key.key.as_bytes().len(),
            None if parts == 0 => self.base.as_bytes().len(),
            None => key.ends.get(parts - 1).copied().unwrap_or_default(),
            Some(part) => key.ends.get(part).copied().unwrap_or_default(),
        }
    }

    /// A range of entries without those that come before the group of a place.
    pub(crate) fn from(&self, range: &ReadRange, after: &Place) -> ReadRange {
        let mut key = self.base.clone();
        let mut is_exact = true;
        for value in after.values.iter().take(self.ordered) {
            if is_exact {
                (key, is_exact) = with_part(key, value.as_ref());
            }
        }
        let mut range = range.clone();
        match (self.is_whole && is_exact, range.reverse) {
            (true, false) => range.start = range.start.max(key.text(&after.key)),
            (true, true) => range.end = range.end.min(key.text(&after.key).successor()),
            (false, false) => range.start = range.start.max(key),
            (false, true) => range.end = range.end.min(key.end_of_extensions()),
        }
        range
    }
}

impl Plan {
    /// Whether all that matches has to be looked at before the first is known.
    pub(crate) fn sorts_all(&self, query: &Query) -> bool {
        match (&self.source, &self.order) {
            (Source::Records, _) => !query.is_by_key(),
            (Source::Index(..), Some(order)) => order.ordered == 0 && !order.is_whole,
            (Source::Index(..), None) => true,
        }
    }

    /// The best way that there is.
    pub(crate) fn best(query: &Query, indexes: &[Index], scope: &DataScope) -> Self {
        let ways = indexes.iter().filter(|index| index.is_ready).filter_map(|index| Way::of(query, index, scope));
        // Of equal ones the first.
        let best = ways.reduce(|best, way| if way.rank() > best.rank() { way } else { best });
        match best {
            Some(way) => way.plan,
            None => Self { source: Source::Records, reverse: query.is_by_key() && query.keys_descend, order: None },
        }
    }
}

/// How an index serves a query.
struct Way {
    plan: Plan,
    /// How many parts are known.
    fixed: usize,
    /// Whether the part behind them has bounds.
    has_bounds: bool,
}

/// What is known of one part of an index.
enum Part<'q> {
    One(Option<&'q Datum<'static>>),
    Some(&'q [Datum<'static>]),
    Between { lower: Option<&'q Datum<'static>>, upper: Option<&'q Datum<'static>> },
    Something,
    Anything,
}

impl Way {
    /// `None` where the index is of no use.
    fn of(query: &Query, index: &Index, scope: &DataScope) -> Option<Self> {
        let (mut tests, mut missing) = (Vec::new(), Vec::new());
        query.condition.needed(&mut tests, &mut missing);
        let slot_of = |path: &super::path::Path| query.extractor.paths().iter().position(|known| known.is_same(path));
        let slots: Vec<Option<usize>> = index.paths.iter().map(slot_of).collect();
        let mut starts = vec![scope.index(index.id)];
        let (mut fixed, mut bounds) = (0, None);
        for slot in &slots {
            let Some(slot) = slot else { break };
            let of_slot = tests.iter().filter(|(other, _)| other == slot).map(|(_, test)| *test);
            match part_of(of_slot, missing.contains(slot)) {
                Part::One(value) => {
                    starts = starts.into_iter().map(|start| with_part(start, value).0).collect();
                    fixed += 1;
                }
                Part::Some(values) if starts.len() * values.len() <= MAX_RANGES => {
                    let each = |start: &Key| -> Vec<Key> {
                        values.iter().map(|value| with_part(start.clone(), Some(value)).0).collect()
                    };
                    starts = starts.iter().flat_map(each).collect();
                    // Different values may have the same part.
                    starts.dedup();
                    fixed += 1;
                }
                Part::Some([first, .., last]) => {
                    bounds = Some((with_bound(first), with_bound(last)));
                    break;
                }
                Part::Between { lower, upper } => {
                    let side =
                        |bound: Option<&'_ Datum<'static>>, other: Option<&'_ Datum<'static>>| match (bound, other) {
                            (Some(bound), _) => with_bound(bound),
                            (None, other) => Bound::Class(other.cloned().unwrap_or(Datum::Null)),
                        };
                    bounds = Some((side(lower, upper), side(upper, lower)));
                    break;
                }
                Part::Something => {
                    bounds = Some((Bound::Anything, Bound::All));
                    break;
                }
                Part::Some(_) | Part::Anything => break,
            }
        }
        let descends = query.order.first().map_or(query.keys_descend, |(_, descending)| *descending);
        let order = match starts.as_slice() {
            [base] => in_order(query, &slots, fixed, descends, base),
            _ => None,
        };
        if fixed == 0 && bounds.is_none() && order.as_ref().is_none_or(|order| order.ordered == 0) {
            return None;
        }
        let has_bounds = bounds.is_some();
        let reverse = order.is_some() && descends;
        let range = |start: Key| {
            let range = match &bounds {
                None => ReadRange::extensions(start),
                Some((lower, upper)) => {
                    ReadRange::between(lower.on(start.clone()), upper.on(start).end_of_extensions())
                }
            };
            ReadRange { reverse, ..range }
        };
        let source = Source::Index(index.clone(), starts.into_iter().map(range).collect());
        Some(Self { plan: Plan { source, reverse, order }, fixed, has_bounds })
    }

    /// What tells the better way: more that is known, and then an order that needs no sorting.
    fn rank(&self) -> (usize, bool, bool, usize) {
        let order = self.plan.order.as_ref();
        (self.fixed, self.has_bounds, order.is_some(), order.map_or(0, |order| order.ordered))
    }
}

/// How an index gives records in the order of a query, behind the parts that are fixed. `None` where its order is another one.
fn in_order(query: &Query, slots: &[Option<usize>], fixed: usize, descends: bool, base: &Key) -> Option<InOrder> {
    let behind = slots.iter().skip(fixed);
    let is_next = |((slot, descending), other): &(&(usize, bool), &Option<usize>)| {
        **other == Some(*slot) && *descending == descends
    };
    let ordered = query.order.iter().zip(behind).take_while(is_next).count();
    if ordered == 0 && !query.order.is_empty() {
        return None;
    }
    let is_all = ordered == query.order.len() && fixed + ordered == slots.len();
    Some(InOrder { base: base.clone(), fixed, ordered, is_whole: is_all && query.keys_descend == descends })
}

/// What begins or ends a range behind what is known.
enum Bound {
    Part(Datum<'static>),
    Class(Datum<'static>),
    Anything,
    All,
}

fn with_bound(value: &Datum<'static>) -> Bound {
    Bound::Part(value.clone())
}

impl Bound {
    fn on(&self, key: Key) -> Key {
        match self {
            Self::Part(value) => with_part(key, Some(value)).0,
            Self::Class(value) => with_class(key, value),
            Self::Anything => with_anything(key),
            Self::All => key,
        }
    }
}

/// What tests of the same place say together. What they leave open is looked at in the records.
fn part_of<'q>(tests: impl Iterator<Item = &'q Test>, is_missing: bool) -> Part<'q> {
    if is_missing {
        return Part::One(None);
    }
    let (mut lower, mut upper): (Option<&Datum<'_>>, Option<&Datum<'_>>) = (None, None);
    let mut some: Option<&[Datum<'_>]> = None;
    let mut is_something = false;
    for test in tests {
        match test {
            Test::Equals(value) => return Part::One(Some(value)),
            Test::In(values) => {
                if some.is_none_or(|known| values.len() < known.len()) {
                    some = Some(values);
                }
            }
            Test::Compares(bound, Side { order: Ordering::Greater, .. }) => {
                if compare(lower, Some(bound)).is_lt() {
                    lower = Some(bound);
                }
            }
            Test::Compares(bound, _) => {
                if upper.is_none_or(|known| bound.compare(known).is_lt()) {
                    upper = Some(bound);
                }
            }
            Test::Exists => is_something = true,
        }
    }
    match (some, lower.or(upper)) {
        (Some(values), _) => Part::Some(values),
        (None, Some(_)) => Part::Between { lower, upper },
        (None, None) if is_something => Part::Something,
        (None, None) => Part::Anything,
    }
}
