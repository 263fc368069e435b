//! What a failure leaves in the platform: the error history, tries, tasks.

use super::{shown, snapshot};
use crate::fixture::{Fixture, MODULE, assert_well_formed, between, refused};

const TOKEN: &str = "secret-0f0f0f0f0f0f";

#[test]
fn the_error_history_tells_what_happened() {
    let fixture = Fixture::new();
    let mut spec = fixture.spec();
    spec.administrative.phone = "12".to_owned();
    let item = fixture.world.add_item(&spec);
    let operation = fixture.world.queue(item, "open");
    let outcome = fixture.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_invalid");
    let document = fixture.world.operation(operation).unwrap().errorxml;
    assert_well_formed(&document);
    assert_eq!(
        document.matches("<error ").count(),
        2,
        "both places of an error: {document}"
    );
    assert!(
        document.contains("name=\"pmthesslstore account\""),
        "{document}"
    );
    let log = between(&document, "<log><![CDATA[", "]]></log>");
    let lines: Vec<&str> = log.lines().collect();
    assert!((5..=100).contains(&lines.len()), "{log}");
    assert!(!log.contains('\x1b'), "no colours in the history");
    assert!(!log.contains(TOKEN) && !log.contains(fixture.world.database().password()));
    let without_log = document.replace(log, "[log]");
    snapshot("errorxml", &without_log);
}

#[test]
fn after_the_tenth_try_there_is_one_task() {
    let fixture = Fixture::new();
    let mut spec = fixture.spec();
    spec.administrative.email = String::new();
    let item = fixture.world.add_item(&spec);
    let operation = fixture.world.queue(item, "open");
    for try_number in 1..=9 {
        refused(&fixture.world.run(operation));
        assert!(
            fixture.world.tasks().is_empty(),
            "a task at try {try_number}"
        );
        assert!(!fixture.world.operation(operation).unwrap().manual);
    }
    refused(&fixture.world.run(operation));
    assert!(fixture.world.operation(operation).unwrap().manual);
    let tasks = fixture.world.tasks();
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].item, tasks[0].operation), (item, operation));
    // A person tries again in vain: no second task.
    fixture.world.panel().forget_calls();
    refused(&fixture.world.run(operation));
    assert_eq!(fixture.world.tasks().len(), 1);
    // What was wrong is mended: the order goes through.
    fixture
        .world
        .panel()
        .set_parameter(item, "adm_email", Some("anna@example.com"));
    fixture.world.retry(operation);
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.paid(), 1);
    fixture.assert_sound();
}

#[test]
fn a_failed_renewal_is_a_task_at_once() {
    let fixture = Fixture::new();
    let item = fixture.issued(&fixture.spec());
    fixture.world.panel().set_parameter(item, "adm_email", None);
    let operation = fixture.world.queue(item, "prolong");
    let outcome = fixture.world.run(operation);
    assert_eq!(refused(&outcome).object, "adm_email");
    assert!(fixture.world.operation(operation).unwrap().manual);
    assert_eq!(fixture.world.tasks().len(), 1);
    assert_eq!(fixture.paid(), 1, "the first order only");
    fixture.assert_sound();
}

#[test]
fn a_panel_without_task_type_still_gets_a_manual_operation() {
    let fixture = Fixture::new();
    fixture.world.panel().without_task_type("prolong");
    let item = fixture.world.add_item(&fixture.spec());
    let operation = fixture.world.queue(item, "prolong");
    let outcome = fixture.world.run(operation);
    assert_eq!(
        refused(&outcome).kind,
        "pmssl_missing",
        "{}",
        shown(&outcome)
    );
    assert!(fixture.world.operation(operation).unwrap().manual);
    assert!(fixture.world.tasks().is_empty());
}

#[test]
fn wrong_credentials_are_a_problem_of_the_account() {
    let fixture = Fixture::new();
    fixture
        .world
        .set_setting(fixture.account, "auth_token", "nonsense-token", true);
    let item = fixture.world.add_item(&fixture.spec());
    let outcome = fixture.world.run(fixture.world.queue(item, "open"));
    assert_eq!(refused(&outcome).kind, "invalid_login_or_passwd");
    let problems = fixture.world.problems();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].account, fixture.account);
    assert!(!problems[0].text.contains("nonsense-token"), "{problems:?}");
    fixture.assert_nothing_bought("wrong token");
    assert!(!fixture.world.log(MODULE).contains("nonsense-token"));
}

#[test]
fn without_an_operation_nothing_is_stored() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec().months(-100));
    let operation = fixture.world.queue(item, "open");
    refused(&fixture.direct("open", item, ""));
    assert_eq!(fixture.world.operation(operation).unwrap().errorxml, "");
    // But for the mark by which a late database is noticed.
    let calls = fixture.world.mgrctl_calls();
    assert!(
        calls
            .iter()
            .all(|call| format!("{call:?}").contains("pmssl_fresh")),
        "{calls:?}"
    );
}
