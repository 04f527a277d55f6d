//! The words themselves: help, usage, completions.

use insta::assert_snapshot;

use crate::support::Satchel;

#[tokio::test]
async fn help_names_every_command_and_option() {
    let help = Satchel::alone().run(["--help"]).await.ok();
    assert_snapshot!(help.text());
}

#[tokio::test]
async fn every_command_explains_itself() {
    let satchel = Satchel::alone();
    for command in ["ls", "put", "get", "link", "share", "links", "practice", "places", "transfers", "completions"] {
        let help = satchel.run([command, "--help"]).await.ok().text();
        let own = help.split("\nGlobal options:").next().unwrap().to_owned();
        assert_snapshot!(format!("help_of_{command}"), own);
    }
}

#[tokio::test]
async fn wrong_words_are_wrong_usage_in_both_languages() {
    let satchel = Satchel::alone();
    for words in [
        &["frobnicate"][..],
        &["ls", "--stoppable"],
        &["share"],
        &["links", "stop"],
        &["link"],
        &["put"],
        &["get"],
        &["put", "a", "--expires", "1h"],
        &[],
    ] {
        let refused = satchel.run(words).await.exits(2);
        assert_eq!(refused.text(), "");
        assert!(!refused.stderr.is_empty());
    }
    let refused = satchel.run(["link", "--json"]).await.exits(2);
    assert_eq!(refused.error_code(), "usage");
    let refused = satchel.run(["--place", "a", "--bucket", "b", "ls", "--json"]).await.exits(2);
    assert_eq!(refused.error_code(), "usage");
}

#[tokio::test]
async fn every_shell_gets_its_completions() {
    let satchel = Satchel::alone();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = satchel.run(["completions", shell]).await.ok().text();
        assert!(script.contains("satchel") && script.contains("practice"), "{shell}");
    }
}

#[tokio::test]
async fn the_version_is_a_result() {
    assert_eq!(
        Satchel::alone().run(["--version"]).await.ok().text(),
        format!("satchel {}\n", env!("CARGO_PKG_VERSION"))
    );
}
