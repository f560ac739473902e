//! The files that the database keeps for a session.

use super::Edit;
use crate::model::map::Map;
use crate::model::session::head::encode;
use crate::model::session::{FileSnapshot, FileWrite, Restored, RewindEntry, resolved, snapshot_before};

impl Edit<'_> {
    /// Writes a file, or removes it.
    pub fn put_file(&mut self, path: &str, content: Option<&String>) {
        self.forget_redos();
        self.place_file(path, content);
    }

    fn place_file(&mut self, path: &str, content: Option<&String>) {
        let key = self.scope.file(&self.head.id, path);
        match content {
            Some(content) => self.batch.put(key, encode(content)),
            None => self.batch.delete(key),
        }
    }

    /// Makes writes, whose paths are resolved, and gives the newest step of the way back the files as they were; one that it has already stays as it was
    /// first. Returns these files. `known` is what is in them.
    pub fn apply_writes(
        &mut self,
        writes: &[(String, FileWrite)],
        known: &Map<Option<String>>,
        newest: Option<RewindEntry>,
    ) -> Vec<FileSnapshot> {
        let mut snapshots: Vec<FileSnapshot> = Vec::new();
        for (path, write) in writes {
            let content = known.get(path).cloned().flatten();
            snapshots.extend(snapshot_before(write, path, content));
            self.put_file(path, (!write.delete).then_some(&write.content));
        }
        if let Some(newest) = newest {
            let mut files = newest.file_snapshots.clone().unwrap_or_default();
            // A caller's paths may be written in another way.
            let mut kept: Map<()> =
                files.iter().filter_map(|file| Some((resolved("/", &file.path).ok()?, ()))).collect();
            for snapshot in &snapshots {
                if kept.insert(snapshot.path.clone(), ()).is_none() {
                    files.push(snapshot.clone());
                }
            }
            self.push_files(Some(newest), files);
        }
        snapshots
    }

    /// Puts files back, of which `known` is what is in them now.
    pub(super) fn put_back(&mut self, files: &[FileSnapshot], known: &mut Map<Option<String>>) -> Restored {
        let mut restored = Restored::new();
        for FileSnapshot { path, content, did_not_exist } in files {
            match resolved("/", path) {
                Ok(path) => {
                    restored.was(Some(FileSnapshot::of(&path, known.get(&path).cloned().flatten())));
                    let content = (!did_not_exist).then_some(content);
                    self.place_file(&path, content);
                    known.insert(path, content.cloned());
                }
                Err(error) => restored.failed(&error),
            }
        }
        restored
    }
}
