//! Whole processes from outside: start, end, peak memory. A small C program starts them, because a process
//! inherits the peak memory of the one that starts it, and this one is large.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::figures::Times;
use crate::sandbox::memory;

const SOURCE: &str = include_str!("launch.c");

/// Rounds in which the programs take turns, so that all meet the same load.
const ROUNDS: usize = 10;

/// A program that is started.
pub struct Program {
    pub name: String,
    pub line: Vec<String>,
    /// Runs in a round: fewer of what is slow.
    pub runs: usize,
}

/// What its starts cost.
pub struct Starts {
    pub times: Times,
    /// Peak resident memory, KiB.
    pub memory: u64,
}

/// The starter, which without arguments is the program that does nothing.
pub struct Launcher(PathBuf);

impl Launcher {
    /// Compiles it, statically linked.
    pub fn build(directory: &Path) -> Self {
        let (source, program) = (directory.join("launch.c"), directory.join("launch"));
        std::fs::write(&source, SOURCE).expect("a source file");
        let status = Command::new("cc")
            .args(["-O2", "-static", "-o"])
            .args([&program, &source])
            .status()
            .expect("a C compiler");
        assert!(status.success(), "the starter cannot be compiled");
        Self(program)
    }

    /// The program that does nothing.
    pub fn nothing(&self) -> Program {
        Program {
            name: "a static program that does nothing".to_owned(),
            line: vec![self.0.display().to_string()],
            runs: 10,
        }
    }

    /// Starts all programs in turns. Panics when one fails.
    pub fn compare(&self, programs: &[Program]) -> Vec<Starts> {
        let mut runs: Vec<Vec<(Duration, u64)>> = vec![Vec::new(); programs.len()];
        for _ in 0..ROUNDS {
            for (program, runs) in programs.iter().zip(&mut runs) {
                runs.extend(self.run(program));
            }
        }
        runs.into_iter()
            .map(|runs| Starts {
                memory: runs.iter().map(|(_, memory)| *memory).max().unwrap_or(0),
                times: Times::of(runs.into_iter().map(|(time, _)| time)),
            })
            .collect()
    }

    fn run(&self, program: &Program) -> Vec<(Duration, u64)> {
        let output = Command::new(&self.0)
            .arg(program.runs.to_string())
            .args(&program.line)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .output()
            .expect("the starter");
        let text = String::from_utf8_lossy(&output.stdout);
        let read = |line: &str| -> Option<(Duration, u64)> {
            let mut words = line.split(' ').map(str::parse::<u64>);
            let (time, memory, status) = (words.next()?, words.next()?, words.next()?);
            (status == Ok(0)).then_some((Duration::from_nanos(time.ok()?), memory.ok()?))
        };
        let runs: Vec<_> = text.lines().filter_map(read).collect();
        assert_eq!(runs.len(), program.runs, "{} fails", program.name);
        runs
    }
}

/// Interpreters with their usual HTTP libraries, as far as they are here; and the names of those that are not.
pub fn interpreters() -> (Vec<Program>, Vec<&'static str>) {
    // A name in the search path may be a wrapper; the interpreter itself knows where it is.
    let candidates = [
        (
            "python3",
            ["-c", "import sys; print(sys.executable)"],
            vec![
                ("Python, nothing else", "-c", "pass"),
                ("Python with requests", "-c", "import requests"),
            ],
        ),
        (
            "php",
            ["-r", "echo PHP_BINARY;"],
            vec![
                ("PHP, nothing else", "-r", ";"),
                ("PHP with curl", "-r", "curl_init() ?: exit(1);"),
            ],
        ),
    ];
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for (command, question, programs) in candidates {
        let place = ask(command, &question);
        for (name, option, code) in programs {
            match &place {
                Some(place) if works(place, option, code) => found.push(Program {
                    name: name.to_owned(),
                    line: vec![place.clone(), option.to_owned(), code.to_owned()],
                    runs: 1,
                }),
                _ => missing.push(name),
            }
        }
    }
    (found, missing)
}

fn ask(command: &str, question: &[&str]) -> Option<String> {
    let output = Command::new(command).args(question).output().ok()?;
    let place = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !place.is_empty()).then_some(place)
}

fn works(place: &str, option: &str, code: &str) -> bool {
    Command::new(place)
        .args([option, code])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a process cost by itself, its children apart.
pub struct Cost {
    pub wall: Duration,
    pub end: Instant,
    /// Processor time of its only thread.
    pub processor: Duration,
    /// Peak resident memory, KiB.
    pub memory: u64,
    pub success: bool,
}

/// Runs a process to its end.
pub fn cost(command: &mut Command) -> Cost {
    let start = Instant::now();
    watched(command.spawn().expect("the program"), start)
}

/// The same of one that prints; and the time to its first byte, if there was one.
pub fn cost_of_printing(command: &mut Command) -> (Cost, Option<Duration>) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
    let mut output = child.stdout.take().expect("its output");
    let reader = std::thread::spawn(move || {
        let (mut first, mut block) = (None, vec![0; 64 * 1024]);
        while output.read(&mut block).is_ok_and(|count| count > 0) {
            first.get_or_insert_with(|| start.elapsed());
        }
        first
    });
    let cost = watched(child, start);
    (cost, reader.join().expect("the reader"))
}

fn watched(mut child: Child, start: Instant) -> Cost {
    let over = AtomicBool::new(false);
    let process = child.id();
    std::thread::scope(|scope| {
        let sampler = scope.spawn(|| peak(process, &over));
        let id = Pid::from_child(&child);
        // The figures of a process that has ended are there until somebody takes its end.
        waitid(
            WaitId::Pid(id),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        )
        .expect("the end of the program");
        let end = Instant::now();
        over.store(true, Ordering::SeqCst);
        let processor = processor_time(process);
        Cost {
            wall: end - start,
            end,
            processor,
            memory: sampler.join().expect("the sampler"),
            success: child.wait().expect("the end of the program").success(),
        }
    })
}

/// The kernel's mark of the highest resident memory, read again and again: it is gone with the process.
fn peak(process: u32, over: &AtomicBool) -> u64 {
    let mut peak = 0;
    while !over.load(Ordering::SeqCst) {
        peak = peak.max(memory::peak(process));
        std::thread::sleep(Duration::from_micros(500));
    }
    peak
}

fn processor_time(process: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/schedstat")).unwrap_or_default();
    let used = text.split(' ').next().and_then(|used| used.parse().ok());
    Duration::from_nanos(used.unwrap_or_default())
}
