//! A small authority for tests. CSR fixtures come from `fixtures/make.sh`.

pub(crate) mod weak;

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
    SerialNumber,
};

use super::ber::write;
use super::{Certificate, Csr};
use crate::domain::DomainName;

pub(crate) type Day = (i32, u8, u8);

/// Dates of everything that a test does not date itself.
pub(crate) const FROM: Day = (2026, 1, 1);
pub(crate) const TO: Day = (2026, 7, 1);

pub(crate) fn at(day: Day) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(day.0, day.1.into(), day.2.into())
        .and_then(|date| date.and_hms_opt(0, 0, 0))
        .unwrap()
        .and_utc()
}

/// A moment inside of [`FROM`] and [`TO`].
pub(crate) fn now() -> DateTime<Utc> {
    at((2026, 3, 1))
}

pub(crate) fn names(texts: &[&str]) -> Vec<DomainName> {
    texts
        .iter()
        .map(|text| DomainName::parse(text).unwrap())
        .collect()
}

pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    (name.to_owned(), content.as_ref().to_vec())
}

/// A fresh P-256 CSR and its text.
pub(crate) fn csr(names: &[&str]) -> Csr {
    let key = KeyPair::generate().unwrap();
    csr_of(&key, names)
}

pub(crate) fn csr_of(key: &KeyPair, names: &[&str]) -> Csr {
    let mut params = CertificateParams::new(texts(names)).unwrap();
    params.distinguished_name = called(names[0]);
    let text = params.serialize_request(key).unwrap().pem().unwrap();
    Csr::parse(&text).unwrap()
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// A request that was signed with MD5, with another last digit of the algorithm's identifier.
pub(crate) fn of_unknown_algorithm(text: &str) -> String {
    const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04];
    let mut der = super::pem::blocks(text).remove(0).der.unwrap();
    let at = der.windows(MD5.len()).position(|window| window == MD5);
    der[at.unwrap() + MD5.len() - 1] = 0x7f;
    super::pem::armour("CERTIFICATE REQUEST", &der)
}

/// A request whose parts are chosen byte by byte, signed with a fresh P-256 key.
pub(crate) struct Made<'a> {
    pub(crate) version: u8,
    /// Object identifier, string type and text of each part of the subject.
    pub(crate) subject: Vec<([u8; 3], u8, &'a [u8])>,
    /// Alternative names of the kind DNS.
    pub(crate) names: Vec<&'a [u8]>,
    /// Further attributes, encoded.
    pub(crate) attributes: Vec<u8>,
    pub(crate) has_attributes: bool,
}

pub(crate) const COMMON_NAME: [u8; 3] = [0x55, 4, 3];
pub(crate) const COUNTRY: [u8; 3] = [0x55, 4, 6];
pub(crate) const ORGANIZATION: [u8; 3] = [0x55, 4, 10];
pub(crate) const UTF8: u8 = 0x0c;

impl<'a> Made<'a> {
    pub(crate) fn of(common_name: &'a str) -> Self {
        Self {
            version: 0,
            subject: vec![(COMMON_NAME, UTF8, common_name.as_bytes())],
            names: Vec::new(),
            attributes: Vec::new(),
            has_attributes: true,
        }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        use rcgen::{PublicKeyData as _, SigningKey as _};
        let key = KeyPair::generate().unwrap();
        let part = |(kind, string, text): &([u8; 3], u8, &[u8])| {
            let pair = [write(6, kind), write(*string, text)].concat();
            write(0x31, &write(0x30, &pair))
        };
        let subject: Vec<u8> = self.subject.iter().flat_map(part).collect();
        let mut info = [
            write(2, &[self.version]),
            write(0x30, &subject),
            key.subject_public_key_info(),
        ]
        .concat();
        if self.has_attributes {
            let mut attributes = self.attributes.clone();
            if !self.names.is_empty() {
                let names: Vec<u8> = self.names.iter().flat_map(|n| write(0x82, n)).collect();
                let octets = write(4, &write(0x30, &names));
                let extension = [write(6, &[0x55, 0x1d, 0x11]), octets].concat();
                let extensions = write(0x30, &write(0x30, &extension));
                let kind = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
                attributes.extend(write(
                    0x30,
                    &[write(6, &kind), write(0x31, &extensions)].concat(),
                ));
            }
            info.extend(write(0xa0, &attributes));
        }
        let info = write(0x30, &info);
        let signature = [vec![0], key.sign(&info).unwrap()].concat();
        let sha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
        let algorithm = write(0x30, &write(6, &sha256));
        write(0x30, &[info, algorithm, write(3, &signature)].concat())
    }

    pub(crate) fn text(&self) -> String {
        super::pem::armour("CERTIFICATE REQUEST", &self.der())
    }
}

/// What a test wants of a leaf.
pub(crate) struct Wish<'a> {
    /// Alternative names.
    pub(crate) names: &'a [&'a str],
    pub(crate) common_name: &'a str,
    pub(crate) from: Day,
    pub(crate) to: Day,
    pub(crate) is_ca: bool,
    /// Carries the poison of a precertificate.
    pub(crate) poisoned: bool,
    /// Extended key usage.
    pub(crate) usages: Vec<ExtendedKeyUsagePurpose>,
}

impl<'a> Wish<'a> {
    pub(crate) fn of(names: &'a [&'a str]) -> Self {
        Self {
            names,
            common_name: names[0],
            from: FROM,
            to: TO,
            is_ca: false,
            poisoned: false,
            usages: vec![ExtendedKeyUsagePurpose::ServerAuth],
        }
    }
}

/// A certificate authority: name, key, certificate.
pub(crate) struct Authority {
    name: String,
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
}

impl Authority {
    pub(crate) fn root(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = params(name, (2020, 1, 1), (2040, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        Self::new(name, params, key, &certificate)
    }

    /// A root with the name of one that browsers know.
    pub(crate) fn known_root() -> Self {
        let key = KeyPair::generate().unwrap();
        let name = "ISRG Root X2";
        let mut params = params(name, (2020, 1, 1), (2040, 1, 1));
        params.distinguished_name = DistinguishedName::new();
        for (kind, text) in [
            (DnType::CountryName, "US"),
            (DnType::OrganizationName, "Internet Security Research Group"),
            (DnType::CommonName, name),
        ] {
            let text = DnValue::PrintableString(text.try_into().unwrap());
            params.distinguished_name.push(kind, text);
        }
        let certificate = params.self_signed(&key).unwrap();
        Self::new(name, params, key, &certificate)
    }

    fn new(
        name: &str,
        params: CertificateParams,
        key: KeyPair,
        certificate: &rcgen::Certificate,
    ) -> Self {
        Self {
            name: name.to_owned(),
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A subordinate authority.
    pub(crate) fn sub(&self, name: &str) -> Self {
        self.sub_dated(name, (2020, 1, 1), (2035, 1, 1))
    }

    pub(crate) fn sub_dated(&self, name: &str, from: Day, to: Day) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = params(name, from, to);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Self::new(name, params, key, &certificate)
    }

    /// Another certificate for the name and key of `other`, signed by this one.
    pub(crate) fn cross_sign(&self, other: &Self, to: Day) -> String {
        self.certify(other, &other.name, true, to)
    }

    /// A certificate for the key of `other` under any name, with or without the right to sign.
    pub(crate) fn certify(&self, other: &Self, name: &str, is_ca: bool, to: Day) -> String {
        let mut params = params(name, (2020, 1, 1), to);
        if !is_ca {
            params.is_ca = IsCa::ExplicitNoCa;
        }
        params
            .signed_by(other.issuer.key(), &self.issuer)
            .unwrap()
            .pem()
    }

    /// A certificate for the key of a CSR.
    pub(crate) fn sign(&self, csr: &Csr, wish: &Wish<'_>) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(csr.pem()).unwrap();
        let params = &mut request.params;
        params.distinguished_name = called(wish.common_name);
        params.subject_alt_names = wish
            .names
            .iter()
            .map(|name| match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*name).try_into().unwrap()),
            })
            .collect();
        params.serial_number = Some(next_serial());
        params.not_before = rcgen::date_time_ymd(wish.from.0, wish.from.1, wish.from.2);
        params.not_after = rcgen::date_time_ymd(wish.to.0, wish.to.1, wish.to.2);
        params.extended_key_usages = wish.usages.clone();
        if wish.is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        if wish.poisoned {
            let oid = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 3];
            let mut poison = rcgen::CustomExtension::from_oid_content(&oid, vec![5, 0]);
            poison.set_criticality(true);
            params.custom_extensions.push(poison);
        }
        request.signed_by(&self.issuer).unwrap().pem()
    }
}

/// An issuer never gives the same number twice (RFC 5280, 4.1.2.2).
fn next_serial() -> SerialNumber {
    static NEXT: AtomicU64 = AtomicU64::new(0x5000_0001);
    SerialNumber::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn params(name: &str, from: Day, to: Day) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = called(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
    params.not_after = rcgen::date_time_ymd(to.0, to.1, to.2);
    params
}

/// Root, intermediate and a leaf for `www.example.com`.
pub(crate) struct Delivery {
    pub(crate) csr: Csr,
    pub(crate) root: Authority,
    pub(crate) intermediate: Authority,
    pub(crate) leaf: String,
}

impl Delivery {
    pub(crate) fn new() -> Self {
        let root = Authority::root("Test Root");
        let intermediate = root.sub("Test Issuing CA 1");
        let csr = csr(&["www.example.com"]);
        let leaf = intermediate.sign(&csr, &Wish::of(&["www.example.com", "example.com"]));
        Self {
            csr,
            root,
            intermediate,
            leaf,
        }
    }

    /// The usual files of a vendor, root included.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        vec![
            file("www_example_com.crt", &self.leaf),
            file(
                "My_CA_Bundle.crt",
                format!("{}{}", self.intermediate.pem, self.root.pem),
            ),
        ]
    }
}

pub(crate) fn certificate(pem: &str) -> Certificate {
    Certificate::parse(pem).unwrap()
}

/// Runs the openssl command with a text on its standard input; `None` where it is not installed.
pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Option<(bool, String)> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}
