//! Validation tokens. The digests were computed with the openssl command from the fixture's DER.

use super::*;
use crate::ca::ValidationTask;
use crate::ca::leadertelecom::tokens::Tokens;

const MD5: &str = "6ca24f6123de700b28e72034efbe5881";
const SHA256: &str = "983df4250066a88faaa033a5ebbd3c1405c1cd6dde028ab56035e79917ace068";

fn task(text: &str, method: &ValidationMethod) -> Option<ValidationTask> {
    let tokens = Tokens::of(CSR).unwrap();
    tokens.task(&name(text), method, "a7Kp20Qz", &wire(&[]))
}

#[test]
fn the_record_is_made_of_md5_name_and_the_halves_of_sha256() {
    let expected = ValidationTask::Cname {
        name: format!("_{MD5}.shop.example.com"),
        value: format!("{}.{}.a7Kp20Qz.sectigo.com", &SHA256[..32], &SHA256[32..]),
    };
    let method = ValidationMethod::DnsCname;
    assert_eq!(task("shop.example.com", &method), Some(expected));
}

#[test]
fn the_file_is_named_in_capitals_and_has_three_lines() {
    for (method, scheme) in [
        (ValidationMethod::HttpFile, "http"),
        (ValidationMethod::HttpsFile, "https"),
    ] {
        let file = MD5.to_uppercase();
        let expected = ValidationTask::File {
            url: format!("{scheme}://shop.example.com/.well-known/pki-validation/{file}.txt"),
            content: format!("{SHA256}\nsectigo.com\na7Kp20Qz"),
        };
        assert_eq!(task("shop.example.com", &method), Some(expected));
    }
}

#[test]
fn a_wildcard_is_proved_by_its_parent() {
    let Some(ValidationTask::Cname { name, .. }) =
        task("*.example.com", &ValidationMethod::DnsCname)
    else {
        panic!("no record");
    };
    assert_eq!(name, format!("_{MD5}.example.com"));
}

#[test]
fn the_form_of_the_pem_text_does_not_matter() {
    let same = [
        CSR.replace('\n', "\r\n"),
        CSR.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
        format!("  \n{CSR}\n\n"),
    ];
    for text in same {
        assert_eq!(Tokens::of(&text), Tokens::of(CSR), "{text}");
    }
    assert_eq!(Tokens::of("no request"), None);
    assert_eq!(Tokens::of(""), None);
}

#[test]
fn products_of_other_authorities_get_no_computed_tokens() {
    let order = simple();
    assert_eq!(mapping::records(&order, &wire(&[])).len(), 1);
    let other = wire(&[("OtherAuthority", "leader_ov, leader_dv")]);
    assert_eq!(mapping::records(&order, &other), []);
    let host = wire(&[("TokenHost", "comodoca.com")]);
    let ValidationTask::Cname { value, .. } = &mapping::records(&order, &host)[0].task else {
        panic!("no record");
    };
    assert!(value.ends_with(&format!(".{KEY}.comodoca.com")), "{value}");
}

#[test]
fn digests_are_those_of_the_published_examples() {
    // RFC 1321 (A.5) and FIPS 180-2 (B.1): the text "abc".
    let tokens = Tokens::of("YWJj").unwrap();
    let record = tokens.task(
        &name("a.example.com"),
        &ValidationMethod::DnsCname,
        "u",
        &wire(&[]),
    );
    let expected = ValidationTask::Cname {
        name: "_900150983cd24fb0d6963f7d28e17f72.a.example.com".to_owned(),
        value: "ba7816bf8f01cfea414140de5dae2223.b00361a396177a9cb410ff61f20015ad.u.sectigo.com"
            .to_owned(),
    };
    assert_eq!(record, Some(expected));
}
