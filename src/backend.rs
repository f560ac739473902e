//! Where entries are kept: the [`Backend`] contract and its implementations.

use crate::error::Result;
use crate::model::batch::{Batch, Committed, Entry, Lookup, ReadRange, Version};
use async_trait::async_trait;
use feed::Feed;
use health::Health;
use serde::Serialize;
use std::rc::Rc;

pub mod feed;
pub mod health;
#[cfg(target_arch = "wasm32")]
pub mod indexeddb;
#[cfg(any(target_arch = "wasm32", test))]
mod ladder;
pub mod memory;
pub mod monitor;
pub(crate) mod overlay;
pub mod paged;

/// What [`Backend::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// How many entries there are that can be read.
    pub entries: u64,
    /// How many blobs were read.
    pub blobs: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is damaged or missing, each with the name of the blob; nothing where all is well.
    pub damage: Vec<String>,
}

/// An ordered keyspace that is read in snapshots and changed in atomic commits.
///
/// One call is one transaction: nothing of a transaction outlives its call, so no caller can hold one open.
///
/// # Contract
///
/// The suites `conformance::backend` and `conformance::ranges` check each clause on every backend.
///
/// 1. **Order.** Keys are ordered by their bytes. A range is returned from `start` inclusive to `end` exclusive, in ascending
///    order, or in descending order where it is reversed, and cut after `limit` entries in that order. A range whose end is not
///    after its start is empty, and not an error.
/// 2. **Snapshot.** All ranges of one `read` show the same moment: a commit is in all of them or in none. Ranges may
///    overlap, and the result has one list for each range, in their order. No ranges give no lists. `snapshot` tells the moment
///    too: the version of the last commit that is in it.
/// 3. **Own writes.** A `read` that begins after a `commit` of this object resolved sees it. Commits of others are seen in
///    their order, without delay worth mentioning but at no certain time; after `refresh`, every one that was complete when it
///    was called.
/// 4. **Keys only.** Such a range returns the same keys, with empty values and no versions.
/// 5. **All or nothing.** If every check holds at the moment of the commit, every operation is applied in order; else
///    nothing is, and the error is [`Conflict`](crate::ErrorKind::Conflict). Checks see the state before the batch.
/// 6. **Versions.** Each commit's version is higher than that of every commit before it. An entry carries the version of
///    the commit that last put it, also where the value is the same.
/// 7. **Counts.** A commit tells how many entries each of its range deletions removed, those put earlier in the same
///    batch included; `count`, how many a read of the same range would return.
/// 8. **Limits.** A batch over [`limits`](crate::model::limits) is refused with
///    [`LimitExceeded`](crate::ErrorKind::LimitExceeded) before anything is written, and so is a read of more than
///    [`MAX_READ_BYTES`](crate::model::limits::MAX_READ_BYTES).
/// 9. **Empty batches** are commits too. With strict durability one is a barrier: it makes every earlier commit strict.
/// 10. **Failure.** A call that fails changed nothing, and the backend can still be used. Only of a commit whose error is
///     [uncertain](crate::Error::is_uncertain) nobody knows.
/// 11. **Verify** reads everything and changes nothing. What is damaged is named in its report and is no error; where nothing
///     is, it counts every entry.
/// 12. **Feeds.** From `subscribe` on a feed is told of every commit that this object takes up, in their order and once; of others'
///     commits after `refresh` at the latest. What comes up to the version of a `snapshot` is in that, and what comes after is not.
///     Where it is not known what commits did, it is told that.
/// 13. **Compact** removes what is stored and not needed any more, and changes nothing that can be read.
/// 14. **Close.** After `close` every call fails with [`Closed`](crate::ErrorKind::Closed); closing again does nothing.
///     What was committed stays.
#[async_trait(?Send)]
pub trait Backend {
    /// A consistent snapshot of all the ranges, and the version of the last commit that is in it.
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)>;

    /// A consistent snapshot of all the ranges.
    async fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
        Ok(self.snapshot(ranges).await?.1)
    }

    /// What is stored under each of the keys, in one snapshot: as a read of their ranges, and faster where there are many.
    async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        let ranges: Vec<_> = lookups.iter().copied().map(Lookup::to_range).collect();
        Ok(self.read(&ranges).await?.into_iter().map(|found| found.into_iter().next()).collect())
    }

    /// How many entries a read of the range would return, without the memory that they would take.
    async fn count(&self, range: &ReadRange) -> Result<u64>;

    /// Applies a batch, all or nothing.
    async fn commit(&self, batch: Batch) -> Result<Committed>;

    /// Tells a feed of every commit from now on.
    fn subscribe(&self, feed: &Rc<Feed>);

    /// After this resolves, every read sees every commit that was complete when it was called, whoever made it.
    async fn refresh(&self) -> Result<()>;

    /// Reads everything that is stored, and tells what is damaged.
    async fn verify(&self) -> Result<Report>;

    /// Removes what is stored and not needed any more.
    async fn compact(&self) -> Result<()>;

    /// How the way to the storage fares. What is in memory is always well.
    fn health(&self) -> Health {
        Health::default()
    }

    /// Whether there are commits that a power cut may take: relaxed ones, and no strict one after them.
    fn has_unflushed(&self) -> bool {
        false
    }

    /// About how much of what was read stays in memory. Bytes; of a backend that is in memory, everything.
    fn kept_bytes(&self) -> usize {
        usize::MAX
    }

    /// Ends the use of this backend object.
    async fn close(&self) -> Result<()>;
}

#[async_trait(?Send)]
impl<B: Backend + ?Sized> Backend for Box<B> {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        (**self).snapshot(ranges).await
    }

    async fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>> {
        (**self).read(ranges).await
    }

    async fn get(&self, lookups: &[Lookup<'_>]) -> Result<Vec<Option<Entry>>> {
        (**self).get(lookups).await
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        (**self).count(range).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        (**self).commit(batch).await
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        (**self).subscribe(feed);
    }

    async fn refresh(&self) -> Result<()> {
        (**self).refresh().await
    }

    async fn verify(&self) -> Result<Report> {
        (**self).verify().await
    }

    async fn compact(&self) -> Result<()> {
        (**self).compact().await
    }

    fn health(&self) -> Health {
        (**self).health()
    }

    fn has_unflushed(&self) -> bool {
        (**self).has_unflushed()
    }

    fn kept_bytes(&self) -> usize {
        (**self).kept_bytes()
    }

    async fn close(&self) -> Result<()> {
        (**self).close().await
    }
}
