//! When the page is hidden.

use js_sys::Function;
use std::fmt;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = whenHidden)]
    fn when_hidden(callback: &Closure<dyn FnMut()>) -> Function;
}

/// Calls back whenever the page is hidden, until it is dropped.
pub(crate) struct WhenHidden {
    end: Function,
    _callback: Closure<dyn FnMut()>,
}

impl WhenHidden {
    pub(crate) fn new(callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::new(callback);
        Self { end: when_hidden(&callback), _callback: callback }
    }
}

impl Drop for WhenHidden {
    fn drop(&mut self) {
        // Removing a listener does not fail.
        let _ = self.end.call0(&JsValue::UNDEFINED);
    }
}

impl fmt::Debug for WhenHidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WhenHidden")
    }
}
