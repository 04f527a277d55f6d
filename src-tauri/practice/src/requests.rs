//! What was asked of the practice place and what it answered: the tests' witness. Bounded; signatures
//! and tokens are not kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use crate::gate::head::Head;
use crate::operation::Operation;

const KEPT: usize = 20_000;
const NOT_KEPT: [&str; 3] = ["authorization", "x-amz-security-token", "cookie"];

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    pub number: u64,
    pub operation: Operation,
    pub method: String,
    pub bucket: String,
    pub key: String,
    pub part_number: Option<u32>,
    pub upload_id: Option<String>,
    pub access_key_id: Option<String>,
    /// 0 while it runs, and for ever if the connection ended before an answer.
    pub status: u16,
    /// The S3 error code of a refusal made by the server or by a fault.
    pub error_code: Option<String>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub began_at: Instant,
    /// `None` while it runs.
    pub ended_at: Option<Instant>,
    /// The answer, or the end of the connection, has been handed over completely.
    pub finished: bool,
    /// Query parameters, decoded, without the signature's own.
    pub query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a request header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The log of requests. Clones share it.
#[derive(Clone)]
pub struct Requests {
    shared: Arc<Shared>,
}

struct Shared {
    log: Mutex<Log>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Log {
    next: u64,
    kept: VecDeque<Request>,
}

impl Default for Requests {
    fn default() -> Self {
        let (changed, _) = watch::channel(0);
        Self { shared: Arc::new(Shared { log: Mutex::default(), changed }) }
    }
}

impl Requests {
    pub fn all(&self) -> Vec<Request> {
        self.log().kept.iter().cloned().collect()
    }

    pub fn of(&self, operation: Operation) -> Vec<Request> {
        self.log().kept.iter().filter(|request| request.operation == operation).cloned().collect()
    }

    pub fn count(&self, operation: Operation) -> usize {
        self.log().kept.iter().filter(|request| request.operation == operation).count()
    }

    /// Forgets what was recorded so far.
    pub fn clear(&self) {
        self.log().kept.clear();
    }

    /// Waits until the log as a whole satisfies the condition, which is tried at every change.
    pub async fn wait_until(&self, condition: impl Fn(&[Request]) -> bool) {
        let mut changes = self.shared.changed.subscribe();
        loop {
            if condition(&self.all()) || changes.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) fn begin(&self, operation: Operation, head: &Head) -> Entry {
        let mut log = self.log();
        let number = log.next;
        log.next += 1;
        log.kept.push_back(Request {
            number,
            operation,
            method: head.method.to_string(),
            bucket: head.bucket.clone(),
            key: head.key.clone(),
            part_number: head.part_number(),
            upload_id: head.query("uploadId").map(str::to_owned),
            access_key_id: None,
            status: 0,
            error_code: None,
            bytes_in: 0,
            bytes_out: 0,
            began_at: Instant::now(),
            ended_at: None,
            finished: false,
            query: head
                .queries
                .iter()
                .filter(|(name, _)| !name.to_ascii_lowercase().starts_with("x-amz-"))
                .cloned()
                .collect(),
            headers: head
                .headers
                .iter()
                .filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()))
                .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
        });
        if log.kept.len() > KEPT {
            log.kept.pop_front();
        }
        drop(log);
        self.announce();
        Entry { requests: self.clone(), number }
    }

    fn announce(&self) {
        self.shared.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hand that writes one line of the log.
#[derive(Clone)]
pub struct Entry {
    requests: Requests,
    number: u64,
}

impl Entry {
    pub fn identity(&self, access_key_id: &str) {
        self.change(|request| request.access_key_id = Some(access_key_id.to_owned()));
    }

    pub fn key(&self, key: &str) {
        self.change(|request| request.key = key.to_owned());
    }

    pub fn answer(&self, status: u16, error_code: Option<String>) {
        self.change(|request| {
            request.status = status;
            request.error_code = error_code;
        });
        self.requests.announce();
    }

    pub fn received(&self, bytes: usize) {
        self.change(|request| request.bytes_in += bytes as u64);
    }

    pub fn sent(&self, bytes: usize) {
        self.change(|request| request.bytes_out += bytes as u64);
    }

    pub fn finish(&self) {
        self.change(|request| {
            request.finished = true;
            request.ended_at = Some(Instant::now());
        });
        self.requests.announce();
    }

    fn change(&self, change: impl FnOnce(&mut Request)) {
        let mut log = self.requests.log();
        let Some(first) = log.kept.front().map(|request| request.number) else { return };
        let Some(place) = self.number.checked_sub(first).and_then(|place| usize::try_from(place).ok()) else { return };
        if let Some(request) = log.kept.get_mut(place) {
            change(request);
        }
    }
}
