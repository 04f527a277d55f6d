//! An error as it is written down, for a transfer that still needs somebody after a restart. No cause, no secret.

use super::{Code, Error, Operation, StoreAnswer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The names that sentences have for their values.
const NAMES: &[&str] =
    &["allowed", "disk", "file", "folder", "free", "host", "max", "minutes", "place", "seconds", "size", "time", "why"];

/// What of an error outlives the process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remembered {
    code: Code,
    operation: Operation,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    store_code: Option<String>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    request_id: Option<String>,
}

impl Error {
    pub(crate) fn remember(&self) -> Remembered {
        let answer = self.answer();
        Remembered {
            code: self.code(),
            operation: self.operation(),
            values: self.values().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            store_code: answer.code.clone(),
            status: answer.status,
            request_id: answer.request_id.clone(),
        }
    }

    pub(crate) fn recall(remembered: Remembered) -> Error {
        let answer = StoreAnswer {
            code: remembered.store_code,
            status: remembered.status,
            request_id: remembered.request_id,
            host_id: None,
        };
        let error = Error::new(remembered.code, remembered.operation).answered(answer);
        NAMES.iter().fold(error, |error, name| match remembered.values.get(*name) {
            Some(value) => error.with(name, value.clone()),
            None => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_the_same_after_a_restart() {
        let error =
            Error::new(Code::DiskFull, Operation::Save).with("file", "a").with("size", "3 GB").with("free", "1 GB");
        let text = serde_json::to_string(&error.remember()).unwrap();
        let recalled = Error::recall(serde_json::from_str(&text).unwrap());
        assert_eq!(recalled.advice(), error.advice());
    }
}
