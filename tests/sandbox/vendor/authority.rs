//! The certificate authority behind the simulated vendors: a root, an intermediate, real signatures.

use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    SubjectPublicKeyInfo,
};
use x509_parser::time::ASN1Time;

use super::csr::{Csr, Subject, hex};
use super::lock;

/// A test authority. Keys are new in every run; nothing trusts them.
pub struct Authority {
    root: Vec<u8>,
    intermediate: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    next_serial: Mutex<u64>,
}

/// A signed certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// DER.
    pub der: Vec<u8>,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Start.
    pub not_before: DateTime<Utc>,
    /// End.
    pub not_after: DateTime<Utc>,
}

/// What goes into a certificate beside the CSR's public key.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Common name.
    pub common_name: String,
    /// All DNS names, the common name among them.
    pub names: Vec<String>,
    /// Organization for organization and extended validation.
    pub subject: Option<Subject>,
    /// The certificate ends no later than this, whatever the calendar allows.
    pub no_later_than: Option<DateTime<Utc>>,
}

/// Line ends of PEM texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnds {
    /// `\n`.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
}

/// Longest lawful lifetime in days, one less than the limit, as authorities do it (CA/Browser Forum
/// ballot SC-081: 398 days, 200 from 15 March 2026, 100 from 2027, 47 from 2029).
pub fn lawful_days(at: DateTime<Utc>) -> i64 {
    let from = |year| Utc.with_ymd_and_hms(year, 3, 15, 0, 0, 0).single();
    match at {
        at if Some(at) >= from(2029) => 46,
        at if Some(at) >= from(2027) => 99,
        at if Some(at) >= from(2026) => 199,
        _ => 397,
    }
}

impl Authority {
    /// A new authority whose names start with `label`.
    pub fn new(label: &str) -> Self {
        let root_key = KeyPair::generate().expect("a key");
        let mut root_params = ca("");
        root_params.distinguished_name = known_root();
        let root = root_params.self_signed(&root_key).expect("a root");
        let root_issuer = Issuer::new(root_params, root_key);

        let key = KeyPair::generate().expect("a key");
        let mut params = ca(&format!("{label} Test Intermediate"));
        params.use_authority_key_identifier_extension = true;
        let intermediate = params
            .signed_by(&key, &root_issuer)
            .expect("an intermediate");
        Self {
            root: root.der().to_vec(),
            intermediate: intermediate.der().to_vec(),
            issuer: Issuer::new(params, key),
            next_serial: Mutex::new(1),
        }
    }

    /// Signs the CSR's public key for names as ordered (not as requested in the CSR). Starts a little
    /// before `now`, as authorities do.
    pub fn issue(
        &self,
        csr: &Csr,
        content: &Content,
        now: DateTime<Utc>,
    ) -> Result<Issued, String> {
        let not_before = now - TimeDelta::minutes(5);
        let lawful = not_before + TimeDelta::days(lawful_days(now));
        let not_after = content.no_later_than.map_or(lawful, |end| end.min(lawful));
        if not_after <= not_before {
            return Err("the term is over".to_owned());
        }
        let serial = {
            let mut next = lock(&self.next_serial);
            *next += 1;
            // Never starts with a set sign bit, differs from authority to authority.
            let mut bytes = vec![0x0a];
            bytes.extend_from_slice(&self.intermediate[self.intermediate.len() - 4..]);
            bytes.extend_from_slice(&next.to_be_bytes());
            bytes
        };

        let mut params = CertificateParams::default();
        params.distinguished_name = subject(&content.common_name, content.subject.as_ref());
        for name in &content.names {
            let name = match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(name.as_str().try_into().map_err(|_| "a name is odd")?),
            };
            params.subject_alt_names.push(name);
        }
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.not_before = moment(not_before)?.to_datetime();
        params.not_after = moment(not_after)?.to_datetime();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        // Taking the bare key serves any CSR; rcgen's own reader refuses unusual extensions.
        let key = SubjectPublicKeyInfo::from_der(&csr.public_key)
            .map_err(|error| format!("the CSR's key: {error}"))?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .map_err(|error| error.to_string())?;
        Ok(Issued {
            der: certificate.der().to_vec(),
            serial: hex(&serial),
            not_before,
            not_after,
        })
    }

    /// The root certificate, DER.
    pub fn root(&self) -> &[u8] {
        &self.root
    }

    /// The intermediate certificate, DER.
    pub fn intermediate(&self) -> &[u8] {
        &self.intermediate
    }
}

/// Certificates as PEM, one after the other.
pub fn pem(certificates: &[&[u8]], ends: LineEnds) -> String {
    certificates
        .iter()
        .map(|der| block("CERTIFICATE", der, ends))
        .collect()
}

/// One PEM block.
pub fn block(label: &str, der: &[u8], ends: LineEnds) -> String {
    let end = match ends {
        LineEnds::Lf => "\n",
        LineEnds::CrLf => "\r\n",
    };
    let mut text = format!("-----BEGIN {label}-----{end}");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str(end);
    }
    text.push_str(&format!("-----END {label}-----{end}"));
    text
}

/// A PKCS#7 without signers ("certs only"), DER: the members of a set stand in the order of their bytes.
pub fn pkcs7(certificates: &[&[u8]]) -> Vec<u8> {
    let mut certificates = certificates.to_vec();
    certificates.sort_unstable();
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let signed = [
        tlv(0x02, &[1]),
        tlv(0x31, &[]),
        tlv(0x30, &tlv(0x06, DATA)),
        tlv(0xa0, &certificates.concat()),
        tlv(0x31, &[]),
    ];
    let content = tlv(0xa0, &tlv(0x30, &signed.concat()));
    tlv(0x30, &[tlv(0x06, SIGNED_DATA), content].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if length < 0x80 {
        bytes.extend(u8::try_from(length));
    } else {
        let digits: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
            .collect();
        bytes.extend(u8::try_from(0x80 | digits.len()));
        bytes.extend(digits);
    }
    bytes.extend_from_slice(content);
    bytes
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Simulated Authority");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2045, 1, 1);
    params
}

/// The name of a root that browsers know: what the product says of others it would say of every certificate here.
fn known_root() -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, text) in [
        (DnType::CountryName, "US"),
        (DnType::OrganizationName, "Internet Security Research Group"),
        (DnType::CommonName, "ISRG Root X2"),
    ] {
        let text = text.try_into().expect("a printable text");
        name.push(kind, DnValue::PrintableString(text));
    }
    name
}

fn subject(common_name: &str, organization: Option<&Subject>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(subject) = organization {
        for (kind, value) in [
            (DnType::CountryName, &subject.country),
            (DnType::StateOrProvinceName, &subject.state),
            (DnType::LocalityName, &subject.locality),
            (DnType::OrganizationName, &subject.organization),
        ] {
            if !value.is_empty() {
                name.push(kind, value.clone());
            }
        }
    }
    name.push(DnType::CommonName, common_name);
    name
}

fn moment(at: DateTime<Utc>) -> Result<ASN1Time, String> {
    ASN1Time::from_timestamp(at.timestamp()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::*;

    fn csr() -> Csr {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["asked.example".to_owned()]).unwrap();
        Csr::parse(&params.serialize_request(&key).unwrap().pem().unwrap()).unwrap()
    }

    #[test]
    fn a_certificate_carries_the_ordered_names_and_the_key_of_the_csr() {
        let authority = Authority::new("Any");
        let csr = csr();
        let now = Utc.with_ymd_and_hms(2026, 8, 1, 0, 0, 0).unwrap();
        let content = Content {
            common_name: "shop.example".to_owned(),
            names: vec!["shop.example".to_owned(), "*.shop.example".to_owned()],
            ..Content::default()
        };
        let issued = authority.issue(&csr, &content, now).unwrap();
        let (_, leaf) = X509Certificate::from_der(&issued.der).unwrap();
        let (_, above) = X509Certificate::from_der(authority.intermediate()).unwrap();
        let (_, root) = X509Certificate::from_der(authority.root()).unwrap();
        leaf.verify_signature(Some(above.public_key())).unwrap();
        above.verify_signature(Some(root.public_key())).unwrap();
        assert_eq!(leaf.public_key().raw, csr.public_key);
        let names = leaf.subject_alternative_name().unwrap().unwrap();
        assert_eq!(names.value.general_names.len(), 2);
        let days = (issued.not_after - issued.not_before).num_days();
        assert_eq!(days, 199);
        assert_eq!(
            leaf.validity().not_after.timestamp(),
            issued.not_after.timestamp()
        );
        assert_eq!(
            hex(&leaf.serial.to_bytes_be()),
            issued.serial.trim_start_matches("00")
        );
        let other = authority.issue(&csr, &content, now).unwrap();
        assert_ne!(other.serial, issued.serial);
    }

    /// RSA, Cyrillic organization, an address and two extensions that no server certificate needs. Made
    /// with openssl; the key was thrown away.
    const ODD_CSR: &str = "\
-----BEGIN CERTIFICATE REQUEST-----\n\
MIIC2TCCAcECAQAwQDELMAkGA1UEBhMCUlUxFzAVBgNVBAoMDtCg0L7QvNCw0YjQ\n\
utCwMRgwFgYDVQQDDA9vZGQuZXhhbXBsZS5jb20wggEiMA0GCSqGSIb3DQEBAQUA\n\
A4IBDwAwggEKAoIBAQCw/o07rWy46WGC+Vn0bIYI7Gpu3hc+vupp6P/DTY4oVyQJ\n\
+RtlqkSNIKegvVsvopsE8dHAsemmQdsfYX1bpOJtm8U56MgLMLBQDIeX0hOYrO95\n\
7jomPjoVwo3vP2lIUffGtRdE1D3n51j/1lkTYPKapA+AofzCgGDgNEJwI37PgV/M\n\
ZNM/NTFEzLY7kAReSTFRcJJcBSk4vWapFm0xiM/bchD7LjyQW8e4NGsG51eXArXT\n\
qpg+IfomIaQUXIp0W6qN0XZLW21sK2pZ8lgGBVe3AGHX/a5ah+Mkxq6lvyFPF00s\n\
QCd3EWm/os3+LCnte2/c8vy/xp8mFDf0urXWfmbdAgMBAAGgVDBSBgkqhkiG9w0B\n\
CQ4xRTBDMCAGA1UdEQQZMBeCD29kZC5leGFtcGxlLmNvbYcEwAACATAQBgNVHSAE\n\
CTAHMAUGAyoDBDANBgQqAwQFBAUMA29kZDANBgkqhkiG9w0BAQsFAAOCAQEADPnD\n\
JdoLCwkJSmcknN3Im6Ht5xyVSt+HyCxzuYvYcxph2l17soSxX6Ndm4BXlIQH/FF3\n\
G7NtN026aNa2bL7VA1LWosgkcD4k9IY795XLdp7YiW/aIeuQsZVSUAyVeKwbBEcw\n\
0oqrYc8dNtBIQ8BtoEpbK9EUbVkB9tLdPk+BScXnrK5pkZjyUnU3hTwxaLlKn9it\n\
HtDtIucqz8IeqUIi3kEszmqLw3D+EBJlPvpEl0roHh67sC2lmG6IvduyFvD48tWN\n\
DLegSHsakzD2cxxfC3GGtodbP4TGIf/3jVWfLGoN88zwflxsxQD65z0/x47jmNak\n\
x+e+qqUX7eM5Hl693Q==\n\
-----END CERTIFICATE REQUEST-----\n\
";

    #[test]
    fn a_csr_with_odd_extensions_is_signed_all_the_same() {
        let csr = Csr::parse(ODD_CSR).unwrap();
        assert_eq!((csr.key.as_str(), csr.bits), ("RSA", 2048));
        assert_eq!(csr.subject.organization, "Ромашка");
        let content = Content {
            common_name: csr.common_name.clone(),
            names: csr.names.clone(),
            subject: Some(csr.subject.clone()),
            ..Content::default()
        };
        let issued = Authority::new("Any").issue(&csr, &content, Utc::now());
        let der = issued.unwrap().der;
        let (_, leaf) = X509Certificate::from_der(&der).unwrap();
        assert_eq!(leaf.public_key().raw, csr.public_key);
        assert!(leaf.subject().to_string().contains("Ромашка"));
    }

    #[test]
    fn lifetimes_follow_the_calendar() {
        let days = |y, m, d| lawful_days(Utc.with_ymd_and_hms(y, m, d, 0, 0, 0).unwrap());
        assert_eq!(days(2026, 3, 14), 397);
        assert_eq!(days(2026, 3, 15), 199);
        assert_eq!(days(2027, 3, 15), 99);
        assert_eq!(days(2029, 3, 15), 46);
    }

    #[test]
    fn a_pkcs7_holds_the_certificates_byte_for_byte() {
        let authority = Authority::new("Any");
        let bag = pkcs7(&[authority.root(), authority.intermediate()]);
        assert_eq!(bag[0], 0x30);
        let inside = |der: &[u8]| bag.windows(der.len()).any(|window| window == der);
        assert!(inside(authority.root()) && inside(authority.intermediate()));
    }
}
