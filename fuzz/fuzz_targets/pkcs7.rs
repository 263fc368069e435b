//! Reads PKCS#7 in all its forms.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::pkcs7(data));
