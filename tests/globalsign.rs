//! pmglobalsign from end to end: the real binary between the simulated platform and the simulated vendor.

mod endless;
mod hold;
mod unasked;

use crate::sandbox::vendor::{Approval, Fault, SaleKind};
use crate::sandbox::{self, ItemSpec, ItemView, World};

const MODULE: &str = "pmglobalsign";

struct Shop {
    world: World,
    account: u64,
    _directory: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        let account = world.add_account(MODULE, &[]);
        Self {
            world,
            account,
            _directory: directory,
        }
    }

    fn spec(&self, template: &str, name: &str, method: &str) -> ItemSpec {
        let mut spec = ItemSpec::new(self.account, template).name(name);
        method.clone_into(&mut spec.approver_method);
        let domain = name.trim_start_matches("*.").trim_start_matches("www.");
        spec.approver_email = Some(format!("admin@{domain}"));
        spec
    }

    /// The same for every product of the module: what EV asks for is filled in.
    fn spec_of(&self, template: &str, name: &str, method: &str) -> ItemSpec {
        self.spec(template, name, method)
            .with("org_registration_number", "HRB 12345")
            .with("org_business_category", "PO")
    }

    /// The site's file of the module.
    fn write_site_file(&self, lines: &str) {
        let folder = self.world.root().join("etc/pmssl");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("pmglobalsign.conf"), lines).unwrap();
    }

    fn hits(&self, call: &str) -> usize {
        self.world.vendor(MODULE).hits(call)
    }

    /// Queues what makes a paid call.
    fn queue(&self, item: u64, step: &str) -> u64 {
        if step == "reopen" {
            self.world.reissue(item, None, &[])
        } else {
            self.world.queue(item, step)
        }
    }

    /// A service that stands before a step: new, or with its certificate.
    fn before(&self, step: &str, spec: &ItemSpec) -> u64 {
        let item = self.world.add_item(spec);
        if step != "open" {
            let outcome = self.world.perform(item, "open");
            assert!(outcome.is_ok(), "{}", outcome.stdout);
            self.issued(item, step);
        }
        item
    }

    fn approve(&self, view: &ItemView) {
        let vendor = self.world.vendor(MODULE).vendor();
        vendor
            .approve(view.parameter("custom_order_id"), &Approval::All)
            .unwrap();
    }

    fn sales(&self, kind: SaleKind) -> usize {
        let sales = self.world.vendor(MODULE).vendor().sales();
        sales.iter().filter(|sale| sale.kind == kind).count()
    }

    /// Follows an item that was approved; answers it issued.
    fn issued(&self, item: u64, what: &str) -> ItemView {
        self.approve(&self.world.item(item));
        let outcome = self.world.sync(item);
        let view = self.world.item(item);
        assert!(outcome.is_ok(), "{what}: {}", outcome.stdout);
        assert_eq!(view.service_status, Some(5), "{what}: {}", outcome.stdout);
        let saved = view.certificate.as_ref().expect("a saved certificate");
        assert_eq!(saved.kind, "zip", "{what}");
        assert!(
            saved.names.iter().any(|name| name.ends_with(".p7b")),
            "{what}: {:?}",
            saved.names
        );
        assert!(saved.subjects.len() >= 2, "{what}: {:?}", saved.subjects);
        view
    }

    /// The additional names of a service's order at the vendor.
    fn names(&self, view: &ItemView) -> Vec<String> {
        let orders = self.world.vendor(MODULE).vendor().orders();
        let number = view.parameter("custom_order_id");
        let order = orders.into_iter().find(|order| order.id == number);
        let mut names = order.expect("the order at the vendor").names;
        names.sort();
        names
    }

    /// All entries of the books.
    fn sold(&self) -> usize {
        self.world.vendor(MODULE).vendor().sales().len()
    }

    fn assert_sound(&self) {
        let reconciled = self.world.reconcile();
        assert!(reconciled.is_sound(), "{reconciled:?}");
        assert!(self.world.operations().is_empty());
    }
}

#[test]
fn every_product_is_ordered_issued_reissued_and_renewed() {
    let shop = Shop::open();
    let thirty: Vec<String> = (0..30).map(|n| format!("n{n}.example.io")).collect();
    let thirty: Vec<&str> = thirty.iter().map(String::as_str).collect();
    let ev = shop
        .spec("EV", "ev.example.com", "")
        .with("org_registration_number", "HRB 12345")
        .with("org_business_category", "PO");
    let specs = [
        ("e-mail", shop.spec("DV_LOW", "www.example.com", "")),
        (
            "e-mail with names",
            shop.spec("DV", "example.de", "auth_email")
                .with_names(&["mail.example.de", "a.example.de"]),
        ),
        (
            "one approver for names of several domains",
            shop.spec("DV", "example.ch", "auth_email")
                .with_names(&["example.at", "a.example.li"]),
        ),
        (
            "public IP addresses",
            shop.spec("OV", "ip.example.com", "").with_names(&[
                "a.example.com",
                "93.184.216.34",
                "2606:4700::1",
            ]),
        ),
        ("TXT record", shop.spec("DV", "example.net", "auth_dnstxt")),
        ("file", shop.spec("DV_LOW", "example.org", "auth_http")),
        (
            "wildcard",
            shop.spec("DV_LOW_wild", "*.example.co.uk", "auth_dnstxt"),
        ),
        (
            "company",
            shop.spec("OV", "ov.example.com", "")
                .with_names(&["*.example.info"]),
        ),
        ("extended", ev),
        (
            "30 names",
            shop.spec("DV", "example.io", "auth_dnstxt")
                .with_names(&thirty),
        ),
    ];
    let count = specs.len();
    for (what, spec) in specs {
        let item = shop.world.add_item(&spec);
        let outcome = shop.world.perform(item, "open");
        assert!(outcome.is_ok(), "{what}: {}", outcome.stdout);
        let view = shop.world.item(item);
        assert_eq!(view.service_status, Some(4), "{what}");
        if spec.approver_method == "auth_dnstxt" {
            assert!(
                view.parameter("auth_dnstxt_value")
                    .contains("domain-verification"),
                "{what}"
            );
            let host = spec.common_name.trim_start_matches("*.");
            assert_eq!(view.parameter("domains_list"), host, "{what}");
        }
        let first = shop.issued(item, what);

        let names: Vec<&str> = spec.altnames.iter().map(String::as_str).collect();
        let operation = shop.world.reissue(item, None, &names);
        let outcome = shop.world.run(operation);
        assert!(outcome.is_ok(), "{what}: {}", outcome.stdout);
        let second = shop.issued(item, what);
        assert_ne!(second.crt, first.crt, "{what}");
        assert_eq!(shop.names(&second), shop.names(&first), "{what}");
        assert_eq!(shop.names(&second).len(), names.len(), "{what}");

        let outcome = shop.world.perform(item, "prolong");
        assert!(outcome.is_ok(), "{what}: {}", outcome.stdout);
        let third = shop.issued(item, what);
        assert_ne!(
            third.parameter("custom_order_id"),
            second.parameter("custom_order_id"),
            "{what}"
        );
        assert_eq!(shop.names(&third), shop.names(&first), "{what}");
    }
    assert_eq!(shop.sales(SaleKind::Order), count);
    assert_eq!(shop.sales(SaleKind::Renewal), count);
    assert_eq!(shop.sales(SaleKind::Reissue), count);
    shop.assert_sound();
}

#[test]
fn a_published_record_or_file_is_found_by_the_next_run() {
    for method in ["auth_dnstxt", "auth_http"] {
        let shop = Shop::open();
        let item = shop
            .world
            .add_item(&shop.spec("DV", "www.example.com", method));
        assert!(shop.world.perform(item, "open").is_ok());
        assert!(shop.world.sync(item).is_ok());
        assert_eq!(shop.world.item(item).service_status, Some(4));
        let vendor = shop.world.vendor(MODULE).vendor();
        vendor.set_switch("proof", "all").unwrap();
        let outcome = shop.world.sync(item);
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        assert_eq!(shop.world.item(item).service_status, Some(5), "{method}");
        shop.assert_sound();
    }
}

/// Every paid call with the order that makes it.
const PAID: [(&str, &str, &str); 5] = [
    ("DV", "auth_email", "DVOrder"),
    ("DV", "auth_dnstxt", "DVDNSOrder"),
    ("DV", "auth_http", "URLVerification"),
    ("OV", "", "OVOrder"),
    ("EV", "", "EVOrder"),
];

/// The steps of a service's life that order, with the paid call of each.
fn paid_steps() -> Vec<(&'static str, (&'static str, &'static str), &'static str)> {
    let mut steps = Vec::new();
    for (template, method, call) in PAID {
        for step in ["open", "prolong"] {
            steps.push((step, (template, method), call));
        }
    }
    steps.push(("reopen", ("DV", "auth_email"), "ReIssue"));
    steps
}

#[test]
fn a_lost_answer_costs_no_second_certificate() {
    for (step, (template, method), call) in paid_steps() {
        let what = format!("{step} {call}");
        let shop = Shop::open();
        let item = shop.before(step, &shop.spec_of(template, "example.com", method));
        let (sold, hits) = (shop.sold(), shop.hits(call));
        let operation = shop.queue(item, step);
        shop.world
            .vendor(MODULE)
            .set_fault(call, Fault::ResetBeforeAnswer, 1);
        shop.world.run(operation);
        // A CSR is proof once no other order can appear any more.
        shop.world.run_with_pauses(3, 10 * 60);
        assert_eq!(shop.sold(), sold + 1, "{what}");
        assert_eq!(shop.hits(call), hits + 1, "{what}");
        let view = shop.issued(item, &what);
        assert!(!view.parameter("custom_order_id").is_empty());
        shop.assert_sound();
    }
}

#[test]
fn an_order_that_never_arrived_becomes_a_task_and_is_never_sent_again() {
    for (step, (template, method), call) in paid_steps() {
        let what = format!("{step} {call}");
        let shop = Shop::open();
        let item = shop.before(step, &shop.spec_of(template, "example.com", method));
        let (sold, hits) = (shop.sold(), shop.hits(call));
        let operation = shop.queue(item, step);
        shop.world
            .vendor(MODULE)
            .set_fault(call, Fault::ResetBeforeHandling, 1);
        shop.world.run(operation);
        shop.world.run_with_pauses(12, 10 * 60);
        if call == "DVOrder" {
            // Its number was issued beforehand and counts only once: the same order is sent again.
            assert_eq!(shop.sold(), sold + 1, "{what}");
            assert_eq!(shop.hits(call), hits + 2, "{what}");
            shop.issued(item, &what);
            shop.assert_sound();
            continue;
        }
        assert_eq!(shop.sold(), sold, "{what}");
        assert_eq!(shop.hits(call), hits + 1, "{what}");
        let left = shop.world.operation(operation).expect("the operation");
        assert!(left.manual, "{what}: {left:?}");
        assert!(!shop.world.tasks().is_empty(), "{what}");
        // However often a person restarts it.
        shop.world.retry(operation);
        shop.world.run_with_pauses(3, 10 * 60);
        assert_eq!(shop.hits(call), hits + 1, "{what}");
    }
}

/// Internal name that this site has given the product type of the addon for UC names.
const UC_ADDON: &str = "uc_names";

impl Shop {
    /// Three names, two of them UC names, with so many of each kind ordered.
    fn named_spec(&self, uc: u32, other: u32) -> ItemSpec {
        let names = ["mail.example.com", "www.example.com", "a.example.com"];
        let mut spec = self
            .spec("DV", "example.com", "auth_dnstxt")
            .with_names(&names)
            .with_addon(UC_ADDON, uc);
        spec.names_bought = other;
        spec
    }
}

#[test]
fn each_kind_of_names_is_held_against_its_own_addon() {
    let shop = Shop::open();
    shop.write_site_file(&format!("UcNamesAddons {UC_ADDON}\n"));
    for ((uc, other), word, detail) in [
        (
            (1, 9),
            "pmssl_uc_names_short",
            "2 &gt; 1 (mail.example.com, www.example.com)",
        ),
        (
            (9, 0),
            "pmssl_other_names_short",
            "1 &gt; 0 (a.example.com)",
        ),
    ] {
        let item = shop.world.add_item(&shop.named_spec(uc, other));
        let operation = shop.world.queue(item, "open");
        let outcome = shop.world.run(operation);
        for part in [word, detail, "altname"] {
            assert!(outcome.stdout.contains(part), "{part}: {}", outcome.stdout);
        }
        // Nobody was asked, nothing was sent.
        assert_eq!(shop.world.vendor(MODULE).requests().len(), 0);
        assert_eq!(shop.world.item(item).parameter("pmssl_intent"), "");
    }
    let item = shop.world.add_item(&shop.named_spec(2, 1));
    let outcome = shop.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let log = shop.world.log(MODULE);
    let line = "2 UC names of 2 ordered, 1 additional names of 1 ordered";
    assert!(log.contains(line), "{log}");
    shop.issued(item, "named");
    assert_eq!(shop.sold(), 1);
}

#[test]
fn kinds_that_cannot_be_told_apart_are_counted_together_and_the_log_says_so() {
    let shop = Shop::open();
    // The addon for UC names is on sale, but nobody has told which one it is.
    let item = shop.world.add_item(&shop.named_spec(2, 1));
    let operation = shop.world.queue(item, "open");
    let outcome = shop.world.run(operation);
    assert!(
        outcome.stdout.contains("pmssl_too_many_names"),
        "{}",
        outcome.stdout
    );
    assert_eq!(shop.world.vendor(MODULE).requests().len(), 0);
    let log = shop.world.log(MODULE);
    for part in [
        "counted together",
        "UcNamesAddons",
        "altname: 1, uc_names: 2",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    let item = shop.world.add_item(&shop.named_spec(0, 3));
    let outcome = shop.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    shop.issued(item, "counted together");
    assert_eq!(shop.sold(), 1);
}

#[test]
fn the_account_is_checked_and_its_balance_told() {
    let shop = Shop::open();
    assert!(shop.world.check_account(shop.account).is_ok());
    let vendor = shop.world.vendor(MODULE).vendor();
    for (code, word) in [
        ("-4001", "invalid_login_or_passwd"),
        ("-4201", "pmssl_address_not_allowed"),
        ("-9939", "pmssl_account_locked"),
    ] {
        vendor
            .set_switch("error", &format!("AccountSnapshot:{code}"))
            .unwrap();
        let outcome = shop.world.check_account(shop.account);
        assert_eq!(outcome.exit, Some(1));
        assert!(outcome.stdout.contains(word), "{code}: {}", outcome.stdout);
    }
    vendor.set_switch("error", "").unwrap();
    let outcome = shop.world.balance_of(shop.account);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    vendor.set_switch("balance", "two").unwrap();
    let outcome = shop.world.balance_of(shop.account);
    assert!(
        outcome.stdout.contains("pmssl capture"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn no_log_line_holds_the_credentials() {
    let shop = Shop::open();
    let levels = "pmglobalsign.* 9\nSET color=off\n";
    std::fs::write(shop.world.root().join("etc/debug.conf"), levels).unwrap();
    let item = shop
        .world
        .add_item(&shop.spec("DV", "example.com", "auth_dnstxt"));
    assert!(shop.world.perform(item, "open").is_ok());
    shop.issued(item, "TXT record");
    let vendor = shop.world.vendor(MODULE).vendor();
    vendor.set_switch("balance", "two").unwrap();
    assert!(!shop.world.balance_of(shop.account).is_ok());
    let log = shop.world.log(MODULE);
    assert!(log.contains("DVDNSOrder request") && log.contains("AccountSnapshot answer"));
    let user = sandbox::vendor::globalsign::USER;
    let password = sandbox::vendor::globalsign::PASSWORD;
    let escaped = password
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    assert_ne!(escaped, password);
    for secret in [user, password, &escaped] {
        assert!(!log.contains(secret), "{secret}");
    }
}

/// The window begins with the certificate, not with the order that waited for its proof.
#[test]
fn a_certificate_that_was_pending_for_long_is_given_back_inside_its_own_window() {
    const DAY: i64 = 86_400;
    let shop = Shop::open();
    for (days, refunded) in [(2, 1), (7, 1)] {
        let name = format!("wait{days}.example.com");
        let item = shop.world.add_item(&shop.spec("DV_LOW", &name, ""));
        assert!(shop.world.perform(item, "open").is_ok());
        shop.world.advance(10 * DAY);
        shop.issued(item, &name);
        shop.world.advance(days * DAY);
        let outcome = shop.world.perform(item, "close");
        assert!(outcome.is_ok(), "{days}: {}", outcome.stdout);
        let sales = shop.world.vendor(MODULE).vendor().sales();
        let given_back = sales.iter().filter(|sale| sale.refunded).count();
        assert_eq!(given_back, refunded, "{days}");
    }
}

/// Of an order that somebody else placed the paid term is learned, of its reissue it is kept.
#[test]
fn the_paid_term_of_an_adopted_order_is_learned() {
    let shop = Shop::open();
    let spec = shop.spec("DV_LOW", "adopted.example.com", "").months(12);
    let item = shop.world.add_item(&spec);
    assert!(shop.world.perform(item, "open").is_ok());
    let view = shop.issued(item, "adopted");
    let term = |view: &ItemView| {
        let text = view.parameter("pmssl_term_end").to_owned();
        text.split(' ').next().unwrap_or_default().to_owned()
    };
    let bought = term(&view);
    assert!(!bought.is_empty());
    for name in [
        "pmssl_intent",
        "pmssl_term_end",
        "pmssl_served",
        "paid_till",
    ] {
        shop.world.panel().set_parameter(item, name, None);
    }
    assert!(shop.world.sync(item).is_ok());
    assert_eq!(term(&shop.world.item(item)), bought);
    shop.world.advance(40 * 86_400);
    let operation = shop.world.reissue(item, None, &[]);
    assert!(shop.world.run(operation).is_ok());
    let view = shop.issued(item, "reissued");
    assert_eq!(term(&view), bought);
    assert_eq!(view.parameter("paid_till"), bought);
    shop.assert_sound();
}
