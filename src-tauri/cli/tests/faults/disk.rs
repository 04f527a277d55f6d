//! Disks that are full, and files that nobody may open: the program runs as somebody who is not root.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use satchel_practice::{Fault, Operation, Rule};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::office::{MIB, Office, within};
use crate::support::{Ran, bytes, finished};

/// Mounts a disk of this size on a folder, for one call only: the mount goes with the process.
fn with_a_small_disk(office: &Office, at: &Path, size: &str, words: &[&str]) -> Command {
    let inner = office.satchel.command(words);
    let script = "mount -t tmpfs -o size=\"$1\",mode=777 none \"$2\" && shift 2 && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh", size]).arg(at);
    like(&mut command, &inner);
    command
}

/// The same call within another program.
fn like(outer: &mut Command, inner: &Command) {
    outer.arg(inner.as_std().get_program()).args(inner.as_std().get_args());
    surround(outer, inner);
}

fn surround(outer: &mut Command, inner: &Command) {
    let inner = inner.as_std();
    outer.current_dir(inner.get_current_dir().unwrap()).env_clear();
    for (name, value) in inner.get_envs() {
        outer.env(name, value.map_or_else(OsString::new, ToOwned::to_owned));
    }
    outer.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    outer.stdin(std::process::Stdio::null());
    outer.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).kill_on_drop(true);
}

/// A shell for which a small disk is mounted on a folder; the mount goes with it.
struct SmallDisk {
    told: ChildStdin,
    heard: Lines<BufReader<ChildStdout>>,
    _shell: Child,
}

impl SmallDisk {
    fn mount(office: &Office, at: &str, size: &str) -> Self {
        let script = format!("mount -t tmpfs -o size={size},mode=777 none {at} && exec sh -s");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
        surround(&mut command, &office.satchel.command([""; 0]));
        let identity = office.practice.identity();
        command.env("AWS_ACCESS_KEY_ID", identity.access_key_id);
        command.env("AWS_SECRET_ACCESS_KEY", identity.secret_access_key);
        let mut shell = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (told, heard) = (shell.stdin.take().unwrap(), shell.stdout.take().unwrap());
        SmallDisk { told, heard: BufReader::new(heard).lines(), _shell: shell }
    }

    /// Runs a line there, and gives its exit code and what it wrote to stdout.
    async fn run(&mut self, line: &str) -> (i32, String) {
        // What the line writes may not end with a line.
        let line = format!("{line}\ncode=$?; echo; echo \"ended with $code\"\n");
        self.told.write_all(line.as_bytes()).await.unwrap();
        let mut text = String::new();
        let ended = async {
            loop {
                let line = self.heard.next_line().await.unwrap().expect("the shell is still there");
                match line.strip_prefix("ended with ") {
                    Some(code) => return code.parse().unwrap(),
                    None => text.push_str(&line),
                }
            }
        };
        let code = within(ended, "the line ends").await;
        (code, text)
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f36_what_was_queued_is_intact_and_goes_on_when_the_notes_have_room_again() {
    let office = Office::open(36).await;
    let content = bytes(20 * MIB);
    for name in ["large.bin", "later.bin"] {
        office.satchel.file(name, &content);
    }
    std::fs::create_dir(office.satchel.home().join("notes")).unwrap();
    let mut disk = SmallDisk::mount(&office, "notes", "2m");
    let program = env!("CARGO_BIN_EXE_satchel");
    let place = format!(
        "--state-dir notes --json --bucket {} --endpoint-url {}",
        office.practice.bucket(),
        office.proxy.endpoint()
    );
    // Interrupted with something at the store: it waits for new keys.
    let refusal = Fault::refuse(403, "InvalidAccessKeyId");
    office.rule(Rule::new(refusal).on(Operation::UploadPart).part(3).always());
    let (code, told) = disk.run(&format!("{program} {place} put large.bin")).await;
    assert!(code != 0 && told.contains("keyUnknown"), "{code}: {told}");
    office.practice.faults().clear();

    disk.run("cat /dev/zero > notes/filler 2> /dev/null").await;
    let (code, told) = disk.run(&format!("{program} {place} put later.bin")).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let why = told["error"]["code"].as_str().or(told["failed"][0]["code"].as_str()).unwrap_or_default();
    assert!(code == 0 || ["diskFull", "ledgerUnreadable"].contains(&why), "{code}: {told}");

    disk.run("rm notes/filler").await;
    let (_, listed) = disk.run(&format!("{program} {place} transfers list")).await;
    assert!(listed.contains("\"name\":\"large.bin\""), "it is still known: {listed}");
    office.practice.requests().clear();
    let (code, told) = disk.run(&format!("{program} {place} transfers resume")).await;
    assert_eq!(code, 0, "{told}");
    office.assert_holds("large.bin", &content).await;
    assert_eq!(office.count(Operation::CreateMultipartUpload), 0, "the same upload goes on");
    let (code, told) = disk.run(&format!("{program} {place} put later.bin --conflict skip")).await;
    assert_eq!(code, 0, "{told}");
    office.assert_holds("later.bin", &content).await;
    assert_eq!(office.practice.keys("").await.unwrap(), ["large.bin", "later.bin"]);
    let (_, listed) = disk.run(&format!("{program} {place} transfers list")).await;
    assert_eq!(listed, "{\"transfers\":[]}");
    office.assert_no_leftovers().await;
}

async fn run(command: &mut Command) -> Ran {
    finished(command.spawn().unwrap()).await
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f36_a_full_disk_stops_the_download_says_what_is_missing_and_keeps_nothing() {
    let office = Office::open(36).await;
    office.practice.put("big.bin", &bytes(20 * MIB)).await.unwrap();
    let to = office.satchel.home().join("small-disk");
    std::fs::create_dir(&to).unwrap();
    // What is there after the call can only be seen from inside: the disk goes with it.
    let words = ["get", "big.bin", "--to", "small-disk", "--json"];
    let mut command = Command::new("unshare");
    let script =
        "mount -t tmpfs -o size=8m,mode=777 none small-disk && \"$@\"; code=$?; ls -A small-disk >&2; exit $code";
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    like(&mut command, &office.satchel.command(words));
    let ran = run(&mut command).await.exits(1);
    assert_eq!(ran.json()["failed"][0]["code"], "diskFull", "{}", ran.text());
    let sentence = ran.json()["failed"][0]["sentence"].as_str().unwrap().to_owned();
    assert!(sentence.contains("needs 21.0 MB") && sentence.contains("is free"), "{sentence}");
    assert_eq!(ran.stderr, "", "nothing is left on the disk");
    office.run(&["get", "big.bin", "--to", "back"]).await.ok();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f36_uploads_go_on_or_say_why_when_the_notes_find_no_room() {
    let office = Office::open(36).await;
    let content = bytes(20 * MIB);
    office.satchel.file("large.bin", &content);
    let notes = office.satchel.home().join("notes");
    std::fs::create_dir(&notes).unwrap();
    let identity = office.practice.identity();
    let (bucket, endpoint) = (office.practice.bucket().to_owned(), office.proxy.endpoint());
    let call = ["--state-dir", "notes", "--bucket", &bucket, "--endpoint-url", &endpoint, "put", "large.bin", "--json"];
    let mut command = with_a_small_disk(&office, &notes, "16k", &call);
    command.env("AWS_ACCESS_KEY_ID", identity.access_key_id);
    command.env("AWS_SECRET_ACCESS_KEY", identity.secret_access_key);
    let ran = run(&mut command).await;
    match ran.code {
        0 => office.assert_holds("large.bin", &content).await,
        code => {
            let said = ran.json();
            let told = said["error"]["code"].as_str().or(said["failed"][0]["code"].as_str()).unwrap_or_default();
            assert!(["diskFull", "ledgerUnreadable"].contains(&told), "{code}: {}", ran.text());
        }
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert!(office.satchel.read("large.bin") == content);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f35_what_nobody_may_open_is_named_and_the_rest_is_sent() {
    let office = Office::open(35).await;
    for name in ["top/1", "top/2", "top/3", "top/locked", "top/closed/4"] {
        office.satchel.file(name, b"content");
    }
    let home = office.satchel.home();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(&home.join("top/locked"), 0);
    mode(&home.join("top/closed"), 0);
    let words = ["put", "top", "--json"];
    // Root opens everything, so somebody else has to try.
    let is_root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    let ran = if is_root {
        // Where the program was built may be closed to others.
        let copy = home.join("satchel");
        std::fs::copy(env!("CARGO_BIN_EXE_satchel"), &copy).unwrap();
        belongs_to_nobody(home);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        surround(&mut command, &office.satchel.command(words));
        run(command.args(words)).await
    } else {
        run(&mut office.satchel.command(words)).await
    };
    let ran = ran.exits(3);
    let said = ran.json();
    let named: Vec<&str> = said["failed"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(said["done"].as_array().unwrap().len(), 3, "{}", ran.text());
    assert!(named.iter().any(|path| path.ends_with("locked")) && named.iter().any(|path| path.ends_with("closed")));
    assert!(said["failed"].as_array().unwrap().iter().all(|one| one["code"] == "fileUnreadable"), "{}", ran.text());
    assert_eq!(office.practice.keys("").await.unwrap(), ["top/1", "top/2", "top/3"]);
    mode(&home.join("top/closed"), 0o755);
}

fn belongs_to_nobody(folder: &Path) {
    std::os::unix::fs::chown(folder, Some(65_534), Some(65_534)).unwrap();
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            belongs_to_nobody(&entry.path());
        } else {
            std::os::unix::fs::chown(entry.path(), Some(65_534), Some(65_534)).unwrap();
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f36_a_full_disk_is_no_reason_to_begin_a_new_ledger() {
    let office = Office::open(36).await;
    let notes = office.satchel.home().join("notes");
    std::fs::create_dir(&notes).unwrap();
    let words = ["--state-dir", "notes", "transfers", "--json"];
    // Once with room, once without, and once more when there is room again.
    let script = "mount -t tmpfs -o size=1m,mode=777 none notes && \"$@\" && cat /dev/zero > notes/full 2>/dev/null; \
                  \"$@\" >&2; rm notes/full && \"$@\"; code=$?; ls -A notes >&2; exit $code";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    like(&mut command, &office.satchel.command(words));
    let ran = run(&mut command).await.exits(0);
    assert!(ran.stderr.contains("ledger.sqlite"), "{}", ran.text());
    assert!(!ran.stderr.contains("damaged"), "{}", ran.text());
}
