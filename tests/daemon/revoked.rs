//! The bad day of a vendor: a revoked certificate is people's affair, and is reissued by a person's word.

use super::{Fault, Fixture, MODULE};

impl Fixture {
    /// Outcome and reason of each service that `pmssl reissue` tells.
    fn reissue(&self, words: &[&str]) -> Vec<(u64, String, String)> {
        let words = [&["reissue", "--json"], words].concat();
        let output = self.tool(&words);
        assert!(output.status.success(), "{output:?}");
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap().to_owned();
        let list = list.as_array().unwrap().iter();
        list.map(|one| {
            let item = one["item"].as_u64().unwrap();
            (item, text(one, "outcome"), text(one, "reason"))
        })
        .collect()
    }

    /// A service with its certificate, whose vendor shows it as revoked.
    fn revoked(&self, name: &str) -> u64 {
        let item = self.ordered(name, 12);
        self.approve_all();
        self.world.advance(120);
        self.pass();
        assert_eq!(
            self.world.item(item).service_status,
            Some(5),
            "{}",
            self.log()
        );
        let order = self.world.order_of(item);
        self.world.vendor(MODULE).vendor().revoke(&order).unwrap();
        item
    }

    fn tasks(&self) -> Vec<String> {
        self.world.panel().free_tasks()
    }
}

fn told(item: u64, outcome: &str, reason: &str) -> (u64, String, String) {
    (item, outcome.to_owned(), reason.to_owned())
}

#[test]
fn from_revocation_to_the_new_certificate_by_a_persons_word() {
    let fixture = Fixture::new();
    let item = fixture.revoked("shop.example.com");
    let former = fixture.world.item(item).certificate.unwrap().serial;
    assert!(fixture.tasks().is_empty());
    // The list is asked for once a day.
    for _ in 0..2 {
        fixture.days(1);
        fixture.world.advance(60);
        fixture.pass();
    }
    let tasks = fixture.tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}\n{}", fixture.log());
    let order = fixture.world.order_of(item);
    for words in [
        format!("order {order} as 'Revoked'"),
        format!("--item {item}"),
    ] {
        assert!(tasks[0].contains(&words), "{words}: {tasks:?}");
    }
    let notices = fixture.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].2.contains("has been revoked"), "{notices:?}");
    assert_eq!(fixture.reissues(), 0);
    let text = |words: &[&str]| {
        let output = fixture.tool(words);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let card = text(&["show", "--item", &item.to_string()]);
    for words in [
        "revoked",
        "Revoked",
        &format!("pmssl reissue --item {item}"),
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }
    let list = text(&["orders", "--stuck"]);
    assert!(list.contains("certificate revoked"), "{list}");
    let metrics = text(&["metrics"]);
    let sample = format!("pmssl_services_stuck{{module=\"{MODULE}\",next=\"revoked\"}} 1");
    assert!(metrics.contains(&sample), "{metrics}");
    assert!(text(&["doctor"]).contains("certificate revoked"));

    let due = vec![told(item, "due", "due")];
    assert_eq!(fixture.reissue(&["--revoked", "--dry-run"]), due);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "a dry run stores nothing");
    let stored = vec![told(item, "stored", "stored")];
    assert_eq!(fixture.reissue(&["--revoked", "--yes"]), stored);
    let again = vec![told(item, "left-out", "wished")];
    assert_eq!(fixture.reissue(&["--revoked", "--yes"]), again);
    assert_eq!(fixture.reissues(), 0, "the command orders nothing");
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
    let begun = vec![told(item, "left-out", "begun")];
    assert_eq!(fixture.reissue(&["--revoked", "--dry-run"]), begun);
    let id = item.to_string();
    let cancel = ["--item", &id, "--cancel", "--yes"];
    assert_eq!(fixture.reissue(&cancel), begun, "too late");
    fixture.approve_all();
    fixture.world.advance(300);
    fixture.pass();
    let view = fixture.world.item(item);
    assert_eq!(view.service_status, Some(5), "{}", fixture.log());
    assert_ne!(view.certificate.unwrap().serial, former);
    let account = fixture.account.to_string();
    let all = ["--account", &account, "--dry-run"];
    assert_eq!(fixture.reissue(&all), [told(item, "left-out", "issued")]);
    let list = text(&["orders", "--stuck"]);
    assert!(!list.contains("shop.example.com"), "{list}");
    for _ in 0..2 {
        fixture.days(1);
        fixture.world.advance(60);
        fixture.pass();
    }
    assert_eq!((fixture.reissues(), fixture.tasks().len()), (1, 1));
    fixture.is_sound();
}

#[test]
fn a_refused_wish_is_a_task_of_its_own_and_is_tried_again_by_a_persons_word() {
    let fixture = Fixture::new();
    let item = fixture.revoked("no.example.com");
    fixture.days(1);
    fixture.world.advance(60);
    fixture.pass();
    assert_eq!(fixture.tasks().len(), 1, "{}", fixture.log());
    let server = fixture.world.vendor(MODULE);
    server.set_fault("order/reissue", Fault::ErrorWith200, 1_000_000);
    let id = item.to_string();
    let stored = [told(item, "stored", "stored")];
    assert_eq!(fixture.reissue(&["--item", &id, "--yes"]), stored);
    fixture.pass();
    assert_eq!(fixture.tasks().len(), 2, "{}", fixture.log());
    server.clear_faults();
    // All at once leaves it out, and says so.
    let all = fixture.tool(&["reissue", "--revoked", "--json", "--dry-run"]);
    let list: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(list[0]["reason"], "refused", "{list}");
    let next = format!("pmssl show --item {item}");
    assert_eq!(list[0]["next"], next.as_str());
    let stuck = fixture.tool(&["orders", "--stuck"]);
    let stuck = String::from_utf8_lossy(&stuck.stdout).into_owned();
    assert!(stuck.contains("certificate revoked"), "{stuck}");
    fixture.days(1);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "{}", fixture.log());
    assert_eq!(fixture.reissue(&["--item", &id, "--yes"]), stored);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
    assert_eq!(fixture.tasks().len(), 2, "{:?}", fixture.tasks());
}

#[test]
fn what_a_person_reissues_in_the_vendors_panel_is_fetched() {
    let fixture = Fixture::new();
    let item = fixture.revoked("panel.example.com");
    fixture.days(1);
    fixture.world.advance(60);
    fixture.pass();
    assert_eq!(fixture.tasks().len(), 1, "{}", fixture.log());
    // A person has the revoked order: a look at it ends nothing.
    assert!(fixture.world.sync(item).is_ok());
    let view = fixture.world.item(item);
    assert_eq!(view.service_status, Some(5));
    let former = view.certificate.unwrap().serial;
    let order = fixture.world.order_of(item);
    let vendor = fixture.world.vendor(MODULE).vendor();
    vendor.reissue_by_hand(&order, "").unwrap();
    assert!(fixture.world.sync(item).is_ok());
    let view = fixture.world.item(item);
    assert_ne!(view.certificate.unwrap().serial, former);
    let list = fixture.tool(&["orders", "--stuck"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(!list.contains("panel.example.com"), "{list}");
}

#[test]
fn a_wish_is_taken_back_and_a_blamed_key_sends_nothing() {
    let fixture = Fixture::new();
    let (first, second) = (
        fixture.revoked("a.example.com"),
        fixture.revoked("b.example.com"),
    );
    let id = first.to_string();
    let stored = [told(first, "stored", "stored")];
    assert_eq!(fixture.reissue(&["--item", &id, "--yes"]), stored);
    let cancelled = [told(first, "cancelled", "cancelled")];
    assert_eq!(
        fixture.reissue(&["--item", &id, "--cancel", "--yes"]),
        cancelled
    );
    let serial = fixture.world.item(second).certificate.unwrap().serial;
    let file = fixture.world.root().join("serials.txt");
    std::fs::write(&file, format!("{}\nffff\n", serial.to_uppercase())).unwrap();
    let file = file.display().to_string();
    let before = fixture.notices().len();
    let words = ["--serials", &file, "--new-key", "--yes"];
    assert_eq!(
        fixture.reissue(&words),
        [told(second, "client-told", "client-told")]
    );
    assert_eq!(
        fixture.reissue(&words),
        [told(second, "left-out", "new-key")]
    );
    let notices = fixture.notices().split_off(before);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].2.contains("new key and a new CSR"),
        "{notices:?}"
    );
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "{}", fixture.log());
    let none = fixture.reissue(&["--issuer", "nobody of that name", "--dry-run"]);
    assert!(none.is_empty(), "{none:?}");
    let refused = fixture.tool(&["reissue", "--yes"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}
