//! A TLS front before a simulated vendor: it counts handshakes and the bytes of requests and answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A certificate authority and the certificate of all fronts.
pub struct Identity {
    root: String,
    config: Arc<ServerConfig>,
}

impl Identity {
    pub fn new() -> Self {
        let root_key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&root_key).expect("a root");
        let issuer = Issuer::new(authority, root_key);
        let key = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .and_then(|leaf| leaf.signed_by(&key, &issuer))
            .expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(leaf.der().to_vec())],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .expect("the fronts' certificate");
        Self {
            root: root.pem(),
            config: Arc::new(config),
        }
    }

    /// Writes the root certificate for the option `SSLCaFile`.
    pub fn write_root(&self, file: &Path) {
        std::fs::write(file, &self.root).expect("a file of root certificates");
    }
}

/// What went through since the last look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub handshakes: u64,
    /// Bytes of requests, heads and bodies.
    pub sent: u64,
    /// Bytes of answers, heads and bodies.
    pub received: u64,
}

#[derive(Default)]
struct Counters {
    open: AtomicUsize,
    handshakes: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// A running front. Dropping it ends it.
pub struct Front {
    address: SocketAddr,
    counters: Arc<Counters>,
    _runtime: Runtime,
}

impl Front {
    pub fn start(identity: &Identity, vendor: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("a loopback port");
        let address = listener.local_addr().expect("the front's address");
        let counters = Arc::new(Counters::default());
        let acceptor = TlsAcceptor::from(Arc::clone(&identity.config));
        let shared = Arc::clone(&counters);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counters) = (acceptor.clone(), Arc::clone(&shared));
                counters.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    pass_on(&acceptor, &counters, stream, vendor).await;
                    counters.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            address,
            counters,
            _runtime: runtime,
        }
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What went through since the last call, once all connections are closed.
    pub fn take(&self) -> Traffic {
        while self.counters.open.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::SeqCst);
        Traffic {
            handshakes: take(&self.counters.handshakes),
            sent: take(&self.counters.sent),
            received: take(&self.counters.received),
        }
    }
}

async fn pass_on(
    acceptor: &TlsAcceptor,
    counters: &Counters,
    stream: TcpStream,
    vendor: SocketAddr,
) {
    let _ = stream.set_nodelay(true);
    let Ok(client) = acceptor.accept(stream).await else {
        return;
    };
    counters.handshakes.fetch_add(1, Ordering::SeqCst);
    let Ok(vendor) = TcpStream::connect(vendor).await else {
        return;
    };
    let _ = vendor.set_nodelay(true);
    let (from_client, to_client) = tokio::io::split(client);
    let (from_vendor, to_vendor) = vendor.into_split();
    tokio::join!(
        pump(from_client, to_vendor, &counters.sent),
        pump(from_vendor, to_client, &counters.received)
    );
}

/// Copies until the end; a client that ends without taking leave is usual.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    counter: &AtomicU64,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        counter.fetch_add(count as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
