//! Our errors as JavaScript's.

use super::boundary;
use crate::backend::indexeddb::JsCause;
use crate::error::Error;
use std::error::Error as _;
use wasm_bindgen::JsValue;

/// The JavaScript error of ours, with the browser's own as its `cause`.
pub(super) fn to_js(error: &Error) -> JsValue {
    let cause = match error.source() {
        None => JsValue::UNDEFINED,
        Some(source) => match source.downcast_ref::<JsCause>() {
            Some(cause) => cause.0.clone(),
            None => js_sys::Error::new(&source.to_string()).into(),
        },
    };
    let kind = error.kind();
    let needed_bytes = error.needed_bytes().map(|bytes| bytes as f64);
    boundary::make_error(
        kind.code(),
        error.message(),
        kind.is_retryable(),
        kind.is_callers_mistake(),
        &cause,
        needed_bytes,
        error.is_unknown(),
    )
}
