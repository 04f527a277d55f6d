//! `satchel link`: links that end, each tried before it is printed.

use super::Call;
use crate::arguments::Link as Arguments;
use crate::exit::{Exit, Failure};
use crate::handover::Handover;
pub use crate::handover::MadeLink;
use crate::output::Output;
use crate::place::OpenPlace;
use jiff::ZonedDateTime;
use satchel_core::links::{self, Course, Disposition, EndChoice, EndsBecause, Link, LinkRequest, Stoppable};
use satchel_core::{Error, files, names};

pub async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Exit, Failure> {
    let mut handover = Handover::new(call.output, arguments.handing)?;
    let end = end_choice(arguments.expires.as_deref())?;
    let place = call.until_stopped(OpenPlace::open(&call.global, &call.rooms)).await?;
    let wished = LinkRequest {
        end,
        disposition: if arguments.open { Disposition::Open } else { Disposition::Download },
        stoppable: if arguments.stoppable { Stoppable::Must } else { Stoppable::No },
        note: arguments.note,
        test: !arguments.no_test,
        exact: arguments.exact,
        ..LinkRequest::new("")
    };
    let (only_one, mut any_stoppable) = (arguments.names.len() == 1, false);
    for name in arguments.names {
        let request = LinkRequest { name, ..wished.clone() };
        let made = call.on_course(async |course| make_on(call.output, &place, &request, course).await).await;
        match made {
            Ok(mut link) => {
                any_stoppable |= link.stoppable;
                if arguments.handing.text && request.test && link.size_bytes.is_none() {
                    link.size_bytes = size_of(&place, &request.name).await;
                }
                handover.add(link)?;
            }
            Err(Failure::Engine(error)) if !only_one => handover.miss(&request.name, &error),
            Err(other) => return Err(other),
        }
    }
    let exit = handover.end(0)?;
    if any_stoppable {
        call.output.flush()?;
        call.stop.run_until_cancelled(place.sweep_when_due()).await;
    }
    Ok(exit)
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
    make_on(output, place, request, &Course::default()).await
}

async fn make_on(
    output: &Output,
    place: &OpenPlace,
    request: &LinkRequest,
    course: &Course,
) -> Result<MadeLink, Failure> {
    let link = links::make_link_on(&place.storage, request, course).await?;
    Ok(made(output, place, link).await)
}

/// Notes a link that was made, and says when it ends.
pub async fn made(output: &Output, place: &OpenPlace, link: Link) -> MadeLink {
    let noted = place.remember(&link).await;
    let (because, ends_at) = (link.ends_because, link.ends_at);
    let name = names::display(links::shown_name(place.storage.place(), &link.name));
    if !noted {
        // The link works, and whoever asked for it gets it.
        output.warn(format_args!(
            "{name}: the link can’t be noted on this computer, so neither `satchel links` nor the app will show it."
        ));
    }
    say_end(output, &name, because, &links::until(ends_at, &ZonedDateTime::now()));
    MadeLink::of(place.storage.place(), link)
}

/// For the words that go with a link. Without it they say less.
async fn size_of(place: &OpenPlace, name: &str) -> Option<u64> {
    let found: Result<_, Error> = files::stat(&place.storage, name).await;
    found.ok().and_then(|file| file.size_bytes)
}

fn say_end(output: &Output, name: &str, because: EndsBecause, until: &str) {
    match because {
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
