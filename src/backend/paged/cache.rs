//! Pages and large values in memory, up to a limit in bytes.

use super::blob_store::Area;
use super::page::Page;
use crate::model::batch::Bytes;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A decoded page, or a large value put together. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) enum Cached {
    Page(Rc<Page>),
    Value(Bytes),
}

impl Cached {
    fn bytes(&self) -> usize {
        match self {
            Self::Page(page) => page.bytes(),
            Self::Value(bytes) => bytes.len(),
        }
    }
}

/// When something was used last that never was.
const NEVER: u64 = 0;

/// How many pages are read ahead at the most.
const MAX_AHEAD: usize = 16;

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
        Self { limit, bytes: 0, uses: 0, kept: FxHashMap::default(), window: 1, used_ahead: 0 }
    }

    pub(super) fn page(&mut self, id: u64) -> Option<Rc<Page>> {
        match self.get(Area::Page, id) {
            Some(Cached::Page(page)) => Some(page),
            _ => None,
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
        self.used_ahead += usize::from(*used == NEVER);
        *used = self.uses;
        Some(cached.clone())
    }

    /// How many pages are to be read ahead.
    pub(super) const fn window(&self) -> usize {
        self.window
    }

    /// Pages are being fetched: the next time more are read ahead where it was of use since the last time, fewer where not.
    pub(super) fn adapt_window(&mut self) {
        let window = if std::mem::take(&mut self.used_ahead) > 0 { self.window * 2 } else { self.window / 2 };
        self.window = window.clamp(1, MAX_AHEAD);
    }

    /// Keeps a page that nobody has asked for yet.
    pub(super) fn keep_ahead(&mut self, id: u64, page: Rc<Page>) {
        self.keep(Area::Page, id, Cached::Page(page));
        if let Some((used, _)) = self.kept.get_mut(&(Area::Page, id)) {
            *used = NEVER;
        }
    }

    /// Keeps something; what would take more than an eighth of the room is not kept.
    pub(super) fn keep(&mut self, area: Area, number: u64, cached: Cached) {
        let bytes = cached.bytes();
        if bytes > self.limit / 8 {
            return;
        }
        self.uses += 1;
        self.bytes += bytes;
        if let Some((_, replaced)) = self.kept.insert((area, number), (self.uses, cached)) {
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
    use super::*;

    fn value(bytes: usize) -> Cached {
        Cached::Value(vec![0; bytes].into())
    }

    #[test]
    fn reading_ahead_goes_on_as_long_as_it_is_of_use() {
        let mut cache = Cache::new(1_000_000);
        let mut windows = Vec::new();
        for round in 0..10 {
            cache.adapt_window();
            windows.push(cache.window());
            cache.keep_ahead(round, Rc::default());
            cache.keep_ahead(100 + round, Rc::default());
            if round < 6 {
                assert!(cache.page(round).is_some());
                assert!(cache.page(round).is_some(), "a second use says nothing new");
            }
        }
        assert_eq!(windows, [1, 2, 4, 8, 16, 16, 16, 8, 4, 2]);
    }

    #[test]
    fn what_nobody_asked_for_goes_first() {
        let mut cache = Cache::new(8_000);
        cache.keep_ahead(1_000, Rc::new(Page::decode(vec![0; 4]).unwrap_or_default()));
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
