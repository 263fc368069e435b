//! The administrator's subcommands: the real binary in the simulated world. What each prints is compared
//! with a snapshot (`INSTA_UPDATE=always cargo test --test admin` rewrites them); their help texts are
//! the manual pages under `etc/man`.

use crate::sandbox;
mod adopt;
mod capture;
mod doctor;
mod forecast;
mod install;
mod lists;
mod money;
mod monitoring;
mod newcomer;
mod outputs;
mod rehearse;
mod retry;
mod services;
mod surroundings;
mod upgrade;
mod vendors;

use std::process::{Command, Stdio};

use crate::sandbox::vendor::Fault;
use crate::sandbox::{ItemSpec, World};

/// Module and vendor of these tests; the vendors' own differences are the contract suite's affair.
const MODULE: &str = "pmthesslstore";

/// The simulated vendor's secret, whatever it is, is found in the account.
struct Place {
    world: World,
    account: u64,
    directory: tempfile::TempDir,
}

/// What a call left behind.
#[derive(Debug)]
struct Told {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Told {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer when the call ended with this code.
    fn with(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        self.stdout
    }
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.set_option("SSLReadTimeout", "30");
        world.set_option("SSLOrderTimeout", "30");
        world.vendor(MODULE).vendor().set_balance(100_000_000);
        let account = world.add_account(MODULE, &[]);
        Self {
            world,
            account,
            directory,
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(sandbox::binaries::pmssl());
        command
            .args(words)
            .env_clear()
            .envs(crate::sandbox::clock::carried())
            .env("PMSSL_MGR_ROOT", self.world.root())
            .env("USER", "night-watch")
            .stdin(Stdio::null());
        command
    }

    fn tell(&self, words: &[&str]) -> Told {
        self.finish(self.command(words))
    }

    fn finish(&self, mut command: Command) -> Told {
        let output = command.output().unwrap();
        let told = Told {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&told.stdout, &told.stderr] {
            assert!(!text.contains('\u{1b}'), "colours in a pipe: {text}");
            for secret in self.secrets() {
                assert!(!text.contains(&secret), "a secret in {text}");
            }
        }
        told
    }

    /// Secrets of the account and the database.
    fn secrets(&self) -> Vec<String> {
        let names: Vec<&str> = pmssl::module::by_name(MODULE).unwrap().secrets().collect();
        let mut secrets: Vec<String> = self
            .world
            .settings_of(self.account)
            .into_iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(_, value)| value)
            .collect();
        secrets.push(self.world.database().password().to_owned());
        assert!(secrets.len() >= 2);
        secrets
    }

    fn ordered(&self, name: &str) -> u64 {
        let item = self.paid(name);
        let outcome = self.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        item
    }

    fn issued(&self, name: &str) -> u64 {
        let item = self.ordered(name);
        self.world.approve(item);
        assert!(self.world.sync(item).is_ok());
        item
    }

    fn paid(&self, name: &str) -> u64 {
        let spec = ItemSpec::new(self.account, "positivessl").name(name);
        self.world.add_item(&spec)
    }

    /// An order that arrived although nobody saw the answer, and that cannot be looked up for now.
    fn unsettled(&self, name: &str) -> (u64, String) {
        let item = self.paid(name);
        let vendor = self.world.vendor(MODULE);
        vendor.set_fault("order/neworder", Fault::ResetBeforeAnswer, 1);
        // The look-up that follows; the listing is read before the purchase, too.
        vendor.set_fault("order/status", Fault::ServerErrorBefore, 1000);
        let outcome = self.world.perform(item, "open");
        assert!(!outcome.is_ok());
        vendor.clear_faults();
        let orders = vendor.vendor().orders();
        (item, orders.last().unwrap().id.clone())
    }

    /// The text without what differs from run to run.
    fn plain(&self, text: &str) -> String {
        let root = self.world.root().display().to_string();
        let program = sandbox::binaries::pmssl();
        let program = program.canonicalize().unwrap().display().to_string();
        let text = text.replace(&program, "PMSSL").replace(&root, "ROOT");
        let mut plain = String::new();
        for line in text.lines() {
            plain.push_str(&plain_line(line));
            plain.push('\n');
        }
        plain
    }
}

/// Dates, numbers of orders, keys, times and ports become words.
fn plain_line(line: &str) -> String {
    line.split(' ')
        .map(|word| {
            let core = word.trim_matches(|c: char| !c.is_alphanumeric());
            let is = |test: fn(char) -> bool| !core.is_empty() && core.chars().all(test);
            let known = if core.len() == 20 && is(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            {
                "KEY"
            } else if core.len() == 10 && core.as_bytes()[4] == b'-' && core.starts_with("20") {
                "DAY"
            } else if core.len() >= 10 && core.starts_with("20") && core.contains('T') {
                "TIME"
            } else if core.len() == 5 && core.as_bytes()[2] == b':' {
                "HOUR"
            } else if core.len() >= 6 && is(|c| c.is_ascii_hexdigit()) {
                "NUMBER"
            } else if core.parse::<std::net::IpAddr>().is_ok() {
                "127.0.0.1"
            } else if core.starts_with("127.") {
                "ADDRESS"
            } else {
                return word.to_owned();
            };
            word.replace(core, known)
        })
        .collect::<Vec<_>>()
        .join(" ")
}
