//! Reissues, refunds, rejections.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::client::{Shop, csr, id, merge, order, order_with};
use crate::sandbox::vendor::{Approval, SaleKind, Vendor};

fn issued(shop: &Shop) -> String {
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    shop.store.approve(&id, &Approval::All).unwrap();
    id
}

fn reissue(order: &str, fields: Value) -> Value {
    let mut request = json!({"TheSSLStoreOrderID": order, "CSR": csr("example.com"),
        "WebServerType": "Other", "isWildCard": false, "ReissueEmail": "ann@example.com",
        "ApproverEmails": "admin@example.com", "SignatureHashAlgorithm": "PREFER_SHA2",
        "DateTimeCulture": "en-US"});
    merge(&mut request, fields);
    request
}

#[test]
fn a_reissue_keeps_the_old_certificate_until_the_new_one_is_there() {
    let shop = Shop::open();
    let id = issued(&shop);
    let before = shop.store.orders()[0].serial.clone();
    let answer = shop.good("order/reissue", reissue(&id, json!({})));
    assert_eq!(answer["TheSSLStoreOrderID"], json!(id));
    assert_eq!(answer["PartnerOrderID"], "90000011");
    assert_eq!(
        shop.words(&id),
        ("Active".to_owned(), "PENDING_REISSUE".to_owned())
    );
    shop.bad("order/reissue", reissue(&id, json!({})));
    shop.good("order/download", json!({"TheSSLStoreOrderID": id}));
    assert_eq!(shop.store.orders()[0].serial, before);
    shop.store.approve(&id, &Approval::All).unwrap();
    assert_eq!(shop.words(&id), ("Active".to_owned(), String::new()));
    assert_ne!(shop.store.orders()[0].serial, before);
    let sales = shop.store.sales();
    assert_eq!(sales.len(), 2);
    assert_eq!((sales[1].kind, sales[1].amount), (SaleKind::Reissue, 0));
    assert_eq!(shop.paid(), 1);
    shop.no_violations();
}

#[test]
fn a_reissue_is_refused_for_others_and_for_what_contradicts_the_order() {
    let shop = Shop::open();
    let id = issued(&shop);
    for fields in [
        json!({"ReissueEmail": "eve@example.com"}),
        json!({"CSR": csr("other.com")}),
        json!({"isWildCard": true}),
        json!({"ApproverEmail": "hostmaster@example.com"}),
        json!({"TheSSLStoreOrderID": "1"}),
    ] {
        shop.bad("order/reissue", reissue(&id, fields));
    }
    assert_eq!(shop.words(&id), ("Active".to_owned(), String::new()));
    assert_eq!(shop.store.sales().len(), 1);
}

#[test]
fn names_can_be_exchanged_inside_what_was_bought() {
    let shop = Shop::open();
    let fields = json!({"DNSNames": ["a.com", "b.com"], "ReserveSANCount": 0,
        "ApproverEmail": "HTTP_CSR_HASH,HTTP_CSR_HASH,HTTP_CSR_HASH"});
    let request = order_with("positivemdcssl", "example.com", fields);
    let id = id(&shop.good("order/neworder", request));
    shop.store.approve(&id, &Approval::All).unwrap();
    let fields = json!({"DNSNames": ["b.com", "c.com"],
        "AddSAN": [{"OldValue": "", "NewValue": "c.com"}],
        "DeleteSAN": [{"OldValue": "a.com", "NewValue": ""}],
        "ApproverEmails": "DNS,DNS,admin@c.com"});
    shop.good("order/reissue", reissue(&id, fields));
    shop.store.approve(&id, &Approval::All).unwrap();
    assert_eq!(shop.store.orders()[0].names, ["b.com", "c.com"]);
    shop.no_violations();
}

#[test]
fn a_refund_is_granted_by_staff_and_only_for_thirty_days() {
    let shop = Shop::open();
    let first = issued(&shop);
    let ask = |id: &str| json!({"TheSSLStoreOrderID": id, "RefundReason": "not needed"});
    let answer = shop.good("order/refundrequest", ask(&first));
    assert_eq!(answer["isRefundApproved"], false);
    assert!(answer["RefundRequestID"].is_string());
    assert_eq!(shop.words(&first).0, "Active");
    shop.store.decide_refund(&first, true).unwrap();
    assert_eq!(shop.words(&first).0, "Cancelled");
    assert!(shop.store.sales()[0].refunded);
    assert_eq!(shop.store.balance(), 100_000);
    let state = shop.good("order/refundstatus", json!({"TheSSLStoreOrderID": first}));
    assert_eq!(state["isRefundApproved"], true);

    let second = issued(&shop);
    shop.store.clock().advance(TimeDelta::days(31));
    let refused = shop.bad("order/refundrequest", ask(&second));
    assert!(refused.starts_with("ErrorCode:-9032|"), "{refused}");
}

#[test]
fn a_rejected_order_ends_and_a_rejected_reissue_does_not_harm() {
    let shop = Shop::open();
    let dead = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    shop.store.fail(&dead, "the name is on a list").unwrap();
    let status = shop.status(&dead);
    assert_eq!(status["OrderStatus"]["MajorStatus"], "Cancelled");
    assert_eq!(
        status["OrderStatus"]["AuthenticationComments"],
        "the name is on a list"
    );
    let alive = issued(&shop);
    shop.good("order/reissue", reissue(&alive, json!({})));
    shop.store.fail(&alive, "no").unwrap();
    assert_eq!(shop.words(&alive), ("Active".to_owned(), String::new()));
    shop.good("order/download", json!({"TheSSLStoreOrderID": alive}));
}

#[test]
fn validation_mails_are_counted_and_can_go_elsewhere() {
    let shop = Shop::open();
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    let resend = json!({"TheSSLStoreOrderID": id, "ResendEmailType": "ApproverEmail"});
    shop.call("order/resend", resend);
    let elsewhere = |address: &str| json!({"TheSSLStoreOrderID": id, "DomainNames": "example.com", "ResendEmail": address});
    let stranger = elsewhere("ann@example.com");
    shop.bad("order/changeapproveremail", stranger);
    let changed = shop.call(
        "order/changeapproveremail",
        elsewhere("webmaster@example.com"),
    );
    assert_eq!(changed["isError"], false);
    assert_eq!(shop.store.mails(&id), 3);
    shop.no_violations();
}

#[test]
fn an_unknown_word_can_be_put_into_every_answer() {
    let shop = Shop::open();
    let id = issued(&shop);
    shop.store
        .set_switch("status_word", "Simmering/LOW_HEAT")
        .unwrap();
    assert_eq!(
        shop.words(&id),
        ("Simmering".to_owned(), "LOW_HEAT".to_owned())
    );
    assert!(shop.store.set_switch("status", "x").is_err());
}

#[test]
fn an_archive_holds_the_same_files() {
    use base64::Engine;
    let shop = Shop::open();
    let id = issued(&shop);
    let answer = shop.good("order/downloadaszip", json!({"TheSSLStoreOrderID": id}));
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(answer["Zip"].as_str().unwrap())
        .unwrap();
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<_> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert!(names.contains(&"example_com.crt".to_owned()), "{names:?}");
}
