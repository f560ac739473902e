//! One range of a read: the tail over the pages, in key order or in reverse, as far as the pages are in memory.

use super::cache::Pages;
use super::page::Page;
use super::root::{Child, Root};
use super::stored::{Stored, Value};
use super::tail::Overlay;
use super::tree::{self, Found, Position};
use crate::error::Result;
use crate::model::batch::ReadRange;
use crate::model::limits;
use crate::model::tuple::{Key, compare};
use std::cmp::Ordering;

/// How many pages one read fetches at a time. With 32 KiB each, 4 MiB.
pub(super) const WINDOW: usize = if cfg!(feature = "tiny") { 2 } else { 128 };

/// What is wanted of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Key, version and value.
    Entries,
    /// The key.
    Keys,
    /// How many there are.
    Count,
}

/// An entry of the result; nothing is stored where only keys are wanted.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) key: Key,
    pub(super) stored: Option<Stored>,
}

/// Pages that are not in memory.
#[derive(Debug)]
pub(super) struct Missing {
    /// Without these a scan cannot go on.
    pub(super) needed: Vec<u64>,
    /// The next ones, which may be asked for soon, and how many they may be.
    pub(super) ahead: Vec<u64>,
    pub(super) window: usize,
}

/// A range being read. What the tail says of it was taken when it began, so the result is of that moment.
#[derive(Debug)]
pub(super) struct Scan {
    start: Key,
    end: Key,
    reverse: bool,
    limit: u64,
    is_point: bool,
    want: Want,
    hidden: Overlay,
    /// What the tail has, the next one last.
    overlay: Vec<(Key, Option<Stored>)>,
    /// Where it goes on, with this key or, in reverse, with the last one before it; `None` when it is done.
    from: Option<Vec<u8>>,
    pub(super) hits: Vec<Hit>,
    /// How many entries it found.
    pub(super) count: u64,
    /// How many bytes their values have.
    pub(super) bytes: usize,
    /// How many leaves it has read.
    pub(super) leaves: u64,
}

impl Scan {
    /// A scan of one key that is done: this is what is stored under it.
    pub(super) fn done(key: &Key, want: Want, stored: Option<Stored>) -> Self {
        let bytes = stored.as_ref().filter(|_| want == Want::Entries).map_or(0, |stored| stored.value.len());
        let hit = stored.map(|stored| Hit { key: key.clone(), stored: (want == Want::Entries).then_some(stored) });
        Self {
            start: Key::new(),
            end: Key::new(),
            reverse: false,
            limit: 1,
            is_point: true,
            want,
            hidden: Overlay::default(),
            overlay: Vec::new(),
            from: None,
            leaves: 0,
            count: hit.is_some().into(),
            hits: hit.into_iter().collect(),
            bytes,
        }
    }

    /// Begins to read a range over which `overlay` lies.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::LimitExceeded`] for more than a read may return.
    pub(super) fn new(range: &ReadRange, want: Want, mut overlay: Overlay) -> Result<Self> {
        let mut keys = std::mem::take(&mut overlay.keys);
        if !range.reverse {
            keys.reverse();
        }
        // A single key of which the tail knows needs no page.
        let is_known = range.as_point().is_some() && (!keys.is_empty() || overlay.hides(range.start.as_bytes()));
        let needs_pages = !range.is_empty() && !is_known;
        let first = if range.reverse { &range.end } else { &range.start };
        let mut scan = Self {
            start: range.start.clone(),
            end: range.end.clone(),
            reverse: range.reverse,
            limit: range.limit.map_or(u64::MAX, u64::from),
            is_point: range.as_point().is_some(),
            want,
            hidden: overlay,
            overlay: keys,
            from: needs_pages.then(|| first.as_bytes().to_vec()),
            hits: Vec::new(),
            count: 0,
            bytes: 0,
            leaves: 0,
        };
        if scan.from.is_none() {
            scan.take_overlay(None)?;
        }
        Ok(scan)
    }

    /// Goes on as far as pages are in memory, and names in `missing` those that it needs next.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`]; [`crate::ErrorKind::LimitExceeded`] for more than a read may return.
    pub(super) fn advance(&mut self, root: &Root, pages: &mut Pages<'_>, missing: &mut Missing) -> Result<()> {
        while let Some(from) = self.from.take() {
            let find = if self.reverse { tree::find_before } else { tree::find };
            let position = match find(root, &from, &mut |id| pages.page(id))? {
                Found::NoLeaves => return self.take_overlay(None),
                Found::Missing(id) => {
                    add(&mut missing.needed, id);
                    self.from = Some(from);
                    return Ok(());
                }
                Found::Leaf(position) => position,
            };
            let next = match self.reverse {
                false => position.upper().filter(|upper| *upper < self.end.as_bytes()),
                true => position.lower().filter(|lower| *lower > self.start.as_bytes()),
            };
            if from.as_slice() <= position.fence() && self.can_count_unread(&from, next) {
                self.count += position.leaf.entries;
            } else if let Some(leaf) = pages.page(position.leaf.id) {
                self.take_leaf(&leaf, &from)?;
                self.leaves += 1;
            } else {
                self.look_ahead(&position, pages, missing)?;
                self.from = Some(from);
                return Ok(());
            }
            match next {
                Some(_) if self.is_full() => {}
                Some(next) => self.from = Some(next.to_vec()),
                None => self.take_overlay(None)?,
            }
        }
        Ok(())
    }

    /// Names the leaf, those that come next and will be needed as far as that can be told, and those that may be.
    fn look_ahead(&self, position: &Position, pages: &Pages<'_>, missing: &mut Missing) -> Result<()> {
        add(&mut missing.needed, position.leaf.id);
        match self.reverse {
            false => self.look_at(position, &mut position.following(), pages, missing),
            true => self.look_at(position, &mut position.preceding(), pages, missing),
        }
    }

    fn look_at(
        &self,
        position: &Position,
        places: &mut dyn Iterator<Item = usize>,
        pages: &Pages<'_>,
        missing: &mut Missing,
    ) -> Result<()> {
        let mut expected = self.count.saturating_add(position.leaf.entries);
        let mut ahead = missing.window;
        for place in places {
            let leaf = Child::at(&position.parent, place)?;
            let (fence, upper) = (position.parent.key(place), position.upper_of(place));
            let is_within = match self.reverse {
                false => fence < self.end.as_bytes(),
                true => upper.is_none_or(|upper| upper > self.start.as_bytes()),
            };
            if self.can_count_unread(fence, upper.filter(|upper| *upper < self.end.as_bytes())) {
                continue;
            }
            let is_needed = is_within && expected < self.limit;
            expected = expected.saturating_add(leaf.entries);
            // By place and not by number: else those that are there would be passed over to the end.
            if !is_needed && ahead == 0 {
                break;
            }
            ahead -= usize::from(!is_needed);
            let (wanted, most) = match is_needed {
                true => (&mut missing.needed, WINDOW),
                false => (&mut missing.ahead, missing.window),
            };
            if wanted.len() >= most {
                break;
            }
            if !pages.has(leaf.id) {
                add(wanted, leaf.id);
            }
        }
        Ok(())
    }

    /// Whether all entries of a leaf from `from` to before `next` count and nothing else does, so that it need not be read.
    fn can_count_unread(&self, from: &[u8], next: Option<&[u8]>) -> bool {
        let is_plain = self.want == Want::Count && self.limit == u64::MAX && !self.reverse;
        let Some(upper) = next.filter(|_| is_plain) else { return false };
        let later = self.overlay.partition_point(|(key, _)| key.as_bytes() >= from);
        let first = later.checked_sub(1).and_then(|place| self.overlay.get(place));
        let is_touched = first.is_some_and(|(key, _)| key.as_bytes() < upper)
            || self.hidden.hidden.iter().any(|(start, end)| start.as_bytes() < upper && from < end.as_bytes());
        !is_touched
    }

    fn take_leaf(&mut self, leaf: &Page, from: &[u8]) -> Result<()> {
        let mut places = match self.reverse {
            false => leaf.lower_bound(from)..leaf.lower_bound(self.end.as_bytes()),
            true => leaf.lower_bound(self.start.as_bytes())..leaf.lower_bound(from),
        };
        while let Some(place) = if self.reverse { places.next_back() } else { places.next() } {
            let key = leaf.key(place);
            self.take_overlay(Some(key))?;
            if self.is_full() {
                break;
            }
            let is_replaced = self.overlay.last().is_some_and(|(known, _)| known.as_bytes() == key);
            if is_replaced || self.hidden.hides(key) {
                continue;
            }
            match self.want {
                Want::Count => self.count += 1,
                Want::Keys => self.hit(Key::from_bytes(key.to_vec()), None)?,
                Want::Entries => {
                    let mut stored = Stored::decode(&leaf.shared_payload(place))?;
                    if let (true, Value::Inline(value)) = (self.is_point, &mut stored.value) {
                        // One of many such scans, maybe, each with another page.
                        *value = value.detached();
                    }
                    self.hit(Key::from_bytes(key.to_vec()), Some(stored))?;
                }
            }
        }
        Ok(())
    }

    /// Takes what the tail has that comes before a key, or all that it has.
    fn take_overlay(&mut self, before: Option<&[u8]>) -> Result<()> {
        let first = if self.reverse { Ordering::Greater } else { Ordering::Less };
        while !self.is_full() {
            let comes_first = |key: &Key| before.is_none_or(|end| compare(key.as_bytes(), end) == first);
            let is_next = self.overlay.last().is_some_and(|(key, _)| comes_first(key));
            let Some((key, stored)) = is_next.then(|| self.overlay.pop()).flatten() else { break };
            match (stored, self.want) {
                (None, _) => {}
                (Some(_), Want::Count) => self.count += 1,
                (Some(_), Want::Keys) => self.hit(key, None)?,
                (stored, Want::Entries) => self.hit(key, stored)?,
            }
        }
        Ok(())
    }

    fn hit(&mut self, key: Key, stored: Option<Stored>) -> Result<()> {
        self.count += 1;
        self.bytes += stored.as_ref().map_or(0, |stored| stored.value.len());
        self.hits.push(Hit { key, stored });
        limits::check_read(self.bytes)
    }

    const fn is_full(&self) -> bool {
        self.count >= self.limit
    }
}

fn add(missing: &mut Vec<u64>, id: u64) {
    if !missing.contains(&id) {
        missing.push(id);
    }
}
