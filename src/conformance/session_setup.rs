//! What the suites of the session store share.

use super::Place;
use super::data_store::texts;
use super::sessions::{answer, run, sessions_of};
use crate::error::{Error, ErrorKind, Result};
use crate::model::session::{FileSnapshot, FileWrite, RewindEntry};
use crate::store::session::SessionFiles;
use crate::store::{SessionStore, Sessions};
use async_trait::async_trait;
use futures_util::future::{Either, select};
use std::cell::RefCell;
use std::future::Future;
use std::task::Poll;

/// Files in memory, some of which cannot be written, or not be read.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) files: RefCell<Vec<(String, String)>>,
    pub(super) log: RefCell<Vec<String>>,
    pub(super) broken: Vec<String>,
    pub(super) unreadable: Vec<String>,
}

impl Disk {
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { files: RefCell::new(files), ..Self::default() }
    }

    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.files.borrow().iter().find(|(known, _)| known == path).map(|(_, text)| text.clone())
    }

    fn touch(&self, path: &str) -> Result<()> {
        self.log.borrow_mut().push(path.to_owned());
        self.files.borrow_mut().retain(|(known, _)| known != path || self.broken.contains(known));
        if self.broken.iter().any(|broken| broken == path) {
            return Err(Error::new(ErrorKind::Storage, format!("{path} is read-only")));
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl SessionFiles for Disk {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        if self.unreadable.iter().any(|unreadable| unreadable == path) {
            return Err(Error::new(ErrorKind::Storage, format!("{path} is a secret")));
        }
        Ok(self.text(path))
    }

    async fn write(&self, path: &str, content: &str) -> Result<()> {
        self.touch(path)?;
        self.files.borrow_mut().push((path.to_owned(), content.to_owned()));
        Ok(())
    }

    async fn remove(&self, path: &str) -> Result<()> {
        self.touch(path)
    }
}

pub(super) fn was(path: &str, content: Option<&str>) -> FileSnapshot {
    FileSnapshot::of(path, content.map(str::to_owned))
}

pub(super) fn write(path: &str, content: &str) -> FileWrite {
    FileWrite { path: path.to_owned(), content: content.to_owned(), delete: false }
}

pub(super) fn deletion(path: &str) -> FileWrite {
    FileWrite { path: path.to_owned(), content: String::new(), delete: true }
}

/// One run as an application does it: histories, run, step of the way back.
pub(super) async fn whole_run(session: &SessionStore, prompt: &str, text: &str, feed_index: i64) {
    let responses = [answer("m1", text), answer("m2", text)];
    let before = session.append_histories(&texts(&["m1", "m2"]), &responses, prompt).await.unwrap();
    run(session, prompt, &responses).await;
    let step = RewindEntry { history_lengths: before, feed_index, prompt: prompt.to_owned(), file_snapshots: None };
    session.push_rewind_entry(&step).await.unwrap();
}

/// A run that also writes a file that the database keeps; its place among the runs is that of the last one.
pub(super) async fn writing_run(session: &SessionStore, prompt: &str, path: &str) {
    let place = session.metadata().await.unwrap().runs.map_or(0, |runs| runs.len() as i64);
    whole_run(session, prompt, &format!("answer to {prompt}"), place).await;
    session.apply_writes(&[write(path, prompt)]).await.unwrap();
}

/// All files of a session in an export, as a database sees it that was opened just now.
pub(super) async fn state(place: &dyn Place, id: &str) -> Vec<(String, String)> {
    files_of(&sessions_of(place).await, id).await
}

/// The same, as these sessions see it.
pub(super) async fn files_of(sessions: &Sessions, id: &str) -> Vec<(String, String)> {
    let mut files = sessions.export_files(Some(vec![id.to_owned()])).await.unwrap();
    files.retain(|(path, _)| path.starts_with("data/sessions/"));
    files
}

/// The length of each history.
pub(super) async fn turns_of(session: &SessionStore) -> Vec<(String, usize)> {
    let histories = session.histories().await.unwrap().unwrap_or_default();
    histories.iter().map(|(name, turns)| (name.to_owned(), turns.as_ref().map_or(0, Vec::len))).collect()
}

/// Gives a call up after so many steps; what it came to, if it was done before.
pub(super) async fn given_up<F: Future>(steps: usize, call: F) -> Option<F::Output> {
    let mut left = steps;
    let end = std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    });
    match select(Box::pin(call), Box::pin(end)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
