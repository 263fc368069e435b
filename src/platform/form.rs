//! What no field of an order may hold, whatever it is called and whoever the vendor is: a private key,
//! control characters, more text than a form has room for. Judged before anything is sent.

use super::{Service, fields};
use crate::failure::{Failure, Reason};

/// Longest line of a contact's or company's field, in characters. The certificate's own fields are
/// shorter (RFC 5280, appendix A.1: 64 for a company, 128 for a city), e-mail addresses reach 254.
const LONGEST_LINE: usize = 255;

/// Longest list of names or addresses, in bytes: more than any product sells.
const LONGEST_LIST: usize = 64 * 1024;

/// Stand in the armour of every private key in PEM, also where a form has taken the line ends away: its begin, and
/// behind it the end of its label. A text may well speak of a private key.
const ARMOUR_MARK: &str = "BEGIN";
const KEY_MARK: &str = "PRIVATE KEY";
/// So many characters the kind of the key has between them.
const LONGEST_KIND: usize = 30;

/// How much of a value a refusal shows, in characters.
const SHOWN: usize = 40;

/// Judges all fields of a service that a vendor may be sent.
///
/// # Errors
/// The first field that holds what it must not.
pub fn judge_all(service: &Service) -> Result<(), Failure> {
    let parameters = service
        .parameters
        .keys()
        .filter(|name| is_line(name) || is_list(name))
        .filter_map(|name| Some((name.as_str(), service.parameter(name)?)));
    let csr = service.csr.as_deref().map(|csr| (fields::CSR, csr));
    // The key first: a key is what a client has to hear about, not the line ends in it.
    for (name, value) in parameters.clone().chain(csr) {
        holds_no_key(name, value)?;
    }
    for (name, value) in parameters {
        judge(name, value)?;
    }
    Ok(())
}

/// Judges the value of one field.
///
/// # Errors
/// It holds what it must not.
pub fn judge(name: &str, value: &str) -> Result<(), Failure> {
    holds_no_key(name, value)?;
    let longest = if is_line(name) {
        let control = value.chars().find(|c| c.is_control());
        if let Some(control) = control {
            return Err(refused(name, value).detail(words!(
                "It holds the control character {}: write it in one line",
                "В нём управляющий символ {}: запишите значение одной строкой",
                control.escape_unicode()
            )));
        }
        let length = value.chars().count();
        (length > LONGEST_LINE).then_some((LONGEST_LINE, length))
    } else {
        (is_list(name) && value.len() > LONGEST_LIST).then_some((LONGEST_LIST, value.len()))
    };
    match longest {
        None => Ok(()),
        Some((longest, length)) => Err(refused(name, value).detail(words!(
            "It has {length} characters, at most {longest} are accepted",
            "В нём {length} символов, допускается не более {longest}"
        ))),
    }
}

fn holds_no_key(name: &str, value: &str) -> Result<(), Failure> {
    if !shows_key(value) {
        return Ok(());
    }
    Err(Failure::field(Reason::Invalid, name)
        .value(crate::logging::MASK)
        .detail(words!("It holds a private key, which nobody but its owner may see: remove it, and let the client make a new key and CSR", "В нём закрытый ключ, который не должен видеть никто, кроме владельца: удалите его, и пусть клиент создаст новый ключ и CSR")))
}

/// Whether there is a key in a text, in armour or as a program writes it. What is left of a damaged one, and one in
/// base64 alone, is for the reader of requests to tell.
fn shows_key(value: &str) -> bool {
    is_armoured(value) || is_printed(value)
}

/// A key in a program's own form: PuTTY's file; the numbers that openssl and certtool print; XML of .NET; JWK (RFC
/// 7518, 6.2.2 and 6.3.2).
fn is_printed(value: &str) -> bool {
    const NUMBERS: [&str; 3] = ["privateExponent:", "private exponent:", "priv:"];
    let begins_digits = |text: &str| {
        let digits = text.trim_start().as_bytes();
        matches!(digits, [a, b, b':', ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
    };
    let has_numbers = |mark: &&str| value.split(*mark).skip(1).any(begins_digits);
    let is_jwk = || {
        let packed: String = value
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '\\')
            .collect();
        packed.contains("\"kty\":") && packed.contains("\"d\":\"")
    };
    value.contains("PuTTY-User-Key-File-")
        || value.contains("<Modulus>") && value.contains("<D>")
        || NUMBERS.iter().any(has_numbers)
        || value.contains("kty") && is_jwk()
}

fn is_armoured(value: &str) -> bool {
    value.match_indices(KEY_MARK).any(|(at, _)| {
        let line = value[..at].rsplit(['\n', '\r']).next().unwrap_or_default();
        let near = line.chars().rev().take(LONGEST_KIND + ARMOUR_MARK.len());
        // From behind.
        let near: String = near.collect();
        near.contains(&ARMOUR_MARK.chars().rev().collect::<String>())
    })
}

fn refused(name: &str, value: &str) -> Failure {
    let mut shown: String = value.chars().take(SHOWN).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    Failure::field(Reason::Invalid, name).value(crate::logging::visible(&shown, &[]))
}

/// Fields of contacts and company: one line each.
fn is_line(name: &str) -> bool {
    [fields::ADMIN, fields::TECHNICAL, "org"]
        .iter()
        .any(|prefix| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('_'))
        })
        || name == fields::APPROVER_METHOD
}

/// Fields of several lines.
fn is_list(name: &str) -> bool {
    [
        fields::ADDITIONAL_NAMES,
        fields::FORMER_NAMES,
        fields::APPROVER_EMAIL,
    ]
    .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "-----BEGIN PRIVATE KEY----- MIIEvQ -----END PRIVATE KEY-----";

    #[test]
    fn a_private_key_is_refused_in_every_field_and_not_repeated() {
        for name in [
            "adm_fname",
            "tech_jtitle",
            "org_name",
            "org_business_category",
            "altname",
            "old_altname",
            "approver_email",
            "anything",
        ] {
            for key in [KEY, "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ\n"] {
                let failure = judge(name, key).unwrap_err();
                assert_eq!(failure.reason(), Reason::Invalid);
                assert_eq!(failure.object(), name);
                let text = failure.text(crate::failure::Language::Russian);
                assert!(text.contains("закрытый ключ"), "{text}");
                assert!(!format!("{failure:?}").contains("MIIE"), "{failure:?}");
            }
        }
        judge("org_name", "Private Key Ltd.").unwrap();
    }

    #[test]
    fn a_key_as_a_program_writes_it_is_refused_too() {
        for key in crate::certificate::tests::spoilt::printed_keys() {
            for text in [key.clone(), format!("{key}\n"), key.replace('\n', "\r\n")] {
                let failure = judge("csr", &text).unwrap_err();
                assert!(failure.words().contains("private key"), "{failure}");
            }
        }
        for text in [
            "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
            "{\"name\":\"x\",\"d\":\"1\"}",
            "<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>",
            "Public-Key: (2048 bit)\nModulus:\n    00:aa:bb\nExponent: 65537 (0x10001)",
            "priv: stays here; privateExponent: too",
            "pub:\n    04:aa:bb",
            "R&D <D>",
        ] {
            judge("csr", text).unwrap();
        }
    }

    #[test]
    fn a_text_that_speaks_of_a_key_holds_none() {
        let request = "-----BEGIN CERTIFICATE REQUEST----- MIIB -----END CERTIFICATE REQUEST-----";
        for value in [
            "THE PRIVATE KEY STAYS WITH US".to_owned(),
            format!("PRIVATE KEY: KEPT\n{request}"),
            format!("BEGIN\nPRIVATE KEY KEPT {request}"),
            format!("{request} PRIVATE KEY KEPT"),
        ] {
            judge("csr", &value).unwrap();
        }
        for kind in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "] {
            let key = format!("PRIVATE KEY: BELOW\n----- BEGIN {kind}PRIVATE KEY-----");
            assert!(judge("csr", &key).is_err(), "{key}");
        }
    }

    #[test]
    fn lines_of_contacts_and_companies_are_one_line_of_bearable_length() {
        let name = "org_address";
        for (value, detail) in [
            ("Main St. 1\nSpringfield", "control character \\u{a}"),
            ("Main\rSt. 1", "control character \\u{d}"),
            ("\u{1b}[31mMain", "control character \\u{1b}"),
            ("Main\0", "control character \\u{0}"),
            ("Main\u{9b}31m", "control character \\u{9b}"),
            (&"x".repeat(256), "It has 256 characters, at most 255"),
            (&"x".repeat(70_000), "It has 70000 characters"),
        ] {
            let failure = judge(name, value).unwrap_err();
            assert_eq!(
                (failure.reason(), failure.object()),
                (Reason::Invalid, name)
            );
            assert!(failure.words().contains(detail), "{failure}");
            let shown = failure.offending_value();
            assert!(shown.chars().count() <= SHOWN + 10, "{shown}");
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
        for value in ["Главная улица, 1", "Main St. 1", &"ж".repeat(255)] {
            judge(name, value).unwrap();
        }
    }

    #[test]
    fn lists_of_names_may_have_lines_and_have_an_end() {
        judge("altname", "www.example.com\r\nmail.example.com\n").unwrap();
        judge("altname", &"a.example.com ".repeat(1000)).unwrap();
        assert!(judge("altname", &"a.example.com ".repeat(5000)).is_err());
        // Not a field of the order form.
        judge("pmssl_intent", &"x".repeat(100_000)).unwrap();
        judge("organ", "a\nb").unwrap();
    }
}
