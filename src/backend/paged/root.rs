//! The root: where the pages of one epoch begin.

use super::blob_store::Hold;
use super::page::{Page, PageWriter};
use crate::error::Result;
use crate::model::codec::{Reader, Writer, damaged};
use std::rc::Rc;

/// The highest tree that is read. A page that is made has two children at the least, so no number of leaves makes a higher one.
const MAX_HEIGHT: u8 = 64;

/// The state of the pages after a checkpoint, and how far it has taken in the log.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// The log number of the checkpoint that made it; 0 before the first one.
    pub(super) epoch: u64,
    /// Every edit of the log up to here is in the pages. Later ones may be.
    pub(super) merged: u64,
    /// The version of the last commit before the checkpoint.
    pub(super) version: u64,
    /// The next page id that was never used.
    pub(super) next_page: u64,
    /// How many levels of pages are below the top: with 1 its children are leaves.
    pub(super) height: u8,
    /// The first keys and the ids of the pages below.
    pub(super) top: Rc<Page>,
    /// What keeps others from removing what this root needs.
    pub(super) hold: Rc<Hold>,
}

/// A page below another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) id: u64,
    /// How many entries are in the leaves below it.
    pub(super) entries: u64,
    /// Whether one of those entries has its value elsewhere.
    pub(super) has_places: bool,
}

impl Root {
    /// The root of a database without pages.
    pub(super) fn empty() -> Self {
        let top = Rc::new(Page::default());
        Self { epoch: 0, merged: 0, version: 0, next_page: 1, height: 1, top, hold: Rc::new(Hold::none()) }
    }

    /// Whether its pages have all that there was, its own record included: that of a bulk commit.
    pub(super) const fn is_whole(&self) -> bool {
        self.merged == self.epoch
    }

    pub(super) fn encode(&self, top: &[u8]) -> Vec<u8> {
        let mut writer = Writer::default();
        for number in [self.epoch, self.merged, self.version, self.next_page] {
            writer.number(number);
        }
        writer.byte(self.height);
        writer.bytes(top);
        writer.into_vec()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let [epoch, merged, version, next_page] =
            [reader.number()?, reader.number()?, reader.number()?, reader.number()?];
        let height = reader.byte()?;
        let top = Rc::new(Page::decode(reader.bytes()?.to_vec())?);
        if height == 0 || height > MAX_HEIGHT || !reader.is_empty() {
            return Err(damaged());
        }
        Ok(Self { epoch, merged, version, next_page, height, top, hold: Rc::new(Hold::none()) })
    }
}

impl Child {
    /// The child at a place of a page above the leaves.
    pub(super) fn at(page: &Page, place: usize) -> Result<Self> {
        let mut reader = Reader::new(page.payload(place));
        Ok(Self { id: reader.number()?, entries: reader.number()?, has_places: reader.byte()? != 0 })
    }

    /// Adds it to a page above the leaves.
    pub(super) fn push(self, writer: &mut PageWriter, fence: &[u8]) {
        let mut payload = Writer::default();
        payload.number(self.id);
        payload.number(self.entries);
        payload.byte(self.has_places.into());
        writer.push(fence, &[&payload.into_vec()]);
    }
}
