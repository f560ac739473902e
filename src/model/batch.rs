//! What a backend reads and writes: entries, ranges, and batches of operations with their checks.

pub use super::bytes::Bytes;
use super::tuple::Key;

/// The number of a commit. Every commit of a database gets a higher one than all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// A key with what is stored under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value; empty where only keys were asked for.
    pub value: Bytes,
    /// The commit that wrote the value; `None` where only keys were asked for.
    pub version: Option<Version>,
}

/// A range of keys to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRange {
    /// The first key, inclusive.
    pub start: Key,
    /// The end, exclusive. A range whose end is not after its start is empty.
    pub end: Key,
    /// The most entries to return; `None` for all.
    pub limit: Option<u32>,
    /// Whether values and versions are left out.
    pub keys_only: bool,
    /// Whether the entries come in descending order; a limit then keeps the last ones of the range.
    pub reverse: bool,
}

impl ReadRange {
    /// All entries from `start` to before `end`.
    #[must_use]
    pub const fn between(start: Key, end: Key) -> Self {
        Self { start, end, limit: None, keys_only: false, reverse: false }
    }

    /// The one entry under `key`, if there is one.
    #[must_use]
    pub fn point(key: Key) -> Self {
        Self::between(key.clone(), key.successor())
    }

    /// The key, where the range can hold only that one, and it is not cut.
    #[must_use]
    pub fn as_point(&self) -> Option<&Key> {
        let is_point = self.end.as_bytes().split_last() == Some((&0, self.start.as_bytes()));
        (is_point && self.limit != Some(0)).then_some(&self.start)
    }

    /// The entry under the tuple `prefix`, and those under every tuple that extends it.
    #[must_use]
    pub fn extensions(prefix: Key) -> Self {
        Self::between(prefix.clone(), prefix.end_of_extensions())
    }

    /// The same range without values and versions.
    #[must_use]
    pub const fn keys_only(mut self) -> Self {
        self.keys_only = true;
        self
    }

    /// The same range, cut after `limit` entries.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same range in descending order.
    #[must_use]
    pub const fn reversed(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// The same range without what a read of it begins with, up to the key `last`.
    #[must_use]
    pub fn after(mut self, last: &Key) -> Self {
        if self.reverse {
            self.end = self.end.min(last.clone());
        } else {
            self.start = self.start.max(last.clone().successor());
        }
        self
    }

    /// Whether the range can hold nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limit == Some(0) || self.end <= self.start
    }
}

/// A key to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup<'a> {
    /// The key.
    pub key: &'a Key,
    /// Whether value and version are left out.
    pub keys_only: bool,
}

impl<'a> Lookup<'a> {
    /// A lookup of what is stored under a key.
    #[must_use]
    pub const fn of(key: &'a Key) -> Self {
        Self { key, keys_only: false }
    }

    /// A lookup of whether something is stored under a key.
    #[must_use]
    pub const fn existence(key: &'a Key) -> Self {
        Self { key, keys_only: true }
    }

    /// The range that holds the key alone.
    #[must_use]
    pub fn to_range(self) -> ReadRange {
        ReadRange { keys_only: self.keys_only, ..ReadRange::point(self.key.clone()) }
    }
}

/// What a commit expects to find under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Absent,
    /// A value, whichever.
    Present,
    /// The value that this commit wrote.
    Version(Version),
}

/// A condition of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The key it is about.
    pub key: Key,
    /// What has to be there.
    pub expect: Expect,
}

impl Check {
    /// That `key` is still as a read found it.
    #[must_use]
    pub fn unchanged(key: Key, seen: Option<&Entry>) -> Self {
        let expect = match seen {
            None => Expect::Absent,
            Some(Entry { version: Some(version), .. }) => Expect::Version(*version),
            Some(Entry { version: None, .. }) => Expect::Present,
        };
        Self { key, expect }
    }

    /// Whether the check holds where all that is known is whether there is a value. One of a version does not.
    #[must_use]
    pub const fn expect_presence(&self, found: bool) -> bool {
        match self.expect {
            Expect::Absent => !found,
            Expect::Present => found,
            Expect::Version(_) => false,
        }
    }

    /// Whether the check holds where `found` is the version stored under its key.
    #[must_use]
    pub fn holds(&self, found: Option<Version>) -> bool {
        match self.expect {
            Expect::Absent => found.is_none(),
            Expect::Present => found.is_some(),
            Expect::Version(version) => found == Some(version),
        }
    }
}

/// A change to one key or one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Creates or replaces the value under a key.
    Put {
        /// The key.
        key: Key,
        /// The new value.
        value: Bytes,
    },
    /// Removes a key; nothing happens where it is absent.
    Delete {
        /// The key.
        key: Key,
    },
    /// Removes every key from `start` to before `end`.
    DeleteRange {
        /// The first key, inclusive.
        start: Key,
        /// The end, exclusive.
        end: Key,
    },
}

/// How an acknowledged commit is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Survives the end of the process that wrote it; a power cut may take it.
    #[default]
    Relaxed,
    /// Survives a power cut too.
    Strict,
}

/// Checks and operations that are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// What has to hold at the moment of the commit.
    pub checks: Vec<Check>,
    /// The changes, applied in this order.
    pub operations: Vec<Operation>,
    /// How the commit is kept.
    pub durability: Durability,
}

impl Batch {
    /// Adds a check.
    pub fn check(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// Adds the creation or replacement of a value.
    pub fn put(&mut self, key: Key, value: impl Into<Bytes>) {
        self.operations.push(Operation::Put { key, value: value.into() });
    }

    /// Adds the removal of a key.
    pub fn delete(&mut self, key: Key) {
        self.operations.push(Operation::Delete { key });
    }

    /// Adds the removal of a range.
    pub fn delete_range(&mut self, range: ReadRange) {
        self.operations.push(Operation::DeleteRange { start: range.start, end: range.end });
    }
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The commit's number.
    pub version: Version,
    /// How many entries each [`Operation::DeleteRange`] removed, in the order of the operations.
    pub removed: Vec<u64>,
}
