//! The adapter against the simulated billing: orders from beginning to end.

use super::vendor::{Approval, SaleKind};
use super::*;
use crate::certificate::assemble;

/// Products of every kind, with CSRs of their own.
fn products() -> Vec<(&'static str, Purchase)> {
    let with =
        |code: &str, names: &[&str]| purchase_with(code, &csr_for(names), names[0], &names[1..]);
    let mut txt = with("27648", &["shop.example.com", "pay.example.com"]);
    for named in &mut txt.validation {
        named.method = ValidationMethod::DnsTxt;
    }
    let mut company_checked = with("2026", &["shop.example.com"]);
    company_checked.organization = Some(company());
    company_checked.validation.clear();
    let mut two_years = with("3033", &["shop.example.com"]);
    two_years.term = Months(24);
    vec![
        ("single name", with("3033", &["shop.example.com"])),
        ("two years", two_years),
        ("wildcard", with("27650", &["*.example.com"])),
        (
            "three names",
            with(
                "27648",
                &["shop.example.com", "pay.example.com", "www.example.net"],
            ),
        ),
        ("TXT records", txt),
        ("organization", company_checked),
    ]
}

async fn delivered(world: &World, order: &str, purchase: &Purchase, what: &str) -> String {
    let files = world
        .adapter
        .certificate(&order_ref(order, purchase))
        .await
        .unwrap();
    let csr = Csr::parse(&purchase.csr_pem).unwrap();
    let chain = assemble(&files.files, &csr).unwrap();
    let mut names = vec![purchase.common_name.clone()];
    names.extend(purchase.additional_names.iter().cloned());
    chain
        .prove(&csr, &names, world.now())
        .unwrap_or_else(|why| panic!("{what}: {why:?}"));
    chain.leaf.serial
}

#[tokio::test]
async fn every_product_is_sold_once_issued_reissued_and_renewed() {
    for (what, purchase) in products() {
        let world = World::start();
        let placed = world
            .order(&purchase)
            .await
            .unwrap_or_else(|failure| panic!("{what}: {failure}"));
        let id = placed.order.as_str().to_owned();
        assert_eq!(world.paid_sales(), 1, "{what}");
        assert_eq!(world.vendor.sales()[0].custom, format!("pmssl-{KEY}"));
        assert!(
            matches!(world.stage(&id, &purchase).await, Stage::Pending(_)),
            "{what}"
        );
        let pending = world
            .adapter
            .certificate(&order_ref(&id, &purchase))
            .await
            .unwrap_err();
        assert_eq!(pending.reason(), Reason::NotReady, "{what}");

        world.vendor.approve(&id, &Approval::All).unwrap();
        assert_eq!(world.stage(&id, &purchase).await, Stage::Issued, "{what}");
        let first = delivered(&world, &id, &purchase, what).await;

        let names: Vec<String> = std::iter::once(&purchase.common_name)
            .chain(&purchase.additional_names)
            .map(ToString::to_string)
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let again = Purchase {
            csr_pem: csr_for(&names),
            ..reissue_of(purchase.clone(), &id)
        };
        assert_eq!(
            world.order(&again).await.unwrap().order.as_str(),
            id,
            "{what}"
        );
        assert!(
            matches!(world.stage(&id, &again).await, Stage::Reissuing(_)),
            "{what}"
        );
        world.vendor.approve(&id, &Approval::All).unwrap();
        assert_eq!(world.stage(&id, &again).await, Stage::Issued, "{what}");
        assert_ne!(delivered(&world, &id, &again, what).await, first);

        let (before, _) = world.vendor.service(&id);
        let next = Purchase {
            kind: renewal_of(purchase.clone(), &id).kind,
            ..again
        };
        let renewed = world
            .order(&next)
            .await
            .unwrap_or_else(|failure| panic!("{what}: {failure}"));
        assert_eq!(renewed.order.as_str(), id, "{what}");
        let (after, _) = world.vendor.service(&id);
        assert_eq!(after, state_after(before, purchase.term.0), "{what}");
        let progress = world.adapter.status(&order_ref(&id, &next)).await.unwrap();
        assert_eq!(
            progress.term_end.map(|end| end.date_naive()),
            Some(after),
            "{what}"
        );
        assert!(matches!(progress.stage, Stage::Reissuing(_)), "{what}");
        world.vendor.approve(&id, &Approval::All).unwrap();
        assert_eq!(world.stage(&id, &next).await, Stage::Issued, "{what}");
        delivered(&world, &id, &next, what).await;
        let kinds: Vec<_> = world.vendor.sales().iter().map(|sale| sale.kind).collect();
        assert_eq!(
            kinds,
            [SaleKind::Order, SaleKind::Reissue, SaleKind::Renewal],
            "{what}"
        );
    }
}

fn state_after(day: chrono::NaiveDate, months: u32) -> chrono::NaiveDate {
    day.checked_add_months(chrono::Months::new(months)).unwrap()
}

#[tokio::test]
async fn a_renewal_that_only_extends_the_term_keeps_the_certificate() {
    let world = World::with(&[("prolong-issues", "off")]);
    let first = purchase("3033", &[]);
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    world.vendor.approve(&id, &Approval::All).unwrap();
    world.order(&renewal_of(first.clone(), &id)).await.unwrap();
    let progress = world.adapter.status(&order_ref(&id, &first)).await.unwrap();
    assert_eq!(progress.stage, Stage::Issued);
    let paid_till = progress.term_end.unwrap().date_naive();
    assert_eq!(paid_till, state_after(world.now().date_naive(), 24));
}

#[tokio::test]
async fn a_reissue_with_fewer_names_leaves_no_former_name_behind() {
    let world = World::start();
    let first = purchase_with(
        "27648",
        &csr_for(&["shop.example.com", "pay.example.com"]),
        "shop.example.com",
        &["pay.example.com"],
    );
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    world.vendor.approve(&id, &Approval::All).unwrap();
    let csr = csr_for(&["shop.example.com"]);
    let fewer = reissue_of(purchase_with("27648", &csr, "shop.example.com", &[]), &id);
    world.order(&fewer).await.unwrap();
    assert_eq!(world.vendor.orders()[0].names, [] as [&str; 0]);
    assert_eq!(world.vendor.service(&id).1, ["admin@shop.example.com"]);
}

#[tokio::test]
async fn certificates_are_found_wherever_the_billing_keeps_them() {
    for delivery in ["record", "zip", "file"] {
        let world = World::with(&[("delivery", delivery)]);
        let purchase = purchase_with("27650", &csr_for(&["*.example.com"]), "*.example.com", &[]);
        let id = world
            .order(&purchase)
            .await
            .unwrap()
            .order
            .as_str()
            .to_owned();
        world.vendor.approve(&id, &Approval::All).unwrap();
        assert_eq!(
            world.stage(&id, &purchase).await,
            Stage::Issued,
            "{delivery}"
        );
        delivered(&world, &id, &purchase, delivery).await;
    }
    let world = World::with(&[("delivery", "none")]);
    let purchase = purchase("3033", &[]);
    let id = world
        .order(&purchase)
        .await
        .unwrap()
        .order
        .as_str()
        .to_owned();
    world.vendor.approve(&id, &Approval::All).unwrap();
    let failure = world
        .adapter
        .certificate(&order_ref(&id, &purchase))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);
}

#[tokio::test]
async fn every_shape_of_the_answer_ends_in_the_one_sale() {
    // Shapes that tell the number are believed, the others are looked up.
    for (shape, is_told) in [
        ("", true),
        ("item", true),
        ("inner", true),
        ("bare", true),
        ("echo", true),
        ("elsewhere", true),
        ("silent", false),
        ("nothing", false),
        ("elsewhere-silent", false),
        ("error", false),
    ] {
        let world = World::with(&[("order-reply", shape)]);
        let purchase = purchase("3033", &[]);
        world.adapter.examine(&purchase).await.unwrap();
        let token = world
            .adapter
            .prepare(&purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        let since = world.now();
        let placed = world.submit(&purchase, &token).await;
        let sold = world.vendor.sales()[0].order.clone();
        match placed {
            Ok(placed) => assert_eq!(
                (placed.order.as_str(), is_told),
                (sold.as_str(), true),
                "{shape}"
            ),
            Err(failure) => {
                assert_eq!(
                    (failure.reason(), is_told),
                    (Reason::OutcomeUnknown, false),
                    "{shape}"
                );
                let later = since + chrono::TimeDelta::minutes(5);
                let located = world
                    .adapter
                    .locate(&purchase, &token, since, later)
                    .await
                    .unwrap();
                let Located::Found(placed, crate::ca::Proof::Csr) = located else {
                    panic!("{shape}: {located:?}")
                };
                assert_eq!(placed.order.as_str(), sold, "{shape}");
            }
        }
        assert_eq!(world.server.hits("certificate.order.param!"), 1, "{shape}");
        assert_eq!(world.paid_sales(), 1, "{shape}");
    }
}
