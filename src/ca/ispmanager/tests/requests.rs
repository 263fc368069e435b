//! What is sent, field by field.

use super::*;

const ORDER: &[(&str, &str)] = &[
    ("certificate.order.csr", "request_form.xml"),
    ("certificate.order.csr!", "done.xml"),
    ("certificate.order.param!", "order_placed.xml"),
    ("certificate.edit", "record_ours.xml"),
];

/// Orders against the script and gives the fields of one call.
async fn sent(
    replies: &'static [(&'static str, &'static str)],
    purchase: &Purchase,
    call: &str,
) -> Vec<(String, String)> {
    let server = serve(replies).await;
    let adapter = adapter_at(&server.url, "secret");
    let permit = Permit::for_tests();
    adapter
        .submit(purchase, &Token::default(), permit)
        .await
        .result()
        .unwrap();
    let requests = server.requests();
    let request = requests
        .iter()
        .find(|request| call_of(request) == call)
        .unwrap();
    assert_eq!(request.line, "POST /billmgr HTTP/1.1");
    assert!(
        request
            .headers
            .contains("application/x-www-form-urlencoded")
    );
    fields_of(request)
}

#[tokio::test]
async fn orders_carry_every_documented_field() {
    let single = purchase("3033", &[]);
    let prefixed = purchase("ispmgr_3033", &[]);
    let multi = purchase("27648", &["pay.example.com", "www.example.net"]);
    let mut company_checked = purchase("2026", &[]);
    company_checked.organization = Some(company());
    company_checked.validation = Vec::new();
    let mut txt = purchase("3033", &[]);
    txt.validation[0].method = ValidationMethod::DnsTxt;
    for (name, purchase) in [
        ("order_single", single),
        ("order_single", prefixed),
        ("order_multi", multi),
        ("order_company", company_checked),
        ("order_txt", txt),
    ] {
        assert_request(
            name,
            &sent(ORDER, &purchase, "certificate.order.param!").await,
        );
    }
}

#[tokio::test]
async fn the_free_step_carries_the_request() {
    let purchase = purchase("27648", &["pay.example.com"]);
    assert_request(
        "request_step",
        &sent(ORDER, &purchase, "certificate.order.csr!").await,
    );
    assert_request(
        "request_look",
        &sent(ORDER, &purchase, "certificate.order.csr").await,
    );
}

#[tokio::test]
async fn a_renewal_sends_the_form_back_with_the_term() {
    let replies = &[
        ("service.prolong", "prolong_form.xml"),
        ("service.prolong!", "prolong_done.xml"),
    ];
    let purchase = renewal_of(purchase("3033", &[]), "7741203");
    assert_request(
        "prolong",
        &sent(replies, &purchase, "service.prolong!").await,
    );
    assert_request(
        "prolong_look",
        &sent(replies, &purchase, "service.prolong").await,
    );
}

#[tokio::test]
async fn a_reissue_keeps_what_the_form_shows_and_replaces_names_and_approvers() {
    let replies = &[
        ("certificate.reissue", "reissue_form.xml"),
        ("certificate.reissue!", "done.xml"),
    ];
    let purchase = reissue_of(purchase("3033", &[]), "7741203");
    assert_request(
        "reissue",
        &sent(replies, &purchase, "certificate.reissue!").await,
    );
    assert!(super::super::ABILITIES.reissue_takes_method);
    let mut txt = purchase.clone();
    txt.validation[0].method = ValidationMethod::DnsTxt;
    let [mail, txt] = [
        sent(replies, &purchase, "certificate.reissue!").await,
        sent(replies, &txt, "certificate.reissue!").await,
    ];
    assert_ne!(mail, txt);
}

#[tokio::test]
async fn looks_carry_what_they_need() {
    let server = serve(&[
        ("whoami", "account.xml"),
        ("certificate", "list.xml"),
        ("certificate.filter", "filter_empty.xml"),
        ("certificate.order.param", "order_form.xml"),
        ("certificate.order", "tariffs.xml"),
    ])
    .await;
    let adapter = adapter_at(&server.url, "se:cr et+");
    adapter.check().await.unwrap();
    adapter
        .approvers(&TemplateCode::new("3033"), &name("shop.example.com"))
        .await
        .unwrap();
    adapter
        .prepare(&purchase("3033", &[]), &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    adapter.products().await.unwrap();
    let _ = adapter
        .certificate(&order_ref("7741203", &purchase("3033", &[])))
        .await
        .unwrap_err();
    let requests = server.requests();
    for (name, call) in [
        ("whoami", "whoami"),
        ("list", "certificate"),
        ("filter_look", "certificate.filter"),
        ("approvers", "certificate.order.param"),
        ("tariffs", "certificate.order"),
        ("record", "certificate.edit"),
        ("file", "certificate.file"),
    ] {
        let request = requests
            .iter()
            .find(|request| call_of(request) == call)
            .unwrap();
        assert_request(name, &fields_of(request));
    }
}

#[tokio::test]
async fn emptying_a_filter_leaves_the_output_format_out() {
    let server = Server::start(|request| {
        let call = call_of(request);
        match call.as_str() {
            "certificate.filter" => ok("<doc><id/><CN>other</CN><status>2</status></doc>"),
            _ => ok(fixture("replies/list_empty.xml")),
        }
    })
    .await;
    let adapter = adapter_at(&server.url, "secret");
    assert!(
        !adapter.listing().await.unwrap().complete,
        "the filter stayed"
    );
    let requests = server.requests();
    let request = requests
        .iter()
        .find(|request| call_of(request) == "certificate.filter!")
        .unwrap();
    assert_request("filter_reset", &fields_of(request));
}

#[test]
fn what_this_vendor_cannot_do_is_refused_before_anything_is_sent() {
    let wire = Wire::default();
    let with = |change: &dyn Fn(&mut Purchase)| {
        let mut purchase = purchase("27648", &["pay.example.com"]);
        change(&mut purchase);
        mapping::check(&wire, &purchase)
            .map_err(|failure| (failure.reason(), failure.object().to_owned()))
    };
    let refused = |reason: Reason, object: &str| Err((reason, object.to_owned()));
    assert_eq!(with(&|_| {}), Ok(()));
    assert_eq!(with(&|purchase| purchase.validation.clear()), Ok(()));
    assert_eq!(with(&|purchase| purchase.term = Months(24)), Ok(()));
    for months in [0, 1, 6, 13, 36] {
        assert_eq!(
            with(&|purchase| purchase.term = Months(months)),
            refused(Reason::BadTerm, "period")
        );
    }
    for code in ["PositiveSSL", "", "0", "3033x", "ispmgr_"] {
        let change = |purchase: &mut Purchase| purchase.template = TemplateCode::new(code);
        assert_eq!(
            with(&change),
            refused(Reason::UnknownTemplate, "intname"),
            "{code}"
        );
    }
    for method in [
        ValidationMethod::HttpFile,
        ValidationMethod::HttpsFile,
        ValidationMethod::DnsCname,
        ValidationMethod::DnsTxt,
    ] {
        let change = |purchase: &mut Purchase| purchase.validation[1].method = method.clone();
        assert_eq!(
            with(&change),
            refused(Reason::NotSupported, "approver_method"),
            "{method:?}"
        );
    }
    // Three domains are included; the number of the addon for more is not known.
    assert_eq!(with(&|purchase| purchase.names_bought = 2), Ok(()));
    assert_eq!(
        with(&|purchase| purchase.names_bought = 3),
        refused(Reason::NotSupported, "altname")
    );
}

#[test]
fn the_sites_file_can_change_every_name() {
    let wire = Wire::corrected(
        "MethodEmail auth_email\nMarkerField -\nOrderExtra a=1,b=\nAddon.27648 5511\nCommonNameField domain\nPeriods 1,2\n",
    );
    let mut purchase = purchase("27648", &["a.example", "b.example", "c.example"]);
    purchase.term = Months(2);
    let csr = Csr::parse(CSR).unwrap();
    let fields = mapping::order(&wire, &purchase, &csr, &Answers::default()).unwrap();
    let value = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("approver_method"), Some("auth_email"));
    assert_eq!(value("addon_5511"), Some("1"));
    assert_eq!(value("domain"), Some("shop.example.com"));
    assert_eq!(
        (value("a"), value("b"), value("autoprolong")),
        (Some("1"), Some(""), None)
    );
    assert_eq!((value("CN"), value("remoteid")), (None, None));
}

#[test]
fn countries_are_found_in_the_sites_file_then_the_form_then_the_fixed_ones() {
    let form = document::read(fixture("replies/request_form.xml").as_bytes()).unwrap();
    let none = document::read(b"<doc/>").unwrap();
    let wire = Wire::default();
    let corrected = Wire::corrected("Country.DE 5\n");
    let number = |wire, form, code| mapping::country(wire, form, code);
    assert_eq!(number(&corrected, &form, "de"), Some("5".to_owned()));
    assert_eq!(number(&wire, &form, "DE"), Some("74".to_owned()));
    assert_eq!(number(&wire, &none, "RU"), Some("182".to_owned()));
    assert_eq!(number(&wire, &none, "DE"), None);
}

#[test]
fn the_word_for_an_own_request_is_told_or_a_guess_or_refused() {
    let form = |name: &str| document::read(fixture(&format!("replies/{name}")).as_bytes()).unwrap();
    let told = |word: &str| mapping::RequestWord::Told(word.to_owned());
    let wire = Wire::default();
    assert_eq!(
        mapping::kind(&wire, &form("request_form.xml")).unwrap(),
        told("existing")
    );
    let guess = mapping::RequestWord::Guess("exists".to_owned());
    assert_eq!(
        mapping::kind(&wire, &form("request_form_bare.xml")).unwrap(),
        guess
    );
    let three = form("request_form_three.xml");
    assert_eq!(
        mapping::kind(&wire, &three).unwrap_err().reason(),
        Reason::NotSupported
    );
    let site = Wire::corrected("RequestKindExisting paste\n");
    assert_eq!(mapping::kind(&site, &three).unwrap(), told("paste"));
    let site = Wire::corrected("RequestKindGuess upload\n");
    assert_eq!(mapping::kind(&site, &three).unwrap(), told("upload"));
}

/// "XX" is the code of requests for no country: the vendor has no number for it, and the company's counts.
#[test]
fn a_code_that_is_no_country_is_not_sent() {
    use crate::certificate::Csr;
    use crate::certificate::testing::{COMMON_NAME, COUNTRY, Made, UTF8};
    let company = company();
    for (code, alone, with_company) in [("XX", None, "DE"), ("FR", Some("FR"), "FR")] {
        let made = Made {
            subject: vec![
                (COUNTRY, 0x13, code.as_bytes()),
                (COMMON_NAME, UTF8, b"shop.example.com"),
            ],
            ..Made::of("shop.example.com")
        };
        let csr = Csr::parse(&made.text()).unwrap();
        let country = |company| mapping::subject_country(&csr, company);
        assert_eq!(country(None).as_deref(), alone);
        assert_eq!(country(Some(&company)).as_deref(), Some(with_company));
    }
}
