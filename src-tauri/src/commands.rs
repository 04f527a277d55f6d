//! What the page may ask for. A command unpacks, makes one call and converts; everything else is elsewhere.

pub mod files;
pub mod links;
pub mod places;
pub mod settings;
pub mod shared_links;
pub mod support;
pub mod transfers;
