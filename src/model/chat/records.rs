//! Conversations, messages and actions as files and lines have them. Both have the same members; what the original does not know stands
//! beside the others in a line, and in the metadata in a file.

use super::action::Action;
use super::archive::{Archived, Defaults};
use super::content::Content;
use super::conversation::Conversation;
use super::fields::{Fields, usage_json};
use super::files::EXTRAS;
use super::message::{Message, State};
use super::moment::Moment;
use crate::error::Result;
use crate::model::data_record::Metadata;
use crate::model::json::{Members, ObjectWriter, Parts};
use crate::model::timestamp::Timestamp;

/// Where a message is written.
pub(super) enum At<'a> {
    /// In a line.
    Line(&'a str),
    /// Among the messages of a file.
    Path,
    /// Beside them, with its place among all messages.
    Branch(u64),
}

/// The beginning of a record.
pub(super) fn begin(kind: &str, conversation: Option<&str>) -> ObjectWriter {
    let mut record = ObjectWriter::default();
    record.text("type", kind);
    if conversation.is_some() {
        record.text("conversationId", conversation);
    }
    record
}

/// Writes a time, and ends a record with its metadata and what the original does not know.
pub(super) fn end(
    record: &mut ObjectWriter,
    created_at: Moment,
    metadata: &Metadata,
    mut extras: ObjectWriter,
    is_line: bool,
) {
    if is_line {
        record.text("createdAt", &*created_at.to_line());
        record.raw("metadata", metadata.as_json().as_str());
        record.append(&extras);
        return;
    }
    record.text("created_at", &*created_at.to_file());
    let mut members = Parts::of(metadata.as_json().as_str()).object().unwrap_or_default();
    if let Some((_, own)) = members.iter().find(|(name, _)| *name == EXTRAS) {
        extras.raw("own", own);
    }
    if extras.is_empty() {
        return record.raw("metadata", metadata.as_json().as_str());
    }
    let extras = extras.finish();
    members.merge(Members::one(EXTRAS, extras.as_str()));
    record.raw("metadata", members.to_json().as_str());
}

/// What a conversation has that the original does not know.
pub(super) fn conversation_extras(conversation: &Conversation, active_at: Option<Timestamp>) -> ObjectWriter {
    let mut extras = ObjectWriter::default();
    if conversation.archived {
        extras.raw("archived", "true");
    }
    if let Some(active_at) = active_at {
        extras.text("lastActiveAt", &*active_at.to_iso());
    }
    extras
}

pub(super) fn message(archived: &Archived, at: At<'_>) -> String {
    let Message { id, role, content, created_at, metadata, state, usage, .. } = &archived.message;
    let mut extras = ObjectWriter::default();
    let (mut record, is_line) = match at {
        At::Line(conversation) => (begin("message", Some(conversation)), true),
        At::Path | At::Branch(_) => (ObjectWriter::default(), false),
    };
    record.text("id", &**id);
    if is_line || content.is_text() {
        record.raw("content", content.as_json().as_str());
    } else {
        record.text("content", &*content.words());
        extras.raw("content", content.as_json().as_str());
    }
    record.text("role", &**role);
    if let At::Branch(at) = at {
        extras.raw("at", &at.to_string());
    }
    if !matches!(at, At::Path) {
        extras.text("parentId", archived.parent.as_deref());
        if archived.is_active {
            extras.raw("active", "true");
        }
    }
    if *state != State::Complete {
        let (state, error) = state.name();
        extras.text("state", state);
        extras.text("error", error);
    }
    if let Some(usage) = usage {
        extras.raw("usage", usage_json(*usage).as_str());
    }
    end(&mut record, *created_at, metadata, extras, is_line);
    record.finish().into_string()
}

pub(super) fn action(action: &Action, line_of: Option<&str>) -> String {
    let mut record = line_of.map_or_else(ObjectWriter::default, |id| begin("action", Some(id)));
    record.text("id", &*action.id);
    record.text(type_name(line_of.is_some()), &*action.action_type);
    record.raw("data", action.data.as_json().as_str());
    end(&mut record, action.created_at, &action.metadata, ObjectWriter::default(), line_of.is_some());
    record.finish().into_string()
}

const fn type_name(is_line: bool) -> &'static str {
    if is_line { "actionType" } else { "action_type" }
}

/// Reads a conversation, when it was last active, where that is said, and the messages beside its path that a file has.
pub(super) fn read_conversation<'a>(
    mut fields: Fields<'a>,
    id: String,
    now: Timestamp,
) -> Result<(Conversation, Option<Timestamp>, Vec<&'a str>)> {
    let (title, created_at) = (fields.text_or_null("title"), fields.created_at());
    let (metadata, mut extras) = fields.metadata();
    let mut conversation = Conversation::new(id, title, metadata, now);
    conversation.created_at = created_at.unwrap_or(conversation.created_at);
    conversation.archived = extras.flag("archived");
    let active_at = extras.time("lastActiveAt").map(|active| active.at);
    let branches = extras.list("branches");
    extras.end()?;
    Ok((conversation, active_at, branches))
}

/// Reads a message, and its place among all messages, where that is said. One that does not name the message that it follows follows `above`.
pub(super) fn read_message(
    mut fields: Fields<'_>,
    above: Option<&Archived>,
    now: Timestamp,
    defaults: Defaults<'_>,
) -> Result<(Archived, u64)> {
    let is_line = fields.is_line;
    let id = fields.text("id").unwrap_or_else(defaults.draw_id);
    let role = fields.text("role").unwrap_or_else(|| "user".to_owned());
    let created_at = fields.created_at().unwrap_or_else(|| now.into());
    let words = if is_line { String::new() } else { fields.needed_text("content") };
    let (metadata, mut extras) = fields.metadata();
    if is_line && !extras.has("content") {
        extras.refuse("content", "a text or a list of parts, and is missing");
    }
    // Where the words of a file were changed since, they count.
    let content = extras.content().filter(|content| is_line || content.words() == words);
    let content = content.unwrap_or_else(|| Content::text(&words));
    let (state, usage) = (extras.state(), extras.usage());
    let parent = match extras.has("parentId") {
        true => extras.text_or_null("parentId"),
        false => above.map(|above| above.message.id.clone()),
    };
    let at = extras.count("at");
    let is_active = extras.flag("active") || (!is_line && at == 0);
    extras.end()?;
    let message = Message { number: 0, id, role, content, created_at, metadata, state, usage };
    Ok((Archived { message, parent, is_active }, at))
}

pub(super) fn read_action(mut fields: Fields<'_>, now: Timestamp, defaults: Defaults<'_>) -> Result<Action> {
    let id = fields.text("id").unwrap_or_else(defaults.draw_id);
    let action_type = fields.needed_text(type_name(fields.is_line));
    if !fields.has("data") {
        fields.refuse("data", "an object, and is missing");
    }
    let data = fields.object("data");
    let created_at = fields.created_at().unwrap_or_else(|| now.into());
    let (metadata, extras) = fields.metadata();
    extras.end()?;
    Ok(Action { id, action_type, data, created_at, metadata })
}
