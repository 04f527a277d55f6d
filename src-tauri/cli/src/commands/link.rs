//! `satchel link`: links that end, each tried before it is printed. The only command that prints one, beside `put --link`.

use super::Call;
use crate::arguments::Link as Arguments;
use crate::exit::{Exit, Failure, Problem};
use crate::output::Output;
use crate::place::OpenPlace;
use crate::report::Failed;
use jiff::{Timestamp, ZonedDateTime};
use satchel_core::links::{self, Disposition, EndChoice, EndsBecause, Link, LinkRequest, Stoppable};
use satchel_core::{Code, names};
use serde::Serialize;

/// A link as it is handed over.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeLink {
    id: String,
    name: String,
    pub url: String,
    expires_at: Timestamp,
    ends_because: EndsBecause,
    stoppable: bool,
    tested: bool,
}

#[derive(Serialize)]
struct Report<'r> {
    links: &'r [MadeLink],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failed: &'r [Failed],
    /// Why there is none, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r Problem>,
}

pub async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Exit, Failure> {
    let output = call.output;
    let end = end_choice(arguments.expires.as_deref())?;
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let disposition = if arguments.open { Disposition::Open } else { Disposition::Download };
    let only_one = arguments.names.len() == 1;
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for name in arguments.names {
        let request = LinkRequest {
            end: end.clone(),
            disposition,
            stoppable: if arguments.stoppable { Stoppable::Must } else { Stoppable::No },
            note: arguments.note.clone(),
            test: !arguments.no_test,
            exact: arguments.exact,
            ..LinkRequest::new(name)
        };
        match call.until_stopped(make(output, &place, &request)).await {
            Ok(link) if output.json => made.push(link),
            Ok(link) => {
                output.line(&link.url)?;
                output.flush()?;
                made.push(link);
            }
            Err(Failure::Engine(error)) if !only_one => {
                let not_made = Failed::new(None, Some(request.name.clone()), &error);
                if !output.json && not_made.code != Some(Code::Cancelled) {
                    output.problem_with(&request.name, &not_made.problem);
                }
                failed.push(not_made);
            }
            Err(other) => return Err(other),
        }
    }
    if output.json {
        let error = failed.first().filter(|_| made.is_empty()).map(|failed| &failed.problem);
        output.document(&Report { links: &made, failed: &failed, error })?;
    } else if failed.iter().any(|failed| failed.code == Some(Code::Cancelled)) {
        output.say("Stopped.");
    }
    Ok(Exit::of_many(made.len(), failed.iter().filter_map(|failed| failed.code)))
}

/// When links shall end. What can't be kept is refused here, before anything is signed.
pub fn end_choice(expires: Option<&str>) -> Result<EndChoice, Failure> {
    match expires {
        Some(when) => Ok(links::parse_when(when, &ZonedDateTime::now())?),
        None => Ok(EndChoice::Default),
    }
}

/// Makes one link, notes it, and says when it ends sooner than wished.
pub async fn make(output: &Output, place: &OpenPlace, request: &LinkRequest) -> Result<MadeLink, Failure> {
    let link = links::make_link(&place.storage, request).await?;
    if place.remember(&link).await.is_err() {
        // The link works, and whoever asked for it gets it.
        let name = names::display(&link.name);
        output.warn(format_args!("{name}: the link can’t be noted on this computer, so the app won’t show it."));
    }
    say_end(output, &link);
    Ok(MadeLink {
        id: link.id,
        name: link.name,
        url: link.url.reveal().to_owned(),
        expires_at: link.ends_at,
        ends_because: link.ends_because,
        stoppable: link.stoppable,
        tested: link.tested,
    })
}

fn say_end(output: &Output, link: &Link) {
    let name = names::display(&link.name);
    let until = links::until(link.ends_at, &ZonedDateTime::now());
    match link.ends_because {
        EndsBecause::Chosen => output.say(format_args!("{name}: works until {until}.")),
        EndsBecause::SignIn => {
            output.warn(format_args!("{name}: works only until {until}, because your sign-in ends then."))
        }
        EndsBecause::Place => {
            output.warn(format_args!("{name}: works only until {until}, the longest that this place allows."))
        }
        EndsBecause::Unknown => {
            output.warn(format_args!("{name}: works until {until} at most; it may end sooner, with your sign-in."));
        }
    }
}
