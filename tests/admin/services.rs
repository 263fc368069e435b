//! `orders`, `show`, `sync`, `resolve`.

use super::*;

#[test]
fn orders_are_listed_and_filtered() {
    let place = Place::new();
    // Nobody decides in this story.
    place.world.expect_at_the_end("lost: thesslstore");
    let issued = place.issued("one.example.com");
    let waiting = place.ordered("two.example.com");
    let paid = place.paid("three.example.com");
    let (unknown, _) = place.unsettled("four.example.com");
    let items = |words: &[&str]| -> Vec<u64> {
        let told = place.tell(&[&["orders", "--json"], words].concat());
        assert_eq!(told.code, 0, "{told:?}");
        let list = told.json();
        let list = list.as_array().unwrap();
        list.iter()
            .map(|one| one["item"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(items(&[]), [issued, waiting, paid, unknown]);
    assert_eq!(items(&["--state", "issued"]), [issued]);
    assert_eq!(items(&["--state", "waiting"]), [waiting]);
    assert_eq!(items(&["--state", "not-ordered"]), [paid]);
    assert_eq!(items(&["--state", "unknown"]), [unknown]);
    assert_eq!(items(&["--stuck"]), [unknown]);
    assert_eq!(items(&["--name", "TWO."]), [waiting]);
    assert_eq!(items(&["--vendor", "thesslstore"]).len(), 4);
    assert_eq!(items(&["--vendor", "globalsign"]), Vec::<u64>::new());
    assert_eq!(items(&["--module", "9999"]), Vec::<u64>::new());
    let account = place.account.to_string();
    assert_eq!(items(&["--account", &account]).len(), 4);
    assert_eq!(items(&["--due", "5"]), Vec::<u64>::new());
    assert_eq!(items(&["--due", "400"]), [issued]);
    // Beyond the calendar.
    assert_eq!(items(&["--due", "100000000"]), [issued]);
    assert_eq!(items(&["--due", "4294967295"]), [issued]);
    let table = place.tell(&["orders"]).with(0);
    insta::assert_snapshot!("orders", place.plain(&table));
    let table = place.tell(&["orders", "--lang", "ru", "--stuck"]).with(0);
    insta::assert_snapshot!("orders-ru", place.plain(&table));
    assert_eq!(place.tell(&["orders", "--state", "odd"]).code, 2);
    assert_eq!(place.tell(&["orders", "--vendor", "nobody"]).code, 2);
    // Waiting becomes stuck after a week.
    place.world.advance(8 * 24 * 3600);
    assert_eq!(items(&["--stuck"]), [waiting, unknown]);
}

#[test]
fn a_service_is_shown_whole() {
    let place = Place::new();
    let item = place.issued("one.example.com");
    let id = item.to_string();
    let text = place.tell(&["show", "--item", &id]).with(0);
    insta::assert_snapshot!("show", place.plain(&text));
    let card = place.tell(&["show", "--item", &id, "--json"]).json();
    assert_eq!(card["state"], "issued");
    assert_eq!(card["names"][0], "one.example.com");
    assert_eq!(card["certificate"]["names"][0], "one.example.com");
    assert_eq!(card["intent"]["state"], "issued");
    let told = place.tell(&["show", "--item", "9999"]);
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("9999"), "{told:?}");
    let told = place.tell(&["show", "--item", "9999", "--json"]);
    assert_eq!(told.json()["error"]["type"], "pmssl_unknown_item");
}

#[test]
fn what_is_awaited_is_shown_with_its_validation_data() {
    let place = Place::new();
    let spec = ItemSpec {
        approver_method: "auth_cname".to_owned(),
        ..ItemSpec::new(place.account, "positivessl").name("one.example.com")
    };
    let item = place.world.add_item(&spec);
    let outcome = place.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let card = place
        .tell(&["show", "--item", &item.to_string(), "--json"])
        .json();
    assert_eq!(card["state"], "waiting");
    assert!(card["waiting_since"].is_string());
    assert_eq!(card["validation"]["method"], "auth_cname");
    assert!(card["validation"]["cname"][0][0].is_string(), "{card}");
    let text = place.tell(&["show", "--item", &item.to_string()]).with(0);
    assert!(text.contains("CNAME record"), "{text}");
}

#[test]
fn an_unknown_outcome_is_shown_with_its_complaint_and_next_step() {
    let place = Place::new();
    // Nobody decides in this story.
    place.world.expect_at_the_end("lost: thesslstore");
    let (item, _) = place.unsettled("one.example.com");
    let text = place.tell(&["show", "--item", &item.to_string()]).with(0);
    assert!(text.contains("outcome unknown"), "{text}");
    assert!(
        text.contains(&format!("pmssl sync --item {item}")),
        "{text}"
    );
    assert!(text.contains("Recent errors"), "{text}");
}

#[test]
fn sync_follows_an_order_and_never_orders() {
    let place = Place::new();
    let paid = place.paid("one.example.com").to_string();
    let text = place.tell(&["sync", "--item", &paid]).with(0);
    assert_eq!(text, "nothing is ordered at the vendor\n");
    let item = place.ordered("two.example.com");
    let id = item.to_string();
    let told = place.tell(&["sync", "--item", &id, "--json"]);
    assert_eq!(told.json()["state"], "waiting");
    place.world.approve(item);
    let text = place.tell(&["sync", "--item", &id]).with(0);
    insta::assert_snapshot!("sync", place.plain(&text));
    assert!(place.world.is_issued(item));
    assert!(
        place
            .world
            .log(MODULE)
            .contains("night-watch synchronizes by hand")
    );
    assert_eq!(place.world.vendor(MODULE).vendor().sales().len(), 1);
}

#[test]
fn sync_settles_an_unknown_outcome_when_the_vendor_can_tell() {
    let place = Place::new();
    let (item, order) = place.unsettled("one.example.com");
    let told = place.tell(&["sync", "--item", &item.to_string(), "--json"]);
    assert_eq!(told.json()["order"], order.as_str(), "{told:?}");
}

#[test]
fn sync_ends_with_4_while_nobody_knows() {
    let place = Place::new();
    // Nobody decides in this story.
    place.world.expect_at_the_end("lost: thesslstore");
    let (item, _) = place.unsettled("one.example.com");
    let vendor = place.world.vendor(MODULE);
    for call in ["order/query", "order/status"] {
        vendor.set_fault(call, Fault::ServerErrorBefore, 1000);
    }
    let told = place.tell(&["sync", "--item", &item.to_string()]);
    assert_eq!(told.code, 4, "{told:?}");
}

#[test]
fn resolve_shows_the_evidence_and_changes_nothing_by_itself() {
    let place = Place::new();
    // Nobody decides in this story.
    place.world.expect_at_the_end("lost: thesslstore");
    let (item, order) = place.unsettled("one.example.com");
    let id = item.to_string();
    let before = place.world.item(item).parameters;
    let text = place.tell(&["resolve", "--item", &id]).with(4);
    for word in ["one.example.com", "unknown", "intent", "--not-placed"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    // Without a terminal nobody can confirm.
    let told = place.tell(&["resolve", "--item", &id, "--adopt", &order]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("--yes"), "{told:?}");
    // Nobody can deny what the vendor shows.
    assert!(text.contains(&order), "{text}");
    let told = place.tell(&["resolve", "--item", &id, "--not-placed", "--yes"]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(
        told.stderr.contains(&format!("--adopt {order}")),
        "{told:?}"
    );
    assert_eq!(place.tell(&["resolve", "--item", &id, "--yes"]).code, 2);
    let both = [
        "resolve",
        "--item",
        &id,
        "--yes",
        "--not-placed",
        "--adopt",
        "1",
    ];
    assert_eq!(place.tell(&both).code, 2);
    assert_eq!(place.world.item(item).parameters, before);
}

#[test]
fn an_order_is_taken_over_only_when_the_vendor_knows_it_and_nobody_else_has_it() {
    let place = Place::new();
    let (item, order) = place.unsettled("one.example.com");
    let id = item.to_string();
    let other = place.ordered("two.example.com");
    let foreign = place
        .world
        .item(other)
        .parameter("store_order_id")
        .to_owned();
    // The vendor shows this service's own order: another one is no answer while that is nobody's.
    let before = place.world.item(item).parameters;
    let another = ["resolve", "--item", &id, "--adopt", "999999999", "--yes"];
    let told = place.tell(&another);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(
        told.stderr.contains(&format!("--adopt {order}")),
        "{told:?}"
    );
    let told = place.tell(&[&another[..], &["--foreign", &order]].concat());
    assert_eq!(told.code, 1, "the vendor does not know it: {told:?}");
    assert_eq!(place.world.item(item).parameters, before);
    let theirs = ["resolve", "--item", &id, "--adopt", &foreign, "--yes"];
    let told = place.tell(&[&theirs[..], &["--foreign", &order]].concat());
    assert_eq!(told.code, 2, "{told:?}");
    assert!(
        told.stderr.contains(&format!("service {other}")),
        "{told:?}"
    );
    assert_eq!(place.world.item(item).parameter("store_order_id"), "");

    let text = place
        .tell(&["resolve", "--item", &id, "--adopt", &order, "--yes"])
        .with(0);
    assert!(text.contains("is taken over"), "{text}");
    assert_eq!(place.world.item(item).parameter("store_order_id"), order);
    let log = place.world.log(MODULE);
    assert!(log.contains(&format!("order {order} is the one")), "{log}");
    assert!(log.contains("night-watch settles at"), "{log}");
    let card = place.tell(&["show", "--item", &id, "--json"]).json();
    let settled = card["settled"].as_str().unwrap();
    assert!(settled.contains(" night-watch: order "), "{settled}");
    let told = place.tell(&["resolve", "--item", &id, "--adopt", &order, "--yes"]);
    assert_eq!(told.code, 1, "settled once: {told:?}");
    place.world.run_until_done(3);
    assert_eq!(place.world.vendor(MODULE).vendor().sales().len(), 2);
}

#[test]
fn not_placed_allows_exactly_one_new_attempt() {
    let place = Place::new();
    let item = place.paid("one.example.com");
    let id = item.to_string();
    let vendor = place.world.vendor(MODULE);
    vendor.set_fault("order/neworder", Fault::ResetBeforeHandling, 1);
    assert!(!place.world.perform(item, "open").is_ok());
    let words = ["resolve", "--item", &id, "--not-placed", "--yes", "--json"];
    // It may still appear.
    let told = place.tell(&words);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("may still appear"), "{told:?}");
    place.world.advance(16 * 60);
    // A vendor that cannot be asked proves nothing, unless a person has looked in its panel.
    vendor.set_fault("order/status", Fault::ServerErrorBefore, 1000);
    let told = place.tell(&words);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("--unseen"), "{told:?}");
    vendor.clear_faults();
    let told = place.tell(&words);
    assert_eq!(told.json()["outcome"], "not-placed", "{told:?}");
    let text = place.tell(&["resolve", "--item", &id]).with(0);
    assert!(text.contains("nothing to resolve"), "{text}");
}

/// The stored intent as a newer version might write it.
fn newer(place: &Place, item: u64) {
    let stored = place.world.item(item).parameter("pmssl_intent").to_owned();
    let newer = stored.replacen("1|", "2|", 1) + "|something new";
    place
        .world
        .panel()
        .set_parameter(item, "pmssl_intent", Some(&newer));
}

#[test]
fn what_a_newer_version_has_stored_is_settled_by_a_persons_word() {
    let place = Place::new();
    let (item, order) = place.unsettled("one.example.com");
    newer(&place, item);
    let id = item.to_string();
    let told = place.tell(&["sync", "--item", &id]);
    assert_eq!(told.code, 1, "only a person may: {told:?}");
    let before = place.world.item(item).parameters;
    let text = place.tell(&["resolve", "--item", &id]).with(4);
    for word in ["newer version", "something new", order.as_str()] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(place.world.item(item).parameters, before);
    // Nobody can deny what the vendor shows.
    let told = place.tell(&["resolve", "--item", &id, "--not-placed", "--yes"]);
    assert_eq!(told.code, 2, "{told:?}");
    place
        .tell(&["resolve", "--item", &id, "--adopt", &order, "--yes"])
        .with(0);
    place.world.run_until_done(3);
    assert_eq!(place.world.item(item).parameter("store_order_id"), order);
    assert_eq!(place.world.vendor(MODULE).vendor().sales().len(), 1);

    let item = place.paid("two.example.com");
    let vendor = place.world.vendor(MODULE);
    vendor.set_fault("order/neworder", Fault::ResetBeforeHandling, 1);
    assert!(!place.world.perform(item, "open").is_ok());
    newer(&place, item);
    let id = item.to_string();
    place.world.advance(16 * 60);
    place
        .tell(&["resolve", "--item", &id, "--not-placed", "--yes"])
        .with(0);
    place.world.run_until_done(3);
    assert_eq!(vendor.vendor().sales().len(), 2);
    assert!(
        !place
            .world
            .item(item)
            .parameter("store_order_id")
            .is_empty()
    );
}

#[test]
fn more_foreign_orders_than_can_be_stored_are_refused_and_nothing_is_settled() {
    let place = Place::new();
    let item = place.paid("one.example.com");
    let id = item.to_string();
    let vendor = place.world.vendor(MODULE);
    vendor.set_fault("order/neworder", Fault::ResetBeforeHandling, 1);
    assert!(!place.world.perform(item, "open").is_ok());
    place.world.advance(16 * 60);
    // The mark by which a database is known to be fresh is written for each word of a person.
    let stored = || {
        let mut parameters = place.world.item(item).parameters;
        parameters.remove("pmssl_fresh");
        parameters
    };
    let before = stored();
    let many: Vec<String> = (0..40).map(|n| (7_000_000 + n).to_string()).collect();
    let words = [
        "resolve",
        "--item",
        &id,
        "--not-placed",
        "--yes",
        "--foreign",
    ];
    let told = place.tell(&[&words[..], &[&many.join(",")]].concat());
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("240 can be stored"), "{told:?}");
    assert_eq!(stored(), before);
    place
        .tell(&[&words[..], &[&many[..20].join(",")]].concat())
        .with(0);
    let stored = place.world.item(item).parameter("pmssl_foreign").to_owned();
    assert!(stored.ends_with(&many[19]), "{stored}");
}
