//! Where the two programs are: the product's binary and this sandbox's own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The product: the one that cargo has built beside this program.
pub fn pmssl() -> PathBuf {
    profile_directory().join("pmssl")
}

/// The product as it is shipped, whatever this program was built as: the file that `PMSSL_SHIPPED` names, else the one
/// that is built here.
pub fn shipped_pmssl() -> PathBuf {
    made_elsewhere().unwrap_or_else(|| target_directory().join(SHIPPED).join("pmssl"))
}

/// The product for what is the same however it is built: the file that `PMSSL_SHIPPED` names, else the one beside this
/// program.
pub fn any_pmssl() -> PathBuf {
    made_elsewhere().unwrap_or_else(pmssl)
}

/// A binary that `.ci/binary` has made already need not be built a second time for this machine alone.
fn made_elsewhere() -> Option<PathBuf> {
    let named = std::env::var_os("PMSSL_SHIPPED").filter(|path| !path.is_empty())?;
    Some(std::path::absolute(&named).expect("the path in PMSSL_SHIPPED"))
}

/// The profile of what is shipped.
const SHIPPED: &str = "dist";

/// Builds the product when cargo runs the example, so that it cannot be older than the sources.
pub fn refresh_pmssl() {
    refresh(&pmssl(), || build(&["--bin", "pmssl"]));
}

/// The same for [`any_pmssl`].
pub fn refresh_any_pmssl() {
    match made_elsewhere() {
        Some(_) => refresh_shipped_pmssl(),
        None => refresh_pmssl(),
    }
}

/// The same for the product as it is shipped: with no other features than its own.
pub fn refresh_shipped_pmssl() {
    if let Some(path) = made_elsewhere() {
        assert!(
            path.is_file(),
            "PMSSL_SHIPPED names {}, which is no file",
            path.display()
        );
        return;
    }
    refresh(&shipped_pmssl(), || {
        build_as(SHIPPED, &["--package", "pmssl", "--bin", "pmssl"]);
    });
}

fn refresh(program: &Path, build: impl FnOnce()) {
    if std::env::var_os("CARGO").is_some() {
        eprintln!(
            "sandbox: making sure that {} is up to date",
            program.display()
        );
        build();
    }
    assert!(
        program.exists(),
        "no pmssl binary at {}; run cargo build first",
        program.display()
    );
}

/// What stands in the place of `mgrctl`: the small program of that name where cargo has built it for these sources
/// (`cargo test` does), else the example, which is `mgrctl`, too.
pub fn mgrctl() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let path = profile_directory().join("mgrctl");
        match is_sandbox() || changed(&path) < newest_source() {
            true => sandbox(),
            false => path,
        }
    })
    .clone()
}

/// The example. Built when it is missing or older than its sources.
pub fn sandbox() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if is_sandbox() {
            return own();
        }
        let path = profile_directory().join("examples/sandbox");
        if changed(&path) < newest_source() {
            build(&["--example", "sandbox"]);
        }
        assert!(path.exists(), "no sandbox program at {}", path.display());
        path
    })
    .clone()
}

fn own() -> PathBuf {
    std::env::current_exe().expect("the path of this program")
}

fn is_sandbox() -> bool {
    own().file_name().is_some_and(|name| name == "sandbox")
}

fn newest_source() -> SystemTime {
    newest(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// `target/<profile>`: this program lies in its `deps` or `examples`.
fn profile_directory() -> PathBuf {
    own()
        .ancestors()
        .nth(2)
        .expect("a target directory")
        .to_owned()
}

fn target_directory() -> PathBuf {
    let profile = profile_directory();
    profile.parent().expect("a target directory").to_owned()
}

/// Builds an example of another package into the same target directory: its path.
pub fn build_example_of(manifest: &Path, name: &str) -> PathBuf {
    let manifest = manifest.display().to_string();
    // What the product was built from is there; nothing may be fetched or chosen anew.
    build(&["--offline", "--manifest-path", &manifest, "--example", name]);
    profile_directory().join("examples").join(name)
}

fn build(what: &[&str]) {
    let directory = profile_directory();
    match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => build_as("dev", what),
        Some(name) => build_as(name, what),
    }
}

/// Runs unit tests of another package out of the same target directory: whether they pass, and what they say.
pub fn unit_tests_of(
    manifest: &Path,
    pattern: &str,
    environment: &[(&str, &str)],
) -> (bool, String) {
    let output = cargo()
        .args(["test", "--quiet", "--offline", "--lib", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target_directory())
        .arg(pattern)
        .envs(environment.iter().copied())
        .env_remove("PMSSL_PROOF")
        .output()
        .expect("cargo");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

fn build_as(profile: &str, what: &[&str]) {
    let status = cargo()
        .args(["build", "--quiet", "--profile", profile])
        .arg("--target-dir")
        .arg(target_directory())
        .args(what)
        // Standard output may be a protocol (`serve` prints one line of JSON).
        .stdout(Stdio::null())
        .status()
        .expect("cargo");
    assert!(status.success(), "cargo build {what:?} failed");
}

fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo tells a running test about its package would make build scripts, and with them half of
    // the dependencies, run again.
    let is_package = |name: &str| {
        [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in std::env::vars_os() {
        if is_package(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

fn changed(file: &Path) -> SystemTime {
    std::fs::metadata(file)
        .and_then(|data| data.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn newest(directory: &Path) -> SystemTime {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .map(|path| {
            if path.ends_with("tests") {
                // Its tests are no part of it.
                SystemTime::UNIX_EPOCH
            } else if path.is_dir() {
                newest(&path)
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                changed(&path)
            } else {
                SystemTime::UNIX_EPOCH
            }
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Writes a script that tests run.
///
/// A process of its own writes it. A file that this process has open for writing is open, too, in every child that
/// another thread is about to start at that moment, and the system runs no program that somebody writes.
pub fn write_script(path: &Path, text: &str) {
    let mut writer = Command::new("/bin/sh");
    writer
        .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped());
    let mut writer = writer.spawn().expect("a shell");
    let mut input = writer.stdin.take().expect("its input");
    input.write_all(text.as_bytes()).expect("the script");
    drop(input);
    assert!(
        writer.wait().expect("its end").success(),
        "{}",
        path.display()
    );
}

/// Copies a program that tests run, for the same reason by a process of its own.
pub fn copy_program(from: &Path, to: &Path) {
    let copied = Command::new("/bin/cp").arg(from).arg(to).status();
    assert!(copied.expect("cp").success(), "{}", to.display());
}
