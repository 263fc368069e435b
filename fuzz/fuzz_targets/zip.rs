//! Unpacks archives of vendors: never too much, never a name with a directory.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::zip(data));
