//! The snapshot store's records and rules (`stores.md`, section A): whole JSON values in a hierarchy of scopes.

pub mod files;
pub mod names;
pub mod record;
pub mod rules;
