//! A reserve of room for deletions.
//!
//! A deletion is a record of the log, so it needs a little room before it frees any, and storages refuse what is put where the
//! quota is used up. So a database of some size keeps some blobs that nobody needs. They are removed, by a write that
//! puts nothing, where a call that frees room finds none; and come back when there is room again.

use super::Engine;
use super::blob::{self, Packing};
use super::blob_store::{Area, BlobRange, Change, Write};
use super::commit::Ticket;
use super::root::Root;
use crate::model::batch::Operation;
use std::cell::Cell;

/// How many blobs it has in a small database: more than browsers let an origin exceed its quota, and room for some hundred
/// deletions.
const FEW: u64 = 1;
/// How many it has in others: room for the merging of a whole tail too, without which nothing that is deleted is freed.
const MANY: u64 = 5;
/// After how many bytes a database is given a reserve. A small one needs none: what it has is in its log.
const LOOK_AFTER: usize = if cfg!(feature = "tiny") { 1_000 } else { 512 * 1024 };
/// How many leaves a small database has at the most.
const SMALL_TREE: usize = 64;
/// The bytes of each. Above 64 KiB, unlike all other blobs: Chromium has files of their own for such, and only those give their room
/// back at once.
const PIECE: usize = if cfg!(feature = "tiny") { 16 } else { 256 * 1024 };
/// How much a call may put that counts as one that frees room. Bytes.
const SMALL: usize = 32 * 1024;
/// How often such a call is tried once the reserve is gone: it takes the browser a moment to count anew.
pub(super) const ATTEMPTS: usize = 6;

/// Where it is.
const RESERVE: BlobRange = BlobRange { area: Area::Meta, first: 1, last: MANY };

/// What an engine knows of it.
#[derive(Debug, Default)]
pub(super) struct Reserve {
    /// How many blobs are there.
    pieces: Cell<u64>,
    /// How many bytes were written since it was last looked for.
    written: Cell<usize>,
    /// Whether it was given up, and what was freed by that is still needed.
    is_spent: Cell<bool>,
}

impl Reserve {
    /// Takes note of what was written. Returns whether it is time to look for the reserve.
    pub(super) fn is_due(&self, bytes: usize) -> bool {
        self.written.set(self.written.get().saturating_add(bytes));
        let is_due = self.pieces.get() == 0 && self.written.get() >= LOOK_AFTER;
        if is_due {
            // So much found room again.
            self.is_spent.set(false);
        }
        is_due
    }
}

impl Engine {
    /// Sees to it that there is a reserve, as far as there is room for it.
    pub(super) async fn keep_reserve(&self) {
        let wanted = if self.state.borrow().root.is_small() { FEW } else { MANY };
        if self.reserve.pieces.get() >= wanted || self.reserve.is_spent.get() {
            return;
        }
        self.reserve.written.set(0);
        let Ok(numbers) = self.store.numbers(RESERVE.area).await else { return };
        let mut random = self.draw_noise();
        let missing = (RESERVE.first..=wanted).filter(|number| !numbers.contains(number));
        let put = |number| {
            let noise: Vec<u8> = std::iter::repeat_with(&mut random).take(PIECE).collect();
            Change::Put(RESERVE.area, number, blob::seal(RESERVE.area, number, &noise, Packing::Plain))
        };
        let changes: Vec<Change> = missing.map(put).collect();
        let is_there = changes.is_empty() || self.store.write(&Write { changes, ..Write::default() }).await.is_ok();
        if is_there {
            self.reserve.pieces.set(wanted);
        }
    }

    /// Whether merging may free room: once for each call.
    pub(super) fn may_compact(&self, has_compacted: &mut bool) -> bool {
        !std::mem::replace(has_compacted, true) && !self.state.borrow().tail.is_empty()
    }

    /// Gives the reserve up, for a call that frees room and found none; later times only wait.
    pub(super) async fn give_up_reserve(&self, attempt: usize) {
        if attempt == 0 {
            self.reserve.pieces.set(0);
            self.reserve.is_spent.set(true);
            let write = Write { changes: vec![Change::Delete(RESERVE)], ..Write::default() };
            // Where even that fails the call fails as it did.
            let _ = self.store.write(&write).await;
        } else {
            self.neighbours.idle().await;
        }
        // What is deleted frees its room only when it is merged.
        self.needs_trim.set(true);
    }

    /// Bytes that no storage can make smaller (xorshift).
    fn draw_noise(&self) -> impl FnMut() -> u8 {
        let mut state = self.neighbours.draw() | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        }
    }
}

impl Root {
    /// Whether it has few leaves.
    fn is_small(&self) -> bool {
        self.height == 1 && self.top.len() <= SMALL_TREE
    }
}

impl Ticket {
    /// Whether it frees room, or at least takes little to forget something.
    pub(super) fn frees_room(&self) -> bool {
        let batch = self.batch.borrow();
        let put = |operation: &Operation| match operation {
            Operation::Put { value, .. } => value.len(),
            Operation::Delete { .. } | Operation::DeleteRange { .. } => 0,
        };
        let deletes = batch.operations.iter().any(|operation| !matches!(operation, Operation::Put { .. }));
        deletes && batch.operations.iter().map(put).sum::<usize>() <= SMALL
    }
}
