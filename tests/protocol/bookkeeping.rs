//! What a failure leaves in the platform: the error history, tries, tasks.

use super::{shown, snapshot};
use crate::scene::{MODULE, Scene, assert_well_formed, between, refused};

const TOKEN: &str = "secret-0f0f0f0f0f0f";

#[test]
fn the_error_history_tells_what_happened() {
    let scene = Scene::new();
    let mut spec = scene.spec();
    spec.administrative.phone = "12".to_owned();
    let item = scene.world.add_item(&spec);
    let operation = scene.world.queue(item, "open");
    let outcome = scene.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_invalid");
    let document = scene.world.operation(operation).unwrap().errorxml;
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
    assert!(!log.contains(TOKEN) && !log.contains(scene.world.database().password()));
    let without_log = document.replace(log, "[log]");
    snapshot("errorxml", &without_log);
}

#[test]
fn after_the_tenth_try_there_is_one_task() {
    let scene = Scene::new();
    let mut spec = scene.spec();
    spec.administrative.email = String::new();
    let item = scene.world.add_item(&spec);
    let operation = scene.world.queue(item, "open");
    for try_number in 1..=9 {
        refused(&scene.world.run(operation));
        assert!(scene.world.tasks().is_empty(), "a task at try {try_number}");
        assert!(!scene.world.operation(operation).unwrap().manual);
    }
    refused(&scene.world.run(operation));
    assert!(scene.world.operation(operation).unwrap().manual);
    let tasks = scene.world.tasks();
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].item, tasks[0].operation), (item, operation));
    // A person tries again in vain: no second task.
    scene.world.panel().forget_calls();
    refused(&scene.world.run(operation));
    assert_eq!(scene.world.tasks().len(), 1);
    // What was wrong is mended: the order goes through.
    scene
        .world
        .panel()
        .set_parameter(item, "adm_email", Some("anna@example.com"));
    scene.world.retry(operation);
    assert!(scene.world.run(operation).is_ok());
    assert_eq!(scene.paid(), 1);
    scene.assert_sound();
}

#[test]
fn a_failed_renewal_is_a_task_at_once() {
    let scene = Scene::new();
    let item = scene.issued(&scene.spec());
    scene.world.panel().set_parameter(item, "adm_email", None);
    let operation = scene.world.queue(item, "prolong");
    let outcome = scene.world.run(operation);
    assert_eq!(refused(&outcome).object, "adm_email");
    assert!(scene.world.operation(operation).unwrap().manual);
    assert_eq!(scene.world.tasks().len(), 1);
    assert_eq!(scene.paid(), 1, "the first order only");
    scene.assert_sound();
}

#[test]
fn a_panel_without_task_type_still_gets_a_manual_operation() {
    let scene = Scene::new();
    scene.world.panel().without_task_type("prolong");
    let item = scene.world.add_item(&scene.spec());
    let operation = scene.world.queue(item, "prolong");
    let outcome = scene.world.run(operation);
    assert_eq!(
        refused(&outcome).kind,
        "pmssl_missing",
        "{}",
        shown(&outcome)
    );
    assert!(scene.world.operation(operation).unwrap().manual);
    assert!(scene.world.tasks().is_empty());
}

#[test]
fn wrong_credentials_are_a_problem_of_the_account() {
    let scene = Scene::new();
    scene
        .world
        .set_setting(scene.account, "auth_token", "nonsense-token", true);
    let item = scene.world.add_item(&scene.spec());
    let outcome = scene.world.run(scene.world.queue(item, "open"));
    assert_eq!(refused(&outcome).kind, "invalid_login_or_passwd");
    let problems = scene.world.problems();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].account, scene.account);
    assert!(!problems[0].text.contains("nonsense-token"), "{problems:?}");
    scene.assert_nothing_bought("wrong token");
    assert!(!scene.world.log(MODULE).contains("nonsense-token"));
}

#[test]
fn without_an_operation_nothing_is_stored() {
    let scene = Scene::new();
    let item = scene.world.add_item(&scene.spec().months(-100));
    let operation = scene.world.queue(item, "open");
    refused(&scene.direct("open", item, ""));
    assert_eq!(scene.world.operation(operation).unwrap().errorxml, "");
    // But for the mark by which a late database is noticed.
    let calls = scene.world.mgrctl_calls();
    assert!(
        calls
            .iter()
            .all(|call| format!("{call:?}").contains("pmssl_fresh")),
        "{calls:?}"
    );
}
