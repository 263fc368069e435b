//! The work of masking grows with the length of a text, whoever wrote it. Bytes looked at are counted, so
//! that no machine's load plays a part.

use proptest::prelude::*;

use super::*;
use crate::work::work_of;

/// Bytes looked at for each byte of the text, at most: every net and every kind of bracket has its share.
const MOST_PER_BYTE: usize = 200;

/// Twice the text, at most so much more work (in tenths).
const MOST_GROWTH: usize = 25;

const SECRET: &str = "ab+/c d%&1";

/// What values, tags, quotes and keys are made of.
const PIECES: &[&str] = &[
    "<pw>",
    "<pw",
    ">",
    "</pw>",
    "<a:pw>",
    "<pw x='",
    "&lt;pw&gt;",
    "&lt;pw",
    "&gt;",
    "&lt;/pw&gt;",
    "&amp;lt;pw",
    "%3Cpw",
    "%3E",
    "%3Cpw%3E",
    "%3C%2Fpw%3E",
    "%3cpw%3e",
    "\"token\":{",
    "\"token\":[",
    "}",
    "]",
    "\"token\":\"",
    "\"",
    "'",
    "\\",
    "\\\"",
    "\\\\\\\"",
    "pw='",
    "pw=\"",
    "pw=\\\"",
    "pw=\\\\\\\"",
    "\\u0022token\\u0022:\\u0022",
    "&quot;pw&quot;:&quot;",
    "%22pw%22:%22",
    "name='pw' ",
    "<input name='pw' ",
    "name=\"pw\">",
    "value=\"",
    "value='x",
    "<![CDATA[",
    "]]>",
    "/",
    "://",
    ":",
    "a:",
    "@",
    "--password ",
    "password=",
    "Authorization: ",
    "DBPassword ",
    "token ",
    "    ",
    "\n",
    ",",
    "=",
    "-",
    "password",
    "w",
    "-----BEGIN PRIVATE KEY",
    "-----END",
    "PRIVATE KEY",
    "PRIVATE",
    "BEGIN",
    "%2D%2DEND",
    "&",
    "&amp;",
    "%25",
    "&#38;",
    "+",
    "%",
    "ab+",
    "ab%2B/",
    "YWIrL2MgZCUmMQ",
    "YWIrL2MgZCUmMQ==",
    "é",
    "\\u00",
    "u0022",
];

fn work(text: &str) -> usize {
    let needles = Needle::all(SECRET);
    work_of(|| {
        mask_with(text, &needles);
    })
}

fn grows_with_its_length(unit: &str, size: usize) -> Result<(), String> {
    let text = |size: usize| unit.repeat(size / unit.len() + 1);
    let (once, twice) = (text(size), text(size * 2));
    let (little, much) = (work(&once), work(&twice));
    if much * 10 > little * MOST_GROWTH {
        return Err(format!("{unit:?}: {little} became {much}"));
    }
    if much > twice.len() * MOST_PER_BYTE {
        return Err(format!("{unit:?}: {much} for {} bytes", twice.len()));
    }
    Ok(())
}

#[test]
fn twice_the_text_is_at_most_two_and_a_half_times_the_work() {
    for first in PIECES {
        grows_with_its_length(first, 8 * 1024).unwrap();
        for second in PIECES {
            grows_with_its_length(&format!("{first}{second}"), 2 * 1024).unwrap();
        }
    }
}

#[test]
fn tags_of_ever_new_names_are_no_more_work_than_others() {
    let text = |count: usize| -> String {
        (0..count)
            .map(|n| format!("<a{n}:pw>{}\\\"", "\\".repeat(n % 64)))
            .collect()
    };
    assert!(work(&text(4000)) * 10 <= work(&text(2000)) * MOST_GROWTH);
}

#[test]
fn what_is_shown_of_a_long_text_costs_what_is_shown() {
    let text = |size: usize| "<pw>".repeat(size / 4);
    let cost = |size: usize| work_of(|| drop(start_with(&text(size), 300, &[])));
    assert_eq!(cost(100_000), cost(1_000_000));
}

#[test]
fn the_start_of_a_text_shows_no_beginning_of_a_secret() {
    let needles = Needle::all("the-secret-value");
    for filler in 0..2_000 {
        // Near the place where reading stops, and with a start that shrinks.
        let text = format!(
            "<pw>{}</pw>{} the-secret-value and more",
            "x".repeat(16_000),
            "y".repeat(filler)
        );
        let shown = start_with(&text, 100, &needles);
        assert!(!shown.contains("the-"), "{filler}: {shown}");
    }
    assert_eq!(start_with("a the-secret-value b", 100, &needles), "a *** b");
    assert_eq!(start_with("a the-secret-value b", 4, &needles), "a **");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_costs_more_than_its_length(
        unit in proptest::collection::vec(proptest::sample::select(PIECES), 1..8),
        before in proptest::collection::vec(proptest::sample::select(PIECES), 0..4),
    ) {
        let unit = unit.concat();
        prop_assert!(grows_with_its_length(&unit, 2 * 1024).is_ok(), "{:?}", grows_with_its_length(&unit, 2 * 1024));
        let text = |size: usize| before.concat() + &unit.repeat(size / unit.len());
        let (little, much) = (work(&text(4096)), work(&text(8192)));
        prop_assert!(much * 10 <= little * MOST_GROWTH, "{before:?} {unit:?}: {little} became {much}");
    }
}
