//! `install`, `uninstall`, `completions`, `man`.

use std::fs;
use std::path::PathBuf;

use super::*;

/// A root without the modules, as before the first installation, with a recording `xmlinstall`.
fn bare() -> Place {
    let place = Place::new();
    let root = place.world.root();
    for module in sandbox::layout::MODULES {
        fs::remove_file(root.join("processing").join(module)).unwrap();
    }
    let tool = root.join("sbin/xmlinstall");
    sandbox::binaries::write_script(&tool, "#!/bin/sh\necho \"$@\" >> var/xmlinstall.log\n");
    place
}

#[test]
fn an_installation_is_complete_repeatable_and_leaves_no_trace() {
    let place = bare();
    let root = place.world.root().to_owned();
    assert_eq!(place.tell(&["doctor"]).code, 1, "nothing is installed yet");
    let etc = place.directory.path().join("system-etc");
    let etc_text = etc.display().to_string();
    let before = listing(&root);

    let text = place.tell(&["install", "--dry-run"]).with(0);
    insta::assert_snapshot!("install-dry-run", place.plain(&text));
    assert_eq!(listing(&root), before);

    let text = place.tell(&["install", "--etc", &etc_text]).stdout;
    assert!(text.contains("make"), "{text}");
    for module in sandbox::layout::MODULES {
        let outcome = place.world.run_module(module, &["--command", "features"]);
        assert!(outcome.is_ok(), "{module}");
        let form = root.join(format!("etc/xml/billmgr_mod_{module}.xml"));
        let expected = pmssl::module::by_name(module).unwrap().xml_form();
        assert_eq!(fs::read_to_string(form).unwrap(), expected);
    }
    assert!(root.join("sbin/pmssl").exists());
    let rotation = fs::read_to_string(etc.join("logrotate.d/pmssl")).unwrap();
    assert!(rotation.contains(&root.display().to_string()), "{rotation}");
    assert!(!rotation.contains("/usr/local/mgr5"), "{rotation}");
    let calls = fs::read_to_string(root.join("var/xmlinstall.log")).unwrap();
    assert!(calls.contains("--meta-cache --apply"), "{calls}");
    let told = place.tell(&["doctor", "--quiet"]);
    assert_ne!(told.code, 1, "{told:?}");

    let text = place.tell(&["install", "--etc", &etc_text]).with(0);
    assert!(text.contains("nothing to do"), "{text}");

    let told = place.tell(&["uninstall"]);
    assert_eq!(told.code, 2, "an account uses a module: {told:?}");
    assert!(told.stderr.contains("--yes"), "{told:?}");
    place.tell(&["uninstall", "--yes", "--no-refresh"]).with(0);
    assert!(!etc.join("logrotate.d/pmssl").exists());
    let after = listing(&root);
    let left: Vec<_> = after.iter().filter(|file| !before.contains(file)).collect();
    assert!(left.iter().all(|file| file.starts_with("var/")), "{left:?}");
    assert!(before.iter().all(|file| after.contains(file)));
}

#[test]
fn a_database_whose_locks_do_not_hold_is_told_before_an_order_fails() {
    let place = bare();
    let database = place.world.database();
    database.set_cluster(Some(sandbox::database::Cluster::Galera));
    for words in [["install", "--dry-run"], ["install", "--no-refresh"]] {
        let told = place.tell(&words).with(3);
        assert!(told.contains("node of a Galera cluster"), "{told}");
    }
    let told = place.tell(&["--lang", "ru", "install"]).with(3);
    assert!(told.contains("узел кластера Galera"), "{told}");
    database.set_cluster(None);
    let told = place.tell(&["install"]).with(0);
    assert!(!told.contains("Galera"), "{told}");
}

/// Files and links below a directory, sockets and logs of the world aside.
fn listing(root: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for directory in ["processing", "etc/xml", "etc", "sbin", "var"] {
        for entry in fs::read_dir(root.join(directory)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            found.push(format!("{directory}/{name}"));
        }
    }
    found.sort();
    found
}

#[test]
fn modules_of_somebody_else_stay_unless_they_are_to_be_replaced() {
    let place = bare();
    let stock = place.world.root().join("processing/pmglobalsign");
    fs::write(&stock, "stock").unwrap();
    let words = ["install", "--modules", "pmglobalsign", "--no-refresh"];
    let told = place.tell(&words);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stdout.contains("--replace"), "{told:?}");
    assert_eq!(fs::read_to_string(&stock).unwrap(), "stock");
    place.tell(&[&words[..], &["--replace"]].concat()).with(0);
    assert!(fs::symlink_metadata(&stock).unwrap().is_symlink());
    let words = ["uninstall", "--modules", "pmglobalsign", "--no-refresh"];
    place.tell(&words).with(0);
    assert_eq!(fs::read_to_string(&stock).unwrap(), "stock");
}

#[test]
fn a_copy_serves_as_well_as_a_link() {
    let place = bare();
    let words = [
        "install",
        "--modules",
        MODULE,
        "--copy",
        "--no-refresh",
        "--json",
    ];
    let told = place.tell(&words);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.json()["files"][0]["deed"], "make");
    let outcome = place.world.run_module(MODULE, &["--command", "features"]);
    assert!(outcome.is_ok());
    let told = place.tell(&["doctor", "--quiet", "--json"]);
    assert!(!told.stdout.contains("module-"), "{told:?}");
}

/// A machine on which nothing of this program lies but one copied file: its `/usr/bin/pmssl` and `/etc`.
struct Machine {
    place: Place,
    program: PathBuf,
    etc: PathBuf,
}

impl Machine {
    fn new() -> Self {
        let place = bare();
        let machine = place.directory.path().join("machine");
        let program = machine.join("usr/bin/pmssl");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        sandbox::binaries::copy_program(&sandbox::binaries::pmssl(), &program);
        let etc = machine.join("etc");
        // Units of other programs: a place beside the program that must not be taken for ours.
        let others = etc.join("systemd");
        fs::create_dir_all(&others).unwrap();
        fs::write(others.join("other.service"), "[Service]\n").unwrap();
        Self {
            place,
            program: program.canonicalize().unwrap(),
            etc,
        }
    }

    fn tell(&self, words: &[&str]) -> Told {
        let etc = self.etc.display().to_string();
        let mut command = Command::new(&self.program);
        command.args(words);
        if words.contains(&"install") {
            command.args(["--no-refresh", "--etc", &etc]);
        }
        command
            .env_clear()
            .env("PMSSL_MGR_ROOT", self.place.world.root())
            .env("USER", "night-watch")
            .stdin(Stdio::null());
        self.place.finish(command)
    }

    fn units(&self) -> Vec<String> {
        let entries = fs::read_dir(self.etc.join("systemd/system"));
        let entries = entries.into_iter().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

const UNITS: [&str; 3] = ["pmssl-once.service", "pmssl-once.timer", "pmssl.service"];

#[test]
fn a_single_copied_file_installs_units_cron_line_and_rotation() {
    let machine = Machine::new();
    machine.tell(&["install"]).with(0);
    assert_eq!(machine.units(), UNITS);
    let text = |name: &str| fs::read_to_string(machine.etc.join(name)).unwrap();
    let program = machine.program.display().to_string();
    let root = machine.place.world.root().display().to_string();
    let unit = text("systemd/system/pmssl.service");
    assert!(
        unit.contains(&format!("ExecStart={program} daemon\n")),
        "{unit}"
    );
    assert!(
        unit.contains(&format!("WorkingDirectory={root}\n")),
        "{unit}"
    );
    let unit = text("systemd/system/pmssl-once.service");
    assert!(unit.contains(&format!("ExecStart={program} daemon --once\n")));
    assert!(text("logrotate.d/pmssl").contains(&root));
    // A cron line works at once, a unit when it is enabled: the line is put only when it is asked for.
    assert!(!machine.etc.join("cron.d/pmssl").exists());
    machine.tell(&["install", "--cron"]).with(0);
    let line = text("cron.d/pmssl");
    assert!(
        line.contains(&format!("root {program} daemon --once >/dev/null\n")),
        "{line}"
    );
    let told = machine.tell(&["install", "--dry-run"]).with(0);
    assert!(told.contains("cron.d/pmssl"), "an upgrade keeps it: {told}");

    machine
        .tell(&["uninstall", "--yes", "--no-refresh"])
        .with(0);
    assert_eq!(machine.units(), [""; 0]);
    assert!(!machine.etc.join("cron.d/pmssl").exists());
    assert!(machine.etc.join("systemd/other.service").exists());
}

#[test]
fn units_of_a_package_are_not_doubled() {
    for directory in ["lib/systemd/system", "usr/lib/systemd/system"] {
        let machine = Machine::new();
        machine.tell(&["install"]).with(0);
        assert_eq!(machine.units(), UNITS);
        let packaged = machine.etc.parent().unwrap().join(directory);
        fs::create_dir_all(&packaged).unwrap();
        fs::write(packaged.join("pmssl.service"), "[Service]\n").unwrap();
        // What an earlier installation by hand made would hide the package's units.
        let told = machine.tell(&["install"]).with(0);
        assert!(told.contains("remove"), "{told}");
        assert_eq!(machine.units(), [""; 0], "{directory}");
        let told = machine.tell(&["install"]).with(0);
        assert!(told.contains("nothing to do"), "{told}");
    }
}

#[test]
fn what_an_administrator_edited_is_kept_and_named() {
    let machine = Machine::new();
    machine.tell(&["install"]).with(0);
    let edited = ["logrotate.d/pmssl", "systemd/system/pmssl.service"];
    for name in edited {
        fs::write(machine.etc.join(name), "# mine\n").unwrap();
    }
    let told = machine.tell(&["install"]).with(0);
    for name in edited {
        let file = machine.etc.join(name).display().to_string();
        let line = told.lines().find(|line| line.contains(&file)).unwrap();
        assert!(line.starts_with("kept"), "{line}");
    }
    assert!(told.contains("--replace"), "{told}");
    let told = machine.tell(&["install", "--adopt"]).with(0);
    assert!(told.contains("kept"), "{told}");
    let told = machine.tell(&["--lang", "ru", "install"]).with(0);
    assert!(told.contains("сохранён"), "{told}");
    let told = machine.tell(&["install", "--json"]);
    let files = told.json()["files"].clone();
    let left = files.as_array().unwrap().iter();
    assert_eq!(left.filter(|file| file["deed"] == "leave").count(), 2);

    let told = machine
        .tell(&["uninstall", "--yes", "--no-refresh"])
        .with(0);
    for name in edited {
        let file = machine.etc.join(name);
        let shown = file.display().to_string();
        let line = told.lines().find(|line| line.contains(&shown)).unwrap();
        assert!(line.starts_with("kept"), "{line}");
        assert_eq!(fs::read_to_string(file).unwrap(), "# mine\n");
    }
    assert_eq!(machine.units(), ["pmssl.service"]);
    // A file that was there before is somebody's settings as well, and is moved aside when that is asked for.
    machine.tell(&["install", "--replace"]).with(0);
    let unit = fs::read_to_string(machine.etc.join("systemd/system/pmssl.service")).unwrap();
    assert!(unit.contains("ExecStart="), "{unit}");
}

#[test]
fn names_beside_are_accepted_as_well_as_plain_ones() {
    let place = bare();
    let names = "pmssl_thesslstore,pmglobalsign,pmthesslstore";
    let words = ["install", "--beside", "--no-refresh", "--modules", names];
    place.tell(&words).with(0);
    let mut found: Vec<_> = fs::read_dir(place.world.root().join("processing"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("pm"))
        .collect();
    found.sort();
    assert_eq!(found, ["pmssl_globalsign", "pmssl_thesslstore"]);
    for words in [
        &["install", "--beside", "--modules", "pmssl_nobody"][..],
        &["install", "--modules", "nobody"],
        &["uninstall", "--modules", "pmssl_nobody"],
    ] {
        let told = place.tell(words);
        assert_eq!(told.code, 2, "{told:?}");
        for name in ["pmthesslstore", "pmssl_thesslstore", "pmssl_enomssl"] {
            assert!(told.stderr.contains(name), "{name}: {told:?}");
        }
    }
}

#[test]
fn wrong_names_and_places_are_refused() {
    let place = Place::new();
    assert_eq!(place.tell(&["install", "--modules", "pmnobody"]).code, 2);
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().display().to_string();
    assert_eq!(place.tell(&["install", "--root", &root]).code, 2);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn completions_and_manual_are_printed() {
    let place = Place::new();
    for (shell, file) in [
        ("bash", "pmssl.bash"),
        ("zsh", "_pmssl"),
        ("fish", "pmssl.fish"),
    ] {
        let text = place.tell(&["completions", shell]).with(0);
        let shipped = format!("{}/etc/completions/{file}", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(text, fs::read_to_string(shipped).unwrap(), "{shell}");
    }
    assert!(place.tell(&["man"]).with(0).starts_with(".ie"));
    assert!(
        place
            .tell(&["man", "doctor"])
            .with(0)
            .contains("near\\-end")
    );
    let russian = place.tell(&["--lang", "ru", "man", "doctor"]).with(0);
    assert!(russian.contains(".SH \"ОПИСАНИЕ\"\n"), "{russian}");
    assert_eq!(place.tell(&["man", "nothing"]).code, 2);
    assert_eq!(place.tell(&["completions", "tcsh"]).code, 2);
    let help = place.tell(&["--help"]).with(0);
    assert!(help.contains("Exit codes:"), "{help}");
}
