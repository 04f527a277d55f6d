//! Faults on order: what a test lets go wrong, where, at which hit and how often. A rule is bounded by
//! default (once); nothing here happens unless somebody asked for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::gate::head::Head;
use crate::operation::Operation;

/// What goes wrong.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// Answer with this status and S3 code; the request is not carried out.
    Refuse { status: u16, code: String },
    /// The same with further elements of the error document, such as `Region`, and headers.
    RefuseWith { status: u16, code: String, details: Vec<(&'static str, String)>, headers: Vec<(&'static str, String)> },
    /// 200 with an `<Error>` document; the request is not carried out.
    ErrorInside200 { code: String },
    /// The page of a captive portal instead of an answer; the request is not carried out.
    CaptivePortal { status: u16 },
    /// Wait, then go on as usual.
    Delay(Duration),
    /// Wait before the request is carried out, until the hold is released.
    Hold(Hold),
    /// Carry the request out, then keep the answer back until the hold is released.
    HoldReply(Hold),
    /// Close the connection at once; nothing is carried out.
    Drop,
    /// Carry the request out, then close the connection without an answer.
    LoseReply,
    /// Close the connection after so many bytes of the request's body.
    CutRequest { after: u64 },
    /// Close the connection after so many bytes of the answer's body.
    CutReply { after: u64 },
    /// Turn over one bit of the request's body at this place.
    FlipRequest { at: u64 },
    /// Turn over one bit of the answer's body at this place.
    FlipReply { at: u64 },
    /// Read the request's body no faster than this.
    SlowRequest { bytes_per_second: u64 },
    /// Send the answer's body no faster than this.
    SlowReply { bytes_per_second: u64 },
    /// Read so many bytes of the request's body, then none until the hold is released.
    StallRequest { after: u64, hold: Hold },
    /// Send so many bytes of the answer's body, then none until the hold is released.
    StallReply { after: u64, hold: Hold },
    /// Answer without this header, such as `etag`.
    WithoutHeader(&'static str),
    /// Answer with this header set, such as a wrong `content-range`.
    WithHeader(&'static str, String),
    /// Carry the request out as if it came without this header: a store that has never heard of `if-none-match`.
    IgnoreHeader(&'static str),
    /// Replace the answer's body, whatever it was, keeping status and other headers.
    ReplaceBody(String),
}

impl Fault {
    pub fn refuse(status: u16, code: &str) -> Self {
        Self::Refuse { status, code: code.to_owned() }
    }

    pub fn slow_down() -> Self {
        Self::refuse(503, "SlowDown")
    }

    pub fn access_denied() -> Self {
        Self::refuse(403, "AccessDenied")
    }

    /// What S3 says to a request that was sent to another region's address.
    pub fn permanent_redirect(region: &str) -> Self {
        Self::RefuseWith {
            status: 301,
            code: "PermanentRedirect".to_owned(),
            details: vec![("Region", region.to_owned())],
            headers: vec![("x-amz-bucket-region", region.to_owned())],
        }
    }
}

/// A gate that a test opens. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Hold {
    open: Arc<watch::Sender<bool>>,
    waiting: Arc<watch::Sender<u64>>,
}

impl Default for Hold {
    fn default() -> Self {
        Self::new()
    }
}

impl Hold {
    pub fn new() -> Self {
        Self { open: Arc::new(watch::channel(false).0), waiting: Arc::new(watch::channel(0).0) }
    }

    /// Lets everything through, now and later.
    pub fn release(&self) {
        self.open.send_replace(true);
    }

    /// Returns when at least `count` requests have arrived at the gate.
    pub async fn reached(&self, count: u64) {
        let mut waiting = self.waiting.subscribe();
        while *waiting.borrow_and_update() < count {
            if waiting.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) async fn pass(self) {
        self.waiting.send_modify(|count| *count += 1);
        let mut open = self.open.subscribe();
        while !*open.borrow_and_update() {
            if open.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Where and when a fault strikes. Without narrowing: every request, once.
#[derive(Debug, Clone)]
pub struct Rule {
    fault: Fault,
    operations: Vec<Operation>,
    keys: Keys,
    part_number: Option<u32>,
    header: Option<&'static str>,
    passes: u64,
    times: Option<u64>,
}

#[derive(Debug, Clone)]
enum Keys {
    Any,
    Exactly(String),
    Under(String),
}

impl Rule {
    pub fn new(fault: Fault) -> Self {
        let (operations, keys) = (Vec::new(), Keys::Any);
        Self { fault, operations, keys, part_number: None, header: None, passes: 0, times: Some(1) }
    }

    /// Only for this operation. Called again: for that one too.
    pub fn on(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    pub fn key(mut self, key: &str) -> Self {
        self.keys = Keys::Exactly(key.to_owned());
        self
    }

    pub fn keys_under(mut self, prefix: &str) -> Self {
        self.keys = Keys::Under(prefix.to_owned());
        self
    }

    pub fn part(mut self, number: u32) -> Self {
        self.part_number = Some(number);
        self
    }

    /// Only for requests with this header, by its name in lower case: a store that does not know it.
    pub fn carrying(mut self, header: &'static str) -> Self {
        self.header = Some(header);
        self
    }

    /// The first matching requests pass unharmed: `after(2)` strikes at the third.
    pub fn after(mut self, passes: u64) -> Self {
        self.passes = passes;
        self
    }

    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Until the rule is removed.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn matches(&self, operation: Operation, head: &Head) -> bool {
        (self.operations.is_empty() || self.operations.contains(&operation))
            && self.part_number.is_none_or(|number| head.part_number() == Some(number))
            && self.header.is_none_or(|name| head.headers.contains_key(name))
            && match &self.keys {
                Keys::Any => true,
                Keys::Exactly(key) => head.key == *key,
                Keys::Under(prefix) => head.key.starts_with(prefix.as_str()),
            }
    }
}

/// The rules in force. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Armed>>>,
    next: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Armed {
    id: RuleId,
    rule: Rule,
    seen: u64,
    struck: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(u64);

impl Faults {
    pub fn add(&self, rule: Rule) -> RuleId {
        let id = RuleId(self.next.fetch_add(1, Ordering::Relaxed));
        self.with(|rules| rules.push(Armed { id, rule, seen: 0, struck: 0 }));
        id
    }

    pub fn remove(&self, id: RuleId) {
        self.with(|rules| rules.retain(|armed| armed.id != id));
    }

    pub fn clear(&self) {
        self.with(Vec::clear);
    }

    /// How often the rule has struck.
    pub fn struck(&self, id: RuleId) -> u64 {
        self.with(|rules| rules.iter().find(|armed| armed.id == id).map_or(0, |armed| armed.struck))
    }

    /// All faults that strike this request: rules add up.
    pub(crate) fn strike(&self, operation: Operation, head: &Head) -> Vec<Fault> {
        self.with(|rules| {
            let mut faults = Vec::new();
            for armed in rules.iter_mut().filter(|armed| armed.rule.matches(operation, head)) {
                armed.seen += 1;
                let spent = armed.rule.times.is_some_and(|times| armed.struck >= times);
                if armed.seen > armed.rule.passes && !spent {
                    armed.struck += 1;
                    faults.push(armed.rule.fault.clone());
                }
            }
            faults
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Armed>) -> T) -> T {
        work(&mut self.rules.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
