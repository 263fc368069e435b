//! `install`, `uninstall`, `completions`, `man`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A root without the modules, as before the first installation, with a recording `xmlinstall`.
fn bare() -> Place {
    let place = Place::new();
    let root = place.world.root();
    for module in sandbox::layout::MODULES {
        fs::remove_file(root.join("processing").join(module)).unwrap();
    }
    let tool = root.join("sbin/xmlinstall");
    fs::write(&tool, "#!/bin/sh\necho \"$@\" >> var/xmlinstall.log\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
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
    assert_eq!(place.tell(&["man", "nothing"]).code, 2);
    assert_eq!(place.tell(&["completions", "tcsh"]).code, 2);
    let help = place.tell(&["--help"]).with(0);
    assert!(help.contains("Exit codes:"), "{help}");
}
