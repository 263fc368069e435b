//! What goes over the wire, compared with recorded forms name by name.

use super::*;
use crate::ca::http::scripted::{Server, ok};
use crate::failure::Reason;

use super::super::client::Listing;
use super::super::mapping::{Plan, standard_approvers};

/// Compares parameters with `fixtures/requests/<name>.txt`, in their order.
fn assert_form(name: &str, form: &[(String, String)]) {
    let text: String = form
        .iter()
        .map(|(name, value)| format!("{name}={}\n", value.replace('\n', "\\n")))
        .collect();
    let path = format!("requests/{name}.txt");
    if std::env::var_os("BLESS").is_some() {
        let root = env!("CARGO_MANIFEST_DIR");
        std::fs::write(format!("{root}/src/ca/enom/fixtures/{path}"), &text).unwrap();
    }
    assert_eq!(text, fixture(&path), "{name}");
}

#[test]
fn configuration_and_submission_of_every_family() {
    let mut comodo = purchase(ESSENTIAL);
    comodo.organization.as_mut().unwrap().country = CountryCode::parse("DE").unwrap();
    comodo.organization.as_mut().unwrap().region = "Bayern".to_owned();
    let mut file = purchase(RAPID);
    file.validation[0].method = ValidationMethod::HttpFile;
    let mut bare = purchase(RAPID);
    bare.administrative.job_title.clear();
    bare.technical.first_name = "  Bob\u{7}\nBobby ".to_owned();
    for (sample, order) in [
        ("rapidssl", purchase(RAPID)),
        ("rapidssl_file", file),
        ("rapidssl_bare", bare),
        ("comodo_dv", comodo),
        ("comodo_ov", purchase("Certificate-Comodo-Instant")),
        (
            "comodo_ucc",
            purchase_of(UCC, CSR, &["www.example.com", "mail.example.org"]),
        ),
    ] {
        let plan = Plan::of(&order).unwrap();
        assert_form(
            &format!("{sample}_configure"),
            &plan.configure("901234", "18"),
        );
        assert_form(
            &format!("{sample}_submit"),
            &plan.submit("901234", Some("owner@example.com")),
        );
    }
}

#[tokio::test]
async fn every_command_is_a_form_in_a_body() {
    let server = Server::start(|_| ok("<interface-response/>")).await;
    let ca = adapter(&format!("{}/interface.asp", server.url));
    let client = &ca.client;
    let permit = Permit::for_tests;
    let listing = Listing {
        kind: Some(23),
        status: Some(1),
        ordered_from: Some("08/01/2026".to_owned()),
    };
    let days = ("08/01/2026".to_owned(), "08/03/2026".to_owned());
    let _ = client.check_login().await;
    let _ = client.get_balance().await;
    let _ = client.get_certs().await;
    let _ = client.purchase_services(RAPID, 1, permit()).await;
    let _ = client.cert_reissue_cert("901234", CSR, permit()).await;
    let _ = client.cert_get_certs(&listing).await;
    let _ = client.cert_get_cert_detail("901234").await;
    let _ = client
        .cert_get_approver_email("901234", "example.com")
        .await;
    let _ = client
        .cert_change_approver_email("901234", "admin@example.com")
        .await;
    let _ = client.cert_resend_approver_email("901234").await;
    let _ = client.cert_modify_order("901234").await;
    let _ = client.get_order_list(1, None).await;
    let _ = client.get_order_list(26, Some(&days)).await;
    let _ = client.get_order_detail(300_111_222).await;

    let requests = server.requests();
    assert_eq!(requests.len(), 14);
    let mut all = Vec::new();
    for request in &requests {
        assert!(
            request.line.starts_with("POST /interface.asp HTTP"),
            "{}",
            request.line
        );
        assert!(
            request
                .headers
                .contains("content-type: application/x-www-form-urlencoded")
        );
        all.push(("---".to_owned(), command_of(request)));
        all.extend(form_of(request));
    }
    assert_form("commands", &all);
    let mut commands = requests.iter();
    let reissue = commands.find(|request| command_of(request) == "CertReissueCert");
    let fields = form_of(reissue.unwrap());
    let has_method = fields.iter().any(|(name, _)| name == "DVAuthMethod");
    assert_eq!(has_method, super::super::ABILITIES.reissue_takes_method);
}

#[test]
fn a_plus_sign_survives_the_form() {
    let server = "https://a.example/interface.asp";
    let form = adapter(server).client.form(
        "CertConfigureCert",
        &vec![("AdminPhone".into(), "+1.555".into())],
    );
    let text = String::from_utf8(form).unwrap();
    assert!(text.ends_with("&AdminPhone=%2B1.555"), "{text}");
    assert!(text.contains("&PW=canary-password&"), "{text}");
}

#[test]
fn whatever_cannot_be_configured_is_refused_before_anything_is_paid_for() {
    type Change = fn(&mut Purchase);
    let cases: [(&str, Change, &str, Reason); 16] = [
        (
            "unknown product",
            |p| p.template = TemplateCode::new("x"),
            "",
            Reason::UnknownTemplate,
        ),
        (
            "no company",
            |p| p.organization = None,
            "org_address",
            Reason::Missing,
        ),
        (
            "no street",
            |p| p.organization.as_mut().unwrap().address = " ".to_owned(),
            "org_address",
            Reason::Missing,
        ),
        (
            "no state in the US",
            |p| p.organization.as_mut().unwrap().region.clear(),
            "org_state",
            Reason::Missing,
        ),
        (
            "no post code",
            |p| p.organization.as_mut().unwrap().postal_code.clear(),
            "org_postcode",
            Reason::Missing,
        ),
        (
            "no given name",
            |p| p.technical.first_name.clear(),
            "fname",
            Reason::Missing,
        ),
        (
            "no approver",
            |p| p.validation.clear(),
            "approver_email",
            Reason::Missing,
        ),
        (
            "mailbox of another domain",
            |p| p.validation[0].method = email("admin@example.org"),
            "approver_email",
            Reason::ApproverNotAllowed,
        ),
        (
            "mailbox that is no standard one",
            |p| p.validation[0].method = email("boss@example.com"),
            "approver_email",
            Reason::ApproverNotAllowed,
        ),
        (
            "record",
            |p| p.validation[0].method = ValidationMethod::DnsTxt,
            "approver_method",
            Reason::NotSupported,
        ),
        (
            "file over https",
            |p| p.validation[0].method = ValidationMethod::HttpsFile,
            "approver_method",
            Reason::NotSupported,
        ),
        (
            "further name",
            |p| p.additional_names.push(name("mail.example.com")),
            "altname",
            Reason::NameNotAllowed,
        ),
        (
            "wildcard",
            |p| p.common_name = name("*.example.com"),
            "domain",
            Reason::NameNotAllowed,
        ),
        (
            "name of another CSR",
            |p| p.common_name = name("other.example.com"),
            "csr",
            Reason::BadCsr,
        ),
        (
            "no CSR",
            |p| p.csr_pem = "x".to_owned(),
            "csr",
            Reason::BadCsr,
        ),
        (
            "file for a product without it",
            |p| {
                p.template = TemplateCode::new(ESSENTIAL);
                p.validation[0].method = ValidationMethod::HttpFile;
            },
            "approver_method",
            Reason::NotSupported,
        ),
    ];
    for (what, change, field, reason) in cases {
        let mut order = purchase(RAPID);
        change(&mut order);
        let failure = Plan::of(&order).unwrap_err();
        assert_eq!(
            (failure.object(), failure.reason()),
            (field, reason),
            "{what}"
        );
    }
}

#[test]
fn comodo_products_need_the_subject_from_csr_or_company() {
    let german = |csr: &str| {
        let mut order = purchase_of(ESSENTIAL, csr, &["www.example.com"]);
        let company = order.organization.as_mut().unwrap();
        company.country = CountryCode::parse("DE").unwrap();
        company.region.clear();
        company.name.clear();
        order
    };
    assert!(Plan::of(&german(CSR)).is_ok(), "the CSR tells");
    let mut order = german(&fresh_csr(&["www.example.com"]));
    assert_eq!(Plan::of(&order).unwrap_err().object(), "org_name");
    order.organization.as_mut().unwrap().name = "Muster".to_owned();
    assert_eq!(Plan::of(&order).unwrap_err().object(), "org_state");
    // A city that is a state has none: it takes that place itself.
    let company = order.organization.as_mut().unwrap();
    company.country = CountryCode::parse("SG").unwrap();
    company.city = "Singapore".to_owned();
    let plan = Plan::of(&order).unwrap();
    let sent = [
        plan.configure("901234", "1000"),
        plan.submit("901234", None),
    ]
    .concat();
    for field in ["AdminProvince", "TechProvince", "CSRStateProvince"] {
        let value = sent.iter().find(|(name, _)| name == field);
        assert_eq!(value.map(|(_, text)| text.as_str()), Some("Singapore"));
    }
}

#[test]
fn list_products_take_names_with_one_method() {
    let order = purchase_of(UCC, CSR, &["www.example.com", "mail.example.org"]);
    let mut dear = order.clone();
    dear.names_bought = 0;
    assert_eq!(Plan::of(&dear).unwrap_err().reason(), Reason::TooManyNames);
    let mut wild = order.clone();
    wild.additional_names[0] = name("*.example.org");
    assert_eq!(
        Plan::of(&wild).unwrap_err().reason(),
        Reason::NameNotAllowed
    );
    let mut short = order;
    short.validation.pop();
    assert_eq!(Plan::of(&short).unwrap_err().reason(), Reason::Missing);
}

#[test]
fn terms_are_whole_years_within_the_products_limit() {
    for (code, months, expected) in [
        (RAPID, 12, Some(1)),
        (RAPID, 36, Some(3)),
        (ESSENTIAL, 24, Some(2)),
        (ESSENTIAL, 36, None),
        (RAPID, 0, None),
        (RAPID, 6, None),
        (RAPID, 13, None),
    ] {
        let mut order = purchase(code);
        order.term = Months(months);
        let years = Plan::of(&order).unwrap().years();
        match expected {
            Some(expected) => assert_eq!(years.unwrap(), expected),
            None => assert_eq!(years.unwrap_err().reason(), Reason::BadTerm, "{months}"),
        }
    }
}

#[test]
fn the_vendor_gets_the_spelling_of_its_own_lists() {
    let mut purchase = purchase(ESSENTIAL);
    purchase.validation[0].method = email("ADMIN@Example.com");
    let plan = Plan::of(&purchase).unwrap();
    let value = |name: &str| {
        let parameters = plan.submit("901234", None);
        let found = parameters.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_string())
    };
    assert_eq!(value("ApproverEmail").as_deref(), Some("admin@example.com"));
    assert_eq!(value("CSRCountry").as_deref(), Some("RU"));
}

#[test]
fn approvers_are_the_five_mailboxes_down_to_the_registrable_domain() {
    let texts = |host: &str| -> Vec<String> {
        let list = standard_approvers(&name(host));
        list.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        texts("*.example.co.uk"),
        [
            "admin@example.co.uk",
            "administrator@example.co.uk",
            "hostmaster@example.co.uk",
            "postmaster@example.co.uk",
            "webmaster@example.co.uk"
        ]
    );
    let deep = texts("a.b.example.com");
    assert_eq!(deep.len(), 15);
    assert!(deep.contains(&"admin@a.b.example.com".to_owned()));
    assert!(deep.contains(&"webmaster@example.com".to_owned()));
    assert_eq!(texts("localhost"), Vec::<String>::new());
}
