//! The README's figures are those of the code.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::model::limits::{MAX_BATCH_BYTES, MAX_DEPTH, MAX_KEY_BYTES, MAX_READ_BYTES, MAX_VALUE_BYTES};

#[test]
fn the_limits_are_stated_as_they_are() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let kib = |bytes: usize| bytes / 1024;
    for row in [
        format!("| user, namespace and key together | {} KiB in UTF-8 |", kib(MAX_KEY_BYTES)),
        format!("| one value with its metadata | {} MiB of JSON, {MAX_DEPTH} levels deep |", kib(kib(MAX_VALUE_BYTES))),
        format!(
            "| one call that writes, one export or import, a fork of a session | {} MiB |",
            kib(kib(MAX_BATCH_BYTES))
        ),
        format!("| one call that reads | {} MiB; `entries()` walks any amount |", kib(kib(MAX_READ_BYTES))),
    ] {
        assert!(readme.contains(&row), "the README lacks {row:?}");
    }
}
