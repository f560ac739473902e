//! Export and import: the files of the original, and lines of JSON.

use super::{Loaded, MessageStore};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Entry, Lookup, Version};
use crate::model::chat::archive::{self, Archive, Archived, Defaults};
use crate::model::chat::conversation::Conversation;
use crate::model::chat::message::{Message, Placed, State};
use crate::model::chat::{files, lines, rules};
use crate::model::data_rules::Imported;
use crate::model::import::Existing;
use crate::model::keyspace::ChatScope;
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::repeats::each_once;
use crate::model::tuple::Key;
use crate::store::database::Attempts;
use crate::store::key_locks::Mode;
use std::cell::{Cell, RefCell};

/// About how many bytes of records one piece of an export of lines has.
const PIECE_BYTES: usize = 1024 * 1024;

/// Part of a conversation's messages, in one snapshot.
struct Part {
    conversation: Conversation,
    version: Option<Version>,
    messages: Vec<Archived>,
    /// How many they are, as they are stored.
    bytes: usize,
    /// The number of the last one.
    last: u64,
    is_last: bool,
}

/// An export of lines, piece by piece, see [`MessageStore::export_lines`].
#[derive(Debug)]
pub struct LineExport {
    store: MessageStore,
    /// The conversations that are left, the next one at the end.
    ids: RefCell<Vec<String>>,
    /// The last message of the next one that is done; nothing where that has not begun.
    after: Cell<Option<u64>>,
    is_named: bool,
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl MessageStore {
    /// These conversations, or all, as the files of the original: paths and texts, see [`files`]. The first file is the index, then comes one
    /// for each conversation; each is one snapshot. A message that is being written is in it as one that was interrupted.
    ///
    /// [`LimitExceeded`](ErrorKind::LimitExceeded) where they are together more than one import can take, [`MAX_BATCH_BYTES`]:
    /// conversation by conversation more can be exported.
    pub async fn export_files(&self, ids: Option<Vec<String>>) -> Result<Vec<(String, String)>> {
        let _call = self.database.begin()?;
        let is_named = ids.is_some();
        let ids = self.ids_to_export(ids).await?;
        let archives = self.archives(ids, is_named).await?;
        let mut found = vec![files::index_of(archives.iter().map(|archive| archive.conversation.id.as_str()))];
        found.extend(archives.iter().map(files::file_of));
        check_export(found.iter().map(|(path, text)| path.len() + text.len()).sum())?;
        Ok(found)
    }

    /// These conversations with all that belongs to them, each in one snapshot; those that are there, or all.
    pub(super) async fn archives(&self, ids: Vec<String>, is_named: bool) -> Result<Vec<Archive>> {
        let mut archives = Vec::with_capacity(ids.len());
        let mut bytes = 0_usize;
        for id in ids {
            let mut attempts = Attempts::default();
            loop {
                attempts.begin()?;
                let Some(part) = self.part(&id, 0, MAX_BATCH_BYTES).await? else {
                    if is_named {
                        return Err(rules::not_found(&id));
                    }
                    break;
                };
                let actions = self.actions(&id).await?;
                if self.entry(&id).await?.and_then(|entry| entry.version) == part.version {
                    bytes = bytes.saturating_add(part.bytes);
                    bytes = actions.iter().fold(bytes, |bytes, action| bytes.saturating_add(action.size()));
                    check_export(if part.is_last { bytes } else { usize::MAX })?;
                    archives.push(Archive { conversation: part.conversation, messages: part.messages, actions });
                    break;
                }
            }
        }
        Ok(archives)
    }

    /// These conversations, or all, as lines of JSON, see [`lines`], piece by piece. What is written meanwhile may be in them or not.
    pub async fn export_lines(&self, ids: Option<Vec<String>>) -> Result<LineExport> {
        let _call = self.database.begin()?;
        let is_named = ids.is_some();
        let mut ids = self.ids_to_export(ids).await?;
        ids.reverse();
        Ok(LineExport { store: self.clone(), ids: RefCell::new(ids), after: Cell::new(None), is_named })
    }

    /// Takes the conversations in files, all or none, in one commit, see [`files::read_files`].
    ///
    /// [`InvalidDocument`](ErrorKind::InvalidDocument), naming the file and the place;
    /// [`AlreadyExists`](ErrorKind::AlreadyExists) where there is one of them and it is neither to be replaced nor skipped.
    pub async fn import_files(&self, files: &[(String, String)], existing: Existing) -> Result<Imported> {
        let _call = self.database.begin()?;
        self.take(self.read(|defaults| files::read_files(files, defaults))?, existing).await
    }

    /// Takes the conversations in lines of JSON, all or none, in one commit, see [`lines::read_lines`].
    ///
    /// As [`Self::import_files`].
    pub async fn import_lines(&self, text: &str, existing: Existing) -> Result<Imported> {
        let _call = self.database.begin()?;
        self.take(self.read(|defaults| lines::read_lines(text, defaults))?, existing).await
    }

    /// A conversation of its record, see [`files::read_record`].
    #[cfg(all(target_arch = "wasm32", feature = "js"))]
    pub(crate) fn read_record(&self, text: &str) -> Result<Archive> {
        self.read(|defaults| files::read_record(text, defaults))
    }

    fn read<T>(&self, read: impl FnOnce(Defaults<'_>) -> T) -> T {
        read(Defaults { now: &|| self.database.now(), draw_id: &|| self.database.draw_id() })
    }

    /// Takes conversations, and hands over those that it took.
    pub(super) async fn take(&self, archives: Vec<Archive>, existing: Existing) -> Result<Imported> {
        let (done, ids) = self.restore(archives, existing).await?;
        let mut handed_over = Ok(());
        for id in &ids {
            handed_over = handed_over.and(self.hand_over(id).await);
        }
        handed_over.map(|()| done)
    }

    /// Takes conversations. Returns also the ids of those that it took.
    pub(super) async fn restore(
        &self,
        mut archives: Vec<Archive>,
        existing: Existing,
    ) -> Result<(Imported, Vec<String>)> {
        archive::check_all(&archives)?;
        for archive in &mut archives {
            archive.conversation.created_in_order(self.database.now());
        }
        // Another tab may have created or removed some of them.
        self.database.catch_up().await?;
        let keys: Vec<Key> = archives.iter().map(|archive| self.scope.conversation(&archive.conversation.id)).collect();
        let turns = keys.iter().cloned().map(|key| (key, Mode::Alone)).collect();
        let lookups: Vec<_> = keys.iter().map(Lookup::of).collect();
        let mut result = Imported::default();
        let mut taken = Vec::new();
        let mut plan = |seen: &[Option<Entry>]| {
            let (batch, planned) = archive::plan_import(&self.scope, &archives, existing, seen)?;
            result = planned;
            let is_taken = |seen: &Option<Entry>| seen.is_none() || existing != Existing::Skip;
            let all = archives.iter().zip(seen).filter(|(_, seen)| is_taken(seen));
            taken = all.map(|(archive, _)| archive.conversation.id.clone()).collect();
            Ok(batch)
        };
        let _turn = self.database.change(turns, &lookups, &mut plan).await?;
        Ok((result, taken))
    }

    /// The ids that are to be exported, each once.
    pub(super) async fn ids_to_export(&self, ids: Option<Vec<String>>) -> Result<Vec<String>> {
        let Some(ids) = ids else {
            let found = self.database.read(&[self.scope.all_created().keys_only()]).await?;
            return found.iter().flatten().map(|entry| ChatScope::listed(&entry.key)).collect();
        };
        Ok(each_once(ids))
    }

    /// About so many bytes of a conversation's messages, those after this number; nothing, where there is no such conversation.
    async fn part(&self, id: &str, after: u64, max_bytes: usize) -> Result<Option<Part>> {
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let loaded = match self.load(id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                loaded => loaded?,
            };
            let version = loaded.entry.version;
            let part = self.part_of(id, loaded, after, max_bytes).await;
            // Where it was changed meanwhile its parts may not fit together.
            if self.entry(id).await?.and_then(|entry| entry.version) == version {
                return part.map(Some);
            }
        }
    }

    async fn part_of(&self, id: &str, loaded: Loaded, after: u64, max_bytes: usize) -> Result<Part> {
        let Loaded { conversation, tree, entry } = loaded;
        let mut found: Vec<Message> = Vec::new();
        let mut bytes = 0;
        let mut take = |entry: Entry| {
            bytes += entry.value.len();
            found.push(super::editing::decoded(id, &entry)?);
            Ok(bytes < max_bytes)
        };
        let is_last = self.database.scan(self.scope.messages(id, after + 1, u64::MAX), &mut take).await?;
        let numbered: Vec<(u64, String)> = found.iter().map(|message| (message.number, message.id.clone())).collect();
        let version = entry.version;
        let mut part = Part { conversation, version, messages: Vec::new(), bytes, last: after, is_last };
        for message in found {
            let number = message.number;
            let parent = match tree.parent(number) {
                None | Some(0) => None,
                Some(parent) => match numbered.binary_search_by_key(&parent, |(number, _)| *number) {
                    Ok(place) => numbered.get(place).map(|(_, id)| id.clone()),
                    Err(_) => Some(self.message(id, parent).await?.id),
                },
            };
            let placed = Placed { message, parent, place: 0, siblings: 1 };
            let Placed { mut message, parent, .. } = self.read_state(id, placed).await?;
            if matches!(message.state, State::Streaming(_)) {
                // Nobody goes on writing the copy.
                message.state = State::Interrupted;
            }
            part.messages.push(Archived { message, parent, is_active: tree.is_active_of_several(number) });
            part.last = number;
        }
        Ok(part)
    }
}

pub(crate) fn check_export(bytes: usize) -> Result<()> {
    if bytes <= MAX_BATCH_BYTES {
        return Ok(());
    }
    let message = format!("more than {MAX_BATCH_BYTES} bytes are too many for one export; name fewer conversations");
    Err(Error::new(ErrorKind::LimitExceeded, message))
}

impl LineExport {
    /// Some more lines, whole ones, about 1 MiB of them; `None` where there are no more.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`MessageStore`], and [`NotFound`](ErrorKind::NotFound) for a conversation that was named.
    pub async fn next(&self) -> Result<Option<String>> {
        let _call = self.store.database.begin()?;
        let mut text = String::new();
        let mut add = |line: String| {
            text.push_str(&line);
            text.push('\n');
            text.len() < PIECE_BYTES
        };
        let mut goes_on = true;
        while goes_on {
            let Some(id) = self.ids.borrow().last().cloned() else { break };
            let after = self.after.get();
            let is_last = match self.store.part(&id, after.unwrap_or_default(), PIECE_BYTES).await? {
                Some(part) => {
                    if after.is_none() {
                        add(lines::conversation_line(&part.conversation));
                    }
                    for archived in &part.messages {
                        goes_on = add(lines::message_line(&id, archived));
                    }
                    if part.is_last {
                        for action in self.store.actions(&id).await? {
                            goes_on = add(lines::action_line(&id, &action));
                        }
                    }
                    self.after.set(Some(part.last));
                    part.is_last
                }
                None if self.is_named && after.is_none() => return Err(rules::not_found(&id)),
                None => true,
            };
            if is_last {
                self.ids.borrow_mut().pop();
                self.after.set(None);
            }
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}
