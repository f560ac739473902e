//! Saving what can still be read of a database, opened or not.

use super::blob;
use super::blob_store::{Area, BlobStore};
use super::page::Page;
use super::record::{Edit, Record};
use super::root::Root;
use super::stored::{Place, Stored, Value};
use super::survey::{self, Survey, WINDOW};
use super::verify::children;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::{Bytes, Entry, Version};
use crate::model::limits::MAX_BATCH_BYTES;
use crate::model::tuple::Key;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// How often it is done anew because another engine replaced pages meanwhile.
const ATTEMPTS: usize = 4;

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// The entries that were wanted and can be read, in the order of their keys.
    pub entries: Vec<Entry>,
    /// How many others there are.
    pub others: u64,
    /// What is damaged or missing, each with the name of the blob.
    pub damage: Vec<String>,
}

/// Reads what is readable, and changes nothing. Of each key it gives the last value that can be read; one whose last
/// value is damaged is left out or has the value before that. Where root or pages above leaves are damaged the leaves
/// are found without them; a key that was deleted may then come back.
///
/// # Errors
///
/// [`ErrorKind::LimitExceeded`] where the wanted entries are together over [`MAX_BATCH_BYTES`]: ask for fewer;
/// [`ErrorKind::NewerVersion`], and those of the storage. Damage is in the result.
pub async fn salvage(store: &dyn BlobStore, wanted: &dyn Fn(&Key) -> bool) -> Result<Salvaged> {
    let mut attempt = 1;
    loop {
        let before = survey::epoch(store).await?;
        let kept = Kept { wanted: Some(wanted), ..Kept::default() };
        let salvage = Salvage { survey: Survey::new(store), kept, seen: HashSet::new() };
        let (salvaged, is_overtaken) = salvage.everything().await?;
        let is_sound = salvaged.damage.is_empty() && !is_overtaken;
        if is_sound || attempt == ATTEMPTS || survey::epoch(store).await? == before {
            return Ok(salvaged);
        }
        attempt += 1;
    }
}

struct Salvage<'a> {
    survey: Survey<'a>,
    kept: Kept<'a>,
    /// The pages that were read.
    seen: HashSet<u64>,
}

/// The newest state of each key so far; its value only where that is wanted.
#[derive(Default)]
struct Kept<'a> {
    wanted: Option<&'a dyn Fn(&Key) -> bool>,
    entries: BTreeMap<Key, (Version, Option<Value>)>,
    /// How many bytes the wanted entries have.
    bytes: usize,
}

/// A range of keys of which the pages above are lost.
struct Lost {
    from: Vec<u8>,
    to: Option<Vec<u8>>,
}

impl Lost {
    fn has(&self, key: &[u8]) -> bool {
        self.from.as_slice() <= key && self.to.as_ref().is_none_or(|to| key < to.as_slice())
    }
}

/// A page above others, and the keys that are below it.
struct Above {
    level: u8,
    page: Rc<Page>,
    from: Vec<u8>,
    to: Option<Vec<u8>>,
}

impl Salvage<'_> {
    /// Returns what was saved, and whether another engine replaced the pages as a whole meanwhile.
    async fn everything(mut self) -> Result<(Salvaged, bool)> {
        let root = match self.survey.sound_root().await? {
            Some(root) => Some(root),
            None => self.root_of_log().await?,
        };
        let lost = match &root {
            Some(root) => self.walk(root).await?,
            None => vec![Lost { from: Vec::new(), to: None }],
        };
        if !lost.is_empty() {
            self.strays(&lost).await?;
        }
        let is_overtaken = self.log(root.as_ref()).await?;
        Ok((self.finish().await?, is_overtaken))
    }

    /// The root of the last checkpoint that the log has.
    async fn root_of_log(&self) -> Result<Option<Root>> {
        // What is damaged is noted when the log is read for what it says.
        let mut survey = Survey::new(self.survey.store);
        let mut last = None;
        let first = self.first_of_log().await?;
        let mut take = |_, record| {
            if let Record::Checkpoint(root) = record {
                last = Some(root);
            }
        };
        survey.log(first, &mut take).await?;
        Ok(last)
    }

    async fn first_of_log(&self) -> Result<u64> {
        Ok(self.survey.store.numbers(Area::Log).await?.first().copied().unwrap_or(1))
    }

    /// Takes the leaves that are found from the root on. Returns the ranges whose leaves cannot be found so.
    async fn walk(&mut self, root: &Root) -> Result<Vec<Lost>> {
        let mut lost = Vec::new();
        let mut waiting = vec![Above { level: root.height, page: root.top.clone(), from: Vec::new(), to: None }];
        while let Some(above) = waiting.pop() {
            let below = self.survey.sound(children(&above.page))?;
            let Some(below) = below else {
                lost.push(Lost { from: above.from, to: above.to });
                continue;
            };
            for (start, window) in (0..).step_by(WINDOW).zip(below.chunks(WINDOW)) {
                let ids: Vec<u64> = window.iter().map(|child| child.id).collect();
                self.seen.extend(&ids);
                for (place, found) in (start..).zip(self.survey.pages(&ids).await?) {
                    let from = if place == 0 { above.from.clone() } else { above.page.key(place).to_vec() };
                    let to = match place + 1 {
                        next if next < above.page.len() => Some(above.page.key(next).to_vec()),
                        _ => above.to.clone(),
                    };
                    match found {
                        Some((_, page)) if above.level > 1 => {
                            waiting.push(Above { level: above.level - 1, page: page.into(), from, to });
                        }
                        Some((_, page)) => self.leaf(&page, &|_| true)?,
                        None if above.level > 1 => lost.push(Lost { from, to }),
                        None => {}
                    }
                }
            }
        }
        Ok(lost)
    }

    /// Takes what leaves have of lost ranges that were not found from the root on.
    async fn strays(&mut self, lost: &[Lost]) -> Result<()> {
        let trash = self.survey.trash().await?;
        let is_trash =
            |id: u64| trash.iter().any(|range| range.area == Area::Page && range.first <= id && id <= range.last);
        let mut ids = self.survey.store.numbers(Area::Page).await?;
        ids.retain(|id| !self.seen.contains(id) && !is_trash(*id));
        for window in ids.chunks(WINDOW) {
            for (level, page) in self.survey.pages(window).await?.into_iter().flatten() {
                if level == 0 {
                    self.leaf(&page, &|key| lost.iter().any(|lost| lost.has(key)))?;
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self, page: &Page, takes: &dyn Fn(&[u8]) -> bool) -> Result<()> {
        for place in (0..page.len()).filter(|place| takes(page.key(*place))) {
            let stored = self.survey.sound(Stored::decode(&page.shared_payload(place)))?;
            if let Some(Stored { version, value }) = stored {
                self.kept.put(Key::from_bytes(page.key(place).to_vec()), version, value)?;
            }
        }
        Ok(())
    }

    /// Applies the records of the log that are not in the pages yet. Returns whether a later root has more.
    async fn log(&mut self, root: Option<&Root>) -> Result<bool> {
        let first = match root {
            Some(root) => root.merged + 1,
            None => self.first_of_log().await?,
        };
        let (mut kept, mut applied) = (std::mem::take(&mut self.kept), Ok(()));
        let epoch = root.map_or(u64::MAX, |root| root.epoch);
        let mut is_overtaken = false;
        let mut take = |_, record| {
            is_overtaken |= matches!(&record, Record::Checkpoint(later) if later.is_whole() && later.epoch > epoch);
            if applied.is_ok() {
                applied = kept.apply(record);
            }
        };
        let next = self.survey.log(first, &mut take).await?;
        applied?;
        self.kept = kept;
        if root.is_some_and(|root| root.epoch >= next) {
            self.survey.note(blob::missing(Area::Log, next))?;
        }
        Ok(is_overtaken)
    }

    /// Reads the large values of what is kept.
    async fn finish(mut self) -> Result<Salvaged> {
        let entries = std::mem::take(&mut self.kept.entries);
        let places: Vec<Place> = entries.values().filter_map(|(_, value)| value.as_ref()?.place()).collect();
        let mut large: HashMap<Place, Bytes> = HashMap::new();
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let (these, others) = rest.split_at(survey::window_of(rest));
            let values = self.survey.values(these).await?;
            large.extend(these.iter().zip(values).filter_map(|(place, value)| Some((*place, value?.into()))));
            rest = others;
        }
        let mut salvaged = Salvaged { damage: self.survey.damage, ..Salvaged::default() };
        for (key, (version, value)) in entries {
            let value = match value {
                None => {
                    salvaged.others += 1;
                    continue;
                }
                Some(Value::Inline(bytes)) => Some(bytes),
                Some(Value::Away(place)) => large.get(&place).cloned(),
            };
            salvaged.entries.extend(value.map(|value| Entry { key, value, version: Some(version) }));
        }
        Ok(salvaged)
    }
}

impl Kept<'_> {
    fn apply(&mut self, record: Record) -> Result<()> {
        let Record::Commits { first_version, commits } = record else { return Ok(()) };
        for (version, edits) in (first_version..).map(Version).zip(commits) {
            for edit in edits {
                match edit {
                    Edit::Put(key, value) => self.put(key, version, value)?,
                    Edit::Delete(key) => self.remove(&key, version),
                    Edit::DeleteRange(start, end) if start < end => {
                        let keys: Vec<Key> = self.entries.range(start..end).map(|(key, _)| key.clone()).collect();
                        keys.iter().for_each(|key| self.remove(key, version));
                    }
                    Edit::DeleteRange(..) => {}
                }
            }
        }
        Ok(())
    }

    /// Keeps a value, unless a later one is kept.
    fn put(&mut self, key: Key, version: Version, value: Value) -> Result<()> {
        if self.entries.get(&key).is_some_and(|(kept, _)| *kept > version) {
            return Ok(());
        }
        self.remove(&key, version);
        let is_wanted = self.wanted.is_none_or(|wanted| wanted(&key));
        let value = is_wanted.then_some(value);
        self.bytes += size(&key, value.as_ref());
        self.entries.insert(key, (version, value));
        if self.bytes <= MAX_BATCH_BYTES {
            return Ok(());
        }
        let message = format!("more than {MAX_BATCH_BYTES} bytes are too many to be saved at once; ask for fewer");
        Err(Error::new(ErrorKind::LimitExceeded, message))
    }

    /// Removes what a version that is not later put.
    fn remove(&mut self, key: &Key, version: Version) {
        if self.entries.get(key).is_some_and(|(kept, _)| *kept <= version)
            && let Some((_, value)) = self.entries.remove(key)
        {
            self.bytes -= size(key, value.as_ref());
        }
    }
}

fn size(key: &Key, value: Option<&Value>) -> usize {
    value.map_or(0, |value| key.as_bytes().len() + value.len())
}
