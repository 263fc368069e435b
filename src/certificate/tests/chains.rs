use rcgen::KeyPair;

use crate::certificate::testing::{
    Authority, Delivery, Wish, certificate, csr, csr_of, file, names, now,
};
use crate::certificate::{Chain, assemble, assemble_for, ber, pem, pkcs7};
use crate::failure::Reason;

fn labels(chain: &Chain) -> Vec<&str> {
    chain
        .certificates()
        .map(crate::certificate::Certificate::label)
        .collect()
}

const COMPLETE: [&str; 2] = ["www.example.com", "Test Issuing CA 1"];

#[test]
fn a_certificate_is_read() {
    let delivery = Delivery::new();
    let leaf = certificate(&delivery.leaf);
    assert_eq!(leaf.common_name.as_deref(), Some("www.example.com"));
    assert_eq!(leaf.names, names(&["www.example.com", "example.com"]));
    assert_eq!(leaf.issuer, "Test Issuing CA 1");
    assert_eq!(leaf.not_before.to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert_eq!(leaf.not_after.to_rfc3339(), "2026-07-01T00:00:00+00:00");
    assert_eq!(leaf.public_key, delivery.csr.public_key());
    assert!(!leaf.is_ca && !leaf.is_self_issued());
    assert!(leaf.serial.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(!leaf.serial.is_empty() && !leaf.serial.starts_with("00"));
    let root = certificate(&delivery.root.pem);
    assert!(root.is_ca && root.is_self_issued());
}

#[test]
fn without_a_csr_the_name_finds_the_leaf_and_all_but_the_key_is_proved() {
    let delivery = Delivery::new();
    let files = delivery.files();
    let ordered = names(&["www.example.com"]);
    for name in [None, ordered.first()] {
        let chain = assemble_for(&files, name).unwrap();
        assert_eq!(labels(&chain), COMPLETE);
        chain.prove_without_request(&ordered, now()).unwrap();
        let other = names(&["other.example.com"]);
        assert!(chain.prove_without_request(&other, now()).is_err());
    }
    let other = names(&["other.example.com"]);
    let failure = assemble_for(&files, other.first()).unwrap_err();
    assert_eq!(failure.reason(), Reason::CertificateMismatch);
    let authorities = vec![file("x", delivery.intermediate.pem.clone())];
    assert!(assemble_for(&authorities, None).is_err());
    assert!(assemble_for(&[], None).is_err());
}

#[test]
fn texts_without_certificate_are_refused() {
    let delivery = Delivery::new();
    let half = &delivery.leaf[..delivery.leaf.len() / 2];
    for text in ["", "text", delivery.csr.pem(), half] {
        let failure = crate::certificate::Certificate::parse(text).unwrap_err();
        assert_eq!(failure.reason(), Reason::UnreadableCertificate, "{text}");
    }
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn every_form_of_delivery_gives_the_same_chain() {
    let delivery = Delivery::new();
    let (leaf, middle, root) = (
        delivery.leaf.as_str(),
        delivery.intermediate.pem.as_str(),
        delivery.root.pem.as_str(),
    );
    let leaf_der = certificate(leaf).der;
    let all = [certificate(root), certificate(leaf), certificate(middle)];
    let bag = pkcs7::bag(all.iter());
    let base64_only = |der: &[u8]| -> String {
        pem::armour("X", der)
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect()
    };
    let middle_der = &delivery.intermediate.der;
    type Files = Vec<(String, Vec<u8>)>;
    let forms: Vec<(&str, Files)> = vec![
        ("usual", delivery.files()),
        (
            "one file, wrong order",
            vec![file("x", format!("{root}{middle}{leaf}"))],
        ),
        (
            "text around, CRLF",
            vec![file(
                "x",
                format!("Your certificate:\n{leaf}\nchain\n{middle}").replace('\n', "\r\n"),
            )],
        ),
        (
            "one line per certificate",
            vec![file("x", format!("{leaf}{middle}").replace('\n', ""))],
        ),
        (
            "DER",
            vec![file("a.cer", &leaf_der), file("b.cer", middle_der)],
        ),
        (
            "DER with a line end",
            vec![
                file("a.cer", [&leaf_der[..], b"\r\n"].concat()),
                file("b.cer", middle_der),
            ],
        ),
        ("PKCS#7 in DER", vec![file("x.p7b", &bag)]),
        (
            "PKCS#7 in PEM",
            vec![file("x.p7b", pem::armour("PKCS7", &bag))],
        ),
        (
            "PKCS#7 labelled CERTIFICATE",
            vec![file("x.p7b", pem::armour("CERTIFICATE", &bag))],
        ),
        (
            "PKCS#7 as bare base64",
            vec![file("x.p7b", base64_only(&bag))],
        ),
        (
            "PKCS#7 in BER",
            vec![file("x.p7b", indefinite_bag(&[&leaf_der, middle_der]))],
        ),
        (
            "everything twice, with other files",
            vec![
                file("IconScript.txt", "0123 <script>"),
                file("x.p7b", &bag),
                file("leaf.pem", leaf),
                file("chain.pem", format!("{middle}{middle}{leaf}")),
                file("request.pem", delivery.csr.pem()),
                file("broken.pem", leaf.replace("MII", "MIX")),
                file("empty", ""),
                file("binary", [0x30, 0x82, 0xff, 0xff, 0x00]),
            ],
        ),
    ];
    println!("proof: {} forms of a chain read", forms.len());
    for (name, files) in forms {
        let chain = assemble(&files, &delivery.csr).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(labels(&chain), COMPLETE, "{name}");
        let proved = chain.prove(&delivery.csr, &names(&["www.example.com"]), now());
        assert_eq!(proved, Ok(()), "{name}");
    }
}

/// The same bag with indefinite lengths, as older Java and BouncyCastle servers write it.
fn indefinite_bag(certificates: &[&[u8]]) -> Vec<u8> {
    let open = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
    let oid = |last: u8| {
        let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, last];
        ber::write(0x06, &oid)
    };
    let signed = [
        ber::write(0x02, &[1]),
        open(0x31, &[]),
        // Content that is empty, but there, in two nested constructed strings.
        open(
            0x30,
            &[oid(1), open(0xa0, &open(0x24, &ber::write(4, &[])))].concat(),
        ),
        open(0xa0, &certificates.concat()),
        open(0x31, &[]),
    ]
    .concat();
    open(0x30, &[oid(2), open(0xa0, &open(0x30, &signed))].concat())
}

#[test]
fn unrelated_certificates_are_ignored() {
    let delivery = Delivery::new();
    let stranger = Delivery::new();
    let mut files = stranger.files();
    files.extend(delivery.files());
    let chain = assemble(&files, &delivery.csr).unwrap();
    assert_eq!(labels(&chain), COMPLETE);
    assert_eq!(chain.leaf, certificate(&delivery.leaf));
    // The stranger's issuer has the same name but another key.
    assert_eq!(
        chain.intermediates,
        [certificate(&delivery.intermediate.pem)]
    );
}

#[test]
fn issuers_need_the_name_the_key_and_the_right_to_sign() {
    let delivery = Delivery::new();
    let (root, middle) = (&delivery.root, &delivery.intermediate);
    // All of them live longer than the real one and would be preferred to it.
    let impostors = [
        root.sub_dated("Test Issuing CA 1", (2020, 1, 1), (2039, 1, 1))
            .pem,
        root.certify(middle, "Test Issuing CA 2", true, (2039, 1, 1)),
        root.certify(middle, "Test Issuing CA 1", false, (2039, 1, 1)),
    ];
    for impostor in impostors {
        let mut files = delivery.files();
        files.push(file("impostor", &impostor));
        let chain = assemble(&files, &delivery.csr).unwrap();
        assert_eq!(chain.intermediates, [certificate(&middle.pem)]);

        let chain = Chain {
            leaf: chain.leaf,
            intermediates: vec![certificate(&impostor)],
            not_taken: None,
        };
        let proved = chain.prove(&delivery.csr, &names(&["example.com"]), now());
        assert!(proved.is_err_and(|text| text.en().contains("ask the vendor for the right chain")));
    }
}

#[test]
fn an_issuer_that_may_not_issue_is_told_as_that() {
    let delivery = Delivery::new();
    let (root, middle) = (&delivery.root, &delivery.intermediate);
    let told = |leaf: &str, issuer: &str| {
        let files = [file("leaf", leaf), file("issuer", issuer)];
        let chain = assemble(&files, &delivery.csr).unwrap();
        let proved = chain.prove(&delivery.csr, &names(&["www.example.com"]), now());
        proved.unwrap_err().en().to_owned()
    };
    let no_authority = root.certify(middle, "Test Issuing CA 1", false, (2039, 1, 1));
    let text = told(&delivery.leaf, &no_authority);
    assert!(
        text.contains("is not the certificate of an authority"),
        "{text}"
    );
    let by_root = root.sign(&delivery.csr, &Wish::of(&["www.example.com"]));
    let text = told(&by_root, &root.pem);
    assert!(text.contains("is a root"), "{text}");
    let text = told(&delivery.leaf, &root.pem);
    assert!(text.contains("is not among the vendor's files"), "{text}");
}

#[test]
fn a_key_roll_over_is_no_root() {
    let elder = Authority::root("Root");
    let younger = Authority::root("Root");
    let csr = csr(&["example.com"]);
    let files = [
        file("leaf", younger.sign(&csr, &Wish::of(&["example.com"]))),
        file("roll-over", elder.cross_sign(&younger, (2035, 1, 1))),
        file("root", &elder.pem),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(labels(&chain), ["example.com", "Root"]);
    assert_eq!(chain.prove(&csr, &names(&["example.com"]), now()), Ok(()));
}

#[test]
fn long_chains_are_put_in_order() {
    let root = Authority::root("Root");
    let policy = root.sub("Policy CA");
    let regional = policy.sub("Regional CA");
    let issuing = regional.sub("Issuing CA");
    let csr = csr(&["example.com"]);
    let leaf = issuing.sign(&csr, &Wish::of(&["example.com"]));
    let files = [
        file("1", &policy.pem),
        file("2", &leaf),
        file("3", &root.pem),
        file("4", &issuing.pem),
        file("5", &regional.pem),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(
        labels(&chain),
        ["example.com", "Issuing CA", "Regional CA", "Policy CA"]
    );
    assert_eq!(chain.prove(&csr, &names(&["example.com"]), now()), Ok(()));
}

#[test]
fn of_several_certificates_of_one_key_the_newest_is_taken() {
    let delivery = Delivery::new();
    let dated = |from, to| {
        let wish = Wish {
            from,
            to,
            ..Wish::of(&["www.example.com"])
        };
        delivery.intermediate.sign(&delivery.csr, &wish)
    };
    let old = dated((2025, 6, 1), (2026, 12, 1));
    let new = dated((2026, 2, 1), (2026, 8, 1));
    for files in [[&old, &new], [&new, &old]] {
        let files = [
            file("a", files[0]),
            file("b", files[1]),
            file("c", &delivery.intermediate.pem),
        ];
        let chain = assemble(&files, &delivery.csr).unwrap();
        assert_eq!(chain.leaf, certificate(&new));
    }
}

#[test]
fn self_signed_placeholders_and_precertificates_are_passed_over() {
    let key = KeyPair::generate().unwrap();
    let csr = csr_of(&key, &["www.example.com"]);
    let delivery = Delivery::new();
    let leaf = delivery
        .intermediate
        .sign(&csr, &Wish::of(&["www.example.com"]));
    let newer = Wish {
        from: (2026, 2, 1),
        poisoned: true,
        ..Wish::of(&["www.example.com"])
    };
    let poisoned = delivery.intermediate.sign(&csr, &newer);
    let mut placeholder =
        rcgen::CertificateParams::new(vec!["www.example.com".to_owned()]).unwrap();
    placeholder.not_before = rcgen::date_time_ymd(2026, 2, 15);
    let placeholder = placeholder.self_signed(&key).unwrap().pem();
    let files = [
        file("a", &placeholder),
        file("b", &poisoned),
        file("c", &leaf),
        file("d", &delivery.intermediate.pem),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(chain.leaf, certificate(&leaf));
}

#[test]
fn cross_signed_issuers_come_before_the_root_of_the_same_key_unless_they_have_ended() {
    let delivery = Delivery::new();
    let elder = Authority::root("Elder Root");
    let cross = |to| elder.cross_sign(&delivery.root, to);
    let assembled = |cross: &str| {
        let mut files = delivery.files();
        files.push(file("elder", &elder.pem));
        files.push(file("cross", cross));
        assemble(&files, &delivery.csr).unwrap()
    };
    let valid = assembled(&cross((2030, 1, 1)));
    assert_eq!(
        labels(&valid),
        ["www.example.com", "Test Issuing CA 1", "Test Root"]
    );
    assert!(!valid.intermediates[1].is_self_issued());
    assert_eq!(
        valid.prove(&delivery.csr, &names(&["example.com"]), now()),
        Ok(())
    );
    let ended = assembled(&cross((2025, 1, 1)));
    assert_eq!(labels(&ended), COMPLETE);
}

#[test]
fn authorities_that_sign_each_other_do_not_make_an_endless_chain() {
    let one = Authority::root("One");
    let other = Authority::root("Other");
    let csr = csr(&["example.com"]);
    let files = [
        file("leaf", one.sign(&csr, &Wish::of(&["example.com"]))),
        file("a", one.cross_sign(&other, (2035, 1, 1))),
        file("b", other.cross_sign(&one, (2035, 1, 1))),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(labels(&chain), ["example.com", "One"]);
    assert_eq!(chain.prove(&csr, &names(&["example.com"]), now()), Ok(()));
}

#[test]
fn no_certificate_and_no_authority_stands_twice_in_a_chain() {
    let root = Authority::root("Root");
    let (one, other) = (root.sub("One"), root.sub("Other"));
    let csr = csr(&["example.com"]);
    let leaf = one.sign(&csr, &Wish::of(&["example.com"]));
    // The circle would be preferred: its certificates live longer.
    let files = [
        file("leaf", format!("{leaf}{leaf}{}", one.pem)),
        file("a", other.cross_sign(&one, (2039, 1, 1))),
        file("b", one.cross_sign(&other, (2039, 1, 1))),
        file("c", format!("{}{}{}", one.pem, other.pem, root.pem)),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(labels(&chain), ["example.com", "One", "Other"]);
    assert_eq!(chain.intermediates[1], certificate(&other.pem));
    assert_eq!(chain.prove(&csr, &names(&["example.com"]), now()), Ok(()));
}

/// The outage of May 2020: a cross-signature that had just expired was sent along.
#[test]
fn a_chain_ends_below_the_first_expired_certificate_above_the_issuer() {
    let elder = Authority::root("Elder Root");
    let root = Authority::root("Root");
    let issuing = root.sub("Issuing CA");
    let csr = csr(&["example.com"]);
    // In force when the leaf was issued, expired when it is saved.
    let cross = elder.cross_sign(&root, (2026, 2, 1));
    let files = [
        file("leaf", issuing.sign(&csr, &Wish::of(&["example.com"]))),
        file("chain", format!("{}{cross}{}", issuing.pem, elder.pem)),
    ];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(labels(&chain), ["example.com", "Issuing CA", "Root"]);
    let earlier = crate::certificate::testing::at((2026, 1, 15));
    assert_eq!(chain.clone().without_expired(earlier), chain);
    let cut = chain.without_expired(now());
    assert_eq!(labels(&cut), ["example.com", "Issuing CA"]);
    assert_eq!(cut.prove(&csr, &names(&["example.com"]), now()), Ok(()));
}

#[test]
fn an_expired_issuer_stays_and_is_refused() {
    let root = Authority::root("Root");
    let issuing = root.sub_dated("Issuing CA", (2020, 1, 1), (2026, 2, 1));
    let csr = csr(&["example.com"]);
    let files = [
        file("leaf", issuing.sign(&csr, &Wish::of(&["example.com"]))),
        file("chain", &issuing.pem),
    ];
    let chain = assemble(&files, &csr).unwrap().without_expired(now());
    let proved = chain.prove(&csr, &names(&["example.com"]), now());
    assert!(proved.is_err_and(|text| text.en().contains("ended on 2026-02-01")));
}

#[test]
fn an_issuer_whose_signature_cannot_be_verified_is_not_called_missing() {
    let root = Authority::root("Root");
    let issuing = root.sub("Issuing CA");
    let csr = csr(&["example.com"]);
    let leaf = issuing.sign(&csr, &Wish::of(&["example.com"]));
    // ecdsa-with-SHA256 becomes an algorithm that nobody knows.
    let mut der = certificate(&leaf).der;
    let known = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    while let Some(at) = der.windows(8).position(|window| window == known) {
        der[at + 7] = 0x7f;
    }
    let files = [file("leaf", &der), file("chain", &issuing.pem)];
    let chain = assemble(&files, &csr).unwrap();
    assert_eq!(labels(&chain), ["example.com", "Issuing CA"]);
    let text = chain
        .prove(&csr, &names(&["example.com"]), now())
        .unwrap_err();
    assert!(
        text.en()
            .contains("an algorithm that cannot be verified here"),
        "{text:?}"
    );
}

#[test]
fn rsa_requests_are_matched_as_well() {
    let csr = crate::certificate::Csr::parse(include_str!("../fixtures/rsa-2048.pem")).unwrap();
    let delivery = Delivery::new();
    let leaf = delivery
        .intermediate
        .sign(&csr, &Wish::of(&["www.example.com", "*.example.com"]));
    let files = [file("a", &leaf), file("b", &delivery.intermediate.pem)];
    let chain = assemble(&files, &csr).unwrap();
    let ordered = names(&["www.example.com", "shop.example.com", "*.example.com"]);
    assert_eq!(chain.prove(&csr, &ordered, now()), Ok(()));
}

#[test]
fn deliveries_without_the_certificate_are_refused() {
    let delivery = Delivery::new();
    let other = csr(&["www.example.com"]);
    let failure = assemble(&delivery.files(), &other).unwrap_err();
    assert_eq!(failure.reason(), Reason::CertificateMismatch);
    assert_eq!(
        failure.words(),
        "none of the 3 certificates in the vendor's files has the public key of the CSR \
         (they are: www.example.com, Test Issuing CA 1, Test Root)"
    );

    let half = &delivery.leaf[..200];
    for files in [vec![], vec![file("a", ""), file("b", half)]] {
        let failure = assemble(&files, &delivery.csr).unwrap_err();
        assert_eq!(failure.reason(), Reason::UnreadableCertificate);
    }
}

#[test]
fn deliveries_beyond_any_measure_are_refused() {
    let delivery = Delivery::new();
    let many = vec![file("a", &delivery.leaf); 129];
    let large = vec![file("a", vec![b' '; 8 * 1024 * 1024 + 1])];
    for files in [many, large] {
        let failure = assemble(&files, &delivery.csr).unwrap_err();
        assert_eq!(failure.reason(), Reason::UnreadableCertificate);
        assert!(failure.words().contains("too many or too large"));
    }
    let leaf = certificate(&delivery.leaf);
    let overfull = pkcs7::bag(std::iter::repeat_n(&leaf, pkcs7::MAX_CERTIFICATES + 1));
    assert!(pkcs7::certificates(&overfull).is_err());
    let full = pkcs7::bag(std::iter::repeat_n(&leaf, pkcs7::MAX_CERTIFICATES));
    assert_eq!(pkcs7::certificates(&full).unwrap().len(), 128);
}
