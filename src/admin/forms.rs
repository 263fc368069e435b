//! `pmssl forms`: the platform's XML forms, generated from the descriptors.

use std::path::PathBuf;

use super::output::{AdminAnswer, View};
use crate::failure::{Failure, Reason};
use crate::module::MODULES;

/// Arguments of `pmssl forms`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  pmssl forms --out /usr/local/mgr5/etc/xml")]
pub(super) struct Arguments {
    /// Directory to write into, usually /usr/local/mgr5/etc/xml
    #[arg(long, value_name = "DIRECTORY")]
    out: PathBuf,
}

/// Name of a module's form file (billmanager.md 1.1).
pub(super) fn file_name(module: &str) -> String {
    format!("billmgr_mod_{module}.xml")
}

/// Writes `billmgr_mod_<module>.xml` for every module.
pub(super) fn run(view: &View, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let mut files = Vec::new();
    for module in MODULES {
        let file = arguments.out.join(file_name(module.name));
        std::fs::write(&file, module.xml_form()).map_err(|error| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
        })?;
        files.push(file.display().to_string());
    }
    if view.json {
        return Ok(AdminAnswer::done(
            view.json(&serde_json::json!({ "files": files }))?,
        ));
    }
    Ok(AdminAnswer::done(files.join("\n") + "\n"))
}
