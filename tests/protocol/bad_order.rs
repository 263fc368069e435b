//! Orders that cannot be right: each its own error, and none costs anything.

use super::Transcript;
use crate::fixture::{Fixture, Refused, refused};
use crate::sandbox::ItemSpec;
use crate::sandbox::item::{Organization, Person};
use crate::sandbox::request::{self, Subject};

/// One order that is refused.
struct Case {
    name: &'static str,
    spec: ItemSpec,
    kind: &'static str,
    object: &'static str,
}

/// Runs each order in both languages, directly and from the queue.
fn check(snapshot: &str, fixture: &Fixture, cases: Vec<Case>) {
    let mut transcript = Transcript::default();
    let balance = fixture.vendor().vendor().balance();
    for case in cases {
        let name = case.name;
        let item = fixture.world.add_item(&case.spec);
        let english = fixture.direct("open", item, "en");
        let seen = refused(&english);
        expect(&case, &seen);
        transcript.add(name, &english);

        let operation = fixture.world.queue(item, "open");
        let russian = fixture.run_in_russian(operation);
        let translated = refused(&russian);
        expect(&case, &translated);
        assert_eq!(translated.value, seen.value, "{name}");
        assert_ne!(translated.text, seen.text, "{name}");
        assert!(
            translated
                .text
                .chars()
                .any(|letter| ('а'..='я').contains(&letter)),
            "{name}: {}",
            translated.text
        );
        transcript.add(&format!("{name}, in Russian"), &russian);
        let stored = fixture.world.operation(operation).expect("it stays queued");
        assert!(
            stored.errorxml.contains(&format!("type=\"{}\"", case.kind)),
            "{name}: {}",
            stored.errorxml
        );
        assert_eq!(fixture.order(item), "", "{name}");
        assert_eq!(
            fixture.world.item(item).parameter("pmssl_intent"),
            "",
            "{name}"
        );
        fixture.assert_nothing_bought(name);
    }
    assert_eq!(fixture.vendor().vendor().balance(), balance);
    fixture.assert_sound();
    transcript.check(snapshot);
}

fn expect(case: &Case, seen: &Refused) {
    assert_eq!(
        (seen.kind.as_str(), seen.object.as_str()),
        (case.kind, case.object),
        "{}: {seen:?}",
        case.name
    );
}

fn with_csr(fixture: &Fixture, csr: &str) -> ItemSpec {
    ItemSpec {
        csr: Some(csr.to_owned()),
        ..fixture.spec()
    }
}

#[test]
fn a_request_for_signing_that_cannot_be_used() {
    let fixture = Fixture::new();
    let good = request::elliptic(&Subject::of("www.example.com")).csr;
    let weak = include_str!("../../src/certificate/fixtures/rsa-1024.pem");
    let case = |name, csr: &str, kind| Case {
        name,
        spec: with_csr(&fixture, csr),
        kind,
        object: "csr",
    };
    let cases = vec![
        case("no CSR", "", "pmssl_missing_csr"),
        case("text", "please sign this", "pmssl_bad_csr"),
        case("half of it", &good[..good.len() / 2], "pmssl_bad_csr"),
        case("another document", CERTIFICATE_LIKE, "pmssl_bad_csr"),
        case(
            "wrong signature",
            &with_wrong_signature(&good),
            "pmssl_bad_csr",
        ),
        case("weak key", weak, "pmssl_weak_key"),
        case(
            "a name that is none",
            &request::elliptic(&Subject::of("not a name")).csr,
            "pmssl_bad_csr",
        ),
        case(
            "a name of the house",
            &request::elliptic(&Subject::of("mail.local")).csr,
            "pmssl_name_not_allowed",
        ),
    ];
    check("open_bad_csr", &fixture, cases);
}

const CERTIFICATE_LIKE: &str =
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n";

/// The same request with one bit of its signature turned round.
fn with_wrong_signature(pem: &str) -> String {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD;
    let text: String = pem
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect();
    let mut der = engine.decode(text).unwrap();
    *der.last_mut().unwrap() ^= 1;
    let text = engine.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
        lines.join("\n")
    )
}

#[test]
fn names_that_do_not_fit_the_product() {
    let fixture = Fixture::new();
    let spec = |template: &str, name: &str| ItemSpec::new(fixture.account, template).name(name);
    // No approver address that could be complained of first.
    let by_record = |name: &str| ItemSpec {
        approver_method: "auth_cname".to_owned(),
        ..spec("positivemdcssl", name)
    };
    let mut too_many =
        spec("positivemdcssl", "example.com").with_names(&["a.example.com", "b.example.com"]);
    too_many.names_bought = 1;
    let case = |name, spec, object| Case {
        name,
        spec,
        kind: "pmssl_name_not_allowed",
        object,
    };
    let cases = vec![
        case(
            "wildcard in a single product",
            spec("positivessl", "*.example.com"),
            "csr",
        ),
        case(
            "plain name in a wildcard product",
            spec("positivesslwildcard", "example.com"),
            "csr",
        ),
        case(
            "second name in a single product",
            spec("positivessl", "example.com").with_names(&["example.net"]),
            "altname",
        ),
        case(
            "wildcard among plain names",
            spec("positivemdcssl", "example.com").with_names(&["*.example.net"]),
            "altname",
        ),
        case(
            "an internal name",
            by_record("example.com").with_names(&["intranet"]),
            "altname",
        ),
        case(
            "no name at all",
            by_record("example.com").with_names(&["exa_mple..com"]),
            "altname",
        ),
        Case {
            name: "more names than were bought",
            spec: too_many,
            kind: "pmssl_too_many_names",
            object: "altname",
        },
        Case {
            name: "a product of nobody",
            spec: spec("no_such_product", "example.com"),
            kind: "pmssl_unknown_template",
            object: "intname",
        },
    ];
    check("open_bad_names", &fixture, cases);
}

#[test]
fn contacts_that_are_incomplete() {
    let fixture = Fixture::new();
    let with = |change: &dyn Fn(&mut Person)| {
        let mut spec = fixture.spec();
        change(&mut spec.administrative);
        spec
    };
    let missing = |name, spec, object| Case {
        name,
        spec,
        kind: "pmssl_missing",
        object,
    };
    let invalid = |name, spec, object| Case {
        name,
        spec,
        kind: "pmssl_invalid",
        object,
    };
    let mut technical = fixture.spec();
    technical.technical.email = String::new();
    let mut untitled = ItemSpec::new(fixture.account, "positiveevssl").name("www.example.com");
    untitled.administrative.title = String::new();
    let cases = vec![
        missing(
            "no first name",
            with(&|person| person.first.clear()),
            "adm_fname",
        ),
        missing(
            "no last name",
            with(&|person| person.last.clear()),
            "adm_lname",
        ),
        missing(
            "no phone",
            with(&|person| person.phone.clear()),
            "adm_phone",
        ),
        missing(
            "no e-mail",
            with(&|person| person.email.clear()),
            "adm_email",
        ),
        missing("technical contact without e-mail", technical, "tech_email"),
        missing(
            "no position for extended validation",
            untitled,
            "adm_jtitle",
        ),
        invalid(
            "phone",
            with(&|person| person.phone = "12".into()),
            "adm_phone",
        ),
        invalid(
            "phone without country",
            with(&|person| person.phone = "8 900 123 45 67".into()),
            "adm_phone",
        ),
        invalid(
            "e-mail",
            with(&|person| person.email = "anna.example.com".into()),
            "adm_email",
        ),
        invalid(
            "e-mail with a line in it",
            with(&|person| person.email = "a@example.com\nBcc: b@example.com".into()),
            "adm_email",
        ),
    ];
    check("open_bad_contacts", &fixture, cases);
}

#[test]
fn a_company_that_is_incomplete() {
    let fixture = Fixture::new();
    let with = |change: &dyn Fn(&mut Organization)| {
        let mut spec = ItemSpec::new(fixture.account, "instantssl").name("www.example.com");
        change(spec.organization.as_mut().unwrap());
        spec
    };
    let case = |name, spec, kind, object| Case {
        name,
        spec,
        kind,
        object,
    };
    let mut none = with(&|_| {});
    none.organization = None;
    let country = with(&|_| {}).with("org_country", "99999");
    let word = with(&|_| {}).with("org_country", "Germany");
    let missing = "pmssl_missing";
    let cases = vec![
        case("no company", none, missing, "org_name"),
        case(
            "no name",
            with(&|org| org.name.clear()),
            missing,
            "org_name",
        ),
        case(
            "no address",
            with(&|org| org.address.clear()),
            missing,
            "org_address",
        ),
        case(
            "no city",
            with(&|org| org.city.clear()),
            missing,
            "org_city",
        ),
        case(
            "no state",
            with(&|org| org.state.clear()),
            missing,
            "org_state",
        ),
        case(
            "no postcode",
            with(&|org| org.postcode.clear()),
            missing,
            "org_postcode",
        ),
        case(
            "no phone",
            with(&|org| org.phone.clear()),
            missing,
            "org_phone",
        ),
        case(
            "phone",
            with(&|org| org.phone = "call us".into()),
            "pmssl_invalid",
            "org_phone",
        ),
        case(
            "a country of no list",
            country,
            "pmssl_invalid",
            "org_country",
        ),
        case("a country in words", word, "pmssl_invalid", "org_country"),
    ];
    check("open_bad_company", &fixture, cases);
}

#[test]
fn approvers_terms_and_money() {
    let fixture = Fixture::new();
    let approver = |address: &str| ItemSpec {
        approver_email: Some(address.to_owned()),
        ..fixture.spec()
    };
    let method = |template: &str, name: &str, word: &str| ItemSpec {
        approver_method: word.to_owned(),
        ..ItemSpec::new(fixture.account, template).name(name)
    };
    let case = |name, spec, kind, object| Case {
        name,
        spec,
        kind,
        object,
    };
    let invalid = "pmssl_invalid";
    let cases = vec![
        case(
            "approver of another domain",
            approver("admin@example.net"),
            "approver",
            "approver_email",
        ),
        case(
            "approver without a role",
            approver("anna@example.com"),
            "approver",
            "approver_email",
        ),
        case(
            "no approver",
            approver(""),
            "pmssl_missing",
            "approver_email",
        ),
        case(
            "approver that is no address",
            approver("admin"),
            invalid,
            "approver_email",
        ),
        case(
            "more approvers than names",
            approver("admin@example.com,root@example.com"),
            invalid,
            "approver_email",
        ),
        case(
            "unknown method",
            method("positivessl", "www.example.com", "auth_pigeon"),
            invalid,
            "approver_method",
        ),
        case(
            "file for a wildcard",
            method("positivesslwildcard", "*.example.com", "auth_http"),
            invalid,
            "approver_method",
        ),
        case(
            "trial",
            fixture.spec().months(-100),
            "pmssl_bad_term",
            "period",
        ),
        case(
            "no term",
            fixture.spec().months(0),
            "pmssl_bad_term",
            "period",
        ),
        case(
            "too long",
            fixture.spec().months(121),
            "pmssl_bad_term",
            "period",
        ),
    ];
    check("open_bad_approver", &fixture, cases);
    fixture.vendor().vendor().set_balance(100);
    let poor = vec![case(
        "less money than the price",
        fixture.spec(),
        "pmssl_low_funds",
        "",
    )];
    check("open_low_funds", &fixture, poor);
}
