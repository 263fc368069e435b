//! Crypted account settings and the installation's fingerprint (billmanager.md 6.5).

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::regular;

/// Parts of a long value are joined with this mark (inferred); base64 does not know it.
const PART_MARK: char = '|';

/// The platform's RSA key (option `CryptKey`).
pub struct PlatformKey {
    key: RsaPrivateKey,
    file: PathBuf,
}

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformKey")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl PlatformKey {
    /// Reads the key file: PEM, `RSA PRIVATE KEY` or `PRIVATE KEY`, of any size.
    ///
    /// # Errors
    /// `PlatformFile` naming the file.
    pub fn load(file: &Path) -> Result<Self, Failure> {
        let unusable = |words: Words| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).detail(words)
        };
        let text = regular::read_text(file, regular::SETTINGS)
            .map_err(|error| unusable(regular::told(&error)).because(error))?;
        Ok(Self {
            key: parse(&text).map_err(unusable)?,
            file: file.to_owned(),
        })
    }

    /// The clear value of a stored one; an empty value stays empty.
    ///
    /// A newer library may answer a wrong key with random bytes instead of an error (crates.md, Q4), so
    /// the clear value has to look like something a person typed.
    ///
    /// # Errors
    /// `Undecryptable` naming the field and the key file, never the value.
    pub fn decrypt(&self, field: &str, stored: &str) -> Result<SecretString, Failure> {
        self.clear(stored).map(SecretString::from).map_err(|words| {
            Failure::field(Reason::Undecryptable, field)
                .detail(words!("key file {}: {words}", "файл ключа {}: {words}", self.file.display(); words))
        })
    }

    fn clear(&self, stored: &str) -> Result<String, Words> {
        let mut clear = Vec::new();
        if !stored.trim().is_empty() {
            for part in stored.split(PART_MARK) {
                let part: String = part.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let crypted = STANDARD.decode(part).map_err(|_| {
                    words!(
                        "the stored value is not base64",
                        "сохранённое значение не в base64"
                    )
                })?;
                let bytes = self
                    .key
                    .decrypt_blinded(&mut OsRng, Pkcs1v15Encrypt, &crypted)
                    .map_err(|_| {
                        words!(
                            "the stored value was made with another key",
                            "сохранённое значение создано с другим ключом"
                        )
                    })?;
                clear.extend_from_slice(&bytes);
            }
        }
        let text = String::from_utf8(clear).map_err(|_| {
            words!(
                "the clear value is not text",
                "расшифрованное значение - не текст"
            )
        })?;
        if text.chars().any(char::is_control) {
            return Err(words!(
                "the clear value holds control characters",
                "в расшифрованном значении управляющие символы"
            ));
        }
        Ok(text)
    }

    /// What tells this installation from others: SHA-256, in hexadecimal, of the public key as DER
    /// (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// `PlatformFile` when the key cannot be encoded.
    pub fn installation(&self) -> Result<String, Failure> {
        let der = RsaPublicKey::from(&self.key)
            .to_public_key_der()
            .map_err(|error| {
                Failure::field(Reason::PlatformFile, self.file.display().to_string()).because(error)
            })?;
        Ok(data_encoding::HEXLOWER.encode(&Sha256::digest(der.as_bytes())))
    }
}

/// Finds the first private key among PEM blocks and other text.
fn parse(text: &str) -> Result<RsaPrivateKey, Words> {
    if let Some(der) = block(text, "RSA PRIVATE KEY") {
        return RsaPrivateKey::from_pkcs1_der(&der?)
            .map_err(|_| words!("it is not a valid RSA key", "это негодный ключ RSA"));
    }
    if let Some(der) = block(text, "PRIVATE KEY") {
        return RsaPrivateKey::from_pkcs8_der(&der?)
            .map_err(|_| words!("it is not a valid RSA key", "это негодный ключ RSA"));
    }
    Err(if text.contains("ENCRYPTED PRIVATE KEY") {
        words!(
            "the key is protected by a pass phrase",
            "ключ защищён паролем"
        )
    } else {
        words!(
            "there is no PEM private key in it",
            "в нём нет закрытого ключа PEM"
        )
    })
}

fn block(text: &str, label: &str) -> Option<Result<Vec<u8>, Words>> {
    let start = text.split_once(&format!("-----BEGIN {label}-----"))?.1;
    let body = start.split_once(&format!("-----END {label}-----"))?.0;
    if body.contains("ENCRYPTED") {
        return Some(Err(words!(
            "the key is protected by a pass phrase",
            "ключ защищён паролем"
        )));
    }
    let base64: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some(
        STANDARD
            .decode(base64)
            .map_err(|_| words!("the PEM block is damaged", "блок PEM повреждён")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::pkcs1::EncodeRsaPrivateKey;
    use rsa::pkcs8::{EncodePrivateKey, LineEnding};
    use secrecy::ExposeSecret;
    use std::io::Write;

    fn key(bits: usize) -> RsaPrivateKey {
        RsaPrivateKey::new(&mut OsRng, bits).unwrap()
    }

    fn pkcs8(key: &RsaPrivateKey) -> String {
        key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    }

    fn load(pem: &str) -> Result<PlatformKey, Failure> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(pem.as_bytes()).unwrap();
        PlatformKey::load(file.path())
    }

    fn crypt(key: &RsaPrivateKey, clear: &[u8]) -> String {
        let public = RsaPublicKey::from(key);
        STANDARD.encode(public.encrypt(&mut OsRng, Pkcs1v15Encrypt, clear).unwrap())
    }

    #[test]
    fn values_are_read_with_keys_of_both_pem_flavours_and_of_small_size() {
        let small = key(1024);
        let pkcs1 = small.to_pkcs1_pem(LineEnding::CRLF).unwrap().to_string();
        let beside_other_text = format!("Bag Attributes\n{}\ntrailer\n", pkcs8(&small));
        for pem in [pkcs1, pkcs8(&small), beside_other_text] {
            let platform = load(&pem).unwrap();
            let stored = crypt(&small, "pässword #;|".as_bytes());
            let clear = platform.decrypt("api_secret", &stored).unwrap();
            assert_eq!(clear.expose_secret(), "pässword #;|");
        }
    }

    #[test]
    fn long_values_come_in_parts_and_line_breaks_do_not_matter() {
        let key = key(1024);
        let platform = load(&pkcs8(&key)).unwrap();
        let (head, tail) = ("я".as_bytes(), b"end");
        // A part may end inside a character.
        let stored = format!(
            "{}|{}\n|{}\r\n",
            crypt(&key, &head[..1]),
            crypt(&key, &head[1..]),
            crypt(&key, tail)
        );
        let clear = platform.decrypt("api_secret", &stored).unwrap();
        assert_eq!(clear.expose_secret(), "яend");
    }

    #[test]
    fn an_empty_value_stays_empty() {
        let platform = load(&pkcs8(&key(1024))).unwrap();
        for stored in ["", " \n"] {
            assert_eq!(platform.decrypt("x", stored).unwrap().expose_secret(), "");
        }
    }

    #[test]
    fn errors_name_field_and_key_file_and_never_the_value() {
        let ours = key(1024);
        let platform = load(&pkcs8(&ours)).unwrap();
        let stored = [
            crypt(&key(1024), b"s3cr3t"),
            crypt(&ours, b"s3cr3t\n"),
            crypt(&ours, b"s3cr3t\xff"),
            "s3cr3t not base64".to_owned(),
            STANDARD.encode("s3cr3t"),
        ];
        for stored in stored {
            let failure = platform.decrypt("api_secret", &stored).unwrap_err();
            assert_eq!(failure.reason(), Reason::Undecryptable);
            assert_eq!(failure.object(), "api_secret");
            assert!(failure.words().contains(platform.file.to_str().unwrap()));
            let everything = format!("{failure:?}{}{platform:?}", failure.chain());
            assert!(!everything.contains("s3cr3t") && !everything.contains(&stored));
        }
    }

    #[test]
    fn the_installation_is_the_same_for_the_same_key_only() {
        let (one, other) = (key(1024), key(1024));
        let of = |pem: &str| load(pem).unwrap().installation().unwrap();
        let pkcs1 = one.to_pkcs1_pem(LineEnding::LF).unwrap().to_string();
        assert_eq!(of(&pkcs8(&one)), of(&pkcs1));
        assert_ne!(of(&pkcs8(&one)), of(&pkcs8(&other)));
        assert_eq!(of(&pkcs1).len(), 64);
    }

    #[test]
    fn an_unusable_key_file_is_named() {
        let cases = [
            ("", "no PEM private key"),
            (
                "-----BEGIN PRIVATE KEY-----\n????\n-----END PRIVATE KEY-----\n",
                "damaged",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "not a valid",
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
                "pass phrase",
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "pass phrase",
            ),
        ];
        for (pem, words) in cases {
            let failure = load(pem).unwrap_err();
            assert_eq!(failure.reason(), Reason::PlatformFile);
            assert!(failure.words().contains(words), "{}", failure.words());
        }
        let failure = PlatformKey::load(Path::new("/nonexistent/billmgr.pem")).unwrap_err();
        assert_eq!(failure.object(), "/nonexistent/billmgr.pem");
    }
}
