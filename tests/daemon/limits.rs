//! Limits around a vendor: its own wishes, the circuit breaker, the end of a hopeless pass, the orders of an
//! hour, and the money that is left.

use super::{Fixture, MODULE};
use crate::sandbox::platform::Call;
use crate::sandbox::vendor::fault::{FOREVER, Fault};
use crate::sandbox::{ItemSpec, crowd};

const OTHER: &str = "pmispmgrssl";

/// A pending order at a vendor that has nothing to do with the first.
fn neighbour(fixture: &Fixture) -> u64 {
    fixture
        .world
        .vendor(OTHER)
        .vendor()
        .set_balance(100_000_000);
    let account = fixture.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product).name("neighbour.example.com");
    let item = fixture.world.add_item(&spec);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    fixture.world.vendor(OTHER).forget_requests();
    item
}

fn neighbours_calls(fixture: &Fixture) -> usize {
    fixture.world.vendor(OTHER).requests().len()
}

/// Pending services, copies of a few that were really ordered.
fn pending(fixture: &Fixture, count: usize) {
    let first = [1, 2].map(|n| fixture.ordered(&format!("first{n}.example.com"), 12));
    for number in first.len()..count {
        crowd::copy(&fixture.world, first[number % first.len()]);
    }
    fixture.world.expect_at_the_end("shared: thesslstore");
    fixture.world.vendor(MODULE).forget_requests();
}

/// The account is left alone for as long as the vendor wishes, also by passes that are started anew; others
/// are served all the while.
#[test]
fn a_vendor_that_asks_for_a_pause_gets_it() {
    let fixture = Fixture::new();
    pending(&fixture, 12);
    neighbour(&fixture);
    let vendor = fixture.world.vendor(MODULE);
    vendor.set_retry_after(600);
    vendor.set_fault("*", Fault::TooManyRequests, FOREVER);
    fixture.pass();
    let heard = vendor.requests().len();
    // Each hand may have a call on its way when the first answer comes.
    assert!((1..=2).contains(&heard), "{heard}\n{}", fixture.log());
    assert!(
        fixture.log().contains("asks for a pause"),
        "{}",
        fixture.log()
    );
    let served = neighbours_calls(&fixture);
    assert!(served > 0);
    vendor.clear_faults();
    fixture.world.advance(300);
    fixture.pass();
    assert_eq!(vendor.requests().len(), heard, "{}", fixture.log());
    assert!(neighbours_calls(&fixture) > served);
    fixture.world.advance(310);
    fixture.pass();
    assert_eq!(fixture.looks(), heard + 12, "{}", fixture.log());
}

#[test]
fn a_vendor_that_only_fails_is_given_rest() {
    let fixture = Fixture::new();
    pending(&fixture, 30);
    neighbour(&fixture);
    let vendor = fixture.world.vendor(MODULE);
    vendor.set_fault("order/status", Fault::HtmlPage, FOREVER);
    fixture.pass();
    let log = fixture.log();
    assert!(log.contains("5 calls in a row failed"), "{log}");
    assert!(
        (5..=6).contains(&fixture.looks()),
        "{}\n{log}",
        fixture.looks()
    );
    assert!(neighbours_calls(&fixture) > 0, "another account is served");
}

/// Every third call fails, so that the circuit breaker never sees five in a row.
#[test]
fn a_pass_ends_when_more_than_a_quarter_of_fifty_calls_fail() {
    let fixture = Fixture::new();
    pending(&fixture, 90);
    let vendor = fixture.world.vendor(MODULE);
    for _ in 0..30 {
        vendor.set_fault_after("order/status", Fault::HtmlPage, 2, 1);
    }
    fixture.pass();
    let log = fixture.log();
    assert!(
        log.contains("ended early: more than a quarter of the vendor's calls failed"),
        "{log}"
    );
    assert!(
        (50..=52).contains(&fixture.looks()),
        "{}\n{log}",
        fixture.looks()
    );
    vendor.clear_faults();
    fixture.world.advance(300);
    fixture.pass();
    assert!(fixture.looks() >= 52 + 80, "the next pass does it all");
}

#[test]
fn no_more_orders_are_sent_in_an_hour_than_are_allowed() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    for number in 0..5 {
        fixture.ordered(&format!("hour{number}.example.com"), 24);
    }
    fixture.pass();
    fixture.days(190);
    fixture.world.set_option("SSLDaemonOrders", "2");
    let paid_calls = || fixture.world.vendor(MODULE).hits("order/reissue");
    fixture.pass();
    assert_eq!(
        (fixture.reissues(), paid_calls()),
        (2, 2),
        "{}",
        fixture.log()
    );
    assert!(fixture.log().contains("2 are allowed"), "{}", fixture.log());
    for _ in 0..4 {
        fixture.world.advance(700);
        fixture.pass();
        assert_eq!(fixture.reissues(), 2, "inside the same hour");
    }
    fixture.world.advance(1000);
    fixture.pass();
    assert_eq!(
        (fixture.reissues(), paid_calls()),
        (4, 4),
        "{}",
        fixture.log()
    );
    fixture.world.advance(3700);
    fixture.pass();
    assert_eq!(fixture.reissues(), 5);
    fixture.is_sound();
}

#[test]
fn balances_are_saved_once_an_hour_and_a_low_one_is_told() {
    let fixture = Fixture::new();
    let low = fixture
        .world
        .add_account(MODULE, &[("threshold", "2000000")]);
    let words =
        format!("account {low} ({MODULE} account): balance 1000000.00 USD is below its minimum");
    let saved = || {
        let calls = fixture.world.mgrctl_calls();
        let saves = |call: &&Call| call.function == "processing.savebalance";
        calls.iter().filter(saves).count()
    };
    let told = |words: &str| fixture.world.log("pmssl").matches(words).count();
    fixture.pass();
    assert_eq!((saved(), told(&words)), (2, 1), "{}", fixture.log());
    fixture.world.advance(600);
    fixture.pass();
    assert_eq!(saved(), 2, "not in every pass");
    fixture
        .world
        .vendor(MODULE)
        .vendor()
        .set_balance(300_000_000);
    fixture.world.advance(3600);
    fixture.pass();
    assert_eq!((saved(), told("is below its minimum")), (4, 1));
}
