//! The practice place: an S3 server on 127.0.0.1, kept in a local folder. The app's own place to try
//! things in, and the server of every test of the engine. It knows nothing of the engine.

mod access;
mod clock;
mod faults;
mod gate;
mod identity;
mod operation;
mod options;
mod practice;
pub mod proxy;
mod requests;
mod samples;
mod service;
mod signature;
mod store;

pub use clock::Clock;
pub use faults::{Fault, Faults, Hold, Rule, RuleId};
pub use identity::{Allow, Identity, Permissions};
pub use operation::Operation;
pub use options::PracticeOptions;
pub use practice::{Practice, PracticeError, UnfinishedUpload};
pub use requests::{Request, Requests};
