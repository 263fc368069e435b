//! Reads CSRs: input as text and as the DER behind an armour.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::csr(data));
