//! Reading what is stored without stopping where something is damaged: for those who check it, and who save what is left.

use super::blob;
use super::blob_store::{Area, Blob, BlobRange, BlobStore};
use super::follow::{self, ROOT};
use super::page::Page;
use super::record::{self, Record};
use super::root::Root;
use super::stored::Place;
use super::{read, trim};
use crate::error::{Error, ErrorKind, Result};

/// How many blobs are read at a time, about.
pub(super) const WINDOW: usize = if cfg!(feature = "tiny") { 2 } else { 64 };

/// Reads blobs, counts them, and gathers what is damaged.
pub(super) struct Survey<'a> {
    pub(super) store: &'a dyn BlobStore,
    /// How many blobs were read.
    pub(super) blobs: u64,
    /// How many bytes they have.
    pub(super) bytes: u64,
    /// What is damaged or missing.
    pub(super) damage: Vec<String>,
}

impl<'a> Survey<'a> {
    pub(super) const fn new(store: &'a dyn BlobStore) -> Self {
        Self { store, blobs: 0, bytes: 0, damage: Vec::new() }
    }

    /// Takes damage down; any other error is one.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) fn note(&mut self, error: Error) -> Result<()> {
        if error.kind() != ErrorKind::Corrupt {
            return Err(error);
        }
        self.damage.push(error.message().to_owned());
        Ok(())
    }

    /// What a result has, where that is not damaged.
    ///
    /// # Errors
    ///
    /// As [`Self::note`].
    pub(super) fn sound<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(error) => self.note(error).map(|()| None),
        }
    }

    async fn read(&mut self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        let read = self.store.read(ranges).await?;
        for blob in read.iter().flatten() {
            self.blobs += 1;
            self.bytes += blob.len() as u64;
        }
        Ok(read)
    }

    /// The blobs of these numbers, as far as they are there.
    async fn fetch(&mut self, area: Area, numbers: &[u64]) -> Result<Vec<Option<Blob>>> {
        let ranges: Vec<_> = numbers.iter().map(|number| BlobRange::one(area, *number)).collect();
        Ok(self.read(&ranges).await?.into_iter().map(|blobs| blobs.into_iter().next()).collect())
    }

    /// The root; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where it is damaged, and those of the storage.
    pub(super) async fn root(&mut self) -> Result<Option<Root>> {
        let read = self.read(&[BlobRange::one(Area::Meta, ROOT)]).await?;
        let blobs = read.first().filter(|blobs| !blobs.is_empty());
        blobs.map(|blobs| follow::root_of(Some(blobs))).transpose()
    }

    /// The root; `None` where it is damaged, or where something was checkpointed and there is none.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) async fn sound_root(&mut self) -> Result<Option<Root>> {
        let root = self.root().await;
        let Some(root) = self.sound(root)? else { return Ok(None) };
        if root.is_some() {
            return Ok(root);
        }
        let begins = self.store.numbers(Area::Log).await?.first().is_none_or(|first| *first == 1);
        if begins && self.store.numbers(Area::Page).await?.is_empty() {
            return Ok(Some(Root::empty()));
        }
        self.note(blob::missing(Area::Meta, ROOT))?;
        Ok(None)
    }

    /// Reads the records of the log from a number on, in order, passing over those of which a piece is damaged or missing.
    /// `take` gets the last log number of each. Returns the number after the last one that is there.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) async fn log(&mut self, first: u64, take: &mut dyn FnMut(u64, Record)) -> Result<u64> {
        let mut numbers = self.store.numbers(Area::Log).await?;
        numbers.retain(|number| *number >= first);
        let mut pieces = Pieces::Ended;
        let mut next = first;
        for window in numbers.chunks(WINDOW) {
            let blobs = self.fetch(Area::Log, window).await?;
            for (number, sealed) in window.iter().copied().zip(blobs) {
                if number > next {
                    pieces = Pieces::Broken;
                    self.note(missing(BlobRange { area: Area::Log, first: next, last: number - 1 }))?;
                }
                next = number + 1;
                let Some(sealed) = sealed else {
                    pieces = Pieces::Broken;
                    self.note(blob::missing(Area::Log, number))?;
                    continue;
                };
                match pieces.add(number, &sealed) {
                    Ok(None) => {}
                    Ok(Some(record)) => take(number, record),
                    Err(error) => self.note(error)?,
                }
            }
        }
        if matches!(pieces, Pieces::Begun { .. }) {
            self.note(blob::missing(Area::Log, next))?;
        }
        Ok(next)
    }

    /// The pages of these ids with their levels; `None` for each that is damaged or missing.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) async fn pages(&mut self, ids: &[u64]) -> Result<Vec<Option<(u8, Page)>>> {
        let blobs = self.fetch(Area::Page, ids).await?;
        ids.iter().zip(blobs).map(|(id, sealed)| self.sound(page_of(*id, sealed))).collect()
    }

    /// The large values at these places; `None` for each of which something is damaged or missing.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) async fn values(&mut self, places: &[Place]) -> Result<Vec<Option<Vec<u8>>>> {
        let ranges: Vec<_> = places.iter().map(|place| place.blobs()).collect();
        let read = self.read(&ranges).await?;
        places.iter().zip(&read).map(|(place, blobs)| self.sound(read::value_of(*place, blobs))).collect()
    }

    /// What old checkpoints left to be removed, as far as that can be read.
    ///
    /// # Errors
    ///
    /// All but [`ErrorKind::Corrupt`].
    pub(super) async fn trash(&mut self) -> Result<Vec<BlobRange>> {
        let mut trash = Vec::new();
        let numbers = self.store.numbers(Area::Trash).await?;
        for window in numbers.chunks(WINDOW) {
            let blobs = self.fetch(Area::Trash, window).await?;
            for (number, sealed) in window.iter().zip(blobs) {
                // What was removed meanwhile is no damage: it is there to be removed.
                let Some(sealed) = sealed else { continue };
                let ranges = blob::open(Area::Trash, Some(*number), &sealed)
                    .and_then(|opened| trim::decode(&opened.content))
                    .map_err(|error| of_blob(error, Area::Trash, *number));
                trash.extend(self.sound(ranges)?.unwrap_or_default());
            }
        }
        Ok(trash)
    }
}

/// How many of the first places make up a window of blobs; one at least.
pub(super) fn window_of(places: &[Place]) -> usize {
    let mut pieces = 0;
    let fits = |place: &&Place| {
        pieces += place.pieces();
        pieces <= WINDOW as u64
    };
    places.iter().take_while(fits).count().max(1).min(places.len())
}

/// The record that is being put together.
enum Pieces {
    /// The next piece begins one.
    Ended,
    /// The next piece goes on with it.
    Begun { begin: u64, content: Vec<u8> },
    /// Up to the next beginning nothing is of use, and damage has told why.
    Broken,
}

impl Pieces {
    /// Adds a piece. Gives the record that ends with it.
    fn add(&mut self, number: u64, sealed: &[u8]) -> Result<Option<Record>> {
        let before = std::mem::replace(self, Self::Broken);
        let piece = blob::open(Area::Log, Some(number), sealed)?;
        let (begin, mut content) = match before {
            Self::Ended | Self::Broken if piece.is_first => (number, Vec::new()),
            Self::Begun { begin, content } if !piece.is_first => (begin, content),
            Self::Broken => return Ok(None),
            // Pieces that do not fit each other.
            Self::Ended | Self::Begun { .. } => return Err(blob::damaged(Area::Log, Some(number))),
        };
        content.extend_from_slice(&piece.content);
        if !piece.is_last {
            *self = Self::Begun { begin, content };
            return Ok(None);
        }
        *self = Self::Ended;
        record::decode(begin, &content).map(Some)
    }
}

fn page_of(id: u64, sealed: Option<Blob>) -> Result<(u8, Page)> {
    let sealed = sealed.ok_or_else(|| blob::missing(Area::Page, id))?;
    let opened = blob::open(Area::Page, Some(id), &sealed)?;
    let level = opened.level;
    Page::decode(opened.content.into_owned()).map(|page| (level, page)).map_err(|error| of_blob(error, Area::Page, id))
}

/// An error of what is in a blob, naming it.
pub(super) fn of_blob(error: Error, area: Area, number: u64) -> Error {
    match error.kind() {
        ErrorKind::Corrupt => blob::damaged(area, Some(number)),
        _ => error,
    }
}

fn missing(range: BlobRange) -> Error {
    let BlobRange { area, first, last } = range;
    match first == last {
        true => blob::missing(area, first),
        false => Error::new(ErrorKind::Corrupt, format!("blobs {first} to {last} of {:?} are missing", area.name())),
    }
}

/// The epoch of the root that is stored; `None` where that is damaged.
///
/// # Errors
///
/// All but [`ErrorKind::Corrupt`].
pub(super) async fn epoch(store: &dyn BlobStore) -> Result<Option<u64>> {
    let mut survey = Survey::new(store);
    let root = survey.root().await;
    Ok(survey.sound(root)?.map(|root| root.map_or(0, |root| root.epoch)))
}
