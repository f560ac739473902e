//! Conversations as lines of JSON: a line with the `type` `conversation`, then its messages and its actions, one a line.
//!
//! | `type` | members |
//! |---|---|
//! | `conversation` | `id`, `title`, `createdAt`, `lastActiveAt`, `metadata`, `archived` |
//! | `message` | `conversationId`, `id`, `parentId`, `role`, `content`, `createdAt`, `metadata`, `state`, `error`, `usage`, `active` |
//! | `action` | `conversationId`, `id`, `actionType`, `data`, `createdAt`, `metadata` |
//!
//! Messages come in the order in which they came, each after the one that it follows. `active` is there and `true` where a message
//! is the active one of several siblings. Times have a `Z`, or the offset that they were written with. `usage` has the cost in billionths,
//! `costNanos`. Needed are `type`, the conversation's `id`, and `content`, `actionType` and `data`; what else is missing has its
//! default, of `parentId` the message before it, and members that are not known are passed over.

use super::action::Action;
use super::archive::{Archive, Archived, Defaults};
use super::conversation::Conversation;
use super::fields::{Fields, invalid, usage_json};
use super::message::Message;
use super::moment::Moment;
use crate::error::{ErrorKind, Result};
use crate::model::data_record::Metadata;
use crate::model::json::{Json, ObjectWriter};
use crate::model::limits::MAX_DEPTH;
use crate::model::timestamp::Timestamp;

/// How many levels a line has at the most above the values of callers.
const LEVELS: usize = 2;

/// A conversation's line, with the line break at its end.
#[must_use]
pub fn conversation_line(conversation: &Conversation) -> String {
    let mut line = ObjectWriter::default();
    line.text("type", "conversation");
    line.text("id", &*conversation.id);
    line.text("title", &*conversation.title);
    line.text("createdAt", &*conversation.created_at.to_line());
    line.text("lastActiveAt", &*conversation.active_at.to_iso());
    line.raw("metadata", conversation.metadata.as_json().as_str());
    line.raw("archived", if conversation.archived { "true" } else { "false" });
    finish(line)
}

/// A message's line.
#[must_use]
pub fn message_line(conversation: &str, archived: &Archived) -> String {
    let Message { id, role, content, created_at, metadata, state, usage, .. } = &archived.message;
    let (state, error) = state.name();
    let mut line = ObjectWriter::default();
    line.text("type", "message");
    line.text("conversationId", conversation);
    line.text("id", &**id);
    line.text("parentId", archived.parent.as_deref());
    line.text("role", &**role);
    line.raw("content", content.as_json().as_str());
    line.text("createdAt", &*created_at.to_line());
    line.raw("metadata", metadata.as_json().as_str());
    line.text("state", state);
    line.text("error", error);
    line.raw("usage", usage.map(usage_json).as_ref().map_or("null", Json::as_str));
    if archived.is_active {
        line.raw("active", "true");
    }
    finish(line)
}

/// An action's line.
#[must_use]
pub fn action_line(conversation: &str, action: &Action) -> String {
    let mut line = ObjectWriter::default();
    line.text("type", "action");
    line.text("conversationId", conversation);
    line.text("id", &*action.id);
    line.text("actionType", &*action.action_type);
    line.raw("data", action.data.as_json().as_str());
    line.text("createdAt", &*action.created_at.to_line());
    line.raw("metadata", action.metadata.as_json().as_str());
    finish(line)
}

fn finish(line: ObjectWriter) -> String {
    line.finish().into_string() + "\n"
}

/// Reads lines. Empty ones are passed over.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the line, from 1.
pub fn read_lines(text: &str, defaults: Defaults<'_>) -> Result<Vec<Archive>> {
    let mut archives = Vec::new();
    for (line, number) in text.lines().zip(1_u64..) {
        if !line.trim_ascii().is_empty() {
            read_line(line, &mut archives, defaults).map_err(|error| error.at(format_args!("line {number}")))?;
        }
    }
    for (archive, active_at) in &mut archives {
        archive.conversation.active_at = active_at.unwrap_or_else(|| archive.last_time());
    }
    Ok(archives.into_iter().map(|(archive, _)| archive).collect())
}

/// Reads a line into the conversations so far, each with the time of its last activity, where that is said.
fn read_line(line: &str, archives: &mut Vec<(Archive, Option<Timestamp>)>, defaults: Defaults<'_>) -> Result<()> {
    let json =
        Json::parse_within(line, MAX_DEPTH + LEVELS).map_err(|error| error.of_kind(ErrorKind::InvalidDocument))?;
    let mut fields = Fields::of(json.as_str())?;
    let kind = fields.needed_text("type")?;
    let created_at = fields.time("createdAt", Moment::of_line)?;
    let metadata = fields.object("metadata")?.unwrap_or_else(Metadata::empty);
    let id = fields.text("id")?;
    if kind == "conversation" {
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| invalid("a conversation has to have an `id`"))?;
        let mut conversation = Conversation::new(id, fields.text_or_null("title")?, metadata, (defaults.now)());
        conversation.created_at = created_at.unwrap_or(conversation.created_at);
        conversation.archived = fields.flag("archived")?;
        let active_at = fields.time("lastActiveAt", Moment::of_line)?.map(|active| active.at);
        archives.push((Archive { conversation, messages: Vec::new(), actions: Vec::new() }, active_at));
        return Ok(());
    }
    let (archive, _) = archives.last_mut().ok_or_else(|| invalid("there is no conversation before it"))?;
    if fields.text("conversationId")?.is_some_and(|id| id != archive.conversation.id) {
        return Err(invalid("`conversationId` is not the id of the conversation before it"));
    }
    let created_at = created_at.unwrap_or_else(|| (defaults.now)().into());
    let id = id.unwrap_or_else(defaults.draw_id);
    match kind.as_str() {
        "message" => {
            let content = fields.content("content")?.ok_or_else(|| invalid("`content` is missing"))?;
            let role = fields.text("role")?.unwrap_or_else(|| "user".to_owned());
            let (state, usage) = (fields.state()?, fields.usage()?);
            let above = archive.messages.last().map(|above| above.message.id.clone());
            let parent = if fields.has("parentId") { fields.text_or_null("parentId")? } else { above };
            let is_active = fields.flag("active")?;
            let message = Message { number: 0, id, role, content, created_at, metadata, state, usage };
            archive.messages.push(Archived { message, parent, is_active });
        }
        "action" => {
            let action_type = fields.needed_text("actionType")?;
            let data = fields.object("data")?.ok_or_else(|| invalid("`data` is missing"))?;
            archive.actions.push(Action { id, action_type, data, created_at, metadata });
        }
        _ => return Err(invalid(format!("`type` is {kind:?}, and not conversation, message or action"))),
    }
    Ok(())
}
