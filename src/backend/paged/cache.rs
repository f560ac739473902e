//! Pages and large values in memory, up to a limit in bytes.

use super::blob_store::Area;
use super::page::Page;
use crate::model::batch::Bytes;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A page, or a large value put together. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Cached {
    Page(Rc<Page>),
    /// A page that was read ahead, and is opened only when somebody asks for it.
    Sealed(Bytes),
    Value(Bytes),
}

impl Cached {
    fn bytes(&self) -> usize {
        match self {
            Self::Page(page) => page.bytes(),
            Self::Sealed(bytes) | Self::Value(bytes) => bytes.len(),
        }
    }
}

/// When something was used last that never was.
const NEVER: u64 = 0;

/// How many pages are read ahead at the most.
const MAX_AHEAD: usize = 16;
/// How many at first.
const FIRST_AHEAD: usize = 2;

/// The pages that a read can use: what it fetched, and what is kept.
pub(super) struct Pages<'a> {
    pub(super) fetched: &'a FxHashMap<u64, Rc<Page>>,
    pub(super) cache: &'a mut Cache,
}

impl Pages<'_> {
    /// A page, to be used.
    pub(super) fn page(&mut self, id: u64) -> Option<Rc<Page>> {
        self.fetched.get(&id).cloned().or_else(|| self.cache.page(id))
    }

    /// Whether it need not be fetched. Asking is no use of it.
    pub(super) fn has(&self, id: u64) -> bool {
        self.fetched.contains_key(&id) || self.cache.kept.contains_key(&(Area::Page, id))
    }
}

/// What was used last stays. Pages that were read ahead and never used go first.
#[derive(Debug)]
pub(super) struct Cache {
    limit: usize,
    bytes: usize,
    uses: u64,
    kept: FxHashMap<(Area, u64), (u64, Cached)>,
    /// How many pages are read ahead, and how many of those were used since.
    window: usize,
    used_ahead: usize,
}

impl Cache {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, uses: 0, kept: FxHashMap::default(), window: FIRST_AHEAD, used_ahead: 0 }
    }

    pub(super) fn page(&mut self, id: u64) -> Option<Rc<Page>> {
        match self.get(Area::Page, id)? {
            Cached::Page(page) => Some(page),
            Cached::Sealed(sealed) => {
                self.used_ahead += 1;
                self.forget(Area::Page, id);
                // One that is damaged is fetched anew, and its damage told.
                let page = Page::open(id, &sealed).ok()?;
                self.keep(Area::Page, id, Cached::Page(page.clone()));
                Some(page)
            }
            Cached::Value(_) => None,
        }
    }

    pub(super) fn value(&mut self, first: u64) -> Option<Bytes> {
        match self.get(Area::Value, first) {
            Some(Cached::Value(bytes)) => Some(bytes),
            _ => None,
        }
    }

    fn get(&mut self, area: Area, number: u64) -> Option<Cached> {
        self.uses += 1;
        let (used, cached) = self.kept.get_mut(&(area, number))?;
        *used = self.uses;
        Some(cached.clone())
    }

    /// How many pages are to be read ahead.
    pub(super) const fn window(&self) -> usize {
        self.window
    }

    /// Pages are being fetched: the next time more are read ahead where it was of use since the last time, fewer where not.
    pub(super) fn adapt_window(&mut self) {
        let window = if std::mem::take(&mut self.used_ahead) > 0 { self.window * 2 } else { self.window - 1 };
        self.window = window.clamp(1, MAX_AHEAD);
    }

    /// Keeps something; what would take more than an eighth of the room is not kept.
    pub(super) fn keep(&mut self, area: Area, number: u64, cached: Cached) {
        let bytes = cached.bytes();
        if bytes > self.limit / 8 {
            return;
        }
        self.uses += 1;
        self.bytes += bytes;
        let used = if matches!(cached, Cached::Sealed(_)) { NEVER } else { self.uses };
        if let Some((_, replaced)) = self.kept.insert((area, number), (used, cached)) {
            self.bytes -= replaced.bytes();
        }
        if self.bytes > self.limit {
            self.drop_oldest();
        }
    }

    /// How many bytes are kept.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn forget(&mut self, area: Area, number: u64) {
        if let Some((_, gone)) = self.kept.remove(&(area, number)) {
            self.bytes -= gone.bytes();
        }
    }

    /// Drops what was not used for longest, down to three quarters of the room: many at a time, so that their order
    /// need not be kept.
    fn drop_oldest(&mut self) {
        let mut uses: Vec<u64> = self.kept.values().map(|(used, _)| *used).collect();
        uses.sort_unstable();
        // Rounds of a quarter of what there is, for sizes differ.
        for oldest in uses.chunks(uses.len().div_ceil(4)) {
            if self.bytes <= self.limit / 4 * 3 {
                return;
            }
            let last = oldest.last().copied().unwrap_or_default();
            let bytes = &mut self.bytes;
            self.kept.retain(|_, (used, cached)| {
                let stays = *used > last;
                *bytes -= if stays { 0 } else { cached.bytes() };
                stays
            });
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::super::blob;
    use super::*;

    fn value(bytes: usize) -> Cached {
        Cached::Value(vec![0; bytes].into())
    }

    /// An empty page as it is stored.
    fn sealed(id: u64) -> Cached {
        Cached::Sealed(blob::seal_page(id, 0, &[0; 4]).into())
    }

    #[test]
    fn reading_ahead_goes_on_as_long_as_it_is_of_use() {
        let mut cache = Cache::new(1_000_000);
        let mut windows = Vec::new();
        for round in 0..10 {
            cache.adapt_window();
            windows.push(cache.window());
            cache.keep(Area::Page, round, sealed(round));
            cache.keep(Area::Page, 100 + round, sealed(100 + round));
            if (4..6).contains(&round) {
                assert!(cache.page(round).is_some());
                assert!(cache.page(round).is_some(), "a second use says nothing new");
            }
        }
        assert_eq!(windows, [1, 1, 1, 1, 1, 2, 4, 3, 2, 1]);
        cache.keep(Area::Page, 200, Cached::Sealed(b"damaged".as_slice().into()));
        assert!(cache.page(200).is_none() && cache.page(200).is_none());
    }

    #[test]
    fn what_nobody_asked_for_goes_first() {
        let mut cache = Cache::new(8_000);
        cache.keep(Area::Page, 1_000, sealed(1_000));
        for number in 0..8 {
            cache.keep(Area::Value, number, value(990));
        }
        cache.keep(Area::Value, 8, value(990));
        assert!(cache.page(1_000).is_none());
    }

    #[test]
    fn the_limit_holds_and_what_was_used_last_stays() {
        let mut cache = Cache::new(8_000);
        for number in 0..100 {
            cache.keep(Area::Value, number, value(500));
            cache.value(0);
            assert!(cache.bytes() <= 8_000);
        }
        assert!(cache.value(0).is_some() && cache.value(99).is_some());
        assert!(cache.value(1).is_none());
        cache.keep(Area::Value, 0, value(700));
        cache.keep(Area::Value, 1_000, value(1_001));
        assert!(cache.value(1_000).is_none(), "one large value would drive out all else");
        let numbers: Vec<u64> = cache.kept.keys().map(|(_, number)| *number).collect();
        numbers.into_iter().for_each(|number| cache.forget(Area::Value, number));
        assert_eq!(cache.bytes(), 0);
    }
}
