//! Downloads of every kind, told apart by their bytes.

use super::*;

fn read(status: u16, body: impl Into<Vec<u8>>) -> Result<Download, Failure> {
    download::read(&reply(status, body), &wire(&[]))
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

#[test]
fn a_pem_text_is_one_file_whatever_stands_before_it() {
    for text in [
        PEM.to_owned(),
        format!("\n{PEM}"),
        format!("subject=x\r\n{PEM}{PEM}"),
    ] {
        let Ok(Download::Files(files)) = read(200, text.clone()) else {
            panic!("{text}");
        };
        assert_eq!(files, [("certificate.pem".to_owned(), text.into_bytes())]);
    }
}

#[test]
fn der_is_handed_on_and_json_is_searched_for_certificates() {
    let Ok(Download::Files(files)) = read(200, [0x30, 0x82, 1, 2]) else {
        panic!("no file");
    };
    assert_eq!(files[0].1, [0x30, 0x82, 1, 2]);
    let body = json!({"data": {"certificate": PEM, "bundle": [PEM], "private_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"}});
    let Ok(Download::Files(files)) = read(200, body.to_string()) else {
        panic!("no file");
    };
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["bundle.pem", "certificate.pem"]);
}

#[test]
fn an_answer_without_a_certificate_means_not_yet() {
    for (status, body) in [
        (200, r#"{"error": "not issued"}"#),
        (200, r#"{"status": "processing"}"#),
        (200, "[]"),
        (404, r#"{"error": "not issued"}"#),
        (404, "<h1>404</h1>"),
        (422, ""),
    ] {
        assert!(
            matches!(read(status, body), Ok(Download::NotYet(_))),
            "{status} {body}"
        );
    }
}

#[test]
fn trouble_and_rubbish_are_failures() {
    for (status, body, reason) in [
        (200, &b""[..], Reason::UnreadableAnswer),
        (200, b"  \n", Reason::UnreadableAnswer),
        (200, b"<html>", Reason::UnreadableAnswer),
        (200, b"\x7fELF", Reason::UnreadableAnswer),
        (200, b"{\"a\":", Reason::UnreadableAnswer),
        (
            200,
            b"-----BEGIN PRIVATE KEY-----",
            Reason::UnreadableAnswer,
        ),
        (200, b"PK\x03\x04 broken", Reason::UnreadableCertificate),
        (200, b"PK", Reason::UnreadableCertificate),
        (401, b"{\"error\":\"who\"}", Reason::BadCredentials),
        (500, b"{\"error\":\"no\"}", Reason::VendorTrouble),
        (503, b"", Reason::VendorTrouble),
    ] {
        let failure = read(status, body).unwrap_err();
        assert_eq!(
            failure.reason(),
            reason,
            "{status} {}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn a_pem_file_that_also_holds_a_key_is_not_kept() {
    let text = format!("{PEM}-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n");
    assert!(read(200, text).is_err());
}
