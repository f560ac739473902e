//! Reading everything: to tell whether it is whole, and to save what is.

use super::blob_store::{Area, Blob, BlobRange};
use super::page::Page;
use super::root::{Child, Root};
use super::stored::{Stored, Value};
use super::{Engine, blob, read};
use crate::error::{Error, ErrorKind, Result};

/// How many pages are read at a time.
const WINDOW: usize = if cfg!(feature = "tiny") { 2 } else { 64 };

/// What [`Paged::verify`](super::Paged::verify) found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// How many pages there are.
    pub pages: u64,
    /// How many entries are in them. Those of the log are not counted.
    pub entries: u64,
    /// How many entries have their value in blobs of its own.
    pub large_values: u64,
    /// The last log number that is in use, and how many are merged into the pages.
    pub log: (u64, u64),
    /// What is damaged or missing; nothing where all is well.
    pub damage: Vec<String>,
}

impl Engine {
    pub(super) async fn verify(&self) -> Result<Report> {
        let mut report = Report::default();
        let root = loop {
            match self.catch_up().await {
                Err(error) if error.kind() == ErrorKind::Corrupt => report.damage.push(error.message().to_owned()),
                result => result?,
            }
            let state = self.state.borrow();
            if !state.is_detached() {
                report.log = (state.head, state.root.merged);
                break state.root.clone();
            }
        };
        self.verify_log(&mut report).await?;
        self.verify_pages(&root, &mut report).await?;
        self.verify_trash(&mut report).await?;
        Ok(report)
    }

    async fn verify_log(&self, report: &mut Report) -> Result<()> {
        let (head, merged) = report.log;
        let read = self.store.read(&[BlobRange { area: Area::Log, first: merged + 1, last: head }]).await?;
        let blobs = read.first().map(Vec::as_slice).unwrap_or_default();
        if let Err(error) = super::record::join(merged + 1, blobs, &mut |_, _, _| Ok(())) {
            report.damage.push(error.message().to_owned());
        }
        Ok(())
    }

    async fn verify_trash(&self, report: &mut Report) -> Result<()> {
        let read = self.store.read(&[BlobRange::from(Area::Trash, 0)]).await?;
        let damaged = read.iter().flatten().filter_map(|sealed| blob::open(Area::Trash, None, sealed).err());
        report.damage.extend(damaged.map(|error| error.message().to_owned()));
        Ok(())
    }

    async fn verify_pages(&self, root: &Root, report: &mut Report) -> Result<()> {
        let mut waiting = vec![(root.height, root.top.clone(), Vec::new())];
        while let Some((level, page, fence)) = waiting.pop() {
            if !is_sorted(&page) || page.len() > 0 && page.key(0) < fence.as_slice() && level < root.height {
                report.damage.push("a page's keys are out of order".to_owned());
            }
            let children = (0..page.len()).map(|place| Child::at(&page, place)).collect::<Result<Vec<_>>>()?;
            for (place, window) in (0..).step_by(WINDOW).zip(children.chunks(WINDOW)) {
                let ranges: Vec<_> = window.iter().map(|child| BlobRange::one(Area::Page, child.id)).collect();
                let read = self.store.read(&ranges).await?;
                for (place, (child, blobs)) in (place..).zip(window.iter().zip(&read)) {
                    match self.verify_page(*child, level, blobs, report).await? {
                        Some(below) if level > 1 => waiting.push((level - 1, below.into(), page.key(place).to_vec())),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    async fn verify_page(&self, child: Child, level: u8, blobs: &[Blob], report: &mut Report) -> Result<Option<Page>> {
        report.pages += 1;
        let page = match page_of(child.id, blobs) {
            Ok(page) => page,
            Err(error) => {
                report.damage.push(error.message().to_owned());
                return Ok(None);
            }
        };
        if level > 1 {
            return Ok(Some(page));
        }
        report.entries += page.len() as u64;
        if page.len() as u64 != child.entries || !is_sorted(&page) {
            report.damage.push(blob::damaged(Area::Page, Some(child.id)).message().to_owned());
        }
        for place in 0..page.len() {
            match Stored::decode(page.payload(place)) {
                Ok(Stored { value: Value::Away(place), .. }) => {
                    report.large_values += 1;
                    let read = self.store.read(&[place.blobs()]).await?;
                    if let Err(error) = read::value_of(place, read.first().map(Vec::as_slice).unwrap_or_default()) {
                        report.damage.push(error.message().to_owned());
                    }
                }
                Ok(_) => {}
                Err(error) => report.damage.push(error.message().to_owned()),
            }
        }
        Ok(Some(page))
    }
}

fn page_of(id: u64, blobs: &[Blob]) -> Result<Page, Error> {
    let sealed = blobs.first().ok_or_else(|| blob::missing(Area::Page, id))?;
    let opened = blob::open(Area::Page, Some(id), sealed)?;
    Page::decode(opened.content.into_owned()).map_err(|_| blob::damaged(Area::Page, Some(id)))
}

fn is_sorted(page: &Page) -> bool {
    (1..page.len()).all(|place| page.key(place - 1) < page.key(place))
}
