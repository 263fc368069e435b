//! The adapter against the simulated billing: what it refuses, what it cannot know, what it never shows.

use super::vendor::Approval;
use super::*;

/// Names and values.
type Switches<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn the_word_for_an_own_request_is_never_ordered_on_a_guess() {
    // Told by the form; told by the site; guessed and proved by the free step.
    let cases: [(Switches<'_>, &str, bool); 7] = [
        (&[("kind", "upload")], "", true),
        (
            &[("kind-choices", "off")],
            "RequestKindExisting existing\n",
            true,
        ),
        (&[("kind-choices", "off"), ("kind", "exists")], "", true),
        (&[("kind-choices", "off")], "", false),
        (
            &[
                ("kind-choices", "off"),
                ("kind", "exists"),
                ("step", "silent"),
            ],
            "",
            false,
        ),
        (
            &[
                ("kind-choices", "off"),
                ("kind", "exists"),
                ("step", "generated"),
            ],
            "",
            false,
        ),
        (&[("step", "generated")], "", false),
    ];
    for (switches, corrections, is_sold) in cases {
        let world = World::corrected(switches, corrections);
        let outcome = world.order(&purchase("3033", &[])).await;
        assert_eq!(outcome.is_ok(), is_sold, "{switches:?}");
        assert_eq!(world.paid_sales(), usize::from(is_sold), "{switches:?}");
        if let Err(failure) = outcome {
            assert_eq!(failure.reason(), Reason::NotSupported, "{switches:?}");
            assert_eq!(
                world.server.hits("certificate.order.param!"),
                0,
                "{switches:?}"
            );
        }
    }
}

#[tokio::test]
async fn too_little_money_is_seen_before_or_after_and_never_ordered_again() {
    let purchase = purchase("3033", &[]);
    // Price and balance are known: nothing is sent.
    let world = World::start();
    world.vendor.set_balance(989);
    assert_eq!(
        world.order(&purchase).await.unwrap_err().reason(),
        Reason::LowFunds
    );
    assert_eq!(world.server.hits("certificate.order.param!"), 0);

    // The price is not known, the billing refuses with a type that nobody has seen: looked up.
    let world = World::with(&[("prices", "off")]);
    world.vendor.set_balance(989);
    assert_eq!(
        world.order(&purchase).await.unwrap_err().reason(),
        Reason::OutcomeUnknown
    );

    // The same, once the site has named the type.
    let world = World::corrected(&[("prices", "off")], "ErrorsFunds low_balance\n");
    world.vendor.set_balance(989);
    assert_eq!(
        world.order(&purchase).await.unwrap_err().reason(),
        Reason::LowFunds
    );

    // A service is made that waits for payment: its number is kept and the state tells people.
    let world = World::with(&[("prices", "off"), ("poor", "unpaid")]);
    world.vendor.set_balance(989);
    let placed = world.order(&purchase).await.unwrap();
    let Stage::Unpaid(words) = world.stage(placed.order.as_str(), &purchase).await else {
        panic!("not told as unpaid")
    };
    assert!(words.contains("not paid"), "{words}");
    assert_eq!(world.paid_sales(), 0);
}

#[tokio::test]
async fn the_billings_refusals_have_their_reasons_before_money() {
    for (switches, reason) in [
        (("two-factor", "on"), Reason::TwoFactorOn),
        (("captcha", "on"), Reason::AddressNotAllowed),
        (("error", "certificate.order.csr:access"), Reason::NoAccess),
        (("error", "certificate.order.csr:limit"), Reason::Rejected),
        (("error", "certificate:auth"), Reason::BadCredentials),
    ] {
        let world = World::with(&[switches]);
        let failure = world.order(&purchase("3033", &[])).await.unwrap_err();
        assert_eq!(failure.reason(), reason, "{switches:?}");
        assert_eq!(world.server.hits("certificate.order.param!"), 0);
    }
    let world = World::start();
    let stranger = adapter_at(&world.server.url(), "wrong");
    assert_eq!(
        stranger.check().await.unwrap_err().reason(),
        Reason::BadCredentials
    );
    world.adapter.check().await.unwrap();
}

#[tokio::test]
async fn the_balance_is_read_in_every_place_and_shape() {
    for (place, expected) in [
        ("whoami", Some("1234.56 EUR")),
        ("subaccount", Some("1234.56 EUR")),
        ("usrparam", Some("1234.56 EUR")),
        ("words", None),
        ("none", None),
    ] {
        let world = World::with(&[("balance", place)]);
        world.vendor.set_balance(123_456);
        let balance = world.adapter.balance().await;
        let shown = balance
            .as_ref()
            .ok()
            .map(|money| format!("{money} {}", money.currency));
        assert_eq!(shown.as_deref(), expected, "{place}");
        if let Err(failure) = balance {
            assert_eq!(failure.reason(), Reason::UnreadableBalance, "{place}");
        }
    }
}

#[tokio::test]
async fn a_renewal_that_the_billing_does_not_know_or_would_spoil_costs_nothing() {
    for (switch, reason) in [
        ("off", Reason::NotSupported),
        ("access", Reason::NotSupported),
    ] {
        let world = World::with(&[("prolong", switch)]);
        let first = purchase("3033", &[]);
        let id = world.order(&first).await.unwrap().order.as_str().to_owned();
        let failure = world.order(&renewal_of(first, &id)).await.unwrap_err();
        assert_eq!(failure.reason(), reason, "{switch}");
        assert_eq!(world.paid_sales(), 1, "{switch}");
    }
    let world = World::start();
    let first = purchase("3033", &[]);
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    let other_key = Purchase {
        csr_pem: csr_for(&["shop.example.com"]),
        ..renewal_of(first.clone(), &id)
    };
    assert_eq!(
        world.order(&other_key).await.unwrap_err().reason(),
        Reason::NotSupported
    );
    let odd_term = Purchase {
        term: Months(36),
        ..renewal_of(first, &id)
    };
    assert_eq!(
        world.order(&odd_term).await.unwrap_err().reason(),
        Reason::BadTerm
    );
    assert_eq!(world.paid_sales(), 1);
}

#[tokio::test]
async fn a_reissue_waits_until_nothing_is_under_way() {
    let world = World::start();
    let first = purchase("3033", &[]);
    let id = world.order(&first).await.unwrap().order.as_str().to_owned();
    let again = reissue_of(first, &id);
    assert_eq!(
        world.order(&again).await.unwrap_err().reason(),
        Reason::NotReady
    );
    world.vendor.approve(&id, &Approval::All).unwrap();
    world
        .vendor
        .set_switch("reissue-next", "certificate.reissue.approver")
        .unwrap();
    let failure = world.order(&again).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::Rejected);
    assert!(failure.to_string().contains("certificate.reissue.approver"));
}

#[tokio::test]
async fn dead_and_refused_orders_are_told_and_unknown_words_are_pending() {
    let world = World::start();
    let purchase = purchase("3033", &[]);
    let id = world
        .order(&purchase)
        .await
        .unwrap()
        .order
        .as_str()
        .to_owned();
    world
        .vendor
        .set_switch("state", &format!("{id}:11_new_state"))
        .unwrap();
    assert!(
        matches!(world.stage(&id, &purchase).await, Stage::Pending(_)),
        "the certificate's state is known"
    );
    world.vendor.fail(&id, "no").unwrap();
    assert!(matches!(
        world.stage(&id, &purchase).await,
        Stage::Unknown(_) | Stage::Cancelled(_)
    ));
    world
        .vendor
        .set_switch("state", &format!("{id}:4"))
        .unwrap();
    assert!(matches!(
        world.stage(&id, &purchase).await,
        Stage::Cancelled(_)
    ));
}

#[tokio::test]
async fn no_secret_leaves_in_an_address() {
    let world = World::start();
    world.order(&purchase("3033", &[])).await.unwrap();
    for logged in world.server.requests() {
        assert_eq!(logged.request.query, "");
        assert!(
            !logged
                .request
                .headers
                .iter()
                .any(|(_, value)| value.contains("canary"))
        );
    }
}

#[tokio::test]
async fn a_record_of_the_wire_changes_nothing_and_shows_every_form() {
    let world = World::start();
    let names = |answers: &[(&'static str, Result<String, Failure>)]| -> Vec<&'static str> {
        assert!(answers.iter().all(|(_, answer)| {
            answer
                .as_ref()
                .is_ok_and(|text| text.starts_with("HTTP 200"))
        }));
        answers.iter().map(|(name, _)| *name).collect()
    };
    let empty = names(&world.adapter.harmless_reads().await);
    assert_eq!(empty.len(), 8);
    world.order(&purchase("3033", &[])).await.unwrap();
    world.server.forget_requests();
    let (services, sales) = (world.vendor.orders(), world.vendor.sales());
    world.vendor.set_switch("filter", "id=7741017").unwrap();
    let all = names(&world.adapter.harmless_reads().await);
    assert_eq!(
        all[8..],
        ["certificate.edit", "certificate.reissue", "service.prolong"]
    );
    assert_eq!(
        (world.vendor.orders(), world.vendor.sales()),
        (services, sales)
    );
    for logged in world.server.requests() {
        assert!(!logged.call.ends_with('!'), "{}", logged.call);
    }
    let url = world.adapter.endpoint().unwrap().to_string();
    assert_eq!(url, format!("{}/billmgr", world.server.url()));
}

#[tokio::test]
async fn the_log_and_error_texts_hold_no_password() {
    let world = World::start();
    world.adapter.check().await.unwrap();
    let body = world.server.requests()[0].request.text();
    assert!(body.contains("canary"));
    assert!(!crate::logging::mask(&body).contains("canary"));
    let stranger = adapter_at(&world.server.url(), "other-canary");
    let failure = stranger.check().await.unwrap_err();
    assert!(!failure.chain().contains("canary"));
}
