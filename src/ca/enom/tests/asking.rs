//! The adapter against the simulated vendor: questions, the account, orders that are withdrawn or asked
//! again, and what is logged of it.

use super::scenarios::assert_issued;
use super::vendor::{Approval, Fault, Vendor};
use super::*;
use crate::ca::{Cancellation, Stage};
use crate::domain::Money;
use crate::failure::{FailureKind, Reason};

#[tokio::test]
async fn the_vendor_is_asked_before_anything_is_paid_for() {
    let world = World::start();
    let mut long = fresh(RAPID, &["www.example.com"]);
    long.term = Months(36);
    let failure = world.ca.examine(&long).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadTerm);
    assert!(failure.words().contains("1, 2"), "{failure}");
    world.store.set_balance(1_099);
    let purchase = fresh(RAPID, &["www.example.com"]);
    let poor = world.ca.examine(&purchase).await.unwrap_err();
    assert_eq!(poor.reason(), Reason::LowFunds);
    assert!(
        poor.words().contains("11.00 USD, available 10.99 USD"),
        "{poor}"
    );
    // The vendor says the same; after the look above, the money may have gone to this very call.
    let token = world.prepare(&purchase).await;
    let refused = world.submit(&purchase, &token).await.unwrap_err();
    assert_eq!(refused.kind(), FailureKind::Unknown);
    assert_eq!(world.sold(), 0);
    // What cannot be asked is no obstacle.
    world.server.set_fault("GetCerts", Fault::HtmlPage, 9);
    world.ca.examine(&purchase).await.unwrap();
}

#[tokio::test]
async fn accounts_are_told_apart() {
    let world = World::start();
    world.ca.check().await.unwrap();
    let balance = world.ca.balance().await.unwrap();
    assert_eq!(
        balance,
        Money {
            minor: 100_000,
            currency: crate::domain::Currency::USD
        }
    );
    world.store.set_balance(-1_234_560);
    assert_eq!(world.ca.balance().await.unwrap().minor, -1_234_560);
    world.switch("brackets", "on");
    assert_eq!(world.ca.balance().await.unwrap().minor, -1_234_560);
    world.switch("reseller", "off");
    let retail = world.ca.check().await.unwrap_err();
    assert_eq!(retail.reason(), Reason::BadCredentials);
    world.switch("address_allowed", "off");
    for codes in ["on", "off"] {
        world.switch("codes", codes);
        let refused = world.ca.check().await.unwrap_err();
        assert_eq!(refused.reason(), Reason::AddressNotAllowed);
    }
    let world = World::start();
    let stranger = Arc::new(Simulated::with_credentials("myreseller", "other"));
    let server = vendor::VendorServer::start(stranger);
    let refused = adapter(&server.url()).check().await.unwrap_err();
    assert_eq!(refused.reason(), Reason::BadCredentials);
    assert!(!refused.chain().contains(PASSWORD));
    drop(world);
}

#[tokio::test]
async fn ill_answers_to_a_look_up_are_passing_trouble() {
    let world = World::start();
    for fault in [
        Fault::HtmlPage,
        Fault::Truncated,
        Fault::Empty,
        Fault::ServerErrorBefore,
        Fault::CutBody,
        Fault::ResetBeforeHandling,
    ] {
        world.server.set_fault("GetBalance", fault, 9);
        let failure = world.ca.balance().await.unwrap_err();
        assert_eq!(
            failure.kind(),
            FailureKind::Transient,
            "{fault:?}: {failure}"
        );
        world.server.clear_faults();
    }
    world.server.set_fault("GetBalance", Fault::WrongTypes, 9);
    assert_eq!(
        world.ca.balance().await.unwrap_err().kind(),
        FailureKind::Protocol
    );
    world.server.clear_faults();
    world.server.set_fault("GetBalance", Fault::ErrorWith200, 1);
    assert_eq!(
        world.ca.balance().await.unwrap_err().kind(),
        FailureKind::Rejected
    );
}

#[tokio::test]
async fn contradictory_words_decide_nothing() {
    let world = World::start();
    let purchase = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    let id = order.order.as_str();
    for (shown, unknown) in [
        ("4/Processing", false),
        ("4/Certificate Issued", false),
        ("7/Cert Issued", true),
        ("5/Something New", true),
    ] {
        world.switch("status", &format!("{id}={shown}"));
        let stage = world.ca.status(&order).await.unwrap().stage;
        assert_eq!(
            matches!(stage, Stage::Unknown(_)),
            unknown,
            "{shown}: {stage:?}"
        );
        assert_eq!(
            matches!(stage, Stage::Pending(_)),
            !unknown,
            "{shown}: {stage:?}"
        );
    }
    world.store.approve(id, &Approval::All).unwrap();
    world.switch("status", &format!("{id}=1/Awaiting Configuration"));
    assert_issued(&world, &order, &purchase).await;
    // Nor is a slot with a certificate configured anew.
    world.ca.continue_order(&order, &purchase).await.unwrap();
    assert_eq!(world.server.hits("CertConfigureCert"), 1);
}

#[tokio::test]
async fn pending_orders_are_withdrawn_twice_with_the_same_words() {
    let world = World::start();
    let purchase = fresh(ESSENTIAL, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    let now = Utc::now();
    let first = world.ca.cancel(&order, now).await.unwrap();
    let second = world.ca.cancel(&order, now).await.unwrap();
    assert_eq!(first, second);
    assert!(
        matches!(&first, Cancellation::Requested(words) if words.contains("stays in the account"))
    );
    assert_eq!(world.server.hits("CertModifyOrder"), 1);
    world.store.fail(order.order.as_str(), "refund").unwrap();
    let dead = world.ca.cancel(&order, now).await.unwrap();
    assert_eq!(dead, Cancellation::AlreadyDead);

    let issued = fresh(RAPID, &["www.example.com"]);
    let order = world.buy(&issued).await;
    world
        .store
        .approve(order.order.as_str(), &Approval::All)
        .unwrap();
    let failure = world.ca.cancel(&order, now).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotSupported);
    world.assert_clean();
}

#[tokio::test]
async fn mailboxes_are_changed_or_asked_again() {
    let world = World::start();
    let purchase = fresh(ESSENTIAL, &["www.example.com"]);
    let order = world.buy(&purchase).await;
    let (id, host) = (order.order.as_str(), &purchase.common_name);
    let change = async |method| world.ca.change_validation(&order, host, &method).await;
    change(email("admin@www.example.com")).await.unwrap();
    assert_eq!(world.server.hits("CertResendApproverEmail"), 1);
    change(email("webmaster@example.com")).await.unwrap();
    assert_eq!(world.server.hits("CertChangeApproverEmail"), 1);
    assert_eq!(world.store.mails(id), 3);
    let stranger = change(email("admin@example.org")).await.unwrap_err();
    assert_eq!(stranger.reason(), Reason::ApproverNotAllowed);
    let file = change(ValidationMethod::HttpFile).await.unwrap_err();
    assert_eq!(file.kind(), FailureKind::NotSupported);
    world.store.approve(id, &Approval::All).unwrap();
    let late = change(email("admin@example.com")).await.unwrap_err();
    assert_eq!(late.reason(), Reason::NotReady);

    // The calls name no name: they are about the main one.
    let purchase = fresh(UCC, &["www.example.com", "mail.example.org"]);
    let order = world.buy(&purchase).await;
    let (host, other) = (&purchase.common_name, name("mail.example.org"));
    let change = async |host, mailbox| {
        let method = email(mailbox);
        world.ca.change_validation(&order, host, &method).await
    };
    for mailbox in [
        "admin@www.example.com",
        "admin@mail.example.org",
        "webmaster@example.org",
    ] {
        let refused = change(&other, mailbox).await.unwrap_err();
        assert_eq!(refused.kind(), FailureKind::NotSupported, "{mailbox}");
    }
    assert_eq!(world.server.hits("CertResendApproverEmail"), 1);
    assert_eq!(world.server.hits("CertChangeApproverEmail"), 1);
    change(host, "admin@www.example.com").await.unwrap();
    assert_eq!(world.server.hits("CertResendApproverEmail"), 2);
    world.assert_clean();
}

#[test]
fn what_is_logged_of_requests_and_answers_holds_no_secret() {
    let client = adapter("https://a.example").client;
    let form = client.form("GetBalance", &Vec::new());
    let request = crate::logging::mask(&String::from_utf8(form).unwrap());
    assert!(!request.contains(PASSWORD), "{request}");
    for answer in ["<RSA>canary-key</RSA>", "<pvt><![CDATA[canary-key]]></pvt>"] {
        let shown = crate::logging::mask(answer);
        assert!(!shown.contains("canary-key"), "{shown}");
    }
}

#[tokio::test]
async fn gaps_are_declared() {
    let world = World::start();
    let abilities = world.ca.abilities();
    assert!(!abilities.renewal && !abilities.verify_now);
    assert!(world.ca.orders_one_at_a_time());
    let order = order_ref(&VendorOrderId::new("1"), &purchase(RAPID));
    let failure = world.ca.verify_now(&order, &name("a.example")).await;
    assert_eq!(failure.unwrap_err().kind(), FailureKind::NotSupported);
}
