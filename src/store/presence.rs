//! Who is still there: whether the one that was writing a message goes on with it, or ended in the middle.

use crate::error::Result;
use async_trait::async_trait;
use std::cell::RefCell;
use std::fmt;

/// What tells of those who are there, by names that nobody else uses.
#[async_trait(?Send)]
pub trait Presence {
    /// Is there under this name until what this returns is dropped, or its process ends.
    ///
    /// # Errors
    ///
    /// Those of the platform.
    async fn enter(&self, name: &str) -> Result<Present>;

    /// Whether somebody is there under this name.
    ///
    /// # Errors
    ///
    /// Those of the platform.
    async fn is_there(&self, name: &str) -> Result<bool>;
}

/// Ends somebody's being there when it is dropped.
pub struct Present(Option<Box<dyn FnOnce()>>);

impl Present {
    /// One that `leave` ends.
    pub fn new(leave: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(leave)))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        if let Some(leave) = self.0.take() {
            leave();
        }
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Present")
    }
}

/// Those of this thread, which is all there is where data lives in its memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LocalPresence;

thread_local! {
    static PRESENT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[async_trait(?Send)]
impl Presence for LocalPresence {
    async fn enter(&self, name: &str) -> Result<Present> {
        let name = name.to_owned();
        PRESENT.with_borrow_mut(|present| present.push(name.clone()));
        Ok(Present::new(move || {
            PRESENT.with_borrow_mut(|present| present.retain(|other| *other != name));
        }))
    }

    async fn is_there(&self, name: &str) -> Result<bool> {
        Ok(PRESENT.with_borrow(|present| present.iter().any(|other| other == name)))
    }
}
