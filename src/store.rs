//! The stores: a thin asynchronous shell that reads once, lets [`model`](crate::model) decide, and commits once.

mod access_log;
mod atomic;
mod calls;
pub mod chat;
mod clock;
mod data_store;
mod data_watch;
mod database;
mod documents;
mod expiry;
mod ids;
mod key_locks;
mod listing;
mod namespaces;
mod presence;
mod saved;
pub mod session;
mod snapshot;
mod updates;
mod watch;

pub use atomic::Atomic;
pub use chat::{MessageStore, MessageStoreOptions};
pub use clock::{Clock, ManualClock, SystemClock};
pub use data_store::{DataStore, DataStoreOptions};
pub use data_watch::{DataChange, DataChanges, DataWatch, Watched};
pub use database::{Database, DatabaseOptions};
pub use expiry::{Expires, Sweeper};
pub use ids::{CountedIds, Ids, RandomIds};
pub use listing::{ListOptions, Listed, Listing};
pub use presence::{LocalPresence, Presence, Present};
pub use saved::SavedDocuments;
pub use session::{SessionStore, Sessions, session_id};
pub use snapshot::{SnapshotStore, SnapshotStoreOptions};
pub use watch::WatchEnd;
