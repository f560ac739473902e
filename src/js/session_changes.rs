//! Changes of a session as JavaScript gives them: `SessionStore` makes them, and `Atomic` gathers them.

use super::boundary;
use super::options::Options;
use super::session_records::{events_of, names_of, prose_of, record_of};
use crate::error::Result as Outcome;
use crate::model::session::{Event, FileWrite, Map, ModelResponse, RewindEntry};
use crate::store::SessionStore;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A run's prompt and answers, for the histories of a panel.
#[derive(Debug)]
pub(super) struct NewTurns {
    panel: Vec<String>,
    responses: Vec<ModelResponse>,
    prompt: String,
}

impl NewTurns {
    pub(super) fn of(panel: &JsValue, responses: &JsValue, prompt: &JsValue) -> Result<Self, JsValue> {
        Ok(Self {
            panel: boundary::strings_of(panel, "panelIds")?,
            responses: record_of(responses, "responses")?,
            prompt: prose_of(prompt, "the prompt")?,
        })
    }

    pub(super) async fn append_to(&self, store: &SessionStore) -> Outcome<Map<i64>> {
        store.append_histories(&self.panel, &self.responses, &self.prompt).await
    }
}

/// A run with what happened in it.
#[derive(Debug)]
pub(super) struct NewRun {
    prompt: String,
    responses: Vec<ModelResponse>,
    events: Map<Vec<Event>>,
    tools: Option<Vec<String>>,
}

impl NewRun {
    pub(super) fn of(prompt: &JsValue, responses: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let options = Options::of(options, "persistRunState")?;
        Ok(Self {
            prompt: prose_of(prompt, "the prompt")?,
            responses: record_of(responses, "responses")?,
            events: events_of(&options.get("events"))?,
            tools: names_of(&options.get("tools"), "tools")?,
        })
    }

    pub(super) async fn persist_in(&self, store: &SessionStore) -> Outcome<()> {
        store.persist_run_state(&self.prompt, &self.responses, &self.events, self.tools.as_deref()).await
    }
}

/// A step of the way back.
#[derive(Debug)]
pub(super) struct NewStep {
    entry: RewindEntry,
    /// One that is left out is that of the last run, which is known only when the entry is stored.
    has_index: bool,
}

impl NewStep {
    pub(super) fn of(entry: &JsValue) -> Result<Self, JsValue> {
        let has_index = Reflect::get(entry, &"feedIndex".into()).is_ok_and(|member| !member.is_undefined());
        Ok(Self { entry: record_of(entry, "entry")?, has_index })
    }

    pub(super) async fn push_to(&self, store: &SessionStore) -> Outcome<()> {
        match self.has_index {
            true => store.push_rewind_entry(&self.entry).await,
            false => store.push_rewind_entry_of_last_run(&self.entry).await,
        }
    }
}

/// Writes of files.
pub(super) fn writes_of(writes: &JsValue) -> Result<Vec<FileWrite>, JsValue> {
    record_of(writes, "writes")
}
