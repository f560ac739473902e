//! Writing leaves, and the pages above them.

use super::page::PageWriter;
use super::root::Child;
use super::stored::Stored;

/// How large a leaf grows. Bytes, before compression.
const LEAF: usize = if cfg!(feature = "tiny") { 300 } else { 32 * 1024 };
/// How large a page above the leaves grows, and the top of a root. Bytes, before compression.
const INNER: usize = if cfg!(feature = "tiny") { 120 } else { 16 * 1024 };
/// What a child takes there beside where it begins. Bytes.
const CHILD: usize = 25;
/// How many children a page above the leaves has at the least where it is made because another one was full.
///
/// Two are the fewest with which no order of keys makes the tree taller than the logarithm of the leaves that were ever written. Were they as few as
/// are left over, then in a descending order every new leaf would get a page of its own, and that another one, up to the top.
const FEWEST: usize = 2;

/// A page that takes the place of others, and where it begins.
#[derive(Debug)]
pub(super) struct Sprout {
    pub(super) fence: Vec<u8>,
    pub(super) child: Child,
}

/// A page that is to be written.
#[derive(Debug)]
pub(super) struct NewPage {
    pub(super) id: u64,
    /// How many levels are below it: none below a leaf.
    pub(super) level: u8,
    pub(super) content: Vec<u8>,
}

/// New pages, numbered as they come.
#[derive(Debug)]
pub(super) struct NewPages {
    pub(super) next_id: u64,
    pub(super) pages: Vec<NewPage>,
    pub(super) bytes: usize,
}

impl NewPages {
    pub(super) const fn new(next_id: u64) -> Self {
        Self { next_id, pages: Vec::new(), bytes: 0 }
    }

    fn add(&mut self, level: u8, content: Vec<u8>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.bytes += content.len();
        self.pages.push(NewPage { id, level, content });
        id
    }
}

/// Writes leaves one after the other.
#[derive(Debug)]
pub(super) struct LeafWriter {
    writer: PageWriter,
    fence: Vec<u8>,
    last: Vec<u8>,
    entries: u64,
    has_places: bool,
    pub(super) sprouts: Vec<Sprout>,
}

impl LeafWriter {
    /// Begins where the leaf began that is being replaced.
    pub(super) fn new(fence: &[u8]) -> Self {
        Self {
            writer: PageWriter::default(),
            fence: fence.to_vec(),
            last: Vec::new(),
            entries: 0,
            has_places: false,
            sprouts: Vec::new(),
        }
    }

    /// How much is in the leaf that is being written. Bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.writer.bytes()
    }

    pub(super) fn push(&mut self, key: &[u8], stored: &Stored, pages: &mut NewPages) {
        self.push_encoded(key, &stored.encode().parts(), stored.value.place().is_some(), pages);
    }

    /// Adds an entry whose payload is encoded already.
    pub(super) fn push_encoded(&mut self, key: &[u8], payload: &[&[u8]], has_place: bool, pages: &mut NewPages) {
        let bytes = payload.iter().map(|part| part.len()).sum::<usize>();
        if self.writer.len() > 0 && self.bytes() + key.len() + bytes > LEAF {
            self.flush(pages);
            self.fence = separator(&self.last, key);
        }
        if self.writer.len() == 0 && key < self.fence.as_slice() {
            self.fence = key.to_vec();
        }
        self.writer.push(key, payload);
        self.entries += 1;
        self.has_places |= has_place;
        self.last.clear();
        self.last.extend_from_slice(key);
    }

    /// Ends the leaf that is being written.
    pub(super) fn flush(&mut self, pages: &mut NewPages) {
        if self.writer.len() > 0 {
            let id = pages.add(0, self.writer.finish());
            let child = Child { id, entries: self.entries, has_places: self.has_places };
            self.sprouts.push(Sprout { fence: std::mem::take(&mut self.fence), child });
            (self.entries, self.has_places) = (0, false);
        }
    }
}

/// The shortest key that is above `low` and not above `high`.
fn separator(low: &[u8], high: &[u8]) -> Vec<u8> {
    let common = low.iter().zip(high).take_while(|(a, b)| a == b).count();
    high.iter().take(common + 1).copied().collect()
}

/// Puts pages of a level above others: as few as hold them, or none where there are none.
pub(super) fn write_inner(level: u8, sprouts: &[Sprout], pages: &mut NewPages) -> Vec<Sprout> {
    let mut above = Vec::new();
    let mut rest = sprouts;
    while !rest.is_empty() {
        let (page, taken) = fill(rest);
        let (these, others) = rest.split_at(taken);
        let child = Child {
            id: pages.add(level, page),
            entries: these.iter().map(|sprout| sprout.child.entries).sum(),
            has_places: these.iter().any(|sprout| sprout.child.has_places),
        };
        let fence = these.first().map(|sprout| sprout.fence.clone()).unwrap_or_default();
        above.push(Sprout { fence, child });
        rest = others;
    }
    above
}

/// A page with as many of the first sprouts as fit, and how many they are. Where others are left, those are enough for another page.
pub(super) fn fill(sprouts: &[Sprout]) -> (Vec<u8>, usize) {
    let taken = first_that_fit(sprouts);
    let mut writer = PageWriter::default();
    sprouts.iter().take(taken).for_each(|sprout| sprout.child.push(&mut writer, &sprout.fence));
    (writer.finish(), taken)
}

fn first_that_fit(sprouts: &[Sprout]) -> usize {
    let mut bytes = 0;
    let fits = |sprout: &&Sprout| {
        bytes += sprout.fence.len() + CHILD;
        bytes <= INNER
    };
    // So many that two pages can be made of them and of one more.
    let most = sprouts.iter().take_while(fits).count().max(2 * FEWEST - 1);
    if most >= sprouts.len() {
        return sprouts.len();
    }
    let mut left = 0;
    let has_too_little = |sprout: &&Sprout| {
        let is_little = left < INNER / 4;
        left += sprout.fence.len() + CHILD;
        is_little
    };
    let enough = sprouts.iter().rev().take_while(has_too_little).count().max(FEWEST);
    most.min(sprouts.len() - enough).max(FEWEST)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn a_separator_is_above_the_lower_and_not_above_the_higher() {
        for (low, high, expected) in
            [("abc", "abd", "abd"), ("abc", "b", "b"), ("ab", "abc", "abc"), ("a", "bcd", "b"), ("", "xyz", "x")]
        {
            assert_eq!(separator(low.as_bytes(), high.as_bytes()), expected.as_bytes());
        }
    }
}
