//! The share folder's log: who shared what until when, one small object a link. Never the link, never the private note.
//!
//! What a list needs is in the object's name, so that a thousand links are read with one listing request. Nothing is ever
//! changed: that a link was stopped is a second object beside the first.

use crate::error::{Code, Error, Operation, Result};
use crate::files::Pages;
use crate::names::LONGEST_KEY_BYTES;
use crate::place::Place;
use crate::storage::Storage;
use aws_sdk_s3::primitives::ByteStream;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const FOLDER: &str = "log/";
const TIME: &str = "%Y%m%dT%H%M%SZ";
const TIME_LETTERS: usize = 16;
const ID_LETTERS: usize = 32;

/// One link, as everybody who may read the share folder can know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub id: String,
    /// The account's own identity.
    pub who: String,
    /// The full name below the place of what was shared; of several files, the title of their page.
    pub name: String,
    pub made_at: Timestamp,
    pub ends_at: Timestamp,
    pub stoppable: bool,
    /// More than one: a page of them.
    pub files: u32,
    /// The full name below the place of what the link opens.
    pub opens: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// That a link was stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    pub at: Timestamp,
    pub who: String,
}

impl Record {
    /// Writes it into the log.
    ///
    /// # Errors
    /// `RecordDenied`, and what the connection says.
    ///
    /// # Cancellation
    /// It may be there.
    pub async fn write(&self, storage: &Storage) -> Result<()> {
        write(storage, &self.key_name(storage.place()), self).await
    }

    /// Notes that it was stopped.
    ///
    /// # Errors
    /// `RecordDenied`, and what the connection says.
    ///
    /// # Cancellation
    /// It may be noted.
    pub(super) async fn write_stopped(&self, storage: &Storage, stopped: &Stopped) -> Result<()> {
        write(storage, &stopped_key_name(storage.place(), self, stopped), stopped).await
    }

    fn key_name(&self, place: &Place) -> String {
        let facts = (&self.who, &self.name, self.ends_at.as_second(), self.stoppable, self.files, &self.opens);
        let facts = serde_json::to_vec(&facts).unwrap_or_default();
        let name = format!("{}-{}.json", begun(place, self.made_at, &self.id, "made"), BASE64URL_NOPAD.encode(&facts));
        if place.key(&name).len() <= LONGEST_KEY_BYTES {
            return name;
        }
        // A name that is too long for a name: whoever lists it has to read the object.
        format!("{}.json", begun(place, self.made_at, &self.id, "made"))
    }
}

fn stopped_key_name(place: &Place, record: &Record, stopped: &Stopped) -> String {
    let facts = serde_json::to_vec(&(stopped.at.as_second(), &stopped.who)).unwrap_or_default();
    format!("{}-{}.json", begun(place, record.made_at, &record.id, "stopped"), BASE64URL_NOPAD.encode(&facts))
}

fn begun(place: &Place, made_at: Timestamp, id: &str, what: &str) -> String {
    format!("{}{FOLDER}{}-{id}-{what}", place.share_folder, made_at.strftime(TIME))
}

async fn write(storage: &Storage, name: &str, content: &impl Serialize) -> Result<()> {
    let body = serde_json::to_vec_pretty(content)
        .map_err(|cause| Error::new(Code::Unknown, Operation::Save).because(cause))?;
    let key = storage.place().key(name);
    let put = storage.call(Operation::Upload, |client| {
        client
            .put_object()
            .bucket(storage.bucket())
            .key(&key)
            .content_type("application/json")
            .body(ByteStream::from(body.clone()))
            .send()
    });
    put.await.map(drop).map_err(|error| match error.code() {
        Code::UploadDenied => Error::new(Code::RecordDenied, Operation::Link).because(error),
        _ => error,
    })
}

/// The log from one moment to another, the oldest first. `until` is not included.
///
/// # Errors
/// `ListDenied` when the account may not see the share folder, and what the connection says.
pub async fn read(storage: &Storage, from: Timestamp, until: Option<Timestamp>) -> Result<Vec<Record>> {
    let place = storage.place();
    let folder = format!("{}{FOLDER}", place.share_folder);
    let start = format!("{folder}{}", from.strftime(TIME));
    let end = until.map(|until| format!("{folder}{}", until.strftime(TIME)));
    let mut pages = Pages::in_share_folder(storage, &folder).after(&start);
    let mut records: Vec<Record> = Vec::new();
    let mut stopped: HashMap<String, Stopped> = HashMap::new();
    while let Some(page) = pages.next().await {
        let page = page?;
        for file in &page.files {
            if end.as_ref().is_some_and(|end| file.name >= *end) {
                return Ok(completed(records, &stopped));
            }
            let Some(entry) = file.name.strip_prefix(folder.as_str()).and_then(Entry::parse) else { continue };
            match entry {
                Entry::Made(record) => records.push(record),
                Entry::MadeElsewhere => records.extend(fetch(storage, &file.name).await),
                Entry::Stopped(id, said) => drop(stopped.insert(id, said)),
            }
        }
    }
    Ok(completed(records, &stopped))
}

fn completed(mut records: Vec<Record>, stopped: &HashMap<String, Stopped>) -> Vec<Record> {
    for record in &mut records {
        record.stopped = stopped.get(&record.id).cloned();
    }
    records
}

/// What a name in the log says. Anybody may have put anything there.
enum Entry {
    Made(Record),
    /// Its facts are in the object.
    MadeElsewhere,
    Stopped(String, Stopped),
}

impl Entry {
    fn parse(label: &str) -> Option<Self> {
        let label = label.strip_suffix(".json")?;
        let (time, rest) = label.split_at_checked(TIME_LETTERS)?;
        let (id, rest) = rest.strip_prefix('-')?.split_at_checked(ID_LETTERS)?;
        let made_at = DateTime::strptime(TIME, time).ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (what, facts) = match rest.strip_prefix('-')?.split_once('-') {
            Some((what, facts)) => (what, Some(BASE64URL_NOPAD.decode(facts.as_bytes()).ok()?)),
            None => (rest.strip_prefix('-')?, None),
        };
        match (what, facts) {
            ("made", None) => Some(Entry::MadeElsewhere),
            ("made", Some(facts)) => {
                let (who, name, ends, stoppable, files, opens): (String, String, i64, bool, u32, String) =
                    serde_json::from_slice(&facts).ok()?;
                let ends_at = Timestamp::from_second(ends).ok()?;
                let id = id.to_owned();
                Some(Entry::Made(Record { id, who, name, made_at, ends_at, stoppable, files, opens, stopped: None }))
            }
            ("stopped", Some(facts)) => {
                let (at, who): (i64, String) = serde_json::from_slice(&facts).ok()?;
                Some(Entry::Stopped(id.to_owned(), Stopped { at: Timestamp::from_second(at).ok()?, who }))
            }
            _ => None,
        }
    }
}

/// Reads one record whose facts did not fit into its name. One that can't be read is left out.
async fn fetch(storage: &Storage, name: &str) -> Option<Record> {
    /// More is none of ours.
    const LONGEST: i64 = 64 * 1024;
    let key = storage.place().key(name);
    let found = storage.call(Operation::Read, |client| client.get_object().bucket(storage.bucket()).key(&key).send());
    let found = found.await.ok()?;
    if found.content_length().is_none_or(|length| length > LONGEST) {
        return None;
    }
    serde_json::from_slice(&found.body.collect().await.ok()?.into_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::KeySource;

    fn place() -> Place {
        Place::new("", "acme", "team", KeySource::PasswordStore).unwrap()
    }

    fn record(name: &str) -> Record {
        Record {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            who: "sabine.huber@acme.com".to_owned(),
            name: name.to_owned(),
            made_at: "2026-11-24T09:08:07Z".parse().unwrap(),
            ends_at: "2026-11-27T16:00:00Z".parse().unwrap(),
            stoppable: true,
            files: 1,
            opens: format!(".s/20261127T160000Z-00000000000000000000000000000000/{name}"),
            stopped: None,
        }
    }

    fn parsed(name: &str) -> Option<Entry> {
        name.strip_prefix(".s/log/").and_then(Entry::parse)
    }

    #[test]
    fn everything_that_a_list_needs_comes_back_from_the_name() {
        for name in ["a.pdf", "Müller & Söhne/日本 🙂.pdf", "a\nb", "-made-"] {
            let record = record(name);
            match parsed(&record.key_name(&place())) {
                Some(Entry::Made(back)) => assert_eq!(back, record),
                _ => panic!("{name}"),
            }
        }
        let stopped = Stopped { at: "2026-11-25T10:00:00Z".parse().unwrap(), who: "it@acme.com".to_owned() };
        match parsed(&stopped_key_name(&place(), &record("a"), &stopped)) {
            Some(Entry::Stopped(id, back)) => assert_eq!((id, back), (record("a").id, stopped)),
            _ => panic!("not read"),
        }
    }

    #[test]
    fn a_name_that_does_not_fit_into_a_name_is_read_from_the_object() {
        let record = record(&"x".repeat(900));
        let name = record.key_name(&place());
        assert!(place().key(&name).len() <= LONGEST_KEY_BYTES);
        assert!(matches!(parsed(&name), Some(Entry::MadeElsewhere)));
    }

    #[test]
    fn what_strangers_put_into_the_log_is_left_out() {
        for name in [".s/log/", ".s/log/x.json", ".s/log/20261124T090807Z-zz-made.json", ".s/log/.json"] {
            assert!(parsed(name).is_none(), "{name}");
        }
        let hostile = format!(".s/log/20261124T090807Z-{}-made-{}.json", "0".repeat(32), "!!!");
        assert!(parsed(&hostile).is_none());
    }
}
