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
//! A message of `branches` is one of the file, and has in its own [`EXTRAS`] also `at`, its place from 1 among all messages in the order in
//! which they came, `parentId`, and `active` where it is the active one of several siblings.

use super::archive::{Archive, Archived, Defaults};
use super::fields::{Fields, invalid};
use super::records::{self, At};
use crate::error::{Error, Result};
use crate::model::file_stem::{id_of, stem_of};
use crate::model::json::{self, ObjectWriter, Parts};
use crate::model::limits::MAX_DEPTH;
use crate::model::py_json;
use crate::model::repeats::{place_of, repeated, sorted};

/// The path of the file that lists the conversations.
pub const INDEX: &str = "message_store.json";
/// The member of a record's metadata that has what the files have no place for.
pub const EXTRAS: &str = "agent_datastore";
const IDS: &str = "conversation_ids";
const FOLDER: &str = "conversations/";
const SUFFIX: &str = ".json";
/// How many levels a file has at the most above the values of callers.
const LEVELS: usize = 10;

/// The file that lists conversations.
#[must_use]
pub fn index_of<'a>(ids: impl Iterator<Item = &'a str>) -> (String, String) {
    let mut list = List::default();
    ids.for_each(|id| list.add(&json::string(&stem_of(id))));
    let mut index = ObjectWriter::default();
    index.raw(IDS, &list.finish());
    (INDEX.to_owned(), py_json::write(&index.finish()))
}

/// A conversation's file: its path, and its text.
#[must_use]
pub fn file_of(archive: &Archive) -> (String, String) {
    let Archive { conversation, messages, actions } = archive;
    let active_at = Some(conversation.active_at).filter(|active_at| *active_at != archive.last_time());
    let mut extras = records::conversation_extras(conversation, active_at);
    // Parents come before their children, so one walk back finds the path.
    let mut wanted = conversation.last.as_ref().map(|last| last.id.as_str());
    let mut on_path = vec![false; messages.len()];
    for (archived, on_path) in messages.iter().zip(&mut on_path).rev() {
        if wanted == Some(&archived.message.id) {
            *on_path = true;
            wanted = archived.parent.as_deref();
        }
    }
    let (mut path, mut branches, mut all_actions) = (List::default(), List::default(), List::default());
    for ((archived, at), on_path) in messages.iter().zip(1_u64..).zip(on_path) {
        if on_path {
            path.add(&records::message(archived, At::Path));
        } else {
            branches.add(&records::message(archived, At::Branch(at)));
        }
    }
    if !branches.0.is_empty() {
        extras.raw("branches", &branches.finish());
    }
    actions.iter().for_each(|action| all_actions.add(&records::action(action, None)));
    let mut file = ObjectWriter::default();
    file.text("id", &*conversation.id);
    file.text("title", &*conversation.title);
    records::end(&mut file, conversation.created_at, &conversation.metadata, extras, false);
    file.raw("messages", &path.finish());
    file.raw("actions", &all_actions.finish());
    (path_of(&stem_of(&conversation.id)), py_json::write(&file.finish()))
}

fn path_of(stem: &str) -> String {
    [FOLDER, stem, SUFFIX].concat()
}

/// The name of a conversation's file, without its suffix; nothing of other paths.
fn stem_in(path: &str) -> Option<&str> {
    let stem = path.strip_prefix(FOLDER)?.strip_suffix(SUFFIX)?;
    (!stem.contains('/')).then_some(stem)
}

/// The folder that the files are in, of all paths of an archive, with what separates it from them: the one that is nearest to the top.
#[must_use]
pub fn root_among<'a>(paths: impl Iterator<Item = &'a str>) -> &'a str {
    let root = |path: &'a str| {
        let above_folder = path.rfind(FOLDER).filter(|at| path.get(*at..).is_some_and(|path| stem_in(path).is_some()));
        let root = path.strip_suffix(INDEX).or_else(|| path.get(..above_folder?))?;
        (root.is_empty() || root.ends_with('/')).then_some(root)
    };
    paths.filter_map(root).min_by_key(|root| root.len()).unwrap_or_default()
}

/// Whether a file at this path is one of a store.
#[must_use]
pub fn is_one(path: &str) -> bool {
    path == INDEX || stem_in(path).is_some()
}

/// Reads files: the conversations that the index lists, in its order, those that are there; where there is no index or nothing of it is there,
/// all conversations, by the time of their creation. Other files are passed over.
///
/// # Errors
///
/// [`crate::ErrorKind::InvalidDocument`], naming the file and the place.
pub fn read_files(files: &[(String, String)], defaults: Defaults<'_>) -> Result<Vec<Archive>> {
    let paths = sorted(files.iter().map(|(path, _)| path.as_bytes()));
    if let Some(path) = repeated(&paths) {
        return Err(invalid(format!("there are two files {:?}", String::from_utf8_lossy(path))));
    }
    let find = |path: &str| place_of(&paths, path).and_then(|place| files.get(place));
    let read = |stem: &str, text| read_file(stem, text, defaults).map_err(|error| error.at(path_of(stem)));
    let index = find(INDEX);
    let mut archives = Vec::new();
    if let Some((path, text)) = index {
        for id in read_index(text).map_err(|error| error.at(path))? {
            // As it is, or as it is written in the names of files here.
            for stem in [id.clone(), stem_of(&id)] {
                if let Some((_, text)) = find(&path_of(&stem)) {
                    archives.push(read(&stem, text)?);
                    break;
                }
            }
        }
    }
    if archives.is_empty() {
        let mut found = Vec::new();
        for (path, text) in files {
            if let Some(stem) = stem_in(path) {
                let archive = read(stem, text)?;
                // A time as bytes that are in its order, then the path.
                let time = archive.conversation.created_at.at.as_micros() ^ i64::MIN;
                found.push(([&time.to_be_bytes(), path.as_bytes()].concat(), Some(archive)));
            }
        }
        let order: Vec<usize> =
            sorted(found.iter().map(|(name, _)| name.as_slice())).iter().map(|(_, place)| *place).collect();
        archives.extend(order.into_iter().filter_map(|place| found.get_mut(place)?.1.take()));
    }
    if archives.is_empty() && index.is_none() {
        return Err(invalid("there is neither message_store.json nor a file in conversations/"));
    }
    Ok(archives)
}

fn read_index(text: &str) -> Result<Vec<String>> {
    let json = py_json::read(text, MAX_DEPTH, false)?;
    let mut index = Fields::of(json.as_str(), false);
    if !index.has(IDS) {
        index.refuse(IDS, "a list, and is missing");
    }
    let mut ids = Vec::new();
    for id in index.list(IDS) {
        match Parts::of(id) {
            Parts::Text(id) => ids.push(id),
            _ => index.refuse(IDS, "a list of texts"),
        }
    }
    index.check()?;
    Ok(ids)
}

/// The text of a conversation's file, without the file.
#[must_use]
pub fn record_of(archive: &Archive) -> String {
    file_of(archive).1
}

/// Reads such a text.
///
/// # Errors
///
/// [`crate::ErrorKind::InvalidDocument`], naming the place.
pub fn read_record(text: &str, defaults: Defaults<'_>) -> Result<Archive> {
    read_file("", text, defaults)
}

/// Reads the file of a conversation, whose name is this without its suffix; where that is empty the id is the one in the text.
fn read_file(stem: &str, text: &str, defaults: Defaults<'_>) -> Result<Archive> {
    let json = py_json::read(text, MAX_DEPTH + LEVELS, false)?;
    let now = (defaults.now)();
    let mut file = Fields::of(json.as_str(), false);
    let own = file.text("id");
    let id = if stem.is_empty() { own.unwrap_or_default() } else { id_of(stem, own.as_deref()) };
    if id.is_empty() {
        file.refuse("id", "a text that is not empty");
    }
    let (path, actions) = (file.list("messages"), file.list("actions"));
    let (conversation, active_at, branches) = records::read_conversation(file, id, now)?;
    let of_path = path.into_iter().map(|text| records::read_message(Fields::of(text, false), None, now, defaults));
    let mut of_path = of_path.enumerate().map(|(place, read)| named("messages", place, read));
    let mut archive = Archive { conversation, messages: Vec::new(), actions: Vec::new() };
    let mut above: Option<String> = None;
    let mut push = |messages: &mut Vec<Archived>, read: Result<(Archived, u64)>| {
        let mut archived = read?.0;
        archived.parent = above.replace(archived.message.id.clone());
        messages.push(archived);
        Ok::<_, Error>(())
    };
    let messages = &mut archive.messages;
    for (place, text) in branches.into_iter().enumerate() {
        let read = records::read_message(Fields::of(text, false), None, now, defaults);
        let (archived, at) = named("agent_datastore.branches", place, read)?;
        while (messages.len() as u64) + 1 < at
            && let Some(read) = of_path.next()
        {
            push(messages, read)?;
        }
        if messages.len() as u64 + 1 != at {
            return named(
                "agent_datastore.branches",
                place,
                Err(invalid("`at` is no place among the messages, or none that rises")),
            );
        }
        messages.push(archived);
    }
    of_path.try_for_each(|read| push(messages, read))?;
    for (place, text) in actions.into_iter().enumerate() {
        let read = records::read_action(Fields::of(text, false), now, defaults);
        archive.actions.push(named("actions", place, read)?);
    }
    archive.conversation.active_at = active_at.unwrap_or_else(|| archive.last_time());
    Ok(archive)
}

fn named<T>(list: &str, place: usize, read: Result<T>) -> Result<T> {
    read.map_err(|error| error.at(format_args!("{list}[{place}]")))
}

/// Writes the text of a JSON list, item by item.
#[derive(Default)]
struct List(String);

impl List {
    fn add(&mut self, item: &str) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(item);
    }

    fn finish(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "[]" } else { "]" });
        self.0
    }
}
