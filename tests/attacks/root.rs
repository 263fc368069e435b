//! A directory of somebody else that looks like the platform: root must not run its mgrctl.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Tally;
use crate::sandbox;

const USUAL_ROOT: &str = "/usr/local/mgr5";

/// Another user than the one who runs the tests.
const NOBODY: u32 = 65534;

/// A planted platform whose mgrctl leaves a trace.
struct Planted {
    directory: tempfile::TempDir,
}

impl Planted {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["etc", "sbin", "processing", "var"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        let mgrctl = root.join("sbin/mgrctl");
        let trace = root.join("trace").display().to_string();
        sandbox::binaries::write_script(&mgrctl, &format!("#!/bin/sh\n/bin/touch '{trace}'\n"));
        for name in ["pmssl", "pmthesslstore"] {
            let link = root.join("processing").join(name);
            symlink(sandbox::binaries::pmssl(), link).unwrap();
        }
        Self { directory }
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    fn processing(&self) -> PathBuf {
        self.root().join("processing")
    }

    fn run(&self, program: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(words).env_clear();
        command.current_dir(self.processing()).output().unwrap()
    }

    fn was_used(&self) -> bool {
        self.root().join("trace").exists() || self.root().join("var/pmthesslstore.log").exists()
    }

    fn belongs_to(&self, user: u32) {
        for name in ["", "etc", "sbin", "processing", "var", "sbin/mgrctl"] {
            chown(self.root().join(name), Some(user), Some(user)).unwrap();
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn the_directory_one_stands_in_is_not_taken_for_the_platform() {
    if Path::new(USUAL_ROOT).exists() {
        eprintln!("skipped: {USUAL_ROOT} is here, and nothing is tried on it");
        return;
    }
    let mut tally = Tally::of("a local user, a planted platform");
    let planted = Planted::new();
    let tool = planted.processing().join("pmssl");
    let module = planted.processing().join("pmthesslstore");
    for (program, words) in [
        // Found through a search path, argv[0] has no slash.
        (sandbox::binaries::pmssl().as_path(), &["orders"][..]),
        (&tool, &["orders"]),
        (&tool, &["doctor"]),
        (Path::new("./pmssl"), &["balance"]),
        (&module, &["--command", "sync", "--item", "1"]),
    ] {
        let output = planted.run(program, words);
        assert!(!planted.was_used(), "{program:?} {words:?} {output:?}");
        assert!(!output.status.success(), "{program:?} {words:?}");
        tally.held();
    }
}

#[test]
fn root_runs_no_mgrctl_of_another_user() {
    if !is_root() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    let mut tally = Tally::of("a local user, a platform of his own");
    let planted = Planted::new();
    planted.belongs_to(NOBODY);
    let root = planted.root().display().to_string();
    let program = sandbox::binaries::pmssl();
    for subcommand in ["orders", "doctor", "daemon", "balance", "install"] {
        let output = planted.run(&program, &[subcommand, "--root", &root]);
        assert!(!planted.was_used(), "{subcommand} {output:?}");
        assert_eq!(output.status.code(), Some(1), "{subcommand} {output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains(&root), "{words}");
        assert!(
            words.contains("belongs to user 65534") && words.contains("chown"),
            "{words}"
        );
        tally.held();
    }
    let output = planted.run(&program, &["orders", "--root", &root, "--lang", "ru"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("принадлежит пользователю 65534"), "{words}");
}

#[test]
fn a_module_called_by_root_refuses_a_platform_that_others_can_change() {
    if !is_root() {
        eprintln!("skipped: another user may use what is his");
        return;
    }
    let mut tally = Tally::of("a local user, a platform that others can change");
    let planted = Planted::new();
    let sbin = planted.root().join("sbin");
    fs::set_permissions(&sbin, fs::Permissions::from_mode(0o777)).unwrap();
    let output = Command::new(planted.processing().join("pmthesslstore"))
        .args([
            "--command",
            "open",
            "--item",
            "1",
            "--runningoperation",
            "1",
        ])
        .env_clear()
        .env("PMSSL_MGR_ROOT", planted.root())
        .output()
        .unwrap();
    assert!(!planted.was_used(), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
    let document = String::from_utf8(output.stdout).unwrap();
    assert!(document.contains("pmssl_platform_file"), "{document}");
    assert!(document.contains(&sbin.display().to_string()), "{document}");
    assert!(document.contains("chmod go-w"), "{document}");
    tally.held();
}

#[test]
fn what_needs_no_platform_is_told_whatever_the_root_is() {
    let planted = Planted::new();
    if is_root() {
        planted.belongs_to(NOBODY);
    }
    let root = planted.root().display().to_string();
    let program = sandbox::binaries::pmssl();
    for words in [&["modules", "--root", &root][..], &["--version"]] {
        assert!(planted.run(&program, words).status.success(), "{words:?}");
    }
}
