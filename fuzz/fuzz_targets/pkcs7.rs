//! Reads PKCS#7 in all its forms.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pmssl::certificate::pkcs7;

fuzz_target!(|data: &[u8]| {
    if let Ok(certificates) = pkcs7::certificates(data) {
        assert!(certificates.len() <= 128);
    }
});
