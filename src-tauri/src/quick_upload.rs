//! Quick upload from the tray: choose files, and their link is on the clipboard. One notification says until when.

use crate::clipboard::Clipboard;
use crate::notify::Button;
use crate::practice::Practice;
use crate::problems::{Problems, Trouble};
use crate::sharing::{self, Sharing, Uploaded};
use crate::state::{self, Tasks};
use crate::uploads::Uploads;
use crate::{choose, handover, messages, notify, places, windows};
use jiff::ZonedDateTime;
use satchel_core::links::{self, EndChoice, Link, LinkRequest, PageFile, PageRequest, PrivateFolder};
use satchel_core::place::Place;
use satchel_core::transfers::{self, Found, State, Transfer};
use satchel_core::{Code, Error, Operation, Result as Done, names};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tauri::{AppHandle, Manager};

/// After this the person may have copied something else, which is theirs.
const CLIPBOARD_IS_OURS: Duration = Duration::from_secs(30);

/// Begins a quick upload. Asks for files first.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        if let Err(trouble) = choose_and_share(&app).await {
            tell(&app, trouble);
        }
    });
}

/// Says what could not be done, as the window would.
pub fn tell(app: &AppHandle, trouble: Trouble) {
    let problem = app.state::<Problems>().tell(trouble);
    notify::show(app, problem.title, problem.sentence);
}

async fn choose_and_share(app: &AppHandle) -> Result<(), Trouble> {
    state::open(app).await?;
    let Some(place) = places::for_quick_upload(app).await? else {
        windows::open(app);
        return Ok(());
    };
    match choose::files_to_share(app).await {
        paths if paths.is_empty() => Ok(()),
        paths => share(app, &place, paths).await,
    }
}

/// # Cancellation
/// Dropped early, the upload goes on in its queue; no link is made.
async fn share(app: &AppHandle, place: &Place, paths: Vec<PathBuf>) -> Result<(), Trouble> {
    let untouched = app.state::<Clipboard>().as_it_is(CLIPBOARD_IS_OURS).await;
    let storage = app.state::<Practice>().storage(place).await?;
    let folder = PrivateFolder::for_upload(&storage, place.link_time());
    let plan = Plan::of(paths, &folder).await?;
    let uploads = app.state::<Uploads>().inner().clone();
    let stored = uploads.store_privately(&storage, plan.files.clone()).await;
    if !all_stored(&stored)? {
        // Stopped by the person, who knows.
        return Ok(());
    }
    let uploaded = plan.uploaded(&stored, folder);
    let sharing = app.state::<Sharing>().inner().clone();
    if untouched.is_over() {
        offer(app, &plan.title, move |app| async move {
            let link = sharing.hand_over(&storage, &uploaded, None).await?.link;
            say_copied(&app, &link);
            Ok(())
        });
        return Ok(());
    }
    let handed = sharing.hand_over(&storage, &uploaded, Some(untouched)).await?;
    if handed.copied {
        say_copied(app, &handed.link);
        return Ok(());
    }
    let id = handed.link.id.clone();
    offer(app, &plan.title, move |app| async move {
        sharing.copy_again(&id, false).await?;
        say_copied(&app, &handed.link);
        Ok(())
    });
    Ok(())
}

/// Says that a link is on the clipboard.
pub fn say_copied(app: &AppHandle, link: &Link) {
    let (file, end) = (handover::label(&link.name, link.files), links::until(link.ends_at, &ZonedDateTime::now()));
    let values = [("file", file.as_str()), ("end", end.as_str())];
    notify::show(
        app,
        messages::text("shell.notification.link_copied.title"),
        messages::filled("shell.notification.link_copied.body", &values),
    );
}

/// Says that the files are uploaded, and leaves the clipboard to the person: one click copies the link.
fn offer<F>(app: &AppHandle, title: &str, copy: impl FnOnce(AppHandle) -> F + Send + 'static)
where
    F: Future<Output = Result<(), Trouble>> + Send + 'static,
{
    let on_click = app.clone();
    let deed = move || {
        on_click.clone().state::<Tasks>().spawn(async move {
            if let Err(trouble) = copy(on_click.clone()).await {
                tell(&on_click, trouble);
            }
        });
    };
    notify::show_with(
        app,
        messages::text("shell.notification.uploaded_late.title"),
        messages::filled("shell.notification.uploaded_late.body", &[("file", &names::display(title))]),
        Button { label: messages::text("shell.notification.copy_link"), deed: Box::new(deed) },
    );
}

/// Whether all are stored. False if the person stopped one.
fn all_stored(transfers: &[Arc<Transfer>]) -> Done<bool, Trouble> {
    let mut all = !transfers.is_empty();
    for transfer in transfers {
        match &transfer.state {
            State::Done => {}
            State::NeedsYou(error, _) => return Err(error.clone().into()),
            _ => all = false,
        }
    }
    Ok(all)
}

/// What is uploaded where, and what its link is called.
struct Plan {
    title: String,
    /// Each with its full name below the place.
    files: Vec<(PathBuf, String)>,
    /// As the recipient of a page reads them. Empty for one file, which needs no page.
    labels: Vec<String>,
}

impl Plan {
    async fn of(paths: Vec<PathBuf>, folder: &PrivateFolder) -> Done<Self> {
        if let [file] = paths.as_slice()
            && !file.is_dir()
        {
            let title = own_name(file)?;
            let name = folder.holds(&title);
            return Ok(Plan { title, files: vec![(file.clone(), name)], labels: Vec::new() });
        }
        let only_folder = if let [folder] = paths.as_slice() { Some(own_name(folder)?) } else { None };
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        let mut walked = transfers::walk(paths, "");
        while let Some(batch) = walked.next().await {
            for found in batch {
                let (path, label) = match found {
                    // Two of one name are in two folders there.
                    Found::File { path, name, .. } | Found::Clash { path, name, .. } => (path, name),
                    Found::EmptyFolder { .. } => continue,
                    // A page without it would be taken for all of it.
                    Found::Problem { error, .. } => return Err(error),
                };
                files.push((path, folder.holds_numbered(files.len() + 1, &label)));
                labels.push(label);
            }
            if files.len() > links::MOST_FILES {
                return Err(Error::new(Code::TooManyFiles, Operation::Link));
            }
        }
        let title = only_folder.unwrap_or_else(|| sharing::several(files.len()));
        if files.is_empty() {
            return Err(Error::new(Code::FileMissing, Operation::Upload).with("file", title));
        }
        Ok(Plan { title, files, labels })
    }

    fn uploaded(&self, stored: &[Arc<Transfer>], folder: PrivateFolder) -> Uploaded {
        if let ([(_, name)], []) = (self.files.as_slice(), self.labels.as_slice()) {
            return Uploaded::File(Box::new(LinkRequest::new(name.clone())));
        }
        let size_of =
            |name: &String| stored.iter().find(|transfer| transfer.name == *name).map_or(0, |it| it.size_bytes);
        let files = self.files.iter().zip(&self.labels).map(|((_, name), label)| PageFile {
            name: name.clone(),
            label: label.clone(),
            size_bytes: size_of(name),
        });
        Uploaded::Page(PageRequest {
            title: self.title.clone(),
            files: files.collect(),
            from: None,
            end: EndChoice::Default,
            exact: false,
            note: None,
            folder: Some(folder),
        })
    }
}

fn own_name(path: &Path) -> Done<String> {
    names::stored_name(path.file_name().unwrap_or(OsStr::new("")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::place::KeySource;

    fn folder() -> PrivateFolder {
        let place = Place::new("", "acme", "", KeySource::PasswordStore).unwrap();
        PrivateFolder::new(&place, jiff::Timestamp::now())
    }

    #[tokio::test]
    async fn one_file_is_shared_by_itself_and_several_as_a_page_each_in_a_folder_of_its_own() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("Photos/2026")).unwrap();
        for name in ["a.pdf", "Photos/a.jpg", "Photos/2026/b.jpg"] {
            std::fs::write(home.path().join(name), "x").unwrap();
        }
        let (folder, path) = (folder(), |name: &str| home.path().join(name));
        let one = Plan::of(vec![path("a.pdf")], &folder).await.unwrap();
        assert_eq!((one.title.as_str(), one.files[0].1.as_str()), ("a.pdf", format!("{}a.pdf", folder.name).as_str()));
        assert!(matches!(one.uploaded(&[], folder.clone()), Uploaded::File(_)));

        let several = Plan::of(vec![path("a.pdf"), path("Photos")], &folder).await.unwrap();
        assert_eq!(several.title, "3 files");
        let mut labels = several.labels.clone();
        labels.sort();
        assert_eq!(labels, ["Photos/2026/b.jpg", "Photos/a.jpg", "a.pdf"]);
        for ((_, name), (label, number)) in several.files.iter().zip(several.labels.iter().zip(1..)) {
            assert_eq!(*name, format!("{}{number}/{label}", folder.name));
        }
        assert!(matches!(several.uploaded(&[], folder.clone()), Uploaded::Page(page) if page.files.len() == 3));
        assert_eq!(Plan::of(vec![path("Photos")], &folder).await.unwrap().title, "Photos");
    }

    #[tokio::test]
    async fn an_empty_folder_is_nothing_to_share() {
        let home = tempfile::tempdir().unwrap();
        let nothing = Plan::of(vec![home.path().to_owned()], &folder()).await;
        assert_eq!(nothing.err().map(|error| error.code()), Some(Code::FileMissing));
    }
}
