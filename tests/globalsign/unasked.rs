//! Names that stand in the certificate unasked.

use super::{MODULE, Shop};

/// They are not sent, so that nobody has to buy them; any other name has to be bought.
#[test]
fn a_name_that_comes_by_itself_need_not_be_bought() {
    let shop = Shop::open();
    for (template, name, further, is_free) in [
        ("DV", "www.example.com", "example.com", true),
        ("DV_wild", "*.example.net", "example.net", true),
        ("DV", "example.org", "www.example.org", false),
    ] {
        let mut spec = shop
            .spec(template, name, "auth_dnstxt")
            .with_names(&[further]);
        spec.names_bought = 0;
        let item = shop.world.add_item(&spec);
        let outcome = shop.world.perform(item, "open");
        let is_sold = !shop
            .world
            .item(item)
            .parameter("custom_order_id")
            .is_empty();
        assert_eq!(is_sold, is_free, "{name}: {}", outcome.stdout);
        if is_free {
            assert!(outcome.is_ok(), "{name}: {}", outcome.stdout);
            let view = shop.issued(item, name);
            assert_eq!(shop.names(&view), Vec::<String>::new(), "{name}");
        }
    }
    let vendor = shop.world.vendor(MODULE).vendor();
    assert!(vendor.violations().is_empty(), "{:?}", vendor.violations());
}
