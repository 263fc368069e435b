//! The tour: a shop's day in a simulated world, every result checked.

mod ahead;
mod one_service;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use super::sample::MODULES;
use super::vendor::{SaleKind, fault::Fault};
use super::{ItemSpec, ItemView, World};

const MODULE: &str = "pmthesslstore";

/// The last log lines that are shown.
const LOG_LINES: usize = 8;

/// So much of a line is shown.
const LINE_WIDTH: usize = 150;

/// A step whose result was not as it should be: the text says what was seen.
type Step = Result<String, String>;

struct Tour {
    world: World,
    started: Instant,
    steps: usize,
    failed: usize,
}

/// Runs the tour in a directory.
pub fn run(directory: &Path) -> ExitCode {
    let world = World::start(directory);
    // What an administrator would set: steps at the default level, calls to the vendor named.
    let levels = "pmthesslstore 6\npmthesslstore.http 7\nSET color=off\n";
    std::fs::write(world.root().join("etc/debug.conf"), levels).expect("etc/debug.conf");
    println!(
        "pmssl: the tour. A simulated BILLmanager and simulated vendors; the pmssl binary is real.\n"
    );
    let mut tour = Tour {
        world,
        started: Instant::now(),
        steps: 0,
        failed: 0,
    };
    tour.walk();
    tour.tables();
    tour.five_years(&directory.join("years"));
    let Tour {
        steps,
        failed,
        started,
        ..
    } = &tour;
    println!(
        "\n{} steps, {} failed, {:.1} s",
        steps,
        failed,
        started.elapsed().as_secs_f32()
    );
    if *failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Tour {
    fn heading(&self, text: &str) {
        println!("{text}");
    }

    fn step(&mut self, what: &str, result: Step) {
        self.steps += 1;
        match result {
            Ok(seen) => println!("  ok      {what}: {seen}"),
            Err(seen) => {
                self.failed += 1;
                println!("  FAILED  {what}: {seen}");
            }
        }
    }

    fn walk(&mut self) {
        let account = self.account();
        let items = self.orders(account);
        self.issue(&items);
        self.forecast(items.len());
        self.outage(account);
        self.reissue(items[3]);
        self.renew(items[0]);
        self.balance(account);
        self.other_vendors();
    }

    fn account(&mut self) -> u64 {
        self.heading("Add an account");
        let account = self.world.add_account(MODULE, &[]);
        let good = self.world.check_account(account);
        self.step(
            "connection check with the right token",
            expect(good.is_ok(), "accepted", &good.stdout),
        );
        let mut settings = self.world.settings_of(account);
        for (name, value) in &mut settings {
            if name == "auth_token" {
                "not-the-token".clone_into(value);
            }
        }
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let bad = self.world.check_connection(MODULE, &settings);
        let refused =
            bad.exit == Some(1) && bad.stdout.contains("type=\"invalid_login_or_passwd\"");
        self.step(
            "connection check with a wrong token",
            expect(refused, "refused with a clear text", &bad.stdout),
        );
        account
    }

    /// Orders five certificates of all kinds.
    fn orders(&mut self, account: u64) -> Vec<u64> {
        self.heading("\nOrder certificates");
        let method = |mut spec: ItemSpec, word: &str| {
            word.clone_into(&mut spec.approver_method);
            spec
        };
        let specs = [
            (
                "single domain, e-mail",
                ItemSpec::new(account, "positivessl").name("www.example.com"),
            ),
            (
                "wildcard, DNS record",
                method(
                    ItemSpec::new(account, "positivesslwildcard").name("*.example.net"),
                    "auth_cname",
                ),
            ),
            (
                "single domain, file",
                method(
                    ItemSpec::new(account, "sectigossl").name("shop.example.org"),
                    "auth_http",
                ),
            ),
            (
                "three names, DNS records",
                method(
                    ItemSpec::new(account, "positivemdcssl")
                        .name("example.de")
                        .with_names(&["www.example.de", "mail.example.de"]),
                    "auth_cname",
                ),
            ),
            (
                "company (OV), two years",
                ItemSpec::new(account, "instantssl")
                    .name("www.example.co.uk")
                    .months(24),
            ),
        ];
        specs
            .into_iter()
            .map(|(what, spec)| self.order(what, &spec))
            .collect()
    }

    fn order(&mut self, what: &str, spec: &ItemSpec) -> u64 {
        let item = self.world.add_item(spec);
        let outcome = self.world.perform(item, "open");
        let view = self.world.item(item);
        let pending = outcome.is_ok()
            && view.service_status == Some(4)
            && !self.world.order_of(item).is_empty();
        let seen = format!("order {}, {}", self.world.order_of(item), awaited(&view));
        self.step(what, expect(pending, &seen, &outcome.stdout));
        item
    }

    fn issue(&mut self, items: &[u64]) {
        self.heading("\nProve the domains, follow the orders");
        for item in items {
            let waiting = self.world.sync(*item);
            let pends = waiting.is_ok() && self.world.item(*item).service_status == Some(4);
            self.world.approve(*item);
            let outcome = self.world.sync(*item);
            let view = self.world.item(*item);
            let name = self.world.common_name(&view);
            let seen = format!(
                "issued, end {}{}",
                view.expiredate.as_deref().unwrap_or("?"),
                match view.parameter("paid_till") {
                    "" => String::new(),
                    date => format!(", paid till {date}"),
                }
            );
            self.step(
                &name,
                expect(pends && self.world.is_issued(*item), &seen, &outcome.stdout),
            );
        }
    }

    /// The vendor breaks the line after it has sold, and is away altogether.
    fn outage(&mut self, account: u64) {
        self.heading("\nAn outage at the vendor");
        let paid = |world: &World| {
            world
                .vendor(MODULE)
                .vendor()
                .sales()
                .iter()
                .filter(|sale| sale.is_paid())
                .count()
        };
        let before = paid(&self.world);
        let item = self
            .world
            .add_item(&ItemSpec::new(account, "positivessl").name("blog.example.com"));
        let operation = self.world.queue(item, "open");
        self.world.vendor(MODULE).go_down();
        let away = self.world.run(operation);
        let nothing = away.exit == Some(1) && paid(&self.world) == before;
        self.step(
            "the vendor is away",
            expect(
                nothing,
                "nothing bought, the operation stays queued",
                &away.stdout,
            ),
        );
        self.world.vendor(MODULE).come_up();
        self.world
            .vendor(MODULE)
            .set_fault("order/neworder", Fault::ResetBeforeAnswer, 1);
        self.world.run_until_done(3);
        let view = self.world.item(item);
        let sold = paid(&self.world) - before;
        let once = sold == 1 && !self.world.order_of(item).is_empty();
        let seen = format!(
            "found again as order {}, sold once",
            self.world.order_of(item)
        );
        self.step(
            "the line breaks after the sale",
            expect(once, &seen, &format!("{sold} sales, {view:?}")),
        );
        self.world.approve(item);
        self.world.sync(item);
        self.step(
            "its certificate",
            expect(self.world.is_issued(item), "issued", "not issued"),
        );
    }

    fn reissue(&mut self, item: u64) {
        self.heading("\nReissue with a new key and another name");
        let before = self.world.item(item);
        let operation = self
            .world
            .reissue(item, None, &["www.example.de", "shop.example.de"]);
        let outcome = self.world.run(operation);
        let view = self.world.item(item);
        let running = outcome.is_ok() && view.service_status == Some(4);
        self.step(
            "mail.example.de becomes shop.example.de",
            expect(running, "asked for", &outcome.stdout),
        );
        self.world.approve(item);
        let outcome = self.world.sync(item);
        let view = self.world.item(item);
        let renewed =
            self.world.is_issued(item) && view.crt != before.crt && view.saves == before.saves + 1;
        self.step(
            "the new certificate",
            expect(renewed, "issued for the new names, saved", &outcome.stdout),
        );
    }

    fn renew(&mut self, item: u64) {
        self.heading("\nRenew");
        let before = self.world.item(item);
        let former = self.world.order_of(item);
        self.world.advance(170 * 24 * 3600);
        let outcome = self.world.perform(item, "prolong");
        let placed = outcome.is_ok() && self.world.order_of(item) != former;
        let seen = format!(
            "order {} follows order {}",
            self.world.order_of(item),
            former
        );
        self.step("170 days later", expect(placed, &seen, &outcome.stdout));
        self.world.approve(item);
        let outcome = self.world.sync(item);
        let view = self.world.item(item);
        let later = self.world.is_issued(item) && view.expiredate > before.expiredate;
        let seen = format!("issued, end {}", view.expiredate.as_deref().unwrap_or("?"));
        self.step(
            "the renewed certificate",
            expect(later, &seen, &outcome.stdout),
        );
    }

    fn balance(&mut self, account: u64) {
        self.heading("\nBalance");
        self.world.panel().set_minimal_balance(account, 100_000.0);
        let outcome = self.world.balance_of(account);
        let saved = self.world.balances();
        let known = outcome.is_ok() && saved.last().is_some();
        let seen = saved
            .last()
            .map(|balance| format!("{} {}", balance.amount, balance.currency))
            .unwrap_or_default();
        self.step("asked and saved", expect(known, &seen, &outcome.stdout));
        let notices = self.world.panel().notices();
        let noticed = notices.last().cloned().unwrap_or_default();
        self.step(
            "below the minimal balance",
            expect(!noticed.is_empty(), &noticed, "no notice"),
        );
    }

    /// A service of five years: every certificate, none missing, nothing sold twice.
    fn five_years(&mut self, directory: &Path) {
        self.heading("\nFive years of a service bought today (pmssl daemon, the clock jumps)");
        let life = one_service::live(directory);
        for line in life.table() {
            println!("  {line}");
        }
        let seen = format!(
            "{} certificates until {}, no gap, no unlawful life, {} sale",
            life.certificates.len(),
            life.till,
            life.paid_sales
        );
        let sound = life.wrongs.is_empty() && life.paid_sales == 1;
        let wrongs = format!("{} sales; {}", life.paid_sales, life.wrongs.join("; "));
        self.step("paid once for 60 months", expect(sound, &seen, &wrongs));
    }

    /// One service through its life at every other vendor.
    fn other_vendors(&mut self) {
        for module in MODULES.iter().filter(|module| module.name != MODULE) {
            let name = module.name;
            self.heading(&format!("\n{}", module.vendor));
            let account = self.world.add_account(name, &[]);
            let check = self.world.check_account(account);
            self.step(
                "connection check",
                expect(check.is_ok(), "accepted", &check.stdout),
            );
            let product = module.plain_product;
            let domain = format!("www.{}.example.com", name.trim_start_matches("pm"));
            let item = self
                .world
                .add_item(&ItemSpec::new(account, product).name(&domain));
            let opened = self.world.perform(item, "open");
            let seen = format!("order {} ({product})", self.world.order_of(item));
            let placed = opened.is_ok() && !self.world.order_of(item).is_empty();
            self.step("order", expect(placed, &seen, &opened.stdout));
            self.world.approve(item);
            let outcome = self.world.sync(item);
            self.step(
                "certificate",
                expect(
                    self.world.is_issued(item),
                    "issued and saved",
                    &outcome.stdout,
                ),
            );
        }
    }

    /// Services, books, log.
    fn tables(&mut self) {
        self.heading("\nServices");
        println!(
            "  {:>4}  {:<20} {:<20} {:<10} {:<12} {:<12}",
            "item", "name", "product", "order", "end", "paid till"
        );
        let mut all_issued = true;
        for item in self.world.items() {
            let view = self.world.item(item);
            all_issued &= self.world.is_issued(item);
            println!(
                "  {:>4}  {:<20} {:<20} {:<10} {:<12} {:<12} {}",
                item,
                self.world.common_name(&view),
                view.template,
                self.world.order_of(item),
                view.expiredate.as_deref().unwrap_or("-"),
                Some(view.parameter("paid_till"))
                    .filter(|date| !date.is_empty())
                    .unwrap_or("-"),
                if self.world.is_issued(item) {
                    "issued"
                } else {
                    "NOT ISSUED"
                },
            );
        }
        self.heading("\nThe vendors' books");
        for (name, server) in self.world.vendors() {
            let sales = server.vendor().sales();
            let count = |kind: SaleKind| sales.iter().filter(|sale| sale.kind == kind).count();
            println!(
                "  {name:<16} {} orders, {} renewals, {} reissues",
                count(SaleKind::Order),
                count(SaleKind::Renewal),
                count(SaleKind::Reissue)
            );
        }
        self.step(
            "every service",
            expect(
                all_issued,
                "issued, reissued or renewed as ordered",
                "see the table",
            ),
        );
        let reconciled = self.world.reconcile();
        let seen = "one sale per intent, none lost, every request as documented";
        self.step(
            "books against the platform",
            expect(reconciled.is_sound(), seen, &format!("{reconciled:?}")),
        );
        let queue = self.world.operations();
        self.step(
            "the platform's queue",
            expect(queue.is_empty(), "empty", &format!("{queue:?}")),
        );
        self.heading("\nThe last lines of var/pmthesslstore.log");
        let log = self.world.log(MODULE);
        let lines: Vec<&str> = log.lines().collect();
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            println!("  {}", line.chars().take(LINE_WIDTH).collect::<String>());
        }
        let canary = self
            .world
            .settings_of(1)
            .into_iter()
            .find(|(name, _)| name == "auth_token");
        let clean = canary.is_some_and(|(_, token)| !log.contains(&token));
        self.step(
            "the account's token",
            expect(clean, "stands nowhere in the log", "is in the log"),
        );
    }
}

fn expect(good: bool, seen: &str, otherwise: &str) -> Step {
    if good {
        Ok(seen.to_owned())
    } else {
        Err(otherwise.to_owned())
    }
}

/// What the client area shows while the order is pending.
fn awaited(view: &ItemView) -> String {
    let show = |text: &str, names: [&str; 2]| {
        let [name, value] = names.map(|name| view.parameter(name));
        (!name.is_empty()).then(|| format!("{text} {} = {}", first(name), first(value)))
    };
    show("CNAME", ["auth_cname_name", "auth_cname_value"])
        .or_else(|| show("file", ["auth_http_name", "auth_http_value"]))
        .unwrap_or_else(|| match view.parameter("approver_email") {
            "" => "waits for the vendor".to_owned(),
            address => format!("mail to {}", first(address)),
        })
}

fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or_default()
}
