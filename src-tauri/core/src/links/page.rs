//! One link for several files: a static page in a private folder, with a link to a private copy of each. It ends as a whole.

mod html;

use super::making::{self, Asked};
use super::sign::Recipe;
use super::{Course, EndChoice, Known, Link, PrivateFolder, end, sign, stoppable, test};
use crate::error::{Code, Error, Operation, Result};
use crate::files::Pages;
use crate::names;
use crate::storage::Storage;
use aws_sdk_s3::primitives::ByteStream;
use jiff::ZonedDateTime;
use percent_encoding::utf8_percent_encode;
use tokio::task::JoinSet;

/// The most files that one page lists.
pub const MOST_FILES: usize = 1000;
/// Copies that are made at the same time.
const SIDE_BY_SIDE: usize = 8;
const PAGE: &str = "files.html";
const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// One file of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// The full name below the place.
    pub name: String,
    /// As the recipient reads it; with `/` between folders.
    pub label: String,
    pub size_bytes: u64,
}

/// What is wished for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    pub title: String,
    pub files: Vec<PageFile>,
    /// Who shares, as the recipient is to read it.
    pub from: Option<String>,
    pub end: EndChoice,
    /// Refuse instead of ending earlier than wished.
    pub exact: bool,
    pub note: Option<String>,
    /// Where the files were uploaded to in order to be shared. Others are copied.
    pub folder: Option<PrivateFolder>,
}

/// Everything below a folder of the place, for a page.
///
/// # Errors
/// `FileTooBig` for more than [`MOST_FILES`], `ListDenied`, and what the connection says.
///
/// # Cancellation
/// Changes nothing.
pub async fn files_of_folder(storage: &Storage, folder: &str) -> Result<Vec<PageFile>> {
    let label = |name: &str| name.strip_prefix(names::parent(folder)).unwrap_or(name).to_owned();
    collect(Pages::new(storage, folder, true), |name| Some(label(name))).await
}

/// What a page that was made has in its folder.
pub(super) async fn files_of_page(storage: &Storage, folder: &PrivateFolder) -> Result<Vec<PageFile>> {
    let label = |name: &str| {
        let rest = name.strip_prefix(folder.name.as_str())?;
        rest.split_once('/').map(|(_number, label)| label.to_owned())
    };
    collect(Pages::in_share_folder(storage, &folder.name), label).await
}

async fn collect(mut pages: Pages, label: impl Fn(&str) -> Option<String>) -> Result<Vec<PageFile>> {
    let mut files = Vec::new();
    while let Some(page) = pages.next().await {
        for file in page?.files {
            let Some(label) = label(&file.name) else { continue };
            files.push(PageFile { label, size_bytes: file.size_bytes.unwrap_or_default(), name: file.name });
        }
        check_count(files.len())?;
    }
    Ok(files)
}

fn check_count(count: usize) -> Result<()> {
    if count <= MOST_FILES { Ok(()) } else { Err(Error::new(Code::TooManyFiles, Operation::Link)) }
}

/// Makes a page with all files, tests it, and records it as one link.
///
/// # Errors
/// As [`super::make_link_on`]; `CopyDenied` where the account may not copy; `FileGone` without any file, `TooManyFiles`.
///
/// # Cancellation
/// Copies may be left, which are swept after the end.
pub async fn make_page(storage: &Storage, request: &PageRequest, course: &Course) -> Result<Link> {
    make(storage, request, course).await.map_err(|error| storage.named(error).with("file", request.title.clone()))
}

async fn make(storage: &Storage, request: &PageRequest, course: &Course) -> Result<Link> {
    if request.files.is_empty() {
        return Err(Error::new(Code::FileGone, Operation::Link));
    }
    check_count(request.files.len())?;
    let place = storage.place();
    let wished = end::resolve(storage, &storage.link_keys(true).await?, &request.end, request.exact)?;
    let folder = request.folder.clone().filter(|folder| folder.ends_at >= wished.at);
    let folder = folder.unwrap_or_else(|| PrivateFolder::new(place, wished.at));
    let copies = copies(storage, &request.files, &folder, course).await?;
    // After the copies, which may have taken their time: all links and the page end together.
    let keys = storage.link_keys(true).await?;
    let until = end::resolve(storage, &keys, &EndChoice::At(wished.at), request.exact)?;
    let signer = storage.signer().get(storage, &keys, until.from).await?;
    let mut rows = Vec::with_capacity(copies.len());
    for (file, copy) in request.files.iter().zip(&copies) {
        let recipe = Recipe {
            key_name: copy.clone(),
            signed_from: until.from,
            lasts: until.lasts,
            // Under its own name, which is the end of the address.
            disposition: Some("attachment".to_owned()),
            content_type: None,
        };
        let url = signer.sign(&place.key(copy), &recipe);
        if rows.is_empty() {
            test::test(storage, copy, &url).await?;
        }
        rows.push(html::Row {
            label: &file.label,
            size_bytes: file.size_bytes,
            href: href(&folder, copy, url.reveal()),
        });
    }
    let shown = html::Page {
        title: &request.title,
        from: request.from.as_deref().or(place.organisation.as_deref()),
        ends_at: &until.at.to_zoned_datetime(ZonedDateTime::now().time_zone().clone()),
        rows: &rows,
    };
    let key_name = format!("{}{PAGE}", folder.name);
    put(storage, &key_name, html::render(&shown)).await?;
    let asked = Asked {
        key_name,
        disposition: Some("inline".to_owned()),
        content_type: Some(CONTENT_TYPE.to_owned()),
        test: true,
        end: &EndChoice::At(until.at),
        exact: request.exact,
    };
    let signed = asked.signed(storage).await?;
    let size_bytes = request.files.iter().map(|file| file.size_bytes).sum();
    let mut link = Link {
        id: uuid::Uuid::new_v4().simple().to_string(),
        name: request.title.clone(),
        url: signed.url,
        made_at: signed.end.from,
        ends_at: signed.end.at,
        ends_because: wished.because,
        stoppable: true,
        tested: true,
        recorded: false,
        files: u32::try_from(request.files.len()).unwrap_or(u32::MAX),
        known: Some(Known { size_bytes, etag: None }),
        note: request.note.clone(),
        recipe: signed.recipe,
        fingerprint: signed.fingerprint,
    };
    link.recorded = making::record(storage, &link).await?;
    Ok(link)
}

/// The address of a file as it is written in a page of the same folder: it saves half of the page.
fn href(folder: &PrivateFolder, copy: &str, url: &str) -> String {
    let inside = copy.strip_prefix(folder.name.as_str()).unwrap_or(copy);
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    format!("{}?{query}", utf8_percent_encode(inside, sign::PATH))
}

/// The full names of private copies of all files, in their order.
async fn copies(storage: &Storage, files: &[PageFile], folder: &PrivateFolder, course: &Course) -> Result<Vec<String>> {
    let total: u64 = files.iter().map(|file| file.size_bytes).sum();
    let mut names: Vec<String> = Vec::with_capacity(files.len());
    let mut running: JoinSet<Result<u64>> = JoinSet::new();
    let mut done = 0;
    for (number, file) in files.iter().enumerate() {
        if file.name.starts_with(folder.name.as_str()) {
            names.push(file.name.clone());
            continue;
        }
        while running.len() >= SIDE_BY_SIDE {
            done += joined(running.join_next().await)?;
            course.copied(done, total);
        }
        let with_folders = folder.holds_numbered(number + 1, &file.label);
        let fits = storage.place().key(&with_folders).len() <= names::LONGEST_KEY_BYTES;
        let copy =
            if fits { with_folders } else { folder.holds_numbered(number + 1, names::last_segment(&file.label)) };
        let copy = stoppable::fitting(storage.place(), copy);
        names.push(copy.clone());
        let (storage, file) = (storage.clone(), file.clone());
        let course = Course::new(course.stop.clone());
        running.spawn(async move {
            stoppable::copy(&storage, &file.name, file.size_bytes, &copy, &course)
                .await
                .map_err(|error| error.with("file", names::last_segment(&file.name)))?;
            Ok(file.size_bytes)
        });
    }
    while !running.is_empty() {
        done += joined(running.join_next().await)?;
        course.copied(done, total);
    }
    Ok(names)
}

fn joined(done: Option<Result<Result<u64>, tokio::task::JoinError>>) -> Result<u64> {
    match done {
        Some(Ok(bytes)) => bytes,
        Some(Err(cause)) => Err(Error::new(Code::Unknown, Operation::Copy).because(cause)),
        None => Ok(0),
    }
}

async fn put(storage: &Storage, name: &str, page: String) -> Result<()> {
    let key = storage.place().key(name);
    let body = page.into_bytes();
    let put = storage.call(Operation::Upload, |client| {
        client
            .put_object()
            .bucket(storage.bucket())
            .key(&key)
            .content_type(CONTENT_TYPE)
            .cache_control("no-store")
            .body(ByteStream::from(body.clone()))
            .send()
    });
    put.await.map(drop)
}
