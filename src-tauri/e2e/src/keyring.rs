//! The desktop's password store: a real gnome-keyring over the Secret Service, opened with a password of the test, and locked
//! and read as another program would.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use zbus::Connection;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::bus::wait_for_name;
use crate::desktop::Desktop;
use crate::process::Process;

pub struct Keyring {
    _daemon: Process,
    connection: Connection,
}

const SERVICE: &str = "org.freedesktop.secrets";
const MASTER_PASSWORD: &str = "the person's own password";
const DEFAULT_COLLECTION: &str = "/org/freedesktop/secrets/aliases/default";

impl Keyring {
    pub(crate) async fn start(mut command: Command, connection: &Connection, log: &Path) -> Result<Self> {
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let daemon = Process::start_with_input("gnome-keyring-daemon", &mut command, log, MASTER_PASSWORD.as_bytes())?;
        wait_for_name(connection, SERVICE).await.context("the password store did not open")?;
        Ok(Self { _daemon: daemon, connection: connection.clone() })
    }

    /// As when the person locks it, or it locks itself after a while. Nobody on this desktop can ask for the password.
    pub async fn lock(&self) -> Result<()> {
        let collections = [ObjectPath::try_from(DEFAULT_COLLECTION)?];
        let reply = self
            .connection
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "Lock",
                &(&collections[..],),
            )
            .await?;
        let (locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = reply.body().deserialize()?;
        if locked.is_empty() {
            bail!("the password store would not lock");
        }
        Ok(())
    }

    /// As when the person typed the right password into the question that this desktop cannot show.
    pub async fn unlock(&self) -> Result<()> {
        let plain = Value::from("");
        let opened = self
            .connection
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "OpenSession",
                &("plain", plain),
            )
            .await?;
        let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize()?;
        let secret = (session, Vec::<u8>::new(), MASTER_PASSWORD.as_bytes().to_vec(), "text/plain");
        let collection = ObjectPath::try_from("/org/freedesktop/secrets/collection/login")?;
        self.connection
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"),
                "UnlockWithMasterPassword",
                &(collection, secret),
            )
            .await
            .context("the password store would not open")?;
        Ok(())
    }
}

impl Desktop {
    /// What the password store keeps under an attribute, as `secret-tool` prints it: labels, attributes and secrets.
    pub async fn stored_secrets(&self, attribute: &str, value: &str) -> Result<String> {
        let output = self.run("secret-tool", &["search", "--all", attribute, value]).await?;
        // It prints the secrets to standard output and what they are called to standard error.
        let text = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
