//! How bytes are written: what is small in one commit; of what is large the pieces first, in commits of their own, under an entry that tells of
//! them, and then the record with the content. Whoever fails in between removes the pieces. What a killed tab left, the next one removes who writes bytes.

use super::calls::Call;
use super::data_store::DataStore;
use super::database::Database;
use super::key_locks::KeyGuard;
use super::presence::Present;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Entry, Expect, Lookup, ReadRange};
use crate::model::content::{
    BytesKind, BytesReference, Hasher, PIECE_BYTES, Upload, plan_content, plan_pieces, plan_removal,
};
use crate::model::data_record::Metadata;
use crate::model::data_rules::{Author, Item, Writing, plan_written};
use crate::model::keyspace::{BytesScope, upload_name};
use crate::model::tuple::Key;
use futures_util::{Stream, StreamExt as _};
use std::pin::{Pin, pin};

/// How many bytes are gathered before their pieces are written.
const STAGE_BYTES: usize = 16 * PIECE_BYTES;

/// For how long nothing has to have come of an upload whose writer is not there before it is removed. Where the browser cannot tell whether
/// the writer is there, it is for how long one may wait for the next piece. Microseconds.
const ABANDONED_MICROS: u64 = 600_000_000;

/// Options of [`DataStore::set_bytes`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BytesOptions {
    /// What JavaScript gets back.
    pub kind: BytesKind,
    /// The media type; empty where it is not known.
    pub media_type: String,
    /// Merged into the metadata of the record.
    pub metadata: Option<Metadata>,
    /// Whether changes of the key that are called for later, and whoever closes the database, wait until all pieces have come: for bytes that are at
    /// hand. Without it the call takes its turn when it has the last piece.
    pub keeps_order: bool,
}

/// Where pieces come from.
type Pieces<'a> = Pin<&'a mut dyn Stream<Item = Result<Vec<u8>>>>;

impl DataStore {
    /// Creates or replaces a value that is bytes, which come in pieces of any size. Nothing is seen of them before the last one was written, together with
    /// the record; where something fails, what was there stays. Who sets the same bytes again, under whichever key of the user, stores them once.
    ///
    /// # Errors
    ///
    /// Those of the pieces, and those of changes, see [`DataStore`].
    pub async fn set_bytes(
        &self,
        key: &str,
        pieces: impl Stream<Item = Result<Vec<u8>>>,
        options: BytesOptions,
    ) -> Result<BytesReference> {
        self.write_bytes(key, pin!(pieces), options).await
    }

    async fn write_bytes(&self, key: &str, pieces: Pieces<'_>, options: BytesOptions) -> Result<BytesReference> {
        let call = self.database.begin()?;
        self.expiry()?;
        let keys = [self.scope.record(key)];
        let turn = if options.keeps_order { Some(self.database.take_turns(self.turns(&keys)).await) } else { None };
        let mut upload = Uploading {
            store: self,
            call: options.keeps_order.then_some(call),
            scope: BytesScope::of(self.user()),
            id: self.database.draw_id(),
            staged: 0,
            bytes: Vec::new(),
            size: 0,
            hasher: Hasher::default(),
            present: None,
        };
        let written = match upload.take(pieces).await {
            Ok(()) => upload.finish(key, &keys, options, turn).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            upload.give_up().await;
        }
        written
    }
}

impl Database {
    /// Removes what writers left who are not there any more. Gives how many uploads that were.
    pub(super) async fn remove_abandoned(&self, uploads: ReadRange) -> Result<u64> {
        let now = self.clock_time().as_micros();
        let mut removed = 0;
        for entry in self.read(&[uploads]).await?.into_iter().flatten() {
            let ((scope, id), upload) = (upload_name(&entry.key)?, Upload::decode(&entry.value)?);
            let is_old = upload.at.as_micros().abs_diff(now) >= ABANDONED_MICROS;
            if is_old && !self.presence().is_there(&name_of(&id)).await? {
                let mut batch = Batch::default();
                plan_removal(&mut batch, &scope, &id);
                batch.check(Check::unchanged(entry.key.clone(), Some(&entry)));
                removed += u64::from(self.try_commit(batch).await?);
            }
        }
        Ok(removed)
    }
}

/// The name under which the writer of an upload is there.
fn name_of(id: &str) -> String {
    format!("bytes:{id}")
}

struct Uploading<'a> {
    store: &'a DataStore,
    /// The call that all of it is; where there is none each step is one, and the database can be closed in between.
    call: Option<Call>,
    scope: BytesScope,
    id: String,
    /// How many pieces are written.
    staged: u64,
    /// What comes after them.
    bytes: Vec<u8>,
    size: u64,
    hasher: Hasher,
    present: Option<Present>,
}

impl Uploading<'_> {
    fn begin(&self) -> Result<Option<Call>> {
        if self.call.is_some() { Ok(None) } else { self.store.database.begin().map(Some) }
    }

    /// Takes all pieces, and writes them as far as they are too many for the last commit.
    async fn take(&mut self, mut pieces: Pieces<'_>) -> Result<()> {
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            self.hasher.update(&piece);
            self.size += piece.len() as u64;
            for part in piece.chunks(STAGE_BYTES) {
                self.bytes.extend_from_slice(part);
                if self.bytes.len() > STAGE_BYTES {
                    self.stage().await?;
                }
            }
        }
        Ok(())
    }

    async fn stage(&mut self) -> Result<()> {
        let database = &self.store.database;
        let _call = self.begin()?;
        let upload = self.scope.upload(&self.id);
        let mut batch = Batch::default();
        // Whoever takes it for abandoned has removed it.
        let expect = if self.present.is_some() { Expect::Present } else { Expect::Absent };
        if self.present.is_none() {
            self.present = Some(database.presence().enter(&name_of(&self.id)).await?);
            let _ = database.remove_abandoned(self.scope.uploads()).await;
        }
        batch.check(Check { key: upload.clone(), expect });
        batch.put(upload, Upload { at: database.clock_time() }.encode());
        plan_pieces(&mut batch, &self.scope, &self.id, self.staged, self.bytes.get(..STAGE_BYTES).unwrap_or_default());
        if !database.try_commit(batch).await? {
            return Err(Error::new(ErrorKind::Conflict, "the upload was taken for abandoned, and removed"));
        }
        self.staged += (STAGE_BYTES / PIECE_BYTES) as u64;
        self.bytes.drain(..STAGE_BYTES.min(self.bytes.len()));
        Ok(())
    }

    /// Makes the record, with the content where there is none of it.
    async fn finish(
        &mut self,
        key: &str,
        keys: &[Key],
        options: BytesOptions,
        turn: Option<KeyGuard>,
    ) -> Result<BytesReference> {
        let (store, database) = (self.store, &self.store.database);
        let _call = self.begin()?;
        let BytesOptions { kind, media_type, metadata, .. } = options;
        let sha256 = self.hasher.clone().finish();
        let reference = BytesReference { sha256, size: self.size, media_type, kind };
        let items = [Item { key: key.to_owned(), value: reference.to_json() }];
        let author = Author { agent: store.agent().map(str::to_owned), now: database.now() };
        let (metadata, expiry) = (metadata.unwrap_or_else(Metadata::empty), store.expiry()?);
        let writing = Writing { metadata: &metadata, expiry, author: &author, are_bytes: true };
        let content = self.scope.content(&reference.sha256);
        let mut plan = |seen: &[Option<Entry>]| {
            let (records, contents) = seen.split_at(keys.len());
            let mut batch = plan_written(store.scope(), keys, &items, &writing, records)?;
            let known = contents.first().and_then(Option::as_ref);
            let is_new = plan_content(&mut batch, &self.scope, &reference, &self.id, known)?;
            if is_new {
                plan_pieces(&mut batch, &self.scope, &self.id, self.staged, &self.bytes);
            }
            match (self.staged, is_new) {
                (0, _) => {}
                (_, false) => plan_removal(&mut batch, &self.scope, &self.id),
                (_, true) => {
                    batch.check(Check { key: self.scope.upload(&self.id), expect: Expect::Present });
                    batch.delete(self.scope.upload(&self.id));
                }
            }
            Ok(batch)
        };
        let lookups: Vec<_> = keys.iter().chain([&content]).map(Lookup::of).collect();
        let turns = if turn.is_some() { Vec::new() } else { store.turns(keys) };
        let _turn = database.change(turns, &lookups, &mut plan).await?;
        if self.present.is_none() {
            let _ = database.remove_abandoned(self.scope.uploads()).await;
        }
        Ok(reference)
    }

    /// Removes what was written of it. Where that fails too, somebody does it later.
    async fn give_up(&mut self) {
        if self.present.is_none() {
            return;
        }
        let Ok(_call) = self.begin() else { return };
        let mut batch = Batch::default();
        plan_removal(&mut batch, &self.scope, &self.id);
        let _ = self.store.database.try_commit(batch).await;
    }
}
