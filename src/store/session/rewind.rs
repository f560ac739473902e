//! Taking runs back, and making them again.

use super::SessionStore;
use super::needs::{Needs, Steps};
use crate::error::{Error, ErrorKind, Result};
use crate::model::codec::damaged;
use crate::model::go_json::GoTime;
use crate::model::session::edit::Step;
use crate::model::session::{FileSnapshot, Redo, Restored, RewindEntry, RewindResult};
use async_trait::async_trait;

/// What a rewind puts files back into.
#[async_trait(?Send)]
pub trait SessionFiles {
    /// What is in a file; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Its own.
    async fn read(&self, path: &str) -> Result<Option<String>>;

    /// Writes a file, and the folders that it needs.
    ///
    /// # Errors
    ///
    /// Its own.
    async fn write(&self, path: &str, content: &str) -> Result<()>;

    /// Removes a file. One that is not there is no error.
    ///
    /// # Errors
    ///
    /// Its own.
    async fn remove(&self, path: &str) -> Result<()>;
}

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// Adds a step to the way back.
    pub async fn push_rewind_entry(&self, step: &RewindEntry) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.push_rewind(step);
            Ok(())
        })
        .await
    }

    /// Adds a step of the last run to the way back, whatever its index says.
    pub async fn push_rewind_entry_of_last_run(&self, step: &RewindEntry) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.push_rewind(&RewindEntry { feed_index: edit.head.runs - 1, ..step.clone() });
            Ok(())
        })
        .await
    }

    /// Puts these files in the place of those of the newest step; nothing, where there is no step or `None` is given.
    pub async fn push_file_snapshots(&self, files: Option<&[FileSnapshot]>) -> Result<()> {
        let Some(files) = files else { return Ok(()) };
        let needs = Needs { steps: Some(Steps::Newest), ..Needs::default() };
        self.change(needs, &mut |edit, mut rows| {
            edit.push_files(rows.steps.pop(), files.to_vec());
            Ok(())
        })
        .await
    }

    /// Whether there is a step to take back.
    pub async fn can_rewind(&self) -> Result<bool> {
        Ok(self.rewind_stack_len().await? > 0)
    }

    /// How many steps the way back has.
    pub async fn rewind_stack_len(&self) -> Result<usize> {
        let _call = self.database.begin()?;
        Ok(usize::try_from(self.head().await?.rewinds).unwrap_or_default())
    }

    /// The steps of the way back, the newest last.
    pub async fn rewind_entries(&self) -> Result<Vec<RewindEntry>> {
        let _call = self.database.begin()?;
        self.records(self.scope.rewinds(self.session_id())).await
    }

    /// Forgets the way back, and what can be made again.
    pub async fn clear_rewind_stack(&self) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.clear_rewinds();
            Ok(())
        })
        .await
    }

    /// Takes the newest step back: puts its files back, cuts the histories, and marks it among the runs.
    ///
    /// Without `files`, those that the database keeps for the session are put back, and all of it is one commit. With them, the files come first, in their
    /// order: all are tried, and what went wrong with the first that failed is in the result and does not stop the rest. Then the session is changed in one
    /// commit. Where the page ends in between the step is still there, and taking it back again puts back the same files.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is no step.
    pub async fn rewind(&self, files: Option<&dyn SessionFiles>) -> Result<RewindResult> {
        let done = self.take_back(Steps::Newest, files).await?;
        done.into_iter().next().ok_or_else(damaged)
    }

    /// Goes back to a run, given as its place among the runs: takes back every newer step than that of it, the newest first, as
    /// [`Self::rewind`] does, but all of them in one commit. With −1 all.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is no newer step.
    pub async fn rewind_to(&self, run: i64, files: Option<&dyn SessionFiles>) -> Result<Vec<RewindResult>> {
        self.take_back(Steps::After(run), files).await
    }

    async fn take_back(&self, wanted: Steps, files: Option<&dyn SessionFiles>) -> Result<Vec<RewindResult>> {
        let no_paths: &[String] = &[];
        let needs =
            Needs { steps: Some(wanted), cuts: true, files: files.is_none().then_some(no_paths), ..Needs::default() };
        let mut restored: Vec<(RewindEntry, Restored)> = Vec::new();
        loop {
            let at = GoTime::from(self.database.now());
            let done = self
                .change(needs, &mut |edit, mut rows| {
                    if rows.steps.is_empty() {
                        return Err(Error::new(ErrorKind::NotFound, "nothing to rewind"));
                    }
                    // With a caller's files, a step is taken back only by who has put them back.
                    if files.is_some() && !restored.iter().map(|(step, _)| step).eq(&rows.steps) {
                        return Ok(Err(rows.steps));
                    }
                    let mut results = Vec::new();
                    for (place, entry) in rows.steps.iter().enumerate() {
                        let restored = restored.get(place).map(|(_, restored)| restored.clone());
                        results.push(edit.rewind(Step { entry, restored }, &mut rows.known, at));
                    }
                    Ok(Ok(results))
                })
                .await?;
            match (done, files) {
                (Ok(results), _) => return Ok(results),
                (Err(steps), Some(files)) => {
                    restored.clear();
                    for step in steps {
                        let done = put_back(files, step.file_snapshots.as_deref().unwrap_or_default()).await;
                        restored.push((step, done));
                    }
                }
                (Err(_), None) => return Err(damaged()),
            }
        }
    }

    /// Whether there is something to make again.
    pub async fn can_redo(&self) -> Result<bool> {
        Ok(self.redo_stack_len().await? > 0)
    }

    /// How many steps can be made again.
    pub async fn redo_stack_len(&self) -> Result<usize> {
        let _call = self.database.begin()?;
        Ok(usize::try_from(self.head().await?.redos).unwrap_or_default())
    }

    /// Makes again what was taken back last: the files as they were, the turns, the step and the note; what marked it among the runs goes. Files as with
    /// [`Self::rewind`]. A new run, and what changes histories, the way back or the database's files, forgets what could be made again.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is nothing.
    pub async fn redo(&self, files: Option<&dyn SessionFiles>) -> Result<RewindResult> {
        let no_paths: &[String] = &[];
        let needs = Needs { redo: true, files: files.is_none().then_some(no_paths), ..Needs::default() };
        let mut restored: Option<(Redo, Restored)> = None;
        loop {
            let done = self
                .change(needs, &mut |edit, mut rows| {
                    let redo = rows.redo.ok_or_else(|| Error::new(ErrorKind::NotFound, "nothing to make again"))?;
                    match &restored {
                        Some((known, restored)) if *known == redo => {
                            edit.redo(&redo, Some(restored.clone()), &mut rows.known).map(Ok)
                        }
                        None if files.is_none() => edit.redo(&redo, None, &mut rows.known).map(Ok),
                        _ => Ok(Err(redo)),
                    }
                })
                .await?;
            match (done, files) {
                (Ok(result), _) => return Ok(result),
                (Err(redo), Some(files)) => {
                    let done = put_back(files, redo.files.as_deref().unwrap_or_default()).await;
                    restored = Some((redo, done));
                }
                (Err(_), None) => return Err(damaged()),
            }
        }
    }
}

/// Puts files back, one after the other.
async fn put_back(files: &dyn SessionFiles, snapshots: &[FileSnapshot]) -> Restored {
    let mut restored = Restored::new();
    for FileSnapshot { path, content, did_not_exist } in snapshots {
        restored.was(files.read(path).await.ok().map(|content| FileSnapshot::of(path, content)));
        let done = if *did_not_exist { files.remove(path).await } else { files.write(path, content).await };
        if let Err(error) = done {
            restored.failed(&error);
        }
    }
    restored
}
