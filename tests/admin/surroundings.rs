//! What stands around the program: rights, an installation, accounts, places to write, the way to the database. What is
//! wrong there is told once, with the one thing that helps.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::doctor::{healthy, ids};
use super::*;

#[test]
fn places_that_are_no_installation_are_named() {
    let place = Place::new();
    let ids = |root: &Path| -> Vec<String> {
        let root = root.display().to_string();
        let told = place.tell(&["doctor", "--root", &root, "--quiet", "--json"]);
        let list = told.json()["findings"].clone();
        let list = list.as_array().unwrap();
        list.iter()
            .map(|finding| finding["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(ids(empty.path()), ["no-root"]);
    for name in ["etc", "processing"] {
        fs::create_dir(empty.path().join(name)).unwrap();
    }
    fs::write(empty.path().join("var"), "").unwrap();
    assert!(ids(empty.path()).contains(&"log-failed".to_owned()));

    let directory = tempfile::tempdir().unwrap();
    let world = World::start(directory.path());
    assert!(ids(world.root()).contains(&"no-accounts".to_owned()));
}

/// Every subcommand says the same, and does nothing.
#[test]
fn a_place_without_billmanager_is_told_by_all_in_one_sentence() {
    let place = Place::new();
    let nowhere = place.directory.path().join("nowhere");
    fs::create_dir(&nowhere).unwrap();
    let root = nowhere.to_str().unwrap();
    let item = ["--item", "1"];
    let of_item = ["show", "sync", "plan", "resolve"].map(|name| [&[name][..], &item].concat());
    let others: [&[&str]; 9] = [
        &["orders"],
        &["forecast"],
        &["daemon", "--once"],
        &["balance"],
        &["check", "--all"],
        &["products", "--module", "1"],
        &["metrics"],
        &["install"],
        &["uninstall"],
    ];
    for words in of_item.iter().map(Vec::as_slice).chain(others) {
        let told = place.tell(&[words, &["--root", root]].concat());
        assert_eq!(told.code, 2, "{words:?}: {told:?}");
        for part in [root, "no BILLmanager", "--root", "PMSSL_MGR_ROOT"] {
            assert!(told.stderr.contains(part), "{words:?}: {told:?}");
        }
    }
    let listed = place.tell(&["doctor", "--list", "--root", root]).with(0);
    assert!(listed.contains("no-root"), "{listed}");
    assert_eq!(fs::read_dir(&nowhere).unwrap().count(), 0);
}

#[test]
fn without_an_account_nothing_is_called_good() {
    let place = Place::new();
    let directory = tempfile::tempdir().unwrap();
    let empty = World::start(directory.path());
    let root = ["--root", empty.root().to_str().unwrap()];
    let sentence = "no account of these modules is configured in BILLmanager";
    for words in [&["check", "--all"][..], &["balance"]] {
        let told = place.tell(&[words, &root].concat());
        assert_eq!(told.code, 3, "{words:?}: {told:?}");
        assert!(told.stderr.contains(sentence), "{words:?}: {told:?}");
        let told = place.tell(&[words, &root, &["--json"]].concat());
        assert_eq!(told.json()["error"]["type"], "pmssl_no_accounts");
        assert_eq!(told.code, 3, "{words:?}: {told:?}");
    }
    let told = place.tell(&[&["doctor", "--quiet"][..], &root].concat());
    assert!(
        told.stdout
            .contains("no account of an SSL module is configured"),
        "{told:?}"
    );
    let told = place.tell(&[&["doctor", "--nagios"][..], &root].concat());
    assert!(told.code > 0, "{told:?}");
    assert!(told.stdout.contains("look no-accounts: "), "{told:?}");
}

#[test]
fn places_that_cannot_be_written_are_named_once_with_what_is_wrong() {
    let place = healthy();
    let root = place.world.root().to_owned();
    let aside = root.join("aside");
    let found = || -> Vec<String> {
        let told = place.tell(&["doctor", "--quiet", "--json"]).json();
        let list = told["findings"].as_array().unwrap().clone();
        let of_paths = list.into_iter().filter(|one| one["id"] == "path-unusable");
        of_paths
            .map(|one| one["text"].as_str().unwrap().to_owned())
            .collect()
    };
    let no_directory = "it is not a directory";
    let no_file = "it is a directory where a file belongs";
    for (name, words) in [
        ("var/pmssl", no_directory),
        ("var/pmssl/spool", no_directory),
        ("var/pmssl/ledger", no_directory),
        ("var/pmssl/looks", no_directory),
        ("var/pmssl/policy", no_file),
        ("var/pmssl.log", no_file),
        ("var/pmthesslstore.log", no_file),
    ] {
        let path = root.join(name);
        let was_there = path.exists();
        if was_there {
            fs::rename(&path, &aside).unwrap();
        }
        match words {
            words if words == no_file => fs::create_dir(&path).unwrap(),
            _ => fs::write(&path, "").unwrap(),
        }
        let told = found();
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0].starts_with(&path.display().to_string()), "{told:?}");
        assert!(told[0].ends_with(words), "{name}: {told:?}");
        match words {
            words if words == no_file => fs::remove_dir(&path).unwrap(),
            _ => fs::remove_file(&path).unwrap(),
        }
        if was_there {
            fs::rename(&aside, &path).unwrap();
        }
    }
    assert_eq!(ids(&place), Vec::<String>::new());
    let directory = place.directory.path().display().to_string();
    place.world.set_option("SSLMetricsFile", &directory);
    let told = found();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("SSLMetricsFile "), "{told:?}");
    assert!(told[0].ends_with(no_file), "{told:?}");
    place
        .world
        .set_option("SSLMetricsFile", &format!("{directory}/pmssl.prom"));
    assert_eq!(ids(&place), Vec::<String>::new());
    // A missing log directory is told in plain words.
    fs::rename(root.join("var"), &aside).unwrap();
    let told = place.tell(&["doctor", "--quiet"]).with(1);
    fs::rename(&aside, root.join("var")).unwrap();
    assert!(told.contains("it does not exist"), "{told}");
    assert!(!told.contains("entity not found"), "{told}");
}

/// The address of the database as a number: to the program another machine, of which it knows no more.
fn far_database(place: &Place) -> String {
    place.world.use_database_port();
    let address = place.world.database().address();
    let IpAddr::V4(ip) = address.ip() else {
        panic!("{address} is no IPv4 address");
    };
    let number = format!("{}:{}", u32::from(ip), address.port());
    let file = place.world.root().join("etc/billmgr.conf.d/db.conf");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(&address.to_string(), &number)).unwrap();
    number
}

#[test]
fn plain_text_to_another_machine_is_named_and_refused_where_tls_is_demanded() {
    let place = healthy();
    let item = place.paid("one.example.com");
    let number = far_database(&place);
    let text = place.tell(&["doctor", "--quiet"]).with(3);
    assert!(text.contains(&number), "{text}");
    assert_eq!(ids(&place), ["database-plain"]);
    for word in ["require", "verify"] {
        place.world.set_option("SSLDBTls", word);
        let found = ids(&place);
        assert_eq!(found, ["database-failed"], "{word}");
        let text = place.tell(&["doctor", "--quiet"]).with(1);
        assert!(text.contains("SSLDBTls demands TLS"), "{word}: {text}");
        let outcome = place.world.perform(item, "open");
        assert!(!outcome.is_ok(), "{word}: {}", outcome.stdout);
    }
    // A word that is none is not taken for the default.
    place.world.set_option("SSLDBTls", "requier");
    let found = ids(&place);
    assert_eq!(found, ["option-broken", "database-failed"]);
    assert_eq!(place.world.vendor(MODULE).vendor().orders().len(), 0);
    // On this machine nothing is asked for that the server does not have.
    place.world.set_option("SSLDBTls", "prefer");
    place.world.use_database_port();
    assert_eq!(ids(&place), Vec::<String>::new());
}

#[test]
fn a_database_host_that_is_not_known_and_a_wrong_login_are_told_plainly() {
    let place = healthy();
    let file = place.world.root().join("etc/billmgr.conf.d/db.conf");
    place.world.use_database_port();
    let text = fs::read_to_string(&file).unwrap();
    let address = place.world.database().address().to_string();
    fs::write(&file, text.replace(&address, "no-such-host.invalid")).unwrap();
    let told = place.tell(&["doctor", "--quiet"]).with(1);
    assert!(told.contains("no-such-host.invalid"), "{told}");
    assert!(!told.contains("os error"), "{told}");
    fs::write(&file, text.replace("DBPassword ", "DBPassword wrong")).unwrap();
    let told = place.tell(&["doctor", "--quiet"]).with(1);
    assert_eq!(told.matches("Access denied").count(), 1, "{told}");
}

/// A wrong file of root certificates stops every call, so that whoever checks is told which option names it.
#[test]
fn a_wrong_file_of_root_certificates_is_told_with_its_option() {
    let place = healthy();
    place.world.set_option("SSLCaFile", "etc/no-such-file.pem");
    let told = place.tell(&["check", "--all"]).with(1);
    for words in ["SSLCaFile", "no-such-file.pem", "it does not exist"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// As another user, who may not read BILLmanager's settings: one thing helps, and it is the only one that is told.
#[test]
fn whoever_is_not_root_is_told_to_be_root_and_nothing_else() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can become another user");
        return;
    }
    let place = healthy();
    let directory = tempfile::tempdir().unwrap();
    let all = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("pmssl");
    sandbox::binaries::copy_program(&sandbox::binaries::pmssl(), &program);
    all(directory.path());
    all(&program);
    let shown = program.display().to_string();
    let root = place.world.root().display().to_string();
    let as_nobody = |words: &[&str]| -> Option<Told> {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", &shown])
            .args(words)
            .env_clear()
            .env("PMSSL_MGR_ROOT", &root)
            .stdin(Stdio::null());
        let output = command.output().ok()?;
        Some(Told {
            code: output.status.code()?,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        })
    };
    match as_nobody(&["modules"]) {
        Some(told) if told.code == 0 => {}
        other => {
            eprintln!("skipped: another user cannot run the program here: {other:?}");
            return;
        }
    }
    let told = as_nobody(&["doctor", "--json"]).unwrap();
    let findings = told.json()["findings"].as_array().unwrap().clone();
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["id"], "not-root");
    let remedy = format!("sudo {shown} doctor --json --root {root}");
    assert!(findings[0]["remedy"].as_str().unwrap().contains(&remedy));
    let told = as_nobody(&["doctor", "--nagios"]).unwrap();
    assert_eq!(told.code, 3, "{told:?}");
    assert!(told.stdout.starts_with("PMSSL UNKNOWN - "), "{told:?}");
    for words in [
        &["orders"][..],
        &["balance"],
        &["show", "--item", "1"],
        &["daemon", "--once"],
        &["install"],
    ] {
        let told = as_nobody(words).unwrap();
        assert_eq!(told.code, 1, "{words:?}: {told:?}");
        let remedy = format!("sudo {shown} {} --root {root}", words.join(" "));
        assert!(told.stderr.contains(&remedy), "{words:?}: {told:?}");
    }
}
