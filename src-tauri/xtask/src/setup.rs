//! Installs what is missing and nothing that is there: system packages on Debian and its relatives, Rust tools, the page's
//! packages, the second S3 server. Elsewhere it says what is needed and goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::process::{self, capture, cargo, npm, program, root, run, succeeds};
use crate::seaweed;

/// What somebody is about to do, and so what has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Build the app and start it on the desktop at hand.
    Build,
    /// Start the app on a desktop of our own making.
    VirtualDesktop,
    /// nextest, cargo-deny, rustfmt, clippy.
    CheckingTools,
    /// SeaweedFS, the S3 server that is not ours.
    SecondServer,
    /// curl and time, and a Python for the other clients.
    Measuring,
}

pub const EVERYTHING: [Need; 4] = [Need::Build, Need::VirtualDesktop, Need::CheckingTools, Need::SecondServer];

/// Pinned: a new version of a tool is a change like any other.
const NEXTEST: &str = "0.9.143";
const CARGO_DENY: &str = "0.20.2";
const OLDEST_NODE: u32 = 20;

impl Need {
    fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Need::Build => &[
                "build-essential",
                "pkg-config",
                "libwebkit2gtk-4.1-dev",
                "libayatana-appindicator3-dev",
                "librsvg2-dev",
                "libdbus-1-dev",
                // What GTK draws with; a desktop has them, a bare machine has not.
                "adwaita-icon-theme",
                "librsvg2-common",
                "fonts-dejavu-core",
            ],
            Need::VirtualDesktop => &[
                "webkit2gtk-driver",
                "xvfb",
                "xauth",
                "xclip",
                "xdotool",
                "openbox",
                "dbus",
                "dbus-daemon",
                "gnome-keyring",
                "libsecret-tools",
                "python3-gi",
                "gir1.2-gtk-3.0",
                "fonts-noto-color-emoji",
                // The browser of whoever gets a link.
                "chromium",
                "chromium-driver",
            ],
            Need::CheckingTools => &[],
            Need::SecondServer => &["python3-venv"],
            Need::Measuring => &["curl", "time", "python3-venv"],
        }
    }
}

/// The verb: installs, and says so.
pub fn everything() -> Result<()> {
    prepare(&EVERYTHING)?;
    println!("Everything that `run` and `test` need is there.");
    Ok(())
}

/// Makes sure of everything that `needs` names. Quick when it is all there.
pub fn prepare(needs: &[Need]) -> Result<()> {
    system_packages(needs)?;
    if needs.contains(&Need::CheckingTools) {
        rust_component("fmt", "rustfmt")?;
        rust_component("clippy", "clippy")?;
        cargo_tool("nextest", "cargo-nextest", NEXTEST, &["--no-default-features", "--features", "default-no-update"])?;
        cargo_tool("deny", "cargo-deny", CARGO_DENY, &[])?;
    }
    if needs.contains(&Need::SecondServer) {
        second_server()?;
    }
    if needs.contains(&Need::Build) {
        check_node()?;
        page_packages()?;
    }
    Ok(())
}

/// Tests that ask it are Linux's; elsewhere the rest goes on without it.
fn second_server() -> Result<()> {
    match seaweed::install() {
        Err(error) if !cfg!(target_os = "linux") => {
            eprintln!("SeaweedFS could not be installed here, so nothing is tried against it: {error:#}");
            Ok(())
        }
        outcome => outcome,
    }
}

fn system_packages(needs: &[Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let wanted: BTreeSet<&str> = needs.iter().flat_map(|need| need.debian_packages()).copied().collect();
    let description = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !is_debian_like(&description) {
        eprintln!("This is not Debian or Ubuntu: please see to it that there is what Debian calls {}", joined(&wanted));
        return Ok(());
    }
    let missing = missing_packages(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("Installing {}", joined(&missing));
    run(as_root("apt-get").args(["-o", "DPkg::Lock::Timeout=300", "update", "-qq"]))?;
    run(as_root("apt-get")
        .args(["-o", "DPkg::Lock::Timeout=300", "install", "-q", "-y", "--no-install-recommends"])
        .args(&missing))
}

fn is_debian_like(os_release: &str) -> bool {
    let ids = os_release.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
    ids.flat_map(|value| value.trim_matches('"').split(' ')).any(|id| id == "debian" || id == "ubuntu")
}

fn missing_packages<'a>(wanted: &BTreeSet<&'a str>) -> Result<BTreeSet<&'a str>> {
    // Its exit code tells of packages it has never heard of; those are missing, which is all we ask.
    let known = program("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\\n"])
        .args(wanted)
        .output()
        .context("`dpkg-query` could not be started")?;
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    let installed: BTreeSet<&str> = known.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    Ok(wanted.iter().copied().filter(|name| !installed.contains(name)).collect())
}

fn as_root(name: &str) -> std::process::Command {
    let is_root = capture(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if is_root { program("env") } else { program("sudo") };
    if !is_root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", name]);
    command
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(" ")
}

fn check_node() -> Result<()> {
    let version =
        capture(program("node").arg("--version")).context("Node is needed, from nodejs.org or your system")?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {OLDEST_NODE} or newer is needed; this one is {}", version.trim());
    }
    Ok(())
}

fn rust_component(subcommand: &str, component: &str) -> Result<()> {
    if succeeds(cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    eprintln!("Installing {component}");
    run(program("rustup").args(["component", "add", component]))
        .with_context(|| format!("`cargo {subcommand}` is missing and could not be added"))
}

fn cargo_tool(subcommand: &str, package: &str, version: &str, options: &[&str]) -> Result<()> {
    if succeeds(cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    eprintln!("Installing {package} {version}: a few minutes, once");
    let folder = process::target_dir()?.join("tools");
    run(cargo()
        .args(["install", "--locked", package, "--version", version])
        .args(options)
        .arg("--target-dir")
        .arg(folder))
}

/// `npm ci`, when the page's packages are not those of the lock file.
fn page_packages() -> Result<()> {
    let ui = root().join("ui");
    let lock = changed(&ui.join("package-lock.json")).context("ui/package-lock.json is missing")?;
    if changed(&ui.join("node_modules/.package-lock.json")).is_some_and(|installed| installed >= lock) {
        return Ok(());
    }
    run(npm().args(["ci", "--ignore-scripts", "--no-audit", "--prefer-offline"]))
}

/// Builds the page, unless what was built is newer than everything it is made of.
pub fn build_page() -> Result<()> {
    let ui = root().join("ui");
    let built = changed(&ui.join("dist/index.html"));
    if built.is_some_and(|built| newest(&ui).is_some_and(|source| source <= built)) {
        return Ok(());
    }
    run(npm().args(["run", "--silent", "build"]))
}

/// The newest change among the page's sources, settings and packages.
fn newest(ui: &Path) -> Option<SystemTime> {
    let settings = fs::read_dir(ui).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
    let folders = ["src", "public", "static"].map(|name| ui.join(name));
    let times = settings.chain([ui.join("node_modules/.package-lock.json")]).filter_map(|path| changed(&path));
    times.chain(folders.iter().filter_map(|folder| newest_below(folder))).max()
}

fn newest_below(folder: &Path) -> Option<SystemTime> {
    let own = changed(folder)?;
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.filter_map(|path| if path.is_dir() { newest_below(&path) } else { changed(&path) }).chain([own]).max()
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::is_debian_like;

    #[test]
    fn debian_and_its_relatives_are_known_by_their_own_words() {
        assert!(is_debian_like("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(is_debian_like("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian_like("ID=fedora\nPRETTY_NAME=\"not debian\"\n"));
    }
}
