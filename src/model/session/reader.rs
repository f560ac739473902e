//! Reading a value from a file or a view.

use super::record::{Many, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::model::go_json::Node;
use crate::model::sorting::places_in_order;
use std::fmt::Write;

/// How many characters of a name are shown where something is wrong with it.
const SHOWN: usize = 60;

/// Reads a file or a view. The first that is wrong is remembered: a way out of every step would be twice the code.
#[derive(Debug)]
pub struct Reader {
    is_view: bool,
    /// Where it is.
    path: String,
    wrong: Option<Error>,
}

impl Reader {
    /// `path` is what the whole of it is called.
    pub(super) fn new(is_view: bool, path: &str) -> Self {
        Self { is_view, path: path.to_owned(), wrong: None }
    }

    /// Makes sure that nothing was wrong.
    pub(super) fn finish(self) -> Result<()> {
        self.wrong.map_or(Ok(()), Err)
    }

    /// Remembers that what is here is not what is wanted, such as `a text`.
    pub fn refuse(&mut self, wanted: &str) {
        if self.wrong.is_none() {
            let place = if self.path.is_empty() { "it" } else { &self.path };
            let kind = if self.is_view { ErrorKind::InvalidArgument } else { ErrorKind::InvalidDocument };
            self.wrong = Some(Error::new(kind, format!("{place} has to be {wanted}")));
        }
    }

    /// As [`Self::refuse`], but where it is `null` in a file nothing is wrong.
    pub fn refuse_unless_null(&mut self, node: &Node<'_>, wanted: &str) {
        if self.is_view || *node != Node::Null {
            self.refuse(wanted);
        }
    }

    /// Reads an array.
    pub fn list(&mut self, list: &mut dyn Many, node: Node<'_>) {
        let Node::List(items) = node else { return self.refuse_unless_null(&node, "a list") };
        for (place, item) in items.into_iter().enumerate() {
            if self.wrong.is_some() {
                return;
            }
            let length = self.path.len();
            // Writing to a string cannot fail.
            let _ = write!(self.path, "[{place}]");
            list.add(String::new(), item, self);
            self.path.truncate(length);
        }
    }

    /// Reads an object whose names are the caller's; they come in their order.
    pub fn map(&mut self, map: &mut dyn Many, node: Node<'_>) {
        let Node::Object(members) = node else { return self.refuse_unless_null(&node, "an object") };
        let name = |place: usize| members.get(place).map(|(name, _)| name);
        let order = places_in_order(members.len(), &|one, other| name(one).cmp(&name(other)));
        let mut members: Vec<_> = members.into_iter().map(Some).collect();
        for place in order {
            if let Some((name, value)) = members.get_mut(place).and_then(Option::take) {
                let length = self.enter(&name);
                map.add(name, value, self);
                self.path.truncate(length);
            }
        }
    }

    /// Reads a record.
    pub fn record(&mut self, record: &mut dyn Record, node: Node<'_>) {
        let Node::Object(members) = node else { return self.refuse_unless_null(&node, "an object") };
        for (name, value) in members {
            let length = self.enter(&name);
            let mut value = Some(value);
            record.fields_mut(&mut |field, target| {
                if field.characters(self.is_view).eq(name.chars()) {
                    value.take().into_iter().for_each(|value| target.read(value, self));
                }
            });
            if self.is_view && value.is_some() {
                self.refuse("left out: it is not known");
            } else if value.is_some() {
                self.path.truncate(length);
                record.fields_mut(&mut |field, target| {
                    if field.characters(false).map(folded).eq(name.chars().map(folded)) {
                        self.enter(field.name);
                        value.take().into_iter().for_each(|value| target.read(value, self));
                    }
                });
            }
            self.path.truncate(length);
        }
    }

    /// Goes to a member; returns how long the path was.
    fn enter(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.extend(name.chars().take(SHOWN));
        length
    }
}

/// As Go compares names where none is the same: two other characters of Unicode are lower-cased to letters of ASCII.
fn folded(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => character.to_ascii_lowercase(),
    }
}
