//! Certificate signing requests.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use x509_parser::error::X509Error;

use super::examination::{self, Names};
use super::request::Request;
use super::search::Search;
use super::subject::{self, Subject};
use super::wrapping::{Content, Found};
use super::{key, kind, pem, unwrapping};
use crate::domain::DomainName;
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// Largest text that is read as a CSR, in bytes. One with 250 names and an RSA key of 8192 bits stays below 20 KiB,
/// and may stand at the end of a long exchange of mails.
pub(super) const MAX_TEXT: usize = 1024 * 1024;

/// What stands where a request is expected.
pub(super) fn no_request() -> Words {
    words!(
        "its content is not a certificate signing request",
        "его содержимое не является запросом на сертификат"
    )
}

/// Another thing, by the words of its armour.
fn holds_instead(label: &str) -> Words {
    words!(
        "the text holds '{}' instead",
        "вместо него в тексте '{}'",
        subject::printable(label)
    )
}

/// A request that is as long as it says, and that cannot be read all the same.
fn damaged_inside() -> Words {
    words!(
        "it is damaged inside: characters or lines were changed, added or moved. Copy it anew",
        "он повреждён внутри: знаки или строки изменены, добавлены или переставлены. Скопируйте его заново"
    )
}

/// A request with begin and end that is shorter than it says.
fn incomplete() -> Words {
    words!(
        "it is damaged inside: characters or lines are missing or stand in another order. Copy it anew",
        "он повреждён внутри: знаков или строк не хватает либо их порядок нарушен. Скопируйте его заново"
    )
}

/// A request beside which its key stands; what a client has sent is known to others (Baseline Requirements,
/// 6.1.1.3 and 4.9.1.1).
fn key_beside() -> Words {
    words!(
        "a private key stands beside it, which nobody but its owner may see: make a new key and a new CSR, and send the CSR alone",
        "рядом с ним закрытый ключ, который не должен видеть никто, кроме владельца: создайте новый ключ и новый CSR и пришлите только CSR"
    )
}

/// Something in a text that is no good request.
pub(super) struct Damaged {
    is_labelled: bool,
    /// A private key.
    is_key: bool,
    detail: Words,
    /// Its readable beginning.
    part: Vec<u8>,
}

impl Damaged {
    /// Whether it may be what is meant instead of a good request. A torn copy of the same is not, nor is a certificate
    /// or a key in a request's armour.
    fn is_rival(&self, good: &[u8]) -> bool {
        self.is_labelled
            && !self.is_key
            && !good.starts_with(&self.part)
            && kind::of(&self.part) != Some(kind::CERTIFICATE)
    }
}

/// A readable certificate signing request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    pem: String,
    fingerprint: String,
    common_name: Option<DomainName>,
    names: Vec<DomainName>,
    other_names: Vec<Words>,
    public_key: Vec<u8>,
    subject: Subject,
    key_trouble: Option<Words>,
    signature_trouble: Option<Words>,
    /// Whether its own signature was verified.
    is_proved: bool,
    length_trouble: Option<Words>,
    content_trouble: Option<Words>,
    has_attributes: bool,
    remarks: Vec<String>,
}

impl Csr {
    /// Reads the one CSR in a text. What is around it does not matter: mails, quotations, web pages,
    /// JSON, forms, missing or damaged armour, the same CSR twice. A CSR proves itself by its own
    /// signature, so that nothing is guessed.
    ///
    /// Where the signature cannot be verified, because the key or the digest is of an unusual kind, the CSR is
    /// still read: a certificate issued for it long ago can be followed. [`check_key`](Self::check_key) refuses
    /// what no public authority takes, the rest is a [remark](Self::remarks).
    ///
    /// # Errors
    /// `BadCsr`: no CSR, several, too large, unreadable, or its signature is wrong.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if text.len() > MAX_TEXT {
            return Err(bad(words!(
                "the text is longer than anything that a request can be ({} KiB): send the CSR alone",
                "текст длиннее любого возможного запроса ({} КиБ): пришлите только CSR",
                MAX_TEXT / 1024
            )));
        }
        let mut search = Search::default();
        let (mut good, mut damaged) = search.find(text, |_| true);
        if search.is_spent() {
            return Err(bad(words!(
                "there are too many different ones in the text: send one",
                "в тексте слишком много разных запросов: пришлите один"
            )));
        }
        if good.is_empty() {
            search.read_otherwise();
            // Only what proves itself shows that a text was to be read in another way.
            let mut others = unwrapping::other_readings(text).into_iter();
            let found = others.find_map(|other| {
                if search.is_spent() {
                    return None;
                }
                let (found, mut beside) = search.find(&other, |csr| csr.is_proved);
                beside.retain(|one| one.is_key);
                (!found.is_empty()).then_some((found, beside))
            });
            if let Some((found, beside)) = found {
                good = found;
                damaged.retain(|one| one.is_key);
                damaged.extend(beside);
            }
        } else {
            damaged.extend(keys_inside(text, &mut search));
        }
        let several = || {
            bad(words!(
                "there are several different ones in the text",
                "в тексте несколько разных запросов"
            ))
        };
        match (good.pop(), good.is_empty()) {
            (Some(csr), true) => {
                let der = csr.der();
                if damaged.iter().any(|one| one.is_rival(&der)) {
                    return Err(several());
                }
                Ok(match damaged.iter().any(|one| one.is_key) {
                    true => csr.with_trouble(key_beside()),
                    false => csr,
                })
            }
            (Some(_), false) => Err(several()),
            (None, _) => {
                damaged.sort_by_key(|one| !one.is_labelled);
                let first = damaged.into_iter().next();
                Err(first.map_or_else(
                    || {
                        bad(words!(
                            "there is no 'BEGIN CERTIFICATE REQUEST' in the text",
                            "в тексте нет строки 'BEGIN CERTIFICATE REQUEST'"
                        ))
                    },
                    |one| bad(one.detail),
                ))
            }
        }
    }

    /// The CSR at one place of a text.
    pub(super) fn of(found: Found, search: &mut Search) -> Result<Self, Damaged> {
        let is_labelled = found.is_labelled();
        let is_key = found
            .label
            .as_deref()
            .is_some_and(|label| label.ends_with(kind::PRIVATE_KEY));
        let damaged = |detail: Words, part: Vec<u8>| Damaged {
            is_labelled,
            is_key,
            detail,
            part,
        };
        let instead = match found.label {
            Some(label) if !is_labelled => holds_instead(&label),
            _ => no_request(),
        };
        let (der, with_plus, foreign) = match found.content {
            Content::Whole {
                der,
                with_plus,
                foreign,
            } => (der, with_plus, foreign),
            Content::Cut { part, .. } if !is_key && kind::begins_key(&part) => {
                return Err(Damaged {
                    is_key: true,
                    ..damaged(holds_instead(kind::PRIVATE_KEY), part)
                });
            }
            Content::Cut { part, is_closed } if is_labelled || instead == no_request() => {
                let detail = if is_closed {
                    incomplete()
                } else {
                    words!(
                        "it is cut off, its end is missing: copy it as a whole",
                        "он обрезан, его конца нет: скопируйте его целиком"
                    )
                };
                return Err(damaged(detail, part));
            }
            Content::Empty if is_labelled => {
                let detail = words!(
                    "there is nothing between its BEGIN and END",
                    "между его BEGIN и END ничего нет"
                );
                return Err(damaged(detail, Vec::new()));
            }
            Content::Capitals => {
                let detail = words!(
                    "all its letters were made capitals, which destroys it: copy it anew",
                    "все его буквы стали заглавными, это его портит: скопируйте его заново"
                );
                return Err(damaged(detail, Vec::new()));
            }
            Content::SmallLetters if is_labelled => {
                let detail = words!(
                    "all its letters were made small ones, which destroys it: copy it anew",
                    "все его буквы стали строчными, это его портит: скопируйте его заново"
                );
                return Err(damaged(detail, Vec::new()));
            }
            _ => return Err(damaged(instead, Vec::new())),
        };
        let readings = std::iter::once(&der).chain(&with_plus);
        let mut first = None;
        for der in readings {
            match search.read(der) {
                // Nothing proves that what was passed over did not belong to it.
                Ok(csr) if foreign.is_some() && !csr.is_proved => {}
                Ok(csr) => return Ok(csr),
                Err(detail) => {
                    first.get_or_insert(detail);
                }
            }
        }
        let detail = match (foreign, first) {
            (Some(character), _) => words!(
                "a character stands in it that does not belong there: '{}'",
                "в нём есть посторонний знак: '{}'",
                subject::printable(&character.to_string())
            ),
            (None, Some(detail)) if detail != no_request() => detail,
            _ => match kind::of(&der) {
                Some(kind) => holds_instead(kind),
                None if instead == no_request() && is_labelled => damaged_inside(),
                None => instead,
            },
        };
        Err(Damaged {
            is_key: is_key || kind::of(&der) == Some(kind::PRIVATE_KEY),
            ..damaged(detail, der)
        })
    }

    fn with_trouble(mut self, trouble: Words) -> Self {
        self.content_trouble = Some(trouble);
        self
    }

    /// Reads DER.
    pub(super) fn read(der: &[u8]) -> Result<Self, Words> {
        let request = Request::read(der).ok_or_else(no_request)?;
        let judged = key::judge(&request.key);
        let mut remarks: Vec<String> = judged.remark.into_iter().collect();
        let mut signature_trouble = None;
        let mut is_proved = false;
        match request.verify() {
            Ok(()) => is_proved = true,
            // The key itself is what is reported.
            Err(_) if judged.trouble.is_some() => {}
            Err(_) if !judged.is_verifiable => remarks.push(
                "the CSR's signature cannot be verified here: its key is of an unusual form"
                    .to_owned(),
            ),
            // The rules for signatures bind certificates; which requests a vendor reads is its own affair.
            Err(X509Error::SignatureUnsupportedAlgorithm) => {
                match key::signature_name(&request.algorithm.algorithm) {
                    Some(name) => remarks.push(format!(
                        "the CSR is signed with {name}, which cannot be verified here and which vendors may refuse: SHA-256 is usual"
                    )),
                    None => {
                        signature_trouble = Some(words!(
                            "it is signed with an algorithm that is not known: it may be damaged, copy it anew or make it with SHA-256",
                            "он подписан неизвестным алгоритмом: возможно, он повреждён; скопируйте его заново или создайте с SHA-256"
                        ));
                    }
                }
            }
            Err(_) => {
                return Err(words!(
                    "its signature is wrong, so it was changed or cut",
                    "его подпись неверна: он изменён или обрезан"
                ));
            }
        }
        let found = examination::names(&request)?;
        let names = found.all();
        let Names {
            common_name,
            others,
            ..
        } = found;
        Ok(Self {
            pem: pem::armour("CERTIFICATE REQUEST", der),
            fingerprint: hex(&Sha256::digest(der)),
            content_trouble: examination::trouble(&request),
            has_attributes: request.has_attributes(),
            remarks: {
                remarks.extend(examination::remarks(&request, &others));
                remarks
            },
            common_name,
            names,
            other_names: others,
            public_key: request.key.raw.to_vec(),
            subject: Subject::read(&request.subject),
            length_trouble: key::odd_length(&request.key),
            key_trouble: judged.trouble,
            signature_trouble,
            is_proved,
        })
    }

    fn der(&self) -> Vec<u8> {
        let blocks = pem::blocks(&self.pem).into_iter();
        blocks
            .filter_map(|block| block.der)
            .next()
            .unwrap_or_default()
    }

    /// Refuses keys that public authorities do not certify: only RSA of 2048 bits and more with an odd exponent
    /// from 3 on, EC P-256 and EC P-384 pass. Also refuses a signature by an algorithm that nobody knows.
    ///
    /// # Errors
    /// `WeakKey`, or `BadCsr` for the signature algorithm.
    pub fn check_key(&self) -> Result<(), Failure> {
        if let Some(trouble) = &self.key_trouble {
            return Err(Failure::field(Reason::WeakKey, "csr").detail(trouble));
        }
        match &self.signature_trouble {
            Some(trouble) => Err(bad(trouble)),
            None => Ok(()),
        }
    }

    /// The whole examination before money is spent, the same for every vendor: key, signature, subject,
    /// common name and alternative names by the rules that bind every public authority (RFC 5280, Baseline
    /// Requirements). What they leave open is a [remark](Self::remarks).
    ///
    /// # Errors
    /// `WeakKey` or `BadCsr`.
    pub fn examine(&self) -> Result<(), Failure> {
        self.check_key()?;
        if let Some(trouble) = &self.length_trouble {
            return Err(Failure::field(Reason::WeakKey, "csr").detail(trouble));
        }
        match &self.content_trouble {
            Some(trouble) => Err(bad(trouble)),
            None => Ok(()),
        }
    }

    /// Whether it has the field of attributes, empty or not, that RFC 2986 (4.1) demands.
    #[must_use]
    pub fn has_attributes(&self) -> bool {
        self.has_attributes
    }

    /// What is unusual and no reason to refuse, for the log.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Why there is no name in it that can be ordered.
    #[must_use]
    pub fn without_name(&self) -> Failure {
        match (&self.content_trouble, self.other_names.first()) {
            (Some(trouble), _) => bad(trouble),
            (None, Some(other)) => bad(
                words!("it names no host, only this: {other}", "в нём нет имени узла, только это: {other}"; other),
            ),
            (None, None) => bad(words!(
                "it carries no domain name",
                "в нём нет доменного имени"
            )),
        }
    }

    /// The CSR as PEM with LF line ends, 64 columns and the label `CERTIFICATE REQUEST`.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The common name; `None` when absent or not a host name (then it is among
    /// [`other_names`](Self::other_names)).
    #[must_use]
    pub fn common_name(&self) -> Option<&DomainName> {
        self.common_name.as_ref()
    }

    /// The common name followed by the alternative host names, each once.
    #[must_use]
    pub fn names(&self) -> &[DomainName] {
        &self.names
    }

    /// What else the CSR asks to have certified and cannot be ordered: addresses, e-mail addresses,
    /// texts that are no host name. For people.
    #[must_use]
    pub fn other_names(&self) -> &[Words] {
        &self.other_names
    }

    /// Passes over addresses that are ordered beside the host names: they are no remark.
    pub fn pass_over(&mut self, ordered: &[IpAddr]) {
        let before = examination::not_ordered(&self.other_names);
        let described = |address: &IpAddr| subject::described_address(address);
        let ordered: Vec<Words> = ordered.iter().map(described).collect();
        self.other_names.retain(|name| !ordered.contains(name));
        self.remarks
            .retain(|remark| Some(remark) != before.as_ref());
        if let Some(now) = examination::not_ordered(&self.other_names) {
            self.remarks.insert(0, now);
        }
    }

    /// The public key (SubjectPublicKeyInfo, DER).
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The subject without its common name.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// SHA-256 of the DER form in lower-case hexadecimal digits: the same for every way to write the
    /// same CSR as PEM.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}

/// Keys beside a request that stands there plainly, in a wrapping of their own.
fn keys_inside(text: &str, search: &mut Search) -> Vec<Damaged> {
    let Some(inside) = unwrapping::inside_words(text) else {
        return Vec::new();
    };
    search.read_otherwise();
    let (_, mut found) = search.find(&inside, |_| false);
    found.retain(|one| one.is_key);
    found
}

fn bad(detail: impl Bilingual) -> Failure {
    Failure::field(Reason::BadCsr, "csr").detail(detail)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
