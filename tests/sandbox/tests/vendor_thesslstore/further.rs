//! The forms and calls of the vendor's own development kit and of other people's clients.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::client::{Shop, credentials, id, order, order_with};
use crate::sandbox::vendor::{Approval, Vendor};

#[test]
fn the_form_of_the_vendors_own_kit_is_taken() {
    let shop = Shop::open();
    for organization in [json!(0), Value::Null] {
        let mut request = order_with(
            "positivessl",
            "example.com",
            json!({"DNSNames": ["www.example.com", ""], "ReserveSANCount": 1,
                "isCUOrder": "false", "isRenewalOrder": "false", "FileAuthDVIndicator": "false"}),
        );
        request["PreOrganizationId"] = organization;
        let placed = shop.good("order/neworder", request);
        assert_eq!(placed["OrderAmount"], "9.00", "nothing is bought twice");
        assert_eq!(placed["SANCount"], 0);
    }
    let id = shop.store.orders()[0].id.clone();
    shop.store.approve(&id, &Approval::All).unwrap();
    let pairs = json!([{"OldValue": "", "NewValue": ""}]);
    let mut request = order("positivessl", "example.com");
    request = json!({"TheSSLStoreOrderID": id, "CSR": request["CSR"], "WebServerType": "Other",
        "isWildCard": "false", "ReissueEmail": "ann@example.com", "DNSNames": ["www.example.com"],
        "ApproverEmails": "admin@example.com", "EditSAN": pairs, "DeleteSAN": pairs,
        "AddSAN": pairs, "DateTimeCulture": "en-US"});
    shop.good("order/reissue", request);
    shop.no_violations();
}

#[test]
fn a_product_type_is_a_number_its_text_or_its_name() {
    let shop = Shop::open();
    let count = |kind: Value| {
        let list = shop.call("product/query", json!({"ProductType": kind}));
        list.as_array().unwrap().len()
    };
    let number = count(json!(1));
    assert!(number > 0);
    assert_eq!((count(json!("1")), count(json!("DV"))), (number, number));
    assert!(count(json!("0")) > number);
    shop.no_violations();
}

#[test]
fn a_product_for_a_known_organization_needs_its_number() {
    let shop = Shop::open();
    let list = shop.good("digicert/organizationlist", {
        let mut both = credentials();
        both["AuthRequest"] = credentials();
        both
    });
    let number = list["OrganizationList"][0]["TSSOrganizationId"].clone();
    let fields = |number: Value| {
        let title = json!({"FirstName": "Ann", "LastName": "Lee", "Phone": "+1.5550100",
            "Email": "ann@example.com", "Title": "Admin"});
        order_with(
            "digi_securesite_ev_flex-EO",
            "example.com",
            json!({"TSSOrganizationId": number, "SignatureHashAlgorithm": "sha256",
                "AdminContact": title, "TechnicalContact": title}),
        )
    };
    let refused = shop.bad("order/neworder", fields(json!(0)));
    assert!(refused.contains("TSSOrganizationId"), "{refused}");
    shop.good("order/neworder", fields(number));
    shop.no_violations();
}

#[test]
fn an_invitation_is_paid_at_once_and_configured_with_its_token() {
    let shop = Shop::open();
    let invited = shop.good(
        "order/inviteorder",
        json!({"PreferVendorLink": false, "ProductCode": "positivemdcssl", "ExtraProductCode": "",
            "ServerCount": 1, "RequestorEmail": "ann@example.com", "ExtraSAN": 1,
            "ExtraWildcardSAN": 0, "CustomOrderID": "key-9", "ValidityPeriod": 12,
            "PreferSendOrderEmails": false, "OrganizationIds": []}),
    );
    assert_eq!(invited["OrderStatus"]["MajorStatus"], "Initial");
    assert_eq!(invited["OrderStatus"]["isTinyOrder"], true);
    assert!(!invited["TinyOrderLink"].as_str().unwrap().is_empty());
    let (paid, rest) = (shop.paid(), shop.store.balance());
    assert_eq!(paid, 1);
    let token = |auth: Value| {
        let mut request = order_with(
            "positivemdcssl",
            "example.com",
            json!({"DNSNames": ["a.com", "b.com", "c.com"], "ReserveSANCount": 1, "CustomOrderID": "",
                "ApproverEmail": "DNS,DNS,DNS,DNS"}),
        );
        request["AuthRequest"] = auth;
        request
    };
    let wrong = json!({"IsUsedForTokenSystem": true, "Token": "tid-7700001#!guess"});
    let refused = shop.bad("order/neworder", token(wrong));
    assert!(refused.starts_with("ErrorCode:-9008|"), "{refused}");
    let halves = json!({"IsUsedForTokenSystem": true, "TokenID": invited["TokenID"],
        "TokenCode": invited["TokenCode"]});
    let placed = shop.good("order/neworder", token(halves.clone()));
    assert_eq!(id(&placed), id(&invited));
    assert_eq!(placed["CustomOrderID"], "key-9");
    shop.bad("order/neworder", token(halves));
    assert_eq!((shop.paid(), shop.store.balance()), (paid, rest));
    let whole = json!({"IsUsedForTokenSystem": true, "Token": invited["Token"]});
    let seen = shop.good(
        "order/status",
        json!({"AuthRequest": whole, "TheSSLStoreOrderID": "0"}),
    );
    assert_eq!(seen["OrderStatus"]["MajorStatus"], "Pending");
    shop.store.approve(&id(&placed), &Approval::All).unwrap();
    shop.no_violations();
}

#[test]
fn what_changed_and_what_was_asked_can_be_read() {
    let shop = Shop::open();
    let request = order("positivessl", "example.com");
    let first = id(&shop.good("order/neworder", request.clone()));
    shop.store.clock().advance(TimeDelta::days(3));
    let second = id(&shop.good(
        "order/neworder",
        order_with(
            "digi_rapidssl",
            "example.net",
            json!({"SignatureHashAlgorithm": "sha256", "ApproverEmail": "DNS"}),
        ),
    ));
    let from = shop.store.clock().now() - TimeDelta::days(1);
    let since = |page: u32| {
        json!({"StartDate": format!("/Date({})/", from.timestamp_millis()),
            "PageNumber": page, "PageSize": 1})
    };
    let changed = |page| shop.good("order/getmodifiedorderssummary", since(page));
    assert_eq!(changed(1)["TotalOrders"], 1);
    assert_eq!(id(&changed(1)["Orders"][0]), second);
    shop.store.approve(&first, &Approval::All).unwrap();
    assert_eq!(changed(1)["TotalOrders"], 2);
    assert_eq!(changed(3)["Orders"], json!([]));
    let csr = shop.good("csr/download", json!({"TheSSLStoreOrderID": first}));
    assert_eq!(csr["CSR"], request["CSR"]);
    let domain = json!({"TheSSLStoreOrderID": second, "DomainName": "example.net"});
    let domain = shop.good("digicert/getdomaininfo", domain);
    assert_eq!(domain["dcvDetails"]["dcvMethod"], "DNS");
    assert!(domain["dcvDetails"]["DNSEntry"].is_string());
    shop.no_violations();
}

#[test]
fn a_revocation_is_a_request_to_staff() {
    let shop = Shop::open();
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    shop.store.approve(&id, &Approval::All).unwrap();
    let ask = |serial: &str| json!({"TheSSLStoreOrderID": id, "ResendEmail": "ann@example.com", "SerialNumber": serial});
    shop.bad("order/certificaterevokerequest", ask("00"));
    let serial = shop.store.orders()[0].serial.clone().unwrap();
    let answer = shop.call("order/certificaterevokerequest", ask(&serial));
    assert_eq!(answer["isError"], false);
    assert_eq!(shop.words(&id).0, "Active");
    shop.no_violations();
}

#[test]
fn a_term_may_end_on_the_last_day_of_all() {
    let shop = Shop::open();
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    shop.store.set_switch("no_expiry", "on").unwrap();
    assert_eq!(
        shop.status(&id)["OrderExpiryDate"],
        "12/31/9999 11:59:59 PM"
    );
}

#[test]
fn an_approver_in_another_letter_case_is_refused_by_the_authority() {
    let shop = Shop::open();
    let fields = json!({"ApproverEmail": "Admin@example.com"});
    let refused = shop.bad(
        "order/neworder",
        order_with("positivessl", "example.com", fields),
    );
    assert!(refused.starts_with("ErrorCode:-9009|"), "{refused}");
}
