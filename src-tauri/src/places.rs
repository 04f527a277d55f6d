//! Places as the page uses them: the first screen, checking and adding one, which one is in use.

use crate::bridge::tell;
use crate::listings::Listings;
use crate::practice::Practice;
use crate::problems::{Problems, Trouble};
use crate::state;
use crate::wire::files::drawn;
use crate::wire::places::{CheckAndAddPlace, CheckStep, PlaceCheck, PlaceChecked, Start};
use satchel_core::ledger::Ledger;
use satchel_core::place::check::{self, CheckReport, Field, Step, StepReport, StepState};
use satchel_core::place::store::Places;
use satchel_core::place::{KeySource, Place};
use satchel_core::secrets::AccessKey;
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, Manager};

const CURRENT: &str = "current_place";

/// Whether the app was asked, by its arguments, to open the practice place.
#[derive(Default)]
pub struct PracticeWanted(AtomicBool);

impl PracticeWanted {
    /// Reads the arguments of this start or of another one. Whatever else they say is left alone. True if it was asked.
    pub fn read(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> bool {
        let asked = arguments.into_iter().skip(1).any(|argument| argument.as_ref() == "--practice");
        self.0.fetch_or(asked, Ordering::SeqCst);
        asked
    }
}

/// What the page needs for its first screen.
///
/// # Errors
/// `LedgerUnreadable`, `PracticeUnavailable`.
pub async fn start(app: &AppHandle) -> Result<Start> {
    state::open(app).await?;
    // A page that begins shows no folder yet.
    app.state::<Listings>().show(None)?;
    if app.state::<PracticeWanted>().0.swap(false, Ordering::SeqCst) {
        open_practice(app).await?;
    }
    let places = app.state::<Places>().all().await?;
    let current = app.state::<Ledger>().setting(CURRENT).await?;
    let current = current.filter(|id| places.iter().any(|place| place.id.as_str() == id));
    Ok(Start {
        current: current.or_else(|| places.first().map(|place| place.id.as_str().to_owned())),
        places: places.iter().map(Into::into).collect(),
        locale: locale(sys_locale::get_locale()),
        pseudo: std::env::var_os("SATCHEL_LANGUAGE").is_some_and(|language| language == "pseudo"),
        hour12: None,
    })
}

/// A locale that every browser understands. `C` is none.
fn locale(system: Option<String>) -> String {
    let fits = |locale: &String| {
        let language = locale.split('-').next().unwrap_or_default();
        (2..=3).contains(&language.len())
            && locale.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    system.filter(fits).unwrap_or_else(|| "en-US".to_owned())
}

/// Opens the practice place and uses it from now on.
///
/// # Errors
/// `PracticeUnavailable`, `LedgerUnreadable`.
pub async fn open_practice(app: &AppHandle) -> Result<Place> {
    let place = app.state::<Practice>().open().await?;
    app.state::<Ledger>().set_setting(CURRENT, place.id.as_str()).await?;
    Ok(place)
}

/// Uses this place from now on.
///
/// # Errors
/// `PlaceUnknown`, `LedgerUnreadable`.
pub async fn select(app: &AppHandle, id: &str) -> Result<()> {
    let place = find(app, id).await?;
    app.state::<Ledger>().set_setting(CURRENT, place.id.as_str()).await
}

/// A saved place.
///
/// # Errors
/// `PlaceUnknown`, `LedgerUnreadable`.
pub async fn find(app: &AppHandle, id: &str) -> Result<Place> {
    app.state::<Places>().find(id).await
}

/// Where quick uploads go: the default place, else the one in use.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn for_quick_upload(app: &AppHandle) -> Result<Option<Place>> {
    let places = app.state::<Places>().inner().clone();
    if let Some(place) = places.default_place().await? {
        return Ok(Some(place));
    }
    match app.state::<Ledger>().setting(CURRENT).await? {
        Some(id) => Ok(places.find(&id).await.ok()),
        None => Ok(None),
    }
}

/// The place in use, as the first screen has it.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn in_use(ledger: &Ledger, places: &Places) -> Result<Option<Place>> {
    let places = places.all().await?;
    let current = ledger.setting(CURRENT).await?;
    let current = current.and_then(|id| places.iter().find(|place| place.id.as_str() == id));
    Ok(current.or(places.first()).cloned())
}

/// Checks what the person entered, step by step, and saves the place if it can be used: as a new one, or as the one that it was.
///
/// # Errors
/// `PlaceUnknown`; a name that another place has; `PasswordStoreLocked`, `PasswordStoreMissing` after the check, with nothing saved; `LedgerUnreadable`.
///
/// # Cancellation
/// Dropped early, nothing is saved; one empty file may be left in the share folder.
pub async fn check_and_add(app: &AppHandle, entered: CheckAndAddPlace) -> Result<PlaceCheck, Trouble> {
    let problems = app.state::<Problems>().inner().clone();
    let key = AccessKey::pasted(&entered.key_id, entered.secret_key.reveal());
    let source = if entered.session_only { KeySource::ThisSession } else { KeySource::PasswordStore };
    let place = match described(&entered, source) {
        Ok(place) => place,
        Err(error) => return Ok(refused_at_once(&problems, error)),
    };
    let saved = app.state::<Places>().all().await?;
    let place = among(&saved, place, entered.place.as_deref())?;
    drop(entered);
    let storage = Storage::open_with(&place, &key).await?;
    let report =
        check::check(&place, &storage, |steps| tell(app, PlaceChecked { steps: draw(&problems, steps) })).await;
    if let Some(place) = &report.place {
        app.state::<Places>().save(place, Some(key)).await?;
        app.state::<Ledger>().set_setting(CURRENT, place.id.as_str()).await?;
    }
    Ok(draw_report(&problems, &report))
}

fn described(entered: &CheckAndAddPlace, keys: KeySource) -> Result<Place> {
    Ok(Place::new(&entered.name, &entered.bucket, entered.folder.trim(), keys)?
        .with_endpoint(Some(&entered.address))?
        .with_region(Some(&entered.region)))
}

/// The place as it is saved among the others: under the number that it has, with what nobody enters, and a name of its own.
fn among(saved: &[Place], place: Place, id: Option<&str>) -> Result<Place, Trouble> {
    let unknown = |id: &str| Error::new(Code::PlaceUnknown, Operation::Connect).with("place", id);
    let place = match id {
        Some(id) => {
            let known = saved.iter().find(|known| known.id.as_str() == id).ok_or_else(|| unknown(id))?.clone();
            let Place { name, bucket, prefix, region, endpoint, keys, .. } = place;
            Place { name, bucket, prefix, region, endpoint, keys, ..known }
        }
        None => place,
    };
    match saved.iter().any(|other| other.name == place.name && other.id != place.id) {
        true => Err(Trouble::PlaceNameTaken(place.name)),
        false => Ok(place),
    }
}

/// What is wrong before anything is asked: the address or the name can't be one.
fn refused_at_once(problems: &Problems, error: Error) -> PlaceCheck {
    let (refused, field) = match error.code() {
        Code::NotPrivate => (Step::Private, Field::Address),
        Code::PlaceNotFound => (Step::Answers, Field::Bucket),
        _ => (Step::Answers, Field::Address),
    };
    let error = Arc::new(error);
    let steps = [Step::Answers, Step::Private, Step::Recognised, Step::See, Step::Upload, Step::Delete].map(|step| {
        let is_it = step == refused;
        let state = if is_it { StepState::Refused } else { StepState::Waiting };
        StepReport { step, state, field: is_it.then_some(field), error: is_it.then(|| Arc::clone(&error)) }
    });
    draw_report(problems, &CheckReport { steps: steps.to_vec(), place: None, folders: 0, files: 0, more: false })
}

fn draw_report(problems: &Problems, report: &CheckReport) -> PlaceCheck {
    PlaceCheck {
        steps: draw(problems, &report.steps),
        place: report.place.as_ref().map(Into::into),
        folders: drawn(report.folders),
        files: drawn(report.files),
        more: report.more,
    }
}

fn draw(problems: &Problems, steps: &[StepReport]) -> Vec<CheckStep> {
    let step = |step: &StepReport| CheckStep {
        step: step.step.into(),
        state: step.state.into(),
        field: step.field.map(Into::into),
        problem: step.error.clone().map(|error| problems.tell(error)),
    };
    steps.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::places::{CheckField, CheckState};

    fn entered(bucket: &str, address: &str) -> CheckAndAddPlace {
        serde_json::from_value(serde_json::json!({
            "bucket": bucket, "keyId": "AKIAEXAMPLE", "secretKey": "s", "address": address, "region": "", "folder": " inbox ", "name": "", "place": null,
            "sessionOnly": false
        }))
        .unwrap()
    }

    #[test]
    fn an_address_that_is_not_private_is_refused_at_its_field() {
        let error = described(&entered("acme", "http://s3.example.com"), KeySource::PasswordStore).unwrap_err();
        let check = refused_at_once(&Problems::default(), error);
        let refused = check.steps.iter().find(|step| step.state == CheckState::Refused).unwrap();
        assert_eq!(refused.field, Some(CheckField::Address));
        assert!(refused.problem.is_some() && check.place.is_none());
    }

    #[test]
    fn a_name_that_can_not_be_one_is_refused_at_its_field() {
        let error = described(&entered("not a bucket", ""), KeySource::PasswordStore).unwrap_err();
        let check = refused_at_once(&Problems::default(), error);
        assert_eq!(check.steps[0].field, Some(CheckField::Bucket));
    }

    #[test]
    fn what_was_entered_is_the_place() {
        let place = described(&entered("acme", "127.0.0.1:9000"), KeySource::ThisSession);
        assert_eq!(place.unwrap().prefix, "inbox/");
    }

    #[test]
    fn a_place_that_is_entered_once_more_stays_the_same_place() {
        let mut known = described(&entered("acme", ""), KeySource::PasswordStore).unwrap();
        known.longest_link_seconds = Some(60);
        let again = described(&entered("acme", "127.0.0.1:9000"), KeySource::ThisSession).unwrap();
        let repaired = among(std::slice::from_ref(&known), again.clone(), Some(known.id.as_str())).unwrap();
        assert_eq!((&repaired.id, repaired.longest_link_seconds), (&known.id, Some(60)));
        assert_eq!(repaired.endpoint.as_deref(), Some("https://127.0.0.1:9000"));
        assert!(matches!(among(&[known], again, Some("gone")), Err(Trouble::Engine(_))));
    }

    #[test]
    fn two_places_never_have_the_same_name() {
        let place = || described(&entered("acme", ""), KeySource::PasswordStore).unwrap();
        assert!(matches!(among(&[place()], place(), None), Err(Trouble::PlaceNameTaken(name)) if name == "acme"));
        assert!(among(&[], place(), None).is_ok());
    }

    #[test]
    fn a_locale_is_one_that_browsers_know() {
        assert_eq!(locale(Some("de-DE".to_owned())), "de-DE");
        for none in [None, Some("C".to_owned()), Some("POSIX".to_owned()), Some("en_US.UTF-8".to_owned())] {
            assert_eq!(locale(none), "en-US");
        }
    }

    #[test]
    fn only_one_argument_means_anything() {
        let wanted = PracticeWanted::default();
        assert!(!wanted.read(["app", "--endpoint=x", "-rf", "practice", "/etc/passwd"]));
        assert!(!wanted.read(["--practice"]));
        assert!(wanted.read(["app", "--anything", "--practice"]));
    }
}
