//! Ordinary purchases of a name that the vendor knows already, which nothing may hold up.

use std::collections::BTreeMap;

use super::{OF_ONE_WORLD, count, use_one_key};
use crate::proof::{PAUSE, Shop, TRADES, Verdict, holds, tell};
use crate::sandbox::ItemSpec;

/// What a shop does on any day with a name that the vendor knows already.
fn ordinary(shop: &mut Shop, what: &mut BTreeMap<&'static str, usize>, number: usize) -> Verdict {
    let module = shop.trade.module;
    let name = format!("plain{number}.example.com");
    let add = |shop: &Shop| {
        let mut spec = ItemSpec::new(shop.account, shop.trade.template()).name(&name);
        shop.trade.method.clone_into(&mut spec.approver_method);
        shop.world.add_item(&spec)
    };
    let at_once = |shop: &Shop, item: u64, command: &str, kind: &str| {
        let outcome = shop.world.perform(item, command);
        holds(outcome.is_ok(), || {
            format!("{module}: {kind}: {}", outcome.stdout)
        })
    };
    let issue = |shop: &Shop, item: u64| {
        shop.world.approve(item);
        let outcome = shop.world.sync(item);
        holds(outcome.is_ok(), || outcome.stdout.clone())
    };
    let first = add(shop);
    at_once(shop, first, "open", "first")?;
    *what.entry("a first one").or_default() += 1;
    if number.is_multiple_of(2) {
        issue(shop, first)?;
    }
    let second = add(shop);
    if module == "pmenomssl" && number % 2 == 1 {
        // Somebody has bought a slot in the panel, and has not used it.
        shop.vendor().vendor().order_by_hand("", "")?;
        *what.entry("of these beside a spare slot").or_default() += 1;
    }
    at_once(shop, second, "open", "a second certificate of the name")?;
    *what.entry("a second certificate").or_default() += 1;
    if shop.trade.renews && number.is_multiple_of(2) {
        at_once(shop, first, "prolong", "renewal beside another of the name")?;
        *what.entry("a renewal").or_default() += 1;
    }
    let closed = shop.world.perform(second, "close");
    holds(closed.is_ok(), || closed.stdout.clone())?;
    shop.world.advance(PAUSE);
    let third = add(shop);
    if number.is_multiple_of(3) {
        use_one_key(shop, [second, third]);
    }
    at_once(shop, third, "open", "an order after a deletion")?;
    *what.entry("after a deletion").or_default() += 1;
    // The later one first: the order that it leaves behind is newer than the other one's.
    if shop.trade.renews && number % 4 == 1 {
        for item in [third, first] {
            issue(shop, item)?;
            at_once(shop, item, "prolong", "renewals of two of the name")?;
        }
        *what.entry("renewals of two").or_default() += 1;
    }
    let orders = [first, third].map(|item| shop.world.order_of(item));
    holds(orders[0] != orders[1] && !orders[1].is_empty(), || {
        format!("{module}: {orders:?}")
    })
}

#[test]
fn ordinary_purchases_are_not_held_up() {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = TRADES
            .iter()
            .map(|trade| {
                scope.spawn(move || {
                    let mut what = BTreeMap::new();
                    let mut shop = Shop::new(trade);
                    let mut failed = Vec::new();
                    // Three purchases at least of each name.
                    for number in 0..count().div_ceil(3) {
                        if number % OF_ONE_WORLD == OF_ONE_WORLD - 1 {
                            shop = Shop::new(trade);
                        }
                        failed.extend(ordinary(&mut shop, &mut what, number).err());
                    }
                    (trade.module, what, failed)
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let (module, what, failed) = thread.join().expect("the purchases of a vendor");
            tell(format_args!("ordinary purchases: {module}: {what:?}"));
            all.extend(failed);
        }
        all
    });
    assert!(failed.is_empty(), "{} failed: {failed:#?}", failed.len());
}
