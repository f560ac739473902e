//! What the browser's errors mean.

use crate::error::{Error, ErrorKind, Result};
use indexed_db_futures::error::{Error as IdbError, OpenDbError};
use std::fmt;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::DomException;

/// The JavaScript error behind an [`Error`]; its [`source`](std::error::Error::source) downcasts to this.
#[derive(Debug, Clone)]
pub struct JsCause(pub JsValue);

impl fmt::Display for JsCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.dyn_ref::<DomException>() {
            Some(exception) => write!(f, "{}: {}", exception.name(), exception.message()),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl std::error::Error for JsCause {}

/// Turns a result of `indexed_db_futures` into ours.
pub(super) trait Failed<T> {
    fn failed(self, doing: &'static str) -> Result<T>;
}

impl<T> Failed<T> for Result<T, IdbError> {
    fn failed(self, doing: &'static str) -> Result<T> {
        self.map_err(|error| of_request(doing, error))
    }
}

impl<T> Failed<T> for Result<T, OpenDbError> {
    fn failed(self, doing: &'static str) -> Result<T> {
        self.map_err(|error| match error {
            OpenDbError::Base(error) => of_request(doing, error),
            _ => describe(ErrorKind::Unavailable, doing),
        })
    }
}

/// The failure of opening. The library says `VersionZero` whatever was thrown at once; our version is never zero, and what
/// else is thrown is the refusal of an origin without storage.
pub(super) fn of_opening(error: OpenDbError, thrown: impl FnOnce() -> Option<JsValue>) -> Error {
    let unavailable = describe(ErrorKind::Unavailable, "open the database");
    match error {
        OpenDbError::Base(error) => of_request("open the database", error),
        OpenDbError::VersionZero => match thrown() {
            Some(cause) => unavailable.caused_by(JsCause(cause)),
            None => unavailable,
        },
        _ => unavailable,
    }
}

/// The failure of beginning a transaction: an invalid state means that the connection is gone, and that nothing was sent.
pub(super) fn of_beginning(doing: &'static str, thrown: JsValue) -> Error {
    match thrown.dyn_ref::<DomException>() {
        Some(exception) if exception.name() == "InvalidStateError" => {
            describe(ErrorKind::ConnectionLost, doing).caused_by(JsCause(thrown))
        }
        _ => of_thrown(doing, thrown),
    }
}

/// The failure of a call that threw, or whose transaction was aborted. Where the browser does not say why, as WebKit does not for
/// a full disk, it is a failure of the storage all the same.
pub(super) fn of_thrown(doing: &'static str, thrown: JsValue) -> Error {
    match thrown.dyn_ref::<DomException>() {
        Some(exception) => of_exception(doing, exception),
        None => describe(ErrorKind::Storage, doing).caused_by(JsCause(thrown)),
    }
}

fn of_request(doing: &'static str, error: IdbError) -> Error {
    match error {
        IdbError::DomException(exception) => of_exception(doing, &exception.into()),
        IdbError::Unknown(error) => describe(ErrorKind::Storage, doing).caused_by(JsCause(error.into())),
        // What is left cannot come from IndexedDB as it is used here.
        _ => describe(ErrorKind::Storage, doing),
    }
}

pub(super) fn of_exception(doing: &'static str, exception: &DomException) -> Error {
    let kind = match exception.name().as_str() {
        "QuotaExceededError" => ErrorKind::QuotaExceeded,
        "ConstraintError" => ErrorKind::Conflict,
        "VersionError" => ErrorKind::NewerVersion,
        "SecurityError" | "NotAllowedError" => ErrorKind::Unavailable,
        "NotFoundError" => ErrorKind::Corrupt,
        "TimeoutError" => ErrorKind::Timeout,
        _ => ErrorKind::Storage,
    };
    describe(kind, doing).caused_by(JsCause(exception.clone().into()))
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
