//! The one error type of the crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::rc::Rc;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. [`ErrorKind::code`] is the stable name that JavaScript sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An option or argument has the wrong type, name or value.
    InvalidArgument,
    /// A key, user or namespace is not a well-formed string.
    InvalidKey,
    /// A value or its metadata is not JSON, or does not fit; a cursor is none, or that of another listing.
    InvalidValue,
    /// An imported document is not one of this store, or belongs to another user.
    InvalidDocument,
    /// A key, value or batch is larger than [`crate::model::limits`] allow.
    LimitExceeded,
    /// There is no such conversation, message, version of a snapshot or session.
    NotFound,
    /// Nothing is saved under the key of a snapshot.
    KeyNotFound,
    /// There is one of that id already.
    AlreadyExists,
    /// Other writers changed the same keys again and again; nothing was written.
    Conflict,
    /// The database was closed by its owner.
    Closed,
    /// There is no such storage here: no IndexedDB, or the browser denies it.
    Unavailable,
    /// Another tab holds an old version of the database open and does not let go.
    Blocked,
    /// The browser did not answer in time.
    Timeout,
    /// The database was written by a newer version of this software; it was left untouched.
    NewerVersion,
    /// The browser cut the connection, and opening it anew did not help. Where that happened to a change of which nobody can
    /// tell whether it took effect, the message says so.
    ConnectionLost,
    /// The database was deleted while it was open, or is not there where it has to be.
    DataLoss,
    /// The origin's quota or the disk is full. The whole call was rejected. Reads go on; a deletion takes a few
    /// bytes in the log, and goes on as far as there is room for them.
    QuotaExceeded,
    /// What keeps conversations elsewhere failed. A change that was to be handed over to it is made all the same.
    Provider,
    /// A stored record cannot be decoded.
    Corrupt,
    /// The browser's storage failed in some other way; see the source.
    Storage,
}

impl ErrorKind {
    /// The stable name of the kind. Never renamed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::InvalidKey => "INVALID_KEY",
            Self::InvalidValue => "INVALID_VALUE",
            Self::InvalidDocument => "INVALID_DOCUMENT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::KeyNotFound => "KEY_NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Conflict => "CONFLICT",
            Self::Closed => "CLOSED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Blocked => "BLOCKED",
            Self::Timeout => "TIMEOUT",
            Self::NewerVersion => "NEWER_VERSION",
            Self::ConnectionLost => "CONNECTION_LOST",
            Self::DataLoss => "DATA_LOSS",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::Provider => "PROVIDER",
            Self::Corrupt => "CORRUPT",
            Self::Storage => "STORAGE",
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Conflict | Self::Blocked | Self::Timeout | Self::ConnectionLost | Self::Storage)
    }

    /// Whether a change that failed so may have taken effect all the same.
    #[must_use]
    pub const fn is_uncertain(self) -> bool {
        matches!(self, Self::Timeout | Self::ConnectionLost)
    }

    /// Whether the caller's own argument is at fault, which JavaScript reports as a `TypeError`.
    #[must_use]
    pub const fn is_callers_mistake(self) -> bool {
        matches!(self, Self::InvalidArgument | Self::InvalidKey | Self::InvalidValue | Self::InvalidDocument)
    }
}

/// An error with its kind, a message for people, and the original cause where there was one.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Rc<dyn StdError + 'static>>,
    needed_bytes: Option<u64>,
    is_unknown: bool,
    is_unsent: bool,
}

impl Error {
    /// An error of the given kind. The message is for people and may change.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None, needed_bytes: None, is_unknown: false, is_unsent: false }
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + 'static) -> Self {
        self.source = Some(Rc::new(source));
        self
    }

    /// Says where it happened, in front of the message.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message).into();
        self
    }

    /// The same error as one of another kind.
    #[must_use]
    pub(crate) const fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// Says how much room a call needed that did not get it. Bytes.
    #[cfg(target_arch = "wasm32")]
    #[must_use]
    pub(crate) const fn needing(mut self, bytes: u64) -> Self {
        self.needed_bytes = Some(bytes);
        self
    }

    /// How much room the call needed, where there was not enough. Bytes.
    #[must_use]
    pub const fn needed_bytes(&self) -> Option<u64> {
        self.needed_bytes
    }

    /// Says that nobody knows whether the change took effect.
    #[must_use]
    pub(crate) fn of_unknown_outcome(mut self) -> Self {
        self.is_unknown = true;
        self.at("whether it took effect is not known")
    }

    /// Whether the change may have taken effect all the same, and nobody can tell.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// Says that nothing of the change was sent.
    #[cfg(target_arch = "wasm32")]
    #[must_use]
    pub(crate) const fn of_unsent(mut self) -> Self {
        self.is_unsent = true;
        self
    }

    /// Whether a write that failed so may have taken effect all the same.
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        self.kind.is_uncertain() && !self.is_unsent
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, without the cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.kind.code())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref()
    }
}
