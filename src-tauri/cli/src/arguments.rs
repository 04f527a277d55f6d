//! What can be typed. Decides nothing: how words combine with the places of this computer is settled in `place.rs`.

mod links;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
pub use links::{Handing, Link, LinksCommand, Report, Share};
use satchel_core::transfers::OnConflict;
use std::fmt;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes: 0 all done, 1 could not be done, 2 wrong usage, 3 some done and some not, 4 not found, 5 not allowed, \
6 can’t reach the storage, 7 sign-in ended, 130 stopped.";

/// Share files from your company’s S3 storage
#[derive(Debug, Parser)]
#[command(name = "satchel", version, after_help = EXIT_CODES, max_term_width = 120, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// A saved place [default: the default place, or the only one]
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "bucket")]
    pub place: Option<String>,
    /// A place for this call alone; its keys come from the standard AWS chain
    #[arg(long, global = true, value_name = "NAME")]
    pub bucket: Option<String>,
    /// The folder of the bucket that is the place
    #[arg(long, global = true, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// The region of the bucket [default: AWS_REGION, or asked of the storage]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// The address of a storage that is not AWS [default: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Put the bucket into the path of addresses [default: for IP addresses and localhost]
    #[arg(long, global = true)]
    pub path_style: bool,
    /// Write one JSON document to stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but results and troubles
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is done, and the details for IT when something could not be
    #[arg(long, global = true)]
    pub verbose: bool,
    /// Draw no progress
    #[arg(long, global = true, conflicts_with = "progress")]
    pub no_progress: bool,
    /// How progress is shown on stderr: a bar if that is a terminal, or lines of JSON
    #[arg(long, global = true, value_name = "HOW", value_enum, default_value_t = ProgressStyle::Auto)]
    pub progress: ProgressStyle,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Where the ledger lives [default: SATCHEL_STATE_DIR, or the platform’s data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// End names with NUL instead of a line break
    #[arg(long, global = true, conflicts_with = "json")]
    pub null: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressStyle {
    Auto,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The saved places of this computer
    #[command(subcommand)]
    Places(PlacesCommand),
    /// List a folder
    Ls(Ls),
    /// Upload files and folders
    Put(Put),
    /// Download files
    Get(Get),
    /// Make links that end
    Link(Link),
    /// Upload files and folders for others: one link, to one file or to a page of several
    Share(Share),
    /// The links that were made: copy again, renew, stop, who shared what
    Links {
        #[command(subcommand)]
        command: Option<LinksCommand>,
    },
    /// What was interrupted, and going on with it
    Transfers {
        #[command(subcommand)]
        command: Option<TransfersCommand>,
    },
    /// Run the practice store until it is stopped
    Practice(Practice),
    /// Write the completions of a shell to stdout
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub enum PlacesCommand {
    /// List the places
    List,
    /// Check a place and save it; where it is say --bucket, --prefix, --region and --endpoint-url
    Add(AddPlace),
    /// Check a place step by step
    Test {
        /// The place [default: --place, or the default place]
        name: Option<String>,
    },
    /// Choose the place that is used when none is named
    Default {
        /// The place
        name: String,
    },
    /// Keep a second key that signs links which can be stopped; it has to read the share folder, and nothing else
    #[command(
        after_help = "The secret key is read from SATCHEL_LINK_SECRET, from a prompt without echo, or from stdin."
    )]
    LinkKey {
        /// The place
        name: String,
        /// The key ID [default: asked for]
        #[arg(long, value_name = "ID")]
        key_id: Option<String>,
    },
    /// Forget a place and its keys; its files stay where they are
    Remove {
        /// The place
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum TransfersCommand {
    /// List what is not over
    List,
    /// Go on with what was interrupted or rests
    Resume {
        /// Only these [default: all]
        #[arg(value_name = "ID")]
        ids: Vec<u64>,
        /// All of them; this is the default
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Let transfers rest, also those that the app is at
    Pause {
        /// Which
        #[arg(required_unless_present = "all", value_name = "ID")]
        ids: Vec<u64>,
        /// All that are not over
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Stop transfers for good, also those that the app is at, and take back what they began
    Cancel {
        /// Which
        #[arg(required_unless_present = "all", value_name = "ID")]
        ids: Vec<u64>,
        /// All that are not over
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Forget what is over
    Clear,
}

#[derive(Debug, Args)]
#[command(after_help = "The secret key is read from AWS_SECRET_ACCESS_KEY, from a prompt without echo, or from stdin.")]
pub struct AddPlace {
    /// What to call it [default: the name of the bucket]
    pub name: Option<String>,
    /// The key ID [default: AWS_ACCESS_KEY_ID, or asked for]
    #[arg(long, value_name = "ID", conflicts_with = "profile")]
    pub key_id: Option<String>,
    /// Take the keys from a profile of the AWS tools instead of keeping one
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
}

#[derive(Debug, Args)]
pub struct Ls {
    /// The folder below the place [default: the place itself]
    #[arg(default_value = "", hide_default_value = true)]
    pub folder: String,
    /// Everything below the folder; with --json one file a line
    #[arg(long)]
    pub recursive: bool,
    /// Only names with this text in their last part; case does not count
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Order, ascending, folders first [default: as the storage lists them]
    #[arg(long, value_name = "BY", value_enum)]
    pub sort: Option<Sort>,
    /// Turn the order around
    #[arg(long, requires = "sort")]
    pub reverse: bool,
    /// No more than so many names
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    Name,
    Size,
    Changed,
}

#[derive(Debug, Args)]
pub struct Put {
    /// Files and folders of this computer; a folder arrives under its own name, `folder/` is its content
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The folder below the place [default: the place itself]
    #[arg(long, value_name = "FOLDER", default_value = "", hide_default_value = true)]
    pub to: String,
    /// What to do where a name is taken
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Conflict::Fail)]
    pub conflict: Conflict,
    /// Send no faster than this: bytes a second, 500k, 2M
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub limit_rate: Option<u64>,
    /// Print a link to each file
    #[arg(long)]
    pub link: bool,
    /// When the links end: 60s, 10m, 2h, 7d, 2026-11-27T17:00 or RFC 3339 [default: the place’s own]
    #[arg(long, value_name = "WHEN", requires = "link")]
    pub expires: Option<String>,
}

#[derive(Debug, Args)]
pub struct Get {
    /// Names below the place, as `ls` gives them; a folder comes with all that is in it
    #[arg(required = true, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub names: Vec<String>,
    /// The folder of this computer
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub to: PathBuf,
    /// What to do where a name is taken
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Conflict::Fail)]
    pub conflict: Conflict,
    /// Receive no faster than this: bytes a second, 500k, 2M
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub limit_rate: Option<u64>,
}

/// What is no speed.
#[derive(Debug, PartialEq, Eq)]
struct NotARate;

impl std::error::Error for NotARate {}

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate is a number of bytes a second, such as 800, 500k or 2M")
    }
}

/// Bytes a second, as curl and rsync are told them, in steps of a thousand.
fn rate(text: &str) -> Result<u64, NotARate> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000),
        Some((at, 'g' | 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).filter(|bytes| *bytes > 0);
    bytes.ok_or(NotARate)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Conflict {
    KeepBoth,
    Replace,
    Skip,
    Fail,
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::KeepBoth => OnConflict::KeepBoth,
            Conflict::Replace => OnConflict::Replace,
            Conflict::Skip => OnConflict::Skip,
            Conflict::Fail => OnConflict::Fail,
        }
    }
}

#[derive(Debug, Args)]
pub struct Practice {
    /// The port on 127.0.0.1 [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Where the files are kept [default: a folder that is removed at the end]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Keep the folder at the end, also without --dir
    #[arg(long)]
    pub keep: bool,
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_rate_is_read_as_other_programs_read_it() {
        for (text, bytes) in [("800", 800), ("500k", 500_000), ("2M", 2_000_000), ("1g", 1_000_000_000)] {
            assert_eq!(rate(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "k", "-1", "2MB", "1.5M", "99999999999999999999"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
