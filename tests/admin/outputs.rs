//! What every subcommand prints: its help, a usual run, and a Russian run where texts differ. Files that
//! `completions` and `man` print are compared with the shipped ones in [`super::install`].

use super::*;

/// All subcommands that are shown in the main help.
fn subcommands(place: &Place) -> Vec<String> {
    let help = place.tell(&["--help"]).with(0);
    let list = help.split("Commands:").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// Without what hangs on speed, days and widths.
fn squeezed(place: &Place, text: &str) -> String {
    let mut out = String::new();
    for line in place.plain(text).lines() {
        // Lines of the log, a busy machine's disk, and counts with it.
        if ["[item ", "диск", "в порядке:"]
            .iter()
            .any(|mark| line.contains(mark))
        {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let words: Vec<&str> = words
            .iter()
            .enumerate()
            .map(|(at, word)| match words.get(at + 1) {
                // Speed and clocks differ from run to run.
                Some(&("ms" | "seconds" | "с" | "с:"))
                    if word.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    "N"
                }
                _ => *word,
            })
            .collect();
        out.push_str(&" ".repeat(indent));
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out
}

#[test]
fn every_subcommand_has_help_with_an_example() {
    let place = Place::new();
    let names = subcommands(&place);
    assert!(names.len() >= 18, "{names:?}");
    insta::assert_snapshot!("help", place.tell(&["--help"]).with(0));
    for name in names.iter().filter(|name| *name != "help") {
        let help = place.tell(&["help", name]).with(0);
        assert!(help.contains("Example"), "{name}: {help}");
        assert_eq!(place.tell(&[name, "--help"]).with(0), help, "{name}");
        insta::assert_snapshot!(format!("help-{name}"), help);
        // What is wrong with the command line is told before anything is done.
        assert_eq!(place.tell(&[name, "--no-such-option"]).code, 2, "{name}");
    }
}

#[test]
fn help_and_usage_errors_are_in_the_language_that_is_chosen() {
    let place = Place::new();
    let help = place.tell(&["--lang", "ru", "sync", "--help"]).with(0);
    assert!(help.contains("Использование: pmssl sync"), "{help}");
    let in_russia = |words: &[&str]| {
        let mut command = place.command(words);
        command.env("LANG", "ru_RU.UTF-8");
        place.finish(command)
    };
    let told = in_russia(&["orders", "--stuk"]);
    assert_eq!((told.code, told.stdout.as_str()), (2, ""));
    assert!(
        told.stderr.contains("неизвестный ключ '--stuk'"),
        "{told:?}"
    );
    for words in [
        &["orders", "--stuk", "--lang", "en"][..],
        &["orders", "--stuk", "--json"],
    ] {
        let told = in_russia(words);
        assert!(told.stderr.contains("unexpected argument"), "{told:?}");
    }
}

#[test]
fn usual_runs_in_both_languages() {
    let place = Place::new();
    // Nobody decides in this story.
    place.world.expect_at_the_end("lost: thesslstore");
    let account = place.account.to_string();
    let issued = place.issued("one.example.com").to_string();
    let waiting = place.ordered("two.example.com").to_string();
    let (unknown, _) = place.unsettled("three.example.com");
    let unknown = unknown.to_string();
    let forms = place.directory.path().join("forms");
    std::fs::create_dir(&forms).unwrap();
    let forms = forms.display().to_string();
    // Name of the snapshot, exit code, words; with Russian where texts differ.
    let runs: &[(&str, i32, bool, &[&str])] = &[
        ("check", 0, true, &["check", "--module", &account]),
        ("show-waiting", 0, true, &["show", "--item", &waiting]),
        ("resolve", 4, true, &["resolve", "--item", &unknown]),
        ("sync-issued", 0, true, &["sync", "--item", &issued]),
        ("balance", 0, true, &["balance"]),
        (
            "products",
            0,
            true,
            &["products", "--module", &account, "--only", "positivessl"],
        ),
        ("modules", 0, true, &["modules"]),
        ("daemon", 0, true, &["daemon", "--once", "--dry-run"]),
        ("forms", 0, false, &["forms", "--out", &forms]),
        (
            "install",
            0,
            true,
            &["install", "--dry-run", "--no-refresh"],
        ),
        (
            "install-adopt",
            0,
            true,
            &["install", "--adopt", "--dry-run", "--no-refresh"],
        ),
        (
            "install-beside",
            0,
            false,
            &["install", "--beside", "--dry-run", "--no-refresh"],
        ),
        (
            "uninstall",
            0,
            true,
            &["uninstall", "--dry-run", "--no-refresh"],
        ),
        ("doctor-list", 0, true, &["doctor", "--list"]),
    ];
    for (name, code, has_russian, words) in runs {
        let text = place.tell(words).with(*code);
        insta::assert_snapshot!(format!("run-{name}"), squeezed(&place, &text));
        if *has_russian {
            let words = [&["--lang", "ru"], *words].concat();
            let text = place.tell(&words).with(*code);
            insta::assert_snapshot!(format!("run-{name}-ru"), squeezed(&place, &text));
        }
    }
    // What comes later depends on the day: the lifetimes' calendar is tested with days of its own.
    for language in ["en", "ru"] {
        let words = ["--lang", language, "plan", "--item", &issued];
        let plan = place.tell(&words).with(0);
        let first = plan.lines().next().unwrap();
        insta::assert_snapshot!(format!("run-plan-{language}"), squeezed(&place, first));
    }
    let doctor = place.tell(&["--lang", "ru", "doctor", "--quiet"]).with(1);
    insta::assert_snapshot!("run-doctor-ru", squeezed(&place, &doctor));
    let capture = place.tell(&["capture", "--module", &account]).with(0);
    let heads: Vec<&str> = capture
        .lines()
        .filter(|line| line.starts_with("===="))
        .collect();
    insta::assert_snapshot!("run-capture", heads.join("\n"));
    // The locale chooses, too; programs read English in every locale.
    let mut command = place.command(&["modules"]);
    command.env("LANG", "ru_RU.UTF-8");
    assert!(place.finish(command).with(0).contains("модуль"));
    let mut command = place.command(&["modules", "--json"]);
    command.env("LANG", "ru_RU.UTF-8");
    assert!(place.finish(command).with(0).contains("\"module\""));
}
