//! The adapter against the simulated vendor: questions, approver mails, cancellations, the account.

use chrono::TimeDelta;

use super::vendor::{Approval, Vendor};
use super::*;
use crate::ca::ValidationTask;

#[tokio::test]
async fn approver_mails_are_changed_or_sent_again() {
    let world = World::start();
    let purchase = with_csr(purchase("DV", "example.com", &[], "email"));
    let placed = world.order(&purchase).await;
    let order = order_ref(&placed);
    let change = async |address: &str| {
        let method = ValidationMethod::Email(email(address));
        world
            .adapter
            .change_validation(&order, &name("example.com"), &method)
            .await
    };
    change("admin@example.com").await.unwrap();
    assert_eq!(world.server.hits("ResendEmail"), 1);
    change("webmaster@example.com").await.unwrap();
    assert_eq!(world.server.hits("ChangeApproverEmail"), 1);
    assert_eq!(world.vendor.mails(placed.order.as_str()), 3);
    let [record] = world
        .adapter
        .status(&order)
        .await
        .unwrap()
        .validation
        .try_into()
        .unwrap();
    assert_eq!(
        record.task,
        ValidationTask::Email("webmaster@example.com".to_owned())
    );
    assert_eq!(
        change("boss@example.com").await.unwrap_err().kind(),
        FailureKind::Rejected
    );
    let failure = world
        .adapter
        .change_validation(&order, &name("example.com"), &ValidationMethod::DnsTxt)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    let failure = world
        .adapter
        .verify_now(&order, &name("example.com"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    world.assert_no_violations();
}

#[tokio::test]
async fn an_approver_list_is_asked_for_once_and_belongs_to_its_name() {
    let world = World::start();
    let ask = async |text: &str| {
        let template = TemplateCode::new("DV");
        world
            .adapter
            .approvers(&template, &name(text))
            .await
            .unwrap()
    };
    let own = ask("example.com").await;
    assert!(own.contains(&email("admin@example.com")));
    assert_eq!(ask("example.com").await, own);
    assert_eq!(world.server.hits("GetDVApproverList"), 1);
    // The daemon asks for services of many clients: one's list says nothing about another's.
    let below = ask("shop.example.com").await;
    assert!(below.contains(&email("admin@shop.example.com")));
    assert!(below.contains(&email("admin@example.com")));
    let beside = ask("mail.example.com").await;
    assert!(beside.contains(&email("admin@mail.example.com")));
    assert_eq!(ask("shop.example.com").await, below);
    assert_eq!(world.server.hits("GetDVApproverList"), 3);
    let organization = TemplateCode::new("OV");
    let none = world
        .adapter
        .approvers(&organization, &name("example.net"))
        .await
        .unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn orders_are_cancelled_inside_the_windows_and_never_revoked() {
    let world = World::start();
    let now = || world.vendor.clock().now();
    let purchase = with_csr(purchase("DV_LOW", "example.com", &[], "dns"));
    let pending = world.order(&purchase).await;
    world.vendor.clock().advance(TimeDelta::days(31));
    let answer = world
        .adapter
        .cancel(&order_ref(&pending), now())
        .await
        .unwrap();
    assert_eq!(answer, Cancellation::WindowOver);
    assert_eq!(world.server.hits("ModifyOrder"), 0);

    let issued = world.order(&purchase).await;
    world
        .vendor
        .approve(issued.order.as_str(), &Approval::All)
        .unwrap();
    let late = now() + TimeDelta::days(7);
    let answer = world
        .adapter
        .cancel(&order_ref(&issued), late)
        .await
        .unwrap();
    assert_eq!(answer, Cancellation::WindowOver);
    let answer = world
        .adapter
        .cancel(&order_ref(&issued), now())
        .await
        .unwrap();
    assert!(matches!(answer, Cancellation::Requested(_)));
    assert!(matches!(world.stage(&issued).await, Stage::Cancelled(_)));
    let answer = world
        .adapter
        .cancel(&order_ref(&issued), now())
        .await
        .unwrap();
    assert_eq!(answer, Cancellation::AlreadyDead);
    assert_eq!(world.server.hits("ModifyOrder"), 1);
    for code in ["-9915", "-9938"] {
        world.switch("error", &format!("ModifyOrder:{code}"));
        let third = world.order(&purchase).await;
        let answer = world
            .adapter
            .cancel(&order_ref(&third), now())
            .await
            .unwrap();
        assert_eq!(answer, Cancellation::AlreadyDead, "{code}");
    }
    for request in world.server.requests() {
        assert!(!request.request.text().to_uppercase().contains("REVOKE"));
    }
}

#[tokio::test]
async fn balance_and_credentials_are_told() {
    let world = World::start();
    world.adapter.check().await.unwrap();
    assert_eq!(
        world.adapter.balance().await.unwrap().to_string(),
        "10000.00"
    );
    for shape in ["none", "two"] {
        world.switch("balance", shape);
        let failure = world.adapter.balance().await.unwrap_err();
        assert_eq!(failure.reason(), Reason::UnreadableBalance, "{shape}");
        world.adapter.check().await.unwrap();
    }
    let mut values = world.vendor.settings(&world.server.url());
    values[1].1 = "another-password".to_owned();
    let failure = adapter_of(&values).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
}

#[tokio::test]
async fn what_the_vendor_refuses_beforehand_buys_nothing() {
    let world = World::start();
    world.vendor.set_balance(100);
    let poor = with_csr(purchase("DV_LOW", "example.com", &[], "dns"));
    let failure = world
        .adapter
        .submit(&poor, &Token::default(), permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::LowFunds);
    let broken = purchase("DV_LOW", "example.com", &[], "dns");
    let failure = world.adapter.examine(&broken).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Rejected, "{failure}");
    // A question that cannot be asked is no refusal.
    for code in ["-1", "-102", "-9943", "-12345"] {
        world.switch("error", &format!("ValidateOrderParameters:{code}"));
        world.adapter.examine(&poor).await.unwrap();
    }
    assert_eq!(world.booked(), 0);
}

/// The paid call would be answered with the same words, and they prove nothing there.
#[tokio::test]
async fn a_renewal_that_is_refused_beforehand_is_not_sent() {
    let world = World::start();
    let first = with_csr(purchase("DV", "example.com", &[], "dns"));
    let placed = world.order(&first).await;
    let mut renewal = with_csr(first);
    renewal.key = IntentKey::new("zyxwvutsrq765432zyxw");
    renewal.kind = PurchaseKind::Renewal {
        previous: placed.order.clone(),
    };
    let refused = async || {
        let failure = world.adapter.examine(&renewal).await.unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Rejected, "{failure}");
        assert!(failure.words().contains("-6102"), "{failure}");
    };
    // Not issued yet, then renewed already.
    refused().await;
    world
        .vendor
        .approve(placed.order.as_str(), &Approval::All)
        .unwrap();
    world.order(&renewal).await;
    refused().await;
    assert_eq!(world.paid(), 2);
}

/// There is no order yet that could be "not ready".
#[tokio::test]
async fn a_domain_that_whois_does_not_know_is_a_refusal() {
    let world = World::start();
    world.switch("error", "GetDVApproverList:-3002");
    let template = TemplateCode::new("DV");
    let asked = world
        .adapter
        .approvers(&template, &name("example.com"))
        .await;
    assert_eq!(asked.unwrap_err().reason(), Reason::Rejected);
    let purchase = with_csr(purchase("DV", "example.com", &[], "email"));
    let prepared = world.adapter.prepare(&purchase, &[]).await;
    assert_eq!(prepared.err().unwrap().reason(), Reason::Rejected);
}
