//! Orders against request fixtures, in all three encodings.

use super::*;
use crate::ca::leadertelecom::encode::form;

fn body(purchase: &Purchase) -> Value {
    mapping::order(purchase, &account(), &wire(&[])).unwrap()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn orders_are_written_in_the_vendors_fields() {
    let mail = email("admin@example.com");
    let multi = ["shop.example.com", "www.example.net", "mail.example.org"];
    let mut by_mail = purchase("leader_dv_md", &multi, &mail);
    for (named, address) in by_mail.validation.iter_mut().zip([
        "admin@example.com",
        "admin@example.net",
        "postmaster@example.org",
    ]) {
        named.method = email(address);
    }
    let mut company_order = purchase(
        "leader_ov",
        &["shop.example.com"],
        &ValidationMethod::HttpsFile,
    );
    company_order.organization = Some(company());
    company_order.term = Months(24);
    let mut unvalidated = company_order.clone();
    unvalidated.validation.clear();
    let wildcard = purchase(
        "leader_dv_wild",
        &["*.example.com"],
        &ValidationMethod::DnsCname,
    );
    for (file, order) in [
        ("order-dv-cname.json", &simple()),
        ("order-multi-email.json", &by_mail),
        ("order-ov-https.json", &company_order),
        ("order-ov-without-validation.json", &unvalidated),
        ("order-wildcard-cname.json", &wildcard),
    ] {
        assert_request(file, &pretty(&body(order)));
    }
    assert_request("order-multi-email.form", &form(&body(&by_mail)));
}

#[test]
fn numbers_from_settings_and_override_file_are_sent() {
    let mut values = settings("");
    values.set("server_software_id", "37");
    let account = AccountSettings::read(&values).unwrap();
    let wire = wire(&[
        ("Country.NL", "12"),
        ("Product.leader_dv_2", "6001"),
        ("Product.leader_dv", "1"),
        ("Days.6", "183"),
    ]);
    let mut order = simple();
    order.organization = Some(company());
    order.term = Months(6);
    let value = mapping::order(&order, &account, &wire).unwrap();
    assert_eq!(value["order"]["country_id"], 12);
    let item = &value["order"]["items"][0];
    assert_eq!(item["ssl_server_software_id"], 37);
    assert_eq!(item["days"], 183);
    assert_eq!(item["nomenclature_id"], 5001, "the account's setting wins");
    order.template = TemplateCode::new("leader_dv_2");
    let value = mapping::order(&order, &account, &wire).unwrap();
    assert_eq!(value["order"]["items"][0]["nomenclature_id"], 6001);
}

#[test]
fn what_the_vendors_fields_cannot_say_is_refused_by_field() {
    let mut unknown_product = simple();
    unknown_product.template = TemplateCode::new("leader_ev");
    let mut odd_term = simple();
    odd_term.term = Months(7);
    let txt = purchase(
        "leader_dv",
        &["shop.example.com"],
        &ValidationMethod::DnsTxt,
    );
    let wild_file = purchase(
        "leader_dv_wild",
        &["*.example.com"],
        &ValidationMethod::HttpFile,
    );
    let mut mixed = purchase(
        "leader_dv_md",
        &["shop.example.com", "www.example.net"],
        &ValidationMethod::DnsCname,
    );
    mixed.validation[1].method = ValidationMethod::HttpFile;
    let mut no_csr = simple();
    no_csr.csr_pem = "nothing".to_owned();
    for (order, field, reason) in [
        (&unknown_product, "nomenclature_ids", Reason::Missing),
        (&odd_term, "period", Reason::BadTerm),
        (&txt, "dns txt", Reason::NotSupported),
        (&wild_file, "approver_method", Reason::NameNotAllowed),
        (&mixed, "approver_method", Reason::NameNotAllowed),
        (&no_csr, "csr", Reason::BadCsr),
    ] {
        let failure = mapping::order(order, &account(), &wire(&[])).unwrap_err();
        assert_eq!((failure.object(), failure.reason()), (field, reason));
    }
}

#[test]
fn nested_parameters_are_written_as_the_known_client_does() {
    let value = json!({"order": {"items": [{"csr": "A+/=\nB", "n": 5, "flag": true, "none": null,
        "emails": {"a.example": "x@a.example"}}]}});
    let expected = "order%5Bitems%5D%5B0%5D%5Bcsr%5D=A%2B%2F%3D%0AB\
        &order%5Bitems%5D%5B0%5D%5Bemails%5D%5Ba.example%5D=x%40a.example\
        &order%5Bitems%5D%5B0%5D%5Bflag%5D=1&order%5Bitems%5D%5B0%5D%5Bn%5D=5";
    assert_eq!(form(&value), expected);
    assert_eq!(form(&json!({"a": "b c"})), "a=b%20c");
}

#[test]
fn an_order_that_does_not_fit_into_an_address_is_refused_before_anything_is_sent() {
    let mut values = settings("https://a.example");
    values.set("order_encoding", "query");
    let names: Vec<String> = (0..250)
        .map(|n| format!("name-{n}.of-some-length.example.com"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let long = purchase("leader_dv_md", &names, &ValidationMethod::DnsCname);
    let failure = adapter_with(&values, &[]).body(&long).unwrap_err();
    assert_eq!(failure.object(), "order_encoding");
    assert!(adapter("https://a.example").body(&long).is_ok());
    assert!(adapter_with(&values, &[]).body(&simple()).is_ok());
}

#[test]
fn the_mark_is_the_intents_key_and_new_with_each_attempt() {
    assert_eq!(mapping::unique_value(&IntentKey::new(KEY)), KEY);
    let odd = IntentKey::new("ab-cd_ef234567abcdefghijklmnop");
    let mark = mapping::unique_value(&odd);
    assert_eq!(mark, "abcdef234567abcdefgh");
    assert_eq!(body(&simple())["order"]["items"][0]["unique_value"], KEY);
}

#[test]
fn a_reissue_without_a_configured_call_tells_a_person_everything() {
    let adapter_plain = adapter("https://a.example");
    let path = [("PathReissue", "ssl_certificates/{id}/reissue")];
    let adapter_path = adapter_with(&settings("https://a.example"), &path);
    let single = reissue_of(simple());
    let multi = reissue_of(purchase(
        "leader_dv_md",
        &["shop.example.com", "www.example.net"],
        &ValidationMethod::DnsCname,
    ));
    let mut was_multi = reissue_of(simple());
    if let PurchaseKind::Reissue { former_names, .. } = &mut was_multi.kind {
        former_names.push(name("www.example.net"));
    }
    for (adapter, order) in [
        (&adapter_plain, &single),
        (&adapter_plain, &multi),
        (&adapter_path, &multi),
        (&adapter_path, &was_multi),
    ] {
        let failure = adapter.body(order).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (Reason::NotSupported, "reissue")
        );
        let words = failure.words();
        assert!(words.contains("70001"), "{words}");
        assert!(words.contains(CSR.trim()), "{words}");
        for name in std::iter::once(&order.common_name).chain(&order.additional_names) {
            assert!(words.contains(name.as_str()), "{words}");
        }
    }
    let body = adapter_path.body(&single).unwrap();
    assert_request("reissue.json", &pretty(&body));
    assert!(adapter_path.abilities().reissue_takes_method);
    let mail = ValidationMethod::Email(EmailAddress::parse("admin@shop.example.com").unwrap());
    let by_mail = reissue_of(purchase("leader_dv", &["shop.example.com"], &mail));
    assert_ne!(adapter_path.body(&by_mail).unwrap(), body);
    let wrapped = [path[0], ("ReissueWrap", "ssl_certificate")];
    let adapter = adapter_with(&settings("https://a.example"), &wrapped);
    assert_eq!(
        adapter.body(&single).unwrap(),
        json!({ "ssl_certificate": body })
    );
}

#[test]
fn a_renewal_is_a_new_order_only_when_the_account_says_so() {
    let order = renewal_of(simple());
    let failure = adapter("https://a.example").body(&order).unwrap_err();
    assert_eq!(
        (failure.reason(), failure.object()),
        (Reason::NotSupported, "prolong")
    );
    assert!(failure.words().contains(CSR.trim()));
    let mut values = settings("https://a.example");
    values.set("renew_by_new_order", "on");
    let body = adapter_with(&values, &[]).body(&order).unwrap();
    assert_eq!(body, adapter("https://a.example").body(&simple()).unwrap());
}
