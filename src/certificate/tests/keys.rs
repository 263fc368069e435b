use rsa::BigUint;

use crate::certificate::testing::weak::{close, of_roca, with_modulus};
use crate::certificate::{Csr, pem};
use crate::failure::Reason;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name, ".pem"))
    };
}

#[test]
fn keys_and_signatures_are_judged() {
    type Judgement = Result<(), (Reason, &'static str)>;
    let cases: &[(&str, &str, Judgement)] = &[
        ("rsa-2048", fixture!("rsa-2048"), Ok(())),
        ("rsa-2048-sha1", fixture!("rsa-2048-sha1"), Ok(())),
        ("rsa-2048-newhdr", fixture!("rsa-2048-newhdr"), Ok(())),
        ("p256", fixture!("p256"), Ok(())),
        ("p384", fixture!("p384"), Ok(())),
        (
            "rsa-1024",
            fixture!("rsa-1024"),
            Err((Reason::WeakKey, "it is RSA with 1024 bits")),
        ),
        ("exponent 3", fixture!("rsa-2048-exponent-3"), Ok(())),
        (
            "rsa-pss",
            fixture!("rsa-pss"),
            Err((Reason::WeakKey, "it is RSA restricted to PSS signatures")),
        ),
        (
            "p521",
            fixture!("p521"),
            Err((Reason::WeakKey, "it is EC P-521")),
        ),
        (
            "secp256k1",
            fixture!("secp256k1"),
            Err((Reason::WeakKey, "it is EC with the curve secp256k1")),
        ),
        (
            "ed25519",
            fixture!("ed25519"),
            Err((Reason::WeakKey, "it is Ed25519")),
        ),
        ("md5", fixture!("rsa-2048-md5"), Ok(())),
        ("pss", fixture!("rsa-2048-salt-32"), Ok(())),
        ("sha512 with P-256", fixture!("p256-sha512"), Ok(())),
        (
            "explicit parameters",
            fixture!("explicit-curve"),
            Err((Reason::WeakKey, "it is EC without a named curve")),
        ),
        (
            "an odd length",
            fixture!("rsa-2052"),
            // Baseline Requirements, 6.1.5: the size in bits is evenly divisible by 8.
            Err((
                Reason::WeakKey,
                "it is RSA with 2052 bits, which is not a multiple of 8",
            )),
        ),
    ];
    for (name, text, expected) in cases {
        let csr = Csr::parse(text).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let judged = csr
            .examine()
            .map_err(|failure| (failure.reason(), failure.words()));
        let expected = expected.map_err(|(reason, words)| (reason, words.to_owned()));
        assert_eq!(judged, expected, "{name}");
    }
}

/// Baseline Requirements, 6.1.5 and 6.1.6, set no upper limit and say SHOULD of exponents; their rules for signatures
/// bind certificates. What cannot be verified here is said.
#[test]
fn unusual_keys_and_signatures_are_remarked() {
    for (name, text, is_proved, expected) in [
        (
            "three",
            fixture!("rsa-2048-exponent-3"),
            true,
            "exponent 3;",
        ),
        (
            "2^40",
            fixture!("rsa-2048-exponent-2-40"),
            false,
            "cannot be verified here: its key",
        ),
        ("8200", fixture!("rsa-8200"), false, "8200 bits"),
        (
            "point",
            fixture!("p256-compressed"),
            false,
            "compressed form",
        ),
        ("md5", fixture!("rsa-2048-md5"), false, "signed with MD5"),
        (
            "pss with a long salt",
            fixture!("rsa-2048-salt-222"),
            false,
            "signed with RSA-PSS of an unusual form",
        ),
    ] {
        let csr = Csr::parse(text).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        csr.examine().unwrap();
        let remarks = csr.remarks().join("; ");
        assert!(remarks.contains(expected), "{name}: {remarks}");
        let is_unproved = remarks.contains("cannot be verified here");
        assert_eq!(is_unproved, !is_proved, "{name}: {remarks}");
    }
}

/// A salt as long as the digest is what can be verified, and a wrong signature with it is one.
#[test]
fn a_usual_signature_with_pss_is_verified() {
    let text = fixture!("rsa-2048-salt-32");
    assert_eq!(Csr::parse(text).unwrap().remarks(), [""; 0]);
    let mut der = pem::blocks(text).remove(0).der.unwrap();
    *der.last_mut().unwrap() ^= 1;
    let changed = pem::armour("CERTIFICATE REQUEST", &der);
    let words = Csr::parse(&changed).unwrap_err().words();
    assert!(words.starts_with("its signature is wrong"), "{words}");
}

/// Baseline Requirements, 6.1.1.3: keys that a look at the modulus breaks.
#[test]
fn keys_that_anybody_can_compute_are_refused() {
    let near = BigUint::from(1_u32) << 515;
    for (modulus, expected) in [
        (of_roca(), "(ROCA)"),
        (close(&near), "too close to each other"),
    ] {
        let text = with_modulus(fixture!("rsa-2048"), &modulus);
        let csr = Csr::parse(&text).unwrap_or_else(|failure| panic!("{expected}: {failure}"));
        let failure = csr.examine().unwrap_err();
        assert_eq!(failure.reason(), Reason::WeakKey);
        assert!(failure.words().contains(expected), "{failure}");
    }
    // Another modulus is only a wrong signature.
    let other = with_modulus(
        fixture!("rsa-2048"),
        &close(&(BigUint::from(1_u32) << 1000)),
    );
    let words = Csr::parse(&other).unwrap_err().words();
    assert!(words.starts_with("its signature is wrong"), "{words}");
}
