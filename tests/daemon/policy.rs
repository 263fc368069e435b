//! The reissue policy of billmgr.conf, as the real daemon keeps it.

use super::{MODULE, Scene};
use crate::sandbox::ItemSpec;
use crate::sandbox::vendor::fault::{FOREVER, Fault};

/// Bad values are told and do not hold: the certificate is reissued as by default, 10 of its 199 days early.
#[test]
fn bad_values_are_refused_and_the_defaults_used() {
    let scene = Scene::new();
    scene.approves_by_itself();
    scene.ordered("bad.example.com", 24);
    scene.world.set_option("SSLSubscriptionPolicy", "sometimes");
    scene.world.set_option("SSLSubscriptionBefore", "201");
    scene.pass();
    scene.days(180);
    scene.pass();
    assert_eq!(scene.reissues(), 0);
    scene.days(10);
    scene.pass();
    assert_eq!(scene.reissues(), 1, "{}", scene.log());
    let log = scene.world.log("pmssl");
    assert!(log.contains(
        "SSLSubscriptionPolicy: 'sometimes' is not one of auto, manual, none; auto is used"
    ));
    assert!(log.contains("SSLSubscriptionBefore: '201' is not a number from 1 to 200"));
}

#[test]
fn the_days_of_the_option_are_kept() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let item = scene.ordered("days.example.com", 24);
    scene.world.set_option("SSLSubscriptionBefore", "7");
    let end = scene.end(item);
    scene
        .world
        .advance((end - scene.today()).num_seconds() - 9 * super::DAY);
    scene.pass();
    assert_eq!(scene.reissues(), 0);
    scene.days(2);
    scene.pass();
    assert_eq!(scene.reissues(), 1, "{}", scene.log());
}

/// Fifteen days before its end a certificate was looked at and put off to its tenth. An option that changes meanwhile is
/// in force for it at the next pass, in both directions.
#[test]
fn an_option_that_changes_is_in_force_at_the_next_pass() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let item = scene.ordered("changed.example.com", 24);
    let end = scene.end(item);
    let left = 15 * super::DAY;
    scene
        .world
        .advance((end - scene.today()).num_seconds() - left);
    scene.pass();
    assert_eq!(scene.reissues(), 0, "{}", scene.log());
    scene.world.set_option("SSLSubscriptionPolicy", "none");
    scene.world.set_option("SSLSubscriptionBefore", "30");
    scene.world.advance(120);
    scene.pass();
    assert_eq!(scene.reissues(), 0, "{}", scene.log());
    scene.world.set_option("SSLSubscriptionPolicy", "auto");
    scene.world.advance(120);
    scene.pass();
    assert_eq!(scene.reissues(), 1, "{}", scene.log());
}

/// A service far from every end shows its dates as the options want them after the next pass, in both directions, and
/// without a word to its vendor.
#[test]
fn an_option_about_the_dates_is_in_force_at_the_next_pass() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let items = [("long", 24), ("short", 12)];
    let items = items.map(|(name, months)| scene.ordered(&format!("{name}.example.com"), months));
    scene.pass();
    scene.world.advance(600);
    scene.pass();
    let shown = || {
        items.map(|item| {
            let view = scene.world.item(item);
            let paid = view.parameter("paid_till").to_owned();
            (view.expiredate.clone().unwrap_or_default(), paid)
        })
    };
    let usual = shown();
    let [long, short] = &usual;
    assert!(long.0 < long.1 && short.0 < short.1, "{usual:?}");
    let calls = scene.looks();
    let by_term = usual.clone().map(|(_, paid)| (paid.clone(), paid));
    let only_long = [long.clone(), (short.0.clone(), String::new())];
    let steps = [
        ("SSLExpireDate", "paid", &by_term),
        ("SSLExpireDate", "certificate", &usual),
        ("SSLPaidTill", "multiyear", &only_long),
        ("SSLPaidTill", "", &usual),
    ];
    for (name, value, expected) in steps {
        scene.world.set_option(name, value);
        scene.world.advance(120);
        scene.pass();
        assert_eq!(&shown(), expected, "{name} {value}: {}", scene.log());
    }
    assert_eq!(scene.looks(), calls, "{}", scene.log());
    scene.is_sound();
}

/// A certificate proved by e-mail that is due after the end of e-mail proofs: the program takes another method of the
/// product, asks the vendor by it, and the client is told what to publish.
#[test]
fn the_first_reissue_after_the_end_of_mail_proofs_takes_another_method() {
    let scene = Scene::beginning("2027-12-20T09:00:00Z");
    let item = scene.ordered("letter.example.com", 12);
    let asked = |call: &str| {
        let calls = scene.world.vendor(MODULE).requests_of(call);
        calls.last().unwrap().request.text()
    };
    assert!(asked("order/neworder").contains("admin@letter.example.com"));
    scene.approve_all();
    scene.world.advance(120);
    scene.pass();
    let end = scene.end(item);
    assert!(end > "2028-03-15".parse().unwrap(), "{end}");
    let days = (end - scene.today()).num_days() - 6;
    scene.days(days);
    scene.pass();
    assert_eq!(scene.reissues(), 1, "{}", scene.log());
    let body = asked("order/reissue");
    assert!(
        body.contains("CNAME") && !body.contains("admin@letter"),
        "{body}"
    );
    let view = scene.world.item(item);
    assert_eq!(view.parameter("approver_method"), "auth_cname");
    let value = view.parameter("auth_cname_value");
    assert!(!value.is_empty());
    let messages = scene.world.panel().messages();
    assert!(
        messages.iter().any(|(.., text)| text.contains(value)),
        "{messages:?}"
    );
    scene.approve_all();
    scene.world.advance(300);
    scene.pass();
    assert!(scene.end(item) > end, "{}", scene.log());
    assert!(scene.world.panel().free_tasks().is_empty());
    scene.is_sound();
}

/// The same CSR, the same names and method; the client hears what to publish, and the panel shows it.
#[test]
fn a_reissue_asks_for_the_same_and_announces_its_proofs() {
    const NAME: &str = "same.example.com";
    let scene = Scene::new();
    let mut spec = ItemSpec::new(scene.account, "sectigodvucc")
        .name(NAME)
        .months(24)
        .with_names(&["www.same.example.com", "mail.same.example.com"]);
    spec.approver_method = "auth_cname".to_owned();
    let item = scene.world.add_item(&spec);
    let outcome = scene.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    scene.approve_all();
    scene.world.advance(120);
    scene.pass();
    let view = scene.world.item(item);
    assert_eq!(view.service_status, Some(5), "{}", scene.log());
    let values = |view: &crate::sandbox::ItemView| view.parameter("auth_cname_value").to_owned();
    let (csr, first) = (view.csr.clone(), values(&view));
    assert!(scene.world.panel().messages().is_empty());

    scene.days(190);
    scene.pass();
    let calls = scene.world.vendor(MODULE).requests_of("order/reissue");
    assert_eq!(calls.len(), 1, "{}", scene.log());
    let body: serde_json::Value = serde_json::from_str(&calls[0].request.text()).unwrap();
    let asked = body["CSR"].as_str().unwrap();
    let plain = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(plain(asked), plain(&csr));
    let names = body["DNSNames"].to_string();
    for name in ["www.same.example.com", "mail.same.example.com"] {
        assert!(names.contains(name), "{body}");
    }
    assert!(body.to_string().contains("CNAME"), "{body}");
    let now = scene.world.item(item);
    assert_ne!(values(&now), first, "new proofs are shown");
    let messages = scene.world.panel().messages();
    assert_eq!(messages.len(), 1, "{}", scene.log());
    for value in values(&now).split(',') {
        assert!(messages[0].2.contains(value), "{value}: {}", messages[0].2);
    }
    scene.world.advance(7200);
    scene.pass();
    assert_eq!(scene.world.panel().messages().len(), 1, "told once");

    scene.approve_all();
    scene.world.advance(86_400);
    scene.pass();
    assert!(scene.end(item) > scene.today() + chrono::TimeDelta::days(60));
    scene.is_sound();
}

/// A new CSR of the client's is the one that is reissued with.
#[test]
fn a_new_csr_of_the_platform_is_used() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let item = scene.ordered("newkey.example.com", 24);
    scene.pass();
    let old = scene.world.item(item).csr;
    let subject = crate::sandbox::request::Subject::of("newkey.example.com");
    let new = crate::sandbox::request::elliptic(&subject).csr;
    scene.world.panel().execute(
        "UPDATE certificate SET csr = ? WHERE item = ?",
        rusqlite::params![new, item],
    );
    scene.days(190);
    scene.pass();
    let calls = scene.world.vendor(MODULE).requests_of("order/reissue");
    let body: serde_json::Value = serde_json::from_str(&calls[0].request.text()).unwrap();
    let plain = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(plain(body["CSR"].as_str().unwrap()), plain(&new));
    assert_ne!(plain(&old), plain(&new));
}

/// The last certificate of a term is the client's to renew.
#[test]
fn a_certificate_that_covers_its_term_is_left_to_renewal() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let item = scene.ordered("renewal.example.com", 12);
    let paid_till = scene.world.item(item).parameter("paid_till").to_owned();
    let term_end: chrono::NaiveDate = paid_till.parse().unwrap();
    let mut last = None;
    while scene.today() < term_end {
        scene.days(5);
        scene.pass();
        if last.is_none() && scene.end(item) + chrono::TimeDelta::days(1) >= term_end {
            last = Some((scene.reissues(), scene.today()));
        }
    }
    let (reissues, since) = last.expect("the term is covered");
    assert!((scene.today() - since).num_days() > 30, "{since}");
    assert_eq!(scene.reissues(), reissues);
    assert_eq!(scene.world.vendor(MODULE).hits("order/reissue"), reissues);
    assert!(scene.world.panel().free_tasks().is_empty());
    assert!(scene.world.panel().messages().is_empty());
}

/// Nothing in the interface of this vendor reissues: people have the whole lead for it, and are reminded.
#[test]
fn a_vendor_without_reissue_gets_its_task_at_once() {
    const OTHER: &str = "pmleadertelecom";
    let scene = Scene::new();
    scene.world.vendor(OTHER).vendor().set_balance(100_000_000);
    let account = scene.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product)
        .name("people.example.com")
        .months(24);
    let item = scene.world.add_item(&spec);
    let outcome = scene.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let vendor = scene.world.vendor(OTHER).vendor();
    for order in vendor.orders() {
        let _ = vendor.approve(&order.id, &crate::sandbox::vendor::Approval::All);
    }
    scene.world.advance(600);
    scene.pass();
    let end = scene.end(item);
    let mut told = None;
    while scene.today() + chrono::TimeDelta::days(3) < end {
        scene.days(3);
        scene.pass();
        if told.is_none() && !scene.world.panel().free_tasks().is_empty() {
            told = Some(scene.today());
        }
    }
    let tasks = scene.world.panel().free_tasks();
    assert_eq!(tasks.len(), 2, "{}", scene.log());
    let csr = scene.world.item(item).csr;
    for part in ["people.example.com", csr.trim(), "--replace NUMBER"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
    let early = end - told.unwrap();
    assert!(early.num_days() >= 7, "{early}");
    // Once more when it has ended, and then no more.
    for _ in 0..2 {
        scene.days(4);
        scene.pass();
    }
    let tasks = scene.world.panel().free_tasks();
    assert_eq!(tasks.len(), 3, "{}", scene.log());
    let ended = format!("expired on {end}");
    let about_it = tasks.iter().filter(|task| task.contains(&ended));
    assert_eq!(about_it.count(), 1, "{tasks:?}");
}

/// The vendor's call is named in the site's file: the daemon works by it, and the plan says so.
#[test]
fn a_reissue_call_of_the_sites_file_is_the_daemons() {
    const OTHER: &str = "pmleadertelecom";
    let scene = Scene::new();
    scene.world.vendor(OTHER).vendor().set_balance(100_000_000);
    let account = scene.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let spec = ItemSpec::new(account, product)
        .name("known.example.com")
        .months(24);
    let item = scene.world.add_item(&spec);
    let outcome = scene.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    scene.world.approve(item);
    assert!(scene.world.sync(item).is_ok());
    let next_by = || {
        let told = scene.tool(&["plan", "--item", &item.to_string(), "--json"]);
        let plans: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        plans[0]["steps"][0]["by"].as_str().unwrap().to_owned()
    };
    assert_eq!(next_by(), "person (task)");
    let directory = scene.world.root().join("etc/pmssl");
    std::fs::create_dir_all(&directory).unwrap();
    let line = "PathReissue ssl_certificates/{id}/reissue\n";
    std::fs::write(directory.join("pmleadertelecom.conf"), line).unwrap();
    assert_eq!(next_by(), "pmssl daemon");
}

/// A term that is not stored, at a vendor that never tells it: nobody but a person can say whether a reissue is due.
#[test]
fn an_unknown_term_at_a_vendor_that_does_not_tell_it_is_a_task() {
    const OTHER: &str = "pmenomssl";
    let scene = Scene::new();
    scene.world.vendor(OTHER).vendor().set_balance(100_000_000);
    let account = scene.world.add_account(OTHER, &[]);
    let product = crate::sandbox::sample::plain_product(OTHER);
    let item = scene
        .world
        .add_item(&ItemSpec::new(account, product).name("moved.example.com"));
    let outcome = scene.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    scene.world.approve(item);
    assert!(scene.world.sync(item).is_ok());
    let panel = scene.world.panel();
    for name in ["pmssl_term_end", "paid_till"] {
        panel.set_parameter(item, name, None);
    }
    let left = (scene.end(item) - scene.today()).num_days();
    scene.days(left - 4);
    for _ in 0..2 {
        scene.pass();
        scene.days(1);
    }
    let tasks = scene.world.panel().free_tasks();
    assert_eq!(tasks.len(), 1, "{}", scene.log());
    assert!(tasks[0].contains("pmssl_term_end"), "{}", tasks[0]);
}

/// A daemon that cron starts knows of no pass before its own: what BILLmanager answered last stands in a file.
#[test]
fn a_policy_that_cannot_be_asked_for_is_the_one_that_was_told_last() {
    let scene = Scene::new();
    scene.approves_by_itself();
    scene.ordered("told.example.com", 24);
    scene.pass();
    scene.days(190);
    let panel = scene.world.panel();
    panel.set_fault("paramlist", crate::sandbox::Strike::Away, 1000);
    let file = scene.world.root().join("var/pmssl/policy");
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    scene.pass();
    assert_eq!(scene.reissues(), 0, "nothing is known: {}", scene.log());
    std::fs::write(&file, kept).unwrap();
    scene.world.advance(7200);
    scene.pass();
    assert_eq!(scene.reissues(), 1, "{}", scene.log());
}

/// Tried again all the time, the client is told after half of the lead, a person after three quarters.
#[test]
fn a_reissue_in_trouble_escalates_by_age() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let item = scene.ordered("ages.example.com", 24);
    scene.pass();
    let end = scene.end(item);
    let vendor = scene.world.vendor(MODULE);
    vendor.set_fault("order/reissue", Fault::ServerErrorBefore, FOREVER);
    vendor.set_fault("order/status", Fault::HtmlPage, FOREVER);
    let (mut told, mut tasked) = (None, None);
    while scene.today() + chrono::TimeDelta::days(2) < end {
        scene.days(2);
        scene.pass();
        let left = (end - scene.today()).num_days();
        let panel = scene.world.panel();
        if told.is_none() && !scene.notices().is_empty() {
            told = Some(left);
        }
        if tasked.is_none() && !panel.free_tasks().is_empty() {
            tasked = Some(left);
        }
    }
    let (told, tasked) = (told.unwrap(), tasked.unwrap());
    assert!(told > tasked, "{told} {tasked}\n{}", scene.log());
    assert!((5..=8).contains(&told), "{told}");
    assert!((2..=5).contains(&tasked), "{tasked}");
    let panel = scene.world.panel();
    assert_eq!((scene.notices().len(), panel.free_tasks().len()), (1, 1));
}

/// What an option of former times has stored hides no certificate: neither an end that was kept once and
/// belongs to another certificate, nor an End date that shows the paid term.
#[test]
fn no_option_of_former_times_hides_a_certificate() {
    let scene = Scene::new();
    scene.approves_by_itself();
    let go_to = |day: &str| {
        let day: chrono::NaiveDate = day.parse().unwrap();
        scene.days((day - scene.today()).num_days());
    };
    go_to("2027-03-08");
    scene.world.set_option("SSLExpireDate", "paid");
    let mut items = vec![scene.ordered("paid.example.com", 12)];
    scene.pass();
    scene.world.set_option("SSLExpireDate", "");
    for name in ["usual", "stale", "moved"] {
        items.push(scene.ordered(&format!("{name}.example.com"), 12));
    }
    scene.pass();
    go_to("2027-03-20");
    for item in &items {
        let operation = scene.world.reissue(*item, None, &[]);
        assert!(scene.world.run(operation).is_ok());
    }
    scene.world.advance(300);
    scene.pass();
    // As an earlier version left it.
    let panel = scene.world.panel();
    panel.set_parameter(items[2], "pmssl_certificate_end", Some("2027-09-23"));
    for item in &items[2..] {
        panel.execute(
            "UPDATE item SET expiredate = '2028-03-08' WHERE id = ?",
            [item],
        );
    }
    panel.set_parameter(items[3], "pmssl_certificate_end", None);
    let first: Vec<_> = items.iter().map(|item| scene.end(*item)).collect();
    for end in &first {
        assert!(end.to_string().starts_with("2027-06"), "{end}");
    }
    let last = *first.iter().min().unwrap();
    while scene.today() < last - chrono::TimeDelta::days(5) {
        scene.days(5);
        scene.pass();
    }
    scene.world.advance(300);
    scene.pass();
    for (item, before) in items.iter().zip(first) {
        assert!(scene.end(*item) > before, "{item}: {}", scene.log());
    }
    scene.is_sound();
}
