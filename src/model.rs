//! The logic: keys, records, batches, and the rules of each store. Pure and synchronous: no async, no wasm, no clock,
//! no randomness.

pub mod access;
pub mod batch;
mod bytes;
pub mod chat;
pub(crate) mod codec;
pub mod combine;
pub mod content;
pub mod cursor;
pub mod data_record;
pub mod data_rules;
pub mod document;
pub(crate) mod file_stem;
pub mod find;
pub mod go_json;
pub mod hash;
pub mod import;
pub mod json;
pub mod keyspace;
pub mod limits;
pub mod map;
pub mod namespaces;
mod number;
pub mod py_json;
pub mod recipe;
pub(crate) mod repeats;
pub mod session;
pub mod snapshot;
pub(crate) mod sorting;
mod timestamp;
pub mod tuple;
pub mod zip;

pub use bytes::Bytes;
pub use timestamp::Timestamp;
