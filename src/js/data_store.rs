//! The class `AgentDataStore`.

use super::boundary::{self, OrJs as _, promise};
use super::bytes::{self, Value};
use super::database::AccessWriter;
use super::options::Options;
use super::watch::Target;
use crate::error::{Error, ErrorKind};
use crate::model::batch::Version;
use crate::model::data_record::Metadata;
use crate::model::data_rules::Existing;
use crate::model::json::Json;
use crate::store::{DataStore, StoredValue};
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct AgentDataStore {
    pub(super) store: Rc<DataStore>,
    accesses: AccessWriter,
}

impl AgentDataStore {
    pub(super) fn new(store: DataStore, accesses: AccessWriter) -> Self {
        Self { store: Rc::new(store), accesses }
    }

    /// The store of a call that sets, and the metadata.
    pub(super) fn setting(&self, options: &Options) -> Result<(Rc<DataStore>, Option<Metadata>), JsValue> {
        let store = match options.expires()? {
            None => self.store.clone(),
            Some(expires) => Rc::new(self.store.expiring(expires)),
        };
        Ok((store, options.metadata()?))
    }
}

#[wasm_bindgen]
impl AgentDataStore {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn user(&self) -> String {
        self.store.user().to_owned()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn agent(&self) -> JsValue {
        self.store.agent().map_or(JsValue::NULL, JsValue::from_str)
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn namespace(&self) -> String {
        self.store.namespace().to_owned()
    }

    #[wasm_bindgen(js_name = useNamespace, skip_typescript)]
    pub fn use_namespace(&self, namespace: &JsValue) -> Result<AgentDataStore, JsValue> {
        let namespace = boundary::text_of(namespace, "the namespace")?;
        Ok(Self::new(self.store.use_namespace(&namespace), self.accesses.clone()))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn get(&self, key: &JsValue, fallback: JsValue) -> Promise {
        let key = boundary::key_of(key);
        let (store, accesses) = (self.store.clone(), self.accesses.clone());
        promise(async move {
            let key = key?;
            loop {
                let found = store.get_value(&key).await.or_js()?;
                accesses.schedule();
                match found {
                    None => return Ok(fallback),
                    Some(StoredValue::Json(value)) => return boundary::value_of(&value),
                    Some(StoredValue::Bytes(reader)) => {
                        // What was removed or replaced meanwhile is looked up anew.
                        if let Some(value) = bytes::whole(reader).await? {
                            return Ok(value);
                        }
                    }
                }
            }
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn has(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move { store.has(&key?).await.or_js() })
    }

    #[wasm_bindgen(js_name = getRecord, skip_typescript)]
    pub fn get_record(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move {
            let found = store.get_record(&key?).await.or_js()?;
            found.map_or(Ok(JsValue::UNDEFINED), |record| boundary::value_of(&record.to_view()))
        })
    }

    #[wasm_bindgen(js_name = getEntry, skip_typescript)]
    pub fn get_entry(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move {
            let key = key?;
            match store.get_with_version(&key).await.or_js()? {
                None => Ok(JsValue::UNDEFINED),
                Some((value, version)) => entry_of(&key, &value, version),
            }
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self, key: &JsValue, change: &JsValue) -> Promise {
        let arguments = boundary::key_of(key)
            .and_then(|key| Ok((key, boundary::function_of(change, "the function of update")?.clone())));
        let store = self.store.clone();
        promise(async move {
            let (key, change) = arguments?;
            // What it throws is the caller's own.
            let thrown = Rc::new(RefCell::new(None));
            let last = thrown.clone();
            let change = move |old: Option<Json>| {
                boundary::changed(&change, old.as_ref()).map_err(|error| {
                    last.replace(Some(error));
                    Error::new(ErrorKind::InvalidValue, "the function of the update has failed")
                })
            };
            let updated = store.update(&key, change).await;
            let (value, version) = match (updated, thrown.take()) {
                (Err(error), Some(thrown)) if error.kind() == ErrorKind::InvalidValue => return Err(thrown),
                (updated, _) => updated.or_js()?,
            };
            entry_of(&key, &value, version)
        })
    }

    #[wasm_bindgen(js_name = getMany, skip_typescript)]
    pub fn get_many(&self, keys: &JsValue) -> Promise {
        let keys = boundary::strings_of(keys, "keys");
        let (store, accesses) = (self.store.clone(), self.accesses.clone());
        promise(async move {
            let found = store.get_many(&keys?).await.or_js()?;
            accesses.schedule();
            boundary::map_of(&found)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn set(&self, key: &JsValue, value: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::key_of(key)
            .and_then(|key| Ok((key, bytes::value_of(value)?, self.setting(&Options::of(options, "set")?)?)));
        promise(async move {
            let (key, value, (store, metadata)) = arguments?;
            match value {
                Value::Json(value) => store.set(&key, value, metadata).await.or_js()?,
                Value::Bytes(source) => drop(bytes::set(&store, &key, source, metadata, true).await?),
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    #[wasm_bindgen(js_name = setMany, skip_typescript)]
    pub fn set_many(&self, items: &JsValue, options: &JsValue) -> Promise {
        let arguments =
            boundary::items_of(items).and_then(|items| Ok((items, self.setting(&Options::of(options, "set")?)?)));
        promise(async move {
            let (items, (store, metadata)) = arguments?;
            Ok(count(store.set_many(items, metadata).await.or_js()?))
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn delete(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move { store.delete(&key?).await.or_js() })
    }

    #[wasm_bindgen(js_name = deleteMany, skip_typescript)]
    pub fn delete_many(&self, keys: &JsValue) -> Promise {
        let keys = boundary::strings_of(keys, "keys");
        let store = self.store.clone();
        promise(async move { Ok(count(store.delete_many(keys?).await.or_js()?)) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn clear(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { Ok(store.clear().await.or_js()? as f64) })
    }

    #[wasm_bindgen(js_name = deleteByPrefix, skip_typescript)]
    pub fn delete_by_prefix(&self, prefix: &JsValue) -> Promise {
        let prefix = boundary::text_of(prefix, "the prefix");
        let store = self.store.clone();
        promise(async move { Ok(store.delete_by_prefix(&prefix?).await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, target: &JsValue) -> Result<JsValue, JsValue> {
        Ok(Target::of(target, "watch")?.watch(&*self.store))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn subscribe(&self, target: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        Target::of(target, "subscribe")?.subscribe(&*self.store, listener)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn live(&self, target: &JsValue) -> Result<JsValue, JsValue> {
        Ok(Target::of(target, "live")?.live(self.store.clone()))
    }

    #[wasm_bindgen(js_name = exportDocuments, skip_typescript)]
    pub fn export_documents(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "exportDocuments");
        let store = self.store.clone();
        promise(async move { store.export_documents(options?.flag("allNamespaces").unwrap_or_default()).await.or_js() })
    }

    #[wasm_bindgen(js_name = importDocuments, skip_typescript)]
    pub fn import_documents(&self, text: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::import_text_of(text, "documents")
            .and_then(|text| Ok((text, Options::of(options, "importDocuments")?)));
        let store = self.store.clone();
        promise(async move {
            let (text, options) = arguments?;
            let existing = if options.is("existing", "skip") { Existing::Skip } else { Existing::Replace };
            let done = store.import_documents(&text, existing).await.or_js()?;
            Ok(serde_wasm_bindgen::to_value(&done)?)
        })
    }
}

/// A number of records is far below 2^53, so it is exact as a JavaScript number.
fn count(number: usize) -> JsValue {
    JsValue::from_f64(number as f64)
}

fn entry_of(key: &str, value: &Json, Version(version): Version) -> Result<JsValue, JsValue> {
    let entry = Object::new();
    Reflect::set(&entry, &"key".into(), &key.into())?;
    Reflect::set(&entry, &"value".into(), &boundary::value_of(value)?)?;
    Reflect::set(&entry, &"version".into(), &(version as f64).into())?;
    Ok(entry.into())
}
