//! `SSLHook`: a program of the administrator's that hears what the daemon sees. One event for each run, as JSON on standard
//! input, one run at a time. It runs beside the passes: neither a service nor an order waits for it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::domain::options::HOOK;
use crate::log;
use crate::module::MODULES;
use crate::platform::Platform;
use crate::platform::billmanager::{BillManager, owner};

/// Longest run.
const LIMIT: Duration = Duration::from_secs(30);

/// Longest wait for what is left to be told when the daemon ends: the service manager waits for seven minutes, a full look takes up to five.
const LAST: Duration = Duration::from_secs(60);

/// Events that wait. In a shop where everything happens at once, a program that hangs keeps no more of them in memory.
const MOST: usize = 1000;

/// Of what the program prints, so many bytes of each kind go to the log.
const LONGEST_OUTPUT: u64 = 4096;

/// Where the program finds others: nothing of this process' environment is given to it.
const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EventKind {
    /// A certificate was delivered.
    Issued,
    /// The vendor refused or cancelled an order.
    Refused,
    /// A person was given a task.
    NeedsPerson,
    /// A balance is below the account's minimum.
    LowBalance,
    /// A person was given a task about a certificate that has expired.
    Expired,
}

/// One event, as the program reads it. What does not apply is null or empty.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    pub(super) event: EventKind,
    pub(super) item: Option<u64>,
    pub(super) module: &'static str,
    pub(super) account: Option<u64>,
    pub(super) order: Option<String>,
    pub(super) names: Vec<String>,
    pub(super) text: String,
}

/// Events that wait to be told.
#[derive(Debug, Default)]
pub(super) struct Events {
    waiting: RefCell<VecDeque<Event>>,
    is_new: Notify,
    is_last: Cell<bool>,
}

impl Events {
    /// Something happened. Never waits.
    pub(super) fn tell(&self, mut event: Event) {
        event.text = crate::logging::mask(&event.text);
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() >= MOST {
            let name = HOOK.name;
            return log!(
                Main,
                Warning,
                "{name}: {MOST} events wait, {:?} is left out",
                event.event
            );
        }
        waiting.push_back(event);
        self.is_new.notify_one();
    }

    /// Tells everything, one after the other, until [`Self::end`].
    pub(super) async fn serve(&self, root: &Path) {
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            match next {
                Some(event) => tell(root, &event).await,
                None if self.is_last.get() => return,
                None => self.is_new.notified().await,
            }
        }
    }

    /// Nothing more will happen: tells what is left, within limits.
    pub(super) async fn end(&self, serving: Pin<&mut impl Future<Output = ()>>) {
        self.is_last.set(true);
        self.is_new.notify_one();
        if timeout(LAST, serving).await.is_err() {
            let left = self.waiting.borrow().len();
            log!(
                Main,
                Warning,
                "{}: events not told any more: {left}",
                HOOK.name
            );
        }
    }

    #[cfg(test)]
    pub(super) fn kinds(&self) -> Vec<EventKind> {
        self.waiting
            .borrow()
            .iter()
            .map(|event| event.event)
            .collect()
    }
}

/// Tells one event, if there is a program. Options are read anew: a changed one takes hold at once.
async fn tell(root: &Path, event: &Event) {
    let platform = BillManager::new(root.to_path_buf(), MODULES[0]);
    let Some(program) = HOOK.get(|name| platform.option(name)) else {
        return;
    };
    let (program, name) = (Path::new(program.trim()), HOOK.name);
    let about = match event.item {
        Some(item) => format!("{name} about service {item}"),
        None => name.to_owned(),
    };
    let program = match owner::check_program(program) {
        Ok(program) => program,
        Err(failure) => {
            return log!(
                Main,
                Warning,
                "{about}: nobody is told: {}",
                failure.chain()
            );
        }
    };
    match run(&program, event, LIMIT).await {
        Ok(said) if said.is_empty() => log!(Main, Info, "{about}: told of {:?}", event.event),
        Ok(said) => log!(Main, Info, "{about}: told of {:?}: {said}", event.event),
        Err(why) => log!(Main, Warning, "{about}: {:?}: {why}", event.event),
    }
}

/// Runs the program: what it printed, or why it failed.
async fn run(program: &Path, event: &Event, limit: Duration) -> Result<String, String> {
    let mut input = serde_json::to_vec(event).map_err(|error| error.to_string())?;
    input.push(b'\n');
    let mut child = Command::new(program)
        .env_clear()
        .env("PATH", SEARCH_PATH)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // What it has started ends with it.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let ended = timeout(limit, exchange(&mut child, group, &input)).await;
    let Ok(ended) = ended else {
        // What it has started in a session of its own may keep its output open: the program itself has ended.
        if let Ok(Some(status)) = child.try_wait() {
            return match status.success() {
                true => Ok(String::new()),
                false => Err(status.to_string()),
            };
        }
        stop(group);
        let _ = child.wait().await;
        return Err(format!("stopped after {} s", limit.as_secs_f32()));
    };
    let (status, said) = ended.map_err(|error| error.to_string())?;
    match (status.success(), said.is_empty()) {
        (true, _) => Ok(said),
        (false, true) => Err(status.to_string()),
        (false, false) => Err(format!("{status}: {said}")),
    }
}

/// Stops what belongs to the program.
fn stop(group: Option<Pid>) {
    if let Some(group) = group {
        // Only one that has ended cannot be stopped.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Gives the program its event and waits for its end; one that reads nothing has read enough.
async fn exchange(
    child: &mut Child,
    group: Option<Pid>,
    input: &[u8],
) -> std::io::Result<(std::process::ExitStatus, String)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(input).await;
        }
    };
    let end = async {
        let status = child.wait().await;
        // What it has left running would keep its output open.
        stop(group);
        status
    };
    let (status, (), output, complaint) = tokio::join!(end, give, part(stdout), part(stderr));
    let said = [output, complaint].join("\n").trim().to_owned();
    Ok((status?, said))
}

/// The beginning of what is printed; the rest is read and dropped.
async fn part(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else {
        return String::new();
    };
    let mut kept = Vec::new();
    let _ = (&mut stream)
        .take(LONGEST_OUTPUT)
        .read_to_end(&mut kept)
        .await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;

    fn event() -> Event {
        Event {
            event: EventKind::NeedsPerson,
            item: Some(7),
            module: "pmthesslstore",
            account: Some(3),
            order: Some("40417".to_owned()),
            names: vec!["example.com".to_owned()],
            text: "a \"task\"".to_owned(),
        }
    }

    fn ran(script: &str, limit: Duration) -> Result<String, String> {
        // A process of its own writes it: no other test's child has it open for writing.
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hook");
        let text = format!("#!/bin/sh\n{script}\n");
        let status = std::process::Command::new("/bin/sh")
            .args(["-c", "printf %s \"$1\" > \"$2\"", "sh", &text])
            .arg(&file)
            .status();
        assert!(status.unwrap().success());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(run(&file, &event(), limit))
    }

    #[test]
    fn the_program_reads_one_event_and_what_it_says_is_kept() {
        let told = ran("cat", LIMIT).unwrap();
        let expected = "{\"event\":\"needs-person\",\"item\":7,\"module\":\"pmthesslstore\",\"account\":3,\
                        \"order\":\"40417\",\"names\":[\"example.com\"],\"text\":\"a \\\"task\\\"\"}";
        assert_eq!(told, expected);
        assert_eq!(ran("exit 0", LIMIT), Ok(String::new()), "reads nothing");
        let why = ran("echo sorry >&2; exit 3", LIMIT).unwrap_err();
        assert!(why.contains('3') && why.ends_with("sorry"), "{why}");
        let long = ran("yes 2>/dev/null | head -c 1000000", LIMIT).unwrap();
        assert!(long.len() as u64 <= LONGEST_OUTPUT, "{}", long.len());
    }

    #[test]
    fn a_program_that_hangs_is_stopped_with_what_it_has_started() {
        let began = Instant::now();
        let why = ran("sleep 60 & sleep 60", Duration::from_millis(300)).unwrap_err();
        assert!(why.starts_with("stopped after"), "{why}");
        let left = ran("sleep 60 & echo done", LIMIT);
        assert_eq!(left.as_deref(), Ok("done"));
        let seen = tempfile::tempdir().unwrap();
        let file = seen.path().join("away");
        let script = format!(
            "setsid sh -c ': >{0}; exec sleep 20' & until [ -e {0} ]; do sleep 0.01; done",
            file.display()
        );
        let away = ran(&script, Duration::from_secs(5));
        assert_eq!(away.as_deref(), Ok(""), "it has ended");
        assert!(began.elapsed() < Duration::from_secs(30), "{why}");
    }

    #[test]
    fn events_that_nobody_takes_are_bounded() {
        let events = Events::default();
        for _ in 0..MOST + 5 {
            events.tell(event());
        }
        assert_eq!(events.kinds().len(), MOST);
    }
}
