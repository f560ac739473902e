//! All sessions of a user.

use super::SessionStore;
use super::ledger::check_days;
use super::recipes::Recipes;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Batch, Bytes, Check, Entry, Lookup, ReadRange};
use crate::model::go_json::GoTime;
use crate::model::keyspace::SessionScope;
use crate::model::session::head::{decode, decode_if_readable, encode};
use crate::model::session::{Head, Prices, SessionInfo, SessionMetadata};
use crate::model::tuple::Key;
use crate::store::database::{Attempts, Database};
use crate::store::key_locks::Mode;
use std::rc::Rc;

/// How many ids are named where several begin alike.
const SHOWN: usize = 10;
/// What ids begin with.
const PREFIX: &str = "ses_";

/// The id of a session, of one that was drawn.
#[must_use]
pub fn session_id(drawn: &str) -> String {
    [PREFIX, drawn].concat()
}

/// The sessions of one user.
///
/// Its methods fail as those of [`SessionStore`] do.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub(super) database: Database,
    pub(super) scope: SessionScope,
    pub(super) prices: Rc<Prices>,
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl Sessions {
    pub(in crate::store) fn new(database: Database, user: &str) -> Self {
        Self { database, scope: SessionScope { user: user.to_owned() }, prices: Rc::default() }
    }

    /// The same sessions, whose answers that say no cost get it from these prices.
    #[must_use]
    pub fn with_prices(mut self, prices: Prices) -> Self {
        self.prices = Rc::new(prices);
        self
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.scope.user
    }

    /// The recipes of the user.
    #[must_use]
    pub fn recipes(&self) -> Recipes {
        Recipes { database: self.database.clone(), scope: self.scope.clone() }
    }

    /// An id for a session.
    #[must_use]
    pub fn draw_id(&self) -> String {
        session_id(&self.database.draw_id_at(self.database.now()))
    }

    /// A session with an id of its own. Nothing is stored until it is changed.
    #[must_use]
    pub fn create(&self) -> SessionStore {
        self.open(&self.draw_id())
    }

    /// The session of an id; where there is none, it begins with its first change.
    #[must_use]
    pub fn open(&self, id: &str) -> SessionStore {
        self.open_as(id.to_owned(), SessionMetadata::default())
    }

    /// As [`Self::open`], with what the session begins with, where there is none.
    #[must_use]
    pub fn open_with(&self, metadata: SessionMetadata) -> SessionStore {
        SessionStore::new(self.database.clone(), self.scope.clone(), metadata, self.prices.clone())
    }

    /// The session of an id, with what it begins with where there is none: times that are not set are those of now.
    #[must_use]
    pub fn open_as(&self, id: String, mut metadata: SessionMetadata) -> SessionStore {
        let now = GoTime::from(self.database.now());
        metadata.id = id;
        for time in [&mut metadata.created_at, &mut metadata.last_active_at] {
            if *time == GoTime::default() {
                *time = now;
            }
        }
        self.open_with(metadata)
    }

    /// All sessions that can be read, those of the latest activity first.
    pub async fn list(&self) -> Result<Vec<SessionInfo>> {
        let _call = self.database.begin()?;
        let mut found: Vec<SessionInfo> = Vec::new();
        // By id, for that does not change meanwhile.
        let mut take = |entry: Entry| {
            found.extend(decode_if_readable(&entry.value).map(Head::into_info));
            Ok(true)
        };
        self.database.scan(self.scope.sessions(""), &mut take).await?;
        found.sort_by_key(|head| std::cmp::Reverse(head.last_active_at.at()));
        Ok(found)
    }

    /// The id of the session of the latest activity that can be read. [`NotFound`](ErrorKind::NotFound) where there is none.
    pub async fn latest_id(&self) -> Result<String> {
        let _call = self.database.begin()?;
        let mut range = self.scope.activities().keys_only().limit(1);
        loop {
            let found = self.database.read(&[range.clone()]).await?;
            let latest = found.iter().flatten().next().ok_or_else(|| not_found("no sessions found".to_owned()))?;
            let id = SessionScope::listed(&latest.key)?;
            let head = self.database.get(&[Lookup::of(&self.scope.session(&id))]).await?.pop().flatten();
            if head.is_some_and(|head| decode_if_readable::<Head>(&head.value).is_some()) {
                return Ok(id);
            }
            range.start = latest.key.clone().successor();
        }
    }

    /// The id that is this one, or the only one that begins so. [`NotFound`](ErrorKind::NotFound) where there is none,
    /// [`InvalidArgument`](ErrorKind::InvalidArgument), naming them, where there are several.
    pub async fn resolve(&self, prefix: &str) -> Result<String> {
        let _call = self.database.begin()?;
        let mut ids = Vec::new();
        let mut take = |entry: Entry| {
            ids.push(SessionScope::listed(&entry.key)?);
            Ok(true)
        };
        self.database.scan(self.scope.sessions(prefix).keys_only(), &mut take).await?;
        match ids.as_slice() {
            [id] => Ok(id.clone()),
            // The least of all that begin so is the one that is no longer than that.
            [first, ..] if first == prefix => Ok(first.clone()),
            [] if self.list_is_empty().await? => Err(not_found("no sessions found".to_owned())),
            [] => Err(not_found(format!("no session matching {prefix:?}"))),
            several => {
                let shown: Vec<&str> = several.iter().take(SHOWN).map(String::as_str).collect();
                let more =
                    if several.len() > SHOWN { format!(" and {} more", several.len() - SHOWN) } else { String::new() };
                let message = format!("ambiguous prefix {prefix:?}: {}{more}", shown.join(", "));
                Err(Error::new(ErrorKind::InvalidArgument, message))
            }
        }
    }

    async fn list_is_empty(&self) -> Result<bool> {
        let found = self.database.read(&[self.scope.activities().keys_only().limit(1)]).await?;
        Ok(found.iter().all(Vec::is_empty))
    }

    /// Where a session is listed by its activity, by what is stored under its key. One that is damaged does not say it, so that all are looked at.
    pub(super) async fn listings(&self, id: &str, seen: Option<&Entry>) -> Result<Vec<Key>> {
        let Some(seen) = seen else { return Ok(Vec::new()) };
        if let Ok(head) = decode::<Head>(&seen.value) {
            return Ok(vec![self.scope.activity(head.last_active_at.at(), id)]);
        }
        let mut listed: Vec<Key> = Vec::new();
        let mut take = |entry: Entry| {
            if SessionScope::listed(&entry.key)? == id {
                listed.push(entry.key);
            }
            Ok(true)
        };
        self.database.scan(self.scope.activities().keys_only(), &mut take).await?;
        Ok(listed)
    }

    /// Gives a session another id, which it returns, with all that is stored of it as it is, readable or not: so that one that is damaged is set aside, and its
    /// own id is free. It is not listed where its entry cannot be read. [`NotFound`](ErrorKind::NotFound) where there is none.
    pub async fn set_aside(&self, id: &str) -> Result<String> {
        let _call = self.database.begin()?;
        let key = self.scope.session(id);
        let _turn = self.database.take_turns(vec![(key.clone(), Mode::Alone)]).await;
        let another = self.draw_id();
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            // Another tab may have begun it.
            self.database.catch_up().await?;
            let seen = self.database.get(&[Lookup::of(&key)]).await?.pop().flatten();
            let head = seen.as_ref().ok_or_else(|| not_found(format!("no session matching {id:?}")))?;
            let mut batch = Batch::default();
            batch.check(Check::unchanged(key.clone(), seen.as_ref()));
            batch.put(self.scope.session(&another), head.value.clone());
            if let Ok(head) = decode::<Head>(&head.value) {
                let head = Head { id: another.clone(), ..head };
                batch.put(self.scope.session(&another), encode(&head));
                batch.put(self.scope.activity(head.last_active_at.at(), &another), Bytes::default());
            }
            for range in self.scope.belongings(id) {
                let mut take = |entry: Entry| {
                    batch.put(self.scope.of_another(&entry.key, &another)?, entry.value);
                    Ok(true)
                };
                self.database.scan(range.clone(), &mut take).await?;
                batch.delete_range(range);
            }
            batch.delete(key.clone());
            self.listings(id, seen.as_ref()).await?.into_iter().for_each(|key| batch.delete(key));
            if self.database.try_commit(batch).await? {
                return Ok(another);
            }
        }
    }

    /// Deletes a session with all that belongs to it. The user's prompts, recipes and days stay. Returns whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        let _call = self.database.begin()?;
        let (key, checkpoint) = (self.scope.session(id), self.scope.checkpoint(id));
        let _turn = self.database.take_turns(vec![(key.clone(), Mode::Alone)]).await;
        let mut attempts = Attempts::default();
        let mut is_fresh = false;
        loop {
            attempts.begin()?;
            let found = self.database.get(&[Lookup::of(&key), Lookup::existence(&checkpoint)]).await?;
            let seen = found.first().and_then(Option::as_ref);
            if found.iter().all(Option::is_none) {
                if is_fresh {
                    return Ok(false);
                }
                // Another tab may have begun it.
                self.database.catch_up().await?;
                is_fresh = true;
                continue;
            }
            let mut batch = Batch::default();
            batch.check(Check::unchanged(key.clone(), seen));
            batch.delete(key.clone());
            self.listings(id, seen).await?.into_iter().for_each(|key| batch.delete(key));
            self.scope.belongings(id).into_iter().for_each(|range| batch.delete_range(range));
            if self.database.try_commit(batch).await? {
                return Ok(seen.is_some());
            }
        }
    }

    /// Forgets the prompts of the user, of all sessions.
    pub async fn clear_prompt_history(&self) -> Result<()> {
        let range = self.scope.prompts();
        self.forget(range.start.clone(), range).await
    }

    /// Forgets what sessions used on the days from the first to the last one; without a last one up to now.
    pub async fn clear_usage_by_day(&self, first: &str, last: Option<&str>) -> Result<()> {
        check_days(first, last)?;
        let range = self.scope.days(first, last);
        self.forget(range.start.clone(), range).await
    }

    async fn forget(&self, turn: Key, range: ReadRange) -> Result<()> {
        let _call = self.database.begin()?;
        let mut batch = Batch::default();
        batch.delete_range(range);
        self.database.commit(vec![(turn, Mode::Alone)], batch).await.map(drop)
    }

    /// Says what the user calls a session. [`NotFound`](ErrorKind::NotFound) where there is none.
    pub async fn rename(&self, id: &str, title: &str) -> Result<()> {
        self.open(id).rename(title).await
    }
}

fn not_found(message: String) -> Error {
    Error::new(ErrorKind::NotFound, message)
}

impl SessionStore {
    async fn rename(&self, title: &str) -> Result<()> {
        self.change(super::needs::Needs::default(), &mut |edit, _| {
            if edit.is_new() {
                return Err(not_found(format!("no session matching {:?}", self.session_id())));
            }
            title.clone_into(&mut edit.head.title);
            Ok(())
        })
        .await
    }
}
