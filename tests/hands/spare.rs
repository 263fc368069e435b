//! A gateway that delivers a paid request twice: what was sold beside the service's order is told to a person.

use super::at_every_vendor;
use crate::proof::{Command, PAUSE, Shop, TOLD_ONCE, holds, trade};
use crate::sandbox::vendor::Fault;

/// A vendor that shows what came of a request delivered twice.
struct Shown {
    module: &'static str,
    /// The method whose order is doubled; empty: the plain product's.
    method: &'static str,
    /// The paid call; empty: the plain order's.
    call: &'static str,
    /// Manners of the vendor.
    switches: &'static [(&'static str, &'static str)],
    /// What the task says.
    why: &'static str,
}

const fn shown(module: &'static str, why: &'static str) -> Shown {
    Shown {
        module,
        method: "",
        call: "",
        switches: &[],
        why,
    }
}

/// LeaderTelecom takes a CSR with one unique value once: there is nothing to be seen twice.
const SHOWN: [Shown; 4] = [
    shown("pmthesslstore", "same reference"),
    Shown {
        method: "auth_dnstxt",
        call: "DVDNSOrder",
        ..shown("pmglobalsign", "same reference")
    },
    Shown {
        switches: &[("marker", "on")],
        ..shown("pmispmgrssl", "same reference")
    },
    shown("pmispmgrssl", "same CSR"),
];

#[test]
fn one_too_many_is_a_task_that_names_what_is_to_be_refunded() {
    for Shown {
        module,
        method,
        call,
        switches,
        why,
    } in SHOWN
    {
        let trade = match method {
            "" => trade(module),
            method => TOLD_ONCE.iter().find(|t| t.method == method).unwrap(),
        };
        let mut shop = Shop::new(trade);
        for (name, value) in switches {
            shop.vendor().vendor().set_switch(name, value).unwrap();
        }
        let call = match call {
            "" => trade.paid_call,
            call => call,
        };
        let staged = shop.stage(Command::Open);
        let before = shop.vendor().vendor().sales().len();
        shop.vendor().set_fault(call, Fault::DuplicateDelivery, 1);
        let outcome = shop.run(&staged);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        let own = shop.world.order_of(staged.item);
        let sales = shop.vendor().vendor().sales();
        let spare = sales[before..].iter().find(|sale| sale.order != own);
        let spare = spare.unwrap_or_else(|| panic!("{module}: nothing was doubled"));
        let spare = &spare.order;
        for _ in 0..3 {
            shop.world.advance(PAUSE);
            shop.world.approve(staged.item);
            shop.world.sync(staged.item);
        }
        assert!(shop.world.is_issued(staged.item), "{module}");
        let told = shop.world.panel().free_tasks();
        let [text] = told.as_slice() else {
            panic!("{module} {why}: {told:#?}");
        };
        assert!(text.contains(why), "{module}: {text}");
        let refund = format!("cancel and refund {spare}, not {own}.");
        assert!(text.contains(&refund), "{module}: {text}");
        shop.world.expect_at_the_end("");
    }
}

#[test]
fn an_ordinary_order_is_no_reason_for_a_task() {
    at_every_vendor(|shop| {
        let ordered = shop.ordered();
        let staged = shop.stage(Command::Open);
        shop.run(&staged);
        for item in [ordered, staged.item] {
            shop.world.advance(PAUSE);
            shop.world.approve(item);
            shop.world.sync(item);
        }
        let tasks = shop.world.panel().free_tasks();
        holds(tasks.is_empty(), || format!("{tasks:?}"))
    });
}
