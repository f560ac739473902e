//! The stores: a thin asynchronous shell that reads once, lets [`model`](crate::model) decide, and commits once.

mod access_log;
mod calls;
mod clock;
mod data_store;
mod database;
mod documents;
mod key_locks;
mod saved;

pub use clock::{Clock, ManualClock, SystemClock};
pub use data_store::{DataStore, DataStoreOptions, Page};
pub use database::{Database, DatabaseOptions};
pub use saved::SavedDocuments;
