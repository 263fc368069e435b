//! The administrator's subcommands, one file each.

mod daemon;
mod forms;
mod modules;
mod plan;
mod resolve;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{Failure, Language};

/// Certificates for BILLmanager: never ordered twice, never lost.
///
/// The platform runs this program under the names of its modules (pmthesslstore, pmispmgrssl,
/// pmleadertelecom, pmglobalsign, pmenomssl). An administrator runs the subcommands below.
#[derive(Debug, Parser)]
#[command(name = "pmssl", version)]
struct Options {
    /// Language of messages: en or ru; the locale decides otherwise.
    #[arg(long, global = true)]
    lang: Option<String>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// List the modules with their vendors, settings and number of products.
    Modules,
    /// Write the platform's XML forms of all modules into a directory.
    Forms(forms::Arguments),
    /// Follow pending orders and reissue certificates inside their paid term.
    Daemon(daemon::Arguments),
    /// Show the coming reissues and renewals of services.
    Plan(plan::Arguments),
    /// Settle an order whose outcome is unknown.
    Resolve(resolve::Arguments),
}

/// Runs the administrator's tool.
#[must_use]
pub fn run(program: &Path, words: &[String]) -> ExitCode {
    let options = match Options::try_parse_from(
        std::iter::once("pmssl").chain(words.iter().map(String::as_str)),
    ) {
        Ok(options) => options,
        Err(error) => {
            // Help and version are no errors; clap says which and prints accordingly.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let language = language(options.lang.as_deref());
    let result = match options.task {
        Task::Modules => Ok(modules::run()),
        Task::Forms(arguments) => forms::run(&arguments),
        Task::Daemon(arguments) => daemon::run(program, &arguments),
        Task::Plan(arguments) => plan::run(program, &arguments),
        Task::Resolve(arguments) => resolve::run(program, &arguments),
    };
    match result {
        Ok(text) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(
                std::io::stderr(),
                "pmssl: {}",
                crate::logging::mask(&failure_text(&failure, language))
            );
            ExitCode::FAILURE
        }
    }
}

fn failure_text(failure: &Failure, language: Language) -> String {
    match language {
        Language::English => failure.chain(),
        Language::Russian => failure.text(language),
    }
}

fn language(option: Option<&str>) -> Language {
    let locale = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok())
    };
    option
        .map(str::to_owned)
        .or_else(locale)
        .map_or(Language::English, |text| Language::parse(&text))
}
