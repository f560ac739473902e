//! The files of the original (`stores.md`, C.1 and C.4): `message_store.json`, which lists the conversations, and one file for
//! each in `conversations/`.
//!
//! What such a file has no place for is in the metadata of its records, in the member [`EXTRAS`], which import takes out again:
//!
//! | of | member | what |
//! |---|---|---|
//! | a message | `content` | the parts, of which the file's `content` is only the words |
//! | | `state`, `error` | of one that is not complete |
//! | | `usage` | what it used, with the cost in billionths: `costNanos` |
//! | the conversation | `archived` | `true` |
//! | | `lastActiveAt` | where it is not the latest time in the file |
//! | | `branches` | the messages beside the path, which has all others in the file's `messages` |
//! | each | `own` | what the caller has stored in a member of this name |
//!
//! A message of `branches` is one of the file with `at`, its place from 1 among all messages in the order in which they came,
//! `parentId`, and `active` where it is the active one of several siblings.

use super::action::Action;
use super::archive::{Archive, Archived, Defaults};
use super::content::Content;
use super::conversation::Conversation;
use super::fields::{Fields, invalid, object, usage_json};
use super::message::{Message, State};
use super::moment::Moment;
use crate::error::Result;
use crate::model::data_record::Metadata;
use crate::model::json::{self, Json, Members, ObjectWriter, Parts};
use crate::model::limits::MAX_DEPTH;
use crate::model::py_json;
use crate::model::timestamp::Timestamp;

/// The path of the file that lists the conversations.
pub const INDEX: &str = "message_store.json";
/// The member of a record's metadata that has what the files have no place for.
pub const EXTRAS: &str = "agent_datastore";
const FOLDER: &str = "conversations/";
const SUFFIX: &str = ".json";
/// How many levels a file has at the most above the values of callers.
const LEVELS: usize = 10;

/// The file that lists conversations.
#[must_use]
pub fn index_of<'a>(ids: impl Iterator<Item = &'a str>) -> (String, String) {
    let mut list = String::from("[");
    for id in ids {
        list.push_str(if list.len() == 1 { "" } else { "," });
        json::push_string(&mut list, &stem_of(id));
    }
    list.push(']');
    let mut index = ObjectWriter::default();
    index.raw("conversation_ids", &list);
    (INDEX.to_owned(), py_json::write(&index.finish()))
}

/// A conversation's file: its path, and its text.
#[must_use]
pub fn file_of(archive: &Archive) -> (String, String) {
    let Archive { conversation, messages, actions } = archive;
    let mut extras = ObjectWriter::default();
    if conversation.archived {
        extras.raw("archived", "true");
    }
    if conversation.active_at != archive.last_time() {
        extras.text("lastActiveAt", &*conversation.active_at.to_iso());
    }
    // Parents come before their children, so one walk back finds the path.
    let mut wanted = conversation.last.as_ref().map(|last| last.id.as_str());
    let mut on_path = vec![false; messages.len()];
    for (archived, on_path) in messages.iter().zip(&mut on_path).rev() {
        if wanted == Some(&archived.message.id) {
            *on_path = true;
            wanted = archived.parent.as_deref();
        }
    }
    let (mut path, mut branches) = (List::default(), List::default());
    for ((archived, at), on_path) in messages.iter().zip(1_u64..).zip(on_path) {
        let mut record = ObjectWriter::default();
        if !on_path {
            record.raw("at", &at.to_string());
            record.text("parentId", archived.parent.as_deref());
            if archived.is_active {
                record.raw("active", "true");
            }
        }
        write_message(&mut record, &archived.message);
        if on_path { &mut path } else { &mut branches }.add(&record.finish());
    }
    if !branches.0.is_empty() {
        extras.raw("branches", &branches.finish());
    }
    let mut all_actions = List::default();
    actions.iter().for_each(|action| all_actions.add(&action_record(action)));

    let mut file = ObjectWriter::default();
    file.text("id", &*conversation.id);
    file.text("title", &*conversation.title);
    file.text("created_at", &*conversation.created_at.to_file());
    file.raw("metadata", with_extras(&conversation.metadata, extras).as_str());
    file.raw("messages", &path.finish());
    file.raw("actions", &all_actions.finish());
    (format!("{FOLDER}{}{SUFFIX}", stem_of(&conversation.id)), py_json::write(&file.finish()))
}

fn write_message(record: &mut ObjectWriter, message: &Message) {
    let mut extras = ObjectWriter::default();
    record.text("id", &*message.id);
    if message.content.is_text() {
        record.raw("content", message.content.as_json().as_str());
    } else {
        record.text("content", &*message.content.words());
        extras.raw("content", message.content.as_json().as_str());
    }
    if message.state != State::Complete {
        let (state, error) = message.state.name();
        extras.text("state", state);
        if error.is_some() {
            extras.text("error", error);
        }
    }
    if let Some(usage) = message.usage {
        extras.raw("usage", usage_json(usage).as_str());
    }
    record.text("role", &*message.role);
    record.text("created_at", &*message.created_at.to_file());
    record.raw("metadata", with_extras(&message.metadata, extras).as_str());
}

fn action_record(action: &Action) -> Json {
    let mut record = ObjectWriter::default();
    record.text("id", &*action.id);
    record.text("action_type", &*action.action_type);
    record.raw("data", action.data.as_json().as_str());
    record.text("created_at", &*action.created_at.to_file());
    record.raw("metadata", with_extras(&action.metadata, ObjectWriter::default()).as_str());
    record.finish()
}

/// Reads files: the conversations that the index lists, in its order, those that are there; where there is no index or nothing of it is there,
/// all conversations, by the time of their creation. Other files are passed over.
///
/// # Errors
///
/// [`crate::ErrorKind::InvalidDocument`], naming the file and the place.
pub fn read_files(files: &[(String, String)], defaults: Defaults<'_>) -> Result<Vec<Archive>> {
    let mut sorted: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    sorted.sort_by_key(|(path, _)| *path);
    if let Some(((path, _), _)) = sorted.iter().zip(sorted.iter().skip(1)).find(|((one, _), (other, _))| one == other) {
        return Err(invalid(format!("there are two files {path:?}")));
    }
    let find = |path: &str| {
        let place = sorted.binary_search_by_key(&path, |(path, _)| path).ok()?;
        sorted.get(place).copied()
    };
    let stem = |path: &'_ str| Some(path.strip_prefix(FOLDER)?.strip_suffix(SUFFIX)?.to_owned());
    let read = |stem: &str, text| {
        read_file(stem, text, defaults).map_err(|error| error.at(format_args!("{FOLDER}{stem}{SUFFIX}")))
    };
    let index = find(INDEX);
    let mut archives = Vec::new();
    if let Some((path, text)) = index {
        for id in read_index(text).map_err(|error| error.at(path))? {
            let raw = (find(&format!("{FOLDER}{id}{SUFFIX}")), id.clone());
            let (found, stem) =
                if raw.0.is_some() { raw } else { (find(&format!("{FOLDER}{}{SUFFIX}", stem_of(&id))), stem_of(&id)) };
            if let Some((_, text)) = found {
                archives.push(read(&stem, text)?);
            }
        }
    }
    if archives.is_empty() {
        for (path, text) in &sorted {
            if let Some(stem) = stem(path).filter(|stem| !stem.contains('/')) {
                archives.push(read(&stem, text)?);
            }
        }
        archives.sort_by_key(|archive| archive.conversation.created_at.at);
    }
    if archives.is_empty() && index.is_none() {
        return Err(invalid(format!("there is neither {INDEX} nor a file in {FOLDER}")));
    }
    Ok(archives)
}

fn read_index(text: &str) -> Result<Vec<String>> {
    let json = py_json::read(text, MAX_DEPTH, false)?;
    let ids = Fields::of(json.as_str())?.take("conversation_ids").and_then(|list| Parts::of(list).list());
    let ids = ids.ok_or_else(|| invalid("`conversation_ids` has to be a list"))?;
    let id = |id| if let Parts::Text(id) = Parts::of(id) { Ok(id) } else { Err(invalid("an id has to be a text")) };
    ids.into_iter().map(id).collect()
}

/// Reads the file of a conversation, whose name is this without its suffix.
fn read_file(stem: &str, text: &str, defaults: Defaults<'_>) -> Result<Archive> {
    let json = py_json::read(text, MAX_DEPTH + LEVELS, false)?;
    let now = (defaults.now)();
    let mut file = Fields::of(json.as_str())?;
    let id = id_of(stem, file.text("id")?.as_deref());
    if id.is_empty() {
        return Err(invalid("a conversation has to have an id"));
    }
    let (title, created_at) = (file.text_or_null("title")?, file.time("created_at", Moment::of_file)?);
    let metadata = file.take("metadata").unwrap_or("{}");
    let (metadata, extras) = without_extras(metadata)?;
    let mut extras = extras.as_ref().map(|extras| Fields::of(extras.as_str())).transpose()?.unwrap_or_default();
    let path = file.list("messages")?;
    let branches = extras.list("branches")?;
    let mut messages = Vec::with_capacity(path.len() + branches.len());
    let mut path = path.into_iter().enumerate();
    let mut above: Option<String> = None;
    let mut next_of_path = |messages: &mut Vec<Archived>| {
        let Some((place, text)) = path.next() else { return Ok(false) };
        let at = |error: crate::error::Error| error.at(format_args!("messages[{place}]"));
        let mut fields = Fields::of(text).map_err(at)?;
        let message = read_message(&mut fields, now, defaults).map_err(at)?;
        let parent = above.replace(message.id.clone());
        messages.push(Archived { message, parent, is_active: true });
        Ok(true)
    };
    for (place, text) in branches.into_iter().enumerate() {
        let at_branch = |error: crate::error::Error| error.at(format_args!("{EXTRAS}.branches[{place}]"));
        let mut fields = Fields::of(text).map_err(at_branch)?;
        let at = fields.count("at").map_err(at_branch)?.unwrap_or_default();
        while (messages.len() as u64) + 1 < at && next_of_path(&mut messages)? {}
        if messages.len() as u64 + 1 != at {
            return Err(at_branch(invalid("`at` has to be a place among the messages, in ascending order")));
        }
        let mut read = || {
            let parent = fields.text_or_null("parentId")?;
            let is_active = fields.flag("active")?;
            let message = read_message(&mut fields, now, defaults)?;
            Ok(Archived { message, parent, is_active })
        };
        messages.push(read().map_err(at_branch)?);
    }
    while next_of_path(&mut messages)? {}
    let mut actions = Vec::new();
    for (place, text) in file.list("actions")?.into_iter().enumerate() {
        actions.push(read_action(text, now, defaults).map_err(|error| error.at(format_args!("actions[{place}]")))?);
    }
    let mut conversation = Conversation::new(id, title, metadata, now);
    conversation.created_at = created_at.unwrap_or_else(|| now.into());
    conversation.archived = extras.flag("archived")?;
    let active_at = extras.time("lastActiveAt", Moment::of_file)?;
    extras.end().map_err(|error| error.at(EXTRAS))?;
    let mut archive = Archive { conversation, messages, actions };
    archive.conversation.active_at = active_at.map_or_else(|| archive.last_time(), |active| active.at);
    Ok(archive)
}

fn read_message(fields: &mut Fields<'_>, now: Timestamp, defaults: Defaults<'_>) -> Result<Message> {
    let id = fields.text("id")?.unwrap_or_else(defaults.draw_id);
    let words = fields.needed_text("content")?;
    let role = fields.text("role")?.unwrap_or_else(|| "user".to_owned());
    let created_at = fields.time("created_at", Moment::of_file)?.unwrap_or_else(|| now.into());
    let (metadata, extras) = without_extras(fields.take("metadata").unwrap_or("{}"))?;
    let read = || {
        let mut extras = extras.as_ref().map(|extras| Fields::of(extras.as_str())).transpose()?.unwrap_or_default();
        let parts = extras.content("content")?;
        let (state, usage) = (extras.state()?, extras.usage()?);
        extras.end()?;
        // Where the words were changed since, they count.
        let content = parts.filter(|parts| parts.words() == words).unwrap_or_else(|| Content::text(&words));
        Ok((content, state, usage))
    };
    let (content, state, usage) = read().map_err(|error: crate::error::Error| error.at(EXTRAS))?;
    Ok(Message { number: 0, id, role, content, created_at, metadata, state, usage })
}

fn read_action(text: &str, now: Timestamp, defaults: Defaults<'_>) -> Result<Action> {
    let mut fields = Fields::of(text)?;
    let id = fields.text("id")?.unwrap_or_else(defaults.draw_id);
    let action_type = fields.needed_text("action_type")?;
    let data = fields.object("data")?.ok_or_else(|| invalid("`data` has to be an object, and is missing"))?;
    let created_at = fields.time("created_at", Moment::of_file)?.unwrap_or_else(|| now.into());
    let (metadata, extras) = without_extras(fields.take("metadata").unwrap_or("{}"))?;
    extras.map_or(Ok(()), |extras| Fields::of(extras.as_str())?.end()).map_err(|error| error.at(EXTRAS))?;
    Ok(Action { id, action_type, data, created_at, metadata })
}

/// Metadata as a file has it.
fn with_extras(metadata: &Metadata, mut extras: ObjectWriter) -> Json {
    let mut members = Parts::of(metadata.as_json().as_str()).object().unwrap_or_default();
    if let Some((_, own)) = members.iter().find(|(name, _)| *name == EXTRAS) {
        extras.raw("own", own);
    }
    let extras = extras.finish();
    if extras.as_str() != "{}" {
        members.merge(Members::one(EXTRAS, extras.as_str()));
    }
    members.to_json()
}

/// The metadata of a file, and what stood in [`EXTRAS`] beside what is the caller's own.
fn without_extras(text: &str) -> Result<(Metadata, Option<Json>)> {
    let mut members = Parts::of(text).object().ok_or_else(|| invalid("`metadata` has to be an object"))?;
    let extras = members.iter().find(|(name, _)| *name == EXTRAS).map(|(_, extras)| extras);
    let mut rest = None;
    if let Some(extras) = extras {
        let mut extras =
            Parts::of(extras).object().ok_or_else(|| invalid(format!("`metadata.{EXTRAS}` has to be an object")))?;
        match extras.take("own") {
            Some(own) => members.merge(Members::one(EXTRAS, own)),
            None => drop(members.take(EXTRAS)),
        }
        rest = Some(extras.to_json());
    }
    Ok((object("metadata", members.to_json().as_str())?, rest))
}

/// The name of a conversation's file, without its suffix: the id, and what no file can be called or what leads elsewhere as in a URL.
fn stem_of(id: &str) -> String {
    let mut stem = String::with_capacity(id.len());
    for (place, character) in id.char_indices() {
        let is_odd = "/\\:*?\"<>|%".contains(character) || character.is_control() || (place == 0 && character == '.');
        if is_odd {
            character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| stem.push_str(&format!("%{byte:02X}")));
        } else {
            stem.push(character);
        }
    }
    stem
}

/// The id of the conversation in a file of this name. The original has ids as they are, so a name that only looks as if it were of ours
/// is one where it is also the record's own id.
fn id_of(stem: &str, own: Option<&str>) -> String {
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(digits.unwrap_or_default());
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    let decoded = String::from_utf8(bytes).ok().filter(|id| own != Some(stem) && stem_of(id) == stem);
    decoded.unwrap_or_else(|| stem.to_owned())
}

/// Writes the text of a JSON list, item by item.
#[derive(Default)]
struct List(String);

impl List {
    fn add(&mut self, item: &Json) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(item.as_str());
    }

    fn finish(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "[]" } else { "]" });
        self.0
    }
}
