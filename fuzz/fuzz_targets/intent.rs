//! Stored intents.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::intent(data));
