//! Holds a history against the model: what was acknowledged is there, in an order that explains all that anybody saw.

use super::history::{Commit, History, Outcome, Read};
use super::keys::{counter, everything, marker, number_of};
use super::model::Model;
use super::stats::Stats;
use agent_datastore::ErrorKind;
use agent_datastore::model::batch::{Entry, ReadRange};
use std::collections::BTreeMap;

/// Checks everything that can be told from a history and the entries that are there at its end.
///
/// # Errors
///
/// What does not fit.
pub(crate) fn check(history: &History, last: &[Entry], stats: &Stats) -> Result<Model, String> {
    if let Some(wrong) = history.wrong.borrow().first() {
        return Err(wrong.clone());
    }
    let commits = history.commits.borrow();
    let effective = effective(&commits, last, stats)?;
    let model = Model::replay(effective, &commits)?;
    check_last(&model, &commits, last)?;
    check_order(&model, &commits)?;
    check_conflicts(&model, &commits)?;
    check_reads(&model, &commits, history)?;
    Ok(model)
}

/// The commits that took effect, with their versions.
fn effective(commits: &[Commit], last: &[Entry], stats: &Stats) -> Result<Vec<(u64, usize)>, String> {
    let versions: BTreeMap<_, _> = last.iter().map(|entry| (&entry.key, entry.version)).collect();
    let mut effective = Vec::new();
    for (id, commit) in commits.iter().enumerate() {
        let found = versions.get(&marker(id)).copied().flatten().map(|version| version.0);
        match (&commit.outcome, found) {
            (Outcome::Acknowledged(committed), found) => {
                stats.acknowledged.add(1);
                let has_marker = !commit.batch.operations.is_empty();
                if has_marker && found != Some(committed.version.0) {
                    return Err(format!("commit {id} was acknowledged as {committed:?}; what is there: {found:?}"));
                }
                effective.push((committed.version.0, id));
            }
            (Outcome::Refused(kind), found) => {
                let count = if *kind == ErrorKind::Conflict { &stats.conflicts } else { &stats.refused };
                count.add(1);
                if let Some(version) = found {
                    return Err(format!("commit {id} failed with {kind:?}, and is there with version {version}"));
                }
            }
            (Outcome::Unknown, found) => {
                stats.uncertain.add(1);
                if let Some(version) = found {
                    stats.uncertain_but_there.add(1);
                    effective.push((version, id));
                }
            }
        }
    }
    Ok(effective)
}

fn check_last(model: &Model, commits: &[Commit], last: &[Entry]) -> Result<(), String> {
    if !model.matches(&everything(), u64::MAX, last) {
        let expected: Vec<_> = model.state(&everything(), u64::MAX).map(|(key, at, _)| (key, at)).collect();
        let found: Vec<_> = last.iter().map(|entry| (&entry.key, entry.version)).collect();
        return Err(format!("in the end there is\n{found:?}\ninstead of\n{expected:?}"));
    }
    let increments = model.effective.iter().filter(|(_, id)| commits[*id].increments).count() as u64;
    let counted =
        model.state(&ReadRange::point(counter()), u64::MAX).next().map_or(0, |(_, _, value)| number_of(value));
    if counted != increments {
        return Err(format!("the counter is at {counted} after {increments} increments"));
    }
    Ok(())
}

/// What was acknowledged before another commit began comes before it.
fn check_order(model: &Model, commits: &[Commit]) -> Result<(), String> {
    for &(version, id) in &model.effective {
        let before = newest_acknowledged(commits, None, commits[id].begin);
        if before >= version {
            return Err(format!("commit {id} has version {version}, but {before} was acknowledged before it began"));
        }
    }
    Ok(())
}

/// The highest version acknowledged before a moment, by one engine or by any.
fn newest_acknowledged(commits: &[Commit], engine: Option<usize>, moment: u64) -> u64 {
    let is_meant = |commit: &&Commit| commit.end < moment && engine.is_none_or(|engine| engine == commit.engine);
    let version = |commit: &Commit| match &commit.outcome {
        Outcome::Acknowledged(committed) => Some(committed.version.0),
        _ => None,
    };
    commits.iter().filter(is_meant).filter_map(version).max().unwrap_or(0)
}

/// The versions of the states that there were at some moment between two.
fn states_between(model: &Model, commits: &[Commit], lowest: u64, end: u64) -> Vec<u64> {
    let begun = model.effective.iter().filter(|(version, id)| *version > lowest && commits[*id].begin < end);
    std::iter::once(lowest).chain(begun.map(|(version, _)| *version)).collect()
}

/// A conflict is told only where a check really did not hold.
fn check_conflicts(model: &Model, commits: &[Commit]) -> Result<(), String> {
    for (id, commit) in commits.iter().enumerate() {
        if commit.outcome != Outcome::Refused(ErrorKind::Conflict) {
            continue;
        }
        let lowest = newest_acknowledged(commits, None, commit.begin);
        let states = states_between(model, commits, lowest, commit.end);
        let always = |version| commit.batch.checks.iter().all(|check| model.holds(check, version));
        if states.iter().all(|version| always(*version)) {
            return Err(format!("commit {id} met a conflict, but {:?} held in {states:?}", commit.batch.checks));
        }
    }
    Ok(())
}

/// Every read is the state after one commit: not before what its engine knew, and not after what had begun.
fn check_reads(model: &Model, commits: &[Commit], history: &History) -> Result<(), String> {
    let (mut reads, refreshes) = (history.reads.borrow_mut(), history.refreshes.borrow());
    reads.sort_by_key(|read| read.begin);
    let mut seen: Vec<u64> = Vec::new();
    for (place, read) in reads.iter().enumerate() {
        let is_before = |engine: usize, end: u64| engine == read.engine && end < read.begin;
        let own = newest_acknowledged(commits, Some(read.engine), read.begin);
        let refreshed = refreshes.iter().filter(|refresh| is_before(refresh.engine, refresh.end));
        let refreshed = refreshed.map(|refresh| newest_acknowledged(commits, None, refresh.begin)).max().unwrap_or(0);
        let read_before = reads[..place].iter().zip(&seen).filter(|(other, _)| is_before(other.engine, other.end));
        let read_before = read_before.map(|(_, version)| *version).max().unwrap_or(0);
        let lowest = own.max(refreshed).max(read_before);
        let states = states_between(model, commits, lowest, read.end);
        let fits = |version: &u64| is_state(model, read, *version);
        match states.iter().copied().find(fits) {
            Some(version) => seen.push(version),
            None => {
                let fitting: Vec<u64> = model.effective.iter().map(|(version, _)| *version).filter(fits).collect();
                let found: Vec<Vec<_>> = read
                    .found
                    .iter()
                    .map(|list| list.iter().map(|entry| (&entry.key, entry.version)).collect())
                    .collect();
                return Err(format!(
                    "a read by engine {} at {} to {} fits none of {states:?} (own commits {own}, refreshed {refreshed}, read before {read_before}) but {fitting:?}\nranges {:?}\nfound {found:?}",
                    read.engine, read.begin, read.end, read.ranges
                ));
            }
        }
    }
    Ok(())
}

fn is_state(model: &Model, read: &Read, version: u64) -> bool {
    read.ranges.len() == read.found.len()
        && read.ranges.iter().zip(&read.found).all(|(range, found)| model.matches(range, version, found))
}
