//! A segment of the search index: some messages, and which words are in which of them. A segment is written once; several
//! small ones become a larger one.

use crate::error::Result;
use crate::model::batch::Bytes;
use crate::model::chat::block::{self, BLOCK, Indexed};
use crate::model::chat::words::each_word;
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::sorting::places_in_order;

const FORMAT: u8 = 1;
/// How many segments of a size become one.
const FEW: usize = 8;
/// How many messages a segment of the lowest level has at the most.
const SMALL: u64 = 256;
/// A segment of this level is not made larger.
const HIGHEST: u32 = 2;

/// A segment, as the directory lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What its keys have. Never used twice.
    pub id: u64,
    /// How many messages it has.
    pub messages: u64,
}

impl Segment {
    fn level(self) -> u32 {
        (self.messages / SMALL).max(1).ilog(FEW as u64)
    }
}

/// All segments of a user, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// The id of the next one.
    pub next: u64,
    /// The segments.
    pub segments: Vec<Segment>,
}

impl Directory {
    /// The stored form.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.number(self.next);
        for segment in &self.segments {
            writer.number(segment.id);
            writer.number(segment.messages);
        }
        writer.finish()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let mut directory = Self { next: reader.number()?, segments: Vec::new() };
        while !reader.is_empty() {
            directory.segments.push(Segment { id: reader.number()?, messages: reader.number()? });
        }
        Ok(directory)
    }

    /// Adds a segment of so many messages. Returns its id.
    pub fn add(&mut self, messages: u64) -> u64 {
        let id = self.next;
        self.next += 1;
        self.segments.push(Segment { id, messages });
        id
    }

    /// Puts one segment of so many messages in the place of several; none, where nothing is left of them.
    pub fn replace(&mut self, segments: &[Segment], messages: u64) {
        let place = self.segments.iter().position(|segment| segments.contains(segment)).unwrap_or_default();
        self.segments.retain(|segment| !segments.contains(segment));
        let id = self.next;
        self.next += 1;
        if messages > 0 {
            self.segments.insert(place.min(self.segments.len()), Segment { id, messages });
        }
    }

    /// Segments that are many of their size, and become one.
    #[must_use]
    pub fn due(&self) -> Option<Vec<Segment>> {
        (0..HIGHEST).find_map(|level| {
            let same: Vec<Segment> = self.segments.iter().filter(|segment| segment.level() == level).copied().collect();
            // The oldest, and no more at once than fit into memory and a commit.
            (same.len() >= FEW).then(|| same.into_iter().take(FEW).collect())
        })
    }

    /// How many messages all have.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.segments.iter().map(|segment| segment.messages).sum()
    }
}

/// That a word is in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// Which message of its segment.
    pub message: u32,
    /// How often; at most 15.
    pub times: u8,
    /// About how many words the message has: the logarithm to the base 2, at most 15.
    pub size: u8,
}

/// What a segment has to be written with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// The messages, in [blocks](block).
    pub blocks: Vec<Bytes>,
    /// The words in their order, with where they are.
    pub words: Vec<(String, Bytes)>,
}

/// Takes messages with what they say.
#[derive(Debug, Default)]
pub struct Builder {
    messages: Vec<Indexed>,
    found: Vec<(String, Posting)>,
}

impl Builder {
    /// Adds a message.
    pub fn add(&mut self, message: Indexed, text: &str) {
        let place = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        self.messages.push(message);
        let first = self.found.len();
        each_word(text, &mut |word| self.found.push((word.text, Posting { message: place, times: 1, size: 0 })));
        let Some(found) = self.found.get_mut(first..) else { return };
        let size = found.len().max(1).ilog2().min(15) as u8;
        found.iter_mut().for_each(|(_, posting)| posting.size = size);
    }

    /// How many messages it has.
    #[must_use]
    pub const fn messages(&self) -> usize {
        self.messages.len()
    }

    /// The segment.
    #[must_use]
    pub fn finish(mut self) -> Content {
        let found = &self.found;
        let order = places_in_order(found.len(), &|one, other| found.get(one).cmp(&found.get(other)));
        let mut words: Vec<(String, Vec<Posting>)> = Vec::new();
        for place in order {
            let Some((word, posting)) = self.found.get_mut(place) else { continue };
            match words.last_mut() {
                Some((last, postings)) if *last == *word => match postings.last_mut() {
                    Some(same) if same.message == posting.message => same.times = (same.times + 1).min(15),
                    _ => postings.push(*posting),
                },
                _ => words.push((std::mem::take(word), vec![*posting])),
            }
        }
        Content::of(&self.messages, words)
    }
}

/// What a segment has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Its messages.
    pub messages: Vec<Indexed>,
    /// Its words in their order, with where they are.
    pub words: Vec<(String, Vec<Posting>)>,
}

/// One segment of several.
#[must_use]
pub fn merged(parts: Vec<Part>) -> Content {
    let mut messages = Vec::new();
    let mut all: Vec<(String, Vec<Posting>)> = Vec::new();
    for part in parts {
        let before = messages.len() as u32;
        messages.extend(part.messages);
        for (word, mut postings) in part.words {
            postings.iter_mut().for_each(|posting| posting.message += before);
            all.push((word, postings));
        }
    }
    // Equal words stay in the order of their segments.
    let word = |place: usize| all.get(place).map(|(word, _)| word);
    let order = places_in_order(all.len(), &|one, other| word(one).cmp(&word(other)));
    let mut words: Vec<(String, Vec<Posting>)> = Vec::new();
    for (word, postings) in order.into_iter().filter_map(|place| all.get_mut(place).map(std::mem::take)) {
        match words.last_mut() {
            Some((last, so_far)) if *last == word => so_far.extend(postings),
            _ => words.push((word, postings)),
        }
    }
    Content::of(&messages, words)
}

impl Content {
    fn of(messages: &[Indexed], words: Vec<(String, Vec<Posting>)>) -> Self {
        let words = words.into_iter().map(|(word, postings)| (word, encode_postings(&postings))).collect();
        Self { blocks: messages.chunks(BLOCK).map(block::encode).collect(), words }
    }
}

/// Of each posting the distance to the one before, in groups of seven bits, and a byte of how often and how large.
fn encode_postings(postings: &[Posting]) -> Bytes {
    let mut bytes = Vec::with_capacity(postings.len() * 3);
    let mut next = 0;
    for posting in postings {
        let mut distance = posting.message.saturating_sub(next);
        while distance > 0x7F {
            bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        bytes.push(distance as u8);
        bytes.push(posting.times << 4 | posting.size);
        next = posting.message + 1;
    }
    bytes.into()
}

/// Where a word is.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`].
pub fn decode_postings(bytes: &[u8]) -> Result<Vec<Posting>> {
    let mut postings = Vec::with_capacity(bytes.len() / 2);
    let mut rest = bytes.iter();
    let mut next = 0_u32;
    while let Some(first) = rest.next() {
        let (mut distance, mut shift, mut byte) = (u32::from(first & 0x7F), 7, *first);
        while byte & 0x80 != 0 {
            byte = *rest.next().filter(|_| shift < 32).ok_or_else(damaged)?;
            distance |= u32::from(byte & 0x7F) << shift;
            shift += 7;
        }
        let said = rest.next().ok_or_else(damaged)?;
        let message = next.checked_add(distance).ok_or_else(damaged)?;
        next = message.saturating_add(1);
        postings.push(Posting { message, times: said >> 4, size: said & 0xF });
    }
    Ok(postings)
}
