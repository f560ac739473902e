//! Who is still there, of all pages and workers of the origin.

use crate::backend::indexeddb::JsCause;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{LocalPresence, Presence, Present};
use async_trait::async_trait;
use js_sys::{Function, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = hasLocks)]
    fn has_locks() -> bool;
    fn share(name: &str) -> Promise;
    #[wasm_bindgen(js_name = isHeld)]
    fn is_held(name: &str) -> Promise;
}

/// What this page has: Web Locks, or else only what it knows of itself. Then a message that another page is writing looks
/// interrupted until it is whole.
pub(super) fn of_page() -> Rc<dyn Presence> {
    if has_locks() { Rc::new(Locks) } else { Rc::new(LocalPresence) }
}

struct Locks;

fn lock(name: &str) -> String {
    format!("agent-datastore writer:{name}")
}

#[async_trait(?Send)]
impl Presence for Locks {
    async fn enter(&self, name: &str) -> Result<Present> {
        let release = JsFuture::from(share(&lock(name))).await.map_err(failed)?;
        Ok(Present::new(move || {
            if let Some(release) = release.dyn_ref::<Function>() {
                // Releasing a lock does not fail.
                let _ = release.call0(&JsValue::UNDEFINED);
            }
        }))
    }

    async fn is_there(&self, name: &str) -> Result<bool> {
        Ok(JsFuture::from(is_held(&lock(name))).await.map_err(failed)?.is_truthy())
    }
}

fn failed(cause: JsValue) -> Error {
    Error::new(ErrorKind::Storage, "the browser refused a lock").caused_by(JsCause(cause))
}
