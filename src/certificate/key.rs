//! Public keys: which ones a public authority accepts, and when two are the same.

use super::weak;
use crate::domain::text::Words;
use x509_parser::asn1_rs::Tag;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_DSA, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521,
    OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS, OID_SIG_ED448, OID_SIG_ED25519, Oid,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Smallest RSA modulus of public authorities (CA/Browser Forum Baseline Requirements, 6.1.5).
const RSA_MIN_BITS: usize = 2048;
/// Smallest RSA exponent (Baseline Requirements, 6.1.6: "odd number equal to 3 or more").
const RSA_MIN_EXPONENT: u64 = 3;
/// Smallest and largest RSA exponent that authorities should see (Baseline Requirements, 6.1.6), by its bits.
const USUAL_EXPONENT_BITS: std::ops::RangeInclusive<usize> = 17..=256;
/// The largest modulus and the longest exponent whose signatures can be verified here.
const VERIFIED_BITS: (usize, usize) = (8192, 33);

/// What is said of a key beside its being good.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Why no public authority certifies it, in words that finish "the key is not accepted:".
    pub(super) trouble: Option<Words>,
    /// What is unusual about it, which no rule forbids.
    pub(super) remark: Option<String>,
    /// Whether signatures made with it can be verified here.
    pub(super) is_verifiable: bool,
}

impl Judgement {
    fn refused(trouble: Words) -> Self {
        Self {
            trouble: Some(trouble),
            ..Self::default()
        }
    }

    fn good() -> Self {
        Self {
            is_verifiable: true,
            ..Self::default()
        }
    }
}

/// Judges a key.
pub(super) fn judge(key: &SubjectPublicKeyInfo<'_>) -> Judgement {
    let algorithm = &key.algorithm.algorithm;
    if *algorithm == OID_PKCS1_RSAENCRYPTION {
        return match key.parsed() {
            Ok(PublicKey::RSA(rsa)) => {
                let trouble = rsa_trouble(rsa.modulus, rsa.exponent);
                match trouble.or_else(|| weak::trouble(rsa.modulus)) {
                    Some(trouble) => Judgement::refused(trouble),
                    None => unusual_rsa(rsa.modulus, rsa.exponent),
                }
            }
            _ => Judgement::refused(words!(
                "it is an RSA key that cannot be read",
                "это нечитаемый ключ RSA"
            )),
        };
    }
    if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        return judge_ec(key);
    }
    Judgement::refused(other_kind(algorithm))
}

/// Keys that are neither RSA nor EC.
fn other_kind(algorithm: &Oid<'_>) -> Words {
    let kind = if *algorithm == OID_PKCS1_RSASSAPSS {
        // Baseline Requirements, 7.1.3.1.1: an RSA key is named rsaEncryption and nothing else.
        return words!(
            "it is RSA restricted to PSS signatures",
            "это RSA, ограниченный подписями PSS"
        );
    } else if *algorithm == OID_SIG_ED25519 {
        "Ed25519"
    } else if *algorithm == OID_SIG_ED448 {
        "Ed448"
    } else if *algorithm == OID_KEY_TYPE_DSA {
        "DSA"
    } else {
        let Some(kind) = named(KINDS, algorithm) else {
            return words!(
                "it is a key of a kind that is not known here",
                "это ключ неизвестного здесь вида"
            );
        };
        kind
    };
    words!("it is {kind}", "это {kind}")
}

/// Further kinds of keys that requests are made with.
const KINDS: &[(&str, &str)] = &[
    ("1.2.643.7.1.1.1.1", "GOST R 34.10-2012"),
    ("1.2.643.7.1.1.1.2", "GOST R 34.10-2012"),
    ("1.2.643.2.2.19", "GOST R 34.10-2001"),
    ("1.2.156.10197.1.301", "SM2"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// Curves by name.
const CURVES: &[(&str, &str)] = &[
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.33", "P-224"),
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
];

/// RSA-PSS with parameters that are not known.
const UNUSUAL_PSS: &str = "RSA-PSS";

/// Algorithms of signatures that cannot be verified here.
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.3", "MD4"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.10", UNUSUAL_PSS),
    ("1.2.840.113549.1.1.14", "SHA-224"),
    ("1.2.840.113549.1.1.15", "SHA-512/224"),
    ("1.2.840.113549.1.1.16", "SHA-512/256"),
    ("1.3.36.3.3.1.2", "RIPEMD-160"),
    ("1.2.840.10045.4.1", "ECDSA with SHA-1"),
    ("1.2.840.10045.4.3.1", "ECDSA with SHA-224"),
    ("2.16.840.1.101.3.4.3.10", "ECDSA with SHA3-256"),
    ("2.16.840.1.101.3.4.3.11", "ECDSA with SHA3-384"),
    ("2.16.840.1.101.3.4.3.12", "ECDSA with SHA3-512"),
    ("2.16.840.1.101.3.4.3.14", "SHA3-256"),
    ("2.16.840.1.101.3.4.3.15", "SHA3-384"),
    ("2.16.840.1.101.3.4.3.16", "SHA3-512"),
];

/// The name of a signature's algorithm, for people; `None` of one that nobody knows.
pub(super) fn signature_name(algorithm: &Oid<'_>) -> Option<&'static str> {
    match named(SIGNATURES, algorithm)? {
        UNUSUAL_PSS => Some("RSA-PSS of an unusual form"),
        name => Some(name),
    }
}

fn named(table: &[(&str, &'static str)], oid: &Oid<'_>) -> Option<&'static str> {
    let oid = oid.to_id_string();
    let mut entries = table.iter();
    entries.find(|(id, _)| *id == oid).map(|(_, name)| *name)
}

/// Whether the bits of an RSA modulus are a multiple of eight, as authorities have to demand (Baseline
/// Requirements, 6.1.5); the length otherwise. Of other keys there is nothing to say.
pub(super) fn odd_length(key: &SubjectPublicKeyInfo<'_>) -> Option<Words> {
    let Ok(PublicKey::RSA(rsa)) = key.parsed() else {
        return None;
    };
    let bits = bit_length(rsa.modulus);
    let is_odd = !bits.is_multiple_of(8);
    is_odd.then(|| {
        words!(
            "it is RSA with {bits} bits, which is not a multiple of 8",
            "это RSA длиной {bits} бит, а длина должна быть кратна 8"
        )
    })
}

fn rsa_trouble(modulus: &[u8], exponent: &[u8]) -> Option<Words> {
    let negative = |number: &[u8]| number.first().is_none_or(|octet| octet & 0x80 != 0);
    if negative(modulus) || negative(exponent) {
        return Some(words!(
            "it is an RSA key with a negative number",
            "это ключ RSA с отрицательным числом"
        ));
    }
    let bits = bit_length(modulus);
    if bits < RSA_MIN_BITS {
        return Some(words!(
            "it is RSA with {bits} bits",
            "это RSA длиной {bits} бит"
        ));
    }
    if even(modulus) {
        return Some(words!(
            "it is RSA with an even modulus",
            "это RSA с чётным модулем"
        ));
    }
    if even(exponent) {
        return Some(words!(
            "it is RSA with an even exponent",
            "это RSA с чётным показателем"
        ));
    }
    let is_too_small = value_of(exponent).is_some_and(|value| value < RSA_MIN_EXPONENT);
    is_too_small.then(|| {
        words!(
            "it is RSA with an exponent below 3",
            "это RSA с показателем меньше 3"
        )
    })
}

/// An RSA key that may be certified: what is out of the common, which vendors may take or not.
fn unusual_rsa(modulus: &[u8], exponent: &[u8]) -> Judgement {
    let (bits, exponent_bits) = (bit_length(modulus), bit_length(exponent));
    let mut remarks = Vec::new();
    if bits > VERIFIED_BITS.0 {
        remarks.push(format!(
            "the CSR's key is RSA with {bits} bits, which vendors may not take"
        ));
    }
    if !USUAL_EXPONENT_BITS.contains(&exponent_bits) {
        remarks.push(match value_of(exponent) {
            Some(value) => format!(
                "the CSR's key is RSA with the exponent {value}; authorities should not take any below 65537"
            ),
            None => format!(
                "the CSR's key is RSA with an exponent of {exponent_bits} bits; authorities should not take any of more than 256"
            ),
        });
    }
    Judgement {
        trouble: None,
        remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
        is_verifiable: bits <= VERIFIED_BITS.0 && exponent_bits <= VERIFIED_BITS.1,
    }
}

/// A number of at most eight octets.
fn value_of(number: &[u8]) -> Option<u64> {
    let octets = || number.iter();
    (bit_length(number) <= 64)
        .then(|| octets().fold(0, |value, octet| (value << 8) | u64::from(*octet)))
}

fn judge_ec(key: &SubjectPublicKeyInfo<'_>) -> Judgement {
    let coordinate = match coordinate_of(key) {
        Ok(length) => length,
        Err(trouble) => return Judgement::refused(trouble),
    };
    let point = key.subject_public_key.data.as_ref();
    match point.split_first() {
        Some((4, rest)) if rest.len() == 2 * coordinate => Judgement::good(),
        // RFC 5480, 2.2: the compressed form is allowed, and nobody has to read it.
        Some((2 | 3, rest)) if rest.len() == coordinate => Judgement {
            trouble: None,
            remark: Some(
                "the CSR's key is EC with a point in compressed form, which vendors may not read"
                    .to_owned(),
            ),
            is_verifiable: false,
        },
        _ => Judgement::refused(words!(
            "it is EC with a broken point",
            "это EC с повреждённой точкой"
        )),
    }
}

/// The octets of a coordinate on the curve of a key (P-256, P-384).
///
/// # Errors
/// What is wrong with the curve.
fn coordinate_of(key: &SubjectPublicKeyInfo<'_>) -> Result<usize, Words> {
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .filter(|parameters| parameters.tag() == Tag::Oid)
        .and_then(|parameters| parameters.as_oid().ok());
    // Baseline Requirements, 7.1.3.1.2: the curve is named.
    let Some(curve) = curve else {
        return Err(words!(
            "it is EC without a named curve",
            "это EC без названной кривой"
        ));
    };
    if curve == OID_EC_P256 {
        return Ok(32);
    }
    if curve == OID_NIST_EC_P384 {
        return Ok(48);
    }
    // Mozilla Root Store Policy, 5.1.
    if curve == OID_NIST_EC_P521 {
        return Err(words!("it is EC P-521", "это EC P-521"));
    }
    Err(match named(CURVES, &curve) {
        Some(name) => words!("it is EC with the curve {name}", "это EC с кривой {name}"),
        None => words!(
            "it is EC with a curve that is not known here",
            "это EC с неизвестной здесь кривой"
        ),
    })
}

fn bit_length(number: &[u8]) -> usize {
    let significant = number
        .iter()
        .position(|octet| *octet != 0)
        .and_then(|first| number.get(first..))
        .unwrap_or_default();
    significant.first().map_or(0, |first| {
        significant.len() * 8 - first.leading_zeros() as usize
    })
}

fn even(number: &[u8]) -> bool {
    number.last().is_none_or(|octet| octet & 1 == 0)
}

/// Whether two encoded public keys are the same key.
///
/// Bytes usually agree, but an authority may write the `NULL` parameter of RSA that a CSR left out.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let (Some(one), Some(other)) = (parse(one), parse(other)) else {
        return false;
    };
    one.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION
        && other.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION
        && one.subject_public_key.data == other.subject_public_key.data
}

fn parse(der: &[u8]) -> Option<SubjectPublicKeyInfo<'_>> {
    match SubjectPublicKeyInfo::from_der(der) {
        Ok(([], key)) => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::ber::write;

    fn modulus(bits: usize) -> Vec<u8> {
        let mut octets = vec![0xff; bits.div_ceil(8)];
        octets[0] = 0xff >> (octets.len() * 8 - bits);
        octets.insert(0, 0);
        octets
    }

    #[test]
    fn rsa_keys_are_accepted_by_size_and_exponent() {
        let usual: &[u8] = &[1, 0, 1];
        let cases: &[(usize, &[u8], Option<&str>)] = &[
            (2048, usual, None),
            (3072, usual, None),
            (4096, usual, None),
            (8192, usual, None),
            (2048, &[1, 0, 3], None),
            (1024, usual, Some("1024 bits")),
            (2047, usual, Some("2047 bits")),
            (8200, usual, None),
            (16_384, usual, None),
            (2048, &[3], None),
            (2048, &[0, 255, 255], None),
            (2048, &[1, 0, 0, 0, 1], None),
            (2048, &[1], Some("below 3")),
            (2048, &[0], Some("even exponent")),
            (2048, &[2], Some("even exponent")),
            (2048, &[1, 0, 0], Some("even exponent")),
            (2048, &[1, 0, 2], Some("even exponent")),
            (2048, &[], Some("negative")),
            (2048, &[0x81], Some("negative")),
        ];
        for (bits, exponent, expected) in cases {
            let trouble = rsa_trouble(&modulus(*bits), exponent);
            match expected {
                None => assert_eq!(trouble, None, "{bits} {exponent:?}"),
                Some(words) => {
                    assert!(
                        trouble.as_ref().is_some_and(|t| t.en().contains(words)),
                        "{bits} {exponent:?} {trouble:?}"
                    );
                }
            }
        }
        let mut even = modulus(2048);
        *even.last_mut().unwrap() = 0xfe;
        assert!(
            rsa_trouble(&even, usual)
                .unwrap()
                .en()
                .contains("even modulus")
        );
    }

    /// Baseline Requirements, 6.1.6: exponents from 2^16+1 to 2^256-1 are what authorities should see; there is no
    /// longest modulus. What no rule forbids is a remark.
    #[test]
    fn unusual_rsa_keys_are_remarked() {
        let mut long = vec![1];
        long.resize(33, 1);
        let cases: &[(usize, &[u8], Option<&str>, bool)] = &[
            (2048, &[1, 0, 1], None, true),
            (2048, &[1, 0, 0, 0, 1], None, true),
            (2048, &[1, 0, 0, 0, 0, 1], None, false),
            (2048, &long[1..], None, false),
            (2048, &long, Some("257 bits"), false),
            (2048, &[3], Some("exponent 3;"), true),
            (2048, &[0, 255, 255], Some("exponent 65535;"), true),
            (8192, &[1, 0, 1], None, true),
            (8200, &[1, 0, 1], Some("8200 bits"), false),
        ];
        for (bits, exponent, expected, is_verifiable) in cases {
            let judged = unusual_rsa(&modulus(*bits), exponent);
            let remark = judged.remark.as_deref();
            assert_eq!(remark.is_some(), expected.is_some(), "{bits} {exponent:?}");
            assert!(remark.unwrap_or_default().contains(expected.unwrap_or("")));
            assert_eq!(judged.is_verifiable, *is_verifiable, "{bits} {exponent:?}");
        }
    }

    #[test]
    fn points_have_to_be_whole_and_compressed_ones_are_remarked() {
        let p256 = [
            write(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
            write(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        ];
        for (form, length, accepted, is_usual) in [
            (4, 65, true, true),
            (4, 97, false, false),
            (4, 64, false, false),
            (2, 33, true, false),
            (2, 32, false, false),
        ] {
            let mut point = vec![1; length + 1];
            point[..2].copy_from_slice(&[0, form]);
            let der = write(
                0x30,
                &[write(0x30, &p256.concat()), write(3, &point)].concat(),
            );
            let judged = judge(&parse(&der).unwrap());
            let was = (judged.trouble.is_none(), judged.is_verifiable);
            assert_eq!(was, (accepted, is_usual), "{form} {length} {judged:?}");
        }
    }

    #[test]
    fn keys_are_the_same_with_and_without_null_parameters() {
        let oid = [
            0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
        ];
        let key = |parameters: &[u8], content: u8| {
            let algorithm = write(0x30, &[&oid[..], parameters].concat());
            let bits = write(0x03, &[0, content]);
            write(0x30, &[algorithm, bits].concat())
        };
        assert!(same(&key(&[5, 0], 1), &key(&[], 1)));
        assert!(!same(&key(&[5, 0], 1), &key(&[], 2)));
        assert!(!same(&key(&[5, 0], 1), b"rubbish"));
    }
}
