//! Public keys: which ones a public authority accepts, and when two are the same.

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
/// Largest RSA modulus that can be checked here and that vendors are known to take.
const RSA_MAX_BITS: usize = 8192;
/// Smallest RSA exponent (Baseline Requirements, 6.1.6).
const RSA_MIN_EXPONENT: u64 = 65_537;

/// What is wrong with a key, in words that finish "the key is not accepted:"; `None` when nothing is.
pub(super) fn trouble(key: &SubjectPublicKeyInfo<'_>) -> Option<Words> {
    let algorithm = &key.algorithm.algorithm;
    if *algorithm == OID_PKCS1_RSAENCRYPTION {
        return match key.parsed() {
            Ok(PublicKey::RSA(rsa)) => rsa_trouble(rsa.modulus, rsa.exponent),
            _ => Some(words!(
                "it is an RSA key that cannot be read",
                "это нечитаемый ключ RSA"
            )),
        };
    }
    if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        return ec_trouble(key);
    }
    let kind = if *algorithm == OID_PKCS1_RSASSAPSS {
        return Some(words!(
            "it is RSA restricted to PSS signatures",
            "это RSA, ограниченный подписями PSS"
        ));
    } else if *algorithm == OID_SIG_ED25519 {
        "Ed25519"
    } else if *algorithm == OID_SIG_ED448 {
        "Ed448"
    } else if *algorithm == OID_KEY_TYPE_DSA {
        "DSA"
    } else {
        let Some(kind) = named(KINDS, algorithm) else {
            return Some(words!(
                "it is a key of a kind that is not known here",
                "это ключ неизвестного здесь вида"
            ));
        };
        kind
    };
    Some(words!("it is {kind}", "это {kind}"))
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
    ("1.2.840.10045.4.1", "ECDSA with SHA-1"),
    ("1.2.840.10045.4.3.1", "ECDSA with SHA-224"),
    ("2.16.840.1.101.3.4.3.10", "ECDSA with SHA3-256"),
    ("2.16.840.1.101.3.4.3.11", "ECDSA with SHA3-384"),
    ("2.16.840.1.101.3.4.3.12", "ECDSA with SHA3-512"),
    ("2.16.840.1.101.3.4.3.14", "SHA3-256"),
    ("2.16.840.1.101.3.4.3.15", "SHA3-384"),
    ("2.16.840.1.101.3.4.3.16", "SHA3-512"),
];

/// The name of a signature's algorithm, for people.
pub(super) fn signature_name(algorithm: &Oid<'_>) -> Words {
    match named(SIGNATURES, algorithm) {
        Some(UNUSUAL_PSS) => words!("RSA-PSS of an unusual form", "RSA-PSS необычного вида"),
        Some(name) => Words::verbatim(name),
        None => words!(
            "an algorithm that is not known here",
            "неизвестный здесь алгоритм"
        ),
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
    if !(RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits) {
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
    // Above 32 bits no library agrees any more; nobody uses such exponents.
    if bit_length(exponent) > 32 {
        return Some(words!(
            "it is RSA with an exponent of more than 32 bits",
            "это RSA с показателем длиннее 32 бит"
        ));
    }
    let value = exponent
        .iter()
        .fold(0_u64, |value, octet| (value << 8) | u64::from(*octet));
    if value < RSA_MIN_EXPONENT || even(exponent) {
        return Some(words!(
            "it is RSA with the exponent {value} instead of 65537",
            "это RSA с показателем {value} вместо 65537"
        ));
    }
    None
}

fn ec_trouble(key: &SubjectPublicKeyInfo<'_>) -> Option<Words> {
    let curve = key
        .algorithm
        .parameters
        .as_ref()
        .filter(|parameters| parameters.tag() == Tag::Oid)
        .and_then(|parameters| parameters.as_oid().ok());
    let Some(curve) = curve else {
        return Some(words!(
            "it is EC without a named curve",
            "это EC без названной кривой"
        ));
    };
    let coordinate = if curve == OID_EC_P256 {
        32
    } else if curve == OID_NIST_EC_P384 {
        48
    } else if curve == OID_NIST_EC_P521 {
        return Some(words!("it is EC P-521", "это EC P-521"));
    } else {
        return Some(match named(CURVES, &curve) {
            Some(name) => words!("it is EC with the curve {name}", "это EC с кривой {name}"),
            None => words!(
                "it is EC with the curve that is not known here",
                "это EC с неизвестной здесь кривой"
            ),
        });
    };
    let point = key.subject_public_key.data.as_ref();
    if point.first() != Some(&4) || point.len() != 1 + 2 * coordinate {
        return Some(words!(
            "it is EC with a point in compressed or broken form",
            "это EC с точкой в сжатом или повреждённом виде"
        ));
    }
    None
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
            (8193, usual, Some("8193 bits")),
            (16_384, usual, Some("16384 bits")),
            (2048, &[3], Some("exponent 3 ")),
            (2048, &[1, 0, 0], Some("exponent 65536")),
            (2048, &[1, 0, 2], Some("exponent 65538")),
            (2048, &[0, 255, 255], Some("exponent 65535")),
            (2048, &[1, 0, 0, 0, 1], Some("more than 32 bits")),
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

    #[test]
    fn points_have_to_be_whole_and_uncompressed() {
        let p256 = [
            write(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
            write(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        ];
        for (form, length, accepted) in [
            (4, 65, true),
            (4, 97, false),
            (4, 64, false),
            (2, 33, false),
        ] {
            let mut point = vec![1; length + 1];
            point[..2].copy_from_slice(&[0, form]);
            let der = write(
                0x30,
                &[write(0x30, &p256.concat()), write(3, &point)].concat(),
            );
            let trouble = trouble(&parse(&der).unwrap());
            assert_eq!(trouble.is_none(), accepted, "{form} {length} {trouble:?}");
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
