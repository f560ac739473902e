//! What a message says: a text, or parts.

use crate::error::{Error, ErrorKind, Result};
use crate::model::json::{self, Json, Members, Parts};

/// A JSON string, or a list of parts. A part is an object whose `type` is a string; what else it has is kept as it came, also
/// of a type that is not known here.
///
/// | type | has to have |
/// |---|---|
/// | `text`, `reasoning` | `text` |
/// | `tool-call`, `tool-result` | `toolCallId`, `toolName` |
/// | `file` | `mediaType` |
/// | others, such as `source` and `data-…` | |
///
/// All of these are strings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Content(Json);

impl Content {
    /// Checks what a caller gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`], naming the part.
    pub fn new(json: Json) -> Result<Self> {
        match Parts::of(json.as_str()) {
            Parts::Text(_) => {}
            Parts::List(parts) => parts.into_iter().enumerate().try_for_each(|(place, part)| {
                check_part(part).map_err(|what| invalid(format!("content[{place}]{what}")))
            })?,
            _ => return Err(invalid("the content of a message has to be a string or a list of parts")),
        }
        Ok(Self(json))
    }

    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(Json::trusted(json::string(text)))
    }

    pub(super) const fn trusted(json: Json) -> Self {
        Self(json)
    }

    /// The JSON.
    #[must_use]
    pub const fn as_json(&self) -> &Json {
        &self.0
    }

    /// Whether it is a text and not parts.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.0.as_str().starts_with('"')
    }

    /// The pieces that it would have come in: none of an empty text.
    #[must_use]
    pub fn pieces(&self) -> Vec<Json> {
        match Parts::of(self.0.as_str()) {
            Parts::List(parts) => parts.into_iter().map(|part| Json::trusted(part.to_owned())).collect(),
            Parts::Text(text) if text.is_empty() => Vec::new(),
            _ => vec![self.0.clone()],
        }
    }

    /// What it says in words: the text, or the parts of the type `text`, with empty lines between them.
    #[must_use]
    pub fn words(&self) -> String {
        match Parts::of(self.0.as_str()) {
            Parts::Text(text) => text,
            Parts::List(parts) => {
                let texts = parts.into_iter().filter_map(|part| {
                    let mut part = Parts::of(part).object()?;
                    (text_in(&mut part, "type")? == "text").then(|| text_in(&mut part, "text")).flatten()
                });
                texts.collect::<Vec<_>>().join("\n\n")
            }
            _ => String::new(),
        }
    }
}

/// A message as it comes, piece by piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Streamed {
    parts: Vec<Piece>,
    is_parts: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// More of the same kind belongs to it. `text` or `reasoning`.
    Open {
        kind: String,
        text: String,
    },
    Whole(Json),
}

impl Streamed {
    /// Adds a piece: a string, or a part. A text that follows a text goes on with it, and reasoning with reasoning, where it
    /// has no other members.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] where it is neither.
    pub fn add(&mut self, piece: &Json) -> Result<()> {
        let (kind, text) = match Parts::of(piece.as_str()) {
            Parts::Text(text) => ("text".to_owned(), text),
            Parts::Object(mut members) => {
                check_part(piece.as_str()).map_err(|what| invalid(format!("the piece{what}")))?;
                self.is_parts = true;
                let kind = text_in(&mut members, "type").unwrap_or_default();
                let text = text_in(&mut members, "text").filter(|_| kind == "text" || kind == "reasoning");
                match text.filter(|_| members.is_empty()) {
                    Some(text) => (kind, text),
                    None => {
                        self.parts.push(Piece::Whole(piece.clone()));
                        return Ok(());
                    }
                }
            }
            _ => return Err(invalid("a piece of a message has to be a string or a part")),
        };
        match self.parts.last_mut() {
            Some(Piece::Open { kind: open, text: so_far }) if *open == kind => so_far.push_str(&text),
            _ => self.parts.push(Piece::Open { kind, text }),
        }
        Ok(())
    }

    /// All that has come: a text, where only texts came.
    #[must_use]
    pub fn content(&self) -> Content {
        if !self.is_parts {
            return match self.parts.first() {
                Some(Piece::Open { text, .. }) => Content::text(text),
                _ => Content::text(""),
            };
        }
        let mut list = String::from("[");
        for (place, part) in self.parts.iter().enumerate() {
            list.push_str(if place == 0 { "" } else { "," });
            match part {
                Piece::Whole(part) => list.push_str(part.as_str()),
                Piece::Open { kind, text } => {
                    let mut object = json::ObjectWriter::default();
                    object.text("type", kind.as_str());
                    object.text("text", text.as_str());
                    list.push_str(object.finish().as_str());
                }
            }
        }
        list.push(']');
        Content(Json::trusted(list))
    }
}

/// What is wrong with a part, as it goes on after its name.
fn check_part(part: &str) -> Result<(), String> {
    let mut members = Parts::of(part).object().ok_or(" has to be an object")?;
    let kind = text_in(&mut members, "type").ok_or(".type has to be a string")?;
    let needed: &[&str] = match kind.as_str() {
        "text" | "reasoning" => &["text"],
        "tool-call" | "tool-result" => &["toolCallId", "toolName"],
        "file" => &["mediaType"],
        _ => &[],
    };
    match needed.iter().find(|name| text_in(&mut members, name).is_none()) {
        Some(name) => Err(format!(".{name} has to be a string: it is a part of the type {kind:?}")),
        None => Ok(()),
    }
}

fn text_in(members: &mut Members<'_>, name: &str) -> Option<String> {
    match Parts::of(members.take(name)?) {
        Parts::Text(text) => Some(text),
        _ => None,
    }
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).unwrap()
    }

    #[test]
    fn parts_of_every_kind_come_back_as_they_were() {
        for text in [
            r#""hello""#,
            "[]",
            r#"[{"type":"text","text":"a"},{"type":"reasoning","text":"b","signature":"s"}]"#,
            r#"[{"type":"tool-call","toolCallId":"1","toolName":"add","input":{"a":[1]}}]"#,
            r#"[{"type":"file","mediaType":"image/png","data":"AA=="},{"type":"data-chart","x":null}]"#,
        ] {
            assert_eq!(Content::new(json(text)).unwrap().as_json().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_content_is_refused_and_named() {
        for (text, named) in [
            ("1", "a string or a list"),
            ("null", "a string or a list"),
            (r#"{"type":"text"}"#, "a string or a list"),
            (r#"["a"]"#, "content[0] has to be an object"),
            (r#"[{"type":"text","text":"a"},{"type":1}]"#, "content[1].type"),
            (r#"[{"type":"text"}]"#, "content[0].text"),
            (r#"[{"type":"tool-call","toolCallId":"1"}]"#, "content[0].toolName"),
            (r#"[{"type":"file"}]"#, "content[0].mediaType"),
        ] {
            let error = Content::new(json(text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue);
            assert!(error.message().contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn only_texts_are_words() {
        let parts = r#"[{"type":"reasoning","text":"hm"},{"type":"text","text":"one"},{"type":"x"},{"type":"text","text":"two"}]"#;
        assert_eq!(Content::new(json(parts)).unwrap().words(), "one\n\ntwo");
        assert_eq!(Content::text("a \"b\"").words(), "a \"b\"");
    }

    #[test]
    fn pieces_of_a_kind_go_on_and_others_begin_a_part() {
        let mut streamed = Streamed::default();
        assert_eq!(streamed.content(), Content::text(""));
        for piece in [r#""a""#, r#""b""#] {
            streamed.add(&json(piece)).unwrap();
        }
        assert_eq!(streamed.content(), Content::text("ab"));
        for piece in [
            r#"{"type":"reasoning","text":"c"}"#,
            r#"{"type":"reasoning","text":"d"}"#,
            r#"{"type":"text","text":"e","id":1}"#,
            r#""f""#,
        ] {
            streamed.add(&json(piece)).unwrap();
        }
        let whole = r#"[{"type":"text","text":"ab"},{"type":"reasoning","text":"cd"},{"type":"text","text":"e","id":1},{"type":"text","text":"f"}]"#;
        assert_eq!(streamed.content().as_json().as_str(), whole);
        assert_eq!(streamed.add(&json("1")).unwrap_err().kind(), ErrorKind::InvalidValue);
    }
}
