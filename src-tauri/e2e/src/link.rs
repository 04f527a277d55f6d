//! What a signed link says about itself, read from its text: which file, and until when.

use anyhow::{Context, Result};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;

#[derive(Debug)]
pub struct LinkText<'a> {
    text: &'a str,
}

impl<'a> LinkText<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { text }
    }

    /// The value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.text.split_once('?')?;
        let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1;
        Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
    }

    /// The last part of the path, decoded.
    pub fn file_name(&self) -> Option<String> {
        let path = self.text.split('?').next()?;
        let name = path.rsplit('/').next()?;
        Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
    }

    pub fn path(&self) -> Option<&str> {
        let after_scheme = self.text.split_once("://")?.1;
        let path = after_scheme.split_once('/')?.1;
        path.split('?').next()
    }

    /// X-Amz-Date + X-Amz-Expires: from then on the store refuses it.
    pub fn ends_at(&self) -> Result<Timestamp> {
        let date = self.parameter("X-Amz-Date").context("the link has no X-Amz-Date")?;
        let seconds = self.parameter("X-Amz-Expires").context("the link has no X-Amz-Expires")?;
        let signed_at = TimeZone::UTC.to_timestamp(DateTime::strptime("%Y%m%dT%H%M%SZ", &date)?)?;
        Ok(signed_at + SignedDuration::from_secs(seconds.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "http://127.0.0.1:9/shared/a%20b/%C3%9C.pdf?X-Amz-Date=20261123T101500Z&X-Amz-Expires=90&response-content-disposition=attachment%3B%20filename%3Dx";

    #[test]
    fn a_link_tells_its_end_and_its_file() {
        let link = LinkText::of(LINK);
        assert_eq!(link.ends_at().unwrap(), "2026-11-23T10:16:30Z".parse().unwrap());
        assert_eq!(link.file_name().as_deref(), Some("Ü.pdf"));
        assert_eq!(link.path(), Some("shared/a%20b/%C3%9C.pdf"));
        assert_eq!(link.parameter("response-content-disposition").as_deref(), Some("attachment; filename=x"));
    }
}
