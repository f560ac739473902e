//! The keys of the snapshot store.

use super::damaged;
use crate::error::Result;
use crate::model::batch::ReadRange;
use crate::model::tuple::{Element, Key};

const SNAPSHOT: u64 = 20;
const PAST: u64 = 21;
const CONTENT: u64 = 22;

/// What the next element of a path is: the last one, or a scope.
const LEAF: u64 = 0;
const BELOW: u64 = 1;

/// A place in one user's hierarchy of snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SnapshotScope {
    /// The user. Any text.
    pub user: String,
    /// The scopes from the top. Any texts but the empty one.
    pub path: Vec<String>,
}

impl SnapshotScope {
    /// The scope that is so far below this one. Empty scopes are passed over.
    #[must_use]
    pub fn below(&self, path: &[String]) -> Self {
        let mut below = self.clone();
        below.path.extend(path.iter().filter(|scope| !scope.is_empty()).cloned());
        below
    }

    /// The key of a snapshot.
    #[must_use]
    pub fn snapshot(&self, key: &str) -> Key {
        self.leaves(SNAPSHOT).text(key)
    }

    /// The snapshots of this scope, without those of the scopes below.
    #[must_use]
    pub fn snapshots(&self) -> ReadRange {
        ReadRange::extensions(self.leaves(SNAPSHOT))
    }

    /// The snapshots of this scope and of all below it: of each scope its own ones come first.
    #[must_use]
    pub fn all_snapshots(&self) -> ReadRange {
        ReadRange::extensions(self.space(SNAPSHOT))
    }

    /// The snapshots of the scopes below, from the scope after `last` on, where there is one.
    #[must_use]
    pub fn snapshots_below(&self, last: Option<&str>) -> ReadRange {
        let below = self.space(SNAPSHOT).number(BELOW);
        let start = last.map_or_else(|| below.clone(), |last| below.clone().text(last).end_of_extensions());
        ReadRange::between(start, below.end_of_extensions())
    }

    /// The key of a version that a snapshot had.
    #[must_use]
    pub fn past(&self, key: &str, version: u64) -> Key {
        self.leaves(PAST).text(key).number(version)
    }

    /// The versions that a snapshot had, the oldest first.
    #[must_use]
    pub fn all_past(&self, key: &str) -> ReadRange {
        ReadRange::extensions(self.leaves(PAST).text(key))
    }

    /// The key of what some of these versions had in them, by its hash.
    #[must_use]
    pub fn content(&self, key: &str, hash: &str) -> Key {
        self.leaves(CONTENT).text(key).text(hash)
    }

    /// What belongs to the versions that a snapshot had.
    #[must_use]
    pub fn history(&self, key: &str) -> [ReadRange; 2] {
        [PAST, CONTENT].map(|space| ReadRange::extensions(self.leaves(space).text(key)))
    }

    /// All that this scope and those below it have.
    #[must_use]
    pub fn everything(&self) -> [ReadRange; 3] {
        [SNAPSHOT, PAST, CONTENT].map(|space| ReadRange::extensions(self.space(space)))
    }

    /// The scopes below this one, and the key, of a snapshot that is somewhere in it.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is the key of something else.
    pub fn place_of(&self, snapshot: &Key) -> Result<(Vec<String>, String)> {
        let mut elements = snapshot.elements()?.into_iter().skip(2 + 2 * self.path.len());
        let mut path = Vec::new();
        loop {
            match (elements.next(), elements.next()) {
                (Some(Element::Number(BELOW)), Some(Element::Text(scope))) => path.push(scope),
                (Some(Element::Number(LEAF)), Some(Element::Text(key))) => return Ok((path, key)),
                _ => return Err(damaged()),
            }
        }
    }

    fn leaves(&self, space: u64) -> Key {
        self.space(space).number(LEAF)
    }

    fn space(&self, space: u64) -> Key {
        let bytes = self.user.len() + self.path.iter().map(|scope| scope.len() + 4).sum::<usize>() + super::SPARE;
        let top = Key::with_capacity(bytes).number(space).text(&self.user);
        self.path.iter().fold(top, |key, scope| key.number(BELOW).text(scope))
    }
}
