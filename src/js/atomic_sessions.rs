//! Changes of sessions, as parts of an atomic commit.

use super::atomic::JsAtomic;
use super::boundary::text_of;
use super::session_changes::{NewRun, NewStep, NewTurns, writes_of};
use super::session_records::number_of;
use crate::error::Result as Outcome;
use crate::store::SessionStore;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

impl JsAtomic {
    /// Has a session of this id changed when all is committed.
    fn in_session<C: 'static>(
        &self,
        id: &JsValue,
        change: C,
        make: fn(Rc<C>, SessionStore) -> LocalBoxFuture<'static, Outcome<()>>,
    ) -> Result<Self, JsValue> {
        let (id, user, change) = (text_of(id, "the session's id")?, self.user(), Rc::new(change));
        Ok(self.with(|atomic| {
            atomic.then(move |database| make(change.clone(), database.sessions(&user).open(&id)));
        }))
    }
}

#[wasm_bindgen(js_class = Atomic)]
impl JsAtomic {
    #[wasm_bindgen(js_name = appendHistories, skip_typescript)]
    pub fn append_histories(
        &self,
        session_id: &JsValue,
        panel_ids: &JsValue,
        responses: &JsValue,
        prompt: &JsValue,
    ) -> Result<JsAtomic, JsValue> {
        let turns = NewTurns::of(panel_ids, responses, prompt)?;
        self.in_session(session_id, turns, |turns, session| {
            Box::pin(async move { turns.append_to(&session).await.map(drop) })
        })
    }

    #[wasm_bindgen(js_name = persistRunState, skip_typescript)]
    pub fn persist_run_state(
        &self,
        session_id: &JsValue,
        prompt: &JsValue,
        responses: &JsValue,
        options: &JsValue,
    ) -> Result<JsAtomic, JsValue> {
        let run = NewRun::of(prompt, responses, options)?;
        self.in_session(session_id, run, |run, session| Box::pin(async move { run.persist_in(&session).await }))
    }

    #[wasm_bindgen(js_name = accumulateCost, skip_typescript)]
    pub fn accumulate_cost(
        &self,
        session_id: &JsValue,
        model_id: &JsValue,
        cost: &JsValue,
    ) -> Result<JsAtomic, JsValue> {
        let cost = (text_of(model_id, "the model's id")?, number_of(cost, "the cost")?);
        self.in_session(session_id, cost, |cost, session| {
            Box::pin(async move { session.accumulate_cost(&cost.0, cost.1).await })
        })
    }

    #[wasm_bindgen(js_name = pushRewindEntry, skip_typescript)]
    pub fn push_rewind_entry(&self, session_id: &JsValue, entry: &JsValue) -> Result<JsAtomic, JsValue> {
        let step = NewStep::of(entry)?;
        self.in_session(session_id, step, |step, session| Box::pin(async move { step.push_to(&session).await }))
    }

    #[wasm_bindgen(js_name = applyWrites, skip_typescript)]
    pub fn apply_writes(&self, session_id: &JsValue, writes: &JsValue) -> Result<JsAtomic, JsValue> {
        let writes = writes_of(writes)?;
        self.in_session(session_id, writes, |writes, session| {
            Box::pin(async move { session.apply_writes(&writes).await.map(drop) })
        })
    }

    #[wasm_bindgen(js_name = clearCheckpoint, skip_typescript)]
    pub fn clear_checkpoint(&self, session_id: &JsValue) -> Result<JsAtomic, JsValue> {
        self.in_session(session_id, (), |_, session| Box::pin(async move { session.clear_checkpoint().await }))
    }
}
