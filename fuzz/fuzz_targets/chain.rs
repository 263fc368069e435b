//! Assembles and proves chains out of two arbitrary files.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::chain(data));
