use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SigningKey as _};
use sha2::{Sha256, Sha384};

use super::*;

#[test]
fn signatures_of_another_implementation_are_judged_alike() {
    for _ in 0..3 {
        let message = b"what is signed";
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let signature = key.sign(message).unwrap();
        judged(
            &P256,
            key.public_key_raw(),
            &Sha256::digest(message),
            &signature,
        );
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let signature = key.sign(message).unwrap();
        judged(
            &P384,
            key.public_key_raw(),
            &Sha384::digest(message),
            &signature,
        );
    }
}

fn judged(numbers: &Numbers, point: &[u8], digest: &[u8], signature: &[u8]) {
    let curve = Curve::new(numbers).unwrap();
    assert_eq!(curve.verify(point, digest, signature), Some(true));
    let mut other = digest.to_vec();
    other[0] ^= 1;
    assert_eq!(curve.verify(point, &other, signature), Some(false));
    let mut wrong = signature.to_vec();
    *wrong.last_mut().unwrap() ^= 1;
    assert_ne!(curve.verify(point, digest, &wrong), Some(true));
    let mut elsewhere = point.to_vec();
    *elsewhere.last_mut().unwrap() ^= 1;
    assert_eq!(curve.verify(&elsewhere, digest, signature), None);
    assert_eq!(curve.verify(point, digest, b"rubbish"), None);
}
