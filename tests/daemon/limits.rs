//! Limits around a vendor: its own wishes, the circuit breaker, the end of a hopeless pass, the orders of an
//! hour, and the money that is left.

use super::{MODULE, Scene};
use crate::sandbox::platform::Call;
use crate::sandbox::vendor::fault::{FOREVER, Fault};
use crate::sandbox::{ItemSpec, crowd};

const OTHER: &str = "pmispmgrssl";

/// A pending order at a vendor that has nothing to do with the first.
fn neighbour(scene: &Scene) -> u64 {
    scene.world.vendor(OTHER).vendor().set_balance(100_000_000);
    let account = scene.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product).name("neighbour.example.com");
    let item = scene.world.add_item(&spec);
    let outcome = scene.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    scene.world.vendor(OTHER).forget_requests();
    item
}

fn neighbours_calls(scene: &Scene) -> usize {
    scene.world.vendor(OTHER).requests().len()
}

/// Pending services, copies of a few that were really ordered.
fn pending(scene: &Scene, count: usize) {
    let first = [1, 2].map(|n| scene.ordered(&format!("first{n}.example.com"), 12));
    for number in first.len()..count {
        crowd::copy(&scene.world, first[number % first.len()]);
    }
    scene.world.expect_at_the_end("shared: thesslstore");
    scene.world.vendor(MODULE).forget_requests();
}

/// The account is left alone for as long as the vendor wishes, also by passes that are started anew; others
/// are served all the while.
#[test]
fn a_vendor_that_asks_for_a_pause_gets_it() {
    let scene = Scene::new();
    pending(&scene, 12);
    neighbour(&scene);
    let vendor = scene.world.vendor(MODULE);
    vendor.set_retry_after(600);
    vendor.set_fault("*", Fault::TooManyRequests, FOREVER);
    scene.pass();
    let heard = vendor.requests().len();
    // Each hand may have a call on its way when the first answer comes.
    assert!((1..=2).contains(&heard), "{heard}\n{}", scene.log());
    assert!(scene.log().contains("asks for a pause"), "{}", scene.log());
    let served = neighbours_calls(&scene);
    assert!(served > 0);
    vendor.clear_faults();
    scene.world.advance(300);
    scene.pass();
    assert_eq!(vendor.requests().len(), heard, "{}", scene.log());
    assert!(neighbours_calls(&scene) > served);
    scene.world.advance(310);
    scene.pass();
    assert_eq!(scene.looks(), heard + 12, "{}", scene.log());
}

#[test]
fn a_vendor_that_only_fails_is_given_rest() {
    let scene = Scene::new();
    pending(&scene, 30);
    neighbour(&scene);
    let vendor = scene.world.vendor(MODULE);
    vendor.set_fault("order/status", Fault::HtmlPage, FOREVER);
    scene.pass();
    let log = scene.log();
    assert!(log.contains("5 calls in a row failed"), "{log}");
    assert!((5..=6).contains(&scene.looks()), "{}\n{log}", scene.looks());
    assert!(neighbours_calls(&scene) > 0, "another account is served");
}

/// Every third call fails, so that the circuit breaker never sees five in a row.
#[test]
fn a_pass_ends_when_more_than_a_quarter_of_fifty_calls_fail() {
    let scene = Scene::new();
    pending(&scene, 90);
    let vendor = scene.world.vendor(MODULE);
    for _ in 0..30 {
        vendor.set_fault_after("order/status", Fault::HtmlPage, 2, 1);
    }
    scene.pass();
    let log = scene.log();
    assert!(
        log.contains("ended early: more than a quarter of the vendor's calls failed"),
        "{log}"
    );
    assert!(
        (50..=52).contains(&scene.looks()),
        "{}\n{log}",
        scene.looks()
    );
    vendor.clear_faults();
    scene.world.advance(300);
    scene.pass();
    assert!(scene.looks() >= 52 + 80, "the next pass does it all");
}

#[test]
fn no_more_orders_are_sent_in_an_hour_than_are_allowed() {
    let scene = Scene::new();
    scene.approves_by_itself();
    for number in 0..5 {
        scene.ordered(&format!("hour{number}.example.com"), 24);
    }
    scene.pass();
    scene.days(190);
    scene.world.set_option("SSLDaemonOrders", "2");
    let paid_calls = || scene.world.vendor(MODULE).hits("order/reissue");
    scene.pass();
    assert_eq!((scene.reissues(), paid_calls()), (2, 2), "{}", scene.log());
    assert!(scene.log().contains("2 are allowed"), "{}", scene.log());
    for _ in 0..4 {
        scene.world.advance(700);
        scene.pass();
        assert_eq!(scene.reissues(), 2, "inside the same hour");
    }
    scene.world.advance(1000);
    scene.pass();
    assert_eq!((scene.reissues(), paid_calls()), (4, 4), "{}", scene.log());
    scene.world.advance(3700);
    scene.pass();
    assert_eq!(scene.reissues(), 5);
    scene.is_sound();
}

#[test]
fn balances_are_saved_once_an_hour_and_a_low_one_is_told() {
    let scene = Scene::new();
    let low = scene.world.add_account(MODULE, &[("threshold", "2000000")]);
    let words =
        format!("account {low} ({MODULE} account): balance 1000000.00 USD is below its minimum");
    let saved = || {
        let calls = scene.world.mgrctl_calls();
        let saves = |call: &&Call| call.function == "processing.savebalance";
        calls.iter().filter(saves).count()
    };
    let told = |words: &str| scene.world.log("pmssl").matches(words).count();
    scene.pass();
    assert_eq!((saved(), told(&words)), (2, 1), "{}", scene.log());
    scene.world.advance(600);
    scene.pass();
    assert_eq!(saved(), 2, "not in every pass");
    scene.world.vendor(MODULE).vendor().set_balance(300_000_000);
    scene.world.advance(3600);
    scene.pass();
    assert_eq!((saved(), told("is below its minimum")), (4, 1));
}
