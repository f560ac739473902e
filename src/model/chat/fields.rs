//! The members of a record that comes from outside, taken one by one and held against what they have to be.

use super::content::Content;
use super::message::State;
use super::moment::Moment;
use super::usage::Usage;
use crate::error::{Error, ErrorKind, Result};
use crate::model::data_record::Metadata;
use crate::model::json::{self, Json, Members, ObjectWriter, Parts};
use crate::model::limits::MAX_DEPTH;

const COUNTS: [&str; 5] = ["inputTokens", "outputTokens", "cachedInputTokens", "reasoningTokens", "costNanos"];

/// What is left of a record's members. Every method fails with [`ErrorKind::InvalidDocument`], naming the member.
#[derive(Default)]
pub(super) struct Fields<'a>(Members<'a>);

impl<'a> Fields<'a> {
    pub(super) fn of(text: &'a str) -> Result<Self> {
        Parts::of(text).object().map(Self).ok_or_else(|| invalid("not an object"))
    }

    /// The text of a member.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a str> {
        self.0.take(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A text; `None` where there is no such member.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name).map(Parts::of) {
            None => Ok(None),
            Some(Parts::Text(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a text")),
        }
    }

    /// A text; `None` also where it is null.
    pub(super) fn text_or_null(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name).map(Parts::of) {
            None | Some(Parts::Scalar("null")) => Ok(None),
            Some(Parts::Text(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a text or null")),
        }
    }

    pub(super) fn needed_text(&mut self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| wrong(name, "a text, and is missing"))
    }

    /// An object; `None` where there is no such member.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Metadata>> {
        self.take(name).map(|text| object(name, text)).transpose()
    }

    /// The items of a list; none where there is no such member.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<&'a str>> {
        let Some(text) = self.take(name) else { return Ok(Vec::new()) };
        Parts::of(text).list().ok_or_else(|| wrong(name, "a list"))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }

    /// A whole number from 0; `None` where there is no such member.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>> {
        let number = self.take(name).map(str::parse).transpose();
        number.map_err(|_| wrong(name, "a whole number from 0, below 2^64"))
    }

    /// A time: a text that `read` reads, or seconds since 1970.
    pub(super) fn time(&mut self, name: &str, read: fn(&str) -> Option<Moment>) -> Result<Option<Moment>> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let time = match Parts::of(text) {
            Parts::Text(text) => read(&text),
            Parts::Scalar(number) => Some(number).filter(|number| is_number(number)).and_then(Moment::of_seconds),
            _ => None,
        };
        time.map(Some).ok_or_else(|| wrong(name, "an ISO 8601 time, or seconds, of the years 0 to 9999"))
    }

    /// What a message says; `None` where there is no such member.
    pub(super) fn content(&mut self, name: &str) -> Result<Option<Content>> {
        let Some(text) = self.take(name) else { return Ok(None) };
        check_depth(name, text)?;
        let content = Content::new(Json::trusted(text.to_owned()));
        content.map(Some).map_err(|error| error.of_kind(ErrorKind::InvalidDocument))
    }

    /// Whether a message is whole: `state`, and `error`.
    pub(super) fn state(&mut self) -> Result<State> {
        let (state, error) = (self.text("state")?, self.text_or_null("error")?);
        match (state.as_deref(), error) {
            (None | Some("complete"), None) => Ok(State::Complete),
            (Some("aborted"), None) => Ok(State::Aborted),
            (Some("interrupted"), None) => Ok(State::Interrupted),
            (Some("failed"), why) => Ok(State::Failed(why.unwrap_or_default())),
            (_, Some(_)) => Err(invalid("only a message that has failed has an `error`")),
            _ => Err(wrong("state", "complete, interrupted, failed or aborted")),
        }
    }

    /// What a message used: `usage`.
    pub(super) fn usage(&mut self) -> Result<Option<Usage>> {
        let text = match self.take("usage") {
            None | Some("null") => return Ok(None),
            Some(text) => text,
        };
        let mut counts = Self(Parts::of(text).object().ok_or_else(|| wrong("usage", "an object or null"))?);
        let mut next = |name| Ok::<_, Error>(counts.count(name)?.unwrap_or_default());
        let [input, output, cached, reasoning, cost] = COUNTS;
        Ok(Some(Usage {
            input_tokens: next(input)?,
            output_tokens: next(output)?,
            cached_input_tokens: next(cached)?,
            reasoning_tokens: next(reasoning)?,
            cost_nanos: next(cost)?,
        }))
    }

    /// Makes sure that there are no other members.
    pub(super) fn end(self) -> Result<()> {
        match self.0.iter().next() {
            Some((name, _)) => Err(invalid(format!("`{name}` is not known"))),
            None => Ok(()),
        }
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

/// The text of a member that has to be an object.
pub(super) fn object(name: &str, text: &str) -> Result<Metadata> {
    check_depth(name, text)?;
    Metadata::new(Json::trusted(text.to_owned())).map_err(|_| wrong(name, "an object"))
}

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}

fn wrong(name: &str, wanted: &str) -> Error {
    invalid(format!("`{name}` has to be {wanted}"))
}

fn check_depth(name: &str, text: &str) -> Result<()> {
    if json::depth(text) > MAX_DEPTH {
        return Err(invalid(format!("`{name}` is nested deeper than {MAX_DEPTH} levels")));
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
}
