//! Commands on services that exist already: suspend, resume, change, renew, reissue, close, validation.

use super::{Transcript, snapshot};
use crate::sandbox::{ItemSpec, Strike};
use crate::scene::{MODULE, Scene, refused};

/// Functions of the platform that were called since the last look, in their order.
fn functions(scene: &Scene) -> Vec<String> {
    let calls = scene.world.mgrctl_calls();
    scene.world.panel().forget_calls();
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
    let scene = Scene::new();
    let item = scene.issued(&scene.spec());
    scene.vendor().forget_requests();
    scene.world.panel().forget_calls();
    for (command, function, status) in [
        ("suspend", "service.postsuspend", 3),
        ("resume", "service.postresume", 2),
        ("setparam", "service.postsetparam", 2),
    ] {
        let operation = scene.world.queue(item, command);
        let outcome = scene.world.run(operation);
        assert!(
            outcome.is_ok() && outcome.stdout.is_empty(),
            "{command}: {outcome:?}"
        );
        assert_eq!(functions(&scene), [function], "{command}");
        assert!(scene.world.operation(operation).is_none(), "{command}");
        assert_eq!(scene.world.item(item).status, status, "{command}");
    }
    let outcome = scene.direct("cancel_prolong", item, "");
    assert!(outcome.is_ok() && outcome.stdout.is_empty(), "{outcome:?}");
    assert!(
        scene.vendor().requests().is_empty(),
        "none of them concerns the vendor"
    );
    assert!(functions(&scene).is_empty());
}

#[test]
fn do_nothing_is_honoured() {
    let scene = Scene::new();
    let item = scene.world.add_item(&scene.spec());
    let switch = scene.world.root().join("etc/billmgr.DoNothing");
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
        let operation = scene.world.queue(item, command);
        let outcome = scene.world.run(operation);
        assert!(
            outcome.is_ok() && outcome.stdout.is_empty(),
            "{command}: {outcome:?}"
        );
    }
    assert!(scene.world.mgrctl_calls().is_empty());
    assert!(scene.vendor().requests().is_empty());
    let setparam = scene.world.run(scene.world.queue(item, "setparam"));
    assert!(setparam.is_ok());
    assert_eq!(
        functions(&scene),
        ["service.postsetparam"],
        "not among them"
    );
    std::fs::remove_file(switch).unwrap();
    assert!(scene.world.perform(item, "open").is_ok());
    assert_eq!(scene.paid(), 1);
}

#[test]
fn a_change_that_fails_takes_the_tariff_back() {
    let scene = Scene::new();
    let item = scene.issued(&scene.spec());
    let sql = |text: &str| {
        scene
            .world
            .database()
            .engine()
            .with(|sql| sql.execute(text, [item]))
    };
    sql("UPDATE item SET lastpricelist = pricelist WHERE id = ?");
    scene
        .world
        .panel()
        .set_fault("service.postsetparam", Strike::Failing, 1);
    scene.world.panel().forget_calls();
    let operation = scene.world.queue(item, "setparam");
    let outcome = scene.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_platform_function");
    let called = functions(&scene);
    assert!(
        called.contains(&"service.changepricelist.rollback".to_owned()),
        "{called:?}"
    );
    assert_eq!(scene.world.item(item).lastpricelist, None);
    // Without a change that is pending nothing is taken back.
    scene
        .world
        .panel()
        .set_fault("service.postsetparam", Strike::Failing, 1);
    refused(&scene.world.run(operation));
    assert!(!functions(&scene).contains(&"service.changepricelist.rollback".to_owned()));
    assert!(scene.world.run(operation).is_ok());
}

#[test]
fn reissue_is_another_name_of_reopen() {
    let scene = Scene::new();
    let item = scene.issued(&scene.spec());
    let first = scene.world.item(item).crt;
    let operation = scene.world.reissue(item, None, &[]);
    let (item_text, operation_text) = (item.to_string(), operation.to_string());
    let outcome = scene.world.run_module(
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
    assert!(scene.world.operation(operation).is_none());
    scene.approve(item);
    assert!(scene.world.sync(item).is_ok());
    let view = scene.world.item(item);
    assert_eq!(view.service_status, Some(5));
    assert_ne!(view.crt, first);
    assert_eq!(scene.paid(), 1, "a reissue is free");
    scene.assert_sound();
}

#[test]
fn mgrctl_calls_of_an_order_and_its_issue() {
    let scene = Scene::new();
    let item = scene.world.add_item(&scene.spec());
    assert!(scene.world.perform(item, "open").is_ok());
    let mut text = format!("open\n{}\n", functions(&scene).join("\n"));
    assert!(scene.world.sync(item).is_ok());
    text += &format!("\nsync_item, pending\n{}\n", functions(&scene).join("\n"));
    scene.approve(item);
    assert!(scene.world.sync(item).is_ok());
    text += &format!("\nsync_item, issued\n{}\n", functions(&scene).join("\n"));
    assert!(scene.world.sync(item).is_ok());
    text += &format!(
        "\nsync_item, nothing new\n{}\n",
        functions(&scene).join("\n")
    );
    snapshot("mgrctl_calls", text.trim_end());
}

/// Whether the order of an item was refunded at the vendor.
fn refund_requests(scene: &Scene) -> usize {
    scene.vendor().hits("order/refundrequest")
}

#[test]
fn a_deleted_service_is_cancelled_inside_the_window() {
    let scene = Scene::new();
    let close = |scene: &Scene, item| {
        let operation = scene.world.queue(item, "close");
        let outcome = scene.world.run(operation);
        assert!(outcome.is_ok() && outcome.stdout.is_empty(), "{outcome:?}");
        assert!(scene.world.operation(operation).is_none());
        assert_eq!(scene.world.item(item).status, 4);
    };
    let fresh = scene.issued(&scene.spec());
    close(&scene, fresh);
    assert_eq!(refund_requests(&scene), 1, "inside the window");
    close(&scene, fresh);
    assert_eq!(refund_requests(&scene), 1, "asked for once only");

    let old = scene.issued(&scene.spec().name("old.example.com"));
    scene.world.advance(31 * 24 * 3600);
    close(&scene, old);
    assert_eq!(refund_requests(&scene), 1, "outside the window");

    let kept = scene.issued(&scene.spec().name("kept.example.com"));
    scene
        .world
        .set_setting(scene.account, "refund_on_close", "off", false);
    scene.vendor().forget_requests();
    close(&scene, kept);
    assert_eq!(refund_requests(&scene), 0, "switched off for the account");
    scene
        .world
        .set_setting(scene.account, "refund_on_close", "on", false);

    let unpaid = scene
        .world
        .add_item(&scene.spec().name("never.example.com"));
    scene.vendor().forget_requests();
    close(&scene, unpaid);
    assert!(scene.vendor().requests().is_empty(), "nothing was ordered");
}

#[test]
fn the_client_asks_for_another_look_or_mail() {
    let scene = Scene::new();
    let mut spec = ItemSpec::new(scene.account, "positivemdcssl")
        .name("example.com")
        .with_names(&["shop.example.net"]);
    let item = scene.world.add_item(&spec);
    assert!(scene.world.perform(item, "open").is_ok());
    let id = item.to_string();
    let run = |arguments: &[&str]| {
        let mut all = vec!["--item", id.as_str(), "--command"];
        all.extend(arguments);
        scene.world.run_module(MODULE, &all)
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
        scene.world.item(item).parameter("approver_email"),
        "admin@example.com,hostmaster@example.net"
    );
    let both = run(&[
        "send_dv_email",
        "--emails",
        "webmaster@example.com,admin@example.net",
    ]);
    assert!(both.is_ok(), "{both:?}");
    assert_eq!(
        scene.world.item(item).parameter("approver_email"),
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
        scene.world.item(item).parameter("approver_email"),
        "hostmaster@example.com,admin@example.net"
    );
    spec.approver_method = "auth_cname".to_owned();
    let looked = run(&["send_dv_dns", "--domain", "example.com"]);
    assert!(looked.is_ok() && looked.stdout.is_empty(), "{looked:?}");
    assert!(
        scene.vendor().hits("order/status") > 0,
        "the state is asked at once"
    );

    let unordered = scene.world.add_item(&scene.spec()).to_string();
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
        let outcome = scene.world.run_module(MODULE, &arguments);
        assert_eq!(refused(&outcome).object, object, "{case}: {outcome:?}");
        transcript.add(case, &outcome);
    }
    transcript.check("send_validation_refused");
    scene.assert_sound();
}

/// The client changes one name after the other: what was to be published goes once all are proved by mail.
#[test]
fn names_that_change_to_mail_one_by_one_leave_nothing_to_publish() {
    let scene = Scene::new();
    let mut spec = ItemSpec::new(scene.account, "positivemdcssl")
        .name("example.com")
        .with_names(&["shop.example.net"]);
    spec.approver_method = "auth_cname".to_owned();
    let item = scene.world.add_item(&spec);
    assert!(scene.world.perform(item, "open").is_ok());
    let id = item.to_string();
    let shown = |name: &str| scene.world.item(item).parameter(name).to_owned();
    assert!(!shown("auth_cname_value").is_empty());
    for (name, method) in [
        ("example.com", "auth_cname"),
        ("shop.example.net", "auth_email"),
    ] {
        let address = format!("admin@{}", name.trim_start_matches("shop."));
        let words = ["--item", &id, "--command", "send_dv_email"];
        let words = [&words[..], &["--domain", name, "--emails", &address]].concat();
        let outcome = scene.world.run_module(MODULE, &words);
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(shown("approver_method"), method, "{name}");
        assert!(!shown("auth_cname_value").is_empty() || method == "auth_email");
    }
    assert!(scene.world.sync(item).is_ok());
    for name in ["auth_cname_name", "auth_cname_value", "domains_list"] {
        assert_eq!(shown(name), "", "{name}");
    }
    scene.assert_sound();
}

#[test]
fn validation_data_reaches_the_client_area() {
    let scene = Scene::new();
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
            ..scene.spec().name(name)
        };
        let item = scene.world.add_item(&spec);
        let outcome = scene.world.perform(item, "open");
        assert!(outcome.is_ok(), "{outcome:?}");
        let view = scene.world.item(item);
        assert_eq!(view.parameter("domains_list"), name);
        assert!(view.parameter(parameters[0]).contains(name), "{method}");
        assert!(!view.parameter(parameters[1]).is_empty(), "{method}");
    }
}

#[test]
fn a_certificate_is_saved_whatever_line_ends_the_store_writes() {
    let scene = Scene::new();
    for ends in ["lf", "crlf"] {
        let store = scene.vendor().vendor();
        store.set_switch("line_ends", ends).unwrap();
        let spec = scene.spec().name(&format!("{ends}.example.com"));
        let item = scene.issued(&spec);
        assert!(scene.world.is_issued(item), "{ends}");
    }
}
