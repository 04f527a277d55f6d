//! The place that a call is about: a saved one, or one that the options describe for this call alone.

use crate::arguments::Global;
use crate::commands::Call;
use crate::exit::Failure;
use satchel_core::credentials::KeyRooms;
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Link, Shared};
use satchel_core::place::store::Places;
use satchel_core::place::{KeySource, Place};
use satchel_core::storage::{Limiter, Storage};
use satchel_core::transfers::{Journal, Limits, Patience, Transfers};
use satchel_core::{Code, Error, Operation};
use tokio::sync::OnceCell;

/// An open place, and the ledger in which its links and its unfinished transfers are written down.
pub struct OpenPlace {
    pub storage: Storage,
    global: Global,
    /// Of a place of one call it is opened when something is to be written down; there may be none.
    ledger: OnceCell<Option<Ledger>>,
}

impl OpenPlace {
    /// Opens what the options name.
    pub async fn open(global: &Global, rooms: &KeyRooms) -> Result<Self, Failure> {
        if let Some(place) = place_of_one_call(global)? {
            let storage = Storage::open(&place, rooms).await?;
            return Ok(OpenPlace { storage, global: global.clone(), ledger: OnceCell::new() });
        }
        let ledger = ledger(global).await?;
        let places = Places::new(ledger.clone(), rooms.clone());
        let place = chosen(&places, global.place.as_deref()).await?;
        let storage = places.storage(&place).await?;
        Ok(OpenPlace { storage, global: global.clone(), ledger: OnceCell::new_with(Some(Some(ledger))) })
    }

    /// Opens the place of a link that was made here: the one that the options name, if they name one, else its own.
    pub async fn of_link(global: &Global, rooms: &KeyRooms, link: &Shared) -> Result<Self, Failure> {
        if global.bucket.is_none() && global.place.is_none() {
            let id = link.place.as_str();
            return match saved(global, rooms).await?.find(id).await {
                Ok(_) => Self::open(&Global { place: Some(id.to_owned()), ..global.clone() }, rooms).await,
                Err(error) if error.code() == Code::PlaceUnknown => Err(Failure::usage(
                    "This link was made in a place of one call. Name it again with --bucket and what belongs to it.",
                )),
                Err(error) => Err(error.into()),
            };
        }
        let place = Self::open(global, rooms).await?;
        if place.storage.place().id == link.place {
            return Ok(place);
        }
        Err(Error::new(Code::LinkUnknown, Operation::Link).with("file", link.id.clone()).into())
    }

    /// Where links and unfinished transfers are written down. None where nothing can be.
    pub async fn ledger(&self) -> Option<&Ledger> {
        self.ledger.get_or_init(|| async { ledger(&self.global).await.ok() }).await.as_ref()
    }

    /// The queue of this call. What is not done at its end is written down, also for a place of one call: the same call
    /// again goes on with it.
    pub async fn transfers(&self, call: &Call<'_>, bytes_per_second: Option<u64>) -> Result<Transfers, Failure> {
        if bytes_per_second.is_some() {
            self.storage.limit_speed(&Limiter::new(bytes_per_second));
        }
        let journal = match self.ledger().await {
            Some(ledger) => Journal::open(ledger).await.forgetting_what_is_over(),
            None => {
                call.output.warn(format_args!(
                    "Nothing can be written down on this computer; what is interrupted begins anew next time."
                ));
                Journal::in_memory()?
            }
        };
        let limits = Limits { patience: Patience::of_a_command(), ..Limits::default() };
        Ok(Transfers::start_with(limits, journal))
    }

    /// Notes a link that is handed over, so that it can be copied again and stopped. False where nothing can be noted.
    pub async fn remember(&self, link: &Link) -> bool {
        match self.ledger().await {
            Some(ledger) => links::remember(ledger, &self.storage.place().id, link).await.is_ok(),
            None => false,
        }
    }

    /// Takes away the private copies of links that have ended, now and then. Nothing of what is wanted hangs on it.
    pub async fn sweep_when_due(&self) {
        if let Some(ledger) = self.ledger().await {
            links::sweep_when_due(&self.storage, ledger).await;
        }
    }
}

/// The saved places of this computer.
pub async fn saved(global: &Global, rooms: &KeyRooms) -> Result<Places, Failure> {
    Ok(Places::new(ledger(global).await?, rooms.clone()))
}

/// The named place, else the default, else the only one.
pub async fn chosen(places: &Places, name: Option<&str>) -> Result<Place, Failure> {
    let place = match name {
        Some(name) => places.find(name).await?,
        None => places.default_place().await?.ok_or_else(|| {
            Failure::usage("Say which place with --place NAME (`satchel places list` shows them), or name a bucket with --bucket NAME.")
        })?,
    };
    if place.is_practice() {
        return Err(Failure::usage(
            "The practice place is open only inside the app. `satchel practice` runs one for the command line and says how to reach it.",
        ));
    }
    Ok(place)
}

/// The place that `--bucket` and its companions describe.
pub fn described(global: &Global, name: &str, keys: KeySource) -> Result<Option<Place>, Failure> {
    let Some(bucket) = &global.bucket else { return Ok(None) };
    let prefix = global.prefix.as_deref().unwrap_or_default();
    let mut place = Place::new(name, bucket, prefix, keys)?
        .with_endpoint(global.endpoint_url.as_deref())?
        .with_region(global.region.as_deref());
    place.path_style = global.path_style;
    Ok(Some(place))
}

fn place_of_one_call(global: &Global) -> Result<Option<Place>, Failure> {
    let place = described(global, "", KeySource::Chain { profile: None })?.map(Place::of_one_call);
    let companions = [
        ("--prefix", global.prefix.is_some()),
        ("--region", global.region.is_some()),
        ("--endpoint-url", global.endpoint_url.is_some()),
        ("--path-style", global.path_style),
    ];
    match companions.into_iter().find(|(_, given)| place.is_none() && *given) {
        Some((option, _)) => Err(Failure::usage(format!("{option} belongs to --bucket: a saved place knows its own."))),
        None => Ok(place),
    }
}

/// The ledger of this computer, or of the folder that the options name.
pub async fn ledger(global: &Global) -> Result<Ledger, Failure> {
    let folder = global.state_dir.clone().or_else(Ledger::state_dir_by_default);
    let folder =
        folder.ok_or_else(|| Error::new(Code::LedgerUnreadable, Operation::Save).with("file", "the home folder"))?;
    Ok(Ledger::open(&folder).await?)
}

/// A folder below the place as the engine wants it: empty, or with one slash at its end. Nothing else is changed.
pub fn folder_name(folder: &str) -> String {
    if folder.is_empty() || folder.ends_with('/') { folder.to_owned() } else { format!("{folder}/") }
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn a_folder_gets_its_slash_and_keeps_the_rest() {
        assert_eq!(folder_name(""), "");
        assert_eq!(folder_name("press"), "press/");
        assert_eq!(folder_name(" press/ x/"), " press/ x/");
    }
}
