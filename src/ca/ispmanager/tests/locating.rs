//! Which service is the order: what was there before, what a filter hides, what fits.

use chrono::TimeDelta;

use super::*;
use crate::ca::{Proof, Reference, Sought, Wanted};

/// Prepares, loses the answer of a real sale, and gives token and time.
async fn lose(world: &World, purchase: &Purchase) -> (Token, DateTime<Utc>) {
    world.adapter.examine(purchase).await.unwrap();
    let token = world
        .adapter
        .prepare(purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let since = world.now();
    world
        .server
        .set_fault("certificate.order.param!", Fault::ResetBeforeAnswer, 1);
    world.submit(purchase, &token).await.unwrap_err();
    (token, since)
}

/// Another order for the same domain, with its own key and request.
fn other() -> Purchase {
    Purchase {
        key: IntentKey::new("OTHEROTHEROTHER22222"),
        ..purchase_with(
            "3033",
            &csr_for(&["shop.example.com"]),
            "shop.example.com",
            &[],
        )
    }
}

/// The answer once nothing can appear any more. Before, only a marker is believed.
async fn located(
    world: &World,
    purchase: &Purchase,
    token: &Token,
    since: DateTime<Utc>,
) -> Located {
    let until = since + TimeDelta::minutes(5);
    let locate = |now| world.adapter.locate(purchase, token, since, now);
    let early = locate(until - TimeDelta::seconds(1)).await.unwrap();
    let late = locate(until).await.unwrap();
    match early {
        Located::Found(_, Proof::Reference) => assert_eq!(early, late),
        early => assert_eq!(early, Located::TooEarly(until), "later {late:?}"),
    }
    late
}

/// The service that is proved, with its proof.
fn proved(located: &Located) -> (&str, Proof) {
    match located {
        Located::Found(placed, proof) => (placed.order.as_str(), *proof),
        other => panic!("{other:?}"),
    }
}

/// The services that a person is asked about, all of the name and the day.
fn asked(located: Located) -> Vec<String> {
    let Located::Candidates(shown) = located else {
        panic!("{located:?}")
    };
    for one in &shown {
        assert_eq!(one.name.as_deref(), Some("shop.example.com"));
        assert!(one.ordered.is_some() && !one.same_csr, "{one:?}");
    }
    shown.iter().map(|one| one.order.to_string()).collect()
}

#[tokio::test]
async fn services_that_were_there_before_are_not_the_order() {
    let world = World::start();
    let mut old = other();
    for _ in 0..3 {
        world.order(&old).await.unwrap();
        old = other();
    }
    let purchase = purchase("3033", &[]);
    let (token, since) = lose(&world, &purchase).await;
    assert!(token.0.len() <= 80 && !token.0.contains('|'), "{}", token.0);
    let found = located(&world, &purchase, &token, since).await;
    let sold = &world.vendor.sales()[3].order;
    assert_eq!(proved(&found), (sold.as_str(), Proof::Csr));
}

#[tokio::test]
async fn one_new_service_is_a_candidate_when_records_show_nothing_of_ours() {
    let world = World::with(&[("csr", "off")]);
    let purchase = purchase("3033", &[]);
    world.order(&other()).await.unwrap();
    let (token, since) = lose(&world, &purchase).await;
    let found = located(&world, &purchase, &token, since).await;
    assert_eq!(asked(found), [world.vendor.sales()[1].order.as_str()]);
    assert_eq!(world.server.hits("certificate.order.param!"), 2);
}

#[tokio::test]
async fn several_new_services_are_told_apart_by_request_or_marker_or_by_a_person() {
    for (switches, proof) in [
        (&[("csr", "on")][..], Some(Proof::Csr)),
        (
            &[("csr", "off"), ("marker", "on")][..],
            Some(Proof::Reference),
        ),
        (&[("csr", "off")][..], None),
    ] {
        let world = World::with(switches);
        let purchase = purchase("3033", &[]);
        let (token, since) = lose(&world, &purchase).await;
        world.order(&other()).await.unwrap();
        let found = located(&world, &purchase, &token, since).await;
        let sales = world.vendor.sales();
        let numbers: Vec<&str> = sales.iter().map(|sale| sale.order.as_str()).collect();
        match proof {
            Some(proof) => assert_eq!(proved(&found), (numbers[0], proof), "{switches:?}"),
            None => assert_eq!(asked(found), numbers, "{switches:?}"),
        }
    }
}

#[tokio::test]
async fn a_new_service_of_somebody_else_is_not_taken() {
    // The order never arrived; another one for the same domain did.
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
    world.order(&other()).await.unwrap();
    let found = located(&world, &purchase, &token, since).await;
    assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
}

#[tokio::test]
async fn another_domain_tariff_or_day_does_not_fit() {
    let world = World::with(&[("csr", "off")]);
    let purchase = purchase("3033", &[]);
    let token = world
        .adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let since = world.now();
    let domain = purchase_with(
        "3033",
        &csr_for(&["www.example.com"]),
        "www.example.com",
        &[],
    );
    world.order(&domain).await.unwrap();
    let tariff = Purchase {
        template: TemplateCode::new("1011"),
        ..other()
    };
    world.order(&tariff).await.unwrap();
    let found = located(&world, &purchase, &token, since).await;
    assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
    world.order(&other()).await.unwrap();
    let three_days_on = since + TimeDelta::days(3);
    let found = located(&world, &purchase, &token, three_days_on).await;
    assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
    let found = located(&world, &purchase, &token, since).await;
    assert_eq!(asked(found), [world.vendor.sales()[2].order.as_str()]);
}

#[tokio::test]
async fn a_saved_filter_is_emptied_before_the_list_is_believed() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    world.order(&other()).await.unwrap();
    world
        .vendor
        .set_switch("filter", "CN=hidden.example")
        .unwrap();
    let (token, since) = lose(&world, &purchase).await;
    world
        .vendor
        .set_switch("filter", "CN=hidden.example")
        .unwrap();
    let found = located(&world, &purchase, &token, since).await;
    let sold = &world.vendor.sales()[1].order;
    assert_eq!(proved(&found), (sold.as_str(), Proof::Csr));
    assert_eq!(world.server.hits("certificate.filter!"), 2);
    assert_eq!(
        world.server.hits("certificate.order.param!"),
        2,
        "one for each purchase"
    );
}

#[tokio::test]
async fn without_a_filter_nothing_of_the_account_is_touched() {
    let world = World::start();
    world.order(&purchase("3033", &[])).await.unwrap();
    assert_eq!(world.server.hits("certificate.filter!"), 0);
}

#[tokio::test]
async fn a_list_that_may_hide_rows_needs_proof_and_never_says_not_placed() {
    for switches in [
        ("filter-form", "off"),
        ("filter-stuck", "on"),
        ("total", "off"),
    ] {
        // With proof in the record the order is found.
        let world = World::with(&[switches]);
        let purchase = purchase("3033", &[]);
        let (token, since) = lose(&world, &purchase).await;
        let found = located(&world, &purchase, &token, since).await;
        let sold = &world.vendor.sales()[0].order;
        assert_eq!(proved(&found), (sold.as_str(), Proof::Csr), "{switches:?}");

        // Without it a person decides. (A filter that is not set does not get stuck.)
        let world = World::with(&[switches, ("csr", "off")]);
        let (token, since) = lose(&world, &purchase).await;
        if switches.0 == "filter-stuck" {
            world.vendor.set_switch("filter", "CN=shop").unwrap();
        }
        let found = located(&world, &purchase, &token, since).await;
        assert_eq!(asked(found), [world.vendor.sales()[0].order.as_str()]);
    }
    // A stuck filter that hides everything.
    let world = World::with(&[("filter-stuck", "on")]);
    let purchase = purchase("3033", &[]);
    let (token, since) = lose(&world, &purchase).await;
    world
        .vendor
        .set_switch("filter", "CN=hidden.example")
        .unwrap();
    let later = since + TimeDelta::hours(5);
    let found = world
        .adapter
        .locate(&purchase, &token, since, later)
        .await
        .unwrap();
    assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
}

#[tokio::test]
async fn long_lists_are_read_to_their_end() {
    let world = World::with(&[("page", "2")]);
    for _ in 0..5 {
        world.order(&other()).await.unwrap();
    }
    let purchase = purchase("3033", &[]);
    let (token, since) = lose(&world, &purchase).await;
    let found = located(&world, &purchase, &token, since).await;
    let sold = &world.vendor.sales()[5].order;
    assert_eq!(proved(&found), (sold.as_str(), Proof::Csr));
}

#[tokio::test]
async fn records_without_a_form_are_read_from_the_list() {
    for orig in ["on", "off"] {
        let world = World::with(&[("read", "off"), ("orig", orig)]);
        let purchase = purchase("3033", &[]);
        let (token, since) = lose(&world, &purchase).await;
        let found = located(&world, &purchase, &token, since).await;
        let id = world.vendor.sales()[0].order.clone();
        assert_eq!(asked(found), [id.as_str()], "{orig}");
        let stage = world.stage(&id, &purchase).await;
        assert_eq!(
            stage,
            Stage::Pending("no certificate yet".to_owned()),
            "{orig}"
        );
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_left_to_a_person() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    for kind in [
        purchase.clone(),
        renewal_of(purchase.clone(), "7741017"),
        reissue_of(purchase, "7741017"),
    ] {
        let (token, now) = (Token("?".to_owned()), world.now());
        let found = world.adapter.locate(&kind, &token, now, now).await.unwrap();
        assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
    }
    assert_eq!(world.server.requests().len(), 0);
}

async fn seek(world: &World, purchase: &Purchase, keys: &[&str], from: DateTime<Utc>) -> Sought {
    seek_beside(world, purchase, keys, from, &[]).await
}

/// The same beside services that are not meant.
async fn seek_beside(
    world: &World,
    purchase: &Purchase,
    keys: &[&str],
    from: DateTime<Utc>,
    passed: &[VendorOrderId],
) -> Sought {
    looked(world, purchase, keys, from, passed).await.unwrap()
}

/// What comes of the look itself.
async fn looked(
    world: &World,
    purchase: &Purchase,
    keys: &[&str],
    from: DateTime<Utc>,
    passed: &[VendorOrderId],
) -> Result<Sought, Failure> {
    let wanted = Wanted {
        purchase,
        references: keys.iter().map(|key| IntentKey::new(*key)).collect(),
        passed: passed.to_vec(),
        from,
        now: world.now(),
    };
    world.adapter.seek(&wanted).await
}

#[tokio::test]
async fn the_marker_of_any_coming_attempt_proves_an_order_before_a_purchase() {
    // Lists may show less than records.
    for shown in ["on", "record"] {
        the_marker_proves(&World::with(&[("marker", shown)])).await;
    }
}

async fn the_marker_proves(world: &World) {
    let third = Purchase {
        key: IntentKey::new("THIRDTHIRDTHIRD22222"),
        ..purchase("3033", &[])
    };
    world.order(&other()).await.unwrap();
    let sold = world.order(&third).await.unwrap().order;
    let now = world.now();
    let keys = [KEY, "SECONDSECONDSECOND22", third.key.as_str()];
    let Sought::Proved(placed) = seek(world, &purchase("3033", &[]), &keys, now).await else {
        panic!("not proved")
    };
    assert_eq!(placed.order, sold);
    assert_eq!(
        placed.references,
        [(Reference::Client, third.key.to_string())]
    );
    // A request that was delivered twice: what is not meant hides nothing else.
    let twin = world.order(&third).await.unwrap().order;
    let passed = [sold];
    let beside = seek_beside(world, &purchase("3033", &[]), &keys, now, &passed).await;
    assert!(matches!(beside, Sought::Proved(placed) if placed.order == twin));
    // Others' markers make the orders others'.
    let seen = seek(world, &purchase("3033", &[]), &keys[..2], now).await;
    assert!(matches!(seen, Sought::Blind(_)), "{seen:?}");
}

#[tokio::test]
async fn our_marker_on_another_name_is_told_with_it() {
    let world = World::with(&[("marker", "on")]);
    let host = "www.example.com";
    let elsewhere = Purchase {
        key: IntentKey::new("THIRDTHIRDTHIRD22222"),
        ..purchase_with("3033", &csr_for(&[host]), host, &[])
    };
    let sold = world.order(&elsewhere).await.unwrap().order;
    let (wanted, now) = (purchase("3033", &[]), world.now());
    let keys = [KEY, elsewhere.key.as_str()];
    let Sought::OtherName(shown, key) = seek(&world, &wanted, &keys, now).await else {
        panic!("not told")
    };
    assert_eq!((&shown.order, shown.name.as_deref()), (&sold, Some(host)));
    assert_eq!(key, elsewhere.key);
    let seen = seek_beside(&world, &wanted, &keys, now, &[sold]).await;
    assert!(matches!(seen, Sought::Blind(_)), "{seen:?}");
}

#[tokio::test]
async fn services_of_name_tariff_and_time_are_candidates_before_a_purchase() {
    for csr in ["on", "off"] {
        let world = World::with(&[("csr", csr)]);
        let since = world.now();
        let purchase = purchase("3033", &[]);
        let seen = seek(&world, &purchase, &[KEY], since).await;
        assert!(matches!(seen, Sought::Blind(_)), "filters hide: {seen:?}");
        let domain = purchase_with(
            "3033",
            &csr_for(&["www.example.com"]),
            "www.example.com",
            &[],
        );
        world.order(&domain).await.unwrap();
        let tariff = Purchase {
            template: TemplateCode::new("1011"),
            ..other()
        };
        world.order(&tariff).await.unwrap();
        let seen = seek(&world, &purchase, &[KEY], since).await;
        assert!(matches!(seen, Sought::Blind(_)), "{seen:?}");
        // Also with another request: the name is enough.
        let first = world.order(&other()).await.unwrap().order;
        let same = Purchase {
            key: IntentKey::new("SAMESAMESAMESAME2222"),
            ..purchase.clone()
        };
        let second = world.order(&same).await.unwrap().order;
        let Sought::Candidates(shown) = seek(&world, &purchase, &[KEY], since).await else {
            panic!("no candidates")
        };
        let shown: Vec<_> = shown
            .iter()
            .map(|one| (one.order.as_str(), one.same_csr))
            .collect();
        assert_eq!(
            shown,
            [(first.as_str(), false), (second.as_str(), csr == "on")]
        );
        let seen = seek(&world, &purchase, &[KEY], since + TimeDelta::days(3)).await;
        assert!(matches!(seen, Sought::Blind(_)), "older ones: {seen:?}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_blindness_before_a_purchase_and_half_a_list_is_none() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    for (fault, is_blind) in [
        (Fault::EntityBomb, true),
        (Fault::Truncated, false),
        (Fault::HtmlPage, false),
    ] {
        world
            .server
            .set_fault("certificate", fault, vendor::FOREVER);
        let seen = looked(&world, &purchase, &[KEY], world.now(), &[]).await;
        world.server.clear_faults();
        let told = match &seen {
            Ok(Sought::Blind(_)) => true,
            Err(failure) => {
                assert_eq!(failure.reason(), Reason::VendorTrouble, "{fault:?}");
                false
            }
            other => panic!("{fault:?}: {other:?}"),
        };
        assert_eq!(told, is_blind, "{fault:?}: {seen:?}");
    }
}

#[tokio::test]
async fn a_record_of_another_marker_request_or_name_is_not_ours() {
    for (switches, what, expected) in [
        (&[("csr", "on")][..], "itself", true),
        (&[("csr", "on")][..], "another request", false),
        (&[("csr", "off")][..], "itself", true),
        (&[("csr", "off")][..], "another name", false),
        (&[("csr", "off"), ("marker", "on")][..], "itself", true),
        (
            &[("csr", "off"), ("marker", "on")][..],
            "another request",
            false,
        ),
    ] {
        let world = World::with(switches);
        let purchase = purchase("3033", &[]);
        let sold = world.order(&purchase).await.unwrap().order;
        let asked = match what {
            "itself" => purchase,
            "another name" => Purchase {
                common_name: name("www.example.com"),
                ..purchase
            },
            _ => other(),
        };
        let is_ours = world
            .adapter
            .confirm(&asked, &Token::default(), &sold)
            .await
            .unwrap();
        assert_eq!(is_ours, expected, "{switches:?} {what}");
    }
}
