//! The way to a vendor, layer by layer: name, connection, TLS, clock. Sends one `HEAD` request without
//! credentials; everything else is opening and closing connections.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::ca::http::Url;
use crate::certificate::Certificate;

/// Most bytes of an answer's head that are read.
const LONGEST_HEAD: usize = 16 * 1024;

/// All addresses of a name.
pub(super) fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<_> = (bare, port)
        .to_socket_addrs()
        .map_err(|error| error.to_string())?
        .collect();
    if found.is_empty() {
        return Err("the name has no addresses".to_owned());
    }
    Ok(found)
}

/// Connects to the first address that answers, from a chosen local address if there is one.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    local: Option<IpAddr>,
    limit: Duration,
) -> Result<TcpStream, String> {
    let mut complaints = Vec::new();
    for address in addresses {
        let attempt = async {
            let socket = if address.is_ipv4() {
                tokio::net::TcpSocket::new_v4()?
            } else {
                tokio::net::TcpSocket::new_v6()?
            };
            if let Some(local) = local {
                socket.bind(SocketAddr::new(local, 0))?;
            }
            let stream = socket.connect(*address).await?.into_std()?;
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(limit))?;
            stream.set_write_timeout(Some(limit))?;
            Ok::<_, std::io::Error>(stream)
        };
        match tokio::time::timeout(limit, attempt).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => complaints.push(format!("{address}: {error}")),
            Err(_) => complaints.push(format!("{address}: no answer in {} s", limit.as_secs())),
        }
    }
    Err(complaints.join("; "))
}

/// What the TLS handshake showed.
#[derive(Debug)]
pub(super) struct Secured {
    /// Protocol version.
    pub(super) version: String,
    /// The server's certificate, where it can be read.
    pub(super) certificate: Option<Certificate>,
    /// Number of certificates the server sent.
    pub(super) chain: usize,
    /// The `Date` of its answer.
    pub(super) date: Option<DateTime<Utc>>,
}

/// A failed handshake, with what the server had shown until then.
#[derive(Debug)]
pub(super) struct Insecure {
    /// The fault.
    pub(super) why: String,
    /// The server's certificate, where it came and can be read.
    pub(super) certificate: Option<Box<Certificate>>,
}

/// Makes the handshake and asks for the head of a page.
pub(super) fn secure(
    stream: TcpStream,
    url: &Url,
    extra_roots: Option<&Path>,
) -> Result<Secured, Insecure> {
    let plain = |why: String| Insecure {
        why,
        certificate: None,
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(|error| plain(error.to_string()))?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let config = configuration(extra_roots, Arc::clone(&seen)).map_err(plain)?;
    let connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| plain(error.to_string()))?;
    let mut stream = StreamOwned::new(connection, stream);
    let outcome = head(&mut stream, url);
    let chain = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    let certificate = chain.first().and_then(|der| Certificate::from_der(der));
    match outcome {
        Ok(date) => Ok(Secured {
            version: stream
                .conn
                .protocol_version()
                .map(|version| format!("{version:?}"))
                .unwrap_or_default(),
            chain: chain.len(),
            certificate,
            date,
        }),
        Err(error) => Err(Insecure {
            why: error.to_string(),
            certificate: certificate.map(Box::new),
        }),
    }
}

/// Asks for the head of a page over any stream and answers its `Date`.
pub(super) fn head(
    stream: &mut (impl Read + Write),
    url: &Url,
) -> std::io::Result<Option<DateTime<Utc>>> {
    // In one piece: a server may answer and hang up as soon as it has seen the first.
    let request = format!(
        "HEAD {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pmssl/{}\r\nConnection: close\r\n\r\n",
        url.path(),
        url.host_str().unwrap_or_default(),
        env!("CARGO_PKG_VERSION")
    );
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    while bytes.len() < LONGEST_HEAD && !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            // A server that dislikes the request may just hang up; the connection was there.
            Err(_) if !bytes.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(date(&String::from_utf8_lossy(&bytes)))
}

fn date(head: &str) -> Option<DateTime<Utc>> {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then_some(value.trim())
    })?;
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some(date.with_timezone(&Utc))
}

/// TLS as the vendors' client has it, with a verifier that remembers what it saw.
fn configuration(
    extra_roots: Option<&Path>,
    seen: Arc<Mutex<Vec<CertificateDer<'static>>>>,
) -> Result<ClientConfig, String> {
    let mut roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = extra_roots {
        let pem = crate::regular::read(path, crate::regular::ROOTS)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let extra = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
        roots.add_parsable_certificates(extra);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Watcher { inner, seen }))
        .with_no_client_auth();
    Ok(config)
}

/// The usual verifier; it only remembers the chain, so that a refused one can be described.
#[derive(Debug)]
struct Watcher {
    inner: Arc<WebPkiServerVerifier>,
    seen: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clear();
        seen.push(end_entity.clone().into_owned());
        seen.extend(intermediates.iter().map(|der| der.clone().into_owned()));
        self.inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
