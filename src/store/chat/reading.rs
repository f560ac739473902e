//! Reading messages: by id, and page by page along the path.

use super::editing::decoded;
use super::{Loaded, MessageStore};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Entry, Lookup, ReadRange};
use crate::model::chat::content::Streamed;
use crate::model::chat::message::{Message, Placed, State};
use crate::model::chat::page::{From, part_of};
use crate::model::chat::rules;
use crate::model::chat::tree::{Run, Tree};
use crate::model::json::{Json, Parts};
use crate::model::limits;
use crate::store::database::Attempts;

/// How many messages the first read of a page asks for, where nothing is known of their size.
const FIRST_PIECE: u64 = 64;
/// The most messages that one read asks for.
const LARGEST_PIECE: u64 = 1_000;
/// About how much one read may give. Bytes.
const PIECE_BYTES: usize = 8 * 1024 * 1024;

/// Which page of a conversation's messages is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOptions {
    /// Only what comes after this message on the path, going down.
    pub after: Option<String>,
    /// Only what comes before this message on the path, going up.
    pub before: Option<String>,
    /// Whether the page is the end of the path, where neither is given, and not its beginning.
    pub from_end: bool,
    /// The most messages that it has.
    pub limit: u64,
    /// About how many bytes of messages it has at the most; a larger message is a page of its own.
    pub max_bytes: usize,
}

impl Default for PageOptions {
    /// The last 50 messages, and 8 MiB.
    fn default() -> Self {
        Self { after: None, before: None, from_end: true, limit: 50, max_bytes: PIECE_BYTES }
    }
}

/// Messages of a path, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Placed>,
    /// Whether there are none beyond them, in the direction in which the page was read.
    pub is_last: bool,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// A message, where there is one of that id in that conversation.
    pub async fn get_message(&self, conversation: &str, id: &str) -> Result<Option<Placed>> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let loaded = match self.load(conversation).await {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                loaded => loaded?,
            };
            let found = self.found(conversation, id, &loaded.tree).await;
            if self.is_still(&loaded.entry).await? {
                return match found {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                    found => found.map(Some),
                };
            }
        }
    }

    /// All messages of the path, in its order; none where there is no such conversation. Of 256 MiB at the most.
    pub async fn get_conversation_messages(&self, conversation: &str) -> Result<Vec<Placed>> {
        let max_bytes = limits::MAX_READ_BYTES;
        let all = PageOptions { from_end: false, limit: u64::MAX, max_bytes, ..PageOptions::default() };
        match self.get_messages(conversation, &all).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Ok(page) if !page.is_last => {
                let message =
                    format!("the messages of {conversation:?} are over {max_bytes} bytes; read them page by page");
                Err(Error::new(ErrorKind::LimitExceeded, message))
            }
            page => Ok(page?.messages),
        }
    }

    /// A page of the messages of the path, in one snapshot.
    pub async fn get_messages(&self, conversation: &str, options: &PageOptions) -> Result<MessagePage> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            if let Some(page) = self.page(conversation, options).await? {
                return Ok(page);
            }
        }
    }

    /// A message and its siblings, in the order in which they came.
    pub async fn get_siblings(&self, conversation: &str, id: &str) -> Result<Vec<Placed>> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let loaded = self.load(conversation).await?;
            let siblings = self.siblings(conversation, id, &loaded.tree).await;
            if self.is_still(&loaded.entry).await? {
                return siblings;
            }
        }
    }

    async fn siblings(&self, conversation: &str, id: &str, tree: &Tree) -> Result<Vec<Placed>> {
        let number = self.number_of(conversation, id, tree).await?;
        let mut siblings = Vec::new();
        for message in self.messages(conversation, &tree.siblings(number)).await? {
            let placed = self.placed(conversation, message, tree).await?;
            siblings.push(self.read_state(conversation, placed).await?);
        }
        Ok(siblings)
    }

    async fn found(&self, conversation: &str, id: &str, tree: &Tree) -> Result<Placed> {
        let number = self.number_of(conversation, id, tree).await?;
        let message = self.messages(conversation, &[number]).await?.pop();
        let message = message.ok_or_else(|| rules::message_not_found(conversation, id))?;
        let placed = self.placed(conversation, message, tree).await?;
        self.read_state(conversation, placed).await
    }

    /// Whether a conversation's entry is as it was read: then so was all that belongs to it, and what several reads found fits together. A
    /// conversation that was overwritten has other messages under the same numbers.
    async fn is_still(&self, entry: &Entry) -> Result<bool> {
        let now = self.database.get(&[Lookup::of(&entry.key)]).await?.pop().flatten();
        Ok(now.is_some_and(|now| now.version == entry.version))
    }

    /// A page; nothing, where the conversation was changed in the middle of reading it.
    async fn page(&self, conversation: &str, options: &PageOptions) -> Result<Option<MessagePage>> {
        let Loaded { entry, conversation: head, tree } = self.load(conversation).await?;
        let path = tree.path_to(head.leaf);
        let mut from = match (&options.after, &options.before) {
            (Some(id), _) => From::After(self.number_of(conversation, id, &tree).await?),
            (None, Some(id)) => From::Before(self.number_of(conversation, id, &tree).await?),
            (None, None) if options.from_end => From::End,
            (None, None) => From::Start,
        };
        if let From::After(number) | From::Before(number) = from
            && !path.iter().any(|run| (run.first..=run.last).contains(&number))
        {
            return Err(Error::new(ErrorKind::NotFound, "the message is not part of the active branch"));
        }
        let goes_up = matches!(from, From::End | From::Before(_));
        let mut pieces: Vec<Vec<Message>> = Vec::new();
        let (mut left, mut bytes, mut piece) = (options.limit, 0_usize, FIRST_PIECE);
        let max_bytes = options.max_bytes.min(limits::MAX_READ_BYTES);
        let mut is_last = false;
        while left > 0 {
            let (part, more) = part_of(&path, from, piece.min(left));
            let ranges = part.iter().map(|Run { first, last }| self.scope.messages(conversation, *first, *last));
            let head = ReadRange::point(self.scope.conversation(conversation));
            let mut found = match self.database.read(&[head].into_iter().chain(ranges).collect::<Vec<_>>()).await {
                // Large messages: fewer at a time.
                Err(error) if error.kind() == ErrorKind::LimitExceeded && piece.min(left) > 1 => {
                    piece = piece.min(left) / 2;
                    continue;
                }
                found => found?,
            };
            let rows = found.split_off(1);
            if found.iter().flatten().next().map(|head| head.version) != Some(entry.version) {
                return Ok(None);
            }
            let rows: Vec<Entry> = rows.into_iter().flatten().collect();
            let (kept, size) = within(&rows, goes_up, max_bytes.saturating_sub(bytes), pieces.is_empty());
            let messages = kept.iter().map(|row| decoded(conversation, row)).collect::<Result<Vec<_>>>()?;
            bytes = bytes.saturating_add(size);
            left -= (kept.len() as u64).min(left);
            is_last = !more && kept.len() == rows.len();
            let edge = if goes_up { messages.first() } else { messages.last() };
            let is_cut = kept.len() < rows.len();
            if let Some(edge) = edge {
                from = if goes_up { From::Before(edge.number) } else { From::After(edge.number) };
            }
            pieces.push(messages);
            if is_last || is_cut || !more {
                break;
            }
            let average = (size / rows.len().max(1)).max(1);
            piece = u64::try_from(PIECE_BYTES / average).unwrap_or(u64::MAX).clamp(1, LARGEST_PIECE);
        }
        if goes_up {
            pieces.reverse();
        }
        let mut messages = Vec::new();
        let mut above: Option<(u64, String)> = None;
        let mut is_one_read = true;
        for message in pieces.into_iter().flatten() {
            let placed = match (&above, tree.parent(message.number)) {
                (Some((number, id)), Some(parent)) if *number == parent => {
                    place_below(message, Some(id.clone()), &tree)
                }
                (_, Some(0)) => place_below(message, None, &tree),
                _ => {
                    is_one_read = false;
                    match self.placed(conversation, message, &tree).await {
                        // The message above it was removed meanwhile.
                        Err(error) if error.kind() == ErrorKind::Corrupt && !self.is_still(&entry).await? => {
                            return Ok(None);
                        }
                        placed => placed?,
                    }
                }
            };
            is_one_read &= !matches!(placed.message.state, State::Streaming(_));
            above = Some((placed.message.number, placed.message.id.clone()));
            messages.push(self.read_state(conversation, placed).await?);
        }
        if !is_one_read && !self.is_still(&entry).await? {
            return Ok(None);
        }
        Ok(Some(MessagePage { messages, is_last }))
    }

    /// Of a message that is being written, what has come of it, and whether its writer is still there.
    pub(super) async fn read_state(&self, conversation: &str, mut placed: Placed) -> Result<Placed> {
        let State::Streaming(session) = &placed.message.state else { return Ok(placed) };
        let is_written = self.database.presence().is_there(session).await?;
        if !is_written {
            // A writer goes when it has written the end: that is there by now, if there is one.
            self.database.catch_up().await?;
        }
        let number = placed.message.number;
        let mut streamed = Streamed::default();
        let mut take = |entry: Entry| {
            let pieces = Json::trusted(String::from_utf8_lossy(&entry.value).into_owned());
            for piece in Parts::of(pieces.as_str()).list().unwrap_or_default() {
                streamed.add(&Json::trusted(piece.to_owned()))?;
            }
            Ok(true)
        };
        self.database.scan(self.scope.pieces(conversation, number), &mut take).await?;
        match self.messages(conversation, &[number]).await?.pop() {
            // It ended while its pieces were read, which go with that.
            Some(now) if now.state != placed.message.state => placed.message = now,
            _ => {
                placed.message.content = streamed.content();
                if !is_written {
                    placed.message.state = State::Interrupted;
                }
            }
        }
        Ok(placed)
    }
}

fn place_below(message: Message, parent: Option<String>, tree: &Tree) -> Placed {
    let siblings = tree.siblings(message.number);
    let place = siblings.iter().position(|sibling| *sibling == message.number).unwrap_or_default();
    Placed { message, parent, place, siblings: siblings.len() }
}

/// Those rows that fit into so many bytes, from the side where the page begins, and how many bytes they are; the first one of a page in any
/// case.
fn within(rows: &[Entry], goes_up: bool, bytes: usize, is_first: bool) -> (&[Entry], usize) {
    let mut size = 0_usize;
    let mut count = 0;
    let mut fits = |row: &Entry| {
        let after = size.saturating_add(row.value.len());
        let fits = after <= bytes || (is_first && count == 0);
        if fits {
            (size, count) = (after, count + 1);
        }
        fits
    };
    if goes_up {
        rows.iter().rev().all(&mut fits);
        (rows.split_at(rows.len() - count).1, size)
    } else {
        rows.iter().all(&mut fits);
        (rows.split_at(count).0, size)
    }
}
