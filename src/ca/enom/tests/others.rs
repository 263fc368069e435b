//! What others buy beside a lost purchase, and what is passed over before one.

use chrono::TimeDelta;

use super::locating::{candidates, lose_answer, not_shown, seek_beside};
use super::vendor::{FOREVER, Fault, Vendor};
use super::*;
use crate::ca::{Candidate, Located, Sought};

/// The answer after the settle time.
async fn located(world: &World, order: &Purchase, token: &Token, sent: DateTime<Utc>) -> Located {
    let late = sent + TimeDelta::minutes(16);
    world.ca.locate(order, token, sent, late).await.unwrap()
}

/// Whether a person is asked with these words.
fn cannot_tell(located: &Located, words: &[&str]) -> bool {
    matches!(located, Located::CannotTell(why) if words.iter().all(|part| why.en().contains(part)))
}

#[tokio::test]
async fn other_orders_explain_no_more_money_than_they_cost() {
    let world = World::start();
    world.switch("listing_delay", "3600");
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    world.store.buy_domain(900);
    let seen = located(&world, &order, &token, sent).await;
    assert!(
        cannot_tell(&seen, &["fell by 2000 cents", "cost 900"]),
        "{seen:?}"
    );
    world.store.clock().advance(TimeDelta::seconds(3601));
    let own = world.store.sales()[0].order.clone();
    let seen = located(&world, &order, &token, sent).await;
    assert_eq!(seen, candidates(&[&own]));
    assert_eq!(world.server.hits("PurchaseServices"), 1);
    world.assert_clean();
}

#[tokio::test]
async fn an_order_without_an_amount_or_a_balance_that_nobody_knows_explains_nothing() {
    let world = World::start();
    let order = purchase(RAPID);
    let token = world.prepare(&order).await;
    let sent = Utc::now();
    world.store.buy_domain(900);
    world.switch("order_amounts", "off");
    let seen = located(&world, &order, &token, sent).await;
    assert!(
        cannot_tell(&seen, &["does not tell what it cost"]),
        "{seen:?}"
    );
    world.switch("order_amounts", "on");
    let seen = located(&world, &order, &token, sent).await;
    assert_eq!(seen, Located::NotPlaced);

    world
        .server
        .set_fault("GetBalance", Fault::HtmlPage, FOREVER);
    let token = world.prepare(&order).await;
    world.server.clear_faults();
    world.store.buy_domain(900);
    let seen = located(&world, &order, &token, sent).await;
    assert!(cannot_tell(&seen, &["not known"]), "{seen:?}");
}

#[tokio::test]
async fn an_order_that_failed_or_was_cancelled_is_no_purchase() {
    for (status, is_dead) in [("2", true), ("7", true), ("3", false), ("6", false)] {
        let world = World::start();
        let order = purchase(RAPID);
        let (token, sent) = lose_answer(&world, &order).await;
        let own = world.store.sales()[0].order.clone();
        // Not blank any more, and without a name.
        world.switch("status", &format!("{own}=2/Processing"));
        world.switch("order_status", status);
        let seen = located(&world, &order, &token, sent).await;
        if !is_dead {
            assert_eq!(seen, candidates(&[&own]), "{status}");
            continue;
        }
        // As long as the money is gone, a person looks.
        assert!(cannot_tell(&seen, &["fell by 1100 cents"]), "{seen:?}");
        world.store.set_balance(100_000);
        let seen = located(&world, &order, &token, sent).await;
        assert_eq!(seen, Located::NotPlaced, "{status}");
    }
}

#[tokio::test]
async fn a_list_of_orders_that_breaks_off_proves_nothing() {
    let world = World::start();
    let order = purchase(RAPID);
    let token = world.prepare(&order).await;
    let sent = Utc::now();
    // The last one stands on a second page.
    for _ in 0..26 {
        world.store.buy_domain(0);
    }
    world.switch("order_pages", "off");
    let seen = located(&world, &order, &token, sent).await;
    assert!(
        cannot_tell(&seen, &["not all of them are listed"]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn slots_that_are_not_meant_are_no_candidates_and_hide_no_other() {
    let world = World::start();
    let first = world.buy(&fresh(RAPID, &["www.example.com"])).await.order;
    let second = world.buy(&fresh(RAPID, &["www.example.com"])).await.order;
    let order = fresh(RAPID, &["www.example.com"]);
    let from = Utc::now() - TimeDelta::hours(1);
    let shown = |slots: &[&VendorOrderId]| {
        let candidate = |slot: &&VendorOrderId| Candidate {
            order: (*slot).clone(),
            name: Some("www.example.com".to_owned()),
            ordered: None,
            same_csr: false,
        };
        Sought::Candidates(slots.iter().map(candidate).collect())
    };
    // The newest stands first.
    for (passed, expected) in [
        (&[][..], shown(&[&second, &first])),
        (std::slice::from_ref(&first), shown(&[&second])),
        (std::slice::from_ref(&second), shown(&[&first])),
        (&[first.clone(), second.clone()], not_shown()),
    ] {
        let seen = seek_beside(&world, &order, from, passed).await;
        assert_eq!(seen, expected, "{passed:?}");
    }
}

/// The paid request was delivered twice on its way, or somebody bought a slot by hand: nothing tells them apart.
#[tokio::test]
async fn a_blank_slot_that_came_with_a_purchase_is_shown_beside_it() {
    let world = World::start();
    world.store.buy_blank(RAPID, 1);
    let order = fresh(RAPID, &["www.example.com"]);
    let token = world.prepare(&order).await;
    world
        .server
        .set_fault("PurchaseServices", Fault::DuplicateDelivery, 1);
    let own = world.submit(&order, &token).await.unwrap().order;
    let sales = world.store.sales();
    let spare = sales.iter().find(|sale| sale.order != own.as_str());
    let spare = VendorOrderId::new(spare.unwrap().order.as_str());
    world
        .ca
        .continue_order(&order_ref(&own, &order), &order)
        .await
        .unwrap();
    // Of another term, another product, another name.
    world.store.buy_blank(RAPID, 2);
    world.store.buy_blank(ESSENTIAL, 1);
    world.store.order_by_hand("other.example.com", "").unwrap();
    let by_hand = VendorOrderId::new(world.store.buy_blank(RAPID, 1));
    world.store.clock().advance(TimeDelta::minutes(16));
    world.store.buy_blank(RAPID, 1);

    let beside = async |order: &Purchase, token: &Token| {
        let look = world.ca.alongside(order, token, order.since, &own);
        look.await.unwrap()
    };
    let shown = vec![spare, by_hand, own.clone()];
    assert_eq!(beside(&order, &token).await, Some(shown));
    // Nothing to compare with.
    assert_eq!(beside(&order, &Token::default()).await, None);
    let longer = Purchase {
        term: Months(24),
        ..order.clone()
    };
    assert_eq!(beside(&longer, &token).await, None);
    // Nothing was bought.
    let used = Token(format!("a:{own}"));
    assert_eq!(beside(&order, &used).await, Some(vec![own.clone()]));
    world.switch("listing_delay", "360000");
    assert_eq!(beside(&order, &token).await, Some(Vec::new()));
    world.assert_clean();
}
