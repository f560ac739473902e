//! The class `SessionStore`: what a session is, what was said in it, and what it works with.

use super::boundary::{self, OrJs as _, array_of, promise};
use super::options::Options;
use super::session_changes::{NewRun, NewStep, NewTurns};
use super::session_records::{names_of, number_of, prose_of, record_if_any, record_of, view_of};
use super::sessions::JsRecipeStore;
use crate::error::Result as Outcome;
use crate::model::session::{Checkpoint, FileSnapshot, Histories, Map, ResponseSnapshot, SelectionParams};
use crate::store::SessionStore;
use js_sys::{Function, Promise};
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    pub(super) fn warned(changing: &Promise, on_warning: &JsValue, method: &str, session_id: &str);
}

#[wasm_bindgen(js_name = SessionStore, skip_typescript)]
#[derive(Debug, Clone)]
pub struct JsSessionStore {
    pub(super) store: Rc<SessionStore>,
    pub(super) on_warning: JsValue,
}

impl JsSessionStore {
    pub(super) fn new(store: SessionStore, on_warning: JsValue) -> Self {
        Self { store: Rc::new(store), on_warning }
    }

    /// The promise of a change, of which the caller is told where it fails.
    pub(super) fn told<T: Into<JsValue>>(
        &self,
        method: &str,
        changing: impl Future<Output = Result<T, JsValue>> + 'static,
    ) -> Promise {
        let changing = promise(changing);
        warned(&changing, &self.on_warning, method, self.store.session_id());
        changing
    }
}

/// What a change resolves to that has nothing to say.
pub(super) fn done(outcome: Outcome<()>) -> Result<JsValue, JsValue> {
    outcome.or_js().map(|()| JsValue::UNDEFINED)
}

#[wasm_bindgen(js_class = SessionStore)]
impl JsSessionStore {
    #[wasm_bindgen(js_name = sessionId, skip_typescript)]
    pub fn session_id(&self) -> String {
        self.store.session_id().to_owned()
    }

    #[wasm_bindgen(js_name = metadataPath, skip_typescript)]
    pub fn metadata_path(&self) -> String {
        self.store.paths().metadata_path
    }

    #[wasm_bindgen(js_name = contentPath, skip_typescript)]
    pub fn content_path(&self) -> String {
        self.store.paths().content_path
    }

    #[wasm_bindgen(js_name = checkpointPath, skip_typescript)]
    pub fn checkpoint_path(&self) -> String {
        self.store.paths().checkpoint_path
    }

    #[wasm_bindgen(js_name = sessionRecipePath, skip_typescript)]
    pub fn session_recipe_path(&self) -> String {
        self.store.paths().recipe_path
    }

    #[wasm_bindgen(js_name = sessionsDir, skip_typescript)]
    pub fn sessions_dir(&self) -> String {
        crate::model::session::files::SESSIONS.to_owned()
    }

    #[wasm_bindgen(js_name = recipesDir, skip_typescript)]
    pub fn recipes_dir(&self) -> String {
        crate::model::session::files::RECIPE_FILES.to_owned()
    }

    #[wasm_bindgen(js_name = saveInitialMeta, skip_typescript)]
    pub fn save_initial_meta(&self) -> Promise {
        let store = self.store.clone();
        self.told("saveInitialMeta", async move { done(store.save_initial_meta().await) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn metadata(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.metadata().await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn content(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.content().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = accumulateCost, skip_typescript)]
    pub fn accumulate_cost(&self, model_id: &JsValue, cost: &JsValue) -> Promise {
        let (model, cost) = (boundary::text_of(model_id, "the model's id"), number_of(cost, "the cost"));
        let store = self.store.clone();
        self.told("accumulateCost", async move { done(store.accumulate_cost(&model?, cost?).await) })
    }

    #[wasm_bindgen(js_name = totalCost, skip_typescript)]
    pub fn total_cost(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.total_cost().await.or_js() })
    }

    #[wasm_bindgen(js_name = costPerModel, skip_typescript)]
    pub fn cost_per_model(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.cost_per_model().await.or_js()?) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn histories(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.histories().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = appendHistories, skip_typescript)]
    pub fn append_histories(&self, panel_ids: &JsValue, responses: &JsValue, prompt: &JsValue) -> Promise {
        let turns = NewTurns::of(panel_ids, responses, prompt);
        let store = self.store.clone();
        self.told("appendHistories", async move { view_of(&turns?.append_to(&store).await.or_js()?) })
    }

    #[wasm_bindgen(js_name = setHistories, skip_typescript)]
    pub fn set_histories(&self, histories: &JsValue) -> Promise {
        let histories = record_if_any::<Histories>(histories, "histories");
        let store = self.store.clone();
        self.told("setHistories", async move { done(store.set_histories(histories?.as_ref()).await) })
    }

    #[wasm_bindgen(js_name = truncateHistories, skip_typescript)]
    pub fn truncate_histories(&self, lengths: &JsValue) -> Promise {
        let lengths = record_of::<Map<i64>>(lengths, "lengths");
        let store = self.store.clone();
        self.told("truncateHistories", async move { done(store.truncate_histories(&lengths?).await) })
    }

    #[wasm_bindgen(js_name = clearHistories, skip_typescript)]
    pub fn clear_histories(&self) -> Promise {
        let store = self.store.clone();
        self.told("clearHistories", async move { done(store.clear_histories().await) })
    }

    #[wasm_bindgen(js_name = promptHistory, skip_typescript)]
    pub fn prompt_history(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.prompt_history().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = recordPrompt, skip_typescript)]
    pub fn record_prompt(&self, prompt: &JsValue) -> Promise {
        let prompt = prose_of(prompt, "the prompt");
        let store = self.store.clone();
        self.told("recordPrompt", async move { store.record_prompt(&prompt?).await.or_js() })
    }

    #[wasm_bindgen(js_name = persistRunState, skip_typescript)]
    pub fn persist_run_state(&self, prompt: &JsValue, responses: &JsValue, options: &JsValue) -> Promise {
        let run = NewRun::of(prompt, responses, options);
        let store = self.store.clone();
        self.told("persistRunState", async move { done(run?.persist_in(&store).await) })
    }

    #[wasm_bindgen(js_name = updateLastRunNote, skip_typescript)]
    pub fn update_last_run_note(&self, note: &JsValue) -> Promise {
        let note = prose_of(note, "the note");
        let store = self.store.clone();
        self.told("updateLastRunNote", async move { done(store.update_last_run_note(&note?).await) })
    }

    #[wasm_bindgen(js_name = recordSelection, skip_typescript)]
    pub fn record_selection(&self, selection: &JsValue) -> Promise {
        let selection = record_of::<SelectionParams>(selection, "selection");
        let store = self.store.clone();
        self.told("recordSelection", async move { done(store.record_selection(&selection?).await) })
    }

    #[wasm_bindgen(js_name = pushRewindEntry, skip_typescript)]
    pub fn push_rewind_entry(&self, entry: &JsValue) -> Promise {
        let step = NewStep::of(entry);
        let store = self.store.clone();
        self.told("pushRewindEntry", async move { done(step?.push_to(&store).await) })
    }

    #[wasm_bindgen(js_name = pushFileSnapshots, skip_typescript)]
    pub fn push_file_snapshots(&self, snapshots: &JsValue) -> Promise {
        let snapshots = record_if_any::<Vec<FileSnapshot>>(snapshots, "snapshots");
        let store = self.store.clone();
        self.told("pushFileSnapshots", async move { done(store.push_file_snapshots(snapshots?.as_deref()).await) })
    }

    #[wasm_bindgen(js_name = loadCheckpoint, skip_typescript)]
    pub fn load_checkpoint(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.load_checkpoint().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = saveCheckpoint, skip_typescript)]
    pub fn save_checkpoint(&self, checkpoint: &JsValue) -> Promise {
        let checkpoint = record_of::<Checkpoint>(checkpoint, "checkpoint");
        let store = self.store.clone();
        self.told("saveCheckpoint", async move { done(store.save_checkpoint(&checkpoint?).await) })
    }

    #[wasm_bindgen(js_name = clearCheckpoint, skip_typescript)]
    pub fn clear_checkpoint(&self) -> Promise {
        let store = self.store.clone();
        self.told("clearCheckpoint", async move { done(store.clear_checkpoint().await) })
    }

    #[wasm_bindgen(js_name = incrementalSaver, skip_typescript)]
    pub fn incremental_saver(
        &self,
        prompt: &JsValue,
        adapter_ids: &JsValue,
        options: &JsValue,
    ) -> Result<IncrementalSaver, JsValue> {
        let verbose = Options::of(options, "incrementalSaver")?.flag("verbose").unwrap_or_default();
        let prompt = prose_of(prompt, "the prompt")?;
        let ids = boundary::strings_of(adapter_ids, "adapterIds")?;
        let saver = Rc::new(self.store.incremental_saver(&prompt, &ids, verbose));
        Ok(IncrementalSaver { saver, session: self.clone() })
    }

    #[wasm_bindgen(js_name = baseRecipe, skip_typescript)]
    pub fn base_recipe(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.base_recipe().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = sessionRecipe, skip_typescript)]
    pub fn session_recipe(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.session_recipe().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = activeRecipe, skip_typescript)]
    pub fn active_recipe(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.active_recipe().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = setSessionRecipe, skip_typescript)]
    pub fn set_session_recipe(&self, recipe: &JsValue) -> Promise {
        let recipe = record_if_any(recipe, "recipe");
        let store = self.store.clone();
        self.told("setSessionRecipe", async move { done(store.set_session_recipe(recipe?.as_ref()).await) })
    }

    #[wasm_bindgen(js_name = lastActiveTools, skip_typescript)]
    pub fn last_active_tools(&self) -> Promise {
        let store = self.store.clone();
        promise(
            async move { store.last_active_tools().await.or_js()?.map_or(Ok(JsValue::NULL), |names| array_of(&names)) },
        )
    }

    #[wasm_bindgen(js_name = setLastActiveTools, skip_typescript)]
    pub fn set_last_active_tools(&self, names: &JsValue) -> Promise {
        let names = names_of(names, "names");
        let store = self.store.clone();
        self.told("setLastActiveTools", async move { done(store.set_last_active_tools(names?.as_deref()).await) })
    }

    #[wasm_bindgen(js_name = buildRecipeSnapshot, skip_typescript)]
    pub fn build_recipe_snapshot(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { view_of(&store.build_recipe_snapshot().await.or_js()?) })
    }

    #[wasm_bindgen(js_name = recipeHash, skip_typescript)]
    pub fn recipe_hash(&self) -> Promise {
        let store = self.store.clone();
        self.told("recipeHash", async move { store.recipe_hash().await.or_js() })
    }

    #[wasm_bindgen(js_name = recipeNameLookup, skip_typescript)]
    pub fn recipe_name_lookup(&self) -> Function {
        let recipes = Rc::new(self.store.recipes());
        let look_up = Closure::<dyn Fn(JsValue) -> Promise>::new(move |hash: JsValue| {
            let (recipes, hash) = (recipes.clone(), boundary::text_of(&hash, "the hash"));
            promise(async move { Ok(recipes.get(&hash?).await.or_js()?.map(|recipe| recipe.name).unwrap_or_default()) })
        });
        look_up.into_js_value().unchecked_into()
    }

    #[wasm_bindgen(js_name = recipeStore, skip_typescript)]
    pub fn recipe_store(&self) -> JsRecipeStore {
        JsRecipeStore::new(self.store.recipes())
    }
}

#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct IncrementalSaver {
    saver: Rc<crate::store::session::IncrementalSaver>,
    session: JsSessionStore,
}

#[wasm_bindgen]
impl IncrementalSaver {
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self, model_id: &JsValue, snapshot: &JsValue) -> Promise {
        self.keep("update", model_id, snapshot, false)
    }

    #[wasm_bindgen(js_name = markCompleted, skip_typescript)]
    pub fn mark_completed(&self, model_id: &JsValue, snapshot: &JsValue) -> Promise {
        self.keep("markCompleted", model_id, snapshot, true)
    }
}

impl IncrementalSaver {
    fn keep(&self, method: &str, model_id: &JsValue, snapshot: &JsValue, is_completed: bool) -> Promise {
        let model = boundary::text_of(model_id, "the model's id");
        let snapshot = record_of::<ResponseSnapshot>(snapshot, "snapshot");
        let saver = self.saver.clone();
        self.session.told(method, async move {
            let (model, mut snapshot) = (model?, snapshot?);
            snapshot.completed |= is_completed;
            done(saver.update(&model, snapshot).await)
        })
    }
}
