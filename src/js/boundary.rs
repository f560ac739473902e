//! The Rust side of `boundary.js`.

use super::errors;
use crate::error::{Error, ErrorKind};
use crate::model::batch::Version;
use crate::model::data_rules::Item;
use crate::model::json::{self, Json};
use crate::store::Listing;
use js_sys::{Array, AsyncIterator, Function, Promise, Uint8Array};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/boundary.js")]
extern "C" {
    #[wasm_bindgen(js_name = makeError)]
    pub(super) fn make_error(
        code: &str,
        message: &str,
        retryable: bool,
        callers_mistake: bool,
        cause: &JsValue,
        needed_bytes: Option<f64>,
        unknown: bool,
    ) -> JsValue;
    #[wasm_bindgen(catch, js_name = keyOf)]
    pub(super) fn key_of(value: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = textOf)]
    pub(super) fn text_of(value: &JsValue, name: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = textsOf)]
    fn texts_of(values: &JsValue, name: &str) -> Result<Uint8Array, JsValue>;
    #[wasm_bindgen(catch, js_name = jsonOf)]
    fn json_text_of(value: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = metadataOf)]
    fn metadata_text_of(value: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = itemsOf)]
    fn keys_and_values_of(items: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_name = valuesOf)]
    fn value_lines_of(values: &JsValue, name: &str) -> Result<Uint8Array, JsValue>;
    #[wasm_bindgen(catch, js_name = changed)]
    fn changed_by(change: &Function, json: Option<&str>) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = optionsOf)]
    pub(super) fn checked_options_of(options: &JsValue, operation: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = mapOf)]
    fn map_from(plain: &str, others: &str, places: &[u32]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = pairsOf)]
    fn pairs_from(plain: &str, others: &str, places: &[u32]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = listingOf)]
    fn listing_from(
        plain: &str,
        others: &str,
        places: &[u32],
        versions: &[f64],
        cursor: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = keyListingOf)]
    fn key_listing_from(keys: &JsValue, cursor: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = importTextOf)]
    pub(super) fn import_text_of(value: &JsValue, name: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = nameOf)]
    pub(super) fn name_of(value: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = valueOf)]
    fn parsed(json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = queryOf)]
    fn query_text_of(value: &JsValue, name: &str) -> Result<String, JsValue>;
}

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    pub(super) fn walk(fetch: &Function, signal: &JsValue) -> AsyncIterator;
    pub(super) fn tell(listener: &Function, kind: &str, message: &str);
}

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = storageOf)]
    pub(super) fn storage_of(limit_ms: u32) -> Promise;
    pub(super) type Later;
    #[wasm_bindgen(constructor)]
    pub(super) fn new(ms: u32) -> Later;
    #[wasm_bindgen(method, getter)]
    pub(super) fn promise(this: &Later) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn cancel(this: &Later);
    #[wasm_bindgen(js_name = requestPersistence)]
    pub(super) fn request_persistence(limit_ms: u32) -> Promise;
}

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    /// A promise that is rejected when the instance dies.
    type Call;
    #[wasm_bindgen(constructor)]
    fn new() -> Call;
    #[wasm_bindgen(method, getter)]
    fn promise(this: &Call) -> Promise;
    #[wasm_bindgen(method)]
    fn resolve(this: &Call, value: &JsValue);
    #[wasm_bindgen(method)]
    fn reject(this: &Call, error: &JsValue);
}

/// Has another instance take this one's place. `page.js` asks for it when this one is dead, so it must not need anything.
#[wasm_bindgen(skip_typescript)]
pub fn renew() {
    wasm_bindgen::handler::schedule_reinit();
}

/// The JSON of a value.
pub(super) fn json_of(value: &JsValue) -> Result<Json, JsValue> {
    json_text_of(value).map(Json::trusted)
}

/// The JSON of what records are asked for by.
pub(super) fn query_of(value: &JsValue, name: &str) -> Result<Json, JsValue> {
    query_text_of(value, name).map(Json::trusted)
}

/// The JSON of metadata.
pub(super) fn metadata_of(value: &JsValue) -> Result<Json, JsValue> {
    metadata_text_of(value).map(Json::trusted)
}

/// The strings of an iterable.
pub(super) fn strings_of(values: &JsValue, name: &str) -> Result<Vec<String>, JsValue> {
    Ok(texts_in(&text_in(&texts_of(values, name)?)))
}

/// The JSON of each value of an iterable.
pub(super) fn values_of(values: &JsValue, name: &str) -> Result<Vec<Json>, JsValue> {
    let lines = text_in(&value_lines_of(values, name)?);
    Ok(lines.split_terminator('\n').map(|line| Json::trusted(line.to_owned())).collect())
}

/// What a function makes of a value.
pub(super) fn changed(change: &Function, old: Option<&Json>) -> Result<Json, JsValue> {
    changed_by(change, old.map(Json::as_str)).map(Json::trusted)
}

/// The items of an object, a `Map`, or an iterable of pairs.
pub(super) fn items_of(items: &JsValue) -> Result<Vec<Item>, JsValue> {
    let texts = keys_and_values_of(items)?;
    let keys = texts_in(&text_in(&texts.get(0).unchecked_into()));
    let values = text_in(&texts.get(1).unchecked_into());
    let item = |(key, value): (String, &str)| Item { key, value: Json::trusted(value.to_owned()) };
    Ok(keys.into_iter().zip(values.split_terminator('\n')).map(item).collect())
}

/// A function that a caller has to give.
pub(super) fn function_of<'a>(value: &'a JsValue, name: &str) -> Result<&'a Function, JsValue> {
    let refused = || errors::to_js(&Error::new(ErrorKind::InvalidArgument, format!("{name} has to be a function")));
    value.dyn_ref().ok_or_else(refused)
}

/// A text that crossed as its bytes in UTF-8.
pub(super) fn text_in(bytes: &Uint8Array) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_default()
}

/// The texts that `Lines` made lines of.
fn texts_in(lines: &str) -> Vec<String> {
    let text = |line: &str| match line.contains('\\') {
        true => unescaped(line),
        false => line.to_owned(),
    };
    lines.split_terminator('\n').map(text).collect()
}

fn unescaped(line: &str) -> String {
    let mut characters = line.chars();
    let next = || match characters.next()? {
        '\\' => characters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped }),
        other => Some(other),
    };
    std::iter::from_fn(next).collect()
}

/// The JavaScript value of a JSON text.
pub(super) fn value_of(json: &Json) -> Result<JsValue, JsValue> {
    parsed(json.as_str())
}

/// An array of texts.
pub(super) fn array_of(texts: &[String]) -> Result<JsValue, JsValue> {
    let mut array = String::from("[");
    for (place, text) in texts.iter().enumerate() {
        array.push_str(if place == 0 { "" } else { "," });
        json::push_string(&mut array, text);
    }
    array.push(']');
    parsed(&array)
}

/// A page of a listing, as `walk` takes it; the last one, where that is known.
pub(super) fn page_of(listing: &Listing, is_last: bool) -> Result<JsValue, JsValue> {
    let Pairs { plain, others, places } = Pairs::of(pairs_in(listing));
    let is_last = is_last || listing.cursor.is_none();
    Ok(Array::of3(&pairs_from(&plain, &others, &places)?, &is_last.into(), &cursor_of(listing)).into())
}

/// A page of a listing, as the caller gets it.
pub(super) fn listing_of(listing: Listing, keys_only: bool) -> Result<JsValue, JsValue> {
    let cursor = cursor_of(&listing);
    if keys_only {
        let keys: Vec<String> = listing.entries.into_iter().map(|listed| listed.key).collect();
        return key_listing_from(&array_of(&keys)?, &cursor);
    }
    let Pairs { plain, others, places } = Pairs::of(pairs_in(&listing));
    let stored = listing.entries.iter().filter_map(|listed| listed.stored.as_ref());
    let versions: Vec<f64> = stored.map(|(_, Version(version))| *version as f64).collect();
    listing_from(&plain, &others, &places, &versions, &cursor)
}

fn pairs_in(listing: &Listing) -> impl Iterator<Item = (&str, &Json)> {
    listing.entries.iter().filter_map(|listed| Some((listed.key.as_str(), &listed.stored.as_ref()?.0)))
}

fn cursor_of(listing: &Listing) -> JsValue {
    listing.cursor.as_deref().map_or(JsValue::NULL, JsValue::from_str)
}

/// An array of the values of JSON texts.
pub(super) fn list_of(texts: impl IntoIterator<Item = Json>) -> Result<JsValue, JsValue> {
    let mut list = String::from("[");
    for text in texts {
        list.push_str(if list.len() == 1 { "" } else { "," });
        list.push_str(text.as_str());
    }
    list.push(']');
    parsed(&list)
}

/// A `Map` of keys and values.
pub(super) fn map_of(records: &[(String, Json)]) -> Result<JsValue, JsValue> {
    let Pairs { plain, others, places } = Pairs::of(records.iter().map(|(key, value)| (key.as_str(), value)));
    map_from(&plain, &others, &places)
}

/// Keys and values as JSON lists. Those that are not all ASCII are in a list of their own: one other character makes the reading
/// of a whole text several times slower.
struct Pairs {
    plain: String,
    others: String,
    /// Which of the pairs are the others.
    places: Vec<u32>,
}

impl Pairs {
    fn of<'a>(records: impl Iterator<Item = (&'a str, &'a Json)>) -> Self {
        let mut pairs = Self { plain: String::from("["), others: String::from("["), places: Vec::new() };
        for (place, (key, value)) in (0..).zip(records) {
            let list = if key.is_ascii() && value.as_str().is_ascii() {
                &mut pairs.plain
            } else {
                pairs.places.push(place);
                &mut pairs.others
            };
            list.push_str(if list.len() == 1 { "" } else { "," });
            json::push_string(list, key);
            list.push(',');
            list.push_str(value.as_str());
        }
        pairs.plain.push(']');
        pairs.others.push(']');
        pairs
    }
}

/// A promise of a future's value.
pub(super) fn promise<T: Into<JsValue>>(future: impl Future<Output = Result<T, JsValue>> + 'static) -> Promise {
    // Boxed, so that the machinery of a promise is compiled once and not for every export.
    let mut future: Pin<Box<dyn Future<Output = _>>> = Box::pin(async move { future.await.map(Into::into) });
    // What is in memory is there at once, and needs none of the machinery that waits.
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(value)) => Promise::resolve(&value),
        Poll::Ready(Err(error)) => Promise::reject(&error),
        Poll::Pending => {
            let call = Call::new();
            let promise = call.promise();
            wasm_bindgen_futures::spawn_local(async move {
                match future.await {
                    Ok(value) => call.resolve(&value),
                    Err(error) => call.reject(&error),
                }
            });
            promise
        }
    }
}

/// Turns our errors into JavaScript's.
pub(super) trait OrJs<T> {
    fn or_js(self) -> Result<T, JsValue>;
}

impl<T> OrJs<T> for Result<T, Error> {
    fn or_js(self) -> Result<T, JsValue> {
        self.map_err(|error| errors::to_js(&error))
    }
}
