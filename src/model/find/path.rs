//! Paths to what a record is found by.

use crate::error::{Error, ErrorKind, Result};
use crate::model::limits::MAX_DEPTH;

/// Names something of a record: `size.lines` is the member `lines` of the value's member `size`, `items.0` the first item of an array.
///
/// A dot, a backslash, and a dollar sign at the beginning belong to a name behind a backslash. Other paths that begin with a dollar
/// sign are of the record itself: `$key`, `$value` (all of it), `$metadata` with its members, `$createdAt`, `$updatedAt`, `$expiresAt`,
/// `$createdBy`.
///
/// ```
/// use agent_datastore::model::find::Path;
///
/// assert_eq!(Path::parse(r"version.0\.9")?.names(), ["version", "0.9"]);
/// assert!(Path::parse("$price").is_err());
/// # Ok::<(), agent_datastore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    text: String,
    root: Root,
    names: Vec<String>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// In the value.
    Value,
    /// In the metadata.
    Metadata,
    /// The key within the namespace.
    Key,
    /// When the record was created, in ISO 8601 with six digits of a fraction.
    CreatedAt,
    /// When it was last written, in ISO 8601 with six digits of a fraction.
    UpdatedAt,
    /// When it expires, in ISO 8601; missing where it does not.
    ExpiresAt,
    /// The agent that created it; missing where there was none.
    CreatedBy,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for an unknown root, a member of what has none, a backslash at the end, and more than
    /// [`MAX_DEPTH`] names.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |reason: &str| Err(Error::new(ErrorKind::InvalidArgument, format!("the path {text:?} {reason}")));
        let mut names = vec![String::new()];
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let (character, is_end) = match character {
                '\\' => match characters.next() {
                    Some(escaped) => (escaped, false),
                    None => return refused("ends with a backslash"),
                },
                '.' => ('.', true),
                other => (other, false),
            };
            if is_end {
                names.push(String::new());
            } else if let Some(name) = names.last_mut() {
                name.push(character);
            }
        }
        if names.len() > MAX_DEPTH {
            return refused("has too many names");
        }
        if !text.starts_with('$') {
            return Ok(Self { text: text.to_owned(), root: Root::Value, names });
        }
        let root = match names.remove(0).as_str() {
            "$value" => Root::Value,
            "$metadata" => Root::Metadata,
            "$key" => Root::Key,
            "$createdAt" => Root::CreatedAt,
            "$updatedAt" => Root::UpdatedAt,
            "$expiresAt" => Root::ExpiresAt,
            "$createdBy" => Root::CreatedBy,
            _ => {
                return refused(
                    r"begins with no known name; a member whose name begins with a dollar sign needs a backslash before it",
                );
            }
        };
        if !names.is_empty() && !matches!(root, Root::Value | Root::Metadata) {
            return refused("leads into what has no members");
        }
        Ok(Self { text: text.to_owned(), root, names })
    }

    /// The path as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it begins.
    #[must_use]
    pub const fn root(&self) -> Root {
        self.root
    }

    /// The names of the members on it, or the numbers of items.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it leads to a time.
    #[must_use]
    pub const fn is_time(&self) -> bool {
        matches!(self.root, Root::CreatedAt | Root::UpdatedAt | Root::ExpiresAt)
    }

    /// Whether both lead to the same, however they are written.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.root == other.root && self.names == other.names
    }
}
