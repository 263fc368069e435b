//! A hostile client: what stands in a form is refused before the vendor hears of it, or is one order that says what
//! the form says.

use super::Tally;
use crate::fixture::{Fixture, MODULE, refused};
use crate::sandbox::vendor::Sale;
use crate::sandbox::{ItemSpec, Outcome, World};

/// What would be another field, another element, another header, another statement, another argument.
const BREAKOUTS: [&str; 12] = [
    "Example\",\"IsTrial\":\"true\",\"x\":\"",
    "Example\\\",\\\"ValidityPeriod\\\":60,\\\"",
    "Example</Organization><Months>60</Months>",
    "Example]]><x>",
    "Example<!--",
    "Example&amp;period=60&template=ev",
    "Example%0d%0aX-Admin:%201",
    "Example' OR '1'='1' -- ",
    "Example\\",
    "$(touch trace)`touch trace`",
    "--su=root",
    "{{7*7}}${7*7}%s%n",
];

/// At each vendor a product that verifies a company: there the texts are sent.
const COMPANY_PRODUCTS: [(&str, &str); 5] = [
    ("pmthesslstore", "sectigoovssl"),
    ("pmglobalsign", "OV"),
    ("pmleadertelecom", "leader_ov"),
    ("pmenomssl", "Certificate-GeoTrust-TrueBizID"),
    ("pmispmgrssl", "2026"),
];

/// Orders, each with a name of its own; the sales that came of it.
fn ordered(world: &World, module: &str, spec: ItemSpec, number: usize) -> (Outcome, Vec<Sale>) {
    let before = world.vendor(module).vendor().sales().len();
    let item = world.add_item(&spec.name(&format!("shop{number}.example.com")));
    let outcome = world.perform(item, "open");
    let sold = world.vendor(module).vendor().sales().split_off(before);
    (outcome, sold)
}

#[test]
fn a_field_stays_one_field_whatever_stands_in_it() {
    let mut tally = Tally::of("a client, texts");
    let mut known = COMPANY_PRODUCTS.map(|(module, _)| module);
    known.sort_unstable();
    assert_eq!(known.to_vec(), crate::modules());
    for (module, product) in COMPANY_PRODUCTS {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        let spec = || ItemSpec::new(account, product);
        let (outcome, plain) = ordered(&world, module, spec(), 0);
        assert!(outcome.is_ok(), "{module}: {outcome:?}");
        assert_eq!(plain.len(), 1, "{module}: {plain:?}");
        let mut number = 0;
        for text in BREAKOUTS {
            for field in ["org_name", "adm_jtitle"] {
                number += 1;
                let (outcome, sold) = ordered(&world, module, spec().with(field, text), number);
                let about = format!("{module} {field} {text:?}: {outcome:?} {sold:?}");
                if outcome.is_ok() {
                    assert_eq!(sold.len(), 1, "{about}");
                    // Neither another product nor a longer term.
                    assert_eq!(sold[0].product, plain[0].product, "{about}");
                    assert_eq!(sold[0].amount, plain[0].amount, "{about}");
                } else {
                    assert_eq!(refused(&outcome).object, field, "{about}");
                    assert!(sold.is_empty(), "{about}");
                }
                assert!(!world.root().join("trace").exists(), "{about}");
                tally.held();
            }
        }
        let check = world.reconcile();
        assert!(check.is_sound(), "{module}: {check:?}");
    }
}

/// Names that are none, and more of them than any product has.
fn names() -> Vec<String> {
    let many =
        |count: usize| -> String { (0..count).map(|n| format!("n{n}.example.com ")).collect() };
    [
        "../../etc/passwd",
        "http://www.example.com/",
        "www.example.com:443",
        "*.*.example.com",
        "*.com",
        "localhost",
        "169.254.169.254",
        "www.example.com\u{0}.evil.example",
        "xn--a-\u{301}.example",
        "ex\u{200b}ample.com",
        "www.exаmple.com.",
        "-h.example.com",
        "' UNION SELECT value FROM itemcryptedparam -- ",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        many(2_000),
        many(50_000),
        format!("{}.com", "a".repeat(100_000)),
    ])
    .collect()
}

#[test]
fn names_that_are_none_and_crowds_of_names_buy_nothing() {
    let mut tally = Tally::of("a client, names");
    let fixture = Fixture::new();
    for names in names() {
        fixture.vendor().forget_requests();
        let spec = ItemSpec::new(fixture.account, "positivemultidomain").with("altname", &names);
        let item = fixture.world.add_item(&spec);
        let outcome = fixture.world.perform(item, "open");
        let shown: String = names.chars().take(40).collect();
        assert_ne!(outcome.exit, None, "{shown:?} {outcome:?}");
        assert_eq!(
            refused(&outcome).kind.split('_').next(),
            Some("pmssl"),
            "{shown:?}"
        );
        fixture.assert_nothing_bought(&shown);
        assert!(
            outcome.stdout.len() < 20_000,
            "{shown:?}: {}",
            outcome.stdout.len()
        );
        tally.held();
    }
}

#[test]
fn requests_that_are_none_buy_nothing() {
    let mut tally = Tally::of("a client, requests");
    let fixture = Fixture::new();
    let armour = |body: &str| {
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n")
    };
    for (what, csr) in [
        ("base64 without end", armour(&"QUFB".repeat(500_000))),
        ("ten thousand requests", armour("MIIB").repeat(10_000)),
        ("lengths that lie", armour("MIT/////MIT/////")),
        (
            "a sequence in a sequence",
            armour(&"MIAwgDCA".repeat(20_000)),
        ),
        ("armour without a body", armour("")),
        (
            "armour without an end",
            "-----BEGIN CERTIFICATE REQUEST-----\n".repeat(50_000),
        ),
        ("zeros", "\u{0}".repeat(10_000)),
    ] {
        fixture.vendor().forget_requests();
        let spec = ItemSpec {
            csr: Some(csr),
            ..fixture.spec()
        };
        let item = fixture.world.add_item(&spec);
        let outcome = fixture.world.perform(item, "open");
        assert_eq!(refused(&outcome).object, "csr", "{what}: {outcome:?}");
        fixture.assert_nothing_bought(what);
        tally.held();
    }
}

/// Numbers from the command line, as scripts of others put them together.
#[test]
fn numbers_that_are_none_reach_no_statement() {
    let mut tally = Tally::of("a client, numbers");
    let directory = tempfile::tempdir().unwrap();
    let world = World::start(directory.path());
    world.add_account(MODULE, &[]);
    for number in [
        "1 OR 1=1",
        "1; DROP TABLE item",
        "-1",
        "18446744073709551616",
        "0x10",
        "1e3",
        "../1",
        "",
        "١",
    ] {
        let before = world.database().statements().len();
        let outcome = world.run_module(MODULE, &["--command", "sync_item", "--item", number]);
        assert_eq!(outcome.exit, Some(1), "{number:?} {outcome:?}");
        let output = world.tool(&["show", "--item", number]).output().unwrap();
        assert!(!output.status.success(), "{number:?} {output:?}");
        let statements = world.database().statements().split_off(before);
        let reached = statements
            .iter()
            .any(|statement| statement.contains("itemparam"));
        assert!(!reached, "{number:?} {statements:?}");
        tally.held();
    }
}
