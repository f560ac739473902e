//! Taking runs back.

use super::{Needs, SessionStore};
use crate::error::{Error, ErrorKind, Result};
use crate::model::codec::damaged;
use crate::model::go_json::GoTime;
use crate::model::session::{FileSnapshot, RewindEntry, RewindResult};
use async_trait::async_trait;

/// What a rewind puts files back into.
#[async_trait(?Send)]
pub trait SessionFiles {
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
        self.change(Needs::Nothing, &mut |edit, _| {
            edit.push_rewind(step);
            Ok(())
        })
        .await
    }

    /// Puts these files in the place of those of the newest step; nothing, where there is no step or `None` is given.
    pub async fn push_file_snapshots(&self, files: Option<&[FileSnapshot]>) -> Result<()> {
        let Some(files) = files else { return Ok(()) };
        self.change(Needs::Step, &mut |edit, rows| {
            edit.push_files(rows.step, files.to_vec());
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

    /// Forgets the way back.
    pub async fn clear_rewind_stack(&self) -> Result<()> {
        self.change(Needs::Nothing, &mut |edit, _| {
            edit.clear_rewinds();
            Ok(())
        })
        .await
    }

    /// Takes the newest step back: puts its files back, cuts the histories, and marks it among the runs.
    ///
    /// The files come first, in their order: all are tried, and what went wrong with the first that failed is in the result and does not stop the rest.
    /// Then the session is changed in one commit. Where the page ends in between the step is still there, and taking it back again puts back the same files.
    ///
    /// [`NotFound`](ErrorKind::NotFound) where there is no step.
    pub async fn rewind(&self, files: &dyn SessionFiles) -> Result<RewindResult> {
        let mut restored: Option<(RewindEntry, String)> = None;
        loop {
            let at = GoTime::from(self.database.now());
            // A step is taken back only by who has put its files back.
            let done = self
                .change(Needs::Step, &mut |edit, rows| {
                    let step = rows.step.ok_or_else(|| nothing_to_rewind(edit.head.rewinds))?;
                    match &restored {
                        Some((known, file_msg)) if *known == step => {
                            Ok(Ok(edit.rewind(&step, rows.noted, at, file_msg.clone())))
                        }
                        _ => Ok(Err(step)),
                    }
                })
                .await?;
            match done {
                Ok(result) => return Ok(result),
                Err(step) => {
                    let file_msg = put_back(files, step.file_snapshots.as_deref().unwrap_or_default()).await;
                    restored = Some((step, file_msg));
                }
            }
        }
    }
}

/// The error of a step that is not there, where there should be so many.
fn nothing_to_rewind(steps: i64) -> Error {
    if steps > 0 { damaged() } else { Error::new(ErrorKind::NotFound, "nothing to rewind") }
}

/// Puts files back. Returns what went wrong with the first that failed.
async fn put_back(files: &dyn SessionFiles, snapshots: &[FileSnapshot]) -> String {
    let mut wrong = String::new();
    for FileSnapshot { path, content, did_not_exist } in snapshots {
        let done = if *did_not_exist { files.remove(path).await } else { files.write(path, content).await };
        if let (Err(error), true) = (done, wrong.is_empty()) {
            wrong = format!(" (file restore warning: {})", error.message());
        }
    }
    wrong
}
