//! The folders that the page has open, under the numbers it knows them by. Rows stay here; windows of them go over.

use crate::marks::Marks;
use crate::practice::Practice;
use crate::problems::Problems;
use crate::shared_links::SharedLinks;
use crate::wire;
use crate::wire::files::{FolderTarget, GetRows, MOST_ROWS, OpenFolder, Row, Rows, drawn};
use satchel_core::files::{EntryKind, Listing, ListingState};
use satchel_core::place::{Place, PlaceId};
use satchel_core::{Code, Error, Operation, Result, names};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Folders that stay open behind the one that is shown, for answers that come late.
const KEPT: usize = 8;

/// One folder that is open.
pub struct Open {
    pub id: u32,
    pub place: Place,
    pub listing: Listing,
}

/// What an open folder knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    There { size_bytes: u64, etag: Option<String> },
    Gone,
}

/// All of them. Cheap to clone.
#[derive(Clone)]
pub struct Listings {
    practice: Practice,
    marks: Marks,
    links: SharedLinks,
    problems: Problems,
    registry: Arc<Mutex<Registry>>,
}

#[derive(Default)]
struct Registry {
    last_id: u32,
    open: VecDeque<Arc<Open>>,
    /// The one that the page shows, as it said itself: an answer that comes late shows nothing.
    shown: Option<Arc<Open>>,
}

impl Listings {
    pub fn new(practice: Practice, marks: Marks, links: SharedLinks, problems: Problems) -> Self {
        Listings { practice, marks, links, problems, registry: Arc::default() }
    }

    /// Opens a folder; its rows arrive by and by. Whether the window shows it is up to the page.
    ///
    /// # Errors
    /// `PlaceUnknown`, `FileGone` for numbers that are no longer known, and what opening the place says.
    pub async fn open(&self, request: &OpenFolder) -> Result<Arc<Open>> {
        let (place, folder) = self.find_folder(request).await?;
        let storage = self.practice.storage(&place).await?;
        let place = storage.place().clone();
        self.links.opened(&storage).await;
        let listing = Listing::open(storage, &folder);
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.last_id += 1;
        let open = Arc::new(Open { id: registry.last_id, place, listing });
        registry.open.push_back(Arc::clone(&open));
        if registry.open.len() > KEPT {
            registry.open.pop_front();
        }
        Ok(open)
    }

    async fn find_folder(&self, request: &OpenFolder) -> Result<(Place, String)> {
        match request.target {
            FolderTarget::Root => Ok((self.practice.places().find(&request.place).await?, String::new())),
            FolderTarget::Row { listing, row } => {
                let open = self.find(listing)?;
                let entry =
                    open.listing.entry(row).filter(|entry| entry.kind() == EntryKind::Folder).ok_or_else(gone)?;
                Ok((open.place.clone(), entry.name.clone()))
            }
            FolderTarget::Crumb { listing, index } => {
                let open = self.find(listing)?;
                let folder = open
                    .listing
                    .folder()
                    .split_inclusive('/')
                    .take(usize::try_from(index).unwrap_or(usize::MAX))
                    .collect();
                Ok((open.place.clone(), folder))
            }
        }
    }

    /// An open folder by its number.
    ///
    /// # Errors
    /// `FileGone` when it was closed meanwhile.
    pub fn find(&self, id: u32) -> Result<Arc<Open>> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.open.iter().find(|open| open.id == id).cloned().ok_or_else(gone)
    }

    /// What the folders that are open, and all there, know of these files. Of others nothing is said, and nobody is asked.
    pub fn look_up<'n>(&self, place: &PlaceId, names: &HashSet<&'n str>) -> HashMap<&'n str, Seen> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let open: Vec<Arc<Open>> = registry.open.iter().filter(|open| open.place.id == *place).cloned().collect();
        drop(registry);
        let mut seen = HashMap::new();
        // What was opened later knows better.
        for open in open {
            let inside: HashSet<&'n str> =
                names.iter().copied().filter(|name| names::parent(name) == open.listing.folder()).collect();
            let state = open.listing.watch().borrow().clone();
            if inside.is_empty() || !state.complete || state.error.is_some() || state.count != state.total {
                continue;
            }
            seen.extend(inside.iter().map(|name| (*name, Seen::Gone)));
            for entry in open.listing.rows(0, state.total).entries {
                if let (Some(name), Some(size_bytes)) = (inside.get(entry.name.as_str()), entry.size_bytes) {
                    seen.insert(name, Seen::There { size_bytes, etag: entry.etag.clone() });
                }
            }
        }
        seen
    }

    /// The window shows this folder from now on, or none.
    ///
    /// # Errors
    /// `FileGone` when it was closed meanwhile: none is shown then.
    pub fn show(&self, id: Option<u32>) -> Result<()> {
        let found = id.map(|id| self.find(id)).transpose();
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.shown = found.as_ref().ok().cloned().flatten();
        found.map(drop)
    }

    /// The folder that the window shows, and that takes what is dropped.
    pub fn shown(&self) -> Option<Arc<Open>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).shown.clone()
    }

    /// The window is gone: nobody looks at any of them.
    pub fn close_all(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.open.clear();
        registry.shown = None;
    }

    pub fn watch_marks(&self) -> watch::Receiver<u64> {
        self.marks.watch()
    }

    /// A window of rows.
    ///
    /// # Errors
    /// `FileGone` when the listing was closed meanwhile.
    pub fn rows(&self, request: &GetRows) -> Result<Rows> {
        let open = self.find(request.listing)?;
        let wide = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let marks = self.marks.revision();
        let window = open.listing.rows(wide(request.from), wide(request.count.min(MOST_ROWS)));
        let rows =
            window.entries.iter().map(|entry| Row::of(entry, self.marks.of(&open.place.id, &entry.name))).collect();
        Ok(Rows { revision: window.revision + marks, from: drawn(window.from), rows })
    }

    /// Waits until there is something to show, or nothing, or a reason why not. Slow storages are not waited for.
    pub async fn first_page(&self, open: &Open) {
        const LONGEST: Duration = Duration::from_secs(1);
        let mut states = open.listing.watch();
        let shown = states.wait_for(|state| !state.loading || state.total > 0);
        let _ = tokio::time::timeout(LONGEST, shown).await;
    }

    /// The folder as it is now.
    pub fn now(&self, open: &Open) -> wire::files::Listing {
        let state = open.listing.watch().borrow().clone();
        self.draw(open, &state)
    }

    /// How a state of the folder looks on the page. Marks change rows too: both revisions only grow, so their sum tells.
    pub fn draw(&self, open: &Open, state: &ListingState) -> wire::files::Listing {
        let folders = open.listing.folder().split_terminator('/').map(names::display);
        wire::files::Listing {
            id: open.id,
            revision: state.revision + self.marks.revision(),
            place: open.place.id.as_str().to_owned(),
            crumbs: std::iter::once(names::display(&open.place.name)).chain(folders).collect(),
            count: drawn(state.count),
            total: drawn(state.total),
            complete: state.complete,
            loading: state.loading,
            search_text: state.search.clone(),
            sort_by: state.sort_by.into(),
            descending: state.descending,
            problem: state.error.clone().map(|error| self.problems.tell(error)),
        }
    }
}

impl Open {
    /// What the folder is called: its own name, or the place's.
    pub fn label(&self) -> String {
        folder_label(&self.place, self.listing.folder())
    }
}

/// What a folder below a place is called on the page.
pub fn folder_label(place: &Place, folder: &str) -> String {
    names::display(if folder.is_empty() { &place.name } else { names::last_segment(folder) })
}

fn gone() -> Error {
    Error::new(Code::FileGone, Operation::List)
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::credentials::KeyRooms;
    use satchel_core::ledger::Ledger;
    use satchel_core::place::store::Places;
    use satchel_core::storage::Limiter;

    #[tokio::test(flavor = "multi_thread")]
    async fn drops_go_to_the_folder_that_the_page_shows_and_not_to_one_that_answers_later() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        let places = Places::new(ledger.clone(), KeyRooms::default());
        let practice = Practice::new(folder.path(), places, Limiter::new(None));
        let place = practice.open().await.unwrap();
        let (marks, tasks) = (Marks::default(), crate::state::Tasks::default());
        let links = SharedLinks::new(ledger, practice.clone(), marks.clone(), tasks);
        let listings = Listings::new(practice, marks, links, Problems::default());
        let root = OpenFolder { place: place.id.as_str().to_owned(), target: FolderTarget::Root };
        let shown = || listings.shown().map(|open| open.id);
        let first = listings.open(&root).await.unwrap().id;
        assert_eq!(shown(), None);
        listings.show(Some(first)).unwrap();
        listings.open(&root).await.unwrap();
        assert_eq!(shown(), Some(first));
        listings.show(None).unwrap();
        assert_eq!(shown(), None);
        listings.show(Some(first)).unwrap();
        assert_eq!(listings.show(Some(99)).unwrap_err().code(), Code::FileGone);
        assert_eq!(shown(), None);
    }
}
