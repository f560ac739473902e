//! What saving, deleting and pruning make of what is stored.

use super::record::{Past, Snapshot};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Entry, Expect};
use crate::model::json::Json;
use crate::model::keyspace::SnapshotScope;
use crate::model::limits::MAX_KEY_BYTES;
use crate::model::timestamp::Timestamp;

/// One key: what is stored, and what it becomes. Several saves of it can go into one commit.
#[derive(Debug)]
pub struct Slot {
    scope: SnapshotScope,
    key: String,
    seen: Option<Entry>,
    current: Option<Snapshot>,
    past: Vec<Past>,
    /// Versions from this one on are not stored yet.
    first_new: u64,
    is_changed: bool,
}

impl Slot {
    /// A key, with what was read under it: the snapshot, and the versions that it had, the oldest first; these may be left out where
    /// none are to be kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
    pub fn new(scope: SnapshotScope, key: String, seen: Option<Entry>, past: &[Entry]) -> Result<Self> {
        let current = seen.as_ref().map(|entry| Snapshot::decode(&entry.value)).transpose()?;
        let past = past.iter().map(Past::decode).collect::<Result<_>>()?;
        let first_new = current.as_ref().map_or(1, |current: &Snapshot| current.version);
        Ok(Self { scope, key, seen, current, past, first_new, is_changed: false })
    }

    /// Whether something is saved under the key.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        self.current.is_some()
    }

    /// Saves a value. Of the versions before it `keep` stay, where there are to be any; what was saved before and is the same is not a
    /// version of its own.
    pub fn save(&mut self, value: Json, at: Timestamp, keep: usize, batch: &mut Batch) {
        self.is_changed = true;
        let version = match &mut self.current {
            Some(current) if current.value == value => {
                current.saved_at = at;
                return;
            }
            Some(current) => current.version + 1,
            None => 1,
        };
        if let Some(before) = self.current.take().filter(|_| keep > 0) {
            let past = before.to_past();
            batch.put(self.scope.past(&self.key, past.version), past.encode());
            // The newest one: where it is of this batch, its content is too.
            match self.past.iter().rfind(|other| other.hash == past.hash) {
                // Pruning in another tab may have removed it, and leaves the snapshot's own entry as it is.
                Some(other) if other.version < self.first_new => {
                    batch.check(Check { key: self.scope.past(&self.key, other.version), expect: Expect::Present });
                }
                Some(_) => {}
                None => {
                    let text: Vec<u8> = before.value.into_string().into();
                    batch.put(self.scope.content(&self.key, &past.hash), Bytes::from(text));
                }
            }
            self.past.push(past);
            self.prune(keep, batch);
        }
        self.current = Some(Snapshot { version, saved_at: at, value });
    }

    /// Forgets all versions but the current one and the newest `keep` before it. Returns how many it forgot.
    pub fn prune(&mut self, keep: usize, batch: &mut Batch) -> usize {
        let gone: Vec<Past> = self.past.drain(..self.past.len().saturating_sub(keep)).collect();
        for past in &gone {
            batch.delete(self.scope.past(&self.key, past.version));
            if !self.past.iter().any(|other| other.hash == past.hash) {
                batch.delete(self.scope.content(&self.key, &past.hash));
            }
        }
        gone.len()
    }

    /// Adds what became of the key, and that nobody else changed it meanwhile.
    pub fn finish(self, batch: &mut Batch) {
        let key = self.scope.snapshot(&self.key);
        batch.check(Check::unchanged(key.clone(), self.seen.as_ref()));
        if let Some(current) = self.current.filter(|_| self.is_changed) {
            batch.put(key, current.encode());
        }
    }
}

/// The error of a key under which nothing is saved.
#[must_use]
pub fn key_not_found(key: &str) -> Error {
    Error::new(ErrorKind::KeyNotFound, format!("Key not found: {key}"))
}

/// The error of a version that a key has not, or no longer.
#[must_use]
pub fn version_not_found(key: &str, version: u64) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no version {version} of {key:?}, or it is no longer kept"))
}

/// The error of an import that would replace something and must not.
#[must_use]
pub fn already_exists(key: &str) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("something is saved under {key:?} already; nothing was imported"))
}

/// Refuses the empty key, under which the original saves beside its own directory (`stores.md`, A.2), and one that is too long for all that is to be
/// stored under it.
///
/// # Errors
///
/// [`ErrorKind::InvalidKey`], [`ErrorKind::LimitExceeded`].
pub fn check_key(scope: &SnapshotScope, key: &str) -> Result<()> {
    if key.is_empty() {
        return Err(Error::new(ErrorKind::InvalidKey, "the key of a snapshot must not be empty"));
    }
    let longest = scope.content(key, &"0".repeat(64)).as_bytes().len();
    if longest > MAX_KEY_BYTES {
        let message = format!("a key with its scopes is over the limit of {MAX_KEY_BYTES} bytes; nothing was written");
        return Err(Error::new(ErrorKind::LimitExceeded, message));
    }
    Ok(())
}
