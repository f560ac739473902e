//! What commits do to watched keys, told in the order of the commits.

use crate::model::batch::{Bytes, Operation, ReadRange, Version};
use crate::model::repeats::sorted;
use crate::model::tuple::Key;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

/// How much waits for a slow reader before it has to look for itself. Commits, and bytes of values.
const MOST_COMMITS: usize = 1_000;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What a commit did to one key or range.
#[derive(Debug, Clone, Copy)]
pub enum Edited<'a> {
    /// The value was put; `None` where it is not in memory.
    Put(&'a Key, Option<&'a Bytes>),
    /// The key was removed, or was absent.
    Delete(&'a Key),
    /// Every key from the first to before the second was removed.
    DeleteRange(&'a Key, &'a Key),
}

/// The same, kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Put(Key, Option<Bytes>),
    Delete(Key),
    DeleteRange(Key, Key),
}

/// A commit that did something to watched keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) version: Version,
    pub(crate) edits: Vec<Told>,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum News {
    Commit(Commit),
    /// There were commits of which it is not known what they did: whoever wants to know reads the ranges anew.
    Unknown,
    /// Nothing more comes.
    Ended,
}

/// What one watcher is told. Whoever tells it calls nobody: the watcher takes it when it likes.
#[derive(Debug)]
pub struct Feed {
    /// Ordered, and none overlaps another.
    ranges: Vec<(Key, Key)>,
    commits: RefCell<VecDeque<Commit>>,
    bytes: Cell<usize>,
    is_unknown: Cell<bool>,
    has_ended: Cell<bool>,
    /// Whether nobody waits for it: then nobody has to look for what is not told of.
    is_quiet: bool,
    waker: RefCell<Option<Waker>>,
}

impl Feed {
    /// A feed of what happens to these ranges. Nothing is told before [`Backend::subscribe`](super::Backend::subscribe).
    #[must_use]
    pub fn of(ranges: &[ReadRange]) -> Rc<Self> {
        Self::new(ranges, false)
    }

    /// One that is told of what is taken up anyway: nobody waits for it.
    pub(crate) fn quiet(ranges: &[ReadRange]) -> Rc<Self> {
        Self::new(ranges, true)
    }

    fn new(ranges: &[ReadRange], is_quiet: bool) -> Rc<Self> {
        let mut merged: Vec<(Key, Key)> = Vec::with_capacity(ranges.len());
        for (_, place) in sorted(ranges.iter().map(|range| range.start.as_bytes())) {
            match (ranges.get(place), merged.last_mut()) {
                (Some(range), _) if range.end <= range.start => {}
                (Some(range), Some((_, last))) if range.start <= *last => *last = range.end.clone().max(last.clone()),
                (Some(range), _) => merged.push((range.start.clone(), range.end.clone())),
                (None, _) => {}
            }
        }
        Rc::new(Self {
            ranges: merged,
            commits: RefCell::default(),
            bytes: Cell::new(0),
            is_unknown: Cell::new(false),
            has_ended: Cell::new(false),
            is_quiet,
            waker: RefCell::default(),
        })
    }

    /// Ends it: whoever waits is told so.
    pub fn end(&self) {
        self.has_ended.set(true);
        self.forget();
        self.wake();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.get()
    }

    /// What comes next, where there is something.
    pub(crate) fn take(&self) -> Option<News> {
        if self.has_ended.get() {
            return Some(News::Ended);
        }
        if self.is_unknown.replace(false) {
            return Some(News::Unknown);
        }
        let commit = self.commits.borrow_mut().pop_front()?;
        self.bytes.set(self.bytes.get().saturating_sub(commit.bytes()));
        Some(News::Commit(commit))
    }

    /// What comes next, once there is something.
    pub(crate) async fn next(&self) -> News {
        poll_fn(|context| match self.take() {
            Some(news) => Poll::Ready(news),
            None => {
                self.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    /// Waits until something is told, whoever takes it.
    pub(crate) async fn woken(&self) {
        let mut is_waiting = false;
        poll_fn(|context| {
            if self.has_ended.get() || (std::mem::replace(&mut is_waiting, true) && self.waker.borrow().is_none()) {
                return Poll::Ready(());
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn tell(&self, version: Version, edited: Edited<'_>) {
        if self.has_ended.get() || self.is_unknown.get() || !self.wants(edited) {
            return;
        }
        let told = edited.kept();
        self.bytes.set(self.bytes.get() + told.bytes());
        {
            let mut commits = self.commits.borrow_mut();
            match commits.back_mut() {
                Some(last) if last.version == version => last.edits.push(told),
                _ => commits.push_back(Commit { version, edits: vec![told] }),
            }
        }
        if self.commits.borrow().len() > MOST_COMMITS || self.bytes.get() > MOST_BYTES {
            self.lose_track();
        }
        self.wake();
    }

    fn lose_track(&self) {
        self.forget();
        self.is_unknown.set(true);
        self.wake();
    }

    fn forget(&self) {
        self.commits.take();
        self.bytes.set(0);
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wants(&self, edited: Edited<'_>) -> bool {
        let (start, end) = match edited {
            Edited::Put(key, _) | Edited::Delete(key) => (key, None),
            Edited::DeleteRange(start, end) => (start, Some(end)),
        };
        // The first range that does not end before it.
        let place = self.ranges.partition_point(|(_, known_end)| known_end <= start);
        self.ranges.get(place).is_some_and(|(known, _)| end.map_or(known <= start, |end| known < end))
    }
}

impl<'a> From<&'a Operation> for Edited<'a> {
    fn from(operation: &'a Operation) -> Self {
        match operation {
            Operation::Put { key, value } => Self::Put(key, Some(value)),
            Operation::Delete { key } => Self::Delete(key),
            Operation::DeleteRange { start, end } => Self::DeleteRange(start, end),
        }
    }
}

impl Edited<'_> {
    fn kept(self) -> Told {
        match self {
            Self::Put(key, value) => Told::Put(key.clone(), value.cloned()),
            Self::Delete(key) => Told::Delete(key.clone()),
            Self::DeleteRange(start, end) => Told::DeleteRange(start.clone(), end.clone()),
        }
    }
}

impl Told {
    fn bytes(&self) -> usize {
        match self {
            Self::Put(_, value) => value.as_ref().map_or(0, |value| value.len()),
            Self::Delete(_) | Self::DeleteRange(..) => 0,
        }
    }
}

impl Commit {
    fn bytes(&self) -> usize {
        self.edits.iter().map(Told::bytes).sum()
    }
}

/// The feeds of a backend. Each lasts as long as its watcher.
#[derive(Debug, Default)]
pub struct Feeds(RefCell<Vec<Weak<Feed>>>);

impl Feeds {
    /// Tells a feed from now on.
    pub fn add(&self, feed: &Rc<Feed>) {
        let mut feeds = self.0.borrow_mut();
        feeds.retain(|feed| feed.strong_count() > 0);
        feeds.push(Rc::downgrade(feed));
    }

    /// Whether nobody waits for what is told.
    #[must_use]
    pub fn are_quiet(&self) -> bool {
        self.0.borrow().iter().all(|feed| feed.upgrade().is_none_or(|feed| feed.has_ended() || feed.is_quiet))
    }

    /// Tells of an edit of a commit. Those of one commit come one right after the other.
    pub fn tell(&self, version: Version, edited: Edited<'_>) {
        self.each(|feed| feed.tell(version, edited));
    }

    /// Tells that there may have been commits of which nothing else is told.
    pub fn lose_track(&self) {
        self.each(Feed::lose_track);
    }

    /// Ends all of them.
    pub fn end(&self) {
        self.each(Feed::end);
    }

    fn each(&self, tell: impl Fn(&Feed)) {
        self.0.borrow().iter().filter_map(Weak::upgrade).for_each(|feed| tell(&feed));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn key(name: u8) -> Key {
        Key::from_bytes(vec![name])
    }

    fn feed(ranges: &[(u8, u8)]) -> (Feeds, Rc<Feed>) {
        let ranges: Vec<_> = ranges.iter().map(|(start, end)| ReadRange::between(key(*start), key(*end))).collect();
        let (feeds, feed) = (Feeds::default(), Feed::of(&ranges));
        feeds.add(&feed);
        (feeds, feed)
    }

    fn edits(feed: &Feed) -> Vec<(u64, usize)> {
        let mut found = Vec::new();
        while let Some(News::Commit(commit)) = feed.next().now_or_never() {
            found.push((commit.version.0, commit.edits.len()));
        }
        found
    }

    #[test]
    fn only_what_touches_a_range_is_told_commit_by_commit() {
        let (feeds, feed) = feed(&[(20, 30), (5, 10), (8, 12), (40, 40)]);
        let value = Bytes::from(vec![1]);
        for (version, name) in [(1, 4), (1, 5), (1, 11), (2, 12), (3, 19), (4, 29), (5, 30), (6, 40)] {
            feeds.tell(Version(version), Edited::Put(&key(name), Some(&value)));
            feeds.tell(Version(version), Edited::Delete(&key(name)));
        }
        assert_eq!(edits(&feed), [(1, 4), (4, 2)]);
        for (version, (start, end)) in (7..).zip([(0, 5), (0, 6), (12, 20), (11, 12), (12, 21), (29, 40), (30, 40)]) {
            feeds.tell(Version(version), Edited::DeleteRange(&key(start), &key(end)));
        }
        assert_eq!(edits(&feed), [(8, 1), (10, 1), (11, 1), (12, 1)]);
    }

    #[test]
    fn a_slow_reader_is_told_to_look_for_itself() {
        let (feeds, feed) = feed(&[(0, 100)]);
        let value = Bytes::from(vec![0; MOST_BYTES / 2]);
        for version in 1..=3 {
            feeds.tell(Version(version), Edited::Put(&key(1), Some(&value)));
        }
        assert!(matches!(feed.next().now_or_never(), Some(News::Unknown)));
        assert!(feed.next().now_or_never().is_none(), "and what came before is forgotten");
        let many = MOST_COMMITS as u64 + 1;
        (4..4 + many).for_each(|version| feeds.tell(Version(version), Edited::Delete(&key(1))));
        assert!(matches!(feed.next().now_or_never(), Some(News::Unknown)));
        feeds.tell(Version(5_000), Edited::Put(&key(1), Some(&value)));
        assert_eq!(edits(&feed), [(5_000, 1)], "what comes after it is told again");
    }

    #[test]
    fn it_ends_for_good_and_is_forgotten_with_its_watcher() {
        let (feeds, feed) = feed(&[(0, 100)]);
        assert!(!feeds.are_quiet());
        feeds.tell(Version(1), Edited::Delete(&key(1)));
        feed.end();
        feeds.tell(Version(2), Edited::Delete(&key(1)));
        assert!(matches!(feed.next().now_or_never(), Some(News::Ended)));
        assert!(feeds.are_quiet());
        let (feeds, dropped) = self::feed(&[(0, 100)]);
        drop(dropped);
        assert!(feeds.are_quiet());
    }
}
