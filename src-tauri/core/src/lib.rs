//! Satchel's engine: places, files, transfers and links on S3.
//!
//! Knows no window, no terminal and no notification. The app and the command line are two faces of what is here.

pub mod clock;
pub mod credentials;
pub mod error;
pub mod files;
pub mod ledger;
pub mod links;
pub mod mask;
pub mod names;
pub mod place;
pub mod secrets;
pub mod settings;
pub mod storage;
pub mod summary;
pub mod transfers;

pub use error::{Action, Advice, Code, Error, Operation, Result, Retry};
