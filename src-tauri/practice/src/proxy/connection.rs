//! One connection: two streams of bytes, each as its line allows at that moment.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Shared;
use super::line::{Line, Way};
use super::log::End;
use super::pace::Pace;

const BUFFER_BYTES: usize = 64 * 1024;

/// Carries bytes between a client and the store until both have said all or the line ends it.
pub(super) async fn serve(mut client: TcpStream, shared: Arc<Shared>) {
    let (number, mut turned) = shared.log.begin(|number| shared.line_for(number));
    let lines = turned.clone();
    let end = tokio::select! {
        biased;
        // A pump that waits for the other side's room does not look at its line.
        _ = turned.wait_for(|line| *line == Line::Cut) => End::Cut,
        end = to_the_store(&mut client, &shared, number, &lines) => end,
    };
    match end {
        End::Closed => say_goodbye(&mut client).await,
        End::Cut | End::Broken => drop(client.set_zero_linger()),
    }
    drop(client);
    shared.log.ended(number, end);
}

/// Bytes that are still on their way to us would turn the end into a reset.
async fn say_goodbye(client: &mut TcpStream) {
    let _ = client.shutdown().await;
    let mut rest = vec![0; BUFFER_BYTES];
    while let Ok(1..) = client.read(&mut rest).await {}
}

async fn to_the_store(client: &mut TcpStream, shared: &Shared, number: u64, lines: &watch::Receiver<Line>) -> End {
    let Ok(mut store) = TcpStream::connect(shared.to).await else { return End::Broken };
    // Small answers must not wait for more.
    let _ = (client.set_nodelay(true), store.set_nodelay(true));
    let (client_says, client_hears) = client.split();
    let (store_says, store_hears) = store.split();
    let pump = |way| Pump { way, shared, number, lines: lines.clone(), moved: 0 };
    let result =
        tokio::try_join!(pump(Way::Up).run(client_says, store_hears), pump(Way::Down).run(store_says, client_hears),);
    match result {
        Ok(_) => End::Closed,
        Err(end) => {
            // A store must not take a cut line for a request that was meant to end here.
            let _ = store.set_zero_linger();
            end
        }
    }
}

struct Pump<'s> {
    way: Way,
    shared: &'s Shared,
    number: u64,
    lines: watch::Receiver<Line>,
    moved: u64,
}

impl Pump<'_> {
    /// `Ok` when the side that speaks has said all; otherwise how the whole connection ends.
    async fn run(mut self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> Result<(), End> {
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut pace = Pace::default();
        loop {
            let line = *self.lines.borrow_and_update();
            if line.stalls(self.way) {
                self.turn().await?;
                pace = Pace::default();
                continue;
            }
            if pace.step().is_none() && line.bytes_per_second(self.way).is_some() {
                pace = Pace::of(line.bytes_per_second(self.way));
            }
            let room = self.room(line, &pace)?;
            let read = tokio::select! {
                turned = self.turn() => {
                    turned?;
                    pace = Pace::default();
                    continue;
                }
                read = from.read(buffer.get_mut(..room).unwrap_or_default()) => read.map_err(broken)?,
            };
            if read == 0 {
                // The other side may already be gone; then there is nobody to tell.
                let _ = to.shutdown().await;
                return Ok(());
            }
            pace.pass(read as u64).await;
            self.shared_pace().pass(read as u64).await;
            to.write_all(buffer.get(..read).unwrap_or_default()).await.map_err(broken)?;
            self.moved += read as u64;
            self.shared.log.moved(self.number, self.way, read as u64);
        }
    }

    /// How much may be read at once.
    fn room(&self, line: Line, pace: &Pace) -> Result<usize, End> {
        let mut room = BUFFER_BYTES;
        for step in [pace.step(), self.shared_pace().step()].into_iter().flatten() {
            room = room.min(step);
        }
        match line.ends_after(self.way) {
            Some((bytes, end)) if self.moved >= bytes => Err(end),
            Some((bytes, _)) => Ok(room.min(usize::try_from(bytes - self.moved).unwrap_or(room))),
            None => Ok(room),
        }
    }

    fn shared_pace(&self) -> &Pace {
        match self.way {
            Way::Up => &self.shared.up,
            Way::Down => &self.shared.down,
        }
    }

    async fn turn(&mut self) -> Result<(), End> {
        self.lines.changed().await.map_err(|_| End::Cut)
    }
}

fn broken(_: io::Error) -> End {
    End::Broken
}
