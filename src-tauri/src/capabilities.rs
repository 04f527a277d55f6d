//! What the page may do beside our own commands, held against a list: a test, and nothing else.

use serde_json::{Value, json};

const CAPABILITIES: &str = include_str!("../capabilities/main.json");
const CONFIGURATION: &str = include_str!("../../tauri.conf.json");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_page_may_hear_events_and_nothing_else_of_tauri() {
    let capability = read(CAPABILITIES);
    assert_eq!(capability["permissions"], json!(["core:event:allow-listen", "core:event:allow-unlisten"]));
    assert_eq!(capability["windows"], json!([crate::windows::MAIN]));
    for door in ["remote", "webviews", "local"] {
        assert!(capability.get(door).is_none(), "{door}");
    }
}

#[test]
fn there_is_one_capability_and_it_is_named() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src-tauri/capabilities");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["main.json"]);
    assert_eq!(read(CONFIGURATION)["app"]["security"]["capabilities"], json!(["main"]));
}

#[test]
fn the_page_runs_no_script_but_its_own_and_reaches_no_other_host() {
    let security = read(CONFIGURATION)["app"]["security"].clone();
    assert_eq!(security["freezePrototype"], json!(true));
    let policy = security["csp"].as_str().unwrap().to_owned();
    let rules: std::collections::BTreeMap<_, _> =
        policy.split(';').filter_map(|rule| rule.trim().split_once(' ')).collect();
    let expected = [
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        ("img-src", "'self' data:"),
        ("font-src", "'self'"),
        ("connect-src", "ipc: http://ipc.localhost"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("object-src", "'none'"),
        ("frame-ancestors", "'none'"),
    ];
    assert_eq!(rules, expected.into());
}

#[test]
fn no_window_exists_before_rust_builds_it_and_tauri_is_not_a_global_of_the_page() {
    let configuration = read(CONFIGURATION);
    assert_eq!(configuration["app"]["windows"], json!([]));
    assert!(configuration["app"].get("withGlobalTauri").is_none());
    assert!(configuration.get("plugins").is_none());
}
