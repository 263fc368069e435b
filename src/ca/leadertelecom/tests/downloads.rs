//! Downloads of every kind, told apart by their bytes.

use super::*;

fn read(status: u16, body: impl Into<Vec<u8>>) -> Result<Download, Failure> {
    download::read(&reply(status, body), &wire(&[]))
}

fn pem() -> String {
    certificate(&Delivery::new().leaf).pem
}

#[test]
fn a_delivery_is_taken_apart_whatever_it_is_wrapped_in() {
    let pem = pem();
    let key = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----";
    let json = json!({"data": {"certificate": pem, "bundle": [pem], "private_key": key}});
    for (body, names) in [
        (pem.clone(), &["certificate"][..]),
        (format!("subject=x\r\n{pem}{key}"), &["certificate"]),
        (json.to_string(), &["bundle", "certificate"]),
        (format!("\u{feff}{json}"), &["bundle", "certificate"]),
    ] {
        let Ok(Download::Files(files)) = read(200, body.clone()) else {
            panic!("{body}");
        };
        let found: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, names, "{body}");
        assert!(files.iter().all(|(_, content)| *content == pem.as_bytes()));
    }
}

#[test]
fn an_answer_without_a_certificate_means_not_yet() {
    for (status, body) in [
        (200, r#"{"error": "not issued"}"#),
        (200, r#"{"status": "processing"}"#),
        (200, "\u{feff}{\"status\": \"processing\"}"),
        (200, "[]"),
        (200, ""),
        (200, "  \n"),
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
fn what_an_archive_lacks_is_said() {
    let zip = |name: &str, content: &[u8]| {
        use std::io::Write as _;
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap().into_inner()
    };
    let inner = zip("shop.crt", pem().as_bytes());
    for (body, words) in [
        (zip("shop.zip", &inner), "the archive holds no certificate"),
        (
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(),
            "of a kind that is not read",
        ),
        (
            b"7z\xbc\xaf\x27\x1c\x00\x04".to_vec(),
            "of a kind that is not read",
        ),
        (b"\x7fELF".to_vec(), "neither an archive nor a certificate"),
    ] {
        let failure = read(200, body.clone()).unwrap_err();
        assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{body:?}");
        assert!(failure.words().contains(words), "{failure}");
    }
}

#[test]
fn trouble_and_rubbish_are_failures() {
    let cut = pem();
    let cut = &cut.as_bytes()[..cut.len() / 2];
    for (status, body, reason) in [
        (200, &b"<html>"[..], Reason::VendorTrouble),
        (200, b"\x7fELF", Reason::UnreadableAnswer),
        (200, b"{\"a\":", Reason::VendorTrouble),
        (
            200,
            b"-----BEGIN PRIVATE KEY-----",
            Reason::UnreadableAnswer,
        ),
        (200, b"PK\x03\x04 broken", Reason::UnreadableCertificate),
        (200, cut, Reason::UnreadableCertificate),
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
