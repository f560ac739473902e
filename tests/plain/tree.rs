//! The tree of messages with every link, and every rule said outright.

use std::collections::BTreeMap;

/// Messages are numbered from 1 in the order in which they came; 0 stands above the first ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plain {
    pub(crate) parents: Vec<Option<u64>>,
    pub(crate) active: BTreeMap<u64, u64>,
}

impl Plain {
    pub(crate) fn has(&self, message: u64) -> bool {
        message > 0 && self.parents.get(message as usize - 1).is_some_and(Option::is_some)
    }

    pub(crate) fn children(&self, parent: u64) -> Vec<u64> {
        (1..).zip(&self.parents).filter(|(_, above)| **above == Some(parent)).map(|(child, _)| child).collect()
    }

    pub(crate) fn active_child(&self, parent: u64) -> Option<u64> {
        let children = self.children(parent);
        self.active.get(&parent).copied().filter(|active| children.contains(active)).or(children.last().copied())
    }

    pub(crate) fn path_to(&self, message: u64) -> Vec<u64> {
        let mut path = vec![message];
        while let Some(parent) = self.parents[path[path.len() - 1] as usize - 1].filter(|parent| *parent > 0) {
            path.push(parent);
        }
        path.reverse();
        path
    }

    pub(crate) fn leaf(&self) -> u64 {
        let mut at = 0;
        while let Some(child) = self.active_child(at) {
            at = child;
        }
        at
    }

    pub(crate) fn activate(&mut self, message: u64) {
        let mut above = 0;
        for one in self.path_to(message) {
            self.active.insert(above, one);
            above = one;
        }
    }

    pub(crate) fn add(&mut self, parent: u64) {
        self.parents.push(Some(parent));
        self.activate(self.parents.len() as u64);
    }

    pub(crate) fn heir(&self, message: u64) -> (u64, bool, Option<u64>) {
        let parent = self.parents[message as usize - 1].unwrap();
        let siblings = self.children(parent);
        let place = siblings.iter().position(|one| *one == message).unwrap();
        let neighbour = place.checked_sub(1).or(Some(1)).and_then(|place| siblings.get(place)).copied();
        (parent, self.active_child(parent) == Some(message), neighbour)
    }

    pub(crate) fn remove(&mut self, message: u64) {
        let (parent, was_active, neighbour) = self.heir(message);
        let heir = self.active_child(message).or(neighbour);
        for child in self.children(message) {
            self.parents[child as usize - 1] = Some(parent);
        }
        self.parents[message as usize - 1] = None;
        if let Some(heir) = heir.filter(|_| was_active) {
            self.active.insert(parent, heir);
        }
    }

    pub(crate) fn remove_branch(&mut self, message: u64) {
        let (parent, was_active, neighbour) = self.heir(message);
        let mut left = vec![message];
        while let Some(one) = left.pop() {
            left.extend(self.children(one));
            self.parents[one as usize - 1] = None;
        }
        if let Some(heir) = neighbour.filter(|_| was_active) {
            self.active.insert(parent, heir);
        }
    }
}
