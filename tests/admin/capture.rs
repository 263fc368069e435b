//! Records of all vendors: nothing about anybody in them, everything about the wire, and nothing bought.

use pmssl::module::{SettingKind, by_name};

use super::*;
use crate::sandbox::item::{Organization, Person};
use crate::sandbox::sample::plain_product;

/// What must be in a record of each vendor: calls and words of the wire.
const SHOWN: [(&str, &[&str]); pmssl::module::MODULES.len()] = [
    (
        "pmenomssl",
        &[
            "==== CheckLogin",
            "==== GetBalance",
            "==== GetCerts",
            "==== CertGetCerts",
            "==== CertGetCertDetail",
            "==== GetOrderList",
            "==== GetOrderDetail",
            "<CertStatusID>4</CertStatusID>",
            "<ErrCount>0</ErrCount>",
        ],
    ),
    ("pmglobalsign", &["==== AccountSnapshot"]),
    (
        "pmispmgrssl",
        &[
            "==== whoami",
            "==== menu",
            "==== subaccount",
            "==== certificate.order\n",
            "==== certificate.order.csr",
            "==== certificate.order.param",
            "==== certificate.filter",
            "==== certificate\n",
            "==== certificate.edit",
            "==== certificate.reissue",
            "==== service.prolong",
            // What an operator needs to settle the open questions.
            "<val choice=\"existing\">",
            "<service_status>5</service_status>",
            "item_status orig=\"2\"",
        ],
    ),
    (
        "pmleadertelecom",
        &[
            "==== users/signin",
            "\"auth_token\": \"",
            "==== billing/balance\n",
            "==== billing/balance, token in the other place",
            "==== billing/balance, token that nobody issued",
            "HTTP 401",
            "==== products\n",
            "==== products?ssl=1\n",
            "==== products?ssl=1&recommendedPrice=1",
            "==== dcv_emails",
            "==== ssl_certificates\n",
            "==== ssl_certificates/status, first",
            "==== ssl_certificates/dcv, first",
            "==== ssl_certificates/download, first",
            "50 4b 03 04",
            "==== ssl_certificates/status, last",
            "==== ssl_certificates/status, nobody's",
            "HTTP 404",
            "processing",
        ],
    ),
    ("pmthesslstore", &["==== product/query", "ProductCode"]),
];

/// Everything about the client, as the order form takes it.
const PERSONAL: [&str; 14] = [
    "canary-shop",
    "canary-wait",
    "Canarina",
    "Vogelsang",
    "Canary Keeper",
    "305551287",
    "555-12-87",
    "canary.person",
    "Canary Cage",
    "Voliere",
    "Kaefigstadt",
    "Federland",
    "98761",
    "Canary Division",
];

fn person() -> Person {
    Person {
        first: "Canarina".to_owned(),
        last: "Vogelsang".to_owned(),
        phone: "+49 (30) 555-12-87".to_owned(),
        email: "canary.person@example.com".to_owned(),
        title: "Canary Keeper".to_owned(),
    }
}

fn company() -> Organization {
    Organization {
        name: "Canary Cage GmbH".to_owned(),
        address: "Voliere 17".to_owned(),
        city: "Kaefigstadt".to_owned(),
        state: "Federland".to_owned(),
        postcode: "98761".to_owned(),
        phone: "+49 (30) 555-12-87".to_owned(),
        division: "Canary Division".to_owned(),
        ..Organization::default()
    }
}

/// An account of a module with one issued certificate and one that waits.
fn account_with_orders(place: &Place, module: &str) -> (u64, Vec<u64>) {
    let world = &place.world;
    world.vendor(module).vendor().set_balance(100_000_000);
    let account = world.add_account(module, &[]);
    let product = plain_product(module);
    let items = ["canary-shop.example.com", "canary-wait.example.com"].map(|name| {
        let mut spec = ItemSpec::new(account, product).name(name);
        spec.administrative = person();
        spec.technical = person();
        spec.organization = Some(company());
        let item = world.add_item(&spec);
        let outcome = world.perform(item, "open");
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        item
    });
    world.approve(items[0]);
    assert!(world.sync(items[0]).is_ok(), "{module}");
    (account, items.to_vec())
}

/// What must not be in a record of an account.
fn forbidden(place: &Place, module: &str, account: u64, items: &[u64]) -> Vec<String> {
    let world = &place.world;
    let descriptor = by_name(module).unwrap();
    let is_typed = |name: &str| {
        let kind = descriptor.setting(name).map(|setting| setting.kind);
        matches!(kind, Some(SettingKind::Secret | SettingKind::Text))
    };
    let settings = world.settings_of(account).into_iter();
    let settings = settings.filter(|(name, value)| is_typed(name) && value.len() >= 4);
    let mut all: Vec<String> = settings.map(|(_, value)| value).collect();
    assert!(!all.is_empty(), "{module}");
    all.extend(
        world
            .secrets_of(account)
            .into_iter()
            .map(|(_, value)| value),
    );
    all.extend(PERSONAL.map(str::to_owned));
    all.extend(["canary_token", "canary_public"].map(str::to_owned));
    for item in items {
        let view = world.item(*item);
        let files = view
            .certificate
            .map(|saved| saved.files)
            .unwrap_or_default();
        let files = files.into_iter().map(|(_, content)| content);
        let texts = files.filter_map(|content| String::from_utf8(content).ok());
        // The middle of a document: its frame and its beginning are the same for all.
        for document in texts.chain([view.csr]) {
            let lines = document.lines().filter(|line| !line.starts_with('-'));
            let body: String = lines.collect();
            let middle = body.len() / 2;
            all.extend(body.get(middle..middle + 24).map(str::to_owned));
        }
    }
    all
}

/// What of it is there, plainly, percent-encoded or in base64.
fn found<'a>(text: &str, forbidden: &'a [String]) -> Vec<&'a str> {
    use base64::Engine;
    let spelled = |word: &str| {
        let percent: String = word
            .bytes()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(word);
        [word.to_owned(), percent, base64]
    };
    forbidden
        .iter()
        .filter(|word| {
            spelled(word)
                .iter()
                .any(|word| text.contains(word.as_str()))
        })
        .map(String::as_str)
        .collect()
}

fn stored(place: &Place, module: &str) -> std::path::PathBuf {
    let directory = place.world.root().join("var/pmssl/capture");
    let files = std::fs::read_dir(directory).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(module)
    });
    files.next().unwrap()
}

#[test]
fn records_of_all_vendors_hold_no_secret_and_no_person_and_cost_nothing() {
    let place = Place::new();
    let mut modules: Vec<_> = SHOWN.iter().map(|(module, _)| *module).collect();
    modules.sort_unstable();
    assert_eq!(modules, crate::modules());
    for (module, shown) in SHOWN {
        let (account, items) = account_with_orders(&place, module);
        let vendor = place.world.vendor(module).vendor();
        let (sales, orders) = (vendor.sales(), vendor.orders());
        assert_eq!(orders.len(), 2, "{module}");
        let text = place
            .tell(&["capture", "--module", &account.to_string()])
            .with(0);
        let file = stored(&place, module);
        let kept = std::fs::read_to_string(&file).unwrap();
        let forbidden = forbidden(&place, module, account, &items);
        for record in [&text, &kept] {
            assert_eq!(found(record, &forbidden), [""; 0], "{module}: {record}");
            for words in shown {
                assert!(
                    record.contains(words),
                    "{module}: {words} is missing in {record}"
                );
            }
        }
        assert_eq!(
            (vendor.sales(), vendor.orders()),
            (sales, orders),
            "{module}"
        );
        assert_eq!(vendor.violations(), [], "{module}");

        // The search itself works: what is planted is found.
        for planted in [&forbidden[0], &forbidden[forbidden.len() - 1]] {
            std::fs::write(&file, format!("{kept}\nx={planted}&y")).unwrap();
            let kept = std::fs::read_to_string(&file).unwrap();
            assert_eq!(found(&kept, &forbidden), [planted.as_str()], "{module}");
        }
    }
}

#[test]
fn a_vendor_that_is_away_is_told_and_recorded() {
    let place = Place::new();
    for module in ["pmenomssl", "pmleadertelecom"] {
        let account = place.world.add_account(module, &[]);
        place.world.vendor(module).go_down();
        let told = place.tell(&["capture", "--module", &account.to_string()]);
        assert_eq!(told.code, 1, "{module}: {told:?}");
        assert!(told.stdout.contains("failed:"), "{module}: {told:?}");
    }
}
