//! Secured addresses: whom we believe, and whom not.

use super::server::{Server, forever, polite};
use super::*;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// A certificate that no computer knows.
pub(super) struct Certificate {
    made: rcgen::CertifiedKey<rcgen::KeyPair>,
    bundle: String,
}

impl Certificate {
    pub(super) fn new(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let bundle = made.cert.pem();
        Certificate { made, bundle }
    }

    /// As the administrator's file has it.
    pub(super) fn bundle(&self) -> &[u8] {
        self.bundle.as_bytes()
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![self.made.cert.der().clone()];
        let key = PrivateKeyDer::try_from(self.made.signing_key.serialize_der()).unwrap();
        let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A polite server with this certificate.
pub(super) async fn secured(certificate: &Certificate) -> Server {
    let acceptor = certificate.acceptor();
    Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                polite(stream).await;
            }
        }
    })
    .await
}

fn trusting(bundle: &[u8]) -> Connection {
    Connection::through(Reach::new(None, Trust::with_bundle(bundle).unwrap(), timings()), timings())
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_once_and_believed_when_the_administrator_says_so() {
    let certificate = Certificate::new("127.0.0.1");
    let server = secured(&certificate).await;
    let put = || request("PUT", &server.secured_address(), vec![7; 1 << 20]);
    let error = direct().await.exchange.call(put()).await.unwrap_err();
    assert!(!error.is_io() && !error.is_timeout(), "asking again helps nobody: {error:?}");
    assert_eq!(s3::from_connector(error, Operation::List).code(), Code::TlsUntrusted);
    let connection = trusting(certificate.bundle());
    for _ in 0..3 {
        assert_eq!(send(&connection, put()).await.unwrap().body, b"fine");
    }
    assert_eq!(server.connections(), 2, "a secured connection is kept as well");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let certificate = Certificate::new("elsewhere.example");
    let server = secured(&certificate).await;
    let connection = trusting(certificate.bundle());
    let error = send(&connection, request("GET", &server.secured_address(), "")).await.unwrap_err();
    assert_eq!(error.code(), Code::TlsUnsafe, "{error:?}");
}

#[tokio::test]
async fn a_peer_that_never_secures_the_line_is_given_up_after_the_stall() {
    let server = Server::start(|stream| async move {
        forever().await;
        drop(stream);
    })
    .await;
    let (result, took) = timed(&direct().await, request("GET", &server.secured_address(), "")).await;
    too_slow(result);
    assert!(took >= timings().stall, "{took:?}");
}

#[test]
fn a_bundle_that_is_none_is_said_before_anything_is_asked() {
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(Trust::with_bundle(broken).err().unwrap().code(), Code::TlsUntrusted);
}
