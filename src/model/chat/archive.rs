//! A conversation with all that belongs to it, as it is exported and imported.

use super::action::Action;
use super::conversation::Conversation;
use super::message::Message;
use super::rules::Edit;
use super::tree::Link;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Entry};
use crate::model::data_rules::Imported;
use crate::model::import::Existing;
use crate::model::keyspace::ChatScope;
use crate::model::repeats::{place_of, repeated, sorted};
use crate::model::timestamp::Timestamp;

/// A conversation, its messages in the order in which they came, and its actions in theirs.
///
/// Of one that is to be imported the conversation has its id, title, times and metadata, and whether it is archived; the rest is made of
/// the messages and actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The conversation.
    pub conversation: Conversation,
    /// All its messages. Their numbers are those of the store that they come from.
    pub messages: Vec<Archived>,
    /// Its actions.
    pub actions: Vec<Action>,
}

/// A message with its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The message.
    pub message: Message,
    /// The id of the one it follows.
    pub parent: Option<String>,
    /// Whether it is the active one of several siblings. Of several that are said to be it the last one is; where none is, the last
    /// sibling.
    pub is_active: bool,
}

/// What stands in for what a file leaves out.
#[derive(Clone, Copy)]
pub struct Defaults<'a> {
    /// Tells a time, later than every one it has told before.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Draws an id.
    pub draw_id: &'a dyn Fn() -> String,
}

impl std::fmt::Debug for Defaults<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Defaults")
    }
}

/// The links of a tree, and the message at the end of its path, 0 where there is none. Messages are numbered from 1.
pub(super) struct Links {
    pub(super) links: Vec<Link>,
    pub(super) leaf: u64,
}

impl Archive {
    /// When something last happened in it, as far as the times of its records tell.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        let messages = self.messages.iter().map(|archived| archived.message.created_at.at);
        let actions = self.actions.iter().map(|action| action.created_at.at);
        messages.chain(actions).fold(self.conversation.created_at.at, Timestamp::max)
    }

    /// The links of its tree.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidDocument`] where two messages have the same id, or one follows a message that does not come before it.
    pub(super) fn links(&self) -> Result<Links> {
        let sorted = sorted(self.messages.iter().map(|archived| archived.message.id.as_bytes()));
        if let Some(id) = repeated(&sorted) {
            return Err(invalid(format!("there are two messages {:?}", String::from_utf8_lossy(id))));
        }
        let count = self.messages.len();
        let mut parents = Vec::with_capacity(count);
        // Of each message, and of what stands above the first ones: how many children it has, and which is the active one.
        let mut children = vec![(0_usize, 0, false); count + 1];
        for (archived, number) in self.messages.iter().zip(1_u64..) {
            let parent = match &archived.parent {
                None => 0,
                Some(parent) => {
                    let found = place_of(&sorted, parent).map(|place| place as u64 + 1);
                    found.filter(|parent| *parent < number).ok_or_else(|| {
                        let id = &archived.message.id;
                        invalid(format!("the message {id:?} follows {parent:?}, which does not come before it"))
                    })?
                }
            };
            if let Some((count, active, is_chosen)) = children.get_mut(parent as usize) {
                *count += 1;
                if archived.is_active || !*is_chosen {
                    (*active, *is_chosen) = (number, archived.is_active);
                }
            }
            parents.push(parent);
        }
        let of = |parent: u64| children.get(parent as usize).copied().unwrap_or_default();
        let linked = (1..).zip(&parents).filter(|(child, parent)| **parent + 1 != *child || of(**parent).0 > 1);
        let mut links: Vec<Link> = linked.map(|(child, parent)| Link::Child { parent: *parent, child }).collect();
        let several = (0..).zip(&children).filter(|(_, (count, ..))| *count > 1);
        links.extend(several.map(|(parent, (_, child, _))| Link::Active { parent, child: *child }));
        let mut leaf = 0;
        while let (1.., active, _) = of(leaf) {
            leaf = active;
        }
        Ok(Links { links, leaf })
    }
}

/// Plans an import, all in one commit. `seen` is what a read found under each conversation's key.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`] where two conversations or two messages of one have the same id, or a message follows one that does not
/// come before it; [`ErrorKind::AlreadyExists`]; [`ErrorKind::LimitExceeded`] for a field of 4 GiB.
pub fn plan_import(
    scope: &ChatScope,
    archives: &[Archive],
    existing: Existing,
    seen: &[Option<Entry>],
) -> Result<(Batch, Imported)> {
    let mut whole = Batch::default();
    let mut result = Imported::default();
    for (archive, seen) in archives.iter().zip(seen) {
        if seen.is_some() && existing == Existing::Skip {
            result.skipped += 1;
            continue;
        }
        let is_replaced = existing == Existing::Replace;
        let mut edit = Edit::create(scope, archive.conversation.clone(), seen.as_ref(), is_replaced)?;
        edit.restore(archive).map_err(|error| error.at(format_args!("conversation {:?}", archive.conversation.id)))?;
        let (batch, _) = edit.finish()?;
        whole.checks.extend(batch.checks);
        whole.operations.extend(batch.operations);
        result.imported += 1;
    }
    Ok((whole, result))
}

/// Makes sure that conversations to import are different ones, with trees that are trees.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the conversation.
pub fn check_all(archives: &[Archive]) -> Result<()> {
    if let Some(id) = repeated(&sorted(archives.iter().map(|archive| archive.conversation.id.as_bytes()))) {
        return Err(invalid(format!("the conversation {:?} comes twice", String::from_utf8_lossy(id))));
    }
    for archive in archives {
        archive.links().map_err(|error| error.at(format_args!("conversation {:?}", archive.conversation.id)))?;
    }
    Ok(())
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}
