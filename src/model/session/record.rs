//! What every record can do, once for all of them: be written as a file or a view, and be read from one.
//!
//! | | file | view |
//! |---|---|---|
//! | names | as listed, `costs_usd` | in camel case, `costsUsd` |
//! | a member that is not known | is passed over | is an error |
//! | another case of a name | is taken for it where there is no such name | is an error |
//! | `null` where there can be none | leaves the zero value | is an error |
//! | half a surrogate pair, a byte that is not UTF-8 | U+FFFD | is an error |
//! | of members of one name | the last one counts | the last one counts |

use crate::error::{Error, ErrorKind, Result};
use crate::model::go_json::{self, Node};
use crate::model::json::Json;
use std::fmt::Write;

/// How many characters of a name are shown where something is wrong with it.
const SHOWN: usize = 60;

/// How much there is of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// No item of a list or a map, no character of a text, or nothing at all: left out by [`Field::omit`].
    Nothing,
    /// A number that is 0, or `false`: left out too, but not inside of an `Option`.
    Zero,
    /// Anything else.
    Something,
}

/// Something that a record can have in a field.
pub trait Value {
    /// How much there is of it.
    fn fill(&self) -> Fill {
        Fill::Something
    }

    /// Appends its text.
    fn write(&self, out: &mut Writer);

    /// Takes over what was read. What it had is forgotten, except where `null` leaves it. What does not fit is told to
    /// [`Reader::refuse`].
    fn read(&mut self, node: Node<'_>, reader: &mut Reader);
}

/// An object whose members are known.
pub trait Record {
    /// Calls `each` with every field, in the order of the file.
    fn fields(&self, each: &mut dyn FnMut(Field, &dyn Value));

    /// The same, to be changed.
    fn fields_mut(&mut self, each: &mut dyn FnMut(Field, &mut dyn Value));
}

/// What is the same of a field in all records of a type.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    name: &'static str,
    is_omitted: bool,
}

impl Field {
    /// A field that is always written. The name is that in the file.
    #[must_use]
    pub const fn keep(name: &'static str) -> Self {
        Self { name, is_omitted: false }
    }

    /// A field that is left out where there is nothing of it.
    #[must_use]
    pub const fn omit(name: &'static str) -> Self {
        Self { name, is_omitted: true }
    }

    /// The characters of its name.
    fn characters(self, is_view: bool) -> impl Iterator<Item = char> {
        let mut is_first = false;
        self.name.chars().filter_map(move |character| {
            let is_hidden = is_view && character == '_';
            let upper = std::mem::replace(&mut is_first, is_hidden);
            (!is_hidden).then_some(if upper { character.to_ascii_uppercase() } else { character })
        })
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

/// Lists the fields of a record: for each whether to `keep` or to `omit` it where it is empty, and its name in the file where that
/// is another one.
macro_rules! fields {
    ($record:ident { $($rule:ident $field:ident $(as $name:literal)?),+ $(,)? }) => {
        impl $crate::model::session::record::Record for $record {
            fn fields(
                &self,
                each: &mut dyn FnMut($crate::model::session::record::Field, &dyn $crate::model::session::record::Value),
            ) {
                // So no field can be forgotten.
                let Self { $($field),+ } = self;
                $(each($crate::model::session::record::Field::$rule(fields!(@name $field $($name)?)), $field);)+
            }

            fn fields_mut(
                &mut self,
                each: &mut dyn FnMut(
                    $crate::model::session::record::Field,
                    &mut dyn $crate::model::session::record::Value,
                ),
            ) {
                let Self { $($field),+ } = self;
                $(each($crate::model::session::record::Field::$rule(fields!(@name $field $($name)?)), $field);)+
            }
        }

        impl $crate::model::session::record::Value for $record {
            fn write(&self, out: &mut $crate::model::session::record::Writer) {
                out.record(self);
            }

            fn read(
                &mut self,
                node: $crate::model::go_json::Node<'_>,
                reader: &mut $crate::model::session::record::Reader,
            ) {
                reader.record(self, node);
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
}
pub(super) use fields;

/// The text of a value's file.
#[must_use]
pub fn to_file(value: &dyn Value) -> String {
    written(value, false)
}

/// The text of a value as JavaScript sees it.
#[must_use]
pub fn to_view(value: &dyn Value) -> Json {
    Json::trusted(written(value, true))
}

fn written(value: &dyn Value, is_view: bool) -> String {
    let mut out = Writer { text: String::new(), is_view };
    value.write(&mut out);
    out.text
}

/// Reads a file.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the field, where it is not JSON, or something in it is of another type.
pub fn from_file<V: Value + Default>(file: &[u8]) -> Result<V> {
    let mut value = V::default();
    read_file(&mut value, file)?;
    Ok(value)
}

fn read_file(value: &mut dyn Value, file: &[u8]) -> Result<()> {
    let text = go_json::decoded(file);
    read(value, go_json::parse(&text)?, Reader { is_view: false, path: String::new(), wrong: None })
}

/// Reads what JavaScript gave as `name`. Members that are missing have their defaults.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`], naming the member, where it is not known or of another type.
pub fn from_view<V: Value + Default>(name: &str, text: &str) -> Result<V> {
    let mut value = V::default();
    read_view(&mut value, name, text)?;
    Ok(value)
}

fn read_view(value: &mut dyn Value, name: &str, text: &str) -> Result<()> {
    let node = go_json::parse_strictly(text).map_err(|error| error.of_kind(ErrorKind::InvalidArgument).at(name))?;
    read(value, node, Reader { is_view: true, path: name.to_owned(), wrong: None })
}

fn read(value: &mut dyn Value, node: Node<'_>, mut reader: Reader) -> Result<()> {
    value.read(node, &mut reader);
    reader.wrong.map_or(Ok(()), Err)
}

/// Writes a file or a view.
#[derive(Debug)]
pub struct Writer {
    text: String,
    is_view: bool,
}

impl Writer {
    /// Whether it is a view.
    #[must_use]
    pub const fn is_view(&self) -> bool {
        self.is_view
    }

    /// Appends JSON text.
    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends a string.
    pub fn string(&mut self, text: &str) {
        go_json::push_string(&mut self.text, text);
    }

    /// Appends a number.
    pub fn float(&mut self, number: f64) {
        go_json::push_float(&mut self.text, number);
    }

    /// Appends an array.
    pub fn list<'v>(&mut self, items: &mut dyn Iterator<Item = &'v dyn Value>) {
        let mut between = "[";
        for item in items {
            self.raw(between);
            item.write(self);
            between = ",";
        }
        self.raw(if between == "[" { "[]" } else { "]" });
    }

    /// Appends an object whose names are the caller's.
    pub fn map<'v>(&mut self, items: &mut dyn Iterator<Item = (&'v str, &'v dyn Value)>) {
        let mut between = "{";
        for (name, item) in items {
            self.raw(between);
            self.string(name);
            self.raw(":");
            item.write(self);
            between = ",";
        }
        self.raw(if between == "{" { "{}" } else { "}" });
    }

    /// Appends a record.
    pub fn record(&mut self, record: &dyn Record) {
        let mut between = "{\"";
        record.fields(&mut |field, value| {
            if !field.is_omitted || value.fill() == Fill::Something {
                self.raw(between);
                self.text.extend(field.characters(self.is_view));
                self.raw("\":");
                value.write(self);
                between = ",\"";
            }
        });
        self.raw(if between == "{\"" { "{}" } else { "}" });
    }
}

/// Reads a file or a view. The first that is wrong is remembered: a way out of every step would be twice the code.
#[derive(Debug)]
pub struct Reader {
    is_view: bool,
    /// Where it is.
    path: String,
    wrong: Option<Error>,
}

impl Reader {
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

    /// Calls `each` with the items of an array.
    pub fn list<'n>(&mut self, node: Node<'n>, each: &mut dyn FnMut(Node<'n>, &mut Self)) {
        let Node::List(items) = node else { return self.refuse_unless_null(&node, "a list") };
        for (place, item) in items.into_iter().enumerate() {
            let length = self.path.len();
            // Writing to a string cannot fail.
            let _ = write!(self.path, "[{place}]");
            each(item, self);
            self.path.truncate(length);
        }
    }

    /// Calls `each` with the members of an object whose names are the caller's.
    pub fn map<'n>(&mut self, node: Node<'n>, each: &mut dyn FnMut(String, Node<'n>, &mut Self)) {
        let Node::Object(members) = node else { return self.refuse_unless_null(&node, "an object") };
        for (name, value) in members {
            let length = self.enter(&name);
            each(name, value, self);
            self.path.truncate(length);
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
