//! The adapter against the simulated vendor.

use chrono::TimeDelta;

use super::vendor::{Approval, Fault, Vendor};
use super::*;
use crate::ca::{Reference, Stage, ValidationTask};
use crate::certificate::{Csr, assemble};
use crate::failure::{FailureKind, Reason};

/// The certificate in hand proves itself.
pub(super) async fn assert_issued(world: &World, order: &OrderRef, purchase: &Purchase) {
    let progress = world.ca.status(order).await.unwrap();
    assert_eq!(progress.stage, Stage::Issued);
    let files = world.ca.certificate(order).await.unwrap();
    let csr = Csr::parse(&purchase.csr_pem).unwrap();
    let chain = assemble(&files.files, &csr).unwrap();
    let mut names = vec![purchase.common_name.clone()];
    names.extend(purchase.additional_names.clone());
    chain.prove(&csr, &names, Utc::now()).unwrap();
}

#[tokio::test]
async fn every_family_is_bought_configured_submitted_and_issued() {
    for (code, names) in [
        (RAPID, &["www.example.com"][..]),
        ("Certificate-RapidSSL-RapidSSL-Wildcard", &["*.example.com"]),
        ("Certificate-GeoTrust-TrueBizID", &["www.example.com"]),
        (ESSENTIAL, &["www.example.com"]),
        ("Certificate-Comodo-Premium-Wildcard", &["*.example.com"]),
        (UCC, &["www.example.com", "mail.example.org"]),
    ] {
        let world = World::start();
        let purchase = fresh(code, names);
        world.ca.examine(&purchase).await.unwrap();
        let order = world.buy(&purchase).await;
        let pending = world.ca.status(&order).await.unwrap();
        assert!(
            matches!(pending.stage, Stage::Pending(_)),
            "{code}: {pending:?}"
        );
        assert!(matches!(
            pending.references[..],
            [(Reference::Authority, _)]
        ));
        let mailbox = format!("admin@{}", purchase.common_name.base());
        assert_eq!(pending.validation[0].task, ValidationTask::Email(mailbox));
        let early = world.ca.certificate(&order).await.unwrap_err();
        assert_eq!(early.reason(), Reason::NotReady);
        world
            .store
            .approve(order.order.as_str(), &Approval::All)
            .unwrap();
        assert_issued(&world, &order, &purchase).await;
        assert_eq!(world.sold(), 1, "{code}");
        world.assert_clean();
    }
}

#[tokio::test]
async fn a_certificate_in_any_wrapping_is_fetched_and_a_damaged_one_is_told() {
    let world = World::start();
    let purchase = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    let id = order.order.as_str();
    world.store.approve(id, &Approval::All).unwrap();
    let issued = world.store.orders().remove(0).certificate.unwrap();
    let bare: String = issued
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    for shown in [issued.replace('\n', "\\n"), bare] {
        world.switch("certificate", &shown);
        assert_issued(&world, &order, &purchase).await;
    }
    for (shown, reason) in [
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            Reason::UnreadableCertificate,
        ),
        ("not issued yet", Reason::NotReady),
    ] {
        world.switch("certificate", shown);
        let stage = world.ca.status(&order).await.unwrap().stage;
        let is_told = reason == Reason::UnreadableCertificate;
        assert_eq!(stage == Stage::Issued, is_told, "{shown}: {stage:?}");
        let failure = world.ca.certificate(&order).await.unwrap_err();
        assert_eq!(failure.reason(), reason, "{shown}");
    }
}

#[tokio::test]
async fn letter_case_and_declared_charset_do_not_matter() {
    for (switch, value) in [
        ("names", "documented"),
        ("names", "lower"),
        ("encoding", "utf-16"),
        ("encoding", ""),
        ("private_keys", "on"),
    ] {
        let world = World::start();
        world.switch(switch, value);
        let purchase = fresh(RAPID, &["www.example.com"]);
        world.ca.check().await.unwrap();
        world.ca.examine(&purchase).await.unwrap();
        let order = world.buy(&purchase).await;
        world
            .store
            .approve(order.order.as_str(), &Approval::All)
            .unwrap();
        assert_issued(&world, &order, &purchase).await;
        assert!(world.ca.products().await.unwrap().len() > 10);
        world.assert_clean();
    }
}

#[tokio::test]
async fn file_validation_tells_what_to_publish() {
    let world = World::start();
    let mut purchase = fresh(RAPID, &["www.example.com"]);
    purchase.validation[0].method = ValidationMethod::HttpFile;
    let order = world.buy(&purchase).await;
    let validation = world.ca.status(&order).await.unwrap().validation;
    let ValidationTask::File { url, content } = &validation[0].task else {
        panic!("{validation:?}")
    };
    assert!(
        url.starts_with("http://www.example.com/.well-known/"),
        "{url}"
    );
    assert_eq!(content, &format!("token-{}", order.order));
    world.assert_clean();
}

#[tokio::test]
async fn the_vendors_own_list_is_checked_before_submission_and_the_slot_is_kept() {
    let world = World::start();
    world.switch("approvers", "owner@example.com,postmaster@example.com");
    let mut purchase = fresh(RAPID, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::ApproverNotAllowed);
    assert!(
        failure.words().contains("postmaster@example.com"),
        "{failure}"
    );
    assert_eq!(world.server.hits("CertPurchaseCert"), 0);
    // The client chooses another one: the same slot goes on.
    purchase.validation[0].method = email("postmaster@example.com");
    world.ca.continue_order(&order, &purchase).await.unwrap();
    assert_eq!(world.store.status(order.order.as_str()), 2);
    // The slot was configured already.
    assert_eq!(world.server.hits("CertConfigureCert"), 1);
    assert_eq!(world.sold(), 1);
    world.assert_clean();
}

#[tokio::test]
async fn a_refused_step_keeps_the_paid_slot() {
    let world = World::start();
    world.switch("refuse_configure", "The telephone number is not valid");
    let mut purchase = fresh(ESSENTIAL, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::PaidStepRefused);
    assert!(failure.to_string().contains("telephone"), "{failure}");
    world.switch("refuse_configure", "");
    purchase.administrative.phone = Phone::parse("+49 30 1234567").unwrap();
    world.ca.continue_order(&order, &purchase).await.unwrap();
    let stored = world.store.contact(order.order.as_str(), "AdminPhone");
    assert_eq!(stored.as_deref(), Some("+49.301234567"));
    assert_eq!(world.sold(), 1);
    world.assert_clean();
}

#[tokio::test]
async fn corrected_data_are_configured_again() {
    let world = World::start();
    world
        .server
        .set_fault("CertPurchaseCert", Fault::ErrorWith200, 1);
    let mut purchase = fresh(ESSENTIAL, &["www.example.com"]);
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    let order = order_ref(&placed.order, &purchase);
    let failure = world
        .ca
        .continue_order(&order, &purchase)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::PaidStepRefused);
    purchase.organization.as_mut().unwrap().city = "Chicago".to_owned();
    world.ca.continue_order(&order, &purchase).await.unwrap();
    let stored = world.store.contact(order.order.as_str(), "AdminCity");
    assert_eq!(stored.as_deref(), Some("Chicago"));
    world.assert_clean();
}

#[tokio::test]
async fn a_slot_with_another_name_is_not_touched() {
    let world = World::start();
    let first = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&first).await;
    world.store.fail(order.order.as_str(), "declined").unwrap();
    let other = fresh(RAPID, &["shop.example.org"]);
    let failure = world
        .ca
        .continue_order(&order_ref(&order.order, &other), &other)
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Protocol);
    assert!(failure.to_string().contains("another order"), "{failure}");
    assert_eq!(world.server.hits("CertConfigureCert"), 1);
}

#[tokio::test]
async fn a_declined_slot_is_used_up_before_anything_is_bought_anew() {
    let world = World::start();
    let foreign = world.store.buy_blank(RAPID, 1);
    let purchase = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    world
        .store
        .fail(order.order.as_str(), "the owner said no")
        .unwrap();
    let stage = world.ca.status(&order).await.unwrap().stage;
    assert!(
        matches!(&stage, Stage::Cancelled(words) if words.contains("said no")),
        "{stage:?}"
    );
    // The next attempt at the same order.
    let token = world.prepare(&purchase).await;
    let placed = world.submit(&purchase, &token).await.unwrap();
    assert_eq!(placed.order, order.order);
    let now = Utc::now();
    let located = world.ca.locate(&purchase, &token, now, now).await.unwrap();
    assert!(matches!(located, crate::ca::Located::Found(found, _) if found.order == order.order));
    world.ca.continue_order(&order, &purchase).await.unwrap();
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    assert_issued(&world, &order, &purchase).await;
    assert_eq!(world.server.hits("PurchaseServices"), 1);
    // Blank slots prove nothing and stay for whoever bought them.
    assert_eq!(world.store.status(&foreign), 1);
    let other = fresh(RAPID, &["www.example.com"]);
    let token = world.prepare(&other).await;
    assert!(token.0.starts_with("b:"), "{}", token.0);
    world.assert_clean();
}

#[tokio::test]
async fn a_renewal_is_a_new_purchase_inside_the_window_and_says_so() {
    let world = World::start();
    let first = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&first).await;
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    let mut renewal = fresh(RAPID, &["www.example.com"]);
    renewal.kind = PurchaseKind::Renewal {
        previous: order.order.clone(),
    };
    for failure in [
        world.ca.examine(&renewal).await.unwrap_err(),
        world
            .ca
            .prepare(&renewal, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap_err(),
    ] {
        assert_eq!(failure.reason(), Reason::NotReady, "{failure}");
        assert!(failure.to_string().contains("has no renewals"), "{failure}");
    }
    renewal.since += TimeDelta::days(280);
    world.ca.examine(&renewal).await.unwrap();
    let token = world.prepare(&renewal).await;
    let placed = world.submit(&renewal, &token).await.unwrap();
    assert_ne!(placed.order, order.order);
    assert!(placed.remark.unwrap().contains("has no renewals"));
    assert_eq!(world.sold(), 2);
    // An order the account does not know any more does not keep the client from paying.
    renewal.kind = PurchaseKind::Renewal {
        previous: VendorOrderId::new("17"),
    };
    world.ca.examine(&renewal).await.unwrap();
}

#[tokio::test]
async fn a_reissue_keeps_the_slot_and_shows_the_former_certificate_as_reissuing() {
    let world = World::start();
    let first = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&first).await;
    let mut again = fresh(RAPID, &["www.example.com"]);
    again.kind = PurchaseKind::Reissue {
        order: order.order.clone(),
        former_names: Vec::new(),
    };
    let early = world
        .ca
        .prepare(&again, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap_err();
    assert_eq!(early.reason(), Reason::NotReady);
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    world.ca.examine(&again).await.unwrap();
    let token = world.prepare(&again).await;
    let placed = world.submit(&again, &token).await.unwrap();
    assert_eq!(placed.order, order.order);
    let renewed = order_ref(&order.order, &again);
    world.ca.continue_order(&renewed, &again).await.unwrap();
    let stage = world.ca.status(&renewed).await.unwrap().stage;
    assert!(matches!(stage, Stage::Reissuing(_)), "{stage:?}");
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    assert_issued(&world, &renewed, &again).await;
    assert_eq!(world.sold(), 1);
    world.assert_clean();
}

#[tokio::test]
async fn comodo_products_have_no_reissue() {
    let world = World::start();
    let mut again = fresh(ESSENTIAL, &["www.example.com"]);
    again.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("901234"),
        former_names: Vec::new(),
    };
    let failure = world.ca.examine(&again).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotSupported);
    let token = Token("r:00000000:0".to_owned());
    let refused = world.submit(&again, &token).await.unwrap_err();
    assert_eq!(refused.kind(), FailureKind::NotSupported);
    assert_eq!(world.server.requests().len(), 0);
}

#[tokio::test]
async fn the_slots_own_web_servers_are_respected() {
    let world = World::start();
    world.switch("servers", "33,34");
    let purchase = fresh(RAPID, &["www.example.com"]);
    world.buy(&purchase).await;
    let sent = world.server.requests_of("CertConfigureCert");
    assert!(sent[0].request.text().contains("&WebServerType=33&"));
}
