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

pub use super::reader::Reader;
pub use super::writer::Writer;

use crate::error::{ErrorKind, Result};
use crate::model::go_json::{self, Node};
use crate::model::json::Json;

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

/// Values in a list, or by name.
pub trait Many {
    /// The value at a place, from 0, and its name where it has one.
    fn at(&self, place: usize) -> Option<(&str, &dyn Value)>;

    /// Reads one more.
    fn add(&mut self, name: String, node: Node<'_>, reader: &mut Reader);
}

/// What is the same of a field in all records of a type.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(super) name: &'static str,
    pub(super) is_omitted: bool,
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
    pub(super) fn characters(self, is_view: bool) -> impl Iterator<Item = char> {
        let mut is_first = false;
        self.name.chars().filter_map(move |character| {
            let is_hidden = is_view && character == '_';
            let upper = std::mem::replace(&mut is_first, is_hidden);
            (!is_hidden).then_some(if upper { character.to_ascii_uppercase() } else { character })
        })
    }
}

/// The name of a field of a file as it is in a view; with the names of fields it is in, separated by dots.
#[must_use]
pub fn camel_case(name: &'static str) -> String {
    Field::keep(name).characters(true).collect()
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
    let mut out = Writer::new(is_view);
    value.write(&mut out);
    out.finish()
}

/// Reads a file.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the field, where it is not JSON, or something in it is of another type.
pub fn from_file<V: Value + Default>(file: &[u8]) -> Result<V> {
    let mut value = V::default();
    read_file(&mut value, file, go_json::parse)?;
    Ok(value)
}

/// Reads what [`to_file`] wrote, whatever it is.
pub(super) fn from_stored<V: Value + Default>(file: &[u8]) -> Result<V> {
    let mut value = V::default();
    read_file(&mut value, file, go_json::parse_stored)?;
    Ok(value)
}

fn read_file(value: &mut dyn Value, file: &[u8], parse: fn(&str) -> Result<Node<'_>>) -> Result<()> {
    let text = go_json::decoded(file);
    read(value, parse(&text)?, Reader::new(false, ""))
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
    read(value, node, Reader::new(true, name))
}

fn read(value: &mut dyn Value, node: Node<'_>, mut reader: Reader) -> Result<()> {
    value.read(node, &mut reader);
    reader.finish()
}
