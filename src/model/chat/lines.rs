//! Conversations as lines of JSON: a line with the `type` `conversation`, then its messages and its actions, one a line.
//!
//! | `type` | members |
//! |---|---|
//! | `conversation` | `id`, `title`, `createdAt`, `metadata`, `archived`, `lastActiveAt` |
//! | `message` | `conversationId`, `id`, `content`, `role`, `createdAt`, `metadata`, `parentId`, `active`, `state`, `error`, `usage` |
//! | `action` | `conversationId`, `id`, `actionType`, `data`, `createdAt`, `metadata` |
//!
//! Messages come in the order in which they came, each after the one that it follows. `active` is `true` where a message is the active one
//! of several siblings. Times have a `Z`, or the offset that they were written with. `usage` has the cost in billionths, `costNanos`.
//!
//! Needed are `type`, the conversation's `id`, and `content`, `actionType` and `data`. What else is missing has its default: the message
//! before it for `parentId`, `complete` for `state`, nothing for the rest. Members that are not known are passed over.

use super::action::Action;
use super::archive::{Archive, Archived, Defaults};
use super::conversation::Conversation;
use super::fields::{Fields, invalid};
use super::records;
use crate::error::{ErrorKind, Result};
use crate::model::json::Json;
use crate::model::limits::MAX_DEPTH;
use crate::model::timestamp::Timestamp;

/// How many levels a line has at the most above the values of callers.
const LEVELS: usize = 2;

/// A conversation's line, without a line break.
#[must_use]
pub fn conversation_line(conversation: &Conversation) -> String {
    let mut line = records::begin("conversation", None);
    line.text("id", &*conversation.id);
    line.text("title", &*conversation.title);
    let extras = records::conversation_extras(conversation, Some(conversation.active_at));
    records::end(&mut line, conversation.created_at, &conversation.metadata, extras, true);
    line.finish().into_string()
}

/// A message's line.
#[must_use]
pub fn message_line(conversation: &str, archived: &Archived) -> String {
    records::message(archived, records::At::Line(conversation))
}

/// An action's line.
#[must_use]
pub fn action_line(conversation: &str, action: &Action) -> String {
    records::action(action, Some(conversation))
}

/// Reads lines. Empty ones are passed over.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the line, from 1.
pub fn read_lines(text: &str, defaults: Defaults<'_>) -> Result<Vec<Archive>> {
    let mut archives = Vec::new();
    let mut active: Vec<Option<Timestamp>> = Vec::new();
    for (line, number) in text.lines().zip(1_u64..) {
        if !line.trim_ascii().is_empty() {
            read_line(line, &mut archives, &mut active, defaults)
                .map_err(|error| error.at(format_args!("line {number}")))?;
        }
    }
    for (archive, active_at) in archives.iter_mut().zip(active) {
        archive.conversation.active_at = active_at.unwrap_or_else(|| archive.last_time());
    }
    Ok(archives)
}

fn read_line(
    line: &str,
    archives: &mut Vec<Archive>,
    active: &mut Vec<Option<Timestamp>>,
    defaults: Defaults<'_>,
) -> Result<()> {
    let json =
        Json::parse_within(line, MAX_DEPTH + LEVELS).map_err(|error| error.of_kind(ErrorKind::InvalidDocument))?;
    let mut fields = Fields::of(json.as_str(), true);
    let kind = fields.needed_text("type");
    let now = (defaults.now)();
    if kind == "conversation" {
        let id = fields.needed_text("id");
        if id.is_empty() {
            fields.refuse("id", "a text that is not empty");
        }
        let (conversation, active_at, _) = records::read_conversation(fields, id, now)?;
        archives.push(Archive { conversation, messages: Vec::new(), actions: Vec::new() });
        active.push(active_at);
        return Ok(());
    }
    let archive = archives.last_mut().ok_or_else(|| invalid("there is no conversation before it"))?;
    if fields.text("conversationId").is_some_and(|id| id != archive.conversation.id) {
        fields.refuse("conversationId", "the id of the conversation before it");
    }
    match kind.as_str() {
        "message" => archive.messages.push(records::read_message(fields, archive.messages.last(), now, defaults)?.0),
        "action" => archive.actions.push(records::read_action(fields, now, defaults)?),
        _ => {
            fields.refuse("type", "conversation, message or action");
            return fields.check();
        }
    }
    Ok(())
}
