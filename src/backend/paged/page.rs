//! A sorted run: keys in ascending order, each with a payload. Leaves hold entries, the pages above them hold the pages
//! below.
//!
//! | bytes | what |
//! |---|---|
//! | 0 to 3 | how many entries, *n* |
//! | 4 to 4 + 4 *n* | where each entry ends, counted from the first one's start |
//! | … | the entries: the key's length in 4 bytes, the key, the payload |

use super::blob;
use super::blob_store::Area;
use crate::error::Result;
use crate::model::Bytes;
use crate::model::codec::damaged;
use crate::model::tuple::compare;
use std::cmp::Ordering;
use std::rc::Rc;

/// A decoded run. Lookups are on the bytes as they are stored.
#[derive(Debug, Default)]
pub(super) struct Page {
    bytes: Bytes,
    count: usize,
}

impl Page {
    /// Takes a run's bytes; holds all their lengths against each other, so that no later access can miss.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`].
    pub(super) fn decode(bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        let page = Self { count: word(&bytes, 0).ok_or_else(damaged)?, bytes };
        let end = (0..page.count)
            .try_fold(0, |end, place| page.entry(place).filter(|_| page.end(place) >= Some(end)).and(page.end(place)));
        match end.zip(page.start()) {
            Some((end, start)) if start + end == page.bytes.len() => Ok(page),
            _ => Err(damaged()),
        }
    }

    /// Opens a page as it is stored.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], naming the page; [`crate::ErrorKind::NewerVersion`].
    pub(super) fn open(id: u64, sealed: &[u8]) -> Result<Rc<Self>> {
        let opened = blob::open(Area::Page, Some(id), sealed)?;
        let page = Self::decode(opened.content.into_owned()).map_err(|_| blob::damaged(Area::Page, Some(id)))?;
        Ok(Rc::new(page))
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn key(&self, place: usize) -> &[u8] {
        self.entry(place).map_or(&[], |(key, _)| key)
    }

    pub(super) fn payload(&self, place: usize) -> &[u8] {
        self.entry(place).map_or(&[], |(_, payload)| payload)
    }

    /// The payload as a part of the page, which stays in memory with it.
    pub(super) fn shared_payload(&self, place: usize) -> Bytes {
        let end = self.start().zip(self.end(place)).map_or(0, |(start, end)| start + end);
        self.bytes.slice(end.saturating_sub(self.payload(place).len())..end)
    }

    /// The place of the first key that is not below `key`.
    pub(super) fn lower_bound(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            match compare(self.key(middle), key) {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// The place of the part in which `key` lies, where each key begins a part; the first part begins before all.
    pub(super) fn part_of(&self, key: &[u8]) -> usize {
        let place = self.lower_bound(key);
        if place < self.count && self.key(place) == key { place } else { place.saturating_sub(1) }
    }

    /// The place of the part that holds the last keys below `key`, where each key begins a part; the first part begins before all.
    pub(super) fn part_before(&self, key: &[u8]) -> usize {
        self.lower_bound(key).saturating_sub(1)
    }

    fn start(&self) -> Option<usize> {
        self.count.checked_mul(4)?.checked_add(4)
    }

    fn end(&self, place: usize) -> Option<usize> {
        word(&self.bytes, 4 + place * 4)
    }

    fn entry(&self, place: usize) -> Option<(&[u8], &[u8])> {
        let from = if place == 0 { 0 } else { self.end(place - 1)? };
        let to = if place < self.count { self.end(place)? } else { return None };
        let start = self.start()?;
        let entry = self.bytes.get(start.checked_add(from)?..start.checked_add(to)?)?;
        let (length, rest) = entry.split_first_chunk()?;
        rest.split_at_checked(u32::from_le_bytes(*length) as usize)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word) as usize)
}

/// Makes a run front to back.
#[derive(Debug, Default)]
pub(super) struct PageWriter {
    ends: Vec<u8>,
    entries: Vec<u8>,
}

impl PageWriter {
    /// Adds an entry behind the last one, its payload in parts.
    pub(super) fn push(&mut self, key: &[u8], payload: &[&[u8]]) {
        self.entries.extend_from_slice(&(key.len() as u32).to_le_bytes());
        self.entries.extend_from_slice(key);
        payload.iter().for_each(|part| self.entries.extend_from_slice(part));
        self.ends.extend_from_slice(&(self.entries.len() as u32).to_le_bytes());
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len() / 4
    }

    /// How many bytes it has so far.
    pub(super) const fn bytes(&self) -> usize {
        self.ends.len() + self.entries.len()
    }

    /// The bytes of the run; the writer is empty after this.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + self.bytes());
        bytes.extend_from_slice(&(self.len() as u32).to_le_bytes());
        bytes.append(&mut self.ends);
        bytes.append(&mut self.entries);
        bytes
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_page_finds_what_was_put_in(
            entries in prop::collection::btree_map(prop::collection::vec(0..3_u8, 0..4), prop::collection::vec(any::<u8>(), 0..5), 0..20),
            wanted in prop::collection::vec(0..3_u8, 0..4),
        ) {
            let page = page_of(&entries);
            prop_assert_eq!(page.len(), entries.len());
            let place = page.lower_bound(&wanted);
            let found = (place < page.len() && page.key(place) == wanted).then(|| page.payload(place).to_vec());
            prop_assert_eq!(found, entries.get(&wanted).cloned());
            prop_assert_eq!(page.lower_bound(&wanted), entries.keys().filter(|key| **key < wanted).count());
            let part = entries.keys().filter(|key| **key <= wanted).count().saturating_sub(1);
            prop_assert_eq!(page.part_of(&wanted), part);
            let part = entries.keys().filter(|key| **key < wanted).count().saturating_sub(1);
            prop_assert_eq!(page.part_before(&wanted), part);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(0..12_u8, 0..60), wanted in prop::collection::vec(0..3_u8, 0..4)) {
            if let Ok(page) = Page::decode(bytes) {
                page.part_of(&wanted);
                (0..page.len()).for_each(|place| drop((page.key(place).to_vec(), page.payload(place).to_vec())));
            }
        }
    }

    fn page_of(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> Page {
        let mut writer = PageWriter::default();
        entries.iter().for_each(|(key, payload)| writer.push(key, &[payload]));
        Page::decode(writer.finish()).unwrap()
    }
}
