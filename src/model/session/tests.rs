//! The records against the files that the original wrote.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod files;
mod goldens;
mod random;
mod views;
