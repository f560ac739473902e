//! Writes of which it is not known yet whether they took effect.
//!
//! A write from an epoch may take effect only while somebody stands on that epoch: once nobody does its log number can be
//! trimmed, and then adding it would not collide any more. So a hold lasts until its write is decided, also where the
//! engine was suspended meanwhile, went on to another epoch, or was told nothing but a timeout.

use super::Engine;
use super::blob_store::{Hold, Write};
use super::root::Root;
use crate::error::{Error, ErrorKind, Result};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The holds of such writes, in the order of the calls.
#[derive(Default)]
pub(super) struct Writes {
    next: Cell<u64>,
    undecided: RefCell<Vec<(u64, Rc<Hold>)>>,
}

impl Engine {
    /// Writes from the epoch of a root.
    ///
    /// # Errors
    ///
    /// Those of [`BlobStore::write`](super::blob_store::BlobStore::write).
    pub(super) async fn write(&self, root: &Root, write: Write) -> Result<()> {
        let number = self.writes.next.replace(self.writes.next.get() + 1);
        self.writes.undecided.borrow_mut().push((number, root.hold.clone()));
        let result = self.store.write(write).await;
        let decided = self.writes.decided(number, result.as_ref().err().map(Error::kind));
        drop(decided);
        result
    }
}

impl Writes {
    /// Takes out the holds that the end of a write frees.
    fn decided(&self, number: u64, error: Option<ErrorKind>) -> Vec<(u64, Rc<Hold>)> {
        let mut undecided = self.undecided.borrow_mut();
        let is_decided = |other: u64| match error {
            Some(ErrorKind::Timeout) => false,
            // Writes take effect in the order of their calls, so those before it are decided too.
            None | Some(ErrorKind::Conflict) => other <= number,
            Some(_) => other == number,
        };
        undecided.extract_if(.., |(other, _)| is_decided(*other)).collect()
    }
}
