//! Ordered listings of the agent data store, page by page, and how many records there are.

use super::data_store::{DataStore, value_of};
use crate::error::Result;
use crate::model::batch::{Entry, ReadRange, Version};
use crate::model::codec::damaged;
use crate::model::cursor;
use crate::model::json::Json;
use crate::model::keyspace::KeySpan;

/// About how many bytes of keys and values a page holds at the most; one larger value is a page of its own.
pub(super) const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// How many entries a page holds where nobody says.
const DEFAULT_LIMIT: u32 = 100;

/// Options of [`DataStore::list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOptions {
    /// Which keys.
    pub keys: KeySpan,
    /// The most entries of a page, at least 1. A page also ends after about 8 MiB.
    pub limit: u32,
    /// Where the page before ended: [`Listing::cursor`]. `None` for the first page.
    pub cursor: Option<String>,
    /// Whether the last keys come first.
    pub reverse: bool,
    /// Whether values and versions are left out.
    pub keys_only: bool,
}

impl Default for ListOptions {
    /// The first 100 records, in ascending order.
    fn default() -> Self {
        Self { keys: KeySpan::default(), limit: DEFAULT_LIMIT, cursor: None, reverse: false, keys_only: false }
    }
}

/// A page of a listing, sorted by code point.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// What is on it.
    pub entries: Vec<Listed>,
    /// Where the next page begins; `None` where no more was there. Good for the same range in the same direction, for as long as
    /// the database is, in whichever tab.
    pub cursor: Option<String>,
}

/// A record that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key within the namespace.
    pub key: String,
    /// The value and the commit that wrote it; `None` where only keys were asked for.
    pub stored: Option<(Json, Version)>,
}

impl DataStore {
    /// A page of the records of this namespace, in the order of their keys. Not counted as reads.
    ///
    /// What is written between two pages may be seen or not: a key that is there all the time comes once, in its place.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`]; [`InvalidValue`](crate::ErrorKind::InvalidValue) where the cursor is none, or that of
    /// another listing.
    pub async fn list(&self, options: &ListOptions) -> Result<Listing> {
        let _call = self.database.begin()?;
        let ListOptions { reverse, keys_only, .. } = *options;
        let whole = ReadRange { reverse, keys_only, ..self.scope.records_in(&options.keys) };
        let mut range = whole.clone();
        if let Some(cursor) = &options.cursor {
            range = range.after(&self.scope.record(&cursor::decode(&whole, cursor)?));
        }
        let names = self.scope.names();
        let mut entries = Vec::new();
        let mut bytes = 0;
        let mut take = |entry: Entry| {
            bytes += entry.key.as_bytes().len() + entry.value.len();
            let key = names.of(&entry.key)?;
            let stored = match (keys_only, entry.version) {
                (true, _) => None,
                (false, Some(version)) => Some((value_of(entry)?, version)),
                (false, None) => return Err(damaged()),
            };
            entries.push(Listed { key, stored });
            Ok(bytes < PAGE_BYTES)
        };
        let is_end = self.database.scan(range.clone().limit(options.limit.max(1)), &mut take).await?;
        let mut next = None;
        if let Some(last) = entries.last().filter(|_| !is_end) {
            // A look at one key spares whoever asks for more an empty page.
            let rest = range.after(&self.scope.record(&last.key)).keys_only().limit(1);
            let has_more = self.database.read(&[rest]).await?.iter().any(|found| !found.is_empty());
            next = has_more.then(|| cursor::encode(&whole, &last.key));
        }
        Ok(Listing { entries, cursor: next })
    }

    /// How many records of this namespace there are, at one moment. No value is read, and the memory that it takes does not grow
    /// with their number.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`].
    pub async fn count(&self, keys: &KeySpan) -> Result<u64> {
        let _call = self.database.begin()?;
        self.database.count(&self.scope.records_in(keys)).await
    }
}
