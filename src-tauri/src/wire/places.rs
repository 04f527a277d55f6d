//! Places on the page: what they are called, never how they are reached. A secret comes in once and never goes out.

use super::mirror;
use super::problems::Problem;
use satchel_core::place;
use satchel_core::secrets::Secret;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A place in the switcher.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub id: String,
    pub name: String,
    pub organisation: Option<String>,
    pub practice: bool,
}

impl From<&place::Place> for Place {
    fn from(place: &place::Place) -> Self {
        Place {
            id: place.id.as_str().to_owned(),
            name: satchel_core::names::display(&place.name),
            organisation: place.organisation.clone(),
            practice: place.is_practice(),
        }
    }
}

/// What the page needs to draw its first screen.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    pub places: Vec<Place>,
    pub current: Option<String>,
    pub locale: String,
    /// Draw every text 40 % longer, to test with.
    pub pseudo: bool,
    /// 12 or 24 hours, where the system says so apart from its locale.
    pub hour12: Option<bool>,
}

/// How a saved place is reached, to begin with when it is entered once more. No key is in it.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlaceSetup {
    pub bucket: String,
    pub address: String,
    pub region: String,
    pub folder: String,
    pub name: String,
}

impl From<&place::Place> for PlaceSetup {
    fn from(place: &place::Place) -> Self {
        PlaceSetup {
            bucket: place.bucket.clone(),
            address: place.endpoint.clone().unwrap_or_default(),
            region: place.region.clone().unwrap_or_default(),
            folder: place.prefix.clone(),
            name: place.name.clone(),
        }
    }
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetPlaceSetup {
    pub place: String,
}

/// What the person got from IT.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckAndAddPlace {
    /// The saved place that this is, entered once more; null: a new one.
    pub place: Option<String>,
    pub bucket: String,
    pub key_id: String,
    #[specta(type = String)]
    pub secret_key: Secret,
    /// Empty is AWS.
    pub address: String,
    /// Empty: find it.
    pub region: String,
    pub folder: String,
    /// Empty: the name of the bucket.
    pub name: String,
    /// Keep the keys in memory, when there is no password store.
    pub session_only: bool,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SelectPlace {
    pub place: String,
}

mirror! {
    /// What is checked, in this order.
    CheckStepName of place::check::Step: Answers Private Recognised See Upload Delete
}

mirror! {
    /// How far one step is.
    CheckState of place::check::StepState: Waiting Running Passed Refused NotAllowed
}

mirror! {
    /// The field of the form that a trouble belongs to.
    CheckField of place::check::Field: Bucket KeyId SecretKey Address Region Folder
}

/// One step of the check.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckStep {
    pub step: CheckStepName,
    pub state: CheckState,
    pub field: Option<CheckField>,
    pub problem: Option<Problem>,
}

/// What the check found. `place` is null when nothing was saved.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PlaceCheck {
    pub steps: Vec<CheckStep>,
    pub place: Option<Place>,
    pub folders: u32,
    pub files: u32,
    pub more: bool,
}

/// The check went on.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct PlaceChecked {
    pub steps: Vec<CheckStep>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_came_in_is_not_printed() {
        let request: CheckAndAddPlace = serde_json::from_value(serde_json::json!({
            "bucket": "acme", "keyId": "AKIAEXAMPLE", "place": null, "secretKey": "very-secret", "address": "", "region": "", "folder": "",
            "name": "", "sessionOnly": false
        }))
        .unwrap();
        assert!(!format!("{request:?}").contains("very-secret"));
    }
}
