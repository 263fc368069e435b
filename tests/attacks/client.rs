//! A hostile client: what stands in a form is refused before the vendor hears of it, or is one order that says what
//! the form says.

use super::Tally;
use crate::sandbox::vendor::VendorServer;
use crate::sandbox::{ItemSpec, World};
use crate::scene::{MODULE, Scene, refused};

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

#[test]
fn a_field_stays_one_field_whatever_stands_in_it() {
    let mut tally = Tally::of("a client, texts");
    let scene = Scene::new();
    for text in BREAKOUTS {
        for field in ["org_name", "adm_jtitle"] {
            let vendor: &VendorServer = scene.vendor();
            vendor.forget_requests();
            let before = vendor.vendor().sales().len();
            let item = scene.world.add_item(&scene.spec().with(field, text));
            let outcome = scene.world.perform(item, "open");
            let about = format!("{field} {text:?}: {outcome:?}");
            let sold = scene.vendor().vendor().sales().len() - before;
            if outcome.is_ok() {
                assert_eq!(sold, 1, "{about}");
            } else {
                assert_eq!(refused(&outcome).object, field, "{about}");
                assert_eq!(sold, 0, "{about}");
            }
            assert!(!scene.world.root().join("trace").exists(), "{about}");
            tally.held();
        }
    }
    let check = scene.world.reconcile();
    assert!(check.is_sound(), "{check:?}");
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
    let scene = Scene::new();
    for names in names() {
        scene.vendor().forget_requests();
        let spec = ItemSpec::new(scene.account, "positivemultidomain").with("altname", &names);
        let item = scene.world.add_item(&spec);
        let outcome = scene.world.perform(item, "open");
        let shown: String = names.chars().take(40).collect();
        assert_ne!(outcome.exit, None, "{shown:?} {outcome:?}");
        assert_eq!(
            refused(&outcome).kind.split('_').next(),
            Some("pmssl"),
            "{shown:?}"
        );
        scene.assert_nothing_bought(&shown);
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
    let scene = Scene::new();
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
        scene.vendor().forget_requests();
        let spec = ItemSpec {
            csr: Some(csr),
            ..scene.spec()
        };
        let item = scene.world.add_item(&spec);
        let outcome = scene.world.perform(item, "open");
        assert_eq!(refused(&outcome).object, "csr", "{what}: {outcome:?}");
        scene.assert_nothing_bought(what);
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
