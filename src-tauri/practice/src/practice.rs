//! The running server: starting, stopping, and what tests want to look at behind its back.

mod inside;
mod setup;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::gate::Gate;
use crate::identity::Identity;
use crate::options::PracticeOptions;
use crate::requests::Requests;
use crate::store::StoreError;

pub use inside::UnfinishedUpload;

/// Requests that still run at a stop get this long.
const GRACE: Duration = Duration::from_secs(2);
const BUFFER_BYTES: usize = 1 << 18;

#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// Another server, of this process or another, has the folder.
    #[error("the practice place in {} is already open", .0.display())]
    InUse(PathBuf),
    #[error("the practice place cannot listen on 127.0.0.1")]
    Listen(#[source] std::io::Error),
    #[error("the practice place could not be opened or read")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{0:?} is not a name for a bucket")]
    BucketName(String),
}

impl From<StoreError> for PracticeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::InUse(folder) => Self::InUse(folder),
            other => Self::Store(Box::new(other)),
        }
    }
}

/// A practice place that answers. Dropped, it stops at once; `stop` lets running requests end.
pub struct Practice {
    gate: Arc<Gate>,
    port: u16,
    bucket: String,
    stopping: CancellationToken,
    tasks: JoinSet<()>,
}

impl Practice {
    /// Opens the folder and answers from then on.
    ///
    /// # Cancellation
    /// Dropped on the way, it leaves a folder that can be opened again.
    pub async fn start(options: PracticeOptions) -> Result<Self, PracticeError> {
        let prepared = setup::open(options).await?;
        let (listener, port) = listen(prepared.port).await?;
        setup::remember_port(&prepared, port).await?;
        let gate = Arc::new(prepared.into_gate());
        let stopping = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let bucket = gate.bucket.clone();
        tasks.spawn(accept(listener, Arc::clone(&gate), stopping.clone()));
        Ok(Self { gate, port, bucket, stopping, tasks })
    }

    /// Where it answers, such as `http://127.0.0.1:40123`. Address buckets by path, not by host.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub fn region(&self) -> &str {
        &self.gate.service.region
    }

    /// The first of those who may knock.
    pub fn identity(&self) -> Identity {
        let identities = self.gate.identities.borrow();
        identities.first().map_or_else(Identity::random, |identity| Identity::clone(identity))
    }

    /// From now on these and no others may knock: a key is withdrawn, a token renewed.
    pub fn set_identities(&self, identities: Vec<Identity>) {
        self.gate.identities.send_replace(identities.into_iter().map(Arc::new).collect());
    }

    pub fn faults(&self) -> &Faults {
        &self.gate.faults
    }

    pub fn requests(&self) -> &Requests {
        &self.gate.requests
    }

    pub fn clock(&self) -> &Clock {
        &self.gate.service.clock
    }

    /// Stops accepting, lets running requests end for a moment, then frees the folder.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn listen(wanted: u16) -> Result<(TcpListener, u16), PracticeError> {
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
        Ok(listener) => listener,
        Err(error) if wanted != 0 => {
            tracing::info!(port = wanted, %error, "the wanted port is taken, any other will do");
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(PracticeError::Listen)?
        }
        Err(error) => return Err(PracticeError::Listen(error)),
    };
    let port = listener.local_addr().map_err(PracticeError::Listen)?.port();
    Ok((listener, port))
}

async fn accept(listener: TcpListener, gate: Arc<Gate>, stopping: CancellationToken) {
    let mut connections = JoinSet::new();
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = stopping.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of descriptors, most likely: others have to end first.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // Small answers must not wait for more.
        let _ = stream.set_nodelay(true);
        let gate = Arc::clone(&gate);
        let service = service_fn(move |request| Arc::clone(&gate).serve(request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(300))
            .auto_date_header(false)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::debug!("some requests were still running at the stop");
    }
    connections.shutdown().await;
}
