//! The CSR's text.

use super::Outcome::{Accepted, Refused, Warned};
use super::{Samples, Section, fixture, line, requests};
use crate::certificate::testing::Made;
use crate::certificate::tests::spoilt::{keys_alone, printed_keys};
use crate::certificate::tests::wrapped::{Cases, Fresh};
use crate::failure::Reason;

fn texts(cases: Cases) -> impl Iterator<Item = String> {
    cases.into_iter().map(|(_, text)| text)
}

/// Another letter in the middle of the last line of base64.
fn changed(pem: &str) -> String {
    let at = pem.find("-----END").expect("an end") - 20;
    let other = if pem[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &pem[..at], &pem[at + 1..])
}

fn unusual(has_attributes: bool, version: u8) -> String {
    let made = Made {
        has_attributes,
        version,
        ..Made::of("shop.example.com")
    };
    made.text()
}

/// A challenge password of a string type that it may not have, and rubbish.
fn with_odd_attributes() -> String {
    let attributes = [
        &[
            0x30, 0x10, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 7,
        ][..],
        &[0x31, 3, 0x16, 1, b'x'],
        &[0x30, 2, 5, 0],
    ];
    let made = Made {
        attributes: attributes.concat(),
        ..Made::of("shop.example.com")
    };
    made.text()
}

/// Damaged in ways that its signature shows.
fn damaged(fresh: &Fresh) -> Vec<String> {
    let pem = &fresh.pem;
    let cut: String = pem.lines().take(4).collect();
    let foreign = changed(pem).replacen("MI", "M\u{2026}I", 1);
    let mut damaged = vec![
        cut,
        changed(pem),
        foreign,
        pem.to_lowercase(),
        pem.to_uppercase(),
    ];
    damaged.extend(fresh.damaged());
    damaged
}

/// A key that can be seen at once is refused by whoever reads the field first, one in a wrapping by the examination.
fn with_keys(fresh: &Fresh) -> Samples {
    let printed = printed_keys().map(|key| format!("{}{key}", fresh.pem));
    let bare = fresh.with_keys().into_iter().chain(keys_alone());
    let mut samples = requests(bare.chain(printed));
    for (_, outcome) in &mut samples {
        if *outcome == Refused(Reason::Invalid) {
            *outcome = Refused(Reason::BadCsr);
        }
    }
    samples
}

pub(super) fn section() -> Section {
    let fresh = Fresh::new();
    let good = fixture("p256");
    let bad = Refused(Reason::BadCsr);
    let armour = texts(fresh.armour()).chain(texts(fresh.labels()));
    let written = texts(fresh.programs()).chain(texts(fresh.pages()));
    Section {
        title: "The CSR's text",
        before: "\
A CSR proves itself by its own signature, so it is read out of every wrapping from which its bytes can be
recovered; the vendor always gets it as clean PEM.",
        lines: vec![
            line(
                "any line ends or none, blanks, text around, armour with too few, too many, typographic or no dashes, any letter case, `NEW`, no armour, no end",
                "read",
                "",
                Accepted,
                requests(armour.chain([format!(
                    "THE PRIVATE KEY STAYS HERE, THIS IS THE REQUEST:\n{}",
                    fresh.pem
                )])),
            ),
            line(
                "literal `\\n`, JSON, HTML (`<br>`, entities), percent-encoding, a form's plus signs and blanks, quoted-printable, quoted mail, a program's, shell's or word processor's text, numbered lines, a comparison's signs, base64 of the whole text, its alphabet for web addresses, hexadecimal digits, letters of double width, UTF-16 in any disguise, comments, a log's times, a table's cells, invisible characters",
                "read",
                "",
                Accepted,
                requests(written.chain(texts(fresh.octets()))),
            ),
            line(
                "the same CSR twice, a torn copy beside it, a certificate beside it, whatever its armour says, bytes before its begin or behind its end",
                "read",
                "",
                Accepted,
                requests(texts(fresh.copies())),
            ),
            line(
                "a long exchange of mails around it",
                "read",
                "",
                Accepted,
                requests([format!("{}{good}", "> and so on\n".repeat(20_000))]),
            ),
            line(
                "attributes that nobody understands",
                "read",
                "",
                Accepted,
                requests([with_odd_attributes()]),
            ),
            line(
                "no field of attributes, a wrong version number",
                "read, with a warning",
                "",
                Warned,
                requests([unusual(false, 0), unusual(true, 1)]),
            ),
            line(
                "a private key beside it, in whatever wrapping, or in its place: in armour or without, as PuTTY, openssl, JWK or .NET write it",
                "refused: who has sent a key has shown it",
                "Baseline Requirements 6.1.1.3",
                bad,
                with_keys(&fresh),
            ),
            line(
                "several different CSRs, one of them damaged perhaps",
                "refused",
                "nobody can tell which is meant",
                bad,
                requests([
                    format!("{good}{}", fixture("p384")),
                    format!("{good}{}", changed(&good)),
                ]),
            ),
            line(
                "cut off; damaged inside; letters all small or all capitals; foreign characters that its signature does not survive; wrong signature",
                "refused, with what is damaged",
                "RFC 2986, 4.2",
                bad,
                requests(damaged(&fresh)),
            ),
            line(
                "no CSR at all, a certificate or another thing instead, a text of more than 1 MiB, which is longer than anything that a request can be",
                "refused, with what stands there",
                "RFC 2986, 4",
                bad,
                requests([
                    "hello".to_owned(),
                    "ssh-rsa AAAAB3NzaC1yc2E= me".to_owned(),
                    crate::certificate::testing::Delivery::new().leaf,
                    format!("{good}{}x", " ".repeat(1 << 20)),
                ]),
            ),
        ],
        behind: "\
A CSR without the field of attributes breaks RFC 2986 (4.1). eNom reads a CSR only after it was paid for, so it is
refused there, on the order form already, as are one without a common name and one of more than 4500 characters.",
    }
}
