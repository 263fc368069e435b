//! The installation in trouble: database, mgrctl, the panel restarting.

use std::path::PathBuf;
use std::time::Duration;

use super::Transcript;
use crate::fixture::{Fixture, refused};
use crate::sandbox::{PlatformFault, Strike};

fn spool_file(fixture: &Fixture, item: u64) -> PathBuf {
    fixture
        .world
        .root()
        .join(format!("var/pmssl/spool/item-{item}.json"))
}

#[test]
fn a_database_that_is_down_costs_nothing() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    let operation = fixture.world.queue(item, "open");
    fixture.world.database().set_down(true);
    let id = item.to_string();
    for command in ["open", "sync_item", "close", "suspend"] {
        let outcome = fixture.world.run_module(
            crate::fixture::MODULE,
            &["--command", command, "--item", &id],
        );
        assert_eq!(refused(&outcome).kind, "db", "{command}");
        assert!(!outcome.stdout.contains(fixture.world.database().password()));
    }
    fixture.assert_nothing_bought("database down");
    fixture.world.database().clear_faults();
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.paid(), 1);
}

/// The line to the database breaks at each statement in turn. Where the intent was stored already, the vendor
/// has to be asked first, and silence counts as proof only after its settling time.
#[test]
fn a_database_connection_that_is_cut_anywhere_buys_once() {
    let fixture = Fixture::new();
    let (mut cuts, mut quiet) = (0, 0);
    for after in 0..100 {
        if quiet == 5 {
            break;
        }
        let item = fixture
            .world
            .add_item(&fixture.spec().name(&format!("cut{after}.example.com")));
        let operation = fixture.world.queue(item, "open");
        fixture.world.database().cut_after(after, 1);
        let first = fixture.world.run(operation);
        fixture.world.database().clear_faults();
        if first.is_ok() {
            quiet += 1;
        } else {
            (cuts, quiet) = (cuts + 1, 0);
            fixture.world.advance(16 * 60);
            fixture.world.run_until_done(9);
        }
        assert!(fixture.world.operation(operation).is_none(), "cut {after}");
        assert!(!fixture.order(item).is_empty(), "cut {after}");
    }
    assert_eq!(quiet, 5, "an order has fewer statements than that");
    assert!(cuts >= 10, "{cuts} cuts were felt");
    fixture.assert_sound();
}

#[test]
fn a_missing_or_senseless_mgrctl_costs_nothing() {
    let fixture = Fixture::new();
    let mut transcript = Transcript::default();
    let item = fixture.world.add_item(&fixture.spec());
    let operation = fixture.world.queue(item, "open");
    fixture.world.set_mgrctl_missing(true);
    let outcome = fixture.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_platform_function");
    transcript.add("missing", &outcome);
    fixture.world.set_mgrctl_missing(false);
    for (case, strike) in [
        ("failing", Strike::Failing),
        ("garbage", Strike::Garbage),
        ("away", Strike::Away),
        ("function unknown", Strike::Unknown),
    ] {
        fixture.world.panel().set_fault("", strike, 1000);
        let outcome = fixture.world.run(operation);
        assert_eq!(refused(&outcome).kind, "pmssl_platform_function", "{case}");
        transcript.add(case, &outcome);
        fixture.world.panel().clear_faults();
        fixture.assert_nothing_bought(case);
    }
    transcript.check("mgrctl_trouble");
    fixture
        .world
        .panel()
        .set_fault("", Strike::Slow(Duration::from_millis(60)), 4);
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.paid(), 1);
    fixture.assert_sound();
}

/// The panel goes away when the order number is to be saved, for longer than the command waits: the
/// number is on this machine, and the next try takes it from there without asking the vendor.
#[test]
fn an_order_number_that_cannot_be_saved_is_spooled() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    let operation = fixture.world.queue(item, "open");
    // The first writes are the mark and the intent; all behind them fail.
    fixture.world.panel().add_fault(PlatformFault {
        function: Some("service.saveparam".to_owned()),
        strike: Strike::Restarting,
        skip: 2,
        times: 1000,
    });
    let outcome = fixture.world.run(operation);
    assert_eq!(refused(&outcome).kind, "pmssl_platform_function");
    assert!(
        outcome.duration >= Duration::from_secs(1),
        "it waited: {:?}",
        outcome.duration
    );
    assert_eq!(fixture.paid(), 1);
    assert_eq!(fixture.order(item), "");
    let file = spool_file(&fixture, item);
    let kept = std::fs::read_to_string(&file).expect("the spool");
    let sold = fixture.vendor().vendor().sales()[0].order.clone();
    assert!(kept.contains(&sold), "{kept}");

    fixture.world.panel().clear_faults();
    fixture.vendor().forget_requests();
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.order(item), sold);
    assert_eq!(fixture.paid(), 1);
    assert_eq!(
        fixture.vendor().hits("order/query"),
        0,
        "no need to look it up"
    );
    assert!(!file.exists(), "what the platform knows is not kept here");
    fixture.assert_sound();
}

/// A short restart is waited out inside the command.
#[test]
fn a_short_restart_is_waited_for() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    fixture.world.panel().add_fault(PlatformFault {
        function: Some("service.saveparam".to_owned()),
        strike: Strike::Restarting,
        skip: 2,
        times: 1,
    });
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(!fixture.order(item).is_empty());
    assert!(!spool_file(&fixture, item).exists());
    fixture.assert_sound();
}

/// Spool lost as well (another node of the cluster): the vendor is asked.
#[test]
fn without_the_spool_the_vendor_is_asked() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    let operation = fixture.world.queue(item, "open");
    fixture.world.panel().add_fault(PlatformFault {
        function: Some("service.saveparam".to_owned()),
        strike: Strike::Failing,
        skip: 2,
        times: 1000,
    });
    refused(&fixture.world.run(operation));
    std::fs::remove_file(spool_file(&fixture, item)).expect("the spool");
    fixture.world.panel().clear_faults();
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.paid(), 1);
    assert_eq!(
        fixture.order(item),
        fixture.vendor().vendor().sales()[0].order
    );
    fixture.assert_sound();
}

/// Width of the parameter's column: an intent that is not stored is not sent.
#[test]
fn an_intent_that_does_not_fit_is_not_sent() {
    let fixture = Fixture::new();
    let item = fixture.world.add_item(&fixture.spec());
    fixture.world.panel().set_parameter_width(Some(20));
    let outcome = fixture.world.perform(item, "open");
    assert_eq!(refused(&outcome).kind, "pmssl_platform_function");
    fixture.assert_nothing_bought("narrow column");
}
