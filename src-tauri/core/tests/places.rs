//! Places: checked before they are saved, kept without their secrets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/store.rs"]
mod store;

use satchel_core::Code;
use satchel_core::credentials::KeyRooms;
use satchel_core::ledger::Ledger;
use satchel_core::place::check::{CheckReport, Field, Step, StepState, check};
use satchel_core::place::store::Places;
use satchel_core::place::{KeySource, Place};
use satchel_core::secrets::{AccessKey, SessionStore};
use satchel_core::storage::Storage;
use std::sync::Arc;
use store::Store;

async fn checked(place: &Place, key: &AccessKey) -> (CheckReport, Vec<Vec<StepState>>) {
    let storage = Storage::open_with(place, key).await.unwrap();
    let mut seen = Vec::new();
    let report = check(place, &storage, |steps| seen.push(steps.iter().map(|step| step.state).collect())).await;
    (report, seen)
}

fn trouble(report: &CheckReport) -> (Step, Option<Field>, Code) {
    let step = report.steps.iter().find(|step| step.error.is_some()).unwrap();
    (step.step, step.field, step.error.as_ref().unwrap().code())
}

#[tokio::test]
async fn a_good_place_passes_every_step_and_leaves_nothing_behind() {
    let store = Store::start().await;
    store.put("a/x", b"x").await;
    store.put("b.txt", b"x").await;
    let (report, seen) = checked(&store.place(), &store.key()).await;
    assert!(report.steps.iter().all(|step| step.state == StepState::Passed), "{report:?}");
    assert_eq!((report.folders, report.files, report.more), (1, 1, false));
    assert!(report.place.is_some());
    assert_eq!(seen.first().unwrap().first(), Some(&StepState::Running));
    assert_eq!(store.keys().await, ["a/x", "b.txt"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field() {
    let store = Store::start().await;
    let place = store.place();
    let wrong_secret = AccessKey::pasted(&store.key().key_id, "not the secret");
    let (report, _) = checked(&place, &wrong_secret).await;
    assert_eq!(trouble(&report), (Step::Recognised, Some(Field::SecretKey), Code::SecretWrong));
    assert!(report.place.is_none());

    let unknown_key = AccessKey::pasted("AKIDUNKNOWN", "x");
    assert_eq!(
        trouble(&checked(&place, &unknown_key).await.0),
        (Step::Recognised, Some(Field::KeyId), Code::KeyUnknown)
    );

    let other_bucket = Place { bucket: "not-there".to_owned(), ..place.clone() };
    assert_eq!(
        trouble(&checked(&other_bucket, &store.key()).await.0),
        (Step::See, Some(Field::Bucket), Code::PlaceNotFound)
    );

    let closed = place.clone().with_endpoint(Some("http://127.0.0.1:9")).unwrap();
    assert_eq!(
        trouble(&checked(&closed, &store.key()).await.0),
        (Step::Answers, Some(Field::Address), Code::Unreachable)
    );

    let (report, _) = checked(&place, &store.key_without_listing()).await;
    assert_eq!(trouble(&report), (Step::See, Some(Field::Folder), Code::ListDenied));
}

#[tokio::test]
async fn an_account_that_may_only_look_gets_a_place_all_the_same() {
    let store = Store::start().await;
    let (report, _) = checked(&store.place(), &store.key_without_writing()).await;
    assert!(report.place.is_some());
    let upload = report.steps.iter().find(|step| step.step == Step::Upload).unwrap();
    assert_eq!(upload.state, StepState::NotAllowed);
    assert_eq!(upload.error.as_ref().unwrap().code(), Code::UploadDenied);
}

#[tokio::test]
async fn a_wrong_region_is_found_without_a_question() {
    let store = Store::start_in_region("eu-central-1").await;
    let place = Place { region: None, ..store.place() };
    let (report, _) = checked(&place, &store.key()).await;
    assert_eq!(report.place.unwrap().region.as_deref(), Some("eu-central-1"));
}

fn rooms() -> KeyRooms {
    KeyRooms { lasting: Arc::new(SessionStore::default()), session: Arc::default() }
}

#[tokio::test]
async fn a_saved_place_comes_back_without_its_secret_in_the_ledger() {
    let store = Store::start().await;
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    let places = Places::new(ledger, rooms());
    let place = Place { keys: KeySource::PasswordStore, ..store.place() };
    places.save(&place, Some(store.key())).await.unwrap();
    assert_eq!(places.all().await.unwrap(), std::slice::from_ref(&place));
    assert_eq!(places.default_place().await.unwrap().unwrap().id, place.id);
    assert_eq!(places.find(&place.name).await.unwrap().id, place.id);
    places.storage(&place).await.unwrap();
    let secret = store.key().secret.reveal().to_owned();
    for entry in std::fs::read_dir(state.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "the secret is in a file");
    }
    places.remove(&place.id).await.unwrap();
    assert!(places.all().await.unwrap().is_empty());
    assert_eq!(places.storage(&place).await.unwrap_err().code(), Code::NoKeys);
    assert_eq!(places.find("gone").await.unwrap_err().code(), Code::PlaceUnknown);
}
