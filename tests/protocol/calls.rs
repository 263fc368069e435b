//! The arguments themselves: what is missing, foreign or unknown; modules that are not connected.

use super::Transcript;
use crate::fixture::{Fixture, MODULE, refused};
use crate::sandbox::ItemSpec;

const CHANGING: [&str; 8] = [
    "open",
    "prolong",
    "reopen",
    "sync_item",
    "close",
    "suspend",
    "resume",
    "setparam",
];

#[test]
fn arguments_that_make_no_call() {
    let fixture = Fixture::new();
    let cases: [(&str, &[&str], &str, &str); 9] = [
        ("no command", &["--item", "1"], "pmssl_missing", "--command"),
        ("nothing", &[], "pmssl_missing", "--command"),
        (
            "unknown command",
            &["--command", "launch"],
            "pmssl_unknown_command",
            "",
        ),
        (
            "command of domains",
            &["--command", "transfer", "--item", "1"],
            "pmssl_unknown_command",
            "",
        ),
        ("no item", &["--command", "open"], "pmssl_missing", "--item"),
        (
            "item in words",
            &["--command", "open", "--item", "seven"],
            "pmssl_invalid",
            "--item",
        ),
        (
            "negative item",
            &["--command", "open", "--item", "-1"],
            "pmssl_invalid",
            "--item",
        ),
        (
            "number that is too long",
            &["--command", "open", "--item", "99999999999999999999999"],
            "pmssl_invalid",
            "--item",
        ),
        (
            "operation in words",
            &[
                "--command",
                "open",
                "--item",
                "1",
                "--runningoperation",
                "x",
            ],
            "pmssl_invalid",
            "--runningoperation",
        ),
    ];
    let mut transcript = Transcript::default();
    for (case, arguments, kind, object) in cases {
        for language in ["en", "ru"] {
            let mut arguments = arguments.to_vec();
            arguments.extend(["--lang", language]);
            let outcome = fixture.world.run_module(MODULE, &arguments);
            let seen = refused(&outcome);
            assert_eq!(
                (seen.kind.as_str(), seen.object.as_str()),
                (kind, object),
                "{case}"
            );
            let russian = seen
                .text
                .chars()
                .any(|letter| ('а'..='я').contains(&letter));
            assert_eq!(russian, language == "ru", "{case}: {}", seen.text);
            transcript.add(&format!("{case} {language}"), &outcome);
        }
    }
    for command in CHANGING {
        let outcome = fixture.world.run_module(MODULE, &["--command", command]);
        assert_eq!(refused(&outcome).object, "--item", "{command}");
    }
    transcript.check("arguments");
    fixture.assert_nothing_bought("arguments");
}

#[test]
fn items_that_are_not_ours() {
    let fixture = Fixture::new();
    let globalsign = fixture.world.add_bare_account("pmglobalsign", &[]);
    let foreign = fixture
        .world
        .add_item(&ItemSpec::new(globalsign, "gs_dv_le"));
    // The addon of a service is an item of another product type under the same account.
    let parent = fixture.world.add_item(
        &ItemSpec::new(fixture.account, "positivemdcssl")
            .name("example.com")
            .with_names(&["www.example.com"]),
    );
    let addon = parent + 1;
    let orphan = fixture.world.add_item(&fixture.spec());
    fixture.world.database().engine().with(|sql| {
        sql.execute(
            "UPDATE item SET processingmodule = NULL WHERE id = ?",
            [orphan],
        )
    });
    let cases = [
        ("unknown item", 4711, "pmssl_unknown_item", String::new()),
        (
            "another module's item",
            foreign,
            "pmssl_foreign_module",
            format!("service {foreign}"),
        ),
        (
            "item of another product type",
            addon,
            "pmssl_foreign_module",
            format!("service {addon}"),
        ),
        (
            "item without an account",
            orphan,
            "pmssl_foreign_module",
            format!("service {orphan}"),
        ),
    ];
    let mut transcript = Transcript::default();
    for (case, item, kind, object) in cases {
        for language in ["en", "ru"] {
            let outcome = fixture.direct("open", item, language);
            let seen = refused(&outcome);
            assert_eq!(
                (seen.kind.as_str(), &seen.object),
                (kind, &object),
                "{case}"
            );
            transcript.add(&format!("{case} {language}"), &outcome);
        }
        fixture.world.panel().forget_calls();
        for command in CHANGING {
            let outcome = fixture.direct(command, item, "");
            assert_eq!(refused(&outcome).kind, kind, "{case}: {command}");
        }
        let done: Vec<_> = fixture
            .world
            .mgrctl_calls()
            .into_iter()
            .filter(|call| call.done)
            .collect();
        assert!(done.is_empty(), "{case}: {done:?}");
    }
    transcript.check("foreign_items");
    fixture.assert_nothing_bought("foreign items");
}
