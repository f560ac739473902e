//! The names of files and folders that are named by ids.

/// The name of the file or the folder of an id, without a suffix: the id, and what no file can be called or what leads elsewhere as in a URL.
pub(crate) fn stem_of(id: &str) -> String {
    let mut stem = String::with_capacity(id.len());
    for (place, character) in id.char_indices() {
        let is_odd = match character {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => true,
            '.' => place == 0,
            _ => character.is_control(),
        };
        if !is_odd {
            stem.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            let digits = [byte >> 4, byte & 0xf].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default());
            stem.push('%');
            stem.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
    stem
}

/// The id of what is in a file or a folder of this name. The originals have ids as they are, so a name that only looks as if it were of ours
/// is one where it is also the own id in it.
pub(crate) fn id_of(stem: &str, own: Option<&str>) -> String {
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(digits.unwrap_or_default());
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    let decoded = String::from_utf8(bytes).ok().filter(|id| own != Some(stem) && stem_of(id) == stem);
    decoded.unwrap_or_else(|| stem.to_owned())
}
