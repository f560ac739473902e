//! The way from a root to the leaf in which a key would be.

use super::page::Page;
use super::root::{Child, Root};
use crate::error::Result;
use std::rc::Rc;

/// Where pages in memory are found.
pub(super) type InMemory<'a> = &'a mut dyn FnMut(u64) -> Option<Rc<Page>>;

/// What the way to a leaf ends with.
#[derive(Debug)]
pub(super) enum Found {
    /// The leaf's place in the page above it.
    Leaf(Position),
    /// A page on the way that is not in memory.
    Missing(u64),
    /// There are no leaves.
    NoLeaves,
}

/// The place of a leaf.
#[derive(Debug)]
pub(super) struct Position {
    /// The page above the leaf.
    pub(super) parent: Rc<Page>,
    /// The leaf's place in it.
    pub(super) place: usize,
    /// The leaf.
    pub(super) leaf: Child,
    /// The pages from the top to the one above the leaf, without the top.
    pub(super) path: Vec<(u64, Rc<Page>)>,
    /// Where the leaf after the parent's last one begins.
    after: Option<(Rc<Page>, usize)>,
    /// Where the parent's first leaf begins; nothing where it is the first of all.
    first: Option<(Rc<Page>, usize)>,
}

/// Finds the leaf in which `key` would be.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`].
pub(super) fn find(root: &Root, key: &[u8], pages: InMemory<'_>) -> Result<Found> {
    descend(root, &|page| page.part_of(key), pages)
}

/// Finds the leaf in which the last key before `key` would be.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`].
pub(super) fn find_before(root: &Root, key: &[u8], pages: InMemory<'_>) -> Result<Found> {
    descend(root, &|page| page.part_before(key), pages)
}

fn descend(root: &Root, part: &dyn Fn(&Page) -> usize, pages: InMemory<'_>) -> Result<Found> {
    let mut page = root.top.clone();
    let mut path = Vec::new();
    let (mut after, mut first) = (None, None);
    for level in (1..=root.height).rev() {
        if page.len() == 0 {
            return Ok(Found::NoLeaves);
        }
        let place = part(&page);
        let child = Child::at(&page, place)?;
        if level == 1 {
            return Ok(Found::Leaf(Position { parent: page, place, leaf: child, path, after, first }));
        }
        if place + 1 < page.len() {
            after = Some((page.clone(), place + 1));
        }
        if place > 0 {
            first = Some((page, place));
        }
        let Some(below) = pages(child.id) else { return Ok(Found::Missing(child.id)) };
        path.push((child.id, below.clone()));
        page = below;
    }
    Ok(Found::NoLeaves)
}

impl Position {
    /// Where the leaf begins. The first leaf holds all keys before that, too.
    pub(super) fn fence(&self) -> &[u8] {
        self.parent.key(self.place)
    }

    /// Where the next leaf begins.
    pub(super) fn upper(&self) -> Option<&[u8]> {
        self.upper_of(self.place)
    }

    /// Where the leaf begins that comes after the one at a place of the same parent.
    pub(super) fn upper_of(&self, place: usize) -> Option<&[u8]> {
        match place + 1 {
            next if next < self.parent.len() => Some(self.parent.key(next)),
            _ => self.after.as_ref().map(|(page, place)| page.key(*place)),
        }
    }

    /// The key at which the leaf before this one ends: no key from there on is in that. Nothing where this is the first leaf.
    pub(super) fn lower(&self) -> Option<&[u8]> {
        match self.place {
            0 => self.first.as_ref().map(|(page, place)| page.key(*place)),
            place => Some(self.parent.key(place)),
        }
    }

    /// The places of the leaves after this one below the same page.
    pub(super) fn following(&self) -> impl Iterator<Item = usize> {
        self.place + 1..self.parent.len()
    }

    /// The places of the leaves before this one below the same page, the nearest one first.
    pub(super) fn preceding(&self) -> impl Iterator<Item = usize> {
        (0..self.place).rev()
    }
}
