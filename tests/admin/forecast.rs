//! `forecast`: what it counts is what `plan` says of each service.

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;

use super::*;

const OTHER: &str = "pmleadertelecom";

/// Two services at one vendor, one at a vendor that does not reissue, all with certificates.
fn shop() -> (Place, u64) {
    let place = Place::new();
    let first = place.issued("one.example.com");
    let years = ItemSpec::new(place.account, "positivessl").name("two.example.com");
    issue(&place, &years.months(36));
    place.world.vendor(OTHER).vendor().set_balance(100_000_000);
    let account = place.world.add_account(OTHER, &[]);
    let product = sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product).name("three.example.com");
    issue(&place, &spec.months(24));
    (place, first)
}

fn issue(place: &Place, spec: &ItemSpec) {
    let item = place.world.add_item(spec);
    let outcome = place.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    place.world.approve(item);
    assert!(place.world.sync(item).is_ok());
}

/// The rows up to a day that all terms end before.
fn rows(place: &Place) -> Vec<Value> {
    let told = place.tell(&["forecast", "--until", "2040-01-01", "--json"]);
    told.json().as_array().unwrap().clone()
}

fn sum(rows: &[Value], vendor: &str, what: &str) -> u64 {
    let own = rows.iter().filter(|row| row["vendor"] == vendor);
    own.map(|row| row[what].as_u64().unwrap()).sum()
}

#[test]
fn what_is_counted_is_what_the_plans_say() {
    let (place, _) = shop();
    let rows = rows(&place);
    for (word, vendor) in [
        ("thesslstore", "TheSSLStore"),
        ("leadertelecom", "LeaderTelecom"),
    ] {
        let plans = place.tell(&["plan", "--vendor", word, "--json"]).json();
        let plans = plans.as_array().unwrap().clone();
        let steps: Vec<Value> = plans
            .iter()
            .flat_map(|plan| plan["steps"].as_array().unwrap().clone())
            .collect();
        let reissues: Vec<&Value> = steps
            .iter()
            .filter(|step| step["what"] == "reissue")
            .collect();
        let count = |test: &dyn Fn(&Value) -> bool| {
            u64::try_from(reissues.iter().filter(|step| test(step)).count()).unwrap()
        };
        let all = count(&|_| true);
        assert!(all > 2, "{steps:?}");
        assert_eq!(sum(&rows, vendor, "reissues"), all, "{vendor}: {rows:?}");
        let is_new = |step: &Value| step["proof"] == "new proof of domain control by the client";
        assert_eq!(sum(&rows, vendor, "client"), count(&is_new), "{rows:?}");
        let by_hand = |step: &Value| step["by"] == "person (task)";
        assert_eq!(sum(&rows, vendor, "person"), count(&by_hand), "{rows:?}");
        let renewals = u64::try_from(plans.len()).unwrap();
        assert_eq!(sum(&rows, vendor, "renewals"), renewals, "{rows:?}");
        assert_eq!(sum(&rows, vendor, "lapses"), 0, "{rows:?}");
    }
    assert!(sum(&rows, "LeaderTelecom", "person") > 0, "{rows:?}");
    let weeks = rows.iter().map(|row| row["week"].as_str().unwrap());
    let weeks: Vec<NaiveDate> = weeks.map(|week| week.parse().unwrap()).collect();
    assert!(weeks.is_sorted(), "{weeks:?}");
    let monday: NaiveDate = "2026-11-23".parse().unwrap();
    for week in weeks {
        assert!(week >= monday, "{week}");
        assert_eq!((week - monday).num_days() % 7, 0, "{week}");
    }
}

#[test]
fn bars_and_totals_fit_a_terminal_in_both_languages() {
    let (place, _) = shop();
    for (lang, head) in [("en", "week of"), ("ru", "неделя с")] {
        let words = ["--lang", lang, "forecast", "--until", "2029-12-31"];
        let text = place.tell(&words).with(0);
        assert!(text.starts_with(head), "{text}");
        for vendor in ["TheSSLStore", "LeaderTelecom"] {
            assert!(text.contains(vendor), "{vendor}: {text}");
        }
        // Weeks that end with each mark: a proof serves two certificates in 2027 and 2028, one from 2029 on.
        for mark in ['#', '*', 'o'] {
            let mut weeks = text.lines().filter(|line| line.starts_with("20"));
            assert!(weeks.any(|line| line.ends_with(mark)), "{mark}: {text}");
        }
        let width = text.lines().map(|line| line.chars().count()).max();
        assert!(width.unwrap() <= 80, "{text}");
    }
    let text = place.tell(&["forecast", "--weeks", "4"]).with(0);
    assert!(
        text.starts_with("no reissue or renewal is due in this time\n"),
        "{text}"
    );
    let words = ["forecast", "--until", "2040-01-01", "-o", "csv"];
    let columns = ["--columns", "week,vendor,reissues"];
    let csv = place.tell(&[&words[..], &columns].concat()).with(0);
    assert!(csv.starts_with("week,vendor,reissues\n"), "{csv}");
    assert_eq!(csv.lines().count(), rows(&place).len() + 1, "{csv}");
}

#[test]
fn what_nobody_replaces_and_what_is_not_known_is_counted_apart() {
    let (place, first) = shop();
    place.world.set_option("SSLSubscriptionPolicy", "none");
    let found = rows(&place);
    let all = |what| sum(&found, "TheSSLStore", what) + sum(&found, "LeaderTelecom", what);
    assert_eq!((all("lapses"), all("reissues")), (3, 0), "{found:?}");
    for name in ["pmssl_term_end", "paid_till"] {
        place.world.panel().set_parameter(first, name, None);
    }
    let found = rows(&place);
    let last = found.last().unwrap();
    assert_eq!(last["week"], Value::Null, "{found:?}");
    assert_eq!(last["vendor"], "TheSSLStore", "{found:?}");
    assert_eq!(sum(&found, "TheSSLStore", "unknown"), 1, "{found:?}");
    assert_eq!(sum(&found, "TheSSLStore", "lapses"), 1, "{found:?}");
    let text = place.tell(&["forecast"]).with(0);
    assert!(text.contains("'pmssl plan' names these services"), "{text}");
    // What is deleted has no future.
    place
        .world
        .panel()
        .execute("UPDATE item SET status = 4", []);
    assert_eq!(rows(&place), Vec::<Value>::new());
}

#[test]
fn days_that_cannot_be_meant_are_refused() {
    let place = Place::new();
    let yesterday = place.world.clock().now().date_naive() - TimeDelta::days(1);
    let yesterday = yesterday.to_string();
    for (words, part) in [
        (&["--until", yesterday.as_str()][..], "This day is past"),
        (&["--until", "soon"], "a day is needed, such as 2029-12-31"),
        (&["--until", "2030-01-01", "--weeks", "3"], "--weeks"),
        (&["--weeks", "x"], "a whole number is needed"),
    ] {
        let told = place.tell(&[&["forecast"], words].concat());
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.stderr.contains(part), "{told:?}");
    }
    assert_eq!(place.tell(&["forecast", "--account", "9999"]).code, 1);
}
