//! The simulated GlobalSign answers as genuine answers were recorded (globalsign.md 4, 6, 20).

use crate::direct::{csr, csr_of, no_violations, request, text};
use crate::sandbox::vendor::globalsign::{GlobalSign, PASSWORD, USER};
use crate::sandbox::vendor::xml::{Element, escaped, read};
use crate::sandbox::vendor::{Approval, Vendor};

/// A call; the `Response` element.
fn call(
    vendor: &GlobalSign,
    service: &str,
    operation: &str,
    header: &str,
    inside: &str,
) -> Element {
    let body = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:v1=\"https://system.globalsign.com/kb/ws/v1/\"><e:Body><v1:{operation}><Request>\
         <{header}><AuthToken><UserName>{USER}</UserName><Password>{}</Password></AuthToken></{header}>\
         {inside}</Request></v1:{operation}></e:Body></e:Envelope>",
        escaped(PASSWORD)
    );
    let path = format!("/kb/ws/v1/{service}");
    let mut sent = request("POST", &path, "", "text/xml; charset=utf-8", &body);
    sent.headers
        .push(("soapaction".to_owned(), "\"\"".to_owned()));
    let answer = vendor.handle(&sent);
    read(&text(&answer))
        .unwrap()
        .find("Response")
        .unwrap()
        .clone()
}

fn order(vendor: &GlobalSign, operation: &str, inside: &str) -> Element {
    call(
        vendor,
        "ServerSSLService",
        operation,
        "OrderRequestHeader",
        inside,
    )
}

fn look(vendor: &GlobalSign, number: &str) -> Element {
    let inside = format!(
        "<OrderID>{number}</OrderID><OrderQueryOption><ReturnCertificateInfo>true\
         </ReturnCertificateInfo></OrderQueryOption>"
    );
    call(
        vendor,
        "GASService",
        "GetOrderByOrderID",
        "QueryRequestHeader",
        &inside,
    )
}

const CONTACT: &str = "<ContactInfo><FirstName>Ann</FirstName><LastName>Lee</LastName>\
    <Phone>+1 555 0100</Phone><Email>ann@example.com</Email></ContactInfo>";

fn parameters(product: &str, csr: &str, more: &str) -> String {
    format!(
        "<OrderRequestParameter><ProductCode>{product}</ProductCode><OrderKind>new</OrderKind>\
         <Licenses>1</Licenses>{more}<ValidityPeriod><Months>12</Months></ValidityPeriod>\
         <CSR>{csr}</CSR></OrderRequestParameter>"
    )
}

/// An order by file; its number.
fn by_file(vendor: &GlobalSign, name: &str) -> String {
    let inside = parameters("DV_LOW_URL_SHA2", &csr(name), "") + CONTACT;
    let placed = order(vendor, "URLVerification", &inside);
    placed.value("OrderID").unwrap().to_owned()
}

fn is_nil(element: &Element, name: &str) -> bool {
    let part = element.child(name).unwrap_or_else(|| panic!("no {name}"));
    part.attributes
        .contains(&("xsi:nil".to_owned(), "true".to_owned()))
}

fn value(element: &Element, name: &str) -> String {
    let part = element.find(name).unwrap_or_else(|| panic!("no {name}"));
    part.text.clone()
}

#[test]
fn a_look_up_tells_the_request_as_completion_its_events_and_nil_for_all_that_is_absent() {
    let vendor = GlobalSign::new();
    let number = by_file(&vendor, "example.com");
    let seen = look(&vendor, &number);
    let info = seen.find("OrderInfo").unwrap();
    for name in [
        "OriginalOrderIDForRenewal",
        "BaseOption",
        "OrderCanceledDate",
        "SpecialInstructions",
    ] {
        assert!(is_nil(info, name), "{name}");
    }
    let detail = seen.find("OrderDetail").unwrap();
    for name in ["OrderOption", "SANEntries", "Fulfillment"] {
        assert!(is_nil(detail, name), "{name}");
    }
    for name in ["StartDate", "EndDate", "SubjectName"] {
        assert!(
            is_nil(seen.find("CertificateInfo").unwrap(), name),
            "{name}"
        );
    }
    let events = &seen.find("ModificationEvents").unwrap().children;
    let names: Vec<_> = events
        .iter()
        .map(|event| event.value("ModificationEventName").unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "ORDER_REQUEST",
            "ORDER_VALIDATE_REGISTER",
            "READY_VARIFICATION_URL"
        ]
    );
    let asked = events[0].value("ModificationEventTimestamp").unwrap();
    assert_eq!(value(info, "OrderCompleteDate"), asked);
    assert!(asked < value(info, "OrderDate").as_str());
    no_violations(&vendor);
}

#[test]
fn a_call_for_issue_brings_certificate_and_chain() {
    let vendor = GlobalSign::new();
    let number = by_file(&vendor, "example.com");
    let inside =
        format!("<ApproverURL>http://example.com</ApproverURL><OrderID>{number}</OrderID>");
    let early = order(&vendor, "URLVerificationForIssue", &inside);
    assert_eq!(value(&early, "ErrorCode"), "-4147");
    vendor.set_switch("proof", "all").unwrap();
    let done = order(&vendor, "URLVerificationForIssue", &inside);
    assert_eq!(value(&done, "CertificateStatus"), "4");
    for part in ["X509Cert", "PKCS7Cert", "CACert"] {
        assert!(value(&done, part).starts_with("-----BEGIN "), "{part}");
    }
    no_violations(&vendor);
}

#[test]
fn failures_carry_their_parts_as_nil() {
    let vendor = GlobalSign::new();
    vendor.set_switch("error", "*:-4147").unwrap();
    let inside = parameters("DV_LOW_URL_SHA2", &csr("example.com"), "") + CONTACT;
    let refused = order(&vendor, "URLVerification", &inside);
    for name in ["OrderID", "MetaTag", "VerificationURLList"] {
        assert!(is_nil(&refused, name), "{name}");
    }
    let unknown = look(&vendor, "CEXX0");
    assert!(is_nil(&unknown, "OrderDetail"));
}

#[test]
fn a_request_can_be_decoded() {
    let vendor = GlobalSign::new();
    let decode = |csr: &str, kind: &str| {
        let inside = format!("<CSR>{csr}</CSR><ProductType>{kind}</ProductType>");
        call(
            &vendor,
            "GASService",
            "DecodeCSR",
            "QueryRequestHeader",
            &inside,
        )
    };
    let decoded = decode(&csr("example.com"), "DV_LOW");
    assert_eq!(decoded.children[0].name, "QueryResponseHeader");
    assert_eq!(
        value(decoded.find("CSRData").unwrap(), "CommonName"),
        "example.com"
    );
    assert_eq!(
        value(decoded.find("CertificatePreview").unwrap(), "KeyLength"),
        "256"
    );
    assert_eq!(value(&decode("nonsense", "DV"), "ErrorCode"), "-4007");
    no_violations(&vendor);
}

#[test]
fn one_key_under_two_names_is_refused_by_a_switch_only() {
    let vendor = GlobalSign::new();
    let key = rcgen::KeyPair::generate().unwrap();
    let try_name = |name: &str| {
        let inside = parameters("DV_LOW_URL_SHA2", &csr_of(name, &key), "") + CONTACT;
        value(&order(&vendor, "URLVerification", &inside), "SuccessCode")
    };
    assert_eq!(
        (try_name("example.com"), try_name("example.net")),
        ("0".into(), "0".into())
    );
    vendor.set_switch("key-once", "on").unwrap();
    assert_eq!(try_name("example.org"), "-1");
}

#[test]
fn an_account_of_old_reads_alphassl_as_sold_by_the_month() {
    let vendor = GlobalSign::new();
    vendor.set_switch("month-product", "on").unwrap();
    let inside = parameters("DV_LOW_DNS_SHA2", &csr("example.com"), "") + CONTACT;
    let placed = order(&vendor, "DVDNSOrder", &inside);
    let seen = look(&vendor, placed.value("OrderID").unwrap());
    assert_eq!(value(&seen, "ProductCode"), "DV_LOW_MONTH_OP");
}

#[test]
fn a_held_order_waits_with_two_numbers() {
    let vendor = GlobalSign::new();
    vendor.set_switch("hold", "on").unwrap();
    let seen = look(&vendor, &by_file(&vendor, "example.com"));
    let numbers = (
        value(&seen, "OrderStatus"),
        value(&seen, "CertificateStatus"),
    );
    assert_eq!(numbers, ("2".to_owned(), "1".to_owned()));
}

#[test]
fn orders_of_other_hands_can_be_looked_up() {
    let vendor = GlobalSign::new();
    by_file(&vendor, "example.com");
    let other = vendor.order_by_hand("example.net", "").unwrap();
    let seen = look(&vendor, &other);
    assert_eq!(value(&seen, "DomainName"), "example.net");
    assert_eq!(
        value(&seen, "Months"),
        "12",
        "the term of an order that somebody else placed"
    );
}

#[test]
fn public_addresses_are_sold_and_private_ones_are_not() {
    let vendor = GlobalSign::new();
    let option = "<Options><Option><OptionName>SAN</OptionName><OptionValue>True</OptionValue></Option></Options>";
    let sell = |address: &str| {
        let entry = format!(
            "<SANEntries><SANEntry><SANOptionType>3</SANOptionType><SubjectAltName>{address}\
             </SubjectAltName></SANEntry></SANEntries>"
        );
        let address = "<OrganizationInfo><OrganizationName>Example LLC</OrganizationName>\
            <OrganizationAddress><AddressLine1>1 Main St</AddressLine1><City>Springfield</City>\
            <Region>IL</Region><PostalCode>62701</PostalCode><Country>US</Country>\
            <Phone>+1 555 0100</Phone></OrganizationAddress></OrganizationInfo>";
        // Without SubID, as clients do whose orders succeed.
        let inside =
            parameters("OV_SHA2", &csr("example.com"), option) + address + CONTACT + &entry;
        order(&vendor, "OVOrder", &inside)
    };
    assert_eq!(value(&sell("10.0.0.1"), "ErrorCode"), "-6018");
    let number = value(&sell("198.51.100.7"), "OrderID");
    vendor.approve(&number, &Approval::All).unwrap();
    assert_eq!(vendor.orders()[0].status, "4");
    no_violations(&vendor);
}
