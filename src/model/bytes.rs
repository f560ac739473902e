//! Bytes that are shared and not copied.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::rc::Rc;

/// A part of bytes that several may hold, such as one value of a page. Cheap to clone. What it is a part of stays in memory
/// as long as it does.
#[derive(Clone, Default)]
pub struct Bytes {
    whole: Option<Rc<Vec<u8>>>,
    start: usize,
    end: usize,
}

impl Bytes {
    /// A part of these bytes; nothing where they do not reach that far.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let (start, end) = (self.start + range.start, self.start + range.end);
        if start > end || end > self.end {
            return Self::default();
        }
        Self { whole: self.whole.clone(), start, end }
    }

    /// The same bytes in memory of their own.
    #[must_use]
    pub fn detached(&self) -> Self {
        self.to_vec().into()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.whole.as_ref().and_then(|whole| whole.get(self.start..self.end)).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { start: 0, end: bytes.len(), whole: Some(Rc::new(bytes)) }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_it_says_and_never_reaches_beyond() {
        let whole = Bytes::from(*b"abcdef");
        let part = whole.slice(1..4);
        assert_eq!((&*part, &*part.slice(1..3), &*part.slice(3..3)), (&b"bcd"[..], &b"cd"[..], &b""[..]));
        assert!(part.slice(2..4).is_empty(), "what is behind the part is not its own");
        #[allow(clippy::reversed_empty_ranges, reason = "that is what is tested")]
        let reversed = part.slice(2..1);
        assert!(reversed.is_empty() && Bytes::default().is_empty());
        assert_eq!(part, part.detached());
    }
}
