//! Assembles and proves chains out of two arbitrary files.

#![no_main]

use std::sync::LazyLock;

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use pmssl::certificate::{Certificate, Csr, assemble};

static CSR: LazyLock<Csr> = LazyLock::new(|| {
    Csr::parse(include_str!("../../src/certificate/fixtures/p256.pem")).expect("a good fixture")
});

fuzz_target!(|data: &[u8]| {
    let (one, other) = data.split_at(data.len() / 2);
    let files = [
        ("whole".to_owned(), data.to_vec()),
        ("one".to_owned(), one.to_vec()),
        ("other".to_owned(), other.to_vec()),
    ];
    if let Ok(certificate) = Certificate::parse(&String::from_utf8_lossy(data)) {
        let again = Certificate::parse(&certificate.pem).expect("the normal form is readable");
        assert_eq!(again, certificate);
    }
    if let Ok(chain) = assemble(&files, &CSR) {
        let now = DateTime::from_timestamp(1_772_323_200, 0).expect("a moment of 2026");
        let _ = chain.prove(&CSR, CSR.names(), now);
        let stored = [("stored".to_owned(), chain.pem().into_bytes())];
        let again = assemble(&stored, &CSR).expect("what is stored is readable");
        assert_eq!(again.leaf, chain.leaf);
        for name in CSR.names() {
            chain.zip(name, true).expect("an archive can be written");
        }
    }
});
