//! Orders at the simulated vendor, over every shape of answer and every fault.

use super::world::{World, fresh_csr, words};
use super::*;
use crate::ca::vendor::{Approval, FOREVER, Fault, Vendor};

/// The orders that a person is asked about: all of the name, none with proof.
fn asked(located: Located) -> Vec<VendorOrderId> {
    let Located::Candidates(shown) = located else {
        panic!("{located:?}");
    };
    for one in &shown {
        assert_eq!(one.name.as_deref(), Some("shop.example.com"));
        assert!(!one.same_csr);
    }
    shown.into_iter().map(|one| one.order).collect()
}

#[tokio::test]
async fn an_order_lives_from_sign_in_to_certificate() {
    let world = World::new();
    world.adapter.check().await.unwrap();
    let placed = world.buy().await.unwrap();
    assert_eq!(placed.order.as_str(), world.vendor.orders()[0].id);
    assert_eq!(world.vendor.sales()[0].custom, KEY);
    let order = world.reference(&placed);

    let progress = world.adapter.status(&order).await.unwrap();
    assert_eq!(progress.stage, Stage::Unknown("processing".to_owned()));
    // What the vendor waits for is what was computed here.
    assert_eq!(progress.validation, placed.validation);
    let failure = world.adapter.certificate(&order).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);

    world
        .vendor
        .approve(placed.order.as_str(), &Approval::All)
        .unwrap();
    assert_eq!(
        world.adapter.status(&order).await.unwrap().stage,
        Stage::Issued
    );
    let files = world.adapter.certificate(&order).await.unwrap().files;
    let csr = Csr::parse(&world.purchase.csr_pem).unwrap();
    let chain = assemble(&files, &csr).unwrap();
    chain
        .prove(&csr, &[name("shop.example.com")], Utc::now())
        .unwrap();
    assert_eq!(world.vendor.sign_ins(), 1);
    world.assert_clean();
}

#[tokio::test]
async fn all_methods_and_encodings_are_taken_and_the_tokens_agree() {
    for encoding in ["json", "form", "query"] {
        for method in [
            email("admin@example.com"),
            ValidationMethod::DnsCname,
            ValidationMethod::HttpFile,
            ValidationMethod::HttpsFile,
        ] {
            let mut world = World::with(&[("order_encoding", encoding)], &[]);
            world.set("order_encoding", encoding);
            let names = ["shop.example.com", "www.example.net"];
            world.purchase = purchase("leader_dv_md", &names, &method);
            world.purchase.csr_pem = fresh_csr(&names);
            world.purchase.organization = Some(company());
            let placed = world.buy().await.unwrap();
            let order = world.reference(&placed);
            let progress = world.adapter.status(&order).await.unwrap();
            assert_eq!(progress.validation.len(), 2, "{encoding} {method:?}");
            assert_eq!(
                progress.validation, placed.validation,
                "{encoding} {method:?}"
            );
            world.assert_clean();
        }
    }
}

#[tokio::test]
async fn an_encoding_that_the_vendor_does_not_know_sells_nothing_and_is_unknown() {
    let world = World::new();
    world.set("order_encoding", "query");
    let failure = world.buy().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    assert_eq!((world.sold(), world.server.hits("order")), (0, 1));
}

#[tokio::test]
async fn the_answer_to_an_order_is_understood_or_unknown_but_never_leads_to_a_second_one() {
    let clear = ["certificate", "nested", "list", "wrapped", "text-id"];
    for shape in words("order_reply") {
        let world = World::new();
        world.set("order_reply", shape);
        let token = world
            .adapter
            .prepare(&world.purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        let id = match world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await
            .result()
        {
            Ok(placed) => {
                assert!(clear.contains(shape), "{shape}");
                placed.order
            }
            Err(failure) => {
                assert!(!clear.contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{shape}");
                assert_eq!(
                    world.locate_after(&token, 14).await,
                    Located::TooEarly(world.purchase.since + TimeDelta::minutes(15))
                );
                let [one] = asked(world.locate_after(&token, 15).await)
                    .try_into()
                    .unwrap();
                one
            }
        };
        assert_eq!(id.as_str(), world.vendor.orders()[0].id, "{shape}");
        assert_eq!(
            (world.sold(), world.server.hits("order")),
            (1, 1),
            "{shape}"
        );
        world.assert_clean();
    }
}

#[tokio::test]
async fn an_order_that_costs_more_than_the_balance_is_not_sent() {
    let world = World::new();
    world.vendor.set_balance(10);
    let failure = world.buy().await.unwrap_err();
    assert_eq!(
        (failure.reason(), failure.kind()),
        (Reason::LowFunds, FailureKind::Funds)
    );
    let words = failure.words();
    assert!(words.contains("EUR, available 0.10 EUR"), "{words}");
    assert_eq!((world.sold(), world.server.hits("order")), (0, 0));
    world.assert_clean();
    world.vendor.set_balance(100_000);
    world.buy().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_compared_is_no_obstacle() {
    for (switch, shape) in [
        ("products_reply", "no-prices"),
        ("products_reply", "no-ids"),
        ("balance_reply", "null"),
        ("balance_reply", "no-currency"),
    ] {
        let world = World::new();
        world.set(switch, shape);
        world.vendor.set_balance(10);
        world.adapter.examine(&world.purchase).await.unwrap();
    }
    // A site with a credit at the vendor.
    let world = World::with(&[], &[("CheckFunds", "no")]);
    world.vendor.set_balance(10);
    world.adapter.examine(&world.purchase).await.unwrap();
    assert_eq!(world.server.hits("products"), 0);
    // A price in another currency than the balance.
    let world = World::with(&[], &[("AccountCurrency", "RUB")]);
    world.set("balance_reply", "no-currency");
    world.vendor.set_balance(10);
    world.adapter.examine(&world.purchase).await.unwrap();
}

#[tokio::test]
async fn refusals_are_believed_only_with_a_status_that_proves_them() {
    for shape in words("refusal") {
        let world = World::new();
        world.set("refusal", shape);
        world.vendor.set_balance(10);
        let token = world
            .adapter
            .prepare(&world.purchase, &[])
            .await
            .unwrap()
            .token;
        let submitted = world.adapter.submit(&world.purchase, &token, permit());
        let failure = submitted.await.result().unwrap_err();
        let expected = match *shape {
            "forbidden" => Reason::Rejected,
            _ => Reason::OutcomeUnknown,
        };
        assert_eq!(failure.reason(), expected, "{shape}");
        assert!(
            failure.words().contains("Not enough money"),
            "{shape}: {}",
            failure.words()
        );
        assert_eq!(
            (world.sold(), world.server.hits("order")),
            (0, 1),
            "{shape}"
        );
    }
}

#[tokio::test]
async fn after_a_lost_answer_the_list_tells_or_a_person_does() {
    let clear = [
        "array",
        "wrapped",
        "data",
        "items",
        "attributes",
        "text-ids",
        "with-csr",
        "with-mark",
    ];
    for shape in words("list_reply") {
        for has_older in [false, true] {
            let world = World::new();
            world.set("list_reply", shape);
            if has_older {
                let item = json!({"nomenclature_id": 5001, "days": 365, "domain_name": "shop.example.com",
                    "csr": fresh_csr(&["shop.example.com"]), "unique_value": "older"});
                world.vendor.sell_by_hand(&item).unwrap();
            }
            let before = world.sold();
            let token = world
                .adapter
                .prepare(&world.purchase, &[])
                .await
                .map(|prepared| prepared.token)
                .unwrap();
            world.server.set_fault("order", Fault::ResetBeforeAnswer, 1);
            let failure = world
                .adapter
                .submit(&world.purchase, &token, permit())
                .await
                .result()
                .unwrap_err();
            assert_eq!(failure.reason(), Reason::OutcomeUnknown);
            let expected = world.vendor.orders().last().unwrap().id.clone();
            for minutes in [1, 60] {
                match world.locate_after(&token, minutes).await {
                    Located::Found(placed, _) => {
                        // A page of the oldest shows the new order only when there is no older one.
                        let may = clear.contains(shape) || (*shape == "page" && !has_older);
                        assert!(may, "{shape} {has_older}");
                        assert_eq!(placed.order.as_str(), expected, "{shape}");
                    }
                    Located::TooEarly(_) => assert_eq!(minutes, 1, "{shape}"),
                    Located::Candidates(shown) => {
                        assert!(
                            shown.iter().any(|one| one.order.as_str() == expected),
                            "{shape}"
                        );
                    }
                    Located::Resendable => panic!("{shape}: nothing is sent again here"),
                    Located::CannotTell(_) => assert!(!clear.contains(shape), "{shape}"),
                    Located::NotPlaced => panic!("{shape}: a sale was denied"),
                }
            }
            assert_eq!(
                (world.sold() - before, world.server.hits("order")),
                (1, 1),
                "{shape}"
            );
        }
    }
}

#[tokio::test]
async fn an_order_that_did_not_arrive_is_never_declared_so_without_a_person() {
    let world = World::new();
    let token = world
        .adapter
        .prepare(&world.purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    world
        .server
        .set_fault("order", Fault::ResetBeforeHandling, 1);
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    assert_eq!(
        world.locate_after(&token, 14).await,
        Located::TooEarly(world.purchase.since + TimeDelta::minutes(15))
    );
    let Located::CannotTell(seen) = world.locate_after(&token, 15).await else {
        panic!("told");
    };
    assert!(seen.en().contains("shop.example.com"), "{seen:?}");
}

#[tokio::test]
async fn an_order_that_appears_late_is_a_candidate_late() {
    let world = World::new();
    world.set("listing_delay", "600");
    world.set("order_reply", "success");
    let token = world
        .adapter
        .prepare(&world.purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .result()
        .unwrap_err();
    let early = Located::TooEarly(world.purchase.since + TimeDelta::minutes(15));
    assert_eq!(world.locate_after(&token, 5).await, early);
    world.vendor.clock().advance(TimeDelta::minutes(11));
    assert_eq!(world.locate_after(&token, 11).await, early, "not proved");
    let shown = asked(world.locate_after(&token, 16).await);
    assert_eq!(shown, [VendorOrderId::new(&world.vendor.orders()[0].id)]);
    assert_eq!(world.server.hits("order"), 1);
}

#[tokio::test]
async fn another_order_of_the_same_name_is_not_taken_for_this_one() {
    for (shape, proof) in [
        ("array", None),
        ("with-mark", Some(Proof::Reference)),
        ("with-csr", Some(Proof::Csr)),
    ] {
        let world = World::new();
        world.set("list_reply", shape);
        world.set("order_reply", "success");
        let token = world
            .adapter
            .prepare(&world.purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await
            .result()
            .unwrap_err();
        let expected = world.vendor.orders()[0].id.clone();
        let item = json!({"nomenclature_id": 5001, "days": 365, "domain_name": "shop.example.com",
            "csr": fresh_csr(&["shop.example.com"]), "unique_value": "other"});
        world.vendor.sell_by_hand(&item).unwrap();
        // A mark is proof at once; another order of this CSR may still appear.
        let early = world.locate_after(&token, 14).await;
        match world.locate_after(&token, 15).await {
            Located::Found(placed, shown) => {
                assert_eq!(placed.order.as_str(), expected, "{shape}");
                assert_eq!(Some(shown), proof, "{shape}");
                let at_once = matches!(early, Located::Found(..));
                assert_eq!(at_once, proof == Some(Proof::Reference), "{shape}");
            }
            other => {
                assert_eq!(proof, None, "{shape}: {other:?}");
                let all = world.vendor.orders();
                let all: Vec<_> = all.iter().map(|o| VendorOrderId::new(&o.id)).collect();
                assert_eq!(asked(other), all, "{shape}");
            }
        }
    }
}

#[tokio::test]
async fn no_fault_sends_the_order_twice() {
    for (text, fault) in Fault::ALL {
        let world = World::new();
        let token = world
            .adapter
            .prepare(&world.purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        world.server.set_drip_pause(Duration::from_millis(5));
        world.server.set_fault("order", fault, FOREVER);
        let answer = world
            .adapter
            .submit(&world.purchase, &token, permit())
            .await
            .result();
        assert_eq!(world.server.hits("order"), 1, "{text}");
        let wanted =
            usize::from(!fault.is_before()) + usize::from(fault == Fault::DuplicateDelivery);
        // The vendor refuses the second delivery: the CSR and the mark are known to it.
        let wanted = wanted.min(1);
        assert_eq!(world.sold(), wanted, "{text}");
        match answer {
            Ok(placed) => {
                assert!(
                    matches!(fault, Fault::SlowDrip | Fault::RefuseNext),
                    "{text}"
                );
                assert_eq!(placed.order.as_str(), world.vendor.orders()[0].id, "{text}");
            }
            Err(failure) => assert_eq!(
                failure.reason(),
                Reason::OutcomeUnknown,
                "{text}: {failure}"
            ),
        }
        world.server.clear_faults();
        match world.locate_after(&token, 60).await {
            Located::CannotTell(_) => assert_eq!(world.sold(), 0, "{text}"),
            // The plain list shows neither mark nor CSR.
            other => {
                assert_eq!(world.sold(), 1, "{text}");
                let sold = VendorOrderId::new(&world.vendor.orders()[0].id);
                assert_eq!(asked(other), [sold], "{text}");
            }
        }
        world.assert_clean();
    }
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let world = World::new();
    let token = world
        .adapter
        .prepare(&world.purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    world.server.go_down();
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::Unreachable);
    assert_eq!(world.sold(), 0);
}
