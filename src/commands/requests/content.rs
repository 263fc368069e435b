//! What the CSR says.

use rsa::BigUint;

use super::Outcome::{Accepted, Refused, Warned};
use super::{Samples, Section, fixture, line, requests};
use crate::certificate::testing::weak::{close, of_roca, with_modulus};
use crate::certificate::testing::{
    COMMON_NAME, COUNTRY, Made, ORGANIZATION, UTF8, of_unknown_algorithm,
};
use crate::failure::Reason;

fn named(texts: &[&str]) -> Samples {
    requests(texts.iter().map(|text| Made::of(text).text()))
}

fn with_alternatives(names: &[&[u8]]) -> Samples {
    let made = |name: &&[u8]| {
        let made = Made {
            names: vec![b"shop.example.com", name],
            ..Made::of("shop.example.com")
        };
        made.text()
    };
    requests(names.iter().map(made))
}

fn of_countries(countries: &[&str]) -> Samples {
    let made = |country: &&str| {
        let made = Made {
            subject: vec![
                (COUNTRY, 0x13, country.as_bytes()),
                (COMMON_NAME, UTF8, b"shop.example.com"),
            ],
            ..Made::of("shop.example.com")
        };
        made.text()
    };
    requests(countries.iter().map(made))
}

fn overlong() -> String {
    let made = Made {
        subject: vec![
            (ORGANIZATION, UTF8, &[b'o'; 65]),
            (COMMON_NAME, UTF8, b"shop.example.com"),
        ],
        ..Made::of("shop.example.com")
    };
    made.text()
}

pub(super) fn section() -> Section {
    let bad = Refused(Reason::BadCsr);
    let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(40));
    let lines = vec![
        line(
            "RSA of 2048 bits and more, EC P-256 and P-384; signed with SHA-256, SHA-384, SHA-512, SHA-1 with RSA, RSA-PSS",
            "accepted",
            "",
            Accepted,
            requests(
                [
                    "rsa-2048",
                    "rsa-2048-sha1",
                    "rsa-2048-salt-32",
                    "p256",
                    "p384",
                    "p256-sha512",
                ]
                .map(fixture),
            ),
        ),
        line(
            "RSA with a public exponent below 65537 or of more than 33 bits, RSA of more than 8192 bits, a compressed EC point",
            "accepted, with a warning",
            "Baseline Requirements 6.1.5, 6.1.6",
            Warned,
            requests(
                [
                    "rsa-2048-exponent-3",
                    "rsa-2048-exponent-2-40",
                    "rsa-8200",
                    "p256-compressed",
                ]
                .map(fixture),
            ),
        ),
        line(
            "RSA of less than 2048 bits or of a length that is not a multiple of 8, other keys and curves",
            "refused, with the kind of the key",
            "Baseline Requirements 6.1.5",
            Refused(Reason::WeakKey),
            requests(["rsa-1024", "rsa-2052", "secp256k1", "ed25519"].map(fixture)),
        ),
        line(
            "RSA whose private key can be computed from the public one: keys of Infineon's chips (ROCA), two primes that Fermat's factorization finds in 100 rounds",
            "refused",
            "Baseline Requirements 6.1.1.3",
            Refused(Reason::WeakKey),
            requests(
                [of_roca(), close(&(BigUint::from(1_u32) << 515))]
                    .map(|modulus| with_modulus(&fixture("rsa-2048"), &modulus)),
            ),
        ),
        line(
            "RSA restricted to PSS",
            "refused",
            "Baseline Requirements 7.1.3.1.1",
            Refused(Reason::WeakKey),
            requests([fixture("rsa-pss")]),
        ),
        line(
            "explicit curve parameters",
            "refused",
            "Baseline Requirements 7.1.3.1.2",
            Refused(Reason::WeakKey),
            requests([fixture("explicit-curve")]),
        ),
        line(
            "EC P-521",
            "refused",
            "Mozilla Root Store Policy 5.1",
            Refused(Reason::WeakKey),
            requests([fixture("p521")]),
        ),
        line(
            "a signature that cannot be verified here: MD5, SHA-224, ECDSA with SHA-1, RSA-PSS with a salt of another length than the digest's and the like. The rules for signatures bind certificates; which CSRs a vendor reads is its own affair",
            "accepted, with a warning",
            "",
            Warned,
            requests(["rsa-2048-md5", "rsa-2048-salt-222"].map(fixture)),
        ),
        line(
            "a signature by an algorithm that nobody knows: damaged, most likely",
            "refused",
            "RFC 2986, 4.2",
            bad,
            requests([of_unknown_algorithm(&fixture("rsa-2048-md5"))]),
        ),
        line(
            "a common name that is no host name: a web address, an e-mail or IP address, a list, an underscore, a port",
            "refused, with the reason",
            "Baseline Requirements 7.1.4.3",
            bad,
            named(&[
                "http://shop.example.com",
                "admin@example.com",
                "192.0.2.10",
                "shop.example.com, www.example.com",
                "my_shop.example.com",
                "shop.example.com:443",
            ]),
        ),
        line(
            "a common name with a final dot, blanks around, or letters that are not ASCII",
            "refused, with the right spelling",
            "Baseline Requirements 7.1.4.3",
            bad,
            named(&["shop.example.com.", " shop.example.com ", "магазин.рф"]),
        ),
        line(
            "a common name of more than 64 characters",
            "refused",
            "RFC 5280, appendix A",
            bad,
            requests([Made::of(&long).text()]),
        ),
        line(
            "several common names",
            "refused",
            "Baseline Requirements 7.1.4.1, 7.1.4.3",
            bad,
            requests([fixture("two-common-names")]),
        ),
        line(
            "an empty alternative name; one with an empty part, a final dot, blanks around, or letters that are not ASCII",
            "refused",
            "RFC 5280, 4.2.1.6",
            bad,
            with_alternatives(&[
                b"",
                b".example.com",
                b"www.example.com.",
                b" www.example.com",
                "магазин.рф".as_bytes(),
            ]),
        ),
        line(
            "other alternative names that are no host names (IP and e-mail addresses, underscores)",
            "left out, with a warning",
            "",
            Warned,
            [
                with_alternatives(&[b"_acme.example.com"]),
                requests([fixture("other-names")]),
            ]
            .concat(),
        ),
        line(
            "a country that is no code of ISO 3166-1 (`UK`, `RUS`)",
            "refused, with the right code where it is clear",
            "Baseline Requirements 7.1.4.2",
            bad,
            of_countries(&["UK", "RUS", "QQ", "Germany"]),
        ),
        line(
            "a country of ISO 3166-1 in any letter case, `XX`, none",
            "accepted",
            "",
            Accepted,
            of_countries(&["DE", "gb", "XX", ""]),
        ),
        line(
            "internal names; names of top-level domains that this version's list does not hold",
            "refused, with the top-level domain",
            "Baseline Requirements 4.2.2",
            Refused(Reason::NameNotAllowed),
            named(&["mail.local", "intranet"]),
        ),
        line(
            "a wildcard right below a public suffix",
            "refused",
            "Baseline Requirements 3.2.2.6",
            Refused(Reason::NameNotAllowed),
            named(&["*.co.uk", "*.com"]),
        ),
        line(
            "a public suffix itself, which may be its registry's own",
            "accepted, with a warning to the client",
            "",
            Accepted,
            named(&["gov.uk", "co.uk"]),
        ),
        line(
            "an organisation, department, city or state beyond the limits of RFC 5280",
            "accepted, with a warning",
            "RFC 5280, appendix A",
            Warned,
            requests([overlong()]),
        ),
    ];
    Section {
        title: "What the CSR says",
        before: "",
        lines,
        behind: "\
Authorities refuse the keys that Debian's OpenSSL made from 2006 to 2008, too (Baseline Requirements 6.1.1.3). They are
known by lists only, which are too long to be carried here: such a key is not found before the order.",
    }
}
