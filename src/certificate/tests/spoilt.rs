//! Texts that no order may be made of: a request with its key, a key instead, a damaged request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::wrapped::{Fresh, percent};
use crate::certificate::ber::write;

/// Keys in base64 without armour: EC on P-256 and P-384 (RFC 5915), Ed25519 of both versions (RFC 8410).
fn bare_keys() -> [String; 4] {
    let key = |parts: &[&[u8]]| STANDARD.encode(write(0x30, &parts.concat()));
    let curve = [0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let point = write(0xa1, &write(3, &[4; 66]));
    let ed25519 = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];
    [
        key(&[&[2, 1, 1, 4, 32], &[7; 32], &curve, &point]),
        key(&[&[2, 1, 1, 4, 48], &[7; 48], &write(0xa1, &[5; 108])]),
        key(&[&[2, 1, 0], &ed25519, &[7; 32]]),
        key(&[&[2, 1, 1], &ed25519, &[7; 32], &write(0x81, &[6; 33])]),
    ]
}

impl Fresh {
    /// A key beside it, in several wrappings.
    pub(crate) fn with_keys(&self) -> Vec<String> {
        let pem = &self.pem;
        let pair = rcgen::KeyPair::generate().unwrap();
        let key = pair.serialize_pem();
        let ec = key.replace("PRIVATE KEY", "EC PRIVATE KEY");
        let both = format!("{key}{pem}");
        let json = |csr: &str, key: &str| format!("{{\"csr\":\"{csr}\",\"key\":\"{key}\"}}");
        let escaped = pem.replace('\n', "\\n");
        let mut texts = vec![
            format!("{pem}{key}"),
            format!("{pem}\n{ec}"),
            percent(&both, |_| false),
            both.replace(' ', "&nbsp;"),
            both.replace(' ', "\u{a0}"),
            both.replace('\n', "\\n"),
            STANDARD.encode(&both),
            both.replace('\n', "#012"),
            both.replace('\n', "n"),
            json(&STANDARD.encode(pem), &STANDARD.encode(&key)),
            json(&escaped, &STANDARD.encode(&key)),
            // In a request's armour, and without its end.
            format!("{pem}{}", key.replace("PRIVATE KEY", "CERTIFICATE REQUEST")),
            format!("{pem}{}", &STANDARD.encode(pair.serialize_der())[..100]),
            both,
        ];
        for bare in bare_keys() {
            texts.extend([
                format!("{pem}{bare}\n"),
                format!("{bare}\n{pem}"),
                json(&escaped, &bare),
                format!("{}{bare}\n", pem.replace('+', " ")),
            ]);
        }
        texts
    }

    /// Lines that changed their places, a character too many, one too few, a line too few, a pager's words.
    pub(crate) fn damaged(&self) -> [String; 5] {
        let lines: Vec<&str> = self.pem.lines().collect();
        let (mut moved, mut lost) = (lines.clone(), lines.clone());
        moved.swap(2, 3);
        lost.remove(3);
        let (mut more, mut fewer) = (self.pem.clone(), self.pem.clone());
        more.insert(120, 'A');
        fewer.remove(120);
        let (head, tail) = lines.split_at(4);
        let paged = [head, &["--More--"], tail].concat();
        [
            moved.join("\n"),
            more,
            fewer,
            lost.join("\n"),
            paged.join("\n"),
        ]
    }
}

/// Keys in the place of a request.
pub(crate) fn keys_alone() -> Vec<String> {
    let pair = rcgen::KeyPair::generate().unwrap();
    let base64 = STANDARD.encode(pair.serialize_der());
    let cut = base64[..100].to_owned();
    let mut keys = vec![pair.serialize_pem(), base64, cut];
    keys.extend(bare_keys());
    keys
}

/// Keys as programs write them: PuTTY, openssl for RSA and EC, JWK plain and in another text, .NET.
pub(crate) fn printed_keys() -> [String; 6] {
    let jwk = "{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"AQAB\", \"d\": \"AQAB\"}";
    [
        "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPublic-Lines: 1\nAAAAB3Nz\nPrivate-Lines: 1\nAAAAgQ==",
        "Private-Key: (2048 bit, 2 primes)\nmodulus:\n    00:aa:bb\nprivateExponent:\n    00:cc:dd",
        "Private-Key: (256 bit)\npriv:\n    0a:1b:2c\npub:\n    04:aa:bb",
        jwk,
        &jwk.replace('"', "\\\""),
        "<RSAKeyValue><Modulus>AQAB</Modulus><D>AQAB</D></RSAKeyValue>",
    ]
    .map(str::to_owned)
}
