//! The real binary in a world that goes wrong: whatever becomes of the paid call, however many processes and
//! nodes work on it, there is one sale, and in the end a certificate (design, section 1).

use crate::sandbox::queue::{Manner, Outcome};
use crate::sandbox::vendor::{Approval, Fault};
use crate::sandbox::{ItemSpec, PlatformFault, Strike, World};

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

    fn order(&self) -> String {
        self.world
            .item(self.item)
            .parameter("store_order_id")
            .to_owned()
    }

    fn comes_to_its_certificate(&self) {
        let vendor = self.world.vendor("thesslstore").vendor();
        vendor.approve(&self.order(), &Approval::All).unwrap();
        assert!(self.world.sync(self.item).is_ok());
        assert_eq!(self.world.item(self.item).service_status, Some(5));
    }

    /// What the platform does next: runs the queue while time passes; a person restarts what became manual.
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
        assert_eq!(place.world.leaks(), [""; 0], "{what}");
        place.comes_to_its_certificate();
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
        place.world.panel().add_fault(PlatformFault {
            function: None,
            strike: Strike::KillAfter,
            skip: step,
            times: 1,
        });
        assert_eq!(place.world.run(operation).signal, Some(9), "step {step}");
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
