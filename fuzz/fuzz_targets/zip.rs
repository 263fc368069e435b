//! Unpacks archives of vendors: never too much, never a name with a directory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pmssl::certificate::files_from_zip;

fuzz_target!(|data: &[u8]| {
    if let Ok(files) = files_from_zip(data) {
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        assert!(bytes <= 8 * 1024 * 1024);
        for (name, _) in files {
            assert!(!name.is_empty() && name != ".." && !name.contains(['/', '\\', '\0']));
        }
    }
});
