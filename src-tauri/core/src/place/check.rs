//! Checks a place before it is saved: step by step, each with its own plain sentence at the field that caused it.
//!
//! It asks for one page of the listing, writes one empty file into the share folder and deletes it again.

use super::Place;
use crate::error::{Code, Error, Operation};
use crate::files::Pages;
use crate::storage::Storage;
use aws_sdk_s3::primitives::ByteStream;
use serde::Serialize;
use std::sync::Arc;

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    Answers,
    Private,
    Recognised,
    See,
    Upload,
    Delete,
}

/// How far one step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    Waiting,
    Running,
    Passed,
    /// The place can't be used like this.
    Refused,
    /// The account may not do it; the place can be used without.
    NotAllowed,
}

/// The field of the form that a trouble belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    Bucket,
    KeyId,
    SecretKey,
    Address,
    Region,
    Folder,
}

/// One step and what it found.
#[derive(Debug, Clone)]
pub struct StepReport {
    pub step: Step,
    pub state: StepState,
    pub field: Option<Field>,
    pub error: Option<Arc<Error>>,
}

/// What the check found.
#[derive(Debug, Clone)]
pub struct CheckReport {
    pub steps: Vec<StepReport>,
    /// The place with the region that was found; `None` when it can't be used.
    pub place: Option<Place>,
    pub folders: usize,
    pub files: usize,
    /// There are more than one page showed.
    pub more: bool,
}

const STEPS: [Step; 6] = [Step::Answers, Step::Private, Step::Recognised, Step::See, Step::Upload, Step::Delete];

struct Progress<F> {
    steps: Vec<StepReport>,
    report: F,
}

impl<F: FnMut(&[StepReport]) + Send> Progress<F> {
    fn set(&mut self, step: Step, state: StepState, error: Option<Arc<Error>>) {
        for entry in self.steps.iter_mut().filter(|entry| entry.step == step) {
            entry.state = state;
            entry.field = error.as_ref().and_then(|error| field_of(error.code()));
            entry.error.clone_from(&error);
        }
        (self.report)(&self.steps);
    }
}

/// Checks a place with the keys that `storage` was opened with.
///
/// # Cancellation
/// Dropping it between upload and delete leaves one empty file in the share folder, under a name that nobody else uses.
pub async fn check(place: &Place, storage: &Storage, report: impl FnMut(&[StepReport]) + Send) -> CheckReport {
    let waiting = |step| StepReport { step, state: StepState::Waiting, field: None, error: None };
    let mut progress = Progress { steps: STEPS.into_iter().map(waiting).collect(), report };
    progress.set(Step::Answers, StepState::Running, None);
    let mut pages = Pages::new(storage, "", false);
    let (folders, files, more) = match pages.next().await {
        Some(Ok(page)) => (page.folders.len(), page.files.len(), pages.has_more()),
        Some(Err(error)) if error.code() == Code::ListDenied => {
            refuse(&mut progress, Arc::new(error));
            return CheckReport { steps: progress.steps, place: None, folders: 0, files: 0, more: false };
        }
        Some(Err(error)) => {
            refuse(&mut progress, Arc::new(error));
            return CheckReport { steps: progress.steps, place: None, folders: 0, files: 0, more: false };
        }
        None => (0, 0, false),
    };
    for step in [Step::Answers, Step::Private, Step::Recognised, Step::See] {
        progress.set(step, StepState::Passed, None);
    }
    check_writing(storage, &mut progress).await;
    let region = place.region.clone().or_else(|| Some(storage.region()));
    let place = Place { region, ..place.clone() };
    CheckReport { steps: progress.steps, place: Some(place), folders, files, more }
}

async fn check_writing<F: FnMut(&[StepReport]) + Send>(storage: &Storage, progress: &mut Progress<F>) {
    let place = storage.place();
    let key = place.key(&format!("{}check-{}", place.share_folder, uuid::Uuid::new_v4().simple()));
    progress.set(Step::Upload, StepState::Running, None);
    let put = storage.call(Operation::Upload, |client| {
        client.put_object().bucket(storage.bucket()).key(&key).body(ByteStream::from_static(b"")).send()
    });
    if let Err(error) = put.await {
        let error = Some(Arc::new(error.with("folder", place.name.clone())));
        progress.set(Step::Upload, StepState::NotAllowed, error);
        progress.set(Step::Delete, StepState::NotAllowed, None);
        return;
    }
    progress.set(Step::Upload, StepState::Passed, None);
    progress.set(Step::Delete, StepState::Running, None);
    let delete =
        storage.call(Operation::Delete, |client| client.delete_object().bucket(storage.bucket()).key(&key).send());
    match delete.await {
        Ok(_) => progress.set(Step::Delete, StepState::Passed, None),
        Err(error) => progress.set(Step::Delete, StepState::NotAllowed, Some(Arc::new(error))),
    }
}

/// Marks what the answer proves, and the step that stopped it.
fn refuse<F: FnMut(&[StepReport]) + Send>(progress: &mut Progress<F>, error: Arc<Error>) {
    let stopped_at = match error.code() {
        Code::KeyUnknown
        | Code::SecretWrong
        | Code::ClockWrong
        | Code::SignInEnded
        | Code::SignInRefused
        | Code::NoKeys => Step::Recognised,
        Code::NotPrivate | Code::TlsUntrusted | Code::TlsUnsafe => Step::Private,
        Code::ListDenied | Code::PlaceNotFound => Step::See,
        _ => Step::Answers,
    };
    for step in STEPS.into_iter().take_while(|step| *step != stopped_at) {
        progress.set(step, StepState::Passed, None);
    }
    progress.set(stopped_at, StepState::Refused, Some(error));
}

fn field_of(code: Code) -> Option<Field> {
    Some(match code {
        Code::KeyUnknown | Code::NoKeys => Field::KeyId,
        Code::SecretWrong => Field::SecretKey,
        Code::PlaceNotFound => Field::Bucket,
        Code::ListDenied => Field::Folder,
        Code::WrongAddress => Field::Region,
        Code::Unreachable
        | Code::NotPrivate
        | Code::TlsUntrusted
        | Code::TlsUnsafe
        | Code::CaptivePortal
        | Code::Unknown => Field::Address,
        _ => return None,
    })
}
