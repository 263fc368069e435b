//! The command line as a whole, and the shipped files made from it.

use std::path::Path;

use super::*;

#[test]
fn the_definitions_are_sound() {
    command().debug_assert();
}

#[test]
fn the_help_of_every_subcommand_has_an_example_the_exit_codes_and_a_snapshot() {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/admin/snapshots");
    let command = command();
    let subcommands = command.get_subcommands();
    for subcommand in subcommands.filter(|subcommand| subcommand.get_name() != "help") {
        let name = subcommand.get_name();
        let help = subcommand.clone().render_help().to_string();
        let example = help.split_once("Example").map(|(_, example)| example);
        let example = example.unwrap_or_else(|| panic!("{name} has no example"));
        assert!(example.contains(&format!("pmssl {name}")), "{name}: {help}");
        let codes = exit::table(Some(name));
        assert!(help.trim_end().ends_with(&codes), "{name}: {help}");
        let snapshot = format!("suite__admin__outputs__help-{name}.snap");
        assert!(snapshots.join(&snapshot).exists(), "there is no {snapshot}");
    }
}

#[test]
fn a_panic_is_a_failure_that_ends_as_others_do() {
    let answer = unless_it_panics(|| panic!("a fault of the program"));
    let failure = answer.unwrap_err();
    assert_eq!(failure.reason(), Reason::Internal);
    assert_eq!(failure_json(&failure)["type"], "pmssl_internal");
    let view = View {
        language: Language::English,
        json: false,
        color: false,
    };
    let end = tell(&view, false, Err(failure));
    assert!(
        matches!(end, End::Own(code) if code != Code::Done),
        "{end:?}"
    );
    let answer = unless_it_panics(|| panic!("a fault of the program"));
    let end = tell(&view, true, answer);
    assert!(matches!(end, End::Plugin(Plugin::Unknown)), "{end:?}");
    let answer = unless_it_panics(|| Ok(AdminAnswer::done(String::new())));
    assert!(answer.is_ok());
}

/// `orders`, `plan`, `forecast` and `products` with options of lists.
#[test]
fn lists_take_their_own_columns_and_say_which_there_are() {
    for (name, columns) in LISTS {
        let words = |option: &'static str, value: &'static str| {
            let needed = ["--account", "7"];
            [&["pmssl", name][..], &needed, &[option, value]].concat()
        };
        for column in columns {
            for option in ["--sort", "--columns"] {
                let matches = command().try_get_matches_from(words(option, column.word));
                assert!(matches.is_ok(), "{name} {option} {}", column.word);
            }
        }
        let error = command().try_get_matches_from(words("--sort", "nothing"));
        let text = error.unwrap_err().to_string();
        assert!(text.contains(columns[0].word), "{text}");
        let options = |value| {
            let matches = command().try_get_matches_from(words("-o", value)).unwrap();
            Options::from_arg_matches(&matches).unwrap().task.format()
        };
        assert_eq!(options("csv"), Some(Format::Csv));
        assert_eq!(options("json"), Some(Format::Json));
    }
}

#[test]
fn earlier_spellings_of_options_are_taken() {
    for words in [
        &["check", "--module", "3"][..],
        &["balance", "--module", "3"],
        &["products", "--module", "3"],
        &["capture", "--module", "3"],
        &["plan", "--module", "3"],
        &["orders", "--module", "3"],
        &["orders", "--account", "3", "--vendor", "pmglobalsign"],
        &["daemon", "--module", "pmglobalsign"],
        &["install", "--modules", "pmglobalsign,pmssl_enomssl"],
        &["uninstall", "--modules", "pmglobalsign"],
    ] {
        let words = [&["pmssl"], words].concat();
        let matches = command().try_get_matches_from(&words);
        assert!(matches.is_ok(), "{words:?}: {}", matches.unwrap_err());
    }
}

#[test]
fn an_id_that_is_no_number_is_told_in_plain_words() {
    for name in ["show", "sync", "resolve", "reissue", "plan", "daemon"] {
        let error = command().try_get_matches_from(["pmssl", name, "--item", "abc"]);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("a whole number is needed"), "{name}: {text}");
    }
    for name in [
        "check", "balance", "products", "capture", "orders", "plan", "forecast", "daemon",
    ] {
        let error = command().try_get_matches_from(["pmssl", name, "--account", "abc"]);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("a whole number is needed"), "{name}: {text}");
    }
}

#[test]
fn a_terminal_that_shows_none_gets_no_colours() {
    let with = |name: &'static str, value: &'static str| {
        shows_colors(|asked| (asked == name).then(|| value.into()))
    };
    assert!(with("TERM", "xterm") && with("LANG", "C"));
    assert!(!with("TERM", "dumb"));
    assert!(!with("NO_COLOR", "1"));
}

#[test]
fn the_language_is_chosen_by_option_or_locale() {
    assert_eq!(language(Some("ru")), Language::Russian);
    assert_eq!(language(Some("en_GB.UTF-8")), Language::English);
}

#[test]
fn shipped_completions_and_manual_are_current() {
    let command = command();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("etc");
    let mut files: Vec<(String, String)> = manual::SHELLS
        .iter()
        .map(|(shell, name)| {
            let text = manual::completion(command.clone(), *shell);
            (format!("completions/{name}"), text)
        })
        .collect();
    for (language, place) in [(Language::English, "man"), (Language::Russian, "man/ru")] {
        let pages = manual::all(&command, language).unwrap().into_iter();
        files.extend(pages.map(|(name, text)| (format!("{place}/{name}"), text)));
    }
    for (name, text) in files {
        let file = root.join(&name);
        if std::env::var_os("PMSSL_UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let shipped = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            shipped == text,
            "{name} is old: run PMSSL_UPDATE=1 cargo test --lib admin"
        );
    }
}
