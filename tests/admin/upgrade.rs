//! `doctor --upgrade`: what another version than the installed one changes on its first day.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::doctor::healthy;
use super::*;
use crate::sandbox::database::Cluster;

const DAY: i64 = 24 * 3600;

/// How it ended, and what changes with the services that are named.
fn changes(place: &Place) -> (i32, Vec<(String, Vec<u64>)>) {
    let told = place.tell(&["doctor", "--upgrade", "--json"]);
    let document = told.json();
    let all = document["changes"].as_array().unwrap().iter();
    let all = all.map(|change| {
        assert_ne!(change["text"], "", "{change}");
        assert_ne!(change["remedy"], "", "{change}");
        let items = change["items"].as_array().unwrap().iter();
        let id = change["id"].as_str().unwrap().to_owned();
        (id, items.map(|item| item.as_u64().unwrap()).collect())
    });
    (told.code, all.collect())
}

/// The daemon of the installed version has noted that it looks at a service after so many seconds.
fn note(place: &Place, item: u64, seconds: i64) {
    let next = place.world.clock().now().timestamp() + seconds;
    let file = place.world.root().join("var/pmssl/looks").join(MODULE);
    fs::write(file, format!("{item} {next} 1\n")).unwrap();
}

#[test]
fn reissues_that_come_earlier_or_later_than_planned_are_named() {
    let place = healthy();
    let item = place.issued("one.example.com");
    let saved = place.world.item(item).certificate.unwrap();
    let end: chrono::NaiveDate = saved.not_after.parse().unwrap();
    let leave = |days: i64| {
        let left = (end - place.world.panel().today()).num_days();
        place.world.advance((left - days) * DAY);
    };
    leave(40);
    note(&place, item, 30 * DAY);
    assert_eq!(changes(&place), (0, vec![]));
    note(&place, item, 3600);
    let later = ("reissue-later".to_owned(), vec![item]);
    assert_eq!(changes(&place), (3, vec![later]));
    leave(8);
    note(&place, item, 3600);
    let text = place.tell(&["doctor", "--upgrade"]).with(0);
    let version = env!("CARGO_PKG_VERSION");
    let head = format!("installed: {version}, this program: {version}\n");
    assert!(text.starts_with(&head), "{text}");
    assert!(text.contains("reissues within a day: 1,"), "{text}");
    assert!(
        text.ends_with("nothing changes on the first day\n"),
        "{text}"
    );
    note(&place, item, 3 * DAY);
    let earlier = ("reissue-earlier".to_owned(), vec![item]);
    assert_eq!(changes(&place), (3, vec![earlier]));
    let text = place.tell(&["doctor", "--upgrade", "--lang", "ru"]).with(3);
    assert!(text.contains("в первый день:\n"), "{text}");
    // Nobody but the client reissues then.
    place.world.set_option("SSLSubscriptionPolicy", "manual");
    assert_eq!(changes(&place), (0, vec![]));
}

/// All files below some directories, with what tells whether one was written.
fn files(directory: &Path, all: &mut Vec<(PathBuf, u64, SystemTime)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::symlink_metadata(&path).unwrap();
        if data.is_dir() {
            files(&path, all);
        }
        all.push((path, data.len(), data.modified().unwrap()));
    }
}

#[test]
fn what_this_version_refuses_is_told_and_nothing_is_written() {
    let place = healthy();
    let item = place.issued("one.example.com");
    place.world.set_option("SSLReadTimeout", "soon");
    place
        .world
        .panel()
        .set_parameter(item, "pmssl_intent", Some("9|odd"));
    place.world.database().set_cluster(Some(Cluster::Galera));
    let root = place.world.root();
    let module = root.join("processing").join(MODULE);
    fs::remove_file(&module).unwrap();
    let former =
        "#!/bin/sh\n# 'pmssl help' shows what an administrator can do.\necho pmssl 0.0.9\n";
    sandbox::binaries::write_script(&module, former);
    let seen = || {
        let mut all = Vec::new();
        for name in ["etc", "processing", "var/pmssl"] {
            files(&root.join(name), &mut all);
        }
        all.sort();
        all
    };
    let before = seen();
    let told = place.tell(&["doctor", "--upgrade", "--json"]);
    assert_eq!(told.json()["installed"], "0.0.9", "{told:?}");
    let (code, found) = changes(&place);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["option", "locks-do-not-hold", "intents-unreadable"]);
    assert_eq!((code, &found[2].1), (1, &vec![item]));
    assert_eq!(seen(), before);
    place.world.database().set_cluster(None);
}
