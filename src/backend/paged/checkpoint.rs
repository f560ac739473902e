//! Checkpoints: the tail goes into the pages, step by step, each step a record of the log.

use super::blob::{self, Packing};
use super::blob_store::{Area, BlobRange, Change, Write};
use super::cache::Cached;
use super::follow::ROOT;
use super::leaf_writer::NewPage;
use super::merge::{Merged, Source};
use super::page::Page;
use super::record::{self, Record};
use super::root::Root;
use super::{Engine, trim};
use crate::error::{ErrorKind, Result};
use crate::model::batch::Durability;
use crate::model::tuple::Key;
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
        self.trim().await?;
        self.keep_reserve().await;
        Ok(())
    }

    /// Merges the tail where it has grown, though not so much that it is due.
    pub(super) async fn checkpoint_before_close(&self) -> Result<()> {
        let bytes = self.state.borrow().tail.bytes();
        if bytes * 8 > self.options.checkpoint_bytes { self.checkpoint(false).await } else { Ok(()) }
    }

    async fn merge_all(&self) -> Result<()> {
        let (mut root, tail, target, life) = {
            let state = self.state.borrow();
            if state.is_detached() {
                // Suspended meanwhile: nobody stands for this root.
                return Ok(());
            }
            (state.root.clone(), state.tail.clone(), state.head, state.life)
        };
        if tail.is_empty() {
            return Ok(());
        }
        let mut from = Some(Key::new());
        while let Some(start) = from.take() {
            let merged = match self.merge(&root, start, Source { tail: &tail, is_whole: false }).await {
                // Without locks, or after a suspension, another engine's checkpoint may have removed these pages.
                Err(error) if error.kind() == ErrorKind::Corrupt && self.is_outdated(life, root.epoch).await? => {
                    return Ok(());
                }
                merged => merged?,
            };
            from = merged.next.clone();
            let is_last = from.is_none();
            let upto = if is_last { target } else { root.merged };
            let garbage: Vec<BlobRange> = if is_last { tail.garbage().collect() } else { Vec::new() };
            match self.write_step(&root, merged, &garbage, upto, life).await? {
                Some(next) => root = next,
                // There is another checkpoint, and these pages do not fit it.
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Writes a step. Returns the root that it made; nothing, where another checkpoint came before it or right after it.
    async fn write_step(
        &self,
        root: &Root,
        merged: Merged,
        garbage: &[BlobRange],
        upto: u64,
        life: u64,
    ) -> Result<Option<Root>> {
        let pages = merged.seal();
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let (first, version) = {
                let state = self.state.borrow();
                let is_still_right = state.life == life
                    && !state.is_detached()
                    && state.root.epoch == root.epoch
                    && state.newer.is_none();
                if !is_still_right {
                    return Ok(None);
                }
                (state.head + 1, state.version)
            };
            let next = merged.root(first, Some(upto), version);
            let mut changes = pages.clone();
            self.seal_root(root, &next, first, &merged, garbage, &mut changes);
            match self.write(root, &Write { changes, durability: Durability::Relaxed }).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    // A page that awaits one commit after another would win for ever.
                    turn = Some(self.commits.let_pass());
                    self.catch_up().await?;
                }
                Err(error) => return Err(error),
                Ok(()) => {
                    let last = next.epoch;
                    self.take(first, last, Record::Checkpoint(next), life).await?;
                    drop(turn);
                    self.neighbours.announce(last);
                    self.keep_pages(merged)?;
                    self.follow().await?;
                    let root = self.state.borrow().root.clone();
                    return Ok(Some(root).filter(|root| root.epoch == last));
                }
            }
        }
        Ok(None)
    }

    /// Adds what makes `next` the root after `root`: its record, its blob, and the trash that it leaves.
    pub(super) fn seal_root(
        &self,
        root: &Root,
        next: &Root,
        first: u64,
        merged: &Merged,
        garbage: &[BlobRange],
        changes: &mut Vec<Change>,
    ) {
        let encoded = next.encode(&merged.top);
        changes.extend(record::seal_checkpoint(self.draw_identity(), first, &encoded));
        changes.push(Change::Put(Area::Meta, ROOT, blob::seal(Area::Meta, ROOT, &encoded, Packing::Compressed)));
        let trash: Vec<BlobRange> = merged.trash.iter().chain(garbage).copied().collect();
        if !trash.is_empty() {
            changes.push(Change::Put(Area::Trash, next.epoch, trim::seal(next.epoch, &trash)));
        }
        self.guard(root.epoch, changes);
        // From here on nobody without locks may write from the old epoch. Also where this engine has locks: another may have none.
        changes.push(Change::Put(Area::Guard, root.epoch, Vec::new()));
    }

    /// What was written is likely to be read.
    pub(super) fn keep_pages(&self, merged: Merged) -> Result<()> {
        let mut cache = self.cache.borrow_mut();
        for range in &merged.trash {
            if range.area == Area::Page {
                cache.forget(Area::Page, range.first);
            }
        }
        for page in merged.pages {
            cache.keep(Area::Page, page.id, Cached::Page(Rc::new(Page::decode(page.content)?)));
        }
        Ok(())
    }
}

impl Merged {
    /// The blobs of its pages.
    pub(super) fn seal(&self) -> Vec<Change> {
        let seal =
            |page: &NewPage| Change::Add(Area::Page, page.id, blob::seal_page(page.id, page.level, &page.content));
        self.pages.iter().map(seal).collect()
    }

    /// The root of its pages, with a record that begins at the log number `first`. It has every edit up to `merged`; up to
    /// its own record where nothing is said.
    pub(super) fn root(&self, first: u64, merged: Option<u64>, version: u64) -> Root {
        let top = Rc::clone(&self.decoded_top);
        let mut root = Root { version, next_page: self.next_page, height: self.height, top, ..Root::empty() };
        // Its length does not depend on its numbers.
        root.epoch = first + record::checkpoint_length(root.encode(&self.top).len()) - 1;
        root.merged = merged.unwrap_or(root.epoch);
        root
    }
}

/// The making of a checkpoint; ends when it is dropped.
struct Turn<'a>(&'a Engine);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.is_checkpointing.set(false);
    }
}
