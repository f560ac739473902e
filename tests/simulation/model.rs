//! What the database has to be after each commit: a map, and every version of every key.

use super::history::{Commit, Outcome};
use agent_datastore::model::batch::{Bytes, Check, Entry, Operation, ReadRange, Version};
use agent_datastore::model::tuple::Key;
use std::collections::BTreeMap;

/// The states that the commits, one after the other, make.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Each key's values, with the version of the commit that left them; `None` where it removed the key.
    keys: BTreeMap<Key, Vec<(u64, Option<Bytes>)>>,
    /// The commits that took effect: version and place in the history.
    pub(crate) effective: Vec<(u64, usize)>,
}

impl Model {
    /// Replays the commits that took effect.
    ///
    /// # Errors
    ///
    /// Where two have the same version, a check did not hold, or a range deletion counted something else.
    pub(crate) fn replay(mut effective: Vec<(u64, usize)>, commits: &[Commit]) -> Result<Self, String> {
        effective.sort_unstable();
        if let Some(pair) = effective.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("two commits have one version: {pair:?}"));
        }
        let mut model = Self::default();
        for &(version, id) in &effective {
            let commit = &commits[id];
            if let Some(check) = commit.batch.checks.iter().find(|check| !model.holds(check, u64::MAX)) {
                return Err(format!("commit {id} has version {version}, but {check:?} did not hold before it"));
            }
            let removed = model.apply(version, &commit.batch.operations);
            if let Outcome::Acknowledged(committed) = &commit.outcome
                && committed.removed != removed
            {
                return Err(format!("commit {id} says that it removed {:?}, not {removed:?}", committed.removed));
            }
        }
        model.effective = effective;
        Ok(model)
    }

    fn apply(&mut self, version: u64, operations: &[Operation]) -> Vec<u64> {
        let mut removed = Vec::new();
        for operation in operations {
            match operation {
                Operation::Put { key, value } => self.set(key, version, Some(value.clone())),
                Operation::Delete { key } => self.set(key, version, None),
                Operation::DeleteRange { start, end } => {
                    let range = ReadRange::between(start.clone(), end.clone());
                    let gone: Vec<Key> = self.state(&range, u64::MAX).map(|(key, ..)| key.clone()).collect();
                    gone.iter().for_each(|key| self.set(key, version, None));
                    removed.push(gone.len() as u64);
                }
            }
        }
        removed
    }

    fn set(&mut self, key: &Key, version: u64, value: Option<Bytes>) {
        self.keys.entry(key.clone()).or_default().push((version, value));
    }

    /// The entries of a range, in its order, after the commit of a version.
    pub(crate) fn state(&self, range: &ReadRange, version: u64) -> impl Iterator<Item = (&Key, u64, &Bytes)> {
        let (limit, reverse) = (range.limit.map_or(usize::MAX, |limit| limit as usize), range.reverse);
        let end = range.end.clone().max(range.start.clone());
        let mut keys = self.keys.range(range.start.clone()..end);
        let keys = std::iter::from_fn(move || if reverse { keys.next_back() } else { keys.next() });
        let last = move |values: &'_ [(u64, Option<Bytes>)]| values.partition_point(|(at, _)| *at <= version);
        keys.filter_map(move |(key, values)| {
            let (at, value) = &values[last(values).checked_sub(1)?];
            value.as_ref().map(|value| (key, *at, value))
        })
        .take(limit)
    }

    /// Whether a check holds after the commit of a version.
    pub(crate) fn holds(&self, check: &Check, version: u64) -> bool {
        let point = ReadRange::point(check.key.clone());
        let found = self.state(&point, version).next().map(|(_, at, _)| Version(at));
        check.holds(found)
    }

    /// Whether a range reads so after the commit of a version.
    pub(crate) fn matches(&self, range: &ReadRange, version: u64, found: &[Entry]) -> bool {
        let mut found = found.iter();
        let all = self.state(range, version).all(|(key, at, value)| {
            found.next().is_some_and(|entry| {
                entry.key == *key
                    && match range.keys_only {
                        true => entry.value.is_empty() && entry.version.is_none(),
                        false => entry.version == Some(Version(at)) && entry.value == *value,
                    }
            })
        });
        all && found.next().is_none()
    }
}
