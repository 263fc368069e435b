//! Whatever the repository cites stands in it: sections of `docs/reference` and of `docs/design.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where citations stand.
const CITING: [&str; 5] = ["src", "tests", "fuzz", "docs", ".ci"];

/// Sections of a document: the numbers of its headings.
type Sections = BTreeSet<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path.extension().is_none_or(|kind| {
            ["rs", "md", "toml", "sql", "txt", "sh"].contains(&kind.to_str().unwrap_or_default())
        });
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !["fixtures", "corpus", "target", "snapshots"].contains(&name) {
                files(&path, found);
            }
        } else if is_text {
            found.push(path);
        }
    }
}

/// The number with which a text begins: `7`, `7.2`, `13a`.
fn number(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c.is_ascii_lowercase()))
        .unwrap_or(text.len());
    let number = text[..end].trim_end_matches('.');
    let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
    // `13a` is a section, `5th` and `2x` are words.
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && number.len() - digits.len() <= 1
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number.then_some(number)
}

/// All numbers of a list such as `7, 9 and 13.2`.
fn numbers(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some(number) = number(text) {
        found.push(number);
        let rest = &text[number.len()..];
        let next = [", ", " and ", " to "]
            .iter()
            .find_map(|between| rest.strip_prefix(between));
        match next {
            Some(next) => text = next,
            None => break,
        }
    }
    found
}

/// A text with its line breaks and comment marks taken out: a citation may be broken by them.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim();
        ["//!", "///", "//", "#", "*"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark))
            .unwrap_or(line)
            .trim()
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// What a text cites of a document that is named so.
fn cited<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices(name) {
        let rest = &text[place + name.len()..];
        let rest = rest.strip_prefix('`').unwrap_or(rest);
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let Some(rest) = rest.strip_prefix(' ') else {
            continue;
        };
        let words = ["sections ", "section ", "law "];
        let rest = words
            .iter()
            .find_map(|word| rest.strip_prefix(word))
            .unwrap_or(rest);
        found.extend(numbers(rest));
    }
    found
}

fn sections(page: &Path) -> Sections {
    let text = fs::read_to_string(page).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .filter_map(|line| number(line.trim_start_matches('#').trim_start()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_citation_has_its_section_in_the_repository() {
    let mut pages: BTreeMap<String, Sections> = BTreeMap::new();
    for entry in fs::read_dir(root().join("docs/reference")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        pages.insert(name, sections(&path));
    }
    // The words "(design, section 3)" and "(design, law 4)": the law's sentences are a list below section 1.
    let mut design = sections(&root().join("docs/design.md"));
    design.extend((1..=12).map(|law| law.to_string()));
    pages.insert("(design".to_owned(), design);

    let mut citing = Vec::new();
    for directory in CITING {
        files(&root().join(directory), &mut citing);
    }
    let mut count = 0;
    let mut missing = BTreeSet::new();
    for file in citing {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let text = flowing(&text);
        for (name, sections) in &pages {
            for section in cited(&text, name) {
                count += 1;
                if !sections.contains(section) {
                    let place = file.strip_prefix(root()).unwrap().display();
                    missing.insert(format!("{name} {section} is cited by {place}"));
                }
            }
        }
    }
    println!("citations: {count} resolved");
    assert!(count > 500, "{count} citations: are they still found?");
    let missing: Vec<_> = missing.into_iter().collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn lists_of_sections_are_read_whole() {
    let cases = [
        ("page.md 7, 9 and 13.2)", vec!["7", "9", "13.2"]),
        ("see page.md 8.", vec!["8"]),
        ("page.md, section 13a;", vec!["13a"]),
        ("`page.md` 4.1", vec!["4.1"]),
        ("page.md 4 to 6", vec!["4", "6"]),
        ("docs/page.md says 7", vec![]),
        ("page.md 5th", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(cited(text, "page.md"), expected, "{text}");
    }
}

/// The sources of the modules below `tests` or `src` that a path begins with, each with the words behind it.
fn sources(path: &str) -> Vec<(String, Vec<&str>)> {
    let words: Vec<&str> = path.split("::").collect();
    let mut found = Vec::new();
    for (base, length) in ["tests", "src"]
        .into_iter()
        .flat_map(|base| (1..words.len()).map(move |length| (base, length)))
    {
        let place = root().join(base).join(words[..length].join("/"));
        let own = [place.with_extension("rs"), place.join("mod.rs")];
        let texts = own.iter().flat_map(fs::read_to_string);
        found.extend(texts.map(|text| (text, words[length..].to_vec())));
    }
    found
}

/// Whether a path names a test function; a module alone does not say which of its tests is meant.
fn is_tested(path: &str) -> bool {
    sources(path)
        .iter()
        .any(|(text, rest)| match rest.as_slice() {
            ["tests", name] => text.contains("mod tests {") && is_test(text, name),
            [name] => is_test(text, name),
            _ => false,
        })
}

/// Whether a text has a function of that name with the attribute of a test.
fn is_test(text: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let mut places = text.match_indices(&head);
    places.any(|(at, _)| {
        let before = text[..at].split('\n').rev().skip(1);
        let mut own = before
            .map(str::trim)
            .take_while(|line| line.starts_with(['#', '/']));
        own.any(|line| line.ends_with("test]"))
    })
}

/// The list of attacks says what holds each of them off: by a test that is there.
#[test]
fn every_attack_of_the_list_has_its_test() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let list = text
        .split("## Attacks, and what holds them off")
        .nth(1)
        .unwrap();
    let list = list.split("\n## ").next().unwrap();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for row in list.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, _, _, tests] = cells.as_slice() else {
            panic!("{row}");
        };
        if *number == "no." {
            continue;
        }
        *numbers.entry(number).or_default() += 1;
        let paths: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!paths.is_empty(), "{row}");
        for path in paths {
            assert!(is_tested(path), "{path}: {row}");
        }
    }
    // What got through once. Nothing has the number S10.
    let known = (1..=16).filter(|number| *number != 10);
    let known = known
        .map(|number| format!("S{number}"))
        .chain(["N3", "N4"].map(str::to_owned));
    for number in known {
        assert!(numbers.contains_key(number.as_str()), "{number}");
    }
    let own = numbers.get("own").copied().unwrap_or_default();
    assert!(own >= 20, "{own}");
    for none in [
        "attacks::nobody",
        "attacks::root",
        "attacks::root::no_such_test",
        "attacks::root::is_root",
        "certificate::tests",
    ] {
        assert!(!is_tested(none), "{none}");
    }
}
