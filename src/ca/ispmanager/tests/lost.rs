//! Lost and damaged answers of the paid calls: one hit, one sale at most, and the sale is found.

use chrono::TimeDelta;

use super::vendor::Approval;
use super::*;
use crate::ca::Proof;

/// Faults that the client cannot tell from a lost answer.
const FAULTS: [Fault; 14] = [
    Fault::ResetBeforeHandling,
    Fault::ResetBeforeAnswer,
    Fault::CutBody,
    Fault::Stall,
    Fault::StallBefore,
    Fault::ServerErrorBefore,
    Fault::ServerErrorAfter,
    Fault::HtmlPage,
    Fault::HtmlPageAfter,
    Fault::Empty,
    Fault::Truncated,
    Fault::WrongTypes,
    Fault::Redirect,
    Fault::TooManyRequests,
];

/// Submits under a fault and gives the outcome with token and time of sending.
async fn attempt(
    world: &World,
    purchase: &Purchase,
    call: &str,
    fault: Fault,
) -> (Failure, Token, DateTime<Utc>) {
    world.adapter.examine(purchase).await.unwrap();
    let token = world
        .adapter
        .prepare(purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let since = world.now();
    world.server.set_fault(call, fault, 1);
    let failure = world.submit(purchase, &token).await.unwrap_err();
    world.server.clear_faults();
    assert_eq!(world.server.hits(call), 1, "{fault:?}");
    (failure, token, since)
}

#[tokio::test]
async fn a_lost_order_is_found_or_left_to_a_person_and_never_sent_again() {
    for fault in FAULTS {
        let world = World::start();
        let purchase = purchase("3033", &[]);
        let (failure, token, since) =
            attempt(&world, &purchase, "certificate.order.param!", fault).await;
        assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{fault:?}");
        let locate = |now| world.adapter.locate(&purchase, &token, since, now);
        let until = since + TimeDelta::minutes(5);
        let early = locate(until - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(early, Located::TooEarly(until), "{fault:?}");
        let located = locate(until).await.unwrap();
        match world.vendor.sales().first() {
            Some(sale) => {
                let Located::Found(placed, Proof::Csr) = located else {
                    panic!("{fault:?}: {located:?}")
                };
                assert_eq!(placed.order.as_str(), sale.order, "{fault:?}");
            }
            None => assert!(
                matches!(located, Located::CannotTell(_)),
                "{fault:?}: {located:?}"
            ),
        }
        assert_eq!(
            world.server.hits("certificate.order.param!"),
            1,
            "{fault:?}"
        );
        assert!(world.paid_sales() <= 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_error_document_is_no_lost_answer() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    let (failure, ..) = attempt(
        &world,
        &purchase,
        "certificate.order.param!",
        Fault::ErrorWith200,
    )
    .await;
    assert_eq!(failure.reason(), Reason::Rejected);
    assert_eq!(world.paid_sales(), 0);
}

#[tokio::test]
async fn an_order_delivered_twice_by_a_gateway_is_left_to_a_person() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    world.adapter.examine(&purchase).await.unwrap();
    let token = world
        .adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let since = world.now();
    world
        .server
        .set_fault("certificate.order.param!", Fault::DuplicateDelivery, 1);
    world.submit(&purchase, &token).await.unwrap();
    // The client sent it once; who looks afterwards does not choose between the two.
    let later = since + TimeDelta::minutes(5);
    let located = world
        .adapter
        .locate(&purchase, &token, since, later)
        .await
        .unwrap();
    let Located::Candidates(shown) = located else {
        panic!("{located:?}")
    };
    let shown: Vec<_> = shown
        .iter()
        .map(|one| (one.order.to_string(), one.same_csr))
        .collect();
    let sales = world.vendor.sales();
    let sold: Vec<_> = sales
        .iter()
        .map(|sale| (sale.order.clone(), true))
        .collect();
    assert_eq!((shown.len(), shown), (2, sold));
}

#[tokio::test]
async fn a_lost_renewal_is_told_by_the_paid_date() {
    for fault in FAULTS {
        let world = World::start();
        let first = purchase("3033", &[]);
        let id = world.order(&first).await.unwrap().order.as_str().to_owned();
        world.vendor.approve(&id, &Approval::All).unwrap();
        let renewal = renewal_of(first, &id);
        let (failure, token, since) = attempt(&world, &renewal, "service.prolong!", fault).await;
        assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{fault:?}");
        let is_sold = world.paid_sales() == 2;
        let located = world
            .adapter
            .locate(&renewal, &token, since, world.now())
            .await
            .unwrap();
        if is_sold {
            assert!(
                matches!(&located, Located::Found(placed, _) if placed.order.as_str() == id),
                "{fault:?}"
            );
        } else {
            assert!(matches!(located, Located::TooEarly(_)), "{fault:?}");
            let later = world.now() + TimeDelta::minutes(6);
            let located = world
                .adapter
                .locate(&renewal, &token, since, later)
                .await
                .unwrap();
            assert!(matches!(located, Located::CannotTell(_)), "{fault:?}");
        }
        assert_eq!(world.server.hits("service.prolong!"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_renewal_parked_in_the_cart_is_left_to_a_person() {
    let world = World::start();
    let first = purchase("3033", &[]);
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    world.vendor.set_switch("prolong", "elsewhere").unwrap();
    let renewal = renewal_of(first, &id);
    world.adapter.examine(&renewal).await.unwrap();
    let token = world
        .adapter
        .prepare(&renewal, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let since = world.now();
    assert_eq!(
        world.submit(&renewal, &token).await.unwrap_err().reason(),
        Reason::OutcomeUnknown
    );
    let later = since + TimeDelta::minutes(6);
    let located = world
        .adapter
        .locate(&renewal, &token, since, later)
        .await
        .unwrap();
    assert!(matches!(located, Located::CannotTell(_)), "{located:?}");
}

#[tokio::test]
async fn a_lost_reissue_is_told_by_request_state_or_certificate() {
    // The plain verdict of a reissue has no values that could be of a wrong type.
    for fault in FAULTS
        .into_iter()
        .filter(|fault| *fault != Fault::WrongTypes)
    {
        let world = World::start();
        let first = purchase("3033", &[]);
        let id = world.order(&first).await.unwrap().order.as_str().to_owned();
        world.vendor.approve(&id, &Approval::All).unwrap();
        let again = Purchase {
            csr_pem: csr_for(&["shop.example.com"]),
            ..reissue_of(first, &id)
        };
        let (failure, token, since) = attempt(&world, &again, "certificate.reissue!", fault).await;
        assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{fault:?}");
        let is_taken = world.vendor.sales().len() == 2;
        let located = world
            .adapter
            .locate(&again, &token, since, world.now())
            .await
            .unwrap();
        if is_taken {
            assert!(
                matches!(located, Located::Found(_, _)),
                "{fault:?}: {located:?}"
            );
            world.vendor.approve(&id, &Approval::All).unwrap();
            let located = world
                .adapter
                .locate(&again, &token, since, world.now())
                .await
                .unwrap();
            assert!(
                matches!(located, Located::Found(_, _)),
                "{fault:?}: {located:?}"
            );
        } else {
            assert!(matches!(located, Located::TooEarly(_)), "{fault:?}");
            let later = world.now() + TimeDelta::minutes(6);
            let located = world
                .adapter
                .locate(&again, &token, since, later)
                .await
                .unwrap();
            assert_eq!(located, Located::NotPlaced, "{fault:?}");
        }
        assert_eq!(world.server.hits("certificate.reissue!"), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_reissue_with_the_same_key_is_told_by_its_certificate() {
    let world = World::start();
    let first = purchase("3033", &[]);
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    world.vendor.approve(&id, &Approval::All).unwrap();
    let again = reissue_of(first, &id);
    let (_, token, since) = attempt(
        &world,
        &again,
        "certificate.reissue!",
        Fault::ResetBeforeAnswer,
    )
    .await;
    world.vendor.approve(&id, &Approval::All).unwrap();
    let located = world
        .adapter
        .locate(&again, &token, since, world.now())
        .await
        .unwrap();
    assert!(matches!(located, Located::Found(_, _)), "{located:?}");
    // Nothing changed and the request is the same: nobody can tell.
    let (_, token, since) = {
        world.server.forget_requests();
        attempt(
            &world,
            &again,
            "certificate.reissue!",
            Fault::ResetBeforeHandling,
        )
        .await
    };
    let later = since + TimeDelta::minutes(6);
    let located = world
        .adapter
        .locate(&again, &token, since, later)
        .await
        .unwrap();
    assert!(matches!(located, Located::CannotTell(_)), "{located:?}");
}

#[tokio::test]
async fn lost_looks_are_repeated_and_then_promise_that_nothing_was_bought() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    world
        .server
        .set_fault("certificate.order.csr", Fault::ResetBeforeAnswer, 1);
    world.order(&purchase).await.unwrap();
    let world = World::start();
    world.server.set_fault(
        "certificate.order.csr",
        Fault::ResetBeforeAnswer,
        vendor::FOREVER,
    );
    let permit = Permit::for_tests();
    let failure = world
        .adapter
        .submit(&purchase, &Token::default(), permit)
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
    assert_eq!(world.server.hits("certificate.order.param!"), 0);
}
