//! Other hands at every vendor: a person in the vendor's panel, a database that lost its last writes, an operation
//! that is restarted while a person has the task.

mod closing;
mod lock_host;
mod locks;
mod others;
mod renewals;
mod revoked;
mod spare;

use crate::proof::{Command, PAUSE, Shop, Staged, TRADES, Verdict, holds};
use crate::sandbox::vendor::{Approval, Fault};

/// Runs a case at every vendor and tells all that failed.
fn at_every_vendor(case: impl Fn(&mut Shop) -> Verdict) {
    let failed: Vec<String> = TRADES
        .iter()
        .filter_map(|trade| {
            let mut shop = Shop::new(trade);
            let failed = case(&mut shop).err()?;
            shop.world.expect_at_the_end("");
            Some(format!("{}: {failed}", trade.module))
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn paid(shop: &Shop) -> usize {
    let sales = shop.vendor().vendor().sales();
    sales.iter().filter(|sale| sale.is_paid()).count()
}

#[test]
fn a_database_set_back_buys_nothing_twice_while_the_machine_remembers() {
    at_every_vendor(|shop| {
        let item = shop.service();
        let former = shop.world.item(item).parameters;
        let first = shop.world.perform(item, "open");
        holds(first.is_ok(), || first.stdout.clone())?;
        let order = shop.world.order_of(item);
        shop.world.set_back(item, &former);
        let operation = shop.world.queue(item, "open");
        for _ in 0..3 {
            if shop.world.operation(operation).is_some() {
                shop.world.run(operation);
                shop.world.advance(PAUSE);
            }
        }
        holds(paid(shop) == 1, || format!("{} sales", paid(shop)))?;
        let now = shop.world.order_of(item);
        holds(now == order, || format!("holds '{now}' for '{order}'"))
    });
}

#[test]
fn an_operation_given_to_a_person_orders_nothing_until_the_person_has_said_what_is() {
    at_every_vendor(|shop| {
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        shop.vendor()
            .set_fault(call, Fault::ResetBeforeHandling, 20);
        shop.run(&staged);
        shop.repeat(&staged);
        shop.vendor().clear_faults();
        let operation = staged.operation.unwrap();
        let Some(left) = shop.world.operation(operation) else {
            // The vendor's look-up has proved that nothing was bought, and a later try has bought.
            return holds(paid(shop) == 1, || format!("{} sales", paid(shop)));
        };
        holds(left.manual, || format!("{left:?}"))?;
        let item = shop.world.item(staged.item);
        if item.parameter("pmssl_person").is_empty() {
            // Nothing is open: every try was looked up and is known to have bought nothing.
            let intent = item.parameter("pmssl_intent").to_owned();
            return holds(!intent.contains("|unknown|"), || intent);
        }
        let hits = shop.vendor().hits(call);
        shop.world.retry(operation);
        shop.repeat(&staged);
        let again = shop.vendor().hits(call) - hits;
        holds(again == 0 && paid(shop) == 0, || {
            format!("{again} paid calls without a person's word")
        })
    });
}

#[test]
fn what_a_person_orders_of_the_same_name_is_never_taken_for_a_lost_order() {
    at_every_vendor(|shop| {
        // Another order stands in the account; the person's is like it.
        shop.ordered();
        let before = paid(shop);
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        shop.vendor().set_fault(call, Fault::ResetBeforeHandling, 1);
        shop.run(&staged);
        let name = shop.world.common_name(&shop.world.item(staged.item));
        let theirs = shop.vendor().vendor().order_by_hand(&name, "")?;
        if shop.is_done(&staged) {
            return Err("the lost call was no lost call".to_owned());
        }
        shop.run(&staged);
        let early = shop.world.order_of(staged.item);
        holds(early != theirs, || "taken at once".to_owned())?;
        shop.repeat(&staged);
        let now = shop.world.order_of(staged.item);
        holds(now != theirs, || "taken after the settle time".to_owned())?;
        let sold = paid(shop) - before;
        match (now.is_empty(), sold) {
            (false, 1) => Ok(()),
            (true, 0) => shop.has_task(staged.operation.unwrap()).map(|_| ()),
            (_, sold) => Err(format!("holds '{now}', {sold} sales")),
        }
    });
}

#[test]
fn a_look_never_sends_the_order_again() {
    at_every_vendor(|shop| {
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        shop.vendor().set_fault(call, Fault::ResetBeforeHandling, 1);
        shop.run(&staged);
        let hits = shop.vendor().hits(call);
        let item = staged.item.to_string();
        for _ in 0..2 {
            shop.world.advance(PAUSE);
            shop.world.sync(staged.item);
            for words in [
                ["show", "--item", &item].as_slice(),
                &["daemon", "--once"],
                &["resolve", "--item", &item],
            ] {
                shop.tool(words).output().unwrap();
            }
        }
        shop.world.perform(staged.item, "close");
        let again = shop.vendor().hits(call) - hits;
        holds(again == 0 && paid(shop) == 0, || {
            format!("{again} paid calls by looking, {} sales", paid(shop))
        })
    });
}

#[test]
fn an_order_that_may_be_the_one_before_the_first_purchase_is_a_persons_decision_for_good() {
    at_every_vendor(|shop| {
        // An order to copy by hand.
        shop.ordered();
        let item = shop.service();
        let name = shop.world.common_name(&shop.world.item(item));
        let theirs = shop.vendor().vendor().order_by_hand(&name, "")?;
        let before = paid(shop);
        let operation = shop.world.queue(item, "open");
        let outcome = shop.world.run(operation);
        if outcome.is_ok() {
            // The vendor does not show whose name an order is for.
            return holds(paid(shop) == before + 1, || format!("{} sales", paid(shop)));
        }
        // Nobody has said anything: no later run buys or takes it, however late.
        for _ in 0..3 {
            shop.world.retry(operation);
            shop.world.advance(PAUSE);
            shop.world.run(operation);
            shop.world.sync(item);
        }
        holds(paid(shop) == before, || format!("{} sales", paid(shop)))?;
        let held = shop.world.order_of(item);
        holds(held.is_empty(), || format!("holds '{held}'"))?;
        let refused = crate::proof::resolve(&shop.world, item, None);
        holds(
            refused.as_ref().is_err_and(|text| text.contains(&theirs)),
            || format!("'not placed' was taken against {theirs}: {refused:?}"),
        )?;
        let item_text = item.to_string();
        let words = [
            "resolve",
            "--item",
            &item_text,
            "--yes",
            "--not-placed",
            "--foreign",
            &theirs,
        ];
        let told = shop.tool(&words).output().unwrap();
        holds(told.status.success(), || format!("{told:?}"))?;
        shop.world.retry(operation);
        let outcome = shop.world.run(operation);
        holds(outcome.is_ok(), || outcome.stdout.clone())?;
        let now = shop.world.order_of(item);
        holds(now != theirs && paid(shop) == before + 1, || {
            format!("holds '{now}', {} sales", paid(shop))
        })
    });
}

#[test]
fn a_service_number_given_out_again_never_takes_the_former_ones_order() {
    at_every_vendor(|shop| {
        // The books are told by the case itself.
        shop.world.expect_at_the_end("");
        let item = shop.service();
        let first = shop.world.perform(item, "open");
        holds(first.is_ok(), || first.stdout.clone())?;
        let theirs = shop.world.order_of(item);
        let before = paid(shop);
        let state = |shop: &Shop| {
            let orders = shop.vendor().vendor().orders().into_iter();
            let one = orders.filter(|order| order.id == theirs);
            one.map(|order| order.status).collect::<Vec<_>>()
        };
        let status = state(shop);
        // Another client's service gets the number.
        let other = shop.service();
        let parameters = shop.world.item(other).parameters;
        shop.world.set_back(item, &parameters);
        shop.world.panel().execute(
            "UPDATE certificate SET csr = (SELECT csr FROM certificate WHERE item = ?) WHERE item = ?",
            [other, item],
        );
        let operation = shop.world.queue(item, "open");
        for _ in 0..3 {
            if shop.world.operation(operation).is_some() {
                shop.world.retry(operation);
                shop.world.run(operation);
                shop.world.advance(PAUSE);
            }
        }
        let held = shop.world.order_of(item);
        holds(held != theirs, || "holds the former one's order".to_owned())?;
        holds(paid(shop) <= before + 1, || format!("{} sales", paid(shop)))?;
        // The end of the new service is not the end of the former one's order.
        shop.world.perform(item, "close");
        let now = state(shop);
        holds(now == status, || {
            format!("order {theirs}: {status:?}, then {now:?}")
        })
    });
}

#[test]
fn an_order_put_in_the_place_of_a_refused_one_is_not_bought_again() {
    at_every_vendor(|shop| {
        // The books are told by the case itself.
        shop.world.expect_at_the_end("");
        let other = shop.ordered();
        let number = shop.world.order_of(other);
        let call = shop.trade.paid_call;
        let staged = shop.stage(Command::Open);
        let name = shop.world.common_name(&shop.world.item(staged.item));
        shop.vendor().set_fault(call, Fault::ResetBeforeHandling, 1);
        shop.run(&staged);
        shop.vendor().clear_faults();
        let theirs = shop.vendor().vendor().order_by_hand(&name, "")?;
        holds(theirs != number, || "no order by hand".to_owned())?;
        if shop.world.order_of(staged.item).is_empty() {
            let item = staged.item.to_string();
            let no = [
                "resolve",
                "--item",
                &item,
                "--yes",
                "--not-placed",
                "--foreign",
                &theirs,
            ];
            shop.world.advance(PAUSE);
            let told = shop.tool(&no).output().unwrap();
            holds(told.status.success(), || format!("{told:?}"))?;
            let sales = paid(shop);
            let words = ["resolve", "--item", &item, "--yes", "--replace", &theirs];
            let told = shop.tool(&words).output().unwrap();
            holds(told.status.success(), || format!("{told:?}"))?;
            let operation = staged.operation.unwrap();
            shop.world.retry(operation);
            shop.world.run(operation);
            let now = shop.world.order_of(staged.item);
            return holds(now == theirs && paid(shop) == sales, || {
                format!("holds '{now}', {} sales after {sales}", paid(shop))
            });
        }
        Ok(())
    });
}

/// A renewal that was lost on its way and is known not to have been placed; and an order of its name by hand.
fn renewal_that_was_not_placed(shop: &mut Shop) -> Result<(Staged, String), String> {
    let staged = shop.stage(Command::Prolong);
    let name = shop.world.common_name(&shop.world.item(staged.item));
    shop.vendor()
        .set_fault("order/neworder", Fault::ResetBeforeHandling, 1);
    shop.run(&staged);
    shop.vendor().clear_faults();
    shop.world.advance(PAUSE);
    shop.world.sync(staged.item);
    let intent = shop
        .world
        .item(staged.item)
        .parameter("pmssl_intent")
        .to_owned();
    holds(intent.contains("|prolong|rejected|"), || intent.clone())?;
    let theirs = shop.vendor().vendor().order_by_hand(&name, "")?;
    Ok((staged, theirs))
}

fn says(shop: &Shop, item: u64, key: &str, order: &str) -> Verdict {
    let item = item.to_string();
    let words = ["resolve", "--item", &item, "--yes", key, order];
    let told = shop.tool(&words).output().unwrap();
    holds(told.status.success(), || format!("{told:?}"))
}

#[test]
fn another_order_in_the_place_of_the_services_does_not_stand_for_its_renewal() {
    let trade = TRADES.iter().find(|one| one.module == "pmthesslstore");
    let mut shop = Shop::new(trade.unwrap());
    // The order by hand is nobody's purchase through this program.
    shop.world.expect_at_the_end("");
    let (staged, theirs) = renewal_that_was_not_placed(&mut shop).unwrap();
    let before = paid(&shop);
    // It has a certificate, else there is nothing to renew.
    let vendor = shop.vendor().vendor();
    vendor.approve(&theirs, &Approval::All).unwrap();
    says(&shop, staged.item, "--replace", &theirs).unwrap();
    assert_eq!(shop.world.order_of(staged.item), theirs);
    shop.repeat(&staged);
    assert!(shop.is_done(&staged));
    assert_eq!(paid(&shop), before + 1);
}

#[test]
fn an_order_that_is_seen_after_it_counted_as_not_placed_is_adopted_and_not_bought_again() {
    let trade = TRADES.iter().find(|one| one.module == "pmthesslstore");
    let mut shop = Shop::new(trade.unwrap());
    shop.world.expect_at_the_end("");
    let (staged, theirs) = renewal_that_was_not_placed(&mut shop).unwrap();
    let before = paid(&shop);
    says(&shop, staged.item, "--adopt", &theirs).unwrap();
    shop.repeat(&staged);
    assert!(shop.is_done(&staged));
    assert_eq!(shop.world.order_of(staged.item), theirs);
    assert_eq!(paid(&shop), before);
}
