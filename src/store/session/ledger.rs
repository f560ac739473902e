//! What runs used, by model, by run, by session and by day.

use super::{SessionStore, Sessions};
use crate::error::{Error, ErrorKind, Result};
use crate::model::batch::Entry;
use crate::model::keyspace::{SessionScope, last_number};
use crate::model::session::head::decode;
use crate::model::session::{DayUsage, RunUsage, UsageByModel, is_day};

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// What the runs of the session used, those that were taken back too.
    pub async fn usage(&self) -> Result<UsageByModel> {
        let _call = self.database.begin()?;
        Ok(self.head().await?.usage)
    }

    /// What each run used, the oldest first.
    pub async fn usage_by_run(&self) -> Result<Vec<RunUsage>> {
        let _call = self.database.begin()?;
        let mut runs = Vec::new();
        let mut take = |entry: Entry| {
            let UsageByModel { total, models } = decode(&entry.value)?;
            runs.push(RunUsage { run: last_number(&entry.key)?.cast_signed(), total, models });
            Ok(true)
        };
        self.database.scan(self.scope.usages(self.session_id()), &mut take).await?;
        Ok(runs)
    }
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl Sessions {
    /// What all sessions used, deleted ones too, on each day from the first to the last one; without a last one up to now. Days are of UTC, as `2026-11-22`.
    ///
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where one is no day; an empty first one is the first of all.
    pub async fn usage_by_day(&self, first: &str, last: Option<&str>) -> Result<Vec<DayUsage>> {
        check_days(first, last)?;
        let _call = self.database.begin()?;
        let mut days: Vec<DayUsage> = Vec::new();
        let mut take = |entry: Entry| {
            let (day, used) = (SessionScope::day_of(&entry.key)?, decode::<UsageByModel>(&entry.value)?);
            match days.last_mut().filter(|known| known.day == day) {
                Some(known) => {
                    let mut sum = UsageByModel { total: known.total, models: std::mem::take(&mut known.models) };
                    sum.join(&used);
                    (known.total, known.models) = (sum.total, sum.models);
                }
                None => days.push(DayUsage { day, total: used.total, models: used.models }),
            }
            Ok(true)
        };
        self.database.scan(self.scope.days(first, last), &mut take).await?;
        Ok(days)
    }
}

pub(super) fn check_days(first: &str, last: Option<&str>) -> Result<()> {
    let named = [Some(first).filter(|first| !first.is_empty()), last];
    match named.into_iter().flatten().find(|day| !is_day(day)) {
        Some(day) => Err(Error::new(ErrorKind::InvalidArgument, format!("{day:?} is no day such as 2026-11-22"))),
        None => Ok(()),
    }
}
