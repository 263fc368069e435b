//! The product with little memory: an answer of 100 MB or a document that unfolds without end must not be kept.

use std::path::{Path, PathBuf};

use crate::sandbox::binaries;

/// Address space of the process in KiB; a run without disturbance takes a fraction of it.
const ADDRESS_SPACE: u32 = 256 * 1024;

/// A program that runs the product under the module's name and with a limit.
pub fn limited_product(directory: &Path) -> PathBuf {
    let program = directory.join("limited.sh");
    let text = format!(
        "#!/bin/sh\nulimit -v {ADDRESS_SPACE}\nexec {} \"${{0##*/}}\" \"$@\"\n",
        binaries::pmssl().display()
    );
    binaries::write_script(&program, &text);
    program
}
