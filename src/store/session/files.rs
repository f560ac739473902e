//! The files that the database keeps for a session.

use super::needs::{Needs, Steps};
use super::{SessionFiles, SessionStore};
use crate::error::Result;
use crate::model::batch::Entry;
use crate::model::keyspace::SessionScope;
use crate::model::session::head::decode;
use crate::model::session::{FileSnapshot, FileWrite, resolved, snapshot_before};

/// The folder that paths are relative to.
const TOP: &str = "/";

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// What is in a file; `None` where there is none. Paths are relative to `/`; one above it is an
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument).
    pub async fn read_file(&self, path: &str) -> Result<Option<String>> {
        let _call = self.database.begin()?;
        self.file_at(&resolved(TOP, path)?).await
    }

    async fn file_at(&self, path: &str) -> Result<Option<String>> {
        let found = self.look_up(&self.scope.file(self.session_id(), path)).await?;
        found.map(|entry| decode(&entry.value)).transpose()
    }

    /// Writes a file.
    pub async fn write_file(&self, path: &str, content: &str) -> Result<()> {
        let (path, content) = (resolved(TOP, path)?, content.to_owned());
        self.change(Needs::default(), &mut |edit, _| {
            edit.put_file(&path, Some(&content));
            Ok(())
        })
        .await
    }

    /// Removes a file. Returns whether there was one.
    pub async fn remove_file(&self, path: &str) -> Result<bool> {
        let paths = [resolved(TOP, path)?];
        self.change(Needs { files: Some(&paths), ..Needs::default() }, &mut |edit, rows| {
            let [path] = &paths;
            let was_there = rows.known.files.get(path).is_some_and(Option::is_some);
            if was_there {
                edit.put_file(path, None);
            }
            Ok(was_there)
        })
        .await
    }

    /// The paths of all files that begin so, in their order.
    pub async fn list_files(&self, prefix: &str) -> Result<Vec<String>> {
        let _call = self.database.begin()?;
        let mut paths = Vec::new();
        let mut take = |entry: Entry| {
            paths.push(SessionScope::listed(&entry.key)?);
            Ok(true)
        };
        self.database.scan(self.scope.files(self.session_id(), prefix).keys_only(), &mut take).await?;
        Ok(paths)
    }

    /// The files that writes would change, as they are: one that is not there is left out where it is to be deleted. Paths are relative to `folder` and may
    /// not leave it. Without `files`, they are those that the database keeps for the session.
    pub async fn snapshot_files(
        &self,
        writes: &[FileWrite],
        folder: &str,
        files: Option<&dyn SessionFiles>,
    ) -> Result<Vec<FileSnapshot>> {
        let writes = resolved_all(folder, writes)?;
        let mut snapshots = Vec::new();
        for (path, write) in &writes {
            let content = match files {
                Some(files) => files.read(path).await?,
                None => self.read_file(path).await?,
            };
            snapshots.extend(snapshot_before(write, path, content));
        }
        Ok(snapshots)
    }

    /// Makes writes in the files that the database keeps for the session, and gives the newest step of the way back the files as they were, which it
    /// returns. One commit.
    pub async fn apply_writes(&self, writes: &[FileWrite]) -> Result<Vec<FileSnapshot>> {
        let writes = resolved_all(TOP, writes)?;
        let paths: Vec<String> = writes.iter().map(|(path, _)| path.clone()).collect();
        let needs = Needs { steps: Some(Steps::Newest), files: Some(&paths), ..Needs::default() };
        self.change(needs, &mut |edit, mut rows| Ok(edit.apply_writes(&writes, &rows.known.files, rows.steps.pop())))
            .await
    }
}

fn resolved_all(folder: &str, writes: &[FileWrite]) -> Result<Vec<(String, FileWrite)>> {
    writes.iter().map(|write| Ok((resolved(folder, &write.path)?, write.clone()))).collect()
}
