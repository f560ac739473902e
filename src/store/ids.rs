//! Where ids come from.

use crate::model::Timestamp;
use std::cell::Cell;

/// A source of ids that nobody else will draw. Injected, so that tests can say which they are.
pub trait Ids {
    /// The next one.
    fn draw(&self) -> String;

    /// One that comes after those that were drawn at earlier times, to the millisecond, where that can be told from an id.
    fn draw_at(&self, at: Timestamp) -> String {
        let _ = at;
        self.draw()
    }
}

/// Random UUIDs (version 4), lower-case, with hyphens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn draw(&self) -> String {
        uuid::Uuid::new_v4().hyphenated().to_string()
    }

    /// A UUID of version 7.
    fn draw_at(&self, at: Timestamp) -> String {
        let random = uuid::Uuid::new_v4().into_bytes();
        // The bytes that a version 4 has no marks in.
        let [a, b, c, d, e, f, _, g, _, h, i, j, k, ..] = random;
        let millis = at.as_micros().max(0).cast_unsigned() / 1_000;
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j ^ k]);
        id.into_uuid().hyphenated().to_string()
    }
}

/// Ids that count: `id-1`, `id-2` and so on.
#[derive(Debug, Clone, Default)]
pub struct CountedIds(Cell<u64>);

impl Ids for CountedIds {
    fn draw(&self) -> String {
        self.0.set(self.0.get() + 1);
        format!("id-{}", self.0.get())
    }
}
