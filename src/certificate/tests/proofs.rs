use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::testing::{
    Authority, Day, Delivery, Wish, at, certificate, csr, file, names, now,
};
use crate::certificate::{Chain, Csr, assemble};
use crate::domain::text::Words;

/// Proves a leaf made to a wish, for `www.example.com`.
fn prove(wish: &Wish<'_>, now: DateTime<Utc>) -> Result<(), Words> {
    let delivery = Delivery::new();
    let chain = Chain {
        leaf: certificate(&delivery.intermediate.sign(&delivery.csr, wish)),
        intermediates: vec![certificate(&delivery.intermediate.pem)],
        not_taken: None,
    };
    chain.prove(&delivery.csr, &names(&["www.example.com"]), now)
}

const WWW: &[&str] = &["www.example.com"];

fn dated(from: Day, to: Day) -> Wish<'static> {
    Wish {
        from,
        to,
        ..Wish::of(WWW)
    }
}

#[test]
fn a_certificate_of_another_key_proves_nothing() {
    let delivery = Delivery::new();
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    let ordered = names(WWW);
    assert_eq!(chain.prove(&delivery.csr, &ordered, now()), Ok(()));
    let text = chain.prove(&csr(WWW), &ordered, now()).unwrap_err();
    assert!(
        text.en().contains("public key is not the one of the CSR"),
        "{text:?}"
    );
}

#[test]
fn authorities_and_self_signed_certificates_are_refused() {
    let authority = Wish {
        is_ca: true,
        ..Wish::of(WWW)
    };
    let text = prove(&authority, now()).unwrap_err();
    assert!(
        text.en().contains("certificate of an authority"),
        "{text:?}"
    );

    let key = rcgen::KeyPair::generate().unwrap();
    let csr = crate::certificate::testing::csr_of(&key, WWW);
    let own = rcgen::CertificateParams::new(vec![WWW[0].to_owned()]).unwrap();
    let own = own.self_signed(&key).unwrap().pem();
    let chain = assemble(&[file("a", own)], &csr).unwrap();
    let text = chain.prove(&csr, &names(WWW), now()).unwrap_err();
    assert!(text.en().contains("self-signed"), "{text:?}");
}

#[test]
fn dates_have_to_be_sane() {
    let begin = at((2026, 1, 1));
    let end = at((2026, 7, 1));
    let (day, second) = (TimeDelta::days(1), TimeDelta::seconds(1));
    let usual = dated((2026, 1, 1), (2026, 7, 1));
    let cases = [
        (begin, None),
        (begin - day, None),
        (begin - day - second, Some("begins only on 2026-01-01")),
        (end - second, None),
        (end, Some("expired on 2026-07-01")),
        (end + day, Some("expired on 2026-07-01")),
    ];
    for (now, expected) in cases {
        let proved = prove(&usual, now);
        match expected {
            None => assert_eq!(proved, Ok(()), "{now}"),
            Some(words) => assert!(
                proved.as_ref().is_err_and(|t| t.en().contains(words)),
                "{proved:?}"
            ),
        }
    }
    let endless = prove(&dated((2026, 1, 1), (2126, 1, 1)), now()).unwrap_err();
    assert!(
        endless.en().contains("longer than any public authority"),
        "{}",
        endless.en()
    );
    // Beyond the law of its day: a warning elsewhere, no refusal.
    for to in [(2027, 2, 4), (2030, 12, 31), (2035, 12, 30)] {
        assert_eq!(prove(&dated((2026, 1, 1), to), now()), Ok(()), "{to:?}");
    }
    let inverted = prove(&dated((2026, 7, 1), (2026, 1, 1)), now()).unwrap_err();
    assert!(inverted.en().contains("before it begins"), "{inverted:?}");
    assert_eq!(
        prove(&usual, DateTime::<Utc>::MAX_UTC),
        prove(&usual, end),
        "no overflow at the end of time"
    );
}

#[test]
fn every_ordered_name_has_to_be_covered() {
    let cases: &[(&[&str], &[&str], Option<&str>)] = &[
        (&["www.example.com"], &["www.example.com"], None),
        (&["www.example.com", "example.com"], &["example.com"], None),
        (
            &["*.example.com"],
            &["shop.example.com", "www.example.com"],
            None,
        ),
        (&["*.example.com"], &["*.example.com"], None),
        (&["xn--e1afmkfd.xn--p1ai"], &["пример.рф"], None),
        (
            &["www.example.com"],
            &["www.example.com", "example.com"],
            Some("does not cover example.com (it covers www.example.com)"),
        ),
        (
            &["*.example.com"],
            &["example.com"],
            Some("does not cover example.com"),
        ),
        (
            &["*.example.com"],
            &["a.b.example.com"],
            Some("does not cover a.b.example.com"),
        ),
        (
            &["www.example.com"],
            &["*.example.com"],
            Some("does not cover *.example.com"),
        ),
        (&["www.example.com"], &[], Some("not known which names")),
    ];
    let delivery = Delivery::new();
    for (certified, ordered, expected) in cases {
        let chain = Chain {
            leaf: certificate(
                &delivery
                    .intermediate
                    .sign(&delivery.csr, &Wish::of(certified)),
            ),
            intermediates: vec![certificate(&delivery.intermediate.pem)],
            not_taken: None,
        };
        let proved = chain.prove(&delivery.csr, &names(ordered), now());
        match expected {
            None => assert_eq!(proved, Ok(()), "{certified:?} {ordered:?}"),
            Some(words) => assert!(
                proved.as_ref().is_err_and(|t| t.en().contains(words)),
                "{proved:?}"
            ),
        }
    }
}

#[test]
fn every_ordered_address_has_to_be_covered() {
    let delivery = Delivery::new();
    let certified = ["www.example.com", "93.184.216.34", "2606:4700::1"];
    let signed = delivery
        .intermediate
        .sign(&delivery.csr, &Wish::of(&certified));
    let chain = Chain {
        leaf: certificate(&signed),
        intermediates: vec![certificate(&delivery.intermediate.pem)],
        not_taken: None,
    };
    let addresses = |texts: &[&str]| -> Vec<std::net::IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    };
    assert_eq!(chain.leaf.addresses, addresses(&certified[1..]));
    assert_eq!(chain.leaf.names, names(&certified[..1]));
    assert_eq!(chain.prove_addresses(&addresses(&certified[1..])), Ok(()));
    assert_eq!(chain.prove_addresses(&[]), Ok(()));
    let missing = chain.prove_addresses(&addresses(&["93.184.216.34", "93.184.216.35"]));
    assert!(missing.unwrap_err().en().contains("address 93.184.216.35"));
}

/// Baseline Requirements, 7.1.2.7.12; browsers have looked at nothing else since 2017.
#[test]
fn the_common_name_does_not_replace_alternative_names() {
    let only_common = Wish {
        names: &[],
        common_name: "www.example.com",
        ..Wish::of(WWW)
    };
    let text = prove(&only_common, now()).unwrap_err();
    assert!(text.en().contains("no alternative names"), "{text:?}");
    let others = Wish {
        names: &["other.example.com"],
        common_name: "www.example.com",
        ..Wish::of(WWW)
    };
    let text = prove(&others, now()).unwrap_err();
    assert!(
        text.en().contains("does not cover www.example.com"),
        "{text:?}"
    );
}

/// Baseline Requirements, 7.1.2.7.10; without the extension every use is allowed (RFC 5280, 4.2.1.12).
#[test]
fn an_extended_key_usage_has_to_allow_servers() {
    use rcgen::ExtendedKeyUsagePurpose::{Any, ClientAuth, EmailProtection, ServerAuth};
    for (usages, is_good) in [
        (vec![], true),
        (vec![ServerAuth], true),
        (vec![ServerAuth, ClientAuth], true),
        (vec![Any], true),
        (vec![ClientAuth], false),
        (vec![EmailProtection], false),
        (vec![EmailProtection, ClientAuth], false),
    ] {
        let wish = Wish {
            usages: usages.clone(),
            ..Wish::of(WWW)
        };
        let proved = prove(&wish, now());
        assert_eq!(proved.is_ok(), is_good, "{usages:?} {proved:?}");
        if let Err(text) = proved {
            assert!(text.en().contains("does not allow servers"), "{text:?}");
        }
    }
}

#[test]
fn a_certificate_of_names_without_number_is_refused() {
    let names: Vec<String> = (0..2001).map(|n| format!("{n}.example.com")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("www.example.com");
    let text = prove(&Wish::of(&names), now()).unwrap_err();
    assert!(text.en().starts_with("it covers 2002 names"), "{text:?}");
}

#[test]
fn long_lists_of_missing_names_are_cut() {
    let many: Vec<String> = (0..30).map(|n| format!("n{n}.example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let delivery = Delivery::new();
    let chain = assemble(&delivery.files(), &delivery.csr).unwrap();
    let text = chain
        .prove(&delivery.csr, &names(&many), now())
        .unwrap_err();
    assert!(text.en().contains("n9.example.com and 20 more"), "{text:?}");
}

/// The leaf of a delivery with other intermediates.
fn prove_chain(delivery: &Delivery, intermediates: &[&str]) -> Result<(), Words> {
    let chain = Chain {
        leaf: certificate(&delivery.leaf),
        intermediates: intermediates.iter().map(|pem| certificate(pem)).collect(),
        not_taken: None,
    };
    chain.prove(&delivery.csr, &names(WWW), now())
}

#[test]
fn the_chain_has_to_build() {
    let delivery = Delivery::new();
    let stranger = Delivery::new();
    let server: Csr = csr(&["ca.example.com"]);
    let server = delivery.root.sign(&server, &Wish::of(&["ca.example.com"]));
    let middle = delivery.intermediate.pem.as_str();
    let root = delivery.root.pem.as_str();
    let cases: &[(&[&str], Option<&str>)] = &[
        (&[middle], None),
        (&[middle, root], None),
        (
            &[],
            Some("of its issuer 'Test Issuing CA 1' is not among the vendor's files"),
        ),
        (
            &[root],
            Some("'www.example.com' is not signed by 'Test Root'"),
        ),
        (
            &[stranger.intermediate.pem.as_str()],
            Some("'www.example.com' is not signed by 'Test Issuing CA 1'"),
        ),
        (
            &[middle, stranger.root.pem.as_str()],
            Some("'Test Issuing CA 1' is not signed by 'Test Root'"),
        ),
        (&[root, middle], Some("is not signed by 'Test Root'")),
        (
            &[server.as_str()],
            Some("'ca.example.com' in its chain is not the certificate of an authority"),
        ),
    ];
    for (intermediates, expected) in cases {
        let proved = prove_chain(&delivery, intermediates);
        match expected {
            None => assert_eq!(proved, Ok(())),
            Some(words) => assert!(
                proved.as_ref().is_err_and(|t| t.en().contains(words)),
                "{proved:?}"
            ),
        }
    }
}

#[test]
fn an_ended_issuer_is_refused() {
    let root = Authority::root("Root");
    let issuing = root.sub_dated("Issuing", (2020, 1, 1), (2026, 2, 1));
    let csr = csr(WWW);
    let files = [
        file("a", issuing.sign(&csr, &Wish::of(WWW))),
        file("b", &issuing.pem),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(chain.prove(&csr, &names(WWW), at((2026, 1, 31))), Ok(()));
    let text = chain.prove(&csr, &names(WWW), now()).unwrap_err();
    assert!(
        text.en().contains("issuer 'Issuing' ended on 2026-02-01"),
        "{text:?}"
    );
}

/// Which roots clients trust is not proved here: a chain that leads to none of them is remarked, and not refused.
#[test]
fn a_chain_to_no_known_root_is_remarked_and_not_refused() {
    let delivery = Delivery::new();
    let chain_of = |pems: &[&str]| {
        let files = [file("all.pem", pems.concat())];
        let chain = assemble(&files, &delivery.csr).unwrap();
        (chain.root_remark(), chain)
    };
    let (leaf, middle) = (delivery.leaf.as_str(), delivery.intermediate.pem.as_str());
    let (remark, chain) = chain_of(&[leaf, middle]);
    assert_eq!(chain.prove(&delivery.csr, &names(WWW), now()), Ok(()));
    let remark = remark.unwrap();
    assert!(remark.en().contains("'Test Root'"), "{remark:?}");
    let known = Authority::known_root();
    let issuing = known.sub("Known Issuing CA");
    let own = issuing.sign(&delivery.csr, &Wish::of(WWW));
    let crossed = known.cross_sign(&delivery.root, (2035, 1, 1));
    let alone = [own.as_str(), issuing.pem.as_str()];
    for pems in [&alone[..], &[leaf, middle, crossed.as_str()]] {
        let (remark, chain) = chain_of(pems);
        assert_eq!(chain.intermediates.len(), pems.len() - 1);
        assert_eq!(remark, None);
    }
    // Without a chain nothing is known of its end.
    assert_eq!(chain_of(&[leaf]).0, None);
}
