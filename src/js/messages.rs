//! The Rust side of `stores.js`.

use super::boundary::{OrJs as _, text_in};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::model::chat::content::Content;
use crate::model::chat::usage::Usage;
use crate::model::data_record::Metadata;
use crate::model::json::{Json, Parts};
use crate::store::chat::Added;
use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = contentOf)]
    pub(super) fn content_text_of(value: &JsValue, name: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = messageOf)]
    fn message_text_of(content: &JsValue, options: &JsValue, operation: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = messagesOf)]
    fn message_lines_of(messages: &JsValue) -> Result<Uint8Array, JsValue>;
    #[wasm_bindgen(js_name = withinTokens)]
    pub(super) fn within_tokens(fetch: &Function, limit: u32, max: f64, count: &JsValue, goes_up: bool) -> Promise;
    #[wasm_bindgen(js_name = reasonOf)]
    pub(super) fn reason_of(thrown: &JsValue) -> String;
    #[wasm_bindgen(catch, js_name = usageOf)]
    fn counts_of(usage: &JsValue) -> Result<Option<Array>, JsValue>;
}

/// A piece of a message.
pub(super) fn piece_of(value: &JsValue) -> Result<Json, JsValue> {
    content_text_of(value, "piece").map(Json::trusted)
}

/// What a message says.
pub(super) fn content_of(value: &JsValue, name: &str) -> Result<Content, JsValue> {
    Content::new(Json::trusted(content_text_of(value, name)?)).or_js()
}

/// A JSON object.
pub(super) fn object_of(value: &JsValue, name: &str) -> Result<Metadata, JsValue> {
    let object = Metadata::new(Json::trusted(content_text_of(value, name)?));
    object.map_err(|_| Error::new(ErrorKind::InvalidValue, format!("{name} has to be an object"))).or_js()
}

/// What was used; `None` where nothing is said of it.
pub(super) fn usage_of(value: &JsValue) -> Result<Option<Usage>, JsValue> {
    let counts = counts_of(value)?;
    // Whole numbers below 2^53, as the check has found.
    Ok(counts.map(|counts| usage(counts.iter().map(|count| count.as_f64().unwrap_or_default() as u64))))
}

/// A message with its options.
pub(super) fn added_of(content: &JsValue, options: &JsValue) -> Result<Added, JsValue> {
    read(&message_text_of(content, options, "addMessage")?).or_js()
}

/// A message that begins with nothing. Its role is `assistant` where none is said.
pub(super) fn begun_of(options: &JsValue) -> Result<Added, JsValue> {
    read(&message_text_of(&JsValue::from_str(""), options, "beginMessage")?).or_js()
}

/// Many messages.
pub(super) fn all_of(messages: &JsValue) -> Result<Vec<Added>, JsValue> {
    let lines = text_in(&message_lines_of(messages)?);
    let read = |(place, line): (usize, &str)| read(line).map_err(|error| error.at(format_args!("messages[{place}]")));
    lines.split_terminator('\n').enumerate().map(read).collect::<Result<_>>().or_js()
}

/// A message as `stores.js` wrote it.
fn read(line: &str) -> Result<Added> {
    let parts = Parts::of(line).list().unwrap_or_default();
    let [content, role, id, metadata, created_at, used] = parts.as_slice() else {
        return Err(Error::new(ErrorKind::InvalidValue, "not a message"));
    };
    let text = |part: &str| match Parts::of(part) {
        Parts::Text(text) => Some(text),
        _ => None,
    };
    let number = |part: &str| part.parse::<u64>().unwrap_or_default();
    Ok(Added {
        id: text(id),
        role: text(role).unwrap_or_default(),
        content: Content::new(Json::trusted((*content).to_owned()))?,
        created_at: text(created_at).map(|time| Timestamp::parse(&time).map(Into::into)).transpose()?,
        metadata: match *metadata {
            "null" => Metadata::empty(),
            metadata => Metadata::new(Json::trusted(metadata.to_owned()))?,
        },
        usage: Parts::of(used).list().map(|counts| usage(counts.into_iter().map(number))),
    })
}

fn usage(mut counts: impl Iterator<Item = u64>) -> Usage {
    let mut next = || counts.next().unwrap_or_default();
    Usage {
        input_tokens: next(),
        output_tokens: next(),
        cached_input_tokens: next(),
        reasoning_tokens: next(),
        cost_nanos: next(),
    }
}
