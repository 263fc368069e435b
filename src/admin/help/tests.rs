use super::*;

fn english() -> Command {
    crate::admin::command()
}

/// What the Russian program answers instead of going on.
fn answer(words: &[&str]) -> String {
    let words = [&["pmssl"], words].concat();
    let outcome = russian(english()).try_get_matches_from(words);
    told(&outcome.unwrap_err(), false)
}

/// The texts of a command and of all below it.
fn texts(command: &Command, all: &mut Vec<String>) {
    let own = [
        command.get_about(),
        command.get_long_about(),
        command.get_after_help(),
    ];
    all.extend(own.into_iter().flatten().map(ToString::to_string));
    for argument in command.get_arguments() {
        assert!(argument.get_long_help().is_none(), "{argument}");
        all.extend(argument.get_help().map(ToString::to_string));
    }
    for subcommand in command.get_subcommands() {
        texts(subcommand, all);
    }
}

/// The parts of a text without a Russian one. A command that is shown as an example needs none.
fn untold(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for block in text.split("\n\n") {
        let (set_in, sentences): (Vec<_>, Vec<_>) =
            block.lines().partition(|line| line.starts_with(' '));
        let sentences = sentences.join("\n");
        if !sentences.is_empty() && find(PAIRS, &sentences).is_none() {
            all.push(sentences);
        }
        let is_example = |line: &str| {
            let line = line.trim();
            line.starts_with("pmssl ") && !line.contains("  ")
        };
        let same = set_in
            .into_iter()
            .filter(|line| super::set_in(line) == **line && !is_example(line));
        all.extend(same.map(str::to_owned));
    }
    all
}

#[test]
fn every_text_of_help_is_there_in_russian_and_no_other() {
    let mut all = Vec::new();
    texts(&english(), &mut all);
    assert!(all.len() > 100, "{}", all.len());
    let untold: Vec<String> = all.iter().flat_map(|text| untold(text)).collect();
    assert!(untold.is_empty(), "no Russian text: {untold:#?}");
    all.push(
        super::super::select::whole::<u64>("x")
            .unwrap_err()
            .to_owned(),
    );
    all.push(super::super::forecast::day("x").unwrap_err().to_owned());
    for pair in PAIRS {
        let is_used = all.iter().any(|text| text.contains(pair.en));
        assert!(is_used, "nothing says '{}' any more", pair.en);
    }
}

/// The manual's own texts; the others are those of help.
#[test]
fn every_text_of_the_manual_alone_is_used() {
    let pages = crate::admin::manual::all(&english(), Language::English).unwrap();
    let main = pages[0].1.replace("\\-", "-").replace("\\*(Aq", "'");
    for pair in MANUAL {
        assert!(
            main.contains(pair.en),
            "nothing says '{}' any more",
            pair.en
        );
    }
    for pair in HEADS {
        let is_head = |line: &str| {
            let head = line.strip_prefix(".SH ");
            head.is_some_and(|head| head.trim_matches('"') == pair.en)
        };
        let mut texts = pages.iter().map(|(_, text)| text);
        assert!(texts.any(|text| text.lines().any(is_head)), "{}", pair.en);
    }
}

#[test]
fn every_value_has_a_russian_name_or_the_same_in_both_languages() {
    let command = english();
    let subcommands = command.get_subcommands();
    let arguments = subcommands.flat_map(Command::get_arguments);
    for argument in arguments.chain(command.get_arguments()) {
        if !argument.get_action().takes_values() {
            continue;
        }
        for name in argument.get_value_names().unwrap_or_default() {
            let is_same = ["ID", "URL"].contains(&name.as_str());
            let is_known = find(VALUES, name.as_str()).is_some();
            assert!(is_same || is_known, "{argument}: {name}");
        }
    }
}

#[test]
fn no_word_of_clap_is_left_in_the_help_of_any_command() {
    let command = english();
    let names = command.get_subcommands().map(Command::get_name);
    let calls = names.map(|name| vec![name, "--help"]);
    let further = [vec!["--help"], vec!["-h"], vec!["help", "help"], vec![]];
    for words in calls.chain(further) {
        let help = answer(&words);
        assert!(help.contains("Использование: pmssl"), "{words:?}: {help}");
        for word in [
            "Usage",
            "Commands:",
            "Arguments:",
            "Options:",
            "OPTIONS",
            "COMMAND",
            "Print ",
            "default: ",
            "possible values",
        ] {
            assert!(!help.contains(word), "{words:?}, {word}: {help}");
        }
    }
    let help = answer(&["sync", "--help"]);
    let usage = "\n\nИспользование: pmssl sync [КЛЮЧИ] --item <ID>\n\nКлючи:\n";
    assert!(help.contains(usage), "{help}");
    assert!(
        help.contains("\n\nПример:\n  pmssl sync --item 7\n\nКоды завершения:\n"),
        "{help}"
    );
    let help = answer(&["daemon", "--help"]);
    assert!(help.contains("число от 1 до 200\n"), "{help}");
    assert!(help.contains("одно из: auto, manual, none\n"), "{help}");
    assert!(
        help.contains("  pmssl daemon --once                 один проход"),
        "{help}"
    );
    let help = answer(&["doctor", "--help"]);
    assert!(help.contains("[по умолчанию: 14]\n"), "{help}");
}

#[test]
fn the_version_is_the_same_in_both_languages() {
    assert_eq!(
        answer(&["--version"]),
        concat!("pmssl ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn usage_errors_are_told_in_russian_with_what_to_type() {
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["orders", "--stuk"],
            &[
                "ошибка: неизвестный ключ '--stuk'\n\n  подсказка: возможно, имелось в виду: '--stuck'\n",
            ],
        ),
        (&["ordrs"], &["неизвестная команда 'ordrs'\n", "'orders'\n"]),
        (
            &["orders", "--account"],
            &["для '--account <ID>' не указано значение\n"],
        ),
        (
            &["show", "--item", "abc"],
            &["недопустимое значение 'abc' для '--item <ID>': нужно целое число, например 7\n"],
        ),
        (
            &["completions", "bsh"],
            &[
                "недопустимое значение 'bsh' для '<ОБОЛОЧКА>'\n  [допустимые значения: bash, zsh, fish]\n",
                "возможно, имелось в виду: 'bash'\n",
            ],
        ),
        (
            &["orders", "--module", "pmnone"],
            &[
                "для '--module <ИМЯ>'\n  [допустимые значения: ",
                "pmthesslstore",
            ],
        ),
        (
            &["show"],
            &[
                "ошибка: не указано обязательное:\n  --item <ID>\n\nИспользование: pmssl show --item <ID>",
            ],
        ),
        (
            &["show", "--item", "7", "--item", "8"],
            &["'--item <ID>' нельзя указать несколько раз"],
        ),
        (
            &["retry", "--stuck", "--dry-run", "--yes"],
            &["'--dry-run' нельзя указать вместе с '--yes'"],
        ),
        (
            &["orders", "--stuck=1"],
            &["лишнее значение '1' для '--stuck'"],
        ),
        (&["modules", "all"], &["лишний аргумент 'all'"]),
        (
            &["--lang", "ru"],
            &["не указана команда\n  [команды: check, "],
        ),
    ];
    for (words, parts) in cases {
        let text = answer(words);
        for part in *parts {
            assert!(text.contains(part), "{words:?}: {text}");
        }
        assert!(text.ends_with("\n\nПодробнее: '--help'.\n"), "{text}");
    }
}

#[test]
fn what_clap_proposes_is_told_by_its_shape() {
    for (english, russian) in [
        (
            "to pass '-x' as a value, use '-- -x'",
            "чтобы передать '-x' как значение, напишите '-- -x'",
        ),
        ("'show --item' exists", "есть 'show --item'"),
        (
            "subcommand 'show' exists; to use it, remove the '--' before it",
            "есть команда 'show': уберите '--' перед ней",
        ),
        ("anything else", "anything else"),
    ] {
        assert_eq!(tip(english), russian);
    }
}
