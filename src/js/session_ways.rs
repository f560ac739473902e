//! What of the class `SessionStore` goes back and forward, its files, and what was used.

use super::boundary::{OrJs as _, array_of, promise, text_of};
use super::messages::reason_of;
use super::options::Options;
use super::session_changes::writes_of;
use super::session_records::{prose_of, record_of, view_of};
use super::session_store::{JsSessionStore, done};
use crate::error::{Error, ErrorKind, Result as Outcome};
use crate::store::session::SessionFiles;
use async_trait::async_trait;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = callFiles)]
    async fn call_files(files: &JsValue, operation: &str, path: &str, content: &JsValue) -> Result<JsValue, JsValue>;
}

/// The caller's own files.
struct JsFiles(JsValue);

impl JsFiles {
    /// Those of the options of a call, if they have any.
    fn of(options: &Options) -> Option<Self> {
        let files = options.get("files");
        (!files.is_undefined()).then_some(Self(files))
    }

    async fn call(&self, operation: &str, path: &str, content: &JsValue) -> Outcome<JsValue> {
        let called = call_files(&self.0, operation, path, content).await;
        called.map_err(|thrown| Error::new(ErrorKind::Provider, reason_of(&thrown)))
    }
}

#[async_trait(?Send)]
impl SessionFiles for JsFiles {
    async fn read(&self, path: &str) -> Outcome<Option<String>> {
        let content = self.call("read", path, &JsValue::UNDEFINED).await?;
        if content.is_null() || content.is_undefined() {
            return Ok(None);
        }
        let content =
            prose_of(&content, "what read gave").map_err(|error| Error::new(ErrorKind::Provider, reason_of(&error)))?;
        Ok(Some(content))
    }

    async fn write(&self, path: &str, content: &str) -> Outcome<()> {
        self.call("write", path, &content.into()).await.map(drop)
    }

    async fn remove(&self, path: &str) -> Outcome<()> {
        self.call("remove", path, &JsValue::UNDEFINED).await.map(drop)
    }
}

fn files_of(options: &JsValue) -> Result<Option<JsFiles>, JsValue> {
    Options::of(options, "files").map(|options| JsFiles::of(&options))
}

/// The place of a run.
fn place_of(run: &JsValue) -> Result<i64, JsValue> {
    record_of(run, "run")
}

/// Files as the store takes them.
fn of(files: &Option<JsFiles>) -> Option<&dyn SessionFiles> {
    files.as_ref().map(|files| files as &dyn SessionFiles)
}

#[wasm_bindgen(js_class = SessionStore)]
impl JsSessionStore {
    #[wasm_bindgen(js_name = canRewind, skip_typescript)]
    pub fn can_rewind(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.can_rewind().await.or_js() })
    }

    #[wasm_bindgen(js_name = rewindStackLen, skip_typescript)]
    pub fn rewind_stack_len(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { Ok(store.rewind_stack_len().await.or_js()? as f64) })
    }

    #[wasm_bindgen(js_name = rewindEntries, skip_typescript)]
    pub fn rewind_entries(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.rewind_entries().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = clearRewindStack, skip_typescript)]
    pub fn clear_rewind_stack(&self) -> Promise {
        let store = self.store.clone();
        self.told("clearRewindStack", async move { done(store.clear_rewind_stack().await) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn rewind(&self, options: &JsValue) -> Promise {
        let files = files_of(options);
        let store = self.store.clone();
        self.told("rewind", async move { view_of(&store.rewind(of(&files?)).await.or_js()?) })
    }

    #[wasm_bindgen(js_name = rewindTo, skip_typescript)]
    pub fn rewind_to(&self, run: &JsValue, options: &JsValue) -> Promise {
        let (run, files) = (place_of(run), files_of(options));
        let store = self.store.clone();
        self.told("rewindTo", async move { view_of(&store.rewind_to(run?, of(&files?)).await.or_js()?) })
    }

    #[wasm_bindgen(js_name = canRedo, skip_typescript)]
    pub fn can_redo(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.can_redo().await.or_js() })
    }

    #[wasm_bindgen(js_name = redoStackLen, skip_typescript)]
    pub fn redo_stack_len(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { Ok(store.redo_stack_len().await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn redo(&self, options: &JsValue) -> Promise {
        let files = files_of(options);
        let store = self.store.clone();
        self.told("redo", async move { view_of(&store.redo(of(&files?)).await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn fork(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "fork").and_then(|options| {
            let run = options.get("run");
            let run = if run.is_undefined() { None } else { Some(place_of(&run)?) };
            Ok((run, options.text("id"), options.text("title").unwrap_or_default()))
        });
        let (store, on_warning) = (self.store.clone(), self.on_warning.clone());
        self.told("fork", async move {
            let (run, id, title) = options?;
            let forked = store.fork(run, id.as_deref(), &title).await.or_js()?;
            Ok(JsSessionStore::new(forked, on_warning))
        })
    }

    #[wasm_bindgen(js_name = readFile, skip_typescript)]
    pub fn read_file(&self, path: &JsValue) -> Promise {
        let path = text_of(path, "the path");
        let store = self.store.clone();
        promise(async move { Ok(store.read_file(&path?).await.or_js()?.map_or(JsValue::NULL, JsValue::from)) })
    }

    #[wasm_bindgen(js_name = writeFile, skip_typescript)]
    pub fn write_file(&self, path: &JsValue, content: &JsValue) -> Promise {
        let (path, content) = (text_of(path, "the path"), prose_of(content, "the content"));
        let store = self.store.clone();
        self.told("writeFile", async move { done(store.write_file(&path?, &content?).await) })
    }

    #[wasm_bindgen(js_name = removeFile, skip_typescript)]
    pub fn remove_file(&self, path: &JsValue) -> Promise {
        let path = text_of(path, "the path");
        let store = self.store.clone();
        self.told("removeFile", async move { store.remove_file(&path?).await.or_js() })
    }

    #[wasm_bindgen(js_name = listFiles, skip_typescript)]
    pub fn list_files(&self, prefix: &JsValue) -> Promise {
        let prefix = if prefix.is_undefined() { Ok(String::new()) } else { text_of(prefix, "the prefix") };
        let store = self.store.clone();
        promise(async move { array_of(&store.list_files(&prefix?).await.or_js()?) })
    }

    #[wasm_bindgen(js_name = snapshotFiles, skip_typescript)]
    pub fn snapshot_files(&self, writes: &JsValue, options: &JsValue) -> Promise {
        let writes = writes_of(writes);
        let options = Options::of(options, "snapshotFiles")
            .map(|options| (options.text("workingDirectory").unwrap_or_else(|| "/".to_owned()), JsFiles::of(&options)));
        let store = self.store.clone();
        promise(async move {
            let (folder, files) = options?;
            view_of(&store.snapshot_files(&writes?, &folder, of(&files)).await.or_js()?)
        })
    }

    #[wasm_bindgen(js_name = applyWrites, skip_typescript)]
    pub fn apply_writes(&self, writes: &JsValue) -> Promise {
        let writes = writes_of(writes);
        let store = self.store.clone();
        self.told("applyWrites", async move { view_of(&store.apply_writes(&writes?).await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn usage(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.usage().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = usageByRun, skip_typescript)]
    pub fn usage_by_run(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.usage_by_run().await.or_js()?) })
    }
}
