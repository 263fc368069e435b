//! Renewals that a database has forgotten, renewals that were delivered twice, and orders that arrive late.

use super::others::dated_today;
use super::{at_every_vendor, paid};
use crate::proof::{Command, PAUSE, Shop, holds, trade};
use crate::sandbox::vendor::Fault;

/// A database that was set back queues the renewal again: bought once, whether this machine remembers it or not.
fn is_bought_once(machine_remembers: bool) {
    at_every_vendor(|shop| {
        if !shop.trade.renews {
            return Ok(());
        }
        let staged = shop.stage(Command::Prolong);
        // The renewed order is old enough; what is bought now is dated now.
        dated_today(shop)?;
        let former = shop.world.item(staged.item).parameters;
        let before = paid(shop);
        let first = shop.run(&staged);
        holds(first.is_ok(), || first.stdout.clone())?;
        shop.world.set_back(staged.item, &former);
        if !machine_remembers {
            // Where the vendor shows no proof a person is asked, who is not played here.
            shop.world.expect_at_the_end("lost: ");
            std::fs::remove_dir_all(shop.world.root().join("var/pmssl")).unwrap();
        }
        let operation = shop.world.queue(staged.item, "prolong");
        for _ in 0..3 {
            if shop.world.operation(operation).is_some() {
                shop.world.retry(operation);
                shop.world.run(operation);
                shop.world.advance(PAUSE);
            }
        }
        let bought = paid(shop) - before;
        holds(bought == 1, || {
            format!("bought {bought} times, machine remembers: {machine_remembers}")
        })
    });
}

#[test]
fn a_renewal_that_the_database_forgot_is_bought_once() {
    is_bought_once(true);
}

#[test]
fn a_renewal_that_database_and_machine_forgot_is_bought_once() {
    is_bought_once(false);
}

#[test]
fn a_renewal_that_keeps_its_number_and_was_delivered_twice_is_one_task() {
    let mut shop = Shop::new(trade("pmispmgrssl"));
    // More was sold than ordered, on purpose.
    shop.world.expect_at_the_end("");
    let staged = shop.stage(Command::Prolong);
    let before = paid(&shop);
    shop.vendor()
        .set_fault("service.prolong!", Fault::DuplicateDelivery, 1);
    let outcome = shop.run(&staged);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    assert_eq!(paid(&shop) - before, 2, "nothing was doubled");
    for _ in 0..3 {
        shop.world.advance(PAUSE);
        shop.world.approve(staged.item);
        shop.world.sync(staged.item);
    }
    let told = shop.world.panel().free_tasks();
    let [text] = told.as_slice() else {
        panic!("{told:#?}");
    };
    let order = shop.world.order_of(staged.item);
    assert!(
        text.contains(&order) && text.contains("delivered twice"),
        "{text}"
    );
}

#[test]
fn an_order_that_arrives_after_it_counted_as_not_placed_is_one_task() {
    let mut shop = Shop::new(trade("pmthesslstore"));
    shop.world.expect_at_the_end("");
    let call = shop.trade.paid_call;
    let staged = shop.stage(Command::Open);
    let before = paid(&shop);
    shop.vendor().set_fault(call, Fault::LateDelivery, 1);
    shop.run(&staged);
    shop.repeat(&staged);
    assert!(shop.is_done(&staged));
    assert_eq!(paid(&shop) - before, 1);
    assert_eq!(shop.vendor().deliver(), 1);
    assert_eq!(paid(&shop) - before, 2, "the first request has arrived");
    for _ in 0..3 {
        shop.world.advance(PAUSE);
        shop.world.sync(staged.item);
    }
    let own = shop.world.order_of(staged.item);
    let sales = shop.vendor().vendor().sales();
    let late = sales.iter().rev().find(|sale| sale.order != own).unwrap();
    let told = shop.world.panel().free_tasks();
    let [text] = told.as_slice() else {
        panic!("{told:#?}");
    };
    let refund = format!("cancel and refund {}, not {own}.", late.order);
    assert!(text.contains(&refund), "{text}");
}
