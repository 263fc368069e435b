//! The platform's queue: running operations, tries, and the direct calls of a module.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::layout::Layout;
use super::lock;
use super::platform::{FREE_TASKS, escape};
use super::world::Core;

/// Automatic tries of an operation.
pub const TRIES: u32 = 10;

/// What a run of a module left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// `None`: the process was killed.
    pub exit: Option<i32>,
    /// Signal that ended it.
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub duration: Duration,
}

impl Outcome {
    /// Exit code 0.
    pub fn is_ok(&self) -> bool {
        self.exit == Some(0)
    }
}

/// A queued operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    pub id: u64,
    pub item: u64,
    pub command: String,
    pub tries: u32,
    /// Waits for a person.
    pub manual: bool,
    /// The stored error document, empty when there is none.
    pub errorxml: String,
}

/// A task of a person. One that belongs to no operation has zeros for type, service and operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    pub id: u64,
    pub kind: u64,
    pub item: u64,
    pub operation: u64,
    pub status: i64,
    /// Parameter `params` of `task.edit`.
    pub text: Option<String>,
}

/// A way to call a module beside the plain one.
#[derive(Debug, Clone, Default)]
pub struct Manner<'a> {
    pub stdin: &'a str,
    /// Further environment variables.
    pub environment: &'a [(&'a str, &'a str)],
    /// The process is killed after this time.
    pub limit: Option<Duration>,
    /// Value of `--lang`; empty leaves it out.
    pub language: &'a str,
    /// Run on another node.
    pub node: Option<&'a Layout>,
    /// Without the variables that name root and clock: as on a real installation, the module finds its root
    /// by its own path.
    pub bare: bool,
}

impl Core {
    /// Queues a command for a service.
    pub fn queue(&self, item: u64, command: &str) -> u64 {
        let panel = self.panel();
        let id = panel.next_id("runningoperation").max(self.last_operation());
        self.set_last_operation(id + 1);
        panel.execute(
            "INSERT INTO runningoperation (id, item, intname, trycount, manual, createdate) \
             VALUES (?, ?, ?, 0, 'off', ?)",
            params![
                id,
                item,
                command,
                panel.clock.now().format("%Y-%m-%d %H:%M:%S").to_string()
            ],
        );
        if command == "open" {
            panel.execute("UPDATE item SET status = 5 WHERE id = ?", params![item]);
        }
        self.note_queued(item, command);
        id
    }

    /// Runs a queued operation once, as the platform does. Panics when it is gone.
    pub fn run(&self, operation: u64) -> Outcome {
        self.run_in(operation, &Manner::default())
    }

    /// Runs a queued operation once, in a special manner.
    pub fn run_in(&self, operation: u64, manner: &Manner<'_>) -> Outcome {
        let found = self
            .operation(operation)
            .unwrap_or_else(|| panic!("no operation {operation}"));
        self.count_try(operation);
        let (item, id) = (found.item.to_string(), operation.to_string());
        let mut arguments = vec![
            "--command",
            found.command.as_str(),
            "--item",
            &item,
            "--runningoperation",
            &id,
        ];
        if !manner.language.is_empty() {
            arguments.extend(["--lang", manner.language]);
        }
        self.run_module_in(&self.module_of_item(found.item), &arguments, manner)
    }

    /// What the platform notes when it begins to run an operation.
    pub fn count_try(&self, operation: u64) {
        self.panel().execute(
            "UPDATE runningoperation SET trycount = trycount + 1 WHERE id = ?",
            params![operation],
        );
    }

    /// A person gives an operation up (billmanager.md 5.3, `runningoperation.delete`).
    pub fn give_up(&self, operation: u64) {
        self.panel().execute(
            "DELETE FROM runningoperation WHERE id = ?",
            params![operation],
        );
    }

    /// One round: every operation that may run automatically is run once, in the order of the queue.
    pub fn run_once(&self) -> Vec<(u64, Outcome)> {
        let waiting = self.operations().into_iter();
        let waiting = waiting.filter(|operation| !operation.manual && operation.tries < TRIES);
        waiting
            .map(|operation| operation.id)
            .collect::<Vec<_>>()
            .into_iter()
            // An operation may have gone while an earlier one ran.
            .filter(|id| self.operation(*id).is_some())
            .map(|id| (id, self.run(id)))
            .collect()
    }

    /// Rounds until nothing is left to run automatically, at most so many.
    pub fn run_until_done(&self, rounds: u32) -> Vec<(u64, Outcome)> {
        let mut outcomes = Vec::new();
        for _ in 0..rounds {
            let round = self.run_once();
            if round.is_empty() {
                break;
            }
            outcomes.extend(round);
        }
        outcomes
    }

    /// The same with time passing on all clocks between the rounds: some proofs need time.
    pub fn run_with_pauses(&self, rounds: u32, seconds: i64) -> Vec<(u64, Outcome)> {
        let mut outcomes = Vec::new();
        for _ in 0..rounds {
            let round = self.run_once();
            if round.is_empty() {
                break;
            }
            outcomes.extend(round);
            self.advance(seconds);
        }
        outcomes
    }

    /// Several operations at the same time, each once; outcomes in the order of the list.
    pub fn run_together(&self, operations: &[u64]) -> Vec<Outcome> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = operations
                .iter()
                .map(|id| scope.spawn(|| self.run(*id)))
                .collect();
            let outcomes = threads.into_iter().map(|thread| thread.join());
            outcomes
                .map(|outcome| outcome.expect("the end of the module"))
                .collect()
        })
    }

    /// Orders, runs and returns the outcome: `queue` and `run` in one.
    pub fn perform(&self, item: u64, command: &str) -> Outcome {
        self.run(self.queue(item, command))
    }

    /// The platform's periodic look at a service.
    pub fn sync(&self, item: u64) -> Outcome {
        let id = item.to_string();
        let module = self.module_of_item(item);
        self.run_module(&module, &["--command", "sync_item", "--item", &id])
    }

    /// The same for all services whose certificate is not settled.
    pub fn sync_pending(&self) -> Vec<(u64, Outcome)> {
        let items = self.items().into_iter();
        let pending = items.filter(|item| matches!(self.item(*item).service_status, Some(3 | 4)));
        pending.map(|item| (item, self.sync(item))).collect()
    }

    /// The connection check at the end of the account form.
    pub fn check_connection(&self, module: &str, settings: &[(&str, &str)]) -> Outcome {
        let fields: String = settings
            .iter()
            .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)))
            .collect();
        let form = format!("<doc><processingmodule>{fields}</processingmodule></doc>");
        self.run_module_with(module, &["--command", "check_connection"], &form)
    }

    /// The connection check with the settings of an account.
    pub fn check_account(&self, account: u64) -> Outcome {
        let settings = self.settings_of(account);
        let id = account.to_string();
        let mut fields = vec![("id", id.as_str())];
        fields.extend(settings.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        self.check_connection(&self.module_of_account(account), &fields)
    }

    /// Drawing the account form.
    pub fn tune_connection(&self, module: &str) -> Outcome {
        let form = format!(
            "<doc><func>processing.edit.{module}</func><metadata name=\"processing.edit.{module}\"/></doc>"
        );
        self.run_module_with(module, &["--command", "tune_connection"], &form)
    }

    /// The approver form of a product.
    pub fn approver(&self, account: u64, domain: &str, template: &str, csr: &str) -> Outcome {
        let id = account.to_string();
        let arguments = [
            "--command",
            "approver",
            "--module",
            &id,
            "--domain",
            domain,
            "--intname",
            template,
        ];
        self.run_module_with(&self.module_of_account(account), &arguments, csr)
    }

    /// The balance query of one account.
    pub fn balance_of(&self, account: u64) -> Outcome {
        let id = account.to_string();
        let module = self.module_of_account(account);
        self.run_module(&module, &["--command", "getbalance", "--module", &id])
    }

    /// The platform's cron job `processing.checkbalance`.
    pub fn check_balances(&self) -> Vec<(u64, Outcome)> {
        let accounts = self.accounts().into_iter();
        accounts
            .map(|account| (account, self.balance_of(account)))
            .collect()
    }

    /// Calls a module with arguments.
    pub fn run_module(&self, module: &str, arguments: &[&str]) -> Outcome {
        self.run_module_in(module, arguments, &Manner::default())
    }

    /// Calls a module with arguments and standard input.
    pub fn run_module_with(&self, module: &str, arguments: &[&str], stdin: &str) -> Outcome {
        let manner = Manner {
            stdin,
            ..Manner::default()
        };
        self.run_module_in(module, arguments, &manner)
    }

    /// Calls a module as the platform does: nearly no environment, a poor search path, the root as
    /// working directory.
    pub fn run_module_in(&self, module: &str, arguments: &[&str], manner: &Manner<'_>) -> Outcome {
        let start = Instant::now();
        let mut command = self.module_command_on(manner.node.unwrap_or(self.layout()), module);
        if manner.bare {
            command.env_remove("PMSSL_MGR_ROOT");
        }
        command
            .args(arguments)
            .envs(manner.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.spawn(&mut command);
        let mut stdin = child.stdin.take().expect("stdin of the module");
        let input = manner.stdin.to_owned();
        // A module that does not read its input is allowed; both ends run beside each other.
        let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let stdout = reader(child.stdout.take().expect("stdout of the module"));
        let stderr = reader(child.stderr.take().expect("stderr of the module"));
        let status = finish(&mut child, manner.limit);
        self.note_end(child.id());
        let _ = writer.join();
        let outcome = Outcome {
            exit: status.code(),
            signal: status.signal(),
            stdout: stdout.join().expect("stdout of the module"),
            stderr: stderr.join().expect("stderr of the module"),
            duration: start.elapsed(),
        };
        let mut printed = lock(self.printed());
        printed.extend([outcome.stdout.clone(), outcome.stderr.clone()]);
        drop(printed);
        outcome
    }

    /// The administrator's program with a subcommand.
    pub fn tool(&self, words: &[&str]) -> Command {
        let mut command = Command::new(super::binaries::pmssl());
        command
            .args(words)
            .current_dir(self.layout().root())
            .env_clear()
            .envs(super::clock::carried())
            .env("PATH", "/usr/bin:/bin")
            .env("PMSSL_MGR_ROOT", self.layout().root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A module's program with the environment of the platform, for callers that want the process itself.
    pub fn module_command(&self, module: &str) -> Command {
        self.module_command_on(self.layout(), module)
    }

    fn module_command_on(&self, layout: &Layout, module: &str) -> Command {
        let mut command = Command::new(layout.module(module));
        command
            .current_dir(layout.root())
            .env_clear()
            .envs(super::clock::carried())
            .env("PATH", "/usr/bin:/bin")
            .env("PMSSL_MGR_ROOT", layout.root())
            .envs(self.environment());
        command
    }

    /// A queued operation, `None` when it is done.
    pub fn operation(&self, id: u64) -> Option<Operation> {
        self.panel().database.engine().with(|connection| {
            connection
                .query_row(
                    &format!("{OPERATIONS} WHERE id = ?"),
                    params![id],
                    operation,
                )
                .optional()
        })
    }

    /// All queued operations.
    pub fn operations(&self) -> Vec<Operation> {
        self.panel().database.engine().with(|connection| {
            connection
                .prepare(&format!("{OPERATIONS} ORDER BY id"))?
                .query_map([], operation)?
                .collect()
        })
    }

    /// A person takes an operation off manual (button "restart").
    pub fn retry(&self, operation: u64) {
        self.panel().execute(
            "UPDATE runningoperation SET manual = 'off', trycount = 0 WHERE id = ?",
            params![operation],
        );
    }

    /// All tasks, also those that belong to no operation: as a person sees them.
    pub fn all_tasks(&self) -> Vec<Task> {
        let free = self.panel().free_tasks().into_iter().enumerate();
        let free = free.map(|(index, text)| Task {
            id: FREE_TASKS + index as u64 + 1,
            kind: 0,
            item: 0,
            operation: 0,
            status: 0,
            text: Some(text),
        });
        self.tasks().into_iter().chain(free).collect()
    }

    /// All tasks of operations.
    pub fn tasks(&self) -> Vec<Task> {
        let panel = self.panel();
        panel.database.engine().with(|connection| {
            connection
                .prepare("SELECT id, type, item, runningoperation, status FROM task ORDER BY id")?
                .query_map([], |row| {
                    let id = row.get(0)?;
                    Ok(Task {
                        id,
                        kind: row.get(1)?,
                        item: row.get(2)?,
                        operation: row.get(3)?,
                        status: row.get(4)?,
                        text: panel.task_text(id),
                    })
                })?
                .collect()
        })
    }
}

const OPERATIONS: &str =
    "SELECT id, item, intname, trycount, manual, COALESCE(errorxml, '') FROM runningoperation";

fn operation(row: &Row<'_>) -> rusqlite::Result<Operation> {
    Ok(Operation {
        id: row.get(0)?,
        item: row.get(1)?,
        command: row.get(2)?,
        tries: row.get(3)?,
        manual: row.get::<_, String>(4)? == "on",
        errorxml: row.get(5)?,
    })
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn finish(child: &mut Child, limit: Option<Duration>) -> std::process::ExitStatus {
    let Some(limit) = limit else {
        return child.wait().expect("the end of the module");
    };
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the state of the module") {
            return status;
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            return child.wait().expect("the end of the module");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
