//! What the browser's errors mean. They may come from a frame, so they are told by their name and not by their class.

use crate::error::{Error, ErrorKind};
use js_sys::Reflect;
use std::fmt;
use wasm_bindgen::JsValue;

/// The JavaScript error behind an [`Error`]; its [`source`](std::error::Error::source) downcasts to this.
#[derive(Debug, Clone)]
pub struct JsCause(pub JsValue);

impl fmt::Display for JsCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (said(&self.0, "name"), said(&self.0, "message")) {
            (Some(name), Some(message)) => write!(f, "{name}: {message}"),
            _ => write!(f, "{:?}", self.0),
        }
    }
}

impl std::error::Error for JsCause {}

/// A text of an error.
fn said(error: &JsValue, member: &str) -> Option<String> {
    Reflect::get(error, &JsValue::from_str(member)).ok()?.as_string()
}

fn name_of(thrown: &JsValue) -> String {
    said(thrown, "name").unwrap_or_default()
}

/// The failure of sending a burst, of which nothing was sent: an invalid state means that the connection is gone.
pub(super) fn of_sending(doing: &'static str, thrown: JsValue) -> Error {
    match name_of(&thrown).as_str() {
        "InvalidStateError" => describe(ErrorKind::ConnectionLost, doing).caused_by(JsCause(thrown)),
        _ => of_thrown(doing, thrown),
    }
}

/// The failure of a call that threw, or whose transaction was aborted. Where the browser does not say why, as WebKit does not for
/// a full disk, it is a failure of the storage all the same.
pub(super) fn of_thrown(doing: &'static str, thrown: JsValue) -> Error {
    let kind = match name_of(&thrown).as_str() {
        "QuotaExceededError" => ErrorKind::QuotaExceeded,
        "ConstraintError" => ErrorKind::Conflict,
        "VersionError" => ErrorKind::NewerVersion,
        "SecurityError" | "NotAllowedError" => ErrorKind::Unavailable,
        "NotFoundError" => ErrorKind::Corrupt,
        "TimeoutError" => ErrorKind::Timeout,
        _ => ErrorKind::Storage,
    };
    describe(kind, doing).caused_by(JsCause(thrown))
}

/// The failure of a commit that the browser has taken back, or says so: only where it was refused for what it wanted is that
/// certain. Else the process that keeps the data may have died between the commit and its answer.
pub(super) fn of_commit(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Storage | ErrorKind::Corrupt | ErrorKind::Unavailable => error.of_kind(ErrorKind::ConnectionLost),
        _ => error,
    }
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database is closed")
}

fn describe(kind: ErrorKind, doing: &'static str) -> Error {
    let what = match kind {
        ErrorKind::QuotaExceeded => "the origin's storage is full; nothing was written",
        ErrorKind::NewerVersion => {
            "the database was written by a newer version of this software; it was left untouched"
        }
        ErrorKind::ConnectionLost => "the connection to the database is gone",
        ErrorKind::Unavailable => "IndexedDB is not available here",
        ErrorKind::Corrupt => "the database lacks its object stores",
        ErrorKind::Conflict => "another writer was faster",
        ErrorKind::Timeout => "the browser did not answer in time",
        _ => "the browser's storage failed",
    };
    Error::new(kind, what).at(format_args!("could not {doing}"))
}
