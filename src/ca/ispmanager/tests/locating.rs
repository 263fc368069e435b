//! Which service is the order: what was there before, what a filter hides, what fits.

use chrono::TimeDelta;

use super::*;

/// Prepares, loses the answer of a real sale, and gives token and time.
async fn lose(world: &World, purchase: &Purchase) -> (Token, DateTime<Utc>) {
    world.adapter.examine(purchase).await.unwrap();
    let token = world.adapter.prepare(purchase).await.unwrap();
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

async fn located(
    world: &World,
    purchase: &Purchase,
    token: &Token,
    since: DateTime<Utc>,
) -> Located {
    world
        .adapter
        .locate(purchase, token, since, world.now())
        .await
        .unwrap()
}

fn number(located: &Located) -> &str {
    match located {
        Located::Found(placed) => placed.order.as_str(),
        other => panic!("{other:?}"),
    }
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
    assert_eq!(number(&found), world.vendor.sales()[3].order);
}

#[tokio::test]
async fn one_new_service_is_adopted_even_when_records_show_nothing() {
    let world = World::with(&[("csr", "off")]);
    let purchase = purchase("3033", &[]);
    world.order(&other()).await.unwrap();
    let (token, since) = lose(&world, &purchase).await;
    let Located::Found(placed) = located(&world, &purchase, &token, since).await else {
        panic!("not found")
    };
    assert_eq!(placed.order.as_str(), world.vendor.sales()[1].order);
    assert!(
        placed.remark.is_some(),
        "a person should know that it was taken over"
    );
}

#[tokio::test]
async fn several_new_services_are_told_apart_by_request_or_marker_or_not_at_all() {
    for (switches, is_found) in [
        (&[("csr", "on")][..], true),
        (&[("csr", "off"), ("marker", "on")][..], true),
        (&[("csr", "off")][..], false),
    ] {
        let world = World::with(switches);
        let purchase = purchase("3033", &[]);
        let (token, since) = lose(&world, &purchase).await;
        world.order(&other()).await.unwrap();
        let found = located(&world, &purchase, &token, since).await;
        if is_found {
            assert_eq!(
                number(&found),
                world.vendor.sales()[0].order,
                "{switches:?}"
            );
        } else {
            assert!(
                matches!(found, Located::CannotTell(_)),
                "{switches:?}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_new_service_of_somebody_else_is_not_taken() {
    // The order never arrived; another one for the same domain did.
    let world = World::start();
    let purchase = purchase("3033", &[]);
    world.adapter.examine(&purchase).await.unwrap();
    let token = world.adapter.prepare(&purchase).await.unwrap();
    let since = world.now();
    world.order(&other()).await.unwrap();
    assert_eq!(
        located(&world, &purchase, &token, since).await,
        Located::TooEarly
    );
    let later = world.now() + TimeDelta::minutes(6);
    let found = world
        .adapter
        .locate(&purchase, &token, since, later)
        .await
        .unwrap();
    assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
}

#[tokio::test]
async fn another_domain_tariff_or_day_does_not_fit() {
    let world = World::with(&[("csr", "off")]);
    let purchase = purchase("3033", &[]);
    let token = world.adapter.prepare(&purchase).await.unwrap();
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
    assert_eq!(
        located(&world, &purchase, &token, since).await,
        Located::TooEarly
    );
    world.order(&other()).await.unwrap();
    let three_days_on = since + TimeDelta::days(3);
    let found = world
        .adapter
        .locate(&purchase, &token, three_days_on, three_days_on)
        .await
        .unwrap();
    assert_eq!(found, Located::TooEarly);
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
    assert_eq!(number(&found), world.vendor.sales()[1].order);
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
        assert_eq!(
            number(&found),
            world.vendor.sales()[0].order,
            "{switches:?}"
        );

        // Without it a person decides. (A filter that is not set does not get stuck.)
        let world = World::with(&[switches, ("csr", "off")]);
        let (token, since) = lose(&world, &purchase).await;
        if switches.0 == "filter-stuck" {
            world.vendor.set_switch("filter", "CN=shop").unwrap();
        }
        let found = located(&world, &purchase, &token, since).await;
        assert!(
            matches!(found, Located::CannotTell(_)),
            "{switches:?}: {found:?}"
        );
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
    assert_eq!(number(&found), world.vendor.sales()[5].order);
}

#[tokio::test]
async fn records_without_a_form_are_read_from_the_list() {
    for orig in ["on", "off"] {
        let world = World::with(&[("read", "off"), ("orig", orig)]);
        let purchase = purchase("3033", &[]);
        let (token, since) = lose(&world, &purchase).await;
        let found = located(&world, &purchase, &token, since).await;
        let id = number(&found).to_owned();
        assert_eq!(id, world.vendor.sales()[0].order, "{orig}");
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
        let found = located(&world, &kind, &Token("?".to_owned()), world.now()).await;
        assert!(matches!(found, Located::CannotTell(_)), "{found:?}");
    }
    assert_eq!(world.server.requests().len(), 0);
}
