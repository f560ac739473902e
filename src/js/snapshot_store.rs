//! The class `SnapshotStore`.

use super::boundary::{self, OrJs as _, array_of, list_of, promise, value_of};
use super::errors;
use super::options::Options;
use super::portable::{Layout, Target, existing_of, hand_out, take_in};
use crate::error::{Error, ErrorKind};
use crate::model::snapshot::{files, names};
use crate::store::SnapshotStore;
use js_sys::{Array, Function, Promise, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    fn reported(saving: &Promise, on_error: &JsValue, key: &str, path: &JsValue);
}

/// Archives have the layout at their top.
const TREE: Layout = Layout { root_among: |_| String::new(), is_one: files::is_one };

#[wasm_bindgen(skip_typescript)]
pub fn sanitize(key: &JsValue) -> Result<String, JsValue> {
    Ok(names::sanitize(&boundary::text_of(key, "the key")?))
}

#[wasm_bindgen(skip_typescript)]
pub fn narrow(store: &JsValue, key: &JsValue) -> Result<JsValue, JsValue> {
    if store.is_null() || store.is_undefined() {
        return Ok(JsValue::NULL);
    }
    match Reflect::get(store, &"narrow".into())?.dyn_into::<Function>() {
        Ok(narrow) => narrow.call1(store, key),
        Err(_) => Err(errors::to_js(&Error::new(ErrorKind::InvalidArgument, "the store has to be a SnapshotStore"))),
    }
}

#[wasm_bindgen(js_name = SnapshotStore, skip_typescript)]
#[derive(Debug)]
pub struct JsSnapshotStore {
    store: Rc<SnapshotStore>,
    on_error: JsValue,
}

impl JsSnapshotStore {
    pub(super) fn new(store: SnapshotStore, on_error: JsValue) -> Self {
        Self { store: Rc::new(store), on_error }
    }
}

/// An error that has the key as it was asked for.
fn of_key(error: &Error, key: &str) -> JsValue {
    let error_of_js = errors::to_js(error);
    if error.kind() == ErrorKind::KeyNotFound {
        // It is a plain object of ours, on which this cannot fail.
        let _ = Reflect::set(&error_of_js, &"key".into(), &key.into());
    }
    error_of_js
}

fn version_of(version: &JsValue) -> Result<u64, JsValue> {
    let number = version.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0);
    let wrong = || Error::new(ErrorKind::InvalidArgument, "the version has to be a whole number");
    number.map(|number| number as u64).ok_or_else(|| errors::to_js(&wrong()))
}

#[wasm_bindgen(js_class = SnapshotStore)]
impl JsSnapshotStore {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn user(&self) -> String {
        self.store.user().to_owned()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn path(&self) -> Vec<String> {
        self.store.path().to_vec()
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn history(&self) -> f64 {
        self.store.history() as f64
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn narrow(&self, key: &JsValue) -> Result<JsSnapshotStore, JsValue> {
        let key = boundary::text_of(key, "the key")?;
        Ok(Self::new(self.store.narrow(&key), self.on_error.clone()))
    }

    #[wasm_bindgen(js_name = narrowPath, variadic, skip_typescript)]
    pub fn narrow_path(&self, keys: &JsValue) -> Result<String, JsValue> {
        Ok(self.store.narrow_path(&boundary::strings_of(keys, "keys")?))
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn save(&self, key: &JsValue, data: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let name = key.clone().unwrap_or_default();
        let saving = key.and_then(|key| Ok(self.store.save(&key, boundary::json_of(data)?)));
        let saving = promise(async move {
            saving?.await.or_js()?;
            Ok(JsValue::UNDEFINED)
        });
        let path: Array = self.store.path().iter().map(|scope| JsValue::from_str(scope)).collect();
        reported(&saving, &self.on_error, &name, &path);
        saving
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn load(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move {
            let key = key?;
            value_of(&store.load(&key).await.map_err(|error| of_key(&error, &key))?)
        })
    }

    #[wasm_bindgen(js_name = loadOr, skip_typescript)]
    pub fn load_or(&self, key: &JsValue, fallback: JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move {
            let found = store.load_if_any(&key?).await.or_js()?;
            found.map_or(Ok(fallback), |value| value_of(&value))
        })
    }

    #[wasm_bindgen(js_name = loadAt, skip_typescript)]
    pub fn load_at(&self, key: &JsValue, version: &JsValue) -> Promise {
        let arguments = boundary::key_of(key).and_then(|key| Ok((key, version_of(version)?)));
        let store = self.store.clone();
        promise(async move {
            let (key, version) = arguments?;
            value_of(&store.load_at(&key, version).await.map_err(|error| of_key(&error, &key))?)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn has(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move { store.has(&key?).await.or_js() })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn versions(&self, key: &JsValue) -> Promise {
        let key = boundary::key_of(key);
        let store = self.store.clone();
        promise(async move {
            let versions = store.versions(&key?).await.or_js()?;
            list_of(versions.iter().map(|version| version.to_view()))
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn list(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { array_of(&store.list().await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn children(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { array_of(&store.children().await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn delete(&self, key: &JsValue) -> Promise {
        let deleting = boundary::key_of(key).map(|key| self.store.delete(&key));
        promise(async move { deleting?.await.or_js() })
    }

    #[wasm_bindgen(js_name = deleteAll, skip_typescript)]
    pub fn delete_all(&self) -> Promise {
        let deleting = self.store.delete_all();
        promise(async move { Ok(deleting.await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn prune(&self, options: &JsValue) -> Promise {
        let pruning = Options::of(options, "prune").map(|options| {
            let keep = options.number("keep").unwrap_or_default() as usize;
            self.store.prune(options.text("key").as_deref(), keep)
        });
        promise(async move { Ok(pruning?.await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn flush(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.flush().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.close().await.or_js().map(|()| JsValue::UNDEFINED) })
    }

    #[wasm_bindgen(js_name = "[Symbol.asyncDispose]", skip_typescript)]
    pub fn async_dispose(&self) -> Promise {
        self.close()
    }

    #[wasm_bindgen(js_name = exportFiles, skip_typescript)]
    pub fn export_files(&self) -> Promise {
        self.export(Target::Map)
    }

    #[wasm_bindgen(js_name = exportToDirectory, skip_typescript)]
    pub fn export_to_directory(&self, directory: &JsValue) -> Promise {
        self.export(Target::Tree(directory.clone()))
    }

    #[wasm_bindgen(js_name = exportZip, skip_typescript)]
    pub fn export_zip(&self) -> Promise {
        self.export(Target::Zip)
    }

    #[wasm_bindgen(js_name = importFiles, skip_typescript)]
    pub fn import_files(&self, files: &JsValue, options: &JsValue) -> Promise {
        self.import(files, options, "files")
    }

    #[wasm_bindgen(js_name = importFromDirectory, skip_typescript)]
    pub fn import_from_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        self.import(directory, options, "tree")
    }

    #[wasm_bindgen(js_name = importZip, skip_typescript)]
    pub fn import_zip(&self, archive: &JsValue, options: &JsValue) -> Promise {
        self.import(archive, options, "zip")
    }
}

impl JsSnapshotStore {
    fn export(&self, target: Target) -> Promise {
        let store = self.store.clone();
        promise(async move { hand_out(store.export_files().await.or_js()?, target).await })
    }

    fn import(&self, source: &JsValue, options: &JsValue, kind: &'static str) -> Promise {
        let options = Options::of(options, "importSnapshots").and_then(|options| {
            let keys = options.get("keys");
            let keys = if keys.is_undefined() { Vec::new() } else { boundary::strings_of(&keys, "keys")? };
            Ok((keys, existing_of(&options)))
        });
        let (store, source) = (self.store.clone(), source.clone());
        promise(async move {
            let (keys, existing) = options?;
            let files = take_in(&source, kind, &TREE).await?;
            let done = store.import_files(&files, &keys, existing).await.or_js()?;
            Ok(serde_wasm_bindgen::to_value(&done)?)
        })
    }
}
