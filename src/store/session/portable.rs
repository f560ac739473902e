//! Export and import of the files of the original.

use super::Sessions;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Check, Entry, Lookup};
use crate::model::data_rules::Imported;
use crate::model::import::Existing;
use crate::model::keyspace::SessionScope;
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::repeats::{each_once, place_of, sorted};
use crate::model::session::edit::{Edit, put_recipe};
use crate::model::session::files::{self, Archive};
use crate::model::session::head::{decode, encode};
use crate::model::session::{Saved, UsageByModel};
use crate::store::database::Attempts;
use crate::store::key_locks::Mode;

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl Sessions {
    /// Sessions, all of them or those of these ids, with the prompts and the recipes of the user, as the files of the original: paths and texts, see
    /// [`files`]. Each session is as it was at one moment.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is no session of an id; [`LimitExceeded`](ErrorKind::LimitExceeded) where that is more than one import
    /// can take, [`MAX_BATCH_BYTES`].
    pub async fn export_files(&self, ids: Option<Vec<String>>) -> Result<Vec<(String, String)>> {
        let _call = self.database.begin()?;
        let are_named = ids.is_some();
        let ids = match ids {
            Some(ids) => each_once(ids),
            None => self.list().await?.into_iter().map(|head| head.id).collect(),
        };
        let mut found: Vec<(String, String)> = Vec::new();
        let mut bytes = 0;
        let mut add = |files: Vec<(String, String)>| {
            bytes += files.iter().map(|(path, text)| path.len() + text.len()).sum::<usize>();
            found.extend(files);
            if bytes <= MAX_BATCH_BYTES {
                return Ok(());
            }
            let message = format!("more than {MAX_BATCH_BYTES} bytes are too many for one export; name fewer sessions");
            Err(Error::new(ErrorKind::LimitExceeded, message))
        };
        let prompts = self.open("").prompt_history().await?.unwrap_or_default();
        add(files::shared_files(&prompts, &self.recipes().list().await?))?;
        for id in ids {
            match self.open(&id).saved().await? {
                Some((_, saved)) => add(files::files_of(&saved))?,
                None if are_named => {
                    return Err(Error::new(ErrorKind::NotFound, format!("no session matching {id:?}")));
                }
                // Another tab deleted it since it was listed.
                None => {}
            }
        }
        Ok(found)
    }

    /// Stores what is in such files, or in those of the original, all of it or nothing, in one commit. Prompts and recipes are added to those that there are:
    /// of prompts, where there are any, those that are not among them.
    ///
    /// [`InvalidDocument`](ErrorKind::InvalidDocument), naming the file; [`AlreadyExists`](ErrorKind::AlreadyExists) where there is a session of an id, and it
    /// is neither to be replaced nor skipped.
    pub async fn import_files(&self, files: &[(String, String)], existing: Existing) -> Result<Imported> {
        let _call = self.database.begin()?;
        let archive = files::read(files)?;
        let mut turns: Vec<_> =
            archive.sessions.iter().map(|saved| (self.scope.session(&saved.metadata.id), Mode::Alone)).collect();
        turns.push((self.scope.prompts().start, Mode::Alone));
        let _turns = self.database.take_turns(turns).await;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            self.database.catch_up().await?;
            let mut batch = Batch::default();
            let mut imported = 0;
            for saved in &archive.sessions {
                imported += usize::from(self.import_session(saved, existing, &mut batch).await?);
            }
            self.import_shared(&archive, &mut batch).await?;
            let done = Imported { imported, skipped: archive.sessions.len() - imported };
            if batch.operations.is_empty() || self.database.try_commit(batch).await? {
                return Ok(done);
            }
        }
    }

    /// Returns whether it is not skipped.
    async fn import_session(&self, saved: &Saved, existing: Existing, batch: &mut Batch) -> Result<bool> {
        let id = &saved.metadata.id;
        let key = self.scope.session(id);
        let seen = self.database.get(&[Lookup::of(&key)]).await?.pop().flatten();
        match existing {
            Existing::Refuse if seen.is_some() => {
                return Err(Error::new(ErrorKind::AlreadyExists, format!("there is a session {id:?} already")));
            }
            Existing::Skip if seen.is_some() => return Ok(false),
            _ => {}
        }
        self.listings(id, seen.as_ref()).await?.into_iter().for_each(|key| batch.delete(key));
        self.scope.belongings(id).into_iter().for_each(|range| batch.delete_range(range));
        let mut edit = Edit::new(&self.scope, None, &saved.metadata)?;
        edit.fill(saved);
        let filled = edit.finish();
        batch.check(Check::unchanged(key, seen.as_ref()));
        batch.operations.extend(filled.operations);
        for used in &saved.more.usage_by_day {
            let key = self.scope.day(&used.day, id);
            let known = self.database.get(&[Lookup::of(&key)]).await?.pop().flatten();
            let is_more = |known: &Entry| {
                decode::<UsageByModel>(&known.value).is_ok_and(|known| known.total.runs > used.total.runs)
            };
            // What was used stays used, though the session comes back as it was before.
            known.filter(is_more).into_iter().for_each(|known| batch.put(key.clone(), known.value));
        }
        Ok(true)
    }

    async fn import_shared(&self, archive: &Archive, batch: &mut Batch) -> Result<()> {
        let known = self.open("").prompt_history().await?.unwrap_or_default();
        let order = sorted(known.iter().map(String::as_bytes));
        let newest = self.database.read(&[self.scope.prompts().limit(1)]).await?.into_iter().flatten().next();
        let first = match &newest {
            Some(entry) => SessionScope::prompt_number(&entry.key)? + 1,
            None => 0,
        };
        let new = archive.prompts.iter().rev().filter(|prompt| place_of(&order, prompt).is_none());
        for (number, prompt) in (first..).zip(new) {
            let key = self.scope.prompt(number);
            if number == first {
                batch.check(Check::unchanged(key.clone(), None));
            }
            batch.put(key, encode(prompt));
        }
        for (hash, recipe) in archive.recipes.iter() {
            if self.recipes().get(hash).await?.is_none() {
                put_recipe(&self.scope, hash, recipe, batch);
            }
        }
        Ok(())
    }
}
