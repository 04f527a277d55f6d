//! The list against a real store: the practice place, and links that were made elsewhere.

use super::*;
use crate::listings::Listings;
use crate::problems::Problems;
use crate::wire::shared_links::{GetLinks, LinkFilter, LinkWindow};
use satchel_core::credentials::KeyRooms;
use satchel_core::links::LinkRequest;
use satchel_core::place::store::Places;
use satchel_core::storage::Limiter;
use std::time::Duration;

struct Computer {
    links: SharedLinks,
    listings: Listings,
    marks: Marks,
    storage: Storage,
    _folder: tempfile::TempDir,
}

impl Computer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        let places = Places::new(ledger.clone(), KeyRooms::default());
        let practice = Practice::new(folder.path(), places, Limiter::new(None));
        let place = practice.open().await.unwrap();
        let storage = practice.storage(&place).await.unwrap();
        let marks = Marks::default();
        let links = SharedLinks::new(ledger, practice.clone(), marks.clone(), Tasks::default());
        let listings = Listings::new(practice, marks.clone(), links.clone(), Problems::default());
        Computer { links, listings, marks, storage, _folder: folder }
    }

    /// Links that are on no list here, as a colleague makes them.
    async fn made_elsewhere(&self, name: &str) -> Link {
        links::make_link(&self.storage, &LinkRequest::new(name)).await.unwrap()
    }

    async fn window(&self, everybody: bool, state: LinkFilter) -> LinkWindow {
        let asked = GetLinks { everybody, state, search: String::new(), from: 0, count: 50 };
        self.links.window(&asked, &self.listings, &Problems::default()).await.unwrap()
    }

    async fn a_file(&self) -> String {
        let mut pages = satchel_core::files::Pages::new(&self.storage, "", true);
        let page = pages.next().await.unwrap().unwrap();
        page.files.first().unwrap().name.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_on_the_list_and_on_its_row_until_it_is_stopped() {
    let computer = Computer::start().await;
    let file = computer.a_file().await;
    let link = computer.made_elsewhere(&file).await;
    computer.links.add(&computer.storage, &link).await.unwrap();
    let place = &computer.storage.place().id;
    assert!(computer.marks.of(place, &file).is_some_and(|mark| (mark.count, mark.direct) == (1, 0)));
    let window = computer.window(false, LinkFilter::Working).await;
    assert_eq!((window.working, window.ended, window.rows.len()), (1, 0, 1));
    assert!(window.rows[0].mine && window.rows[0].can_copy_again && window.rows[0].stoppable);

    computer.links.stop(&link.id).await.unwrap();
    assert_eq!(computer.marks.of(place, &file), None);
    let ended = computer.window(false, LinkFilter::Ended).await;
    assert_eq!((ended.working, ended.ended), (0, 1));
    assert!(ended.rows[0].stopped_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_link_is_among_everybodys_and_can_be_stopped_there() {
    let computer = Computer::start().await;
    let file = computer.a_file().await;
    let link = computer.made_elsewhere(&file).await;
    assert_eq!(computer.window(false, LinkFilter::Working).await.rows.len(), 0);
    let everybody = computer.window(true, LinkFilter::Working).await;
    assert_eq!((everybody.rows.len(), everybody.incomplete, everybody.can_see_everybody), (1, false, true));
    assert!(!everybody.rows[0].mine && !everybody.rows[0].can_copy_again && !everybody.rows[0].who.is_empty());
    assert!(computer.marks.of(&computer.storage.place().id, &file).is_some(), "its row says so too");

    computer.links.stop(&link.id).await.unwrap();
    let ended = computer.window(true, LinkFilter::Ended).await;
    assert_eq!((ended.working, ended.ended), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ends_by_itself_leaves_the_working_ones() {
    let computer = Computer::start().await;
    let file = computer.a_file().await;
    let end = links::EndChoice::In(Duration::from_secs(3600));
    let request = LinkRequest { end, ..LinkRequest::new(file.as_str()) };
    let link = links::make_link(&computer.storage, &request).await.unwrap();
    computer.links.add(&computer.storage, &link).await.unwrap();
    assert_eq!(computer.links.next_end(Timestamp::now()), Some(link.ends_at));
    let before = computer.links.revision();
    computer.links.end(link.ends_at, link.ends_at + jiff::SignedDuration::from_secs(1));
    assert_eq!(computer.links.revision(), before, "nothing ended then");
    computer.links.end(link.ends_at - jiff::SignedDuration::from_secs(1), link.ends_at);
    assert_eq!(computer.links.revision(), before + 1);
}
