//! Help, usage errors and manual in Russian. The English ones are made from the definitions, by clap; here the texts of
//! the definitions are exchanged ([`texts`]), and what clap adds by itself.

mod texts;

use std::error::Error as _;
use std::io::{self, IsTerminal, Write};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::failure::Language;
use crate::module::Text;
use texts::{CLAP, HEADS, MANUAL, PAIRS, TAKES, VALUES};

/// The command line with its texts in a language, to be parsed like the English one.
pub(super) fn told_in(language: Language, command: Command) -> Command {
    match language {
        Language::English => command,
        Language::Russian => russian(command),
    }
}

/// A text of help or manual in a language.
pub(super) fn said_in(language: Language, english: &str) -> String {
    match language {
        Language::English => english.to_owned(),
        Language::Russian => find(MANUAL, english)
            .map(str::to_owned)
            .or_else(|| takes(english))
            .unwrap_or_else(|| in_russian(english)),
    }
}

/// A finished page of the manual in a language: heads of sections, and clap's own words.
pub(super) fn page_in(language: Language, page: String) -> String {
    if language == Language::English {
        return page;
    }
    // As such a page writes them.
    let marked = |text: &str| text.replace('-', "\\-").replace('\'', "\\*(Aq");
    let page = CLAP.iter().fold(page, |page, pair| {
        page.replace(&marked(pair.en), &marked(pair.ru))
    });
    let lines = page.lines().map(|line| {
        let head = line.strip_prefix(".SH ").map(|head| head.trim_matches('"'));
        match head.and_then(|head| find(HEADS, head)) {
            Some(head) => format!(".SH \"{head}\"\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

fn russian(command: Command) -> Command {
    let told = |text: Option<&StyledStr>| text.map(|text| in_russian(&text.to_string()));
    let about = told(command.get_about()).unwrap_or_default();
    let more = told(command.get_after_help()).unwrap_or_default();
    let command = match told(command.get_long_about()) {
        Some(long) => command.long_about(long),
        None => command,
    };
    command
        .about(about)
        .after_help(more)
        .mut_args(argument)
        .mut_subcommands(russian)
}

fn argument(argument: Arg) -> Arg {
    let help = argument.get_help().map(ToString::to_string);
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.first().and_then(|name| find(VALUES, name.as_str()));
    let argument = argument.help(in_russian(&help.unwrap_or_default()));
    match value {
        Some(value) => argument.value_name(value),
        None => argument,
    }
}

/// Prints what clap answers instead of going on: help, the version, or what is wrong with the command line.
///
/// # Errors
/// The stream's.
pub(super) fn print(error: &Error, shows_colors: bool) -> io::Result<()> {
    if error.use_stderr() {
        let colored = shows_colors && io::stderr().is_terminal();
        io::stderr().write_all(told(error, colored).as_bytes())
    } else {
        let colored = shows_colors && io::stdout().is_terminal();
        io::stdout().write_all(told(error, colored).as_bytes())
    }
}

fn told(error: &Error, colored: bool) -> String {
    match error.kind() {
        ErrorKind::DisplayVersion => error.to_string(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let help = error.render();
            clap_in_russian(match colored {
                true => help.ansi().to_string(),
                false => help.to_string(),
            })
        }
        _ => usage_error(error),
    }
}

fn usage_error(error: &Error) -> String {
    let mut text = format!("ошибка: {}", complaint(error));
    for (kind, words) in [
        (ContextKind::ValidValue, "допустимые значения"),
        (ContextKind::ValidSubcommand, "команды"),
    ] {
        let known = values(error, kind).join(", ");
        if !known.is_empty() {
            text.push_str(&format!("\n  [{words}: {known}]"));
        }
    }
    let mut tips = Vec::new();
    for kind in [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ] {
        let similar = values(error, kind).join("', '");
        if !similar.is_empty() {
            tips.push(format!("возможно, имелось в виду: '{similar}'"));
        }
    }
    tips.extend(
        values(error, ContextKind::Suggested)
            .iter()
            .map(|it| tip(it)),
    );
    for (index, tip) in tips.iter().enumerate() {
        let gap = if index == 0 { "\n\n" } else { "\n" };
        text.push_str(&format!("{gap}  подсказка: {tip}"));
    }
    for usage in values(error, ContextKind::Usage) {
        text.push_str(&format!("\n\n{}", clap_in_russian(usage)));
    }
    text.push_str("\n\nПодробнее: '--help'.\n");
    text
}

/// What is wrong.
fn complaint(error: &Error) -> String {
    let one = |kind| values(error, kind).join(", ");
    let (argument, value) = (one(ContextKind::InvalidArg), one(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("неизвестный ключ '{argument}'")
        }
        ErrorKind::UnknownArgument => format!("лишний аргумент '{argument}'"),
        ErrorKind::InvalidSubcommand => {
            format!(
                "неизвестная команда '{}'",
                one(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingSubcommand => "не указана команда".to_owned(),
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("для '{argument}' не указано значение")
        }
        ErrorKind::InvalidValue => format!("недопустимое значение '{value}' для '{argument}'"),
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string);
            let why = in_russian(&why.unwrap_or_default());
            format!("недопустимое значение '{value}' для '{argument}': {why}")
        }
        ErrorKind::TooManyValues => format!("лишнее значение '{value}' для '{argument}'"),
        ErrorKind::MissingRequiredArgument => {
            let missing = values(error, ContextKind::InvalidArg).join("\n  ");
            format!("не указано обязательное:\n  {missing}")
        }
        ErrorKind::ArgumentConflict => match values(error, ContextKind::PriorArg) {
            prior if prior == [argument.as_str()] => {
                format!("'{argument}' нельзя указать несколько раз")
            }
            prior => format!(
                "'{argument}' нельзя указать вместе с '{}'",
                prior.join("', '")
            ),
        },
        other => {
            let words = other.as_str().unwrap_or_default();
            format!("командную строку нельзя разобрать: {words}")
        }
    }
}

/// What clap proposes, by its shape.
fn tip(english: &str) -> String {
    match english.split('\'').collect::<Vec<_>>()[..] {
        ["to pass ", value, _, way, _] => {
            format!("чтобы передать '{value}' как значение, напишите '{way}'")
        }
        ["", way, " exists"] => format!("есть '{way}'"),
        ["subcommand ", name, ..] => format!("есть команда '{name}': уберите '--' перед ней"),
        _ => english.to_owned(),
    }
}

/// The texts that clap keeps with an error.
fn values(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// A text with clap's own words exchanged.
fn clap_in_russian(text: String) -> String {
    CLAP.iter()
        .fold(text, |text, pair| text.replace(pair.en, pair.ru))
}

fn find(pairs: &[Text], english: &str) -> Option<&'static str> {
    let found = pairs.iter().find(|pair| pair.en == english);
    found.map(|pair| pair.ru)
}

/// A text of definitions: blocks of sentences are exchanged whole, of lines that are set in what stands last.
fn in_russian(english: &str) -> String {
    let mut lines = Vec::new();
    let mut sentences = Vec::new();
    // The empty line ends the last block.
    for line in english.lines().chain([""]) {
        if !line.is_empty() && !line.starts_with(' ') {
            sentences.push(line);
            continue;
        }
        if !sentences.is_empty() {
            let block = sentences.join("\n");
            lines.push(find(PAIRS, &block).map_or(block, str::to_owned));
            sentences.clear();
        }
        lines.push(set_in(line));
    }
    lines.pop();
    lines.join("\n")
}

fn set_in(line: &str) -> String {
    let known = PAIRS
        .iter()
        .filter_map(|pair| Some((line.strip_suffix(pair.en)?, pair)))
        .filter(|(before, _)| before.ends_with(' '))
        .max_by_key(|(_, pair)| pair.en.len());
    if let Some((before, pair)) = known {
        return format!("{before}{}", pair.ru);
    }
    // The name of an option, and what it takes.
    let own = line.rsplit_once("  ");
    let own = own.and_then(|(before, after)| Some(format!("{before}  {}", takes(after)?)));
    own.unwrap_or_else(|| line.to_owned())
}

/// What an option of billmgr.conf takes.
fn takes(english: &str) -> Option<String> {
    TAKES.iter().find_map(|pair| {
        let rest = english.strip_prefix(pair.en)?;
        Some(format!("{}{}", pair.ru, rest.replace(" to ", " до ")))
    })
}

#[cfg(test)]
mod tests;
