//! Links that can be stopped: what they open, how they end, and that nothing else does.

use super::{http, request};
use crate::store::Store;
use satchel_core::ledger::Ledger;
use satchel_core::links::{
    self, Course, EndChoice, Link, LinkRequest, LinkState, PrivateFolder, Shared, Stoppable, make_link,
};
use satchel_core::place::{Place, PlaceId};
use satchel_core::storage::Storage;
use satchel_core::{Code, names};
use std::time::Duration;
use tempfile::TempDir;

fn stoppable(name: &str) -> LinkRequest {
    LinkRequest { stoppable: Stoppable::Must, ..request(name, 3600) }
}

struct Desk {
    store: Store,
    storage: Storage,
    ledger: Ledger,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let store = Store::start().await;
        let storage = store.storage().await;
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        Desk { store, storage, ledger, folder }
    }

    fn place(&self) -> &PlaceId {
        &self.storage.place().id
    }

    async fn make(&self, request: &LinkRequest) -> (Link, Shared) {
        let link = make_link(&self.storage, request).await.unwrap();
        links::remember(&self.ledger, self.place(), &link).await.unwrap();
        let shared = links::find(&self.ledger, &link.id).await.unwrap();
        (link, shared)
    }

    async fn log(&self) -> Vec<String> {
        self.store.keys().await.into_iter().filter(|key| key.starts_with(".s/log/")).collect()
    }

    async fn copies(&self) -> Vec<String> {
        let all = self.store.keys().await.into_iter();
        all.filter(|key| PrivateFolder::of(self.storage.place(), key).is_some()).collect()
    }
}

async fn status(link: &Link) -> u16 {
    http::get(link.url.reveal()).await.status
}

#[tokio::test]
async fn stopping_ends_one_link_and_touches_no_file_and_no_other_link() {
    let desk = Desk::new().await;
    desk.store.put("press/a.pdf", b"%PDF").await;
    let (one, shared) = desk.make(&stoppable("press/a.pdf")).await;
    let (other, _) = desk.make(&stoppable("press/a.pdf")).await;
    assert!(one.stoppable && one.recorded);
    assert_eq!((status(&one).await, status(&other).await), (200, 200));
    links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap();
    assert!(matches!(status(&one).await, 403 | 404));
    assert_eq!(status(&other).await, 200, "another link of the same file still works");
    assert_eq!(
        desk.copies().await,
        std::slice::from_ref(&other.recipe.key_name),
        "the copy is gone, the other's is not"
    );
    assert!(desk.store.keys().await.contains(&"press/a.pdf".to_owned()));
    let now = jiff::Timestamp::now();
    assert_eq!(links::find(&desk.ledger, &one.id).await.unwrap().state(now), LinkState::Stopped);
    let again = links::copy_again(&desk.storage, &links::find(&desk.ledger, &one.id).await.unwrap()).await;
    assert_eq!(again.unwrap_err().code(), Code::LinkOver);
}

#[tokio::test]
async fn in_a_place_with_versions_a_stopped_link_leaves_no_version_behind() {
    let desk = Desk::new().await;
    desk.store.keep_versions().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let (link, shared) = desk.make(&stoppable("a.pdf")).await;
    assert!(!link.url.reveal().contains("versionId"), "{link:?}");
    links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap();
    assert!(matches!(status(&link).await, 403 | 404));
    assert_eq!(desk.store.versions(&link.recipe.key_name).await, 0, "the copy is gone for good");
}

#[tokio::test]
async fn a_direct_link_says_that_it_can_not_be_called_back() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let (link, shared) = desk.make(&request("a.pdf", 60)).await;
    assert!(!link.stoppable);
    let refused = links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotStoppable);
    assert_eq!(status(&link).await, 200);
    assert!(desk.store.keys().await.contains(&"a.pdf".to_owned()));
}

#[tokio::test]
async fn a_link_is_copied_again_letter_for_letter_and_kept_nowhere() {
    let desk = Desk::new().await;
    desk.store.put("Müller & Söhne.pdf", b"%PDF").await;
    for wished in [stoppable("Müller & Söhne.pdf"), request("Müller & Söhne.pdf", 3600)] {
        let (link, _) = desk.make(&wished).await;
        let ledger = Ledger::open(desk.folder.path()).await.unwrap();
        let place = Place { id: desk.place().clone(), ..desk.store.place() };
        let after_a_restart = Storage::open_with(&place, &desk.store.key()).await.unwrap();
        let shared = links::find(&ledger, &link.id).await.unwrap();
        let again = links::copy_again(&after_a_restart, &shared).await.unwrap();
        assert_eq!(again.url.reveal(), link.url.reveal());
        let signature = link.url.reveal().rsplit_once("X-Amz-Signature=").unwrap().1.to_owned();
        for file in std::fs::read_dir(desk.folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(signature.len()).any(|window| window == signature.as_bytes()), "in the ledger");
        }
        for key in desk.log().await {
            let bytes = desk.store.content(&key).await;
            assert!(!key.contains(&signature) && !String::from_utf8_lossy(&bytes).contains("X-Amz"), "{key}");
        }
    }
    let (link, _) = desk.make(&stoppable("Müller & Söhne.pdf")).await;
    let shared = links::find(&desk.ledger, &link.id).await.unwrap();
    let others_keys = desk.store.storage_without_listing().await;
    assert_eq!(links::copy_again(&others_keys, &shared).await.unwrap_err().code(), Code::LinkKeysGone);
}

#[tokio::test]
async fn the_log_tells_everybody_who_shared_what_until_when_and_that_it_was_stopped() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let (link, shared) = desk.make(&LinkRequest { note: Some("for Anna".to_owned()), ..stoppable("a.pdf") }).await;
    let colleague = desk.store.storage().await;
    let since = jiff::Timestamp::now() - Duration::from_secs(60);
    let [record] = <[_; 1]>::try_from(links::read_records(&colleague, since, None).await.unwrap()).unwrap();
    assert_eq!((record.id.as_str(), record.name.as_str(), record.ends_at), (link.id.as_str(), "a.pdf", link.ends_at));
    assert_eq!((record.who.clone(), record.stopped.clone()), (desk.store.key().key_id, None));
    for key in desk.log().await {
        let text = String::from_utf8(desk.store.content(&key).await).unwrap();
        assert!(!text.contains("Anna"), "the note is private: {text}");
    }
    links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap();
    let [record] = <[_; 1]>::try_from(links::read_records(&colleague, since, None).await.unwrap()).unwrap();
    assert!(record.stopped.is_some());
    desk.store.forget_requests();
    links::read_records(&colleague, since, None).await.unwrap();
    assert_eq!(desk.store.requests(), ["ListObjectsV2"], "one request for all of them");
}

#[tokio::test]
async fn somebody_with_the_right_stops_a_colleagues_link_by_its_record() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let (link, _) = desk.make(&stoppable("a.pdf")).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (storage, ledger) = (desk.store.storage().await, Ledger::open(elsewhere.path()).await.unwrap());
    let since = jiff::Timestamp::now() - Duration::from_secs(60);
    let record = links::read_records(&storage, since, None).await.unwrap().remove(0);
    links::stop_recorded(&storage, &ledger, &record).await.unwrap();
    assert!(matches!(status(&link).await, 403 | 404));
    assert!(links::read_records(&storage, since, None).await.unwrap()[0].stopped.is_some());
    // A record that lies about what it opens deletes nothing.
    let lying = links::Record { opens: "a.pdf".to_owned(), ..record };
    assert_eq!(links::stop_recorded(&storage, &ledger, &lying).await.unwrap_err().code(), Code::NotStoppable);
    assert!(desk.store.keys().await.contains(&"a.pdf".to_owned()));
}

#[tokio::test]
async fn only_what_has_ended_is_swept_by_the_clock_of_the_store() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    desk.store.put(".s/something else/x", b"x").await;
    let short = LinkRequest { end: EndChoice::In(Duration::from_secs(60)), ..stoppable("a.pdf") };
    let (short, _) = desk.make(&short).await;
    let (long, _) = desk.make(&stoppable("a.pdf")).await;
    let log = desk.log().await;
    let other_computer = desk.store.storage().await;
    assert_eq!(links::sweep(&other_computer).await.unwrap(), 0, "both still work");
    desk.store.clock_runs_ahead(Duration::from_secs(20 * 60));
    assert_eq!(links::sweep(&other_computer).await.unwrap(), 1);
    assert_eq!(desk.copies().await, [long.recipe.key_name]);
    assert_ne!(short.recipe.key_name, "");
    assert_eq!(desk.log().await, log, "records stay");
    assert!(desk.store.keys().await.contains(&".s/something else/x".to_owned()));
}

#[tokio::test]
async fn a_private_copy_stays_as_long_as_its_link_when_the_clock_here_is_wrong() {
    for ahead in [true, false] {
        let desk = Desk::new().await;
        desk.store.put("a.pdf", b"%PDF").await;
        let off = Duration::from_secs(20 * 60);
        match ahead {
            true => desk.store.practice.clock().run_ahead(off),
            false => desk.store.practice.clock().run_behind(off),
        }
        let (link, _) = desk.make(&stoppable("a.pdf")).await;
        assert_eq!(status(&link).await, 200);
        assert_eq!(link.ends_at.as_second() - link.made_at.as_second(), 3600);
        let folder = PrivateFolder::of(desk.storage.place(), &link.recipe.key_name).unwrap();
        let signed_end = link.recipe.signed_from.checked_add(link.recipe.lasts).unwrap();
        let early = signed_end.duration_since(folder.ends_at).as_secs();
        assert!(early < 60, "the copy would go {early} s before its link does");
    }
}

#[tokio::test]
async fn a_renewed_link_opens_a_copy_of_its_own_also_of_what_was_uploaded_to_be_shared() {
    let desk = Desk::new().await;
    let folder = PrivateFolder::for_upload(&desk.storage, Duration::from_secs(3600));
    let name = folder.holds("Offer.pdf");
    desk.store.put(&name, b"%PDF").await;
    let (_, shared) = desk.make(&request(&name, 3600)).await;
    let longer = EndChoice::In(Duration::from_secs(7200));
    let renewed = links::renew(&desk.storage, &shared, longer, &Course::default()).await.unwrap();
    assert_ne!(renewed.recipe.key_name, name);
    links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap();
    assert_eq!(status(&renewed).await, 200);
}

#[tokio::test]
async fn an_account_that_may_not_copy_gets_a_direct_link_unless_it_has_to_be_stoppable() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let may_not = Storage::open_with(desk.storage.place(), &desk.store.key_without_writing()).await.unwrap();
    let link = make_link(&may_not, &LinkRequest::new("a.pdf")).await.unwrap();
    assert!(!link.stoppable && !link.recorded);
    assert_eq!(status(&link).await, 200);
    let refused = make_link(&may_not, &stoppable("a.pdf")).await.unwrap_err();
    assert_eq!(refused.code(), Code::CopyDenied);
    let place = Place { links_must_be_stoppable: true, ..desk.store.place() };
    let strict = Storage::open_with(&place, &desk.store.key_without_writing()).await.unwrap();
    assert_eq!(make_link(&strict, &request("a.pdf", 60)).await.unwrap_err().code(), Code::CopyDenied);
    let place = Place { links_must_be_recorded: true, ..desk.store.place() };
    let strict = Storage::open_with(&place, &desk.store.key_without_writing()).await.unwrap();
    assert_eq!(make_link(&strict, &request("a.pdf", 60)).await.unwrap_err().code(), Code::RecordDenied);
}

#[tokio::test]
async fn a_renewed_link_opens_the_file_as_it_is_or_what_was_shared_if_that_is_gone() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF old").await;
    let (_, shared) = desk.make(&stoppable("a.pdf")).await;
    desk.store.put("a.pdf", b"%PDF new").await;
    let renewed = links::renew(&desk.storage, &shared, EndChoice::Default, &Course::default()).await.unwrap();
    assert_eq!(http::get(renewed.url.reveal()).await.body, b"%PDF new");
    assert!(renewed.stoppable && renewed.ends_at > shared.ends_at);
    desk.store.delete("a.pdf").await;
    let renewed = links::renew(&desk.storage, &shared, EndChoice::Default, &Course::default()).await.unwrap();
    assert_eq!(http::get(renewed.url.reveal()).await.body, b"%PDF old");
    assert_eq!(renewed.name, "a.pdf");
}

#[tokio::test]
async fn a_link_key_signs_links_to_private_copies_and_nothing_else() {
    let desk = Desk::new().await;
    desk.store.put("a.pdf", b"%PDF").await;
    let link_key = desk.store.key_without_listing();
    let place = Place { link_key: true, ..desk.store.place() };
    let storage = Storage::open_with_link_key(&place, &desk.store.key(), link_key.clone()).await.unwrap();
    let link = make_link(&storage, &stoppable("a.pdf")).await.unwrap();
    assert!(link.url.reveal().contains(&link_key.key_id));
    assert_eq!(http::get(link.url.reveal()).await.body, b"%PDF");
    let direct = make_link(&storage, &request("a.pdf", 60)).await.unwrap();
    assert!(direct.url.reveal().contains(&desk.store.key().key_id));
}

#[tokio::test]
async fn a_file_that_was_uploaded_to_be_shared_is_not_copied_again() {
    let desk = Desk::new().await;
    let folder = PrivateFolder::for_upload(&desk.storage, Duration::from_secs(3600));
    let name = folder.holds("Offer.pdf");
    desk.store.put(&name, b"%PDF").await;
    let (link, shared) = desk.make(&request(&name, 3600)).await;
    assert!(link.stoppable);
    assert_eq!(desk.copies().await, std::slice::from_ref(&name));
    assert_eq!(names::last_segment(&link.name), "Offer.pdf");
    links::stop(&desk.storage, &desk.ledger, &shared).await.unwrap();
    assert!(desk.copies().await.is_empty());
}
