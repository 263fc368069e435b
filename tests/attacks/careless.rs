//! A careless administrator: settings that are nonsense, files of the wrong kind in the program's own place. Orders are
//! single all the same, and nothing hangs.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Tally, pipe};
use crate::fixture::{Fixture, MODULE};

#[test]
fn nonsense_among_the_options_harms_no_order() {
    let mut tally = Tally::of("a careless administrator, options");
    for (name, value) in [
        ("SSLReadTimeout", "99999999999999999999"),
        ("SSLReadTimeout", "-1"),
        ("SSLOrderTimeout", "0"),
        ("SSLRetryPause", "NaN"),
        ("SSLRetryPause", "1e308"),
        ("SSLPlatformWait", "inf"),
        ("SSLDaemonRate", "0"),
        ("SSLDaemonWorkers", "4294967296"),
        ("SSLDaemonInterval", "soon"),
        ("SSLSubscriptionBefore", "-365"),
        ("SSLSubscriptionPolicy", "buy everything"),
        ("SSLPaidTill", "\u{202e}"),
        ("SSLNoSuchOption", "1"),
    ] {
        let fixture = Fixture::new();
        fixture.world.set_option(name, value);
        let item = fixture.world.add_item(&fixture.spec());
        let outcome = fixture.world.perform(item, "open");
        let about = format!("{name} {value}: {outcome:?}");
        assert!(outcome.is_ok(), "{about}");
        assert_eq!(fixture.paid(), 1, "{about}");
        let pass = fixture.world.tool(&["daemon", "--once"]).output().unwrap();
        assert!(pass.status.success(), "{about} {pass:?}");
        assert_eq!(fixture.paid(), 1, "{about}");
        tally.held();
    }
}

/// What lies where the program keeps its own files.
fn plant(what: &str, place: &Path) {
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(place);
    match what {
        "a named pipe" => pipe(place),
        "a device without end" => symlink("/dev/zero", place).unwrap(),
        "a link to itself" => symlink(place, place).unwrap(),
        "nonsense" => std::fs::write(place, "{\"key\":\u{0}7 -1 9\n").unwrap(),
        _ => std::fs::create_dir(place).unwrap(),
    }
}

#[test]
fn files_of_the_wrong_kind_stop_no_order_and_no_pass() {
    let mut tally = Tally::of("a local user, files");
    let kinds = [
        "a named pipe",
        "a device without end",
        "a link to itself",
        "nonsense",
        "a directory",
    ];
    for what in kinds {
        let fixture = Fixture::new();
        let item = fixture.world.add_item(&fixture.spec());
        let own = fixture.world.root().join("var/pmssl");
        let places = [
            own.join(format!("spool/item-{item}.json")),
            own.join(format!("ledger/{item}/ABCDEFGHIJKLMNOPQRST.json")),
            own.join(format!("looks/{MODULE}")),
        ];
        for place in &places {
            plant(what, place);
        }
        // It orders once or not at all; it does not hang, and a second try orders nothing more.
        for _ in 0..2 {
            let outcome = fixture.world.perform(item, "open");
            assert_ne!(outcome.exit, None, "{what} {outcome:?}");
            assert!(fixture.paid() <= 1, "{what}");
        }
        let pass = fixture.world.tool(&["daemon", "--once"]).output().unwrap();
        assert!(pass.status.code().is_some(), "{what} {pass:?}");
        for words in [&["doctor"][..], &["orders"], &["show", "--item", "1"]] {
            let output = fixture.world.tool(words).output().unwrap();
            assert!(output.status.code().is_some(), "{what} {output:?}");
        }
        assert!(fixture.paid() <= 1, "{what}");
        tally.held();
        // The world reads every file at its end.
        for place in &places {
            let _ = std::fs::remove_file(place);
            let _ = std::fs::remove_dir(place);
        }
    }
}

/// Another user's file must not be written through a link that lies in the way.
#[test]
fn planted_links_lead_to_nobodys_file() {
    let mut tally = Tally::of("a local user, links");
    let fixture = Fixture::new();
    let directory = tempfile::tempdir().unwrap();
    let item = fixture.world.add_item(&fixture.spec());
    let own = fixture.world.root().join("var/pmssl");
    for place in [
        own.join(format!("spool/item-{item}.json")),
        own.join(format!("looks/{MODULE}")),
    ] {
        let victim = directory.path().join("victim");
        std::fs::write(&victim, "mine").unwrap();
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(&place);
        symlink(&victim, &place).unwrap();
        let outcome = fixture.world.perform(item, "open");
        assert_ne!(outcome.exit, None, "{outcome:?}");
        let pass = fixture.world.tool(&["daemon", "--once"]).output().unwrap();
        assert!(pass.status.success(), "{pass:?}");
        assert_eq!(
            std::fs::read_to_string(&victim).unwrap(),
            "mine",
            "{place:?}"
        );
        tally.held();
    }
    assert!(fixture.paid() <= 1);
}
