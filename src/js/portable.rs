//! Export and import of the class `MessageStore`.

use super::boundary::{self, OrJs as _, promise};
use super::message_store::JsMessageStore;
use super::options::Options;
use crate::model::chat::archive::Existing;
use crate::model::data_rules::Imported;
use crate::store::MessageStore;
use crate::store::chat::LineExport;
use js_sys::{Array, AsyncIterator, Map, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/portable.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = filesOf)]
    fn files_of(files: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch)]
    async fn gathered(source: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = writeTo)]
    async fn write_to(directory: &JsValue, files: &Map) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = readFrom)]
    async fn read_from(directory: &JsValue) -> Result<JsValue, JsValue>;
}

/// The conversations that are to be exported; `None` for all.
fn ids_of(options: &Options) -> Result<Option<Vec<String>>, JsValue> {
    let ids = options.get("ids");
    if ids.is_undefined() { Ok(None) } else { boundary::strings_of(&ids, "ids").map(Some) }
}

fn existing_of(options: &JsValue, operation: &str) -> Result<Existing, JsValue> {
    let options = Options::of(options, operation)?;
    Ok(match options.text("existing").as_deref() {
        Some("replace") => Existing::Replace,
        Some("skip") => Existing::Skip,
        _ => Existing::Refuse,
    })
}

fn texts_of(files: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let flat: Vec<String> = files_of(files)?.iter().map(|text| text.as_string().unwrap_or_default()).collect();
    let mut flat = flat.into_iter();
    Ok(std::iter::from_fn(|| flat.next().zip(flat.next())).collect())
}

fn result_of(done: Imported) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(&done)?)
}

async fn export(store: &MessageStore, ids: Option<Vec<String>>) -> Result<Map, JsValue> {
    let files = Map::new();
    for (path, text) in store.export_files(ids).await.or_js()? {
        files.set(&path.into(), &text.into());
    }
    Ok(files)
}

#[wasm_bindgen(js_class = MessageStore)]
impl JsMessageStore {
    #[wasm_bindgen(js_name = exportFiles, skip_typescript)]
    pub fn export_files(&self, options: &JsValue) -> Promise {
        let ids = Options::of(options, "exportFiles").and_then(|options| ids_of(&options));
        let store = self.0.clone();
        promise(async move { export(&store, ids?).await })
    }

    #[wasm_bindgen(js_name = importFiles, skip_typescript)]
    pub fn import_files(&self, files: &JsValue, options: &JsValue) -> Promise {
        let arguments = texts_of(files).and_then(|files| Ok((files, existing_of(options, "importFiles")?)));
        let store = self.0.clone();
        promise(async move {
            let (files, existing) = arguments?;
            result_of(store.import_files(&files, existing).await.or_js()?)
        })
    }

    #[wasm_bindgen(js_name = exportLines, skip_typescript)]
    pub fn export_lines(&self, options: &JsValue) -> Result<AsyncIterator, JsValue> {
        let options = Options::of(options, "exportLines")?;
        let (ids, begun) = (ids_of(&options)?, Rc::new(RefCell::new(None::<Rc<LineExport>>)));
        let store = self.0.clone();
        let fetch = Closure::<dyn Fn(JsValue) -> Promise>::new(move |_| {
            let (store, ids, begun) = (store.clone(), ids.clone(), begun.clone());
            promise(async move {
                let known = begun.borrow().clone();
                let export = match known {
                    Some(export) => export,
                    None => {
                        let export = Rc::new(store.export_lines(ids).await.or_js()?);
                        begun.replace(Some(export.clone()));
                        export
                    }
                };
                let text = export.next().await.or_js()?;
                let is_last = text.is_none();
                let items: Array = text.iter().map(|text| JsValue::from_str(text)).collect();
                Ok(Array::of3(&items, &is_last.into(), &JsValue::UNDEFINED))
            })
        });
        Ok(boundary::walk(fetch.into_js_value().unchecked_ref(), &options.get("signal")))
    }

    #[wasm_bindgen(js_name = importLines, skip_typescript)]
    pub fn import_lines(&self, source: &JsValue, options: &JsValue) -> Promise {
        let arguments = existing_of(options, "importLines").map(|existing| (source.clone(), existing));
        let store = self.0.clone();
        promise(async move {
            let (source, existing) = arguments?;
            let text = gathered(&source).await?.as_string().unwrap_or_default();
            result_of(store.import_lines(&text, existing).await.or_js()?)
        })
    }

    #[wasm_bindgen(js_name = exportToDirectory, skip_typescript)]
    pub fn export_to_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        let ids = Options::of(options, "exportFiles").and_then(|options| ids_of(&options));
        let (store, directory) = (self.0.clone(), directory.clone());
        promise(async move {
            write_to(&directory, &export(&store, ids?).await?).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    #[wasm_bindgen(js_name = importFromDirectory, skip_typescript)]
    pub fn import_from_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        let arguments = existing_of(options, "importFiles").map(|existing| (directory.clone(), existing));
        let store = self.0.clone();
        promise(async move {
            let (directory, existing) = arguments?;
            let files = texts_of(&read_from(&directory).await?)?;
            result_of(store.import_files(&files, existing).await.or_js()?)
        })
    }
}
