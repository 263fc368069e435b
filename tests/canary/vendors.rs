//! The same search for every vendor: all commands of the platform, the administrator's commands beside
//! them, at the most talkative level of the log.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::{EMAIL, Harvest, PASSWORD, PHONE, PHONE_DIGITS, watch_arguments};
use crate::sandbox::item::Person;
use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::{FOREVER, Fault};
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, Outcome, World};

/// What the simulated LeaderTelecom gives out after a sign-in begins with these.
const SESSION: [&str; 2] = ["canary_token-", "canary_public-"];

/// Typed by an administrator, and wrong.
const TYPED: &str = "canary-Typed\"Secret<&>%41+";

/// A vendor's account in a world of its own.
struct House {
    world: World,
    module: &'static str,
    account: u64,
    _directory: tempfile::TempDir,
}

impl House {
    fn new(module: &'static str, level: u8) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let setup = Setup {
            password: PASSWORD.to_owned(),
            ..Setup::default()
        };
        let world = World::start_with(directory.path(), &setup);
        // Lost answers are left to a person who does not come.
        world.expect_at_the_end("lost: ");
        std::fs::write(world.root().join("etc/debug.conf"), format!("* {level}\n")).unwrap();
        for (name, value) in [
            ("SSLReadTimeout", "30"),
            ("SSLOrderTimeout", "30"),
            ("SSLRetryPause", "0.01"),
            ("SSLPlatformWait", "1"),
        ] {
            world.set_option(name, value);
        }
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        Self {
            world,
            module,
            account,
            _directory: directory,
        }
    }

    fn descriptor(&self) -> &'static pmssl::module::Module {
        pmssl::module::by_name(self.module).unwrap()
    }

    fn item(&self, name: &str) -> u64 {
        let mut spec = ItemSpec::new(self.account, plain_product(self.module)).name(name);
        let person = Person {
            phone: PHONE.to_owned(),
            email: EMAIL.to_owned(),
            ..spec.administrative.clone()
        };
        spec.administrative = person.clone();
        spec.technical = person;
        self.world.add_item(&spec)
    }

    /// A subcommand of the administrator, as its own process.
    fn admin(&self, words: &[&str]) -> Outcome {
        let start = std::time::Instant::now();
        let output = Command::new(
            self.world
                .layout()
                .module(self.module)
                .canonicalize()
                .unwrap(),
        )
        .args(words)
        .env_clear()
        .envs(crate::sandbox::clock::carried())
        .env("PMSSL_MGR_ROOT", self.world.root())
        .env("USER", "night-watch")
        .stdin(Stdio::null())
        .output()
        .unwrap();
        Outcome {
            exit: output.status.code(),
            signal: None,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            duration: start.elapsed(),
        }
    }

    /// Every command that the platform knows, in a good order.
    fn platform_commands(&self, harvest: &mut Harvest) {
        let (world, module) = (&self.world, self.module);
        let run = |words: &[&str], input: &str| world.run_module_with(module, words, input);
        harvest.run("features", &run(&["--command", "features"], ""));
        harvest.run("check_connection", &world.check_account(self.account));
        harvest.run("tune_connection", &world.tune_connection(module));
        harvest.run("usercreate", &run(&["--command", "usercreate"], "<doc/>"));
        let product = plain_product(self.module);
        let approver = world.approver(self.account, "www.example.com", product, "");
        harvest.run("approver", &approver);
        let check = [
            "--command",
            "check_param",
            "--param",
            "adm_phone",
            "--value",
            "x",
        ];
        harvest.run("check_param", &run(&check, ""));
        let item = self.item("www.example.com");
        let id = item.to_string();
        harvest.run("open", &world.perform(item, "open"));
        world.approve(item);
        harvest.run("sync_item", &world.sync(item));
        for command in ["send_dv_dns", "send_dv_email"] {
            let words = [
                "--command",
                command,
                "--item",
                &id,
                "--emails",
                "admin@example.com",
            ];
            harvest.run(command, &run(&words, ""));
        }
        let operation = world.reissue(item, None, &[]);
        harvest.run("reopen", &world.run(operation));
        world.approve(item);
        harvest.run("sync_item", &world.sync(item));
        world.advance(300 * 24 * 3600);
        for command in [
            "prolong",
            "suspend",
            "resume",
            "setparam",
            "cancel_prolong",
            "close",
        ] {
            harvest.run(command, &world.perform(item, command));
        }
        harvest.run("getbalance", &world.balance_of(self.account));
        harvest.run("unknown", &run(&["--command", "launch", "--item", &id], ""));
    }

    fn administrators_commands(&self, harvest: &mut Harvest) {
        let item = self.item("desk.example.com");
        harvest.run("open", &self.world.perform(item, "open"));
        let (id, account) = (item.to_string(), self.account.to_string());
        let all: [&[&str]; 16] = [
            &["check", "--all"],
            &["check", "--module", &account, "--json"],
            &["doctor"],
            &["doctor", "--json"],
            &["orders"],
            &["orders", "--json"],
            &["show", "--item", &id],
            &["sync", "--item", &id],
            &["plan", "--item", &id],
            &["forecast"],
            &["balance"],
            &["products", "--module", &account],
            &["products", "--diff"],
            &["capture", "--module", &account],
            &["resolve", "--item", &id],
            &["daemon", "--once"],
        ];
        for words in all {
            let outcome = self.admin(words);
            // Wrong words would harvest nothing.
            assert_ne!(outcome.exit, Some(2), "{words:?}: {}", outcome.stderr);
            harvest.run(&words.join(" "), &outcome);
        }
    }

    /// Calls that fail, in all the ways that leave words behind.
    fn troubles(&self, harvest: &mut Harvest) {
        let (world, server) = (&self.world, self.world.vendor(self.module));
        let faults = [
            Fault::HtmlPage,
            Fault::ErrorWith200,
            Fault::Truncated,
            Fault::ResetBeforeAnswer,
            Fault::ServerErrorAfter,
            Fault::WrongTypes,
            Fault::Redirect,
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            for skip in [0, 2] {
                let item = self.item(&format!("t{number}-{skip}.example.com"));
                let operation = world.queue(item, "open");
                server.set_fault_after("*", fault, skip, FOREVER);
                harvest.run("open in trouble", &world.run(operation));
                harvest.run("check in trouble", &self.admin(&["check", "--all"]));
                server.clear_faults();
                world.advance(3600);
                if world.operation(operation).is_some() {
                    harvest.run("open after trouble", &world.run(operation));
                }
            }
        }
        // A secret that is wrong is a secret, too; and one that stands in a broken form.
        let mut settings = world.settings_of(self.account);
        for (name, value) in &mut settings {
            if self.descriptor().secrets().any(|secret| secret == name) {
                TYPED.clone_into(value);
            }
        }
        let typed: Vec<_> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let outcome = world.check_connection(self.module, &typed);
        assert!(!outcome.is_ok());
        harvest.run("check_connection with a wrong secret", &outcome);
        let secret = self.descriptor().secrets().next().unwrap();
        let broken = format!("<doc><processingmodule><{secret}>{TYPED}</{secret}><url>");
        let words = ["--command", "check_connection"];
        let outcome = world.run_module_with(self.module, &words, &broken);
        harvest.run("check_connection with a broken form", &outcome);
        world.database().set_down(true);
        let item = world.items()[0];
        harvest.run("sync without a database", &world.sync(item));
        harvest.run("doctor without a database", &self.admin(&["doctor"]));
        world.database().clear_faults();
    }

    /// Credentials of the account, the database's password, private keys, tokens, what was typed.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![PASSWORD.to_owned(), TYPED.to_owned()];
        secrets.extend(SESSION.map(str::to_owned));
        let account = self.world.secrets_of(self.account);
        assert!(!account.is_empty(), "{} has no secret", self.module);
        secrets.extend(account.into_iter().map(|(_, value)| value));
        let keys = self.world.secrets().into_iter();
        let keys = keys.filter(|(what, _)| what.starts_with("the private key"));
        let keys: Vec<_> = keys.map(|(_, line)| line).collect();
        assert!(keys.len() > 10);
        secrets.extend(keys);
        let pem = std::fs::read_to_string(self.world.root().join("etc/billmgr.pem")).unwrap();
        secrets.push(pem.lines().nth(3).unwrap().to_owned());
        secrets
    }
}

/// Everything that a house let out; the work runs while the process table is watched.
fn harvest(house: &House, work: impl FnOnce(&mut Harvest)) -> Harvest {
    let mut harvest = Harvest::default();
    let ((), seen): ((), BTreeSet<String>) =
        watch_arguments(house.world.root(), || work(&mut harvest));
    harvest.world(&house.world);
    assert!(seen.len() > 10, "{} command lines were seen", seen.len());
    for line in seen {
        harvest.add("arguments", line);
    }
    harvest
}

/// All vendors beside each other: most of the time is spent between repeated requests.
fn for_every_vendor(search: impl Fn(&'static str) + Sync) {
    std::thread::scope(|scope| {
        for module in crate::modules() {
            let search = &search;
            scope.spawn(move || search(module));
        }
    });
}

#[test]
fn no_vendors_secret_is_ever_written() {
    for_every_vendor(|module| {
        let house = House::new(module, 9);
        let harvest = harvest(&house, |harvest| {
            house.platform_commands(harvest);
            house.administrators_commands(harvest);
            house.troubles(harvest);
        });
        let secrets = house.secrets();
        for secret in &secrets {
            assert_eq!(harvest.places(secret), [""; 0], "{module}: {secret}");
        }
        // The calls reached the vendor with what was searched for, so it was there to be leaked.
        let arrived = house.world.vendor(module).requests();
        assert!(arrived.len() > 20, "{module}: {} requests", arrived.len());
        assert!(
            !house.world.log(module).is_empty(),
            "{module}: nothing in the log"
        );
        eprintln!(
            "secrets of {module}: {} searched in {} places, none found",
            secrets.len(),
            harvest.0.len()
        );
    });
}

/// At the log's usual level nobody but the vendor and the order form sees a client's telephone and address.
#[test]
fn personal_data_stay_with_every_vendor() {
    for_every_vendor(|module| {
        let house = House::new(module, 6);
        let harvest = harvest(&house, |harvest| {
            house.platform_commands(harvest);
            house.administrators_commands(harvest);
            house.troubles(harvest);
        });
        for data in [PHONE, PHONE_DIGITS, EMAIL] {
            assert_eq!(harvest.places(data), [""; 0], "{module}: {data}");
        }
    });
}

/// A leak that is planted is found, in every spelling and every kind of place.
#[test]
fn a_planted_leak_is_found() {
    let house = House::new(crate::modules()[0], 9);
    house.world.expect_at_the_end("password of account");
    let (_, secret) = house.world.secrets_of(house.account).remove(0);
    let item = house.item("www.example.com");
    let operation = house.world.queue(item, "open");
    let var = house.world.root().join("var");
    let json = serde_json::to_string(&secret).unwrap();
    std::fs::write(var.join("pmenomssl.log"), format!("DEBUG reply: {json}\n")).unwrap();
    let mut harvest = Harvest::default();
    let mgrctl = |words: &[&str]| {
        Command::new(house.world.layout().mgrctl())
            .current_dir(house.world.root())
            .args(["-m", "billmgr", "-o", "xml"])
            .args(words)
            .output()
            .unwrap()
    };
    let xml = format!(
        "errorxml=<doc>{}</doc>",
        secret.replace('&', "&amp;").replace('<', "&lt;")
    );
    let number = format!("elid={operation}");
    let ((), seen) = watch_arguments(house.world.root(), || {
        for _ in 0..3 {
            mgrctl(&["runningoperation.edit", "sok=ok", &number, &xml]);
        }
        // Long enough to be seen in the process table.
        let mut sleeper = Command::new("/bin/sh")
            .arg0(house.world.root().join("sbin/leaky"))
            .args(["-c", "sleep 1; true", &secret])
            .spawn()
            .unwrap();
        sleeper.wait().unwrap();
    });
    harvest.world(&house.world);
    for line in seen {
        harvest.add("arguments of a process", line);
    }
    let places = harvest.places(&secret);
    for place in [
        "pmenomssl.log",
        "errorxml",
        "history of operation",
        "arguments of a process",
    ] {
        assert!(
            places.iter().any(|found| found.contains(place)),
            "{place}: {places:?}"
        );
    }
    assert!(!house.world.leaks().is_empty());
}
