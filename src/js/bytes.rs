//! Bytes as values: on their way in and out, and what of them is the class `AgentDataStore`'s.

use super::boundary::{self, OrJs as _, promise};
use super::data_store::AgentDataStore;
use super::options::Options;
use crate::error::{Error, ErrorKind};
use crate::model::content::{BytesKind, BytesReference};
use crate::model::data_record::Metadata;
use crate::store::{BytesOptions, BytesReader, DataStore};
use futures_util::stream;
use js_sys::{Promise, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/js/bytes.js")]
extern "C" {
    #[derive(Clone)]
    pub(super) type ByteSource;
    #[wasm_bindgen(method, getter)]
    fn kind(this: &ByteSource) -> String;
    #[wasm_bindgen(method, getter, js_name = mediaType)]
    fn media_type(this: &ByteSource) -> String;
    #[wasm_bindgen(method)]
    fn next(this: &ByteSource) -> Promise;
    #[wasm_bindgen(method)]
    fn cancel(this: &ByteSource, reason: &JsValue);
    #[wasm_bindgen(catch, js_name = bytesIn)]
    fn bytes_in(value: &JsValue) -> Result<Option<ByteSource>, JsValue>;
    #[wasm_bindgen(catch, js_name = bytesOfStream)]
    fn bytes_of_stream(source: &JsValue, options: &JsValue) -> Result<ByteSource, JsValue>;
    type ByteSink;
    #[wasm_bindgen(catch, constructor)]
    fn new(kind: &str, media_type: &str, size: f64) -> Result<ByteSink, JsValue>;
    #[wasm_bindgen(method)]
    fn add(this: &ByteSink, piece: &[u8]);
    #[wasm_bindgen(method, getter)]
    fn value(this: &ByteSink) -> JsValue;
    #[wasm_bindgen(js_name = streamOf)]
    fn stream_of(next: &JsValue, signal: &JsValue) -> JsValue;
}

/// What is set under a key.
pub(super) enum Value {
    Json(crate::model::json::Json),
    Bytes(ByteSource),
}

/// Takes a value of either kind.
pub(super) fn value_of(value: &JsValue) -> Result<Value, JsValue> {
    // Most values are JSON, and need not be looked at for what else they could be.
    boundary::json_of(value).map(Value::Json).or_else(|refused| bytes_in(value)?.map(Value::Bytes).ok_or(refused))
}

/// Sets bytes. `keeps_order` where they are at hand.
pub(super) async fn set(
    store: &DataStore,
    key: &str,
    source: ByteSource,
    metadata: Option<Metadata>,
    keeps_order: bool,
) -> Result<BytesReference, JsValue> {
    let kind = BytesKind::of(&source.kind()).unwrap_or_default();
    let options = BytesOptions { kind, media_type: source.media_type(), metadata, keeps_order };
    // What the source throws is the caller's own.
    let thrown = Rc::new(RefCell::new(None));
    let last = thrown.clone();
    let pieces = stream::unfold((source.clone(), last), |(source, last)| async move {
        let piece = match JsFuture::from(source.next()).await {
            Ok(piece) if piece.is_undefined() => return None,
            Ok(piece) => Ok(piece.unchecked_into::<Uint8Array>().to_vec()),
            Err(error) => {
                last.replace(Some(error));
                Err(Error::new(ErrorKind::InvalidValue, "the source of the bytes has failed"))
            }
        };
        Some((piece, (source, last)))
    });
    let set = store.set_bytes(key, pieces, options).await;
    let set = set.or_js().map_err(|error| thrown.take().unwrap_or(error));
    if let Err(error) = &set {
        source.cancel(error);
    }
    set
}

/// All of the bytes, as what they were set as. `None` where they were removed meanwhile.
pub(super) async fn whole(mut reader: BytesReader) -> Result<Option<JsValue>, JsValue> {
    let BytesReference { size, media_type, kind, .. } = reader.reference();
    let sink = ByteSink::new(kind.name(), media_type, *size as f64)?;
    loop {
        match reader.next().await {
            Ok(Some(piece)) => sink.add(&piece),
            Ok(None) => return Ok(Some(sink.value())),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).or_js(),
        }
    }
}

#[wasm_bindgen]
impl AgentDataStore {
    #[wasm_bindgen(js_name = setBytes, skip_typescript)]
    pub fn set_bytes(&self, key: &JsValue, source: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::key_of(key).and_then(|key| {
            let options = Options::of(options, "setBytes")?;
            let setting = self.setting(&options)?;
            Ok((key, setting, bytes_of_stream(source, &options.all())?))
        });
        promise(async move {
            let (key, (store, metadata), source) = arguments?;
            boundary::value_of(&set(&store, &key, source, metadata, false).await?.to_json())
        })
    }

    #[wasm_bindgen(js_name = readBytes, skip_typescript)]
    pub fn read_bytes(&self, key: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::key_of(key).and_then(|key| Ok((key, Options::of(options, "readBytes")?)));
        let store = self.store.clone();
        promise(async move {
            let (key, options) = arguments?;
            let place = |name| options.get(name).as_f64().map(|place| place as u64);
            let (start, end) = (place("start").unwrap_or_default(), place("end"));
            let Some(reader) = store.read_bytes(&key, start, end).await.or_js()? else {
                return Ok(JsValue::UNDEFINED);
            };
            Ok(stream_of(&begin(reader), &options.get("signal")))
        })
    }
}

/// What gives the next piece.
fn begin(reader: BytesReader) -> JsValue {
    // Away while its next piece is awaited; a stream asks for one after the other.
    let reader = Rc::new(RefCell::new(Some(reader)));
    let next = Closure::<dyn Fn() -> Promise>::new(move || {
        let (taken, place) = (reader.take(), reader.clone());
        promise(async move {
            let Some(mut reader) = taken else { return Ok(JsValue::UNDEFINED) };
            let piece = reader.next().await;
            place.replace(Some(reader));
            Ok(piece.or_js()?.map_or(JsValue::UNDEFINED, |piece| Uint8Array::from(&*piece).into()))
        })
    });
    next.into_js_value()
}
