//! `pmssl completions` and `pmssl man`: made from the same definitions as the command line itself. The
//! shipped files under `etc/completions` and `etc/man` are compared by a test.

use std::path::PathBuf;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::check::secret;
use super::exit;
use super::help;
use super::output::AdminAnswer;
use crate::cli;
use crate::domain::options;
use crate::failure::{Failure, Language, Reason};

/// Name of the program.
const PROGRAM: &str = "pmssl";

/// Section of the manual: commands of administrators.
const SECTION: &str = "8";

/// Files, as paths below BILLmanager's directory where they do not begin with a slash.
const FILES: [(&str, &str); 11] = [
    (
        "/usr/local/mgr5",
        "BILLmanager's directory; the paths below are inside it",
    ),
    (
        "etc/billmgr.conf, etc/billmgr.conf.d/*.conf",
        "options, and the login to the database",
    ),
    ("etc/billmgr.pem", "the key of stored credentials"),
    ("etc/debug.conf", "levels of the logs"),
    (
        "etc/pmssl/MODULE.conf",
        "corrections to what is known of a vendor's API",
    ),
    (
        "etc/billmgr.DoNothing",
        "while this file exists, BILLmanager's operations end with success and do nothing, and the daemon makes no pass",
    ),
    ("processing/MODULE", "the modules: links to this program"),
    ("etc/xml/billmgr_mod_MODULE.xml", "their forms"),
    (
        "var/MODULE.log, var/pmssl.log",
        "logs of the modules and of the daemon",
    ),
    (
        "var/pmssl",
        "what the program keeps: order numbers that could not be saved yet (spool), the ledger of orders, captures, files that were replaced",
    ),
    (
        "/etc/systemd/system/pmssl.service, /etc/cron.d/pmssl, /etc/logrotate.d/pmssl",
        "the daemon and the rotation of the logs; a package has its units below /lib or /usr/lib",
    ),
];

/// What the environment changes.
const ENVIRONMENT: [(&str, &str); 7] = [
    (
        "PMSSL_MGR_ROOT",
        "BILLmanager's directory, unless --root names it",
    ),
    (
        secret::VARIABLE,
        "the secret for 'pmssl check MODULE', unless --secret-file names a file with it",
    ),
    (
        "LC_ALL, LC_MESSAGES, LANG",
        "language of messages, unless --lang names it; the first that is set counts. JSON and CSV are English without --lang",
    ),
    ("NO_COLOR", "no colours when it is set"),
    ("TERM", "no colours when it is 'dumb'"),
    ("TZ", "time zone of the logs; lists and tables show UTC"),
    (
        "SUDO_USER, USER, LOGNAME",
        "who the logs say has settled or looked; the first that is set counts",
    ),
];

/// Subcommands that belong together.
const RELATED: [&[&str]; 5] = [
    &[
        "orders", "show", "sync", "retry", "rehearse", "resolve", "reissue", "plan", "forecast",
    ],
    &["check", "balance", "products", "capture"],
    &["doctor", "daemon", "metrics"],
    &["install", "uninstall", "modules", "forms"],
    &["completions", "man"],
];

/// Shells with a place under `etc/completions`, and the file names they look for.
pub(super) const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "pmssl.bash"),
    (Shell::Zsh, "_pmssl"),
    (Shell::Fish, "pmssl.fish"),
];

/// Arguments of `pmssl completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  pmssl completions bash > /etc/bash_completion.d/pmssl")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = ["bash", "zsh", "fish"])]
    shell: String,
}

/// Arguments of `pmssl man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pmssl man show | man -l -
  pmssl man --out /usr/local/share/man/man8")]
pub(super) struct Pages {
    /// The page of this subcommand; the main page otherwise
    #[arg(value_name = "SUBCOMMAND", conflicts_with = "out")]
    name: Option<String>,
    /// Write all pages into this directory
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

/// Prints the completions for a shell.
pub(super) fn completions(command: Command, arguments: &Completions) -> AdminAnswer {
    let shell = SHELLS
        .iter()
        .find(|(shell, _)| shell.to_string() == arguments.shell);
    AdminAnswer::done(
        shell
            .map(|(shell, _)| completion(command, *shell))
            .unwrap_or_default(),
    )
}

/// The completions of one shell.
pub(super) fn completion(mut command: Command, shell: Shell) -> String {
    let mut text = Vec::new();
    generate(shell, &mut command, PROGRAM, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// All pages of a language by file name, the main one first.
///
/// # Errors
/// A page that cannot be made.
pub(super) fn all(command: &Command, language: Language) -> Result<Vec<(String, String)>, Failure> {
    let subcommands = || {
        let all = command.get_subcommands();
        all.filter(|subcommand| subcommand.get_name() != "help")
    };
    let main = page(command.clone(), None, subcommands().collect(), language)?;
    let mut pages = vec![(format!("{PROGRAM}.{SECTION}"), main)];
    for subcommand in subcommands() {
        let plain = subcommand.get_name();
        let name = format!("{PROGRAM}-{plain}");
        let called = format!("{PROGRAM} {plain}");
        let mut own = subcommand.clone().name(name.clone()).bin_name(called);
        for argument in command.get_arguments().filter(|a| a.is_global_set()) {
            own = own.arg(argument.clone());
        }
        let text = page(own, Some(plain), Vec::new(), language)?;
        pages.push((format!("{name}.{SECTION}"), text));
    }
    Ok(pages)
}

/// One page; the main one names the subcommands.
fn page(
    command: Command,
    name: Option<&str>,
    subcommands: Vec<&Command>,
    language: Language,
) -> Result<String, Failure> {
    let blocks = Blocks::of(&command);
    let mut command = help::told_in(language, command);
    let usage = command.render_usage().to_string();
    // No date: the same sources make the same page.
    let man = Man::new(command)
        .date("")
        .section(SECTION)
        .source(concat!("pmssl ", env!("CARGO_PKG_VERSION")))
        .manual("BILLmanager");
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    let usage = usage.trim().trim_start_matches("Usage: ").to_owned();
    let called = name.map_or(PROGRAM.to_owned(), |name| format!("{PROGRAM} {name}"));
    match usage.strip_prefix(&called) {
        Some(rest) => roff.text([bold(called), roman(rest)]),
        None => roff.text([roman(usage)]),
    };
    let synopsis = roff;
    let mut more = Roff::new();
    for block in &blocks.text {
        more.control("PP", []);
        block.write(&mut more, language);
    }
    let mut rest = Roff::new();
    if !subcommands.is_empty() {
        let entries = subcommands.iter().map(|subcommand| {
            let about = subcommand.get_about().map(ToString::to_string);
            let page = format!("{PROGRAM}-{}({SECTION})", subcommand.get_name());
            (page, help::said_in(language, &about.unwrap_or_default()))
        });
        entry_list(&mut rest, "COMMANDS", entries);
    }
    if let Some(examples) = &blocks.examples {
        rest.control("SH", ["EXAMPLES"]);
        examples.write(&mut rest, language);
    }
    if name.is_none() {
        entry_list(&mut rest, "OPTIONS OF BILLMGR.CONF", settings(language));
        entry_list(&mut rest, "FILES", pairs(&FILES, language));
    }
    if name.is_none() || name == Some("check") {
        entry_list(&mut rest, "ENVIRONMENT", pairs(&ENVIRONMENT, language));
    }
    let codes = exit::of_command(name);
    let codes = codes.map(|(code, text)| {
        let text = help::said_in(language, text);
        ((code as u8).to_string(), text)
    });
    entry_list(&mut rest, "EXIT STATUS", codes);
    rest.control("SH", ["SEE ALSO"]);
    let names = subcommands.iter().map(|subcommand| subcommand.get_name());
    rest.text([roman(see_also(name, names))]);

    let mut text = Vec::new();
    man.render_title(&mut text)
        .and_then(|()| man.render_name_section(&mut text))
        .and_then(|()| synopsis.to_writer(&mut text))
        .and_then(|()| man.render_description_section(&mut text))
        .and_then(|()| more.to_writer(&mut text))
        .and_then(|()| man.render_options_section(&mut text))
        .and_then(|()| rest.to_writer(&mut text))
        .map_err(|error| Failure::new(Reason::Internal).because(error))?;
    let page = with_one_preamble(&String::from_utf8_lossy(&text));
    Ok(help::page_in(language, page))
}

/// Each part is written with the definition of its apostrophes; a page needs it once.
fn with_one_preamble(text: &str) -> String {
    let preamble = Roff::new().render();
    preamble.clone() + &text.replace(&preamble, "")
}

/// What a subcommand's help has below its options, in the parts of a page.
struct Blocks {
    text: Vec<Block>,
    examples: Option<Block>,
}

/// Lines without an empty one between them.
struct Block(Vec<String>);

impl Blocks {
    fn of(command: &Command) -> Self {
        let help = command.get_after_help().map(ToString::to_string);
        let mut blocks = Self {
            text: Vec::new(),
            examples: None,
        };
        for part in help.unwrap_or_default().split("\n\n") {
            let lines: Vec<String> = part.trim_matches('\n').lines().map(str::to_owned).collect();
            match lines.first().map(String::as_str) {
                // They have a section of their own.
                None | Some(exit::HEAD) => {}
                Some("Example:" | "Examples:") => {
                    blocks.examples = Some(Block(lines[1..].to_vec()));
                }
                Some(_) => blocks.text.push(Block(lines)),
            }
        }
        blocks
    }
}

impl Block {
    /// Sentences are filled; lines that are set in stay as they are.
    fn write(&self, roff: &mut Roff, language: Language) {
        let mut is_set_in = false;
        for line in help::said_in(language, &self.0.join("\n")).lines() {
            if line.starts_with(' ') != is_set_in {
                is_set_in = !is_set_in;
                roff.control(if is_set_in { "nf" } else { "fi" }, []);
            }
            roff.text([roman(line)]);
        }
        if is_set_in {
            roff.control("fi", []);
        }
    }
}

fn entry_list(roff: &mut Roff, head: &str, entries: impl Iterator<Item = (String, String)>) {
    roff.control("SH", [head]);
    for (name, text) in entries {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(text)]);
    }
}

fn pairs(
    table: &'static [(&str, &str)],
    language: Language,
) -> impl Iterator<Item = (String, String)> {
    let entries = table.iter();
    entries.map(move |(name, text)| ((*name).to_owned(), help::said_in(language, text)))
}

/// The program's own options of `billmgr.conf`: those that the README explains.
fn settings(language: Language) -> impl Iterator<Item = (String, String)> {
    let own = options::ALL
        .iter()
        .filter(|option| !option.meaning().is_empty());
    own.map(move |option| {
        let said = |english: String| help::said_in(language, &plain(&english));
        let (meaning, takes, default) = (
            said(option.meaning().to_owned()),
            said(option.takes().to_string()),
            said(option.default()),
        );
        let text = words!(
            "{meaning}. Takes {takes}; default: {default}.",
            "{meaning}. Значение: {takes}; по умолчанию: {default}."
        );
        (option.name().to_owned(), text.get(language).to_owned())
    })
}

/// Markdown without its marks: of a link its words are left.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        text.push_str(before);
        let parts = link
            .split_once("](")
            .and_then(|(words, after)| Some((words, after.split_once(')')?.1)));
        let Some((words, after)) = parts else {
            text.push('[');
            rest = link;
            continue;
        };
        text.push_str(words);
        rest = after;
    }
    text.push_str(rest);
    text.replace('`', "")
}

/// Pages that exist, without the page itself.
fn see_also<'a>(name: Option<&str>, subcommands: impl Iterator<Item = &'a str>) -> String {
    let page = |name: &str| format!("{PROGRAM}-{name}({SECTION})");
    let pages: Vec<String> = match name {
        None => subcommands.map(page).collect(),
        Some(own) => {
            let group = RELATED.iter().filter(|group| group.contains(&own));
            let related = group.flat_map(|group| group.iter().copied());
            std::iter::once(format!("{PROGRAM}({SECTION})"))
                .chain(related.filter(|name| *name != own).map(page))
                .collect()
        }
    };
    pages.join(", ")
}

/// Prints one page or writes all.
pub(super) fn pages(
    command: &Command,
    arguments: &Pages,
    language: Language,
) -> Result<AdminAnswer, Failure> {
    let pages = all(command, language)?;
    if let Some(directory) = &arguments.out {
        let mut written = String::new();
        for (name, text) in pages {
            let file = directory.join(name);
            std::fs::write(&file, text).map_err(|error| {
                Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
            })?;
            written.push_str(&format!("{}\n", file.display()));
        }
        return Ok(AdminAnswer::done(written));
    }
    let wanted = match &arguments.name {
        Some(name) => format!("{PROGRAM}-{name}.{SECTION}"),
        None => format!("{PROGRAM}.{SECTION}"),
    };
    let found = pages.into_iter().find(|(name, _)| *name == wanted);
    let (_, text) = found.ok_or_else(|| cli::needed("--out or the name of a subcommand"))?;
    Ok(AdminAnswer::done(text))
}

#[cfg(test)]
mod tests;
