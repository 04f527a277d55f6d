//! The real app, driven as a person drives it: a desktop of its own for every journey, with window manager, password store,
//! notifications, tray and clipboard, and Satchel's window read through WebDriver. README.md says how to write a journey.

pub mod app;
mod axe;
mod bus;
pub mod chooser;
pub mod clipboard;
pub mod deadlines;
pub mod desktop;
pub mod drag;
pub mod fetch;
pub mod hands;
pub mod keyring;
pub mod leaks;
pub mod link;
pub mod memory;
pub mod notifications;
pub mod page;
mod pictures;
pub mod places;
pub mod process;
pub mod recipient;
pub mod samples;
pub mod screen;
pub mod spot;
mod steps;
pub mod store;
pub mod tray;

pub use app::{App, Launch};
pub use desktop::{Desk, Desktop, PasswordStore};
pub use page::Page;
pub use recipient::Recipient;
pub use spot::{Spot, row, spot, transfer};
pub use store::Store;
