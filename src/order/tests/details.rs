//! What of the form becomes an order, and what stops it before money is spent.

use super::course::{Setup, block_on};
use crate::certificate::testing::Made;
use crate::domain::{DomainName, TemplateCode, ValidationMethod};
use crate::failure::{Failure, Reason};
use crate::module;
use crate::module::Template;
use crate::order::names::{Remark, issuers, of_order};
use crate::order::{Operation, Ordered};
use crate::platform::details::{Details, comes_with_product, name_list};

fn template(code: &str) -> &'static Template {
    module::by_name("pmthesslstore")
        .unwrap()
        .template(code)
        .unwrap()
}

/// The details of the setup's service under a product, with other parameters.
pub(crate) fn details(code: &str, parameters: &[(&str, &str)]) -> Result<Details, Failure> {
    let setup = Setup::new();
    setup.platform.service.borrow_mut().template = Some(TemplateCode::new(code));
    for (name, value) in parameters {
        setup.set(name, value);
    }
    let service = setup.platform.service.borrow().clone();
    block_on(Details::read(&setup.platform, &service, template(code)))
}

/// Whether a product covers another name beside the main one without being asked.
pub(crate) fn covers(code: &str, common: &str, other: &str) -> bool {
    let name = |text: &str| DomainName::parse(text).unwrap();
    comes_with_product(template(code), &name(common), &name(other))
}

/// The form of a company.
pub(crate) fn company<'a>(
    country: &'a str,
    state: &'a str,
    postcode: &'a str,
) -> [(&'static str, &'a str); 7] {
    [
        ("org_name", "Example"),
        ("org_address", "1 Main St"),
        ("org_city", "City"),
        ("org_phone", "+44 (0)20 7946 0958"),
        ("org_country", country),
        ("org_state", state),
        ("org_postcode", postcode),
    ]
}

fn texts(names: &[DomainName]) -> Vec<&str> {
    names.iter().map(DomainName::as_str).collect()
}

#[test]
fn a_product_for_one_name_covers_names_without_being_asked() {
    for (code, common, other, expected) in [
        ("positivessl", "example.com", "www.example.com", true),
        ("positivessl", "www.example.com", "example.com", true),
        ("positivessl", "example.com", "example.com", false),
        ("positivessl", "example.com", "mail.example.com", false),
        ("positivessl", "example.com", "www.example.org", false),
        ("positivessl", "example.com", "*.example.com", false),
        ("positivesslwildcard", "*.example.com", "example.com", true),
        (
            "positivesslwildcard",
            "*.example.com",
            "www.example.com",
            true,
        ),
        (
            "positivesslwildcard",
            "*.example.com",
            "a.b.example.com",
            false,
        ),
        ("positivesslwildcard", "*.example.com", "example.org", false),
        // Where additional names are sold, each is a wish of its own.
        ("positivemdcssl", "example.com", "www.example.com", false),
    ] {
        assert_eq!(
            covers(code, common, other),
            expected,
            "{code} {common} {other}"
        );
    }
}

#[test]
fn names_that_come_with_the_product_are_dropped_with_their_approvers() {
    for list in [
        "example.com",
        "example.com\r\n",
        "Example.com; example.com.",
    ] {
        let details = details(
            "positivessl",
            &[
                ("altname", list),
                ("approver_email", "admin@www.example.com; admin@example.com"),
            ],
        )
        .unwrap();
        assert_eq!(texts(&details.additional_names), [""; 0], "{list:?}");
        let [only] = details.validation.as_slice() else {
            panic!("{:?}", details.validation)
        };
        assert_eq!(only.name.as_str(), "www.example.com");
        assert!(
            matches!(&only.method, ValidationMethod::Email(to) if to.as_str() == "admin@www.example.com")
        );
    }
    let kept = details(
        "positivemdcssl",
        &[
            ("altname", "example.com,a.example.com"),
            ("approver_email", "admin@example.com"),
        ],
    );
    assert_eq!(
        texts(&kept.unwrap().additional_names),
        ["example.com", "a.example.com"]
    );
}

/// DigiCert's domain validated products take one address for the order (thesslstore.md 6.4), Sectigo's one for
/// each name.
#[test]
fn one_approver_is_enough_where_the_vendor_takes_one() {
    let form = [
        ("altname", "a.example.net b.example.org"),
        ("approver_email", "admin@example.com"),
    ];
    let read = details("digi_ssl123_flex", &form).unwrap();
    assert_eq!(read.additional_names.len(), 2);
    let [only] = read.validation.as_slice() else {
        panic!("{:?}", read.validation)
    };
    assert_eq!(only.name, read.common_name);
    // Two are enough for three names as well.
    let two = [
        form[0],
        ("approver_email", "root@example.net,admin@example.com"),
    ];
    let read = details("digi_ssl123_flex", &two).unwrap();
    let [only] = read.validation.as_slice() else {
        panic!("{:?}", read.validation)
    };
    assert!(
        matches!(&only.method, ValidationMethod::Email(to) if to.as_str() == "admin@example.com")
    );
    let failure = details("positivemdcssl", &form).unwrap_err();
    assert_eq!(failure.object(), "approver_email");
    assert!(failure.words().contains("a.example.net"), "{failure}");
}

/// An address is counted like a name, and refused where the product has none.
#[test]
fn addresses_are_ordered_where_the_product_takes_them() {
    let form = [(
        "altname",
        "a.example.com; 93.184.216.34 2606:4700::1, 93.184.216.34",
    )];
    let read = details("positivemdcssl", &form).unwrap();
    assert_eq!(texts(&read.additional_names), ["a.example.com"]);
    assert_eq!(read.addresses.len(), 2);
    let failure = crate::order::checks::addresses(template("positivemdcssl"), &read.addresses);
    let failure = failure.unwrap_err();
    assert_eq!(failure.reason(), Reason::NameNotAllowed);
    assert_eq!(failure.words(), "this product takes no IP addresses");
    let setup = Setup::new();
    setup.set("altname", "93.184.216.34");
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.offending_value(), "93.184.216.34");
    assert_eq!(setup.sales(), 0);
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let sold = globalsign.template("OV").unwrap();
    let check = |text: &str| crate::order::checks::addresses(sold, &[text.parse().unwrap()]);
    assert!(check("93.184.216.34").is_ok());
    assert!(check("192.168.1.1").is_err());
}

#[test]
fn an_order_with_the_included_name_is_placed_and_delivered() {
    let setup = Setup::new();
    setup.set("altname", "example.com");
    let ordered = setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!((ordered, setup.sales()), (Ordered::Placed, 1));
}

/// Baseline Requirements and RFC 5280, as the tests of the examination cite them.
#[test]
fn what_no_authority_takes_costs_nothing() {
    for (made, detail) in [
        (Made::of("www.example.com."), "a certificate needs it as"),
        (Made::of("http://www.example.com"), "this is a web address"),
        (
            Made {
                names: vec![b"www.example.com", b""],
                ..Made::of("www.example.com")
            },
            "one of its alternative names is empty",
        ),
    ] {
        let setup = Setup::new();
        setup.platform.service.borrow_mut().csr = Some(made.text());
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::BadCsr);
        assert!(failure.words().contains(detail), "{failure}");
        assert_eq!(setup.sales(), 0);
    }
}

/// Which fields of a company a vendor asks for is its own rule; TheSSLStore's is thesslstore.md 6.7.
pub(crate) fn company_at_thesslstore(
    code: &str,
    form: &[(&str, &str)],
) -> Result<Details, Failure> {
    let read = details(code, form)?;
    if let Some(organization) = &read.organization {
        crate::ca::thesslstore::check_place(&TemplateCode::new(code), organization)?;
    }
    Ok(read)
}

#[test]
fn an_address_holds_what_its_country_has() {
    for (code, country, state, postcode, missing) in [
        ("instantssl", "MC", "", "98000", None),
        ("instantssl", "SG", "", "018989", None),
        ("instantssl", "HK", "", "", None),
        ("instantssl", "AE", "Dubai", "", None),
        ("instantssl", "US", "", "62701", Some("org_state")),
        ("instantssl", "DE", "", "10115", Some("org_state")),
        ("instantssl", "DE", "Berlin", "", Some("org_postcode")),
        ("instantssl", "SG", "", "", Some("org_postcode")),
        // Domain validation goes on without.
        ("positivessl", "DE", "", "", None),
        ("positivessl", "US", "", "62701", None),
    ] {
        let read = company_at_thesslstore(code, &company(country, state, postcode));
        let field = read.as_ref().err().map(Failure::object);
        assert_eq!(field, missing, "{code} {country}");
        if let Ok(details) = read {
            let company = details.organization.unwrap();
            assert_eq!(company.region, state);
            assert_eq!(company.phone.as_str(), "+442079460958");
        }
    }
    // Other vendors have no such rule.
    let read = details("instantssl", &company("DE", "", "")).unwrap();
    assert!(read.organization.is_some());
    // A company that is not whole is no part of a product that does not need it.
    let partial = details("positivessl", &company("DE", "", "")[..2]).unwrap();
    assert!(partial.organization.is_none());
}

fn approvers(code: &str, names: &str, addresses: &str) -> Result<Vec<String>, Failure> {
    let read = details(code, &[("altname", names), ("approver_email", addresses)])?;
    let by_mail = |one: &crate::domain::NamedValidation| match &one.method {
        ValidationMethod::Email(address) => format!("{} {address}", one.name),
        other => panic!("{other:?}"),
    };
    Ok(read.validation.iter().map(by_mail).collect())
}

/// An address proves its own domain and what is below it (Baseline Requirements, 3.2.2.4.4), wherever it stands.
#[test]
fn approvers_are_matched_by_their_domains() {
    let names = "b.example.net www.b.example.net example.org";
    let expected = [
        "www.example.com admin@example.com",
        "b.example.net admin@b.example.net",
        "www.b.example.net admin@b.example.net",
        "example.org admin@example.org",
    ];
    for addresses in [
        "admin@example.com admin@b.example.net admin@example.org",
        "admin@example.org admin@b.example.net admin@example.com",
        "admin@b.example.net admin@example.org admin@example.com admin@example.com",
    ] {
        let found = approvers("positivemdcssl", names, addresses).unwrap();
        assert_eq!(found, expected, "{addresses}");
    }
    // The place decides between several that fit.
    let found = approvers(
        "positivemdcssl",
        "mail.example.com",
        "admin@example.com webmaster@example.com",
    );
    assert_eq!(
        found.unwrap(),
        [
            "www.example.com admin@example.com",
            "mail.example.com webmaster@example.com"
        ]
    );
    // The owner's own address stands elsewhere.
    let found = approvers(
        "positivemdcssl",
        "example.org",
        "owner@mail.example admin@example.com",
    );
    assert_eq!(
        found.unwrap(),
        [
            "www.example.com admin@example.com",
            "example.org owner@mail.example"
        ]
    );
    // One address twice is one.
    let found = approvers("positivessl", "", "admin@example.com, Admin@example.com");
    assert_eq!(found.unwrap().len(), 1);
    let failure = approvers("positivemdcssl", names, "admin@example.com").unwrap_err();
    assert!(failure.words().contains("b.example.net"), "{failure}");
    let failure = approvers("positivessl", "", "a@example.com b@example.com").unwrap_err();
    assert_eq!(failure.reason(), Reason::Invalid);
}

/// What the CSR names and the order does not is told.
#[test]
fn names_that_are_left_out_are_told() {
    let told = |vendor: &str, code: &str, names: &[&str], altname: &str| {
        let template = module::by_name(vendor).unwrap().template(code).unwrap();
        let setup = Setup::new();
        let csr = crate::certificate::testing::csr(names);
        setup.platform.service.borrow_mut().csr = Some(csr.pem().to_owned());
        setup.set("altname", altname);
        if altname.contains("example.net") {
            setup.set("approver_email", "admin@example.com admin@example.net");
        }
        let service = setup.platform.service.borrow().clone();
        let read = block_on(Details::read(&setup.platform, &service, template)).unwrap();
        let listed = name_list(&service, "altname", &read.common_name).unwrap();
        let vendor = vendor.strip_prefix("pm").unwrap();
        of_order(template, &read, &listed, issuers(vendor, template))
    };
    let hosts = ["example.com", "www.example.com", "a.example.net"];
    let not_ordered = |names: &str| vec![Remark::NotOrdered(names.to_owned())];
    for (code, names, altname, expected) in [
        ("positivessl", &hosts[..1], "", vec![]),
        ("positivessl", &hosts[..2], "", vec![]),
        ("positivessl", &hosts, "", not_ordered("a.example.net")),
        (
            "positivemdcssl",
            &hosts,
            "",
            not_ordered("www.example.com, a.example.net"),
        ),
        (
            "positivemdcssl",
            &hosts,
            "www.example.com a.example.net",
            vec![],
        ),
    ] {
        let found = told("pmthesslstore", code, names, altname);
        assert_eq!(found, expected, "{code} {names:?} {altname}");
    }
    let www = || vec![Remark::NotAdded("www.example.com".to_owned())];
    let alpha = |names: &[&str], altname: &str| told("pmglobalsign", "DV_LOW", names, altname);
    assert_eq!(alpha(&hosts[..1], "www.example.com"), www());
    assert_eq!(alpha(&hosts[..2], ""), www());
    assert_eq!(alpha(&["www.example.com"], "example.com"), []);
    // Below a registered domain no vendor says what it does.
    let below = ["shop.example.com", "www.shop.example.com"];
    let missing = [Remark::NotAdded(below[1].to_owned())];
    for (vendor, code) in [("pmthesslstore", "positivessl"), ("pmglobalsign", "DV_LOW")] {
        assert_eq!(told(vendor, code, &below[..1], below[1]), missing, "{code}");
        assert_eq!(told(vendor, code, &below, ""), missing, "{code}");
        assert_eq!(told(vendor, code, &below[..1], ""), [], "{code}");
    }
    let www = ["www.shop.example.com"];
    assert_eq!(
        told("pmthesslstore", "positivessl", &www, "shop.example.com"),
        []
    );
    let suffix = told("pmthesslstore", "positivessl", &["gov.uk"], "");
    assert_eq!(suffix, [Remark::Suffix("gov.uk".to_owned())]);
}
