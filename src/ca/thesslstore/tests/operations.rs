//! What the adapter makes of replies.

use super::*;
use crate::ca::{Cancellation, CertificateAuthority, OrderRef, Stage};
use crate::domain::{Currency, Money};
use crate::failure::{Failure, Kind, Reason};

fn order(code: &str) -> OrderRef {
    OrderRef {
        order: VendorOrderId::new("7700123"),
        template: template(code),
        csr_pem: None,
    }
}

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
async fn the_check_tells_reach_from_credentials() {
    let server = serve(&[
        ("health/status", "flat_ok.json"),
        ("health/validate", "flat_error.json"),
    ])
    .await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert!(failure.words().contains("Authentication failed"));
    let server = serve(&[("health/status", "page.html")]).await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::UnreadableAnswer);
    assert_eq!(calls(&server), ["health/status"]);
    let server = Server::start(|_| Answer::Full(503, Vec::new())).await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
}

#[tokio::test]
async fn a_read_that_gives_no_reply_fails_by_what_came_instead() {
    let cases: [(fn() -> Answer, Reason); 12] = [
        (|| reply("page.html"), Reason::UnreadableAnswer),
        (|| reply("empty.txt"), Reason::UnreadableAnswer),
        (|| reply("truncated.json"), Reason::UnreadableAnswer),
        (|| ok("7"), Reason::UnreadableAnswer),
        (|| ok("{\"isError\": \"maybe\"}"), Reason::UnreadableAnswer),
        (|| reply("list_empty.json"), Reason::UnreadableAnswer),
        (|| reply("refused_credentials.json"), Reason::BadCredentials),
        (|| reply("refused_in_a_list.json"), Reason::Rejected),
        (|| Answer::Full(404, Vec::new()), Reason::UnreadableAnswer),
        (
            || Answer::Full(401, fixture("replies/refused_credentials.json").into()),
            Reason::BadCredentials,
        ),
        (
            || Answer::Full(500, fixture("replies/refused_unknown_code.json").into()),
            Reason::VendorTrouble,
        ),
        (|| Answer::Close, Reason::VendorTrouble),
    ];
    for (number, (answer, reason)) in cases.into_iter().enumerate() {
        let server = Server::start(move |_| answer()).await;
        let failure = adapter(&server.url)
            .status(&order("positivessl"))
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), reason, "case {number}: {failure}");
        assert!(!failure.chain().contains(TOKEN), "case {number}");
    }
}

#[tokio::test]
async fn a_status_about_another_order_is_not_believed() {
    let server = serve(&[("order/status", "status_other_order.json")]).await;
    let failure = adapter(&server.url)
        .status(&order("positivessl"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::UnreadableAnswer);
}

#[tokio::test]
async fn the_status_of_an_active_order_carries_the_end_of_its_term() {
    let server = serve(&[("order/status", "status_active.json")]).await;
    let progress = adapter(&server.url)
        .status(&order("positivessl"))
        .await
        .unwrap();
    assert_eq!(progress.stage, Stage::Issued);
    assert_eq!(progress.term_end, Some(time("2027-08-01T10:11:12Z")));
}

#[tokio::test]
async fn a_download_leaves_out_what_is_no_certificate() {
    let server = serve(&[("order/download", "download.json")]).await;
    let files = adapter(&server.url)
        .certificate(&order("positivessl"))
        .await
        .unwrap();
    let names: Vec<_> = files.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["example_com.crt", "My_CA_Bundle.crt"]);
    let server = serve(&[("order/download", "download_empty.json")]).await;
    let failure = adapter(&server.url)
        .certificate(&order("positivessl"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);
}

#[tokio::test]
async fn approvers_are_addresses_under_the_registrable_domain() {
    let server = serve(&[("order/approverlist", "approverlist.json")]).await;
    let list = adapter(&server.url)
        .approvers(&template("positivessl"), &name("*.shop.example.com"))
        .await
        .unwrap();
    let list: Vec<_> = list.iter().map(EmailAddress::as_str).collect();
    assert_eq!(
        list,
        [
            "admin@example.com",
            "administrator@example.com",
            "hostmaster@shop.example.com"
        ]
    );
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
        let outcome = adapter(&server.url).prepare(&sample()).await;
        let token = outcome.map(|prepared| prepared.token.0);
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
        let outcome = adapter_with(&settings).prepare(&sample()).await;
        assert_eq!(
            outcome.ok().map(|p| p.token.0).as_deref(),
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
        let outcome = adapter(&server.url).prepare(&renewed).await;
        assert_eq!(
            outcome.err().map(|f| f.reason()),
            renewal,
            "renewal, {state}"
        );
        let outcome = adapter(&server.url)
            .prepare(&reissue_of(sample(), &[]))
            .await;
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
        .prepare(&reissue_of(sample(), &[]))
        .await
        .unwrap();
    assert_eq!(prepared.token.0, "r;00a1b2;1785628800");
    assert!(!prepared.issued_by_vendor);
}

#[tokio::test]
async fn a_cancellation_asks_once_and_only_inside_the_window() {
    let inside = time("2026-08-31T10:11:12Z");
    let outside = time("2026-08-31T10:11:13Z");
    let requested = |text: &str| Ok(Cancellation::Requested(text.to_owned()));
    // state, reply, now, requests sent, outcome
    let cases = [
        (
            "status_pending.json",
            "refundrequest.json",
            inside,
            1,
            requested("R-2"),
        ),
        (
            "status_pending.json",
            "flat_ok.json",
            inside,
            1,
            requested("accepted without a number"),
        ),
        (
            "status_pending.json",
            "refused_window.json",
            inside,
            1,
            Ok(Cancellation::WindowOver),
        ),
        (
            "status_pending.json",
            "refused_unknown_code.json",
            inside,
            1,
            Err(Reason::Rejected),
        ),
        (
            "status_pending.json",
            "page.html",
            inside,
            1,
            Err(Reason::UnreadableAnswer),
        ),
        (
            "status_pending.json",
            "refundrequest.json",
            outside,
            0,
            Ok(Cancellation::WindowOver),
        ),
        (
            "status_refund_requested.json",
            "refundrequest.json",
            inside,
            0,
            requested("R-1"),
        ),
        (
            "status_cancelled.json",
            "refundrequest.json",
            inside,
            0,
            Ok(Cancellation::AlreadyDead),
        ),
        (
            "status_expired.json",
            "refundrequest.json",
            outside,
            0,
            Ok(Cancellation::AlreadyDead),
        ),
        (
            "status_no_purchase_date.json",
            "refundrequest.json",
            inside,
            0,
            Err(Reason::UnreadableAnswer),
        ),
    ];
    for (state, answer, now, hits, expected) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "order/status" => reply(state),
            _ => reply(answer),
        })
        .await;
        let outcome = adapter(&server.url)
            .cancel(&order("positivessl"), now)
            .await;
        assert_eq!(
            outcome.map_err(|f| f.reason()),
            expected,
            "{state} {answer}"
        );
        assert_eq!(server.hits("refundrequest"), hits, "{state} {answer}");
    }
}

#[tokio::test]
async fn mails_are_not_sent_twice_on_trouble() {
    let server = Server::start(|request| match call_of(request).as_str() {
        "order/status" => reply("status_pending.json"),
        _ => Answer::Close,
    })
    .await;
    let outcome = adapter(&server.url)
        .change_validation(
            &order("positivemdcssl"),
            &name("shop.example.org"),
            &email("admin@example.org"),
        )
        .await;
    assert_eq!(outcome.unwrap_err().kind(), Kind::Transient);
    assert_eq!(server.hits("order/resend"), 1);
}

#[tokio::test]
async fn what_the_vendor_does_not_have_is_refused_without_a_call() {
    let server = serve(&[]).await;
    let adapter = adapter(&server.url);
    let host = name("example.com");
    let failure = adapter
        .verify_now(&order("positivessl"), &host)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    for (code, method) in [
        ("positivessl", ValidationMethod::DnsTxt),
        ("digi_rapidssl", ValidationMethod::DnsCname),
        ("rapidssl", ValidationMethod::HttpsFile),
    ] {
        let failure = adapter
            .change_validation(&order(code), &host, &method)
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), Reason::NotSupported, "{code}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn the_balance_is_read_or_refused_and_never_a_guessed_zero() {
    let cases: [(&str, Result<(i64, Currency), Reason>); 6] = [
        ("accountdetail.json", Ok((115_240, Currency::EUR))),
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
        ("page.html", Err(Reason::UnreadableAnswer)),
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

#[test]
fn the_module_is_connected_by_its_name() {
    let settings = settings("https://api.example.com");
    let adapter = crate::ca::connect("pmthesslstore", &settings, &Reach::default()).unwrap();
    assert_eq!(adapter.abilities().vendor, "TheSSLStore");
    let missing = crate::ca::connect("pmthesslstore", &Settings::default(), &Reach::default());
    assert_eq!(missing.err().unwrap().object(), "partner_code");
}
