//! The work of reading what others write grows with its length, and not with its square: bytes that our own readers look at
//! are counted ([`crate::work`]), so that no machine's load plays a part. What libraries do inside (XML's and JSON's
//! syntax, archives, ASN.1, answers of name servers) is not counted: there the sizes and numbers are bounded.

use crate::certificate::testing::Made;
use crate::certificate::{Csr, files_of_delivery, listed, pkcs7};
use crate::domain::{DomainName, list};
use crate::work::work_of;
use crate::{json, logging, platform, xml};

/// Bytes of the shorter text.
const SIZE: usize = 6 * 1024;

/// Twice the text, at most so much more work (in tenths).
const MOST_GROWTH: usize = 25;

type Reader = fn(&str);

/// All that reads text of others by itself.
const READERS: [(&str, Reader); 9] = [
    ("a CSR", |text| drop(Csr::parse(text))),
    ("a CSR in a list", |text| drop(listed(text))),
    ("a delivery", |text| {
        drop(files_of_delivery(text.as_bytes()))
    }),
    ("a PKCS#7", |text| {
        drop(pkcs7::certificates(text.as_bytes()))
    }),
    ("XML", |text| drop(xml::parse(text))),
    ("JSON", |text| drop(json::read(text.as_bytes()))),
    ("debug.conf", |text| drop(logging::parse_debug_conf(text))),
    ("billmgr.conf", platform::billmanager::hostile::options),
    ("names", |text| {
        let names = list(text).filter_map(|word| DomainName::parse(word).ok());
        drop(names.collect::<Vec<_>>());
    }),
];

/// What texts are made of, before it and behind it.
const UNITS: [(&str, &str, &str); 59] = [
    ("", "MII", ""),
    ("", "MIIC ", ""),
    ("", "MIIC\n", ""),
    ("", "-", ""),
    ("", "-----", ""),
    ("", "BEGIN ", ""),
    ("", "END     ", ""),
    ("", "-----BEGIN ", ""),
    ("", "-----BEGIN \n", ""),
    ("", "-----BEGIN CERTIFICATE REQUEST-----", ""),
    ("", "-----BEGIN CERTIFICATE-----\n", ""),
    ("", "-----BEGIN X-----QUJD-----END X-----", ""),
    ("", "-----BEGIN PKCS7-----MIAGCSqGSIb3DQEHAqCA", ""),
    (
        "-----BEGIN PKCS7-----\n",
        "MIAwgDCA",
        "\n-----END PKCS7-----\n",
    ),
    ("-----BEGIN CERTIFICATE REQUEST-----\n", "TUlJ", ""),
    (
        "-----BEGIN CERTIFICATE-----\n",
        "QUJD\n",
        "-----END CERTIFICATE-----\n",
    ),
    ("-----BEGIN CERTIFICATE REQUEST-----\nMIL/", "A b+", ""),
    ("", "&", ""),
    ("", "&#", ""),
    ("", "&amp;", ""),
    ("", "<", ""),
    ("", "<a", ""),
    ("", "<a>", ""),
    ("", "%25", ""),
    ("", "%", ""),
    ("", "\\", ""),
    ("", "\\n", ""),
    ("", "\\u00", ""),
    ("", "=\n", ""),
    ("", "=3D", ""),
    ("", "> ", ""),
    ("", "a|", ""),
    ("", "\"", ""),
    ("", "MIME-", ""),
    ("", "LS0t", ""),
    ("", "LS0t!", ""),
    ("", "REQUEST-----n", ""),
    ("", "-\nM", ""),
    ("", "#012", ""),
    ("", "30", ""),
    ("", "30:82:", ""),
    ("", "1. a\n", ""),
    ("", "\u{2014}", ""),
    ("", "PK\u{3}\u{4}", ""),
    ("<a>", "<b/>", "</a>"),
    ("<a>", "<b c=''>", ""),
    ("<a ", "b='1' ", "/>"),
    ("<a>", "<![CDATA[", "]]></a>"),
    ("<a>", "&lt;", "</a>"),
    ("[", "[", ""),
    ("[0", ",0", "]"),
    ("{\"a\":\"", "\\\"", "\"}"),
    ("[\"", "-----BEGIN CERTIFICATE-----\\n", "\"]"),
    ("", "* 9\n", ""),
    ("", "SET a.b.", ""),
    ("", "Option DBHost #\n", ""),
    ("", "DNS: a.example, ", ""),
    ("", "\\r\\n<br>", ""),
    ("", ". - + ", ""),
];

/// Holds the work on so many parts against that on twice as many.
fn grown(work: impl Fn(usize) -> usize, size: usize) -> Result<(), String> {
    let (little, much) = (work(size), work(2 * size));
    match much * 10 <= little * MOST_GROWTH {
        true => Ok(()),
        false => Err(format!("{little} became {much}")),
    }
}

#[test]
fn twice_the_text_is_at_most_two_and_a_half_times_the_work_of_reading_it() {
    for (name, reader) in READERS {
        let mut most = 0;
        for (before, unit, behind) in UNITS {
            let work = |count: usize| {
                let text = format!("{before}{}{behind}", unit.repeat(count));
                work_of(|| reader(&text))
            };
            // Whole words of any base64 that it may be.
            let count = (SIZE / unit.len()).next_multiple_of(12);
            let outcome = grown(work, count);
            assert_eq!(outcome, Ok(()), "{name}: {before:?} {unit:?} {behind:?}");
            most = most.max(work(count));
        }
        assert!(most >= SIZE, "{name}: nothing is counted");
    }
}

/// Names are told apart without comparing each with all others.
#[test]
fn twice_the_names_are_at_most_two_and_a_half_times_the_work() {
    let work = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("n{n:04}.example")).collect();
        let made = Made {
            names: names.iter().map(String::as_bytes).collect(),
            ..Made::of("n0000.example")
        };
        let text = made.text();
        work_of(|| assert_eq!(listed(&text).unwrap().names.len(), count))
    };
    assert_eq!(grown(work, 500), Ok(()));
}
