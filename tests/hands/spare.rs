//! A gateway that delivers a paid request twice: what was sold beside the service's order is told to a person.

use super::at_every_vendor;
use crate::proof::{Command, PAUSE, Shop, TOLD_ONCE, holds, resolve, trade};
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
const SHOWN: [Shown; 5] = [
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
    // A blank slot carries nothing of ours: what is bought now is dated now, and near the service's own.
    Shown {
        switches: &[("backdate_days", "0")],
        ..shown("pmenomssl", "same product and term")
    },
];

impl Shown {
    fn shop(&self) -> Shop {
        let trade = match self.method {
            "" => trade(self.module),
            method => TOLD_ONCE.iter().find(|t| t.method == method).unwrap(),
        };
        let shop = Shop::new(trade);
        for (name, value) in self.switches {
            shop.vendor().vendor().set_switch(name, value).unwrap();
        }
        shop
    }

    fn call(&self, shop: &Shop) -> &'static str {
        match self.call {
            "" => shop.trade.paid_call,
            call => call,
        }
    }
}

#[test]
fn one_too_many_is_a_task_that_names_what_is_to_be_refunded() {
    for shown in &SHOWN {
        let (module, why) = (shown.module, shown.why);
        let mut shop = shown.shop();
        let call = shown.call(&shop);
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

/// Nothing tells which of two blank slots was bought by a lost call; the one that the person leaves is not forgotten.
#[test]
fn a_second_slot_beside_a_lost_purchase_is_a_task_once_a_person_has_named_the_first() {
    let mut shop = Shop::new(trade("pmenomssl"));
    let vendor = shop.vendor().vendor();
    vendor.set_switch("backdate_days", "0").unwrap();
    // A slot that is nobody's, on purpose.
    shop.world.expect_at_the_end("");
    let staged = shop.stage(Command::Open);
    let call = shop.trade.paid_call;
    shop.vendor().set_fault(call, Fault::ResetBeforeAnswer, 1);
    shop.run(&staged);
    // It looks as if the request had been delivered twice.
    let second = shop.vendor().vendor().order_by_hand("", "").unwrap();
    shop.repeat(&staged);
    let operation = staged.operation.unwrap();
    let why = shop.has_task(operation).unwrap();
    let own = shop.sold_since(&staged)[0].order.clone();
    for slot in [&own, &second] {
        assert!(why.contains(slot.as_str()), "{slot}: {why}");
    }
    assert_eq!(shop.world.panel().free_tasks(), [""; 0]);
    resolve(&shop.world, staged.item, Some(&own)).unwrap();
    shop.world.retry(operation);
    shop.repeat(&staged);
    assert!(shop.is_done(&staged));
    for _ in 0..2 {
        shop.world.advance(PAUSE);
        shop.world.sync(staged.item);
    }
    let told = shop.world.panel().free_tasks();
    let [text] = told.as_slice() else {
        panic!("{told:#?}");
    };
    let refund = format!("cancel and refund {second}, not {own}.");
    assert!(text.contains(&refund), "{text}");
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

/// The first delivery takes the money, the second is refused for the lack of it, and that is what is answered.
/// Whether a person was asked, who was told the order's number.
fn is_found_before_the_next_purchase(shop: &mut Shop, call: &str) -> Result<bool, String> {
    let sold = |shop: &Shop| shop.vendor().vendor().sales();
    let first = shop.stage(Command::Open);
    shop.run(&first);
    let price = sold(shop).last().map_or(0, |sale| sale.amount);
    let staged = shop.stage(Command::Open);
    let before = sold(shop).len();
    shop.vendor().vendor().set_balance(price);
    shop.vendor().set_fault(call, Fault::DuplicateDelivery, 1);
    shop.run(&staged);
    let after = sold(shop).split_off(before);
    holds(after.len() == 1, || format!("{after:?}"))?;
    // What anybody would do who reads that the money is not enough.
    shop.vendor().vendor().set_balance(100_000_000);
    let mut told = String::new();
    for _ in 0..4 {
        shop.world.advance(PAUSE);
        if !shop.is_done(&staged) {
            told += &shop.run(&staged).stdout;
        }
    }
    let after = sold(shop).split_off(before);
    holds(after.len() == 1, || format!("bought again: {after:?}"))?;
    let order = &after[0].order;
    let asks = shop.world.order_of(staged.item) != *order;
    if asks {
        holds(told.contains(order), || {
            format!("{order} is not told: {told}")
        })?;
        // What was asked for then is not known: a person has to say whose it is.
        let item = staged.item.to_string();
        let words = ["resolve", "--item", &item, "--adopt", order, "--yes"];
        let said = shop.world.tool(&words).output().unwrap();
        holds(said.status.success(), || format!("{said:?}"))?;
    }
    for _ in 0..4 {
        if !shop.is_done(&staged) {
            shop.run(&staged);
        }
    }
    let own = shop.world.order_of(staged.item);
    holds(own == *order, || format!("{own:?} is not {after:?}"))?;
    let after = sold(shop).split_off(before);
    holds(after.len() == 1, || format!("bought again: {after:?}"))?;
    Ok(asks)
}

#[test]
fn a_doubled_order_whose_second_delivery_is_refused_is_found_before_the_next_purchase() {
    at_every_vendor(|shop| {
        let call = shop.trade.paid_call;
        is_found_before_the_next_purchase(shop, call).map(|_| ())
    });
}

#[test]
fn a_doubled_order_with_our_reference_is_found_by_it() {
    for shown in SHOWN.iter().filter(|shown| shown.why == "same reference") {
        let mut shop = shown.shop();
        let call = shown.call(&shop);
        let verdict = is_found_before_the_next_purchase(&mut shop, call);
        // Ispmanager's answer is no proof of a refusal: the look-up that follows finds the marker by itself.
        let asks = shown.module != "pmispmgrssl";
        assert_eq!(verdict, Ok(asks), "{}", shown.module);
    }
}
