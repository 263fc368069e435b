//! The XML flavour.

use super::client::{Raw, Shop, csr};
use crate::sandbox::vendor::xml::{Element, escaped, read};
use crate::sandbox::vendor::{Approval, Vendor};

const AUTH: &str = "<AuthRequest><PartnerCode>11112222</PartnerCode>\
    <AuthToken>secret-0f0f0f0f0f0f</AuthToken></AuthRequest>";

fn send(shop: &Shop, call: &str, body: &str) -> Element {
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{body}");
    let raw: Raw = shop
        .send("POST", &format!("/rest/{call}"), "text/xml", &body)
        .unwrap();
    assert_eq!(raw.status, 200, "{}", raw.text());
    assert!(raw.head.contains("application/xml"));
    read(&raw.text()).unwrap()
}

fn value(document: &Element, name: &str) -> String {
    document
        .find(name)
        .unwrap_or_else(|| panic!("no {name}: {document:?}"))
        .text
        .clone()
}

fn new_order(common_name: &str) -> String {
    let contact = "<FirstName>Ann</FirstName><LastName>Lee &amp; Co</LastName>\
        <Phone>+1.5550100</Phone><Email>ann@example.com</Email><Country>US</Country>";
    format!(
        "<NewOrderRequest>{AUTH}<CustomOrderID>key-1</CustomOrderID>\
         <ProductCode>positivemdcssl</ProductCode><OrganisationInfo/>\
         <ValidityPeriod>12</ValidityPeriod><ServerCount>1</ServerCount><CSR>{}</CSR>\
         <DomainName>{common_name}</DomainName><WebServerType>other</WebServerType>\
         <DNSNames><string>a.com</string><string>b.com</string></DNSNames>\
         <ReserveSANCount>2</ReserveSANCount><isRenewalOrder>false</isRenewalOrder>\
         <AdminContact>{contact}</AdminContact><TechnicalContact>{contact}</TechnicalContact>\
         <ApproverEmail>admin@{common_name},HTTP_CSR_HASH,CNAME_CSR_HASH</ApproverEmail>\
         </NewOrderRequest>",
        escaped(&csr(common_name))
    )
}

#[test]
fn an_order_in_xml_goes_all_the_way() {
    let shop = Shop::open();
    let body = "<AuthRequest><PartnerCode>11112222</PartnerCode>\
        <AuthToken>secret-0f0f0f0f0f0f</AuthToken></AuthRequest>";
    assert_eq!(
        value(&send(&shop, "health/validate", body), "isError"),
        "false"
    );
    let placed = send(&shop, "order/neworder", &new_order("example.com"));
    assert_eq!(value(&placed, "isError"), "false");
    assert_eq!(value(&placed, "DNSNames"), "a.com,b.com");
    assert_eq!(value(&placed, "LastName"), "Lee & Co");
    let id = value(&placed, "TheSSLStoreOrderID");
    shop.store.approve(&id, &Approval::All).unwrap();

    let ask =
        format!("<OrderRequest>{AUTH}<TheSSLStoreOrderID>{id}</TheSSLStoreOrderID></OrderRequest>");
    let status = send(&shop, "order/status", &ask);
    assert_eq!(value(&status, "MajorStatus"), "Active");
    let download = send(&shop, "order/download", &ask);
    let files = &download.find("Certificates").unwrap().children;
    let leaf = files
        .iter()
        .find(|file| file.value("FileName") == Some("example_com.crt"))
        .unwrap();
    assert!(
        leaf.value("FileContent")
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----\n")
    );
    shop.no_violations();
    assert_eq!(shop.paid(), 1);
}

#[test]
fn errors_come_in_xml_with_their_text() {
    let shop = Shop::open();
    let ask = format!("<OrderRequest>{AUTH}<CustomOrderID>none</CustomOrderID></OrderRequest>");
    let answer = send(&shop, "order/status", &ask);
    assert_eq!(value(&answer, "isError"), "true");
    let message = &answer.find("Message").unwrap().children[0];
    assert_eq!(message.name, "string");
    assert!(message.text.starts_with("ErrorCode:-"));
}

#[test]
fn a_wrong_root_or_field_is_noticed() {
    let shop = Shop::open();
    let wrong = format!("<StatusRequest>{AUTH}</StatusRequest>");
    let raw = shop
        .send("POST", "/rest/order/status", "text/xml", &wrong)
        .unwrap();
    assert_eq!(raw.status, 400);
    let body = new_order("example.com").replace("ReserveSANCount", "ReserveSANcount");
    let answer = send(&shop, "order/neworder", &body);
    assert_eq!(value(&answer, "isError"), "true");
    let problems: Vec<_> = shop
        .store
        .violations()
        .into_iter()
        .map(|violation| violation.problem)
        .collect();
    assert_eq!(
        problems,
        [
            "the root is StatusRequest, not OrderRequest",
            "unknown field ReserveSANcount"
        ]
    );
}

#[test]
fn a_reissue_in_xml_carries_pairs() {
    let shop = Shop::open();
    let placed = send(&shop, "order/neworder", &new_order("example.com"));
    let id = value(&placed, "TheSSLStoreOrderID");
    shop.store.approve(&id, &Approval::All).unwrap();
    let body = format!(
        "<ReissueOrderRequest>{AUTH}<TheSSLStoreOrderID>{id}</TheSSLStoreOrderID><CSR>{}</CSR>\
         <WebServerType>other</WebServerType>\
         <AddSAN><Pair><OldValue/><NewValue>c.com</NewValue></Pair></AddSAN>\
         <DeleteSAN><Pair><OldValue>a.com</OldValue><NewValue/></Pair></DeleteSAN>\
         <isWildCard>false</isWildCard><ReissueEmail>ann@example.com</ReissueEmail>\
         <ApproverEmails>DNS,DNS,DNS</ApproverEmails></ReissueOrderRequest>",
        escaped(&csr("example.com"))
    );
    let answer = send(&shop, "order/reissue", &body);
    assert_eq!(value(&answer, "isError"), "false");
    assert_eq!(value(&answer, "DNSNames"), "b.com,c.com");
    shop.no_violations();
}

#[test]
fn lists_are_asked_with_names_and_plain_dates() {
    let shop = Shop::open();
    send(&shop, "order/neworder", &new_order("example.com"));
    let query = |from: &str| {
        let body = format!(
            "<OrderQueryRequest>{AUTH}<StartDate>{from}</StartDate>\
             <PageNumber>1</PageNumber></OrderQueryRequest>"
        );
        send(&shop, "order/query", &body).children.len()
    };
    assert_eq!(query("2020-01-01T00:00:00"), 1);
    assert_eq!(query("2090-01-01T00:00:00"), 0);
    let body = format!("<ProductRequest>{AUTH}<ProductType>EV</ProductType></ProductRequest>");
    let list = send(&shop, "product/query", &body);
    assert!(list.children.len() > 5);
    let all_extended = list.children.iter().all(|product| {
        product.value("isEVProduct") == Some("true") && product.find("NumberOfMonths").is_some()
    });
    assert!(all_extended);
    shop.no_violations();
}
