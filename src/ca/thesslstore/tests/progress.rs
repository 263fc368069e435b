use super::super::model::reply::Order;
use super::super::progress::{date, progress, purchased, stage};
use super::*;
use crate::ca::{Reference, Stage, ValidationRecord, ValidationTask};
use serde_json::json;

fn order(value: Value) -> Order {
    serde_json::from_value(value).unwrap()
}

fn with_status(major: Value, minor: Value) -> Order {
    order(json!({"OrderStatus": {"MajorStatus": major, "MinorStatus": minor}}))
}

#[test]
fn stages_follow_the_table_of_words() {
    let text = |words: &str| words.to_owned();
    let cases = [
        ("Initial", "", Stage::Pending(text("Initial"))),
        ("Pending", "", Stage::Pending(text("Pending"))),
        (
            "PENDING",
            "WAITING",
            Stage::Pending(text("PENDING, WAITING")),
        ),
        ("Active", "", Stage::Issued),
        ("active", "anything", Stage::Issued),
        (
            "Active",
            "PENDING_REISSUE",
            Stage::Reissuing(text("Active, PENDING_REISSUE")),
        ),
        (
            "active",
            "pending_reissue",
            Stage::Reissuing(text("active, pending_reissue")),
        ),
        ("Active", "PENDING", Stage::Pending(text("Active, PENDING"))),
        ("Issued", "", Stage::Issued),
        ("reissued", "", Stage::Issued),
        ("Cancelled", "", Stage::Cancelled(text("Cancelled"))),
        (
            "Order Rejected",
            "",
            Stage::Cancelled(text("Order Rejected")),
        ),
        (
            "CERTGEN_FAILED",
            "",
            Stage::Cancelled(text("CERTGEN_FAILED")),
        ),
        ("Expired", "", Stage::Expired),
        (
            "WAITING_APPROVAL",
            "",
            Stage::Pending(text("WAITING_APPROVAL")),
        ),
        ("new_order", "", Stage::Pending(text("new_order"))),
        ("Validation", "", Stage::Pending(text("Validation"))),
        ("Reissue", "", Stage::Reissuing(text("Reissue"))),
        ("Frozen", "", Stage::Unknown(text("Frozen"))),
        ("Canceled", "", Stage::Cancelled(text("Canceled"))),
        (
            "",
            "PENDING_REISSUE",
            Stage::Unknown(text("PENDING_REISSUE")),
        ),
        ("", "", Stage::Unknown(text(""))),
    ];
    for (major, minor, expected) in cases {
        let order = with_status(json!(major), json!(minor));
        assert_eq!(stage(&order), expected, "{major} {minor}");
    }
}

#[test]
fn a_status_of_a_wrong_shape_is_unknown_and_never_issued() {
    let shapes = [
        json!({}),
        json!({"OrderStatus": null}),
        json!({"OrderStatus": "Active"}),
        json!({"OrderStatus": ["Active"]}),
        json!({"OrderStatus": {"MajorStatus": {"Name": "Active"}}}),
        json!({"OrderStatus": {"MajorStatus": null}}),
        json!({"orderstatus": {"MajorStatus": "Active"}}),
    ];
    for shape in shapes {
        let stage = stage(&order(shape.clone()));
        assert!(matches!(stage, Stage::Unknown(_)), "{shape} {stage:?}");
    }
}

#[test]
fn dates_are_read_in_every_form() {
    let cases = [
        ("8/1/2026 1:50:20 PM", Some("2026-08-01T13:50:20Z")),
        ("08/01/2026 12:00:00 AM", Some("2026-08-01T00:00:00Z")),
        ("8/1/2026 1:50 PM", Some("2026-08-01T13:50:00Z")),
        ("8/1/2026 1:50:20\u{202f}PM", Some("2026-08-01T13:50:20Z")),
        ("08/31/2026 23:59:59", Some("2026-08-31T23:59:59Z")),
        ("8/31/2026", Some("2026-08-31T00:00:00Z")),
        ("2026-08-01T10:11:12Z", Some("2026-08-01T10:11:12Z")),
        (
            "2026-08-01T10:11:12.1234567Z",
            Some("2026-08-01T10:11:12.1234567Z"),
        ),
        ("2026-08-01T10:11:12+02:00", Some("2026-08-01T08:11:12Z")),
        ("2026-08-01T10:11:12", Some("2026-08-01T10:11:12Z")),
        ("2026-08-01 10:11:12", Some("2026-08-01T10:11:12Z")),
        ("2026-08-01", Some("2026-08-01T00:00:00Z")),
        ("/Date(1754006400000)/", Some("2025-08-01T00:00:00Z")),
        ("/Date(1754006400000-0400)/", Some("2025-08-01T00:00:00Z")),
        ("1/1/1900 12:00:00 AM", None),
        ("01-01-1900 00:00:00", None),
        ("0001-01-01T00:00:00", None),
        ("/Date(-62135596800000)/", None),
        ("12/31/9999 11:59:59 PM", None),
        ("9999-12-31T23:59:59.9999999", None),
        ("31/8/2026 10:00:00", None),
        ("13/13/2026", None),
        ("soon", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(date(text), expected.map(time), "{text}");
    }
}

#[test]
fn the_term_ends_with_the_order_and_never_before_the_certificate() {
    let cases = [
        (json!({}), None),
        (
            json!({"OrderExpiryDateInUTC": "8/1/2027 10:00:00 AM"}),
            Some("2027-08-01T10:00:00Z"),
        ),
        (
            json!({"OrderExpiryDateInUTC": "8/1/2028", "CertificateEndDateInUTC": "2/1/2027"}),
            Some("2028-08-01T00:00:00Z"),
        ),
        (
            json!({"OrderExpiryDateInUTC": "1/1/1900", "OrderExpiryDate": "8/1/2028"}),
            Some("2028-08-01T00:00:00Z"),
        ),
        (
            json!({"OrderExpiryDateInUTC": "1/1/2027", "CertificateEndDate": "2/1/2027"}),
            None,
        ),
        (json!({"OrderExpiryDate": "1/1/1900 12:00:00 AM"}), None),
        (
            json!({"OrderExpiryDate": "12/31/9999 11:59:59 PM", "CertificateEndDate": "2/1/2027"}),
            None,
        ),
        (json!({"CertificateEndDateInUTC": "2/1/2027"}), None),
    ];
    for (value, expected) in cases {
        let progress = progress(&order(value.clone()));
        assert_eq!(progress.term_end, expected.map(time), "{value}");
    }
    let order = order(json!({"PurchaseDate": "8/1/2026", "PurchaseDateInUTC": "8/2/2026"}));
    assert_eq!(purchased(&order), Some(time("2026-08-02T00:00:00Z")));
}

fn vetting(value: Value) -> Vec<ValidationRecord> {
    progress(&order(json!({
        "CommonName": "*.example.com", "DNSNames": "second.example.com",
        "ApproverEmail": "first@example.com,second@example.com",
        "OrderStatus": {"DomainAuthVettingStatus": [value]},
    })))
    .validation
}

#[test]
fn validation_is_told_as_what_to_publish() {
    let file = |url: &str| ValidationTask::File {
        url: url.to_owned(),
        content: "line one\nline two\n".to_owned(),
    };
    let cname = ValidationTask::Cname {
        name: "_a1.example.com".to_owned(),
        value: "b2.authority.example".to_owned(),
    };
    let txt = |name: &str| ValidationTask::Txt {
        name: name.to_owned(),
        value: "b2.authority.example".to_owned(),
    };
    let folder = "example.com/.well-known/pki-validation";
    let http = format!("http://{folder}/A1B2.txt");
    let https = format!("https://{folder}/A1B2.txt");
    let mail = |address: &str| ValidationTask::Email(address.to_owned());
    let cases = [
        ("HTTP_CSR_HASH", Some(file(&http))),
        ("HTTPS_CSR_HASH", Some(file(&https))),
        ("FILE", Some(file(&http))),
        ("https", Some(file(&https))),
        ("CNAME_CSR_HASH", Some(cname.clone())),
        ("DNS_CNAME_TOKEN", Some(cname)),
        ("DNS", Some(txt("_a1.example.com"))),
        ("admin@example.com", Some(mail("admin@example.com"))),
        ("EMAIL", Some(mail("first@example.com"))),
        ("SOMETHING_NEW", Some(file(&http))),
    ];
    for (method, expected) in cases {
        let records = vetting(json!({
            "domain": "*.Example.com", "dcvMethod": method, "dcvStatus": "Not Validated",
            "FileName": "http://other.example/.well-known/pki-validation/A1B2.txt",
            "FileContents": "line one\nline two\n",
            "DNSName": "_a1.example.com", "DNSEntry": "b2.authority.example",
        }));
        let tasks: Vec<_> = records.iter().map(|record| record.task.clone()).collect();
        assert_eq!(tasks, expected.into_iter().collect::<Vec<_>>(), "{method}");
        assert_eq!(records[0].name, name("*.example.com"));
        assert!(!records[0].done);
    }
    let records = vetting(
        json!({"domain": "example.com", "dcvMethod": "DNS", "DNSEntry": "b2.authority.example"}),
    );
    assert_eq!(records[0].task, txt("example.com"));
}

/// thesslstore.md 6.4: an entry per name, the common name's first.
#[test]
fn the_approver_of_a_name_stands_at_its_place() {
    let all = "x@example.com,y@example.net,z@example.org";
    let cases = [
        ("example.com", all, Some("x@example.com")),
        ("a.example.net", all, Some("y@example.net")),
        ("*.example.org", all, Some("z@example.org")),
        ("example.org", all, Some("z@example.org")),
        ("other.example", all, None),
        (
            "a.example.net",
            "x@example.com,CNAME_CSR_HASH,z@example.org",
            None,
        ),
        (
            "*.example.org",
            "x@example.com,,z@example.org",
            Some("z@example.org"),
        ),
        ("a.example.net", "x@example.com", None),
        ("example.com", "EMAIL", None),
        ("example.com", "", None),
    ];
    for (domain, approvers, expected) in cases {
        let order = order(json!({
            "CommonName": "example.com", "DNSNames": "a.example.net,*.example.org",
            "ApproverEmail": approvers,
            "OrderStatus": {"DomainAuthVettingStatus": [{"domain": domain, "dcvMethod": "EMAIL"}]},
        }));
        let records = progress(&order).validation;
        let tasks: Vec<_> = records.into_iter().map(|record| record.task).collect();
        let expected = expected.map(|address| ValidationTask::Email(address.to_owned()));
        assert_eq!(
            tasks,
            expected.into_iter().collect::<Vec<_>>(),
            "{domain} {approvers}"
        );
    }
}

#[test]
fn a_validation_record_that_tells_nothing_is_left_out() {
    let silent = [
        json!({"domain": null, "dcvMethod": "admin@example.com"}),
        json!({"domain": "not a name", "dcvMethod": "admin@example.com"}),
        json!({"domain": "example.com", "dcvMethod": "CNAME_CSR_HASH", "DNSName": "_a", "DNSEntry": ""}),
        json!({"domain": "example.com", "dcvMethod": "HTTP_CSR_HASH", "FileName": "a.txt"}),
        json!({"domain": "example.com", "dcvMethod": null}),
        json!("example.com"),
        json!(null),
    ];
    for value in silent {
        assert_eq!(vetting(value.clone()), [], "{value}");
    }
}

#[test]
fn names_are_done_by_the_vendors_words() {
    let cases = [
        ("VALIDATED", true),
        ("complete", true),
        ("Valid", true),
        ("Approved", true),
        ("Not Validated", false),
        ("Awaiting", false),
        ("", false),
    ];
    for (status, done) in cases {
        let records = vetting(
            json!({"domain": "example.com", "dcvMethod": "a@example.com", "dcvStatus": status}),
        );
        assert_eq!(records[0].done, done, "{status}");
    }
}

#[test]
fn the_orders_own_validation_fields_fill_gaps_only() {
    let own = json!({
        "CommonName": "example.com",
        "AuthFileName": "A1B2.txt", "AuthFileContent": "content",
        "CNAMEAuthName": "_a1.example.com", "CNAMEAuthValue": "b2.authority.example",
    });
    let records = progress(&order(own.clone())).validation;
    assert_eq!(records.len(), 2);
    assert_eq!(
        records[0].task,
        ValidationTask::File {
            url: "http://example.com/.well-known/pki-validation/A1B2.txt".to_owned(),
            content: "content".to_owned()
        }
    );
    let mut same_record = own.clone();
    same_record["OrderStatus"] = json!({"DomainAuthVettingStatus": [{
        "domain": "example.net", "dcvMethod": "CNAME_CSR_HASH",
        "DNSName": "_A1.example.com", "DNSEntry": "b2.authority.example"}]});
    assert_eq!(progress(&order(same_record)).validation.len(), 2);
    let mut same_name = own;
    same_name["OrderStatus"] = json!({"DomainAuthVettingStatus": [{
        "domain": "example.com", "dcvMethod": "admin@example.com"}]});
    assert_eq!(progress(&order(same_name)).validation.len(), 1);
}

#[test]
fn a_whole_reply_is_read() {
    let order = order(serde_json::from_str(&fixture("replies/status_pending.json")).unwrap());
    let progress = progress(&order);
    assert_eq!(progress.stage, Stage::Pending("Pending".to_owned()));
    assert_eq!(progress.term_end, None);
    assert_eq!(
        progress.references,
        [
            (Reference::Client, KEY.to_owned()),
            (Reference::Partner, "90000417".to_owned()),
            (Reference::Authority, "510000001".to_owned()),
        ]
    );
    assert_eq!(progress.validation.len(), 3);
    assert!(progress.validation[2].done);
}

/// thesslstore.md 13: the platform's own module stores both halves. One alone opens nothing.
#[test]
fn the_pair_that_opens_an_order_comes_with_a_look_and_not_with_the_order() {
    let pair = |id: Value, code: Value| {
        order(json!({"CustomOrderID": KEY, "TokenID": id, "TokenCode": code}))
    };
    let whole = pair(json!(12345), json!("Ab+/="));
    let own = (Reference::Client, KEY.to_owned());
    assert_eq!(
        progress(&whole).references,
        [
            own.clone(),
            (Reference::TokenId, "12345".to_owned()),
            (Reference::TokenCode, "Ab+/=".to_owned()),
        ]
    );
    let placed = super::super::progress::placed(&whole, "77", None);
    assert_eq!(placed.references, std::slice::from_ref(&own));
    for half in [
        pair(json!("12345"), Value::Null),
        pair(json!(""), json!("Ab+/=")),
        pair(Value::Null, Value::Null),
    ] {
        assert_eq!(progress(&half).references, std::slice::from_ref(&own));
    }
}
