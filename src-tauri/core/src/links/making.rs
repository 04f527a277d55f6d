//! From a name to a link that works: the end, the private copy, the signature, the test, the record.

use super::disposition;
use super::end::{self, End};
use super::record::Record;
use super::sign::Recipe;
use super::{Course, Known, Link, LinkRequest, PrivateFolder, SignedUrl, Stoppable, stoppable, test};
use crate::error::{Code, Error, Operation, Result};
use crate::storage::Storage;
use crate::{files, names};
use jiff::SignedDuration;

/// Makes a link and, if wished, tries it as somebody without keys would.
///
/// The keys are resolved once: what was measured is what signs. Signed with the store's time.
///
/// # Errors
/// `LinkEndRefused` for ends that can't be kept, `FileGone`, `ReadDenied`, `LinkRefused`, `CopyDenied` and `RecordDenied`
/// where the place or the request demands it, keys and connection.
///
/// # Cancellation
/// A private copy may be left, which is swept after its end.
pub async fn make_link(storage: &Storage, request: &LinkRequest) -> Result<Link> {
    make_link_on(storage, request, &Course::default()).await
}

/// The same, watched and stoppable.
///
/// # Errors
/// As [`make_link`], and `Cancelled`.
///
/// # Cancellation
/// As [`make_link`].
pub async fn make_link_on(storage: &Storage, request: &LinkRequest, course: &Course) -> Result<Link> {
    let file = names::last_segment(&request.name).to_owned();
    make(storage, request, Opens::It, course).await.map_err(|error| storage.named(error).with("file", file))
}

/// The same for what another link opens already: stopping that one must not end this one.
pub(super) async fn make_another(storage: &Storage, request: &LinkRequest, course: &Course) -> Result<Link> {
    let file = names::last_segment(&request.name).to_owned();
    make(storage, request, Opens::Another, course).await.map_err(|error| storage.named(error).with("file", file))
}

/// What a link to a file in a private folder opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// What is there, as long as it is kept long enough.
    It,
    /// A copy of its own.
    Another,
}

async fn make(storage: &Storage, request: &LinkRequest, opens: Opens, course: &Course) -> Result<Link> {
    if request.name.is_empty() || request.name.ends_with('/') {
        return Err(Error::new(Code::FileGone, Operation::Link));
    }
    let place = storage.place();
    names::check_key(&place.key(&request.name))?;
    let (key_name, known) = target_in_time(storage, request, opens, course).await?;
    let label = names::last_segment(&request.name);
    let asked = Asked {
        key_name,
        disposition: Some(disposition::header(request.disposition, label)),
        content_type: disposition::forced_type(request.disposition, label).map(str::to_owned),
        test: request.test,
        end: &request.end,
        exact: request.exact,
    };
    let signed = asked.signed(storage).await?;
    let mut link = Link {
        id: uuid::Uuid::new_v4().simple().to_string(),
        name: request.name.clone(),
        url: signed.url,
        made_at: signed.end.from,
        ends_at: signed.end.at,
        ends_because: signed.end.because,
        stoppable: PrivateFolder::of(place, &asked.key_name).is_some(),
        tested: request.test,
        recorded: false,
        files: 1,
        known,
        note: request.note.clone(),
        recipe: signed.recipe,
        fingerprint: signed.fingerprint,
    };
    if request.test || place.links_must_be_recorded {
        link.recorded = record(storage, &link).await?;
    }
    Ok(link)
}

async fn resolve(storage: &Storage, request: &LinkRequest) -> Result<End> {
    let place = storage.place();
    let private = request.stoppable != Stoppable::No || place.links_must_be_stoppable;
    let keys = storage.link_keys(private || PrivateFolder::of(place, &request.name).is_some()).await?;
    end::resolve(storage, &keys, &request.end, request.exact)
}

/// What the link is to open. The first answer of a place may tell that the clock here is wrong: then a private copy would go
/// before its link does, and a new one is made.
async fn target_in_time(
    storage: &Storage,
    request: &LinkRequest,
    opens: Opens,
    course: &Course,
) -> Result<(String, Option<Known>)> {
    /// Less is noise.
    const WRONG: SignedDuration = SignedDuration::from_secs(30);
    let clock = storage.clock().get();
    // Refused before anything is copied.
    let end = resolve(storage, request).await?;
    let found = target(storage, request, opens, &end, course).await;
    let learned = (storage.clock().get() - clock).abs() >= WRONG;
    match found {
        Err(error) if !learned || error.code() != Code::ClockWrong => Err(error),
        Ok((key_name, known)) if !learned || PrivateFolder::of(storage.place(), &key_name).is_none() => {
            Ok((key_name, known))
        }
        _ => target(storage, request, opens, &resolve(storage, request).await?, course).await,
    }
}

/// What the link is to open: the file itself or a private copy of it.
async fn target(
    storage: &Storage,
    request: &LinkRequest,
    opens: Opens,
    end: &End,
    course: &Course,
) -> Result<(String, Option<Known>)> {
    let place = storage.place();
    let private = PrivateFolder::of(place, &request.name);
    let another = private.is_some() && opens == Opens::Another;
    if private.is_some_and(|folder| !another && folder.ends_at >= end.at) {
        return Ok((request.name.clone(), request.known.clone()));
    }
    // Browsers would ask for another name than this one.
    let unlinkable = names::has_dot_segments(&place.key(&request.name));
    let must = another || unlinkable || place.links_must_be_stoppable || request.stoppable == Stoppable::Must;
    if !must && request.stoppable == Stoppable::No {
        return Ok((request.name.clone(), request.known.clone()));
    }
    let known = match &request.known {
        Some(known) => known.clone(),
        None => {
            let entry = files::stat(storage, &request.name).await?;
            Known { size_bytes: entry.size_bytes.unwrap_or_default(), etag: entry.etag }
        }
    };
    let copy = stoppable::fitting(place, PrivateFolder::new(place, end.at).holds(&request.name));
    match stoppable::copy(storage, &request.name, known.size_bytes, &copy, course).await {
        Ok(()) => Ok((copy, Some(known))),
        Err(error) if error.code() == Code::CopyDenied && !must => Ok((request.name.clone(), Some(known))),
        Err(error) => Err(error),
    }
}

/// A key that is to be signed, and what its link says.
pub(super) struct Asked<'r> {
    pub(super) key_name: String,
    pub(super) disposition: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) test: bool,
    pub(super) end: &'r end::EndChoice,
    pub(super) exact: bool,
}

pub(super) struct Signed {
    pub(super) url: SignedUrl,
    pub(super) end: End,
    pub(super) recipe: Recipe,
    pub(super) fingerprint: String,
}

impl Asked<'_> {
    /// Signs and tests, once more if the test taught us something: where the place is, or what time it is there.
    pub(super) async fn signed(&self, storage: &Storage) -> Result<Signed> {
        let clock = storage.clock().get();
        match self.sign_and_test(storage).await {
            Err(error)
                if error.code() == Code::WrongAddress
                    && error.region_hint().is_some_and(|region| storage.move_to_region(region)) =>
            {
                self.sign_and_test(storage).await
            }
            // Signed with our clock the link was over or had not begun.
            Err(error)
                if matches!(error.code(), Code::ClockWrong | Code::LinkRefused) && storage.clock().get() != clock =>
            {
                self.sign_and_test(storage).await
            }
            // It works, and ends sooner or later than was chosen.
            Ok(_) if storage.clock().get() != clock => self.sign_and_test(storage).await,
            result => result,
        }
    }

    async fn sign_and_test(&self, storage: &Storage) -> Result<Signed> {
        let private = PrivateFolder::of(storage.place(), &self.key_name).is_some();
        let keys = storage.link_keys(private).await?;
        let end = end::resolve(storage, &keys, self.end, self.exact)?;
        let recipe = Recipe {
            key_name: self.key_name.clone(),
            signed_from: end.from,
            lasts: end.lasts,
            disposition: self.disposition.clone(),
            content_type: self.content_type.clone(),
        };
        let signer = storage.signer().get(storage, &keys, end.from).await?;
        let url = signer.sign(&storage.place().key(&self.key_name), &recipe);
        if self.test {
            test::test(storage, &self.key_name, &url).await?;
        }
        Ok(Signed { url, end, recipe, fingerprint: signer.fingerprint().to_owned() })
    }
}

/// Writes the record of a link. False where the account may not and the place does not mind.
pub(super) async fn record(storage: &Storage, link: &Link) -> Result<bool> {
    let record = Record {
        id: link.id.clone(),
        who: super::who(storage).await?,
        name: link.name.clone(),
        made_at: link.made_at,
        ends_at: link.ends_at,
        stoppable: link.stoppable,
        files: link.files,
        opens: link.recipe.key_name.clone(),
        stopped: None,
    };
    match record.write(storage).await {
        Ok(()) => Ok(true),
        Err(error) if storage.place().links_must_be_recorded => Err(error),
        Err(error) => {
            tracing::warn!(%error, "a link could not be recorded in the share folder");
            Ok(false)
        }
    }
}
