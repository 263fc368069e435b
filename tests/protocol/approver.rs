//! `approver`: who may confirm a name.

use super::{Transcript, snapshot};
use crate::fixture::{Fixture, MODULE, refused};

#[test]
fn addresses_are_grouped_by_name() {
    let fixture = Fixture::new();
    let one = fixture
        .world
        .approver(fixture.account, "www.example.co.uk", "positivessl", "");
    assert!(one.is_ok(), "{one:?}");
    assert!(
        one.stdout
            .contains("<domain name=\"www.example.co.uk\"><approver>")
    );
    assert!(
        one.stdout
            .contains("<approver>admin@example.co.uk</approver>")
    );
    assert!(!one.stdout.contains("none"), "useless entries are left out");
    let pem = crate::sandbox::request::elliptic(&crate::sandbox::request::Subject::of(
        "shop.example.com",
    ))
    .csr;
    let several = fixture.world.approver(
        fixture.account,
        "shop.example.com, *.example.net",
        "positivemdcwildcard",
        &pem,
    );
    assert!(several.is_ok(), "{several:?}");
    assert_eq!(several.stdout.matches("<domain name=").count(), 2);
    snapshot(
        "approver",
        &format!("{}\n{}", one.stdout.trim_end(), several.stdout.trim_end()),
    );
}

#[test]
fn what_is_missing_or_foreign_is_named() {
    let fixture = Fixture::new();
    let foreign = fixture
        .world
        .add_bare_account("pmglobalsign", &[("username", "u", false)]);
    let (own, foreign) = (fixture.account.to_string(), foreign.to_string());
    let run = |account: &str, domain: &str, template: &str, language: &str| {
        let options = [
            ("--module", account),
            ("--domain", domain),
            ("--intname", template),
            ("--lang", language),
        ];
        let mut arguments = vec!["--command", "approver"];
        for (name, value) in options {
            if !value.is_empty() {
                arguments.extend([name, value]);
            }
        }
        fixture.world.run_module(MODULE, &arguments)
    };
    let mut transcript = Transcript::default();
    for (case, account, domain, template, kind, object) in [
        (
            "unknown product",
            own.as_str(),
            "example.com",
            "no_such_product",
            "pmssl_unknown_template",
            "--intname",
        ),
        (
            "another module's product",
            &own,
            "example.com",
            "gs_dv_le",
            "pmssl_unknown_template",
            "--intname",
        ),
        (
            "no product",
            &own,
            "example.com",
            "",
            "pmssl_missing",
            "--intname",
        ),
        (
            "no account",
            "",
            "example.com",
            "positivessl",
            "pmssl_missing",
            "--module",
        ),
        (
            "unknown account",
            "77",
            "example.com",
            "positivessl",
            "pmssl_unknown_account",
            "",
        ),
        (
            "foreign account",
            &foreign,
            "example.com",
            "positivessl",
            "pmssl_foreign_module",
            "account 2",
        ),
        (
            "no name",
            &own,
            "",
            "positivessl",
            "pmssl_missing",
            "--domain",
        ),
        (
            "no name between commas",
            &own,
            " , ",
            "positivessl",
            "pmssl_missing",
            "--domain",
        ),
        (
            "no domain name",
            &own,
            "exa_mple..com",
            "positivessl",
            "pmssl_name_not_allowed",
            "--domain",
        ),
    ] {
        for language in ["en", "ru"] {
            let outcome = run(account, domain, template, language);
            let seen = refused(&outcome);
            assert_eq!(
                (seen.kind.as_str(), seen.object.as_str()),
                (kind, object),
                "{case}"
            );
            transcript.add(&format!("{case} {language}"), &outcome);
        }
    }
    transcript.check("approver_refused");
    fixture.assert_nothing_bought("approver");
}

/// The form sends the CSR along: what the order would refuse is refused here, before anybody pays.
#[test]
fn a_csr_that_the_order_would_refuse_is_refused_with_the_list() {
    let fixture = Fixture::new();
    let subject = crate::sandbox::request::Subject::of("shop.example.com");
    let whole = crate::sandbox::request::elliptic(&subject).csr;
    let damaged = whole.replacen("\nMI", "\nMJ", 1);
    assert_ne!(damaged, whole);
    let key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    let ask = |input: &str| {
        let world = &fixture.world;
        world.approver(fixture.account, "shop.example.com", "positivessl", input)
    };
    let both = format!("{whole}{key}");
    for (what, input) in [("damaged", &damaged), ("with its key", &both)] {
        let outcome = ask(input);
        let seen = refused(&outcome);
        assert_eq!(seen.object, "csr", "{what}: {outcome:?}");
    }
    let form = format!("<doc><csr>{damaged}</csr></doc>");
    // The same in the armour that people leave of it, which the order reads.
    let weak =
        crate::sandbox::request::elliptic(&crate::sandbox::request::Subject::of("mail.local"));
    let weak = weak.csr;
    for (what, input) in [
        (
            "small letters",
            weak.replace("BEGIN CERTIFICATE REQUEST", "begin certificate request"),
        ),
        ("four dashes", weak.replace("-----", "----")),
        ("text before it", format!("Here it is:\n{weak}")),
    ] {
        let outcome = ask(&input);
        assert_eq!(refused(&outcome).object, "csr", "{what}: {outcome:?}");
    }
    let forms = [
        format!("<doc><csr>{weak}</csr></doc>"),
        format!("csr={weak}"),
    ];
    for input in [
        whole.as_str(),
        "",
        &form,
        "name=value",
        key,
        &forms[0],
        &forms[1],
    ] {
        let outcome = ask(input);
        assert!(outcome.is_ok(), "{input}: {outcome:?}");
    }
    fixture.assert_nothing_bought("approver");
}

/// Public addresses are names of some orders, and nobody is asked by mail about them.
#[test]
fn addresses_are_passed_over_where_the_vendor_certifies_them() {
    let fixture = Fixture::new();
    let world = &fixture.world;
    let globalsign = world.add_account("pmglobalsign", &[]);
    let mixed = "www.example.com,93.184.216.34";
    let outcome = world.approver(globalsign, mixed, "DV", "");
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(outcome.stdout.matches("<domain name=").count(), 1);
    assert!(outcome.stdout.contains("<domain name=\"www.example.com\">"));
    for (account, product, domain, value, text) in [
        (
            globalsign,
            "DV",
            "www.example.com 10.0.0.1",
            "10.0.0.1",
            "addresses of internal networks",
        ),
        (
            globalsign,
            "DV_LOW",
            mixed,
            "93.184.216.34",
            "this product takes no IP addresses",
        ),
        (
            fixture.account,
            "positivessl",
            mixed,
            "93.184.216.34",
            "this vendor issues no certificates for IP addresses",
        ),
    ] {
        let seen = refused(&world.approver(account, domain, product, ""));
        assert_eq!(seen.kind, "pmssl_name_not_allowed", "{seen:?}");
        assert_eq!(seen.value, value);
        assert!(seen.text.contains(text), "{seen:?}");
    }
    fixture.assert_nothing_bought("approver");
}
