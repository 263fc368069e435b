//! `install --adopt` and `--beside`: shops that used the platform vendor's own modules.

use std::fs;

use super::*;

/// What this program stores and the former module does not.
const OURS: [&str; 6] = [
    "pmssl_intent",
    "pmssl_term_end",
    "pmssl_served",
    "pmssl_certificate_end",
    "pmssl_certificate_serial",
    "paid_till",
];

/// The former module, which is never run here.
fn stock(place: &Place, name: &str) {
    let module = place.world.root().join("processing").join(name);
    let _ = fs::remove_file(&module);
    sandbox::binaries::write_script(&module, "#!/bin/sh\nexit 1\n");
}

/// The service as the former module would have left it: without our parameters and those named.
fn as_stock(place: &Place, item: u64, without: &[&str]) {
    for name in OURS.iter().chain(without) {
        place.world.panel().set_parameter(item, name, None);
    }
}

fn sales(place: &Place) -> usize {
    place.world.vendor(MODULE).vendor().sales().len()
}

const ADOPT: [&str; 5] = ["install", "--adopt", "--no-refresh", "--modules", MODULE];

#[test]
fn services_of_the_former_module_go_on_and_nothing_is_ordered_again() {
    let place = Place::new();
    let whole = place.issued("one.example.com");
    as_stock(&place, whole, &[]);
    // Cut short while the numbers were stored, the operation still queued.
    let half = place.ordered("two.example.com");
    let number = place
        .world
        .item(half)
        .parameter("store_order_id")
        .to_owned();
    let lost = ["store_order_id", "partner_order_id", "vender_order_id"];
    as_stock(&place, half, &lost);
    let half_operation = place.world.queue(half, "open");
    let waiting = place.paid("three.example.com");
    // Failed: nobody knows whether the order arrived.
    let failed = place.paid("four.example.com");
    let operation = place.world.queue(failed, "open");
    place.world.vendor(MODULE).go_down();
    assert!(!place.world.run(operation).is_ok());
    place.world.vendor(MODULE).come_up();
    as_stock(&place, failed, &[]);
    let other = place
        .world
        .add_item(&ItemSpec::new(place.account, "oldproduct"));
    stock(&place, MODULE);
    let before = sales(&place);

    let outcomes = |words: &[&str], code: i32| -> Vec<(u64, String, String)> {
        let told = place.tell(&[words, &["--json"]].concat());
        assert_eq!(told.code, code, "{told:?}");
        let list = told.json()["services"].clone();
        let list = list.as_array().unwrap();
        list.iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                (
                    one["item"].as_u64().unwrap(),
                    text("outcome"),
                    text("order"),
                )
            })
            .collect()
    };
    let issued_number = place
        .world
        .item(whole)
        .parameter("store_order_id")
        .to_owned();
    let expected = |second: &str| {
        vec![
            (whole, "found".to_owned(), issued_number.clone()),
            (half, second.to_owned(), number.clone()),
            (waiting, "not-ordered".to_owned(), String::new()),
            (failed, "handed-over".to_owned(), String::new()),
            (other, "other-product".to_owned(), String::new()),
        ]
    };
    let dry = outcomes(&[&ADOPT[..], &["--dry-run"]].concat(), 3);
    assert_eq!(dry, expected("learned"));
    assert_eq!(place.world.item(half).parameter("store_order_id"), "");
    assert!(place.world.tasks().is_empty());

    assert_eq!(outcomes(&ADOPT, 3), expected("learned"));
    assert_eq!(place.world.item(half).parameter("store_order_id"), number);
    let log = place.world.log(MODULE);
    assert!(log.contains("night-watch takes service"), "{log}");
    let tasks = place.world.tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(place.world.operation(operation).unwrap().manual);
    // Again: nothing new happens.
    assert_eq!(outcomes(&ADOPT, 3), expected("found"));
    assert_eq!(place.world.tasks().len(), 1);

    // What was queued is finished without a purchase, what was issued is followed.
    place.world.run_until_done(3);
    assert!(place.world.operation(half_operation).is_none());
    assert!(place.world.sync(whole).is_ok());
    assert_eq!(sales(&place), before);
    // The former module comes back when this one goes.
    let words = ["uninstall", "--yes", "--no-refresh", "--modules", MODULE];
    place.tell(&words).with(0);
    let module = place.world.root().join("processing").join(MODULE);
    assert!(fs::read_to_string(module).unwrap().contains("exit 1"));
}

#[test]
fn a_half_stored_order_is_never_bought_again_even_without_adoption() {
    let place = Place::new();
    // What the other program has ordered is its own.
    place.world.expect_at_the_end("lost: thesslstore");
    let item = place.ordered("one.example.com");
    as_stock(&place, item, &["store_order_id"]);
    let operation = place.world.queue(item, "open");
    let outcome = place.world.run(operation);
    assert!(!outcome.is_ok());
    assert!(
        outcome.stdout.contains("pmssl install --adopt"),
        "{}",
        outcome.stdout
    );
    assert_eq!(sales(&place), 1);
    assert!(place.world.operation(operation).unwrap().manual);
}

#[test]
fn a_reference_that_the_vendor_does_not_know_goes_to_a_person() {
    let place = Place::new();
    let item = place.world.add_item(
        &ItemSpec::new(place.account, "positivessl")
            .name("one.example.com")
            .with("custom_order_id", "ABCDEFGH12345678"),
    );
    let operation = place.world.queue(item, "open");
    let told = place.tell(&[&ADOPT[..], &["--json"]].concat());
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(told.json()["services"][0]["outcome"], "lost");
    assert!(place.world.operation(operation).unwrap().manual);
    assert_eq!(sales(&place), 0);
}

#[test]
fn a_stock_module_of_another_name_is_taken_over_under_its_own() {
    let place = Place::new();
    // The former module ordered outside of the queue that the comparison knows.
    place.world.expect_at_the_end("lost: globalsign");
    place.world.expect_at_the_end("too many: globalsign");
    let settings = place.world.vendor("pmglobalsign");
    let settings = settings.vendor().settings(&settings.url());
    let settings: Vec<(&str, &str, bool)> = settings
        .iter()
        .map(|(name, value, secret)| (*name, value.as_str(), *secret))
        .collect();
    let account = place.world.add_bare_account("pmglobalsign.py", &settings);
    stock(&place, "pmglobalsign.py");
    place.tell(&["install", "--adopt", "--no-refresh"]).with(0);
    let outcome = place
        .world
        .run_module("pmglobalsign.py", &["--command", "features"]);
    assert!(outcome.is_ok() && outcome.stdout.contains("DV_LOW"));
    let form = place
        .world
        .root()
        .join("etc/xml/billmgr_mod_pmglobalsign.py.xml");
    assert!(form.exists());
    let account = account.to_string();
    place.tell(&["check", "--module", &account]).with(0);
    let item = place
        .world
        .add_item(&ItemSpec::new(account.parse().unwrap(), "DV_LOW"));
    let outcome = place.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let told = place.tell(&["orders", "--vendor", "globalsign", "--json"]);
    assert_eq!(told.json()[0]["module"], "pmglobalsign.py");
}

#[test]
fn modules_stand_beside_the_stock_ones_when_asked() {
    let place = Place::new();
    stock(&place, MODULE);
    let words = ["install", "--beside", "--no-refresh", "--modules", MODULE];
    place.tell(&words).with(0);
    let root = place.world.root();
    let stock = fs::read_to_string(root.join("processing").join(MODULE)).unwrap();
    assert!(stock.contains("exit 1"), "the former one stays");
    let name = "pmssl_thesslstore";
    let outcome = place.world.run_module(name, &["--command", "features"]);
    assert!(outcome.is_ok() && outcome.stdout.contains("positivessl"));
    let form = root.join(format!("etc/xml/billmgr_mod_{name}.xml"));
    assert!(fs::read_to_string(form).unwrap().contains(name));
    let told = place.tell(&["doctor", "--quiet", "--json"]);
    assert!(!told.stdout.contains(name), "{told:?}");
    place.tell(&["uninstall", "--yes", "--no-refresh"]).with(0);
    assert!(!root.join("processing").join(name).exists());
}
