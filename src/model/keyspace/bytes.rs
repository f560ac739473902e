//! The keys of what the agent data store keeps outside JSON: bytes.

use super::damaged;
use crate::error::Result;
use crate::model::batch::ReadRange;
use crate::model::tuple::{Element, Key};

const CONTENT: u64 = 6;
const PIECE: u64 = 7;
const UPLOAD: u64 = 8;

/// All bytes of one user, whichever namespaces refer to them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BytesScope {
    /// The user. Any text.
    pub user: String,
}

impl BytesScope {
    /// Those of a user.
    #[must_use]
    pub fn of(user: &str) -> Self {
        Self { user: user.to_owned() }
    }

    /// The key of a content, by its hash.
    #[must_use]
    pub fn content(&self, sha256: &str) -> Key {
        self.space(CONTENT).text(sha256)
    }

    /// All contents.
    #[must_use]
    pub fn contents(&self) -> ReadRange {
        ReadRange::extensions(self.space(CONTENT))
    }

    /// The key of a piece, from 0.
    #[must_use]
    pub fn piece(&self, id: &str, number: u64) -> Key {
        self.space(PIECE).text(id).number(number)
    }

    /// The pieces of one content or upload.
    #[must_use]
    pub fn pieces(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.space(PIECE).text(id))
    }

    /// The pieces of all of them.
    #[must_use]
    pub fn all_pieces(&self) -> ReadRange {
        ReadRange::extensions(self.space(PIECE))
    }

    /// The key of an upload that is under way.
    #[must_use]
    pub fn upload(&self, id: &str) -> Key {
        self.space(UPLOAD).text(id)
    }

    /// All uploads that are under way, or were left.
    #[must_use]
    pub fn uploads(&self) -> ReadRange {
        ReadRange::extensions(self.space(UPLOAD))
    }

    /// The key of the user's contents together, which has no entry: what commits that count references take one after the other.
    #[must_use]
    pub fn turn(&self) -> Key {
        self.space(CONTENT)
    }

    fn space(&self, space: u64) -> Key {
        Key::with_capacity(self.user.len() + super::SPARE).number(space).text(&self.user)
    }
}

/// All uploads of all users.
#[must_use]
pub fn all_uploads() -> ReadRange {
    ReadRange::extensions(Key::new().number(UPLOAD))
}

/// Whose upload a key is of, and its id.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`] where it is no such key.
pub fn upload_name(key: &Key) -> Result<(BytesScope, String)> {
    match <[Element; 3]>::try_from(key.elements()?) {
        Ok([Element::Number(UPLOAD), Element::Text(user), Element::Text(id)]) => Ok((BytesScope { user }, id)),
        _ => Err(damaged()),
    }
}

/// Whose content a key is of, and its hash; `None` for every other key.
#[must_use]
pub fn content_name(key: &Key) -> Option<(BytesScope, String)> {
    // Most keys are others, and need not be taken apart.
    if *key < Key::new().number(CONTENT) || *key >= Key::new().number(PIECE) {
        return None;
    }
    match <[Element; 3]>::try_from(key.elements().ok()?) {
        Ok([Element::Number(CONTENT), Element::Text(user), Element::Text(sha256)]) => {
            Some((BytesScope { user }, sha256))
        }
        _ => None,
    }
}
