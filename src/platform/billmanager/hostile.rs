//! Entry points for hostile input (see `crate::hostile`): what mgrctl prints, what configuration says.

use super::mgrctl;
use super::settings::{DatabaseSettings, Options};

/// A reply of mgrctl, with every ending of the program.
pub(crate) fn reply(data: &[u8]) {
    mgrctl::hostile(&String::from_utf8_lossy(data));
}

/// The lines of `billmgr.conf`.
pub(crate) fn options(text: &str) {
    read(&Options::of_text(text));
}

pub(super) fn read(options: &Options) {
    let _ = DatabaseSettings::from_options(options);
    let _ = (options.name_a_database(), options.platform_wait());
    assert!(!options.platform_limit().is_zero());
    let _ = options.key_file(std::path::Path::new("/"));
}
