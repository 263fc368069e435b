//! Every request this module can send, against fixtures and against the ordered-element table.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::super::envelope;
use super::super::mapping::{Ordering, Plan};
use super::super::model::query::{MailType, ResendEmail};
use super::super::model::request::{Call, Request, Text};
use super::requests::{header, ordering, requests};
use super::vendor::globalsign::schema;
use super::vendor::xml;
use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/ca/globalsign/fixtures/requests")
        .join(format!("{name}.xml"))
}

/// A fixture without the line breaks and indents between its elements.
fn squeezed(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('<').enumerate() {
        let part = if part
            .split_once('>')
            .is_some_and(|(_, rest)| rest.trim().is_empty())
        {
            part.trim_end()
        } else {
            part
        };
        if index > 0 {
            out.push('<');
        }
        out.push_str(part);
    }
    out
}

/// The fixtures' form: an element per line.
fn indented(document: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut rest = document;
    while let Some(end) = rest.find('>') {
        let (tag, after) = rest.split_at(end + 1);
        let next = after.find('<').unwrap_or(after.len());
        let (text, after) = after.split_at(next);
        if tag.starts_with("</") {
            depth = depth.saturating_sub(1);
        }
        if !out.ends_with('\u{1f}') {
            out.push_str(&" ".repeat(depth));
        }
        out.truncate(out.trim_end_matches('\u{1f}').len());
        out.push_str(tag);
        out.push_str(text);
        let opens = !tag.starts_with("</") && !tag.ends_with("/>") && !tag.starts_with("<?");
        let closes_at_once = opens && after.starts_with("</");
        if opens {
            depth += 1;
        }
        out.push(if closes_at_once { '\u{1f}' } else { '\n' });
        rest = after;
    }
    out
}

#[test]
fn every_request_is_its_fixture_to_the_letter() {
    for (name, call) in requests() {
        let written = String::from_utf8(envelope::write(&call).unwrap()).unwrap();
        let path = fixture(name);
        if std::env::var_os("PMSSL_UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, indented(&written)).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, squeezed(&expected), "{name}");
    }
}

#[test]
fn no_fixture_is_left_over() {
    let known: Vec<_> = requests().iter().map(|(name, _)| fixture(name)).collect();
    for entry in std::fs::read_dir(fixture("x").parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert!(known.contains(&path), "{}", path.display());
    }
}

#[test]
fn every_request_keeps_to_the_ordered_element_table() {
    let mut seen = std::collections::BTreeSet::new();
    for (name, call) in requests() {
        let written = String::from_utf8(envelope::write(&call).unwrap()).unwrap();
        let document = xml::read(&written).unwrap();
        let accepted = schema::check(call.service().path(), &document)
            .unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert_eq!(accepted.operation, call.operation(), "{name}");
        seen.insert(accepted.operation);
    }
    // The table holds nothing else but what other people's programs call.
    let others: std::collections::BTreeSet<_> = schema::operations()
        .filter(|name| !seen.contains(name))
        .collect();
    assert_eq!(others, ["DecodeCSR"].into());
}

#[test]
fn the_debug_form_of_a_request_shows_no_credentials() {
    for (name, call) in requests() {
        let shown = format!("{call:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("PAR00000"),
            "{name}"
        );
    }
}

#[test]
fn data_that_is_missing_is_named_and_never_invented() {
    type Change = fn(&mut Purchase);
    fn company_of(purchase: &mut Purchase) -> &mut Organization {
        purchase.organization.as_mut().unwrap()
    }
    let cases: [(&str, &str, Change); 11] = [
        ("EV", "org_registration_number", |p| {
            company_of(p).registration_number.clear()
        }),
        ("EV", "org_business_category", |p| {
            company_of(p).business_category.clear()
        }),
        ("EV", "org_business_category", |p| {
            company_of(p).business_category = "shop".to_owned()
        }),
        ("EV", "org_division", |p| company_of(p).division.clear()),
        ("EV", "adm_jtitle", |p| p.administrative.job_title.clear()),
        ("EV", "org_name", |p| p.organization = None),
        ("OV", "org_name", |p| p.organization = None),
        ("OV", "org_name", |p| company_of(p).name.clear()),
        ("OV", "org_postcode", |p| company_of(p).postal_code.clear()),
        ("OV", "org_city", |p| company_of(p).city.clear()),
        ("OV", "org_state", |p| company_of(p).region = " ".to_owned()),
    ];
    for (template, field, change) in cases {
        let mut purchase = purchase(template, "example.com", &[], "");
        change(&mut purchase);
        let plan = Plan::of(&purchase).unwrap();
        let failure = ordering().call(&purchase, &plan, "").unwrap_err();
        assert_eq!(failure.object(), field, "{template}");
        assert_eq!(failure.kind(), FailureKind::Input, "{template} {field}");
    }
}

#[test]
fn the_default_department_stands_in_for_a_missing_one() {
    let mut purchase = purchase("EV", "example.com", &[], "");
    purchase.organization.as_mut().unwrap().division.clear();
    let plan = Plan::of(&purchase).unwrap();
    let ordering = Ordering {
        default_unit: Some("Hosting"),
        ..ordering()
    };
    let Call::EvOrder(request) = ordering.call(&purchase, &plan, "").unwrap() else {
        panic!("another call");
    };
    let unit = &request.request.requestor_info.organization_unit;
    assert_eq!(unit.as_str(), "Hosting");
}

/// The organization's own data come first, then the CSR, then the account's setting.
#[test]
fn the_department_of_the_csr_stands_before_the_default_one() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "example.com");
    params
        .distinguished_name
        .push(rcgen::DnType::OrganizationalUnitName, "Sales");
    let mut purchase = purchase("EV", "example.com", &[], "");
    purchase.csr_pem = params.serialize_request(&key).unwrap().pem().unwrap();
    for (division, unit) in [("IT", "IT"), ("", "Sales")] {
        division.clone_into(&mut purchase.organization.as_mut().unwrap().division);
        let plan = Plan::of(&purchase).unwrap();
        let ordering = Ordering {
            default_unit: Some("Hosting"),
            ..ordering()
        };
        let Call::EvOrder(request) = ordering.call(&purchase, &plan, "").unwrap() else {
            panic!("another call");
        };
        let officer = &request.request.requestor_info;
        assert_eq!(officer.organization_unit.as_str(), unit);
    }
}

#[test]
fn orders_that_do_not_fit_their_product_are_refused() {
    let cases = [
        (
            purchase("DV", "*.example.com", &[], "dns"),
            Reason::NameNotAllowed,
        ),
        (
            purchase("DV_wild", "example.com", &[], "dns"),
            Reason::NameNotAllowed,
        ),
        (
            purchase("EV", "*.example.com", &[], ""),
            Reason::NameNotAllowed,
        ),
        (
            purchase("DV_LOW", "example.com", &["www.example.com"], "dns"),
            Reason::NameNotAllowed,
        ),
        (
            purchase("DV", "example.com", &["*.example.com"], "dns"),
            Reason::NameNotAllowed,
        ),
        (
            purchase("EV", "example.com", &["*.example.org"], ""),
            Reason::NameNotAllowed,
        ),
        (
            purchase("OV", "example.com", &["mail.local"], ""),
            Reason::NameNotAllowed,
        ),
        (purchase("DV", "example.com", &[], "https"), Reason::Invalid),
        (purchase("DV", "example.com", &[], "cname"), Reason::Invalid),
        (purchase("DV", "example.com", &[], ""), Reason::Missing),
        (
            purchase("DV_wild", "*.example.com", &[], "http"),
            Reason::Invalid,
        ),
        (
            purchase("positivessl", "example.com", &[], "dns"),
            Reason::UnknownTemplate,
        ),
    ];
    for (purchase, reason) in cases {
        let failure = Plan::of(&purchase).unwrap_err();
        assert_eq!(failure.reason(), reason, "{failure}");
        assert_eq!(failure.kind(), FailureKind::Input);
    }
    let mut mixed = purchase("DV", "example.com", &["www.example.com"], "dns");
    mixed.validation[1].method = ValidationMethod::HttpFile;
    assert_eq!(Plan::of(&mixed).unwrap_err().reason(), Reason::Invalid);
    let mut endless = purchase("DV", "example.com", &[], "dns");
    endless.term = Months(0);
    assert_eq!(Plan::of(&endless).unwrap_err().reason(), Reason::BadTerm);
}

/// A word of any letters, markup and control characters among them.
fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..40)
        .prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #[test]
    fn any_text_arrives_as_its_printable_letters(text in any_text()) {
        let call = Call::ResendEmail(Request {
            request: ResendEmail {
                order_request_header: header(),
                order_id: Text::new(&text),
                resend_email_type: MailType::Approver,
            },
        });
        let written = String::from_utf8(envelope::write(&call).unwrap()).unwrap();
        let document = xml::read(&written).unwrap();
        let accepted = schema::check("ServerSSLService", &document).unwrap();
        let Call::ResendEmail(sent) = &call else { unreachable!() };
        let arrived = accepted.request.value("OrderID").unwrap();
        prop_assert_eq!(arrived, sent.request.order_id.as_str());
        // Nothing that can be printed is lost.
        let printable: String = text
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        let kept: String = arrived.chars().filter(|c| !c.is_control()).collect();
        prop_assert_eq!(kept, printable);
    }
}
