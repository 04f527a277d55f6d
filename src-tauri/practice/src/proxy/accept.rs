//! The door: open it takes connections, closed they are refused by the system itself.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Shared, connection, socket};

/// Connections that the system keeps for us until we take them.
const WAITING: u32 = 1024;

/// Takes connections while the door is wanted open, and says when it is. Ends with the proxy, and every connection with it.
pub(super) async fn accept(
    keeper: TcpSocket,
    port: u16,
    shared: Arc<Shared>,
    mut wanted: watch::Receiver<bool>,
    tell: watch::Sender<bool>,
) {
    let mut connections = JoinSet::new();
    while wanted.wait_for(|open| *open).await.is_ok() {
        let listener = match listen(port) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "the proxy's port can't be had");
                break;
            }
        };
        tell.send_replace(true);
        take(&listener, &shared, &mut wanted, &mut connections).await;
        drop(listener);
        tell.send_replace(false);
    }
    drop(keeper);
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = socket()?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(WAITING)
}

async fn take(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    wanted: &mut watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
) {
    loop {
        tokio::select! {
            _ = wanted.wait_for(|open| !*open) => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(connections.spawn(connection::serve(client, Arc::clone(shared)))),
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
        }
    }
}
