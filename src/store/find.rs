//! Finding records by what is in them, page by page.

use super::data_store::{DataStore, value_of};
use super::listing::{Listed, Listing, PAGE_BYTES};
use crate::error::{ErrorKind, Result};
use crate::model::batch::{Entry, Lookup, ReadRange};
use crate::model::codec::damaged;
use crate::model::data_record::Peek;
use crate::model::find::{FindOptions, Found, InOrder, Index, Place, Plan, Query, Source, copied_in, index_key};
use crate::model::json::{Json, ObjectWriter};
use crate::model::keyspace;
use crate::model::repeats::first_places;
use crate::model::sorting::places_in_order;
use crate::model::tuple::Key;

/// How often a page is looked for anew whose records others changed meanwhile.
const MAX_ATTEMPTS: usize = 4;

/// The most entries of a page.
const MAX_LIMIT: u32 = 1 << 30;

/// How many records are looked up at first, and about how many bytes of them at a time from then on.
const FIRST_RECORDS: usize = 32;
const RECORD_BYTES: usize = 4 * 1024 * 1024;

/// The most entries of an index that are read at a time.
const LARGEST_PIECE: u32 = 1_000;

/// How a page was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// The index that was used; `None` where all records were walked through.
    pub index: Option<String>,
    /// How many ranges of it there were to read.
    pub ranges: usize,
    /// Whether what matches had to be sorted as a whole, and not only where the index cannot tell.
    pub is_sorted: bool,
    /// How many entries of the index were read.
    pub entries: u64,
    /// How many records were read, beside the copies that a covering index holds.
    pub records: u64,
    /// How many of them matched, and were not on an earlier page.
    pub matches: u64,
}

impl Explanation {
    /// As JSON.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut view = ObjectWriter::default();
        view.text("index", self.index.as_deref());
        view.raw("isSorted", if self.is_sorted { "true" } else { "false" });
        let numbers = [("ranges", self.ranges as u64), ("entries", self.entries), ("records", self.records)];
        for (name, number) in numbers.into_iter().chain([("matches", self.matches)]) {
            view.raw(name, &number.to_string());
        }
        view.finish()
    }
}

/// A record that matches.
struct Match {
    place: Place,
    record: Entry,
}

/// The best of what matches, as many as a page has and one more.
struct Page<'q> {
    query: &'q Query,
    limit: usize,
    done: Vec<Match>,
    done_bytes: usize,
    /// Matches of one group, in no order yet.
    group: Vec<Match>,
    group_bytes: usize,
    explanation: Explanation,
}

impl DataStore {
    /// A page of the records of this namespace that match, in the order that is asked for. Not counted as reads.
    ///
    /// Each was once as it is given; one that is there all the time, and is not changed, is found, and once, in its place. What is written
    /// between two pages, or while many records are walked through, may be seen or not.
    ///
    /// # Errors
    ///
    /// Those of reads, see [`DataStore`]; [`InvalidValue`](crate::ErrorKind::InvalidValue) where the cursor is none, or that of
    /// another search; [`LimitExceeded`](crate::ErrorKind::LimitExceeded) where more than 30,000 bytes would have to go into a
    /// cursor.
    pub async fn find(&self, options: &FindOptions) -> Result<Listing> {
        Ok(self.search(options).await?.0)
    }

    /// How a page is found: it is looked for, and not given.
    ///
    /// # Errors
    ///
    /// As of [`Self::find`].
    pub async fn explain(&self, options: &FindOptions) -> Result<Explanation> {
        Ok(self.search(options).await?.1)
    }

    async fn search(&self, options: &FindOptions) -> Result<(Listing, Explanation)> {
        let _call = self.database.begin()?;
        let query = Query::new(&self.scope, options)?;
        let limit = options.limit.clamp(1, MAX_LIMIT) as usize;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (declared, _) = self.database.declared(&self.scope).await?;
            let plan = Plan::best(&query, &declared.list, &self.scope);
            let mut page = Page::new(&query, limit);
            page.explanation.is_sorted = plan.sorts_all(&query);
            let is_true = match &plan.source {
                Source::Records => {
                    self.walk(&mut page, options, plan.reverse).await?;
                    true
                }
                Source::Index(index, ranges) => {
                    let found = (index, ranges.as_slice(), plan.order.as_ref());
                    self.look_up(&mut page, options, found, attempts == MAX_ATTEMPTS).await?
                }
            };
            if is_true {
                return self.listing(page, options);
            }
        }
    }

    /// Walks through all records.
    async fn walk(&self, page: &mut Page<'_>, options: &FindOptions, reverse: bool) -> Result<()> {
        let mut range = ReadRange { reverse, ..self.scope.records_in(&options.keys) };
        let query = page.query;
        if let (Some(after), true) = (&query.after, query.is_by_key()) {
            range = range.after(&self.scope.record(&after.key));
        }
        let names = self.scope.names();
        let mut take = |record: Entry| {
            let key = names.of(&record.key)?;
            let peek = self.peek(&key, &record)?;
            page.explanation.records += 1;
            page.offer(&query.extractor.extract(&key, &peek), &key, &record);
            if query.is_by_key() {
                page.end_group();
            }
            Ok(!page.is_full())
        };
        self.database.scan(range, &mut take).await.map(drop)
    }

    /// Looks records up in an index. Gives whether none of them was changed meanwhile; one that was is passed over, where this is the last try: it is
    /// somewhere else in the index.
    async fn look_up(
        &self,
        page: &mut Page<'_>,
        options: &FindOptions,
        (index, ranges, order): (&Index, &[ReadRange], Option<&InOrder>),
        is_last_try: bool,
    ) -> Result<bool> {
        let query = page.query;
        let mut extractor = query.extractor.clone();
        let slots: Vec<usize> = index.paths.iter().map(|path| extractor.add(path)).collect();
        let keys = self.scope.records_in(&options.keys);
        page.explanation.index = Some(index.name.clone());
        page.explanation.ranges = ranges.len();
        let mut last_group = None;
        let mut at_once = FIRST_RECORDS;
        for range in ranges {
            let mut range = match (order, &query.after) {
                (Some(order), Some(after)) => order.from(range, after),
                _ => range.clone(),
            };
            // A page and the entry behind it; more, where those did not match.
            let mut piece =
                if order.is_some() { options.limit.saturating_add(1).min(LARGEST_PIECE) } else { LARGEST_PIECE };
            loop {
                let asked = ReadRange { keys_only: !index.is_covering, limit: Some(piece), ..range.clone() };
                let found = self.database.read(&[asked]).await?.pop().unwrap_or_default();
                page.explanation.entries += found.len() as u64;
                let mut left = found.as_slice();
                while !left.is_empty() {
                    let (these, rest) = left.split_at_checked(at_once).unwrap_or((left, &[]));
                    let names = these.iter().map(|entry| keyspace::listed_key(&entry.key).ok_or_else(damaged));
                    let names = names.collect::<Result<Vec<String>>>()?;
                    let records = match self.records_of(these, &names).await {
                        Err(error) if at_once > 1 && error.kind() == ErrorKind::LimitExceeded => {
                            at_once /= 2;
                            continue;
                        }
                        records => records?,
                    };
                    left = rest;
                    let bytes: usize = records.iter().flatten().map(|(record, _)| record.value.len()).sum();
                    at_once = (RECORD_BYTES / (bytes / names.len().max(1)).max(1)).clamp(1, LARGEST_PIECE as usize);
                    for ((entry, key), record) in these.iter().zip(&names).zip(records) {
                        let looked = record.map(|(record, is_copy)| {
                            page.explanation.records += u64::from(!is_copy);
                            let values = extractor.extract(key, &self.peek(key, &record)?);
                            let listed = index_key(&self.scope, index.id, &slots, &values, key);
                            if listed.key != entry.key {
                                return Ok(false);
                            }
                            if let Some(order) = order {
                                let group = entry.key.as_bytes().get(..order.group(&listed)).unwrap_or_default();
                                if last_group.as_deref() != Some(group) {
                                    page.end_group();
                                    last_group = Some(group.to_vec());
                                }
                            }
                            if record.key >= keys.start && record.key < keys.end {
                                page.offer(&values, key, &record);
                            }
                            // It is a group by itself.
                            if last_group.as_deref() == Some(entry.key.as_bytes()) {
                                page.end_group();
                            }
                            Ok(true)
                        });
                        if !looked.transpose()?.unwrap_or_default() && !is_last_try {
                            return Ok(false);
                        }
                        if page.is_full() {
                            return Ok(true);
                        }
                    }
                }
                if found.len() < piece as usize {
                    break;
                }
                if let Some(last) = found.last() {
                    range = range.after(&last.key);
                }
                piece = piece.saturating_mul(4).min(LARGEST_PIECE);
            }
        }
        Ok(true)
    }

    /// The records of entries of an index, and whether they are the copies that those hold.
    async fn records_of(&self, entries: &[Entry], names: &[String]) -> Result<Vec<Option<(Entry, bool)>>> {
        let mut records = Vec::with_capacity(entries.len());
        let mut missing: Vec<Key> = Vec::new();
        for (entry, name) in entries.iter().zip(names) {
            let key = self.scope.record(name);
            records.push(match copied_in(entry)? {
                Some((value, version)) => Some((Entry { key, value, version: Some(version) }, true)),
                None => {
                    missing.push(key);
                    None
                }
            });
        }
        if !missing.is_empty() {
            let lookups: Vec<_> = missing.iter().map(Lookup::of).collect();
            let found = self.database.get(&lookups).await?;
            for (place, record) in records.iter_mut().filter(|record| record.is_none()).zip(found) {
                *place = record.map(|record| (record, false));
            }
        }
        Ok(records)
    }

    fn peek<'r>(&self, key: &str, record: &'r Entry) -> Result<Peek<'r>> {
        Peek::of(&record.value)
            .map_err(|error| error.at(format_args!("the record {key:?} in namespace {:?}", self.scope.namespace)))
    }

    fn listing(&self, mut page: Page<'_>, options: &FindOptions) -> Result<(Listing, Explanation)> {
        page.end_group();
        // One that moved on while it was looked for comes once.
        let first = first_places(page.done.iter().map(|found| found.place.key.as_bytes()));
        let mut places = first.into_iter().enumerate();
        page.done.retain(|_| places.next().is_some_and(|(place, first)| place == first));
        let mut listing = Listing::default();
        let mut last = None;
        let mut bytes = 0;
        for found in page.done {
            if listing.entries.len() == page.limit || bytes >= PAGE_BYTES {
                listing.cursor = last.as_ref().map(|last| page.query.cursor(last)).transpose()?;
                break;
            }
            bytes += found.bytes();
            let Match { place, record } = found;
            let stored = match record.version {
                _ if options.keys_only => None,
                Some(version) => Some((value_of(record)?, version)),
                None => return Err(damaged()),
            };
            listing.entries.push(Listed { key: place.key.clone(), stored });
            last = Some(place);
        }
        Ok((listing, page.explanation))
    }
}

impl Match {
    fn bytes(&self) -> usize {
        self.record.key.as_bytes().len() + self.record.value.len()
    }
}

impl<'q> Page<'q> {
    fn new(query: &'q Query, limit: usize) -> Self {
        let explanation = Explanation::default();
        Self { query, limit, done: Vec::new(), done_bytes: 0, group: Vec::new(), group_bytes: 0, explanation }
    }

    /// Takes a record that matches, and comes behind the cursor.
    fn offer(&mut self, found: &Found<'_>, key: &str, record: &Entry) {
        if !self.query.condition.holds(found) {
            return;
        }
        let place = self.query.place(found, key);
        if !self.query.is_after(&place) {
            return;
        }
        self.explanation.matches += 1;
        let found = Match { place, record: record.clone() };
        self.group_bytes += found.bytes();
        self.group.push(found);
        // Sorted now and then, what can come on no page of this is given up.
        if self.group.len() > 2 * (self.limit + 1) && self.group.len() > 1_000 || self.group_bytes > 4 * PAGE_BYTES {
            self.keep_best();
        }
    }

    /// What comes from now on comes behind all that came so far.
    fn end_group(&mut self) {
        if self.group.is_empty() {
            return;
        }
        self.keep_best();
        self.done_bytes += self.group_bytes;
        self.done.append(&mut self.group);
        self.group_bytes = 0;
    }

    /// Sorts the group, and keeps what can be on this page, and one more.
    fn keep_best(&mut self) {
        let compare = |one: usize, other: usize| match (self.group.get(one), self.group.get(other)) {
            (Some(one), Some(other)) => self.query.compare(&one.place, &other.place),
            _ => one.cmp(&other),
        };
        let order = places_in_order(self.group.len(), &compare);
        let mut group: Vec<Option<Match>> = std::mem::take(&mut self.group).into_iter().map(Some).collect();
        let (mut before, most) = (0, self.limit + 1);
        for place in order.into_iter().take(most) {
            let Some(best) = group.get_mut(place).and_then(Option::take) else { continue };
            // One behind what fills a page tells that there is more.
            let is_last = before >= PAGE_BYTES;
            before += best.bytes();
            self.group.push(best);
            if is_last {
                break;
            }
        }
        self.group_bytes = before;
    }

    fn is_full(&self) -> bool {
        let last = self.done.last().map_or(0, Match::bytes);
        self.done.len() > self.limit || self.done_bytes - last >= PAGE_BYTES
    }
}
