//! Logs in the platform's format (design, section 7): `var/<module>.log`, levels from
//! `etc/debug.conf`, everything secret masked.
//!
//! Code writes with [`log!`](crate::log!), which is a `tracing` event behind one atomic read. Until
//! [`start`] has been called nothing is written and nothing is read: `features` and unit tests pay
//! for no log. Lines are written synchronously, since the last one before a crash is the one that
//! matters. Standard output is never touched.

pub mod config;
mod file;
mod layer;
mod line;
pub mod mask;
#[cfg(test)]
mod tests;
mod visible;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::layer::SubscriberExt;

pub use config::{Config, Mistake, Storage, parse_debug_conf};
pub use mask::{
    HeldSecret, MASK, hold_secret, is_secret_name, mask, mask_start, register_passing_secret,
    register_secret,
};
#[doc(hidden)]
pub use tracing;
pub use visible::{visible, visible_json};

use crate::domain::{IntentKey, ItemId};
use crate::regular;
use file::LogFile;
use line::Line;

/// Lines kept for the record of a failed operation (billmanager.md 9.2).
pub const RECENT_LINES: usize = 100;

/// Longest kept line, in characters: the record is shown to people and stored in one column.
const RECENT_WIDTH: usize = 1000;

/// First part of the targets of this crate's events.
const TARGET: &str = "pmssl";

/// Levels of the platform's logs (billmanager.md 10.2). The discriminant is the number in
/// debug.conf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Notices: written whenever anything is.
    Notice = 1,
    /// Critical errors: money or certificates need a person.
    Critical = 2,
    /// Errors.
    Error = 3,
    /// Warnings.
    Warning = 4,
    /// What was asked and what came of it.
    Info = 5,
    /// Extended information: single steps.
    ExtInfo = 6,
    /// Traffic with vendors.
    Ext = 7,
    /// Tracing of decisions.
    Trace = 8,
    /// Debugging, message bodies included.
    Debug = 9,
}

impl Level {
    /// All levels in their order.
    pub const ALL: [Self; 9] = [
        Self::Notice,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Info,
        Self::ExtInfo,
        Self::Ext,
        Self::Trace,
        Self::Debug,
    ];

    /// The word in the line. Those of levels 1 and 2 were not seen from the platform's own writer.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Notice => "NOTICE",
            Self::Critical => "CRITICAL",
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
            Self::ExtInfo => "EXTINFO",
            Self::Ext => "EXT",
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
        }
    }

    /// The parameters of the terminal's colour sequence.
    #[must_use]
    pub const fn color(self) -> &'static str {
        match self {
            Self::Notice => "1;34",
            Self::Critical | Self::Error => "1;31",
            Self::Warning => "1;35",
            Self::Info => "1;32",
            Self::ExtInfo => "1;36",
            Self::Ext => "36",
            Self::Trace => "1",
            Self::Debug => "1;33",
        }
    }

    /// The nearest level of the event library.
    #[doc(hidden)]
    #[must_use]
    pub const fn event_level(self) -> tracing::Level {
        match self {
            Self::Notice | Self::Critical | Self::Error => tracing::Level::ERROR,
            Self::Warning => tracing::Level::WARN,
            Self::Info | Self::ExtInfo => tracing::Level::INFO,
            Self::Ext | Self::Debug => tracing::Level::DEBUG,
            Self::Trace => tracing::Level::TRACE,
        }
    }

    /// The level of an event that names none of ours.
    fn of(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warning,
            tracing::Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }

    fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level as u64 == number)
    }
}

/// Parts of a module that debug.conf can quiet or raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// Commands and everything without a part of its own; stands in lines as the module's name.
    Main,
    /// Traffic with vendors.
    Http,
    /// The life of an order: intent, paid call, outcome.
    Order,
    /// The platform's settings and documents.
    Platform,
    /// Calls of mgrctl.
    Mgrctl,
    /// The platform's database.
    Database,
}

impl Component {
    /// All components.
    pub const ALL: [Self; 6] = [
        Self::Main,
        Self::Http,
        Self::Order,
        Self::Platform,
        Self::Mgrctl,
        Self::Database,
    ];

    /// The name in debug.conf; empty for the main one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Http => "http",
            Self::Order => "order",
            Self::Platform => "platform",
            Self::Mgrctl => "mgrctl",
            Self::Database => "database",
        }
    }

    /// The target of its events.
    #[doc(hidden)]
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::Main => TARGET,
            Self::Http => "pmssl.http",
            Self::Order => "pmssl.order",
            Self::Platform => "pmssl.platform",
            Self::Mgrctl => "pmssl.mgrctl",
            Self::Database => "pmssl.database",
        }
    }
}

/// Writes a line: component, level, text as in `format!`. `log!(Http, Ext, "GET {url}")`.
///
/// The arguments are evaluated only if the line will be written.
#[macro_export]
macro_rules! log {
    ($component:ident, $level:ident, $($text:tt)+) => {
        if $crate::logging::enabled(
            $crate::logging::Component::$component,
            $crate::logging::Level::$level,
        ) {
            $crate::logging::tracing::event!(
                target: $crate::logging::Component::$component.target(),
                $crate::logging::Level::$level.event_level(),
                { panel = $crate::logging::Level::$level as u64 },
                $($text)+
            );
        }
    };
}

/// What the log of a run is called and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The platform root.
    pub root: &'a Path,
    /// The name of the log: the module's name.
    pub module: &'static str,
}

/// Highest level written, per component in the order of [`Component::ALL`]; 0 before [`start`].
static LEVELS: [AtomicU8; Component::ALL.len()] = [const { AtomicU8::new(0) }; 6];

/// Where lines go; nowhere before [`start`].
static SINK: Mutex<Option<Sink>> = Mutex::new(None);

/// The run of a process that serves one command.
static PROCESS: Mutex<Run> = Mutex::new(Run::new());

tokio::task_local! {
    /// The run of one of several commands served at once ([`scope`]).
    static TASK: Arc<Mutex<Run>>;
}

thread_local! {
    /// Number of this thread in lines, from 1.
    static THREAD: u64 = {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// Whether a line of this level would be written.
#[must_use]
pub fn enabled(component: Component, level: Level) -> bool {
    level as u8 <= LEVELS[component as usize].load(Ordering::Relaxed)
}

/// Begins to write `var/<module>.log` under the root, with the levels of `etc/debug.conf`.
///
/// A log that cannot be opened is one line on standard error and never stops the program; lines are
/// then kept for [`recent_lines`] alone. A second call changes the log and reads the levels anew.
pub fn start(start: &Start<'_>) {
    let sink = Sink::open(start.root, start.module);
    *lock(&SINK) = Some(sink);
    // Fails when a subscriber is installed already, which is ours from an earlier call.
    let _ = tracing::subscriber::set_global_default(
        tracing_subscriber::registry().with(layer::LogLayer),
    );
}

/// Reads `etc/debug.conf` anew, for programs that run long.
pub fn reload() {
    if let Some(sink) = lock(&SINK).as_mut() {
        sink.configure();
    }
}

/// Waits until a log that was moved away is packed. To be called when all work is done, last thing
/// before the process ends; without it the packing is left to a later run.
pub fn finish() {
    if let Some(Output::File(file)) = lock(&SINK).as_mut().map(|sink| &mut sink.output) {
        file.finish();
    }
}

/// Names the item in every following line of this run.
pub fn set_item(item: ItemId) {
    with_run(|run| run.item = Some(item));
}

/// Names the intent in every following line of this run.
pub fn set_intent(key: &IntentKey) {
    with_run(|run| run.intent = Some(key.clone()));
}

/// The last lines of this run, at most [`RECENT_LINES`], masked and without colours. Long ones are
/// shortened.
#[must_use]
pub fn recent_lines() -> Vec<String> {
    with_run(|run| run.recent.iter().cloned().collect())
}

/// Runs one of several commands served at once by a process with an item, an intent and recent
/// lines of its own. Tasks and threads started inside belong to the process's run again.
pub async fn scope<F: Future>(work: F) -> F::Output {
    TASK.scope(Arc::new(Mutex::new(Run::new())), work).await
}

/// Writes a panic as one masked line; to be called from a panic hook.
pub fn log_panic(info: &PanicHookInfo<'_>) {
    let words = info
        .payload_as_str()
        .unwrap_or("no text")
        .replace(['\r', '\n'], " ");
    match info.location() {
        Some(place) => crate::log!(Main, Critical, "panic at {place}: {words}"),
        None => crate::log!(Main, Critical, "panic: {words}"),
    }
}

/// What the lines of one command have in common.
struct Run {
    item: Option<ItemId>,
    intent: Option<IntentKey>,
    recent: VecDeque<String>,
}

impl Run {
    const fn new() -> Self {
        Self {
            item: None,
            intent: None,
            recent: VecDeque::new(),
        }
    }

    fn context(&self) -> String {
        let mut context = String::new();
        // Writing to a String cannot fail.
        if let Some(item) = self.item {
            let _ = write!(context, "item {item}");
        }
        if let Some(intent) = &self.intent {
            let blank = if context.is_empty() { "" } else { " " };
            let _ = write!(context, "{blank}intent {intent}");
        }
        context
    }

    fn remember(&mut self, line: String) {
        if self.recent.len() == RECENT_LINES {
            self.recent.pop_front();
        }
        self.recent.push_back(shorten(line));
    }
}

/// A kept line at its greatest length.
fn shorten(mut line: String) -> String {
    if let Some((end, _)) = line.char_indices().nth(RECENT_WIDTH) {
        let more = line[end..].chars().count();
        line.truncate(end);
        let _ = write!(line, "… ({more} characters more)");
    }
    line
}

fn with_run<T>(work: impl FnOnce(&mut Run) -> T) -> T {
    match TASK.try_with(Arc::clone) {
        Ok(run) => work(&mut lock(&run)),
        Err(_) => work(&mut lock(&PROCESS)),
    }
}

/// A panic while a lock is held leaves nothing half done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Output {
    File(LogFile),
    Console,
    /// The log could not be opened.
    Nowhere,
}

struct Sink {
    root: PathBuf,
    module: &'static str,
    color: bool,
    output: Output,
}

impl Sink {
    fn open(root: &Path, module: &'static str) -> Self {
        let mut sink = Self {
            root: root.to_owned(),
            module,
            color: true,
            output: Output::Nowhere,
        };
        sink.configure();
        sink
    }

    /// Takes over levels and settings. An unreadable file counts as an absent one.
    fn configure(&mut self) {
        let file = self.root.join("etc/debug.conf");
        let text = regular::read(&file, regular::SETTINGS).unwrap_or_default();
        let (config, _) = parse_debug_conf(&String::from_utf8_lossy(&text));
        self.color = config.color(self.module);
        let limit = config.max_log_size(self.module);
        match (config.storage(self.module), &mut self.output) {
            (Storage::Console, output) => *output = Output::Console,
            (Storage::File, Output::File(file)) => file.set_limit(limit),
            (Storage::File, output) => {
                let path = self.root.join(format!("var/{}.log", self.module));
                *output = match LogFile::open(&path, limit) {
                    Ok(file) => Output::File(file),
                    Err(error) => {
                        complain(&format!("cannot open the log {}: {error}", path.display()));
                        Output::Nowhere
                    }
                };
            }
        }
        for component in Component::ALL {
            let level = config.level(self.module, component.name());
            LEVELS[component as usize].store(level, Ordering::Relaxed);
        }
    }

    fn component_name(&self, component: Component) -> &'static str {
        match component {
            Component::Main => self.module,
            component => component.name(),
        }
    }

    fn write(&mut self, line: &Line<'_>) {
        let text = line.format(self.color);
        let first_line = |text: &str| {
            Line {
                component: self.module,
                level: Level::Notice,
                context: "",
                text,
                ..*line
            }
            .format(self.color)
        };
        match &mut self.output {
            Output::File(file) => {
                if let Err(error) = file.write(&text, first_line) {
                    static SAID: AtomicBool = AtomicBool::new(false);
                    if !SAID.swap(true, Ordering::Relaxed) {
                        complain(&format!("cannot write the log: {error}"));
                    }
                }
            }
            Output::Console => {
                let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
            }
            Output::Nowhere => {}
        }
    }
}

/// One line on standard error.
fn complain(text: &str) {
    let text = visible(&mask(text), &[]);
    let _ = io::stderr().write_all(format!("pmssl: {text}\n").as_bytes());
}

/// Masks, formats and writes one event.
fn write(component: Component, level: Level, text: &str) {
    let text = mask(text);
    let context = with_run(|run| run.context());
    let mut sink = lock(&SINK);
    let Some(sink) = sink.as_mut() else {
        return;
    };
    let line = Line {
        time: chrono::Local::now().naive_local(),
        process: std::process::id(),
        thread: THREAD.with(|number| *number),
        component: sink.component_name(component),
        level,
        context: &context,
        text: &text,
    };
    sink.write(&line);
    let plain = line.format(false);
    with_run(|run| run.remember(plain));
}
