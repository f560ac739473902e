//! Knows the calls under way, so that closing can wait for them.

use crate::error::{Error, ErrorKind, Result};
use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The calls of one database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Rc<State>);

#[derive(Debug, Default)]
struct State {
    running: Cell<usize>,
    closing: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

/// A call under way, until it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Call(Calls);

impl Calls {
    /// Begins a call.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`] once closing has begun.
    pub(crate) fn begin(&self) -> Result<Call> {
        if self.0.closing.get() {
            return Err(Error::new(ErrorKind::Closed, "the database is closed"));
        }
        self.0.running.set(self.0.running.get() + 1);
        Ok(Call(self.clone()))
    }

    /// Lets no call begin any more.
    pub(crate) fn refuse(&self) {
        self.0.closing.set(true);
    }

    /// Waits for the calls under way.
    pub(crate) async fn finish(&self) {
        if self.0.running.get() > 0 {
            let (sender, idle) = oneshot::channel();
            self.0.waiting.borrow_mut().push(sender);
            // The sender lives in this very state until it is used.
            let _ = idle.await;
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let state = &self.0.0;
        state.running.set(state.running.get() - 1);
        if state.running.get() == 0 {
            for closer in state.waiting.take() {
                // A closer that is gone does not wait.
                let _ = closer.send(());
            }
        }
    }
}
