//! Listings: what ends them, and which of them cannot be trusted (enom.md 7, 14, 19).

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::client::Listing;
use super::super::model::Slot;
use super::vendor::{Approval, Fault, Vendor};
use super::*;
use crate::ca::Located;
use crate::ca::http::scripted::{Server, ok};
use crate::failure::FailureKind;

const END: &str = "<ErrCount>0</ErrCount><Done>true</Done></interface-response>";

/// What an adapter reads of pages answered one after the other, the last one for ever, and how many
/// it asked for.
async fn listed(pages: Vec<String>) -> (Result<Vec<Slot>, Failure>, usize) {
    let next = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let number = next.fetch_add(1, Ordering::Relaxed).min(pages.len() - 1);
        ok(pages[number].clone())
    })
    .await;
    let ca = adapter(&format!("{}/interface.asp", server.url));
    let slots = ca.client.cert_get_certs(&Listing::default()).await;
    (slots.map_err(Failure::from), server.requests().len())
}

fn page(ids: std::ops::RangeInclusive<u64>, inside: &str) -> String {
    let rows: String = ids
        .map(|id| format!("<Cert><CertID>{id}</CertID></Cert>"))
        .collect();
    format!(
        "<interface-response><CertGetCerts><Certs>{rows}{inside}</Certs></CertGetCerts>\
         <TotalCertCount>900</TotalCertCount>{END}"
    )
}

fn whole(inside: &str) -> String {
    format!("<interface-response>{inside}{END}")
}

#[tokio::test]
async fn a_listing_ends_with_its_last_row_whatever_the_totals_count() {
    let empty = || fixture("replies/empty_listing.xml");
    let total = |count: u32| format!("<TotalRecords>{count}</TotalRecords>");
    // Pages, the number of rows, the number of calls.
    let cases = [
        ("the recorded form", vec![empty()], 0, 1),
        (
            "paging without rows",
            vec![whole(&format!(
                "<CertGetCerts><Certs>{}</Certs></CertGetCerts>",
                total(0)
            ))],
            0,
            1,
        ),
        (
            "a list without anything",
            vec![whole("<certgetcerts><Certs/></certgetcerts>")],
            0,
            1,
        ),
        ("the filter's total", vec![page(1..=3, &total(3))], 3, 1),
        ("no total", vec![page(1..=3, "")], 3, 1),
        (
            "the account's total",
            vec![page(1..=3, &total(900)), empty()],
            3,
            2,
        ),
        ("a full last page", vec![page(1..=250, ""), empty()], 250, 2),
        (
            "a full last page and its total",
            vec![page(1..=250, &total(250))],
            250,
            1,
        ),
        (
            "pages shorter than asked for",
            vec![page(1..=25, &total(40)), page(26..=40, &total(40))],
            40,
            2,
        ),
        (
            "a smaller page told by the vendor",
            vec![
                page(1..=25, "<PagingPageSize>25</PagingPageSize>"),
                page(26..=40, "<PagingPageSize>25</PagingPageSize>"),
            ],
            40,
            2,
        ),
    ];
    for (what, pages, rows, calls) in cases {
        let (slots, asked) = listed(pages).await;
        assert_eq!((slots.unwrap().len(), asked), (rows, calls), "{what}");
    }
}

#[tokio::test]
async fn a_listing_that_may_hide_a_row_is_no_listing() {
    let cases = [
        (
            "no word of the command",
            whole("<TotalCertCount>0</TotalCertCount>"),
        ),
        (
            "something else inside",
            whole("<CertGetCerts><Other>1</Other></CertGetCerts>"),
        ),
        (
            "rows of an unknown name",
            whole("<CertGetCerts><Certs><Row><CertID>1</CertID></Row></Certs></CertGetCerts>"),
        ),
        (
            "a row without a number",
            whole("<CertGetCerts><Certs><Cert><OrderID>1</OrderID></Cert></Certs></CertGetCerts>"),
        ),
        (
            "the same page again",
            page(1..=3, "<TotalRecords>9</TotalRecords>"),
        ),
        (
            "no end",
            "<interface-response><CertGetCerts /><ErrCount>0</ErrCount></interface-response>"
                .to_owned(),
        ),
    ];
    for (what, page) in cases {
        let (slots, _) = listed(vec![page]).await;
        assert!(slots.is_err(), "{what}");
    }
}

#[tokio::test]
async fn an_account_may_have_no_orders_yet() {
    let cases = [
        (whole("<OrderList />"), Some(0)),
        (whole("<GetOrderList />"), Some(0)),
        (
            whole("<OrderList><RecordCount>0</RecordCount></OrderList>"),
            Some(0),
        ),
        (whole("<RecordCount>0</RecordCount>"), Some(0)),
        (
            whole("<OrderList><OrderDetail><OrderID>7</OrderID></OrderDetail></OrderList>"),
            Some(7),
        ),
        (
            whole("<OrderList><OrderDetail><x/></OrderDetail></OrderList>"),
            None,
        ),
        (
            whole("<OrderList><Row><OrderID>7</OrderID></Row></OrderList>"),
            None,
        ),
        (whole("<RecordCount>3</RecordCount>"), None),
        (whole(""), None),
    ];
    for (body, newest) in cases {
        let answer = body.clone();
        let server = Server::start(move |_| ok(answer.clone())).await;
        let ca = adapter(&format!("{}/interface.asp", server.url));
        assert_eq!(ca.newest_order().await.ok(), newest, "{body}");
    }
}

/// The account of every day: certificates of all ages, and no blank slot among them.
#[tokio::test]
async fn an_account_with_certificates_and_no_blank_slot_buys_and_looks_up() {
    for totals in ["filter", "account"] {
        let world = World::start();
        world.switch("totals", totals);
        let first = fresh(ESSENTIAL, &["www.example.com"]);
        let old = world.buy(&first).await;
        world
            .store
            .approve(old.order.as_str(), &Approval::All)
            .unwrap();

        let order = fresh(RAPID, &["shop.example.com"]);
        world.ca.examine(&order).await.unwrap();
        let token = world.prepare(&order).await;
        world
            .server
            .set_fault("PurchaseServices", Fault::ResetBeforeHandling, 1);
        let sent = Utc::now();
        let late = sent + chrono::TimeDelta::minutes(16);
        let lost = world.submit(&order, &token).await.unwrap_err();
        assert_eq!(lost.kind(), FailureKind::Unknown);
        let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
        assert_eq!(located, Located::NotPlaced, "{totals}");
        let bought = world.buy(&order).await;
        world
            .store
            .approve(bought.order.as_str(), &Approval::All)
            .unwrap();

        // Another one of the same product beside the blank slot of somebody else.
        world.store.buy_blank(RAPID, 1);
        let other = fresh(RAPID, &["mail.example.com"]);
        let token = world.prepare(&other).await;
        world
            .server
            .set_fault("PurchaseServices", Fault::ResetBeforeAnswer, 1);
        world.submit(&other, &token).await.unwrap_err();
        let located = world.ca.locate(&other, &token, sent, sent).await.unwrap();
        assert!(
            matches!(located, Located::TooEarly(_)),
            "{totals}: {located:?}"
        );
        assert_eq!(world.ca.holdings(sent).await.unwrap().len(), 4, "{totals}");
        assert_eq!(world.sold(), 3, "{totals}");
        world.assert_clean();
    }
}
