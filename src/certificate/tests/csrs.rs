use crate::certificate::testing::{csr, names};
use crate::certificate::{Csr, Subject, pem};
use crate::failure::Reason;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name, ".pem"))
    };
}

fn words(text: &str) -> (Reason, String) {
    let failure = Csr::parse(text).unwrap_err();
    (failure.reason(), failure.words())
}

fn text_of(names: &[crate::domain::DomainName]) -> Vec<&str> {
    names
        .iter()
        .map(crate::domain::DomainName::as_str)
        .collect()
}

#[test]
fn a_full_csr_is_read() {
    let csr = Csr::parse(fixture!("rsa-2048")).unwrap();
    assert_eq!(csr.common_name().unwrap().as_str(), "www.example.com");
    assert_eq!(
        text_of(csr.names()),
        ["www.example.com", "example.com", "*.example.com"]
    );
    assert_eq!(csr.other_names(), [""; 0]);
    let field = |text: &str| Some(text.to_owned());
    assert_eq!(
        csr.subject(),
        &Subject {
            country: field("RU"),
            state: field("Московская область"),
            locality: field("Москва"),
            organization: field("ООО Ромашка"),
            unit: field("Отдел"),
            email: field("admin@example.com"),
        }
    );
    csr.check_key().unwrap();
}

#[test]
fn keys_and_signatures_are_judged() {
    type Judgement = Result<(), (Reason, &'static str)>;
    let cases: &[(&str, &str, Judgement)] = &[
        ("rsa-2048", fixture!("rsa-2048"), Ok(())),
        ("rsa-2048-sha1", fixture!("rsa-2048-sha1"), Ok(())),
        ("rsa-2048-newhdr", fixture!("rsa-2048-newhdr"), Ok(())),
        ("p256", fixture!("p256"), Ok(())),
        ("p384", fixture!("p384"), Ok(())),
        (
            "rsa-1024",
            fixture!("rsa-1024"),
            Err((Reason::WeakKey, "it is RSA with 1024 bits")),
        ),
        (
            "exponent 3",
            fixture!("rsa-2048-exponent-3"),
            Err((
                Reason::WeakKey,
                "it is RSA with the exponent 3 instead of 65537",
            )),
        ),
        (
            "rsa-pss",
            fixture!("rsa-pss"),
            Err((Reason::WeakKey, "it is RSA restricted to PSS signatures")),
        ),
        (
            "p521",
            fixture!("p521"),
            Err((Reason::WeakKey, "it is EC P-521")),
        ),
        (
            "secp256k1",
            fixture!("secp256k1"),
            Err((Reason::WeakKey, "it is EC with the curve 1.3.132.0.10")),
        ),
        (
            "ed25519",
            fixture!("ed25519"),
            Err((Reason::WeakKey, "it is Ed25519")),
        ),
        (
            "md5",
            fixture!("rsa-2048-md5"),
            Err((
                Reason::BadCsr,
                "it is signed with the algorithm 1.2.840.113549.1.1.4, use SHA-256 or SHA-384",
            )),
        ),
        (
            "sha512 with P-256",
            fixture!("p256-sha512"),
            Err((
                Reason::BadCsr,
                "it is signed with the algorithm 1.2.840.10045.4.3.4, use SHA-256 or SHA-384",
            )),
        ),
    ];
    for (name, text, expected) in cases {
        let csr = Csr::parse(text).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let judged = csr
            .check_key()
            .map_err(|failure| (failure.reason(), failure.words()));
        let expected = expected.map_err(|(reason, words)| (reason, words.to_owned()));
        assert_eq!(judged, expected, "{name}");
    }
}

#[test]
fn names_that_cannot_be_ordered_are_reported() {
    let csr = Csr::parse(fixture!("other-names")).unwrap();
    assert_eq!(text_of(csr.names()), ["names.example.com"]);
    assert_eq!(
        csr.other_names(),
        [
            "IP 192.0.2.7",
            "IP 2001:db8::7",
            "e-mail admin@example.com",
            "URI https://example.com/",
            "DNS under_score.example.com (the name holds a character or label that no host name has)",
        ]
    );
}

#[test]
fn common_names_may_be_absent_wildcard_international_or_no_host_name() {
    let absent = Csr::parse(fixture!("no-common-name")).unwrap();
    assert_eq!(absent.common_name(), None);
    assert_eq!(
        text_of(absent.names()),
        ["first.example.com", "second.example.com"]
    );

    let wildcard = Csr::parse(fixture!("p256")).unwrap();
    assert_eq!(wildcard.common_name().unwrap().as_str(), "*.example.com");

    let international = Csr::parse(fixture!("p384")).unwrap();
    assert_eq!(
        international.common_name(),
        names(&["пример.рф"]).first(),
        "punycode and Unicode are the same name"
    );

    let text = Csr::parse(fixture!("text-common-name")).unwrap();
    assert_eq!(text.common_name(), None);
    assert_eq!(text.names(), []);
    assert_eq!(
        text.other_names(),
        ["common name Иван Петров (the name holds a character or label that no host name has)"]
    );

    assert_eq!(
        words(fixture!("two-common-names")),
        (Reason::BadCsr, "it holds several common names".to_owned())
    );
}

#[test]
fn sixteen_bit_strings_are_decoded() {
    let csr = Csr::parse(fixture!("bmp-subject")).unwrap();
    assert_eq!(csr.subject().organization.as_deref(), Some("ООО Ромашка"));
    assert_eq!(csr.common_name().unwrap().as_str(), "bmp.example.com");
}

#[test]
fn the_way_of_writing_does_not_matter() {
    let plain = fixture!("rsa-2048-newhdr");
    assert!(plain.starts_with("-----BEGIN NEW CERTIFICATE REQUEST-----\n"));
    let expected = Csr::parse(plain).unwrap();
    assert_eq!(
        expected.pem(),
        plain.replace("NEW CERTIFICATE", "CERTIFICATE")
    );
    let variants = [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', ""),
        plain.replace('\n', " "),
        plain.replace('\n', "\n\n  "),
        plain.trim_end().to_owned(),
        plain.replace("=", ""),
        format!("\u{feff}Here it is:\n{plain}\nregards"),
        plain.replace("NEW CERTIFICATE", "CERTIFICATE"),
        plain.replace("BEGIN NEW CERTIFICATE", "BEGIN CERTIFICATE"),
    ];
    for text in variants {
        let csr = Csr::parse(&text).unwrap_or_else(|failure| panic!("{failure}: {text}"));
        assert_eq!(csr, expected, "{text}");
    }
    assert_eq!(expected.fingerprint().len(), 64);
    assert_ne!(
        expected.fingerprint(),
        Csr::parse(fixture!("p256")).unwrap().fingerprint()
    );
}

#[test]
fn texts_without_exactly_one_good_csr_are_refused() {
    let good = fixture!("p256");
    let der = pem::blocks(good).remove(0).der.unwrap();
    let mut tampered = der.clone();
    // A letter of the common name.
    let position = der
        .windows(7)
        .position(|window| window == b"example")
        .unwrap();
    tampered[position] ^= 1;
    let trailing = [der.clone(), vec![0]].concat();
    let armoured = |der: &[u8]| pem::armour("CERTIFICATE REQUEST", der);
    let cases: &[(String, &str)] = &[
        (
            String::new(),
            "there is no 'BEGIN CERTIFICATE REQUEST' in the text",
        ),
        (
            "hello".to_owned(),
            "there is no 'BEGIN CERTIFICATE REQUEST' in the text",
        ),
        (
            pem::armour("CERTIFICATE", &der),
            "the text holds 'CERTIFICATE' instead",
        ),
        (format!("{good}{good}"), "there are several in the text"),
        (
            good.lines().take(4).collect(),
            "it is cut off or is not base64 text",
        ),
        (
            good.replace("-----END", "!-----END"),
            "it is cut off or is not base64 text",
        ),
        (
            armoured(&der[..der.len() - 1]),
            "its content is not a certificate signing request",
        ),
        (
            armoured(b"no request"),
            "its content is not a certificate signing request",
        ),
        (armoured(&trailing), "there are extra bytes after its end"),
        (
            armoured(&tampered),
            "its signature is wrong, so it was changed or cut",
        ),
        (
            format!("{good}{}", " ".repeat(65_536)),
            "it is larger than 64 KiB",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(
            words(text),
            (Reason::BadCsr, (*expected).to_owned()),
            "{text:.100}"
        );
    }
}

#[test]
fn the_public_key_is_the_encoded_one() {
    let csr = csr(&["example.com"]);
    // SubjectPublicKeyInfo of P-256: 91 bytes with this beginning (RFC 5480).
    assert_eq!(csr.public_key().len(), 91);
    assert_eq!(&csr.public_key()[..4], &[0x30, 0x59, 0x30, 0x13]);
}
