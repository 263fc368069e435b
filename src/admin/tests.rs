//! The command line as a whole, and the shipped files made from it.

use std::path::Path;

use clap::CommandFactory;

use super::*;

#[test]
fn the_definitions_are_sound() {
    Options::command().debug_assert();
}

#[test]
fn the_help_of_every_subcommand_ends_with_an_example() {
    for subcommand in Options::command().get_subcommands() {
        let name = subcommand.get_name();
        if name == "help" {
            continue;
        }
        let help = subcommand.clone().render_help().to_string();
        let example = help
            .rsplit("Example")
            .next()
            .filter(|_| help.contains("Example"));
        let example = example.unwrap_or_else(|| panic!("{name} has no example"));
        assert!(example.contains(&format!("pmssl {name}")), "{name}: {help}");
    }
}

#[test]
fn the_language_is_chosen_by_option_or_locale() {
    assert_eq!(language(Some("ru")), Language::Russian);
    assert_eq!(language(Some("en_GB.UTF-8")), Language::English);
}

#[test]
fn shipped_completions_and_manual_are_current() {
    let command = Options::command();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("etc");
    let mut files: Vec<(String, String)> = manual::SHELLS
        .iter()
        .map(|(shell, name)| {
            let text = manual::completion(command.clone(), *shell);
            (format!("completions/{name}"), text)
        })
        .collect();
    let pages = manual::all(&command).unwrap();
    files.extend(
        pages
            .into_iter()
            .map(|(name, text)| (format!("man/{name}"), text)),
    );
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
