//! Weak RSA moduli, and requests that hold them. Factors that are no primes do as well: what is tested never asks.

use rsa::BigUint;
use sha2::{Digest, Sha256};
use x509_parser::public_key::PublicKey;

use crate::certificate::pem;
use crate::certificate::request::Request;

/// An odd number of 1024 bits, from 0.75 to 0.875 of 2^1024, always the same of a seed.
pub(crate) fn number(seed: u8) -> BigUint {
    let mut octets = Vec::new();
    while octets.len() < 128 {
        let count = u8::try_from(octets.len()).unwrap();
        octets.extend(Sha256::digest([seed, count]));
    }
    octets[0] = 0xc0 | (octets[0] & 0x1f);
    octets[127] |= 1;
    BigUint::from_bytes_be(&octets)
}

/// A modulus of 2048 bits whose factors are so far from each other.
pub(crate) fn close(difference: &BigUint) -> BigUint {
    let factor = number(0);
    &factor * (&factor + difference)
}

/// The product of the first 126 primes but one.
pub(crate) fn of_all_but(left_out: u32) -> BigUint {
    let is_prime = |number: &u32| (2..*number).all(|divisor| !number.is_multiple_of(divisor));
    let primes = (2..).filter(is_prime).take(126);
    let others = primes.filter(|prime| *prime != left_out);
    others.fold(BigUint::from(1_u32), |product, prime| product * prime)
}

/// A modulus as the chips of Infineon made them: each factor is a multiple of the product of the first 126 primes, and
/// a power of 65537 by that product.
pub(crate) fn of_roca() -> BigUint {
    let product = of_all_but(1);
    let factor = |seed: u8, exponent: u32| {
        let power = BigUint::from(65_537_u32).modpow(&BigUint::from(exponent), &product);
        number(seed) / &product * &product + power
    };
    factor(3, 1_234_567) * factor(4, 7_654_321)
}

/// The request of an RSA key of 2048 bits with another modulus. Its signature is wrong then, which does not matter of
/// a key that is refused.
pub(crate) fn with_modulus(text: &str, modulus: &BigUint) -> String {
    let mut der = pem::blocks(text).remove(0).der.unwrap();
    let (from, length) = {
        let request = Request::read(&der).unwrap();
        let Ok(PublicKey::RSA(key)) = request.key.parsed() else {
            panic!("not RSA");
        };
        let own = key.modulus.strip_prefix(&[0]).unwrap_or(key.modulus);
        let from = der.windows(own.len()).position(|window| window == own);
        (from.unwrap(), own.len())
    };
    let other = modulus.to_bytes_be();
    assert_eq!(other.len(), length);
    der[from..from + length].copy_from_slice(&other);
    pem::armour("CERTIFICATE REQUEST", &der)
}
