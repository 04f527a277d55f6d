//! The scope of a signature: whose key, which day, region and service.

use time::OffsetDateTime;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::gate::refusal::Refusal;

pub const AUTHORIZATION_MALFORMED: &str = "AuthorizationHeaderMalformed";
pub const QUERY_MALFORMED: &str = "AuthorizationQueryParametersError";

const LONG: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const SHOWN: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub access_key_id: &'a str,
    pub day: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

impl<'a> Scope<'a> {
    pub fn parse(credential: &'a str, code: &str) -> Result<Self, Refusal> {
        // The key id itself may contain slashes, so the scope is read from its end.
        let mut parts = credential.rsplitn(5, '/');
        let (end, service, region, day, access_key_id) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
        match (access_key_id, day, region, service, end) {
            (Some(access_key_id), Some(day), Some(region), Some(service), Some("aws4_request")) => {
                Ok(Self { access_key_id, day, region, service })
            }
            _ => Err(Refusal::new(
                400,
                code,
                "The Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )),
        }
    }

    pub fn check(&self, date: &str, region: &str, code: &str) -> Result<(), Refusal> {
        if self.service != "s3" {
            return Err(Refusal::new(
                400,
                code,
                &format!(
                    "The Credential is mal-formed; incorrect service \"{}\". This endpoint belongs to \"s3\".",
                    self.service
                ),
            ));
        }
        if date.get(..8) != Some(self.day) {
            return Err(Refusal::new(
                400,
                code,
                &format!(
                    "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{date}\".",
                    self.day
                ),
            ));
        }
        if self.region != region {
            let start = match code {
                QUERY_MALFORMED => "Error parsing the X-Amz-Credential parameter",
                _ => "The authorization header is malformed",
            };
            return Err(Refusal::new(
                400,
                code,
                &format!("{start}; the region '{}' is wrong; expecting '{region}'", self.region),
            )
            .with("Region", region)
            .with_header("x-amz-bucket-region", region));
        }
        Ok(())
    }
}

pub fn parse_date(text: &str) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(text, LONG).ok().map(PrimitiveDateTime::assume_utc)
}

pub fn show_date(date: OffsetDateTime) -> String {
    date.format(SHOWN).unwrap_or_default()
}
