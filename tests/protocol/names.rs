//! What DNS says about names before they are paid for: warnings, and never an obstacle.

use std::time::Duration;

use crate::fixture::{Fixture, MODULE};
use crate::sandbox::dns::{Record, Server};

/// A fixture whose program asks a server.
fn asking(server: &Server) -> Fixture {
    let fixture = Fixture::new();
    fixture.world.set_option("SSLResolver", &server.place());
    fixture
}

/// The log's lines about DNS.
fn warnings(fixture: &Fixture) -> Vec<String> {
    let log = fixture.world.log(MODULE);
    let words = ["CAA records", "DNSSEC signatures", "does not exist in DNS"];
    let is_one = |line: &&str| words.iter().any(|word| line.contains(word));
    log.lines().filter(is_one).map(str::to_owned).collect()
}

fn permits(server: &Server, name: &str, value: &str) {
    let caa = Record::Caa(0, "issue".to_owned(), value.to_owned());
    server.publish(name, caa);
}

#[test]
fn what_would_prevent_the_issue_is_told_and_the_order_goes_on() {
    for (record, expected) in [
        (
            Record::Caa(0, "issue".to_owned(), "letsencrypt.org".to_owned()),
            "permit only other certificate authorities: letsencrypt.org",
        ),
        (
            Record::Caa(0, "issue".to_owned(), ";".to_owned()),
            "permit no certificate authority at all",
        ),
        (
            Record::Caa(
                0,
                "issue".to_owned(),
                "sectigo.com; validationmethods=dns-01".to_owned(),
            ),
            "permit only other ways to prove control",
        ),
        (
            Record::Caa(
                0,
                "issue".to_owned(),
                "sectigo.com; accounturi=https://ca.example/1".to_owned(),
            ),
            "permit one account",
        ),
        (
            Record::Broken,
            "the DNSSEC signatures of example.com are broken",
        ),
    ] {
        let server = Server::start();
        server.publish("www.example.com", Record::Empty);
        server.publish("example.com", record.clone());
        let fixture = asking(&server);
        let item = fixture.world.add_item(&fixture.spec());
        let outcome = fixture.world.perform(item, "open");
        assert!(outcome.is_ok(), "{record:?}: {outcome:?}");
        assert_eq!(fixture.paid(), 1, "{record:?}");
        let told = warnings(&fixture);
        assert!(
            told.iter().any(|line| line.contains(expected)),
            "{record:?}: {told:?}"
        );
        let letters = fixture.world.panel().messages();
        assert_eq!(letters.len(), 1, "{letters:?}");
        let text = &letters[0].2;
        assert!(
            text.contains("example.com") && text.contains("DNS"),
            "{text}"
        );
        assert!(text.contains("CAA") || text.contains("DNSSEC"), "{text}");
        fixture.assert_sound();
    }
}

#[test]
fn good_names_are_ordered_without_a_word() {
    let server = Server::start();
    server.publish("www.example.com", Record::Empty);
    permits(&server, "example.com", "letsencrypt.org");
    permits(&server, "example.com", "sectigo.com");
    let fixture = asking(&server);
    let item = fixture.world.add_item(&fixture.spec());
    assert!(fixture.world.perform(item, "open").is_ok());
    assert!(server.questions() >= 2, "nobody has asked");
    assert_eq!(warnings(&fixture), [""; 0]);
    assert!(fixture.world.panel().messages().is_empty());
}

#[test]
fn a_domain_that_does_not_exist_is_a_warning() {
    let server = Server::start();
    let fixture = asking(&server);
    let item = fixture.world.add_item(&fixture.spec());
    assert!(fixture.world.perform(item, "open").is_ok());
    assert_eq!(fixture.paid(), 1);
    let told = warnings(&fixture);
    let expected = "the domain example.com does not exist in DNS";
    assert!(told.iter().any(|line| line.contains(expected)), "{told:?}");
}

/// The look has its bound: an order waits for a silent resolver as long as that, and nothing is said. What the limit
/// is made of is proved beside the code; here the order must not fail.
#[test]
fn a_silent_resolver_holds_no_order_up() {
    let server = Server::start();
    server.publish("example.com", Record::Broken);
    server.fall_silent();
    let fixture = asking(&server);
    let item = fixture.world.add_item(&fixture.spec());
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(
        outcome.duration < Duration::from_secs(60),
        "{:?}",
        outcome.duration
    );
    assert!(server.questions() >= 1, "nobody has asked");
    assert_eq!((fixture.paid(), warnings(&fixture).len()), (1, 0));
    assert!(fixture.world.panel().messages().is_empty());
}

#[test]
fn a_csr_in_the_form_is_looked_at_and_never_refused_for_it() {
    let server = Server::start();
    permits(&server, "example.com", ";");
    let fixture = asking(&server);
    let subject = crate::sandbox::request::Subject::of("www.example.com");
    let csr = crate::sandbox::request::elliptic(&subject).csr;
    let arguments = [
        "--command",
        "check_param",
        "--param",
        "csr",
        "--value",
        &csr,
    ];
    let outcome = fixture.world.run_module(MODULE, &arguments);
    assert!(
        outcome.is_ok() && outcome.stdout.contains("ok"),
        "{outcome:?}"
    );
    let told = warnings(&fixture);
    assert!(
        told.iter()
            .any(|line| line.contains("permit no certificate")),
        "{told:?}"
    );
}

/// `features` is asked by each start of BILLmanager and reads no configuration.
#[test]
fn features_asks_nobody() {
    let server = Server::start();
    let fixture = asking(&server);
    let outcome = fixture.world.run_module(MODULE, &["--command", "features"]);
    assert!(outcome.is_ok());
    assert_eq!(server.questions(), 0);
}
