//! The proof can fail: a product with one mistake is found out by the crash or the fault suite, with the same
//! functions that the suites use. The mistakes and how they get into a build: `tests/proof/broken.rs`. What needs that
//! second build belongs to `.ci/proof`; one mistake that needs none is looked for in every run.

use crate::crash::{kill_at_some, kill_everywhere};
use crate::faults::{Case, Place, play};
use crate::proof::broken::{self, HASTY, LATE, Mistake, RETRIES};
use crate::proof::{Command, End, Shop, tell, trade};
use crate::sandbox::vendor::Fault;
use crate::sandbox::world::Setup;
use crate::sandbox::{World, binaries};

const ORDER: &str = "order/neworder";

fn shop(mistake: &Mistake) -> Shop {
    let directory = tempfile::tempdir().unwrap();
    let world = broken::broken_world(mistake, &directory.path().join("root"));
    Shop::of(trade("pmthesslstore"), world, directory)
}

/// A fault at the paid call.
fn at_the_order(fault: Fault) -> Case {
    Case {
        command: Command::Open,
        call: ORDER.to_owned(),
        skip: 0,
        fault,
        sells: true,
    }
}

/// Kills where the paid call is under way.
fn around_the_order(place: &str) -> bool {
    place.ends_with(ORDER)
}

#[test]
#[ignore = "builds the product once more: .ci/proof"]
fn the_same_build_without_a_mistake_passes() {
    let none = Mistake { name: "", ..LATE };
    let mut shop = shop(&none);
    let report = kill_at_some(&mut shop, Command::Open, around_the_order);
    assert_eq!((report.killed, report.failures.len()), (3, 0), "{report:?}");
    let mut place = Place::of(shop);
    for fault in [Fault::ResetBeforeAnswer, Fault::ServerErrorAfter] {
        assert_eq!(play(&mut place, &at_the_order(fault)), Ok(End::ByItself));
    }
    assert!(place.shop.world.reconcile().is_sound());
}

/// Found by the search of all interleavings, in the core's own unit tests.
#[test]
#[ignore = "builds the product's unit tests once more: .ci/proof"]
fn the_search_finds_every_mistake_of_the_core() {
    let none = Mistake { name: "", ..LATE };
    let (holds, said) = broken::search_with(&none, "");
    assert!(holds, "{said}");
    for (mistake, scenarios, rule) in broken::FOUND_BY_SEARCH {
        let (holds, said) = broken::search_with(mistake, scenarios);
        assert!(!holds && said.contains(rule), "{}: {said}", mistake.name);
        tell(format_args!(
            "broken: '{}' is found by the search",
            mistake.name
        ));
    }
}

/// Found by the crash suite: a process that dies after the order has left orders again.
#[test]
#[ignore = "builds the product once more: .ci/proof"]
fn a_product_that_stores_the_order_too_late_is_caught() {
    let mut shop = shop(&LATE);
    for found in ["lost: ", "paid twice: ", "too many: "] {
        shop.world.expect_at_the_end(found);
    }
    let report = kill_everywhere(&mut shop, Command::Open);
    let twice: Vec<_> = report
        .failures
        .iter()
        .filter(|text| text.contains("2 sales"))
        .collect();
    tell(format_args!(
        "broken: {} of {} kills found the late one out: {twice:#?}",
        twice.len(),
        report.killed
    ));
    for moment in ["before", "after"] {
        let place = format!("{moment} {ORDER}: 2 sales");
        assert!(twice.iter().any(|text| text.contains(&place)), "{place}");
    }
    // The comparison of the books sees it as well.
    assert!(!shop.world.reconcile().is_sound());
}

/// Found by the fault suite: a broken line makes two orders.
#[test]
#[ignore = "builds the product once more: .ci/proof"]
fn a_product_that_repeats_a_paid_call_is_caught() {
    let mut place = Place::of(shop(&RETRIES));
    for fault in [
        Fault::ResetBeforeAnswer,
        Fault::CutBody,
        Fault::ServerErrorAfter,
    ] {
        assert_eq!(
            play(&mut place, &at_the_order(fault)),
            Err("2 sales, 0 reissues, 0 refunds".to_owned()),
            "{fault:?}"
        );
    }
    assert!(!place.shop.world.reconcile().is_sound());
}

/// Found by the fault suite: an order that is not listed yet is ordered again.
#[test]
#[ignore = "builds the product once more: .ci/proof"]
fn a_product_that_takes_not_yet_for_never_is_caught() {
    let mut place = Place::of(shop(&HASTY));
    let vendor = place.shop.vendor().vendor();
    vendor.set_switch("listing_delay", "600").unwrap();
    assert_eq!(
        play(&mut place, &at_the_order(Fault::ResetBeforeAnswer)),
        Err("2 sales, 0 reissues, 0 refunds".to_owned())
    );
    assert!(!place.shop.world.reconcile().is_sound());
}

/// Found by the fault suite: what was sent is forgotten whenever a command ends with an error, by the machine's
/// ledger, too.
#[test]
fn a_product_that_forgets_its_intent_is_caught() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("forgetful.sh");
    let text = format!(
        "#!/bin/sh\n\
         {} pmthesslstore \"$@\" && exit 0\n\
         sbin/mgrctl -m billmgr -o xml service.dropparam elid=$4 name=pmssl_intent sok=ok >/dev/null 2>&1\n\
         rm -rf var/pmssl/ledger\n\
         exit 1\n",
        binaries::pmssl().display()
    );
    binaries::write_script(&program, &text);
    let setup = Setup {
        pmssl: program,
        ..Setup::default()
    };
    let world = World::start_with(&directory.path().join("root"), &setup);
    let mut place = Place::of(Shop::of(trade("pmthesslstore"), world, directory));
    // The vendor does not show what it sold, so that nobody finds the order before the next purchase.
    let vendor = place.shop.vendor().vendor();
    vendor.set_switch("listing_delay", "1000000").unwrap();
    assert_eq!(
        play(&mut place, &at_the_order(Fault::ResetBeforeAnswer)),
        Err("2 sales, 0 reissues, 0 refunds".to_owned())
    );
    assert!(!place.shop.world.reconcile().is_sound());
}
