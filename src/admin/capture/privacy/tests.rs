use super::*;

/// Must never come through.
const CANARIES: [&str; 6] = [
    "Anna",
    "anna@",
    "Lindenstr",
    "1234567",
    "shop.example",
    "Hosting",
];

fn check(text: &str, kept: &[&str]) -> String {
    let hidden = hide(text);
    for canary in CANARIES {
        assert!(!hidden.contains(canary), "{canary} in {hidden}");
    }
    for word in kept {
        assert!(hidden.contains(word), "{word} lost in {hidden}");
    }
    hidden
}

#[test]
fn json_keeps_its_shape_and_loses_persons() {
    check(
        r#"HTTP 200 application/json

{"AuthResponse":{"isError":false,"Message":["call anna@shop.example.com"]},"ProductName":"RapidSSL",
 "PricingInfo":[{"Price":"9.90","NumberOfMonths":12}],
 "AdminContact":{"FirstName":"Anna","Phone":"+491234567","Addresses":{"Line1":"Lindenstrasse 1"}},
 "Client":{"name":"Anna","email":"anna@x.y"},"DomainNames":["shop.example.com"],
 "inner":"{\"org_name\":\"Hosting\"}","OrderStatus":{"MajorStatus":"ACTIVE"}}"#,
        &[
            "RapidSSL",
            "9.90",
            "ACTIVE",
            "isError",
            "FirstName",
            "HTTP 200",
            "12",
        ],
    );
}

#[test]
fn xml_keeps_its_elements_and_loses_persons() {
    check(
        "HTTP 200 text/xml\n\n<?xml version=\"1.0\"?><doc xmlns=\"urn:x\"><elem><id>7</id><name>Anna</name>\
             <email>anna@x.y</email><status>2</status></elem><ContactInfo><FirstName>Anna</FirstName>\
             <Phone>+49 1234567</Phone></ContactInfo><addressline a=\"Lindenstrasse\"><deep>Lindenstr</deep></addressline>\
             <item domainname='shop.example' code=\"dv\"/><city><![CDATA[Anna <b>]]></city></doc>",
        &[
            "<id>7</id>",
            "<status>2</status>",
            "code=\"dv\"",
            "urn:x",
            "<name>***</name>",
        ],
    );
}

#[test]
fn names_of_products_stay_where_no_person_is_near() {
    let text = "<doc><elem><id>7</id><name>Positive SSL</name></elem></doc>";
    assert_eq!(hide(text), text);
    let text = r#"[{"code":"dv","name":"Positive SSL"}]"#;
    assert!(hide(text).contains("Positive SSL"));
}

#[test]
fn lines_and_plain_texts_are_searched_too() {
    check(
        "RegistrantFirstName=Anna\r\nCommand=GETBALANCE\nOrganizationName: Hosting\nwrite to anna@shop.example.org or +1234567890\n",
        &["Command=GETBALANCE", "RegistrantFirstName=", "write to"],
    );
}

#[test]
fn odd_texts_do_no_harm() {
    for text in [
        "",
        "<",
        "<a",
        "<a b=",
        "<a b='",
        "<![CDATA[",
        "</",
        "@",
        "+",
        "a@b",
        "\n\n",
        "{",
        "[1,",
    ] {
        let _ = hide(text);
    }
}

proptest::proptest! {
    #[test]
    fn hiding_never_panics(text in "\\PC{0,200}") {
        let _ = hide(&text);
    }

    #[test]
    fn an_address_never_survives(before in "[ -;=?A-Z]{0,20}", after in "[ -*]{0,5}") {
        let text = format!("{before} anna@shop.example.com{after}");
        proptest::prop_assert!(!hide(&text).contains("anna@shop.example.com"));
    }
}
