//! `doctor`: what its answers look like. What it finds stands in [`super::newcomer`].

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A world in which nothing is wrong.
pub(super) fn healthy() -> Place {
    let place = Place::new();
    let root = place.world.root().to_owned();
    let told = place.tell(&[
        "forms",
        "--out",
        &root.join("etc/xml").display().to_string(),
    ]);
    assert_eq!(told.code, 0, "{told:?}");
    place.tell(&["daemon", "--once"]).with(0);
    place
}

/// Identifiers of what is not good.
pub(super) fn ids(place: &Place) -> Vec<String> {
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

/// What is good is told while the rest is still examined: here BILLmanager does not answer before the first line was
/// read. The whole answer is the same.
#[test]
fn the_first_line_does_not_wait_for_the_last() {
    let place = healthy();
    place.issued("one.example.com");
    let expected = place.tell(&["doctor"]);
    place.world.set_option("SSLPlatformLimit", "30");
    let root = place.world.root().to_owned();
    let (mgrctl, aside) = (root.join("sbin/mgrctl"), root.join("aside/mgrctl"));
    let gate = root.join("aside/gate");
    fs::create_dir(root.join("aside")).unwrap();
    fs::rename(&mgrctl, &aside).unwrap();
    let script = format!(
        "#!/bin/sh\nwhile [ ! -e {} ]; do sleep 0.05; done\nexec {} \"$@\"\n",
        gate.display(),
        aside.display()
    );
    sandbox::binaries::write_script(&mgrctl, &script);
    let mut command = place.command(&["doctor"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    output.read_line(&mut text).unwrap();
    assert!(text.contains("is installed"), "{text}");
    fs::write(&gate, "").unwrap();
    output.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(expected.code), "{text}");
    // The time, and what is free on the disk, are others by now.
    let others = |text: &str| -> Vec<String> {
        let lines = text.lines();
        let same = lines.filter(|line| !line.contains("MiB") && !line.contains("clock"));
        same.map(str::to_owned).collect()
    };
    assert_eq!(others(&text), others(&expected.stdout));
}

/// Who can write the settings decides where orders and passwords go: the directory, the key, the corrections.
#[test]
fn settings_that_others_can_change_are_broken_and_named_once() {
    let place = healthy();
    let root = place.world.root().to_owned();
    let own = root.join("etc/pmssl");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("pmleadertelecom.conf"), "").unwrap();
    for name in [
        "etc",
        "etc/billmgr.conf",
        "etc/billmgr.conf.d",
        "etc/billmgr.conf.d/db.conf",
        "etc/billmgr.pem",
        "etc/pmssl",
        "etc/pmssl/pmleadertelecom.conf",
    ] {
        let file = root.join(name);
        let before = fs::metadata(&file).unwrap().permissions();
        let open = fs::Permissions::from_mode(before.mode() | 0o006);
        fs::set_permissions(&file, open).unwrap();
        assert_eq!(ids(&place), ["settings-writable"], "{name}");
        let text = place.tell(&["doctor", "--quiet"]).with(1);
        assert!(text.contains(&file.display().to_string()), "{name}: {text}");
        fs::set_permissions(&file, before).unwrap();
    }
    assert_eq!(ids(&place), Vec::<String>::new());
}

/// Days beyond the calendar are days.
#[test]
fn a_notice_of_any_length_names_what_ends_within_it() {
    let place = healthy();
    place.issued("one.example.com");
    for days in ["100000000", "4294967295"] {
        for form in [&["--json"][..], &["--nagios"]] {
            let words = [&["doctor", "--near-end", days], form].concat();
            let told = place.tell(&words);
            // A check that does not know answers 3, a document that is none is an error.
            match form {
                ["--json"] => assert!(told.json()["findings"].is_array(), "{told:?}"),
                _ => assert!(told.code < 3, "{told:?}"),
            }
            assert!(!told.stderr.contains("panic"), "{told:?}");
        }
    }
}

#[test]
fn mistakes_in_settings_are_named_with_their_lines() {
    let place = healthy();
    let root = place.world.root().to_owned();
    fs::write(root.join("etc/debug.conf"), "* 9\npmthesslstore.* twelve\n").unwrap();
    assert_eq!(ids(&place), ["debug-conf"]);
    let text = place.tell(&["doctor"]).stdout;
    assert!(text.contains("debug.conf, line 2"), "{text}");
    let text = place.tell(&["doctor", "--lang", "ru"]).stdout;
    assert!(text.contains("уровень не является числом"), "{text}");
    fs::write(root.join("etc/debug.conf"), "* 9\n").unwrap();

    place.world.set_option("SSLReadTimeout", "soon");
    assert_eq!(ids(&place), ["option"]);
    place.world.set_option("SSLReadTimeout", "2");
    place.world.set_option("SSLCaFile", "etc/no-such-file.pem");
    assert_eq!(ids(&place), ["roots"]);
    let file = root.join("etc/pmssl/pmleadertelecom.conf");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "NoSuchEntry 5\nPathReissue\n").unwrap();
    place.world.add_account("pmleadertelecom", &[]);
    let text = place.tell(&["doctor", "--lang", "ru"]).stdout;
    for words in [
        "строка 1: 'NoSuchEntry' не относится к этому модулю",
        "строка 2: у 'PathReissue' нет значения",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// The daemon has looked a moment ago, and found nothing to do.
fn looked(place: &Place) {
    let looks = place.world.root().join("var/pmssl/looks");
    for entry in fs::read_dir(looks).unwrap() {
        let file = fs::File::options().append(true).open(entry.unwrap().path());
        let now = std::time::SystemTime::now();
        file.unwrap().set_modified(now).unwrap();
    }
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
    let leave = |days: i64| {
        let left = (end - place.world.panel().today()).num_days();
        place.world.advance((left - days) * 24 * 3600);
    };
    let is_named = || ids(&place).iter().any(|id| id.starts_with("near-end"));
    leave(14);
    looked(&place);
    assert!(!is_named(), "the daemon reissues it: its paid term goes on");
    place.world.set_option("SSLSubscriptionPolicy", "manual");
    let found = ids(&place);
    assert!(found.contains(&"near-end-paid".to_owned()), "{found:?}");
    assert!(found.contains(&"service-stuck".to_owned()), "{found:?}");
    place.world.queue(issued, "prolong");
    assert!(!is_named(), "planned for");
    leave(5);
    assert!(is_named(), "too near, whatever is planned");
    place
        .world
        .panel()
        .set_parameter(issued, "pmssl_intent", Some("9|odd"));
    assert!(ids(&place).contains(&"intent-unreadable".to_owned()));
}

/// A reissue that waits, and a daemon that was never there or has stopped, hide no certificate's end.
#[test]
fn a_certificate_that_expires_is_named_whatever_waits_and_in_whatever_form_it_is_kept() {
    for (format, option) in [("pem", ""), ("zip", ""), ("pkcs7", ""), ("zip", "paid")] {
        let place = healthy();
        place.world.set_option("SSLExpireDate", option);
        place
            .world
            .set_setting(place.account, "cert_format", format, false);
        let item = place.issued("late.example.com");
        let saved = place.world.item(item).certificate.unwrap();
        let end: chrono::NaiveDate = saved.not_after.parse().unwrap();
        let leave = |days: i64| {
            let left = (end - place.world.panel().today()).num_days();
            place.world.advance((left - days) * 24 * 3600);
        };
        let has = |id: &str| ids(&place).contains(&id.to_owned());
        let what = format!("{format} {option}");
        leave(14);
        assert!(
            has("daemon-stopped"),
            "{what}: nobody has looked for months"
        );
        assert!(has("near-end-paid"), "{what}: the daemon has stopped");
        looked(&place);
        assert!(!has("near-end-paid"), "{what}: the daemon is there");
        fs::remove_dir_all(place.world.root().join("var/pmssl/looks")).unwrap();
        assert!(has("near-end-paid"), "{what}: no daemon has ever run");
        leave(4);
        assert!(has("ending-paid") && !has("near-end-paid"), "{what}");
        leave(-1);
        assert!(has("over-paid"), "{what}");
        // The daemon comes too late: its reissue waits for the client.
        place.tell(&["daemon", "--once"]).with(0);
        assert_eq!(place.world.item(item).service_status, Some(4), "{what}");
        assert!(has("over-paid"), "{what}: a reissue waits");
        let text = place.tell(&["doctor", "--quiet"]).with(1);
        assert!(!text.contains("delete it"), "{what}: {text}");
        place.world.approve(item);
        assert!(place.world.sync(item).is_ok());
        assert!(!has("over-paid"), "{what}: the new one is in hand");
    }
}

/// A daemon that works on other modules only does nothing for this one's services.
#[test]
fn each_module_with_accounts_is_judged_by_its_own_pass() {
    let place = healthy();
    let stopped = || {
        let found = ids(&place);
        found.iter().filter(|id| *id == "daemon-stopped").count()
    };
    let age = |module: &str| {
        let file = place.world.root().join("var/pmssl/looks").join(module);
        let file = fs::File::options().append(true).open(file).unwrap();
        let former = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 24 * 3600);
        file.set_modified(former).unwrap();
    };
    assert_eq!(stopped(), 0);
    age("pmenomssl");
    assert_eq!(stopped(), 0, "nobody uses that one");
    age(MODULE);
    assert_eq!(stopped(), 1);
    let text = place.tell(&["doctor", "--quiet"]).with(1);
    assert!(text.contains(MODULE), "{text}");
}

/// What the daemon does while BILLmanager does not answer is what everybody says that it does.
#[test]
fn a_policy_that_cannot_be_asked_for_is_named_with_the_one_in_force() {
    let place = healthy();
    place.world.set_option("SSLSubscriptionPolicy", "manual");
    place.tell(&["daemon", "--once"]).with(0);
    let panel = place.world.panel();
    panel.set_fault("paramlist", crate::sandbox::Strike::Away, 1000);
    let in_force = |policy: &str| {
        assert!(ids(&place).contains(&"policy-unknown".to_owned()));
        let told = place.tell(&["doctor", "--quiet"]);
        let words = format!("in force is {policy}");
        assert!(told.stdout.contains(&words), "{told:?}");
    };
    in_force("manual");
    fs::remove_file(place.world.root().join("var/pmssl/policy")).unwrap();
    in_force("none");
}

/// Whoever chose a policy in the interface sees that another one is in force, and where it comes from.
#[test]
fn the_policy_in_force_is_told_with_the_place_where_it_was_read() {
    let place = healthy();
    let told = || {
        let document = place.tell(&["doctor", "--json"]).json();
        let mut list = document["findings"].as_array().unwrap().iter();
        let found = list.find(|finding| finding["id"] == "policy").unwrap();
        assert_eq!(found["gravity"], "good");
        found["text"].as_str().unwrap().to_owned()
    };
    let text = told();
    assert!(text.contains("auto, read from no file"), "{text}");
    assert!(text.contains("interface is not read"), "{text}");
    let panel = place.world.panel();
    panel.add_listed("SSLSubscriptionPolicy", "manual");
    let text = told();
    assert!(text.contains("manual, read from paramlist"), "{text}");
    place.world.set_option("SSLSubscriptionPolicy", "none");
    let text = told();
    assert!(text.contains("none, read from etc/billmgr.conf"), "{text}");
}
