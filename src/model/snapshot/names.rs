//! The names that keys have as files (`stores.md`, A.2).

use crate::model::hash::hex;
use crate::model::repeats::first_places;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// What separates a name from the key that it stands for, where several keys would have the name. No name has it otherwise.
const MARK: char = '.';

/// A key as the original names its file: letters, numbers, `_` and `-` stay, and every other code point becomes one `_`.
///
/// ```
/// use agent_datastore::model::snapshot::names::sanitize;
///
/// assert_eq!(sanitize("test/key:with*special?chars"), "test_key_with_special_chars");
/// assert_eq!(sanitize("日本 😀"), "日本__");
/// ```
#[must_use]
pub fn sanitize(key: &str) -> String {
    key.chars().map(|char| if is_kept(char) { char } else { '_' }).collect()
}

fn is_kept(char: char) -> bool {
    matches!(char, '_' | '-')
        || matches!(char.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

/// The names of keys that are together in one directory. The first one of a name has it as it is, the others with a dot and their UTF-8 in
/// hexadecimal digits behind it. Names that differ in case alone are the same, for on some disks they are.
#[must_use]
pub fn names_of<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<(&str, String)> = keys.map(|key| (key, sanitize(key))).collect();
    // One that is a name already comes before those that only become it.
    let (mut order, others): (Vec<usize>, Vec<usize>) =
        (0..names.len()).partition(|place| names.get(*place).is_some_and(|(key, name)| key == name));
    order.extend(others);
    let folded: Vec<String> =
        order.iter().filter_map(|place| names.get(*place)).map(|(_, name)| folded(name)).collect();
    let first = first_places(folded.iter().map(String::as_bytes));
    for (at, place) in order.into_iter().enumerate() {
        if let Some((key, name)) = names.get_mut(place).filter(|_| first.get(at) != Some(&at)) {
            *name = marked(std::mem::take(name), key);
        }
    }
    names.into_iter().map(|(_, name)| name).collect()
}

/// Character by character, as disks do it.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn marked(mut name: String, key: &str) -> String {
    name.push(MARK);
    name.push_str(&hex(key.as_bytes()));
    name
}

/// The key that a name stands for: the one behind the dot, or else the name itself.
#[must_use]
pub fn key_of(name: &str) -> String {
    let behind = |name: &str| {
        let (plain, digits) = name.rsplit_once(MARK)?;
        let (pairs, []) = digits.as_bytes().as_chunks() else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok();
        let key = String::from_utf8(pairs.iter().map(byte).collect::<Option<_>>()?).ok()?;
        (!key.is_empty() && sanitize(&key) == plain).then_some(key)
    };
    behind(name).unwrap_or_else(|| name.to_owned())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_verified_table_of_the_original_holds() {
        for (key, name) in [
            ("test/key:with*special?chars", "test_key_with_special_chars"),
            ("a.b", "a_b"),
            ("..", "__"),
            (".", "_"),
            ("a b", "a_b"),
            ("\\", "_"),
            ("\u{E9}", "\u{E9}"),
            ("e\u{301}", "e_"),
            ("日本", "日本"),
            ("😀", "_"),
            ("½", "½"),
            ("²", "²"),
            ("Ⅷ", "Ⅷ"),
            ("٣", "٣"),
            ("Ⓐ", "_"),
            ("क्षि", "क_ष_"),
            ("\u{203F}", "_"),
            ("\u{200D}", "_"),
            ("\n", "_"),
            ("a-b_c", "a-b_c"),
            ("", ""),
        ] {
            assert_eq!(sanitize(key), name, "{key:?}");
        }
    }

    #[test]
    fn what_only_looks_alphanumeric_is_replaced() {
        // Letters by other properties, but not by their category: what Rust and regular expressions take for a part of a word.
        for char in ['\u{345}', '\u{24B6}', '\u{93F}', '\u{2040}', '\u{1F130}', '\u{1F150}'] {
            assert_eq!(sanitize(&char.to_string()), "_", "{char:?}");
        }
    }

    #[test]
    fn a_name_that_several_keys_would_have_tells_them_apart() {
        let keys = ["a/b", "a:b", "a_b", "A_B", "c"];
        let names = names_of(keys.into_iter());
        assert_eq!(names, ["a_b.612f62", "a_b.613a62", "a_b", "A_B.415f42", "c"]);
        assert_eq!(names.iter().map(|name| key_of(name)).collect::<Vec<_>>(), keys);
        assert_eq!(names_of(["a/b", "a:b"].into_iter()), ["a_b", "a_b.613a62"]);
        for same in [["ΑΣ", "ασ"], ["µ", "μ"]] {
            assert!(names_of(same.into_iter()).is_sorted_by_key(|name| name.contains(MARK)), "{same:?}");
            assert_ne!(names_of(same.into_iter()), same);
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_is_a_name() {
        for name in ["a_b.", "a_b.61", "a_b.zz", "a.612f6", "x.612f62", ".", "", "a_b.ff"] {
            assert_eq!(key_of(name), name);
        }
    }

    proptest! {
        #[test]
        fn no_two_keys_have_the_same_name(keys in prop::collection::btree_set("[aA/:._é]{1,4}|\\PC{1,3}", 0..20)) {
            let names = names_of(keys.iter().map(String::as_str));
            let different: std::collections::BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(different.len(), keys.len());
            for (key, name) in keys.iter().zip(&names) {
                prop_assert!(!name.contains(['/', '\\']) && name != "." && name != "..");
                if name.contains(MARK) {
                    prop_assert_eq!(&key_of(name), key);
                } else {
                    prop_assert_eq!(name, &sanitize(key));
                }
            }
        }
    }
}
