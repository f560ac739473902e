//! The records of sessions on their way in and out, and the functions on them that need no database.

use super::boundary::{self, OrJs as _, value_of};
use super::messages::content_text_of;
use crate::error::{Error, ErrorKind};
use crate::model::go_json::GoTime;
use crate::model::recipe::{Parsed, Recipe, lost_in_markdown, parse_markdown, to_markdown};
use crate::model::session::record::{Value, camel_case, from_view, to_view};
use crate::model::session::{
    Checkpoint, Event, Map, ModelResponse, ResponseSnapshot, Turn, keep_last, prompt_hash as hash_of,
    snapshot_from_partial as partial,
};
use crate::store::{Clock as _, Ids as _, RandomIds, SystemClock, session_id};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen(module = "/src/js/stores.js")]
extern "C" {
    fn collecting(events: &js_sys::Map, on_event: &JsValue) -> Function;
}

/// A record that JavaScript gave as `name`.
pub(super) fn record_of<V: Value + Default>(value: &JsValue, name: &str) -> Result<V, JsValue> {
    from_view(name, &content_text_of(value, name)?).or_js()
}

/// A record, or nothing where it is null or undefined.
pub(super) fn record_if_any<V: Value + Default>(value: &JsValue, name: &str) -> Result<Option<V>, JsValue> {
    if value.is_null() || value.is_undefined() { Ok(None) } else { record_of(value, name).map(Some) }
}

/// A record as JavaScript sees it.
pub(super) fn view_of(value: &dyn Value) -> Result<JsValue, JsValue> {
    value_of(&to_view(value))
}

/// A text of any length within the limit of values, such as a prompt.
pub(super) fn prose_of(value: &JsValue, name: &str) -> Result<String, JsValue> {
    if !value.is_string() {
        let message = format!("{name} has to be a string");
        return Err(super::errors::to_js(&Error::new(ErrorKind::InvalidArgument, message)));
    }
    record_of(value, name)
}

/// The texts of an iterable, or nothing where it is null or undefined.
pub(super) fn names_of(values: &JsValue, name: &str) -> Result<Option<Vec<String>>, JsValue> {
    if values.is_null() || values.is_undefined() { Ok(None) } else { boundary::strings_of(values, name).map(Some) }
}

pub(super) fn number_of(value: &JsValue, name: &str) -> Result<f64, JsValue> {
    value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| {
        super::errors::to_js(&Error::new(ErrorKind::InvalidArgument, format!("{name} has to be a finite number")))
    })
}

/// Events by model, of a [`Collector`] or as they are.
pub(super) fn events_of(events: &JsValue) -> Result<Map<Vec<Event>>, JsValue> {
    if events.is_undefined() {
        return Ok(Map::new());
    }
    let is_collector = Reflect::get(events, &"wrapOnEvent".into()).is_ok_and(|method| method.is_function());
    let gathered = if is_collector {
        Reflect::get(events, &"events".into())?.dyn_into::<Function>()?.call0(events)?
    } else {
        events.clone()
    };
    record_of(&gathered, "events")
}

#[wasm_bindgen(js_name = generateSessionId, skip_typescript)]
pub fn generate_session_id() -> String {
    session_id(&RandomIds.draw_at(SystemClock.now()))
}

#[wasm_bindgen(js_name = promptHash, skip_typescript)]
pub fn prompt_hash(prompt: &JsValue) -> Result<String, JsValue> {
    Ok(hash_of(&prose_of(prompt, "the prompt")?))
}

#[wasm_bindgen(js_name = trimHistory, skip_typescript)]
pub fn trim_history(turns: &JsValue, max_turns: &JsValue) -> Result<JsValue, JsValue> {
    let turns: Vec<Turn> = record_of(turns, "turns")?;
    let most = if max_turns.is_undefined() { None } else { Some(record_of::<i64>(max_turns, "maxTurns")?) };
    view_of(&keep_last(turns, most))
}

#[wasm_bindgen(js_name = responseSnapshot, skip_typescript)]
pub fn response_snapshot(response: &JsValue) -> Result<JsValue, JsValue> {
    view_of(&ResponseSnapshot::from_response(&record_of(response, "response")?))
}

#[wasm_bindgen(js_name = snapshotFromPartial, skip_typescript)]
pub fn snapshot_from_partial(response: &JsValue) -> Result<JsValue, JsValue> {
    view_of(&partial(&record_of(response, "response")?))
}

#[wasm_bindgen(js_name = modelResponse, skip_typescript)]
pub fn model_response(snapshot: &JsValue) -> Result<JsValue, JsValue> {
    view_of(&record_of::<ResponseSnapshot>(snapshot, "snapshot")?.to_response())
}

#[wasm_bindgen(js_name = buildCheckpoint, skip_typescript)]
pub fn build_checkpoint(
    prompt: &JsValue,
    adapter_ids: &JsValue,
    responses: &JsValue,
    verbose: &JsValue,
) -> Result<JsValue, JsValue> {
    let responses: Vec<ModelResponse> = record_of(responses, "responses")?;
    let ids = boundary::strings_of(adapter_ids, "adapterIds")?;
    let at = GoTime::from(SystemClock.now());
    let prompt = prose_of(prompt, "the prompt")?;
    view_of(&Checkpoint::build(&prompt, &ids, &responses, verbose.is_truthy(), at))
}

#[wasm_bindgen(js_name = parseRecipe, skip_typescript)]
pub fn parse_recipe(markdown: &JsValue) -> Result<JsValue, JsValue> {
    let Parsed { recipe, warnings } = parse_markdown(&prose_of(markdown, "the markdown")?).or_js()?;
    let parsed = Object::new();
    Reflect::set(&parsed, &"recipe".into(), &view_of(&recipe)?)?;
    Reflect::set(&parsed, &"warnings".into(), &boundary::array_of(&warnings)?)?;
    Ok(parsed.into())
}

#[wasm_bindgen(js_name = recipeMarkdown, skip_typescript)]
pub fn recipe_markdown(recipe: &JsValue) -> Result<String, JsValue> {
    Ok(to_markdown(&record_of(recipe, "recipe")?))
}

#[wasm_bindgen(js_name = lostInMarkdown, skip_typescript)]
pub fn lost_in_recipe_markdown(recipe: &JsValue) -> Result<JsValue, JsValue> {
    let lost: Vec<String> = lost_in_markdown(&record_of(recipe, "recipe")?).into_iter().map(camel_case).collect();
    boundary::array_of(&lost)
}

#[wasm_bindgen(js_name = defaultRecipe, skip_typescript)]
pub fn default_recipe() -> Result<JsValue, JsValue> {
    view_of(&Recipe::built_in())
}

#[wasm_bindgen(skip_typescript)]
#[derive(Debug, Default)]
pub struct Collector(js_sys::Map);

#[wasm_bindgen]
impl Collector {
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new() -> Self {
        Self::default()
    }

    #[wasm_bindgen(js_name = wrapOnEvent, skip_typescript)]
    pub fn wrap_on_event(&self, on_event: &JsValue) -> Function {
        collecting(&self.0, on_event)
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn events(&self, model_id: &JsValue) -> Result<JsValue, JsValue> {
        if model_id.is_undefined() {
            let all = js_sys::Map::new();
            self.0.for_each(&mut |events, model| drop(all.set(&model, &copy_of(&events))));
            return Object::from_entries(&all).map(Into::into);
        }
        let events = self.0.get(model_id);
        Ok(if events.is_undefined() { JsValue::NULL } else { copy_of(&events) })
    }
}

fn copy_of(events: &JsValue) -> JsValue {
    events.unchecked_ref::<js_sys::Array>().slice(0, u32::MAX).into()
}
