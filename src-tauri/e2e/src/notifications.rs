//! The desktop's notifications: a daemon of our own that keeps what programs say and can press a notification's button.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use crate::bus::Bus;
use crate::deadlines::{ABSENCE, POLL, until_value};

const PATH: &str = "/org/freedesktop/Notifications";

#[derive(Clone, Debug)]
pub struct Notification {
    pub id: u32,
    pub program: String,
    pub title: String,
    pub body: String,
    /// Pairs: what a button is called among programs, and what it says.
    pub actions: Vec<(String, String)>,
}

pub struct Notifications {
    connection: Connection,
    received: Received,
}

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<Notification>>>);

impl Received {
    fn all(&self) -> Vec<Notification> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Notifications {
    pub(crate) async fn start(bus: &Bus) -> Result<Self> {
        let received = Received::default();
        let connection = bus.connect().await?;
        connection.object_server().at(PATH, Daemon { received: received.clone(), last: 0 }).await?;
        connection
            .request_name("org.freedesktop.Notifications")
            .await
            .context("there is another notification daemon")?;
        Ok(Self { connection, received })
    }

    /// All since the desktop started, oldest first.
    pub fn all(&self) -> Vec<Notification> {
        self.received.all()
    }

    /// Waits for the one and only; a second one shortly after is wrong.
    pub async fn only_one(&self) -> Result<Notification> {
        until_value("a notification", async || Ok(self.all().len()), |count| *count > 0).await?;
        let quiet = tokio::time::Instant::now() + ABSENCE;
        while tokio::time::Instant::now() < quiet {
            if self.all().len() > 1 {
                bail!("one notification was expected: {:#?}", self.all());
            }
            tokio::time::sleep(POLL).await;
        }
        self.all().into_iter().next().context("a notification")
    }

    /// As when the person presses the button that says `label`.
    pub async fn press(&self, notification: &Notification, label: &str) -> Result<()> {
        let action = notification.actions.iter().find(|(_, text)| text == label);
        let (action, _) = action.with_context(|| format!("no button says “{label}”: {:?}", notification.actions))?;
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        Daemon::action_invoked(&emitter, notification.id, action).await?;
        Daemon::notification_closed(&emitter, notification.id, 2).await?;
        Ok(())
    }
}

struct Daemon {
    received: Received,
    last: u32,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    #[expect(clippy::too_many_arguments, reason = "so says the specification")]
    fn notify(
        &mut self,
        program: String,
        replaces: u32,
        _icon: &str,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let id = if replaces == 0 { self.last + 1 } else { replaces };
        self.last = self.last.max(id);
        let actions =
            actions.chunks_exact(2).filter_map(|pair| Some((pair.first()?.clone(), pair.last()?.clone()))).collect();
        let notification = Notification { id, program, title, body, actions };
        self.received.0.lock().unwrap_or_else(PoisonError::into_inner).push(notification);
        id
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["body", "actions"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("satchel-e2e", "Satchel", "1", "1.2")
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        Ok(Self::notification_closed(&emitter, id, 3).await?)
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}
