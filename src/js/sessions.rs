//! The classes `Sessions` and `RecipeStore`.

use super::boundary::{self, OrJs as _, list_of, promise};
use super::errors;
use super::options::Options;
use super::portable::{Layout, Target, existing_of, hand_out, ids_of, take_in};
use super::session_records::{prose_of, record_if_any, record_of, view_of};
use super::session_store::{JsSessionStore, done, warned};
use crate::error::{Error, ErrorKind};
use crate::model::recipe::Recipe;
use crate::model::session::files::{self, SessionPaths};
use crate::model::session::record::to_view;
use crate::model::session::{RecipeSnapshot, SessionMetadata};
use crate::store::Sessions;
use crate::store::session::Recipes;
use js_sys::Promise;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Where archives have the files does not matter: each path tells what it is of.
const FILES: Layout = Layout { root_among: |_| String::new(), is_one: files::is_one };

#[wasm_bindgen(js_name = Sessions, skip_typescript)]
#[derive(Debug)]
pub struct JsSessions {
    sessions: Rc<Sessions>,
    on_warning: JsValue,
}

fn id_of(id: &JsValue) -> Result<String, JsValue> {
    boundary::text_of(id, "the session's id")
}

impl JsSessions {
    pub(super) fn new(sessions: Sessions, on_warning: JsValue) -> Self {
        Self { sessions: Rc::new(sessions), on_warning }
    }

    /// The promise of a change, of which the caller is told where it fails.
    fn told<T: Into<JsValue>>(
        &self,
        method: &str,
        id: &Result<String, JsValue>,
        changing: impl Future<Output = Result<T, JsValue>> + 'static,
    ) -> Promise {
        let changing = promise(changing);
        warned(&changing, &self.on_warning, method, id.as_deref().unwrap_or_default());
        changing
    }

    fn begin(&self, id: String, options: &JsValue) -> Result<JsSessionStore, JsValue> {
        let options = Options::of(options, "session")?;
        let fresh: SessionMetadata = record_if_any(&options.get("metadata"), "metadata")?.unwrap_or_default();
        if !fresh.id.is_empty() || fresh.runs.is_some() {
            let message = "metadata cannot have an id or runs: a session is opened by its id, and fork() copies runs";
            return Err(errors::to_js(&Error::new(ErrorKind::InvalidArgument, message)));
        }
        let recipe: Option<Recipe> = record_if_any(&options.get("recipe"), "recipe")?;
        let store = self.sessions.open_as(id, fresh);
        let store = match recipe {
            Some(recipe) => store.with_recipe(recipe),
            None => store,
        };
        Ok(JsSessionStore::new(store, self.on_warning.clone()))
    }
}

#[wasm_bindgen(js_class = Sessions)]
impl JsSessions {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn user(&self) -> String {
        self.sessions.user().to_owned()
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn create(&self, options: &JsValue) -> Result<JsSessionStore, JsValue> {
        self.begin(self.sessions.draw_id(), options)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn open(&self, id: &JsValue, options: &JsValue) -> Result<JsSessionStore, JsValue> {
        self.begin(id_of(id)?, options)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn list(&self) -> Promise {
        let sessions = self.sessions.clone();
        promise(async move { list_of(sessions.list().await.or_js()?.iter().map(|head| to_view(head))) })
    }

    #[wasm_bindgen(js_name = latestId, skip_typescript)]
    pub fn latest_id(&self) -> Promise {
        let sessions = self.sessions.clone();
        promise(async move { sessions.latest_id().await.or_js() })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn resolve(&self, prefix: &JsValue) -> Promise {
        let prefix = boundary::text_of(prefix, "the prefix");
        let sessions = self.sessions.clone();
        promise(async move { sessions.resolve(&prefix?).await.or_js() })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn rename(&self, id: &JsValue, title: &JsValue) -> Promise {
        let (id, title) = (id_of(id), prose_of(title, "the title"));
        let sessions = self.sessions.clone();
        self.told("rename", &id.clone(), async move { done(sessions.rename(&id?, &title?).await) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn delete(&self, id: &JsValue) -> Promise {
        let id = id_of(id);
        let sessions = self.sessions.clone();
        self.told("delete", &id.clone(), async move { sessions.delete(&id?).await.or_js() })
    }

    #[wasm_bindgen(js_name = setAside, skip_typescript)]
    pub fn set_aside(&self, id: &JsValue) -> Promise {
        let id = id_of(id);
        let sessions = self.sessions.clone();
        self.told("setAside", &id.clone(), async move { sessions.set_aside(&id?).await.or_js() })
    }

    #[wasm_bindgen(js_name = pathsFor, skip_typescript)]
    pub fn paths_for(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        view_of(&SessionPaths::of(&id_of(id)?))
    }

    #[wasm_bindgen(js_name = usageByDay, skip_typescript)]
    pub fn usage_by_day(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "usageByDay");
        let sessions = self.sessions.clone();
        promise(async move {
            let options = options?;
            let (from, to) = (options.text("from").unwrap_or_default(), options.text("to"));
            view_of(&sessions.usage_by_day(&from, to.as_deref()).await.or_js()?)
        })
    }

    #[wasm_bindgen(js_name = clearPromptHistory, skip_typescript)]
    pub fn clear_prompt_history(&self) -> Promise {
        let sessions = self.sessions.clone();
        let nobody = Ok(String::new());
        self.told("clearPromptHistory", &nobody, async move { done(sessions.clear_prompt_history().await) })
    }

    #[wasm_bindgen(js_name = clearUsageByDay, skip_typescript)]
    pub fn clear_usage_by_day(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "usageByDay");
        let sessions = self.sessions.clone();
        self.told("clearUsageByDay", &Ok(String::new()), async move {
            let options = options?;
            let (from, to) = (options.text("from").unwrap_or_default(), options.text("to"));
            done(sessions.clear_usage_by_day(&from, to.as_deref()).await)
        })
    }

    #[wasm_bindgen(js_name = recipeStore, skip_typescript)]
    pub fn recipe_store(&self) -> JsRecipeStore {
        JsRecipeStore::new(self.sessions.recipes())
    }

    #[wasm_bindgen(js_name = exportFiles, skip_typescript)]
    pub fn export_files(&self, options: &JsValue) -> Promise {
        self.export(options, Target::Map)
    }

    #[wasm_bindgen(js_name = exportToDirectory, skip_typescript)]
    pub fn export_to_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        self.export(options, Target::Directory(directory.clone()))
    }

    #[wasm_bindgen(js_name = exportZip, skip_typescript)]
    pub fn export_zip(&self, options: &JsValue) -> Promise {
        self.export(options, Target::Zip)
    }

    #[wasm_bindgen(js_name = importFiles, skip_typescript)]
    pub fn import_files(&self, files: &JsValue, options: &JsValue) -> Promise {
        self.import(files, options, "files")
    }

    #[wasm_bindgen(js_name = importFromDirectory, skip_typescript)]
    pub fn import_from_directory(&self, directory: &JsValue, options: &JsValue) -> Promise {
        self.import(directory, options, "sessions")
    }

    #[wasm_bindgen(js_name = importZip, skip_typescript)]
    pub fn import_zip(&self, archive: &JsValue, options: &JsValue) -> Promise {
        self.import(archive, options, "zip")
    }
}

impl JsSessions {
    fn export(&self, options: &JsValue, target: Target) -> Promise {
        let ids = Options::of(options, "exportFiles").and_then(|options| ids_of(&options));
        let sessions = self.sessions.clone();
        promise(async move { hand_out(sessions.export_files(ids?).await.or_js()?, target).await })
    }

    fn import(&self, source: &JsValue, options: &JsValue, kind: &'static str) -> Promise {
        let existing = Options::of(options, "importFiles").map(|options| existing_of(&options));
        let (sessions, source) = (self.sessions.clone(), source.clone());
        self.told("import", &Ok(String::new()), async move {
            let existing = existing?;
            let files = take_in(&source, kind, &FILES).await?;
            let done = sessions.import_files(&files, existing).await.or_js()?;
            Ok(serde_wasm_bindgen::to_value(&done)?)
        })
    }
}

#[wasm_bindgen(js_name = RecipeStore, skip_typescript)]
#[derive(Debug)]
pub struct JsRecipeStore(Rc<Recipes>);

impl JsRecipeStore {
    pub(super) fn new(recipes: Recipes) -> Self {
        Self(Rc::new(recipes))
    }
}

#[wasm_bindgen(js_class = RecipeStore)]
impl JsRecipeStore {
    #[wasm_bindgen(skip_typescript)]
    pub fn put(&self, snapshot: &JsValue) -> Promise {
        let snapshot = record_of::<RecipeSnapshot>(snapshot, "snapshot");
        let recipes = self.0.clone();
        promise(async move { recipes.put(&snapshot?).await.or_js() })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn get(&self, hash: &JsValue) -> Promise {
        let hash = boundary::text_of(hash, "the hash");
        let recipes = self.0.clone();
        promise(async move { view_of(&recipes.get(&hash?).await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn list(&self) -> Promise {
        let recipes = self.0.clone();
        promise(async move { view_of(&recipes.list().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = hashesForName, skip_typescript)]
    pub fn hashes_for_name(&self, name: &JsValue) -> Promise {
        let name = boundary::text_of(name, "the name");
        let recipes = self.0.clone();
        promise(async move {
            let name = name?;
            let book = recipes.list().await.or_js()?;
            let hashes: Vec<String> =
                book.iter().filter(|(_, recipe)| recipe.name == name).map(|(hash, _)| hash.to_owned()).collect();
            boundary::array_of(&hashes)
        })
    }
}
