//! `import`: a shop moves in with running certificates. What exists at the vendor becomes services, once, and
//! nothing is ordered.

use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::fault::Fault;
use crate::sandbox::{ItemSpec, Strike, World};
use pmssl::module::{IMPORT_FEATURE, MODULES, by_name};

struct Shop {
    _directory: tempfile::TempDir,
    world: World,
    module: &'static str,
    account: u64,
}

impl Shop {
    fn open(module: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.set_option("SSLReadTimeout", "30");
        world.set_option("SSLOrderTimeout", "30");
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        Self {
            _directory: directory,
            world,
            module,
            account,
        }
    }

    fn parameter(&self) -> &'static str {
        by_name(self.module).unwrap().order_parameter
    }

    /// Orders that were bought elsewhere and are not imported.
    fn leaves_foreign_orders(&self) {
        self.world.expect_at_the_end("lost: ");
    }

    /// An order at the vendor of which the platform knows nothing any more; its number.
    fn foreign(&self, name: &str, issued: bool) -> (u64, String) {
        let product = plain_product(self.module);
        let item = self
            .world
            .add_item(&ItemSpec::new(self.account, product).name(name));
        let outcome = self.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}: {}", self.module, outcome.stdout);
        if issued {
            self.world.approve(item);
            assert!(self.world.sync(item).is_ok(), "{}", self.module);
            assert!(self.world.is_issued(item), "{}", self.module);
        }
        let number = self.world.item(item).parameter(self.parameter()).to_owned();
        let panel = self.world.panel();
        panel.set_parameter(item, self.parameter(), None);
        panel.set_parameter(item, "pmssl_intent", None);
        (item, number)
    }

    fn import(&self, words: &[&str]) -> crate::sandbox::Outcome {
        let account = self.account.to_string();
        let common = ["--command", "import", "--module", &account];
        self.world
            .run_module(self.module, &[&common[..], words].concat())
    }

    fn sales(&self) -> usize {
        self.world.vendor(self.module).vendor().sales().len()
    }
}

/// Modules that declare the command.
fn importers() -> impl Iterator<Item = &'static str> {
    MODULES
        .into_iter()
        .filter(|module| module.declared_features().contains(&IMPORT_FEATURE))
        .map(|module| module.name)
}

#[test]
fn what_is_in_force_becomes_a_service_once_and_nothing_is_ordered() {
    assert_eq!(importers().count(), 4);
    for module in importers() {
        let shop = Shop::open(module);
        shop.leaves_foreign_orders();
        let (former, number) = shop.foreign("shop.example.com", true);
        shop.foreign("waiting.example.com", false);
        let before = (shop.world.items(), shop.sales());
        let outcome = shop.import(&["--itemtype", "certificate"]);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        assert_eq!(outcome.stdout.trim(), "", "{module}");
        let new: Vec<u64> = shop
            .world
            .items()
            .into_iter()
            .filter(|item| !before.0.contains(item))
            .collect();
        assert_eq!(new.len(), 1, "{module}: {}", shop.world.log(module));
        let (new, former) = (shop.world.item(new[0]), shop.world.item(former));
        assert_eq!(new.parameter(shop.parameter()), number, "{module}");
        assert_eq!(new.template, former.template, "{module}");
        assert_eq!((new.period, new.status), (12, 2), "{module}");
        assert_eq!(new.service_status, Some(5), "{module}");
        assert_eq!(new.expiredate, former.expiredate, "{module}");
        assert_eq!(new.saves, 1, "{module}");
        let serial = |view: &crate::sandbox::ItemView| {
            view.certificate.as_ref().map(|saved| saved.serial.clone())
        };
        assert_eq!(serial(&new), serial(&former), "{module}");
        // Again, and it is followed like any other service.
        assert!(shop.import(&[]).is_ok(), "{module}");
        assert_eq!(shop.world.items().len(), before.0.len() + 1, "{module}");
        let outcome = shop.world.sync(new.id);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        assert_eq!(shop.sales(), before.1, "{module}");
        let vendor = shop.world.vendor(module).vendor();
        assert!(vendor.violations().is_empty(), "{:?}", vendor.violations());
    }
}

#[test]
fn an_import_that_was_cut_short_is_completed_by_the_next() {
    let shop = Shop::open("pmthesslstore");
    shop.foreign("shop.example.com", true);
    let before = shop.world.items().len();
    let panel = shop.world.panel();
    panel.set_fault("certificate.save", Strike::Failing, 1);
    let outcome = shop.import(&[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("Run it again"),
        "{}",
        outcome.stdout
    );
    assert_eq!(shop.world.items().len(), before + 1);
    assert!(shop.import(&[]).is_ok());
    let items = shop.world.items();
    assert_eq!(items.len(), before + 1);
    assert_eq!(shop.world.item(items[before]).saves, 1);
}

#[test]
fn only_what_is_looked_for_is_imported() {
    let shop = Shop::open("pmthesslstore");
    shop.leaves_foreign_orders();
    shop.foreign("one.example.com", true);
    shop.foreign("two.example.com", true);
    let before = shop.world.items().len();
    assert!(shop.import(&["--searchstring", "TWO.example"]).is_ok());
    let items = shop.world.items();
    assert_eq!(items.len(), before + 1);
    assert_eq!(shop.import(&["--itemtype", "domain"]).exit, Some(1));
    assert_eq!(shop.world.items().len(), before + 1);
}

#[test]
fn a_tariff_that_is_missing_keeps_only_its_own_orders() {
    let shop = Shop::open("pmthesslstore");
    shop.leaves_foreign_orders();
    shop.foreign("one.example.com", true);
    let (second, _) = shop.foreign("two.example.com", true);
    let before = shop.world.items().len();
    let panel = shop.world.panel();
    panel.set_fault("processing.import.service", Strike::Failing, 1);
    let outcome = shop.import(&[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.stdout);
    assert_eq!(shop.world.items().len(), before + 1, "{second}");
}

#[test]
fn a_listing_that_cannot_be_read_imports_nothing() {
    let shop = Shop::open("pmthesslstore");
    shop.leaves_foreign_orders();
    shop.foreign("one.example.com", true);
    let before = shop.world.items().len();
    let vendor = shop.world.vendor("pmthesslstore");
    vendor.set_fault("order/query", Fault::HtmlPage, 100);
    let outcome = shop.import(&[]);
    assert_eq!(outcome.exit, Some(1), "{}", outcome.stdout);
    assert_eq!(shop.world.items().len(), before);
}

#[test]
fn an_order_that_a_service_may_be_waiting_for_is_left_to_it() {
    for module in importers() {
        let shop = Shop::open(module);
        shop.leaves_foreign_orders();
        let (_, _) = shop.foreign("shop.example.com", true);
        let product = plain_product(module);
        let spec = ItemSpec::new(shop.account, product).name("shop.example.com");
        let waits = shop.world.add_item(&spec);
        shop.world.queue(waits, "open");
        let before = shop.world.items().len();
        let outcome = shop.import(&[]);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        assert_eq!(shop.world.items().len(), before, "{module}");
        let log = shop.world.log(module);
        let why = format!("service {waits} of that name waits for an order");
        assert!(log.contains(&why), "{module}: {log}");
    }
}

#[test]
fn a_vendor_whose_listing_tells_too_little_says_so() {
    let shop = Shop::open("pmleadertelecom");
    let outcome = shop.import(&[]);
    assert_eq!(outcome.exit, Some(1));
    assert!(
        outcome.stdout.contains("type=\"not_supported\""),
        "{}",
        outcome.stdout
    );
    assert_eq!(shop.world.items().len(), 0);
}

/// A reissue tells only its own date; the term that was paid is the first order's.
#[test]
fn a_reissued_order_is_imported_with_its_paid_term() {
    let shop = Shop::open("pmglobalsign");
    shop.leaves_foreign_orders();
    let product = plain_product(shop.module);
    let spec = ItemSpec::new(shop.account, product).name("shop.example.com");
    let former = shop.world.add_item(&spec);
    let outcome = shop.world.perform(former, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let issue = || {
        shop.world.approve(former);
        assert!(shop.world.sync(former).is_ok());
        assert!(shop.world.is_issued(former));
    };
    issue();
    shop.world.advance(40 * 86_400);
    let operation = shop.world.reissue(former, None, &[]);
    let outcome = shop.world.run(operation);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    issue();
    let before = shop.world.item(former);
    let panel = shop.world.panel();
    for name in [shop.parameter(), "pmssl_intent"] {
        panel.set_parameter(former, name, None);
    }
    shop.foreign("waiting.example.com", false);
    let known = shop.world.items();

    let outcome = shop.import(&[]);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let items = shop.world.items();
    let new: Vec<u64> = items
        .into_iter()
        .filter(|item| !known.contains(item))
        .collect();
    assert_eq!(new.len(), 1, "{}", shop.world.log(shop.module));
    let new = shop.world.item(new[0]);
    let number = before.parameter(shop.parameter());
    assert_eq!(new.parameter(shop.parameter()), number);
    let day = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    let paid = day(before.parameter("pmssl_term_end"));
    assert!(!paid.is_empty());
    assert_eq!(day(new.parameter("pmssl_term_end")), paid);
    assert_eq!(
        day(new.parameter("paid_till")),
        day(before.parameter("paid_till"))
    );
}

#[test]
fn the_former_order_of_a_renewed_service_is_no_service() {
    for module in importers() {
        let shop = Shop::open(module);
        let (item, number) = shop.foreign("renewed.example.com", true);
        let panel = shop.world.panel();
        // A renewal has put another number in its place.
        panel.set_parameter(item, shop.parameter(), Some("990001"));
        panel.set_parameter(item, "pmssl_previous_order", Some(&number));
        let outcome = shop.import(&[]);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        assert_eq!(shop.world.items(), [item], "{module}");
        // Nobody renewed anything, so the vendor knows no order of the other number.
        panel.set_parameter(item, shop.parameter(), Some(&number));
        panel.set_parameter(item, "pmssl_previous_order", None);
    }
}

/// A date beyond every term that is sold is none: a service that nobody renews would be reissued for ever.
#[test]
fn a_term_that_nobody_sells_is_not_imported() {
    let shop = Shop::open("pmthesslstore");
    shop.leaves_foreign_orders();
    shop.foreign("shop.example.com", true);
    let known = shop.world.items();
    let vendor = shop.world.vendor(shop.module).vendor();
    vendor.set_switch("far_expiry", "on").unwrap();
    let outcome = shop.import(&[]);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    vendor.set_switch("far_expiry", "off").unwrap();
    let items = shop.world.items();
    let mut new = items.into_iter().filter(|item| !known.contains(item));
    let view = shop.world.item(new.next().expect("a new service"));
    assert_eq!(view.parameter("pmssl_term_end"), "");
    assert!(!view.parameter("paid_till").contains("2099"), "{view:?}");
    assert!(
        view.expiredate.as_deref().is_some_and(|day| day < "2030"),
        "{view:?}"
    );
}
