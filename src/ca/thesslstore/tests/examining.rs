//! What is found out before an order is paid for, and about the account.

use super::*;
use crate::ca::CertificateAuthority;
use crate::domain::{Currency, Money};
use crate::failure::{Failure, Reason};

fn sample() -> Purchase {
    purchase("positivessl", &["example.com"], &email("admin@example.com"))
}

/// A server that answers one call with a fixture, `csr` well and everything else uselessly.
async fn answering(call: &'static str, name: &'static str) -> Server {
    Server::start(move |request| match call_of(request) {
        known if known == call => reply(name),
        csr if csr == "csr" => reply("csr.json"),
        _ => Answer::Full(404, b"<html>not here</html>".to_vec()),
    })
    .await
}

#[tokio::test]
async fn the_csr_is_sent_in_the_form_that_the_vendor_reads() {
    // reply to the plain form, reply to the encoded form, forms asked for, outcome
    type Case = (
        &'static str,
        &'static str,
        usize,
        Result<&'static str, Reason>,
    );
    let cases: [Case; 8] = [
        ("csr.json", "csr.json", 1, Ok("r")),
        ("csr_old_spelling.json", "csr.json", 1, Ok("r")),
        ("csr_unparsed.json", "csr.json", 2, Ok("p")),
        ("csr_other_name.json", "csr.json", 2, Ok("p")),
        ("csr_no_name.json", "csr.json", 2, Ok("p")),
        (
            "csr_unparsed.json",
            "csr_unparsed.json",
            2,
            Err(Reason::BadCsr),
        ),
        (
            "csr_other_name.json",
            "csr_other_name.json",
            2,
            Err(Reason::BadCsr),
        ),
        (
            "refused_credentials.json",
            "csr.json",
            1,
            Err(Reason::BadCredentials),
        ),
    ];
    for (plain, encoded, hits, expected) in cases {
        let server = Server::start(move |request| {
            let is_encoded = body_of(request)["CSR"].as_str().unwrap().contains("%0A");
            reply(if is_encoded { encoded } else { plain })
        })
        .await;
        let outcome = adapter(&server.url)
            .prepare(&sample(), &[])
            .await
            .map(|prepared| prepared.token);
        let token = outcome.map(|prepared| prepared.0);
        assert_eq!(
            token.as_deref().map_err(Failure::reason),
            expected,
            "{plain} {encoded}"
        );
        assert_eq!(server.hits("csr"), hits, "{plain} {encoded}");
    }
}

#[tokio::test]
async fn a_forced_form_is_the_only_one_asked_about() {
    let cases = [
        ("raw", "csr_no_name.json", Some("r")),
        ("percent", "csr.json", Some("p")),
        ("raw", "csr_unparsed.json", None),
    ];
    for (setting, answer, expected) in cases {
        let server = Server::start(move |_| reply(answer)).await;
        let mut settings = settings(&server.url);
        settings.set("csr_encoding", setting);
        let outcome = adapter_with(&settings)
            .prepare(&sample(), &[])
            .await
            .map(|prepared| prepared.token);
        assert_eq!(
            outcome.ok().map(|token| token.0).as_deref(),
            expected,
            "{setting} {answer}"
        );
        assert_eq!(server.hits("csr"), 1, "{setting} {answer}");
    }
}

#[tokio::test]
async fn the_examination_stops_at_what_the_vendor_refuses_and_passes_what_it_cannot_tell() {
    let dry_run = "order/validateorderparameters";
    let cases = [
        (dry_run, "flat_ok.json", None),
        (dry_run, "csr.json", None),
        (dry_run, "page.html", None),
        (dry_run, "empty.txt", None),
        (dry_run, "refused_authority.json", Some(Reason::Rejected)),
        (dry_run, "refused_funds.json", Some(Reason::LowFunds)),
        (dry_run, "flat_error.json", Some(Reason::BadCredentials)),
        ("order/other", "flat_ok.json", None),
        ("csr", "csr_unparsed.json", Some(Reason::BadCsr)),
    ];
    for (call, name, expected) in cases {
        let server = answering(call, name).await;
        let outcome = adapter(&server.url).examine(&sample()).await;
        assert_eq!(outcome.err().map(|f| f.reason()), expected, "{call} {name}");
        assert_eq!(server.hits("neworder"), 0);
    }
}

#[tokio::test]
async fn the_examination_compares_price_and_balance_where_both_are_known() {
    // product, names bought, balance, refused
    let cases = [
        ("positivessl", 0, "accountdetail.json", false),
        ("positivessl", 0, "accountdetail_low.json", true),
        ("positivessl", 0, "accountdetail_credit.json", false),
        ("positivessl", 0, "accountdetail_unreadable.json", false),
        ("positivessl", 0, "accountdetail_no_balance.json", false),
        ("positivessl", 0, "accountdetail_error_flag.json", true),
        ("unlisted", 0, "accountdetail_low.json", false),
    ];
    for (code, names, account, refused) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "csr" => reply("csr.json"),
            "product/query" => reply("products.json"),
            "user/accountdetail" => reply(account),
            _ => reply("flat_ok.json"),
        })
        .await;
        let mut purchase = sample();
        purchase.template = template(code);
        purchase.names_bought = names;
        let outcome = adapter(&server.url).examine(&purchase).await;
        let expected = refused.then_some(Reason::LowFunds);
        assert_eq!(
            outcome.err().map(|f| f.reason()),
            expected,
            "{code} {account}"
        );
    }
}

#[test]
fn the_cost_counts_names_beyond_the_included_ones() {
    use super::super::account::cost;
    let products = serde_json::from_str::<Vec<_>>(&fixture("replies/products.json")).unwrap();
    // product, months, names bought, hundredths
    let cases = [
        ("positivessl", 12, 0, Some(1_000)),
        ("positivessl", 24, 0, Some(1_850)),
        ("positivessl", 36, 0, None),
        ("positivemdcssl", 12, 2, Some(2_000)),
        ("positivemdcssl", 12, 4, Some(3_450)),
        ("positivemdcssl", 24, 2, None),
        ("unlisted", 12, 0, None),
    ];
    for (code, months, names, expected) in cases {
        let mut purchase = sample();
        purchase.template = template(code);
        purchase.term = Months(months);
        purchase.names_bought = names;
        let expected = expected.map(|minor| Money {
            minor,
            currency: Currency::EUR,
        });
        assert_eq!(
            cost(&products, &purchase),
            expected,
            "{code} {months} {names}"
        );
    }
}

#[tokio::test]
async fn only_a_living_order_can_be_renewed_or_reissued() {
    // state of the order, renewal, reissue
    let cases = [
        ("status_active.json", None, None),
        ("status_active_no_end.json", Some(Reason::NotReady), None),
        (
            "status_reissuing.json",
            Some(Reason::NotReady),
            Some(Reason::NotReady),
        ),
        (
            "status_pending.json",
            Some(Reason::NotReady),
            Some(Reason::NotReady),
        ),
        (
            "status_expired.json",
            Some(Reason::NotReady),
            Some(Reason::NotReady),
        ),
        (
            "status_cancelled.json",
            Some(Reason::OrderDead),
            Some(Reason::OrderDead),
        ),
        (
            "no_verdict.json",
            Some(Reason::NotReady),
            Some(Reason::NotReady),
        ),
    ];
    for (state, renewal, reissue) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "csr" => reply("csr.json"),
            _ => reply(state),
        })
        .await;
        let mut renewed = sample();
        renewed.kind = PurchaseKind::Renewal {
            previous: VendorOrderId::new("7700123"),
        };
        let outcome = adapter(&server.url)
            .prepare(&renewed, &[])
            .await
            .map(|prepared| prepared.token);
        assert_eq!(
            outcome.err().map(|f| f.reason()),
            renewal,
            "renewal, {state}"
        );
        let outcome = adapter(&server.url)
            .prepare(&reissue_of(sample(), &[]), &[])
            .await
            .map(|prepared| prepared.token);
        assert_eq!(
            outcome.err().map(|f| f.reason()),
            reissue,
            "reissue, {state}"
        );
    }
}

#[tokio::test]
async fn a_reissue_remembers_the_certificate_it_replaces() {
    let server = serve(&[("csr", "csr.json"), ("order/status", "status_active.json")]).await;
    let prepared = adapter(&server.url)
        .prepare(&reissue_of(sample(), &[]), &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    assert_eq!(prepared.0, "r;00a1b2;1785628800");
}

#[tokio::test]
async fn the_balance_is_read_or_refused_and_never_a_guessed_zero() {
    type Case = (&'static str, Result<(i64, Currency), Reason>);
    let cases: [Case; 6] = [
        // The text itself says dollars; the price list is in euros.
        ("accountdetail.json", Ok((115_240, Currency::USD))),
        ("accountdetail_error_flag.json", Ok((50, Currency::EUR))),
        (
            "accountdetail_no_balance.json",
            Err(Reason::UnreadableBalance),
        ),
        (
            "accountdetail_unreadable.json",
            Err(Reason::UnreadableBalance),
        ),
        ("refused_credentials.json", Err(Reason::BadCredentials)),
        ("page.html", Err(Reason::VendorTrouble)),
    ];
    for (account, expected) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "user/accountdetail" => reply(account),
            _ => reply("products.json"),
        })
        .await;
        let outcome = adapter(&server.url).balance().await;
        let outcome = outcome
            .map(|m| (m.minor, m.currency))
            .map_err(|f| f.reason());
        assert_eq!(outcome, expected, "{account}");
    }
    let server = answering("user/accountdetail", "accountdetail.json").await;
    assert_eq!(
        adapter(&server.url).balance().await.unwrap().currency,
        Currency::USD
    );
}

#[tokio::test]
async fn products_are_listed_with_the_prices_that_can_be_read() {
    let server = serve(&[("product/query", "products.json")]).await;
    let offers = adapter(&server.url).products().await.unwrap();
    let list: Vec<_> = offers
        .iter()
        .map(|o| (o.code.as_str(), o.prices.len()))
        .collect();
    assert_eq!(list, [("positivessl", 2), ("positivemdcssl", 1)]);
    let price = offers[1].prices[0];
    assert_eq!((price.term, price.amount.minor), (Months(12), 2_000));
    assert_eq!(price.per_additional_name.map(|m| m.minor), Some(725));
    assert_eq!(price.per_wildcard_name.map(|m| m.minor), Some(3_050));
}

/// A JSON number has no sign between thousands: it is read in every currency, prices upwards and balances downwards.
#[test]
fn a_number_with_more_decimals_than_money_is_rounded() {
    use super::super::account::{balance, cost};
    use super::super::model::reply::{AccountDetail, Product};
    use serde_json::json;
    // number, hundredths as a price, as a balance
    let cases = [
        (json!(123.456), Some(12_346), Some(12_345)),
        (json!(123.45), Some(12_345), Some(12_345)),
        (json!(123), Some(12_300), Some(12_300)),
        (json!(0.001), Some(1), Some(0)),
        (json!(-5.001), Some(-500), Some(-501)),
        (json!(12.500_000_000_000_002), Some(1_250), Some(1_250)),
        // As a text it may be a hundred thousand.
        (json!("123.456"), None, None),
    ];
    for (number, price, funds) in cases {
        let products: Vec<Product> = serde_json::from_value(json!([{
            "ProductCode": "positivessl", "CurrencyCode": "EUR",
            "PricingInfo": [{"NumberOfMonths": 12, "Price": number}],
        }]))
        .unwrap();
        let told = cost(&products, &sample()).map(|money| money.minor);
        assert_eq!(told, price, "{number}");
        let account: AccountDetail =
            serde_json::from_value(json!({"AccountBalance": number})).unwrap();
        let told = balance(&account, Currency::parse("EUR").unwrap());
        assert_eq!(told.ok().map(|money| money.minor), funds, "{number}");
    }
}

/// What is sent as the number of names and what is priced is one count.
#[test]
fn names_that_are_sent_are_priced_whatever_was_bought() {
    use super::super::account::cost;
    use super::super::mapping::{CsrForm, new_order};
    let products = serde_json::from_str::<Vec<_>>(&fixture("replies/products.json")).unwrap();
    let names = [
        "example.com",
        "a.example.com",
        "b.example.com",
        "c.example.com",
    ];
    let mut purchase = purchase("positivemdcssl", &names, &email("admin@example.com"));
    purchase.names_bought = 0;
    let sent = serde_json::to_value(new_order(&purchase, CsrForm::Raw).unwrap()).unwrap();
    assert_eq!(sent["ReserveSANCount"], 3);
    // Two are included.
    let told = cost(&products, &purchase).map(|money| money.minor);
    assert_eq!(told, Some(2_725));
}
