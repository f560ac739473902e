//! How the way to a database fares, and what its owner is told of.

use serde::Serialize;

/// Whether a database can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As far as is known.
    #[default]
    Open,
    /// Its connection was cut, and is being opened anew.
    Reconnecting,
    /// Everything that could be tried has failed. Each call tries again; a page that is loaded again may help.
    NeedsReload,
    /// It was deleted, or is another one than before. Only opening it anew begins anew.
    Gone,
    /// It was closed by its owner.
    Closed,
}

/// Where the connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// This page's or worker's own storage.
    #[default]
    Own,
    /// A fresh frame of this page, because its own storage is dead.
    Frame,
    /// A page that does it for this worker, whose storage is dead.
    Page,
}

/// How a database fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Whether it can be reached.
    pub state: State,
    /// Where its connection comes from.
    pub source: Source,
    /// How often it was connected anew since it was opened.
    pub reconnections: u32,
    /// Which database of its name it is: 1, and more where an earlier one could not be opened any more.
    pub generation: u32,
    /// What is known of data that the browser has lost, since it was opened.
    pub data_loss: Option<String>,
    /// Why the last attempt to connect failed, where it did.
    pub last_error: Option<String>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            state: State::Open,
            source: Source::Own,
            reconnections: 0,
            generation: 1,
            data_loss: None,
            last_error: None,
        }
    }
}

/// What an owner is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The browser has lost what was stored.
    DataLoss,
    /// A database can be neither opened nor deleted, and another one of its name took its place.
    Generation,
    /// The connection was cut, and there is a new one.
    Reconnected,
    /// There is no way to the storage from here any more.
    NeedsReload,
    /// The browser takes long for a call: another tab may be stopped in the middle of its own.
    Stalled,
}

impl EventKind {
    /// The name that JavaScript sees.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::Generation => "generation",
            Self::Reconnected => "reconnected",
            Self::NeedsReload => "needs-reload",
            Self::Stalled => "stalled",
        }
    }
}

/// Something that happened to a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// For people; may change.
    pub message: String,
}
