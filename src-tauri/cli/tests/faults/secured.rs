//! Machines of the company in between: a filter with a certificate of its own, a proxy, a proxy that wants a password.

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::office::{MIB, Office};
use crate::support::{Ran, bytes, finished};

const HOST: &str = "storage.test";

/// A machine on this computer that lives as long as its test.
struct Machine {
    port: u16,
    _serving: JoinSet<()>,
}

impl Machine {
    async fn start<W>(serve: impl Fn(TcpStream) -> W + Send + 'static) -> Self
    where
        W: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream));
            }
        });
        Self { port, _serving: serving }
    }

    /// Opens what comes, looks into it and closes it again: what a company's filter does. Its certificate is the text.
    async fn filter(to: u16) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed([HOST.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain: Vec<CertificateDer<'static>> = vec![made.cert.der().clone()];
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let filter = Self::start(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut opened = acceptor.accept(stream).await?;
                let mut store = TcpStream::connect(("127.0.0.1", to)).await?;
                copy_bidirectional(&mut opened, &mut store).await.map(|_| ())
            }
        });
        (filter.await, made.cert.pem())
    }

    /// Answers every request with this, or leads it to a port of this computer, whatever it asked for.
    async fn proxy(answer: &'static str, to: Option<u16>) -> Self {
        Self::start(move |mut stream| async move {
            let mut said = Vec::new();
            while !said.ends_with(b"\r\n\r\n") {
                said.push(stream.read_u8().await?);
            }
            assert!(said.starts_with(b"CONNECT "), "{}", String::from_utf8_lossy(&said));
            stream.write_all(answer.as_bytes()).await?;
            let Some(to) = to else { return Ok(()) };
            let mut store = TcpStream::connect(("127.0.0.1", to)).await?;
            copy_bidirectional(&mut stream, &mut store).await.map(|_| ())
        })
        .await
    }
}

/// A call to a place of this address, with the office's keys.
fn call(office: &Office, endpoint: &str, words: &[&str]) -> Command {
    let identity = office.practice.identity();
    let place = ["--bucket", office.practice.bucket(), "--endpoint-url", endpoint, "--path-style", "--json"];
    let mut command = office.satchel.command(place.iter().chain(words));
    command.env("AWS_ACCESS_KEY_ID", identity.access_key_id).env("AWS_SECRET_ACCESS_KEY", identity.secret_access_key);
    command
}

async fn run(command: &mut Command) -> Ran {
    finished(command.spawn().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_filter_nobody_vouches_for_is_refused_until_the_computer_trusts_it() {
    let office = Office::open(18).await;
    let content = bytes(20 * MIB);
    office.satchel.file("large.bin", &content);
    let (filter, certificate) = Machine::filter(office.practice.port()).await;
    let trusted = office.satchel.file("company.pem", certificate.as_bytes());
    let endpoint = format!("https://127.0.0.1:{}", filter.port);
    for words in [&["ls"][..], &["put", "large.bin"]] {
        let refused = run(&mut call(&office, &endpoint, words)).await;
        assert_ne!(refused.code, 0);
        assert_eq!(refused.error_code(), "tlsUntrusted", "{words:?}: {}", refused.text());
    }
    assert_eq!(office.practice.requests().all().len(), 0, "nothing was said to somebody unknown");
    // As the system's own store says it, and as an administrator does for this program alone.
    for (variable, name) in [("SSL_CERT_FILE", "one"), ("AWS_CA_BUNDLE", "two")] {
        run(call(&office, &endpoint, &["put", "large.bin", "--to", name]).env(variable, &trusted)).await.ok();
        office.assert_holds(&format!("{name}/large.bin"), &content).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_the_company_proxy_is_used_and_asks_for_its_password_in_its_own_words() {
    let office = Office::open(18).await;
    office.satchel.file("a.txt", b"hello");
    let (filter, certificate) = Machine::filter(office.practice.port()).await;
    let trusted = office.satchel.file("company.pem", certificate.as_bytes());
    // Only the proxy knows where this is.
    let endpoint = format!("https://{HOST}");
    let open = Machine::proxy("HTTP/1.1 200 Connection established\r\n\r\n", Some(filter.port)).await;
    let mut put = call(&office, &endpoint, &["put", "a.txt"]);
    put.env("SSL_CERT_FILE", &trusted).env("HTTPS_PROXY", format!("http://127.0.0.1:{}", open.port));
    run(&mut put).await.ok();
    office.assert_holds("a.txt", b"hello").await;

    let wants = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"out\"\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n";
    let locked = Machine::proxy(wants, None).await;
    for words in [&["ls"][..], &["put", "a.txt", "--to", "again"]] {
        let mut command = call(&office, &endpoint, words);
        command.env("SSL_CERT_FILE", &trusted).env("HTTPS_PROXY", format!("http://127.0.0.1:{}", locked.port));
        let refused = run(&mut command).await;
        assert_ne!(refused.code, 0);
        assert_eq!(refused.error_code(), "proxySignIn", "{words:?}: {}", refused.text());
    }
}
