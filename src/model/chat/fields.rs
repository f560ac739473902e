//! The members of a record that comes from outside, taken one by one and held against what they have to be.

use super::content::Content;
use super::files::EXTRAS;
use super::message::State;
use super::moment::Moment;
use super::usage::Usage;
use crate::error::{Error, ErrorKind, Result};
use crate::model::data_record::Metadata;
use crate::model::json::{self, Json, Members, ObjectWriter, Parts};
use crate::model::limits::MAX_DEPTH;

const COUNTS: [&str; 5] = ["inputTokens", "outputTokens", "cachedInputTokens", "reasoningTokens", "costNanos"];

/// What is left of a record's members. The first that is wrong is remembered until [`Self::check`]: a way out of every step
/// would be twice the code.
#[derive(Default)]
pub(super) struct Fields<'a> {
    members: Members<'a>,
    wrong: Option<Error>,
    /// Whether it is of a line, and not of a file.
    pub(super) is_line: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(text: &'a str, is_line: bool) -> Self {
        let members = Parts::of(text).object();
        let wrong = members.is_none().then(|| invalid("not an object"));
        Self { members: members.unwrap_or_default(), wrong, is_line }
    }

    /// Makes sure that nothing was wrong.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidDocument`], naming the member.
    pub(super) fn check(self) -> Result<()> {
        self.wrong.map_or(Ok(()), Err)
    }

    /// Remembers that a member is wrong.
    pub(super) fn refuse(&mut self, name: &str, wanted: &str) {
        self.wrong.get_or_insert_with(|| invalid(format!("`{name}` has to be {wanted}")));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// The text of a member.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a str> {
        self.members.take(name)
    }

    /// A text; `None` where there is no such member.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match Parts::of(self.take(name)?) {
            Parts::Text(text) => return Some(text),
            _ => self.refuse(name, "a text"),
        }
        None
    }

    /// A text; `None` also where it is null.
    pub(super) fn text_or_null(&mut self, name: &str) -> Option<String> {
        match Parts::of(self.take(name)?) {
            Parts::Text(text) => return Some(text),
            Parts::Scalar("null") => {}
            _ => self.refuse(name, "a text or null"),
        }
        None
    }

    /// A text that has to be there.
    pub(super) fn needed_text(&mut self, name: &str) -> String {
        if !self.has(name) {
            self.refuse(name, "a text, and is missing");
        }
        self.text(name).unwrap_or_default()
    }

    /// An object; an empty one where there is no such member.
    pub(super) fn object(&mut self, name: &str) -> Metadata {
        self.take(name).map_or_else(Metadata::empty, |text| self.object_in(name, text))
    }

    fn object_in(&mut self, name: &str, text: &str) -> Metadata {
        Metadata::new(self.value(name, text)).unwrap_or_else(|_| {
            self.refuse(name, "an object");
            Metadata::empty()
        })
    }

    /// The items of a list; none where there is no such member.
    pub(super) fn list(&mut self, name: &str) -> Vec<&'a str> {
        let Some(text) = self.take(name) else { return Vec::new() };
        Parts::of(text).list().unwrap_or_else(|| {
            self.refuse(name, "a list");
            Vec::new()
        })
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            Some("true") => return true,
            None | Some("false") => {}
            Some(_) => self.refuse(name, "true or false"),
        }
        false
    }

    /// A whole number from 0; 0 where there is no such member.
    pub(super) fn count(&mut self, name: &str) -> u64 {
        self.take(name).unwrap_or("0").parse().unwrap_or_else(|_| {
            self.refuse(name, "a whole number from 0, below 2^64");
            0
        })
    }

    /// When the record was created; `None` where it does not say it.
    pub(super) fn created_at(&mut self) -> Option<Moment> {
        self.time(if self.is_line { "createdAt" } else { "created_at" })
    }

    /// A time: a text, or seconds since 1970.
    pub(super) fn time(&mut self, name: &str) -> Option<Moment> {
        let time = match Parts::of(self.take(name)?) {
            Parts::Text(text) if self.is_line => Moment::of_line(&text),
            Parts::Text(text) => Moment::of_file(&text),
            Parts::Scalar(number) if number.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
                Moment::of_seconds(number)
            }
            _ => None,
        };
        if time.is_none() {
            self.refuse(name, "an ISO 8601 time, or seconds, of the years 0 to 9999");
        }
        time
    }

    /// What a message says; `None` where there is no such member.
    pub(super) fn content(&mut self) -> Option<Content> {
        let text = self.take("content")?;
        match Content::new(self.value("content", text)) {
            Ok(content) => return Some(content),
            Err(error) => drop(self.wrong.get_or_insert_with(|| error.of_kind(ErrorKind::InvalidDocument))),
        }
        None
    }

    /// Whether a message is whole: `state`, and `error`.
    pub(super) fn state(&mut self) -> State {
        let (state, error) = (self.text("state"), self.text_or_null("error"));
        match (state.as_deref().unwrap_or("complete"), error) {
            ("failed", why) => return State::Failed(why.unwrap_or_default()),
            (_, Some(_)) => self.refuse("error", "that of a message that has failed"),
            ("aborted", None) => return State::Aborted,
            ("interrupted", None) => return State::Interrupted,
            ("complete", None) => {}
            _ => self.refuse("state", "complete, interrupted, failed or aborted"),
        }
        State::Complete
    }

    /// What a message used: `usage`.
    pub(super) fn usage(&mut self) -> Option<Usage> {
        let mut counts = Self::of(self.take("usage").filter(|text| *text != "null")?, self.is_line);
        let [input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_nanos] =
            COUNTS.map(|name| counts.count(name));
        self.wrong = self.wrong.take().or(counts.wrong);
        Some(Usage { input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_nanos })
    }

    /// The metadata, and what else there is: of a line its other members, of a file what stands in [`EXTRAS`]. What is wrong so
    /// far goes with it.
    pub(super) fn metadata(mut self) -> (Metadata, Self) {
        if self.is_line {
            return (self.object("metadata"), self);
        }
        let text = self.take("metadata").unwrap_or("{}");
        let mut members = Parts::of(text).object();
        let mut extras = Fields::default();
        let kept = members.iter().flat_map(Members::iter).find(|(name, _)| *name == EXTRAS).map(|(_, text)| text);
        if let (Some(members), Some(kept)) = (&mut members, kept) {
            extras = Fields::of(kept, false);
            match extras.take("own") {
                Some(own) => members.merge(Members::one(EXTRAS, own)),
                None => drop(members.take(EXTRAS)),
            }
        }
        let metadata = match members {
            Some(members) => self.object_in("metadata", members.to_json().as_str()),
            None => self.object_in("metadata", text),
        };
        extras.wrong = self.wrong.or(extras.wrong);
        (metadata, extras)
    }

    /// Makes sure that nothing was wrong and, of what stood in [`EXTRAS`], that nothing is left.
    ///
    /// # Errors
    ///
    /// As [`Self::check`].
    pub(super) fn end(mut self) -> Result<()> {
        let left = self.members.iter().next().map(|(name, _)| name.to_owned());
        if let Some(name) = left.filter(|_| !self.is_line) {
            self.refuse(&name, "known, where it stands");
        }
        self.check()
    }

    fn value(&mut self, name: &str, text: &str) -> Json {
        if json::depth(text) > MAX_DEPTH {
            self.refuse(name, "nested less deep");
        }
        Json::trusted(text.to_owned())
    }
}

/// What a message used, as [`Fields::usage`] reads it.
pub(super) fn usage_json(usage: Usage) -> Json {
    let counts =
        [usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.reasoning_tokens, usage.cost_nanos];
    let mut object = ObjectWriter::default();
    for (name, count) in COUNTS.into_iter().zip(counts) {
        object.raw(name, &count.to_string());
    }
    object.finish()
}

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}
