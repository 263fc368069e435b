//! pmispmgrssl from end to end: the real binary between the simulated platform and the simulated billing.

use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World};

const MODULE: &str = "pmispmgrssl";
const HOUR: i64 = 3600;

struct Shop {
    world: World,
    account: u64,
    _directory: tempfile::TempDir,
}

impl Shop {
    fn open(switches: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        let account = world.add_account(MODULE, &[]);
        for (name, value) in switches {
            world
                .vendor(MODULE)
                .vendor()
                .set_switch(name, value)
                .unwrap();
        }
        Self {
            world,
            account,
            _directory: directory,
        }
    }

    fn item(&self) -> u64 {
        self.world
            .add_item(&ItemSpec::new(self.account, "3033").name("shop.example.com"))
    }

    fn correct(&self, text: &str) {
        let directory = self.world.root().join("etc/pmssl");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("pmispmgrssl.conf"), text).unwrap();
    }

    fn paid(&self) -> usize {
        let sales = self.world.vendor(MODULE).vendor().sales();
        sales.iter().filter(|sale| sale.is_paid()).count()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.world.vendor(MODULE).vendor().violations(), []);
            assert_eq!(self.world.leaks(), [] as [String; 0]);
        }
    }
}

#[test]
fn certificate_end_and_paid_till_are_kept_apart() {
    let shop = Shop::open(&[]);
    let item = shop.item();
    assert!(shop.world.perform(item, "open").is_ok());
    shop.world.approve(item);
    assert!(shop.world.sync(item).is_ok());
    let view = shop.world.item(item);
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let paid_till = day(view.parameter("paid_till"));
    let days = (paid_till - day(&view.expiredate.clone().unwrap())).num_days();
    assert!(
        (150..200).contains(&days),
        "{days} days between the certificate's end and the term's"
    );
}

/// The days of the product's own page, bought on 2 April 2026 and a certificate till October, with the longest
/// term that this vendor sells; the page's five years stand in `order::term`.
#[test]
fn the_documented_example_holds_exactly() {
    let directory = tempfile::tempdir().unwrap();
    let setup = Setup {
        begin: "2026-04-02T09:00:00Z".parse().unwrap(),
        ..Setup::default()
    };
    let world = World::start_with(directory.path(), &setup);
    world.vendor(MODULE).vendor().set_balance(100_000_000);
    let account = world.add_account(MODULE, &[]);
    let spec = ItemSpec::new(account, "3033")
        .name("shop.example.com")
        .months(24);
    let item = world.add_item(&spec);
    let outcome = world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    world.approve(item);
    assert!(world.sync(item).is_ok());
    let view = world.item(item);
    // The simulated vendor issues for 199 days.
    assert_eq!(view.expiredate.as_deref(), Some("2026-10-18"));
    assert_eq!(view.parameter("paid_till"), "2028-04-02");
}

#[test]
fn the_sites_file_repairs_what_is_not_known_without_a_new_build() {
    let shop = Shop::open(&[("kind-choices", "off")]);
    let item = shop.item();
    let operation = shop.world.queue(item, "open");
    let outcome = shop.world.run(operation);
    assert_eq!(outcome.exit, Some(1));
    assert!(
        outcome.stdout.contains("RequestKindExisting"),
        "{}",
        outcome.stdout
    );
    assert_eq!(shop.paid(), 0);

    shop.correct("# as the form shows it\nRequestKindExisting existing\n");
    let outcome = shop.world.run(operation);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    shop.world.approve(item);
    assert!(shop.world.sync(item).is_ok());
    assert!(shop.world.is_issued(item));
    assert_eq!(shop.paid(), 1);
}

#[test]
fn a_method_that_no_product_has_is_refused_before_any_request() {
    let shop = Shop::open(&[]);
    for method in ["auth_dnstxt", "auth_cname", "auth_http"] {
        let mut spec = ItemSpec::new(shop.account, "3033").name("shop.example.com");
        method.clone_into(&mut spec.approver_method);
        let item = shop.world.add_item(&spec);
        let operation = shop.world.queue(item, "open");
        let outcome = shop.world.run(operation);
        assert_eq!(outcome.exit, Some(1), "{method}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("auth_email"), "{}", outcome.stdout);
    }
    assert_eq!(shop.world.vendor(MODULE).requests().len(), 0);
}

#[test]
fn a_wrong_line_in_the_sites_file_stops_every_order_and_is_named() {
    let shop = Shop::open(&[]);
    shop.correct("ReadFunction certificate.edit\nPeriods twelve\nReader x\n");
    let item = shop.item();
    let operation = shop.world.queue(item, "open");
    let outcome = shop.world.run(operation);
    assert_eq!(outcome.exit, Some(1));
    for part in ["pmispmgrssl.conf", "line 2", "line 3", "Periods", "Reader"] {
        assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
    }
    assert_eq!(shop.world.vendor(MODULE).requests().len(), 0);
}

/// The daemon works by the same file as the platform's commands.
#[test]
fn a_wrong_line_in_the_sites_file_stops_the_daemon_too() {
    let shop = Shop::open(&[]);
    let item = shop.item();
    assert!(shop.world.perform(item, "open").is_ok());
    let asked = || shop.world.vendor(MODULE).requests().len();
    let pass = || {
        let output = shop.world.tool(&["daemon", "--once"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let before = asked();
    shop.correct("Periods twelve\n");
    pass();
    assert_eq!(asked(), before);
    let log = shop.world.log("pmssl");
    assert!(log.contains("pmispmgrssl.conf"), "{log}");
    shop.correct("");
    shop.world.advance(HOUR);
    pass();
    assert!(asked() > before, "{}", shop.world.log("pmssl"));
}

#[test]
fn a_sale_that_nobody_can_see_is_left_to_a_person_and_never_repeated() {
    // The answer holds no number, the list hides rows, records show nothing that proves the order.
    let shop = Shop::open(&[
        ("order-reply", "silent"),
        ("csr", "off"),
        ("filter-form", "off"),
    ]);
    shop.world.expect_at_the_end("lost: ispmgrssl");
    let item = shop.item();
    let operation = shop.world.queue(item, "open");
    for _ in 0..5 {
        let outcome = shop.world.run(operation);
        assert_eq!(outcome.exit, Some(1), "{}", outcome.stdout);
        shop.world.advance(HOUR);
    }
    assert_eq!(shop.paid(), 1);
    assert_eq!(
        shop.world.vendor(MODULE).hits("certificate.order.param!"),
        1
    );
    assert!(!shop.world.tasks().is_empty());
}

#[test]
fn two_factor_authentication_is_named_by_the_connection_check() {
    let shop = Shop::open(&[("two-factor", "on")]);
    let outcome = shop.world.check_account(shop.account);
    assert_eq!(outcome.exit, Some(1));
    assert!(
        outcome.stdout.contains("pmssl_two_factor"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn every_renewal_of_a_service_is_bought_and_brings_a_certificate_of_its_own() {
    let shop = Shop::open(&[]);
    let item = shop.item();
    assert!(shop.world.perform(item, "open").is_ok());
    shop.world.approve(item);
    assert!(shop.world.sync(item).is_ok());
    let mut former = shop.world.item(item);
    for (saves, sales) in [(2, 2), (3, 3)] {
        shop.world.advance(180 * 24 * HOUR);
        let outcome = shop.world.perform(item, "prolong");
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        assert!(shop.world.sync(item).is_ok());
        let waiting = shop.world.item(item);
        assert_eq!(
            (waiting.service_status, waiting.saves),
            (Some(4), saves - 1)
        );
        shop.world.approve(item);
        assert!(shop.world.sync(item).is_ok());
        let renewed = shop.world.item(item);
        assert_eq!((renewed.service_status, renewed.saves), (Some(5), saves));
        assert_ne!(renewed.crt, former.crt);
        let till = |view: &crate::sandbox::item::ItemView| view.parameter("paid_till").to_owned();
        assert!(
            till(&renewed) > till(&former),
            "{} {}",
            till(&renewed),
            till(&former)
        );
        assert_eq!(shop.paid(), sales);
        former = renewed;
    }
}

#[test]
fn a_renewal_without_a_new_certificate_keeps_the_former_one_and_moves_paid_till() {
    let shop = Shop::open(&[("prolong-issues", "off")]);
    let item = shop.item();
    assert!(shop.world.perform(item, "open").is_ok());
    shop.world.approve(item);
    assert!(shop.world.sync(item).is_ok());
    let former = shop.world.item(item);
    assert!(shop.world.perform(item, "prolong").is_ok());
    assert_eq!(
        shop.world.item(item).service_status,
        Some(4),
        "it may still come"
    );
    shop.world.advance(25 * HOUR);
    assert!(shop.world.sync(item).is_ok());
    let renewed = shop.world.item(item);
    assert_eq!((renewed.service_status, renewed.saves), (Some(5), 1));
    assert_eq!(
        renewed.expiredate, former.expiredate,
        "the certificate's end stays"
    );
    assert!(renewed.parameter("paid_till") > former.parameter("paid_till"));
}

#[test]
fn a_deleted_service_becomes_one_task() {
    let shop = Shop::open(&[]);
    let item = shop.item();
    assert!(shop.world.perform(item, "open").is_ok());
    let order = shop.world.order_of(item);
    for _ in 0..2 {
        let outcome = shop.world.perform(item, "close");
        assert!(outcome.is_ok(), "{}", outcome.stdout);
    }
    let texts = shop.world.panel().free_tasks();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for part in [order.as_str(), "Ispmanager", "shop.example.com"] {
        assert!(texts[0].contains(part), "{part}: {texts:?}");
    }
    assert!(
        !shop
            .world
            .vendor(MODULE)
            .requests()
            .iter()
            .any(|request| request.call.contains("delete"))
    );
}

/// Without money the billing makes a service that waits for payment. Nobody orders a second one: a person is told at once
/// and once, everything that lists services says what it waits for, and it goes on as soon as it is paid for.
#[test]
fn a_service_that_is_not_paid_at_the_vendor_is_told_at_once_and_goes_on_when_it_is() {
    let shop = Shop::open(&[("prices", "off"), ("poor", "unpaid")]);
    let vendor = || shop.world.vendor(MODULE).vendor();
    vendor().set_balance(0);
    let item = shop.item();
    let outcome = shop.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    assert!(shop.world.operations().is_empty());
    let tasks = || shop.world.panel().free_tasks();
    shop.world.advance(600);
    shop.world.sync(item);
    assert_eq!(tasks().len(), 1, "{}", shop.world.log(MODULE));
    let order = shop.world.order_of(item);
    for part in [order.as_str(), "top up", "do not order again", "пополните"] {
        assert!(tasks()[0].contains(part), "{part}: {}", tasks()[0]);
    }
    let told = |words: &[&str]| {
        let output = shop.world.tool(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let number = item.to_string();
    let shown = told(&["show", "--item", &number]);
    assert!(shown.contains("is not paid at the vendor"), "{shown}");
    let stuck = told(&["orders", "--stuck"]);
    assert!(stuck.contains("administrator"), "{stuck}");
    let doctor = told(&["doctor", "--quiet"]);
    assert!(doctor.contains(&format!("service {item}:")), "{doctor}");

    for _ in 0..5 {
        shop.world.advance(24 * HOUR);
        shop.world.sync(item);
        told(&["daemon", "--once"]);
    }
    assert_eq!(tasks().len(), 1, "not again every day");
    assert_eq!((shop.paid(), vendor().orders().len()), (0, 1));

    // Somebody tops up and pays in the billing's panel.
    vendor().set_switch("state", &format!("{order}:2")).unwrap();
    shop.world.advance(HOUR);
    shop.world.sync(item);
    shop.world.approve(item);
    shop.world.sync(item);
    assert!(shop.world.is_issued(item), "{}", shop.world.log(MODULE));
    let shown = told(&["orders", "--stuck"]);
    assert!(!shown.contains("administrator"), "{shown}");
    assert_eq!((shop.paid(), vendor().orders().len()), (1, 1));
    assert_eq!(tasks().len(), 1);
}
