//! Merging the tail into the pages: leaves that it changes are written anew, and so are the pages above them.

use super::Engine;
use super::blob_store::{Area, BlobRange};
use super::leaf_writer::{LeafWriter, NewPage, NewPages, Sprout, fill, write_inner};
use super::page::Page;
use super::root::{Child, Root};
use super::stored::Stored;
use super::tail::{Overlay, OverlayOf, Tail};
use super::tree::{self, Found, Position};
use crate::error::Result;
use crate::model::tuple::Key;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// How much one step writes, about. Bytes.
const STEP_BYTES: usize = if cfg!(feature = "tiny") { 150 } else { 2 * 1024 * 1024 };
/// How many leaves one step replaces at the most.
const STEP_LEAVES: usize = if cfg!(feature = "tiny") { 2 } else { 256 };
/// A leaf that is left with less than this takes the next one in. Bytes.
const SMALL: usize = if cfg!(feature = "tiny") { 80 } else { 8 * 1024 };

/// New pages, and what they make superfluous.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) pages: Vec<NewPage>,
    /// The page at the top of the root, and how many levels are below it.
    pub(super) top: Vec<u8>,
    pub(super) decoded_top: Rc<Page>,
    pub(super) height: u8,
    pub(super) next_page: u64,
    pub(super) trash: Vec<BlobRange>,
    /// Where the next step has to begin; `None` where nothing is left.
    pub(super) next: Option<Key>,
}

/// A merge under way.
struct Merge {
    new: NewPages,
    /// What takes the place of each leaf that was replaced.
    replaced: FxHashMap<u64, Vec<Sprout>>,
    /// The pages above them.
    above: FxHashMap<u64, Rc<Page>>,
    leaves: usize,
    trash: Vec<BlobRange>,
}

/// What is merged: a tail as it was at one moment. Were it to change meanwhile, the pages could lack a large value that the log
/// still tells of, and nobody would know that its blobs are garbage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) tail: &'a Tail,
    /// Whether all of it is merged at once, and not only as much as makes one step.
    pub(super) is_whole: bool,
}

impl<'a> Source<'a> {
    /// What there is to merge from a key to before another, cut where it is more than a step takes.
    fn overlay(self, start: &Key, end: Option<&Key>) -> (OverlayOf<'a>, Option<Key>) {
        let overlay = self.tail.overlay_of(start, end);
        if self.is_whole { (overlay, None) } else { cut(overlay) }
    }

    const fn is_step_over(self, merge: &Merge) -> bool {
        !self.is_whole && (merge.new.bytes >= STEP_BYTES || merge.leaves >= STEP_LEAVES)
    }
}

impl Engine {
    /// Whether merging all of a tail would replace at most so many leaves.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] and those of the storage.
    pub(super) async fn touches_at_most(&self, leaves: usize, root: &Root, tail: &Tail) -> Result<bool> {
        let mut from = Key::new();
        for _ in 0..=leaves {
            let Some(key) = tail.next(&from) else { return Ok(true) };
            let Some(position) = self.position(root, &key).await? else { return Ok(true) };
            let Some(upper) = position.upper() else { return Ok(true) };
            from = Key::from_bytes(upper.to_vec());
        }
        Ok(false)
    }

    /// Merges what a tail has from `from` on into the pages of `root`.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] and those of the storage.
    pub(super) async fn merge(&self, root: &Root, from: Key, source: Source<'_>) -> Result<Merged> {
        let mut merge = Merge {
            new: NewPages::new(root.next_page),
            replaced: FxHashMap::default(),
            above: FxHashMap::default(),
            leaves: 0,
            trash: Vec::new(),
        };
        let mut next = Some(from);
        let mut seedlings = Vec::new();
        while let Some(from) = next.take() {
            let Some(key) = source.tail.next(&from) else { break };
            if source.is_step_over(&merge) {
                next = Some(key);
                break;
            }
            match self.position(root, &key).await? {
                Some(position) => {
                    let (end, is_cut) = self.merge_leaf(&mut merge, &position, key, source).await?;
                    next = end;
                    if is_cut {
                        break;
                    }
                }
                None => {
                    let mut writer = LeafWriter::new(&[]);
                    let (overlay, cut) = source.overlay(&key, None);
                    merge.write(&mut writer, &Page::default(), overlay, None)?;
                    writer.flush(&mut merge.new);
                    seedlings = writer.sprouts;
                    next = cut;
                    break;
                }
            }
        }
        merge.finish(root, seedlings, next)
    }

    /// Merges the leaf at a position, and those after it that have to be taken in. Returns where the next one begins, or
    /// where it was cut because the tail has too much for one step.
    async fn merge_leaf(
        &self,
        merge: &mut Merge,
        position: &Position,
        key: Key,
        source: Source<'_>,
    ) -> Result<(Option<Key>, bool)> {
        merge.above.extend(position.path.iter().cloned());
        let mut writer = LeafWriter::new(position.fence());
        let (mut leaf, mut place, mut from) = (position.leaf, position.place, key);
        let end = loop {
            let upper = position.upper_of(place).map(|upper| Key::from_bytes(upper.to_vec()));
            let (overlay, cut) = source.overlay(&from, upper.as_ref());
            merge.leaves += 1;
            merge.replaced.insert(leaf.id, Vec::new());
            merge.trash.push(BlobRange::one(Area::Page, leaf.id));
            let fence = position.parent.key(place);
            let is_dropped = !leaf.has_places && upper.as_ref().is_some_and(|upper| overlay.hides_all(fence, upper));
            if !is_dropped {
                let page = self.page(leaf.id).await?;
                merge.write(&mut writer, &page, overlay, cut.as_ref())?;
                if cut.is_some() {
                    break (cut, true);
                }
            }
            let is_small = writer.sprouts.is_empty() && writer.bytes() < SMALL && writer.bytes() > 0;
            let has_next = place + 1 < position.parent.len() && !source.is_step_over(merge);
            match upper {
                Some(upper) if is_small && has_next => {
                    place += 1;
                    leaf = Child::at(&position.parent, place)?;
                    from = upper;
                }
                upper => break (upper, false),
            }
        };
        writer.flush(&mut merge.new);
        merge.replaced.insert(position.leaf.id, writer.sprouts);
        Ok(end)
    }

    async fn position(&self, root: &Root, key: &Key) -> Result<Option<Position>> {
        let mut fetched = FxHashMap::default();
        loop {
            let found = {
                let mut cache = self.cache.borrow_mut();
                tree::find(root, key.as_bytes(), &mut |id| fetched.get(&id).cloned().or_else(|| cache.page(id)))?
            };
            match found {
                Found::Leaf(position) => return Ok(Some(position)),
                Found::NoLeaves => return Ok(None),
                Found::Missing(id) => fetched.extend(self.fetch_pages(vec![id]).await?),
            }
        }
    }

    /// A page, from the cache or fetched.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] and those of the storage.
    pub(super) async fn page(&self, id: u64) -> Result<Rc<Page>> {
        let cached = self.cache.borrow_mut().page(id);
        match cached {
            Some(page) => Ok(page),
            None => self.fetch_pages(vec![id]).await?.remove(&id).ok_or_else(|| super::blob::missing(Area::Page, id)),
        }
    }
}

impl Merge {
    /// Writes a leaf's entries with the overlay over them; from `cut` on they stay as they are.
    fn write(&mut self, writer: &mut LeafWriter, leaf: &Page, overlay: OverlayOf<'_>, cut: Option<&Key>) -> Result<()> {
        let Overlay { keys, hidden } = overlay;
        let hidden: OverlayOf<'_> = Overlay { keys: Vec::new(), hidden };
        let mut keys = keys.into_iter().peekable();
        for place in 0..leaf.len() {
            let (key, old) = (leaf.key(place), leaf.payload(place));
            let old_place = Stored::decode_place(old)?;
            while let Some((new, stored)) = keys.next_if(|(new, _)| new.as_bytes() < key) {
                stored.into_iter().for_each(|stored| writer.push(new.as_bytes(), stored, &mut self.new));
            }
            let replaced = keys.next_if(|(new, _)| new.as_bytes() == key);
            let is_hidden = || hidden.hides(key) && cut.is_none_or(|cut| key < cut.as_bytes());
            let new_place = match replaced {
                Some((_, Some(stored))) => {
                    writer.push(key, stored, &mut self.new);
                    stored.value.place()
                }
                Some((_, None)) => None,
                None if is_hidden() => None,
                None => {
                    writer.push_encoded(key, &[old], old_place.is_some(), &mut self.new);
                    old_place
                }
            };
            // The tail may say again what the pages have already.
            if let Some(place) = old_place.filter(|place| new_place != Some(*place)) {
                self.trash.push(place.blobs());
            }
        }
        for (new, stored) in keys {
            stored.into_iter().for_each(|stored| writer.push(new.as_bytes(), stored, &mut self.new));
        }
        Ok(())
    }

    fn finish(mut self, root: &Root, seedlings: Vec<Sprout>, next: Option<Key>) -> Result<Merged> {
        let mut sprouts = self.rebuild(&root.top, root.height)?;
        sprouts.extend(seedlings);
        let mut height = root.height;
        let top = loop {
            let (top, taken) = fill(&sprouts);
            if taken == sprouts.len() {
                break top;
            }
            sprouts = write_inner(height, &sprouts, &mut self.new);
            height += 1;
        };
        let height = if sprouts.is_empty() { 1 } else { height };
        let NewPages { next_id, pages, .. } = self.new;
        let decoded_top = Rc::new(Page::decode(top.clone())?);
        Ok(Merged { pages, top, decoded_top, height, next_page: next_id, trash: self.trash, next })
    }

    /// The children of a page, with those in place that were replaced.
    fn rebuild(&mut self, page: &Page, level: u8) -> Result<Vec<Sprout>> {
        let mut sprouts = Vec::with_capacity(page.len());
        for place in 0..page.len() {
            let child = Child::at(page, place)?;
            if let Some(leaves) = self.replaced.remove(&child.id) {
                sprouts.extend(leaves);
            } else if let Some(below) = self.above.remove(&child.id).filter(|_| level > 1) {
                self.trash.push(BlobRange::one(Area::Page, child.id));
                let below = self.rebuild(&below, level - 1)?;
                sprouts.extend(write_inner(level - 1, &below, &mut self.new));
            } else {
                sprouts.push(Sprout { fence: page.key(place).to_vec(), child });
            }
        }
        Ok(sprouts)
    }
}

/// Cuts an overlay where it has more than a step takes.
fn cut(mut overlay: OverlayOf<'_>) -> (OverlayOf<'_>, Option<Key>) {
    let mut bytes = 0;
    let over = |(key, stored): &(&Key, Option<&Stored>)| {
        let value = stored.filter(|stored| stored.value.place().is_none());
        bytes += key.as_bytes().len() + value.map_or(0, |stored| stored.value.len());
        bytes > STEP_BYTES
    };
    let cut = overlay.keys.iter().position(over).filter(|place| *place > 0);
    let rest = cut.map(|place| overlay.keys.split_off(place));
    (overlay, rest.and_then(|rest| rest.into_iter().next()).map(|(key, _)| key.clone()))
}
