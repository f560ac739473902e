//! Trimming: removing what no engine can need any more.

use super::Engine;
use super::blob::{self, Packing};
use super::blob_store::{Area, BlobRange, Change, Write};
use crate::error::Result;
use crate::model::batch::Durability;
use crate::model::codec::{Reader, Writer};

/// How many checkpoints' trash one write removes.
const BATCH: usize = if cfg!(feature = "tiny") { 2 } else { 64 };

impl Engine {
    /// Removes the log that is merged, and the trash of old checkpoints, as far as no engine stands below them.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] and those of the storage.
    pub(super) async fn trim(&self) -> Result<()> {
        if !self.neighbours.may_trim() {
            return Ok(());
        }
        let (epoch, merged) = {
            let state = self.state.borrow();
            (state.root.epoch, state.root.merged)
        };
        // Without locks nobody writes from below this epoch any more: guards keep them from it.
        let lowest = if self.neighbours.has_locks() { self.neighbours.lowest().await?.unwrap_or(epoch) } else { epoch };
        let lowest = lowest.min(epoch);
        // The last checkpoint's record stays: by it an engine that stood nowhere sees that it fell behind.
        loop {
            let read = self.store.read(&[BlobRange { area: Area::Trash, first: 0, last: lowest }]).await?;
            let sealed = read.first().map(Vec::as_slice).unwrap_or_default();
            let mut changes = vec![Change::Delete(BlobRange {
                area: Area::Log,
                first: 0,
                last: merged.min(lowest).min(epoch.saturating_sub(1)),
            })];
            for trash in sealed.iter().take(BATCH) {
                let opened = blob::open(Area::Trash, None, trash)?;
                changes.extend(decode(&opened.content)?.into_iter().map(Change::Delete));
                changes.push(Change::Delete(BlobRange::one(Area::Trash, opened.number)));
            }
            self.store.write(&Write { changes, durability: Durability::Relaxed }).await?;
            if sealed.len() <= BATCH {
                return Ok(());
            }
        }
    }
}

/// Writes down what became trash with the checkpoint of an epoch.
pub(super) fn seal(epoch: u64, trash: &[BlobRange]) -> Vec<u8> {
    let mut writer = Writer::default();
    for range in trash {
        writer.byte(if range.area == Area::Page { PAGE } else { VALUE });
        writer.number(range.first);
        writer.number(range.last);
    }
    blob::seal(Area::Trash, epoch, &writer.into_vec(), Packing::Compressed)
}

const PAGE: u8 = 1;
const VALUE: u8 = 2;

/// The ranges, joined where one begins after the other's end.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`].
pub(super) fn decode(content: &[u8]) -> Result<Vec<BlobRange>> {
    let mut reader = Reader::new(content);
    let mut trash: Vec<BlobRange> = Vec::new();
    while !reader.is_empty() {
        let area = if reader.byte()? == PAGE { Area::Page } else { Area::Value };
        let range = BlobRange { area, first: reader.number()?, last: reader.number()? };
        match trash.last_mut() {
            Some(before) if before.area == area && before.last + 1 == range.first => before.last = range.last,
            _ => trash.push(range),
        }
    }
    Ok(trash)
}
