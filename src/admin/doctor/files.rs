//! Module files and forms.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::findings::{self, Findings};
use crate::admin::context::AdminContext;
use crate::admin::forms;
use crate::module::{self, Module};
use crate::platform::billmanager::owner;
use crate::regular;

/// Largest file that may be this program, in bytes.
const PROGRAM: u64 = 512 * 1024 * 1024;

/// The client program, modules, forms, private files.
pub(super) fn examine(admin: &AdminContext, findings: &mut Findings<'_>) {
    let mgrctl = admin.root.join("sbin/mgrctl");
    if !std::fs::metadata(&mgrctl).is_ok_and(|data| data.is_file() && mode(&data) & 0o111 != 0) {
        findings.add(&findings::NO_MGRCTL, &shown(&mgrctl), "");
    }
    let mut installed = 0;
    for module in module::all() {
        let is_there = program(admin, module, findings);
        installed += usize::from(is_there);
        form(admin, module, is_there, findings);
    }
    if installed == 0 {
        let place = admin.root.join("processing");
        findings.add(&findings::NO_MODULES, &shown(&place), "");
    }
    let key = admin.root.join("etc/billmgr.pem");
    let lines = admin.root.join("etc/billmgr.conf.d/db.conf");
    let is_root = rustix::process::geteuid().is_root();
    for file in settings(&admin.root) {
        // Whoever can write it can read it, or let it be read: the graver word is enough.
        let Ok(data) = std::fs::metadata(&file) else {
            continue;
        };
        if is_others(data.uid(), data.gid(), mode(&data), is_root) {
            let who = format!("{}:{} {:o}", data.uid(), data.gid(), mode(&data));
            findings.add(&findings::SETTINGS_WRITABLE, &shown(&file), &who);
        } else if (file == key || file == lines) && mode(&data) & 0o004 != 0 {
            let mode = format!("{:o}", mode(&data));
            findings.add(&findings::READABLE_BY_ALL, &shown(&file), &mode);
        }
    }
}

/// What decides where orders, money and passwords go, and the directories in which it lies.
fn settings(root: &Path) -> Vec<PathBuf> {
    let etc = root.join("etc");
    let (lines, own) = (etc.join("billmgr.conf.d"), etc.join("pmssl"));
    let within = |directory: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut all = vec![
        etc.clone(),
        etc.join("billmgr.conf"),
        etc.join("billmgr.pem"),
    ];
    let is_conf = |file: &PathBuf| file.extension().is_some_and(|end| end == "conf");
    let (mut read, mut corrections) = (within(&lines), within(&own));
    read.retain(is_conf);
    // In an order that stays.
    read.sort();
    corrections.sort();
    all.push(lines);
    all.append(&mut read);
    all.push(own);
    all.append(&mut corrections);
    all
}

/// Whether others than root can change a file. What another user owns, or its group may write, counts where root
/// reads it: elsewhere that user is the one who runs the platform. Root's own group has no members but root.
fn is_others(user: u32, group: u32, mode: u32, is_root: bool) -> bool {
    mode & 0o002 != 0 || is_root && (user != 0 || mode & 0o020 != 0 && group != 0)
}

/// Whether something is installed under the module's name.
fn program(admin: &AdminContext, module: &Module, findings: &mut Findings<'_>) -> bool {
    let file = admin.root.join("processing").join(module.name);
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

/// The version of this program that is installed under the modules' names; `None` where there is none, or where it cannot
/// be asked.
pub(super) fn installed_version(admin: &AdminContext) -> Option<String> {
    module::all().find_map(|module| {
        let file = admin.root.join("processing").join(module.name);
        let data = std::fs::metadata(&file).ok()?;
        match identity(&file, &data) {
            Identity::This => Some(env!("CARGO_PKG_VERSION").to_owned()),
            Identity::OtherVersion => told_version(&file),
            Identity::Foreign => None,
        }
    })
}

/// The version that a program of ours says it is. It runs with this user's rights: nobody else may have changed it.
fn told_version(file: &Path) -> Option<String> {
    let program = owner::check_program(file).ok()?;
    let mut command = Command::new(program);
    let output = command
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    // A module answers with the number alone, the administrator's tool with its name before it.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().last().map(str::to_owned)
}

fn form(admin: &AdminContext, module: &Module, installed: bool, findings: &mut Findings<'_>) {
    let file = admin
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_others_by_owner_group_and_mode() {
        for (user, group, mode, by_root, by_others) in [
            (0, 0, 0o644, false, false),
            (0, 0, 0o600, false, false),
            (0, 0, 0o664, false, false),
            (0, 50, 0o644, false, false),
            (0, 50, 0o664, true, false),
            (0, 0, 0o666, true, true),
            (0, 0, 0o602, true, true),
            (0, 0, 0o1777, true, true),
            (1000, 0, 0o600, true, false),
        ] {
            let about = format!("{user}:{group} {mode:o}");
            assert_eq!(is_others(user, group, mode, true), by_root, "{about}");
            assert_eq!(is_others(user, group, mode, false), by_others, "{about}");
        }
    }

    #[test]
    fn everything_that_is_read_as_settings_is_looked_at() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["etc/billmgr.conf.d", "etc/pmssl"] {
            std::fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        for file in [
            "billmgr.conf.d/b.conf",
            "billmgr.conf.d/a.conf",
            "billmgr.conf.d/a.bak",
            "pmssl/pmx.conf",
        ] {
            std::fs::write(root.path().join("etc").join(file), "").unwrap();
        }
        let found: Vec<String> = settings(root.path())
            .iter()
            .map(|file| shown(file.strip_prefix(root.path()).unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                "etc",
                "etc/billmgr.conf",
                "etc/billmgr.pem",
                "etc/billmgr.conf.d",
                "etc/billmgr.conf.d/a.conf",
                "etc/billmgr.conf.d/b.conf",
                "etc/pmssl",
                "etc/pmssl/pmx.conf",
            ]
        );
    }
}
