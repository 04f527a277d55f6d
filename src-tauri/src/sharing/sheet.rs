//! The last choice of the Share sheet, which it starts with the next time. Kept in the ledger; one-click never looks here.

use crate::ends::{self, Choices, Kind};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use satchel_core::Result;
use satchel_core::ledger::Ledger;
use satchel_core::links;
use satchel_core::storage::Storage;
use serde::{Deserialize, Serialize};

const SETTING: &str = "share_sheet";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sheet {
    pub open: bool,
    pub stoppable: bool,
    /// What the end was called, if it had a name.
    kind: Option<Kind>,
    /// How long it was then.
    lasts_seconds: Option<i64>,
}

impl Default for Sheet {
    fn default() -> Self {
        Sheet { open: false, stoppable: true, kind: None, lasts_seconds: None }
    }
}

impl Sheet {
    /// What was chosen last; what nobody chose or can read is the default.
    pub async fn last(ledger: &Ledger) -> Self {
        let text = ledger.setting(SETTING).await.ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Remembers a choice. Without an end, that of the last time stays.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`, and what the keys say when they can't be had.
    pub async fn remember(
        ledger: &Ledger,
        storage: &Storage,
        open: bool,
        stoppable: bool,
        end: &links::EndChoice,
    ) -> Result<()> {
        let mut sheet = Sheet { open, stoppable, ..Sheet::last(ledger).await };
        if let links::EndChoice::At(at) = end {
            let now = ZonedDateTime::now();
            let latest = links::latest_end(storage, true).await?;
            let offered = ends::choices(&now, latest.at, storage.place().link_time());
            sheet.ends(&now, *at, &offered);
        }
        let text = serde_json::to_string(&sheet).unwrap_or_default();
        ledger.set_setting(SETTING, &text).await
    }

    fn ends(&mut self, now: &ZonedDateTime, at: Timestamp, offered: &Choices) {
        // The page counts in whole seconds.
        let chosen = offered.choices.iter().find(|choice| choice.at.as_second() == at.as_second());
        self.kind = chosen.map(|choice| choice.kind);
        self.lasts_seconds = Some(at.duration_since(now.timestamp()).as_secs());
    }

    /// Which of the ends that can be kept is most like the last choice.
    pub fn preferred(&self, now: &ZonedDateTime, offered: &Choices) -> usize {
        let allowed = || offered.choices.iter().enumerate().filter(|(_, choice)| choice.allowed);
        let same = allowed().find(|(_, choice)| Some(choice.kind) == self.kind);
        let wished =
            self.lasts_seconds.and_then(|lasts| now.timestamp().checked_add(SignedDuration::from_secs(lasts)).ok());
        let nearest =
            || wished.and_then(|wished| allowed().min_by_key(|(_, choice)| choice.at.duration_since(wished).abs()));
        same.or_else(nearest).map_or(offered.preferred, |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn offered(now: &ZonedDateTime) -> Choices {
        let latest = now.timestamp() + SignedDuration::from_hours(7 * 24);
        ends::choices(now, latest, Duration::from_secs(3 * 24 * 3600))
    }

    #[test]
    fn a_sheet_starts_with_the_end_of_the_last_time_by_its_name_or_by_its_length() {
        let monday: ZonedDateTime = "2026-11-23T11:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let tuesday: ZonedDateTime = "2026-11-24T11:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let mut sheet = Sheet::default();
        assert_eq!(sheet.preferred(&tuesday, &offered(&tuesday)), offered(&tuesday).preferred);
        let tomorrow = offered(&monday).choices.iter().find(|choice| choice.kind == Kind::Tomorrow).unwrap().at;
        sheet.ends(&monday, tomorrow, &offered(&monday));
        let again = offered(&tuesday);
        assert_eq!(again.choices[sheet.preferred(&tuesday, &again)].kind, Kind::Tomorrow);
        sheet.ends(&monday, monday.timestamp() + SignedDuration::from_hours(6 * 24), &offered(&monday));
        assert_eq!(again.choices[sheet.preferred(&tuesday, &again)].kind, Kind::NextWeek, "as long as last time");
    }

    #[tokio::test]
    async fn what_was_kept_by_nobody_is_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        assert_eq!(Sheet::last(&ledger).await, Sheet::default());
        ledger.set_setting(SETTING, "{torn").await.unwrap();
        assert!(Sheet::last(&ledger).await.stoppable);
    }
}
