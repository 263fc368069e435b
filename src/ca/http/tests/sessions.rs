//! What the two clients of one way share: the memory of TLS sessions, never a connection.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{HandshakeKind, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{ConnectOptions, Http, SendClass, SendFailure, request};

/// An authority as PEM, and a server's configuration with a certificate of it; it may want one of its client.
fn identity(wants_clients: bool) -> (String, ServerConfig) {
    let root_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(authority, root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = if wants_clients {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from(root.der().to_vec()))
            .unwrap();
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap()
    } else {
        WebPkiClientVerifier::no_client_auth()
    };
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from(leaf.der().to_vec())],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    (root.pem(), config)
}

/// Answers every request with an empty 200; notes the kind of each connection's handshake.
async fn serve(config: ServerConfig) -> (String, Arc<Mutex<Vec<HandshakeKind>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&kinds);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let kind = stream.get_ref().1.handshake_kind().unwrap();
            noted.lock().unwrap().push(kind);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, kinds)
}

/// A way that knows this authority.
fn http_with(root: &str) -> (Http, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, root.as_bytes()).unwrap();
    let options = ConnectOptions {
        extra_roots: Some(file.path().to_owned()),
        ..ConnectOptions::default()
    };
    (Http::new(&options, None).unwrap(), file)
}

#[tokio::test]
async fn a_paid_call_has_its_own_connection_and_continues_the_session_of_the_reads() {
    let (root, config) = identity(false);
    let (url, kinds) = serve(config).await;
    let (http, _file) = http_with(&root);
    for class in [
        SendClass::Read,
        SendClass::Read,
        SendClass::Once,
        SendClass::Once,
    ] {
        assert!(http.send(request(&url, class)).await.unwrap().is_success());
    }
    let kinds = kinds.lock().unwrap().clone();
    // Both reads in one connection, each paid call in one of its own.
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    assert_eq!(kinds[1..], [HandshakeKind::Resumed; 2], "{kinds:?}");
    assert_ne!(kinds[0], HandshakeKind::Resumed);
}

/// With TLS 1.3 the client is done before the server says no: the request may have left, so the call is lost, and what is
/// told is the server's reason.
#[tokio::test]
async fn a_server_that_wants_a_certificate_says_so_when_the_request_may_have_left() {
    let (root, config) = identity(true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The stream is read to its end: closing it before would take the alert back.
            if let Err((_, mut stream)) = acceptor.accept(stream).into_fallible().await {
                let _ = stream.shutdown().await;
                while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
            }
        }
    });
    let (http, _file) = http_with(&root);
    let failure = http.send(request(&url, SendClass::Once)).await;
    let Err(SendFailure::Lost(why)) = failure else {
        panic!("{failure:?}")
    };
    let expected = "the vendor's server broke off the handshake (CertificateRequired)";
    assert!(why.en().contains(expected), "{}", why.en());
}
