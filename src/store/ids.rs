//! Where ids come from.

use std::cell::Cell;

/// A source of ids that nobody else will draw. Injected, so that tests can say which they are.
pub trait Ids {
    /// The next one.
    fn draw(&self) -> String;
}

/// Random UUIDs (version 4), lower-case, with hyphens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn draw(&self) -> String {
        uuid::Uuid::new_v4().hyphenated().to_string()
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
