//! Checkpoints: the tail goes into the pages, step by step, each step a record of the log.

use super::blob::{self, Packing};
use super::blob_store::{Area, BlobRange, Change, Write};
use super::cache::Cached;
use super::follow::ROOT;
use super::merge::Merged;
use super::page::Page;
use super::record::{self, Record};
use super::root::Root;
use super::stored::Place;
use super::{Engine, trim};
use crate::error::{ErrorKind, Result};
use crate::model::batch::Durability;
use crate::model::tuple::Key;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How often a step is written anew because commits came between.
const ATTEMPTS: usize = 32;

impl Engine {
    /// Merges the tail into the pages, and trims. Does nothing where this engine or, unless `insist`, another one is
    /// doing so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] and those of the storage; the log then stays as it is.
    pub(super) async fn checkpoint(&self, insist: bool) -> Result<()> {
        if self.is_checkpointing.replace(true) {
            return Ok(());
        }
        let _turn = Turn(self);
        self.attach().await?;
        let lead = self.neighbours.lead().await;
        // Two who do it at once do no harm: one of them is in vain.
        if lead.is_none() && !insist {
            return Ok(());
        }
        self.follow().await?;
        self.merge_all().await?;
        self.trim().await
    }

    async fn merge_all(&self) -> Result<()> {
        let (target, life, mut epoch) = {
            let state = self.state.borrow();
            if state.is_detached() {
                // Suspended meanwhile: nobody stands for this root.
                return Ok(());
            }
            (state.head, state.life, state.root.epoch)
        };
        let mut from = Some(Key::new());
        let mut placed = BTreeSet::new();
        while let Some(start) = from.take() {
            let root = self.state.borrow().root.clone();
            // Another engine's checkpoint between two steps may have merged more than the target, and that trimmed.
            if self.state.borrow().tail.is_empty() || root.epoch != epoch {
                return Ok(());
            }
            let merged = match self.merge(&root, start).await {
                // Without locks, or after a suspension, another engine's checkpoint may have removed these pages.
                Err(error) if error.kind() == ErrorKind::Corrupt && self.is_outdated(life, root.epoch).await? => {
                    return Ok(());
                }
                merged => merged?,
            };
            from = merged.next.clone();
            placed.extend(merged.placed.iter().copied());
            let upto = if from.is_none() { target } else { root.merged };
            match self.write_step(&root, merged, &placed, upto, life).await? {
                Some(next) => epoch = next,
                // Another engine made a checkpoint, and this one's pages do not fit it.
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Writes a step. Returns its epoch, or `None` where another checkpoint came into the log before it.
    async fn write_step(
        &self,
        root: &Root,
        merged: Merged,
        placed: &BTreeSet<Place>,
        upto: u64,
        life: u64,
    ) -> Result<Option<u64>> {
        let mut changes: Vec<Change> = Vec::with_capacity(merged.pages.len() + 4);
        for (id, content) in &merged.pages {
            changes.push(Change::Add(Area::Page, *id, blob::seal(Area::Page, *id, content, Packing::Compressed)));
        }
        for _ in 0..ATTEMPTS {
            let (first, version, garbage) = {
                let state = self.state.borrow();
                let is_still_right = state.life == life
                    && !state.is_detached()
                    && state.root.epoch == root.epoch
                    && state.newer.is_none();
                if !is_still_right {
                    return Ok(None);
                }
                let garbage: Vec<BlobRange> = if upto > root.merged {
                    // What the pages refer to becomes their trash with the next checkpoint.
                    let garbage = state.tail.garbage(upto).filter(|place| !placed.contains(place));
                    garbage.map(|place| place.blobs()).collect()
                } else {
                    vec![]
                };
                (state.head + 1, state.version, garbage)
            };
            let mut next = Root {
                epoch: first,
                merged: upto,
                version,
                next_page: merged.next_page,
                height: merged.height,
                ..Root::empty()
            };
            // A root has the same length whatever its epoch is.
            next.epoch = first + record::checkpoint_length(next.encode(&merged.top).len()) - 1;
            let encoded = next.encode(&merged.top);
            let trash: Vec<BlobRange> = merged.trash.iter().copied().chain(garbage).collect();
            let mut step = changes.clone();
            step.extend(record::seal_checkpoint(first, &encoded));
            step.push(Change::Put(Area::Meta, ROOT, blob::seal(Area::Meta, ROOT, &encoded, Packing::Compressed)));
            if !trash.is_empty() {
                step.push(Change::Put(Area::Trash, next.epoch, trim::seal(next.epoch, &trash)));
            }
            self.guard(root.epoch, &mut step);
            if !self.neighbours.has_locks() {
                // From here on nobody may write from the old epoch.
                step.push(Change::Put(Area::Guard, root.epoch, Vec::new()));
            }
            match self.write(root, Write { changes: step, durability: Durability::Relaxed }).await {
                Err(error) if error.kind() == ErrorKind::Conflict => self.catch_up().await?,
                Err(error) => return Err(error),
                Ok(()) => {
                    let epoch = next.epoch;
                    self.step_done(next, first, &encoded, life)?;
                    self.keep_pages(merged)?;
                    self.follow().await?;
                    return Ok(Some(epoch));
                }
            }
        }
        Ok(None)
    }

    fn step_done(&self, root: Root, first: u64, encoded: &[u8], life: u64) -> Result<()> {
        let last = root.epoch;
        let root = Root::decode(encoded)?;
        {
            let mut state = self.state.borrow_mut();
            if state.life == life && state.head + 1 == first {
                state.apply(last, Record::Checkpoint(root));
            }
        }
        self.neighbours.announce(last);
        Ok(())
    }

    /// What was written is likely to be read.
    fn keep_pages(&self, merged: Merged) -> Result<()> {
        let mut cache = self.cache.borrow_mut();
        for range in &merged.trash {
            if range.area == Area::Page {
                cache.forget(Area::Page, range.first);
            }
        }
        for (id, content) in merged.pages {
            cache.keep(Area::Page, id, Cached::Page(Rc::new(Page::decode(content)?)));
        }
        Ok(())
    }
}

/// The making of a checkpoint; ends when it is dropped.
struct Turn<'a>(&'a Engine);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.is_checkpointing.set(false);
    }
}
