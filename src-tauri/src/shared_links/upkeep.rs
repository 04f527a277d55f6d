//! What happens to links by themselves: they end, and a day before that the person is told if they wish.

use super::SharedLinks;
use crate::bridge;
use crate::state::Tasks;
use crate::wire::links::LinkProgress;
use crate::{handover, messages, notify};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Shared};
use satchel_core::settings::KeptSettings;
use satchel_core::{Result, links::Copied};
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tokio::sync::watch;

/// Computers sleep and clocks are set: it is looked this often at least.
const LOOKS: Duration = Duration::from_secs(60);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const TOLD: &str = "links_told_of";

/// Follows the links for as long as the app lives: tells the page, lets them end, reminds of those that are about to.
pub fn follow(app: &AppHandle, links: SharedLinks, copied: watch::Receiver<Copied>) {
    let tasks = app.state::<Tasks>();
    let (news, ends, reminders) = (app.clone(), links.clone(), links.clone());
    tasks.spawn(async move { tell_changes(&news, &links).await });
    tasks.spawn(async move { let_end(&ends).await });
    let (progress, reminding) = (app.clone(), app.clone());
    tasks.spawn(async move { tell_progress(&progress, copied).await });
    tasks.spawn(async move { remind(&reminding, &reminders).await });
}

/// The person's links that still work, of all places, the newest first.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn recent(ledger: &Ledger, count: usize) -> Result<Vec<Shared>> {
    let mut working = links::working(ledger).await?;
    working.truncate(count);
    Ok(working)
}

async fn tell_changes(app: &AppHandle, links: &SharedLinks) {
    let mut changes = links.watch();
    while changes.changed().await.is_ok() {
        changes.mark_unchanged();
        // Without a place there is nobody who would draw it.
        if let Ok(changed) = links.changed().await {
            bridge::tell(app, changed);
        }
        tokio::time::sleep(bridge::PAUSE).await;
    }
}

async fn tell_progress(app: &AppHandle, mut copied: watch::Receiver<Copied>) {
    while copied.changed().await.is_ok() {
        let Copied { bytes, of_bytes } = *copied.borrow_and_update();
        bridge::tell(app, LinkProgress { bytes, of_bytes });
        tokio::time::sleep(bridge::PAUSE).await;
    }
}

/// Moves what has ended over to the ended, and takes its marks off the rows.
async fn let_end(links: &SharedLinks) {
    let mut changes = links.watch();
    let mut looked = Timestamp::now();
    loop {
        let now = Timestamp::now();
        links.end(looked, now);
        looked = now;
        let next = links.next_end(now).and_then(|end| Duration::try_from(end.duration_since(now)).ok());
        let pause = next.map_or(LOOKS, |next| LOOKS.min(next + Duration::from_millis(10)));
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

impl SharedLinks {
    /// Draws the places anew where a link has ended since then.
    pub(super) fn end(&self, since: Timestamp, now: Timestamp) {
        let ended: Vec<_> = {
            let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
            let has_ended = |item: &Arc<super::Item>| item.ends_at > since && item.ends_at <= now;
            let ended = places.iter().filter(|(_, kept)| kept.everybody.iter().any(has_ended));
            ended.map(|(place, _)| place.clone()).collect()
        };
        for place in ended {
            self.change(&place, |_| {});
        }
    }

    pub(super) fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let items = places.values().flat_map(|kept| kept.everybody.iter());
        items.filter(|item| item.works(now)).map(|item| item.ends_at).min()
    }
}

/// Says a day before that a link ends, if the person wishes, and once only.
async fn remind(app: &AppHandle, links: &SharedLinks) {
    let settings = app.state::<KeptSettings>().inner().clone();
    loop {
        if settings.now().tell_before_end
            && let Err(error) = remind_once(app, &links.0.ledger).await
        {
            tracing::warn!(%error, "which links end soon can't be read");
        }
        tokio::time::sleep(LOOKS).await;
    }
}

async fn remind_once(app: &AppHandle, ledger: &Ledger) -> Result<()> {
    let working = links::working(ledger).await?;
    let told = ledger.setting(TOLD).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let (due, told) = due(&working, told, Timestamp::now());
    let Some(first) = due.iter().min_by_key(|link| link.ends_at) else { return Ok(()) };
    // Noted first: rather never than with every look.
    ledger.set_setting(TOLD, &serde_json::to_string(&told).unwrap_or_default()).await?;
    let (file, end) = (handover::label(&first.name, first.files), links::until(first.ends_at, &ZonedDateTime::now()));
    let values = [("file", file.as_str()), ("end", end.as_str())];
    let news = if due.len() == 1 { "shell.notification.link_ends" } else { "shell.notification.links_end" };
    notify::show(
        app,
        messages::filled(&format!("{news}.title"), &values),
        messages::filled(&format!("{news}.body"), &values),
    );
    Ok(())
}

/// What the person has to be told of now, and all that they will have been told of. Of links that were made for a day or
/// less nobody needs to be reminded.
fn due(working: &[Shared], told: HashSet<String>, now: Timestamp) -> (Vec<&Shared>, HashSet<String>) {
    let ends_soon =
        |link: &&Shared| link.ends_at.duration_since(now) <= DAY && link.ends_at.duration_since(link.made_at) > DAY;
    let due: Vec<&Shared> = working.iter().filter(ends_soon).filter(|link| !told.contains(&link.id)).collect();
    // What has ended is forgotten.
    let still = working.iter().filter(|link| told.contains(&link.id)).chain(due.iter().copied());
    let told = still.map(|link| link.id.clone()).collect();
    (due, told)
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::shared;
    use super::*;

    #[test]
    fn a_link_is_reminded_of_once_a_day_before_its_end() {
        let now = Timestamp::now();
        let lasting = |id: &str, hours: i64| Shared {
            made_at: now - SignedDuration::from_hours(48),
            ..shared(id, "a.pdf", hours)
        };
        let links = [lasting("soon", 23), lasting("later", 25), shared("short", "b.pdf", 2)];
        let ids = |due: &[&Shared]| due.iter().map(|link| link.id.clone()).collect::<Vec<_>>();
        let (first, told) = due(&links, HashSet::from(["gone".to_owned()]), now);
        assert_eq!((ids(&first), told.clone()), (vec!["soon".to_owned()], HashSet::from(["soon".to_owned()])));
        assert!(due(&links, told, now).0.is_empty());
    }
}
