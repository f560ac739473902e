//! The class `MessageStream`.

use super::boundary::{OrJs as _, promise, value_of};
use super::messages;
use super::options::Options;
use crate::store::chat::{self, Ending};
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// How long pieces are gathered before they are written. Milliseconds.
const GATHER_MS: u32 = 100;

#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct MessageStream {
    stream: Rc<chat::MessageStream>,
    scheduled: Rc<Cell<bool>>,
}

impl MessageStream {
    pub(super) fn new(stream: chat::MessageStream) -> Self {
        Self { stream: Rc::new(stream), scheduled: Rc::default() }
    }

    fn schedule(&self) {
        if self.scheduled.replace(true) {
            return;
        }
        let (stream, scheduled) = (self.stream.clone(), self.scheduled.clone());
        wasm_bindgen_futures::spawn_local(async move {
            TimeoutFuture::new(GATHER_MS).await;
            scheduled.set(false);
            // What could not be written stays, and the next flush or the end says why.
            let _ = stream.flush().await;
        });
    }

    fn ending_of(options: &JsValue) -> Result<Ending, JsValue> {
        let options = Options::of(options, "ending")?;
        let content = options.get("content");
        let content = if content.is_undefined() { None } else { Some(messages::content_of(&content, "content")?) };
        Ok(Ending { content, metadata: options.metadata()?, usage: messages::usage_of(&options.get("usage"))? })
    }
}

#[wasm_bindgen]
impl MessageStream {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn id(&self) -> String {
        self.stream.message().message.id.clone()
    }

    #[wasm_bindgen(getter, js_name = conversationId, skip_typescript)]
    pub fn conversation_id(&self) -> String {
        self.stream.conversation().to_owned()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn message(&self) -> Result<JsValue, JsValue> {
        value_of(&self.stream.current().to_view(self.stream.conversation()))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn append(&self, piece: &JsValue) -> Result<(), JsValue> {
        self.stream.append(messages::piece_of(piece)?).or_js()?;
        self.schedule();
        Ok(())
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn flush(&self) -> Promise {
        let stream = self.stream.clone();
        promise(async move { stream.flush().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn finish(&self, options: &JsValue) -> Promise {
        let ending = Self::ending_of(options);
        let stream = self.stream.clone();
        promise(async move { value_of(&stream.finish(ending?).await.or_js()?.to_view(stream.conversation())) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn fail(&self, why: &JsValue, options: &JsValue) -> Promise {
        let (why, ending) = (messages::reason_of(why), Self::ending_of(options));
        let stream = self.stream.clone();
        promise(async move { value_of(&stream.fail(&why, ending?).await.or_js()?.to_view(stream.conversation())) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn abort(&self, options: &JsValue) -> Promise {
        let ending = Self::ending_of(options);
        let stream = self.stream.clone();
        promise(async move { value_of(&stream.abort(ending?).await.or_js()?.to_view(stream.conversation())) })
    }
}
