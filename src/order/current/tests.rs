use super::*;
use crate::certificate::testing::{Delivery, FROM, TO, at};
use crate::module;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn usual() -> &'static Module {
    module::by_name("pmthesslstore").unwrap()
}

#[test]
fn a_certificate_in_text_tells_its_own_life() {
    let service = Service {
        certificate: Some(Delivery::new().leaf),
        expire_date: Some("2031-01-01".parse().unwrap()),
        ..Service::default()
    };
    let current = certificate(&service, usual()).unwrap();
    assert_eq!(
        current.life,
        Life {
            start: at(FROM),
            end: at(TO)
        }
    );
    assert!(!current.mark.is_empty());
}

/// What other programs and hands have left: any order, base64 without armour, PKCS#7, UTF-16.
#[test]
fn the_leaf_is_found_wherever_it_stands() {
    let delivery = Delivery::new();
    let (leaf, middle) = (&delivery.leaf, &delivery.intermediate.pem);
    let chain = crate::certificate::assemble(&delivery.files(), &delivery.csr).unwrap();
    let wide: Vec<u8> = format!("\u{feff}{middle}{leaf}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for text in [
        format!("{leaf}{middle}"),
        format!("{middle}{leaf}"),
        format!("{}{middle}{leaf}", delivery.root.pem),
        STANDARD.encode(&chain.leaf.der),
        STANDARD.encode(chain.pkcs7()),
        STANDARD.encode(wide),
    ] {
        assert_eq!(read(&text).as_ref(), Some(&chain.leaf), "{text:.60}");
    }
    assert_eq!(read(middle), None);
}

#[test]
fn an_archive_tells_its_life_and_number() {
    let delivery = Delivery::new();
    let chain = crate::certificate::assemble(&delivery.files(), &delivery.csr).unwrap();
    let packed = chain.zip(&chain.leaf.names[0], true).unwrap();
    let service = Service {
        certificate: Some(STANDARD.encode(packed)),
        ..Service::default()
    };
    let current = certificate(&service, usual()).unwrap();
    assert_eq!((current.life.start, current.life.end), (at(FROM), at(TO)));
    assert_eq!(current.mark, chain.leaf.serial);
    assert_eq!(serial(&service), Some(chain.leaf.serial));
}

#[test]
fn what_cannot_be_read_is_known_by_the_end_that_is_shown() {
    let mut service = Service {
        certificate: Some("UEsDBBQ=".into()),
        expire_date: Some("2028-07-09".parse().unwrap()),
        ..Service::default()
    };
    let days = |service: &Service| certificate(service, usual()).map(|c| (c.life.days(), c.mark));
    assert_eq!(days(&service), Some((99, "2028-07-09".into())));
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("pmssl_certificate_end", "2030-07-09 0a:0b");
    assert_eq!(days(&service), Some((46, "2030-07-09".into())));
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("pmssl_certificate_serial", "0a:0b");
    assert_eq!(days(&service), Some((46, "0a:0b".into())));
    assert_eq!(certificate(&Service::default(), usual()), None);
}

#[test]
fn a_stored_end_names_its_certificate_and_is_read_in_both_forms() {
    let mut service = Service::default();
    let day: NaiveDate = "2030-07-09".parse().unwrap();
    assert_eq!(stored_end(&service, day), "2030-07-09 -");
    service.certificate = Some(Delivery::new().leaf);
    let serial = serial(&service).unwrap();
    assert_eq!(stored_end(&service, day), format!("2030-07-09 {serial}"));
    for text in ["2030-07-09", "2030-07-09 -", "2030-07-09 0a:0b"] {
        assert_eq!(end_of(text), Some(day), "{text}");
    }
    assert_eq!(end_of("soon"), None);
}

/// A module that stands beside the platform vendor's own goes by another name and keeps its rules.
#[test]
fn the_life_of_an_unreadable_certificate_follows_the_vendor_not_the_programs_name() {
    let service = Service {
        certificate: Some("UEsDBBQ=".into()),
        expire_date: Some("2028-07-09".parse().unwrap()),
        ..Service::default()
    };
    let origin = module::by_name("pmispmgrssl").unwrap();
    let beside = Module {
        name: "pmispmgrssl2",
        ..*origin
    };
    let days = |module: &Module| certificate(&service, module).map(|one| one.life.days());
    assert_eq!(days(origin), Some(100));
    assert_eq!(days(&beside), Some(100));
}

#[test]
fn a_term_beyond_all_that_is_sold_is_none() {
    let mut service = Service::default();
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("pmssl_term_end", "9999-12-31");
    set("paid_till", "9999-12-31");
    assert_eq!(term_end(&service), None);
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("pmssl_term_end", "2031-04-02 KEY");
    assert_eq!(term_end(&service), "2031-04-02".parse().ok());
}

#[test]
fn the_later_end_of_the_term_holds() {
    let mut service = Service::default();
    assert_eq!(term_end(&service), None);
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("pmssl_term_end", "2027-04-02 67FRXAGOO7DS7ZAV7ZII");
    set("paid_till", "2027-03-01");
    assert_eq!(term_end(&service), "2027-04-02".parse().ok());
    let mut set = |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
    set("paid_till", "2027-05-01");
    assert_eq!(term_end(&service), "2027-05-01".parse().ok());
}

/// Tasks and notices about a service whose CSR was spoilt say which one it is.
#[test]
fn a_service_is_named_by_its_csr_then_its_certificate_then_its_form() {
    let delivery = Delivery::new();
    let service = |csr: &str, certificate: Option<&str>, form: &[(&str, &str)]| Service {
        csr: Some(csr.to_owned()),
        certificate: certificate.map(str::to_owned),
        parameters: form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Service::default()
    };
    let spoilt = delivery.csr.pem().to_lowercase();
    let form = [("domain", "-"), ("altname", "shop.example.net")];
    for (service, name) in [
        (service(delivery.csr.pem(), None, &form), "www.example.com"),
        (
            service(&spoilt, Some(&delivery.leaf), &form),
            "www.example.com",
        ),
        (service(&spoilt, None, &form), "shop.example.net"),
        (
            service(&spoilt, None, &[]),
            "an unknown name (the CSR cannot be read)",
        ),
    ] {
        assert_eq!(name_of(&service).en(), name);
    }
    let unknown = name_of(&service(&spoilt, None, &[]));
    let russian = unknown.get(crate::domain::text::Language::Russian);
    assert_eq!(russian, "неизвестного имени (CSR не читается)");
}
