//! Providers that JavaScript brings, and the class `MessageStore` as one.

use super::boundary::{OrJs as _, list_of, promise, value_of};
use super::message_store::{JsMessageStore, conversation_of};
use crate::backend::indexeddb::JsCause;
use crate::error::{Error, ErrorKind, Result};
use crate::model::chat::archive::Archive;
use crate::model::chat::files;
use crate::model::json::Json;
use crate::store::MessageStore;
use crate::store::chat::{StorageProvider, load_each, save_each};
use async_trait::async_trait;
use js_sys::{Array, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/messages.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = callProvider)]
    async fn call_provider(provider: &JsValue, operation: &str, given: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = hasOperation)]
    fn has_operation(provider: &JsValue, operation: &str) -> bool;
    #[wasm_bindgen(catch, js_name = recordsOf)]
    fn records_of(records: &JsValue) -> Result<Array, JsValue>;
}

/// An object of JavaScript's with the operations of a provider.
pub(super) struct JsProvider {
    pub(super) provider: JsValue,
    /// Reads what it gives.
    pub(super) store: MessageStore,
}

impl JsProvider {
    /// Calls an operation, if it has it.
    async fn call(&self, operation: &str, given: &JsValue) -> Result<JsValue> {
        let called = call_provider(&self.provider, operation, given).await;
        called.map_err(|cause| Error::new(ErrorKind::Provider, format!("{operation} failed")).caused_by(JsCause(cause)))
    }

    fn read(&self, texts: &JsValue) -> Result<Vec<Archive>> {
        let texts = texts.unchecked_ref::<Array>().iter();
        texts.map(|text| self.store.read_record(&text.as_string().unwrap_or_default())).collect()
    }
}

fn texts_of(conversations: &[Archive]) -> JsValue {
    conversations.iter().map(|conversation| JsValue::from(files::record_of(conversation))).collect::<Array>().into()
}

#[async_trait(?Send)]
impl StorageProvider for JsProvider {
    async fn initialize(&self) -> Result<()> {
        self.call("initialize", &JsValue::UNDEFINED).await.map(drop)
    }

    async fn save_store(&self, conversations: &[Archive]) -> Result<()> {
        if has_operation(&self.provider, "saveStore") {
            return self.call("saveStore", &texts_of(conversations)).await.map(drop);
        }
        save_each(self, conversations).await
    }

    async fn load_store(&self) -> Result<Option<Vec<Archive>>> {
        if !has_operation(&self.provider, "loadStore") {
            return load_each(self).await;
        }
        let texts = self.call("loadStore", &JsValue::UNDEFINED).await?;
        if texts.is_undefined() { Ok(None) } else { self.read(&texts).map(Some) }
    }

    async fn save_conversation(&self, conversation: &Archive) -> Result<()> {
        self.call("saveConversation", &texts_of(std::slice::from_ref(conversation))).await.map(drop)
    }

    async fn load_conversation(&self, id: &str) -> Result<Option<Archive>> {
        let texts = self.call("loadConversation", &id.into()).await?;
        if texts.is_undefined() { Ok(None) } else { Ok(self.read(&texts)?.pop()) }
    }

    async fn list_conversation_ids(&self) -> Result<Vec<String>> {
        let ids = self.call("listConversationIds", &JsValue::UNDEFINED).await?;
        Ok(ids.unchecked_ref::<Array>().iter().map(|id| id.as_string().unwrap_or_default()).collect())
    }

    async fn delete_conversation(&self, id: &str) -> Result<()> {
        self.call("deleteConversation", &id.into()).await.map(drop)
    }
}

fn record(conversation: &Archive) -> Json {
    Json::trusted(files::record_of(conversation))
}

/// Keeps records that were given.
fn save(store: Rc<MessageStore>, records: &JsValue) -> Promise {
    let texts = records_of(records);
    promise(async move {
        let texts = texts?;
        let read = texts.iter().map(|text| store.read_record(&text.as_string().unwrap_or_default()));
        let conversations = read.collect::<Result<Vec<_>>>().or_js()?;
        store.save_store(&conversations).await.or_js().map(|()| JsValue::UNDEFINED)
    })
}

#[wasm_bindgen(js_class = MessageStore)]
impl JsMessageStore {
    #[wasm_bindgen(skip_typescript)]
    pub fn initialize(&self) -> Promise {
        let store = self.0.clone();
        promise(async move { store.initialize().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn save(&self) -> Promise {
        let store = self.0.clone();
        promise(async move { store.save().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(js_name = saveStore, skip_typescript)]
    pub fn save_store(&self, records: &JsValue) -> Promise {
        save(self.0.clone(), records)
    }

    #[wasm_bindgen(js_name = saveConversation, skip_typescript)]
    pub fn save_conversation(&self, record: &JsValue) -> Promise {
        save(self.0.clone(), &Array::of1(record))
    }

    #[wasm_bindgen(js_name = loadStore, skip_typescript)]
    pub fn load_store(&self) -> Promise {
        let store = self.0.clone();
        promise(async move {
            let found = store.load_store().await.or_js()?;
            found.map_or(Ok(JsValue::NULL), |found| list_of(found.iter().map(record)))
        })
    }

    #[wasm_bindgen(js_name = loadConversation, skip_typescript)]
    pub fn load_conversation(&self, id: &JsValue) -> Promise {
        let id = conversation_of(id);
        let store = self.0.clone();
        promise(async move {
            let found = store.load_conversation(&id?).await.or_js()?;
            found.map_or(Ok(JsValue::NULL), |found| value_of(&record(&found)))
        })
    }

    #[wasm_bindgen(js_name = listConversationIds, skip_typescript)]
    pub fn list_conversation_ids(&self) -> Promise {
        let store = self.0.clone();
        promise(async move {
            let ids = store.list_conversation_ids().await.or_js()?;
            super::boundary::array_of(&ids)
        })
    }
}
