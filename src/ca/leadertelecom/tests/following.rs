//! Everything behind an order at the simulated vendor: status, certificate, validation, and the reads.

use super::world::{PATIENT, World, fresh_csr, words};
use super::*;
use crate::ca::vendor::{Approval, FOREVER, Fault, Vendor};

#[tokio::test]
async fn faults_of_reads_are_transient_or_unreadable_and_never_a_zero() {
    for (text, fault) in Fault::ALL {
        let world = World::new();
        world.vendor.set_balance(4_200);
        world.server.set_drip_pause(Duration::from_millis(5));
        world.server.set_fault("billing/balance", fault, FOREVER);
        match world.adapter.balance().await {
            Ok(money) => assert_eq!(money.minor, 4_200, "{text}"),
            Err(failure) => assert!(
                matches!(
                    failure.kind(),
                    FailureKind::Transient | FailureKind::Protocol | FailureKind::Rejected
                ),
                "{text}: {failure}"
            ),
        }
    }
}

#[tokio::test]
async fn a_certificate_is_found_by_its_key_in_every_container() {
    let good = [
        "zip",
        "pem",
        "pkcs7",
        "pkcs7-pem",
        "json",
        "leaf-only",
        "with-key",
        "cms",
        "base64",
        "base64-zip",
        "utf16",
        "utf16-zip",
        "key-beside",
        "marked-json",
        "json-base64",
    ];
    for container in words("download") {
        // Packing the hostile archive takes the simulator a while.
        let world = World::with(&[PATIENT], &[]);
        let placed = world.buy().await.unwrap();
        world
            .vendor
            .approve(placed.order.as_str(), &Approval::All)
            .unwrap();
        world.set("download", container);
        let order = world.reference(&placed);
        // What cannot be read is said aloud, and so is a certificate of another key, by whoever fetches
        // it. Only an empty answer means that there is none yet.
        match world.adapter.status(&order).await {
            Ok(progress) => {
                let expected = match *container {
                    "empty" => Stage::Unknown("active".to_owned()),
                    _ => Stage::Issued,
                };
                assert_eq!(progress.stage, expected, "{container}");
                let is_known = good.contains(container) || ["foreign", "empty"].contains(container);
                assert!(is_known, "{container}");
            }
            Err(failure) => {
                let bad = ["bomb", "path-trick", "cut", "html", "noise"];
                assert!(bad.contains(container), "{container}: {failure}");
                // A page is what every vendor shows during maintenance.
                let expected = match *container {
                    "html" => FailureKind::Transient,
                    _ => FailureKind::Protocol,
                };
                let is_told = failure.kind() == expected || *container == "noise";
                assert!(is_told, "{container}: {failure}");
            }
        }
        let csr = Csr::parse(&world.purchase.csr_pem).unwrap();
        match world.adapter.certificate(&order).await {
            Ok(files) => {
                let found = assemble(&files.files, &csr);
                assert_eq!(found.is_ok(), good.contains(container), "{container}");
                for (_, content) in &files.files {
                    assert!(!String::from_utf8_lossy(content).contains("PRIVATE KEY"));
                }
            }
            Err(failure) => {
                assert!(!good.contains(container), "{container}");
                let kinds = [
                    FailureKind::Protocol,
                    FailureKind::Pending,
                    FailureKind::Transient,
                ];
                assert!(kinds.contains(&failure.kind()), "{container}: {failure}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_waits_whatever_the_vendor_says_until_a_certificate_is_there() {
    for shape in words("status_reply") {
        for not_ready in words("not_ready") {
            let world = World::new();
            world.set("status_reply", shape);
            world.set("not_ready", not_ready);
            // A word that lies.
            world.set("waiting_word", "issued");
            let placed = world.buy().await.unwrap();
            let order = world.reference(&placed);
            match world.adapter.status(&order).await {
                Ok(progress) => assert!(
                    matches!(progress.stage, Stage::Unknown(_)),
                    "{shape} {not_ready}"
                ),
                Err(failure) => assert!(
                    matches!(
                        failure.kind(),
                        FailureKind::Protocol | FailureKind::Transient
                    ),
                    "{shape} {not_ready}: {failure}"
                ),
            }
            world
                .vendor
                .approve(placed.order.as_str(), &Approval::All)
                .unwrap();
            let stage = world.adapter.status(&order).await.unwrap().stage;
            assert_eq!(stage, Stage::Issued, "{shape} {not_ready}");
        }
    }
}

#[tokio::test]
async fn words_of_the_override_file_are_believed() {
    let entries = [
        ("Status.processing", "pending"),
        ("Status.rejected", "cancelled"),
    ];
    let world = World::with(&[], &entries);
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let stage = world.adapter.status(&order).await.unwrap().stage;
    assert_eq!(stage, Stage::Pending("processing".to_owned()));
    assert_eq!(world.server.hits("ssl_certificates/download"), 0);
    world
        .vendor
        .fail(placed.order.as_str(), "the domain is forbidden")
        .unwrap();
    let stage = world.adapter.status(&order).await.unwrap().stage;
    assert_eq!(stage, Stage::Cancelled("rejected".to_owned()));
}

#[tokio::test]
async fn balances_are_read_or_refused() {
    let clear = ["flat", "number", "nested", "amount"];
    for shape in words("balance_reply") {
        let world = World::new();
        world.set("balance_reply", shape);
        match world.adapter.balance().await {
            Ok(money) => {
                assert!(clear.contains(shape), "{shape}");
                assert_eq!(
                    (money.minor, money.currency.as_str()),
                    (100_000, "EUR"),
                    "{shape}"
                );
            }
            Err(failure) => {
                assert!(!clear.contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{shape}");
            }
        }
        // Whatever the balance looks like, the connection is good.
        world.adapter.check().await.unwrap();
    }
}

#[tokio::test]
async fn the_catalogue_is_listed_or_refused() {
    for shape in words("products_reply") {
        let world = World::new();
        world.set("products_reply", shape);
        match world.adapter.products().await {
            Ok(offers) => {
                assert!(["array", "wrapped", "no-prices"].contains(shape), "{shape}");
                assert_eq!((offers.len(), offers[0].code.as_str()), (4, "5001"));
                assert_eq!(offers[0].prices.is_empty(), *shape == "no-prices");
            }
            Err(failure) => {
                assert!(["no-ids", "object"].contains(shape), "{shape}");
                assert_eq!(failure.reason(), Reason::UnreadableAnswer, "{shape}");
            }
        }
        world.assert_clean();
    }
}

#[tokio::test]
async fn approvers_are_the_vendors_or_the_standard_boxes() {
    for shape in words("emails_reply") {
        let world = World::new();
        world.set("emails_reply", shape);
        let template = TemplateCode::new("leader_dv");
        let list = world
            .adapter
            .approvers(&template, &name("*.example.com"))
            .await
            .unwrap();
        let expected = match *shape {
            "array" | "by-domain" | "objects" => 3,
            _ => 5,
        };
        assert_eq!(list.len(), expected, "{shape}");
        assert_eq!(list[0].as_str(), "admin@example.com");
        world.assert_clean();
    }
}

#[tokio::test]
async fn the_same_address_is_sent_again_and_another_one_is_changed() {
    let mut world = World::new();
    world.purchase.validation[0].method = email("admin@example.com");
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let shop = name("shop.example.com");
    let id = placed.order.as_str();
    world
        .adapter
        .change_validation(&order, &shop, &email("admin@example.com"))
        .await
        .unwrap();
    assert_eq!(world.server.hits("ssl_certificates/resend_dcv"), 1);
    world
        .adapter
        .change_validation(&order, &shop, &email("webmaster@example.com"))
        .await
        .unwrap();
    assert_eq!(world.server.hits("ssl_certificates/change_dcv"), 1);
    assert_eq!(
        world.vendor.item(id).unwrap()["dcv_email"],
        "webmaster@example.com"
    );
    assert_eq!(world.vendor.mails(id), 3);
    let failure = world
        .adapter
        .change_validation(&order, &shop, &ValidationMethod::DnsCname)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    world.assert_clean();
}

#[tokio::test]
async fn one_name_of_several_cannot_be_changed() {
    let mut world = World::new();
    let names = ["shop.example.com", "www.example.net"];
    world.purchase = purchase("leader_dv_md", &names, &email("admin@example.com"));
    world.purchase.csr_pem = fresh_csr(&names);
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    let (second, other) = (name(names[1]), email("owner@example.net"));
    let change = world.adapter.change_validation(&order, &second, &other);
    assert_eq!(change.await.unwrap_err().reason(), Reason::NotSupported);
    assert_eq!(world.server.hits("ssl_certificates/change_dcv"), 0);
}

#[tokio::test]
async fn sessions_that_end_are_renewed_for_reads_and_cost_no_order() {
    let world = World::new();
    let token = world
        .adapter
        .prepare(&world.purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    world.vendor.end_sessions();
    let failure = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!((world.sold(), world.server.hits("order")), (0, 1));
    world.adapter.balance().await.unwrap();
    assert_eq!(world.vendor.sign_ins(), 2);
    world.vendor.end_sessions();
    world.adapter.balance().await.unwrap();
    assert_eq!(world.vendor.sign_ins(), 3);
    world.assert_clean();
}

#[tokio::test]
async fn the_query_form_of_the_token_works_where_the_header_does_not() {
    let header = World::new();
    header.set("token_place", "query");
    assert_eq!(
        header.adapter.check().await.unwrap_err().reason(),
        Reason::BadCredentials
    );
    let query = World::with(
        &[("order_encoding", "query")],
        &[("TokenPlace", "query"), ("CallEncoding", "query")],
    );
    query.set("token_place", "query");
    query.buy().await.unwrap();
    let template = TemplateCode::new("leader_dv");
    query
        .adapter
        .approvers(&template, &name("example.com"))
        .await
        .unwrap();
    query.assert_clean();
}

#[tokio::test]
async fn nothing_secret_leaves_the_places_where_it_belongs() {
    let world = World::new();
    let placed = world.buy().await.unwrap();
    let order = world.reference(&placed);
    world.adapter.status(&order).await.unwrap();
    let (_, password, _) = world
        .vendor
        .settings("")
        .into_iter()
        .find(|(name, ..)| *name == "password")
        .unwrap();
    let tokens = world.vendor.tokens();
    for logged in world.server.requests() {
        let request = logged.request;
        for secret in tokens.iter().chain([&password]) {
            assert!(!request.path.contains(secret) && !request.query.contains(secret));
            let in_body = request.text().contains(secret.as_str());
            assert!(!in_body || (logged.call == "users/signin" && secret == &password));
        }
    }
    let shown = format!("{:?}", world.adapter);
    assert!(!shown.contains(&password) && !shown.contains(&tokens[0]));
    // Since the sign-in the log's masking knows the token.
    assert!(!crate::logging::mask(&format!("say {}", tokens[0])).contains(&tokens[0]));
}
