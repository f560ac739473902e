//! What an AI agent or a chat application in the browser has to remember, in the user's own browser.
//!
//! Layers, each using only those below it:
//!
//! - `js`: the exports to JavaScript (WebAssembly only)
//! - [`store`]: the stores; reads once, lets the model decide, commits once
//! - [`backend`]: where entries are kept: memory, IndexedDB
//! - [`model`]: the logic, pure and synchronous
//!
//! [`store::Database`] is where a Rust application begins.

pub mod backend;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
#[cfg(all(target_arch = "wasm32", feature = "js"))]
mod js;
pub mod model;
pub mod store;

pub use error::{Error, ErrorKind, Result};
pub use model::json::Json;
