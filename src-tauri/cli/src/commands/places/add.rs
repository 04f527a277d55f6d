//! `satchel places add`: asks for what is missing, checks the place, and only then saves it.

use super::{Checked, connected, refusal};
use crate::arguments::AddPlace;
use crate::commands::Call;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::place;
use satchel_core::place::KeySource;
use satchel_core::place::check::check;
use satchel_core::place::store::Places;
use satchel_core::secrets::{AccessKey, Secret};
use satchel_core::storage::Storage;
use std::io::{self, BufRead, IsTerminal};

pub async fn run(call: &Call<'_>, arguments: AddPlace) -> Result<Exit, Failure> {
    let output = call.output;
    let keys = match &arguments.profile {
        Some(profile) => KeySource::Chain { profile: Some(profile.clone()) },
        None => KeySource::PasswordStore,
    };
    let mut global = call.global.clone();
    if global.endpoint_url.is_none() && arguments.profile.is_none() {
        // Keys of this environment belong to the storage of this environment.
        global.endpoint_url = environment("AWS_ENDPOINT_URL_S3").or_else(|| environment("AWS_ENDPOINT_URL"));
    }
    let name = arguments.name.as_deref().unwrap_or_default();
    let place = place::described(&global, name, keys)?.ok_or_else(|| {
        Failure::usage("Say where the place is with --bucket NAME, and --endpoint-url URL if that is not AWS.")
    })?;
    let places = place::saved(&call.global, &call.rooms).await?;
    not_taken(&places, &place.name).await?;
    let key = match arguments.profile {
        Some(_) => None,
        None => Some(access_key(output, arguments.key_id).await?),
    };
    let storage = match &key {
        Some(key) => Storage::open_with(&place, key).await?,
        None => Storage::open(&place, &call.rooms).await?,
    };
    let report = check(&place, &storage, |_| {}).await;
    let Some(usable) = &report.place else {
        return Err(refusal(&report).unwrap_or_else(|| Failure::usage("The place could not be checked.")));
    };
    places.save(usable, key).await?;
    if output.json {
        let default = places.default_place().await?;
        output.document(&Checked::of(usable, default.as_ref(), &report))?;
    } else {
        output.line(connected(&report))?;
    }
    Ok(Exit::Done)
}

async fn not_taken(places: &Places, name: &str) -> Result<(), Failure> {
    match places.all().await?.iter().any(|place| place.name == name) {
        true => Err(Failure::usage(format!(
            "There is already a place called “{name}”. Choose another name, or remove it first."
        ))),
        false => Ok(()),
    }
}

/// The key from the option, the environment, the terminal or stdin; the secret never from an option.
async fn access_key(output: &Output, key_id: Option<String>) -> Result<AccessKey, Failure> {
    let known_id = environment("AWS_ACCESS_KEY_ID");
    // A secret of another key ID would only look like a typing mistake.
    let belongs = key_id.is_none() || known_id.is_none() || key_id == known_id;
    let known_secret = environment("AWS_SECRET_ACCESS_KEY").map(Secret::new).filter(|_| belongs);
    let at_terminal = io::stdin().is_terminal();
    let key_id = match key_id.or(known_id) {
        Some(key_id) => key_id,
        None if at_terminal => {
            output.warn("Key ID:");
            blocking(read_line).await?
        }
        None => return Err(Failure::usage("Name the key with --key-id ID; its secret key is read from stdin.")),
    };
    let (secret, token) = match known_secret {
        Some(secret) => (secret, environment("AWS_SESSION_TOKEN").map(Secret::new)),
        None if at_terminal => {
            (blocking(|| rpassword::prompt_password("Secret key (not shown): ").map(Secret::new)).await?, None)
        }
        None => {
            output.say("Reading the secret key from stdin.");
            (blocking(|| read_line().map(Secret::new)).await?, None)
        }
    };
    let mut key = AccessKey::pasted(&key_id, secret.reveal());
    key.session_token = token;
    if key.key_id.is_empty() || key.secret.is_empty() {
        return Err(Failure::usage("A place needs a key ID and a secret key."));
    }
    Ok(key)
}

pub(super) fn read_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}

/// People take their time: they get a thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??)
}

pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
