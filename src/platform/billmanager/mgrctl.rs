//! Calls of the platform's functions through its client program `sbin/mgrctl` (billmanager.md 5).
//!
//! Replies are asked for as XML, which carries the richest errors. A call counts as done only when the
//! program ended with 0, the reply is a readable document without an error and, where the call asked
//! for a deed with `sok=ok`, the reply confirms it with `ok` (billmanager.md 5.2).

mod rehearsal;
mod trouble;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::choices::{FunctionCall, PANEL_AWAY};
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::logging::{is_secret_name, mask, mask_start, register_passing_secret};
use crate::regular;
use crate::xml::{self, Element};
pub use rehearsal::{Deed, Rehearsal};
pub use trouble::Trouble;

/// The program, relative to the platform's root.
pub const PROGRAM: &str = "sbin/mgrctl";

/// Pause between two tries while the panel restarts (billmanager.md 5.1).
const PAUSE: Duration = Duration::from_secs(1);

/// Values longer than this travel in the environment, so that the process list stays readable.
const LONG_VALUE: usize = 1024;

/// Linux takes at most 128 KiB in one argument or variable (billmanager.md 5.1); the rest is for the name.
const LONGEST_VALUE: usize = 127 * 1024;

/// Most bytes kept of a reply; no function used here answers with more.
const LONGEST_REPLY: usize = 4 * 1024 * 1024;

/// Most bytes kept of stderr.
const LONGEST_COMPLAINT: usize = 16 * 1024;

/// Most bytes of a reply in the log.
const LONGEST_LOGGED: usize = 8 * 1024;

/// Directories that a poor `PATH` may lack (billmanager.md 2.4).
const SYSTEM_DIRECTORIES: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// One argument of a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Argument {
    name: &'static str,
    value: String,
    hidden: bool,
}

impl Argument {
    /// An argument that anybody on the machine may see.
    pub fn open(name: &'static str, value: impl Into<String>) -> Self {
        Self::new(name, value.into(), false)
    }

    /// An argument that goes through the environment and is left out of the log.
    pub fn hidden(name: &'static str, value: impl Into<String>) -> Self {
        Self::new(name, value.into(), true)
    }

    /// The value of a service's parameter, hidden where its name says that it is secret; the panel's words about it are
    /// masked, too.
    pub fn value_of(parameter: &str, value: &str) -> Self {
        let is_secret = is_secret_name(parameter);
        if is_secret {
            register_passing_secret(&SecretString::from(value));
        }
        Self::new("value", value.to_owned(), is_secret)
    }

    /// Neither arguments nor environment can hold a NUL; a vendor's words sometimes do.
    fn new(name: &'static str, value: String, hidden: bool) -> Self {
        Self {
            name,
            value: value.replace('\0', ""),
            hidden,
        }
    }

    fn by_environment(&self) -> bool {
        self.hidden || self.value.len() > LONG_VALUE
    }
}

impl std::fmt::Debug for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.logged())
    }
}

impl Argument {
    fn logged(&self) -> String {
        if self.hidden {
            format!("{}=({} bytes, hidden)", self.name, self.value.len())
        } else if self.value.len() > LONG_VALUE {
            format!("{}=({} bytes)", self.name, self.value.len())
        } else {
            format!("{}={}", self.name, self.value)
        }
    }
}

/// An error document of the platform (billmanager.md 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `error@type`.
    pub kind: String,
    /// `error@object`, may be empty.
    pub object: String,
    /// The final text, or the value when there is none.
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kind)?;
        if !self.object.is_empty() {
            write!(f, " ({})", self.object)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

/// The platform's client program.
#[derive(Debug)]
pub struct Mgrctl {
    root: PathBuf,
    module: &'static str,
    time_limit: Duration,
    pause: Duration,
    /// Keeps deeds instead of their being done.
    rehearsal: Option<Arc<Rehearsal>>,
}

impl Mgrctl {
    /// The client below a platform root; `module` is the name under which the platform's own history
    /// knows us, `time_limit` the longest run of one call.
    #[must_use]
    pub fn new(root: &Path, module: &'static str, time_limit: Duration) -> Self {
        Self {
            // A relative program path would be looked up from the new working directory.
            root: std::path::absolute(root).unwrap_or_else(|_| root.to_owned()),
            module,
            time_limit,
            pause: PAUSE,
            rehearsal: None,
        }
    }

    /// The same in a rehearsal: no function is called that changes something.
    #[must_use]
    pub fn rehearsing(self, rehearsal: Option<Arc<Rehearsal>>) -> Self {
        Self { rehearsal, ..self }
    }

    /// Does something in the first way that the platform knows, one try each.
    ///
    /// # Errors
    /// `PlatformFunction` with the platform's words.
    pub(crate) async fn run(
        &self,
        calls: &[FunctionCall],
        arguments: &[Argument],
    ) -> Result<Element, Failure> {
        self.run_patiently(calls, arguments, Duration::ZERO).await
    }

    /// Like [`run`](Self::run), but asks again every second while the panel is away, for at most
    /// `patience`. For writes that may be done twice only.
    ///
    /// # Errors
    /// `PlatformFunction` with the platform's words.
    pub(crate) async fn run_patiently(
        &self,
        calls: &[FunctionCall],
        arguments: &[Argument],
        patience: Duration,
    ) -> Result<Element, Failure> {
        let rehearsal = self.rehearsal.as_ref();
        if let Some(reply) = rehearsal.and_then(|rehearsal| rehearsal.keep(calls, arguments)) {
            return Ok(reply);
        }
        let end = Instant::now() + patience;
        let mut calls = calls.iter().peekable();
        while let Some(call) = calls.next() {
            let trouble = match self.until(end, call, arguments).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => trouble,
            };
            match calls.peek() {
                Some(older) if trouble.refuses_function() => {
                    crate::log!(
                        Mgrctl,
                        Warning,
                        "{} was refused ({trouble}): trying {}",
                        call.function,
                        older.function
                    );
                }
                _ => return Err(trouble.into_failure(call.function)),
            }
        }
        Err(Failure::new(Reason::Internal).detail(words!(
            "a call of BILLmanager without a function",
            "вызов BILLmanager без функции"
        )))
    }

    async fn until(
        &self,
        end: Instant,
        call: &FunctionCall,
        arguments: &[Argument],
    ) -> Result<Element, Trouble> {
        loop {
            match self.once(call, arguments).await {
                Err(trouble) if trouble.may_pass() && Instant::now() + self.pause <= end => {
                    crate::log!(
                        Mgrctl,
                        Warning,
                        "{}: {trouble}; asking again",
                        call.function
                    );
                    sleep(self.pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// One run of the program.
    async fn once(&self, call: &FunctionCall, arguments: &[Argument]) -> Result<Element, Trouble> {
        let query: Vec<_> = arguments.iter().map(Argument::logged).collect();
        crate::log!(
            Mgrctl,
            Info,
            "QUERY: func={}&{}",
            call.function,
            mask(&query.join("&"))
        );
        let output = self.start(call, arguments).await?;
        // The reply of the option list holds the database password.
        if !super::choices::OPTIONS.contains(call) {
            crate::log!(
                Mgrctl,
                Debug,
                "REPLY: {}",
                mask_start(&output.reply, LONGEST_LOGGED)
            );
        }
        let confirmed = call.fixed.contains(&("sok", "ok"));
        judge(&output, confirmed)
    }

    async fn start(&self, call: &FunctionCall, arguments: &[Argument]) -> Result<Output, Trouble> {
        if let Some(long) = arguments
            .iter()
            .find(|argument| argument.value.len() > LONGEST_VALUE)
        {
            return Err(Trouble::NotStarted(words!(
                "the value of {} has {} bytes, more than mgrctl can be given",
                "значение {} занимает байт: {}, столько mgrctl не принимает",
                long.name,
                long.value.len()
            )));
        }
        let mut child = self.spawn(call, arguments).await?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let work = async {
            let (reply, complaint, status) = tokio::join!(
                drain(stdout, LONGEST_REPLY),
                drain(stderr, LONGEST_COMPLAINT),
                child.wait()
            );
            Ok::<_, std::io::Error>(Output {
                status: status?,
                reply: reply?,
                complaint: complaint?,
            })
        };
        match timeout(self.time_limit, work).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(Trouble::Unreadable(words!(
                "the reply cannot be read: {error}",
                "ответ не читается: {error}"
            ))),
            Err(_) => {
                // Only an already ended program cannot be stopped.
                let _ = child.kill().await;
                Err(Trouble::TimedOut(self.time_limit))
            }
        }
    }

    async fn spawn(
        &self,
        call: &FunctionCall,
        arguments: &[Argument],
    ) -> Result<tokio::process::Child, Trouble> {
        let program = self.root.join(PROGRAM);
        let mut command = Command::new(&program);
        command
            .args(["-m", "billmgr", "-o", "xml"])
            .current_dir(&self.root)
            .env("SSH_CONNECTION", self.module)
            .env("PATH", extended_path(std::env::var_os("PATH")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Options stand before the function, as in the documented command line.
        let hidden = |argument: &&Argument| argument.by_environment();
        for (number, argument) in arguments.iter().filter(hidden).enumerate() {
            let variable = format!("PMSSL_ARGUMENT_{number}");
            command
                .arg("-e")
                .arg(format!("{}=${variable}", argument.name))
                .env(variable, &argument.value);
        }
        command.arg(call.function);
        for (name, value) in call.fixed {
            command.arg(format!("{name}={value}"));
        }
        for argument in arguments.iter().filter(|argument| !hidden(argument)) {
            command.arg(format!("{}={}", argument.name, argument.value));
        }
        let mut tries = 20;
        loop {
            match command.spawn() {
                Ok(child) => return Ok(child),
                // The file is being replaced by an update; nothing was started.
                Err(error)
                    if error.kind() == std::io::ErrorKind::ExecutableFileBusy && tries > 0 =>
                {
                    tries -= 1;
                    sleep(Duration::from_millis(50)).await;
                }
                Err(error) => {
                    let why = regular::told(&error);
                    return Err(Trouble::NotStarted(words!(
                        "{} cannot be started: {why}",
                        "{} не запускается: {why}",
                        program.display(); why
                    )));
                }
            }
        }
    }
}

/// What a run left.
#[derive(Debug)]
struct Output {
    status: ExitStatus,
    reply: String,
    complaint: String,
}

/// Reads to the end, keeping at most `limit` bytes.
async fn drain(
    stream: Option<impl AsyncRead + Unpin>,
    limit: usize,
) -> Result<String, std::io::Error> {
    let Some(mut stream) = stream else {
        return Ok(String::new());
    };
    let mut kept = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        let room = limit.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}

/// Says whether a run counts as done.
fn judge(output: &Output, must_confirm: bool) -> Result<Element, Trouble> {
    let complaint = shortened(output.complaint.trim());
    let ending = if complaint.is_empty() {
        output.status.to_string()
    } else {
        format!("{}: {complaint}", output.status)
    };
    let root = match xml::read(&output.reply, "doc") {
        Ok(document) => document.root,
        Err(_) if !output.status.success() => {
            return Err(Trouble::PanelAway(Words::verbatim(ending)));
        }
        Err(broken) => {
            return Err(Trouble::Unreadable(words!(
                "mgrctl's reply cannot be read: {broken}", "ответ mgrctl не читается: {broken}"; broken
            )));
        }
    };
    if let Some(error) = root.child("error") {
        let refusal = refusal(error);
        return Err(
            if (refusal.kind.as_str(), refusal.object.as_str()) == PANEL_AWAY {
                Trouble::PanelAway(Words::verbatim(refusal))
            } else {
                Trouble::Refused(refusal)
            },
        );
    }
    if !output.status.success() {
        return Err(Trouble::Unreadable(words!(
            "mgrctl failed without an error document ({ending})",
            "mgrctl завершился с ошибкой без документа о ней ({ending})"
        )));
    }
    if must_confirm && root.child("ok").is_none() {
        return Err(Trouble::Unreadable(words!(
            "the reply does not confirm that it was done",
            "в ответе нет подтверждения, что это сделано"
        )));
    }
    Ok(root)
}

fn refusal(error: &Element) -> Refusal {
    let value = error
        .children
        .iter()
        .find(|child| child.name == "param" && child.attribute("name") == Some("value"))
        .map(|value| value.text.trim());
    Refusal {
        kind: error.attribute("type").unwrap_or_default().to_owned(),
        object: error.attribute("object").unwrap_or_default().to_owned(),
        message: error.value("msg").or(value).unwrap_or_default().to_owned(),
    }
}

fn shortened(text: &str) -> &str {
    let end = (0..=LONGEST_LOGGED.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

/// A search path with the system directories appended where they are missing.
fn extended_path(path: Option<OsString>) -> OsString {
    let mut path = path.unwrap_or_default();
    for directory in SYSTEM_DIRECTORIES {
        if !std::env::split_paths(&path).any(|known| known == Path::new(directory)) {
            if !path.is_empty() {
                path.push(":");
            }
            path.push(directory);
        }
    }
    path
}

/// Entry point for hostile input: a reply with every ending of the program.
#[cfg(any(test, fuzzing))]
pub(super) fn hostile(reply: &str) {
    use std::os::unix::process::ExitStatusExt as _;
    for status in [0, 256, 9] {
        let output = Output {
            status: ExitStatus::from_raw(status),
            reply: reply.to_owned(),
            complaint: shortened(reply).to_owned(),
        };
        for must_confirm in [false, true] {
            match judge(&output, must_confirm) {
                Ok(root) => super::hostile::read(&super::settings::Options::from_reply(&root)),
                Err(trouble) => drop(trouble.into_failure("paramlist").chain()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
