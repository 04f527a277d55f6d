//! What crosses to the page and back: plain data, no path, no secret, no link. The page's types are generated from here.

pub mod files;
pub mod links;
pub mod places;
pub mod problems;
pub mod settings;
pub mod shared_links;
pub mod transfers;

use jiff::Timestamp;

/// The page's times: RFC 3339, UTC, whole seconds, never later than true.
pub(crate) fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// Declares an enum of the page that has the same members as one of the engine's.
macro_rules! mirror {
    ($(#[$meta:meta])* $name:ident of $core:path: $($member:ident)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, specta::Type)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $($member,)* }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                match value { $(<$core>::$member => $name::$member,)* }
            }
        }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$member => <$core>::$member,)* }
            }
        }
    };
}
pub(crate) use mirror;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_on_the_page_is_never_later_than_true() {
        assert_eq!(time("2026-11-27T17:00:00.999Z".parse().unwrap()), "2026-11-27T17:00:00Z");
    }
}
