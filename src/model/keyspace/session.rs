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
const REDO: u64 = 36;
const CHECKPOINT: u64 = 37;
const PROMPT: u64 = 38;
const RECIPE: u64 = 39;
const OWN_RECIPE: u64 = 40;
const USAGE: u64 = 41;
const FILE: u64 = 42;
const DAY: u64 = 43;

/// What belongs to one session, beside its entry.
const BELONGINGS: [u64; 9] = [RUN, CONTENT, TURN, REWIND, REDO, CHECKPOINT, OWN_RECIPE, USAGE, FILE];

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

    /// The key of a step that was taken back and can be made again.
    #[must_use]
    pub fn redo(&self, id: &str, number: u64) -> Key {
        self.within(REDO, id).number(number)
    }

    /// What of a session can be made again, what was taken back last at the end.
    #[must_use]
    pub fn redos(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(REDO, id))
    }

    /// The key of what a run used.
    #[must_use]
    pub fn usage(&self, id: &str, run: u64) -> Key {
        self.within(USAGE, id).number(run)
    }

    /// What the runs of a session used, the oldest first.
    #[must_use]
    pub fn usages(&self, id: &str) -> ReadRange {
        ReadRange::extensions(self.within(USAGE, id))
    }

    /// The key of what a session used on a day, such as `2026-11-22`.
    #[must_use]
    pub fn day(&self, day: &str, id: &str) -> Key {
        self.within(DAY, day).text(id)
    }

    /// What sessions used on the days from the first to the last one; without a last one on all later ones too.
    #[must_use]
    pub fn days(&self, first: &str, last: Option<&str>) -> ReadRange {
        let end = match last {
            Some(last) => self.within(DAY, last).end_of_extensions(),
            None => self.space(DAY).end_of_extensions(),
        };
        ReadRange::between(self.within(DAY, first), end)
    }

    /// The day of a key of [`Self::days`].
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where it is another key.
    pub fn day_of(key: &Key) -> Result<String> {
        match <[Element; 4]>::try_from(key.elements()?) {
            Ok([_, _, Element::Text(day), _]) => Ok(day),
            _ => Err(damaged()),
        }
    }

    /// The key of a file that is kept for a session.
    #[must_use]
    pub fn file(&self, id: &str, path: &str) -> Key {
        self.within(FILE, id).text(path)
    }

    /// The files that are kept for a session and whose path begins so.
    #[must_use]
    pub fn files(&self, id: &str, prefix: &str) -> ReadRange {
        let (start, end) = self.within(FILE, id).text_prefix_range(prefix);
        ReadRange::between(start, end)
    }

    /// The key of a recipe of a session: the one that it begins with, or the one that was set.
    #[must_use]
    pub fn own_recipe(&self, id: &str, is_base: bool) -> Key {
        self.within(OWN_RECIPE, id).number(is_base.into())
    }

    /// The key of a session's checkpoint.
    #[must_use]
    pub fn checkpoint(&self, id: &str) -> Key {
        self.within(CHECKPOINT, id)
    }

    /// All that belongs to a session beside its own entry and where that is listed.
    #[must_use]
    pub fn belongings(&self, id: &str) -> [ReadRange; BELONGINGS.len()] {
        BELONGINGS.map(|space| ReadRange::extensions(self.within(space, id)))
    }

    /// The key that something of a session would have if the session had another id.
    ///
    /// # Errors
    ///
    /// [`crate::ErrorKind::Corrupt`] where the key is of no session.
    pub fn of_another(&self, key: &Key, id: &str) -> Result<Key> {
        let mut elements = key.elements()?.into_iter();
        let (Some(Element::Number(space)), Some(Element::Text(_)), Some(Element::Text(_))) =
            (elements.next(), elements.next(), elements.next())
        else {
            return Err(damaged());
        };
        let mut moved = self.within(space, id);
        for element in elements {
            moved = match element {
                Element::Text(text) => moved.text(&text),
                Element::Number(number) => moved.number(number),
            };
        }
        Ok(moved)
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
