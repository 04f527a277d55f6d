//! Windows of the list for the page: searched, filtered, counted.

use super::{Item, SharedLinks};
use crate::listings::{Listings, Seen};
use crate::messages;
use crate::places;
use crate::problems::Problems;
use crate::sharing::badge;
use crate::wire::files::drawn;
use crate::wire::shared_links::{GetLinks, LinkFile, LinkFilter, LinkWindow, LinksChanged, MOST_LINKS, SharedLink};
use crate::wire::time;
use jiff::Timestamp;
use satchel_core::links::LinkState;
use satchel_core::place::Place;
use satchel_core::{Code, Error, Operation, Result, names};
use std::sync::{Arc, PoisonError};

impl SharedLinks {
    /// A window of the links of the place in use. Everybody's are read first, if that was not done lately.
    ///
    /// # Errors
    /// `PlaceUnknown` where there is none, `LedgerUnreadable`. What keeps everybody's from being read is in the answer.
    pub async fn window(&self, asked: &GetLinks, listings: &Listings, problems: &Problems) -> Result<LinkWindow> {
        let place = self.place_in_use().await?;
        self.load_if_old(&place.id).await?;
        let trouble = if asked.everybody { self.read_log_of(&place).await } else { self.log_trouble(&place.id) };
        let denied = trouble.as_ref().is_some_and(|error| error.code() == Code::ListDenied);
        let revision = self.revision();
        let (items, fingerprints) = {
            let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
            let kept = places.get(&place.id);
            let items = kept.map(|kept| Arc::clone(&kept.everybody)).unwrap_or_default();
            (items, kept.and_then(|kept| kept.fingerprints.clone()))
        };
        let now = Timestamp::now();
        let shown = shown(&items, asked, now);
        let from = usize::try_from(asked.from).unwrap_or(usize::MAX).min(shown.rows.len());
        let count = usize::try_from(asked.count.min(MOST_LINKS)).unwrap_or(usize::MAX);
        let window: Vec<&Arc<Item>> = shown.rows.iter().skip(from).take(count).copied().collect();
        let files = window.iter().filter(|item| item.files <= 1).map(|item| item.full_name.as_str());
        let seen = listings.look_up(&place.id, &files.collect());
        let draw = |item: &&Arc<Item>| {
            let may = item
                .fingerprint
                .as_ref()
                .is_some_and(|print| fingerprints.as_ref().is_none_or(|current| current.contains(print)));
            draw(item, &place, now, may, seen.get(item.full_name.as_str()))
        };
        let trouble = trouble.filter(|_| asked.everybody);
        Ok(LinkWindow {
            revision,
            from: drawn(from),
            total: drawn(shown.rows.len()),
            working: drawn(shown.working),
            ended: drawn(shown.ended),
            rows: window.iter().map(draw).collect(),
            incomplete: trouble.is_some(),
            problem: trouble.map(|error| problems.tell(error)),
            can_see_everybody: !denied,
        })
    }

    /// How many of the person's own work, for the page's news.
    ///
    /// # Errors
    /// As [`SharedLinks::window`].
    pub async fn changed(&self) -> Result<LinksChanged> {
        let place = self.place_in_use().await?;
        self.load_once(&place.id).await?;
        let (revision, now) = (self.revision(), Timestamp::now());
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let mine = places.get(&place.id).map(|kept| Arc::clone(&kept.everybody)).unwrap_or_default();
        let working = mine.iter().filter(|item| item.who.is_none() && item.works(now)).count();
        Ok(LinksChanged { revision, working: drawn(working) })
    }

    async fn place_in_use(&self) -> Result<Place> {
        let none = || Error::new(Code::PlaceUnknown, Operation::Connect);
        places::in_use(&self.0.ledger, self.0.practice.places()).await?.ok_or_else(none)
    }
}

struct Shown<'i> {
    rows: Vec<&'i Arc<Item>>,
    working: usize,
    ended: usize,
}

/// The rows that are asked for; the counts are those before the search.
fn shown<'i>(items: &'i [Arc<Item>], asked: &GetLinks, now: Timestamp) -> Shown<'i> {
    let words = names::folded(asked.search.trim());
    let mut shown = Shown { rows: Vec::new(), working: 0, ended: 0 };
    for item in items.iter().filter(|item| asked.everybody || item.who.is_none()) {
        let works = item.works(now);
        *if works { &mut shown.working } else { &mut shown.ended } += 1;
        if works == (asked.state == LinkFilter::Working) && item.has(&words) {
            shown.rows.push(item);
        }
    }
    shown
}

fn draw(item: &Item, place: &Place, now: Timestamp, signable: bool, seen: Option<&Seen>) -> SharedLink {
    let state = item.state(now);
    let file = (item.files <= 1).then_some(item.full_name.as_str());
    let (type_label, type_group) = badge(file, item.files.max(1));
    SharedLink {
        id: item.id.clone(),
        name: crate::handover::label(&item.full_name, item.files),
        folder: file.map_or_else(String::new, |name| folder(place, name)),
        files: item.files,
        type_label,
        type_group,
        note: item.note.clone(),
        made_at: time(item.made_at),
        ends_at: time(item.ends_at),
        state: state.into(),
        stopped_at: item.stopped_at.map(time),
        stoppable: item.stoppable,
        mine: item.who.is_none(),
        who: item.who.as_deref().map(names::display).unwrap_or_default(),
        can_copy_again: signable && state == LinkState::Working,
        size_bytes: item.size_bytes.unwrap_or_default(),
        file: file_now(item, seen),
    }
}

fn folder(place: &Place, name: &str) -> String {
    if place.is_in_share_folder(name) {
        return messages::text("shell.share_folder");
    }
    names::display(names::parent(name).trim_end_matches('/'))
}

/// What became of the file, as far as an open folder tells. Nobody is asked for that.
fn file_now(item: &Item, seen: Option<&Seen>) -> LinkFile {
    let bare = |etag: &str| etag.trim_matches('"').to_owned();
    match seen {
        None => LinkFile::Unknown,
        Some(Seen::Gone) => LinkFile::Gone,
        Some(Seen::There { size_bytes, etag }) => match (&item.etag, etag, item.size_bytes) {
            (Some(then), Some(now), _) if bare(then) == bare(now) => LinkFile::Same,
            (Some(_), Some(_), _) => LinkFile::Changed,
            (_, _, Some(then)) if then != *size_bytes => LinkFile::Changed,
            _ => LinkFile::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{record, shared};
    use super::super::item::together;
    use super::*;

    fn asked(everybody: bool, state: LinkFilter, search: &str) -> GetLinks {
        GetLinks { everybody, state, search: search.to_owned(), from: 0, count: 10 }
    }

    #[test]
    fn counts_are_those_before_the_search_and_colleagues_come_only_when_asked_for() {
        let mine = [("a", "a.pdf", 1), ("b", "b.pdf", 1), ("c", "c.pdf", -1)];
        let mine: Vec<_> = mine.map(|(id, name, hours)| Arc::new(Item::mine(&shared(id, name, hours)))).into();
        let items = together(&mine, &[record("d", "d.pdf", "Sabine")]);
        let ids = |asked: &GetLinks| {
            let shown = shown(&items, asked, Timestamp::now());
            let ids: Vec<_> = shown.rows.iter().map(|item| item.id.clone()).collect();
            (ids, shown.working, shown.ended)
        };
        assert_eq!(ids(&asked(false, LinkFilter::Working, "B.P")), (vec!["b".to_owned()], 2, 1));
        assert_eq!(ids(&asked(true, LinkFilter::Working, "sabine")), (vec!["d".to_owned()], 3, 1));
        assert_eq!(ids(&asked(false, LinkFilter::Ended, "")), (vec!["c".to_owned()], 2, 1));
    }

    #[test]
    fn ten_thousand_links_are_gone_through_in_no_time() {
        let mine: Vec<_> =
            (0..10_000).map(|number| Arc::new(Item::mine(&shared(&number.to_string(), "Press/a.pdf", 1)))).collect();
        let begun = std::time::Instant::now();
        assert_eq!(shown(&mine, &asked(false, LinkFilter::Working, "nothing"), Timestamp::now()).rows.len(), 0);
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[test]
    fn what_became_of_a_file_is_said_only_if_it_is_known() {
        let item = Item::mine(&shared("a", "a.pdf", 1));
        let there = |etag: &str| Seen::There { size_bytes: 1_000, etag: Some(etag.to_owned()) };
        assert_eq!(file_now(&item, None), LinkFile::Unknown);
        assert_eq!(file_now(&item, Some(&Seen::Gone)), LinkFile::Gone);
        assert_eq!(file_now(&item, Some(&there("e"))), LinkFile::Same);
        assert_eq!(file_now(&item, Some(&there("f"))), LinkFile::Changed);
        let unnamed = |size_bytes| Seen::There { size_bytes, etag: None };
        assert_eq!(file_now(&item, Some(&unnamed(1_000))), LinkFile::Unknown);
        assert_eq!(file_now(&item, Some(&unnamed(1_001))), LinkFile::Changed);
    }
}
