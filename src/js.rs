//! The exports to JavaScript: the only place where `JsValue`s and stores meet.
//!
//! Values cross as JSON text. They are checked in `boundary.js` before they cross, and made by `JSON.parse` on the way
//! back, which keeps a member called `__proto__` a member. Arguments are taken at the time of the call; every failure of
//! an asynchronous call is a rejection.

#![allow(
    unreachable_pub,
    missing_docs,
    reason = "exports have to be `pub`, and are documented for their readers in types.d.ts"
)]

mod atomic;
mod atomic_sessions;
mod boundary;
mod bytes;
mod data_store;
mod database;
mod errors;
mod find;
mod listing;
mod message_store;
mod message_stream;
mod messages;
mod options;
mod portable;
mod presence;
mod provider;
mod session_changes;
mod session_records;
mod session_store;
mod session_ways;
mod sessions;
mod snapshot_store;
mod watch;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("js/types.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const HEALTH_TYPES: &str = include_str!("js/health.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const ATOMIC_TYPES: &str = include_str!("js/atomic.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const WATCHING_TYPES: &str = include_str!("js/watching.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const FIND_TYPES: &str = include_str!("js/find.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const BYTES_TYPES: &str = include_str!("js/bytes.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const LISTING_TYPES: &str = include_str!("js/listing.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const MESSAGE_TYPES: &str = include_str!("js/messages.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const PORTABLE_TYPES: &str = include_str!("js/portable.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const SNAPSHOT_TYPES: &str = include_str!("js/snapshots.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const SESSION_TYPES: &str = include_str!("js/sessions.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const SESSION_RECORD_TYPES: &str = include_str!("js/session_records.d.ts");
