use super::super::family::Family;
use super::super::mapping::{CsrForm, new_order, reissue};
use super::*;
use crate::failure::Reason;
use ValidationMethod::{DnsCname, DnsTxt, HttpFile, HttpsFile};

fn order_json(purchase: &Purchase) -> Value {
    serde_json::to_value(new_order(purchase, CsrForm::Raw).unwrap()).unwrap()
}

#[test]
fn every_product_family_has_its_own_order() {
    let admin = email("admin@example.com");
    let mut certum = with_company(purchase("ucommercialssl", &["example.com"], &admin));
    certum.term = Months(24);
    let mut mixed = purchase(
        "positivemdcssl",
        &["shop.example.com", "shop.example.net", "shop.example.org"],
        &admin,
    );
    mixed.names_bought = 5;
    mixed.validation[1].method = DnsCname;
    mixed.validation[2].method = HttpFile;
    let mut renewal = purchase("sectigossl", &["example.com"], &HttpFile);
    renewal.kind = PurchaseKind::Renewal {
        previous: VendorOrderId::new("7700123"),
    };
    let flexible = ["example.com", "www.example.com", "*.example.net"];
    let cases = [
        (
            "neworder_sectigo_single",
            purchase("positivessl", &["example.com"], &admin),
        ),
        (
            "neworder_sectigo_wildcard_cname",
            purchase("positivesslwildcard", &["*.example.co.uk"], &DnsCname),
        ),
        ("neworder_sectigo_multi", mixed),
        (
            "neworder_sectigo_ov",
            with_company(purchase("sectigoovssl", &["www.example.com"], &HttpsFile)),
        ),
        (
            "neworder_sectigo_ev",
            with_company(purchase("positiveevssl", &["www.example.com"], &admin)),
        ),
        ("neworder_sectigo_renewal", renewal),
        (
            "neworder_digicert_dv",
            purchase("digi_rapidssl", &["example.com"], &DnsTxt),
        ),
        (
            "neworder_digicert_flex",
            with_company(purchase("digi_truebizid_flex", &flexible, &admin)),
        ),
        (
            "neworder_digicert_ev",
            with_company(purchase("digi_ssl_ev_basic", &["example.com"], &DnsCname)),
        ),
        (
            "neworder_legacy",
            purchase("quicksslpremium", &["example.com"], &HttpFile),
        ),
        ("neworder_certum", certum),
    ];
    for (fixture, purchase) in cases {
        assert_request(fixture, &order_json(&purchase));
    }
}

#[test]
fn families_are_told_by_the_code() {
    let cases = [
        ("positivemdcwildcard", Family::Sectigo),
        ("sectigossl", Family::Sectigo),
        ("comodossl", Family::Sectigo),
        ("essentialwildcard", Family::Sectigo),
        ("instantsslpro", Family::Sectigo),
        ("enterpriseprowc", Family::Sectigo),
        ("digi_rapidssl", Family::DigiCert),
        ("digi_sslwebserver_ev_flex", Family::DigiCert),
        ("rapidssl", Family::Legacy),
        ("truebizidmd", Family::Legacy),
        ("ssl123", Family::Legacy),
        ("utrustedwildcard", Family::Certum),
        ("somethingnew", Family::Other),
    ];
    for (code, family) in cases {
        assert_eq!(Family::of(&template(code)), family, "{code}");
    }
}

#[test]
fn validation_is_told_in_the_familys_words() {
    let admin = email("admin@example.com");
    let one = ["example.com"];
    let two = ["example.com", "example.net"];
    // product, names, method, ApproverEmail, indicators (file, https file, CNAME)
    type Case<'a> = (
        &'a str,
        &'a [&'a str],
        &'a ValidationMethod,
        &'a str,
        [bool; 3],
    );
    let cases: [Case<'_>; 16] = [
        ("positivessl", &one, &admin, "admin@example.com", [false; 3]),
        (
            "positivessl",
            &one,
            &HttpFile,
            "admin@example.com",
            [true, false, false],
        ),
        (
            "positivessl",
            &one,
            &HttpsFile,
            "admin@example.com",
            [false, true, false],
        ),
        (
            "positivessl",
            &one,
            &DnsCname,
            "admin@example.com",
            [false, false, true],
        ),
        (
            "positivemdcssl",
            &one,
            &DnsCname,
            "CNAME_CSR_HASH",
            [false; 3],
        ),
        (
            "sectigodvucc",
            &two,
            &HttpFile,
            "HTTP_CSR_HASH,HTTP_CSR_HASH",
            [false; 3],
        ),
        (
            "comodomdc",
            &two,
            &HttpsFile,
            "HTTPS_CSR_HASH,HTTPS_CSR_HASH",
            [false; 3],
        ),
        (
            "comodoucc",
            &two,
            &admin,
            "admin@example.com,admin@example.com",
            [false; 3],
        ),
        (
            "digi_rapidssl",
            &one,
            &admin,
            "admin@example.com",
            [false; 3],
        ),
        ("digi_rapidssl", &one, &HttpFile, "HTTP", [false; 3]),
        ("digi_rapidssl", &one, &DnsTxt, "DNS", [false; 3]),
        (
            "digi_ssl123_flex",
            &two,
            &DnsCname,
            "dns_cname_token",
            [false; 3],
        ),
        (
            "rapidssl",
            &one,
            &HttpFile,
            "admin@example.com",
            [true, false, false],
        ),
        (
            "utrustedssl",
            &one,
            &DnsCname,
            "admin@example.com",
            [false, false, true],
        ),
        (
            "quicksslpremiummd",
            &["example.com", "a.example.com"],
            &admin,
            "admin@example.com",
            [false; 3],
        ),
        (
            "somethingnew",
            &one,
            &admin,
            "admin@example.com",
            [false; 3],
        ),
    ];
    for (code, names, method, approver, indicators) in cases {
        let order = order_json(&purchase(code, names, method));
        let indicator = |name: &str| order[name].as_bool().unwrap();
        assert_eq!(order["ApproverEmail"], approver, "{code} {method:?}");
        assert_eq!(
            [
                indicator("FileAuthDVIndicator"),
                indicator("HTTPSFileAuthDVIndicator"),
                indicator("CNAMEAuthDVIndicator")
            ],
            indicators,
            "{code} {method:?}"
        );
    }
}

/// A known organization goes by its number, under the code without our mark (thesslstore.md 6.7).
#[test]
fn an_organization_that_the_vendor_knows_goes_by_its_number() {
    let plain = with_company(purchase(
        "digi_ssl_basic",
        &["www.example.com"],
        &email("admin@example.com"),
    ));
    let json = order_json(&plain);
    assert!(json.get("TSSOrganizationId").is_none());
    assert!(json["OrganizationInfo"].is_object());
    let mut known = plain.clone();
    known.template = template("digi_ssl_basic-EO");
    let json = order_json(&known);
    assert_eq!(json["ProductCode"], "digi_ssl_basic");
    assert_eq!(json["TSSOrganizationId"], 77);
    assert!(json.get("OrganizationInfo").is_none());
    let module = crate::module::by_name("pmthesslstore").unwrap();
    let codes = module
        .templates
        .iter()
        .filter(|one| one.code.ends_with("-EO"));
    for one in codes {
        let usual = one.code.strip_suffix("-EO").unwrap();
        assert!(module.template(usual).is_some(), "{}", one.code);
        for (number, reason) in [
            ("", Reason::Missing),
            ("0", Reason::Invalid),
            ("x", Reason::Invalid),
        ] {
            let mut wrong = known.clone();
            wrong.template = template(one.code);
            wrong.organization.as_mut().unwrap().vendors_number = number.to_owned();
            let failure = new_order(&wrong, CsrForm::Raw).unwrap_err();
            assert_eq!((failure.reason(), failure.object()), (reason, "org_tss_id"));
        }
    }
}

#[test]
fn an_order_without_validation_leaves_it_to_the_vendor() {
    let mut order = with_company(purchase("sectigoovssl", &["example.com"], &DnsCname));
    order.validation.clear();
    assert_eq!(order_json(&order)["ApproverEmail"], "");
}

#[test]
fn what_a_product_does_not_take_is_refused_before_anything_is_sent() {
    let admin = email("admin@example.com");
    let two = ["example.com", "example.net"];
    let mut missing = purchase("positivemdcssl", &two, &admin);
    missing.validation.pop();
    let mut mixed = purchase("digi_ssl123_flex", &two, &admin);
    mixed.validation[1].method = DnsTxt;
    let mut unregistered = with_company(purchase("utrustedssl", &["example.com"], &admin));
    unregistered
        .organization
        .as_mut()
        .unwrap()
        .registration_number
        .clear();
    let cases = [
        (
            purchase("positivessl", &["example.com"], &DnsTxt),
            Reason::NotSupported,
        ),
        (
            purchase("positivemdcssl", &two, &DnsTxt),
            Reason::NotSupported,
        ),
        (
            purchase("digi_rapidssl", &["example.com"], &HttpsFile),
            Reason::NotSupported,
        ),
        (
            purchase("rapidssl", &["example.com"], &DnsTxt),
            Reason::NotSupported,
        ),
        (
            purchase("quicksslpremiummd", &two, &admin),
            Reason::NameNotAllowed,
        ),
        (mixed, Reason::NotSupported),
        (missing, Reason::Missing),
        (unregistered, Reason::Missing),
    ];
    for (purchase, reason) in cases {
        let failure = new_order(&purchase, CsrForm::Raw).unwrap_err();
        assert_eq!(failure.reason(), reason, "{} {failure}", purchase.template);
    }
}

#[test]
fn names_bought_are_counted_by_kind_for_flexible_products_only() {
    let admin = email("admin@example.com");
    let names = ["example.com", "a.example.com", "*.example.net"];
    // product, bought, plain, wildcard
    let cases = [
        ("digi_ssl_basic", 2, 1, Some(1)),
        ("digi_securesite_flex", 5, 4, Some(1)),
        ("positivemdcwildcard", 2, 2, None),
        ("positivemdcwildcard", 0, 2, None),
        ("digi_quickssl_md", 4, 4, None),
    ];
    for (code, bought, plain, wildcard) in cases {
        let mut purchase = purchase(code, &names, &admin);
        purchase.names_bought = bought;
        let order = order_json(&purchase);
        assert_eq!(order["ReserveSANCount"], plain, "{code}");
        assert_eq!(
            order
                .get("WildcardReserveSANCount")
                .map(|v| v.as_u64().unwrap()),
            wildcard,
            "{code}"
        );
    }
}

#[test]
fn the_www_name_is_wished_for_only_where_it_makes_sense() {
    let admin = email("admin@example.com");
    let cases = [
        ("positivessl", "example.com", Some(true)),
        ("positivessl", "www.example.com", Some(true)),
        ("positivessl", "shop.example.com", Some(false)),
        ("positivesslwildcard", "*.example.com", None),
        ("sectigossl", "example.com", None),
    ];
    for (code, common_name, expected) in cases {
        let order = order_json(&purchase(code, &[common_name], &admin));
        assert_eq!(
            order.get("AutoWWW").map(|v| v.as_bool().unwrap()),
            expected,
            "{code} {common_name}"
        );
    }
    // Below a registered domain it is a wish of the CSR only.
    for (names, expected) in [
        (&["shop.example.com", "www.shop.example.com"][..], true),
        (&["shop.example.com", "mail.shop.example.com"], false),
    ] {
        let mut purchase = purchase("positivessl", &names[..1], &admin);
        purchase.csr_pem = crate::certificate::testing::csr(names).pem().to_owned();
        assert_eq!(order_json(&purchase)["AutoWWW"], expected, "{names:?}");
    }
}

#[test]
fn the_percent_form_encodes_the_whole_pem() {
    let pem = "-----BEGIN CERTIFICATE REQUEST-----\nA+/=\n-----END CERTIFICATE REQUEST-----\n";
    assert_eq!(CsrForm::Raw.apply(pem), pem);
    assert_eq!(
        CsrForm::Percent.apply(pem),
        "-----BEGIN%20CERTIFICATE%20REQUEST-----%0AA%2B%2F%3D%0A-----END%20CERTIFICATE%20REQUEST-----%0A"
    );
}

#[test]
fn a_reissue_tells_added_and_deleted_names_beside_the_whole_list() {
    let admin = email("admin@example.com");
    let names = ["example.com", "b.example.com", "c.example.com"];
    let sectigo = reissue_of(
        purchase("positivemdcssl", &names, &admin),
        &["a.example.com", "b.example.com"],
    );
    let digicert = reissue_of(
        purchase("digi_rapidssl_wc", &["*.example.com"], &DnsTxt),
        &[],
    );
    for (fixture, purchase) in [("reissue_sectigo", sectigo), ("reissue_digicert", digicert)] {
        let body = reissue(&purchase, CsrForm::Raw, "ann@example.com").unwrap();
        assert_request(fixture, &serde_json::to_value(body).unwrap());
    }
}

#[test]
fn a_reissue_carries_its_method() {
    let by = |method: &ValidationMethod| {
        let purchase = purchase("positivemdcssl", &["example.com"], method);
        let body = reissue(&reissue_of(purchase, &[]), CsrForm::Raw, "ann@example.com");
        serde_json::to_value(body.unwrap()).unwrap()
    };
    assert!(super::super::ABILITIES.reissue_takes_method);
    assert_ne!(by(&email("admin@example.com")), by(&DnsCname));
}

#[test]
fn the_products_of_the_module_have_the_traits_that_their_codes_tell() {
    use super::super::mapping::is_extended;
    use crate::module::{Level, by_name};
    let templates = by_name("pmthesslstore").unwrap().templates;
    for product in templates {
        let code = product.code;
        assert_ne!(Family::of(&template(code)), Family::Other, "{code}");
        assert_eq!(
            is_extended(code),
            product.level == Level::Extended,
            "{code}"
        );
    }
    assert!(templates.len() > 40);
}

#[test]
fn every_method_that_a_product_offers_can_be_ordered() {
    use crate::module::{Method, by_name};
    for product in by_name("pmthesslstore").unwrap().templates {
        for offered in product.methods {
            let method = match offered {
                Method::Email => email("admin@example.com"),
                Method::HttpFile => HttpFile,
                Method::HttpsFile => HttpsFile,
                Method::DnsCname => DnsCname,
                Method::DnsTxt => DnsTxt,
            };
            let order = with_company(purchase(product.code, &["example.com"], &method));
            let outcome = new_order(&order, CsrForm::Raw);
            assert!(outcome.is_ok(), "{} {offered:?}: {outcome:?}", product.code);
        }
    }
}

/// A verified company's order holds a state (thesslstore.md 6.7).
#[test]
fn a_country_without_states_sends_the_city_as_one() {
    for (country, region, sent) in [("SG", "", "Springfield"), ("US", "IL", "IL")] {
        let mut order = with_company(purchase("sectigoovssl", &["www.example.com"], &HttpsFile));
        let company = order.organization.as_mut().unwrap();
        company.country = crate::domain::CountryCode::parse(country).unwrap();
        region.clone_into(&mut company.region);
        company.city = "Springfield".to_owned();
        let body = order_json(&order);
        let address = &body["OrganizationInfo"]["OrganizationAddress"];
        assert_eq!(address["Region"], sent, "{country}");
        assert_eq!(body["AdminContact"]["Region"], sent, "{country}");
    }
}
