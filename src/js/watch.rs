//! Watching records, as JavaScript does it.

use super::boundary::{self, OrJs as _, promise};
use super::errors;
use super::find::filter_of;
use super::message_store::JsMessageStore;
use super::options::Options;
use crate::error::{Error, ErrorKind};
use crate::model::find::Filter;
use crate::model::json::{self, Json};
use crate::store::{DataChanges, DataStore, DataWatch, MessageStore, Watched};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/js/watching.js")]
extern "C" {
    fn watching(next: &JsValue, end: &JsValue, signal: &JsValue) -> JsValue;
    fn subscribed(next: &JsValue, end: &JsValue, listener: &Function, signal: &JsValue, on_error: &JsValue)
    -> Function;
    type Live;
    #[wasm_bindgen(constructor)]
    fn new(start: &JsValue, is_one: bool) -> Live;
}

/// What a caller wants to be told of.
#[derive(Debug)]
pub(super) struct Target {
    watched: Watched,
    filter: Option<Filter>,
    is_one: bool,
    signal: JsValue,
    on_error: JsValue,
}

impl Target {
    /// Reads it off a key, or the options of an operation.
    pub(super) fn of(target: &JsValue, operation: &str) -> Result<Self, JsValue> {
        if target.is_string() {
            let watched = Watched::Keys(vec![boundary::key_of(target)?]);
            let (signal, on_error) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
            return Ok(Self { watched, filter: None, is_one: true, signal, on_error });
        }
        let options = Options::of(target, operation)?;
        let (key, keys, prefix) = (options.text("key"), options.get("keys"), options.text("prefix"));
        let is_one = key.is_some();
        let watched = match (key, keys.is_undefined(), prefix) {
            (Some(key), true, None) => Watched::Keys(vec![key]),
            (None, false, None) => Watched::Keys(boundary::strings_of(&keys, "keys")?),
            (None, true, prefix) => Watched::Prefix(prefix.unwrap_or_default()),
            _ => {
                let message = format!("{operation}: of key, keys and prefix there can be one");
                return Err(errors::to_js(&Error::new(ErrorKind::InvalidArgument, message)));
            }
        };
        let filter = filter_of(&options)?;
        Ok(Self { watched, filter, is_one, signal: options.get("signal"), on_error: options.get("onError") })
    }

    /// Reads it off the id of a conversation, or the options of an operation.
    pub(super) fn of_conversations(target: &JsValue, operation: &str) -> Result<Self, JsValue> {
        let (mut signal, mut on_error) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        let watched = if target.is_string() {
            Watched::Keys(vec![boundary::text_of(target, "the id of a conversation")?])
        } else {
            let options = Options::of(target, operation)?;
            (signal, on_error) = (options.get("signal"), options.get("onError"));
            let ids = options.get("ids");
            let all = || Ok(Watched::Prefix(String::new()));
            if ids.is_undefined() { all() } else { boundary::strings_of(&ids, "ids").map(Watched::Keys) }?
        };
        Ok(Self { watched, filter: None, is_one: target.is_string(), signal, on_error })
    }

    /// An async iterator of what is told.
    pub(super) fn watch(&self, store: &impl Watchable) -> JsValue {
        let (next, end) = begin(store.begin(self));
        watching(&next, &end, &self.signal)
    }

    /// Has a listener told. Gives what ends that.
    pub(super) fn subscribe(&self, store: &impl Watchable, listener: &JsValue) -> Result<Function, JsValue> {
        let listener = boundary::function_of(listener, "the listener")?;
        let (next, end) = begin(store.begin(self));
        Ok(subscribed(&next, &end, listener, &self.signal, &self.on_error))
    }

    /// One value that changes.
    pub(super) fn live(self, store: Rc<impl Watchable + 'static>) -> JsValue {
        let is_one = self.is_one;
        let start = Closure::<dyn Fn(JsValue) -> Result<Function, JsValue>>::new(move |listener: JsValue| {
            self.subscribe(&*store, &listener)
        });
        Live::new(&start.into_js_value(), is_one).into()
    }
}

/// What can be watched.
pub(super) trait Watchable {
    fn begin(&self, target: &Target) -> DataWatch;
}

impl Watchable for DataStore {
    fn begin(&self, target: &Target) -> DataWatch {
        let watch = self.watch(&target.watched);
        match &target.filter {
            Some(filter) => watch.matching_filter(filter),
            None => watch,
        }
    }
}

impl Watchable for MessageStore {
    fn begin(&self, target: &Target) -> DataWatch {
        match &target.watched {
            Watched::Keys(ids) => self.watch(Some(ids)),
            Watched::Prefix(_) => self.watch(None),
        }
    }
}

#[wasm_bindgen(js_class = MessageStore)]
impl JsMessageStore {
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, target: &JsValue) -> Result<JsValue, JsValue> {
        Ok(Target::of_conversations(target, "watchConversations")?.watch(&*self.0))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn subscribe(&self, target: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        Target::of_conversations(target, "subscribeConversations")?.subscribe(&*self.0, listener)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn live(&self, target: &JsValue) -> Result<JsValue, JsValue> {
        Ok(Target::of_conversations(target, "liveConversations")?.live(self.0.clone()))
    }
}

/// What gives what comes next, and what ends it.
fn begin(watch: DataWatch) -> (JsValue, JsValue) {
    let ender = watch.end();
    // Away while its next change is awaited; JavaScript asks for one after the other.
    let watch = Rc::new(RefCell::new(Some(watch)));
    let next = Closure::<dyn Fn() -> Promise>::new(move || {
        let (taken, place) = (watch.take(), watch.clone());
        promise(async move {
            let Some(mut watch) = taken else { return Ok(JsValue::UNDEFINED) };
            let told = watch.next().await;
            place.replace(Some(watch));
            told.or_js()?.map_or(Ok(JsValue::UNDEFINED), |told| event_of(&told))
        })
    });
    let end = Closure::<dyn Fn()>::new(move || ender.end());
    (next.into_js_value(), end.into_js_value())
}

/// What was told, in one text: that crosses as fast as anything.
fn event_of(told: &DataChanges) -> Result<JsValue, JsValue> {
    let kind = if told.is_state { "state" } else { "change" };
    let mut text = format!(r#"{{"type":"{kind}","version":{},"changes":["#, told.version.0);
    for (place, change) in told.changes.iter().enumerate() {
        text.push_str(if place == 0 { r#"{"key":"# } else { r#",{"key":"# });
        json::push_string(&mut text, &change.key);
        for (name, value) in [("value", &change.new), ("oldValue", &change.old)] {
            if let Some(value) = value {
                let _ = write!(text, r#","{name}":{}"#, value.as_str());
            }
        }
        let _ = write!(text, r#","version":{}}}"#, change.version.0);
    }
    text.push_str("]}");
    boundary::value_of(&Json::trusted(text))
}
