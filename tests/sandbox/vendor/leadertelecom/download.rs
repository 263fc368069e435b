//! Files of an issued certificate in every container that a vendor might use, and in some hostile ones.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::VendorResponse;
use super::super::authority::{Authority, Content, LineEnds, block, pem, pkcs7};
use super::super::csr::Csr;
use super::reply::{answer, error};
use super::state::Certificate;
use super::switches::Switches;

/// Unpacked size of the hostile archive, in bytes.
const BOMB: usize = 12 * 1024 * 1024;

/// The answer to `download`.
pub fn download(one: &Certificate, authority: &Authority, switches: &Switches) -> VendorResponse {
    let Some(issued) = &one.issued else {
        return match switches.word("not_ready") {
            "not-found" => error(404, "Certificate is not issued yet"),
            "error-with-200" => error(200, "Certificate is not issued yet"),
            "json" => answer(200, &json!({"status": "processing"})),
            "empty" => VendorResponse::ok("application/octet-stream", ""),
            _ => error(500, "Certificate is not issued yet"),
        };
    };
    let (leaf, chain) = (issued.der.as_slice(), authority.intermediate());
    let root = authority.root();
    let lf = LineEnds::Lf;
    let text = |text: String| VendorResponse::ok("application/x-pem-file", text);
    match switches.word("download") {
        "zip" => zipped(&[
            (
                "AddTrustRoot.crt",
                pem(&[root], LineEnds::CrLf).into_bytes(),
            ),
            (
                "certs/issuer.crt",
                pem(&[chain], LineEnds::CrLf).into_bytes(),
            ),
            (
                "certs/domain.crt",
                pem(&[leaf], LineEnds::CrLf).into_bytes(),
            ),
            ("readme.txt", b"Thank you".to_vec()),
        ]),
        "pem" => text(pem(&[chain, leaf], lf)),
        "pkcs7" => VendorResponse::ok(
            "application/x-pkcs7-certificates",
            pkcs7(&[root, chain, leaf]),
        ),
        "pkcs7-pem" => text(block("PKCS7", &pkcs7(&[chain, leaf]), lf)),
        "json" => answer(
            200,
            &json!({"certificate": pem(&[leaf], lf), "ca_bundle": pem(&[chain, root], lf)}),
        ),
        "leaf-only" => text(pem(&[leaf], lf)),
        "foreign" => text(foreign(authority, one)),
        "bomb" => zipped(&[("domain.crt", vec![b'A'; BOMB])]),
        "path-trick" => zipped(&[
            ("../../etc/cron.d/domain.crt", pem(&[leaf], lf).into_bytes()),
            ("issuer.crt", pem(&[chain], lf).into_bytes()),
        ]),
        "with-key" => zipped(&[
            ("domain.crt", pem(&[leaf, chain], lf).into_bytes()),
            (
                "domain.key",
                block("PRIVATE KEY", &[1, 2, 3], lf).into_bytes(),
            ),
        ]),
        "cms" => text(block("CMS", &pkcs7(&[chain, leaf]), lf)),
        "base64" => text(STANDARD.encode(pkcs7(&[chain, leaf]))),
        "base64-zip" => {
            let files = [("domain.crt", pem(&[leaf, chain], lf).into_bytes())];
            text(STANDARD.encode(archive(&files)))
        }
        "utf16" => VendorResponse::ok("text/plain", wide(&pem(&[leaf, chain], LineEnds::CrLf))),
        "utf16-zip" => zipped(&[
            ("domain.crt", wide(&pem(&[leaf], LineEnds::CrLf))),
            ("issuer.crt", wide(&pem(&[chain], LineEnds::CrLf))),
        ]),
        "key-beside" => {
            let key = block("RSA PRIVATE KEY", &[1, 2, 3], lf);
            text(format!("{key}{}", pem(&[leaf, chain], lf)))
        }
        "marked-json" => {
            let value = json!({"certificate": pem(&[leaf], lf), "chain": pem(&[chain], lf)});
            VendorResponse::ok("application/json", format!("\u{feff}{value}"))
        }
        "json-base64" => answer(
            200,
            &json!({"file": STANDARD.encode(pkcs7(&[chain, leaf])), "kind": "p7b"}),
        ),
        "cut" => {
            let whole = pem(&[leaf], lf);
            text(whole[..whole.len() / 2].to_owned())
        }
        "html" => VendorResponse::ok("text/html", "<html><body>Sign in</body></html>"),
        "empty" => VendorResponse::ok("application/zip", ""),
        _ => VendorResponse::ok("application/zip", vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0]),
    }
}

/// A certificate of the same names with somebody else's key.
fn foreign(authority: &Authority, one: &Certificate) -> String {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(one.names.clone()).expect("names");
    let request = params.serialize_request(&key).expect("a request");
    let csr = Csr::parse(&request.pem().expect("text").replace("\r\n", "\n")).expect("a CSR");
    let content = Content {
        common_name: one.names[0].clone(),
        names: one.names.clone(),
        ..Content::default()
    };
    let issued = authority
        .issue(&csr, &content, one.bought)
        .expect("a certificate");
    pem(&[&issued.der, authority.intermediate()], LineEnds::Lf)
}

/// A text as panels on Windows save it.
fn wide(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("an entry");
        writer.write_all(content).expect("an entry");
    }
    writer.finish().expect("an archive").into_inner()
}

fn zipped(files: &[(&str, Vec<u8>)]) -> VendorResponse {
    let mut response = VendorResponse::ok("application/octet-stream", archive(files));
    let value = "attachment; filename=\"certificate\"".to_owned();
    response
        .headers
        .push(("content-disposition".to_owned(), value));
    response
}
