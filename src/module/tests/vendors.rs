//! Product lists against what the references say.

use super::tree::Node;
use super::*;

/// The attributes of every template as the platform reads them, without the code.
fn attributes(module: &str) -> Vec<(String, Vec<String>)> {
    let document = Node::parse(&by_name(module).unwrap().features_document());
    document
        .one("templates")
        .all("template")
        .map(|node| {
            let names = node
                .attributes
                .iter()
                .map(|(name, _)| name.clone())
                .filter(|name| name != "id" && name != "name")
                .collect();
            (node.attribute("id").unwrap().to_owned(), names)
        })
        .collect()
}

/// The official list (billmanager.md 4).
#[rustfmt::skip]
const OFFICIAL: [(&str, &[&str]); 46] = [
    ("securesiteproev", &["multidomain", "orginfo"]),
    ("securesiteev", &["multidomain", "orginfo"]),
    ("securesitepro", &["multidomain", "orginfo"]),
    ("securesite", &["multidomain", "orginfo"]),
    ("securesitewildcard", &["wildcard", "orginfo"]),
    ("quicksslpremium", &["www"]),
    ("quicksslpremiummd", &["www", "multidomain"]),
    ("truebusinessidev", &["orginfo"]),
    ("truebizid", &["orginfo", "csraltname"]),
    ("truebizidmd", &["multidomain", "orginfo", "csraltname"]),
    ("truebusinessidwildcard", &["wildcard", "orginfo"]),
    ("truebusinessidevmd", &["multidomain", "orginfo"]),
    ("sslwebserverev", &["multidomain", "orginfo"]),
    ("sslwebserver", &["multidomain", "orginfo"]),
    ("sslwebserverwildcard", &["wildcard", "orginfo"]),
    ("ssl123", &["orginfo"]),
    ("sgcsupercerts", &["orginfo"]),
    ("rapidssl", &[]),
    ("rapidsslwildcard", &["wildcard"]),
    ("freessl", &[]),
    ("essentialssl", &["www"]),
    ("essentialwildcard", &["wildcard"]),
    ("instantssl", &["www", "orginfo"]),
    ("instantsslpro", &["orginfo"]),
    ("comodoevssl", &["www", "orginfo"]),
    ("comodomdc", &["multidomain", "orginfo"]),
    ("comodosgc", &["orginfo"]),
    ("comodosgcwildcard", &["wildcard", "orginfo"]),
    ("comodossl", &["www"]),
    ("comodopremiumssl", &["www", "orginfo"]),
    ("comodoevmdc", &["multidomain", "orginfo"]),
    ("comodoucc", &["multidomain", "orginfo"]),
    ("comododvucc", &["multidomain"]),
    ("comodowildcard", &["wildcard"]),
    ("comodoevsgc", &["www", "orginfo"]),
    ("comodopremiumwildcard", &["wildcard", "orginfo"]),
    ("comodouccwildcard", &["wildcard", "multidomain", "orginfo"]),
    ("elitessl", &["www", "orginfo"]),
    ("positivessl", &[]),
    ("positivemdcssl", &["multidomain"]),
    ("positivesslwildcard", &["wildcard"]),
    ("positivemdcwildcard", &["wildcard", "multidomain"]),
    ("ucommercialssl", &["orginfo"]),
    ("ucommercialwildcard", &["wildcard", "orginfo"]),
    ("utrustedssl", &["orginfo"]),
    ("utrustedwildcard", &["wildcard", "orginfo"]),
];

#[test]
fn the_46_official_templates_have_exactly_their_attributes() {
    let found = attributes("pmthesslstore");
    for (position, (code, expected)) in OFFICIAL.iter().enumerate() {
        assert_eq!(found[position].0, *code);
        assert_eq!(found[position].1, *expected, "{code}");
    }
}

/// Codes that came later (thesslstore.md 12): W wildcard, M additional names, O organization.
#[rustfmt::skip]
const LATER: [(&str, &str); 43] = [
    ("sectigossl", ""), ("sectigowildcard", "W"), ("sectigodvucc", "M"), ("sectigouccwildcard", "WM"),
    ("sectigoovssl", "O"), ("sectigoovwildcard", "WO"), ("sectigomdc", "MO"), ("sectigomdcwildcard", "WMO"),
    ("comodomdcwildcard", "WMO"), ("enterprisessl", "O"), ("enterprisepro", "O"), ("enterpriseprowc", "WO"),
    ("positiveevssl", "O"), ("positiveevmdc", "MO"), ("sectigoevssl", "O"), ("sectigoevmdc", "MO"),
    ("enterpriseproev", "O"), ("enterpriseproevmdc", "MO"),
    ("digi_ssl_basic", "MO"), ("digi_ssl_ev_basic", "MO"),
    ("digi_securesite_flex", "MO"), ("digi_securesite_ev_flex", "MO"),
    ("digi_securesite_pro_flex", "MO"), ("digi_securesite_pro_ev_flex", "MO"),
    ("digi_truebizid_flex", "MO"), ("digi_truebizid_ev_flex", "MO"),
    ("digi_sslwebserver_flex", "MO"), ("digi_sslwebserver_ev_flex", "MO"),
    ("digi_ssl_dv_geotrust_flex", "M"), ("digi_ssl123_flex", "M"),
    ("digi_rapidssl", ""), ("digi_rapidssl_wc", "W"), ("digi_quickssl_md", "M"),
    ("digi_ssl_basic-EO", "MO"), ("digi_ssl_ev_basic-EO", "MO"),
    ("digi_securesite_flex-EO", "MO"), ("digi_securesite_ev_flex-EO", "MO"),
    ("digi_securesite_pro_flex-EO", "MO"), ("digi_securesite_pro_ev_flex-EO", "MO"),
    ("digi_truebizid_flex-EO", "MO"), ("digi_truebizid_ev_flex-EO", "MO"),
    ("digi_sslwebserver_flex-EO", "MO"), ("digi_sslwebserver_ev_flex-EO", "MO"),
];

#[test]
fn later_codes_of_thesslstore_follow_the_reference() {
    let module = by_name("pmthesslstore").unwrap();
    assert_eq!(module.templates.len(), OFFICIAL.len() + LATER.len());
    for (code, letters) in LATER {
        let template = module.template(code).unwrap();
        assert_eq!(template.wildcard, letters.contains('W'), "{code}");
        assert_eq!(template.multidomain, letters.contains('M'), "{code}");
        assert_eq!(template.organization, letters.contains('O'), "{code}");
        assert!(template.current, "{code}");
        assert!(!template.methods.is_empty(), "{code}");
    }
}

#[test]
fn codes_of_ended_brands_stay_listed_but_are_not_current() {
    let module = by_name("pmthesslstore").unwrap();
    let current = |code: &str| module.template(code).unwrap().current;
    for code in [
        "securesite",
        "truebizid",
        "sslwebserver",
        "ssl123",
        "rapidssl",
        "freessl",
        "comodosgc",
        "comodoevsgc",
        "utrustedssl",
    ] {
        assert!(!current(code), "{code}");
    }
    for code in ["positivessl", "essentialssl", "comodoevmdc", "elitessl"] {
        assert!(current(code), "{code}");
    }
}

#[test]
fn globalsign_templates_have_exactly_their_attributes() {
    let expected: [(&str, &[&str]); 7] = [
        ("DV_LOW", &["authemail", "authdnstxt"]),
        ("DV_LOW_wild", &["wildcard", "authemail", "authdnstxt"]),
        ("DV", &["multidomain", "authemail", "authdnstxt"]),
        (
            "DV_wild",
            &["wildcard", "multidomain", "authemail", "authdnstxt"],
        ),
        ("OV", &["multidomain", "multidomain_wildcard", "orginfo"]),
        (
            "OV_wild",
            &["wildcard", "multidomain", "multidomain_wildcard", "orginfo"],
        ),
        ("EV", &["multidomain", "orginfo"]),
    ];
    let found = attributes("pmglobalsign");
    assert_eq!(found.len(), expected.len());
    for ((code, names), (expected_code, expected_names)) in found.iter().zip(expected) {
        assert_eq!(code, expected_code);
        assert_eq!(names, expected_names, "{code}");
    }
}

/// ispmanager.md 7.1: wildcard, additional names, organization.
#[rustfmt::skip]
const ISPMANAGER: [(&str, &str); 34] = [
    ("55330", "O"), ("55352", "O"), ("55329", "WO"), ("55351", "WO"), ("55328", "O"), ("55350", "O"),
    ("55327", "W"), ("55349", "W"), ("55326", ""), ("55348", ""), ("55325", "W"), ("55347", "W"),
    ("55324", ""), ("55346", ""), ("55153", "O"), ("27650", "W"), ("27648", "M"), ("3033", ""),
    ("2028", "WO"), ("2027", "W"), ("2026", "O"), ("2025", ""), ("2023", "O"), ("2021", "O"),
    ("2020", "WO"), ("2019", "O"), ("2018", ""), ("2015", "O"), ("2014", "W"), ("2012", "O"),
    ("1032", "O"), ("1013", ""), ("1012", "W"), ("1011", ""),
];

#[test]
fn ispmanager_products_follow_the_reference() {
    let module = by_name("pmispmgrssl").unwrap();
    assert_eq!(module.templates.len(), ISPMANAGER.len());
    for (code, letters) in ISPMANAGER {
        let template = module.template(code).unwrap();
        assert_eq!(template.wildcard, letters.contains('W'), "{code}");
        assert_eq!(template.multidomain, letters.contains('M'), "{code}");
        assert_eq!(template.organization, letters.contains('O'), "{code}");
    }
}

/// enom.md 10.1.
const ENOM: [&str; 19] = [
    "Certificate-RapidSSL-RapidSSL",
    "Certificate-RapidSSL-RapidSSL-Wildcard",
    "Certificate-GeoTrust-QuickSSL",
    "Certificate-GeoTrust-QuickSSL-Premium",
    "Certificate-GeoTrust-TrueBizID",
    "Certificate-GeoTrust-TrueBizID-Wildcard",
    "Certificate-GeoTrust-TrueBizID-EV",
    "Certificate-VeriSign-Secure-Site",
    "Certificate-VeriSign-Secure-Site-Pro",
    "Certificate-VeriSign-Secure-Site-EV",
    "Certificate-VeriSign-Secure-Site-Pro-EV",
    "Certificate-Comodo-Essential",
    "Certificate-Comodo-Instant",
    "Certificate-Comodo-Essential-Wildcard",
    "Certificate-Comodo-Premium-Wildcard",
    "Certificate-Comodo-EV",
    "Certificate-Comodo-EV-SGC",
    "Certificate-Comodo-UCC-DV",
    "Certificate-Comodo-UCC-OV",
];

#[test]
fn enom_products_follow_the_reference() {
    let module = by_name("pmenomssl").unwrap();
    let codes: Vec<&str> = module.templates.iter().map(|one| one.code).collect();
    assert_eq!(codes, ENOM);
    for template in module.templates {
        let (code, methods) = (template.code, template.methods);
        assert_eq!(template.wildcard, code.ends_with("-Wildcard"), "{code}");
        assert_eq!(template.multidomain, code.contains("-UCC-"), "{code}");
        assert_eq!(
            methods.contains(&Method::HttpFile),
            matches!(
                code,
                "Certificate-RapidSSL-RapidSSL"
                    | "Certificate-GeoTrust-QuickSSL"
                    | "Certificate-GeoTrust-QuickSSL-Premium"
            ),
            "{code}"
        );
    }
}

#[test]
fn leadertelecom_codes_say_what_the_product_is() {
    let module = by_name("pmleadertelecom").unwrap();
    assert_eq!(module.templates.len(), 22);
    for template in module.templates {
        let code = template.code;
        let level = match &code[..9] {
            "leader_dv" => Level::Domain,
            "leader_ov" => Level::Organization,
            "leader_ev" => Level::Extended,
            other => panic!("{other}"),
        };
        assert_eq!(template.level, level, "{code}");
        assert_eq!(template.wildcard, code.contains("_wild"), "{code}");
        assert_eq!(template.multidomain, code.contains("_md"), "{code}");
    }
}

#[test]
fn settings_are_those_the_products_name() {
    let names = |module: &str| -> Vec<&str> {
        by_name(module)
            .unwrap()
            .settings
            .iter()
            .map(|one| one.name)
            .collect()
    };
    assert_eq!(
        names("pmthesslstore"),
        ["url", "partner_code", "auth_token", "cert_format"]
    );
    assert_eq!(names("pmispmgrssl"), ["url", "username", "password"]);
    assert_eq!(
        names("pmleadertelecom"),
        ["username", "password", "url", "alter_approver_methods"]
    );
    assert_eq!(
        names("pmglobalsign"),
        [
            "username",
            "password",
            "usedemo",
            "sourceip",
            "alter_approver_methods"
        ]
    );
    assert_eq!(names("pmenomssl"), ["url", "username", "password"]);
}
