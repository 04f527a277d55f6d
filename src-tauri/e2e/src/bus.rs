//! The session bus of one desktop: it starts nothing by itself, so that "no password store" and "no notifications" mean that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::deadlines::until;
use crate::process::Process;

pub struct Bus {
    _daemon: Process,
    pub address: String,
}

impl Bus {
    /// `command` has the desktop's environment and starts `dbus-daemon`.
    pub async fn start(command: &mut Command, folder: &Path, log: &Path) -> Result<Self> {
        let config = folder.join("session-bus.xml");
        fs::write(&config, configuration(folder)).context("the bus's configuration")?;
        command.arg("--config-file").arg(&config).args(["--nofork", "--nopidfile", "--print-address=1"]);
        let mut daemon = Process::start_talking("dbus-daemon", command, log)?;
        let address = daemon.line(|line| line.starts_with("unix:")).await?;
        Ok(Self { _daemon: daemon, address })
    }

    pub async fn connect(&self) -> Result<Connection> {
        let builder = zbus::connection::Builder::address(self.address.as_str())?;
        builder.build().await.context("the session bus does not answer")
    }
}

/// Waits until somebody owns `name`.
pub async fn wait_for_name(connection: &Connection, name: &'static str) -> Result<()> {
    let bus = DBusProxy::new(connection).await?;
    until(&format!("{name} on the bus"), async || {
        let there = bus.name_has_owner(BusName::try_from(name)?).await?;
        Ok(there.then_some(()))
    })
    .await
}

/// Without `<servicedir>`: nobody is started because somebody asked.
fn configuration(folder: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        folder.display()
    )
}
