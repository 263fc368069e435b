//! An order that the authority looks at more closely before it issues.

use super::{MODULE, Shop};

const SHOWN: &str = "service_status_addition";

/// While an order is held for the phishing check, the platform shows it and the vendor's turn is named; afterwards, and
/// for an order that never was, nothing is left of it. What somebody else keeps there stays.
#[test]
fn a_held_order_is_shown_as_such_until_the_authority_has_decided() {
    let shop = Shop::open();
    let vendor = || shop.world.vendor(MODULE).vendor();
    vendor().set_switch("hold", "on").unwrap();
    let spec = shop.spec("DV", "www.example.com", "auth_dnstxt");
    let item = shop.world.add_item(&spec);
    let outcome = shop.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    shop.world.sync(item);
    let view = shop.world.item(item);
    assert_eq!(view.parameter(SHOWN), "check");
    assert_eq!(view.service_status, Some(4));
    let shown = shop.world.tool(&["show", "--item", &item.to_string()]);
    let shown = String::from_utf8({ shown }.output().unwrap().stdout).unwrap();
    assert!(shown.contains("waiting for the vendor to issue"), "{shown}");

    shop.approve(&shop.world.item(item));
    shop.world.sync(item);
    let view = shop.world.item(item);
    assert_eq!((view.service_status, view.parameter(SHOWN)), (Some(5), ""));

    // Left there by the module that served it before.
    let panel = shop.world.panel();
    panel.set_parameter(item, SHOWN, Some("check"));
    shop.world.sync(item);
    assert_eq!(shop.world.item(item).parameter(SHOWN), "");
    panel.set_parameter(item, SHOWN, Some("other"));
    shop.world.sync(item);
    assert_eq!(shop.world.item(item).parameter(SHOWN), "other");
}
