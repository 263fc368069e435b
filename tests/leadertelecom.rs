//! The real binary orders from the simulated LeaderTelecom: whatever shape the vendor's answers have, one
//! sale per intent, no certificate lost, no zero balance reported, and a person hears what only a person
//! can do.

use std::process::Command;

use crate::sandbox::vendor::leadertelecom::switches::SWITCHES;
use crate::sandbox::vendor::{Approval, Fault, VendorServer};
use crate::sandbox::{ItemSpec, World, binaries};

const MODULE: &str = "pmleadertelecom";

struct Fixture {
    world: World,
    account: u64,
    _directory: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.set_option("SSLPlatformWait", "2");
        world.set_option("SSLReadTimeout", "30");
        world.set_option("SSLOrderTimeout", "30");
        world.set_option("SSLRetryPause", "0.01");
        let account = world.add_account(MODULE, &[]);
        Self {
            world,
            account,
            _directory: directory,
        }
    }

    fn server(&self) -> &VendorServer {
        self.world.vendor(MODULE)
    }

    fn set(&self, name: &str, value: &str) {
        self.server().vendor().set_switch(name, value).unwrap();
    }

    fn item(&self, template: &str, name: &str, names: &[&str]) -> u64 {
        let spec = ItemSpec::new(self.account, template)
            .name(name)
            .with_names(names);
        self.world.add_item(&spec)
    }

    fn order_of(&self, item: u64) -> String {
        self.world
            .item(item)
            .parameter("custom_order_id")
            .to_owned()
    }

    fn approve(&self, item: u64) {
        let order = self.order_of(item);
        self.server()
            .vendor()
            .approve(&order, &Approval::All)
            .unwrap();
    }

    fn sales_of(&self, name: &str) -> usize {
        let orders = self.server().vendor().orders();
        orders
            .iter()
            .filter(|order| order.common_name == name)
            .count()
    }

    /// The certificate comes, is proved and saved.
    fn comes_to_its_certificate(&self, item: u64) {
        self.approve(item);
        let outcome = self.world.sync(item);
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        let view = self.world.item(item);
        assert_eq!(view.service_status, Some(5), "{view:?}");
        assert!(view.certificate.is_some());
    }

    fn assert_sound(&self) {
        assert_eq!(self.server().vendor().violations(), []);
        let problems = self.world.problems();
        assert!(problems.is_empty(), "{problems:?}");
    }
}

fn words(switch: &str) -> &'static [&'static str] {
    let found = SWITCHES.iter().find(|known| known.name == switch);
    found.unwrap().words
}

#[test]
fn a_certificate_is_ordered_followed_and_saved() {
    let fixture = Fixture::new();
    let item = fixture.item("leader_dv", "shop.example.com", &[]);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    assert_eq!(
        fixture.order_of(item),
        fixture.server().vendor().orders()[0].id
    );
    assert!(fixture.world.sync(item).is_ok());
    assert_eq!(fixture.world.item(item).service_status, Some(4));
    fixture.comes_to_its_certificate(item);
    assert_eq!(fixture.sales_of("shop.example.com"), 1);
    fixture.assert_sound();
}

#[test]
fn too_little_money_is_told_before_anything_is_sent() {
    let fixture = Fixture::new();
    let (world, vendor) = (&fixture.world, fixture.server().vendor());
    let item = fixture.item("leader_dv", "shop.example.com", &[]);
    vendor.set_balance(10);
    let operation = world.queue(item, "open");
    let outcome = world.run(operation);
    assert!(!outcome.is_ok());
    let told = "available 0.10 EUR";
    assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
    assert_eq!(fixture.server().hits("order"), 0);
    vendor.set_balance(100_000);
    world.retry(operation);
    let outcome = world.run(operation);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    fixture.comes_to_its_certificate(item);
    assert_eq!(fixture.sales_of("shop.example.com"), 1);
}

#[test]
fn a_delivery_that_cannot_be_used_is_said_aloud_until_a_usable_one_comes() {
    for (container, words, told) in [
        ("foreign", "public key of the CSR", 1),
        ("cut", "cut off, damaged", 1),
        // The vendor's own trouble, which passes; past the order's deadline a person hears all the same.
        ("html", "a web page instead of data", 0),
    ] {
        let fixture = Fixture::new();
        let item = fixture.item("leader_dv", "shop.example.com", &[]);
        assert!(fixture.world.perform(item, "open").is_ok());
        fixture.set("download", container);
        fixture.approve(item);
        for _ in 0..2 {
            let outcome = fixture.world.sync(item);
            assert!(!outcome.is_ok(), "{container}");
            assert!(outcome.stdout.contains(words), "{}", outcome.stdout);
            assert!(fixture.world.item(item).certificate.is_none());
        }
        let tasks = fixture.world.panel().free_tasks();
        assert_eq!(
            tasks.len(),
            told,
            "{container}: told at once, and once: {tasks:?}"
        );
        assert!(tasks.iter().all(|task| task.contains(words)), "{tasks:?}");
        fixture.set("download", "utf16-zip");
        let outcome = fixture.world.sync(item);
        assert!(outcome.is_ok(), "{container}: {}", outcome.stdout);
        assert_eq!(fixture.world.item(item).service_status, Some(5));
    }
}

#[test]
fn every_shape_of_the_answer_to_an_order_ends_with_one_sale_and_its_certificate() {
    let fixture = Fixture::new();
    for shape in words("order_reply") {
        let name = format!("{shape}.example.com");
        fixture.set("order_reply", shape);
        let item = fixture.item("leader_dv", &name, &[]);
        let operation = fixture.world.queue(item, "open");
        if !fixture.world.run(operation).is_ok() {
            // Found in the list, once nothing else can appear there any more.
            fixture.world.advance(16 * 60);
            fixture.world.retry(operation);
            let outcome = fixture.world.run(operation);
            // The list shows nothing of ours: a person says which one it is.
            if !outcome.is_ok() {
                let order = fixture
                    .server()
                    .vendor()
                    .orders()
                    .last()
                    .map(|order| order.id.clone());
                let told = crate::proof::resolve(&fixture.world, item, order.as_deref());
                assert_eq!(told, Ok(()), "{shape}: {}", outcome.stdout);
                fixture.world.retry(operation);
                let outcome = fixture.world.run(operation);
                assert!(outcome.is_ok(), "{shape}: {}", outcome.stdout);
            }
        }
        fixture.comes_to_its_certificate(item);
        assert_eq!(fixture.sales_of(&name), 1, "{shape}");
    }
    fixture.assert_sound();
}

#[test]
fn an_order_that_cannot_be_found_waits_for_a_person_and_is_never_repeated() {
    for list in ["html", "no-ids", "nameless"] {
        let fixture = Fixture::new();
        fixture.set("list_reply", list);
        let item = fixture.item("leader_dv", "shop.example.com", &[]);
        fixture
            .server()
            .set_fault("order", Fault::ResetBeforeAnswer, 1);
        let operation = fixture.world.queue(item, "open");
        for _ in 0..3 {
            let outcome = fixture.world.run(operation);
            assert!(!outcome.is_ok(), "{list}: {}", outcome.stdout);
            fixture.world.advance(20 * 60);
            fixture.world.retry(operation);
        }
        assert_eq!(fixture.server().hits("order"), 1, "{list}");
        assert_eq!(fixture.sales_of("shop.example.com"), 1, "{list}");
        // What a person needs is that the list can be read again, or `pmssl resolve`.
        fixture.set("list_reply", "with-mark");
        assert!(fixture.world.run(operation).is_ok(), "{list}");
        fixture.comes_to_its_certificate(item);
        assert_eq!(fixture.sales_of("shop.example.com"), 1, "{list}");
    }
}

/// Whoever settles the order needs to know what came back when it was sent.
#[test]
fn the_vendors_words_stay_with_an_order_whose_outcome_is_not_known() {
    for shape in ["unprocessable", "server-error", "bad-request", "with-200"] {
        let fixture = Fixture::new();
        // Without prices nothing can be compared before.
        fixture.set("products_reply", "no-prices");
        fixture.set("refusal", shape);
        fixture.server().vendor().set_balance(10);
        let item = fixture.item("leader_dv", "shop.example.com", &[]);
        let operation = fixture.world.queue(item, "open");
        for _ in 0..2 {
            assert!(!fixture.world.run(operation).is_ok(), "{shape}");
            let told = fixture.world.operation(operation).unwrap().errorxml;
            assert!(told.contains("Not enough money"), "{shape}: {told}");
            fixture.world.advance(16 * 60);
            fixture.world.retry(operation);
        }
        assert_eq!(fixture.server().hits("order"), 1, "{shape}");
        let id = item.to_string();
        let shown = Command::new(binaries::pmssl())
            .args(["show", "--item", &id])
            .env_clear()
            .envs(crate::sandbox::clock::carried())
            .env("PMSSL_MGR_ROOT", fixture.world.root())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout);
        assert!(shown.contains("Not enough money"), "{shape}: {shown}");
    }
}

#[test]
fn a_reissue_becomes_a_task_with_all_names_and_the_new_csr() {
    let fixture = Fixture::new();
    let names = ["www.example.net", "mail.example.org"];
    let item = fixture.item("leader_dv_md", "shop.example.com", &names);
    assert!(fixture.world.perform(item, "open").is_ok());
    fixture.comes_to_its_certificate(item);
    let operation = fixture.world.reissue(item, None, &names);
    let outcome = fixture.world.run(operation);
    assert!(!outcome.is_ok());
    let task = fixture
        .world
        .tasks()
        .into_iter()
        .find(|task| task.operation == operation);
    assert!(task.is_some(), "no task: {}", outcome.stdout);
    let told = fixture.world.operation(operation).unwrap().errorxml;
    let csr = fixture.world.item(item).csr;
    let body: String = csr.lines().filter(|line| !line.starts_with('-')).collect();
    let told: String = told.lines().collect();
    assert!(told.contains(&body), "the CSR is missing: {told}");
    for name in names.iter().chain(&["shop.example.com"]) {
        assert!(told.contains(name), "{name} is missing: {told}");
    }
    assert_eq!(fixture.server().hits("order"), 1);
    fixture.assert_sound();
}

#[test]
fn a_balance_that_cannot_be_read_is_never_reported_as_zero() {
    let fixture = Fixture::new();
    for shape in words("balance_reply") {
        fixture.set("balance_reply", shape);
        let id = fixture.account.to_string();
        let arguments = ["--command", "get_balance", "--module", &id];
        let outcome = fixture.world.run_module(MODULE, &arguments);
        assert!(
            !outcome.stdout.contains("<balance>0"),
            "{shape}: {}",
            outcome.stdout
        );
        let is_clear = ["flat", "number", "nested", "amount"].contains(shape);
        assert_eq!(
            outcome.stdout.contains("<balance>1000.00<"),
            is_clear,
            "{shape}: {}",
            outcome.stdout
        );
    }
}

#[test]
fn no_secret_is_found_in_log_or_output() {
    let fixture = Fixture::new();
    // The lost answer is left to a person.
    fixture.world.expect_at_the_end("lost: leadertelecom");
    std::fs::write(
        fixture.world.root().join("etc/debug.conf"),
        "pmleadertelecom.* 9\nSET color=off\n",
    )
    .unwrap();
    let item = fixture.item("leader_dv", "shop.example.com", &[]);
    fixture.set("order_reply", "plain");
    let outcome = fixture.world.perform(item, "open");
    let log = fixture.world.log(MODULE);
    assert!(log.contains("unrecognised answer"), "{log}");
    for (name, secret) in fixture.world.secrets_of(fixture.account) {
        assert!(!log.contains(&secret), "{name} is in the log");
        assert!(!outcome.stdout.contains(&secret) && !outcome.stderr.contains(&secret));
    }
    for canary in ["canary_token", "canary_public"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}

/// The order was sold without a number in the answer, and somebody orders the name in the client area: which is which, the
/// list does not tell.
#[test]
fn certificates_that_may_be_a_lost_order_are_named_before_it_counts_as_not_placed() {
    for list in ["with-csr", "nameless"] {
        let fixture = Fixture::new();
        // What is bought by hand is nobody's; the case itself tells what counts.
        fixture.world.expect_at_the_end("");
        fixture.set("list_reply", list);
        fixture.set("order_reply", "success");
        let name = "twice.example.com";
        let item = fixture.item("leader_dv", name, &[]);
        let operation = fixture.world.queue(item, "open");
        fixture.world.run(operation);
        let vendor = fixture.server().vendor();
        let own = vendor.orders()[0].id.clone();
        let csr = fixture.world.item(item).csr;
        let theirs = vendor.order_by_hand(name, &csr).unwrap();
        fixture.world.run_with_pauses(12, 10 * 60);
        assert_eq!(fixture.order_of(item), "", "{list}");

        let both = [own, theirs];
        let number = item.to_string();
        let not_placed = |foreign: &[String]| {
            let foreign = foreign.join(",");
            let mut words = vec!["resolve", "--item", &number, "--yes", "--not-placed"];
            if !foreign.is_empty() {
                words.extend(["--foreign", &foreign]);
            }
            fixture.world.tool(&words).output().unwrap()
        };
        for named in 0..both.len() {
            let (named, left) = both.split_at(named);
            let told = not_placed(named);
            let text = format!("{told:?}");
            assert!(!told.status.success(), "{list}: {text}");
            let numbers = left.join(",");
            assert!(
                text.contains(&format!("--foreign {numbers}")),
                "{list}: {text}"
            );
        }
        fixture.world.retry(operation);
        fixture.world.run_with_pauses(2, 10 * 60);
        let hits = fixture.server().hits("order");
        assert_eq!(hits, 1, "{list}: nothing was settled");

        let told = not_placed(&both);
        assert!(told.status.success(), "{list}: {told:?}");
        fixture.set("order_reply", "certificate");
        fixture.world.retry(operation);
        let outcome = fixture.world.run(operation);
        assert!(outcome.is_ok(), "{list}: {}", outcome.stdout);
        assert_eq!(fixture.server().hits("order"), 2, "{list}");
        assert!(!both.contains(&fixture.order_of(item)), "{list}");
    }
}
