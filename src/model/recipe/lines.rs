//! The small forms that a section of a recipe is written in: lists, keys with values, and blocks. Each function takes time in
//! proportion to the text.

use super::{Choice, GoDuration};
use crate::model::map::Map;
use crate::model::number::read_double;

/// What begins a block.
const BLOCK: &str = "### ";

/// The items of a list: lines that begin with a dash and a space, and hold more than that.
pub(super) fn items(body: &str) -> impl Iterator<Item = &str> {
    body.split('\n').filter_map(|line| line.trim().strip_prefix("- ")).map(str::trim).filter(|item| !item.is_empty())
}

/// The items of a list, owned.
pub(super) fn list(body: &str) -> Vec<String> {
    items(body).map(str::to_owned).collect()
}

/// What stands between commas, without what is empty.
pub(super) fn comma_list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Two parts around the first colon.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').map(|(first, second)| (first.trim(), second.trim()))
}

/// The value of a key: of the last line that has it. Keys are read in any case, and may stand behind a dash.
pub(super) fn value<'a>(body: &'a str, key: &str) -> Option<&'a str> {
    body.rsplit('\n').find_map(|line| {
        let line = line.trim();
        let (name, value) = pair(line.strip_prefix("- ").unwrap_or(line))?;
        name.eq_ignore_ascii_case(key).then_some(value)
    })
}

/// The value of a key, owned; an empty text where there is none.
pub(super) fn text(body: &str, key: &str) -> String {
    value(body, key).unwrap_or_default().to_owned()
}

/// A whole number that is as large as `least` or larger; `None` also where it is not one.
pub(super) fn whole(body: &str, key: &str, least: i64) -> Option<i64> {
    value(body, key)?.parse().ok().filter(|number| *number >= least)
}

/// As [`whole`], of what cannot be negative.
pub(super) fn count(body: &str, key: &str, least: u32) -> Option<u64> {
    whole(body, key, i64::from(least)).map(i64::cast_unsigned)
}

/// A decimal number; `None` also where it is not one.
pub(super) fn double(body: &str, key: &str) -> Option<f64> {
    value(body, key).and_then(read_double)
}

/// A duration, or whole seconds; zero where it is neither, or is not above zero.
pub(super) fn duration(body: &str, key: &str) -> GoDuration {
    let seconds = || whole(body, key, 1).and_then(GoDuration::from_seconds);
    let positive = value(body, key).and_then(GoDuration::parse).filter(|duration| duration.is_positive());
    positive.or_else(seconds).unwrap_or_default()
}

/// Whether the value is `true`, in any case; `None` where there is none.
pub(super) fn flag(body: &str, key: &str) -> Option<bool> {
    value(body, key).map(|value| value.eq_ignore_ascii_case("true"))
}

/// One of a few words; `None` also where it is another one.
pub(super) fn choice<T: Choice>(body: &str, key: &str) -> Option<T> {
    value(body, key).and_then(T::of_word)
}

/// Splits a text before each line that begins with `mark`: what stands before the first one, and the blocks.
pub(super) fn split<'a>(text: &'a str, mark: &str) -> (&'a str, Vec<&'a str>) {
    let (mut starts, mut at) = (Vec::new(), 0);
    for line in text.split('\n') {
        if line.starts_with(mark) {
            starts.push(at);
        }
        at += line.len() + 1;
    }
    let part = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let blocks = starts.iter().zip(ends).map(|(start, end)| part(*start, end)).collect();
    (part(0, starts.first().copied().unwrap_or(text.len())), blocks)
}

/// What stands behind the mark in a block's first line, and what stands below it.
pub(super) fn header<'a>(block: &'a str, mark: &str) -> (&'a str, &'a str) {
    let (name, body) = block.split_once('\n').unwrap_or((block, ""));
    (name.strip_prefix(mark).unwrap_or_default().trim(), body)
}

/// The blocks within a section, by their headers: name and body.
pub(super) fn blocks(body: &str) -> impl Iterator<Item = (&str, &str)> {
    let blocks = split(body, BLOCK).1.into_iter();
    blocks.map(|block| header(block, BLOCK)).map(|(name, body)| (name, body.trim()))
}

/// The blocks by their names; of two with the same name the last one counts.
pub(super) fn map<T>(body: &str, read: fn(&str) -> T) -> Map<T> {
    let mut map = Map::new();
    for (name, body) in blocks(body) {
        map.insert(name.to_owned(), read(body));
    }
    map
}
