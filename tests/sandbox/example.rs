//! The simulated world: `cargo run --example sandbox [-- tour | serve --root DIR | books --root DIR]`.
//!
//! The same program is the `mgrctl` of a world: it looks at the name by which it was called.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "../speed/mod.rs"]
mod speed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pmssl_sandbox as sandbox;
use pmssl_sandbox::world::Setup;
use pmssl_sandbox::{World, binaries, clock, closing, crowd, mgrctl, sales_report, tour, years};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
sandbox                     the tour: the whole product in under a minute
sandbox tour                the same
sandbox years [SERVICES [SEED]]
                            five years of a shop (1000 services), figures at the end
sandbox crowd [SERVICES CALLS_PER_SECOND]
                            passes of the daemon over pending services (10000 at 100/s)
sandbox speed [PART]        what the product costs; PART: start, commands, daemon, parts, instructions [--update]
sandbox speed shop [--items N] [--open N] [--no-index] [--check | --update]
                            a shop of 200000 certificates in a real MariaDB: rows and time of statements and passes
sandbox serve --root DIR    a world in DIR until SIGTERM, ctrl-C or POST /stop; prints one line of JSON when ready
sandbox books --root DIR    the vendors' books against the platform's, of the world served in DIR; exits 0 when sound
";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next().unwrap_or_default());
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    if program.file_name().is_some_and(|name| name == "mgrctl") {
        let code = mgrctl::client(&program, arguments);
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    closing::judge_no_world();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["tour"] => in_scratch(tour::run),
        ["years"] => years_of(years::Shape::of(1000)),
        ["years", services] => match services.parse() {
            Ok(services) => years_of(years::Shape::of(services)),
            Err(_) => misused(),
        },
        ["years", services, seed] => match (services.parse(), seed.parse()) {
            (Ok(services), Ok(seed)) => years_of(years::Shape {
                seed,
                ..years::Shape::of(services)
            }),
            _ => misused(),
        },
        ["crowd"] => crowd_of(10_000, 100),
        ["crowd", services, rate] => match (services.parse(), rate.parse()) {
            (Ok(services), Ok(rate)) => crowd_of(services, rate),
            _ => misused(),
        },
        ["serve", "--root", root] => {
            binaries::refresh_pmssl();
            serve(Path::new(root))
        }
        ["books", "--root", root] => match sales_report::print(Path::new(root)) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(text) => {
                eprintln!("sandbox: {text}");
                ExitCode::from(2)
            }
        },
        ["speed", words @ ..] => {
            match words.first() {
                Some(&speed::WRITER) => {}
                // Rows and the database's time are the same whatever the program is built as.
                Some(&"shop") => binaries::refresh_any_pmssl(),
                _ => binaries::refresh_shipped_pmssl(),
            }
            speed::run(words)
        }
        _ => misused(),
    }
}

fn misused() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(2)
}

/// Works in a directory of its own.
fn in_scratch(work: impl FnOnce(&Path) -> ExitCode) -> ExitCode {
    binaries::refresh_pmssl();
    match tempfile::tempdir() {
        Ok(directory) => work(directory.path()),
        Err(error) => {
            eprintln!("sandbox: no temporary directory: {error}");
            ExitCode::FAILURE
        }
    }
}

fn crowd_of(services: usize, rate: u32) -> ExitCode {
    in_scratch(|directory| {
        print!("{}", crowd::report(directory, services, rate));
        ExitCode::SUCCESS
    })
}

fn years_of(mut shape: years::Shape) -> ExitCode {
    shape.talks = true;
    in_scratch(|directory| {
        let figures = years::run(&directory.join("world"), shape);
        print!("{}", figures.table());
        if figures.wrong_count == 0 {
            return ExitCode::SUCCESS;
        }
        // For a look at its logs; a large one is left to the developer to remove.
        let kept = std::env::temp_dir().join(format!("pmssl-years-{}", std::process::id()));
        if std::fs::rename(directory.join("world"), &kept).is_ok() {
            println!("the world is kept in {}", kept.display());
        }
        ExitCode::FAILURE
    })
}

fn serve(root: &Path) -> ExitCode {
    // People compare it with their own clocks.
    let setup = Setup {
        begin: clock::told_begin().unwrap_or_else(chrono::Utc::now),
        ..Setup::default()
    };
    let world = World::start_with(root, &setup);
    let vendors: serde_json::Map<String, serde_json::Value> = world
        .vendors()
        .iter()
        .map(|(name, server)| ((*name).to_owned(), json!(server.url())))
        .collect();
    println!(
        "{}",
        json!({
            "root": world.root(),
            "database": {
                "socket": world.database().socket(),
                "address": world.database().address().to_string(),
                "user": sandbox::database::USER,
                "name": sandbox::database::DATABASE,
            },
            "vendors": vendors,
            "control": world.control().url(),
        })
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return ExitCode::FAILURE;
    };
    let mut stopped = world.control().stopped();
    runtime.block_on(async {
        let (Ok(mut terminate), Ok(mut interrupt)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        ) else {
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    });
    ExitCode::SUCCESS
}
