//! Options of an operation. Their names and types were checked by `boundary.js`, so what is read here is there or left
//! out.
//!
//! They are read one by one and not through serde-wasm-bindgen, whose structs and errors were 6 KB of gzipped WebAssembly
//! for what the check has already made impossible, and kept the printing of floats in.

use super::boundary;
use crate::error::{Error, ErrorKind};
use crate::model::Timestamp;
use crate::model::data_record::Metadata;
use crate::store::Expires;
use js_sys::{Date, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// The checked options of one call.
#[derive(Debug)]
pub(super) struct Options(JsValue);

impl Options {
    /// Checks what a caller gave.
    pub(super) fn of(options: &JsValue, operation: &str) -> Result<Self, JsValue> {
        // Most calls have none, and need not cross the boundary for it.
        if options.is_undefined() {
            Ok(Self(JsValue::UNDEFINED))
        } else {
            boundary::checked_options_of(options, operation).map(Self)
        }
    }

    /// An option as it is; undefined where it was left out.
    pub(super) fn get(&self, name: &str) -> JsValue {
        if self.0.is_undefined() {
            return JsValue::UNDEFINED;
        }
        Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or_default()
    }

    /// All of them.
    pub(super) fn all(&self) -> JsValue {
        self.0.clone()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    /// Whether an option has this one of its possible texts.
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        self.text(name).is_some_and(|given| given == text)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).as_bool()
    }

    /// A whole number, which the check has held against the range of `u32`.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.get(name).as_f64().map(|number| number as u32)
    }

    /// The agent: the default where it was left out, none where it is null.
    pub(super) fn agent(&self, default: Option<String>) -> Option<String> {
        let agent = self.get("agent");
        if agent.is_undefined() { default } else { agent.as_string() }
    }

    /// When what is set expires: in so many milliseconds, or at a time.
    pub(super) fn expires(&self) -> Result<Option<Expires>, JsValue> {
        let at = self.get("expiresAt");
        let at = match (self.get("expiresInMs").as_f64(), at.as_string()) {
            (Some(_), _) if !at.is_undefined() => {
                Err(Error::new(ErrorKind::InvalidArgument, "of expiresInMs and expiresAt there can be one"))
            }
            // Checked to be a whole number.
            (Some(ms), _) => return Ok(Some(Expires::InMs(ms as u64))),
            (None, Some(text)) => Timestamp::parse(&text).map_err(|error| error.at("expiresAt")),
            (None, None) if at.is_undefined() => return Ok(None),
            // Checked to be a date.
            (None, None) => Timestamp::from_micros((at.unchecked_ref::<Date>().get_time() * 1_000.0) as i64),
        };
        boundary::OrJs::or_js(at).map(|at| Some(Expires::At(at)))
    }

    pub(super) fn metadata(&self) -> Result<Option<Metadata>, JsValue> {
        let metadata = self.get("metadata");
        if metadata.is_undefined() || metadata.is_null() {
            return Ok(None);
        }
        let metadata = boundary::metadata_of(&metadata)?;
        boundary::OrJs::or_js(Metadata::new(metadata)).map(Some)
    }
}
