//! The contract of all vendors: the same cases for every adapter that exists, through the real binary. A gap
//! is what the adapter declares in its abilities, and the case then checks that the gap is honest: a clear
//! refusal, and nothing bought.

use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::fault::Fault;
use crate::sandbox::{ItemSpec, World};
use pmssl::ca::{Abilities, ConnectOptions, connect};
use pmssl::domain::Settings;
use pmssl::module::by_name;

const HOUR: i64 = 3600;

/// Vendors without renewals whose `prolong` is a new purchase, near the end of the paid term only.
const BUYS_ANEW: &[&str] = &["pmenomssl"];

/// One vendor's account in a world of its own.
struct Shop {
    _directory: tempfile::TempDir,
    world: World,
    module: &'static str,
    account: u64,
    abilities: &'static Abilities,
}

impl Shop {
    fn open(module: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.set_option("SSLReadTimeout", "30");
        world.set_option("SSLOrderTimeout", "30");
        world.set_option("SSLRetryPause", "0.01");
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        let mut settings = Settings::default();
        let descriptor = by_name(module).unwrap();
        for (name, value) in world.settings_of(account) {
            if descriptor.secrets().any(|secret| secret == name) {
                settings.set_secret(name, value.into());
            } else {
                settings.set(name, value);
            }
        }
        let abilities = connect(module, &settings, &ConnectOptions::default())
            .unwrap()
            .abilities();
        Self {
            _directory: directory,
            world,
            module,
            account,
            abilities,
        }
    }

    fn order(&self, name: &str) -> u64 {
        let product = plain_product(self.module);
        self.world
            .add_item(&ItemSpec::new(self.account, product).name(name))
    }

    fn issued(&self, name: &str) -> u64 {
        let item = self.order(name);
        let outcome = self.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}: {}", self.module, outcome.stdout);
        self.world.approve(item);
        let outcome = self.world.sync(item);
        assert!(outcome.is_ok(), "{}: {}", self.module, outcome.stdout);
        assert!(
            self.world.is_issued(item),
            "{}: {:?}",
            self.module,
            self.world.item(item)
        );
        item
    }

    fn paid(&self) -> usize {
        let vendor = self.world.vendor(self.module).vendor();
        vendor.sales().iter().filter(|sale| sale.is_paid()).count()
    }

    /// Ends a case: the books agree with the platform.
    fn close(&self) {
        let reconciled = self.world.reconcile();
        assert!(reconciled.is_sound(), "{}: {reconciled:?}", self.module);
        let leaks = self.world.leaks();
        assert!(leaks.is_empty(), "{}: {leaks:?}", self.module);
    }
}

/// Runs a case for every vendor, all beside each other: most of the time is spent between repeated requests.
fn for_everybody(case: impl Fn(&Shop) + Sync) {
    std::thread::scope(|scope| {
        for module in crate::modules() {
            let case = &case;
            scope.spawn(move || {
                let shop = Shop::open(module);
                case(&shop);
                shop.close();
            });
        }
    });
}

#[test]
fn the_connection_check_tells_good_from_bad() {
    for_everybody(|shop| {
        let good = shop.world.check_account(shop.account);
        assert!(good.is_ok(), "{}: {}", shop.module, good.stdout);
        let mut settings = shop.world.settings_of(shop.account);
        for (name, value) in &mut settings {
            if by_name(shop.module)
                .unwrap()
                .secrets()
                .any(|secret| secret == name)
            {
                "wrong-secret".clone_into(value);
            }
        }
        let settings: Vec<_> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let bad = shop.world.check_connection(shop.module, &settings);
        assert_eq!(bad.exit, Some(1), "{}", shop.module);
        assert!(
            bad.stdout.contains("type=\"invalid_login_or_passwd\""),
            "{}: {}",
            shop.module,
            bad.stdout
        );
    });
}

#[test]
fn an_order_is_placed_pends_and_is_issued() {
    for_everybody(|shop| {
        let item = shop.order("www.example.com");
        let outcome = shop.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}: {}", shop.module, outcome.stdout);
        assert!(!shop.world.order_of(item).is_empty(), "{}", shop.module);
        assert!(shop.world.sync(item).is_ok(), "{}", shop.module);
        assert_eq!(
            shop.world.item(item).service_status,
            Some(4),
            "{}",
            shop.module
        );
        shop.world.approve(item);
        assert!(shop.world.sync(item).is_ok(), "{}", shop.module);
        assert!(shop.world.is_issued(item), "{}", shop.module);
        assert!(shop.world.sync(item).is_ok(), "{}", shop.module);
        assert_eq!(
            shop.world.item(item).saves,
            1,
            "{}: a saved certificate is not saved again",
            shop.module
        );
        assert_eq!(shop.paid(), 1, "{}", shop.module);
    });
}

#[test]
fn an_answer_lost_at_any_call_of_an_order_leaves_one_sale() {
    for_everybody(|shop| {
        let server = shop.world.vendor(shop.module);
        shop.issued("first.example.com");
        let calls = server.requests().len();
        for skip in 0..calls {
            let item = shop.order(&format!("n{skip}.example.com"));
            let operation = shop.world.queue(item, "open");
            let sold = server.vendor().sales().len();
            server.set_fault_after(
                "*",
                Fault::ResetBeforeAnswer,
                u32::try_from(skip).unwrap(),
                1,
            );
            shop.world.run(operation);
            server.clear_faults();
            for _ in 0..10 {
                match shop.world.operation(operation) {
                    None => break,
                    Some(found) if found.manual => {
                        assert!(!found.errorxml.is_empty(), "{}", shop.module);
                        if found.errorxml.contains("pmssl_outcome_for_person") {
                            // A vendor that shows nothing of ours: a person looks into its books.
                            let sale = server.vendor().sales().split_off(sold).pop();
                            let order = sale.map(|sale| sale.order);
                            crate::proof::resolve(&shop.world, item, order.as_deref()).unwrap();
                        }
                        shop.world.retry(operation);
                    }
                    Some(_) => {}
                }
                shop.world.advance(HOUR);
                shop.world.run(operation);
            }
            assert!(
                shop.world.operation(operation).is_none(),
                "{} {skip}",
                shop.module
            );
            assert_eq!(shop.paid(), 2 + skip, "{}: answer {skip} lost", shop.module);
        }
        crate::proof::tell(format_args!(
            "contract: {}: {calls} answers lost",
            shop.module
        ));
    });
}

#[test]
fn a_reissue_brings_another_certificate_or_a_clear_refusal() {
    for_everybody(|shop| {
        let item = shop.issued("www.example.com");
        let before = shop.world.item(item).crt;
        let operation = shop.world.reissue(item, None, &[]);
        let outcome = shop.world.run(operation);
        if shop.abilities.reissue {
            assert!(outcome.is_ok(), "{}: {}", shop.module, outcome.stdout);
            shop.world.approve(item);
            let outcome = shop.world.sync(item);
            assert!(
                outcome.is_ok() && shop.world.is_issued(item),
                "{}: {}",
                shop.module,
                outcome.stdout
            );
            assert_ne!(shop.world.item(item).crt, before, "{}", shop.module);
        } else {
            refused(shop, operation, &outcome.stdout);
        }
        assert_eq!(shop.paid(), 1, "{}", shop.module);
    });
}

#[test]
fn a_renewal_is_bought_once() {
    for_everybody(|shop| {
        let item = shop.issued("www.example.com");
        let former = shop.world.item(item);
        shop.world.advance(190 * 24 * HOUR);
        let operation = shop.world.queue(item, "prolong");
        let mut outcome = shop.world.run(operation);
        let anew = BUYS_ANEW.contains(&shop.module);
        if anew {
            assert!(!shop.abilities.renewal, "{}", shop.module);
            assert!(!outcome.is_ok() && shop.paid() == 1, "{}", shop.module);
            let tasks = shop.world.tasks();
            assert!(tasks.iter().any(|task| task.operation == operation));
            shop.world.advance(110 * 24 * HOUR);
            shop.world.retry(operation);
            outcome = shop.world.run(operation);
        }
        if shop.abilities.renewal || anew {
            assert!(outcome.is_ok(), "{}: {}", shop.module, outcome.stdout);
            shop.world.approve(item);
            let outcome = shop.world.sync(item);
            assert!(
                outcome.is_ok() && shop.world.is_issued(item),
                "{}: {}",
                shop.module,
                outcome.stdout
            );
            let renewed = shop.world.item(item);
            assert!(renewed.expiredate > former.expiredate, "{}", shop.module);
            let number = by_name(shop.module).unwrap().order_parameter;
            let in_place = renewed.parameter(number) == former.parameter(number);
            assert_eq!(in_place, shop.abilities.renews_in_place, "{}", shop.module);
            assert_eq!(shop.paid(), 2, "{}", shop.module);
        } else {
            refused(shop, operation, &outcome.stdout);
            assert_eq!(shop.paid(), 1, "{}", shop.module);
        }
    });
}

#[test]
fn the_balance_is_told_or_refused_never_guessed() {
    for_everybody(|shop| {
        let outcome = shop.world.balance_of(shop.account);
        if shop.abilities.balance {
            assert!(outcome.is_ok(), "{}: {}", shop.module, outcome.stdout);
            assert!(
                outcome.stdout.contains("<balance>1000000.00</balance>"),
                "{}: {}",
                shop.module,
                outcome.stdout
            );
            assert_eq!(shop.world.balances().len(), 1, "{}", shop.module);
        } else {
            assert_eq!(outcome.exit, Some(1), "{}", shop.module);
            assert!(
                outcome.stdout.contains("type=\"not_supported\""),
                "{}: {}",
                shop.module,
                outcome.stdout
            );
            assert!(shop.world.balances().is_empty(), "{}", shop.module);
        }
    });
}

#[test]
fn approvers_are_grouped_by_name() {
    for_everybody(|shop| {
        let product = plain_product(shop.module);
        let outcome = shop
            .world
            .approver(shop.account, "www.example.com", product, "");
        assert!(outcome.is_ok(), "{}: {}", shop.module, outcome.stdout);
        assert!(
            outcome
                .stdout
                .contains("<domain name=\"www.example.com\"><approver>"),
            "{}",
            outcome.stdout
        );
    });
}

#[test]
fn a_dead_vendor_costs_nothing() {
    for_everybody(|shop| {
        let item = shop.order("www.example.com");
        let operation = shop.world.queue(item, "open");
        shop.world.vendor(shop.module).go_down();
        let outcome = shop.world.run(operation);
        assert_eq!(outcome.exit, Some(1), "{}", shop.module);
        assert!(
            outcome.stdout.contains("type=\"client\""),
            "{}: {}",
            shop.module,
            outcome.stdout
        );
        shop.world.vendor(shop.module).come_up();
        assert_eq!(shop.paid(), 0, "{}", shop.module);
        shop.world.run(operation);
        assert_eq!(shop.paid(), 1, "{}", shop.module);
    });
}

/// A declared gap: refused with a clear text, handed to a person, nothing bought.
fn refused(shop: &Shop, operation: u64, document: &str) {
    assert!(
        document.contains("type=\"not_supported\""),
        "{}: {document}",
        shop.module
    );
    let tasks = shop.world.tasks();
    assert!(
        tasks.iter().any(|task| task.operation == operation),
        "{}: no task",
        shop.module
    );
}
