//! The keys of the session store.

use super::damaged;
use crate::error::Result;
use crate::model::batch::ReadRange;
use crate::model::timestamp::Timestamp;
use crate::model::tuple::{Element, Key};

const SESSION: u64 = 30;
const ACTIVITY: u64 = 31;
const RUN: u64 = 32;
const CONTENT: u64 = 33;
const TURN: u64 = 34;
const REWIND: u64 = 35;
const CHECKPOINT: u64 = 37;
const PROMPT: u64 = 38;
const RECIPE: u64 = 39;

/// One user's sessions, and what they share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionScope {
    /// The user. Any text.
    pub user: String,
}

impl SessionScope {
    /// The key of a session.
    #[must_use]
    pub fn session(&self, id: &str) -> Key {
        self.within(SESSION, id)
    }

    /// The sessions whose id begins so.
    #[must_use]
    pub fn sessions(&self, prefix: &str) -> ReadRange {
        let (start, end) = self.space(SESSION).text_prefix_range(prefix);
        ReadRange::between(start, end)
    }

    /// The key that lists a session by its last activity, the latest first.
    #[must_use]
    pub fn activity(&self, at: Timestamp, id: &str) -> Key {
        // Before 1970 it does not matter which comes first.
        let age = u64::MAX - at.as_micros().max(0).cast_unsigned();
        self.space(ACTIVITY).number(age).text(id)
    }

    /// The sessions by their last activity.
    #[must_use]
    pub fn activities(&self) -> ReadRange {
        ReadRange::extensions(self.space(ACTIVITY))
    }

    /// The id of the session that a key of [`Self::activities`] or [`Self::sessions`] is of.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn listed(key: &Key) -> Result<String> {
        match key.elements()?.pop() {
            Some(Element::Text(id)) => Ok(id),
            _ => Err(damaged()),
        }
    }

    /// The key of a run in short.
    #[must_use]
    pub fn run(&self, id: &str, number: u64) -> Key {
        self.within(RUN, id).number(number)
    }

    /// The runs of a session in short, the oldest first.
    #[must_use]
    pub fn runs(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(RUN, id))
    }

    /// The key of what was said in a run.
    #[must_use]
    pub fn content(&self, id: &str, number: u64) -> Key {
        self.within(CONTENT, id).number(number)
    }

    /// What was said in the runs of a session, the oldest first.
    #[must_use]
    pub fn contents(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(CONTENT, id))
    }

    /// The key of a turn of a history.
    #[must_use]
    pub fn turn(&self, id: &str, adapter: &str, number: u64) -> Key {
        self.within(TURN, id).text(adapter).number(number)
    }

    /// The turns of a history from a number on.
    #[must_use]
    pub fn turns_from(&self, id: &str, adapter: &str, number: u64) -> ReadRange {
        let history = self.within(TURN, id).text(adapter);
        ReadRange::between(history.clone().number(number), history.end_of_extensions())
    }

    /// All turns of a session, history by history.
    #[must_use]
    pub fn turns(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(TURN, id))
    }

    /// The history that a key of [`Self::turns`] is of.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn adapter_of(key: &Key) -> Result<String> {
        match <[Element; 5]>::try_from(key.elements()?) {
            Ok([_, _, _, Element::Text(adapter), Element::Number(_)]) => Ok(adapter),
            _ => Err(damaged()),
        }
    }

    /// The key of a step of the way back.
    #[must_use]
    pub fn rewind(&self, id: &str, number: u64) -> Key {
        self.within(REWIND, id).number(number)
    }

    /// The way back of a session, its newest step last.
    #[must_use]
    pub fn rewinds(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(REWIND, id))
    }

    /// The key of a session's checkpoint.
    #[must_use]
    pub fn checkpoint(&self, id: &str) -> Key {
        self.within(CHECKPOINT, id)
    }

    /// All that belongs to a session beside its own entry and where that is listed.
    #[must_use]
    pub fn belongings(&self, id: &str) -> [ReadRange; 5] {
        [RUN, CONTENT, TURN, REWIND, CHECKPOINT].map(|space| ReadRange::extensions(self.within(space, id)))
    }

    /// The key of a prompt of the user, whichever session it was of.
    #[must_use]
    pub fn prompt(&self, number: u64) -> Key {
        self.space(PROMPT).number(u64::MAX - number)
    }

    /// The prompts of the user, the newest first.
    #[must_use]
    pub fn prompts(&self) -> ReadRange {
        ReadRange::extensions(self.space(PROMPT))
    }

    /// The number of the prompt of a key of [`Self::prompts`].
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn prompt_number(key: &Key) -> Result<u64> {
        super::last_number(key).map(|number| u64::MAX - number)
    }

    /// The key of a recipe, by its hash.
    #[must_use]
    pub fn recipe(&self, hash: &str) -> Key {
        self.within(RECIPE, hash)
    }

    /// The recipes of the user, by their hash.
    #[must_use]
    pub fn recipes(&self) -> ReadRange {
        ReadRange::extensions(self.space(RECIPE))
    }

    fn space(&self, space: u64) -> Key {
        Key::with_capacity(self.user.len() + super::SPARE).number(space).text(&self.user)
    }

    fn within(&self, space: u64, name: &str) -> Key {
        self.space(space).text(name)
    }
}
