//! The file of the prompts of all sessions: each a JSON string on a line of its own, the oldest first.

use crate::model::go_json::{Node, decoded, parse, push_string};

/// A prompt's line, with its line break.
///
/// ```
/// use agent_datastore::model::session::prompt_lines::write_line;
///
/// assert_eq!(write_line("<b>\n\"日本\u{2028}"), "\"\\u003cb\\u003e\\n\\\"日本\\u2028\"\n");
/// ```
#[must_use]
pub fn write_line(prompt: &str) -> String {
    let mut line = String::with_capacity(prompt.len() + 3);
    push_string(&mut line, prompt);
    line.push('\n');
    line
}

/// The prompts of a file, the newest first. Lines that are not one JSON string are passed over; `null` is an empty prompt, as the
/// original has it.
#[must_use]
pub fn read_lines(file: &[u8]) -> Vec<String> {
    let lines = file.split(|byte| *byte == b'\n').rev();
    lines.filter_map(|line| prompt_of(&decoded(line))).collect()
}

fn prompt_of(line: &str) -> Option<String> {
    match parse(line).ok()? {
        Node::Text(prompt) => Some(prompt),
        Node::Null => Some(String::new()),
        _ => None,
    }
}
