//! Verifying: reading everything that is stored, and holding it against its checksums and against each other.

use super::blob;
use super::blob_store::{Area, BlobStore, Neighbours};
use super::page::Page;
use super::record::Record;
use super::root::{Child, Root};
use super::stored::{Place, Stored};
use super::survey::{self, Survey, WINDOW};
use super::tail::{Overlay, Tail};
use crate::backend::Report;
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Version;
use std::collections::HashSet;
use std::rc::Rc;

/// How often it is done anew because the pages were replaced meanwhile.
const ATTEMPTS: usize = 4;

/// Reads every blob that is in use. Others may go on writing: what is verified is the state of one moment.
///
/// # Errors
///
/// Those of the storage, and [`ErrorKind::NewerVersion`]. Damage is in the report.
pub(super) async fn verify(store: &dyn BlobStore, neighbours: &dyn Neighbours) -> Result<Report> {
    let mut attempt = 1;
    loop {
        let mut check = Check {
            survey: Survey::new(store),
            overlay: Overlay::default(),
            of_log: HashSet::new(),
            is_overtaken: false,
            entries: 0,
        };
        let epoch = check.everything(neighbours).await?;
        // Who stands on an epoch keeps what belongs to it. Not so without locks, or where the page is frozen meanwhile.
        let is_sound = check.survey.damage.is_empty() && !check.is_overtaken;
        if is_sound || attempt == ATTEMPTS || survey::epoch(store).await? == epoch {
            let Survey { blobs, bytes, damage, .. } = check.survey;
            return Ok(Report { entries: check.entries, blobs, bytes, damage });
        }
        attempt += 1;
    }
}

struct Check<'a> {
    survey: Survey<'a>,
    /// What the log says over the pages.
    overlay: Overlay,
    /// The large values of which the log tells.
    of_log: HashSet<Place>,
    /// Whether the pages have been replaced as a whole meanwhile.
    is_overtaken: bool,
    entries: u64,
}

/// A page above others, and where what is below it ends.
struct Above {
    level: u8,
    page: Rc<Page>,
    upper: Option<Vec<u8>>,
}

impl Check<'_> {
    /// Returns the epoch that was verified; `None` where the root is lost.
    async fn everything(&mut self, neighbours: &dyn Neighbours) -> Result<Option<u64>> {
        let stood_on = survey::epoch(self.survey.store).await?.unwrap_or_default();
        let _hold = neighbours.stand(stood_on).await?;
        let root = self.survey.sound_root().await?;
        let epoch = root.as_ref().map(|root| root.epoch);
        self.log(root.as_ref()).await?;
        if let Some(root) = root {
            self.pages(&root).await?;
        }
        self.survey.trash().await?;
        Ok(epoch)
    }

    async fn log(&mut self, root: Option<&Root>) -> Result<()> {
        let first = match root {
            Some(root) => root.merged + 1,
            None => self.survey.store.numbers(Area::Log).await?.first().copied().unwrap_or(1),
        };
        let mut tail = Tail::default();
        let mut is_overtaken = false;
        let mut apply = |last, record| match record {
            Record::Commits { first_version, commits } => {
                for (version, edits) in (first_version..).zip(commits) {
                    edits.into_iter().for_each(|edit| tail.apply(edit, Version(version), last));
                }
            }
            // What such a root has is nowhere else.
            Record::Checkpoint(root) => is_overtaken |= root.is_whole(),
        };
        let next = self.survey.log(first, &mut apply).await?;
        self.is_overtaken = is_overtaken;
        if root.is_some_and(|root| root.epoch >= next) {
            self.survey.note(blob::missing(Area::Log, next))?;
        }
        self.overlay = tail.overlay(&Default::default(), None);
        self.entries = self.overlay.keys.iter().filter(|(_, stored)| stored.is_some()).count() as u64;
        let stored = self.overlay.keys.iter().filter_map(|(_, stored)| stored.as_ref());
        let places: Vec<Place> = stored.filter_map(|stored| stored.value.place()).collect();
        self.values(&places).await?;
        self.of_log = places.into_iter().collect();
        Ok(())
    }

    async fn pages(&mut self, root: &Root) -> Result<()> {
        let mut waiting = vec![Above { level: root.height, page: root.top.clone(), upper: None }];
        while let Some(above) = waiting.pop() {
            let children = children(&above.page)?;
            for (start, window) in (0..).step_by(WINDOW).zip(children.chunks(WINDOW)) {
                let ids: Vec<u64> = window.iter().map(|child| child.id).collect();
                let pages = self.survey.pages(&ids).await?;
                for (place, (child, found)) in (start..).zip(window.iter().zip(pages)) {
                    let Some((level, page)) = found else { continue };
                    let upper = match place + 1 {
                        next if next < above.page.len() => Some(above.page.key(next).to_vec()),
                        _ => above.upper.clone(),
                    };
                    let fits = fits(child, &page, above.page.key(place), upper.as_deref(), (level, above.level - 1));
                    if let Err(problem) = fits {
                        let message = format!("blob {} of {:?} does not fit: {problem}", child.id, Area::Page.name());
                        self.survey.note(Error::new(ErrorKind::Corrupt, message))?;
                    }
                    if above.level == 1 {
                        self.leaf(child.id, &page).await?;
                    } else if level > 0 {
                        waiting.push(Above { level: above.level - 1, page: page.into(), upper });
                    }
                }
            }
        }
        Ok(())
    }

    async fn leaf(&mut self, id: u64, page: &Page) -> Result<()> {
        let mut places = Vec::new();
        for place in 0..page.len() {
            let key = page.key(place);
            let stored =
                Stored::decode(&page.shared_payload(place)).map_err(|error| survey::of_blob(error, Area::Page, id));
            let Some(stored) = self.survey.sound(stored)? else { continue };
            places.extend(stored.value.place().filter(|place| !self.of_log.contains(place)));
            let is_said = self.overlay.keys.binary_search_by(|(known, _)| known.as_bytes().cmp(key)).is_ok();
            if !is_said && !self.overlay.hides(key) {
                self.entries += 1;
            }
        }
        self.values(&places).await
    }

    async fn values(&mut self, mut rest: &[Place]) -> Result<()> {
        while !rest.is_empty() {
            let (these, others) = rest.split_at(survey::window_of(rest));
            self.survey.values(these).await?;
            rest = others;
        }
        Ok(())
    }
}

/// The pages below a page.
pub(super) fn children(page: &Page) -> Result<Vec<Child>> {
    (0..page.len()).map(|place| Child::at(page, place)).collect()
}

/// Holds a page against what the page above says of it.
fn fits(
    child: &Child,
    page: &Page,
    fence: &[u8],
    upper: Option<&[u8]>,
    (level, expected): (u8, u8),
) -> Result<(), &'static str> {
    if level != expected {
        return Err("it is of another level");
    }
    let is_sorted = (1..page.len()).all(|place| page.key(place - 1) < page.key(place));
    let is_inside = page.len() == 0
        || fence <= page.key(0) && upper.is_none_or(|upper| page.key(page.len().saturating_sub(1)) < upper);
    if !is_sorted || !is_inside {
        return Err("its keys are out of order");
    }
    let damaged = |_| "what is in it cannot be read";
    let (entries, has_places) = if level == 0 {
        let stored = (0..page.len()).map(|place| Stored::decode(&page.shared_payload(place)));
        let stored = stored.collect::<Result<Vec<_>>>().map_err(damaged)?;
        (page.len() as u64, stored.iter().any(|stored| stored.value.place().is_some()))
    } else {
        let below = children(page).map_err(damaged)?;
        (below.iter().map(|child| child.entries).sum(), below.iter().any(|child| child.has_places))
    };
    if entries != child.entries {
        return Err("the page above counts its entries wrongly");
    }
    if has_places != child.has_places {
        return Err("the page above is wrong about large values in it");
    }
    Ok(())
}
