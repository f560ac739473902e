//! What a session keeps of a prompt: its hash and its beginning.

use super::record::{Fill, Reader, Value, Writer};
use crate::model::go_json::{Node, decoded, push_string};
use crate::model::hash::sha256;

/// How many bytes of a prompt a run's summary has.
pub const PREVIEW_BYTES: usize = 120;
/// How many characters the metadata have of the first and the last prompt.
pub const BEGINNING_CHARACTERS: usize = 120;
/// A character has at most four bytes, so that at most three are left of one that was cut.
const MOST_LEFT: usize = 3;

/// The name of a prompt: `ph_` and the SHA-256 of its UTF-8 in 64 hexadecimal digits.
///
/// ```
/// use agent_datastore::model::session::prompt_hash;
///
/// assert_eq!(prompt_hash("q"), "ph_8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf");
/// ```
#[must_use]
pub fn prompt_hash(prompt: &str) -> String {
    "ph_".to_owned() + &sha256(prompt)
}

/// The first [`BEGINNING_CHARACTERS`] characters of a prompt.
#[must_use]
pub fn beginning(prompt: &str) -> String {
    prompt.chars().take(BEGINNING_CHARACTERS).collect()
}

/// The first [`PREVIEW_BYTES`] bytes of a prompt. Where that cuts a character, each byte left of it is one U+FFFD, and a file has these as
/// escapes: so the original writes them.
///
/// ```
/// use agent_datastore::model::session::{Preview, record::to_file};
///
/// let preview = Preview::of(&("x".repeat(118) + "日本語"));
/// assert_eq!(preview.as_str(), "x".repeat(118) + "\u{fffd}\u{fffd}");
/// assert_eq!(to_file(&preview), format!(r#""{}\ufffd\ufffd""#, "x".repeat(118)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Preview(String);

impl Preview {
    /// That of a prompt.
    #[must_use]
    pub fn of(prompt: &str) -> Self {
        let bytes = prompt.as_bytes();
        Self(decoded(bytes.get(..PREVIEW_BYTES).unwrap_or(bytes)).into_owned())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is whole of it, and how many bytes are left of a character that was cut: each is two bytes longer now.
    fn parts(&self) -> (&str, usize) {
        let left = self.0.len().saturating_sub(PREVIEW_BYTES) / 2;
        let whole = self.0.strip_suffix(&char::REPLACEMENT_CHARACTER.to_string().repeat(left.min(MOST_LEFT)));
        whole.filter(|whole| whole.len() + left == PREVIEW_BYTES).map_or((self.as_str(), 0), |whole| (whole, left))
    }
}

impl Value for Preview {
    fn fill(&self) -> Fill {
        self.0.fill()
    }

    fn write(&self, out: &mut Writer) {
        let (whole, left) = self.parts();
        if left == 0 || out.is_view() {
            return out.string(&self.0);
        }
        let mut text = String::new();
        push_string(&mut text, whole);
        text.pop();
        out.raw(&text);
        (0..left).for_each(|_| out.raw("\\ufffd"));
        out.raw("\"");
    }

    fn read(&mut self, node: Node<'_>, reader: &mut Reader) {
        self.0.read(node, reader);
    }
}
