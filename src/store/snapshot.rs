//! The snapshot store: whole JSON values in a hierarchy of scopes, saved without blocking (`stores.md`, section A).

mod portable;
mod queue;

use self::queue::{Change, Queue};
use super::database::Database;
use crate::error::Result;
use crate::model::batch::{Entry, Lookup, ReadRange};
use crate::model::json::Json;
use crate::model::keyspace::SnapshotScope;
use crate::model::snapshot::names::sanitize;
use crate::model::snapshot::record::{Past, Snapshot};
use crate::model::snapshot::rules;
use std::rc::Rc;

/// How many keys one read of [`SnapshotStore::children`] fetches before it skips to the next scope.
const STRIDE: u32 = 64;

/// Options of [`Database::snapshot_store`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotStoreOptions {
    /// The user who owns the snapshots.
    pub user: String,
    /// The scopes that the store is narrowed to, from the top; empty ones are passed over.
    pub path: Vec<String>,
    /// How many versions of a key saving keeps, beside the current one. With 0 it makes none, and leaves those that there are.
    pub history: usize,
}

impl Default for SnapshotStoreOptions {
    /// User `anonymous`, at the top, without a history.
    fn default() -> Self {
        Self { user: "anonymous".to_owned(), path: Vec::new(), history: 0 }
    }
}

/// The snapshots of one scope of one user. Clones are the same store; [`Self::narrow`] makes another one.
///
/// What changes something is put into the store's own queue at the time of the call, and made in that order, by whoever polls one of its futures;
/// where a future is dropped before that, its change is made with the next one, by [`Self::flush`] or by [`Self::close`]. Changes that wait together
/// go into one commit. Each is made as a whole or not at all, but for pruning many keys, which goes on key by key; one that fails leaves what was there and the others as they are. Reads see what the
/// same store was given before.
///
/// Changes fail with the backend's errors, with [`Closed`](crate::ErrorKind::Closed), [`LimitExceeded`](crate::ErrorKind::LimitExceeded),
/// [`InvalidKey`](crate::ErrorKind::InvalidKey) for the empty key, and [`Conflict`](crate::ErrorKind::Conflict); reads with the backend's errors, with
/// [`Closed`](crate::ErrorKind::Closed) once the database is closed, and with [`Corrupt`](crate::ErrorKind::Corrupt).
///
/// ```
/// use agent_datastore::{backend::memory::Memory, store::{Database, SnapshotStoreOptions}, Json};
///
/// # pollster::block_on(async {
/// let database = Database::new(Memory::new(), Default::default());
/// let session = database.snapshot_store(SnapshotStoreOptions { path: vec!["session123".into()], ..Default::default() });
/// let agent = session.narrow("alice");
/// agent.save("state", Json::parse(r#"{"step": 1}"#)?).await?;
/// assert_eq!(agent.load("state").await?.as_str(), r#"{"step":1}"#);
/// assert_eq!(session.children().await?, ["alice"]);
/// # Ok::<(), agent_datastore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct SnapshotStore {
    database: Database,
    scope: SnapshotScope,
    history: usize,
    queue: Rc<Queue>,
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl SnapshotStore {
    pub(super) fn new(database: Database, options: SnapshotStoreOptions) -> Self {
        let SnapshotStoreOptions { user, path, history } = options;
        let scope = SnapshotScope { user, path: Vec::new() }.below(&path);
        Self { database, scope, history, queue: Rc::default() }
    }

    /// The same scope on another database, with a queue of its own.
    pub(super) fn on(&self, database: Database) -> Self {
        Self { database, queue: Rc::default(), ..self.clone() }
    }

    /// The user who owns the snapshots.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.scope.user
    }

    /// The scopes that the store is narrowed to, from the top.
    #[must_use]
    pub fn path(&self) -> &[String] {
        &self.scope.path
    }

    /// How many versions saving keeps beside the current one.
    #[must_use]
    pub const fn history(&self) -> usize {
        self.history
    }

    /// A store of the scope below, with a queue of its own; of the same scope, where the key is empty, as in the original. Nothing is written.
    #[must_use]
    pub fn narrow(&self, key: &str) -> Self {
        self.narrow_all(&[key.to_owned()])
    }

    /// As [`Self::narrow`], several scopes at once. With no keys it is another store of the same scope.
    #[must_use]
    pub fn narrow_all(&self, keys: &[String]) -> Self {
        Self { scope: self.scope.below(keys), queue: Rc::default(), ..self.clone() }
    }

    /// The directory that the scope below has in the original's layout, from the top: the names of all scopes, with `/` between them.
    #[must_use]
    pub fn narrow_path(&self, keys: &[String]) -> String {
        let names: Vec<String> = self.scope.below(keys).path.iter().map(|key| sanitize(key)).collect();
        names.join("/")
    }

    /// Saves a value, which takes the place of the one before. It is in the queue when this returns.
    pub fn save(&self, key: &str, value: Json) -> impl Future<Output = Result<()>> + use<> {
        let change =
            rules::check_key(&self.scope, key).map(|()| Change::Save(key.to_owned(), value, self.database.now()));
        let made = self.change(change);
        async move { made.await.map(drop) }
    }

    /// Deletes a snapshot with all its versions. Resolves to whether there was one. It is in the queue when this returns.
    pub fn delete(&self, key: &str) -> impl Future<Output = Result<bool>> + use<> {
        let made = self.change(Ok(Change::Delete(key.to_owned())));
        async move { Ok(made.await? > 0) }
    }

    /// Deletes all that is in this scope and below it. Resolves to how many snapshots there were. It is in the queue when this returns.
    pub fn delete_all(&self) -> impl Future<Output = Result<usize>> + use<> {
        self.change(Ok(Change::DeleteAll))
    }

    /// Forgets versions of one key, or of all keys in this scope and below it; all but the current one and the newest `keep` before it. Resolves to how
    /// many it forgot. It is in the queue when this returns.
    pub fn prune(&self, key: Option<&str>, keep: usize) -> impl Future<Output = Result<usize>> + use<> {
        self.change(Ok(Change::Prune(key.map(str::to_owned), keep)))
    }

    /// The value of a key. [`KeyNotFound`](crate::ErrorKind::KeyNotFound) where nothing is saved under it.
    pub async fn load(&self, key: &str) -> Result<Json> {
        self.load_if_any(key).await?.ok_or_else(|| rules::key_not_found(key))
    }

    /// The value of a key, if there is one.
    pub async fn load_if_any(&self, key: &str) -> Result<Option<Json>> {
        let _call = self.database.begin()?;
        self.made().await;
        let found = self.look_up(Lookup::of(&self.scope.snapshot(key))).await?;
        found.map(|entry| Snapshot::decode(&entry.value).map(|snapshot| snapshot.value)).transpose()
    }

    /// Whether something is saved under a key.
    pub async fn has(&self, key: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        self.made().await;
        Ok(self.look_up(Lookup::existence(&self.scope.snapshot(key))).await?.is_some())
    }

    /// The keys of this scope, without those of the scopes below, by Unicode code point.
    pub async fn list(&self) -> Result<Vec<String>> {
        let _call = self.database.begin()?;
        self.made().await;
        let mut keys = Vec::new();
        let mut take = |entry: Entry| {
            keys.push(self.scope.place_of(&entry.key)?.1);
            Ok(true)
        };
        self.database.scan(self.scope.snapshots().keys_only(), &mut take).await?;
        Ok(keys)
    }

    /// The scopes right below this one in which anything is saved, or below them, by Unicode code point.
    pub async fn children(&self) -> Result<Vec<String>> {
        let _call = self.database.begin()?;
        self.made().await;
        let mut scopes: Vec<String> = Vec::new();
        loop {
            let range = self.scope.snapshots_below(scopes.last().map(String::as_str)).keys_only().limit(STRIDE);
            let found = self.database.read(&[range]).await?.pop().unwrap_or_default();
            for entry in &found {
                let (mut path, _) = self.scope.place_of(&entry.key)?;
                path.truncate(1);
                scopes.extend(path);
            }
            scopes.dedup();
            if found.len() < STRIDE as usize {
                return Ok(scopes);
            }
        }
    }

    /// The versions of a key that are kept, the current one first; none, where nothing is saved under it.
    pub async fn versions(&self, key: &str) -> Result<Vec<Past>> {
        let _call = self.database.begin()?;
        self.made().await;
        let ranges = [ReadRange::point(self.scope.snapshot(key)), self.scope.all_past(key)];
        let mut found = self.database.read(&ranges).await?.into_iter();
        let current = found.next().unwrap_or_default().pop();
        let mut versions: Vec<Past> =
            found.next().unwrap_or_default().iter().map(Past::decode).collect::<Result<_>>()?;
        if let Some(current) = current {
            versions.push(Snapshot::decode(&current.value)?.to_past());
        }
        versions.reverse();
        Ok(versions)
    }

    /// The value that a key had in a version. [`KeyNotFound`](crate::ErrorKind::KeyNotFound) where nothing is saved under the key,
    /// [`NotFound`](crate::ErrorKind::NotFound) where the version is not kept.
    pub async fn load_at(&self, key: &str, version: u64) -> Result<Json> {
        let _call = self.database.begin()?;
        self.made().await;
        let (current, past) = (self.scope.snapshot(key), self.scope.past(key, version));
        let mut found = self.database.get(&[Lookup::of(&current), Lookup::of(&past)]).await?.into_iter();
        let current = found.next().flatten().ok_or_else(|| rules::key_not_found(key))?;
        let current = Snapshot::decode(&current.value)?;
        if current.version == version {
            return Ok(current.value);
        }
        let past = found.next().flatten().ok_or_else(|| rules::version_not_found(key, version))?;
        let content = self.scope.content(key, &Past::decode(&past)?.hash);
        let found = self.look_up(Lookup::of(&content)).await?.ok_or_else(|| rules::version_not_found(key, version))?;
        let text = std::str::from_utf8(&found.value).map_err(|_| crate::model::codec::damaged())?;
        Ok(Json::trusted(text.to_owned()))
    }

    /// Waits until all that this store was given before is made, and survives a power cut. What failed meanwhile was said by its own future.
    pub async fn flush(&self) -> Result<()> {
        let _call = self.database.begin()?;
        self.made().await;
        self.database.flush().await
    }

    /// Waits until all that this store was given before is made; from the call on nothing can be changed through it any more. Reads go on. Stores of
    /// other scopes, the database too, stay as they are.
    pub async fn close(&self) -> Result<()> {
        self.queue.close();
        let _call = self.database.begin()?;
        self.made().await;
        Ok(())
    }

    async fn look_up(&self, lookup: Lookup<'_>) -> Result<Option<Entry>> {
        Ok(self.database.get(&[lookup]).await?.pop().flatten())
    }
}
