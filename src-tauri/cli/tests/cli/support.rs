//! The built program in a home of its own, and a recipient who has nothing but a link.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// No call of the program takes longer; one that does is a failing test, not a hanging one.
const LONGEST_CALL: Duration = Duration::from_secs(60);

/// The program with its surroundings: no variable of ours reaches it, and no file of it reaches us.
pub struct Satchel {
    home: TempDir,
    options: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

/// What a call left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Satchel {
    /// Knows no place and has no keys.
    pub fn alone() -> Self {
        Self { home: tempfile::tempdir().unwrap(), options: Vec::new(), environment: Vec::new() }
    }

    /// Is given a bucket for every call, and keys by the environment.
    pub fn with(endpoint: &str, bucket: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        let mut satchel = Self::alone();
        satchel.environment("AWS_ACCESS_KEY_ID", access_key_id);
        satchel.environment("AWS_SECRET_ACCESS_KEY", secret_access_key);
        satchel.options =
            ["--bucket", bucket, "--endpoint-url", endpoint, "--region", "us-east-1"].map(OsString::from).into();
        satchel
    }

    pub fn environment(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.forget(name);
        self.environment.push((name.into(), value.as_ref().to_owned()));
    }

    pub fn forget(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// The folder that the program takes for its person's home, and works in.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into the home.
    pub fn file(&self, name: impl AsRef<Path>, content: &[u8]) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        std::fs::read(self.home().join(name)).unwrap()
    }

    pub fn command<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_satchel"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home())
            .args(&self.options)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub async fn run<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Ran {
        finished(self.command(words).spawn().unwrap()).await
    }

    /// The same, typing something.
    pub async fn run_typing<W: AsRef<OsStr>>(&self, typed: &str, words: impl IntoIterator<Item = W>) -> Ran {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).await.unwrap();
        finished(child).await
    }
}

/// What a person sees.
impl Satchel {
    /// Runs a line of words, as a shell would, at a terminal of its own.
    #[cfg(target_os = "linux")]
    pub async fn at_a_terminal(&self, words: &str) -> String {
        let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap());
        let options: Vec<String> = self.options.iter().map(|word| quoted(word)).collect();
        let line = format!("{} {} {words}", quoted(OsStr::new(env!("CARGO_BIN_EXE_satchel"))), options.join(" "));
        let surroundings = self.command([""; 0]);
        let mut command = Command::new("/usr/bin/script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env_clear().current_dir(self.home());
        for (name, value) in surroundings.as_std().get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("TERM", "xterm").env("SHELL", "/bin/sh");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        finished(command.spawn().unwrap()).await.ok().text().replace("\r\n", "\n")
    }
}

pub async fn finished(child: Child) -> Ran {
    let output =
        tokio::time::timeout(LONGEST_CALL, child.wait_with_output()).await.expect("a call took too long").unwrap();
    Ran {
        code: output.status.code().unwrap_or_else(|| panic!("it was {}", output.status)),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Asks a program to stop, as a terminal or the system does.
pub async fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().unwrap().to_string()]).status().await.unwrap();
    assert!(sent.success());
}

impl Ran {
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.text(), self.stderr);
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {} {}", self.text(), self.stderr))
    }

    /// The code of the error that was answered.
    #[track_caller]
    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("no error was answered").to_owned()
    }
}

/// What a browser gets for a link.
#[derive(Debug)]
pub struct Fetched {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Fetched {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Fetches a link as it is written. No URL type: one would turn `a/../b` into `b`.
pub async fn fetch(link: &str) -> Fetched {
    let (host, target) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let headers: Vec<(String, String)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut fetched = Fetched { status: head[9..12].parse().unwrap(), headers, body: answer[end + 4..].to_vec() };
    if fetched.header("transfer-encoding") == "chunked" {
        fetched.body = unchunked(&fetched.body);
    }
    fetched
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}

/// The addresses that a page leads to, as a browser makes them of its own.
pub fn addresses_of_page(page: &str, html: &str) -> Vec<String> {
    let folder = page.split('?').next().unwrap().rsplit_once('/').unwrap().0;
    let hrefs = html.split("<a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    hrefs.map(|href| format!("{folder}/{}", href.trim_start_matches("./").replace("&amp;", "&"))).collect()
}

/// The name under which a browser saves what it fetched: RFC 5987 before the plain one.
pub fn saved_as(disposition: &str) -> String {
    if let Some((_, encoded)) = disposition.split_once("filename*=UTF-8''") {
        let mut bytes = Vec::new();
        let mut rest = encoded.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        return String::from_utf8(bytes).unwrap();
    }
    let plain = disposition.split_once("filename=\"").unwrap().1;
    plain.strip_suffix('"').unwrap().to_owned()
}

/// Whether any file below a folder has these bytes in it, or in its name.
pub fn is_in_a_file(folder: &Path, wanted: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        holds(path.as_os_str().as_encoded_bytes())
            || if path.is_dir() { is_in_a_file(&path, wanted) } else { holds(&std::fs::read(&path).unwrap()) }
    })
}

/// Fetches a link again and again until it has ended. A link that does not end in time is a failing test.
pub async fn wait_until_ended(link: &str) -> Fetched {
    let ended = async {
        loop {
            let fetched = fetch(link).await;
            if fetched.status != 200 {
                return fetched;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the link did not end")
}

/// Bytes that look like nothing else, and the same every time.
pub fn bytes(size: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}
