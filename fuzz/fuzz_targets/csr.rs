//! Reads CSRs: input as text and as the DER behind an armour.

#![no_main]

use base64::Engine as _;
use libfuzzer_sys::fuzz_target;
use pmssl::certificate::Csr;

fuzz_target!(|data: &[u8]| {
    check(&String::from_utf8_lossy(data));
    let body = base64::engine::general_purpose::STANDARD.encode(data);
    check(&format!(
        "-----BEGIN CERTIFICATE REQUEST-----{body}-----END CERTIFICATE REQUEST-----"
    ));
});

fn check(text: &str) {
    if let Ok(csr) = Csr::parse(text) {
        let _ = csr.check_key();
        let again = Csr::parse(csr.pem()).expect("the normal form is readable");
        assert_eq!(again, csr);
    }
}
