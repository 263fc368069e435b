//! `pmssl forms`: the platform's XML forms, generated from the descriptors.

use std::path::PathBuf;

use crate::failure::{Failure, Reason};
use crate::module::MODULES;

/// Arguments of `pmssl forms`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Directory to write into, usually /usr/local/mgr5/etc/xml.
    #[arg(long)]
    out: PathBuf,
}

/// Writes `billmgr_mod_<module>.xml` for every module.
pub(super) fn run(arguments: &Arguments) -> Result<String, Failure> {
    let mut text = String::new();
    for module in MODULES {
        let file = arguments
            .out
            .join(format!("billmgr_mod_{}.xml", module.name));
        std::fs::write(&file, module.xml_form()).map_err(|error| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
        })?;
        text.push_str(&format!("{}\n", file.display()));
    }
    Ok(text)
}
