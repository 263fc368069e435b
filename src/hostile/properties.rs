//! Input that looks right at first sight: trees and lists out of the words that a parser knows, names and
//! numbers of all scripts. The properties are those of the entry points.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::run::kept;
use super::{TARGETS, Target};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(cases.into()),
        ..ProptestConfig::default()
    }
}

fn target(name: &str) -> Target {
    let mut targets = TARGETS.iter();
    targets.find(|(known, _)| *known == name).unwrap().1
}

/// Member and element names, and values, of what is kept for a target.
fn vocabulary(name: &str) -> (Vec<String>, Vec<String>) {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for input in kept(name) {
        let text = String::from_utf8_lossy(&input);
        let words = text.split(|c: char| !(c.is_alphanumeric() || "_:.-/+ ".contains(c)));
        for word in words.map(str::trim).filter(|word| !word.is_empty()) {
            let plain = word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
            let is_name = plain && word.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_name && word.len() < 40 {
                names.push(word.trim_matches(':').to_owned());
            }
            if word.len() < 200 {
                values.push(word.to_owned());
            }
        }
    }
    names.retain(|name| !name.is_empty());
    assert!(names.len() > 3 && values.len() > 3, "{name} has no words");
    (names, values)
}

fn value(values: Vec<String>) -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(values),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => "\\PC{0,12}",
        1 => "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,6}( [0-9]{1,2}:[0-9]{2}:[0-9]{2}( [AP]M)?)?",
    ]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A document of the words of a target.
fn xml(name: &str) -> impl Strategy<Value = String> {
    let (names, values) = vocabulary(name);
    let element = (
        select(names.clone()),
        value(values.clone()),
        select(names.clone()),
    )
        .prop_map(|(name, text, attribute)| {
            let text = escaped(&text);
            format!(
                "<{name} {attribute}=\"{}\">{text}</{name}>",
                text.replace('"', "")
            )
        });
    let tree = element.prop_recursive(5, 60, 8, move |inner| {
        (select(names.clone()), vec(inner, 0..8))
            .prop_map(|(name, inner)| format!("<{name}>{}</{name}>", inner.concat()))
    });
    (
        select(vec![
            "doc",
            "interface-response",
            "Envelope",
            "soap:Envelope",
        ]),
        tree,
    )
        .prop_map(|(root, tree)| {
            format!("<?xml version=\"1.0\"?><{root}><soap:Body>{tree}</soap:Body>{tree}</{root}>")
        })
}

/// A JSON value of the words of a target.
fn json(name: &str) -> impl Strategy<Value = String> {
    let (names, values) = vocabulary(name);
    let leaf = prop_oneof![
        6 => value(values).prop_map(|text| serde_json::Value::from(text).to_string()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => select(vec!["null", "true", "false", "1e400", "[]", "{}"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 80, 10, move |inner| {
        prop_oneof![
            3 => vec((select(names.clone()), inner.clone()), 0..10).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
            1 => vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}

/// Several answers, one after the other.
fn answers(one: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(one, 1..4).prop_map(|answers| answers.join("\n%%\n"))
}

fn check(name: &str, input: &str) {
    target(name)(input.as_bytes());
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn names_of_all_scripts(
        star in select(vec!["", "*.", "*", "**."]),
        labels in vec(prop_oneof![
            4 => "[a-z0-9-]{1,12}",
            1 => "[а-яё]{1,8}",
            1 => "[a-zа-я]{1,8}",
            1 => "[\u{0590}-\u{05ff}\u{0600}-\u{06ff}]{1,6}",
            1 => "[\u{200b}-\u{200f}\u{00ad}\u{202e}a-c]{1,6}",
            1 => "xn--[a-z0-9-]{0,16}",
            1 => "[0-9]{1,3}",
            1 => "[A-Z_]{1,6}",
            1 => "\\PC{1,6}",
            1 => "[a-z]{60,66}",
        ], 1..7),
        dots in select(vec!["", ".", ".."]),
    ) {
        check("names", &format!("{star}{}{dots}", labels.join(".")));
    }

    #[test]
    fn amounts_telephones_addresses_and_dates(
        amount in "[-+ ]?[$€]?[0-9]{0,20}([., ][0-9]{0,3}){0,4}([eE][0-9]{1,3})?( ?[A-Z]{3})?",
        phone in "[+]?[0-9 ()./-]{0,24}",
        address in "[a-z\".+ а-я]{0,10}@?[a-zа-я.-]{0,20}",
        date in "[0-9]{1,6}[-/.][0-9]{1,2}[-/.][0-9]{1,6}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,9})?)?)?( ?[AP]M)?(Z|[+-][0-9:]{1,6}| UTC)?",
        net in "/Date\\(-?[0-9]{1,20}([+-][0-9]{4})?\\)/",
    ) {
        check("values", &[amount, phone, address, date, net].join("\n"));
    }

    #[test]
    fn stored_intents(text in "[12]?(\\|[a-zA-Z0-9 ._-]{0,20}){8,11}") {
        check("intent", &text);
    }

    #[test]
    fn configuration(lines in vec("[A-Za-z#. *_=-]{0,16}[ \t]?[\\PC]{0,30}", 0..12)) {
        let text = lines.join("\n");
        check("billmgr_conf", &text);
        check("debug_conf", &text);
        check("overrides", &text);
    }

    #[test]
    fn debug_conf_lines(lines in vec("(SET )?[a-z*]{0,8}(\\.[a-z_*]{0,14})?[ =]{1,2}[0-9a-z]{0,20}", 0..12)) {
        check("debug_conf", &lines.join("\n"));
    }

    #[test]
    fn database_options(
        lines in vec(("(DBHost|DBSocket|DBName|DBUser|CryptKey|SSLPlatformWait)", "[\\[\\]0-9a-z:./ -]{0,30}"), 0..8),
    ) {
        let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name} {value}")).collect();
        check("billmgr_conf", &lines.join("\n"));
    }

    #[test]
    fn forms(document in xml("form")) {
        check("form", &document);
    }

    #[test]
    fn replies_of_mgrctl(document in xml("mgrctl")) {
        check("mgrctl", &document);
    }
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn answers_of_enom(answers in answers(xml("enom"))) {
        check("enom", &answers);
    }

    #[test]
    fn answers_of_globalsign(answers in answers(xml("globalsign"))) {
        check("globalsign", &answers);
    }

    #[test]
    fn answers_of_ispmanager(answers in answers(xml("ispmanager"))) {
        check("ispmanager", &answers);
    }

    #[test]
    fn answers_of_leadertelecom(answers in answers(json("leadertelecom"))) {
        check("leadertelecom", &answers);
    }

    #[test]
    fn answers_of_thesslstore(answers in answers(json("thesslstore"))) {
        check("thesslstore", &answers);
    }
}
