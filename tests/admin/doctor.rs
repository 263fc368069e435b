//! `doctor`: each thing broken one by one is named.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};

use super::*;

/// A world in which nothing is wrong.
fn healthy() -> Place {
    let place = Place::new();
    let root = place.world.root().to_owned();
    let told = place.tell(&[
        "forms",
        "--out",
        &root.join("etc/xml").display().to_string(),
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    place
}

/// Identifiers of what is not good.
fn ids(place: &Place) -> Vec<String> {
    let told = place.tell(&["doctor", "--quiet", "--json"]);
    let document = told.json();
    let list = document["findings"].as_array().unwrap();
    let ids: Vec<String> = list
        .iter()
        .map(|finding| {
            assert_ne!(finding["remedy"], "", "{finding}");
            finding["id"].as_str().unwrap().to_owned()
        })
        // A busy machine's disk may be low.
        .filter(|id| !id.starts_with("disk-"))
        .collect();
    let bad = list.iter().any(|finding| finding["gravity"] == "bad");
    let expected = if bad {
        1
    } else {
        i32::from(!list.is_empty()) * 3
    };
    assert_eq!(told.code, expected, "{told:?}");
    ids
}

#[test]
fn a_healthy_installation_is_all_good() {
    let place = healthy();
    place.issued("one.example.com");
    assert_eq!(ids(&place), Vec::<String>::new());
    let text = place.tell(&["doctor"]).stdout;
    for word in [
        "module pmthesslstore is installed",
        "can be read",
        "all is well",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let text = place.tell(&["doctor", "--lang", "ru"]).stdout;
    assert!(text.contains("модуль pmthesslstore установлен"), "{text}");
}

#[test]
fn broken_files_are_named() {
    let place = healthy();
    let root = place.world.root().to_owned();
    let module = root.join("processing").join(MODULE);
    let form = root.join(format!("etc/xml/billmgr_mod_{MODULE}.xml"));
    let original = fs::read_link(&module).unwrap();

    fs::remove_file(&module).unwrap();
    assert_eq!(ids(&place), ["form-alone"]);
    symlink("/nonexistent/pmssl", &module).unwrap();
    assert_eq!(ids(&place), ["module-dangling"]);
    fs::remove_file(&module).unwrap();
    fs::write(&module, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&module, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(ids(&place), ["module-not-executable"]);
    fs::set_permissions(&module, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(ids(&place), ["writable-by-all", "module-foreign"]);
    fs::remove_file(&module).unwrap();
    symlink(&original, &module).unwrap();

    let text = fs::read_to_string(&form).unwrap();
    fs::write(&form, text.replace("TheSSLStore", "The Store")).unwrap();
    assert_eq!(ids(&place), ["form-old"]);
    fs::remove_file(&form).unwrap();
    assert_eq!(ids(&place), ["form-missing"]);
    fs::write(&form, text).unwrap();

    place.world.set_mgrctl_missing(true);
    assert_eq!(ids(&place), ["no-mgrctl"]);
    place.world.set_mgrctl_missing(false);

    fs::write(root.join("etc/billmgr.DoNothing"), "").unwrap();
    assert_eq!(ids(&place), ["do-nothing"]);
    fs::remove_file(root.join("etc/billmgr.DoNothing")).unwrap();

    let key = root.join("etc/billmgr.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(ids(&place), ["readable-by-all"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    fs::create_dir_all(root.join("var/pmssl/spool")).unwrap();
    fs::write(root.join("var/pmssl/spool/item-7.json"), "{}").unwrap();
    assert_eq!(ids(&place), ["spool"]);
    fs::remove_file(root.join("var/pmssl/spool/item-7.json")).unwrap();
    assert_eq!(ids(&place), Vec::<String>::new());
}

#[test]
fn mistakes_in_settings_are_named_with_their_lines() {
    let place = healthy();
    let root = place.world.root().to_owned();
    fs::write(root.join("etc/debug.conf"), "* 9\npmthesslstore.* twelve\n").unwrap();
    assert_eq!(ids(&place), ["debug-conf"]);
    let text = place.tell(&["doctor"]).stdout;
    assert!(text.contains("debug.conf, line 2"), "{text}");
    fs::write(root.join("etc/debug.conf"), "* 9\n").unwrap();

    place.world.set_option("SSLReadTimeout", "soon");
    assert_eq!(ids(&place), ["option"]);
    place.world.set_option("SSLReadTimeout", "2");
    place.world.set_option("SSLCaFile", "etc/no-such-file.pem");
    assert_eq!(ids(&place), ["roots"]);
}

#[test]
fn database_and_key_troubles_are_named() {
    let place = healthy();
    let root = place.world.root().to_owned();
    let conf = root.join("etc/billmgr.conf.d/db.conf");
    let good = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, "DBName billmgr\nDBSocket /nonexistent/socket\n").unwrap();
    assert!(ids(&place).contains(&"database-failed".to_owned()));
    let wrong = good.replace("DBPassword ", "DBPassword wrong");
    fs::write(&conf, wrong).unwrap();
    assert!(ids(&place).contains(&"database-failed".to_owned()));
    fs::write(&conf, good).unwrap();
    fs::set_permissions(&conf, fs::Permissions::from_mode(0o600)).unwrap();

    let key = root.join("etc/billmgr.pem");
    let good = fs::read_to_string(&key).unwrap();
    fs::write(&key, "no key").unwrap();
    assert_eq!(ids(&place), ["key-failed"]);
    fs::write(&key, good).unwrap();

    let other = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
    let other = other.to_pkcs1_pem(LineEnding::LF).unwrap();
    fs::write(&key, other.as_bytes()).unwrap();
    assert_eq!(ids(&place), ["account-secret"]);
    let place = healthy();
    place
        .world
        .set_setting(place.account, "partner_code", "", false);
    assert_eq!(ids(&place), ["account-settings"]);
}

#[test]
fn services_that_need_a_person_are_named() {
    let place = healthy();
    let issued = place.issued("one.example.com");
    let (unknown, _) = place.unsettled("two.example.com");
    assert_eq!(ids(&place), ["intent-unknown"]);
    let text = place.tell(&["doctor", "--quiet"]).with(1);
    insta::assert_snapshot!("doctor", place.plain(&text));
    let item = unknown.to_string();
    place.tell(&["sync", "--item", &item]).with(0);
    place.world.run_until_done(3);
    assert_eq!(ids(&place), Vec::<String>::new());

    let end = place.world.item(issued).expiredate.unwrap();
    let end: chrono::NaiveDate = end.parse().unwrap();
    let left = (end - place.world.panel().today()).num_days();
    place.world.advance((left - 5) * 24 * 3600);
    let found = ids(&place);
    assert!(found.contains(&"near-end".to_owned()), "{found:?}");
    assert!(found.contains(&"service-stuck".to_owned()), "{found:?}");
    place.world.queue(issued, "prolong");
    assert!(!ids(&place).contains(&"near-end".to_owned()), "planned for");
    place
        .world
        .panel()
        .set_parameter(issued, "pmssl_intent", Some("9|odd"));
    assert!(ids(&place).contains(&"intent-unreadable".to_owned()));
}

#[test]
fn no_platform_is_no_panic() {
    let empty = tempfile::tempdir().unwrap();
    let place = Place::new();
    let root = empty.path().display().to_string();
    let told = place.tell(&["doctor", "--root", &root, "--json"]);
    assert_eq!(told.code, 1);
    assert_eq!(told.json()["findings"][0]["id"], "no-root");
}
