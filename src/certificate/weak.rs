//! RSA keys whose private half anybody can compute from the public one, as far as the modulus shows it (CA/Browser
//! Forum Baseline Requirements, 6.1.1.3).

use rsa::BigUint;

use crate::domain::text::Words;

/// The generator in the primes of the keys that the library of Infineon's chips made (Nemec et al., "The Return of
/// Coppersmith's Attack", 2017), and the small primes by which such a modulus is known.
const GENERATOR: u32 = 65_537;
const LARGEST_PRIME: u32 = 167;

/// So many rounds of Fermat's factorization must not find anything (Baseline Requirements, 6.1.1.3).
const ROUNDS: u32 = 100;

/// The longest modulus that is looked at, in octets: what a look costs is bounded by it. Longer ones are remarked.
const LONGEST: usize = 1024;

/// Why a modulus is weak, in words that finish "the key is not accepted:".
pub(super) fn trouble(modulus: &[u8]) -> Option<Words> {
    let start = modulus.iter().position(|octet| *octet != 0)?;
    let modulus = modulus.get(start..)?;
    if modulus.len() > LONGEST {
        return None;
    }
    if is_of_roca(modulus) {
        return Some(words!(
            "it is RSA of the kind that chips of Infineon made until 2017 (ROCA): the private key can be computed from it",
            "это RSA, какой до 2017 года создавали микросхемы Infineon (ROCA): по нему можно вычислить закрытый ключ"
        ));
    }
    has_close_primes(&BigUint::from_bytes_be(modulus)).then(|| {
        words!(
            "it is RSA of two primes that are too close to each other: the private key can be computed from it",
            "это RSA из двух слишком близких простых чисел: по нему можно вычислить закрытый ключ"
        )
    })
}

/// Whether the modulus is a power of the generator by every small prime: those of the chips always are, and of other
/// keys one in some 200 million.
fn is_of_roca(modulus: &[u8]) -> bool {
    let is_prime = |number: &u32| (2..*number).all(|divisor| !number.is_multiple_of(divisor));
    (3..=LARGEST_PRIME).filter(is_prime).all(|prime| {
        let wanted = residue(modulus, prime);
        let mut power = 1;
        // The powers repeat after the prime's own number of steps at most.
        (0..prime).any(|_| {
            power = power * (GENERATOR % prime) % prime;
            power == wanted
        })
    })
}

/// Fermat's factorization: an odd number is the difference of two squares, which are near its root when its factors
/// are near each other.
fn has_close_primes(modulus: &BigUint) -> bool {
    let root = modulus.sqrt();
    let one = BigUint::from(1_u32);
    if &root * &root == *modulus {
        return true;
    }
    let mut middle = root + &one;
    let mut rest = &middle * &middle - modulus;
    for _ in 0..ROUNDS {
        if is_square(&rest) {
            return true;
        }
        // The next square is twice the middle and one away.
        rest += &middle;
        middle += &one;
        rest += &middle;
    }
    false
}

/// Roots are taken of the few numbers only that are squares by small numbers, too.
fn is_square(number: &BigUint) -> bool {
    const SIEVES: [u32; 4] = [64, 63, 65, 11];
    let octets = number.to_bytes_be();
    let is_likely = SIEVES.iter().all(|sieve| {
        let wanted = residue(&octets, *sieve);
        (0..*sieve).any(|root| root * root % sieve == wanted)
    });
    is_likely && {
        let root = number.sqrt();
        &root * &root == *number
    }
}

/// The rest of a division by a small number.
fn residue(octets: &[u8], divisor: u32) -> u32 {
    octets
        .iter()
        .fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % divisor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::weak::{close, number, of_all_but, of_roca};

    fn words(modulus: &BigUint) -> Option<String> {
        trouble(&modulus.to_bytes_be()).map(|trouble| trouble.en().to_owned())
    }

    #[test]
    fn close_factors_are_found_within_a_hundred_rounds_and_no_further() {
        let two = BigUint::from(2_u32);
        let found = "it is RSA of two primes that are too close to each other: the private key can be computed from it";
        // The factors' difference in multiples of 2^515: the rounds are its square by 8 roots of the modulus.
        for (difference, is_found) in [
            (BigUint::from(0_u32), true),
            (two.clone(), true),
            (BigUint::from(1_u32) << 515, true),
            (BigUint::from(3_u32) << 515, true),
            (BigUint::from(4_u32) << 515, false),
            (BigUint::from(1_u32) << 1000, false),
        ] {
            let told = words(&close(&difference));
            assert_eq!(told.as_deref(), is_found.then_some(found), "{difference}");
        }
        // Beyond what is looked at.
        let long = (number(1) << 8192) + number(1);
        assert_eq!(words(&(&long * &long)), None);
    }

    #[test]
    fn keys_of_the_chips_are_told_by_their_small_residues() {
        let found = words(&of_roca()).unwrap();
        assert!(found.contains("ROCA"), "{found}");
        // One prime decides: by 157 half of the numbers are powers, and by all others nothing is changed.
        let step = of_all_but(157);
        let is_found = |times: &u32| words(&(of_roca() + &step * *times)).is_some();
        assert_eq!((1..157).filter(is_found).count(), 77);
    }

    #[test]
    fn squares_are_told_from_their_neighbours() {
        let root = number(2);
        let square = &root * &root;
        assert!(is_square(&square));
        for away in 1..200_u32 {
            assert!(!is_square(&(&square + BigUint::from(away))), "{away}");
        }
        for small in 0..70_u32 {
            let is_expected = (0..9).any(|root| root * root == small);
            assert_eq!(is_square(&BigUint::from(small)), is_expected, "{small}");
        }
    }
}
