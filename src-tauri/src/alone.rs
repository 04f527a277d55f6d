//! One Satchel for one person: the first owns a name on the session bus; a later start hands over what it was asked, and ends.
//!
//! An owner that is dying or does not answer is asked again, within bounds, and then done without.

use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use zbus::fdo::{self, RequestNameFlags, RequestNameReply};
use zbus::{Connection, connection, interface};

use crate::windows::Leaving;

const NAME: &str = "org.satchel.desktop.SingleInstance";
const PATH: &str = "/org/satchel/desktop/SingleInstance";
/// Starts that nobody has looked at yet. One is as good as many: each wants to see the window.
const STARTS: usize = 8;

/// How long what is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the bus itself.
    bus: Duration,
    /// For an answer of the one that runs.
    answer: Duration,
    /// Between two tries.
    pause: Duration,
    /// All in all: an app that ends takes two seconds at most.
    all: Duration,
}

const PATIENCE: Patience = Patience {
    bus: Duration::from_secs(2),
    answer: Duration::from_millis(1500),
    pause: Duration::from_millis(100),
    all: Duration::from_secs(5),
};

/// What a start is.
pub enum Start {
    /// The one that runs from now on, and hears the arguments of later ones.
    First(Alone, mpsc::Receiver<Vec<String>>),
    /// Another one runs, and knows.
    HandedOver,
}

/// This process is the one that runs, for as long as it keeps this: to its very end, so that the next one begins with all
/// that was written down.
pub struct Alone {
    _connection: Option<Connection>,
}

/// What the one that runs offers to those that start.
struct Door {
    starts: mpsc::Sender<Vec<String>>,
    leaving: Leaving,
}

#[interface(name = "org.SingleInstance.DBus")]
impl Door {
    /// Takes over what a later start was asked. One that is on its way out refuses: the caller waits for its end.
    fn execute_callback(&self, arguments: Vec<String>, _folder: String) -> fdo::Result<()> {
        let refused = || fdo::Error::Failed("it is leaving".to_owned());
        if self.leaving.is_meant() {
            return Err(refused());
        }
        match self.starts.try_send(arguments) {
            Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(refused()),
        }
    }
}

/// Finds out whether another Satchel runs. Takes five seconds at most; usually a few milliseconds.
///
/// # Cancellation
/// Dropped early, the one that runs may have shown its window.
pub async fn start(leaving: &Leaving) -> Start {
    let (tell, starts) = mpsc::channel(STARTS);
    let door = Door { starts: tell, leaving: leaving.clone() };
    let connection = match timeout(PATIENCE.bus, connect(door)).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "there is no session bus to find another Satchel on");
            return Start::First(Alone { _connection: None }, starts);
        }
        Err(_) => {
            tracing::warn!("the session bus does not answer");
            return Start::First(Alone { _connection: None }, starts);
        }
    };
    match find_place(&connection, PATIENCE).await {
        Place::Theirs => Start::HandedOver,
        Place::Ours => Start::First(Alone { _connection: Some(connection) }, starts),
        Place::Deserted => {
            tracing::warn!("another Satchel has the name and does not answer; this one starts without it");
            // Whoever asks for it waits in line; nobody of us ever replaces another.
            if let Err(cause) =
                connection.request_name_with_flags(NAME, RequestNameFlags::AllowReplacement.into()).await
            {
                tracing::warn!(%cause, "later starts will not find this one");
            }
            Start::First(Alone { _connection: Some(connection) }, starts)
        }
    }
}

async fn connect(door: Door) -> zbus::Result<Connection> {
    connection::Builder::session()?.serve_at(PATH, door)?.build().await
}

/// Whose name it is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Ours,
    /// They answered.
    Theirs,
    /// They have it, and did not answer.
    Deserted,
}

async fn find_place(connection: &Connection, patience: Patience) -> Place {
    let begun = Instant::now();
    loop {
        match connection.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()).await {
            Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => return Place::Ours,
            Ok(_) | Err(zbus::Error::NameTaken) => {}
            Err(cause) => {
                tracing::warn!(%cause, "the name on the session bus can't be had");
                return Place::Ours;
            }
        }
        match timeout(patience.answer, hand_over(connection)).await {
            Ok(Ok(())) => return Place::Theirs,
            Ok(Err(cause)) => tracing::debug!(%cause, "the Satchel that runs takes nothing over"),
            Err(_) => tracing::debug!("the Satchel that runs does not answer"),
        }
        if begun.elapsed() >= patience.all {
            return Place::Deserted;
        }
        sleep(patience.pause).await;
    }
}

async fn hand_over(connection: &Connection) -> zbus::Result<()> {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    let body = (arguments, folder);
    connection.call_method(Some(NAME), PATH, Some("org.SingleInstance.DBus"), "ExecuteCallback", &body).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> (Door, mpsc::Receiver<Vec<String>>) {
        let (starts, heard) = mpsc::channel(1);
        (Door { starts, leaving: Leaving::default() }, heard)
    }

    fn ask(door: &Door) -> fdo::Result<()> {
        door.execute_callback(vec!["satchel-desktop".to_owned(), "--practice".to_owned()], String::new())
    }

    #[test]
    fn who_runs_hears_of_a_start_and_of_many_at_once_no_less() {
        let (door, mut heard) = door();
        ask(&door).unwrap();
        ask(&door).unwrap();
        assert_eq!(heard.try_recv().unwrap(), ["satchel-desktop", "--practice"]);
    }

    #[test]
    fn who_is_on_its_way_out_takes_nothing_over() {
        let (door, heard) = door();
        drop(heard);
        assert!(ask(&door).is_err(), "it has stopped listening");
        let (door, _heard) = self::door();
        door.leaving.mean_it();
        assert!(ask(&door).is_err(), "the person has quit");
    }
}
