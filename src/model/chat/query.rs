//! What is searched for, and how well a message fits it.

use super::segment::Posting;
use super::words::{Word, each_word, lower_case, words};
use crate::model::sorting::places_in_order;

/// About how many words a message has that is neither short nor long.
const USUAL_SIZE: f64 = 64.0;
/// How much it counts that a word comes again (BM25's k1), and how much that a message is long (its b).
const AGAIN: f64 = 1.2;
const LENGTH: f64 = 0.75;
/// About how many code points a snippet has, and how many of them before the first match.
const SNIPPET: usize = 160;
const BEFORE: usize = 40;

/// A word that a message has to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word.
    pub word: String,
    /// Whether words that begin so are meant too.
    pub is_prefix: bool,
}

impl Term {
    fn fits(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// What a message has to have: all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The words. The last one may go on, as long as somebody is typing it.
    pub terms: Vec<Term>,
    /// What has to stand in it as it is, in lower case: what was put in quotes, and runs of scripts without spaces.
    literals: Vec<String>,
}

impl Query {
    /// Reads what somebody typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (place, part) in text.split('"').enumerate() {
            let is_quoted = place % 2 == 1;
            if is_quoted && !part.trim().is_empty() {
                query.literals.push(lower_case(part.trim()));
            }
            query.add(part, is_quoted);
        }
        let last_goes_on = !text.ends_with('"');
        if let Some(last) = query.terms.last_mut() {
            last.is_prefix |= last_goes_on && lower_case(text).ends_with(&last.word);
        }
        query
    }

    fn add(&mut self, part: &str, is_quoted: bool) {
        let words = words(part);
        let mut run: Option<(usize, usize)> = None;
        for (place, word) in words.iter().enumerate() {
            let goes_on =
                |other: &Word| word.is_pair && other.is_pair && other.start < word.end && word.start < other.end;
            let continues = place.checked_sub(1).and_then(|before| words.get(before)).is_some_and(goes_on);
            // The last character of a run is in the pair before it.
            if !(continues && word.text.chars().nth(1).is_none()) {
                let is_prefix = word.is_pair && word.text.chars().nth(1).is_none();
                self.require(Term { word: word.text.clone(), is_prefix });
            }
            if word.is_pair && !is_quoted {
                run = match run {
                    Some((start, _)) if continues => Some((start, word.end)),
                    ended => {
                        self.literals.extend(ended.and_then(|(start, end)| part.get(start..end)).map(lower_case));
                        Some((word.start, word.end))
                    }
                };
            }
        }
        self.literals.extend(run.and_then(|(start, end)| part.get(start..end)).map(lower_case));
    }

    fn require(&mut self, term: Term) {
        if !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }

    /// How often each term is in a text, and how many words that has; nothing, where the text does not fit.
    #[must_use]
    pub fn count(&self, text: &str) -> Option<(Vec<u8>, u8)> {
        let mut times = vec![0_u8; self.terms.len()];
        let mut size = 0_u64;
        each_word(text, &mut |word| {
            size += 1;
            for (term, times) in self.terms.iter().zip(&mut times) {
                *times = times.saturating_add(term.fits(&word.text).into()).min(15);
            }
        });
        let fits = times.iter().all(|times| *times > 0) && self.has_literals(text);
        fits.then(|| (times, size.max(1).ilog2().min(15) as u8))
    }

    /// Whether a text has what has to stand in it as it is.
    fn has_literals(&self, text: &str) -> bool {
        if self.literals.is_empty() {
            return true;
        }
        let text = lower_case(text);
        self.literals.iter().all(|literal| text.contains(literal))
    }

    /// A part of a text around the first match: pieces of it in their order, each with whether it matches.
    #[must_use]
    pub fn snippet(&self, text: &str) -> Vec<(String, bool)> {
        let mut matches: Vec<(usize, usize)> = Vec::new();
        each_word(text, &mut |word| {
            if self.terms.iter().any(|term| term.fits(&word.text)) {
                match matches.last_mut() {
                    Some((_, end)) if word.start < *end => *end = word.end.max(*end),
                    _ => matches.push((word.start, word.end)),
                }
            }
        });
        let first = matches.first().map_or(0, |(start, _)| *start);
        let back = text.get(..first).into_iter().flat_map(|before| before.char_indices().rev()).take(BEFORE).last();
        let start = back.map_or(first, |(start, _)| start);
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.char_indices().nth(SNIPPET).map_or(text.len(), |(length, _)| start + length);
        let mut pieces: Vec<(String, bool)> = Vec::new();
        let mut push = |from: usize, to: usize, is_match: bool| {
            if let Some(piece) = text.get(from..to).filter(|piece| !piece.is_empty()) {
                pieces.push((piece.to_owned(), is_match));
            }
        };
        let mut at = start;
        for (from, to) in matches.into_iter().filter(|(from, _)| *from >= start && *from < end) {
            push(at, from, false);
            push(from, to.min(end), true);
            at = to.min(end);
        }
        push(at, end, false);
        if let Some((first, _)) = pieces.first_mut().filter(|_| start > 0) {
            first.insert(0, '…');
        }
        if let Some((last, _)) = pieces.last_mut().filter(|_| end < text.len()) {
            last.push('…');
        }
        pieces
    }
}

/// How much it says that a message has a word that so many of all messages have (BM25).
#[must_use]
pub fn weight(having: u64, all: u64) -> f64 {
    let (having, all) = (having as f64, all.max(having) as f64);
    binary_logarithm(1.0 + (all - having + 0.5) / (having + 0.5))
}

/// How well a message fits one term (BM25).
#[must_use]
pub fn score(weight: f64, times: u8, size: u8) -> f64 {
    let times = f64::from(times);
    let length = f64::from(1_u32 << size.min(15)) / USUAL_SIZE;
    weight * times * (AGAIN + 1.0) / (times + AGAIN * (1.0 - LENGTH + LENGTH * length))
}

/// Near enough for an order, and without the code of the exact one.
fn binary_logarithm(number: f64) -> f64 {
    let bits = number.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as f64 - 1023.0;
    let fraction = f64::from_bits((bits & ((1 << 52) - 1)) | 1023 << 52) - 1.0;
    exponent + fraction
}

/// Those messages that are in every list, with how well they fit. Lists are in the order of messages.
#[must_use]
pub fn ranked(lists: &[(f64, Vec<Posting>)]) -> Vec<(u32, f64)> {
    let Some((shortest, _)) = lists.iter().enumerate().min_by_key(|(_, (_, list))| list.len()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let candidates = lists.get(shortest).map(|(_, list)| list.as_slice()).unwrap_or_default();
    'messages: for candidate in candidates {
        let mut total = 0.0;
        for (weight, list) in lists {
            let Ok(place) = list.binary_search_by_key(&candidate.message, |posting| posting.message) else {
                continue 'messages;
            };
            total += list.get(place).map_or(0.0, |posting| score(*weight, posting.times, posting.size));
        }
        found.push((candidate.message, total));
    }
    found
}

/// The postings of several words as those of one.
#[must_use]
pub fn joined(mut lists: Vec<Vec<Posting>>) -> Vec<Posting> {
    if lists.len() == 1 {
        return lists.pop().unwrap_or_default();
    }
    let all: Vec<Posting> = lists.into_iter().flatten().collect();
    let order = places_in_order(all.len(), &|one, other| all.get(one).cmp(&all.get(other)));
    let mut joined: Vec<Posting> = Vec::with_capacity(all.len());
    for posting in order.into_iter().filter_map(|place| all.get(place).copied()) {
        match joined.last_mut() {
            Some(last) if last.message == posting.message => last.times = (last.times + posting.times).min(15),
            _ => joined.push(posting),
        }
    }
    joined
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn fits(query: &str, text: &str) -> bool {
        Query::parse(query).count(text).is_some()
    }

    #[test]
    fn every_word_has_to_be_there_and_the_last_may_go_on() {
        let text = "The quick brown Fox jumps";
        for query in
            ["quick", "QUICK fox", "fox quick the", "qui", "jumps bro", "fo", "\"quick brown\"", "\"Quick Brown\" ju"]
        {
            assert!(fits(query, text), "{query}");
        }
        for query in ["qui ", "quic fox ", "slow", "quick slow", "\"brown quick\"", "\"qui\" fox", "ox"] {
            assert!(!fits(query, text), "{query}");
        }
        assert_eq!(Query::parse("a a b"), Query::parse("a b"));
        assert!(Query::parse(" ,; ").terms.is_empty());
    }

    #[test]
    fn runs_without_spaces_are_found_as_they_are() {
        let text = "私は日本語を勉強しています。";
        for query in ["日本語", "日本", "語", "勉強して", "日本語 勉強", "す"] {
            assert!(fits(query, text), "{query}");
        }
        for query in ["日語", "本日", "中国", "勉強日本"] {
            assert!(!fits(query, text), "{query}");
        }
        assert!(fits("ไทย", "ภาษาไทยง่าย"));
    }

    #[test]
    fn a_snippet_shows_the_first_match_and_marks_all_in_it() {
        let text = format!("{} needle in a Needle stack {}", "hay ".repeat(50), "straw ".repeat(50));
        let pieces = Query::parse("needle").snippet(&text);
        let whole: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
        let marked: Vec<&str> =
            pieces.iter().filter(|(_, is_match)| *is_match).map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(marked, ["needle", "Needle"]);
        assert!(whole.starts_with('…') && whole.ends_with('…'));
        assert_eq!(whole.chars().count(), SNIPPET + 2);
        let short = Query::parse("日本").snippet("日本語");
        assert_eq!(short, [("日本".to_owned(), true), ("語".to_owned(), false)]);
    }

    #[test]
    fn rare_words_and_short_messages_count_more() {
        assert!(weight(1, 1_000) > weight(100, 1_000));
        assert!(weight(1_000, 1_000) > 0.0);
        let weight = weight(10, 1_000);
        assert!(score(weight, 2, 6) > score(weight, 1, 6));
        assert!(score(weight, 1, 3) > score(weight, 1, 9));
    }
}
