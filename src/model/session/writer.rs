//! Writing a value as a file or a view.

use super::record::{Fill, Many, Record};
use crate::model::go_json;

/// Writes a file or a view.
#[derive(Debug)]
pub struct Writer {
    text: String,
    is_view: bool,
}

impl Writer {
    pub(super) const fn new(is_view: bool) -> Self {
        Self { text: String::new(), is_view }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

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
    pub fn list(&mut self, list: &dyn Many) {
        self.raw("[");
        for place in 0.. {
            let Some((_, value)) = list.at(place) else { break };
            self.raw(if place == 0 { "" } else { "," });
            value.write(self);
        }
        self.raw("]");
    }

    /// Appends an object whose names are the caller's.
    pub fn map(&mut self, map: &dyn Many) {
        self.raw("{");
        for place in 0.. {
            let Some((name, value)) = map.at(place) else { break };
            self.raw(if place == 0 { "" } else { "," });
            self.string(name);
            self.raw(":");
            value.write(self);
        }
        self.raw("}");
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
