//! From arguments to exit code: everything around a command.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{IsTerminal, Read, Write};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::admin;
use crate::ca;
use crate::cli::{self, Arguments, Face, Information};
use crate::commands::{self, Command, Context};
use crate::domain::{Clock, options};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::logging;
use crate::module::{MODULES, Module};
use crate::platform::Platform;
use crate::platform::billmanager::{BillManager, owner};
use crate::platform::documents;

/// The largest document that is read from standard input.
const INPUT_LIMIT: u64 = 4 * 1024 * 1024;

/// Keeps the memory of this process, which holds the passwords of vendors and database, out of core dumps.
/// A system that refuses changes nothing.
fn keep_memory_private() {
    use rustix::process::{
        DumpableBehavior, Resource, getrlimit, set_dumpable_behavior, setrlimit,
    };
    // Handlers that are fed through a pipe do not heed the limit below. This also hides the process from whoever
    // watches it with the same rights, as a simulated world does; that one names its root.
    if cli::platform_root() == Path::new(cli::USUAL_ROOT) {
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    // The soft limit only: what this program starts may raise its own again.
    let mut limit = getrlimit(Resource::Core);
    limit.current = Some(0);
    let _ = setrlimit(Resource::Core, limit);
}

/// Runs the program.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    keep_memory_private();
    let program = arguments.first().map(PathBuf::from).unwrap_or_default();
    match cli::face(&arguments) {
        Face::Administrator(rest) => admin::run(&program, &rest),
        Face::Module(module, rest) => {
            let (text, success) = run_module(module, &rest);
            print(&text);
            logging::finish();
            if success {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Writes to standard output; a reader that has gone away changes nothing.
fn print(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.trim_end().as_bytes());
    let _ = output.write_all(b"\n");
    let _ = output.flush();
}

fn run_module(module: &'static Module, words: &[String]) -> (String, bool) {
    let arguments = match Arguments::parse(words) {
        Ok(arguments) => arguments,
        Err(failure) => {
            return (documents::error(&failure, cli::language(words)), false);
        }
    };
    if let Some(information) = arguments.information {
        return (about(module, information), true);
    }
    // The platform asks this at each start, perhaps before anything else exists: no files, no runtime.
    if arguments.command == "features" {
        return (module.features_document(), true);
    }
    let language = arguments.language;
    match std::panic::catch_unwind(AssertUnwindSafe(|| in_installation(module, arguments))) {
        Ok(result) => result,
        Err(_) => {
            let failure = Failure::new(Reason::Internal).detail(words!(
                "the command was interrupted; see the module's log",
                "команда прервана; см. журнал модуля"
            ));
            (documents::error(&failure, language), false)
        }
    }
}

fn about(module: &Module, information: Information) -> String {
    match information {
        Information::Version => env!("CARGO_PKG_VERSION").to_owned(),
        Information::Title => format!(
            "pmssl {}, module {}",
            env!("CARGO_PKG_VERSION"),
            module.name
        ),
        Information::Help => format!(
            "{} {}: certificates from {} for BILLmanager\n\n\
             usage: {} --command NAME [--item N] [--module N] [--runningoperation N] [--lang ru|en]\n\n\
             The platform runs this program; 'pmssl help' shows what an administrator can do.",
            module.name,
            env!("CARGO_PKG_VERSION"),
            module.vendor,
            module.name
        ),
    }
}

/// Runs a command inside a platform installation.
fn in_installation(module: &'static Module, arguments: Arguments) -> (String, bool) {
    let root = cli::platform_root();
    // Before anything below it is read or written, the log included.
    if let Err(failure) = owner::check(&root) {
        return (documents::error(&failure, arguments.language), false);
    }
    // Relative paths of the platform's settings mean its root.
    let _ = std::env::set_current_dir(&root);
    logging::start(&logging::Start {
        root: &root,
        module: module.log_name(),
    });
    std::panic::set_hook(Box::new(logging::log_panic));
    let parsed = Command::parse(&arguments.command);
    let input = match &parsed {
        Ok(command) if command.reads_input() => read_input(),
        _ => Ok(String::new()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(Reason::Internal).because(error);
            return (documents::error(&failure, arguments.language), false);
        }
    };
    let platform = BillManager::new(root.clone(), module);
    let context = Context {
        module,
        clock: clock(&root, &platform),
        connect_options: commands::connect_options(&platform, &root, module),
        connect: ca::connect,
        platform: &platform,
        root,
        arguments,
        input: input.as_deref().unwrap_or_default().to_owned(),
        account: RefCell::new(None),
    };
    runtime.block_on(async {
        // Asked to stop, a running operation is finished, not cut (billmanager.md 2.4): with these
        // streams open the signals no longer end the process.
        let _signals = ignore_stop_signals();
        let result = match (&parsed, input.err()) {
            (Err(failure), _) => return refuse(&context, failure).await,
            (Ok(_), Some(failure)) => Err(failure),
            (Ok(command), None) => in_context(&context, *command).await,
        };
        match result {
            Ok(text) => (text, true),
            Err(failure) => (
                commands::report(&context, parsed.as_ref().ok().copied(), &failure).await,
                false,
            ),
        }
    })
}

async fn refuse(context: &Context<'_>, failure: &Failure) -> (String, bool) {
    (commands::report(context, None, failure).await, false)
}

async fn in_context(context: &Context<'_>, command: Command) -> Result<String, Failure> {
    let arguments = &context.arguments;
    log!(
        Main,
        Info,
        "command {} item {} account {} operation {}",
        arguments.command,
        arguments.item.map(|id| id.to_string()).unwrap_or_default(),
        arguments
            .account
            .map(|id| id.to_string())
            .unwrap_or_default(),
        arguments
            .operation
            .map(|id| id.to_string())
            .unwrap_or_default()
    );
    if command.honours_do_nothing() && context.root.join(commands::DO_NOTHING).exists() {
        log!(
            Main,
            Warning,
            "{} exists: nothing is done",
            commands::DO_NOTHING
        );
        return Ok(String::new());
    }
    commands::run(context, command).await
}

/// Reads standard input whole; a terminal counts as empty.
fn read_input() -> Result<String, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(String::new());
    }
    let mut bytes = Vec::new();
    stdin
        .lock()
        .take(INPUT_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(Reason::BrokenInput).because(error))?;
    if bytes.len() as u64 > INPUT_LIMIT {
        return Err(Failure::new(Reason::BrokenInput).detail(words!(
            "it is larger than {INPUT_LIMIT} bytes",
            "он больше {INPUT_LIMIT} байт"
        )));
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(Reason::BrokenInput)
            .detail(words!("it is not UTF-8 text", "это не текст UTF-8"))
    })
}

pub(crate) fn clock(root: &Path, platform: &dyn Platform) -> Clock {
    match options::CLOCK.get(|name| platform.option(name)) {
        Some(file) if root != Path::new(cli::USUAL_ROOT) => Clock::shifted(root.join(file)),
        _ => Clock::system(),
    }
}

/// The clock of an installation, before a module is known.
pub(crate) fn clock_of(root: &Path) -> Clock {
    clock(root, &BillManager::new(root.to_path_buf(), MODULES[0]))
}

fn ignore_stop_signals() -> Vec<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    [SignalKind::terminate(), SignalKind::interrupt()]
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect()
}
