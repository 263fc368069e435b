//! Orders from purchase to certificate.

use chrono::TimeDelta;
use serde_json::{Value, json};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::client::{Shop, csr, id, order, order_with};
use crate::sandbox::vendor::csr::Csr;
use crate::sandbox::vendor::{Approval, SaleKind, Vendor};

/// Common name, DNS names and public key of every certificate of a file.
fn certificates(text: &str) -> Vec<(Vec<String>, Vec<u8>, bool)> {
    let mut rest = text.as_bytes();
    let mut found = Vec::new();
    while let Ok((after, pem)) = parse_x509_pem(rest) {
        let (_, certificate) = X509Certificate::from_der(&pem.contents).unwrap();
        let names = certificate.subject_alternative_name().unwrap();
        let names = names.map_or(Vec::new(), |names| {
            let names = names.value.general_names.iter();
            names
                .map(|name| match name {
                    GeneralName::DNSName(name) => (*name).to_owned(),
                    other => panic!("{other}"),
                })
                .collect()
        });
        let key = certificate.public_key().raw.to_vec();
        found.push((names, key, certificate.is_ca()));
        rest = after;
        if !String::from_utf8_lossy(rest).contains("-----BEGIN") {
            break;
        }
    }
    found
}

fn file(download: &Value, ending: &str) -> String {
    let files = download["Certificates"].as_array().unwrap();
    files
        .iter()
        .find(|file| file["FileName"].as_str().unwrap().ends_with(ending))
        .unwrap_or_else(|| panic!("no file {ending}: {download}"))["FileContent"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_mail_validated_order_is_sold_approved_and_really_signed() {
    let shop = Shop::open();
    let request = order("positivessl", "shop.example.com");
    let placed = shop.good("order/neworder", request.clone());
    assert_eq!(placed["CustomOrderID"], "key-1");
    assert_eq!(placed["OrderStatus"]["MajorStatus"], "Pending");
    assert_eq!(placed["OrderExpiryDate"], "1/1/1900 12:00:00 AM");
    let id = id(&placed);
    let check = &placed["OrderStatus"]["DomainAuthVettingStatus"][0];
    assert_eq!(check["dcvMethod"], "admin@shop.example.com");
    assert_eq!(shop.store.mails(&id), 1);
    let early = shop.bad("order/download", json!({"TheSSLStoreOrderID": id}));
    assert!(early.contains("not issued"), "{early}");

    shop.store
        .approve(&id, &Approval::Name("shop.example.com".into()))
        .unwrap();
    let status = shop.status(&id);
    assert_eq!(status["OrderStatus"]["MajorStatus"], "Active");
    let by_custom = shop.good("order/status", json!({"CustomOrderID": "key-1"}));
    assert_eq!(by_custom["TheSSLStoreOrderID"], json!(id));

    let download = shop.good(
        "order/download",
        json!({"TheSSLStoreOrderID": id, "ReturnPKCS7Cert": true}),
    );
    let leaf = certificates(&file(&download, "shop_example_com.crt"));
    let key = Csr::parse(request["CSR"].as_str().unwrap())
        .unwrap()
        .public_key;
    assert_eq!(
        leaf[0].0,
        ["shop.example.com", "www.shop.example.com"],
        "the www twin comes free"
    );
    assert_eq!(leaf[0].1, key);
    let chain = certificates(&file(&download, ".ca-bundle"));
    assert_eq!(chain.iter().filter(|found| found.2).count(), 2);
    assert!(file(&download, ".p7b").starts_with("-----BEGIN PKCS7-----"));

    let sales = shop.store.sales();
    assert_eq!(sales.len(), 1);
    assert_eq!((sales[0].amount, sales[0].kind), (900, SaleKind::Order));
    assert_eq!(shop.store.balance(), 100_000 - 900);
    shop.no_violations();
}

#[test]
fn a_multi_domain_order_gives_a_record_for_each_name() {
    let shop = Shop::open();
    let fields = json!({"DNSNames": ["shop.example.net", "shop.example.org"],
        "ReserveSANCount": 2,
        "ApproverEmail": "CNAME_CSR_HASH,CNAME_CSR_HASH,admin@example.org"});
    let placed = shop.good(
        "order/neworder",
        order_with("positivemdcssl", "shop.example.com", fields),
    );
    let id = id(&placed);
    assert_eq!(placed["DNSNames"], "shop.example.net,shop.example.org");
    let checks = &placed["OrderStatus"]["DomainAuthVettingStatus"];
    assert_eq!(checks[1]["domain"], "shop.example.net");
    assert!(
        checks[1]["DNSName"]
            .as_str()
            .unwrap()
            .ends_with(".shop.example.net")
    );
    assert!(
        checks[1]["DNSEntry"]
            .as_str()
            .unwrap()
            .ends_with(".comodoca.com")
    );
    assert_ne!(checks[0]["DNSEntry"], checks[1]["DNSEntry"]);
    assert_eq!(checks[2]["dcvMethod"], "admin@example.org");
    assert_eq!(checks[2]["DNSName"], Value::Null);
    for name in ["shop.example.com", "shop.example.net"] {
        let name = Approval::Name(name.into());
        shop.store.approve(&id, &name).unwrap();
    }
    assert_eq!(shop.words(&id).0, "Pending");
    shop.store
        .approve(&id, &Approval::Name("shop.example.org".into()))
        .unwrap();
    assert_eq!(shop.words(&id).0, "Active");
    let download = shop.good("order/download", json!({"TheSSLStoreOrderID": id}));
    let leaf = certificates(&file(&download, "shop_example_com.crt"));
    assert_eq!(
        leaf[0].0,
        ["shop.example.com", "shop.example.net", "shop.example.org"]
    );
    // Two additional names at a quarter of the price each.
    assert_eq!(shop.store.sales()[0].amount, 3000 + 2 * 750);
    shop.no_violations();
}

#[test]
fn a_file_validated_order_tells_where_the_file_belongs() {
    let shop = Shop::open();
    let fields = json!({"FileAuthDVIndicator": true});
    let placed = shop.good(
        "order/neworder",
        order_with("positivessl", "example.com", fields),
    );
    let check = &placed["OrderStatus"]["DomainAuthVettingStatus"][0];
    assert_eq!(check["dcvMethod"], "HTTP_CSR_HASH");
    let name = check["FileName"].as_str().unwrap();
    assert!(name.starts_with("http://example.com/.well-known/pki-validation/"));
    assert_eq!(placed["AuthFileName"], check["FileName"]);
    assert_eq!(placed["AuthFileContent"], check["FileContents"]);
    let id = id(&placed);
    let change = json!({"TheSSLStoreOrderID": id, "DomainNames": "example.com",
        "ApproverMethod": "CNAME_CSR_HASH"});
    let changed = shop.call("order/changeapprovermethod", change);
    assert_eq!(
        changed["isError"], false,
        "a flat answer, as documented: {changed}"
    );
    let status = shop.status(&id);
    assert!(status["CNAMEAuthName"].is_string() && status["AuthFileName"].is_null());
    shop.no_violations();
}

#[test]
fn an_organization_is_verified_apart_from_its_names() {
    let shop = Shop::open();
    let organization = json!({"OrganizationName": "Example LLC", "OrganizationAddress":
        {"AddressLine1": "1 Main St", "City": "Springfield", "Region": "IL",
         "PostalCode": "62701", "Country": "US", "Phone": "+1.5550100"}});
    let without = order("sectigoovssl", "example.com");
    let refused = shop.bad("order/neworder", without);
    assert!(
        refused.contains("OrganizationName is required"),
        "{refused}"
    );
    let fields = json!({"OrganizationInfo": organization});
    let placed = shop.good(
        "order/neworder",
        order_with("sectigoovssl", "example.com", fields.clone()),
    );
    let id = id(&placed);
    let name = Approval::Name("example.com".into());
    shop.store.approve(&id, &name).unwrap();
    assert_eq!(shop.words(&id).0, "Pending");
    shop.store.approve(&id, &Approval::Organization).unwrap();
    assert_eq!(shop.words(&id).0, "Active");
    let refused = shop.bad(
        "order/neworder",
        order_with("sectigoevssl", "example.com", fields),
    );
    assert!(
        refused.contains("JurisdictionCountry is required"),
        "{refused}"
    );
    shop.no_violations();
}

#[test]
fn a_multi_year_order_outlives_its_first_certificate() {
    let shop = Shop::open();
    let fields = json!({"ValidityPeriod": 24});
    let placed = shop.good(
        "order/neworder",
        order_with("positivessl", "example.com", fields),
    );
    let id = id(&placed);
    shop.store.approve(&id, &Approval::All).unwrap();
    shop.store.switch(|switches| {
        switches.utc_dates = crate::sandbox::vendor::thesslstore::UtcDates::Iso;
    });
    let status = shop.status(&id);
    let date = |name: &str| {
        let text = status[name].as_str().unwrap();
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap()
    };
    let (end, term) = (
        date("CertificateEndDateInUTC"),
        date("OrderExpiryDateInUTC"),
    );
    assert!(term - end > TimeDelta::days(365), "{end} {term}");
    shop.store.clock().advance(TimeDelta::days(800));
    assert_eq!(shop.words(&id).0, "Expired");
}

#[test]
fn two_identical_orders_are_two_sales() {
    let shop = Shop::open();
    let request = order("positivessl", "example.com");
    let first = id(&shop.good("order/neworder", request.clone()));
    let second = id(&shop.good("order/neworder", request));
    assert_ne!(first, second);
    assert_eq!(shop.paid(), 2);
    assert_eq!(shop.store.balance(), 100_000 - 2 * 900);
    let found = shop.good("order/status", json!({"CustomOrderID": "key-1"}));
    assert_eq!(id(&found), second, "the newest answers for a shared id");
}

#[test]
fn without_money_nothing_is_sold() {
    let shop = Shop::open();
    shop.store.set_balance(899);
    let refused = shop.bad("order/neworder", order("positivessl", "example.com"));
    assert!(refused.starts_with("ErrorCode:-"), "{refused}");
    assert_eq!((shop.paid(), shop.store.balance()), (0, 899));
    shop.good(
        "order/validateorderparameters",
        order("positivessl", "example.com"),
    );
    assert_eq!(shop.paid(), 0, "the dry run sells nothing");
}

#[test]
fn a_renewal_is_a_new_order() {
    let shop = Shop::open();
    let old = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    let unrelated = json!({"isRenewalOrder": true, "RelatedTheSSLStoreOrderID": "1"});
    shop.bad(
        "order/neworder",
        order_with("positivessl", "example.com", unrelated),
    );
    let fields = json!({"isRenewalOrder": true, "RelatedTheSSLStoreOrderID": old,
        "CustomOrderID": "key-2"});
    let new = id(&shop.good(
        "order/neworder",
        order_with("positivessl", "example.com", fields),
    ));
    assert_ne!(old, new);
    let kinds: Vec<_> = shop.store.sales().iter().map(|sale| sale.kind).collect();
    assert_eq!(kinds, [SaleKind::Order, SaleKind::Renewal]);
}

#[test]
fn a_late_listing_hides_a_young_order_from_look_ups() {
    let shop = Shop::open();
    shop.store.switch(|switches| switches.listing_delay = 600);
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    shop.bad("order/status", json!({"CustomOrderID": "key-1"}));
    assert_eq!(
        shop.call("order/query", json!({"PageNumber": 1})),
        json!([])
    );
    assert_eq!(
        shop.words(&id).0,
        "Pending",
        "its own number finds it at once"
    );
    shop.store.clock().advance(TimeDelta::seconds(601));
    shop.good("order/status", json!({"CustomOrderID": "key-1"}));
    let list = shop.call("order/query", json!({"PageNumber": 1}));
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn the_book_is_listed_by_page_name_and_date() {
    let shop = Shop::open();
    for name in ["a.com", "b.com", "c.com"] {
        shop.good("order/neworder", order("positivessl", name));
    }
    let names = |fields: Value| -> Vec<String> {
        let list = shop.call("order/query", fields);
        let list = list.as_array().unwrap().iter();
        list.map(|order| order["CommonName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(json!({"PageNumber": 1, "PageSize": 2})),
        ["a.com", "b.com"]
    );
    assert_eq!(names(json!({"PageNumber": 2, "PageSize": 2})), ["c.com"]);
    assert_eq!(names(json!({"DomainName": "b.com"})), ["b.com"]);
    let tomorrow = (shop.store.clock().now() + TimeDelta::days(1)).timestamp_millis();
    let later = json!({"StartDate": format!("/Date({tomorrow})/")});
    assert_eq!(names(later), Vec::<String>::new());
    let until = json!({"EndDate": format!("/Date({tomorrow})/")});
    assert_eq!(names(until).len(), 3);
    shop.no_violations();
}

#[test]
fn what_waits_long_enough_approves_itself_when_told_so() {
    let shop = Shop::open();
    shop.store.set_switch("auto_approve", "60").unwrap();
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    assert_eq!(shop.words(&id).0, "Pending");
    shop.store.clock().advance(TimeDelta::seconds(61));
    assert_eq!(shop.words(&id).0, "Active");
}

#[test]
fn account_products_and_free_checks_answer_as_documented() {
    let shop = Shop::open();
    let flat = json!({"PartnerCode": "11112222", "AuthToken": "secret-0f0f0f0f0f0f"});
    let account = shop.good("user/accountdetail", flat.clone());
    assert_eq!(account["AccountBalance"], "1000.00");
    let body = flat.to_string();
    let path = "/rest/user/accountdetail";
    let alone = shop.send("POST", path, "application/json", &body).unwrap();
    let alone: Value = serde_json::from_slice(&alone.body).unwrap();
    assert_eq!(alone["AuthResponse"]["isError"], true, "although it worked");
    assert_eq!(alone["AccountBalance"], "1000.00");

    let health = shop.send("GET", "/rest/health/status", "", "").unwrap();
    let health: Value = serde_json::from_slice(&health.body).unwrap();
    assert_eq!(health["isError"], false);

    let list = shop.call("product/query", json!({"ProductCode": "positivemdcssl"}));
    assert_eq!(list[0]["PricingInfo"][0]["Price"], 30.0);
    assert_eq!(list[0]["IsSanEnable"], true);
    let without = shop.call("product/query", json!({}));
    let with = shop.call("product/query", json!({"IsForceNewSKUs": true}));
    assert!(without.as_array().unwrap().len() < with.as_array().unwrap().len());

    let csr = shop.good("csr", json!({"CSR": csr("www.example.com")}));
    assert_eq!(csr["DomainName"], "www.example.com");
    let list = shop.good(
        "order/approverlist",
        json!({"ProductCode": "positivessl", "DomainName": "www.example.com"}),
    );
    let list = list["ApproverEmailList"].as_array().unwrap().clone();
    assert!(list.contains(&json!("admin@example.com")) && list.contains(&json!("none")));
    shop.no_violations();
}

#[test]
fn the_csr_is_read_in_the_encoding_that_the_server_wants() {
    let shop = Shop::open();
    let pem = csr("example.com");
    let encoded: String = pem
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let refused = shop.bad("csr", json!({"CSR": encoded}));
    assert!(refused.contains("parse CSR"), "{refused}");
    shop.store.set_switch("csr_encoding", "percent").unwrap();
    shop.good("csr", json!({"CSR": encoded}));
    if pem.contains('+') {
        shop.bad("csr", json!({"CSR": pem}));
    }
}

#[test]
fn files_have_the_names_and_line_ends_that_are_asked_for() {
    let shop = Shop::open();
    let request = order_with(
        "positivesslwildcard",
        "*.example.com",
        json!({"ApproverEmail": "admin@example.com"}),
    );
    let id = id(&shop.good("order/neworder", request));
    shop.store.approve(&id, &Approval::All).unwrap();
    let download = || shop.good("order/download", json!({"TheSSLStoreOrderID": id}));
    let leaf = file(&download(), "STAR_example_com.crt");
    assert_eq!(certificates(&leaf)[0].0, ["*.example.com", "example.com"]);
    assert!(!leaf.contains('\r'));
    shop.store.set_switch("line_ends", "crlf").unwrap();
    shop.store.set_switch("leaf_name", "vendor-order").unwrap();
    let other = file(&download(), "510000001.crt");
    assert_eq!(other.replace("\r\n", "\n"), leaf);
    assert!(other.contains("\r\n"));
    shop.store.set_switch("leaf_name", "server").unwrap();
    file(&download(), "ServerCertificate.cer");
}

#[test]
fn the_balance_comes_in_any_shape() {
    let shop = Shop::open();
    shop.store.set_balance(123_450);
    let flat = json!({"PartnerCode": "11112222", "AuthToken": "secret-0f0f0f0f0f0f"});
    for (shape, shown) in [
        ("number", json!(1234.5)),
        ("text", json!("1234.50")),
        ("decorated", json!("$1,234.50")),
        ("words", json!("not available")),
        ("missing", Value::Null),
    ] {
        shop.store.set_switch("balance_shape", shape).unwrap();
        let answer = shop.good("user/accountdetail", flat.clone());
        assert_eq!(answer["AccountBalance"], shown, "{shape}");
    }
}

#[test]
fn small_calls_answer_in_their_shapes() {
    let shop = Shop::open();
    let id = id(&shop.good("order/neworder", order("positivessl", "example.com")));
    let asked = json!({"ProductCode": "positivessl", "ValidityPeriod": 12, "ServerCount": 1});
    let agreement = shop.good("order/agreement", asked);
    assert!(agreement["Agreement"].is_string());
    let check = json!({"CSR": csr("example.com"), "ProductCode": "positivessl",
        "ServerCount": 1, "ValidityPeriod": 12, "WebServerType": "Other"});
    assert_eq!(shop.call("order/validate", check)["isError"], false);
    let look = json!({"TheSSLStoreOrderID": id, "DomainName": "example.com"});
    shop.good("digicert/checkdcv", look);
    assert_eq!(shop.store.looks(), ["example.com"]);
    shop.no_violations();
}
