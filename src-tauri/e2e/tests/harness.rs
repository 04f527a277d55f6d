//! The desktop that the journeys stand on does what a real one does. When these fail, no journey says anything about the app.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::fs;

use anyhow::Result;
use satchel_e2e::clipboard::file_address;
use satchel_e2e::{Desk, Desktop, PasswordStore};
use zbus::zvariant::Value;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY";

async fn keep(desktop: &Desktop) -> Result<String> {
    let line = format!("printf %s '{SECRET}' | secret-tool store --label=test service harness");
    desktop.ask("sh", &["-c", &line]).await
}

#[tokio::test]
async fn a_secret_is_kept_out_of_every_file_and_behind_a_lock() {
    let desktop = Desktop::start().await.unwrap();
    keep(&desktop).await.unwrap();
    assert!(desktop.stored_secrets("service", "harness").await.unwrap().contains(SECRET));
    desktop.expect_no_trace_of(SECRET).unwrap();

    let keyring = desktop.keyring.as_ref().unwrap();
    keyring.lock().await.unwrap();
    assert!(!desktop.stored_secrets("service", "harness").await.unwrap().contains(SECRET));
    keyring.unlock().await.unwrap();
    assert!(desktop.stored_secrets("service", "harness").await.unwrap().contains(SECRET));

    fs::write(desktop.home().join("notes.txt"), format!("password: {SECRET}\n")).unwrap();
    desktop.expect_no_trace_of(SECRET).unwrap_err();
}

#[tokio::test]
async fn nobody_starts_a_password_store_on_a_desktop_without_one() {
    let desktop = Desktop::with(Desk { password_store: PasswordStore::Absent, ..Desk::default() }).await.unwrap();
    keep(&desktop).await.unwrap_err();
}

#[tokio::test]
async fn a_locked_password_store_keeps_nothing() {
    let desktop = Desktop::with(Desk { password_store: PasswordStore::Locked, ..Desk::default() }).await.unwrap();
    keep(&desktop).await.unwrap_err();
}

#[tokio::test]
async fn a_notification_arrives_and_its_button_can_be_pressed() {
    let desktop = Desktop::start().await.unwrap();
    let hints: HashMap<&str, Value<'_>> = HashMap::new();
    let said = ("program", 0_u32, "", "Title", "Body", &["open", "Open"][..], hints, -1_i32);
    let bus = desktop.connection();
    let notifications = Some("org.freedesktop.Notifications");
    bus.call_method(notifications, "/org/freedesktop/Notifications", notifications, "Notify", &said).await.unwrap();
    let notification = desktop.notifications.only_one().await.unwrap();
    assert_eq!((notification.title.as_str(), notification.body.as_str()), ("Title", "Body"));
    desktop.notifications.press(&notification, "Open").await.unwrap();
    desktop.notifications.press(&notification, "Close").await.unwrap_err();
}

#[tokio::test]
async fn texts_and_files_can_be_copied() {
    let desktop = Desktop::start().await.unwrap();
    let clipboard = desktop.clipboard();
    assert_eq!(clipboard.text().await.unwrap(), None);
    let text = clipboard.put_text("Grüße 🙂").await.unwrap();
    assert_eq!(clipboard.text().await.unwrap().as_deref(), Some("Grüße 🙂"));
    drop(text);
    let file = desktop.documents().join("Übersicht #1 50%20.pdf");
    assert!(file_address(&file).ends_with("/Documents/%C3%9Cbersicht%20%231%2050%2520.pdf"));
    let _files = clipboard.put_files(&[&file]).await.unwrap();
    assert!(clipboard.forms().await.unwrap().contains(&"text/uri-list".to_owned()));
}
