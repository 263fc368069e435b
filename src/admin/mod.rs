//! The administrator's subcommands, one file each.
//!
//! A subcommand answers with an [`output::AdminAnswer`]; what it prints and how it exits is decided here
//! and in [`exit`]. Texts for people stand in one table at the head of each file, in both languages;
//! JSON has the same words in all languages.

mod balance;
mod capture;
mod check;
mod context;
mod daemon;
mod doctor;
mod exit;
mod forecast;
mod forms;
mod help;
mod history;
mod install;
mod manual;
mod metrics;
mod modules;
mod orders;
mod output;
mod plan;
mod policy;
mod products;
mod rehearse;
mod reissue;
mod resolve;
mod retry;
mod rights;
mod select;
mod show;
mod sync;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[cfg(test)]
pub(crate) use daemon::rehearsal;

use crate::cli;
use crate::failure::{Failure, Language, Reason};
use crate::platform::billmanager::owner;
use context::AdminContext;
use exit::{Code, End, Plugin};
use output::{AdminAnswer, View};
use table::{Column, Format};

/// Certificates for BILLmanager: never ordered twice, never lost.
///
/// The platform runs this program under the names of its modules (pmthesslstore, pmispmgrssl,
/// pmleadertelecom, pmglobalsign, pmenomssl). An administrator runs the subcommands below.
#[derive(Debug, Parser)]
#[command(name = "pmssl", version, after_help = exit::table(None))]
struct Options {
    /// Language of messages: en or ru; the locale decides otherwise
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = ["en", "ru"])]
    lang: Option<String>,
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    json: bool,
    /// The platform's directory; PMSSL_MGR_ROOT or /usr/local/mgr5 otherwise
    #[arg(long, global = true, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Try the way to a vendor: name, connection, TLS, credentials, balance
    Check(check::Arguments),
    /// Examine this installation: files, settings, database, key, logs, services
    Doctor(doctor::Arguments),
    /// List services with their certificates and orders
    Orders(orders::Arguments),
    /// Show everything about one service
    Show(show::Arguments),
    /// Ask the vendor about one service's order now
    Sync(sync::Arguments),
    /// Show the coming reissues and renewals of services
    Plan(plan::Arguments),
    /// Show how many reissues and renewals are coming, by week and vendor
    Forecast(forecast::Arguments),
    /// Follow pending orders and reissue certificates inside their paid term
    Daemon(daemon::Arguments),
    /// Settle an order whose outcome is unknown
    Resolve(resolve::Arguments),
    /// Restart operations that BILLmanager has stopped after failed tries
    Retry(retry::Arguments),
    /// Run an ordering command up to the request that would be sent, and show it
    Rehearse(rehearse::Arguments),
    /// Have certificates reissued by the daemon, revoked ones first
    Reissue(reissue::Arguments),
    /// Show the balances at the vendors
    Balance(balance::Arguments),
    /// Show what a vendor sells to an account, with prices
    Products(products::Arguments),
    /// Print services, certificates and balances for Prometheus
    #[command(after_help = METRICS_HELP)]
    Metrics,
    /// Record a vendor's harmless answers, masked, for the developers
    Capture(capture::Arguments),
    /// Put the modules into the platform
    Install(install::Arguments),
    /// Take the modules out of the platform again
    Uninstall(install::Removal),
    /// List the modules with their vendors, settings and number of products
    #[command(after_help = "Example:\n  pmssl modules --json")]
    Modules,
    /// Write the platform's XML forms of all modules into a directory
    Forms(forms::Arguments),
    /// Print the completions for a shell
    Completions(manual::Completions),
    /// Print the manual
    Man(manual::Pages),
}

const METRICS_HELP: &str = "\
Always in Prometheus' text format. No vendor is asked; requests and balances are those that the daemon has counted.
With SSLMetricsFile FILE in billmgr.conf the daemon writes the same to a file.

Example:
  pmssl metrics > /var/lib/prometheus/node-exporter/pmssl.prom";

impl Task {
    /// How a list is asked for.
    fn format(&self) -> Option<Format> {
        match self {
            Self::Orders(arguments) => arguments.layout().format,
            Self::Plan(arguments) => arguments.layout().format,
            Self::Forecast(arguments) => arguments.layout().format,
            Self::Products(arguments) => arguments.layout().format,
            _ => None,
        }
    }

    /// Whether it reads or runs anything below the platform root.
    fn uses_platform(&self) -> bool {
        !matches!(
            self,
            Self::Modules | Self::Forms(_) | Self::Completions(_) | Self::Man(_)
        )
    }

    /// Whether it can do nothing without an installation of BILLmanager.
    fn needs_platform(&self) -> bool {
        match self {
            Self::Check(arguments) => !arguments.is_typed(),
            Self::Doctor(arguments) => !arguments.only_lists(),
            other => other.uses_platform(),
        }
    }

    /// Whether it is root's wherever the installation belongs to root, whatever else this user may read.
    fn is_for_root(&self) -> bool {
        matches!(
            self,
            Self::Doctor(_) | Self::Daemon(_) | Self::Install(_) | Self::Uninstall(_)
        )
    }
}

/// Runs the administrator's tool.
#[must_use]
pub fn run(program: &Path, words: &[String]) -> ExitCode {
    let is_check = words.iter().any(|word| word == "--nagios");
    let variable = std::env::var_os(cli::ROOT_VARIABLE);
    let as_root = rights::as_root(program, words, variable.as_deref());
    let has_json = words.iter().any(|word| word == "--json");
    let language_of_help = spoken(cli::named_language(words), has_json);
    let command = help::told_in(language_of_help, command());
    let shows_colors = shows_colors(|name| std::env::var_os(name));
    let words = std::iter::once("pmssl").chain(words.iter().map(String::as_str));
    let options = match command
        .try_get_matches_from(words)
        .and_then(|matches| Options::from_arg_matches(&matches))
    {
        Ok(options) => options,
        Err(error) => {
            // Help and version are no errors; clap says which and prints accordingly.
            let end = match error.use_stderr() {
                true if is_check => End::Plugin(Plugin::Unknown),
                true => End::Own(Code::Usage),
                false => End::Own(Code::Done),
            };
            let _ = match language_of_help {
                Language::Russian => help::print(&error, shows_colors),
                Language::English => error.print(),
            };
            return end.into();
        }
    };
    let root = root(options.root);
    let format = options.task.format();
    let json = options.json || format == Some(Format::Json);
    let view = View {
        language: spoken(options.lang.as_deref(), json || format == Some(Format::Csv)),
        json,
        color: std::io::stdout().is_terminal() && shows_colors,
    };
    if options.task.uses_platform()
        && let Err(failure) = owner::check(&root)
    {
        return tell(&view, is_check, Err(failure)).into();
    }
    let admin = AdminContext {
        clock: crate::run::clock_of(&root),
        root,
        view,
    };
    std::panic::set_hook(Box::new(crate::logging::log_panic));
    let result =
        unless_it_panics(
            || match (admit(&admin, &options.task, &as_root), options.task) {
                (Ok(()), task) => perform(&admin, program, task),
                (Err(failure), Task::Doctor(arguments)) => {
                    doctor::outside(&admin, &arguments, failure)
                }
                (Err(failure), _) => Err(failure),
            },
        );
    let end = tell(&admin.view, is_check, result);
    crate::logging::finish();
    end.into()
}

/// Refuses what cannot be done here at all: this user has no rights, or there is no installation.
fn admit(admin: &AdminContext, task: &Task, as_root: &str) -> Result<(), Failure> {
    if !task.needs_platform() {
        return Ok(());
    }
    rights::check(&admin.root, task.is_for_root(), as_root)?;
    admin.must_be_a_platform()
}

/// The answer of a subcommand; a panic in it is a failure like any other, so that whoever reads the answer, a program
/// or a check, has one.
fn unless_it_panics(
    work: impl FnOnce() -> Result<AdminAnswer, Failure>,
) -> Result<AdminAnswer, Failure> {
    // Nothing of what the work has left behind is used any more but the way in which the answer is printed.
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Failure::new(Reason::Internal).detail(words!(
            "an internal error stopped the command; its location is on standard error or in the log",
            "команда прервана внутренней ошибкой; её место указано в потоке ошибок или в журнале"
        )))
    })
}

/// Whether the terminal shows colours and its user wants them.
fn shows_colors(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb")
}

/// Lists with their columns.
static LISTS: [(&str, &[Column]); 4] = [
    ("orders", &orders::list::COLUMNS),
    ("plan", &plan::list::COLUMNS),
    ("forecast", &forecast::COLUMNS),
    ("products", &products::COLUMNS),
];

/// The command line: every subcommand's help ends with the exit codes that it can have.
fn command() -> clap::Command {
    let command = Options::command();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |subcommand| {
            let name = subcommand.get_name().to_owned();
            let own = subcommand.get_after_help().map(ToString::to_string);
            let codes = exit::table(Some(&name));
            let help = format!("{}\n\n{codes}", own.unwrap_or_default());
            let subcommand = subcommand.after_help(help);
            match LISTS.iter().find(|(list, _)| *list == name) {
                Some((_, columns)) => table::with_columns(subcommand, columns),
                None => subcommand,
            }
        })
    })
}

fn perform(admin: &AdminContext, program: &Path, task: Task) -> Result<AdminAnswer, Failure> {
    match task {
        Task::Check(arguments) => check::run(admin, &arguments),
        Task::Doctor(arguments) => doctor::run(admin, &arguments),
        Task::Orders(arguments) => orders::run(admin, &arguments),
        Task::Show(arguments) => show::run(admin, &arguments),
        Task::Sync(arguments) => sync::run(admin, &arguments),
        Task::Plan(arguments) => plan::run(admin, &arguments),
        Task::Forecast(arguments) => forecast::run(admin, &arguments),
        Task::Daemon(arguments) => daemon::run(admin, &arguments),
        Task::Resolve(arguments) => resolve::run(admin, &arguments),
        Task::Retry(arguments) => retry::run(admin, &arguments),
        Task::Rehearse(arguments) => rehearse::run(admin, &arguments),
        Task::Reissue(arguments) => reissue::run(admin, &arguments),
        Task::Balance(arguments) => balance::run(admin, &arguments),
        Task::Products(arguments) => products::run(admin, &arguments),
        Task::Metrics => metrics::run(admin),
        Task::Capture(arguments) => capture::run(admin, &arguments),
        Task::Install(arguments) => install::run(admin, program, &arguments),
        Task::Uninstall(arguments) => install::remove(admin, program, &arguments),
        Task::Modules => modules::run(&admin.view),
        Task::Forms(arguments) => forms::run(&admin.view, &arguments),
        Task::Completions(arguments) => Ok(manual::completions(command(), &arguments)),
        Task::Man(arguments) => manual::pages(&command(), &arguments, admin.view.language),
    }
}

/// Results go to standard output, complaints to standard error; with `--json` the complaint is also a
/// document on standard output, so that a program has something to read in every case. A check for Nagios has only
/// standard output.
fn tell(view: &View, is_check: bool, result: Result<AdminAnswer, Failure>) -> End {
    let result = match result {
        Err(failure) if is_check => Ok(doctor::unknown(view, &failure)),
        result => result,
    };
    match result {
        Ok(answer) => {
            let text = view.harmless(&answer.text);
            match std::io::stdout().write_all(text.as_bytes()) {
                // Whoever reads no further has read enough.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    let _ = writeln!(std::io::stderr(), "pmssl: {error}");
                    End::Own(Code::Failed)
                }
                _ => answer.end,
            }
        }
        Err(failure) => {
            if view.json {
                let document = serde_json::json!({ "error": failure_json(&failure) });
                if let Ok(text) = view.json(&document) {
                    let _ = std::io::stdout().write_all(text.as_bytes());
                }
            }
            let _ = writeln!(std::io::stderr(), "pmssl: {}", view.failure(&failure));
            Code::of(&failure).into()
        }
    }
}

/// A failure as programs read it, masked.
fn failure_json(failure: &Failure) -> serde_json::Value {
    let mask = crate::logging::mask;
    serde_json::json!({
        "type": failure.reason().type_name(),
        "object": mask(failure.object()),
        "value": mask(failure.offending_value()),
        "text": mask(&failure.to_string()),
    })
}

fn root(option: Option<PathBuf>) -> PathBuf {
    let root = option.unwrap_or_else(cli::platform_root);
    std::path::absolute(&root).unwrap_or(root)
}

/// The language that is asked for, by option or locale. Programs read the same words in every locale.
fn spoken(option: Option<&str>, is_for_programs: bool) -> Language {
    match option {
        None if is_for_programs => Language::English,
        option => language(option),
    }
}

fn language(option: Option<&str>) -> Language {
    let locale = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()))
    };
    option
        .map(str::to_owned)
        .or_else(locale)
        .map_or(Language::English, |text| Language::parse(&text))
}
