//! The desktop's tray: where programs register their icon (StatusNotifierWatcher), and a person's click on an entry of the menu
//! behind it (dbusmenu). It is there before any program starts, as a panel is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Proxy, interface};

use crate::bus::Bus;
use crate::deadlines::{until, until_value};

const MENU: &str = "com.canonical.dbusmenu";
const ITEM: &str = "org.kde.StatusNotifierItem";

pub struct Tray {
    connection: Connection,
    items: Items,
}

/// `:1.7/org/ayatana/NotificationItem/…`, in order of registration.
#[derive(Clone, Default)]
struct Items(Arc<Mutex<Vec<String>>>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: i32,
    pub label: String,
    pub enabled: bool,
}

impl Tray {
    pub(crate) async fn start(bus: &Bus) -> Result<Self> {
        let items = Items::default();
        let connection = bus.connect().await?;
        connection.object_server().at("/StatusNotifierWatcher", Watcher { items: items.clone() }).await?;
        connection.request_name("org.kde.StatusNotifierWatcher").await.context("there is another tray")?;
        Ok(Self { connection, items })
    }

    /// Whether an icon is there whose program still runs.
    pub async fn has_icon(&self) -> Result<bool> {
        Ok(self.menu().await?.is_some())
    }

    pub async fn wait_for_icon(&self) -> Result<()> {
        until("an icon in the tray", async || Ok(self.has_icon().await?.then_some(()))).await
    }

    pub async fn wait_until_empty(&self) -> Result<()> {
        until("the icon to leave the tray", async || Ok((!self.has_icon().await?).then_some(()))).await
    }

    /// What the menu says, from top to bottom, lines between entries left out.
    pub async fn entries(&self) -> Result<Vec<Entry>> {
        match self.menu().await? {
            Some(menu) => read(&menu).await,
            None => Ok(Vec::new()),
        }
    }

    /// Waits until an entry says so, whether it can be clicked or not.
    pub async fn wait_for_entry(&self, label: &str) -> Result<()> {
        let labels = async || Ok(self.entries().await?.into_iter().map(|entry| entry.label).collect::<Vec<_>>());
        let says_so = |labels: &Vec<String>| labels.iter().any(|said| said == label);
        until_value(&format!("“{label}” in the tray's menu"), labels, says_so).await?;
        Ok(())
    }

    /// As when the person opens the menu and clicks the entry that says `label`.
    pub async fn click(&self, label: &str) -> Result<()> {
        let (menu, entry) = until(&format!("“{label}” in the tray's menu"), async || {
            let Some(menu) = self.menu().await? else { return Ok(None) };
            let entry = read(&menu).await?.into_iter().find(|entry| entry.label == label && entry.enabled);
            Ok(entry.map(|entry| (menu, entry)))
        })
        .await?;
        let when = u32::try_from(jiff::Timestamp::now().as_second() & 0x7fff_ffff)?;
        menu.call_method("Event", &(entry.id, "clicked", Value::from(""), when))
            .await
            .context("the tray's entry did not take the click")?;
        Ok(())
    }

    /// The menu of the newest icon; none while nobody is there.
    async fn menu(&self) -> Result<Option<Proxy<'static>>> {
        let newest = self.items.0.lock().unwrap_or_else(PoisonError::into_inner).last().cloned();
        let Some((owner, path)) = newest.as_deref().and_then(|item| item.split_once('/')) else { return Ok(None) };
        let item = Proxy::new(&self.connection, owner.to_owned(), format!("/{path}"), ITEM).await?;
        // A program that has ended answers nothing any more.
        let Ok(menu) = item.get_property::<OwnedObjectPath>("Menu").await else { return Ok(None) };
        Ok(Some(Proxy::new(&self.connection, owner.to_owned(), menu, MENU).await?))
    }
}

type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

async fn read(menu: &Proxy<'static>) -> Result<Vec<Entry>> {
    let nothing: [&str; 0] = [];
    let (_, root): (u32, Node) =
        menu.call("GetLayout", &(0_i32, -1_i32, &nothing[..])).await.context("the tray's menu")?;
    let mut entries = Vec::new();
    collect(root, &mut entries)?;
    Ok(entries)
}

fn collect((id, properties, children): Node, entries: &mut Vec<Entry>) -> Result<()> {
    let text = |name: &str| properties.get(name).and_then(|value| <&str>::try_from(value).ok());
    let flag = |name: &str| properties.get(name).and_then(|value| bool::try_from(value).ok()).unwrap_or(true);
    if let Some(label) = text("label").filter(|_| flag("visible")) {
        // An underscore stands before the letter that is typed; two of them are one.
        let label = label.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
        entries.push(Entry { id, label, enabled: flag("enabled") });
    }
    for child in children {
        let structure = Structure::try_from(child)?;
        collect(Node::try_from(structure)?, entries)?;
    }
    Ok(())
}

struct Watcher {
    items: Items,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // Either the path of an object of whoever calls, or a name on the bus that has one at the usual path.
        let item = match (service.starts_with('/'), header.sender()) {
            (true, Some(sender)) => format!("{sender}{service}"),
            _ => format!("{service}/StatusNotifierItem"),
        };
        self.items.0.lock().unwrap_or_else(PoisonError::into_inner).push(item.clone());
        Ok(Self::status_notifier_item_registered(&emitter, &item).await?)
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, item: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
