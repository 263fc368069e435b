//! States by number, text and certificate (enom.md 11).

use super::*;
use crate::ca::{Stage, ValidationTask};
use crate::certificate::{Certificate, Csr};

use super::super::model::Detail;
use super::super::progress::progress;
use super::vendor::{Approval, Vendor};

/// A certificate for this CSR, self-made.
fn certificate(names: &[&str]) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let texts: Vec<String> = names.iter().map(|text| (*text).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(texts).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0]);
    let csr = params.serialize_request(&key).unwrap().pem().unwrap();
    let leaf = params.self_signed(&key).unwrap().pem();
    (csr, leaf)
}

fn detail(status: Option<u32>, text: &str, certificate: Option<&str>) -> Detail {
    Detail {
        status,
        status_text: Some(text.to_owned()).filter(|text| !text.is_empty()),
        certificate: certificate.map(str::to_owned),
        domain: Some("www.example.com".to_owned()),
        ..Detail::default()
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Pending,
    Issued,
    Cancelled,
    Unknown,
    Reissuing,
}

fn kind(stage: &Stage) -> Kind {
    match stage {
        Stage::Pending(_) => Kind::Pending,
        Stage::Issued => Kind::Issued,
        Stage::Cancelled(_) => Kind::Cancelled,
        Stage::Unknown(_) => Kind::Unknown,
        Stage::Reissuing(_) => Kind::Reissuing,
        Stage::Held(_) | Stage::Unpaid(_) | Stage::Expired => panic!("the vendor has no such word"),
    }
}

fn shown(detail: &Detail, csr: &str) -> Kind {
    kind(&progress(detail, Some(csr)).stage)
}

#[test]
fn states_are_decided_by_number_text_and_certificate() {
    let (csr, leaf) = certificate(&["www.example.com"]);
    let (_, other) = certificate(&["www.example.com"]);
    // Number, text, without a certificate, with ours, with one for another key.
    let cases = [
        (
            Some(1),
            "Awaiting Configuration",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(2),
            "Processing",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(4),
            "Certificate Issued",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(4),
            "Processing",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(6),
            "Rejected by Customer",
            Kind::Cancelled,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(7),
            "Refunded - No Cert Issued",
            Kind::Cancelled,
            Kind::Unknown,
            Kind::Unknown,
        ),
        (
            Some(7),
            "Cert Issued",
            Kind::Unknown,
            Kind::Unknown,
            Kind::Unknown,
        ),
        (
            Some(7),
            "Processing",
            Kind::Unknown,
            Kind::Unknown,
            Kind::Unknown,
        ),
        (
            Some(8),
            "Refunded - Cert Issued",
            Kind::Cancelled,
            Kind::Cancelled,
            Kind::Cancelled,
        ),
        (
            Some(8),
            "Certificate Issued",
            Kind::Unknown,
            Kind::Unknown,
            Kind::Unknown,
        ),
        (
            Some(9),
            "Approval email sent",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(10),
            "Approved by Domain Owner",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(12),
            "Pending Installation",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            Some(13),
            "Cert Installed",
            Kind::Pending,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (Some(3), "", Kind::Unknown, Kind::Issued, Kind::Reissuing),
        (
            Some(99),
            "Certificate Issued",
            Kind::Unknown,
            Kind::Issued,
            Kind::Reissuing,
        ),
        (
            None,
            "Certificate Issued",
            Kind::Unknown,
            Kind::Issued,
            Kind::Reissuing,
        ),
    ];
    for (number, text, bare, ours, foreign) in cases {
        let look = |body: Option<&str>| shown(&detail(number, text, body), &csr);
        let seen = (look(None), look(Some(&leaf)), look(Some(&other)));
        assert_eq!(seen, (bare, ours, foreign), "{number:?} {text}");
    }
}

#[test]
fn what_claims_to_be_a_certificate_is_fetched_whether_it_can_be_read_or_not() {
    let (csr, leaf) = certificate(&["www.example.com"]);
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let bare: String = leaf
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let quoted = leaf.replace('\n', "\\n");
    for (what, number, body, expected) in [
        ("damaged", 4, damaged, Kind::Issued),
        ("without armour", 4, &bare, Kind::Issued),
        ("quoted line ends", 4, &quoted, Kind::Issued),
        ("words", 4, "not issued yet", Kind::Pending),
        // Beside another word it proves nothing.
        ("damaged, submitted", 2, damaged, Kind::Pending),
        ("damaged, declined", 6, damaged, Kind::Unknown),
        ("damaged, refunded", 7, damaged, Kind::Unknown),
        ("damaged, no known word", 99, damaged, Kind::Unknown),
    ] {
        let look = detail(Some(number), "", Some(body));
        assert_eq!(shown(&look, &csr), expected, "{what}");
    }
}

/// The same certificate without the `NULL` parameter of its RSA key. Its signature does not fit any more.
fn without_null(pem: &str) -> String {
    const ALGORITHM: [u8; 15] = [
        0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0,
    ];
    let mut der = Certificate::parse(pem).unwrap().der;
    let at = der.windows(15).position(|octets| octets == ALGORITHM);
    let at = at.unwrap();
    // The certificate, its body and its key are two octets shorter each.
    for start in [0, 4, at - 4] {
        let length = u16::from_be_bytes([der[start + 2], der[start + 3]]) - 2;
        der[start + 2..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    der[at + 1] = 11;
    der.drain(at + 13..at + 15);
    Certificate::from_der(&der).unwrap().pem
}

#[tokio::test]
async fn a_key_is_the_same_with_and_without_a_parameter_that_says_nothing() {
    let world = World::start();
    let order = world.buy(&purchase(RAPID)).await;
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    let issued = world.store.orders().remove(0).certificate.unwrap();
    for leaf in [without_null(&issued), issued] {
        let look = detail(Some(4), "Certificate Issued", Some(&leaf));
        assert_eq!(shown(&look, CSR), Kind::Issued);
        let other = fresh_csr(&["www.example.com"]);
        assert_eq!(shown(&look, &other), Kind::Reissuing);
    }
}

#[test]
fn a_stored_csr_is_recognised_in_any_armour() {
    let order = purchase(RAPID);
    let plan = super::super::mapping::Plan::of(&order).unwrap();
    let mut look = detail(Some(1), "Awaiting Configuration", None);
    assert!(!plan.holds_csr(&look));
    let armour = CSR.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    look.csr = Some(armour.replace('\n', "\r\n   "));
    assert!(plan.holds_csr(&look));
    look.csr = Some(fresh_csr(&["www.example.com"]));
    assert!(!plan.holds_csr(&look));
    assert!(Csr::parse(CSR).is_ok());
}

#[test]
fn validation_tells_what_the_vendor_tells() {
    let mut look = detail(Some(9), "Approval Email Sent", None);
    look.approver = Some("admin@example.com".to_owned());
    let record = progress(&look, None).validation.remove(0);
    assert_eq!(
        record.task,
        ValidationTask::Email("admin@example.com".to_owned())
    );
    assert!(!record.done);
    look.status = Some(10);
    assert!(progress(&look, None).validation[0].done);

    // Beside the certificate that a reissue replaces, the proof is still awaited.
    let (csr, _) = certificate(&["www.example.com"]);
    let (_, former) = certificate(&["www.example.com"]);
    let mut look = detail(Some(4), "Certificate Issued", Some(&former));
    look.approver = Some("admin@example.com".to_owned());
    assert!(progress(&look, None).validation[0].done);
    let reissuing = progress(&look, Some(&csr));
    assert_eq!(kind(&reissuing.stage), Kind::Reissuing);
    assert!(!reissuing.validation[0].done);

    let mut look = detail(Some(2), "Processing", None);
    look.method = Some("FILE".to_owned());
    look.file = Some((
        "http://www.example.com/x.txt".to_owned(),
        "token".to_owned(),
    ));
    look.check = Some("FILE_NOT_FOUND".to_owned());
    let shown = progress(&look, None);
    let task = ValidationTask::File {
        url: "http://www.example.com/x.txt".to_owned(),
        content: "token".to_owned(),
    };
    assert_eq!(shown.validation[0].task, task);
    assert!(matches!(shown.stage, Stage::Pending(words) if words.contains("FILE_NOT_FOUND")));

    // A record of unknown type is shown, not guessed.
    let mut look = detail(Some(2), "Processing", None);
    look.method = Some("DNS".to_owned());
    look.dns = Some(("s2abc".to_owned(), "s2abc.example.com".to_owned()));
    let shown = progress(&look, None);
    assert_eq!(shown.validation, []);
    assert!(matches!(shown.stage, Stage::Pending(words) if words.contains("s2abc.example.com")));
}
