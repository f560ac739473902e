//! The message store's records and rules (`stores.md`, section C): conversations, messages, actions.

pub mod action;
pub mod archive;
pub mod block;
pub mod content;
pub mod conversation;
mod fields;
pub mod files;
mod iso;
pub mod lines;
pub mod message;
mod moment;
pub mod page;
pub mod query;
mod records;
pub mod rules;
pub mod segment;
pub mod tree;
pub mod usage;
pub mod words;

pub use moment::Moment;

use super::codec::{Reader, damaged};
use super::data_record::Metadata;
use super::json::Json;
use super::timestamp::Timestamp;
use crate::error::Result;

fn time(reader: &mut Reader<'_>) -> Result<Timestamp> {
    Timestamp::from_micros(reader.number()?.cast_signed()).map_err(|_| damaged())
}

/// Metadata behind its length; an empty text stands for no members.
fn read_metadata(reader: &mut Reader<'_>) -> Result<Metadata> {
    match reader.text()? {
        "" => Ok(Metadata::empty()),
        text => Metadata::new(Json::trusted(text.to_owned())).map_err(|_| damaged()),
    }
}

fn text_of(metadata: &Metadata) -> &str {
    if metadata.is_empty() { "" } else { metadata.as_json().as_str() }
}
