//! `satchel places link-key`: a second key that signs links which can be stopped. Tried before it is kept, in the password
//! store, as far as it can be without a file: the storage has to know it and its secret.

use super::add::{blocking, environment, read_line};
use crate::commands::Call;
use crate::exit::{Exit, Failure};
use crate::place;
use satchel_core::links::{EndChoice, LinkRequest, PrivateFolder, Stoppable, make_link};
use satchel_core::place::Place;
use satchel_core::secrets::{AccessKey, Secret};
use satchel_core::storage::Storage;
use satchel_core::{Code, names};
use std::io::{self, IsTerminal};
use std::time::Duration;

pub async fn run(call: &Call<'_>, name: &str, key_id: Option<String>) -> Result<Exit, Failure> {
    let places = place::saved(&call.global, &call.rooms).await?;
    let place = places.find(name).await?;
    let key = link_key(call, key_id).await?;
    is_known(&place, &key).await?;
    call.rooms.write_link_key(&place, key).await?;
    places.save(&Place { link_key: true, ..place.clone() }, None).await?;
    if call.output.json {
        call.output.document(&serde_json::json!({ "linkKey": { "place": place.name } }))?;
    }
    let name = names::display(&place.name);
    call.output.say(format_args!("Links of “{name}” that can be stopped are signed with this key from now on."));
    Ok(Exit::Done)
}

async fn link_key(call: &Call<'_>, key_id: Option<String>) -> Result<AccessKey, Failure> {
    let at_terminal = io::stdin().is_terminal();
    let key_id = match key_id {
        Some(key_id) => key_id,
        None if at_terminal => {
            call.output.warn("Key ID:");
            blocking(read_line).await?
        }
        None => return Err(Failure::usage("Name the key with --key-id ID; its secret key is read from stdin.")),
    };
    let secret = match environment("SATCHEL_LINK_SECRET").map(Secret::new) {
        Some(secret) => secret,
        None if at_terminal => {
            blocking(|| rpassword::prompt_password("Secret key (not shown): ").map(Secret::new)).await?
        }
        None => {
            call.output.say("Reading the secret key from stdin.");
            blocking(|| read_line().map(Secret::new)).await?
        }
    };
    let key = AccessKey::pasted(&key_id, secret.reveal());
    if key.key_id.is_empty() || key.secret.is_empty() {
        return Err(Failure::usage("A link key has a key ID and a secret key."));
    }
    Ok(key)
}

/// Tries a link to something in the share folder that is not there: what the storage thinks of the key is in its answer.
async fn is_known(place: &Place, key: &AccessKey) -> Result<(), Failure> {
    let storage = Storage::open_with(&Place { link_key: false, ..place.clone() }, key).await?;
    let lasts = Duration::from_secs(60);
    let nothing = PrivateFolder::for_upload(&storage, lasts).holds("nothing");
    let request = LinkRequest { end: EndChoice::In(lasts), stoppable: Stoppable::No, ..LinkRequest::new(nothing) };
    match make_link(&storage, &request).await {
        // Not there, or, without the right to list, not said whether it is there.
        Err(error) if matches!(error.code(), Code::FileGone | Code::ReadDenied | Code::LinkRefused) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}
