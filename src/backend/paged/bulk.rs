//! Bulk commits: a group that changes most of the leaves it touches is written as their new pages, with the tail, and not
//! into the log first. Its record is a checkpoint.

use super::Engine;
use super::blob_store::{BlobRange, Write};
use super::commit::{Basis, Ticket, durability_of};
use super::merge::Source;
use super::record::{self, Edit, Places, Record};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Operation, Version};
use crate::model::tuple::Key;
use std::rc::Rc;

/// From how much on a group can be a bulk commit. Bytes.
const BULK_BYTES: usize = if cfg!(feature = "tiny") { 100 } else { 256 * 1024 };
/// For how many bytes of a group a leaf may have to be replaced.
const BYTES_PER_LEAF: usize = if cfg!(feature = "tiny") { 60 } else { 16 * 1024 };

impl Engine {
    /// Writes the accepted batches as pages, where they are so many that it is worth while. Returns whether it did.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where another engine was faster, and those of the storage.
    pub(super) async fn write_bulk(&self, basis: &Basis, accepted: &[&Rc<Ticket>]) -> Result<bool> {
        let bytes: usize = accepted.iter().map(|ticket| ticket.bytes).sum();
        if bytes < BULK_BYTES {
            return Ok(false);
        }
        let first = basis.head + 1;
        let mut places = Places::of(first);
        let mut values = Vec::new();
        let mut tail = self.state.borrow().tail.clone();
        let mut version = basis.version;
        for ticket in accepted {
            version += 1;
            for operation in &ticket.batch.borrow().operations {
                let edit = places.edit(operation.clone());
                if let (Edit::Put(_, put), Operation::Put { value, .. }) = (&edit, operation) {
                    put.place().iter().for_each(|place| record::seal_value(*place, value, &mut values));
                }
                tail.apply(edit, Version(version), first);
            }
        }
        let leaves = tail.bytes() / BYTES_PER_LEAF;
        if tail.bytes() < BULK_BYTES || !self.touches_at_most(leaves, &basis.root, &tail).await? {
            return Ok(false);
        }
        let merged = self.merge(&basis.root, Key::new(), Source { tail: &tail, is_whole: true }).await?;
        if !self.is_at(basis) {
            return Err(Error::new(ErrorKind::Conflict, "another writer was faster"));
        }
        let next = merged.root(first, None, version);
        let garbage: Vec<BlobRange> = tail.garbage().collect();
        let mut changes = merged.seal();
        changes.append(&mut values);
        self.seal_root(&basis.root, &next, first, &merged, &garbage, &mut changes);
        let write = Write { changes, durability: durability_of(accepted) };
        self.write_record(&basis.root, first, &write).await?;
        let last = next.epoch;
        let taken = self.take(first, last, Record::Checkpoint(next), basis.life).await;
        let is_behind = self.state.borrow().head < last;
        if taken.is_err() || is_behind {
            // It is written all the same; the next call makes the state anew.
            self.state.borrow_mut().detach();
        }
        self.keep_pages(merged)?;
        self.needs_trim.set(true);
        self.neighbours.announce(last);
        Ok(true)
    }
}
