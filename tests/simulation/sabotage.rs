//! Engines that are broken on purpose, each in one way: the simulation has to catch every one of them. All are made by
//! what the engine stands on, so that no line of it exists for them.

use super::world::World;
use agent_datastore::backend::paged::blob_store::{Area, Blob, BlobRange, Change, MAX_NUMBER, Write};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Writes over a log number that another engine took.
    SkipsHeadCheck,
    /// Says that a write is done before it is.
    AcknowledgesEarly,
    /// Trims what a sleeping engine has not seen.
    TrimsBelowSleepers,
    /// Uses a checkpoint's root before it stands on its epoch.
    StandsTooLate,
    /// Refuses by a check, or refreshes, without knowing of the latest commits.
    JudgesWhatIsStale,
    /// A checkpoint says that it has merged what came while it was being made.
    MergedTooHigh,
    /// Without locks: writes from an epoch that is over.
    IgnoresGuards,
    /// A process that dies leaves half a write.
    TearsWrites,
}

impl Sabotage {
    pub(crate) fn acknowledges_early(self) -> bool {
        self == Self::AcknowledgesEarly
    }

    pub(crate) fn sees_nobody(self) -> bool {
        self == Self::TrimsBelowSleepers
    }

    pub(crate) fn stands_late(self) -> bool {
        self == Self::StandsTooLate
    }

    pub(crate) fn tears_writes(self) -> bool {
        self == Self::TearsWrites
    }

    pub(crate) fn of_read(self, world: &World, ranges: &[BlobRange], found: &mut [Vec<Blob>]) {
        let is_catching_up = matches!(ranges, [BlobRange { area: Area::Log, last: MAX_NUMBER, .. }]);
        if self == Self::JudgesWhatIsStale && is_catching_up && world.random.one_in(2) {
            found[0].clear();
        }
    }

    pub(crate) fn of_write(self, write: &mut Write) {
        match self {
            Self::SkipsHeadCheck => {
                for change in &mut write.changes {
                    if let Change::Add(Area::Log, number, blob) = change {
                        *change = Change::Put(Area::Log, *number, std::mem::take(blob));
                    }
                }
            }
            Self::IgnoresGuards => write.changes.retain(|change| change.area() != Area::Guard),
            Self::MergedTooHigh => merge_too_high(write),
            _ => {}
        }
    }
}

/// Where a root says up to where it has merged the log: behind its epoch.
const MERGED: usize = 8;
const HEADER: usize = 24;
/// Of a record: its kind and its identity.
const HEAD: usize = 9;

/// Makes a checkpoint say that everything before it is in its pages. The record in the log has the root behind its head.
fn merge_too_high(write: &mut Write) {
    if !write.changes.iter().any(|change| matches!(change, Change::Put(Area::Meta, ..))) {
        return;
    }
    let Some(Change::Add(_, epoch, record)) = write.changes.iter().find(|change| change.area() == Area::Log) else {
        return;
    };
    let (epoch, record) = (*epoch, record.clone());
    let mut root = record[HEADER + HEAD..].to_vec();
    root[MERGED..MERGED + 8].copy_from_slice(&(epoch - 1).to_le_bytes());
    for change in &mut write.changes {
        match change {
            Change::Add(Area::Log, number, blob) => {
                *blob = reseal(Area::Log, *number, &[&record[HEADER..HEADER + HEAD], &root[..]].concat())
            }
            Change::Put(Area::Meta, number, blob) => *blob = reseal(Area::Meta, *number, &root),
            _ => {}
        }
    }
}

/// A blob with its envelope, not compressed.
fn reseal(area: Area, number: u64, content: &[u8]) -> Vec<u8> {
    let mut blob = vec![1, area as u8, 2, 0];
    blob.extend(number.to_le_bytes());
    blob.extend((content.len() as u32).to_le_bytes());
    let sum = xxhash_rust::xxh64::xxh64(&[&blob, content].concat(), 0);
    blob.extend(sum.to_le_bytes());
    blob.extend(content);
    blob
}
