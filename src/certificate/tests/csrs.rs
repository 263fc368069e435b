use crate::certificate::listed::{alone, plainly, searched};
use crate::certificate::testing::{COMMON_NAME, COUNTRY, Made, ORGANIZATION, UTF8, csr, names};
use crate::certificate::{Csr, Subject, listed, pem};
use crate::failure::Reason;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name, ".pem"))
    };
}

fn words(text: &str) -> (Reason, String) {
    let failure = Csr::parse(text).unwrap_err();
    (failure.reason(), failure.words())
}

/// The English of several texts.
fn said(all: &[crate::domain::text::Words]) -> Vec<&str> {
    all.iter().map(crate::domain::text::Words::en).collect()
}

fn text_of(names: &[crate::domain::DomainName]) -> Vec<&str> {
    names
        .iter()
        .map(crate::domain::DomainName::as_str)
        .collect()
}

#[test]
fn a_full_csr_is_read() {
    let csr = Csr::parse(fixture!("rsa-2048")).unwrap();
    assert_eq!(csr.common_name().unwrap().as_str(), "www.example.com");
    assert_eq!(
        text_of(csr.names()),
        ["www.example.com", "example.com", "*.example.com"]
    );
    assert!(csr.other_names().is_empty());
    let field = |text: &str| Some(text.to_owned());
    assert_eq!(
        csr.subject(),
        &Subject {
            country: field("RU"),
            state: field("Московская область"),
            locality: field("Москва"),
            organization: field("ООО Ромашка"),
            unit: field("Отдел"),
            email: field("admin@example.com"),
        }
    );
    csr.check_key().unwrap();
}

#[test]
fn names_that_cannot_be_ordered_are_reported() {
    let csr = Csr::parse(fixture!("other-names")).unwrap();
    assert_eq!(text_of(csr.names()), ["names.example.com"]);
    assert_eq!(
        said(csr.other_names()),
        [
            "IP 192.0.2.7",
            "IP 2001:db8::7",
            "e-mail admin@example.com",
            "URI https://example.com/",
            "DNS under_score.example.com (an underscore is not allowed in a host name)",
        ]
    );
    csr.examine().unwrap();
    let [remark] = csr.remarks() else {
        panic!("{:?}", csr.remarks())
    };
    assert!(remark.starts_with("the CSR also names what is not ordered: IP 192.0.2.7"));
    // What is ordered is no remark.
    let mut ordered = csr.clone();
    ordered.pass_over(&["192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap()]);
    let [remark] = ordered.remarks() else {
        panic!("{:?}", ordered.remarks())
    };
    assert!(remark.starts_with("the CSR also names what is not ordered: e-mail admin@"));
    let mut other = csr.clone();
    other.pass_over(&["192.0.2.8".parse().unwrap()]);
    assert_eq!(other, csr);
}

#[test]
fn common_names_may_be_absent_wildcard_international_or_no_host_name() {
    let absent = Csr::parse(fixture!("no-common-name")).unwrap();
    assert_eq!(absent.common_name(), None);
    assert_eq!(
        text_of(absent.names()),
        ["first.example.com", "second.example.com"]
    );

    let wildcard = Csr::parse(fixture!("p256")).unwrap();
    assert_eq!(wildcard.common_name().unwrap().as_str(), "*.example.com");

    let international = Csr::parse(fixture!("p384")).unwrap();
    assert_eq!(
        international.common_name(),
        names(&["пример.рф"]).first(),
        "punycode and Unicode are the same name"
    );

    let text = Csr::parse(fixture!("text-common-name")).unwrap();
    assert_eq!(text.common_name(), None);
    assert_eq!(text.names(), []);
    assert_eq!(
        said(text.other_names()),
        [
            "common name Иван Петров (there is a blank, a comma or a semicolon in it: one host name is needed)"
        ]
    );

    assert_eq!(
        words(fixture!("two-common-names")),
        (Reason::BadCsr, "it holds several common names".to_owned())
    );
}

#[test]
fn sixteen_bit_strings_are_decoded() {
    let csr = Csr::parse(fixture!("bmp-subject")).unwrap();
    assert_eq!(csr.subject().organization.as_deref(), Some("ООО Ромашка"));
    assert_eq!(csr.common_name().unwrap().as_str(), "bmp.example.com");
}

#[test]
fn the_way_of_writing_does_not_matter() {
    let plain = fixture!("rsa-2048-newhdr");
    assert!(plain.starts_with("-----BEGIN NEW CERTIFICATE REQUEST-----\n"));
    let expected = Csr::parse(plain).unwrap();
    assert_eq!(
        expected.pem(),
        plain.replace("NEW CERTIFICATE", "CERTIFICATE")
    );
    let variants = [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', ""),
        plain.replace('\n', " "),
        plain.replace('\n', "\n\n  "),
        plain.trim_end().to_owned(),
        plain.replace("=", ""),
        format!("\u{feff}Here it is:\n{plain}\nregards"),
        plain.replace("NEW CERTIFICATE", "CERTIFICATE"),
        plain.replace("BEGIN NEW CERTIFICATE", "BEGIN CERTIFICATE"),
    ];
    for text in variants {
        let csr = Csr::parse(&text).unwrap_or_else(|failure| panic!("{failure}: {text}"));
        assert_eq!(csr, expected, "{text}");
    }
    assert_eq!(expected.fingerprint().len(), 64);
    assert_ne!(
        expected.fingerprint(),
        Csr::parse(fixture!("p256")).unwrap().fingerprint()
    );
}

#[test]
fn texts_without_exactly_one_good_csr_are_refused() {
    let good = fixture!("p256");
    let der = pem::blocks(good).remove(0).der.unwrap();
    let mut tampered = der.clone();
    // A letter of the common name.
    let position = der
        .windows(7)
        .position(|window| window == b"example")
        .unwrap();
    tampered[position] ^= 1;
    let armoured = |der: &[u8]| pem::armour("CERTIFICATE REQUEST", der);
    let mut sha512 = pem::blocks(fixture!("p256-sha512")).remove(0).der.unwrap();
    *sha512.last_mut().unwrap() ^= 1;
    let cut = "it is cut off, its end is missing: copy it as a whole";
    let first_lines: String = good.lines().take(4).collect();
    let delivery = crate::certificate::testing::Delivery::new();
    let bare = |text: &str| -> String { text.lines().filter(|line| !line.contains('-')).collect() };
    let cases: &[(String, &str)] = &[
        (
            String::new(),
            "there is no 'BEGIN CERTIFICATE REQUEST' in the text",
        ),
        (
            "hello".to_owned(),
            "there is no 'BEGIN CERTIFICATE REQUEST' in the text",
        ),
        (
            delivery.leaf.clone(),
            "the text holds 'CERTIFICATE' instead",
        ),
        (bare(&delivery.leaf), "the text holds 'CERTIFICATE' instead"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIBAAAA\n-----END RSA PRIVATE KEY-----".to_owned(),
            "the text holds 'RSA PRIVATE KEY' instead",
        ),
        (
            format!("{good}{}", fixture!("p384")),
            "there are several different ones in the text",
        ),
        (
            format!("{good}{}", armoured(&tampered)),
            "there are several different ones in the text",
        ),
        (first_lines, cut),
        (
            good.to_lowercase(),
            "all its letters were made small ones, which destroys it: copy it anew",
        ),
        (
            good.to_uppercase(),
            "all its letters were made capitals, which destroys it: copy it anew",
        ),
        (
            "-----BEGIN CERTIFICATE REQUEST-----\n\n-----END CERTIFICATE REQUEST-----".to_owned(),
            "there is nothing between its BEGIN and END",
        ),
        (
            armoured(&der[..der.len() - 1]),
            "it is damaged inside: characters or lines are missing or stand in another order",
        ),
        (
            armoured(b"no request"),
            "its content is not a certificate signing request",
        ),
        (
            armoured(&tampered),
            "its signature is wrong, so it was changed or cut",
        ),
        (
            armoured(&sha512),
            "its signature is wrong, so it was changed or cut",
        ),
        (
            armoured(&tampered).replacen("MI", "M\u{2026}I", 1),
            "a character stands in it that does not belong there: '\u{2026}'",
        ),
        (
            format!("{good}{}", " ".repeat(1 << 20)),
            "the text is longer than anything that a request can be (1024 KiB)",
        ),
    ];
    for (text, expected) in cases {
        let (reason, words) = words(text);
        assert_eq!(reason, Reason::BadCsr, "{text:.100}");
        assert!(words.starts_with(expected), "{words}: {text:.100}");
    }
}

fn examined(made: &Made<'_>) -> Result<Csr, String> {
    let csr = Csr::parse(&made.text()).map_err(|failure| failure.words())?;
    csr.examine().map_err(|failure| failure.words())?;
    Ok(csr)
}

/// Baseline Requirements, 7.1.4.3: the common name is one of the alternative names, letter by letter, and
/// those are host names in ASCII; RFC 5280, appendix A: 64 characters at most.
#[test]
fn a_common_name_is_a_host_name_as_certificates_carry_it() {
    let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(40));
    for good in [
        "shop.example.com",
        "*.example.com",
        "SHOP.Example.com",
        "xn--e1afmkfd.xn--p1ai",
    ] {
        let csr = examined(&Made::of(good)).unwrap_or_else(|words| panic!("{good}: {words}"));
        assert_eq!(csr.remarks(), [""; 0], "{good}");
    }
    for (text, expected) in [
        (
            "http://shop.example.com",
            "its common name 'http://shop.example.com' is not a host name: this is a web address",
        ),
        ("https://shop.example.com/", "this is a web address"),
        ("shop.example.com/", "this is a web address"),
        ("admin@example.com", "this is an e-mail address"),
        (
            "shop.example.com, www.example.com",
            "there is a blank, a comma or a semicolon in it",
        ),
        ("my_shop.example.com", "an underscore is not allowed"),
        ("192.0.2.10", "the name is an IP address"),
        ("shop.example.com:443", "a host name has no port"),
        (".example.com", "a part of the name is empty"),
        ("Example Ltd", "there is a blank"),
        (
            "shop.example.com.",
            "is written 'shop.example.com.', a certificate needs it as 'shop.example.com'",
        ),
        (
            " shop.example.com ",
            "is written ' shop.example.com ', a certificate needs it as 'shop.example.com'",
        ),
        ("магазин.рф", "a certificate needs it as 'xn--"),
        (&long, "characters, and certificates hold 64 at most"),
    ] {
        let words = examined(&Made::of(text)).unwrap_err();
        assert!(words.contains(expected), "{text}: {words}");
        assert!(words.len() < 250, "{words}");
    }
}

/// RFC 5280, 4.2.1.6: a name of the kind DNS is ASCII in the syntax of host names and never empty.
#[test]
fn alternative_names_that_no_authority_reads_are_refused_and_others_are_remarked() {
    let with = |name: &'static [u8]| Made {
        names: vec![b"shop.example.com", name],
        ..Made::of("shop.example.com")
    };
    for (name, expected) in [
        (&b""[..], "one of its alternative names is empty"),
        ("магазин.рф".as_bytes(), "a certificate needs it as 'xn--"),
        (b"\xff\xfe.example.com", "is not a host name"),
        (b".example.com", "a part of the name is empty"),
        (b"a..example.com", "a part of the name is empty"),
        (
            b"www.example.com.",
            "a certificate needs it as 'www.example.com'",
        ),
        (
            b" www.example.com",
            "a certificate needs it as 'www.example.com'",
        ),
    ] {
        let words = examined(&with(name)).unwrap_err();
        assert!(words.contains(expected), "{name:?}: {words}");
    }
    let csr = examined(&with(b"*.example.com")).unwrap();
    assert_eq!(text_of(csr.names()), ["shop.example.com", "*.example.com"]);
    let csr = examined(&with(b"_acme.example.com")).unwrap();
    assert_eq!(text_of(csr.names()), ["shop.example.com"]);
    assert!(csr.remarks()[0].contains("DNS _acme.example.com (an underscore"));
}

/// RFC 5280 and Baseline Requirements, 7.1.4.2: a code of ISO 3166-1 with two letters, or XX.
#[test]
fn a_country_is_a_code_of_two_letters() {
    let with = |country: &'static [u8]| Made {
        subject: vec![
            (COUNTRY, 0x13, country),
            (COMMON_NAME, UTF8, b"shop.example.com"),
        ],
        ..Made::of("shop.example.com")
    };
    for good in [&b"DE"[..], b"gb", b"XX", b""] {
        assert!(examined(&with(good)).is_ok(), "{good:?}");
    }
    for (country, expected) in [
        (&b"UK"[..], "its country is written 'UK': write GB"),
        (b"RUS", "its country is written 'RUS': write RU"),
        (b"RU ", "its country is written 'RU ': write RU"),
        (
            b"XK",
            "its country 'XK' is not in ISO 3166-1: write the code that is, or XX for a country without one",
        ),
        (
            b"Q1",
            "its country 'Q1' is not a code of two letters such as DE or GB",
        ),
        (b"Russia", "its country is written 'Russia': write RU"),
    ] {
        assert_eq!(examined(&with(country)).unwrap_err(), expected);
    }
}

#[test]
fn a_request_of_unusual_structure_is_read_and_remarked() {
    let plain = Made::of("shop.example.com");
    for (made, remark) in [
        (
            Made {
                has_attributes: false,
                ..Made::of("shop.example.com")
            },
            Some("the CSR has no field of attributes"),
        ),
        (
            Made {
                version: 1,
                ..Made::of("shop.example.com")
            },
            Some("of a version that does not exist"),
        ),
        (
            Made {
                subject: vec![
                    (ORGANIZATION, UTF8, &[b'o'; 65]),
                    (COMMON_NAME, UTF8, b"shop.example.com"),
                ],
                ..Made::of("shop.example.com")
            },
            Some("organisation has 65 characters"),
        ),
        // A challenge password of a string type that it may not have, and rubbish.
        (
            Made {
                attributes: [
                    &[
                        0x30, 0x10, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 7,
                    ][..],
                    &[0x31, 3, 0x16, 1, b'x'],
                    &[0x30, 2, 5, 0],
                ]
                .concat(),
                names: vec![b"www.example.com"],
                ..Made::of("shop.example.com")
            },
            None,
        ),
        (plain, None),
    ] {
        let csr = examined(&made).unwrap();
        assert_eq!(csr.common_name().unwrap().as_str(), "shop.example.com");
        match remark {
            Some(remark) => assert!(csr.remarks()[0].contains(remark), "{:?}", csr.remarks()),
            None => assert_eq!(csr.remarks(), [""; 0]),
        }
        if !made.names.is_empty() {
            assert_eq!(
                text_of(csr.names()),
                ["shop.example.com", "www.example.com"]
            );
        }
    }
}

#[test]
fn the_public_key_is_the_encoded_one() {
    let csr = csr(&["example.com"]);
    // SubjectPublicKeyInfo of P-256: 91 bytes with this beginning (RFC 5480).
    assert_eq!(csr.public_key().len(), 91);
    assert_eq!(&csr.public_key()[..4], &[0x30, 0x59, 0x30, 0x13]);
}

/// Lists read thousands of requests, and look at no signature.
#[test]
fn a_list_reads_of_a_request_what_an_order_reads_and_proves_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/certificate/fixtures");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|kind| kind != "pem") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let Ok(csr) = Csr::parse(&text) else {
            assert!(file.ends_with("two-common-names.pem"), "{}", file.display());
            assert_eq!(listed(&text), None);
            continue;
        };
        let plain = plainly(&text).unwrap_or_else(|| panic!("{}", file.display()));
        assert_eq!(plain.names, csr.names(), "{}", file.display());
        assert_eq!(plain.public_key, csr.public_key(), "{}", file.display());
        // What needs no search is what a search would have found.
        assert!(searched(&text).is_some(), "{}", file.display());
        assert_eq!(alone(&text), searched(&text), "{}", file.display());
        read += 1;
    }
    assert!(read > 15, "{read}");

    let good = fixture!("p256");
    let mut der = pem::blocks(good).remove(0).der.unwrap();
    *der.last_mut().unwrap() ^= 1;
    let damaged = pem::armour("CERTIFICATE REQUEST", &der);
    assert_eq!(words(&damaged).0, Reason::BadCsr);
    assert_eq!(listed(&damaged), listed(good));
    assert_ne!(listed(good), None);
    // Whatever is not plain has to prove itself.
    let other = fixture!("p384");
    for text in [
        String::new(),
        "hello".to_owned(),
        format!("{good}{other}"),
        format!("{damaged}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        damaged.replacen("MI", "M\u{2026}I", 1),
        format!("{good}{}", " ".repeat(1 << 20)),
    ] {
        assert_eq!(plainly(&text), None, "{text:.100}");
        assert_eq!(listed(&text), None, "{text:.100}");
    }
    let quoted = good.replacen("MI", "M\u{2026}I", 1);
    assert_eq!(listed(&quoted), listed(good), "it proves itself");
}
