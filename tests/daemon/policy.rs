//! The reissue policy of billmgr.conf, as the real daemon keeps it.

use super::{Fixture, MODULE};
use crate::sandbox::ItemSpec;
use crate::sandbox::vendor::fault::{FOREVER, Fault};

/// Bad values are told and do not hold: the certificate is reissued as by default, 10 of its 199 days early.
#[test]
fn bad_values_are_refused_and_the_defaults_used() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    fixture.ordered("bad.example.com", 24);
    fixture
        .world
        .set_option("SSLSubscriptionPolicy", "sometimes");
    fixture.world.set_option("SSLSubscriptionBefore", "201");
    fixture.pass();
    fixture.days(180);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0);
    fixture.days(10);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
    let log = fixture.world.log("pmssl");
    assert!(log.contains(
        "SSLSubscriptionPolicy: 'sometimes' is not one of auto, manual, none; auto is used"
    ));
    assert!(log.contains("SSLSubscriptionBefore: '201' is not a number from 1 to 200"));
}

#[test]
fn the_days_of_the_option_are_kept() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("days.example.com", 24);
    fixture.world.set_option("SSLSubscriptionBefore", "7");
    let end = fixture.end(item);
    fixture
        .world
        .advance((end - fixture.today()).num_seconds() - 9 * super::DAY);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0);
    fixture.days(2);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
}

/// Fifteen days before its end a certificate was looked at and put off to its tenth. An option that changes meanwhile is
/// in force for it at the next pass, in both directions.
#[test]
fn an_option_that_changes_is_in_force_at_the_next_pass() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("changed.example.com", 24);
    let end = fixture.end(item);
    let left = 15 * super::DAY;
    fixture
        .world
        .advance((end - fixture.today()).num_seconds() - left);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "{}", fixture.log());
    fixture.world.set_option("SSLSubscriptionPolicy", "none");
    fixture.world.set_option("SSLSubscriptionBefore", "30");
    fixture.world.advance(120);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "{}", fixture.log());
    fixture.world.set_option("SSLSubscriptionPolicy", "auto");
    fixture.world.advance(120);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
}

/// A service far from every end shows its dates as the options want them after the next pass, in both directions, and
/// without a word to its vendor.
#[test]
fn an_option_about_the_dates_is_in_force_at_the_next_pass() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let items = [("long", 24), ("short", 12)];
    let items = items.map(|(name, months)| fixture.ordered(&format!("{name}.example.com"), months));
    fixture.pass();
    fixture.world.advance(600);
    fixture.pass();
    let shown = || {
        items.map(|item| {
            let view = fixture.world.item(item);
            let paid = view.parameter("paid_till").to_owned();
            (view.expiredate.clone().unwrap_or_default(), paid)
        })
    };
    let usual = shown();
    let [long, short] = &usual;
    assert!(long.0 < long.1 && short.0 < short.1, "{usual:?}");
    let calls = fixture.looks();
    let by_term = usual.clone().map(|(_, paid)| (paid.clone(), paid));
    let only_long = [long.clone(), (short.0.clone(), String::new())];
    let steps = [
        ("SSLExpireDate", "paid", &by_term),
        ("SSLExpireDate", "certificate", &usual),
        ("SSLPaidTill", "multiyear", &only_long),
        ("SSLPaidTill", "", &usual),
    ];
    for (name, value, expected) in steps {
        fixture.world.set_option(name, value);
        fixture.world.advance(120);
        fixture.pass();
        assert_eq!(&shown(), expected, "{name} {value}: {}", fixture.log());
    }
    assert_eq!(fixture.looks(), calls, "{}", fixture.log());
    fixture.is_sound();
}

/// The same CSR, the same names and method; the client hears what to publish, and the panel shows it.
#[test]
fn a_reissue_asks_for_the_same_and_announces_its_proofs() {
    const NAME: &str = "same.example.com";
    let fixture = Fixture::new();
    let mut spec = ItemSpec::new(fixture.account, "sectigodvucc")
        .name(NAME)
        .months(24)
        .with_names(&["www.same.example.com", "mail.same.example.com"]);
    spec.approver_method = "auth_cname".to_owned();
    let item = fixture.world.add_item(&spec);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    fixture.approve_all();
    fixture.world.advance(120);
    fixture.pass();
    let view = fixture.world.item(item);
    assert_eq!(view.service_status, Some(5), "{}", fixture.log());
    let values = |view: &crate::sandbox::ItemView| view.parameter("auth_cname_value").to_owned();
    let (csr, first) = (view.csr.clone(), values(&view));
    assert!(fixture.world.panel().messages().is_empty());

    fixture.days(190);
    fixture.pass();
    let calls = fixture.world.vendor(MODULE).requests_of("order/reissue");
    assert_eq!(calls.len(), 1, "{}", fixture.log());
    let body: serde_json::Value = serde_json::from_str(&calls[0].request.text()).unwrap();
    let asked = body["CSR"].as_str().unwrap();
    let plain = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(plain(asked), plain(&csr));
    let names = body["DNSNames"].to_string();
    for name in ["www.same.example.com", "mail.same.example.com"] {
        assert!(names.contains(name), "{body}");
    }
    assert!(body.to_string().contains("CNAME"), "{body}");
    let now = fixture.world.item(item);
    assert_ne!(values(&now), first, "new proofs are shown");
    let messages = fixture.world.panel().messages();
    assert_eq!(messages.len(), 1, "{}", fixture.log());
    for value in values(&now).split(',') {
        assert!(messages[0].2.contains(value), "{value}: {}", messages[0].2);
    }
    fixture.world.advance(7200);
    fixture.pass();
    assert_eq!(fixture.world.panel().messages().len(), 1, "told once");

    fixture.approve_all();
    fixture.world.advance(86_400);
    fixture.pass();
    assert!(fixture.end(item) > fixture.today() + chrono::TimeDelta::days(60));
    fixture.is_sound();
}

/// A new CSR of the client's is the one that is reissued with.
#[test]
fn a_new_csr_of_the_platform_is_used() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("newkey.example.com", 24);
    fixture.pass();
    let old = fixture.world.item(item).csr;
    let subject = crate::sandbox::request::Subject::of("newkey.example.com");
    let new = crate::sandbox::request::elliptic(&subject).csr;
    fixture.world.panel().execute(
        "UPDATE certificate SET csr = ? WHERE item = ?",
        rusqlite::params![new, item],
    );
    fixture.days(190);
    fixture.pass();
    let calls = fixture.world.vendor(MODULE).requests_of("order/reissue");
    let body: serde_json::Value = serde_json::from_str(&calls[0].request.text()).unwrap();
    let plain = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(plain(body["CSR"].as_str().unwrap()), plain(&new));
    assert_ne!(plain(&old), plain(&new));
}

/// The last certificate of a term is the client's to renew.
#[test]
fn a_certificate_that_covers_its_term_is_left_to_renewal() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("renewal.example.com", 12);
    let paid_till = fixture.world.item(item).parameter("paid_till").to_owned();
    let term_end: chrono::NaiveDate = paid_till.parse().unwrap();
    let mut last = None;
    while fixture.today() < term_end {
        fixture.days(5);
        fixture.pass();
        if last.is_none() && fixture.end(item) + chrono::TimeDelta::days(1) >= term_end {
            last = Some((fixture.reissues(), fixture.today()));
        }
    }
    let (reissues, since) = last.expect("the term is covered");
    assert!((fixture.today() - since).num_days() > 30, "{since}");
    assert_eq!(fixture.reissues(), reissues);
    assert_eq!(fixture.world.vendor(MODULE).hits("order/reissue"), reissues);
    assert!(fixture.world.panel().free_tasks().is_empty());
    assert!(fixture.world.panel().messages().is_empty());
}

/// Nothing in the interface of this vendor reissues: people have the whole lead for it, and are reminded.
#[test]
fn a_vendor_without_reissue_gets_its_task_at_once() {
    const OTHER: &str = "pmleadertelecom";
    let fixture = Fixture::new();
    fixture
        .world
        .vendor(OTHER)
        .vendor()
        .set_balance(100_000_000);
    let account = fixture.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product)
        .name("people.example.com")
        .months(24);
    let item = fixture.world.add_item(&spec);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let vendor = fixture.world.vendor(OTHER).vendor();
    for order in vendor.orders() {
        let _ = vendor.approve(&order.id, &crate::sandbox::vendor::Approval::All);
    }
    fixture.world.advance(600);
    fixture.pass();
    let end = fixture.end(item);
    let mut told = None;
    while fixture.today() + chrono::TimeDelta::days(3) < end {
        fixture.days(3);
        fixture.pass();
        if told.is_none() && !fixture.world.panel().free_tasks().is_empty() {
            told = Some(fixture.today());
        }
    }
    let tasks = fixture.world.panel().free_tasks();
    assert_eq!(tasks.len(), 2, "{}", fixture.log());
    let csr = fixture.world.item(item).csr;
    for part in ["people.example.com", csr.trim(), "--replace NUMBER"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
    let early = end - told.unwrap();
    assert!(early.num_days() >= 7, "{early}");
    // Once more when it has ended, and then no more.
    for _ in 0..2 {
        fixture.days(4);
        fixture.pass();
    }
    let tasks = fixture.world.panel().free_tasks();
    assert_eq!(tasks.len(), 3, "{}", fixture.log());
    let ended = format!("expired on {end}");
    let about_it = tasks.iter().filter(|task| task.contains(&ended));
    assert_eq!(about_it.count(), 1, "{tasks:?}");
}

/// The vendor's call is named in the site's file: the daemon works by it, and the plan says so.
#[test]
fn a_reissue_call_of_the_sites_file_is_the_daemons() {
    const OTHER: &str = "pmleadertelecom";
    let fixture = Fixture::new();
    fixture
        .world
        .vendor(OTHER)
        .vendor()
        .set_balance(100_000_000);
    let account = fixture.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product)
        .name("known.example.com")
        .months(24);
    let item = fixture.world.add_item(&spec);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    fixture.world.approve(item);
    assert!(fixture.world.sync(item).is_ok());
    let next_by = || {
        let told = fixture.tool(&["plan", "--item", &item.to_string(), "--json"]);
        let plans: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        plans[0]["steps"][0]["by"].as_str().unwrap().to_owned()
    };
    assert_eq!(next_by(), "person (task)");
    let directory = fixture.world.root().join("etc/pmssl");
    std::fs::create_dir_all(&directory).unwrap();
    let line = "PathReissue ssl_certificates/{id}/reissue\n";
    std::fs::write(directory.join("pmleadertelecom.conf"), line).unwrap();
    assert_eq!(next_by(), "pmssl daemon");
}

/// A term that is not stored, at a vendor that never tells it: nobody but a person can say whether a reissue is due.
#[test]
fn an_unknown_term_at_a_vendor_that_does_not_tell_it_is_a_task() {
    const OTHER: &str = "pmenomssl";
    let fixture = Fixture::new();
    fixture
        .world
        .vendor(OTHER)
        .vendor()
        .set_balance(100_000_000);
    let account = fixture.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let item = fixture
        .world
        .add_item(&ItemSpec::new(account, product).name("moved.example.com"));
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    fixture.world.approve(item);
    assert!(fixture.world.sync(item).is_ok());
    let panel = fixture.world.panel();
    for name in ["pmssl_term_end", "paid_till"] {
        panel.set_parameter(item, name, None);
    }
    let left = (fixture.end(item) - fixture.today()).num_days();
    fixture.days(left - 4);
    for _ in 0..2 {
        fixture.pass();
        fixture.days(1);
    }
    let tasks = fixture.world.panel().free_tasks();
    assert_eq!(tasks.len(), 1, "{}", fixture.log());
    assert!(tasks[0].contains("pmssl_term_end"), "{}", tasks[0]);
}

/// A daemon that cron starts knows of no pass before its own: what BILLmanager answered last stands in a file.
#[test]
fn a_policy_that_cannot_be_asked_for_is_the_one_that_was_told_last() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    fixture.ordered("told.example.com", 24);
    fixture.pass();
    fixture.days(190);
    let panel = fixture.world.panel();
    panel.set_fault("paramlist", crate::sandbox::Strike::Away, 1000);
    let file = fixture.world.root().join("var/pmssl/policy");
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "nothing is known: {}", fixture.log());
    std::fs::write(&file, kept).unwrap();
    fixture.world.advance(7200);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
}

/// Tried again all the time, the client is told after half of the lead, a person after three quarters.
#[test]
fn a_reissue_in_trouble_escalates_by_age() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("ages.example.com", 24);
    fixture.pass();
    let end = fixture.end(item);
    let vendor = fixture.world.vendor(MODULE);
    vendor.set_fault("order/reissue", Fault::ServerErrorBefore, FOREVER);
    vendor.set_fault("order/status", Fault::HtmlPage, FOREVER);
    let (mut told, mut tasked) = (None, None);
    while fixture.today() + chrono::TimeDelta::days(2) < end {
        fixture.days(2);
        fixture.pass();
        let left = (end - fixture.today()).num_days();
        let panel = fixture.world.panel();
        if told.is_none() && !fixture.notices().is_empty() {
            told = Some(left);
        }
        if tasked.is_none() && !panel.free_tasks().is_empty() {
            tasked = Some(left);
        }
    }
    let (told, tasked) = (told.unwrap(), tasked.unwrap());
    assert!(told > tasked, "{told} {tasked}\n{}", fixture.log());
    assert!((5..=8).contains(&told), "{told}");
    assert!((2..=5).contains(&tasked), "{tasked}");
    let panel = fixture.world.panel();
    assert_eq!((fixture.notices().len(), panel.free_tasks().len()), (1, 1));
}

/// What an option of former times has stored hides no certificate: neither an end that was kept once and
/// belongs to another certificate, nor an End date that shows the paid term.
#[test]
fn no_option_of_former_times_hides_a_certificate() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let go_to = |day: &str| {
        let day: chrono::NaiveDate = day.parse().unwrap();
        fixture.days((day - fixture.today()).num_days());
    };
    go_to("2027-03-08");
    fixture.world.set_option("SSLExpireDate", "paid");
    let mut items = vec![fixture.ordered("paid.example.com", 12)];
    fixture.pass();
    fixture.world.set_option("SSLExpireDate", "");
    for name in ["usual", "stale", "moved"] {
        items.push(fixture.ordered(&format!("{name}.example.com"), 12));
    }
    fixture.pass();
    go_to("2027-03-20");
    for item in &items {
        let operation = fixture.world.reissue(*item, None, &[]);
        assert!(fixture.world.run(operation).is_ok());
    }
    fixture.world.advance(300);
    fixture.pass();
    // As an earlier version left it.
    let panel = fixture.world.panel();
    panel.set_parameter(items[2], "pmssl_certificate_end", Some("2027-09-23"));
    for item in &items[2..] {
        panel.execute(
            "UPDATE item SET expiredate = '2028-03-08' WHERE id = ?",
            [item],
        );
    }
    panel.set_parameter(items[3], "pmssl_certificate_end", None);
    let first: Vec<_> = items.iter().map(|item| fixture.end(*item)).collect();
    for end in &first {
        assert!(end.to_string().starts_with("2027-06"), "{end}");
    }
    let last = *first.iter().min().unwrap();
    while fixture.today() < last - chrono::TimeDelta::days(5) {
        fixture.days(5);
        fixture.pass();
    }
    fixture.world.advance(300);
    fixture.pass();
    for (item, before) in items.iter().zip(first) {
        assert!(fixture.end(*item) > before, "{item}: {}", fixture.log());
    }
    fixture.is_sound();
}
