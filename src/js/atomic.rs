//! The class `Atomic`.

use super::boundary::{OrJs as _, json_of, key_of, promise, strings_of, text_of, values_of};
use super::errors;
use super::message_store::{add, conversation_of, create, new_conversation_of, place_of};
use super::messages;
use super::options::Options;
use crate::error::{Error, ErrorKind};
use crate::model::batch::Version;
use crate::store::{Atomic, DataStore, Database, MessageStoreOptions, SnapshotStoreOptions};
use futures_util::TryFutureExt as _;
use js_sys::{Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// How a number is combined with the one that is there.
type Combine = for<'a> fn(&'a mut Atomic, &DataStore, &str, f64) -> &'a mut Atomic;

/// The changes that were gathered, and the data store that the next ones are about.
#[wasm_bindgen(js_name = Atomic, skip_typescript)]
#[derive(Debug, Clone)]
pub struct JsAtomic {
    atomic: Rc<RefCell<Atomic>>,
    database: Database,
    store: DataStore,
}

impl JsAtomic {
    pub(super) fn new(database: &Database, store: DataStore) -> Self {
        Self { atomic: Rc::new(RefCell::new(database.atomic())), database: database.clone(), store }
    }

    pub(super) fn with(&self, add: impl FnOnce(&mut Atomic)) -> Self {
        add(&mut self.atomic.borrow_mut());
        self.clone()
    }

    fn combine(&self, key: &JsValue, number: &JsValue, combine: Combine) -> Result<Self, JsValue> {
        let (key, number) = (key_of(key)?, number_of(number)?);
        Ok(self.with(|atomic| {
            combine(atomic, &self.store, &key, number);
        }))
    }

    pub(super) fn user(&self) -> String {
        self.store.user().to_owned()
    }
}

#[wasm_bindgen(js_class = Atomic)]
impl JsAtomic {
    #[wasm_bindgen(js_name = useNamespace, skip_typescript)]
    pub fn use_namespace(&self, namespace: &JsValue) -> Result<JsAtomic, JsValue> {
        let store = self.store.use_namespace(&text_of(namespace, "the namespace")?);
        Ok(Self { store, ..self.clone() })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn check(&self, key: &JsValue, version: &JsValue) -> Result<JsAtomic, JsValue> {
        let (key, version) = (key_of(key)?, version_of(version)?);
        Ok(self.with(|atomic| {
            atomic.check(&self.store, &key, version);
        }))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn set(&self, key: &JsValue, value: &JsValue, options: &JsValue) -> Result<JsAtomic, JsValue> {
        let (key, value, options) = (key_of(key)?, json_of(value)?, Options::of(options, "set")?);
        let (metadata, expires) = (options.metadata()?, options.expires()?);
        let expiring = expires.map(|expires| self.store.expiring(expires));
        Ok(self.with(|atomic| {
            atomic.set(expiring.as_ref().unwrap_or(&self.store), &key, value, metadata);
        }))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn delete(&self, key: &JsValue) -> Result<JsAtomic, JsValue> {
        let key = key_of(key)?;
        Ok(self.with(|atomic| {
            atomic.delete(&self.store, &key);
        }))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn sum(&self, key: &JsValue, number: &JsValue) -> Result<JsAtomic, JsValue> {
        self.combine(key, number, Atomic::sum)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn min(&self, key: &JsValue, number: &JsValue) -> Result<JsAtomic, JsValue> {
        self.combine(key, number, Atomic::min)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn max(&self, key: &JsValue, number: &JsValue) -> Result<JsAtomic, JsValue> {
        self.combine(key, number, Atomic::max)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn append(&self, key: &JsValue, items: &JsValue) -> Result<JsAtomic, JsValue> {
        let (key, items) = (key_of(key)?, values_of(items, "items")?);
        Ok(self.with(|atomic| {
            atomic.append(&self.store, &key, items);
        }))
    }

    #[wasm_bindgen(js_name = saveSnapshot, skip_typescript)]
    pub fn save_snapshot(&self, key: &JsValue, value: &JsValue, options: &JsValue) -> Result<JsAtomic, JsValue> {
        let (key, value, options) = (key_of(key)?, json_of(value)?, Options::of(options, "saveSnapshot")?);
        let path = options.get("path");
        let store = self.database.snapshot_store(SnapshotStoreOptions {
            user: self.user(),
            path: if path.is_undefined() { Vec::new() } else { strings_of(&path, "path")? },
            history: options.number("history").unwrap_or_default() as usize,
        });
        Ok(self.with(|atomic| {
            atomic.save(&store, &key, value);
        }))
    }

    #[wasm_bindgen(js_name = createConversation, skip_typescript)]
    pub fn create_conversation(&self, options: &JsValue) -> Result<JsAtomic, JsValue> {
        let (new, user) = (new_conversation_of(options)?, self.user());
        let creating = move |database: Database| -> futures_util::future::LocalBoxFuture<'static, _> {
            let (store, new) = (database.message_store(MessageStoreOptions { user: user.clone() }), new.clone());
            Box::pin(create(store, new).map_ok(drop))
        };
        Ok(self.with(|atomic| {
            atomic.then(creating);
        }))
    }

    #[wasm_bindgen(js_name = addMessage, skip_typescript)]
    pub fn add_message(
        &self,
        conversation: &JsValue,
        content: &JsValue,
        options: &JsValue,
    ) -> Result<JsAtomic, JsValue> {
        let (conversation, user) = (conversation_of(conversation)?, self.user());
        let added = messages::added_of(content, options)?;
        let (place, create) = place_of(&Options::of(options, "addMessage")?);
        let message = (added, place, create);
        let adding = move |database: Database| -> futures_util::future::LocalBoxFuture<'static, _> {
            let store = database.message_store(MessageStoreOptions { user: user.clone() });
            Box::pin(add(store, conversation.clone(), message.clone()).map_ok(drop))
        };
        Ok(self.with(|atomic| {
            atomic.then(adding);
        }))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn commit(&self) -> Promise {
        let atomic = self.atomic.borrow().clone();
        promise(async move {
            let committed = atomic.commit().await.or_js()?;
            let result = Object::new();
            Reflect::set(&result, &"ok".into(), &committed.is_some().into())?;
            if let Some(Version(version)) = committed {
                Reflect::set(&result, &"version".into(), &(version as f64).into())?;
            }
            Ok(result)
        })
    }
}

fn refused(message: &'static str) -> JsValue {
    errors::to_js(&Error::new(ErrorKind::InvalidArgument, message))
}

/// A version, or that there is none.
fn version_of(version: &JsValue) -> Result<Option<Version>, JsValue> {
    if version.is_null() {
        return Ok(None);
    }
    match version.as_f64() {
        Some(number) if number >= 0.0 && number.fract() == 0.0 => Ok(Some(Version(number as u64))),
        _ => Err(refused("the version has to be a version, or null where there is to be no record")),
    }
}

fn number_of(number: &JsValue) -> Result<f64, JsValue> {
    number.as_f64().filter(|number| number.is_finite()).ok_or_else(|| refused("the operand has to be a finite number"))
}
