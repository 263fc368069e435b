use std::collections::BTreeSet;

use super::*;

fn pages() -> Vec<(String, String)> {
    all(&crate::admin::command(), Language::English).unwrap()
}

/// The lines of a section.
fn section<'a>(page: &'a str, head: &str) -> Vec<&'a str> {
    let quoted = [format!(".SH {head}"), format!(".SH \"{head}\"")];
    page.lines()
        .skip_while(|line| !quoted.iter().any(|begin| line == begin))
        .skip(1)
        .take_while(|line| !line.starts_with(".SH"))
        .collect()
}

#[test]
fn every_page_has_its_sections_and_the_right_synopsis() {
    for (file, text) in pages() {
        assert!(file.ends_with(".8"), "{file}");
        assert!(text.starts_with(".ie"), "{file}: {text}");
        assert_eq!(text.matches(".ie ").count(), 1, "{file}");
        for head in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXIT STATUS",
            "SEE ALSO",
        ] {
            assert!(!section(&text, head).is_empty(), "{file}: {head}");
        }
        if file != "pmssl.8" {
            assert!(!section(&text, "EXAMPLES").is_empty(), "{file}");
        }
        assert!(
            !text.contains("EXTRA") && !text.contains("Exit codes"),
            "{file}"
        );
    }
    let page = |name: &str| {
        pages()
            .into_iter()
            .find(|(file, _)| file == name)
            .unwrap()
            .1
    };
    let synopsis = |name: &str| section(&page(name), "SYNOPSIS").join(" ").replace('\\', "");
    assert_eq!(
        synopsis("pmssl-show.8"),
        "fBpmssl showfR [OPTIONS] --item <ID>"
    );
    assert_eq!(synopsis("pmssl.8"), "fBpmsslfR [OPTIONS] <COMMAND>");
}

#[test]
fn examples_stay_lines() {
    for (file, text) in pages() {
        let lines = section(&text, "EXAMPLES");
        if let Some((first, others)) = lines.split_first() {
            assert_eq!(
                (*first, others.last()),
                (".nf", Some(&".fi")),
                "{file}: {lines:?}"
            );
        }
    }
}

#[test]
fn only_pages_that_exist_are_named() {
    let pages = pages();
    let existing: BTreeSet<String> = pages
        .iter()
        .map(|(file, _)| file.replace(".8", "(8)"))
        .collect();
    for (file, text) in &pages {
        let text = text.replace("\\-", "-");
        let named: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter_map(|word| word.find("pmssl").map(|at| &word[at..]))
            .filter(|word| word.contains("(8)"))
            .map(|word| &word[..word.find("(8)").unwrap() + 3])
            .collect();
        assert!(!named.is_empty(), "{file}");
        for page in named {
            assert!(existing.contains(page), "{file} names {page}");
        }
    }
    let related: BTreeSet<&str> = RELATED
        .iter()
        .flat_map(|group| group.iter().copied())
        .collect();
    assert_eq!(
        related.len() + 1,
        pages.len(),
        "each subcommand has its group"
    );
}

#[test]
fn the_main_page_has_all_options_files_and_variables() {
    let (_, main) = pages().swap_remove(0);
    let settings = section(&main, "OPTIONS OF BILLMGR.CONF").join("\n");
    for option in options::ALL
        .iter()
        .filter(|option| !option.meaning().is_empty())
    {
        assert!(settings.contains(option.name()), "{}", option.name());
    }
    assert!(
        !settings.contains('`') && !settings.contains("]("),
        "{settings}"
    );
    let environment = section(&main, "ENVIRONMENT").join("\n");
    for name in ["PMSSL_MGR_ROOT", "PMSSL_SECRET", "NO_COLOR", "TERM"] {
        assert!(environment.contains(name), "{name}");
    }
    assert!(
        section(&main, "FILES")
            .join("\n")
            .contains("billmgr.DoNothing")
    );
}

#[test]
fn the_russian_pages_have_the_same_parts_and_no_english_sentence() {
    let russian = all(&crate::admin::command(), Language::Russian).unwrap();
    let is_cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
    let count =
        |text: &str, begin: &str| text.lines().filter(|line| line.starts_with(begin)).count();
    for ((file, english), (russian_file, text)) in pages().iter().zip(&russian) {
        assert_eq!(file, russian_file);
        for begin in [".SH", ".TP", ".IP"] {
            assert_eq!(count(english, begin), count(text, begin), "{file} {begin}");
        }
        for head in text.lines().filter_map(|line| line.strip_prefix(".SH ")) {
            assert!(is_cyrillic(&head.to_lowercase()), "{file}: {head}");
        }
        for english in [
            "Print ",
            "Possible values",
            "default:",
            "Takes ",
            "OPTIONS]",
            "COMMAND>",
        ] {
            assert!(!text.contains(english), "{file}: {english}");
        }
    }
    let main = &russian[0].1;
    let paragraphs = main.split(".TP\n").skip(1);
    let names: Vec<&str> = paragraphs.filter(|entry| !is_cyrillic(entry)).collect();
    assert!(names.is_empty(), "{names:#?}");
    for option in options::ALL
        .iter()
        .filter(|option| !option.meaning().is_empty())
    {
        let told = help::said_in(Language::Russian, &plain(option.meaning()));
        assert!(is_cyrillic(&told), "{}: {told}", option.name());
    }
    let settings = section(main, "ПАРАМЕТРЫ BILLMGR.CONF").join("\n");
    let line = "\\fBSSLDaemonInterval\\fR\nсколько секунд между двумя проходами демона. Значение: число от 1 до 86400; по умолчанию: 60.";
    assert!(settings.contains(line), "{settings}");
    assert!(
        settings.contains("одно из: auto, manual, none; по умолчанию: auto."),
        "{settings}"
    );
}

#[test]
fn markdown_becomes_plain_text() {
    assert_eq!(plain("`a` or [b c](docs/x.md#y), [d]"), "a or b c, [d]");
}
