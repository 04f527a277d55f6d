//! A folder as a live value: pages arrive, rows are kept here, sorted and searched here, and handed out in windows.
//!
//! One owner task reads the pages; readers take immutable views. A million rows never leave this module at once.

use super::{Entry, Pages, SortBy, sort};
use crate::error::{Code, Error};
use crate::storage::Storage;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;

/// Questions that may wait for the owner at once.
const WAITING_QUESTIONS: usize = 16;

/// A listing seen from outside.
#[derive(Debug, Clone)]
pub struct ListingState {
    /// Grows with every change of rows; a window of another revision is stale.
    pub revision: u64,
    /// Rows after the search.
    pub count: usize,
    /// Rows before the search.
    pub total: usize,
    pub loading: bool,
    /// All pages are here.
    pub complete: bool,
    pub search: String,
    pub sort_by: SortBy,
    pub descending: bool,
    /// Why it is not complete.
    pub error: Option<Arc<Error>>,
}

/// Some rows in a row.
#[derive(Debug, Clone)]
pub struct Window {
    pub revision: u64,
    pub from: usize,
    pub entries: Vec<Arc<Entry>>,
}

/// A folder that is being read or was read. Cheap to clone; reading ends with the last clone.
#[derive(Clone)]
pub struct Listing(Arc<Shared>);

struct Shared {
    storage: Storage,
    folder: String,
    questions: mpsc::Sender<Question>,
    states: watch::Receiver<ListingState>,
    view: Arc<RwLock<View>>,
    _owner: AbortOnDropHandle<()>,
}

/// What readers see: replaced whole.
#[derive(Default)]
struct View {
    revision: u64,
    rows: Arc<Vec<Arc<Entry>>>,
    by_id: Arc<HashMap<u64, Arc<Entry>>>,
}

enum Question {
    Search(String, oneshot::Sender<ListingState>),
    Sort(SortBy, bool, oneshot::Sender<ListingState>),
    Refresh(oneshot::Sender<ListingState>),
}

impl Listing {
    /// Starts to read a folder: empty, or with `/` at its end. Needs a tokio runtime.
    pub fn open(storage: Storage, folder: &str) -> Self {
        let (questions, inbox) = mpsc::channel(WAITING_QUESTIONS);
        let state = ListingState {
            revision: 0,
            count: 0,
            total: 0,
            loading: true,
            complete: false,
            search: String::new(),
            sort_by: SortBy::default(),
            descending: false,
            error: None,
        };
        let (publish, states) = watch::channel(state.clone());
        let view = Arc::new(RwLock::new(View::default()));
        let owner = Owner {
            storage: storage.clone(),
            folder: folder.to_owned(),
            state,
            all: Vec::new(),
            ids: HashMap::new(),
            next_id: 1,
            publish,
            view: Arc::clone(&view),
        };
        #[allow(clippy::disallowed_methods, reason = "the handle below owns the task and ends it with the last clone")]
        let task = tokio::spawn(owner.run(inbox));
        let owner = AbortOnDropHandle::new(task);
        Listing(Arc::new(Shared { storage, folder: folder.to_owned(), questions, states, view, _owner: owner }))
    }

    pub fn folder(&self) -> &str {
        &self.0.folder
    }

    pub fn storage(&self) -> &Storage {
        &self.0.storage
    }

    /// The state, now and whenever it changes.
    pub fn watch(&self) -> watch::Receiver<ListingState> {
        self.0.states.clone()
    }

    /// A window of rows.
    pub fn rows(&self, from: usize, count: usize) -> Window {
        let view = self.0.view.read().unwrap_or_else(PoisonError::into_inner);
        let end = from.saturating_add(count).min(view.rows.len());
        let entries = view.rows.get(from.min(end)..end).unwrap_or_default().to_vec();
        Window { revision: view.revision, from, entries }
    }

    /// One row by its id.
    pub fn entry(&self, id: u64) -> Option<Arc<Entry>> {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).cloned()
    }

    /// Shows only rows whose name has this text in it, whatever the case.
    pub async fn search(&self, text: &str) -> ListingState {
        self.ask(|reply| Question::Search(text.to_owned(), reply)).await
    }

    /// Changes the order.
    pub async fn sort(&self, by: SortBy, descending: bool) -> ListingState {
        self.ask(|reply| Question::Sort(by, descending, reply)).await
    }

    /// Reads the folder again. Rows stay until the new ones are here.
    pub async fn refresh(&self) -> ListingState {
        self.ask(Question::Refresh).await
    }

    async fn ask(&self, question: impl FnOnce(oneshot::Sender<ListingState>) -> Question) -> ListingState {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.questions.send(question(reply)).await;
        match sent {
            Ok(()) => answer.await.unwrap_or_else(|_| self.0.states.borrow().clone()),
            Err(_) => self.0.states.borrow().clone(),
        }
    }
}

struct Owner {
    storage: Storage,
    folder: String,
    state: ListingState,
    all: Vec<Arc<Entry>>,
    /// Name to id, so that a row keeps its id over a refresh.
    ids: HashMap<String, u64>,
    next_id: u64,
    publish: watch::Sender<ListingState>,
    view: Arc<RwLock<View>>,
}

impl Owner {
    async fn run(mut self, mut inbox: mpsc::Receiver<Question>) {
        let mut reading = Some((Pages::new(&self.storage, &self.folder, false), Vec::new()));
        loop {
            let question = match reading.as_mut() {
                Some((pages, fresh)) => tokio::select! {
                    biased;
                    question = inbox.recv() => question,
                    page = pages.next() => {
                        if self.take(page, fresh) {
                            reading = None;
                        }
                        continue;
                    }
                },
                None => inbox.recv().await,
            };
            match question {
                Some(Question::Search(text, reply)) => {
                    self.state.search = text;
                    self.arrange();
                    drop(reply.send(self.state.clone()));
                }
                Some(Question::Sort(by, descending, reply)) => {
                    (self.state.sort_by, self.state.descending) = (by, descending);
                    self.arrange();
                    drop(reply.send(self.state.clone()));
                }
                Some(Question::Refresh(reply)) => {
                    reading = Some((Pages::new(&self.storage, &self.folder, false), Vec::new()));
                    self.state.loading = true;
                    self.publish();
                    drop(reply.send(self.state.clone()));
                }
                None => return,
            }
        }
    }

    /// Takes what one request brought. True when reading is over.
    fn take(&mut self, page: Option<crate::Result<super::Page>>, fresh: &mut Vec<Arc<Entry>>) -> bool {
        let first_reading = !self.state.complete && self.state.error.is_none();
        match page {
            Some(Ok(page)) => {
                let entries = page.folders.into_iter().map(Entry::folder).chain(page.files);
                let entries: Vec<_> = entries.map(|entry| self.identified(entry)).collect();
                fresh.extend(entries);
                // Sorting anew for every page would cost the square of the rows.
                if first_reading && fresh.len() >= self.all.len() + self.all.len() / 2 {
                    self.all.clone_from(fresh);
                    self.arrange();
                }
                false
            }
            Some(Err(error)) => {
                let closed = matches!(
                    error.code(),
                    Code::ListDenied | Code::PlaceNotFound | Code::KeyUnknown | Code::SecretWrong
                );
                if closed && fresh.is_empty() {
                    self.all.clear();
                } else if fresh.len() > self.all.len() {
                    // What is known stays on the screen, marked as not complete.
                    self.all = std::mem::take(fresh);
                }
                (self.state.loading, self.state.complete) = (false, false);
                self.state.error = Some(Arc::new(error));
                self.arrange();
                true
            }
            None => {
                self.all = std::mem::take(fresh);
                (self.state.loading, self.state.complete, self.state.error) = (false, true, None);
                self.arrange();
                true
            }
        }
    }

    fn identified(&mut self, mut entry: Entry) -> Arc<Entry> {
        let next = &mut self.next_id;
        entry.id = *self.ids.entry(entry.name.clone()).or_insert_with(|| {
            *next += 1;
            *next
        });
        Arc::new(entry)
    }

    /// Sorts and searches, and shows the result.
    fn arrange(&mut self) {
        let wanted = self.state.search.trim().to_lowercase();
        let mut rows: Vec<_> = match wanted.as_str() {
            "" => self.all.clone(),
            wanted => self.all.iter().filter(|entry| entry.label().to_lowercase().contains(wanted)).cloned().collect(),
        };
        let (by, descending) = (self.state.sort_by, self.state.descending);
        rows.sort_by(|left, right| sort::compare(left, right, by, descending));
        self.state.revision += 1;
        (self.state.count, self.state.total) = (rows.len(), self.all.len());
        let by_id = self.all.iter().map(|entry| (entry.id, Arc::clone(entry))).collect();
        let view = View { revision: self.state.revision, rows: Arc::new(rows), by_id: Arc::new(by_id) };
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        self.publish();
    }

    fn publish(&self) {
        self.publish.send_replace(self.state.clone());
    }
}
