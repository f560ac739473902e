//! Searching the messages of all conversations.

use super::MessageStore;
use super::editing::decoded;
use super::indexing::{Index, index_of};
use crate::error::Result;
use crate::model::batch::{Entry, Lookup, ReadRange};
use crate::model::chat::block::{self, BLOCK, Indexed};
use crate::model::chat::message::Message;
use crate::model::chat::query::{self, Query};
use crate::model::chat::segment::{self, Posting, Segment};
use crate::model::json::{Json, ObjectWriter};
use crate::model::keyspace::ChatScope;
use crate::model::limits;
use crate::model::sorting::places_in_order;
use crate::model::tuple::Key;
use crate::store::database::Attempts;

/// From how many messages on that wait they are indexed before a search.
const TOO_MANY_WAITING: usize = 1_000;
/// How many words that begin as the last one does are searched for in a segment.
const COMPLETIONS: u32 = 512;
/// How many messages of a segment may fit until it is worth finding out which of them are of a conversation.
const MANY: usize = 512;
/// How many messages are looked at together, at the least and at the most.
const FEWEST: usize = 8;
const AT_ONCE: usize = 32;

/// Options of [`MessageStore::search`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOptions {
    /// The most messages that are found.
    pub limit: usize,
    /// Only messages of this conversation.
    pub conversation: Option<String>,
}

impl Default for SearchOptions {
    /// 20 messages of all conversations.
    fn default() -> Self {
        Self { limit: 20, conversation: None }
    }
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The conversation's id.
    pub conversation: String,
    /// The conversation's title.
    pub title: String,
    /// The message.
    pub message: Message,
    /// How well it fits: more is better. Only to be compared within one search.
    pub score: f64,
    /// A part of it around the first match: pieces in their order, each with whether it matches.
    pub snippet: Vec<(String, bool)>,
}

impl Hit {
    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("conversationId", self.conversation.as_str());
        object.text("conversationTitle", self.title.as_str());
        object.text("messageId", self.message.id.as_str());
        object.text("role", self.message.role.as_str());
        object.raw("content", self.message.content.as_json().as_str());
        object.text("createdAt", &*self.message.created_at.at.to_iso());
        // A thousandth is enough, and whole numbers need no code for the printing of others.
        let thousandths = (self.score * 1_000.0) as u64;
        object.raw("score", &format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000));
        let mut pieces = String::from("[");
        for (text, is_match) in &self.snippet {
            let mut piece = ObjectWriter::default();
            piece.text("text", text.as_str());
            piece.raw("match", if *is_match { "true" } else { "false" });
            pieces.push_str(if pieces.len() == 1 { "" } else { "," });
            pieces.push_str(piece.finish().as_str());
        }
        pieces.push(']');
        object.raw("snippet", &pieces);
        object.finish()
    }
}

/// A message that may fit.
struct Candidate {
    score: f64,
    place: CandidatePlace,
}

enum CandidatePlace {
    Indexed { segment: Segment, message: u32 },
    Waiting { indexed: Indexed, message: Box<Message> },
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// The messages that have every word of the query, those that fit best first; all branches of all conversations, archived or
    /// not. The last word may be the beginning of one. What stands in quotes has to be there as it is.
    pub async fn search(&self, text: &str, options: &SearchOptions) -> Result<Vec<Hit>> {
        let _call = self.database.begin()?;
        let query = Query::parse(text);
        if query.terms.is_empty() || options.limit == 0 {
            return Ok(Vec::new());
        }
        let waiting = self.scope.waiting().keys_only().limit(TOO_MANY_WAITING as u32);
        if self.database.read(&[waiting]).await?.iter().flatten().count() == TOO_MANY_WAITING {
            // Without it the search goes through what waits, which takes longer.
            let _ = self.index().await;
        }
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            if let Some(hits) = self.find(&query, options).await? {
                return Ok(hits);
            }
        }
    }

    /// The hits; nothing, where the index was changed in the middle.
    async fn find(&self, query: &Query, options: &SearchOptions) -> Result<Option<Vec<Hit>>> {
        let ranges = [ReadRange::point(self.scope.directory()), self.scope.waiting().keys_only()];
        let mut found = self.database.read(&ranges).await?;
        let waiting = found.pop().unwrap_or_default();
        let index = index_of(found.pop().unwrap_or_default().pop())?;
        let Some(lists) = self.postings(query, &index).await? else { return Ok(None) };
        let all = index.directory.messages() + waiting.len() as u64;
        let weights: Vec<f64> = (0..query.terms.len())
            .map(|term| {
                let having = lists.iter().filter_map(|terms| terms.get(term)).map(Vec::len).sum::<usize>();
                query::weight(having as u64, all)
            })
            .collect();
        let mut candidates = Vec::new();
        for (segment, terms) in index.directory.segments.iter().zip(lists) {
            let weighted: Vec<(f64, Vec<Posting>)> = weights.iter().copied().zip(terms).collect();
            let mut fitting = query::ranked(&weighted);
            if let Some(wanted) = &options.conversation
                && fitting.len() > MANY
            {
                // To look at each of them takes longer than to find out where the conversation is in the segment.
                let within = self.messages_of(wanted, *segment).await?;
                fitting.retain(|(message, _)| within.binary_search(message).is_ok());
            }
            candidates.extend(fitting.into_iter().map(|(message, score)| {
                let place = CandidatePlace::Indexed { segment: *segment, message };
                Candidate { score, place }
            }));
        }
        self.add_waiting(query, &weights, &waiting, &mut candidates).await?;
        // Of those that fit as well the later ones come first.
        let score = |place: usize| candidates.get(place).map_or(0.0, |candidate| candidate.score);
        let order = |one, other| score(other).total_cmp(&score(one)).then(other.cmp(&one));
        let order = places_in_order(candidates.len(), &order);
        let mut candidates: Vec<Option<Candidate>> = candidates.into_iter().map(Some).collect();
        let candidates = order.into_iter().filter_map(|place| candidates.get_mut(place)?.take()).collect();
        let hits = self.hits(query, candidates, options).await?;
        let is_same =
            self.read_index().await?.entry.map(|entry| entry.version) == index.entry.map(|entry| entry.version);
        Ok(is_same.then_some(hits))
    }

    /// Of each segment, of each term, where it is; nothing, where the index was changed meanwhile.
    async fn postings(&self, query: &Query, index: &Index) -> Result<Option<Vec<Vec<Vec<Posting>>>>> {
        let mut ranges = vec![ReadRange::point(self.scope.directory())];
        for segment in &index.directory.segments {
            for term in &query.terms {
                ranges.push(match term.is_prefix {
                    true => self.scope.words(segment.id, &term.word).limit(COMPLETIONS),
                    false => ReadRange::point(self.scope.word(segment.id, &term.word)),
                });
            }
        }
        let mut found = self.database.read(&ranges).await?.into_iter();
        let version = found.next().and_then(|entries| entries.first().map(|entry| entry.version));
        if version != index.entry.as_ref().map(|entry| entry.version) {
            return Ok(None);
        }
        let mut lists = Vec::with_capacity(index.directory.segments.len());
        for _ in &index.directory.segments {
            let mut terms = Vec::with_capacity(query.terms.len());
            for entries in found.by_ref().take(query.terms.len()) {
                let decoded = entries.iter().map(|entry| segment::decode_postings(&entry.value));
                terms.push(query::joined(decoded.collect::<Result<_>>()?));
            }
            lists.push(terms);
        }
        Ok(Some(lists))
    }

    /// Which messages of a segment are those of a conversation, in their order.
    async fn messages_of(&self, conversation: &str, segment: Segment) -> Result<Vec<u32>> {
        let (mut found, mut before) = (Vec::new(), 0);
        let mut take = |entry: Entry| {
            let places = block::places_of(&entry.value, conversation)?;
            found.extend(places.into_iter().map(|place| before + place));
            before += BLOCK as u32;
            Ok(true)
        };
        self.database.scan(self.scope.blocks(segment.id), &mut take).await?;
        Ok(found)
    }

    /// Messages that are not indexed yet and fit.
    async fn add_waiting(
        &self,
        query: &Query,
        weights: &[f64],
        waiting: &[Entry],
        candidates: &mut Vec<Candidate>,
    ) -> Result<()> {
        for some in waiting.chunks(TOO_MANY_WAITING) {
            let names = some.iter().map(|entry| ChatScope::waiting_message(&entry.key)).collect::<Result<Vec<_>>>()?;
            let keys: Vec<Key> =
                names.iter().map(|(conversation, number)| self.scope.message(conversation, *number)).collect();
            for ((conversation, number), entry) in names.into_iter().zip(self.rows(&keys).await?) {
                let Some(entry) = entry else { continue };
                let message = Box::new(decoded(&conversation, &entry)?);
                if let Some((times, size)) = query.count(&message.content.words()) {
                    let score =
                        weights.iter().zip(times).map(|(weight, times)| query::score(*weight, times, size)).sum();
                    let place = CandidatePlace::Waiting { indexed: Indexed { conversation, number }, message };
                    candidates.push(Candidate { score, place });
                }
            }
        }
        Ok(())
    }

    /// Reads candidates, the best first, until there are enough that fit.
    async fn hits(&self, query: &Query, candidates: Vec<Candidate>, options: &SearchOptions) -> Result<Vec<Hit>> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut bytes = 0_usize;
        let mut candidates = candidates.into_iter().peekable();
        while hits.len() < options.limit && candidates.peek().is_some() {
            // Most of them fit, and each may be a page to fetch.
            let wanted = (options.limit - hits.len()).clamp(FEWEST, AT_ONCE);
            let some: Vec<Candidate> = candidates.by_ref().take(wanted).collect();
            for (score, conversation, message) in self.read_candidates(some, options).await? {
                let words = message.content.words();
                let is_new =
                    !hits.iter().any(|hit| hit.message.number == message.number && hit.conversation == conversation);
                if hits.len() < options.limit && is_new && query.count(&words).is_some() {
                    let snippet = query.snippet(&words);
                    bytes = bytes.saturating_add(message.content.as_json().as_str().len());
                    limits::check_read(bytes)?;
                    hits.push(Hit { conversation, title: String::new(), message, score, snippet });
                }
            }
        }
        let keys: Vec<Key> = hits.iter().map(|hit| self.scope.conversation(&hit.conversation)).collect();
        let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
        for (hit, entry) in hits.iter_mut().zip(self.database.get(&lookups).await?) {
            if let Some(entry) = entry {
                hit.title = crate::model::chat::rules::read_conversation(&hit.conversation, &entry)?.title;
            }
        }
        Ok(hits)
    }

    async fn read_candidates(
        &self,
        candidates: Vec<Candidate>,
        options: &SearchOptions,
    ) -> Result<Vec<(f64, String, Message)>> {
        let mut blocks: Vec<Key> = Vec::new();
        for candidate in &candidates {
            if let CandidatePlace::Indexed { segment, message } = &candidate.place {
                blocks.push(self.scope.block(segment.id, u64::from(*message) / BLOCK as u64));
            }
        }
        let lookups: Vec<_> = blocks.iter().map(Lookup::of).collect();
        let mut blocks = self.database.get(&lookups).await?.into_iter();
        let mut named: Vec<(f64, Indexed, Option<Box<Message>>)> = Vec::with_capacity(candidates.len());
        for Candidate { score, place } in candidates {
            match place {
                CandidatePlace::Waiting { indexed, message } => named.push((score, indexed, Some(message))),
                CandidatePlace::Indexed { message, .. } => {
                    // A block that is gone belongs to an index that was changed, which the caller notices.
                    let Some(entry) = blocks.next().flatten() else { continue };
                    let one = block::message_at(&entry.value, message as usize % BLOCK)?;
                    named.push((score, one, None));
                }
            }
        }
        named.retain(|(_, indexed, _)| {
            options.conversation.as_ref().is_none_or(|wanted| *wanted == indexed.conversation)
        });
        let keys: Vec<Key> =
            named.iter().map(|(_, one, _)| self.scope.message(&one.conversation, one.number)).collect();
        let rows = self.rows(&keys).await?;
        let mut read = Vec::with_capacity(named.len());
        for ((score, indexed, message), row) in named.into_iter().zip(rows) {
            // What was deleted after it was indexed is passed over.
            let Some(row) = row else { continue };
            let message = message.map_or_else(|| decoded(&indexed.conversation, &row), |message| Ok(*message))?;
            read.push((score, indexed.conversation, message));
        }
        Ok(read)
    }
}
