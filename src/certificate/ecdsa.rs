//! ECDSA with SHA-512 on P-256 and P-384 (FIPS 186-5, 6.4.2), which requests carry and the library of
//! signatures does not know. Only public values are computed with, so nothing needs constant time, and
//! only requests are judged by it: their authority verifies them again.

use rsa::BigUint;
use sha2::{Digest, Sha512};
use x509_parser::error::X509Error;
use x509_parser::oid_registry::{OID_EC_P256, OID_NIST_EC_P384};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::ber;

/// 1.2.840.10045.4.3.4
const ECDSA_WITH_SHA512: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];

/// Verifies a signature of the one kind that this file is for.
///
/// # Errors
/// `SignatureUnsupportedAlgorithm` for every other kind; `SignatureVerificationError`.
pub(super) fn verify_sha512(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &[u8],
    signed: &[u8],
) -> Result<(), X509Error> {
    let parameters = key.algorithm.parameters.as_ref();
    let curve = parameters.and_then(|parameters| parameters.as_oid().ok());
    let curve = match curve {
        _ if algorithm.algorithm.as_bytes() != ECDSA_WITH_SHA512 => None,
        Some(oid) if oid == OID_EC_P256 => Curve::new(&P256),
        Some(oid) if oid == OID_NIST_EC_P384 => Curve::new(&P384),
        _ => None,
    };
    let curve = curve.ok_or(X509Error::SignatureUnsupportedAlgorithm)?;
    let digest = Sha512::digest(signed);
    let point = key.subject_public_key.data.as_ref();
    match curve.verify(point, &digest, signature) {
        Some(true) => Ok(()),
        _ => Err(X509Error::SignatureVerificationError),
    }
}

/// Octets of a coordinate; then prime, coefficient `b`, order, generator in hexadecimal digits (SEC 2).
type Numbers = (usize, [&'static str; 5]);

const P256: Numbers = (
    32,
    [
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    ],
);

const P384: Numbers = (
    48,
    [
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    ],
);

/// A curve `y² = x³ - 3x + b` of prime order.
struct Curve {
    size: usize,
    prime: BigUint,
    b: BigUint,
    order: BigUint,
    generator: Point,
}

/// In Jacobian coordinates; `z` is zero at infinity.
#[derive(Clone)]
struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

fn number(value: u32) -> BigUint {
    BigUint::from(value)
}

impl Curve {
    fn new((size, numbers): &Numbers) -> Option<Self> {
        let [prime, b, order, x, y] =
            numbers.map(|digits| BigUint::parse_bytes(digits.as_bytes(), 16));
        Some(Self {
            size: *size,
            prime: prime?,
            b: b?,
            order: order?,
            generator: Point {
                x: x?,
                y: y?,
                z: number(1),
            },
        })
    }

    fn verify(&self, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<bool> {
        let key = self.point(point)?;
        let (pair, rest) = ber::expect(signature, 0x30)?;
        let (r, inner) = ber::expect(pair.content, 0x02)?;
        let (s, after) = ber::expect(inner, 0x02)?;
        if !rest.is_empty() || !after.is_empty() {
            return None;
        }
        let r = self.scalar(r.content)?;
        let s = self.scalar(s.content)?;
        let inverse = s.modpow(&(&self.order - number(2)), &self.order);
        // The leftmost bits of the digest, as many as the order has.
        let digest = BigUint::from_bytes_be(digest.get(..self.size)?);
        let own = (digest * &inverse) % &self.order;
        let others = (&r * inverse) % &self.order;
        let sum = self.combine(&own, &others, &key);
        if sum.z == number(0) {
            return Some(false);
        }
        let inverse = sum.z.modpow(&(&self.prime - number(2)), &self.prime);
        let x = self.times(&sum.x, &self.times(&inverse, &inverse));
        Some(x % &self.order == r)
    }

    /// A number from one up to the order.
    fn scalar(&self, octets: &[u8]) -> Option<BigUint> {
        let is_negative = octets.first()? & 0x80 != 0;
        let value = BigUint::from_bytes_be(octets);
        let is_good = !is_negative && value != number(0) && value < self.order;
        is_good.then_some(value)
    }

    /// An uncompressed point that lies on the curve.
    fn point(&self, octets: &[u8]) -> Option<Point> {
        let (form, octets) = octets.split_first()?;
        if *form != 4 || octets.len() != 2 * self.size {
            return None;
        }
        let (x, y) = octets.split_at(self.size);
        let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
        let cube = self.times(&self.times(&x, &x), &x);
        let right = self.minus(&(cube + &self.b), &(number(3) * &x));
        let is_on = x < self.prime && y < self.prime && self.times(&y, &y) == right;
        is_on.then(|| Point { x, y, z: number(1) })
    }

    fn times(&self, one: &BigUint, other: &BigUint) -> BigUint {
        (one * other) % &self.prime
    }

    fn minus(&self, one: &BigUint, other: &BigUint) -> BigUint {
        (one % &self.prime + &self.prime - other % &self.prime) % &self.prime
    }

    /// `own` times the generator plus `others` times the key.
    fn combine(&self, own: &BigUint, others: &BigUint, key: &Point) -> Point {
        let both = self.add(&self.generator, key);
        let bits = |value: &BigUint| {
            let octets = value.to_bytes_be();
            let mut bits = vec![false; (8 * self.size).saturating_sub(8 * octets.len())];
            for octet in octets {
                bits.extend((0..8).rev().map(|bit| octet >> bit & 1 == 1));
            }
            bits
        };
        let mut sum = Point {
            x: number(1),
            y: number(1),
            z: number(0),
        };
        for (own, others) in bits(own).into_iter().zip(bits(others)) {
            sum = self.double(&sum);
            sum = match (own, others) {
                (true, true) => self.add(&sum, &both),
                (true, false) => self.add(&sum, &self.generator),
                (false, true) => self.add(&sum, key),
                (false, false) => sum,
            };
        }
        sum
    }

    fn double(&self, point: &Point) -> Point {
        let delta = self.times(&point.z, &point.z);
        let gamma = self.times(&point.y, &point.y);
        let beta = self.times(&point.x, &gamma);
        let alpha = self.times(
            &(number(3) * self.minus(&point.x, &delta)),
            &(&point.x + &delta),
        );
        let x = self.minus(&self.times(&alpha, &alpha), &(number(8) * &beta));
        let sum = &point.y + &point.z;
        let z = self.minus(&self.times(&sum, &sum), &(&gamma + &delta));
        let y = self.minus(
            &self.times(&alpha, &self.minus(&(number(4) * beta), &x)),
            &(number(8) * self.times(&gamma, &gamma)),
        );
        Point { x, y, z }
    }

    fn add(&self, one: &Point, other: &Point) -> Point {
        if one.z == number(0) {
            return other.clone();
        }
        if other.z == number(0) {
            return one.clone();
        }
        let (one_square, other_square) =
            (self.times(&one.z, &one.z), self.times(&other.z, &other.z));
        let (from, to) = (
            self.times(&one.x, &other_square),
            self.times(&other.x, &one_square),
        );
        let (low, high) = (
            self.times(&one.y, &self.times(&other.z, &other_square)),
            self.times(&other.y, &self.times(&one.z, &one_square)),
        );
        let (wide, steep) = (self.minus(&to, &from), self.minus(&high, &low));
        if wide == number(0) {
            return if steep == number(0) {
                self.double(one)
            } else {
                Point {
                    x: number(1),
                    y: number(1),
                    z: number(0),
                }
            };
        }
        let square = self.times(&wide, &wide);
        let cube = self.times(&square, &wide);
        let middle = self.times(&from, &square);
        let x = self.minus(&self.times(&steep, &steep), &(&cube + number(2) * &middle));
        let y = self.minus(
            &self.times(&steep, &self.minus(&middle, &x)),
            &self.times(&low, &cube),
        );
        let z = self.times(&self.times(&one.z, &other.z), &wide);
        Point { x, y, z }
    }
}

#[cfg(test)]
mod tests;
