//! One desktop for one journey: display, window manager, session bus, password store, notifications, tray and a home folder,
//! all its own and gone when it is dropped. What runs on it gets an environment written here, with nothing of ours in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use zbus::Connection;

use crate::bus::Bus;
use crate::deadlines::ERRAND;
use crate::keyring::Keyring;
use crate::notifications::Notifications;
use crate::process::Process;
use crate::screen::Screen;
use crate::tray::Tray;

/// What the person's desktop is like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Desk {
    pub password_store: PasswordStore,
    /// Whether the whole desktop is set to dark.
    pub dark: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordStore {
    #[default]
    Open,
    Locked,
    Absent,
}

/// Fields are dropped from top to bottom: first what uses, then what is used.
pub struct Desktop {
    pub keyring: Option<Keyring>,
    pub notifications: Notifications,
    pub tray: Tray,
    pub screen: Screen,
    connection: Connection,
    _window_manager: Process,
    bus: Bus,
    display: String,
    _server: Process,
    folder: TempDir,
}

const SCREEN_SIZE: &str = "1600x1000x24";
/// What a file manager shows and a person types: everything below one folder that is thrown away.
const FOLDERS: [&str; 9] = [
    "home",
    "home/.config",
    "home/.local/share",
    "home/.cache",
    "home/Documents",
    "home/Downloads",
    "runtime",
    "tmp",
    "logs",
];

impl Desktop {
    /// An ordinary one: password store open, light.
    pub async fn start() -> Result<Self> {
        Self::with(Desk::default()).await
    }

    pub async fn with(desk: Desk) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("satchel-e2e-").tempdir().context("a folder for the desktop")?;
        furnish(folder.path(), desk)?;
        let (server, display) = display_server(folder.path()).await?;
        let mut environment = environment(folder.path());
        environment.push(("DISPLAY".into(), display.clone()));
        let bus = {
            let mut command = bare_command("dbus-daemon", &environment);
            Bus::start(&mut command, &folder.path().join("runtime"), &log(folder.path(), "bus")).await?
        };
        environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), bus.address.clone()));
        let window_manager = {
            let mut command = bare_command("openbox", &environment);
            command.arg("--config-file").arg(folder.path().join("openbox.xml"));
            Process::start("openbox", &mut command, &log(folder.path(), "openbox"))?
        };
        let screen = Screen::open(&display)?;
        screen.wait_for_window_manager().await?;
        let connection = bus.connect().await?;
        let notifications = Notifications::start(&bus).await?;
        let tray = Tray::start(&bus).await?;
        let keyring = match desk.password_store {
            PasswordStore::Absent => None,
            store => {
                let command = bare_command("gnome-keyring-daemon", &environment);
                let keyring = Keyring::start(command, &connection, &log(folder.path(), "keyring")).await?;
                if store == PasswordStore::Locked {
                    keyring.lock().await?;
                }
                Some(keyring)
            }
        };
        let _window_manager = window_manager;
        Ok(Self {
            keyring,
            notifications,
            tray,
            screen,
            connection,
            _window_manager,
            bus,
            display,
            _server: server,
            folder,
        })
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where a person keeps files.
    pub fn documents(&self) -> PathBuf {
        self.home().join("Documents")
    }

    /// Where the desktop says that downloads go.
    pub fn downloads(&self) -> PathBuf {
        self.home().join("Downloads")
    }

    /// Everything that is written anywhere on this desktop is below here.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn runtime(&self) -> PathBuf {
        self.folder.path().join("runtime")
    }

    pub fn log(&self, name: &str) -> PathBuf {
        log(self.folder.path(), name)
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// A further one to the session bus, for somebody who is to go away again.
    pub async fn another_connection(&self) -> Result<Connection> {
        self.bus.connect().await
    }

    /// A program with this desktop's environment and nothing else.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut environment = environment(self.folder.path());
        environment.push(("DISPLAY".into(), self.display.clone()));
        environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.address.clone()));
        bare_command(program, &environment)
    }

    /// Runs a small program to its end, within bounds.
    pub async fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<Output> {
        let mut command = self.command(program.as_ref());
        command.args(arguments);
        self.finish(command).await
    }

    /// As `run`, for a command that was prepared by `command`.
    pub async fn finish(&self, command: Command) -> Result<Output> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(ERRAND, command.output()).await;
        output
            .with_context(|| format!("`{name}` did not end within {} s", ERRAND.as_secs()))?
            .with_context(|| format!("`{name}` could not be started"))
    }

    /// Runs it and insists on success; gives what it printed.
    pub async fn ask(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<String> {
        let output = self.run(program.as_ref(), arguments).await?;
        if !output.status.success() {
            let name = program.as_ref().to_string_lossy().into_owned();
            bail!("`{name} {}`: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn environment(folder: &Path) -> Vec<(String, String)> {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut all: Vec<(String, String)> = [
        ("HOME", at("home")),
        ("XDG_CONFIG_HOME", at("home/.config")),
        ("XDG_DATA_HOME", at("home/.local/share")),
        ("XDG_STATE_HOME", at("home/.local/state")),
        ("XDG_CACHE_HOME", at("home/.cache")),
        ("XDG_RUNTIME_DIR", at("runtime")),
        ("TMPDIR", at("tmp")),
        ("XDG_SESSION_TYPE", "x11".into()),
        ("GDK_BACKEND", "x11".into()),
        ("GSETTINGS_BACKEND", "memory".into()),
        // No accessibility bus runs here, and every GTK program would wait for one.
        ("NO_AT_BRIDGE", "1".into()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        ("USER", "person".into()),
        ("LANG", "C.UTF-8".into()),
        // Not UTC, so that a time shown in the wrong zone is noticed.
        ("TZ", "Europe/Berlin".into()),
    ]
    .map(|(name, value)| (name.into(), value))
    .into();
    // A backtrace of the app belongs into a failed test's log.
    all.push(("RUST_BACKTRACE".into(), "1".into()));
    all
}

fn bare_command(program: impl AsRef<OsStr>, environment: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    if let Some((_, home)) = environment.iter().find(|(name, _)| name == "HOME") {
        command.current_dir(home);
    }
    command
}

fn log(folder: &Path, name: &str) -> PathBuf {
    folder.join("logs").join(format!("{name}.log"))
}

async fn display_server(folder: &Path) -> Result<(Process, String)> {
    let mut command = bare_command("Xvfb", &environment(folder));
    // It takes the first free number itself and says which.
    command.args(["-displayfd", "1", "-screen", "0", SCREEN_SIZE, "-nolisten", "tcp", "-noreset"]);
    let mut server = Process::start_talking("Xvfb", &mut command, &log(folder, "xvfb"))?;
    let number = server.line(|line| line.trim().parse::<u32>().is_ok()).await?;
    Ok((server, format!(":{}", number.trim())))
}

fn furnish(folder: &Path, desk: Desk) -> Result<()> {
    for name in FOLDERS {
        fs::create_dir_all(folder.join(name)).with_context(|| format!("the folder {name}"))?;
    }
    fs::set_permissions(folder.join("runtime"), fs::Permissions::from_mode(0o700))
        .context("the rights of the runtime folder")?;
    fs::write(folder.join("openbox.xml"), OPENBOX).context("the window manager's settings")?;
    let known_folders = "XDG_DOCUMENTS_DIR=\"$HOME/Documents\"\nXDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n";
    fs::write(folder.join("home/.config/user-dirs.dirs"), known_folders).context("the person's folders")?;
    let gtk = folder.join("home/.config/gtk-3.0");
    fs::create_dir_all(&gtk)?;
    let dark = if desk.dark { 1 } else { 0 };
    let settings = format!("[Settings]\ngtk-application-prefer-dark-theme={dark}\ngtk-recent-files-enabled=0\n");
    fs::write(gtk.join("settings.ini"), settings).context("GTK's settings")
}

/// Windows get the focus when they open, and Alt+F4 closes them, as a person expects.
const OPENBOX: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
</openbox_config>
"#;
