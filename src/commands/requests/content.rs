//! The tables of docs/requests.md: each line with samples, which `check_param` answers as the line says.

use super::check_param::check;
use crate::certificate::testing::{COMMON_NAME, COUNTRY, Made, UTF8};
use crate::failure::Reason;
use crate::module;

/// A line of a table: what stands there, what happens, by which rule; its samples.
struct Line {
    stands: &'static str,
    happens: &'static str,
    rule: &'static str,
    samples: Vec<String>,
    /// Why the samples are refused.
    refusal: Option<Reason>,
}

fn line(
    stands: &'static str,
    happens: &'static str,
    rule: &'static str,
    refusal: Option<Reason>,
    samples: Vec<String>,
) -> Line {
    Line {
        stands,
        happens,
        rule,
        samples,
        refusal,
    }
}

fn fixture(name: &str) -> String {
    let path = format!(
        "{}/src/certificate/fixtures/{name}.pem",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn named(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| Made::of(text).text()).collect()
}

fn with_alternatives(names: &[&[u8]]) -> Vec<String> {
    let made = |name: &&[u8]| {
        let made = Made {
            names: vec![b"shop.example.com", name],
            ..Made::of("shop.example.com")
        };
        made.text()
    };
    names.iter().map(made).collect()
}

fn of_countries(countries: &[&str]) -> Vec<String> {
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
    countries.iter().map(made).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What the CSR says.
fn requests() -> Vec<Line> {
    let bad = Some(Reason::BadCsr);
    let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(40));
    vec![
        line(
            "RSA of 2048 to 8192 bits, EC P-256 and P-384; signed with SHA-256, SHA-384, SHA-512, SHA-1 with RSA",
            "accepted",
            "",
            None,
            ["rsa-2048", "p256", "p384", "p256-sha512"]
                .map(fixture)
                .to_vec(),
        ),
        line(
            "other keys and curves, explicit curve parameters",
            "refused",
            "Baseline Requirements 6.1.5",
            Some(Reason::WeakKey),
            ["rsa-1024"].map(fixture).to_vec(),
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
            "a common name of more than 64 characters, several common names",
            "refused",
            "RFC 5280, appendix A",
            bad,
            named(&[&long])
                .into_iter()
                .chain([fixture("two-common-names")])
                .collect(),
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
            None,
            with_alternatives(&[b"_acme.example.com"])
                .into_iter()
                .chain([fixture("other-names")])
                .collect(),
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
            None,
            of_countries(&["DE", "gb", "XX", ""]),
        ),
        line(
            "internal names, public suffixes",
            "refused",
            "Baseline Requirements 4.2.2",
            Some(Reason::NameNotAllowed),
            named(&["mail.local", "intranet", "co.uk"]),
        ),
    ]
}

/// What else is in the form, by the field of each sample.
fn form() -> Vec<(&'static str, Line)> {
    vec![
        (
            "altname",
            line(
                "additional names between blanks, line ends, commas, semicolons and bars, in quotes or brackets, behind `DNS:`",
                "accepted",
                "",
                None,
                owned(&[
                    "a.example.com",
                    "a.example.com b.example.com",
                    "a.example.com;b.example.com,\r\n*.example.net",
                    "\"a.example.com\" | <b.example.com>",
                    "DNS:a.example.com, DNS:*.example.net",
                    "пример.рф",
                ]),
            ),
        ),
        (
            "altname",
            line(
                "public IP addresses as additional names, where the vendor certifies them (GlobalSign's multi-domain products without extended validation, not proved by a TXT record)",
                "accepted",
                "",
                None,
                owned(&["93.184.216.34", "a.example.com [2606:4700::1]"]),
            ),
        ),
        (
            "altname",
            line(
                "addresses and names of internal networks, names of addresses (`in-addr.arpa`), public suffixes",
                "refused, with the reason",
                "Baseline Requirements 4.2.2",
                Some(Reason::NameNotAllowed),
                owned(&[
                    "10.0.0.1",
                    "fd00::1",
                    "intranet",
                    "1.2.0.192.in-addr.arpa",
                    "*.co.uk",
                ]),
            ),
        ),
        (
            "altname",
            line(
                "what is no host name: a web address, a port, an underscore, an asterisk inside, invalid punycode, hyphens in the third and fourth place, typographic dashes",
                "refused, with the reason",
                "Baseline Requirements 7.1.2.7.12",
                Some(Reason::Invalid),
                owned(&[
                    "https://shop.example.com:8443/path",
                    "shop.example.com:8443",
                    "my_shop.example.com",
                    "a.*.example.com",
                    "xn--a.example.com",
                    "ab--cd.example.com",
                    "my\u{2013}shop.example.com",
                ]),
            ),
        ),
        (
            "adm_phone",
            line(
                "a telephone number in international form with any usual signs, `00` for the plus sign, the zero for calls inside the country",
                "accepted, and ordered as E.164",
                "",
                None,
                owned(&[
                    "+7 (900) 123-45-67",
                    "0044 20 7946 0958",
                    "+44 (0)20 7946 0958",
                    "+39 06 6982",
                ]),
            ),
        ),
        (
            "adm_phone",
            line(
                "a number without its country; a code that no country has; `+8 (495) ...`; `+7` with other than ten digits; an extension; two numbers",
                "refused",
                "E.164",
                Some(Reason::Invalid),
                owned(&[
                    "89001234567",
                    "+8 (495) 123-45-67",
                    "+7 495 123-45-6",
                    "+999 000 111 2223",
                    "+44 20 7946 0958 ext. 5",
                    "+44 20 7946 0958, +44 20 7946 0959",
                ]),
            ),
        ),
        (
            "approver_email",
            line(
                "approver addresses, divided like names",
                "accepted, and ordered in the spelling of the vendor's list",
                "",
                None,
                owned(&["ADMIN@example.com; admin@example.net\n"]),
            ),
        ),
        (
            "org_country",
            line(
                "a country of BILLmanager's list or its code",
                "accepted; anything else is refused",
                "",
                None,
                owned(&["643", "de"]),
            ),
        ),
    ]
}

fn row(line: &Line) -> String {
    format!("| {} | {} | {} |\n", line.stands, line.happens, line.rule)
}

/// Puts a table between its marks.
fn replaced(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&begin).expect("the begin of the table");
    let (_, after) = rest.split_once(&end).expect("the end of the table");
    format!(
        "{before}{begin}\n| what stands there | what happens | rule |\n|---|---|---|\n{table}\n{end}{after}"
    )
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn the_page_says_what_check_param_answers() {
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let mut counts = (0, 0);
    let requests = requests();
    let form = form();
    let lines = requests.iter().map(|line| ("csr", line));
    for (field, line) in lines.chain(form.iter().map(|(field, line)| (*field, line))) {
        for sample in &line.samples {
            let found = check(globalsign, field, sample);
            let reason = found.as_ref().err().map(crate::failure::Failure::reason);
            assert_eq!(reason, line.refusal, "{}: {sample}: {found:?}", line.stands);
            match reason {
                None => counts.0 += 1,
                Some(_) => counts.1 += 1,
            }
        }
    }
    println!(
        "proof: requests: {} samples accepted, {} refused",
        counts.0, counts.1
    );
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requests.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let says: String = requests.iter().map(row).collect();
    let fields: String = form.iter().map(|(_, line)| row(line)).collect();
    let made = replaced(&replaced(&page, "csr", &says), "form", &fields);
    if std::env::var_os("PMSSL_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "docs/requests.md is out of date: run PMSSL_UPDATE=1 cargo test --lib requests"
    );
}

/// What was accepted rightly before is still accepted: subjects, names and people of many countries.
#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn what_is_right_is_accepted_and_counted() {
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let mut accepted = [("csr", 0), ("altname", 0), ("phone", 0), ("person", 0)];
    let mut count = |at: usize, field: &str, value: &str| {
        if let Err(failure) = check(globalsign, field, value) {
            panic!("{field} {value}: {failure}");
        }
        accepted[at].1 += 1;
    };
    let organizations = [
        "Example",
        "Müller & Söhne GmbH",
        "ООО \"Ромашка\"",
        "株式会社例",
        "A/S",
        "",
    ];
    let names = [
        "example.com",
        "www.example.com",
        "*.example.com",
        "EXAMPLE.com",
        "a-b.c-d.example.co.uk",
        "1.example.com",
        "xn--80aairftm.xn--p1ai",
        "shop.example.museum",
    ];
    for organization in organizations {
        for name in names {
            for country in ["DE", "us", "XX", ""] {
                let made = Made {
                    subject: vec![
                        (COUNTRY, 0x13, country.as_bytes()),
                        ([0x55, 4, 10], UTF8, organization.as_bytes()),
                        (COMMON_NAME, UTF8, name.as_bytes()),
                    ],
                    names: vec![name.as_bytes(), b"mail.example.com"],
                    ..Made::of(name)
                };
                count(0, "csr", &made.text());
            }
        }
    }
    for name in names {
        for other in [
            "a.example.net",
            "*.example.org",
            "пример.рф",
            "bücher.example.de",
        ] {
            for divider in [" ", ",", ";", "\n", "\r\n", ", "] {
                count(1, "altname", &format!("{name}{divider}{other}"));
            }
        }
    }
    for (code, national) in [
        ("1", "5550100200"),
        ("7", "4951234567"),
        ("20", "2212345678"),
        ("31", "201234567"),
        ("33", "142345678"),
        ("34", "911234567"),
        ("39", "0669821234"),
        ("41", "441234567"),
        ("44", "2079460958"),
        ("49", "30901820"),
        ("55", "1123456789"),
        ("61", "291234567"),
        ("65", "61234567"),
        ("81", "312345678"),
        ("86", "1012345678"),
        ("90", "2121234567"),
        ("91", "1123456789"),
        ("353", "15550100"),
        ("358", "91234567"),
        ("375", "171234567"),
        ("377", "93150000"),
        ("380", "441234567"),
        ("420", "224123456"),
        ("852", "21234567"),
        ("971", "41234567"),
        ("998", "711234567"),
    ] {
        let (area, rest) = national.split_at(3);
        for text in [
            format!("+{code}{national}"),
            format!("+{code} {area} {rest}"),
            format!("+{code} ({area}) {rest}"),
            format!("+{code}-{area}-{rest}"),
            format!("+{code}.{national}"),
            format!("00{code} {national}"),
            format!("tel:+{code}-{national}"),
        ] {
            count(2, "adm_phone", &text);
        }
    }
    for field in [
        "adm_fname",
        "adm_lname",
        "adm_jtitle",
        "org_name",
        "org_address",
    ] {
        for text in [
            "Ann",
            "Jean-Luc O'Neil",
            "Анна",
            "Søren Ångström",
            "محمد",
            "王",
            "R&D <Web>",
            "Flat 1/2, \"The Mill\"",
        ] {
            count(3, field, text);
        }
    }
    println!("proof: what is right is accepted: {accepted:?}");
}
