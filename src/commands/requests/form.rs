//! What else stands in the form.

use super::Outcome::{Accepted, Refused};
use super::{Outcome, Samples, Section, check, line};
use crate::failure::Reason;
use crate::module;

/// What `check_param` says to the values of a field at GlobalSign, which sells the most kinds of names.
fn asked(field: &str, values: &[&str]) -> Samples {
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let said = |value: &&str| {
        let outcome = Outcome::of(&check(globalsign, field, value));
        ((*value).to_owned(), outcome)
    };
    values.iter().map(said).collect()
}

pub(super) fn section() -> Section {
    let lines = vec![
        line(
            "additional names between blanks, line ends, commas, semicolons and bars, in quotes or brackets, between a page's `<br>`, behind the marks of a list, as programs print them (`DNS:`, `IP Address:`, `DNS.1 =`)",
            "accepted",
            "",
            Accepted,
            asked(
                "altname",
                &[
                    "a.example.com",
                    "a.example.com b.example.com",
                    "a.example.com;b.example.com,\r\n*.example.net",
                    "\"a.example.com\" | <b.example.com>",
                    "DNS:a.example.com, DNS:*.example.net",
                    "пример.рф",
                    "a.example.com<br/>b.example.com",
                    "a.example.com\u{2502}b.example.com",
                    "1) a.example.com\n2) b.example.com",
                    "\u{2713} a.example.com\n\u{2713} b.example.com",
                    "DNS.1 = a.example.com\nDNS.2 = b.example.com",
                    "paral\u{b7}lel.example.com",
                ],
            ),
        ),
        line(
            "public IP addresses as additional names, where the vendor certifies them (GlobalSign's multi-domain products without extended validation, not proved by a TXT record)",
            "accepted",
            "",
            Accepted,
            asked(
                "altname",
                &[
                    "93.184.216.34",
                    "a.example.com [2606:4700::1]",
                    "DNS:a.example.com, IP Address:93.184.216.34",
                ],
            ),
        ),
        line(
            "addresses and names of internal networks, names of addresses (`in-addr.arpa`), wildcards right below public suffixes",
            "refused, with the reason",
            "Baseline Requirements 4.2.2, 3.2.2.6",
            Refused(Reason::NameNotAllowed),
            asked(
                "altname",
                &[
                    "10.0.0.1",
                    "fd00::1",
                    "intranet",
                    "1.2.0.192.in-addr.arpa",
                    "*.co.uk",
                    "*.com",
                ],
            ),
        ),
        line(
            "what is no host name: a web address, a port, an underscore, an asterisk inside, invalid punycode, hyphens in the third and fourth place, typographic dashes, signs that are no letters (`→`, `·`, emoji)",
            "refused, with the reason",
            "Baseline Requirements 7.1.2.7.12",
            Refused(Reason::Invalid),
            asked(
                "altname",
                &[
                    "https://shop.example.com:8443/path",
                    "shop.example.com:8443",
                    "my_shop.example.com",
                    "a.*.example.com",
                    "xn--a.example.com",
                    "ab--cd.example.com",
                    "my\u{2013}shop.example.com",
                    "a.example.com\u{2192}b.example.com",
                    "a.example.com\u{ff64}b.example.com",
                    "shop\u{1f6d2}.example.com",
                    "my\u{b7}shop.example.com",
                ],
            ),
        ),
        line(
            "a telephone number in international form with any usual signs, `00` for the plus sign, the zero for calls inside the country",
            "accepted, and ordered as E.164",
            "",
            Accepted,
            asked(
                "adm_phone",
                &[
                    "+7 (900) 123-45-67",
                    "0044 20 7946 0958",
                    "+44 (0)20 7946 0958",
                    "+39 06 6982",
                ],
            ),
        ),
        line(
            "a number without its country; a code that no country has; `+8 (495) ...`; `+7` and `+1` with other than ten digits; an extension; two numbers",
            "refused",
            "E.164",
            Refused(Reason::Invalid),
            asked(
                "adm_phone",
                &[
                    "89001234567",
                    "+8 (495) 123-45-67",
                    "+7 495 123-45-6",
                    "+1 555 0100",
                    "+999 000 111 2223",
                    "+44 20 7946 0958 ext. 5",
                    "+44 20 7946 0958, +44 20 7946 0959",
                ],
            ),
        ),
        line(
            "approver addresses, divided like names",
            "accepted, and ordered in the spelling of the vendor's list",
            "",
            Accepted,
            asked(
                "approver_email",
                &["ADMIN@example.com; admin@example.net\n"],
            ),
        ),
        line(
            "a country of BILLmanager's list or its code",
            "accepted; anything else is refused",
            "",
            Accepted,
            asked("org_country", &["643", "de"]),
        ),
    ];
    Section {
        title: "The form",
        before: "",
        lines,
        behind: "",
    }
}
