//! TLS in front of a vendor: an authority of the test's own, and what can be wrong with a certificate.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::lock;

/// The certificate that a vendor's port shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Of the test's authority, for the right host, in time.
    Good,
    /// Good, but over for years.
    Expired,
    /// Good, but for another host.
    WrongHost,
    /// For the right host, of an authority that nobody knows.
    UnknownAuthority,
}

impl Identity {
    /// What can be wrong.
    pub const BAD: [Self; 3] = [Self::Expired, Self::WrongHost, Self::UnknownAuthority];

    fn acceptor(self, host: IpAddr) -> TlsAcceptor {
        static GOOD: Mutex<BTreeMap<IpAddr, TlsAcceptor>> = Mutex::new(BTreeMap::new());
        let make = || {
            let stranger;
            let issuer = match self {
                Self::UnknownAuthority => {
                    stranger = make_authority();
                    &stranger
                }
                _ => authority(),
            };
            make_acceptor(self, host, issuer)
        };
        match self {
            Self::Good => lock(&GOOD).entry(host).or_insert_with(make).clone(),
            _ => make(),
        }
    }
}

/// The root certificate as PEM, for the option `SSLCaFile`.
pub fn root() -> String {
    authority().pem()
}

fn authority() -> &'static CertifiedIssuer<'static, KeyPair> {
    static AUTHORITY: OnceLock<CertifiedIssuer<'static, KeyPair>> = OnceLock::new();
    AUTHORITY.get_or_init(make_authority)
}

fn make_authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key of the test's authority");
    CertifiedIssuer::self_signed(parameters, key).expect("the test's authority")
}

fn make_acceptor(
    identity: Identity,
    host: IpAddr,
    issuer: &CertifiedIssuer<'static, KeyPair>,
) -> TlsAcceptor {
    let host = match identity {
        Identity::WrongHost => "other.example.com".to_owned(),
        _ => host.to_string(),
    };
    let mut parameters = CertificateParams::new(vec![host]).expect("the vendor's name");
    if identity == Identity::Expired {
        parameters.not_before = date_time_ymd(2019, 1, 1);
        parameters.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().expect("the vendor's key");
    let certificate = parameters
        .signed_by(&key, issuer)
        .expect("the vendor's certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("the vendor's key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("the vendor's identity");
    TlsAcceptor::from(Arc::new(config))
}

/// What a port shows now, and after so many answers.
pub(super) struct Presented {
    now: TlsAcceptor,
    later: Option<(usize, TlsAcceptor)>,
}

impl Presented {
    pub(super) fn now(identity: Identity, host: IpAddr) -> Self {
        Self {
            now: identity.acceptor(host),
            later: None,
        }
    }

    pub(super) fn after(requests: usize, identity: Identity, host: IpAddr) -> Self {
        if requests == 0 {
            return Self::now(identity, host);
        }
        Self {
            now: Identity::Good.acceptor(host),
            later: Some((requests, identity.acceptor(host))),
        }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.now.clone()
    }

    /// One more request is answered; whether the certificate changes with it.
    pub(super) fn count(&mut self) -> bool {
        match self.later.take() {
            Some((1, other)) => {
                self.now = other;
                true
            }
            Some((left, other)) => {
                self.later = Some((left - 1, other));
                false
            }
            None => false,
        }
    }
}
