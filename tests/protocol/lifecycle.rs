//! Commands on services that exist already: suspend, resume, change, renew, reissue, close, validation.

use super::{Transcript, snapshot};
use crate::fixture::{Fixture, MODULE, refused};
use crate::sandbox::{ItemSpec, Strike};

/// Functions of the platform that were called since the last look, in their order.
fn functions(fixture: &Fixture) -> Vec<String> {
    let calls = fixture.world.mgrctl_calls();
    fixture.world.panel().forget_calls();
    calls
        .into_iter()
        .map(
            |call| match (call.parameter("name"), call.parameter("service_status")) {
                (Some(name), _) => format!("{} {name}", call.function),
                (None, Some(status)) => format!("{} {status}", call.function),
                (None, None) => call.function,
            },
        )
        .collect()
}

#[test]
fn each_command_ends_its_operation_with_its_function() {
    let fixture = Fixture::new();
    let item = fixture.issued(&fixture.spec());
    fixture.vendor().forget_requests();
    fixture.world.panel().forget_calls();
    for (command, function, status) in [
        ("suspend", "service.postsuspend", 3),
        ("resume", "service.postresume", 2),
        ("setparam", "service.postsetparam", 2),
    ] {
        let operation = fixture.world.queue(item, command);
        let outcome = fixture.world.run(operation);
        assert!(
            outcome.is_ok() && outcome.stdout.is_empty(),
            "{command}: {outcome:?}"
        );
        assert_eq!(functions(&fixture), [function], "{command}");
        assert!(fixture.world.operation(operation).is_none(), "{command}");
        assert_eq!(fixture.world.item(item).status, status, "{command}");
    }
    let outcome = fixture.direct("cancel_prolong", item, "");
    assert!(outcome.is_ok() && outcome.stdout.is_empty(), "{outcome:?}");
    assert!(
        fixture.vendor().requests().is_empty(),
        "none of them concerns the vendor"
    );
    assert!(functions(&fixture).is_empty());
}

#[test]
fn do_nothing_is_honoured() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    let switch = fixture.world.root().join("etc/billmgr.DoNothing");
    std::fs::write(&switch, "").unwrap();
    for command in [
        "open",
        "prolong",
        "reopen",
        "sync_item",
        "suspend",
        "resume",
        "close",
        "cancel_prolong",
    ] {
        let operation = fixture.world.queue(item, command);
        let outcome = fixture.world.run(operation);
        assert!(
            outcome.is_ok() && outcome.stdout.is_empty(),
            "{command}: {outcome:?}"
        );
    }
    assert!(fixture.world.mgrctl_calls().is_empty());
    assert!(fixture.vendor().requests().is_empty());
    let setparam = fixture.world.run(fixture.world.queue(item, "setparam"));
    assert!(setparam.is_ok());
    assert_eq!(
        functions(&fixture),
        ["service.postsetparam"],
        "not among them"
    );
    std::fs::remove_file(switch).unwrap();
    assert!(fixture.world.perform(item, "open").is_ok());
    assert_eq!(fixture.paid(), 1);
}

#[test]
fn a_change_that_fails_takes_the_tariff_back() {
    let fixture = Fixture::new();
    let item = fixture.issued(&fixture.spec());
    let sql = |text: &str| {
        fixture
            .world
            .database()
            .engine()
            .with(|sql| sql.execute(text, [item]))
    };
    sql("UPDATE item SET lastpricelist = pricelist WHERE id = ?");
    fixture
        .world
        .panel()
        .set_fault("service.postsetparam", Strike::Failing, 1);
    fixture.world.panel().forget_calls();
    let operation = fixture.world.queue(item, "setparam");
    let outcome = fixture.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_platform_function");
    let called = functions(&fixture);
    assert!(
        called.contains(&"service.changepricelist.rollback".to_owned()),
        "{called:?}"
    );
    assert_eq!(fixture.world.item(item).lastpricelist, None);
    // Without a change that is pending nothing is taken back.
    fixture
        .world
        .panel()
        .set_fault("service.postsetparam", Strike::Failing, 1);
    refused(&fixture.world.run(operation));
    assert!(!functions(&fixture).contains(&"service.changepricelist.rollback".to_owned()));
    assert!(fixture.world.run(operation).is_ok());
}

#[test]
fn reissue_is_another_name_of_reopen() {
    let fixture = Fixture::new();
    let item = fixture.issued(&fixture.spec());
    let first = fixture.world.item(item).crt;
    let operation = fixture.world.reissue(item, None, &[]);
    let (item_text, operation_text) = (item.to_string(), operation.to_string());
    let outcome = fixture.world.run_module(
        MODULE,
        &[
            "--command",
            "reissue",
            "--item",
            &item_text,
            "--runningoperation",
            &operation_text,
        ],
    );
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(fixture.world.operation(operation).is_none());
    fixture.approve(item);
    assert!(fixture.world.sync(item).is_ok());
    let view = fixture.world.item(item);
    assert_eq!(view.service_status, Some(5));
    assert_ne!(view.crt, first);
    assert_eq!(fixture.paid(), 1, "a reissue is free");
    fixture.assert_sound();
}

#[test]
fn mgrctl_calls_of_an_order_and_its_issue() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    assert!(fixture.world.perform(item, "open").is_ok());
    let mut text = format!("open\n{}\n", functions(&fixture).join("\n"));
    assert!(fixture.world.sync(item).is_ok());
    text += &format!("\nsync_item, pending\n{}\n", functions(&fixture).join("\n"));
    fixture.approve(item);
    assert!(fixture.world.sync(item).is_ok());
    text += &format!("\nsync_item, issued\n{}\n", functions(&fixture).join("\n"));
    assert!(fixture.world.sync(item).is_ok());
    text += &format!(
        "\nsync_item, nothing new\n{}\n",
        functions(&fixture).join("\n")
    );
    snapshot("mgrctl_calls", text.trim_end());
}

/// Whether the order of an item was refunded at the vendor.
fn refund_requests(fixture: &Fixture) -> usize {
    fixture.vendor().hits("order/refundrequest")
}

#[test]
fn a_deleted_service_is_cancelled_inside_the_window() {
    let fixture = Fixture::new();
    let close = |fixture: &Fixture, item| {
        let operation = fixture.world.queue(item, "close");
        let outcome = fixture.world.run(operation);
        assert!(outcome.is_ok() && outcome.stdout.is_empty(), "{outcome:?}");
        assert!(fixture.world.operation(operation).is_none());
        assert_eq!(fixture.world.item(item).status, 4);
    };
    let fresh = fixture.issued(&fixture.spec());
    close(&fixture, fresh);
    assert_eq!(refund_requests(&fixture), 1, "inside the window");
    close(&fixture, fresh);
    assert_eq!(refund_requests(&fixture), 1, "asked for once only");

    let old = fixture.issued(&fixture.spec().name("old.example.com"));
    fixture.world.advance(31 * 24 * 3600);
    close(&fixture, old);
    assert_eq!(refund_requests(&fixture), 1, "outside the window");

    let kept = fixture.issued(&fixture.spec().name("kept.example.com"));
    fixture
        .world
        .set_setting(fixture.account, "refund_on_close", "off", false);
    fixture.vendor().forget_requests();
    close(&fixture, kept);
    assert_eq!(refund_requests(&fixture), 0, "switched off for the account");
    fixture
        .world
        .set_setting(fixture.account, "refund_on_close", "on", false);

    let unpaid = fixture
        .world
        .add_item(&fixture.spec().name("never.example.com"));
    fixture.vendor().forget_requests();
    close(&fixture, unpaid);
    assert!(
        fixture.vendor().requests().is_empty(),
        "nothing was ordered"
    );
}

#[test]
fn the_client_asks_for_another_look_or_mail() {
    let fixture = Fixture::new();
    let mut spec = ItemSpec::new(fixture.account, "positivemdcssl")
        .name("example.com")
        .with_names(&["shop.example.net"]);
    let item = fixture.world.add_item(&spec);
    assert!(fixture.world.perform(item, "open").is_ok());
    let id = item.to_string();
    let run = |arguments: &[&str]| {
        let mut all = vec!["--item", id.as_str(), "--command"];
        all.extend(arguments);
        fixture.world.run_module(MODULE, &all)
    };
    let changed = run(&[
        "send_dv_email",
        "--domain",
        "shop.example.net",
        "--emails",
        "hostmaster@example.net",
    ]);
    assert!(changed.is_ok() && changed.stdout.is_empty(), "{changed:?}");
    assert_eq!(
        fixture.world.item(item).parameter("approver_email"),
        "admin@example.com,hostmaster@example.net"
    );
    let both = run(&[
        "send_dv_email",
        "--emails",
        "webmaster@example.com,admin@example.net",
    ]);
    assert!(both.is_ok(), "{both:?}");
    assert_eq!(
        fixture.world.item(item).parameter("approver_email"),
        "webmaster@example.com,admin@example.net"
    );
    // In another order than the names, and in another spelling than the vendor's list.
    let swapped = run(&[
        "send_dv_email",
        "--emails",
        "Admin@example.net,HOSTMASTER@example.com",
    ]);
    assert!(swapped.is_ok(), "{swapped:?}");
    assert_eq!(
        fixture.world.item(item).parameter("approver_email"),
        "hostmaster@example.com,admin@example.net"
    );
    spec.approver_method = "auth_cname".to_owned();
    let looked = run(&["send_dv_dns", "--domain", "example.com"]);
    assert!(looked.is_ok() && looked.stdout.is_empty(), "{looked:?}");
    assert!(
        fixture.vendor().hits("order/status") > 0,
        "the state is asked at once"
    );

    let unordered = fixture.world.add_item(&fixture.spec()).to_string();
    let mut transcript = Transcript::default();
    for (case, arguments, object) in [
        (
            "no addresses",
            vec!["--item", &id, "--command", "send_dv_email"],
            "--emails",
        ),
        (
            "no address",
            vec![
                "--item",
                &id,
                "--command",
                "send_dv_email",
                "--emails",
                "nobody",
            ],
            "--emails",
        ),
        (
            "too many addresses",
            vec![
                "--item",
                &id,
                "--command",
                "send_dv_email",
                "--domain",
                "example.com",
                "--emails",
                "admin@example.com,root@example.com",
            ],
            "--emails",
        ),
        (
            "no domain name",
            vec![
                "--item",
                &id,
                "--command",
                "send_dv_dns",
                "--domain",
                "not a name",
            ],
            "--domain",
        ),
        (
            "nothing ordered",
            vec![
                "--item",
                &unordered,
                "--command",
                "send_dv_email",
                "--emails",
                "admin@example.com",
            ],
            "store_order_id",
        ),
    ] {
        let outcome = fixture.world.run_module(MODULE, &arguments);
        assert_eq!(refused(&outcome).object, object, "{case}: {outcome:?}");
        transcript.add(case, &outcome);
    }
    transcript.check("send_validation_refused");
    fixture.assert_sound();
}

/// The client changes one name after the other: what was to be published goes once all are proved by mail.
#[test]
fn names_that_change_to_mail_one_by_one_leave_nothing_to_publish() {
    let fixture = Fixture::new();
    let mut spec = ItemSpec::new(fixture.account, "positivemdcssl")
        .name("example.com")
        .with_names(&["shop.example.net"]);
    spec.approver_method = "auth_cname".to_owned();
    let item = fixture.world.add_item(&spec);
    assert!(fixture.world.perform(item, "open").is_ok());
    let id = item.to_string();
    let shown = |name: &str| fixture.world.item(item).parameter(name).to_owned();
    assert!(!shown("auth_cname_value").is_empty());
    for (name, method) in [
        ("example.com", "auth_cname"),
        ("shop.example.net", "auth_email"),
    ] {
        let address = format!("admin@{}", name.trim_start_matches("shop."));
        let words = ["--item", &id, "--command", "send_dv_email"];
        let words = [&words[..], &["--domain", name, "--emails", &address]].concat();
        let outcome = fixture.world.run_module(MODULE, &words);
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(shown("approver_method"), method, "{name}");
        assert!(!shown("auth_cname_value").is_empty() || method == "auth_email");
    }
    assert!(fixture.world.sync(item).is_ok());
    for name in ["auth_cname_name", "auth_cname_value", "domains_list"] {
        assert_eq!(shown(name), "", "{name}");
    }
    fixture.assert_sound();
}

#[test]
fn validation_data_reaches_the_client_area() {
    let fixture = Fixture::new();
    for (method, name, parameters) in [
        (
            "auth_cname",
            "dns.example.com",
            ["auth_cname_name", "auth_cname_value"],
        ),
        (
            "auth_http",
            "file.example.com",
            ["auth_http_name", "auth_http_value"],
        ),
    ] {
        let spec = ItemSpec {
            approver_method: method.to_owned(),
            ..fixture.spec().name(name)
        };
        let item = fixture.world.add_item(&spec);
        let outcome = fixture.world.perform(item, "open");
        assert!(outcome.is_ok(), "{outcome:?}");
        let view = fixture.world.item(item);
        assert_eq!(view.parameter("domains_list"), name);
        assert!(view.parameter(parameters[0]).contains(name), "{method}");
        assert!(!view.parameter(parameters[1]).is_empty(), "{method}");
    }
}

#[test]
fn a_certificate_is_saved_whatever_line_ends_the_store_writes() {
    let fixture = Fixture::new();
    for ends in ["lf", "crlf"] {
        let store = fixture.vendor().vendor();
        store.set_switch("line_ends", ends).unwrap();
        let spec = fixture.spec().name(&format!("{ends}.example.com"));
        let item = fixture.issued(&spec);
        assert!(fixture.world.is_issued(item), "{ends}");
    }
}
