//! A run that dies between or inside the three steps leaves one purchase, and the next run finishes it.

use super::vendor::{Fault, Vendor};
use super::*;
use crate::ca::{Located, Proof};
use crate::failure::{FailureKind, Reason};

/// What the core stores of an order, and nothing else.
#[derive(Default)]
struct Store {
    token: Option<Token>,
    sent: Option<DateTime<Utc>>,
    order: Option<VendorOrderId>,
    done: bool,
}

/// One run of the command as the core does it. Dies after `steps` stored or sent things.
async fn run(
    world: &World,
    purchase: &Purchase,
    store: &mut Store,
    steps: u32,
) -> Result<(), Failure> {
    let mut left = steps;
    let mut alive = || {
        left = left.saturating_sub(1);
        left > 0
    };
    if store.order.is_none() {
        if let (Some(token), Some(sent)) = (&store.token, store.sent) {
            let late = sent + chrono::TimeDelta::minutes(15);
            match world.ca.locate(purchase, token, sent, late).await? {
                // A blank slot carries nothing of ours: a person says that it is the one.
                Located::Candidates(shown) if shown.len() == 1 => {
                    store.order = Some(shown[0].order.clone());
                }
                other => panic!("{other:?}"),
            }
        } else {
            store.token = Some(world.prepare(purchase).await);
            if !alive() {
                return Ok(());
            }
            store.sent = Some(Utc::now());
            let placed = world
                .submit(purchase, store.token.as_ref().unwrap())
                .await?;
            // The next instruction is never reached: the answer is lost with the process.
            if !alive() {
                return Ok(());
            }
            store.order = Some(placed.order);
        }
        if !alive() {
            return Ok(());
        }
    }
    if store.done {
        return Ok(());
    }
    let order = order_ref(store.order.as_ref().unwrap(), purchase);
    world.ca.continue_order(&order, purchase).await?;
    if !alive() {
        return Ok(());
    }
    store.done = true;
    Ok(())
}

#[tokio::test]
async fn a_death_between_any_two_steps_leaves_one_purchase() {
    for death in 2..7 {
        for code in [RAPID, ESSENTIAL] {
            let world = World::start();
            world.store.buy_blank(code, 1);
            let purchase = fresh(code, &["www.example.com"]);
            let mut store = Store::default();
            run(&world, &purchase, &mut store, death).await.unwrap();
            run(&world, &purchase, &mut store, u32::MAX).await.unwrap();
            run(&world, &purchase, &mut store, u32::MAX).await.unwrap();
            let order = store.order.unwrap();
            assert!(store.done);
            assert_eq!(world.sold(), 1, "{code}, death at {death}");
            assert_eq!(world.server.hits("PurchaseServices"), 1);
            assert_eq!(world.server.hits("CertConfigureCert"), 1);
            assert_eq!(world.server.hits("CertPurchaseCert"), 1);
            assert_eq!(world.store.mails(order.as_str()), 1);
            assert_eq!(world.store.orders()[1].common_name, "www.example.com");
            world.assert_clean();
        }
    }
}

/// Every fault of the frame at each of the free steps: a later run finishes, with one purchase and one
/// submission.
#[tokio::test]
async fn every_fault_at_a_free_step_is_made_good_by_the_next_run() {
    for call in ["CertGetCertDetail", "CertConfigureCert", "CertPurchaseCert"] {
        for (what, fault) in Fault::ALL {
            if matches!(fault, Fault::Refuse | Fault::RefuseNext) {
                continue;
            }
            let world = World::start();
            let purchase = fresh(RAPID, &["www.example.com"]);
            let token = world.prepare(&purchase).await;
            let placed = world.submit(&purchase, &token).await.unwrap();
            let order = order_ref(&placed.order, &purchase);
            world.server.set_fault(call, fault, 1);
            let first = world.ca.continue_order(&order, &purchase).await;
            if let Err(failure) = &first {
                // Never a kind that says that something was bought, or that nothing was.
                let kinds = [
                    FailureKind::Transient,
                    FailureKind::Protocol,
                    FailureKind::Input,
                    FailureKind::Rejected,
                ];
                assert!(kinds.contains(&failure.kind()), "{call} {what}: {failure}");
            }
            world.server.clear_faults();
            world.ca.continue_order(&order, &purchase).await.unwrap();
            let id = order.order.as_str();
            assert_eq!(world.store.status(id), 2, "{call} {what}");
            assert_eq!(world.store.mails(id), 1, "{call} {what}");
            assert_eq!(world.sold(), 1, "{call} {what}");
            world.assert_clean();
        }
    }
}

#[tokio::test]
async fn a_lost_submission_is_seen_in_the_same_run() {
    let world = World::start();
    let purchase = fresh(ESSENTIAL, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    world
        .server
        .set_fault("CertPurchaseCert", Fault::ResetBeforeAnswer, 1);
    world.ca.continue_order(&order, &purchase).await.unwrap();
    assert_eq!(world.server.hits("CertPurchaseCert"), 1);
}

#[tokio::test]
async fn a_submission_whose_fate_is_unknown_is_not_repeated_blindly() {
    let world = World::start();
    let purchase = fresh(RAPID, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    world
        .server
        .set_fault("CertPurchaseCert", Fault::Stall, vendor::FOREVER);
    // The look at the slot after it fails, too; the one before went through.
    world
        .server
        .set_fault_after("CertGetCertDetail", Fault::HtmlPage, 1, 1);
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
    assert_eq!(world.server.hits("CertPurchaseCert"), 1);
    world.server.clear_faults();
    world.ca.continue_order(&order, &purchase).await.unwrap();
    assert_eq!(world.server.hits("CertPurchaseCert"), 1);
}

/// The core asks for the later steps in every run until the certificate is there.
#[tokio::test]
async fn a_declined_order_is_not_submitted_again_by_looking_at_it() {
    let world = World::start();
    let purchase = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    world.store.fail(order.order.as_str(), "declined").unwrap();
    world.ca.continue_order(&order, &purchase).await.unwrap();
    world.ca.continue_order(&order, &purchase).await.unwrap();
    assert_eq!(world.store.mails(order.order.as_str()), 1);
    // A new attempt asks once more; should it die before, the look-up says so.
    let token = world.prepare(&purchase).await;
    let now = Utc::now();
    let locate = async || world.ca.locate(&purchase, &token, now, now).await.unwrap();
    assert_eq!(locate().await, Located::NotPlaced);
    world
        .server
        .set_fault("CertPurchaseCert", Fault::ResetBeforeHandling, 1);
    let failure = world.submit(&purchase, &token).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Transient, "{failure}");
    world.submit(&purchase, &token).await.unwrap();
    assert!(matches!(
        locate().await,
        Located::Found(placed, Proof::Number) if placed.order == order.order
    ));
    assert_eq!(world.store.mails(order.order.as_str()), 2);
    assert_eq!(world.sold(), 1);
}

#[tokio::test]
async fn a_refunded_slot_is_dead_and_an_unknown_word_waits() {
    let world = World::start();
    let purchase = fresh(RAPID, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    let id = order.order.as_str();
    world.switch("status", &format!("{id}=11/Something"));
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Pending);
    world.store.fail(id, "refund").unwrap();
    world.switch("status", &format!("{id}="));
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::OrderDead);
    assert_eq!(world.server.hits("CertConfigureCert"), 0);
}
