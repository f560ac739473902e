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

use std::collections::{BTreeMap, BTreeSet};

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
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }
}

/// The tree of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// The number of the next message.
    next: u64,
    parents: BTreeMap<u64, u64>,
    children: BTreeMap<u64, BTreeSet<u64>>,
    active: BTreeMap<u64, u64>,
    changes: Vec<LinkChange>,
}

impl Tree {
    /// The tree whose next message has the number `next`, and which has these links.
    #[must_use]
    pub fn new(next: u64, links: impl IntoIterator<Item = Link>) -> Self {
        let mut tree = Self { next: next.max(1), ..Self::default() };
        for link in links {
            tree.apply(link);
        }
        tree
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
        message > 0 && message < self.next && self.parents.get(&message) != Some(&NOWHERE)
    }

    /// The parent of a message, 0 for one of the first; `None` where there is no such message.
    #[must_use]
    pub fn parent(&self, message: u64) -> Option<u64> {
        self.has(message).then(|| self.parents.get(&message).copied().unwrap_or(message - 1))
    }

    /// The children of a message, or of 0 the first ones, in the order in which they came.
    #[must_use]
    pub fn children(&self, parent: u64) -> Vec<u64> {
        let linked = self.children.get(&parent).into_iter().flatten().copied();
        self.unlinked_child(parent).into_iter().chain(linked).collect()
    }

    /// The message and its siblings, in the order in which they came.
    #[must_use]
    pub fn siblings(&self, message: u64) -> Vec<u64> {
        self.parent(message).map(|parent| self.children(parent)).unwrap_or_default()
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
            let linked = self.parents.range(..=last).next_back();
            let (first, parent) = linked.map_or((1, 0), |(child, parent)| (*child, *parent));
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
        self.next += 1;
        if let Some(unlinked) =
            others.first().filter(|_| self.children.get(&parent).is_none_or(|linked| linked.len() < others.len()))
        {
            self.change(LinkChange::Put(Link::Child { parent, child: *unlinked }));
        }
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
            let Some((child, parent)) = self.parents.range(..=at).next_back().map(|(child, parent)| (*child, *parent))
            else {
                return;
            };
            if parent == NOWHERE {
                return;
            }
            let is_one_of_several = self.children.get(&parent).is_some_and(|children| children.len() > 1);
            if is_one_of_several && self.active.get(&parent) != Some(&child) {
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
        self.settle(parent, if was_active { active.or(neighbour) } else { self.active.get(&parent).copied() });
    }

    /// Removes a message with all that is below it. Returns the numbers of all that it removed, in ascending order.
    pub fn remove_branch(&mut self, message: u64) -> Vec<u64> {
        let Some(parent) = self.parent(message) else { return Vec::new() };
        let was_active = self.active_child(parent) == Some(message);
        let neighbour = self.neighbour(parent, message);
        let mut removed = BTreeSet::new();
        let mut left = vec![message];
        while let Some(one) = left.pop() {
            removed.insert(one);
            left.extend(self.children(one));
        }
        for one in removed.iter().rev() {
            if let Some(above) = self.parent(*one) {
                self.forget(above, *one);
            }
        }
        self.settle(parent, if was_active { neighbour } else { self.active.get(&parent).copied() });
        removed.into_iter().collect()
    }

    /// The child of a parent that comes right after it by number and has no link.
    fn unlinked_child(&self, parent: u64) -> Option<u64> {
        let child = parent.checked_add(1)?;
        (child < self.next && !self.parents.contains_key(&child)).then_some(child)
    }

    fn active_child(&self, parent: u64) -> Option<u64> {
        match self.active.get(&parent) {
            Some(child) => Some(*child),
            None => self.children(parent).last().copied(),
        }
    }

    /// The last message of the run that this one is in, going down.
    fn end_of_run(&self, message: u64) -> u64 {
        let next_linked = self.parents.range(message + 1..).next().map_or(self.next, |(child, _)| *child);
        let next_parent = self.children.range(message..).next().map_or(self.next, |(parent, _)| *parent);
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
        if let Some(child) = self.active.get(&message).copied() {
            self.change(LinkChange::Delete(Link::Active { parent: message, child }));
        }
        self.change(LinkChange::Put(Link::Child { parent: NOWHERE, child: message }));
    }

    fn unlink(&mut self, parent: u64, child: u64) {
        if self.parents.get(&child) == Some(&parent) {
            self.change(LinkChange::Delete(Link::Child { parent, child }));
        }
    }

    /// Makes right which child of a parent is the active one: only where it has several is that kept.
    fn settle(&mut self, parent: u64, wanted: Option<u64>) {
        let children = self.children(parent);
        let kept = self.active.get(&parent).copied();
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
            LinkChange::Delete(Link::Active { parent, .. }) => drop(self.active.remove(&parent)),
            LinkChange::Delete(Link::Child { parent, child }) => {
                self.parents.remove(&child);
                if let Some(children) = self.children.get_mut(&parent) {
                    children.remove(&child);
                    if children.is_empty() {
                        self.children.remove(&parent);
                    }
                }
            }
        }
        self.changes.push(change);
    }

    fn apply(&mut self, link: Link) {
        match link {
            Link::Active { parent, child } => drop(self.active.insert(parent, child)),
            Link::Child { parent, child } => {
                self.parents.insert(child, parent);
                if parent != NOWHERE {
                    self.children.entry(parent).or_default().insert(child);
                }
            }
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same with every link, and every rule said outright.
    #[derive(Debug, Default)]
    struct Plain {
        parents: Vec<Option<u64>>,
        active: BTreeMap<u64, u64>,
    }

    impl Plain {
        fn has(&self, message: u64) -> bool {
            message > 0 && self.parents.get(message as usize - 1).is_some_and(Option::is_some)
        }

        fn children(&self, parent: u64) -> Vec<u64> {
            (1..).zip(&self.parents).filter(|(_, above)| **above == Some(parent)).map(|(child, _)| child).collect()
        }

        fn active_child(&self, parent: u64) -> Option<u64> {
            let children = self.children(parent);
            self.active.get(&parent).copied().filter(|active| children.contains(active)).or(children.last().copied())
        }

        fn path_to(&self, message: u64) -> Vec<u64> {
            let mut path = vec![message];
            while let Some(parent) = self.parents[path[path.len() - 1] as usize - 1].filter(|parent| *parent > 0) {
                path.push(parent);
            }
            path.reverse();
            path
        }

        fn leaf(&self) -> u64 {
            let mut at = 0;
            while let Some(child) = self.active_child(at) {
                at = child;
            }
            at
        }

        fn activate(&mut self, message: u64) {
            let mut above = 0;
            for one in self.path_to(message) {
                self.active.insert(above, one);
                above = one;
            }
        }

        fn add(&mut self, parent: u64) {
            self.parents.push(Some(parent));
            self.activate(self.parents.len() as u64);
        }

        fn heir(&self, message: u64) -> (u64, bool, Option<u64>) {
            let parent = self.parents[message as usize - 1].unwrap();
            let siblings = self.children(parent);
            let place = siblings.iter().position(|one| *one == message).unwrap();
            let neighbour = place.checked_sub(1).or(Some(1)).and_then(|place| siblings.get(place)).copied();
            (parent, self.active_child(parent) == Some(message), neighbour)
        }

        fn remove(&mut self, message: u64) {
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

        fn remove_branch(&mut self, message: u64) {
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

    #[derive(Debug, Clone)]
    enum Step {
        Append,
        Add(usize),
        Activate(usize),
        Remove(usize),
        RemoveBranch(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => Just(Step::Append),
            3 => any::<usize>().prop_map(Step::Add),
            2 => any::<usize>().prop_map(Step::Activate),
            1 => any::<usize>().prop_map(Step::Remove),
            1 => any::<usize>().prop_map(Step::RemoveBranch),
        ]
    }

    fn pick(tree: &Tree, from: usize) -> Option<u64> {
        let all: Vec<u64> = (1..tree.next()).filter(|message| tree.has(*message)).collect();
        (!all.is_empty()).then(|| all[from % all.len()])
    }

    fn listed(path: &[Run]) -> Vec<u64> {
        path.iter().flat_map(|run| run.first..=run.last).collect()
    }

    proptest! {
        #[test]
        fn few_links_say_what_all_of_them_would(steps in prop::collection::vec(step(), 0..60)) {
            let (mut plain, mut stored) = (Plain::default(), BTreeSet::new());
            let mut next = 1;
            for step in steps {
                // Read anew each time, so that what is not among the changes is lost.
                let mut tree = Tree::new(next, stored.iter().copied());
                match step {
                    Step::Append => { let leaf = tree.leaf(); tree.add(leaf); plain.add(leaf); }
                    Step::Add(from) => { let parent = pick(&tree, from).unwrap_or(0); let parent = if from % 7 == 0 { 0 } else { parent }; tree.add(parent); plain.add(parent); }
                    Step::Activate(from) => if let Some(one) = pick(&tree, from) { tree.activate(one); plain.activate(one); },
                    Step::Remove(from) => if let Some(one) = pick(&tree, from) { tree.remove(one); plain.remove(one); },
                    Step::RemoveBranch(from) => if let Some(one) = pick(&tree, from) {
                        let gone = tree.remove_branch(one);
                        let before: Vec<u64> = (1..next).filter(|message| plain.has(*message)).collect();
                        plain.remove_branch(one);
                        prop_assert_eq!(gone, before.into_iter().filter(|message| !plain.has(*message)).collect::<Vec<_>>());
                    },
                }
                next = tree.next();
                for change in tree.into_changes() {
                    match change {
                        LinkChange::Put(link @ Link::Active { parent, .. }) => {
                            stored.retain(|other| !matches!(other, Link::Active { parent: known, .. } if *known == parent));
                            stored.insert(link);
                        }
                        LinkChange::Put(link) => drop(stored.insert(link)),
                        LinkChange::Delete(link) => prop_assert!(stored.remove(&link), "{link:?} was not there"),
                    }
                }
                let tree = Tree::new(next, stored.iter().copied());
                prop_assert_eq!(tree.leaf(), plain.leaf());
                for message in 0..next {
                    prop_assert_eq!(message > 0 && tree.has(message), plain.has(message));
                    if message == 0 || plain.has(message) {
                        prop_assert_eq!(tree.children(message), plain.children(message), "children of {}", message);
                    }
                    if plain.has(message) {
                        prop_assert_eq!(listed(&tree.path_to(message)), plain.path_to(message));
                    }
                }
            }
        }
    }

    #[test]
    fn a_conversation_that_never_branched_has_no_links_and_one_run() {
        let mut tree = Tree::new(1, []);
        for message in 0..1_000 {
            assert_eq!(tree.add(message), message + 1);
        }
        assert_eq!(tree.path_to(tree.leaf()), [Run { first: 1, last: 1_000 }]);
        assert!(tree.into_changes().is_empty());
    }

    #[test]
    fn regenerating_the_last_answer_again_and_again_takes_one_link_each() {
        let mut tree = Tree::new(1, []);
        tree.add(0);
        for _ in 0..10 {
            tree.add(1);
        }
        assert_eq!(tree.children(1).len(), 10);
        assert_eq!(tree.leaf(), 11);
        tree.activate(4);
        assert_eq!((tree.leaf(), listed(&tree.path_to(4))), (4, vec![1, 4]));
        assert!(tree.into_changes().len() <= 21);
    }
}
