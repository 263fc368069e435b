//! Other programs and other times: requests and answers that come after the next run has begun, copies of the panel,
//! late replicas, services of one name and one CSR, the platform vendor's own module on the same account.

use std::time::Duration;

use super::{at_every_vendor, paid};
use crate::fixture::refused;
use crate::proof::{Command, PAUSE, Shop, Staged, Verdict, holds};
use crate::sandbox::vendor::Fault;
use crate::sandbox::{ItemSpec, Outcome, PlatformFault, Strike, World};

/// A service whose purchases are dated as they are made: this suite's eNom dates them back for the sake of renewals,
/// out of reach of a look by date.
pub(super) fn dated_today(shop: &Shop) -> Verdict {
    match shop.trade.module {
        "pmenomssl" => shop.vendor().vendor().set_switch("backdate_days", "0"),
        _ => Ok(()),
    }
}

#[test]
fn a_request_that_comes_after_its_client_has_gone_is_bought_once() {
    at_every_vendor(|shop| {
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        shop.vendor().set_fault(call, Fault::LateDelivery, 1);
        shop.run(&staged);
        holds(paid(shop) == 0, || "it came at once".to_owned())?;
        // The next run has begun and found nothing; then the gateway lets the request go.
        shop.run(&staged);
        let came = shop.vendor().deliver();
        holds(came == 1, || format!("{came} requests"))?;
        shop.repeat(&staged);
        holds(paid(shop) == 1, || format!("{} sales", paid(shop)))?;
        match shop.is_done(&staged) {
            true => Ok(()),
            false => {
                // The person who has the task finds it.
                shop.world.expect_at_the_end("lost");
                shop.has_task(staged.operation.unwrap()).map(|_| ())
            }
        }
    });
}

#[test]
fn an_answer_that_comes_after_the_next_run_has_begun_is_of_one_purchase() {
    at_every_vendor(|shop| {
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        shop.vendor().set_fault(call, Fault::LateAnswer, 1);
        let place: &Shop = shop;
        std::thread::scope(|scope| {
            let first = scope.spawn(|| place.run(&staged));
            while place.vendor().hits(call) == 0 && !first.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            let second = scope.spawn(|| place.world.sync(staged.item));
            std::thread::sleep(Duration::from_millis(300));
            // Until everybody has ended: an answer may begin to wait a moment later.
            while !first.is_finished() || !second.is_finished() {
                place.vendor().deliver();
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        shop.vendor().clear_faults();
        shop.repeat(&staged);
        holds(shop.is_done(&staged), || "it does not go on".to_owned())?;
        holds(paid(shop) == 1, || format!("{} sales", paid(shop)))
    });
}

#[test]
fn a_copy_of_the_panel_does_not_buy_again_what_the_other_one_has_bought() {
    at_every_vendor(|shop| {
        // The copy has the database as it was, and not what the machine remembers: only the vendor's lists tell.
        // Two panels hold one order; the case itself tells what counts.
        shop.world.expect_at_the_end("");
        dated_today(shop)?;
        let item = shop.service();
        let directory = tempfile::tempdir().unwrap();
        let copy: World = shop.world.copy_to(directory.path());
        let first = shop.world.perform(item, "open");
        holds(first.is_ok(), || first.stdout.clone())?;
        shop.world.advance(PAUSE);
        let operation = copy.queue(item, "open");
        for _ in 0..3 {
            if copy.operation(operation).is_some() {
                copy.run(operation);
                copy.advance(PAUSE);
            }
        }
        holds(paid(shop) == 1, || format!("{} sales", paid(shop)))
    });
}

/// A run whose reads do not show what was written sends nothing; the next one orders.
fn sends_nothing(shop: &mut Shop, run: impl Fn(&Shop, &Staged) -> Outcome) -> Verdict {
    let before = paid(shop);
    let staged = shop.stage(Command::Open);
    let hits = shop.vendor().hits(shop.trade.paid_call);
    let outcome = run(shop, &staged);
    holds(!outcome.is_ok(), || "it went on".to_owned())?;
    let kind = refused(&outcome).kind;
    holds(kind == "pmssl_stale_database", || outcome.stdout.clone())?;
    let now = shop.vendor().hits(shop.trade.paid_call);
    holds(now == hits, || format!("{now} paid calls, {hits} before"))?;
    shop.repeat(&staged);
    holds(shop.is_done(&staged), || "it does not go on".to_owned())?;
    let sold = paid(shop) - before;
    holds(sold == 1, || format!("{sold} sales"))
}

#[test]
fn nothing_is_ordered_while_reads_do_not_show_what_was_written() {
    at_every_vendor(|shop| {
        sends_nothing(shop, |shop, staged| {
            shop.world.read_late(true);
            let outcome = shop.run(staged);
            shop.world.read_late(false);
            outcome
        })?;
        // The platform says that it has written, and has not.
        sends_nothing(shop, |shop, staged| {
            shop.world.panel().add_fault(PlatformFault {
                function: Some("service.saveparam".to_owned()),
                strike: Strike::Swallowed,
                skip: 0,
                times: 1,
            });
            shop.run(staged)
        })
    });
}

#[test]
fn two_services_of_one_csr_on_two_accounts_never_share_an_order() {
    at_every_vendor(|shop| {
        // A person may be needed; the case itself tells what counts.
        shop.world.expect_at_the_end("");
        let one = shop.service();
        let view = shop.world.item(one);
        let account = shop.world.add_account(shop.trade.module, &[]);
        let mut spec = ItemSpec::new(account, shop.trade.template());
        spec.csr = Some(view.csr.clone());
        spec.common_name = shop.world.common_name(&view);
        for (name, value) in &view.parameters {
            spec = spec.with(name, value);
        }
        if shop.trade.takes_names() {
            spec.names_bought = 1;
        }
        let other = shop.world.add_item(&spec);
        let call = shop.trade.paid_call;
        let mut operations = Vec::new();
        for item in [one, other] {
            shop.vendor().set_fault(call, Fault::ResetBeforeAnswer, 1);
            let operation = shop.world.queue(item, "open");
            shop.world.run(operation);
            operations.push(operation);
        }
        shop.vendor().clear_faults();
        for _ in 0..4 {
            shop.world.advance(PAUSE);
            shop.world.run_once();
            let held = [one, other].map(|item| shop.world.order_of(item));
            let shared = !held[0].is_empty() && held[0] == held[1];
            holds(!shared, || format!("both hold {}", held[0]))?;
        }
        holds(paid(shop) <= 2, || format!("{} sales", paid(shop)))?;
        for operation in operations {
            if shop.world.operation(operation).is_some() {
                shop.has_task(operation)?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_service_of_the_platform_vendors_own_module_keeps_its_order() {
    at_every_vendor(|shop| {
        // An order to copy by hand.
        shop.ordered();
        dated_today(shop)?;
        let item = shop.service();
        let theirs = shop.world.open_elsewhere(item)?;
        let before = paid(shop);
        // A look at it sells nothing; another service of its name does not take its order.
        shop.world.sync(item);
        let name = shop.world.common_name(&shop.world.item(item));
        let mut spec = ItemSpec::new(shop.account, shop.trade.template()).name(&name);
        if shop.trade.takes_names() {
            spec = spec.with_names(&["other.example.com"]);
        }
        shop.trade.method.clone_into(&mut spec.approver_method);
        let other = shop.world.add_item(&spec);
        let outcome = shop.world.perform(other, "open");
        holds(outcome.is_ok(), || outcome.stdout.clone())?;
        let held = shop.world.order_of(other);
        holds(held != theirs, || "it was taken".to_owned())?;
        holds(shop.world.order_of(item) == theirs, || {
            "it is lost".to_owned()
        })?;
        holds(paid(shop) == before + 1, || format!("{} sales", paid(shop)))
    });
}

/// A number that was stored by hand, or came with a copy: deleting one service must not end the other's certificate.
#[test]
fn a_deletion_ends_no_order_that_a_living_service_has() {
    at_every_vendor(|shop| {
        shop.world.expect_at_the_end("");
        let (item, other, gone) = (shop.ordered(), shop.service(), shop.service());
        let order = shop.world.order_of(item);
        let module = pmssl::module::by_name(shop.trade.module).unwrap();
        let panel = shop.world.panel();
        for one in [gone, other] {
            panel.set_parameter(one, module.order_parameter, Some(&order));
        }
        panel.execute("UPDATE item SET status = 4 WHERE id = ?", [gone]);
        let is_refunded = |shop: &Shop| {
            let sales = shop.vendor().vendor().sales();
            sales
                .iter()
                .any(|sale| sale.order == order && sale.refunded)
        };
        let closed = shop.world.perform(item, "close");
        holds(closed.is_ok(), || closed.stdout.clone())?;
        holds(!is_refunded(shop), || "a living service's order".to_owned())?;
        // Once nobody living has it, it is ended as before.
        panel.execute("UPDATE item SET status = 4 WHERE id = ?", [other]);
        let again = shop.world.perform(item, "close");
        holds(again.is_ok(), || again.stdout.clone())?;
        // eNom ends no slot that waits for its authority, and the others have no call for it.
        let cancels = ["pmthesslstore", "pmglobalsign"];
        let is_meant = cancels.contains(&shop.trade.module);
        holds(is_refunded(shop) == is_meant, || {
            format!("refunded: {}", !is_meant)
        })
    });
}
