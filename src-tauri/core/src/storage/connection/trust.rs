//! Whom we believe to be the store: the computer's trusted certificates, and those of `AWS_CA_BUNDLE`.
//!
//! Read when the first secured connection is made; the practice place never needs them.

use crate::error::{Code, Error, Operation, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::{Arc, LazyLock};
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

/// Reading them takes up to 300 ms, and they don't change while we run.
static COMPUTERS_OWN: LazyLock<Vec<CertificateDer<'static>>> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        tracing::warn!(causes = ?found.errors, "this computer trusts no certificate");
    }
    found.certs
});

/// Many connections at once are better than one with many streams in it: each has its own window.
const PROTOCOL: &[u8] = b"http/1.1";

#[derive(Clone)]
pub(super) struct Trust {
    more: Arc<[CertificateDer<'static>]>,
    made: Arc<OnceCell<TlsConnector>>,
}

impl Trust {
    /// What this computer and its administrator trust.
    ///
    /// # Errors
    /// `TlsUntrusted` if the named bundle can't be read.
    pub(super) async fn from_environment() -> Result<Self> {
        match std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
            Some(path) => {
                let bundle = tokio::fs::read(&path).await;
                Self::with_bundle(&bundle.map_err(unreadable)?)
            }
            None => Ok(Self::with(Vec::new())),
        }
    }

    /// The computer's own and these.
    pub(super) fn with_bundle(bundle: &[u8]) -> Result<Self> {
        let more = CertificateDer::pem_slice_iter(bundle).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        let mut roots = RootCertStore::empty();
        more.iter().try_for_each(|certificate| roots.add(certificate.clone())).map_err(unreadable)?;
        Ok(Self::with(more))
    }

    fn with(more: Vec<CertificateDer<'static>>) -> Self {
        Trust { more: more.into(), made: Arc::default() }
    }

    /// What secures a connection.
    ///
    /// # Errors
    /// What the TLS library says.
    pub(super) async fn connector(&self) -> std::result::Result<TlsConnector, super::reach::Cause> {
        let more = Arc::clone(&self.more);
        let make = async {
            let config = tokio::task::spawn_blocking(move || config(&more)).await??;
            Ok(TlsConnector::from(Arc::new(config)))
        };
        self.made.get_or_try_init(|| make).await.cloned()
    }
}

fn config(more: &[CertificateDer<'static>]) -> std::result::Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(COMPUTERS_OWN.iter().chain(more).cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

fn unreadable(cause: impl Into<super::reach::Cause>) -> Error {
    Error::new(Code::TlsUntrusted, Operation::Connect).because(cause)
}
