//! Answers of looks: read, refused with the right reason, or not understood.

use super::*;
use crate::ca::ValidationTask;

#[tokio::test]
async fn a_check_tells_what_is_wrong_with_the_account() {
    let cases = [
        ("account.xml", None),
        ("account_without_balance.xml", None),
        ("two_factor.xml", Some(Reason::TwoFactorOn)),
        ("error_auth.xml", Some(Reason::BadCredentials)),
        ("error_access.xml", Some(Reason::NoAccess)),
        ("error_captcha.xml", Some(Reason::AddressNotAllowed)),
        ("error_limit.xml", Some(Reason::Rejected)),
        ("account_without_user.xml", Some(Reason::UnreadableAnswer)),
        ("page.html", Some(Reason::VendorTrouble)),
        ("truncated.xml", Some(Reason::VendorTrouble)),
        ("empty.txt", Some(Reason::VendorTrouble)),
        ("reply.json", Some(Reason::UnreadableAnswer)),
    ];
    for (file, expected) in cases {
        let server = Server::start(move |_| ok(fixture(&format!("replies/{file}")))).await;
        let outcome = adapter_at(&server.url, "secret").check().await;
        assert_eq!(
            outcome.err().map(|failure| failure.reason()),
            expected,
            "{file}"
        );
    }
    let server = Server::start(|_| Answer::Full(502, b"<html/>".to_vec())).await;
    let failure = adapter_at(&server.url, "secret").check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
}

#[tokio::test]
async fn the_balance_is_read_along_the_documented_chain() {
    let cases: [(Replies, Result<&str, Reason>); 7] = [
        (&[("whoami", "account.xml")], Ok("148.20")),
        (
            &[
                ("whoami", "account_without_balance.xml"),
                ("subaccount", "balances.xml"),
            ],
            Ok("1148.20"),
        ),
        (
            &[
                ("whoami", "account_without_balance.xml"),
                ("subaccount", "balances_odd.xml"),
                ("usrparam", "user.xml"),
            ],
            Ok("77.05"),
        ),
        (
            &[
                ("whoami", "account_without_user.xml"),
                ("usrparam", "user.xml"),
            ],
            Ok("77.05"),
        ),
        (
            &[("whoami", "account_without_balance.xml")],
            Err(Reason::UnreadableBalance),
        ),
        (
            &[
                ("whoami", "account_without_balance.xml"),
                ("subaccount", "page.html"),
            ],
            Err(Reason::UnreadableBalance),
        ),
        (&[("whoami", "error_auth.xml")], Err(Reason::BadCredentials)),
    ];
    for (replies, expected) in cases {
        let server = serve(replies).await;
        let balance = adapter_at(&server.url, "secret").balance().await;
        let shown = balance
            .map(|money| money.to_string())
            .map_err(|failure| failure.reason());
        assert_eq!(shown, expected.map(str::to_owned), "{replies:?}");
    }
}

#[tokio::test]
async fn approvers_come_from_the_form_or_are_the_five_mailboxes() {
    let shop = name("*.shop.example.com");
    let code = TemplateCode::new("27650");
    let server = serve(&[("certificate.order.param", "order_form.xml")]).await;
    let offered = adapter_at(&server.url, "secret")
        .approvers(&code, &shop)
        .await
        .unwrap();
    let offered: Vec<_> = offered.iter().map(EmailAddress::as_str).collect();
    assert_eq!(
        offered,
        ["admin@shop.example.com", "postmaster@example.com"]
    );
    for replies in [
        &[][..],
        &[("certificate.order.param", "request_form.xml")][..],
    ] {
        let server = serve(replies).await;
        let mailboxes = adapter_at(&server.url, "secret")
            .approvers(&code, &shop)
            .await
            .unwrap();
        assert_eq!(mailboxes.len(), 10);
        assert_eq!(mailboxes[0].as_str(), "admin@shop.example.com");
        assert_eq!(mailboxes[9].as_str(), "webmaster@example.com");
    }
    let server = serve(&[("certificate.order.param", "error_auth.xml")]).await;
    let failure = adapter_at(&server.url, "secret")
        .approvers(&code, &shop)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
}

#[tokio::test]
async fn the_record_tells_stage_term_and_txt_record() {
    let order = order_ref("7741203", &purchase("3033", &[]));
    let server = serve(&[("certificate.edit", "record_waiting_dns.xml")]).await;
    let progress = adapter_at(&server.url, "secret")
        .status(&order)
        .await
        .unwrap();
    assert_eq!(
        progress.stage,
        Stage::Pending("certificate state 4".to_owned())
    );
    assert_eq!(
        progress.term_end.unwrap().to_rfc3339(),
        "2027-11-20T00:00:00+00:00"
    );
    let tasks: Vec<_> = progress
        .validation
        .iter()
        .map(|record| (record.name.to_string(), record.task.clone()))
        .collect();
    let txt = |name: &str| ValidationTask::Txt {
        name: name.to_owned(),
        value: "_chk=4f1c0de".to_owned(),
    };
    assert_eq!(
        tasks,
        [
            ("shop.example.com".to_owned(), txt("shop.example.com")),
            ("example.com".to_owned(), txt("example.com")),
        ]
    );
}

#[tokio::test]
async fn a_record_without_a_form_is_read_from_the_list() {
    let order = order_ref("7741203", &purchase("3033", &[]));
    let replies = &[
        ("certificate", "list.xml"),
        ("certificate.edit", "error_missed.xml"),
    ];
    let server = serve(replies).await;
    let failure = adapter_at(&server.url, "secret").status(&order).await;
    let progress = failure.unwrap();
    assert_eq!(
        progress.stage,
        Stage::Pending("no certificate yet".to_owned())
    );
    assert!(progress.term_end.is_some());
}

#[tokio::test]
async fn a_service_that_is_not_shown_is_neither_dead_nor_issued() {
    let order = order_ref("7741203", &purchase("3033", &[]));
    let cases: [(Replies, Reason); 6] = [
        (&[("certificate.edit", "error_elid.xml")], Reason::Rejected),
        (&[("certificate", "list_empty.xml")], Reason::Rejected),
        (&[("certificate", "list_odd.xml")], Reason::UnreadableAnswer),
        (
            &[("certificate.edit", "record_of_another.xml")],
            Reason::UnreadableAnswer,
        ),
        (&[("certificate.edit", "page.html")], Reason::VendorTrouble),
        (
            &[("certificate.edit", "two_factor.xml")],
            Reason::TwoFactorOn,
        ),
    ];
    for (replies, reason) in cases {
        let server = serve(replies).await;
        let failure = adapter_at(&server.url, "secret")
            .status(&order)
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), reason, "{replies:?}");
    }
}

#[tokio::test]
async fn an_issued_word_without_files_is_not_ready() {
    let order = order_ref("7741203", &purchase("3033", &[]));
    let server = serve(&[
        ("certificate.edit", "record.xml"),
        ("certificate.file", "page.html"),
    ])
    .await;
    let adapter = adapter_at(&server.url, "secret");
    assert_eq!(adapter.status(&order).await.unwrap().stage, Stage::Issued);
    let failure = adapter.certificate(&order).await.unwrap_err();
    assert_eq!(
        (failure.reason(), failure.offending_value()),
        (Reason::NotReady, "7741203")
    );
}

#[tokio::test]
async fn an_examination_fails_closed_before_money() {
    let look = ("certificate.order.csr", "request_form.xml");
    let cases: [(Replies, Option<Reason>); 8] = [
        (
            &[
                ("certificate.order.csr", "request_form.xml"),
                ("certificate.order.csr!", "done.xml"),
            ],
            None,
        ),
        (
            &[
                ("certificate.order.csr", "request_form.xml"),
                ("certificate.order.csr!", "error_csr.xml"),
            ],
            Some(Reason::BadCsr),
        ),
        (
            &[
                ("certificate.order.csr", "request_form.xml"),
                ("certificate.order.csr!", "error_value.xml"),
            ],
            Some(Reason::Rejected),
        ),
        // A step that cannot be gone is no obstacle where the form told the word.
        (&[("certificate.order.csr", "request_form.xml")], None),
        // A guess that nothing proves is one.
        (
            &[
                ("certificate.order.csr", "request_form_bare.xml"),
                ("country", "countries.xml"),
                ("certificate.order.csr!", "done.xml"),
            ],
            Some(Reason::NotSupported),
        ),
        (
            &[("certificate.order.csr", "request_form_bare.xml")],
            Some(Reason::NotSupported),
        ),
        (
            &[("certificate.order.csr", "page.html")],
            Some(Reason::VendorTrouble),
        ),
        (
            &[
                ("certificate.order.csr", "request_form.xml"),
                ("certificate.order.csr!", "done.xml"),
                ("certificate.order", "tariffs_dear.xml"),
                ("whoami", "account.xml"),
            ],
            Some(Reason::LowFunds),
        ),
    ];
    assert_eq!(cases[0].0[0], look);
    for (replies, expected) in cases {
        let server = serve(replies).await;
        let outcome = adapter_at(&server.url, "secret")
            .examine(&purchase("3033", &[]))
            .await;
        assert_eq!(
            outcome.err().map(|failure| failure.reason()),
            expected,
            "{replies:?}"
        );
        assert!(!calls(&server).contains(&"certificate.order.param!".to_owned()));
    }
}

#[tokio::test]
async fn products_have_prices_only_where_the_form_is_clear() {
    let server = serve(&[("certificate.order", "tariffs.xml")]).await;
    let products = adapter_at(&server.url, "secret").products().await.unwrap();
    let shown: Vec<_> = products
        .iter()
        .map(|offer| {
            (
                offer.code.as_str(),
                offer
                    .prices
                    .iter()
                    .map(|price| (price.term.0, price.amount.to_string()))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("3033", vec![(12, "9.90".to_owned())]),
            ("27648", Vec::new())
        ]
    );
    let server = serve(&[("certificate.order", "done.xml")]).await;
    assert!(adapter_at(&server.url, "secret").products().await.is_err());
}

#[tokio::test]
async fn what_nobody_has_confirmed_is_not_supported() {
    let adapter = adapter_at("http://127.0.0.1:9", "secret");
    let order = order_ref("7741203", &purchase("3033", &[]));
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let shop = name("shop.example.com");
    let outcomes = [
        adapter.cancel(&order, now).await.map(drop),
        adapter
            .change_validation(&order, &shop, &ValidationMethod::DnsTxt)
            .await,
        adapter.verify_now(&order, &shop).await,
    ];
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().reason(), Reason::NotSupported);
    }
}

#[test]
fn a_wrong_line_in_the_sites_file_stops_the_adapter() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmispmgrssl.conf");
    std::fs::write(&path, "ReadFunction certificate.show\nReadFuncton x\n").unwrap();
    let mut settings = Settings::default();
    settings.set("url", "https://a.example");
    settings.set("username", "u");
    settings.set_secret("password", SecretString::from("p"));
    let options = ConnectOptions {
        overrides: Some(path),
        ..options()
    };
    let failure = Ispmanager::new(&settings, &options).unwrap_err();
    assert_eq!(failure.reason(), Reason::PlatformFile);
    assert!(
        failure.words().starts_with("line 2: 'ReadFuncton'"),
        "{failure}"
    );
}
