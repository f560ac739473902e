//! The words of a text, as they are searched for.
//!
//! A word is a run of letters and digits, in lower case. Scripts that write without spaces between words have no such runs: of them
//! every two neighbouring characters are a word, and the last one of a run alone, so that each character begins one.

/// The longest word, in bytes; the rest of a longer one is left out.
const LONGEST: usize = 64;

/// A word, and where it stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word in lower case.
    pub text: String,
    /// Where it begins. Bytes.
    pub start: usize,
    /// Where it ends. Bytes.
    pub end: usize,
    /// Whether it is of a script without spaces.
    pub is_pair: bool,
}

/// What a character is for the finding of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Between,
    Letter,
    /// Belongs to the letter before it, and is left out.
    Mark,
    /// Of a script without spaces.
    Dense,
}

fn kind(character: char) -> Kind {
    match character {
        '\u{0300}'..='\u{036F}' => Kind::Mark,
        // Thai and Lao, Myanmar, Khmer; kana, Chinese characters and Hangul, with their extensions.
        '\u{0E01}'..='\u{0EDF}'
        | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17D3}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3130}'..='\u{318F}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Kind::Dense,
        // The signs of Indian scripts are no letters, and stand within words.
        '\u{0900}'..='\u{0DFF}' if character != '।' && character != '॥' => Kind::Letter,
        character if character.is_alphanumeric() => Kind::Letter,
        _ => Kind::Between,
    }
}

/// A text in lower case, as words are.
#[must_use]
pub fn lower_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Hands out the words of a text in their order.
pub fn each_word(text: &str, take: &mut dyn FnMut(Word)) {
    let mut word: Option<Word> = None;
    let mut before: Option<(char, usize)> = None;
    for (start, character) in text.char_indices() {
        let (kind, end) = (kind(character), start + character.len_utf8());
        if kind == Kind::Mark {
            if let Some(word) = &mut word {
                word.end = end;
            }
            continue;
        }
        if kind != Kind::Letter
            && let Some(word) = word.take()
        {
            take(word);
        }
        if let Some((first, from)) = before.take() {
            let pair = if kind == Kind::Dense { String::from_iter([first, character]) } else { first.to_string() };
            let to = if kind == Kind::Dense { end } else { start };
            take(Word { text: pair, start: from, end: to, is_pair: true });
        }
        match kind {
            Kind::Letter => {
                let word = word.get_or_insert_with(|| Word { text: String::new(), start, end, is_pair: false });
                if word.text.len() < LONGEST {
                    word.text.extend(character.to_lowercase());
                }
                word.end = end;
            }
            Kind::Dense => before = Some((character, start)),
            Kind::Between | Kind::Mark => {}
        }
    }
    if let Some(word) = word {
        take(word);
    }
    if let Some((last, from)) = before {
        take(Word { text: last.to_string(), start: from, end: text.len(), is_pair: true });
    }
}

/// All words of a text.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, &mut |word| words.push(word));
    words
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::string_slice, clippy::indexing_slicing, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        assert_eq!(
            texts("Don't PANIC: 42 times_a-day, Ärger!"),
            ["don", "t", "panic", "42", "times", "a", "day", "ärger"]
        );
        assert_eq!(texts("  \n—…"), Vec::<String>::new());
        assert_eq!(texts("e\u{301}tude"), ["etude"]);
        assert_eq!(texts("हिन्दी भाषा।"), ["हिन्दी", "भाषा"]);
        assert_eq!(texts(&"x".repeat(1_000)), ["x".repeat(64)]);
    }

    #[test]
    fn scripts_without_spaces_give_pairs() {
        assert_eq!(texts("日本語abc猫"), ["日本", "本語", "語", "abc", "猫"]);
        assert_eq!(texts("東京、大阪"), ["東京", "京", "大阪", "阪"]);
    }

    proptest! {
        #[test]
        fn words_stand_where_they_say_and_in_their_order(text in "\\PC{0,60}") {
            let found = words(&text);
            for word in &found {
                prop_assert!(word.start < word.end);
                prop_assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
                if !word.is_pair && word.text.len() < LONGEST && !text[word.start..word.end].contains(|c| kind(c) == Kind::Mark) {
                    prop_assert_eq!(text[word.start..word.end].chars().flat_map(char::to_lowercase).collect::<String>(), word.text.clone());
                }
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].start < pair[1].start));
        }
    }
}
