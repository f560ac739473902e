//! Reads that were counted and not yet written.

use crate::model::access::Access;
use crate::model::keyspace::DataScope;
use std::cell::RefCell;
use std::collections::HashMap;

/// A record by its scope and key.
pub(crate) type Name = (DataScope, String);

/// Gathers counted reads until they are written together.
#[derive(Debug, Default)]
pub(crate) struct AccessLog(RefCell<HashMap<Name, Access>>);

impl AccessLog {
    pub(crate) fn add(&self, scope: &DataScope, key: &str, access: Access) {
        self.0.borrow_mut().entry((scope.clone(), key.to_owned())).or_default().add(access);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(crate) fn take(&self) -> Vec<(Name, Access)> {
        self.0.take().into_iter().collect()
    }

    /// Puts back what could not be written, as the earlier of two gatherings.
    pub(crate) fn put_back(&self, gathered: Vec<(Name, Access)>) {
        let mut log = self.0.borrow_mut();
        for (name, mut earlier) in gathered {
            if let Some(later) = log.remove(&name) {
                earlier.add(later);
            }
            log.insert(name, earlier);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn reads_counted_while_a_writing_fails_are_added_to_those_put_back() {
        let log = AccessLog::default();
        let scope = DataScope { user: "u".to_owned(), namespace: "n".to_owned() };
        let read = |agent| log.add(&scope, "k", Access::once(Timestamp::default(), agent));
        read("first");
        let gathered = log.take();
        assert!(log.is_empty());
        read("second");
        log.put_back(gathered);
        let expected = Access { count: 2, last: Some((Timestamp::default(), "second".to_owned())) };
        assert_eq!(log.take(), [((scope.clone(), "k".to_owned()), expected)]);
    }
}
