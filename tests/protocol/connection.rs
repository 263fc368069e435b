//! `check_connection`, `tune_connection`, `usercreate`, `check_param`, the balance.

use super::{Transcript, shown, snapshot};
use crate::fixture::{Fixture, MODULE, between, refused};
use crate::sandbox::layout::MODULES;

#[test]
fn settings_from_the_form_are_tried() {
    let fixture = Fixture::new();
    let url = format!("{}/rest", fixture.vendor().url());
    let good = [
        ("url", url.as_str()),
        ("partner_code", "11112222"),
        ("auth_token", "secret-0f0f0f0f0f0f"),
        ("cert_format", "pem"),
    ];
    let with = |name: &str, value: Option<&str>| {
        let kept = good.iter().filter(|(known, _)| *known != name).copied();
        let settings: Vec<_> = kept
            .chain(value.map(|value| (name, value)))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let borrowed: Vec<_> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        fixture.world.check_connection(MODULE, &borrowed)
    };
    let outcome = fixture.world.check_connection(MODULE, &good);
    assert_eq!(outcome.exit, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("<doc/>"), "{}", outcome.stdout);

    let mut transcript = Transcript::default();
    transcript.add("good", &outcome);
    let cases = [
        (
            "wrong token",
            with("auth_token", Some("nonsense-token")),
            "invalid_login_or_passwd",
            "",
        ),
        (
            "no token",
            with("auth_token", None),
            "pmssl_missing",
            "auth_token",
        ),
        (
            "empty token",
            with("auth_token", Some("")),
            "pmssl_missing",
            "auth_token",
        ),
        (
            "no partner code",
            with("partner_code", None),
            "pmssl_missing",
            "partner_code",
        ),
        (
            "plain http to another machine",
            with("url", Some("http://api.example.com/rest")),
            "pmssl_insecure_address",
            "url",
        ),
        (
            "plain http in the alternative address",
            with("api_url", Some("http://192.0.2.7/rest")),
            "pmssl_insecure_address",
            "api_url",
        ),
        (
            "no address",
            with("url", Some("ftp://api.example.com")),
            "pmssl_invalid",
            "url",
        ),
        (
            "credentials inside the address",
            with("url", Some("https://me:hidden-word@api.example.com/rest")),
            "pmssl_invalid",
            "url",
        ),
        (
            "nobody listens",
            with("url", Some("http://127.0.0.1:1/rest")),
            "client",
            "",
        ),
    ];
    for (case, outcome, kind, object) in &cases {
        let seen = refused(outcome);
        assert_eq!(
            (seen.kind.as_str(), seen.object.as_str()),
            (*kind, *object),
            "{case}"
        );
        assert!(!outcome.stdout.contains("hidden-word"), "{case}");
        transcript.add(case, outcome);
    }
    transcript.check("check_connection");
    // Nothing is registered while the administrator is still typing.
    assert!(fixture.world.problems().is_empty());
    fixture.assert_nothing_bought("check_connection");
}

#[test]
fn a_document_that_cannot_be_read_is_named_as_such() {
    let fixture = Fixture::new();
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
        <doc><processingmodule><auth_token>&b;</auth_token></processingmodule></doc>";
    let deep = "<a>".repeat(100_000);
    let inputs = [
        ("empty stdin", ""),
        ("no XML", "hello"),
        ("broken off", "<doc><processingmodule><url>https://x"),
        (
            "tags crossed",
            "<doc><processingmodule></doc></processingmodule>",
        ),
        ("another root", "<html><body/></html>"),
        ("no settings in it", "<doc><elem/></doc>"),
        ("document type", bomb),
        (
            "external entity",
            "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><doc><processingmodule><url>&x;</url></processingmodule></doc>",
        ),
        ("two documents", "<doc><processingmodule/></doc><doc/>"),
        ("very deep", deep.as_str()),
        ("a NUL", "<doc>\0</doc>"),
    ];
    let mut transcript = Transcript::default();
    for (case, input) in inputs {
        let outcome =
            fixture
                .world
                .run_module_with(MODULE, &["--command", "check_connection"], input);
        assert_eq!(
            refused(&outcome).kind,
            "pmssl_broken_input",
            "{case}: {outcome:?}"
        );
        assert!(!outcome.stdout.contains("root:"), "{case}");
        transcript.add(case, &outcome);
    }
    transcript.check("check_connection_broken_input");
}

#[test]
fn the_account_forms_come_back_extended() {
    let fixture = Fixture::new();
    let own_address = |text: &str| {
        // Addresses of the host that runs the test.
        let mut kept = String::new();
        for line in text.split_inclusive("</msg>") {
            let value = between(line, "<msg key=\"", "\"");
            if value.parse::<std::net::IpAddr>().is_err() {
                kept += line;
            } else {
                kept += line.split("<msg key=").next().unwrap();
            }
        }
        kept
    };
    let mut text = String::new();
    for module in MODULES {
        let tuned = fixture.world.tune_connection(module);
        assert!(tuned.is_ok(), "{module}: {tuned:?}");
        crate::fixture::assert_well_formed(&tuned.stdout);
        assert!(
            tuned
                .stdout
                .contains(&format!("<func>processing.edit.{module}</func>")),
            "the form itself comes back"
        );
        text += &format!(
            "## {module} tune_connection\n{}\n\n",
            own_address(&shown(&tuned))
        );
        let form = "<doc><func>processing.add.user</func><name>a &amp; b</name></doc>";
        let user = fixture
            .world
            .run_module_with(module, &["--command", "usercreate"], form);
        if pmssl::module::by_name(module)
            .unwrap()
            .registration
            .is_some()
        {
            assert!(user.is_ok(), "{module}: {user:?}");
            assert!(between(&user.stdout, "<outerlink>", "</outerlink>").starts_with("https://"));
            assert!(user.stdout.contains("<name>a &amp; b</name>"), "{user:?}");
        } else {
            assert_eq!(refused(&user).kind, "not_supported");
        }
        text += &format!("## {module} usercreate\n{}\n\n", shown(&user));
        for command in ["tune_connection", "usercreate"] {
            let broken =
                fixture
                    .world
                    .run_module_with(module, &["--command", command], "<doc><func>");
            let kind = refused(&broken).kind;
            assert!(
                kind == "pmssl_broken_input" || command == "usercreate" && kind == "not_supported",
                "{module} {command}: {kind}"
            );
        }
    }
    snapshot("account_forms", text.trim_end());
}

#[test]
fn parameters_of_the_order_form_are_checked() {
    let fixture = Fixture::new();
    let check = |name: &str, value: &str, language: &str| {
        let arguments = [
            "--command",
            "check_param",
            "--item",
            "1",
            "--param",
            name,
            "--value",
            value,
            "--lang",
            language,
        ];
        fixture
            .world
            .run_module_with(MODULE, &arguments, "<doc><service/></doc>")
    };
    let mut transcript = Transcript::default();
    for (name, value) in [
        ("altname", "www.example.com mail.example.com"),
        ("adm_email", "anna@example.com"),
        ("adm_phone", "+49 (30) 123-45-67"),
        ("something_new", "anything"),
        ("altname", ""),
    ] {
        let outcome = check(name, value, "en");
        assert!(
            outcome.is_ok() && outcome.stdout.contains("<ok/>"),
            "{name}: {outcome:?}"
        );
    }
    for (name, value) in [
        ("altname", "www.example.com bad_name..com"),
        ("adm_email", "nobody"),
        ("tech_phone", "12"),
        ("approver_email", "admin@example.com,nobody"),
    ] {
        for language in ["en", "ru"] {
            let outcome = check(name, value, language);
            let seen = refused(&outcome);
            assert_eq!(
                (seen.kind.as_str(), seen.object.as_str()),
                ("pmssl_invalid", name)
            );
            assert_eq!(seen.value, value);
            transcript.add(&format!("{name} {language}"), &outcome);
        }
    }
    transcript.check("check_param");
}

#[test]
fn the_balance_is_printed_and_saved_under_all_its_names() {
    let fixture = Fixture::new();
    let account = fixture.account.to_string();
    let second = fixture.world.add_account(MODULE, &[]);
    let broken = fixture
        .world
        .add_account(MODULE, &[("auth_token", "nonsense-token")]);
    let mut printed = Vec::new();
    for command in ["get_balance", "getbalance", "balance"] {
        fixture.world.panel().forget_calls();
        let one = fixture
            .world
            .run_module(MODULE, &["--command", command, "--module", &account]);
        assert!(one.is_ok(), "{command}: {one:?}");
        assert_eq!(between(&one.stdout, "<balance>", "</balance>"), "1000.00");
        printed.push(one.stdout);
        let saved = fixture.world.mgrctl_calls();
        assert_eq!(saved.len(), 1, "{command}");
        assert_eq!(saved[0].parameter("balance"), Some("1000.00"));
        assert_eq!(saved[0].parameter("currency"), Some("USD"));

        let all = fixture.world.run_module(MODULE, &["--command", command]);
        assert!(
            all.is_ok() && all.stdout.contains("<doc/>"),
            "{command}: {all:?}"
        );
        let accounts: Vec<u64> = fixture
            .world
            .balances()
            .iter()
            .map(|one| one.account)
            .collect();
        assert_eq!(accounts, [fixture.account, second], "{command}");
    }
    assert!(printed.iter().all(|text| *text == printed[0]));
    snapshot("balance", printed[0].trim_end());

    let mut transcript = Transcript::default();
    for (case, account, kind) in [
        ("wrong token", broken.to_string(), "invalid_login_or_passwd"),
        ("unknown account", "99".to_owned(), "pmssl_unknown_account"),
        ("no number", "first".to_owned(), "pmssl_invalid"),
    ] {
        let outcome = fixture
            .world
            .run_module(MODULE, &["--command", "getbalance", "--module", &account]);
        assert_eq!(refused(&outcome).kind, kind, "{case}");
        transcript.add(case, &outcome);
    }
    for (shape, kind) in [
        ("missing", "pmssl_unreadable_balance"),
        ("words", "pmssl_unreadable_balance"),
    ] {
        fixture
            .vendor()
            .vendor()
            .set_switch("balance_shape", shape)
            .unwrap();
        let outcome = fixture.world.balance_of(fixture.account);
        assert_eq!(refused(&outcome).kind, kind, "{shape}");
        transcript.add(shape, &outcome);
    }
    transcript.check("balance_refused");
    // A wrong token is a problem of the account, shown to the administrator.
    let problems = fixture.world.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].account, broken);
}
