//! What was accepted rightly before, and is accepted still: counted.

use super::check;
use crate::certificate::testing::{
    COMMON_NAME, COUNTRY, Delivery, Made, UTF8, certificate, names, now,
};
use crate::certificate::tests::bundles::archive;
use crate::certificate::{Chain, assemble, files_of_delivery};
use crate::module;
use crate::order::tests::details::{company, details};

/// What was accepted rightly before is still accepted: subjects, names and people of many countries.
#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn what_is_right_is_accepted_and_counted() {
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let mut accepted = [("csr", 0), ("altname", 0), ("phone", 0), ("person", 0)];
    let mut count = |at: usize, field: &str, value: &str| {
        if let Err(failure) = check(globalsign, field, value) {
            panic!("{field} {value}: {failure}");
        }
        accepted[at].1 += 1;
    };
    let organizations = [
        "Example",
        "Müller & Söhne GmbH",
        "ООО \"Ромашка\"",
        "株式会社例",
        "A/S",
        "",
    ];
    let names = [
        "example.com",
        "www.example.com",
        "*.example.com",
        "EXAMPLE.com",
        "a-b.c-d.example.co.uk",
        "1.example.com",
        "xn--80aairftm.xn--p1ai",
        "shop.example.museum",
    ];
    for organization in organizations {
        for name in names {
            for country in ["DE", "us", "XX", ""] {
                let made = Made {
                    subject: vec![
                        (COUNTRY, 0x13, country.as_bytes()),
                        ([0x55, 4, 10], UTF8, organization.as_bytes()),
                        (COMMON_NAME, UTF8, name.as_bytes()),
                    ],
                    names: vec![name.as_bytes(), b"mail.example.com"],
                    ..Made::of(name)
                };
                count(0, "csr", &made.text());
            }
        }
    }
    for name in names {
        for other in [
            "a.example.net",
            "*.example.org",
            "пример.рф",
            "bücher.example.de",
        ] {
            for divider in [" ", ",", ";", "\n", "\r\n", ", "] {
                count(1, "altname", &format!("{name}{divider}{other}"));
            }
        }
    }
    for (code, national) in [
        ("1", "5550100200"),
        ("7", "4951234567"),
        ("20", "2212345678"),
        ("31", "201234567"),
        ("33", "142345678"),
        ("34", "911234567"),
        ("39", "0669821234"),
        ("41", "441234567"),
        ("44", "2079460958"),
        ("49", "30901820"),
        ("55", "1123456789"),
        ("61", "291234567"),
        ("65", "61234567"),
        ("81", "312345678"),
        ("86", "1012345678"),
        ("90", "2121234567"),
        ("91", "1123456789"),
        ("353", "15550100"),
        ("358", "91234567"),
        ("375", "171234567"),
        ("377", "93150000"),
        ("380", "441234567"),
        ("420", "224123456"),
        ("852", "21234567"),
        ("971", "41234567"),
        ("998", "711234567"),
    ] {
        let (area, rest) = national.split_at(3);
        for text in [
            format!("+{code}{national}"),
            format!("+{code} {area} {rest}"),
            format!("+{code} ({area}) {rest}"),
            format!("+{code}-{area}-{rest}"),
            format!("+{code}.{national}"),
            format!("00{code} {national}"),
            format!("tel:+{code}-{national}"),
        ] {
            count(2, "adm_phone", &text);
        }
    }
    for field in [
        "adm_fname",
        "adm_lname",
        "adm_jtitle",
        "org_name",
        "org_address",
    ] {
        for text in [
            "Ann",
            "Jean-Luc O'Neil",
            "Анна",
            "Søren Ångström",
            "محمد",
            "王",
            "R&D <Web>",
            "Flat 1/2, \"The Mill\"",
        ] {
            count(3, field, text);
        }
    }
    println!("proof: what is right is accepted: {accepted:?}");
}

/// Companies of many countries, with what an address has there, in products that verify them.
#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn companies_of_many_countries_are_accepted_and_counted() {
    let mut accepted = 0;
    for (country, state, postcode) in [
        ("US", "IL", "62701"),
        ("DE", "Berlin", "10115"),
        ("GB", "London", "SW1A 1AA"),
        ("FR", "Ile-de-France", "75001"),
        ("RU", "\u{41c}\u{43e}\u{441}\u{43a}\u{432}\u{430}", "101000"),
        ("KZ", "Almaty", "050000"),
        ("BY", "Minsk", "220030"),
        ("UA", "Kyiv", "01001"),
        ("CN", "Beijing", "100000"),
        ("JP", "Tokyo", "100-0001"),
        ("BR", "SP", "01310-100"),
        ("CA", "ON", "K1A 0B1"),
        ("AU", "NSW", "2000"),
        ("IE", "Dublin", "D02 AF30"),
        ("NL", "Noord-Holland", "1012 AB"),
        ("MC", "", "98000"),
        ("SG", "", "018989"),
        ("HK", "", ""),
        ("AE", "Dubai", ""),
    ] {
        for code in ["instantssl", "truebizid", "positivessl", "digi_ssl_basic"] {
            if crate::module::by_name("pmthesslstore")
                .unwrap()
                .template(code)
                .is_none()
            {
                continue;
            }
            let read = details(code, &company(country, state, postcode));
            let read = read.unwrap_or_else(|failure| panic!("{code} {country}: {failure}"));
            assert_eq!(read.organization.unwrap().region, state, "{code} {country}");
            accepted += 1;
        }
    }
    println!("proof: what is right is accepted: {accepted} companies");
    assert!(accepted >= 38, "{accepted}");
}

/// Chains in any order, with and without their root, twice over, in files and archives of every kind.
#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn chains_and_archives_are_accepted_and_counted() {
    let delivery = Delivery::new();
    let ordered = names(&["www.example.com", "example.com"]);
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    let (leaf, middle) = (&delivery.leaf, &delivery.intermediate.pem);
    let root = &delivery.root.pem;
    let orders = [
        vec![leaf, middle],
        vec![middle, leaf],
        vec![leaf, middle, root],
        vec![leaf, root, middle],
        vec![middle, leaf, root],
        vec![middle, root, leaf],
        vec![root, leaf, middle],
        vec![root, middle, leaf],
        vec![leaf, leaf, middle, middle],
    ];
    let (mut chains, mut archives) = (0, 0);
    let accepted = |about: &str, content: &[u8], count: &mut u32| {
        let files = files_of_delivery(content).unwrap();
        let files = files.unwrap_or_else(|| panic!("{about}: nothing"));
        let found = assemble(&files, &delivery.csr).unwrap();
        assert_eq!(found, chain, "{about}");
        found.prove(&delivery.csr, &ordered, now()).unwrap();
        *count += 1;
    };
    for parts in &orders {
        let read: Vec<_> = parts.iter().map(|pem| certificate(pem)).collect();
        let bag = Chain {
            leaf: read[0].clone(),
            intermediates: read[1..].to_vec(),
            not_taken: None,
        };
        let bag = bag.pkcs7();
        let text = |ends: &str| {
            parts
                .iter()
                .map(|pem| pem.replace('\n', ends))
                .collect::<String>()
        };
        for ends in ["\n", "\r\n", "\r"] {
            accepted("a text", text(ends).as_bytes(), &mut chains);
        }
        accepted("a bag", &bag, &mut chains);
        let named = |kind: &str| -> Vec<String> {
            (0..parts.len())
                .map(|number| format!("{number}.{kind}"))
                .collect()
        };
        for kind in ["crt", "cer", "pem", "txt"] {
            let names = named(kind);
            let pem = names
                .iter()
                .zip(parts)
                .map(|(name, pem)| (name.as_str(), pem.as_bytes()));
            accepted(kind, &archive(&pem.collect::<Vec<_>>()), &mut archives);
            let der = names
                .iter()
                .zip(&read)
                .map(|(name, one)| (name.as_str(), one.der.as_slice()));
            accepted(kind, &archive(&der.collect::<Vec<_>>()), &mut archives);
        }
        accepted("p7b", &archive(&[("all.p7b", &bag)]), &mut archives);
        accepted(
            "bundle",
            &archive(&[("all.pem", text("\n").as_bytes())]),
            &mut archives,
        );
    }
    println!("proof: what is right is accepted: {chains} chains, {archives} archives");
}
