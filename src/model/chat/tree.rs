//! The tree of a conversation's messages, from few links.
//!
//! Messages are numbered from 1 in the order in which they came; 0 stands above the first ones. A message without a link has
//! the one numbered before it as its parent, so a conversation that never branched has no links at all, however long it
//! is. Links are kept for
//!
//! - a message whose parent is another one than that before it;
//! - all children of a parent that has several, and which of them is the *active* one;
//! - a message that was removed: its parent is [`NOWHERE`].
//!
//! The *path* goes from the top to the *leaf*, by the active child where there are several.

use crate::error::Result;
use crate::model::codec::damaged;

/// The parent of removed messages.
pub const NOWHERE: u64 = u64::MAX;

/// A link, or which child is the active one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// That this is the active one of a parent's children. A parent has one of these at the most.
    Active {
        /// The parent.
        parent: u64,
        /// Its child.
        child: u64,
    },
    /// That this is a child of that parent.
    Child {
        /// The parent.
        parent: u64,
        /// Its child.
        child: u64,
    },
}

/// What a change of the tree does to its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange {
    /// Adds one; of [`Link::Active`] the parent's other one goes.
    Put(Link),
    /// Removes one.
    Delete(Link),
}

/// Messages with consecutive numbers, each the parent of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
}

impl Run {
    /// How many messages it has.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.last - self.first + 1
    }
}

/// Pairs of numbers in their order. Links are few, so this is as fast as a tree of them, and a fraction of its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Pairs(Vec<(u64, u64)>);

impl Pairs {
    fn insert(&mut self, pair: (u64, u64)) {
        if let Err(place) = self.0.binary_search(&pair) {
            self.0.insert(place, pair);
        }
    }

    fn remove(&mut self, pair: (u64, u64)) {
        if let Ok(place) = self.0.binary_search(&pair) {
            self.0.remove(place);
        }
    }

    /// Those whose first number is this one or a later one.
    fn from(&self, first: u64) -> &[(u64, u64)] {
        let place = self.0.binary_search(&(first, 0)).unwrap_or_else(|place| place);
        self.0.get(place..).unwrap_or_default()
    }

    /// The last of those whose first number is this one or an earlier one.
    fn up_to(&self, first: u64) -> Option<(u64, u64)> {
        let place = self.0.binary_search(&(first, u64::MAX)).map_or_else(|place| place, |place| place + 1);
        self.0.get(place.checked_sub(1)?).copied()
    }

    /// The second numbers of those whose first number is this one.
    fn of(&self, first: u64) -> impl Iterator<Item = u64> {
        self.from(first).iter().take_while(move |(one, _)| *one == first).map(|(_, second)| *second)
    }

    /// The second number of the one whose first number is this one.
    fn get(&self, first: u64) -> Option<u64> {
        self.of(first).next()
    }
}

/// The tree of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// The number of the next message.
    next: u64,
    /// Of children with a link, child and parent.
    parents: Pairs,
    /// The same, parent and child.
    children: Pairs,
    /// Of parents with several children, parent and active child.
    active: Pairs,
    changes: Vec<LinkChange>,
}

impl Tree {
    /// The tree whose next message has the number `next`, and which has these links.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) for a link that leads to no message, or not from one to a later one: then
    /// a path would not end.
    pub fn new(next: u64, links: impl IntoIterator<Item = Link>) -> Result<Self> {
        let mut tree = Self { next: next.max(1), ..Self::default() };
        for link in links {
            let (parent, child) = match link {
                Link::Child { parent: NOWHERE, child } => (0, child),
                Link::Child { parent, child } | Link::Active { parent, child } => (parent, child),
            };
            let is_second = matches!(link, Link::Child { .. }) && tree.parents.get(child).is_some();
            if parent >= child || child >= tree.next || is_second {
                return Err(damaged());
            }
            tree.apply(link);
        }
        // What follows a removed message says what it follows instead.
        let removed = tree.parents.0.iter().filter(|(_, parent)| *parent == NOWHERE);
        let is_open = |child: u64| child < tree.next && tree.parents.get(child).is_none();
        if removed.into_iter().any(|(child, _)| is_open(child + 1)) {
            return Err(damaged());
        }
        Ok(tree)
    }

    /// What has changed since the links were read, in this order.
    #[must_use]
    pub fn into_changes(self) -> Vec<LinkChange> {
        self.changes
    }

    /// The number that the next message will have.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Whether there is a message of this number.
    #[must_use]
    pub fn has(&self, message: u64) -> bool {
        message > 0 && message < self.next && self.parents.get(message) != Some(NOWHERE)
    }

    /// The parent of a message, 0 for one of the first; `None` where there is no such message.
    #[must_use]
    pub fn parent(&self, message: u64) -> Option<u64> {
        self.has(message).then(|| self.parents.get(message).unwrap_or(message - 1))
    }

    /// The children of a message, or of 0 the first ones, in the order in which they came.
    #[must_use]
    pub fn children(&self, parent: u64) -> Vec<u64> {
        self.unlinked_child(parent).into_iter().chain(self.children.of(parent)).collect()
    }

    /// The message and its siblings, in the order in which they came.
    #[must_use]
    pub fn siblings(&self, message: u64) -> Vec<u64> {
        self.parent(message).map(|parent| self.children(parent)).unwrap_or_default()
    }

    /// Whether a message is the active one of several siblings.
    #[must_use]
    pub fn is_active_of_several(&self, message: u64) -> bool {
        self.parent(message).is_some_and(|parent| self.active.get(parent) == Some(message))
    }

    /// The end of the path.
    #[must_use]
    pub fn leaf(&self) -> u64 {
        let mut at = 0;
        loop {
            at = self.end_of_run(at);
            match self.active_child(at) {
                Some(child) => at = child,
                None => return at,
            }
        }
    }

    /// The path from the top to a message.
    #[must_use]
    pub fn path_to(&self, message: u64) -> Vec<Run> {
        let mut path = Vec::new();
        let mut last = if self.has(message) { message } else { 0 };
        while last > 0 {
            // Up to the nearest message that has a link, which is the first of the run.
            let (first, parent) = self.parents.up_to(last).unwrap_or((1, 0));
            path.push(Run { first, last });
            last = parent;
        }
        path.reverse();
        path
    }

    /// Adds the next message below a parent, and makes it the end of the path. Returns its number.
    pub fn add(&mut self, parent: u64) -> u64 {
        let message = self.next;
        let others = self.children(parent);
        if let Some(child) = self.unlinked_child(parent) {
            self.change(LinkChange::Put(Link::Child { parent, child }));
        }
        self.next += 1;
        if parent + 1 != message || !others.is_empty() {
            self.change(LinkChange::Put(Link::Child { parent, child: message }));
        }
        self.activate(message);
        message
    }

    /// Makes the path go through a message.
    pub fn activate(&mut self, message: u64) {
        let mut at = message;
        while at > 0 {
            let Some((child, parent)) = self.parents.up_to(at).filter(|(_, parent)| *parent != NOWHERE) else { return };
            let is_one_of_several = self.children.of(parent).nth(1).is_some();
            if is_one_of_several && self.active.get(parent) != Some(child) {
                self.change(LinkChange::Put(Link::Active { parent, child }));
            }
            at = parent;
        }
    }

    /// Removes a message; its children become those of its parent.
    pub fn remove(&mut self, message: u64) {
        let Some(parent) = self.parent(message) else { return };
        let active = self.active_child(message);
        let was_active = self.active_child(parent) == Some(message);
        let neighbour = self.neighbour(parent, message);
        let children = self.children(message);
        self.forget(parent, message);
        for child in &children {
            self.unlink(message, *child);
            self.change(LinkChange::Put(Link::Child { parent, child: *child }));
        }
        self.settle(parent, if was_active { active.or(neighbour) } else { self.active.get(parent) });
    }

    /// Removes a message with all that is below it. Returns the numbers of all that it removed, in ascending order.
    pub fn remove_branch(&mut self, message: u64) -> Vec<u64> {
        let Some(parent) = self.parent(message) else { return Vec::new() };
        let was_active = self.active_child(parent) == Some(message);
        let neighbour = self.neighbour(parent, message);
        let mut removed = Vec::new();
        let mut left = vec![message];
        while let Some(one) = left.pop() {
            removed.push(one);
            left.extend(self.children(one));
        }
        removed.sort_unstable();
        for one in removed.iter().rev() {
            if let Some(above) = self.parent(*one) {
                self.forget(above, *one);
            }
        }
        self.settle(parent, if was_active { neighbour } else { self.active.get(parent) });
        removed
    }

    /// The child of a parent that comes right after it by number and has no link.
    fn unlinked_child(&self, parent: u64) -> Option<u64> {
        let child = parent.checked_add(1)?;
        (child < self.next && self.parents.get(child).is_none()).then_some(child)
    }

    fn active_child(&self, parent: u64) -> Option<u64> {
        self.active.get(parent).or_else(|| self.children(parent).last().copied())
    }

    /// The last message of the run that this one is in, going down.
    fn end_of_run(&self, message: u64) -> u64 {
        let next_linked = self.parents.from(message + 1).first().map_or(self.next, |(child, _)| *child);
        let next_parent = self.children.from(message).first().map_or(self.next, |(parent, _)| *parent);
        next_parent.min(next_linked - 1)
    }

    /// Which sibling takes the place of one that goes: the one before it, else the one after it.
    fn neighbour(&self, parent: u64, message: u64) -> Option<u64> {
        let siblings = self.children(parent);
        let before = siblings.iter().rev().find(|sibling| **sibling < message);
        before.or_else(|| siblings.iter().find(|sibling| **sibling > message)).copied()
    }

    /// Marks a message as removed.
    fn forget(&mut self, parent: u64, message: u64) {
        self.unlink(parent, message);
        if let Some(child) = self.active.get(message) {
            self.change(LinkChange::Delete(Link::Active { parent: message, child }));
        }
        self.change(LinkChange::Put(Link::Child { parent: NOWHERE, child: message }));
    }

    fn unlink(&mut self, parent: u64, child: u64) {
        if self.parents.get(child) == Some(parent) {
            self.change(LinkChange::Delete(Link::Child { parent, child }));
        }
    }

    /// Makes right which child of a parent is the active one: only where it has several is that kept.
    fn settle(&mut self, parent: u64, wanted: Option<u64>) {
        let children = self.children(parent);
        let kept = self.active.get(parent);
        let wanted = wanted.filter(|wanted| children.contains(wanted)).or_else(|| children.last().copied());
        match (children.len() > 1, wanted, kept) {
            (true, Some(child), kept) if kept != Some(child) => {
                self.change(LinkChange::Put(Link::Active { parent, child }))
            }
            (false, _, Some(child)) => self.change(LinkChange::Delete(Link::Active { parent, child })),
            _ => {}
        }
        // All children of several have links.
        if children.len() > 1
            && let Some(child) = self.unlinked_child(parent)
        {
            self.change(LinkChange::Put(Link::Child { parent, child }));
        }
    }

    fn change(&mut self, change: LinkChange) {
        match change {
            LinkChange::Put(link) => self.apply(link),
            LinkChange::Delete(Link::Active { parent, child }) => self.active.remove((parent, child)),
            LinkChange::Delete(Link::Child { parent, child }) => {
                self.parents.remove((child, parent));
                self.children.remove((parent, child));
            }
        }
        self.changes.push(change);
    }

    fn apply(&mut self, link: Link) {
        match link {
            Link::Active { parent, child } => {
                if let Some(other) = self.active.get(parent) {
                    self.active.remove((parent, other));
                }
                self.active.insert((parent, child));
            }
            Link::Child { parent, child } => {
                self.parents.insert((child, parent));
                if parent != NOWHERE {
                    self.children.insert((parent, child));
                }
            }
        }
    }
}
