//! Deliveries in every wrapping that vendors and their panels use.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use super::bundles::archive;
use crate::certificate::testing::{Delivery, certificate};
use crate::certificate::{assemble, files_of_delivery, pem, pkcs7};
use crate::failure::Reason;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";

/// A text in UTF-16, with the mark in front or without.
fn wide(text: &str, is_marked: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = is_marked.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units.flat_map(unit).collect()
}

fn columns(text: &str, width: usize) -> String {
    let lines = text.as_bytes().chunks(width).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\r\n")
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn every_wrapping_is_taken_off_and_nothing_but_certificates_is_kept() {
    let delivery = Delivery::new();
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    let (text, bag) = (chain.pem(), chain.pkcs7());
    let leaf = &chain.leaf;
    let issuer = certificate(&delivery.intermediate.pem);
    let private = rcgen::KeyPair::generate().unwrap().serialize_der();
    let base64 = STANDARD.encode(&bag);
    let both = |leaf: &[u8], issuer: &[u8]| {
        archive(&[
            ("domain.crt", leaf),
            ("certs/issuer.crt", issuer),
            ("readme.txt", b"Thank you"),
        ])
    };
    let lines = [&leaf.der, &issuer.der].map(|der| STANDARD.encode(der));
    let lines = lines.join("\r\n");
    let wide_leaf = wide(&leaf.pem, true, u16::to_le_bytes);
    let wide_issuer = wide(&issuer.pem, false, u16::to_be_bytes);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("PEM", text.clone().into()),
        (
            "PEM with other line ends",
            text.replace('\n', "\r\n").into(),
        ),
        (
            "PEM with line ends written out",
            text.replace('\n', "\\n").into(),
        ),
        (
            "PEM between words",
            format!("subject=x\n{text}\nbye").into(),
        ),
        ("PKCS#7", bag.clone()),
        ("label PKCS7", pem::armour("PKCS7", &bag).into()),
        (
            "label PKCS #7",
            pem::armour("PKCS #7 SIGNED DATA", &bag).into(),
        ),
        ("label CMS", pem::armour("CMS", &bag).into()),
        (
            "a bag under the label of a certificate",
            pem::armour("CERTIFICATE", &bag).into(),
        ),
        (
            "the label of another program",
            text.replace("CERTIFICATE-----", "X.509 CERTIFICATE-----")
                .into(),
        ),
        ("DER behind DER", [&leaf.der[..], &issuer.der].concat()),
        (
            "DER behind DER, issuer first",
            [&issuer.der[..], &leaf.der].concat(),
        ),
        (
            "base64 behind base64 in JSON",
            json!({ "crt": lines }).to_string().into(),
        ),
        (
            "base64 of web addresses",
            URL_SAFE
                .encode(both(leaf.pem.as_bytes(), issuer.pem.as_bytes()))
                .into(),
        ),
        (
            "hexadecimal digits",
            data_encoding::HEXUPPER.encode(&bag).into(),
        ),
        ("bare base64", base64.clone().into()),
        ("bare base64 in lines", columns(&base64, 76).into()),
        (
            "bare base64 of a zip",
            STANDARD
                .encode(both(leaf.pem.as_bytes(), issuer.pem.as_bytes()))
                .into(),
        ),
        ("bare base64 of PEM", STANDARD.encode(&text).into()),
        ("UTF-8 with a mark", format!("\u{feff}{text}").into()),
        ("UTF-16", wide(&text, true, u16::to_le_bytes)),
        (
            "UTF-16, the other way round",
            wide(&text, true, u16::to_be_bytes),
        ),
        (
            "UTF-16 without a mark",
            wide(&text, false, u16::to_le_bytes),
        ),
        (
            "bare base64 in UTF-16",
            wide(&base64, true, u16::to_le_bytes),
        ),
        (
            "zip of PEM",
            both(leaf.pem.as_bytes(), issuer.pem.as_bytes()),
        ),
        ("zip of DER", both(&leaf.der, &issuer.der)),
        ("zip of UTF-16", both(&wide_leaf, &wide_issuer)),
        (
            "zip of bare base64",
            both(
                STANDARD.encode(&leaf.der).as_bytes(),
                STANDARD.encode(&issuer.der).as_bytes(),
            ),
        ),
        (
            "zip with keys",
            archive(&[
                ("a.crt", text.as_bytes()),
                ("a.key", KEY.as_bytes()),
                ("b.key", &private),
            ]),
        ),
        ("key in front", format!("{KEY}{text}").into()),
        ("key behind", format!("{text}{KEY}").into()),
        (
            "JSON",
            json!({"crt": leaf.pem, "ca": [issuer.pem], "key": KEY})
                .to_string()
                .into(),
        ),
        (
            "JSON with a mark",
            format!("\u{feff}{}", json!({ "crt": text })).into(),
        ),
        (
            "JSON with base64",
            json!({"file": {"content": base64}}).to_string().into(),
        ),
        (
            "JSON with the base64 of a zip",
            json!([STANDARD.encode(both(&leaf.der, &issuer.der))])
                .to_string()
                .into(),
        ),
        (
            "JSON with the address of a zip",
            json!({"url": format!(
                "data:application/zip;base64,{}",
                STANDARD.encode(both(&leaf.der, &issuer.der))
            )})
            .to_string()
            .into(),
        ),
        (
            "an address of PEM",
            format!(
                "data:application/x-pem-file;base64,{}",
                STANDARD.encode(&text)
            )
            .into(),
        ),
        (
            "zip behind blanks",
            [b"\r\n ".as_slice(), both(&leaf.der, &issuer.der).as_slice()].concat(),
        ),
        (
            "zip behind a mark",
            [
                b"\xef\xbb\xbf".as_slice(),
                both(&leaf.der, &issuer.der).as_slice(),
            ]
            .concat(),
        ),
        (
            "PKCS#7 behind blanks",
            [b"\n\n".as_slice(), bag.as_slice()].concat(),
        ),
        (
            "PKCS#7 behind a mark",
            [b"\xef\xbb\xbf\n".as_slice(), bag.as_slice()].concat(),
        ),
        (
            "JSON quoted twice",
            json!({"crt": text.replace('\n', "\\n")}).to_string().into(),
        ),
        ("JSON quoted twice, slashes included", {
            let quoted = text.replace('/', "\\/").replace('\n', "\\n");
            json!({ "crt": quoted }).to_string().into()
        }),
        (
            "PEM with slashes written out",
            text.replace('/', "\\/").into(),
        ),
        ("one JSON text", json!(text).to_string().into()),
    ];
    println!("proof: {} wrappings of a delivery read", cases.len());
    for (what, content) in cases {
        let files =
            files_of_delivery(&content).unwrap_or_else(|failure| panic!("{what}: {failure}"));
        let files = files.unwrap_or_else(|| panic!("{what}: nothing"));
        assert_eq!(assemble(&files, &delivery.csr).unwrap(), chain, "{what}");
        for (_, content) in &files {
            let text = String::from_utf8_lossy(content);
            assert!(!text.contains("PRIVATE") && *content != private, "{what}");
        }
    }
}

#[test]
fn what_claims_nothing_is_no_delivery() {
    let delivery = Delivery::new();
    let archive = archive(&[("readme.txt", b"Thank you"), ("a.key", KEY.as_bytes())]);
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" \r\n".into(),
        b"<html><body>Sign in</body></html>".into(),
        br#"{"status": "processing", "id": 7, "error": null}"#.into(),
        b"not yet".into(),
        b"QUJD".into(),
        br#"{"serial": "3082451100aa", "hash": "30820000aabbccddeeff00112233445566"}"#.into(),
        b"PK".into(),
        b"\x7fELF\x02\x01".into(),
        delivery.csr.pem().into(),
        KEY.into(),
        json!({ "key": KEY }).to_string().into(),
        archive,
    ];
    for content in cases {
        let found = files_of_delivery(&content).unwrap();
        assert_eq!(found, None, "{}", String::from_utf8_lossy(&content));
    }
}

#[test]
fn a_delivery_that_cannot_be_read_is_a_failure_and_not_nothing() {
    let delivery = Delivery::new();
    let leaf = certificate(&delivery.leaf);
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    let cut = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let whole = archive(&[("a.crt", leaf.pem.as_bytes())]);
    let cases = [
        ("a cut PEM", cut(leaf.pem.as_bytes())),
        (
            "a cut one under an unknown label",
            pem::armour("X.509 CERTIFICATE", &cut(&leaf.der)).into(),
        ),
        ("words in armour", leaf.pem.replace("MII", "not").into()),
        ("a cut certificate", cut(&leaf.der)),
        ("a cut PKCS#7", cut(&chain.pkcs7())),
        (
            "a PKCS#7 without certificates",
            pem::armour("CMS", &pkcs7::bag([].iter())).into(),
        ),
        ("a cut zip", cut(&whole)),
        (
            "a zip of a cut certificate",
            archive(&[("a.crt", &cut(&leaf.der))]),
        ),
        (
            "JSON with a cut PEM",
            json!({"crt": &leaf.pem[..400]}).to_string().into(),
        ),
    ];
    for (what, content) in cases {
        let failure = files_of_delivery(&content).expect_err(what);
        assert_eq!(failure.reason(), Reason::UnreadableCertificate, "{what}");
    }
    // One damaged file among good ones is no harm.
    let files = archive(&[("a.crt", leaf.pem.as_bytes()), ("b.crt", &cut(&leaf.der))]);
    assert_eq!(files_of_delivery(&files).unwrap().unwrap().len(), 1);
}
