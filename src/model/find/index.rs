//! Secondary indexes: what a namespace declares, and the keys of their entries.
//!
//! An entry lists a record by what is at the index's paths. Each part of its key is the number of the value's kind, then the value:
//!
//! | value | elements of the key | exact |
//! |---|---|---|
//! | nothing | 0 | yes |
//! | null | 1 | yes |
//! | a boolean | 2, 0 or 1 | yes |
//! | a number | 3, its bits so that their order is that of the numbers | yes |
//! | a text | 4, its first 128 bytes, and the rest of the character that they end in, 1 where there are more, else 0 | where there are no more |
//! | an array, an object | 5, 6 | no |
//!
//! So the order of the entries is that of the values, as far as those are exact. Whoever reads looks at the records too.

use super::copy::copy_of;
use super::datum::Datum;
use super::extract::{Extractor, Found};
use super::path::{Path, Root};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Bytes, Version};
use crate::model::codec::{Reader, Writer, damaged};
use crate::model::data_record::Peek;
use crate::model::json::{self, Json, ObjectWriter};
use crate::model::keyspace::DataScope;
use crate::model::tuple::Key;

const FORMAT: u8 = 1;
const MAX_PATHS: usize = 8;
const MAX_INDEXES: usize = 64;
const MAX_TEXT: usize = 128;
const MISSING: u64 = 0;
/// Flags of the stored form.
const READY: u8 = 1;
const COVERING: u8 = 2;
const SIGN: u64 = 1 << 63;

/// A secondary index of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name, which no other index of the namespace has.
    pub name: String,
    /// What it lists records by: by the first path, where that is the same by the second, and so on.
    pub paths: Vec<Path>,
    /// Whether it lists all records. Until then it is kept up to date, and not used.
    pub is_ready: bool,
    /// Whether it holds copies of small records, so that a search needs nothing else.
    pub is_covering: bool,
    pub(crate) id: u64,
}

/// What a namespace declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexes {
    pub(crate) list: Vec<Index>,
    next_id: u64,
    /// Whether records of bytes were ever put there, so that references to them are counted.
    pub(crate) has_bytes: bool,
}

/// The key of an index's entry for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexKey {
    pub(crate) key: Key,
    /// After how many bytes of it each part ends.
    pub(crate) ends: Vec<usize>,
    /// Which of them are exact.
    pub(crate) exact: Vec<bool>,
}

/// What takes out of records all that a namespace's indexes list.
#[derive(Debug)]
pub(crate) struct Lister {
    extractor: Extractor,
    listed: Vec<Listed>,
}

/// An index, and where its paths' values are among what is taken out.
#[derive(Debug)]
struct Listed {
    id: u64,
    slots: Vec<usize>,
    is_covering: bool,
}

impl Index {
    /// As JSON: the members `name`, `paths`, `isReady` and `isCovering`.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut paths = String::from("[");
        for path in &self.paths {
            paths.push_str(if paths.len() == 1 { "" } else { "," });
            json::push_string(&mut paths, path.as_str());
        }
        paths.push(']');
        let mut view = ObjectWriter::default();
        view.text("name", self.name.as_str());
        view.raw("paths", &paths);
        for (name, flag) in [("isReady", self.is_ready), ("isCovering", self.is_covering)] {
            view.raw(name, if flag { "true" } else { "false" });
        }
        view.finish()
    }
}

impl Indexes {
    /// With one more, which is not ready. `None` where there is this one already.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] where there is another one of this name, or the paths cannot be those of an index;
    /// [`ErrorKind::LimitExceeded`] where there are too many.
    pub(crate) fn with(&self, name: &str, paths: &[Path], is_covering: bool) -> Result<Option<Self>> {
        let refused =
            |reason: &str| Err(Error::new(ErrorKind::InvalidArgument, format!("the index {name:?}: {reason}")));
        let is_repeated = |(place, path): (usize, &Path)| paths.iter().take(place).any(|other| other.is_same(path));
        if paths.is_empty() || paths.len() > MAX_PATHS {
            return refused("an index has 1 to 8 paths");
        }
        if paths.iter().any(|path| path.root() == Root::Key) {
            return refused("records are in the order of their keys without an index");
        }
        if paths.iter().enumerate().any(is_repeated) {
            return refused("a path comes twice");
        }
        if let Some(known) = self.list.iter().find(|index| index.name == name) {
            let is_same = known.is_covering == is_covering
                && known.paths.len() == paths.len()
                && known.paths.iter().zip(paths).all(|(one, other)| one.is_same(other));
            return if is_same {
                Ok(None)
            } else {
                refused("there is another one of this name, with other paths, or as covering or not")
            };
        }
        if self.list.len() == MAX_INDEXES {
            let message = format!("a namespace has {MAX_INDEXES} indexes at the most");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let mut more = self.clone();
        let (name, paths, id) = (name.to_owned(), paths.to_vec(), self.next_id);
        more.list.push(Index { name, paths, is_ready: false, is_covering, id });
        more.next_id += 1;
        Ok(Some(more))
    }

    /// Without one. `None` where there is none of this name.
    pub(crate) fn without(&self, name: &str) -> Option<Self> {
        let place = self.list.iter().position(|index| index.name == name)?;
        let mut fewer = self.clone();
        fewer.list.remove(place);
        Some(fewer)
    }

    /// With one that is ready now. `None` where that is no longer there, or is known already.
    pub(crate) fn ready(&self, id: u64) -> Option<Self> {
        let mut ready = self.clone();
        ready.list.iter_mut().find(|index| index.id == id && !index.is_ready)?.is_ready = true;
        Some(ready)
    }

    /// The stored form.
    pub(crate) fn encode(&self) -> Result<Bytes> {
        let mut writer = Writer::default();
        writer.byte(FORMAT);
        writer.byte(self.has_bytes.into());
        writer.number(self.next_id);
        writer.number(self.list.len() as u64);
        for index in &self.list {
            writer.number(index.id);
            writer.byte(if index.is_ready { READY } else { 0 } | if index.is_covering { COVERING } else { 0 });
            writer.text(&index.name)?;
            writer.number(index.paths.len() as u64);
            for path in &index.paths {
                writer.text(path.as_str())?;
            }
        }
        Ok(writer.finish())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`], [`ErrorKind::NewerVersion`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        reader.format(FORMAT)?;
        let has_bytes = reader.byte()? == 1;
        let next_id = reader.number()?;
        let mut list = Vec::new();
        for _ in 0..reader.number()? {
            let id = reader.number()?;
            let flags = reader.byte()?;
            let (is_ready, is_covering) = (flags & READY != 0, flags & COVERING != 0);
            let name = reader.text()?.to_owned();
            let mut paths = Vec::new();
            for _ in 0..reader.number()? {
                paths.push(Path::parse(reader.text()?).map_err(|_| damaged())?);
            }
            list.push(Index { name, paths, is_ready, is_covering, id });
        }
        Ok(Self { list, next_id, has_bytes })
    }

    /// Whether nothing is declared.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && !self.has_bytes
    }

    /// What lists records in all of them.
    pub(crate) fn lister(&self) -> Lister {
        Lister::of(&self.list)
    }
}

impl Lister {
    /// What lists records in these indexes.
    pub(crate) fn of(indexes: &[Index]) -> Self {
        let mut extractor = Extractor::default();
        let mut slots = |index: &Index| index.paths.iter().map(|path| extractor.add(path)).collect();
        let listed =
            indexes.iter().map(|index| Listed { id: index.id, slots: slots(index), is_covering: index.is_covering });
        Self { listed: listed.collect(), extractor }
    }

    /// The keys of the entries of a record, in the order of the indexes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where the record cannot be read.
    pub(crate) fn keys(&self, scope: &DataScope, key: &str, record: &[u8]) -> Result<Vec<Key>> {
        let found = self.extractor.extract(key, &Peek::of(record)?);
        Ok(self.listed.iter().map(|index| index_key(scope, index.id, &index.slots, &found, key).key).collect())
    }

    /// The entries of a record that an earlier commit wrote, or else the one that writes them; in the order of the indexes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`] where the record cannot be read.
    pub(crate) fn entries(
        &self,
        scope: &DataScope,
        key: &str,
        record: &[u8],
        written: Option<Version>,
    ) -> Result<Vec<(Key, Bytes)>> {
        let keys = self.keys(scope, key, record)?.into_iter();
        let copy = |index: &Listed| if index.is_covering { copy_of(record, written) } else { Bytes::default() };
        Ok(keys.zip(self.listed.iter().map(copy)).collect())
    }
}

/// The key of the entry of an index whose paths' values are at these places.
pub(crate) fn index_key(scope: &DataScope, id: u64, slots: &[usize], found: &Found<'_>, key: &str) -> IndexKey {
    let mut made = scope.index(id);
    let mut ends = Vec::with_capacity(slots.len());
    let mut exact = Vec::with_capacity(slots.len());
    for slot in slots {
        let is_exact;
        (made, is_exact) = with_part(made, found.get(*slot).and_then(Option::as_ref));
        exact.push(is_exact);
        ends.push(made.as_bytes().len());
    }
    IndexKey { key: made.text(key), ends, exact }
}

/// A key with one part more, and whether only equal values have that.
pub(crate) fn with_part(key: Key, value: Option<&Datum<'_>>) -> (Key, bool) {
    let Some(value) = value else { return (key.number(MISSING), true) };
    let key = key.number(value.class());
    match value {
        Datum::Null => (key, true),
        Datum::Bool(value) => (key.number((*value).into()), true),
        Datum::Number(number) => {
            let bits = number.to_bits();
            (key.number(if bits & SIGN == 0 { bits | SIGN } else { !bits }), true)
        }
        Datum::Text(text) => {
            // Not before that: else what goes on with a longer character would come before what goes on with a shorter one.
            let end =
                (text.len().min(MAX_TEXT)..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or_default();
            let kept = text.get(..end).unwrap_or_default();
            let is_cut = kept.len() < text.len();
            (key.text(kept).number(is_cut.into()), !is_cut)
        }
        Datum::List(_) | Datum::Object(_) => (key, false),
    }
}

/// What the parts of all values of a kind begin with, behind a key.
pub(crate) fn with_class(key: Key, value: &Datum<'_>) -> Key {
    key.number(value.class())
}

/// What the part begins with of the first value that there can be, behind a key.
pub(crate) fn with_anything(key: Key) -> Key {
    key.number(MISSING + 1)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::model::find::datum::compare;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn json() -> impl Strategy<Value = Option<String>> {
        let text = prop_oneof!["[ab\0]{0,3}", "[ab]{120,140}", any::<String>(), "é{60,70}b?", "a{126,128}[bé😀]x?"];
        prop_oneof![
            Just(None),
            prop::sample::select(vec!["null", "true", "false", "0", "-1", "1e300", "[]", "[1]", "{}", "{\"a\":1}"])
                .prop_map(|json| Some(json.to_owned())),
            any::<f64>()
                .prop_filter("is JSON", |number| number.is_finite())
                .prop_map(|number| Some(number.to_string())),
            (-3..3_i64).prop_map(|number| Some(number.to_string())),
            text.prop_map(|text| Some(crate::model::json::string(&text))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn parts_are_in_the_order_of_the_values(one in json(), other in json()) {
            let (one, other) = (one.as_deref().map(Datum::of), other.as_deref().map(Datum::of));
            let ((first, is_exact), (second, also)) = (with_part(Key::new(), one.as_ref()), with_part(Key::new(), other.as_ref()));
            let order = compare(one.as_ref(), other.as_ref());
            match first.cmp(&second) {
                Ordering::Equal => prop_assert!(order.is_eq() || !is_exact && !also, "{one:?} and {other:?}"),
                different => prop_assert_eq!(order, different, "{:?} and {:?}", one, other),
            }
        }
    }

    #[test]
    fn what_is_declared_comes_back_from_its_stored_form() {
        let path = |text| Path::parse(text).unwrap();
        let some = Indexes::default().with("a", &[path("a"), path("b.c")], false).unwrap().unwrap();
        let more = some.with("when", &[path("$updatedAt")], true).unwrap().unwrap().ready(0).unwrap();
        assert_eq!(Indexes::decode(&more.encode().unwrap()).unwrap(), more);
        assert_eq!(more.with("a", &[path("a"), path("b.c")], false).unwrap(), None);
        let fewer = more.without("a").unwrap();
        assert_eq!(fewer.list.len(), 1);
        assert_eq!(
            fewer.with("b", &[path("b")], false).unwrap().unwrap().list.get(1).unwrap().id,
            2,
            "no number comes twice"
        );
    }

    #[test]
    fn what_cannot_be_an_index_is_refused() {
        let path = |text| Path::parse(text).unwrap();
        let some = Indexes::default().with("a", &[path("a")], false).unwrap().unwrap();
        for paths in
            [vec![], vec![path("a"), path("$value.a")], vec![path("$key")], vec![path("b")], vec![path("a"), path("b")]]
        {
            assert_eq!(some.with("a", &paths, false).unwrap_err().kind(), ErrorKind::InvalidArgument, "{paths:?}");
        }
        assert_eq!(some.with("a", &[path("a")], true).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
}
