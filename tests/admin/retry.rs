//! `retry`: the day after an outage.

use super::*;
use crate::sandbox::Strike;
use crate::sandbox::sample::plain_product;

const OTHER: &str = "pmleadertelecom";

/// Enough for everything, in cents.
const PLENTY: i64 = 100_000_000;

/// A shop with two vendors whose balances ran out; each of its services has used up its tries.
struct Outage {
    place: Place,
    other: u64,
    /// Two services of each vendor.
    items: Vec<u64>,
}

impl Outage {
    fn new() -> Self {
        let place = Place::new();
        place.world.set_option("SSLRetryPause", "0.01");
        let other = place.world.add_account(OTHER, &[]);
        let mut items = Vec::new();
        for (account, module) in [(place.account, MODULE), (other, OTHER)] {
            for number in 1..=2 {
                let name = format!("{}{number}.example.com", &module[2..]);
                let spec = ItemSpec::new(account, plain_product(module)).name(&name);
                items.push(place.world.add_item(&spec));
            }
        }
        let outage = Self {
            place,
            other,
            items,
        };
        outage.set_balances(0);
        for item in &outage.items {
            outage.place.world.queue(*item, "open");
        }
        outage.place.world.run_until_done(12);
        for operation in outage.place.world.operations() {
            assert!(operation.manual && operation.tries == 10, "{operation:?}");
        }
        outage
    }

    fn set_balances(&self, cents: i64) {
        for module in [MODULE, OTHER] {
            self.place.world.vendor(module).vendor().set_balance(cents);
        }
    }

    fn paid(&self, module: &str) -> usize {
        let sales = self.place.world.vendor(module).vendor().sales();
        sales.iter().filter(|sale| sale.is_paid()).count()
    }

    /// An order that a person was given: its outcome could not be found out in ten tries.
    fn given_to_a_person(&self, name: &str) -> u64 {
        let world = &self.place.world;
        let (item, _) = self.place.unsettled(name);
        let operation = self.operation(item);
        (0..8).for_each(|_| world.count_try(operation.id));
        let vendor = world.vendor(MODULE);
        for call in ["order/query", "order/status"] {
            vendor.set_fault(call, Fault::ServerErrorBefore, 1000);
        }
        assert!(!world.run(operation.id).is_ok());
        vendor.clear_faults();
        assert!(self.operation(item).manual);
        assert!(!world.item(item).parameter("pmssl_person").is_empty());
        item
    }

    fn operation(&self, item: u64) -> sandbox::queue::Operation {
        let mut operations = self.place.world.operations().into_iter();
        operations.find(|one| one.item == item).unwrap()
    }

    /// Item, outcome and reason of each service that is told.
    fn told(&self, words: &[&str], code: i32) -> Vec<(u64, String, String)> {
        let told = self.place.tell(&[&["retry", "--json"], words].concat());
        assert_eq!(told.code, code, "{told:?}");
        let list = told.json();
        let text =
            |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let item = one["item"].as_u64().unwrap();
                (item, text(one, "outcome"), text(one, "reason"))
            })
            .collect()
    }

    /// The services whose restart the platform was asked for.
    fn asked(&self) -> Vec<u64> {
        let calls = self.place.world.mgrctl_calls().into_iter();
        let calls = calls.filter(|call| call.function == "certificate.retry");
        calls
            .map(|call| call.parameter("elid").unwrap().parse().unwrap())
            .collect()
    }
}

fn each(items: &[u64], outcome: &str) -> Vec<(u64, String, String)> {
    let line = |item: &u64| (*item, outcome.to_owned(), String::new());
    items.iter().map(line).collect()
}

fn left_out(item: u64, reason: &str) -> (u64, String, String) {
    (item, "left-out".to_owned(), reason.to_owned())
}

#[test]
fn after_topping_up_everything_that_stopped_is_ordered_once() {
    let outage = Outage::new();
    let world = &outage.place.world;
    assert_eq!((outage.paid(MODULE), outage.paid(OTHER)), (0, 0));
    let card = outage
        .place
        .tell(&["show", "--item", &outage.items[0].to_string()])
        .with(0);
    let command = format!("pmssl retry --item {}", outage.items[0]);
    for words in ["ten failed tries", &command] {
        assert!(card.contains(words), "{words}: {card}");
    }
    let list = outage.place.tell(&["orders", "--stuck"]).with(0);
    assert!(list.contains("pmssl retry"), "{list}");
    outage.set_balances(PLENTY);
    // Nothing starts by itself.
    assert!(world.run_once().is_empty());
    let told = outage.told(&["--stuck", "--yes"], 0);
    assert_eq!(told, each(&outage.items, "restarted"));
    assert_eq!(outage.asked(), outage.items);
    assert_eq!((outage.paid(MODULE), outage.paid(OTHER)), (0, 0));
    world.run_until_done(3);
    assert!(world.operations().is_empty(), "{:?}", world.operations());
    assert_eq!((outage.paid(MODULE), outage.paid(OTHER)), (2, 2));
    for item in &outage.items {
        assert!(!world.order_of(*item).is_empty(), "{item}");
    }
    for module in [MODULE, OTHER] {
        let log = world.log(module);
        assert!(log.contains("night-watch restarts operation"), "{log}");
    }
    // A second time there is nothing to do.
    assert!(outage.told(&["--stuck", "--yes"], 0).is_empty());
    let text = outage.place.tell(&["retry", "--stuck", "--yes"]).with(0);
    assert_eq!(text, "no service matches\n");
    assert_eq!(outage.asked().len(), outage.items.len());
}

#[test]
fn a_dry_run_and_a_call_without_a_terminal_change_nothing() {
    let outage = Outage::new();
    let place = &outage.place;
    let all = || {
        let items = outage.items.iter();
        let items = items.map(|item| place.world.item(*item).parameters);
        (place.world.operations(), items.collect::<Vec<_>>())
    };
    let before = all();
    let told = outage.told(&["--stuck", "--dry-run"], 0);
    assert_eq!(told, each(&outage.items, "to-restart"));
    let text = place.tell(&["retry", "--stuck", "--dry-run"]).with(0);
    for words in ["leadertelecom2.example.com", "open, tries 10", "dry run"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let russian = ["--lang", "ru", "retry", "--stuck", "--dry-run"];
    assert!(place.tell(&russian).with(0).contains("к перезапуску: 4"));
    let told = place.tell(&["retry", "--stuck"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("--yes"), "{told:?}");
    // Everything at once has to be asked for; contradictions are refused.
    for words in [
        &["retry", "--yes"][..],
        &["retry", "--module", MODULE, "--yes"],
        &["retry", "--item", "1", "--stuck", "--yes"],
        &["retry", "--stuck", "--yes", "--dry-run"],
        &["retry", "--state", "odd", "--yes"],
        &["retry", "--stuck", "--module", "nobody", "--yes"],
    ] {
        assert_eq!(place.tell(words).code, 2, "{words:?}");
    }
    assert_eq!(place.tell(&["retry", "--item", "9999", "--yes"]).code, 1);
    assert!(outage.asked().is_empty());
    assert_eq!(all(), before);
}

#[test]
fn services_are_chosen_by_account_module_state_and_number() {
    let outage = Outage::new();
    let idle = outage.place.paid("idle.example.com");
    let (account, other) = (outage.place.account.to_string(), outage.other.to_string());
    let chosen = |words: &[&str]| -> Vec<u64> {
        let told = outage.told(&[words, &["--dry-run"]].concat(), 0);
        let told = told.into_iter();
        told.filter(|(_, outcome, _)| outcome == "to-restart")
            .map(|(item, _, _)| item)
            .collect()
    };
    let (first, second) = outage.items.split_at(2);
    assert_eq!(chosen(&["--account", &account]), first);
    assert_eq!(chosen(&["--account", &other, "--stuck"]), second);
    assert_eq!(chosen(&["--stuck", "--module", OTHER]), second);
    assert_eq!(chosen(&["--stuck", "--module", "thesslstore"]), first);
    let states = ["--state", "not-ordered,prepared,rejected"];
    assert_eq!(chosen(&states), outage.items);
    assert!(chosen(&["--state", "issued"]).is_empty());
    let id = second[1].to_string();
    assert_eq!(chosen(&["--item", &id]), [second[1]]);
    assert!(chosen(&["--item", &id, "--module", MODULE]).is_empty());
    // What needs nothing is counted only; whoever names it is told.
    let words = ["retry", "--account", &account, "--dry-run"];
    let text = outage.place.tell(&words).with(0);
    assert!(text.contains("without an open operation: 1"), "{text}");
    assert!(!text.contains("idle.example.com"), "{text}");
    let told = outage.told(&["--item", &idle.to_string(), "--yes"], 3);
    assert_eq!(told, [left_out(idle, "no-operation")]);
}

#[test]
fn an_operation_that_still_has_tries_is_restarted_only_when_it_is_named() {
    let place = Place::new();
    place.world.set_option("SSLRetryPause", "0.01");
    let item = place.paid("one.example.com");
    place.world.vendor(MODULE).vendor().set_balance(0);
    let operation = place.world.queue(item, "open");
    place.world.run(operation);
    place.world.run(operation);
    let outage = Outage {
        other: 0,
        items: vec![item],
        place,
    };
    let account = outage.place.account.to_string();
    let told = outage.told(&["--account", &account, "--yes"], 0);
    assert_eq!(told, [left_out(item, "tries-left")]);
    assert!(outage.asked().is_empty());
    let told = outage.told(&["--item", &item.to_string(), "--yes"], 0);
    assert_eq!(told, each(&[item], "restarted"));
    assert_eq!(outage.operation(item).tries, 0);
}

#[test]
fn what_may_have_been_bought_and_what_a_person_has_is_left_out_and_named() {
    let outage = Outage::new();
    // Nobody decides in this story.
    let world = &outage.place.world;
    world.expect_at_the_end("lost: thesslstore");
    outage.set_balances(PLENTY);
    let person = outage.given_to_a_person("person.example.com");
    let (unknown, _) = outage.place.unsettled("unknown.example.com");
    let bought = outage.paid(MODULE);
    let expected = [
        left_out(person, "person"),
        left_out(unknown, "unknown"),
        (outage.items[0], "restarted".to_owned(), String::new()),
        (outage.items[1], "restarted".to_owned(), String::new()),
    ];
    let account = outage.place.account.to_string();
    let told = outage.told(&["--account", &account, "--yes"], 4);
    assert_eq!(told, expected);
    // Also by their numbers, and whatever state was asked for.
    for item in [person, unknown] {
        let id = item.to_string();
        let words = ["retry", "--item", &id, "--yes"];
        let text = outage.place.tell(&words).with(4);
        for words in ["left out", &format!("pmssl resolve --item {id}")] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
    assert_eq!(outage.told(&["--state", "unknown", "--yes"], 4).len(), 2);
    assert_eq!(outage.asked(), &outage.items[..2]);
    assert!(outage.operation(person).manual);
    assert_eq!(outage.operation(unknown).tries, 1);
    assert_eq!(outage.paid(MODULE), bought);
}

#[test]
fn a_refused_restart_is_told_and_the_others_go_on() {
    let outage = Outage::new();
    outage.set_balances(PLENTY);
    let panel = outage.place.world.panel();
    for strike in [Strike::Unknown, Strike::Failing, Strike::Garbage] {
        panel.set_fault("certificate.retry", strike, 1);
        let told = outage.told(&["--stuck", "--yes"], 1);
        let (first, others): (Vec<_>, Vec<_>) =
            told.iter().partition(|row| row.0 == outage.items[0]);
        assert_eq!(first.len(), 1, "{strike:?}: {told:?}");
        assert!(
            first[0].1 == "failed" && !first[0].2.is_empty(),
            "{strike:?}: {told:?}"
        );
        // Those that were restarted run by themselves from then on.
        assert!(
            others.iter().all(|row| row.1 != "failed"),
            "{strike:?}: {told:?}"
        );
        assert_eq!(others.len(), outage.items.len() - 1, "{told:?}");
    }
    let outage = Outage::new();
    let panel = outage.place.world.panel();
    // All of them: each with its own line and what to type next.
    panel.set_fault("certificate.retry", Strike::Unknown, 4);
    let text = outage.place.tell(&["retry", "--stuck", "--yes"]).with(1);
    assert!(text.contains("not restarted: 4"), "{text}");
    for item in &outage.items {
        let next = format!("pmssl retry --item {item}");
        assert!(text.contains(&next), "{next}: {text}");
    }
    assert!(outage.operation(outage.items[0]).manual);
}
