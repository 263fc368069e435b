use super::*;

#[test]
fn templates_are_told_by_codes_that_tell_them() {
    for (code, wildcard, template) in [
        ("DV_LOW_SHA2", false, Some("DV_LOW")),
        ("DV_LOW_DNS_SHA2", true, Some("DV_LOW_wild")),
        ("DV", false, Some("DV")),
        ("DV_HIGH_URL_SHA2", false, Some("DV")),
        ("OV_SHA2", true, Some("OV_wild")),
        ("EV_SHA2", false, Some("EV")),
        ("EV_SHA2", true, None),
        ("DV_LOW_MONTH_OP", false, None),
        ("PEPR", false, None),
    ] {
        let found = template_of(code, wildcard);
        assert_eq!(found, template.map(TemplateCode::new), "{code} {wildcard}");
    }
    for product in PRODUCTS {
        for proof in [
            None,
            Some(ProofMethod::Email),
            Some(ProofMethod::Dns),
            Some(ProofMethod::Url),
        ] {
            let code = product_code(product.family, proof, "_SHA2");
            let back = template_of(&code, product.wildcard);
            assert_eq!(back, Some(TemplateCode::new(product.code)), "{code}");
        }
    }
}

#[test]
fn product_codes_follow_template_and_validation() {
    use Family::{Alpha, Domain, Extended, Organization};
    let cases = [
        (Alpha, Some(ProofMethod::Email), "DV_LOW_SHA2"),
        (Alpha, Some(ProofMethod::Dns), "DV_LOW_DNS_SHA2"),
        (Alpha, Some(ProofMethod::Url), "DV_LOW_URL_SHA2"),
        (Domain, Some(ProofMethod::Email), "DV_SHA2"),
        (Domain, Some(ProofMethod::Dns), "DV_HIGH_DNS_SHA2"),
        (Domain, Some(ProofMethod::Url), "DV_HIGH_URL_SHA2"),
        (Organization, None, "OV_SHA2"),
        (Extended, None, "EV_SHA2"),
    ];
    for (family, proof, code) in cases {
        assert_eq!(product_code(family, proof, "_SHA2"), code);
        assert_eq!(
            format!("{}_SHA2", product_code(family, proof, "")),
            code,
            "the short form"
        );
    }
}

#[test]
fn templates_are_known_by_code() {
    let of = |code: &str| Product::of(&TemplateCode::new(code));
    assert!(of("DV_wild").unwrap().wildcard);
    assert!(!of("DV_LOW").unwrap().names);
    assert!(of("OV").unwrap().wildcard_names);
    assert!(!of("EV").unwrap().wildcard_names);
    for code in ["", "dv", "DV_SHA2", "EV_wild"] {
        assert_eq!(of(code).unwrap_err().reason(), Reason::UnknownTemplate);
    }
}

#[test]
fn codes_of_replies_are_compared_by_level() {
    assert!(may_be("DV_LOW_MONTH_OP", Family::Alpha));
    assert!(may_be("DV_HIGH_DNS", Family::Domain));
    assert!(may_be("SOMETHING", Family::Extended));
    assert!(!may_be("OV_SHA2", Family::Domain));
    assert!(!may_be("DV", Family::Extended));
}
