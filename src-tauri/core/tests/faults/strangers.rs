//! Machines that are not the store and answer all the same, clocks that are not right, and lists with holes.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use crate::http;
use crate::line::{code_of, is_done, is_held, quick_desk, shows};
use crate::store::Store;
use satchel_core::Code;
use satchel_core::files::{Listing, ListingState};
use satchel_core::links::{EndChoice, LinkRequest, Stoppable, make_link};
use satchel_core::transfers::{OnConflict, State};
use satchel_practice::{Fault, Operation, Rule};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

async fn listed(desk: &Desk, folder: &str) -> ListingState {
    let listing = Listing::open(desk.storage.clone(), folder);
    let mut states = listing.watch();
    states.wait_for(|state| !state.loading).await.unwrap().clone()
}

#[tokio::test]
async fn f17_the_page_of_a_wi_fi_is_never_a_success_an_empty_folder_or_a_file() {
    for status in [200, 302, 307, 511] {
        let portal = || Fault::CaptivePortal { status };
        let uploads = [
            (Operation::PutObject, 10),
            (Operation::CreateMultipartUpload, LARGE),
            (Operation::UploadPart, LARGE),
            (Operation::CompleteMultipartUpload, LARGE),
        ];
        for (operation, size) in uploads {
            let desk = quick_desk().await;
            let id = desk.rule(Rule::new(portal()).on(operation).always());
            let path = desk.file("a", &noise(size));
            let transfer = desk.begin(path, "a.bin", OnConflict::Ask).await;
            let waits = shows(&desk, transfer, is_held).await;
            assert_eq!(code_of(&waits), Code::CaptivePortal, "{operation:?} {status}");
            assert_eq!(desk.content("a.bin").await, None, "{operation:?} {status}");
            // Somebody signs in, and it goes on by itself.
            desk.store.practice.faults().remove(id);
            shows(&desk, transfer, is_done).await;
            desk.assert_no_leftovers().await;
        }
        let desk = quick_desk().await;
        desk.store.put("folder/a.pdf", b"%PDF").await;
        desk.rule(Rule::new(portal()).always());
        let state = listed(&desk, "folder/").await;
        assert!(!state.complete, "{status}");
        assert_eq!(state.error.unwrap().code(), Code::CaptivePortal, "{status}");
        let id = desk.transfers.download(vec![desk.saving("folder/a.pdf", OnConflict::Ask)]).await[0];
        let waits = shows(&desk, id, is_held).await;
        assert_eq!(code_of(&waits), Code::CaptivePortal, "{status}");
        desk.transfers.cancel(&[id]).await;
        shows(&desk, id, |seen| matches!(seen.state, State::Stopped)).await;
        assert_eq!(desk.saved(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn f17_nothing_secret_follows_a_redirect_to_another_machine() {
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/practice/a.bin", stranger.local_addr().unwrap());
    let desk = Desk::new().await;
    desk.store.put("there.bin", b"x").await;
    for status in [301, 302, 307, 308] {
        let elsewhere = Fault::RefuseWith {
            status,
            code: "TemporaryRedirect".to_owned(),
            details: vec![("Endpoint", "127.0.0.1".to_owned())],
            headers: vec![("location", address.clone())],
        };
        let id = desk.rule(Rule::new(elsewhere).always());
        let up = desk.begin(desk.file("a", b"hello"), "a.bin", OnConflict::Ask).await;
        let down = desk.transfers.download(vec![desk.saving("there.bin", OnConflict::KeepBoth)]).await[0];
        for id in [up, down] {
            shows(&desk, id, |seen| is_held(seen) || matches!(seen.state, State::NeedsYou(..))).await;
        }
        desk.transfers.cancel_all().await;
        assert!(!listed(&desk, "").await.complete);
        desk.store.practice.faults().remove(id);
    }
    let came = async {
        let (mut stream, _) = stranger.accept().await.unwrap();
        let mut said = vec![0; 4096];
        let length = stream.read(&mut said).await.unwrap();
        String::from_utf8_lossy(&said[..length]).into_owned()
    };
    // Whoever was sent there has been by now: the connection would be waiting.
    tokio::select! {
        biased;
        said = came => panic!("somebody followed: {said}"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(desk.store.keys().await, ["there.bin"]);
}

#[tokio::test]
async fn f26_transfers_and_links_keep_their_promise_under_a_wrong_clock() {
    const MINUTE: Duration = Duration::from_secs(60);
    let set = |clock: &satchel_practice::Clock, minutes: i32| match minutes {
        0.. => clock.run_ahead(minutes.unsigned_abs() * MINUTE),
        _ => clock.run_behind(minutes.unsigned_abs() * MINUTE),
    };
    for minutes in [20, -20, 180, -24 * 60] {
        let desk = Desk::new().await;
        let clock = desk.store.practice.clock();
        set(clock, minutes);
        for (name, size) in [("small", 1000), ("large", LARGE)] {
            let bytes = noise(size);
            done(&desk.send(name, &bytes).await);
            desk.assert_holds(name, &bytes).await;
            done(&desk.download(name, OnConflict::Ask).await);
        }
        let end = EndChoice::In(10 * MINUTE);
        let request = LinkRequest { end, stoppable: Stoppable::No, ..LinkRequest::new("small") };
        let link = make_link(&desk.storage, &request).await.unwrap();
        assert_eq!(http::get(link.url.reveal()).await.status, 200);
        // By the store's clock it works for the promised ten minutes, and not for longer.
        set(clock, minutes + 9);
        assert_eq!(http::get(link.url.reveal()).await.status, 200);
        set(clock, minutes + 11);
        assert_eq!(http::get(link.url.reveal()).await.status, 403);
    }
}

#[tokio::test]
async fn f29_a_list_with_a_hole_is_never_the_whole_folder_and_nothing_is_replaced_by_it() {
    let store = Store::start().await;
    store.put_many("many/", 29_500).await;
    let mut desk = Desk::new().await;
    desk.storage = store.storage().await;
    desk.store = store;
    for fault in [Fault::access_denied(), Fault::CutReply { after: 5000 }, Fault::CaptivePortal { status: 200 }] {
        let id = desk.rule(Rule::new(fault.clone()).on(Operation::ListObjectsV2).after(16).always());
        let state = listed(&desk, "many/").await;
        assert_eq!((state.complete, state.total), (false, 16_000), "{fault:?}");
        assert!(state.error.is_some(), "{fault:?}");
        // A file behind the hole is not taken for absent.
        let last = "many/029499.txt";
        let before = desk.content(last).await.unwrap();
        let transfer = desk.send(last, b"mine").await;
        assert_eq!(needs_you(&transfer).0, Code::NameTaken, "{fault:?}");
        desk.assert_holds(last, &before).await;
        desk.store.practice.faults().remove(id);
    }
    // A page that is only late is waited for.
    desk.rule(Rule::new(Fault::slow_down()).on(Operation::ListObjectsV2).after(16).times(2));
    let state = listed(&desk, "many/").await;
    assert_eq!((state.complete, state.total), (true, 29_500));
}
