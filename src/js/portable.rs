//! Files on their way out and in, and what of them is the class `MessageStore`'s.

use super::boundary::{self, OrJs as _, promise};
use super::message_store::JsMessageStore;
use super::options::Options;
use crate::model::chat::files;
use crate::model::import::Existing;
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::zip::{self, Member};
use crate::store::MessageStore;
use crate::store::chat::LineExport;
use js_sys::{Array, AsyncIterator, Map, Promise, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn gathered(source: &JsValue, kind: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = writeTo)]
    async fn write_to(directory: &JsValue, files: &Map, names_keys: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = bytesOf)]
    async fn bytes_of(source: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = zipOf)]
    fn zip_of(bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn gzipped(texts: &Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn gunzipped(path: &str, stream: Uint8Array, length: usize) -> Result<JsValue, JsValue>;
}

/// The conversations or sessions that are to be exported; `None` for all.
pub(super) fn ids_of(options: &Options) -> Result<Option<Vec<String>>, JsValue> {
    let ids = options.get("ids");
    if ids.is_undefined() { Ok(None) } else { boundary::strings_of(&ids, "ids").map(Some) }
}

/// What becomes of what exists.
pub(super) fn existing_of(options: &Options) -> Existing {
    match options.text("existing").as_deref() {
        Some("replace") => Existing::Replace,
        Some("skip") => Existing::Skip,
        _ => Existing::Refuse,
    }
}

/// What becomes of exported files.
pub(super) enum Target {
    Map,
    Directory(JsValue),
    /// One where a file says which keys the names of others stand for.
    Tree(JsValue),
    Zip,
}

/// Hands out files.
pub(super) async fn hand_out(found: Vec<(String, String)>, target: Target) -> Result<JsValue, JsValue> {
    if let Target::Zip = target {
        let (paths, texts): (Vec<String>, Array) =
            found.into_iter().map(|(path, text)| (path, JsValue::from(text))).unzip();
        let streams: Array = gzipped(&texts).await?.unchecked_into();
        let streams = streams.iter().map(|stream| stream.unchecked_into::<Uint8Array>().to_vec());
        let members: Vec<_> = paths.into_iter().zip(streams).collect();
        return zip_of(&zip::write(&members).or_js()?);
    }
    let files = Map::new();
    for (path, text) in found {
        files.set(&path.into(), &text.into());
    }
    match target {
        Target::Directory(directory) => write_to(&directory, &files, false).await,
        Target::Tree(directory) => write_to(&directory, &files, true).await,
        _ => Ok(files.into()),
    }
}

/// Where files come from, or the files: `files`, `directory` (of conversations), `tree` (any directory), `sessions`, `zip`.
pub(super) async fn take_in(source: &JsValue, kind: &str, layout: &Layout) -> Result<Vec<(String, String)>, JsValue> {
    if kind == "zip" {
        return files_in(&bytes_of(source).await?.unchecked_into::<Uint8Array>().to_vec(), layout).await;
    }
    let texts: Array = gathered(source, kind).await?.unchecked_into();
    let mut texts = texts.iter().map(|text| text.as_string().unwrap_or_default());
    Ok(std::iter::from_fn(|| texts.next().zip(texts.next())).collect())
}

/// Which files a store has.
pub(super) struct Layout {
    /// The folder that they are in, of all paths of an archive.
    pub(super) root_among: fn(&[String]) -> String,
    /// Whether one at this path below it is one of them.
    pub(super) is_one: fn(&str) -> bool,
}

const CONVERSATIONS: Layout = Layout {
    root_among: |paths| files::root_among(paths.iter().map(String::as_str)).to_owned(),
    is_one: files::is_one,
};

fn export(store: Rc<MessageStore>, options: &JsValue, target: Target) -> Promise {
    let ids = Options::of(options, "exportFiles").and_then(|options| ids_of(&options));
    promise(async move { hand_out(store.export_files(ids?).await.or_js()?, target).await })
}

/// The paths and texts of the files in an archive, in the folder where they are in it.
async fn files_in(archive: &[u8], layout: &Layout) -> Result<Vec<(String, String)>, JsValue> {
    let root = (layout.root_among)(&zip::paths(archive).or_js()?);
    let is_wanted = |path: &str| path.strip_prefix(&root).is_some_and(layout.is_one);
    let mut found = Vec::new();
    for Member { path, bytes, gzip } in zip::read(archive, MAX_BATCH_BYTES, &is_wanted).or_js()? {
        let text = gunzipped(&path, Uint8Array::from(gzip.as_slice()), bytes).await?;
        let path = path.strip_prefix(&root).unwrap_or(&path).to_owned();
        found.push((path, text.as_string().unwrap_or_default()));
    }
    Ok(found)
}

/// Imports files, lines, the files of a directory, or those of an archive.
fn import(store: Rc<MessageStore>, source: &JsValue, options: &JsValue, kind: &'static str) -> Promise {
    let operation = if kind == "lines" { "importLines" } else { "importFiles" };
    let existing = Options::of(options, operation).map(|options| existing_of(&options));
    let source = source.clone();
    promise(async move {
        let existing = existing?;
        let done = if kind == "lines" {
            let texts: Array = gathered(&source, kind).await?.unchecked_into();
            store.import_lines(&texts.get(0).as_string().unwrap_or_default(), existing).await
        } else {
            store.import_files(&take_in(&source, kind, &CONVERSATIONS).await?, existing).await
        };
        Ok(serde_wasm_bindgen::to_value(&done.or_js()?)?)
    })
}

#[wasm_bindgen(js_class = MessageStore)]
impl JsMessageStore {
    #[wasm_bindgen(js_name = exportFiles, skip_typescript)]
    pub fn export_files(&self, options: &JsValue) -> Promise {
        export(self.0.clone(), options, Target::Map)
    }

    #[wasm_bindgen(js_name = importFiles, skip_typescript)]
    pub fn import_files(&self, files: &JsValue, options: &JsValue) -> Promise {
        import(self.0.clone(), files, options, "files")
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
    pub fn import_lines(&self, lines: &JsValue, options: &JsValue) -> Promise {
        import(self.0.clone(), lines, options, "lines")
    }

    #[wasm_bindgen(js_name = exportToDirectory, skip_typescript)]
    pub fn export_to_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        export(self.0.clone(), options, Target::Directory(directory.clone()))
    }

    #[wasm_bindgen(js_name = importFromDirectory, skip_typescript)]
    pub fn import_from_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        import(self.0.clone(), directory, options, "directory")
    }

    #[wasm_bindgen(js_name = exportZip, skip_typescript)]
    pub fn export_zip(&self, options: &JsValue) -> Promise {
        export(self.0.clone(), options, Target::Zip)
    }

    #[wasm_bindgen(js_name = importZip, skip_typescript)]
    pub fn import_zip(&self, archive: &JsValue, options: &JsValue) -> Promise {
        import(self.0.clone(), archive, options, "zip")
    }
}
