//! A bad line on order: a TCP proxy before the practice place that stalls, cuts, slows and goes away as a test wishes,
//! and counts every byte. It does not read what passes: the client's `Host`, which is signed, stays what it was.

mod accept;
mod connection;
mod dice;
mod line;
mod log;
mod pace;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use dice::Dice;
pub use line::Line;
pub use log::{Connection, End};

use log::Log;
use pace::Pace;

/// Which line a new connection gets, by its number and a die of its own.
type Deal = Box<dyn Fn(u64, &mut Dice) -> Line + Send + Sync>;

/// A running proxy. Dropped, it cuts every connection.
pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
    door: watch::Sender<bool>,
    door_is: watch::Receiver<bool>,
    _tasks: JoinSet<()>,
}

/// What every connection looks at.
struct Shared {
    to: SocketAddr,
    seed: u64,
    deal: Mutex<Deal>,
    log: Log,
    up: Pace,
    down: Pace,
}

impl Proxy {
    /// A line to a port of this computer that lets everything pass until it is told otherwise. The seed decides what
    /// `deal` deals.
    pub async fn start(to: u16, seed: u64) -> io::Result<Self> {
        // Bound and never listening: it keeps the port ours while the door is closed.
        let keeper = socket()?;
        keeper.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let port = keeper.local_addr()?.port();
        let shared = Arc::new(Shared {
            to: (Ipv4Addr::LOCALHOST, to).into(),
            seed,
            deal: Mutex::new(Box::new(|_, _| Line::Pass)),
            log: Log::default(),
            up: Pace::default(),
            down: Pace::default(),
        });
        let (door, wanted) = watch::channel(true);
        let (tell, mut door_is) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept::accept(keeper, port, Arc::clone(&shared), wanted, tell));
        wait(&mut door_is, true).await?;
        Ok(Self { shared, port, door, door_is, _tasks: tasks })
    }

    /// Where clients knock instead of at the practice place.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every connection that comes from now on.
    pub fn new_connections(&self, line: Line) {
        self.deal(move |_, _| line);
    }

    /// Every connection that is there, and none that comes.
    pub fn old_connections(&self, line: Line) {
        self.shared.log.turn_all(line);
    }

    pub fn all_connections(&self, line: Line) {
        self.new_connections(line);
        self.old_connections(line);
    }

    /// One connection, by its number.
    pub fn connection(&self, number: u64, line: Line) {
        self.shared.log.turn(number, line);
    }

    /// Chooses for every connection that comes. The same seed and number make the same choice.
    pub fn deal(&self, deal: impl Fn(u64, &mut Dice) -> Line + Send + Sync + 'static) {
        *self.shared.deal.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(deal);
    }

    /// How fast all connections together are, in bytes a second each way. `None` is as fast as it goes.
    pub fn bandwidth(&self, up: Option<u64>, down: Option<u64>) {
        self.shared.up.set(up);
        self.shared.down.set(down);
    }

    /// Cuts what is there and refuses what comes, as a computer without a network does.
    pub async fn go_down(&self) -> io::Result<()> {
        self.door.send_replace(false);
        wait(&mut self.door_is.clone(), false).await?;
        self.old_connections(Line::Cut);
        Ok(())
    }

    /// Answers again, at the same port.
    pub async fn come_up(&self) -> io::Result<()> {
        self.door.send_replace(true);
        wait(&mut self.door_is.clone(), true).await
    }

    /// All connections since the start, in the order in which they came.
    pub fn connections(&self) -> Vec<Connection> {
        self.shared.log.all()
    }

    /// What clients have sent, over all connections.
    pub fn bytes_up(&self) -> u64 {
        self.connections().iter().map(|connection| connection.bytes_up).sum()
    }

    /// What clients have got, over all connections.
    pub fn bytes_down(&self) -> u64 {
        self.connections().iter().map(|connection| connection.bytes_down).sum()
    }

    /// Waits until the connections as a whole satisfy the condition, which is tried at every change.
    pub async fn wait_until(&self, condition: impl Fn(&[Connection]) -> bool) {
        self.shared.log.wait_until(condition).await;
    }
}

impl Shared {
    fn line_for(&self, number: u64) -> Line {
        let mut dice = Dice::new(self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let deal = self.deal.lock().unwrap_or_else(PoisonError::into_inner);
        deal(number, &mut dice)
    }
}

fn socket() -> io::Result<TcpSocket> {
    /// Little: what a stalled line has swallowed must not look like progress.
    const RECEIVED_AHEAD: u32 = 64 * 1024;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_recv_buffer_size(RECEIVED_AHEAD)?;
    Ok(socket)
}

async fn wait(door_is: &mut watch::Receiver<bool>, open: bool) -> io::Result<()> {
    let reached = door_is.wait_for(|is| *is == open).await;
    reached.map(|_| ()).map_err(|_| io::Error::other("the proxy’s port can’t be had"))
}
