use super::super::document;
use super::*;
use proptest::prelude::*;

#[test]
fn rows_and_records_are_read_alike() {
    let row = "<doc><id>7741203</id><CN>Shop.Example.com</CN><pricelist orig=\"3033\">PositiveSSL</pricelist>\
                   <createdate>2026-11-20</createdate><expiredate>2027-11-20 00:00:00</expiredate>\
                   <item_status orig=\"5_open\">Opening</item_status></doc>";
    let record = Record::read(&document::read(row.as_bytes()).unwrap(), &Wire::default());
    assert_eq!(record.id.as_deref(), Some("7741203"));
    assert_eq!(
        record.common_name,
        DomainName::parse("shop.example.com").ok()
    );
    assert_eq!(record.tariff.as_deref(), Some("3033"));
    assert_eq!(record.created, NaiveDate::from_ymd_opt(2026, 11, 20));
    assert_eq!(record.expires, NaiveDate::from_ymd_opt(2027, 11, 20));
    assert_eq!(record.service_state.as_deref(), Some("5_open"));
    assert_eq!(record.certificate_state, None);

    let form = "<doc><id>7</id><service_status>4</service_status><status>2</status><remoteid>pmssl-A</remoteid>\
                    <approver_method>auth_dnstxt</approver_method><auth_dnstxt_value>_chk=4f</auth_dnstxt_value>\
                    <domains_list>a.example,b.example</domains_list><altname>b.example c.example</altname>\
                    <approver_email_1>admin@a.example</approver_email_1><approver_email_2>admin@b.example</approver_email_2></doc>";
    let record = Record::read(&document::read(form.as_bytes()).unwrap(), &Wire::default());
    assert_eq!(record.service_state.as_deref(), Some("2"));
    assert_eq!(record.certificate_state.as_deref(), Some("4"));
    assert_eq!(record.marker.as_deref(), Some("pmssl-A"));
    assert_eq!(record.txt_value.as_deref(), Some("_chk=4f"));
    assert_eq!(record.txt_names.len(), 2);
    assert_eq!(record.names.len(), 2);
    assert_eq!(record.approvers, ["admin@a.example", "admin@b.example"]);
}

#[test]
fn doubtful_values_are_absent() {
    let row = "<doc><id>none</id><CN>two words</CN><pricelist>PositiveSSL</pricelist><createdate>-</createdate></doc>";
    let record = Record::read(&document::read(row.as_bytes()).unwrap(), &Wire::default());
    assert_eq!(record, Record::default());
}

#[test]
fn codes_are_the_digits_before_a_sub_state() {
    for (state, expected) in [
        ("2", "2"),
        ("5_open", "5"),
        ("3_autosuspend", "3"),
        ("Active", "Active"),
        ("2x", "2x"),
        ("", ""),
        ("_5", "_5"),
    ] {
        assert_eq!(code(state), expected);
    }
}

#[test]
fn requests_are_compared_by_content() {
    let one =
        "-----BEGIN CERTIFICATE REQUEST-----\nQUJD\nREVG\n-----END CERTIFICATE REQUEST-----\n";
    let other = "-----BEGIN NEW CERTIFICATE REQUEST-----\r\nQUJDREVG\r\n-----END NEW CERTIFICATE REQUEST-----";
    assert_eq!(same_request(one, other), Some(true));
    assert_eq!(same_request(one, &one.replace("QUJD", "QUJE")), Some(false));
    assert_eq!(same_request(one, "words"), None);
    assert_eq!(
        same_request(one, "-----BEGIN CERTIFICATE REQUEST-----\n-----END"),
        None
    );
}

proptest! {
    #[test]
    fn reading_values_never_panics(text in "\\PC{0,40}") {
        let _ = (date(&text), number(&text), names(&text), code(&text), same_request(&text, &text));
    }

    #[test]
    fn numbers_are_digits_only(text in "[0-9 a.+-]{0,20}") {
        if let Some(number) = number(&text) {
            prop_assert!(number.parse::<u64>().is_ok_and(|number| number > 0));
        }
    }
}
