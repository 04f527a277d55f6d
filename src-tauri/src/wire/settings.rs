//! The person's settings on the page.

use satchel_core::settings;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// What the person chose.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub speed: Speed,
    /// A notification a day before a link of theirs ends.
    pub tell_before_end: bool,
}

/// How fast uploads and downloads may be, all of them together.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Speed {
    pub limited: bool,
    /// Remembered while there is no limit.
    #[specta(type = Number)]
    pub bytes_per_second: u64,
}

impl From<settings::Settings> for Settings {
    fn from(settings: settings::Settings) -> Self {
        let settings::Speed { limited, bytes_per_second } = settings.speed;
        Settings { speed: Speed { limited, bytes_per_second }, tell_before_end: settings.tell_before_end }
    }
}

impl From<Settings> for settings::Settings {
    fn from(settings: Settings) -> Self {
        let Speed { limited, bytes_per_second } = settings.speed;
        let speed = settings::Speed { limited, bytes_per_second };
        settings::Settings { speed, tell_before_end: settings.tell_before_end }
    }
}
