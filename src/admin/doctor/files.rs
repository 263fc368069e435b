//! Module files and forms.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::findings::{self, Findings};
use crate::admin::forms;
use crate::admin::scene::Scene;
use crate::module::{self, Module};
use crate::regular;

/// Largest file that may be this program, in bytes.
const PROGRAM: u64 = 512 * 1024 * 1024;

/// Whether there is a platform at all.
pub(super) fn examine_root(scene: &Scene, findings: &mut Findings<'_>) -> bool {
    let root = &scene.root;
    if !scene.is_platform() {
        findings.add(&findings::NO_ROOT, &shown(root), "");
        return false;
    }
    let mgrctl = root.join("sbin/mgrctl");
    if !std::fs::metadata(&mgrctl).is_ok_and(|data| data.is_file() && mode(&data) & 0o111 != 0) {
        findings.add(&findings::NO_MGRCTL, &shown(&mgrctl), "");
    }
    true
}

/// Modules, forms, private files.
pub(super) fn examine(scene: &Scene, findings: &mut Findings<'_>) {
    let mut installed = 0;
    for module in module::all() {
        let is_there = program(scene, module, findings);
        installed += usize::from(is_there);
        form(scene, module, is_there, findings);
    }
    if installed == 0 {
        let place = scene.root.join("processing");
        findings.add(&findings::NO_MODULES, &shown(&place), "");
    }
    let lines = scene.root.join("etc/billmgr.conf.d/db.conf");
    for file in [scene.root.join("etc/billmgr.pem"), lines] {
        if let Ok(data) = std::fs::metadata(&file)
            && mode(&data) & 0o004 != 0
        {
            let mode = format!("{:o}", mode(&data));
            findings.add(&findings::READABLE_BY_ALL, &shown(&file), &mode);
        }
    }
}

/// Whether something is installed under the module's name.
fn program(scene: &Scene, module: &Module, findings: &mut Findings<'_>) -> bool {
    let file = scene.root.join("processing").join(module.name);
    let name = shown(&file);
    let Ok(own) = std::fs::symlink_metadata(&file) else {
        return false;
    };
    let Ok(data) = std::fs::metadata(&file) else {
        let target = std::fs::read_link(&file).unwrap_or_default();
        findings.add(&findings::MODULE_DANGLING, &name, &shown(&target));
        return true;
    };
    let mode_text = format!("{:o}", mode(&data));
    if mode(&data) & 0o111 == 0 || !data.is_file() {
        findings.add(&findings::MODULE_NOT_EXECUTABLE, &name, &mode_text);
        return true;
    }
    if mode(&data) & 0o002 != 0 {
        findings.add(&findings::WRITABLE_BY_ALL, &name, &mode_text);
    }
    match identity(&file, &data) {
        Identity::This => findings.add(&findings::MODULE_GOOD, module.name, ""),
        Identity::OtherVersion => findings.add(&findings::MODULE_VERSION, &name, ""),
        Identity::Foreign => {
            let target = if own.is_symlink() {
                std::fs::canonicalize(&file).unwrap_or_else(|_| file.clone())
            } else {
                file.clone()
            };
            findings.add(&findings::MODULE_FOREIGN, &name, &shown(&target));
        }
    }
    true
}

enum Identity {
    This,
    OtherVersion,
    Foreign,
}

/// Text that every version of this program holds (and of which no other program has a reason to).
const MARK: &[u8] = b"'pmssl help' shows what an administrator can do.";

/// Whether a program file is this very program, another version, or something else.
fn identity(file: &Path, data: &Metadata) -> Identity {
    let this = std::env::current_exe().and_then(std::fs::canonicalize);
    let that = std::fs::canonicalize(file);
    if let (Ok(this), Ok(that)) = (&this, &that)
        && this == that
    {
        return Identity::This;
    }
    let Ok(content) = regular::read(file, PROGRAM) else {
        return Identity::Foreign;
    };
    let same_size = this
        .as_ref()
        .ok()
        .and_then(|this| std::fs::metadata(this).ok())
        .is_some_and(|this| this.len() == data.len());
    if same_size && this.is_ok_and(|this| std::fs::read(this).is_ok_and(|own| own == content)) {
        return Identity::This;
    }
    if content.windows(MARK.len()).any(|window| window == MARK) {
        Identity::OtherVersion
    } else {
        Identity::Foreign
    }
}

fn form(scene: &Scene, module: &Module, installed: bool, findings: &mut Findings<'_>) {
    let file = scene
        .root
        .join("etc/xml")
        .join(forms::file_name(module.name));
    let name = shown(&file);
    match (regular::read_text(&file, regular::SETTINGS), installed) {
        (Err(_), false) => {}
        (Err(_), true) => findings.add(&findings::FORM_MISSING, &name, ""),
        (Ok(_), false) => findings.add(&findings::FORM_ALONE, &name, ""),
        (Ok(text), true) if text == module.xml_form() => {
            findings.add(&findings::FORM_GOOD, module.name, "");
        }
        (Ok(_), true) => findings.add(&findings::FORM_OLD, &name, ""),
    }
}

fn mode(data: &Metadata) -> u32 {
    data.permissions().mode() & 0o7777
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
