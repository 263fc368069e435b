//! mgrctl: strict arguments, effects, call log, faults.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Place;
use crate::sandbox::queue::Operation;
use crate::sandbox::{ItemSpec, Strike};

fn certificate() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["a.example".to_owned()];
    let parameters = rcgen::CertificateParams::new(names).unwrap();
    parameters.self_signed(&key).unwrap().pem()
}

fn ordered() -> (Place, u64, u64) {
    let place = Place::new();
    let account = place.world.add_bare_account("pmthesslstore", &[]);
    let item = place.world.add_item(&ItemSpec::new(account, "rapidssl"));
    let operation = place.world.queue(item, "open");
    (place, item, operation)
}

#[test]
fn wrong_calls_are_refused_with_the_field_at_fault() {
    let (place, _, _) = ordered();
    for (arguments, kind, object) in [
        (&["service.nonsense", "elid=1"][..], "missed", "func"),
        (&["service.setstatus", "service_status=3"], "missed", "elid"),
        (
            &["service.setstatus", "elid=", "service_status=3"],
            "missed",
            "elid",
        ),
        (
            &["service.setstatus", "elid=99", "service_status=3"],
            "value",
            "elid",
        ),
        (
            &["service.setstatus", "elid=1x", "service_status=3"],
            "value",
            "elid",
        ),
        (
            &["service.setstatus", "elid=1", "service_status=7"],
            "value",
            "service_status",
        ),
        (
            &["service.setstatus", "elid=1", "service_status=3", "x=1"],
            "value",
            "x",
        ),
        (
            &["service.setstatus", "elid=1", "service_status=3", "sok=yes"],
            "value",
            "sok",
        ),
        (
            &["service.setexpiredate", "elid=1", "expiredate=2026-2-3"],
            "value",
            "expiredate",
        ),
        (
            &["service.saveparam", "sok=ok", "elid=1", "value=x"],
            "missed",
            "name",
        ),
        (
            &["certificate.save", "elid=1", "crt=nonsense"],
            "value",
            "crt",
        ),
        (
            &["certificate.save", "elid=1", "crt=UEsDBA==", "crt_type=zip"],
            "value",
            "crt",
        ),
        (
            &["certificate.save", "elid=1", "crt=x", "crt_type=jks"],
            "value",
            "crt_type",
        ),
        (
            &["runningoperation.edit", "elid=9", "sok=ok", "manual=on"],
            "value",
            "elid",
        ),
        (
            &[
                "runningoperation.edit",
                "elid=1",
                "sok=ok",
                "errorxml=<doc>",
            ],
            "value",
            "errorxml",
        ),
        (
            &[
                "task.edit",
                "sok=ok",
                "item=1",
                "runningoperation=1",
                "type=77",
            ],
            "value",
            "type",
        ),
        (
            &[
                "processing.savebalance",
                "sok=ok",
                "processingmodule=1",
                "balance=1,5",
                "currency=EUR",
                "notify_time=2026-01-01 00:00:00",
            ],
            "value",
            "balance",
        ),
        (
            &[
                "processing.savebalance",
                "sok=ok",
                "processingmodule=1",
                "balance=1",
                "currency=euro",
                "notify_time=2026-01-01 00:00:00",
            ],
            "value",
            "currency",
        ),
        (
            &["service.changepricelist.rollback", "sok=ok", "elid=1"],
            "value",
            "elid",
        ),
    ] {
        let (exit, text) = place.mgrctl(arguments);
        let expected = format!("<error type=\"{kind}\" object=\"{object}\"");
        assert!(text.contains(&expected), "{arguments:?}: {text}");
        assert_eq!(exit, Some(1), "{arguments:?}");
    }
    assert!(place.world.mgrctl_calls().iter().all(|call| !call.done));
    place.world.panel().set_errors_exit_zero(true);
    let (exit, text) = place.mgrctl(&["service.nonsense"]);
    assert!(exit == Some(0) && text.contains("<error"), "{text}");
}

#[test]
fn a_form_function_without_sok_changes_nothing() {
    let (place, item, operation) = ordered();
    place.done(&["certificate.open", "elid=1"]);
    assert_eq!(place.world.item(item).status, 5);
    assert!(place.world.operation(operation).is_some());
    place.done(&["certificate.open", "elid=1", "sok=ok"]);
    assert_eq!(place.world.item(item).status, 2);
    assert!(place.world.operation(operation).is_none());
}

#[test]
fn the_post_functions_end_their_own_operation_only() {
    let (place, item, open) = ordered();
    for (function, command, status) in [
        ("service.postprolong", "prolong", 2),
        ("service.postreopen", "reopen", 2),
        ("service.postsuspend", "suspend", 3),
        ("service.postresume", "resume", 2),
        ("service.postsetparam", "setparam", 2),
        ("service.postclose", "close", 4),
    ] {
        let operation = place.world.queue(item, command);
        place.done(&[function, "elid=1", "sok=ok"]);
        assert!(place.world.operation(operation).is_none(), "{function}");
        assert!(place.world.operation(open).is_some(), "{function}");
        assert_eq!(place.world.item(item).status, status, "{function}");
    }
}

#[test]
fn parameters_come_from_arguments_and_from_the_environment() {
    let (place, item, _) = ordered();
    let save = ["service.saveparam", "elid=1", "sok=ok", "crypted=off"];
    place.done(&[&save[..], &["name=custom_order_id", "value=a\n<&>b"]].concat());
    assert_eq!(
        place.world.item(item).parameter("custom_order_id"),
        "a\n<&>b"
    );
    let hidden = [&["-e", "value=$HIDDEN"][..], &save, &["name=token"]].concat();
    let (exit, text) = place.mgrctl_with(&hidden, &[("HIDDEN", "s3cret=$x")]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("<tparams><value>s3cret=$x</value>"), "{text}");
    assert_eq!(place.world.item(item).parameter("token"), "s3cret=$x");
    let (exit, text) = place.mgrctl(&hidden);
    assert_eq!((exit, text.as_str()), (Some(1), ""));
    let calls = place.world.mgrctl_calls();
    let call = &calls[1];
    assert_eq!(call.origin.as_deref(), Some("pmthesslstore"));
    assert_eq!(call.hidden, ["value"]);
    assert!(!call.arguments.iter().any(|one| one.contains("s3cret")));
    // The other form of the same function, and the two ways to drop.
    place.done(&[
        "service.saveparam",
        "sok=ok",
        "elid=1",
        "crypted=off",
        "extra=1",
    ]);
    assert_eq!(place.world.item(item).parameter("extra"), "1");
    place.done(&["service.dropparam", "sok=ok", "elid=1", "name=extra"]);
    place.done(&["service.saveparam", "sok=ok", "elid=1", "name=token"]);
    let view = place.world.item(item);
    assert!(!view.parameters.contains_key("extra") && !view.parameters.contains_key("token"));
}

#[test]
fn a_parameter_of_the_product_is_held_to_its_column() {
    let (place, item, _) = ordered();
    let save = |value: &str| {
        let value = format!("value={value}");
        let name = "name=pmssl_intent";
        place.mgrctl(&["service.saveparam", "sok=ok", "elid=1", name, &value])
    };
    assert_eq!(save(&"x".repeat(255)).0, Some(0));
    assert_eq!(save(&"x".repeat(256)).0, Some(1));
    assert_eq!(place.world.item(item).parameter("pmssl_intent").len(), 255);
}

#[test]
fn certificates_are_saved_as_text_and_as_archive() {
    let (place, item, _) = ordered();
    let pem = certificate();
    place.done(&["certificate.save", "elid=1", &format!("crt={pem}")]);
    let view = place.world.item(item);
    assert_eq!(view.crt, pem);
    assert_eq!(view.certificate.unwrap().kind, "pem");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("a_example.crt", options).unwrap();
    archive.write_all(pem.as_bytes()).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let crt = format!("crt={}", STANDARD.encode(bytes));
    place.done(&["certificate.save", "elid=1", &crt, "crt_type=zip", "sok=ok"]);
    let view = place.world.item(item);
    let saved = view.certificate.unwrap();
    assert_eq!(
        (saved.kind, saved.names),
        ("zip", vec!["a_example.crt".to_owned()])
    );
    assert_eq!(view.saves, 2);
}

#[test]
fn operations_tasks_problems_and_balances_are_kept() {
    let (place, _, operation) = ordered();
    let document = "errorxml=<?xml version=\"1.0\"?><doc><error type=\"x\"/></doc>";
    place.done(&["runningoperation.edit", "elid=1", "sok=ok", document]);
    place.done(&["runningoperation.setmanual", "elid=1"]);
    let view = place.world.operation(operation).unwrap();
    assert!(view.manual && view.errorxml.contains("<error"));
    let text = place.done(&["task.gettype", "operation=open", "item=1"]);
    assert!(text.contains("<task_type>1</task_type>"), "{text}");
    let task = [
        "task.edit",
        "sok=ok",
        "item=1",
        "runningoperation=1",
        "type=1",
    ];
    assert!(place.done(&task).contains("<id>1</id>"));
    assert_eq!(place.world.tasks()[0].operation, operation);
    place.world.panel().without_task_type("open");
    let text = place.done(&["task.gettype", "operation=open"]);
    assert!(text.contains("<task_type></task_type>"), "{text}");
    let problem = [
        "problems.register",
        "sok=ok",
        "level=error",
        "name=processingmodule_connect",
        "id=1",
        "param_pm_id=1",
        "param_pm_name=Account",
        "param_errormsg=no way",
    ];
    place.done(&problem);
    place.done(&problem);
    assert_eq!(place.world.problems().len(), 1);
    place.world.panel().set_minimal_balance(1, 100.0);
    for amount in ["balance=152.40", "balance=99.99"] {
        let time = "notify_time=2026-02-03 04:05:06";
        let who = ["processing.savebalance", "sok=ok", "processingmodule=1"];
        place.done(&[&who[..], &[amount, "currency=EUR", time]].concat());
    }
    assert_eq!(place.world.balances()[0].amount, "99.99");
    assert_eq!(place.world.panel().notices().len(), 1);
    let text = place.done(&["paramlist"]);
    assert!(
        text.contains("<elem><DBName>billmgr</DBName></elem>"),
        "{text}"
    );
}

#[test]
fn every_fault_of_the_panel_can_be_met() {
    let (place, item, _) = ordered();
    let panel = place.world.panel();
    let set = ["service.setstatus", "elid=1", "service_status=4"];
    for (strike, exit, part, done) in [
        (Strike::Failing, 1, "", false),
        (Strike::Restarting, 1, "", false),
        (
            Strike::Away,
            1,
            "<error type=\"client\" object=\"open\"",
            false,
        ),
        (Strike::Garbage, 0, "not a document", false),
        (
            Strike::Unknown,
            1,
            "<error type=\"missed\" object=\"func\"",
            false,
        ),
        (Strike::LostReply, 1, "", true),
        (
            Strike::Slow(std::time::Duration::from_millis(50)),
            0,
            "<ok/>",
            true,
        ),
    ] {
        panel.set_parameter(item, "service_status", Some("3"));
        panel.set_fault("service.setstatus", strike, 1);
        // Another function is not struck.
        place.done(&["paramlist"]);
        let (code, text) = place.mgrctl(&set);
        assert_eq!(code, Some(exit), "{strike:?}");
        assert!(
            text.contains(part) && text.is_empty() == part.is_empty(),
            "{text}"
        );
        let status = if done { 4 } else { 3 };
        assert_eq!(
            place.world.item(item).service_status,
            Some(status),
            "{strike:?}"
        );
    }
    place.world.set_mgrctl_missing(true);
    assert!(!place.world.layout().mgrctl().exists());
    place.world.set_mgrctl_missing(false);
    place.done(&set);
}

#[test]
fn the_calling_module_can_be_killed_before_or_after_the_effect() {
    let (place, item, _) = ordered();
    let panel = place.world.panel();
    let script = "sbin/mgrctl -m billmgr service.setstatus elid=1 service_status=4; echo survived";
    for (strike, status) in [(Strike::KillBefore, None), (Strike::KillAfter, Some(4))] {
        panel.set_fault("", strike, 1);
        let outcome = place.world.run_module("pmthesslstore", &["-c", script]);
        assert_eq!((outcome.exit, outcome.signal), (None, Some(9)));
        assert!(!outcome.stdout.contains("survived"));
        assert_eq!(place.world.item(item).service_status, status);
    }
    let outcome = place.world.run_module("pmthesslstore", &["-c", script]);
    assert!(outcome.is_ok() && outcome.stdout.contains("survived"));
}

#[test]
fn a_person_restarts_operations_of_several_services_at_once() {
    let (place, item, operation) = ordered();
    let account = place.world.accounts()[0];
    let other = place.world.add_item(&ItemSpec::new(account, "rapidssl"));
    let second = place.world.queue(other, "open");
    for one in [operation, second] {
        place.world.count_try(one);
        let elid = format!("elid={one}");
        let manual = ["runningoperation.setmanual", elid.as_str()];
        assert_eq!(place.mgrctl(&manual).0, Some(0));
    }
    let both = format!("elid={item}, {other}");
    assert_eq!(place.mgrctl(&["certificate.retry", &both]).0, Some(0));
    let operations = place.world.operations();
    let anew = |one: &Operation| !one.manual && one.tries == 0;
    assert!(operations.iter().all(anew), "{operations:?}");
    assert_eq!(place.mgrctl(&["certificate.retry", "elid=99"]).0, Some(1));
}

#[test]
fn the_panel_restarts_when_it_is_told_to() {
    let (place, _, _) = ordered();
    assert_eq!(place.mgrctl(&["exit"]).0, Some(0));
    assert_eq!(place.mgrctl(&["-R", "paramlist"]).0, Some(0));
    assert_eq!(place.world.panel().restarts(), 2);
}

#[test]
fn tasks_that_belong_to_no_operation_are_shown_with_the_others() {
    let (place, _, operation) = ordered();
    let elid = format!("elid={operation}");
    place.mgrctl(&["runningoperation.taskcreate", &elid]);
    let simple = [
        "task.simple.create",
        "elid=1",
        "specification=look",
        "sok=ok",
    ];
    assert_eq!(place.mgrctl(&simple).0, Some(0));
    let tasks = place.world.all_tasks();
    assert_eq!(tasks.len(), 2);
    assert_eq!(tasks[1].text.as_deref(), Some("look"));
}
