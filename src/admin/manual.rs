//! `pmssl completions` and `pmssl man`: made from the same definitions as the command line itself. The
//! shipped files under `etc/completions` and `etc/man` are compared by a test.

use std::path::PathBuf;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::output::Answer;
use crate::cli;
use crate::failure::{Failure, Reason};

/// Name of the program.
const PROGRAM: &str = "pmssl";

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
  pmssl man --out /usr/local/share/man/man1")]
pub(super) struct Pages {
    /// The page of this subcommand; the main page otherwise
    #[arg(value_name = "SUBCOMMAND", conflicts_with = "out")]
    name: Option<String>,
    /// Write all pages into this directory
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
}

/// Prints the completions for a shell.
pub(super) fn completions(command: Command, arguments: &Completions) -> Answer {
    let shell = SHELLS
        .iter()
        .find(|(shell, _)| shell.to_string() == arguments.shell);
    Answer::done(
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

/// All pages by file name, the main one first.
///
/// # Errors
/// A page that cannot be made.
pub(super) fn all(command: &Command) -> Result<Vec<(String, String)>, Failure> {
    let mut pages = vec![("pmssl.1".to_owned(), page(command.clone())?)];
    for subcommand in command.get_subcommands() {
        if subcommand.get_name() == "help" {
            continue;
        }
        let name = format!("{PROGRAM}-{}", subcommand.get_name());
        let called = format!("{PROGRAM} {}", subcommand.get_name());
        let mut own = subcommand.clone().name(name.clone()).bin_name(called);
        for argument in command.get_arguments().filter(|a| a.is_global_set()) {
            own = own.arg(argument.clone());
        }
        pages.push((format!("{name}.1"), page(own)?));
    }
    Ok(pages)
}

fn page(command: Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    // No date: the same sources make the same page.
    Man::new(command)
        .date("")
        .source(concat!("pmssl ", env!("CARGO_PKG_VERSION")))
        .manual("BILLmanager")
        .render(&mut text)
        .map_err(|error| Failure::new(Reason::Internal).because(error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Prints one page or writes all.
pub(super) fn pages(command: Command, arguments: &Pages) -> Result<Answer, Failure> {
    let pages = all(&command)?;
    if let Some(directory) = &arguments.out {
        let mut written = String::new();
        for (name, text) in pages {
            let file = directory.join(name);
            std::fs::write(&file, text).map_err(|error| {
                Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
            })?;
            written.push_str(&format!("{}\n", file.display()));
        }
        return Ok(Answer::done(written));
    }
    let wanted = match &arguments.name {
        Some(name) => format!("{PROGRAM}-{name}.1"),
        None => "pmssl.1".to_owned(),
    };
    let found = pages.into_iter().find(|(name, _)| *name == wanted);
    let (_, text) = found.ok_or_else(|| cli::needed("--out or the name of a subcommand"))?;
    Ok(Answer::done(text))
}
