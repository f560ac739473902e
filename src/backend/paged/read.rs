//! Reading: the tail over the pages of one root.

use super::blob_store::{Area, Blob, BlobRange};
use super::cache::{Cache, Cached, Pages};
use super::page::Page;
use super::root::{Child, Root};
use super::scan::{Hit, Missing, Scan, WINDOW, Want};
use super::stored::{Place, Stored, Value};
use super::tail::Said;
use super::{Engine, blob};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Bytes, Entry, Lookup, ReadRange, Version};
use crate::model::limits;
use crate::model::tuple::Key;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::rc::Rc;

impl Engine {
    /// A snapshot of all ranges, and the version of the last commit that is in it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`], naming the damaged blob; [`ErrorKind::LimitExceeded`]; and those of the storage.
    pub(super) async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        loop {
            let at = self.ready().await?;
            match self.read_once(ranges).await {
                Err(error) if self.is_excused(&error, at).await? => {}
                result => return result,
            }
        }
    }

    /// A snapshot of what is stored under these keys.
    ///
    /// # Errors
    ///
    /// As [`Self::snapshot`].
    pub(super) async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        loop {
            let at = self.ready().await?;
            match self.get_once(lookups).await {
                Err(error) if self.is_excused(&error, at).await? => {}
                result => return result,
            }
        }
    }

    /// How many entries a range has. Leaves of which every entry counts are not read.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub(super) async fn count(&self, range: &ReadRange) -> Result<u64> {
        // From either end there are as many.
        let range = ReadRange { reverse: false, ..range.clone() };
        loop {
            let at = self.ready().await?;
            match self.count_once(&range).await {
                Err(error) if self.is_excused(&error, at).await? => {}
                result => return result,
            }
        }
    }

    /// Sees to it that there is a state to read from, and tells its life and epoch.
    async fn ready(&self) -> Result<(u64, u64)> {
        if self.store.is_lost() {
            self.catch_up().await?;
        }
        self.attach().await?;
        let state = self.state.borrow();
        Ok((state.life, state.root.epoch))
    }

    /// Whether reading failed because, without locks or after a suspension, what the root needs was removed meanwhile.
    async fn is_excused(&self, error: &Error, (life, epoch): (u64, u64)) -> Result<bool> {
        Ok(error.kind() == ErrorKind::Corrupt && self.is_outdated(life, epoch).await?)
    }

    /// Whether a call that found something missing did so because the root that it used is no longer the one that
    /// counts. The state is then made anew, unless it has gone on already.
    pub(super) async fn is_outdated(&self, life: u64, epoch: u64) -> Result<bool> {
        let has_gone_on = || {
            let state = self.state.borrow();
            state.life != life || state.root.epoch != epoch || state.is_detached()
        };
        if has_gone_on() {
            return Ok(true);
        }
        let is_outdated = self.newest_epoch().await? != epoch;
        if is_outdated && !has_gone_on() {
            self.state.borrow_mut().detach();
        }
        Ok(is_outdated)
    }

    async fn read_once(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        let (version, root, mut scans) = {
            let state = self.state.borrow();
            let begin = |range: &ReadRange| {
                let want = if range.keys_only { Want::Keys } else { Want::Entries };
                Scan::new(range, want, state.tail.overlay_within(range))
            };
            let scans = ranges.iter().map(begin).collect::<Result<Vec<_>>>()?;
            (Version(state.version), state.root.clone(), scans)
        };
        self.finish(&root, &mut scans).await?;
        Ok((version, self.entries(scans).await?))
    }

    async fn count_once(&self, range: &ReadRange) -> Result<u64> {
        let (root, scan) = {
            let state = self.state.borrow();
            (state.root.clone(), Scan::new(range, Want::Count, state.tail.overlay_within(range))?)
        };
        let mut scans = [scan];
        self.finish(&root, &mut scans).await?;
        let [scan] = scans;
        Ok(scan.count)
    }

    async fn get_once(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        let mut found = Vec::with_capacity(lookups.len());
        // What is not in memory as a whole is read together.
        let (mut places, mut scans) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        // Many small values must not keep as many pages in memory.
        let are_many = lookups.len() > WINDOW;
        let root = {
            let state = self.state.borrow();
            let mut cache = self.cache.borrow_mut();
            for (place, &Lookup { key, keys_only }) in lookups.iter().enumerate() {
                let entry = match look_up(&state.root, key, state.tail.look_up(key), &mut cache)? {
                    Some(None) => None,
                    Some(Some(_)) if keys_only => {
                        Some(Entry { key: key.clone(), value: Bytes::default(), version: None })
                    }
                    Some(Some(Stored { version, value: Value::Inline(value) })) => {
                        bytes += value.len();
                        limits::check_read(bytes)?;
                        let value = if are_many { value.detached() } else { value };
                        Some(Entry { key: key.clone(), value, version: Some(version) })
                    }
                    Some(Some(stored)) => {
                        places.push(place);
                        scans.push(Scan::done(key, Want::Entries, Some(stored)));
                        None
                    }
                    None => {
                        let want = if keys_only { Want::Keys } else { Want::Entries };
                        let range = ReadRange::point(key.clone());
                        places.push(place);
                        scans.push(Scan::new(&range, want, state.tail.overlay_within(&range))?);
                        None
                    }
                };
                found.push(entry);
            }
            state.root.clone()
        };
        if !scans.is_empty() {
            self.finish(&root, &mut scans).await?;
            limits::check_read(bytes + scans.iter().map(|scan| scan.bytes).sum::<usize>())?;
            let rest = self.entries(scans).await?;
            for (place, entries) in places.into_iter().zip(rest) {
                if let (Some(slot), Some(entry)) = (found.get_mut(place), entries.into_iter().next()) {
                    *slot = Some(entry);
                }
            }
        }
        Ok(found)
    }

    /// Brings scans to their end, fetching the pages that are not in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`], [`ErrorKind::LimitExceeded`], and those of the storage.
    pub(super) async fn finish(&self, root: &Root, scans: &mut [Scan]) -> Result<()> {
        let mut fetched = FxHashMap::default();
        let mut leaves = 0;
        loop {
            let missing = self.advance(root, scans, &fetched)?;
            if missing.needed.is_empty() {
                return Ok(());
            }
            // The way to a leaf has to be there as a whole: the cache may be too small to keep it.
            let taken = scans.iter().map(|scan| scan.leaves).sum();
            if fetched.len() > WINDOW && std::mem::replace(&mut leaves, taken) != taken {
                fetched.clear();
            }
            fetched.extend(self.fetch(missing).await?);
        }
    }

    fn advance(&self, root: &Root, scans: &mut [Scan], fetched: &FxHashMap<u64, Rc<Page>>) -> Result<Missing> {
        let mut cache = self.cache.borrow_mut();
        let mut missing = Missing { needed: Vec::new(), ahead: Vec::new(), window: cache.window() };
        let mut pages = Pages { fetched, cache: &mut cache };
        let mut bytes = 0;
        for scan in scans {
            scan.advance(root, &mut pages, &mut missing)?;
            bytes += scan.bytes;
            limits::check_read(bytes)?;
            if missing.needed.len() >= WINDOW {
                break;
            }
        }
        Ok(missing)
    }

    /// Fetches pages in one read, and keeps them in the cache.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] and those of the storage.
    pub(super) async fn fetch_pages(&self, ids: Vec<u64>) -> Result<FxHashMap<u64, Rc<Page>>> {
        self.fetch_all(&ids, &[]).await
    }

    async fn fetch(&self, missing: Missing) -> Result<FxHashMap<u64, Rc<Page>>> {
        let Missing { needed, ahead, .. } = missing;
        if ahead.is_empty() {
            return self.fetch_all(&needed, &[]).await;
        }
        self.cache.borrow_mut().adapt_window();
        match self.fetch_all(&needed, &ahead).await {
            // What is only read ahead must not keep anything from being read.
            Err(error) if error.kind() == ErrorKind::Corrupt => self.fetch_all(&needed, &[]).await,
            result => result,
        }
    }

    async fn fetch_all(&self, needed: &[u64], ahead: &[u64]) -> Result<FxHashMap<u64, Rc<Page>>> {
        let mut ids = [needed, ahead].concat();
        ids.sort_unstable();
        ids.dedup();
        let ranges = runs(&ids);
        let read = self.store.read(&ranges).await?;
        let mut pages = FxHashMap::with_capacity_and_hasher(needed.len(), FxBuildHasher);
        let mut cache = self.cache.borrow_mut();
        for (range, blobs) in ranges.iter().zip(&read) {
            for (id, sealed) in numbered(*range, blobs)? {
                if !needed.contains(&id) {
                    cache.keep(Area::Page, id, Cached::Sealed(sealed.clone()));
                    continue;
                }
                let page = Page::open(id, sealed)?;
                cache.keep(Area::Page, id, Cached::Page(page.clone()));
                pages.insert(id, page);
            }
        }
        Ok(pages)
    }

    async fn entries(&self, scans: Vec<Scan>) -> Result<Vec<Vec<Entry>>> {
        let hits = scans.iter().flat_map(|scan| &scan.hits);
        let places = hits.filter_map(|hit| hit.stored.as_ref()?.value.place()).collect();
        let mut large = self.fetch_values(places).await?.into_iter();
        let mut entry = |hit: Hit| match hit.stored {
            None => Entry { key: hit.key, value: Bytes::default(), version: None },
            Some(stored) => {
                let value = match stored.value {
                    Value::Inline(bytes) => bytes,
                    // There is one of each place, in their order.
                    Value::Away(_) => large.next().unwrap_or_default(),
                };
                Entry { key: hit.key, value, version: Some(stored.version) }
            }
        };
        Ok(scans.into_iter().map(|scan| scan.hits.into_iter().map(&mut entry).collect()).collect())
    }

    /// The values of these places, in their order.
    async fn fetch_values(&self, places: Vec<Place>) -> Result<Vec<Bytes>> {
        let mut values: Vec<Option<Bytes>> = {
            let mut cache = self.cache.borrow_mut();
            places.iter().map(|place| cache.value(place.first)).collect()
        };
        let missing = values.iter().zip(&places).filter(|(value, _)| value.is_none());
        let ranges: Vec<BlobRange> = missing.map(|(_, place)| place.blobs()).collect();
        if !ranges.is_empty() {
            let read = self.store.read(&ranges).await?;
            let mut cache = self.cache.borrow_mut();
            let missing = values.iter_mut().zip(&places).filter(|(value, _)| value.is_none());
            for ((value, place), blobs) in missing.zip(&read) {
                let bytes: Bytes = value_of(*place, blobs)?.into();
                cache.keep(Area::Value, place.first, Cached::Value(bytes.clone()));
                *value = Some(bytes);
            }
        }
        Ok(values.into_iter().flatten().collect())
    }
}

/// What is stored under a key, as far as that can be told from what is in memory: the usual case, without the effort of a
/// scan.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`].
pub(super) fn look_up(root: &Root, key: &Key, said: Said, cache: &mut Cache) -> Result<Option<Option<Stored>>> {
    if let Said::Stored(stored) = said {
        return Ok(Some(stored));
    }
    match place_in_pages(root, key, cache)? {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some((page, place))) => Ok(Some(Some(Stored::decode(&page.shared_payload(place))?))),
    }
}

/// As [`look_up`], of the version alone.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`].
pub(super) fn look_up_version(
    root: &Root,
    key: &Key,
    said: Said,
    cache: &mut Cache,
) -> Result<Option<Option<Version>>> {
    if let Said::Stored(stored) = said {
        return Ok(Some(stored.map(|stored| stored.version)));
    }
    match place_in_pages(root, key, cache)? {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some((page, place))) => Ok(Some(Some(Stored::decode_version(page.payload(place))?))),
    }
}

/// The leaf that has a key, and its place there; `None` where a page is not in memory.
#[allow(clippy::type_complexity, reason = "the outer option is whether it is known, the inner one whether it is there")]
fn place_in_pages(root: &Root, key: &Key, cache: &mut Cache) -> Result<Option<Option<(Rc<Page>, usize)>>> {
    let mut page = root.top.clone();
    for _ in 0..root.height {
        if page.len() == 0 {
            return Ok(Some(None));
        }
        let below = Child::at(&page, page.part_of(key.as_bytes()))?;
        match cache.page(below.id) {
            Some(below) => page = below,
            None => return Ok(None),
        }
    }
    let place = page.lower_bound(key.as_bytes());
    let is_there = place < page.len() && page.key(place) == key.as_bytes();
    Ok(Some(is_there.then_some((page, place))))
}

/// Puts a large value together.
///
/// # Errors
///
/// [`ErrorKind::Corrupt`].
pub(super) fn value_of(place: Place, blobs: &[Blob]) -> Result<Vec<u8>> {
    // A damaged length must not make us ask for more memory than there are bytes.
    let mut value = Vec::new();
    for (number, sealed) in numbered(place.blobs(), blobs)? {
        value.extend_from_slice(&blob::open(Area::Value, Some(number), sealed)?.content);
    }
    if value.len() as u64 == place.length { Ok(value) } else { Err(blob::damaged(Area::Value, Some(place.first))) }
}

/// The blobs of a range with their numbers; there has to be one of each.
fn numbered(range: BlobRange, blobs: &[Blob]) -> Result<impl Iterator<Item = (u64, &Blob)>> {
    if blobs.len() as u64 == range.last - range.first + 1 {
        return Ok((range.first..=range.last).zip(blobs));
    }
    // Which one is missing shows where the numbers no longer fit.
    let fits = |(number, sealed): &(u64, &Blob)| blob::open(range.area, Some(*number), sealed).is_ok();
    let present = (range.first..=range.last).zip(blobs).take_while(fits).count() as u64;
    Err(blob::missing(range.area, range.first + present))
}

/// Sorted page ids as ranges of consecutive ones.
fn runs(ids: &[u64]) -> Vec<BlobRange> {
    let mut runs: Vec<BlobRange> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some(run) if run.last + 1 == *id => run.last = *id,
            _ => runs.push(BlobRange::one(Area::Page, *id)),
        }
    }
    runs
}
