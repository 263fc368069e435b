//! The site's corrections to a vendor's table.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pmssl::hostile::overrides(data));
