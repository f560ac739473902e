//! Making the search index: messages wait in a queue, written with them, until there are enough for a segment.

use super::MessageStore;
use super::editing::decoded;
use crate::error::Result;
use crate::model::batch::{Batch, Check, Entry, Lookup, ReadRange};
use crate::model::chat::block::{self, Indexed};
use crate::model::chat::message::State;
use crate::model::chat::segment::{self, Builder, Content, Directory, Part, Posting, Segment};
use crate::model::keyspace::ChatScope;
use crate::model::tuple::Key;
use crate::store::database::Attempts;
use crate::store::key_locks::Mode;

/// How many messages wait before a segment is made of them.
const ENOUGH: usize = 256;
/// The most messages that become one segment at once.
const MOST: u32 = 1_024;
/// About how many bytes of messages become one segment at the most.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How many messages are read together.
const AT_ONCE: usize = 32;

/// The directory of segments, and the entry that it was read from.
pub(super) struct Index {
    pub(super) entry: Option<Entry>,
    pub(super) directory: Directory,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// Indexes messages that wait, where they are enough; the rest is searched without an index. Returns how many it indexed.
    pub async fn index_messages(&self) -> Result<usize> {
        let _call = self.database.begin()?;
        self.index().await
    }

    /// A step of [`Self::index_messages`], for who wants to do something else between them: one segment. Returns how many messages
    /// it indexed; nothing, where there is nothing left to do.
    pub async fn index_some_messages(&self) -> Result<Option<usize>> {
        let _call = self.database.begin()?;
        self.index_step().await
    }

    pub(super) async fn index(&self) -> Result<usize> {
        let mut indexed = 0;
        while let Some(some) = self.index_step().await? {
            indexed += some;
        }
        Ok(indexed)
    }

    async fn index_step(&self) -> Result<Option<usize>> {
        let _turn = self.database.take_turns(vec![(self.scope.directory(), Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        loop {
            let ranges = [ReadRange::point(self.scope.directory()), self.scope.waiting().limit(MOST)];
            let mut found = self.database.read(&ranges).await?;
            let waiting = found.pop().unwrap_or_default();
            if waiting.len() < ENOUGH {
                return Ok(self.merge_segments().await?.then_some(0));
            }
            let index = index_of(found.pop().unwrap_or_default().pop())?;
            let (builder, taken) = self.read_waiting(&waiting).await?;
            let count = builder.messages();
            let mut batch = Batch::default();
            for entry in waiting.into_iter().take(taken) {
                // One that was written anew meanwhile is that of another message, or of another text.
                batch.check(Check::unchanged(entry.key.clone(), Some(&entry)));
                batch.delete(entry.key);
            }
            if self.write_segment(index, builder.finish(), count, batch).await? {
                return Ok(Some(count));
            }
            attempts.begin()?;
        }
    }

    /// The messages that wait, with what they say; those that are there and whole.
    /// And how many of those that wait it took: not all, where they are large.
    async fn read_waiting(&self, waiting: &[Entry]) -> Result<(Builder, usize)> {
        let names = waiting.iter().map(|entry| ChatScope::waiting_message(&entry.key)).collect::<Result<Vec<_>>>()?;
        let keys: Vec<Key> =
            names.iter().map(|(conversation, number)| self.scope.message(conversation, *number)).collect();
        let mut builder = Builder::default();
        let (mut bytes, mut taken) = (0, 0);
        for (names, keys) in names.chunks(AT_ONCE).zip(keys.chunks(AT_ONCE)) {
            for ((conversation, number), entry) in names.iter().zip(self.rows(keys).await?) {
                let Some(entry) = entry else { continue };
                let message = decoded(conversation, &entry)?;
                bytes += entry.value.len();
                if !matches!(message.state, State::Streaming(_)) {
                    let indexed = Indexed { conversation: conversation.clone(), number: *number };
                    builder.add(indexed, &message.content.words());
                }
            }
            taken += names.len();
            if bytes > MOST_BYTES {
                break;
            }
        }
        Ok((builder, taken))
    }

    /// Writes a segment and what else goes with it. Returns whether nobody else changed the index meanwhile.
    async fn write_segment(&self, index: Index, content: Content, messages: usize, mut batch: Batch) -> Result<bool> {
        let Index { entry, mut directory } = index;
        batch.check(Check::unchanged(self.scope.directory(), entry.as_ref()));
        if messages > 0 {
            let id = directory.add(messages as u64);
            self.put_segment(id, content, &directory, &mut batch);
        }
        self.database.try_commit(batch).await
    }

    fn put_segment(&self, id: u64, content: Content, directory: &Directory, batch: &mut Batch) {
        for (place, block) in (0..).zip(content.blocks) {
            batch.put(self.scope.block(id, place), block);
        }
        for (word, postings) in content.words {
            batch.put(self.scope.word(id, &word), postings);
        }
        batch.put(self.scope.directory(), directory.encode());
    }

    /// Makes one segment of several small ones. Returns whether it may have more to do.
    async fn merge_segments(&self) -> Result<bool> {
        let Index { entry, mut directory } = self.read_index().await?;
        let Some(segments) = directory.due() else { return Ok(false) };
        let mut parts = Vec::with_capacity(segments.len());
        for segment in &segments {
            parts.push(self.read_segment(*segment).await?);
        }
        let count: usize = parts.iter().map(|part: &Part| part.messages.len()).sum();
        let mut batch = Batch::default();
        segments.iter().flat_map(|one| self.scope.segment(one.id)).for_each(|range| batch.delete_range(range));
        directory.replace(&segments, count as u64);
        let content = segment::merged(parts);
        batch.check(Check::unchanged(self.scope.directory(), entry.as_ref()));
        self.put_segment(directory.next - 1, content, &directory, &mut batch);
        self.database.try_commit(batch).await
    }

    /// What a segment has of messages that are still there.
    async fn read_segment(&self, segment: Segment) -> Result<Part> {
        let mut all: Vec<Indexed> = Vec::new();
        let mut take = |entry: Entry| block::decode(&entry.value).map(|some| all.extend(some)).map(|()| true);
        self.database.scan(self.scope.blocks(segment.id), &mut take).await?;
        let keys: Vec<Key> = all.iter().map(|one| self.scope.message(&one.conversation, one.number)).collect();
        let lookups: Vec<_> = keys.iter().map(Lookup::existence).collect();
        // What was deleted is dropped here, with its words.
        let mut places: Vec<Option<u32>> = Vec::with_capacity(all.len());
        let mut kept = 0;
        for found in self.database.get(&lookups).await? {
            places.push(found.is_some().then_some(kept));
            kept += u32::from(found.is_some());
        }
        let mut words = Vec::new();
        let names = self.scope.words_of(segment.id);
        let mut take = |entry: Entry| {
            let word = entry.key.last_text_after(&names).ok_or_else(crate::model::codec::damaged)?;
            let moved = |posting: Posting| {
                let message = places.get(posting.message as usize).copied().flatten()?;
                Some(Posting { message, ..posting })
            };
            let postings: Vec<Posting> =
                segment::decode_postings(&entry.value)?.into_iter().filter_map(moved).collect();
            if !postings.is_empty() {
                words.push((word, postings));
            }
            Ok(true)
        };
        self.database.scan(self.scope.words(segment.id, ""), &mut take).await?;
        let messages = all.into_iter().zip(&places).filter(|(_, place)| place.is_some()).map(|(message, _)| message);
        Ok(Part { messages: messages.collect(), words })
    }

    pub(super) async fn read_index(&self) -> Result<Index> {
        let key = self.scope.directory();
        index_of(self.database.get(&[Lookup::of(&key)]).await?.pop().flatten())
    }
}

pub(super) fn index_of(entry: Option<Entry>) -> Result<Index> {
    let decode = |entry: &Entry| Directory::decode(&entry.value);
    let directory = entry.as_ref().map(decode).transpose()?.unwrap_or_default();
    Ok(Index { entry, directory })
}
