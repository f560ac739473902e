//! Providers that JavaScript brings, and the class `MessageStore` as one.

use super::boundary::{OrJs as _, list_of, promise, value_of};
use super::message_store::{JsMessageStore, conversation_of};
use crate::backend::indexeddb::JsCause;
use crate::error::{Error, ErrorKind, Result};
use crate::model::chat::archive::Archive;
use crate::model::chat::files;
use crate::model::json::Json;
use crate::store::MessageStore;
use crate::store::chat::{StorageProvider, check_export, load_each, save_each};
use async_trait::async_trait;
use js_sys::{Array, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/stores.js")]
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

/// The records of conversations, which are not too large to cross.
fn texts_of(conversations: &[Archive]) -> Result<Vec<String>> {
    let mut bytes = 0_usize;
    let record = |conversation| {
        let text = files::record_of(conversation);
        bytes = bytes.saturating_add(text.len());
        check_export(bytes).map(|()| text)
    };
    conversations.iter().map(record).collect()
}

fn given(conversations: &[Archive]) -> Result<JsValue> {
    Ok(texts_of(conversations)?.into_iter().map(JsValue::from).collect::<Array>().into())
}

#[async_trait(?Send)]
impl StorageProvider for JsProvider {
    async fn initialize(&self) -> Result<()> {
        self.call("initialize", &JsValue::UNDEFINED).await.map(drop)
    }

    async fn save_store(&self, conversations: &[Archive]) -> Result<()> {
        if has_operation(&self.provider, "saveStore") {
            return self.call("saveStore", &given(conversations)?).await.map(drop);
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
        self.call("saveConversation", &given(std::slice::from_ref(conversation))?).await.map(drop)
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

fn records(conversations: &[Archive]) -> Result<Vec<Json>, JsValue> {
    Ok(texts_of(conversations).or_js()?.into_iter().map(Json::trusted).collect())
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
            found.map_or(Ok(JsValue::NULL), |found| list_of(records(&found)?))
        })
    }

    #[wasm_bindgen(js_name = loadConversation, skip_typescript)]
    pub fn load_conversation(&self, id: &JsValue) -> Promise {
        let id = conversation_of(id);
        let store = self.0.clone();
        promise(async move {
            let found = store.load_conversation(&id?).await.or_js()?;
            let record = found.map(|found| records(&[found])).transpose()?.and_then(|mut records| records.pop());
            record.map_or(Ok(JsValue::NULL), |record| value_of(&record))
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
