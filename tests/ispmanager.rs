//! pmispmgrssl from end to end: the real binary between the simulated platform and the simulated billing.

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

#[test]
fn a_sale_that_nobody_can_see_is_left_to_a_person_and_never_repeated() {
    // The answer holds no number, the list hides rows, records show nothing that proves the order.
    let shop = Shop::open(&[
        ("order-reply", "silent"),
        ("csr", "off"),
        ("filter-form", "off"),
    ]);
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
