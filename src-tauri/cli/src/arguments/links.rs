//! What can be typed about links: making them, sharing files, and what became of links that were made.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// How a link is handed over.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Handing {
    /// With the link also its file’s name, its size and when it ends, ready to be pasted
    #[arg(long)]
    pub text: bool,
    /// Draw the link as a QR code too
    #[arg(long)]
    pub qr: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Anyone who has a link can read the file until the link ends.")]
pub struct Link {
    /// Names below the place, as `ls` gives them
    #[arg(required = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub names: Vec<String>,
    /// When it ends: 60s, 10m, 2h, 7d, 2026-11-27T17:00 or RFC 3339 [default: the place’s own]
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Open in the browser where that is safe
    #[arg(long, conflicts_with = "download")]
    pub open: bool,
    /// Download under the file’s name; this is the default
    #[arg(long)]
    pub download: bool,
    /// Link to the file itself; this is the default, unless the place demands otherwise
    #[arg(long, conflicts_with = "stoppable")]
    pub direct: bool,
    /// Link to a private copy, so that the link can be stopped
    #[arg(long)]
    pub stoppable: bool,
    /// Who or what it is for, in your own list only
    #[arg(long = "for", value_name = "TEXT")]
    pub note: Option<String>,
    #[command(flatten)]
    pub handing: Handing,
    /// Refuse instead of signing for less than --expires
    #[arg(long)]
    pub exact: bool,
    /// Do not try the link before printing it
    #[arg(long)]
    pub no_test: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Anyone who has the link can read the files until it ends, or until `satchel links stop` stops it. \
                        What was interrupted goes on when the same files are shared again."
)]
pub struct Share {
    /// Files and folders of this computer; several files become one page with all of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// When it ends: 60s, 10m, 2h, 7d, 2026-11-27T17:00 or RFC 3339 [default: the place’s own]
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// The title of the page [default: the name of the folder, or how many files there are]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Open a single file in the browser where that is safe
    #[arg(long)]
    pub open: bool,
    /// Who or what it is for, in your own list only
    #[arg(long = "for", value_name = "TEXT")]
    pub note: Option<String>,
    #[command(flatten)]
    pub handing: Handing,
    /// Send no faster than this: bytes a second, 500k, 2M
    #[arg(long, value_name = "RATE", value_parser = super::rate)]
    pub limit_rate: Option<u64>,
    /// Refuse instead of signing for less than --expires
    #[arg(long)]
    pub exact: bool,
}

#[derive(Debug, Subcommand)]
pub enum LinksCommand {
    /// List the links that were made here: id, state, end, note and name; never the links
    List {
        /// Everybody’s of the last 8 days, with who made them: what the share folder’s log knows
        #[arg(long)]
        everybody: bool,
        /// Everybody’s since the log began
        #[arg(long, requires = "everybody")]
        all: bool,
    },
    /// Print a link again, letter for letter
    Copy {
        /// The id, or as much of its beginning as only one link has
        #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
        id: String,
        #[command(flatten)]
        handing: Handing,
    },
    /// Make a new link to the same; the old one stays as it is
    Renew {
        /// The id, or as much of its beginning as only one link has
        #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
        id: String,
        /// When it ends: 60s, 10m, 2h, 7d, 2026-11-27T17:00 or RFC 3339 [default: the place’s own]
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
        #[command(flatten)]
        handing: Handing,
    },
    /// End a link now, also one that somebody else made
    Stop {
        /// The id, or as much of its beginning as only one link has
        #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
        id: String,
    },
    /// Who shared what until when
    Report(Report),
}

#[derive(Debug, Args)]
pub struct Report {
    /// The first day, 2026-11-01, or moment, RFC 3339
    #[arg(long, value_name = "D")]
    pub from: String,
    /// The last day, which is included, or moment [default: now]
    #[arg(long, value_name = "D")]
    pub to: Option<String>,
    /// Write a table for spreadsheets
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}
