//! Orders of hostile clients, and ways out that are none: nothing is sent, at no vendor.

use super::Tally;
use crate::fixture::refused;
use crate::sandbox::sample::plain_product;
use crate::sandbox::{ItemSpec, World};

const KEY: &str = "-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkqhkiG9w0B -----END PRIVATE KEY-----";

/// A world with an account of one vendor.
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
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        Self {
            _directory: directory,
            world,
            module,
            account,
        }
    }

    fn spec(&self) -> ItemSpec {
        ItemSpec::new(self.account, plain_product(self.module))
    }

    /// Orders, and expects a refusal of this field before the vendor hears of it.
    fn refuses(&self, spec: &ItemSpec, object: &str) -> String {
        self.world.vendor(self.module).forget_requests();
        let item = self.world.add_item(spec);
        let outcome = self.world.perform(item, "open");
        let seen = refused(&outcome);
        let about = format!("{} {object}: {seen:?}", self.module);
        assert_eq!(seen.kind, "pmssl_invalid", "{about}");
        assert_eq!(seen.object, object, "{about}");
        assert_eq!(
            self.world.item(item).parameter("pmssl_intent"),
            "",
            "{about}"
        );
        let server = self.world.vendor(self.module);
        assert!(server.requests().is_empty(), "{about}");
        assert!(server.vendor().sales().is_empty(), "{about}");
        outcome.stdout
    }
}

#[test]
fn a_private_key_in_any_field_reaches_no_vendor_no_log_and_no_document() {
    let mut tally = Tally::of("a client, private keys");
    for module in crate::modules() {
        let shop = Shop::open(module);
        for field in ["org_name", "adm_fname", "tech_jtitle", "altname"] {
            let document = shop.refuses(&shop.spec().with(field, KEY), field);
            assert!(!document.contains("MIIEvQ"), "{module} {document}");
            tally.held();
        }
        let csr_and_key = format!(
            "{}\n{KEY}\n",
            crate::sandbox::request::elliptic(&crate::sandbox::request::Subject::of(
                "shop.example.com"
            ),)
            .csr
        );
        let spec = ItemSpec {
            csr: Some(csr_and_key),
            ..shop.spec()
        };
        let item = shop.world.add_item(&spec);
        let outcome = shop.world.perform(item, "open");
        assert_eq!(refused(&outcome).object, "csr");
        assert!(shop.world.vendor(module).vendor().sales().is_empty());
        let log = shop.world.log(module);
        assert!(!log.contains("MIIEvQ"), "{module} {log}");
        tally.held();
    }
}

#[test]
fn control_characters_and_endless_texts_are_judged_before_money() {
    let mut tally = Tally::of("a client, control characters");
    let endless = "x".repeat(70_000);
    for module in crate::modules() {
        let shop = Shop::open(module);
        for (field, value) in [
            (
                "org_address",
                "Main St. 1\nMar  3 09:05:41 [1:1] order INFO issued",
            ),
            ("org_name", "Example\u{1b}[2J"),
            ("adm_lname", "Sch\rmidt"),
            ("tech_phone", endless.as_str()),
            ("org_city", endless.as_str()),
        ] {
            let document = shop.refuses(&shop.spec().with(field, value), field);
            assert!(
                document.len() < 20_000,
                "{module} {field} {}",
                document.len()
            );
            tally.held();
        }
    }
}

#[test]
fn a_proxy_that_is_not_understood_stops_orders_and_is_not_gone_past() {
    let mut tally = Tally::of("a careless administrator, proxies");
    for module in crate::modules() {
        let shop = Shop::open(module);
        for proxy in [
            "htp://127.0.0.1:1",
            "socks5://127.0.0.1:1",
            "::::",
            "u:s3cr3t@",
        ] {
            shop.world.set_option("SSLProxy", proxy);
            let document = shop.refuses(&shop.spec(), "SSLProxy");
            assert!(!document.contains("s3cr3t"), "{document}");
            tally.held();
        }
    }
}

#[test]
fn a_key_among_the_names_is_shown_neither_to_people_nor_to_programs() {
    let mut tally = Tally::of("a client, a key among the names");
    let shop = Shop::open("pmthesslstore");
    let item = shop.world.add_item(&shop.spec().with("altname", KEY));
    let item = item.to_string();
    for words in [
        &["show", "--item", &item][..],
        &["show", "--item", &item, "--json"],
        &["orders"],
        &["orders", "--json"],
    ] {
        let output = shop.world.tool(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains("MIIEvQ"), "{words:?} {text}");
        if words.contains(&"--json") {
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
        tally.held();
    }
}

#[test]
fn what_steers_a_terminal_comes_out_as_its_escape() {
    let mut tally = Tally::of("a client, terminals");
    let shop = Shop::open("pmthesslstore");
    let names = "a\u{202e}b.example.com \u{9b}31m \u{200b}c.example.com";
    let item = shop.world.add_item(&shop.spec().with("altname", names));
    let item = item.to_string();
    for words in [
        &["show", "--item", &item][..],
        &["show", "--item", &item, "--json"],
        &["orders", "--json"],
    ] {
        let text = String::from_utf8(shop.world.tool(words).output().unwrap().stdout).unwrap();
        assert!(text.contains("example.com"), "{text}");
        for hidden in ['\u{202e}', '\u{9b}', '\u{200b}'] {
            assert!(!text.contains(hidden), "{words:?} {hidden:?}");
        }
        tally.held();
    }
}
