//! Reads that were counted and not yet written.

use crate::model::access::Access;
use crate::model::keyspace::DataScope;
use std::cell::RefCell;
use std::collections::HashMap;

/// A record by its scope and key.
pub(crate) type Name = (DataScope, String);

/// Gathers counted reads until they are written together. They stay here until their commit has succeeded.
#[derive(Debug, Default)]
pub(crate) struct AccessLog(RefCell<HashMap<Name, Access>>);

impl AccessLog {
    pub(crate) fn add(&self, scope: &DataScope, key: &str, access: Access) {
        self.0.borrow_mut().entry((scope.clone(), key.to_owned())).or_default().add(access);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Some of the records with unwritten reads.
    pub(crate) fn names(&self, most: usize) -> Vec<Name> {
        self.0.borrow().keys().take(most).cloned().collect()
    }

    /// What is gathered about a record.
    pub(crate) fn get(&self, name: &Name) -> Option<Access> {
        self.0.borrow().get(name).cloned()
    }

    /// Takes out what was written; reads counted meanwhile stay.
    pub(crate) fn written(&self, name: &Name, access: &Access) {
        let mut log = self.0.borrow_mut();
        if let Some(gathered) = log.get_mut(name) {
            gathered.count = gathered.count.saturating_sub(access.count);
            if gathered.count == 0 {
                log.remove(name);
            }
        }
    }

    /// Forgets the reads of a record that is gone, so that they do not count for one that comes after it.
    pub(crate) fn forget(&self, scope: &DataScope, key: &str) {
        self.0.borrow_mut().remove(&(scope.clone(), key.to_owned()));
    }

    /// Forgets the reads of the records of a namespace whose key begins with `prefix`.
    pub(crate) fn forget_prefix(&self, scope: &DataScope, prefix: &str) {
        self.0.borrow_mut().retain(|(of, key), _| of != scope || !key.starts_with(prefix));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn reads_counted_while_others_are_written_stay() {
        let log = AccessLog::default();
        let name = (DataScope { user: "u".to_owned(), namespace: "n".to_owned() }, "k".to_owned());
        let read = |agent| log.add(&name.0, "k", Access::once(Timestamp::default(), agent));
        read("first");
        let writing = log.get(&name).unwrap_or_default();
        read("second");
        log.written(&name, &writing);
        assert_eq!(log.get(&name), Some(Access::once(Timestamp::default(), "second")));
        log.written(&name, &writing);
        assert!(log.is_empty());
    }
}
