//! The real binary in the simulated world, killed at every step of every paid command: one sale, in the end
//! a finished operation and a certificate (design, section 1).

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "sandbox/mod.rs"]
mod sandbox;

use sandbox::queue::{Manner, Outcome};
use sandbox::vendor::Fault;
use sandbox::{ItemSpec, PlatformFault, Strike, World};

/// Where the module dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// At a call of mgrctl, before or after it took effect.
    Mgrctl(Strike),
    /// At a statement.
    Statement,
}

struct Place {
    world: World,
    item: u64,
    _directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        let account = world.add_account("pmthesslstore", &[]);
        let item = world.add_item(&ItemSpec::new(account, "positivessl"));
        Self {
            world,
            item,
            _directory: directory,
        }
    }

    /// Opened and issued.
    fn issued() -> Self {
        let place = Self::new();
        assert!(place.world.perform(place.item, "open").is_ok());
        place.approve_and_sync();
        place
    }

    fn order(&self) -> String {
        let view = self.world.item(self.item);
        let name = self.world.order_parameter(self.item);
        view.parameter(name).to_owned()
    }

    fn approve_and_sync(&self) {
        let vendor = self.world.vendor("thesslstore").vendor();
        vendor
            .approve(&self.order(), &sandbox::vendor::Approval::All)
            .unwrap();
        assert!(self.world.sync(self.item).is_ok());
        assert_eq!(self.world.item(self.item).service_status, Some(5));
    }

    /// Arms a death at step `step` and runs; `false` when the command ended before it came to that step.
    fn dies(&self, operation: u64, death: Death, step: u32) -> bool {
        match death {
            Death::Mgrctl(strike) => self.world.panel().add_fault(PlatformFault {
                function: None,
                strike,
                skip: step,
                times: 1,
            }),
            Death::Statement => self.world.database().kill_after(step),
        }
        let outcome = self.world.run(operation);
        self.world.panel().clear_faults();
        self.world.database().clear_faults();
        outcome.exit.is_none()
    }

    /// What the platform does next: runs the queue, while time passes. A failed renewal becomes manual at once
    /// (billmanager.md 8.3); a person restarts it, which must be enough.
    fn recover(&self) -> Vec<(u64, Outcome)> {
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            outcomes.extend(self.world.run_with_pauses(4, 10 * 60));
            for operation in self.world.operations() {
                self.world.retry(operation.id);
            }
        }
        outcomes
    }
}

/// Kills `command` at every step, one world per step; `check` sees the world after it recovered.
fn sweep(
    start: impl Fn() -> Place + Sync,
    queue: impl Fn(&Place) -> u64 + Sync,
    check: impl Fn(&Place, &str) + Sync,
) {
    let deaths = [
        Death::Mgrctl(Strike::KillBefore),
        Death::Mgrctl(Strike::KillAfter),
        Death::Statement,
    ];
    std::thread::scope(|scope| {
        for death in deaths {
            let (start, queue, check) = (&start, &queue, &check);
            scope.spawn(move || {
                for step in 0.. {
                    let place = start();
                    let operation = queue(&place);
                    let died = place.dies(operation, death, step);
                    let outcomes = place.recover();
                    let runs: Vec<_> = outcomes.iter().map(|(_, run)| &run.stdout).collect();
                    let what = format!("{death:?} at step {step}: {runs:#?}");
                    let left = place.world.operations();
                    assert!(left.is_empty(), "{what}");
                    check(&place, &what);
                    let found = place.world.reconcile();
                    assert!(found.is_sound(), "{what}: {found:?}");
                    let leaks = place.world.leaks();
                    assert!(leaks.is_empty(), "{what}: {leaks:?}");
                    if !died {
                        // Every death up to here has struck.
                        assert!(step >= 3, "{what}");
                        break;
                    }
                }
            });
        }
    });
}

#[test]
fn an_order_is_placed_once_wherever_it_dies() {
    sweep(
        Place::new,
        |place| place.world.queue(place.item, "open"),
        |place, what| {
            let sales = place.world.vendor("thesslstore").vendor().sales();
            assert_eq!(sales.len(), 1, "{what}");
            assert_eq!(place.order(), sales[0].order, "{what}");
            place.approve_and_sync();
        },
    );
}

#[test]
fn a_renewal_is_placed_once_wherever_it_dies() {
    sweep(
        Place::issued,
        |place| place.world.queue(place.item, "prolong"),
        |place, what| {
            let sales = place.world.vendor("thesslstore").vendor().sales();
            assert_eq!(sales.len(), 2, "{what}");
            assert_eq!(place.order(), sales[1].order, "{what}");
            place.approve_and_sync();
        },
    );
}

#[test]
fn a_reissue_is_asked_for_once_wherever_it_dies() {
    sweep(
        Place::issued,
        |place| place.world.reissue(place.item, None, &[]),
        |place, what| {
            let sales = place.world.vendor("thesslstore").vendor().sales();
            let paid = sales.iter().filter(|sale| sale.is_paid()).count();
            assert_eq!((paid, sales.len()), (1, 2), "{what}");
            let before = place.world.item(place.item).certificate.unwrap().serial;
            place.approve_and_sync();
            let after = place.world.item(place.item).certificate.unwrap().serial;
            assert_ne!(before, after, "{what}");
        },
    );
}

#[test]
fn an_order_is_placed_once_whatever_becomes_of_the_paid_call() {
    // DuplicateDelivery is not here: the vendor's own doubling cannot be prevented by a client.
    for fault in [
        Fault::ResetBeforeHandling,
        Fault::ResetBeforeAnswer,
        Fault::CutBody,
        Fault::ServerErrorBefore,
        Fault::ServerErrorAfter,
        Fault::HtmlPage,
        Fault::HtmlPageAfter,
        Fault::Empty,
        Fault::Truncated,
        Fault::SlowDrip,
        Fault::Redirect,
        Fault::TooManyRequests,
        Fault::Stall,
        Fault::StallBefore,
    ] {
        let place = Place::new();
        let server = place.world.vendor("thesslstore");
        server.set_fault("order/neworder", fault, 1);
        let operation = place.world.queue(place.item, "open");
        std::thread::scope(|scope| {
            let run = scope.spawn(|| place.world.run(operation));
            if matches!(fault, Fault::Stall | Fault::StallBefore) {
                // Killed in the middle of the paid call.
                while server.hits("order/neworder") == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                place.world.kill_running();
            }
            run.join().unwrap()
        });
        let outcomes = place.recover();
        let runs: Vec<_> = outcomes.iter().map(|(_, run)| &run.stdout).collect();
        let what = format!("{fault:?}: {runs:#?}");
        assert!(place.world.operations().is_empty(), "{what}");
        assert_eq!(server.vendor().sales().len(), 1, "{what}");
        let found = place.world.reconcile();
        assert!(found.is_sound(), "{what}: {found:?}");
        place.approve_and_sync();
    }
}

#[test]
fn two_runs_of_one_order_at_the_same_time_place_it_once() {
    let place = Place::new();
    let operations = [(); 3].map(|()| place.world.queue(place.item, "open"));
    place.world.run_together(&operations);
    place.recover();
    assert!(place.world.operations().is_empty());
    let sales = place.world.vendor("thesslstore").vendor().sales();
    assert_eq!(sales.len(), 1);
}

#[test]
fn another_node_continues_where_the_dead_one_stopped() {
    for step in 0..6 {
        let place = Place::new();
        let directory = tempfile::tempdir().unwrap();
        let node = place.world.add_node(directory.path());
        let operation = place.world.queue(place.item, "open");
        let died = place.dies(operation, Death::Mgrctl(Strike::KillAfter), step);
        assert!(died, "step {step}");
        let manner = Manner {
            node: Some(&node),
            ..Manner::default()
        };
        for _ in 0..4 {
            if place.world.operation(operation).is_some() {
                place.world.run_in(operation, &manner);
                place.world.advance(10 * 60);
            }
        }
        assert_eq!(place.world.operation(operation), None, "step {step}");
        let sales = place.world.vendor("thesslstore").vendor().sales();
        assert_eq!(sales.len(), 1, "step {step}");
        assert_eq!(place.order(), sales[0].order, "step {step}");
    }
}

#[test]
fn a_certificate_arrives_wherever_the_poll_dies() {
    for death in [
        Death::Mgrctl(Strike::KillBefore),
        Death::Mgrctl(Strike::KillAfter),
    ] {
        for step in 0.. {
            let place = Place::new();
            assert!(place.world.perform(place.item, "open").is_ok());
            let vendor = place.world.vendor("thesslstore").vendor();
            vendor
                .approve(&place.order(), &sandbox::vendor::Approval::All)
                .unwrap();
            let Death::Mgrctl(strike) = death else {
                continue;
            };
            place.world.panel().add_fault(PlatformFault {
                function: None,
                strike,
                skip: step,
                times: 1,
            });
            let died = place.world.sync(place.item).exit.is_none();
            place.world.panel().clear_faults();
            assert!(place.world.sync(place.item).is_ok());
            let view = place.world.item(place.item);
            assert_eq!(view.service_status, Some(5), "{death:?} at step {step}");
            assert!(view.certificate.is_some() && view.expiredate.is_some());
            if !died {
                assert!(step >= 2);
                break;
            }
        }
    }
}
