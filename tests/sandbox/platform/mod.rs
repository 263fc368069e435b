//! The panel: its functions as mgrctl reaches them, their effects, a log of all calls, and faults.

mod functions;
mod import;
mod line;
mod reply;
mod saved;
mod work;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rsa::RsaPrivateKey;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Params, params};
use serde::{Deserialize, Serialize};

pub use self::reply::{Format, Refused, escape};
pub use self::saved::SavedCertificate;
pub use self::work::FREE_TASKS;
use super::clock::WorldClock;
use super::database::Database;
use super::layout::Layout;
use super::lock;

/// What the program `mgrctl` was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Arguments without the program's name.
    pub arguments: Vec<String>,
    /// The variables that matter: `SSH_CONNECTION` and those that `-e` names.
    pub environment: BTreeMap<String, String>,
    /// Process that called mgrctl.
    pub caller: u32,
    /// How long mgrctl has run, in nanoseconds.
    pub age: u64,
}

/// What the program `mgrctl` prints and how it exits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    pub stdout: String,
    pub stderr: String,
    pub exit: i32,
}

/// One line of the call log.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The function; empty when the arguments could not be read.
    pub function: String,
    /// Its parameters, those of `-e` included.
    pub parameters: Vec<(String, String)>,
    /// Names of the parameters that came through the environment.
    pub hidden: Vec<String>,
    /// The raw arguments, to prove what the process list showed.
    pub arguments: Vec<String>,
    /// `SSH_CONNECTION`: the module's name.
    pub origin: Option<String>,
    /// Real time.
    pub at: DateTime<Utc>,
    /// The function took effect.
    pub done: bool,
    pub exit: i32,
    pub stdout: String,
}

impl Call {
    /// A parameter of the call.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What strikes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Exit 1, nothing on stdout, nothing done.
    Failing,
    /// As while the panel restarts: exit 1, nothing on stdout, a word on stderr, nothing done.
    Restarting,
    /// The panel cannot be reached, as an error document (billmanager.md 5.1); nothing done.
    Away,
    /// Done, but after this time.
    Slow(Duration),
    /// Nonsense on stdout with exit 0; nothing done.
    Garbage,
    /// Done, then exit 1 with nothing on stdout.
    LostReply,
    /// Refused as a function that this panel does not have.
    Unknown,
    /// Answered as done; nothing is done, as where reads come from a database that never hears of it.
    Swallowed,
    /// The calling process is killed, nothing done.
    KillBefore,
    /// Done, then the calling process is killed before it hears of it.
    KillAfter,
}

/// A fault: the next `times` calls of a function (`None`: of any), after `skip` matching calls.
#[derive(Debug, Clone)]
pub struct PlatformFault {
    pub function: Option<String>,
    pub strike: Strike,
    pub skip: u32,
    pub times: u32,
}

/// A registered problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub name: String,
    pub account: u64,
    pub text: String,
    pub parameters: Vec<(String, String)>,
}

/// A saved balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    pub account: u64,
    pub amount: String,
    pub currency: String,
    pub notify_time: String,
}

#[derive(Default)]
pub(super) struct State {
    calls: Vec<Call>,
    faults: Vec<PlatformFault>,
    problems: Vec<Problem>,
    balances: BTreeMap<u64, Balance>,
    minimal: BTreeMap<u64, f64>,
    notices: Vec<String>,
    free_tasks: Vec<String>,
    messages: Vec<(u64, String, String)>,
    saved: BTreeMap<u64, Vec<SavedCertificate>>,
    failed: Vec<u64>,
    task_texts: BTreeMap<u64, String>,
    without_task_type: Vec<String>,
    errors_exit_zero: bool,
    parameter_width: Option<usize>,
    /// Options that the panel lists and its files do not.
    listed: Vec<(String, String)>,
    restarts: u32,
    /// Calls that are being carried out.
    serving: usize,
}

/// The panel.
pub struct Panel {
    pub(super) database: Arc<Database>,
    pub(super) layout: Layout,
    pub(super) clock: WorldClock,
    pub(super) key: RsaPrivateKey,
    pub(super) state: Mutex<State>,
}

impl Panel {
    pub fn new(database: Arc<Database>, layout: Layout, key: RsaPrivateKey) -> Self {
        Self {
            clock: WorldClock::new(layout.clock()),
            database,
            layout,
            key,
            state: Mutex::default(),
        }
    }

    /// Texts of tasks that belong to no operation.
    pub fn free_tasks(&self) -> Vec<String> {
        lock(&self.state).free_tasks.clone()
    }

    /// Messages to users: user, subject, text.
    pub fn messages(&self) -> Vec<(u64, String, String)> {
        lock(&self.state).messages.clone()
    }

    /// Whether nothing is being carried out: a caller that has gone does not end its deed.
    pub fn is_idle(&self) -> bool {
        lock(&self.state).serving == 0
    }

    /// Serves one run of mgrctl.
    pub fn serve(&self, request: &Request) -> Reply {
        lock(&self.state).serving += 1;
        let reply = self.carry_out(request);
        lock(&self.state).serving -= 1;
        reply
    }

    fn carry_out(&self, request: &Request) -> Reply {
        let line = match line::parse(request) {
            Ok(line) => line,
            Err(text) => {
                self.note(request, None, false, 1, "");
                return Reply {
                    stdout: String::new(),
                    stderr: format!("mgrctl: {text}\n"),
                    exit: 1,
                };
            }
        };
        let strike = self.strike(&line.function);
        if let Some(Strike::Slow(pause)) = strike {
            std::thread::sleep(pause);
        }
        let silent = |stderr: &str| Reply {
            stdout: String::new(),
            stderr: stderr.to_owned(),
            exit: 1,
        };
        let not_done = match strike {
            Some(Strike::Failing) => Some(silent("")),
            Some(Strike::Restarting) => Some(silent("mgrctl: billmgr is not running\n")),
            Some(Strike::Away) => Some(self.refuse(&line, &Refused::away())),
            Some(Strike::Unknown) => Some(self.refuse(&line, &Refused::function(&line.function))),
            Some(Strike::Swallowed) => Some(Reply {
                stdout: reply::success(
                    line.format,
                    &line.function,
                    &functions::ok().unwrap_or_default(),
                    &line.parameters,
                ),
                stderr: String::new(),
                exit: 0,
            }),
            Some(Strike::Garbage) => Some(Reply {
                stdout: "<html>\u{0}50% done\nnot a document".to_owned(),
                stderr: String::new(),
                exit: 0,
            }),
            Some(Strike::KillBefore) => {
                self.layout.kill_module(request.caller);
                Some(silent(""))
            }
            _ => None,
        };
        if let Some(reply) = not_done {
            self.note(request, Some(&line), false, reply.exit, &reply.stdout);
            return reply;
        }
        if line.restart {
            self.restart();
        }
        let outcome = functions::perform(self, &line);
        let done = outcome.is_ok();
        let mut reply = match outcome {
            Ok(inner) => Reply {
                stdout: reply::success(line.format, &line.function, &inner, &line.parameters),
                stderr: String::new(),
                exit: 0,
            },
            Err(refused) => self.refuse(&line, &refused),
        };
        match strike {
            Some(Strike::LostReply) => reply = silent(""),
            Some(Strike::KillAfter) => {
                self.layout.kill_module(request.caller);
                reply = silent("");
            }
            _ => {}
        }
        self.note(request, Some(&line), done, reply.exit, &reply.stdout);
        reply
    }

    /// How often the panel was restarted.
    pub fn restarts(&self) -> u32 {
        lock(&self.state).restarts
    }

    pub(super) fn restart(&self) {
        lock(&self.state).restarts += 1;
    }

    /// Switches a fault on.
    pub fn add_fault(&self, fault: PlatformFault) {
        lock(&self.state).faults.push(fault);
    }

    /// The next `times` calls of a function (empty: of any) meet a fault.
    pub fn set_fault(&self, function: &str, strike: Strike, times: u32) {
        self.add_fault(PlatformFault {
            function: (!function.is_empty()).then(|| function.to_owned()),
            strike,
            skip: 0,
            times,
        });
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        lock(&self.state).faults.clear();
    }

    /// Errors come with exit 0, as some readers of the panel expect (billmanager.md 5.2).
    pub fn set_errors_exit_zero(&self, on: bool) {
        lock(&self.state).errors_exit_zero = on;
    }

    /// Values of item parameters longer than this (in characters) are refused. Unlimited unless set; the
    /// product's own parameters are always held to 255.
    pub fn set_parameter_width(&self, width: Option<usize>) {
        lock(&self.state).parameter_width = width;
    }

    /// An option that the panel lists and its files do not.
    pub fn add_listed(&self, name: &str, value: &str) {
        let option = (name.to_owned(), value.to_owned());
        lock(&self.state).listed.push(option);
    }

    /// The panel knows no type of task for this command.
    pub fn without_task_type(&self, command: &str) {
        lock(&self.state).without_task_type.push(command.to_owned());
    }

    /// Below this amount a saved balance makes a notice.
    pub fn set_minimal_balance(&self, account: u64, amount: f64) {
        lock(&self.state).minimal.insert(account, amount);
    }

    /// All calls of mgrctl.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }

    /// Empties the call log.
    pub fn forget_calls(&self) {
        lock(&self.state).calls.clear();
    }

    pub fn problems(&self) -> Vec<Problem> {
        lock(&self.state).problems.clone()
    }

    pub fn balances(&self) -> Vec<Balance> {
        lock(&self.state).balances.values().cloned().collect()
    }

    /// Low-balance notices to the department.
    pub fn notices(&self) -> Vec<String> {
        lock(&self.state).notices.clone()
    }

    /// Certificates saved for an item, oldest first.
    pub fn saved(&self, item: u64) -> Vec<SavedCertificate> {
        lock(&self.state)
            .saved
            .get(&item)
            .cloned()
            .unwrap_or_default()
    }

    /// Certificates saved for an item after so many others.
    pub fn saved_after(&self, item: u64, seen: usize) -> Vec<SavedCertificate> {
        let state = lock(&self.state);
        let saved = state.saved.get(&item).and_then(|saved| saved.get(seen..));
        saved.unwrap_or_default().to_vec()
    }

    /// Items for which `certificate.failed` was called.
    pub fn failed(&self) -> Vec<u64> {
        lock(&self.state).failed.clone()
    }

    /// Text of a task (`params` of `task.edit`).
    pub fn task_text(&self, task: u64) -> Option<String> {
        lock(&self.state).task_texts.get(&task).cloned()
    }

    /// Today on the world's clock.
    pub fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    pub fn execute(&self, sql: &str, parameters: impl Params) -> usize {
        self.database
            .engine()
            .with(|connection| connection.execute(sql, parameters))
    }

    /// First column of the first row.
    pub fn find(&self, sql: &str, parameters: impl Params) -> Option<Value> {
        self.database.engine().with(|connection| {
            connection
                .query_row(sql, parameters, |row| row.get(0))
                .optional()
        })
    }

    pub(super) fn exists(&self, table: &str, id: u64) -> bool {
        let sql = format!("SELECT 1 FROM {table} WHERE id = ?");
        self.find(&sql, params![id]).is_some()
    }

    pub fn next_id(&self, table: &str) -> u64 {
        let sql = format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}");
        match self.find(&sql, []) {
            Some(Value::Integer(id)) => id.cast_unsigned(),
            _ => 1,
        }
    }

    /// Sets an item parameter, or removes it.
    pub fn set_parameter(&self, item: u64, name: &str, value: Option<&str>) {
        let Some(value) = value else {
            self.execute(
                "DELETE FROM itemparam WHERE item = ? AND intname = ?",
                params![item, name],
            );
            return;
        };
        let changed = self.execute(
            "UPDATE itemparam SET value = ?3 WHERE item = ?1 AND intname = ?2",
            params![item, name, value],
        );
        if changed == 0 {
            // The number is chosen inside of the statement: parameters of several services come at once.
            self.execute(
                "INSERT INTO itemparam (id, item, intname, value) \
                 VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM itemparam), ?, ?, ?)",
                params![item, name, value],
            );
        }
    }

    fn refuse(&self, line: &line::Line, refused: &Refused) -> Reply {
        Reply {
            stdout: reply::failure(line.format, &line.function, refused),
            stderr: String::new(),
            exit: i32::from(!lock(&self.state).errors_exit_zero),
        }
    }

    fn strike(&self, function: &str) -> Option<Strike> {
        let mut state = lock(&self.state);
        let fault = state.faults.iter_mut().find(|fault| {
            fault.times > 0
                && fault
                    .function
                    .as_deref()
                    .is_none_or(|name| name == function)
        })?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.strike)
    }

    fn note(
        &self,
        request: &Request,
        line: Option<&line::Line>,
        done: bool,
        exit: i32,
        stdout: &str,
    ) {
        lock(&self.state).calls.push(Call {
            function: line.map(|line| line.function.clone()).unwrap_or_default(),
            parameters: line.map(|line| line.parameters.clone()).unwrap_or_default(),
            hidden: line.map(|line| line.hidden.clone()).unwrap_or_default(),
            arguments: request.arguments.clone(),
            origin: request.environment.get("SSH_CONNECTION").cloned(),
            at: Utc::now(),
            done,
            exit,
            stdout: stdout.to_owned(),
        });
    }
}
