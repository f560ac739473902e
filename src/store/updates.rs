//! Values that are made of the ones before by functions of the caller: those that wait for the same key go into one commit.

use super::data_store::{DataStore, value_of};
use super::database::Attempts;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Entry, Lookup, Version};
use crate::model::data_record::Metadata;
use crate::model::data_rules::{self, Author, Expiry, Item};
use crate::model::json::Json;
use crate::model::tuple::Key;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::{Rc, Weak};

/// Those that wait, by the keys of their records. One that was given up is gone.
#[derive(Debug, Default)]
pub(super) struct Updates(RefCell<HashMap<Key, Vec<Weak<Waiting>>>>);

/// One that waits.
struct Waiting {
    change: Box<dyn Fn(Option<Json>) -> Result<Json>>,
    author: Author,
    outcome: RefCell<Option<Result<(Json, Version)>>>,
}

impl Updates {
    fn add(&self, key: &Key, waiting: &Rc<Waiting>) {
        self.0.borrow_mut().entry(key.clone()).or_default().push(Rc::downgrade(waiting));
    }

    fn take(&self, key: &Key) -> Group {
        Group(self.0.borrow_mut().remove(key).unwrap_or_default().iter().filter_map(Weak::upgrade).collect())
    }
}

/// Those whose updates one of them makes.
struct Group(Vec<Rc<Waiting>>);

impl Drop for Group {
    /// Where that one gives up in the middle, the others cannot know what became of theirs.
    fn drop(&mut self) {
        for waiting in &self.0 {
            let given_up =
                || Err(Error::new(ErrorKind::Storage, "who made the update has given up").of_unknown_outcome());
            waiting.outcome.borrow_mut().get_or_insert_with(given_up);
        }
    }
}

impl DataStore {
    /// Makes a new value of the one that is there (`None` where there is none), and gives it with its version. `change` is
    /// called once more where another tab was faster, so it should do nothing but that; what it refuses stays as it is. Updates of one key take effect one after the
    /// other, in the order of the calls.
    ///
    /// # Errors
    ///
    /// Those of `change`, with nothing changed; [`ErrorKind::Conflict`] where other tabs were faster many times in a row; and those of the backend.
    ///
    /// ```
    /// use agent_datastore::{backend::memory::Memory, store::Database, Json};
    ///
    /// # pollster::block_on(async {
    /// let notes = Database::new(Memory::new(), Default::default()).data_store(Default::default());
    /// let longer = |old: Option<Json>| {
    ///     let mut words: Vec<String> = old.map_or(Ok(Vec::new()), |old| old.read())?;
    ///     words.push("word".to_owned());
    ///     Json::parse(&format!("{words:?}"))
    /// };
    /// notes.update("words", longer).await?;
    /// let (words, version) = notes.update("words", longer).await?;
    /// assert_eq!(words.as_str(), r#"["word","word"]"#);
    /// assert_eq!(notes.get_with_version("words").await?, Some((words, version)));
    /// # Ok::<(), agent_datastore::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn update(
        &self,
        key: &str,
        change: impl Fn(Option<Json>) -> Result<Json> + 'static,
    ) -> Result<(Json, Version)> {
        let _call = self.database.begin()?;
        let record = self.scope().record(key);
        let author = Author { agent: self.agent().map(str::to_owned), now: self.database.now() };
        let waiting = Rc::new(Waiting { change: Box::new(change), author, outcome: RefCell::default() });
        self.database.updates().add(&record, &waiting);
        let _turn = self.database.take_turns(self.turns(std::slice::from_ref(&record))).await;
        if waiting.outcome.borrow().is_none() {
            let group = self.database.updates().take(&record);
            let made = self.make(key, &record, &group.0).await;
            for (place, each) in group.0.iter().enumerate() {
                let outcome = match &made {
                    Ok(outcomes) => outcomes.get(place).cloned(),
                    Err(error) => Some(Err(error.clone())),
                };
                each.outcome.replace(outcome);
            }
        }
        let outcome = waiting.outcome.take();
        outcome.unwrap_or_else(|| Err(Error::new(ErrorKind::Storage, "nobody has made the update")))
    }

    /// Makes a group of updates in one commit.
    async fn make(&self, key: &str, record: &Key, group: &[Rc<Waiting>]) -> Result<Vec<Result<(Json, Version)>>> {
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let found = self.database.get(&[Lookup::of(record)]).await?;
            let mut value = found.first().cloned().flatten().map(value_of).transpose()?;
            let mut made: Vec<Result<Json>> = Vec::with_capacity(group.len());
            for waiting in group {
                let new = (waiting.change)(value.clone());
                if let Ok(new) = &new {
                    value = Some(new.clone());
                }
                made.push(new);
            }
            if made.iter().any(Result::is_err) && !is_fresh {
                // What is refused here may be allowed by what another tab has written.
                self.database.catch_up().await?;
                is_fresh = true;
                continue;
            }
            let last = group.iter().zip(&made).rev().find(|(_, new)| new.is_ok());
            let (Some((Waiting { author, .. }, _)), Some(value)) = (last.map(|(each, new)| (&**each, new)), value)
            else {
                return Ok(made.into_iter().map(|new| new.and_then(|_| Err(nothing()))).collect());
            };
            match self.replace(key, record, value, author, &found).await {
                Ok(version) => return Ok(made.into_iter().map(|new| new.map(|new| (new, version))).collect()),
                Err(error) if error.kind() == ErrorKind::Conflict => is_fresh = false,
                Err(error) => return Err(error),
            }
        }
    }

    async fn replace(
        &self,
        key: &str,
        record: &Key,
        value: Json,
        author: &Author,
        seen: &[Option<Entry>],
    ) -> Result<Version> {
        let items = [Item { key: key.to_owned(), value }];
        let keys = std::slice::from_ref(record);
        let none = Metadata::empty();
        let batch = data_rules::plan_set(self.scope(), keys, &items, &none, Expiry::Keep, author, seen)?;
        Ok(self.database.commit(Vec::new(), batch).await?.1.version)
    }
}

/// That nothing was made can only be where everything was refused.
fn nothing() -> Error {
    Error::new(ErrorKind::Storage, "there is nothing to write")
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("author", &self.author).finish_non_exhaustive()
    }
}
